"""What the service has, against the documents here.

A list is not believed: what it has twice, of other days, or against what a look-up
says makes a :class:`~.books.Doubt`. A look-up is fresher than a list, and tells more.
"""

import re
from collections import Counter
from dataclasses import dataclass

from . import vat
from .books import FISCAL_KINDS, Difference, Doubt, Finding, Outcome, make_row
from .figures import ZERO, drop_zeros, sum_tenders
from .invoice import REFERRING_KINDS
from .money import quantize, unit

#: Our keys, and the end of our order numbers: see ``build.order_number``.
_KEY = re.compile(r"[A-Z2-7]{26}")
_ORDER_NUMBER = re.compile(r".*[0-9]-[A-Z2-7]{6}")
_WORD = re.compile(r"[^\s,;()\[\]]+")


# === THE LIST === #


@dataclass(frozen=True)
class Listing:
    """What a service has, each document once; of other kinds and days, nothing."""

    rows: tuple = ()  # of every day that was told
    inside: tuple = ()  # of the days that were asked for
    doubts: frozenset = frozenset()


def read_list(asked, period):
    """Return the :class:`Listing` of what a service listed and what was looked up.

    :param books.Asked asked: what it said
    :param books.Period period: the days that it was asked about
    """
    rows, doubts = {}, set()
    for row in asked.listed or ():
        if row.kind not in FISCAL_KINDS:
            continue
        if row.id in rows:
            doubts |= {Doubt.REPEATED, *_contradiction(rows[row.id], row)}
        else:
            rows[row.id] = row
    doubts |= _doubts(rows.values(), period)
    for row in asked.looked_up.values():
        if row is None or row.kind not in FISCAL_KINDS:
            continue
        if row.id in rows:
            doubts |= _contradiction(rows[row.id], row)
        elif asked.listed is not None and period.has(row.issue_date):
            doubts.add(Doubt.LEFT_OUT)
        rows[row.id] = row
    return Listing(
        rows=tuple(rows.values()),
        inside=tuple(row for row in rows.values() if period.has(row.issue_date)),
        doubts=frozenset(doubts),
    )


def _contradiction(one, other):
    """Return a doubt if two answers tell the same document differently."""

    def reported(row):
        return (row.number, row.kind, row.gross, row.currency, row.issue_date)

    rates = one.rates == other.rates or () in (one.rates, other.rates)
    agree = (
        reported(one) == reported(other) and rates and one.cancelled == other.cancelled
    )
    return set() if agree else {Doubt.CONTRADICTS}


def _doubts(rows, period):
    """Return what is wrong with the rows of a list, each of another id."""
    doubts = set()
    for row in rows:
        if row.issue_date is None:
            doubts.add(Doubt.UNDATED)
        elif not period.has(row.issue_date):
            doubts.add(Doubt.OUT_OF_RANGE)
    numbers = Counter((row.number, row.is_receipt, row.block) for row in rows)
    if any(number[0] and count > 1 for number, count in numbers.items()):
        doubts.add(Doubt.NUMBER_TWICE)
    return doubts


def match(documents, rows):
    """Return ``{id of a document: listed}``: by id, number, and what we gave it.

    What was made of an open document is left for a person, or its lane, to adopt.

    :param documents: ``books.Document`` s
    :param rows: ``IssuedDocument`` s, each of another id
    """
    found, taken = {}, set()
    issued = [document for document in documents if document.is_issued]
    for ours, theirs in _KEYS:
        index = {}
        for row in rows:
            if row.id not in taken:
                index.setdefault(theirs(row), row)
        for document in issued:
            row = None if document.id in found else index.get(ours(document))
            if row and row.id not in taken:
                found[document.id] = row
                taken.add(row.id)
    return found


def _number_and_gross(document):
    gross = document.figures and document.figures.gross
    return (document.number or None, document.is_receipt, gross)


#: How a document here, and one that is listed, say which one they are. Blocks may
#: number alike, so that a number alone comes after a number and a sum.
_KEYS = (
    (lambda ours: ours.remote_id or None, lambda row: row.id),
    (_number_and_gross, lambda row: (row.number, row.is_receipt, row.gross)),
    (
        lambda ours: (ours.number or None, ours.is_receipt),
        lambda row: (row.number, row.is_receipt),
    ),
    # A storno may repeat what its original says.
    (
        lambda ours: (ours.external_key or None, ours.kind in REFERRING_KINDS),
        lambda row: (row.external_key, row.kind in REFERRING_KINDS),
    ),
)


# === A DOCUMENT === #


def compare_document(document, row, asked):
    """Return the ``books.Row`` of a document here and the one at the service.

    :param row: an ``IssuedDocument``, None if nothing there is it
    """
    if document.key in asked.looked_up:
        row = asked.looked_up[document.key]
    values = {"document": document.id, "family": document.family}
    if row is None:
        outcome, finding = _absence(asked, document.key)
        return make_row(outcome, [Difference(finding)], **values)
    found = list(_differences(document, row))
    outcome = Outcome.DIFFERS if found else Outcome.AGREES
    if document.figures is None and not row.rates:
        outcome = Outcome.DIFFERS if found else Outcome.UNPROVEN
        found.append(Difference(Finding.NO_FIGURES))
    return make_row(outcome, found, listed=row, **values)


def _absence(asked, key):
    if key in asked.looked_up:
        return Outcome.MISSING_THERE, Finding.GONE
    if asked.listed is None:
        return Outcome.UNPROVEN, Finding.NOT_ASKED
    return Outcome.MISSING_THERE, Finding.NOT_LISTED


#: Findings of what every service tells: of all others, silence is no difference.
_ALWAYS_REPORTED = frozenset(
    {Finding.KIND, Finding.NUMBER, Finding.DAY, Finding.CANCELLED}
)


def _differences(document, row):
    """Yield each ``books.Difference`` of a document and the one at the service."""
    pairs = (
        (Finding.KIND, document.kind, row.kind),
        (Finding.NUMBER, document.number, row.number),
        (Finding.DAY, document.day, row.issue_date),
        (Finding.CANCELLED, document.is_cancelled, row.cancelled),
        (Finding.PAYMENT_KIND, document.payment_kind, row.payment_kind),
        (Finding.OWED, document.owed, row.outstanding),
        (Finding.ORDER_NUMBER, document.order_number or None, row.order_number or None),
        (Finding.PAYMENTS, _payments(document.payments), sum_payments(row)),
    )
    for what, here, there in pairs:
        reported = what in _ALWAYS_REPORTED or None not in (here, there)
        if reported and here != there:
            yield Difference(what, here, there)
    if document.figures:
        yield from _amount_differences(document.figures, row)


def _amount_differences(figures, row):
    currency = figures.currency
    if row.currency != currency:
        yield Difference(Finding.CURRENCY, currency, row.currency)
    if quantize(row.gross, currency) != figures.gross:
        yield Difference(Finding.GROSS, figures.gross, row.gross)
    if row.rates:
        yield from _rate_differences(figures, row.rates)


def _rate_differences(figures, rates):
    """Yield what differs at each VAT rate."""
    ours = {one.vat: one for one in figures.rates if one.gross or one.tax}
    theirs = {one.vat: one for one in rates if one.gross or one.tax}
    for code in _nameless(ours, theirs):
        ours.pop(code, None)
        theirs.pop(code, None)
    for code in sorted(ours.keys() | theirs.keys()):
        here, there = ours.get(code), theirs.get(code)
        grosses = tuple(one.gross if one else ZERO for one in (here, there))
        taxes = tuple(one.tax if one else ZERO for one in (here, there))
        if grosses[0] != grosses[1]:
            yield Difference(Finding.RATE, *grosses, code)
        elif abs(taxes[0] - taxes[1]) > _slack(figures):
            yield Difference(Finding.TAX, *taxes, code)


def _nameless(ours, theirs):
    """Return the codes that a service has one word for, 0%, if their sums agree.

    It may leave out why something carries no VAT; what it does not name is compared
    with all of ours that it does not name.
    """
    if "0" not in theirs:
        return ()
    codes = [
        code
        for code in ours
        if not vat.rate(code) and (code == "0" or code not in theirs)
    ]
    total = sum((ours[code].gross for code in codes), ZERO)
    return ("0", *codes) if total == theirs["0"].gross else ()


def _slack(figures):
    """Return how far off the VAT may be that is ours to guess: its roundings."""
    return ZERO if figures.exact else figures.items * unit(figures.currency)


def _payments(payments):
    return None if payments is None else drop_zeros(payments)


def sum_payments(row):
    """Return ``{PaymentKind: amount}`` of what a service tells is paid, or None."""
    return None if row.payments is None else sum_tenders(row.payments)


# === WHAT THE SERVICE HAS ALONE === #


def rows_alone(listing, matched, sales, documents, asked):
    """Return the ``books.Row`` of each document that is at the service only.

    :param matched: what :func:`match` returned
    """
    taken = {row.id for row in matched.values()}
    marks = _Marks(sales, documents)
    return tuple(
        _row_alone(row, marks, asked) for row in listing.inside if row.id not in taken
    )


class _Marks:
    """What tells a document of ours by what we gave it."""

    def __init__(self, sales, documents):
        self.keys = {one.external_key: one for one in documents if one.external_key}
        self.orders = {}
        for one in documents:
            if one.order_number:
                self.orders.setdefault(one.order_number, []).append(one)
        self.numbers = {one.number: one for one in documents if one.number}
        self.references = {sale.reference for sale in sales if sale.reference}
        self.referring = {}
        for one in documents:
            if one.origin and one.is_open:
                self.referring.setdefault(one.origin, []).append(one)

    def documents(self, row):
        """Return the documents here that ``row`` says it is.

        Of a storno or a correction: those that are open of what it takes back, or else
        what it takes back; it may repeat the marks of that.
        """
        found = self.orders.get(row.order_number, [])
        if row.external_key in self.keys:
            found = [self.keys[row.external_key]]
        if row.kind not in REFERRING_KINDS:
            return found
        if row.original_number in self.numbers:
            found = [self.numbers[row.original_number]]
        open_ = [other for one in found for other in self.referring.get(one.id, ())]
        return open_ or found

    def is_ours(self, row):
        """True if it has a mark of ours, although it is none of ours here."""
        words = set(_WORD.findall(row.comment))
        return bool(
            _KEY.fullmatch(row.external_key)
            or _ORDER_NUMBER.fullmatch(row.order_number)
            or words & self.references
        )


def _known_by(row, open_):
    """Return outcome and finding of a document that says which one it is."""
    if open_:
        return Outcome.MISSING_HERE, Finding.UNANSWERED
    if row.kind in REFERRING_KINDS:
        return Outcome.MISSING_HERE, Finding.TAKEN_BACK
    return Outcome.DIFFERS, Finding.TWICE


def _row_alone(row, marks, asked):
    ours = marks.documents(row)
    open_ = [one for one in ours if one.is_open]
    values = {"listed": row}
    if ours:
        one = (open_ or ours)[0]
        values.update(document=one.id, family=one.family)
        outcome, finding = _known_by(row, open_)
        found = [Difference(finding, one.number or None, row.number)]
    elif marks.is_ours(row):
        outcome, found = Outcome.MISSING_HERE, [Difference(Finding.UNKNOWN)]
    else:
        marked = asked.marks_receipts if row.is_receipt else asked.marks
        outcome = Outcome.NOT_OURS
        found = [] if marked else [Difference(Finding.UNMARKED)]
    return make_row(outcome, found, **values)
