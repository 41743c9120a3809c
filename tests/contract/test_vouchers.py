"""A voucher that was sold before, on the document of what it pays for."""

from dataclasses import replace
from decimal import Decimal

from salon_invoice_bridge.billing.compare import differences

from .salon import CUT, THIRDS

#: A gift card that was invoiced when it was sold, and pays for part of a haircut.
USED = replace(
    CUT,
    name="Ajándékkártya",
    gross=Decimal(-5000),
    settles="2026-000017",
    comment="Korábban számlázva: 2026-000017",
)


def test_what_a_single_purpose_voucher_has_paid_is_not_invoiced_again(salon):
    """VAT Act 18/A (sure): a negative line at the rate of its sale."""
    invoice, document = salon.issue(lines=(CUT, THIRDS, USED))
    assert document.gross == invoice.gross == CUT.gross + THIRDS.gross - 5000
    assert not differences(invoice, document)
    assert salon.total() == invoice.gross


def test_a_document_with_a_used_voucher_is_cancelled_whole(salon):
    _invoice, document = salon.issue(lines=(CUT, USED))
    storno = salon.provider.cancel(salon.storno_of(document))
    assert storno.gross == -document.gross
    assert salon.total() == 0


def test_the_document_says_by_which_one_the_voucher_was_invoiced(salon):
    """In words: no service has a field for it. A receipt of Billingo has no comment."""
    invoice = salon.invoice(lines=(CUT, USED))
    request = salon.provider.render(invoice).decode()
    merged = salon.of_receipts and salon.harness.code == "billingo"
    assert (USED.settles in request) is not merged
