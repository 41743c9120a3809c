import re
from decimal import Decimal

from odoo import models
from odoo.tools.translate import LazyTranslate

from ..billing.invoice import BankAccount
from ..providers import registry

# Lazy: translated when shown, in the reader's language.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)
RECEIPT = _lt("Receipt: %s")
PAID = _lt("Paid: %s")
ROUNDING = _lt(" (rounding: %s)")
NOT_PART = _lt("Not part of this invoice: %s")

#: Languages of the texts that we write, the rest of them read English.
LOCALES = {"hu": "hu_HU", "de": "de_DE"}


class SalonInvoiceContentWords(models.Model):
    """Language, form, bank account and comment of a document."""

    _inherit = "salon.invoice.document"

    # === LANGUAGE === #

    def _language(self):
        """Return the document's language (ISO 639), one that the service has."""
        own = self.company_id.salon_language
        wanted = self.order_id.salon_language or own
        languages = registry.get(self.account_id.provider).capabilities.languages
        return wanted if wanted in languages else own

    def _say(self, text, *values, **named):
        """Return a lazy translation in the document's language, with values filled in.

        Documents are in languages that need not be active in Odoo.
        """
        words = text._translate(LOCALES.get(self._language(), "en_US"))
        return words % (values or named)

    def _money(self, amount):
        """Return ``amount`` (Decimal) of the sale's currency for people."""
        amount = amount.normalize()
        if amount.as_tuple().exponent > 0 or amount == amount.to_integral():
            amount = amount.quantize(Decimal(1))
        elif amount.as_tuple().exponent == -1:
            amount = amount.quantize(Decimal("0.01"))
        currency = self.facts["currency"]
        text = f"{amount:,f} {'Ft' if currency == 'HUF' else currency}"
        text = text.replace(",", " ")
        return text if self._language() == "en" else text.replace(".", ",")

    # === FORM === #

    def _is_electronic(self, buyer):
        """Tell whether the document is an e-invoice: its buyer must get it somehow."""
        info = self.account_id.info or {}
        return (
            self.company_id.salon_electronic
            and bool(buyer.emails)
            and info.get("e_invoices") is not False
        )

    def _resolve_bank_account(self, currency):
        """Return the seller's bank account for ``currency``, None if there is none.

        The chosen one, unless it is kept in another currency: then the first that the
        service has in this one.
        """
        account = self.account_id
        if not account.bank_account:
            return None
        banks = [
            BankAccount(**bank)
            for bank in (account.info or {}).get("bank_accounts", ())
        ]
        chosen = [bank for bank in banks if bank.id == account.bank_account]
        if not chosen:
            return BankAccount(
                name=account.bank_name or "", number=account.bank_account
            )
        for bank in chosen + banks:
            if bank.currency in ("", currency):
                return bank
        return None

    # === COMMENT === #

    def _resolve_comment(self, facts, aside, settlement):
        """Return the note on the document.

        The company's own words, the receipt's number, and, where the tender that the
        document names is not the whole story, what was really taken.
        """
        company = self.company_id.with_context(
            lang=self._active_locale(self._language())
        )
        parts = [
            company._salon_fill_comment(facts),
            self._say(RECEIPT, facts["reference"]),
            self._tell_tenders(facts, aside, settlement),
            self._tell_aside(aside),
        ]
        if "{note}" not in (company.salon_comment or ""):
            parts.append(facts["note"].strip())
        return "\n".join(filter(None, parts))

    def _active_locale(self, language):
        """Return the active Odoo language for ``language``, None if there is none."""
        for code, _name in self.env["res.lang"].get_installed():
            if code.startswith(language):
                return code
        return None

    def _tell_tenders(self, facts, aside, settlement):
        """Return who paid with what, "" where one tender tells it all."""
        told = [(entry["name"], entry["amount"]) for entry in facts["tenders"]]
        told += [
            (entry["name"], str(-Decimal(entry["gross"])))
            for entry in aside.get("redeemed", ())
        ]
        if len(told) < 2 and not settlement.rounding:
            return ""
        paid = ", ".join(
            f"{name} {self._money(Decimal(amount))}" for name, amount in told
        )
        text = self._say(PAID, paid)
        if settlement.rounding:
            rounding = self._money(settlement.rounding)
            text += self._say(ROUNDING, rounding)
        return text

    def _tell_aside(self, aside):
        """Return what was paid for but stands on no invoice, "" if nothing."""
        told = [
            f"{_clean(entry['name'])} {self._money(Decimal(entry['gross']))}"
            for role in ("voucher", "tip")
            for entry in aside.get(role, ())
        ]
        if not told:
            return ""
        return self._say(NOT_PART, ", ".join(told))


def _clean(text):
    return re.sub(r"\s+", " ", text).strip()
