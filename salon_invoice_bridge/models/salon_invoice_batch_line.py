import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.translate import LazyTranslate

from ..billing import lifecycle
from ..billing.invoice import DocumentKind, State
from ..billing.many import SETTLED_RESULTS, Act, Chosen, Result, Why, result, why_not

# Lazy: translated when shown, in the reader's language.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

#: Why a row is not possible, in words.
REFUSALS = {
    Why.NO_DOCUMENT: _lt("This sale has no document."),
    Why.ON_ITS_WAY: _lt("It is on its way already."),
    Why.NOT_STOPPED: _lt("It does not need attention."),
    Why.BEING_CANCELLED: _lt("It is being cancelled."),
    Why.NOT_ISSUED: _lt("It is not issued, so it cannot be sent."),
    Why.NO_PDF: _lt("It has no PDF."),
    Why.NO_ADDRESS: _lt("The buyer has no e-mail address."),
}


class SalonInvoiceBatchLine(models.Model):
    """One document of many that were chosen: what is done to it, and what came of it.

    It is written together with what it shows: by whoever begins it, and then by the
    task or the document when that is settled, never by two at once.
    """

    _name = "salon.invoice.batch.line"
    _description = "Invoice of an Action on Many"
    _rec_name = "document_id"
    _order = "id"

    # === FIELDS === #

    batch_id = fields.Many2one(
        "salon.invoice.batch", required=True, readonly=True, ondelete="cascade"
    )
    order_id = fields.Many2one(
        "pos.order", string="Sale", readonly=True, index=True, ondelete="cascade"
    )
    document_id = fields.Many2one(
        "salon.invoice.document",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    task_id = fields.Many2one(
        "salon.invoice.task",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="What does it; empty where the document itself is worked on.",
    )
    state = fields.Selection(
        [
            ("todo", "To do"),
            ("doing", "Doing"),
            ("done", "Done"),
            ("impossible", "Not possible"),
        ],
        required=True,
        readonly=True,
        default="todo",
    )
    emails = fields.Char(string="To", readonly=True)
    message = fields.Char(readonly=True)
    result = fields.Char(
        string="What Came of It", compute="_compute_result", compute_sudo=True
    )
    pos_reference = fields.Char(related="order_id.pos_reference")
    buyer_name = fields.Char(related="document_id.buyer_name")
    amount_gross = fields.Monetary(related="document_id.amount_gross")
    currency_id = fields.Many2one(related="document_id.currency_id")

    # === CONSTRAINTS === #

    _one_each = models.UniqueIndex(
        "(batch_id, document_id, order_id)", "This document is among them already."
    )
    _open = models.Index("(batch_id, state) WHERE state IN ('todo', 'doing')")

    # === COMPUTES === #

    @api.depends("state", "message", "task_id.message", "document_id.state")
    @api.depends_context("lang")
    def _compute_result(self):
        for line in self:
            waits = line.state == Result.DOING.value and (
                line.task_id.message or line.document_id.waits_for
            )
            line.result = line.message or waits

    # === WORK === #

    def _in_presser_s_name(self):
        """Return the document as whoever chose it sees it."""
        batch = self.batch_id
        user = batch.user_id
        return self.document_id.with_user(user).with_context(
            lang=user.lang, allowed_company_ids=batch.company_id.ids
        )

    def _start(self):
        """Do what was asked for to these rows; a refusal is a sentence on its row."""
        for line in self:
            line.write(line._begin())
        self._follow()

    def _begin(self):
        """Press the button of this row's document; return the values of the row."""
        document = self._in_presser_s_name()
        begin = getattr(self, f"_begin_{self.batch_id.act}")
        try:
            # What a refused row has written so far is undone, and only that.
            with self.env.cr.savepoint():
                self._check_possible(document)
                return {"state": Result.DOING.value, **begin(document)}
        except UserError as error:
            return self._refused(str(error))
        except psycopg2.errors.UniqueViolation:
            # Another press was faster: the database has one open task of a kind.
            return self._refused(document.env._("This is being done already."))

    def _refused(self, sentence):
        return {"state": Result.IMPOSSIBLE.value, "message": sentence}

    def _check_possible(self, document):
        """Check what the document's form shows by offering its button, or not.

        :raises UserError: with the sentence for the row
        """
        document._check_may_generate()
        why = why_not(Act(self.batch_id.act), self._chosen(document))
        if why:
            raise UserError(document.env._(REFUSALS[why]))

    def _chosen(self, document):
        """Return the ``billing.many.Chosen`` of a row, None without a document."""
        if not document:
            return None
        stopped = document.state == State.ATTENTION
        return Chosen(
            state=State(document.state),
            kind=DocumentKind(document.kind),
            being_cancelled=stopped and document.sudo()._is_being_cancelled(),
            may_have_pdf=document.has_pdf,
            has_address=bool(document.buyer_email),
        )

    def _begin_retry(self, document):
        document.sudo().batch_line_id = self
        document.sudo()._retry(lifecycle.retry_one_of_many)
        return {}

    def _begin_look(self, document):
        if document.state == State.ATTENTION:
            document.sudo().batch_line_id = self
            document.action_check()
            return {}
        return self._begin_task(document, "look", document.action_look)

    def _begin_pdf(self, document):
        if document.pdf_id:
            said = document.env._("It was here already.")
            return {"state": Result.DONE.value, "message": said}
        return self._begin_task(document, "pdf", document.action_download_again)

    def _begin_email(self, document):
        # To those that were shown, whatever the customer's card says by now.
        document.action_send_again((self.emails or "").split(", "))
        return self._followed(document, document._mail_kind())

    def _begin_task(self, document, kind, press):
        """Follow the task of this ``kind`` that is about to be done, or ask for it."""
        task = self._open_task(document, kind)
        if not task or task._is_put_off():
            press()
        return self._followed(document, kind)

    def _followed(self, document, kind):
        """Return the values of a row whose task was asked for, if there was one."""
        task = self._open_task(document, kind)
        return {"task_id": task.id} if task else {"state": Result.DONE.value}

    def _open_task(self, document, kind):
        tasks = document.sudo().task_ids
        return tasks.filtered(
            lambda task: task.kind == kind and task.state in ("todo", "doing")
        )[:1]

    def _preview(self):
        """Write to whom each row is sent, or why it cannot be; nothing is sent."""
        for line in self:
            document = line._in_presser_s_name()
            try:
                line._check_possible(document)
                emails = document.buyer_email.split(", ")
                line.emails = ", ".join(document._check_emails(emails))
            except UserError as error:
                line.write(line._refused(str(error)))

    def _follow(self):
        """Write what has come of these rows, as far as it is settled."""
        settled = self.browse()
        for line in self.sudo():
            if line.state != Result.DOING.value:
                continue
            task, document = line.task_id, line.document_id
            came = result(Act(line.batch_id.act), State(document.state), task.state)
            if came in SETTLED_RESULTS:
                line.write({"state": came.value, "message": line._said()})
                settled |= line
        (settled or self).batch_id.sudo()._notify_screens()

    def _said(self):
        """Return what a person reads of a settled row, or False."""
        if self.task_id:
            return self.task_id.message
        document = self.document_id
        if document.state == State.SKIPPED:
            labels = document._fields["skip_reason"]._description_selection(self.env)
            return dict(labels).get(document.skip_reason, False)
        return document.problem or document.number

    # === PEOPLE'S BUTTONS === #

    def action_open_document(self):
        """Open the document of this row, or its sale if it has none."""
        self.ensure_one()
        self.check_access("read")
        record = self.document_id or self.order_id
        return record._get_records_action()
