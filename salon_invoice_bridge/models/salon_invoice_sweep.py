import logging

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

#: Sales that one run of the sweep looks at.
BATCH = 200


class SalonInvoiceSweep(models.Model):
    """The proof that no paid sale is forgotten."""

    _inherit = "salon.invoice.account"

    @api.model
    def _cron_sweep(self):
        """Give every paid sale since go-live a document row, if it has none.

        A sale gets here when its payment hook failed, or was never called.
        """
        for account in self.search([("state", "in", ("connected", "paused"))]):
            sales = account._forgotten_sales(BATCH)
            for sale in sales:
                try:
                    with self.env.cr.savepoint():
                        sale._salon_on_paid()
                except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                    # A till is just writing this sale: the next sweep sees it.
                    self.env.cr.rollback()
                    _logger.info("Sale %s is being changed; later", sale.id)
            self.env["ir.cron"]._commit_progress(
                len(sales), remaining=len(sales) == BATCH and 1 or 0
            )

    def _forgotten_sales(self, limit=None):
        """Return paid sales since go-live that have neither document nor reason."""
        self.ensure_one()
        return self.env["pos.order"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "in", ("paid", "done")),
                ("salon_document_id", "=", False),
                ("create_date", ">=", self.connected_at),
            ],
            order="create_date, id",
            limit=limit,
        )
