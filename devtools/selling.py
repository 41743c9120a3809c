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
    """

    sale: str
    customer: str
    total: float
    currency: str
    number: str
    state: str
    seconds: float | None


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
    orders = session.call(
        "pos.order",
        "read",
        order_ids,
        ["pos_reference", "partner_id", "amount_total", "currency_id"],
    )
    return [row(order, documents.get(order["id"], {})) for order in orders]


def read_documents(session, order_ids):
    """Return the documents of orders, by the order's id."""
    found = session.call(
        "salon.invoice.document",
        "search_read",
        [["order_id", "in", order_ids]],
        ["order_id", "number", "state", "lead_time"],
    )
    return {document["order_id"][0]: document for document in found}


def settled(documents, order_ids):
    """Say whether every order has a document that moves no more."""
    return len(documents) == len(order_ids) and not any(
        document["state"] in MOVING for document in documents.values()
    )


def row(order, document):
    """Return the table's row of an order and its document ({} if there is none)."""
    issued = document.get("state") == "issued"
    return Sale(
        sale=order["pos_reference"],
        customer=order["partner_id"][1] if order["partner_id"] else "(walk-in)",
        total=order["amount_total"],
        currency=order["currency_id"][1],
        number=document.get("number") or "",
        state=document.get("state", "none"),
        seconds=document["lead_time"] if issued else None,
    )
