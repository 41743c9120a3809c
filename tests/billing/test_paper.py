"""A handwritten receipt after an outage: whatever happened, one receipt stands."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from salon_invoice_bridge.billing import choice, lifecycle, paper
from salon_invoice_bridge.billing.errors import (
    AccountProblem,
    NotProcessed,
    OutcomeUnknown,
    Rejected,
)
from salon_invoice_bridge.billing.invoice import (
    OPEN_STATES,
    SENT_STATES,
    DocumentKind,
    State,
)
from salon_invoice_bridge.billing.lifecycle import Limits, Progress
from salon_invoice_bridge.billing.problem import Code
from tests.examples import examples

NOW = datetime(2026, 11, 20, 12)
LIMITS = Limits(timeout=30, absence_margin=120)
SENT = {"sent_at": NOW, "send_count": 1, "has_request": True}


def at(state, **values):
    """Return a progress in ``state``."""
    return Progress(state=State(state), created_at=NOW, sold_at=NOW, **values)


# === THE PRESS, STATE BY STATE === #


@pytest.mark.parametrize(
    "progress",
    [
        at("waiting"),
        at("attention", problem_reason="content"),
        at("attention", problem_reason="rejected", **SENT),
    ],
)
def test_what_the_service_certainly_has_not_is_skipped(progress):
    step = paper.press(progress, NOW)
    assert (step.change.progress.state, step.storno) == (State.SKIPPED, False)


@pytest.mark.parametrize(
    "progress",
    [
        at("waiting", **SENT),
        at("attention", problem_reason="unproven", **SENT),
        at("attention", problem_reason="too_many_sends", **SENT),
        at("skipped", **SENT),
    ],
)
def test_what_may_have_arrived_is_looked_up(progress):
    step = paper.press(progress, NOW)
    assert (step.change.progress.state, step.storno) == (State.CHECKING, False)
    assert step.change.progress.sent_at == NOW


@pytest.mark.parametrize(
    "progress",
    [
        at("sending", **SENT),
        at("checking", **SENT),
        at("attention", problem_reason="different", **SENT),
        at("skipped"),
        at("cancelled"),
        at("converted"),
        at("discarded"),
    ],
)
def test_what_is_under_way_or_over_stays(progress):
    assert paper.press(progress, NOW) == paper.Step()


def test_what_is_issued_is_cancelled():
    assert paper.press(at("issued"), NOW) == paper.Step(storno=True)


def test_the_lane_leaves_to_a_person_what_it_has_shown_to_one():
    """Else it would be looked up for ever."""
    shown = at("attention", problem_reason="unproven", **SENT)
    assert paper.follow(shown, NOW) == paper.Step()
    assert paper.press(shown, NOW).change


def test_the_reason_is_the_one_that_the_policy_gives_such_a_sale():
    assert choice.Reason.PAPER.value == paper.SKIP_REASON


# === WHAT ELSE IS DECIDED === #


@pytest.mark.parametrize(
    "error, state",
    [
        (Rejected(""), State.SKIPPED),
        (AccountProblem(""), State.SKIPPED),
        (NotProcessed(""), State.SKIPPED),
        (OutcomeUnknown(""), State.CHECKING),
    ],
)
def test_what_an_answer_leaves_to_be_sent_is_not_sent(error, state):
    """The number was recorded while the call was under way."""
    change = lifecycle.after_error(at("sending", **SENT), error, NOW, LIMITS)
    overruled = paper.overrule(change, NOW)
    assert overruled.progress.state is state
    assert overruled.pauses_account is change.pauses_account


def test_who_retries_has_it_looked_up_and_not_sent():
    shown = at("attention", problem_reason="unproven", **SENT)
    change = lifecycle.retry(shown, NOW)
    assert change.progress.state is State.WAITING
    assert paper.overrule(change, NOW).progress.state is State.CHECKING


def test_what_was_found_and_what_a_person_looks_at_stays():
    found = lifecycle.issue(at("checking", **SENT))
    assert paper.overrule(found, NOW) is found
    limits = Limits(timeout=0, absence_margin=0, required_lookups=1)
    shown = lifecycle.after_absence(at("checking", **SENT), NOW, limits, False)
    assert paper.overrule(shown, NOW) is shown


# === WHO MAY RECORD ONE, AND OF WHAT === #

WAITS = paper.Press(number="AA 123", progress=at("waiting"))


def refused(**values):
    return paper.refuse(replace(WAITS, **values))


def test_what_waits_may_have_a_handwritten_receipt_in_its_place():
    assert refused() is None
    for state in ("sending", "checking", "attention"):
        assert refused(progress=at(state, **SENT)) is None


def test_where_only_an_invoice_is_enough_a_handwritten_receipt_is_not():
    """Business buyer, 900,000 Ft, unpaid, asked for (VAT Act 165-166: sure)."""
    for reason in choice.INVOICE_ONLY:
        assert refused(invoice_only=reason).value == reason.value
    assert refused(asked=True) is paper.Refusal.ASKED


@pytest.mark.parametrize(
    "values, why",
    [
        ({"number": ""}, "no_number"),
        ({"paid": False}, "not_paid"),
        ({"by_odoo": True}, "odoo"),
        ({"takes_back": True}, "takes_back"),
        ({"progress": None}, "no_document"),
        ({"recorded": "AA 124"}, "other_number"),
        ({"changing": True}, "changing"),
        ({"being_cancelled": True}, "gone"),
        ({"progress": at("cancelled")}, "gone"),
        (
            {"progress": at("issued"), "may_cancel": True, "settled": True},
            "settled",
        ),
        ({"progress": at("issued")}, "issued"),
        ({"progress": at("sending", kind=DocumentKind.DRAFT, **SENT)}, "unfinished"),
        (
            {"progress": at("waiting", origin_kind=DocumentKind.PROFORMA)},
            "unfinished",
        ),
    ],
)
def test_why_it_is_not_recorded(values, why):
    assert refused(**values) == paper.Refusal(why)


def test_a_draft_that_was_never_sent_may_be_replaced():
    assert refused(progress=at("waiting", kind=DocumentKind.DRAFT)) is None


def test_only_who_may_cancel_replaces_what_is_issued():
    """Else any sale could be taken off the books by a number that is made up."""
    assert refused(progress=at("issued"), may_cancel=True) is None


def test_a_second_press_with_the_same_number_is_none():
    again = {"recorded": "AA 123", "progress": at("cancelled")}
    assert refused(**again) is None


def test_it_is_offered_while_the_document_is_not_there():
    invoice = DocumentKind.INVOICE
    offered = {state for state in State if paper.may_be_offered(state, invoice, False)}
    assert offered == {
        State.WAITING,
        State.SENDING,
        State.CHECKING,
        State.ATTENTION,
    }
    assert not paper.may_be_offered(State.WAITING, DocumentKind.DRAFT, False)
    assert not paper.may_be_offered(State.WAITING, invoice, True)


# === ABSENCE === #


def test_absence_is_believed_no_sooner_than_for_a_retry():
    first = paper.after_absence(at("checking", **SENT), NOW, LIMITS, True).progress
    assert first.state is State.CHECKING
    later = NOW + timedelta(seconds=150)
    second = paper.after_absence(first, later, LIMITS, True).progress
    assert (second.state, second.next_attempt) == (State.SKIPPED, None)


def test_where_absence_cannot_be_proven_a_person_decides():
    checked = at("checking", empty_lookups=1, **SENT)
    later = NOW + timedelta(hours=1)
    change = paper.after_absence(checked, later, LIMITS, False)
    assert change.progress.problem_reason == lifecycle.UNPROVEN
    # Who retried would be told the same again.
    assert change.problem.code is Code.UNPROVEN_BESIDE_PAPER


def test_five_sends_are_no_obstacle_to_what_is_not_sent_again():
    checked = at("checking", **{**SENT, "send_count": 5}, empty_lookups=1)
    change = paper.after_absence(checked, NOW + timedelta(hours=1), LIMITS, True)
    assert change.progress.state is State.SKIPPED


# === A LIFE === #

#: What may become of a send: is it done, and what is told.
SENDS = {
    "done": (True, None),
    "lost": (True, OutcomeUnknown("")),
    "late": ("late", OutcomeUnknown("")),
    "never": (False, OutcomeUnknown("")),
    "refused": (False, Rejected("")),
    "key": (False, AccountProblem("")),
    "down": (False, NotProcessed("")),
    "killed before": (False, "killed"),
    "killed after": (True, "killed"),
}


class Outage(RuleBasedStateMachine):
    """A receipt, a service that does not answer, and a person with a pen."""

    def __init__(self):
        super().__init__()
        self.seconds, self.proves = 0, True
        self.progress = at("waiting", next_attempt=NOW)
        self.made, self.cancelled = 0, 0  # at the service
        self.late = []  # when what is under way arrives
        self.paper = False
        self.sent_after = False
        self.storno = ""  # wanted, done

    @initialize(proves=st.booleans())
    def connect(self, proves):
        self.proves = proves

    @property
    def now(self):
        return NOW + timedelta(seconds=self.seconds)

    @property
    def standing(self):
        return self.made - self.cancelled + self.paper

    def apply(self, change):
        """Take a decision as the document does, and have what is issued cancelled."""
        if self.paper:
            change = paper.overrule(change, self.now)
        self.progress = change.progress
        if self.paper and self.progress.state is State.ISSUED:
            self.storno = self.storno or "wanted"

    def take(self, step):
        if step.change:
            self.apply(step.change)
        if step.storno:
            self.storno = self.storno or "wanted"

    @rule(seconds=st.sampled_from([1, 29, 60, 149, 600]))
    def let_time_pass(self, seconds):
        self.seconds += seconds
        arrived = [when for when in self.late if when <= self.seconds]
        self.late = [when for when in self.late if when > self.seconds]
        self.made += len(arrived)

    @precondition(lambda self: not self.paper)
    @rule()
    def write_a_receipt_by_hand(self):
        """One press, at any moment; a second one while nothing has happened."""
        self.paper = True
        self.take(paper.press(self.progress, self.now))

    @rule(send=st.sampled_from(sorted(SENDS)))
    def take_a_turn(self, send):
        if self.progress.state is State.SENDING:  # its worker was killed
            self.apply(lifecycle.after_unknown_outcome(self.progress, self.now))
        if not lifecycle.is_due(self.progress, self.now):
            return
        if self.progress.state is State.CHECKING:
            self.look_up()
        else:
            self.send(send)

    def send(self, send):
        self.sent_after |= self.paper
        self.apply(lifecycle.claim(self.progress, self.now))
        done, told = SENDS[send]
        if done == "late":
            self.late.append(self.seconds + 29)
        self.made += done is True
        if told is None:
            self.apply(lifecycle.issue(self.progress))
        elif told != "killed":
            self.apply(lifecycle.after_error(self.progress, told, self.now, LIMITS))

    def look_up(self):
        if self.made:
            self.apply(lifecycle.issue(self.progress))
        elif self.paper:
            self.apply(
                paper.after_absence(self.progress, self.now, LIMITS, self.proves)
            )
        else:
            self.apply(
                lifecycle.after_absence(self.progress, self.now, LIMITS, self.proves)
            )

    @precondition(lambda self: self.progress.state is State.SENDING and not self.paper)
    @rule(send=st.sampled_from(["done", "lost", "late", "never", "refused", "down"]))
    def press_while_it_is_being_sent(self, send):
        self.write_a_receipt_by_hand()
        self.take_a_turn(send)

    @precondition(lambda self: self.storno == "wanted")
    @rule()
    def cancel(self):
        """Its own document, which is repeated until it is done: once."""
        self.cancelled += 1
        self.storno = "done"
        if self.progress.state is State.ISSUED:
            self.progress = lifecycle.enter(self.progress, State.CANCELLED)

    @invariant()
    def nothing_is_sent_once_the_paper_is_recorded(self):
        assert not self.sent_after

    def teardown(self):
        for _turn in range(60):
            self.let_time_pass(600)
            self.take_a_turn("done")
            if self.storno == "wanted":
                self.cancel()
        waits_for_a_person = self.progress.state is State.ATTENTION
        assert self.progress.state not in SENT_STATES
        if not waits_for_a_person:
            assert self.progress.state not in OPEN_STATES
            assert self.standing == 1
        if waits_for_a_person and self.paper:
            assert not self.proves and not self.made
        assert self.cancelled <= self.made


Outage.TestCase.settings = examples(100, stateful_step_count=12)
TestOutage = Outage.TestCase


def test_a_second_press_changes_nothing():
    for state in State:
        for values in ({}, SENT):
            progress = at(state, problem_reason="content", **values)
            step = paper.press(progress, NOW)
            if step.change:
                after = replace(step.change.progress)
                again = paper.press(after, NOW)
                assert not again.storno
                assert again.change is None or again.change.progress == after
