from odoo import fields, models


class SalonInvoiceStornoWizard(models.TransientModel):
    """Asks why an invoice is cancelled, and whether this is the one that is meant."""

    _name = "salon.invoice.storno"
    _inherit = "salon.invoice.guard"
    _description = "Cancel an Invoice"

    document_id = fields.Many2one(
        "salon.invoice.document", required=True, readonly=True, ondelete="cascade"
    )
    number = fields.Char(related="document_id.number", related_sudo=False)
    amount_gross = fields.Monetary(
        related="document_id.amount_gross", related_sudo=False
    )
    currency_id = fields.Many2one(related="document_id.currency_id", related_sudo=False)
    buyer_name = fields.Char(related="document_id.buyer_name", related_sudo=False)
    reason = fields.Char(required=True, help="It is printed on the storno.")

    def action_cancel_invoice(self):
        """Write the wish; see ``salon.invoice.document._request_storno``."""
        self.ensure_one()
        storno = self.document_id._request_storno(self.reason)
        return storno._get_records_action(views=[(False, "form")], target="current")
