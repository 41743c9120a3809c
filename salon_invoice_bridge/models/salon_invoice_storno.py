import json

from odoo import models
from odoo.exceptions import UserError

from ..billing import errors
from ..billing.codec import from_json, to_json
from ..billing.invoice import Cancellation, Kind
from .content_problem import ContentProblem


class SalonInvoiceStorno(models.Model):
    """The storno: a document of its own, linked to the one that it cancels.

    No service gives a storno a key of ours that could be trusted, so its recovery is
    the look at the original: it is cancelled, and then names its storno, or it stands.
    """

    _inherit = "salon.invoice.document"

    _one_storno = models.UniqueIndex(
        "(origin_id) WHERE kind = 'storno' AND state != 'skipped'",
        "This document is being cancelled already.",
    )

    def _build(self, provider, exchanges):
        if self.kind != "storno":
            return super()._build(provider, exchanges)
        original = self.origin_id
        if not original._is_known_there():
            raise errors.Rejected(self._made_by_hand(original))
        emails = original._mailed_to()
        wish = Cancellation(
            original=original._issued(),
            external_key=self.external_key,
            reason=self.reason or "",
            # Where the service mails by wish, a step does it: its outcome is seen.
            emails=emails if provider.capabilities.mails_on_issue else (),
        )
        return self.write(
            {
                "request": json.dumps(to_json(wish)),
                "amount_gross": -float(original._issued().gross),
            }
        )

    def _made_by_hand(self, original):
        return self.env._(
            "%s was made at the service by hand, so its storno or correction is made "
            "there, too. Record the number of it here.",
            original.name,
        )

    def _cancellation(self):
        """Return the frozen ``billing.invoice.Cancellation`` of a storno."""
        return from_json(Cancellation, json.loads(self.request))

    def _perform(self, provider, exchanges):
        if self.kind != "storno":
            return super()._perform(provider, exchanges)
        return self.account_id._call(
            self, "cancel", exchanges, lambda: provider.cancel(self._cancellation())
        )

    def _find(self, provider, exchanges):
        if self.kind != "storno":
            return super()._find(provider, exchanges)
        if not self.request:
            self._build(provider, exchanges)
        try:
            return self.account_id._call(
                self,
                "find_cancellation",
                exchanges,
                lambda: provider.find_cancellation(self._cancellation()),
            )
        except errors.Rejected as error:
            raise ContentProblem(
                self.env._(
                    "%s has been cancelled at the service, but the service does not "
                    "tell by which document. Look for it there and record its number.",
                    self.origin_id.name,
                )
            ) from error

    def _proves_absence(self, provider):
        # The original is read by its own id: it stands, or it does not.
        return self.kind == "storno" or super()._proves_absence(provider)

    def _differences(self, found):
        if self.kind != "storno":
            return super()._differences(found)
        original = self.origin_id._issued()
        pairs = (
            ("kind", Kind.STORNO.value, found.kind.value),
            ("gross", -original.gross, found.gross),
            ("currency", original.currency, found.currency),
        )
        return tuple(pair for pair in pairs if pair[1] != pair[2])

    def _on_settled(self):
        """The original is cancelled by whatever way its storno came to be known."""
        original = self.origin_id
        if (self.kind, self.state) == ("storno", "issued") and (
            original.state == "issued" or original._is_different_there()
        ):
            attended = original.state == "attention"
            original._transition("cancelled", reason=self.reason)
            if attended:  # what is told of an issued one is for a person to close
                original._done_with_attention()
            original._message_log(
                body=self.env._(
                    "Cancelled by %(storno)s: %(reason)s",
                    storno=self.number or "",
                    reason=self.reason or "-",
                )
            )
        return super()._on_settled()

    # === BY HAND === #

    def _is_being_cancelled(self):
        return bool(
            self.follow_up_ids.filtered(
                lambda row: row.kind == "storno" and row.state != "skipped"
            )
        )

    def _check_may_manage(self):
        """Storno, finalizing and payments are for those who answer for invoices."""
        user = self.env.user
        groups = (
            "point_of_sale.group_pos_manager",
            "account.group_account_invoice",
            "base.group_system",
        )
        if not any(user.has_group(group) for group in groups):
            raise UserError(
                self.env._(
                    "Only managers of Point of Sale, users of Invoicing and "
                    "administrators may do this."
                )
            )
        self.check_access("read")

    def _check_can_cancel(self):
        """Refuse what the service would refuse, or what would be done twice.

        :raises UserError: with what to do instead
        """
        self.ensure_one()
        if self.kind == "correction" or not self._stands_there("invoice", "remainder"):
            raise UserError(self.env._("Only an issued invoice can be cancelled."))
        if self._corrections():
            raise UserError(
                self.env._(
                    "%s has been corrected, and a corrected invoice cannot be "
                    "cancelled. Refund the rest of it in the till: that makes another "
                    "correction.",
                    self.number,
                )
            )
        sale = self.order_id._salon_returned_order() or self.order_id
        blocker = self._unsettled_before(sale)
        if blocker:
            states = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(document)s of the same sale is not settled yet: %(state)s.",
                    document=blocker.name,
                    state=states[blocker.state],
                )
            )
        if self.account_id.state in ("draft", "disconnected"):
            raise UserError(
                self.env._(
                    "%s has been disconnected. Connect it again first: an invoice is "
                    "cancelled where it was issued.",
                    self.account_id.name,
                )
            )

    def _request_storno(self, reason):
        """Write the wish that this invoice be cancelled; return the storno's row."""
        self._check_may_manage()
        document = self.sudo()
        document._check_can_cancel()
        storno = document.create(
            {
                "order_id": document.order_id.id,
                "account_id": document.account_id.id,
                "kind": "storno",
                "generation": document._next_generation(document.order_id, "storno"),
                "origin_id": document.id,
                "reason": reason,
                "next_attempt": document._now(),
            }
        )
        document._message_log(
            body=self.env._(
                "%(user)s has asked for the storno: %(reason)s",
                user=self.env.user.name,
                reason=reason,
            )
        )
        storno.account_id._wake()
        return storno

    # === RE-ISSUE === #

    def action_reissue(self):
        """Ask for a new invoice in place of a cancelled one, from data as they are now.

        :raises UserError: if an invoice of the sale stands, or nothing is left of it
        """
        self.ensure_one()
        self._check_may_manage()
        document = self.sudo()
        order = document.order_id
        if document != order.salon_document_id or document.state != "cancelled":
            raise UserError(
                self.env._("Only the cancelled invoice of a sale is issued again.")
            )
        if document._standing():
            raise UserError(
                self.env._("%s stands for this sale.", document._standing().name)
            )
        if order.account_move:
            raise UserError(
                self.env._("%s stands for this sale.", order.account_move.name)
            )
        new = document._reissue(document.generation + 1)
        return new._get_records_action()

    def _reissue(self, generation):
        """Return the row of the next generation: the sale as it is now."""
        order = self.order_id
        facts = self._facts_for_person(order._salon_return_orders())
        if not facts["lines"]:
            raise UserError(self.env._("Everything of this sale has come back."))
        account = order._salon_policy().account
        if not account:
            raise UserError(self.env._("No invoicing service is connected."))
        new = self.create(
            {
                "order_id": order.id,
                "account_id": account.id,
                "kind": self.kind,
                "generation": generation,
                "facts": facts,
                "next_attempt": self._now(),
            }
        )
        account._wake()
        return new
