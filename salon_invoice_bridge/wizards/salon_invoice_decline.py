from odoo import fields, models


class SalonInvoiceDecline(models.TransientModel):
    """Asks why a customer's request is declined, in words that the customer reads."""

    _name = "salon.invoice.decline"
    _inherit = "salon.invoice.guard"
    _description = "Decline a Customer's Request"

    request_id = fields.Many2one(
        "salon.invoice.request", required=True, readonly=True, ondelete="cascade"
    )
    buyer_name = fields.Char(related="request_id.buyer_name", related_sudo=False)
    pos_reference = fields.Char(
        related="request_id.pos_reference", string="Slip", related_sudo=False
    )
    reason = fields.Char(required=True, help="The customer reads it on the page.")

    def action_decline(self):
        """Decline it; see ``salon.invoice.request._decline``."""
        self.ensure_one()
        self.request_id._decline(self.reason)
        return {"type": "ir.actions.act_window_close"}
