"""*Invoice* in the real till, as a receptionist presses it, in Hungarian.

The database has ``l10n_hu_edi``, as every one with Hungary's chart of accounts, and
nobody has set up its reporting to NAV: what Odoo itself would invoice is refused there.
"""

import time

import pytest
from playwright.sync_api import expect

from devtools import templates
from devtools.selling import wait
from devtools.till import Till

from .counter import Counter

COMPANY = "Árvíztűrő & Tükörfúró Kft."
CHOSEN, NOT_CHOSEN = ".fa-check-square", ".fa-square-o"
#: Where the law leaves a choice: the salon gives receipts, too.
INVOICE = ".js_salon_choice[data-wish=invoice]"
ASKED, NOT_ASKED = f"{INVOICE}[aria-checked=true]", f"{INVOICE}[aria-checked=false]"


@pytest.fixture
def screens(browser, odoo_server, database, scene):
    """Return the receptionist's :class:`Counter`."""
    counter = Counter(browser, odoo_server(database))
    installed = counter.rpc().call(
        "ir.module.module",
        "search_count",
        [["name", "=", "l10n_hu_edi"], ["state", "=", "installed"]],
    )
    assert installed, "as in every salon's database"
    mode = counter.rpc().call(
        "res.company", "search_read", [], ["l10n_hu_edi_server_mode"]
    )
    assert not any(company["l10n_hu_edi_server_mode"] for company in mode)
    return counter


def last_sale(screens):
    """Return the newest paid sale."""
    return screens.rpc("manager").call(
        "pos.order",
        "search_read",
        [["state", "!=", "draft"]],
        ["name", "state", "account_move", "to_invoice", "partner_id", "pos_reference"],
        limit=1,
        order="id desc",
    )[0]


def documents(screens, sale):
    """Return the rows of a sale's documents."""
    return screens.rpc("manager").call(
        "salon.invoice.document",
        "search_read",
        [["order_id", "=", sale["id"]]],
        ["state", "skip_reason", "number", "buyer_name", "public_url", "pdf_id"],
    )


def by_hand(screens):
    """Have invoices made only when somebody asks."""
    rpc = screens.rpc()
    (company,) = rpc.call("res.company", "search", [])
    rpc.call("res.company", "write", [company], {"salon_automatic": False})


def test_a_company_is_chosen_and_pays_and_nothing_else_is_touched(screens, scene):
    screens.open_till(scene)
    screens.choose_product("Női hajvágás")
    screens.choose_customer(COMPANY)
    chosen = screens.page.locator(f".js_salon_invoice {CHOSEN}")
    expect(chosen).to_have_count(1)
    screens.settle()
    assert not screens.page.locator(".js_invoice").count()
    screens.click(".js_salon_invoice")
    screens.page.locator(".o_notification").wait_for()  # the law decides
    screens.settle()
    assert chosen.count() == 1
    screens.picture("till-company")
    screens.pay()
    screens.picture("till-company-paid")
    screens.settle()
    assert not screens.page.locator(".pos-receipt .unique-code").count()
    sale = last_sale(screens)
    assert sale["state"] == "paid"
    assert not sale["account_move"]
    moves = screens.rpc().call(
        "account.move", "search_count", [["move_type", "!=", "entry"]]
    )
    assert not moves
    (settled,) = wait(screens.rpc("manager"), [sale["id"]])
    assert settled.state == "issued"
    assert settled.total == 8900
    (document,) = documents(screens, sale)
    assert document["buyer_name"] == COMPANY


def test_where_invoices_are_made_by_hand_a_press_asks_and_nothing_else(screens, scene):
    by_hand(screens)
    screens.open_till(scene)
    screens.choose_product("Női hajvágás")
    screens.choose_customer(COMPANY)
    screens.pay()
    silent = last_sale(screens)
    screens.next()
    screens.choose_product("Manikűr")
    screens.choose_customer("Őrségi Zsófia")
    expect(screens.page.locator(NOT_ASKED)).to_have_count(1)
    screens.click(INVOICE)
    screens.page.locator(ASKED).wait_for()
    screens.picture("till-pressed")
    screens.pay()
    screens.picture("till-pressed-paid")
    pressed = last_sale(screens)
    (settled,) = wait(screens.rpc("manager"), [pressed["id"]])
    assert settled.state == "issued"
    assert not pressed["account_move"]
    (document,) = documents(screens, silent)
    assert (document["state"], document["skip_reason"]) == ("skipped", "manual")


def test_invoice_on_a_paid_sale_shows_it_or_says_why_not(screens, scene):
    till = screens.open_till(scene)
    sold = [till.sell([("Manikűr",)]), till.sell([("Hajfestés",)])]
    wait(screens.rpc("manager"), sold)
    by_hand(screens)
    walk_in = till.sell([("Női hajvágás",)])
    deadline = time.monotonic() + 60
    # What is left to the night is fetched for whoever opens it.
    while not documents(screens, {"id": sold[0]})[0]["public_url"]:
        assert time.monotonic() < deadline
        till.session.call("pos.order", "salon_till_open", sold[:1])
        time.sleep(0.5)
    references = {
        sale["id"]: sale["pos_reference"]
        for sale in till.session.call(
            "pos.order", "read", [*sold, walk_in], ["pos_reference"]
        )
    }
    before = till.session.call("pos.order", "read", [*sold, walk_in])

    screens.open_sale(references[sold[0]])
    screens.picture("till-issued-sale")
    with screens.page.context.expect_page() as opened:
        screens.press_invoice()
    (document,) = documents(screens, {"id": sold[0]})
    expect(opened.value).to_have_url(document["public_url"])
    opened.value.close()

    screens.click(".ticket-screen .order-row", has_text=references[walk_in])
    screens.press_invoice()
    labels = till.session.call(
        "salon.invoice.document",
        "fields_get",
        ["skip_reason"],
        context={"lang": "hu_HU"},
    )
    label = dict(labels["skip_reason"]["selection"])["manual"]
    assert label in screens.answer()
    screens.picture("till-walk-in-sale")
    screens.settle()
    assert not screens.page.locator(".partner-list").count()
    assert till.session.call("pos.order", "read", [*sold, walk_in]) == before


def test_the_address_on_a_slip_says_what_is_so_with_the_invoice(screens, scene):
    till = Till(screens.rpc("receptionist"), scene)
    sold = till.sell([("Manikűr",)], customer=scene["customers"]["company"])
    wait(screens.rpc("manager"), [sold])
    (sale,) = till.session.call(
        "pos.order", "read", [sold], ["access_token", "pos_reference"]
    )
    (document,) = documents(screens, sale)
    page = screens.page
    page.goto(
        f"{screens.server.url}/pos/ticket/validate?access_token={sale['access_token']}"
    )
    page.locator(".number", has_text=document["number"]).wait_for()
    page.locator("dd", has_text=sale["pos_reference"]).wait_for()
    assert page.url.endswith(f"/salon/invoice/{sale['access_token']}")
    assert "Tükörfúró" not in page.content()
    screens.picture("slip-issued")
    page.goto(f"{screens.server.url}/pos/ticket")
    page.locator("input[name=ticket_code]").wait_for()
    screens.picture("slip-find")


def test_only_the_refund_of_what_odoo_has_invoiced_is_odoos_by_itself(screens, scene):
    by_hand(screens)
    rpc = screens.rpc()
    till = Till(screens.rpc("receptionist"), scene)
    person = scene["customers"]["person"]
    by_odoo, not_invoiced = (
        till.sell([("Manikűr",)], customer=person) for _sale in range(2)
    )
    (company,) = rpc.call("res.company", "search", [])
    rpc.call("res.company", "write", [company], {"l10n_hu_edi_server_mode": "demo"})
    # No wkhtmltopdf is needed where nobody looks at the PDF.
    context = {"generate_pdf": False}
    rpc.call("pos.order", "action_pos_order_invoice", [by_odoo], context=context)
    references = {
        sale["id"]: sale["pos_reference"]
        for sale in till.session.call(
            "pos.order", "read", [by_odoo, not_invoiced], ["pos_reference"]
        )
    }
    screens.open_till(scene)
    for sale, button in ((by_odoo, ".js_invoice"), (not_invoiced, ".js_salon_invoice")):
        screens.start_refund(references[sale])
        screens.page.locator(f"{button} {CHOSEN}").wait_for()
        screens.settle()
        assert screens.page.locator(".js_invoice, .js_salon_invoice").count() == 1
        order = "window.posmodel.getOrder()"
        to_invoice = screens.page.evaluate(f"{order}.isToInvoice()")
        assert to_invoice is (sale == by_odoo)


def test_a_wish_that_is_paid_online_is_not_looked_for_in_odoo(screens, scene):
    """As pos_online_payment ends a payment, which is installed, too."""
    by_hand(screens)
    screens.open_till(scene)
    screens.choose_product("Manikűr")
    screens.choose_customer("Őrségi Zsófia")
    screens.click(INVOICE)
    screens.page.locator(ASKED).wait_for()
    screens.page.evaluate(
        """async () => {
            const path = "@point_of_sale/app/utils/order_payment_validation";
            const Validation =
                odoo.loader.modules.get(path)[Symbol.for("default")];
            const pos = window.posmodel;
            const order = pos.getOrder();
            await pos.syncAllOrders({orders: [order]});
            const validation = new Validation({pos, orderUuid: order.uuid});
            const saved = {id: order.id, to_invoice: false, account_move: false};
            await validation.afterPaidOrderSavedOnServer([saved]);
        }"""
    )
    screens.page.locator(".receipt-screen").wait_for()
    screens.settle()
    assert not screens.page.locator(".modal").count()


class TestNotConnected:
    """A till without a service is as Odoo made it."""

    @pytest.fixture
    def template(self):
        """Return the salon that has no service yet."""
        return templates.unconnected

    def test_the_toggle_is_odoos(self, screens, scene):
        screens.open_till(scene)
        screens.choose_product("Női hajvágás")
        expect(screens.page.locator(f".js_invoice {NOT_CHOSEN}")).to_have_count(1)
        screens.choose_customer(COMPANY)
        screens.page.locator(f".js_invoice {CHOSEN}").wait_for()
        screens.click(".js_invoice")
        screens.page.locator(f".js_invoice {NOT_CHOSEN}").wait_for()
