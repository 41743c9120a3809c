"""What a service tells, so that the books can be compared with it to the forint."""

from datetime import timedelta
from decimal import Decimal

import pytest

from salon_invoice_bridge.billing.figures import merge
from salon_invoice_bridge.billing.invoice import Line, PaymentKind

from .salon import CUT, THIRDS

SAMPLE = Line(name="Balzsam", quantity=Decimal(3), gross=Decimal(1000), vat="5")
PAID_LATER = {"paid": False, "payment_kind": PaymentKind.BANK_TRANSFER}


def negated(rates):
    return {(row.vat, -row.net, -row.tax, -row.gross) for row in rates}


def told(rates):
    return {(row.vat, row.net, row.tax, row.gross) for row in rates}


# === RATES === #


def test_what_is_sent_adds_up_to_the_document(salon):
    invoice = salon.invoice(lines=(CUT, salon.extra, THIRDS, SAMPLE))
    rates = merge(salon.provider.amounts(invoice))
    assert sum(row.gross for row in rates) == invoice.gross
    gross = {}
    for line in invoice.lines:
        gross[line.vat] = gross.get(line.vat, 0) + line.gross
    assert {row.vat: row.gross for row in rates} == gross


@pytest.mark.needs("tells_rates")
def test_net_vat_and_gross_are_told_for_each_rate(salon):
    invoice, document = salon.issue(lines=(CUT, salon.extra, THIRDS, SAMPLE))
    found = salon.provider.examine(document)
    assert told(found.rates) == told(merge(salon.provider.amounts(invoice)))


@pytest.mark.needs("tells_rates")
def test_a_storno_tells_its_rates_turned_round(salon):
    _invoice, document = salon.issue(lines=(CUT, salon.extra, SAMPLE))
    storno = salon.provider.cancel(salon.storno_of(document))
    found = salon.provider.examine(document)
    assert found.cancelled
    assert told(salon.provider.examine(storno).rates) == negated(found.rates)


# === PAYMENTS === #


@pytest.mark.parametrize("kind", PaymentKind)
def test_the_way_of_payment_is_told_as_the_service_has_it(salon, kind):
    if kind is PaymentKind.OTHER and salon.provider.capabilities.other_payment is None:
        pytest.skip("it must be called another kind")
    _invoice, document = salon.issue(payment_kind=kind)
    found = salon.provider.examine(document)
    if found.payment_kind is None:
        assert not salon.provider.capabilities.tells_payments
        return
    assert found.payment_kind is salon.provider.reported_kind(kind)
    assert salon.provider.reported_kind(found.payment_kind) is found.payment_kind


@pytest.mark.needs("invoices")
@pytest.mark.needs("tells_payments")
def test_payments_are_told_one_by_one(salon):
    provider = salon.provider
    _invoice, document = salon.issue(**PAID_LATER)
    assert provider.examine(document).payments == ()
    tenders = (salon.tender(990, PaymentKind.CASH), salon.tender(9000))
    provider.register_payments(document, tenders)
    found = provider.examine(document)
    assert {(one.kind, one.amount) for one in found.payments} == {
        (PaymentKind.CASH, 990),
        (PaymentKind.CARD, 9000),
    }
    assert found.outstanding == 1000


@pytest.mark.needs("tells_payments")
def test_what_was_paid_when_it_was_issued_is_told(salon):
    invoice, document = salon.issue()
    found = salon.provider.examine(document)
    assert sum(one.amount for one in found.payments) == invoice.gross
    assert found.outstanding == 0


# === THE LIST === #


@pytest.mark.needs("list_documents")
def test_everything_issued_is_listed_with_its_rates(salon):
    provider = salon.provider
    made = [salon.issue(lines=(CUT, salon.extra, SAMPLE)) for _ in range(3)]
    provider.cancel(salon.storno_of(made[0][1]))
    listed = {
        one.id: one
        for one in provider.list_issued(salon.today, salon.today)
        if one.original_number == "" and not one.of_receipt
    }
    assert listed.keys() == {document.id for _invoice, document in made}
    for invoice, document in made:
        found = listed[document.id]
        assert (found.gross, found.currency) == (invoice.gross, "HUF")
        assert found.issue_date == salon.today
        if provider.capabilities.tells_rates:
            assert told(found.rates) == told(merge(provider.amounts(invoice)))
    assert listed[made[0][1].id].cancelled


@pytest.mark.needs("list_documents")
def test_stornos_are_listed_too_of_receipts_as_well(salon):
    provider = salon.provider
    _invoice, document = salon.issue()
    storno = provider.cancel(salon.storno_of(document))
    numbers = [one.number for one in provider.list_issued(salon.today, salon.today)]
    assert sorted(numbers) == sorted([document.number, storno.number])
    total = sum(one.gross for one in provider.list_issued(salon.today, salon.today))
    assert total == 0


@pytest.mark.needs("list_documents")
def test_a_listed_document_shows_that_it_is_ours(salon):
    capabilities = salon.provider.capabilities
    invoice, _document = salon.issue()
    (listed,) = salon.provider.list_issued(salon.today, salon.today)
    ours = {invoice.external_key, invoice.order_number}
    shown = bool(ours & {listed.external_key, listed.order_number})
    of_receipts = salon.of_receipts
    assert shown == (
        capabilities.tells_own_receipts if of_receipts else capabilities.tells_own
    )


@pytest.mark.needs("finds_by_number")
def test_a_document_that_is_looked_up_shows_that_it_is_ours(salon):
    capabilities = salon.provider.capabilities
    invoice, document = salon.issue()
    found = salon.provider.by_number(document.number, receipt=salon.of_receipts)
    ours = {invoice.external_key, invoice.order_number}
    assert ours & {found.external_key, found.order_number}
    assert capabilities.tells_own and capabilities.tells_own_receipts


@pytest.mark.needs("list_documents")
def test_other_days_are_not_listed(salon):
    salon.issue()
    day = salon.today - timedelta(days=1)
    assert list(salon.provider.list_issued(day, day)) == []


# === NUMBERS === #


@pytest.mark.needs("finds_by_number")
def test_a_number_is_looked_up_and_the_next_one_is_not_there(salon):
    provider, receipt = salon.provider, salon.of_receipts
    documents = [salon.issue()[1] for _ in range(2)]
    storno = provider.cancel(salon.storno_of(documents[0]))
    for document in (*documents, storno):
        found = provider.by_number(document.number, receipt=receipt)
        assert (found.number, found.gross) == (document.number, document.gross)
    prefix, last = storno.number.rsplit("-", 1)
    assert provider.by_number(f"{prefix}-{int(last) + 1}", receipt=receipt) is None
