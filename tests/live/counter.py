"""A receptionist in front of the real till, in Chromium."""

import json
import re
import time

from playwright.sync_api import expect

from devtools import arena
from devtools.till import Till

from .screens import Screens

CARD = ".o_salon_invoice_card"
BADGE = ".o_salon_invoice_badge"
ROW = ".ticket-screen .order-row"
#: Of Odoo's filters, the only one that is neither the first nor indented: Paid.
PAID = "li:not(.indented):not(:first-child)"
#: Of the filters of ours that follow, which one lists a state.
FILTERS = {"pending": 0, "attention": 1, "skipped": 2}
#: The till's question about invoices.
QUESTION = "**/salon_till_status"
#: Something that can be read.
TEXT = re.compile(r"\S")
#: Seconds: less than what the addon waits for an answer.
HELD = 55


class Counter(Screens):
    """A receptionist at the counter, in front of the till's screens.

    Printing ends at ``window.print``, which keeps what would have been on paper.
    """

    #: Whether the server has somebody who passes messages on to the till.
    hears = True

    def __init__(self, page, server):
        super().__init__(page, server)
        self.asked = []
        page.on("request", self._count)
        page.add_init_script(
            "window.slips = [];"
            "window.print = (slip) => window.slips.push(slip.innerText);"
        )

    def _count(self, request):
        """Keep the ids of each question about invoices."""
        if request.url.endswith("/salon_till_status"):
            self.asked.append(json.loads(request.post_data)["params"]["args"][0])

    def open_till(self, scene, language="hu_HU"):
        """Open the till whose session is open; return what sells over RPC beside it."""
        till = Till(self.rpc("receptionist"), scene)
        self.log_in("receptionist", language)
        self.enter(scene["config"])
        return till

    def enter(self, config):
        """Come to a till whose session is open, as after a reload of its page."""
        self.page.goto(f"{self.server.url}/pos/ui/{config}")
        self.page.locator(".open-register-btn, .product-screen").first.wait_for()
        if self.page.locator(".open-register-btn").is_visible():
            self.click(".open-register-btn")
        self.page.locator(".product-screen").wait_for()
        if self.hears:
            # Connecting is a reason to ask, too.
            self.page.wait_for_function("posmodel.bus.workerState === 'CONNECTED'")

    # === SELLING === #

    def choose_product(self, name):
        """Put a product on the order, and go to the payment."""
        self.click("article.product", has_text=name)
        self.click("button.pay-order-button")
        self.page.locator(".payment-screen").wait_for()

    def choose_customer(self, name):
        """Choose a customer at the payment."""
        self.click(".payment-screen .partner-button")
        self.click(".partner-list .partner-line", has_text=name)
        self.page.locator(".partner-name", has_text=name).wait_for()

    def give(self, method="Készpénz"):
        """Pay all of the rest by a method."""
        self.click(".paymentmethod", has_text=method)
        self.page.locator(".payment-screen .paymentline.selected").wait_for()

    def validate(self):
        """Validate the payment."""
        self.click(".payment-screen button.next:visible")

    def finish(self):
        """Validate the payment, and come to the receipt."""
        self.validate()
        self.page.locator(".receipt-screen, .modal").first.wait_for()
        assert not self.page.locator(".modal").count(), self.page.inner_text(".modal")
        self.page.locator(".receipt-screen").wait_for()

    def pay(self):
        """Pay in cash, and wait for the receipt."""
        self.give()
        self.finish()

    def card(self, state):
        """Return the text of the card, once it is in ``state``."""
        card = self.page.locator(f"{CARD}[data-state={state}]")
        card.wait_for()
        return card.inner_text()

    def next(self):
        """Go on with the next customer."""
        self.click(".receipt-screen .button.next:visible")
        self.page.locator(".product-screen").wait_for()

    def printed(self, count):
        """Return the slips that have been printed, once there are so many."""
        self.page.wait_for_function(f"window.slips.length === {count}")
        return self.page.evaluate("window.slips")

    # === THE LIST OF ORDERS === #

    def open_list(self):
        """Open the list of orders."""
        self.click(".navbar-menu .orders-button, .pos-topheader .orders-button")
        self.page.locator(".ticket-screen").wait_for()

    def filter(self, state=None):
        """List the paid sales, or those whose invoice is in ``state``."""
        self.click(".pos-search-bar .filter")
        options = self.page.locator(".pos-search-bar .filter")
        if state is None:
            return options.locator(PAID).click()
        ours = options.locator(f"{PAID} ~ li.indented")
        expect(ours).to_have_count(len(FILTERS))
        ours.nth(FILTERS[state]).click()

    def badge(self, reference, state):
        """Return the text of a row's badge, once it is in ``state``."""
        row = self.page.locator(ROW, has_text=reference)
        badge = row.locator(f"{BADGE}[data-state={state}]")
        badge.wait_for()
        return badge.inner_text()

    def choose_sale(self, reference):
        """Choose a sale of the list."""
        self.click(ROW, has_text=reference)
        self.page.locator(f"{ROW}.highlight", has_text=reference).wait_for()

    def open_sale(self, reference):
        """Open a paid sale in the till's list of orders."""
        self.open_list()
        self.filter()
        self.choose_sale(reference)
        self.page.locator(".ticket-screen .fa-file-pdf-o").wait_for()

    def press_invoice(self):
        """Press *Invoice* on the sale that is open."""
        self.click(".ticket-screen .control-button:has(.fa-file-pdf-o)")

    def open_invoice(self):
        """Press *Invoice* until the document opens; return its page.

        What is left to the night is fetched at the first press, which says so.
        """
        pages, deadline = [], time.monotonic() + 90

        def keep(page):
            pages.append(page)

        self.page.context.on("page", keep)
        dialog = self.page.locator(".modal .modal-footer .btn-primary")
        while not pages:
            assert time.monotonic() < deadline
            self.press_invoice()
            self.page.wait_for_timeout(1_500)
            if not pages and dialog.is_visible():
                dialog.click()
        self.page.context.remove_listener("page", keep)
        return pages[0]

    def start_refund(self, reference):
        """Give back the first line of a paid sale, up to the payment."""
        self.open_sale(reference)
        self.page.locator(".ticket-screen .orderline.selected").wait_for()
        self.click(".ticket-screen .numpad button", has_text="1")
        self.page.locator(".ticket-screen .to-refund-highlight").wait_for()
        self.click(".ticket-screen .btn-primary.pay-order-button:visible")
        self.page.locator(".payment-screen").wait_for()

    # === WHAT ELSE IS THERE === #

    def close_register(self):
        """Open the dialog that closes the session."""
        self.click(".pos-rightheader button:has(.fa-bars)")
        name = re.compile("Close Register|Kassza zárás")
        self.click("span.dropdown-item", has_text=name)
        self.page.locator(".close-pos-popup").wait_for()

    def answer(self):
        """Return what the till says."""
        box = self.page.locator(".modal-dialog")
        box.wait_for()
        return box.inner_text()


def hold(sandbox, **call):
    """Have the service wait before it makes the next document.

    :param call: another call to wait at, see :meth:`devtools.arena.Control.fault`
    :return: what lets it go on
    """
    control = arena.Control(sandbox)
    control.fault("delay", seconds=HELD, **(call or arena.CREATE["billingo"]))
    return control.clear_faults


def settings(counter, model, **values):
    """Set up the salon's only company, or its till."""
    rpc = counter.rpc()
    rpc.call(model, "write", rpc.call(model, "search", []), values)


def untaxed(counter, scene, product):
    """Give a product a tax without a code; return what mends that."""
    rpc = counter.rpc()
    domain = [["amount", "=", 0], ["type_tax_use", "=", "sale"]]
    tax = rpc.call("account.tax", "search", domain)[0]
    rpc.call(
        "account.tax",
        "write",
        [tax],
        {"salon_vat_code": False, "l10n_hu_tax_type": False},
    )
    rpc.call(
        "product.product",
        "write",
        [scene["products"][product]],
        {"taxes_id": [(6, 0, [tax])]},
    )
    return lambda: rpc.call("account.tax", "write", [tax], {"salon_vat_code": "AAM"})
