from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ..billing import errors
from ..billing.codec import from_json, to_json
from ..billing.invoice import UNFINISHED_KINDS, Mail, NavState, Tender
from .salon_invoice_account import LONGEST_RETRY_AFTER_SECONDS, SERVICE_WIDE

#: Seconds that the tasks of a kind wait for a limit that does not say how long.
FIRST_LIMIT = 60
#: Tries of one task before it is given up.
MAX_TRIES = 8
#: Tasks that are not repeated when it is not known whether they were done.
ONCE = ("email",)
#: Tasks that change nothing at the service: whoever repeats one does no harm, so they
#: are not claimed, and done in one transaction (but for the first of a turn).
READING = (
    *("pdf", "link", "nav", "look", "own_email"),
    *("list", "numbers", "export", "preview"),
)
#: Kinds of no document -> the operations of a strategy that their records may ask for.
QUESTIONS = {
    "list": ("list_issued",),
    "numbers": ("by_number", "examine"),
    "export": ("request_export", "export_status", "download_export"),
    "preview": ("preview",),
}
#: Reports to NAV that are asked about in one call, at most.
REPORTS = 100
#: What a task returns that has noted its outcome itself.
SETTLED = object()
#: Seconds after a document was issued in which nobody else can have registered payments
#: of it at the service, which then need not be read first.
PAYMENTS_UNTOUCHED_SECONDS = 60
#: Seconds between the look-ups of a report that NAV has not answered yet: they double.
FIRST_PAUSE, LONGEST_PAUSE = 60, 6 * 3600
#: Look-ups until it is left to a person; two days and a half by then.
MAX_LOOKS = 18


class SalonInvoiceTask(models.Model):
    """A task of a document beside issuing it, planned or requested by a person.

    Or one of no document: a question that another record has for the service, such as
    the list of a day. ``salon.invoice.asker`` says what is asked, and takes the answer.

    * Each task has its own state and its own tries; none changes the document's state
      but *discard*.
    * A document has one open task of each kind: the database says so.
    * A task that acts is claimed (*doing*, committed) before it calls.  One found in
      *doing* has lost its worker: an e-mail may have gone out and is not sent again,
      the others are repeated, because repeating them changes nothing.
    * A task that only reads is not claimed: it is one transaction, its evidence
      included.  Of the first one of a turn the try is committed beforehand: what has
      killed the worker of the last turn is the first one of this.

    The lane calls :meth:`_process`; ``_run_<kind>`` does a task of that kind. Another
    kind is one selection value and one method.
    """

    _name = "salon.invoice.task"
    _description = "Task of an Invoice"
    _order = "id"
    _rec_name = "kind"

    # === FIELDS === #

    document_id = fields.Many2one(
        "salon.invoice.document", index=True, ondelete="cascade"
    )
    # Without a document: the record that asks, see ``salon.invoice.asker``.
    res_model = fields.Char(string="Asked by Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Asked by Record", model_field="res_model", readonly=True
    )
    account_id = fields.Many2one(
        "salon.invoice.account",
        compute="_compute_account_id",
        store=True,
        precompute=True,
        readonly=False,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        precompute=True,
        compute_sudo=True,
    )
    kind = fields.Selection(
        [
            ("payments", "Payments"),
            ("email", "E-mail"),
            ("own_email", "E-mail from Odoo"),
            ("pdf", "PDF"),
            ("link", "Link for the customer"),
            ("discard", "Discard"),
            ("pay", "Register a payment"),
            ("paid", "Register what was paid in Odoo"),
            ("unpay", "Undo payments"),
            ("nav", "Report to NAV"),
            ("look", "Look at the service"),
            ("list", "List of documents"),
            ("numbers", "Look up numbers"),
            ("export", "Export for the accounting program"),
            ("preview", "Preview"),
        ],
        required=True,
    )
    state = fields.Selection(
        [
            ("todo", "To do"),
            ("doing", "Doing"),
            ("done", "Done"),
            ("unknown", "Not known"),
            ("failed", "Failed"),
        ],
        required=True,
        default="todo",
    )
    arguments = fields.Json(help="What a person has asked for, beside the kind.")
    user_id = fields.Many2one("res.users", string="Asked by", readonly=True)
    tries = fields.Integer()
    next_attempt = fields.Datetime(string="Planned For")
    message = fields.Char()
    line_ids = fields.One2many(
        "salon.invoice.batch.line",
        "task_id",
        readonly=True,
        groups="point_of_sale.group_pos_manager,account.group_account_invoice,"
        "account.group_account_readonly,base.group_system",
        help="What shows its result, if it was asked for with others.",
    )

    # === CONSTRAINTS === #

    _one_open = models.UniqueIndex(
        "(document_id, kind) WHERE state IN ('todo', 'doing')",
        "This is being done already.",
    )
    _one_question = models.UniqueIndex(
        "(res_model, res_id, kind) WHERE res_model IS NOT NULL",
        "This is being asked already.",
    )
    _of_somebody = models.Constraint(
        "CHECK ((document_id IS NULL) = (res_model IS NOT NULL))",
        "A task is a document's, or another record's.",
    )
    _due = models.Index("(account_id, next_attempt) WHERE state IN ('todo', 'doing')")
    # Of retention: the addresses that are still there.
    _addressed = models.Index(
        "(write_date) WHERE kind IN ('email', 'own_email') "
        "AND state NOT IN ('todo', 'doing') "
        "AND (arguments IS NOT NULL OR message IS NOT NULL)"
    )

    # === COMPUTES === #

    @api.depends("document_id.account_id")
    def _compute_account_id(self):
        for task in self:
            task.account_id = task.document_id.account_id or task.account_id

    @api.depends("document_id.company_id", "account_id.company_id")
    def _compute_company_id(self):
        for task in self:
            owner = task.document_id or task.account_id
            task.company_id = owner.company_id

    # === A TURN IN THE LANE === #

    def _process(self, service, is_first=False):
        """Do the task once; whatever happens is noted on it.  Called by the lane only.

        :param worker.service.Service service: of the account
        :param bool is_first: True if no other task has been done in this turn
        """
        self.ensure_one()
        if self.state == "doing" and self.kind in ONCE:
            self._give_up("unknown", self.env._("It is not known whether it went out."))
            return
        if self.tries >= self._most_tries():
            # Whoever could say what went wrong has given it up: these were killed.
            self._give_up(
                "failed", self.env._("The server stopped each time before it was done.")
            )
            return
        self.tries += 1
        if self.kind not in READING:
            self.state = "doing"
        if is_first or self.state == "doing":
            service.commit()
        self.document_id._read_whole()
        try:
            message = getattr(self, f"_run_{self.kind}")(service)
            if message is not SETTLED:
                self._finish(message)
        except errors.OutcomeUnknown as error:
            if self.kind in ONCE:
                self._give_up("unknown", self._explain(error))
            else:
                self._retry_later(error)
        except (errors.NotProcessed, errors.AccountProblem) as error:
            self._retry_later(error)
        except errors.ProviderError as error:
            self._give_up("failed", self._explain(error))

    def _is_due(self):
        """Return True if the lane would do it now: one task, or none."""
        due = self.next_attempt and self.next_attempt <= self.document_id._now()
        return self.state == "todo" and bool(due)

    def _most_tries(self):
        """Return after how many tries the task is given up."""
        return MAX_LOOKS if self.kind == "nav" else MAX_TRIES

    def _is_put_off(self):
        """Return True if the task is only left for later, such as to the night.

        What was tried already waits as the service has said, whoever asks again.
        """
        self.ensure_one()
        later = self.next_attempt and self.next_attempt > self.document_id._now()
        return self.state == "todo" and bool(later) and not (self.tries or self.message)

    def _call(self, service, operation, *arguments, **options):
        """Call ``operation`` of the service on the document."""
        document = self.document_id
        return service.call(
            document,
            operation,
            document._issued(),
            *arguments,
            reads=self.kind in READING,
            **options,
        )

    # === KINDS === #

    def _run_email(self, service):
        emails = tuple((self.arguments or {}).get("emails", ()))
        emails = emails or self.document_id._buyer_emails()
        words = self.document_id._mail_words()
        says = service.capabilities.words_mails and words != Mail()
        options = {"mail": words} if says else {}
        return ", ".join(self._call(service, "send", emails, **options))

    def _run_own_email(self, service):
        """Queue an e-mail of Odoo's with the service's PDF, fetched if it is not here.

        Mail and outcome are of one transaction, so that it is queued once.
        """
        document = self.document_id
        if not document.pdf_id:
            document._attach_pdf(self._call(service, "download"))
        emails = self.arguments["emails"]
        self.env["salon.invoice.mail"]._queue(document, emails)
        return ", ".join(emails)

    def _run_link(self, service):
        self.document_id.public_url = self._call(service, "public_url")

    def _run_pdf(self, service):
        content = self._call(service, "download")
        self.document_id._attach_pdf(content)

    def _run_payments(self, service):
        document = self.document_id
        tenders = document._invoice().tenders
        age = document._now() - document.issued_at
        untouched = timedelta(seconds=PAYMENTS_UNTOUCHED_SECONDS)
        fresh = self.tries == 1 and abs(age) < untouched
        state = self._call(service, "register_payments", tenders, fresh=fresh)
        document._record_payments(tenders, state)

    def _run_pay(self, service):
        document = self.document_id
        tender = from_json(Tender, self.arguments)
        # What was noticed after a lost answer may be this payment itself.
        if document._has_foreign_payments(tender.amount if self.tries > 1 else 0):
            raise self._registered_meanwhile()
        self._check_history(service, tender)
        tenders = (*document._tenders(), tender)
        state = self._call(service, "register_payments", tenders)
        document._record_payments(tenders, state)

    def _run_paid(self, service):
        """Register what was paid in Odoo since the sale, as it is now."""
        document = self.document_id
        tenders = document._paid_later()
        if not tenders:
            return
        self.arguments = to_json(tenders)
        if document._has_foreign_payments():
            raise self._registered_meanwhile()
        total = sum(tender.amount for tender in tenders)
        self._check_history(service, replace(tenders[0], amount=total))
        registered = (*document._tenders(), *tenders)
        state = self._call(service, "register_payments", registered)
        document._record_payments(registered, state)

    def _run_unpay(self, service):
        state = self._call(service, "undo_payments")
        self.document_id._record_payments((), state)

    def _check_history(self, service, tender):
        """Refuse to overwrite a payment that somebody registered at the service.

        :raises billing.errors.Rejected: with what is owed there
        """
        document = self.document_id
        theirs = self._call(service, "get").outstanding
        ours = Decimal(str(document.amount_outstanding))
        known = [ours]
        # A repeated task finds its own payment, whose answer was lost, or the part of
        # the history that it had registered again when its worker was killed.
        if self.tries > 1:
            known.append(ours - tender.amount)
            left = Decimal(str(document.amount_gross))
            for registered in (None, *document._tenders()):
                left -= registered.amount if registered else 0
                known.append(left)
        if theirs is None or theirs in known:
            return
        document.amount_outstanding = float(theirs)
        raise self._registered_meanwhile()

    def _registered_meanwhile(self):
        """Return the error that somebody has registered a payment at the service."""
        return errors.Rejected(self.document_id._explain_foreign_payments())

    def _run_discard(self, service):
        """Delete a draft, archive or delete a proforma; replace it if part was kept.

        An invoice that the service has made of it meanwhile is adopted instead: a
        refund waits for it, a person sees the reason.

        :raises billing.errors.Rejected: a person has requested what cannot be done
        """
        document = self.document_id
        if document._exists_at_service(UNFINISHED_KINDS):
            if not document._has_remote_copy():
                raise document._made_by_hand_problem()
            try:
                self._call(service, "discard")
            except errors.Rejected as error:
                if error.reason is not errors.Reason.CLOSED:
                    raise
                if not document._differs_at_service():
                    document._on_remote_finalized()
                if self.user_id:
                    raise
                return
            document._transition("discarded")
            document._end_attention()
        arguments = self.arguments or {}
        kept = arguments.get("lines")
        if kept and document._is_latest_generation() and document.state == "discarded":
            refunds = arguments.get("refunds") or [arguments["until"]]
            document._create_replacement(kept, refunds)

    def _run_nav(self, service):
        """Ask about this report and all that are due, in one call if they are several.

        A report that the service's list does not show is asked about alone, and so is
        this one if the list cannot be read: another document may be the reason.
        """
        tasks = self | self._due_reports()
        tasks.document_id._read_whole()
        statuses = self._ask_together(service, tasks) if len(tasks) > 1 else {}
        own = self.document_id.remote_id
        if own not in statuses:
            statuses = {**statuses, own: self._call(service, "nav_status")}
        self._take_report(statuses[own], self.tries)
        for task in tasks - self:
            status = statuses.get(task.document_id.remote_id)
            # A rejection is an alert: what goes wrong with it must stay with its task.
            if status and status.state is not NavState.REJECTED:
                task._take_report(status, task.tries + 1)
        return SETTLED

    def _ask_together(self, service, tasks):
        """Return what the service tells at once about the reports of ``tasks``.

        :raises billing.errors.ProviderError: the account or the service is in trouble
        """
        made = [task.document_id._issued() for task in tasks]
        try:
            return service.call(self.document_id, "nav_statuses", made, reads=True)
        except errors.ProviderError as error:
            concerns_account = isinstance(error, errors.AccountProblem)
            if concerns_account or error.reason in SERVICE_WIDE:
                raise
            return {}

    def _due_reports(self):
        """Return the other tasks of this account whose report is to be asked about."""
        return self.search(
            [
                ("account_id", "=", self.account_id.id),
                ("kind", "=", "nav"),
                ("state", "=", "todo"),
                ("next_attempt", "<=", self.document_id._now()),
                ("id", "!=", self.id),
            ],
            limit=REPORTS - 1,
        )

    def _take_report(self, status, tries):
        """Record what NAV has said, or ask again later.

        :param billing.invoice.NavStatus status: from the service
        :param int tries: of this task, this one included
        """
        document = self.document_id
        self.tries = tries
        document._record_nav_status(status)
        if status.state is not NavState.PENDING:
            # The service's own words only where they explain something.
            explains = status.state in (NavState.WARNING, NavState.REJECTED)
            labels = dict(
                document._fields["nav_state"]._description_selection(self.env)
            )
            self._finish((explains and status.detail) or labels[status.state.value])
        elif tries >= MAX_LOOKS:
            self._finish(
                self.env._("NAV has not answered yet. Look at it at the service.")
            )
        else:
            pause = min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE)
            self._retry_in(pause, self.env._("NAV has not answered yet."))

    def _run_look(self, service):
        try:
            current = self._call(service, "get")
        except errors.Rejected as error:
            if error.reason is not errors.Reason.NOT_FOUND:
                raise
            self._look_for_invoice(service)
        else:
            self.account_id._note_sandbox(current)
            self.document_id._compare_with_service(current)

    def _look_for_invoice(self, service):
        """The document is gone: deleted, unless it was used up for an invoice there."""
        document = self.document_id
        if (
            document.kind in UNFINISHED_KINDS
            and document.state == "issued"
            and self._call(service, "made_of")
        ):
            document.last_synced_at = document._now()
            document._on_remote_finalized()
        else:
            document._on_remote_deleted()

    def _registered(self):
        """Return what these tasks have registered of what was paid later, a Decimal."""
        total = Decimal(0)
        for task in self:
            reported = task.arguments or []
            tenders = reported if isinstance(reported, list) else [reported]
            total += sum(from_json(Tender, tender).amount for tender in tenders)
        return total

    # === KINDS: QUESTIONS OF NO DOCUMENT === #

    def _run_list(self, service):
        return self._run_question(service)

    def _run_numbers(self, service):
        return self._run_question(service)

    def _run_export(self, service):
        return self._run_question(service)

    def _run_preview(self, service):
        return self._run_question(service)

    def _run_question(self, service):
        """Ask one question of the record, and come back later for its next one.

        One in a turn of the queue: whatever else is due then goes first.
        """
        asker = self._asker()
        question = asker and asker._next_question(self)
        if not question:  # nobody wants to know it any more
            return None
        if question.operation not in QUESTIONS[self.kind]:
            problem = f"{self.kind} cannot ask for {question.operation}"
            raise ValueError(problem)
        try:
            answer = service.ask(
                question.operation, *question.arguments, **question.options
            )
        except errors.Rejected as error:
            pause = asker._on_refused(self, error)
        else:
            pause = asker._on_answer(self, answer)
        if pause is None:
            return None
        self.tries = 0
        self._plan_in(pause, False)
        return SETTLED

    def _asker(self):
        """Return the record that asks; none if it is gone, or not of this company.

        Only a model that is a ``salon.invoice.asker`` is ever called.
        """
        model = self.env.get(self.res_model or "")
        if model is None or not isinstance(model, self.pool["salon.invoice.asker"]):
            return None
        record = model.browse(self.res_id).exists()
        return record.filtered(lambda row: row.account_id == self.account_id) or None

    # === OUTCOMES === #

    def _explain(self, error):
        """Return the sentence about an error; a person need not do anything yet."""
        explain = self.env["salon.invoice.message"]._explain
        text = explain(error, self.account_id.provider)
        return f"{text.cause} [{text.said}]" if text.said else text.cause

    def _retry_later(self, error):
        if error.scope:
            self._wait_for_limit(error)
            return
        if self.tries >= self._most_tries():
            self._give_up("failed", self._explain(error))
            return
        pause = error.retry_after or min(5 * 2**self.tries, LONGEST_RETRY_AFTER_SECONDS)
        self._retry_in(min(pause, LONGEST_RETRY_AFTER_SECONDS), self._explain(error))

    def _wait_for_limit(self, error):
        """Put off all tasks of this kind: their operation has a limit of its own.

        It costs no try: the service has not processed the call.
        """
        pause = min(error.retry_after or FIRST_LIMIT, LONGEST_RETRY_AFTER_SECONDS)
        self.tries -= 1
        self._retry_in(pause, self._explain(error))
        self.search(
            [
                ("account_id", "=", self.account_id.id),
                ("kind", "=", self.kind),
                ("state", "=", "todo"),
                ("next_attempt", "<", self.next_attempt),
            ]
        ).write({"next_attempt": self.next_attempt, "message": self.message})

    def _finish(self, message):
        """Note that the task is done."""
        self.write({"state": "done", "message": message or False})
        self._show_result()
        self._tell_month()

    def _retry_in(self, pause, message):
        """Do the task again after ``pause`` seconds, for the reason ``message``."""
        self._plan_in(pause, message)
        if not self.document_id and (asker := self._asker()):
            asker._on_put_off(self)

    def _plan_in(self, pause, message):
        """Plan the task's next turn after ``pause`` seconds."""
        self.write(
            {
                "state": "todo",
                "message": message,
                "next_attempt": self.document_id._now() + timedelta(seconds=pause),
            }
        )

    def _on_crash(self):
        """Show that the task crashed; no document is affected."""
        self._give_up(
            "failed",
            self.env._("An error in the program. The server log has the details."),
        )

    def _give_up(self, state, message):
        self.write({"state": state, "message": message})
        self._show_result()
        self._tell_month()
        if self.document_id:
            self.document_id._on_task_failed(self)
        elif asker := self._asker():
            asker._on_failed(self)

    def _show_result(self):
        """Show what has come of the task where many were asked for at once.

        What nobody has asked for reads nothing more.
        """
        if self.user_id:
            self.sudo().line_ids._follow()

    def _tell_month(self):
        """Tell the month's file that has asked for a PDF, if its lane has no other."""
        month = self.kind == "pdf" and (self.arguments or {}).get("month")
        if month and not self._has_other_pdf(month):
            self.env["salon.invoice.month"].browse(month).exists()._on_fetched()

    def _has_other_pdf(self, month):
        """Return True if this lane has another PDF to fetch for a month's file.

        Asked at each of thousands of PDFs: one statement, which ends at the first row.

        :param int month: id of the ``salon.invoice.month``
        """
        self.flush_model(["account_id", "kind", "state", "arguments"])
        self.env.cr.execute(
            SQL(
                """
                SELECT FROM salon_invoice_task
                 WHERE account_id = %(account)s AND state IN ('todo', 'doing')
                   AND kind = 'pdf' AND arguments ->> 'month' = %(month)s
                   AND id != %(own)s
                 LIMIT 1
                """,
                account=self.account_id.id or None,
                month=str(month),
                own=self.id,
            )
        )
        return bool(self.env.cr.rowcount)
