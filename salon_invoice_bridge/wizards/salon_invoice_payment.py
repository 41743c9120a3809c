from odoo import fields, models


class SalonInvoicePaymentWizard(models.TransientModel):
    """Asks what was paid of an invoice, all or part of what is outstanding."""

    _name = "salon.invoice.payment"
    _inherit = "salon.invoice.guard"
    _description = "Register a Payment of an Invoice"

    document_id = fields.Many2one(
        "salon.invoice.document", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="document_id.currency_id", related_sudo=False)
    amount_outstanding = fields.Monetary(
        related="document_id.amount_outstanding", related_sudo=False
    )
    amount = fields.Monetary(required=True)
    kind = fields.Selection(
        selection=lambda self: self.env["pos.payment.method"]
        ._fields["salon_payment_kind"]
        ._description_selection(self.env),
        string="Payment Method",
        required=True,
        default="bank_transfer",
    )
    day = fields.Date(
        string="Paid on", required=True, default=fields.Date.context_today
    )

    def action_register(self):
        """Write the wish; see ``salon.invoice.document.action_register_payment``."""
        self.ensure_one()
        return self.document_id.action_register_payment(
            self.amount, self.kind, fields.Date.to_string(self.day)
        )
