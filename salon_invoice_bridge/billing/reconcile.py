"""Compare the books of a period: sales, payments, documents, and what the service has.

Two comparisons. Of each family (a sale and what came back of it): what was sold and
paid against its documents (:mod:`.documented`). Of each document: what is here against
what the service lists, or says when it is looked up (:mod:`.listed`). What goes in and
what comes out is in :mod:`.books`.

Nothing is said to agree as a whole unless what the service has is known to be all of
it: by a list that it counts itself, or because every number of our series is ours or
was looked up (:mod:`.series`).

A reader starts at :func:`reconcile`. Where a service has no list,
:func:`numbers_to_look_up` says what to ask it next.
"""

from dataclasses import replace
from itertools import islice

from . import series
from .adoption import offer
from .books import (
    Asked,
    Bridge,
    Doubt,
    Finding,
    Outcome,
    Period,
    Proof,
    Reconciliation,
    Sums,
)
from .documented import compare_family, families, settled
from .figures import ZERO, drop_zeros, of_document
from .invoice import PaymentKind
from .listed import compare_document, match, read_list, rows_alone, sum_payments


def reconcile(since, until, sales, documents, asked=None):
    """Return the ``books.Reconciliation`` of the days ``since`` to ``until``.

    :param sales: ``books.Sale`` s: of these days, and of every family that has a sale
        or a document of these days, whatever their own day
    :param documents: ``books.Document`` s of one account: of the same families, and
        those that are open
    :param books.Asked asked: what the service said; None: it was not asked
    """
    asked, period = asked or Asked(), Period(since, until)
    sales, documents = tuple(sales), tuple(documents)
    listing = read_list(asked, period)
    matched = match(documents, listing.rows)
    compared = tuple(
        compare_document(document, matched.get(document.id), asked)
        for document in documents
        if document.is_issued and _is_of(document, matched, period)
    )
    known = [
        _with_figures(document, matched.get(document.id)) for document in documents
    ]
    grouped = families(sales, known)
    rows = {
        number: compare_family(family)
        for number, family in grouped.items()
        if family.is_of(period)
    }
    alone = rows_alone(listing, matched, sales, documents, asked)
    sold, alone = offer(rows, grouped, alone)
    missing, doubts = _numbers(documents, listing, asked, period)
    doubts |= listing.doubts
    return Reconciliation(
        since=since,
        until=until,
        sales=sold,
        documents=compared + alone,
        sums=_sums(grouped, rows, listing, alone, period),
        proof=_proof(compared, asked, doubts),
        doubts=doubts,
        missing_numbers=missing,
    )


def numbers_to_look_up(since, until, documents, looked_up):
    """Return what to ask a service without a list next, as ``(number, is_receipt)``.

    Each of ours; each number that is missing between them; the one before the first
    and the one after the last of each series, until one is of another day, or is not
    there.  Ask, add the answers to ``looked_up``, and ask again until nothing is left.

    :param documents: ``books.Document`` s of one account
    :param looked_up: see ``books.Asked``
    """
    period, wanted = Period(since, until), []
    for is_receipt in (False, True):
        ours = _own_numbers(documents, is_receipt, period)
        inside = ours + _found_numbers(looked_up, is_receipt, period)
        numbers = [*ours, *series.gaps(inside)]
        for pair in series.ends(inside):
            numbers += filter(None, pair)
        wanted += ((number, is_receipt) for number in dict.fromkeys(numbers))
    return tuple(key for key in wanted if key not in looked_up)


def _is_of(document, matched, period):
    """True if a document is of these days, here or at the service."""
    row = matched.get(document.id)
    return period.has(document.day) or (row is not None and period.has(row.issue_date))


def _with_figures(document, row):
    """Return a document whose content is not known here as the service tells it."""
    if document.figures is not None or row is None:
        return document
    return replace(document, figures=of_document(row))


# === NUMBERS AND PROOF === #


def _own_numbers(documents, is_receipt, period):
    return [
        one.number
        for one in documents
        if one.is_issued
        and one.number
        and one.is_receipt == is_receipt
        and period.has(one.day)
    ]


def _found_numbers(looked_up, is_receipt, period):
    return [
        number
        for (number, receipt), row in looked_up.items()
        if row and receipt == is_receipt and period.has(row.issue_date)
    ]


def _numbers(documents, listing, asked, period):
    """Return the numbers that are missing, and the doubts that they make."""
    if asked.listed is not None:
        missing = _gaps_of_list(documents, listing, asked)
        return missing, frozenset({Doubt.GAP} if missing else ())
    doubts = {Doubt.OTHER_SERIES}
    missing, ours = [], set()
    for is_receipt in (False, True):
        own = _own_numbers(documents, is_receipt, period)
        ours |= {(number, is_receipt) for number in own}
        inside = own + _found_numbers(asked.looked_up, is_receipt, period)
        missing += [(number, is_receipt) for number in series.gaps(inside)]
    missing = tuple(key for key in missing if not asked.looked_up.get(key))
    left = numbers_to_look_up(period.since, period.until, documents, asked.looked_up)
    if missing:
        doubts.add(Doubt.GAP)
    if set(left) - set(missing) - ours:
        doubts.add(Doubt.OPEN_END)
    return missing, frozenset(doubts)


def _gaps_of_list(documents, listing, asked):
    """Return the numbers that neither the list nor a document here has.

    Within one block, as several may number alike; at most ``series.MOST``.
    """
    groups = {}
    for row in listing.inside:
        if row.number:
            groups.setdefault((row.block, row.is_receipt), set()).add(row.number)
    known = {one.key for one in documents if one.exists}
    missing = (
        (number, is_receipt)
        for (_block, is_receipt), numbers in groups.items()
        for number in series.gaps(numbers)
        if (number, is_receipt) not in known
        and not asked.looked_up.get((number, is_receipt))
    )
    return tuple(islice(missing, series.MOST))


def _proof(compared, asked, doubts):
    """Return what the service's side is known by."""
    if asked.listed is not None:
        return Proof.LIST if asked.counted else Proof.LIST_UNCOUNTED
    unasked = any(Finding.NOT_ASKED in row.findings for row in compared)
    if unasked or not asked.looked_up:
        return Proof.NOTHING
    is_whole = not doubts & {Doubt.GAP, Doubt.OPEN_END}
    return Proof.NUMBERS if is_whole else Proof.LOOKED_UP


# === SUMS === #


class _Tables:
    """Bridges in the making: by currency, by VAT code and by tender."""

    RATES, TENDERS = range(2)

    def __init__(self):
        self._sums = {}

    def add(self, currency, table, column, amounts, sign=1):
        """Add ``{key: Decimal}`` to a column."""
        rows = self._sums.setdefault(currency, ({}, {}))[table]
        for key, amount in amounts.items():
            row = rows.setdefault(key, {})
            row[column] = row.get(column, ZERO) + sign * amount

    def finish(self):
        """Return ``{currency: books.Sums}``."""
        return {
            currency: Sums(
                currency=currency,
                rates={key: Bridge(**row) for key, row in rates.items()},
                tenders={key: Bridge(**row) for key, row in tenders.items()},
            )
            for currency, (rates, tenders) in sorted(self._sums.items())
        }


def _sums(grouped, rows, listing, alone, period):
    """Return ``{currency: books.Sums}`` of a period."""
    tables = _Tables()
    for number, row in rows.items():
        _add_family(tables, grouped[number], row, period)
    strange = {row.listed.id for row in alone if row.outcome is Outcome.NOT_OURS}
    for row in listing.inside:
        column = "not_ours" if row.id in strange else "there"
        tables.add(row.currency, tables.RATES, column, _listed_rates(row))
        tables.add(row.currency, tables.TENDERS, column, _listed_tenders(row))
    return tables.finish()


def _add_family(tables, family, row, period):
    """Add what a family sold and documented in a period.

    What is neither documented in this period nor unwanted is *elsewhen* if the family
    agrees as a whole, else *missing*.
    """
    sales = [sale for sale in family.sales if period.has(sale.day)]
    documents = [one for one in family.standing if period.has(one.day)]
    rest = "elsewhen" if row.outcome is Outcome.AGREES else "missing"
    if row.unwanted and not documents:
        rest = "unwanted"
    for sale in sales:
        tenders = settled(sale.tenders, sale.owed)
        for column in ("till", rest):
            tables.add(sale.currency, tables.RATES, column, sale.rates)
            tables.add(sale.currency, tables.TENDERS, column, tenders)
    for figures in (one.figures for one in documents):
        tenders = settled(figures.tenders, figures.owed)
        for column, sign in (("documents", 1), (rest, -1)):
            tables.add(figures.currency, tables.RATES, column, figures.by_code, sign)
            tables.add(figures.currency, tables.TENDERS, column, tenders, sign)


def _listed_rates(row):
    if row.rates:
        return {one.vat: one.gross for one in row.rates}
    return {"": row.gross}


def _listed_tenders(row):
    """Return how a listed document was paid, as far as it is told."""
    paid = sum_payments(row)
    if paid is not None:
        return settled(paid, row.gross - sum(paid.values(), ZERO))
    owed = row.outstanding or ZERO
    kind = row.payment_kind or PaymentKind.OTHER
    return settled(drop_zeros({kind: row.gross - owed}), owed)
