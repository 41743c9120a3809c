"""What people press on the screens of sales and documents, and what they see."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import expect

from devtools import templates
from devtools.selling import wait
from devtools.till import Till

from .counter import Counter
from .screens import PHONE

BRIDGE = "salon_invoice_bridge"
ORDERS = "point_of_sale.action_pos_pos_form"
DOCUMENTS = f"{BRIDGE}.salon_invoice_document_action"
PARTNER_MANAGER = [["module", "=", "base"], ["name", "=", "group_partner_manager"]]
ATTENTION = f"{BRIDGE}.salon_invoice_document_action_attention"


def change_account(sandbox, **options):
    """Change the sandbox's Billingo account behind everybody's back."""
    request = urllib.request.Request(
        f"{sandbox.url}/_sandbox/accounts/billingo/demo-billingo-key",
        data=json.dumps(options).encode(),
        method="PATCH",
    )
    urllib.request.urlopen(request).close()


@pytest.fixture
def screens(browser, odoo_server, database, scene):
    """Return the :class:`Counter` of a salon that is connected to Billingo."""
    return Counter(browser, odoo_server(database))


@pytest.fixture
def till(screens, scene):
    """Return the receptionist's till."""
    return Till(screens.rpc("receptionist"), scene)


def untaxed(screens, scene, product):
    """Give a product a tax without a code: each sale of it needs attention."""
    rpc = screens.rpc()
    domain = [["amount", "=", 0], ["type_tax_use", "=", "sale"]]
    tax = rpc.call("account.tax", "search", domain)[0]
    rpc.call("account.tax", "write", [tax], {"salon_vat_code": False})
    if "l10n_hu_tax_type" in rpc.call("account.tax", "fields_get"):
        rpc.call("account.tax", "write", [tax], {"l10n_hu_tax_type": False})
    rpc.call(
        "product.product",
        "write",
        [scene["products"][product]],
        {"taxes_id": [(6, 0, [tax])]},
    )
    return tax


def test_lists_say_which_sale_and_refresh_by_themselves(screens, till, sandbox):
    """Nobody reloads a page to see that an invoice is made."""
    page = screens.page
    screens.log_in("manager", "hu_HU")
    screens.open(DOCUMENTS)
    page.locator(".o_view_nocontent").wait_for()
    (sale,) = wait(screens.rpc("manager"), [till.sell([("Manikűr",)])])
    row = page.locator(".o_data_row", has_text=sale.number)
    row.wait_for()
    row.locator("td", has_text="Kiállítva").wait_for()
    number = row.locator("td[name=number]")
    expect(number).to_have_text(sale.number)
    assert number.evaluate("cell => cell.scrollWidth <= cell.clientWidth"), "cut"
    sandbox.stop()
    order = till.sell([("Manikűr",)])
    screens.open(ORDERS)
    page.locator(".o_data_row", has_text="Várakozik").wait_for()
    screens.picture("hu-orders-waiting")
    sandbox.start()
    wait(screens.rpc("manager"), [order])
    page.locator(".o_data_row", has_text="Várakozik").wait_for(state="detached")
    screens.picture("hu-orders-issued")


def test_a_form_shows_the_answer_and_its_pdf(screens, till, sandbox):
    page = screens.page
    screens.log_in("manager", "hu_HU")
    sandbox.stop()
    order = till.sell([("Manikűr",)])
    rpc = screens.rpc()
    (document,) = rpc.call("salon.invoice.document", "search", [])
    screens.open(DOCUMENTS, document)
    page.locator(".o_arrow_button_current", has_text="Várakozik").wait_for()
    screens.settle()
    assert not page.locator("button[name=action_open_pdf]:visible").count()
    sandbox.start()
    wait(screens.rpc("manager"), [order])
    page.locator(".o_arrow_button_current", has_text="Kiállítva").wait_for()
    button = page.locator("button[name=action_open_pdf]:visible")
    button.wait_for()
    # It is left to the night, and fetched for whoever presses its button: the service
    # makes it after the document, and is asked in growing pauses.
    button.click()
    page.locator(".o_notification").first.wait_for()
    page.locator("button[name=action_download_again]:visible").wait_for(timeout=180_000)
    screens.picture("hu-document-issued")
    with page.context.expect_page() as opened:
        button.click()
    pdf = opened.value
    pdf.wait_for_url(re.compile(r"/web/content/\d+"))
    answer = page.request.get(pdf.url)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")


def test_many_are_tried_again_at_once(screens, scene):
    page = screens.page
    tax = untaxed(screens, scene, "Manikűr")
    till = Till(screens.rpc("receptionist"), scene)
    orders = [till.sell([("Manikűr",)]) for _sale in range(3)]
    wait(screens.rpc("manager"), orders)
    rpc = screens.rpc()
    assert rpc.call("salon.invoice.document", "search_count", []) == 3
    rpc.call("account.tax", "write", [tax], {"salon_vat_code": "AAM"})
    screens.log_in("receptionist", "hu_HU")
    screens.open(ATTENTION)
    row = page.locator(".o_data_row").first
    # What is known of the sale.
    expect(row).to_contain_text("6.500,00")
    screens.picture("hu-attention")
    screens.click("thead .o_list_record_selector input")
    screens.button("action_retry_chosen")
    expect(page.locator(".o_notification").last).to_contain_text("3")
    for sale in wait(screens.rpc("manager"), orders):
        assert sale.state == "issued"


def test_what_is_chosen_while_the_list_is_read_again_stays_chosen(screens, scene):
    page = screens.page
    untaxed(screens, scene, "Manikűr")
    till = Till(screens.rpc("receptionist"), scene)
    orders = [till.sell([("Manikűr",)]) for _sale in range(2)]
    wait(screens.rpc("manager"), orders)
    screens.log_in("receptionist", "hu_HU")
    screens.open(ATTENTION)
    chosen = page.locator(".o_data_row .o_list_record_selector input:checked")
    rows = page.locator(".o_data_row")
    expect(rows).to_have_count(2)
    screens.settle()
    let_arrive = screens.hold_back("**/web_search_read")
    with page.expect_request("**/web_search_read"):
        wait(screens.rpc("manager"), [till.sell([("Manikűr",)])])
    screens.click(".o_data_row .o_list_record_selector input")
    expect(chosen).to_have_count(1)
    let_arrive()
    expect(rows).to_have_count(3)
    expect(chosen).to_have_count(1)
    page.locator("button[name=action_retry_chosen]:visible").wait_for()


def test_the_number_on_the_slip_finds_the_invoice(screens, till):
    page = screens.page
    order = till.sell([("Manikűr",)])
    other = till.sell([("Manikűr",)])
    sales = wait(screens.rpc("manager"), [order, other])
    slip = screens.rpc().call("pos.order", "read", [order], ["pos_reference"])
    slip = slip[0]["pos_reference"]
    screens.log_in("accountant", "hu_HU")
    for action in (DOCUMENTS, f"{BRIDGE}.pos_order_action_accountant"):
        screens.open(action)
        page.locator(".o_data_row").nth(1).wait_for()
        page.fill(".o_searchview_input", slip)
        page.locator(".o_searchview_autocomplete").wait_for()
        page.keyboard.press("Enter")
        page.locator(".o_data_row").nth(1).wait_for(state="detached")
        page.locator(".o_data_row", has_text=sales[0].number).wait_for()


class TestFirstStep:
    @pytest.fixture
    def template(self):
        """Return the salon that has no service yet."""
        return templates.unconnected

    def test_the_menu_leads_to_connecting_until_it_is_done(self, screens):
        page = screens.page
        screens.log_in("admin", "hu_HU")
        screens.open(DOCUMENTS)
        page.locator(".o_salon_first_step").wait_for()
        screens.picture("hu-first-step")
        page.click("button[name=salon_connect]")
        page.locator(".modal [name='provider']").wait_for()

    def test_who_may_not_connect_is_told_whom_to_ask(self, screens):
        screens.log_in("receptionist", "hu_HU")
        screens.open(DOCUMENTS)
        step = screens.page.locator(".o_salon_first_step")
        step.wait_for()
        screens.settle()
        assert not step.locator("button").count()
        screens.picture("hu-first-step-receptionist")


def test_no_first_step_is_shown_where_sales_are_invoiced(screens):
    screens.log_in("admin", "hu_HU")
    screens.open(DOCUMENTS)
    screens.page.locator(".o_view_nocontent").wait_for()
    screens.settle()
    assert not screens.page.locator(".o_salon_first_step").count()


def test_the_till_asks_nav_and_saves_nobody(screens, till, scene):
    """A customer whose number NAV does not know stays a form."""
    page = screens.page
    rpc = screens.rpc()
    manager = rpc.call("ir.model.data", "search_read", PARTNER_MANAGER, ["res_id"])
    user = rpc.call("res.users", "search", [["login", "=", "receptionist"]])
    rpc.call("res.users", "write", user, {"group_ids": [(4, manager[0]["res_id"])]})
    customers = rpc.call("res.partner", "search_count", [])
    screens.log_in("receptionist", "hu_HU")
    screens.enter(scene["config"])
    page.locator(".set-partner").first.click()
    page.locator(".modal .partner-list").wait_for()
    page.locator(".modal-header .btn-primary, .modal-footer .btn-primary").first.click()
    number = page.locator(".modal [name='vat'] input")
    number.wait_for()
    number.fill("99999999-2-42")
    ask = page.locator("button[name=salon_ask_nav]:visible")
    ask.click()
    expect(page.locator(".o_notification").last).to_contain_text("99999999-2-42")
    screens.picture("hu-till-nav-unknown")
    screens.settle()
    assert number.is_visible(), "the form is still open"
    assert rpc.call("res.partner", "search_count", []) == customers
    number.fill("12345676-2-42")
    ask.click()
    # What stands in a field is no text of the page.
    name = page.locator(".modal [name='name'] :is(textarea, input):visible")
    expect(name).to_have_value("PÉLDA VEVŐ KFT.", timeout=60_000)
    country = page.locator(".modal [name='country_id'] input")
    expect(country).not_to_have_value("")
    screens.picture("hu-till-nav-known")
    assert rpc.call("res.partner", "search_count", []) == customers


def test_cards_on_a_phone_say_the_state(screens, till):
    page = screens.page
    order = till.sell([("Manikűr",)])
    (sale,) = wait(screens.rpc("manager"), [order])
    screens.log_in("receptionist", "hu_HU")
    page.set_viewport_size(PHONE)
    for action in (ORDERS, DOCUMENTS):
        screens.open(action)
        card = page.locator(".o_kanban_record", has_text=sale.number)
        expect(card).to_contain_text("Kiállítva")
    screens.picture("hu-cards")
