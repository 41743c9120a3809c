"""The till's list of orders and its closing dialog, as a receptionist uses them."""

import os
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from devtools import templates
from devtools.selling import wait
from devtools.till import Till

from .counter import BADGE, CARD, ROW, TEXT, Counter, hold, settings, untaxed
from .screens import DESKTOP, PHONE

CLOSING = ".close-pos-popup .o_salon_closing"
#: Widths that a till is used at, beside the desk's and the phone's.
TABLETS = {"tablet": (1024, 768), "upright": (820, 1180)}


class List(Counter):
    """A receptionist at the till's list of orders."""

    @property
    def rows(self):
        """The listed sales."""
        return self.page.locator(ROW)

    def search_number(self, text):
        """Search for an invoice's number."""
        self.page.fill(".pos-search-bar input", text)
        self.page.locator(".pos-search-bar input").press("End")
        self.click(".pos-search-bar .fields li >> nth=2")

    def see_listed(self, *references):
        """Wait until just these sales are listed, the newest first."""
        self.settle()
        references = list(references)
        expect(self.rows.locator("td:nth-child(2) .small")).to_have_text(references)

    def counts(self):
        """Return ``{filter: text}`` of the closing dialog, which is drawn at once."""
        rows = self.page.locator(f"{CLOSING} li")
        return {
            row.get_attribute("data-filter"): row.locator("> span").inner_text()
            for row in rows.all()
        }

    def pictures(self, name):
        """Keep the screen at all widths."""
        self.picture(name)
        if folder := os.environ.get("SALON_SCREENS"):
            before = self.page.viewport_size
            for suffix, (width, height) in TABLETS.items():
                self.page.set_viewport_size({"width": width, "height": height})
                self.page.wait_for_timeout(600)
                self.page.screenshot(path=Path(folder) / f"{name}-{suffix}.png")
            self.page.set_viewport_size(before)
            self.page.wait_for_timeout(300)


@pytest.fixture
def desk(browser, odoo_server, database, scene):
    """Return the receptionist's :class:`List`."""
    return List(browser, odoo_server(database))


class Day:
    """What a salon has sold, with each state that an invoice can be in.

    The one that is pending is sold by :meth:`sell_pending`.
    """

    def __init__(self, desk, scene, sandbox):
        self.desk, self.sandbox = desk, sandbox
        self.rpc = desk.rpc("manager")
        self.mend = untaxed(desk, scene, "Manikűr")
        self.till = till = Till(desk.rpc("receptionist"), scene)
        self.issued = till.sell(
            [("Női hajvágás",)], customer=scene["customers"]["company"]
        )
        self.cancelled = till.sell([("Férfi hajvágás",)])
        self.attention = till.sell([("Manikűr",)])
        wait(self.rpc, [self.issued, self.cancelled, self.attention])
        self.cancel(self.cancelled)
        settings(desk, "res.company", salon_automatic=False)
        self.skipped = till.sell([("Hajfestés",)])
        settings(desk, "res.company", salon_automatic=True)

    def sell_pending(self):
        """Sell what the service makes no document of before ``go_on()``."""
        self.go_on = hold(self.sandbox)
        self.pending = self.till.sell([("Sampon, 250 ml",)])

    def cancel(self, sale):
        """Cancel a sale's invoice, and wait until it is."""
        (document,) = self.documents(sale)
        form = self.rpc.call(
            "salon.invoice.storno",
            "create",
            [{"document_id": document["id"], "reason": "Elírás"}],
        )
        self.rpc.call("salon.invoice.storno", "action_cancel_invoice", form)
        deadline = time.monotonic() + 60
        while self.documents(sale)[0]["state"] != "cancelled":
            assert time.monotonic() < deadline
            time.sleep(0.3)

    def documents(self, sale):
        """Return the documents of a sale."""
        return self.rpc.call(
            "salon.invoice.document",
            "search_read",
            [["order_id", "=", sale]],
            ["number", "state", "public_url"],
            order="id",
        )

    def number(self, sale):
        """Return the number of a sale's first document."""
        return self.documents(sale)[0]["number"]

    def reference(self, sale):
        """Return what the list calls a sale."""
        (read,) = self.rpc.call("pos.order", "read", [sale], ["pos_reference"])
        return read["pos_reference"]


def test_each_row_says_what_becomes_of_its_invoice_by_one_question(
    desk, scene, sandbox
):
    day = Day(desk, scene, sandbox)
    desk.open_till(scene, "en_US")
    day.sell_pending()
    desk.open_list()
    desk.page.locator(".ticket-screen .filter").wait_for()
    desk.settle()
    desk.asked.clear()
    desk.filter()
    issued = desk.badge(day.reference(day.issued), "issued")
    assert day.number(day.issued) in issued
    cancelled = desk.badge(day.reference(day.cancelled), "cancelled")
    assert day.number(day.cancelled) in cancelled
    assert "Needs attention" in desk.badge(day.reference(day.attention), "attention")
    skipped = desk.badge(day.reference(day.skipped), "skipped")
    assert "made by hand" in skipped
    pending = desk.badge(day.reference(day.pending), "pending")
    assert "Being made" in pending
    desk.settle()
    assert len(desk.asked) == 1
    assert len(desk.asked[0]) == 5
    desk.choose_sale(day.reference(day.attention))
    desk.pictures("list")
    # What can be given back is still to be seen.
    width, height = TABLETS["tablet"]
    desk.page.set_viewport_size({"width": width, "height": height})
    line = desk.page.locator(".ticket-screen .leftpane .order-container")
    desk.settle()
    assert line.bounding_box()["height"] > 35
    desk.page.set_viewport_size(PHONE)
    desk.page.locator(f".mobileOrderList {BADGE}[data-state=attention]").wait_for()
    desk.page.set_viewport_size(DESKTOP)
    day.go_on()
    # The message of the worker changes the row.
    assert desk.badge(day.reference(day.pending), "issued")
    desk.settle()
    assert desk.asked[1:] == [[day.pending]]


def test_what_needs_attention_is_found_and_tried_again(desk, scene, sandbox):
    day = Day(desk, scene, sandbox)
    desk.open_till(scene, "hu_HU")
    day.sell_pending()
    desk.open_list()
    for state in ("skipped", "pending", "attention"):
        sale = day.reference(getattr(day, state))
        desk.filter(state)
        desk.badge(sale, state)
        desk.see_listed(sale)
    desk.choose_sale(sale)
    card = desk.page.locator(f"{CARD}[data-state=attention]")
    card.wait_for()
    expect(card.locator(".o_salon_reason")).to_have_text(TEXT)
    desk.pictures("attention")
    day.mend()
    day.go_on()
    button = card.locator(".o_salon_retry")
    button.focus()
    desk.page.keyboard.press("Enter")
    desk.page.locator(f"{CARD}[data-state=issued]").wait_for()
    assert day.number(day.attention) in desk.badge(sale, "issued")
    desk.settle()
    assert not desk.page.locator(f"{CARD} .o_salon_retry").count()
    desk.filter()
    expect(desk.rows).to_have_count(5)


def sold_yesterday(desk, scene):
    """Sell, close the session, and return the sale and its invoice."""
    till = Till(desk.rpc("receptionist"), scene)
    sale = till.sell([("Női hajvágás",)])
    other = till.sell([("Férfi hajvágás",)])
    rpc = desk.rpc("manager")
    wait(rpc, [sale, other])
    for method, arguments in (
        ("post_closing_cash_details", [13890.0]),
        ("update_closing_control_state_session", [""]),
        ("close_session_from_ui", []),
    ):
        rpc.call("pos.session", method, [till.session_id], *arguments)
    (session,) = rpc.call("pos.session", "read", [till.session_id], ["state"])
    assert session["state"] == "closed"
    return till, sale


def test_a_sale_of_an_earlier_session_is_found_by_its_number_and_opened(desk, scene):
    _till, sale = sold_yesterday(desk, scene)
    rpc = desk.rpc("manager")
    (document,) = rpc.call(
        "salon.invoice.document",
        "search_read",
        [["order_id", "=", sale]],
        ["number", "pos_reference"],
    )
    desk.open_till(scene, "en_US")
    desk.open_list()
    desk.filter()
    expect(desk.rows).to_have_count(2)
    desk.search_number(document["number"])
    desk.see_listed(document["pos_reference"])
    assert document["number"] in desk.badge(document["pos_reference"], "issued")
    desk.choose_sale(document["pos_reference"])
    button = desk.page.locator(".ticket-screen .control-button:has(.fa-file-pdf-o)")
    expect(button).to_contain_text("Open invoice")
    desk.pictures("found")
    opened = desk.open_invoice()
    fetched = rpc.call(
        "salon.invoice.document", "read", [document["id"]], ["public_url"]
    )
    expect(opened).to_have_url(fetched[0]["public_url"])
    opened.close()
    desk.click(".ticket-screen .control-button:has(.fa-print)")
    assert document["number"] in desk.printed(1)[0]
    # What nothing is found by, lists nothing.
    desk.search_number("no such number")
    expect(desk.rows).to_have_count(0)
    desk.page.fill(".pos-search-bar input", "")
    desk.page.locator(".pos-search-bar input").press("Backspace")
    expect(desk.rows).to_have_count(2)


def test_a_trusted_till_shows_and_opens_the_invoice(desk, scene):
    rpc = desk.rpc()
    till = Till(desk.rpc("receptionist"), scene)
    sale = till.sell([("Női hajvágás",)])
    wait(desk.rpc("manager"), [sale])
    second = rpc.call(
        "pos.config",
        "create",
        [
            {
                "name": "Második kassza",
                "payment_method_ids": [scene["methods"]["card"]],
                "trusted_config_ids": [scene["config"]],
            }
        ],
    )[0]
    other = Counter.open_till(desk, {**scene, "config": second}, "en_US")
    assert other.session_id != till.session_id
    (read,) = rpc.call("pos.order", "read", [sale], ["pos_reference"])
    desk.open_list()
    desk.filter()
    assert desk.badge(read["pos_reference"], "issued")
    desk.choose_sale(read["pos_reference"])
    desk.open_invoice().close()


def test_a_print_asks_for_the_number_first(desk, scene, sandbox):
    till = desk.open_till(scene, "en_US")
    go_on = hold(sandbox)
    sale = till.sell([("Manikűr",)])
    desk.open_list()
    desk.filter()
    (read,) = till.session.call("pos.order", "read", [sale], ["pos_reference"])
    desk.badge(read["pos_reference"], "pending")
    desk.choose_sale(read["pos_reference"])
    # As if the message were lost.
    desk.page.evaluate("posmodel.salonWatch.hear = () => {}")
    go_on()
    (settled,) = wait(desk.rpc("manager"), [sale])
    desk.badge(read["pos_reference"], "pending")
    desk.click(".ticket-screen .control-button:has(.fa-print)")
    assert settled.number in desk.printed(1)[0]
    assert settled.number in desk.badge(read["pos_reference"], "issued")


# === CLOSING === #


def test_the_closing_dialog_counts_and_leads_to_the_sales(desk, scene, sandbox):
    day = Day(desk, scene, sandbox)
    desk.open_till(scene, "en_US")
    day.sell_pending()
    desk.close_register()
    assert desk.counts() == {
        "SALON_ATTENTION": "Need attention: 1",
        "SALON_PENDING": "Being made: 1",
        "SALON_SKIPPED": "Without invoice, by the shop's settings: 1",
    }
    assert not desk.page.locator(f"{CLOSING} .o_salon_backend").count()
    desk.pictures("closing")
    button = desk.page.locator(f"{CLOSING} [data-filter=SALON_ATTENTION] button")
    expect(button).to_contain_text("Need attention: 1")
    button.focus()
    desk.page.keyboard.press("Enter")
    desk.badge(day.reference(day.attention), "attention")
    desk.see_listed(day.reference(day.attention))
    # From the list itself, too.
    desk.close_register()
    desk.click(f"{CLOSING} [data-filter=SALON_SKIPPED] button")
    desk.badge(day.reference(day.skipped), "skipped")
    desk.see_listed(day.reference(day.skipped))


def test_a_session_is_closed_whatever_is_open(desk, scene, sandbox):
    day = Day(desk, scene, sandbox)
    till = desk.open_till(scene, "en_US")
    day.sell_pending()
    desk.close_register()
    assert len(desk.counts()) == 3
    desk.click(".close-pos-popup .fa-clone >> nth=0")
    desk.click(".close-pos-popup .btn-primary.highlight")
    desk.page.locator(".open-register-btn").wait_for()
    (session,) = till.session.call("pos.session", "read", [till.session_id], ["state"])
    assert session["state"] == "closed"


def test_a_manager_finds_the_list_of_all_invoices(desk, scene):
    till = Till(desk.rpc("receptionist"), scene)
    wait(desk.rpc("manager"), [till.sell([("Manikűr",)])])
    desk.log_in("manager", "en_US")
    desk.enter(scene["config"])
    desk.close_register()
    assert desk.counts() == {}
    expect(desk.page.locator(f"{CLOSING} .fa-check")).to_have_count(1)
    desk.picture("closing-manager")
    with desk.page.context.expect_page() as opened:
        desk.click(f"{CLOSING} .o_salon_backend")
    opened.value.locator(".o_list_view .o_data_row").first.wait_for()
    opened.value.close()


class TestNotConnected:
    """A till without a service is as Odoo made it."""

    @pytest.fixture
    def template(self):
        """Return the salon that has no service yet."""
        return templates.unconnected

    def test_the_list_and_the_closing_dialog_are_odoos(self, desk, scene):
        till = Till(desk.rpc("receptionist"), scene)
        sale = till.sell([("Manikűr",)])
        (read,) = till.session.call("pos.order", "read", [sale], ["pos_reference"])
        desk.open_till(scene, "en_US")
        desk.open_list()
        desk.click(".pos-search-bar .filter")
        options = desk.page.locator(".pos-search-bar .filter li")
        expect(options).to_have_count(5)
        options.last.click()
        desk.see_listed(read["pos_reference"])
        desk.choose_sale(read["pos_reference"])
        desk.page.locator(".ticket-screen .control-buttons").wait_for()
        desk.settle()
        assert not desk.page.locator(f"{BADGE}, {CARD}").count()
        assert not desk.asked
        desk.close_register()
        desk.settle()
        assert not desk.page.locator(".o_salon_closing").count()
