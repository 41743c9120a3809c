from odoo import api, fields, models
from odoo.tools import SQL

#: Purpose -> how much the bucket holds, and how much flows in within a minute, as parts
#: of the service's limit.  All of them together are the limit: that is the most that
#: any minute can see.
SHARES = {"lane": (0.2, 0.6), "people": (0.1, 0.1)}


class SalonInvoiceBucket(models.Model):
    """A token bucket: the calls that an account may make before its service says 429.

    It lies in the database, because a lane changes its process.  The lane and people
    have a bucket each, so that neither waits for the other's, nor for its row.  Only
    services with a published limit have any.
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

    _one_each = models.Constraint("UNIQUE (account_id, purpose)")

    @api.model
    def _flow(self, limit, purpose):
        """Return ``(size, tokens per second)``.

        :param int limit: calls a minute that the service allows
        """
        size, inflow = SHARES[purpose]
        return limit * size, limit * inflow / 60

    @api.model
    def _draw(self, account, purpose, calls):
        """Take a token for each of the ``calls`` that were made."""
        limit = account._capabilities().calls_per_minute
        if limit and calls:
            self.env.cr.execute(self._drawing(account.id, limit, purpose, calls))

    @api.model
    def _drawing(self, account, limit, purpose, calls):
        """Return the statement that takes tokens, for whoever knows the limit.

        :param int account: id
        """
        size, rate = self._flow(limit, purpose)
        # A clock that was set back counts as time that has passed.
        return SQL(
            """
            INSERT INTO salon_invoice_bucket AS bucket
                (account_id, purpose, tokens, refilled_at)
            VALUES (%(account)s, %(purpose)s, %(size)s - %(calls)s, %(now)s)
            ON CONFLICT (account_id, purpose) DO UPDATE SET
                tokens = LEAST(%(size)s, bucket.tokens + %(rate)s * ABS(
                    EXTRACT(EPOCH FROM %(now)s - bucket.refilled_at)
                )) - %(calls)s,
                refilled_at = %(now)s
            """,
            account=account,
            purpose=purpose,
            size=size,
            rate=rate,
            calls=calls,
            now=self.env["salon.invoice.document"]._now(),
        )

    @api.model
    def _seconds_until(self, account, purpose, share):
        """Return the seconds until the bucket is filled to ``share`` of its size."""
        limit = account._capabilities().calls_per_minute
        if not limit:
            return 0.0
        self.env.cr.execute(
            SQL(
                "SELECT tokens, refilled_at FROM salon_invoice_bucket "
                "WHERE account_id = %s AND purpose = %s",
                account.id,
                purpose,
            )
        )
        found = self.env.cr.fetchone() or (None, None)
        return self._seconds_left(limit, purpose, share, *found)

    @api.model
    def _seconds_left(self, limit, purpose, share, tokens, refilled_at):
        """Return :meth:`_seconds_until` of a bucket that has been read already."""
        if not limit or tokens is None:
            return 0.0
        size, rate = self._flow(limit, purpose)
        passed = self.env["salon.invoice.document"]._now() - refilled_at
        tokens += rate * abs(passed.total_seconds())
        return max(size * share - tokens, 0.0) / rate
