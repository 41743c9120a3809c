"""The customer's page in a real browser, on a phone and on a tablet, in every state."""

import os
import re
import time
from pathlib import Path

import pytest

from devtools.selling import wait
from devtools.till import Till

from .screens import PHONE, Screens

TABLET = {"width": 820, "height": 1180}
#: Smallest height of what a finger presses.
FINGER = 44
#: The address of a refresh while the invoice is being made.
LOOKS_AGAIN = re.compile(r"[?]looks=\d+$")
REQUESTS = "salon_invoice_bridge.salon_invoice_request_action"
#: A company and a sole trader whom the sandbox's tax authority knows, and neither.
COMPANY, SOLE_TRADER, NOBODY = "11112222-2-41", "55667780-1-33", "12345676-2-42"


class Guest(Screens):
    """A customer with a slip, and no log-in."""

    def __init__(self, page, server):
        super().__init__(page, server)
        self.told = []
        page.on(
            "console",
            lambda message: self.told.append(f"{message.text} {message.location}"),
        )
        page.on("pageerror", lambda error: self.told.append(str(error)))

    def open_slip(self, token, path=""):
        """Open the address behind the code on the slip."""
        self.page.goto(f"{self.server.url}/salon/invoice/{token}{path}")
        self.page.locator("main h1").wait_for()

    def keep(self, name):
        """Look at the page on a phone and on a tablet, and keep pictures of it."""
        # It stays the same meanwhile.
        let_arrive = self.hold_back(LOOKS_AGAIN)
        folder = os.environ.get("SALON_SCREENS")
        for device, size in (("phone", PHONE), ("tablet", TABLET)):
            self.page.set_viewport_size(size)
            self.check_layout(f"{name} on a {device}")
            if folder:
                Path(folder).mkdir(parents=True, exist_ok=True)
                path = Path(folder) / f"guest-{name}-{device}.png"
                self.page.screenshot(path=path, full_page=True)
        let_arrive()
        assert not self.told, self.told

    def check_layout(self, where):
        """Check that nothing is cut off, and that fingers find what they press."""
        wide, screen = self.page.evaluate(
            "[document.documentElement.scrollWidth, window.innerWidth]"
        )
        assert wide <= screen, where
        for box in self.page.locator("main .button:visible, main input:visible").all():
            assert box.bounding_box()["height"] >= FINGER, where
        text = self.page.locator("main").evaluate("e => getComputedStyle(e).fontSize")
        assert float(text.removesuffix("px")) >= 16, where

    def state(self):
        """Return which state the page's heading has the colour of."""
        classes = self.page.locator("main h1").get_attribute("class") or ""
        return classes.removeprefix("state ").strip()


@pytest.fixture
def guest(browser, odoo_server, database, scene):
    """Return the customer of a salon that takes requests."""
    customer = Guest(browser, odoo_server(database))
    rpc = customer.rpc()
    (company,) = rpc.call("res.company", "search", [])
    values = {"salon_guest_may_request": True}
    rpc.call("res.company", "write", [company], values)
    return customer


@pytest.fixture
def till(guest, scene):
    """Return the receptionist's till."""
    return Till(guest.rpc("receptionist"), scene)


def sold(till, *arguments, **keywords):
    """Sell, and return the id of the sale and its token."""
    order = till.sell(*arguments, **keywords)
    (sale,) = till.session.call("pos.order", "read", [order], ["access_token"])
    return order, sale["access_token"]


def documents(guest, order, *names):
    """Return the rows of a sale's documents."""
    return guest.rpc("manager").call(
        "salon.invoice.document",
        "search_read",
        [["order_id", "=", order]],
        ["state", "number", "pdf_id", *names],
    )


def with_pdf(guest, order, token):
    """Return the document of a sale whose customer asks for its PDF, with it."""
    deadline = time.monotonic() + 90
    while True:
        guest.page.request.get(f"{guest.server.url}/salon/invoice/{token}/pdf")
        (document,) = documents(guest, order)
        if document["pdf_id"]:
            return document
        assert time.monotonic() < deadline, document
        time.sleep(0.5)


def test_every_state_of_the_page(guest, till, scene, sandbox):
    person, company = scene["customers"]["person"], scene["customers"]["company"]
    guest.open_slip("00000000-0000-4000-8000-000000000000")
    guest.keep("unknown")

    walk_in, token = sold(till, [("Női hajvágás",)])
    document = with_pdf(guest, walk_in, token)
    guest.open_slip(token)
    assert guest.state() == "issued"
    assert guest.page.inner_text(".number") == document["number"]
    guest.keep("issued")
    guest.page.keyboard.press("Tab")
    assert guest.page.evaluate("document.activeElement.matches('.button')")
    pdf = guest.page.request.get(
        guest.page.locator("a.button").first.evaluate("link => link.href")
    )
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.body().startswith(b"%PDF")

    named, token = sold(till, [("Manikűr",)], customer=person)
    wait(guest.rpc("manager"), [named])
    guest.open_slip(token)
    assert not guest.page.locator("a.button").count()
    assert "Zsófia" not in guest.page.content()
    guest.keep("person")

    billed, token = sold(till, [("Manikűr",)], customer=company)
    with_pdf(guest, billed, token)
    guest.open_slip(token)
    assert guest.page.locator("a.button").count() == 1  # the PDF; nothing to ask for
    assert "Tükörfúró" not in guest.page.content()
    guest.keep("company")

    manager = guest.rpc("manager")
    (document,) = documents(guest, billed)
    storno = manager.call(
        "salon.invoice.storno",
        "create",
        {"document_id": document["id"], "reason": "Elírás"},
    )
    manager.call("salon.invoice.storno", "action_cancel_invoice", [storno])
    deadline = time.monotonic() + 60
    while guest.state() != "cancelled":
        assert time.monotonic() < deadline
        guest.open_slip(token)
    guest.keep("cancelled")

    rpc = guest.rpc()
    (own,) = rpc.call("res.company", "search", [])
    rpc.call("res.company", "write", [own], {"salon_automatic": False})
    _order, token = sold(till, [("Manikűr",)])
    guest.open_slip(token)
    assert guest.state() == "missing"
    guest.keep("missing")


def test_the_page_while_the_service_is_down(guest, till, sandbox):
    sandbox.stop()
    _order, token = sold(till, [("Manikűr",)])
    guest.open_slip(token)
    assert guest.state() == "pending"
    guest.keep("pending")
    guest.open_slip(token, "/request")
    guest.page.fill("#tax_number", COMPANY)
    guest.page.keyboard.press("Enter")
    guest.page.locator("#buyer_name").wait_for()
    guest.keep("request-unverified")


def test_the_page_changes_by_itself_when_the_invoice_is_made(guest, till, sandbox):
    sent = till.order([("Manikűr",)])
    # The code is on the slip before the server knows the sale.
    guest.open_slip(sent["access_token"])
    guest.keep("not-arrived")
    till.session.call("pos.order", "sync_from_ui", [sent])
    guest.page.locator("h1.issued").wait_for(timeout=60_000)
    # The page has its PDF fetched, too.
    guest.page.locator("main a.button:not(.second)").wait_for(timeout=90_000)
    guest.page.wait_for_timeout(4_000)
    assert not guest.page.locator("meta[http-equiv=refresh]").count()
    assert not guest.told, guest.told


def test_a_customer_asks_for_company_data_and_the_salon_decides(guest, till):
    rpc = guest.rpc("manager")
    order, token = sold(till, [("Női hajvágás",)])
    other, other_token = sold(till, [("Manikűr",)])
    wait(rpc, [order, other])
    # Nothing is waited for on its page any more.
    with_pdf(guest, order, token)

    guest.open_slip(token)
    guest.click("a.button.second")
    guest.page.locator("#tax_number").wait_for()
    guest.keep("request-number")
    guest.page.fill("#tax_number", "11112222-2-42x")
    guest.click("button[value=ask]")
    guest.page.locator(".problem").wait_for()
    guest.keep("request-wrong-number")
    guest.page.fill("#tax_number", COMPANY)
    guest.page.keyboard.press("Enter")
    guest.page.locator(".known").first.wait_for()
    assert "SZÉPSÉG" in guest.page.inner_text(".known >> nth=0")
    assert not guest.page.locator("#street").count()
    guest.keep("request-company")
    guest.page.fill("#email", "szamla@proba-szepseg.example")
    guest.click("button[value=send]")
    guest.page.locator(".request.new").wait_for()
    assert guest.page.url.endswith(token)
    guest.keep("request-sent")

    guest.open_slip(other_token, "/request")
    guest.page.fill("#tax_number", SOLE_TRADER)
    guest.page.keyboard.press("Enter")
    guest.page.locator("#street").wait_for()
    assert "KORZÓ" not in guest.page.content().upper()
    guest.page.fill("#postcode", "2000")
    guest.page.fill("#city", "Szentendre")
    guest.page.fill("#street", "Duna korzó 1.")
    guest.page.fill("#email", "piroska@example")
    guest.click("button[value=send]")
    guest.page.locator("input[aria-invalid=true]").wait_for()
    guest.keep("request-incomplete")
    guest.page.fill("#email", "piroska@example.com")
    guest.click("button[value=send]")
    guest.page.locator(".request.new").wait_for()

    requests = rpc.call(
        "salon.invoice.request",
        "search_read",
        [],
        ["order_id", "state", "verified", "street", "buyer_name"],
    )
    known = {row["order_id"][0]: row for row in requests}
    assert known[order]["state"] == known[other]["state"] == "new"
    assert known[order]["verified"]
    assert known[other]["street"] == "Duna korzó 1."

    guest.told.clear()
    guest.log_in("receptionist")
    guest.open(REQUESTS)
    guest.page.locator(".o_data_row").nth(1).wait_for()
    guest.picture("requests")
    guest.open(REQUESTS, known[other]["id"])
    guest.page.locator(".o_form_view button[name=action_accept]").wait_for()
    guest.picture("request")
    guest.button("action_decline")
    guest.page.locator(".modal [name=reason] input").fill("Kérjük, hívjon fel minket.")
    guest.picture("request-decline")
    guest.click(".modal button[name=action_decline]")
    guest.page.locator(".modal").wait_for(state="detached")
    guest.told.clear()
    guest.open_slip(other_token)
    assert "Kérjük, hívjon" in guest.page.inner_text(".request.declined")
    guest.keep("request-declined")

    guest.page.context.clear_cookies()
    guest.log_in("manager")
    guest.open(REQUESTS, known[order]["id"])
    guest.button("action_accept")
    guest.page.locator(".modal button[name=action_change]").wait_for()
    guest.picture("request-accept")
    guest.click(".modal button[name=action_change]")
    guest.page.locator(".modal").wait_for(state="detached")
    deadline = time.monotonic() + 90
    while len(documents(guest, order)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    wait(rpc, [order])
    guest.told.clear()
    guest.open_slip(token)
    guest.page.locator(".request.accepted").wait_for()
    guest.keep("request-accepted")
