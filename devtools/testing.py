"""./dev test [pytest arguments]: three stages, each a pytest process of its own.

plain   tests/ but tests/live     no Odoo, no database: in seconds
odoo    salon_invoice_bridge/tests    inside Odoo, on a fresh database
live    tests/live                real servers, the sandbox, a browser;
                                  beside the other two where they run as well

Paths choose stages; everything else (-k, -x, --lf, ...) goes to each chosen stage.
The last line is ``N passed, N failed, N skipped``.

--all               five times as many examples in each property test
--clocks            instead of now, under other clocks (libfaketime): the plain stage
                    tomorrow, in 40 days, on a 29 February, over both changes of summer
                    time, over midnight in Budapest and in UTC; the Odoo stage in 40
                    days and over both midnights, with a PostgreSQL under the same clock
--clocks=NAME,...   only under these: +1-day, +40-days, leap-day, summer-time,
                    winter-time, midnight-budapest, midnight-utc
--also-at=NAME,...  now as ever, and the plain stage once more under these
"""

import os
import signal
import xml.etree.ElementTree as ElementTree
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from . import clocks, environment, templates, venv
from .console import Problem, Steps, say
from .paths import ADDON, ROOT, STATE
from .processes import Child, child

PLAIN, ODOO, LIVE = "plain", "odoo", "live"

#: Where the tests of each stage are.
FOLDERS = {PLAIN: ROOT / "tests", ODOO: ADDON / "tests", LIVE: ROOT / "tests" / "live"}

#: Seconds that a stage starts before a midnight, or a change of time, which then comes
#: in its midst.
BEFORE = {PLAIN: 60, ODOO: 120}

#: The variable that multiplies the examples of hypothesis: see ``tests/examples.py``.
EXAMPLES = "SALON_EXAMPLES"

#: pytest's exit code when no test was selected.
NO_TESTS = 5

_TAKE_VALUE = {"-k", "-m", "-p", "-o", "-c", "-W", "-n", "-r", "--deselect", "--ignore"}


@dataclass
class Result:
    """What came of a stage."""

    stage: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    code: int = 0


def main(argv):
    """Run the stages that the arguments choose; return 0 when nothing failed.

    A stage that cannot be made ready counts as one failure.
    """
    if "-h" in argv or "--help" in argv:
        print(__doc__)
        return 0
    argv, instead, again = take_clocks(argv)
    if "--all" in argv:
        argv.remove("--all")
        os.environ[EXAMPLES] = "5"
    paths, options = split(argv)
    stages = choose(paths)
    moved = under(stages, bool(paths), instead, again)
    if instead is not None:
        stages = {}
    results = {}
    try:
        if {*stages, *(stage for stage, _chosen, _clock in moved.values())} == {PLAIN}:
            with Steps(1).step("Python packages"):
                python = venv.python(venv.ensure())
            for stage, chosen in stages.items():
                with started(stage, chosen, options, python) as running:
                    results[stage] = running.result()
            run_moved(moved, options, python, None, results)
        else:
            with environment.ready() as databases:
                run(stages, options, databases, results)
                python = venv.python(databases.environment)
                run_moved(moved, options, python, databases, results)
    except Problem as problem:
        say(f"dev: {problem}")
    titles = [*stages, *moved]
    return report([results.get(title) or Result(title, failed=1) for title in titles])


def take_clocks(argv):
    """Return the other arguments, the clocks instead of now, and those beside it.

    :return: None instead of the clocks when they were not asked for
    :raises Problem: for a clock that there is not
    """
    rest, instead, again = [], None, []
    for argument in argv:
        option, _, names = argument.partition("=")
        if option == "--clocks":
            instead = clocks.named(names) if names else []
        elif option == "--also-at":
            again = clocks.named(names)
        else:
            rest.append(argument)
    return rest, instead, again


def under(stages, chosen, instead, again):
    """Return {title: (stage, paths, clock)} of what runs under other clocks.

    :param chosen: whether a user named paths: then each stage of them has all clocks
    :param instead: clocks; empty for all, None for none
    :param again: clocks of the plain stage alone
    """
    moved = {}
    for stage in (PLAIN, ODOO):
        for clock in clocks.CLOCKS.values():
            if stage not in stages:
                wanted = False
            elif instead:
                wanted = clock in instead
            elif instead is not None:
                wanted = stage == PLAIN or clock.odoo or chosen
            else:
                wanted = stage == PLAIN and clock in again
            if wanted:
                moved[f"{stage} {clock.name}"] = (stage, stages[stage], clock)
    return moved


def run_moved(moved, options, python, databases, results):
    """Run stages under other clocks, and add to ``results`` as they end."""
    for title, (stage, chosen, clock) in moved.items():
        say(f"\n== {title}")
        with ExitStack() as stack:
            stack.callback(clocks.forget)
            if stage == ODOO:
                here, template, variables = stack.enter_context(
                    clocks.serving(databases, clock, BEFORE[stage])
                )
            else:
                here, template, variables = None, None, clock.variables(BEFORE[stage])
            with started(
                *(stage, chosen, options, python, here),
                template=lambda _databases, name=template: name,
                clock=variables,
            ) as running:
                results[title] = replace(running.result(), stage=title)


def run(stages, options, databases, results):
    """Run stages, the live one beside the others, and add to ``results`` as they end.

    The live stage mostly waits, for servers and browsers. Its output comes when the
    others have ended, so that people can read both.
    """
    python = venv.python(databases.environment)
    stages = dict(stages)
    with ExitStack() as stack:
        if LIVE in stages and len(stages) > 1:
            log = STATE / "results" / f"{LIVE}-{os.getpid()}.log"
            say(f"\n== {LIVE}, beside the others (its output so far: {log})")
            chosen = stages.pop(LIVE)
            beside = stack.enter_context(
                started(LIVE, chosen, options, python, databases, log=log)
            )
            stack.callback(log.unlink, missing_ok=True)
        else:
            beside = None
        for stage, chosen in stages.items():
            say(f"\n== {stage}")
            with started(stage, chosen, options, python, databases) as running:
                results[stage] = running.result()
        if beside:
            say(f"\n== {LIVE}")
            results[LIVE] = beside.result()
            print(log.read_text(errors="replace"), flush=True)


def split(argv):
    """Return the paths (with their ``::test``) and the other arguments."""
    paths, options = [], []
    previous = ""
    for argument in argv:
        is_value = argument.startswith("-") or previous in _TAKE_VALUE
        is_path = not is_value and Path(argument.partition("::")[0]).exists()
        (paths if is_path else options).append(argument)
        previous = argument
    return paths, options


def choose(paths):
    """Return {stage: [path, ...]} for the paths that a user named; all for none."""
    if not paths:
        return {stage: [str(FOLDERS[stage])] for stage in FOLDERS}
    chosen = {}
    for path in paths:
        place = Path(path.partition("::")[0]).absolute()
        if place == FOLDERS[PLAIN]:
            stages = [PLAIN, LIVE]
        elif place.is_relative_to(FOLDERS[LIVE]):
            stages = [LIVE]
        elif place.is_relative_to(ADDON):
            stages = [ODOO]
        else:
            stages = [PLAIN]
        for stage in stages:
            inside = str(FOLDERS[LIVE]) if len(stages) > 1 and stage == LIVE else path
            chosen.setdefault(stage, []).append(inside)
    return {stage: chosen[stage] for stage in FOLDERS if stage in chosen}


@dataclass
class Running:
    """A stage that runs."""

    stage: str
    process: Child
    report_file: Path

    def result(self):
        """Return the Result when the stage has ended."""
        return read(self.stage, self.report_file, self.process.wait())


@contextmanager
def started(stage, chosen, options, python, databases=None, **more):
    """Yield the :class:`Running` stage; what it had is gone after the block.

    :param log: file for its output; None lets it print where we print
    :param template: see :meth:`devtools.databases.Databases.create`
    :param clock: variables of its environment that move its clock
    """
    log, clock = more.get("log"), more.get("clock", {})
    # Of this run alone: another one of the same checkout may be under way.
    report_file = STATE / "results" / f"{stage}-{os.getpid()}.xml"
    report_file.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.callback(report_file.unlink, missing_ok=True)
        variables = {
            **os.environ,
            "HYPOTHESIS_STORAGE_DIRECTORY": str(STATE / "hypothesis"),
        }
        settings = []
        if stage == PLAIN:
            settings += [f"--ignore={FOLDERS[LIVE]}"]
        elif stage == ODOO:
            database = stack.enter_context(
                databases.temporary(more.get("template", templates.tested))
            )
            config = databases.write_config(database)
            variables = {**variables, **databases.odoo_environment()}
            # The other stages shut the plugin out, since it needs Odoo to start.
            settings += ["--override-ini=addopts=", "--override-ini=pythonpath="]
            settings += ["--odoo-http", f"--odoo-config={config}"]
        else:
            variables["ODOO_PATH"] = str(databases.odoo.path)
        command = [python, "-m", "pytest", f"--junitxml={report_file}"]
        command += [*settings, *options, *chosen]
        process = stack.enter_context(
            child(
                *(command, clocks.applied(variables, clock)),
                gently=signal.SIGINT,
                log=log,
            )
        )
        yield Running(stage, process, report_file)


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


def report(results):
    """Print the table and the closing line; return the exit code."""
    width = max([8, *(len(result.stage) + 1 for result in results)])
    print(f"\n{'stage':<{width}}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for result in results:
        print(
            f"{result.stage:<{width}}{result.passed:>8}{result.failed:>8}"
            f"{result.skipped:>9}{result.seconds:>9.1f}"
        )
    passed = sum(result.passed for result in results)
    failed = sum(result.failed for result in results)
    skipped = sum(result.skipped for result in results)
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    if failed:
        return 1
    return 0 if passed or skipped else NO_TESTS
