"""Advance and final invoices, whatever the service: the forints, and who names whom."""

from dataclasses import replace
from decimal import Decimal

import pytest

from salon_invoice_bridge.billing.compare import differences
from salon_invoice_bridge.billing.errors import Rejected
from salon_invoice_bridge.billing.invoice import Advance, Kind, Line

from .salon import CUT

DEPOSIT = Line(
    name="Foglaló", quantity=Decimal(1), gross=Decimal(3000), vat="27", advance=True
)


def taken_off(advance, amount=3000):
    """Return the line by which a deposit is taken off."""
    return replace(DEPOSIT, gross=Decimal(-amount), settles=advance.number)


def sell(salon, **changes):
    """Issue an advance invoice; return its ``Advance`` and the document."""
    _invoice, document = salon.issue(lines=(DEPOSIT,), advance=True, **changes)
    return Advance(number=document.number, id=document.id), document


def use(salon, *advances, amount=3000, lines=(CUT,), **changes):
    """Issue the final invoice of ``advances``; return ``(invoice, document)``."""
    named = advances if salon.provider.capabilities.deposits else ()
    return salon.issue(
        lines=(*lines, *(taken_off(one, amount) for one in advances)),
        advances=named,
        **changes,
    )


@pytest.mark.needs("invoices")
def test_an_advance_invoice_and_its_final_one_have_the_forints_of_the_sales(salon):
    """VAT Act 59, 159 (2) (sure): what is taxed first is taken off the whole price."""
    advance, document = sell(salon)
    assert (document.gross, document.kind) == (Decimal(3000), Kind.INVOICE)
    invoice, final = use(salon, advance)
    assert final.gross == invoice.gross == CUT.gross - 3000
    assert salon.total() == CUT.gross


@pytest.mark.needs("invoices")
def test_both_are_found_by_the_keys_we_gave_them(salon):
    invoice = salon.invoice(lines=(DEPOSIT,), advance=True)
    document = salon.provider.issue(salon.provider.render(invoice))
    advance = Advance(number=document.number, id=document.id)
    last, made = use(salon, advance)
    for meant, number in ((invoice, document.number), (last, made.number)):
        found = salon.provider.find(meant)
        assert found.number == number
        assert not differences(meant, found)


@pytest.mark.needs("invoices")
def test_a_final_invoice_of_nothing_more_to_pay_is_issued(salon):
    """The service has been rendered (fairly sure)."""
    advance, _document = sell(salon)
    cut = replace(CUT, gross=Decimal(3000))
    _invoice, final = use(salon, advance, lines=(cut,))
    assert (final.gross, salon.total()) == (0, 3000)


@pytest.mark.needs("invoices")
def test_a_final_invoice_is_cancelled_by_a_storno_of_its_own(salon):
    """And not by the advance invoice that the service relates to it."""
    advance, document = sell(salon)
    _invoice, final = use(salon, advance)
    storno = salon.provider.cancel(salon.storno_of(final))
    assert storno.gross == -final.gross
    wish = salon.storno_of(final)
    assert salon.provider.find_cancellation(wish).number == storno.number
    assert salon.provider.find_cancellation(salon.storno_of(document)) is None


@pytest.mark.needs("deposits")
def test_an_advance_can_be_named_again_after_the_storno_of_its_final_invoice(salon):
    """An assumption, at both services."""
    advance, _document = sell(salon)
    _invoice, final = use(salon, advance)
    salon.provider.cancel(salon.storno_of(final))
    _invoice, second = use(salon, advance)
    assert second.gross == CUT.gross - 3000


@pytest.mark.needs("deposits")
def test_an_advance_that_the_service_does_not_have_is_refused(salon):
    with pytest.raises(Rejected):
        use(salon, Advance(number="SENKI-2026-1", id="999999"))
    assert salon.documents() == []


@pytest.mark.needs("deposits")
def test_as_many_final_invoices_name_an_advance_as_the_service_allows(salon):
    """Számlázz.hu: one, error 73 (observed). Billingo: no limit is published."""
    advance, _document = sell(salon)
    use(salon, advance, amount=1000)
    if salon.provider.capabilities.deposits.finals is None:
        _invoice, second = use(salon, advance, amount=2000)
        assert second.gross == CUT.gross - 2000
        return
    with pytest.raises(Rejected):
        use(salon, advance, amount=2000)


@pytest.mark.needs("deposits")
def test_as_many_advances_are_named_as_the_service_has_room_for(salon):
    """Számlázz.hu has one ``elolegSzamlaszam``, Billingo a list (schemas: sure)."""
    limit = salon.provider.capabilities.deposits.advances
    advances = [sell(salon)[0] for _again in range(limit or 3)]
    _invoice, final = use(salon, *advances, amount=1000)
    assert final.gross == CUT.gross - 1000 * len(advances)


@pytest.mark.needs("drafts")
@pytest.mark.needs("deposits")
def test_the_draft_of_an_advance_becomes_one(salon):
    draft = salon.invoice(lines=(DEPOSIT,), advance=True, kind=Kind.DRAFT)
    provider = salon.provider
    document = provider.issue(provider.render(draft))
    assert document.kind is Kind.DRAFT
    invoice = replace(draft, kind=Kind.INVOICE)
    made = provider.finalize(document, provider.render(invoice))
    advance = Advance(number=made.number, id=made.id)
    _invoice, final = use(salon, advance)
    assert final.gross == CUT.gross - 3000


@pytest.mark.needs("convert_proforma")
@pytest.mark.needs("deposits")
def test_the_proforma_of_an_advance_becomes_one(salon):
    proforma = salon.invoice(
        lines=(DEPOSIT,), advance=True, kind=Kind.PROFORMA, paid=False
    )
    provider = salon.provider
    document = provider.issue(provider.render(proforma))
    invoice = replace(
        proforma,
        kind=Kind.INVOICE,
        paid=True,
        external_key=proforma.external_key[:-1] + "X",
        proforma_number=document.number,
        proforma_id=document.id,
    )
    made = provider.convert_proforma(document, provider.render(invoice))
    advance = Advance(number=made.number, id=made.id)
    _invoice, final = use(salon, advance)
    assert final.gross == CUT.gross - 3000


@pytest.mark.needs("deposits")
def test_an_advance_invoice_that_was_corrected_is_still_named(salon):
    """Part of a deposit paid back (an assumption at Számlázz.hu)."""
    if Kind.CORRECTION not in salon.provider.capabilities.kinds:
        return
    advance, _document = sell(salon)
    less = replace(DEPOSIT, quantity=Decimal(-1), gross=Decimal(-1000))
    salon.issue(kind=Kind.CORRECTION, corrected_number=advance.number, lines=(less,))
    _invoice, final = use(salon, advance, amount=2000)
    assert final.gross == CUT.gross - 2000
    assert salon.total() == CUT.gross
