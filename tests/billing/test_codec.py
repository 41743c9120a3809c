"""What was frozen is what is thawed."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.codec import from_json, to_json
from salon_invoice_bridge.billing.invoice import (
    AccountInfo,
    BankAccount,
    Block,
    Buyer,
    Invoice,
    IssuedDocument,
    Kind,
    Line,
    PaymentKind,
    TaxKind,
    Tender,
)

from .test_invoice import INVOICE, ISSUED

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False)
DATES = st.dates()
TEXTS = st.text(max_size=30)
LINES = st.builds(
    Line,
    name=st.text(min_size=1, max_size=30).filter(str.strip),
    quantity=AMOUNTS.filter(bool),
    gross=st.integers(-(10**15), 10**15).map(Decimal),
    vat=st.sampled_from(["27", "AAM", "ATK", "25.5"]),
    unit=TEXTS,
    comment=TEXTS,
    sku=TEXTS,
)
INVOICES = st.builds(
    replace,
    st.just(INVOICE),
    lines=st.lists(LINES, min_size=1, max_size=3).map(tuple),
    buyer=st.builds(
        Buyer,
        name=st.text(min_size=1).filter(str.strip),
        emails=st.lists(TEXTS, max_size=2).map(tuple),
        tax_kind=st.sampled_from(TaxKind),
    ),
    tenders=st.lists(
        st.builds(
            Tender, kind=st.sampled_from(PaymentKind), amount=AMOUNTS, date=DATES
        ),
        max_size=3,
    ).map(tuple),
    bank_account=st.one_of(st.none(), st.builds(BankAccount, id=TEXTS, iban=TEXTS)),
    exchange_rate=st.one_of(st.none(), AMOUNTS),
    paid=st.booleans(),
    comment=TEXTS,
    due_date=DATES,
)
DOCUMENTS = st.builds(
    replace,
    st.just(ISSUED),
    kind=st.sampled_from(Kind),
    net=st.one_of(st.none(), AMOUNTS),
    electronic=st.sampled_from([None, True, False]),
    issue_date=st.one_of(st.none(), DATES),
    related_ids=st.lists(TEXTS, max_size=3).map(tuple),
)


def thawed(value):
    """Return what is read back from the text that ``value`` is stored as."""
    return from_json(type(value), json.loads(json.dumps(to_json(value))))


@given(st.one_of(INVOICES, DOCUMENTS, LINES))
def test_whatever_is_stored_comes_back_as_it_was(value):
    again = thawed(value)
    assert again == value
    assert repr(again) == repr(value), "1.50 is not 1.5 on an invoice"


def test_an_account_comes_back_with_its_lists():
    info = AccountInfo(
        fingerprint="billingo:1",
        subscription_until=date(2027, 1, 1),
        features=("a", "b"),
        blocks=(Block(id="1", name="B"),),
        bank_accounts=(BankAccount(id="2"),),
        nav_connected=True,
    )
    assert thawed(info) == info


def test_a_row_of_an_older_version_stays_readable():
    data = {**to_json(ISSUED), "warning": "", "related_ids": [], "sandbox": None}
    assert from_json(IssuedDocument, data) == ISSUED


def test_what_is_empty_by_default_is_not_stored():
    stored = to_json(replace(INVOICE, paid=False, comment="", partner_id=""))
    assert not {"comment", "partner_id", "send_email"} & stored.keys()
    assert {"currency", "language", "paid"} <= stored.keys()
    assert to_json(replace(ISSUED, electronic=False))["electronic"] is False


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "receipt"},
        {"due_date": "2026-13-01"},
        {"fulfillment_date": None},
        {"lines": []},
        {"unknown": 1},
        {"exchange_rate": "402,15"},
        {"external_key": ...},
    ],
)
def test_what_is_no_such_value_is_an_error(changes):
    data = {**to_json(INVOICE), **changes}
    if data["external_key"] is ...:
        del data["external_key"]
    with pytest.raises((TypeError, ValueError)):
        from_json(Invoice, data)


@pytest.mark.parametrize("amount", ["1.50", "1E+3", "0.000001", "-0"])
def test_amounts_never_pass_through_float(amount):
    stored = to_json(replace(ISSUED, gross=Decimal(amount)))
    assert stored["gross"] == amount
