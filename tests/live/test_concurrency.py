"""At the same time: clicks, tills, doors and servers that all want the same sale."""

import json
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from devtools import arena, salon
from devtools.rpc import RpcError, Session
from devtools.selling import wait

#: What Odoo itself tries again (PG_CONCURRENCY_EXCEPTIONS_TO_RETRY).
RETRYABLE = {
    "psycopg2.errors.LockNotAvailable",
    "psycopg2.errors.SerializationFailure",
    "psycopg2.errors.DeadlockDetected",
}


@pytest.fixture
def control(sandbox):
    return arena.Control(sandbox)


@pytest.fixture
def server(odoo_server, database, scene):
    return odoo_server(database, workers=4, cron=2, db_maxconn=40)


def at_once(functions):
    """Run functions in threads that start together; return results and errors."""
    barrier = threading.Barrier(len(functions))

    def run(function):
        barrier.wait(timeout=60)
        try:
            return function()
        except RpcError as error:
            return error

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(run, functions))


def sql(databases, database, query):
    return databases.server.query(query, database)


def by_hand(databases, database):
    """Let sales wait for somebody to press Generate invoice."""
    sql(databases, database, "UPDATE res_company SET salon_automatic = false")


def documents_of(databases, database, order):
    query = (
        "SELECT state, count(*) FROM salon_invoice_document "
        f"WHERE order_id = {order} GROUP BY state"
    )
    return {state: int(count) for state, count in sql(databases, database, query)}


def test_forty_clicks_at_once_make_one_invoice(
    databases, database, server, scene, control
):
    by_hand(databases, database)
    order = arena.till(server, scene).sell([("Manikűr",)])
    assert documents_of(databases, database, order) == {"skipped": 1}
    people = [
        Session(server.url, database, login, login)
        for login in ("receptionist", "manager") * 2
    ]
    clicks = [
        partial(who.call, "pos.order", "action_salon_generate", [order])
        for who in people * 10
    ]
    answers = at_once(clicks)
    assert not [answer for answer in answers if isinstance(answer, RpcError)]
    audit = arena.settle(databases, database, control)
    assert (audit.issued, audit.is_exactly_once) == (1, True), audit
    assert documents_of(databases, database, order) == {"issued": 1}


def untaxed(person, scene, product):
    """Give a product a tax without a code; return the tax."""
    domain = [["amount", "=", 0], ["type_tax_use", "=", "sale"]]
    tax = person.call("account.tax", "search", domain)[0]
    codes = {"salon_vat_code": False, "l10n_hu_tax_type": False}
    known = person.call("account.tax", "fields_get")
    values = {name: value for name, value in codes.items() if name in known}
    person.call("account.tax", "write", [tax], values)
    products = [scene["products"][product]]
    person.call("product.product", "write", products, {"taxes_id": [(6, 0, [tax])]})
    return tax


def test_two_who_retry_the_same_forty_at_once_make_one_invoice_each(
    databases, database, server, scene, control
):
    """One till sells meanwhile, and waits for none of them."""
    admin = Session(server.url, database, "admin", "admin")
    tax = untaxed(admin, scene, "Manikűr")
    till = arena.till(server, scene)
    orders = [till.sell([("Manikűr",)]) for _sale in range(40)]
    wait(Session(server.url, database, "manager", "manager"), orders)
    stopped = "SELECT count(*) FROM salon_invoice_document WHERE state = 'attention'"
    assert sql(databases, database, stopped) == [["40"]]
    admin.call("account.tax", "write", [tax], {"salon_vat_code": "AAM"})
    presses = [
        partial(
            Session(server.url, database, "manager", "manager").call,
            *("account.tax", "action_salon_retry_stopped", [tax]),
        )
        for _press in range(4)
    ]
    answers = at_once([*presses, partial(till.sell, [("Hajfestés",)])])
    told = [answer for answer in answers if isinstance(answer, RpcError)]
    assert {error.name for error in told} <= {"odoo.exceptions.UserError"}, told
    audit = arena.settle(databases, database, control)
    assert (audit.issued, audit.is_exactly_once) == (41, True), audit
    rows = (
        "SELECT state, count(*) FROM salon_invoice_batch_line GROUP BY state "
        "HAVING state NOT IN ('impossible')"
    )
    assert sql(databases, database, rows) == [["done", "40"]]


def test_two_tills_that_send_the_same_order_at_once_make_one_invoice(
    databases, database, server, scene, control
):
    tills = [arena.till(server, scene) for _till in range(2)]
    for _round in range(5):
        order = tills[0].order([("Manikűr",)])
        # The later one may be told that the order is there; it sends it again.
        at_once([partial(till.sync, [order]) for till in tills])
        tills[1].sync([order])
    audit = arena.settle(databases, database, control)
    assert (audit.sold, audit.issued) == (5, 5), audit
    assert audit.is_exactly_once, audit


def test_a_till_that_was_offline_and_sends_twice_makes_one_invoice_each(
    databases, database, server, scene, control
):
    till = arena.till(server, scene)
    orders = [till.order([("Manikűr",)]) for _sale in range(3)]
    till.sync(orders)
    till.sync(orders)
    audit = arena.settle(databases, database, control)
    assert (audit.sold, audit.issued, audit.is_exactly_once) == (3, 3, True), audit


def test_odoo_and_the_bridge_at_once_make_one_invoice_between_them(
    databases, database, server, scene, control
):
    """Somebody invoices in Odoo while somebody else presses Generate invoice."""
    by_hand(databases, database)
    # Odoo would report its own invoices to the tax authority: here only in play.
    sql(
        databases,
        database,
        "UPDATE res_company SET l10n_hu_edi_server_mode = 'demo', "
        "account_default_pos_receivable_account_id = (SELECT min(id) FROM "
        "account_account WHERE account_type = 'asset_receivable')",
    )
    till = arena.till(server, scene)
    manager = Session(server.url, database, "manager", "manager")
    receptionist = Session(server.url, database, "receptionist", "receptionist")
    for _round in range(6):
        order = till.sell([("Manikűr",)], customer=scene["customers"]["person"])
        at_once(
            [
                partial(manager.call, "pos.order", "action_pos_order_invoice", [order]),
                partial(
                    receptionist.call, "pos.order", "action_salon_generate", [order]
                ),
            ]
        )
        arena.settle(databases, database, control)
        (moves,) = sql(
            databases,
            database,
            f"SELECT count(account_move) FROM pos_order WHERE id = {order}",
        )
        issued = documents_of(databases, database, order).get("issued", 0)
        assert int(moves[0]) + issued == 1, (order, moves, issued)


def test_two_servers_on_one_database_never_take_the_same_sale(
    databases, database, odoo_server, scene, control
):
    """Each has its own workers and its own port; the lanes are one."""
    control.fault("delay", seconds=0.15, times=None, **arena.CREATE["billingo"])
    servers = [odoo_server(database, workers=2, cron=2) for _server in range(2)]
    tills = [arena.till(server, scene) for server in servers]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(sell_fifteen, tills))
    audit = arena.settle(databases, database, control)
    assert (audit.sold, audit.issued) == (30, 30), audit
    assert audit.is_exactly_once, audit
    # Asking is not the lane's alone: the readiness check reads, too.
    calls = control.ledger()["calls"]
    acting = [c for c in calls if c["method"] != "GET"]
    assert len(acting) >= 30
    assert most_at_once(acting) == 1, "one account, one call"


def sell_fifteen(till):
    for _sale in range(15):
        pay(till, till.order([("Manikűr",)]))


def pay(till, order):
    """Send a paid order; on a lock, again, as a cashier presses *Validate*.

    All tills of a shop number their sales from one row of ``ir_sequence``, which Odoo
    locks without waiting: it gives up after five tries.
    """
    for _press in range(10):
        try:
            return till.sync([order])
        except RpcError as error:
            if error.name not in RETRYABLE:
                raise
            refused = error
    raise refused


def most_at_once(calls):
    """Return how many calls of a ledger the service has seen at the same time."""
    events = []
    for call in calls:
        events.append((call["at"], 1))
        events.append((call["at"] + call["seconds"], -1))
    running = most = 0
    for _moment, change in sorted(events):
        running += change
        most = max(most, running)
    return most


# === ADOPTED AT ONCE === #

MODEL, DIFFERENCE = "salon.invoice.reconciliation", "salon.invoice.difference"
#: What each round sells; every one costs something else, so that nothing else fits.
PRICES = range(6500, 6512)


@pytest.fixture
def books(databases, database, server, scene, sandbox):
    return Books(databases, database, server, scene, sandbox)


class Books:
    """A salon where a person has made at the service by hand what had no document."""

    def __init__(self, databases, database, server, scene, sandbox):
        self.databases, self.database, self.server = databases, database, server
        self.sandbox = sandbox
        self.till = arena.till(server, scene)
        # It would find the sales without a document before a person does.
        self.query(
            "UPDATE ir_cron SET nextcall = nextcall + interval '1 year' WHERE id = "
            "(SELECT res_id FROM ir_model_data WHERE name = 'cron_sweep')"
        )
        like = self.till.sell([("Manikűr",)])
        wait(self.person("manager"), [like])
        _state, number = self.document(like)
        self.like = self.ask_service(f"documents/{number}")

    def query(self, query):
        return sql(self.databases, self.database, query)

    def person(self, login):
        return Session(self.server.url, self.database, login, login)

    def forget(self, price):
        """Sell, forget that it wants a document, and make that by hand.

        :return: the sale, and the id of its document at the service
        """
        by_hand(self.databases, self.database)
        order = self.till.sell([{"name": "Manikűr", "price": price}])
        self.query(
            f"UPDATE pos_order SET salon_document_id = NULL WHERE id = {order};"
            f"DELETE FROM salon_invoice_document WHERE order_id = {order};"
            "UPDATE res_company SET salon_automatic = true"
        )
        item = {"name": "Manikűr", "quantity": 1, "unit": "db", "vat": "27%"}
        made = self.ask_service(
            "documents",
            {
                "type": "invoice",
                "partner_id": self.like["partner"]["id"],
                "payment_method": "cash",
                "language": "hu",
                "currency": "HUF",
                "items": [{**item, "unit_price": price, "unit_price_type": "gross"}],
                **{
                    name: self.like[name]
                    for name in ("block_id", "fulfillment_date", "due_date")
                },
            },
        )
        return order, str(made["id"])

    def ask_service(self, path, body=None):
        """Return the service's answer to what a person does there."""
        request = urllib.request.Request(
            f"{self.sandbox.url}{salon.ADDRESS}/{path}",
            body and json.dumps(body).encode(),
            {"X-API-KEY": salon.KEY, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def days(self):
        """Return this month's reconciliation, and one that begins a day before it."""
        month = self.person("manager").call(MODEL, "action_month", [])["res_id"]
        ((longer,),) = self.query(
            "INSERT INTO salon_invoice_reconciliation (account_id, company_id, since, "
            "until, is_month, state) SELECT account_id, company_id, since - 1, until, "
            f"true, 'done' FROM salon_invoice_reconciliation WHERE id = {month} "
            "RETURNING id"
        )[:1]
        return month, int(longer)

    def offered(self, rows, order):
        """Have days compared; return what is offered for a sale in each of them."""
        manager = self.person("manager")
        manager.call(MODEL, "action_again", list(rows))
        deadline = time.monotonic() + 90
        states = {}
        while states != {"done"}:
            assert time.monotonic() < deadline, states
            time.sleep(0.5)
            arena.wake(self.databases, self.database)
            found = manager.call(MODEL, "read", list(rows), ["state"])
            states = {row["state"] for row in found}
        domain = [
            ["order_id", "=", order],
            ["reconciliation_id", "in", list(rows)],
            ["state", "=", "open"],
            ["can_adopt", "=", True],
        ]
        found = manager.call(DIFFERENCE, "search", domain)
        assert len(found) == len(rows)
        return found

    def pressing(self, login, button, difference):
        """Return a press of a button, in English, as a function."""
        call = self.person(login).call
        english = {"context": {"lang": "en_US"}}
        return partial(call, DIFFERENCE, button, [difference], **english)

    def document(self, order):
        """Return state and id at the service of the only document of a sale."""
        (found,) = self.query(
            "SELECT state, coalesce(remote_id, '') FROM salon_invoice_document "
            f"WHERE order_id = {order}"
        )
        return found


def test_what_two_managers_adopt_at_once_is_one_sales_document_once(books, control):
    """From one page, and from two; or one of them asks for a document instead."""
    manager, admin = "manager", "admin"
    rows = books.days()
    for number, price in enumerate(PRICES):
        order, made = books.forget(price)
        first, second = books.offered(rows, order)
        adopt, ask = "action_adopt", "action_ask_anyway"
        other = [(adopt, first), (adopt, second), (ask, first)][number % 3]
        presses = [
            books.pressing(manager, adopt, first),
            books.pressing(admin, *other),
            books.pressing(manager, adopt, second),
        ]
        before = len(control.ledger()["documents"])
        answers = at_once(presses)
        refused = [answer for answer in answers if isinstance(answer, RpcError)]
        for error in refused:
            assert error.name == "odoo.exceptions.UserError", error
            assert "something has changed meanwhile" in str(error)
        audit = arena.settle(books.databases, books.database, control)
        state, remote = books.document(order)
        assert state == "issued", audit
        asked = other[0] == ask
        assert len(refused) in ((1, 2) if asked else (2,)), answers
        issued = len(control.ledger()["documents"]) - before
        # Either the one that was made by hand, or one that was asked for instead.
        assert (remote == made, issued) in [(True, 0), *([(False, 1)] * asked)]
        twice = books.query(
            "SELECT remote_id FROM salon_invoice_document WHERE remote_id IS NOT NULL "
            "GROUP BY remote_id HAVING count(*) > 1"
        )
        assert not twice
