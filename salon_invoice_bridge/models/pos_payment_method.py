import re

from odoo import api, fields, models

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


class PosPaymentMethod(models.Model):
    """The payment method: what it is called on an invoice."""

    _inherit = "pos.payment.method"

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

    @api.depends("salon_payment_kind")
    def _compute_salon_counts_as_paid(self):
        for method in self:
            method.salon_counts_as_paid = method.salon_payment_kind != "bank_transfer"

    @api.depends("journal_id.type", "use_payment_terminal")
    def _compute_salon_payment_kind(self):
        for method in self:
            if not method.salon_payment_kind:
                method.salon_payment_kind = method._salon_guess_kind()

    def write(self, vals):
        with self.env["salon.invoice.question"]._noting(self, vals):
            return super().write(vals)

    def _is_write_forbidden(self, fields):
        # What an invoice calls a payment says nothing to a till that is open.
        ours = {"salon_payment_kind", "salon_counts_as_paid"}
        return super()._is_write_forbidden(fields - ours)

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
