"""What one piece costs, when the service multiplies."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import pricing
from providers.invoice import Line


def line(quantity, gross):
    """Return a line of so many pieces for so much."""
    return Line(
        name="Sampon", quantity=Decimal(quantity), gross=Decimal(gross), vat="27"
    )


@pytest.mark.parametrize(
    ("quantity", "gross", "price"),
    [
        ("1", "4990", "4990"),
        ("2", "4995", "2497.5"),
        ("0.5", "999", "1998"),
        ("8", "1", "0.125"),
        ("1.25", "100", "80"),
        ("3", "0", "0"),
        ("2", "-500", "-250"),
    ],
)
def test_a_price_whose_product_is_exact_is_the_unit_price(quantity, gross, price):
    sold = line(quantity, gross)
    assert pricing.per_unit(sold) == (Decimal(quantity), Decimal(price))
    assert pricing.label(sold) == "Sampon"


@pytest.mark.parametrize(
    ("quantity", "gross", "label"),
    [
        ("3", "10000", "3 x Sampon"),
        ("7", "1000", "7 x Sampon"),
        ("-1", "-500", "-1 x Sampon"),
        ("1.3333", "4990", "1.3333 x Sampon"),
    ],
)
def test_without_such_a_price_one_piece_stands_for_all(quantity, gross, label):
    sold = line(quantity, gross)
    assert pricing.per_unit(sold) == (1, Decimal(gross))
    assert pricing.label(sold) == label


@given(
    st.decimals(allow_nan=False, allow_infinity=False).filter(bool),
    st.integers(-(10**12), 10**12),
)
def test_the_product_is_always_the_gross(quantity, gross):
    sold = line(quantity, gross)
    pieces, price = pricing.per_unit(sold)
    assert pieces * price == gross
    assert pricing.label(sold).endswith("Sampon")
