import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..billing.many import CONFIRMED_ACTS, Result
from .salon_invoice_document import BUS_MESSAGE

_logger = logging.getLogger(__name__)

#: Rows whose work is begun in one transaction; a press with more is begun by the job.
AT_ONCE = 100
#: Rows of one batch that are under way together. The tasks of what is sold meanwhile
#: (an e-mail, a payment) wait behind no more than these.
UNDER_WAY = 200
#: Seconds until the job begins the next ones; Odoo looks once a minute.
PAUSE_SECONDS = 30
#: Days for which the results are kept.
KEPT_DAYS = 30
JOB = "salon_invoice_bridge.cron_batch"


class SalonInvoiceBatch(models.Model):
    """Many documents that a person has chosen, and what has come of each.

    * It calls no service: each row presses its document's own button, in the name and
      with the rights of whoever chose it, and the lane does the rest as always. So the
      service's limits are kept, and what is sold at a till goes first.
    * What cannot be done is a sentence on its row; the others go on.
    * A row is begun and written in one transaction, with the task that does it, and
      settled in the transaction of what settles it: whoever is killed leaves none that
      is begun twice.
    * Many rows are begun by a job, some at a time, so that a press returns at once and
      the tasks of new sales do not wait behind thousands.
    """

    _name = "salon.invoice.batch"
    _description = "Action on Many Invoices"
    _order = "id desc"

    # === FIELDS === #

    act = fields.Selection(
        [
            ("retry", "Retry"),
            ("look", "Look at the service"),
            ("pdf", "Fetch PDFs"),
            ("email", "Send by e-mail"),
        ],
        string="What",
        required=True,
        readonly=True,
    )
    about = fields.Char(
        readonly=True, help="What was mended, if all are retried that waited for it."
    )
    user_id = fields.Many2one("res.users", string="Who", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    confirmed = fields.Boolean(
        readonly=True, help="Off: nothing is done until whoever chose them confirms."
    )
    line_ids = fields.One2many("salon.invoice.batch.line", "batch_id", readonly=True)
    state = fields.Selection(
        [("draft", "To confirm"), ("running", "Running"), ("done", "Finished")],
        compute="_compute_counts",
        compute_sudo=True,
    )
    line_count = fields.Integer(
        string="Documents", compute="_compute_counts", compute_sudo=True
    )
    open_count = fields.Integer(
        string="To do", compute="_compute_counts", compute_sudo=True
    )
    done_count = fields.Integer(
        string="Done", compute="_compute_counts", compute_sudo=True
    )
    impossible_count = fields.Integer(
        string="Not possible", compute="_compute_counts", compute_sudo=True
    )
    progress = fields.Float(compute="_compute_counts", compute_sudo=True)
    summary = fields.Char(compute="_compute_summary", compute_sudo=True)

    # === COMPUTES === #

    @api.depends("act", "about", "create_date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        acts = dict(self._fields["act"]._description_selection(self.env))
        for batch in self:
            batch.display_name = ": ".join(filter(None, (acts[batch.act], batch.about)))

    @api.depends("confirmed", "line_ids.state")
    def _compute_counts(self):
        counts = self._counts()
        for batch in self:
            of = counts.get(batch.id, {})
            total = sum(of.values())
            batch.line_count = total
            batch.done_count = of.get("done", 0)
            batch.impossible_count = of.get("impossible", 0)
            settled = batch.done_count + batch.impossible_count
            batch.open_count = total - settled
            batch.progress = 100 * settled / total if total else 100
            batch.state = "running" if batch.open_count else "done"
            if not batch.confirmed and batch.open_count:
                batch.state = "draft"

    def _counts(self):
        """Return ``{batch id: {result: number of rows}}``."""
        self.env["salon.invoice.batch.line"].flush_model(["batch_id", "state"])
        counts = {}
        for batch, state, number in self.env["salon.invoice.batch.line"]._read_group(
            [("batch_id", "in", self.ids)], ["batch_id", "state"], ["__count"]
        ):
            counts.setdefault(batch.id, {})[state] = number
        return counts

    @api.depends("act", "confirmed", "line_ids.state", "line_ids.emails")
    @api.depends_context("lang")
    def _compute_summary(self):
        for batch in self:
            batch.summary = batch._summarize() if batch.state == "draft" else False

    def _summarize(self):
        """Return how many e-mails go out to how many addresses, once confirmed."""
        lines = self.line_ids.filtered(lambda line: line.state == Result.TODO.value)
        addresses = {one for line in lines for one in (line.emails or "").split(", ")}
        text = self.env._(
            "Documents that are sent: %(count)s. Different addresses: %(addresses)s. "
            "Nothing is sent before you confirm it.",
            count=len(lines),
            addresses=len(addresses),
        )
        if self.impossible_count:
            text += " " + self.env._(
                "Documents that cannot be sent, each with its reason: %(count)s.",
                count=self.impossible_count,
            )
        return text

    # === CREATION === #

    @api.model
    def _press(self, act, records):
        """Do ``act`` to what was chosen in a list of documents or sales.

        :param str act: a value of ``billing.many.Act``
        :param records: documents or sales as a browser has named them, or None
        :return: the action that shows the results
        :raises AccessError: if one of them is of another company
        :raises UserError: if the user may not sell or invoice, or has chosen nothing
        """
        if not records:
            raise UserError(self.env._("Choose documents first."))
        records = records.sudo(False)
        if records._name == "pos.order":
            return self._request_of_sales(act, records)
        return self._request(act, records)

    @api.model
    def _request(self, act, documents, about=""):
        """Do ``act`` to ``documents``.

        :param str act: a value of ``billing.many.Act``
        :param str about: what was mended, in the user's language
        :return: the action that shows the results
        :raises AccessError: if the user may not read all of them
        :raises UserError: if the user may not sell or invoice, or there is none
        """
        documents._check_may_generate()
        rows = [(document.order_id.id, document.id) for document in documents.sudo()]
        return self._create_for(
            act, documents.sudo().grouped("company_id"), rows, about
        )

    @api.model
    def _request_of_sales(self, act, orders):
        """Do ``act`` to the documents of ``orders``; see :meth:`_request`.

        To retry, to those that need attention; else to the one that stands for a sale.
        """
        orders.check_access("read")
        documents = self.env["salon.invoice.document"]
        documents._check_may_generate()
        rows = []
        for order in orders.sudo():
            stopped = act == "retry" and order._salon_in_attention()
            chosen = stopped or order.salon_document_id
            rows += [(order.id, document.id) for document in chosen or documents]
            if not chosen:
                rows.append((order.id, False))
        named = documents.browse(document for _order, document in rows if document)
        named.check_access("read")
        return self._create_for(act, orders.sudo().grouped("company_id"), rows)

    @api.model
    def _create_for(self, act, records_by_company, rows, about=""):
        """Create a batch for each company, begin it, and return what shows it.

        :param records_by_company: documents or sales
        :param rows: pairs of the ids of a sale and its document, of all of them
        """
        if not rows:
            raise UserError(self.env._("There is nothing to do any more."))
        # In the order of the sales, whatever the order of the list: so are the numbers.
        rows = sorted(set(rows), key=lambda row: (row[0], row[1] or 0))
        batches = self.sudo()
        for company, records in records_by_company.items():
            place = 0 if records._name == "pos.order" else 1
            ids = set(records.ids)
            batch = self.sudo().create(
                {
                    "act": act,
                    "about": about,
                    "user_id": self.env.user.id,
                    "company_id": company.id,
                    "confirmed": act not in CONFIRMED_ACTS,
                    "line_ids": [
                        (0, 0, {"order_id": row[0], "document_id": row[1]})
                        for row in rows
                        if row[place] in ids
                    ],
                }
            )
            batches |= batch
            if batch.confirmed:
                batch._begin()
            else:
                batch.line_ids._preview()
        return batches.with_env(self.env)._action_show()

    def _action_show(self):
        """Open the form of this batch, or the list of several."""
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Actions on Many"),
            "res_model": self._name,
        }
        if len(self) == 1:
            return {**action, "res_id": self.id, "views": [(False, "form")]}
        views = [(False, "list"), (False, "form")]
        return {**action, "views": views, "domain": [("id", "in", self.ids)]}

    # === PEOPLE'S BUTTONS === #

    def action_confirm(self):
        """Do what was shown; the second of two presses finds it done.

        :raises UserError: if somebody else has chosen the documents, or the user may
            not sell or invoice
        """
        self.ensure_one()
        self.check_access("read")
        self.env["salon.invoice.document"]._check_may_generate()
        if self.user_id != self.env.user:
            raise UserError(self.env._("Only %s can confirm it.", self.user_id.name))
        # Row lock: the second press waits here, and is retried by Odoo because the
        # first one has changed the row.
        self.env.cr.execute(
            "SELECT 1 FROM salon_invoice_batch WHERE id = %s FOR UPDATE", [self.id]
        )
        batch = self.sudo()
        if not batch.confirmed:
            batch.confirmed = True
            batch._begin()
        return True

    # === WORK === #

    def _begin(self):
        """Begin the rows, or have the job do it if they are many."""
        self.ensure_one()
        todo = self.line_ids.filtered(lambda line: line.state == Result.TODO.value)
        if len(todo) > AT_ONCE:
            self.env.ref(JOB).sudo()._trigger()
        else:
            todo._start()

    def _go_on(self):
        """Begin the next rows, as many as may be under way; return True if any is left.

        Rows that settled without being noted (a document that a person has settled by
        hand, say) are noted now.
        """
        self.ensure_one()
        lines = self.env["salon.invoice.batch.line"]
        mine = ("batch_id", "=", self.id)
        lines.search([mine, ("state", "=", Result.DOING.value)])._follow()
        under_way = lines.search_count([mine, ("state", "=", Result.DOING.value)])
        room = min(AT_ONCE, max(UNDER_WAY - under_way, 0))
        todo = lines.search([mine, ("state", "=", Result.TODO.value)], limit=room + 1)
        todo[:room]._start()
        return len(todo) > room

    # === PERIODIC JOBS === #

    @api.model
    def _cron_go_on(self):
        """Begin what is left of each batch, some rows in each transaction."""
        jobs, is_left = self.env["ir.cron"], False
        running = self.search(
            [
                ("confirmed", "=", True),
                ("line_ids.state", "in", (Result.TODO.value, Result.DOING.value)),
            ],
            order="id",
        )
        for batch in running:
            try:
                is_left |= batch._go_on()
                jobs._commit_progress(1)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                _logger.info("%s met another transaction; later", batch)
                is_left = True
            except Exception:
                self.env.cr.rollback()
                _logger.exception("%s broke; it is tried again later", batch)
        if is_left:
            later = fields.Datetime.now() + timedelta(seconds=PAUSE_SECONDS)
            self.env.ref(JOB).sudo()._trigger(at=later)

    @api.autovacuum
    def _gc_batches(self):
        """Delete old results: what was done is noted on the documents themselves."""
        before = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        old = self.search([("create_date", "<", before)], limit=AT_ONCE)
        old.unlink()
        return len(old), len(old) == AT_ONCE

    def _notify_screens(self):
        """Have the screens that show these batches read them again, once committed."""
        for batch in self:
            self.env["bus.bus"]._sendone(
                (batch.company_id, BUS_MESSAGE),
                BUS_MESSAGE,
                {"documents": [], "orders": [], "batches": batch.ids},
            )

    # === WHAT WAS MENDED === #

    @api.model
    def _stopped(self, domain):
        """Return the documents of the user's companies that need attention and match.

        None for whoever may not read documents.
        """
        documents = self.env["salon.invoice.document"]
        if not documents.has_access("read"):
            return documents
        companies = ("company_id", "in", self.env.companies.ids)
        return documents.search([("state", "=", "attention"), companies, *domain])

    @api.model
    def _request_of_stopped(self, documents, about):
        """Retry what has waited for the record that was mended.

        :raises AccessError: if the user sees no batches: a till retries its own sales
        """
        if not self.has_access("read"):
            raise AccessError(
                self.env._(
                    "Only managers of Point of Sale, users of Invoicing and "
                    "administrators may do this."
                )
            )
        return self._request("retry", documents, about)
