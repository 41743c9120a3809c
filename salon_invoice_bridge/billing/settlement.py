"""The settlement: who paid with what, without the rounding of cash."""

from dataclasses import dataclass
from decimal import Decimal

from .invoice import PaymentKind, Tender
from .money import quantize, unit
from .problem import ORDER, Code, Problem
from .sale import PAID_BESIDE_ROLES, Role, total_gross

#: States of :func:`payment_state` in which something is still to be paid.
OWED = ("partial", "outstanding")


@dataclass(frozen=True)
class Settlement:
    """How a document is settled: ``tenders`` and ``owed`` add up to its gross."""

    tenders: tuple[Tender, ...]
    main: PaymentKind  # the one that the document names
    owed: Decimal  # on the customer's account
    rounding: Decimal  # taken beyond the gross, by cash rounding

    @property
    def paid(self):
        """True when nothing is owed."""
        return not self.owed


def settle(sale, kept_off, gross, policy):
    """Return the :class:`Settlement` of a document of ``gross``.

    The 5-forint rounding of cash and the fraction of a forint are settlement, not
    sale (2008. évi III. törvény): cash carries them, or else the largest tender.
    What was paid for what is on no invoice is taken off the largest tenders.

    :param kept_off: lines of the sale that are not on the document
    :raises Problem: what was paid is neither the sale nor its rounding
    """
    currency, sign = sale.currency, -1 if gross < 0 else 1
    redeemed = -total_gross(kept_off, Role.REDEEMED)
    beside = total_gross(kept_off, *PAID_BESIDE_ROLES)
    paid, owed = sum_payments(sale.payments, policy, redeemed)
    taken = sum(paid.values(), owed) - beside
    _check_taken(sale, taken, gross)
    amounts = {kind: sign * quantize(amount, currency) for kind, amount in paid.items()}
    owed = quantize(owed, currency)
    take_from_largest(amounts, sign * quantize(beside, currency))
    rounding = sum(amounts.values()) - sign * (gross - owed)
    take_from_largest(amounts, rounding, PaymentKind.CASH)
    return Settlement(
        tenders=tuple(
            Tender(kind=kind, amount=sign * amount, date=sale.day)
            for kind, amount in amounts.items()
            if amount
        ),
        main=main_kind(amounts, sign * owed, policy),
        owed=owed,
        rounding=taken - gross,
    )


def sum_payments(payments, policy, redeemed=Decimal(0)):
    """Return what was paid, by kind, and what is owed.

    :param redeemed: what vouchers paid, which the till has as lines
    :return: ``({kind: Decimal}, Decimal)``
    """
    paid, owed = {}, Decimal(0)
    for payment in payments:
        if payment.later:
            owed += payment.amount
        else:
            kind = payment_kind(payment, policy)
            paid[kind] = paid.get(kind, Decimal(0)) + payment.amount
    if redeemed:
        kind = PaymentKind.VOUCHER
        paid[kind] = paid.get(kind, Decimal(0)) + redeemed
    return paid, owed


def payment_kind(payment, policy):
    """Return the kind of a payment: its method's, else the company's default.

    The default also replaces Other at a service that has no word for it.
    """
    kind = policy.payment_kinds.get(payment.method)
    if kind is PaymentKind.OTHER and not policy.has_other_payment:
        kind = None
    return kind or policy.default_payment_kind


def main_kind(amounts, owed, policy):
    """Return the kind of the largest tender; what is owed is to be transferred.

    :param amounts: ``{kind: Decimal}``, positive where the customer paid
    """
    candidates = dict(amounts)
    if owed:
        transfer = PaymentKind.BANK_TRANSFER
        candidates[transfer] = candidates.get(transfer, Decimal(0)) + owed
    if not any(candidates.values()):
        return policy.default_payment_kind
    return max(candidates, key=candidates.get)


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


def owed_on(issued, meant):
    """Return what is owed on a document, as the service says it, or as it was meant.

    :param billing.invoice.IssuedDocument issued: as the service made it
    :param billing.invoice.Invoice meant: the content
    """
    if issued.outstanding is not None:
        return issued.outstanding
    return Decimal(0) if meant.paid else issued.gross


def payment_state(owed, gross):
    """Return how an issued document of ``gross`` is paid, in a word.

    :param owed: of ``gross``, in the same currency; what is no amount in it is 0
    """
    if not owed:
        return "paid"
    return "partial" if owed < gross else "outstanding"


def _check_taken(sale, taken, gross):
    """Stop a sale that was paid with another amount than it cost."""
    if abs(taken - gross) > sale.rounding + unit(sale.currency) / 2:
        raise Problem(
            Code.PAID_DIFFERS, ORDER, gross=gross, taken=taken, currency=sale.currency
        )
