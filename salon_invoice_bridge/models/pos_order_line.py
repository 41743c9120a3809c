from odoo import models

#: Loyalty programs whose points are money that was paid before.
PREPAID = ("gift_card", "ewallet")


class PosOrderLine(models.Model):
    """What a line of the till is to an invoice.

    ``sale``      goods or a service
    ``tip``       a tip
    ``discount``  takes off what the other lines cost
    ``voucher``   a voucher, a gift card or an eWallet top-up that was sold
    ``redeemed``  one of these that was paid with
    ``returned``  something that came back
    """

    _inherit = "pos.order.line"

    def write(self, vals):
        result = super().write(vals)
        if "order_id" in vals:
            # Odoo asks the record rules before a write only.
            self.order_id.check_access("write")
        return result

    def _salon_roles(self):
        """Return ``{line: role}`` for the lines of one order.

        An order that gives money back is read as its mirror image, but for an exchange:
        what it sells is sold, however much comes back.
        """
        order = self.order_id
        exchange = order.lines.refunded_orderline_id
        sign = -1 if order.amount_total < 0 and not exchange else 1
        prepaid = self._salon_prepaid_products()
        tip_product = order.config_id.tip_product_id
        roles = {}
        for line in self:
            product = line.product_id
            role = product.salon_role
            if not role and tip_product and product == tip_product:
                role = "tip"
            if not role and (product in prepaid or line._salon_is_redemption()):
                role = "voucher"
            if role == "voucher":
                role = line._salon_voucher_role(sign * line.price_subtotal_incl < 0)
            if role in (False, "sale"):
                role = line._salon_plain_role(sign)
            roles[line] = role
        return roles

    def _salon_voucher_role(self, redeemed):
        """Return what a voucher is: VAT of a single-purpose one is due at its sale.

        What is redeemed of it lowers the price, for it has been invoiced before.
        """
        if self.order_id.company_id.salon_voucher_sale == "sale":
            return "discount" if redeemed else "sale"
        return "redeemed" if redeemed else "voucher"

    def _salon_plain_role(self, sign):
        """Tell a sale from a return, and from a discount by its negative price."""
        if sign * self.qty < 0 and self.price_unit > 0:
            return "returned"
        if sign * self.qty * self.price_unit < 0:
            return "discount"
        return "sale"

    def _salon_prepaid_products(self):
        """Return the products by which gift cards and eWallets are sold."""
        if "loyalty.program" not in self.env:
            return self.env["product.product"]
        programs = self.env["loyalty.program"].search(
            [("program_type", "in", PREPAID), ("rule_ids.product_ids", "!=", False)]
        )
        return programs.rule_ids.product_ids

    def _salon_is_redemption(self):
        """Tell whether this line pays with a gift card or an eWallet."""
        return (
            "reward_id" in self._fields
            and self.reward_id.program_id.program_type in PREPAID
        )
