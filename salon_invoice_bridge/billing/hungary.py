"""Days in Hungary, and the moments at which they begin.

The law counts days in Hungary, whatever the server's time zone. A moment is a naive
``datetime`` in UTC, as Odoo keeps it.
"""

from datetime import datetime, time, timedelta

import pytz

#: Of pytz, which Odoo brings with its own data: a server may have no time zones.
BUDAPEST = pytz.timezone("Europe/Budapest")


def clock_at(moment):
    """Return what a clock in Hungary shows at a moment, a naive ``datetime``."""
    return pytz.utc.localize(moment).astimezone(BUDAPEST).replace(tzinfo=None)


def day_of(moment):
    """Return the date in Hungary of a moment."""
    return clock_at(moment).date()


def moment_of(clock):
    """Return the moment at which a clock in Hungary shows ``clock``.

    The hour that comes twice in autumn is meant by its second time. The one that is
    left out in spring is counted on from the one before.

    :param datetime clock: naive
    """
    return BUDAPEST.localize(clock).astimezone(pytz.utc).replace(tzinfo=None)


def start_of(day):
    """Return the moment at which a day begins in Hungary."""
    return moment_of(datetime.combine(day, time()))


def bounds_of(since, until):
    """Return when ``since`` begins and when ``until`` is over, two moments.

    :param date until: the last day that is meant
    """
    return start_of(since), start_of(until + timedelta(days=1))
