"""The month's file is put together: what is in it, its proof, its summaries.

A reader starts at :func:`build`.
"""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from .month import (
    Amount,
    Basis,
    Bridge,
    DayRow,
    Gap,
    Item,
    Month,
    RateTotal,
    Series,
    Step,
    TenderRow,
    add_up,
)
from .month_proof import Family, document_findings, sum_tenders, till_findings
from .text import safe_name, serial_key


def build(
    *,
    start,
    end,
    documents,
    sales,
    till,
    others=(),
    differences=(),
    basis=Basis.FULFILLMENT,
):
    """Return the :class:`Month` of the days from ``start`` to ``end``, inclusive.

    :param documents: :class:`DocumentRow` s: all whose days (of fulfilment or of issue)
        are in the period, and all of its sales, whatever their days and states; those
        of ``others``, too
    :param sales: :class:`SaleRow` s that were paid in the period
    :param Till till: its own sums
    :param others: :class:`SaleRow` s of other days, of the families of sales that have
        no document: what came back of them later, or was sold before
    :param differences: :class:`Finding` s of the reconciliation with the service
    """
    documents = sorted({row.ref: row for row in documents}.values(), key=_order)
    sales = tuple({row.ref: row for row in sales}.values())
    sold = {row.ref for row in sales}

    def is_within(row):
        day = row.day(basis)
        return row.sale in sold if day is None else start <= day <= end

    listed = tuple(row for row in documents if row.exists and is_within(row))
    families = [Family(*parts) for parts in _families(sales, documents, others)]
    left_off = tuple(entry for family in families for entry in family.left_off())
    findings = [
        *till_findings(sales, till),
        *(finding for family in families for finding in family.findings()),
        *differences,
        *document_findings(listed),
    ]
    return Month(
        start=start,
        end=end,
        basis=basis,
        documents=listed,
        findings=tuple(sorted(findings, key=_urgency)),
        bridges=tuple(_bridges(sales, till, families, left_off, listed)),
        rates=_rates(listed),
        tenders=_tenders(sales, listed),
        days=_days(sales, left_off, listed, basis),
        left_off=left_off,
        series=tuple(_series(listed, documents)),
        names=_file_names(row for row in listed if row.has_pdf),
    )


def _order(row):
    """Return what documents are sorted by: invoices first, then series and number."""
    return row.receipt, row.account, serial_key(row.number), row.ref


def _urgency(finding):
    """Return what findings are sorted by: first, as :class:`Gap` has them."""
    number = serial_key(finding.number)
    return list(Gap).index(finding.gap), finding.day or date.min, number


def _families(sales, documents, others):
    """Yield ``(sales, documents, others)`` of each family, in the sales' order."""
    of_sale = {}
    for row in documents:
        of_sale.setdefault(row.sale, []).append(row)
    families, besides = {}, {}
    for rows, groups in ((sales, families), (others, besides)):
        for sale in rows:
            key = sale.family or sale.ref, sale.currency
            groups.setdefault(key, []).append(sale)
    for key, members in families.items():
        strangers = besides.get(key, [])
        yield (
            members,
            [
                row
                for sale in (*members, *strangers)
                for row in of_sale.get(sale.ref, ())
                if row.currency == sale.currency
            ],
            strangers,
        )


# === THE SUMMARIES === #


def _bridges(sales, till, families, left_off, listed):
    """Yield a :class:`Bridge` for each currency, forints first."""
    rows = (*sales, *listed, *till.days)
    for currency in sorted({row.currency for row in rows}, key=_forints_first):

        def here(rows, currency=currency):
            return [row for row in rows if row.currency == currency]

        own, mine = here(till.days), here(sales)
        yield Bridge(
            currency=currency,
            sales=sum(total.count for total in own) if own else len(mine),
            sold=add_up(row.gross for row in own or mine),
            steps=_steps(mine, here(families), here(left_off), here(listed)),
            documents=len(here(listed)),
            documented=add_up(row.gross for row in here(listed)),
        )


def _forints_first(currency):
    return currency != "HUF", currency


def _steps(sales, families, left_off, listed):
    sold = {sale.ref for sale in sales}
    inside = {row.ref for row in listed}
    entries = [
        (Item.UNDOCUMENTED if row.whole else Item.KEPT_OFF, row.reason, -row.amount)
        for row in left_off
    ]
    for family in families:
        entries += family.steps()
        entries += [
            (Item.ELSEWHERE, "", -row.gross)
            for row in family.documents
            if row.ref not in inside
        ]
    entries += [(Item.BEFORE, "", row.gross) for row in listed if row.sale not in sold]
    sums = {}
    for item, detail, amount in entries:
        count, total = sums.get((item, detail), (0, Decimal(0)))
        sums[item, detail] = count + 1, total + amount
    order = list(Item)
    return tuple(
        Step(item=item, detail=detail, count=count, amount=total)
        for (item, detail), (count, total) in sorted(
            sums.items(), key=lambda entry: (order.index(entry[0][0]), entry[0][1])
        )
    )


def _rates(documents):
    """Return a :class:`RateTotal` for each sort of document, currency and VAT code."""
    sums = {}
    for row in documents:
        unknown = Amount(vat="", net=row.gross, tax=Decimal(0), gross=row.gross)
        for amount in row.amounts or (unknown,):
            key = row.receipt, row.currency, amount.vat
            known = sums.get(key)
            sums[key] = RateTotal(
                receipt=row.receipt,
                currency=row.currency,
                vat=amount.vat,
                count=(known.count if known else 0) + 1,
                net=(known.net if known else 0) + amount.net,
                tax=(known.tax if known else 0) + amount.tax,
                gross=(known.gross if known else 0) + amount.gross,
            )
    return tuple(
        sums[key]
        for key in sorted(
            sums, key=lambda key: (key[0], *_forints_first(key[1]), serial_key(key[2]))
        )
    )


def _tenders(sales, documents):
    till, theirs = sum_tenders(sales), sum_tenders(documents)
    return tuple(
        TenderRow(
            name=key[1],
            currency=key[0],
            till=till.get(key, Decimal(0)),
            documents=theirs.get(key, Decimal(0)),
        )
        for key in sorted(
            {*till, *theirs}, key=lambda key: (*_forints_first(key[0]), key[1])
        )
    )


def _days(sales, left_off, documents, basis):
    """Return a :class:`DayRow` for each day and currency in which anything was."""
    rows = {}

    def add(day, currency, **amounts):
        empty = DayRow(
            day=day,
            currency=currency,
            sales=0,
            sold=Decimal(0),
            left_off=Decimal(0),
            documents=0,
            documented=Decimal(0),
        )
        row = rows.get((day, currency), empty)
        sums = {name: getattr(row, name) + more for name, more in amounts.items()}
        rows[day, currency] = replace(row, **sums)

    for sale in sales:
        add(sale.day, sale.currency, sales=1, sold=sale.gross)
    for entry in left_off:
        add(entry.day, entry.currency, left_off=entry.amount)
    days = {sale.ref: sale.day for sale in sales}
    for row in documents:
        # Without a day of its own it is listed with its sale.
        day = row.day(basis) or days[row.sale]
        add(day, row.currency, documents=1, documented=row.gross)
    return tuple(
        rows[key]
        for key in sorted(rows, key=lambda key: (*_forints_first(key[1]), key[0]))
    )


# === SERIES === #

#: A number is a prefix and digits at its end, such as 12 of "SZ / 2026-000012".
_NUMBER = re.compile(r"(.*?)([0-9]{1,15})", re.DOTALL)


def _series(listed, documents):
    """Yield a :class:`Series` for each account and prefix.

    What is known of other months' documents leaves no gap.
    """
    known = _running(row for row in documents if row.exists)
    for (account, prefix), numbers in _running(listed).items():
        first, last = min(numbers), max(numbers)
        there = sorted(n for n in known[account, prefix] if first <= n <= last)
        yield Series(
            account=account,
            prefix=prefix,
            first=numbers[first],
            last=numbers[last],
            count=len(numbers),
            gaps=tuple(
                (one + 1, other - 1)
                for one, other in zip(there, there[1:], strict=False)
                if other - one > 1
            ),
        )


def _running(rows):
    """Return ``{(account, prefix): {running number: the whole number}}``."""
    series = {}
    for row in rows:
        if found := _NUMBER.fullmatch(row.number):
            numbers = series.setdefault((row.account, found[1]), {})
            numbers[int(found[2])] = row.number
    return series


# === FILE NAMES === #


def _file_names(documents):
    """Return ``{ref: file name}`` of PDFs, no two of which differ in case only."""
    names, taken = {}, set()
    for row in documents:
        stem = safe_name(row.number, "document")
        name, copy = stem, 1
        while name.lower() in taken:
            copy += 1
            name = f"{stem}-{copy}"
        taken.add(name.lower())
        names[row.ref] = f"{name}.pdf"
    return names
