from odoo import api, fields, models


class SalonInvoiceConnectChoice(models.TransientModel):
    """A block or bank account that the service listed while connecting."""

    _name = "salon.invoice.connect.choice"
    _inherit = "salon.invoice.guard"
    _description = "Choice while Connecting an Invoicing Service"

    wizard_id = fields.Many2one(
        "salon.invoice.connect", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Char(required=True)
    remote_id = fields.Char(required=True)
    name = fields.Char(required=True)
    detail = fields.Char()
    currency = fields.Char()

    @api.depends("name", "detail", "currency")
    def _compute_display_name(self):
        label = self.env["salon.invoice.choice"]._label
        for choice in self:
            choice.display_name = label(choice.name, choice.detail, choice.currency)
