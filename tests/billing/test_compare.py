"""Whether a document at the service is what was meant, or has been changed there."""

from dataclasses import replace
from decimal import Decimal

import pytest

from salon_invoice_bridge.billing.compare import (
    changes,
    differences,
    storno_differences,
)
from salon_invoice_bridge.billing.invoice import Kind
from tests.billing.test_invoice import INVOICE, ISSUED
from tests.clock import DAY, after

# === WHAT WAS MEANT === #


def test_the_document_that_we_meant_has_no_differences():
    assert differences(INVOICE, ISSUED) == ()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"kind": Kind.DRAFT}, "kind"),
        ({"gross": Decimal(9991)}, "gross"),
        ({"currency": "EUR"}, "currency"),
        ({"cancelled": True}, "cancelled"),
        ({"order_number": "Szalon/0002"}, "order_number"),
    ],
)
def test_what_differs_is_named_with_both_values(change, what):
    (difference,) = differences(INVOICE, replace(ISSUED, **change))
    ((name, theirs),) = change.items()
    assert difference[0] == what
    assert difference[2] == (theirs.value if name == "kind" else theirs)


@pytest.mark.parametrize(
    ("currency", "more", "same"),
    [
        ("HUF", "0.499", True),
        ("HUF", "-0.499", True),
        ("HUF", "0.5", False),
        ("HUF", "-0.5", False),
        ("EUR", "0.0049", True),
        ("EUR", "0.005", False),
    ],
)
def test_less_than_half_a_unit_is_no_other_document(currency, more, same):
    """Promise 4: it is recorded, and stops nothing."""
    meant = replace(INVOICE, currency=currency)
    gross = ISSUED.gross + Decimal(more)
    found = replace(ISSUED, currency=currency, gross=gross)
    assert (differences(meant, found) == ()) is same


def test_a_service_that_keeps_no_order_number_can_still_be_compared():
    assert differences(INVOICE, replace(ISSUED, order_number="")) == ()


def test_a_proforma_may_be_cancelled():
    """Services say so of one that an invoice was made of."""
    proforma = replace(INVOICE, kind=Kind.PROFORMA)
    found = replace(ISSUED, kind=Kind.PROFORMA, cancelled=True)
    assert differences(proforma, found) == ()


STORNO = replace(ISSUED, id="2", kind=Kind.STORNO, gross=-ISSUED.gross)


def test_a_storno_takes_back_what_it_cancels():
    assert storno_differences(ISSUED, STORNO) == ()


@pytest.mark.parametrize(
    "change", [{"kind": Kind.INVOICE}, {"gross": Decimal(-1)}, {"currency": "EUR"}]
)
def test_another_document_is_no_storno(change):
    (difference,) = storno_differences(ISSUED, replace(STORNO, **change))
    assert difference[0] in change


# === WHAT WAS CHANGED AT THE SERVICE === #

DRAFT = replace(INVOICE, kind=Kind.DRAFT)
MADE = replace(
    ISSUED,
    kind=Kind.DRAFT,
    net=Decimal(7866),
    fulfillment_date=DAY,
    due_date=DAY,
    buyer_name="Kiss Anna",
    partner_id="7",
    comment="Nyugta: 1",
)


def test_a_draft_that_nobody_has_touched_is_unchanged():
    assert changes(DRAFT, MADE, MADE) == ()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"currency": "EUR"}, "currency"),
        ({"exchange_rate": Decimal(400)}, None),  # it was not known before
        ({"net": Decimal(7867)}, "net"),
        ({"net": None}, None),
        ({"fulfillment_date": after(1)}, "fulfillment_date"),
        ({"due_date": after(8)}, "due_date"),
        ({"gross": Decimal(9991)}, "gross"),
        ({"buyer_name": "Nagy Anna"}, None),  # the same partner, renamed
        ({"partner_id": "8"}, "buyer_name"),
        ({"partner_id": "", "buyer_name": "Nagy Anna"}, "buyer_name"),
        ({"partner_id": "", "buyer_name": ""}, None),
        ({"comment": "Nyugta:  1 "}, None),
        ({"comment": ""}, "comment"),
    ],
)
def test_what_somebody_changed_is_named(change, what):
    found = changes(DRAFT, MADE, replace(MADE, **change))
    assert [name for name, _before, _now in found] == ([what] if what else [])


def test_another_buyer_is_named_with_the_id():
    ((_what, before, now),) = changes(DRAFT, MADE, replace(MADE, partner_id="8"))
    assert (before, now) == ("Kiss Anna (7)", "Kiss Anna (8)")
