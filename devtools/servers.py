"""The servers that people and live tests start: Odoo, and the sandbox."""

import os
import signal
import subprocess
import urllib.error
import urllib.request
from contextlib import suppress

from . import ports, venv
from .console import Problem
from .processes import Child, wait_until


class Served:
    """A server that runs as our child; use it in a ``with`` block.

    Whoever answers at its address is asked nothing, and told no password, before it is
    certain that it is this child: :meth:`check`.
    """

    #: For people.
    what = "The server"
    child = None

    def start(self):
        """Start it and return it when it serves.

        :raises Problem: when it ends, or another program has its port
        """
        raise NotImplementedError

    def wait_until(self, answering, timeout):
        """Return when ``answering()`` is true of our own child.

        :raises Problem: when it ends, does not answer, or another program has its port
        """

        def ready():
            if self.child.listens_on(self.port):
                return answering()
            if ports.listeners(self.port):
                self.check(starting=True)
            return False

        wait_until(ready, self.child, self.what, timeout)

    def check(self, starting=False):
        """Return if it is our running child that answers at the address.

        :param bool starting: True where it may not listen yet: what listened there may
            have been the last of a server that was killed
        :raises Problem: else
        """
        if self.child.listens_on(self.port):
            return
        # It may be about to end, or to take over its port from itself.
        with suppress(subprocess.TimeoutExpired):
            self.child.process.wait(2)
        if not self.child.is_alive():
            raise Problem(
                f"{self.what} ended (log: {self.child.log}):\n{self.child.tail()}"
            )
        if starting and not ports.listeners(self.port):
            return
        if not self.child.listens_on(self.port):
            raise Problem(
                f"{self.what} does not have its port {self.port}: another program took "
                f"it, or it stopped listening. Run again (log: {self.child.log})."
            )

    def stop(self):
        """Let it finish what it does, and end it."""
        self.child.stop()

    def __enter__(self):
        return self.start()

    def __exit__(self, *error):
        self.stop()


class OdooServer(Served):
    """A real Odoo on a database, cron included; use it in a ``with`` block.

    :param databases: see :class:`devtools.databases.Databases`
    :param database: the name of the database
    :param workers: 0 for threads, else that many processes (and one for the bus)
    :param cron: how many cron threads or processes
    :param options: further options of the configuration file
    """

    what = "Odoo"

    def __init__(
        self, databases, database, *, workers=0, cron=2, port=None, log=None, **options
    ):
        self.databases = databases
        self.database = database
        self.port = port or ports.pick()
        self.url = f"http://{ports.LOOPBACK}:{self.port}"
        self.log = log or databases.state / "logs" / f"{database}-{self.port}.log"
        self.options = {
            "http_port": self.port,
            "gevent_port": ports.pick(),
            "workers": workers,
            "max_cron_threads": cron,
            **options,
        }

    def start(self):
        """Start it and return it when it serves its database."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command = self.databases.odoo_command(self.database, **self.options)
        self.child = Child(command, self.databases.odoo_environment(), log=self.log)
        # The login page needs the whole registry, unlike the health check.
        page = f"{self.url}/web/login"
        self.wait_until(lambda: answers(page), timeout=180)
        return self

    def kill(self):
        """End it at once, as a power cut would: nothing is finished."""
        self.child.kill()


class Sandbox(Served):
    """The local emulators of the invoicing services; use it in a ``with`` block.

    ``url`` is where it answers; each service has a path of its own below it, such as
    ``/billingo/v3``. See ``python -m sandbox --help``.
    """

    what = "The sandbox"

    def __init__(self, environment, state, *, port=None, log=None, arguments=()):
        self.environment = environment
        self.arguments = arguments
        self.port = port or ports.pick()
        self.url = f"http://{ports.LOOPBACK}:{self.port}"
        self.log = log or state / "logs" / f"sandbox-{self.port}.log"

    def start(self):
        """Start it and return it when it answers."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command = [venv.python(self.environment), "-m", "sandbox"]
        command += ["--port", self.port, *self.arguments]
        self.child = Child(command, os.environ, log=self.log, gently=signal.SIGTERM)
        self.wait_until(lambda: listens(self.url), timeout=30)
        return self

    def stop(self):
        """End it."""
        self.child.stop(patience=5)


def answers(url):
    """Say whether a page comes with status 200."""
    try:
        with urllib.request.urlopen(url, timeout=120) as answer:
            return answer.status == 200
    except OSError:
        return False


def listens(url):
    """Say whether a server answers there, whatever it says."""
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
