"""Connecting at the screens, as an administrator does it, with each service."""

import json
import urllib.request

import pytest
from playwright.sync_api import expect

from devtools import templates
from devtools.selling import wait
from devtools.till import Till

from .screens import Screens

SETTINGS = "point_of_sale.action_pos_configuration"
ACCOUNTS = "salon_invoice_bridge.salon_invoice_account_action"

#: Service -> its path in the sandbox, and what is pasted where.
SERVICES = {
    "billingo": ("/billingo/v3", {"api_key": "demo-billingo-key"}),
    "billingo_v2": (
        "/billingo/v2",
        {
            "public_key": "demo-billingo-v2-public-key",
            "api_key": "demo-billingo-v2-private-key-0123456789",
        },
    ),
    "szamlazz": (
        "/szamla",
        {"api_key": "demoszamlazzagentkey0000000000000000000000"},
    ),
}


@pytest.fixture
def template():
    """Return the salon that has no service yet."""
    return templates.unconnected


@pytest.fixture
def screens(browser, odoo_server, database, scene, sandbox):
    """Return an administrator's :class:`Screens`; new connections go to the sandbox."""
    seen = Screens(browser, odoo_server(database))
    for service, (path, _keys) in SERVICES.items():
        seen.rpc().call(
            "ir.config_parameter",
            "set_param",
            f"salon_invoice_bridge.url.{service}",
            sandbox.url + path,
        )
    seen.log_in("admin")
    return seen


def paste(screens, service, **other):
    """Choose the service and paste its keys, or ``other`` ones."""
    page = screens.page
    page.locator(".modal [name='provider'] input[type=radio]").first.wait_for()
    screens.click(f"[name='provider'] input[data-value='{service}']")
    for field, key in {**SERVICES[service][1], **other}.items():
        page.locator(f"[name='{field}']:visible input").fill(key)
        screens.clicks += 1
    screens.replace("action_verify")


def see_problem(screens, words):
    """Wait until the wizard shows this sentence."""
    shown = screens.page.locator(".modal [name='problem'].alert:visible")
    expect(shown).to_contain_text(words)


def sell(screens, scene):
    """Sell a haircut at the till; return the sale once it is settled."""
    till = Till(screens.rpc("receptionist"), scene)
    (sale,) = wait(screens.rpc("manager"), [till.sell([("Női hajvágás",)])])
    return sale


def start_in_settings(screens):
    """Open the wizard from the settings of Point of Sale."""
    screens.open(SETTINGS)
    screens.button("action_salon_invoicing")
    screens.page.locator(".modal [name='provider']").wait_for()


def change_account(sandbox, service, **options):
    """Change the sandbox's account behind everybody's back."""
    public = SERVICES[service][1]
    key = public.get("public_key") or public["api_key"]
    request = urllib.request.Request(
        f"{sandbox.url}/_sandbox/accounts/{service}/{key}",
        data=json.dumps(options).encode(),
        method="PATCH",
    )
    urllib.request.urlopen(request).close()


def save(screens):
    """Save the settings, and wait for the account's card."""
    screens.page.locator(".modal [name='verified']:visible").wait_for()
    screens.button("action_save")
    return screens.levels()


def test_billingo_from_the_settings_to_the_first_invoice(screens, scene):
    """Seed 000: "Connecting Billingo takes 5 minutes"; here it is six clicks."""
    page = screens.page
    screens.open(SETTINGS)
    page.locator("button[name=action_salon_invoicing]").scroll_into_view_if_needed()
    screens.picture("settings-not-connected")
    screens.clicks = 2  # the menu of Point of Sale, and Settings in it
    start_in_settings(screens)
    screens.picture("connect-key")
    paste(screens, "billingo")
    page.locator(".modal [name='verified']:visible").wait_for()
    screens.picture("connect-settings")
    levels = save(screens)
    assert levels["connection"] == "ok"
    assert "bad" not in levels.values(), levels
    assert screens.clicks <= 7, screens.clicks
    screens.picture("readiness")
    sale = sell(screens, scene)
    assert (sale.state, sale.total) == ("issued", 8900)


@pytest.mark.parametrize("service", ["billingo_v2", "szamlazz"])
def test_the_other_services_connect_alike(screens, scene, service):
    start_in_settings(screens)
    paste(screens, service)
    screens.page.locator(".modal [name='verified']:visible").wait_for()
    screens.picture(f"connect-settings-{service}")
    levels = save(screens)
    assert levels["connection"] == "ok"
    assert "bad" not in levels.values(), levels
    if service == "szamlazz":
        screens.click("li[data-code='guard'] button")
        screens.page.locator("li[data-code='guard'][data-level='ok']").wait_for()
    assert sell(screens, scene).state == "issued"


def test_each_failure_has_its_own_sentence_and_nothing_is_saved(screens, sandbox):
    start_in_settings(screens)
    paste(screens, "billingo", api_key="not-the-key-of-anybody")
    see_problem(screens, "does not accept the API key")
    screens.picture("connect-wrong-key")
    change_account(sandbox, "billingo", subscribed=False)
    paste(screens, "billingo")
    see_problem(screens, "subscription")
    change_account(sandbox, "billingo", subscribed=True)
    for service, keys, words in (
        ("billingo_v2", {"public_key": "nobody"}, "does not know this public key"),
        ("szamlazz", {"api_key": "x" * 42}, "does not know this Agent key"),
    ):
        paste(screens, service, **keys)
        screens.page.locator(".modal .alert", has_text=words).wait_for()
    sandbox.stop()
    paste(screens, "billingo")
    screens.page.locator(".modal .alert", has_text="cannot be reached").wait_for()
    accounts = screens.rpc().call("salon.invoice.account", "search", [])
    assert not accounts


def test_red_turns_green_where_the_button_leads(screens, scene):
    rpc = screens.rpc()
    domain = [["amount", "=", 0], ["type_tax_use", "=", "sale"]]
    tax = rpc.call("account.tax", "search", domain)[0]
    # l10n_hu_edi, where it is there, knows the code of a tax of the Hungarian chart.
    rpc.call("account.tax", "write", [tax], {"salon_vat_code": False})
    if "l10n_hu_tax_type" in rpc.call("account.tax", "fields_get"):
        rpc.call("account.tax", "write", [tax], {"l10n_hu_tax_type": False})
    product = scene["products"]["Manikűr"]
    rpc.call("product.product", "write", [product], {"taxes_id": [(6, 0, [tax])]})
    start_in_settings(screens)
    paste(screens, "billingo")
    assert save(screens)["taxes"] == "bad"
    screens.picture("readiness-red")
    screens.click("li[data-code='taxes'] button")
    screens.picture("readiness-fix")
    screens.pick("salon_vat_code", "AAM")
    screens.click("button.o_form_button_save")
    screens.page.locator("button.o_form_button_save").wait_for(state="hidden")
    screens.open(ACCOUNTS)
    screens.click(".o_data_row td[name=name]")
    assert screens.levels()["taxes"] == "ok"


def test_switching_names_the_former_service_and_retires_it(screens, scene):
    """Seed 001: "Bokko shows a warning"."""
    start_in_settings(screens)
    paste(screens, "billingo")
    save(screens)
    first = sell(screens, scene)
    screens.open(ACCOUNTS)
    screens.click(".o_control_panel button:visible", has_text="Connect")
    paste(screens, "szamlazz")
    warning = screens.page.locator(".modal [name='former'].alert:visible")
    expect(warning).to_contain_text("Billingo")
    screens.picture("connect-switch")
    save(screens)
    second = sell(screens, scene)
    rpc = screens.rpc()
    accounts = rpc.call(
        "salon.invoice.account", "search_read", [], ["provider", "state"]
    )
    assert {account["provider"]: account["state"] for account in accounts} == {
        "billingo": "retired",
        "szamlazz": "connected",
    }
    assert first.state == second.state == "issued"
    assert first.number != second.number


def test_disconnecting_asks_first_and_says_what_it_means(screens, scene, sandbox):
    """Seed 001: "Open the Billingo card. Click Disconnect. Confirm the action."."""
    start_in_settings(screens)
    paste(screens, "billingo")
    save(screens)
    sandbox.stop()  # so that a sale waits
    till = Till(screens.rpc("receptionist"), scene)
    order = till.sell([("Manikűr",)])
    screens.button("action_disconnect")
    dialog = screens.page.locator(".modal")
    dialog.locator("button[name='action_disconnect']").wait_for()
    expect(dialog).to_contain_text("with a new key")
    screens.picture("disconnect")
    screens.click(".modal button[name='action_disconnect']")
    screens.page.locator("li[data-code='connection'][data-level='bad']").wait_for()
    rpc = screens.rpc()
    (sale,) = rpc.call("pos.order", "read", [order], ["salon_invoice_state"])
    assert sale["salon_invoice_state"] == "waiting"


def test_the_salon_is_asked_once_and_its_answer_has_a_day_and_a_name(screens, scene):
    start_in_settings(screens)
    paste(screens, "billingo")
    levels = save(screens)
    assert levels["questions"] == "warning", levels
    screens.click("li[data-code='questions'] button")
    page = screens.page
    row = page.locator("tr.o_data_row", has_text="What a sale gets")
    row.wait_for()
    screens.picture("questions")
    row.locator("td[name='text']").click()
    screens.pick("answer", "A receipt, unless an invoice is asked for")
    page.locator("button.o_list_button_save:visible").click()
    answered = page.locator("tr.o_data_row", has_text="A receipt, unless")
    expect(answered.locator("td[name='answered_by_id']")).not_to_be_empty()
    rpc = screens.rpc()
    (company,) = rpc.call("res.company", "search_read", [], ["salon_which"])
    assert company["salon_which"] == "request"
    # The other answers of that list are not offered here.
    asked = rpc.call("salon.invoice.question", "search_read", [], ["available"])
    assert all(len(row["available"]) < 5 for row in asked)
