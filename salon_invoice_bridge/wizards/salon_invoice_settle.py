from odoo import fields, models


class SalonInvoiceSettle(models.TransientModel):
    """Asks how a person has settled a document at the service."""

    _name = "salon.invoice.settle"
    _inherit = "salon.invoice.guard"
    _description = "Mark an Invoice as Resolved by Hand"

    document_id = fields.Many2one(
        "salon.invoice.document", required=True, readonly=True, ondelete="cascade"
    )
    problem = fields.Text(related="document_id.problem", related_sudo=False)
    outcome = fields.Selection(
        [
            ("made", "It was made at the service by hand"),
            ("none", "No invoice is to be made of this sale"),
        ],
        required=True,
        default="made",
    )
    number = fields.Char(string="Invoice Number")
    note = fields.Char()

    def action_settle(self):
        """Record what the person said; see ``salon.invoice.document._settle``."""
        self.ensure_one()
        self.document_id._settle(
            number=self.number if self.outcome == "made" else False,
            note=self.note,
        )
        return {"type": "ir.actions.act_window_close"}
