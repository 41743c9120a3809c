import base64
import logging
import tempfile
from datetime import timedelta

import psycopg2
from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.orm.models import NO_ACCESS
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools.misc import format_amount, format_date, get_lang

from ..billing import month as billing_month
from ..billing.hungary import clock_at
from ..billing.invoice import KEYLESS_STATES
from ..billing.month import Gap
from ..billing.month_rows import thaw
from ..export.archive import Extra, MissingPdf, part_name, write_part
from ..export.workbook import Cover
from .salon_invoice_document import BUS_MESSAGE

_logger = logging.getLogger(__name__)

#: States in which a month's file is being prepared.
UNDER_WAY = ("fetching", "writing")
#: How long PDFs are waited for, at least, and for each of them.
PATIENCE, PATIENCE_EACH = timedelta(minutes=30), timedelta(seconds=1)
#: How long until it is looked whether they have come, if nobody says so before.
LOOK_AGAIN = timedelta(minutes=1)
#: How long a file is kept.
KEPT = timedelta(days=30)
#: Times that one step is tried whose worker is killed each time.
MOST_TRIES = 3
#: Bytes of PDFs in one part, about: it is in memory while it is stored.
PART_BYTES = 40_000_000
#: Days after the chosen one on which the file is still prepared by itself.
CATCH_UP = 3


class SalonInvoiceMonth(models.Model):
    """What an accountant gets of a month: a file in parts, and what is missing in it.

    Prepared in the background by a job of Odoo's, a step at a time, each with its
    commit, so that a job that is killed goes on where it was:

    1. *Fetching*: PDFs that are missing are asked for as tasks of their documents, the
       service's own file, and what it has of the month, to be compared; the lanes ask
       for all of it. It is waited for with patience, and no longer.
    2. What till and documents say is read once and frozen: all parts are of that.
    3. *Writing*: a part a step, until the file is *ready*.

    A PDF that is none, or is gone, is noticed while its part is written: the file is
    written anew then, and says that it is missing.

    Nothing is hidden: a file that is not complete says so on its first page, which
    ``finding_ids`` shows on the screen. After 30 days the file is deleted, the record
    stays, and can be prepared again.
    """

    _name = "salon.invoice.month"
    _description = "Month's File"
    _order = "start desc, id desc"

    # === FIELDS === #

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    start = fields.Date(string="Month", required=True, readonly=True)
    end = fields.Date(compute="_compute_end")
    state = fields.Selection(
        [
            ("fetching", "Fetching PDFs"),
            ("writing", "Writing"),
            ("ready", "File Ready"),
            ("failed", "Failed"),
            ("removed", "Removed"),
        ],
        required=True,
        readonly=True,
        default="fetching",
    )
    edition = fields.Integer(
        readonly=True, help="How often the file of this month was prepared."
    )
    user_id = fields.Many2one("res.users", string="Asked by", readonly=True)
    asked_at = fields.Datetime(string="Asked at", readonly=True)
    patience_until = fields.Datetime(
        readonly=True,
        help="When the file is written without what has not come.",
    )
    failure = fields.Char(string="Why It Failed", readonly=True)
    tries = fields.Integer(readonly=True)
    made_at = fields.Datetime(string="As of", readonly=True)
    ready_at = fields.Datetime(readonly=True)
    kept_until = fields.Date(compute="_compute_kept_until")
    is_complete = fields.Boolean(
        string="Complete",
        readonly=True,
        help="Nothing is missing, and the till and the documents agree.",
    )
    is_compared = fields.Boolean(
        string="Compared with the Service",
        readonly=True,
        help="The service has told what it has of the month, and that was compared.",
    )
    sale_count = fields.Integer(string="Sales", readonly=True)
    document_count = fields.Integer(string="Documents", readonly=True)
    finding_count = fields.Integer(string="Missing or Different", readonly=True)
    sums = fields.Json(
        readonly=True, help="The till's sum and the documents', by currency."
    )
    summary = fields.Text(compute="_compute_summary")
    wanted = fields.Json(
        readonly=True, help="The documents whose PDFs were asked for, by id."
    )
    pdf_wanted = fields.Integer(string="PDFs Asked For", compute="_compute_progress")
    pdf_fetched = fields.Integer(string="PDFs Fetched", compute="_compute_progress")
    part_size = fields.Integer(string="Documents in a Part", readonly=True)
    part_count = fields.Integer(string="Parts", readonly=True)
    part_written = fields.Integer(string="Parts Written", compute="_compute_progress")
    progress = fields.Integer(compute="_compute_progress")
    progress_text = fields.Char(compute="_compute_progress")
    part_ids = fields.One2many("salon.invoice.month.part", "month_id", readonly=True)
    finding_ids = fields.One2many(
        "salon.invoice.month.finding", "month_id", readonly=True
    )
    export_ids = fields.One2many(
        "salon.invoice.month.export", "month_id", readonly=True
    )
    content = fields.Binary(
        attachment=True,
        groups=NO_ACCESS,
        help="The rows that all parts are written of.",
    )
    mail_to = fields.Char(string="E-mail to", readonly=True)
    mailed_at = fields.Datetime(readonly=True)

    # === CONSTRAINTS === #

    _one_each = models.Constraint(
        "UNIQUE (company_id, start)", "The file of this month is there already."
    )
    _under_way = models.Index("(asked_at) WHERE state IN ('fetching', 'writing')")

    # === COMPUTES === #

    @api.depends("start")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for month in self:
            month.display_name = self._format_month(month.start)

    @api.model
    def _format_month(self, day):
        """Return the month of a day as people write it, such as "2026. november"."""
        # The year comes first where it does in the language's dates.
        is_year_first = get_lang(self.env).date_format.startswith("%Y")
        pattern = "y. MMMM" if is_year_first else "MMMM y"
        return format_date(self.env, day, date_format=pattern) if day else ""

    @api.depends("start")
    def _compute_end(self):
        for month in self:
            month.end = month.start and month.start + relativedelta(day=31)

    @api.depends("ready_at")
    def _compute_kept_until(self):
        for month in self:
            month.kept_until = month.ready_at and (month.ready_at + KEPT).date()

    @api.depends("sums")
    @api.depends_context("lang")
    def _compute_summary(self):
        for month in self:
            month.summary = "\n".join(map(month._format_sums, month.sums or ()))

    def _format_sums(self, sums):
        """Return a sentence about the sums of one currency; it names nobody."""
        currency = self.env["res.currency"]._salon_by_code(sums["currency"])

        def amount(name):
            return format_amount(self.env, float(sums[name]), currency)

        return self.env._(
            "Till: %(sales)s sales, %(sold)s. Documents: %(documents)s, "
            "%(documented)s. Not explained: %(rest)s.",
            sales=sums["sales"],
            sold=amount("sold"),
            documents=sums["documents"],
            documented=amount("documented"),
            rest=amount("rest"),
        )

    @api.depends("state", "wanted", "part_count", "part_ids")
    @api.depends_context("lang")
    def _compute_progress(self):
        tasks = self.env["salon.invoice.task"].sudo()
        for month in self:
            wanted, parts = len(month.wanted or ()), len(month.part_ids)
            left = month.state == "fetching" and tasks.search_count(month._left())
            fetched = wanted - left
            month.pdf_wanted, month.pdf_fetched = wanted, fetched
            month.part_written = parts
            # Fetching takes most of the time, writing the last tenth.
            share = fetched / wanted if wanted else 1
            if month.state == "fetching":
                month.progress = round(90 * share)
            else:
                month.progress = 90 + round(10 * parts / (month.part_count or 1))
            month.progress_text = month._format_progress()

    def _format_progress(self):
        """Return how far it is, in a sentence."""
        if self.state == "writing":
            return self.env._(
                "The file is being written: %(written)s of %(parts)s.",
                written=self.part_written,
                parts=self.part_count,
            )
        if self.patience_until and self.pdf_fetched == self.pdf_wanted:
            return self.env._(
                "The service is asked what it has of the month. You need not wait "
                "here: it goes on in the background."
            )
        return self.env._(
            "PDFs are being fetched: %(fetched)s of %(wanted)s. You need not wait "
            "here: it goes on in the background.",
            fetched=self.pdf_fetched,
            wanted=self.pdf_wanted,
        )

    # === PEOPLE'S BUTTONS === #

    @api.model
    def _check_may_prepare(self):
        """Check that the user acts, and does not only read.

        :raises UserError: in the user's words
        """
        self.env["salon.invoice.document"]._check_may_manage()

    @api.model
    def _request(self, company, start):
        """Have the file of a month prepared; return its record.

        What is being prepared already goes on.

        :param company: ``res.company``; whoever calls this has checked the rights
        :param date start: the first day of the month
        """
        months = self.sudo()
        month = months.search(
            [("company_id", "=", company.id), ("start", "=", start)]
        ) or months.create({"company_id": company.id, "start": start})
        if not month.asked_at or month.state not in UNDER_WAY:
            month._begin()
        return month.with_env(self.env)

    def action_prepare_again(self):
        """Prepare the file anew, of what is known now.

        :raises UserError: if the user only reads, or it is being prepared
        """
        self.ensure_one()
        self._check_may_prepare()
        self.check_access("read")
        if self.state in UNDER_WAY:
            raise UserError(self.env._("It is being prepared already."))
        self.sudo()._begin()
        return True

    def action_write_now(self):
        """Write the file without the PDFs that have not come yet."""
        self.ensure_one()
        self._check_may_prepare()
        self.check_access("read")
        month = self.sudo()
        if month.state == "fetching" and month.patience_until:
            month.patience_until = fields.Datetime.now()
            month._wake()
        return True

    def action_download(self):
        """Download the file, where it has one part."""
        self.ensure_one()
        self.check_access("read")
        return self.part_ids[:1].action_download()

    # === PREPARING === #

    def _begin(self):
        """Begin anew: what was written before is dropped."""
        self._drop_files()
        self.write(
            {
                "state": "fetching",
                "edition": self.edition + 1,
                "user_id": self.env.user.id,
                "asked_at": fields.Datetime.now(),
                **dict.fromkeys(
                    (
                        *("patience_until", "failure", "made_at", "ready_at"),
                        *("is_complete", "is_compared", "wanted", "mail_to"),
                    ),
                    False,
                ),
                "part_count": 0,
                "tries": 0,
            }
        )
        self._wake()
        self._notify()

    def _drop_files(self):
        """Delete the parts, what they were written of, and what a service has made."""
        self.part_ids.unlink()
        self.export_ids.unlink()
        self.content = False

    def _wake(self, pause=None):
        """Have the job run as soon as this is committed, or after a pause."""
        at = fields.Datetime.now() + pause if pause else None
        self.env.ref("salon_invoice_bridge.cron_month").sudo()._trigger(at)

    def _notify(self):
        """Have the screens that show these months read them again, once committed."""
        for month in self:
            self.env["bus.bus"]._sendone(
                (month.company_id, BUS_MESSAGE),
                BUS_MESSAGE,
                {"documents": [], "orders": [], "months": month.ids},
            )

    @api.model
    def _cron_prepare(self):
        """Go on with each month that is being prepared, for as long as Odoo lets it."""
        for month in self.search([("state", "in", UNDER_WAY)], order="asked_at, id"):
            try:
                goes_on = month._prepare()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                goes_on = month._try_later()
            if not goes_on:
                self._wake()
                break

    def _prepare(self):
        """Do step after step; return False if Odoo wants its worker back.

        Each step is committed before the next one, and each try of one before it is
        made, so that a step that kills its worker is not tried for ever.
        """
        jobs, kept = self.env["ir.cron"], {}
        while self.state in UNDER_WAY and self._begin_try():
            jobs._commit_progress()
            goes_on = self._try(kept)
            if jobs._commit_progress(1) <= 0:
                return False
            if not goes_on:
                break
        return True

    def _begin_try(self):
        """Count a try of the next step; return False if it was given up."""
        if self.tries >= MOST_TRIES:
            month = self.with_context(lang=self._language())
            month._fail(month.env._("The server stopped each time before it was done."))
            return False
        self.tries += 1
        return True

    def _try(self, kept):
        """Do the next step; return False if there is nothing to do but wait.

        :param dict kept: what the steps of one run keep: the month that they write
        """
        month = self.with_context(lang=self._language())
        try:
            goes_on = month._step(kept)
            self.tries = 0
            self._notify()
            self.env.flush_all()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            self.tries = 0  # no worker was killed
            return self._try_later()
        except psycopg2.errors.UniqueViolation:
            # Somebody has just asked for the same PDF, or the same comparison.
            self.env.cr.rollback()
            return self._try_later()
        except Exception:
            self.env.cr.rollback()
            _logger.exception("The file of %s cannot be prepared", self)
            month._fail(
                month.env._("An error in the program. The server log has the details.")
            )
            return False
        return goes_on

    def _try_later(self):
        """Do the step again in a while; return False."""
        _logger.info("%s is being changed; later", self)
        self._wake(LOOK_AGAIN)
        return False

    def _step(self, kept):
        """Do the next step; return False if there is nothing to do but wait."""
        if self.state == "writing":
            self._write_part(kept)
        elif not self.patience_until:
            self._fetch()
        elif self._is_waiting():
            self._wake(LOOK_AGAIN)
            return False
        else:
            self._freeze(kept)
        return True

    def _fail(self, why):
        self.write({"state": "failed", "failure": why, "tries": 0})
        self._notify()
        self._mail()

    def _language(self):
        """Return the language of the file: of whoever asked, or Hungarian."""
        asked = not self.user_id._is_superuser() and self.user_id.lang
        return asked or self.company_id._salon_active_language("hu") or "en_US"

    # === FETCHING === #

    def _fetch(self):
        """Ask for the PDFs that are missing, and for the service's own files."""
        rows = self.env["salon.invoice.month.rows"]
        documents = self.env["salon.invoice.document"].search(
            rows._listed_domain(self.company_id, self.start, self.end)
            & Domain("pdf_id", "=", False)
            & Domain("remote_id", "!=", False)
            & Domain("account_id.state", "not in", sorted(KEYLESS_STATES))
        )
        self._request_pdfs(documents)
        accounts = self.env["salon.invoice.account"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "not in", sorted(KEYLESS_STATES)),
            ]
        )
        for account in accounts:
            self.env["salon.invoice.reconciliation"]._request(
                account, self.start, self.end
            )
            self._ask_for_export(account)
        self.wanted = documents.ids
        self.patience_until = (
            fields.Datetime.now() + PATIENCE + PATIENCE_EACH * len(documents)
        )

    def _request_pdfs(self, documents):
        """Have the lanes fetch PDFs now; what waits as the service has said waits.

        As ``document._request_task()`` does for one, in few statements for thousands.
        """
        tasks = self.env["salon.invoice.task"]
        open_ = tasks.search(
            [
                ("document_id", "in", documents.ids),
                ("kind", "=", "pdf"),
                ("state", "in", ("todo", "doing")),
            ]
        )
        left = open_.filtered(lambda task: task._is_put_off())
        for task in left:
            task.next_attempt = task.document_id._task_time("pdf")
        # Whoever finishes a lane's last one wakes this up.
        open_.filtered(lambda task: not task.arguments).arguments = {"month": self.id}
        tasks.create(
            [
                {
                    "document_id": document.id,
                    "kind": "pdf",
                    "arguments": {"month": self.id},
                    "next_attempt": document._task_time("pdf"),
                }
                for document in documents - open_.document_id
            ]
        )
        documents.account_id._wake()

    def _ask_for_export(self, account):
        """Ask an account for the file that was chosen once, if one was."""
        names = {one.code: one.name for one in account._capabilities().export_kinds}
        if account.export_kind in names:
            export = self.env["salon.invoice.month.export"].create(
                {
                    "month_id": self.id,
                    "account_id": account.id,
                    "kind": account.export_kind,
                    "name": names[account.export_kind],
                    "option": account.export_option,
                }
            )
            export._ask("export")

    def _left(self):
        """Return the domain of tasks whose PDFs have not come yet, and still may."""
        return [
            ("document_id", "in", self.wanted or []),
            ("kind", "=", "pdf"),
            ("state", "in", ("todo", "doing")),
        ]

    def _is_waiting(self):
        """Return True while something may still come."""
        if fields.Datetime.now() >= self.patience_until:
            return False
        tasks = self.env["salon.invoice.task"].sudo()
        if tasks.search(self._left(), limit=1):
            return True
        compared = set(self._reconciliations().mapped("state")) <= {"done"}
        return not compared or "asked" in self.export_ids.mapped("state")

    def _on_fetched(self):
        """Have the job look whether that was the last thing that was waited for.

        It looks once this is committed: of two that finish at once, neither sees the
        other, but the job sees both.
        """
        waiting = self.filtered(lambda month: month.state == "fetching")
        if waiting.filtered("patience_until"):
            self._wake()

    # === THE MONTH, FROZEN === #

    def _freeze(self, kept):
        """Read what till and documents say, and keep it: all parts are of that."""
        rows = self.env["salon.invoice.month.rows"]._rows(
            self.company_id, self.start, self.end
        )
        rows = rows.with_differences(self._differences())
        self.made_at = fields.Datetime.now()
        self.export_ids._stop_waiting()
        self._keep(rows, kept)
        self.part_size = self._best_part_size(kept["month"])
        self.part_count = len(kept["month"].parts(self.part_size))
        self.state = "writing"

    def _differences(self):
        """Return what the reconciliation has found, ``billing.month.Finding`` s.

        Only if each account has answered in time: the record says whether it has.
        """
        compared = self._reconciliations()
        self.is_compared = bool(compared) and set(compared.mapped("state")) == {"done"}
        if not self.is_compared:
            return ()
        return [one for row in compared for one in row._findings()]

    def _reconciliations(self):
        """Return the month's ``salon.invoice.reconciliation`` s, one an account."""
        return self.env["salon.invoice.reconciliation"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("since", "=", self.start),
                ("until", "=", self.end),
                ("account_id.state", "not in", sorted(KEYLESS_STATES)),
            ]
        )

    def _keep(self, rows, kept):
        """Keep the rows that the file is of, and show what is found in them.

        :param billing.month_rows.MonthRows rows: of this month
        """
        month = rows.build()
        kept.update(rows=rows, month=month)
        self.write(
            {
                "content": base64.b64encode(rows.freeze()),
                "is_complete": month.is_complete,
                "sale_count": len(rows.sales),
                "document_count": len(month.documents),
                "finding_count": len(month.findings),
                "sums": [_sums(bridge) for bridge in month.bridges],
            }
        )
        self._show_findings(month)

    def _show_findings(self, month):
        """Replace the findings by those of a ``billing.month.Month``."""
        self.finding_ids.unlink()
        currencies = self.env["res.currency"]
        self.env["salon.invoice.month.finding"].create(
            [
                {
                    "month_id": self.id,
                    "sequence": sequence,
                    "gap": finding.gap.value,
                    "document_id": int(finding.ref or 0),
                    "order_id": int(finding.sale or 0),
                    "number": finding.number,
                    "sale_name": finding.sale_name,
                    "day": finding.day,
                    "shop": finding.shop,
                    "currency_id": currencies._salon_by_code(finding.currency).id,
                    "is_amount": finding.difference is not None,
                    "expected": float(finding.expected or 0),
                    "found": float(finding.found or 0),
                    "detail": finding.detail,
                }
                for sequence, finding in enumerate(month.findings, 1)
            ]
        )

    def _best_part_size(self, month):
        """Return how many documents are in one part: fewer if their PDFs are large."""
        attachments = self._pdfs(month.documents).values()
        sizes = [attachment.file_size for attachment in attachments]
        if not sum(sizes):
            return billing_month.PART
        fit = PART_BYTES * len(sizes) // sum(sizes)
        return max(1, min(billing_month.PART, fit))

    def _pdfs(self, documents):
        """Return ``{ref: ir.attachment}`` of the PDFs that documents have now.

        Only what is a file of that document: a link may have been written past us.

        :param documents: ``billing.month.DocumentRow`` s
        """
        ids = [int(row.ref) for row in documents]
        records = self.env["salon.invoice.document"].sudo().browse(ids)
        records.pdf_id.fetch(["res_model", "res_id", "file_size", "mimetype"])
        return {
            str(record.id): record.pdf_id
            for record in records
            if (record.pdf_id.res_model, record.pdf_id.res_id)
            == (record._name, record.id)
        }

    # === WRITING === #

    def _write_part(self, kept):
        """Write the next part; the file is ready after the last one."""
        if not kept:
            rows = thaw(base64.b64decode(self.sudo().content))
            kept.update(rows=rows, month=rows.build())
        month = kept["month"]
        part = month.parts(self.part_size)[len(self.part_ids)]
        pdfs = self._pdfs(part.documents)
        cover, extras = self._cover(month), self._extras()
        with tempfile.TemporaryFile() as file:
            try:
                write_part(file, part, month, cover, _opener(pdfs), extras)
            except MissingPdf:
                self._leave_out(part, pdfs, kept)
                return
            file.seek(0)
            content = file.read()
        self._store(part, part_name(part, month, cover), content)
        if part.number == part.of:
            self._finish()

    def _store(self, part, name, content):
        """Keep a part that was written.

        :param billing.month.Part part: which one
        :param bytes content: the ZIP
        """
        attachment = self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": content,
                "mimetype": "application/zip",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self.env["salon.invoice.month.part"].create(
            {
                "month_id": self.id,
                "number": part.number,
                "file_name": name,
                "document_count": len(part.documents),
                "size": len(content) / 1_000_000,
                "attachment_id": attachment.id,
            }
        )

    def _leave_out(self, part, pdfs, kept):
        """Begin the parts anew: some PDFs of this one are none, or are gone."""
        month, open_pdf = kept["month"], _opener(pdfs)
        missing = {
            row.ref
            for row in part.documents
            if month.file_name(row) and not (open_pdf(row) or b"").startswith(_PDF)
        }
        if not missing:
            raise ValueError(f"No PDF is missing in part {part.number}")
        _logger.warning("No PDFs of %s", sorted(missing))
        self.part_ids.unlink()
        self._keep(kept["rows"].without_pdf(missing), kept)

    def _cover(self, month):
        """Return the ``export.workbook.Cover`` of a ``billing.month.Month``."""
        company = self.company_id
        accounts = sorted({row.account for row in month.documents if row.account})
        return Cover(
            company=company.name,
            tax_number=company.vat or "",
            accounts=", ".join(accounts),
            made_at=clock_at(self.made_at),
            labels=self.env["salon.invoice.month.words"]._labels(),
        )

    def _extras(self):
        """Return the ``export.archive.Extra`` s that the services have made."""
        ready = self.export_ids.filtered(lambda export: export.state == "ready")
        return [
            Extra(name=export.file_name, content=export.attachment_id.raw or b"")
            for export in ready
        ]

    def _finish(self):
        """The last part is written."""
        self.write({"state": "ready", "ready_at": fields.Datetime.now()})
        self._mail()

    # === ONCE A DAY === #

    @api.model
    def _cron_daily(self):
        """Delete old files; prepare those that companies want on this day."""
        self._remove_old()
        self._prepare_wanted()

    def _remove_old(self):
        """Delete the files that were kept long enough."""
        old = self.search(
            [
                ("state", "in", ("ready", "failed")),
                ("asked_at", "<", fields.Datetime.now() - KEPT),
            ]
        )
        for month in old:
            if month.state == "failed" or month.ready_at < fields.Datetime.now() - KEPT:
                month._drop_files()
                month.state = "removed"
                self.env["ir.cron"]._commit_progress(1)

    def _prepare_wanted(self):
        """Prepare last month's file of each company on the day that it has chosen."""
        today = self.env["salon.invoice.document"]._today()
        start = today + relativedelta(months=-1, day=1)
        companies = self.env["res.company"].search(
            [("salon_month_day", ">", 0), ("salon_month_email", "!=", False)]
        )
        for company in companies:
            late = today.day - company.salon_month_day
            if 0 <= late <= CATCH_UP and not self._is_mailed(company, start):
                month = self._request(company, start)
                month.mail_to = company.salon_month_email
                self.env["ir.cron"]._commit_progress(1)

    def _is_mailed(self, company, start):
        """Return True if a month was mailed, or is about to be."""
        return bool(
            self.search_count(
                [
                    ("company_id", "=", company.id),
                    ("start", "=", start),
                    "|",
                    ("mail_to", "!=", False),
                    ("mailed_at", "!=", False),
                ]
            )
        )

    def _mail(self):
        """Send the summary to whom the company has named, if it was asked for that.

        It names nobody: whoever wants more follows the link, and logs in.
        """
        if not self.mail_to:
            return
        month = self.with_context(lang=self._language())
        body = self.env["ir.qweb"]._render(
            "salon_invoice_bridge.month_mail",
            {"month": month, "findings": month._count_findings(), "url": month._url()},
            lang=self._language(),
        )
        self.env["mail.mail"].sudo().create(
            {
                "subject": month.env._(
                    "%(company)s: documents of %(month)s",
                    company=self.company_id.name,
                    month=month.display_name,
                ),
                "email_to": self.mail_to,
                "body_html": Markup(body),
                "auto_delete": True,
            }
        )
        self.mailed_at = fields.Datetime.now()

    def _count_findings(self):
        """Return ``[(what is missing or different, how many)]``, without names."""
        words = dict(self.env["salon.invoice.month.words"]._gaps())
        counts = {}
        for finding in self.finding_ids:
            counts[finding.gap] = counts.get(finding.gap, 0) + 1
        return [
            (words[gap.value], counts[gap.value]) for gap in Gap if gap.value in counts
        ]

    def _url(self):
        """Return the address of this month, behind the log-in."""
        action = "salon_invoice_bridge.salon_invoice_month_action"
        return f"{self.get_base_url()}/odoo/action-{action}/{self.id}"


_PDF = b"%PDF-"


def _opener(pdfs):
    """Return what opens the PDF of a ``billing.month.DocumentRow``, as bytes or None.

    :param pdfs: ``{ref: ir.attachment}``
    """

    def open_pdf(document):
        attachment = pdfs.get(document.ref)
        if not attachment:
            return None
        content = attachment.raw
        attachment.invalidate_recordset(["raw"])  # one of them is in memory at a time
        return content or None

    return open_pdf


def _sums(bridge):
    """Return what the screen says of a ``billing.month.Bridge``."""
    return {
        "currency": bridge.currency,
        "sales": bridge.sales,
        "sold": str(bridge.sold),
        "documents": bridge.documents,
        "documented": str(bridge.documented),
        "rest": str(bridge.rest),
    }
