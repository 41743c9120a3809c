import logging

from odoo import api, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .salon_invoice_lane import WORKING
from .salon_invoice_pause import LONGEST

_logger = logging.getLogger(__name__)

#: The name of this addon, and its periodic jobs beside the lanes.
ADDON = "salon_invoice_bridge"
JOBS = ("cron_sweep", "cron_daily_check", "cron_readiness")
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
        accounts._one_by_one("_revive_lane")
        accounts._one_by_one("_tell_outage")
        accounts.filtered(lambda a: a.state != "retired")._one_by_one("_sweep")
        self._stranded().account_id._one_by_one("_leave_stranded_to_humans")

    def _one_by_one(self, name):
        """Call the method ``name`` of each account, each in a transaction of its own.

        What breaks stays with its account, and is told there.
        """
        for account in self:
            account = account.with_company(account.company_id)._for_responsible()
            try:
                getattr(account, name)()
                self.env["ir.cron"]._commit_progress(1)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                _logger.info("%s of %s met another transaction; later", name, account)
            except Exception:
                self.env.cr.rollback()
                _logger.exception("%s of %s broke", name, account)
                account._tell_broken()

    def _tell_broken(self):
        """Tell the recipients, if that is possible, that a job of the account broke."""
        try:
            self._alert(
                self.env._("A periodic check broke"),
                self.env._(
                    "A periodic check of this account broke, and is tried again. The "
                    "server log says why. Invoices are issued as before."
                ),
            )
            self.env["ir.cron"]._commit_progress()
        except Exception:
            self.env.cr.rollback()
            _logger.exception("Nobody could be told that %s is in trouble", self)

    @api.model
    def _revive_jobs(self):
        """Switch the periodic jobs on again.

        Odoo switches a job off that has failed for a week, and people what they do not
        know.  Each job of ours, lanes included, looks after the others.
        """
        find = self.env["ir.model.data"]._xmlid_to_res_id
        ids = [find(f"{ADDON}.{name}", raise_if_not_found=False) for name in JOBS]
        jobs = self.env["ir.cron"].sudo()
        for job in jobs.search([("id", "in", ids), ("active", "=", False)]):
            _logger.warning("The job %s was switched off; it is on again", job.name)
            job.active = True

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

    def _revive_lane(self):
        """Give back its lane to an account that lost it.

        Odoo switches a job off that has failed for a week, and people delete what they
        do not know.
        """
        account = self.sudo()
        if account._credential().api_key and not account.cron_id.active:
            _logger.warning("%s had no lane any more", account)
            account._ensure_lane()
            account._wake()
        account._bring_forward()

    def _bring_forward(self):
        """Let documents go on that were put off before the clock was set back."""
        now = self.env["salon.invoice.document"]._now()
        far = self.env["salon.invoice.document"].search(
            [
                ("account_id", "=", self.id),
                ("state", "in", ("waiting", "checking")),
                ("next_attempt", ">", now + LONGEST),
            ],
            limit=BATCH,
        )
        if far:
            far.next_attempt = now
            self._wake()

    def _stranded(self):
        """Return documents that wait at accounts without a key: of ``self``, or all."""
        domain = [
            ("state", "in", ("waiting", "sending", "checking")),
            ("account_id.state", "in", ("draft", "disconnected")),
        ]
        if self:
            domain.append(("account_id", "in", self.ids))
        return self.env["salon.invoice.document"].search(domain, limit=BATCH)

    def _leave_stranded_to_humans(self):
        """What waits at an account without a key would wait for ever."""
        for document in self._stranded():
            document._need_attention(
                self.env._(
                    "%(account)s is not connected any more. Connect it again and "
                    "retry, or look there and record what was made by hand.",
                    account=self.name,
                ),
                "disconnected",
            )
            self.env["ir.cron"]._commit_progress(1)
