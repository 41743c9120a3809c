"""The owner's first screen: what it says, where each figure leads, on a phone too."""

import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from devtools import templates
from devtools.selling import wait
from devtools.till import Till

from .screens import DESKTOP, PHONE, Screens
from .test_screens_lists import untaxed

ADDONS = Path(__file__).parent / "addons"
BRIDGE = "salon_invoice_bridge"
OVERVIEW = f"{BRIDGE}.salon_invoice_overview_action"
#: What is wider than the screen that it is on.
_OVERFLOWING = """() => [...document.querySelectorAll(".o_salon_overview *")]
    .filter(one => one.getBoundingClientRect().right > window.innerWidth + 1)
    .map(one => one.outerHTML.slice(0, 80))"""


#: The rows of a list, by the width of the screen: on a phone they are cards.
ROWS = {
    DESKTOP["width"]: ".o_list_view .o_data_row",
    PHONE["width"]: ".o_kanban_view .o_kanban_record:not(.o_kanban_ghost)",
}


@pytest.fixture
def screens(browser, odoo_server, database, scene):
    """Return the :class:`Screens` of the demo's salon."""
    return Screens(browser, odoo_server(database))


def figure(page, name, period):
    """Return the button of a figure."""
    column = {"today": 0, "month": 1, "last_month": 2}[period]
    return page.locator(f"tr[name='{name}'] td").nth(column)


def see(screens, name):
    """Keep the whole card as a picture; nothing of it may leave a phone's screen."""
    page = screens.page
    page.locator(".o_salon_overview .o_kanban_record").first.wait_for()
    screens.settle()
    screens.picture(name)
    page.set_viewport_size({**PHONE, "height": 1700})
    screens.settle()
    assert not page.evaluate(_OVERFLOWING)
    screens.picture_now(f"{name}-phone-whole")
    page.set_viewport_size({"width": 1280, "height": 1100})
    screens.settle()
    screens.picture_now(f"{name}-desk-whole")


def test_an_owner_sees_the_day_and_each_figure_leads_to_its_list(screens, scene):
    page = screens.page
    till = Till(screens.rpc("receptionist"), scene)
    sold = [till.sell([("Női hajvágás",)]) for _sale in range(3)]
    wait(screens.rpc("manager"), sold)
    untaxed(screens, scene, "Manikűr")
    # A till that has read the products as they are now.
    till = Till(screens.rpc("receptionist"), scene)
    wait(screens.rpc("manager"), [till.sell([("Manikűr",)])])
    screens.log_in("manager", "hu_HU")
    screens.open(OVERVIEW)
    counts = {"sales": "4", "issued": "3", "attention": "1"}
    for name, count in counts.items():
        for period in ("today", "month"):
            shown = figure(page, name, period).locator(".fw-bold")
            expect(shown).to_have_text(count)
    see(screens, "hu-overview")
    figure(page, "issued", "today").locator("a").click()
    page.locator(".o_list_view .o_data_row").nth(2).wait_for()
    assert page.locator(".o_data_row").count() == 3
    page.go_back()
    page.locator(".o_salon_overview [name='alerts'] a").first.click()
    page.locator(".o_list_view .o_data_row").first.wait_for()
    assert page.locator(".o_data_row").count() == 1
    page.go_back()
    page.locator(".o_salon_overview [name='services'] a").first.click()
    page.locator(".o_form_view .o_salon_readiness li").first.wait_for()


def compare(rpc):
    """Compare this month with the service; return once it is found to differ."""
    model = "salon.invoice.reconciliation"
    row = rpc.call(model, "action_month", [])["res_id"]
    deadline = time.monotonic() + 90
    while rpc.call(model, "read", [row], ["open_count"])[0]["open_count"] != 1:
        assert time.monotonic() < deadline
        time.sleep(0.5)


def press_each(screens, within):
    """Press each link in a part of the card: its list has as many rows as it says.

    :return: what the lists are called
    """
    page, titles = screens.page, []
    card = page.locator(".o_salon_overview")
    card.locator(".o_kanban_record").first.wait_for()
    links = card.locator(f"{within} a")
    for number in range(links.count()):
        said = links.nth(number).locator(".fw-bold")
        count = said.inner_text().strip() if said.count() else ""
        links.nth(number).click()
        card.wait_for(state="detached")
        page.locator(".o_view_controller").first.wait_for()
        if count.isdecimal():
            rows = page.locator(ROWS[page.viewport_size["width"]])
            expect(rows).to_have_count(int(count))
        title = page.locator(".o_breadcrumb .active, .o_last_breadcrumb_item").first
        titles.append(title.inner_text().strip())
        screens.settle()
        screens.picture_now(f"overview-link-{page.viewport_size['width']}-{titles[-1]}")
        page.go_back()
        card.locator(".o_kanban_record").first.wait_for()
        screens.settle()
    return titles


def test_each_link_of_the_overview_opens_what_it_counts(screens, scene):
    """On a desk and on a phone: figures, what is urgent, services and other screens."""
    rpc, page = screens.rpc("manager"), screens.page
    till = Till(screens.rpc("receptionist"), scene)
    sold = [till.sell([(name,)]) for name in ("Női hajvágás", "Férfi hajvágás")]
    wait(rpc, sold)
    (returned,) = rpc.call("pos.order", "read", [sold[1]], ["lines"])
    back = {"name": "Férfi hajvágás", "quantity": -1}
    back["refunded_orderline_id"] = returned["lines"][0]
    wait(rpc, [till.sell([back], is_refund=True)])
    untaxed(screens, scene, "Manikűr")
    till = Till(screens.rpc("receptionist"), scene)  # it has read its products
    wait(rpc, [till.sell([("Manikűr",)])])
    compare(rpc)
    screens.log_in("manager", "hu_HU")
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        screens.open(OVERVIEW)
        assert len(press_each(screens, "[name='figures']")) == 10
        assert len(press_each(screens, "[name='alerts']")) == 2
        assert len(press_each(screens, "[name='services']")) == 1
        links = press_each(screens, "[name='links']")
        assert links == ["Számlák", "Havi csomag", "Egyeztetés"]


def test_on_the_first_day_of_a_month_the_one_before_is_at_hand(
    screens, scene, odoo_server, database, databases, monkeypatch
):
    page = screens.page
    till = Till(screens.rpc("receptionist"), scene)
    wait(screens.rpc("manager"), [till.sell([("Női hajvágás",)]) for _sale in range(2)])
    today = datetime.now(ZoneInfo("Europe/Budapest")).date()
    first = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
    monkeypatch.setenv("SALON_TODAY", first.isoformat())
    screens.server.stop()
    screens = Screens(
        page,
        odoo_server(
            database,
            addons_path=f"{databases.odoo.addons_path},{ADDONS}",
            server_wide_modules="base,web,salon_today",
        ),
    )
    screens.log_in("accountant", "hu_HU")
    screens.open(OVERVIEW)
    shown = figure(page, "issued", "last_month").locator(".fw-bold")
    shown.wait_for()  # a server that has just begun makes the page's scripts first
    expect(shown).to_have_text("2")
    expect(figure(page, "issued", "month")).to_have_text("0")
    see(screens, "hu-overview-first-day")
    page.set_viewport_size(DESKTOP)
    assert len(press_each(screens, "[name='figures']")) == 3
    file = page.locator(".o_salon_overview a[name='action_open_file']")
    file.click()
    page.locator(".modal button[name=action_prepare]").wait_for()
    screens.picture("hu-overview-prepare")
    screens.button("action_prepare")
    page.locator(".o_form_view h1").wait_for()
    screens.open(OVERVIEW)
    file.click()
    page.locator(".o_form_view h1").wait_for()


class TestWithoutAService:
    @pytest.fixture
    def template(self):
        """Return the salon that has no service yet."""
        return templates.unconnected

    def test_a_newcomer_sees_what_to_do(self, screens):
        screens.log_in("admin", "hu_HU")
        screens.open(OVERVIEW)
        button = screens.page.locator("button[name='salon_connect']")
        button.wait_for()
        see(screens, "hu-overview-empty")
        button.click()
        screens.page.locator(".modal [name='provider']").first.wait_for()
