"""An accountant who knows nothing of Odoo gets a month, and mends what is missing."""

import io
import re
import zipfile
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from devtools import arena
from devtools.selling import wait
from devtools.till import Till

from .screens import DESKTOP, PHONE, Screens

MONTHS = "salon_invoice_bridge.salon_invoice_month_action"
#: Milliseconds until the background is done: Odoo's jobs look around once a minute.
DONE = 480_000
#: What of a form is wider than the screen that it is on.
_OVERFLOWING = """() => [...document.querySelectorAll(".o_form_sheet *")]
    .filter(one => one.getBoundingClientRect().right > window.innerWidth + 1)
    .map(one => one.outerHTML.slice(0, 80))"""
#: Amounts of the sales that have their invoices: as the demo's products cost.
SOLD = ("Manikűr", "Női hajvágás", "Férfi hajvágás")


@pytest.fixture
def screens(browser, odoo_server, database, scene):
    """Return the screens of a salon that is connected to Billingo."""
    return Screens(browser, odoo_server(database))


@pytest.fixture
def ledger(sandbox):
    """Return what the service has, as a function."""
    return arena.Control(sandbox)


def last_month():
    """Return a day of last month, in Hungary, as the form offers it by itself."""
    today = datetime.now(ZoneInfo("Europe/Budapest")).date()
    return today.replace(day=1) - timedelta(days=12)


def sell(till, product, day):
    """Sell on a day of last month, at noon; return the id of the order."""
    order = till.order([(product,)], date_order=f"{day} 11:00:00")
    return till.sync([order])[0]


def sell_before_the_shop_is_connected(screens, till, day):
    """Sell at a till whose salon has no service yet: no document is asked for."""
    rpc = screens.rpc()
    company = rpc.call("res.company", "search", [["salon_account_id", "!=", False]])
    (account,) = rpc.call("salon.invoice.account", "search", [])
    rpc.call("res.company", "write", company, {"salon_account_id": False})
    order = sell(till, "Hajfestés", day)
    rpc.call("res.company", "write", company, {"salon_account_id": account})
    now = datetime.now(timezone.utc) + timedelta(seconds=1)
    live = {"salon_live_since": f"{now:%Y-%m-%d %H:%M:%S}"}
    rpc.call("pos.config", "write", [till.scene["config"]], live)
    assert not rpc.call("pos.order", "read", [order], ["salon_document_id"])[0][
        "salon_document_id"
    ]
    return order


def sell_and_have_it_refused(screens, till, control, day):
    """Sell while the service refuses: the document stops for a person."""
    refusal = {"status": 422, "body": '{"message": "No", "errors": []}'}
    control.fault("status_before", **refusal, times=None, **arena.CREATE["billingo"])
    order = sell(till, "Hajfestés", day)
    (sale,) = wait(screens.rpc("manager"), [order])
    assert sale.state == "attention"
    control.clear_faults()
    return order


def reference(screens, order):
    """Return the number on a sale's slip."""
    (sale,) = screens.rpc().call("pos.order", "read", [order], ["pos_reference"])
    return sale["pos_reference"]


def finished(screens):
    """Wait until the file is made: nobody reloads the page."""
    page = screens.page
    button = page.locator("button[name=action_download]:visible").first
    button.wait_for(timeout=DONE)
    screens.settle()


def look_on_a_phone(screens, name):
    """Open the month anew on a phone: cards take the place of the form's lists."""
    page = screens.page
    page.set_viewport_size({**PHONE, "height": 1500})
    page.reload()
    page.locator(".o_form_view h1").wait_for()
    screens.settle()
    assert not page.evaluate(_OVERFLOWING)
    screens.picture_now(f"{name}-phone-whole")
    page.set_viewport_size(DESKTOP)
    page.reload()
    page.locator(".o_form_view h1").wait_for()
    screens.settle()


def download(screens):
    """Press Download; return the ZIP."""
    with screens.page.expect_download() as fetched:
        screens.button("action_download")
    with open(fetched.value.path(), "rb") as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def first_page(archive):
    """Return all that stands on the first page of the file's XLSX."""
    (name,) = [name for name in archive.namelist() if name.endswith(".xlsx")]
    book = load_workbook(io.BytesIO(archive.read(name)))
    assert not [
        cell.coordinate
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ], "no cell is a formula"
    rows = book.worksheets[0].iter_rows(values_only=True)
    return [value for row in rows for value in row if value is not None]


def pdfs(archive):
    """Return the PDFs of a part, by their names."""
    return {
        name: archive.read(name) for name in archive.namelist() if name.endswith(".pdf")
    }


def prepare(screens):
    """Press "Prepare the month", and take what is offered: last month."""
    page = screens.page
    screens.open(MONTHS)
    screens.click("button", has_text="Havi csomag készítése")
    page.locator(".modal button[name=action_prepare]").wait_for()
    screens.picture("hu-month-prepare")
    screens.button("action_prepare")
    page.locator(".o_form_view h1").wait_for()


def test_an_accountant_gets_the_month_and_mends_what_is_missing(screens, scene, ledger):
    page, day = screens.page, last_month()
    till = Till(screens.rpc("receptionist"), scene)
    early = sell_before_the_shop_is_connected(screens, till, day)
    sold = [sell(till, product, day) for product in SOLD]
    assert {sale.state for sale in wait(screens.rpc("manager"), sold)} == {"issued"}
    stopped = sell_and_have_it_refused(screens, till, ledger, day)
    missing = [reference(screens, order) for order in (early, stopped)]

    screens.log_in("accountant", "hu_HU")
    prepare(screens)
    screens.picture("hu-month-under-way")
    finished(screens)
    rows = page.locator("[name=finding_ids] .o_data_row")
    expect(rows).to_have_count(2)
    for row, number in zip(rows.all(), missing, strict=True):
        expect(row).to_contain_text(number)
    screens.picture("hu-month-findings")
    look_on_a_phone(screens, "hu-month-findings")
    first = download(screens)
    texts = first_page(first)
    assert set(missing) <= set(texts)
    assert len(pdfs(first)) == len(SOLD)

    screens.button("action_generate")
    # It might have been invoiced elsewhere: who presses is told, and confirms.
    screens.click(".modal .btn-primary")
    page.locator(".o_notification").first.wait_for()
    screens.button("action_retry")
    wait(screens.rpc("manager"), [early, stopped])
    expect(page.locator("[name=finding_ids] .o_data_row.text-success")).to_have_count(2)
    screens.picture("hu-month-mended")

    screens.button("action_prepare_again")
    page.locator(".alert-info:visible").first.wait_for()
    finished(screens)
    page.locator(".alert-success:visible").wait_for()
    assert not rows.count()
    screens.picture("hu-month-complete")
    look_on_a_phone(screens, "hu-month-complete")
    page.set_viewport_size(PHONE)
    screens.open(MONTHS)
    page.locator(".o_kanban_record").first.wait_for()
    screens.settle()
    screens.picture_now("hu-months-phone")
    page.locator(".o_kanban_record").first.click()
    page.locator(".o_form_view h1").wait_for()
    page.set_viewport_size(DESKTOP)
    screens.settle()
    second = download(screens)
    texts = first_page(second)
    assert "Teljes: a pénztár és a bizonylatok egyeznek." in texts
    assert not set(missing) & set(texts)
    files = pdfs(second)
    assert len(files) == len(SOLD) + 2
    assert all(content.startswith(b"%PDF") for content in files.values())
    orders = screens.rpc().call(
        "pos.order", "read", [early, stopped, *sold], ["amount_total"]
    )
    total = sum(order["amount_total"] for order in orders)
    issued = ledger.ledger()["documents"]
    assert sum(float(document["gross"]) for document in issued) == total
    assert texts.count(total) >= 2, "sold, and documented"
    numbers = {re.sub(r"[^0-9]", "", document["number"]) for document in issued}
    assert {re.sub(r"[^0-9]", "", name) for name in files} == numbers
