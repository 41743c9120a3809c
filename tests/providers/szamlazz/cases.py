"""What the tests of Számlázz.hu sell, and to whom."""

from dataclasses import replace
from decimal import Decimal

from salon_invoice_bridge.billing.invoice import (
    Advance,
    BankAccount,
    Buyer,
    Cancellation,
    Invoice,
    IssuedDocument,
    Kind,
    Line,
    Mail,
    PaymentKind,
    TaxKind,
    Tender,
)
from salon_invoice_bridge.providers.base import Credentials
from salon_invoice_bridge.providers.http import Answer
from salon_invoice_bridge.providers.szamlazz import Szamlazz
from sandbox.szamlazz import SzamlazzEmulator
from tests import clock
from tests.clock import DAY

KEY = SzamlazzEmulator.demo["key"]

CUT = Line(name="Női hajvágás", quantity=Decimal(3), gross=Decimal(1500), vat="27")
TIP = Line(name="Borravaló", quantity=Decimal(1), gross=Decimal(500), vat="ATK")
DEPOSIT = Line(
    name="Foglaló",
    quantity=Decimal(1),
    gross=Decimal(1000),
    vat="27",
    advance=True,
)
ADVANCE = Advance(number="SZ-2026-3", id="903")
TAKEN_OFF = replace(
    DEPOSIT,
    gross=Decimal(-1000),
    settles=ADVANCE.number,
    comment=f"Korábban számlázva: {ADVANCE.number}",
)
WORDS = Mail(
    subject="Számlája: Minta Szalon",
    text="Köszönjük, hogy nálunk járt!\n\n[b]Minta Szalon[/b]",
    reply_to="recepcio@example.com",
)
WALK_IN = Buyer(name="Magánszemély")
COMPANY = Buyer(
    name="Kovács & Társa Kft.",
    postcode="1111",
    city="Budapest",
    street="Példa utca 1.",
    emails=("iroda@example.com", "konyveles@example.com"),
    phone="+36 1 555 0100",
    tax_kind=TaxKind.HUNGARIAN,
    tax_number="12345676-4-42",
    group_tax_number="12345676-5-42",
)


def invoice(**changes):
    """Return a paid invoice over 2000 Ft with ``changes``."""
    fields = {
        "external_key": "A" * 26,
        "order_number": "POS-0001",
        "kind": Kind.INVOICE,
        "buyer": WALK_IN,
        "lines": (CUT, TIP),
        "tenders": (tender(2000),),
        "payment_kind": PaymentKind.CASH,
        "fulfillment_date": DAY,
        "due_date": DAY,
    }
    return Invoice(**{**fields, **changes})


def receipt(**changes):
    """Return a receipt over the same 2000 Ft with ``changes``."""
    return invoice(**{"kind": Kind.RECEIPT, "block": "NYGT", **changes})


def tender(amount, kind=PaymentKind.CASH, day=DAY):
    """Return one payment."""
    return Tender(kind=kind, amount=Decimal(amount), date=day)


def provider(url="http://127.0.0.1:9", key=KEY, **options):
    """Return a strategy that speaks to the sandbox at ``url``."""
    options = {"base_url": f"{url}/szamla", "clock": clock.now, **options}
    return Szamlazz(Credentials(api_key=key), **options)


#: One invoice for each kind of document, by the name of its golden request.
KINDS = {
    "walk_in": invoice(),
    "company_mailed": invoice(
        buyer=COMPANY,
        electronic=True,
        send_email=True,
        block="SZ",
        comment="Köszönjük!",
        bank_account=BankAccount(name="Minta Bank", number="11111111-22222222"),
        paid=False,
        payment_kind=PaymentKind.BANK_TRANSFER,
        due_date=clock.after(8),
    ),
    "mailed_in_words": invoice(buyer=COMPANY, send_email=True, mail=WORDS),
    "proforma": invoice(kind=Kind.PROFORMA, paid=False),
    "advance": invoice(lines=(DEPOSIT,), tenders=(tender(1000),), advance=True),
    "final": invoice(
        lines=(CUT, TAKEN_OFF), tenders=(tender(500),), advances=(ADVANCE,)
    ),
    "from_proforma": invoice(proforma_number="D-SZ-2026-1"),
    "correction": invoice(
        kind=Kind.CORRECTION,
        corrected_number="SZ-2026-1",
        lines=(
            Line(
                name="Női hajvágás",
                quantity=Decimal(-1),
                gross=Decimal(-500),
                vat="27",
                comment="Visszatérítés",
                sku="VAGAS",
            ),
        ),
        tenders=(),
    ),
    "euro_in_english": invoice(
        buyer=Buyer(
            name="Jane Doe GmbH",
            country="AT",
            postcode="1010",
            city="Wien",
            street="Ring 1",
            tax_kind=TaxKind.EU,
            eu_tax_number="ATU12345675",
        ),
        currency="EUR",
        exchange_rate=Decimal("402.15"),
        language="en",
        lines=(
            Line(
                name="Haircut",
                quantity=Decimal("1.5"),
                gross=Decimal("19.99"),
                vat="27",
                unit="óra",
            ),
        ),
        tenders=(),
        payment_kind=PaymentKind.CARD,
    ),
}

#: One receipt of each sort, by the name of its golden request.
RECEIPTS = {
    "receipt": receipt(),
    "receipt_of_two_tenders": receipt(
        lines=(
            CUT,
            TIP,
            Line(
                name="Hajfesték",
                quantity=Decimal("0.5"),
                gross=Decimal(4999),
                vat="27",
                unit="tubus",
                sku="FESTEK",
                comment="7.1 hamvas",
            ),
            Line(name="Hűség", quantity=Decimal(1), gross=Decimal(-300), vat="27"),
            Line(name="Minta", quantity=Decimal(1), gross=Decimal(0), vat="27"),
        ),
        tenders=(tender(1699), tender(5000, PaymentKind.SZEP_CARD)),
        payment_kind=PaymentKind.SZEP_CARD,
        comment="Köszönjük!",
    ),
    "receipt_in_euros": receipt(
        lines=(
            Line(name="Vágás", quantity=Decimal(1), gross=Decimal("49.99"), vat="27"),
        ),
        tenders=(tender("49.99", PaymentKind.CARD),),
        payment_kind=PaymentKind.CARD,
        currency="EUR",
        exchange_rate=Decimal("402.15"),
    ),
    "receipt_of_an_exempt_salon": receipt(
        lines=(Line(name="Vágás", quantity=Decimal(1), gross=Decimal(7), vat="AAM"),),
        tenders=(tender(7),),
    ),
}

NOBODY = IssuedDocument(
    id="SZ-1", number="SZ-1", kind=Kind.INVOICE, gross=Decimal(1), currency="HUF"
)


def documents(server):
    """Return what the ledger has."""
    return server.world.ledger()["documents"]


def issue(agent, **changes):
    """Issue an invoice with ``changes``."""
    return agent.issue(agent.render(invoice(**changes)))


def cancellation(original, **changes):
    """Return the wish to reverse ``original``."""
    return Cancellation(original=original, external_key="S" * 26, **changes)


XML = "<xmlszamlavalasz xmlns='http://www.szamlazz.hu/xmlszamlavalasz'>%s"
SUCCESS = XML % (
    "<sikeres>true</sikeres><szamlaszam>SZ-2026-12</szamlaszam><szamlanetto>1681"
    "</szamlanetto><szamlabrutto>2000</szamlabrutto></xmlszamlavalasz>"
)


def answering(body=b"", status=200, **headers):
    """Return a strategy whose service answers just this."""
    made = provider()
    body = body.encode() if isinstance(body, str) else body
    made.http.send = lambda *_args, **_options: Answer(status, headers, body)
    return made
