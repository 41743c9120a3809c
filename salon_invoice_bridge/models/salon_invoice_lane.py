import logging
import time
from dataclasses import is_dataclass

from odoo import models
from odoo.tools import config

from ..providers import errors
from ..providers.codec import to_json

_logger = logging.getLogger(__name__)

#: What the lane works off, in this order, and the states in which it is its turn.
OPEN_STATES = {
    "salon.invoice.document": ("waiting", "checking"),
    "salon.invoice.step": ("todo", "doing"),
}


class SalonInvoiceLane(models.Model):
    """The worker: what an account does when its ``ir.cron`` record runs.

    The cycle of a document is: claim, commit, call, write down the answer, commit,
    update the document, commit.  The lock of the cron record, which Odoo holds while
    this runs, is the lane: a document found in ``sending`` has lost its worker.
    """

    _inherit = "salon.invoice.account"

    def _run_lane(self):
        """Work off what is due.  Called by the account's ``ir.cron`` record only."""
        self.ensure_one()
        account = self.with_company(self.company_id).with_context(
            lang=self.company_id.partner_id.lang or "hu_HU"
        )
        account._recover_lost()
        if account.state not in ("connected", "retired") or not account.sudo().api_key:
            return
        exchanges = []
        with account._open_provider(exchanges.append) as provider:
            account._work_off(provider, exchanges)
        account._plan_next_run()

    def _recover_lost(self):
        """Documents in ``sending`` are nobody's now: ask the service about them."""
        lost = self.env["salon.invoice.document"].search(
            [("account_id", "=", self.id), ("state", "=", "sending")]
        )
        if lost:
            lost._transition("checking", next_attempt=lost._now())
            self._commit()

    def _work_off(self, provider, exchanges):
        limit = config["limit_time_real_cron"]
        if limit <= 0:
            limit = config["limit_time_real"]
        # A call that runs into the limit would be killed in the middle.
        last_claim = (
            time.monotonic() + limit - self._parameter("timeout")
            if limit
            else float("inf")
        )
        while self.state in ("connected", "retired"):
            due = self._next("salon.invoice.document") or self._next(
                "salon.invoice.step"
            )
            if not due:
                return
            if time.monotonic() > last_claim:
                self.env["ir.cron"]._commit_progress(0, remaining=1)
                return
            self._advance(due, provider, exchanges)
            self.env["ir.cron"]._commit_progress(1)

    def _next(self, model, due=True):
        """Return the document or step of this account whose time comes first.

        :param bool due: True to return it only if its time has come
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
        return records.search(domain, order="next_attempt, id", limit=1)

    def _plan_next_run(self):
        """Have the lane woken when the next document or step is due."""
        following = [
            record.next_attempt
            for record in (self._next(model, due=False) for model in OPEN_STATES)
            if record
        ]
        if following:
            self.sudo().cron_id._trigger(at=min(following))

    def _commit(self):
        self.env["ir.cron"]._commit_progress()

    def _advance(self, due, provider, exchanges):
        """Take a document or a step one step further; what happens stays with it."""
        try:
            due._advance(provider, exchanges)
        except Exception:
            self.env.cr.rollback()
            _logger.exception("%s could not be processed", due)
            due.invalidate_recordset()
            due._on_crash()

    def _call(self, document, operation, exchanges, function):
        """Call the service and commit what came back before anything is done with it.

        :return: what ``function`` returns
        :raises providers.errors.ProviderError: what ``function`` raises
        """
        started = document._now()
        clock = time.monotonic()
        del exchanges[:]
        result = error = None
        try:
            result = function()
        except errors.ProviderError as caught:
            error = caught
        self.env["salon.invoice.attempt"].create(
            {
                "document_id": document.id,
                "operation": operation,
                "started_at": started,
                "seconds": time.monotonic() - clock,
                "outcome": type(error).__name__ if error else "done",
                "reason": error and error.reason.value,
                "code": error and error.code,
                "message": error and error.message,
                "exchanges": "\n\n".join(map(_describe, exchanges)),
                "result": to_json(result) if is_dataclass(result) else False,
            }
        )
        self._commit()
        if error:
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
