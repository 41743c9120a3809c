"""Whole forints out of fractional ones, without losing any."""

from decimal import Decimal

from .money import quantize, unit


def spread(amounts, currency):
    """Round amounts to the document's unit so that their sum is the rounded sum.

    Each amount moves to one of its two neighbours in the unit; those whose fraction
    was cut off most unfairly move first (largest remainder method), the earlier one
    where two are equal.

    :param amounts: Decimals in ``currency``
    :return: a tuple of as many Decimals, in the same order
    """
    step = unit(currency)
    rounded = [quantize(amount, currency) for amount in amounts]
    missing = quantize(sum(amounts, Decimal(0)), currency) - sum(rounded, Decimal(0))
    direction = step if missing > 0 else -step
    order = sorted(
        range(len(rounded)),
        key=lambda index: (rounded[index] - amounts[index]) * direction,
    )
    for index in order[: int(abs(missing) / step)]:
        rounded[index] += direction
    return tuple(rounded)
