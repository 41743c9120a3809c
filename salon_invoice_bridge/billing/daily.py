"""Daily totals of receipts as NAV wants them, and how they differ from a service's.

Since 2026-09-01 receipts made by hand and by software are reported by the day: totals
for each VAT rate (VAT Act, annex 11: NAV staff in nav-gov-hu/eVAT#212; sure), within
three calendar days, without a penalty until 2026-12-31; for each day, series and
currency, sales and what modifies them apart, with their counts and the first serial, in
the categories of :class:`Category` (four developers agree; the law's text was not read:
fairly sure).  A storno is of the day of the storno and does not cancel out its receipt.

We never report: the services do (Szamlazz.hu says so; of Billingo it is one project's
comment). These totals are for comparing. Handwritten receipts are in no service: their
totals are what a salon reports by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from .text import serial_key

#: Calendar days after its day within which a day is reported.
REPORT_DAYS = 3
#: The last day on which nothing is fined.
GRACE_UNTIL = date(2026, 12, 31)


class Category(str, Enum):
    """The VAT categories of the report."""

    ZERO = "0"
    FIVE = "5"
    EIGHTEEN = "18"
    TWENTY_SEVEN = "27"
    AAM = "AAM"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """A receipt, or what modifies one (a storno): its amounts are negative.

    ``gross`` is by VAT code (:mod:`.vat`), in ``currency``.  ``sandbox`` ones do not
    exist for NAV. ``handwritten`` ones are known to no service. ``cancelled`` is None
    where it is not known.
    """

    number: str
    series: str
    day: date  # of its issue, in Hungary
    gross: Mapping[str, Decimal]
    currency: str = "HUF"
    exchange_rate: Decimal | None = None
    modifies: bool = False
    sandbox: bool = False
    handwritten: bool = False
    cancelled: bool | None = None

    @property
    def total(self):
        """Return the gross of all rates."""
        return sum(self.gross.values(), Decimal(0))


@dataclass(frozen=True, kw_only=True)
class DailyTotal:
    """The totals of one day, series and currency; changes are negative."""

    day: date
    series: str
    currency: str
    exchange_rate: Decimal | None
    handwritten: bool
    first_number: str
    sales: Mapping[Category, Decimal]
    changes: Mapping[Category, Decimal]
    sale_count: int
    change_count: int

    @property
    def total(self):
        """Return what sales and changes come to."""
        amounts = (*self.sales.values(), *self.changes.values())
        return sum(amounts, Decimal(0))


@dataclass(frozen=True, kw_only=True)
class Differences:
    """How our receipts and those that a service lists differ; empty where they agree.

    ``different`` has ``(ours, theirs)``.
    """

    missing: tuple[Receipt, ...] = ()  # the service does not list it
    unexpected: tuple[Receipt, ...] = ()  # we do not know it
    different: tuple[tuple[Receipt, Receipt], ...] = ()

    def __bool__(self):
        return bool(self.missing or self.unexpected or self.different)


def category(code):
    """Return the :class:`Category` of a VAT code."""
    known = {member.value: member for member in Category}
    return known.get(code, Category.OTHER)


def gross_by_code(lines, *, turned=False):
    """Return ``{VAT code: gross}`` of ``invoice.Line`` s.

    :param bool turned: of the storno that takes them back: negative
    """
    sums = {}
    for line in lines:
        gross = -line.gross if turned else line.gross
        sums[line.vat] = sums.get(line.vat, Decimal(0)) + gross
    return sums


def last_day(day):
    """Return the last day on which ``day`` is reported in time."""
    return day + timedelta(days=REPORT_DAYS)


def daily_totals(receipts):
    """Return a :class:`DailyTotal` for each day, series and currency, in that order.

    A receipt that is listed twice is one.

    :param receipts: :class:`Receipt` s; those of a test account are left out
    """
    groups = {}
    for receipt in _once(receipts).values():
        groups.setdefault(_group(receipt), []).append(receipt)
    return tuple(
        _total(sorted(groups[key], key=lambda receipt: serial_key(receipt.number)))
        for key in sorted(groups, key=_order)
    )


def listable(ours, listed):
    """Return those of our receipts that a list like ``listed`` would have.

    Whether Billingo's list has stornos is not published: one without any is taken for
    one that has none. Each list says which receipts are cancelled.
    """
    if any(receipt.modifies for receipt in listed):
        return tuple(ours)
    return tuple(receipt for receipt in ours if not receipt.modifies)


def compare(ours, listed):
    """Return the :class:`Differences` between our receipts and a service's list.

    The list may tell the sum alone: rates are compared where it tells them.

    :param ours: :class:`Receipt` s; handwritten ones are in no list
    :param listed: those of the service, of the same days
    """
    known = {
        key: receipt for key, receipt in _once(ours).items() if not receipt.handwritten
    }
    theirs = _once(listed)
    return Differences(
        missing=tuple(row for key, row in known.items() if key not in theirs),
        unexpected=tuple(row for key, row in theirs.items() if key not in known),
        different=tuple(
            (row, theirs[key])
            for key, row in known.items()
            if key in theirs and _differ(row, theirs[key])
        ),
    )


def _differ(one, other):
    def reported(receipt):
        return (
            receipt.day,
            receipt.currency,
            receipt.modifies,
            receipt.total,
        )

    rates = "" not in one.gross and "" not in other.gross
    marks = None not in (one.cancelled, other.cancelled)
    return (
        reported(one) != reported(other)
        or (rates and _by_code(one) != _by_code(other))
        or (marks and one.cancelled != other.cancelled)
    )


def _by_code(receipt):
    return {code: amount for code, amount in receipt.gross.items() if amount}


def _once(receipts):
    """Return ``{identity: receipt}`` of what exists for NAV."""
    return {
        (receipt.handwritten, receipt.number): receipt
        for receipt in receipts
        if not receipt.sandbox
    }


def _group(receipt):
    return (
        receipt.day,
        receipt.handwritten,
        receipt.series,
        receipt.currency,
        receipt.exchange_rate,
    )


def _order(group):
    day, handwritten, series, currency, rate = group
    return day, handwritten, series, currency, rate or Decimal(0)


def _total(receipts):
    first = receipts[0]
    changes = [receipt for receipt in receipts if receipt.modifies]
    return DailyTotal(
        day=first.day,
        series=first.series,
        currency=first.currency,
        exchange_rate=first.exchange_rate,
        handwritten=first.handwritten,
        first_number=first.number,
        sales=_sums(receipt for receipt in receipts if not receipt.modifies),
        changes=_sums(changes),
        sale_count=len(receipts) - len(changes),
        change_count=len(changes),
    )


def _sums(receipts):
    """Return ``{Category: gross}``, in the order of the categories."""
    sums = {}
    for receipt in receipts:
        for code, amount in receipt.gross.items():
            key = category(code)
            sums[key] = sums.get(key, Decimal(0)) + amount
    return {key: sums[key] for key in Category if key in sums}
