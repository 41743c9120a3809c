from odoo import api, fields, models
from odoo.tools import SQL

from ..billing.columns import OWED
from .salon_invoice_figures import TENDERS


class SalonInvoiceTender(models.Model):
    """How documents were paid when they were issued: one row for each and tender.

    What was not paid then is a row, too. What is owed today is on the document.
    """

    _name = "salon.invoice.tender"
    _description = "Payments of Salon Invoices"
    _inherit = ["salon.invoice.part"]
    _auto = False

    tender = fields.Selection(TENDERS, string="Payment Method", readonly=True)
    amount = fields.Monetary(readonly=True)
    forint_amount = fields.Monetary(
        string="Amount in Forints", currency_field="forint_id", readonly=True
    )

    _part_columns = ("tender", "amount", "forint_amount")

    @api.model
    def _parts(self):
        # In forints as ``billing.figures.in_forints``: the largest part carries what
        # rounding leaves of the gross of all rates.
        return SQL(
            """
            SELECT one.place, one.tender, one.amount,
                   round(one.amount * forints.rate)
                   + CASE WHEN one.place = first_value(one.place) OVER (
                               ORDER BY abs(round(one.amount * forints.rate)) DESC,
                                        one.place
                               ROWS BETWEEN UNBOUNDED PRECEDING
                                        AND UNBOUNDED FOLLOWING
                          )
                          THEN (
                               SELECT sum(round((said.part ->> 'gross')::numeric
                                                * forints.rate))
                                 FROM jsonb_array_elements(document.figures -> 'rates')
                                   AS said (part)
                          ) - sum(round(one.amount * forints.rate)) OVER ()
                          ELSE 0
                      END AS forint_amount
              FROM (
                   SELECT 1 AS place, %(owed)s AS tender,
                          (document.figures ->> 'owed')::numeric AS amount
                    UNION ALL
                   SELECT 1 + place, key, value::numeric
                     FROM jsonb_each_text(document.figures -> 'tenders')
                          WITH ORDINALITY AS tender (key, value, place)
                   ) AS one
             WHERE one.amount != 0
            """,
            owed=OWED,
        )
