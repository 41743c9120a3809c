from odoo import models


class ProductProduct(models.Model):
    """The product as it is sold: what documents stop for it."""

    _name = "product.product"
    _inherit = ["product.product", "salon.invoice.mended"]
