"""Számlázz.hu through its XML interface, Számla Agent (docs.szamlazz.hu).

The service calculates nothing, knows no drafts, keeps no partners that we could refer
to safely, and has no idempotency key: a lost answer is recovered by asking for the
external key, then for the order number.  Its guard against a repeated order number is a
setting of the account that the interface cannot read.  Receipts have calls of their
own, and a key: see :mod:`.receipts`.

The interface does not tell whose key it is, so :attr:`AccountInfo.fingerprint` is "".
To learn whether a new key opens the same account, ``get()`` a document issued with the
old one: another account does not find it.
"""

from dataclasses import replace

from ...billing.deposit import Limits
from ...billing.errors import (
    NotProcessed,
    OutcomeUnknown,
    ProviderError,
    Reason,
    Rejected,
)
from ...billing.invoice import (
    IRREVERSIBLE_KINDS,
    AccountInfo,
    Kind,
    PaymentKind,
    PaymentState,
)
from ..base import Capabilities, InvoiceProvider, only_asked
from ..registry import register
from ..reported import reported_kind
from . import answers, errors, messages, receipt_messages
from .issued import from_request, proforma_of, storno_of
from .payments import entries
from .receipts import Receipts
from .tables import LANGUAGES, PAYMENTS, RECEIPT_PREFIX, vat_word

#: No account has a document with this number: numbers end in their ordinal.
_IMPOSSIBLE = "SALON-INVOICE-BRIDGE-VERIFY"
#: Requests that "an element is missing" (7) refuses, and no unknown document.
_NEW = frozenset({"xmlszamla", "xmlnyugtacreate", "xmlnyugtasend"})


@register
class Szamlazz(InvoiceProvider):
    """One account at Számlázz.hu.  ``credentials.api_key`` is the Agent key."""

    code = "szamlazz"
    name = "Számlázz.hu"
    default_url = "https://www.szamlazz.hu/szamla"
    capabilities = Capabilities(
        kinds=frozenset({Kind.PROFORMA, Kind.INVOICE, Kind.CORRECTION, Kind.RECEIPT}),
        block_required=False,
        block_pattern=r"[A-Z0-9]{1,5}",
        bank_account_listed=False,
        persistent_partners=False,
        mails_on_issue=True,
        sends=False,
        words_mails=True,
        max_payments=5,
        preview=True,
        list_documents=False,
        taxpayer_check=True,
        exchange_rate=False,
        documents_tell_sandbox=True,
        other_payment=PaymentKind.CASH,
        languages=frozenset(LANGUAGES),
        repeatable_cancel=True,
        # 500 invoices in ten minutes: the only figure that is published, for accounts
        # that test (agent/basics/error-handling). Who exceeds it may be locked out.
        calls_per_minute=50,
        limit_minutes=10,
        limits_documents=True,
        finds_receipts_by_key=True,
        receipt_tip=True,
        receipt_block_pattern=RECEIPT_PREFIX,
        receipt_widths=frozenset({80}),
        sends_vat=True,
        tells_rates=True,
        tells_payments=True,
        tells_own=True,
        tells_own_receipts=True,
        finds_by_number=True,
        sends_receipts=True,
        deposits=Limits(advances=1, finals=1),  # one elolegSzamlaszam; error 73
    )

    vat_word = staticmethod(vat_word)
    receipt_vat_word = staticmethod(vat_word)
    reported_kind = staticmethod(reported_kind(PAYMENTS))

    def __init__(self, credentials, **options):
        super().__init__(credentials, **options)
        self._received = ("", b"")  # number and PDF of the last answer
        self.receipts = Receipts(self._call)

    # === ACCOUNT === #

    def verify(self):
        """See :meth:`InvoiceProvider.verify`.

        Asks for a document that cannot exist: a valid key gets "no such document" (code
        7), an invalid one code 3.
        """
        self._look_up(document_number=_IMPOSSIBLE)
        return AccountInfo(fingerprint="")

    def check_taxpayer(self, tax_number):
        """See :meth:`InvoiceProvider.check_taxpayer`; the first 8 digits count."""
        core = tax_number.strip()[:8]
        if len(core) != 8 or not (core.isascii() and core.isdecimal()):
            raise Rejected(f"{tax_number!r} does not start with 8 digits")
        reply = self._call(messages.taxpayer(core), safe=True)
        return answers.taxpayer(reply.root, core)

    # === DOCUMENTS === #

    def render(self, invoice):
        """See :meth:`InvoiceProvider.render`: without the Agent key."""
        if invoice.kind not in self.capabilities.kinds:
            raise self._unsupported()
        if invoice.kind is Kind.RECEIPT:
            return receipt_messages.create(invoice)
        return messages.create(invoice)

    def issue(self, request):
        """See :meth:`InvoiceProvider.issue`.

        With the account's order number guard on, the same request repeated on the same
        day returns the document of the first; nothing in the answer tells so.  After
        midnight its date of issue is another one, and it may be refused.  The request
        of a receipt repeated is refused (338), always.
        """
        if messages.root_name(request) == "xmlnyugtacreate":
            return self.receipts.issue(request)
        expected = from_request(request)
        self._received = ("", b"")
        reply = self._call(request)
        issued = self._issued(reply, expected)
        # A missing PDF is no error: the document exists.
        self._received = (issued.number, answers.pdf(reply) or b"")
        return issued

    def find(self, invoice):
        """See :meth:`InvoiceProvider.find`.

        By external key, then by order number.  The latter returns the *last* document
        of any type, so only a standing one of our kind is taken, or the one that the
        last one refers to.  It is no key for corrections: one sale may have several.
        """
        with only_asked():
            if invoice.kind is Kind.RECEIPT:
                return self.receipts.find(invoice)
            return self._find(invoice)

    def _find(self, invoice):
        found = self._look_up(external_key=invoice.external_key.strip())
        order_number = invoice.order_number.strip()
        if found or not order_number or invoice.kind is Kind.CORRECTION:
            return found
        return self._standing(order_number, invoice.kind)

    def _standing(self, order_number, kind):
        found = self._look_up(order_number=order_number)
        if found and found.kind is not kind and found.original_number:
            found = self._look_up(document_number=found.original_number)
        if found and found.kind is kind and not found.cancelled:
            return found
        return None

    def get(self, document):
        """See :meth:`InvoiceProvider.get`."""
        if document.is_receipt:
            return self.receipts.get(document)
        found = self._look_up(document_number=document.number)
        if found is None:
            raise Rejected(
                f"There is no document {document.number}", reason=Reason.NOT_FOUND
            )
        return found

    def examine(self, document):
        """See :meth:`InvoiceProvider.examine`: all of it comes with one look-up."""
        if document.is_receipt:
            return self.receipts.get(document)
        found = self.by_number(document.number)
        if found is None:
            raise Rejected(
                f"There is no document {document.number}", reason=Reason.NOT_FOUND
            )
        return found

    def by_number(self, number, *, receipt=False):
        """See :meth:`InvoiceProvider.by_number`.

        Numbers of one prefix and year run without a gap, invoices and stornos alike:
        what was numbered next to ours is found so, and nothing else is.
        """
        with only_asked():
            if receipt:
                return self.receipts.by_number(number)
            exists, found = self._query(document_number=number)
            if exists and found is None:
                raise NotProcessed(f"{number} is no invoice", reason=Reason.UNREADABLE)
            return found

    def preview(self, invoice):
        """See :meth:`InvoiceProvider.preview`.  A draft is shown as the invoice.

        There are no previews of receipts: ``Rejected``, ``Reason.UNSUPPORTED``.
        """
        if invoice.kind is Kind.RECEIPT:
            raise self._unsupported()
        if invoice.kind is Kind.DRAFT:
            invoice = replace(invoice, kind=Kind.INVOICE)
        return self._pdf(messages.create(invoice, preview=True))

    def finalize(self, draft, request):
        """There are no drafts: always ``Rejected``, ``Reason.UNSUPPORTED``."""
        raise self._unsupported()

    def convert_proforma(self, proforma, request):
        """See :meth:`InvoiceProvider.convert_proforma`.

        The service consumes the proforma that the invoice names.

        :raises Rejected: if ``request`` names another proforma
        """
        if proforma_of(request) != proforma.number:
            raise Rejected(f"The request does not refer to {proforma.number}")
        return self.issue(request)

    def made_of(self, document):
        """See :meth:`InvoiceProvider.made_of`.

        The service uses a proforma up for its invoice.  That an invoice made on its own
        screen has the proforma's order number is an inference.
        """
        order_number = document.order_number
        return self._standing(order_number, Kind.INVOICE) if order_number else None

    def discard(self, document):
        """See :meth:`InvoiceProvider.discard`.  Only a proforma can be deleted.

        The service answers the same for a deleted proforma and for one that became an
        invoice, so that is looked for.
        """
        if document.kind is not Kind.PROFORMA:
            raise Rejected(
                f"{document.number} is issued and cannot be discarded",
                reason=Reason.CLOSED,
            )
        try:
            reply = self._call(messages.delete_proforma(document.number))
        except Rejected as error:
            if error.reason is not Reason.NOT_FOUND:
                raise
            self._check_no_invoice(document, self.made_of(document))
            return
        if not reply.succeeded:
            raise OutcomeUnknown("The answer cannot be read")

    # === CANCELLING === #

    def cancel(self, cancellation):
        """See :meth:`InvoiceProvider.cancel`.

        A second storno request was observed to return the storno that there is, which
        is how one made by hand, unknown to our keys, is adopted.  That of a receipt is
        refused a second time.
        """
        if cancellation.original.is_receipt:
            return self.receipts.cancel(cancellation)
        original = self.get(cancellation.original)
        if original.kind in IRREVERSIBLE_KINDS:
            raise Rejected(
                f"A {original.kind.value} cannot be reversed", reason=Reason.CLOSED
            )
        if original.cancelled:
            found = self._storno_of(original, cancellation)
            if found:
                return found
        request = messages.storno(original, cancellation)
        issued = self._issued(self._call(request), storno_of(original))
        if issued.number == original.number:  # what it answers for a proforma
            raise Rejected(
                f"{original.number} was not reversed, although nothing was refused",
                reason=Reason.CLOSED,
            )
        if issued.gross * original.gross > 0:
            raise OutcomeUnknown(f"{issued.number} is not a storno")
        return issued

    def find_cancellation(self, cancellation):
        """See :meth:`InvoiceProvider.find_cancellation`.

        :raises Rejected: with ``Reason.NOT_FOUND`` if the original is reversed by a
            storno that neither key finds; :meth:`cancel` returns it, unless it is a
            receipt's
        """
        if cancellation.original.is_receipt:
            return self.receipts.find_cancellation(cancellation)
        found = self._storno_of(cancellation.original, cancellation)
        if found is None and self.get(cancellation.original).cancelled:
            raise Rejected(
                f"The storno of {cancellation.original.number} cannot be looked up",
                reason=Reason.NOT_FOUND,
            )
        return found

    def _storno_of(self, original, cancellation):
        keys = [{"external_key": cancellation.external_key.strip()}]
        if original.order_number:
            keys.append({"order_number": original.order_number})
        for key in keys:
            found = self._look_up(**key)
            if (
                found
                and found.kind is Kind.STORNO
                and found.original_number == original.number
            ):
                return found
        return None

    # === AFTER ISSUE === #

    def register_payments(self, document, tenders, *, fresh=False):
        """See :meth:`InvoiceProvider.register_payments`.

        The service keeps five entries: of more, the smallest are registered together.
        """
        return self._pay(document, entries(tenders))

    def undo_payments(self, document):
        """See :meth:`InvoiceProvider.undo_payments`."""
        return self._pay(document, [])

    def send(self, document, emails, mail=None):
        """See :meth:`InvoiceProvider.send`: receipts only, to one address."""
        if not document.is_receipt:
            raise self._unsupported()
        return self.receipts.send(document, emails, mail)

    def download(self, document):
        """See :meth:`InvoiceProvider.download`."""
        if document.is_receipt:
            return self.receipts.download(document)
        return self._pdf(messages.pdf(document.number), document.number)

    def print_receipt(self, document, width):
        """See :meth:`InvoiceProvider.print_receipt`: 80 mm."""
        if width not in self.capabilities.receipt_widths or not document.is_receipt:
            raise self._unsupported()
        return self.receipts.download(document, receipt_messages.SLIP)

    def received_pdf(self, document):
        """See :meth:`InvoiceProvider.received_pdf`: it comes with what is issued."""
        if document.is_receipt:
            return self.receipts.received_pdf(document)
        number, content = self._received
        return content if number == document.number else b""

    def _pay(self, document, paid):
        if document.is_receipt:  # its tenders are on it, and cannot be changed
            raise self._unsupported()
        reply = self._call(messages.payments(document.number, paid))
        if reply.number != document.number:
            raise OutcomeUnknown("The answer is about another document")
        gross = document.gross if reply.gross is None else reply.gross
        outstanding = reply.outstanding
        if outstanding is None:
            outstanding = gross - sum(amount for _day, _title, amount, _note in paid)
        return PaymentState(paid=gross - outstanding, outstanding=outstanding)

    # === TRANSPORT === #

    def _call(self, request, *, safe=False):
        """Send one request and return its :class:`~.szamlazz_answers.Reply`.

        :param bool safe: True for a request that changes nothing
        """
        name = messages.root_name(request)
        field = messages.FUNCTIONS[name]
        content = messages.with_key(request, self.credentials.api_key)
        files = {field: (f"{field}.xml", content, "text/xml")}
        answer = self.http.send("POST", "/", files=files, safe=safe)
        try:
            reply = answers.read(answer, self.clock())
            if reply.code and not (reply.code == errors.MAIL_FAILED and reply.number):
                message = self.http.redact(reply.message)
                raise errors.error(reply.code, message, query=name not in _NEW)
            return reply
        except OutcomeUnknown as error:
            if not safe:
                raise
            raise self._harmless(error) from error

    def _harmless(self, error: ProviderError):
        """Nothing was changed: a lost answer to a question is only an answer less."""
        return NotProcessed(error.message, reason=error.reason, code=error.code)

    def _issued(self, reply, expected):
        """Return ``expected`` as ``reply`` says that it was issued."""
        if not reply.number:
            raise OutcomeUnknown("The answer names no document")
        warnings = [self.http.redact(reply.message)] if reply.code else []
        if reply.gross is None:
            warnings.append("The answer has no total: it is the request's own")
        return replace(
            expected,
            id=reply.number,
            number=reply.number,
            gross=expected.gross if reply.gross is None else reply.gross,
            net=expected.net if reply.net is None else reply.net,
            outstanding=reply.outstanding,
            public_url=reply.public_url,
            warning="\n".join(warnings),
        )

    def _look_up(self, **key):
        """Return the document with this one key, None if there is no such document.

        What is paid of it is left out, as in the answer to a create.

        :raises NotProcessed: if another one came than was asked for
        """
        _exists, found = self._query(**key)
        return found and replace(found, payments=None)

    def _query(self, **key):
        """Return whether something has this one key, and the document that it is.

        None for a document of a kind that we have no word for.
        """
        try:
            reply = self._call(messages.query(**key), safe=True)
        except Rejected as error:
            if error.reason is Reason.NOT_FOUND:
                return False, None
            raise
        found = answers.document(reply.root)
        if found and key.get("document_number", found.number) != found.number:
            raise NotProcessed("Not the document asked for", reason=Reason.UNREADABLE)
        return True, found

    def _pdf(self, request, number=""):
        reply = self._call(request, safe=True)
        content = answers.pdf(reply)
        if reply.number and reply.number != number:
            raise NotProcessed("Not the document asked for", reason=Reason.UNREADABLE)
        if content is None:
            reason = Reason.NOT_READY if reply.succeeded else Reason.UNREADABLE
            raise NotProcessed("The answer has no PDF", reason=reason)
        return content
