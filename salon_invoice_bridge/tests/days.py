"""The days that the tests inside Odoo name; all others are counted from now."""

from datetime import date, timedelta

#: What must be of a certain day was sold, or paid, on this one.
SOLD_ON = "2026-11-20"
SOLD_AT = f"{SOLD_ON} 10:00:00"

#: Before all that is sold; a day on which nothing was.
LONG_AGO = "2026-01-01"
ANOTHER = "2026-01-31"


def after(days):
    """Return the day that is so many days after :data:`SOLD_ON`."""
    return (date.fromisoformat(SOLD_ON) + timedelta(days=days)).isoformat()
