"""Decide what is done to each of many documents at once, and what has come of it.

A person chooses documents and presses one button. Each of them gets a row, with what
its own button would do to it, or the reason why that cannot be. Who presses once for
many has looked at none of them: see :func:`.lifecycle.retry_one_of_many`.
"""

from dataclasses import dataclass
from enum import Enum

from .errors import Reason
from .invoice import EXISTING_STATES, LANE_STATES, DocumentKind, State
from .lifecycle import DISCONNECTED, REJECTED


class Act(str, Enum):
    """What is asked for. A storno never is: it stays one by one."""

    RETRY = "retry"
    LOOK = "look"
    PDF = "pdf"
    EMAIL = "email"


class Result(str, Enum):
    """Where a row is."""

    TODO = "todo"
    DOING = "doing"
    DONE = "done"
    IMPOSSIBLE = "impossible"


class Why(str, Enum):
    """Why a row is not possible; the sentences are with ``salon.invoice.batch.line``.

    What the documents' own buttons refuse, they say in their own sentences.
    """

    NO_DOCUMENT = "no_document"
    ON_ITS_WAY = "on_its_way"
    NOT_STOPPED = "not_stopped"
    BEING_CANCELLED = "being_cancelled"
    NOT_ISSUED = "not_issued"
    NO_PDF = "no_pdf"
    NO_ADDRESS = "no_address"


#: Results after which nothing becomes of a row any more.
SETTLED_RESULTS = frozenset({Result.DONE, Result.IMPOSSIBLE})
#: Acts that a person sees first, row by row, and then confirms.
CONFIRMED_ACTS = frozenset({Act.EMAIL})
#: What stops documents that names no record, and is mended at the account: at the
#: service, or by another key.
OF_THE_ACCOUNT = frozenset(
    {
        REJECTED,
        DISCONNECTED,
        *(Reason.KEY.value, Reason.SUBSCRIPTION.value, Reason.READ_ONLY.value),
        *(Reason.SETUP.value, Reason.QUOTA.value),
    }
)
#: What stops documents that names no record, and may be what a payment is called.
OF_A_PAYMENT = frozenset({REJECTED, Reason.CONTENT.value})
#: What a task has come to, beside *todo* and *doing*.
_OF_TASKS = {
    "done": Result.DONE,
    "unknown": Result.IMPOSSIBLE,
    "failed": Result.IMPOSSIBLE,
}


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What is known of a document that was chosen."""

    state: State
    kind: DocumentKind
    being_cancelled: bool = False
    may_have_pdf: bool = False  # it is here, or can be fetched
    has_address: bool = False  # an e-mail address of its buyer


def why_not(act, chosen):
    """Return the :class:`Why` of a row that is not possible, None if it is.

    :param Chosen chosen: None if the sale has no document
    """
    if chosen is None:
        return Why.NO_DOCUMENT
    return _CHECKS[act](chosen)


def _why_not_retried(chosen):
    if chosen.state in LANE_STATES:
        return Why.ON_ITS_WAY
    if chosen.state is not State.ATTENTION:
        return Why.NOT_STOPPED
    return Why.BEING_CANCELLED if chosen.being_cancelled else None


def _why_not_looked_at(chosen):
    return Why.ON_ITS_WAY if chosen.state in LANE_STATES else None


def _why_not_fetched(chosen):
    return None if chosen.may_have_pdf else Why.NO_PDF


def _why_not_mailed(chosen):
    if chosen.state not in EXISTING_STATES or chosen.kind is DocumentKind.DRAFT:
        return Why.NOT_ISSUED
    return None if chosen.has_address else Why.NO_ADDRESS


_CHECKS = {
    Act.RETRY: _why_not_retried,
    Act.LOOK: _why_not_looked_at,
    Act.PDF: _why_not_fetched,
    Act.EMAIL: _why_not_mailed,
}


def result(act, state, task=None):
    """Return the :class:`Result` of a row whose work was begun.

    :param State state: of the document
    :param str task: the state of the task that does it, None if the document itself is
        worked on
    """
    if task:
        return _OF_TASKS.get(task, Result.DOING)
    if state in LANE_STATES:
        return Result.DOING
    # Whoever asked whether the service has it has the answer.
    stopped = state is State.ATTENTION and act is Act.RETRY
    return Result.IMPOSSIBLE if stopped else Result.DONE


def gist(problem):
    """Return what a problem's sentence says of any document that has it.

    What is behind in brackets are the service's own words, which may name one document.
    """
    return (problem or "").partition(" [")[0].strip()
