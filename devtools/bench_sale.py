"""What a sale costs, counted: HTTP calls, SQL statements, commits and CPU.

The addon's own part of it, without the frame of Odoo's job: each sale in turns of the
lane of its own, with its share of what is asked of NAV about all of them together; and
apart from it that question about one alone, what is left to the night, and a document
of a lane that has many to do. The buyer is known to the service, and the messages to
screens and tills count.

Counts and CPU do not depend on what else runs on the machine. Times of a clock do: they
are measured by ``till``, ``lead`` and ``lane``, which want a quiet one.
"""

import statistics
from contextlib import ExitStack

from . import arena
from .bench_lane import inside
from .servers import Sandbox

#: Service -> the most that a sale may cost there.
AIMS = {
    "billingo": {"calls": 4, "sql": 65, "commits": 11, "cpu": 50},
    "szamlazz": {"calls": 2, "sql": 45, "commits": 7, "cpu": 35},
    "billingo_v2": {"calls": 7, "sql": 75, "commits": 12, "cpu": 55},
}
#: The most that one document of a full lane may cost.
LANE_AIMS = {"sql": 9, "commits": 3, "cpu": 9}


def sale(databases, quick=False):
    """Count what sales cost at each service, and what a document of its lane does."""
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(databases.environment, databases.state))
        database = stack.enter_context(databases.temporary())
        arena.prepare(databases, database, sandbox)
        result = inside(
            databases,
            database,
            "count_sales",
            sandbox=sandbox.url,
            rounds=3 if quick else 12,
            documents=20 if quick else 50,
        )
    rows = []
    for service, measured in result.items():
        for what, samples in measured["sales"].items():
            rows.append(_row(f"{service}: {what}", samples, AIMS[service]))
        rows.append(_row(f"{service}: NAV, its share of that", measured["reports"], {}))
        rows.append(_row(f"{service}: NAV, a sale alone", measured["alone"], {}))
        rows.append(_row(f"{service}: at night", measured["night"], {}))
        rows.append(_row(f"{service}: a document", measured["lane"], LANE_AIMS))
    return rows


def _row(what, samples, aims):
    """Return the row of a report whose figures are counts."""
    return {
        "what": f"sale: {what}",
        "counts": {
            name: statistics.median(sample[name] for sample in samples)
            for name in samples[0]
        },
        "aims": aims,
        "samples": len(samples),
    }
