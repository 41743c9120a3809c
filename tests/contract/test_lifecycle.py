"""What a salon is promised about storno, drafts and proformas."""

from dataclasses import replace

import pytest

from salon_invoice_bridge.billing.compare import differences
from salon_invoice_bridge.billing.errors import OutcomeUnknown, Reason, Rejected
from salon_invoice_bridge.billing.invoice import Kind

from .salon import CUT

# === STORNO === #


def test_a_storno_takes_back_the_whole_invoice(salon):
    _invoice, document = salon.issue()
    storno = salon.provider.cancel(salon.storno_of(document))
    assert storno.kind is Kind.STORNO
    assert storno.gross == -document.gross
    assert storno.is_receipt == document.is_receipt == salon.of_receipts
    assert storno.number != document.number
    assert storno.original_number == document.number
    assert salon.provider.get(document).cancelled


def test_an_invoice_is_cancelled_once_however_often_it_is_asked_for(salon):
    _invoice, document = salon.issue()
    wish = salon.storno_of(document)
    first = salon.provider.cancel(wish)
    assert salon.provider.cancel(wish).number == first.number
    assert salon.provider.find_cancellation(wish).number == first.number
    assert salon.total() == 0


def test_an_invoice_that_stands_has_no_storno(salon):
    _invoice, document = salon.issue()
    assert salon.provider.find_cancellation(salon.storno_of(document)) is None


def test_a_storno_whose_answer_was_lost_is_found_and_not_repeated(salon):
    _invoice, document = salon.issue()
    wish = salon.storno_of(document)
    with salon.fault("drop_after", path="cancel|szamla_agent_st$|nyugta_storno$"):
        with pytest.raises(OutcomeUnknown):
            salon.provider.cancel(wish)
    found = salon.provider.find_cancellation(wish)
    assert found.gross == -document.gross
    assert salon.provider.cancel(wish).number == found.number
    assert salon.total() == 0


def test_a_cancelled_invoice_is_not_mistaken_for_a_standing_one(salon):
    invoice, document = salon.issue()
    salon.provider.cancel(salon.storno_of(document))
    found = salon.provider.find(invoice)
    assert found is None or differences(invoice, found)


def test_a_storno_cannot_be_cancelled(salon):
    _invoice, document = salon.issue()
    storno = salon.provider.cancel(salon.storno_of(document))
    with pytest.raises(Rejected) as caught:
        salon.provider.cancel(salon.storno_of(storno))
    assert caught.value.reason is Reason.CLOSED


# === DRAFTS === #


@pytest.mark.needs("drafts")
def test_a_draft_has_the_forints_but_no_number_yet(salon):
    invoice, draft = salon.issue(kind=Kind.DRAFT)
    assert (draft.kind, draft.number) == (Kind.DRAFT, "")
    assert draft.gross == invoice.gross
    assert not salon.documents("invoice")


@pytest.mark.needs("drafts")
def test_what_becomes_an_invoice_by_finalizing_is_issued_once(salon):
    invoice, draft = salon.issue(kind=Kind.DRAFT)
    final = replace(invoice, kind=Kind.INVOICE)
    document = salon.provider.finalize(draft, salon.provider.render(final))
    assert document.kind is Kind.INVOICE
    assert document.number
    assert not differences(final, document)
    assert salon.provider.find(final).number == document.number
    assert len(salon.documents("invoice")) == 1


# === PROFORMAS === #


@pytest.mark.needs("convert_proforma")
def test_a_paid_proforma_becomes_an_invoice(salon):
    proforma, paper = salon.issue(kind=Kind.PROFORMA, paid=False)
    assert paper.kind is Kind.PROFORMA
    invoice = salon.invoice(
        order_number=proforma.order_number,
        partner_id=proforma.partner_id,
        proforma_number=paper.number,
    )
    document = salon.provider.convert_proforma(paper, salon.provider.render(invoice))
    assert document.kind is Kind.INVOICE
    assert document.gross == paper.gross


@pytest.mark.needs("invoices")
@pytest.mark.parametrize("kind", [Kind.DRAFT, Kind.PROFORMA])
def test_what_is_no_longer_wanted_is_discarded_or_stays_by_name(salon, kind):
    if kind not in salon.provider.capabilities.kinds:
        kind = Kind.PROFORMA
    _invoice, paper = salon.issue(kind=kind, paid=False, lines=(CUT,))
    if salon.harness.discards:
        salon.provider.discard(paper)
        assert not salon.documents()
    else:
        with pytest.raises(Rejected) as caught:
            salon.provider.discard(paper)
        assert caught.value.reason is Reason.UNSUPPORTED
        assert salon.documents()


def test_an_invoice_is_never_discarded(salon):
    _invoice, document = salon.issue()
    with pytest.raises(Rejected):
        salon.provider.discard(document)
    assert len(salon.documents()) == 1
