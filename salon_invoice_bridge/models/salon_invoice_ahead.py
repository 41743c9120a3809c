import dataclasses
import logging
from datetime import datetime
from typing import NamedTuple

from odoo import models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..billing.codec import to_json

_logger = logging.getLogger(__name__)

#: Kinds of documents that follow from nothing but their own sale.
PLAIN = ("invoice", "proforma", "draft")


class Built(NamedTuple):
    """The frozen content of a document that is still to be claimed."""

    values: dict  # to be written with the claim
    row: datetime  # when the row was last written; a later one is another row


class SalonInvoiceAhead(models.Model):
    """Build several documents at once, for the claims that follow in the next seconds.

    Most documents need no call and no decision before they are sent.  Built one by one,
    they would read their salon's settings anew after every commit.

    What is built here is kept in memory and written with the claim, if the row is then
    as it was; what cannot be built here is left to :meth:`_build`, with its reasons.
    """

    _inherit = "salon.invoice.document"

    def _build_ahead(self, provider):
        """Return ``{id: Built}`` for as many of these documents as can be foreseen.

        Nothing is written, nothing called, and no error leaves the document that it
        belongs to.  Ends the transaction, so that a claim sees what is committed.
        """
        built = {}
        for document in self._foreseeable():
            try:
                values = document._foresee(provider)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as error:
                # Its own turn meets it again, and tells whom it concerns.
                _logger.debug("%s cannot be built ahead: %r", document, error)
                continue
            if values:
                built[document.id] = Built(values, document.write_date)
        self.env.cr.rollback()
        return built

    def _foreseeable(self):
        """Return the documents that follow from frozen facts and nothing else."""
        plain = self.filtered(
            lambda row: row.state == "waiting"
            and row.kind in PLAIN
            and not row.origin_id
            and not row.request
            and row.facts
            and not row.facts_stale
        )
        lines = plain.order_id.lines
        returned = lines.filtered("refund_orderline_ids").order_id
        return plain.filtered(lambda row: row.order_id not in returned)

    def _foresee(self, provider):
        """Return the values that :meth:`_build` would write, None if it would call."""
        self._check_is_sale()
        invoice = self._resolve()
        if self._needs_rate(provider, invoice):
            return None
        more = {}
        if provider.capabilities.persistent_partners:
            partner_id = self._told_partner(invoice.buyer)
            if not partner_id:
                return None
            invoice = dataclasses.replace(invoice, partner_id=partner_id)
            more["partner_reused"] = True
        return {**self._frozen_values(provider, invoice), **more}

    def _told_partner(self, buyer):
        """Return the id of a buyer who was told to the service as they are, else ""."""
        mapping = self.env["salon.invoice.partner"]
        known = mapping._known(self.account_id, self._billed_partner())
        told = known.synced == mapping._digest(to_json(buyer))
        return known.remote_id if told else ""
