import dataclasses
from datetime import datetime
from decimal import Decimal

from odoo import models

from ..billing.invoice import PaymentKind, Tender
from ..billing.money import quantize
from ..billing.returns import shift
from .pos_order import BUDAPEST
from .salon_invoice_content_tenders import Settlement, take_from_largest

#: Steps that leave the service and us with the same payments.
TELLING = ("payments", "pay", "unpay")
#: What is on the customer's account, among the kinds of payment.
OWED = None


class SalonInvoiceKeptTenders(models.Model):
    """How what the customer kept is settled: as the sale is now, less what came back.

    "Now" is the document that the storno has cancelled, with what was paid of it since:
    each of several refunds starts from what the one before has left.
    """

    _inherit = "salon.invoice.document"

    def _settle_kept(self, gross):
        """Return the :class:`Settlement` of a remainder.

        What was given back is taken off what was paid by the same means, what was put
        on the customer's account off what is owed there.  What is left of it, and what
        came back for other goods, is money too: it is taken off the largest tenders.

        :param Decimal gross: of the remainder, in its currency
        """
        before = self.origin_id.origin_id
        tenders, owed = before._settled()
        amounts = {OWED: owed}
        for tender in tenders:
            amounts[tender.kind] = amounts.get(tender.kind, 0) + tender.amount
        missing = before._invoice().gross - gross
        back = self._given_by_kind()
        for kind, amount in back.items():
            if kind in amounts:
                part = max(min(amount, missing, amounts[kind]), Decimal(0))
                amounts[kind] -= part
                missing -= part
        del amounts[OWED]
        # What is left where cash was given back is, or has, the rounding of cash.
        first = PaymentKind.CASH if PaymentKind.CASH in back else None
        take_from_largest(amounts, missing, first)
        owed = gross - _sum(amounts.values())
        return Settlement(
            tenders=_reduced(tenders, amounts),
            main=self._main_kind(amounts, owed),
            owed=owed,
            rounding=Decimal(0),
        )

    def _given_by_kind(self):
        """Return what was given back, by the kind of payment, or ``OWED``.

        :return: positive Decimals in the sale's currency, what was owed first
        """
        facts = self.origin_id.facts
        paid, owed = self._sum_tenders(facts["tenders"], {})
        return {
            kind: -quantize(amount, facts["currency"])
            for kind, amount in {OWED: owed, **paid}.items()
            if amount < 0
        }

    def _settled(self):
        """Return the tenders of this issued document as of now, and what is owed.

        :return: of ``Tender`` a tuple, and a Decimal; they add up to its gross
        """
        invoice, steps = self._invoice(), self.step_ids
        untold = steps.filtered(lambda step: step.kind == "payments")
        if untold and not steps.filtered(
            lambda step: step.kind in TELLING and step.state == "done"
        ):
            tenders = invoice.tenders
            return tenders, invoice.gross - _total(tenders)
        owed = Decimal(str(self.amount_outstanding))
        return self._paid_there(invoice, invoice.gross - owed), owed

    def _paid_there(self, invoice, paid):
        """Return the registered tenders, made to be ``paid`` in all.

        What somebody has registered or undone at the service itself is known by its
        sum only; it is taken for the means that the document names.
        """
        tenders = self._tenders()
        more = paid - _total(tenders)
        if more > 0:
            day = datetime.now(BUDAPEST).date()
            other = Tender(kind=invoice.payment_kind, amount=more, date=day)
            return (*tenders, other)
        return _shifted(tenders, more)


def _sum(amounts):
    return sum(amounts, Decimal(0))


def _total(tenders):
    return _sum(tender.amount for tender in tenders)


def _reduced(tenders, amounts):
    """Return ``tenders``, on their days, as they make ``amounts`` by kind."""
    reduced = ()
    for kind, amount in amounts.items():
        own = tuple(tender for tender in tenders if tender.kind is kind)
        reduced += _shifted(own, amount - _total(own))
    return reduced


def _shifted(tenders, missing):
    """Return ``tenders`` plus ``missing``, without those of which nothing is left."""
    amounts = shift([tender.amount for tender in tenders], missing)
    return tuple(
        dataclasses.replace(tender, amount=amount)
        for tender, amount in zip(tenders, amounts, strict=True)
        if amount
    )
