import logging

from odoo import models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..billing import errors
from ..billing.codec import from_json
from ..billing.invoice import IssuedDocument

_logger = logging.getLogger(__name__)


class SalonInvoiceRecovery(models.Model):
    """What becomes of a document whose worker was killed while it was ``sending``."""

    _inherit = "salon.invoice.document"

    def _recover(self, provider):
        """Take up a document in ``sending``.  Called by its lane, before all else.

        The answer may have been written down already: then it counts, and the service
        need not be asked.  Else the document goes to ``checking``.
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                answer = self._written_answer()
                if isinstance(answer, errors.ProviderError):
                    self._on_error(answer)
                elif answer:
                    self._take_answer(provider, answer)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("The written answer of %s cannot be taken up", self)
            self.invalidate_recordset()
        if self.state == "sending":
            self._transition("checking", empty_looks=0, next_attempt=self._now())

    def _written_answer(self):
        """Return what the last send was answered, as it was committed, or None.

        :return: ``billing.invoice.IssuedDocument`` or ``billing.errors``
        """
        # The first call after the claim is the one that creates the document.
        attempt = self.env["salon.invoice.attempt"].search(
            [("document_id", "=", self.id), ("claim", "=", self.claim_count)],
            order="id",
            limit=1,
        )
        if not attempt or not self.claim_count:
            return None
        made = from_json(IssuedDocument, attempt.result) if attempt.result else None
        if attempt.outcome == "done":
            return made
        return getattr(errors, attempt.outcome)(
            attempt.message or "",
            reason=errors.Reason(attempt.reason),
            code=attempt.code or "",
            **({"document": made} if made else {}),
        )
