from odoo import fields, models


class SalonInvoiceDailyLine(models.TransientModel):
    """One total of the day, of a series and a currency: of sales, or of stornos.

    The rates are the categories of ``billing.daily.Category``.
    """

    _name = "salon.invoice.daily.line"
    _inherit = "salon.invoice.guard"
    _description = "Daily Total of Receipts"
    _order = "day desc, id"

    wizard_id = fields.Many2one(
        "salon.invoice.daily",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    day = fields.Date(required=True, readonly=True)
    report_by = fields.Date(
        readonly=True, help="The last day on which the report of this day is in time."
    )
    series = fields.Char(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    handwritten = fields.Boolean(
        readonly=True, help="No service knows of these: the salon reports them."
    )
    kind = fields.Selection(
        [("sale", "Receipts"), ("change", "Stornos")], readonly=True
    )
    count = fields.Integer(readonly=True)
    first_number = fields.Char(readonly=True)
    gross_27 = fields.Monetary(string="27%", readonly=True)
    gross_18 = fields.Monetary(string="18%", readonly=True)
    gross_5 = fields.Monetary(string="5%", readonly=True)
    gross_0 = fields.Monetary(string="0%", readonly=True)
    gross_aam = fields.Monetary(string="AAM", readonly=True)
    gross_other = fields.Monetary(string="Other", readonly=True)
    gross = fields.Monetary(string="Total", readonly=True)
