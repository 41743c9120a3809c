"""Numbers of documents: which are missing between those that are known.

A program that invoices numbers without a gap and without a repetition, in the order of
issue (23/2014. NGM 8; fairly sure, the text was not read). So what a service has beside
ours, in the same series, has the numbers between ours; and the first number that it
does not have is the end.

A series is what stands before the running number: the prefix and the year.
"""

import re
from dataclasses import dataclass
from itertools import islice

_NUMBER = re.compile(r"(.*?)([0-9]{1,9})", re.DOTALL)
#: Missing numbers that are named; more of them are another numbering. Of all series
#: together: a service may say that each of its documents is of a series of its own.
MOST = 1000


@dataclass(frozen=True, order=True)
class Serial:
    """A number, taken apart: "SZ / 2026-000012" is 12 of "SZ / 2026-", of 6 digits."""

    series: str
    ordinal: int
    width: int = 1

    def __str__(self):
        return f"{self.series}{self.ordinal:0{self.width}d}"

    def moved(self, by):
        """Return the number that is ``by`` places on."""
        return Serial(self.series, self.ordinal + by, self.width)


def parse(number):
    """Return the :class:`Serial` of a number, None if it does not end in digits."""
    found = _NUMBER.fullmatch(number)
    if not found:
        return None
    digits = found[2]
    return Serial(found[1], int(digits), len(digits) if digits[0] == "0" else 1)


def groups(numbers):
    """Return ``{series: sorted Serial s}`` of numbers, each once."""
    found = {}
    for number in numbers:
        serial = parse(number)
        if serial:
            found.setdefault(serial.series, {})[serial.ordinal] = serial
    return {series: _sorted(serials.values()) for series, serials in found.items()}


def _sorted(serials):
    """Return the serials of one series in order, padded alike."""
    width = max(serial.width for serial in serials)
    ordered = sorted(serials, key=lambda serial: serial.ordinal)
    return [Serial(one.series, one.ordinal, width) for one in ordered]


def gaps(numbers):
    """Return the numbers that are missing between those of one series, in order.

    At most :data:`MOST`.
    """
    missing = (
        number for serials in groups(numbers).values() for number in _between(serials)
    )
    return tuple(map(str, islice(missing, MOST)))


def ends(numbers):
    """Return ``(number before, number after)`` of each series; None before the first.

    :return: a list of pairs of texts
    """
    return [
        (
            str(serials[0].moved(-1)) if serials[0].ordinal > 1 else None,
            str(serials[-1].moved(1)),
        )
        for serials in groups(numbers).values()
    ]


def _between(serials):
    """Yield the serials that are missing in one series."""
    for one, other in zip(serials, serials[1:], strict=False):
        for step in range(1, other.ordinal - one.ordinal):
            yield one.moved(step)
