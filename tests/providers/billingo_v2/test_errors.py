"""What a failure of Billingo v2 means for the salon: one word of the vocabulary.

The service's own manners are played by the emulator; what a network and a proxy add to
them comes from the sandbox's faults.
"""

import pytest

from salon_invoice_bridge.billing.errors import (
    AccountProblem,
    NotProcessed,
    OutcomeUnknown,
    Reason,
    Rejected,
)
from salon_invoice_bridge.providers.billingo_v2.parse import payload

from .case import INVOICE, PRIVATE_KEY, PUBLIC_KEY, answer, issued, ready, strategy

NOW = 1_800_000_000.0


def failure(body, status, *, safe, **headers):
    """Return the error that an answer ends in."""
    with pytest.raises(Exception) as caught:
        payload(answer(body, status, **headers), safe=safe, now=NOW)
    return caught.value


def is_error(error, kind, reason):
    return type(error) is kind and error.reason is reason


# === KEY AND PLAN === #


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"revoked": True}, Reason.KEY),
        ({"private_key": "another-private-key-of-the-same-length"}, Reason.KEY),
        ({"subscribed": False}, Reason.SUBSCRIPTION),
        ({"read_only": True}, Reason.READ_ONLY),
    ],
)
def test_a_problem_of_the_account_pauses_the_account(
    sandbox, provider, options, reason
):
    invoice = ready(provider)
    sandbox.account(**options)
    with pytest.raises(AccountProblem) as problem:
        provider.issue(provider.render(invoice))
    assert problem.value.reason is reason
    assert not sandbox.documents()


@pytest.mark.parametrize("seconds", [-120, 120])
def test_a_wrong_clock_is_a_problem_that_names_itself(sandbox, seconds):
    provider = strategy(sandbox.url, clock=lambda: sandbox.world.now() + seconds)
    with pytest.raises(AccountProblem, match="token"):
        provider.verify()


@pytest.mark.parametrize("seconds", [-8, 8])
def test_a_clock_that_is_a_little_off_does_not_matter(sandbox, seconds):
    provider = strategy(sandbox.url, clock=lambda: sandbox.world.now() + seconds)
    assert provider.verify()


def test_a_missing_key_is_noticed_before_anything_is_sent(sandbox, provider):
    provider.api._public_key = ""
    with pytest.raises(AccountProblem):
        provider.verify()
    assert not sandbox.calls()


@pytest.mark.parametrize(
    "text",
    [
        "User not found!",
        "Cannot handle token prior to 2026-11-20T10:00:00+0000",
        "Expired token",
        "Signature verification failed",
    ],
)
@pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
def test_known_texts_decide_whatever_status_stands_beside_them(text, status):
    body = f'{{"success": false, "error": "{text}"}}'
    assert is_error(failure(body, status, safe=False), AccountProblem, Reason.KEY)


def test_no_subscription_is_told_by_its_text():
    body = '{"success": false, "error": "User needs to be premium"}'
    error = failure(body, 500, safe=False)
    assert is_error(error, AccountProblem, Reason.SUBSCRIPTION)


# === CONTENT === #


def test_errors_keyed_by_their_place_are_told_field_by_field():
    body = """{"success": false, "errors": {
        "items[0].net_unit_price": "String value found, but a number is required"}}"""
    error = failure(body, 400, safe=False)
    assert is_error(error, Rejected, Reason.CONTENT)
    assert list(error.fields) == ["items[0].net_unit_price"]
    assert "number is required" in error.message


def test_errors_in_a_list_are_told_too():
    body = '{"success": false, "errors": ["First.", "Second."]}'
    error = failure(body, 400, safe=False)
    assert error.message == "First.; Second."


def test_the_emulators_complaint_names_the_place(provider):
    request = provider.render(ready(provider)).replace(b'"db"', b'""', 1)
    with pytest.raises(Rejected) as refusal:
        provider.issue(request)
    assert list(refusal.value.fields) == ["items[0].unit"]


def test_a_failure_with_status_200_is_a_failure():
    error = failure('{"success": false, "error": "No."}', 200, safe=False)
    assert is_error(error, Rejected, Reason.CONTENT)


def test_what_is_not_there_is_not_found():
    error = failure('{"success": false, "error": "Gone"}', 404, safe=True)
    assert is_error(error, Rejected, Reason.NOT_FOUND)


# === UNKNOWN OUTCOMES === #


def test_an_empty_500_after_a_write_is_an_unknown_outcome():
    body = '{"success": false, "error": ""}'
    error = failure(body, 500, safe=False)
    assert is_error(error, OutcomeUnknown, Reason.SERVER_ERROR)
    assert error.message


def test_an_empty_500_after_a_read_is_harmless():
    body = '{"success": false, "error": ""}'
    error = failure(body, 500, safe=True)
    assert is_error(error, NotProcessed, Reason.SERVER_ERROR)


@pytest.mark.parametrize("status", [200, 302, 404, 410, 500, 502, 503])
def test_a_page_of_a_proxy_is_no_answer(status):
    page = "<html><body>Sorry</body></html>"
    assert type(failure(page, status, safe=False)) is OutcomeUnknown
    assert type(failure(page, status, safe=True)) is NotProcessed


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_after"},
        {"kind": "truncated"},
        {"kind": "status_after", "status": 500},
        {"kind": "status_after", "status": 503, "html": True},
        {"kind": "garbage", "body": ""},
        {"kind": "garbage", "body": '{"success": true}'},
        {"kind": "garbage", "body": '{"success": true, "data": {"id": "x"}}'},
    ],
)
def test_a_lost_answer_to_a_creation_never_passes_for_a_refusal(
    sandbox, provider, fault
):
    invoice = ready(provider)
    sandbox.fault(method="POST", path="/invoices$", **fault)
    with pytest.raises(OutcomeUnknown):
        provider.issue(provider.render(invoice))
    assert len(sandbox.documents()) == 1
    assert provider.find(invoice).gross == invoice.gross


def test_a_creation_is_never_repeated_by_itself(sandbox, provider):
    invoice = ready(provider)
    sandbox.fault("refuse_before", method="POST", path="/invoices$")
    with pytest.raises(OutcomeUnknown):
        provider.issue(provider.render(invoice))
    assert sandbox.calls().count("POST /invoices") == 1


@pytest.mark.parametrize("operation", ["cancel", "generate", "send"])
def test_gets_that_act_are_not_taken_for_reads(sandbox, provider, operation):
    sandbox.fault("refuse_before", path=operation)
    with pytest.raises(OutcomeUnknown):
        getattr(provider.api, operation)("1")


def test_a_server_that_is_not_there_has_certainly_not_acted():
    provider = strategy("http://127.0.0.1:9")
    with pytest.raises(NotProcessed):
        provider.api.create_invoice(b"{}")


# === WAITING === #


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({}, None), ({"retry_after": "7"}, 7), ({"retry_after": "soon"}, None)],
)
def test_too_many_requests_wait_as_long_as_the_service_asks(headers, seconds):
    error = failure("<html>", 429, safe=False, **headers)
    assert is_error(error, NotProcessed, Reason.RATE_LIMIT)
    assert error.retry_after == seconds


def test_a_429_comes_through_the_socket_as_one(sandbox, provider):
    sandbox.fault("rate_limit", retry_after=3)
    with pytest.raises(NotProcessed) as problem:
        provider.verify()
    assert problem.value.retry_after == 3


# === SECRETS === #


def test_no_evidence_shows_a_key_or_a_token(sandbox):
    seen = []
    provider = strategy(sandbox.url, observer=seen.append)
    echo = f"keys {PUBLIC_KEY} and {PRIVATE_KEY}"
    sandbox.fault("status_before", path="tax-code", status=400, body=echo)
    with pytest.raises(NotProcessed):
        provider.verify()
    body = f'{{"success": false, "error": "{echo}"}}'
    sandbox.fault("status_before", path="tax-code", status=400, body=body)
    with pytest.raises(Rejected) as refusal:
        provider.verify()
    issued(provider, INVOICE)
    shown = f"{refusal.value} {refusal.value.message} {seen} {provider.credentials}"
    assert "keys *** and ***" in shown
    assert PUBLIC_KEY not in shown
    assert PRIVATE_KEY not in shown


def test_a_token_that_is_said_back_is_hidden(sandbox):
    seen = []
    provider = strategy(sandbox.url, observer=seen.append, clock=lambda: NOW)
    token = provider.api.token()
    sandbox.fault("garbage", path="tax-code", body=f"<html>Bearer {token}</html>")
    with pytest.raises(NotProcessed):
        provider.verify()
    assert "Bearer ***" in seen[0].answer
    assert token not in str(seen)


def test_the_keys_travel_only_as_claims_of_a_signed_token(sandbox, provider):
    provider.verify()
    calls = sandbox._call("GET", "ledger?service=billingo_v2")["calls"]
    assert calls
    assert PUBLIC_KEY not in str(calls)
