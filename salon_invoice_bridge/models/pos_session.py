import logging
from collections import Counter

from odoo import models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)


class PosSession(models.Model):
    """The till's day: whoever ends it sees which invoices are not there.

    Forgotten sales are looked for afterwards. Nothing of ours fails the closing.
    """

    _inherit = "pos.session"

    def get_closing_control_data(self):
        """Add how many invoices of the session are not there, as ``salon_invoices``."""
        data = super().get_closing_control_data()
        counts = self._salon_count_open_invoices()
        return {**data, "salon_invoices": counts} if counts else data

    def _salon_count_open_invoices(self):
        """Return the number of sales by what their invoice waits for.

        :return: ``pending``, ``attention`` and ``unwanted``; None where nothing is
            connected, or if it fails
        :raises psycopg2.Error: only concurrency errors, after which Odoo retries
        """
        try:
            with self.env.cr.savepoint():
                if not self.config_id._salon_till_settings().account:
                    return None
                # sudo: only numbers leave, of sales that Odoo has let the user read.
                found = Counter(
                    order._salon_waits_for()
                    for order in self._get_closed_orders().sudo()
                )
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("The invoices of %s could not be counted", self.name)
            return None
        return {name: found[name] for name in ("pending", "attention", "unwanted")}

    def _create_account_move(self, *args, **kwargs):
        """Note which entries say whether what is still to come has come."""
        data = super()._create_account_move(*args, **kwargs)
        self._salon_note_debts(data)
        return data

    def _salon_note_debts(self, data):
        """Write the session's ``salon.invoice.debt``; whatever fails, it is closed.

        :param dict data: what Odoo has made entries of, and these
        """
        if not self.config_id._salon_till_settings().account:
            return
        self.env.cr.flush()  # a pending write that fails is Odoo's error
        try:
            with self.env.cr.savepoint():
                self.env["salon.invoice.debt"].sudo()._note(self, data)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("What is still to come of %s is not known", self.name)

    def _validate_session(self, *args, **kwargs):
        result = super()._validate_session(*args, **kwargs)
        self._salon_wake_sweep()
        return result

    def _salon_wake_sweep(self):
        """Have the sweep and the reconciliation run soon.

        Whatever fails, the session is closed.
        """
        jobs = [
            self.env.ref(f"salon_invoice_bridge.{name}", raise_if_not_found=False)
            for name in ("cron_sweep", "cron_reconcile")
        ]
        try:
            with self.env.cr.savepoint():
                for job in filter(None, jobs):
                    job.sudo()._trigger()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("The sweep could not be triggered; it runs as scheduled")
