from odoo import api, fields, models
from odoo.exceptions import UserError


class SalonInvoiceDisconnect(models.TransientModel):
    """Confirms a disconnection, and decides on what still waits."""

    _name = "salon.invoice.disconnect"
    _inherit = "salon.invoice.guard"
    _description = "Disconnect an Invoicing Service"

    account_id = fields.Many2one(
        "salon.invoice.account", required=True, readonly=True, ondelete="cascade"
    )
    document_ids = fields.Many2many(
        "salon.invoice.document", compute="_compute_documents", string="Waiting"
    )
    waiting_count = fields.Integer(compute="_compute_documents")
    unsure_count = fields.Integer(compute="_compute_documents")
    decision = fields.Selection(
        [
            ("keep", "Keep them for the next connection"),
            ("drop", "Drop them: these sales get no invoice from here"),
        ],
        string="What still waits",
        required=True,
        default="keep",
    )
    reason = fields.Char(help="Kept with each document that is dropped.")

    @api.depends("account_id")
    def _compute_documents(self):
        for wizard in self:
            unsent, maybe_sent = wizard.account_id._open_documents()
            wizard.document_ids = unsent
            wizard.waiting_count = len(unsent)
            wizard.unsure_count = len(maybe_sent)

    def action_disconnect(self):
        """Erase the key and end the connection.

        :raises UserError: if documents are to be dropped without a reason
        """
        self.ensure_one()
        drop = self.decision == "drop" and self.waiting_count
        if drop and not (self.reason or "").strip():
            raise UserError(self.env._("Say why the waiting documents are dropped."))
        self.account_id.check_access("write")
        self.account_id._disconnect(drop_reason=self.reason.strip() if drop else None)
        return self.account_id._action_open()
