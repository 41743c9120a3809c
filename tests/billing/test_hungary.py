"""The days of Hungary: both changes of summer time, midnight, the year's end."""

from datetime import date, datetime, timedelta

import pytest

from salon_invoice_bridge.billing.hungary import (
    bounds_of,
    clock_at,
    day_of,
    moment_of,
    start_of,
)

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
TICK = timedelta(microseconds=1)
#: The days on which the clock is changed: forward, and back.
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        # Winter: one hour ahead.
        (datetime(2026, 1, 15, 22, 59, 59, 999999), date(2026, 1, 15)),
        (datetime(2026, 1, 15, 23), date(2026, 1, 16)),
        # Summer: two.
        (datetime(2026, 7, 15, 21, 59, 59, 999999), date(2026, 7, 15)),
        (datetime(2026, 7, 15, 22), date(2026, 7, 16)),
        # The evening before each change, and the evening of it.
        (datetime(2026, 3, 28, 22, 59, 59), date(2026, 3, 28)),
        (datetime(2026, 3, 28, 23), SPRING),
        (datetime(2026, 3, 29, 21, 59, 59), SPRING),
        (datetime(2026, 3, 29, 22), date(2026, 3, 30)),
        (datetime(2026, 10, 24, 21, 59, 59), date(2026, 10, 24)),
        (datetime(2026, 10, 24, 22), AUTUMN),
        (datetime(2026, 10, 25, 22, 59, 59), AUTUMN),
        (datetime(2026, 10, 25, 23), date(2026, 10, 26)),
        # The year's end, and a leap day.
        (datetime(2026, 12, 31, 22, 59, 59), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 23), date(2027, 1, 1)),
        (datetime(2028, 2, 28, 23), date(2028, 2, 29)),
    ],
)
def test_a_moment_is_of_the_day_that_a_clock_in_hungary_shows(moment, day):
    assert day_of(moment) == day


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2026, 1, 16), datetime(2026, 1, 15, 23)),
        (date(2026, 7, 16), datetime(2026, 7, 15, 22)),
        (SPRING, datetime(2026, 3, 28, 23)),
        (date(2026, 3, 30), datetime(2026, 3, 29, 22)),
        (AUTUMN, datetime(2026, 10, 24, 22)),
        (date(2026, 10, 26), datetime(2026, 10, 25, 23)),
        (date(2027, 1, 1), datetime(2026, 12, 31, 23)),
    ],
)
def test_a_day_begins_at_midnight_in_hungary(day, start):
    assert start_of(day) == start


@pytest.mark.parametrize(
    ("day", "hours"),
    [(SPRING, 23), (AUTUMN, 25), (date(2026, 12, 31), 24), (date(2028, 2, 29), 24)],
)
def test_a_day_has_as_many_hours_as_the_clock_says(day, hours):
    start, end = bounds_of(day, day)
    assert end - start == hours * HOUR
    counted = [start + hour * HOUR for hour in range(hours)]
    assert {day_of(moment) for moment in counted} == {day}
    assert day_of(end) == day + timedelta(days=1)


def test_every_day_is_from_its_start_to_the_next_ones():
    days = [date(2024, 12, 1) + timedelta(days=count) for count in range(5 * 366)]
    for day, following in zip(days, days[1:], strict=False):
        start, end = bounds_of(day, day)
        assert (day_of(start), day_of(end - TICK)) == (day, day)
        assert end == start_of(following)


def test_a_month_is_from_its_first_day_to_its_last():
    bounds = bounds_of(date(2026, 3, 1), date(2026, 3, 31))
    assert bounds == (datetime(2026, 2, 28, 23), datetime(2026, 3, 31, 22))


def test_a_clock_keeps_its_microseconds_and_names_no_zone():
    moment = datetime(2026, 7, 15, 8, 30, 1, 250_000)
    assert clock_at(moment) == datetime(2026, 7, 15, 10, 30, 1, 250_000)
    assert moment_of(clock_at(moment)) == moment
    assert clock_at(moment).tzinfo is moment_of(moment).tzinfo is None


def test_the_hour_that_comes_twice_is_meant_by_its_second_time():
    assert moment_of(datetime(2026, 10, 25, 2, 30)) == datetime(2026, 10, 25, 1, 30)
    assert clock_at(datetime(2026, 10, 25, 0, 30)) == datetime(2026, 10, 25, 2, 30)
    assert clock_at(datetime(2026, 10, 25, 1, 30)) == datetime(2026, 10, 25, 2, 30)


def test_the_hour_that_is_left_out_is_counted_on():
    skipped = moment_of(datetime(2026, 3, 29, 2, 30))
    assert skipped == datetime(2026, 3, 29, 1, 30)
    assert clock_at(skipped) == datetime(2026, 3, 29, 3, 30)
    before = datetime(2026, 3, 29, 1) - SECOND
    assert clock_at(before) == datetime(2026, 3, 29, 1, 59, 59)
