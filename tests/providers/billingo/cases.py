"""What the tests of Billingo sell, and to whom."""

from dataclasses import replace
from decimal import Decimal

from salon_invoice_bridge.billing.invoice import (
    Advance,
    BankAccount,
    Buyer,
    Invoice,
    Kind,
    Line,
    PaymentKind,
    TaxKind,
    Tender,
)
from salon_invoice_bridge.providers.base import Credentials
from salon_invoice_bridge.providers.billingo import Billingo
from tests import clock
from tests.clock import DAY

KEY = "demo-billingo-key"

CUT = Line(name="Női hajvágás", quantity=Decimal(1), gross=Decimal(9990), vat="27")
TIP = Line(name="Borravaló", quantity=Decimal(1), gross=Decimal(500), vat="ATK")
DEPOSIT = Line(
    name="Foglaló",
    quantity=Decimal(1),
    gross=Decimal(3000),
    vat="27",
    advance=True,
)
ADVANCE = Advance(number="2026-000003", id="903")


def taken_off(number):
    """Return the line by which a deposit is taken off."""
    return replace(
        DEPOSIT,
        gross=Decimal(-3000),
        settles=number,
        comment=f"Korábban számlázva: {number}",
    )


TAKEN_OFF = taken_off(ADVANCE.number)
GUEST = Buyer(
    name="Kiss Anna",
    postcode="1011",
    city="Budapest",
    street="Fő utca 1.",
    emails=("anna@example.com",),
)
COMPANY = replace(
    GUEST,
    name="Minta Vevő Kft.",
    tax_kind=TaxKind.HUNGARIAN,
    tax_number="12345676-2-42",
)


def invoice(**changes):
    """Return a paid invoice over 10 490 Ft with ``changes``."""
    fields = {
        "external_key": "MFRGGZDFMZTWQ2LKNNWG23TPOA",
        "order_number": "Szalon/0001",
        "kind": Kind.INVOICE,
        "buyer": GUEST,
        "lines": (CUT, TIP),
        "payment_kind": PaymentKind.CARD,
        "fulfillment_date": DAY,
        "due_date": DAY,
        "block": "11",
        "partner_id": "1001",
    }
    return Invoice(**{**fields, **changes})


def receipt(*lines, **changes):
    """Return the receipt of ``lines``, paid by card."""
    lines = lines or (CUT,)
    fields = {
        "kind": Kind.RECEIPT,
        "lines": lines,
        "block": "12",
        "partner_id": "",
        "tenders": (
            Tender(
                kind=PaymentKind.CARD,
                amount=sum(line.gross for line in lines),
                date=DAY,
            ),
        ),
    }
    return invoice(**{**fields, **changes})


def provider(url="http://127.0.0.1:9", key=KEY, **options):
    """Return a strategy that speaks to the sandbox at ``url``."""
    options = {"base_url": f"{url}/billingo/v3", "clock": clock.now, **options}
    return Billingo(Credentials(api_key=key), **options)


#: One invoice for each kind of document, by the name of its golden request.
GOLDEN = {
    "invoice": invoice(),
    "invoice_by_transfer": invoice(
        paid=False,
        payment_kind=PaymentKind.BANK_TRANSFER,
        due_date=clock.after(8),
        electronic=True,
        bank_account=BankAccount(id="21"),
        comment="Köszönjük!\nVárjuk vissza.",
    ),
    "draft": invoice(kind=Kind.DRAFT),
    "advance": invoice(lines=(DEPOSIT,), advance=True),
    "final": invoice(lines=(CUT, TAKEN_OFF), advances=(ADVANCE,)),
    "final_of_two": invoice(
        lines=(CUT, TAKEN_OFF, taken_off("2026-000004")),
        advances=(ADVANCE, Advance(number="2026-000004", id="904")),
    ),
    "proforma": invoice(kind=Kind.PROFORMA, paid=False),
    "euro_in_german": invoice(
        currency="EUR",
        exchange_rate=Decimal("402.1500"),
        language="de_DE",
        lines=(
            Line(
                name="Haarschnitt",
                quantity=Decimal("1.5"),
                gross=Decimal("49.98"),
                vat="27",
                unit="Std.",
                comment="mit Färben",
                sku="VAGAS-1",
            ),
        ),
    ),
    "every_vat": invoice(
        lines=tuple(
            Line(name=code, quantity=Decimal(1), gross=Decimal(1000), vat=code)
            for code in (
                *("27", "18", "5", "0", "25.5", "AAM", "TAM", "KBAET", "EAM", "ATK"),
                *("EUFAD37", "EUFADE", "EUE", "HO", "DOMESTIC_REVERSE"),
                *("TRAVEL_AGENCY", "SECOND_HAND", "ARTWORK", "ANTIQUES"),
            )
        )
    ),
    "quantities": invoice(
        lines=(
            Line(name="Egész", quantity=Decimal(2), gross=Decimal(9980), vat="27"),
            Line(name="Fél", quantity=Decimal("0.5"), gross=Decimal(999), vat="27"),
            Line(name="Harmad", quantity=Decimal(3), gross=Decimal(10000), vat="27"),
            Line(name="Vissza", quantity=Decimal(-1), gross=Decimal(-500), vat="27"),
            Line(name="Ajándék", quantity=Decimal(1), gross=Decimal(0), vat="27"),
        )
    ),
}

#: One receipt of each sort, by the name of its golden request.
RECEIPTS = {
    "receipt": receipt(),
    "receipt_with_less": receipt(
        CUT,
        Line(name="Könyv", quantity=Decimal(1), gross=Decimal(700), vat="5"),
        Line(
            name="Sampon",
            quantity=Decimal(2),
            gross=Decimal(3000),
            vat="27",
            sku="SAMPON",
            comment="250 ml",
        ),
        Line(name="Hűség", quantity=Decimal(1), gross=Decimal(-1299), vat="27"),
        Line(name="Minta", quantity=Decimal(1), gross=Decimal(0), vat="27"),
    ),
    "receipt_in_euros": receipt(
        replace(CUT, gross=Decimal("49.98")),
        currency="EUR",
        exchange_rate=Decimal("402.15"),
    ),
    "receipt_of_an_exempt_salon": receipt(
        replace(CUT, vat="AAM"),
        payment_kind=PaymentKind.CASH,
        electronic=True,
    ),
}
