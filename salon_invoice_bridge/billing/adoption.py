"""Which document of the service may be taken for that of which sale.

Only the same gross, at each VAT rate that is told, the same currency and the same day;
one document and one sale that have them, and no other sale without a document. One that
carries a mark of ours is of its own sale and of no other. While the lane may still send
a sale's document, nothing is adopted for it: that would be a second one.
"""

from collections import Counter
from dataclasses import replace

from . import vat
from .books import Finding, Outcome, Repair
from .documented import sum_amounts
from .figures import ZERO
from .invoice import ISSUED_KINDS, LANE_STATES
from .money import quantize

#: Findings about a document of the service that may be that of a sale.
_LOOSE = frozenset({Finding.UNANSWERED, Finding.UNKNOWN, Finding.UNMARKED})


def offer(rows, families, alone):
    """Return the rows of sales, and of the service's documents, with what is offered.

    :param rows: ``{family: books.Row}``
    :param families: ``{family: documented.Family}``
    :param alone: ``books.Row`` s of what the service has alone
    """
    free = {}
    for row in filter(_is_free, alone):
        free.setdefault(_place(row.listed), []).append(row)
    fits = {
        number: _find(families[number], free)
        for number, row in rows.items()
        if row.outcome is Outcome.MISSING_THERE and _is_bare(families[number])
    }
    claims = Counter(id_ for found in fits.values() for id_ in found)
    adopted = {
        number: found[0]
        for number, found in fits.items()
        if len(found) == 1
        and claims[found[0]] == 1
        and not _may_be_sent(families[number])
    }
    listed = {row.listed.id: row.listed for row in alone}
    sold = tuple(
        _with_offer(row, listed[adopted[number]]) if number in adopted else row
        for number, row in rows.items()
    )
    claimed_by = {id_: number for number, id_ in adopted.items()}
    return sold, tuple(_claimed(row, claimed_by, claims) for row in alone)


def _is_bare(family):
    """True if no document is of it, not even a draft or a proforma."""
    unfinished = any(one.exists and not one.is_issued for one in family.documents)
    return bool(family.sales) and not family.standing and not unfinished


def _may_be_sent(family):
    return any(one.state in LANE_STATES for one in family.documents)


def _is_free(row):
    """True for what says what was sold, stands, has a number, and is of none here."""
    is_loose = row.outcome is Outcome.NOT_OURS or bool(row.findings & _LOOSE)
    stands = row.listed.kind in ISSUED_KINDS and not row.listed.cancelled
    return is_loose and stands and bool(row.listed.number)


def _find(family, free):
    """Return the ids of the documents that could be that of a sale.

    :param free: ``{(currency, gross, day): books.Row s}`` of what nobody has here
    """
    sale, sold = family.first, family.sold
    place = (sale.currency, sum(sold.values(), ZERO), sale.day)
    percentages = _percentages(sold)
    return [
        row.listed.id
        for row in free.get(place, ())
        if row.family in (None, family.id)
        and (not row.listed.rates or _reported_percentages(row.listed) == percentages)
    ]


def _place(listed):
    """Return currency, gross and day of a document: the day on which it was sold."""
    gross = quantize(listed.gross, listed.currency)
    return listed.currency, gross, listed.fulfillment_date or listed.issue_date


def _reported_percentages(listed):
    return sum_amounts({vat.rate(one.vat): one.gross} for one in listed.rates)


def _percentages(rates):
    """Return ``{percentage: gross}``: by hand, another word for 0% may be chosen.

    Of what nobody knows the rate of, None is, which no service tells.
    """
    return sum_amounts(
        {vat.rate(code) if code else None: amount} for code, amount in rates.items()
    )


def _with_offer(row, listed):
    return replace(row, offered=listed, repairs=_first(Repair.ADOPT, row.repairs))


def _claimed(row, claimed_by, claims):
    """Return the row of a document that a sale may be waiting for.

    Where the service shows no marks, it is ours as far as can be told if a sale without
    a document is just like it.
    """
    id_ = row.listed.id
    if Finding.UNMARKED in row.findings and claims[id_]:
        row = replace(
            row, outcome=Outcome.MISSING_HERE, repairs=(Repair.BY_HAND, *row.repairs)
        )
    if id_ not in claimed_by:
        return row
    repairs = _first(Repair.ADOPT, row.repairs)
    return replace(row, family=claimed_by[id_], repairs=repairs)


def _first(repair, repairs):
    return (repair, *(one for one in repairs if one is not repair))
