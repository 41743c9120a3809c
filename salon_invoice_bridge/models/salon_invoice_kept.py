import dataclasses
from decimal import Decimal

from odoo import models
from odoo.tools.translate import LazyTranslate

from ..billing import errors
from ..billing.codec import from_json
from ..billing.invoice import Kind, Line, PaymentKind
from ..billing.money import unit
from ..billing.returns import difference, merged

# Lazy: translated when shown, in the reader's language.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)
FIRST_INVOICE = _lt("First invoice of this sale: %s")


class SalonInvoiceKept(models.Model):
    """The content of corrections and remainders: the original's, less what came back.

    Buyer, VAT codes, names, form and date of fulfilment are those of the original as
    it was issued, whatever has been changed in the settings since.  Block and bank
    account are those of today: the service may not have the original's any more, and
    wants no certain ones.
    """

    _inherit = "salon.invoice.document"

    def _resolve_kept(self, kept):
        """Return the lines of what the customer keeps of this sale.

        :param kept: entries, see ``billing.returns``
        """
        self.ensure_one()
        codes = {}
        for line in self._invoice().lines:
            codes.setdefault(line.ref, set()).add(line.vat)
        entries = []
        for entry in kept:
            known = codes.get(str(entry["line"]), ())
            # A service charge is parted over several codes, and is parted again.
            entries.append({**entry, "vat": min(known)} if len(known) == 1 else entry)
        billed, _aside = self._sort_entries(entries)
        return self._resolve_lines(billed, self.facts["currency"]) if billed else ()

    def _is_unchanged(self, standing, lines):
        """True if what stands at the service is what the customer keeps."""
        before = {
            line.ref: (line.quantity, line.gross)
            for line in merged(standing._standing_lines())
        }
        after = {line.ref: (line.quantity, line.gross) for line in merged(lines)}
        step = unit(self.facts["currency"])
        return before.keys() == after.keys() and all(
            quantity == after[ref][0] and abs(gross - after[ref][1]) <= step
            for ref, (quantity, gross) in before.items()
        )

    def _create_remainder(self, main, kept):
        """Ask for the invoice of what was kept; it waits for this storno."""
        generation = self._next_generation(self.order_id, "remainder")
        self.create(
            {
                "order_id": self.order_id.id,
                "account_id": main.account_id.id,
                "kind": "remainder",
                "generation": generation,
                "origin_id": self.id,
                "facts": {
                    **main.facts,
                    "lines": kept,
                    "reference": self.facts["reference"],
                },
                "buyer_choice": main.buyer_choice,
                "reason": self.reason,
                "problem": self.env._("It waits for %s.", self.name),
                "next_attempt": self._now(),
            }
        )

    def _is_remainder_due(self):
        """True once the storno is issued that this document follows."""
        storno = self.origin_id
        if storno.state == "issued":
            return bool(self.request) or self._is_anything_kept()
        if storno.state == "skipped":
            return self._need_none("dropped")
        self._wait(self.env._("It waits for %s.", storno.name))
        return False

    def _is_anything_kept(self):
        """Take off what came back since somebody last asked for this document."""
        root = self._root()
        kept = root._kept(root.order_id, self._counted(root.order_id))
        if not kept:
            return self._need_none("refunded")
        if kept != self.facts["lines"]:
            self.facts = {**self.facts, "lines": kept}
        return True

    def _root(self):
        """Return the first invoice of the sale that this document amends."""
        document = self
        while document.origin_id and document.kind != "invoice":
            document = document.origin_id
        return document

    def _resolve(self):
        if self.kind == "correction":
            return self._resolve_correction()
        if self.kind == "remainder":
            return self._resolve_remainder()
        return super()._resolve()

    def _resolve_correction(self):
        """Return the correction: what is kept less what stands."""
        original = self.origin_id._invoice()
        kept = tuple(from_json(Line, line) for line in self.facts["kept"])
        lines = difference(
            self.origin_id._standing_lines(), kept, self.facts["currency"]
        )
        return dataclasses.replace(
            original,
            kind=Kind.CORRECTION,
            lines=lines,
            tenders=(),
            payment_kind=self._given_back(original),
            paid=self._is_settled(original),
            corrected_number=self.origin_id.number,
            proforma_number="",
            proforma_id="",
            **self._amended(original),
        )

    def _needs_rate(self, provider, invoice):
        # Whoever fills in the rates takes that of the day of issue: a correction would
        # take back other forints of VAT than were charged.
        if self.kind != "correction":
            return super()._needs_rate(provider, invoice)
        return invoice.currency != "HUF" and not invoice.exchange_rate

    def _ask_rate(self, provider, invoice, exchanges):
        """Return the rate of the corrected invoice, which only the service may know.

        :raises billing.errors.Rejected: it does not tell
        """
        if self.kind != "correction":
            return super()._ask_rate(provider, invoice, exchanges)
        original = self.origin_id
        if not original.exchange_rate:
            current = self._read(provider, exchanges, original)
            if not current.exchange_rate:
                raise errors.Rejected(
                    self.env._(
                        "The service does not tell the exchange rate of %s. Make the "
                        "correction there and record its number here.",
                        original.name,
                    )
                )
            original.exchange_rate = float(current.exchange_rate)
        return Decimal(str(original.exchange_rate))

    def _given_back(self, original):
        """Return by what most of the money was given back."""
        tenders = self.facts["tenders"]
        if not tenders:
            return original.payment_kind
        main = max(tenders, key=lambda entry: abs(Decimal(entry["amount"])))
        method = self.env["pos.payment.method"].browse(main["method"])
        return PaymentKind(method.salon_payment_kind or original.payment_kind)

    def _is_settled(self, original):
        """True if nobody owes what came back: it was given back, or set off.

        What is put on the customer's account has not been given back.
        """
        tenders = self.facts["tenders"]
        given = [entry for entry in tenders if Decimal(entry["amount"]) < 0]
        if not given:
            return original.paid
        return not all(entry.get("later") for entry in given)

    def _resolve_remainder(self):
        """Return the invoice of what was kept."""
        root = self._root()
        original = root._invoice()
        lines = root._resolve_kept(self.facts["lines"])
        settlement = self._settle_kept(sum(line.gross for line in lines))
        return dataclasses.replace(
            original,
            lines=lines,
            tenders=settlement.tenders,
            payment_kind=settlement.main,
            paid=settlement.paid,
            proforma_number="",
            proforma_id="",
            **self._amended(original),
        )

    def _amending_comment(self):
        """Return what was taken back, and which invoice a remainder goes on from."""
        parts = [self.reason]
        if self.kind == "remainder":
            parts.insert(0, self._say(FIRST_INVOICE, self._root().number or "-"))
        return "\n".join(filter(None, parts))

    def _amended(self, original):
        """Return what an amending document has of its own."""
        key, shop = self.external_key, self._root().order_id.config_id
        return {
            "external_key": key,
            "block": shop._salon_block(self.account_id),
            "bank_account": self._resolve_bank_account(original.currency),
            "order_number": f"{self.facts['reference']}-{key[:6]}",
            "comment": self._amending_comment(),
            # Not in the past on the day that it is made.
            "due_date": max(original.due_date, self._today()),
        }
