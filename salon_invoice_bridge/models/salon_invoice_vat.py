from odoo import api, fields, models
from odoo.tools import SQL


class SalonInvoiceVat(models.Model):
    """What documents come to at each VAT rate: one row for each document and rate."""

    _name = "salon.invoice.vat"
    _description = "VAT of Salon Invoices"
    _inherit = ["salon.invoice.part"]
    _auto = False

    vat = fields.Char(string="VAT Rate", readonly=True)
    amount_net = fields.Monetary(string="Net", readonly=True)
    amount_tax = fields.Monetary(string="VAT", readonly=True)
    amount_gross = fields.Monetary(string="Gross", readonly=True)
    forint_amount_net = fields.Monetary(
        string="Net in Forints", currency_field="forint_id", readonly=True
    )
    forint_amount_tax = fields.Monetary(
        string="VAT in Forints", currency_field="forint_id", readonly=True
    )
    forint_amount_gross = fields.Monetary(
        string="Gross in Forints", currency_field="forint_id", readonly=True
    )

    _part_columns = (
        *("vat", "amount_net", "amount_tax", "amount_gross"),
        *("forint_amount_net", "forint_amount_tax", "forint_amount_gross"),
    )

    @api.model
    def _parts(self):
        # In forints as ``billing.figures.in_forints``: VAT and gross are converted.
        return SQL(
            """
            SELECT rate.place,
                   CASE WHEN said.vat ~ '^[0-9]' THEN said.vat || '%%'
                        ELSE NULLIF(said.vat, '')
                    END AS vat,
                   said.net AS amount_net, said.tax AS amount_tax,
                   said.gross AS amount_gross,
                   round(said.gross * forints.rate) - round(said.tax * forints.rate)
                   AS forint_amount_net,
                   round(said.tax * forints.rate) AS forint_amount_tax,
                   round(said.gross * forints.rate) AS forint_amount_gross
              FROM jsonb_array_elements(document.figures -> 'rates')
                   WITH ORDINALITY AS rate (value, place),
                   jsonb_to_record(rate.value)
                   AS said (vat text, net numeric, tax numeric, gross numeric)
            """
        )
