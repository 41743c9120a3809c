from odoo import api, fields, models
from odoo.tools import SQL

from ..billing import rate


class SalonInvoiceBucket(models.Model):
    """A token bucket: the calls that an account may make before its service says 429.

    It lies in the database, because a lane changes its process.  The lane and people
    have a bucket each, so that neither waits for the other's, nor for its row.  Only
    services with a published limit have any.  What flows in, and what a 429 changes, is
    decided in ``billing.rate``.
    """

    _name = "salon.invoice.bucket"
    _description = "Calls Left to an Account"
    _log_access = False

    account_id = fields.Many2one(
        "salon.invoice.account", required=True, ondelete="cascade"
    )
    purpose = fields.Selection(
        [("lane", "Invoices"), ("people", "Look-ups")], required=True
    )
    tokens = fields.Float(required=True)
    refilled_at = fields.Datetime(required=True)
    slow_until = fields.Datetime(
        help="Until then it fills more slowly: the service has refused a call."
    )

    _one_each = models.Constraint("UNIQUE (account_id, purpose)")

    @api.model
    def _flow(self, account, purpose):
        """Return the ``rate.Flow`` of an account's bucket, None if it has no limit."""
        limit = account._limit()
        return limit and limit.flow(purpose)

    @api.model
    def _draw(self, account, purpose, calls):
        """Take a token for each of the ``calls`` that were made."""
        flow = self._flow(account, purpose)
        if flow and calls:
            self.env.cr.execute(self._drawing(account.id, flow, purpose, calls))

    @api.model
    def _drawing(self, account, flow, purpose, calls):
        """Return the statement that takes tokens, for whoever knows the flow.

        What it leaves is what ``rate.tokens_at()`` says, less the calls.

        :param int account: id
        :param rate.Flow flow: of the bucket
        """
        return SQL(
            """
            INSERT INTO salon_invoice_bucket AS bucket
                (account_id, purpose, tokens, refilled_at)
            VALUES (%(account)s, %(purpose)s, %(size)s - %(calls)s, %(now)s)
            ON CONFLICT (account_id, purpose) DO UPDATE SET
                tokens = LEAST(%(size)s, bucket.tokens + %(rate)s * (
                    ABS(EXTRACT(EPOCH FROM %(now)s - bucket.refilled_at))
                    - %(less)s * LEAST(
                        ABS(EXTRACT(EPOCH FROM %(now)s - bucket.refilled_at)),
                        GREATEST(
                            EXTRACT(EPOCH FROM bucket.slow_until - bucket.refilled_at),
                            0
                        ),
                        %(slow_seconds)s
                    )
                )) - %(calls)s,
                refilled_at = %(now)s
            """,
            account=account,
            purpose=purpose,
            size=flow.size,
            rate=flow.rate,
            less=1 - rate.SLOW,
            slow_seconds=rate.SLOW_SECONDS,
            calls=calls,
            now=self.env["salon.invoice.document"]._now(),
        )

    @api.model
    def _slow_down(self, account, purpose):
        """Leave half of the rate to whoever else uses the key, for a minute."""
        flow, level = self._flow(account, purpose), self._level(account, purpose)
        if not flow or not level:
            return
        now = self.env["salon.invoice.document"]._now()
        level = rate.after_refusal(flow, level, now)
        self.env.cr.execute(
            SQL(
                "UPDATE salon_invoice_bucket "
                "SET tokens = %s, refilled_at = %s, slow_until = %s "
                "WHERE account_id = %s AND purpose = %s",
                *(level.tokens, level.at, level.slow_until),
                *(account.id, purpose),
            )
        )

    @api.model
    def _level(self, account, purpose):
        """Return the ``rate.Level`` of a bucket, None if nothing was ever drawn."""
        self.env.cr.execute(
            SQL(
                "SELECT tokens, refilled_at, slow_until FROM salon_invoice_bucket "
                "WHERE account_id = %s AND purpose = %s",
                account.id,
                purpose,
            )
        )
        found = self.env.cr.fetchone()
        return found and rate.Level(*found)

    @api.model
    def _seconds_until(self, account, purpose, share):
        """Return the seconds until the bucket is filled to ``share`` of its size."""
        flow = self._flow(account, purpose)
        level = flow and self._level(account, purpose)
        if not level:
            return 0.0
        now = self.env["salon.invoice.document"]._now()
        return rate.seconds_until(flow, level, flow.size * share, now)
