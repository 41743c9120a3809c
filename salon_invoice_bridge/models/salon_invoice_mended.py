from odoo import api, fields, models
from odoo.fields import Domain


class SalonInvoiceMended(models.AbstractModel):
    """A record in which a problem of documents is solved, and what stops for it.

    Whoever has mended it retries all of them by one press in its form.
    """

    _name = "salon.invoice.mended"
    _description = "What Documents Stop For"

    salon_stopped_count = fields.Integer(
        string="Documents That Stop Here",
        compute="_compute_salon_stopped_count",
        help="Documents that need attention because of this record.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_salon_stopped_count(self):
        may_see = self.env["salon.invoice.batch"].has_access("read")
        for record in self:
            stopped = may_see and record._origin and record._origin._salon_stopped()
            record.salon_stopped_count = len(stopped or ())

    def _salon_stopped(self):
        """Return the documents that wait for this record, as far as the user sees."""
        self.ensure_one()
        return self.env["salon.invoice.batch"]._stopped(self._salon_stopped_domain())

    def _salon_stopped_domain(self):
        """Return what tells the documents that wait for this record from others."""
        return Domain("problem_record", "=", f"{self._name},{self.id}")

    def action_salon_retry_stopped(self):
        """Retry all documents that wait for this record, and show the results.

        :raises UserError: if the user may not sell or invoice, or nothing waits
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["salon.invoice.batch"]._request_of_stopped(
            self._salon_stopped(), self.display_name
        )
