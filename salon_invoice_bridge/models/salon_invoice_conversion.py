import dataclasses

from odoo import fields, models
from odoo.exceptions import UserError

from ..billing import errors
from ..billing.invoice import Kind
from ..billing.returns import part_of
from .pos_order import MAIN_KINDS

#: Documents that are not invoices yet.
UNFINISHED = ("draft", "proforma")


class SalonInvoiceConversion(models.Model):
    """Drafts and proformas: reviewed, made an invoice, or discarded.

    The invoice that a draft or proforma becomes is a row of its own, whose *origin* is
    what it was: it is claimed, sent and recovered like every other document.
    """

    _inherit = "salon.invoice.document"

    # === A PERSON'S WISH === #

    def action_finalize(self):
        """Make invoices of these drafts and proformas."""
        self._check_may_manage()
        for document in self.sudo():
            document._check_unfinished()
            if document._is_different_there():
                raise UserError(
                    self.env._("%s is not what was asked for.", document.name)
                )
            document._request_invoice()
        return self._wish_noted()

    def _request_invoice(self):
        """Return the row of the invoice that this draft or proforma becomes.

        It may have been dropped before: then it is asked for again.
        """
        self.ensure_one()
        invoice = self.follow_up_ids.filtered(lambda row: row.state == "skipped")
        if invoice:
            invoice._ask_again()
        else:
            invoice = self.create(
                {
                    "order_id": self.order_id.id,
                    "account_id": self.account_id.id,
                    "kind": "invoice",
                    "generation": self.generation,
                    "origin_id": self.id,
                    "facts": self.facts,
                    "buyer_choice": self.buyer_choice,
                    "next_attempt": self._now(),
                }
            )
        invoice.account_id._wake()
        return invoice

    def action_discard(self):
        """Have these drafts deleted and these proformas archived at the service."""
        self._check_may_manage()
        for document in self:
            document.sudo()._check_unfinished()
            document._wish("discard")
        return self._wish_noted()

    def _check_unfinished(self):
        """Refuse what is no draft or proforma, or has its fate decided already.

        :raises UserError: with the reason
        """
        if not self._stands_there(*UNFINISHED):
            raise UserError(
                self.env._(
                    "%s is no draft or proforma that waits at the service.", self.name
                )
            )
        if not self._is_known_there():
            raise UserError(self._made_by_hand(self))
        if self.follow_up_ids.filtered(lambda row: row.state != "skipped"):
            raise UserError(self.env._("%s is being made an invoice.", self.name))
        if self._is_being_discarded():
            raise UserError(self.env._("%s is being discarded.", self.name))

    def _is_being_discarded(self):
        return any(
            step.kind == "discard" and step.state in ("todo", "doing")
            for step in self.step_ids
        )

    # === THE LANE === #

    def _is_conversion(self):
        return self.kind == "invoice" and self.origin_id.kind in UNFINISHED

    def _or_its_draft(self):
        """Return this document, or what it was to be made of if it was dropped."""
        dropped = self.state == "skipped" and self._is_conversion()
        return self.origin_id if dropped else self

    def _is_ready(self, provider, exchanges):
        if not self._is_conversion():
            return super()._is_ready(provider, exchanges)
        original = self.origin_id
        if original.state != "issued":
            return self._need_none("dropped")
        if self._is_made_there(provider, exchanges):
            # Somebody has made it at the service: it is compared and adopted.
            self._build(provider, exchanges)
            self._look_only()
            return False
        self._take_up_refunds()
        # Converting a proforma once more returns the invoice that there is.
        return self._is_used_up(provider, exchanges) or not self._drop_refunded()

    def _is_used_up(self, provider, exchanges):
        """Say whether an invoice was made of the proforma, which is still there.

        Asked only where everything may have come back: the invoice must not be missed.
        """
        proforma = self.origin_id
        if proforma.kind != "proforma" or not self.order_id._salon_return_orders():
            return False
        made = self.account_id._call(
            self, "made_of", exchanges, lambda: provider.made_of(proforma._issued())
        )
        return bool(made)

    def _drop_with_refunds(self, sale):
        if not self._is_conversion():
            return super()._drop_with_refunds(sale)
        return self._need_none("refunded")  # its draft is there: the refund discards it

    def _look_only(self):
        """Have the service asked for a document that was made there: never send it."""
        now = self._now()
        self._transition(
            "checking", sent_at=now, next_attempt=now, looking_after="absent"
        )

    def _is_made_there(self, provider, exchanges):
        """Say whether the service has made the invoice of the original already.

        :raises billing.errors.Rejected: the original was changed or deleted there,
            or made by hand
        """
        original = self.origin_id
        if not original._is_known_there():
            raise errors.Rejected(self._made_by_hand(original))
        try:
            current = self._read(provider, exchanges, original)
        except errors.Rejected as error:
            if error.reason is not errors.Reason.NOT_FOUND:
                raise
            return self._is_made_of_vanished(provider, exchanges)
        if current.kind is Kind.INVOICE:
            return True
        changes = original._changes(current)
        if changes:
            raise errors.Rejected(
                self.env._(
                    "%(document)s was changed at the service (%(changes)s). Make the "
                    "invoice there, or discard it.",
                    document=original.name,
                    changes=original._tell_differences(changes),
                )
            )
        return False

    def _changes(self, current):
        """Return how somebody has changed this draft or proforma at the service.

        The invoice is made of what Odoo knows, and would undo what was changed there.

        :param billing.invoice.IssuedDocument current: as it stands there now
        :return: tuples of what, as it was made, and as it is; see ``_tell_differences``
        """
        meant, made = self._invoice(), self._issued()
        pairs = [
            (what, getattr(made, what), getattr(current, what))
            for what in (
                "currency",
                "exchange_rate",
                "net",
                "fulfillment_date",
                "due_date",
            )
        ]
        pairs.append(("gross", meant.gross, current.gross))
        if not _is_known(made.partner_id, current.partner_id):
            pairs.append(("buyer_name", made.buyer_name, current.buyer_name))
        elif made.partner_id != current.partner_id:
            pairs.append(
                (
                    "buyer_name",
                    f"{made.buyer_name} ({made.partner_id})",
                    f"{current.buyer_name} ({current.partner_id})",
                )
            )
        changes = [
            (what, ours, theirs)
            for what, ours, theirs in pairs
            if _is_known(ours, theirs) and ours != theirs
        ]
        if made.comment.split() != current.comment.split():
            changes.append(("comment", made.comment, current.comment))
        return tuple(changes)

    def _is_made_of_vanished(self, provider, exchanges):
        """Say whether the service has consumed the original for its invoice.

        :raises billing.errors.Rejected: it was deleted there
        """
        self._build(provider, exchanges)
        if super()._find(provider, exchanges):
            return True
        raise errors.Rejected(
            self.env._(
                "%s is not at the service any more: somebody has deleted it there.",
                self.origin_id.name,
            )
        )

    def _read(self, provider, exchanges, document):
        """Return how ``document`` stands at the service now."""
        return self.account_id._call(
            self, "get", exchanges, lambda: provider.get(document._issued())
        )

    def _resolve(self):
        invoice = super()._resolve()
        if not self._is_conversion():
            return invoice
        reviewed = self.origin_id._invoice()
        own = {}
        if self.origin_id.kind == "draft":
            own["external_key"] = reviewed.external_key  # it stays the same document
        else:
            own["proforma_number"] = self.origin_id.number
            own["proforma_id"] = self.origin_id.remote_id
        return dataclasses.replace(
            invoice,
            lines=reviewed.lines,
            buyer=reviewed.buyer,
            order_number=reviewed.order_number,
            comment=reviewed.comment,
            exchange_rate=reviewed.exchange_rate,
            **own,
        )

    def _perform(self, provider, exchanges):
        if not self._is_conversion():
            return super()._perform(provider, exchanges)
        draft = self.origin_id.kind == "draft"
        operation = "finalize" if draft else "convert_proforma"
        original, request = self.origin_id._issued(), self.request.encode()
        return self.account_id._call(
            self,
            operation,
            exchanges,
            lambda: getattr(provider, operation)(original, request),
        )

    def _find(self, provider, exchanges):
        if self._is_conversion() and self.origin_id.kind == "draft":
            try:
                current = self._read(provider, exchanges, self.origin_id)
            except errors.Rejected as error:
                if error.reason is not errors.Reason.NOT_FOUND:
                    raise
            else:
                return current if current.kind is Kind.INVOICE else None
        return super()._find(provider, exchanges)

    def _issued_values(self, issued, meant):
        values = super()._issued_values(issued, meant)
        account = self.account_id
        if told := account._warn_of_kind(account.provider, self.kind):
            values["warning"] = " ".join(filter(None, (values["warning"], told)))
        return values

    def _on_issued(self, provider, issued):
        if self._is_conversion() and self.origin_id.state == "issued":
            self.origin_id._transition("converted")
        return super()._on_issued(provider, issued)


def _is_known(*values):
    """True if the service has told each of ``values``."""
    return not any(value in (None, "") for value in values)


class SalonInvoiceDiscard(models.Model):
    _inherit = "salon.invoice.step"

    kind = fields.Selection(
        selection_add=[("discard", "Discard")], ondelete={"discard": "cascade"}
    )

    def _run_discard(self, provider, exchanges):
        """Delete a draft, archive or delete a proforma; make anew what was kept.

        An invoice that the service has made of it meanwhile is adopted instead: a
        refund waits for it, a person is told.

        :raises billing.errors.Rejected: a person's wish cannot be fulfilled
        """
        document = self.document_id
        if document._stands_there(*UNFINISHED):
            if not document._is_known_there():
                raise errors.Rejected(document._made_by_hand(document))
            try:
                self._call(provider, exchanges, "discard")
            except errors.Rejected as error:
                if error.reason is not errors.Reason.CLOSED:
                    raise
                if not document._is_different_there():
                    document._on_finalized_there()
                if self.user_id:
                    raise
                return
            document._transition("discarded")
            document._done_with_attention()
        wish = self.arguments or {}
        kept = wish.get("lines")
        if kept and document._is_last() and document.state == "discarded":
            document._make_anew(kept, wish.get("refunds") or [wish["until"]])


class SalonInvoiceMadeAnew(models.Model):
    _inherit = "salon.invoice.document"

    def _is_last(self):
        """True unless somebody has asked for another one in its place."""
        sold = self.order_id.salon_document_ids.filtered(
            lambda row: row.kind in MAIN_KINDS
        )
        return self.generation == max(sold.mapped("generation"))

    def _make_anew(self, kept, refunds):
        """Ask for a new draft or proforma of what the customer kept.

        :param kept: entries, see ``billing.returns``
        :param refunds: ids of the orders that took back what these entries have lost
        """
        counted = sorted({*self.facts.get("refunds", ()), *refunds})
        self.create(
            {
                "order_id": self.order_id.id,
                "account_id": self.account_id.id,
                "kind": self.kind,
                "generation": self.generation + 1,
                "facts": {**part_of(self.facts, kept), "refunds": counted},
                "next_attempt": self._now(),
            }
        )
