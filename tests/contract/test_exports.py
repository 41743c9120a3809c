"""What an accountant's program gets from the service: asked for, waited for, fetched.

Asking changes no document: whatever happens to the answer, it is asked again.
"""

from datetime import timedelta

import pytest

from salon_invoice_bridge.billing.bookkeeping import ExportQuery, ExportState
from salon_invoice_bridge.billing.errors import (
    AccountProblem,
    NotProcessed,
    ProviderError,
    Reason,
    Rejected,
)
from salon_invoice_bridge.billing.month import Basis

from .test_outcomes import unknown

pytestmark = pytest.mark.needs("export_kinds")


def query(salon, **changes):
    """Return a question for the documents of this month, of the first kind."""
    today = salon.today
    fields = {
        "kind": salon.provider.capabilities.export_kinds[0].code,
        "since": today.replace(day=1),
        "until": today,
        **changes,
    }
    return ExportQuery(**fields)


def ready(salon, **changes):
    """Ask for a file and wait until it is ready; return its id."""
    export_id = salon.provider.request_export(query(salon, **changes))
    salon.advance(60)
    return export_id


def test_a_file_is_asked_for_waited_for_and_fetched(salon):
    _invoice, document = salon.issue()
    export_id = salon.provider.request_export(query(salon))
    assert salon.provider.export_status(export_id).state is ExportState.PENDING
    salon.advance(60)
    assert salon.provider.export_status(export_id).state is ExportState.READY
    file = salon.provider.download_export(export_id)
    assert document.number.encode() in file.content
    assert file.ending.isalnum()


def test_each_kind_has_a_name_and_can_be_fetched(salon):
    kinds = salon.provider.capabilities.export_kinds
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert len({kind.name for kind in kinds}) == len(kinds)
    salon.issue()
    for kind in kinds:
        options = dict.fromkeys(kind.options, "1")
        export_id = ready(salon, kind=kind.code, options=options)
        assert salon.provider.download_export(export_id).content


def test_the_days_and_the_block_are_those_that_were_asked_for(salon):
    _invoice, document = salon.issue(block=salon.harness.block)
    number, yesterday = document.number.encode(), salon.today - timedelta(days=1)
    for basis in Basis:
        here = ready(salon, basis=basis, block=salon.harness.block)
        assert number in salon.provider.download_export(here).content
        before = ready(salon, basis=basis, since=yesterday, until=yesterday)
        assert number not in salon.provider.download_export(before).content


def test_a_period_that_ends_before_it_begins_is_no_question(salon):
    with pytest.raises(ValueError):
        query(salon, since=salon.today, until=salon.today - timedelta(days=1))


@pytest.mark.parametrize("changes", [{"kind": "x"}, {"options": {"x": "1"}}])
def test_what_the_service_does_not_make_is_not_asked_for(salon, changes):
    with pytest.raises(Rejected) as caught:
        salon.provider.request_export(query(salon, **changes))
    assert caught.value.reason is Reason.UNSUPPORTED
    assert not salon.exchanges


@unknown
def test_a_request_that_is_not_answered_is_made_again(salon, spec, acted):
    with salon.fault(**spec), pytest.raises(NotProcessed):
        salon.provider.request_export(query(salon))
    assert salon.provider.download_export(ready(salon)).content
    assert not salon.documents(), "nothing else has come of it"


@unknown
def test_a_status_that_is_not_answered_is_asked_for_again(salon, spec, acted):
    export_id = ready(salon)
    with salon.fault(**spec), pytest.raises(NotProcessed):
        salon.provider.export_status(export_id)
    assert salon.provider.export_status(export_id).state is ExportState.READY


@unknown
def test_a_file_that_does_not_come_whole_is_not_kept(salon, spec, acted):
    export_id = ready(salon)
    if spec.get("base64"):
        spec = {**spec, "content_type": "text/html"}  # else nobody can tell
    with salon.fault(**spec), pytest.raises(NotProcessed):
        salon.provider.download_export(export_id)
    assert salon.provider.download_export(export_id).content


@pytest.mark.parametrize("seconds", [None, 7])
def test_too_many_requests_say_how_long_to_wait(salon, seconds):
    export_id = ready(salon)
    spec = {} if seconds is None else {"retry_after": seconds}
    for ask in (
        lambda: salon.provider.request_export(query(salon)),
        lambda: salon.provider.export_status(export_id),
        lambda: salon.provider.download_export(export_id),
    ):
        with salon.fault("rate_limit", **spec), pytest.raises(NotProcessed) as caught:
            ask()
        assert caught.value.reason is Reason.RATE_LIMIT
        assert caught.value.retry_after == seconds


def test_an_account_that_may_not_ask_says_why(salon):
    question = query(salon, block=salon.harness.block)
    for reason, change in salon.harness.refusals.items():
        original = {name: salon.account[name] for name in change}
        salon.change(**change)
        with pytest.raises(AccountProblem) as caught:
            salon.provider.request_export(question)
        assert caught.value.reason.value == reason
        salon.change(**original)


def test_a_file_that_nobody_asked_for_is_not_found(salon):
    for ask in (salon.provider.export_status, salon.provider.download_export):
        for export_id in ("unknown", "../documents", "a/b?c#d", "ő"):
            with pytest.raises(Rejected) as caught:
                ask(export_id)
            assert caught.value.reason is Reason.NOT_FOUND


def test_a_file_of_another_account_is_not_found(salon, sandbox):
    export_id = ready(salon)
    other = sandbox.world.emulator(salon.harness.code).create_account({})
    salon.account = other
    stranger = salon.connect()
    for ask in (stranger.export_status, stranger.download_export):
        with pytest.raises(Rejected):
            ask(export_id)


@unknown
def test_no_secret_is_in_any_evidence_of_it(salon, spec, acted):
    secret = salon.harness.credentials(salon.account).api_key
    with salon.fault(**spec), pytest.raises(ProviderError) as caught:
        salon.provider.request_export(query(salon))
    texts = [str(caught.value), *map(str, salon.exchanges)]
    assert not [text for text in texts if secret in text]


def test_the_evidence_of_a_file_is_its_size(salon):
    """It holds the names of all customers of a month."""
    _invoice, document = salon.issue()
    export_id = ready(salon)
    salon.exchanges.clear()
    content = salon.provider.download_export(export_id).content
    (exchange,) = salon.exchanges
    assert f"<file, {len(content)} bytes>" in exchange.answer
    assert document.number not in exchange.answer
