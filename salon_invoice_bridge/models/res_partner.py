from odoo import fields, models


class ResPartner(models.Model):
    """The customer: what the invoicing accounts know it as."""

    _inherit = "res.partner"

    salon_partner_ids = fields.One2many(
        "salon.invoice.partner",
        "partner_id",
        string="Invoicing Services",
        readonly=True,
        groups="point_of_sale.group_pos_manager,account.group_account_invoice",
    )
