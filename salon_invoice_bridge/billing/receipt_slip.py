"""Decide what a till's slip prints of a receipt that the service has issued.

A receipt says when it was issued, its number, who issued it (name, address and tax
number) and the gross (VAT Act 173; fairly sure: the law's text was not read). A slip
with all of that says what the receipt says; whether it may be handed over in its place,
or the service's own layout has to be, is asked of the salon. Until the service has
given a number, a slip says that it is no receipt (sure).

After a part has come back the service has a storno and a receipt of what was kept. The
slip of the refund says both, one below the other; who issues them is said once.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum


class Layout(str, Enum):
    """What the customer gets on paper: an answer of the salon."""

    TILL = "till"  # the till's slip, with the receipt's data
    SERVICE = "service"  # the service's own layout; the slip only names the number


@dataclass(frozen=True, kw_only=True)
class Sum:
    """The gross of one VAT rate, in the currency of the document."""

    vat: str  # as people read it: "27%", "AAM"
    gross: Decimal


def sums_by_rate(lines, cancelled=False):
    """Return the gross of each VAT rate as :class:`Sum` s, the highest rate first.

    :param lines: ``invoice.Line`` s
    :param bool cancelled: True for the storno of these lines
    """
    gross = {}
    for line in lines:
        gross[line.vat] = gross.get(line.vat, Decimal(0)) + line.gross
    sign = -1 if cancelled else 1
    return tuple(
        Sum(vat=_label(code), gross=sign * gross[code])
        for code in sorted(gross, key=_place)
    )


def best_width(widths, wanted):
    """Return the width of paper that is printed for one of ``wanted`` mm, or None.

    The widest of those that fit, else the narrowest there is.

    :param widths: of paper in mm that the service has layouts for
    """
    fitting = [width for width in widths if width <= wanted]
    return max(fitting) if fitting else min(widths, default=None)


def _label(code):
    return f"{code}%" if _is_rate(code) else code


def _place(code):
    """Return a sort key: rates from the highest, then the letter codes."""
    return (0, -Decimal(code), "") if _is_rate(code) else (1, Decimal(0), code)


def _is_rate(code):
    return code[:1].isdigit()
