"""Decide what happens next to a document: the state diagram, and every arrow in it.

A row of ``salon.invoice.document`` is a :class:`Progress` here. Each decision takes the
progress as it is, what has just happened and the time, and returns a :class:`Change`.
Nothing is read, written, called or drawn at random: ``now`` (UTC) and ``jitter`` are
arguments. Start with :func:`claim`, :func:`after_error` and :func:`after_absence`.

Two questions decide whether a sale could be invoiced twice:

* Are there bytes that may have arrived? :func:`may_have_arrived` says so. As long as
  there are, the request is kept as it is, and the service is asked before a retry.
* May absence be believed? :func:`after_absence` says so, by time and by look-ups.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from . import errors
from .errors import Reason
from .invoice import (
    DUE_STATES,
    IDLE_STATES,
    MAIN_KINDS,
    SENT_STATES,
    UNFINISHED_KINDS,
    DocumentKind,
    IssuedDocument,
    State,
)
from .problem import Code, Problem

#: From each state, the states that a document may go to.
TRANSITIONS = {
    State.SKIPPED: {State.WAITING, State.CHECKING, State.SKIPPED},
    State.WAITING: {
        State.SENDING,
        State.CHECKING,
        State.ATTENTION,
        State.SKIPPED,
        State.WAITING,
    },
    State.SENDING: {State.ISSUED, State.WAITING, State.CHECKING, State.ATTENTION},
    State.CHECKING: {
        State.ISSUED,
        State.WAITING,
        State.CHECKING,
        State.ATTENTION,
        State.SKIPPED,
    },
    State.ATTENTION: {
        State.WAITING,
        State.CHECKING,
        State.ISSUED,
        State.SKIPPED,
        State.CANCELLED,
        State.DISCARDED,
    },
    State.ISSUED: {State.CANCELLED, State.CONVERTED, State.DISCARDED},
    State.CANCELLED: set(),
    State.CONVERTED: set(),
    State.DISCARDED: set(),
}

# Words of ``problem_reason`` that are ours; the others are those of ``Reason``.
#: The service has refused the request: it has nothing of it.
REJECTED = "rejected"
#: The service has something else than was meant.
DIFFERENT = "different"
#: The service cannot say whether it has the document.
UNPROVEN = "unproven"
#: A person asked, and the service does not have the document.
ABSENT = "absent"
TOO_MANY_SENDS = "too_many_sends"
DISCONNECTED = "disconnected"
PROGRAM = "program"
SETTLED = "settled"

#: Problems that ask a person to look at the service: whoever retries then says that the
#: document is not there, and it is sent.
ASKING_FOR_A_LOOK = frozenset({UNPROVEN, ABSENT})
#: Problems that stay what they were when a look-up finds nothing.
OUTLASTING_LOOKUP = frozenset({REJECTED, TOO_MANY_SENDS})
#: Reasons that no outage explains and no time mends.
UNREADABLE_REASONS = frozenset({Reason.UNREADABLE, Reason.DUPLICATE})
#: Outcomes after which the service may have the document.
UNKNOWN_OUTCOMES = (errors.OutcomeUnknown, errors.AlreadyExists)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Numbers that decisions go by; times are in seconds.

    Számlázz.hu forbids more than five sends ("Error handling: retry limit").
    """

    timeout: float  # of one call
    absence_margin: float  # on top of it, until absence may be believed
    max_sends: int = 5
    required_lookups: int = 2  # empty ones, until absence is believed
    max_unreadable: int = 15  # answers that cannot be understood, until a person looks
    max_pause: float = 15 * 60  # between two tries
    max_retry_after: float = 3600  # of what a service asks to wait


#: Seconds since the sale, or since the last send, after which a document is looked up
#: before it is sent: the database may be a backup of one that has sent it.
FRESH_SECONDS = 5 * 60
#: Seconds after which a document that waits for another one checks that one again.
PATIENCE_SECONDS = 15 * 60


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a document is: what decisions about it need to know.  Times are UTC."""

    state: State
    kind: DocumentKind = DocumentKind.INVOICE
    origin_kind: DocumentKind | None = None  # of what it cancels, corrects or continues
    created_at: datetime | None = None
    sold_at: datetime | None = None
    next_attempt: datetime | None = None
    sent_at: datetime | None = None  # the last send that may have arrived
    send_count: int = 0  # sends of bytes that may have arrived
    claim_count: int = 0
    failure_count: int = 0
    empty_lookups: int = 0
    lookup_only_reason: str = ""  # what was wrong when a person asked to look it up
    problem_reason: str = ""
    has_request: bool = False  # the bytes are frozen
    has_remote_id: bool = False  # the service has made something for this row
    partner_reused: bool = False  # the buyer was not sent to the service again

    @property
    def is_conversion(self):
        """True for the invoice that a draft or a proforma becomes."""
        return (
            self.kind is DocumentKind.INVOICE and self.origin_kind in UNFINISHED_KINDS
        )


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a decision comes to: the progress from now on, and what goes with it.

    ``problem`` is shown to a person, a :class:`Problem` or the service's own error: it
    is why the document needs attention, or why it waits.
    """

    progress: Progress
    problem: errors.ProviderError | None = None
    made: IssuedDocument | None = None  # by the service for this row: to be kept
    pauses_account: bool = False
    forgets_partner: bool = False  # the buyer must be sent to the service again
    moves: bool = True  # False: the state stays, and so does the problem that is shown


# === WHAT IS KNOWN === #


def may_have_arrived(progress):
    """Return True if the service may have what was sent, as far as is known."""
    return bool(progress.sent_at) and progress.problem_reason != REJECTED


def is_unsent(progress):
    """Return True if a document waits, or needs a person, and was never received."""
    return progress.state in IDLE_STATES and not may_have_arrived(progress)


def is_due(progress, now):
    """Return True if it is the turn of the document."""
    return bool(
        progress.state in DUE_STATES
        and progress.next_attempt
        and progress.next_attempt <= now
    )


def is_undecided_refund(progress):
    """Return True if it is open what a refund becomes: that depends on its sale."""
    return progress.kind is DocumentKind.REFUND and is_unsent(progress)


def may_move(progress):
    """Return True if another account may make the document instead of its own.

    It may not where this one may have it, or has what the document is made of.
    """
    return (
        progress.kind in MAIN_KINDS and not progress.origin_kind and is_unsent(progress)
    )


def may_settle(progress):
    """Return True if a person may say what was made at the service, or that nothing is.

    Not while the document is on its way.
    """
    return progress.state is State.ATTENTION or is_unsent(progress)


def may_resume(progress):
    """Return True if nothing but a connection was missing to send the document."""
    return (
        progress.state is State.ATTENTION
        and progress.problem_reason == DISCONNECTED
        and not may_have_arrived(progress)
    )


def must_build(progress, due_date, today):
    """Return True if the request has to be built before it is sent.

    :param date due_date: of the frozen content, or None
    :param date today: in Hungary; a document must not be due before it is issued
    """
    overdue = due_date and not progress.send_count and due_date < today
    return bool(overdue) or not progress.has_request


def must_look_up_first(progress, now):
    """Return True if the service may have the document for all that is known here.

    The age of the sale counts, because the row may be younger than a backup. A storno
    looks at its original anyway.
    """
    if progress.kind is DocumentKind.STORNO:
        return False
    since = progress.sent_at if progress.send_count else None
    if not since:
        since = min(filter(None, (progress.created_at, progress.sold_at)))
    return abs(now - since) > timedelta(seconds=FRESH_SECONDS)


# === ARROWS === #


def enter(progress, state, **values):
    """Return the progress after the arrow to ``state``, with what each state implies.

    :param values: of :class:`Progress`
    :raises ValueError: if the state diagram has no such arrow
    """
    state = State(state)
    if state not in TRANSITIONS[progress.state]:
        raise ValueError(f"{progress.state.value} -> {state.value}")
    implied = {}
    if state is not State.ATTENTION:
        implied["problem_reason"] = ""
    if state not in SENT_STATES:
        implied["lookup_only_reason"] = ""
    if state is State.SKIPPED and not may_have_arrived(progress):
        # problem_reason, which proved that nothing arrived, is cleared.
        implied["sent_at"] = None
    return replace(progress, **{**implied, "state": state, **values})


def claim(progress, now):
    """Return the change with which a send begins; it is committed before the call."""
    return Change(
        progress=enter(
            progress,
            State.SENDING,
            sent_at=now,
            send_count=progress.send_count + 1,
            claim_count=progress.claim_count + 1,
        )
    )


def put_off(progress, problem, now):
    """Put the document off, and show why."""
    later = now + timedelta(seconds=PATIENCE_SECONDS)
    return Change(
        progress=enter(progress, State.WAITING, next_attempt=later), problem=problem
    )


def skip(progress):
    """Return the change of a document that is not needed (any more)."""
    return Change(progress=enter(progress, State.SKIPPED, next_attempt=None))


def issue(progress):
    """Return the change of a document that the service has."""
    return Change(progress=enter(progress, State.ISSUED, next_attempt=None))


def need_attention(progress, problem, reason, **values):
    """Leave the document to a person.

    :param problem: a :class:`Problem` or an error of the service
    :param str reason: the word for it, see ``problem_reason``
    """
    return Change(
        progress=enter(progress, State.ATTENTION, problem_reason=reason, **values),
        problem=problem,
    )


# === UNKNOWN OUTCOMES === #


def look_up_now(progress, now):
    """Have the document looked up, as if it had just been sent: it may be there."""
    return Change(
        progress=enter(progress, State.CHECKING, sent_at=now, next_attempt=now)
    )


def only_look_up(progress, now):
    """Have a document looked up that somebody made at the service; never send it."""
    return Change(
        progress=enter(
            progress,
            State.CHECKING,
            sent_at=now,
            next_attempt=now,
            lookup_only_reason=ABSENT,
        )
    )


def after_unknown_outcome(progress, now):
    """Have a send looked up whose answer was lost, or whose worker died."""
    return Change(
        progress=enter(progress, State.CHECKING, empty_lookups=0, next_attempt=now)
    )


def after_absence(progress, now, limits, proves_absence):
    """Decide what it means that a look-up has found nothing.

    Absence is believed after two empty look-ups, the last of them when every call that
    was under way at the last send must have ended. A ``sent_at`` in the future is of a
    clock that has been set back since: the time counts from now.

    :param bool proves_absence: the service finds whatever it has
    """
    sent_at = min(progress.sent_at, now)
    believable = sent_at + timedelta(seconds=limits.timeout + limits.absence_margin)
    if progress.lookup_only_reason:
        return _after_lookup_only(replace(progress, sent_at=sent_at), now, believable)
    lookups = progress.empty_lookups + 1
    if lookups < limits.required_lookups or now < believable:
        following = max(believable, now + timedelta(seconds=1))
        return Change(
            progress=enter(
                progress,
                State.CHECKING,
                sent_at=sent_at,
                empty_lookups=lookups,
                next_attempt=following,
            )
        )
    if not proves_absence:
        return _need_proof(progress)
    if progress.send_count >= limits.max_sends:
        problem = Problem(Code.TOO_MANY_SENDS, count=progress.send_count)
        return need_attention(progress, problem, TOO_MANY_SENDS)
    return Change(
        progress=enter(progress, State.WAITING, empty_lookups=0, next_attempt=now)
    )


def _after_lookup_only(progress, now, believable):
    """Tell the person who asked that the service has nothing, and send nothing.

    Not before it can be believed: whoever reads it may retry at once.
    """
    before = progress.lookup_only_reason
    if progress.send_count and before != REJECTED and now < believable:
        return Change(progress=enter(progress, State.CHECKING, next_attempt=believable))
    reason = before if before in OUTLASTING_LOOKUP else ABSENT
    return need_attention(progress, Problem(Code.NOT_AT_SERVICE), reason)


def _need_proof(progress):
    return need_attention(progress, Problem(Code.UNPROVEN), UNPROVEN)


def after_difference(progress, made, differences, *, answered):
    """Leave to a person what the service has in place of what was meant.

    :param IssuedDocument made: what it has
    :param differences: see :func:`.compare.differences`
    :param bool answered: it is the answer of our send; False: it was looked up
    """
    code = Code.MADE_DIFFERENT if answered else Code.FOUND_DIFFERENT
    change = need_attention(progress, Problem(code, differences=differences), DIFFERENT)
    return replace(change, made=made)


# === ERRORS === #


def after_error(progress, error, now, limits, jitter=1.0, not_before=None):
    """Decide by the class of ``error`` what happens next.

    :param errors.ProviderError error: of the send, or of what prepares it
    :param float jitter: a factor from 1.0 to 1.3, which spreads the tries of many
    :param datetime not_before: until when the account rests, None if it does not
    """
    sending = progress.state is State.SENDING
    if _is_partner_gone(progress, error):
        return _send_partner_again(progress, now)
    if isinstance(error, UNKNOWN_OUTCOMES) and sending:
        change = after_unknown_outcome(progress, now)
        return replace(change, made=getattr(error, "document", None))
    if isinstance(error, (*UNKNOWN_OUTCOMES, errors.NotProcessed)):
        # Preparing (a buyer, a rate) creates no document: it is simply tried again.
        return _try_later(progress, error, now, limits, jitter, not_before)
    if isinstance(error, errors.AccountProblem):
        return _after_account_problem(progress, error, now, limits)
    if isinstance(error, Problem) and error.code is Code.WAITS_FOR:
        return put_off(progress, error, now)
    return need_attention(progress, error, REJECTED if sending else error.reason.value)


def _after_account_problem(progress, error, now, limits):
    """Pause the account; what it has refused is rebuilt, with corrected settings.

    A key that does not open is tried before it is sent again, so it costs no send.
    """
    if progress.state is not State.SENDING:
        changed = replace(progress, next_attempt=now)
        return Change(progress=changed, moves=False, pauses_account=True)
    if progress.send_count >= limits.max_sends:
        change = need_attention(progress, error, REJECTED, next_attempt=now)
        return replace(change, pauses_account=True)
    unsent = 1 if error.reason is Reason.KEY else 0
    changed = enter(
        progress,
        State.WAITING,
        next_attempt=now,
        **{**_nothing_sent(), "send_count": progress.send_count - unsent},
    )
    return Change(progress=changed, pauses_account=True)


def _try_later(progress, error, now, limits, jitter, not_before):
    """Back off, or leave to a person what no time seems to mend."""
    failures = progress.failure_count
    if error.reason not in UNREADABLE_REASONS or failures < limits.max_unreadable:
        return _back_off(progress, error, now, limits, jitter, not_before)
    sending = progress.state is State.SENDING
    if progress.state is State.CHECKING or (progress.has_request and not sending):
        return _need_proof(progress)  # it could not be looked up
    return need_attention(progress, error, error.reason.value)


def _back_off(progress, error, now, limits, jitter, not_before):
    """Retry after a pause that doubles each time."""
    failures = progress.failure_count + 1
    pause = min(2.0 ** min(failures, 20), limits.max_pause) * jitter
    if error.scope:  # else the whole account rests for that long
        pause = max(pause, min(error.retry_after or 0, limits.max_retry_after))
    following = now + timedelta(seconds=pause)
    values = {
        "failure_count": failures,
        "next_attempt": max(following, not_before or following),
    }
    if progress.state is State.SENDING:
        # What was sent before may have arrived; without that, nothing has.
        values["send_count"] = progress.send_count - 1
        values["sent_at"] = progress.sent_at if progress.send_count > 1 else None
    checking = progress.state is State.CHECKING
    state = State.CHECKING if checking else State.WAITING
    return Change(progress=enter(progress, state, **values))


def _is_partner_gone(progress, error):
    """Return True if a refusal may come from a buyer that the service does not have.

    The buyer was deleted there, or is of another account of the same company: ids of
    that one are refused in the words for a key that may only read. What is finalized or
    converted has its buyer at the service already.
    """
    return (
        progress.state is State.SENDING
        and progress.partner_reused
        and not progress.is_conversion
        and (isinstance(error, errors.Rejected) or error.reason is Reason.READ_ONLY)
    )


def _send_partner_again(progress, now):
    """Send the buyer to the service again, and retry once.

    Services have many words for a missing buyer, so each refusal of a buyer who was not
    sent again is taken for that, once.
    """
    changed = enter(
        progress,
        State.WAITING,
        partner_reused=False,
        next_attempt=now,
        **_nothing_sent(),
    )
    return Change(progress=changed, forgets_partner=True)


def after_crash(progress, now):
    """Decide about a document whose processing broke in the program itself.

    :return: None where there is nothing to decide
    """
    if progress.state is State.SENDING:
        changed = enter(progress, State.CHECKING, next_attempt=now)
        return Change(progress=changed)
    if progress.state in DUE_STATES:
        return need_attention(progress, Problem(Code.PROGRAM), PROGRAM)
    return None


# === PEOPLE === #


def retry(progress, now):
    """Retry what needs attention, as a person has asked.

    Where an earlier send may have arrived, the service is asked first, and the same
    bytes are sent; unless the person has looked there: that is worth our look-up.
    """
    if progress.problem_reason in ASKING_FOR_A_LOOK and not progress.has_remote_id:
        sends = max(progress.send_count, 1)
        return _at_once(progress, State.WAITING, now, sent_at=now, send_count=sends)
    if not may_have_arrived(progress):
        return _at_once(progress, State.WAITING, now, **_nothing_sent())
    # All sends so far count as one: it may still have arrived.
    return _at_once(progress, State.CHECKING, now, send_count=1)


def retry_one_of_many(progress, now):
    """Retry what needs attention, as a person has asked of many at once.

    Nobody has looked for each of them at the service. So one that asks for a look is
    looked up, and not sent: whoever has seen the answer may retry it on its own.
    """
    if progress.problem_reason in ASKING_FOR_A_LOOK and not progress.has_remote_id:
        # Absence is believed by the time that has passed since the last send.
        sent_at = progress.sent_at or now
        return ask_service(replace(progress, sent_at=sent_at), now)
    return retry(progress, now)


def ask_service(progress, now):
    """Look up what needs attention, as a person has asked; nothing is sent."""
    return Change(
        progress=enter(
            progress,
            State.CHECKING,
            lookup_only_reason=progress.problem_reason or ABSENT,
            next_attempt=now,
            empty_lookups=0,
        )
    )


def resume(progress, now):
    """Retry what only lacked a connection; see :func:`may_resume`."""
    return _at_once(progress, State.WAITING, now, **_nothing_sent())


def rewrite(progress, now):
    """Have other content sent in place of what the service certainly has not.

    :raises ValueError: if it may have it
    """
    if not is_unsent(progress):
        raise ValueError(f"{progress.state.value}: it may have been sent")
    return _at_once(progress, State.WAITING, now, **_nothing_sent())


def ask_again(progress, now, overtaken=False):
    """Ask for a skipped document after all.

    If the request may have reached the service, it is looked up there and the same
    bytes are used. Otherwise it is rebuilt from the current sale.

    :param bool overtaken: the look-up would find another document (a storno's original
        has been cancelled by another storno)
    """
    if progress.sent_at and not overtaken:
        return _at_once(progress, State.CHECKING, now)
    return _at_once(progress, State.WAITING, now, **_nothing_sent())


def reconsider(progress, now):
    """Decide a skipped refund again: its sale's document has been requested."""
    return Change(progress=enter(progress, State.WAITING, next_attempt=now))


def move(progress, now):
    """Return the progress of a document that another account makes from now on."""
    changed = replace(progress, **_nothing_sent())
    if progress.state is State.WAITING:
        changed = replace(changed, next_attempt=now, failure_count=0)
    return Change(progress=changed, moves=False)


def settle(progress):
    """Record that a person has made the document at the service by hand."""
    if progress.state is State.WAITING:
        progress = enter(progress, State.ATTENTION, problem_reason=SETTLED)
    return issue(progress)


def _at_once(progress, state, now, **values):
    """Return the change of a document that is tried as if it never had been."""
    fresh = {"next_attempt": now, "failure_count": 0, "empty_lookups": 0}
    return Change(progress=enter(progress, state, **fresh, **values))


def _nothing_sent():
    """Return the values of a document of which the service certainly has nothing."""
    return {"has_request": False, "sent_at": None, "send_count": 0}
