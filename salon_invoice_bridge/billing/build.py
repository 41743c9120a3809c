"""From a sale and its policy to the document that is sent.

A reader starts at :func:`build`; each question that it asks has a module of its own:
:mod:`.lines`, :mod:`.settlement`, :mod:`.buyer` and :mod:`.notes`.
"""

from datetime import timedelta
from decimal import Decimal

from .buyer import make_bearer, make_buyer
from .deposit import Limits, advances, check_used, is_advance
from .errors import Rejected
from .invoice import UNFINISHED_KINDS, BankAccount, Invoice, Kind, PaymentKind
from .lines import check_total, make_lines, sort_lines
from .mail import write_mail
from .notes import comment
from .owed import respite
from .prepaid import UNKNOWN
from .settlement import settle
from .voucher import check_sold

#: The limits of a service that says nothing of final invoices.
NARROW = Limits()


def build(
    sale,
    policy,
    key,
    *,
    kind=Kind.INVOICE,
    today,
    choice=None,
    prepaid=UNKNOWN,
    limits=NARROW,
):
    """Return the ``invoice.Invoice`` of a sale.

    The buyer's id at the service and the exchange rate are still to be asked for.

    :param str key: our own name of the document, see ``Invoice.external_key``
    :param Kind kind: invoice, receipt, proforma or draft
    :param date today: the day of issue, in Hungary
    :param choice: ``buyer.BuyerChoice`` of a person, None if not decided
    :param prepaid: ``{till line: Prepaid}`` of vouchers and deposits that it uses
    :param deposit.Limits limits: of the service, for final invoices
    :raises Problem: a person must change something first, or it must wait
    :raises Rejected: a service could not take it
    """
    policy = policy.on(sale.day)
    check_total(sale)
    check_sold(sale.lines, prepaid)
    check_used(sale.lines, prepaid, sale.currency)
    billed, kept_off = sort_lines(sale.lines, policy, prepaid)
    lines = make_lines(billed, sale.currency, policy)
    gross = sum((line.gross for line in lines), Decimal(0))
    settlement = settle(sale, kept_off, gross, policy)
    buyer = _buyer(kind, sale.customer, policy, choice)
    mails = policy.send_email and bool(buyer.emails)
    # A receipt is e-mailed by a call of its own, and so also when somebody asks for it.
    says = mails or kind is Kind.RECEIPT
    try:
        return Invoice(
            external_key=key,
            order_number=order_number(sale.reference, key),
            kind=kind,
            buyer=buyer,
            lines=lines,
            tenders=settlement.tenders,
            payment_kind=settlement.main,
            paid=settlement.paid and kind not in UNFINISHED_KINDS,
            currency=sale.currency,
            fulfillment_date=sale.day,
            due_date=max(sale.day + _respite(sale, settlement, policy), today),
            language=policy.language,
            electronic=policy.electronic and bool(buyer.emails),
            send_email=mails,
            mail=write_mail(policy.mail, kind, sale.reference) if says else None,
            block=policy.block,
            bank_account=bank_account(policy, sale.currency),
            comment=comment(sale, kept_off, settlement, policy),
            advance=is_advance(billed),
            advances=advances(billed, prepaid, limits),
        )
    except ValueError as error:
        raise Rejected(str(error)) from error


def _buyer(kind, customer, policy, choice):
    """Return who the document is for; a receipt names nobody."""
    if kind is Kind.RECEIPT:
        return make_bearer(customer, policy)
    return make_buyer(customer, policy, choice)


def order_number(reference, key):
    """Return our number of the sale, which is printed and unique."""
    return f"{reference}-{key[:6]}"


def bank_account(policy, currency):
    """Return the seller's ``BankAccount`` for ``currency``, or None.

    The chosen one, unless it is kept in another currency: then the first that the
    service has in this one.
    """
    if not policy.bank_account:
        return None
    listed = policy.bank_accounts
    chosen = tuple(bank for bank in listed if bank.id == policy.bank_account)
    if not chosen:
        return BankAccount(name=policy.bank_name, number=policy.bank_account)
    for bank in chosen + listed:
        if bank.currency in ("", currency):
            return bank
    return None


def _respite(sale, settlement, policy):
    """Return the time between the sale and its due date."""
    transfer = settlement.main is PaymentKind.BANK_TRANSFER
    if not transfer and settlement.paid:
        return timedelta()
    return respite(sale.payments, policy.method_due_days, policy.due_days)
