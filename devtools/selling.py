"""What the demo sells, over HTTP, as the till does."""

from dataclasses import dataclass

from .console import Problem


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
    raise Problem("the demo has nothing to sell yet.")
