"""The books of a day or a month, as they are compared: values and words.

Four sides: what the till sold, how it was paid, the documents here, and what the
service has. :mod:`.reconcile` compares them; this says what goes in and what comes out.
All amounts are Decimals in the currency that stands beside them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum

from .figures import ZERO, Figures
from .invoice import (
    EXISTING_STATES,
    ISSUED_KINDS,
    OPEN_STATES,
    REFERRING_KINDS,
    IssuedDocument,
    Kind,
    PaymentKind,
    State,
)


class Outcome(str, Enum):
    """What a comparison ends in.

    *Unproven* is no difference and no agreement: the service was not asked, or cannot
    be.
    """

    AGREES = "agrees"
    DIFFERS = "differs"
    MISSING_HERE = "missing_here"  # the service has it, with a mark of ours
    MISSING_THERE = "missing_there"
    NOT_OURS = "not_ours"  # made by hand in the account: counted, never a difference
    UNPROVEN = "unproven"


#: Kinds that tell the tax authority something: drafts and proformas do not.
FISCAL_KINDS = ISSUED_KINDS | REFERRING_KINDS

#: Outcomes that somebody, or time, must do something about.
DIFFERENCES = frozenset({Outcome.DIFFERS, Outcome.MISSING_HERE, Outcome.MISSING_THERE})
#: Outcomes that leave nothing to be done and nothing to be asked.
SETTLED = frozenset({Outcome.AGREES, Outcome.NOT_OURS})


class Finding(str, Enum):
    """What exactly differs, is missing, or is not known."""

    # A sale and its documents.
    NO_DOCUMENT = "no_document"
    ON_ITS_WAY = "on_its_way"  # waiting, sending or checking: nobody is needed yet
    ATTENTION = "attention"
    UNFINISHED = "unfinished"  # there is a draft or a proforma, and nothing else
    NO_SALE = "no_sale"  # a document of no sale that is known
    UNWANTED = "unwanted"  # a document of a sale that wants none
    RETURNED = "returned"  # all came back before any was made: see ``returns``
    SOLD = "sold"  # documents are not what was sold, at some VAT rate
    PAID = "paid"  # what was paid is neither the sale nor its rounding
    TENDERS = "tenders"  # documents name other tenders than the till took
    # A document here and the one at the service.
    NOT_LISTED = "not_listed"
    GONE = "gone"  # it was looked up, and is not there
    NOT_ASKED = "not_asked"
    NO_FIGURES = "no_figures"  # resolved by hand: what it says is not known here
    KIND = "kind"
    NUMBER = "number"
    ORDER_NUMBER = "order_number"
    CURRENCY = "currency"
    DAY = "day"
    GROSS = "gross"
    RATE = "rate"  # the gross at a VAT rate
    TAX = "tax"  # the VAT at a rate
    CANCELLED = "cancelled"
    PAYMENT_KIND = "payment_kind"
    PAYMENTS = "payments"
    OWED = "owed"
    # A document at the service alone.
    TWICE = "twice"  # of one that is here and there already
    UNANSWERED = "unanswered"  # of one that is open here: its answer was lost
    UNKNOWN = "unknown"  # it has a mark of ours, and is nowhere here
    TAKEN_BACK = "taken_back"  # cancels or corrects one of ours; not made from here
    UNMARKED = "unmarked"  # the service shows no mark on documents of this kind


class Repair(str, Enum):
    """What a person may be offered to do about a difference, in one press."""

    ASK = "ask"  # for the document of a sale
    LOOK = "look"  # at the service, and believe what it says
    ADOPT = "adopt"  # managers only
    BY_HAND = "by_hand"  # say how it was resolved


class Proof(str, Enum):
    """What the service's side is known by, the best first."""

    LIST = "list"  # a list that the service has counted
    NUMBERS = "numbers"  # each number of our series is ours, or was looked up
    LIST_UNCOUNTED = "list_uncounted"  # a list that may be a part of one
    LOOKED_UP = "looked_up"  # each of ours was; what else there is, is not known
    NOTHING = "nothing"


#: What may be done about a finding; of several, what each of them allows.
REPAIRS = {
    Finding.NO_DOCUMENT: (Repair.ASK, Repair.BY_HAND),
    Finding.ON_ITS_WAY: (),
    Finding.NO_SALE: (Repair.BY_HAND,),
    Finding.UNWANTED: (Repair.BY_HAND,),
    Finding.RETURNED: (),
    Finding.SOLD: (Repair.BY_HAND,),
    Finding.PAID: (Repair.BY_HAND,),
    Finding.TENDERS: (Repair.BY_HAND,),
    Finding.NOT_LISTED: (Repair.LOOK,),
    Finding.NOT_ASKED: (Repair.LOOK,),
    Finding.NO_FIGURES: (Repair.LOOK,),
    Finding.GONE: (Repair.BY_HAND,),
    Finding.UNKNOWN: (Repair.BY_HAND,),
    Finding.UNMARKED: (Repair.BY_HAND,),
}
#: Of all other findings: it is looked at, and then a person says what became of it.
OTHERWISE = (Repair.LOOK, Repair.BY_HAND)

#: Proofs that show what is *not* there.
COMPLETE = frozenset({Proof.LIST, Proof.NUMBERS})


class Doubt(str, Enum):
    """Why a service's answers are not taken for the whole truth."""

    REPEATED = "repeated"  # a document is listed twice
    CONTRADICTS = "contradicts"  # told twice, and not the same
    NUMBER_TWICE = "number_twice"  # two documents with one number
    OUT_OF_RANGE = "out_of_range"  # a day that was not asked for
    UNDATED = "undated"
    GAP = "gap"  # a number is missing between two that are there
    LEFT_OUT = "left_out"  # a list lacks what a look-up found
    OPEN_END = "open_end"  # what has the numbers before or after ours is not known
    OTHER_SERIES = "other_series"  # other prefixes cannot be seen: a limit, no error


#: Doubts that are how a service is, not something that went wrong.
LIMITS = frozenset({Doubt.OTHER_SERIES})


# === WHAT IS COMPARED === #


@dataclass(frozen=True)
class Period:
    """The days from ``since`` to ``until``, both of them too."""

    since: date
    until: date

    def has(self, day):
        """True if ``day`` is one of them; None is none."""
        return day is not None and self.since <= day <= self.until


@dataclass(frozen=True, kw_only=True)
class Sale:
    """A paid sale, or a refund (of negative amounts), as the till has it.

    ``rates`` is ``{VAT code: gross}`` of what documents are to say of it; what the
    policy leaves off is ``kept_off``. ``paid`` is ``{PaymentKind: amount}`` as the till
    took it, change deducted; ``tenders`` is the same without what was paid for what is
    kept off and without the rounding of cash (``settlement.settle``), in kinds that the
    service tells apart.  So ``paid`` and ``owed`` = ``rates``, ``kept_off`` and
    ``rounding``.

    ``family`` is the sale that a refund takes back, its own id of any other.
    ``unwanted`` is why it has no document, "" if it is to have one.
    """

    id: int
    family: int
    day: date  # in Hungary
    rates: Mapping[str, Decimal]
    paid: Mapping[PaymentKind, Decimal] = field(default_factory=dict)
    tenders: Mapping[PaymentKind, Decimal] = field(default_factory=dict)
    owed: Decimal = ZERO
    kept_off: Decimal = ZERO
    rounding: Decimal = ZERO
    currency: str = "HUF"
    reference: str = ""  # the number of the till's receipt
    unwanted: str = ""

    @property
    def gross(self):
        """Return the gross of what documents are to say."""
        return sum(self.rates.values(), ZERO)


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document here, of one account.

    Its amounts are as they stand at the service: those of a storno are negative.
    ``figures`` are None where its content is not known.  ``payment_kind``,
    ``payments`` and ``owed`` are what the service is to say *now*, each None where that
    is not known; kinds are those that the service tells apart (``reported_kind``).
    ``origin`` is the document that a storno or a correction is of.
    """

    id: int
    sale: int
    family: int
    kind: Kind
    state: State
    figures: Figures | None
    remote_id: str = ""
    number: str = ""
    external_key: str = ""
    order_number: str = ""
    day: date | None = None  # of its issue, in Hungary
    origin: int | None = None
    of_receipt: bool = False  # a storno that takes back a receipt
    payment_kind: PaymentKind | None = None
    payments: Mapping[PaymentKind, Decimal] | None = None
    owed: Decimal | None = None

    @property
    def is_receipt(self):
        """True for a receipt and for its storno, which are numbered apart."""
        return self.kind is Kind.RECEIPT or self.of_receipt

    @property
    def key(self):
        """Return what it is looked up by: see :class:`Asked`."""
        return (self.number, self.is_receipt)

    @property
    def is_open(self):
        """True while it is undecided what becomes of it."""
        return self.state in OPEN_STATES

    @property
    def exists(self):
        """True if the service has, or had, a document of that number."""
        return self.state in EXISTING_STATES

    @property
    def is_issued(self):
        """True if it says something to the tax authority, and exists."""
        return self.exists and self.kind in FISCAL_KINDS

    @property
    def is_cancelled(self):
        """True if a storno has taken it back."""
        return self.state is State.CANCELLED and self.kind not in REFERRING_KINDS


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the service was asked about a period, and what it said.

    :param listed: ``IssuedDocument`` s of ``list_issued()``, None if there is no list
    :param bool counted: ``Capabilities.counts_lists``
    :param looked_up: ``{(number, is_receipt): IssuedDocument}`` of ``examine()`` and
        ``by_number()``; None of what the service does not have
    :param bool marks: ``Capabilities.tells_own``: answers tell what we gave a document
    :param bool marks_receipts: ``Capabilities.tells_own_receipts``: those of a receipt
    """

    listed: tuple[IssuedDocument, ...] | None = None
    counted: bool = False
    looked_up: Mapping[tuple[str, bool], IssuedDocument | None] = field(
        default_factory=dict
    )
    marks: bool = True
    marks_receipts: bool = False


# === WHAT COMES OUT === #


@dataclass(frozen=True)
class Difference:
    """One thing that differs; ``here`` and ``there`` are values, or None."""

    what: Finding
    here: object = None
    there: object = None
    rate: str = ""  # the VAT code, of findings about one


@dataclass(frozen=True, kw_only=True)
class Row:
    """One comparison: of a sale with its documents, or of a document with the service.

    ``offered`` is the document at the service that may be adopted for the sale
    ``family``.
    """

    outcome: Outcome
    differences: tuple[Difference, ...] = ()
    repairs: tuple[Repair, ...] = ()
    family: int | None = None
    document: int | None = None
    listed: IssuedDocument | None = None
    offered: IssuedDocument | None = None
    unwanted: str = ""

    @property
    def candidate(self):
        """Return the id of what may be adopted, "" if there is nothing."""
        return self.offered.id if self.offered else ""

    @property
    def findings(self):
        """Return what was found, without the values."""
        return frozenset(one.what for one in self.differences)

    @property
    def needs_person(self):
        """True unless all is well, or the lane is still at work on it."""
        return self.outcome in DIFFERENCES and self.findings != {Finding.ON_ITS_WAY}


def make_row(outcome, differences=(), **values):
    """Return a :class:`Row` with the repairs that its findings allow."""
    allowed = {
        repair
        for one in differences
        for repair in REPAIRS.get(one.what, OTHERWISE)
        if outcome is not Outcome.NOT_OURS
    }
    return Row(
        outcome=outcome,
        differences=tuple(differences),
        repairs=tuple(repair for repair in Repair if repair in allowed),
        **values,
    )


@dataclass(frozen=True, kw_only=True)
class Bridge:
    """How the till's sum of a period comes to that of the documents issued in it.

    For one currency and one key (a VAT code, or a ``PaymentKind``; None is what is
    owed): ``till = unwanted + documents + elsewhen + missing``.  *Elsewhen* is what
    agrees, but was sold in this period and documented in another, or the reverse;
    *missing* is of sales that do not agree.  ``there`` is what the service has of ours,
    ``not_ours`` what it has besides.
    """

    till: Decimal = ZERO
    unwanted: Decimal = ZERO
    documents: Decimal = ZERO
    elsewhen: Decimal = ZERO
    missing: Decimal = ZERO
    there: Decimal = ZERO
    not_ours: Decimal = ZERO


@dataclass(frozen=True, kw_only=True)
class Sums:
    """The sums of a period in one currency: by VAT code, and by tender."""

    currency: str
    rates: Mapping[str, Bridge]
    tenders: Mapping[PaymentKind | None, Bridge]

    @property
    def total(self):
        """Return the :class:`Bridge` of all rates."""
        names = ("till", "unwanted", "documents", "elsewhen", "missing", "there")
        names += ("not_ours",)
        return Bridge(
            **{
                name: sum((getattr(one, name) for one in self.rates.values()), ZERO)
                for name in names
            }
        )


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """What a period's books come to.

    ``sales`` has a :class:`Row` for each family, ``documents`` one for each document
    here and for each that the service has alone. ``returned`` are the families of which
    all came back before any document was made.  ``missing_numbers`` are those that
    make a gap, as ``(number, is_receipt)``.
    """

    since: date
    until: date
    sales: tuple[Row, ...]
    documents: tuple[Row, ...]
    sums: Mapping[str, Sums]  # by currency
    proof: Proof
    doubts: frozenset[Doubt] = frozenset()
    missing_numbers: tuple[tuple[str, bool], ...] = ()

    @property
    def rows(self):
        """Return all rows."""
        return self.sales + self.documents

    @property
    def returned(self):
        """Return the families of which no document was made, as all came back."""
        return tuple(
            row.family for row in self.sales if Finding.RETURNED in row.findings
        )

    @property
    def differences(self):
        """Return the rows that are neither settled nor on their way."""
        return tuple(row for row in self.rows if row.needs_person)

    @property
    def is_settled(self):
        """True if all that is known agrees, whatever may be besides."""
        return all(row.outcome in SETTLED for row in self.rows)

    @property
    def agrees(self):
        """True only if all agrees, and the service's side is known to be all of it."""
        return self.is_settled and self.proof in COMPLETE and not self.doubts - LIMITS

    @property
    def counts(self):
        """Return ``{Outcome: how many rows}``, without those of none."""
        counts = {}
        for row in self.rows:
            counts[row.outcome] = counts.get(row.outcome, 0) + 1
        return counts
