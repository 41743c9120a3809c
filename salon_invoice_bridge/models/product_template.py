from odoo import fields, models


class ProductTemplate(models.Model):
    """The product: what it is to an invoice, where that is not a plain sale."""

    _inherit = "product.template"

    salon_role = fields.Selection(
        [
            ("sale", "Goods or service"),
            ("tip", "Tip"),
            ("discount", "Discount, spread over what was sold"),
            ("voucher", "Voucher or gift card"),
        ],
        string="What It Is on Invoices",
        help="Leave empty to let it be seen from the till: its tip product, its "
        "discounts, gift cards and eWallets. A voucher is no supply when it is sold, "
        "and a payment when it is redeemed.",
    )
