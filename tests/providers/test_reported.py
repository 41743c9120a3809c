"""What is believed of rates and payments that an answer tells."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.invoice import PaymentKind
from salon_invoice_bridge.providers import registry, reported
from salon_invoice_bridge.providers.szamlazz.tables import vat_code
from tests.examples import examples

TWENTY_SEVEN = ("27", Decimal("7866.00"), Decimal("2124.00"), Decimal("9990.00"))


def test_items_of_one_rate_are_one():
    (row,) = reported.rates([TWENTY_SEVEN, TWENTY_SEVEN], Decimal(19980))
    assert (row.vat, row.net, row.tax, row.gross) == ("27", 15732, 4248, 19980)
    assert str(row.gross) == "19980"


def test_the_noise_of_floats_is_no_amount():
    rows = [("27", Decimal("7.8700000000001"), Decimal("2.12"), Decimal("9.99"))]
    (row,) = reported.rates(rows, Decimal("9.9899999999999"))
    assert (row.net, row.gross) == (Decimal("7.87"), Decimal("9.99"))


@pytest.mark.parametrize(
    "rows, gross",
    [
        ([], 1),
        ([TWENTY_SEVEN], 9991),
        ([(None, *TWENTY_SEVEN[1:])], 9990),
        ([("27", None, Decimal(0), Decimal(0))], 0),
        ([("27", Decimal(1), Decimal(1), Decimal(3))], 3),
        ([("27", Decimal("1e30"), Decimal(0), Decimal("1e30"))], Decimal("1e30")),
    ],
)
def test_what_does_not_add_up_was_not_told(rows, gross):
    assert reported.rates(rows, Decimal(gross)) == ()


@examples(200)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["27", "5", "ATK", None]),
            *[st.one_of(st.none(), st.decimals(allow_nan=False, places=2))] * 3,
        ),
        max_size=5,
    ),
    st.decimals(-(10**6), 10**6, places=2),
)
def test_whatever_is_told_adds_up_or_is_nothing(rows, gross):
    found = reported.rates(rows, gross)
    if found:
        assert sum(row.gross for row in found) == gross
        assert len({row.vat for row in found}) == len(found)


@pytest.mark.parametrize("code", ["billingo", "billingo_v2", "szamlazz"])
@pytest.mark.parametrize("kind", PaymentKind)
def test_what_a_kind_comes_back_as_comes_back_as_itself(code, kind):
    reported_kind = registry.get(code).reported_kind
    assert reported_kind(reported_kind(kind)) is reported_kind(kind)


@pytest.mark.parametrize(
    "letters, percentage, code",
    [
        *(("", Decimal("27.0"), "27"), ("", Decimal("5.5"), "5.5")),
        *(("ATK", Decimal(0), "ATK"), ("F.AFA", Decimal(0), "DOMESTIC_REVERSE")),
        *(("AAM", None, "AAM"), ("EUK", Decimal(0), None), ("", None, None)),
        *(("AAM", Decimal(27), None), ("", Decimal(150), None)),
    ],
)
def test_szamlazz_tells_a_rate_in_two_words(letters, percentage, code):
    assert vat_code(letters, percentage) == code
