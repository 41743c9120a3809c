"""Why a sale is invoiced exactly once: three statements, and a commit after each.

    claim      one UPDATE: *waiting* -> *sending*, with the bytes that are sent   COMMIT
               the call of the service: the one that creates the document
    witness    one INSERT: what was asked and what was answered, whatever it was  COMMIT
    record     one UPDATE: *sending* -> *issued*, and the tasks that follow       COMMIT

Who is killed

* before the first commit has changed nothing: the document waits, and is claimed again;
* after it leaves a document in *sending*. The lane of an account is one job, whose lock
  only one worker holds: whoever finds such a document knows that its worker is gone. It
  looks for the witness of that claim (``claim_count`` tells it from those of others).
  There is none: the bytes may have arrived, so the service is asked, and the *same*
  bytes are sent again only when it certainly has nothing;
* after the second has the answer in writing: it is recorded without asking again;
* after the third is done.

So these must hold, and are all that there is to check:

1. :func:`claim` changes a row only if it is as :func:`next_due` read it (``xmin`` is
   PostgreSQL's own version of a row) and *waiting*, while its account may call. Two who
   claim the same row: one of them gets nothing, or an error of concurrency.
2. The call begins after the commit of the claim. Nothing is created without a claim.
3. :func:`witness` reads company and claim of its row, no more, and decides nothing: it
   cannot fail for what the answer says. Without its row it raises.
4. :func:`record` changes a row only if it is still of this very claim, and no receipt
   was written by hand meanwhile, which the ordinary way knows to deal with.

What is not a plain success leaves this path for the ordinary one, which comes to the
same rows: :mod:`.express` says where, ``tests/test_protocol.py`` compares.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg2.extras import Json

from odoo.tools import SQL

from ..billing import rate

#: Age up to which a sale goes before those that wait longer.
WAITED_FOR = timedelta(seconds=rate.WAITED_FOR_SECONDS)

#: Whether the account may call, and the document whose turn it is, what its bytes are
#: made of, and whether it is plain: the first document of a sale that was never sent
#: nor touched, is fresh, and of which nothing came back. (A sale that is not fresh may
#: have been sent by the database of which this is a backup.)
_NEXT_DUE = """
    SELECT document.id, document.xmin::text, document.external_key,
           document.sale_snapshot, document.buyer_choice, document.create_date,
           document.write_date, document.order_id, document.company_id,
           sale.config_id, sale.salon_language, account.fingerprint,
           account.info ->> 'sandbox' AS sandbox,
           account.state IN %(working)s AND (
               account.backoff_until IS NULL OR account.backoff_until <= %(now)s
               OR account.backoff_until > %(now)s + %(longest_backoff)s
           ) AS may_call,
           COALESCE(account.consecutive_failures, 0) > 0
           OR account.pause_reason IS NOT NULL
           OR account.backoff_until IS NOT NULL AS is_troubled,
           bucket.tokens, bucket.refilled_at, bucket.slow_until,
           chosen.is_waited_for, now() AT TIME ZONE 'UTC' AS read_at,
           document.state = 'waiting'
           AND document.kind = 'invoice'
           AND document.origin_id IS NULL
           AND document.replaces_id IS NULL
           AND document.sale_snapshot IS NOT NULL
           AND document.sale_snapshot_stale IS NOT TRUE
           AND document.next_values IS NULL
           AND document.paper_number IS NULL
           AND COALESCE(
               document.request_body, document.remote_id, document.problem,
               document.problem_reason, document.lookup_only_reason
           ) IS NULL
           AND document.sent_at IS NULL
           AND COALESCE(document.send_count, 0) = 0
           AND document.create_date BETWEEN %(now)s - %(fresh)s AND %(now)s + %(fresh)s
           AND document.sold_at BETWEEN %(now)s - %(fresh)s AND %(now)s + %(fresh)s
           AND document.company_id = ALL (ARRAY[sale.company_id, account.company_id])
           AND account.state IN %(working)s
           AND account.state != 'paused'
           AND COALESCE(account.consecutive_failures, 0) = 0
           AND account.pause_reason IS NULL
           AND account.backoff_until IS NULL
           AND NOT EXISTS (
               SELECT FROM pos_order_line line
                 JOIN pos_order_line back ON back.refunded_orderline_id = line.id
                WHERE line.order_id = document.order_id
           ) AS is_plain
      FROM salon_invoice_account account
      -- Two look-ups in the index of what is due, however much that is.
      LEFT JOIN LATERAL (
          (SELECT id, true AS is_waited_for FROM salon_invoice_document
            WHERE account_id = account.id
              AND state IN ('waiting', 'checking')
              AND next_attempt BETWEEN %(now)s - %(waited_for)s AND %(now)s
              AND create_date > %(now)s - %(waited_for)s
            ORDER BY next_attempt, id
            LIMIT 1)
          UNION ALL
          (SELECT id, false FROM salon_invoice_document
            WHERE account_id = account.id
              AND state IN ('waiting', 'checking')
              AND next_attempt <= %(now)s
            ORDER BY next_attempt, id
            LIMIT 1)
          ORDER BY is_waited_for DESC
          LIMIT 1
      ) chosen ON true
      LEFT JOIN salon_invoice_document document ON document.id = chosen.id
      LEFT JOIN pos_order sale ON sale.id = document.order_id
      LEFT JOIN salon_invoice_bucket bucket
        ON bucket.account_id = account.id AND bucket.purpose = 'lane'
     WHERE account.id = %(account)s
"""

_CLAIM = """
    UPDATE salon_invoice_document document
       SET state = 'sending', status = 'sending',
           sent_at = %(now)s, send_count = 1,
           claim_count = COALESCE(claim_count, 0) + 1,
           invoice_values = %(invoice_values)s, request_body = %(request_body)s,
           amount_gross = %(gross)s, exchange_rate = 0,
           buyer_name = %(buyer_name)s, buyer_email = %(buyer_email)s,
           partner_reused = %(partner_reused)s,
           write_date = %(second)s, write_uid = %(user)s
      FROM salon_invoice_account account
     WHERE document.id = %(id)s
       AND document.xmin::text = %(version)s
       AND document.state = 'waiting'
       AND account.id = document.account_id
       AND account.state IN %(working)s
       AND account.backoff_until IS NULL
 RETURNING claim_count
"""

_WITNESS = """
    INSERT INTO salon_invoice_attempt (document_id, company_id, claim, %(columns)s)
    SELECT id, company_id, claim_count, %(values)s
      FROM salon_invoice_document WHERE id = %(id)s
"""

_RECORD = """
    WITH %(before)s issued AS (
        UPDATE salon_invoice_document
           SET state = 'issued', status = 'issued', next_attempt = NULL,
               request_body = NULL,
               remote_id = %(remote_id)s, number = %(number)s,
               amount_gross = %(gross)s, amount_invoiced = %(gross)s,
               amount_outstanding = %(outstanding)s, payments = %(payments)s,
               payment_state = %(payment_state)s,
               public_url = %(public_url)s, warning = %(warning)s,
               remote_snapshot = %(remote_snapshot)s, pdf_id = %(pdf)s,
               figures = %(figures)s,
               amount_net = %(amount_net)s, amount_tax = %(amount_tax)s,
               fulfillment_date = %(fulfillment_date)s, due_date = %(due_date)s,
               buyer_tax_number = %(buyer_tax_number)s, tender = %(tender)s,
               issue_date = %(issue_date)s, vat_date = %(vat_date)s,
               issued_at = %(now)s, lead_time = %(lead_time)s,
               write_date = %(second)s, write_uid = %(user)s
         WHERE id = %(id)s AND state = 'sending' AND claim_count = %(claim)s
           AND paper_number IS NULL
     RETURNING id, account_id, company_id, order_id
    ), planned AS (
        INSERT INTO salon_invoice_task
               (document_id, account_id, company_id, kind, state, next_attempt,
                create_date, create_uid, write_date, write_uid)
        SELECT issued.id, issued.account_id, issued.company_id, task.kind, 'todo',
               task.time, %(second)s, %(user)s, %(second)s, %(user)s
          FROM issued, unnest(%(kinds)s::varchar[], %(times)s::timestamp[])
               WITH ORDINALITY AS task (kind, time, place)
         ORDER BY task.place
    )
    SELECT EXISTS (
        SELECT FROM pos_order_line line
          JOIN pos_order_line back ON back.refunded_orderline_id = line.id
         WHERE line.order_id = issued.order_id
    ) FROM issued
"""


@dataclass(frozen=True)
class Due:
    """The document whose turn it is, as :func:`next_due` has read it.

    Without one, ``id`` and what is its own are None.
    """

    id: int | None
    version: str
    external_key: str
    sale_snapshot: dict
    buyer_choice: str | None
    create_date: datetime
    write_date: datetime
    order_id: int
    company_id: int
    config_id: int
    salon_language: str | None
    fingerprint: str | None
    sandbox: str | None  # "true", "false", None if the service has not said it
    may_call: bool
    is_troubled: bool  # the account had failures that have not been forgotten
    tokens: float | None
    refilled_at: datetime | None
    slow_until: datetime | None
    is_waited_for: bool | None  # by a customer, see billing.rate
    read_at: datetime
    is_plain: bool


def next_due(cr, account, now, *, working, fresh, longest_backoff):
    """Return the :class:`Due` document: the first that a customer waits for, else the
    one whose time came first.

    :param int account: id
    :param datetime now: UTC
    :param working: states of an account that calls its service
    :param timedelta fresh: age up to which a sale is not looked up before it is sent
    :param timedelta longest_backoff: one that ends later is not believed
    """
    cr.execute(
        _NEXT_DUE,
        {
            "account": account,
            "now": now,
            "working": tuple(working),
            "fresh": fresh,
            "waited_for": WAITED_FOR,
            "longest_backoff": longest_backoff,
        },
    )
    return Due(*cr.fetchone())


def claim(cr, due, **values):
    """Claim the document; to be committed before the call.

    :param Due due: the document as it was read
    :param values: what is frozen with it, and what the claim depends on:

        * ``now`` (datetime, UTC), ``user`` (int), ``working`` (states, str)
        * ``invoice_values`` (dict, JSON-ready), ``request_body`` (str)
        * ``gross`` (int, whole forints)
        * ``buyer_name``, ``buyer_email`` (str), ``partner_reused`` (bool or None)
    :return: the number of the claim, None if the row is not as it was read
    """
    cr.execute(
        _CLAIM,
        {
            **values,
            "id": due.id,
            "version": due.version,
            "working": tuple(values["working"]),
            "invoice_values": Json(values["invoice_values"]),
            "second": values["now"].replace(microsecond=0),
        },
    )
    claimed = cr.fetchone()
    return claimed and claimed[0]


def witness(cr, document, **values):
    """Write down what was asked and answered; to be committed before it is acted on.

    Nothing is read, computed or overridden here that might fail and lose the answer.

    :param int document: id
    :param values: of the attempt's columns, ready for PostgreSQL
    :raises RuntimeError: there is no such document
    """
    statement = SQL(
        _WITNESS,
        id=document,
        columns=SQL(", ").join(SQL.identifier(name) for name in values),
        values=SQL(", ").join(SQL("%s", value) for value in values.values()),
    )
    cr.execute(statement, log_exceptions=False)
    if cr.rowcount != 1:
        raise RuntimeError(f"The call for document {document} has no document")


def record(cr, due, number_of_claim, planned, drawing=None, **values):
    """Record that the document is issued, and plan the tasks that follow.

    :param Due due: the document
    :param int number_of_claim: what :func:`claim` returned
    :param planned: pairs of a task's kind and its time
    :param SQL drawing: takes the call from those that the service allows, in passing
    :param values: what is recorded:

        * ``now`` (datetime, UTC), ``user`` (int), ``lead_time`` (float, seconds)
        * ``remote_id``, ``number``, ``public_url``, ``warning`` (str)
        * ``pdf`` (id of an attachment or None), ``remote_snapshot`` (dict, JSON-ready)
        * ``gross``, ``outstanding`` (int, whole forints), ``payments`` (list,
          JSON-ready), ``payment_state`` (str)
        * ``issue_date``, ``vat_date`` (date), and what :mod:`..billing.columns` has
    :return: None if the row is not of this claim any more, or a receipt was written by
        hand; else whether something of the sale has come back meanwhile
    """
    values.update(
        id=due.id,
        claim=number_of_claim,
        payments=Json(values["payments"]),
        remote_snapshot=Json(values["remote_snapshot"]),
        figures=values["figures"] and Json(values["figures"]),
        kinds=[kind for kind, _time in planned],
        times=[time for _kind, time in planned],
        second=values["now"].replace(microsecond=0),
        before=SQL("drawn AS (%s),", drawing) if drawing else SQL(),
    )
    cr.execute(SQL(_RECORD, **values))
    recorded = cr.fetchone()
    return recorded and recorded[0]
