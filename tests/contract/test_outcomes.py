"""Whatever happens to a call, the salon knows what may be done next."""

import socket

import pytest

from salon_invoice_bridge.billing.errors import (
    AccountProblem,
    NotProcessed,
    OutcomeUnknown,
    ProviderError,
    Reason,
    Rejected,
)

#: Faults after which the service may have acted, and whether it has.
UNKNOWN = {
    "reset before acting": ({"kind": "refuse_before"}, False),
    "reset after acting": ({"kind": "drop_after"}, True),
    "500 before acting": ({"kind": "status_before"}, False),
    "500 after acting": ({"kind": "status_after"}, True),
    "503 page after acting": (
        {"kind": "status_after", "status": 503, "html": True},
        True,
    ),
    "proxy's page": ({"kind": "html"}, False),
    "proxy's page with 200": ({"kind": "html", "status": 200}, False),
    "truncated": ({"kind": "truncated"}, True),
    "empty answer": ({"kind": "garbage", "body": ""}, True),
    "garbage": ({"kind": "garbage", "base64": "AAECA//+/Q=="}, True),
    "JSON of another kind": ({"kind": "garbage", "body": "[1, 2]"}, True),
    "a redirection": ({"kind": "status_before", "status": 302}, False),
}


def unknown(function):
    """Run a case for each fault of :data:`UNKNOWN`."""
    return pytest.mark.parametrize(
        ("spec", "acted"), UNKNOWN.values(), ids=UNKNOWN.keys()
    )(function)


@unknown
def test_a_lost_answer_to_a_create_is_an_unknown_outcome(salon, spec, acted):
    request = salon.provider.render(salon.invoice())
    create = salon.harness.create
    with salon.fault(**spec, path=create), pytest.raises(OutcomeUnknown):
        salon.provider.issue(request)
    assert len(salon.documents()) == int(acted)
    assert len(salon.creates()) == 1


@unknown
def test_after_an_unknown_outcome_the_look_up_tells_the_truth(salon, spec, acted):
    invoice = salon.invoice()
    request = salon.provider.render(invoice)
    create = salon.harness.create
    with salon.fault(**spec, path=create), pytest.raises(OutcomeUnknown):
        salon.provider.issue(request)
    found = salon.provider.find(invoice)
    assert (found is not None) == (acted and salon.harness.finds)
    if not salon.harness.finds:
        assert len(salon.listed()) == int(acted), "a person sees it on the list"


@unknown
def test_a_question_without_an_answer_is_asked_again_later(salon, spec, acted):
    invoice = salon.invoice()
    with salon.fault(**spec), pytest.raises(NotProcessed):
        salon.provider.find(invoice)


def test_a_create_that_takes_too_long_is_an_unknown_outcome(salon):
    request = salon.provider.render(salon.invoice())
    # Long enough to connect on a busy machine, which is no part of what is tried.
    hasty = salon.connect(timeout=1)
    slow = salon.fault("delay", seconds=1.5, path=salon.harness.create)
    with slow, pytest.raises(OutcomeUnknown) as caught:
        hasty.issue(request)
    assert caught.value.reason is Reason.TIMEOUT


def test_a_refused_connection_is_certainly_not_processed(salon):
    request = salon.provider.render(salon.invoice())
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        provider = salon.connect(base_url=f"http://127.0.0.1:{port}")
        with pytest.raises(NotProcessed) as caught:
            provider.issue(request)
    assert caught.value.reason is Reason.UNREACHABLE


@pytest.mark.parametrize("seconds", [None, 7])
def test_too_many_requests_is_not_processed_and_says_how_long_to_wait(salon, seconds):
    request = salon.provider.render(salon.invoice())
    spec = {} if seconds is None else {"retry_after": seconds}
    with salon.fault("rate_limit", **spec), pytest.raises(NotProcessed) as caught:
        salon.provider.issue(request)
    assert caught.value.reason is Reason.RATE_LIMIT
    assert caught.value.retry_after == seconds
    assert not salon.documents()


def test_an_account_that_may_not_issue_pauses_and_says_why(salon):
    request = salon.provider.render(salon.invoice())
    for reason, change in salon.harness.refusals.items():
        original = {name: salon.account[name] for name in change}
        salon.change(**change)
        with pytest.raises(AccountProblem) as caught:
            salon.provider.issue(request)
        assert caught.value.reason.value == reason
        assert caught.value.message
        salon.change(**original)
    assert not salon.documents()


def test_a_wrong_key_is_found_out_when_connecting(salon):
    salon.change(revoked=True)
    with pytest.raises(AccountProblem) as caught:
        salon.provider.verify()
    assert caught.value.reason is Reason.KEY


def test_a_good_key_connects(salon):
    info = salon.provider.verify()
    if salon.provider.capabilities.block_required:
        blocks = info.receipt_blocks if salon.of_receipts else info.blocks
        assert [block.id for block in blocks] == [salon.harness.block]


def test_a_document_that_is_not_there_is_not_found(salon):
    _invoice, document = salon.issue()
    stranger = type(document)(
        id="987654321",
        number="SZ-2026-987654",
        kind=document.kind,
        gross=document.gross,
        currency="HUF",
    )
    with pytest.raises(Rejected) as caught:
        salon.provider.get(stranger)
    assert caught.value.reason is Reason.NOT_FOUND


@unknown
def test_no_secret_is_in_any_evidence_or_error(salon, spec, acted):
    credentials = salon.harness.credentials(salon.account)
    request = salon.provider.render(salon.invoice())
    with salon.fault(**spec), pytest.raises(ProviderError) as caught:
        salon.provider.issue(request)
    texts = [str(caught.value), repr(salon.provider.credentials)]
    texts += [str(exchange) for exchange in salon.exchanges]
    for secret in filter(None, (credentials.api_key, credentials.public_key)):
        assert not [text for text in texts if secret in text]


def test_an_answer_that_names_the_key_does_not_spread_it(salon):
    secret = salon.harness.credentials(salon.account).api_key
    request = salon.provider.render(salon.invoice())
    body = f'{{"error": {{"message": "Bad key {secret}"}}}}'
    spec = {"status": 401, "body": body}
    with salon.fault("status_before", **spec), pytest.raises(ProviderError) as caught:
        salon.provider.issue(request)
    assert secret not in str(caught.value)
    assert not [exchange for exchange in salon.exchanges if secret in str(exchange)]
