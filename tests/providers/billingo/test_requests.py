"""What is sent to Billingo, byte for byte, and what never is."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from salon_invoice_bridge.billing.errors import Reason, Rejected
from salon_invoice_bridge.billing.invoice import BankAccount, Kind, Line, PaymentKind
from tests.reference import openapi

from .cases import CUT, GOLDEN, invoice, provider

_FOLDER = Path(__file__).parent / "golden"


def rendered(**changes):
    """Return the request of an invoice with ``changes`` as Python values."""
    return json.loads(provider().render(invoice(**changes)))


@pytest.mark.parametrize("name", GOLDEN)
def test_the_request_is_the_one_that_was_read_and_approved(name):
    expected = (_FOLDER / f"{name}.golden").read_bytes().rstrip(b"\n")
    assert provider().render(GOLDEN[name]) == expected


@pytest.mark.parametrize("name", GOLDEN)
def test_the_request_keeps_the_vendors_contract(name):
    openapi.contract()
    body = provider().render(GOLDEN[name])
    assert openapi.request_errors("POST", "/documents", "", body) == []


def test_the_service_neither_rounds_nor_mails_by_itself():
    settings = rendered()["settings"]
    assert settings["round"] == "none"
    assert settings["should_send_email"] is False


def test_a_paid_invoice_asks_for_no_money():
    paid = rendered(paid=True)
    assert paid["paid"] is True
    assert paid["settings"]["without_financial_fulfillment"] is True
    owed = rendered(paid=False)
    assert owed["paid"] is False
    assert owed["settings"]["without_financial_fulfillment"] is False


def test_a_proforma_is_never_paid_lest_its_block_issues_a_second_invoice():
    assert rendered(kind=Kind.PROFORMA, paid=True)["paid"] is False


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (PaymentKind.CASH, "cash"),
        (PaymentKind.CARD, "bankcard"),
        (PaymentKind.ONLINE_CARD, "online_bankcard"),
        (PaymentKind.BARION, "barion"),
        (PaymentKind.BANK_TRANSFER, "elore_utalas"),
        (PaymentKind.PAYPAL, "paypal"),
        (PaymentKind.SZEP_CARD, "szep_card"),
        (PaymentKind.VOUCHER, "utalvany"),
        (PaymentKind.OTHER, "other"),
    ],
)
def test_the_salons_ways_to_pay_have_billingos_words(kind, word):
    assert rendered(payment_kind=kind)["payment_method"] == word


@pytest.mark.parametrize(
    ("locale", "word"),
    [("hu_HU", "hu"), ("en", "en"), ("de-AT", "de"), ("pl_PL", "en"), ("", "en")],
)
def test_a_language_that_billingo_does_not_print_becomes_english(locale, word):
    assert rendered(language=locale)["language"] == word


@pytest.mark.parametrize("code", ["6.5", "28", "NAM", "KBAUK"])
def test_a_vat_code_without_a_word_is_rejected(code):
    with pytest.raises(Rejected) as caught:
        rendered(lines=(replace(CUT, vat=code),))
    assert code in caught.value.message


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"partner_id": ""}, "partner_id"),
        ({"partner_id": "12a"}, "partner_id"),
        ({"block": ""}, "block_id"),
        ({"bank_account": BankAccount(number="1")}, "bank_account_id"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": "EUR"}, "conversion_rate"),
        ({"currency": "EUR", "exchange_rate": Decimal(0)}, "conversion_rate"),
    ],
)
def test_what_the_service_would_refuse_is_rejected_before_it_is_sent(changes, field):
    with pytest.raises(Rejected) as caught:
        rendered(**changes)
    assert field in caught.value.fields


def test_a_correction_is_not_issued_by_this_way():
    with pytest.raises(Rejected) as caught:
        rendered(kind=Kind.CORRECTION, corrected_number="SZ / 2026-000001")
    assert caught.value.reason is Reason.UNSUPPORTED


def test_a_unit_price_is_sent_only_if_its_product_is_the_gross_exactly():
    line = Line(name="Ampulla", quantity=Decimal(3), gross=Decimal(10000), vat="27")
    assert [
        (item["name"], item["quantity"], item["unit_price"])
        for item in rendered(lines=(line,))["items"]
    ] == [("Ampulla", 2, 3333), ("Ampulla", 1, 3334)]


def test_the_note_of_a_line_that_is_split_stands_once():
    line = Line(
        name="Ampulla",
        quantity=Decimal(3),
        gross=Decimal(1000),
        vat="AAM",
        sku="A1",
        unit="g",
        comment="Kedvezmény: 10%",
    )
    items = rendered(lines=(line,))["items"]
    assert [item.get("comment") for item in items] == ["Kedvezmény: 10%", None]
    assert all(item["sku"] == "A1" and item["unit"] == "g" for item in items)
    assert all(item["entitlement"] == "AAM" for item in items)


def test_numbers_are_written_without_exponent_in_every_locale():
    line = Line(name="A", quantity=Decimal("1E+3"), gross=Decimal("1E+6"), vat="27")
    request = provider().render(invoice(lines=(line,)))
    assert b'"unit_price": 1000,' in request
    assert b'"quantity": 1000,' in request
