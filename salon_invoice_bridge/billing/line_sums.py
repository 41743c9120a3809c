"""The lines of a document as people read them: unit price, net, VAT, gross."""

from dataclasses import dataclass
from decimal import Decimal

from .money import split_gross
from .vat import rate


@dataclass(frozen=True, kw_only=True)
class LineSum:
    """A line of a document; amounts are Decimals in its currency.

    ``unit_price`` is gross, and exact only where the gross can be divided; net and VAT
    are the line's own, and may round otherwise than the sum of the document's rate.
    """

    name: str
    comment: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    vat: str
    net: Decimal
    tax: Decimal
    gross: Decimal


def line_sums(invoice, *, turned=False):
    """Return the :class:`LineSum` s of an ``Invoice``.

    :param bool turned: as its storno has them, negative
    """
    sign = -1 if turned else 1
    return [_line_sum(line, invoice.currency, sign) for line in invoice.lines]


def name_rate(code):
    """Return a VAT code as people write it: "27%", "AAM"."""
    return f"{code}%" if code[:1].isdigit() else code


def _line_sum(line, currency, sign):
    net, tax = split_gross(line.gross, rate(line.vat), currency)
    return LineSum(
        name=line.name,
        comment=line.comment,
        quantity=sign * line.quantity,
        unit=line.unit,
        unit_price=line.gross / line.quantity,
        vat=name_rate(line.vat),
        net=sign * net,
        tax=sign * tax,
        gross=sign * line.gross,
    )
