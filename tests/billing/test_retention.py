"""How long what is known of people is kept."""

from datetime import date, datetime

import pytest

from salon_invoice_bridge.billing import retention
from salon_invoice_bridge.billing.invoice import OPEN_STATES, State


@pytest.mark.parametrize(
    ("today", "years", "first"),
    [
        # Of 2018: its report is accepted in 2019, and 8 years later it is 2027.
        (date(2027, 12, 31), 8, date(2018, 1, 1)),
        (date(2028, 1, 1), 8, date(2019, 1, 1)),
        (date(2028, 12, 31), 8, date(2019, 1, 1)),
        (date(2028, 2, 29), 10, date(2017, 1, 1)),
    ],
)
def test_the_years_count_from_the_end_of_the_year_after_the_issue(today, years, first):
    assert retention.first_kept(today, years) == first


def test_nothing_goes_that_is_kept_for_ever():
    assert retention.first_kept(date(2100, 1, 1), retention.FOR_EVER) is None


@pytest.mark.parametrize("years", range(-1, 12))
def test_nobody_keeps_documents_for_less_than_the_law_wants(years):
    lawful = years == 0 or years >= 8
    assert retention.is_lawful(years) is lawful
    if not lawful:
        with pytest.raises(ValueError, match="8 years"):
            retention.first_kept(date(2040, 1, 1), years)


@pytest.mark.parametrize("years", [8, 9, 30])
@pytest.mark.parametrize("issued", [date(2026, 1, 1), date(2026, 12, 31)])
def test_a_document_is_kept_for_its_years_at_least(issued, years):
    last = date(issued.year + years + 1, 12, 31)
    assert retention.first_kept(last, years) <= issued
    assert retention.first_kept(date(last.year + 1, 1, 1), years) > issued
    assert (last - issued).days >= 365 * years


def test_the_days_are_counted_back_from_now():
    now = datetime(2026, 3, 31, 2, 30)
    assert retention.evidence_before(now, 90) == datetime(2025, 12, 31, 2, 30)
    assert retention.leftovers_before(now) == datetime(2026, 3, 1, 2, 30)


def test_nothing_open_comes_to_nothing():
    of_leftovers = {
        state for _kind, state in retention.LEFTOVERS + retention.UNSENT_LEFTOVERS
    }
    assert not of_leftovers & (OPEN_STATES | {State.ISSUED, State.CANCELLED})
