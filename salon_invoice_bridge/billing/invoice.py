"""The one language between Odoo and the strategies: frozen, exact, free of both.

Amounts are ``Decimal`` in the document's currency.  Gross binds: a line says what the
customer paid for it, and each strategy derives net and VAT by its service's arithmetic.
Everything here converts to JSON and back without loss (see :mod:`.codec`).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from . import vat
from .money import unit


class Kind(str, Enum):
    """Kinds of document that a service can hold."""

    DRAFT = "draft"
    PROFORMA = "proforma"
    INVOICE = "invoice"
    STORNO = "storno"  # of an invoice or of a receipt
    CORRECTION = "correction"
    RECEIPT = "receipt"  # nyugta: names no buyer, and is paid when it is issued


#: Kinds that name the document that they take back or amend.
REFERRING_KINDS = frozenset({Kind.STORNO, Kind.CORRECTION})
#: Kinds that a storno cannot take back.
IRREVERSIBLE_KINDS = frozenset({Kind.DRAFT, Kind.PROFORMA, Kind.STORNO})
#: Kinds that say what was sold, and that a storno takes back at every service.
ISSUED_KINDS = frozenset({Kind.INVOICE, Kind.RECEIPT})


class DocumentKind(str, Enum):
    """What a row of ``salon.invoice.document`` is for.

    A *refund* is undecided: it becomes a storno, a correction, or needs no document. A
    *remainder* is the invoice of what the customer kept after a partial refund; after
    that of a receipt, a receipt.
    """

    INVOICE = "invoice"
    RECEIPT = "receipt"
    PROFORMA = "proforma"
    DRAFT = "draft"
    REFUND = "refund"
    STORNO = "storno"
    CORRECTION = "correction"
    REMAINDER = "remainder"


#: Kinds that say what was sold, the best one first.
MAIN_KINDS = (
    DocumentKind.INVOICE,
    DocumentKind.RECEIPT,
    DocumentKind.PROFORMA,
    DocumentKind.DRAFT,
)
#: Kinds that are no invoice yet.
UNFINISHED_KINDS = frozenset({DocumentKind.DRAFT, DocumentKind.PROFORMA})
#: Kinds that can be paid later; but for receipts, which are paid when they are issued.
PAYABLE_KINDS = frozenset({DocumentKind.INVOICE, DocumentKind.REMAINDER})
#: Kinds that say what was sold for good: a storno takes them back.
STANDING_KINDS = PAYABLE_KINDS | {DocumentKind.RECEIPT}
#: Kinds that cannot be deleted at a service.
LASTING_KINDS = STANDING_KINDS | {DocumentKind.STORNO, DocumentKind.CORRECTION}
#: Kinds whose fate at the service is followed.
WATCHED_KINDS = STANDING_KINDS | UNFINISHED_KINDS
#: Kinds that follow from what came back.
RETURN_KINDS = frozenset(
    {
        DocumentKind.REFUND,
        DocumentKind.STORNO,
        DocumentKind.CORRECTION,
        DocumentKind.REMAINDER,
    }
)
#: The same, that which says least of a sale first: see ``_rank`` of the document.
RANKED_RETURN_KINDS = (
    DocumentKind.REMAINDER,
    DocumentKind.REFUND,
    DocumentKind.CORRECTION,
    DocumentKind.STORNO,
)
#: Kinds that amend what the service has: while one is open, no refund is decided.
AMENDING_KINDS = RETURN_KINDS - {DocumentKind.REFUND}
#: Kinds that take something off what was sold.
TAKING_BACK_KINDS = RETURN_KINDS - {DocumentKind.REMAINDER}


class State(str, Enum):
    """Where a document is on its way; the diagram is ``lifecycle.TRANSITIONS``."""

    SKIPPED = "skipped"
    WAITING = "waiting"
    SENDING = "sending"
    CHECKING = "checking"
    ATTENTION = "attention"
    ISSUED = "issued"
    CANCELLED = "cancelled"
    CONVERTED = "converted"
    DISCARDED = "discarded"


#: States in which it is still undecided what becomes of a document.
OPEN_STATES = frozenset({State.WAITING, State.SENDING, State.CHECKING, State.ATTENTION})
#: States in which the lane works on a document without a person.
LANE_STATES = frozenset({State.WAITING, State.SENDING, State.CHECKING})
#: States in which the lane takes a document up when it is due.
DUE_STATES = frozenset({State.WAITING, State.CHECKING})
#: States in which the service has, or had, a document of that number.
EXISTING_STATES = frozenset({State.ISSUED, State.CANCELLED})
#: States of a sale's document in which its refund is made at the service, too.
TAKEN_STATES = OPEN_STATES | EXISTING_STATES
#: States in which a request is on its way, or its outcome is unknown.
SENT_STATES = frozenset({State.SENDING, State.CHECKING})
#: States in which the service has made a document, or may be making it.
MADE_STATES = SENT_STATES | {State.ISSUED}
#: States of an open document of which no request is on its way.
IDLE_STATES = OPEN_STATES - SENT_STATES


class AccountState(str, Enum):
    """Where a connection to an invoicing service is."""

    DRAFT = "draft"
    CONNECTED = "connected"
    PAUSED = "paused"
    RETIRED = "retired"
    DISCONNECTED = "disconnected"


#: States of an account that shops sell through.
SELLING_STATES = frozenset({AccountState.CONNECTED, AccountState.PAUSED})
#: States of an account that sells no more, but may have issued documents.
FORMER_STATES = frozenset({AccountState.RETIRED, AccountState.DISCONNECTED})
#: States of an account in which its lane calls the service.
WORKING_STATES = SELLING_STATES | {AccountState.RETIRED}
#: States of an account whose lane calls the service without a trial of its key.
RUNNING_STATES = WORKING_STATES - {AccountState.PAUSED}
#: States of an account without a key.
KEYLESS_STATES = frozenset({AccountState.DRAFT, AccountState.DISCONNECTED})


class PaymentKind(str, Enum):
    """How a tender was paid; each strategy maps it to its service's payment method."""

    CASH = "cash"
    CARD = "card"
    ONLINE_CARD = "online_card"
    BARION = "barion"
    BANK_TRANSFER = "bank_transfer"
    PAYPAL = "paypal"
    SZEP_CARD = "szep_card"
    VOUCHER = "voucher"
    OTHER = "other"


class TaxKind(str, Enum):
    """What the buyer is for VAT."""

    PRIVATE = "private"  # a person without a tax number
    HUNGARIAN = "hungarian"  # has a Hungarian tax number
    EU = "eu"  # a business of another member state
    FOREIGN = "foreign"  # a business outside the EU


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a document.

    ``gross`` is the amount paid for the whole line, VAT and discount included, in the
    document's unit (whole forints for HUF).  In a correction, what comes back has a
    negative ``quantity`` and a negative ``gross``.  ``ref`` is the caller's own name of
    the line, which is not sent to any service.

    ``settles`` is the number of the document that has billed this before: of a voucher
    or a deposit that is used, a negative line.  ``advance`` is NAV's word: a deposit
    that is sold or used, also where a storno or a correction turns it around.
    """

    name: str
    quantity: Decimal
    gross: Decimal
    vat: str  # a code of :mod:`.vat`
    unit: str = "db"
    comment: str = ""
    sku: str = ""
    ref: str = ""
    settles: str = ""
    advance: bool = False

    def __post_init__(self):
        if not self.name.strip():
            raise ValueError("A line needs a name")
        if not self.quantity.is_finite() or not self.gross.is_finite():
            raise ValueError(f"Line {self.name!r}: amounts must be finite")
        if not self.quantity:
            raise ValueError(f"Line {self.name!r}: the quantity must not be zero")
        vat.rate(self.vat)


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """Who the document is for.  ``country`` is an ISO 3166 code."""

    name: str
    country: str = "HU"
    postcode: str = ""
    city: str = ""
    street: str = ""
    emails: tuple[str, ...] = ()
    phone: str = ""
    tax_kind: TaxKind = TaxKind.PRIVATE
    tax_number: str = ""  # 12345678-1-42
    eu_tax_number: str = ""  # HU12345678, DE123456789
    group_tax_number: str = ""

    def __post_init__(self):
        if not self.name.strip():
            raise ValueError("The buyer needs a name")


@dataclass(frozen=True, kw_only=True)
class Tender:
    """One payment; ``amount`` in the document's currency, change deducted."""

    kind: PaymentKind
    amount: Decimal
    date: date


@dataclass(frozen=True, kw_only=True)
class BankAccount:
    """The seller's bank account: by ``id`` where the service has a list, else spelt."""

    id: str = ""
    name: str = ""  # the bank's name
    number: str = ""
    iban: str = ""
    swift: str = ""
    currency: str = ""


@dataclass(frozen=True, kw_only=True)
class Advance:
    """An advance invoice that a final invoice names: its number, its id there."""

    number: str
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """What an e-mail of the service says in our words; "" is left to the service.

    ``reply_to`` is the address that answers go to.
    """

    subject: str = ""
    text: str = ""
    reply_to: str = ""


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """A document to be issued.

    ``external_key`` is ours and unique for each document (26 characters).
    ``order_number`` is ours too, unique for each sale, and printed.  ``partner_id`` and
    ``exchange_rate`` (HUF for one unit of the currency) are resolved just before the
    first send, by :meth:`InvoiceProvider.sync_buyer` and ``exchange_rate``.
    ``advance`` makes it an advance invoice, ``advances`` the final invoice of those; of
    a draft or a proforma they say what its invoice will be.

    Of a receipt, the buyer is not sent, and ``block`` is a block or prefix of receipts.
    It is paid when it is issued, to the last forint: the law lets a receipt take the
    place of an invoice only then (field notes of November 2026, sure), and Számlázz.hu
    refuses one whose tenders are not its gross (error 340, documented and seen).

    :raises ValueError: if it has no line or an amount finer than the document's unit,
        or is an advance and a final invoice at once; of a receipt, if it is not paid or
        its tenders are not its gross
    """

    external_key: str
    order_number: str
    kind: Kind
    buyer: Buyer
    lines: tuple[Line, ...]
    tenders: tuple[Tender, ...] = ()
    payment_kind: PaymentKind  # the one that the document names
    paid: bool = True
    currency: str = "HUF"
    exchange_rate: Decimal | None = None
    fulfillment_date: date
    due_date: date
    language: str = "hu"
    electronic: bool = False
    send_email: bool = False  # for services that mail as part of issuing
    block: str = ""  # id of a block, or number prefix
    bank_account: BankAccount | None = None
    comment: str = ""
    partner_id: str = ""
    proforma_number: str = ""  # the proforma that this invoice settles
    proforma_id: str = ""  # its id at the service
    corrected_number: str = ""  # the invoice that this correction amends
    advance: bool = False
    advances: tuple[Advance, ...] = ()
    mail: Mail | None = None  # where Capabilities.words_mails

    def __post_init__(self):
        if not self.lines:
            raise ValueError("A document needs at least one line")
        step = unit(self.currency)
        for line in self.lines:
            if line.gross % step:
                raise ValueError(
                    f"Line {line.name!r}: {line.gross} is finer than {step} "
                    f"{self.currency}"
                )
        if self.kind is Kind.CORRECTION and not self.corrected_number:
            raise ValueError("A correction must name the invoice that it corrects")
        if self.advance and self.advances:
            raise ValueError("An advance invoice settles no other one")
        if self.kind is Kind.RECEIPT:
            self._check_paid()

    def _check_paid(self):
        """Refuse a receipt of what was not paid, or not by these tenders."""
        paid = sum((tender.amount for tender in self.tenders), Decimal(0))
        if not self.paid:
            raise ValueError("A receipt is issued of what is paid")
        if paid != self.gross:
            raise ValueError(f"The tenders of a receipt, {paid}, are not {self.gross}")

    @property
    def gross(self):
        """What the customer owes for all lines, Decimal in ``currency``."""
        return sum((line.gross for line in self.lines), Decimal(0))


@dataclass(frozen=True, kw_only=True)
class RateSum:
    """What a document, or a part of it, comes to at one VAT rate.

    ``vat`` is a code of :mod:`.vat`, "" where it is not known; ``tax`` is the amount of
    VAT.  All amounts are Decimals in the document's currency, and ``net`` and ``tax``
    add up to ``gross``.

    :raises ValueError: if they do not
    """

    vat: str
    net: Decimal
    tax: Decimal
    gross: Decimal

    def __post_init__(self):
        if self.net + self.tax != self.gross:
            raise ValueError(f"{self.net} and {self.tax} are not {self.gross}")


@dataclass(frozen=True, kw_only=True)
class IssuedDocument:
    """The state of a document at the service.

    Amounts are Decimals in ``currency``; ``outstanding`` is None where the service does
    not say, and so is ``exchange_rate``: HUF for one unit of a foreign ``currency``.
    ``warning`` is what went wrong although the document exists (for instance an e-mail
    that could not be sent). ``sandbox`` is True for a document that a test account
    made, which does not exist for the tax authority, and None where it is not known.

    ``rates`` are empty where the service does not tell them, or in words that we have
    none for; they add up to ``gross``.  ``payments`` are None where it did not tell
    them in this answer: an empty tuple is a document of which nothing is paid.
    ``external_key`` is "" where an answer does not repeat it.
    """

    id: str
    number: str
    kind: Kind
    gross: Decimal
    currency: str
    exchange_rate: Decimal | None = None
    net: Decimal | None = None
    outstanding: Decimal | None = None
    cancelled: bool = False
    issue_date: date | None = None
    fulfillment_date: date | None = None
    due_date: date | None = None
    electronic: bool | None = None
    order_number: str = ""
    buyer_name: str = ""
    partner_id: str = ""
    comment: str = ""
    original_number: str = ""  # of the document that this one cancels or corrects
    related_ids: tuple[str, ...] = ()
    public_url: str = ""
    sandbox: bool | None = None
    warning: str = ""
    of_receipt: bool = False  # a storno that takes back a receipt, not an invoice
    rates: tuple[RateSum, ...] = ()
    payment_kind: PaymentKind | None = (
        None  # as ``reported_kind()`` of the service has it
    )
    payments: tuple[Tender, ...] | None = None
    external_key: str = ""
    block: str = ""  # id of the block that has numbered it

    @property
    def is_receipt(self):
        """True for a receipt and for its storno, which a service keeps apart."""
        return self.kind is Kind.RECEIPT or self.of_receipt


@dataclass(frozen=True, kw_only=True)
class Cancellation:
    """A storno to be made of ``original``, which must be as fresh as can be."""

    original: IssuedDocument
    external_key: str
    reason: str = ""
    emails: tuple[str, ...] = ()  # mailed by the service, if it mails stornos
    reply_to: str = ""  # of that e-mail, as Mail.reply_to of the original


@dataclass(frozen=True, kw_only=True)
class PaymentState:
    """What is paid and what is owed on a document, in its currency."""

    paid: Decimal
    outstanding: Decimal

    @property
    def fully_paid(self):
        """True when nothing is owed."""
        return self.outstanding <= 0


@dataclass(frozen=True, kw_only=True)
class Block:
    """A document block (számlatömb), or a number prefix."""

    id: str
    name: str
    prefix: str = ""


@dataclass(frozen=True, kw_only=True)
class AccountInfo:
    """What a verified key opens.  None means that the service does not tell.

    ``fingerprint`` is the same for every key of the same account and different between
    accounts, as far as the service lets us know.
    """

    fingerprint: str
    tax_number: str = ""
    name: str = ""
    subscription_until: date | None = None
    features: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()  # of invoices
    receipt_blocks: tuple[Block, ...] = ()
    bank_accounts: tuple[BankAccount, ...] = ()
    nav_connected: bool | None = None
    e_invoices: bool | None = None  # False: the plan has paper only
    can_write: bool | None = None
    sandbox: bool | None = None


class NavState(str, Enum):
    """State of a document's report to the tax authority."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    WARNING = "warning"
    REJECTED = "rejected"
    NOT_REPORTED = "not_reported"  # not required, or switched off
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class NavStatus:
    """State of the report to NAV; ``detail`` is the service's own word or message."""

    state: NavState
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class TaxpayerAddress:
    """An address of a taxpayer: ``kind`` is NAV's HQ, SITE or BRANCH; "" is unsaid."""

    kind: str = ""
    country: str = ""  # ISO 3166
    postcode: str = ""
    city: str = ""
    street: str = ""


@dataclass(frozen=True, kw_only=True)
class Taxpayer:
    """What the tax authority says of a tax number; ``valid`` None if it was silent.

    A valid one may come without any data.  What a service does not tell is "" or None.
    ``organization`` is False for a sole trader and for a person with a tax number.
    """

    valid: bool | None
    name: str = ""
    tax_number: str = ""  # all of it, 12345678-1-42
    group_number: str = ""  # the first eight digits of its VAT group's number
    organization: bool | None = None
    addresses: tuple[TaxpayerAddress, ...] = ()  # the headquarters first
    detail: str = ""

    @property
    def headquarters(self):
        """Return the first address, or an empty one."""
        return self.addresses[0] if self.addresses else TaxpayerAddress()
