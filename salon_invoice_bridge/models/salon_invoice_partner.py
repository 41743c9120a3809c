import hashlib
import json

from odoo import api, fields, models
from odoo.tools import SQL


class SalonInvoicePartner(models.Model):
    """A customer as one account at one service knows it.

    Keyed by account, because an id of one account means nothing, or another customer,
    at another: after a key of another account has been entered, the rows are not used.
    ``synced`` is a hash of the data that were last sent, which are sent again only when
    they have changed. Without a customer the row is the account's walk-in buyer. A row
    without ``remote_id`` was written before the first call: until its answer is stored,
    the service may or may not have the customer.
    """

    _name = "salon.invoice.partner"
    _description = "Customer at an Invoicing Service"
    _rec_name = "remote_id"
    _check_company_auto = True

    account_id = fields.Many2one(
        "salon.invoice.account", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    partner_id = fields.Many2one(
        "res.partner", index=True, ondelete="cascade", check_company=True
    )
    remote_id = fields.Char(string="Id at the Service")
    fingerprint = fields.Char(help="Whose account the id is of.")
    synced = fields.Char(help="SHA-256 of what was last sent to the service.")

    _by_remote_id = models.Index("(account_id, remote_id)")
    _one_per_customer = models.UniqueIndex(
        "(account_id, partner_id) WHERE partner_id IS NOT NULL"
    )
    _one_walk_in = models.UniqueIndex("(account_id) WHERE partner_id IS NULL")

    @api.model
    def _known(self, account, partner):
        """Return the row of ``partner`` (empty: the walk-in) at ``account``.

        A row that was made with the key of another account at the service is deleted.
        """
        known = self.search(
            [("account_id", "=", account.id), ("partner_id", "=", partner.id)]
        )
        if known and (known.fingerprint or "") != (account.fingerprint or ""):
            known.unlink()
            known = self.browse()
        return known

    @api.model
    def _known_id(self, account, fingerprint, partner, buyer):
        """Return the id at the service of a buyer who was last sent as they are now.

        In one statement, for the lane.

        :param int account: id
        :param str fingerprint: of the account
        :param partner: id of the customer, False for the walk-in buyer
        :param buyer: the buyer's data (JSON-ready)
        :return: "" if the buyer must be sent to the service
        """
        whose = (
            SQL("partner_id = %s", partner) if partner else SQL("partner_id IS NULL")
        )
        self.env.cr.execute(
            SQL(
                "SELECT remote_id FROM salon_invoice_partner WHERE account_id = %s "
                "AND %s AND COALESCE(fingerprint, '') = %s AND synced = %s",
                account,
                whose,
                fingerprint or "",
                self._digest(buyer),
            )
        )
        known = self.env.cr.fetchone()
        return known[0] or "" if known else ""

    @api.model
    def _digest(self, data):
        """Return the hash of a buyer's data (JSON-ready)."""
        text = json.dumps(data, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @api.model
    def _begin(self, account, partner):
        """Create the row of ``partner`` before the call that creates it at the service.

        To be committed before the call.
        """
        return self.create(
            {
                "account_id": account.id,
                "partner_id": partner.id,
                "fingerprint": account.fingerprint,
            }
        )

    def _unless_taken(self, remote_id):
        """Return an id at the service, "" if it is another customer's (or none).

        Two who are alike today may differ tomorrow.
        """
        taken = remote_id and self.search_count(
            [
                ("account_id", "=", self.account_id.id),
                ("remote_id", "=", remote_id),
                ("id", "not in", self.ids),
            ]
        )
        return "" if taken else remote_id or ""
