"""The lines of a document as people read them."""

from decimal import Decimal

import pytest

from salon_invoice_bridge.billing.line_sums import line_sums, name_rate

from .salon import book, line, make_invoice, make_sale


def test_a_line_is_split_gross_first():
    invoice = make_invoice(make_sale(line("Vágás", 9980, quantity=2)))
    (one,) = line_sums(invoice)
    assert (one.quantity, one.unit_price, one.vat) == (2, 4990, "27%")
    assert (one.net, one.tax, one.gross) == (7858, 2122, 9980)


def test_a_storno_has_the_lines_turned_around():
    invoice = make_invoice(make_sale(line("Vágás", 4990), book()))
    for one, turned in zip(
        line_sums(invoice), line_sums(invoice, turned=True), strict=True
    ):
        assert turned.unit_price == one.unit_price > 0
        for name in ("quantity", "net", "tax", "gross"):
            assert getattr(turned, name) == -getattr(one, name)


def test_a_price_that_does_not_divide_is_not_rounded_here():
    (one,) = line_sums(make_invoice(make_sale(line("Sampon", 1000, quantity=3))))
    assert one.unit_price * 3 != one.gross
    assert round(one.unit_price, 2) == Decimal("333.33")


@pytest.mark.parametrize(("code", "name"), [("27", "27%"), ("AAM", "AAM"), ("", "")])
def test_a_rate_is_named_as_people_write_it(code, name):
    assert name_rate(code) == name
