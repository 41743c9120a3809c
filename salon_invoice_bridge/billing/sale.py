"""The frozen sale: what the till said when the document was asked for.

:meth:`Sale.from_snapshot` reads the JSON that is stored as ``sale_snapshot``.  Amounts
are Decimals in the sale's currency, to the till's last digit.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum


class Role(str, Enum):
    """What a line of the till is to an invoice."""

    SALE = "sale"  # goods or a service
    TIP = "tip"
    DISCOUNT = "discount"  # takes off what the other lines cost
    VOUCHER = "voucher"  # a voucher, a gift card or an eWallet top-up that was sold
    REDEEMED = "redeemed"  # one of these that was paid with
    DEPOSIT = "deposit"  # paid for something that is still to come
    DEPOSIT_USED = "deposit_used"  # taken off what it was paid for
    RETURNED = "returned"  # came back within a sale


class VoucherKind(str, Enum):
    """What a voucher is to VAT; the rules are in :mod:`.voucher`."""

    SINGLE = "single"  # single-purpose: the rate of what it buys is known
    MULTI = "multi"  # multi-purpose: it is not


#: Roles of lines that have a line of their own on the document.
LISTED_ROLES = frozenset({Role.SALE, Role.TIP, Role.VOUCHER, Role.DEPOSIT})
#: Roles of listed lines that a discount is taken off.
CHARGED_ROLES = LISTED_ROLES - {Role.TIP}
#: Roles of vouchers and gift cards.
VOUCHER_ROLES = frozenset({Role.VOUCHER, Role.REDEEMED})
#: Roles of deposits.
DEPOSIT_ROLES = frozenset({Role.DEPOSIT, Role.DEPOSIT_USED})
#: Roles of what is paid for before it is used.
PREPAID_ROLES = frozenset({Role.VOUCHER, Role.DEPOSIT})
#: Roles of what was paid for before: a negative line that names the document of that.
SETTLED_ROLES = frozenset({Role.REDEEMED, Role.DEPOSIT_USED})
#: Roles of lines that a document may leave off.
OPTIONAL_ROLES = VOUCHER_ROLES | {Role.TIP}
#: Roles of lines that the customer paid for although the document leaves them off.
PAID_BESIDE_ROLES = (Role.VOUCHER, Role.TIP)


@dataclass(frozen=True, kw_only=True)
class SaleLine:
    """One line of the till; ``gross`` is what it adds to the total, VAT included.

    ``vat`` is the code that the line has been invoiced with before, "" if it has not.
    Of a voucher, ``voucher`` and ``voucher_vat`` are what its product says; of what was
    paid for before, ``settles`` is the till's line by which that was sold, and
    ``invoice`` the document that it is on.
    """

    id: int
    role: Role = Role.SALE
    name: str
    product: int
    for_sale: bool = True
    sku: str = ""
    unit: str = ""  # "" for Odoo's own "Units"
    quantity: Decimal
    gross: Decimal
    discount: Decimal = Decimal(0)  # percent, which ``gross`` has in it
    taxes: tuple[int, ...] = ()
    untaxed_by: int | None = None  # the fiscal position that removed all taxes
    combo: bool = False  # its parts are lines of their own
    refunds: int | None = None  # the line that this one takes back
    vat: str = ""
    voucher: VoucherKind | None = None  # None: the product does not say
    voucher_vat: str = ""  # a code of :mod:`.vat`; "" for that of its tax
    settles: int | None = None
    invoice: str = ""  # a number, "" where none is known

    @classmethod
    def from_entry(cls, entry):
        """Return the line of an entry of ``sale_snapshot["lines"]``."""
        return cls(
            id=entry["line"],
            role=Role(entry.get("role", Role.SALE)),
            name=entry["name"],
            product=entry["product"],
            for_sale=entry.get("for_sale", True),
            sku=entry["sku"],
            unit=entry["unit"],
            quantity=Decimal(entry["quantity"]),
            gross=Decimal(entry["gross"]),
            discount=Decimal(entry["discount"]),
            taxes=tuple(entry["taxes"]),
            untaxed_by=entry.get("untaxed_by") or None,
            combo=entry["combo"],
            refunds=entry.get("refunds") or None,
            vat=entry.get("vat", ""),
            voucher=_voucher(entry.get("voucher")),
            voucher_vat=entry.get("voucher_vat") or "",
            settles=entry.get("settles") or None,
        )


def _voucher(value):
    return VoucherKind(value) if value else None


@dataclass(frozen=True, kw_only=True)
class Payment:
    """What was paid by one method, change deducted."""

    method: int
    name: str
    amount: Decimal
    later: bool = False  # owed: on the customer's account, or a transfer to come

    @classmethod
    def from_entry(cls, entry):
        """Return the payment of an entry of ``sale_snapshot["tenders"]``."""
        return cls(
            method=entry["method"],
            name=entry["name"],
            amount=Decimal(entry["amount"]),
            later=entry.get("later", False),
        )


@dataclass(frozen=True, kw_only=True)
class Customer:
    """Who bought, as Odoo had them; texts as they were typed, blanks included.

    ``partner`` is who is billed: the company of a person who came for one, and then
    ``person`` is that person.
    """

    partner: int
    person: int | None = None
    person_name: str = ""
    name: str
    is_company: bool = False
    emails: tuple[str, ...] = ()
    phone: str = ""
    country: str = ""  # ISO 3166, or ""
    postcode: str = ""
    city: str = ""
    street: str = ""
    tax_number: str = ""
    group_tax_number: str = ""

    @classmethod
    def from_snapshot(cls, sale_snapshot):
        """Return the customer of ``sale_snapshot["buyer"]``."""
        return cls(
            **{
                **sale_snapshot,
                "person": sale_snapshot["person"] or None,
                "emails": tuple(sale_snapshot["emails"]),
            }
        )


@dataclass(frozen=True, kw_only=True)
class Sale:
    """A sale, or what a refund took back; ``customer`` is None for a walk-in.

    The gross of ``lines`` adds up to ``total`` but for the cash rounding that is in it,
    at most ``rounded_in``; what was paid may differ from it by ``rounding``.
    """

    reference: str  # the number of the receipt
    order: str = ""
    shop: str = ""
    cashier: str = ""
    note: str = ""  # to the customer
    day: date  # in Hungary
    currency: str = "HUF"
    total: Decimal
    rounding: Decimal = Decimal(0)
    rounded_in: Decimal = Decimal(0)
    lines: tuple[SaleLine, ...]
    payments: tuple[Payment, ...] = ()
    customer: Customer | None = None

    @classmethod
    def from_snapshot(cls, sale_snapshot):
        """Return the sale of a dict that ``pos.order._salon_snapshot`` made.

        :raises KeyError, ValueError: if it is not such a dict
        """
        lines = tuple(map(SaleLine.from_entry, sale_snapshot["lines"]))
        customer = sale_snapshot["buyer"]
        return cls(
            reference=sale_snapshot["reference"],
            order=sale_snapshot.get("order", ""),
            shop=sale_snapshot.get("shop", ""),
            cashier=sale_snapshot.get("cashier", ""),
            note=sale_snapshot["note"],
            day=date.fromisoformat(sale_snapshot["day"]),
            currency=sale_snapshot["currency"],
            total=Decimal(sale_snapshot.get("total", total_gross(lines))),
            rounding=Decimal(sale_snapshot.get("rounding", 0)),
            rounded_in=Decimal(sale_snapshot.get("rounded_in", 0)),
            lines=lines,
            payments=tuple(map(Payment.from_entry, sale_snapshot["tenders"])),
            customer=Customer.from_snapshot(customer) if customer else None,
        )


def total_gross(lines, *roles):
    """Return the gross of ``lines`` (of those with one of ``roles``), a Decimal."""
    amounts = (line.gross for line in lines if not roles or line.role in roles)
    return sum(amounts, Decimal(0))
