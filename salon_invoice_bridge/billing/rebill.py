"""Decide how a paid sale is made out to another buyer.

==========================  =======================================================
the sale's document         the change
==========================  =======================================================
none, not invoiced          :attr:`Plan.REWRITE`: it is asked for, for the new buyer
waits, never sent           :attr:`Plan.REWRITE`: its content is frozen again
may have been sent          refused until it is settled
draft, proforma             :attr:`Plan.RENEW`: discarded, then a new one
invoice                     :attr:`Plan.REPLACE`: its storno, then a new invoice
one of these on its way     :attr:`Plan.REDIRECT`: what follows is for somebody else
cancelled, discarded        :attr:`Plan.AGAIN`: a new one
==========================  =======================================================

What follows a storno is asked for when that is issued, in the same step: as long as the
service has not cancelled the first invoice, there is no second one to go out.

A reader starts at :func:`decide`.
"""

from dataclasses import dataclass
from enum import Enum

from .invoice import LANE_STATES, UNFINISHED_KINDS, DocumentKind, State
from .refund import Document


class Plan(str, Enum):
    """How the buyer is changed: what a person confirms."""

    REWRITE = "rewrite"
    RENEW = "renew"
    REPLACE = "replace"
    INVOICE = "invoice"  # in place of a receipt
    REDIRECT = "redirect"
    AGAIN = "again"


class Refusal(str, Enum):
    """Why the buyer is not changed (now)."""

    NOT_PAID = "not_paid"
    ODOO = "odoo"  # has invoiced the sale
    TAKES_BACK = "takes_back"  # the order is itself a refund
    CAME_BACK = "came_back"  # all or part of the sale
    NO_ACCOUNT = "no_account"
    DISCONNECTED = "disconnected"  # the account that has the document
    ON_ITS_WAY = "on_its_way"  # it may have been sent
    DROPPED = "dropped"  # by a person, after it may have been sent
    BY_HAND = "by_hand"  # made at the service, where we know nothing of it
    CORRECTED = "corrected"
    BEING_CANCELLED = "being_cancelled"
    BEING_DISCARDED = "being_discarded"
    SETTLED = "settled"  # an advance invoice that a final one names
    SAME = "same"  # it is made out to that buyer already, or will be
    NOT_ALLOWED = "not_allowed"  # to somebody who only sells


#: Plans that each cashier may carry out: one changes nothing that a service has, the
#: other is the customer's right. (An invoice is due to whoever asks for one, VAT Act
#: 165-166: sure; that the cashier need not ask the manager is our inference.)
HARMLESS_PLANS = frozenset({Plan.REWRITE, Plan.INVOICE})
#: States in which nothing is left of a document that the service had.
GONE_STATES = frozenset({State.CANCELLED, State.DISCARDED})
#: States in which a document is made, or will be without a person.
ON_THEIR_OWN_STATES = LANE_STATES | {State.ISSUED}


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What has become of a sale, and who asks."""

    paid: bool = True
    by_odoo: bool = False
    takes_back: bool = False
    came_back: bool = False
    connected: bool = True  # the shop sells through an account
    main: Document | None = None  # the sale's own document
    documents: tuple[Document, ...] = ()  # all of the sale's
    reachable: bool = True  # the account that has ``main`` is connected
    settled: bool = False  # a final invoice names ``main``, which has to stand
    planned: bool = False  # ``main`` is on its way to another buyer already
    same: bool = False  # ``main``, or what follows it, says nothing else
    may_reissue: bool = True  # the person may


def decide(situation):
    """Return the :class:`Plan` of a change of the buyer, or a :class:`Refusal`."""
    plan = _refuse_sale(situation) or _decide_document(situation)
    if isinstance(plan, Refusal):
        return plan
    if situation.same and _is_made_or_under_way(situation.main):
        return Refusal.SAME
    allowed = situation.may_reissue or plan in HARMLESS_PLANS
    return plan if allowed else Refusal.NOT_ALLOWED


def _is_made_or_under_way(main):
    """Return True if nothing is missing to ``main``: neither a wish nor a person."""
    return bool(main) and main.state in ON_THEIR_OWN_STATES


def _refuse_sale(situation):
    """Return why a sale keeps its buyer whatever its document is, or None."""
    refusals = {
        Refusal.NOT_PAID: not situation.paid,
        Refusal.ODOO: situation.by_odoo,
        Refusal.TAKES_BACK: situation.takes_back,
        Refusal.CAME_BACK: situation.came_back,
        Refusal.NO_ACCOUNT: not situation.connected,
    }
    return next((why for why, applies in refusals.items() if applies), None)


def _decide_document(situation):
    main = situation.main
    if not main:
        return Plan.REWRITE
    if main.state is State.SKIPPED:
        return Refusal.DROPPED if main.may_have_arrived else Plan.REWRITE
    if main.state in GONE_STATES:
        return Plan.AGAIN
    if situation.planned:
        return Plan.REDIRECT
    if not situation.reachable:
        return Refusal.DISCONNECTED
    if main.is_open:
        # The invoice of a draft is what has been reviewed.
        free = main.is_unsent and not main.origin
        return Plan.REWRITE if free else Refusal.ON_ITS_WAY
    return _decide_made(situation)


def _decide_made(situation):
    """Decide about a document that the service has."""
    main = situation.main
    followed = {
        row.kind
        for row in situation.documents
        if row.origin == main.id and row.state is not State.SKIPPED
    }
    if main.state is not State.ISSUED:
        return Refusal.ON_ITS_WAY  # converted: its invoice is the sale's document
    if not main.has_remote_copy:
        return Refusal.BY_HAND
    if main.kind in UNFINISHED_KINDS:
        if followed:
            return Refusal.ON_ITS_WAY
        return Refusal.BEING_DISCARDED if main.being_discarded else Plan.RENEW
    if situation.settled:
        return Refusal.SETTLED
    if DocumentKind.CORRECTION in followed:
        return Refusal.CORRECTED
    if DocumentKind.STORNO in followed:
        return Refusal.BEING_CANCELLED
    return Plan.INVOICE if main.kind is DocumentKind.RECEIPT else Plan.REPLACE


def is_in_closed_month(day, today):
    """Return True if the VAT return of the sale's month may have been filed.

    :param date day: of the sale, in Hungary
    :param date today: in Hungary
    """
    return (day.year, day.month) < (today.year, today.month)


def is_same_buyer(before, after):
    """Return True if a document would say the same of both ``invoice.Buyer``.

    Where it is sent, and a phone number, are no reason for a storno.
    """
    return _printed(before) == _printed(after)


def _printed(buyer):
    return {**vars(buyer), "emails": (), "phone": ""}
