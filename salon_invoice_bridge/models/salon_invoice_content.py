import dataclasses
from datetime import date, timedelta
from decimal import Decimal

from odoo import models

from ..providers import errors
from ..providers.allocation import spread
from ..providers.codec import to_json
from ..providers.invoice import (
    BankAccount,
    Buyer,
    Invoice,
    Kind,
    Line,
    PaymentKind,
    TaxKind,
    Tender,
)
from ..providers.money import quantize

#: A tip is outside the scope of VAT, which is what "0%" means in law.
TIP_VAT = "ATK"


class SalonInvoiceContent(models.Model):
    """From the facts of a sale to the document: codes, forints, buyer, tenders."""

    _inherit = "salon.invoice.document"

    def _build(self, provider, exchanges):
        """Freeze the content and the request of this document.

        Codes are resolved here, and the buyer and the exchange rate at the service.

        :raises providers.errors.ProviderError: it cannot be built (yet)
        """
        self.ensure_one()
        if not self.facts:
            self.facts = self.order_id._salon_facts()
        invoice = self._resolve()
        account = self.account_id
        if provider.capabilities.persistent_partners:
            invoice = dataclasses.replace(
                invoice,
                partner_id=self._resolve_partner(provider, invoice.buyer, exchanges),
            )
        if invoice.currency != "HUF" and provider.capabilities.exchange_rate:
            rate = account._call(
                self,
                "exchange_rate",
                exchanges,
                lambda: provider.exchange_rate(
                    invoice.currency, invoice.fulfillment_date
                ),
            )
            invoice = dataclasses.replace(invoice, exchange_rate=rate)
        self.write(
            {
                "content": to_json(invoice),
                "request": provider.render(invoice).decode(),
                "amount_gross": float(invoice.gross),
            }
        )

    def _resolve(self):
        """Return the ``providers.invoice.Invoice`` that the facts and settings make.

        :raises providers.errors.Rejected: a tax or a payment method has no code
        """
        facts, company = self.facts, self.company_id
        day = date.fromisoformat(facts["day"])
        lines = self._resolve_lines(facts)
        gross = sum((line.gross for line in lines), Decimal(0))
        tenders = self._resolve_tenders(facts, gross, day)
        main = max(tenders, key=lambda tender: tender.amount, default=None)
        main_kind = main.kind if main else PaymentKind.OTHER
        buyer = self._resolve_buyer(facts["buyer"])
        late = main_kind is PaymentKind.BANK_TRANSFER
        try:
            return Invoice(
                external_key=self.external_key,
                order_number=f"{facts['reference']}-{self.external_key[:6]}",
                kind=Kind(self.kind),
                buyer=buyer,
                lines=lines,
                tenders=tenders,
                payment_kind=main_kind,
                paid=self.kind == "invoice",
                currency=facts["currency"],
                fulfillment_date=day,
                due_date=day + timedelta(days=company.salon_due_days if late else 0),
                language=company.salon_language,
                electronic=company.salon_electronic and bool(buyer.emails),
                send_email=company.salon_send_email and bool(buyer.emails),
                block=self.order_id.config_id._salon_block(self.account_id),
                bank_account=self._resolve_bank_account(),
                comment=self._resolve_comment(facts, tenders),
            )
        except ValueError as error:
            raise errors.Rejected(str(error)) from error

    def _resolve_lines(self, facts):
        """Return the lines in the service's unit; combos show what they are made of."""
        entries = [
            entry
            for entry in facts["lines"]
            if not (entry["combo"] and not Decimal(entry["gross"]))
        ]
        grosses = spread(
            [Decimal(entry["gross"]) for entry in entries], facts["currency"]
        )
        return tuple(
            Line(
                name=entry["name"],
                quantity=Decimal(entry["quantity"]),
                unit=entry["unit"] or "db",
                gross=gross,
                vat=self._resolve_vat(entry),
                sku=entry["sku"],
                ref=str(entry["line"]),
                comment=self.env._("Discount: %s%%", entry["discount"])
                if Decimal(entry["discount"])
                else "",
            )
            for entry, gross in zip(entries, grosses, strict=True)
        )

    def _resolve_vat(self, entry):
        if entry.get("vat"):  # of an entry whose original has been issued with it
            return entry["vat"]
        if entry["tip"]:
            return TIP_VAT
        taxes = self.env["account.tax"].browse(entry["taxes"])
        if not taxes:
            return self.company_id.salon_default_vat
        if len(taxes) > 1:
            raise errors.Rejected(
                self.env._(
                    "%(line)s has several taxes at once; an invoice line has one.",
                    line=entry["name"],
                )
            )
        code = taxes._salon_vat()
        if not code:
            raise errors.Rejected(
                self.env._(
                    "The tax %(tax)s on %(line)s has no VAT code for invoices. Set "
                    "it on the tax, then retry.",
                    tax=taxes.name,
                    line=entry["name"],
                )
            )
        return code

    def _resolve_tenders(self, facts, gross, day):
        """Return the tenders so that they add up to the document.

        The 5-forint rounding of cash and the fraction of a forint are settlement, not
        sale: they go to the largest tender (2008. évi III. törvény).
        """
        methods = self.env["pos.payment.method"]
        kinds = {}
        for entry in facts["tenders"]:
            method = methods.browse(entry["method"])
            kind = PaymentKind(method.salon_payment_kind or "other")
            kinds[kind] = kinds.get(kind, Decimal(0)) + Decimal(entry["amount"])
        amounts = {
            kind: quantize(amount, facts["currency"]) for kind, amount in kinds.items()
        }
        if amounts:
            largest = max(amounts, key=lambda kind: abs(amounts[kind]))
            amounts[largest] += gross - sum(amounts.values(), Decimal(0))
        return tuple(
            Tender(kind=kind, amount=amount, date=day)
            for kind, amount in amounts.items()
        )

    def _resolve_comment(self, facts, tenders):
        """Return the note on the document: the receipt, and who paid with what."""
        parts = [self.env._("Receipt: %s", facts["reference"])]
        if len(facts["tenders"]) > 1:
            parts.append(
                self.env._("Paid: ")
                + ", ".join(
                    f"{entry['name']} {Decimal(entry['amount']):f} {facts['currency']}"
                    for entry in facts["tenders"]
                )
            )
        if facts["note"]:
            parts.append(facts["note"])
        return "\n".join(parts)

    def _resolve_bank_account(self):
        """Return the seller's bank account that was chosen, None if none was."""
        account = self.account_id
        if not account.bank_account:
            return None
        for bank in (account.info or {}).get("bank_accounts", ()):
            if bank["id"] == account.bank_account:
                return BankAccount(**bank)
        return BankAccount(number=account.bank_account)

    def _resolve_buyer(self, facts):
        """Return the buyer: the customer, or the walk-in that the salon has set up."""
        company = self.company_id
        if not facts:
            own = company.partner_id
            return Buyer(
                name=company.salon_walk_in_name or "Magánszemély",
                postcode=company.salon_walk_in_postcode or own.zip or "",
                city=company.salon_walk_in_city or own.city or "",
                street=company.salon_walk_in_street or own.street or "",
            )
        vat = (facts["tax_number"] or "").strip().upper()
        kind = TaxKind.PRIVATE
        numbers = {}
        if facts["is_company"] and vat:
            if facts["country"] in ("", "HU") and not vat[:2].isalpha():
                kind, numbers = TaxKind.HUNGARIAN, {"tax_number": vat}
            elif vat.startswith("HU"):
                kind, numbers = TaxKind.HUNGARIAN, {"eu_tax_number": vat}
            elif facts["country"] in self.env.ref("base.europe").country_ids.mapped(
                "code"
            ):
                kind, numbers = TaxKind.EU, {"eu_tax_number": vat}
            else:
                kind = TaxKind.FOREIGN
        try:
            return Buyer(
                name=(facts["name"] or "").strip(),
                country=facts["country"] or "HU",
                postcode=facts["postcode"],
                city=facts["city"],
                street=facts["street"],
                emails=tuple(facts["emails"]),
                phone=facts["phone"],
                tax_kind=kind,
                group_tax_number=facts["group_tax_number"],
                **numbers,
            )
        except ValueError as error:
            raise errors.Rejected(self.env._("The customer has no name.")) from error

    def _resolve_partner(self, provider, buyer, exchanges):
        """Return the buyer's id at the service."""
        facts = self.facts["buyer"]
        partner = self.env["res.partner"].browse(facts["partner"] if facts else [])
        mapping = self.env["salon.invoice.partner"]
        known = mapping._known(self.account_id, partner)
        synced = to_json(buyer)
        if known.synced == synced:
            return known.remote_id
        remote_id = self.account_id._call(
            self,
            "sync_buyer",
            exchanges,
            lambda: provider.sync_buyer(buyer, known.remote_id or ""),
        )
        mapping._remember(self.account_id, partner, known, remote_id, synced)
        return remote_id
