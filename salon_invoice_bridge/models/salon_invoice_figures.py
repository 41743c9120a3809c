import dataclasses
import logging

from odoo import fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..billing import columns
from ..billing.codec import from_json
from ..billing.figures import Figures, of_document
from ..billing.invoice import DocumentKind, PaymentKind
from ..providers import registry

_logger = logging.getLogger(__name__)

#: How something was paid, as people read it.
TENDERS = [
    (PaymentKind.CASH.value, "Cash"),
    (PaymentKind.CARD.value, "Card"),
    (PaymentKind.ONLINE_CARD.value, "Card, Online"),
    (PaymentKind.BARION.value, "Barion"),
    (PaymentKind.BANK_TRANSFER.value, "Bank Transfer"),
    (PaymentKind.PAYPAL.value, "PayPal"),
    (PaymentKind.SZEP_CARD.value, "SZÉP Card"),
    (PaymentKind.VOUCHER.value, "Voucher"),
    (PaymentKind.OTHER.value, "Other"),
    (columns.OWED, "Not Paid Yet"),
]


class SalonInvoiceFigures(models.AbstractModel):
    """What a document comes to: net, VAT, tenders, days.

    Written in the statement that records a document as issued, of what was sent and
    what the service has said; never again but for what the service tells later. What
    was paid since is not in it: ``amount_outstanding`` is what is owed today.

    A document is issued whether or not its figures can be worked out: they are left
    empty then, and filled in later.
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
        string="Issued On",
        readonly=True,
        copy=False,
        help="The date on the document, in Hungary.",
    )
    fulfillment_date = fields.Date(readonly=True, copy=False)
    due_date = fields.Date(readonly=True, copy=False)
    buyer_tax_number = fields.Char(
        string="Buyer's Tax Number", readonly=True, copy=False
    )
    tender = fields.Selection(
        [*TENDERS, (columns.MIXED, "Several")],
        string="Paid By",
        readonly=True,
        copy=False,
        help="How the document was paid when it was issued.",
    )
    # Not computed: a column of a million rows is not filled by whoever upgrades.
    shop_id = fields.Many2one(
        "pos.config", string="Shop", readonly=True, copy=False, ondelete="restrict"
    )

    def _figures(self):
        """Return the ``billing.figures.Figures`` of the document, None if unknown."""
        self.ensure_one()
        if not self.figures:
            return None
        figures = from_json(Figures, self.figures)
        # Who may read the document may know in which shop it was made.
        return dataclasses.replace(figures, shop=self.shop_id.sudo().name or "")

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

    def _told_figure_values(self, issued):
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
            return columns.work_out(issued, original=self.origin_id._figures())
        meant = self._invoice()
        provider = registry.get(self.account_id.provider) if meant else None
        return columns.work_out(issued, meant=meant, provider=provider)

    def _column_values(self, work_out):
        """Return the columns of what ``work_out()`` returns, blank if it fails."""
        try:
            return columns.of(work_out())
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("The figures of %s cannot be worked out", self)
            return dict(columns.BLANK)
