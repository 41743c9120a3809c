"""Company data of a paid sale: from the till's list, and from the back office."""

import time

import pytest
from playwright.sync_api import expect

from devtools.selling import wait
from devtools.till import Till

from .counter import CARD, Counter, hold
from .test_till_status import settings

BUTTON = ".ticket-screen .o_salon_change_buyer"
NUMBER, NAME = "11112222-2-41", "PRÓBA SZÉPSÉG KFT."
#: In the demo's salon.
COMPANY = "Árvíztűrő & Tükörfúró Kft."


class Desk(Counter):
    """A receptionist at the list of orders, and the dialog that asks for the buyer."""

    def sold(self, scene, customer="person"):
        """Sell, wait for the invoice, and return the sale with its receipt's number."""
        till = Till(self.rpc("receptionist"), scene)
        sale = till.sell([("Női hajvágás",)], customer=scene["customers"][customer])
        wait(self.rpc("manager"), [sale])
        (read,) = self.rpc().call("pos.order", "read", [sale], ["pos_reference"])
        return sale, read["pos_reference"]

    def documents(self, sale):
        return self.rpc().call(
            "salon.invoice.document",
            "search_read",
            [["order_id", "=", sale]],
            ["kind", "state", "number", "buyer_name", "reason"],
            order="id",
        )

    def wait_for_documents(self, sale, count):
        """Return the documents of a sale, once there are so many, and all settled."""
        deadline = time.monotonic() + 60
        while True:
            found = self.documents(sale)
            settled = {row["state"] for row in found} <= {"issued", "cancelled"}
            if len(found) == count and settled:
                return found
            assert time.monotonic() < deadline, found
            time.sleep(0.3)

    def give_number(self):
        """Press *Company data*, type the number, and take what is found."""
        self.click(BUTTON)
        self.page.locator(".salon-buyer-dialog").wait_for()
        self.page.keyboard.type("11112222241")
        self.page.keyboard.press("Enter")
        self.page.locator(".salon-known, .salon-partner").first.wait_for()
        self.page.locator(".salon-use").click()
        self.page.locator(".salon-buyer-dialog").wait_for(state="detached")

    def asked_whether(self):
        """Return what the cashier is asked, or told."""
        box = self.page.locator(".modal:not(:has(.salon-buyer-dialog)) .modal-body")
        box.wait_for()
        return box.inner_text()


@pytest.fixture
def desk(browser, odoo_server, database, scene):
    """Return the receptionist's :class:`Desk`."""
    return Desk(browser, odoo_server(database))


@pytest.mark.parametrize("language", ["en_US", "hu_HU"])
def test_an_issued_invoice_is_made_out_to_a_company_from_the_list(
    desk, scene, sandbox, language
):
    settings(desk, "res.company", salon_cashier_may_change_buyer=True)
    sale, reference = desk.sold(scene)
    (first,) = desk.documents(sale)
    desk.open_till(scene, language)
    desk.open_sale(reference)
    assert desk.card("issued")
    desk.picture(f"{language}-selected")
    desk.give_number()
    assert first["number"] in desk.asked_whether()
    assert NAME in desk.asked_whether()
    desk.picture(f"{language}-question")
    go_on = hold(sandbox, method="POST")
    desk.click(".modal .btn-primary")
    assert desk.card("pending")
    desk.picture(f"{language}-pending")
    go_on()
    documents = desk.wait_for_documents(sale, 3)
    assert [row["kind"] for row in documents] == ["invoice", "storno", "invoice"]
    assert documents[-1]["buyer_name"] == NAME
    # Nobody presses anything: the worker's message changes the card.
    expect(desk.page.locator(CARD)).to_contain_text(documents[-1]["number"])
    desk.picture(f"{language}-issued")


def test_who_may_not_is_told_and_nothing_happens(desk, scene):
    sale, reference = desk.sold(scene)
    desk.open_till(scene, "en_US")
    desk.open_sale(reference)
    desk.give_number()
    assert "a manager of Point of Sale" in desk.asked_whether()
    desk.picture("refused")
    assert [row["state"] for row in desk.documents(sale)] == ["issued"]


def test_a_sale_without_an_invoice_gets_one_for_the_company(desk, scene):
    settings(desk, "res.company", salon_automatic=False)
    till = Till(desk.rpc("receptionist"), scene)
    sale = till.sell([("Manikűr",)])
    (read,) = till.session.call("pos.order", "read", [sale], ["pos_reference"])
    desk.open_till(scene, "en_US")
    desk.open_sale(read["pos_reference"])
    desk.give_number()
    assert "No invoice of this sale has been sent yet" in desk.asked_whether()
    desk.picture("not-sent")
    desk.click(".modal .btn-primary")
    (document,) = desk.wait_for_documents(sale, 1)
    assert document["buyer_name"] == NAME


def test_a_manager_changes_it_in_the_back_office(desk, scene):
    sale, _reference = desk.sold(scene)
    (first,) = desk.documents(sale)
    desk.log_in("manager")
    desk.open("point_of_sale.action_pos_pos_form", sale)
    desk.page.locator(".o_form_view").wait_for()
    desk.picture("order")
    desk.click("button:visible", has_text="Company Data")
    desk.page.locator(".modal [name=partner_id]").wait_for()
    desk.picture("form-empty")
    # The order behind the form has a field of that name, too.
    desk.click(".modal [name=partner_id] input")
    desk.click(".o-autocomplete--dropdown-item", has_text=COMPANY)
    question = desk.page.locator(".modal .alert-info")
    expect(question).to_contain_text(first["number"])
    desk.picture("form-question")
    desk.button("action_change")
    documents = desk.wait_for_documents(sale, 3)
    assert documents[-1]["buyer_name"] == COMPANY
    desk.open("point_of_sale.action_pos_pos_form", sale)
    desk.page.locator(".o_form_view").wait_for()
    desk.picture("order-changed")
    desk.open("salon_invoice_bridge.salon_invoice_document_action", documents[-1]["id"])
    desk.picture("document-changed")
