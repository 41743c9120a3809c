from odoo import fields, models

from ..billing.bookkeeping import ExportQuery, ExportState, ExportStatus
from .salon_invoice_asker import Question

#: Seconds until the service is asked again whether the file is ready.
FIRST_PAUSE, PAUSE = 5, 20


class SalonInvoiceMonthExport(models.Model):
    """The service's own file of a month, for an accounting program.

    Asked for, waited for and fetched by the worker, a question at a time.
    """

    _name = "salon.invoice.month.export"
    _inherit = "salon.invoice.asker"
    _description = "File for an Accounting Program"
    _order = "month_id, id"
    _rec_name = "name"

    month_id = fields.Many2one(
        "salon.invoice.month", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="month_id.company_id", store=True)
    account_id = fields.Many2one(
        "salon.invoice.account", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Char(required=True, help="The service's word for it.")
    name = fields.Char(string="File", required=True)
    option = fields.Char()
    state = fields.Selection(
        [
            ("asked", "Being made at the service"),
            ("ready", "In the file"),
            ("failed", "Could not be had"),
        ],
        required=True,
        default="asked",
    )
    remote_id = fields.Char(readonly=True)
    is_made = fields.Boolean(readonly=True)
    detail = fields.Char(string="What the Service Said", readonly=True)
    file_name = fields.Char(readonly=True)
    attachment_id = fields.Many2one(
        "ir.attachment", index="btree_not_null", ondelete="set null"
    )

    def _query(self):
        """Return the ``billing.bookkeeping.ExportQuery`` of this file."""
        kinds = {one.code: one for one in self.account_id._capabilities().export_kinds}
        options = kinds[self.kind].options if self.kind in kinds else ()
        return ExportQuery(
            kind=self.kind,
            since=self.month_id.start,
            until=self.month_id.end,
            options=dict.fromkeys(options[:1], self.option) if self.option else {},
        )

    # === IN THE LANE === #

    def _next_question(self, task):
        if self.state != "asked":
            return None
        if not self.remote_id:
            return Question("request_export", (self._query(),))
        if not self.is_made:
            return Question("export_status", (self.remote_id,))
        return Question("download_export", (self.remote_id,))

    def _on_answer(self, task, answer):
        if isinstance(answer, str):
            self.remote_id = answer
            return FIRST_PAUSE
        if isinstance(answer, ExportStatus):
            return self._take_status(answer)
        self._keep(answer)
        return None

    def _take_status(self, status):
        """Note where the file is; return seconds until the next question, or None.

        Nobody waits for it any longer than for what else a month's file is made of.
        The month says so, too (:meth:`_stop_waiting`), for its file. This is for the
        service, which would be asked for ever if the month's job did not run.
        """
        self.detail = status.detail
        is_pending = status.state is ExportState.PENDING
        if status.state is ExportState.FAILED or (is_pending and self._is_too_late()):
            self._give_up(status.detail)
            return None
        self.is_made = status.state is ExportState.READY
        return 0 if self.is_made else PAUSE

    def _is_too_late(self):
        """Return True if the month's file is written without it."""
        until = self.month_id.patience_until
        return not until or fields.Datetime.now() >= until

    def _keep(self, file):
        """Keep a ``billing.bookkeeping.ExportFile`` until it is in the month's file."""
        self.file_name = f"{self.name}.{file.ending}"
        self.attachment_id = self.env["ir.attachment"].create(
            {
                "name": self.file_name,
                "raw": file.content,
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self.state = "ready"
        self.month_id._on_fetched()

    def _stop_waiting(self):
        """Give up what has not come in time: the service is not asked any more."""
        late = self.filtered(lambda export: export.state == "asked")
        late.write(
            {
                "state": "failed",
                "detail": self.env._("The service had not made it in time."),
            }
        )

    def _on_failed(self, task):
        self._give_up(task.message)

    def _give_up(self, why):
        self.write({"state": "failed", "detail": why})
        self.month_id._on_fetched()
