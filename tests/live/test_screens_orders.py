"""Sales and their invoices at the screens, as each role sees them."""

import re

import pytest
from playwright.sync_api import expect

from devtools.selling import wait
from devtools.till import Till

from .screens import Screens

ORDERS = "point_of_sale.action_pos_pos_form"
SALES = "salon_invoice_bridge.pos_order_action_accountant"
DOCUMENTS = "salon_invoice_bridge.salon_invoice_document_action"


@pytest.fixture
def screens(browser, odoo_server, database, scene):
    """Return the :class:`Screens` of a salon that is connected to Billingo."""
    return Screens(browser, odoo_server(database))


@pytest.fixture
def till(screens, scene):
    """Return the receptionist's till."""
    return Till(screens.rpc("receptionist"), scene)


def notification(screens):
    """Return the answer in the corner."""
    return screens.page.locator(".o_notification").last


def test_a_receptionist_generates_by_hand_and_sees_the_number(screens, till):
    """Seed 000: "OFF: manual from Sales list"."""
    rpc = screens.rpc()
    company = rpc.call("res.company", "search", [])[0]
    rpc.call("res.company", "write", [company], {"salon_automatic": False})
    order = till.sell([("Manikűr",)])
    screens.log_in("receptionist")
    screens.open(ORDERS, order)
    screens.picture("order-not-invoiced")
    screens.button("action_salon_generate")
    expect(notification(screens)).to_have_text(re.compile(r"\S"))
    (sale,) = wait(screens.rpc("manager"), [order])
    assert sale.state == "issued"
    screens.open(ORDERS, order)
    screens.page.locator("a.nav-link[name='salon_invoices']").click()
    screens.page.locator("[name='salon_document_ids'] .o_data_row").wait_for()
    # The web client shows what it remembers first, then what is true.
    screens.page.locator(".o_form_view td", has_text=sale.number).first.wait_for()
    screens.picture("order-invoiced")


def test_an_accountant_finds_sales_and_invoices_without_a_till(screens, till):
    order = till.sell([("Manikűr",)])
    (sale,) = wait(screens.rpc("manager"), [order])
    screens.log_in("accountant")
    screens.open(SALES)
    screens.page.locator(".o_data_row", has_text=sale.number).wait_for()
    screens.picture("accountant-sales")
    screens.open(SALES, order)
    screens.page.locator(".o_form_view", has_text=sale.number).wait_for()
    screens.open(DOCUMENTS)
    screens.page.locator(".o_data_row", has_text=sale.number).wait_for()
    screens.picture("accountant-invoices")
    for view in ("pivot", "graph"):
        screens.click(f"button.o_switch_view.o_{view}")
        screens.page.locator(f".o_{view}_view, .o_{view}_renderer").first.wait_for()


def test_generating_in_bulk_answers_for_all_at_once(screens, till):
    orders = [till.sell([("Manikűr",)]) for _sale in range(3)]
    wait(screens.rpc("manager"), orders)
    screens.log_in("manager")
    screens.open(ORDERS)
    screens.page.locator(".o_data_row").first.wait_for()
    screens.click("thead .o_list_record_selector input")
    screens.click(".o_cp_action_menus button")
    screens.click(".o-dropdown-item, .dropdown-item", has_text="Generate invoice")
    expect(notification(screens)).to_contain_text("SZ")
    documents = screens.rpc().call("salon.invoice.document", "search_count", [])
    assert documents == 3
