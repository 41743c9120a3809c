from odoo import fields, models


class SalonInvoicePaperNumber(models.TransientModel):
    """Asks for the number of the receipt that was written by hand for a sale."""

    _name = "salon.invoice.paper.number"
    _inherit = "salon.invoice.guard"
    _description = "Record a Paper Receipt"

    order_id = fields.Many2one(
        "pos.order", string="Sale", required=True, readonly=True, ondelete="cascade"
    )
    document_id = fields.Many2one(
        related="order_id.salon_document_id", string="Document", related_sudo=False
    )
    state = fields.Selection(
        related="document_id.state", string="Now", related_sudo=False
    )
    number = fields.Char(
        required=True, help="As it is printed on the receipt, with its letters."
    )

    def action_record(self):
        """Record the number; see ``salon.invoice.paper._record``."""
        self.ensure_one()
        self.env["salon.invoice.paper"]._record(self.order_id, self.number)
        return {"type": "ir.actions.act_window_close"}
