"""Unit prices for services that multiply by themselves."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

#: What both generations of Billingo's interface take.
PRICE_DECIMALS = 6
QUANTITY_DECIMALS = 3
_LARGEST = Decimal(10) ** 9


def per_unit(line):
    """Return ``(quantity, unit_price)`` whose product is exactly the line's gross.

    Whether a service rounds a line is not published, so no product may need it.  Where
    no unit price of at most six decimals gives ``line.gross``, or the quantity is none
    that a document can carry (negative, or finer than three decimals), the line is sold
    as one piece at its gross, and :func:`label` says how many there really were.
    """
    quantity = line.quantity
    if 0 < quantity < _LARGEST and _decimals(quantity) <= QUANTITY_DECIMALS:
        with localcontext() as context:
            context.prec = 60
            price = (line.gross / quantity).quantize(
                Decimal(1).scaleb(-PRICE_DECIMALS), ROUND_HALF_UP
            )
            if price * quantity == line.gross:
                return quantity, price
    return Decimal(1), line.gross


def label(line):
    """Return the name to print, with the quantity where one piece stands for all."""
    quantity, _price = per_unit(line)
    if quantity == line.quantity:
        return line.name
    real = line.quantity
    if abs(real.adjusted()) < 20:
        real = format(real, "f")
    return f"{real} x {line.name}"


def _decimals(value):
    """Return how many decimals ``value`` needs."""
    _sign, digits, exponent = value.as_tuple()
    while exponent < 0 and digits and digits[-1] == 0:
        digits, exponent = digits[:-1], exponent + 1
    return max(0, -exponent)
