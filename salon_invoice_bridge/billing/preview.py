"""How the till's total leads to the gross of a document, for a person who checks it.

Lines = document + kept off, always (see :func:`.build.build`): what is left between
them is cash rounding that Odoo has put into the total, or nothing.
"""

from dataclasses import dataclass
from decimal import Decimal

from .lines import KeptOff
from .sale import total_gross


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The way from the till to the document; amounts in the sale's currency.

    ``total`` = ``gross`` + what was ``kept_off`` + ``rounded`` + ``unexplained``.
    """

    total: Decimal  # of the till
    gross: Decimal  # of the document
    kept_off: tuple[KeptOff, ...] = ()
    rounded: Decimal = Decimal(0)  # cash rounding that is in the total

    @property
    def unexplained(self):
        """What none of it explains: nothing, or the document must not be issued."""
        kept_off = sum((entry.amount for entry in self.kept_off), Decimal(0))
        return self.total - self.gross - kept_off - self.rounded

    @property
    def is_plain(self):
        """True if till and document say the same."""
        return self.total == self.gross


def difference(sale, invoice, kept_off=()):
    """Return the :class:`Difference` of a sale and the document that it would get.

    :param sale.Sale sale: as it is frozen
    :param Invoice invoice: of it
    :param kept_off: ``KeptOff`` s, see :func:`.lines.name_kept_off`
    """
    return Difference(
        total=sale.total,
        gross=invoice.gross,
        kept_off=tuple(kept_off),
        rounded=sale.total - total_gross(sale.lines),
    )
