"""./dev test [pytest arguments]: three stages, in pytest processes of their own.

plain   tests/ but tests/live     no Odoo, no database: in seconds
odoo    salon_invoice_bridge/tests    inside Odoo, on fresh databases
live    tests/live                real servers, the sandbox, a browser

They run beside each other, as many processes as there are cores; several share a stage
that needs Odoo, unless only some of its paths are named. The output of each comes when
it has ended.

Paths choose stages; everything else (-k, -x, --lf, ...) goes to each chosen stage.
The last line is ``N passed, N failed, N skipped``.

--fast              all but the browsers, the crashes and the chaos of the live stage
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
import tempfile
from contextlib import ExitStack, contextmanager
from functools import partial, reduce
from operator import add
from pathlib import Path

from . import clocks, environment, stages, templates, venv
from .console import Problem, Steps, say
from .lanes import CORES, Lanes
from .paths import ADDON, STATE
from .stages import BEFORE, FOLDERS, LIVE, NO_TESTS, ODOO, PLAIN, Result

#: The variable that multiplies the examples of hypothesis: see ``tests/examples.py``.
EXAMPLES = "SALON_EXAMPLES"
#: As many under another clock: on that day, one example says what a hundred do.
UNDER_A_CLOCK = "0.1"

#: The marks of pytest that ``--fast`` leaves out.
SLOW = ("browser", "crash", "chaos")

#: Options of pytest that somebody sits before: one process after the other.
WATCHED = {"--pdb", "--trace", "-s", "--capture=no", "--collect-only", "--co"}

_TAKE_VALUE = {"-k", "-m", "-p", "-o", "-c", "-W", "-n", "-r", "--deselect", "--ignore"}


def main(argv):
    """Run the stages that the arguments choose; return 0 when nothing failed.

    A stage that cannot be made ready counts as one failure.
    """
    if "-h" in argv or "--help" in argv:
        print(__doc__)
        return 0
    argv, instead, again = take_clocks(argv)
    fast = take("--fast", argv)
    if take("--all", argv):
        os.environ[EXAMPLES] = "5"
    paths, options = split(argv)
    chosen = choose(paths)
    moved = under(chosen, bool(paths), instead, again)
    if instead is not None:
        chosen = {}
    run = Run(chosen, moved, options, fast)
    try:
        run.all()
    except Problem as problem:
        say(f"dev: {problem}")
    return report([run.result(title) for title in (*chosen, *moved)])


def take(option, argv):
    """Remove an option from the arguments; say whether it was there."""
    found = option in argv
    argv[:] = [argument for argument in argv if argument != option]
    return found


def without_slow(options):
    """Return pytest's options with one more mark to choose by: not a slow one."""
    options, mark = list(options), f"not ({' or '.join(SLOW)})"
    if "-m" in options[:-1]:
        place = options.index("-m") + 1
        options[place] = f"({options[place]}) and {mark}"
        return options
    return [*options, "-m", mark]


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


class Run:
    """One run of the tests: its processes, in lanes, and their results.

    :param dict chosen: {stage: paths}
    :param dict moved: what :func:`under` returns
    :param options: pytest's
    :param bool fast: whether the slow tests of the live stage are left out
    """

    def __init__(self, chosen, moved, options, fast=False):
        self.chosen, self.moved, self.options, self.fast = chosen, moved, options, fast
        self.shared = [
            stage
            for stage in (ODOO, LIVE)
            if is_whole(stage, chosen.get(stage)) and not WATCHED.intersection(options)
        ]
        self.several = len(chosen) + len(moved) > 1 or bool(self.shared)
        self.beside = self.several and not WATCHED.intersection(options)
        self.lanes = Lanes()
        self.results = {}

    def all(self):
        """Run everything.

        :raises Problem: when something cannot be had; what can be run has been
        """
        needed = {*self.chosen, *(stage for stage, *_rest in self.moved.values())}
        with self.lanes.ending():
            if needed <= {PLAIN}:
                with Steps(1).step("Python packages"):
                    packages = venv.ensure()
                self.widen()
                self.begin(packages)
                return
            with environment.ready(early=self.begin) as databases:
                self.run_in_odoo(databases)
                self.run_moved_in_odoo(databases)

    def widen(self):
        """Use all cores from now on: nothing is made ready any more."""
        self.lanes.number = CORES if self.beside else 1

    def begin(self, packages):
        """Begin with what needs the Python packages and nothing else.

        Odoo and the templates may be made ready beside it, on another core.
        """
        python = venv.python(packages)
        if PLAIN in self.chosen:
            self._add(stages.plain(PLAIN, python, self.options, self.chosen[PLAIN]))
        for title, (stage, paths, clock) in self.moved.items():
            if stage == PLAIN:
                moving = partial(_variables_under, clock)
                self._add(stages.plain(title, python, self.options, paths, moving))

    def run_in_odoo(self, databases):
        """Run the stages that need a database; a whole stage by several processes."""
        python = venv.python(databases.environment)
        # What the processes use is gone after they are: their lanes end first.
        with ExitStack() as stack, self.lanes.ending():
            folders = {
                stage: stack.enter_context(_folder(stage)) for stage in self.shared
            }
            self.widen()
            for share in range(CORES):
                for stage in (ODOO, LIVE):
                    if stage in self.chosen and (not share or stage in folders):
                        self._add(self._job(stage, python, databases, folders, stack))

    def _job(self, stage, python, databases, folders, stack):
        """Return one process of a stage, with what it needs until ``stack`` ends."""
        paths, folder = self.chosen[stage], folders.get(stage)
        if stage == ODOO:
            database = stack.enter_context(databases.temporary(templates.tested))
            return stages.odoo(
                *(ODOO, python, self.options, paths, databases, database), shards=folder
            )
        if folder:  # Else the tests ask for the templates that they need.
            templates.connected(databases)
        options = without_slow(self.options) if self.fast else self.options
        return stages.live(LIVE, python, options, paths, databases, folder)

    def run_moved_in_odoo(self, databases):
        """Run the Odoo stage under other clocks, one after the other."""
        for title, (stage, paths, clock) in self.moved.items():
            if stage == ODOO:
                with ExitStack() as stack:
                    stack.callback(clocks.forget)
                    here, template, variables = stack.enter_context(
                        clocks.serving(databases, clock, BEFORE[ODOO])
                    )
                    self._run_under(title, paths, here, template, variables)

    def _run_under(self, title, paths, databases, template, variables):
        """Run tests in Odoo, on a server and with variables of another clock."""
        python = venv.python(databases.environment)
        with databases.temporary(lambda _databases: template) as database:
            with self.lanes.ending():
                self._add(
                    stages.odoo(
                        *(title, python, self.options, paths, databases, database),
                        clock=lambda: variables,
                    )
                )

    def _add(self, job):
        """Let a process wait for a lane, and its result for the report."""

        def run(note):
            found = self.results.setdefault(job.title, [])
            found.append(Result(job.title, failed=1))  # until it has ended
            place = len(found) - 1
            found[place] = job.run_beside(note) if self.beside else job.run(note)

        self.lanes.add(run)

    def result(self, title):
        """Return what came of a stage; one that was not run has failed."""
        return reduce(add, self.results.get(title) or [Result(title, failed=1)])


def _variables_under(clock):
    """Return the variables of a plain stage under another clock."""
    examples = os.environ.get(EXAMPLES, UNDER_A_CLOCK)
    return {EXAMPLES: examples, **clock.variables(BEFORE[PLAIN])}


def is_whole(stage, paths):
    """Say whether these paths are all tests of a stage."""
    places = {Path(path).absolute() for path in paths or ()}
    return bool(
        places & ({FOLDERS[stage], ADDON} if stage == ODOO else {FOLDERS[stage]})
    )


@contextmanager
def _folder(stage):
    """Yield the folder by which processes share a stage; it is gone after the block."""
    place = STATE / "results"
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{stage}-", dir=place) as folder:
        yield Path(folder)


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
