"""Whole forints out of fractional ones, and parts of a whole, without losing any."""

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


def share(total, weights, step=Decimal("0.01")):
    """Split ``total`` in proportion to ``weights``, in multiples of ``step``.

    The parts add up to ``total``, and none is larger than its weight as long as
    ``total`` is not larger than all of them (largest remainder method).

    :param Decimal total: not negative, a multiple of ``step``
    :param weights: Decimals, none negative, at least one positive
    :return: a tuple of as many Decimals, in the same order
    """
    units, whole = int(total / step), sum(weights)
    exact = [units * weight / whole for weight in weights]
    parts = [int(value) for value in exact]
    order = sorted(range(len(parts)), key=lambda index: parts[index] - exact[index])
    for index in order[: units - sum(parts)]:
        parts[index] += 1
    return tuple(part * step for part in parts)
