"""What is owed: paid or not, when it is due, how old it is, what is registered."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.invoice import PaymentKind, Tender
from salon_invoice_bridge.billing.owed import (
    Age,
    Standing,
    Terms,
    age,
    respite,
    standing,
    to_register,
)
from tests.clock import DAY, after
from tests.examples import examples

from .salon import (
    CARD,
    CASH,
    ON_ACCOUNT,
    TRANSFER,
    haircut,
    make_invoice,
    make_policy,
    make_sale,
    pay,
)

TERMS = {
    CASH: Terms(),
    CARD: Terms(),
    TRANSFER: Terms(counts_as_paid=False, due_days=15),
    ON_ACCOUNT: Terms(on_account=True),
}


@pytest.mark.parametrize(
    ("amounts", "paid", "on_account"),
    [
        ({CASH: 8900}, True, False),
        ({CARD: 8000, CASH: 900}, True, False),
        ({TRANSFER: 8900}, False, False),
        ({CASH: 900, ON_ACCOUNT: 8000}, False, True),
        ({CASH: 8900, ON_ACCOUNT: "0.49"}, True, False),
        ({}, True, False),
    ],
)
def test_a_method_says_whether_it_counts_as_paid(amounts, paid, on_account):
    amounts = {method: Decimal(amount) for method, amount in amounts.items()}
    expected = Standing(paid=paid, on_account=on_account)
    assert standing(amounts, TERMS, "HUF") == expected


def test_a_transfer_may_count_as_paid_as_the_salon_says():
    terms = {TRANSFER: Terms(counts_as_paid=True)}
    assert standing({TRANSFER: Decimal(8900)}, terms, "HUF").paid


def test_the_customers_account_is_never_paid():
    assert Terms(counts_as_paid=True, on_account=True).is_later


def test_what_is_owed_is_due_by_the_days_of_its_method():
    payments = [pay(900), pay(5000, TRANSFER, later=True)]
    assert respite(payments, {TRANSFER: 15}, 8) == timedelta(days=15)
    assert respite(payments, {}, 8) == timedelta(days=8)
    assert respite([], {TRANSFER: 15}, 8) == timedelta(days=8)


def test_the_largest_debt_says_when_a_document_is_due():
    payments = [pay(900, TRANSFER, later=True), pay(5000, ON_ACCOUNT, later=True)]
    assert respite(payments, {TRANSFER: 15}, 8) == timedelta(days=8)


@pytest.mark.parametrize(("later", "days"), [(True, 30), (False, 0)])
def test_a_document_is_due_as_its_payment_method_says(later, days):
    policy = make_policy(due_days=8, method_due_days={CARD: 30})
    sale = make_sale(haircut(), payments=[pay(8900, CARD, later=later)])
    assert make_invoice(sale, policy).due_date == after(days)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-1, Age.FRESH), (0, Age.FRESH), (4, Age.FRESH), (5, Age.AMBER), (7, Age.AMBER)]
    + [(8, Age.RED), (60, Age.RED)],
)
def test_it_is_amber_at_5_days_and_red_at_8(days, expected):
    """VAT Act 163: an invoice within 8 days of the service (fairly sure)."""
    assert age(DAY, after(days)) is expected


tenders = st.lists(
    st.builds(
        Tender,
        kind=st.sampled_from([PaymentKind.CASH, PaymentKind.BANK_TRANSFER]),
        amount=st.integers(1, 5).map(lambda amount: Decimal(1000 * amount)),
        date=st.integers(0, 3).map(after),
    ),
    max_size=5,
)


@examples(150)
@given(
    tenders, st.integers(0, 9_000), st.integers(0, 30_000), st.integers(-5_000, 30_000)
)
def test_what_was_paid_is_registered_once(paid, registered, outstanding, residual):
    """What is owed at the service comes down to what is owed in Odoo, by money."""
    registered, outstanding, residual = map(
        Decimal, (registered, outstanding, residual)
    )
    received = sum((one.amount for one in paid), Decimal(0))
    told = to_register(paid, registered, outstanding, residual)
    amount = sum((one.amount for one in told), Decimal(0))
    missing = outstanding - max(residual, Decimal(0))
    assert amount == max(Decimal(0), min(missing, received - registered))
    assert not to_register(paid, registered + amount, outstanding - amount, residual)
    assert [one.date for one in told] == sorted(one.date for one in told)


def test_a_payment_that_was_registered_at_the_service_is_not_registered_again():
    half = Tender(kind=PaymentKind.CASH, amount=Decimal(5000), date=DAY)
    none = Decimal(0)
    assert to_register([half], none, Decimal(10_000), Decimal(5000)) == (half,)
    # At the service itself, as a transfer of the day after: it says that half is owed.
    assert to_register([half], none, Decimal(5000), Decimal(5000)) == ()


def test_the_last_payments_are_those_that_the_service_does_not_know():
    first = Tender(kind=PaymentKind.CASH, amount=Decimal(3000), date=DAY)
    second = Tender(kind=PaymentKind.CARD, amount=Decimal(5000), date=after(2))
    told = to_register([second, first], Decimal(2000), Decimal(6000), Decimal(0))
    assert [(one.kind, one.amount) for one in told] == [
        (PaymentKind.CASH, 1000),
        (PaymentKind.CARD, 5000),
    ]


def test_what_was_written_off_is_no_payment():
    part = Tender(kind=PaymentKind.CASH, amount=Decimal(4000), date=DAY)
    paid, owed, nothing = Decimal(4000), Decimal(6000), Decimal(0)
    assert to_register([part], nothing, Decimal(10_000), nothing) == (part,)
    assert to_register([part], paid, owed, nothing) == ()
    assert to_register([], nothing, Decimal(8900), nothing) == ()
