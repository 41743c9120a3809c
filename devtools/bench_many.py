"""Measured on running servers: several accounts, and a backlog after an outage."""

import bisect
import time
from contextlib import ExitStack

from . import arena
from .bench_lane import inside
from .figures import figure
from .servers import OdooServer, Sandbox

#: Milliseconds that a call of the service takes longer.
LATENCY = 500
#: Seconds between two sales while the backlog is worked off.
SALE_EVERY = 2.0
#: How many times the calls that the real services allow are allowed here, and taken:
#: the real ones would need an hour for 3,000 sales.
SPEED = {"billingo": 4, "szamlazz": 8}
#: Calls a minute that each service allows, of the kind that it counts.
ALLOWED = {"billingo": 300, "szamlazz": 50}
#: The part of them that is left to us where somebody else uses the key.
LEFT = 0.4
#: The status of a call that is one too many.
REFUSED = 429


def accounts(databases, quick=False):
    """Compare eight accounts on four cron workers with one, their steps included.

    Each sale has an e-mail to be sent, which takes as long as its document. A round
    with one account takes a minute until all documents are issued.
    """
    each = 30 if quick else 120
    with ExitStack() as stack:
        database = stack.enter_context(databases.temporary())
        sandbox = stack.enter_context(
            Sandbox(
                databases.environment,
                databases.state,
                arguments=("--latency", str(LATENCY)),
            )
        )
        arena.prepare(databases, database, sandbox)
        inside(databases, database, "open_accounts", number=8)
        server = OdooServer(databases, database, workers=1, cron=4, limit_time_real=600)
        stack.enter_context(server)
        _round(databases, database, 8, 4)  # each worker loads what it needs
        rounds = [
            [_round(databases, database, number, each) for number in (1, 8)]
            for _round_ in range(1 if quick else 3)
        ]
    for place, what in enumerate(("documents", "documents and their steps")):
        ones = [one[place] for one, _eight in rounds]
        eights = [eight[place] for _one, eight in rounds]
        ratios = [eight / one for one, eight in zip(ones, eights, strict=True)]
        what = f"{what}, rate of eight accounts"
        yield figure(what, ratios, "x", compared="one account")
        yield figure(what, eights, "1/s")


def _round(databases, database, number, each):
    """Let so many accounts issue ``each`` documents and mail them.

    :return: documents a second until the last one was issued, and until the last one
        was mailed
    """
    ((before,),) = databases.server.query(
        "SELECT coalesce(max(id), 0) FROM salon_invoice_document", database
    )
    inside(databases, database, "enqueue", accounts=number, number=each, with_mail=True)
    arena.wake(databases, database)
    _wait(
        databases,
        database,
        "SELECT (SELECT count(*) FROM salon_invoice_document "
        "WHERE state IN ('waiting', 'sending', 'checking')) + (SELECT count(*) "
        "FROM salon_invoice_task WHERE state IN ('todo', 'doing') AND kind = 'email')",
    )
    ((done, issuing, all_),) = databases.server.query(
        "SELECT count(*), extract(epoch FROM max(issued_at) - min(sent_at)), "
        "extract(epoch FROM max(mailed) - min(sent_at)) FROM salon_invoice_document d, "
        "LATERAL (SELECT max(write_date) AS mailed FROM salon_invoice_task "
        "WHERE document_id = d.id AND kind = 'email' AND state = 'done') task "
        f"WHERE d.id > {before} AND d.state = 'issued' AND mailed IS NOT NULL",
        database,
    )
    if int(done) != number * each:
        raise RuntimeError(f"{done} of {number * each} documents were issued")
    databases.server.query(
        "DELETE FROM salon_invoice_task WHERE state = 'todo'", database
    )
    return int(done) / float(issuing), int(done) / float(all_)


def _wait(databases, database, query, patience=3600):
    """Return when ``query`` counts nothing any more."""
    end = time.monotonic() + patience
    while int(databases.server.query(query, database)[0][0]):
        if time.monotonic() > end:
            raise TimeoutError("the lanes did not finish")
        time.sleep(0.5)


def backlog(databases, quick=False):
    """Measure what becomes of a backlog and of fresh sales once a service is back.

    Both services refuse what exceeds their limit. Then somebody else uses the key, too,
    at Billingo only: where ten minutes are counted, a stranger who has used them up
    stops everybody for as long, whoever halves what.
    """
    number = 200 if quick else 3000
    for service, stranger in (
        ("billingo", False),
        ("billingo", True),
        ("szamlazz", False),
    ):
        yield from _come_back(databases, service, number, stranger)


def _come_back(databases, service, number, stranger):
    """Let a service come back to ``number`` sales that wait; return the figures."""
    allowed = ALLOWED[service] * SPEED[service]
    with ExitStack() as stack:
        database = stack.enter_context(databases.temporary())
        sandbox = stack.enter_context(
            Sandbox(
                databases.environment,
                databases.state,
                arguments=("--limits", str(SPEED[service])),
            )
        )
        tuned = {f"calls_per_minute.{service}": str(allowed)}
        scene = arena.prepare(databases, database, sandbox, service, **tuned)
        control = arena.Control(sandbox)
        server = stack.enter_context(OdooServer(databases, database, cron=2))
        till = arena.till(server, scene)
        till.sell([("Manikűr",)])  # the service knows walk-in customers from now
        arena.settle(databases, database, control)
        control.fault("status_before", status=503, service=service, times=None)
        inside(databases, database, "let_wait", number=number)
        till.sell([("Manikűr",)])  # the lane finds out, and backs off
        time.sleep(20)
        if stranger:
            _path, key = arena.SERVICES[service]
            control.change_account(service, key, rate_limit=round(allowed * LEFT))
        control.clear_faults()
        fresh = _sell_meanwhile(databases, database, till)
        arena.settle(databases, database, control, patience=120)
        calls = control.ledger()["calls"]
        rows = _read(databases, database)
    other = "somebody" if stranger else "nothing"
    who = f"{service}, {other} else uses the key"
    speed = f"the service's limit is {SPEED[service]} times the real one"
    yield from _figures(rows, fresh, calls, who, speed)


def _sell_meanwhile(databases, database, till):
    """Sell until the backlog is issued; return the ids of these sales."""
    query = (
        "SELECT count(*) FROM salon_invoice_document WHERE state IN "
        "('waiting', 'sending', 'checking') AND create_date < now() AT TIME ZONE 'UTC' "
        "- interval '10 minutes'"
    )
    sold, end = [], time.monotonic() + 3600
    while int(databases.server.query(query, database)[0][0]):
        if time.monotonic() > end:
            raise TimeoutError("the backlog was not worked off")
        sold.append(till.sell([("Hajfestés",)]))
        time.sleep(SALE_EVERY)
    return sold


def _read(databases, database):
    """Return the sales' (id, lead time, time of issue, whether it waited), in order."""
    return databases.server.query(
        "SELECT order_id, lead_time, extract(epoch FROM issued_at), "
        "create_date < now() AT TIME ZONE 'UTC' - interval '3 hours' "
        "FROM salon_invoice_document WHERE state = 'issued' ORDER BY create_date, id",
        database,
    )


def _figures(rows, fresh, calls, who, note):
    """Yield the figures of one service that came back.

    :param rows: see :func:`_read`
    :param fresh: ids of the sales since it came back
    :param calls: the service's ledger
    """
    leads = [float(lead) for sale, lead, _at, _old in rows if int(sale) in fresh]
    if len(leads) != len(fresh):
        raise RuntimeError(f"{len(fresh) - len(leads)} fresh sales were not issued")
    old = [float(at) for _sale, _lead, at, is_old in rows if is_old == "t"]
    begin, end = min(old), max(old)
    made = [call for call in calls if begin <= call["at"] <= end]
    refused = [call for call in made if call["status"] == REFUSED]
    per_minute = 60 / (end - begin)
    yield figure(f"{who}: wait of a fresh sale", leads, "s")
    yield figure(f"{who}: longest wait of a fresh sale", leads, "s", value=max(leads))
    yield figure(f"{who}: sales out of their order", [out_of_order(old)], "sales")
    what = f"{who}: sales of the backlog"
    yield figure(what, [len(old) * per_minute], "1/min", note=note)
    accepted = len(made) - len(refused)
    yield figure(f"{who}: calls", [accepted * per_minute], "1/min", note=note)
    yield figure(f"{who}: refusals (429)", [len(refused)], "calls")


def out_of_order(times):
    """Return how many would have to be moved for ``times`` to be in their order."""
    tails = []  # the smallest last time of an ordered choice, by its length less one
    for moment in times:
        place = bisect.bisect_right(tails, moment)
        tails[place : place + 1] = [moment]
    return len(times) - len(tails)
