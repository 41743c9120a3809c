"""The month that the demonstration's salon has sold: who came, for what, who paid how.

The same each time that it is asked for: days are counted back from today, and whatever
is left to chance comes from a seed. Plain values; :mod:`.salon_invoice_demo` makes
sales and documents of them.
"""

import random
from dataclasses import dataclass, replace

#: Days of sales, the last one is yesterday.
DAYS = 35
#: The two shops, each with an account at another service.
TOWN, ISLAND = "town", "island"

#: Product -> name, price in forints (VAT included), VAT rate in percent, weight in the
#: seeded part of the month.
PRODUCTS = {
    "cut": ("Női hajvágás", 8900, 27, 8),
    "mens_cut": ("Férfi hajvágás", 4990, 27, 8),
    "colour": ("Hajfestés", 16500, 27, 4),
    "blow_dry": ("Mosás, szárítás", 4500, 27, 4),
    "manicure": ("Gél lakk", 7500, 27, 6),
    "pedicure": ("Pedikűr", 8200, 27, 3),
    "facial": ("Arckezelés", 14900, 27, 3),
    "shampoo": ("Sampon, 250 ml", 3490, 27, 3),
    "oil": ("Argánolaj, 100 ml", 5990, 27, 2),
    "scone": ("Pogácsa a kávé mellé", 690, 18, 2),
    "book": ("Szakkönyv: Otthoni hajápolás", 4200, 5, 1),
    "gift": ("Ajándékutalvány, 10 000 Ft", 10000, 27, 0),
    "pass": ("Bérlet, 5 gél lakk", 30000, 27, 0),
}

#: Customer -> name, tax number, postcode, city, street. Nobody has such a tax number:
#: there is no tax office 00.
CUSTOMERS = {
    "dora": ("Minta Dóra", "", "1111", "Budapest", "Példa utca 1."),
    "panna": ("Próba Panna", "", "2000", "Szentendre", "Minta köz 8."),
    "zita": ("Teszt Zita", "", "8000", "Székesfehérvár", "Próba tér 3."),
    "model": (
        "Próbababa Ügynökség Kft.",
        "99990017-2-00",
        "1222",
        "Budapest",
        "Mint út 4.",
    ),
    "hotel": ("Mintaszálló Zrt.", "99990024-2-00", "9000", "Győr", "Teszt sor 12."),
    "theatre": ("Próbaszínház Nonprofit Kft.", "99990031-2-00", "6000", "Szeged", ""),
}
#: Customers who come at random, by their weight; most come without a name.
GUESTS = {"": 14, "dora": 3, "panna": 3, "zita": 2, "model": 2, "hotel": 1}

#: How customers pay, by weight; "split" is half in cash.
WAYS = {"card": 11, "cash": 6, "szep": 2, "split": 1}


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One sale, and what came back of it."""

    ago: int  # days before today
    minute: int  # of the day, in Hungary
    shop: str
    items: tuple  # (product, quantity, discount in percent)
    way: str = "card"
    tip: int = 0  # forints
    customer: str = ""
    skip: str = ""  # why it gets no document, a ``skip_reason``
    kind: str = ""  # of its document, "none" without one; "": by the customer
    back: tuple = ()  # places of the items that came back
    back_after: int = 1  # days later
    cancelled: bool = False  # a person has cancelled its document
    number: str = ""  # of the paper receipt in its place

    @property
    def back_on(self):
        """The day on which something came back, in days before today."""
        return self.ago - self.back_after


def visits():
    """Return the month's :class:`Visit` s, in the order of their time."""
    chance = random.Random("a month of a salon")
    found = [
        one
        for ago in range(DAYS, 0, -1)
        for shop in (TOWN, ISLAND)
        for one in _day(chance, ago, shop)
    ]
    found += [replace(one, minute=one.minute + 1) for one in _particular()]
    return sorted(found, key=lambda one: (-one.ago, one.minute, one.shop))


def _day(chance, ago, shop):
    """Yield the plain sales of one day in one shop."""
    minute = 9 * 60
    for _number in range(chance.randint(3, 6)):
        minute += chance.randint(20, 110)
        keys = chance.choices(
            list(PRODUCTS),
            [weight for _name, _price, _rate, weight in PRODUCTS.values()],
            k=chance.choice((1, 1, 1, 2, 2, 3)),
        )
        items = tuple(
            (key, 1, chance.choice((0, 0, 0, 0, 0, 0, 0, 10)))
            for key in dict.fromkeys(keys)
        )
        yield Visit(
            ago=ago,
            minute=minute,
            shop=shop,
            items=items,
            way=chance.choices(list(WAYS), list(WAYS.values()))[0],
            tip=chance.choice((0, 0, 0, 0, 500, 1000)),
            customer=chance.choices(list(GUESTS), list(GUESTS.values()))[0],
        )


def _particular():
    """Yield what happens once in a month, at least."""
    cut, colour = (("cut", 1, 0),), (("colour", 1, 0),)
    two = (("cut", 1, 0), ("oil", 1, 0))

    def one(ago, hour, items, shop=TOWN, **values):
        return Visit(ago=ago, minute=60 * hour, shop=shop, items=items, **values)

    # What came back: whole and in part, of invoices and receipts, at both services.
    yield one(30, 10, two, customer="dora", back=(0, 1))
    yield one(27, 11, two, customer="model", back=(1,), back_after=2)
    yield one(25, 12, two, way="cash", back=(0, 1), back_after=0)
    yield one(24, 12, two, way="cash", back=(1,))
    yield one(22, 10, two, ISLAND, customer="hotel", back=(0, 1), back_after=3)
    yield one(20, 11, two, ISLAND, customer="panna", back=(1,))
    yield one(19, 15, two, ISLAND, way="cash", back=(1,), back_after=0)
    # Owed, by transfer: one is not due yet.
    yield one(21, 16, (("colour", 2, 0),), customer="hotel", way="transfer")
    yield one(3, 16, (("facial", 2, 0),), ISLAND, customer="model", way="transfer")
    # A gift card is sold, and used; a pass as well, whose VAT was due when it was sold.
    yield one(26, 17, (("gift", 1, 0),), skip="voucher")
    yield one(12, 17, (("colour", 1, 0), ("gift", -1, 0)), customer="zita")
    yield one(23, 17, (("pass", 1, 0),), customer="dora")
    yield one(9, 17, (("manicure", 1, 20), ("pass", -0.2, 0)), skip="voucher_used")
    # What a person must look at: its street is missing.
    yield one(6, 14, colour, customer="theatre", kind="invoice")
    # Cancelled by a person; what came back later needs no second storno.
    yield one(18, 13, cut, customer="zita", cancelled=True, back=(0,), back_after=2)
    # Sales that get no document, and refunds of them that need none.
    yield one(34, 8, cut, skip="no_account")
    yield one(33, 8, cut, skip="incapable")
    yield one(32, 8, cut, skip="manual")
    yield one(31, 8, cut, skip="cash_register", way="cash", back=(0,))
    yield one(17, 8, cut, skip="paper", way="cash", number="NY-0017")
    yield one(16, 8, colour, skip="odoo", customer="model")
    yield one(15, 8, (("blow_dry", 1, 100),), skip="zero")
    yield one(2, 8, colour, skip="customer_account", customer="hotel", way="account")
    yield one(14, 8, cut, ISLAND, skip="dropped")
    yield one(13, 8, (), skip="tip", tip=2000)
    yield one(11, 8, two, skip="refunded", way="cash", back=(0, 1), back_after=0)
    yield one(10, 8, cut, kind="none", way="cash", back=(0,), back_after=0)
    # Of drafts: one came back, of another one a part, whose rest has a draft again.
    yield one(8, 8, two, customer="panna", kind="draft", back=(0, 1))
    yield one(7, 8, two, customer="dora", kind="draft", back=(1,), back_after=0)
    yield one(5, 8, cut, kind="receipt", way="cash", tip=1000, back=(-1,))
