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

#: Words in a payment method's name that tell its kind, the first match counts.
_NAMES = [
    ("barion", "barion"),
    ("paypal", "paypal"),
    ("szép", "szep_card"),
    ("szep", "szep_card"),
    ("online", "online_card"),
    ("utalvány", "voucher"),
    ("voucher", "voucher"),
    ("utalás", "bank_transfer"),
    ("transfer", "bank_transfer"),
    ("kártya", "card"),
    ("card", "card"),
    ("készpénz", "cash"),
    ("cash", "cash"),
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

    @api.depends("journal_id.type", "use_payment_terminal")
    def _compute_salon_payment_kind(self):
        for method in self:
            if not method.salon_payment_kind:
                method.salon_payment_kind = method._salon_guess_kind()

    def _salon_guess_kind(self):
        """Guess the kind from the journal, the terminal and the name."""
        if self.journal_id.type == "cash":
            return "cash"
        if self.use_payment_terminal:
            return "card"
        name = (self.name or "").lower()
        for word, kind in _NAMES:
            if word in name:
                return kind
        return "card" if self.journal_id.type == "bank" else "other"
