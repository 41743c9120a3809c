"""The lines: what was sold, with discounts inside and tips as the policy has them.

What was paid for before, a voucher or a deposit, is a negative line at its own rate
that names the document of its sale; what is no part of the document is kept off, and
named with its amount: lines = document + kept off, always.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from . import voucher
from .allocation import share, spread
from .choice import Reason
from .exemption import AAM
from .invoice import Line
from .money import unit
from .notes import money, one_line
from .policy import Tip
from .prepaid import UNKNOWN
from .problem import COMPANY, ORDER, Code, Place, Problem, Where
from .sale import (
    CHARGED_ROLES,
    DEPOSIT_ROLES,
    LISTED_ROLES,
    OPTIONAL_ROLES,
    SETTLED_ROLES,
    VOUCHER_ROLES,
    Role,
    SaleLine,
    VoucherKind,
    total_gross,
)
from .text import decimals

#: NAV's code for "outside the scope of VAT": what the settings call a tip at 0%.
TIP_VAT = "ATK"
#: Odoo's own "Units" as each language writes it on an invoice.
UNITS = {"hu": "db", "de": "Stk."}


@dataclass
class _Position:
    """A line in the making: what a line of the sale has become so far."""

    line: SaleLine
    vat: str
    gross: Decimal  # towards the customer's debt, in the precision of the till
    notes: list = field(default_factory=list)

    @property
    def is_discountable(self):
        """True for what was sold, but for tips, and still costs something."""
        return self.line.role in CHARGED_ROLES and self.gross > 0


@dataclass(frozen=True, kw_only=True)
class KeptOff:
    """What was on the sale and is not on its document; ``amount`` adds to the total."""

    line: int  # of the till
    role: Role
    name: str
    amount: Decimal


def check_total(sale):
    """Stop a sale whose lines do not add up to the till's total.

    :raises Problem: with the two figures
    """
    made = total_gross(sale.lines)
    if abs(sale.total - made) > sale.rounded_in:
        raise Problem(
            Code.TOTAL_DIFFERS,
            ORDER,
            total=sale.total,
            lines=made,
            currency=sale.currency,
        )


def sort_lines(lines, policy, prepaid=UNKNOWN):
    """Divide the lines of a sale by whether the document has them.

    What was paid for before gets the rate and the number of the document of its sale.

    :param prepaid: ``{till line: Prepaid}`` of what is used, by ``SaleLine.settles``
    :return: ``(billed, kept_off)``, two tuples of ``SaleLine``
    :raises Problem: a person must say what to do with one, or it must wait
    """
    billed, kept_off = [], []
    for line in lines:
        if not line.quantity or (line.combo and not line.gross):
            continue  # nothing was sold, or a combo whose parts have its price
        if line.role is Role.RETURNED:
            raise Problem(Code.CAME_BACK, ORDER, line=line.name)
        sold = prepaid.get(line.settles)
        if _is_billed(line, policy, sold):
            billed.append(_settle(line, sold))
        else:
            kept_off.append(line)
    return tuple(billed), tuple(kept_off)


def sort_again(lines, original):
    """Divide the lines of a sale as its document has done, whatever is set up since.

    :param lines: ``SaleLine`` s
    :param original: ``invoice.Line`` s of the document
    :return: as :func:`sort_lines`
    """
    known = {line.ref for line in original}
    numbers = {line.ref: line.settles for line in original}
    billed, kept_off = [], []
    for line in lines:
        ref = str(line.id)
        if not line.quantity or (line.combo and not line.gross):
            continue
        if line.role in OPTIONAL_ROLES and ref not in known:
            kept_off.append(line)
        else:
            billed.append(replace(line, invoice=numbers.get(ref, "")))
    return tuple(billed), tuple(kept_off)


def left_off(lines, policy, prepaid=UNKNOWN):
    """Return the ``SaleLine`` s that a sale without a document has kept off it.

    :param lines: ``SaleLine`` s of a sale that :func:`empty_reason` names
    :param policy: only its ``tip`` and ``voucher_sale`` are read
    """
    return tuple(
        line
        for line in lines
        if line.quantity
        and line.role in OPTIONAL_ROLES
        and not _may_be_billed(line, policy, prepaid.get(line.settles))
    )


def name_kept_off(kept_off):
    """Return a :class:`KeptOff` for each line that is not on the document."""
    return tuple(
        KeptOff(line=line.id, role=line.role, name=line.name, amount=line.gross)
        for line in kept_off
    )


def _is_billed(line, policy, sold):
    if line.role in VOUCHER_ROLES:
        return voucher.is_billed(line, policy, sold)
    return line.role is not Role.TIP or policy.tip is not Tip.NONE


def _settle(line, sold):
    """Return a line with what the document of its sale says, if it was paid before."""
    if not sold:
        return line
    return replace(line, vat=sold.vat or line.vat, invoice=sold.number)


# === HOW MUCH IS ON IT === #


def supplied_gross(lines, policy):
    """Return the price of what a sale supplies, in its currency, VAT included.

    Without what is kept off, and before what has been paid for it earlier: what the law
    compares with its limit. A voucher of which nobody has said the kind counts.

    :param lines: ``SaleLine`` s, without those that take something back
    :param policy: only its ``tip`` and ``voucher_sale`` are read
    """
    return sum(
        (
            line.gross
            for line in lines
            if line.role not in SETTLED_ROLES and _may_be_billed(line, policy)
        ),
        Decimal(0),
    )


def empty_reason(lines, policy, currency, prepaid=UNKNOWN):
    """Return why a document would have nothing to say, a ``choice.Reason``, or None.

    The payment does not decide: a haircut paid with a gift card costs nothing at the
    till. A final invoice is issued even if nothing is left to be paid, see
    :mod:`.deposit`.

    :param lines: ``SaleLine`` s, without those that take something back
    :param policy: only its ``tip`` and ``voucher_sale`` are read, unless a voucher is
        used
    :param prepaid: ``{till line: Prepaid}`` of what is used
    """
    if any(line.role is Role.DEPOSIT_USED and line.gross for line in lines):
        return None
    still = _still_sold(lines, currency)
    if not _is_zero(supplied_gross(still, policy), currency):
        used_up = _is_all_settled(still, policy, currency, prepaid)
        return Reason.VOUCHER_USED if used_up else None
    if not _is_zero(total_gross(lines, Role.VOUCHER), currency):
        return Reason.VOUCHER
    tips = total_gross(lines, Role.TIP)
    return Reason.ZERO if _is_zero(tips, currency) else Reason.ONLY_TIP


def _still_sold(lines, currency):
    """Return lines without goods that were typed, and taken back before the payment."""
    goods = [
        line for line in lines if line.role in (Role.SALE, Role.DISCOUNT, Role.RETURNED)
    ]
    if not any(line.role is Role.RETURNED for line in goods):
        return lines
    sums = {}
    for line in goods:
        sums[line.taxes] = sums.get(line.taxes, Decimal(0)) + line.gross
    if all(_is_zero(amount, currency) for amount in sums.values()):
        return [line for line in lines if line not in goods]
    return [line for line in lines if line.role is not Role.RETURNED]


def _is_all_settled(lines, policy, currency, prepaid):
    """Return True if single-purpose vouchers pay for all that is supplied, by rate."""
    if not any(line.role is Role.REDEEMED for line in lines):
        return False
    if voucher.is_undecided(lines, prepaid):
        return False  # the document waits for that
    try:
        billed, _kept_off = sort_lines(lines, policy, prepaid)
        made = make_lines(billed, currency, policy)
    except Problem:
        return False  # the document shows it
    return not sum(line.gross for line in made)


def _may_be_billed(line, policy, sold=None):
    """Return True for a line that a document has, or may have once somebody says so."""
    if line.role in VOUCHER_ROLES:
        return voucher.kind_of(line, policy, sold) is not VoucherKind.MULTI
    return line.role is not Role.TIP or policy.tip is not Tip.NONE


def _is_zero(amount, currency):
    # Services count whole forints: less than half a forint is zero.
    return abs(amount) < unit(currency) / 2


def make_lines(billed, currency, policy):
    """Return the document's lines (a tuple of ``Line``) of what is billed of a sale.

    Their gross adds up to that of the sale's lines, rounded to the document's unit;
    discounts have gone into what they take off, what was paid for before has not.

    :param billed: ``SaleLine`` s, see :func:`sort_lines`
    :param str currency: ISO code
    :raises Problem: a tax has no code, a discount nothing to go into, or more was paid
        for before than is sold
    """
    settled = [line for line in billed if line.role in SETTLED_ROLES]
    sold = [line for line in billed if line.role not in SETTLED_ROLES]
    listed = [line for line in sold if line.role in LISTED_ROLES]
    # Not the sign of what discounts leave: a hundredth less than nothing is no refund.
    sign = -1 if total_gross(listed) < 0 else 1
    positions = [
        _Position(line, vat_of(line, policy), sign * line.gross) for line in listed
    ]
    discounts = [line for line in sold if line.role not in LISTED_ROLES]
    _take_discounts(positions, discounts, sign, currency, policy)
    positions = _divide_tips(positions, policy)
    positions += _take_settled(positions, settled, sign, currency, policy)
    grosses = spread([sign * position.gross for position in positions], currency)
    return tuple(
        _make_line(position, gross, policy)
        for position, gross in zip(positions, grosses, strict=True)
    )


def _make_line(position, gross, policy):
    line, notes = position.line, list(position.notes)
    if line.invoice:
        notes.insert(0, policy.texts.settled % line.invoice)
    if line.discount:
        percent = decimals(f"{line.discount:f}", policy.language)
        notes.insert(0, policy.texts.discount % percent)
    return Line(
        name=one_line(line.name) or line.sku or "-",
        quantity=line.quantity,
        unit=line.unit or UNITS.get(policy.language, "pc"),
        gross=gross,
        vat=position.vat,
        sku=line.sku,
        ref=str(line.id),
        comment="; ".join(notes),
        settles=line.invoice,
        advance=line.role in DEPOSIT_ROLES,
    )


# === DISCOUNTS === #


def _take_discounts(positions, discounts, sign, currency, policy):
    """Take discounts off the positions.

    Each of several that take everything off together is rounded by the till, so they
    may come to hundredths more than was sold. Less than half of the document's unit is
    rounding: the largest position carries it, so that the sum stays the till's.

    :raises Problem: they are larger than all that was sold
    """
    over = Decimal(0)
    for line in discounts:
        over += _take_off(positions, line, -sign * line.gross, currency, policy)
        if over and (not positions or over * 2 >= unit(currency)):
            raise Problem(Code.DISCOUNT_TOO_LARGE, ORDER, line=line.name)
    if over:
        max(positions, key=lambda position: position.gross).gross -= over


def _take_off(positions, line, amount, currency, policy):
    """Take a discount off the positions of its VAT code, then off all others.

    A discount line of the till is a lower price of the other lines; on a document it
    would be a supply of less than nothing.

    :return: what it is larger than all that was sold
    """
    code = _discount_vat(line, policy)
    same = [position for position in positions if position.vat == code]
    for group in (same, positions):
        group = [position for position in group if position.is_discountable]
        room = sum((position.gross for position in group), Decimal(0))
        part = min(amount, room)
        if part > 0:
            weights = [position.gross for position in group]
            for position, taken in zip(group, share(part, weights), strict=True):
                _reduce(position, line, taken, currency, policy)
            amount -= part
    return max(amount, Decimal(0))


def _reduce(position, line, taken, currency, policy):
    """Lower the price of a position by ``taken``, and note the discount's name."""
    if not taken:
        return
    position.gross -= taken
    position.notes.append(
        policy.texts.price_less
        % {
            "amount": money(taken, currency, policy.language),
            "discount": one_line(line.name),
        }
    )


def _discount_vat(line, policy):
    """Return the VAT code that a discount was given at, "" if none is certain."""
    if line.vat or not line.taxes:
        return line.vat
    if len(line.taxes) > 1:
        return ""
    return policy.charged_vat(policy.vat_codes.get(line.taxes[0], ""))


# === WHAT WAS PAID FOR BEFORE === #


def _take_settled(positions, settled, sign, currency, policy):
    """Return the positions of vouchers and deposits that are used, below zero.

    :param positions: of what is sold, after discounts
    :raises Problem: they come to more than that
    """
    taken = [
        _Position(line, vat_of(line, policy), sign * line.gross) for line in settled
    ]
    left = sum((position.gross for position in positions + taken), Decimal(0))
    # Before the rates: where nothing is left that it could have paid for, it was what
    # the voucher bought that came back, and no other rate.
    if taken and left * 2 <= -unit(currency):
        raise Problem(Code.DEPOSIT_TOO_LARGE, ORDER, line=taken[-1].line.name)
    charged = {}
    for position in positions:
        charged[position.vat] = charged.get(position.vat, Decimal(0)) + position.gross
    voucher.check_rates(
        [
            (position.line, position.vat, -position.gross)
            for position in taken
            if position.line.role is Role.REDEEMED
        ],
        charged,
        currency,
    )
    return taken


# === TIPS === #


def _divide_tips(positions, policy):
    """Return the positions with tips as the company's policy has them.

    A service charge is part of the price of what was sold, so it is divided over the
    VAT codes of the sale.
    """
    if policy.tip is not Tip.SERVICE:
        return positions
    sold = {}
    for position in positions:
        if position.is_discountable:
            sold[position.vat] = sold.get(position.vat, Decimal(0)) + position.gross
    gross_by_code = sold or {policy.default_vat: Decimal(1)}
    divided = []
    for position in positions:
        if position.line.role is not Role.TIP or position.line.vat:
            divided.append(position)
            continue
        parts = share(position.gross, list(gross_by_code.values()))
        divided += [
            _Position(position.line, code, part, list(position.notes))
            for code, part in zip(gross_by_code, parts, strict=True)
            if part
        ]
    return divided


# === VAT === #


def vat_of(line, policy):
    """Return the VAT code of a line, a code of :mod:`.vat`.

    A tip that is a service charge gets the codes of the sale in :func:`_divide_tips`.

    :raises Problem: it has none, or none that is certain
    """
    if line.vat:  # its original has been issued with it
        return line.vat
    if line.role is Role.TIP:
        return TIP_VAT
    if line.voucher_vat and line.role in VOUCHER_ROLES:
        return _vat_of_voucher(line, policy)
    if not line.taxes:
        return _vat_without_tax(line, policy)
    if len(line.taxes) > 1:
        raise Problem(Code.SEVERAL_TAXES, _product(line), line=line.name)
    tax = Place(Where.TAX, line.taxes[0])
    code = policy.vat_codes.get(tax.id, "")
    if not code:
        raise Problem(Code.TAX_WITHOUT_CODE, tax, line=line.name, tax=tax)
    return _charged(line, code, tax, policy)


def _vat_of_voucher(line, policy):
    """Return the code of a single-purpose voucher's own rate."""
    return _charged(line, line.voucher_vat, line.voucher_vat, policy)


def _charged(line, code, tax, policy):
    """Return the code that the document says for a tax of ``code``.

    :param tax: its ``problem.Place``, or its name
    :raises Problem: it contradicts the status of the company
    """
    if charged := policy.charged_vat(code):
        return charged
    exempt = Code.NOT_EXEMPT if code == AAM else Code.EXEMPT_CHARGES
    raise Problem(exempt, COMPANY, line=line.name, tax=tax)


def _vat_without_tax(line, policy):
    """Return the code of what the till sells without a tax."""
    if line.untaxed_by:
        position = Place(Where.FISCAL_POSITION, line.untaxed_by)
        raise Problem(
            Code.UNTAXED_BY_POSITION, position, line=line.name, position=position
        )
    if not line.for_sale:
        raise Problem(Code.NOTHING_SOLD, _product(line), line=line.name)
    return policy.default_vat


def _product(line):
    return Place(Where.PRODUCT, line.product)
