from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The salon's policy, on the Point of Sale page of Settings."""

    _inherit = "res.config.settings"

    salon_account_id = fields.Many2one(related="company_id.salon_account_id")
    salon_automatic = fields.Boolean(
        related="company_id.salon_automatic", readonly=False
    )
    salon_kind = fields.Selection(related="company_id.salon_kind", readonly=False)
    salon_electronic = fields.Boolean(
        related="company_id.salon_electronic", readonly=False
    )
    salon_language = fields.Selection(
        related="company_id.salon_language", readonly=False
    )
    salon_due_days = fields.Integer(related="company_id.salon_due_days", readonly=False)
    salon_default_vat = fields.Selection(
        related="company_id.salon_default_vat", readonly=False
    )
    salon_send_email = fields.Boolean(
        related="company_id.salon_send_email", readonly=False
    )
    salon_walk_in_name = fields.Char(
        related="company_id.salon_walk_in_name", readonly=False
    )
    salon_walk_in_postcode = fields.Char(
        related="company_id.salon_walk_in_postcode", readonly=False
    )
    salon_walk_in_city = fields.Char(
        related="company_id.salon_walk_in_city", readonly=False
    )
    salon_walk_in_street = fields.Char(
        related="company_id.salon_walk_in_street", readonly=False
    )
