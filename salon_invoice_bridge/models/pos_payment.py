from odoo import models


class PosPayment(models.Model):
    """The payment: it is not moved to the sale of another company."""

    _inherit = "pos.payment"

    def write(self, vals):
        result = super().write(vals)
        if "pos_order_id" in vals:
            self.pos_order_id.check_access("write")
        return result
