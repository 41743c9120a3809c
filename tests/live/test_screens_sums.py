"""What documents come to, as a manager and an accountant see it, in Hungarian."""

import pytest

from devtools.selling import wait
from devtools.till import Till

from .counter import Counter

BRIDGE = "salon_invoice_bridge"
DOCUMENTS = f"{BRIDGE}.salon_invoice_document_action"
VAT = f"{BRIDGE}.salon_invoice_vat_action"
TENDER = f"{BRIDGE}.salon_invoice_tender_action"


@pytest.fixture
def screens(browser, odoo_server, database, scene):
    """Return the :class:`Counter` of a salon that is connected to Billingo."""
    return Counter(browser, odoo_server(database))


@pytest.fixture
def till(screens, scene):
    """Return the receptionist's till."""
    return Till(screens.rpc("receptionist"), scene)


def test_lines_rates_and_tenders_are_read_in_hungarian(screens, till):
    page = screens.page
    orders = [till.sell([("Manikűr",)]), till.sell([("Manikűr",), ("Hajfestés",)])]
    wait(screens.rpc("manager"), orders)
    rpc = screens.rpc()
    (document,) = rpc.call("salon.invoice.document", "search", [], limit=1)
    screens.log_in("manager", "hu_HU")
    screens.open(DOCUMENTS, document)
    content = page.locator(".o_salon_invoice_content")
    content.locator("td", has_text="Hajfestés").wait_for()
    content.locator("td", has_text="27%").first.wait_for()
    screens.picture("hu-document-content")
    screens.open(VAT)
    page.locator(".o_pivot th", has_text="27%").first.wait_for()
    screens.picture("hu-vat-pivot")
    page.locator(".o_pivot_measure_row, .o_pivot").first.wait_for()
    page.click(".o_switch_view.o_graph")
    page.locator(".o_graph_renderer canvas").wait_for()
    screens.picture("hu-vat-graph")
    page.click(".o_switch_view.o_list")
    page.locator(".o_data_row", has_text="27%").first.wait_for()
    screens.picture("hu-vat-list")
    page.locator(".o_data_row td[name=vat]").first.click()
    page.locator(".o_salon_invoice_content").wait_for()
    screens.open(TENDER)
    page.locator(".o_pivot th").first.wait_for()
    screens.settle()
    screens.picture("hu-tender-pivot")
    page.click(".o_switch_view.o_list")
    page.locator(".o_data_row").first.wait_for()
    screens.picture("hu-tender-list")
