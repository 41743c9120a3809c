"""What is taken off a sale goes into what is left of it, rate by rate."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.errors import Rejected
from salon_invoice_bridge.billing.invoice import Line
from salon_invoice_bridge.billing.money import unit
from salon_invoice_bridge.providers.reductions import merge


def line(gross, vat="27", name="Vágás"):
    """Return a line from plain values."""
    return Line(name=name, quantity=Decimal(1), gross=Decimal(gross), vat=vat)


def merged(*lines, currency="HUF", word=lambda code: code):
    """Return ``(name, gross, vat)`` of what is left."""
    left = merge(lines, currency, word)
    return [(line.name, line.gross, line.vat) for line in left]


def test_without_reductions_nothing_changes():
    lines = (line(9990), line(500, "5"), line(1000))
    assert merge(lines, "HUF", lambda code: code) == lines


def test_a_reduction_is_shared_by_the_lines_of_its_rate_and_named():
    assert merged(
        line(9000),
        line(700, "5", "Könyv"),
        line(1000, name="Sampon"),
        line(-1000, name="10 %"),
    ) == [
        ("Vágás (levonva: 10 %)", 8100, "27"),
        ("Könyv", 700, "5"),
        ("Sampon (levonva: 10 %)", 900, "27"),
    ]


def test_forints_stay_whole_and_cents_stay_cents():
    left = merged(line(100), line(100), line(100), line(-100))
    assert sorted(gross for _name, gross, _vat in left) == [66, 67, 67]
    left = merged(line("1.00"), line("1.01"), line("-0.50"), currency="EUR")
    assert sum(gross for _name, gross, _vat in left) == Decimal("1.51")


def test_what_costs_nothing_is_not_on_the_receipt():
    assert merged(line(500), line(0, name="Ajándék")) == [("Vágás", 500, "27")]
    free = merged(line(500), line(700, "5"), line(-500, name="Ajándék"))
    assert free == [("Vágás", 700, "5")]


def test_one_rate_with_two_names_is_one_rate():
    def word(code):
        return f"{int(Decimal(code))}%"

    assert merged(line(500, "27.00"), line(-100, "27", "X"), word=word) == [
        ("Vágás (levonva: X)", 400, "27.00")
    ]


@pytest.mark.parametrize(
    "lines",
    [
        (line(500), line(-501)),
        (line(500), line(900, "5"), line(-600)),
        (line(500), line(-100, "5")),
        (line(500), line(-500)),
        (line(0),),
        (line(-1),),
    ],
    ids=str,
)
def test_more_than_was_sold_cannot_be_taken_off(lines):
    with pytest.raises(Rejected):
        merged(*lines)


AMOUNTS = st.integers(-30_000, 60_000)


@given(
    st.lists(st.tuples(AMOUNTS, st.sampled_from(["27", "18", "5", "AAM"])), min_size=1),
    st.sampled_from(["HUF", "EUR"]),
)
def test_the_sum_of_each_rate_is_kept_and_no_line_is_without_an_amount(sold, currency):
    lines = tuple(line(amount * unit(currency), vat) for amount, vat in sold)
    before = sums(lines)
    try:
        left = merge(lines, currency, lambda code: code)
    except Rejected:
        assert min(before.values()) < 0 or not any(before.values())
        assume(False)
    assert all(row.gross > 0 for row in left)
    assert all(row.gross % unit(currency) == 0 for row in left)
    after = sums(left)
    assert {vat: total for vat, total in before.items() if total} == after
    names = [row.name.partition(" (")[0] for row in left]
    assert len(names) <= sum(row.gross > 0 for row in lines)


def sums(lines):
    """Return the gross of each VAT code."""
    found = Counter()
    for row in lines:
        found[row.vat] += row.gross
    return dict(found)
