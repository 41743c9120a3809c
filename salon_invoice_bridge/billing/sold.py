"""What the till sold, as :mod:`.reconcile` compares it: by live orders.

What documents are to say of a sale is worked out from the order as it is now and the
policy of its day, so that a document that says something else is found. Only what a
setting has decided since is read off the document: which tips and vouchers it has.

An order that takes something back is of the family of its sale. What it changes is what
the customer keeps after it less what the customer kept before; so both halves of an
exchange, which also sells something, are sales of their own.

A reader starts at :func:`sales_of`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from . import books
from .figures import ZERO, drop_zeros
from .invoice import PaymentKind
from .lines import make_lines, sort_again, sort_lines
from .money import quantize, unit
from .policy import Policy, Tip
from .problem import Problem
from .returns import kept_entries, part_of
from .sale import SETTLED_ROLES, Role, Sale, SaleLine, total_gross
from .settlement import settle, sum_payments

#: The VAT code of amounts whose rate nobody knows.
UNKNOWN_RATE = ""


@dataclass(frozen=True)
class Printed:
    """What a document says of a line of the till, whose id is ``ref``."""

    ref: str
    vat: str
    settles: str = ""


@dataclass(frozen=True, kw_only=True)
class Order:
    """A paid order of the till, with what decides about its document.

    ``snapshot`` is what ``pos.order._salon_snapshot()`` returns, without the buyer.
    ``returns`` is the sale that its lines take something back of, None of none.
    ``printed`` is what its own document says, None if that is not known, and
    ``left_off`` the roles of what it leaves off.
    """

    id: int
    snapshot: Mapping
    policy: Policy
    reported_kind: Callable[[PaymentKind], PaymentKind]
    returns: int | None = None
    unwanted: str = ""  # why it has no document, see ``books.Sale``
    is_dropped: bool = False  # a person says that what came back needs no document
    printed: tuple[Printed, ...] | None = None
    left_off: frozenset[str] = frozenset()
    prepaid: Mapping = field(default_factory=dict)

    @property
    def sold(self):
        """Return the entries of what it sells."""
        return [entry for entry in self.snapshot["lines"] if not entry["refunds"]]

    @property
    def returned(self):
        """Return the entries of what it takes back."""
        return [entry for entry in self.snapshot["lines"] if entry["refunds"]]


def sales_of(orders):
    """Return the ``books.Sale`` s of whole families of :class:`Order` s."""
    known = {order.id: order for order in orders}
    families, sales = {}, []
    for order in sorted(orders, key=lambda order: order.id):
        part = _part_sold(order, known)
        if order.sold or not order.returned:
            sales.append(_sale(order, part))
        if order.returned:
            families.setdefault(order.returns, []).append((order, part))
    for family, returns in families.items():
        sales += _returns(known.get(family), returns)
    return tuple(sales)


# === WHAT IS SOLD === #


def _part_sold(order, known):
    """Return the snapshot of what an order sells, with its part of the payments.

    Goods that come back pay for it, too: by the tender of their own sale where no money
    was moved.
    """
    snapshot = order.snapshot
    if not order.returned:
        return snapshot
    if not snapshot["tenders"] and order.returns in known:
        first = known[order.returns].snapshot["tenders"][:1]
        snapshot = {
            **snapshot,
            "tenders": [{**entry, "amount": "0"} for entry in first],
        }
    return part_of(snapshot, order.sold)


def _sale(order, part):
    """Return the ``books.Sale`` of what an order sells.

    :param dict part: of its snapshot
    """
    sale = _read(part)
    policy = _policy(order, sale.day)
    rates, kept = _rates(order, part["lines"], sale.currency, policy)
    paid, owed = _paid(order, sale, policy)
    gross, kept_off = sum(rates.values(), ZERO), total_gross(kept)
    rest = sum(paid.values(), owed) - gross - kept_off
    tenders = _settled(order, sale, kept, gross, policy)
    if tenders is None:
        tenders = _balanced(paid, gross - owed)
    return books.Sale(
        id=order.id,
        family=order.id,
        day=sale.day,
        rates=rates,
        paid=paid,
        tenders=tenders,
        owed=owed,
        kept_off=kept_off,
        rounding=_rounding(sale, rest),
        currency=sale.currency,
        reference=sale.reference,
        unwanted=order.unwanted,
    )


def _settled(order, sale, kept, gross, policy):
    """Return the tenders of a document of ``gross``, None if it cannot be settled."""
    try:
        settlement = settle(sale, kept, gross, policy)
    except Problem:
        return None
    tenders = {}
    for tender in settlement.tenders:
        kind = order.reported_kind(tender.kind)
        tenders[kind] = tenders.get(kind, ZERO) + tender.amount
    if sum(tenders.values(), settlement.owed) != gross:
        return None
    return drop_zeros(tenders)


def _rates(order, entries, currency, policy):
    """Return what documents are to say of entries, and the ``SaleLine`` s they do not.

    :return: ``({VAT code: gross}, lines)``
    """
    lines = tuple(map(SaleLine.from_entry, entries))
    try:
        if order.printed is None:
            billed, kept = sort_lines(lines, policy, order.prepaid)
        else:
            known = _with_settled(lines, order.printed)
            billed, kept = sort_again(known, order.printed)
        made = make_lines(billed, currency, policy) if billed else ()
    except (Problem, ValueError):
        # A person must change something first; its document waits for that.
        gross = quantize(total_gross(lines), currency)
        return drop_zeros({UNKNOWN_RATE: gross}), ()
    rates = {}
    for line in made:
        rates[line.vat] = rates.get(line.vat, ZERO) + line.gross
    return drop_zeros(rates), kept


def _with_settled(lines, printed):
    """Return lines with the code of what was paid for before, as it is printed.

    It is that of the document of the first sale, whatever the till's line says.
    """
    codes = {one.ref: one.vat for one in printed}
    return tuple(
        replace(line, vat=codes.get(str(line.id), line.vat))
        if line.role in SETTLED_ROLES
        else line
        for line in lines
    )


def _policy(order, day):
    """Return the policy of a day, with tips as the document has them."""
    policy = order.policy.on(day)
    tips = {
        str(entry["line"])
        for entry in order.snapshot["lines"]
        if entry.get("role") == Role.TIP
    }
    if not tips or order.printed is None:
        return policy
    if Role.TIP.value in order.left_off:
        return replace(policy, tip=Tip.NONE)
    listed = tips & {one.ref for one in order.printed}
    return replace(policy, tip=Tip.OUTSIDE if listed else Tip.SERVICE)


# === WHAT COMES BACK === #


def _returns(root, returns):
    """Yield the ``books.Sale`` of each order that takes something back of a sale.

    :param root: the :class:`Order` of that sale, None if it is not known
    :param returns: ``[(Order, snapshot of what it sells), ...]`` in their order
    """
    entries, before = [], None
    for order, part in returns:
        sale = _read(order.snapshot)
        back = order.returned
        total = sum((Decimal(entry["gross"]) for entry in back), ZERO)
        rates, kept_off = {}, total
        if not order.is_dropped:
            entries = [*entries, *back]
            before = _kept(root, ()) if before is None and root else before
            after = _kept(root, entries) if root else None
            if before is None or after is None:
                rates = {UNKNOWN_RATE: quantize(total, sale.currency)}
                kept_off = ZERO
            else:
                rates = _less(after[0], before[0])
                kept_off = after[1] - before[1]
            before = after
        yield _return(order, sale, part, rates, kept_off, root)


def _kept(root, returned):
    """Return the rates of what a customer keeps and what no document has of it.

    None where more came back than was sold: a person must look.
    """
    currency = root.snapshot["currency"]
    sold = root.sold
    if returned:
        try:
            sold = kept_entries(sold, returned, currency)
        except ValueError:
            return None
    policy = _policy(root, _read(root.snapshot).day)
    rates, kept = _rates(root, sold, currency, policy)
    return rates, total_gross(kept)


def _less(after, before):
    codes = after.keys() | before.keys()
    return drop_zeros(
        {code: after.get(code, ZERO) - before.get(code, ZERO) for code in codes}
    )


def _return(order, sale, part, rates, kept_off, root):
    """Return the ``books.Sale`` of what an order takes back.

    :param part: the snapshot of what it sells besides, whose payments are not of it
    """
    policy = order.policy.on(sale.day)
    paid, owed = _paid(order, sale, policy)
    if order.sold:
        beside, beside_owed = _paid(order, _read(part), policy)
        for kind, amount in beside.items():
            paid[kind] = paid.get(kind, ZERO) - amount
        paid, owed = drop_zeros(paid), owed - beside_owed
    gross = sum(rates.values(), ZERO)
    rest = sum(paid.values(), owed) - gross - kept_off
    return books.Sale(
        # An exchange sells something, too, which is the sale of this id.
        id=-order.id if order.sold else order.id,
        family=root.id if root else order.returns or order.id,
        day=sale.day,
        rates=rates,
        paid=paid,
        tenders=_balanced(paid, gross - owed),
        owed=owed,
        kept_off=kept_off,
        rounding=_rounding(sale, rest, halves=3),  # the sale, what is kept, and this
        currency=sale.currency,
        reference=sale.reference,
        unwanted=order.unwanted,
    )


# === WHAT WAS PAID === #


def _read(snapshot):
    """Return the ``billing.sale.Sale`` of a snapshot."""
    return Sale.from_snapshot({**snapshot, "buyer": None})


def _paid(order, sale, policy):
    """Return what the till took, by the kinds that the service tells, and what is owed.

    :return: ``({PaymentKind: Decimal}, Decimal)``
    """
    taken, owed = sum_payments(sale.payments, policy)
    paid = {}
    for kind, amount in taken.items():
        reported = order.reported_kind(kind)
        paid[reported] = paid.get(reported, ZERO) + quantize(amount, sale.currency)
    return drop_zeros(paid), quantize(owed, sale.currency)


def _rounding(sale, rest, halves=1):
    """Return ``rest`` if it is rounding, of cash or of half units, else nothing.

    :param int halves: of the currency's unit, that may have been rounded
    """
    most = sale.rounding + unit(sale.currency) * halves / 2
    return rest if abs(rest) <= most else ZERO


def _balanced(paid, wanted):
    """Return tenders of ``wanted``: the largest one carries what is kept off."""
    missing = wanted - sum(paid.values(), ZERO)
    if not missing:
        return paid
    kind = max(paid, key=lambda one: abs(paid[one]), default=PaymentKind.CASH)
    return drop_zeros({**paid, kind: paid.get(kind, ZERO) + missing})
