"""Whole forints out of fractional ones: nothing is lost, and nothing moves far."""

from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.allocation import share, spread
from salon_invoice_bridge.billing.money import unit
from tests.examples import examples

thorough = examples(300, derandomize=True)
money = st.decimals("-99999", "99999", places=2)
currencies = st.sampled_from(["HUF", "EUR", "USD"])


@thorough
@given(st.lists(money, max_size=30), currencies)
def test_the_sum_of_the_parts_is_the_rounded_sum(amounts, currency):
    whole = sum(amounts, Decimal(0))
    assert abs(sum(spread(amounts, currency)) - whole) <= unit(currency) / 2


@thorough
@given(st.lists(money, max_size=30), currencies)
def test_each_part_moves_to_one_of_its_two_neighbours(amounts, currency):
    for part, amount in zip(spread(amounts, currency), amounts, strict=True):
        assert part % unit(currency) == 0
        assert abs(part - amount) < unit(currency)


@thorough
@given(st.lists(st.integers(-9999, 9999).map(Decimal), max_size=30), currencies)
def test_whole_forints_stay_as_they_are(amounts, currency):
    assert spread(amounts, currency) == tuple(amounts)


def test_the_earlier_of_two_equal_lines_moves():
    """0.5 + 0.5 + 1 is 2: each half rounds up to 1, so one of them must not."""
    halves = [Decimal("0.5"), Decimal("0.5"), Decimal(1)]
    assert spread(halves, "HUF") == (0, 1, 1)


def test_4990_less_15_percent_is_recorded_as_4242():
    """4,990 x 0.85 = 4,241.50: half a forint for the whole document, half up."""
    assert spread([Decimal("4241.50")], "HUF") == (Decimal(4242),)


@thorough
@given(
    st.integers(0, 10**7),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=20),
    st.sampled_from([Decimal(1), Decimal("0.01")]),
)
def test_shares_add_up_and_none_is_larger_than_its_weight(total, weights, step):
    assume(any(weights))
    weights = [weight * step for weight in weights]
    total = min(total * step, sum(weights))
    parts = share(total, weights, step)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert 0 <= part <= weight
        assert abs(part - total * weight / sum(weights)) < step


def test_a_discount_of_1000_over_3_equal_lines_is_334_333_333():
    assert share(Decimal(1000), [Decimal(5)] * 3, Decimal(1)) == (334, 333, 333)
