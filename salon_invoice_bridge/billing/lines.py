"""The lines: what was sold, with discounts inside and tips as the policy has them."""

from dataclasses import dataclass, field
from decimal import Decimal

from .allocation import share, spread
from .invoice import Line
from .notes import money, one_line
from .policy import Tip, VoucherSale
from .problem import COMPANY, ORDER, Code, Place, Problem, Where
from .sale import LISTED_ROLES, VOUCHER_ROLES, Role, SaleLine, total_gross
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
        """True for goods and services that still cost something."""
        return self.line.role is Role.SALE and self.gross > 0


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


def sort_lines(lines, policy):
    """Divide the lines of a sale by whether the document has them.

    :return: ``(billed, kept_off)``, two tuples of ``SaleLine``
    :raises Problem: a person must say what to do with one
    """
    billed, kept_off = [], []
    for line in lines:
        if not line.quantity or (line.combo and not line.gross):
            continue  # nothing was sold, or a combo whose parts have its price
        _check_role(line, policy)
        is_off = line.role in VOUCHER_ROLES or (
            line.role is Role.TIP and policy.tip is Tip.NONE
        )
        (kept_off if is_off else billed).append(line)
    return tuple(billed), tuple(kept_off)


def _check_role(line, policy):
    """Stop a line that a person must decide about."""
    if line.role in VOUCHER_ROLES and policy.voucher_sale is None:
        raise Problem(Code.VOUCHER_UNANSWERED, COMPANY, line=line.name)
    if line.role is Role.VOUCHER and policy.voucher_sale is VoucherSale.STOP:
        raise Problem(Code.VOUCHER_STOPPED, _product(line), line=line.name)
    if line.role is Role.RETURNED:
        raise Problem(Code.CAME_BACK, ORDER, line=line.name)


def make_lines(billed, currency, policy):
    """Return the document's lines (a tuple of ``Line``) of what is billed of a sale.

    Their gross adds up to that of the sale's lines, rounded to the document's unit;
    discounts have gone into what they take off.

    :param billed: ``SaleLine`` s with a role of sale, tip or discount
    :param str currency: ISO code
    :raises Problem: a tax has no code, or a discount nothing to go into
    """
    sign = -1 if total_gross(billed) < 0 else 1
    positions = [
        _Position(line, vat_of(line, policy), sign * line.gross)
        for line in billed
        if line.role in LISTED_ROLES
    ]
    for line in billed:
        if line.role not in LISTED_ROLES:
            _take_off(positions, line, -sign * line.gross, currency, policy)
    positions = _divide_tips(positions, policy)
    grosses = spread([sign * position.gross for position in positions], currency)
    return tuple(
        _make_line(position, gross, policy)
        for position, gross in zip(positions, grosses, strict=True)
    )


def _make_line(position, gross, policy):
    line, notes = position.line, list(position.notes)
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
    )


# === DISCOUNTS === #


def _take_off(positions, line, amount, currency, policy):
    """Take a discount off the positions of its VAT code, then off all others.

    A discount line of the till is a lower price of the other lines; on a document it
    would be a supply of less than nothing.

    :raises Problem: it is larger than all that was sold
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
    if amount > 0:
        raise Problem(Code.DISCOUNT_TOO_LARGE, ORDER, line=line.name)


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
    if not line.taxes:
        return _vat_without_tax(line, policy)
    if len(line.taxes) > 1:
        raise Problem(Code.SEVERAL_TAXES, _product(line), line=line.name)
    tax = Place(Where.TAX, line.taxes[0])
    code = policy.vat_codes.get(tax.id, "")
    if not code:
        raise Problem(Code.TAX_WITHOUT_CODE, tax, line=line.name, tax=tax)
    charged = policy.charged_vat(code)
    if not charged:
        raise Problem(Code.EXEMPT_CHARGES, COMPANY, line=line.name, tax=tax)
    return charged


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
