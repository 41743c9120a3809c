"""Decide what a refund becomes, when its turn comes.

======================  =========================================================
the sale's document     the refund
======================  =========================================================
none, not invoiced      :class:`Skip`: it needs none either, and says why
not sent yet            all came back: :class:`DropSale`; part: :class:`Wait`
draft, proforma         :class:`Discard`; a new one is made of what was kept
invoice                 all came back: :class:`Storno`
invoice, part came back :class:`Correction` where the service has them, else
                        :class:`StornoAndRemainder`: the invoice of what was kept
cancelled               :class:`Skip`: there is nothing to reverse
======================  =========================================================

Refunds of one sale take their turns in the order in which their documents were asked
for, each after the one before is settled, so that each corrects what the service has.
What is settled by then has been taken off: a till may have saved an order long before
it is paid, so ids of orders say nothing.

A reader starts at :func:`decide`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from .invoice import (
    AMENDING_KINDS,
    IDLE_STATES,
    OPEN_STATES,
    TAKING_BACK_KINDS,
    UNFINISHED_KINDS,
    DocumentKind,
    Line,
    State,
)
from .money import unit
from .prepaid import check_kept
from .problem import Code, Problem
from .returns import counted, difference, kept_entries, merged


class Reason(str, Enum):
    """Why a refund needs no document: values of ``skip_reason``."""

    NO_ORIGINAL = "no_original"  # the sale that came back has no invoice
    NOT_INVOICED = "not_invoiced"  # it was not requested
    ODOO = "odoo"  # Odoo has invoiced the sale, and reverses that itself
    REFUNDED = "refunded"  # everything came back before it was invoiced
    ALREADY_CANCELLED = "already_cancelled"
    DISCARDED = "discarded"  # the draft or proforma of the sale
    REPLACED = "replaced"  # by a draft or proforma of what was kept
    NOTHING = "nothing"  # what came back is not on the invoice (any more)
    DROPPED = "dropped"  # by a person


#: Why a refund needs no document until the sale's is requested.
UNASKED_REASONS = frozenset({Reason.NO_ORIGINAL, Reason.NOT_INVOICED})
#: Why a refund needs no document where the sale needs the less, or none.
COUNTED_REASONS = UNASKED_REASONS | {Reason.REFUNDED}


@dataclass(frozen=True, kw_only=True)
class Document:
    """One document of the sale or of a refund of it.

    ``counted`` are the refunds (ids of orders) that its sale had lost already when the
    document was asked for.
    """

    id: int
    order: int
    kind: DocumentKind
    state: State
    name: str = ""
    skip_reason: str = ""
    origin: int | None = None  # id of the document that it cancels, corrects, continues
    has_remote_copy: bool = True  # the service can be asked about it
    has_content: bool = True  # its lines are known
    may_have_arrived: bool = False
    lines: tuple[Line, ...] = ()
    counted: frozenset[int] = frozenset()
    being_discarded: bool = False
    failed_discards: frozenset[int] = frozenset()  # refunds it was not discarded for

    @property
    def is_open(self):
        """True while it is undecided what becomes of it."""
        return self.state in OPEN_STATES

    @property
    def is_unsent(self):
        """True if the service certainly has nothing of it."""
        return self.state in IDLE_STATES and not self.may_have_arrived


@dataclass(frozen=True, kw_only=True)
class Family:
    """A sale, everything that came back of it, and all documents of both.

    Entries are those of :mod:`.returns`.
    """

    documents: tuple[Document, ...]  # by id
    main: Document | None  # the sale's own
    sold: tuple[dict, ...] = ()  # entries of the sale
    currency: str = "HUF"
    returned: Mapping[int, tuple[dict, ...]] = field(default_factory=dict)
    refund: int | None = None  # the order whose turn it is
    document: int | None = None  # its document
    # Of a voucher or a deposit that was sold: what other sales have taken off of each
    # line, and the names of the final invoices that stand.
    used: Mapping[int, Decimal] = field(default_factory=dict)
    finals: tuple[str, ...] = ()

    def follow_up(self, document, kind):
        """Return the last document of ``kind`` that was made of ``document``."""
        found = [
            row
            for row in self.documents
            if row.origin == document.id
            and row.kind is kind
            and row.state is not State.SKIPPED
        ]
        return found[-1] if found else None

    def corrections(self, document):
        """Return the corrections that the service has of ``document``."""
        return tuple(
            row
            for row in self.documents
            if row.origin == document.id
            and row.kind is DocumentKind.CORRECTION
            and row.state is State.ISSUED
        )

    def taking_back(self, order):
        """Return the documents that take off what ``order`` took back."""
        return tuple(
            row
            for row in self.documents
            if row.order == order and row.kind in TAKING_BACK_KINDS
        )


# === WHAT IS DECIDED === #


class Decision:
    """What a refund becomes."""


@dataclass(frozen=True)
class Skip(Decision):
    """It needs no document."""

    reason: Reason


@dataclass(frozen=True)
class Wait(Decision):
    """It waits until ``document`` is settled."""

    document: Document


@dataclass(frozen=True)
class DropSale(Decision):
    """Everything came back before it was invoiced: no document of the sale either."""

    main: Document


@dataclass(frozen=True)
class Discard(Decision):
    """The draft or proforma is discarded, and a new one made of what was kept.

    ``refunds`` are those that ``kept`` has lost; None where it is being discarded
    already, which is waited for.
    """

    document: Document
    kept: tuple[dict, ...] = ()
    refunds: frozenset[int] | None = None


@dataclass(frozen=True)
class Storno(Decision):
    """The service's document is cancelled."""

    original: Document


@dataclass(frozen=True)
class Correction(Decision):
    """The service's document is corrected to ``lines``, which the customer keeps."""

    original: Document
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class StornoAndRemainder(Decision):
    """The service's document is cancelled, and what was kept is invoiced again."""

    original: Document
    kept: tuple[dict, ...]


# === THE DECISION === #


def decide(family, *, corrects, lines_of: Callable):
    """Return the :class:`Decision` about the refund whose turn it is.

    :param bool corrects: the service has corrections
    :param lines_of: from entries that the customer keeps to the lines of an invoice
    :raises Problem: a person must do it
    """
    main = family.main
    if not main or main.kind is DocumentKind.REFUND:
        return Skip(Reason.NO_ORIGINAL)
    if blocker := first_unsettled(family.documents, family.document):
        return Wait(blocker)
    if reason := _needs_none(main, family.refund):
        return Skip(reason)
    if main.is_open:
        return DropSale(main) if is_all_back(family) else Wait(main)
    if main.kind in UNFINISHED_KINDS:
        return _decide_unfinished(family)
    standing = effective(family)
    if not standing:
        return Skip(Reason.ALREADY_CANCELLED)
    if standing.is_open:
        return Wait(standing)
    return _decide_issued(family, standing, corrects, lines_of)


def _needs_none(main, refund):
    """Return why a refund needs no document, None if it may need one."""
    if main.state is State.SKIPPED:
        odoo = main.skip_reason == Reason.ODOO
        return Reason.ODOO if odoo else Reason.NOT_INVOICED
    if main.state is State.DISCARDED and refund not in main.failed_discards:
        return Reason.DISCARDED
    if refund in main.counted:
        return Reason.REPLACED
    return None


def _decide_unfinished(family):
    """Have a draft or proforma discarded; what was kept gets a new one."""
    main = family.main
    if not main.has_remote_copy:
        raise Problem(Code.MADE_BY_HAND, document=main.name)
    if main.being_discarded:
        return Discard(main)
    refunds = settled_refunds(family)
    return Discard(main, tuple(kept(family, refunds)), frozenset(refunds))


def _decide_issued(family, original, corrects, lines_of):
    """Reverse all or part of a document that the service has."""
    _check_known(family, original)
    left = tuple(kept(family, settled_refunds(family)))
    lines = lines_of(left)
    corrections = family.corrections(original)
    if not lines and not corrections:
        return Storno(original)
    standing = [line for row in (original, *corrections) for line in row.lines]
    if is_unchanged(standing, lines, family.currency):
        return Skip(Reason.NOTHING)
    if corrects:
        changed = difference(standing, lines, family.currency)
        return Correction(original, lines) if changed else Skip(Reason.NOTHING)
    if family.finals:  # they name the advance invoice, which has to stand
        raise Problem(Code.DEPOSIT_SETTLED, document=family.finals[0])
    if not lines:
        return Storno(original)
    _check_is_not_invoiced(family)
    return StornoAndRemainder(original, left)


def _check_known(family, original):
    """Stop where somebody made a document by hand: its content is not known.

    :raises Problem: with the name of that document
    """
    known = original.has_remote_copy and original.has_content
    if not (family.main.has_content and known):
        raise Problem(Code.MADE_BY_HAND, document=original.name)
    by_hand = [
        row
        for order in family.returned
        for row in family.taking_back(order)
        if row.kind is not DocumentKind.STORNO
        and row.state is State.ISSUED
        and not row.has_remote_copy
    ]
    if by_hand:
        raise Problem(Code.MADE_BY_HAND, document=by_hand[-1].name)


def _check_is_not_invoiced(family):
    """Stop where what was kept has its invoice already, if this was a storno before.

    :raises Problem: with the name of that one, whose number a person recorded
    """
    for row in family.documents:
        follows = row.kind is DocumentKind.REMAINDER and row.origin == family.document
        if follows and not row.is_open and row.state is not State.SKIPPED:
            raise Problem(Code.MADE_BY_HAND, document=row.name)


# === WHOSE TURN IT IS, AND WHAT COUNTS === #


def counts_off(reason):
    """Return True if what came back counts off a sale that has no document.

    It does not where it has its document elsewhere (Odoo's credit note, a paper
    receipt), or where a person has dropped it: the sale's is still due in full.

    :param str reason: why the refund has no document, "" if it may get one
    """
    return not reason or reason in COUNTED_REASONS


def first_unsettled(documents, own):
    """Return the first document of a family that the document ``own`` waits for.

    The invoice of what was kept, whose storno was dropped and is decided again as the
    refund that it was, is nobody's to wait for: it waits for that refund itself.
    """
    undecided = {row.id for row in documents if row.kind is DocumentKind.REFUND}
    for row in documents:
        if row.id == own or not row.is_open or _follows(row, undecided):
            continue
        earlier = row.kind is DocumentKind.REFUND and (own is None or row.id < own)
        converting = row.kind is DocumentKind.INVOICE and row.origin
        if row.kind in AMENDING_KINDS or earlier or converting:
            return row
    return None


def _follows(row, undecided):
    """Return True if ``row`` waits for one of the refunds ``undecided`` (ids)."""
    is_waiting = row.kind is DocumentKind.REMAINDER and row.state is State.WAITING
    return is_waiting and row.origin in undecided


def effective(family):
    """Return the document that counts for the sale after its refunds so far.

    :return: the sale's own, the last remainder after stornos, or None
    """
    document = family.main
    while document and document.state is State.CANCELLED:
        storno = family.follow_up(document, DocumentKind.STORNO)
        document = storno and family.follow_up(storno, DocumentKind.REMAINDER)
    return document


def settled_refunds(family):
    """Return the refunds (ids of orders) that count once this one's turn is over."""
    return counted(
        {
            order: [
                (not row.is_open, row.skip_reason == Reason.DROPPED)
                for row in family.taking_back(order)
            ]
            for order in family.returned
        },
        family.refund,
    )


def is_dropped(documents):
    """Return True if a person has said that a refund needs no document.

    :param documents: of one refund, by their ``skip_reason``
    """
    return {row.skip_reason for row in documents} == {Reason.DROPPED}


def paid_refunds(family):
    """Return the refunds (ids of orders) but for those that need no document."""
    return {
        order for order in family.returned if not is_dropped(family.taking_back(order))
    }


def kept(family, refunds):
    """Return the entries of what the customer keeps after ``refunds``.

    :raises Problem: more came back than was sold, or what has been used
    """
    known = family.main.counted if family.main else ()
    returned = [
        entry
        for order, entries in family.returned.items()
        if order in refunds and order not in known
        for entry in entries
    ]
    left = less_returned(family.sold, returned, family.currency)
    check_kept(family.sold, left, family.used, family.currency)
    return left


def less_returned(sold, returned, currency):
    """Return the entries of ``sold`` less ``returned``.

    :raises Problem: more came back than was sold
    """
    try:
        return kept_entries(sold, returned, currency)
    except ValueError as error:
        raise Problem(Code.RETURNED_TOO_MUCH, line=str(error)) from error


def is_all_back(family):
    """Return True if everything came back of a sale of which nothing was sent."""
    return family.main.is_unsent and not kept(family, paid_refunds(family))


def is_unchanged(before, after, currency):
    """Return True if what the service has is what the customer keeps.

    :param before: lines of a document and its corrections
    :param after: lines of what is kept
    """
    had, has = _amounts(before), _amounts(after)
    return had.keys() == has.keys() and all(
        quantity == has[ref][0] and abs(gross - has[ref][1]) <= unit(currency)
        for ref, (quantity, gross) in had.items()
    )


def _amounts(lines):
    return {line.ref: (line.quantity, line.gross) for line in merged(lines)}


def check_is_sale(entries):
    """Stop an order that gives money back without naming the sale.

    :raises Problem: there is no invoice of less than nothing
    """
    if sum(Decimal(entry["gross"]) for entry in entries) < 0:
        raise Problem(Code.RETURNED_WITHOUT_SALE)
