from decimal import Decimal

from odoo import models

from ..billing.money import quantize, unit

#: Loyalty programs whose points are money that was paid before.
PREPAID = ("gift_card", "ewallet")
#: Forints from which a receipt is not enough, VAT included.
LIMIT = 900_000


class PosOrder(models.Model):
    """What of a sale would stand on its document."""

    _inherit = "pos.order"

    def _salon_must_be_invoiced(self):
        """Tell whether the law has this sale invoiced, whoever asks for it.

        A business buyer gets an invoice, and so does everybody from 900,000 Ft
        (VAT Act 159 and 166), before cash is rounded.
        """
        self.ensure_one()
        buyer = self._salon_fact_buyer()
        if buyer and self.env["salon.invoice.document"]._is_business(buyer):
            return True
        aside = {"voucher", "redeemed"}
        if self.company_id.salon_tip == "none":
            aside.add("tip")  # no part of the price, and on no invoice
        gross = sum(
            line.price_subtotal_incl
            for line, role in self.lines._salon_roles().items()
            if role not in aside and not line.refunded_orderline_id
        )
        return quantize(Decimal(str(self._salon_in_forints(gross))), "HUF") >= LIMIT

    def _salon_in_forints(self, amount):
        """Return an amount of the order's currency in HUF, at the order's rate."""
        forint = self.env.ref("base.HUF")
        if self.currency_id == forint:
            return amount
        own = amount / (self.currency_rate or 1.0)
        return self.company_id.currency_id._convert(
            own, forint, self.company_id, self._salon_day(), round=False
        )

    def _salon_empty_reason(self):
        """Return why the document would be empty: voucher, tip, zero; or False.

        What was paid says nothing about it: a haircut paid with a gift card costs
        nothing at the till.
        """
        sums, goods = {}, {}
        for line, role in self.lines._salon_roles().items():
            if line.refunded_orderline_id:  # that has a document of its own
                continue
            gross = line.price_subtotal_incl
            sums[role] = sums.get(role, 0.0) + gross
            if role in ("sale", "discount", "returned"):
                taxes = line.tax_ids_after_fiscal_position
                goods[taxes] = goods.get(taxes, 0.0) + gross
        company = self.company_id
        billed = sums.get("sale", 0.0) + sums.get("discount", 0.0)
        tips, vouchers = sums.get("tip", 0.0), sums.get("voucher", 0.0)
        if company.salon_tip != "none":
            billed += tips
        if company.salon_voucher_sale in (False, "stop"):
            billed += vouchers
        half = float(unit(self.currency_id.name)) / 2

        def is_zero(amount):
            # Services count whole forints: fillér alone are no invoice.
            return abs(amount) < half

        if "returned" in sums and all(map(is_zero, goods.values())):
            billed += sums["returned"]  # typed, and taken back before it was paid
        if not is_zero(billed):
            return False
        if not is_zero(vouchers):
            return "voucher"
        return "zero" if is_zero(tips) else "tip"


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
