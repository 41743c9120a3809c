"""Measured on running servers: what a sale costs at the till, and its lead time."""

import re
import statistics
import time
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone

from . import arena, paths, salon
from .figures import figure
from .servers import OdooServer, Sandbox

_UNINSTALL = f"""
module = env["ir.module.module"].search([("name", "=", "{paths.ADDON.name}")])
module.button_immediate_uninstall()
env.cr.commit()
"""
#: Sales before a server is warm: caches, connections, plans, Python's own.
WARM_UP = 40
#: Odoo's log of a request: status, -, queries, their seconds, other seconds.
_REQUEST = re.compile(r"sync_from_ui.*\" 200 - (\d+) ([\d.]+) ([\d.]+)")


def till(databases, quick=False):
    """Compare ``sync_from_ui`` with the addon and without: seconds and queries.

    Both Odoos run at the same time on copies of one salon, without cron workers, and
    are sold at in turn.  The queries are those of the whole request.
    """
    rounds = 12 if quick else 120
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(databases.environment, databases.state))
        with_addon = stack.enter_context(databases.temporary())
        scene = arena.prepare(databases, with_addon, sandbox)
        without = stack.enter_context(without_the_addon(databases, with_addon))
        servers = [
            stack.enter_context(OdooServer(databases, name, cron=0))
            for name in (with_addon, without)
        ]
        tills = [arena.till(server, scene) for server in servers]
        seconds = [[], []]
        for number in range(-WARM_UP, rounds):
            turns = [0, 1] if number % 2 else [1, 0]
            for turn in turns:
                order = tills[turn].order([("Manikűr",), ("Hajfestés",)])
                start = time.perf_counter()
                tills[turn].sync([order])
                if number >= 0:
                    seconds[turn].append(time.perf_counter() - start)
                # What follows an answer does not run into the other's turn.
                time.sleep(0.05)
        queries = [logged_queries(server.log, rounds) for server in servers]
    ratios = [ours / bare for ours, bare in zip(*seconds, strict=True)]
    more = [ours - bare for ours, bare in zip(*queries, strict=True)]
    bare = "the same Odoo without the addon"
    return [
        figure("statements of a sale more", more, "SQL", compared=bare),
        figure("statements of a sale without the addon", queries[1], "SQL"),
        figure("time of a sale", ratios, "x", compared=bare),
        figure("time of a sale", [s * 1000 for s in seconds[0]], "ms"),
        figure("time without the addon", [s * 1000 for s in seconds[1]], "ms"),
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


def logged_queries(log, last):
    """Return the number of queries of the last so many sales in Odoo's log."""
    found = _REQUEST.findall(log.read_text(errors="replace"))
    return [int(queries) for queries, _sql, _python in found[-last:]]


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
