from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The policy about what stands on invoices, on the settings page."""

    _inherit = "res.config.settings"

    salon_accepts_business = fields.Boolean(
        related="company_id.salon_accepts_business", readonly=False
    )
    salon_default_payment_kind = fields.Selection(
        related="company_id.salon_default_payment_kind", readonly=False
    )
    salon_tip = fields.Selection(related="company_id.salon_tip", readonly=False)
    salon_voucher_sale = fields.Selection(
        related="company_id.salon_voucher_sale", readonly=False
    )
    salon_vat_answer = fields.Selection(
        related="company_id.salon_vat_answer", readonly=False
    )
    salon_vat_answered_on = fields.Date(related="company_id.salon_vat_answered_on")
    salon_voucher_answered_on = fields.Date(
        related="company_id.salon_voucher_answered_on"
    )
    salon_comment = fields.Text(related="company_id.salon_comment", readonly=False)
