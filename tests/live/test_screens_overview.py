"""The owner's first screen: what it says, where each figure leads, on a phone too."""

import pytest
from playwright.sync_api import expect

from devtools import templates
from devtools.selling import wait
from devtools.till import Till

from .screens import PHONE, Screens
from .test_screens_lists import untaxed

BRIDGE = "salon_invoice_bridge"
OVERVIEW = f"{BRIDGE}.salon_invoice_overview_action"
#: What is wider than the screen that it is on.
_OVERFLOWING = """() => [...document.querySelectorAll(".o_salon_overview *")]
    .filter(one => one.getBoundingClientRect().right > window.innerWidth + 1)
    .map(one => one.outerHTML.slice(0, 80))"""


@pytest.fixture
def screens(browser, odoo_server, database, scene):
    """Return the :class:`Screens` of the demo's salon."""
    return Screens(browser, odoo_server(database))


def figure(page, name, period):
    """Return the button of a figure."""
    column = {"today": 0, "month": 1}[period]
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
