"""./dev bench: what the bridge costs a sale, and how fast it issues.

Measures side by side, in one run, the addon and what it stands beside: Odoo without it,
Odoo's own invoice, the job queue that others use, a loop that only posts. Each
measurement is alone: what one of them breaks, the others do not see. Counts can be
trusted on a busy machine; what is compared by the clock or by CPU is paired,
interleaved, and wants a machine on which nothing else runs.

"""

import argparse
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone

from . import (
    aims,
    bench_database,
    bench_lane,
    bench_live,
    bench_many,
    bench_others,
    bench_sale,
    environment,
    machine,
    report,
)
from .console import Steps, detail, say
from .figures import check
from .paths import ROOT, STATE, cache


@dataclass(frozen=True)
class Measurement:
    """A section of the table.

    :param title: for people, one line
    :param function: ``function(databases, quick)`` returns figures, or yields them:
        those that came before it fails are kept
    """

    title: str
    function: Callable


#: In the order of the table. What each is wanted to be: :mod:`devtools.aims`.
MEASUREMENTS = {
    "sale": Measurement(
        "calls, SQL, commits and CPU of a sale at each service, counted",
        bench_sale.sale,
    ),
    "lane": Measurement(
        "a document of a lane beside a loop that only posts the same bytes",
        bench_lane.lane,
    ),
    "till": Measurement(
        "a sale's sync_from_ui beside the same Odoo without the addon",
        bench_live.till,
    ),
    "invoice": Measurement(
        "a sale with Invoice pressed beside Odoo's own invoice", bench_others.invoice
    ),
    "queue_job": Measurement(
        "what an empty job of OCA's queue costs, where it can be installed",
        bench_others.queue_job,
    ),
    "lead": Measurement(
        "from a sale's answer at the till to its issued document", bench_live.lead
    ),
    "accounts": Measurement(
        "eight accounts on four cron workers beside one, steps included",
        bench_many.accounts,
    ),
    "backlog": Measurement(
        "sales that waited for their service, and fresh ones, within its limits",
        bench_many.backlog,
    ),
    "growth": Measurement(
        "enqueueing and claiming with many documents beside few", bench_lane.growth
    ),
    "database": Measurement(
        "each screen and job after years of sales, its plans, and the size of a sale",
        bench_database.database,
    ),
}


def main(argv):
    """Measure, print the table; fail if a measurement did, whatever became of aims."""
    options = parsed(argv)
    if options.kept:
        result = report.load_kept() or {"machine": {}, "sections": []}
    else:
        result = measure(options.only or list(MEASUREMENTS), options.quick)
        last = STATE / "bench.json"
        last.parent.mkdir(exist_ok=True)
        last.write_text(report.dumped(result))
        say(f"all figures: {last}")
    output(result, options.json)
    if options.write:
        kept = report.merge(report.load_kept(), result, list(MEASUREMENTS))
        report.keep(kept)
        say(f"written: {report.KEPT.name} and {report.PAGE.name} in docs/")
    return int(any(section["error"] for section in result["sections"]))


def parsed(argv):
    """Return the options of the command line."""
    listed = "\n".join(f"  {name:<10} {m.title}" for name, m in MEASUREMENTS.items())
    parser = argparse.ArgumentParser(
        prog="./dev bench",
        description=__doc__ + listed,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("only", nargs="*", metavar="NAME", help="measure only these")
    parser.add_argument("--quick", action="store_true", help="a tenth of the samples")
    parser.add_argument(
        "--json",
        nargs="?",
        const="-",
        metavar="FILE",
        help="all figures as JSON, to a file or instead of the table to stdout; "
        "they are in .dev/bench.json as well",
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="keep what was measured in docs/performance.json, and its table in "
        "docs/performance.md; sections that were not measured stay",
    )
    parser.add_argument(
        "--kept", action="store_true", help="measure nothing: take what is kept"
    )
    options = parser.parse_args(argv)
    if options.json in MEASUREMENTS:  # it was meant as one of them
        options.only.append(options.json)
        options.json = "-"
    unknown = set(options.only) - set(MEASUREMENTS)
    if unknown:
        parser.error(f"there is no measurement {', '.join(sorted(unknown))}")
    return options


def output(result, file):
    """Print the table; the figures as JSON go to a file, or to stdout without it."""
    if file == "-":
        sys.stdout.write(report.dumped(result))
        return
    if file:
        with open(file, "w") as handle:
            handle.write(report.dumped(result))
    print(report.text(result))


def measure(names, quick):
    """Return the report of measurements, see :mod:`devtools.report`."""
    before = machine.load()
    with environment.ready() as databases:
        if before > machine.QUIET:
            say(
                f"Something else runs here (load {before:g}): trust the counts, not "
                "the times."
            )
        steps = Steps(len(names))
        sections = []
        for name in names:
            with steps.step(name):
                found = section(name, MEASUREMENTS[name], databases, quick)
                sections.append({**found, "load": [before, *found["load"]]})
        return {"machine": machine.describe(databases), "sections": sections}


def section(name, measurement, databases, quick):
    """Measure one thing; return its section, with the error that ended it, if any."""
    found = []
    result = {
        "name": name,
        "title": measurement.title,
        "date": f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
        "commit": machine.commit(),
        "quick": quick,
        "error": "",
    }
    load, start = machine.load(), time.monotonic()
    try:
        for row in measurement.function(databases, quick):
            found.append(check(row))
    except Exception as error:  # the others are to be measured still
        log = STATE / "logs" / f"bench-{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(traceback.format_exc())
        result["error"] = first_line(error)
        detail(f"failed: {result['error']} (log: {log})")
    seconds = time.monotonic() - start
    return {
        **result,
        "seconds": round(seconds, 1),
        "load": [load, machine.load()],
        "figures": aims.judge(name, found),
    }


def first_line(error):
    """Return an error in a line that may be kept: without paths of this machine."""
    line = next(iter(str(error).splitlines()), "")
    for path, name in ((ROOT, "."), (cache(), "the cache")):
        line = line.replace(str(path), name)
    return ": ".join(filter(None, (type(error).__name__, line)))
