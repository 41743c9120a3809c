"""A Hungarian salon's screens, one after the other: nothing of ours is in English."""

import polib
import pytest

from devtools.paths import ADDON
from devtools.selling import wait
from devtools.till import Till

from .screens import Screens

BRIDGE = "salon_invoice_bridge"
SETTINGS = "point_of_sale.action_pos_configuration"
ORDERS = "point_of_sale.action_pos_pos_form"

#: What reads the same in both languages.
SAME = {
    "Billingo",
    "Billingo (API v2)",
    "E-mail",
    "PDF",
    "Partner",
    "Számlázz.hu",
    "anna@example.com",
}

#: All that a person can read: lines of text, what fields propose, and tooltips.
_SHOWN = """() => [
    ...document.body.innerText.split("\\n"),
    ...[...document.querySelectorAll("[placeholder]")].map(one => one.placeholder),
    ...[...document.querySelectorAll("[title]")].map(one => one.title),
].map(text => text.trim()).filter(Boolean)"""


@pytest.fixture(scope="module")
def english():
    """Return the addon's English terms, as a screen would show them."""
    terms = polib.pofile(str(ADDON / "i18n" / f"{ADDON.name}.pot"))
    return {" ".join(entry.msgid.split()) for entry in terms} - SAME


@pytest.fixture
def screens(browser, odoo_server, database, scene):
    """Return the :class:`Screens` of a salon that is connected to Billingo."""
    seen = Screens(browser, odoo_server(database))
    seen.log_in("admin", "hu_HU")
    return seen


@pytest.fixture
def look(screens, english):
    """Return a function that reads the screen, and keeps a picture of it."""

    def read(name):
        screens.settle()
        screens.picture(f"hu-{name}")
        shown = screens.page.evaluate(_SHOWN)
        left = sorted(set(shown) & english)
        assert not left, f"{name}: {left}"

    return read


def test_connecting_and_settings(screens, look):
    page = screens.page
    screens.open(SETTINGS)
    page.locator("button[name=action_salon_invoicing]").scroll_into_view_if_needed()
    look("settings")
    (account,) = screens.rpc().call("salon.invoice.account", "search", [])
    screens.open(f"{BRIDGE}.salon_invoice_account_action")
    look("accounts")
    screens.open(f"{BRIDGE}.salon_invoice_account_action", account)
    screens.levels()
    look("account")
    screens.button("action_change_key")
    page.locator(".modal [name='provider']").wait_for()
    for service in ("szamlazz", "billingo_v2", "billingo"):
        screens.click(f"[name='provider'] input[data-value='{service}']")
        look(f"connect-{service}")
    page.locator("[name='api_key']:visible input").fill("demo-billingo-key")
    screens.button("action_verify")
    page.locator(".modal [name='verified']:visible").wait_for()
    look("connect-settings")
    screens.open(f"{BRIDGE}.salon_invoice_account_action", account)
    screens.button("action_disconnect")
    page.locator(".modal-footer [name='action_disconnect']").wait_for()
    look("disconnect")


def test_sales_and_their_invoices(screens, look, scene):
    page = screens.page
    till = Till(screens.rpc("receptionist"), scene)
    order = till.sell([("Manikűr",)])
    wait(screens.rpc("manager"), [order])
    screens.open(ORDERS)
    page.locator(".o_data_row").first.wait_for()
    look("orders")
    screens.open(ORDERS, order)
    page.locator("a.nav-link[name='salon_invoices']").click()
    look("order")
    screens.open(f"{BRIDGE}.salon_invoice_document_action")
    look("documents")
    (document,) = screens.rpc().call("salon.invoice.document", "search", [])
    screens.open(f"{BRIDGE}.salon_invoice_document_action", document)
    look("document")
    for tab in page.locator(".o_notebook_headers a.nav-link").all():
        tab.click()
        look(f"document-{tab.get_attribute('name')}")
    for button in ("Számla sztornózása", "Küldés e-mailben"):
        screens.click(".o_statusbar_buttons button", has_text=button)
        page.locator(".modal-footer button").first.wait_for()
        look(f"document-{button}")
        page.keyboard.press("Escape")
        page.locator(".modal").wait_for(state="detached")


def test_previews_of_a_sale(screens, look, scene):
    page = screens.page
    till = Till(screens.rpc("receptionist"), scene)
    order = till.sell([("Manikűr",), ("Női hajvágás",)])
    wait(screens.rpc("manager"), [order])
    screens.open(ORDERS, order)
    screens.click(".o_statusbar_buttons button", has_text="Előnézet")
    page.locator(".modal .o_salon_preview table").first.wait_for()
    look("preview")
    (account,) = screens.rpc().call("salon.invoice.account", "search", [])
    screens.open(f"{BRIDGE}.salon_invoice_account_action", account)
    screens.button("action_change_settings")
    page.locator(".modal [name='verified']:visible").wait_for()
    screens.settle()
    (sale,) = screens.rpc("manager").call("pos.order", "read", [order], ["name"])
    page.locator(".modal [name='preview_order_id'] input").fill(sale["name"])
    screens.click(".o-autocomplete--dropdown-item", has_text=sale["name"])
    page.locator(".modal .o_salon_preview").wait_for()
    page.locator(".modal .o_salon_preview").scroll_into_view_if_needed()
    look("preview-connect")


def test_what_is_said_in_e_mails(screens, look):
    screens.open(SETTINGS)
    field = screens.page.locator("[name='salon_mail_subject']")
    field.scroll_into_view_if_needed()
    look("settings-mail")
    screens.button("action_salon_mail_template")
    screens.page.locator("[name='body_html']").wait_for()
    look("mail-template")
