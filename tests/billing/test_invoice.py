"""What an invoice may say, and when it is ours."""

from dataclasses import FrozenInstanceError, replace
from decimal import Decimal

import pytest

from salon_invoice_bridge.billing.invoice import (
    Buyer,
    Invoice,
    IssuedDocument,
    Kind,
    Line,
    PaymentKind,
    PaymentState,
    Tender,
)
from salon_invoice_bridge.providers.base import Credentials
from tests.clock import DAY

LINE = Line(name="Hajvágás", quantity=Decimal(1), gross=Decimal(9990), vat="27")
INVOICE = Invoice(
    external_key="K",
    order_number="Szalon/0001",
    kind=Kind.INVOICE,
    buyer=Buyer(name="Kiss Anna"),
    lines=(LINE,),
    tenders=(Tender(kind=PaymentKind.CASH, amount=Decimal(9990), date=DAY),),
    payment_kind=PaymentKind.CASH,
    fulfillment_date=DAY,
    due_date=DAY,
)
ISSUED = IssuedDocument(
    id="1",
    number="SZ / 2026-000001",
    kind=Kind.INVOICE,
    gross=Decimal(9990),
    currency="HUF",
    order_number="Szalon/0001",
)


def test_what_is_frozen_stays_as_it_is():
    with pytest.raises(FrozenInstanceError):
        INVOICE.currency = "EUR"


def test_the_gross_is_the_sum_of_the_lines():
    tip = replace(LINE, gross=Decimal(-490), vat="ATK")
    assert replace(INVOICE, lines=(LINE, tip)).gross == 9500


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"quantity": Decimal(0)},
        {"quantity": Decimal("NaN")},
        {"gross": Decimal("Infinity")},
        {"vat": "28%"},
    ],
)
def test_a_line_that_means_nothing_is_an_error(changes):
    with pytest.raises(ValueError):
        replace(LINE, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": ()},
        {"lines": (replace(LINE, gross=Decimal("0.5")),)},
        {"currency": "EUR", "lines": (replace(LINE, gross=Decimal("0.001")),)},
        {"kind": Kind.CORRECTION},
    ],
)
def test_an_invoice_that_cannot_be_issued_is_an_error(changes):
    with pytest.raises(ValueError):
        replace(INVOICE, **changes)


def test_a_buyer_has_a_name():
    with pytest.raises(ValueError, match="name"):
        Buyer(name=" ")


@pytest.mark.parametrize(
    ("outstanding", "full"), [("1", False), ("0", True), ("-5", True)]
)
def test_nothing_owed_is_fully_paid(outstanding, full):
    state = PaymentState(paid=Decimal(1), outstanding=Decimal(outstanding))
    assert state.fully_paid is full


def test_credentials_are_never_printed():
    printed = repr(Credentials(api_key="secret-a", public_key="secret-b"))
    assert "secret" not in printed
