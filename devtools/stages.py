"""The stages of ./dev test: pytest processes, and what came of them."""

import os
import signal
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from . import clocks
from .console import say
from .paths import ADDON, ROOT, STATE
from .processes import child

PLAIN, ODOO, LIVE = "plain", "odoo", "live"

#: Where the tests of each stage are.
FOLDERS = {PLAIN: ROOT / "tests", ODOO: ADDON / "tests", LIVE: ROOT / "tests" / "live"}

#: Seconds that a stage starts before a midnight, or a change of time, which then comes
#: in its midst.
BEFORE = {PLAIN: 60, ODOO: 120}

#: pytest's exit code when no test was selected.
NO_TESTS = 5

#: Name of the file that says that no test of a shared stage is left to be claimed.
EXHAUSTED = "exhausted"

_numbers = count(1)


@dataclass
class Result:
    """What came of a stage, or of one of its processes."""

    stage: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    code: int = 0

    def __add__(self, other):
        """Return what came of both processes of a stage."""
        return Result(
            self.stage,
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            max(self.seconds, other.seconds),
            self.code or other.code,
        )


@dataclass
class Job:
    """One pytest process of a stage.

    :param title: names its results; the processes of a stage share it
    :param arguments: of pytest
    :param variables: the process's environment
    :param clock: function that returns variables, at its start, which move its clock
    :param shards: folder by which the processes of a stage divide its tests among
        them; None for a process that runs them all
    """

    title: str
    stage: str
    python: Path
    arguments: list
    variables: dict
    clock: Callable = dict
    shards: Path | None = None
    number: int = field(default_factory=lambda: next(_numbers))

    def place(self, suffix):
        """Return the path of a file of this process in this run.

        Another run of the same checkout may be under way.
        """
        name = f"{self.title.replace(' ', '-')}-{os.getpid()}-{self.number}"
        return STATE / "results" / f"{name}.{suffix}"

    def run(self, note, log=None):
        """Run it and return the Result.

        :param note: function that is called with the process
        :param log: file for its output; None lets it print where we print
        """
        if self.shards and (self.shards / EXHAUSTED).exists():
            return Result(self.title)
        report_file = self.place("xml")
        report_file.parent.mkdir(parents=True, exist_ok=True)
        command = [self.python, "-m", "pytest", f"--junitxml={report_file}"]
        if self.shards:
            command += ["-p", "tests.shards", f"--shards={self.shards}"]
        with ExitStack() as stack:
            stack.callback(report_file.unlink, missing_ok=True)
            process = stack.enter_context(
                child(
                    [*command, *self.arguments],
                    clocks.applied(self.variables, self.clock()),
                    gently=signal.SIGINT,
                    log=log,
                )
            )
            note(process)
            return read(self.title, report_file, process.wait())

    def run_beside(self, note):
        """Run it while others run, print its output when it has ended, as :meth:`run`.

        Its file stays until then, for those who cannot wait.
        """
        log = self.place("log")
        say(f"== {self.title} begins (its output so far: {log.relative_to(ROOT)})")
        try:
            return self.run(note, log)
        finally:
            if log.exists():
                text = log.read_text(errors="replace")
                print(f"\n== {self.title}\n{text}", end="", flush=True)
                log.unlink()


def plain(title, python, options, chosen, clock=dict):
    """Return the job that runs tests outside Odoo.

    :param options: pytest's
    :param chosen: paths
    :param clock: see :class:`Job`
    """
    arguments = [*_cache(title), f"--ignore={FOLDERS[LIVE]}", *options, *chosen]
    return Job(title, PLAIN, python, arguments, _variables(), clock)


def odoo(title, python, options, chosen, databases, database, clock=dict, shards=None):
    """Return a job that runs tests inside Odoo, on a database that is there."""
    config = databases.write_config(database)
    # The other stages shut the plugin out, since it needs Odoo to start.
    arguments = ["--override-ini=addopts=", "--override-ini=pythonpath="]
    arguments += ["--odoo-http", f"--odoo-config={config}", *_cache(title)]
    arguments += [*options, *chosen]
    variables = {**_variables(), **databases.odoo_environment()}
    return Job(title, ODOO, python, arguments, variables, clock, shards)


def live(title, python, options, chosen, databases, shards=None):
    """Return a job that runs tests which start servers."""
    variables = {**_variables(), "ODOO_PATH": str(databases.odoo.path)}
    arguments = [*_cache(title), *options, *chosen]
    return Job(title, LIVE, python, arguments, variables, shards=shards)


def _variables():
    return {**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(STATE / "hypothesis")}


def _cache(title):
    """Return where pytest remembers what failed: each stage for itself."""
    return ["-o", f"cache_dir={STATE / 'pytest' / title.replace(' ', '-')}"]


def read(stage, report_file, code):
    """Return the Result that pytest's report and exit code tell.

    A stage that ended without a report counts as one failure.
    """
    if not report_file.exists():
        return Result(stage, failed=int(code != NO_TESTS), code=code)
    suite = ElementTree.parse(report_file).getroot().find("testsuite")
    number = {key: int(suite.get(key)) for key in ("tests", "failures", "errors")}
    skipped = int(suite.get("skipped"))
    failed = number["failures"] + number["errors"]
    if code not in (0, NO_TESTS) and not failed:
        failed = 1
    passed = max(number["tests"] - failed - skipped, 0)
    return Result(stage, passed, failed, skipped, float(suite.get("time", 0)), code)
