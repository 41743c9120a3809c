"""Unit prices for services that multiply by themselves."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

from .money import unit

#: What both generations of Billingo's interface take.
PRICE_DECIMALS = 6
QUANTITY_DECIMALS = 3
_LARGEST = Decimal(10) ** 9


def per_unit(line, currency, *, rounds=True):
    """Return ``(quantity, unit_price)`` whose product is the line's gross.

    Where no unit price of at most six decimals gives ``line.gross`` to the last forint,
    or the quantity is none that a document can carry (negative, or finer than three
    decimals), the line is sold as one piece at its gross, and :func:`label` says how
    many there really were.

    :param bool rounds: True if the service rounds the product to the document's unit,
        so that 3 x 333.3 is 1000 Ft; False if it is known to keep 999.9
    """
    step = unit(currency)
    quantity = line.quantity
    if 0 < quantity < _LARGEST and _decimals(quantity) <= QUANTITY_DECIMALS:
        with localcontext() as context:
            context.prec = 60
            exact = line.gross / quantity
            for decimals in range(_decimals(step), PRICE_DECIMALS + 1):
                price = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
                product = price * quantity
                if rounds:
                    product = product.quantize(step, ROUND_HALF_UP)
                if product == line.gross:
                    return quantity, price
    return Decimal(1), line.gross


def label(line, currency, *, rounds=True):
    """Return the name to print, with the real quantity where one piece stands for it.

    The parameters are those of :func:`per_unit`.
    """
    quantity, _price = per_unit(line, currency, rounds=rounds)
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
