"""What the demo sells, over HTTP, as the till does."""

import time
from dataclasses import dataclass

from .till import Till

#: Seconds after which a sale that has no invoice yet is shown as it is.
PATIENCE = 60

#: States in which a document still moves.
MOVING = ("waiting", "sending", "checking")


@dataclass(frozen=True)
class Sale:
    """One row of the demo's table.

    :param total: gross amount in ``currency``, as a number
    :param number: of the invoice, or "" while there is none
    :param state: of the invoice's document
    :param seconds: from paid to issued, or None
    :param document: its kind, in a word or two
    """

    sale: str
    customer: str
    total: float
    currency: str
    number: str
    state: str
    seconds: float | None
    document: str = "invoice"


def sell(connect, scene):
    """Sell, wait for the invoices and return the list of :class:`Sale`.

    :param connect: ``connect(login, password)`` returns a
        :class:`devtools.rpc.Session`
    :param dict scene: what :func:`devtools.scene.build` returned
    """
    till = Till(connect("receptionist", "receptionist"), scene)
    customers = scene["customers"]
    sales = [
        till.sell([("Női hajvágás",)]),
        till.sell([("Hajfestés",), ("Manikűr",)], customer=customers["person"]),
        till.sell(
            [("Férfi hajvágás",), ("Sampon, 250 ml", 2)],
            {"cash": 5000, "card": 6970},
            customer=customers["company"],
        ),
        till.sell([("Manikűr",)], {"card": 7500}, tip=1000),
        till.sell([("Férfi hajvágás", 1, 15), ("Argánolaj, 100 ml",)]),
        till.sell([("Hajfestés",)], {"card": 16500}, customer=customers["person"]),
    ]
    return wait(connect("manager", "manager"), sales)


def sell_kinds(connect, scene):
    """Sell what gets another document than an invoice; return a list of :class:`Sale`.

    A receipt; one whose customer wants an invoice after all; a gift card, sold and
    used; a deposit with its final invoice. Each document has a row. What this version
    cannot do yet is left out.
    """
    till = Till(connect("receptionist", "receptionist"), scene)
    manager = connect("manager", "manager")
    sold = [till.sell([("Manikűr",)], salon_wish="receipt")]
    wait(manager, sold)
    sold += [
        sell_receipt_and_invoice(till, manager, scene),
        *sell_gift_card(till, manager),
    ]
    if "Foglaló" in scene["products"]:
        sold += sell_deposit(till, manager, scene)
    wait(manager, sold)
    return [
        row(order, document)
        for order in read_orders(manager, sold)
        for document in read_all_documents(manager, [order["id"]])
    ]


def sell_receipt_and_invoice(till, manager, scene):
    """Sell, issue a receipt, then an invoice in its place; return the order's id."""
    order = till.sell([("Férfi hajvágás",)], salon_wish="receipt")
    wait(manager, [order])
    values = {"order_id": order, "partner_id": scene["customers"]["company"]}
    (wizard,) = manager.call("salon.invoice.buyer", "create", [values])
    manager.call("salon.invoice.buyer", "action_change", [wizard])
    return order


def sell_gift_card(till, manager):
    """Sell a gift card and pay with half of it; return the ids of both orders."""
    (name,) = (name for name in till.scene["products"] if "Ajándékkártya" in name)
    first = till.sell([(name,)])
    wait(manager, [first])
    return first, till.sell([("Női hajvágás",), {"name": name, "price": -5000}])


def sell_deposit(till, manager, scene):
    """Sell a deposit, then what it was paid for; return the ids of both orders."""
    customer = scene["customers"]["person"]
    first = till.sell([("Foglaló",)], customer=customer)
    wait(manager, [first])
    (deposit,) = till.session.call(
        "pos.order", "salon_till_deposits", scene["config"], customer
    )
    taken_off = {
        "name": "Foglaló",
        "price": -deposit["left"],
        "salon_deposit_line": deposit["line"],
    }
    return first, till.sell([("Hajfestés",), taken_off], customer=customer)


def sell_incomplete(connect, scene):
    """Sell to the customer whose address lacks the street; return its :class:`Sale`.

    Its invoice needs attention: what a person does about it is to be seen at the till.
    """
    till = Till(connect("receptionist", "receptionist"), scene)
    sold = till.sell([("Manikűr",)], customer=scene["customers"]["incomplete"])
    return wait(connect("manager", "manager"), [sold])[0]


def wait(session, order_ids):
    """Return a :class:`Sale` for each order once all are settled, or time is up.

    :param session: of somebody who may read sales and documents
    """
    deadline = time.monotonic() + PATIENCE
    documents = read_documents(session, order_ids)
    while time.monotonic() < deadline and not settled(documents, order_ids):
        time.sleep(0.2)
        documents = read_documents(session, order_ids)
    return [
        row(order, documents.get(order["id"], {}))
        for order in read_orders(session, order_ids)
    ]


def read_orders(session, order_ids):
    """Return what the table says of orders."""
    names = ["pos_reference", "partner_id", "amount_total", "currency_id"]
    return session.call("pos.order", "read", order_ids, names)


def read_all_documents(session, order_ids):
    """Return the documents of orders, the oldest first."""
    return session.call(
        "salon.invoice.document",
        "search_read",
        [["order_id", "in", order_ids]],
        [
            *("order_id", "number", "state", "lead_time", "kind", "is_receipt"),
            *("amount_gross", "invoice_values"),
        ],
        order="id",
    )


def read_documents(session, order_ids):
    """Return the first document of each order, by the order's id.

    One that still moves comes before it: an order is settled when all of its are.
    """
    found = read_all_documents(session, order_ids)
    found.sort(key=lambda document: document["state"] not in MOVING)
    first = {}
    for document in found:
        first.setdefault(document["order_id"][0], document)
    return first


def settled(documents, order_ids):
    """Say whether every order has a document that moves no more."""
    return len(documents) == len(order_ids) and not any(
        document["state"] in MOVING for document in documents.values()
    )


def name_of(document):
    """Return the kind of a document in a word or two."""
    content = document.get("invoice_values") or {}
    kind = document.get("kind", "invoice")
    if content.get("advance"):
        return "advance invoice"
    if content.get("advances"):
        return "final invoice"
    if document.get("is_receipt") and kind != "receipt":
        return f"{kind} of a receipt"
    return kind


def customer_of(order, document):
    """Return who bought: a company that asked later is on its invoice alone."""
    buyer = (document.get("invoice_values") or {}).get("buyer") or {}
    if buyer.get("tax_number"):
        return buyer["name"]
    return order["partner_id"][1] if order["partner_id"] else "(walk-in)"


def row(order, document):
    """Return the table's row of an order and its document ({} if there is none)."""
    issued = document.get("state") == "issued"
    follows = document.get("kind") == "storno"
    return Sale(
        sale=order["pos_reference"],
        customer=customer_of(order, document),
        total=document["amount_gross"] if follows else order["amount_total"],
        currency=order["currency_id"][1],
        number=document.get("number") or "",
        state=document.get("state", "none"),
        seconds=document["lead_time"] if issued else None,
        document=name_of(document),
    )
