"""The month's file: what an accountant gets of a month, and whether it is complete.

It proves itself before it is handed over: the sales that it is made of are held against
the till's own sums, the documents of each sale against what was sold, and the sums of
each document against each other. What does not agree, or is missing, is a
:class:`Finding`; the file names all of them on its first page, and the way from the
till's sum to that of the documents (:class:`Bridge`) step by step.

Which month a document is in: that of its fulfilment, which is the till's day. What
follows from another document (a storno, a correction, what was kept, another buyer's
invoice) is in the month in which it was issued, whatever day it says, because the
other one has been reported by then (VAT Act 153/B; fairly sure, so an accountant may
have all by the day of issue: :class:`Basis`).

A reader starts at :class:`Month`; :func:`.month_build.build` makes one, and
:mod:`.month_proof` says what is wrong with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum

from .invoice import (
    AMENDING_KINDS,
    EXISTING_STATES,
    LASTING_KINDS,
    DocumentKind,
    NavState,
    State,
)

#: Documents in one part of the file.
PART = 500


class Basis(str, Enum):
    """By which of its days a document belongs to a month."""

    FULFILLMENT = "fulfillment"  # see the head of this file
    ISSUE = "issue"


class Gap(str, Enum):
    """What does not agree, or is missing."""

    # The proof against the till
    TILL = "till"  # the sales of a day are not what the till says
    TENDERS = "tenders"  # what was paid by one method is not, either
    MISSING = "missing"  # a sale without a document and without a reason
    ATTENTION = "attention"  # its document waits for a person
    WAITING = "waiting"  # it is on its way
    UNFINISHED = "unfinished"  # there is a draft or a proforma only
    TEST = "test"  # a test account made it: for NAV it does not exist
    DIFFERS = "differs"  # the documents of a sale are not what was sold
    RATES = "rates"  # they are, but not at each VAT rate
    # The documents themselves
    INCOMPLETE = "incomplete"  # without a number, a day or its VAT
    TWICE = "twice"  # two documents have one number
    SUMS = "sums"  # net and VAT are not the gross, or the rates are not the sum
    PDF = "pdf"  # there is no PDF of it
    NAV_REFUSED = "nav_refused"
    RETURNED = "returned"  # all of a sale came back before it had any document
    NAV_OPEN = "nav_open"  # NAV has not said yet whether it took the report
    # What the reconciliation with the service has found
    SERVICE_DIFFERS = "service_differs"
    MISSING_THERE = "missing_there"
    MISSING_HERE = "missing_here"


#: What is worth a look, and leaves the file complete.
REMARKS = frozenset({Gap.NAV_OPEN, Gap.RETURNED})


class Item(str, Enum):
    """A step of the :class:`Bridge` from the till to the documents."""

    SOLD = "sold"
    KEPT_OFF = "kept_off"
    RETURNED = "returned"  # of what came back whole, its half in another month
    UNDOCUMENTED = "undocumented"  # with a reason, in ``detail``
    GAP = "gap"  # which one is in ``detail``
    ELSEWHERE = "elsewhere"  # of this month's sales, in another month
    BEFORE = "before"  # of another month's sales, in this one


# === WHAT IS HANDED IN === #


@dataclass(frozen=True, kw_only=True)
class Amount:
    """What a document has at one VAT code (:mod:`.vat`), in its currency."""

    vat: str
    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True, kw_only=True)
class Named:
    """An amount and what it is for: a tender's name, a reason."""

    name: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class DocumentRow:
    """A document of the salon, in whatever state.

    Amounts are as the service has them: those of a storno are negative.  ``ref`` and
    ``sale`` are the caller's own and lead back to its records.  ``follows`` is the
    number of the document that it takes back, amends or takes the place of.  ``nav`` is
    None for what is not reported one by one, such as receipts.
    """

    ref: str
    number: str
    kind: DocumentKind
    state: State
    gross: Decimal
    amounts: tuple[Amount, ...] = ()
    currency: str = "HUF"
    exchange_rate: Decimal | None = None
    receipt: bool = False  # a receipt, its storno, a receipt of what was kept
    issue_date: date | None = None
    fulfillment_date: date | None = None
    due_date: date | None = None
    buyer: str = ""
    tax_number: str = ""
    tenders: tuple[Named, ...] = ()
    shop: str = ""
    sale: str = ""  # ``ref`` of the sale, or of what came back
    sale_name: str = ""
    follows: str = ""
    nav: NavState | None = None
    has_pdf: bool = True
    account: str = ""  # numbers are unique in one account
    sandbox: bool = False

    @property
    def exists(self):
        """True if it is a document for the books."""
        made = self.state in EXISTING_STATES and self.kind in LASTING_KINDS
        return made and not self.sandbox

    def day(self, basis):
        """Return the day by which it belongs to a month, None if it is not known."""
        later = self.kind in AMENDING_KINDS or self.follows
        if later or basis is Basis.ISSUE:
            return self.issue_date
        return self.fulfillment_date or self.issue_date


@dataclass(frozen=True, kw_only=True)
class SaleRow:
    """A paid sale of the till, or what came back (negative), before cash is rounded.

    ``kept_off`` is what its document leaves off, with the reason. ``reason`` is why it
    has no document, as people read it; "" if it is to have one. ``rates`` is the gross
    at each VAT code that is to be documented, None where nobody says. ``family`` is the
    sale that it belongs together with: of what came back, ``ref`` of what was sold;
    ``counts_off`` is False where it takes nothing off what is due of that sale
    (:func:`.refund.counts_off`), or belongs to several.
    """

    ref: str
    name: str
    day: date
    gross: Decimal
    currency: str = "HUF"
    shop: str = ""
    kept_off: tuple[Named, ...] = ()
    reason: str = ""
    rates: Mapping[str, Decimal] | None = None
    tenders: tuple[Named, ...] = ()
    family: str = ""
    counts_off: bool = True

    @property
    def due(self):
        """Return what its documents are to come to."""
        return self.gross - add_up(entry.amount for entry in self.kept_off)


@dataclass(frozen=True, kw_only=True)
class DayTotal:
    """What the till itself says of one day: counted apart from the rows."""

    day: date
    currency: str = "HUF"
    count: int
    gross: Decimal  # before cash is rounded


@dataclass(frozen=True, kw_only=True)
class TenderTotal:
    """What the till itself says of one payment method, change deducted."""

    name: str
    currency: str = "HUF"
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Till:
    """The till's own sums of the period, from other columns than the rows.

    Without ``tenders`` the payments are summed up and not held against anything.
    """

    days: tuple[DayTotal, ...] = ()
    tenders: tuple[TenderTotal, ...] | None = None


# === WHAT COMES OUT === #


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the first page.

    ``expected`` and ``found`` are the two amounts that do not agree, where it is about
    amounts: the till's and that of the documents, of the rows, of the service.  ``ref``
    is of a document, ``sale`` of a sale; ``detail`` is a word of the service, a VAT
    code or a payment method.
    """

    gap: Gap
    ref: str = ""
    number: str = ""
    sale: str = ""
    sale_name: str = ""
    day: date | None = None
    shop: str = ""
    currency: str = ""
    expected: Decimal | None = None
    found: Decimal | None = None
    detail: str = ""

    @property
    def difference(self):
        """Return what is missing of it, None where it is not about amounts."""
        if self.expected is None or self.found is None:
            return None
        return self.expected - self.found


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of the bridge: ``amount`` is added to what was sold."""

    item: Item
    detail: str = ""
    count: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Bridge:
    """The way from what the till sold to what the documents say, in one currency.

    ``sold`` is the till's own sum, where it gave one.
    """

    currency: str
    sales: int
    sold: Decimal
    steps: tuple[Step, ...]
    documents: int
    documented: Decimal

    @property
    def expected(self):
        """Return what the documents come to if each step is right."""
        return self.sold + add_up(step.amount for step in self.steps)

    @property
    def rest(self):
        """Return what no step explains."""
        return self.expected - self.documented


@dataclass(frozen=True, kw_only=True)
class RateTotal:
    """What the documents have at one VAT code; ``vat`` is "" where it is not known."""

    receipt: bool
    currency: str
    vat: str
    count: int
    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True, kw_only=True)
class TenderRow:
    """What was paid by one method, at the till and on the documents."""

    name: str
    currency: str
    till: Decimal
    documents: Decimal

    @property
    def rest(self):
        """Return what the documents do not have: kept off, without one, or owed."""
        return self.till - self.documents


@dataclass(frozen=True, kw_only=True)
class DayRow:
    """One day in one currency."""

    day: date
    currency: str
    sales: int
    sold: Decimal
    left_off: Decimal  # kept off, or without a document for a reason
    documents: int
    documented: Decimal

    @property
    def rest(self):
        """Return what is neither: of another day, or a finding."""
        return self.sold - self.left_off - self.documented


@dataclass(frozen=True, kw_only=True)
class LeftOff:
    """A sale without a document, or what a document leaves off, and why."""

    sale: str
    sale_name: str
    day: date
    shop: str
    currency: str
    amount: Decimal
    reason: str
    whole: bool  # the sale has no document at all


@dataclass(frozen=True, kw_only=True)
class Series:
    """The numbers of one series that the file has, from ``first`` to ``last``.

    ``gaps`` are the ``(from, to)`` between them that nobody here knows: of documents
    that were made by hand in the account, or that are missing. No finding by itself: it
    is what can be said of a service that has no list to compare with.
    """

    account: str
    prefix: str
    first: str
    last: str
    count: int
    gaps: tuple[tuple[int, int], ...]

    @property
    def missing(self):
        """Return how many numbers are in the gaps."""
        return sum(end - start + 1 for start, end in self.gaps)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the file, counted from 1."""

    number: int
    of: int
    documents: tuple[DocumentRow, ...]


@dataclass(frozen=True, kw_only=True)
class Month:
    """The content of the month's file."""

    start: date
    end: date
    basis: Basis
    documents: tuple[DocumentRow, ...]
    findings: tuple[Finding, ...]
    bridges: tuple[Bridge, ...]
    rates: tuple[RateTotal, ...]
    tenders: tuple[TenderRow, ...]
    days: tuple[DayRow, ...]
    left_off: tuple[LeftOff, ...]
    series: tuple[Series, ...]
    names: Mapping[str, str] = field(repr=False)  # ``ref`` -> name of the PDF

    @property
    def is_complete(self):
        """True if nothing is missing and all sums agree."""
        return all(finding.gap in REMARKS for finding in self.findings)

    def file_name(self, document):
        """Return the file name of its PDF, "" if there is none."""
        return self.names.get(document.ref, "")

    def parts(self, size=PART):
        """Return the :class:`Part` s, one without documents if there are none."""
        rows = self.documents
        slices = [rows[at : at + size] for at in range(0, len(rows), size)] or [()]
        return tuple(
            Part(number=number, of=len(slices), documents=part)
            for number, part in enumerate(slices, 1)
        )


def add_up(amounts):
    """Return what Decimals add up to."""
    return sum(amounts, Decimal(0))
