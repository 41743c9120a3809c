"""Billingo by its current API, v3.

* ``vendor_id`` carries our key.  The service does not promise to refuse a second POST
  with the same one, so it makes a look-up possible, not a repetition harmless.
* There is no buyer inside a document: a partner must exist first, with a full address.
* The storno and the invoice made of a proforma carry no key of ours.  They are found
  again through the document that they came from.
* Receipts are made by a call of their own, and are documents in all other calls.

Source: the vendor's OpenAPI contracts 3.0.14 and 3.0.15, whose union is live, and the
vendor's notes on the live server (octonull/billingo-mcp).
"""

import dataclasses
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from ...billing.compare import differences
from ...billing.deposit import Limits
from ...billing.errors import (
    AccountProblem,
    NotProcessed,
    OutcomeUnknown,
    Reason,
    Rejected,
)
from ...billing.invoice import (
    ISSUED_KINDS,
    AccountInfo,
    Kind,
    NavState,
    NavStatus,
    PaymentState,
)
from ...billing.tax_number import format_hungarian
from .. import pricing, reductions, wire
from ..base import Capabilities, InvoiceProvider, only_asked
from ..registry import register
from . import parse, render
from .api import BillingoApi, at, readable
from .tables import (
    E_INVOICE_PLANS,
    EXPORT_KINDS,
    FINDS_RECEIPTS_BY_KEY,
    INSERT_TYPES,
    LANGUAGES,
    NAV_STATES,
    RECEIPT,
    receipt_vat,
    vat,
)

#: Pages of the list that are looked through for the reports of certain documents.
NAV_PAGES = 3
#: The running number at the end of a number, such as 12 of "SZ / 2026-000012".
_RUNNING = re.compile(r"([0-9]{1,9})$")
#: States of a report about which NAV has something to say.
NAV_EXPLAINS = frozenset({NavState.REJECTED, NavState.WARNING})
#: Pages of partners of one name that are looked through for a certain one.
NAMESAKES = 10


@register
class Billingo(InvoiceProvider):
    """One account at Billingo, by its API key."""

    code = "billingo"
    name = "Billingo"
    default_url = "https://api.billingo.hu/v3"
    capabilities = Capabilities(
        kinds=frozenset({*INSERT_TYPES, Kind.RECEIPT}),
        block_required=True,
        nav_status=True,
        taxpayer_check=True,
        languages=LANGUAGES,
        calls_per_minute=300,
        pdf_seconds=10.0,
        finds_receipts_by_key=FINDS_RECEIPTS_BY_KEY,
        sends_receipts=True,
        links_receipts=True,
        list_receipts=True,
        tells_rates=True,
        tells_payments=True,
        tells_own=True,  # the order number; nothing of a receipt is ours
        counts_lists=True,
        receipt_widths=frozenset({58, 80}),
        deposits=Limits(advances=None, finals=None),
        export_kinds=EXPORT_KINDS,
    )

    def __init__(self, credentials, **options):
        super().__init__(credentials, **options)
        self.api = BillingoApi(self.http, credentials.api_key, self.clock)

    vat_word = staticmethod(vat)
    receipt_vat_word = staticmethod(receipt_vat)

    # === ACCOUNT === #

    def verify(self):
        """Read organization, blocks of invoices and of receipts, and bank accounts.

        The interface gives neither the organization's name nor whether the key may
        write: only a write shows that, and the published schema accepts even an empty
        partner, so there is no harmless one.
        """
        organization = self.api.call("GET", "/organization", read=parse.json)
        subscription = parse.inner(organization, "subscription")
        tax_number = parse.text(organization, "tax_code")
        if not tax_number:
            raise NotProcessed(
                "The service does not say whose key this is", reason=Reason.UNREADABLE
            )
        features = parse.texts(subscription, "features")
        return AccountInfo(
            fingerprint=f"{self.code}:{tax_number}",
            tax_number=tax_number,
            subscription_until=parse.day(subscription.get("expiration_date")),
            features=features,
            blocks=self._blocks("invoice"),
            receipt_blocks=self._blocks(RECEIPT),
            bank_accounts=tuple(self.api.rows("/bank-accounts", parse.bank_account)),
            e_invoices=bool(E_INVOICE_PLANS & {*features}) if features else None,
            nav_connected=parse.flag(organization, "has_nav_connection"),
        )

    def _blocks(self, type_):
        return tuple(self.api.rows("/document-blocks", parse.block, type=type_))

    def exchange_rate(self, currency, day):
        """Return the HUF for one unit of ``currency`` on ``day``, a Decimal."""
        if currency == "HUF":
            return Decimal(1)
        params = {"from": currency, "to": "HUF", "date": day.isoformat()}
        try:
            # The field is spelt like this.
            rate = self.api.call(
                "GET", "/currencies", params=params, read=parse.json
            ).get("conversation_rate")
        except Rejected as error:
            raise NotProcessed(
                error.message, reason=Reason.NOT_READY, code=error.code
            ) from error
        rate = readable(parse.amount, rate)
        if rate <= 0:
            raise NotProcessed(f"No rate for {currency} yet", reason=Reason.NOT_READY)
        return rate

    def check_taxpayer(self, tax_number):
        """Ask NAV, through the service, about a Hungarian tax number.

        ``valid`` is None if NAV was silent or the organization is not connected to it.

        :raises Rejected: if it is not even the form of one
        """
        number = format_hungarian(tax_number)
        path = f"/utils/check-tax-number/{number}"
        return self.api.call(
            "GET", path, read=lambda answer: parse.taxpayer(answer, number)
        )

    # === BUYERS === #

    def sync_buyer(self, buyer, partner_id="", *, force_new=False):
        """Acts.  Make a partner of ``buyer``, or bring the known one up to date.

        The service does not detect duplicates, so ``force_new`` makes no difference.

        What the salon's bookkeeper added to the partner stays.  A partner that was
        deleted, or that belongs to another account (403), is created again.
        """
        wanted = render.partner(buyer)
        known = self._partner(partner_id) if partner_id else None
        if known is None:
            body = wire.dumps(wanted)
            return self.api.call("POST", "/partners", body=body, read=parse.created)
        wanted = render.partner(buyer, known)
        if not parse.holds(known, wanted):
            path = at("/partners", partner_id)
            self.api.call("PUT", path, body=wire.dumps(wanted))
        return partner_id

    def find_buyer(self, buyer):
        """Return the id of the last partner that ``sync_buyer`` made of ``buyer``."""
        wanted = render.partner(buyer)

        def read(row):
            equal = parse.holds(row, wanted)
            return parse.identity(row.get("id")) if equal else ""

        found = self.api.rows("/partners", read, NAMESAKES, query=wanted["name"])
        return max(filter(None, found), key=int, default="")

    def _partner(self, partner_id):
        try:
            return self.api.call("GET", at("/partners", partner_id), read=parse.json)
        except (Rejected, AccountProblem) as error:
            if error.reason in (Reason.NOT_FOUND, Reason.READ_ONLY):
                return None
            raise

    # === DOCUMENTS === #

    def render(self, invoice):
        """Return the body of POST /documents: gross prices, no rounding, no mail.

        That of a receipt is for POST /documents/receipt.
        """
        if invoice.kind is Kind.RECEIPT:
            return render.receipt(invoice)
        return render.document(invoice)

    def issue(self, request):
        """Acts.  Make a draft, a proforma, an invoice or a receipt."""
        if not render.is_receipt(request):
            return self.api.document("POST", "/documents", body=request)
        issued = self.api.document("POST", "/documents/receipt", body=request)
        if issued.kind is not Kind.RECEIPT:
            raise OutcomeUnknown("The answer is no receipt", reason=Reason.UNREADABLE)
        return issued

    def find(self, invoice):
        """Look by the external key, then by order number, kind, gross and currency.

        The second look is among the buyer's newest documents: it finds what has no
        ``vendor_id`` (the invoice made of a proforma), and what the look-up by key does
        not show yet.  A receipt has neither buyer nor order number: two receipts of one
        sum on one day cannot be told apart, so that only the key is asked for, and what
        it does not find is left to a person with :meth:`list_receipts`.
        """
        with only_asked():
            found = self._by_key(invoice.external_key)
            if found or invoice.kind is Kind.RECEIPT:
                return found
            return self._by_order(invoice)

    def _by_key(self, external_key):
        try:
            return self.api.document("GET", at("/documents/vendor", external_key))
        except Rejected as error:
            if error.reason is Reason.NOT_FOUND:
                return None
            raise

    def _by_order(self, invoice):
        if not (invoice.order_number and invoice.partner_id):
            return None
        # Issued not before its fulfilment, nor after today; a day for the time zone.
        today = datetime.fromtimestamp(self.clock(), timezone.utc).date()
        since = min(invoice.fulfillment_date, today) - timedelta(days=1)
        found = self.api.rows(
            "/documents",
            parse.document,
            pages=1,
            partner_id=invoice.partner_id,
            start_date=since.isoformat(),
        )
        for document in found:
            if (
                document
                and document.order_number == invoice.order_number
                and not differences(invoice, document)
            ):
                return document
        return None

    def get(self, document):
        """Return the current state of ``document``.

        The outstanding amount of an invoice that is partly paid or overdue follows from
        its list of payments only.
        """
        found = self._read(document)
        if found.outstanding is not None or found.kind is not Kind.INVOICE:
            return found
        path = at("/documents", document.id, "payments")
        with only_asked():
            paid = self.api.call("GET", path, read=parse.paid)
        return dataclasses.replace(found, outstanding=found.gross - paid)

    def _read(self, document):
        return self.api.document("GET", at("/documents", document.id), document.id)

    def examine(self, document):
        """Return ``document`` with its payments, which take a call of their own."""
        found = self._read(document)
        path = at("/documents", document.id, "payments")
        with only_asked():
            payments = self.api.call("GET", path, read=parse.payments)
        paid = sum((payment.amount for payment in payments), Decimal(0))
        owed = found.outstanding
        if owed is None and found.kind is Kind.INVOICE:
            owed = found.gross - paid
        return dataclasses.replace(found, payments=payments, outstanding=owed)

    def finalize(self, draft, request):
        """Acts.  Turn a draft into an invoice under the same id, unless it is one."""
        current = self._read(draft)
        if current.kind is not Kind.DRAFT:
            return current
        path = at("/documents", draft.id)
        issued = self.api.document("PUT", path, draft.id, body=request)
        if issued.kind is Kind.DRAFT:
            raise OutcomeUnknown("The answer is a draft", reason=Reason.UNREADABLE)
        return issued

    def convert_proforma(self, proforma, request):
        """Acts.  Issue the invoice of a proforma, or return the one that there is."""
        current = self._read(proforma)
        invoice = self._related(current, Kind.INVOICE)
        if invoice:
            return invoice
        body = render.from_proforma(wire.loads(request))
        path = at("/documents", proforma.id, "create-from-proforma")
        return self.api.document("POST", path, body=body)

    def made_of(self, document):
        """See :meth:`InvoiceProvider.made_of`.  A proforma names its invoice."""
        try:
            return self._invoice_of(self._read(document))
        except Rejected as error:
            if error.reason is not Reason.NOT_FOUND:
                raise
            return None

    def _invoice_of(self, proforma):
        with only_asked():
            return self._related(proforma, Kind.INVOICE)

    def discard(self, document):
        """Acts.  See :meth:`InvoiceProvider.discard`.  A proforma is archived."""
        try:
            current = self._read(document)
            if current.kind is Kind.DRAFT:
                self.api.call("DELETE", at("/documents", document.id))
            elif current.kind is Kind.PROFORMA:
                self._check_no_invoice(current, self._invoice_of(current))
                self.api.call("PUT", at("/documents", document.id, "archive"))
            else:
                raise Rejected(
                    f"{current.number} is issued and cannot be discarded",
                    reason=Reason.CLOSED,
                )
        except Rejected as error:
            if error.reason is not Reason.NOT_FOUND:
                raise

    def cancel(self, cancellation):
        """Acts.  Make the storno, unless the original is cancelled already.

        A second cancel may well make a second storno, so the original is read first.
        """
        original = self._read(cancellation.original)
        if original.kind not in ISSUED_KINDS:
            raise Rejected(
                f"{original.number or 'A draft'} is no invoice", reason=Reason.CLOSED
            )
        if original.cancelled:
            return self._storno_of(original)
        path = at("/documents", original.id, "cancel")
        body = render.cancellation(cancellation)
        storno = self.api.document("POST", path, body=body)
        if storno.kind is not Kind.STORNO:
            raise OutcomeUnknown("The answer is not a storno", reason=Reason.UNREADABLE)
        return _storno(storno, original)

    def find_cancellation(self, cancellation):
        """Return the storno of the original, None if the original is not cancelled.

        :raises Rejected: with ``Reason.NOT_FOUND`` if the original is cancelled by a
            storno that it does not name
        """
        original = self._read(cancellation.original)
        return self._storno_of(original) if original.cancelled else None

    def _storno_of(self, original):
        storno = self._related(original, Kind.STORNO)
        if storno is None:
            raise Rejected(
                f"{original.number} is cancelled, but its storno is not named",
                reason=Reason.NOT_FOUND,
            )
        return _storno(storno, original)

    def _related(self, document, kind):
        """Return the related document of this kind that is not cancelled, or None."""
        for related_id in filter(None, document.related_ids):
            related = self.api.document("GET", at("/documents", related_id), related_id)
            if related.kind is kind and not related.cancelled:
                return related
        if "" in document.related_ids:
            raise NotProcessed(
                "A related document is not named", reason=Reason.UNREADABLE
            )
        return None

    def list_documents(self, since, until):
        """Yield the documents whose date is in the range, newest first."""
        found = self._list(since, until)
        return (document for document in found if not document.is_receipt)

    def list_receipts(self, since, until):
        """Yield the receipts whose date is in the range, newest first.

        ``type=receipt`` is one of two types that 3.0.15 can list; whether the list then
        has their stornos is not published.
        """
        found = self._list(since, until, type=RECEIPT)
        return (document for document in found if document.is_receipt)

    def list_issued(self, since, until, *, receipts=True):
        """Yield all that was issued, receipts and their stornos too.

        Whether the list without a type has receipts is not published, nor whether the
        one of receipts has their stornos: both are read, and what is on both is one.
        """
        seen = set()
        lists = [{}, {"type": RECEIPT}] if receipts else [{}]
        for params in lists:
            listed_before = frozenset(seen)
            for document in self._list(since, until, **params):
                seen.add(document.id)
                if document.id not in listed_before:
                    if receipts or not document.is_receipt:
                        yield document

    def _list(self, since, until, **params):
        found = self.api.whole(
            "/documents",
            parse.document,
            start_date=since.isoformat(),
            end_date=until.isoformat(),
            **params,
        )
        return (document for document in found if document)

    # === AMOUNTS === #

    @staticmethod
    def amounts(invoice):
        """Return a ``RateSum`` for each item, gross first: see ``render``.

        That VAT is rounded item by item is how the vendor's recorded answers add up;
        it is not published.
        """
        if invoice.kind is Kind.RECEIPT:
            lines = reductions.merge(invoice.lines, invoice.currency, receipt_vat)
            return tuple(
                pricing.item_sum(row.vat, row.gross, invoice.currency) for row in lines
            )
        return pricing.amounts(invoice)

    # === FILES FOR ACCOUNTING PROGRAMS === #

    def request_export(self, query):
        """Have a file made: see :meth:`InvoiceProvider.request_export`."""
        return self.api.call(
            "POST",
            "/document-export",
            body=render.export(query),
            read=parse.export_id,
            safe=True,
        )

    def export_status(self, export_id):
        """Return where a file is that was asked for."""
        return self.api.call(
            "GET",
            at("/document-export", export_id, "poll"),
            read=lambda answer: parse.export_status(answer, export_id),
        )

    def download_export(self, export_id):
        """Return a file that is ready."""
        path = at("/document-export", export_id, "download")
        return self.api.file(path, parse.export_file)

    # === AFTER ISSUE === #

    def register_payments(self, document, tenders, *, fresh=False):
        """Acts.  Make ``tenders`` the whole payment history of the document."""
        self._check_payable(document)
        path = at("/documents", document.id, "payments")
        paid = self.api.call(
            "PUT", path, body=render.payments(tenders), read=parse.paid
        )
        return PaymentState(paid=paid, outstanding=document.gross - paid)

    def undo_payments(self, document):
        """Acts.  Remove every payment of the document."""
        self._check_payable(document)
        path = at("/documents", document.id, "payments")
        paid = self.api.call("DELETE", path, read=parse.paid)
        return PaymentState(paid=paid, outstanding=document.gross - paid)

    def _check_payable(self, document):
        """Refuse to touch what a receipt says of its payment: it is paid."""
        if document.is_receipt:
            raise self._unsupported()

    def send(self, document, emails, mail=None):
        """Acts.  E-mail the document; without ``emails`` it goes to the partner's."""
        body = wire.dumps({"emails": list(emails)} if emails else {})
        path = at("/documents", document.id, "send")
        return self.api.call("POST", path, body=body, read=parse.emails)

    def download(self, document):
        """Return the document as a PDF."""
        return self.api.call("GET", at("/documents", document.id, "download"), pdf=True)

    def print_receipt(self, document, width):
        """Return a receipt as a PDF for a slip printer, 58 or 80 mm (contract)."""
        if width not in self.capabilities.receipt_widths or not document.is_receipt:
            raise self._unsupported()
        path = at("/documents", document.id, "print", "pos")
        return self.api.call("GET", path, params={"size": width}, pdf=True)

    def public_url(self, document):
        """Return the service's own page of the document."""
        path = at("/documents", document.id, "public-url")
        return self.api.call("GET", path, read=parse.public_url)

    def nav_status(self, document):
        """Return the state of the report to NAV, with NAV's words if it failed.

        Of a receipt nothing is told: the state in its answer is that of invoices.
        """
        if document.is_receipt:
            raise self._unsupported()
        data = self.api.call("GET", at("/documents", document.id), read=parse.json)
        status = _nav_status(parse.text(data, "online_szamla_status"))
        if status.state not in NAV_EXPLAINS:
            return status
        words = self._nav_messages(document) or status.detail
        return dataclasses.replace(status, detail=words)

    def nav_statuses(self, documents):
        """Return what the list of documents says about their reports.

        The list of their running numbers: what was made since, which may be much, is
        not read. But for reports that went wrong: NAV's words about one are a call of
        its own.
        """
        reported = [document for document in documents if not document.is_receipt]
        days = [document.issue_date for document in reported]
        if None in days or not days:
            return {}
        wanted = {document.id for document in reported}
        found = self.api.rows(
            "/documents",
            lambda row: (str(row.get("id")), parse.text(row, "online_szamla_status")),
            NAV_PAGES,
            start_date=min(days).isoformat(),
            end_date=max(days).isoformat(),
            **_range_of_numbers(reported),
        )
        statuses = {}
        for id_, status in found:
            if id_ in wanted and status:
                statuses[id_] = _nav_status(status)
            if len(statuses) == len(wanted):
                break
        return {
            id_: status
            for id_, status in statuses.items()
            if status.state not in NAV_EXPLAINS
        }

    def _nav_messages(self, document):
        path = at("/documents", document.id)
        try:
            return self.api.call(
                "GET", f"{path}/online-szamla", read=parse.nav_messages
            )
        except Rejected:  # "NavOnlineSzamla is not found": nothing was sent to NAV
            return ""


def _range_of_numbers(documents):
    """Return the filters of a list for these documents' running numbers.

    Empty if one has no such number. Source: ``GET /documents`` of Billingo's OpenAPI
    (both of a pair, the number without year or formatting).

    :param documents: :class:`IssuedDocument` with their days
    """
    found = [(d.issue_date.year, _RUNNING.search(d.number or "")) for d in documents]
    if not all(number for _year, number in found):
        return {}
    numbers = [(year, int(number[1])) for year, number in found]
    (start_year, start), (end_year, end) = min(numbers), max(numbers)
    return {
        "start_year": start_year,
        "start_number": start,
        "end_year": end_year,
        "end_number": end,
    }


def _nav_status(status):
    """Return the state of a report that the service's ``status`` means."""
    return NavStatus(state=NAV_STATES.get(status, NavState.REJECTED), detail=status)


def _storno(storno, original):
    """Return ``storno`` with what its original tells of it.

    That of a receipt is one whatever its type is called.
    """
    return dataclasses.replace(
        storno,
        original_number=original.number,
        of_receipt=original.kind is Kind.RECEIPT,
    )
