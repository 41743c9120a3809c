"""A day at the counter: a cashier without accounting rights sells at the real till.

One server, one salon and one browser for the whole day, in the order of the tests.
"""

import pytest
from playwright.sync_api import expect

from devtools import templates
from devtools.paths import STATE
from devtools.rpc import Session
from devtools.servers import OdooServer, Sandbox
from devtools.till import Till

from .conftest import FAILED
from .counter import Counter, hold

LOGS = STATE / "live" / "test_till_tours"
TITLE = ".receipt-screen .o_salon_slip_title"
PERSON = "Őrségi Zsófia"


class Cashier(Counter):
    """The receptionist, who has been logged in once."""

    def at(self, config):
        """Come to a till where nothing is in the way."""
        self.enter(config)
        self.settle()
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

    def use_deposit(self, number):
        """Take the deposit of a slip off what is on the order."""
        self.click(".more-btn")
        self.click(".control-buttons-modal .salon-deposit-button")
        self.page.locator("#salon-deposit-number").fill(number)
        self.click(".salon-deposit-search")
        self.picture("till-deposit")
        self.click(".salon-deposit")
        self.page.locator(".modal").first.wait_for(state="detached")

    def give(self, method="Készpénz", amount=None):
        """Pay by a method: all of the rest, or an amount that is typed."""
        super().give(method)
        if amount is not None:
            self.press(".payment-screen", amount)


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

    def deposits(self):
        """Sell deposits from now on, for 5,000 Ft, at the tax of what they pay for."""
        call, sold = self.owner.call, self.scene["products"]["Hajfestés"]
        (hair,) = call("product.product", "read", [sold], ["taxes_id"])
        call(
            "product.product",
            "create",
            {
                "name": "Foglaló",
                "type": "service",
                "list_price": 5000,
                "available_in_pos": True,
                "taxes_id": [(6, 0, hair["taxes_id"])],
                "salon_role": "deposit",
            },
        )

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
    context.set_default_timeout(60_000)
    page = context.new_page()
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
    cashier.asked.clear()
    cashier.finish()
    text = cashier.card("issued")
    sale = day.last()
    (document,) = sale["documents"]
    assert document["number"] in text
    expect(cashier.page.locator(TITLE)).to_contain_text(document["number"])
    assert (document["state"], document["kind"]) == ("issued", "invoice")
    assert document["buyer_name"] == PERSON
    assert sale["paid"] == [("Készpénz", 10000), ("Bankkártya", 6500)]
    assert not sale["account_move"]
    assert len(cashier.asked) == 1
    cashier.picture("till-person-issued")
    cashier.next()


def test_a_tip_is_on_the_sale_and_its_invoice_comes(day, cashier):
    cashier.at(day.scene["config"])
    cashier.choose_product("Manikűr")
    cashier.tip(1000)
    cashier.give("Bankkártya")
    cashier.finish()
    text = cashier.card("issued")
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
    cashier.card("issued")
    sold = day.last()
    cashier.next()
    cashier.start_refund(sold["pos_reference"])
    cashier.picture("till-refund-payment")
    cashier.give("Készpénz")
    cashier.finish()
    text = cashier.card("issued")
    refund = day.last()
    (storno,) = refund["documents"]
    assert storno["kind"] == "storno"
    assert storno["number"] in text
    expect(cashier.page.locator(TITLE)).to_contain_text(storno["number"])
    cashier.picture("till-refund-issued")
    cashier.next()


def test_a_deposit_is_taken_off_what_it_was_paid_for(day, cashier):
    day.deposits()
    cashier.at(day.scene["config"])
    cashier.choose_product("Foglaló")
    cashier.give("Bankkártya")
    cashier.finish()
    cashier.card("issued")
    paid = day.last()
    (advance,) = paid["documents"]
    assert advance["invoice_values"]["advance"]
    cashier.next()
    cashier.click("article.product", has_text="Hajfestés")
    cashier.use_deposit(paid["pos_reference"])
    cashier.click("button.pay-order-button")
    cashier.page.locator(".payment-screen").wait_for()
    cashier.give("Bankkártya")
    cashier.finish()
    cashier.card("issued")
    sale = day.last()
    (final,) = sale["documents"]
    assert sale["amount_total"] == 16500 - 5000
    named = [one["number"] for one in final["invoice_values"]["advances"]]
    assert named == [advance["number"]]
    cashier.picture("till-deposit-issued")
    cashier.next()


def test_the_other_till_sees_what_becomes_of_a_sale(day, cashier):
    first = day.seller()
    config = day.second_till()
    cashier.at(config)
    go_on = hold(day.sandbox)
    sold = first.sell([("Férfi hajvágás",)])
    cashier.open_list()
    cashier.filter()
    sale = day.last()
    assert sale["id"] == sold
    assert cashier.badge(sale["pos_reference"], "pending")
    cashier.picture("till-other-pending")
    go_on()
    text = cashier.badge(sale["pos_reference"], "issued")
    (document,) = day.last()["documents"]
    assert document["number"] in text
    cashier.picture("till-other-issued")


def test_a_till_in_euros_shows_its_invoice(day, cashier):
    config = day.euro_till()
    cashier.at(config)
    # Its only way to pay is chosen at once.
    cashier.choose_product("Manikűr")
    cashier.page.locator(".payment-screen .paymentline.selected").wait_for()
    cashier.finish()
    text = cashier.card("issued")
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
    cashier.close_register()
    popup = cashier.page.locator(".close-pos-popup")
    popup.locator(".o_salon_closing").wait_for()
    assert not popup.locator(".o_salon_closing li").count()
    cashier.picture("till-closing")
    popup.locator(".fa-clone").first.click()
    popup.locator(".modal-footer .btn-primary").click()
    cashier.page.locator(".open-register-btn").wait_for()
    (closed,) = day.owner.call("pos.session", "read", session, ["state"])
    assert closed["state"] == "closed"
