from datetime import date
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..billing import errors
from ..billing.codec import from_json, to_json
from ..billing.invoice import PaymentKind, Tender

#: Documents that can be paid.
PAYABLE = ("invoice", "remainder")


class SalonInvoicePayment(models.Model):
    """What is paid of a document: as registered by us, and as the service says.

    Services keep a document's payments as one history that is replaced as a whole, so
    what somebody registered at the service is looked at first and never overwritten.
    """

    _inherit = "salon.invoice.document"

    payments = fields.Json(
        readonly=True, copy=False, help="The payments that we have registered."
    )
    amount_outstanding = fields.Monetary(string="Outstanding", readonly=True)
    payment_state = fields.Selection(
        [
            ("paid", "Fully paid"),
            ("partial", "Partly paid"),
            ("outstanding", "Outstanding"),
        ],
        compute="_compute_payment_state",
        store=True,
    )

    @api.depends("state", "kind", "amount_gross", "amount_outstanding")
    def _compute_payment_state(self):
        for document in self:
            if document.kind not in PAYABLE or document.state != "issued":
                document.payment_state = False
            elif document.currency_id.is_zero(document.amount_outstanding):
                document.payment_state = "paid"
            elif document.amount_outstanding < document.amount_gross:
                document.payment_state = "partial"
            else:
                document.payment_state = "outstanding"

    def _issued_values(self, issued, meant):
        values = super()._issued_values(issued, meant)
        if self.kind in PAYABLE and meant:
            outstanding = issued.outstanding
            if outstanding is None:
                outstanding = Decimal(0) if meant.paid else issued.gross
            values["payments"] = to_json(meant.tenders if meant.paid else ())
            values["amount_outstanding"] = float(outstanding)
        return values

    def _tenders(self):
        """Return the payments that we have registered, as ``Tender``."""
        return tuple(from_json(Tender, data) for data in self.payments or ())

    def _note_payments(self, tenders, state):
        """Record what the service says is paid.

        :param state: ``billing.invoice.PaymentState``
        """
        self.write(
            {
                "payments": to_json(tuple(tenders)),
                "amount_outstanding": float(state.outstanding),
            }
        )

    # === WISHES === #

    def _check_payable(self):
        self.ensure_one()
        if self.kind not in PAYABLE or self.state != "issued":
            raise UserError(self.env._("Only an issued invoice can be paid."))

    def action_register_payment(self, amount, kind, day):
        """Register that ``amount`` was paid, all or part of what is outstanding.

        :param float amount: in the currency of the document
        :param str kind: a value of ``billing.invoice.PaymentKind``
        :param str day: in ISO form
        :raises UserError: if the amount is not between nothing and what is outstanding
        """
        self._check_may_manage()
        self._check_payable()
        exact = Decimal(str(amount))
        if not 0 < exact <= Decimal(str(self.amount_outstanding)):
            raise UserError(
                self.env._(
                    "The amount must be more than nothing and at most what is "
                    "outstanding: %s.",
                    self._in_words(self.amount_outstanding),
                )
            )
        tender = Tender(
            kind=PaymentKind(kind), amount=exact, date=date.fromisoformat(str(day))
        )
        self._wish("pay", to_json(tender))
        return self._wish_noted()

    def action_undo_payments(self):
        """Remove every payment of the document at the service."""
        self._check_may_manage()
        self._check_payable()
        self._wish("unpay")
        return self._wish_noted()


class SalonInvoicePaymentStep(models.Model):
    _inherit = "salon.invoice.step"

    kind = fields.Selection(
        selection_add=[("pay", "Register a payment"), ("unpay", "Undo payments")],
        ondelete={"pay": "cascade", "unpay": "cascade"},
    )

    def _run_payments(self, provider, exchanges):
        document = self.document_id
        tenders = document._invoice().tenders
        state = self._call(provider, exchanges, "register_payments", tenders)
        document._note_payments(tenders, state)

    def _run_pay(self, provider, exchanges):
        document = self.document_id
        tender = from_json(Tender, self.arguments)
        self._check_history(provider, exchanges, tender)
        tenders = (*document._tenders(), tender)
        state = self._call(provider, exchanges, "register_payments", tenders)
        document._note_payments(tenders, state)

    def _run_unpay(self, provider, exchanges):
        state = self._call(provider, exchanges, "undo_payments")
        self.document_id._note_payments((), state)

    def _check_history(self, provider, exchanges, tender):
        """Refuse to overwrite a payment that somebody registered at the service.

        :raises billing.errors.Rejected: with what is owed there
        """
        document = self.document_id
        theirs = self._call(provider, exchanges, "get").outstanding
        ours = Decimal(str(document.amount_outstanding))
        # A repeated step finds its own payment, which its lost answer did not tell, or
        # what it had registered anew when it was interrupted.
        known = [ours, ours - tender.amount]
        if self.tries > 1:
            left = Decimal(str(document.amount_gross))
            for registered in (None, *document._tenders()):
                left -= registered.amount if registered else 0
                known.append(left)
        if theirs is None or theirs in known:
            return
        document.amount_outstanding = float(theirs)
        raise errors.Rejected(
            self.env._(
                "A payment was registered at the service meanwhile; %s is outstanding "
                "there. Nothing was changed: look at it, then register what is left.",
                theirs,
            )
        )
