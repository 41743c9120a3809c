from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date


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
    can_list = fields.Boolean(compute="_compute_can_list", compute_sudo=True)
    listed = fields.Text(
        string="Receipts at the Service",
        readonly=True,
        help="What the service has of that day: the lost one may be among them.",
    )
    number = fields.Char()
    note = fields.Char()

    @api.depends("document_id")
    def _compute_can_list(self):
        for wizard in self:
            wizard.can_list = wizard.document_id._can_list_receipts()

    def action_list(self):
        """Show the receipts that the service has of the day of the sale."""
        self.ensure_one()
        self.check_access("write")
        rows = self.document_id._list_receipts()
        self.listed = "\n".join(map(self._describe, rows)) or self.env._(
            "The service has no receipt of that day."
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mark as Resolved by Hand"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _describe(self, receipt):
        """Return a ``billing.invoice.IssuedDocument`` of the list in one line."""
        document = self.document_id
        facts = (
            receipt.number,
            receipt.issue_date and format_date(self.env, receipt.issue_date),
            document._format_amount(receipt.gross),
            receipt.order_number,
            self.env._("cancelled") if receipt.cancelled else "",
            receipt.comment,
        )
        return " · ".join(filter(None, facts))

    def action_settle(self):
        """Record what the person said; see ``salon.invoice.document._settle``.

        :raises UserError: if a number is missing
        """
        self.ensure_one()
        if self.outcome == "made" and not (self.number or "").strip():
            raise UserError(self.env._("Say which number it has at the service."))
        self.document_id._settle(
            number=self.number if self.outcome == "made" else False,
            note=self.note,
        )
        return {"type": "ir.actions.act_window_close"}
