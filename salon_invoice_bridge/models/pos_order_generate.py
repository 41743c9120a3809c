from odoo import models

from .salon_invoice_document import OPEN

#: Sales that are named one by one in the answer to a bulk request.
NAMED = 5
#: Reasons for which a sale has no document until somebody asks for it.
ASKABLE = ("manual", "walk_in", "on_request", "customer_account", "dropped")


class PosOrder(models.Model):
    """Asking for documents by hand, and asking what has become of them.

    At the till and by the guest it is only asked: nothing there changes the sale.
    """

    _inherit = "pos.order"

    def action_salon_generate(self):
        """Ask for the documents of these sales, and say at once what came of it.

        Nothing is issued here: the worker does that.  A sale that has its document
        keeps it, however often it is asked for.
        """
        self.env["salon.invoice.document"]._check_may_generate()
        self.check_access("read")
        answers = {}
        for order in self:
            name = order.pos_reference or order.name
            answers.setdefault(order._salon_generate_by_hand(), []).append(name)
        lines = [
            f"{', '.join(names[:NAMED])}{'…' if len(names) > NAMED else ''}: {answer}"
            if len(self) <= NAMED
            else self.env._("%(count)s × %(answer)s", count=len(names), answer=answer)
            for answer, names in answers.items()
        ]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Generate invoice"),
                "message": "; ".join(lines),
                "type": "info",
                "sticky": len(lines) > 1,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _salon_generate_by_hand(self):
        """Ask for the document of one sale; return the answer for the person."""
        self.ensure_one()
        order = self.sudo()
        if order.state not in ("paid", "done"):
            return self.env._("not fully paid yet")
        if not order._salon_account():
            return self.env._("no invoicing service is connected")
        # Two clicks at once: the second waits here, and is then repeated by Odoo
        # because the first one has changed the row.
        self.env.cr.execute(
            "SELECT 1 FROM pos_order WHERE id = %s FOR UPDATE", [order.id]
        )
        before = order.salon_document_id.state
        document = order._salon_request_document()
        if document.state == "skipped":
            labels = dict(
                document._fields["skip_reason"]._description_selection(self.env)
            )
            return labels[document.skip_reason]
        if document.state == "waiting" and before in (False, "skipped", "discarded"):
            return self.env._("queued")
        states = dict(document._fields["state"]._description_selection(self.env))
        return f"{states[document.state]} {document.number or ''}".strip()

    def action_salon_retry(self):
        """Try those documents of these sales again that wait for a person."""
        self._salon_in_attention().action_retry()

    def action_salon_retry_chosen(self):
        """Try the documents of these sales again, and say how many."""
        return self._salon_in_attention().action_retry_chosen()

    def action_salon_documents(self):
        """Open the document of this sale, or the list of all that it has had."""
        self.ensure_one()
        documents = self.salon_document_ids
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoices"),
            "res_model": "salon.invoice.document",
        }
        if len(documents) == 1:
            return {**action, "view_mode": "form", "res_id": documents.id}
        return {
            **action,
            "view_mode": "list,form",
            "domain": [("order_id", "=", self.id)],
        }

    # === WHAT HAS BECOME OF IT === #

    def salon_till_invoice(self):
        """Return what *Invoice* on a paid sale in a till's list shows.

        :return: a dict with the ``url`` of the service's document, or a ``text`` that
            says why there is none; False where the sale is Odoo's to invoice
        :raises AccessError: if the user may not read the sale
        """
        self.ensure_one()
        self.check_access("read")
        order = self.sudo()
        if order._salon_is_odoos():
            return False
        document = order.salon_document_id
        url = document.state == "issued" and document._url_for_people()
        return {"url": url} if url else {"text": order._salon_till_words(document)}

    def _salon_is_odoos(self):
        """True if Odoo has invoiced this sale, or nobody else may."""
        if self.account_move:
            return True
        if self.salon_document_id.state not in (False, "skipped"):
            return False
        return not self._salon_is_made_here()

    def _salon_till_words(self, document):
        """Return what is so with ``document``, which the till cannot open."""
        state, number = document.state, document.number or document.name
        if not document or state == "skipped":
            return self._salon_words_of_none(document.skip_reason)
        if state == "attention":
            return self.env._(
                "The invoice of this sale waits for a person: %(problem)s",
                problem=document.problem or "",
            )
        if state in OPEN:
            return self.env._(
                "The invoice of this sale is being made at the invoicing service. "
                "%(reason)s",
                reason=document.waits_for or "",
            ).strip()
        if state == "cancelled":
            return self.env._(
                "The invoice of this sale, %(number)s, has been cancelled.",
                number=number,
            )
        if state == "issued":
            return self.env._(
                "The invoice of this sale is %(number)s. It cannot be opened from here "
                "yet.",
                number=number,
            )
        states = dict(document._fields["state"]._description_selection(self.env))
        return f"{number}: {states[state]}"

    def _salon_words_of_none(self, reason):
        """Return why there is no document, and where it can still be asked for."""
        if not reason:
            return self.env._("This sale has no invoice yet.")
        field = self.env["salon.invoice.document"]._fields["skip_reason"]
        labels = dict(field._description_selection(self.env))
        text = self.env._(
            "This sale has no invoice: %(reason)s.", reason=labels[reason]
        )
        if reason in ASKABLE:
            text += " " + self.env._(
                "If one is needed, press Generate invoice on this sale in Point of "
                "Sale, Orders."
            )
        return text

    def _salon_guest_words(self):
        """Return what the guest who holds the slip is told: nothing personal.

        :return: the news, the number or "", and what to do, in the language of the
            environment
        """
        document = self.salon_document_id
        state, number = document.state, document.number or ""
        if document.kind in ("proforma", "draft") and state == "issued":
            state = "waiting"  # for its invoice
        if state == "issued":
            advice = self.env._(
                "If you gave an e-mail address, it was sent there. If you did not get "
                "it, or if something on it is wrong, please ask where you bought."
            )
            return self.env._("Your invoice has been issued."), number, advice
        if state == "cancelled":
            advice = self.env._(
                "If you have a question about it, please ask where you bought."
            )
            return self.env._("Your invoice has been cancelled."), number, advice
        if state in OPEN:
            advice = self.env._(
                "You need not do anything. If you gave an e-mail address, it will be "
                "sent there."
            )
            return self.env._("Your invoice is being made."), "", advice
        advice = self.env._(
            "If you need one, please ask where you bought, and show this receipt."
        )
        return self.env._("No invoice has been made of this purchase."), "", advice
