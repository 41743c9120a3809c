"""Exempt salons (alanyi adómentes, AAM): the limit of a year, and a change of status.

How sure each rule is (read at people who advise on it, not in the law itself):

* An exempt company charges no VAT; its documents say AAM (VAT Act 187; sure).
* The limit is of a calendar year: 20 million forints in 2026, 22 in 2027, 24 in 2028
  (VAT Act 188; fairly sure: two advisers' pages of 2026 say the same).
* Once it is crossed, VAT is charged from the supply on that crosses it, and what was
  supplied before stays exempt (VAT Act 191; fairly sure). Which sale that is, the
  accountant says: here a change is of a day.

A document is made by the status of the day of its sale, whenever it is issued.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

#: The code of the exemption.
AAM = "AAM"
#: Year -> forints of its limit. Later years have the last one until the law is known.
LIMITS = {
    2025: Decimal(18_000_000),
    2026: Decimal(20_000_000),
    2027: Decimal(22_000_000),
    2028: Decimal(24_000_000),
}
#: The part of the limit from which it is time to ask the accountant.
NEAR = Decimal("0.8")


class Room(str, Enum):
    """How far an exempt company is from the limit of the year."""

    ENOUGH = "enough"
    NEAR = "near"
    CROSSED = "crossed"


@dataclass(frozen=True, kw_only=True)
class VatChange:
    """A change of status, which counts for sales from ``day`` on.

    ``answer`` is what the company had said until then of taxes that contradict an
    exemption (``policy.VatAnswer`` or None). ``exempt_as`` is the VAT code for what is
    still sold at an exempt tax although VAT is charged; "" until somebody has said it.
    """

    day: date
    before: str  # the default VAT of the company: AAM, or a percentage
    after: str
    answer: str | None = None
    exempt_as: str = ""


def limit(year):
    """Return the forints that an exempt company may turn over in a year."""
    return LIMITS.get(year) or LIMITS[max(LIMITS)]


def room(turnover, year):
    """Return the :class:`Room` that is left.

    :param Decimal turnover: forints of the year so far
    """
    if turnover > limit(year):
        return Room.CROSSED
    return Room.NEAR if turnover >= NEAR * limit(year) else Room.ENOUGH


def last_change(changes, day):
    """Return the :class:`VatChange` that a day's sales are subject to, or None."""
    passed = [change for change in changes if change.day <= day]
    return max(passed, key=lambda change: change.day, default=None)


def next_change(changes, day):
    """Return the first :class:`VatChange` after a day, or None."""
    later = [change for change in changes if change.day > day]
    return min(later, key=lambda change: change.day, default=None)
