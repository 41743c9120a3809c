"""Line amounts by Számlázz.hu's arithmetic.

The service calculates nothing: it checks, line by line, that unit price x quantity is
the net (errors 259, 262), that the VAT follows from it (260, 263) and that both make
the gross (261, 264).  Its documentation ("important information") has a method for
consumer prices, where the gross binds; :func:`amounts` is that method.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

from ...billing import vat
from ...billing.errors import Rejected
from ...billing.money import split_gross, unit
from .. import pricing

#: The documented method rounds unit prices to 2 decimals; more only where 2 miss.
_DECIMALS = range(2, 7)
_QUANTITY_DECIMALS = 6
_LARGEST = Decimal(10) ** 12


@dataclass(frozen=True)
class Amounts:
    """What one line says: Decimals in the document's currency.

    ``unit_price`` is net.  ``label`` is the line's name, with the real quantity before
    it where ``quantity`` is only 1 or -1 because no unit price fits.
    """

    label: str
    quantity: Decimal
    unit_price: Decimal
    net: Decimal
    vat: Decimal
    gross: Decimal


def amounts(line, currency, language=""):
    """Return the :class:`Amounts` of a :class:`~.invoice.Line`, gross first.

    :param str language: of the document, for numbers in its text
    :raises Rejected: if the amount is beyond anything that a salon sells
    """
    if abs(line.gross) >= _LARGEST:
        raise Rejected(f"{line.name}: the amount is too large", fields={"gross": ""})
    with localcontext() as context:
        context.prec = 60
        net, tax = split_gross(line.gross, vat.rate(line.vat), currency)
        label, quantity, price = line.name, line.quantity, None
        if _is_plain(quantity):
            price = _unit_price(net, quantity, unit(currency))
        if price is None:
            label = pricing.label(line, language)
            quantity = Decimal(1).copy_sign(quantity)
            price = net * quantity
    return Amounts(label, quantity, price, net, tax, line.gross)


def _unit_price(net, quantity, step):
    """Return the shortest price whose product rounds to ``net``, None if none does."""
    exact = net / quantity
    for decimals in _DECIMALS:
        price = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        if abs(price * quantity - net) < step / 2:
            return price
    return None


def _is_plain(quantity):
    return abs(quantity) < _LARGEST and quantity == round(quantity, _QUANTITY_DECIMALS)
