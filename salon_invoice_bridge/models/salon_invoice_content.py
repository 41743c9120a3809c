import dataclasses
from datetime import date, datetime, timedelta
from decimal import Decimal

from odoo import fields, models

from ..billing import errors
from ..billing.codec import to_json
from ..billing.invoice import Invoice, Kind, PaymentKind
from .pos_order import BUDAPEST

#: What is a document of another kind to the service.
PROVIDER_KINDS = {"remainder": Kind.INVOICE}


class SalonInvoiceContent(models.Model):
    """From the facts of a sale to the document: codes, forints, buyer, tenders."""

    _inherit = "salon.invoice.document"

    exchange_rate = fields.Float(
        digits=(16, 6),
        readonly=True,
        copy=False,
        help="HUF for one unit of the currency, on the day of the sale. Empty where "
        "the service fills it in by itself.",
    )

    def _build(self, provider, exchanges):
        """Freeze the content and the request of this document.

        Codes are resolved here, and the buyer and the exchange rate at the service.

        :raises billing.errors.ProviderError: it cannot be built (yet)
        """
        self.ensure_one()
        self._refresh_facts()
        invoice = self._resolve()
        if provider.capabilities.persistent_partners:
            invoice = dataclasses.replace(
                invoice,
                partner_id=self._resolve_partner(provider, invoice.buyer, exchanges),
            )
        if self._needs_rate(provider, invoice):
            invoice = dataclasses.replace(
                invoice, exchange_rate=self._ask_rate(provider, invoice, exchanges)
            )
        self.write(self._frozen_values(provider, invoice))

    def _today(self):
        """Return today's date in Hungary, which is what a document is issued on."""
        return datetime.now(BUDAPEST).date()

    def _is_overdue(self):
        """Tell whether the due date passed while nothing could be sent of this."""
        invoice = self._invoice()
        return bool(
            invoice and not self.send_count and invoice.due_date < self._today()
        )

    def _frozen_values(self, provider, invoice):
        """Return the values that freeze ``invoice`` and the request that is sent."""
        return {
            "content": to_json(invoice),
            "request": provider.render(invoice).decode(),
            "amount_gross": float(invoice.gross),
            "exchange_rate": float(invoice.exchange_rate or 0),
        }

    def _needs_rate(self, provider, invoice):
        return (
            invoice.currency != "HUF"
            and not invoice.exchange_rate
            and provider.capabilities.exchange_rate
        )

    def _ask_rate(self, provider, invoice, exchanges):
        """Return the rate of the day of the sale; without one there is no document."""
        return self.account_id._call(
            self,
            "exchange_rate",
            exchanges,
            lambda: provider.exchange_rate(invoice.currency, invoice.fulfillment_date),
        )

    def _issued_values(self, issued, meant):
        values = super()._issued_values(issued, meant)
        if issued.exchange_rate:
            values["exchange_rate"] = float(issued.exchange_rate)
        return values

    def _resolve(self):
        """Return the ``billing.invoice.Invoice`` that the facts and settings make.

        :raises ContentProblem: a person must mend something first
        """
        facts = self.facts
        self._check_total(facts)
        entries, aside = self._sort_entries(facts["lines"])
        lines = self._resolve_lines(entries, facts["currency"])
        gross = sum((line.gross for line in lines), Decimal(0))
        settlement = self._resolve_settlement(facts, aside, gross)
        buyer = self._resolve_buyer(facts["buyer"])
        day = date.fromisoformat(facts["day"])
        late = not settlement.paid or settlement.main is PaymentKind.BANK_TRANSFER
        try:
            return Invoice(
                external_key=self.external_key,
                order_number=f"{facts['reference']}-{self.external_key[:6]}",
                kind=PROVIDER_KINDS.get(self.kind) or Kind(self.kind),
                buyer=buyer,
                lines=lines,
                tenders=settlement.tenders,
                payment_kind=settlement.main,
                paid=settlement.paid and self.kind not in ("proforma", "draft"),
                currency=facts["currency"],
                fulfillment_date=day,
                due_date=max(
                    day + timedelta(days=self.company_id.salon_due_days if late else 0),
                    self._today(),
                ),
                language=self._language(),
                electronic=self._is_electronic(buyer),
                send_email=self.company_id.salon_send_email and bool(buyer.emails),
                block=self.order_id.config_id._salon_block(self.account_id),
                bank_account=self._resolve_bank_account(facts["currency"]),
                comment=self._resolve_comment(facts, aside, settlement),
            )
        except ValueError as error:
            raise errors.Rejected(str(error)) from error
