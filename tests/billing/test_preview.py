"""How a preview explains the way from the till to the document."""

from decimal import Decimal

import pytest

from salon_invoice_bridge.billing.build import build
from salon_invoice_bridge.billing.lines import name_kept_off, sort_again
from salon_invoice_bridge.billing.policy import Tip
from salon_invoice_bridge.billing.preview import Difference, difference
from tests.clock import DAY

from .salon import KEY, haircut, make_policy, make_sale, pay, redeemed, tip

CASH_ROUNDED = {"rounding": Decimal("2.5"), "rounded_in": Decimal("2.5")}


def seen(*lines, tip_mode=Tip.OUTSIDE, **more):
    """Return the difference of a sale of ``lines`` and its invoice."""
    sale = make_sale(*lines, **more)
    invoice = build(sale, make_policy(tip=tip_mode), KEY, today=DAY)
    kept_off = name_kept_off(sort_again(sale.lines, invoice.lines)[1])
    return difference(sale, invoice, kept_off)


def test_an_ordinary_sale_has_no_difference():
    found = seen(haircut(8900))
    assert found.is_plain
    assert (found.total, found.gross, found.unexplained) == (8900, 8900, 0)


@pytest.mark.parametrize(
    ("lines", "options", "gross", "kept_off", "rounded"),
    [
        ((haircut(8900), tip(1000)), {"tip_mode": Tip.NONE}, 8900, [1000], 0),
        ((haircut(8900), redeemed(3000)), {}, 8900, [-3000], 0),
        (
            (haircut(8902),),
            {**CASH_ROUNDED, "total": 8900, "payments": [pay(8900)]},
            8902,
            [],
            -2,
        ),
    ],
)
def test_what_is_kept_off_and_what_was_rounded_explain_it(
    lines, options, gross, kept_off, rounded
):
    found = seen(*lines, **options)
    assert not found.is_plain
    assert (found.gross, found.rounded) == (gross, rounded)
    assert [entry.amount for entry in found.kept_off] == kept_off
    assert found.unexplained == 0


def test_what_nothing_explains_is_said():
    found = Difference(total=Decimal(100), gross=Decimal(90))
    assert found.unexplained == 10
