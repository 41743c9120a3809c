import logging
import time
from dataclasses import is_dataclass
from datetime import timedelta
from functools import partial

from psycopg2.extras import Json

from odoo import fields, models, tools
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import config

from ..billing import errors
from ..billing.codec import to_json
from ..billing.text import clean
from .ir_http import after_response

_logger = logging.getLogger(__name__)

DOCUMENT = "salon.invoice.document"
#: What the lane works off, in this order, and the states in which it is its turn.
OPEN_STATES = {
    DOCUMENT: ("waiting", "checking"),
    "salon.invoice.step": ("todo", "doing"),
}
#: How full the bucket must be, in parts of its size, to send a document, and to do a
#: step: what is sold meanwhile finds its calls.
ENOUGH_CALLS = {"salon.invoice.document": 0.05, "salon.invoice.step": 0.5}
#: States of an account in which its lane calls the service.
WORKING = ("connected", "paused", "retired")
#: Seconds after which a lane lets the database's other jobs have their turn.  It is
#: what Odoo grants a job, and it stays below every sensible ``limit_time_real_cron``.
TURN = 10
#: Seconds of the turn of a lane that has steps to do and no document.
TURN_OF_STEPS = 2
#: Documents that are looked up at once.
BATCH = 10
#: Seconds until a document or step that cannot even be shown to a human is tried again.
LATER = 15 * 60
#: Characters of the evidence of one call: a PDF-sized answer tells nobody anything.
MAX_EVIDENCE = 100_000


class SalonInvoiceLane(models.Model):
    """The worker: what an account does when its ``ir.cron`` record runs.

    The cycle of a document is: claim, commit, call, write down the answer, commit,
    update the document, commit.  The lock of the cron record, which Odoo holds while
    this runs, is the lane: a document found in ``sending`` has lost its worker.

    Each commit starts a new snapshot (REPEATABLE READ), so what is read after it is
    what others have committed by then.  When two transactions meet in one row, the
    later one is undone; the lane then ends its turn and wakes itself, and takes up
    what is committed.
    """

    _inherit = "salon.invoice.account"

    def _wake(self):
        """Have the lane run as soon as this transaction is committed.

        As ``ir.cron._trigger`` does, but without reading the account and its cron
        record, and after the answer has left: a till waits.
        """
        lanes = [lane for account in self if (lane := account._lane_id())]
        if not lanes:
            return
        now = fields.Datetime.now()
        self.env["ir.cron.trigger"].sudo().create(
            [{"cron_id": lane, "call_at": now} for lane in lanes]
        )
        notify = self.env["ir.cron"].browse(lanes)._notifydb
        self.env.cr.postcommit.add(partial(after_response, self.env.cr, notify))

    @tools.ormcache("self.id")
    def _lane_id(self):
        """Return the id of the account's ``ir.cron`` record, or False."""
        return self.sudo().cron_id.id

    def write(self, vals):
        result = super().write(vals)
        if "cron_id" in vals:
            self.env.registry.clear_cache()
        return result

    def _run_lane(self):
        """Work off what is due.  Called by the account's ``ir.cron`` record only."""
        self.ensure_one()
        account = self.with_company(self.company_id).with_context(
            lang=self._responsible().lang or "hu_HU"
        )
        if account.state not in WORKING or not account._credential().api_key:
            return
        if account._stops_in_copy():
            return
        if not account._time_for_claims():
            # Readiness tells people; the periodic run finds out when it is mended.
            _logger.warning(
                "%s sends nothing: a call may take longer than limit_time_real_cron",
                account,
            )
            return
        account._revive_jobs()
        exchanges = []
        with account._open_provider(exchanges.append) as provider:
            try:
                account._recover_lost(provider)
                if account._is_ready(provider):
                    account._work_off(provider, exchanges)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                _logger.info("%s met another transaction; it goes on at once", self)
                account._wake()
                return
        account._plan_next_run()

    def _recover_lost(self, provider):
        """Documents in ``sending`` are nobody's now: find out what became of them."""
        lost = self.env["salon.invoice.document"].search(
            [("account_id", "=", self.id), ("state", "=", "sending")], order="id"
        )
        for document in lost:
            self._alone(document, document._recover, provider)
            self._commit(1)

    def _is_ready(self, provider):
        """Say whether the service may be called now, asking it where in doubt."""
        if self._is_resting():
            return False
        ready = self.state != "paused" or self._probe(provider)
        self._commit()
        return ready

    def _work_off(self, provider, exchanges):
        """Take what is due until nothing is, or the turn ends: documents before steps.

        Lanes share the cron workers, so a lane that has issued documents leaves its
        steps to a turn of its own, which is a short one: the documents of another lane
        never wait for them for long.
        """
        start = time.monotonic()
        end = start + min(TURN, self._time_for_claims())
        end_of_steps = min(end, start + TURN_OF_STEPS)
        issued = False
        while self._may_call():
            documents = self._next("salon.invoice.document", limit=BATCH)
            step = not documents and self._next("salon.invoice.step")
            if not documents and not step:
                # Documents that were put off may tell whether it does its work again.
                if self.pause_reason or not self._next(DOCUMENT, due=False):
                    self._recovered()
                return
            if time.monotonic() > (end_of_steps if step else end) or (issued and step):
                # Not as "remaining": Odoo would start us again before other jobs.
                self._wake()
                return
            pause = self._seconds_until_calls(step or documents)
            if time.monotonic() + pause > (end_of_steps if step else end):
                return  # see _plan_next_run
            if pause:
                self._nap(pause)
                self._commit()
            elif step:
                self._take(step, provider, exchanges)
                self._commit(1)
            else:
                self._work_through(documents, provider, exchanges, end)
                issued = True

    def _work_through(self, documents, provider, exchanges, end):
        """Advance the documents one after the other, each in commits of its own.

        :param float end: when the last of them may begin, on the monotonic clock
        """
        done = 0
        for document in documents:
            # Alone: what is read of it after a commit is not read of all of them.
            document = document.with_prefetch()
            if time.monotonic() > end or not self._may_call():
                break
            if self._seconds_until_calls(document):
                break
            if not document._is_due_at(self):
                continue
            self._take(document, provider, exchanges)
            done += 1
            # Odoo is told of the first one, and of the rest when they are done.
            self._commit(1 if done == 1 else 0)
        if done > 1:
            self._commit(done - 1)

    def _take(self, due, provider, exchanges):
        """Advance a document or a step, and notice what the service does again."""
        before = self.trouble_count
        troubled = before or self.pause_reason or self.rest_until
        del exchanges[:]  # what waits for another document makes none
        self._advance(due, provider, exchanges)
        answered = exchanges and self.trouble_count <= before
        if troubled and answered and not self._is_resting():
            self._recovered()

    def _may_call(self):
        """Say whether the service may be called, as far as is committed now."""
        # After each commit everything is read anew, and the other columns are many.
        self.fetch(["state", "rest_until", "trouble_count", "pause_reason"])
        return self.state in WORKING and not self._is_resting()

    def _seconds_until_calls(self, due):
        """Return the seconds until the service's limit lets ``due`` take its turn."""
        share = ENOUGH_CALLS[due._name]
        bucket = self.env["salon.invoice.bucket"]
        return bucket._seconds_until(self, "lane", share)

    def _nap(self, seconds):
        """Wait within a turn: a job that is planned comes up to a minute late."""
        time.sleep(seconds)

    def _time_for_claims(self):
        """Return the seconds in which a call may begin and still end in time.

        A call that runs into the limit would be killed in the middle.
        """
        limit = config["limit_time_real_cron"]
        if limit < 0:
            limit = config["limit_time_real"]
        return max(limit - self._parameter("timeout"), 0) if limit else float("inf")

    def _next(self, model, due=True, limit=1):
        """Return the documents or steps of this account whose time comes first.

        :param bool due: True to return only those whose time has come
        """
        records = self.env[model]
        domain = [
            ("account_id", "=", self.id),
            ("state", "in", OPEN_STATES[model]),
            ("next_attempt", "!=", False),
        ]
        if due:
            now = self.env["salon.invoice.document"]._now()
            domain[-1] = ("next_attempt", "<=", now)
        return records.search(domain, order="next_attempt, id", limit=limit)

    def _plan_next_run(self):
        """Have the lane woken when the next document or step is due."""
        now = self.env["salon.invoice.document"]._now()
        following = [
            max(
                record.next_attempt,
                now + timedelta(seconds=self._seconds_until_calls(record)),
            )
            for record in (self._next(model, due=False) for model in OPEN_STATES)
            if record
        ]
        if not following or not self.sudo().cron_id:
            return
        at = max(min(following), self.rest_until or now, now)
        triggers = self.env["ir.cron.trigger"].sudo()
        lane = ("cron_id", "=", self.sudo().cron_id.id)
        if not triggers.search_count(
            [lane, ("call_at", ">", now), ("call_at", "<=", at)], limit=1
        ):
            self.sudo().cron_id._trigger(at=at)

    def _commit(self, done=0):
        """Commit; ``done`` things have been done, which Odoo takes for a sign of life.

        A job that is killed three times without one is skipped by Odoo for a while.
        """
        if done:
            self.env["ir.cron"]._commit_progress(done)
        else:
            # The cron API would read and write its progress each time; what is
            # committed here is one consistent step of a document (see the class).
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _advance(self, due, provider, exchanges):
        """Take a document or a step one step further; what happens stays with it."""
        self._alone(due, due._advance, provider, exchanges)

    def _alone(self, due, step, *arguments):
        """Call ``step`` of a document or a step; what breaks is shown there only."""
        try:
            step(*arguments)
            self.env.flush_all()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            self.env.cr.rollback()
            _logger.exception("%s could not be processed", due)
            self._leave_crashed(due)

    def _leave_crashed(self, due):
        """Show what broke to a human; where that breaks too, try again later."""
        due.invalidate_recordset()
        try:
            due._on_crash()
            self.env.flush_all()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            self.env.cr.rollback()
            _logger.exception("%s could not be shown to anybody", due)
            due.invalidate_recordset()
            now = self.env["salon.invoice.document"]._now()
            due.next_attempt = now + timedelta(seconds=LATER)

    def _call(self, document, operation, exchanges, function):
        """Call the service and commit what came back before anything is done with it.

        :return: what ``function`` returns
        :raises billing.errors.ProviderError: what ``function`` raises
        """
        if document.state != "sending":  # else it has been asked before the claim
            document._check_companies()
        started = document._now()
        clock = time.monotonic()
        del exchanges[:]
        result = error = None
        try:
            result = function()
        except errors.ProviderError as caught:
            error = caught
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as caught:
            # No strategy should, but the evidence of what it could not read is kept.
            _logger.exception("%s of %s broke", operation, document)
            error = errors.OutcomeUnknown(f"{type(caught).__name__}: {caught}"[:500])
        made = getattr(error, "document", None) if error else result
        self.env["salon.invoice.attempt"]._write_down(
            document,
            operation=operation,
            started_at=started,
            seconds=time.monotonic() - clock,
            outcome=type(error).__name__ if error else "done",
            reason=error and error.reason.value,
            code=error and _storable(error.code) or None,
            message=error and _storable(error.message),
            exchanges=_storable("\n\n".join(map(_describe, exchanges))),
            result=_storable_json(made) if is_dataclass(made) else None,
        )
        self._commit()
        self.env["salon.invoice.bucket"]._draw(self, "lane", len(exchanges))
        if error:
            self._heed(error)
            raise error
        return result


def _describe(exchange):
    """Return an exchange as text for a person who looks for what happened."""
    head = f"{exchange.method} {exchange.url}"
    status = exchange.status or exchange.error
    return (
        f"{head}\n{exchange.request}\n\n--> {status} ({exchange.seconds:.3f} s)\n"
        + (exchange.answer)
    )


def _storable(text):
    """Return ``text`` as PostgreSQL takes it, and of a bearable length."""
    text = clean(text)
    if len(text) > MAX_EVIDENCE:
        text = text[:MAX_EVIDENCE] + " [...]"
    return text


def _storable_json(result):
    """Return a dataclass of ``providers`` as PostgreSQL takes it."""
    return Json(_cleaned(to_json(result)))


def _cleaned(value):
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(name): _cleaned(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    return value
