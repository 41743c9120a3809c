import random
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..providers import errors
from ..providers.errors import Reason

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
#: The longest ``Retry-After`` that is believed, in seconds.
LONGEST_WISH = 24 * 3600
#: Rests are made up to this much longer, so that many servers do not come at once.
JITTER = 0.3


class SalonInvoicePause(models.Model):
    """When an account calls its service, and when it leaves it alone.

    * A service that cannot be reached, or asks for a pause, gets it: the whole account
      *rests* until ``rest_until``, its documents keep their places.
    * An account whose key, plan or setup the service refuses is *paused*, with one
      alert, and tried again by itself: the key first, then a single document, and the
      others follow when that has worked.
    """

    _inherit = "salon.invoice.account"

    rest_until = fields.Datetime(
        readonly=True, copy=False, help="The service is not called before this time."
    )
    trouble_count = fields.Integer(
        readonly=True, copy=False, help="Troubles in a row; each rest is longer."
    )

    def _is_resting(self):
        """Say whether the service is to be left alone now."""
        now = self.env["salon.invoice.document"]._now()
        return bool(self.rest_until and self.rest_until > now)

    def _rest(self, first, longest, wish=None):
        """Leave the service alone, longer each time in a row.

        :param float wish: seconds that the service itself asks for, or None
        """
        pause = min(first * 2.0 ** min(self.trouble_count, 20), longest)
        pause = max(pause, min(wish or 0, LONGEST_WISH))
        now = self.env["salon.invoice.document"]._now()
        self.sudo().write(
            {
                "trouble_count": self.trouble_count + 1,
                "rest_until": now
                + timedelta(seconds=pause * random.uniform(1.0, 1.0 + JITTER)),
            }
        )

    def _heed(self, error):
        """Let the account rest or pause where ``error`` concerns all its calls.

        :param providers.errors.ProviderError error: what a call ended in
        """
        self.ensure_one()
        if isinstance(error, errors.AccountProblem):
            # A plan without e-mail or PDF says nothing about invoices: whoever made
            # the call decides about those reasons.
            if error.reason is Reason.KEY:
                self._pause(error)
        elif isinstance(error, errors.NotProcessed) and error.reason in SERVICE_WIDE:
            self._rest(FIRST_REST, LONGEST_REST, error.retry_after)

    def _pause(self, error):
        """Stop sending, and try again by itself from time to time: one alert for all.

        A retired account stays retired: it has no new documents to stop.

        :param providers.errors.AccountProblem error: why
        """
        self.ensure_one()
        if self.pause_reason and self._is_resting():
            return  # the same call has told us already
        sentence = self._sentence(error)
        known = self.pause_reason == sentence
        self._rest(FIRST_PROBE, LONGEST_PROBE, error.retry_after)
        self.sudo().pause_reason = sentence
        if self.state == "connected":
            self.sudo().state = "paused"
        if not known:
            self._alert(self.env._("Invoicing has stopped"), sentence)

    def _alert(self, summary, note):
        """Tell the responsible person, once for as long as it is not done."""
        kind = "mail.mail_activity_data_warning"
        if summary in self.activity_ids.mapped("summary"):
            return
        self.activity_schedule(
            kind, summary=summary, note=note, user_id=self._responsible().id
        )

    def _probe(self, provider):
        """Say whether a paused account may try a document: its key must open again."""
        self.ensure_one()
        try:
            provider.verify()
        except errors.AccountProblem as error:
            self._pause(error)
        except errors.ProviderError as error:
            self._rest(FIRST_REST, LONGEST_REST, error.retry_after)
        else:
            return True
        return False

    def _recovered(self):
        """Forget the troubles: the service has just done what it was asked for."""
        self.ensure_one()
        if not (self.trouble_count or self.pause_reason or self.rest_until):
            return
        values = {"trouble_count": 0, "rest_until": False, "pause_reason": False}
        if self.state == "paused":
            values["state"] = "connected"
        self.sudo().write(values)
        self.activity_unlink(["mail.mail_activity_data_warning"])

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
                raise UserError(account._sentence(error)) from error
            account._recovered()
            account._wake()
