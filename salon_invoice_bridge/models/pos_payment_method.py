import re

from odoo import api, fields, models
from odoo.fields import Domain

from ..billing.many import OF_A_PAYMENT
from ..billing.owed import Terms

PAYMENT_KINDS = [
    ("cash", "Cash"),
    ("card", "Card"),
    ("online_card", "Online card"),
    ("barion", "Barion"),
    ("bank_transfer", "Bank transfer"),
    ("paypal", "PayPal"),
    ("szep_card", "SZÉP card"),
    ("voucher", "Voucher"),
    ("other", "Other"),
]

#: What in a payment method's name tells its kind, the first match counts.
_NAMES = [
    (r"barion", "barion"),
    (r"paypal", "paypal"),
    (r"\bsz[ée]p(?!s)", "szep_card"),  # SZÉP kártya, not "szépség"
    (r"ajándék|gift|utalvány|voucher|kupon|bérlet", "voucher"),
    (r"online|webshop|simplepay|stripe", "online_card"),
    (r"utalás|transfer|qvik", "bank_transfer"),
    (r"kártya|card|terminál|terminal", "card"),
    (r"készpénz|cash|\bkp\b", "cash"),
]


#: What the salon says of the money that a method takes.
TERMS = ("salon_counts_as_paid", "salon_has_due_days", "salon_due_days")


class PosPaymentMethod(models.Model):
    """The payment method: what it is called on an invoice, and when it is paid."""

    _name = "pos.payment.method"
    _inherit = ["pos.payment.method", "salon.invoice.mended"]

    salon_payment_kind = fields.Selection(
        PAYMENT_KINDS,
        string="On the Invoice",
        compute="_compute_salon_payment_kind",
        store=True,
        readonly=False,
        help="Each invoicing service has its own word for it.",
    )

    salon_counts_as_paid = fields.Boolean(
        string="Paid When Taken",
        compute="_compute_salon_counts_as_paid",
        store=True,
        readonly=False,
        help="Off: an invoice says that the money is still to come, as it is with a "
        "bank transfer.",
    )
    # Two fields, because 0 days are days: due at once.
    salon_has_due_days = fields.Boolean(
        string="Due Days of Its Own",
        help="Off: what is still to come is due when the company's invoices are.",
    )
    salon_due_days = fields.Integer(
        string="Due Days",
        help="Days after the sale by which what is still to come is due, 0 to 90.",
    )
    salon_terms_answered_on = fields.Date(
        string="Said On",
        readonly=True,
        copy=False,
        help="When somebody last said whether it counts as paid, and when it is due.",
    )

    _salon_due_days_range = models.Constraint(
        "CHECK (salon_due_days BETWEEN 0 AND 90)",
        "Due days are between 0 and 90.",
    )

    @api.depends("salon_payment_kind")
    def _compute_salon_counts_as_paid(self):
        for method in self:
            method.salon_counts_as_paid = method.salon_payment_kind != "bank_transfer"

    @api.depends("journal_id.type", "use_payment_terminal")
    def _compute_salon_payment_kind(self):
        for method in self:
            if not method.salon_payment_kind:
                method.salon_payment_kind = method._salon_guess_kind()

    @api.model
    def _load_pos_data_fields(self, config):
        # The till says beforehand what a sale gets: what is not paid gets an invoice.
        return [*super()._load_pos_data_fields(config), "salon_counts_as_paid"]

    def _is_write_forbidden(self, fields):
        # What an invoice calls a payment says nothing to a till that is open.
        ours = {"salon_payment_kind", "salon_terms_answered_on", *TERMS}
        return super()._is_write_forbidden(fields - ours)

    def write(self, vals):
        if not vals.keys().isdisjoint(TERMS):
            vals = {"salon_terms_answered_on": fields.Date.context_today(self), **vals}
        with self.env["salon.invoice.question"]._noting(self, vals):
            return super().write(vals)

    def _salon_stopped_domain(self):
        """Return what tells the documents that may wait for this method.

        No problem names a payment method: those of its sales that the service refuses.
        """
        return Domain(
            [
                ("problem_record", "=", False),
                ("problem_reason", "in", sorted(OF_A_PAYMENT)),
                ("order_id.payment_ids.payment_method_id", "=", self.id),
            ]
        )

    def _salon_terms(self):
        """Return what this method says of the money that it takes.

        Without a journal it is the customer's account ("pay_later").

        :return: ``billing.owed.Terms``
        """
        self.ensure_one()
        return Terms(
            counts_as_paid=self.salon_counts_as_paid,
            on_account=not self.journal_id,
            due_days=self.salon_due_days if self.salon_has_due_days else None,
        )

    def _salon_guess_kind(self):
        """Guess the kind from the journal, the terminal and the name.

        What is put on the customer's account is owed, and will be transferred.
        """
        if self.journal_id.type == "cash":
            return "cash"
        if "is_online_payment" in self._fields and self.is_online_payment:
            return "online_card"
        if self.use_payment_terminal:
            return "card"
        for pattern, kind in _NAMES:
            if re.search(pattern, (self.name or "").lower()):
                return kind
        return "card" if self.journal_id.type == "bank" else "bank_transfer"
