"""The contract that every invoicing service is spoken to through."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..billing.bookkeeping import ExportFile, ExportQuery, ExportStatus
from ..billing.deposit import Limits
from ..billing.errors import NotProcessed, Reason, Rejected
from ..billing.invoice import (
    AccountInfo,
    Cancellation,
    IssuedDocument,
    NavStatus,
    PaymentKind,
    PaymentState,
    Taxpayer,
)
from .http import TIMEOUT, Exchange, HttpClient
from .pricing import item_sum

#: The operations that create a document at the service: each makes one document.
CREATING = frozenset({"issue", "finalize", "convert_proforma", "cancel"})


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What opens an account.  Never printed."""

    api_key: str = field(repr=False)  # Billingo v2: the private key
    public_key: str = field(default="", repr=False)  # Billingo v2 only


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a service can do, known before anything is asked of it."""

    kinds: frozenset  # of Kind that issue() takes
    block_required: bool  # a document cannot be issued without choosing a block
    block_pattern: str = ""  # of a number prefix that is typed; "": blocks are listed
    bank_account_listed: bool = True  # False: bank name and number are typed
    persistent_partners: bool = True  # sync_buyer() keeps partners at the service
    finds_by_key: bool = True  # find() can prove absence, of all but receipts
    mails_on_issue: bool = False  # Invoice.send_email is how the first e-mail goes
    sends: bool = True  # send() e-mails what is issued already
    words_mails: bool = False  # its e-mails can say Invoice.mail
    max_payments: int | None = None
    preview: bool = False
    convert_proforma: bool = True
    ends_drafts: bool = True  # False: finalizing one is not documented, deleting is not
    # there: a draft is finished at the service
    nav_status: bool = False
    public_url: bool = True
    list_documents: bool = True
    taxpayer_check: bool = False
    exchange_rate: bool = True  # False: the service fills the rate in
    documents_tell_sandbox: bool = False  # verify() does not, but get() does
    other_payment: PaymentKind | None = PaymentKind.OTHER  # what OTHER is printed as;
    # None: it must be called another kind
    languages: frozenset = frozenset({"hu", "en", "de"})  # of documents, ISO 639
    repeatable_cancel: bool = False  # a second storno returns the first one
    calls_per_minute: int | None = None  # of one key; None: no limit is published
    limit_minutes: int = 1  # over which the service counts them
    limits_documents: bool = False  # only the calls of CREATING are counted
    pdf_seconds: float = 0.0  # after issuing, before a PDF is asked for
    deposits: Limits | None = None  # of advance and final invoices; None: it has none,
    # and an invoice says in words what was paid for before
    finds_receipts_by_key: bool = False  # find() can prove the absence of a receipt
    receipt_tip: bool = False  # a receipt can have a line outside VAT (ATK)
    receipt_block_pattern: str = ""  # of a typed prefix; "": receipt blocks are listed
    sends_receipts: bool = False  # send() e-mails receipts, which nothing else does
    links_receipts: bool = False  # public_url() knows those of receipts, too
    list_receipts: bool = False
    receipt_widths: frozenset = frozenset()  # of paper, in mm, for print_receipt()
    sends_vat: bool = False  # net and VAT of each line are sent, not worked out there
    tells_rates: bool = False  # examine() and lists tell net and VAT for each rate
    tells_payments: bool = False  # examine() tells the payments one by one
    tells_own: bool = False  # lists and look-ups tell the order number or our key,
    tells_own_receipts: bool = False  # and those of receipts
    counts_lists: bool = False  # a list says how long it is, so that none is missing
    finds_by_number: bool = False  # by_number() can prove the absence of a number

    export_kinds: tuple = ()  # of ExportKind, for accounting programs


class InvoiceProvider(ABC):
    """One account at one invoicing service.

    Each method makes the calls that it needs and returns, or raises an error of
    :mod:`.errors`; nothing else ever leaves it.  A method never repeats a call that
    changes something.  Methods that change something are marked "acts"; all others
    only read, and so never raise ``OutcomeUnknown``.

    A document passes through three steps, so that what is sent can be stored first:
    the caller resolves ``partner_id`` and ``exchange_rate``, :meth:`render` makes the
    request, pure and without credentials, and :meth:`issue` sends these very bytes.
    """

    code: str
    name: str
    default_url: str
    capabilities: Capabilities

    def __init__(
        self,
        credentials: Credentials,
        *,
        base_url: str = "",
        timeout: float = TIMEOUT,
        observer: Callable[[Exchange], None] | None = None,
        clock: Callable[[], float] = time.time,
    ):
        self.credentials = credentials
        self.clock = clock
        self.http = HttpClient(
            base_url or self.default_url,
            secrets=(credentials.api_key, credentials.public_key),
            observer=observer,
            timeout=timeout,
        )

    def close(self) -> None:
        """Give the connections back."""
        self.http.close()

    def _unsupported(self):
        """The error of an operation that ``capabilities`` says is not there."""
        return Rejected(f"{self.name} cannot do this", reason=Reason.UNSUPPORTED)

    def _check_no_invoice(self, document, invoice):
        """Refuse to discard a ``document`` of which ``invoice`` was made, if one was.

        :raises Rejected: with ``Reason.CLOSED``
        """
        if invoice:
            name = document.number or "The draft"
            raise Rejected(f"{name} became {invoice.number}", reason=Reason.CLOSED)

    # === ACCOUNT === #

    @abstractmethod
    def verify(self) -> AccountInfo:
        """Ask the service whose key this is and what there is to choose from.

        :raises AccountProblem: wrong key, no subscription with API access
        :raises NotProcessed: the service cannot be reached
        """

    @staticmethod
    @abstractmethod
    def vat_word(code):
        """Return the service's own word for a code of :mod:`.vat`.

        :raises Rejected: it has none
        """

    @classmethod
    def knows_vat(cls, code) -> bool:
        """Tell whether the service has a word for a code of :mod:`.vat`."""
        try:
            cls.vat_word(code)
        except Rejected:
            return False
        return True

    @staticmethod
    def receipt_vat_word(code):
        """Return the service's word for a code of :mod:`.vat` on a receipt.

        :raises Rejected: it has none, or no receipts
        """
        raise Rejected("There are no receipts here", reason=Reason.UNSUPPORTED)

    @classmethod
    def knows_receipt_vat(cls, code) -> bool:
        """Tell whether a code of :mod:`.vat` can be on a receipt."""
        try:
            cls.receipt_vat_word(code)
        except Rejected:
            return False
        return True

    def exchange_rate(self, currency, day):
        """Return how many HUF one unit of ``currency`` is worth on ``day``, a Decimal.

        :raises NotProcessed: there is no rate (yet)
        """
        raise self._unsupported()

    def check_taxpayer(self, tax_number) -> Taxpayer:
        """Ask the tax authority, through the service, about a Hungarian tax number."""
        raise self._unsupported()

    # === BUYERS === #

    def sync_buyer(self, buyer, partner_id="", *, force_new=False) -> str:
        """Acts.  Make the service know ``buyer`` and return the partner's id there.

        With a ``partner_id`` that partner is updated, or created again if it is gone.
        Returns "" where the buyer travels inside the document.

        :param bool force_new: create a partner even if the service has an identical
            one, which is another customer
        """
        return ""

    def find_buyer(self, buyer) -> str:
        """Return the id of the last partner who is exactly this ``buyer``, "" if none.

        For those whose creation by :meth:`sync_buyer` was not answered.  A service that
        looks for them in ``sync_buyer`` itself returns "".
        """
        return ""

    # === DOCUMENTS === #

    @abstractmethod
    def render(self, invoice) -> bytes:
        """Return the request that issues ``invoice``: pure, and without credentials.

        The same invoice gives the same bytes on every machine, always.

        :raises Rejected: the invoice says something that the service has no word for
        """

    @abstractmethod
    def issue(self, request: bytes) -> IssuedDocument:
        """Acts.  Send a rendered draft, proforma, invoice, receipt or correction."""

    @abstractmethod
    def find(self, invoice) -> IssuedDocument | None:
        """Look for the document that ``invoice`` became, by the keys that we gave it.

        Returns None if the service finds nothing.  The caller compares
        with :func:`~..billing.compare.differences` before it believes a find.

        :raises NotProcessed: nothing could be learnt; ask again later
        """

    @abstractmethod
    def get(self, document: IssuedDocument) -> IssuedDocument:
        """Return the current state of ``document``.

        :raises Rejected: with ``Reason.NOT_FOUND`` if it is gone
        """

    @abstractmethod
    def finalize(self, draft: IssuedDocument, request: bytes) -> IssuedDocument:
        """Acts.  Turn a draft into the invoice that ``request`` describes."""

    @abstractmethod
    def convert_proforma(self, proforma: IssuedDocument, request: bytes):
        """Acts.  Issue the invoice of a paid proforma; ``request`` is its rendering."""

    def made_of(self, document: IssuedDocument) -> IssuedDocument | None:
        """Return the standing invoice that a draft or proforma has become, or None.

        For one that is gone: a service may not tell what was deleted there from what
        became an invoice there.
        """
        return None

    @abstractmethod
    def discard(self, document: IssuedDocument) -> None:
        """Acts.  Delete a draft; delete or archive a proforma.

        One that is gone is no error.

        :raises Rejected: with ``Reason.CLOSED`` if it has become an invoice
        """

    @abstractmethod
    def cancel(self, cancellation: Cancellation) -> IssuedDocument:
        """Acts.  Make the storno of an invoice or receipt, or return the one there is.

        The original is looked at first; it is cancelled at most once.

        :raises Rejected: with ``Reason.CLOSED`` if the service's rules forbid it
        """

    @abstractmethod
    def find_cancellation(self, cancellation: Cancellation) -> IssuedDocument | None:
        """Return the storno of the original, None if the original is not cancelled."""

    def examine(self, document: IssuedDocument) -> IssuedDocument:
        """Return ``document`` with all that the service tells of it.

        Its rates and its payments, where ``capabilities`` say so: :meth:`get` may leave
        out what takes further calls.

        :raises Rejected: with ``Reason.NOT_FOUND`` if it is gone
        """
        return self.get(document)

    def by_number(self, number, *, receipt=False) -> IssuedDocument | None:
        """Return the document with this number, None if the service has none.

        :param bool receipt: True if it is the number of a receipt, or of its storno
        """
        raise self._unsupported()

    def list_documents(self, since, until):
        """Yield the documents issued from ``since`` to ``until`` (dates, inclusive).

        All but receipts, which :meth:`list_receipts` lists. A list is read within one
        time-out: a month is asked for day by day.

        :raises NotProcessed: at the end, if this was not all there is
        """
        raise self._unsupported()

    def list_receipts(self, since, until):
        """Yield the receipts issued from ``since`` to ``until`` (dates, inclusive).

        It is what a person needs who must say whether a lost receipt exists; whether
        the stornos are among them is up to the service, ``cancelled`` tells in any
        case.

        :raises NotProcessed: as :meth:`list_documents`
        """
        raise self._unsupported()

    def list_issued(self, since, until, *, receipts=True):
        """Yield all that was issued from ``since`` to ``until`` (dates, inclusive).

        Stornos of receipts too, as far as the service lists them. Each once, but for
        what a service lists twice.

        :param bool receipts: False leaves them out, and the calls that they take
        :raises NotProcessed: as :meth:`list_documents`
        """
        yield from self.list_documents(since, until)
        if receipts and self.capabilities.list_receipts:
            yield from self.list_receipts(since, until)

    # === AMOUNTS === #

    @staticmethod
    def amounts(invoice) -> tuple:
        """Return what ``invoice`` comes to, a ``RateSum`` for each item that is sent.

        By the service's arithmetic, as far as it is published: VAT is rounded item by
        item, gross first. Pure.

        :raises Rejected: as :meth:`render`
        """
        return tuple(
            item_sum(line.vat, line.gross, invoice.currency) for line in invoice.lines
        )

    @staticmethod
    def reported_kind(kind):
        """Return the ``PaymentKind`` that answers tell of what was paid by ``kind``.

        A service may have one word for several.
        """
        return kind

    # === FILES FOR ACCOUNTING PROGRAMS === #

    def request_export(self, query: ExportQuery) -> str:
        """Have the service make a file of a period's documents; return the file's id.

        It changes no document, so that an answer that was lost is asked for again: a
        file that nobody fetches does no harm.

        :raises Rejected: there is no such kind, or it has no such option
        """
        raise self._unsupported()

    def export_status(self, export_id) -> ExportStatus:
        """Return where a file is that was asked for.

        :raises Rejected: with ``Reason.NOT_FOUND`` if the service knows none (any more)
        """
        raise self._unsupported()

    def download_export(self, export_id) -> ExportFile:
        """Return a file whose state is ``READY``.

        :raises Rejected: with ``Reason.NOT_FOUND`` if the service knows none (any more)
        :raises NotProcessed: what came is no file, or is larger than an answer may be
        """
        raise self._unsupported()

    # === AFTER ISSUE === #

    @abstractmethod
    def register_payments(
        self, document: IssuedDocument, tenders, *, fresh=False
    ) -> PaymentState:
        """Acts.  Make ``tenders`` the whole payment history of the document.

        :param bool fresh: True for the first call after ``document`` was issued: the
            service has no payment of it but what ``document`` says
        """

    @abstractmethod
    def undo_payments(self, document: IssuedDocument) -> PaymentState:
        """Acts.  Remove every payment of the document."""

    def send(self, document: IssuedDocument, emails, mail=None) -> tuple:
        """Acts.  E-mail the document; returns the addresses that it went to.

        :param Mail mail: what it says, None for the service's words; given only where
            ``capabilities.words_mails``
        """
        raise self._unsupported()

    @abstractmethod
    def download(self, document: IssuedDocument) -> bytes:
        """Return the document as a PDF.

        :raises NotProcessed: with ``Reason.NOT_READY`` while the service makes it
        """

    def print_receipt(self, document: IssuedDocument, width) -> bytes:
        """Return a receipt as a PDF in the service's layout for a slip printer.

        :param int width: of the paper, one of ``capabilities.receipt_widths``
        :raises NotProcessed: it is not there (yet)
        """
        raise self._unsupported()

    def received_pdf(self, document: IssuedDocument) -> bytes:
        """Return the PDF that came with the answer to the last call, b"" if none did.

        It spares :meth:`download` where a service sends it along. Makes no call.

        :param document: what that call returned
        """
        return b""

    def public_url(self, document: IssuedDocument) -> str:
        """Return the buyer's link to the document, or ""."""
        return document.public_url

    def nav_status(self, document: IssuedDocument) -> NavStatus:
        """Return the state of the report to the tax authority."""
        raise self._unsupported()

    def nav_statuses(self, documents) -> dict:
        """Return the states of several reports, ``{id of the document: NavStatus}``.

        Of those that the service tells at once; the others are left out, and asked for
        one by one.

        :param documents: ``IssuedDocument``
        """
        return {}

    def preview(self, invoice) -> bytes:
        """Return a PDF of what ``invoice`` would look like; nothing is issued."""
        raise self._unsupported()


@contextmanager
def only_asked():
    """Turn ``Rejected`` into ``NotProcessed`` inside.

    The question was refused, which is no verdict on the document that it is about.
    """
    try:
        yield
    except Rejected as error:
        raise NotProcessed(
            error.message, reason=Reason.UNREADABLE, code=error.code
        ) from error
