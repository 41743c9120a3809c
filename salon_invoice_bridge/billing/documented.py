"""Whether what was sold and paid is what the documents say.

By family: a sale, what came back of it, and the documents of both, of whatever day. A
storno of December takes back a sale of November, and a sale of the last evening may get
its document after midnight.
"""

from dataclasses import dataclass, field

from .books import FISCAL_KINDS, Difference, Finding, Outcome, make_row
from .figures import ZERO, drop_zeros
from .invoice import REFERRING_KINDS, Kind, State
from .refund import Reason, counts_off
from .returns import came_back_whole

#: Findings that something is wrong, and that something is lacking.
_WRONG = frozenset(
    {
        Finding.NO_SALE,
        Finding.UNWANTED,
        Finding.SOLD,
        Finding.PAID,
        Finding.TENDERS,
        Finding.CURRENCY,
    }
)
_LACKING = frozenset(
    {
        Finding.NO_DOCUMENT,
        Finding.ON_ITS_WAY,
        Finding.ATTENTION,
        Finding.UNFINISHED,
    }
)
#: Findings of which nothing is wrong, lacking or unknown.
_NAMED = frozenset({Finding.RETURNED})


@dataclass
class Family:
    """A sale, what came back of it, and the documents of both."""

    id: int
    sales: list = field(default_factory=list)
    documents: list = field(default_factory=list)

    @property
    def first(self):
        """Return the sale itself; a refund where the sale is not known; or None."""
        own = (sale for sale in self.sales if sale.id == self.id)
        return next(own, self.sales[0] if self.sales else None)

    @property
    def unwanted(self):
        """Return why no document is wanted of it, "" if one is.

        A refund follows its sale: one that needs no document of its own has been
        counted in the sale's. What came back before any was made needs none, as
        :func:`.refund.decide` has it.
        """
        own = self.first.unwanted if self.first else ""
        return own or (Reason.REFUNDED.value if self.came_back_whole else "")

    @property
    def came_back_whole(self):
        """True if all of it came back before any document was made."""
        has_document = any(one.exists or one.is_open for one in self.documents)
        return came_back_whole(
            (sale.rates, has_document)
            for sale in self.sales
            if sale.id == self.id or counts_off(sale.unwanted)
        )

    @property
    def standing(self):
        """Return the documents that count.

        What was cancelled at the service itself does not, as its storno is not here.
        """
        reversed_ = {
            one.origin
            for one in self.documents
            if one.kind is Kind.STORNO and one.exists
        }
        return [
            one
            for one in self.documents
            if one.is_issued
            and one.figures is not None
            and not (one.is_cancelled and one.id not in reversed_)
        ]

    @property
    def sold(self):
        """Return ``{VAT code: gross}`` of what documents are to say."""
        return sum_amounts(sale.rates for sale in self.sales)

    @property
    def documented(self):
        """Return ``{VAT code: gross}`` of what they say."""
        return sum_amounts(one.figures.by_code for one in self.standing)

    @property
    def is_undecided(self):
        """True if a document is open, or unknown, that may be what is lacking."""
        return any(
            one.is_open or (one.is_issued and one.figures is None)
            for one in self.documents
        )

    def is_of(self, period):
        """True if anything of it is of these days."""
        days = [sale.day for sale in self.sales]
        days += [one.day for one in self.documents if one.is_issued]
        return any(map(period.has, days))


def families(sales, documents):
    """Return ``{id: Family}`` of ``books.Sale`` s and ``books.Document`` s."""
    found = {}
    for sale in sales:
        found.setdefault(sale.family, Family(sale.family)).sales.append(sale)
    for document in documents:
        family = found.setdefault(document.family, Family(document.family))
        family.documents.append(document)
    return found


def compare_family(family):
    """Return the ``books.Row`` of a :class:`Family`."""
    found = [*_open_differences(family), *_differences(family)]
    what = {one.what for one in found} - _NAMED
    if what & _WRONG:
        outcome = Outcome.DIFFERS
    elif what & _LACKING:
        outcome = Outcome.MISSING_THERE
    else:
        outcome = Outcome.UNPROVEN if what else Outcome.AGREES
    return make_row(outcome, found, family=family.id, unwanted=family.unwanted)


def settled(tenders, owed):
    """Return tenders with what is owed, under None, without those of nothing."""
    return drop_zeros({**tenders, None: owed})


def sum_amounts(several):
    """Return the sums of several ``{key: Decimal}``, without those of nothing."""
    sums = {}
    for amounts in several:
        for key, amount in amounts.items():
            sums[key] = sums.get(key, ZERO) + amount
    return drop_zeros(sums)


def _open_differences(family):
    states = [one.state for one in family.documents if one.is_open]
    if State.ATTENTION in states:
        yield Difference(Finding.ATTENTION)
    elif states:
        yield Difference(Finding.ON_ITS_WAY)
    if any(one.is_issued and one.figures is None for one in family.documents):
        yield Difference(Finding.NO_FIGURES)


def _differences(family):
    """Yield what is wrong between the sales of a family and its documents."""
    if not family.sales:
        if family.standing:
            yield Difference(Finding.NO_SALE)
        return
    yield from _till_differences(family)
    sold, documented = family.sold, family.documented
    if family.unwanted:
        if documented:
            yield Difference(Finding.UNWANTED, ZERO, sum(documented.values(), ZERO))
        elif not family.first.unwanted:
            yield Difference(Finding.RETURNED)
    elif sold == documented:
        yield from _tender_differences(family)
    elif not family.is_undecided:
        yield from _lack(family, sold, documented)


def _till_differences(family):
    """Yield where a till was paid otherwise than it sold, or in other currencies."""
    currencies = {sale.currency for sale in family.sales}
    currencies |= {one.figures.currency for one in family.standing}
    if len(currencies) > 1:
        own = family.first.currency
        yield Difference(Finding.CURRENCY, own, ", ".join(sorted(currencies - {own})))
    for sale in family.sales:
        due = sale.gross + sale.kept_off + sale.rounding
        taken = sum(sale.paid.values(), sale.owed)
        if due != taken:
            yield Difference(Finding.PAID, due, taken)


def _lack(family, sold, documented):
    if family.standing:
        for code in sorted(sold.keys() | documented.keys()):
            here, there = sold.get(code, ZERO), documented.get(code, ZERO)
            if here != there:
                yield Difference(Finding.SOLD, here, there, code)
    elif any(one.exists and one.kind not in FISCAL_KINDS for one in family.documents):
        yield Difference(Finding.UNFINISHED)
    else:
        yield Difference(Finding.NO_DOCUMENT)


def _tender_differences(family):
    """Yield where documents name other tenders than the till took.

    Only of a sale of which nothing came back: a storno names no tender of its own, and
    turns those of its original round, whatever the money was given back by.
    """
    standing = family.standing
    refunded = len(family.sales) > 1 or any(
        one.kind in REFERRING_KINDS for one in standing
    )
    if refunded or not standing:
        return
    (sale,) = family.sales
    taken = settled(sale.tenders, sale.owed)
    named = sum_amounts(
        settled(one.figures.tenders, one.figures.owed) for one in standing
    )
    if taken != named:
        yield Difference(Finding.TENDERS, taken, named)
