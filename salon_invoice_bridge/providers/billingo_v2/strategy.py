"""Billingo by its legacy API v2.

New connections take API v3; this strategy serves accounts that still have a key pair of
the older interface.  It differs from v3 where a salon can feel it:

* There is no field for a key of ours.  Each document carries ``[external key]`` in the
  last line of its comment, and :meth:`~BillingoV2.find` reads the newest documents for
  it.  It can prove presence, never absence.
* An invoice paid by SZÉP card, PayPal or bank transfer is issued as unpaid, and paid by
  :meth:`~BillingoV2.register_payments`; the other methods count as paid at once.
* E-mails go to the one address that the service keeps for the buyer.
* The storno takes neither a reason nor a key; drafts and proformas cannot be deleted.

Source: the vendor's documentation of API v2 (octonull/Billingo-API-docs).
"""

import dataclasses
import hashlib
from contextlib import suppress

from ...billing.errors import (
    AccountProblem,
    NotProcessed,
    OutcomeUnknown,
    ProviderError,
    Reason,
    Rejected,
)
from ...billing.invoice import AccountInfo, Kind, PaymentState
from .. import pricing, wire
from ..base import Capabilities, InvoiceProvider, only_asked
from ..billingo.tables import LANGUAGES
from ..registry import register
from ..reported import reported_kind
from . import parse, render, search
from .api import PAGE, BillingoV2Api
from .search import read
from .tables import PAYMENT_METHODS, VAT_VALUES, vat_word

#: Pages of 50 that a list for reconciliation may have.
LIST_PAGES = 400
_KINDS = {number: kind for kind, number in parse.TYPES.items()}


@register
class BillingoV2(InvoiceProvider):
    """One account at Billingo, by its public and private key of API v2.

    :param int other_payment_method: the ``payment_method`` of tenders of kind OTHER
        (1 cash, as the salon's own choice may change)
    """

    code = "billingo_v2"
    name = "Billingo (API v2)"
    default_url = "https://www.billingo.hu/api"
    capabilities = Capabilities(
        kinds=frozenset({Kind.DRAFT, Kind.PROFORMA, Kind.INVOICE}),
        block_required=False,
        finds_by_key=False,
        exchange_rate=False,
        ends_drafts=False,
        other_payment=None,
        languages=LANGUAGES,
        pdf_seconds=10.0,
        tells_own=True,  # the key, in the comment
    )

    vat_word = staticmethod(vat_word)
    reported_kind = staticmethod(reported_kind(PAYMENT_METHODS))

    def __init__(self, credentials, *, other_payment_method=1, **options):
        super().__init__(credentials, **options)
        self.other_payment_method = other_payment_method
        self.api = BillingoV2Api(
            self.http, credentials.public_key, credentials.api_key, self.clock
        )
        self._vat_values = None
        self._addresses = {}  # id of a document made in this session -> its client's

    # === ACCOUNT === #

    def verify(self):
        """Read tax number, blocks and bank accounts.

        Whether the key may write, what the plan includes and whether NAV is connected
        cannot be asked by this interface.
        """
        tax_number = self.api.tax_code()
        # Without a tax number the public key names the user, hashed: it opens nothing
        # alone, but it is still half of a secret.
        identity = (
            tax_number
            or hashlib.sha256(self.credentials.public_key.encode()).hexdigest()[:16]
        )
        return AccountInfo(
            fingerprint=f"{self.code}:{identity}",
            tax_number=tax_number,
            blocks=read(parse.blocks, self.api.blocks()),
            bank_accounts=read(parse.bank_accounts, self.api.bank_accounts()),
            sandbox=self.api.is_sandbox(),
        )

    def _check_vat(self, request):
        """Ask (once in a session) whether VAT ids mean the rates that we believe.

        :raises AccountProblem: if not; an invoice would carry another VAT
        """
        if self._vat_values is None:
            self._vat_values = read(parse.vat_values, self.api.vat())
        used = {row.get("vat_id") for row in request["items"]}
        for vat_id in sorted(used & VAT_VALUES.keys()):
            if self._vat_values.get(str(vat_id)) != VAT_VALUES[vat_id]:
                raise AccountProblem(
                    f"VAT id {vat_id} is not {VAT_VALUES[vat_id]} at this account",
                    reason=Reason.SETUP,
                    code="vat",
                )

    # === BUYERS === #

    def sync_buyer(self, buyer, partner_id="", *, force_new=False):
        """Acts.  Update the client, or create it; returns its id.

        What the salon's bookkeeper added to the client stays.

        The service answers a creation with the client that has the same name, tax
        number and address, as it is, which makes a repeated creation harmless.  If that
        one has another e-mail address, a second one is created beside it: an
        invoice must not go to another customer's address.
        """
        if partner_id:
            try:
                _identity, known = self.api.client(partner_id)
                request = render.client_request(buyer, known=known)
                return self.api.update_client(partner_id, request)[0]
            except Rejected as error:
                if error.reason is not Reason.NOT_FOUND:
                    raise
        request = render.client_request(buyer, force=force_new)
        identity, kept = self.api.create_client(request)
        email = buyer.emails[0] if buyer.emails else ""
        if kept.get("email", email) != email:
            identity, _kept = self.api.create_client(
                render.client_request(buyer, force=True)
            )
        return identity

    # === DOCUMENTS === #

    def render(self, invoice):
        """Return the body of ``POST /invoices``: gross unit prices, no rounding."""
        return render.invoice_request(invoice, self.other_payment_method)

    def issue(self, request):
        """Acts.  Issue the document, then read it back.

        The answer of the creation lacks the printed number and what is paid.

        :raises OutcomeUnknown: with the document, if reading them fails
        """
        values = wire.loads(request)
        self._check_vat(values)
        issued = self._acted(self.api.create_invoice(request), _KINDS[values["type"]])
        signature = values["comment"].rpartition("\n")[2]
        if issued.comment and signature not in issued.comment:
            raise OutcomeUnknown("The answer is about another document")
        return self._refreshed(issued)

    def find(self, invoice):
        """Look for the marker in the comments of the newest documents.

        They are read by fulfilment date, then from the newest, at most three pages of
        50 each.  None means "not seen", not "not there".  An invoice made of a proforma
        has the proforma's comment, so there the order number decides.
        """
        with only_asked():
            return search.ours(self.api, invoice)

    def get(self, document):
        return self._get(document.id, document.kind)

    def finalize(self, draft, request):
        """Acts.  ``generate`` is the one call that makes an invoice of a document.

        The vendor documents it for proformas only; for a draft it is untried.
        """
        return self._generate(draft)

    def convert_proforma(self, proforma, request):
        """Acts.  The service copies the proforma; ``request`` is not sent."""
        return self._generate(proforma)

    def _generate(self, document):
        """Return the invoice with the document's comment, made if it is not seen."""
        invoice = search.copy_of(self.api, document)
        if invoice:
            return invoice
        identity = self.api.generate(document.id)
        try:
            # Older installations do not tell the id.
            invoice = (
                self._get(identity, Kind.INVOICE)
                if identity
                else search.copy_of(self.api, document)
            )
        except ProviderError as error:
            message = f"Generated, but not readable: {error.message}"
            raise OutcomeUnknown(message, reason=error.reason) from error
        if invoice is None:
            raise OutcomeUnknown("Billingo did not say which invoice it generated")
        return invoice

    def made_of(self, document):
        """Look for a standing invoice with the same comment among the newest.

        No list tells kinds, but only what is issued has a number.
        """
        found = search.copy_of(self.api, document)
        return found if found and found.number else None

    def discard(self, document):
        """Look whether somebody has deleted it: the interface itself cannot.

        :raises Rejected: with ``Reason.UNSUPPORTED`` if it is still there, with
            ``Reason.CLOSED`` if it became an invoice
        """
        try:
            self.get(document)
        except Rejected as error:
            if error.reason is not Reason.NOT_FOUND:
                raise
            self._check_no_invoice(document, self.made_of(document))
            return
        raise self._unsupported()

    def cancel(self, cancellation):
        """Acts.  Cancel the invoice once; the reason cannot be sent."""
        original = self.get(cancellation.original)
        if original.kind is Kind.STORNO:
            raise Rejected("A storno cannot be cancelled", reason=Reason.CLOSED)
        if original.cancelled:
            return search.storno_of(self.api, original)
        storno = self._acted(self.api.cancel(original.id), Kind.STORNO)
        if storno.id == original.id or storno.gross * original.gross > 0:
            raise OutcomeUnknown("What came back is not a storno")
        return search.storno(self._refreshed(storno), original)

    def find_cancellation(self, cancellation):
        """Return the storno, None if the original is not cancelled.

        :raises Rejected: with ``Reason.NOT_FOUND`` if the original is cancelled, but
            its storno is not among the documents that are read
        """
        original = self.get(cancellation.original)
        return search.storno_of(self.api, original) if original.cancelled else None

    def list_documents(self, since, until):
        """See :meth:`InvoiceProvider.list_documents`.

        Nothing says how long the list is: a page that is not full is its end.
        """
        ends = self.http.deadline()
        for page in range(1, LIST_PAGES + 1):
            with self.http.until(ends):
                batch = self.api.query(since, until, page=page, max_per_page=PAGE)
            yield from read(parse.documents, batch, Kind.INVOICE)
            if len(batch) < PAGE:
                return
        raise NotProcessed("A list without an end", reason=Reason.UNREADABLE)

    # === AMOUNTS === #

    @staticmethod
    def amounts(invoice):
        """Return a ``RateSum`` for each item; see ``pricing``.

        The interface tells net unit prices to three decimals and no VAT: that the
        document rounds like one of v3 is an assumption.
        """
        return pricing.amounts(invoice)

    # === AFTER ISSUE === #

    def register_payments(self, document, tenders, *, fresh=False):
        """Acts.  Pay what is not registered yet, tender by tender.

        The service tells sums only.  What is paid is undone first unless it is the sum
        of the first of these tenders: so a call that was interrupted is gone on with,
        and a further payment never takes back those before it.  What has just been
        issued has only what its method counts as paid at once: it is not read again.
        """
        if fresh and len(tenders) > 1:
            if document.outstanding == 0:
                self.api.undo_pay(document.id)
            if document.outstanding in (0, document.gross):
                return self._pay(document.id, document.gross, tenders)
        identity, attributes = self.api.invoice(document.id)
        now = read(parse.document, identity, attributes, document.kind)
        state = _payment_state(now.gross, now.outstanding)
        unpaid = self._unpaid(attributes, state, tenders)
        if unpaid is None:
            state = _payment_state(now.gross, self.api.undo_pay(document.id)[1])
            unpaid = tenders
        return self._pay(document.id, now.gross, unpaid) or state

    def _pay(self, id_, gross, tenders):
        """Register payments; return the state after the last one, None without any."""
        state = None
        for tender in tenders:
            method = render.payment_method(tender.kind, self.other_payment_method)
            _paid, outstanding = self.api.pay(id_, tender.date, tender.amount, method)
            state = _payment_state(gross, outstanding)
        return state

    def _unpaid(self, attributes, state, tenders):
        """Return the tenders that are not registered, None if something else is.

        A document whose method counts as paid at once has no registered payment yet,
        unless that method is the only tender.
        """
        method = read(parse.mapping, attributes, "payment_method")
        for count in range(len(tenders) + 1):
            if state.paid != sum(tender.amount for tender in tenders[:count]):
                continue
            if (
                not state.paid
                or not state.fully_paid
                or read(parse.text, method, "advance_paid") == "0"
                or (count == 1 and self._is_paid_by(attributes, tenders[0].kind))
            ):
                return tenders[count:]
        return None

    def _is_paid_by(self, attributes, kind):
        method = read(parse.mapping, attributes, "payment_method").get("id")
        return str(method) == str(
            render.payment_method(kind, self.other_payment_method)
        )

    def undo_payments(self, document):
        _paid, outstanding = self.api.undo_pay(document.id)
        return _payment_state(document.gross, outstanding)

    def send(self, document, emails, mail=None):
        """Acts.  E-mail the document to the address that its client has there.

        What was made in this session has been read back a moment ago: it is not read
        again before its first e-mail.

        :raises Rejected: if the client has no address, or one that is not in
            ``emails``: the interface does not accept an address
        """
        address = self._addresses.pop(document.id, None)
        if address is None:
            address = _address(self.api.invoice(document.id)[1])
        if not address:
            raise Rejected("The client has no e-mail address at Billingo")
        if emails and address.lower() not in {email.lower() for email in emails}:
            raise Rejected(
                "Billingo v2 sends only to the client's own address",
                reason=Reason.UNSUPPORTED,
            )
        self.api.send(document.id)
        return (address,)

    def download(self, document):
        return self.api.download(document.id)

    def public_url(self, document):
        return document.public_url or self.api.access_url(self.api.code(document.id))

    # === READING === #

    def _get(self, identity, kind):
        return read(parse.document, *self.api.invoice(identity), kind)

    def _acted(self, record, kind):
        """Return the document in the answer of a call that acted."""
        try:
            return parse.document(*record, kind)
        except parse.Unreadable as error:
            raise parse.unreadable(error, safe=False) from error

    def _refreshed(self, document):
        """Return the state of a document that has just been created.

        :raises OutcomeUnknown: with the document without its number, which is printed
            with the prefix of its block
        """
        try:
            identity, attributes = self.api.invoice(document.id)
            made = read(parse.document, identity, attributes, document.kind)
            with suppress(ProviderError):  # it is read again then
                self._addresses[made.id] = _address(attributes)
            return made
        except ProviderError as error:
            raise OutcomeUnknown(
                f"Made, but not readable: {error.message}",
                reason=error.reason,
                document=dataclasses.replace(document, number=""),
            ) from error


def _address(attributes):
    """Return the e-mail address of a document's client, "" if it has none."""
    return read(parse.text, read(parse.mapping, attributes, "client"), "email")


def _payment_state(gross, outstanding):
    if outstanding is None:
        raise NotProcessed(
            "The answer does not say what is paid", reason=Reason.UNREADABLE
        )
    return PaymentState(paid=gross - outstanding, outstanding=outstanding)
