"""A salon with an account of its own at an emulated service."""

import itertools
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from salon_invoice_bridge.billing.invoice import (
    Buyer,
    Cancellation,
    Invoice,
    Kind,
    Line,
    PaymentKind,
    TaxKind,
    Tender,
)
from salon_invoice_bridge.providers import registry

_numbers = itertools.count(1)


def _rows(faults):
    report = faults.report()
    return report["waiting"] + report["used_up"]


CUT = Line(name="Női hajvágás", quantity=Decimal(1), gross=Decimal(9990), vat="27")
TIP = Line(name="Borravaló", quantity=Decimal(1), gross=Decimal(1000), vat="ATK")
COMB = Line(name="Hajfésű", quantity=Decimal(1), gross=Decimal(1000), vat="27")
THIRDS = Line(name="Ampulla", quantity=Decimal(3), gross=Decimal(10000), vat="27")
GUEST = Buyer(
    name="Kiss Anna & Társa <anna>",
    postcode="1011",
    city="Budapest",
    street="Fő utca 1.",
    emails=("anna@example.com",),
    phone="+36 1 555 0100",
)
COMPANY = replace(
    GUEST,
    name="Minta Vevő Kft.",
    tax_kind=TaxKind.HUNGARIAN,
    tax_number="12345676-2-42",
    emails=("iroda@example.com",),
)


@dataclass
class Salon:
    """What a case works with: a strategy, its account, and the sandbox behind it."""

    harness: object
    server: object
    account: dict
    exchanges: list = field(default_factory=list)

    def __post_init__(self):
        self.provider = self.connect()

    @property
    def today(self):
        """The sandbox's date, as the services in Hungary count it."""
        moment = self.server.world.now()
        return datetime.fromtimestamp(moment, ZoneInfo("Europe/Budapest")).date()

    def connect(self, **options):
        """Return a strategy of this account."""
        strategy = registry.get(self.harness.code)
        return strategy(
            self.harness.credentials(self.account),
            base_url=options.pop("base_url", self.server.url + self.harness.path),
            observer=self.exchanges.append,
            clock=self.server.world.now,
            **options,
        )

    @property
    def of_receipts(self):
        """True if receipts stand in the place of invoices."""
        return self.harness.kind is Kind.RECEIPT

    @property
    def extra(self):
        """A line of 1000 Ft: a tip, where the document can have one."""
        tips = not self.of_receipts or self.provider.capabilities.receipt_tip
        return TIP if tips else COMB

    def knows_vat(self, code):
        """True if the document can have a VAT code."""
        knows = self.provider.knows_receipt_vat
        return (knows if self.of_receipts else self.provider.knows_vat)(code)

    # === SALES === #

    def invoice(self, buyer=GUEST, **changes):
        """Return an invoice ready to be rendered; its buyer is known to the service.

        Or a receipt, which knows no buyer and is paid.
        """
        number = next(_numbers)
        fields = {
            "external_key": f"CONTRACT{number:018d}",
            "order_number": f"Szalon/{number:04d}",
            "kind": self.harness.kind,
            "buyer": buyer,
            "lines": (CUT, self.extra),
            "payment_kind": PaymentKind.CARD,
            "fulfillment_date": self.today,
            "due_date": self.today,
            "block": self.harness.block,
            "bank_account": self.harness.bank_account,
            **changes,
        }
        if self.of_receipts:
            gross = sum(line.gross for line in fields["lines"])
            fields["tenders"] = (self.tender(gross, fields["payment_kind"]),)
        elif "partner_id" not in changes:
            fields["partner_id"] = self.provider.sync_buyer(buyer)
        return Invoice(**fields)

    def issue(self, **changes):
        """Issue an invoice; returns ``(invoice, document)``."""
        invoice = self.invoice(**changes)
        return invoice, self.provider.issue(self.provider.render(invoice))

    def storno_of(self, document):
        """Return the wish to cancel ``document``."""
        return Cancellation(
            original=document,
            external_key=f"CONTRACTSTORNO{next(_numbers):012d}",
            reason="Visszavont vásárlás",
        )

    def listed(self):
        """Return what the service lists of today."""
        provider = self.provider
        ask = provider.list_receipts if self.of_receipts else provider.list_documents
        return list(ask(self.today, self.today))

    def tender(self, amount, kind=PaymentKind.CARD):
        """Return one payment of today."""
        return Tender(kind=kind, amount=Decimal(amount), date=self.today)

    # === THE OTHER SIDE === #

    def documents(self, kind=None):
        """Return the ledger's documents of this account that are there."""
        entries = self.server.world.ledger(account=self.account["id"])["documents"]
        return [
            entry
            for entry in entries
            if not entry.get("deleted") and kind in (None, entry["kind"])
        ]

    def total(self):
        """Return what all documents of this account add up to."""
        return sum(Decimal(str(entry["gross"])) for entry in self.documents())

    def calls(self):
        """Return the calls of this account that reached the service."""
        return self.server.world.ledger(account=self.account["id"])["calls"]

    def creates(self):
        """Return those calls that were to make a document."""
        pattern = self.harness.create
        return [call for call in self.calls() if re.match(pattern, call["operation"])]

    def mails(self):
        """Return the e-mails that the service would have sent for this account."""
        return self.server.world.ledger(account=self.account["id"])["mails"]

    def change(self, **options):
        """Change the account at the service behind the salon's back."""
        emulator = self.server.world.emulator(self.harness.code)
        emulator.change_account(self.account["key"], options)

    def advance(self, seconds):
        """Let time pass at the service."""
        self.server.world.clock_offset += seconds

    @contextmanager
    def fault(self, kind, **spec):
        """Let calls of this account meet a fault; it must have fired at the end."""
        faults = self.server.world.faults
        faults.add({"kind": kind, "account": self.account["key"], **spec})
        yield
        # A call that its caller has given up may reach the emulator a little later.
        patience = time.monotonic() + 10
        while not any(row["fired"] for row in _rows(faults)):
            assert time.monotonic() < patience, "the fault has not fired"
            time.sleep(0.01)
        faults.clear()
