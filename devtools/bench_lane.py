"""Measured inside Odoo: what a lane issues a second, and what growth costs."""

import json
import statistics
from contextlib import ExitStack

from . import arena, salon
from .figures import figure
from .servers import Sandbox

_INSIDE = """
import json
from pathlib import Path
from devtools import bench_inside
result = bench_inside.{function}(env, **json.loads({arguments!r}))
Path({note!r}).write_text(json.dumps(result))
"""


def inside(databases, database, function, **arguments):
    """Run a function of ``bench_inside`` in Odoo's shell; return what it returned."""
    note = databases.state / "scenes" / f"{database}-{function}.json"
    note.parent.mkdir(parents=True, exist_ok=True)
    script = _INSIDE.format(
        function=function, arguments=json.dumps(arguments), note=str(note)
    )
    salon.run_in_odoo(databases, database, script, function)
    result = json.loads(note.read_text())
    note.unlink()
    return result


def lane(databases, quick=False):
    """Compare a lane with a loop that only posts."""
    figures = []
    for latency, number, aim in ((0, 100, ">= 0.7"), (200, 30, ">= 0.95")):
        with ExitStack() as stack:
            database = stack.enter_context(databases.temporary())
            sandbox = stack.enter_context(
                Sandbox(
                    databases.environment,
                    databases.state,
                    arguments=("--latency", str(latency)),
                )
            )
            arena.prepare(databases, database, sandbox)
            rounds = inside(
                databases,
                database,
                "race",
                rounds=2 if quick else 7,
                number=number // 5 if quick else number,
            )
        ratios = [ours / bare for ours, bare in rounds]
        figures += [
            figure(f"lane: rate / bare loop at {latency} ms latency", ratios, aim),
            figure(
                f"lane: documents a second at {latency} ms", [r[0] for r in rounds], ""
            ),
            figure(
                f"lane: bare posts a second at {latency} ms", [r[1] for r in rounds], ""
            ),
        ]
    return figures


def growth(databases, quick=False):
    """Compare enqueue and claim with few and with many documents in the table."""
    few, many = 1000, 20_000 if quick else 1_000_000
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(databases.environment, databases.state))
        small = stack.enter_context(databases.temporary())
        arena.prepare(databases, small, sandbox)
        big = f"{small}_big"
        databases.server.run("createdb", f"--template={small}", big)
        stack.callback(databases.drop, big)
        for name, number in ((small, few), (big, many)):
            inside(databases, name, "fill", number=number)
        result = inside(
            databases, small, "compare", other=big, rounds=10 if quick else 150
        )
    figures = []
    for what in ("enqueue", "claim"):
        ratios = [large / little for little, large in result[what]]
        milliseconds = statistics.median(large for _little, large in result[what])
        figures.append(
            figure(
                f"growth: {what} with {many:,} rows / with {few:,}",
                ratios,
                "<= 1.1",
                milliseconds=milliseconds * 1000,
                plan=result["plans"][what],
            )
        )
    return figures
