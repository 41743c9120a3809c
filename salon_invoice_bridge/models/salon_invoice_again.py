from odoo import models
from odoo.exceptions import UserError

from ..billing import errors
from .pos_order import RETURN_KINDS


class SalonInvoiceAgain(models.Model):
    """A document that was skipped or discarded, and that somebody asks for after all.

    What may be at the service is looked for there first: the same bytes at the same
    account.  All else is a new wish, of the kind and at the account that its till has
    by now, from the sale as it is.  Nothing is asked for again by itself.
    """

    _inherit = "salon.invoice.document"

    def _ask_again(self):
        """Let a skipped document be looked for, or wait to be built anew."""
        self.ensure_one()
        values = {
            "skip_reason": False,
            "settled_by_id": False,
            "next_attempt": self._now(),
            "failure_count": 0,
            "empty_looks": 0,
        }
        if self.sent_at and not self._is_overtaken():
            self._transition("checking", **values)
            return
        values.update(self._wanted_now(), **self._unsent_values())
        self._transition("waiting", **values)

    def _is_overtaken(self):
        """True if another storno has cancelled the original of this one.

        A look at the original would find that other one.
        """
        return self.kind == "storno" and self.origin_id.state != "issued"

    def _is_discarded(self):
        """True if nothing is left at the service that could become the invoice."""
        return self._or_its_draft().state == "discarded"

    def _make_next(self, reason):
        """Return a new document in place of a discarded one: the sale as it is now.

        :param reason: why it is skipped; False to have it made
        :raises UserError: if more came back of the sale than was sold
        """
        facts = self._facts_for_person(self.order_id._salon_return_orders())
        if not facts["lines"]:
            reason = reason or "refunded"
        return self.order_id._salon_create_sold(
            reason, facts=facts, generation=self.generation + 1
        )

    def _facts_for_person(self, refunds):
        """Return :meth:`_facts_now`, for somebody who asks for the document.

        :raises UserError: if more came back of the sale than was sold
        """
        try:
            return self._facts_now(refunds)
        except errors.Rejected as error:
            raise UserError(error.message) from error

    def _wanted_now(self):
        """Return account, facts and kind as they are by now.

        What a draft, a proforma or a storno is continued by stays what it is; a refund
        is decided anew.

        :raises UserError: if more came back of the sale than was sold
        """
        if self.kind == "remainder" or (self.origin_id and self.kind == "invoice"):
            return {}
        policy = self.order_id._salon_policy()
        if self.kind in RETURN_KINDS:
            kind, account = "refund", self.order_id._salon_account()
            facts = self.order_id._salon_facts()
        else:
            kind, account = policy.kind, policy.account
            counted = (self.facts or {}).get("refunds", ())
            facts = self._facts_for_person(self.order_id.browse(counted))
        return {
            "account_id": account.id,
            "facts": facts,
            "origin_id": False,
            **self._as_kind(kind),
        }

    def _transition(self, state, **values):
        if state == "skipped":
            # That nothing arrived is known by the problem, which is forgotten now.
            self.filtered(
                lambda row: row.sent_at and not row._may_have_arrived()
            ).write({"sent_at": False})
        return super()._transition(state, **values)
