from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

#: Days for which an answer is kept: a month, and the days in which it is compared.
KEPT_DAYS = 45
#: Answers that are deleted at once.
LIMIT = 10_000


class SalonInvoiceAnswer(models.Model):
    """What a service has said about a day, or about a number, for a reconciliation.

    In the values of ``billing.codec``; nobody reads it but the reconciliation.
    """

    _name = "salon.invoice.answer"
    _description = "Answer of an Invoicing Service"
    _order = "day, id"
    _log_access = False

    reconciliation_id = fields.Many2one(
        "salon.invoice.reconciliation", required=True, ondelete="cascade"
    )
    day = fields.Date(help="Of a list, in Hungary.")
    number = fields.Char(help="Of a look-up.")
    is_receipt = fields.Boolean()
    answer = fields.Json(
        prefetch=False, help="The list, or the document; empty: there is none."
    )

    answered_at = fields.Datetime(required=True, default=fields.Datetime.now)

    _one_list = models.UniqueIndex("(reconciliation_id, day) WHERE day IS NOT NULL")
    _one_look_up = models.UniqueIndex(
        "(reconciliation_id, number, is_receipt) WHERE number IS NOT NULL"
    )

    def _forget_old(self, account):
        """Delete those of these answers that may not be true any more.

        What is not there may have been made since, and what is here may have changed:
        what was paid of it, or a storno.

        :param account: ``salon.invoice.account``
        """
        if not self:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT answer.id FROM salon_invoice_answer answer
                 WHERE answer.id IN %s AND (
                       answer.answer IS NULL
                    OR jsonb_typeof(answer.answer) = 'boolean'
                    OR EXISTS (
                       SELECT FROM salon_invoice_document document
                        WHERE document.account_id = %s
                          AND document.number = answer.number
                          AND document.write_date >= answer.answered_at
                       )
                 )
                """,
                self._ids,
                account.id,
            )
        )
        self.browse([id_ for (id_,) in self.env.cr.fetchall()]).unlink()

    @api.autovacuum
    def _gc_answers(self):
        before = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        old = self.search([("answered_at", "<", before)], limit=LIMIT)
        old.unlink()
        return len(old), len(old) == LIMIT
