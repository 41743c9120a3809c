"""A receptionist in front of the real till, in Chromium."""

from devtools.till import Till

from .screens import Screens


class Counter(Screens):
    """A receptionist at the counter, in front of the till's screens."""

    def open_till(self, scene, language="hu_HU"):
        """Open the till whose session is open; return what sells over RPC beside it."""
        till = Till(self.rpc("receptionist"), scene)
        self.log_in("receptionist", language)
        self.page.goto(f"{self.server.url}/pos/ui/{scene['config']}")
        self.page.locator(".open-register-btn, .product-screen").first.wait_for()
        if self.page.locator(".open-register-btn").is_visible():
            self.click(".open-register-btn")
        return till

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

    def pay(self):
        """Pay in cash, and wait for the receipt."""
        self.click(".paymentmethod", has_text="Készpénz")
        self.click(".payment-screen button.next:visible")
        self.page.locator(".receipt-screen, .modal").first.wait_for()
        assert not self.page.locator(".modal").count(), self.page.inner_text(".modal")
        self.page.locator(".receipt-screen").wait_for()

    def open_sale(self, reference):
        """Open a paid sale in the till's list of orders."""
        self.click(".navbar-menu .orders-button, .pos-topheader .orders-button")
        self.click(".pos-search-bar .filter")
        self.click(".pos-search-bar .filter li:not(.indented):not(:first-child)")
        self.click(".ticket-screen .order-row", has_text=reference)
        self.page.locator(".ticket-screen .fa-file-pdf-o").wait_for()

    def press_invoice(self):
        """Press *Invoice* on the sale that is open."""
        self.click(".ticket-screen .control-button:has(.fa-file-pdf-o)")

    def start_refund(self, reference):
        """Give back the first line of a paid sale, up to the payment."""
        self.open_sale(reference)
        self.page.locator(".ticket-screen .orderline.selected").wait_for()
        self.click(".ticket-screen .numpad button", has_text="1")
        self.page.locator(".ticket-screen .to-refund-highlight").wait_for()
        self.click(".ticket-screen .btn-primary.pay-order-button:visible")
        self.page.locator(".payment-screen").wait_for()

    def answer(self):
        """Return what the till says."""
        box = self.page.locator(".modal-dialog")
        box.wait_for()
        return box.inner_text()
