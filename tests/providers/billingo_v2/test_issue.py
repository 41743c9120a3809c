"""What a salon gets from the Billingo v2 strategy, over a real socket."""

from dataclasses import replace
from decimal import Decimal

import pytest

from salon_invoice_bridge.billing.compare import differences
from salon_invoice_bridge.billing.errors import (
    AccountProblem,
    NotProcessed,
    OutcomeUnknown,
    Reason,
    Rejected,
)
from salon_invoice_bridge.billing.invoice import BankAccount, Block, Kind

from .case import (
    BUYER,
    INVOICE,
    issued,
    line,
    ready,
    strategy,
    today,
    wish,
)

TODAY = today()


# === ACCOUNT === #


def test_verifying_tells_whose_key_it_is_and_what_there_is_to_choose(provider):
    info = provider.verify()
    assert info.tax_number == "12345676-1-42"
    assert info.fingerprint == "billingo_v2:12345676-1-42"
    assert info.blocks == (Block(id="31", name="Szalon", prefix="SZ"),)
    assert [account.id for account in info.bank_accounts] == ["41"]
    assert info.bank_accounts[0].currency == "HUF"
    assert info.sandbox is True
    assert info.can_write is None


def test_an_account_without_tax_number_has_a_fingerprint_without_its_key(
    sandbox, provider
):
    sandbox.account(tax_code="")
    fingerprint = provider.verify().fingerprint
    assert fingerprint.startswith("billingo_v2:")
    assert provider.credentials.public_key not in fingerprint
    assert fingerprint == strategy(sandbox.url).verify().fingerprint


def test_verifying_changes_nothing(sandbox, provider):
    provider.verify()
    assert all(operation.startswith("GET /") for operation in sandbox.calls())
    assert not sandbox.documents()


# === ISSUING === #


def test_an_invoice_is_issued_with_the_forints_of_the_sale(sandbox, provider):
    invoice, document = issued(provider)
    assert differences(invoice, document) == ()
    assert document.gross == Decimal(14480)
    assert document.number == f"SZ / {TODAY.year}-000001"
    assert document.outstanding == 0
    assert document.issue_date == TODAY
    assert document.buyer_name == BUYER.name
    (entry,) = sandbox.documents()
    assert entry["kind"] == "invoice"
    assert entry["gross"] == "14480"
    assert entry["external_key"] == invoice.external_key
    assert entry["order_number"] == invoice.order_number


@pytest.mark.parametrize("kind", [Kind.DRAFT, Kind.PROFORMA])
def test_drafts_and_proformas_are_issued_as_such(sandbox, provider, kind):
    _invoice, document = issued(provider, kind=kind)
    assert document.kind is kind
    assert sandbox.documents()[0]["kind"] == kind.value
    assert bool(document.number) is (kind is Kind.PROFORMA)


def test_a_sale_in_euros_takes_the_rate_that_the_service_fetches(provider):
    lines = (line(gross="24.90", quantity=1),)
    invoice, document = issued(provider, currency="EUR", lines=lines)
    assert document.gross == Decimal("24.9")
    assert document.currency == "EUR"
    assert not provider.capabilities.exchange_rate


def test_block_and_bank_account_are_the_chosen_ones(sandbox, provider):
    blocks = [
        {"id": 31, "name": "Szalon", "prefix": "SZ"},
        {"id": 32, "name": "Bolt", "prefix": "BO"},
    ]
    sandbox.account(blocks=blocks)
    bank = BankAccount(id="41")
    _invoice, document = issued(provider, block="32", bank_account=bank)
    assert document.number.startswith("BO / ")


def test_a_block_that_is_gone_is_said_in_billingos_words(provider):
    with pytest.raises(Rejected, match="Invoice block not found"):
        issued(provider, block="99")


def test_no_invoice_is_sent_while_a_vat_id_means_another_rate(sandbox, provider):
    invoice = ready(provider)
    sandbox.account(vat={"1": ["0.25", "25%"]})
    with pytest.raises(AccountProblem) as problem:
        provider.issue(provider.render(invoice))
    assert problem.value.reason is Reason.SETUP
    assert not sandbox.documents()


def test_vat_ids_are_asked_once_in_a_session(sandbox, provider):
    for key in ("A" * 26, "B" * 26):
        issued(provider, external_key=key)
    assert sandbox.calls().count("GET /vat") == 1


def test_an_invoice_that_cannot_be_read_back_is_read_later(sandbox, provider):
    sandbox.fault("status_before", method="GET", path=r"/invoices/\d+$")
    with pytest.raises(OutcomeUnknown) as problem:
        issued(provider)
    document = provider.get(problem.value.document)
    assert document.gross == INVOICE.gross
    assert document.number == f"SZ / {TODAY.year}-000001"
    assert len(sandbox.documents()) == 1


def test_what_the_service_has_no_word_for_is_refused_before_anything_is_sent(
    sandbox, provider
):
    wrong = (
        {"kind": Kind.CORRECTION, "corrected_number": "SZ-1"},
        {"lines": (line(vat="DOMESTIC_REVERSE"),)},
        {"lines": (line(vat="25.5"),)},
        {"partner_id": ""},
        {"block": "SZ"},
    )
    for changes in wrong:
        with pytest.raises(Rejected):
            issued(provider, **{"partner_id": "1001", **changes})
    assert not sandbox.calls()


# === FINDING === #


def test_a_document_is_found_by_the_marker_in_its_comment(provider):
    issued(provider, external_key="A" * 26)
    invoice, document = issued(provider)
    issued(provider, external_key="B" * 26)
    assert provider.find(invoice) == document


def test_a_lost_answer_is_found_again_and_nothing_is_issued_twice(sandbox, provider):
    invoice = ready(provider)
    sandbox.fault("drop_after", method="POST", path="/invoices$")
    with pytest.raises(OutcomeUnknown):
        provider.issue(provider.render(invoice))
    found = provider.find(invoice)
    assert differences(invoice, found) == ()
    assert len(sandbox.documents()) == 1


def test_nothing_found_is_no_proof_of_absence(provider):
    assert provider.find(ready(provider)) is None
    assert not provider.capabilities.finds_by_key


def test_a_key_that_is_part_of_another_is_not_mistaken_for_it(provider):
    issued(provider, external_key="ABCDEF")
    assert provider.find(ready(provider, external_key="ABC")) is None


def test_drafts_are_found_too(provider):
    invoice, document = issued(provider, kind=Kind.DRAFT)
    assert provider.find(invoice) == document


def test_a_look_up_that_fails_says_so_instead_of_nothing_found(sandbox, provider):
    sandbox.fault("html", path="/invoices")
    with pytest.raises(NotProcessed):
        provider.find(INVOICE)


def test_the_storno_of_a_document_is_not_taken_for_the_document(provider):
    invoice, document = issued(provider)
    provider.cancel(wish(document))
    found = provider.find(invoice)
    assert found.id == document.id
    assert ("cancelled", False, True) in differences(invoice, found)


def test_the_search_is_bounded_to_three_pages_of_each_list(sandbox, provider):
    partner = provider.sync_buyer(BUYER)
    for index in range(151):
        invoice = ready(provider, external_key=f"{index:026d}", partner_id=partner)
        provider.api.create_invoice(provider.render(invoice))
    assert provider.find(ready(provider, external_key=f"{1:026d}")) is not None
    assert provider.find(ready(provider, external_key=f"{0:026d}")) is None
    searches = [call for call in sandbox.calls() if call.startswith("GET /invoices")]
    assert searches[-6:] == ["GET /invoices/query"] * 3 + ["GET /invoices"] * 3


# === PROFORMA AND DRAFT === #


def made_of(provider, proforma):
    """Return the invoice that a proforma is to become."""
    return ready(
        provider,
        external_key="B" * 26,
        proforma_number=proforma.number,
        proforma_id=proforma.id,
    )


@pytest.mark.parametrize("tells", [True, False])
def test_the_invoice_of_a_proforma_is_generated_and_found(sandbox, provider, tells):
    sandbox.account(generate_tells_id=tells)
    _invoice, proforma = issued(provider, kind=Kind.PROFORMA)
    final = made_of(provider, proforma)
    invoice = provider.convert_proforma(proforma, provider.render(final))
    assert invoice.kind is Kind.INVOICE
    assert invoice.id != proforma.id
    assert differences(final, invoice) == ()
    assert provider.find(final) == invoice


def test_a_draft_becomes_an_invoice_with_a_number(provider):
    invoice, draft = issued(provider, kind=Kind.DRAFT)
    final = ready(provider)
    document = provider.finalize(draft, provider.render(final))
    assert document.kind is Kind.INVOICE
    assert document.number
    assert document.gross == invoice.gross


@pytest.mark.parametrize("tells", [True, False])
def test_a_draft_that_is_finalized_in_place_is_finalized_once(sandbox, provider, tells):
    sandbox.account(generate_in_place=True, generate_tells_id=tells)
    invoice, draft = issued(provider, kind=Kind.DRAFT)
    final = provider.render(ready(provider))
    sandbox.fault("drop_after", path="generate")
    with pytest.raises(OutcomeUnknown):
        provider.finalize(draft, final)
    found = provider.get(draft)
    assert (found.id, found.kind) == (draft.id, Kind.INVOICE)
    assert found.number
    assert found.gross == invoice.gross
    assert provider.finalize(draft, final) == found
    assert sandbox.calls().count(f"GET /invoices/{draft.id}/generate") == 1
    assert len(sandbox.documents()) == 1


def test_a_draft_is_read_as_a_draft_while_it_has_no_number(provider):
    _invoice, draft = issued(provider, kind=Kind.DRAFT)
    assert provider.get(draft) == draft


def test_a_generated_invoice_that_cannot_be_read_is_an_unknown_outcome(
    sandbox, provider
):
    _invoice, proforma = issued(provider, kind=Kind.PROFORMA)
    sandbox.fault("html", method="GET", path=r"/invoices/\d+$")
    with pytest.raises(OutcomeUnknown):
        provider.convert_proforma(proforma, b"")


def test_a_proforma_becomes_one_invoice_however_often_it_is_asked_for(
    sandbox, provider
):
    _invoice, proforma = issued(provider, kind=Kind.PROFORMA)
    first = provider.convert_proforma(proforma, b"")
    assert provider.convert_proforma(proforma, b"") == first
    assert len(sandbox.documents()) == 2


def test_a_proforma_whose_invoice_was_cancelled_can_become_another(sandbox, provider):
    _invoice, proforma = issued(provider, kind=Kind.PROFORMA)
    first = provider.convert_proforma(proforma, b"")
    provider.cancel(wish(first))
    second = provider.convert_proforma(proforma, b"")
    assert second.number != first.number
    assert not second.cancelled


def test_a_proforma_is_not_mistaken_for_its_invoice(provider):
    _invoice, proforma = issued(provider, kind=Kind.PROFORMA)
    final = made_of(provider, proforma)
    assert provider.find(final) is None


def test_a_look_up_that_is_refused_is_no_verdict_on_the_document(sandbox, provider):
    body = '{"success": false, "error": "start_date?"}'
    sandbox.fault("status_before", path="/invoices/query", status=400, body=body)
    with pytest.raises(NotProcessed):
        provider.find(INVOICE)


def test_a_lost_answer_to_generate_is_an_unknown_outcome(sandbox, provider):
    _invoice, proforma = issued(provider, kind=Kind.PROFORMA)
    sandbox.fault("drop_after", path="generate")
    with pytest.raises(OutcomeUnknown):
        provider.convert_proforma(proforma, b"")
    assert len(sandbox.documents()) == 2


def test_deleting_is_not_offered(provider):
    _invoice, draft = issued(provider, kind=Kind.DRAFT)
    with pytest.raises(Rejected) as refusal:
        provider.discard(draft)
    assert refusal.value.reason is Reason.UNSUPPORTED


def test_what_somebody_has_deleted_at_the_service_is_discarded(provider):
    _invoice, draft = issued(provider, kind=Kind.DRAFT)
    provider.discard(replace(draft, id="999999"))
