"""The newcomer's first minute: a receptionist sells, and the sale has its invoice."""

import re

from playwright.sync_api import expect

from devtools.rpc import Session
from devtools.selling import wait
from devtools.till import Till


def log_in(page, server, login):
    """Log in as ``login``, whose password is the same."""
    page.goto(f"{server.url}/web/login?db={server.database}")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", login)
    page.click("button[type=submit]")
    page.wait_for_url(re.compile("/odoo|/web(?!/login)"))


def test_a_haircut_sold_for_cash_in_the_real_till_has_its_invoice_number(
    browser, odoo_server, database, scene, sandbox
):
    server = odoo_server(database)
    till = Till(Session(server.url, database, "receptionist", "receptionist"), scene)
    page = browser
    log_in(page, server, "receptionist")
    page.goto(f"{server.url}/pos/ui/{scene['config']}")
    page.locator(".open-register-btn").click()
    page.locator("article.product", has_text="Női hajvágás").click()
    page.locator("button.pay-order-button").first.click()
    page.locator(".paymentmethod", has_text="Készpénz").click()
    page.locator("button.button.next.validation, .button.next").first.click()
    page.locator(".receipt-screen, .feedback-screen").first.wait_for()

    orders = till.session.call("pos.order", "search", [["state", "=", "paid"]])
    (sale,) = wait(Session(server.url, database, "manager", "manager"), orders)
    assert sale.state == "issued", sale
    assert sale.total == 8900

    page.goto(f"{server.url}/odoo/action-point_of_sale.action_pos_pos_form/{orders[0]}")
    page.locator(".o_form_view", has_text=sale.number).wait_for()
    badge = page.locator(".o_field_badge[name=salon_invoice_status]")
    expect(badge).to_have_text("Kiállítva")


def test_sales_over_the_network_are_issued_within_seconds(odoo_server, database, scene):
    server = odoo_server(database)
    till = Till(Session(server.url, database, "receptionist", "receptionist"), scene)
    orders = [till.sell([("Manikűr",)]) for _sale in range(5)]
    sales = wait(Session(server.url, database, "manager", "manager"), orders)
    assert {sale.state for sale in sales} == {"issued"}
    assert len({sale.number for sale in sales}) == len(sales)
