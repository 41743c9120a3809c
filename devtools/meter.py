"""Counts what a piece of work costs inside Odoo; run in Odoo's shell.

Counts and CPU seconds are the same on a busy machine, unlike the time of a clock.
"""

import os
import sys
import threading
import time
from pathlib import Path

#: The module of the addon that talks HTTP, as Odoo has loaded it, if it has.
HTTP = "odoo.addons.salon_invoice_bridge.providers.http"
#: What is counted, with the word for people.
COUNTED = {
    "calls": "HTTP calls",
    "sql": "SQL",
    "commits": "commits",
    "notifies": "NOTIFY",
    "cpu": "CPU ms",
}


class Meter:
    """HTTP calls, SQL statements, commits and CPU milliseconds of the blocks it is on.

    ``with meter:`` adds to its counts. Statements are those of this thread on any
    connection: the messages of the bus and the wake-up of the cron workers included,
    ``BEGIN`` and ``COMMIT`` not. Commits are those of the database; Odoo sends each
    ``NOTIFY`` over a connection of its own, whose commit writes nothing.

    :param env: of the database
    """

    def __init__(self, env):
        self._cursor = type(env.cr)
        self._database = env.cr.dbname
        self.calls = self.sql = self.commits = self.notifies = 0
        self.cpu = 0.0
        self.statements = []

    def counts(self):
        """Return the counts as a dict, see :data:`COUNTED`."""
        return {name: getattr(self, name) for name in COUNTED}

    def keep(self, name):
        """Write the statements to a file of that name in $SALON_STATEMENTS, if set.

        For whoever wants to see what there is left to save.
        """
        folder = os.environ.get("SALON_STATEMENTS")
        if folder:
            Path(folder, f"{name}.sql").write_text("\n".join(self.statements))

    def __enter__(self):
        self._thread = threading.current_thread()
        self._client = getattr(sys.modules.get(HTTP), "HttpClient", None)
        self._commit = self._cursor.commit
        self._cursor.commit = self._committing()
        if self._client:
            self._send = self._client.send
            self._client.send = self._calling()
        self._thread.query_hooks = [self._heard]
        self._began = time.process_time()
        return self

    def __exit__(self, *error):
        self.cpu += 1000 * (time.process_time() - self._began)
        self._cursor.commit = self._commit
        if self._client:
            self._client.send = self._send
        del self._thread.query_hooks

    def _heard(self, _cursor, query, _params, _start, _delay):
        self.sql += 1
        self.statements.append(str(query))

    def _committing(self):
        def commit(cursor):
            if cursor.dbname == self._database:
                self.commits += 1
                self.statements.append("-- commit")
            else:
                self.notifies += 1
            return self._commit(cursor)

        return commit

    def _calling(self):
        def send(client, *arguments, **options):
            self.calls += 1
            self.statements.append("-- call")
            return self._send(client, *arguments, **options)

        return send
