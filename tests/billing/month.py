"""A month of a salon: what its till sold, its documents, and what its service has.

All of it agrees; the tests change one thing on one side.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from salon_invoice_bridge.billing.books import Asked, Document, Sale
from salon_invoice_bridge.billing.figures import of_invoice, turned
from salon_invoice_bridge.billing.invoice import (
    Buyer,
    Invoice,
    IssuedDocument,
    Kind,
    Line,
    PaymentKind,
    RateSum,
    State,
    Tender,
)
from salon_invoice_bridge.providers.pricing import item_sum

SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 30)
CASH, CARD, VOUCHER = PaymentKind.CASH, PaymentKind.CARD, PaymentKind.VOUCHER
CODES = ("27", "27", "27", "5", "18", "ATK")
KEYS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
PREFIXES = {False: "SZ-2026-", True: "NY-2026-"}


def key_of(number):
    """Return the external key of a document, as unlike others as real ones are."""
    text = ""
    for _ in range(6):
        number, digit = divmod(number, len(KEYS))
        text = KEYS[digit] + text
    return text + "A" * 20


@dataclass
class Month:
    """All sides; ``rows`` are the service's, in the order of their numbers."""

    sales: list = field(default_factory=list)
    documents: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    marks_receipts: bool = True

    @property
    def listed(self):
        """Return what the service lists of the month."""
        return tuple(row for row in self.rows if SINCE <= row.issue_date <= UNTIL)

    def asked(self, **changes):
        """Return what was asked of a service that counts its list."""
        values = {
            "listed": self.listed,
            "counted": True,
            "marks_receipts": self.marks_receipts,
        }
        return Asked(**{**values, **changes})

    def look_up(self, number, is_receipt):
        """Return what the service has with a number, or None."""
        for row in self.rows:
            if (row.number, row.is_receipt) == (number, is_receipt):
                return row
        return None


def figures_of(lines, tenders, *, owed=False, kind=Kind.INVOICE, day=SINCE):
    """Return the figures of ``(gross, code)`` lines and ``(kind, amount)`` tenders."""
    invoice = Invoice(
        external_key="A" * 26,
        order_number="1-AAAAAA",
        kind=kind,
        buyer=Buyer(name="Kiss Anna"),
        lines=tuple(
            Line(name="Vágás", quantity=Decimal(1), gross=Decimal(gross), vat=code)
            for gross, code in lines
        ),
        tenders=tuple(Tender(kind=k, amount=Decimal(a), date=day) for k, a in tenders),
        payment_kind=CARD,
        paid=not owed,
        fulfillment_date=day,
        due_date=day,
    )
    items = tuple(item_sum(one.vat, one.gross, "HUF") for one in invoice.lines)
    return of_invoice(invoice, items, exact=True)


def rates_of(lines):
    """Return ``{code: gross}`` of ``(gross, code)`` lines."""
    sums = {}
    for gross, code in lines:
        sums[code] = sums.get(code, Decimal(0)) + Decimal(gross)
    return sums


def row_of(document, *, marks=True, fulfilled=None):
    """Return what a service tells of a document."""
    figures = document.figures
    return IssuedDocument(
        id=document.remote_id,
        number=document.number,
        kind=document.kind,
        gross=figures.gross,
        currency=figures.currency,
        cancelled=document.is_cancelled,
        issue_date=document.day,
        fulfillment_date=fulfilled or document.day,
        order_number=document.order_number if marks else "",
        outstanding=document.owed,
        of_receipt=document.of_receipt,
        rates=tuple(row for row in figures.rates if row.gross),
        payment_kind=document.payment_kind,
        payments=None
        if document.payments is None
        else tuple(
            Tender(kind=kind, amount=amount, date=document.day)
            for kind, amount in document.payments.items()
        ),
    )


def by_hand(id_, number, day, gross=5000, **changes):
    """Return a document that was made by hand at the service."""
    net = Decimal(gross) - Decimal(gross) // 5
    values = {
        "id": id_,
        "number": number,
        "kind": Kind.INVOICE,
        "gross": Decimal(gross),
        "currency": "HUF",
        "issue_date": day,
        "fulfillment_date": day,
        "rates": (
            RateSum(vat="27", net=net, tax=Decimal(gross) - net, gross=Decimal(gross)),
        ),
        "payment_kind": CASH,
    }
    return IssuedDocument(**{**values, **changes})


# === BUILDING ONE === #


class Builder:
    """Puts a month together, a family at a time; numbers come at the end."""

    def __init__(self, *, marks_receipts=True):
        self.month = Month(marks_receipts=marks_receipts)
        self._orders = 0
        self._ids = 0
        self._hands = []

    def sale(
        self, day, lines, tenders=None, *, receipt=False, late=0, tip=0, rounding=0,
        owed=0, unwanted="", refund=None, back_after=1, detailed=False,
    ):  # fmt: skip
        """Add a sale with its document, and what came back of it.

        :param tenders: ``(kind, amount)`` of the document; all by card if not given
        :param tip: paid by card, and kept off
        :param owed: part of it that is put on the customer's account
        :param refund: None, "all", or lines that came back
        :param int late: days between a payment and its document
        """
        order = self._order()
        gross = sum(Decimal(amount) for amount, _code in lines)
        if tenders is None:
            tenders = [(CARD, gross - owed)] if gross != owed else []
        figures = figures_of(
            lines,
            tenders,
            owed=bool(owed),
            kind=Kind.RECEIPT if receipt else Kind.INVOICE,
            day=day,
        )
        paid = dict(figures.tenders)
        for kind, amount in ((CARD, tip), (CASH, rounding)):
            if amount:
                paid[kind] = paid.get(kind, Decimal(0)) + Decimal(amount)
        self.month.sales.append(
            Sale(
                id=order,
                family=order,
                day=day,
                rates=rates_of(lines),
                paid=paid,
                tenders=figures.tenders,
                owed=Decimal(owed),
                kept_off=Decimal(tip),
                rounding=Decimal(rounding),
                reference=f"260-1-{order:06d}",
                unwanted=unwanted,
            )
        )
        if unwanted:
            return order
        document = self._document(
            order, order, figures, day + timedelta(days=late), receipt, detailed
        )
        if refund:
            self._refund(order, document, lines, refund, day, back_after, receipt)
        return order

    def _refund(self, order, document, lines, refund, day, back_after, receipt):
        back = list(lines) if refund == "all" else refund
        kept = list(lines)
        for line in back:
            kept.remove(line)
        refunded = self._order()
        back_on = day + timedelta(days=back_after)
        amount = sum(Decimal(gross) for gross, _code in back)
        self.month.sales.append(
            Sale(
                id=refunded,
                family=order,
                day=back_on,
                rates={code: -sum_ for code, sum_ in rates_of(back).items()},
                paid={CASH: -amount},
                tenders={CASH: -amount},
                reference=f"260-1-{refunded:06d}",
            )
        )
        documents = self.month.documents
        documents[documents.index(document)] = replace(document, state=State.CANCELLED)
        storno = self._document(
            refunded, order, turned(document.figures), back_on, receipt, False
        )
        documents[-1] = replace(
            storno, kind=Kind.STORNO, origin=document.id, of_receipt=receipt
        )
        if kept:
            gross = sum(Decimal(one) for one, _code in kept)
            figures = figures_of(kept, [(CARD, gross)], day=day)
            self._document(refunded, order, figures, back_on, receipt, False)

    def _order(self):
        self._orders += 1
        return self._orders

    def _document(self, sale, family, figures, day, receipt, detailed):
        self._ids += 1
        key = key_of(self._ids * 7919)
        settles = figures.tenders or {CARD: Decimal(0)}
        document = Document(
            id=self._ids,
            sale=sale,
            family=family,
            kind=Kind.RECEIPT if receipt else Kind.INVOICE,
            state=State.ISSUED,
            figures=figures,
            external_key=key,
            order_number=f"260-1-{sale:06d}-{key[:6]}",
            day=day,
            payment_kind=max(settles, key=lambda kind: settles[kind]),
            owed=figures.owed,
            payments=dict(figures.tenders) if detailed else None,
        )
        self.month.documents.append(document)
        return document

    def hand(self, day, gross=5000, receipt=False, **changes):
        """Let somebody make a document by hand at the service."""
        kind = Kind.RECEIPT if receipt else Kind.INVOICE
        self._hands.append((day, by_hand("", "", day, gross, kind=kind, **changes)))

    def finish(self):
        """Number everything in the order of its issue, and return the month."""
        month, counts = self.month, {False: 0, True: 0}
        things = [(one.day, 0, index) for index, one in enumerate(month.documents)]
        things += [(day, 1, index) for index, (day, _row) in enumerate(self._hands)]
        for place, (_day, is_hand, index) in enumerate(sorted(things), 1):
            one = self._hands[index][1] if is_hand else month.documents[index]
            counts[one.is_receipt] += 1
            number = f"{PREFIXES[one.is_receipt]}{counts[one.is_receipt]}"
            if is_hand:
                month.rows.append(replace(one, id=str(9000 + place), number=number))
                continue
            one = replace(one, number=number, remote_id=str(1000 + place))
            month.documents[index] = one
            marks = month.marks_receipts or not one.is_receipt
            sold_on = next(sale.day for sale in month.sales if sale.id == one.sale)
            row = row_of(one, marks=marks, fulfilled=sold_on)
            if one.origin:
                (original,) = (d for d in month.documents if d.id == one.origin)
                row = replace(row, original_number=original.number)
            month.rows.append(row)
        return month


# === ANY MONTH === #

days = st.integers(-5, 34).map(lambda n: SINCE + timedelta(days=n))
lines = st.lists(
    st.tuples(st.integers(1, 60).map(lambda n: n * 105), st.sampled_from(CODES)),
    min_size=1,
    max_size=4,
)


@st.composite
def months(draw, least=0, *, inside=False, marks_receipts=None):
    """Any month that agrees.

    :param least: families that it has at least
    :param inside: True if all of it is of this month
    """
    if marks_receipts is None:
        marks_receipts = draw(st.booleans())
    builder = Builder(marks_receipts=marks_receipts)
    for _ in range(draw(st.integers(least, 8))):
        sold = draw(lines)
        gross = sum(Decimal(amount) for amount, _code in sold)
        receipt = draw(st.booleans())
        owed = draw(st.sampled_from([0, 0, 0, gross])) if not receipt else 0
        cash = draw(st.integers(0, int(gross))) if not owed else 0
        tenders = None
        if not owed:
            tenders = [(CASH, cash), (CARD, gross - cash)]
            tenders = [(kind, amount) for kind, amount in tenders if amount]
        refund = draw(st.sampled_from([None, None, "all", "part"]))
        if refund == "part":
            refund = [draw(st.sampled_from(sold))] if len(sold) > 1 else None
        day = draw(days)
        if inside:
            day = min(max(day, SINCE), UNTIL - timedelta(days=12))
        builder.sale(
            day,
            sold,
            tenders,
            receipt=receipt,
            late=draw(st.sampled_from([0, 0, 0, 1, 3])),
            tip=draw(st.sampled_from([0, 0, 500])),
            rounding=draw(st.sampled_from([0, 0, 2, -2])),
            owed=owed,
            unwanted=draw(st.sampled_from(["", "", "", "", "not_requested"])),
            refund=None if owed else refund,
            back_after=draw(st.integers(3, 9)),
            detailed=draw(st.booleans()),
        )
    for _ in range(draw(st.integers(0, 3))):
        day = draw(days)
        if inside:
            day = min(max(day, SINCE), UNTIL)
        builder.hand(day, draw(st.integers(1, 99)) * 1001, receipt=draw(st.booleans()))
    return builder.finish()
