import logging
import random
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_datetime

from ..billing import errors
from ..billing.errors import Reason
from .salon_invoice_account import WARNING

_logger = logging.getLogger(__name__)

#: Reasons that any other call to the service would meet just now as well.
SERVICE_WIDE = frozenset(
    {
        Reason.UNREACHABLE,
        Reason.RATE_LIMIT,
        Reason.MAINTENANCE,
        Reason.TIMEOUT,
        Reason.CONNECTION_LOST,
        Reason.SERVER_ERROR,
    }
)
#: Seconds: the first rest after a service could not be reached, and the longest.
FIRST_REST, LONGEST_REST = 2, 15 * 60
#: Seconds between two tries of a paused account: the first time, and at most.
FIRST_PROBE, LONGEST_PROBE = 5 * 60, 6 * 3600
#: The longest ``Retry-After`` that is heeded, in seconds: then the service is asked
#: again, whatever it said.
LONGEST_WISH = 3600
#: Seconds of trouble in a row after which people are told.  The sweep looks each ten
#: minutes, so that they know within half an hour even where it comes late once.
OUTAGE = 10 * 60
#: The type of the activities that end when the service does its work again.
STOPPED = "salon_invoice_bridge.activity_stopped"
#: Rests are made up to this much longer, so that many servers do not come at once.
JITTER = 0.3
#: Nothing is put off for longer; what seems to be was when the clock went ahead.
LONGEST = timedelta(seconds=LONGEST_PROBE * (1 + JITTER))


class SalonInvoicePause(models.Model):
    """When an account calls its service, and when it leaves it alone.

    * A service that cannot be reached, or asks for a pause, gets it: the whole account
      *rests* until ``rest_until``, its documents keep their places.
    * An account whose key, plan or setup the service refuses is *paused*, with one
      alert, and tried again by itself: the key first, then a single document, and the
      others follow when that has worked.
    * A limit of one operation (its error has a ``scope``) puts off that operation.
    * An outage is told once while it lasts, and once when it is over: by the sweep.
    """

    _inherit = "salon.invoice.account"

    rest_until = fields.Datetime(
        readonly=True, copy=False, help="The service is not called before this time."
    )
    trouble_count = fields.Integer(
        readonly=True, copy=False, help="Troubles in a row; each rest is longer."
    )

    trouble_since = fields.Datetime(
        readonly=True, copy=False, help="Since when no call has done what it should."
    )
    trouble = fields.Char(string="What the Service Said", readonly=True, copy=False)
    outage_since = fields.Datetime(
        string="No Answer Since",
        readonly=True,
        copy=False,
        help="Set while people know of an outage and not yet of its end.",
    )
    delay = fields.Text(
        string="Why Sales Wait", compute="_compute_delay", compute_sudo=True
    )

    @api.depends("state", "pause_reason", "outage_since", "trouble_since", "trouble")
    @api.depends_context("lang")
    def _compute_delay(self):
        for account in self:
            account.delay = account._delay()

    def _is_resting(self):
        """Say whether the service is to be left alone now."""
        now = self.env["salon.invoice.document"]._now()
        return bool(self.rest_until and now < self.rest_until <= now + LONGEST)

    def _rest(self, first, longest, error=None):
        """Leave the service alone, longer each time in a row.

        :param billing.errors.ProviderError error: what it said, and may ask for
        """
        factor = random.uniform(1.0, 1.0 + JITTER)
        pause = min(first * 2.0 ** min(self.trouble_count, 20), longest) * factor
        wish = (error.retry_after if error else None) or 0
        pause = max(pause, min(wish * factor, LONGEST_WISH))
        now = self.env["salon.invoice.document"]._now()
        self._note_trouble(error, rest_until=now + timedelta(seconds=pause))

    def _note_trouble(self, error=None, **values):
        """Note that a call has not done what it should, and why."""
        values["trouble_count"] = self.trouble_count + 1
        if not self.trouble_since:
            values["trouble_since"] = self.env["salon.invoice.document"]._now()
        if error:
            explain = self.env["salon.invoice.error"]._explain
            values["trouble"] = explain(error, self.provider).cause
        self.sudo().write(values)

    def _heed(self, error):
        """Let the account rest or pause where ``error`` concerns all its calls.

        :param billing.errors.ProviderError error: what a call ended in
        """
        self.ensure_one()
        if isinstance(error, errors.AccountProblem):
            # A plan without e-mail or PDF says nothing about invoices: whoever made
            # the call decides about those reasons.
            if error.reason is Reason.KEY:
                self._pause(error)
        elif (
            isinstance(error, errors.NotProcessed)
            and error.reason in SERVICE_WIDE
            and not error.scope
        ):
            self._rest(FIRST_REST, LONGEST_REST, error)
        elif isinstance(error, errors.OutcomeUnknown) and error.reason in SERVICE_WIDE:
            # No rest: what became of the document is asked at once.
            self._note_trouble(error)

    def _pause(self, error):
        """Stop sending, and try again by itself from time to time: one alert for all.

        A retired account stays retired: it has no new documents to stop.

        :param billing.errors.AccountProblem error: why
        """
        self.ensure_one()
        if self.pause_reason and self._is_resting():
            return  # the same call has told us already
        sentence = self._sentence(error)
        known = self.pause_reason == sentence
        self._rest(FIRST_PROBE, LONGEST_PROBE, error)
        self.sudo().pause_reason = sentence
        if self.state == "connected":
            self.sudo().state = "paused"
        if not known:
            self._alert(self.env._("Invoicing has stopped"), sentence, STOPPED)

    def _alert(self, summary, note, kind=WARNING):
        """Tell the recipients, once for as long as it is not done."""
        if summary not in self.activity_ids.mapped("summary"):
            self._tell(self, summary, note, kind)

    def _is_out(self):
        """Say whether an outage, of which people know, lasts."""
        return bool(self.outage_since and self.trouble_since)

    def _tell_outage(self):
        """Tell the recipients of an outage, once, and of its end.  The sweep asks."""
        now = self.env["salon.invoice.document"]._now()
        told, since = self.outage_since, self.trouble_since
        if since and not told and not self.pause_reason:
            if since <= now - timedelta(seconds=OUTAGE):
                self.sudo().outage_since = since
                self._alert(
                    self.env._("The invoicing service does not answer"),
                    self._describe_outage(),
                    STOPPED,
                )
        elif told and not since:
            self.sudo().outage_since = False
            self.activity_unlink([STOPPED])
            self.message_post(
                body=self.env._(
                    "The invoicing service answers again: the sales that waited since "
                    "%(since)s get their invoices.",
                    since=self._moment(told),
                ),
                partner_ids=self._recipients().partner_id.ids,
            )

    def _describe_outage(self):
        # What is wrong comes first: a list shows no more than the beginning.
        return self.env._(
            "%(trouble)s %(account)s has issued nothing since %(since)s. The sales "
            "wait and get their invoices by themselves when it answers; it is asked "
            "again at least once an hour. The till sells on.",
            account=self.name,
            since=self._moment(self.trouble_since),
            trouble=self.trouble or "",
        ).strip()

    def _moment(self, moment):
        zone = self._responsible().tz or "Europe/Budapest"
        return format_datetime(self.env, moment, tz=zone, dt_format="short").rstrip(".")

    def _delay(self):
        """Return why a document of this account waits, "" if it only takes its turn."""
        if self.state == "paused":
            return self.pause_reason or ""
        return self._describe_outage() if self._is_out() else ""

    def _probe(self, provider):
        """Say whether a paused account may try a document: its key must open again."""
        self.ensure_one()
        try:
            provider.verify()
        except errors.AccountProblem as error:
            self._pause(error)
        except errors.ProviderError as error:
            self._rest(FIRST_REST, LONGEST_REST, error)
        except Exception:
            # No strategy should: the lane goes on trying, and does not die of it.
            _logger.exception("%s could not be asked", self)
            self._rest(FIRST_REST, LONGEST_REST)
        else:
            return True
        return False

    def _recovered(self):
        """Forget the troubles: the service has just done what it was asked for."""
        self.ensure_one()
        if not (self.trouble_count or self.pause_reason or self.rest_until):
            return
        values = {
            "trouble_count": 0,
            "trouble_since": False,
            "trouble": False,
            "rest_until": False,
            "pause_reason": False,
        }
        if self.state == "paused":
            values["state"] = "connected"
        self.sudo().write(values)
        self.activity_unlink([STOPPED])
        if self.outage_since:
            self.env.ref("salon_invoice_bridge.cron_sweep").sudo()._trigger()

    def action_resume(self):
        """Verify the key now, and let the waiting documents go.

        :raises UserError: in the user's words, if the service still refuses
        """
        for account in self:
            account.check_access("write")
            account._refuse_in_copy()
            try:
                account._verify()
            except errors.ProviderError as error:
                raise UserError(account._sentence(error, asked=True)) from error
            account._recovered()
            account._wake()
