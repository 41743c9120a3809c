import logging

from odoo import api, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .salon_invoice_lane import WORKING

_logger = logging.getLogger(__name__)

#: Sales that are looked at in one step of the sweep.
BATCH = 200


class SalonInvoiceSweep(models.Model):
    """The proof that nothing is forgotten: no paid sale, no document, no lane.

    It runs from time to time and when a till's session is closed.
    """

    _inherit = "salon.invoice.account"

    @api.model
    def _cron_sweep(self):
        """Give every paid sale since go-live a document row, if it has none."""
        accounts = self.search([("state", "in", WORKING)])
        accounts._revive_lanes()
        self._leave_stranded_to_humans()
        for account in accounts.filtered(lambda a: a.state != "retired"):
            account._for_responsible()._sweep()

    def _for_responsible(self):
        """Return this account in the language of those who are told what is wrong."""
        self.ensure_one()
        return self.with_context(lang=self._responsible().lang)

    def _sweep(self):
        """Ask for the documents of this account's forgotten sales, one by one.

        A sale gets here when its payment hook failed, or was never called.  What cannot
        be taken up now either is shown to a human, and does not keep the others.
        """
        self.ensure_one()
        last, stubborn = 0, self.env["pos.order"]
        while sales := self._forgotten_sales(BATCH, after=last):
            last = sales[-1].id
            for sale in sales:
                if not self._take_up(sale):
                    stubborn |= sale
        if stubborn:
            self._alert(
                self.env._("Sales without an invoice"),
                self.env._(
                    "No invoice could be asked for: %(sales)s. The server log says "
                    "why. Open them and press Generate invoice.",
                    sales=", ".join(stubborn[:20].mapped("name")),
                ),
            )
            self.env["ir.cron"]._commit_progress()

    def _take_up(self, sale):
        """Run the hook of a forgotten sale; say whether it is in a place now."""
        try:
            sale._salon_on_paid()
            self.env["ir.cron"]._commit_progress(1)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # A till is just writing this sale: the next sweep sees it.
            self.env.cr.rollback()
            _logger.info("Sale %s is being changed; later", sale.id)
            return True
        return bool(sale.salon_document_id)

    def _forgotten_sales(self, limit=None, after=0):
        """Return sales paid since their shop's go-live, with no document nor reason.

        :param int after: only sales with a greater id
        """
        self.ensure_one()
        live = self._shops().filtered("salon_live_since").grouped("salon_live_since")
        since_live = Domain.OR(
            Domain("config_id", "in", shops.ids) & Domain("create_date", ">=", since)
            for since, shops in live.items()
        )
        if self == self.company_id.salon_account_id and self.connected_at:
            # Sold in the till of another company: see ``pos.order._salon_policy``.
            since_live |= Domain(
                [
                    ("config_id.company_id", "!=", self.company_id.id),
                    ("create_date", ">=", self.connected_at),
                ]
            )
        forgotten = Domain(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "in", ("paid", "done")),
                ("salon_document_id", "=", False),
                ("id", ">", after),
            ]
        )
        return self.env["pos.order"].search(
            forgotten & since_live, order="id", limit=limit
        )

    def _revive_lanes(self):
        """Give back its lane to an account that lost it.

        Odoo switches a job off that has failed for a week, and people delete what they
        do not know.
        """
        for account in self.sudo():
            if account._credential().api_key and not account.cron_id.active:
                _logger.warning("%s had no lane any more", account)
                account._ensure_lane()
                account._wake()
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _leave_stranded_to_humans(self):
        """What waits at an account without a key would wait for ever."""
        stranded = self.env["salon.invoice.document"].search(
            [
                ("state", "in", ("waiting", "sending", "checking")),
                ("account_id.state", "in", ("draft", "disconnected")),
            ],
            limit=BATCH,
        )
        for document in stranded:
            account = document.account_id._for_responsible()
            document.with_env(account.env)._need_attention(
                account.env._(
                    "%(account)s is not connected any more. Connect it again and "
                    "retry, or look there and record what was made by hand.",
                    account=account.name,
                ),
                "disconnected",
            )
            self.env["ir.cron"]._commit_progress(1)
