"""Deposits: sold by an advance invoice, used on a final one, refunded, forfeited.

* Sold: the money received for a later service is taxed when it is received, at the
  service's rate; an advance invoice says so (VAT Act 59, 159 (2); sure of the rule, the
  text of the law was not read).
* Used: the final invoice has the whole service and a negative line at the deposit's own
  rate, which names the advance invoice. Where the deposit's rate was another one than
  the service's, the VAT of the deposit is given back by this line, and that of the
  service is charged (fairly sure). It is issued, too, if nothing is left to be paid:
  the service has been rendered (fairly sure).
* NAV: a deposit's line stays one in a storno and in a correction (NTCA-tax in
  nav-gov-hu/Online-Invoice#367, #889; sure). Its number need not be reported (#413).
* Szamlazz.hu: ``elolegszamla``, then ``vegszamla`` with one ``elolegSzamlaszam``; the
  negative line is the caller's; one final invoice for an advance (error 73). Billingo:
  type ``advance``, then ``advance_invoice`` with any number of ids (schemas: sure;
  whether Billingo adds the negative line itself is not known).

An invoice of a deposit and something else is an ordinary one with an advance line, for
an advance invoice has nothing else; so is one whose advance has had its final invoice.
Both name the first document in words: the VAT is right either way.

What a deposit is that the customer forfeits is one question to the salon, see
:class:`NoShow`.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from .invoice import Advance
from .money import unit
from .problem import ORDER, Code, Problem
from .sale import Role


class NoShow(str, Enum):
    """What a deposit is that stays with the salon because the customer did not come.

    A price for what was kept free for the customer is taxed (CJEU C-250/14, Air
    France); a compensation is not (C-277/05, Societe thermale). Which one it is depends
    on the salon's terms: the accountant says it. Paying the VAT is always accepted.
    """

    FEE = "fee"  # the advance invoice stands as it is; the default
    DAMAGES = "damages"  # it is taken back, and the money is kept without an invoice


class Closing(str, Enum):
    """What is done about a forfeited deposit."""

    NOTHING = "nothing"  # but the deposit cannot be used any more
    STORNO = "storno"
    CORRECTION = "correction"  # part of it was used
    PERSON = "person"  # part of it was used, and the service has no corrections


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many advance invoices and final invoices belong together at a service.

    None is any number.  The defaults are the narrower ones of the two services.
    """

    advances: int | None = 1  # that one final invoice names
    finals: int | None = 1  # that name one advance invoice


def is_advance(lines):
    """Return True if what is billed is deposits alone, at whatever discount.

    :param lines: ``SaleLine`` s
    """
    return {line.role for line in lines} - {Role.DISCOUNT} == {Role.DEPOSIT}


def is_involved(lines):
    """Return True if a deposit is sold or used: no receipt can say that."""
    return any(line.role in (Role.DEPOSIT, Role.DEPOSIT_USED) for line in lines)


def check_used(lines, prepaid, currency):
    """Stop a sale with a deposit that cannot be taken off yet, or not so much of it.

    :param lines: ``SaleLine`` s
    :param prepaid: ``{till line: Prepaid}``
    :raises Problem: it waits for the deposit's document, or a person must look
    """
    used = {}
    for line in lines:
        if line.role is not Role.DEPOSIT_USED:
            continue
        sold = prepaid.get(line.settles)
        if sold and sold.open_document:
            raise Problem(Code.WAITS_FOR, document=sold.open_document)
        if not sold or not sold.vat:
            raise Problem(Code.DEPOSIT_NOT_INVOICED, ORDER, line=line.name)
        used[sold.line] = used.get(sold.line, Decimal(0)) - line.gross
        if used[sold.line] - sold.left >= unit(currency):
            raise Problem(
                Code.PREPAID_TOO_LARGE,
                ORDER,
                line=line.name,
                left=sold.left,
                currency=currency,
            )


def advances(lines, prepaid, limits):
    """Return the ``Advance`` s that a final invoice of ``lines`` names.

    The largest ones first where the service takes fewer than there are.

    :param lines: ``SaleLine`` s that are billed
    :param prepaid: ``{till line: Prepaid}``
    :param Limits limits: of the service
    """
    used = {}
    for line in lines:
        sold = prepaid.get(line.settles)
        if line.role is Role.DEPOSIT_USED and sold and sold.advance:
            if limits.finals is None or sold.finals < limits.finals:
                advance = Advance(number=sold.number, id=sold.id)
                used[advance] = used.get(advance, Decimal(0)) - line.gross
    order = sorted(used, key=used.get, reverse=True)
    return tuple(order[: limits.advances])


def still_named(named, lines):
    """Return those of ``named`` that a document of ``lines`` still settles.

    :param named: ``Advance`` s of a final invoice
    :param lines: ``invoice.Line`` s of what the customer keeps of it
    """
    settled = {line.settles for line in lines if line.advance and line.settles}
    return tuple(advance for advance in named if advance.number in settled)


def forfeit(deposit, answer, corrects):
    """Return the :class:`Closing` of a deposit whose customer did not come.

    :param Prepaid deposit: something must be left of it
    :param NoShow answer: the salon's, None if it has not said
    :param bool corrects: the service has corrections
    :raises ValueError: if nothing is left
    """
    if deposit.left <= 0:
        raise ValueError("Nothing is left of the deposit")
    if answer is not NoShow.DAMAGES or not deposit.vat:
        return Closing.NOTHING
    if not deposit.used and not deposit.finals:
        return Closing.STORNO
    return Closing.CORRECTION if corrects else Closing.PERSON
