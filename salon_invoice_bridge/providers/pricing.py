"""Unit prices for services that multiply by themselves."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from math import gcd

from ..billing.invoice import RateSum
from ..billing.money import split_gross, unit
from ..billing.text import decimals
from ..billing.vat import rate
from .wire import number

#: What both generations of Billingo's interface take.
PRICE_DECIMALS = 6
QUANTITY_DECIMALS = 3
_LARGEST = Decimal(10) ** 9
#: The finest quantity.
_GRAIN = Decimal(1).scaleb(-QUANTITY_DECIMALS)
#: Quantities by which every whole forint, and every cent, has an exact unit price.
_EASY = sorted(
    2**twos * 5**fives * _GRAIN
    for twos in range(PRICE_DECIMALS + 2)
    for fives in range(PRICE_DECIMALS + 2)
)


def parts(line, invoice):
    """Return the items that a line is sent as: ``(name, quantity, unit_price)`` each.

    Whether a service rounds an item is not published, so no product may need it: each
    is a multiple of the document's unit, and they add up to ``line.gross`` exactly.
    Where no unit price of at most six decimals gives it, the line is split into items
    of prices that are next to each other, 2 x 999 + 1 x 1,000 Ft for 2,998 Ft; the
    quantities add up to the line's.

    Only a quantity that no document can carry (negative, finer than three decimals, or
    beyond all goods) is sold as one piece, named with how many there really were.
    """
    quantity = line.quantity
    with localcontext() as context:
        context.prec = 60
        if 0 < quantity < _LARGEST and quantity == round(quantity, QUANTITY_DECIMALS):
            priced = _priced(quantity, line.gross, unit(invoice.currency))
            return [(line.name, *part) for part in priced]
    return [(label(line, invoice.language), Decimal(1), line.gross)]


def amounts(invoice):
    """Return the ``RateSum`` of each item that the lines of ``invoice`` are sent as."""
    with localcontext() as context:
        context.prec = 60
        return tuple(
            item_sum(line.vat, price * quantity, invoice.currency)
            for line in invoice.lines
            for _name, quantity, price in parts(line, invoice)
        )


def item_sum(code, gross, currency):
    """Return the ``RateSum`` of one item, gross first; a fraction of zeros is gone."""
    with localcontext() as context:
        context.prec = 60
        gross = gross.quantize(unit(currency))
        net, tax = split_gross(gross, rate(code), currency)
        return RateSum(vat=code, net=net, tax=tax, gross=gross)


def label(line, language):
    """Return the name to print on a line of one piece: "1,3333 x Sampon".

    :param str language: ISO code; only English has a decimal point
    """
    quantity = line.quantity
    if abs(quantity.adjusted()) > 20 or quantity.as_tuple().exponent < -40:
        text = f"{quantity:.6E}"  # digits are not spelt out without end
    else:
        text = number(quantity)
    return f"{decimals(text, language)} x {line.name}"


def _priced(quantity, gross, step):
    """Return ``(quantity, unit_price)`` whose products make ``gross``."""
    price = _exact_price(quantity, gross)
    if price is not None:
        return [(quantity, price)]
    if quantity % 1:
        return _split_fraction(quantity, gross, step)
    lower = gross // (quantity * step) * step
    if lower * quantity > gross:  # it divides towards zero
        lower -= step
    dearer = (gross - lower * quantity) / step
    return [(quantity - dearer, lower), (dearer, lower + step)]


def _split_fraction(quantity, gross, step):
    """Split a quantity with a fraction, so that both unit prices are near the real one.

    One part has a quantity that divides every amount; the other one takes what its own
    divides.
    """
    fair, splits = gross / quantity, []
    whole = quantity // 1
    if whole:
        rest = quantity - whole
        own = (fair * rest / step).quantize(Decimal(1), ROUND_HALF_UP) * step
        splits.append(_priced(whole, gross - own, step) + _priced(rest, own, step))
    for easy in _EASY:
        rest = quantity - easy
        if rest <= 0:
            break
        # The amounts that ``rest`` has an exact price for are multiples of this one.
        grain = _grain(rest, step)
        own = (fair * rest / grain).quantize(Decimal(1), ROUND_HALF_UP) * grain
        splits.append([(easy, (gross - own) / easy), (rest, own / rest)])

    def unfairness(split):
        worst = max(abs(price - fair) for _part, price in split)
        return max(worst, step), len(split)

    return min(splits, key=unfairness)


def _grain(quantity, step):
    """Return the smallest amount, a multiple of ``step``, with an exact unit price."""
    finest = int(step.scaleb(PRICE_DECIMALS) / _GRAIN)
    pieces = int(quantity / _GRAIN)
    return pieces // gcd(pieces, finest) * step


def _exact_price(quantity, gross):
    """Return the unit price whose product is ``gross``, None if none is."""
    price = (gross / quantity).quantize(
        Decimal(1).scaleb(-PRICE_DECIMALS), ROUND_HALF_UP
    )
    return price if price * quantity == gross else None
