import logging
import random
import time
from datetime import timedelta

from odoo import models
from odoo.tools import config

from ..providers import errors
from ..providers.base import differences
from ..providers.codec import to_json

_logger = logging.getLogger(__name__)

#: A request whose bytes may have arrived is sent at most this often; Számlázz.hu
#: forbids more ("Error handling: retry limit") and a human knows better by then.
MAX_SENDS = 5
#: Empty look-ups that are needed before absence is believed.
ENOUGH_LOOKS = 2
#: What the lane works off, in this order, and the states in which it is its turn.
OPEN_STATES = {
    "salon.invoice.document": ("waiting", "checking"),
    "salon.invoice.step": ("todo", "doing"),
}
#: Longest pause between two tries, in seconds.
MAX_PAUSE = 3600


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
            if due._name == "salon.invoice.step":
                due._advance(provider, exchanges)
            else:
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

    # === ONE DOCUMENT === #

    def _advance(self, document, provider, exchanges):
        """Take one document one step further; whatever happens stays with it."""
        try:
            if document.state == "checking":
                self._look_up(document, provider, exchanges)
            else:
                self._send(document, provider, exchanges)
        except errors.ProviderError as error:
            self._on_error(document, error)
        except Exception:
            self.env.cr.rollback()
            _logger.exception("Document %s could not be processed", document.id)
            self._on_crash(document)

    def _send(self, document, provider, exchanges):
        if not document.request:
            document._build(provider, exchanges)
        document._transition(
            "sending", sent_at=document._now(), send_count=document.send_count + 1
        )
        self._commit()
        issued = self._call(
            document,
            "issue",
            exchanges,
            lambda: provider.issue(document.request.encode()),
        )
        document._adopt(issued)
        document._plan_steps(provider.capabilities)

    def _look_up(self, document, provider, exchanges):
        invoice = document._invoice()
        found = self._call(document, "find", exchanges, lambda: provider.find(invoice))
        if found:
            different = differences(invoice, found)
            if different:
                document._need_attention(
                    self.env._(
                        "The service has a document with this sale's key, but it is "
                        "not the same: %(differences)s. Look at it there.",
                        differences=", ".join(
                            f"{what}: {theirs} ({ours})"
                            for what, ours, theirs in different
                        ),
                    ),
                    "different",
                )
                return
            document._adopt(found)
            document._plan_steps(provider.capabilities)
            return
        if not provider.capabilities.finds_by_key:
            document._need_attention(
                self.env._(
                    "It is not known whether the service has issued this document, "
                    "and it cannot be asked. Look for it there: record its number if "
                    "it is there, retry if it is not."
                ),
                "unproven",
            )
            return
        self._on_absent(document)

    def _on_absent(self, document):
        """The service does not know the document: believe it only with time."""
        looks = document.empty_looks + 1
        believable = document.sent_at + timedelta(
            seconds=self._parameter("timeout") + self._parameter("absence_margin")
        )
        now = document._now()
        if looks < ENOUGH_LOOKS or now < believable:
            document._transition(
                "checking",
                empty_looks=looks,
                next_attempt=max(believable, now + timedelta(seconds=1)),
            )
        elif document.send_count >= MAX_SENDS:
            document._need_attention(
                self.env._(
                    "Sent %(count)s times without an answer, and the service does "
                    "not have it. Ask the service what is wrong before trying again.",
                    count=document.send_count,
                ),
                "too_many_sends",
            )
        else:
            document._transition("waiting", empty_looks=0, next_attempt=now)

    def _on_error(self, document, error):
        """Decide by the class of ``error`` what happens next."""
        was_sending = document.state == "sending"
        if isinstance(error, (errors.OutcomeUnknown, errors.AlreadyExists)):
            if was_sending:
                document._transition(
                    "checking", empty_looks=0, next_attempt=document._now()
                )
                return
            # Preparing (a partner, a rate) creates no document: try again later.
            self._back_off(document, error)
        elif isinstance(error, errors.NotProcessed):
            self._back_off(document, error, unsent=was_sending)
        elif isinstance(error, errors.AccountProblem):
            if was_sending:
                document._transition("waiting", send_count=document.send_count - 1)
            document.next_attempt = document._now()
            self._pause(error)
        else:
            reason = "rejected" if was_sending else error.reason.value
            document._need_attention(error.message, reason)

    def _back_off(self, document, error, unsent=False):
        """Try again after a pause that doubles each time, with jitter."""
        failures = document.failure_count + 1
        pause = error.retry_after or min(2.0**failures, MAX_PAUSE)
        state = "checking" if document.state == "checking" else "waiting"
        values = {
            "failure_count": failures,
            "next_attempt": document._now()
            + timedelta(seconds=pause * random.uniform(1.0, 1.3)),
        }
        if unsent:
            values["send_count"] = document.send_count - 1
        document._transition(state, **values)

    def _on_crash(self, document):
        """Something of ours broke: show it, and let the next document pass."""
        document.invalidate_recordset()
        message = self.env._(
            "The invoice could not be processed because of an error in the program. "
            "The server log has the details."
        )
        if document.state == "sending":
            document._transition("checking", next_attempt=document._now())
        elif document.state in ("waiting", "checking"):
            document._need_attention(message, "program")

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
                "result": to_json(result) if result is not None else False,
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
