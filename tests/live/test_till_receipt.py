"""Receipts at the real till: the cashier's choice, the slip, and a paper receipt."""

import pytest
from playwright.sync_api import expect

from devtools import arena
from devtools.selling import wait

from .counter import CARD, Counter, settings
from .test_till_invoice import documents, last_sale

SLIP = ".receipt-screen .pos-receipt"
CHOICE = ".js_salon_choice"
#: In the demo's salon, and in the sandbox.
COMPANY, RECEIPTS = "Árvíztűrő & Tükörfúró Kft.", "12"
RECEIPT = {"method": "POST", "path": "/documents/receipt$"}
WATCH = "@salon_invoice_bridge/app/utils/invoice_watch"


class Desk(Counter):
    """A receptionist of a salon that gives receipts unless asked for an invoice."""

    def choose(self, wish):
        self.click(f"{CHOICE}[data-wish={wish}]")
        self.see_choice(wish)

    def see_choice(self, wish):
        chosen = self.page.locator(f"{CHOICE}[aria-checked=true]")
        expect(chosen).to_have_count(1)
        expect(chosen).to_have_attribute("data-wish", wish)

    def hurry(self):
        """Have the till give up asking at once."""
        self.page.evaluate(
            """(path) => {
                const {DELAYS} = odoo.loader.modules.get(path);
                DELAYS.ask = [500, 1_500];
            }""",
            WATCH,
        )

    def record_paper(self, number):
        self.click(f"{CARD} .o_salon_paper")
        self.page.locator(".modal textarea").fill(number)
        self.click(".modal .btn-primary")
        self.page.locator(".modal").wait_for(state="detached")

    def offline(self, is_offline):
        # Not the button of the dialog in which a number is typed.
        warning = self.page.locator(
            ".modal .btn-primary", has_text="Continue with limited functionality"
        )
        if is_offline:
            self.page.add_locator_handler(warning, lambda button: button.click())
        else:
            self.page.remove_locator_handler(warning)
        self.page.context.set_offline(is_offline)
        self.page.wait_for_function(
            f"posmodel.data.network.offline === {'true' if is_offline else 'false'}"
        )


@pytest.fixture
def desk(browser, odoo_server, database, scene):
    """Return the receptionist's :class:`Desk`."""
    desk = Desk(browser, odoo_server(database))
    settings(desk, "salon.invoice.account", receipt_block=RECEIPTS)
    settings(desk, "res.company", salon_which="request")
    return desk


def test_the_cashier_chooses_receipt_or_invoice(desk, scene):
    desk.open_till(scene, "en_US")
    desk.choose_product("Női hajvágás")
    desk.see_choice("receipt")
    desk.picture("till-choice")
    desk.pay()
    text = desk.card("issued")
    sale = last_sale(desk)
    (document,) = documents(desk, sale)
    assert document["number"] in text
    slip = desk.page.locator(SLIP)
    expect(slip).to_contain_text(f"Receipt no. {document['number']}")
    expect(slip.locator(".o_salon_slip_rate")).to_have_count(1)
    expect(slip.locator(".o_salon_slip_total")).to_contain_text("8,900")
    desk.picture("slip-receipt")
    desk.next()

    desk.choose_product("Manikűr")
    desk.choose("invoice")
    desk.pay()
    desk.card("issued")
    expect(desk.page.locator(f"{SLIP} .o_salon_slip_title")).to_contain_text("Invoice:")
    kinds = desk.rpc("manager").call(
        "salon.invoice.document", "search_read", [], ["kind"], order="id"
    )
    assert [row["kind"] for row in kinds] == ["receipt", "invoice"]


def test_the_law_leaves_no_choice(desk, scene):
    """A business buyer gets an invoice (VAT Act 165-166: sure)."""
    desk.open_till(scene, "en_US")
    desk.choose_product("Női hajvágás")
    desk.choose("receipt")
    desk.choose_customer(COMPANY)
    expect(desk.page.locator(CHOICE)).to_have_count(0)
    switch = desk.page.locator(".js_salon_invoice[aria-checked=true]")
    expect(switch).to_have_count(1)
    desk.picture("till-choice-law")
    desk.pay()
    (settled,) = wait(desk.rpc("manager"), [last_sale(desk)["id"]])
    assert settled.state == "issued"
    expect(desk.page.locator(f"{SLIP} .o_salon_slip_title")).to_contain_text("Invoice:")


def test_a_paper_receipt_is_recorded_while_the_service_is_silent(desk, scene, sandbox):
    control = arena.Control(sandbox)
    control.fault("status_before", status=503, html=True, times=None)
    desk.open_till(scene, "en_US")
    desk.hurry()
    desk.choose_product("Női hajvágás")
    desk.pay()
    expect(desk.page.locator(f"{SLIP} .o_salon_slip_title")).to_contain_text(
        "neither an invoice nor a receipt"
    )
    desk.page.locator(f"{CARD} .o_salon_paper").wait_for()
    desk.picture("till-paper")
    desk.record_paper("AB 1234567")
    sale = last_sale(desk)
    paper = desk.rpc("manager").call(
        "pos.order", "read", [sale["id"]], ["salon_paper_number"]
    )
    assert paper[0]["salon_paper_number"] == "AB 1234567"
    desk.picture("till-paper-recorded")
    control.clear_faults()


def test_a_paper_receipt_of_an_offline_till_goes_with_the_sale(desk, scene, sandbox):
    desk.open_till(scene, "en_US")
    desk.choose_product("Manikűr")
    desk.give()
    desk.offline(True)
    desk.validate()
    desk.page.locator(".receipt-screen").wait_for()
    desk.card("offline")
    desk.record_paper("AB 1234568")
    expect(desk.page.locator(f"{CARD} .o_salon_title")).to_contain_text("AB 1234568")
    desk.offline(False)
    desk.page.evaluate("posmodel.syncAllOrders()")
    desk.page.wait_for_function(
        "posmodel.models['pos.order'].getAll().every((order) => order.isSynced)"
    )
    (document,) = documents(desk, last_sale(desk))
    assert (document["state"], document["skip_reason"]) == ("skipped", "paper")
    issued = [
        entry
        for entry in arena.Control(sandbox).ledger()["documents"]
        if not entry["deleted"]
    ]
    assert not issued
