import logging
import zlib
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools.misc import format_date
from odoo.tools.translate import LazyTranslate

from ..billing import books
from ..billing.books import Asked, Doubt, Finding, Outcome, Proof
from ..billing.codec import from_json, to_json
from ..billing.errors import Reason
from ..billing.hungary import day_of, start_of
from ..billing.invoice import RUNNING_STATES, WORKING_STATES, IssuedDocument
from ..billing.reconcile import numbers_to_look_up, reconcile
from . import salon_invoice_difference
from .salon_invoice_account import BATCH
from .salon_invoice_asker import Question
from .salon_invoice_document import BUS_MESSAGE

_logger = logging.getLogger(__name__)
# Lazy: translated when shown, in the reader's language.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

#: Look-ups of numbers for one request, by night and if a person has asked for it.
NIGHT_CALLS, MOST_CALLS = 600, 5000
#: What a list that is read once more costs of these.
RELIST_CALLS = 300
#: Documents that a list lacks and that are looked up before people are told.
MOST_LOOKS = 50
#: Days at the end of a month that are asked for again in the next one.
LATE_DAYS = 3
#: Days after which a day that is still open is not asked for again, and how many of
#: them in one night.
OPEN_DAYS, MOST_OPEN = 35, 12
#: Seconds over which the accounts of all databases spread the night's work.
SPREAD_SECONDS = 3600
#: Seconds after a repair until the service is asked again.
REPAIR_SECONDS = 60
#: Seconds until what has met another transaction is tried again.
AGAIN_SECONDS = 60
#: Outcomes of a day that is asked for again each night.
OPEN = ("differs", "on_its_way", "unproven")

#: Sales that a sentence names.
NAMED = 20

#: How many rows differ, by what they are.
COUNTS = ("differs_count", "missing_here_count", "missing_there_count")

#: What can be proven, in a sentence.
PROOFS = {
    Proof.LIST: _lt(
        "The service has listed and counted all that it has of these days."
    ),
    Proof.NUMBERS: _lt(
        "Every number of our series was looked up: each one is ours, or was made by "
        "hand at the service."
    ),
    Proof.LIST_UNCOUNTED: _lt(
        "The service has listed what it has, but does not say how long its list is: "
        "all that is known agrees or is named here, more cannot be proven."
    ),
    Proof.LOOKED_UP: _lt(
        "Each of our documents was looked up. Whether the service has others is not "
        "known."
    ),
    Proof.NOTHING: _lt(
        "The service has not said yet what it has: till and documents are compared."
    ),
}
#: Why the service's answers are not taken for the whole truth.
DOUBTS = {
    Doubt.REPEATED: _lt("The service's list has a document twice."),
    Doubt.CONTRADICTS: _lt(
        "The service has told a document twice, and not the same way."
    ),
    Doubt.NUMBER_TWICE: _lt("Two documents at the service have the same number."),
    Doubt.OUT_OF_RANGE: _lt("The service has listed days that it was not asked for."),
    Doubt.UNDATED: _lt("The service has listed a document without a date."),
    Doubt.GAP: _lt("Numbers are missing between those that are there: %(numbers)s."),
    Doubt.LEFT_OUT: _lt(
        "The service's list lacks a document that it has when it is looked up."
    ),
    Doubt.OPEN_END: _lt(
        "What has the numbers before the first and after the last of ours is not known "
        "yet."
    ),
    Doubt.OTHER_SERIES: _lt(
        "This service has no list: documents with another number prefix cannot be seen."
    ),
}


class SalonInvoiceReconciliation(models.Model):
    """The books of a day or a month, compared: till, payments, documents, service.

    1. :meth:`_request` asks for it; the worker asks the service, day by day or number
       by number, behind all documents: see ``salon.invoice.asker``.
    2. Once it has answered, the job ``cron_reconcile`` compares, outside of the lane:
       :meth:`_compare`. What is compared is decided in ``billing.reconcile``.
    3. What differs is a ``salon.invoice.difference`` each, and one activity for all.

    Whatever is asked again, a difference that is not there any more is *mended*; what a
    person has resolved stays so as long as it does not change.
    """

    _name = "salon.invoice.reconciliation"
    _description = "Reconciliation with the Invoicing Service"
    _inherit = [
        "salon.invoice.guard",
        "salon.invoice.asker",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "until desc, since desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    # === FIELDS === #

    account_id = fields.Many2one(
        "salon.invoice.account", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, precompute=True
    )
    since = fields.Date(string="From", required=True, readonly=True)
    until = fields.Date(required=True, readonly=True)
    is_month = fields.Boolean(
        string="A Month", compute="_compute_is_month", store=True, precompute=True
    )
    state = fields.Selection(
        [
            ("asking", "The service is asked"),
            ("todo", "To be compared"),
            ("done", "Compared"),
        ],
        required=True,
        readonly=True,
        default="todo",
    )
    outcome = fields.Selection(
        [
            ("agrees", "Agrees"),
            ("settled", "Agrees as far as can be seen"),
            ("resolved", "Resolved by hand"),
            ("on_its_way", "On its way"),
            ("unproven", "Not proven"),
            ("differs", "Differs"),
        ],
        readonly=True,
    )
    proof = fields.Char(readonly=True, help="A value of billing.books.Proof.")
    doubts = fields.Json(readonly=True)
    missing_numbers = fields.Json(readonly=True)
    returned = fields.Json(
        readonly=True, help="Sales that came back whole before any document was made."
    )
    trouble = fields.Char(
        string="Why It Waits",
        readonly=True,
        help="What the service has said instead of an answer.",
    )
    summary = fields.Text(compute="_compute_summary", compute_sudo=True)
    requested_at = fields.Datetime(readonly=True)
    compared_at = fields.Datetime(readonly=True)
    # === FIELDS: WHAT CAME OUT === #
    difference_ids = fields.One2many(
        "salon.invoice.difference",
        "reconciliation_id",
        string="Differences",
        readonly=True,
    )
    open_count = fields.Integer(
        string="Open Differences", compute="_compute_open_count", store=True
    )
    sum_ids = fields.One2many("salon.invoice.sum", "reconciliation_id", readonly=True)
    agrees_count = fields.Integer(string="Agree", readonly=True)
    differs_count = fields.Integer(string="Differ", readonly=True)
    missing_here_count = fields.Integer(string="Missing Here", readonly=True)
    missing_there_count = fields.Integer(string="Missing There", readonly=True)
    not_ours_count = fields.Integer(
        string="Not Ours",
        readonly=True,
        help="Made by hand in the account at the service: counted, never a difference.",
    )
    unproven_count = fields.Integer(string="Not Proven", readonly=True)
    on_its_way_count = fields.Integer(string="On Its Way", readonly=True)
    # === FIELDS: WHAT IS STILL TO BE ASKED === #
    answer_ids = fields.One2many("salon.invoice.answer", "reconciliation_id")
    wanted = fields.Json(readonly=True, help="Numbers that are to be looked up.")
    looks = fields.Json(readonly=True, help="Documents that are to be read again.")
    calls_left = fields.Integer(readonly=True)
    was_looked = fields.Boolean(readonly=True)
    alerted = fields.Json(readonly=True, help="What people have been told of.")

    # === CONSTRAINTS === #

    _one_each = models.Constraint(
        "UNIQUE (account_id, since, until)", "These days are compared already."
    )
    _days = models.Constraint("CHECK (since <= until)")
    _todo = models.Index("(id) WHERE state = 'todo'")

    # === COMPUTES === #

    @api.depends("since", "until")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row._format_days()

    @api.depends("since", "until")
    def _compute_is_month(self):
        for row in self:
            row.is_month = row.since != row.until

    @api.depends("difference_ids.state")
    def _compute_open_count(self):
        for row in self:
            row.open_count = len(
                row.difference_ids.filtered(lambda one: one.state == "open")
            )

    @api.depends_context("lang")
    @api.depends(
        *("state", "proof", "doubts", "missing_numbers", "returned", "trouble"),
        *COUNTS,
    )
    def _compute_summary(self):
        for row in self:
            row.summary = "\n".join(row._sentences())

    def _sentences(self):
        """Return what can be proven, and why no more, as people read it."""
        sentences = [self.env._(PROOFS[Proof(self.proof)])] if self.proof else []
        numbers = ", ".join(number for number, _receipt in self.missing_numbers or ())
        sentences += [
            self.env._(DOUBTS[Doubt(doubt)]).replace("%(numbers)s", numbers)
            for doubt in self.doubts or ()
        ]
        if self.returned:
            sentences.append(
                self.env._(
                    "All of it came back before any document was made: %(sales)s.",
                    sales=self._format_sales(self.returned),
                )
            )
        most = salon_invoice_difference.MOST
        if sum(self[name] for name in COUNTS) > most:
            sentences.append(
                self.env._(
                    "More differs than is listed here: the first %(most)s of them are.",
                    most=most,
                )
            )
        return [*sentences, *filter(None, [self.trouble])]

    def _format_sales(self, ids):
        """Return the names of some sales, as many as a sentence takes."""
        orders = self.env["pos.order"].sudo().browse(ids[:NAMED]).exists()
        names = [order.pos_reference or order.name for order in orders]
        return ", ".join(names) + ("…" if len(ids) > NAMED else "")

    def _format_days(self):
        if not self.since:
            return ""
        if self.since == self.until:
            return format_date(self.env, self.since)
        if (self.since.day, self.until) == (1, _month_of(self.since)[1]):
            return self.env["salon.invoice.month"]._format_month(self.since)
        return (
            f"{format_date(self.env, self.since)} – {format_date(self.env, self.until)}"
        )

    # === ASKED FOR === #

    @api.model
    def _request(self, account, since, until, by_night=False):
        """Have the books of some days compared; return the reconciliation.

        The service is asked anew. What was found before stays until it is known that it
        is not so any more.

        :param account: ``salon.invoice.account``
        :param date since: first day, in Hungary
        :param date until: last day; those that have not come yet are not asked for
        :param bool by_night: True for what nobody waits for: a service without a list
            is asked for what it has not told yet, and for so much at a time
        """
        rows = self.sudo()
        days = [("since", "=", since), ("until", "=", until)]
        row = rows.search([("account_id", "=", account.id), *days])
        if not row:
            row = rows.create(
                {"account_id": account.id, "since": since, "until": until}
            )
        row._start(by_night)
        return row

    def _start(self, by_night=False, pause=0):
        """Ask the service again, and compare then.

        :param pause: seconds until then
        """
        self.ensure_one()
        account = self.account_id
        if by_night and not account._capabilities().list_documents:
            self.answer_ids._forget_old(account)
        else:
            self.answer_ids.unlink()
        self.write(
            {
                "state": "todo",
                "trouble": False,
                "requested_at": self._now(),
                "wanted": False,
                "looks": False,
                "was_looked": False,
                "calls_left": NIGHT_CALLS if by_night else MOST_CALLS,
            }
        )
        if not self._can_ask():
            self.trouble = self.env._("The account is not connected any more.")
        elif account._capabilities().list_documents:
            self._ask_for("list", pause)
            return
        self._wake_job(pause)

    def _can_ask(self):
        """Return True if there is a service that may be asked."""
        account = self.account_id
        return account.state in WORKING_STATES and bool(account._credential().api_key)

    def _ask_for(self, kind, pause=0):
        self.state = "asking"
        self._ask(kind, pause)

    def _now(self):
        return self.env["salon.invoice.document"]._now()

    def _wake_job(self, pause=0):
        """Have the books compared once this transaction is committed."""
        job = self.env.ref("salon_invoice_bridge.cron_reconcile").sudo()
        job._trigger(fields.Datetime.now() + timedelta(seconds=pause))

    # === IN THE LANE === #

    def _next_question(self, task):
        """See ``salon.invoice.asker``."""
        if self.state != "asking":
            return None
        if task.kind == "list":
            day = self._next_day()
            if not day:
                return None
            receipts = {"receipts": self._has_receipts()}
            return Question("list_issued", (day, day), receipts)
        if self.looks:
            return self._look_question(self.looks[0])
        if self.wanted:
            number, is_receipt = self.wanted[0]
            return Question("by_number", (number,), {"receipt": is_receipt})
        return None

    def _next_day(self):
        """Return the next day that the service is to list, None if it has all."""
        known = set(self.answer_ids.mapped("day"))
        day, last = self.since, self._last_day()
        while day <= last:
            if day not in known:
                return day
            day += timedelta(days=1)
        return None

    def _last_day(self):
        """Return the last day that the service can be asked about."""
        return min(self.until, self.env["salon.invoice.document"]._today())

    def _has_receipts(self):
        """Return True if there are receipts of ours, which take calls of their own."""
        domain = [("account_id", "=", self.account_id.id), ("is_receipt", "=", True)]
        return bool(self.env["salon.invoice.document"].search_count(domain, limit=1))

    def _look_question(self, issued):
        """Return how a document is looked up, that the service has described before."""
        if self.account_id._capabilities().finds_by_number:
            issued = from_json(IssuedDocument, issued)
            receipt = {"receipt": issued.is_receipt}
            return Question("by_number", (issued.number,), receipt)
        return Question("examine", (from_json(IssuedDocument, issued),))

    def _on_answer(self, task, answer):
        """See ``salon.invoice.asker``: keep the answer, nothing else."""
        if task.kind == "list":
            self._keep({"day": self._next_day()}, to_json(tuple(answer)))
            if self._next_day():
                return 0
        else:
            self._take_look(answer)
            if self.looks or self.wanted:
                return 0
        self._on_all_answered()
        return None

    def _take_look(self, answer):
        """Keep what the service has of a number, and go on to the next one.

        :param answer: ``IssuedDocument``, None if it is not there
        """
        if self.looks:
            first = from_json(IssuedDocument, self.looks[0])
            key, self.looks = (first.number, first.is_receipt), self.looks[1:]
        else:
            key, self.wanted = self.wanted[0], self.wanted[1:]
            self.calls_left -= 1
        reported = answer and to_json(answer)
        self._keep({"number": key[0], "is_receipt": key[1]}, reported or False)

    def _keep(self, key, answer):
        """Store an answer in place of an earlier one."""
        domain = [(name, "=", value) for name, value in key.items()]
        rows = self.env["salon.invoice.answer"]
        known = rows.search([("reconciliation_id", "=", self.id), *domain])
        if known:
            known.write({"answer": answer, "answered_at": self._now()})
        else:
            values = {"answer": answer, "answered_at": self._now()}
            rows.create({"reconciliation_id": self.id, **key, **values})

    def _on_refused(self, task, error):
        """See ``salon.invoice.asker``: what is not there is an answer, too."""
        if task.kind == "numbers" and error.reason is Reason.NOT_FOUND:
            return self._on_answer(task, None)
        return super()._on_refused(task, error)

    def _on_all_answered(self):
        self.write({"state": "todo", "trouble": False})
        self._wake_job()

    def _on_put_off(self, task):
        self.trouble = task.message

    def _on_failed(self, task):
        self.write({"state": "todo", "trouble": task.message, "calls_left": 0})
        self.write({"wanted": False, "looks": False, "was_looked": True})
        self._wake_job()

    # === COMPARED === #

    @api.model
    def _collect(self, account, since, until):
        """Return sales and documents of some days: see ``salon.invoice.books``."""
        return self.env["salon.invoice.books"]._collect(account, since, until)

    def _asked(self):
        """Return the ``billing.books.Asked`` of what the service has said."""
        capabilities = self.account_id._capabilities()
        listed = None
        if capabilities.list_documents and not self._next_day():
            listed = tuple(
                from_json(IssuedDocument, one)
                for row in self.answer_ids.filtered("day")
                for one in row.answer or ()
            )
        looked_up = {
            (row.number, row.is_receipt): row.answer
            and from_json(IssuedDocument, row.answer)
            or None
            for row in self.answer_ids.filtered("number")
        }
        return Asked(
            listed=listed,
            counted=capabilities.counts_lists,
            marks=capabilities.tells_own,
            marks_receipts=capabilities.tells_own_receipts,
            looked_up=looked_up,
        )

    def _reconciled(self):
        """Return sales, documents and the ``billing.books.Reconciliation`` of them."""
        known = self._collect(self.account_id, self.since, self.until)
        asked = self._asked()
        found = reconcile(self.since, self.until, *known, asked)
        return known, asked, found

    def _compare(self):
        """Compare the books, or ask the service for what is still to be known."""
        self.ensure_one()
        known, asked, found = self._reconciled()
        if self._ask_more(known, asked, found):
            return
        self._store(found)

    def _ask_more(self, known, asked, found):
        """Have looked up what decides; return True if something is asked."""
        if not self._can_ask():
            return False
        if self.account_id._capabilities().finds_by_number:
            wanted = numbers_to_look_up(
                self.since, self.until, known.documents, asked.looked_up
            )[: max(self.calls_left, 0)]
            if wanted:
                self.wanted = [list(key) for key in wanted]
        if not self.was_looked:
            missing = [
                row.document for row in found.rows if Finding.NOT_LISTED in row.findings
            ]
            if self._list_again(missing):
                return True
            self.was_looked = True
            self._look_for(missing)
        if self.wanted or self.looks:
            self._ask_for("numbers")
            return True
        return False

    def _list_again(self, missing):
        """Have days listed again on which documents were made after the list was read.

        :param missing: ids of documents that it lacks
        :return: True if something is asked
        """
        reported = {row.day: row.answered_at for row in self.answer_ids if row.day}
        documents = self.env["salon.invoice.document"].browse(missing)
        days = {
            row.issue_date
            for row in documents
            if row.issued_at
            and row.issued_at >= reported.get(row.issue_date, row.issued_at)
        }
        old = self.answer_ids.filtered(lambda row: row.day in days)
        if not old or self.calls_left <= 0:
            return False
        self.calls_left -= RELIST_CALLS
        old.unlink()
        self._ask_for("list")
        return True

    def _look_for(self, missing):
        """Have those looked up that a list lacks: it may have been read half changed.

        :param missing: ids of documents
        """
        documents = self.env["salon.invoice.document"].browse(missing[:MOST_LOOKS])
        looks = [row.remote_snapshot for row in documents if row.remote_snapshot]
        self.looks = [*(self.looks or ()), *looks]

    def _store(self, found):
        """Keep what was found.

        :param billing.books.Reconciliation found: of these days
        """
        on_its_way = [
            row
            for row in found.rows
            if row.outcome in books.DIFFERENCES and not row.needs_person
        ]
        counts = {
            f"{outcome.value}_count": found.counts.get(outcome, 0)
            for outcome in Outcome
        }
        counts["missing_there_count"] -= len(on_its_way)
        self.env["salon.invoice.difference"]._take(self, found.differences)
        self.sum_ids.unlink()
        rows = self.sum_ids._values(found.sums)
        self.write(
            {
                **counts,
                "on_its_way_count": len(on_its_way),
                "state": "done",
                "outcome": self._outcome_of(found, bool(on_its_way)),
                "proof": found.proof.value,
                "doubts": sorted(doubt.value for doubt in found.doubts),
                "missing_numbers": to_json(found.missing_numbers),
                "returned": to_json(found.returned),
                "compared_at": self._now(),
                "sum_ids": [(0, 0, values) for values in rows],
            }
        )
        self._notify_differences()
        self._notify_screens()

    def _notify_screens(self):
        """Have the screens that show these rows read them again, once committed."""
        for row in self:
            self.env["bus.bus"]._sendone(
                (row.company_id, BUS_MESSAGE),
                BUS_MESSAGE,
                {"documents": [], "orders": [], "reconciliations": row.ids},
            )

    def _outcome_of(self, found, is_on_its_way):
        """Return the value of ``outcome``."""
        if any(one.state == "open" for one in self.difference_ids):
            return "differs"
        if is_on_its_way:
            return "on_its_way"
        if found.agrees:
            return "agrees"
        doubts = found.doubts - books.LIMITS
        if found.proof is Proof.NOTHING or doubts:
            return "unproven"
        if found.differences:
            return "resolved"
        return "settled" if found.is_settled else "unproven"

    def _notify_differences(self):
        """Give people one activity for what is open; close it once nothing is.

        Of what they have been told of, also with another reconciliation, they are not
        told again.
        """
        warning = ["mail.mail_activity_data_warning"]
        found = self.difference_ids.filtered(lambda one: one.state == "open")
        if not found:
            self.activity_unlink(warning)
            self.alerted = False
            return
        new = found.filtered(lambda one: one.key not in (self.alerted or ()))
        new -= new._known_elsewhere()
        self.alerted = found.mapped("key")
        if not new:
            return
        self.activity_unlink(warning)
        account = self.account_id._for_responsible()
        row = self.with_env(account.env)
        account._notify_recipients(
            row,
            row.env._("%(days)s: till and service differ", days=row._format_days()),
            "\n".join(one.text for one in found.with_env(account.env)[:5] if one.text),
        )

    def _findings(self):
        """Return what is open as ``billing.month.Finding`` s, for the month's file."""
        found = self.difference_ids.filtered(lambda one: one.state == "open")
        named = set(found.filtered("remote").mapped("remote_id"))
        return tuple(one._as_finding(named) for one in found)

    # === JOBS === #

    @api.model
    def _cron_reconcile(self):
        """Request what is due, and compare what the services have answered."""
        accounts = self.env["salon.invoice.account"].search(
            [("state", "in", RUNNING_STATES)]
        )
        if accounts:  # none in a neutralized copy, whose jobs stay switched off
            accounts._revive_jobs()
        for account in accounts:
            self._isolate(account, lambda account=account: self._plan(account))
        todo = self.search([("state", "=", "todo")], order="id", limit=BATCH)
        for row in todo:
            row = row.with_context(lang=row.account_id._language())
            if not self._isolate(row, row._compare):
                self._isolate(row, row._on_broken)

    def _isolate(self, record, method):
        """Call ``method`` in a transaction of its own; return True if it worked."""
        try:
            method()
            self.env["ir.cron"]._commit_progress(1)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            _logger.info("%s met another transaction; later", record)
            self._wake_job(AGAIN_SECONDS)
            return True
        except Exception:
            self.env.cr.rollback()
            _logger.exception("%s could not be reconciled", record)
            return False
        return True

    def _on_broken(self):
        """Show that the comparison broke: nothing is said to agree."""
        self.write(
            {
                "state": "done",
                "outcome": "unproven",
                "trouble": self.env._(
                    "An error in the program. The server log has the details."
                ),
            }
        )

    @api.model
    def _plan(self, account):
        """Request what is due of an account: by night, and after a till was closed."""
        now = self._now()
        today = day_of(now)
        begun = start_of(today)
        for days in self._days_due(account, today, begun):
            row = self._request(account, *days, by_night=True)
            own = zlib.crc32(f"{account._database_here()}/{account.id}".encode())
            if row.state == "asking":
                row._ask("list", own % SPREAD_SECONDS)
        for days in self._days_closed(account, now):
            self._request(account, *days, by_night=True)

    def _days_due(self, account, today, begun):
        """Return the periods that are to be compared since today began.

        Yesterday, days that are still open, the last days of the last month, and once
        it is over, that month. Of a service without a list the month in which these
        are: its numbers are known together.
        """
        yesterday = today - timedelta(days=1)
        first = day_of(account.connected_at) if account.connected_at else today
        days = {yesterday}
        if today.day <= LATE_DAYS:
            last = today.replace(day=1) - timedelta(days=1)
            days |= {last - timedelta(days=back) for back in range(LATE_DAYS)}
        due = [(day, day) for day in sorted(days, reverse=True) if day >= first]
        last_month = _month_of(today.replace(day=1) - timedelta(days=1))
        if today.day > 1 and last_month[1] >= first:
            due.append(last_month)
        if not account._capabilities().list_documents:
            months = {_month_of(day) for day, _last in due} | {_month_of(yesterday)}
            due = sorted(month for month in months if month[1] >= first)
        known = {
            (row.since, row.until): row
            for row in self.search(
                [
                    ("account_id", "=", account.id),
                    ("until", ">=", today - timedelta(days=OPEN_DAYS + 31)),
                ]
            )
        }
        is_month = {last_month} - {_month_of(yesterday)}
        due = [
            days
            for days in due
            if days not in known
            or (days not in is_month and known[days].requested_at < begun)
        ]
        again = [
            days
            for days, row in sorted(known.items(), reverse=True)
            if row.state == "done"
            and row.outcome in OPEN
            and row.requested_at < begun
            and row.until >= today - timedelta(days=OPEN_DAYS)
            and days not in due
        ]
        return due + again[:MOST_OPEN]

    def _days_closed(self, account, now):
        """Return the periods of sessions that were closed since they were requested."""
        closed = self.env["pos.session"].search(
            [
                ("config_id", "in", account._shops().ids),
                ("state", "=", "closed"),
                ("stop_at", ">=", now - timedelta(days=1)),
            ]
        )
        due = {}
        for session in closed:
            day = day_of(session.stop_at)
            days = (day, day)
            if not account._capabilities().list_documents:
                days = _month_of(day)
            due[days] = max(due.get(days, session.stop_at), session.stop_at)
        known = self.search(
            [("account_id", "=", account.id), ("since", "in", [d[0] for d in due])]
        )
        for row in known:
            if row.requested_at >= due.get((row.since, row.until), now):
                del due[row.since, row.until]
        return sorted(due)

    # === PEOPLE'S BUTTONS === #

    def action_again(self):
        """Ask the service again, and compare."""
        self._check_may_act()
        for row in self.sudo():
            row._start()

    def action_month(self):
        """Have this month compared, and open it; on no record, as a list's button is.

        :raises UserError: if the company has no service
        """
        self.env["salon.invoice.document"]._check_may_manage()
        account = self.env.company.sudo().salon_account_id
        if not account:
            raise UserError(self.env._("No invoicing service is connected."))
        today = self.env["salon.invoice.document"]._today()
        row = self._request(account, *_month_of(today))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reconciliation"),
            "res_model": self._name,
            "res_id": row.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _start_again(self):
        """Have the service asked again after a repair, once it has had its time."""
        for row in self:
            row._start(by_night=True, pause=REPAIR_SECONDS)

    def _look_again(self, issued):
        """Have a document looked up, and compare then.

        :param issued: JSON of its ``IssuedDocument``, None to ask for all again
        """
        self.ensure_one()
        if not issued or not self._can_ask():
            self._start_again()
            return
        self.looks = [*(self.looks or ()), issued]
        self._ask_for("numbers")

    def _on_resolved(self):
        """Show that nothing is open any more, if so."""
        if self.outcome == "differs" and not self.open_count:
            self.outcome = "resolved"
        self._notify_differences()

    def _check_may_act(self):
        """Check that the user may act, and may read these rows."""
        self.env["salon.invoice.document"]._check_may_manage()
        self.check_access("read")


def _month_of(day):
    """Return the first and the last day of a day's month."""
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return first, following - timedelta(days=1)
