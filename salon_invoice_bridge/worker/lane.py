import logging
import time
from datetime import timedelta

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import config

from ..billing import rate
from ..billing.invoice import DUE_STATES, WORKING_STATES
from . import queue
from .express import WORKING, Express
from .service import Service

_logger = logging.getLogger(__name__)

DOCUMENT, TASK = "salon.invoice.document", "salon.invoice.task"
#: What the lane processes, in this order, and the states in which it may be due.
DUE = {
    DOCUMENT: tuple(sorted(state.value for state in DUE_STATES)),
    TASK: ("doing", "todo"),
}
#: What is read of it with the search.
READ = {
    DOCUMENT: ("next_attempt",),
    TASK: (
        *("document_id", "account_id", "res_model", "res_id"),
        *("kind", "state", "arguments", "tries"),
    ),
}
#: How full the bucket must be, in parts of its size.
ENOUGH_CALLS = {DOCUMENT: rate.ENOUGH_FOR_DOCUMENT, TASK: rate.ENOUGH_FOR_TASK}
#: Seconds after which a lane lets the database's other jobs have their turn.  It is
#: what Odoo grants a job, and it stays below every sensible ``limit_time_real_cron``.
TURN_SECONDS = 10
#: Seconds of the turn of a lane that has tasks to do and no document.
TASKS_TURN_SECONDS = 2
#: Seconds until a lane with a backlog or tasks looks for what others have to do.
OTHERS_SECONDS = 1
#: Seconds until a record is tried again whose crash could not even be shown.
CRASHED_SECONDS = 15 * 60


class Lane:
    """The turn of one account: what is due, in which order, and the commits.

    It runs in the account's ``ir.cron`` record. The lock of that record, which Odoo
    holds meanwhile, is the lane: a document found in ``sending`` has lost its worker.

    A document goes through claim, commit, call, evidence, commit, update, commit: see
    :mod:`.protocol`. Each commit starts a new snapshot (REPEATABLE READ), so what is
    read after it is what others have committed by then. When two transactions meet in
    one row, the later one is rolled back; the lane then ends its turn and wakes itself.

    A reader starts at :meth:`run`.

    :param account: ``salon.invoice.account``, one, in the language of its recipients
    """

    def __init__(self, account):
        self.account = account
        self.env = account.env
        self.service = self.express = None  # while it runs
        self._yields, self._asks_again = False, 0.0  # see _gives_way()
        self._last_claim = 0.0  # on the monotonic clock: see _seconds_for_claims()

    def run(self):
        """Process what is due. Called by the account's ``ir.cron`` record only."""
        account = self.account
        if not self._may_start():
            return
        self._last_claim = time.monotonic() + self._seconds_for_claims()
        account._revive_jobs()
        with Service.open(account) as self.service:
            self.express = Express(self.service, account._longest_backoff())
            try:
                self._process_lost()
                if self._may_begin():
                    self._process_due()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                _logger.info("%s met another transaction; it goes on at once", account)
                account._wake()
                return
        self._plan_next_run()

    def _may_start(self):
        """Return True if the account has a service that this database may call."""
        account = self.account
        if account.state not in WORKING_STATES or not account._credential().api_key:
            return False
        if account._pause_in_copy():
            return False
        if not self._seconds_for_claims():
            # Readiness shows it to people; the periodic run notices when it is mended.
            _logger.warning(
                "%s sends nothing: a call may take longer than limit_time_real_cron",
                account,
            )
            return False
        return True

    def _process_lost(self):
        """Find out what became of documents in ``sending``: their worker is gone."""
        lost = self.env[DOCUMENT].search(
            [("account_id", "=", self.account.id), ("state", "=", "sending")],
            order="id",
        )
        for document in lost:
            self._isolate(document, document._process_lost)
            self.service.commit(1)

    def _may_begin(self):
        """Return True if the service may be called now; one in trouble is probed.

        With a call that only reads: documents keep their places in an outage, and none
        is sent whose outcome would be unknown.
        """
        account = self.account
        early = account._is_backing_off()
        if early and not self._may_begin_early():
            return False
        if account.state != "paused" and not self._is_coming_back():
            return True
        ready = self.service.probe(early)
        if ready and early:
            account.sudo().backoff_until = False
        self.service.commit()
        return ready

    def _may_begin_early(self):
        """Return True if a customer waits, and nobody has asked for the back-off.

        One that we have chosen may be cut short: a call that only reads shows whether
        the service is back. What it has asked for (429, ``Retry-After``) is kept.
        """
        account = self.account
        if account.backoff_asked or account.pause_reason or account.state == "paused":
            return False
        return bool(self.express.next_due().is_waited_for)

    def _is_coming_back(self):
        """Return True after a back-off, unless it was for a limit of calls."""
        account = self.account
        if not account.backoff_until:
            return False
        level = self.env["salon.invoice.bucket"]._level(account, "lane")
        return not (level and level.slow_until and level.slow_until > self._now())

    # === THE TURN === #

    def _process_due(self):
        """Process what is due until the turn ends: documents before tasks.

        Lanes share the cron workers, so the tasks of a turn are few seconds' worth, and
        a lane gives way to others: see :meth:`_gives_way`.
        """
        start = time.monotonic()
        end = min(start + TURN_SECONDS, self._last_claim)
        end_of_tasks = min(end, start + TASKS_TURN_SECONDS)
        done, has_begun, has_napped = 0, False, False
        is_first = True  # of the tasks
        while True:
            due = self.express.next_due()
            if not due.may_call:
                break
            task = not due.id and self.next(TASK)
            if not due.id and not task:
                self._end_idle(due)
                break
            pause = self._pause_before(TASK if task else DOCUMENT, due)
            begins = time.monotonic() + pause
            if not (has_begun or has_napped) and begins > end:
                break  # see _plan_next_run
            last = end_of_tasks if task and has_begun else end
            if begins > last or (has_begun and self._gives_way(due)):
                # Not planned: Odoo would notice up to a minute late. Nor "remaining":
                # it would start us again before other jobs.
                self.account._wake()
                break
            if pause:
                has_napped = True
                self.nap(pause)
                self.service.commit()
            elif task:
                has_begun = True
                self._process(task, due.is_troubled, is_first=is_first)
                is_first = False
                self.service.commit(1)
            else:
                has_begun = True
                self._send(due)
                done += 1
                # Odoo learns of the first one at once, and of the rest at the end.
                self.service.commit(1 if done == 1 else 0)
        if done > 1:
            self.service.commit(done - 1)

    def _send(self, due):
        """Send a document the short way if it is plain, else the ordinary one."""
        document = self.env[DOCUMENT].browse(due.id)
        if self._isolate(document, lambda _service: self.express.send(due)) is False:
            self._process(document, due.is_troubled)

    def _gives_way(self, due):
        """Return True if a document of another account is to go before what is due.

        Any document goes before a task, and one whose customer waits before those of a
        backlog. Looked for once in a while, for it costs a statement, and not before a
        turn has done something: nothing is put off for ever.

        Odoo takes jobs in the order of their ids: without this, the tasks of the first
        lanes would be done before the documents of the last ones.

        :param due: :class:`.protocol.Due`
        """
        if due.is_waited_for:
            return False
        now = time.monotonic()
        if now >= self._asks_again:
            self._asks_again = now + OTHERS_SECONDS
            self._yields = self._others_wait(waited_for=bool(due.id))
        return self._yields

    def _others_wait(self, waited_for=False):
        """Return True if an account that could has no lane running, and documents due.

        :param bool waited_for: True to ask only for those whose customer waits
        """
        return queue.others_wait(
            self.env.cr,
            self.account.id,
            self._now(),
            working=WORKING,
            longest_backoff=self.account._longest_backoff(),
            waited_for=waited_for,
        )

    def _end_idle(self, due):
        """Forget the troubles if nothing is left that could tell of their end."""
        if due.is_troubled and (
            self.account.pause_reason or not self.next(DOCUMENT, due=False)
        ):
            self.account._reset_failures()

    def _process(self, record, troubled, **options):
        """Process a document or a task, and notice that the service works again.

        :param bool troubled: True if the account had failures before
        :param options: of the task, see its ``_process()``
        """
        account = self.account
        before = troubled and account.consecutive_failures
        self.service.exchanges.clear()  # a record that waits for another makes no call
        self._isolate(record, lambda service: record._process(service, **options))
        if not troubled or not self.service.exchanges:
            return
        if account.consecutive_failures <= before and not account._is_backing_off():
            account._reset_failures()

    def _isolate(self, due, method):
        """Call ``method`` of a document or a task; a crash stays with that record.

        :return: what it returns, None if it crashed
        """
        try:
            result = method(self.service)
            self.env.flush_all()
            return result
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            self.env.cr.rollback()
            _logger.exception("%s could not be processed", due)
            self._show_crash(due)

    def _show_crash(self, due):
        """Leave a record that crashed to a person; if that crashes, try it later."""
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
            due.next_attempt = self._now() + timedelta(seconds=CRASHED_SECONDS)

    # === WHAT IS DUE, AND WHEN === #

    def next(self, model, due=True):
        """Return the document or task of this account whose time comes first.

        :param bool due: True to return only those whose time has come
        """
        domain = [
            ("account_id", "=", self.account.id),
            ("state", "in", DUE[model]),
            ("next_attempt", "!=", False),
        ]
        if due:
            domain[-1] = ("next_attempt", "<=", self._now())
        order = "next_attempt, id"
        return self.env[model].search_fetch(domain, READ[model], order=order, limit=1)

    def _pause_before(self, model, due):
        """Return the seconds until the service's limit lets ``model`` take its turn.

        :param due: :class:`.protocol.Due`, which has read the bucket
        """
        flow = self.service.flow
        is_free = model == TASK and self.service.has_free_tasks
        if not flow or is_free or due.tokens is None:
            return 0.0
        level = rate.Level(due.tokens, due.refilled_at, due.slow_until)
        return rate.seconds_until(
            flow, level, flow.size * ENOUGH_CALLS[model], self._now()
        )

    def _seconds_for_claims(self):
        """Return the seconds in which a call may begin and still end in time.

        Odoo kills a worker that exceeds the limit in the middle of its call.
        """
        limit = config["limit_time_real_cron"]
        if limit < 0:
            limit = config["limit_time_real"]
        timeout = self.account._parameter("timeout")
        return max(limit - timeout, 0) if limit else float("inf")

    def _plan_next_run(self):
        """Have the lane woken when the next document or task is due."""
        account, now = self.account, self._now()
        self.env.flush_all()
        times = queue.next_times(self.env.cr, account.id)
        following = [time for time in times if time]
        if following and min(following) <= now:  # the service's limit may be reached
            due = self.express.next_due()
            following = [
                max(time, now + timedelta(seconds=self._pause_before(model, due)))
                for model, time in zip(DUE, times, strict=True)
                if time
            ]
        cron = account.sudo().cron_id
        if not following or not cron:
            return
        at = max(min(following), account.backoff_until or now, now)
        if (
            not self.env["ir.cron.trigger"]
            .sudo()
            .search_count(
                [
                    ("cron_id", "=", cron.id),
                    ("call_at", ">", now),
                    ("call_at", "<=", at),
                ],
                limit=1,
            )
        ):
            cron._trigger(at=at)

    def nap(self, seconds):
        """Wait within a turn: a job that is planned comes up to a minute late."""
        time.sleep(seconds)

    def _now(self):
        return self.env[DOCUMENT]._now()
