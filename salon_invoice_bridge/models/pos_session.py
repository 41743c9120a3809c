import logging

from odoo import models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)


class PosSession(models.Model):
    """The till's day: its end is when forgotten sales are looked for."""

    _inherit = "pos.session"

    def _validate_session(self, *args, **kwargs):
        result = super()._validate_session(*args, **kwargs)
        self._salon_wake_sweep()
        return result

    def _salon_wake_sweep(self):
        """Have the sweep run soon; whatever fails, the session is closed."""
        cron = self.env.ref("salon_invoice_bridge.cron_sweep", raise_if_not_found=False)
        if not cron:
            return
        try:
            with self.env.cr.savepoint():
                cron.sudo()._trigger()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("The sweep could not be triggered; it runs as scheduled")
