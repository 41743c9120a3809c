"""The one place from which the tests without Odoo take their day.

It is always the same: an emulator gets :func:`now` as its clock and strategies ask the
same, so that nothing depends on the day, the hour or the zone in which tests run.
"""

import time
from datetime import date, datetime, timedelta, timezone

#: The day of all sales.
DAY = date(2026, 11, 20)
#: When the clock of the tests starts, in seconds since the epoch.
NOON = datetime.combine(DAY, datetime.min.time(), timezone.utc).timestamp() + 12 * 3600

_started = time.monotonic()


def now():
    """Return the seconds since the epoch: they pass, from noon of :data:`DAY`."""
    return NOON + time.monotonic() - _started


def after(days):
    """Return the day that is so many days after :data:`DAY`."""
    return DAY + timedelta(days=days)
