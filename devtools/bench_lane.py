"""Measured inside Odoo: what a lane issues a second, and what growth costs."""

import json
from contextlib import ExitStack

from . import arena, salon
from .figures import figure
from .servers import Sandbox

_INSIDE = """
import json
from pathlib import Path
from devtools import {module}
result = {module}.{function}(env, **json.loads({arguments!r}))
Path({note!r}).write_text(json.dumps(result))
"""


def inside(databases, database, function, module="bench_inside", **arguments):
    """Run a function of ``bench_inside`` in Odoo's shell; return what it returned.

    :param str module: another one of this package
    """
    note = databases.state / "scenes" / f"{database}-{function}.json"
    note.parent.mkdir(parents=True, exist_ok=True)
    script = _INSIDE.format(
        module=module,
        function=function,
        arguments=json.dumps(arguments),
        note=str(note),
    )
    salon.run_in_odoo(databases, database, script, function)
    result = json.loads(note.read_text())
    note.unlink()
    return result


def lane(databases, quick=False):
    """Compare a lane with a loop that only posts, at three latencies."""
    for latency, number in ((0, 100), (200, 30), (500, 20)):
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
        at = f"{latency} ms latency"
        yield from _beside(rounds, at)


def _beside(rounds, at):
    """Yield the figures of a lane and the two loops beside it.

    :param rounds: see :func:`devtools.bench_inside.race`
    :param str at: for people: how slow the service was
    """
    lanes, bares, raws = zip(*rounds, strict=True)
    bare = "a loop that only posts the same bytes"
    raw = "a loop that posts them and commits three times (psycopg2)"

    def ratios(ours, theirs):
        return [one / other for one, other in zip(ours, theirs, strict=True)]

    def above(ours):
        return [
            1000 / one - 1000 / other for one, other in zip(ours, bares, strict=True)
        ]

    what = f"a document above a bare post, {at}"
    yield figure(what, above(lanes), "ms", compared=bare)
    what = f"three raw commits above a bare post, {at}"
    yield figure(what, above(raws), "ms", compared=bare)
    what = f"rate of the lane, {at}"
    yield figure(what, lanes, "1/s")
    yield figure(what, ratios(lanes, bares), "x", compared=bare)
    yield figure(what, ratios(lanes, raws), "x", compared=raw)
    yield figure(f"rate of the bare loop, {at}", bares, "1/s")
    what = f"rate of the raw loop, {at}"
    yield figure(what, raws, "1/s")
    yield figure(what, ratios(raws, bares), "x", compared=bare)


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
    for what in ("enqueue", "claim"):
        ratios = [large / little for little, large in result[what]]
        yield figure(
            f"{what} with {many:,} documents",
            ratios,
            "x",
            compared=f"the same with {few:,} documents",
            plan=result["plans"][what],
        )
        milliseconds = [large * 1000 for _little, large in result[what]]
        yield figure(f"{what} with {many:,} documents", milliseconds, "ms")
