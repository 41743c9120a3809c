"""What stands in columns of a document: its figures, and what lists need of them.

A reader starts at :func:`work_out` (which figures are a document's) and :func:`of`
(what is written of them).
"""

from .codec import to_json
from .figures import as_reported, of_document, of_invoice, turned

#: In place of one ``PaymentKind``: several, and nothing paid when it was issued.
MIXED, OWED = "mixed", "owed"

#: The columns of a document of which no figures are known.
BLANK = {
    "figures": None,
    "amount_net": None,
    "amount_tax": None,
    "fulfillment_date": None,
    "due_date": None,
    "buyer_tax_number": None,
    "tender": None,
}


def work_out(issued, *, meant=None, provider=None, original=None):
    """Return the ``Figures`` of a document that was issued, None if they are untold.

    What was sent counts, with the net and VAT that the service tells; a storno turns
    its original around; of anything else only the service knows. A document of another
    gross than what was sent is what the service says, too.

    :param IssuedDocument issued: the document as the service has described it
    :param Invoice meant: what was sent, None of a storno, or if it is not known here
    :param provider: of the service that it was sent to: a strategy, or its class
    :param Figures original: of what a storno takes back, None if they are not known
    :raises ValueError: if the items do not add up to what was sent
    """
    figures = None
    if meant:
        items, exact = provider.amounts(meant), provider.capabilities.sends_vat
        figures = of_invoice(meant, items, exact=exact)
    elif original:
        figures = turned(original)
    if figures is None or figures.gross != issued.gross:
        return of_document(issued)
    return as_reported(figures, issued)


def of(figures):
    """Return ``{column: value}`` of ``figures``, which may be None.

    Amounts are floats in the currency of the document, as the ORM has them.
    """
    if figures is None:
        return dict(BLANK)
    return {
        "figures": to_json(figures),
        "amount_net": float(figures.net),
        "amount_tax": float(figures.tax),
        "fulfillment_date": figures.fulfillment_date,
        "due_date": figures.due_date,
        "buyer_tax_number": figures.tax_number or None,
        "tender": tender(figures),
    }


def vat_date(issue_date, fulfillment_date, amends):
    """Return the day by which a document belongs to a month: see ``billing.month``.

    :param date fulfillment_date: None if it is not known
    :param bool amends: it cancels, corrects, continues or replaces another one
    """
    return issue_date if amends else fulfillment_date or issue_date


def tender(figures):
    """Return how a document was paid: a ``PaymentKind``, MIXED, OWED, None of nothing.

    :data:`OWED` is what was not paid when it was issued; a part of it makes it MIXED.
    """
    ways = [kind.value for kind in figures.tenders]
    if figures.owed:
        ways.append(OWED)
    if len(ways) > 1:
        return MIXED
    return ways[0] if ways else None
