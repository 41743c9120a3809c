"""Lines for services that take no negative ones: what is taken off goes into the rest.

Billingo's receipts have one amount for a line, and nothing that says "less" (OpenAPI
3.0.15, ``ReceiptProductData``: sure that there is no other field; that a negative one
would be refused is an assumption, which costs nothing).
"""

from dataclasses import replace
from decimal import Decimal

from ..billing.allocation import share
from ..billing.errors import Rejected
from ..billing.money import unit

#: Between what is sold and the names of what was taken off its price.
LESS = "levonva"


def merge(lines, currency, word):
    """Return ``lines`` without negative ones and without those of nothing.

    What is taken off (a discount, a voucher, something that came back) lowers the lines
    of its own VAT rate in proportion to their amounts, and they are named with it:
    "Hajvágás (levonva: Törzsvendég)". The sum for each rate stays as it is.

    :param lines: ``Line``
    :param word: function that returns the service's word for a VAT code
    :return: a tuple of ``Line``, each with a positive amount, in the same order
    :raises Rejected: something is taken off that was not sold at this rate, or nothing
        is left; whatever ``word`` raises
    """
    rates = {}
    for index, line in enumerate(lines):
        rates.setdefault(word(line.vat), []).append((index, line))
    kept = [
        pair for rate, rows in rates.items() for pair in _merge(rate, rows, currency)
    ]
    if not kept:
        raise Rejected("Nothing is left of the sale", fields={"items": ""})
    return tuple(line for _index, line in sorted(kept, key=lambda pair: pair[0]))


def _merge(rate, rows, currency):
    """Return what is left of ``rows``, each ``(index, line)`` of one rate."""
    sold = [(index, line) for index, line in rows if line.gross > 0]
    taken = [line for _index, line in rows if line.gross < 0]
    off = -sum((line.gross for line in taken), Decimal(0))
    grosses = [line.gross for _index, line in sold]
    names = ", ".join(dict.fromkeys(line.name for line in taken))
    if off > sum(grosses):
        raise Rejected(
            f"More is taken off than was sold with VAT {rate}: {names}",
            fields={"items.vat": rate},
        )
    if not off:
        return sold
    return [
        (index, _lower(line, part, names))
        for (index, line), part in zip(
            sold, share(off, grosses, unit(currency)), strict=True
        )
        if part < line.gross
    ]


def _lower(line, part, names):
    if not part:
        return line
    name = f"{line.name} ({LESS}: {names})"
    return replace(line, name=name, gross=line.gross - part)
