"""Many documents at once, on the screens: what is pressed, and each one's result."""

import pytest
from playwright.sync_api import expect

from devtools.selling import wait
from devtools.till import Till

from .counter import Counter
from .screens import PHONE
from .test_screens_lists import ATTENTION, BRIDGE, DOCUMENTS, untaxed

BATCHES = f"{BRIDGE}.salon_invoice_batch_action"


@pytest.fixture
def screens(browser, odoo_server, database, scene):
    """Return the :class:`Counter` of a salon that is connected to Billingo."""
    return Counter(browser, odoo_server(database))


def sell(screens, scene, number, **values):
    """Sell so many times; return the orders. A till knows the taxes of its opening."""
    till = Till(screens.rpc("receptionist"), scene)
    return [till.sell([("Manikűr",)], **values) for _sale in range(number)]


def choose_all(screens, action):
    """Choose every row of a list."""
    screens.open(action)
    screens.page.locator(".o_data_row").first.wait_for()
    screens.click("thead .o_list_record_selector input")


def test_who_has_mended_a_tax_retries_all_that_waited_for_it(screens, scene):
    page, rpc = screens.page, screens.rpc()
    tax = untaxed(screens, scene, "Manikűr")
    orders = sell(screens, scene, 4)
    wait(screens.rpc("manager"), orders)
    screens.log_in("manager", "hu_HU")
    (stopped, *_others) = rpc.call("salon.invoice.document", "search", [])
    screens.open(DOCUMENTS, stopped)
    page.locator("button[name=action_retry_alike]:visible").wait_for()
    screens.picture("hu-document-alike")
    users = rpc.call("res.users", "search", [["login", "=", "manager"]])
    group = rpc.call(
        "ir.model.data",
        "search_read",
        [["module", "=", "account"], ["name", "=", "group_account_manager"]],
        ["res_id"],
    )
    rpc.call("res.users", "write", users, {"group_ids": [(4, group[0]["res_id"])]})
    screens.open("account.action_tax_form", tax)
    page.locator("[name=salon_stopped]").wait_for()
    screens.picture("hu-tax-stopped")
    rpc.call("account.tax", "write", [tax], {"salon_vat_code": "AAM"})
    screens.button("action_salon_retry_stopped")
    # Nobody reloads the page to see what comes of it.
    page.locator(".o_field_widget[name=line_ids]").wait_for()
    for sale in wait(screens.rpc("manager"), orders):
        page.locator(".o_data_row", has_text=sale.number).wait_for()
    page.locator(".o_arrow_button_current", has_text="Befejezve").wait_for()
    expect(page.locator(".o_data_row .text-bg-success")).to_have_count(4)
    screens.picture("hu-batch-done")
    screens.open(BATCHES)
    page.locator(".o_data_row").first.wait_for()
    screens.picture("hu-batches")


def test_e_mails_to_many_are_shown_before_they_are_sent(screens, scene):
    page = screens.page
    customer = scene["customers"]["person"]
    orders = sell(screens, scene, 2, customer=customer) + sell(screens, scene, 1)
    wait(screens.rpc("manager"), orders)
    screens.log_in("manager", "hu_HU")
    choose_all(screens, DOCUMENTS)
    screens.click(".o_cp_action_menus button:has(.fa-cog)")
    screens.page.locator(".o-dropdown-item, .dropdown-item").first.wait_for()
    screens.picture("hu-menu")
    screens.click(".o-dropdown-item, .dropdown-item", has_text="Küldés e-mailben")
    page.locator("button[name=action_confirm]:visible").wait_for()
    screens.picture("hu-batch-emails")
    screens.button("action_confirm")
    page.locator(".o_arrow_button_current", has_text="Befejezve").wait_for()
    expect(page.locator(".o_data_row .text-bg-success")).to_have_count(2)
    screens.picture("hu-batch-emails-done")
    page.set_viewport_size(PHONE)
    page.reload()
    page.locator(".o_kanban_record", has_text="zsofia").first.wait_for()
    screens.picture("hu-batch-cards")


def test_a_selection_of_what_needs_attention_opens_its_results(screens, scene):
    page = screens.page
    tax = untaxed(screens, scene, "Manikűr")
    orders = sell(screens, scene, 2)
    wait(screens.rpc("manager"), orders)
    rpc = screens.rpc()
    rpc.call("account.tax", "write", [tax], {"salon_vat_code": "AAM"})
    screens.log_in("manager", "hu_HU")
    choose_all(screens, ATTENTION)
    screens.button("action_retry_chosen")
    page.locator(".o_arrow_button_current", has_text="Befejezve").wait_for()
    for sale in wait(screens.rpc("manager"), orders):
        page.locator(".o_data_row", has_text=sale.number).wait_for()
