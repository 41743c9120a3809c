"""./dev hops: through how many files a reader follows a sale, before and now.

Runs three stories in a real Odoo against the emulators, and notes each function of the
addon that is called, in the order of the calls:

sale             a paid sale, from the till to the number on its order
lost answer      from the lost answer of the service to the document that it made
partial refund   at Billingo, from the till to the storno and the invoice of the rest

A *hop* is a call of a function that lies in another file than the function called
before it. Returning is no hop, nor are lambdas, comprehensions, the second turn of a
generator, reading a field, or what Odoo's ORM calls: computes, constraints,
and overrides of its own methods. Files are those of the addon, without its tests.

calls   hops over all calls: what the machine does, loops and all
read    hops where each function counts at its first call only: all there is to read
way     the same, without what needs no opening: what a plain room (billing, providers)
        calls inside plain rooms, and functions that call nothing further
blind   calls of a record's method that lies in another file of the same model, each
        pair of functions once: neither an import nor an editor shows where
opened  distinct files on the way
files   distinct files of all calls
"""

import argparse
import json
import os
import subprocess
import sys
import tarfile
from dataclasses import astuple, dataclass
from itertools import groupby

from .console import Problem, say
from .paths import ROOT, STATE

STORIES = ("sale", "lost answer", "partial refund")

#: The rooms without Odoo: values go in, values or an error come out.
PLAIN = ("billing/", "providers/")

#: Runs in the checkout that is measured, with what all checkouts have had: its own
#: Odoo, packages, PostgreSQL and template.
_RUN = """
import signal
import sys
from devtools import console, environment, processes, templates, venv

def run():
    with environment.ready() as databases:
        with databases.temporary(templates.tested) as database:
            config = databases.write_config(database)
            command = [venv.python(databases.environment), "-m", "pytest", "-q"]
            command += ["--override-ini=addopts=", "--override-ini=pythonpath="]
            command += ["--odoo-http", f"--odoo-config={config}", *sys.argv[1:]]
            variables = databases.odoo_environment()
            with processes.child(command, variables, gently=signal.SIGINT) as stage:
                return stage.wait()

processes.unwind_on_signals()
try:
    sys.exit(run())
except console.Problem as problem:
    sys.exit(f"dev: {problem}")
"""


def main(argv):
    """Measure this checkout, and older commits beside it; print a table."""
    parser = argparse.ArgumentParser(
        prog="./dev hops",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--commit",
        action="append",
        default=[],
        metavar="REVISION",
        help="measure this commit as well, from a copy in .dev/hops",
    )
    parser.add_argument(
        "--path", action="store_true", help="list the way, file by file"
    )
    parser.add_argument("--json", action="store_true", help="all calls, on stdout")
    options = parser.parse_args(argv)
    traces = {}
    for revision in options.commit:
        traces[revision] = measure(copy_of(revision))
    traces["now"] = measure(ROOT)
    if options.json:
        print(json.dumps(traces, default=astuple))
    else:
        show(traces, options.path)
    return 0


def copy_of(revision):
    """Return a folder with the files of a commit, made if need be.

    :raises Problem: when there is no such commit
    """
    git = ["git", "-C", str(ROOT)]
    name = subprocess.run(
        [*git, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"],
        capture_output=True,
        text=True,
    ).stdout.strip()
    if not name:
        raise Problem(f"git knows no commit {revision!r}: fetch it, or name another.")
    folder = STATE / "hops" / name[:12]
    if not (folder / "dev").exists():
        folder.mkdir(parents=True, exist_ok=True)
        with subprocess.Popen(
            [*git, "archive", name], stdout=subprocess.PIPE
        ) as archive:
            with tarfile.open(fileobj=archive.stdout, mode="r|") as files:
                files.extractall(folder)  # our own commit
    return folder


def measure(checkout):
    """Run the stories on a checkout; return ``{story: [Call, ...]}``.

    :raises Problem: when a story fails there
    """
    say(f"\n== {checkout}")
    stories = ROOT / "devtools" / "launch" / "stories.py"
    note = STATE / "hops" / f"calls-{os.getpid()}.json"
    note.parent.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(
            [sys.executable, "-c", _RUN, str(stories)],
            cwd=checkout,
            env={**os.environ, "SALON_HOPS": str(note)},
            stdout=sys.stderr,
        )
        if done.returncode:
            raise Problem(f"the stories fail in {checkout}, see above.")
        stories = json.loads(note.read_text())
    finally:
        note.unlink(missing_ok=True)
    return {story: [Call(*call) for call in calls] for story, calls in stories.items()}


@dataclass(frozen=True)
class Call:
    """One call: see ``launch/tracer.py``."""

    file: str
    function: str
    caller: int = -1  # its number, -1 for none
    model: str = ""  # whose method it is, "" for none

    @property
    def is_plain(self):
        """True for a function of a room without Odoo."""
        return self.file.startswith(PLAIN)


def hops(calls):
    """Return the files of calls in their order, each run in one file once."""
    return [file for file, _run in groupby(call.file for call in calls)]


def read_once(calls):
    """Return the calls without those of functions that were called before."""
    first = {}
    for call in calls:
        first.setdefault((call.file, call.function), call)
    return list(first.values())


def way(calls):
    """Return the calls that a reader follows, see the module's docstring.

    A function that calls something further anywhere in the story is followed.
    """
    callers = {call.caller for call in calls}
    followed = {
        (call.file, call.function)
        for number, call in enumerate(calls)
        if number in callers
    }
    return [
        call
        for call in calls
        if (call.file, call.function) in followed
        and not (call.is_plain and call.caller >= 0 and calls[call.caller].is_plain)
    ]


def blind(calls):
    """Return the pairs of functions of one model in two files, caller and called."""
    pairs = set()
    for call in calls:
        if call.model and call.caller >= 0:
            caller = calls[call.caller]
            if caller.model == call.model and caller.file != call.file:
                pairs.add((caller.file, caller.function, call.file, call.function))
    return pairs


def figures(calls):
    """Return the numbers of a story: see the module's docstring."""
    return {
        "calls": _count(calls),
        "read": _count(read_once(calls)),
        "way": _count(read_once(way(calls))),
        "blind": len(blind(calls)),
        "opened": len({call.file for call in way(calls)}),
        "files": len({call.file for call in calls}),
    }


def _count(calls):
    return max(len(hops(calls)) - 1, 0)


def show(traces, with_paths=False):
    """Print a table of the stories, and the way through the files of each."""
    names = ("calls", "read", "way", "blind", "opened", "files")
    print(f"{'story':<18}{'commit':<14}" + "".join(f"{name:>8}" for name in names))
    for story in STORIES:
        for revision, stories in traces.items():
            row = figures(stories[story])
            cells = "".join(f"{row[name]:>8}" for name in names)
            print(f"{story:<18}{revision:<14}{cells}")
    for story in STORIES if with_paths else ():
        for revision, stories in traces.items():
            print(f"\n{story}, {revision}:")
            path = read_once(way(stories[story]))
            for file, run in groupby(path, lambda call: call.file):
                print(f"  {file}: {', '.join(call.function for call in run)}")
