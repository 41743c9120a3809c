"""The content of what follows an invoice: corrections, remainders, another buyer's.

It is the original's, less what came back. Buyer (but for :func:`replacement`), VAT
codes, names, form and date of fulfilment are those of the original as it was issued,
whatever has been changed in the settings since.  Block and bank account are the current
ones: the original's may have been deleted, and the service does not require the same.

:func:`kept_lines`, :func:`correction` and :func:`remainder` are the questions; the
settlement of a remainder is the sale's as it is now, less what was given back: see
:func:`settle_remainder`.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from .build import bank_account, order_number
from .deposit import still_named
from .invoice import Kind, PaymentKind, Tender
from .lines import make_lines, sort_again
from .mail import write_mail
from .money import quantize
from .returns import difference, shift
from .sale import Sale, SaleLine
from .settlement import Settlement, main_kind, sum_payments, take_from_largest

#: What is on the customer's account, among the kinds of payment.
OWED = None


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """What a correction or a remainder has of its own.

    ``returned`` is the refund, as it was frozen when it was paid.
    """

    key: str  # see Invoice.external_key
    returned: Sale
    reason: str = ""  # printed: which refund it was
    today: date  # the day of issue, in Hungary


def kept_lines(original, entries, currency, policy):
    """Return the lines of what the customer keeps of a sale.

    A line keeps the VAT code that it was invoiced with, and what was kept off stays so.

    :param Invoice original: the first invoice of the sale
    :param entries: of the sale's snapshot, see :mod:`.returns`
    :raises Problem: see :mod:`.lines`
    """
    codes = {}
    for line in original.lines:
        codes.setdefault(line.ref, set()).add(line.vat)
    lines = []
    for line in map(SaleLine.from_entry, entries):
        known = codes.get(str(line.id), ())
        # A service charge is divided over several codes, and is divided again.
        lines.append(replace(line, vat=min(known)) if len(known) == 1 else line)
    billed, _kept_off = sort_again(lines, original.lines)
    then = policy.on(original.fulfillment_date)  # discounts have no code of their own
    return make_lines(billed, currency, then) if billed else ()


# === CORRECTION === #


def correction(original, standing, lines, number, amendment, policy):
    """Return the correction that leaves the customer with ``lines``.

    :param Invoice original: the document that is corrected
    :param standing: its lines and those of its corrections so far
    :param lines: what the customer keeps
    :param str number: of the document that is corrected
    """
    returned = amendment.returned
    return replace(
        original,
        kind=Kind.CORRECTION,
        lines=difference(standing, lines, returned.currency),
        tenders=(),
        payment_kind=_given_back_by(returned, original, policy),
        paid=_is_settled(returned, original),
        corrected_number=number,
        proforma_number="",
        proforma_id="",
        comment=amendment.reason,
        advance=False,  # its lines say it
        advances=(),
        **_own(original, amendment.key, returned.reference, amendment.today, policy),
    )


def _given_back_by(returned, original, policy):
    """Return the kind of payment by which most of the money was given back."""
    if not returned.payments:
        return original.payment_kind
    main = max(returned.payments, key=lambda payment: abs(payment.amount))
    return policy.payment_kinds.get(main.method) or original.payment_kind


def _is_settled(returned, original):
    """Return True if what came back is not owed: it was given back, or set off.

    What is put on the customer's account has not been given back.
    """
    given = [payment for payment in returned.payments if payment.amount < 0]
    if not given:
        return original.paid
    return not all(payment.later for payment in given)


# === REMAINDER === #


def remainder(original, lines, settlement, first_invoice, amendment, policy):
    """Return the invoice of ``lines``, which the customer has kept.

    :param Invoice original: the first invoice of the sale
    :param Settlement settlement: see :func:`settle_remainder`
    :param str first_invoice: a text that names the original, printed
    """
    return replace(
        original,
        lines=lines,
        tenders=settlement.tenders,
        payment_kind=settlement.main,
        paid=settlement.paid,
        proforma_number="",
        proforma_id="",
        comment="\n".join(filter(None, (first_invoice, amendment.reason))),
        advances=still_named(original.advances, lines),
        **_own(
            original,
            amendment.key,
            amendment.returned.reference,
            amendment.today,
            policy,
        ),
    )


def _own(original, key, reference, today, policy):
    """Return what each document that follows ``original`` has of its own."""
    return {
        "external_key": key,
        "order_number": order_number(reference, key),
        "block": policy.block,
        "bank_account": bank_account(policy, original.currency),
        # Not before the day of issue.
        "due_date": max(original.due_date, today),
    }


# === ANOTHER BUYER === #


def replacement(original, buyer, paid, key, reference, today, policy):
    """Return the invoice that follows the storno of ``original``, for ``buyer``.

    What was sold, at which VAT, when, and what has been paid of it are the original's.

    :param Invoice original: what the storno has cancelled
    :param Buyer buyer: whom the sale is made out to now
    :param Paid paid: what is paid of the original
    :param str key: see ``Invoice.external_key``
    :param str reference: the number of the receipt
    :param date today: the day of issue, in Hungary
    """
    amounts = {}
    for tender in paid.tenders:
        amounts[tender.kind] = amounts.get(tender.kind, Decimal(0)) + tender.amount
    mails = policy.send_email and bool(buyer.emails)
    return replace(
        original,
        buyer=buyer,
        partner_id="",  # of another buyer
        tenders=paid.tenders,
        payment_kind=main_kind(amounts, paid.owed, policy),
        paid=not paid.owed,
        electronic=policy.electronic and bool(buyer.emails),
        send_email=mails,
        mail=write_mail(policy.mail, original.kind, reference) if mails else None,
        proforma_number="",
        proforma_id="",
        **_own(original, key, reference, today, policy),
    )


# === WHAT IS PAID OF A REMAINDER === #


@dataclass(frozen=True)
class Paid:
    """What is paid of an issued document now: both add up to its gross."""

    tenders: tuple[Tender, ...]
    owed: Decimal


def paid_as_built(invoice):
    """Return the :class:`Paid` of a document whose payments are not registered yet."""
    return Paid(invoice.tenders, invoice.gross - _total(invoice.tenders))


def paid_at_service(invoice, registered, owed, today):
    """Return the :class:`Paid` of a document as the service has it.

    What somebody has registered or undone at the service itself is known by its sum
    only; it is taken for the kind of payment that the document names.

    :param registered: tenders that we have registered
    :param Decimal owed: what the service says
    """
    more = invoice.gross - owed - _total(registered)
    if more > 0:
        other = Tender(kind=invoice.payment_kind, amount=more, date=today)
        return Paid((*registered, other), owed)
    return Paid(_shifted(registered, more), owed)


def settle_remainder(cancelled, paid, gross, returned, policy):
    """Return the :class:`~.settlement.Settlement` of a remainder.

    What was given back is taken off what was paid by the same kind of payment, what was
    put on the customer's account off what is owed there.  What is left of it, and what
    came back for other goods, is money too: it is taken off the largest tenders.

    :param Invoice cancelled: what the storno has cancelled: each of several refunds
        starts from what the one before has left
    :param Paid paid: what is paid of it
    :param Decimal gross: of the remainder, in its currency
    :param Sale returned: the refund
    """
    amounts = {OWED: paid.owed}
    for tender in paid.tenders:
        amounts[tender.kind] = amounts.get(tender.kind, 0) + tender.amount
    missing = cancelled.gross - gross
    back = _given_back(returned, policy)
    for kind, amount in back.items():
        if kind in amounts:
            part = max(min(amount, missing, amounts[kind]), Decimal(0))
            amounts[kind] -= part
            missing -= part
    del amounts[OWED]
    # What is left where cash was given back is, or has, the rounding of cash.
    first = PaymentKind.CASH if PaymentKind.CASH in back else None
    take_from_largest(amounts, missing, first)
    owed = gross - sum(amounts.values(), Decimal(0))
    return Settlement(
        tenders=_reduced(paid.tenders, amounts),
        main=main_kind(amounts, owed, policy),
        owed=owed,
        rounding=Decimal(0),
    )


def _given_back(returned, policy):
    """Return what was given back, by kind of payment or ``OWED``, that one first.

    :return: positive Decimals in the sale's currency
    """
    paid, owed = sum_payments(returned.payments, policy)
    return {
        kind: -quantize(amount, returned.currency)
        for kind, amount in {OWED: owed, **paid}.items()
        if amount < 0
    }


def _total(tenders):
    return sum((tender.amount for tender in tenders), Decimal(0))


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
        replace(tender, amount=amount)
        for tender, amount in zip(tenders, amounts, strict=True)
        if amount
    )
