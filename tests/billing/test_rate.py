"""How fast a service may be called: no span sees more than the limit."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing import rate
from salon_invoice_bridge.billing.rate import Level, Limit

NOW = datetime(2026, 11, 20, 12)
LIMITS = [Limit(300), Limit(500, 600)]
#: The calls of one operation, which are drawn together once they were made.
MOST_CALLS = 8


def after(seconds):
    return NOW + timedelta(seconds=seconds)


def test_all_buckets_together_stay_below_the_limit():
    assert sum(sum(shares) for shares in rate.SHARES.values()) < 0.951


def test_a_lane_gets_four_fifths_of_the_limit():
    assert Limit(300).flow("lane") == rate.Flow(15, 4)
    assert Limit(500, 600).flow("lane") == rate.Flow(25, pytest.approx(2 / 3))


def test_what_was_drawn_flows_back():
    flow, level = Limit(300).flow("lane"), Level(-5, NOW)
    assert rate.tokens_at(flow, level, after(2)) == 3
    assert rate.tokens_at(flow, level, after(60)) == 15
    assert rate.seconds_until(flow, level, 3, NOW) == 2
    assert rate.seconds_until(flow, level, 3, after(60)) == 0


def test_a_clock_that_was_set_back_counts_as_time_that_has_passed():
    flow = Limit(300).flow("lane")
    assert rate.tokens_at(flow, Level(0, NOW), after(-3600)) == flow.size
    ahead = Level(0, NOW, slow_until=after(3600))
    assert rate.seconds_until(flow, ahead, 15, NOW) == 7.5


def test_a_refused_call_halves_the_rate_for_a_minute():
    flow = Limit(300).flow("lane")
    level = rate.after_refusal(flow, Level(9, NOW), after(1))
    assert level == Level(0, after(1), slow_until=after(61))
    assert rate.seconds_until(flow, level, 4, after(1)) == 2
    full_again = Level(0, after(60), level.slow_until)
    assert rate.seconds_until(flow, full_again, 4, after(60)) == 1.5
    assert rate.seconds_until(flow, Level(0, after(61)), 4, after(61)) == 1


def test_what_was_overdrawn_stays_so_after_a_refusal():
    flow = Limit(300).flow("lane")
    assert rate.after_refusal(flow, Level(-7, NOW), NOW).tokens == -7


def test_another_refusal_prolongs_the_half_and_does_not_halve_it_again():
    flow = Limit(300).flow("lane")
    once = rate.after_refusal(flow, Level(9, NOW), NOW)
    twice = rate.after_refusal(flow, once, after(30))
    assert twice.slow_until == after(90)
    assert rate.seconds_until(flow, twice, 4, after(30)) == 2


levels = st.builds(
    Level,
    tokens=st.floats(-20, 25),
    at=st.just(NOW),
    slow_until=st.none() | st.floats(-100, rate.SLOW_SECONDS).map(after),
)
limits = st.sampled_from(LIMITS)


@given(limits, levels, st.floats(0, 1), st.floats(0, 200))
def test_after_the_seconds_that_it_says_there_is_enough(limit, level, share, passed):
    flow, now = limit.flow("lane"), after(passed)
    wanted = flow.size * share
    pause = rate.seconds_until(flow, level, wanted, now)
    then = now + timedelta(seconds=pause)
    assert rate.tokens_at(flow, level, then) == pytest.approx(wanted, abs=1e-3) or (
        pause == 0 and rate.tokens_at(flow, level, then) >= wanted
    )


@given(limits, levels, st.floats(0, 100), st.floats(0, 100))
def test_tokens_only_grow_with_time(limit, level, first, more):
    flow = limit.flow("lane")
    early = rate.tokens_at(flow, level, after(first))
    assert rate.tokens_at(flow, level, after(first + more)) >= early - 1e-9


@given(
    limits,
    st.lists(
        st.tuples(st.integers(1, MOST_CALLS), st.floats(0.01, 3)),
        min_size=50,
        max_size=60,
    ),
    st.sets(st.integers(0, 200), max_size=5),
)
def test_no_span_sees_more_calls_than_the_limit(limit, operations, refused):
    """Whatever is done when: what one operation overdraws is within the reserve."""
    flow = limit.flow("lane")
    level, now, calls = Level(flow.size, NOW), NOW, []
    for number, (count, seconds) in enumerate(operations * 4):
        pause = rate.seconds_until(flow, level, 0.05 * flow.size, now)
        now += timedelta(seconds=pause)
        calls += [now] * count
        now += timedelta(seconds=seconds / 100)
        level = Level(
            rate.tokens_at(flow, level, now) - count, now, slow_until=level.slow_until
        )
        if number in refused:
            level = rate.after_refusal(flow, level, now)
    people = sum(rate.SHARES["people"]) * limit.calls
    span, first = timedelta(seconds=limit.seconds), 0
    for last, moment in enumerate(calls):
        while moment - calls[first] >= span:
            first += 1
        assert last - first + 1 <= limit.calls - people + 1
