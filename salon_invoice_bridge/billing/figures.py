"""What a document comes to: net, VAT and gross for each rate, and what paid for it.

The figures of a document as it was sent, once and for lists, pivots, the month's file
and the comparison with the service. Gross binds: the gross of all rates is that of the
document, and so are all tenders with what is owed, to the last unit of the currency.

Net and VAT follow from the service's arithmetic, item by item; its strategy says which
items (``InvoiceProvider.amounts()``). Where net and VAT were sent (Szamlazz.hu), or the
service has reported them (:func:`as_reported`), they are ``exact``; where neither is
true they are what is known of the service, and may be a unit off for each item.

A storno turns all of it around (:func:`turned`): its rounding is symmetrical.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from .invoice import Kind, PaymentKind, RateSum, TaxKind
from .money import quantize

#: Amounts of nothing.
ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The figures of one document, in ``currency``.

    ``tenders`` is ``{PaymentKind: Decimal}``, without those of nothing; with ``owed``
    they add up to ``gross``.  ``exact`` is False where net and VAT are worked out by us
    although the service works them out by itself; ``items`` is of how many roundings
    they are made.

    :raises ValueError: if tenders and ``owed`` are not the gross
    """

    currency: str
    rates: tuple[RateSum, ...]
    tenders: Mapping[PaymentKind, Decimal] = field(default_factory=dict)
    owed: Decimal = ZERO
    exact: bool = False
    items: int = 0
    fulfillment_date: date | None = None
    due_date: date | None = None
    tax_number: str = ""  # the buyer's, "" of a private one
    shop: str = ""

    def __post_init__(self):
        settled = sum(self.tenders.values(), self.owed)
        if settled != self.gross:
            raise ValueError(f"{settled} settles a document of {self.gross}")

    @property
    def net(self):
        """Return the net of all rates."""
        return sum((row.net for row in self.rates), ZERO)

    @property
    def tax(self):
        """Return the VAT of all rates."""
        return sum((row.tax for row in self.rates), ZERO)

    @property
    def gross(self):
        """Return the gross of all rates: the document's."""
        return sum((row.gross for row in self.rates), ZERO)

    @property
    def by_code(self):
        """Return ``{VAT code: gross}``, without rates of nothing."""
        return {row.vat: row.gross for row in self.rates if row.gross}


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What several documents of one currency come to."""

    currency: str
    count: int
    rates: tuple[RateSum, ...]
    tenders: Mapping[PaymentKind, Decimal]
    owed: Decimal

    @property
    def net(self):
        """Return the net of all rates."""
        return sum((row.net for row in self.rates), ZERO)

    @property
    def tax(self):
        """Return the VAT of all rates."""
        return sum((row.tax for row in self.rates), ZERO)

    @property
    def gross(self):
        """Return the gross of all rates."""
        return sum((row.gross for row in self.rates), ZERO)


def of_invoice(invoice, items, *, exact=False, shop=""):
    """Return the :class:`Figures` of a document as it is, or was, sent.

    :param Invoice invoice: an invoice, a receipt, a correction, a remainder, ...
    :param items: ``RateSum`` s of what is sent: ``InvoiceProvider.amounts(invoice)``
    :param bool exact: ``Capabilities.sends_vat`` of the service
    :raises ValueError: if the items do not add up to the document
    """
    rates = merge(items)
    gross = sum((row.gross for row in rates), ZERO)
    if gross != invoice.gross:
        raise ValueError(f"Items of {gross} for a document of {invoice.gross}")
    tenders, owed = _settlement(invoice)
    return Figures(
        currency=invoice.currency,
        rates=rates,
        tenders=tenders,
        owed=owed,
        exact=exact,
        items=len(items),
        fulfillment_date=invoice.fulfillment_date,
        due_date=invoice.due_date,
        tax_number=tax_number(invoice),
        shop=shop,
    )


def of_document(document, *, shop=""):
    """Return the :class:`Figures` of what a service tells, None if it does not.

    For a document whose content is not known here: adopted, or resolved by hand.

    :param IssuedDocument document: as ``examine()`` or a list tells it
    """
    if not document.rates:
        return None
    kind = document.payment_kind or PaymentKind.OTHER
    owed = document.outstanding or ZERO
    if document.payments is not None:
        tenders = sum_tenders(document.payments)
        owed = document.gross - sum(tenders.values(), ZERO)
    else:
        tenders = drop_zeros({kind: document.gross - owed})
    return Figures(
        currency=document.currency,
        rates=document.rates,
        tenders=tenders,
        owed=owed,
        exact=True,
        fulfillment_date=document.fulfillment_date or document.issue_date,
        due_date=document.due_date,
        shop=shop,
    )


def turned(figures):
    """Return the :class:`Figures` of the storno that takes a document back."""
    return replace(
        figures,
        rates=tuple(_turned(row) for row in figures.rates),
        tenders={kind: -amount for kind, amount in figures.tenders.items()},
        owed=-figures.owed,
    )


def as_reported(figures, document):
    """Return ``figures`` with the net and VAT that the service tells.

    They are the document's: ours is what we know of its arithmetic. What the service
    does not tell, or tells of another gross at any rate, changes nothing.

    :param IssuedDocument document: of the service
    """
    reported = {row.vat: row for row in document.rates}
    grosses = {row.vat: row.gross for row in document.rates if row.gross}
    if not reported or grosses != figures.by_code:
        return figures
    rates = tuple(reported.get(row.vat, row) for row in figures.rates)
    return replace(figures, rates=rates, exact=True)


def in_own_kinds(figures, reported_kind):
    """Return ``figures`` with tenders in the kinds that the service tells apart.

    :param reported_kind: ``InvoiceProvider.reported_kind``
    """
    tenders = {}
    for kind, amount in figures.tenders.items():
        reported = reported_kind(kind)
        tenders[reported] = tenders.get(reported, ZERO) + amount
    return replace(figures, tenders=drop_zeros(tenders))


def in_forints(figures, rate):
    """Return the :class:`Figures` of a foreign document in forints.

    VAT and gross are converted and rounded for each rate, net is the rest, and the
    largest tender carries what rounding leaves, so that all still adds up.

    :param Decimal rate: forints for one unit of the currency
    """
    if figures.currency == "HUF":
        return figures
    rates = []
    for row in figures.rates:
        gross, tax = (quantize(value * rate, "HUF") for value in (row.gross, row.tax))
        rates.append(RateSum(vat=row.vat, net=gross - tax, tax=tax, gross=gross))
    total = sum((row.gross for row in rates), ZERO)
    parts = {None: figures.owed, **figures.tenders}
    forints = {kind: quantize(value * rate, "HUF") for kind, value in parts.items()}
    largest = max(forints, key=lambda kind: abs(forints[kind]))
    forints[largest] += total - sum(forints.values())
    owed = forints.pop(None)
    return replace(
        figures,
        currency="HUF",
        rates=tuple(rates),
        tenders=drop_zeros(forints),
        owed=owed,
    )


def add_up(several):
    """Return ``{currency: Totals}`` of several :class:`Figures`, by currency."""
    groups = {}
    for figures in several:
        groups.setdefault(figures.currency, []).append(figures)
    return {currency: _total(currency, groups[currency]) for currency in sorted(groups)}


def merge(items):
    """Return one ``RateSum`` for each VAT code of ``items``, in their order."""
    sums = {}
    for item in items:
        known = sums.get(item.vat)
        sums[item.vat] = _add(known, item) if known else item
    return tuple(sums.values())


def tax_number(invoice):
    """Return the tax number of the buyer of a document, "" of a private one."""
    buyer = invoice.buyer
    if invoice.kind is Kind.RECEIPT or buyer.tax_kind is TaxKind.PRIVATE:
        return ""
    if buyer.tax_kind is TaxKind.HUNGARIAN:
        return buyer.tax_number
    return buyer.eu_tax_number or buyer.tax_number


def sum_tenders(tenders):
    """Return ``{PaymentKind: Decimal}`` of tenders, without those of nothing."""
    sums = {}
    for tender in tenders:
        sums[tender.kind] = sums.get(tender.kind, ZERO) + tender.amount
    return drop_zeros(sums)


def drop_zeros(amounts):
    """Return ``{key: Decimal}`` without amounts of nothing."""
    return {kind: amount for kind, amount in amounts.items() if amount}


def _settlement(invoice):
    """Return ``({PaymentKind: Decimal}, owed)`` of an ``Invoice``.

    A correction has no tenders: by the kind that it names, it was given back or is
    owed. So is what a paid document leaves unsaid.
    """
    tenders = sum_tenders(invoice.tenders)
    rest = invoice.gross - sum(tenders.values(), ZERO)
    if not invoice.paid:
        return tenders, rest
    kind = invoice.payment_kind
    tenders[kind] = tenders.get(kind, ZERO) + rest
    return drop_zeros(tenders), ZERO


def _turned(row):
    return RateSum(vat=row.vat, net=-row.net, tax=-row.tax, gross=-row.gross)


def _add(one, other):
    return RateSum(
        vat=one.vat,
        net=one.net + other.net,
        tax=one.tax + other.tax,
        gross=one.gross + other.gross,
    )


def _total(currency, several):
    tenders = {}
    for figures in several:
        for kind, amount in figures.tenders.items():
            tenders[kind] = tenders.get(kind, ZERO) + amount
    return Totals(
        currency=currency,
        count=len(several),
        rates=merge(row for figures in several for row in figures.rates),
        tenders=drop_zeros(tenders),
        owed=sum((figures.owed for figures in several), ZERO),
    )
