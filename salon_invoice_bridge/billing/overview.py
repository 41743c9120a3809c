"""What an owner asks first: what became of the sales of a day and a month.

A sale is in exactly one :class:`Place`, so that the places of a period add up to its
sales. Days are those of Hungary; amounts of different currencies are never added.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from .invoice import LANE_STATES, State
from .owed import RED_DAYS

#: Days of the chart, today included.
CHART_DAYS = 30
#: The last day of a month on which the one before is shown, too: its VAT return is due
#: on the 20th, and the accountant needs its documents before.
LOOK_BACK_UNTIL = 15
#: The status of a draft or a proforma that the service has.
UNFINISHED = "unfinished"
#: Urgencies, the worst first.
LEVELS = ("bad", "warning", "info", "ok")
#: The reason of a sale that Odoo itself has invoiced.
ODOO = "odoo"
#: The reason of a sale whose draft or proforma was discarded.
DISCARDED = "discarded"


class Place(str, Enum):
    """Where a sale stands on its way to its document."""

    ISSUED = "issued"
    UNDER_WAY = "under_way"
    ATTENTION = "attention"
    UNFINISHED = "unfinished"  # the service has a draft or a proforma of it
    SKIPPED = "skipped"  # none is wanted, and it is known why
    MISSING = "missing"  # none was ever asked for


#: The statuses of a sale's document in each place. A cancelled one was issued; of a
#: converted one there is an invoice.
STATUSES = {
    Place.ISSUED: [
        state.value for state in (State.ISSUED, State.CANCELLED, State.CONVERTED)
    ],
    Place.UNDER_WAY: sorted(state.value for state in LANE_STATES),
    Place.ATTENTION: [State.ATTENTION.value],
    Place.UNFINISHED: [UNFINISHED],
    Place.SKIPPED: [State.SKIPPED.value, State.DISCARDED.value],
}
_PLACES = {status: place for place, many in STATUSES.items() for status in many}


@dataclass(frozen=True, kw_only=True)
class Sold:
    """Sales of one day that are alike; of returns the amount is negative."""

    day: date
    back: bool  # something came back
    place: Place
    reason: str = ""  # of Place.SKIPPED
    currency: str  # ISO code
    count: int
    amount: Decimal  # gross, in ``currency``


@dataclass(frozen=True, kw_only=True)
class Sum:
    """How many sales, and what was paid for them in each currency."""

    count: int
    amounts: Mapping[str, Decimal]


@dataclass(frozen=True, kw_only=True)
class Period:
    """Days of Hungary: from ``since`` on, before ``until``."""

    since: date
    until: date

    def __contains__(self, day):
        return self.since <= day < self.until


def place(status):
    """Return the :class:`Place` of a sale by the status of its document, or None."""
    return _PLACES[status] if status else Place.MISSING


def periods(today):
    """Return the :class:`Period` s of the overview, by name.

    ``last_month`` is one of them on the first days of a month alone.
    """
    first = today.replace(day=1)
    found = {
        "today": Period(since=today, until=today + timedelta(days=1)),
        "month": Period(since=first, until=_next_month(first)),
    }
    if today.day <= LOOK_BACK_UNTIL:
        found["last_month"] = last_month(today)
    return found


def last_month(today):
    """Return the :class:`Period` of the month before."""
    first = today.replace(day=1)
    return Period(since=(first - timedelta(days=1)).replace(day=1), until=first)


def months(today):
    """Return the :class:`Period` of the months of the overview."""
    return _around(periods(today).values())


def chart(today):
    """Return the :class:`Period` of the chart."""
    tomorrow = today + timedelta(days=1)
    return Period(since=tomorrow - timedelta(days=CHART_DAYS), until=tomorrow)


def recent(today):
    """Return the :class:`Period` that is read: the months, and the chart's days.

    So what NAV has refused on the last day of a month is still there later.
    """
    return _around([months(today), chart(today)])


def add_up(sold):
    """Return the :class:`Sum` of some :class:`Sold`."""
    count, amounts = 0, Counter()
    for one in sold:
        count += one.count
        amounts[one.currency] += one.amount
    return Sum(count=count, amounts=dict(amounts))


def by_day(sold, period, currency):
    """Return ``[(day, amount)]`` of each day of a period, in one currency."""
    amounts = Counter()
    for one in sold:
        if one.currency == currency:
            amounts[one.day] += one.amount
    days = (period.until - period.since).days
    return [
        (day, amounts[day] or Decimal(0))
        for day in (period.since + timedelta(days=number) for number in range(days))
    ]


def due_by_law(sold_on):
    """Return the last day on which a sale may be invoiced: see :mod:`.owed`."""
    return sold_on + timedelta(days=RED_DAYS)


def worst(levels):
    """Return the most urgent of some levels; "ok" of none."""
    return min(levels, key=LEVELS.index, default="ok")


def _around(found):
    """Return the :class:`Period` from the first day of some to the last one."""
    return Period(
        since=min(period.since for period in found),
        until=max(period.until for period in found),
    )


def _next_month(first):
    return (first + timedelta(days=31)).replace(day=1)
