"""Company data of a paid sale: from the till's list, and from the back office."""

import time

import pytest

from devtools.selling import wait
from devtools.till import Till

from .test_till_orders import List

BUTTON = ".ticket-screen .o_salon_change_buyer"
CARD = ".ticket-screen .o_salon_invoice_card"
NUMBER, NAME = "11112222-2-41", "PRÓBA SZÉPSÉG KFT."
#: In the demo's salon.
COMPANY = "Árvíztűrő & Tükörfúró Kft."


class Desk(List):
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

    def allow(self, allowed=True):
        """Let the company's cashiers change the buyer of what is issued."""
        rpc = self.rpc()
        companies = rpc.call("res.company", "search", [])
        rpc.call(
            "res.company",
            "write",
            companies,
            {"salon_cashier_may_change_buyer": allowed},
        )

    def choose_sale(self, reference):
        """Open the list, and choose a paid sale."""
        self.open_list()
        self.filter()
        self.choose(reference)

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
    desk, scene, language
):
    desk.allow()
    sale, reference = desk.sold(scene)
    (first,) = desk.documents(sale)
    desk.open_till(scene, language)
    desk.choose_sale(reference)
    desk.page.locator(f"{CARD}[data-state=issued]").wait_for()
    desk.picture(f"{language}-selected")
    desk.give_number()
    assert first["number"] in desk.asked_whether()
    assert NAME in desk.asked_whether()
    desk.picture(f"{language}-question")
    desk.click(".modal .btn-primary")
    desk.page.locator(f"{CARD}[data-state=pending]").wait_for()
    desk.picture(f"{language}-pending")
    documents = desk.wait_for_documents(sale, 3)
    assert [row["kind"] for row in documents] == ["invoice", "storno", "invoice"]
    assert documents[-1]["buyer_name"] == NAME
    # Nobody presses anything: the worker's message changes the card.
    desk.page.locator(CARD, has_text=documents[-1]["number"]).wait_for()
    desk.picture(f"{language}-issued")


def test_who_may_not_is_told_and_nothing_happens(desk, scene):
    sale, reference = desk.sold(scene)
    desk.open_till(scene, "en_US")
    desk.choose_sale(reference)
    desk.give_number()
    assert "a manager of Point of Sale" in desk.asked_whether()
    desk.picture("refused")
    assert [row["state"] for row in desk.documents(sale)] == ["issued"]


def test_a_sale_without_an_invoice_gets_one_for_the_company(desk, scene):
    rpc = desk.rpc()
    companies = rpc.call("res.company", "search", [])
    rpc.call("res.company", "write", companies, {"salon_automatic": False})
    till = Till(desk.rpc("receptionist"), scene)
    sale = till.sell([("Manikűr",)])
    (read,) = rpc.call("pos.order", "read", [sale], ["pos_reference"])
    desk.open_till(scene, "en_US")
    desk.choose_sale(read["pos_reference"])
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
    question.wait_for()
    assert first["number"] in question.inner_text()
    desk.picture("form-question")
    desk.button("action_change")
    documents = desk.wait_for_documents(sale, 3)
    assert documents[-1]["buyer_name"] == COMPANY
    desk.open("point_of_sale.action_pos_pos_form", sale)
    desk.page.locator(".o_form_view").wait_for()
    desk.picture("order-changed")
    desk.open("salon_invoice_bridge.salon_invoice_document_action", documents[-1]["id"])
    desk.picture("document-changed")
