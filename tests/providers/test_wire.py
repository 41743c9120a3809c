"""JSON that says exactly what was meant, and reads nothing surprising."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.providers import wire

EXACT = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(EXACT)
def test_what_is_written_is_what_is_read(value):
    text = wire.dumps(value)
    assert wire.loads(text) == value
    assert json.loads(text) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_an_amount_keeps_every_digit(amount):
    text = wire.dumps([amount]).decode()
    assert "e" not in text.lower()
    assert Decimal(text[1:-1]) == amount


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1270.00", "1270"),
        ("1E+3", "1000"),
        ("0.10", "0.1"),
        ("-0.00", "0"),
        ("0.1000000000000000055", "0.1000000000000000055"),
    ],
)
def test_a_number_is_written_in_plain_digits(amount, text):
    assert wire.number(Decimal(amount)) == text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"\xff",
        b"<html>",
        b"1e999999999",
        b"[" * 100_000,
        b"9" * 5000,
    ],
)
def test_what_is_no_json_is_an_error_and_nothing_worse(body):
    with pytest.raises(ValueError):
        wire.loads(body)


def test_a_byte_order_mark_is_no_obstacle():
    assert wire.loads(b'\xef\xbb\xbf{"a": 0.1}') == {"a": Decimal("0.1")}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        (" 0 ", 0),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("9" * 50, None),
        ("\u0663", None),
        ("", None),
    ],
)
def test_a_wait_is_told_in_seconds_or_as_a_date(header, seconds):
    noon = 1795176000  # 2026-11-20 12:00 UTC
    assert wire.retry_after({"retry-after": header}, noon) == seconds


def test_without_the_header_no_wait_is_asked_for():
    assert wire.retry_after({}, 0) is None
