from datetime import timedelta

from odoo import api, fields, models


class SalonInvoiceAttempt(models.Model):
    """The evidence of one call to a service: what was asked, what came back, when.

    Rows are written once, in a transaction of their own, and never changed; secrets
    have been removed before they get here.
    """

    _name = "salon.invoice.attempt"
    _description = "Call to an Invoicing Service"
    _order = "id desc"
    _rec_name = "operation"

    document_id = fields.Many2one(
        "salon.invoice.document", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="document_id.company_id", store=True, precompute=True
    )
    operation = fields.Char(required=True)
    started_at = fields.Datetime(required=True)
    seconds = fields.Float(digits=(8, 3))
    outcome = fields.Selection(
        [
            ("done", "Done"),
            ("Rejected", "Refused"),
            ("AccountProblem", "Account problem"),
            ("NotProcessed", "Not processed"),
            ("OutcomeUnknown", "Outcome unknown"),
            ("AlreadyExists", "Exists already"),
        ],
        required=True,
    )
    reason = fields.Char()
    code = fields.Char()
    message = fields.Text()
    exchanges = fields.Text(string="Requests and Answers")
    result = fields.Json()

    @api.autovacuum
    def _gc_attempts(self):
        days = self.env["salon.invoice.account"]._parameter("attempt_days")
        limit = 10_000
        old = self.search(
            [("started_at", "<", fields.Datetime.now() - timedelta(days=days))],
            limit=limit,
        )
        old.unlink()
        return len(old), len(old) == limit
