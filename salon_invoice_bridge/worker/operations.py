"""What is done with one document at its service: one class per operation.

:func:`of` chooses the operation of a document. A turn of the lane calls either
:meth:`Operation.ready` and :meth:`Operation.send`, or :meth:`Operation.look_up`.
"""

import json
from dataclasses import replace
from decimal import Decimal

from ..billing import errors
from ..billing.codec import from_json, to_json
from ..billing.compare import differences, storno_differences
from ..billing.invoice import Cancellation, DocumentKind, Kind
from ..billing.problem import Code, Problem
from ..billing.refund import UNASKED_REASONS


def of(document, service):
    """Return the operation that ``document`` needs.

    :param document: ``salon.invoice.document``, one
    :param service: :class:`.service.Service` of its account
    """
    if document._is_conversion():
        draft = document.origin_id.kind == DocumentKind.DRAFT
        return (Finalize if draft else ConvertProforma)(document, service)
    return OPERATIONS[DocumentKind(document.kind)](document, service)


class Operation:
    """One document, and the call that creates it at the service.

    Subclasses say what is theirs of :meth:`ready`, :meth:`prepare`, :meth:`perform`,
    :meth:`find`, :meth:`differences`, :meth:`after` and :attr:`proves_absence`.
    Whatever a service answers may be raised by any of them as a
    ``billing.errors.ProviderError``.

    :param document: ``salon.invoice.document``, one
    :param service: :class:`.service.Service` of its account
    """

    def __init__(self, document, service):
        self.document = document
        self.service = service

    # === WHAT SUBCLASSES SAY === #

    def ready(self):
        """Return True if the document is to be sent now; nothing is created.

        If not, it has been put off, skipped or left to a person.
        """
        return True

    def prepare(self):
        """Freeze the content and the request of the document.

        :raises billing.errors.ProviderError: it cannot be built (yet)
        """
        raise NotImplementedError

    def perform(self):
        """Make the one call that creates the document.

        :return: ``billing.invoice.IssuedDocument``
        """
        raise NotImplementedError

    def find(self):
        """Return the document as the service has it, None if the service has none."""
        raise NotImplementedError

    def differences(self, found):
        """Return how ``found`` differs from what was meant: (what, ours, theirs)."""
        raise NotImplementedError

    def matches(self, found):
        """Return True if ``found`` is what was meant."""
        return not self.differences(found)

    def after(self, issued):
        """Record what was issued, and plan what follows from it."""
        pdf = self.service.provider.received_pdf(issued)
        self.document._on_issued(issued, self.service.capabilities, pdf)

    @property
    def proves_absence(self):
        """True if the service has nothing where a look-up finds nothing."""
        capabilities = self.service.capabilities
        if self.document.is_receipt:
            return capabilities.finds_receipts_by_key
        return capabilities.finds_by_key

    @property
    def looks_up_first(self):
        """True if the service is asked for the document before it is sent."""
        return self.document._must_look_up_first()

    # === THE TURN === #

    def send(self):
        """Claim, commit, call, commit, record.

        A document that the service has already is adopted, and not sent.
        """
        document = self.document
        if document._must_build():
            self.prepare()
        if self.looks_up_first and (found := self._find_made()):
            document._look_up_now()
            self.take_found(found)
            return
        document._claim()
        self.service.commit()
        self.take_answer(self.perform())

    def look_up(self):
        """Find out what became of a send whose answer was lost."""
        found = self._read_linked() or self._find_made()
        if found and not self._is_origin(found):
            self.take_found(found)
        else:
            self.document._on_absent(self.proves_absence)

    def take_answer(self, made):
        """Record what the service says it made, if that is what was meant.

        :param made: ``billing.invoice.IssuedDocument``, the answer of the call
        :raises billing.errors.OutcomeUnknown: it is about another document
        """
        if self._is_origin(made):
            raise errors.OutcomeUnknown("The answer is about the original")
        self._adopt(made, answered=True)

    def take_found(self, found):
        """Adopt what was found if it is what was meant, else leave it to a person."""
        self._adopt(found, answered=False)

    def _adopt(self, made, answered):
        if self.matches(made):
            self.after(made)
        else:
            self.document._on_different(
                made, self.differences(made), self.service.capabilities, answered
            )

    def _find_made(self):
        """Return what the service has of this document, but for its original."""
        found = self.find()
        return found if found and not self._is_origin(found) else None

    def _is_origin(self, found):
        """Return True if ``found`` is what this document is made of.

        A draft may become the invoice itself.
        """
        origin = self.document.origin_id
        if not origin or origin.kind == DocumentKind.DRAFT:
            return False
        return found.id == origin.remote_id

    def _read_linked(self):
        """Return what the service once made for this row as it is now, or None."""
        document = self.document
        if not document._has_remote_copy():
            return None
        current = self.read_current(document)
        if not current:
            # Deleted at the service: what is sent next is another document.
            document._forget_remote_copy()
        return current

    def read_current(self, document):
        """Return ``document`` as the service has it now, None if it is gone."""
        try:
            return self.service.call(self.document, "get", document._issued())
        except errors.Rejected as error:
            if error.reason is not errors.Reason.NOT_FOUND:
                raise
        return None


class Issue(Operation):
    """Issue what was sold: an invoice, a receipt, a proforma or a draft."""

    def ready(self):
        """Skip what came back, or what has nothing to bill, before it is sent."""
        return self.document._is_sale_ready()

    def prepare(self):
        """Freeze the content and the request.

        The partner and the exchange rate are asked of the service here.
        """
        document = self.document
        policy = self.service.policy(document)
        document._refresh_sale_snapshot()
        try:
            invoice = document._make_invoice(policy)
        except Problem:
            # Before a person is asked: somebody may have changed the settings since.
            policy = self.service.policy(document, fresh=True)
            invoice = document._make_invoice(policy)
        if self._needs_partner(invoice):
            invoice = replace(invoice, partner_id=self._sync_buyer(invoice.buyer))
        if self._needs_rate(invoice):
            invoice = replace(invoice, exchange_rate=self._exchange_rate(invoice))
        document._freeze(invoice, self.service.provider.render(invoice))

    def perform(self):
        """Send the frozen request."""
        return self.service.call(self.document, "issue", self._request())

    def find(self):
        """Look the document up by its external key."""
        return self.service.call(self.document, "find", self.document._invoice())

    def differences(self, found):
        """Compare ``found`` with the frozen content."""
        return differences(self.document._invoice(), found)

    def _request(self):
        return self.document.request_body.encode()

    # === EXCHANGE RATE === #

    def _needs_rate(self, invoice):
        """Return True if the exchange rate is to be asked for."""
        if invoice.currency == "HUF" or invoice.exchange_rate:
            return False
        return self.service.capabilities.exchange_rate or bool(self._first())

    def _exchange_rate(self, invoice):
        """Return the rate of the day of the sale; without one there is no document.

        None where the service fills it in, and does not say which it took before.
        """
        first = self._first()
        if first and (rate := self._rate_of(first)):
            return rate
        if not self.service.capabilities.exchange_rate:
            return None
        return self.service.call(
            self.document, "exchange_rate", invoice.currency, invoice.fulfillment_date
        )

    def _first(self):
        """Return the invoice of another buyer, made here, whose forints are repeated.

        Whoever fills in the rates takes that of the day of issue.
        """
        document = self.document
        first = document.replaces_id if document._says_what_it_replaces() else None
        return first if first and first.account_id == document.account_id else None

    def _rate_of(self, original):
        """Return the rate of a document, None where not even the service tells it."""
        if not original.exchange_rate:
            current = self.service.call(self.document, "get", original._issued())
            original.exchange_rate = float(current.exchange_rate or 0)
        rate = original.exchange_rate
        return Decimal(str(rate)) if rate else None

    # === THE BUYER AT THE SERVICE === #

    def _needs_partner(self, invoice):
        """Return True if the service keeps the buyer, whom a receipt does not name."""
        return (
            self.service.capabilities.persistent_partners
            and invoice.kind is not Kind.RECEIPT
        )

    def _sync_buyer(self, buyer):
        """Return the id of the buyer at the service, which is sent only what is new."""
        document = self.document
        partner = document._billed_partner()
        mapping = document.env["salon.invoice.partner"]
        known = mapping._known(self.service.account, partner)
        digest = mapping._digest(to_json(buyer))
        document.partner_reused = known.synced == digest
        if document.partner_reused:
            return known.remote_id
        if partner and not partner.exists():
            return self._sync_deleted(buyer)
        remote_id = self._known_id(known, buyer)
        if not known:
            # Committed before the call: its answer may be lost.
            known = mapping._begin(self.service.account, partner)
            self.service.commit()
        remote_id = self.service.call(document, "sync_buyer", buyer, remote_id)
        if remote_id and not known._unless_taken(remote_id):
            # The service took the buyer for another customer who is alike.
            remote_id = self.service.call(document, "sync_buyer", buyer, force_new=True)
        known.write({"remote_id": remote_id, "synced": digest})
        return remote_id

    def _known_id(self, known, buyer):
        """Return the id that the buyer has at the service, "" if none is known."""
        if known and not known.remote_id:
            # The answer to the first call was lost.
            found = self.service.call(self.document, "find_buyer", buyer)
            return known._unless_taken(found)
        return known._unless_taken(known.remote_id)

    def _sync_deleted(self, buyer):
        """Return the id of a buyer whose customer was merged or deleted in Odoo.

        Who was billed before stays billed.
        """
        root = self.document._root_invoice()
        meant = root._invoice().partner_id if root != self.document else ""
        return self.service.call(self.document, "sync_buyer", buyer, meant)


class Refund(Operation):
    """Decide what a refund becomes; the operation of that follows in the same turn."""

    def ready(self):
        """Return True if the document has become one that is to be sent now."""
        return self.document._decide_refund()


class Correct(Issue):
    """Issue the correction of an invoice: what is kept less what was invoiced."""

    def ready(self):
        """Return True: the refund that it was has been decided."""
        return True

    def _needs_rate(self, invoice):
        # Whoever fills in the rates takes that of the day of issue: a correction would
        # take back other forints of VAT than were charged.
        return invoice.currency != "HUF" and not invoice.exchange_rate

    def _exchange_rate(self, invoice):
        """Return the rate of the corrected invoice.

        :raises billing.errors.Rejected: the service does not say
        """
        original = self.document.origin_id
        rate = self._rate_of(original)
        if not rate:
            raise Problem(Code.UNKNOWN_RATE, document=original.name)
        return rate


class Remainder(Issue):
    """Issue the invoice of what the customer kept, once the storno is issued."""

    def ready(self):
        """Take off what came back since; wait for the storno."""
        return self.document._is_remainder_due()


class Conversion(Issue):
    """Make an invoice of a draft or a proforma.

    Somebody may have made it at the service itself: it is looked up first, compared
    and adopted.
    """

    #: The call that makes the invoice.
    operation = None

    def ready(self):
        """Return True unless it is made already, or all of it came back."""
        document = self.document
        if document.origin_id.state != "issued":
            return document._skip("dropped")
        if self._is_made():
            self._prepare_once()
            document._only_look_up()
            return False
        document._reconsider_refunds(UNASKED_REASONS)
        # A used up proforma returns the invoice that the service has.
        return self._is_used_up() or not document._drop_refunded()

    def perform(self):
        """Have the service make the invoice of the original."""
        original = self.document.origin_id._issued()
        return self.service.call(
            self.document, self.operation, original, self._request()
        )

    def after(self, issued):
        """Record the invoice; the original has become it."""
        original = self.document.origin_id
        if original.state == "issued":
            original._transition("converted")
        return super().after(issued)

    def _is_made(self):
        """Return True if the service has made the invoice of the original already.

        :raises billing.errors.Rejected: the original was changed or deleted there,
            or made by hand
        """
        original = self.document.origin_id
        if not original._has_remote_copy():
            raise original._made_by_hand_problem()
        current = self.read_current(original)
        if not current:
            return self._is_used_up_by_invoice()
        if current.kind is Kind.INVOICE:
            return True
        if changes := original._changes(current):
            raise original._changed_at_service_problem(changes)
        return False

    def _is_used_up_by_invoice(self):
        """Return True if the vanished original was used up for its invoice.

        :raises billing.errors.Rejected: it was deleted there
        """
        self._prepare_once()
        if Issue.find(self):
            return True
        raise Problem(Code.DELETED_AT_SERVICE, document=self.document.origin_id.name)

    def _prepare_once(self):
        """Freeze what is compared, unless an earlier send has frozen it."""
        if self.document._must_build():
            self.prepare()

    def _is_used_up(self):
        """Return True if an invoice was made of the original, which is still there."""
        return False


class Finalize(Conversion):
    """Finalize a draft: the same document at the service becomes the invoice."""

    operation = "finalize"

    def find(self):
        """Read the draft, which may be the invoice by now."""
        current = self.read_current(self.document.origin_id)
        if current:
            return current if current.kind is Kind.INVOICE else None
        return super().find()


class ConvertProforma(Conversion):
    """Issue the invoice of a proforma."""

    operation = "convert_proforma"

    def _is_used_up(self):
        # Asked only if the sale has refunds, so that a full refund cannot drop an
        # existing invoice.
        if not self.document.order_id._salon_return_orders():
            return False
        proforma = self.document.origin_id._issued()
        return bool(self.service.call(self.document, "made_of", proforma))


class Storno(Operation):
    """Cancel an invoice or a receipt.

    No service gives a storno a key of ours that could be trusted, so it is recovered by
    its original: cancelled, which then names its storno, or not.
    """

    proves_absence = True  # the original is read by its own id

    def prepare(self):
        """Freeze the cancellation of the original.

        :raises billing.errors.Rejected: the original was made by hand
        """
        original = self.document.origin_id
        if not original._has_remote_copy():
            raise original._made_by_hand_problem()
        # Whoever mails in a call of its own does so in a task, whose outcome is seen.
        mails = self.service.capabilities.mails_on_issue
        cancellation = Cancellation(
            original=original._issued(),
            external_key=self.document.external_key,
            reason=self.document.reason or "",
            emails=original._mailed_to() if mails and not original.is_receipt else (),
            reply_to=original._mail_words().reply_to if mails else "",
        )
        self.document.write(
            {
                "request_body": json.dumps(to_json(cancellation)),
                "amount_gross": -float(original._issued().gross),
            }
        )

    def perform(self):
        """Have the service cancel the original."""
        return self.service.call(self.document, "cancel", self._cancellation())

    def find(self):
        """Read the original; return the storno that has cancelled it.

        :raises billing.errors.Rejected: it is cancelled, by an unknown document
        """
        if not self.document.request_body:
            self.prepare()
        try:
            return self.service.call(
                self.document, "find_cancellation", self._cancellation()
            )
        except errors.Rejected as error:
            original = self.document.origin_id.name
            raise Problem(Code.UNKNOWN_STORNO, document=original) from error

    def differences(self, found):
        """Compare ``found`` with the original: the same amount, negative."""
        return storno_differences(self.document.origin_id._issued(), found)

    def _cancellation(self):
        return from_json(Cancellation, json.loads(self.document.request_body))


#: The operation of each kind of document; :func:`of` knows the conversions.
OPERATIONS = {
    DocumentKind.INVOICE: Issue,
    DocumentKind.RECEIPT: Issue,
    DocumentKind.PROFORMA: Issue,
    DocumentKind.DRAFT: Issue,
    DocumentKind.REFUND: Refund,
    DocumentKind.STORNO: Storno,
    DocumentKind.CORRECTION: Correct,
    DocumentKind.REMAINDER: Remainder,
}
