"""A salon of plain values: its policy and its sales, as Odoo hands them over."""

from dataclasses import replace
from decimal import Decimal

from salon_invoice_bridge.billing.build import build
from salon_invoice_bridge.billing.invoice import BankAccount, PaymentKind
from salon_invoice_bridge.billing.policy import Policy, Texts, Tip, VoucherSale
from salon_invoice_bridge.billing.sale import (
    Customer,
    Payment,
    Role,
    Sale,
    SaleLine,
    total_gross,
)
from tests.clock import DAY

KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# Ids of taxes, by their rate.
VAT_27, VAT_18, VAT_5, AAM, VAT_0 = 27, 18, 5, 100, 0
# Ids of payment methods.
CASH, CARD, TRANSFER, SZEP, ON_ACCOUNT, WITHOUT_KIND = range(1, 7)

ENGLISH = Texts(
    receipt="Receipt: %s",
    paid="Paid: %s",
    rounding=" (rounding: %s)",
    kept_off="Not part of this invoice: %s",
    discount="Discount: %s%%",
    price_less="Price less %(amount)s: %(discount)s",
    first_invoice="First invoice of this sale: %s",
    settled="Invoiced before: %s",
)

FORINTS = BankAccount(id="21", name="Minta Bank", number="11111111", currency="HUF")
EUROS = BankAccount(id="22", name="Minta Bank", number="22222222", currency="EUR")


def make_policy(**changes):
    """Return the policy of an ordinary salon that sells through Billingo."""
    values = {
        "tip": Tip.OUTSIDE,
        "voucher_sale": VoucherSale.SKIP,
        "default_vat": "27",
        "vat_answer": None,
        "vat_codes": {VAT_27: "27", VAT_18: "18", VAT_5: "5", AAM: "AAM", VAT_0: ""},
        "payment_kinds": {
            CASH: PaymentKind.CASH,
            CARD: PaymentKind.CARD,
            TRANSFER: PaymentKind.BANK_TRANSFER,
            SZEP: PaymentKind.SZEP_CARD,
            ON_ACCOUNT: PaymentKind.BANK_TRANSFER,
            WITHOUT_KIND: None,
        },
        "default_payment_kind": PaymentKind.CASH,
        "due_days": 8,
        "accepts_business": True,
        "walk_in_name": "Magánszemély",
        "walk_in_postcode": "1061",
        "walk_in_city": "Budapest",
        "walk_in_street": "Andrássy út 1.",
        "language": "hu",
        "texts": ENGLISH,
        "comment": "",
        "electronic": True,
        "send_email": True,
        "block": "11",
        "bank_account": "",
        "bank_name": "",
        "bank_accounts": (FORINTS, EUROS),
        "needs_address": True,
        "has_other_payment": True,
    }
    return Policy(**{**values, **changes})


def line(name, gross, tax=VAT_27, quantity=1, **more):
    """Return a line of the till; ``tax`` is an id, None for a line without one."""
    values = {
        "id": more.pop("id", 1),
        "name": name,
        "product": 17,
        "quantity": Decimal(str(quantity)),
        "gross": Decimal(str(gross)),
        "taxes": () if tax is None else (tax,),
        "discount": Decimal(str(more.pop("discount", 0))),
    }
    return SaleLine(**{**values, **more})


def haircut(gross=8900, **more):
    """Return a women's haircut, at 27%."""
    return line("Női hajvágás", gross, **more)


def book(gross=3500, **more):
    """Return a book, at 5%."""
    return line("Szakkönyv", gross, VAT_5, **more)


def tip(gross=1000, name="Borravaló", **more):
    """Return a tip."""
    return line(name, gross, None, role=Role.TIP, **more)


def discount(amount, tax=None, name="Kedvezmény"):
    """Return an order-wide discount, as the till has it: a negative line."""
    return line(name, -Decimal(str(amount)), tax, role=Role.DISCOUNT)


def voucher(gross=5000):
    """Return a gift card that was sold."""
    return line("Ajándékkártya", gross, None, role=Role.VOUCHER)


def redeemed(amount, name="Ajándékkártya"):
    """Return a gift card that was paid with."""
    return line(name, -Decimal(str(amount)), None, role=Role.REDEEMED)


def pay(amount, method=CASH, name="Készpénz", later=False):
    """Return a payment."""
    return Payment(method=method, name=name, amount=Decimal(str(amount)), later=later)


def make_sale(*lines, payments=None, **more):
    """Return the sale of ``lines``, numbered, and paid in cash if nothing is said."""
    lines = tuple(replace(one, id=number) for number, one in enumerate(lines, 1))
    total = more.pop("total", total_gross(lines))
    values = {
        "reference": "260-1-000042",
        "day": DAY,
        "total": Decimal(str(total)),
        "lines": lines,
        "payments": tuple([pay(total)] if payments is None else payments),
    }
    return Sale(**{**values, **more})


def make_customer(**more):
    """Return a customer with an address in Szeged."""
    values = {
        "partner": 42,
        "person_name": more.get("name", "Kiss Béla"),
        "name": "Kiss Béla",
        "country": "HU",
        "postcode": "6720",
        "city": "Szeged",
        "street": "Kárász utca 1.",
    }
    return Customer(**{**values, **more})


def make_invoice(sale, policy=None, **more):
    """Return the invoice of ``sale``, issued on its day if nothing is said."""
    values = {"today": sale.day, **more}
    return build(sale, policy or make_policy(), KEY, **values)


def grosses(lines):
    """Return ``{VAT code: gross}`` of a document's lines."""
    sums = {}
    for one in lines:
        sums[one.vat] = sums.get(one.vat, Decimal(0)) + one.gross
    return sums
