from odoo import models


class AccountFiscalPosition(models.Model):
    """The fiscal position: what documents stop for it."""

    _name = "account.fiscal.position"
    _inherit = ["account.fiscal.position", "salon.invoice.mended"]
