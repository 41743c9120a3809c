"""Counts what a piece of work costs inside Odoo; run in Odoo's shell.

Counts and CPU seconds are the same on a busy machine, unlike the time of a clock.
"""

import threading
import time

from odoo.sql_db import Cursor

from odoo.addons.salon_invoice_bridge.providers.http import HttpClient

#: What is counted, with the word for people.
COUNTED = {"calls": "HTTP calls", "sql": "SQL", "commits": "commits", "cpu": "CPU ms"}


class Meter:
    """HTTP calls, SQL statements, commits and CPU milliseconds of the blocks it is on.

    ``with meter:`` adds to its counts. Statements and commits are those of this thread
    on any connection: the messages of the bus and the wake-up of the cron workers
    included, ``BEGIN`` and ``COMMIT`` not among the statements.
    """

    def __init__(self):
        self.calls = self.sql = self.commits = 0
        self.cpu = 0.0
        self.statements = []

    def counts(self):
        """Return the counts as a dict, see :data:`COUNTED`."""
        return {name: getattr(self, name) for name in COUNTED}

    def __enter__(self):
        self._thread = threading.current_thread()
        self._commit, self._send = Cursor.commit, HttpClient.send
        Cursor.commit = self._counting(self._commit, "commits")
        HttpClient.send = self._counting(self._send, "calls")
        self._thread.query_hooks = [self._heard]
        self._began = time.process_time()
        return self

    def __exit__(self, *error):
        self.cpu += 1000 * (time.process_time() - self._began)
        Cursor.commit, HttpClient.send = self._commit, self._send
        del self._thread.query_hooks

    def _heard(self, _cursor, query, _params, _start, _delay):
        self.sql += 1
        self.statements.append(str(query))

    def _counting(self, method, name):
        def counted(*arguments, **options):
            setattr(self, name, getattr(self, name) + 1)
            self.statements.append(f"-- {name}")
            return method(*arguments, **options)

        return counted
