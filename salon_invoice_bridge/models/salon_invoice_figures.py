import dataclasses
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..billing import columns
from ..billing.codec import from_json
from ..billing.figures import Figures, as_reported, of_document
from ..billing.invoice import (
    AMENDING_KINDS,
    EXISTING_STATES,
    LASTING_KINDS,
    DocumentKind,
)
from ..providers import registry
from .pos_payment_method import PAYMENT_KINDS

_logger = logging.getLogger(__name__)

#: Documents of older versions that are filled in at once, and committed.
BATCH = 200
#: Documents a day, the newest first, whose figures are tried once more.
RETRIES = 1000

#: How long until what has met another transaction is tried again.
AGAIN = timedelta(minutes=1)

#: How something was paid, as people read it.
TENDERS = [*PAYMENT_KINDS, (columns.OWED, "Not paid yet")]


class SalonInvoiceFigures(models.AbstractModel):
    """What a document comes to: net, VAT, tenders, days.

    Written in the statement that records a document as issued, of what was sent and
    what the service has said; never again but for what the service tells later. What
    was paid since is not in it: ``amount_outstanding`` is what is owed today.

    A document is issued whether or not its figures can be worked out: they are left
    empty then, and filled in by :meth:`_cron_fill_figures`, as those of documents that
    are older than these columns.
    """

    _name = "salon.invoice.figures"
    _description = "Figures of a Salon Invoice"

    currency_id = fields.Many2one("res.currency", readonly=True)
    # Read with what the document says: lists have the columns that follow.
    figures = fields.Json(
        readonly=True,
        copy=False,
        prefetch="content",
        help="Net, VAT and gross of each rate, and what was paid by what.",
    )
    amount_net = fields.Monetary(string="Net", readonly=True, copy=False)
    amount_tax = fields.Monetary(string="VAT", readonly=True, copy=False)
    issue_date = fields.Date(
        string="Date of Issue",
        readonly=True,
        copy=False,
        help="The date on the document, in Hungary.",
    )
    fulfillment_date = fields.Date(readonly=True, copy=False)
    vat_date = fields.Date(
        string="VAT Date",
        readonly=True,
        copy=False,
        help="The day by which it belongs to a month: of fulfilment; of issue where it "
        "cancels, corrects, continues or replaces another document.",
    )
    due_date = fields.Date(readonly=True, copy=False)
    buyer_tax_number = fields.Char(
        string="Buyer's Tax Number", readonly=True, copy=False
    )
    tender = fields.Selection(
        [*TENDERS, (columns.MIXED, "Several")],
        string="Payment Method",
        readonly=True,
        copy=False,
        help="How the document was paid when it was issued.",
    )
    # Not computed: a column of a million rows is not filled by whoever upgrades. Not
    # indexed: a till with documents is never deleted, and lists name a month, too.
    shop_id = fields.Many2one(
        "pos.config", string="Shop", readonly=True, copy=False, ondelete="restrict"
    )

    # Of VAT and tenders: a company's documents of a month, by either of its dates. The
    # service sets the date of issue, so neither index can stand for the other.
    _issued_on_day = models.Index(
        "(company_id, issue_date) WHERE issue_date IS NOT NULL"
    )
    _of_month = models.Index("(company_id, vat_date) WHERE vat_date IS NOT NULL")
    # Of what is filled in afterwards, which is little or nothing.
    _without_shop = models.Index("(id) WHERE shop_id IS NULL")
    _without_figures = models.Index(
        "(id) WHERE figures IS NULL AND state IN ('issued', 'cancelled')"
    )

    def _figures(self):
        """Return the ``billing.figures.Figures`` of the document, None if unknown."""
        self.ensure_one()
        if not self.figures:
            return None
        figures = from_json(Figures, self.figures)
        # Who may read the document may know in which shop it was made.
        return dataclasses.replace(figures, shop=self.shop_id.sudo().name or "")

    # === WHAT IS WRITTEN === #

    def _figure_values(self, issued, meant=None, provider=None):
        """Return the columns of what ``issued`` comes to, blank if that is unknown.

        Nothing stops the record of what was issued: what goes wrong is logged.

        :param billing.invoice.IssuedDocument issued: this document, from the service
        :param billing.invoice.Invoice meant: what was sent, if the caller has it
        :param provider: the strategy that has sent it
        """

        def work_out():
            if meant:
                return columns.work_out(issued, meant=meant, provider=provider)
            return self._work_out_figures(issued)

        return self._column_values(work_out)

    def _dates(self, issued, now, values, amends=None):
        """Return the dates of a document that is recorded as issued.

        :param billing.invoice.IssuedDocument issued: from the service, None if unknown
        :param datetime now: UTC; counts where the service does not tell the date
        :param values: of :meth:`_figure_values`
        :param bool amends: whether it amends another one, if the caller knows
        """
        day = self._issue_day(issued, now)
        if amends is None:
            amends = self.kind in AMENDING_KINDS or bool(self.replaces_id)
        fulfilled = values["fulfillment_date"]
        return {
            "issue_date": day,
            "vat_date": columns.vat_date(day, fulfilled, amends),
        }

    def _reported_figure_values(self, issued):
        """Return the columns of what the service has, whatever was meant.

        By what was sent where it tells no more than a sum.

        :param billing.invoice.IssuedDocument issued: from the service
        """
        return self._column_values(
            lambda: of_document(issued) or self._work_out_figures(issued)
        )

    def _work_out_figures(self, issued):
        """Return the ``Figures`` of ``issued`` by what is kept here, None if untold."""
        if self.kind == DocumentKind.STORNO:
            return columns.work_out(issued, original=self._figures_of(self.origin_id))
        meant = self._invoice()
        provider = registry.get(self.account_id.provider) if meant else None
        return columns.work_out(issued, meant=meant, provider=provider)

    @api.model
    def _figures_of(self, document):
        """Return the ``Figures`` that ``document`` has, None if they are unknown."""
        return from_json(Figures, document.figures) if document.figures else None

    def _column_values(self, work_out):
        """Return the columns of what ``work_out()`` returns, blank if it fails."""
        try:
            return columns.of(work_out())
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("The figures of %s cannot be worked out", self)
            return dict(columns.BLANK)

    def _refresh_figures(self, current):
        """Take over what the service tells of net and VAT, or of what was unknown.

        :param billing.invoice.IssuedDocument current: this document, as it is there now
        """
        if self.state not in EXISTING_STATES or self.kind not in LASTING_KINDS:
            return
        known = self._figures_of(self)
        values = (
            self._column_values(lambda: as_reported(known, current))
            if known
            else self._figure_values(current)
        )
        if values["figures"] and values["figures"] != self.figures:
            self.write(values)

    # === WHAT IS FILLED IN AFTERWARDS === #

    @api.model
    def _cron_fill_figures(self):
        """Fill in the columns of documents that are older than these, in batches.

        Then, for the newest of those without figures, try once more.
        """
        try:
            self._fill_left()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            _logger.info("Documents to be filled in were being changed; later")
            job = self.env.ref("salon_invoice_bridge.cron_figures").sudo()
            job._trigger(fields.Datetime.now() + AGAIN)

    @api.model
    def _fill_left(self):
        cron = self.env["ir.cron"]
        left = True
        while left and (rows := self._lock_without_shop(BATCH)):
            self._fill(rows)
            full = len(rows) == BATCH
            left = cron._commit_progress(len(rows), remaining=BATCH if full else 0)
        if left:
            self.browse(self._lock_without_figures(RETRIES))._fill_figures()

    @api.model
    def _lock_without_shop(self, limit):
        """Return ``{id: shop}`` of documents that were never looked at, locked.

        A shop is what every other document has. Those that a worker has just now are
        left to the next time.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT document.id, sale.config_id
                  FROM salon_invoice_document document
                  JOIN pos_order sale ON sale.id = document.order_id
                 WHERE document.shop_id IS NULL AND document.state != 'sending'
                   AND sale.config_id IS NOT NULL
                 ORDER BY document.id LIMIT %s
                   FOR NO KEY UPDATE OF document SKIP LOCKED
                """,
                limit,
            )
        )
        return dict(self.env.cr.fetchall())

    @api.model
    def _lock_without_figures(self, limit):
        """Return the ids of the newest documents without figures, locked."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT id FROM salon_invoice_document
                 WHERE figures IS NULL AND state IN ('issued', 'cancelled')
                   AND remote_snapshot IS NOT NULL
                 ORDER BY id DESC LIMIT %s
                   FOR NO KEY UPDATE SKIP LOCKED
                """,
                limit,
            )
        )
        return [id_ for (id_,) in self.env.cr.fetchall()]

    @api.model
    def _fill(self, shops):
        """Fill in the columns of documents.

        :param shops: ``{id of a document: id of its shop}``
        """
        documents = self.browse(shops)
        for document in documents:
            document.shop_id = shops[document.id]
        documents._fill_figures()

    def _fill_figures(self):
        """Fill in date and figures of those that the service has; originals first."""
        for document in self.sorted("id"):
            if document.state in EXISTING_STATES:
                document._fill_if_readable()
        self.env.flush_all()
        self.env.invalidate_all()

    def _fill_if_readable(self):
        """Fill in what can be; one that cannot be read does not stop the others."""
        try:
            self._fill_own_figures()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("The columns of %s cannot be filled in", self)

    def _fill_own_figures(self):
        """Fill in date and figures of a document that exists, as far as it can be."""
        issued, at = self._issued(), self.issued_at or self.create_date
        values = dict(columns.BLANK)
        if issued and not self.figures:
            values = self._figure_values(issued)
        if values["figures"]:
            self.write({**values, **self._dates(issued, at, values)})
        elif not self.issue_date:
            self.write(self._dates(issued, at, values))
