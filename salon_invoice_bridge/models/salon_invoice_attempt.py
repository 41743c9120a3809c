import psycopg2

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..worker import protocol


class SalonInvoiceAttempt(models.Model):
    """The evidence of one call to a service: what was asked, what came back, when.

    Rows are written once, in a transaction of their own; secrets have been removed
    before they get here. Once the document has been final for some time, what went
    over the wire is replaced by its hash: see ``salon.invoice.retention``.
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
    operation = fields.Selection(
        [
            ("issue", "Issue"),
            ("find", "Look for it"),
            ("get", "Read it"),
            ("finalize", "Finalize the draft"),
            ("convert_proforma", "Make the proforma's invoice"),
            ("cancel", "Cancel it"),
            ("find_cancellation", "Look for the storno"),
            ("made_of", "Look for its invoice"),
            ("discard", "Discard it"),
            ("sync_buyer", "Tell the buyer"),
            ("find_buyer", "Look for the buyer"),
            ("exchange_rate", "Ask the exchange rate"),
            ("register_payments", "Register payments"),
            ("undo_payments", "Undo payments"),
            ("send", "Send by e-mail"),
            ("download", "Fetch the PDF"),
            ("public_url", "Fetch the link"),
            ("nav_status", "Ask about the report to NAV"),
            ("nav_statuses", "Ask about the reports to NAV"),
        ],
        required=True,
    )
    claim = fields.Integer(
        help="The document's number of claims when the call was made: clocks may be "
        "set back, it is not."
    )
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
    # Not read with a list of calls.
    exchanges = fields.Text(string="Requests and Answers", prefetch=False)
    result = fields.Json(prefetch=False)
    # What is left of both.
    removed_at = fields.Datetime(string="Bodies Removed On")
    body_hash = fields.Char(
        string="SHA-256 of the Bodies",
        help="Of the text of requests and answers, in UTF-8, as it was kept here.",
    )
    remote_id = fields.Char(string="Id at the Service")
    number = fields.Char()

    # Of retention: the calls whose bodies are still there, the oldest first.
    _with_bodies = models.Index("(started_at) WHERE removed_at IS NULL")

    @api.model
    def _write_down(self, document, **values):
        """Insert the evidence of one call, in one statement past the ORM.

        :param document: ``salon.invoice.document``
        :param values: of the columns, ready for PostgreSQL
        :raises RuntimeError: if PostgreSQL does not take it; without the values, so
            that no log shows a request
        """
        now = fields.Datetime.now()
        values.update(
            create_uid=self.env.uid,
            create_date=now,
            write_uid=self.env.uid,
            write_date=now,
        )
        try:
            protocol.witness(self.env.cr, document.id, **values)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except psycopg2.Error as error:
            # PostgreSQL's own text has the whole row in it.
            problem = f"The evidence cannot be stored: {type(error).__name__}"
            raise RuntimeError(problem) from None
        document.invalidate_recordset(["attempt_ids"], flush=False)
