"""What was paid for before it was used: vouchers and deposits, as they were sold.

A till takes a voucher or a deposit off a later sale by a negative line.  What that line
means depends on what the document of the first sale said: :class:`Prepaid` has it, the
caller looks it up by ``SaleLine.settles``.  What is not known (a card sold before the
salon was connected, an eWallet filled up several times) has no :class:`Prepaid`.
"""

from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from .money import unit
from .problem import Code, Problem
from .sale import VoucherKind


@dataclass(frozen=True, kw_only=True)
class Prepaid:
    """A voucher or a deposit that was sold, with what its sale's document made of it.

    ``amount`` is what was paid for it less what was paid back, ``used`` what sales
    before this one have taken off less what came back of these; Decimals in one
    currency. Were later ones counted, too, two sales would wait for each other.
    """

    line: int  # of the till
    amount: Decimal
    used: Decimal = Decimal(0)
    vat: str = ""  # the code that it was invoiced with, "" if it is on no document
    kept_off: bool = False  # its document was made without it, or was not needed
    number: str = ""  # of the document that stands for its sale
    id: str = ""  # of it, at the service
    advance: bool = False  # it is an advance invoice
    finals: int = 0  # final invoices that name it, made or perhaps being made
    open_document: str = ""  # the name of its document as long as that may change

    @property
    def left(self):
        """Return what can still be used, or paid back."""
        return self.amount - self.used

    @property
    def kind(self):
        """Return what it was sold as, a ``VoucherKind``, or None if nothing says."""
        if self.vat:
            return VoucherKind.SINGLE
        return VoucherKind.MULTI if self.kept_off else None


#: Nothing is known of what was sold before.
UNKNOWN = MappingProxyType({})


def documented(line, lines, **known):
    """Return the :class:`Prepaid` of a line of the till by its sale's document.

    :param int line: its id, which ``Line.ref`` of the document is
    :param lines: of the document that the service has, corrections included
    :param known: the other values of :class:`Prepaid`
    """
    own = [one for one in lines if one.ref == str(line)]
    vat = own[0].vat if own else ""
    return Prepaid(line=line, vat=vat, kept_off=not own, **known)


def check_kept(sold, kept, used, currency):
    """Stop a refund that pays back what has been used.

    A voucher may be worth more than what was paid for it: as long as nothing of it is
    paid back, what was used of it is the till's affair.

    :param sold: entries of a sale, see :mod:`.returns`
    :param kept: entries of what the customer keeps of it
    :param used: ``{till line: Decimal}`` that other sales have taken off
    :raises Problem: with the name of the line
    """
    left = {entry["line"]: Decimal(entry["gross"]) for entry in kept}
    for entry in sold:
        amount = left.get(entry["line"], Decimal(0))
        is_reduced = amount < Decimal(entry["gross"])
        if is_reduced and used.get(entry["line"], 0) - amount >= unit(currency):
            raise Problem(Code.PREPAID_USED, line=entry["name"])
