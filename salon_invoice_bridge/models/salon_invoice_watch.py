from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models

from ..billing import errors
from ..billing.invoice import Kind
from .salon_invoice_conversion import UNFINISHED

#: Documents whose fate at the service is followed.
WATCHED = ("invoice", "remainder", "draft", "proforma")


class SalonInvoiceWatch(models.Model):
    """What somebody did at the service itself: found, shown, never overwritten."""

    _inherit = "salon.invoice.document"

    looked_at = fields.Datetime(
        readonly=True, copy=False, help="When the service was last asked about it."
    )

    def action_look(self):
        """Ask the service how these documents stand now."""
        self._check_may_generate()
        for document in self:
            document._wish("look")
        return self._wish_noted()

    def _compare(self, current):
        """Show how the document at the service differs from what we know.

        :param current: ``billing.invoice.IssuedDocument``
        """
        self.ensure_one()
        self.looked_at = self._now()
        if current.exchange_rate and not self.exchange_rate:
            self.exchange_rate = float(current.exchange_rate)
        if self.state != "issued":
            return
        if self.kind in ("invoice", "remainder"):
            if current.cancelled:
                self._on_cancelled_there()
            else:
                self._compare_payments(current)
        elif current.kind is Kind.INVOICE:
            self._on_finalized_there()
        elif changes := self._changes(current):
            self._show(
                self.env._(
                    "Changed at the service (%s).", self._tell_differences(changes)
                )
            )

    def _on_cancelled_there(self):
        """Find the storno that was made at the service, and adopt it."""
        if self.follow_up_ids.filtered(
            lambda row: row.kind == "storno" and row.state != "skipped"
        ):
            return
        storno = self.create(
            {
                "order_id": self.order_id.id,
                "account_id": self.account_id.id,
                "kind": "storno",
                "generation": self._next_generation(self.order_id, "storno"),
                "origin_id": self.id,
                "reason": self.env._("Cancelled at the service"),
            }
        )
        storno._look_only()
        self._alert(
            self.env._("Cancelled at the service"),
            self.env._("%s was cancelled at the service, not by Odoo.", self.number),
        )

    def _on_finalized_there(self):
        if not self.follow_up_ids.filtered(lambda row: row.state != "skipped"):
            self._request_invoice()

    def _compare_payments(self, current):
        theirs, ours = current.outstanding, Decimal(str(self.amount_outstanding))
        if theirs is None or theirs == ours:
            return
        self.amount_outstanding = float(theirs)
        self._message_log(
            body=self.env._(
                "A payment was registered or undone at the service: %(theirs)s is "
                "outstanding there, it was %(ours)s.",
                theirs=self._in_words(theirs),
                ours=self._in_words(ours),
            )
        )

    def _on_vanished(self):
        """The service does not have the document any more."""
        self.looked_at = self._now()
        if self.kind in ("draft", "proforma") and self.state == "issued":
            self._transition("discarded")
            self._message_log(
                body=self.env._(
                    "It is not at the service any more: it was deleted there, or an "
                    "invoice was made of it there."
                )
            )
        else:
            self._show(self.env._("The service does not find this document any more."))

    def _show(self, warning):
        if self.warning != warning:
            self.warning = warning
            self._alert(self.env._("Look at the invoice at the service"), warning)


class SalonInvoiceWatchStep(models.Model):
    _inherit = "salon.invoice.step"

    kind = fields.Selection(
        selection_add=[("look", "Look at the service")], ondelete={"look": "cascade"}
    )

    def _run_look(self, provider, exchanges):
        try:
            current = self._call(provider, exchanges, "get")
        except errors.Rejected as error:
            if error.reason is not errors.Reason.NOT_FOUND:
                raise
            self._look_for_invoice(provider, exchanges)
        else:
            self.account_id._learn(current)
            self.document_id._compare(current)

    def _look_for_invoice(self, provider, exchanges):
        """The document is gone: deleted, unless it was used up for an invoice there."""
        document = self.document_id
        if (
            document.kind in UNFINISHED
            and document.state == "issued"
            and self._call(provider, exchanges, "made_of")
        ):
            document.looked_at = document._now()
            document._on_finalized_there()
        else:
            document._on_vanished()


class SalonInvoiceDailyCheck(models.Model):
    _inherit = "salon.invoice.account"

    @api.model
    def _cron_daily_check(self):
        """Have each lane look at the documents of the last days.

        Bounded by the parameters ``watch_days`` and ``watch_limit`` (documents of one
        account in one day): those that were not looked at for longest come first.
        """
        accounts = self.search([("state", "in", ("connected", "retired"))])
        if accounts:  # else nothing is connected: a neutralized copy stays quiet
            self._revive_jobs()
        accounts._one_by_one("_plan_looks")

    def _plan_looks(self):
        for document in self._documents_to_watch():
            document._plan_look()
        self._wake()

    def _documents_to_watch(self):
        since = fields.Datetime.now() - timedelta(days=self._parameter("watch_days"))
        return self.env["salon.invoice.document"].search(
            [
                ("account_id", "=", self.id),
                ("state", "=", "issued"),
                ("kind", "in", WATCHED),
                ("snapshot", "!=", False),  # see _is_known_there
                ("issued_at", ">=", since),
            ],
            order="looked_at NULLS FIRST, id desc",
            limit=int(self._parameter("watch_limit")),
        )


class SalonInvoiceLook(models.Model):
    _inherit = "salon.invoice.document"

    def _step_kinds(self, capabilities, *facts):
        kinds = super()._step_kinds(capabilities, *facts)
        if capabilities.documents_tell_sandbox and self.account_id._sandbox() is None:
            kinds.append("look")
        return kinds

    def _plan_look(self):
        """Plan a look, on the row of the last one: a look a day leaves no rows."""
        looks = self.step_ids.filtered(lambda step: step.kind == "look")
        if not looks:
            self._plan_step("look")
        elif not looks.filtered(lambda step: step.state in ("todo", "doing")):
            looks[-1].write({"state": "todo", "tries": 0, "next_attempt": self._now()})
