"""The document that a request asks for, before the service has numbered it.

The answer to a create names number and totals only; everything else about the document
is what the request said, which is read back from the very bytes that were sent.
"""

from decimal import Decimal

from ...billing.errors import Rejected
from ...billing.invoice import IssuedDocument, Kind, RateSum
from .. import reported
from . import answers as xml
from . import tables


def from_request(request):
    """Return the :class:`~.invoice.IssuedDocument` that a rendered create will be.

    :raises Rejected: if ``request`` (bytes) was not rendered by this strategy
    """
    root = _create(request)
    header = xml.find(root, "fejlec")
    if xml.text(header, "dijbekero") == "true":
        kind = Kind.PROFORMA
    elif xml.text(header, "helyesbitoszamla") == "true":
        kind = Kind.CORRECTION
    else:
        kind = Kind.INVOICE
    lines = xml.children(xml.find(root, "tetelek"), "tetel")
    return IssuedDocument(
        id="",
        number="",
        kind=kind,
        gross=_total(lines, "bruttoErtek"),
        net=_total(lines, "nettoErtek"),
        currency=xml.text(header, "penznem"),
        exchange_rate=xml.amount(xml.text(header, "arfolyam")) or None,
        fulfillment_date=xml.day(xml.text(header, "teljesitesDatum")),
        due_date=xml.day(xml.text(header, "fizetesiHataridoDatum")),
        electronic=xml.text(root, "beallitasok", "eszamla") == "true",
        order_number=xml.text(header, "rendelesSzam"),
        buyer_name=xml.text(root, "vevo", "nev"),
        comment=xml.text(header, "megjegyzes"),
        original_number=xml.text(header, "helyesbitettSzamlaszam"),
        rates=_rates(lines),
        payment_kind=xml.payment_kind(xml.text(header, "fizmod")),
    )


def proforma_of(request):
    """Return the number of the proforma that a rendered create settles, or ""."""
    return xml.text(_create(request), "fejlec", "dijbekeroSzamlaszam")


def storno_of(original):
    """Return the storno that ``original`` will have, without its number."""
    return IssuedDocument(
        id="",
        number="",
        kind=Kind.STORNO,
        gross=-original.gross,
        net=None if original.net is None else -original.net,
        currency=original.currency,
        exchange_rate=original.exchange_rate,
        fulfillment_date=original.fulfillment_date,
        electronic=original.electronic,
        order_number=original.order_number,
        buyer_name=original.buyer_name,
        original_number=original.number,
        rates=tuple(
            RateSum(vat=row.vat, net=-row.net, tax=-row.tax, gross=-row.gross)
            for row in original.rates
        ),
        payment_kind=original.payment_kind,
    )


def _create(request):
    root = xml.parse(request)
    if (
        root is None
        or xml.local_name(root) != "xmlszamla"
        or None in (xml.find(root, "fejlec"), xml.find(root, "tetelek"))
    ):
        raise Rejected("These bytes are not a rendered document")
    return root


def _rates(lines):
    """Return what the lines of a request come to, ``RateSum`` s."""
    return reported.rates(
        (
            (
                _vat_code(xml.text(line, "afakulcs")),
                *(
                    xml.amount(xml.text(line, name))
                    for name in ("nettoErtek", "afaErtek", "bruttoErtek")
                ),
            )
            for line in lines
        ),
        _total(lines, "bruttoErtek"),
    )


def _vat_code(word):
    """Return the code of an ``afakulcs`` of ours: one word for both parts of it."""
    percentage = xml.amount(word)
    return tables.vat_code("" if percentage is not None else word, percentage)


def _total(lines, name):
    values = [xml.amount(xml.text(line, name)) for line in lines]
    if not values or None in values:
        raise Rejected("These bytes are not a rendered document")
    return sum(values, Decimal(0))
