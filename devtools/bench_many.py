"""Measured on running servers: several accounts, and a backlog after an outage."""

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
    for place, what in enumerate(("documents", "documents and steps")):
        ratios = [eight[place] / one[place] for one, eight in rounds]
        eight = f"{what} of eight accounts"
        yield figure(eight, ratios, "x", compared="one account")
        for index, number in enumerate(("one account", "eight accounts")):
            rates = [pair[index][place] for pair in rounds]
            yield figure(f"{what} of {number}", rates, "1/s")


def _round(databases, database, number, each):
    """Let so many accounts issue ``each`` documents and mail them.

    :return: documents a second until the last one was issued, and until the last one
        was mailed
    """
    ((before,),) = databases.server.query(
        "SELECT coalesce(max(id), 0) FROM salon_invoice_document", database
    )
    inside(
        databases, database, "enqueue", accounts=number, number=each, with_mail=True
    )
    arena.wake(databases, database)
    due = "next_attempt < now() AT TIME ZONE 'UTC' + interval '30 seconds'"
    _wait(
        databases,
        database,
        "SELECT (SELECT count(*) FROM salon_invoice_document "
        "WHERE state IN ('waiting', 'sending', 'checking')) + (SELECT count(*) "
        f"FROM salon_invoice_task WHERE state IN ('todo', 'doing') AND {due})",
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
    return [
        *_come_back(databases, "billingo", number, stranger=False),
        *_come_back(databases, "billingo", number, stranger=True),
        *_come_back(databases, "szamlazz", number, stranger=False),
    ]


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
        figures = _figures(databases, database, fresh, calls)
    who = "somebody else uses the key" if stranger else "nothing else uses the key"
    return [
        figure(f"{service}, {who}: {what}", samples, unit, **more)
        for what, samples, unit, more in figures
    ]


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


def _figures(databases, database, fresh, calls):
    """Return what there is to say of one service: (what, samples, unit, more)."""
    rows = databases.server.query(
        "SELECT order_id, lead_time, extract(epoch FROM issued_at), "
        "create_date < now() AT TIME ZONE 'UTC' - interval '3 hours' "
        "FROM salon_invoice_document WHERE state = 'issued' ORDER BY create_date, id",
        database,
    )
    leads = [float(lead) for order, lead, _at, _old in rows if int(order) in fresh]
    if len(leads) != len(fresh):
        raise RuntimeError(f"{len(fresh) - len(leads)} fresh sales were not issued")
    old = [float(at) for _order, _lead, at, is_old in rows if is_old == "t"]
    begin, end = min(old), max(old)
    late = sum(at < max(old[: place + 1]) for place, at in enumerate(old))
    minutes = (end - begin) / 60
    made = [call for call in calls if begin <= call["at"] <= end]
    refused = [call for call in made if call["status"] == 429]
    return [
        ("longest wait of a fresh sale", leads, "s", {"value": max(leads)}),
        ("wait of a fresh sale", leads, "s", {}),
        ("backlog out of its order", [late], "sales", {}),
        ("rate of the backlog", [len(old) / minutes], "1/min", {}),
        ("calls made", [(len(made) - len(refused)) / minutes], "1/min", {}),
        ("calls refused (429)", [len(refused)], "calls", {}),
    ]
