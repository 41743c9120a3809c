import logging

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..billing import retention
from ..billing.hungary import day_of, start_of

_logger = logging.getLogger(__name__)

#: Rows of one transaction: none is long, and a till waits for none.
CALLS, DOCUMENTS, TASKS = 500, 50, 500

#: What stays of a frozen sale: it names nobody.
NAMELESS = (
    *("reference", "order", "shop", "till", "day", "currency"),
    *("total", "rounding", "rounded_in", "lines", "tenders", "refunds", "kept"),
)

#: The sales of which something is open, and those that hang together with them: what
#: came back, what it came back of, what uses it, what it uses, and what amends their
#: documents. Few are open, so it starts there; the indexes are those of the lane. Asked
#: on its own, so that what follows is read in the order of its index and ends where its
#: batch is full; in the same transaction, so that both see the same.
_HELD = """
    WITH RECURSIVE held (order_id) AS (
        SELECT order_id FROM (
            SELECT order_id FROM salon_invoice_document
             WHERE state IN ('waiting', 'sending', 'checking', 'attention')
            UNION ALL
            SELECT order_id FROM salon_invoice_document WHERE status = 'unfinished'
            UNION ALL
            SELECT order_id FROM salon_invoice_document
             WHERE next_buyer_id IS NOT NULL
            UNION ALL
            SELECT document.order_id FROM salon_invoice_task task
              JOIN salon_invoice_document document ON document.id = task.document_id
             WHERE task.state IN ('todo', 'doing')
            UNION ALL
            SELECT order_id FROM salon_invoice_request WHERE state = 'new'
        ) open
        UNION
        SELECT other.order_id FROM held CROSS JOIN LATERAL (
            SELECT back.order_id FROM pos_order_line line
              JOIN pos_order_line back ON back.refunded_orderline_id = line.id
             WHERE line.order_id = held.order_id
            UNION ALL
            SELECT sold.order_id FROM pos_order_line line
              JOIN pos_order_line sold ON sold.id = line.refunded_orderline_id
             WHERE line.order_id = held.order_id
            UNION ALL
            SELECT used.order_id FROM pos_order_line line
              JOIN pos_order_line used ON used.salon_settles_id = line.id
             WHERE line.order_id = held.order_id
            UNION ALL
            SELECT sold.order_id FROM pos_order_line line
              JOIN pos_order_line sold ON sold.id = line.salon_settles_id
             WHERE line.order_id = held.order_id
            UNION ALL
            SELECT amending.order_id FROM salon_invoice_document document
              JOIN salon_invoice_document amending ON amending.origin_id = document.id
             WHERE document.order_id = held.order_id
            UNION ALL
            SELECT origin.order_id FROM salon_invoice_document document
              JOIN salon_invoice_document origin ON origin.id = document.origin_id
             WHERE document.order_id = held.order_id
        ) other
    )
    SELECT order_id FROM held
"""

#: What becomes of a call: the hash of what went over the wire proves what it was.
_STRIPPED = """
    body_hash = encode(sha256(convert_to(COALESCE(exchanges, ''), 'UTF8')), 'hex'),
    remote_id = COALESCE(result ->> 'id', remote_id),
    number = COALESCE(result ->> 'number', number),
    exchanges = NULL, result = NULL, message = NULL, removed_at = %(now)s
"""

_STRIP_CALLS = f"""
    WITH old AS (
        SELECT call.id FROM salon_invoice_attempt call
          JOIN salon_invoice_document document ON document.id = call.document_id
         WHERE call.removed_at IS NULL
           AND call.started_at < %(before)s
           AND GREATEST(document.write_date, document.issued_at) < %(before)s
           AND document.next_values IS NULL
           AND document.order_id != ALL(%(held)s::int[])
           AND NOT EXISTS (
               SELECT FROM salon_invoice_attempt younger
                WHERE younger.document_id = document.id
                  AND younger.started_at >= %(before)s
           )
         ORDER BY call.started_at
         LIMIT %(limit)s
           FOR UPDATE OF call SKIP LOCKED
    )
    UPDATE salon_invoice_attempt SET {_STRIPPED}
     WHERE id IN (SELECT id FROM old)
"""

_STRIP_CALLS_OF = f"""
    UPDATE salon_invoice_attempt SET {_STRIPPED}
     WHERE document_id IN %(ids)s AND removed_at IS NULL
"""

_FORGET_ADDRESSES = """
    WITH old AS (
        SELECT task.id FROM salon_invoice_task task
          JOIN salon_invoice_document document ON document.id = task.document_id
         WHERE task.kind IN ('email', 'own_email')
           AND task.state NOT IN ('todo', 'doing')
           AND (task.arguments IS NOT NULL OR task.message IS NOT NULL)
           AND task.write_date < %(before)s
           AND document.next_values IS NULL
           AND document.order_id != ALL(%(held)s::int[])
         LIMIT %(limit)s
           FOR UPDATE OF task SKIP LOCKED
    )
    UPDATE salon_invoice_task SET arguments = NULL, message = NULL
     WHERE id IN (SELECT id FROM old)
"""

#: What a service has told for a reconciliation that is done. If it is requested once
#: more, it asks again.
_FORGET_ANSWERS = """
    DELETE FROM salon_invoice_answer WHERE id IN (
        SELECT answer.id FROM salon_invoice_answer answer
          JOIN salon_invoice_reconciliation reconciliation
            ON reconciliation.id = answer.reconciliation_id
         WHERE reconciliation.state = 'done'
           AND answer.answered_at < %(before)s
         LIMIT %(limit)s
           FOR UPDATE OF answer SKIP LOCKED
    )
"""

_FORGET_REMOTE = """
    UPDATE salon_invoice_difference SET remote = NULL WHERE id IN (
        SELECT id FROM salon_invoice_difference
         WHERE state != 'open' AND remote IS NOT NULL AND closed_at < %(before)s
         LIMIT %(limit)s
           FOR UPDATE SKIP LOCKED
    )
"""

_FORGET_DIFFERENCES = """
    UPDATE salon_invoice_difference SET remote = NULL, note = NULL
     WHERE document_id IN %(ids)s
"""

_LEFTOVERS = """
    SELECT document.id FROM salon_invoice_document document
     WHERE document.kind IN ('draft', 'proforma')
       AND document.anonymised_on IS NULL
       AND (
           (document.kind, document.state) IN %(leftovers)s
           OR (document.kind, document.state) IN %(unsent)s
           AND document.sent_at IS NULL
       )
       AND GREATEST(document.write_date, document.issued_at) < %(before)s
       AND document.next_values IS NULL
       AND document.order_id != ALL(%(held)s::int[])
     ORDER BY document.id
     LIMIT %(limit)s
       FOR NO KEY UPDATE OF document SKIP LOCKED
"""

#: Ids follow the time: the first one of the company that is young enough ends the
#: reading, in its index by company and id.
_OLD_DOCUMENTS = """
    WITH young AS (
        SELECT id FROM salon_invoice_document
         WHERE company_id = %(company)s AND create_date >= %(before)s
         ORDER BY id LIMIT 1
    )
    SELECT document.id FROM salon_invoice_document document
     WHERE document.company_id = %(company)s
       AND document.id > %(after)s
       AND document.id < COALESCE((SELECT id FROM young), 2147483647)
       AND document.anonymised_on IS NULL
       AND COALESCE(document.issued_at, document.create_date) < %(before)s
       AND document.next_values IS NULL
       -- What is owed is still in the books.
       AND COALESCE(document.payment_state, 'paid') = 'paid'
       AND document.order_id != ALL(%(held)s::int[])
       AND NOT EXISTS (
           SELECT FROM salon_invoice_document other
            WHERE other.order_id = document.order_id
              AND COALESCE(other.issued_at, other.create_date) >= %(before)s
       )
       AND NOT EXISTS (
           SELECT FROM salon_invoice_document other
            WHERE other.origin_id = document.id
              AND COALESCE(other.issued_at, other.create_date) >= %(before)s
       )
     ORDER BY document.id
     LIMIT %(limit)s
       FOR NO KEY UPDATE OF document SKIP LOCKED
"""

#: Number, day, sums and what they are made of stay, and of the frozen sale its lines
#: and tenders: refunds of it, vouchers and sums are computed of them, and they name
#: nobody. Past the ORM, because the time of the last change must not be this one.
_FORGET_DOCUMENTS = """
    UPDATE salon_invoice_document
       SET buyer_name = NULL, buyer_email = NULL, buyer_tax_number = NULL,
           figures = figures - 'tax_number',
           sale_snapshot = (
               SELECT jsonb_object_agg(key, value) FROM jsonb_each(sale_snapshot)
                WHERE key IN %(nameless)s
           ) || '{"buyer": null, "note": "", "cashier": ""}'::jsonb,
           invoice_values = NULL, request_body = NULL, remote_snapshot = NULL,
           public_url = NULL, pdf_id = NULL, reason = NULL, warning = NULL,
           problem = NULL, nav_detail = NULL, anonymised_on = %(today)s
     WHERE id IN %(ids)s
"""

_FORGET_TASKS = """
    UPDATE salon_invoice_task
       SET message = NULL,
           arguments = CASE WHEN kind NOT IN ('email', 'own_email') THEN arguments END
     WHERE document_id IN %(ids)s
"""


class SalonInvoiceRetention(models.AbstractModel):
    """What is removed of what is known of people, when, and what never is.

    * What went over the wire: some days after its document is final. Code, id, number
      and a hash stay.
    * Addresses of e-mails that were sent, drafts that came to nothing, and what was
      told for a reconciliation: a month.
    * Documents: by the company's years. Number, day and sums stay, and so does the row.
    * Never of a document that is open, whose draft stands at the service, or that hangs
      together with one that is: see :data:`_HELD`. So a refund finds what it needs.

    What is removed says so in its own row, so that a run that was killed goes on where
    it was. Each batch is a transaction, and passes over rows that somebody has locked.
    Look-ups and requests are deleted where they are kept: ``salon.invoice.lookup``,
    ``salon.invoice.request``.
    """

    _name = "salon.invoice.retention"
    _description = "Retention of Personal Data"

    @api.model
    def _cron_purge(self):
        """Remove what is not kept any more, in the night.

        What cannot be removed stops its own part only, till the next night.
        """
        jobs = self.env["ir.cron"]
        for part in self._parts(fields.Datetime.now()):
            try:
                for done in part:
                    if jobs._commit_progress(done, remaining=1) <= 0:
                        return  # Odoo goes on with it as soon as it can
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                _logger.info("The purge met another transaction; the rest is left")
            except Exception:
                self.env.cr.rollback()
                _logger.exception("A part of the purge broke")
        jobs._commit_progress(remaining=0)

    @api.model
    def _purge(self, now):
        """Remove what is not kept any more; yield the size of each batch.

        The caller commits after each.

        :param datetime.datetime now: in UTC
        """
        for part in self._parts(now):
            yield from part

    @api.model
    def _parts(self, now):
        """Return the parts of the purge, each of which yields as :meth:`_purge`."""
        purge = self.sudo()
        days = self.env["salon.invoice.account"]._parameter("attempt_days")
        calls = retention.evidence_before(now, days)
        leftovers = retention.leftovers_before(now)
        companies = self.env["res.company"].sudo()
        return [
            purge._repeat(_STRIP_CALLS, CALLS, now=now, before=calls),
            purge._repeat(_FORGET_ADDRESSES, TASKS, before=leftovers),
            purge._repeat(_FORGET_ANSWERS, TASKS, before=leftovers),
            purge._repeat(_FORGET_REMOTE, TASKS, before=leftovers),
            purge._purge_leftovers(now, leftovers),
            *(
                purge._purge_documents(now, company)
                for company in companies.search([("salon_retention_years", ">", 0)])
            ),
        ]

    @api.model
    def _note(self, document):
        """Return what of a document is not kept any more, False if all is."""
        if document.anonymised_on:
            return self.env._(
                "The buyer, the content and the PDF of this document were removed on "
                "%(day)s, because they need not be kept any longer. Number, day and "
                "sums stay.",
                day=format_date(self.env, document.anonymised_on),
            )
        removed = document.attempt_ids.filtered("removed_at").mapped("removed_at")
        if removed:
            return self.env._(
                "What went over the wire was removed on %(day)s. The service's code, "
                "id and number, and a hash (SHA-256) of each call stay.",
                day=format_date(self.env, max(removed)),
            )
        return False

    def _execute(self, query, **values):
        """Run a statement, and forget what the ORM has read before it."""
        self.env.flush_all()
        self.env.cr.execute(SQL(query, **values))
        self.env.invalidate_all()

    def _execute_unheld(self, query, **values):
        """Run a statement that leaves alone what is held, if it is about sales."""
        self._execute(_HELD)
        held = [order for (order,) in self.env.cr.fetchall()]
        self._execute(query, held=held, **values)

    def _repeat(self, query, limit, **values):
        """Run an update until it finds nothing; yield how many rows it has changed."""
        while True:
            self._execute_unheld(query, limit=limit, **values)
            if not self.env.cr.rowcount:
                return
            yield self.env.cr.rowcount

    def _find(self, query, **values):
        """Return the documents that a query finds, and locks."""
        self._execute_unheld(query, limit=DOCUMENTS, **values)
        ids = [document for (document,) in self.env.cr.fetchall()]
        return self.env["salon.invoice.document"].browse(ids)

    # === DOCUMENTS === #

    def _purge_leftovers(self, now, before):
        """Make drafts and proformas nameless that came to nothing before ``before``."""
        values = {
            "leftovers": _values(retention.LEFTOVERS),
            "unsent": _values(retention.UNSENT_LEFTOVERS),
            "before": before,
        }
        while documents := self._find(_LEFTOVERS, **values):
            self._forget(documents, now)
            yield len(documents)

    def _purge_documents(self, now, company):
        """Make a company's documents nameless that it need not keep any more."""
        first = retention.first_kept(day_of(now), company.salon_retention_years)
        values = {"company": company.id, "before": start_of(first), "after": 0}
        while documents := self._find(_OLD_DOCUMENTS, **values):
            values["after"] = documents.ids[-1]
            requests = documents.order_id.salon_request_ids
            requests.filtered(lambda one: one.state == "accepted").unlink()
            self._forget(documents, now)
            yield len(documents)

    def _forget(self, documents, now):
        """Remove from ``documents`` who they are for, and what was written of them."""
        ids = tuple(documents.ids)
        of_documents = ("res_id", "in", ids)
        documents.activity_ids.unlink()
        messages = self.env["mail.message"]
        messages.search([("model", "=", documents._name), of_documents]).unlink()
        files = self.env["ir.attachment"].search(
            [("res_model", "=", documents._name), of_documents]
        )
        (files | documents.pdf_id).unlink()
        self._execute(_STRIP_CALLS_OF, ids=ids, now=now)
        self._execute(_FORGET_TASKS, ids=ids)
        self._execute(_FORGET_DIFFERENCES, ids=ids)
        values = {"ids": ids, "today": day_of(now), "nameless": NAMELESS}
        self._execute(_FORGET_DOCUMENTS, **values)


def _values(pairs):
    """Return pairs of members of enumerations as PostgreSQL takes them."""
    return tuple((kind.value, state.value) for kind, state in pairs)
