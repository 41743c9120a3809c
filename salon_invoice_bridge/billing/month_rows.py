"""The rows that a month's file is made of, kept while its parts are written.

The parts of a file are written one after another, each for itself, and all have to be
of the same month: so what was read is frozen, as text, and the month is built of it
again by whoever goes on.
"""

import json
import zlib
from dataclasses import dataclass, replace
from datetime import date

from .codec import from_json, to_json
from .month import Basis, DocumentRow, Finding, Gap, SaleRow, Till
from .month_build import build

#: What the file finds of a sale by itself; the reconciliation finds it, too.
OWN = frozenset(
    {
        *(Gap.MISSING, Gap.ATTENTION, Gap.WAITING, Gap.UNFINISHED),
        *(Gap.DIFFERS, Gap.RATES),
    }
)


@dataclass(frozen=True, kw_only=True)
class MonthRows:
    """What :func:`.month_build.build` takes."""

    start: date
    end: date
    documents: tuple[DocumentRow, ...]
    sales: tuple[SaleRow, ...]
    till: Till
    others: tuple[SaleRow, ...] = ()
    differences: tuple[Finding, ...] = ()
    basis: Basis = Basis.FULFILLMENT

    def build(self):
        """Return the :class:`.month.Month` of these rows."""
        return build(
            start=self.start,
            end=self.end,
            documents=self.documents,
            sales=self.sales,
            till=self.till,
            others=self.others,
            differences=self.differences,
            basis=self.basis,
        )

    def without_pdf(self, refs):
        """Return these rows, in which the documents ``refs`` have no PDF."""
        return replace(
            self,
            documents=tuple(
                replace(row, has_pdf=False) if row.ref in refs else row
                for row in self.documents
            ),
        )

    def with_differences(self, differences):
        """Return these rows with what the reconciliation has found besides.

        Of a sale of which the file itself finds something, nothing is said twice; that
        the service has a document just like it is not known to the file.

        :param differences: :class:`.month.Finding` s
        """
        own = {one.sale for one in self.build().findings if one.gap in OWN}
        others = (
            one
            for one in differences
            if one.gap is Gap.MISSING_HERE or not one.sale or one.sale not in own
        )
        return replace(self, differences=tuple(others))

    def freeze(self):
        """Return these rows as bytes."""
        return zlib.compress(json.dumps(to_json(self)).encode())


def thaw(content):
    """Return the :class:`MonthRows` that :meth:`MonthRows.freeze` made ``content`` of.

    :raises ValueError, TypeError, zlib.error: if it is none
    """
    return from_json(MonthRows, json.loads(zlib.decompress(content)))
