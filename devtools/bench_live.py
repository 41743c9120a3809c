"""Measured: what a sale costs at the till, and its lead time on running servers."""

import statistics
import time
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone

from . import arena, paths, salon
from .bench_lane import inside
from .figures import figure
from .servers import OdooServer, Sandbox

_UNINSTALL = f"""
module = env["ir.module.module"].search([("name", "=", "{paths.ADDON.name}")])
module.button_immediate_uninstall()
env.cr.commit()
"""


def till(databases, quick=False):
    """Compare ``sync_from_ui`` with the addon and without: statements and CPU.

    Paired and interleaved, in one process, on copies of one salon. From the request's
    cursor to what follows its commit: the ``NOTIFY`` of the lane counts, HTTP does not.
    """
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(databases.environment, databases.state))
        with_addon = stack.enter_context(databases.temporary())
        arena.prepare(databases, with_addon, sandbox)
        without = stack.enter_context(without_the_addon(databases, with_addon))
        compared = inside(
            databases,
            with_addon,
            "compare_tills",
            other=without,
            rounds=30 if quick else 300,
        )
    walk_in, *others = compared
    figures = till_figures("a sale", compared[walk_in])
    for kind in others:
        figures += till_figures(f"a sale, {kind}", compared[kind])
    return figures


def till_figures(what, pairs):
    """Return the figures of pairs of counts, with the addon and without."""
    ratios = [ours["cpu"] / bare["cpu"] for ours, bare in pairs]
    more = [ours["sql"] - bare["sql"] for ours, bare in pairs]
    beside = "the same Odoo without the addon"
    ours, bare = zip(*pairs, strict=True)
    return [
        figure(f"statements of {what} more", more, "SQL", compared=beside),
        figure(
            f"statements of {what} without the addon", [c["sql"] for c in bare], "SQL"
        ),
        figure(f"CPU of {what}", ratios, "x", compared=beside),
        figure(f"CPU of {what}", [c["cpu"] for c in ours], "CPU ms"),
        figure(f"CPU of {what} without the addon", [c["cpu"] for c in bare], "CPU ms"),
    ]


@contextmanager
def without_the_addon(databases, database):
    """Yield the name of a copy of a salon's database, with the addon uninstalled."""
    bare = f"{database}_bare"
    databases.clone(database, bare)
    try:
        salon.run_in_odoo(databases, bare, _UNINSTALL, "uninstall")
        # Installing left dead rows in both, uninstalling more of them in one.
        for name in (database, bare):
            databases.server.query("VACUUM FULL ANALYZE", name)
        yield bare
    finally:
        databases.drop(bare)


def lead(databases, quick=False):
    """Measure the seconds from the till's answer to the issued document.

    One sale at a time on an otherwise idle server; the answer leaves right after the
    commit.
    """
    rounds = 6 if quick else 40
    figures = []
    with ExitStack() as stack:
        database = stack.enter_context(databases.temporary())
        sandbox = Sandbox(databases.environment, databases.state)
        with sandbox:
            scene = arena.prepare(databases, database, sandbox)
        server = stack.enter_context(OdooServer(databases, database, cron=2))
        till_ = arena.till(server, scene)
        for latency in (0, 0.5):
            arguments = ("--latency", f"{latency * 1000:.0f}")
            same = Sandbox(
                databases.environment,
                databases.state,
                port=sandbox.port,
                arguments=arguments,
            )
            with same:
                samples = lead_times(databases, database, till_, rounds)
            ninety_five = statistics.quantiles(samples, n=20)[-1]
            name = f"sale to document, {latency * 1000:.0f} ms latency"
            figures += [
                figure(f"{name}, median", samples, "s"),
                figure(f"{name}, 95th percentile", samples, "s", value=ninety_five),
            ]
    return figures


def lead_times(databases, database, till_, rounds):
    """Sell so many times, one after the other; return the seconds of each."""
    samples = []
    for number in range(-2, rounds):
        order = till_.sell([("Manikűr",)])
        sold = datetime.now(timezone.utc).replace(tzinfo=None)
        query = (
            "SELECT extract(epoch FROM issued_at) FROM salon_invoice_document "
            f"WHERE order_id = {order} AND state = 'issued'"
        )
        end = time.monotonic() + 90
        while not (found := databases.server.query(query, database)):
            if time.monotonic() > end:
                raise TimeoutError(f"sale {order} was not issued")
            time.sleep(0.2)
        if number >= 0:
            issued = float(found[0][0])
            samples.append(issued - sold.replace(tzinfo=timezone.utc).timestamp())
        wait_until_idle(databases, database)
    return samples


def wait_until_idle(databases, database, ahead=3):
    """Return when the lane does nothing, and will not for ``ahead`` seconds.

    E-mail, PDF and the report to NAV follow a document, some of them later once more.
    """
    query = (
        "SELECT count(*) FROM salon_invoice_task WHERE state IN ('todo', 'doing') "
        f"AND next_attempt < now() AT TIME ZONE 'UTC' + interval '{ahead} seconds'"
    )
    end = time.monotonic() + 120
    while int(databases.server.query(query, database)[0][0]):
        if time.monotonic() > end:
            raise TimeoutError("the steps after a sale did not end")
        time.sleep(0.2)
    time.sleep(0.5)  # the job of the lane ends
