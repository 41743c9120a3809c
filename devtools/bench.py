"""./dev bench: what the bridge costs a sale, and how fast it issues.

``sale`` counts, which can be done on a busy machine. The others compare two things in
one run, paired and interleaved, told as medians with their spread (the middle half),
because absolute seconds say more about the machine than about the program; they want a
machine on which nothing else runs:

till    sync_from_ui with the addon in automatic mode / the same Odoo without it
lead    seconds from a sale's answer at the till to its issued document
sale    HTTP calls, SQL, commits and CPU of a sale at each service, counted
lane    documents a second of a lane / of a bare loop that posts the same bytes
accounts  documents a second of eight accounts on four cron workers / of one
backlog  what becomes of 3,000 sales that waited, and of fresh ones, within the limits
growth  enqueueing and claiming with 1,000,000 documents / with 1,000
"""

import argparse
import json

from . import bench_lane, bench_live, bench_many, bench_sale, environment
from .console import Steps

MEASUREMENTS = {
    "till": bench_live.till,
    "lead": bench_live.lead,
    "sale": bench_sale.sale,
    "lane": bench_lane.lane,
    "accounts": bench_many.accounts,
    "backlog": bench_many.backlog,
    "growth": bench_lane.growth,
}


def main(argv):
    """Measure, print the table; the exit code says nothing about the aims."""
    parser = argparse.ArgumentParser(
        prog="./dev bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("only", nargs="*", help=", ".join(MEASUREMENTS))
    parser.add_argument("--quick", action="store_true", help="a tenth of the samples")
    parser.add_argument("--json", action="store_true", help="all figures, on stdout")
    options = parser.parse_args(argv)
    unknown = set(options.only) - set(MEASUREMENTS)
    if unknown:
        parser.error(f"there is no measurement {', '.join(sorted(unknown))}")
    chosen = options.only or list(MEASUREMENTS)
    figures = []
    with environment.ready() as databases:
        steps = Steps(len(chosen))
        for name in chosen:
            with steps.step(name):
                figures += MEASUREMENTS[name](databases, options.quick)
    show(figures, options.json)
    return 0


def show(figures, as_json):
    """Print the figures: for people, or as JSON, on stdout."""
    if as_json:
        print(json.dumps(figures, ensure_ascii=False, indent=2))
        return
    show_counts([row for row in figures if "counts" in row])
    figures = [row for row in figures if "counts" not in row]
    if not figures:
        return
    print(f"{'what':<52}{'measured':>11}{'middle half':>18}{'aim':>9}{'n':>6}")
    for row in figures:
        spread = "" if row["low"] is None else f"{row['low']:.3g}..{row['high']:.3g}"
        print(
            f"{row['what']:<52}{row['value']:>11.3g}{spread:>18}"
            f"{row['aim']:>9}{row['samples']:>6}"
        )
        for line in row.get("plan", []):
            print(f"    {line}")


def show_counts(rows):
    """Print the rows whose figures are counts, each count with its aim."""
    for row in rows:
        if row is rows[0]:
            names = "".join(f"{name:>17}" for name in row["counts"])
            print(f"{'counted; in brackets the aim':<58}{names}{'n':>6}")
        cells = ""
        for name, count in row["counts"].items():
            aim = row["aims"].get(name)
            cells += f"{count:>9.1f}" + (f" ({aim:>4})" if aim else "").ljust(8)
        print(f"{row['what']:<58}{cells}{row['samples']:>6}")
