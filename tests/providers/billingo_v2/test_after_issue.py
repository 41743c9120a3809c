"""What comes after issuing with Billingo v2: storno, payments, e-mail, PDF, lists."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import requests

from salon_invoice_bridge.billing.errors import (
    NotProcessed,
    OutcomeUnknown,
    Reason,
    Rejected,
)
from salon_invoice_bridge.billing.invoice import Buyer, Kind, PaymentKind, Tender
from salon_invoice_bridge.providers.billingo_v2 import strategy

from .case import (
    BUYER,
    issued,
    ready,
    today,
    wish,
)


def tender(kind, amount):
    return Tender(kind=kind, amount=Decimal(amount), date=today())


# === STORNO === #


def test_a_storno_takes_back_the_whole_amount_and_names_its_original(sandbox, provider):
    _invoice, original = issued(provider)
    storno = provider.cancel(wish(original))
    assert storno.kind is Kind.STORNO
    assert storno.gross == -original.gross
    assert storno.original_number == original.number
    assert storno.number != original.number
    assert provider.get(original).cancelled
    assert not provider.get(storno).cancelled
    assert [entry["kind"] for entry in sandbox.documents()] == ["invoice", "storno"]


def test_a_second_wish_returns_the_first_storno_and_cancels_nothing(sandbox, provider):
    _invoice, original = issued(provider)
    first = provider.cancel(wish(original))
    assert provider.cancel(wish(original)) == first
    assert len(sandbox.documents()) == 2


def test_a_storno_whose_answer_was_lost_is_found(sandbox, provider):
    _invoice, original = issued(provider)
    sandbox.fault("drop_after", path="cancel")
    with pytest.raises(OutcomeUnknown):
        provider.cancel(wish(original))
    storno = provider.find_cancellation(wish(original))
    assert storno.gross == -original.gross
    assert len(sandbox.documents()) == 2


def test_an_original_that_stands_has_no_storno(provider):
    _invoice, original = issued(provider)
    assert provider.find_cancellation(wish(original)) is None


def test_the_storno_of_another_block_with_the_same_number_is_not_ours(
    sandbox, provider
):
    blocks = [
        {"id": 31, "name": "Szalon", "prefix": "SZ"},
        {"id": 32, "name": "Bolt", "prefix": "BO"},
    ]
    sandbox.account(blocks=blocks)
    _one, ours = issued(provider, block="31", external_key="A" * 26)
    other_buyer = Buyer(**{**BUYER.__dict__, "name": "Másvalaki"})
    partner = provider.sync_buyer(other_buyer)
    _two, theirs = issued(provider, block="32", partner_id=partner)
    storno = provider.cancel(wish(ours))
    provider.cancel(wish(theirs))
    assert provider.find_cancellation(wish(ours)).id == storno.id


def test_a_storno_cannot_be_cancelled(sandbox, provider):
    _invoice, original = issued(provider)
    storno = provider.cancel(wish(original))
    with pytest.raises(Rejected) as refusal:
        provider.cancel(wish(storno))
    assert refusal.value.reason is Reason.CLOSED
    assert len(sandbox.documents()) == 2


def test_a_proforma_is_not_cancelled_by_a_storno(provider):
    _invoice, proforma = issued(provider, kind=Kind.PROFORMA)
    with pytest.raises(Rejected):
        provider.cancel(wish(proforma))


def test_a_cancelled_invoice_whose_storno_is_out_of_sight_goes_to_a_human(
    sandbox, provider
):
    _invoice, original = issued(provider)
    provider.cancel(wish(original))
    sandbox.wait(40 * 24 * 3600)
    for index in range(151):
        more = ready(provider, external_key=f"{index}", partner_id=original.partner_id)
        provider.api.create_invoice(provider.render(more))
    with pytest.raises(Rejected) as refusal:
        provider.find_cancellation(wish(original))
    assert refusal.value.reason is Reason.NOT_FOUND


def test_a_document_that_is_not_there_is_said_to_be_gone(provider):
    _invoice, document = issued(provider)
    fields = {**document.__dict__, "id": "999"}
    with pytest.raises(Rejected) as refusal:
        provider.get(type(document)(**fields))
    assert refusal.value.reason is Reason.NOT_FOUND


# === PAYMENTS === #


def test_what_is_paid_at_once_needs_no_further_call(sandbox, provider):
    invoice, document = issued(provider)
    before = len(sandbox.calls())
    state = provider.register_payments(
        document, (tender(PaymentKind.CARD, invoice.gross),)
    )
    assert state.fully_paid
    assert state.paid == invoice.gross
    assert sandbox.calls()[before:] == [f"GET /invoices/{document.id}"]


def test_part_of_what_counts_as_paid_at_once_is_not_taken_for_all_of_it(provider):
    invoice, document = issued(provider)
    part = tender(PaymentKind.CARD, invoice.gross - 1000)
    assert provider.register_payments(document, (part,)).outstanding == 1000
    assert provider.get(document).outstanding == 1000


def test_a_draft_that_became_an_invoice_is_not_discarded(provider):
    _invoice, draft = issued(provider, kind=Kind.DRAFT)
    theirs = provider.finalize(draft, b"")
    assert provider.made_of(draft).id == theirs.id
    with pytest.raises(Rejected) as refusal:
        provider.discard(draft)
    assert refusal.value.reason is Reason.CLOSED


def test_szep_card_paypal_and_transfer_are_paid_by_a_step_of_their_own(provider):
    for index, kind in enumerate(
        (PaymentKind.SZEP_CARD, PaymentKind.PAYPAL, PaymentKind.BANK_TRANSFER)
    ):
        invoice, document = issued(
            provider, payment_kind=kind, external_key=f"{index:026d}"
        )
        assert document.outstanding == invoice.gross
        state = provider.register_payments(document, (tender(kind, invoice.gross),))
        assert state.fully_paid
        assert provider.get(document).outstanding == 0


def test_several_tenders_become_the_whole_payment_history(sandbox, provider):
    invoice, document = issued(provider)
    tenders = (
        tender(PaymentKind.CASH, 4480),
        tender(PaymentKind.VOUCHER, 10000),
    )
    for _again in range(2):
        state = provider.register_payments(document, tenders)
        assert state.fully_paid
        assert sandbox.documents()[0]["paid"] == "14480"
    assert provider.register_payments(document, tenders[:1]).outstanding == 10000


@pytest.mark.parametrize("kind", [PaymentKind.CARD, PaymentKind.BANK_TRANSFER])
@pytest.mark.parametrize("known", [True, False])
def test_what_has_just_been_issued_is_read_only_where_it_does_not_say_what_is_owed(
    sandbox, provider, kind, known
):
    invoice, document = issued(provider, payment_kind=kind)
    assert document.outstanding == (0 if kind is PaymentKind.CARD else invoice.gross)
    tenders = tender(PaymentKind.CASH, 4480), tender(PaymentKind.VOUCHER, 10000)
    reads = f"GET /invoices/{document.id}"
    for told in (document.outstanding,) if known else (None, Decimal(480)):
        document = replace(document, outstanding=told)
        before = len(sandbox.calls())
        assert provider.register_payments(document, tenders, fresh=True).fully_paid
        assert (reads in sandbox.calls()[before:]) is not known
        assert sandbox.documents()[0]["paid"] == "14480"
        before = len(sandbox.calls())
        assert provider.register_payments(document, tenders).fully_paid
        assert sandbox.calls()[before] == reads, "somebody may have paid meanwhile"
        assert sandbox.documents()[0]["paid"] == "14480"


def test_one_tender_is_read_even_if_it_is_fresh(sandbox, provider):
    invoice, document = issued(provider)
    before = len(sandbox.calls())
    paid = (tender(PaymentKind.CARD, invoice.gross),)
    assert provider.register_payments(document, paid, fresh=True).fully_paid
    assert sandbox.calls()[before:] == [f"GET /invoices/{document.id}"]


def test_a_second_payment_takes_nothing_back(sandbox, provider):
    _invoice, document = issued(provider, payment_kind=PaymentKind.BANK_TRANSFER)
    first, second = tender(PaymentKind.CASH, 4480), tender(PaymentKind.CARD, 10000)
    provider.register_payments(document, (first,))
    before = len(sandbox.calls())
    assert provider.register_payments(document, (first, second)).fully_paid
    assert sandbox.calls()[before:] == [
        f"GET /invoices/{document.id}",
        f"POST /invoices/{document.id}/pay",
    ]
    assert provider.register_payments(document, (first, second)).fully_paid
    assert len(sandbox.calls()) == before + 3, "it is only read"


@pytest.mark.parametrize("fault", ["refuse_before", "drop_after"])
def test_payments_that_were_interrupted_are_gone_on_with(sandbox, provider, fault):
    _invoice, document = issued(provider)
    tenders = tuple(tender(PaymentKind.CASH, amount) for amount in (4480, 9000, 1000))
    provider.undo_payments(document)
    provider.register_payments(document, tenders[:1])
    sandbox.fault(fault, method="POST", path="pay$")
    with pytest.raises((NotProcessed, OutcomeUnknown)):
        provider.register_payments(document, tenders)
    assert provider.get(document).outstanding <= 10000
    assert provider.register_payments(document, tenders).fully_paid
    undone = [call for call in sandbox.calls() if call.startswith("DELETE")]
    assert len(undone) == 1, "by the test"


def test_payments_can_be_undone(provider):
    invoice, document = issued(provider)
    state = provider.undo_payments(document)
    assert state.outstanding == invoice.gross
    assert state.paid == 0
    assert not state.fully_paid


def test_no_payment_is_registered_on_a_cancelled_invoice(provider):
    _invoice, document = issued(provider)
    provider.cancel(wish(document))
    with pytest.raises(Rejected):
        provider.register_payments(document, (tender(PaymentKind.CASH, 1),))


# === E-MAIL, PDF, LINK, LIST === #


def test_an_invoice_is_e_mailed_to_its_buyer(sandbox, provider):
    _invoice, document = issued(provider)
    assert provider.send(document, ()) == ("ors@example.com",)
    assert provider.send(document, ("ORS@example.com",)) == ("ors@example.com",)
    assert [mail["to"] for mail in sandbox.mails()] == [["ors@example.com"]] * 2


def test_what_was_just_made_is_not_read_again_for_its_first_e_mail(sandbox, provider):
    _invoice, document = issued(provider)
    before = len(sandbox.calls())
    provider.send(document, ("ors@example.com",))
    assert [call.split()[0] for call in sandbox.calls()[before:]] == ["GET"]  # .../send
    before = len(sandbox.calls())
    provider.send(document, ("ors@example.com",))
    assert len(sandbox.calls()) - before == 2, "the client may have another by now"


def test_a_client_that_cannot_be_read_does_not_stop_an_invoice(provider, monkeypatch):
    def broken(attributes):
        raise NotProcessed("unreadable")

    monkeypatch.setattr(
        "salon_invoice_bridge.providers.billingo_v2.strategy._address", broken
    )
    _invoice, document = issued(provider)
    assert document.number


def test_nobody_else_can_be_mailed_and_nobody_is(sandbox, provider):
    _invoice, document = issued(provider)
    with pytest.raises(Rejected) as refusal:
        provider.send(document, ("other@example.com",))
    assert refusal.value.reason is Reason.UNSUPPORTED
    assert not sandbox.mails()


def test_a_buyer_without_e_mail_is_said_to_have_none(sandbox, provider):
    buyer = Buyer(**{**BUYER.__dict__, "emails": ()})
    partner = provider.sync_buyer(buyer)
    _invoice, document = issued(provider, partner_id=partner)
    with pytest.raises(Rejected, match="no e-mail"):
        provider.send(document, ())
    assert not [call for call in sandbox.calls() if call.endswith("/send")]


def test_an_e_mail_of_unknown_fate_is_not_sent_again_by_itself(sandbox, provider):
    _invoice, document = issued(provider)
    sandbox.fault("drop_after", path="send")
    with pytest.raises(OutcomeUnknown):
        provider.send(document, ())
    assert len(sandbox.mails()) == 1


def test_the_pdf_is_a_pdf(provider):
    _invoice, document = issued(provider)
    assert provider.download(document).startswith(b"%PDF-")


def test_a_pdf_that_is_not_ready_is_asked_for_later(sandbox, provider):
    _invoice, document = issued(provider)
    sandbox.fault("slow_pdf", path="download")
    with pytest.raises(NotProcessed) as problem:
        provider.download(document)
    assert problem.value.reason is Reason.NOT_READY


def test_the_eleventh_pdf_in_a_minute_waits_a_minute(sandbox, provider):
    _invoice, document = issued(provider)
    sandbox.wait(60 - sandbox.world.now() % 60)  # to the beginning of a minute
    for _download in range(10):
        provider.download(document)
    with pytest.raises(NotProcessed) as problem:
        provider.download(document)
    assert problem.value.reason is Reason.RATE_LIMIT
    assert problem.value.retry_after == 60
    sandbox.wait(60)
    assert provider.download(document)


def test_the_public_link_shows_the_invoice_without_a_key(provider):
    _invoice, document = issued(provider)
    url = provider.public_url(document)
    assert "/access/c:" in url
    answer = requests.get(url, timeout=10)
    assert answer.content.startswith(b"%PDF-")


def test_all_documents_of_a_period_are_listed_however_many(provider):
    partner = provider.sync_buyer(BUYER)
    for index in range(60):
        invoice = ready(provider, external_key=f"{index:026d}", partner_id=partner)
        provider.api.create_invoice(provider.render(invoice))
    listed = list(provider.list_documents(today(), today()))
    assert len({document.id for document in listed}) == 60
    yesterday = today() - timedelta(days=1)
    assert list(provider.list_documents(yesterday, yesterday)) == []


def test_a_list_that_does_not_end_is_not_taken_for_all_there_is(provider, monkeypatch):
    monkeypatch.setattr(strategy, "PAGE", 1)
    monkeypatch.setattr(strategy, "LIST_PAGES", 2)
    partner = provider.sync_buyer(BUYER)
    for index in range(3):
        invoice = ready(provider, external_key=f"{index:026d}", partner_id=partner)
        provider.api.create_invoice(provider.render(invoice))
    listed = provider.list_documents(today(), today())
    assert len([next(listed), next(listed)]) == 2
    with pytest.raises(NotProcessed) as caught:
        list(listed)
    assert caught.value.reason is Reason.UNREADABLE


def test_a_document_of_ours_is_listed_with_its_key_and_one_by_hand_without(provider):
    partner = provider.sync_buyer(BUYER)
    for key in ("A" * 26, "by hand"):
        invoice = ready(provider, external_key=key, partner_id=partner)
        provider.api.create_invoice(provider.render(invoice))
    listed = provider.list_documents(today(), today())
    assert [document.external_key for document in listed] == ["", "A" * 26]
