"""Tenders as Számlázz.hu's credit entries, of which a document keeps five."""

from .tables import PAYMENTS

MOST = 5


def entries(tenders):
    """Return ``tenders`` as at most five ``(date, title, amount, description)``.

    The sum is kept to the last unit.  Where there are too many, the two smallest become
    one, again and again: dated with the later, and described by what it is made of.
    Tenders of nothing are left out.
    """
    paid = [
        (tender.date, PAYMENTS[tender.kind], tender.amount, "")
        for tender in tenders
        if tender.amount
    ]
    while len(paid) > MOST:
        first, second = sorted(paid, key=lambda entry: abs(entry[2]))[:2]
        paid.remove(first)
        paid[paid.index(second)] = _together(first, second)
    return [entry for entry in paid if entry[2]]


def _together(first, second):
    """Return two entries as one, under the title of ``second``, the larger."""
    parts = [entry[3] or f"{entry[1]} {entry[2]}" for entry in (second, first)]
    day = max(first[0], second[0])
    return day, second[1], first[2] + second[2], " + ".join(parts)
