from odoo import api, models

from .content_problem import ContentProblem


class PosOrder(models.Model):
    """Whose sale it is: what belongs to another company is neither read nor changed.

    Odoo does not check which company the records belong to that an order names, and
    anybody who sells may name any id. The hook and the lane follow them as superuser,
    so what they follow is checked here.

    * The till, and the sale that comes back, are of the order's own company.
    * Customer, products, taxes, payment methods and fiscal position are its own, its
      parents' (what a branch sells with is often its parent's) or nobody's.
    * An order that says otherwise is left to a human of its own company, in words that
      tell nothing of the other one.
    """

    _inherit = "pos.order"

    def write(self, vals):
        company_id = vals.get("company_id")
        moved = self.filtered(
            lambda order: company_id and order.company_id.id != company_id
        )
        result = super().write(vals)
        # Odoo asks the record rules before a write only.
        moved.check_access("write")
        return result

    def _salon_policy(self):
        """Return the policy of the sale's till.

        The till of another company says nothing about where this sale is invoiced.
        """
        policy = self.config_id._salon_policy()
        if self.config_id.company_id != self.company_id:
            account = self.company_id.sudo().salon_account_id
            policy = policy._replace(account=account, own_block="")
        return policy

    def _salon_check_companies(self):
        """Refuse to bill what the order names of another company.

        :raises ContentProblem: for a person of the order's company
        """
        self.ensure_one()
        if self._salon_names_foreign():
            raise ContentProblem(
                self.env._(
                    "This sale names something of another company: its shop, its "
                    "customer, a product, a tax, a payment method, or a sale that came "
                    "back. Nothing is made of it by itself. Make its document at the "
                    "service and record the number here, or say that none is needed."
                )
            )

    def _salon_names_foreign(self):
        """Say whether the order names something that its company may not use."""
        own = self.company_id
        shared = own.parent_ids
        lines = self.lines
        customer = self.partner_id
        usable = (
            customer,
            customer.commercial_partner_id,
            lines.product_id,
            lines.tax_ids,
            lines.tax_ids_after_fiscal_position,
            self.fiscal_position_id,
            self.payment_ids.payment_method_id,
        )
        return bool(
            self.config_id.company_id - own
            or self.session_id.config_id.company_id - own
            or lines.refunded_orderline_id.order_id.company_id - own
            or any(records.company_id - shared for records in usable)
        )

    def _salon_leave_foreign(self, problem):
        """Return the sale's document, in front of a human; asked for if there is none.

        :param ContentProblem problem: what the order names
        """
        if not self.salon_document_ids:
            document = self._salon_create_document(state="waiting")
            document._need_attention(problem.message, problem.reason.value)
        return self.salon_document_ids[:1]

    @api.constrains("company_id")
    def _check_salon_company(self):
        """A sale stays in the company that its documents are of.

        :raises ValidationError: see ``salon.invoice.document``
        """
        self.sudo().salon_document_ids._check_one_company()


class PosOrderLine(models.Model):
    _inherit = "pos.order.line"

    def write(self, vals):
        result = super().write(vals)
        if "order_id" in vals:
            # Odoo asks the record rules before a write only.
            self.order_id.check_access("write")
        return result


class PosPayment(models.Model):
    """The payment: it is not moved to the sale of another company."""

    _inherit = "pos.payment"

    def write(self, vals):
        result = super().write(vals)
        if "pos_order_id" in vals:
            self.pos_order_id.check_access("write")
        return result
