from odoo import models


class PosSession(models.Model):
    """The till's day: its end is when forgotten sales are looked for."""

    _inherit = "pos.session"

    def _validate_session(self, *args, **kwargs):
        result = super()._validate_session(*args, **kwargs)
        self.env.ref("salon_invoice_bridge.cron_sweep").sudo()._trigger()
        return result
