"""The owner's overview: every sale in one place, days of a month, sums by currency."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.invoice import State
from salon_invoice_bridge.billing.overview import (
    CHART_DAYS,
    LOOK_BACK_UNTIL,
    UNFINISHED,
    Place,
    Sold,
    add_up,
    by_day,
    chart,
    due_by_law,
    months,
    periods,
    place,
    recent,
    worst,
)
from salon_invoice_bridge.billing.owed import Age, age
from tests.clock import DAY
from tests.examples import examples

ONE = Sold(
    day=DAY,
    back=False,
    place=Place.ISSUED,
    currency="HUF",
    count=1,
    amount=Decimal(8900),
)


@pytest.mark.parametrize("status", [*State, UNFINISHED])
def test_every_status_has_its_place(status):
    assert place(str(status.value if isinstance(status, State) else status)) in Place


def test_a_sale_without_a_document_is_missing():
    assert place(None) is place(False) is Place.MISSING


def test_what_was_issued_and_cancelled_is_not_missing():
    assert place("cancelled") is Place.ISSUED


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
@examples(200)
def test_today_is_in_its_month_and_in_the_chart(today):
    today_only, month = periods(today)["today"], periods(today)["month"]
    assert today in today_only and today + timedelta(days=1) not in today_only
    assert today in month and today.replace(day=1) in month
    assert month.until.day == 1 and month.since.month != month.until.month
    assert month.until - timedelta(days=1) in month
    assert (chart(today).until - chart(today).since).days == CHART_DAYS
    assert today in chart(today)
    read = recent(today)
    assert read.since == min(chart(today).since, months(today).since)
    assert (read.until - read.since).days >= CHART_DAYS
    assert read.until == month.until == months(today).until


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
@examples(200)
def test_last_month_is_there_until_the_middle_of_this_one(today):
    found = periods(today)
    assert ("last_month" in found) is (today.day <= LOOK_BACK_UNTIL)
    first = found["month"].since
    before = found.get("last_month", found["month"])
    assert months(today).since == before.since
    if before is not found["month"]:
        assert before.until == first and before.since.day == 1
        assert first - timedelta(days=1) in before and first not in before
        assert (before.until - before.since).days in range(28, 32)


def test_currencies_are_not_mixed():
    euros = replace(ONE, currency="EUR", amount=Decimal("25.50"))
    total = add_up([ONE, ONE, euros])
    assert total.count == 3
    assert total.amounts == {"HUF": 17800, "EUR": Decimal("25.50")}


def test_nothing_adds_up_to_nothing():
    assert (add_up([]).count, add_up([]).amounts) == (0, {})


def test_a_chart_has_every_day_and_one_currency():
    before = DAY - timedelta(days=2)
    sold = [ONE, replace(ONE, day=before), replace(ONE, currency="EUR")]
    days = dict(by_day(sold, chart(DAY), "HUF"))
    assert len(days) == CHART_DAYS
    assert (days[DAY], days[before], days[DAY - timedelta(days=1)]) == (8900, 8900, 0)


def test_the_clock_of_the_law_runs_out_when_what_is_owed_turns_red():
    last = due_by_law(DAY)
    assert age(DAY, last) is Age.RED
    assert age(DAY, last - timedelta(days=1)) is Age.AMBER


def test_the_worst_is_shown():
    assert worst(["ok", "bad", "warning"]) == "bad"
    assert worst([]) == "ok"
