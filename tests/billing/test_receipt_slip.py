"""What a till prints of a receipt: the same forints, by VAT rate."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.invoice import Line
from salon_invoice_bridge.billing.receipt_slip import best_width, sums_by_rate
from tests.examples import examples

CODES = ["27", "18", "5", "0", "25.5", "AAM", "ATK", "TAM"]


def line(vat, gross):
    return Line(name="x", quantity=Decimal(1), gross=Decimal(gross), vat=vat)


def printed(lines, **options):
    return [(one.vat, int(one.gross)) for one in sums_by_rate(lines, **options)]


def test_each_rate_has_its_sum_and_the_highest_comes_first():
    lines = [line("5", 3500), line("ATK", 1000), line("27", 8900), line("5", 500)]
    assert printed(lines) == [("27%", 8900), ("5%", 4000), ("ATK", 1000)]


def test_a_storno_turns_them_around():
    assert printed([line("27", 8900)], cancelled=True) == [("27%", -8900)]


@given(
    st.lists(st.tuples(st.sampled_from(CODES), st.integers(-10_000, 10_000))),
    st.booleans(),
)
@examples(200)
def test_the_sums_are_the_receipts_gross(values, cancelled):
    lines = [line(vat, gross) for vat, gross in values]
    sums = sums_by_rate(lines, cancelled=cancelled)
    total = sum(one.gross for one in sums)
    assert total == (-1 if cancelled else 1) * sum(gross for _vat, gross in values)
    assert len({one.vat for one in sums}) == len(sums)


def test_the_paper_is_never_wider_than_the_printers_if_there_is_such():
    assert best_width({58, 80}, 80) == 80
    assert best_width({58, 80}, 58) == 58
    assert best_width({80}, 58) == 80
    assert best_width(set(), 80) is None
