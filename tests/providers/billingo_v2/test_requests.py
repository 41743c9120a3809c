"""The bytes that Billingo v2 is sent: golden files, and every invoice there can be."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.errors import Rejected
from salon_invoice_bridge.billing.invoice import (
    BankAccount,
    Buyer,
    Invoice,
    Kind,
    Line,
    PaymentKind,
    TaxKind,
)
from salon_invoice_bridge.billing.money import unit
from salon_invoice_bridge.billing.vat import EXEMPT
from salon_invoice_bridge.providers.billingo_v2 import render
from salon_invoice_bridge.providers.billingo_v2.tables import (
    COUNTRIES,
    PAYMENT_METHODS,
    VAT_IDS,
)
from sandbox import billingo_v2_amounts, schema
from sandbox.billingo_v2 import BillingoV2Emulator
from sandbox.billingo_v2_tables import CLIENT, VAT

from .case import BUYER, INVOICE, line, strategy

GOLDEN = Path(__file__).parent / "golden"
PROVIDER = strategy("http://127.0.0.1:9")


def golden(name):
    """Return the bytes of a golden file, which ends in a newline as text files do."""
    return (GOLDEN / f"{name}.json").read_bytes().removesuffix(b"\n")


def changed(**fields):
    return Invoice(**{**INVOICE.__dict__, **fields})


COMPANY = Buyer(
    **{
        **BUYER.__dict__,
        "tax_kind": TaxKind.HUNGARIAN,
        "tax_number": "12345676-5-42",
        "group_tax_number": "12345676-4-42",
    }
)
TOURIST = Buyer(
    name="Zoë Müller",
    country="AT",
    postcode="1010",
    city="Wien",
    street="Ring 1",
    emails=("zoe@example.com", "second@example.com"),
    phone="+43 1 234",
    tax_kind=TaxKind.EU,
    eu_tax_number="ATU12345678",
)
CASES = {
    "invoice": INVOICE,
    "draft": changed(kind=Kind.DRAFT),
    "proforma": changed(
        kind=Kind.PROFORMA,
        payment_kind=PaymentKind.BANK_TRANSFER,
        paid=False,
        due_date=date(2026, 11, 28),
        bank_account=BankAccount(id="41"),
    ),
    "euro": changed(
        currency="EUR",
        exchange_rate=Decimal("402.150"),
        language="de",
        lines=(line("Haarschnitt", 1, "24.90"), line("Shampoo", 2, "13.00", "5")),
        block="31",
        electronic=True,
    ),
    "exempt": changed(
        buyer=COMPANY,
        comment="Köszönjük!",
        lines=(
            line("Arckezelés", "1.5", 7500, "AAM", unit="óra", comment="Anna"),
            line("Három szelet torta", 3, 1000, "TAM"),
            line("Visszahozott sampon", -1, -2540, "27"),
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_request_is_byte_for_byte_the_golden_one(name):
    assert PROVIDER.render(CASES[name]) == golden(name)


@pytest.mark.parametrize(
    ("name", "buyer"), [("client_company", COMPANY), ("client_tourist", TOURIST)]
)
def test_the_client_is_byte_for_byte_the_golden_one(name, buyer):
    assert render.client_request(buyer) == golden(name)


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        (PaymentKind.CASH, 1),
        (PaymentKind.CARD, 5),
        (PaymentKind.ONLINE_CARD, 5),
        (PaymentKind.BARION, 5),
        (PaymentKind.BANK_TRANSFER, 2),
        (PaymentKind.PAYPAL, 7),
        (PaymentKind.SZEP_CARD, 6),
        (PaymentKind.VOUCHER, 12),
        (PaymentKind.OTHER, 1),
    ],
)
def test_each_way_to_pay_has_its_method(kind, method):
    request = json.loads(PROVIDER.render(changed(payment_kind=kind)))
    assert request["payment_method"] == method
    assert set(PAYMENT_METHODS) | {PaymentKind.OTHER} == set(PaymentKind)


def test_forints_have_no_exchange_rate():
    request = json.loads(PROVIDER.render(changed(exchange_rate=Decimal(400))))
    assert "exchange_rate" not in request


def test_what_other_means_is_the_salons_choice():
    provider = strategy("http://127.0.0.1:9", other_payment_method=9)
    request = json.loads(provider.render(changed(payment_kind=PaymentKind.OTHER)))
    assert request["payment_method"] == 9


@pytest.mark.parametrize("locale", ["de_DE", "hu", "pt"])
def test_the_language_is_one_that_the_service_has(locale):
    expected = {"de_DE": "de", "hu": "hu", "pt": "en"}[locale]
    request = json.loads(PROVIDER.render(changed(language=locale)))
    assert request["template_lang_code"] == expected


def test_three_for_a_thousand_are_three_at_two_prices():
    request = json.loads(PROVIDER.render(changed(lines=(line("Torta", 3, 1000),))))
    assert [
        (item["description"], item["qty"], item["gross_unit_price"])
        for item in request["items"]
    ] == [("Torta", 2, 333), ("Torta", 1, 334)]


@pytest.mark.parametrize(
    ("street", "parts"),
    [
        ("Fő utca 12/A", ("Fő", "utca", "12/A")),
        ("Kossuth Lajos tér 1-3.", ("Kossuth Lajos", "tér", "1-3.")),
        ("Nagy Imre u. 4", ("Nagy Imre", "u.", "4")),
        ("Rue de Rivoli 5", ("Rue de Rivoli 5", "", "")),
        ("Tanya 8", ("Tanya 8", "", "")),
    ],
)
def test_hungarian_addresses_are_split_as_the_service_compares_them(street, parts):
    buyer = Buyer(**{**BUYER.__dict__, "street": street})
    address = json.loads(render.client_request(buyer))["billing_address"]
    assert (address["street_name"], address["street_type"], address["house_nr"]) == (
        parts
    )


def test_a_country_without_a_name_is_refused():
    with pytest.raises(Rejected, match="XX"):
        render.client_request(Buyer(**{**BUYER.__dict__, "country": "XX"}))


# === EVERY INVOICE === #

_texts = st.text(min_size=1, max_size=20).filter(str.strip)
_codes = st.sampled_from([*EXEMPT, "27", "5", "18", "0", "25.5"])
_quantities = st.integers(-5, 500).map(Decimal) | st.decimals(
    allow_nan=False, allow_infinity=False
)


@st.composite
def invoices(draw):
    """Return any invoice that the dataclasses allow, of money that there is."""
    currency = draw(st.sampled_from(["HUF", "EUR", "USD"]))
    cents = st.integers(-(10**11), 10**11)
    lines = tuple(
        Line(
            name=draw(_texts),
            quantity=draw(_quantities.filter(bool)),
            gross=draw(cents) * unit(currency),
            vat=draw(_codes),
            unit=draw(st.text(max_size=5)),
            comment=draw(st.text(max_size=10)),
        )
        for _index in range(draw(st.integers(1, 4)))
    )
    return changed(
        kind=draw(st.sampled_from([Kind.DRAFT, Kind.PROFORMA, Kind.INVOICE])),
        lines=lines,
        currency=currency,
        comment=draw(st.text(max_size=20)),
        order_number=draw(st.text(max_size=20)),
        payment_kind=draw(st.sampled_from(PaymentKind)),
        language=draw(st.text(max_size=5)),
        electronic=draw(st.booleans()),
        exchange_rate=draw(
            st.none() | st.decimals("0.01", "1000", allow_nan=False, places=4)
        ),
    )


@given(invoices())
def test_every_invoice_is_a_valid_request_of_the_same_gross_or_refused(invoice):
    known = all(line.vat in VAT_IDS for line in invoice.lines)
    try:
        body = PROVIDER.render(invoice)
    except Rejected:
        assert not known
        return
    assert known
    assert PROVIDER.render(invoice) == body
    request = json.loads(body, parse_float=Decimal)
    billingo_v2_amounts.check(request)
    _items, total = billingo_v2_amounts.total(BillingoV2Emulator.options, request, VAT)
    assert total == invoice.gross
    assert f"[{invoice.external_key}]" in request["comment"]


@given(
    st.builds(
        Buyer,
        name=_texts,
        country=st.sampled_from([*COUNTRIES, "XX", ""]),
        postcode=st.text(max_size=8),
        city=st.text(max_size=8),
        street=st.text(max_size=20),
        emails=st.lists(st.text(max_size=9), max_size=2).map(tuple),
        phone=st.text(max_size=9),
        tax_kind=st.sampled_from(TaxKind),
        tax_number=st.sampled_from(["", "12345676-1-42", "1"]),
        eu_tax_number=st.sampled_from(["", "ATU12345678"]),
    )
)
def test_every_buyer_is_a_valid_client_or_refused(buyer):
    try:
        body = render.client_request(buyer)
    except Rejected:
        assume(False)
    assert schema.check(CLIENT, json.loads(body)) == []
    assert json.loads(body)["name"] == buyer.name.strip()
