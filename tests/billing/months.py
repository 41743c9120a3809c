"""A month of a salon: sales, their documents and the till's sums, as rows."""

import itertools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from salon_invoice_bridge.billing.invoice import DocumentKind, NavState, State
from salon_invoice_bridge.billing.money import split_gross, unit
from salon_invoice_bridge.billing.month import (
    Amount,
    DayTotal,
    DocumentRow,
    Named,
    SaleRow,
    TenderTotal,
    Till,
    add_up,
)
from salon_invoice_bridge.billing.month_build import build
from salon_invoice_bridge.billing.month_proof import sum_tenders
from salon_invoice_bridge.billing.vat import rate

START, END = date(2026, 11, 1), date(2026, 11, 30)
DAY = date(2026, 11, 20)


def amounts(rates, currency="HUF"):
    """Return the amounts of ``{VAT code: gross}``."""
    rows = []
    for code, gross in rates.items():
        net, tax = split_gross(Decimal(gross), rate(code), currency)
        rows.append(Amount(vat=code, net=net, tax=tax, gross=Decimal(gross)))
    return tuple(rows)


def sale(ref="1", rates=None, **more):
    """Return a haircut, paid by card."""
    rates = {code: Decimal(gross) for code, gross in (rates or {"27": 8900}).items()}
    gross = more.pop("gross", add_up(rates.values()))
    values = {
        "ref": ref,
        "name": f"Szalon/{ref}",
        "day": DAY,
        "gross": gross,
        "shop": "Szalon",
        "rates": rates,
        "tenders": (Named(name="Bankkártya", amount=gross),),
    }
    return SaleRow(**{**values, **more})


def document(ref="1", rates=None, **more):
    """Return the invoice of a haircut; its sale has the same ``ref``."""
    rates = rates or {"27": 8900}
    currency = more.get("currency", "HUF")
    gross = add_up(Decimal(amount) for amount in rates.values())
    values = {
        "ref": ref,
        "number": f"SZ / 2026-{ref}",
        "kind": DocumentKind.INVOICE,
        "state": State.ISSUED,
        "gross": gross,
        "amounts": amounts(rates, currency),
        "issue_date": DAY,
        "fulfillment_date": DAY,
        "due_date": DAY,
        "buyer": "Kiss Anna",
        "tenders": (Named(name="Bankkártya", amount=gross),),
        "shop": "Szalon",
        "sale": ref,
        "sale_name": f"Szalon/{ref}",
        "nav": NavState.ACCEPTED,
    }
    return DocumentRow(**{**values, **more})


def turned(rates):
    """Return ``{VAT code: gross}`` of what takes it back."""
    return {code: -Decimal(gross) for code, gross in rates.items()}


def storno(of, ref, **more):
    """Return the storno of a document."""
    values = {
        "kind": DocumentKind.STORNO,
        "follows": of.number,
        "receipt": of.receipt,
        "sale": of.sale,
        "currency": of.currency,
        **more,
    }
    return document(ref, turned({one.vat: one.gross for one in of.amounts}), **values)


def till_of(sales):
    """Return the sums of a till that has exactly these sales."""
    days = {}
    for row in sales:
        days.setdefault((row.day, row.currency), []).append(row.gross)
    return Till(
        days=tuple(
            DayTotal(day=day, currency=currency, count=len(all_), gross=add_up(all_))
            for (day, currency), all_ in days.items()
        ),
        tenders=tuple(
            TenderTotal(name=name, currency=currency, amount=amount)
            for (currency, name), amount in sum_tenders(sales).items()
        ),
    )


def month(documents, sales, till=None, **more):
    """Return the month of these rows."""
    return build(
        start=START,
        end=END,
        documents=documents,
        sales=sales,
        till=till or till_of(sales),
        **more,
    )


# === RANDOM MONTHS === #

_CODES = ("27", "18", "5", "AAM", "ATK")
_NAMES = st.text(max_size=30) | st.sampled_from(
    ["=1+1", "@SUM(A1)", "+36 30 555 0100", "-1", "=cmd|' /C calc'!A0", "\t=1", "Kft."]
)


@st.composite
def rates_of(draw, currency="HUF"):
    """Draw ``{VAT code: gross}`` of a sale."""
    codes = draw(st.lists(st.sampled_from(_CODES), min_size=1, max_size=2, unique=True))
    step = Decimal(1) if currency == "HUF" else Decimal("0.01")
    return {code: step * draw(st.integers(1, 2_000_000)) for code in codes}


@st.composite
def months(draw, most=5):
    """Draw ``(documents, sales)`` of a month in which all is as it should be."""
    refs = map(str, itertools.count(1))
    documents, sales = [], []
    for _number in range(draw(st.integers(0, most))):
        more = draw(st.sampled_from(_STORIES))(draw, refs)
        documents += more[0]
        sales += more[1]
    return tuple(documents), tuple(sales)


def _plain(draw, refs):
    """A sale with its invoice or receipt; some of it may be kept off."""
    ref, currency = next(refs), draw(st.sampled_from(["HUF", "HUF", "EUR"]))
    rates = draw(rates_of(currency))
    day = START + timedelta(days=draw(st.integers(0, 29)))
    receipt = currency == "HUF" and draw(st.booleans())
    off = Decimal(draw(st.integers(0, 5000)))
    kept = (Named(name="Ajándékkártya", amount=off),) if off else ()
    sold = sale(
        ref,
        rates,
        day=day,
        currency=currency,
        gross=add_up(rates.values()) + off,
        kept_off=kept,
    )
    paper = document(
        ref,
        rates,
        currency=currency,
        kind=DocumentKind.RECEIPT if receipt else DocumentKind.INVOICE,
        receipt=receipt,
        issue_date=day,
        fulfillment_date=day,
        due_date=day,
        buyer=draw(_NAMES),
        nav=None if receipt else NavState.ACCEPTED,
    )
    return [paper], [sold]


def _reasoned(draw, refs):
    """A sale that has no document, for a reason."""
    row = sale(next(refs), draw(rates_of()), reason="Pénztárgép nyugtája")
    return [], [row]


def _refunded(draw, refs):
    """A sale, part of which came back: a storno, and an invoice of what was kept."""
    (paper,), (sold,) = _plain(draw, refs)
    code = next(iter(sold.rates))
    step = unit(sold.currency)
    back = step * draw(st.integers(1, int(sold.rates[code] / step)))
    returned = {code: -back}
    kept = {**sold.rates, code: sold.rates[code] - back}
    kept = {code: gross for code, gross in kept.items() if gross}
    ref, day = next(refs), min(END, sold.day + timedelta(days=draw(st.integers(0, 9))))
    days = {"issue_date": day, "fulfillment_date": sold.day}
    taken = storno(paper, next(refs), sale=ref, **days)
    papers = [replace(paper, state=State.CANCELLED), taken]
    if kept:
        papers.append(
            replace(
                document(next(refs), kept, sale=ref, currency=sold.currency, **days),
                kind=DocumentKind.REMAINDER,
                follows=paper.number,
                receipt=paper.receipt,
            )
        )
    row = sale(ref, returned, day=day, currency=sold.currency, family=sold.ref)
    return papers, [sold, row]


def _together(draw, refs):
    """Two refunds that became one storno: the second one has a reason."""
    (paper,), (sold,) = _plain(draw, refs)
    first = {code: -(gross // 2) for code, gross in sold.rates.items()}
    second = {code: -(gross + first[code]) for code, gross in sold.rates.items()}
    rows = [
        sale(next(refs), rates, day=END, currency=sold.currency, family=sold.ref)
        for rates in (first, second)
    ]
    rows[1] = replace(rows[1], reason="Visszatérítve")
    taken = storno(paper, next(refs), sale=rows[0].ref, issue_date=END)
    return [replace(paper, state=State.CANCELLED), taken], [sold, *rows]


def _from_before(draw, refs):
    """The storno, in this month, of an invoice of another one."""
    old = document(next(refs), draw(rates_of()), fulfillment_date=date(2026, 10, 9))
    old = replace(old, issue_date=date(2026, 10, 9), state=State.CANCELLED)
    return [old, storno(old, next(refs), fulfillment_date=old.issue_date)], []


def _over_the_end(draw, refs):
    """A sale of the last day, whose storno and new invoice are of the next month."""
    (paper,), (sold,) = _plain(draw, refs)
    later = {"issue_date": END + timedelta(days=1), "fulfillment_date": sold.day}
    taken = storno(paper, next(refs), **later)
    again = replace(
        paper, ref=next(refs), number=f"{paper.number} b", follows=paper.number, **later
    )
    return [replace(paper, state=State.CANCELLED), taken, again], [sold]


_STORIES = (
    *(_plain, _plain, _plain, _reasoned, _refunded, _together),
    *(_from_before, _over_the_end),
)
