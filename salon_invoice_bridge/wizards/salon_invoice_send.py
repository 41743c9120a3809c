from odoo import fields, models
from odoo.exceptions import UserError
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

    def action_send(self):
        """Write the wish; see ``salon.invoice.document.action_send_again``.

        :raises UserError: if there is no address in what was typed
        """
        self.ensure_one()
        emails = email_normalize_all(self.emails)
        if not emails:
            raise UserError(self.env._("%s is no e-mail address.", self.emails))
        return self.document_id.action_send_again(emails)
