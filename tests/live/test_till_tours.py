"""A day at the counter: a cashier without accounting rights sells at the real till.

One server, one salon and one browser for the whole day, in the order of the tests.
"""

import pytest

from devtools import templates
from devtools.paths import STATE
from devtools.rpc import Session
from devtools.servers import OdooServer, Sandbox
from devtools.till import Till

from .conftest import FAILED
from .counter import Counter
from .test_till_status import slow

LOGS = STATE / "live" / "test_till_tours"
CARD = ".receipt-screen .o_salon_invoice_card"
TITLE = ".receipt-screen .o_salon_slip_title"
BADGE = ".o_salon_invoice_badge"
ROW = ".ticket-screen .order-row"
#: Of Odoo's filters, the only one that is neither the first nor indented: Paid.
PAID = "li:not(.indented):not(:first-child)"
PERSON = "Őrségi Zsófia"


class Cashier(Counter):
    """The receptionist, who has been logged in once."""

    def __init__(self, page, server):
        super().__init__(page, server)
        self.asked = 0
        page.on("request", self._count)

    def _count(self, request):
        self.asked += request.url.endswith("/salon_till_status")

    def at(self, config):
        """Come to a till whose session is open, as after a reload of its page."""
        self.page.goto(f"{self.server.url}/pos/ui/{config}")
        self.page.locator(".open-register-btn, .product-screen").first.wait_for()
        if self.page.locator(".open-register-btn").is_visible():
            self.click(".open-register-btn")
        self.page.locator(".product-screen").wait_for()
        assert not self.page.locator(".modal").count()

    def press(self, where, amount):
        """Press an amount's digits; what comes faster is a scanner's to Odoo."""
        for digit in str(amount):
            self.click(f"{where} .numpad button[value='{digit}']")
            self.page.wait_for_timeout(200)

    def tip(self, amount):
        """Add a tip, at the payment."""
        self.click(".payment-screen button:has(.fa-heart)")
        self.press(".modal", amount)
        self.click(".modal .btn-primary")
        self.page.locator(".modal").wait_for(state="detached")

    def give(self, method, amount=None):
        """Pay by a method: all of the rest, or an amount that is typed."""
        self.click(".paymentmethod", has_text=method)
        if amount is not None:
            self.press(".payment-screen", amount)
        self.page.locator(".payment-screen .paymentline.selected").wait_for()

    def finish(self):
        """Validate the payment, and come to the receipt."""
        self.click(".payment-screen button.next:visible")
        self.page.locator(".receipt-screen, .modal").first.wait_for()
        assert not self.page.locator(".modal").count(), self.page.inner_text(".modal")
        self.page.locator(".receipt-screen").wait_for()

    def issued(self):
        """Return the card's text when the invoice is there: nobody presses for it."""
        card = self.page.locator(f"{CARD}[data-state=issued]")
        card.wait_for()
        return card.inner_text()

    def next(self):
        """Go on with the next customer."""
        self.click(".receipt-screen .button.next:visible")
        self.page.locator(".product-screen").wait_for()


class Day:
    """The servers of a day, and what the owner sees of the sales.

    :param server: a running :class:`devtools.servers.OdooServer`
    :param sandbox: a running :class:`devtools.servers.Sandbox`
    :param dict scene: what :func:`devtools.scene.build` returned
    """

    def __init__(self, server, sandbox, scene):
        self.server, self.sandbox, self.scene = server, sandbox, scene
        self.owner = self.session("admin")

    def session(self, login):
        """Return an RPC session."""
        return Session(self.server.url, self.server.database, login, login)

    def seller(self, config=None):
        """Return what sells over RPC at a till, whose session it has opened."""
        scene = {**self.scene, "config": config or self.scene["config"]}
        return Till(self.session("receptionist"), scene)

    def last(self, config=None):
        """Return the newest paid sale of a till with its documents and payments."""
        domain = [
            ["state", "!=", "draft"],
            ["config_id", "=", config or self.scene["config"]],
        ]
        fields = ["pos_reference", "amount_total", "is_tipped", "account_move"]
        (sale,) = self.owner.call(
            "pos.order", "search_read", domain, fields, limit=1, order="id desc"
        )
        sale["documents"] = self.owner.call(
            "salon.invoice.document",
            "search_read",
            [["order_id", "=", sale["id"]]],
            ["state", "kind", "number", "buyer_name", "invoice_values"],
        )
        sale["paid"] = [
            (payment["payment_method_id"][1], payment["amount"])
            for payment in self.owner.call(
                "pos.payment",
                "search_read",
                [["pos_order_id", "=", sale["id"]]],
                ["payment_method_id", "amount"],
                order="id",
            )
        ]
        return sale

    def second_till(self):
        """Open a till beside the first one; they share their sales."""
        card = self.scene["methods"]["card"]
        config = self.owner.call(
            "pos.config",
            "create",
            {
                "name": "Recepció",
                "payment_method_ids": [(6, 0, [card])],
                "trusted_config_ids": [(6, 0, [self.scene["config"]])],
            },
        )
        trusted = {"trusted_config_ids": [(4, config)]}
        self.owner.call("pos.config", "write", [self.scene["config"]], trusted)
        self.seller(config)
        return config

    def euro_till(self):
        """Open a till that sells in euros, at 400 forints."""
        call = self.owner.call
        (euro,) = call(
            "res.currency",
            "search",
            [["name", "=", "EUR"]],
            context={"active_test": False},
        )
        call("res.currency", "write", [euro], {"active": True})
        rate = {"currency_id": euro, "name": "2020-01-01", "rate": 1 / 400}
        call("res.currency.rate", "create", rate)
        sales, cash = (
            call(
                "account.journal",
                "create",
                {"name": name, "type": kind, "code": code, "currency_id": euro},
            )
            for name, kind, code in (
                ("Eladás EUR", "sale", "EURS"),
                ("Kassza EUR", "cash", "EURC"),
            )
        )
        method = {"name": "Euró készpénz", "journal_id": cash}
        pricelist = {"name": "EUR", "currency_id": euro}
        pricelist = call("product.pricelist", "create", pricelist)
        config = call(
            "pos.config",
            "create",
            {
                "name": "Turista",
                "journal_id": sales,
                "invoice_journal_id": sales,
                "payment_method_ids": [
                    (6, 0, [call("pos.payment.method", "create", method)])
                ],
                "use_pricelist": True,
                "available_pricelist_ids": [(6, 0, [pricelist])],
                "pricelist_id": pricelist,
            },
        )
        self.seller(config)
        return config


@pytest.fixture(scope="module")
def day(databases):
    """Return the :class:`Day` of this module's tests."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with (
        databases.temporary(templates.connected) as database,
        Sandbox(
            databases.environment, databases.state, log=LOGS / "sandbox.log"
        ) as sandbox,
    ):
        scene = templates.move(databases, database, sandbox)
        server = OdooServer(databases, database, log=LOGS / "odoo.log")
        with server:
            day = Day(server, sandbox, scene)
            day.seller()
            yield day


@pytest.fixture(scope="module")
def cashier(day, chromium):
    """Return the :class:`Cashier`, logged in."""
    context = chromium.new_context(
        locale="hu-HU",
        timezone_id="Europe/Budapest",
        viewport={"width": 1366, "height": 768},
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    cashier = Cashier(page, day.server)
    cashier.log_in("receptionist", "en_US")
    yield cashier
    context.close()


@pytest.fixture(autouse=True)
def picture(request, cashier):
    """Keep the screen at which a test has failed."""
    yield
    if request.node.stash.get(FAILED, True):
        cashier.page.screenshot(path=LOGS / f"{request.node.name}.png")


def test_the_cashier_has_no_right_to_accounting(day):
    receptionist = day.session("receptionist")
    for group in (
        "account.group_account_readonly",
        "account.group_account_invoice",
        "point_of_sale.group_pos_manager",
    ):
        assert not receptionist.call(
            "res.users", "has_group", [receptionist.info["uid"]], group
        )


def test_a_person_pays_in_two_ways(day, cashier):
    cashier.at(day.scene["config"])
    cashier.choose_product("Hajfestés")
    cashier.choose_customer(PERSON)
    cashier.give("Készpénz", 10000)
    cashier.give("Bankkártya")
    cashier.picture("till-split")
    cashier.asked = 0
    cashier.finish()
    text = cashier.issued()
    sale = day.last()
    (document,) = sale["documents"]
    assert document["number"] in text
    assert document["number"] in cashier.page.inner_text(TITLE)
    assert (document["state"], document["kind"]) == ("issued", "invoice")
    assert document["buyer_name"] == PERSON
    assert sale["paid"] == [("Készpénz", 10000), ("Bankkártya", 6500)]
    assert not sale["account_move"]
    assert cashier.asked == 1
    cashier.picture("till-person-issued")
    cashier.next()


def test_a_tip_is_on_the_sale_and_its_invoice_comes(day, cashier):
    cashier.at(day.scene["config"])
    cashier.choose_product("Manikűr")
    cashier.tip(1000)
    cashier.give("Bankkártya")
    cashier.finish()
    text = cashier.issued()
    sale = day.last()
    assert sale["is_tipped"]
    assert sale["amount_total"] == 7500
    assert sale["documents"][0]["number"] in text
    cashier.next()


def test_a_refund_becomes_a_storno_and_says_so(day, cashier):
    cashier.at(day.scene["config"])
    cashier.choose_product("Férfi hajvágás")
    cashier.give("Készpénz")
    cashier.finish()
    cashier.issued()
    sold = day.last()
    cashier.next()
    cashier.start_refund(sold["pos_reference"])
    cashier.picture("till-refund-payment")
    cashier.give("Készpénz")
    cashier.finish()
    text = cashier.issued()
    refund = day.last()
    (storno,) = refund["documents"]
    assert storno["kind"] == "storno"
    assert storno["number"] in text
    assert storno["number"] in cashier.page.inner_text(TITLE)
    cashier.picture("till-refund-issued")
    cashier.next()


def test_the_other_till_sees_what_becomes_of_a_sale(day, cashier):
    first = day.seller()
    config = day.second_till()
    slow(day.sandbox, 15)
    sold = first.sell([("Férfi hajvágás",)])
    cashier.at(config)
    cashier.click(".navbar-menu .orders-button, .pos-topheader .orders-button")
    cashier.click(".pos-search-bar .filter")
    cashier.click(f".pos-search-bar .filter {PAID}")
    sale = day.last()
    assert sale["id"] == sold
    row = cashier.page.locator(ROW, has_text=sale["pos_reference"])
    row.locator(f"{BADGE}[data-state=pending]").wait_for()
    cashier.picture("till-other-pending")
    row.locator(f"{BADGE}[data-state=issued]").wait_for()
    (document,) = day.last()["documents"]
    assert document["number"] in row.inner_text()
    cashier.picture("till-other-issued")


def test_a_till_in_euros_shows_its_invoice(day, cashier):
    config = day.euro_till()
    cashier.at(config)
    # Its only way to pay is chosen at once.
    cashier.choose_product("Manikűr")
    cashier.page.locator(".payment-screen .paymentline.selected").wait_for()
    cashier.finish()
    text = cashier.issued()
    sale = day.last(config)
    (document,) = sale["documents"]
    assert document["number"] in text
    assert document["invoice_values"]["currency"] == "EUR"
    cashier.picture("till-euro-issued")
    cashier.next()


def test_the_cashier_closes_the_day_when_no_invoice_is_missing(day, cashier):
    session = day.owner.call(
        "pos.session",
        "search",
        [["config_id", "=", day.scene["config"]], ["state", "=", "opened"]],
    )
    cashier.at(day.scene["config"])
    cashier.click(".pos-rightheader button:has(.fa-bars)")
    cashier.click("span.dropdown-item", has_text="Close Register")
    popup = cashier.page.locator(".close-pos-popup")
    popup.locator(".o_salon_closing").wait_for()
    assert not popup.locator(".o_salon_closing li").count()
    cashier.picture("till-closing")
    popup.locator(".fa-clone").first.click()
    popup.locator(".modal-footer .btn-primary").click()
    cashier.page.locator(".open-register-btn").wait_for()
    (closed,) = day.owner.call("pos.session", "read", session, ["state"])
    assert closed["state"] == "closed"
