"""Every decision on the life of a document, in tables and over all that there is."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product

import pytest

from salon_invoice_bridge.billing import lifecycle
from salon_invoice_bridge.billing.errors import (
    AccountProblem,
    AlreadyExists,
    NotProcessed,
    OutcomeUnknown,
    Reason,
    Rejected,
)
from salon_invoice_bridge.billing.invoice import (
    DUE_STATES,
    LANE_STATES,
    OPEN_STATES,
    DocumentKind,
    State,
)
from salon_invoice_bridge.billing.lifecycle import TRANSITIONS, Limits, Progress
from salon_invoice_bridge.billing.problem import Code, Problem

NOW = datetime(2026, 11, 20, 12)
LIMITS = Limits(timeout=30, absence_margin=120)
UNANSWERED = [Reason.TIMEOUT, Reason.CONNECTION_LOST, Reason.SERVER_ERROR]
ERRORS = [
    *(Rejected("No", reason=reason) for reason in (Reason.CONTENT, Reason.NOT_FOUND)),
    *(
        AccountProblem("No", reason=reason)
        for reason in (Reason.KEY, Reason.READ_ONLY, Reason.SETUP, Reason.QUOTA)
    ),
    *(
        NotProcessed("No", reason=reason, scope=scope, retry_after=60)
        for reason in (Reason.UNREACHABLE, Reason.RATE_LIMIT, Reason.UNREADABLE)
        for scope in ("", "issue")
    ),
    *(OutcomeUnknown("", reason=reason) for reason in UNANSWERED),
    OutcomeUnknown(""),
    AlreadyExists("Twice"),
]


def ago(**parts):
    return NOW - timedelta(**parts)


def later(**parts):
    return NOW + timedelta(**parts)


def at(state, **values):
    """Return the progress of a document that was sold, and is due, now."""
    times = {"created_at": NOW, "sold_at": NOW, "next_attempt": NOW}
    return Progress(state=State(state), **{**times, **values})


def sent(state, **values):
    """Return the progress of a document that was sent a moment ago."""
    known = {"sent_at": ago(seconds=1), "send_count": 1, "has_request": True}
    return at(state, **{**known, **values})


def everything(*states):
    """Yield the progress of documents in ``states``, with every count that matters."""
    for state, sends, failures, lookups, age, request, reused in product(
        states,
        (0, 1, 4, 5, 6),
        (0, 14, 15),
        (0, 1),
        (None, 1, 149, 150),
        (False, True),
        (False, True),
    ):
        yield at(
            state,
            send_count=sends,
            failure_count=failures,
            empty_lookups=lookups,
            sent_at=None if age is None else ago(seconds=age),
            has_request=request,
            partner_reused=reused,
        )


def assert_has_a_place(change):
    """Promise 3: it is tried again, or a person has it with a reason, or it is over."""
    progress = change.progress
    if progress.state in DUE_STATES:
        assert progress.next_attempt
    elif progress.state is State.ATTENTION:
        assert progress.problem_reason
        assert change.problem
    else:
        assert progress.state not in OPEN_STATES


# === THE DIAGRAM === #


def test_each_state_is_on_the_diagram_and_can_be_reached():
    assert set(TRANSITIONS) == set(State)
    assert set().union(*TRANSITIONS.values()) == set(State)


def test_what_is_final_stays_so():
    final = {state for state in State if not TRANSITIONS[state]}
    assert final == {State.CANCELLED, State.CONVERTED, State.DISCARDED}


def test_only_the_lane_leads_into_sending():
    assert [state for state in State if State.SENDING in TRANSITIONS[state]] == [
        State.WAITING
    ]


@pytest.mark.parametrize(("before", "after"), product(State, State))
def test_no_other_arrow_is_drawn(before, after):
    if after in TRANSITIONS[before]:
        assert lifecycle.enter(at(before), after).state is after
    else:
        with pytest.raises(ValueError):
            lifecycle.enter(at(before), after)


def test_states_are_taken_as_they_are_stored():
    assert lifecycle.enter(at("waiting"), "sending").state is State.SENDING
    assert "waiting" in TRANSITIONS[State.SKIPPED]


@pytest.mark.parametrize("state", State)
def test_a_problem_is_of_attention_only(state):
    for before in State:
        if state in TRANSITIONS[before]:
            after = lifecycle.enter(at(before, problem_reason="program"), state)
            assert bool(after.problem_reason) == (state is State.ATTENTION)


# === BEFORE IT IS SENT === #


def test_a_claim_is_counted_before_the_call():
    claimed = lifecycle.claim(sent("waiting", claim_count=3), NOW).progress
    assert claimed.state is State.SENDING
    assert (claimed.sent_at, claimed.send_count, claimed.claim_count) == (NOW, 2, 4)


@pytest.mark.parametrize(
    ("state", "due_in", "due"),
    [
        ("waiting", 0, True),
        ("waiting", 1, False),
        ("checking", -1, True),
        ("sending", -1, False),
        ("attention", -1, False),
    ],
)
def test_only_what_waits_for_its_time_is_due(state, due_in, due):
    progress = at(state, next_attempt=later(seconds=due_in))
    assert lifecycle.is_due(progress, NOW) is due
    assert not lifecycle.is_due(replace(progress, next_attempt=None), NOW)


@pytest.mark.parametrize(
    ("values", "first"),
    [
        ({}, False),
        ({"sold_at": ago(minutes=4)}, False),
        ({"sold_at": ago(minutes=6)}, True),  # the database may be a backup
        ({"created_at": ago(minutes=6)}, True),
        # The clock has been set back.
        ({"created_at": later(minutes=6), "sold_at": later(minutes=6)}, True),
        ({"sold_at": None}, False),
        # A retry: only the last send counts, as long as there was one.
        (
            {"sold_at": ago(days=1), "send_count": 1, "sent_at": ago(minutes=1)},
            False,
        ),
        ({"send_count": 1, "sent_at": ago(minutes=6)}, True),
        ({"send_count": 0, "sent_at": ago(minutes=6)}, False),
        # A storno looks at its original anyway.
        ({"sold_at": ago(days=1), "kind": DocumentKind.STORNO}, False),
    ],
)
def test_an_old_row_is_looked_up_before_it_is_sent(values, first):
    assert lifecycle.must_look_up_first(at("waiting", **values), NOW) is first


@pytest.mark.parametrize(
    ("request_", "sends", "due", "build"),
    [
        (False, 0, None, True),
        (True, 0, date(2026, 11, 20), False),
        (True, 0, date(2026, 11, 19), True),  # overdue before it was ever sent
        (True, 1, date(2026, 11, 19), False),
        (True, 0, None, False),  # a storno has no due date
    ],
)
def test_a_request_is_built_once_unless_it_got_overdue_unsent(
    request_, sends, due, build
):
    progress = at("waiting", has_request=request_, send_count=sends)
    assert lifecycle.must_build(progress, due, date(2026, 11, 20)) is build


def test_what_waits_for_another_document_says_so_and_looks_again():
    change = lifecycle.put_off(
        at("waiting"), Problem(Code.WAITS_FOR, document="the storno"), NOW
    )
    assert change.problem.code is Code.WAITS_FOR
    assert change.problem.params == {"document": "the storno"}
    assert change.progress.next_attempt == later(minutes=15)


# === AN UNKNOWN OUTCOME === #


@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_only_a_definite_answer_lets_a_request_be_built_anew(error):
    """Promise 5: never after an unknown outcome."""
    for progress in everything(*LANE_STATES):
        before = replace(progress, has_request=True)
        after = lifecycle.after_error(before, error, NOW, LIMITS).progress
        if not after.has_request:
            assert before.state is State.SENDING
            assert isinstance(error, (Rejected, AccountProblem))


@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_every_error_in_every_state_leaves_it_in_a_place(error):
    for progress in everything(*LANE_STATES):
        change = lifecycle.after_error(progress, error, NOW, LIMITS)
        assert_has_a_place(change)
        pauses = isinstance(error, AccountProblem) and not change.forgets_partner
        assert change.pauses_account == pauses


@pytest.mark.parametrize(
    "error", [OutcomeUnknown("", reason=one) for one in UNANSWERED], ids=repr
)
def test_a_lost_answer_is_looked_up_at_once_with_the_same_request(error):
    for progress in everything(State.SENDING):
        after = lifecycle.after_error(progress, error, NOW, LIMITS).progress
        assert after == replace(
            progress, state=State.CHECKING, empty_lookups=0, next_attempt=NOW
        )


def test_what_the_service_says_that_it_has_is_looked_up():
    change = lifecycle.after_error(sent("sending"), AlreadyExists(""), NOW, LIMITS)
    assert change.progress.state is State.CHECKING


def test_what_was_made_but_could_not_be_read_is_kept():
    error = OutcomeUnknown("", document="the document")
    change = lifecycle.after_error(sent("sending"), error, NOW, LIMITS)
    assert change.made == "the document"
    assert change.progress.state is State.CHECKING


def test_a_killed_worker_is_an_unknown_outcome():
    for progress in everything(State.SENDING):
        after = lifecycle.after_unknown_outcome(progress, NOW).progress
        assert after == replace(
            progress, state=State.CHECKING, empty_lookups=0, next_attempt=NOW
        )


@pytest.mark.parametrize(
    ("lookups", "seconds", "state", "next_in"),
    [
        (0, 1, "checking", 149),
        (0, 149, "checking", 1),
        (0, 3600, "checking", 1),  # two look-ups, however long ago it was sent
        (1, 149, "checking", 1),  # and time, however often it was looked up
        (7, 149, "checking", 1),
        (1, 150, "waiting", 0),
        (1, 3600, "waiting", 0),
    ],
)
def test_absence_is_believed_with_time_and_two_lookups(
    lookups, seconds, state, next_in
):
    progress = sent("checking", sent_at=ago(seconds=seconds), empty_lookups=lookups)
    change = lifecycle.after_absence(progress, NOW, LIMITS, proves_absence=True)
    assert change.progress.state == state
    assert change.progress.next_attempt == later(seconds=next_in)
    assert change.progress.has_request
    assert change.progress.empty_lookups == (lookups + 1 if state == "checking" else 0)


def test_absence_is_believed_in_no_other_way():
    for progress in everything(State.CHECKING):
        if not progress.sent_at:
            continue
        for proves in (False, True):
            change = lifecycle.after_absence(progress, NOW, LIMITS, proves)
            assert_has_a_place(change)
            if change.progress.state is State.WAITING:
                assert proves
                assert progress.empty_lookups >= 1
                assert NOW - progress.sent_at >= timedelta(seconds=150)
                assert progress.send_count < 5


def test_a_service_that_cannot_prove_absence_leaves_it_to_a_person():
    old = sent("checking", sent_at=ago(hours=1), empty_lookups=1)
    change = lifecycle.after_absence(old, NOW, LIMITS, proves_absence=False)
    assert change.progress.problem_reason == lifecycle.UNPROVEN
    assert change.problem.code is Code.UNPROVEN


@pytest.mark.parametrize(("sends", "state"), [(4, "waiting"), (5, "attention")])
def test_five_sends_are_the_most(sends, state):
    old = sent("checking", sent_at=ago(hours=1), empty_lookups=1, send_count=sends)
    change = lifecycle.after_absence(old, NOW, LIMITS, proves_absence=True)
    assert change.progress.state == state
    if state == "attention":
        assert change.progress.problem_reason == lifecycle.TOO_MANY_SENDS
        assert change.problem.params == {"count": 5}


def test_time_counts_from_now_where_the_clock_was_set_back():
    ahead = sent("checking", sent_at=later(days=400), empty_lookups=1)
    change = lifecycle.after_absence(ahead, NOW, LIMITS, proves_absence=True)
    assert change.progress.sent_at == NOW
    assert change.progress.next_attempt == later(seconds=150)


@pytest.mark.parametrize(
    ("answered", "code"),
    [(True, Code.MADE_DIFFERENT), (False, Code.FOUND_DIFFERENT)],
)
def test_something_else_is_never_taken_for_it(answered, code):
    change = lifecycle.after_difference(
        sent("checking"), "made", (("gross", 1, 2),), answered=answered
    )
    assert change.progress.problem_reason == lifecycle.DIFFERENT
    assert (change.problem.code, change.made) == (code, "made")


# === ERRORS === #


@pytest.mark.parametrize(
    ("state", "error", "after", "reason"),
    [
        ("sending", Rejected("No"), "attention", lifecycle.REJECTED),
        ("waiting", Rejected("No"), "attention", "content"),
        ("checking", Rejected("", reason=Reason.CLOSED), "attention", "closed"),
        ("sending", NotProcessed(""), "waiting", ""),
        ("waiting", NotProcessed(""), "waiting", ""),
        ("checking", NotProcessed(""), "checking", ""),
        # Preparing (a buyer, a rate) creates no document.
        ("waiting", OutcomeUnknown(""), "waiting", ""),
        ("checking", OutcomeUnknown(""), "checking", ""),
        ("waiting", AlreadyExists(""), "waiting", ""),
        ("sending", AccountProblem(""), "waiting", ""),
        ("waiting", AccountProblem(""), "waiting", ""),
        ("checking", AccountProblem(""), "checking", ""),
    ],
)
def test_the_class_of_an_error_decides(state, error, after, reason):
    change = lifecycle.after_error(sent(state), error, NOW, LIMITS)
    assert (change.progress.state, change.progress.problem_reason) == (after, reason)


def test_what_has_certainly_not_arrived_counts_as_never_sent():
    claimed = lifecycle.claim(at("waiting", has_request=True), NOW).progress
    after = lifecycle.after_error(claimed, NotProcessed(""), NOW, LIMITS).progress
    assert (after.send_count, after.sent_at) == (0, None)
    assert after.has_request
    assert not lifecycle.may_have_arrived(after)


def test_a_send_that_has_not_arrived_does_not_unsend_those_before():
    claimed = lifecycle.claim(sent("waiting"), NOW).progress
    after = lifecycle.after_error(claimed, NotProcessed(""), NOW, LIMITS).progress
    assert after.send_count == 1
    assert lifecycle.may_have_arrived(after)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 2), (1, 4), (5, 64), (9, 900), (40, 900), (5000, 900)]
)
@pytest.mark.parametrize("jitter", [1.0, 1.3])
def test_each_pause_is_twice_as_long(failures, seconds, jitter):
    progress = at("waiting", failure_count=failures)
    after = lifecycle.after_error(progress, NotProcessed(""), NOW, LIMITS, jitter)
    assert after.progress.failure_count == failures + 1
    assert after.progress.next_attempt == later(seconds=seconds * jitter)


@pytest.mark.parametrize(
    ("scope", "retry_after", "seconds"),
    [
        ("issue", 90, 90),
        ("issue", 1, 2),
        ("issue", None, 2),
        ("issue", 86400, 3600),  # longer than an hour nobody waits
        ("", 90, 2),  # the whole account rests for that long
    ],
)
def test_a_service_may_ask_for_a_pause(scope, retry_after, seconds):
    error = NotProcessed(
        "", reason=Reason.RATE_LIMIT, scope=scope, retry_after=retry_after
    )
    after = lifecycle.after_error(at("waiting"), error, NOW, LIMITS).progress
    assert after.next_attempt == later(seconds=seconds)


def test_nothing_is_tried_before_the_account_has_rested():
    for rest, following in ((later(hours=1), later(hours=1)), (NOW, later(seconds=2))):
        after = lifecycle.after_error(
            at("waiting"), NotProcessed(""), NOW, LIMITS, not_before=rest
        )
        assert after.progress.next_attempt == following


@pytest.mark.parametrize(
    ("progress", "reason"),
    [
        (at("waiting"), "unreadable"),
        (sent("waiting"), lifecycle.UNPROVEN),  # it could not be looked up
        (sent("sending"), "unreadable"),  # this send has not arrived
        (sent("checking"), lifecycle.UNPROVEN),
    ],
)
def test_answers_that_nobody_understands_are_left_to_a_person(progress, reason):
    error = NotProcessed("?", reason=Reason.UNREADABLE)
    patient = replace(progress, failure_count=14)
    assert lifecycle.after_error(patient, error, NOW, LIMITS).progress.next_attempt
    tired = replace(progress, failure_count=15)
    change = lifecycle.after_error(tired, error, NOW, LIMITS)
    assert change.progress.problem_reason == reason


def test_an_outage_is_waited_out_however_long_it_is():
    for progress in everything(State.WAITING, State.CHECKING):
        tired = replace(progress, failure_count=1000)
        change = lifecycle.after_error(tired, NotProcessed(""), NOW, LIMITS)
        assert change.progress.state is progress.state


# === THE ACCOUNT === #


def test_what_the_account_refuses_is_built_anew_and_keeps_its_count():
    error = AccountProblem("", reason=Reason.SETUP)
    change = lifecycle.after_error(sent("sending", send_count=3), error, NOW, LIMITS)
    assert change.pauses_account
    assert not change.progress.has_request
    assert not change.progress.sent_at
    assert change.progress.send_count == 3


def test_a_key_that_does_not_open_costs_no_send():
    change = lifecycle.after_error(sent("sending"), AccountProblem(""), NOW, LIMITS)
    assert change.progress.send_count == 0


def test_a_document_that_the_account_refuses_is_sent_five_times_at_most():
    error = AccountProblem("", reason=Reason.SETUP)
    change = lifecycle.after_error(sent("sending", send_count=5), error, NOW, LIMITS)
    assert change.progress.problem_reason == lifecycle.REJECTED
    assert change.problem is error
    assert change.pauses_account


def test_a_row_that_was_only_prepared_stays_as_it_is():
    waiting = at("waiting", next_attempt=ago(hours=1), failure_count=3)
    change = lifecycle.after_error(waiting, AccountProblem(""), NOW, LIMITS)
    assert change.progress == replace(waiting, next_attempt=NOW)
    assert not change.moves


# === A BUYER THAT IS GONE AT THE SERVICE === #


@pytest.mark.parametrize(
    "error",
    [
        Rejected("Partner not found"),
        Rejected("?", reason=Reason.NOT_FOUND),
        AccountProblem("", reason=Reason.READ_ONLY),
    ],
    ids=repr,
)
def test_a_buyer_who_may_be_gone_is_sent_again_once(error):
    claimed = sent("sending", partner_reused=True, send_count=3)
    change = lifecycle.after_error(claimed, error, NOW, LIMITS)
    assert change.forgets_partner
    assert not change.pauses_account
    assert change.progress.state is State.WAITING
    assert (change.progress.has_request, change.progress.send_count) == (False, 0)
    again = lifecycle.claim(replace(change.progress, has_request=True), NOW).progress
    assert not lifecycle.after_error(again, error, NOW, LIMITS).forgets_partner


@pytest.mark.parametrize("kind", [DocumentKind.DRAFT, DocumentKind.PROFORMA])
def test_what_is_converted_has_its_buyer_at_the_service(kind):
    claimed = sent("sending", partner_reused=True, origin_kind=kind)
    change = lifecycle.after_error(claimed, Rejected("No"), NOW, LIMITS)
    assert change.progress.problem_reason == lifecycle.REJECTED


# === A CRASH === #


@pytest.mark.parametrize(
    ("state", "after"),
    [
        ("sending", "checking"),
        ("waiting", "attention"),
        ("checking", "attention"),
        ("attention", None),
        ("issued", None),
    ],
)
def test_a_crash_is_shown_or_looked_up(state, after):
    change = lifecycle.after_crash(sent(state), NOW)
    assert (change and change.progress.state) == after
    if change:
        assert_has_a_place(change)


# === PEOPLE === #


REASONS = [
    lifecycle.REJECTED,
    lifecycle.DIFFERENT,
    lifecycle.UNPROVEN,
    lifecycle.ABSENT,
    lifecycle.TOO_MANY_SENDS,
    lifecycle.DISCONNECTED,
    lifecycle.PROGRAM,
    "content",
]


def test_a_retry_looks_first_wherever_something_may_have_arrived():
    for progress in everything(State.ATTENTION):
        for reason, known in product(REASONS, (False, True)):
            before = replace(progress, problem_reason=reason, has_remote_id=known)
            change = lifecycle.retry(before, NOW)
            assert_has_a_place(change)
            looked = reason in (lifecycle.UNPROVEN, lifecycle.ABSENT) and not known
            if lifecycle.may_have_arrived(before) and not looked:
                assert change.progress.state is State.CHECKING
                assert change.progress.has_request == before.has_request
            else:
                assert change.progress.state is State.WAITING


def test_a_retry_after_a_refusal_builds_it_anew():
    refused = sent("attention", problem_reason=lifecycle.REJECTED, send_count=3)
    after = lifecycle.retry(refused, NOW).progress
    assert (after.has_request, after.sent_at, after.send_count) == (False, None, 0)


def test_after_five_sends_a_person_may_start_anew():
    """All that was sent is one send: it may still have arrived."""
    tired = sent("attention", problem_reason=lifecycle.TOO_MANY_SENDS, send_count=5)
    after = lifecycle.retry(tired, NOW).progress
    assert (after.state, after.send_count) == (State.CHECKING, 1)
    assert after.has_request


def test_a_retry_does_not_forget_that_something_was_sent():
    """Nor does a later send that has certainly not arrived."""
    tired = sent("attention", problem_reason=lifecycle.TOO_MANY_SENDS, send_count=5)
    progress = lifecycle.retry(tired, NOW).progress
    progress = lifecycle.claim(lifecycle.enter(progress, "waiting"), NOW).progress
    change = lifecycle.after_error(progress, NotProcessed("Not now"), NOW, LIMITS)
    assert change.progress.state is State.WAITING
    assert lifecycle.may_have_arrived(change.progress)


def test_the_look_of_a_person_is_worth_ours():
    """The same bytes are sent, at once, and count."""
    unproven = sent("attention", problem_reason=lifecycle.UNPROVEN, send_count=2)
    after = lifecycle.retry(unproven, NOW).progress
    assert (after.state, after.sent_at, after.send_count) == (State.WAITING, NOW, 2)
    assert after.has_request
    assert not lifecycle.must_look_up_first(after, NOW)


def test_what_the_service_made_is_read_again_whatever_a_person_says():
    unproven = sent("attention", problem_reason=lifecycle.UNPROVEN, has_remote_id=True)
    assert lifecycle.retry(unproven, NOW).progress.state is State.CHECKING


def test_a_question_sends_nothing_and_keeps_what_was_wrong():
    for reason, after in (
        (lifecycle.REJECTED, lifecycle.REJECTED),
        (lifecycle.TOO_MANY_SENDS, lifecycle.TOO_MANY_SENDS),
        (lifecycle.PROGRAM, lifecycle.ABSENT),
        ("", lifecycle.ABSENT),
    ):
        asked = sent("attention", problem_reason=reason, sent_at=ago(hours=1))
        asked = lifecycle.ask_service(asked, NOW).progress
        assert asked.state is State.CHECKING
        change = lifecycle.after_absence(asked, NOW, LIMITS, proves_absence=True)
        assert change.progress.state is State.ATTENTION
        assert change.progress.problem_reason == after
        assert change.problem.code is Code.NOT_AT_SERVICE


def test_a_question_is_not_answered_while_a_call_may_be_under_way():
    """Whoever reads that the service does not have it may retry, which sends it."""
    asked = sent("attention", problem_reason=lifecycle.PROGRAM)
    asked = lifecycle.ask_service(asked, NOW).progress
    change = lifecycle.after_absence(asked, NOW, LIMITS, proves_absence=True)
    assert change.progress.state is State.CHECKING
    assert change.progress.next_attempt == later(seconds=149)
    assert change.progress.lookup_only_reason == lifecycle.PROGRAM


def test_a_refusal_has_left_nothing_under_way():
    asked = sent("attention", problem_reason=lifecycle.REJECTED)
    asked = lifecycle.ask_service(asked, NOW).progress
    change = lifecycle.after_absence(asked, NOW, LIMITS, proves_absence=True)
    assert change.progress.state is State.ATTENTION


def test_what_was_made_by_somebody_else_is_looked_up_and_never_sent():
    looked = lifecycle.only_look_up(at("waiting"), NOW).progress
    assert (looked.state, looked.sent_at) == (State.CHECKING, NOW)
    change = lifecycle.after_absence(looked, NOW, LIMITS, proves_absence=True)
    assert change.progress.problem_reason == lifecycle.ABSENT


def test_a_question_survives_trouble_and_is_forgotten_with_its_answer():
    asked = sent("attention", problem_reason=lifecycle.PROGRAM)
    asked = lifecycle.ask_service(asked, NOW).progress
    later_ = lifecycle.after_error(asked, NotProcessed(""), NOW, LIMITS).progress
    assert later_.lookup_only_reason == lifecycle.PROGRAM
    assert not lifecycle.issue(later_).progress.lookup_only_reason


@pytest.mark.parametrize(
    ("progress", "may"),
    [
        (at("attention"), True),
        (sent("attention", problem_reason=lifecycle.PROGRAM), True),
        (at("waiting"), True),
        (sent("waiting"), False),
        (at("sending"), False),
        (at("checking"), False),
        (at("issued"), False),
        (at("skipped"), False),
    ],
)
def test_a_person_settles_what_is_not_on_its_way(progress, may):
    assert lifecycle.may_settle(progress) is may


@pytest.mark.parametrize("state", ["waiting", "attention"])
def test_what_was_made_by_hand_is_issued(state):
    after = lifecycle.settle(at(state)).progress
    assert (after.state, after.next_attempt) == (State.ISSUED, None)


@pytest.mark.parametrize(
    ("progress", "arrived"),
    [
        (at("attention"), False),
        (sent("attention", problem_reason=lifecycle.PROGRAM), True),
        (sent("attention", problem_reason=lifecycle.REJECTED), False),
    ],
)
def test_a_dropped_document_remembers_whether_it_may_be_there(progress, arrived):
    dropped = lifecycle.skip(progress).progress
    assert bool(dropped.sent_at) is arrived
    again = lifecycle.ask_again(dropped, NOW).progress
    assert again.state is (State.CHECKING if arrived else State.WAITING)
    assert again.has_request == (arrived and progress.has_request)


def test_a_storno_that_another_one_has_overtaken_is_decided_anew():
    dropped = sent("skipped", kind=DocumentKind.STORNO)
    after = lifecycle.ask_again(dropped, NOW, overtaken=True).progress
    assert (after.state, after.has_request) == (State.WAITING, False)


@pytest.mark.parametrize("state", [State.WAITING, State.ATTENTION])
def test_other_content_is_sent_of_what_was_never_received(state):
    refused = {"sent_at": ago(hours=1), "problem_reason": lifecycle.REJECTED}
    sent = refused if state is State.ATTENTION else {}
    before = at(state, has_request=True, send_count=1, failure_count=3, **sent)
    after = lifecycle.rewrite(before, NOW).progress
    assert (after.state, after.next_attempt) == (State.WAITING, NOW)
    assert not (after.has_request or after.sent_at or after.send_count)


@pytest.mark.parametrize("state", State)
def test_what_may_have_arrived_keeps_its_content(state):
    with pytest.raises(ValueError):
        lifecycle.rewrite(at(state, sent_at=ago(hours=1)), NOW)


def test_a_refund_is_decided_anew_when_its_sale_is_asked_for():
    skipped = at("skipped", next_attempt=None, kind=DocumentKind.REFUND)
    after = lifecycle.reconsider(skipped, NOW).progress
    assert lifecycle.is_due(after, NOW)


# === ANOTHER ACCOUNT === #


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", DocumentKind)
def test_only_a_sale_that_was_never_sent_moves_to_another_account(state, kind):
    main = kind in ("invoice", "receipt", "proforma", "draft")
    unsent = state in ("waiting", "attention")
    assert lifecycle.may_move(at(state, kind=kind)) is (main and unsent)
    assert not lifecycle.may_move(sent(state, kind=kind))
    refused = sent(state, kind=kind, problem_reason=lifecycle.REJECTED)
    assert lifecycle.may_move(refused) is (main and unsent)
    made_of = at(state, kind=kind, origin_kind=DocumentKind.DRAFT)
    assert not lifecycle.may_move(made_of)
    undecided = kind == "refund" and unsent
    assert lifecycle.is_undecided_refund(at(state, kind=kind)) is undecided


def test_what_moves_is_built_anew_and_tried_at_once():
    for state, failures in (("waiting", 0), ("attention", 7)):
        progress = at(state, has_request=True, failure_count=7)
        change = lifecycle.move(progress, NOW)
        assert not change.moves
        assert not change.progress.has_request
        assert change.progress.failure_count == failures


@pytest.mark.parametrize(
    ("progress", "may"),
    [
        (at("attention", problem_reason=lifecycle.DISCONNECTED), True),
        (sent("attention", problem_reason=lifecycle.DISCONNECTED), False),
        (at("attention", problem_reason=lifecycle.PROGRAM), False),
        (at("waiting"), False),
    ],
)
def test_what_only_lacked_a_connection_goes_on(progress, may):
    assert lifecycle.may_resume(progress) is may
    if may:
        assert lifecycle.is_due(lifecycle.resume(progress, NOW).progress, NOW)
