"""What is missing of a month, and what does not agree: the findings of its first page.

:func:`till_findings` holds the sales against the till's own sums, :class:`Family` the
documents against the sales, :func:`document_findings` each document against itself.
"""

from decimal import Decimal

from .invoice import (
    EXISTING_STATES,
    LANE_STATES,
    OPEN_STATES,
    UNFINISHED_KINDS,
    NavState,
    State,
)
from .month import Finding, Gap, Item, LeftOff, add_up
from .returns import came_back_whole

#: Gaps of a sale beside which a document for the books may well be.
BESIDE = frozenset({Gap.TEST, Gap.UNFINISHED})
#: States of a report to NAV that are not its last one.
UNDECIDED = frozenset({NavState.PENDING, NavState.UNKNOWN})


# === THE TILL === #


def till_findings(sales, till):
    """Yield the days and the payment methods of which the rows are not the till's.

    :param sales: :class:`.month.SaleRow` s
    :param till: a :class:`.month.Till`
    """
    rows = {}
    for sale in sales:
        count, gross = rows.get((sale.day, sale.currency), (0, Decimal(0)))
        rows[sale.day, sale.currency] = count + 1, gross + sale.gross
    own = {(day.day, day.currency): (day.count, day.gross) for day in till.days}
    for day, currency in sorted({*rows, *own}):
        expected = own.get((day, currency), (0, Decimal(0)))
        found = rows.get((day, currency), (0, Decimal(0)))
        if expected != found:
            yield Finding(
                gap=Gap.TILL,
                day=day,
                currency=currency,
                expected=expected[1],
                found=found[1],
                detail=f"{expected[0]} / {found[0]}",
            )
    if till.tenders is not None:
        yield from _tender_findings(sales, till.tenders)


def _tender_findings(sales, totals):
    rows = sum_tenders(sales)
    own = {(row.currency, row.name): row.amount for row in totals}
    for key in sorted({*rows, *own}):
        expected, found = own.get(key, Decimal(0)), rows.get(key, Decimal(0))
        if expected != found:
            yield Finding(
                gap=Gap.TENDERS,
                currency=key[0],
                expected=expected,
                found=found,
                detail=key[1],
            )


def sum_tenders(rows):
    """Return ``{(currency, name): amount}`` of the tenders of sales or documents."""
    return _sums(
        ((row.currency, tender.name), tender.amount)
        for row in rows
        for tender in row.tenders
    )


def _sums(entries):
    sums = {}
    for key, amount in entries:
        sums[key] = sums.get(key, Decimal(0)) + amount
    return sums


# === THE SALES === #


class Family:
    """The sales of the period that belong together, and their documents.

    Documents of one sale may answer for what came back in another (several refunds
    become one storno), so that only the sums of all of them can be compared.

    ``rest`` is what was sold and neither documented nor left off nor among ``gaps``;
    ``returned`` is what has no document as all of it came back before there was any.

    :param sales: :class:`.month.SaleRow` s of one currency
    :param documents: :class:`.month.DocumentRow` s of these and of ``others``, in
        whatever state
    :param others: :class:`.month.SaleRow` s of the same family, of other days
    """

    def __init__(self, sales, documents, others=()):
        self.sales = sales
        self.currency = sales[0].currency
        own = {sale.ref for sale in sales}
        self.documents = [row for row in documents if row.exists and row.sale in own]
        self._open = {row.sale: row for row in documents if _is_open(row)}
        answered = {row.sale for row in self.documents}
        silent = [sale for sale in sales if sale.ref not in answered]
        gaps = [
            sale
            for sale in silent
            if sale.due and (sale.ref in self._open or not sale.reason)
        ]
        self.gaps = [(sale, self._open.get(sale.ref)) for sale in gaps]
        self.documented = add_up(row.gross for row in self.documents)
        self.rest = add_up(sale.due for sale in sales) - self.documented
        # Where there are documents, they answer for all of the family: no reason makes
        # up for a sum that they do not come to.
        self.reasoned = [
            sale
            for sale in silent
            if sale.reason and sale not in gaps and not self.documents
        ]
        self.rest -= add_up(sale.due for sale in (*gaps, *self.reasoned))
        # What is still to come of sales that have a document: a storno, a new one.
        self.pending = [row for ref, row in self._open.items() if ref in answered]
        if not self.rest:
            self.pending = [r for r in self.pending if gap_of(r) not in BESIDE]
        self.returned, self.returned_due = (), Decimal(0)
        if gaps and self._came_back_whole(documents, others):
            self._set_returned(gaps)

    def _came_back_whole(self, documents, others):
        """Return True if nothing is left of what has no document.

        By the gross: the rates of what has no document are in no row. What has a reason
        may have a document elsewhere.
        """
        said = _sums((row.sale, row.gross) for row in documents if row.exists)
        return came_back_whole(
            (
                {"": sale.due - said.get(sale.ref, Decimal(0))},
                bool(sale.reason or self._open) or sale.ref in said,
            )
            for sale in (*self.sales, *others)
            if sale.due > 0 or sale.counts_off
        )

    def _set_returned(self, gaps):
        """Name what came back whole, in place of what is missing of it."""
        self.returned = tuple(gaps)
        self.returned_due = self.rest + add_up(sale.due for sale in gaps)
        self.gaps, self.rest = [], Decimal(0)

    @property
    def rest_gap(self):
        """Return what the :attr:`rest` is a sign of."""
        return gap_of(self.pending[0]) if self.pending else Gap.DIFFERS

    def left_off(self):
        """Yield a :class:`LeftOff` for what has no document, or is kept off one."""
        for sale in self.sales:
            for entry in sale.kept_off:
                yield _left_off(sale, entry.amount, entry.name, whole=False)
            if sale in self.reasoned:
                yield _left_off(sale, sale.due, sale.reason, whole=True)

    def steps(self):
        """Yield ``(item, detail, amount)`` of the findings, as steps of the bridge."""
        for sale, row in self.gaps:
            yield Item.GAP, gap_of(row).value, -sale.due
        if self.returned_due:
            yield Item.RETURNED, "", -self.returned_due
        if self.rest:
            yield Item.GAP, self.rest_gap.value, -self.rest

    def findings(self):
        """Yield what is missing or does not agree."""
        for sale, row in self.gaps:
            yield _of_sale(sale, gap_of(row), row, expected=sale.due, found=Decimal(0))
        if self.rest:
            yield self._of_family(
                self.rest_gap,
                expected=self.documented + self.rest,
                found=self.documented,
            )
        for row in self.pending[1:] if self.rest else self.pending:
            yield _of_document(row, gap_of(row))
        if self.returned:
            yield _of_sale(max(self.returned, key=_due), Gap.RETURNED, None)
        elif not (self.rest or self.gaps or self.reasoned):
            yield from self._rate_findings()

    def _rate_findings(self):
        """Yield the VAT codes at which the documents are not what was sold."""
        amounts = [row.amounts for row in self.documents]
        if not all(amounts) or any(sale.rates is None for sale in self.sales):
            return
        own = _sums(entry for sale in self.sales for entry in sale.rates.items())
        theirs = _sums((one.vat, one.gross) for rows in amounts for one in rows)
        for code in sorted({*own, *theirs}):
            expected = own.get(code, Decimal(0))
            found = theirs.get(code, Decimal(0))
            if expected != found:
                yield self._of_family(
                    Gap.RATES, detail=code, expected=expected, found=found
                )

    def _of_family(self, gap, **more):
        row = next(iter(self.pending or self.documents), None)
        return _of_sale(self.sales[0], gap, row, **more)


def _due(sale):
    return sale.due


def _is_open(row):
    """True for what a sale may have in the place of a document for the books."""
    unfinished = row.kind in UNFINISHED_KINDS and row.state is State.ISSUED
    test = row.sandbox and row.state in EXISTING_STATES
    return row.state in OPEN_STATES or unfinished or test


def gap_of(row):
    """Return why a sale has no document, from the row that it has instead, or None."""
    if row is None:
        return Gap.MISSING
    if row.state in LANE_STATES:
        return Gap.WAITING
    if row.state in OPEN_STATES:
        return Gap.ATTENTION
    return Gap.TEST if row.sandbox else Gap.UNFINISHED


def _of_sale(sale, gap, row, **more):
    return Finding(
        gap=gap,
        ref=row.ref if row else "",
        number=row.number if row else "",
        sale=sale.ref,
        sale_name=sale.name,
        day=sale.day,
        shop=sale.shop,
        currency=sale.currency,
        **more,
    )


def _left_off(sale, amount, reason, *, whole):
    return LeftOff(
        sale=sale.ref,
        sale_name=sale.name,
        day=sale.day,
        shop=sale.shop,
        currency=sale.currency,
        amount=amount,
        reason=reason,
        whole=whole,
    )


# === THE DOCUMENTS === #


def document_findings(documents):
    """Yield what is wrong with each of the documents that are listed."""
    first = {}
    for row in documents:
        first.setdefault((row.account, row.number), row)
    for row in documents:
        wrong = {
            Gap.INCOMPLETE: not (row.number and row.issue_date and row.amounts),
            Gap.TWICE: row.number and first[row.account, row.number] is not row,
            Gap.PDF: not row.has_pdf,
            Gap.NAV_REFUSED: row.nav is NavState.REJECTED,
            Gap.NAV_OPEN: row.nav in UNDECIDED,
        }
        for gap, applies in wrong.items():
            if applies:
                yield _of_document(row, gap)
        yield from _sum_findings(row)


def _sum_findings(row):
    """Yield the sums of a document that do not agree with each other."""
    for one in row.amounts:
        if one.net + one.tax != one.gross:
            yield _of_document(
                row,
                Gap.SUMS,
                detail=one.vat,
                expected=one.net + one.tax,
                found=one.gross,
            )
    gross = add_up(one.gross for one in row.amounts)
    if row.amounts and gross != row.gross:
        yield _of_document(row, Gap.SUMS, expected=gross, found=row.gross)


def _of_document(row, gap, **more):
    return Finding(
        gap=gap,
        ref=row.ref,
        number=row.number,
        sale=row.sale,
        sale_name=row.sale_name,
        day=row.issue_date,
        shop=row.shop,
        currency=row.currency,
        **more,
    )
