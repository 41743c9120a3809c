"""Child processes that never outlive us: each leads a group that ends with it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from . import ports
from .console import Problem
from .paths import ROOT


class Terminated(SystemExit):
    """SIGTERM or SIGHUP arrived: unwind as Ctrl-C does, so that children end too."""


def unwind_on_signals():
    """Make SIGINT, SIGTERM and SIGHUP run the ``finally`` blocks of this process.

    SIGINT too is set: what a shell starts in the background inherits it as ignored.
    """

    def unwind(number, _frame):
        raise Terminated(128 + number)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, unwind)
    signal.signal(signal.SIGHUP, unwind)


def is_process(pid, name=""):
    """Say whether a process runs: one that has ended but was not reaped does not.

    :param name: what its program must be called, where the kernel tells (/proc)
    """
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, TypeError):
        return False
    except PermissionError:
        pass  # Somebody else's, but it runs.
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    program, _, state = status.partition("(")[2].rpartition(") ")
    return name in program and state[0] not in "ZX"


class Child:
    """A running program with the whole group of processes that it starts.

    :param command: program and arguments
    :param environment: variables, in place of ours
    :param log: file for its output, appended to; None lets it print where we print
    :param gently: the signal that it ends on by itself
    """

    def __init__(self, command, environment, log=None, gently=signal.SIGTERM):
        self.gently = gently
        self.log = log
        output = open(log, "ab") if log else None
        leash = [sys.executable, "-m", "devtools.leash", str(int(gently))]
        try:
            self.process = subprocess.Popen(
                [*leash, str(os.getpid()), *map(str, command)],
                env=environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL if log else None,
                stdout=output,
                stderr=subprocess.STDOUT if log else None,
                start_new_session=True,
            )
        finally:
            if output:
                output.close()

    @property
    def pid(self):
        """Return the process id, which is the id of its group too."""
        return self.process.pid

    def is_alive(self):
        """Say whether the program runs."""
        return self.process.poll() is None

    def listens_on(self, port):
        """Say whether it is this program, or its group, that answers on a port."""
        reached = ports.listeners(port)
        if reached is None:
            return self.is_alive()  # The kernel does not tell whose a socket is.
        return self.is_alive() and bool(reached) and reached <= self._sockets()

    def _sockets(self):
        """Return the kernel's numbers of the sockets that the group has open."""
        found = set()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # It has ended meanwhile, or is somebody else's.
                if os.getpgid(int(process.name)) != self.pid:
                    continue
                for descriptor in (process / "fd").iterdir():
                    with suppress(OSError):
                        kind, _, number = os.readlink(descriptor).partition(":")
                        if kind == "socket":
                            found.add(number.strip("[]"))
        return found

    def wait(self):
        """Return the exit code when the program has ended."""
        return self.process.wait()

    def stop(self, patience=20):
        """End the program and its group: gently, and by force after ``patience`` s."""
        if self.is_alive():
            self._signal(self.gently)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        self.kill()

    def kill(self):
        """End the program and its group at once, as a power cut would."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def tail(self, lines=15):
        """Return the end of the log."""
        if not self.log:
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _signal(self, number):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


@contextmanager
def child(command, environment, **options):
    """Yield a :class:`Child` that has ended when the block has."""
    running = Child(command, environment, **options)
    try:
        yield running
    finally:
        running.stop()


def wait_until(ready, running, what, timeout):
    """Return when ``ready()`` is true.

    :raises Problem: when the child ends first, or after ``timeout`` seconds
    """
    end = time.monotonic() + timeout
    while not ready():
        if not running.is_alive():
            raise Problem(
                f"{what} ended with exit code {running.wait()} (log: {running.log}):\n"
                f"{running.tail()}"
            )
        if time.monotonic() > end:
            raise Problem(
                f"{what} does not answer after {timeout} s (log: {running.log})."
            )
        time.sleep(0.1)
