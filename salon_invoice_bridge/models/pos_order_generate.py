from odoo import models

#: Sales that are named one by one in the answer to a bulk request.
NAMED = 5


class PosOrder(models.Model):
    """Asking for documents by hand: from the list, the form, or in bulk."""

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
