from odoo import fields, models
from odoo.exceptions import UserError

from ..billing.returns import part_of

#: Documents that say what came back.
RETURN_KINDS = ("refund", "storno", "correction", "remainder")
#: Those of them that take something off what stands.
TAKING_BACK = ("refund", "storno", "correction")
#: States of a sale's document in which its refund is made at the service, too.
TAKEN = ("waiting", "sending", "checking", "attention", "issued", "cancelled")


class PosOrder(models.Model):
    """A sale whose things came back, and the order that takes them back.

    In the payment transaction only a row of the kind *refund* is written.  Which
    document it becomes is decided by the lane when its turn comes, because only then
    it is known what has become of the sale's own document.
    """

    _inherit = "pos.order"

    def _salon_is_return(self):
        """True if the order takes something back of an earlier one."""
        return bool(self.lines.refunded_orderline_id)

    def _salon_sells_besides(self):
        """True if the order sells something beside what it takes back."""
        return any(not line.refunded_orderline_id for line in self.lines)

    def _salon_returned_order(self):
        """Return the sale that this order takes something back of.

        That of another company is none: whoever sells may name any line.
        """
        return self.lines.refunded_orderline_id.order_id.filtered(
            lambda sale: sale.company_id == self.company_id
        )[:1]

    def _salon_return_orders(self):
        """Return the paid orders that take something back of this sale, in order."""
        return (
            self._salon_refunds()
            .filtered(lambda order: order.state in ("paid", "done"))
            .sorted("id")
        )

    def _salon_is_kept(self):
        """True unless all that was sold has come back."""
        back = self._salon_return_orders().lines
        return any(
            line.qty + sum((line.refund_orderline_ids & back).mapped("qty")) > 0
            for line in self.lines
        )

    def _salon_refunds(self):
        """Return the orders of the same company that take something back of this."""
        return self.sudo().lines.refund_orderline_ids.order_id.filtered(
            lambda order: order.company_id == self.company_id
        )

    def _salon_taking_back(self):
        """Return the documents that take off what this order took back."""
        return self.salon_document_ids.filtered(lambda row: row.kind in TAKING_BACK)

    def _salon_family(self):
        """Return the sale and all orders that take something back of it."""
        sale = self._salon_returned_order() or self
        if self._salon_is_return():
            sale |= self
        return sale | sale._salon_refunds()

    # === THE HOOK === #

    def _salon_request_return(self, automatic):
        """Return the row of what this order takes back, asking for it if needed.

        What the order sells besides gets an invoice of its own.  A refund follows its
        sale: it asks for its document where sales wait for somebody to ask, too.

        :param bool automatic: False for a person, who may ask again for a skipped one
        """
        self.ensure_one()
        if self._salon_sells_besides():
            # It may be another account than that of what came back.
            self._salon_request_sold(automatic)
        documents = self.salon_document_ids.filtered(
            lambda row: row.kind in RETURN_KINDS
        )
        skipped = documents.filtered(lambda row: row.state == "skipped")
        document = skipped.sorted(lambda row: row.kind == "remainder")[:1]
        if not documents:
            document = self._salon_create_document(
                kind="refund",
                state="waiting",
                facts=self._salon_facts(),
                next_attempt=fields.Datetime.now(),
            )
        elif document and not automatic:
            document._ask_again()
        else:
            return documents[:1]
        if document.account_id.state == "disconnected":
            document._need_attention_disconnected()
        document.account_id._wake()
        return document

    def _salon_account(self):
        """Return the account of this order's documents: for a refund the sale's."""
        original = self._salon_returned_order().salon_document_id
        return original.account_id or self._salon_policy().account

    def _salon_new_facts(self):
        """Return the facts of what an order sells beside what it takes back.

        What came back pays for it: it counts as paid by the means of this order, or by
        those of the sale that came back where no money moved.
        """
        facts = self._salon_facts()
        if not facts["tenders"]:
            sold = self._salon_returned_order()._salon_fact_tenders()[:1]
            facts["tenders"] = [{**entry, "amount": "0"} for entry in sold]
        return part_of(
            facts, [entry for entry in facts["lines"] if not entry["refunds"]]
        )

    # === ONE ISSUER === #

    def _salon_returns_ours(self):
        """Return the service's document of the sale that came back, if it has one.

        Odoo may have invoiced a sale whose document was cancelled at the service.
        """
        sale = self._salon_returned_order()
        document = sale.salon_document_id._or_its_draft()
        return document.filtered(
            lambda row: row.state in TAKEN and not sale.account_move
        )

    def _generate_pos_order_invoice(self):
        """Let Odoo reverse only what Odoo has invoiced."""
        for order in self.sudo():
            if document := order._salon_returns_ours():
                raise UserError(
                    self.env._(
                        "The sale that came back was invoiced at the invoicing "
                        "service: %(document)s. Its refund is made there too, by "
                        "itself.",
                        document=document.name,
                    )
                )
        return super()._generate_pos_order_invoice()
