"""What else is sent to Billingo, byte for byte."""

import json
from datetime import date
from decimal import Decimal

import pytest

from salon_invoice_bridge.billing.invoice import (
    Cancellation,
    IssuedDocument,
    Kind,
    PaymentKind,
    Tender,
)
from salon_invoice_bridge.providers import wire
from salon_invoice_bridge.providers.billingo import render
from tests.reference import openapi

from .cases import COMPANY, DAY, GOLDEN, GUEST, provider

PAPER = IssuedDocument(
    id="7", number="SZ / 1", kind=Kind.INVOICE, gross=Decimal(10490), currency="HUF"
)
TENDERS = (
    Tender(kind=PaymentKind.CASH, amount=Decimal(490), date=DAY),
    Tender(kind=PaymentKind.SZEP_CARD, amount=Decimal("10000.50"), date=DAY),
)
PROFORMA = json.loads(provider().render(GOLDEN["invoice_by_transfer"]))

#: What is sent -> where it goes, how it is rendered, and the approved bytes.
REQUESTS = {
    "a buyer": (
        "POST /partners",
        wire.dumps(render.partner(GUEST)),
        '{"name": "Kiss Anna", "address": {"country_code": "HU", "post_code": "1011", '
        '"city": "Budapest", "address": "Fő utca 1."}, "emails": ["anna@example.com"], '
        '"taxcode": "", "phone": "", "tax_type": "NO_TAX_NUMBER", '
        '"group_member_tax_number": ""}',
    ),
    "a company that is known": (
        "PUT /partners/1001",
        wire.dumps(
            render.partner(COMPANY, {"id": 1001, "iban": "HU42", "swift": None})
        ),
        '{"name": "Minta Vevő Kft.", "address": {"country_code": "HU", '
        '"post_code": "1011", "city": "Budapest", "address": "Fő utca 1."}, '
        '"emails": ["anna@example.com"], "taxcode": "12345676-2-42", "phone": "", '
        '"tax_type": "HAS_TAX_NUMBER", "group_member_tax_number": "", "iban": "HU42"}',
    ),
    "a storno": (
        "POST /documents/7/cancel",
        render.cancellation(
            Cancellation(
                original=PAPER,
                external_key="S",
                reason="Elállás",
                emails=("a@example.com", "b@example.com"),
            )
        ),
        '{"cancellation_reason": "Elállás", '
        '"cancellation_recipients": "a@example.com,b@example.com"}',
    ),
    "a storno without a word": (
        "POST /documents/7/cancel",
        render.cancellation(Cancellation(original=PAPER, external_key="S")),
        "{}",
    ),
    "payments": (
        "PUT /documents/7/payments",
        render.payments(TENDERS),
        '[{"date": "2026-11-20", "price": 490, "payment_method": "cash"}, '
        '{"date": "2026-11-20", "price": 10000.5, "payment_method": "szep_card"}]',
    ),
    "the invoice of a proforma": (
        "POST /documents/7/create-from-proforma",
        render.from_proforma(PROFORMA),
        '{"document_type": "invoice", "fulfillment_date": "2026-11-20", '
        '"due_date": "2026-11-28", "document_format": "electronic", '
        '"comment": "Köszönjük!\\nVárjuk vissza."}',
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_the_request_is_the_one_that_was_read_and_approved(name):
    _operation, sent, approved = REQUESTS[name]
    assert sent.decode() == approved


@pytest.mark.parametrize("name", REQUESTS)
def test_the_request_keeps_the_vendors_contract(name):
    openapi.contract()
    operation, sent, _approved = REQUESTS[name]
    method, path = operation.split()
    assert openapi.request_errors(method, path, "", sent) == []


def test_payments_are_dated_as_they_were_made():
    earlier = Tender(kind=PaymentKind.CARD, amount=Decimal(1), date=date(2026, 10, 31))
    (row,) = json.loads(render.payments((earlier,)))
    assert row["date"] == "2026-10-31"
