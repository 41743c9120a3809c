"""Every way in which Billingo is known to say no, and what the salon does then."""

import json
from decimal import Decimal

import pytest

from salon_invoice_bridge.billing.errors import (
    AccountProblem,
    AlreadyExists,
    NotProcessed,
    OutcomeUnknown,
    Reason,
    Rejected,
)
from salon_invoice_bridge.billing.invoice import Cancellation, IssuedDocument, Kind
from salon_invoice_bridge.providers.http import Answer

from .cases import invoice, provider

PAPER = IssuedDocument(
    id="1", number="SZ / 1", kind=Kind.INVOICE, gross=Decimal(1), currency="HUF"
)
HTML = b"<html><head><title>403 Forbidden</title></head></html>"


def error(message, **more):
    """Return the documented body of an error."""
    return json.dumps({"error": {"message": message, **more}}).encode()


def invalid(field, message):
    """Return the documented body of a 422."""
    errors = [{"field": field, "message": message}]
    return json.dumps({"message": "Validation Failed", "errors": errors}).encode()


def answering(status, body=b"", **headers):
    """Return a strategy whose every call is answered like this."""
    strategy = provider()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    strategy.http.send = lambda *args, **kwargs: Answer(status, names, body)
    return strategy


def issue(strategy):
    """Make a call that acts."""
    return strategy.issue(strategy.render(invoice()))


@pytest.mark.parametrize(
    ("status", "body", "failure", "reason"),
    [
        (400, error("Malformed request"), Rejected, Reason.CONTENT),
        (400, error("The name exceeded its limit"), Rejected, Reason.CONTENT),
        (400, error("Request limit reached"), AccountProblem, Reason.QUOTA),
        (400, error("Daily API quota exceeded"), AccountProblem, Reason.QUOTA),
        (400, error("A napi keret elfogyott"), AccountProblem, Reason.QUOTA),
        (401, error("Authorization information"), AccountProblem, Reason.KEY),
        (
            402,
            error("You do not have subscription for this operation"),
            AccountProblem,
            Reason.SUBSCRIPTION,
        ),
        (403, error("No access to the resource."), AccountProblem, Reason.READ_ONLY),
        (404, error("Non-existent resource"), Rejected, Reason.NOT_FOUND),
        (404, error("Document block not found"), AccountProblem, Reason.SETUP),
        (409, error("Already there"), AlreadyExists, Reason.DUPLICATE),
        (422, invalid("items.0.vat", "Invalid."), Rejected, Reason.CONTENT),
        (422, invalid("block_id", "Invalid."), AccountProblem, Reason.SETUP),
        (422, invalid("bank_account_id", "No."), AccountProblem, Reason.SETUP),
        (429, error("Too many requests"), NotProcessed, Reason.RATE_LIMIT),
        (429, HTML, NotProcessed, Reason.RATE_LIMIT),
        (403, HTML, OutcomeUnknown, Reason.UNREADABLE),
        (404, HTML, OutcomeUnknown, Reason.UNREADABLE),
        (404, b"", OutcomeUnknown, Reason.UNREADABLE),
        (301, b"", OutcomeUnknown, Reason.UNREADABLE),
        (500, error("Internal", trace_id="664b"), OutcomeUnknown, Reason.SERVER_ERROR),
        (502, HTML, OutcomeUnknown, Reason.SERVER_ERROR),
        (503, b"", OutcomeUnknown, Reason.SERVER_ERROR),
        (201, HTML, OutcomeUnknown, Reason.UNREADABLE),
        (201, b"", OutcomeUnknown, Reason.UNREADABLE),
        (202, b'{"message": "Later"}', OutcomeUnknown, Reason.UNREADABLE),
    ],
)
def test_a_create_that_fails_says_what_may_be_done_next(status, body, failure, reason):
    with pytest.raises(failure) as caught:
        issue(answering(status, body))
    assert type(caught.value) is failure
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (404, HTML, Reason.UNREADABLE),  # a proxy's 404 proves no absence
        (422, invalid("vendor_id", "Too long."), Reason.UNREADABLE),
        (500, error("Internal"), Reason.SERVER_ERROR),
        (502, HTML, Reason.SERVER_ERROR),
        (503, HTML, Reason.MAINTENANCE),
        (429, error("Too many requests"), Reason.RATE_LIMIT),
        (200, b"[]", Reason.UNREADABLE),
        (200, b'{"type": "receipt"}', Reason.UNREADABLE),
    ],
)
def test_a_look_up_that_fails_is_no_proof_of_absence(status, body, reason):
    with pytest.raises(NotProcessed) as caught:
        answering(status, body).find(invoice())
    assert caught.value.reason is reason


def test_only_the_services_own_404_is_absence():
    strategy = answering(404, error("Non-existent resource is requested."))
    assert strategy.find(invoice(partner_id="")) is None


@pytest.mark.parametrize("body", [b"", b" ", b"{}", b"null", HTML])
def test_a_404_without_the_services_words_is_no_proof_of_absence(body):
    for ask in (lambda s: s.get(PAPER), lambda s: s.find(invoice(partner_id=""))):
        with pytest.raises(NotProcessed) as caught:
            ask(answering(404, body))
        assert caught.value.reason is Reason.UNREADABLE


SHOWN = {"id": 1, "type": "invoice", "gross_total": 1, "currency": "EUR"}
PAID = {**SHOWN, "payment_status": "paid"}
WRONG = [None, True, "1", {}, [], {"a": 1}, 1.5, 10**30]


def shown(**changes):
    """Return the strategy's reading of a document with ``changes``."""
    return answering(200, json.dumps({**PAID, **changes}).encode()).get(PAPER)


@pytest.mark.parametrize("value", WRONG)
@pytest.mark.parametrize("name", ["invoice_date", "fulfillment_date", "due_date"])
def test_what_is_no_date_is_none(name, value):
    assert shown(**{name: value}) == shown()


@pytest.mark.parametrize("value", [None, True, "1", {}, [], 10**30])
def test_a_document_without_its_lesser_numbers_is_still_a_document(value):
    document = shown(conversion_rate=value, summary={"net_amount": value})
    assert (document.exchange_rate, document.net) == (None, None)


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("value", [None, True, {}, [], ""])
def test_without_id_type_gross_or_currency_there_is_no_document(name, value):
    with pytest.raises(NotProcessed) as caught:
        shown(**{name: value})
    assert caught.value.reason is Reason.UNREADABLE


def test_a_related_document_that_is_not_named_is_not_taken_for_none():
    """It may be the invoice of the proforma, or the storno: none is made beside it."""
    related = [{"id": "x", "invoice_number": "SZ / 2"}]
    assert shown(related_documents=related).number == shown().number
    proforma = {**SHOWN, "type": "proforma", "related_documents": related}
    strategy = answering(200, json.dumps(proforma).encode())
    with pytest.raises(NotProcessed):
        strategy.convert_proforma(PAPER, b"{}")
    cancelled = {**PAID, "cancelled": True, "related_documents": related}
    strategy = answering(200, json.dumps(cancelled).encode())
    with pytest.raises(NotProcessed):
        strategy.cancel(Cancellation(original=PAPER, external_key="S"))


def test_the_services_fields_reach_the_human():
    body = invalid("address.post_code", "The address.post code field is required.")
    with pytest.raises(Rejected) as caught:
        issue(answering(422, body))
    assert caught.value.fields == {
        "address.post_code": "The address.post code field is required."
    }
    assert "Validation Failed" in caught.value.message
    assert "post code field is required" in caught.value.message


def test_the_trace_id_is_kept_for_billingos_support():
    with pytest.raises(OutcomeUnknown) as caught:
        issue(answering(500, error("Internal", trace_id="664b218f")))
    assert caught.value.code == "500 664b218f"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [({"retry_after": "30"}, 30), ({}, None), ({"retry_after": "soon"}, None)],
)
def test_the_wait_that_the_service_asks_for_is_passed_on(header, seconds):
    with pytest.raises(NotProcessed) as caught:
        issue(answering(429, error("Too many requests"), **header))
    assert caught.value.retry_after == seconds
    with pytest.raises(OutcomeUnknown) as caught:
        issue(answering(503, b"", **header))
    assert caught.value.retry_after == seconds


def test_a_202_is_not_a_pdf():
    strategy = answering(202, b'{"message": "Not generated yet"}', retry_after="5")
    with pytest.raises(NotProcessed) as caught:
        strategy.download(PAPER)
    assert (caught.value.reason, caught.value.retry_after) == (Reason.NOT_READY, 5)


@pytest.mark.parametrize("body", [b"", HTML, b"{}", b" %PDF-1.4"])
def test_what_is_no_pdf_is_not_saved_as_one(body):
    strategy = answering(200, body)
    with pytest.raises(NotProcessed) as caught:
        strategy.download(PAPER)
    assert caught.value.reason is Reason.UNREADABLE


@pytest.mark.parametrize("key", ["", " ", "kulcs-ő", "a\nb", "a\r\nX-Evil: 1"])
def test_what_cannot_be_a_key_is_an_account_problem_and_is_never_sent(key):
    strategy = provider(key=key)
    strategy.http.session.request = None
    with pytest.raises(AccountProblem) as caught:
        strategy.verify()
    assert caught.value.reason is Reason.KEY
    assert len(key.strip()) < 2 or key not in str(caught.value)


# === ANSWERS ABOUT SOMETHING ELSE === #


def document(**changes):
    """Return an answer that is a document."""
    row = {"id": 1, "type": "invoice", "gross_total": 1, "currency": "HUF"}
    return json.dumps({**row, **changes}).encode()


def test_a_document_that_was_not_asked_for_is_not_believed():
    strategy = answering(200, document(id=2))
    with pytest.raises(NotProcessed) as caught:
        strategy.get(PAPER)
    assert caught.value.reason is Reason.UNREADABLE


def test_a_finalizing_that_answers_a_draft_may_or_may_not_have_worked():
    strategy = answering(200, document(type="draft"))
    with pytest.raises(OutcomeUnknown):
        strategy.finalize(PAPER, b"{}")


def test_a_cancel_that_answers_no_storno_may_or_may_not_have_worked():
    strategy = answering(200, document())
    with pytest.raises(OutcomeUnknown):
        strategy.cancel(Cancellation(original=PAPER, external_key="S"))


def test_a_link_that_is_no_web_address_is_not_shown():
    for url in ("javascript:alert(1)", "", "https://a b", "https://a\n", None):
        strategy = answering(200, json.dumps({"public_url": url}).encode())
        with pytest.raises(NotProcessed):
            strategy.public_url(PAPER)
