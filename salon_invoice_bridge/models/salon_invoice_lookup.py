from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

#: How many tax numbers a user, and a company, may ask about in an hour: more than a
#: busy desk does, far below what a service allows.
PER_USER, PER_COMPANY = 30, 120
WINDOW = timedelta(hours=1)


class SalonInvoiceLookup(models.Model):
    """That somebody has asked about a tax number, so that not too many are asked."""

    _name = "salon.invoice.lookup"
    _description = "Look-up of a Tax Number"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")

    @api.model
    def _count(self, company):
        """Note a look-up of this user for ``company``.

        :raises UserError: if there were too many within :data:`WINDOW`
        """
        lookups = self.sudo()
        since = ("create_date", ">=", fields.Datetime.now() - WINDOW)
        for domain, most in (
            (("create_uid", "=", self.env.uid), PER_USER),
            (("company_id", "=", company.id), PER_COMPANY),
        ):
            if lookups.search_count([since, domain], limit=most) >= most:
                raise UserError(
                    self.env._(
                        "Too many tax numbers were asked about within an hour. Try "
                        "again later."
                    )
                )
        lookups.create({"company_id": company.id})

    @api.autovacuum
    def _gc_lookups(self):
        old = fields.Datetime.now() - 2 * WINDOW
        self.search([("create_date", "<", old)]).unlink()
