"""What is done to each of many documents, and what has come of it."""

from datetime import datetime

import pytest

from salon_invoice_bridge.billing import lifecycle
from salon_invoice_bridge.billing.invoice import LANE_STATES, DocumentKind, State
from salon_invoice_bridge.billing.many import (
    CONFIRMED_ACTS,
    Act,
    Chosen,
    Result,
    Why,
    gist,
    result,
    why_not,
)

NOW = datetime(2026, 11, 20, 12)


def chosen(state, kind=DocumentKind.INVOICE, **more):
    return Chosen(state=state, kind=kind, **more)


@pytest.mark.parametrize("act", Act)
def test_a_sale_without_a_document_has_nothing_to_be_done(act):
    assert why_not(act, None) is Why.NO_DOCUMENT


def test_nothing_cancels_many():
    assert "storno" not in {act.value for act in Act}


@pytest.mark.parametrize("state", State)
def test_only_what_needs_attention_is_retried(state):
    why = why_not(Act.RETRY, chosen(state))
    if state is State.ATTENTION:
        assert why is None
    else:
        assert why is (Why.ON_ITS_WAY if state in LANE_STATES else Why.NOT_STOPPED)


def test_what_is_being_cancelled_is_not_retried():
    document = chosen(State.ATTENTION, being_cancelled=True)
    assert why_not(Act.RETRY, document) is Why.BEING_CANCELLED


@pytest.mark.parametrize("state", State)
def test_what_is_on_its_way_is_not_looked_at(state):
    expected = Why.ON_ITS_WAY if state in LANE_STATES else None
    assert why_not(Act.LOOK, chosen(state)) is expected


def test_what_has_no_pdf_is_not_fetched():
    assert why_not(Act.PDF, chosen(State.WAITING)) is Why.NO_PDF
    assert why_not(Act.PDF, chosen(State.ISSUED, may_have_pdf=True)) is None


def test_only_what_is_issued_and_has_an_address_is_mailed():
    assert why_not(Act.EMAIL, chosen(State.ISSUED)) is Why.NO_ADDRESS
    for state in State:
        why = why_not(Act.EMAIL, chosen(state, has_address=True))
        exists = state in (State.ISSUED, State.CANCELLED)
        assert why is (None if exists else Why.NOT_ISSUED)
    draft = chosen(State.ISSUED, DocumentKind.DRAFT, has_address=True)
    assert why_not(Act.EMAIL, draft) is Why.NOT_ISSUED
    assert Act.EMAIL in CONFIRMED_ACTS


@pytest.mark.parametrize("state", State)
def test_a_retry_is_settled_when_its_document_is(state):
    came = result(Act.RETRY, state)
    if state in LANE_STATES:
        assert came is Result.DOING
    else:
        stopped = state is State.ATTENTION
        assert came is (Result.IMPOSSIBLE if stopped else Result.DONE)


def test_who_asked_the_service_has_the_answer_although_it_is_no():
    assert result(Act.LOOK, State.ATTENTION) is Result.DONE


@pytest.mark.parametrize(
    "task, expected",
    [
        ("todo", Result.DOING),
        ("doing", Result.DOING),
        ("done", Result.DONE),
        ("failed", Result.IMPOSSIBLE),
        ("unknown", Result.IMPOSSIBLE),
    ],
)
def test_a_row_follows_its_task(task, expected):
    assert result(Act.EMAIL, State.ISSUED, task) is expected


def test_the_service_s_own_words_are_no_part_of_the_reason():
    said = "It refuses the document. Look at it. [No such VAT (422 abc-123)]"
    assert gist(said) == "It refuses the document. Look at it."
    assert gist(False) == gist("") == ""


class TestRetryOfMany:
    """Who presses once for many has looked at none of them at the service."""

    def progress(self, **more):
        return lifecycle.Progress(state=State.ATTENTION, created_at=NOW, **more)

    @pytest.mark.parametrize("reason", sorted(lifecycle.ASKING_FOR_A_LOOK))
    @pytest.mark.parametrize("sent_at", [NOW, None])
    def test_what_asks_for_a_look_is_looked_up_and_not_sent(self, reason, sent_at):
        before = self.progress(problem_reason=reason, sent_at=sent_at, send_count=1)
        alone = lifecycle.retry(before, NOW).progress
        assert alone.state is State.WAITING
        after = lifecycle.retry_one_of_many(before, NOW).progress
        assert after.state is State.CHECKING
        assert after.lookup_only_reason == reason
        limits = lifecycle.Limits(timeout=60, absence_margin=120)
        later = lifecycle.after_absence(after, NOW, limits, proves_absence=True)
        assert later.progress.state in (State.CHECKING, State.ATTENTION)

    @pytest.mark.parametrize(
        "reason", [lifecycle.REJECTED, lifecycle.DIFFERENT, lifecycle.DISCONNECTED]
    )
    @pytest.mark.parametrize("sent_at", [NOW, None])
    def test_the_rest_is_retried_as_alone(self, reason, sent_at):
        before = self.progress(problem_reason=reason, sent_at=sent_at)
        assert lifecycle.retry_one_of_many(before, NOW) == lifecycle.retry(before, NOW)
