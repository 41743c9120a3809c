"""What follows from a document that was issued: receipts beside invoices."""

from dataclasses import replace
from decimal import Decimal

import pytest

from salon_invoice_bridge.billing.follow_up import task_kinds
from salon_invoice_bridge.billing.invoice import DocumentKind, IssuedDocument, Kind
from salon_invoice_bridge.providers.base import Capabilities

INVOICE = IssuedDocument(
    id="1", number="SZ-1", kind=Kind.INVOICE, gross=Decimal(9990), currency="HUF"
)
RECEIPT = replace(INVOICE, kind=Kind.RECEIPT)
STORNO = replace(INVOICE, kind=Kind.STORNO, gross=Decimal(-9990))


def follows(issued, **capabilities):
    """Return the tasks of a storno row (nothing is owed on it) that is mailed."""
    can = Capabilities(kinds=frozenset(), block_required=False, **capabilities)
    return task_kinds(
        DocumentKind.STORNO, can, issued, None, mails=True, tells_sandbox=False
    )


@pytest.mark.parametrize("issued", [RECEIPT, replace(STORNO, of_receipt=True)])
def test_nav_is_not_asked_about_receipts(issued):
    """No answer of either service tells NAV's verdict on a receipt (docs: sure)."""
    assert "nav" not in follows(issued, nav_status=True)
    assert "nav" in follows(STORNO, nav_status=True)


@pytest.mark.parametrize("issued", [RECEIPT, replace(STORNO, of_receipt=True)])
def test_a_receipt_is_mailed_by_a_call_of_its_own(issued):
    """Számlázz.hu mails invoices as it issues them, receipts when told to (docs)."""
    assert "email" in follows(issued, mails_on_issue=True)
    assert "email" not in follows(STORNO, mails_on_issue=True)
    assert "email" in follows(issued) and "email" in follows(STORNO)
