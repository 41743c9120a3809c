"""Which numbers are missing between those that are known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.series import MOST, ends, gaps, parse
from tests.examples import examples


@pytest.mark.parametrize(
    "number, series, ordinal",
    [
        ("SZ-2026-4", "SZ-2026-", 4),
        ("SZ / 2026-000012", "SZ / 2026-", 12),
        ("2026-1", "2026-", 1),
        ("E-12", "E-", 12),
        ("17", "", 17),
    ],
)
def test_a_number_is_a_series_and_a_running_number(number, series, ordinal):
    serial = parse(number)
    assert (serial.series, serial.ordinal, str(serial)) == (series, ordinal, number)


@pytest.mark.parametrize("number", ["", "SZ-2026/A", "-", "²"])
def test_what_does_not_end_in_digits_is_in_no_series(number):
    assert parse(number) is None
    assert gaps([number, "X-1"]) == ()


def test_what_is_missing_is_named_as_its_neighbours_are():
    assert gaps(["SZ-2026-9", "SZ-2026-12"]) == ("SZ-2026-10", "SZ-2026-11")
    assert gaps(["A / 2026-000009", "A / 2026-000011"]) == ("A / 2026-000010",)
    assert gaps(["A-1", "B-3", "A-2"]) == ()


def test_another_numbering_is_not_named_to_its_end():
    assert len(gaps(["A-1", "A-900000"])) == MOST


def test_of_a_thousand_numberings_not_each_is_named_to_its_end():
    numbers = [f"{series}-{end}" for series in range(1000) for end in (1, 900000)]
    assert len(gaps(numbers)) == MOST


def test_the_ends_of_a_series_are_the_numbers_beside_it():
    assert ends(["A-3", "A-4", "B-1"]) == [("A-2", "A-5"), (None, "B-2")]
    assert ends(["A-000010"]) == [("A-000009", "A-000011")]
    assert ends([]) == []


@examples(200)
@given(st.sets(st.integers(1, 300), min_size=1), st.sampled_from(["SZ-2026-", ""]))
def test_known_and_missing_numbers_are_all_from_first_to_last(ordinals, series):
    numbers = [f"{series}{ordinal}" for ordinal in ordinals]
    missing = gaps(numbers)
    assert not set(missing) & set(numbers)
    whole = [f"{series}{one}" for one in range(min(ordinals), max(ordinals) + 1)]
    assert sorted([*missing, *numbers]) == sorted(whole)
