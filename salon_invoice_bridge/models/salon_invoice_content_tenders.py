from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo import models

from ..billing.invoice import PaymentKind, Tender
from ..billing.money import quantize, unit
from ..providers import registry
from .content_problem import ContentProblem


@dataclass(frozen=True)
class Settlement:
    """How a sale was settled, as its document tells it.

    The tenders and what is ``owed`` add up to the document's gross.
    """

    tenders: tuple  # of Tender
    main: PaymentKind  # the one that the document names
    owed: Decimal  # on the customer's account
    rounding: Decimal  # taken beyond the gross, by cash rounding

    @property
    def paid(self):
        """True when nothing is owed."""
        return not self.owed


class SalonInvoiceContentTenders(models.Model):
    """The tenders: who paid with what, without the rounding of cash."""

    _inherit = "salon.invoice.document"

    def _resolve_settlement(self, facts, aside, gross):
        """Return the :class:`Settlement` of a document of ``gross``.

        The 5-forint rounding of cash and the fraction of a forint are settlement, not
        sale (2008. évi III. törvény): cash carries them, or else the largest tender.
        What was paid for what stands on no invoice is taken off the largest tenders.

        :param dict aside: entries that are not billed, by role
        :raises ContentProblem: what was paid is neither the sale nor its rounding
        """
        currency = facts["currency"]
        sign = -1 if gross < 0 else 1
        paid, owed = self._sum_tenders(facts["tenders"], aside)
        elsewhere = _total(aside.get("voucher", ())) + _total(aside.get("tip", ()))
        taken = sum(paid.values(), owed) - elsewhere
        self._check_taken(facts, taken, gross)
        amounts = {
            kind: sign * quantize(amount, currency) for kind, amount in paid.items()
        }
        owed = quantize(owed, currency)
        take_from_largest(amounts, sign * quantize(elsewhere, currency))
        rounding = sum(amounts.values()) - sign * (gross - owed)
        take_from_largest(amounts, rounding, PaymentKind.CASH)
        tenders = tuple(
            Tender(
                kind=kind, amount=sign * amount, date=date.fromisoformat(facts["day"])
            )
            for kind, amount in amounts.items()
            if amount
        )
        return Settlement(
            tenders=tenders,
            main=self._main_kind(amounts, sign * owed),
            owed=owed,
            rounding=taken - gross,
        )

    def _sum_tenders(self, entries, aside):
        """Return what was paid, by kind, and what is owed.

        Vouchers that were redeemed are payments, though the till has them as lines.
        """
        paid, owed = {}, Decimal(0)
        for entry in entries:
            amount = Decimal(entry["amount"])
            if entry.get("later"):
                owed += amount
            else:
                kind = self._tender_kind(entry)
                paid[kind] = paid.get(kind, Decimal(0)) + amount
        redeemed = -_total(aside.get("redeemed", ()))
        if redeemed:
            kind = PaymentKind.VOUCHER
            paid[kind] = paid.get(kind, Decimal(0)) + redeemed
        return paid, owed

    def _tender_kind(self, entry):
        """Return the kind of a tender: its method's, else the company's default.

        That also stands for Other at a service that has no word for it.
        """
        method = self.env["pos.payment.method"].browse(entry["method"])
        kind = method.salon_payment_kind
        provider = registry.get(self.account_id.provider)
        if kind == "other" and not provider.capabilities.other_payment:
            kind = False
        return PaymentKind(kind or self.company_id.salon_default_payment_kind)

    def _main_kind(self, amounts, owed):
        """Return the largest tender's kind; what is owed is to be transferred."""
        candidates = dict(amounts)
        if owed:
            transfer = PaymentKind.BANK_TRANSFER
            candidates[transfer] = candidates.get(transfer, Decimal(0)) + owed
        if not any(candidates.values()):
            return PaymentKind(self.company_id.salon_default_payment_kind)
        return max(candidates, key=candidates.get)

    def _check_taken(self, facts, taken, gross):
        """Stop a sale that was paid with another amount than it cost."""
        most = Decimal(facts.get("rounding", "0")) + unit(facts["currency"]) / 2
        if abs(taken - gross) > most:
            raise ContentProblem(
                self.env._(
                    "The invoice would be of %(gross)s, but %(taken)s was paid. "
                    "Nothing was sent. Look at the sale, and invoice it at the "
                    "service by hand.",
                    gross=self._money(gross),
                    taken=self._money(taken),
                ),
                self.order_id,
            )


def _total(entries):
    return sum((Decimal(entry["gross"]) for entry in entries), Decimal(0))


def take_from_largest(amounts, excess, first=None):
    """Take ``excess`` off ``amounts`` in place, none below zero; a lack is added.

    Change given on one tender for another is such an excess too: a negative amount
    goes into the largest one.

    :param first: the key that is changed before all others, if it is there
    """
    for kind in [kind for kind, amount in amounts.items() if amount < 0]:
        excess -= amounts[kind]
        amounts[kind] = Decimal(0)
    order = sorted(
        amounts,
        # A voucher is worth what it says; money is what was given for other things.
        key=lambda kind: (kind != first, kind is PaymentKind.VOUCHER, -amounts[kind]),
    )
    for kind in order:
        amount = max(amounts[kind] - excess, Decimal(0))
        excess -= amounts[kind] - amount
        amounts[kind] = amount
