"""Serial numbers are sorted as people count, file names fit every system."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.text import safe_name, serial_key


def test_nine_comes_before_ten():
    numbers = ["SZ-10", "SZ-9", "", "10", "SZ²-1", "SZ"]
    assert sorted(numbers, key=serial_key) == [
        *("", "10", "SZ", "SZ-9", "SZ-10", "SZ²-1"),
    ]


@given(st.lists(st.text()))
def test_any_two_numbers_can_be_compared(numbers):
    sorted([*numbers, "9" * 5000], key=serial_key)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("SZ / 2026-000012", "SZ-2026-000012"),
        ("E-SZLA-2026-12", "E-SZLA-2026-12"),
        ("Ártól 1.", "Artol-1"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "fallback"),
        ("C:\\x", "C-x"),
        ("", "fallback"),
        ("日本", "fallback"),
        ("NUL", "_NUL"),
        ("con.pdf", "_con.pdf"),
        ("COM1", "_COM1"),
        ("COM10", "COM10"),
        ("a\r\nb\0c", "a-b-c"),
        ("x" * 300, "x" * 80),
    ],
)
def test_a_name_leads_nowhere_and_can_be_written_everywhere(text, name):
    assert safe_name(text, "fallback") == name


@given(st.text())
def test_a_safe_name_stays_as_it_is(text):
    name = safe_name(text)
    assert safe_name(name) == name
    assert name
