"""Forints and cents, counted as the services and the law count them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing import vat
from salon_invoice_bridge.billing.money import quantize, split_gross, unit


@pytest.mark.parametrize(
    ("currency", "smallest"), [("HUF", "1"), ("JPY", "1"), ("EUR", "0.01")]
)
def test_a_document_has_the_unit_of_its_currency(currency, smallest):
    assert unit(currency) == Decimal(smallest)


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("0.5", "HUF", "1"),
        ("1.5", "HUF", "2"),
        ("2.5", "HUF", "3"),
        ("-0.5", "HUF", "-1"),
        ("0.49", "HUF", "0"),
        ("0.005", "EUR", "0.01"),
        ("-0.005", "EUR", "-0.01"),
    ],
)
def test_half_a_unit_is_rounded_away_from_zero(amount, currency, rounded):
    assert quantize(Decimal(amount), currency) == Decimal(rounded)


@pytest.mark.parametrize(
    ("gross", "rate", "net", "tax"),
    [
        ("1270", "27", "1000", "270"),
        ("9990", "27", "7866", "2124"),
        ("1", "27", "1", "0"),
        ("500", "0", "500", "0"),
        ("-1270", "27", "-1000", "-270"),
    ],
)
def test_the_tax_is_what_rounds_and_the_net_is_the_rest(gross, rate, net, tax):
    split = split_gross(Decimal(gross), Decimal(rate), "HUF")
    assert split == (Decimal(net), Decimal(tax))


@given(
    st.integers(-(10**12), 10**12),
    st.sampled_from(["27", "18", "5", "0", "25.5"]),
    st.sampled_from(["HUF", "EUR"]),
)
def test_net_and_tax_always_add_up_to_the_gross(pieces, rate, currency):
    gross = pieces * unit(currency)
    net, tax = split_gross(gross, Decimal(rate), currency)
    assert net + tax == gross
    assert (
        abs(tax - gross * Decimal(rate) / (100 + Decimal(rate))) <= unit(currency) / 2
    )
    opposite = split_gross(-gross, Decimal(rate), currency)
    assert opposite == (-net, -tax), "a refund mirrors its sale"


@pytest.mark.parametrize("code", [*vat.EXEMPT])
def test_an_exemption_puts_no_tax_on_a_document(code):
    assert vat.rate(code) == 0


@pytest.mark.parametrize("code", ["", "100", "-5", "NaN", "Infinity", "aam", "27%"])
def test_what_is_no_vat_code_is_an_error(code):
    with pytest.raises(ValueError, match="VAT code"):
        vat.rate(code)
