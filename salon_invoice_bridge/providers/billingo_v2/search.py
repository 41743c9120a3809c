"""Finding documents at Billingo v2, where nothing can be looked up by a key.

The newest documents are read, at most :data:`SCAN_PAGES` pages of two lists: what is
found is there; what is not found may be further back.
"""

import dataclasses
import re

from ...billing.errors import Reason, Rejected
from ...billing.invoice import Kind
from . import parse, render
from .api import PAGE

#: Pages of 50 that are read of each list: a busy salon's day, and more.
SCAN_PAGES = 3


def newest(api, since, kind):
    """Yield the documents since a date, then the newest, each once, in one deadline.

    The order of both lists is not documented, nor whether a query has drafts and
    proformas: hence both.

    :param kind: the :class:`Kind` to assume, which no list tells
    """
    seen = set()
    sources = (
        lambda page: api.query(since, page=page, max_per_page=PAGE),
        lambda page: api.invoices(page=page, max_per_page=PAGE),
    )
    ends = api.http.deadline()
    for source in sources:
        for page in range(1, SCAN_PAGES + 1):
            with api.http.until(ends):
                batch = source(page)
            if not batch:
                break
            for document in read(parse.documents, batch, kind):
                if document.id not in seen:
                    seen.add(document.id)
                    yield document


def ours(api, invoice):
    """Return the document that carries the marker of ``invoice``, None if not seen.

    An invoice made of a proforma has the proforma's comment, and so its marker: there
    the order number decides, and the proforma itself is recognized by its id, because
    numbers come with and without the prefix of their block.  No list has kinds: of a
    proforma and the invoice that was made of it, the older one is the proforma.
    """
    marker = render.marker(invoice)
    inherited = f"{invoice.order_number} ["
    marked = []
    for document in newest(api, invoice.fulfillment_date, invoice.kind):
        if document.kind is Kind.STORNO or document.id == invoice.proforma_id:
            continue
        if marker in document.comment:
            if invoice.kind is not Kind.PROFORMA:
                return document
            marked.append(document)
        elif (
            invoice.proforma_id
            and document.kind is Kind.INVOICE
            and document.comment.rpartition("\n")[2].startswith(inherited)
        ):
            return document
    return min(marked, key=lambda document: int(document.id), default=None)


def copy_of(api, document):
    """Return the standing invoice that was generated from a document, None if not seen.

    Its comment is copied with the rest.  A document without one, made by hand at the
    service, has no copy that we would recognize.  A draft may have become the invoice
    itself, which has a number then.
    """
    if not document.comment:
        return None
    is_draft = document.kind is Kind.DRAFT
    for found in newest(api, document.issue_date, Kind.INVOICE):
        if (
            found.comment == document.comment
            and (found.id != document.id or (is_draft and found.number))
            and found.kind is Kind.INVOICE
            and not found.cancelled
        ):
            return found
    return None


def storno_of(api, original):
    """Return the storno of a cancelled invoice.

    Blocks count each for itself and a number may come without its prefix: the amount
    and the client must be the original's too.

    :raises Rejected: with ``Reason.NOT_FOUND`` if it is not seen
    """
    numbers = {original.number, _unprefixed(original.number)}
    wanted = (-original.gross, original.currency, original.partner_id)
    for document in newest(api, original.issue_date, Kind.INVOICE):
        theirs = (document.gross, document.currency, document.partner_id)
        if document.original_number in numbers and theirs == wanted:
            return storno(document, original)
    raise Rejected(
        f"{original.number} is cancelled, but its storno was not found",
        reason=Reason.NOT_FOUND,
    )


def storno(document, original):
    """Say what an answer may leave out, or say without the prefix of the block."""
    return dataclasses.replace(
        document, kind=Kind.STORNO, original_number=original.number
    )


def read(reader, *arguments):
    """Call a reader of :mod:`.billingo_v2_parse` on what a safe call returned."""
    try:
        return reader(*arguments)
    except parse.Unreadable as error:
        raise parse.unreadable(error, safe=True) from error


def _unprefixed(number):
    """Return a number as ``invoice_no`` has it: without the prefix of its block.

    "SZ / 2026-000001" is 2026-000001.
    """
    found = re.search(r"\d+-\d+$", number)
    return found[0] if found else number
