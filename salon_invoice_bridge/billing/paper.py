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
printed is our own caution).  Start with :func:`press`.
"""

from dataclasses import dataclass, replace

from . import lifecycle
from .invoice import IDLE_STATES, State
from .lifecycle import Change

#: The word for it: a value of ``skip_reason``, see ``choice.Reason.PAPER``.
SKIP_REASON = "paper"


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
