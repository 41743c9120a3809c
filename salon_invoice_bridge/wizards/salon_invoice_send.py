import re

from odoo import fields, models
from odoo.tools import email_normalize_all


class SalonInvoiceSendWizard(models.TransientModel):
    """Asks where a document is to be e-mailed, again or to another address."""

    _name = "salon.invoice.send"
    _inherit = "salon.invoice.guard"
    _description = "E-mail an Invoice"

    document_id = fields.Many2one(
        "salon.invoice.document", required=True, readonly=True, ondelete="cascade"
    )
    emails = fields.Char(string="Addresses", required=True)
    by_service = fields.Boolean(related="document_id.can_send")

    def action_send(self):
        """Write the wish; see ``salon.invoice.document.action_send_again``.

        :raises UserError: if something else than addresses was typed
        """
        self.ensure_one()
        emails = []
        for typed in filter(str.strip, re.split(r"[,;\n]", self.emails)):
            # One without an address goes on as it is, and is refused as it is.
            emails += email_normalize_all(typed) or [typed.strip()]
        return self.document_id.action_send_again(emails)
