"""Decide what becomes of a document whose sale has got a handwritten receipt meanwhile.

The service did not answer in time, the salon wrote a receipt by hand and recorded its
number: from then on that one is the sale's receipt, and the service's must not stand
beside it.

=================================  ====================================================
the document, when it is recorded  what is done
=================================  ====================================================
certainly not sent, or refused     it is skipped, with that reason
its call is under way              it is waited for: :func:`follow` decides then
sent, with an unknown outcome      it is looked up, and never sent again
found                              it is issued, and its storno names the paper's number
certainly absent                   it is skipped, as if it had not been sent
not provable, or found different   to a person: the service cannot say, or has another
issued                             its storno names the paper's number
cancelled, discarded, converted    nothing
=================================  ====================================================

A handwritten receipt during an outage is lawful, and so is the storno of the other one
with the reason (sure that two receipts of one sale may not stand; that the reason is
printed is our own caution).  Start with :func:`refuse` and :func:`press`.
"""

from dataclasses import dataclass, replace
from enum import Enum

from . import lifecycle
from .choice import Reason
from .invoice import IDLE_STATES, OPEN_STATES, UNFINISHED_KINDS, State
from .lifecycle import Change
from .problem import Code, Problem

#: The word for it: a value of ``skip_reason``, see ``choice.Reason.PAPER``.
SKIP_REASON = "paper"
#: Signs that the number of a handwritten receipt has at most.
LONGEST_NUMBER = 40
#: States after which a document stands no more: nothing is left to replace.
GONE_STATES = frozenset({State.CANCELLED, State.CONVERTED, State.DISCARDED})


class Refusal(str, Enum):
    """Why the number of a handwritten receipt is not recorded."""

    NO_NUMBER = "no_number"
    NOT_PAID = "not_paid"
    ODOO = "odoo"  # it has invoiced the sale
    TAKES_BACK = "takes_back"  # the order gives money back
    NO_DOCUMENT = "no_document"  # no service is asked for one
    OTHER_NUMBER = "other_number"  # another one is recorded
    BUSINESS = "business"  # by the law only an invoice is enough
    LIMIT = "limit"
    UNPAID = "unpaid"
    ASKED = "asked"  # the customer has asked for an invoice
    CHANGING = "changing"  # another buyer's is on its way
    UNFINISHED = "unfinished"  # a draft or proforma that the service may have
    SETTLED = "settled"  # an advance invoice that a final one names
    GONE = "gone"  # its document has been cancelled already
    ISSUED = "issued"  # and the user may cancel nothing


#: Of the law, as ``choice.invoice_only`` has them.
_BY_LAW = {
    Reason.BUSINESS: Refusal.BUSINESS,
    Reason.LIMIT: Refusal.LIMIT,
    Reason.UNPAID: Refusal.UNPAID,
}


@dataclass(frozen=True, kw_only=True)
class Press:
    """A person's wish to record the number of a handwritten receipt.

    ``progress`` is that of the sale's own document, None if it has none.
    """

    number: str
    recorded: str = ""  # the number that the sale has already
    paid: bool = True
    by_odoo: bool = False
    takes_back: bool = False
    progress: lifecycle.Progress | None = None
    invoice_only: Reason | None = None  # see choice.invoice_only
    asked: bool = False  # for an invoice
    changing: bool = False  # the buyer
    being_cancelled: bool = False
    settled: bool = False  # a final invoice names the document, which has to stand
    may_cancel: bool = False  # the user, what is issued


def refuse(wish):
    """Return the :class:`Refusal`, or None if the number can be recorded.

    A number that is recorded already is no obstacle: a second press repeats the first.
    A handwritten receipt is no more than a receipt (VAT Act 165-166; sure): where only
    an invoice is enough it does not stand in place of one.

    :param Press wish: what a person asks for
    """
    progress = wish.progress
    reasons = {
        Refusal.NO_NUMBER: not wish.number,
        Refusal.NOT_PAID: not wish.paid,
        Refusal.ODOO: wish.by_odoo,
        Refusal.TAKES_BACK: wish.takes_back,
        Refusal.NO_DOCUMENT: progress is None,
        Refusal.OTHER_NUMBER: wish.recorded not in ("", wish.number),
    }
    found = next((why for why, applies in reasons.items() if applies), None)
    if found or wish.recorded:
        return found
    if wish.invoice_only:
        return _BY_LAW[wish.invoice_only]
    return _refuse_document(wish)


def _refuse_document(wish):
    """Return why the document of a sale cannot be replaced, or None."""
    progress = wish.progress
    unsent = progress.state is State.SKIPPED or lifecycle.is_unsent(progress)
    unfinished = progress.kind in UNFINISHED_KINDS or progress.is_conversion
    reasons = {
        Refusal.ASKED: wish.asked,
        Refusal.CHANGING: wish.changing,
        Refusal.GONE: progress.state in GONE_STATES or wish.being_cancelled,
        Refusal.UNFINISHED: unfinished and not unsent or progress.is_conversion,
        Refusal.SETTLED: wish.settled,
        Refusal.ISSUED: progress.state is State.ISSUED and not wish.may_cancel,
    }
    return next((why for why, applies in reasons.items() if applies), None)


def may_be_offered(state, kind, is_conversion):
    """Return True if a till offers the press: the document is not there, and is late.

    Of the sale's own document, but not its ``lifecycle.Progress``: that knows of the
    request, which a list of sales does not read.

    :param State state: of the document
    :param DocumentKind kind: of the document
    :param bool is_conversion: see ``lifecycle.Progress``
    """
    unfinished = is_conversion or kind in UNFINISHED_KINDS
    return state in OPEN_STATES and not unfinished


@dataclass(frozen=True, kw_only=True)
class Step:
    """What is done about a document beside the handwritten receipt.

    ``change`` is None where its state stays; ``storno`` asks for the storno.
    """

    change: Change | None = None
    storno: bool = False


def press(progress, now):
    """Return the :class:`Step` when the number of the paper receipt is recorded.

    :param lifecycle.Progress progress: of the sale's document
    :param datetime now: in UTC
    """
    if progress.state is State.ISSUED:
        return Step(storno=True)
    if lifecycle.is_unsent(progress):
        return Step(change=lifecycle.skip(progress))
    is_open = progress.state in IDLE_STATES or progress.state is State.SKIPPED
    different = progress.problem_reason == lifecycle.DIFFERENT
    if is_open and not different and lifecycle.may_have_arrived(progress):
        return Step(change=_look_up(progress, now))
    return Step()


def follow(progress, now):
    """Return the :class:`Step` after anything else has happened to the document.

    The lane asks it before it sends, and after each outcome: what a person has to look
    at is left to the person.
    """
    asks_person = progress.state is State.ATTENTION and not lifecycle.is_unsent(
        progress
    )
    if asks_person or progress.state is State.SKIPPED:
        return Step()
    return press(progress, now)


def overrule(change, now):
    """Return ``change``, or what the handwritten receipt makes of it.

    Every decision about a document in whose place one was given goes through here, so
    that whatever is decided, by the lane or by a person, none of them waits to be sent.

    :param lifecycle.Change change: what has been decided
    """
    step = follow(change.progress, now)
    if not (change.moves and step.change):
        return change
    return replace(step.change, made=change.made, pauses_account=change.pauses_account)


def after_absence(progress, now, limits, proves_absence):
    """Decide what it means that a look-up has found nothing: it is never sent again.

    Absence is believed as it is for a retry, see ``lifecycle.after_absence``.

    :param bool proves_absence: the service finds whatever it has
    """
    if not progress.sent_at:
        return lifecycle.skip(progress)
    # Neither how often it was sent nor why a person had it looked up matters any more.
    plain = replace(progress, lookup_only_reason="", send_count=0)
    change = lifecycle.after_absence(plain, now, limits, proves_absence)
    if change.progress.state is State.WAITING:
        change = lifecycle.skip(replace(change.progress, sent_at=None))
    elif change.progress.problem_reason == lifecycle.UNPROVEN:
        # A retry looks it up again: only a person's word ends it.
        change = replace(change, problem=Problem(Code.UNPROVEN_BESIDE_PAPER))
    return replace(
        change, progress=replace(change.progress, send_count=progress.send_count)
    )


def _look_up(progress, now):
    """Have the document looked up; what was found absent so far counts anew."""
    return Change(
        progress=lifecycle.enter(
            progress, State.CHECKING, next_attempt=now, empty_lookups=0
        )
    )
