"""Tenders at Számlázz.hu, which keeps five entries for a document."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.invoice import PaymentKind
from salon_invoice_bridge.providers.szamlazz.payments import entries
from tests.providers.szamlazz.cases import DAY, tender

TENDERS = st.lists(
    st.builds(
        tender,
        st.integers(-10_000, 10_000),
        st.sampled_from(PaymentKind),
        st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    ),
    max_size=12,
)


def test_each_of_five_tenders_is_an_entry():
    paid = entries([tender(amount) for amount in (1, 2, 3, 4, 5)])
    assert [entry[2] for entry in paid] == [1, 2, 3, 4, 5]
    assert {entry[3] for entry in paid} == {""}


def test_of_more_than_five_the_smallest_become_one_that_says_what_it_is():
    paid = entries(
        [tender(amount) for amount in (1000, 2000, 3000, 4000, 500)]
        + [tender(300, PaymentKind.VOUCHER, date(2026, 11, 21))]
    )
    assert [entry[2] for entry in paid] == [1000, 2000, 3000, 4000, 800]
    assert paid[-1] == (
        date(2026, 11, 21),
        "készpénz",
        Decimal(800),
        "készpénz 500 + utalvány 300",
    )


@pytest.mark.parametrize("late", [300, 500])
def test_two_tenders_together_are_dated_with_the_later(late):
    paid = entries(
        [tender(amount) for amount in (1000, 2000, 3000, 4000)]
        + [
            tender(amount, day=date(2026, 11, 25) if amount == late else DAY)
            for amount in (300, 500)
        ]
    )
    assert (paid[-1][0], paid[-1][2]) == (date(2026, 11, 25), 800)


def test_a_tender_of_nothing_is_no_entry():
    assert entries([tender(0), tender(5)]) == [(DAY, "készpénz", Decimal(5), "")]


@given(TENDERS)
def test_no_tender_is_lost_however_many_there_are(tenders):
    paid = entries(tenders)
    assert len(paid) <= 5
    assert sum(entry[2] for entry in paid) == sum(t.amount for t in tenders)
