from odoo import api, models, tools


class ResCurrency(models.Model):
    _inherit = "res.currency"

    @api.model
    def _salon_by_code(self, code):
        """Return the currency of an ISO code, archived or not; none if it is unknown.

        Documents name currencies by their codes, and so do services.

        :param str code: such as "HUF"
        """
        return self.browse(self._salon_id_by_code(code) or ())

    @api.model
    @tools.ormcache("code", cache="stable")
    def _salon_id_by_code(self, code):
        """Return the id of a currency, False if it is unknown.

        In the cache that Odoo clears when a currency is created, renamed or deleted.
        """
        currencies = self.with_context(active_test=False)
        return currencies.search([("name", "=", code)], limit=1).id
