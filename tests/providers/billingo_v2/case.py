"""What the tests of Billingo v2 share: an account, a buyer, an invoice."""

from dataclasses import replace
from decimal import Decimal

import requests

from salon_invoice_bridge.billing.invoice import (
    Buyer,
    Cancellation,
    Invoice,
    Kind,
    Line,
    PaymentKind,
)
from salon_invoice_bridge.providers import registry
from salon_invoice_bridge.providers.base import Credentials
from salon_invoice_bridge.providers.http import Answer
from sandbox.server import start
from tests import clock
from tests.clock import DAY

PUBLIC_KEY = "demo-billingo-v2-public-key"
PRIVATE_KEY = "demo-billingo-v2-private-key-0123456789"
CREDENTIALS = Credentials(public_key=PUBLIC_KEY, api_key=PRIVATE_KEY)

BUYER = Buyer(
    name="Kőszegi Őrs Kft.",
    postcode="1051",
    city="Budapest",
    street="Fő utca 12/A",
    emails=("ors@example.com",),
)
INVOICE = Invoice(
    external_key="ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    order_number="Szalon/0042",
    kind=Kind.INVOICE,
    buyer=BUYER,
    lines=(
        Line(name="Női hajvágás", quantity=Decimal(1), gross=Decimal(8900), vat="27"),
        Line(name="Sampon", quantity=Decimal(2), gross=Decimal(5080), vat="27"),
        Line(name="Borravaló", quantity=Decimal(1), gross=Decimal(500), vat="ATK"),
    ),
    payment_kind=PaymentKind.CARD,
    fulfillment_date=DAY,
    due_date=DAY,
    partner_id="1001",
)


class Sandbox:
    """The emulators in a thread of the test, with their control API."""

    def __init__(self):
        self.server = start(clock=clock.now)
        self.world = self.server.world
        self.url = self.server.url

    def reset(self):
        self._call("POST", "reset")

    def account(self, **options):
        """Change options of the demo account."""
        self._call("PATCH", f"accounts/billingo_v2/{PUBLIC_KEY}", options)

    def fault(self, kind, **options):
        """Let the next matching call go wrong."""
        self._call("POST", "faults", {"kind": kind, **options})

    def wait(self, seconds):
        """Let time pass at the service."""
        self._call("POST", "clock", {"advance": seconds})

    def documents(self):
        """Return the ledger's documents, oldest first."""
        return self._call("GET", "ledger?service=billingo_v2")["documents"]

    def mails(self):
        return self._call("GET", "ledger?service=billingo_v2")["mails"]

    def calls(self):
        """Return the operations that were called, oldest first."""
        calls = self._call("GET", "ledger?service=billingo_v2")["calls"]
        return [call["operation"] for call in calls]

    def _call(self, method, path, body=None):
        url = f"{self.url}/_sandbox/{path}"
        response = requests.request(method, url, json=body, timeout=10)
        assert response.status_code == 200, response.text
        return response.json()


def today():
    """Return the date on the service's calendar."""
    return DAY


def strategy(url, **options):
    """Return the strategy, speaking to the emulator at ``url``."""
    options = {
        "base_url": f"{url}/billingo/v2",
        "timeout": 10,
        "clock": clock.now,
        **options,
    }
    return registry.get("billingo_v2")(CREDENTIALS, **options)


def ready(provider, invoice=INVOICE, **changes):
    """Return ``invoice``, dated today, with its buyer known to the service."""
    changes = {"fulfillment_date": today(), "due_date": today(), **changes}
    if "partner_id" not in changes:
        changes["partner_id"] = provider.sync_buyer(invoice.buyer)
    return replace(invoice, **changes)


def issued(provider, invoice=INVOICE, **changes):
    """Issue an invoice; returns it and the document."""
    invoice = ready(provider, invoice, **changes)
    return invoice, provider.issue(provider.render(invoice))


def wish(document):
    """Return the wish to cancel a document."""
    return Cancellation(original=document, external_key="Z" * 26)


def line(name="Hajvágás", quantity=1, gross=1000, vat="27", **more):
    quantity, gross = Decimal(str(quantity)), Decimal(str(gross))
    return Line(name=name, quantity=quantity, gross=gross, vat=vat, **more)


def answer(body, status=200, **headers):
    """Return an answer of the service, for tests that need no socket."""
    if isinstance(body, str):
        body = body.encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, names, body)
