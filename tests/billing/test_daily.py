"""Daily totals of receipts, and how they differ from a service's own list."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.daily import (
    GRACE_UNTIL,
    Category,
    Differences,
    Receipt,
    category,
    compare,
    daily_totals,
    gross_by_code,
    last_day,
    listable,
)
from salon_invoice_bridge.billing.invoice import Line
from tests.clock import DAY, after
from tests.examples import examples


def receipt(number, gross=None, **more):
    """Return the receipt of a haircut, at 27%."""
    values = {
        "number": f"NY-2026-{number}",
        "series": "NY",
        "day": DAY,
        "gross": {
            code: Decimal(amount) for code, amount in (gross or {"27": 8900}).items()
        },
    }
    return Receipt(**{**values, **more})


def storno(number, gross=None, **more):
    """Return the storno of one."""
    gross = {code: -amount for code, amount in (gross or {"27": 8900}).items()}
    return receipt(number, gross, modifies=True, **more)


# === THE CATEGORIES === #


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("27", Category.TWENTY_SEVEN),
        ("18", Category.EIGHTEEN),
        ("5", Category.FIVE),
        ("0", Category.ZERO),
        ("AAM", Category.AAM),
        ("TAM", Category.OTHER),
        ("ATK", Category.OTHER),
        ("25.5", Category.OTHER),
    ],
)
def test_the_categories_are_0_5_18_27_aam_and_all_others(code, expected):
    """VAT Act, annex 11, as four developers implement it (fairly sure)."""
    assert category(code) is expected


# === A DAY === #


def test_sales_and_stornos_of_a_day_stand_apart():
    """They do not cancel each other out (fairly sure)."""
    (total,) = daily_totals(
        [receipt(9), receipt(10, {"27": 3000, "5": 3500}), storno(11)]
    )
    assert total.sales == {Category.TWENTY_SEVEN: 11_900, Category.FIVE: 3500}
    assert total.changes == {Category.TWENTY_SEVEN: -8900}
    assert (total.sale_count, total.change_count) == (2, 1)
    assert total.total == 6500


def test_the_first_serial_is_the_lowest_number_of_the_series():
    (total,) = daily_totals([receipt(10), receipt(9)])
    assert total.first_number == "NY-2026-9"


@pytest.mark.parametrize("number", ["²", "A²", "٣", "①7", "", "-", "007", "8" * 5000])
def test_whatever_a_person_or_a_service_calls_a_number_is_sorted(number):
    """A number that is written by hand may have any printable sign."""
    numbers = (number, "A1", "12", "x3y", "9" * 5000)
    (total,) = daily_totals([replace(receipt(1), number=one) for one in numbers])
    assert total.sale_count == 5


def test_days_series_currencies_and_rates_have_totals_of_their_own():
    rows = [
        receipt(1),
        receipt(2, day=after(1)),
        receipt(3, series="B"),
        receipt(4, currency="EUR", exchange_rate=Decimal(400)),
        receipt(5, currency="EUR", exchange_rate=Decimal(401)),
        receipt(6, handwritten=True),
    ]
    assert len(daily_totals(rows)) == 6


def test_what_a_test_account_made_does_not_exist_for_nav():
    assert daily_totals([receipt(1, sandbox=True)]) == ()


def test_a_storno_is_of_the_day_on_which_it_was_made():
    first, second = daily_totals([receipt(1), storno(2, day=after(3))])
    assert (first.total, second.total) == (8900, -8900)


def test_the_gross_of_a_rate_is_that_of_its_lines_and_a_storno_turns_it_around():
    lines = [
        Line(name=name, quantity=Decimal(1), gross=Decimal(gross), vat=code)
        for name, gross, code in (("a", 8900, "27"), ("b", 100, "27"), ("c", 50, "5"))
    ]
    assert gross_by_code(lines) == {"27": 9000, "5": 50}
    assert gross_by_code(lines, turned=True) == {"27": -9000, "5": -50}


def test_a_day_is_reported_within_three_calendar_days():
    """Fairly sure; no penalty until the end of 2026."""
    assert last_day(DAY) == after(3)
    assert GRACE_UNTIL.isoformat() == "2026-12-31"


codes = st.sampled_from(["27", "18", "5", "0", "AAM", "TAM", "ATK"])
amounts = st.integers(1, 100_000).map(Decimal)
many = st.lists(
    st.builds(
        lambda number, gross, days, series, back: (storno if back else receipt)(
            number, gross, day=after(days), series=series
        ),
        st.integers(1, 40),
        st.dictionaries(codes, amounts, min_size=1, max_size=3),
        st.integers(0, 2),
        st.sampled_from(["A", "B"]),
        st.booleans(),
    ),
    max_size=25,
    unique_by=lambda row: row.number,
)


@examples(150)
@given(many, st.randoms(use_true_random=False))
def test_the_totals_are_all_the_receipts_whatever_their_order(rows, chance):
    """Nothing is lost or counted twice."""
    totals = daily_totals(rows)
    shuffled = [*rows, *rows[:3]]
    chance.shuffle(shuffled)
    assert daily_totals(shuffled) == totals
    gross = sum((row.total for row in rows), Decimal(0))
    assert sum((total.total for total in totals), Decimal(0)) == gross
    assert sum(total.sale_count + total.change_count for total in totals) == len(rows)
    for total in totals:
        assert all(amount > 0 for amount in total.sales.values())
        assert all(amount < 0 for amount in total.changes.values())


# === COMPARED WITH A SERVICE === #


def test_the_same_receipts_do_not_differ():
    assert not compare([receipt(1), storno(2)], [storno(2), receipt(1)])


def test_a_receipt_that_the_service_does_not_list_is_missing():
    assert compare([receipt(1), receipt(2)], [receipt(1)]) == Differences(
        missing=(receipt(2),)
    )


def test_a_receipt_that_we_do_not_know_is_unexpected():
    assert compare([], [receipt(1)]) == Differences(unexpected=(receipt(1),))


@pytest.mark.parametrize(
    "change",
    [
        {"day": after(1)},
        {"currency": "EUR"},
        {"modifies": True},
        {"gross": {"27": Decimal(8901)}},
        {"gross": {"5": Decimal(8900)}},
        {"gross": {"": Decimal(8901)}},
    ],
)
def test_a_receipt_that_the_service_has_otherwise_differs(change):
    theirs = replace(receipt(1), **change)
    assert compare([receipt(1)], [theirs]) == Differences(
        different=((receipt(1), theirs),)
    )


def test_a_list_of_sums_alone_is_compared_by_the_sum():
    theirs = replace(receipt(1), gross={"": Decimal(8900)})
    assert not compare([receipt(1)], [theirs])


def test_a_list_without_any_storno_is_not_missing_ours():
    """Whether Billingo lists them is not published."""
    ours = [receipt(1, cancelled=True), storno(2)]
    assert listable(ours, [receipt(1)]) == (receipt(1, cancelled=True),)
    assert listable(ours, [storno(3)]) == tuple(ours)
    assert listable(ours, []) == (receipt(1, cancelled=True),)


def test_a_receipt_that_was_cancelled_there_alone_differs():
    ours, theirs = receipt(1, cancelled=False), receipt(1, cancelled=True)
    assert compare([ours], [theirs]).different == ((ours, theirs),)
    assert not compare([ours], [receipt(1)])


def test_a_handwritten_receipt_is_in_no_list():
    """It is reported by the salon itself (very sure that it has to be)."""
    assert not compare([receipt(1, handwritten=True)], [])
    (total,) = daily_totals([receipt(1, handwritten=True)])
    assert total.handwritten


@examples(100)
@given(many, st.data())
def test_the_differences_explain_the_whole_gap(rows, data):
    """Ours = theirs + missing - unexpected + what differs."""
    theirs = [row for row in rows if data.draw(st.booleans())]
    theirs = [
        replace(row, gross={**row.gross, "27": Decimal(1)})
        if data.draw(st.booleans())
        else row
        for row in theirs
    ]
    theirs += [receipt(99)] if data.draw(st.booleans()) else []
    found = compare(rows, theirs)

    def gross(receipts):
        return sum((row.total for row in receipts), Decimal(0))

    gap = gross(found.missing) - gross(found.unexpected)
    gap += sum((one.total - other.total for one, other in found.different), Decimal(0))
    assert gross(rows) - gross(theirs) == gap
