from odoo import fields, models

from ..billing.invoice import NavState

#: Seconds between the looks at a report that NAV has not answered yet: they double.
FIRST_PAUSE, LONGEST_PAUSE = 60, 6 * 3600
#: Looks until it is left to a human; two days and a half by then.
MAX_LOOKS = 18


class SalonInvoiceNav(models.Model):
    """Where the service's report of a document to the tax authority (NAV) stands."""

    _inherit = "salon.invoice.document"

    nav_state = fields.Selection(
        [
            (NavState.PENDING.value, "On its way"),
            (NavState.ACCEPTED.value, "Accepted"),
            (NavState.WARNING.value, "Accepted with a warning"),
            (NavState.REJECTED.value, "Rejected"),
            (NavState.NOT_REPORTED.value, "Need not be reported"),
            (NavState.UNKNOWN.value, "Not known"),
        ],
        string="Report to NAV",
        readonly=True,
        copy=False,
    )
    nav_detail = fields.Char(readonly=True, copy=False)

    def _step_kinds(self, capabilities, issued, meant):
        kinds = super()._step_kinds(capabilities, issued, meant)
        if capabilities.nav_status and self.kind not in ("draft", "proforma"):
            kinds.append("nav")
        return kinds

    def _alert(self, summary, message):
        """Tell the recipients about a document that stands as it is."""
        self.message_post(body=message)
        self.account_id._tell(self, summary, message)

    def _note_nav(self, status):
        """Record the state of the report; a rejection is an alert, once.

        :param status: ``billing.invoice.NavStatus``
        """
        was = self.nav_state
        self.write({"nav_state": status.state.value, "nav_detail": status.detail})
        if status.state is NavState.REJECTED and was != NavState.REJECTED.value:
            self._alert(
                self.env._("NAV has rejected the report of an invoice"),
                self.env._(
                    "NAV has rejected the report of %(number)s: %(detail)s. The "
                    "invoice stands; mend the cause at the service, or cancel it and "
                    "issue it again.",
                    number=self.number,
                    detail=status.detail,
                ),
            )


class SalonInvoiceNavStep(models.Model):
    _inherit = "salon.invoice.step"

    kind = fields.Selection(
        selection_add=[("nav", "Report to NAV")], ondelete={"nav": "cascade"}
    )

    def _run_nav(self, provider, exchanges):
        document = self.document_id
        status = self._call(provider, exchanges, "nav_status")
        document._note_nav(status)
        if status.state is not NavState.PENDING:
            # The service's own words only where they explain something.
            told = status.state in (NavState.WARNING, NavState.REJECTED)
            labels = dict(
                document._fields["nav_state"]._description_selection(self.env)
            )
            return (told and status.detail) or labels[status.state.value]
        if self.tries >= MAX_LOOKS:
            return self.env._("NAV has not answered yet. Look at it at the service.")
        pause = min(FIRST_PAUSE * 2 ** (self.tries - 1), LONGEST_PAUSE)
        return self._again(pause, self.env._("NAV has not answered yet."))
