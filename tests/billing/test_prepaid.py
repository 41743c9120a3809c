"""What was paid for before: what is known of it, and what may still be paid back."""

from decimal import Decimal

import pytest

from salon_invoice_bridge.billing.invoice import Line
from salon_invoice_bridge.billing.prepaid import Prepaid, check_kept, documented
from salon_invoice_bridge.billing.problem import Code, Problem
from salon_invoice_bridge.billing.sale import VoucherKind


def entry(line, gross, name="Ajándékkártya"):
    return {"line": line, "gross": str(gross), "name": name}


def test_a_voucher_on_a_document_was_sold_as_single_purpose():
    row = Line(name="x", quantity=Decimal(1), gross=Decimal(5000), vat="27", ref="7")
    sold = documented(7, [row], amount=Decimal(5000), number="2026-1")
    assert (sold.kind, sold.vat, sold.number) == (VoucherKind.SINGLE, "27", "2026-1")


def test_a_voucher_that_its_document_kept_off_was_sold_as_multi_purpose():
    sold = documented(7, [], amount=Decimal(5000))
    assert (sold.kind, sold.vat) == (VoucherKind.MULTI, "")


def test_of_a_sale_without_any_document_nothing_is_known():
    assert Prepaid(line=7, amount=Decimal(5000)).kind is None


def test_what_is_left_is_what_was_paid_less_what_was_used():
    assert Prepaid(line=7, amount=Decimal(5000), used=Decimal(3000)).left == 2000


@pytest.mark.parametrize(("kept", "used"), [([entry(7, 5000)], 5000), ([], 0)])
def test_what_was_not_used_may_be_paid_back(kept, used):
    check_kept([entry(7, 10_000)], kept, {7: Decimal(used)}, "HUF")


@pytest.mark.parametrize(("kept", "used"), [([entry(7, 4000)], 5000), ([], 1)])
def test_what_was_used_is_not_paid_back_without_a_person(kept, used):
    with pytest.raises(Problem) as caught:
        check_kept([entry(7, 10_000)], kept, {7: Decimal(used)}, "HUF")
    assert caught.value == Problem(Code.PREPAID_USED, line="Ajándékkártya")


def test_a_voucher_worth_more_than_its_price_is_no_obstacle_to_another_refund():
    """Sold at 4,500, worth 5,000 and used: a shampoo of the same sale comes back."""
    sold = [entry(7, 4500), entry(8, 3000, "Sampon")]
    check_kept(sold, [entry(7, 4500)], {7: Decimal(5000)}, "HUF")
