"""What waits, of this account and of the others: questions of a lane to the database.

Nothing here has a part in *exactly once*: see :mod:`.protocol` for that.
"""

from datetime import datetime

from .protocol import WAITED_FOR

#: When the first document and the first task of an account are due.
_NEXT_TIMES = """
    SELECT (
        SELECT min(next_attempt) FROM salon_invoice_document
         WHERE account_id = %(account)s AND state IN ('waiting', 'checking')
    ), (
        SELECT min(next_attempt) FROM salon_invoice_task
         WHERE account_id = %(account)s AND state IN ('todo', 'doing')
    )
"""

#: Whether an account whose lane does not run has documents due, and may call.
_OTHERS_WAIT = """
    SELECT EXISTS (
        SELECT FROM salon_invoice_account account
          JOIN ir_cron cron ON cron.id = account.cron_id
         WHERE account.id != %(account)s
           AND cron.active AND cron.failure_count = 0
           AND account.state IN %(working)s
           AND account.pause_reason IS NULL
           AND (
               account.backoff_until IS NULL OR account.backoff_until <= %(now)s
               OR account.backoff_until > %(now)s + %(longest_backoff)s
           )
           AND NOT EXISTS (
               SELECT FROM salon_invoice_document
                WHERE account_id = account.id AND state = 'sending'
           )
           AND EXISTS (
               SELECT FROM salon_invoice_document
                WHERE account_id = account.id
                  AND state IN ('waiting', 'checking')
                  AND next_attempt BETWEEN %(since)s AND %(now)s
                  AND create_date > %(since)s
           )
    )
"""


def next_times(cr, account):
    """Return when the first document and the first task are due, each None if none is.

    :param int account: id
    """
    cr.execute(_NEXT_TIMES, {"account": account})
    return cr.fetchone()


def others_wait(cr, account, now, *, working, longest_backoff, waited_for):
    """Return True if another account has documents due that nobody sends.

    :param int account: id
    :param datetime now: UTC
    :param working: states of an account that calls its service
    :param timedelta longest_backoff: one that ends later is not believed
    :param bool waited_for: True to ask only for those whose customer waits
    """
    cr.execute(
        _OTHERS_WAIT,
        {
            "account": account,
            "now": now,
            "working": tuple(working),
            "longest_backoff": longest_backoff,
            "since": now - WAITED_FOR if waited_for else datetime.min,
        },
    )
    return cr.fetchone()[0]
