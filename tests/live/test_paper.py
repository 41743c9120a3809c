"""A paper receipt is recorded in the very moments in which the worker records, too.

Real servers and real transactions: what two of them do at once no other test shows.
"""

import random
import time
from functools import partial

import pytest

from devtools import arena
from devtools.rpc import RpcError, Session

from .test_concurrency import RETRYABLE, at_once

#: Seconds that the service takes; presses are spread over them and a little more.
TAKES = 0.4
SALES = 6
MOVING = ("waiting", "sending", "checking")


@pytest.fixture
def server(odoo_server, database, scene):
    return odoo_server(database, workers=4, cron=2, db_maxconn=40)


def press(session, order, number, pause):
    """Record a number after a pause; return the answer."""
    time.sleep(pause)
    return session.call("pos.order", "salon_till_paper", [order], number)


def settled(session, orders, patience=90):
    """Return the documents of ``orders``, once none of them moves."""
    deadline = time.monotonic() + patience
    while True:
        rows = session.call(
            "salon.invoice.document",
            "search_read",
            [["order_id", "in", orders]],
            ["order_id", "kind", "state", "number", "problem"],
        )
        moves = [row for row in rows if row["state"] in MOVING]
        if not moves:
            return rows
        assert time.monotonic() < deadline, moves
        time.sleep(0.5)


@pytest.mark.parametrize("receipts", [True, False], ids=["receipts", "invoices"])
def test_whenever_it_is_recorded_one_receipt_stands(
    database, server, scene, sandbox, receipts
):
    control = arena.Control(sandbox)
    control.fault("delay", seconds=TAKES, method="POST", times=None)
    admin = Session(server.url, database, "admin", "admin")
    accounts = admin.call("salon.invoice.account", "search", [])
    admin.call("salon.invoice.account", "write", accounts, {"receipt_block": "12"})
    companies = admin.call("res.company", "search", [])
    which = {"salon_which": "request" if receipts else "all"}
    admin.call("res.company", "write", companies, which)
    till = arena.till(server, scene)
    manager = Session(server.url, database, "manager", "manager")
    orders = [till.sell([("Manikűr",)]) for _sale in range(SALES)]
    rng = random.Random(20261130)
    presses = [
        partial(
            press,
            Session(server.url, database, "receptionist", "receptionist"),
            order,
            f"AB {order:07}",
            rng.uniform(0, TAKES * SALES),
        )
        for order in orders
    ]
    answers = at_once(presses)
    for answer in answers:
        if isinstance(answer, RpcError):
            assert answer.name in RETRYABLE, answer
    rows = settled(manager, orders)
    ledger = {
        entry["number"]: float(entry["gross"])
        for entry in control.ledger()["documents"]
        if not entry["deleted"]
    }
    sales = manager.call(
        "pos.order", "read", orders, ["amount_total", "salon_paper_number"]
    )
    assert len(ledger) == len([row for row in rows if row["number"]])
    for sale in sales:
        own = [row for row in rows if row["order_id"][0] == sale["id"]]
        standing = sum(ledger[row["number"]] for row in own if row["number"])
        by_hand = sale["amount_total"] if sale["salon_paper_number"] else 0
        assert standing + by_hand == sale["amount_total"], (sale, own)
