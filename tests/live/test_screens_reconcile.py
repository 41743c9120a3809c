"""What a manager reads of a reconciliation, and mends from its page."""

import time

import pytest
from playwright.sync_api import expect

from devtools.selling import wait
from devtools.till import Till

from .counter import Counter
from .screens import DESKTOP, PHONE
from .test_concurrency import Books
from .test_screens_lists import BRIDGE, untaxed

RECONCILIATIONS = f"{BRIDGE}.salon_invoice_reconciliation_action"
MODEL = "salon.invoice.reconciliation"


@pytest.fixture
def screens(browser, odoo_server, database, scene):
    """Return the :class:`Counter` of a salon that is connected to Billingo."""
    return Counter(browser, odoo_server(database))


def compared(rpc, row):
    """Return a reconciliation once all is compared; the workers do it."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        (found,) = rpc.call(
            MODEL, "read", [row], ["state", "outcome", "open_count", "summary"]
        )
        if found["state"] == "done":
            return found
        time.sleep(0.5)
    raise AssertionError(found)


def test_a_manager_mends_what_differs_from_one_page(screens, scene):
    """A sale whose tax had no code: mended, asked for with one press, and it agrees."""
    page, rpc = screens.page, screens.rpc("manager")
    till = Till(screens.rpc("receptionist"), scene)
    wait(rpc, [till.sell([("Női hajvágás",)]), till.sell([("Férfi hajvágás",)])])
    tax = untaxed(screens, scene, "Manikűr")
    till = Till(screens.rpc("receptionist"), scene)  # it has read its products
    wait(rpc, [till.sell([("Manikűr",)])])
    row = rpc.call(MODEL, "action_month", [])["res_id"]
    found = compared(rpc, row)
    assert (found["outcome"], found["open_count"]) == ("differs", 1)
    screens.log_in("manager", "hu_HU")
    screens.open(RECONCILIATIONS)
    page.locator(".o_data_row").first.wait_for()
    screens.settle()
    screens.picture("reconciliations")
    screens.open(RECONCILIATIONS, row)
    page.locator("[name='difference_ids'] .o_data_row").first.wait_for()
    screens.settle()
    screens.picture("reconciliation")
    page.locator("a.nav-link[name='sums']").click()
    page.locator("[name='sum_ids'] .o_data_row").first.wait_for()
    screens.picture("reconciliation-sums")
    page.set_viewport_size(PHONE)
    screens.open(RECONCILIATIONS)
    page.locator(".o_kanban_record").first.wait_for()
    screens.settle()
    screens.picture_now("reconciliations-kanban")
    screens.open(RECONCILIATIONS, row)
    page.locator("a.nav-link[name='sums']").click()
    card = page.locator("[name='sum_ids'] .o_kanban_record", has_text="27%")
    expect(card).to_contain_text("13.890")
    screens.settle()
    screens.picture_now("reconciliation-sums-cards")
    page.set_viewport_size(DESKTOP)
    screens.rpc().call("account.tax", "write", [tax], {"salon_vat_code": "AAM"})
    screens.open(RECONCILIATIONS, row)
    page.locator("[name='difference_ids'] .o_data_row").first.wait_for()
    screens.button("action_ask")
    screens.settle()
    deadline = time.monotonic() + 60
    documents = [["state", "=", "attention"]]
    while rpc.call("salon.invoice.document", "search_count", documents):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    rpc.call(MODEL, "action_again", [row])
    found = compared(rpc, row)
    assert (found["outcome"], found["open_count"]) == ("agrees", 0), found
    screens.open(RECONCILIATIONS, row)
    page.locator("[name='difference_ids'] .o_data_row").first.wait_for()
    screens.settle()
    screens.picture("reconciliation-agrees")


def test_who_asks_for_what_is_at_the_service_is_asked_first(
    databases, database, screens, scene, sandbox
):
    """A person has made it there by hand: it is taken, and no second one is made."""
    page = screens.page
    books = Books(databases, database, screens.server, scene, sandbox)
    order, made = books.forget(5200)
    row = screens.rpc("manager").call(MODEL, "action_month", [])["res_id"]
    found = compared(screens.rpc("manager"), row)
    assert (found["outcome"], found["open_count"]) == ("differs", 1), found
    screens.log_in("manager", "hu_HU")
    screens.open(RECONCILIATIONS, row)
    page.locator("[name='difference_ids'] .o_data_row").first.wait_for()
    screens.button("action_ask")
    dialog = page.locator(".modal")
    expect(dialog).to_contain_text("5.200")
    expect(dialog).to_contain_text("már van")
    screens.picture("reconciliation-asked-first")
    dialog.locator("button[name='action_adopt']").click()
    sure = page.locator(".modal", has_text="A szolgáltatónál lévő")
    sure.locator(".btn-primary").last.click()
    taken = [["order_id", "=", order], ["remote_id", "=", made]]
    deadline = time.monotonic() + 60
    while not screens.rpc().call("salon.invoice.document", "search_count", taken):
        assert time.monotonic() < deadline
        time.sleep(0.5)
