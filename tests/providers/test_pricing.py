"""What one piece costs, when the service multiplies."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.invoice import Line
from salon_invoice_bridge.billing.money import unit
from salon_invoice_bridge.providers import pricing


def line(quantity, gross):
    """Return a line of so many pieces for so much."""
    return Line(
        name="Sampon", quantity=Decimal(quantity), gross=Decimal(gross), vat="27"
    )


def parts(quantity, gross, currency="HUF", language="hu"):
    """Return the items of such a line, with Decimals as they are told."""
    document = SimpleNamespace(currency=currency, language=language)
    return pricing.parts(line(quantity, gross), document)


def told(*items):
    """Return ``(quantity, price)`` of strings as parts of a line."""
    return [("Sampon", Decimal(quantity), Decimal(price)) for quantity, price in items]


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
    assert parts(quantity, gross) == told((quantity, price))


@pytest.mark.parametrize(
    ("quantity", "gross", "items"),
    [
        ("3", "2998", [("2", "999"), ("1", "1000")]),
        ("3", "10000", [("2", "3333"), ("1", "3334")]),
        ("7", "1000", [("1", "142"), ("6", "143")]),
        ("3", "-1000", [("1", "-334"), ("2", "-333")]),
        ("3", "1", [("2", "0"), ("1", "1")]),
        ("1.5", "1999", [("1", "1333"), ("0.5", "1332")]),
        ("0.75", "1000", [("0.25", "1332"), ("0.5", "1334")]),
    ],
)
def test_without_such_a_price_the_line_is_split_into_prices_side_by_side(
    quantity, gross, items
):
    assert parts(quantity, gross) == told(*items)


def test_cents_are_split_as_forints_are():
    items = [("2", "3.33"), ("1", "3.34")]
    assert parts("3", "10.00", "EUR") == told(*items)


@pytest.mark.parametrize(
    ("quantity", "gross", "language", "label"),
    [
        ("-1", "-500", "hu", "-1 x Sampon"),
        ("1.3333", "4990", "en", "1.3333 x Sampon"),
        ("1.3333", "4990", "hu", "1,3333 x Sampon"),
        ("1.3333", "4990", "de", "1,3333 x Sampon"),
    ],
)
def test_a_quantity_that_no_document_carries_is_one_piece(
    quantity, gross, language, label
):
    items = parts(quantity, gross, language=language)
    assert items == [(label, Decimal(1), Decimal(gross))]


@given(
    st.decimals(allow_nan=False, allow_infinity=False).filter(bool),
    st.integers(-(10**12), 10**12),
)
def test_the_products_are_always_the_gross(quantity, gross):
    items = parts(quantity, gross)
    assert sum(pieces * price for _name, pieces, price in items) == gross
    assert all(name.endswith("Sampon") for name, _pieces, _price in items)


@given(
    st.integers(1, 10**6).map(lambda grains: Decimal(grains) / 1000)
    | st.integers(1, 10**5).map(Decimal),
    st.integers(-(10**7), 10**8),
    st.sampled_from(["HUF", "EUR"]),
)
def test_every_quantity_that_a_till_knows_is_told_as_it_was(quantity, gross, currency):
    """No item needs the service to round, none is "1 x", none is far from the price."""
    gross, step = gross * unit(currency), unit(currency)
    items = parts(quantity, gross, currency)
    assert sum(pieces for _name, pieces, _price in items) == quantity
    assert sum(pieces * price for _name, pieces, price in items) == gross
    assert len(items) <= 4
    for name, pieces, price in items:
        assert name == "Sampon"
        assert pieces > 0
        assert pieces == round(pieces, 3)
        assert price == round(price, 6)
        assert not pieces * price % step
        if quantity == int(quantity):
            assert abs(price - gross / quantity) <= step
