from odoo import models


class IrCron(models.Model):
    """The record of a lane, whose id is remembered: see ``account._lane_id()``."""

    _inherit = "ir.cron"

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
