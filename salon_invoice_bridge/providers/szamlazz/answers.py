"""What Számla Agent answers: headers first, then whatever the body can be read as.

The status is 200 for most errors; some codes are in the headers only, some in the body
only; the vendor's own examples are not always well-formed.  So: headers are compared
without case and decoded like a form, elements are matched by their local name, a bare
``&`` is forgiven.  A body that ends too early is never guessed at: half a document
number is another document's number.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import unquote_plus

from lxml import etree

from ...billing.errors import NotProcessed, OutcomeUnknown, Reason
from ...billing.invoice import IssuedDocument, PaymentKind, Taxpayer, Tender
from ...billing.taxpayer import (
    MOST_ADDRESSES,
    NAME,
    compose_number,
    core_number,
    is_organization,
    make_address,
    short,
    sort_addresses,
)
from ...billing.text import clean
from .. import reported
from ..wire import retry_after
from . import tables

_BARE_AMPERSAND = re.compile(rb"&(?!#?[0-9A-Za-z]{1,10};)")
_AMOUNT = re.compile(r"[+-]?[0-9]{1,20}([.,][0-9]{1,20})?([eE][+-]?[0-9]{1,2})?")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})")
_NUMBER = re.compile(r"[^\s\x00-\x1f]{1,100}")


@dataclass(frozen=True)
class Reply:
    """One answer, read.  Amounts are Decimals, None where missing or unreadable."""

    code: str = ""  # the service's error code, "" for success
    message: str = ""
    number: str = ""
    net: Decimal | None = None
    gross: Decimal | None = None
    outstanding: Decimal | None = None
    public_url: str = ""
    root: object = None  # of the body, None if that is no XML
    body: bytes = b""

    @property
    def succeeded(self):
        """True if the body says so in so many words."""
        return text(self.root, "sikeres").lower() in ("true", "1")


def read(answer, now):
    """Return the :class:`Reply` in an :class:`~.http.Answer`.

    :param float now: Unix time, for a ``Retry-After`` that names a date
    :raises NotProcessed: the service asks for patience
    :raises OutcomeUnknown: it is down, or this is not its answer
    """
    headers = answer.headers
    if headers.get("szlahu_down", "").strip():
        raise OutcomeUnknown("Számlázz.hu is down", reason=Reason.MAINTENANCE)
    root = parse(answer.body)
    code = headers.get("szlahu_error_code", "").strip() or _body_code(root)
    if not code:
        _check_status(answer, now)
    number = _header(headers, "szlahu_szamlaszam") or text(root, "szamlaszam")
    return Reply(
        code=code,
        message=(_header(headers, "szlahu_error") or text(root, "hibauzenet"))[:1000],
        number=document_number(number),
        net=_either(headers, "szlahu_nettovegosszeg", root, "szamlanetto"),
        gross=_either(headers, "szlahu_bruttovegosszeg", root, "szamlabrutto"),
        outstanding=_either(headers, "szlahu_kintlevoseg", root, "kintlevoseg"),
        public_url=_link(
            _header(headers, "szlahu_vevoifiokurl") or text(root, "vevoifiokurl")
        ),
        root=root,
        body=answer.body,
    )


def _check_status(answer, now):
    status = answer.status
    if status == 429:
        raise NotProcessed(
            "Too many requests",
            reason=Reason.RATE_LIMIT,
            code=status,
            retry_after=retry_after(answer.headers, now),
        )
    if status >= 500:
        raise OutcomeUnknown(
            f"The server failed with status {status}",
            reason=Reason.SERVER_ERROR,
            code=status,
        )
    if status != 200:
        raise OutcomeUnknown(f"Unexpected status {status}", code=status)


def _body_code(root):
    """Return ``hibakod``; "?" for a failure without a code, "" for no failure."""
    if root is None or local_name(root) == "szamla":
        return ""
    code = text(root, "hibakod")
    if not code and text(root, "sikeres").lower() in ("false", "0"):
        return "?"
    return code


def parse(body):
    """Return the root element of ``body`` (bytes), None if it is not XML to trust."""
    body = body.strip()
    root = _parse(body)
    if root is None:
        root = _parse(_BARE_AMPERSAND.sub(b"&amp;", body))
    return root


def _parse(body):
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return None if root.getroottree().docinfo.doctype else root


def local_name(element):
    """Return an element's name without its namespace."""
    return etree.QName(element).localname


def find(element, *path):
    """Return the first descendant by local names, child by child, None if absent."""
    for name in path:
        if element is None:
            return None
        element = next(iter(children(element, name)), None)
    return element


def children(element, name):
    """Return the children of ``element`` with this local name."""
    return [child for child in element.iterchildren("{*}" + name)]


def text(element, *path):
    """Return the stripped text at ``path``, or ""."""
    found = find(element, *path)
    return "".join(found.itertext()).strip() if found is not None else ""


def amount(value):
    """Return the Decimal in ``value``: dot or comma, also ``1.0E7``; else None."""
    value = value.strip()
    if not _AMOUNT.fullmatch(value):
        return None
    return Decimal(value.replace(",", "."))


def document_number(value):
    """Return ``value`` without white space, "" if no document has such a number."""
    number = "".join(value.split())
    return number if _NUMBER.fullmatch(number) else ""


def day(value):
    """Return the date that an ``xs:date`` starts with, or None."""
    found = _DAY.match(value)
    try:
        return date.fromisoformat(found.group(1)) if found else None
    except ValueError:
        return None


def document(root):
    """Return the :class:`~.invoice.IssuedDocument` in a queried ``szamla``.

    Returns None for a document without a :class:`Kind` (a delivery note, a receipt).

    :raises NotProcessed: if number, total or currency cannot be read
    """
    head = find(root, "alap")
    kind = tables.KINDS.get(text(head, "tipus"))
    gross = amount(text(root, "osszegek", "totalossz", "brutto"))
    number, currency = text(head, "szamlaszam"), text(head, "devizanem")
    if head is None or gross is None or not number or not currency:
        raise NotProcessed("The document cannot be read", reason=Reason.UNREADABLE)
    if kind is None:
        return None
    form = text(head, "eszamla")
    return IssuedDocument(
        id=number,
        number=number,
        kind=kind,
        gross=gross,
        currency="HUF" if currency == "Ft" else currency,
        exchange_rate=_rate(head, currency),
        net=amount(text(root, "osszegek", "totalossz", "netto")),
        outstanding=_outstanding(root, gross),
        cancelled=text(head, "sztornozott").lower() in ("true", "1"),
        issue_date=day(text(head, "kelt")),
        fulfillment_date=day(text(head, "telj")),
        due_date=day(text(head, "fizh")),
        electronic=form == "3" if form else None,
        order_number=text(head, "rendelesszam"),
        buyer_name=text(root, "vevo", "nev"),
        comment=text(head, "megjegyzes"),
        original_number=text(head, "hivszamlaszam"),
        sandbox=_flag(text(head, "teszt")),
        rates=rates(find(root, "osszegek"), gross),
        payment_kind=payment_kind(text(head, "fizmod")),
        payments=_payments(root),
    )


def rates(sums, gross):
    """Return what an ``osszegek`` tells of each VAT rate, ``RateSum`` s.

    :param Decimal gross: of the document
    """
    if sums is None:
        return ()
    return reported.rates(
        (
            (
                tables.vat_code(text(row, "afatipus"), amount(text(row, "afakulcs"))),
                *(amount(text(row, name)) for name in ("netto", "afa", "brutto")),
            )
            for row in children(sums, "afakulcsossz")
        ),
        gross,
    )


def payment_kind(word):
    """Return the kind of payment of a word of the service, None if there is none."""
    return tables.REPORTED_KINDS.get(word, PaymentKind.OTHER) if word else None


def _payments(root):
    """Return the credit entries of a document, None if they cannot be read.

    A document without any has no ``kifizetesek``.
    """
    paid = find(root, "kifizetesek")
    entries = () if paid is None else children(paid, "kifizetes")
    found = []
    for entry in entries:
        value, paid_on = amount(text(entry, "osszeg")), day(text(entry, "datum"))
        kind = payment_kind(text(entry, "jogcim"))
        if None in (value, paid_on, kind):
            return None
        found.append(Tender(kind=kind, amount=value, date=paid_on))
    return tuple(found)


def _flag(value):
    """Return the ``xs:boolean`` in ``value``, None if it is not one."""
    return {"true": True, "1": True, "false": False, "0": False}.get(value.lower())


def _rate(head, currency):
    """Return the HUF for one unit of a foreign currency, or None."""
    if currency in ("Ft", "HUF"):
        return None
    return amount(text(head, "devizaarf")) or None


def _outstanding(root, gross):
    """Return what the listed payments leave open, None where none is listed."""
    paid = find(root, "kifizetesek")
    if paid is None:
        return None
    amounts = [amount(text(entry, "osszeg")) for entry in children(paid, "kifizetes")]
    return None if None in amounts else gross - sum(amounts, Decimal(0))


def pdf(reply):
    """Return the PDF in ``reply``, as it is or in base64, or None."""
    content = reply.body
    if not content.startswith(b"%PDF"):
        encoded = "" if reply.root is None else text(reply.root, "pdf")
        try:
            content = base64.b64decode("".join(encoded.split()), validate=True)
        except (binascii.Error, ValueError):
            return None
    return content if content.startswith(b"%PDF") else None


#: Parts of an address -> elements of NAV's ``DetailedAddressType``.
_ADDRESS = {
    "country": "countryCode",
    "postcode": "postalCode",
    "city": "city",
    "street": "streetName",
    "category": "publicPlaceCategory",
    "number": "number",
    "building": "building",
    "staircase": "staircase",
    "floor": "floor",
    "door": "door",
    "lot": "lotNumber",
}
#: ``xs:boolean`` of ``taxpayerValidity`` -> valid.
_VALIDITY = {"true": True, "1": True, "false": False, "0": False}
#: NAV's ``incorporation`` -> is it an organization?  Version 2.0 does not say it.
_INCORPORATION = {"ORGANIZATION": True, "SELF_EMPLOYED": False, "TAXABLE_PERSON": False}


def taxpayer(root, core):
    """Return the :class:`~.invoice.Taxpayer` in NAV's ``QueryTaxpayerResponse``.

    Elements are found by local name, because the namespaces differ between the
    versions 2.0 and 3.0 of Online Számla.

    :param str core: the eight digits that were asked about
    :raises NotProcessed: if this is no such answer, is about another taxpayer, or is
        NAV's own error
    """
    if root is None or local_name(root) != "QueryTaxpayerResponse":
        raise NotProcessed("Not a taxpayer's data", reason=Reason.UNREADABLE)
    function = text(root, "result", "funcCode")
    if function != "OK":
        message = text(root, "result", "message") or function
        raise NotProcessed(f"NAV: {message[:1000]}", reason=Reason.MAINTENANCE)
    data = find(root, "taxpayerData")
    detail, group = find(data, "taxNumberDetail"), text(data, "vatGroupMembership")
    number = text(detail, "taxpayerId") or core
    if number not in (core, group[:8]):
        raise NotProcessed("Another taxpayer's data", reason=Reason.UNREADABLE)
    name = text(data, "taxpayerShortName") or text(data, "taxpayerName")
    return Taxpayer(
        valid=_VALIDITY.get(text(root, "taxpayerValidity")),
        name=short(name, NAME),
        tax_number=compose_number(
            number, text(detail, "vatCode"), text(detail, "countyCode")
        )
        if number == core
        else "",
        group_number=core_number(group[:8]),
        organization=_INCORPORATION.get(
            text(data, "incorporation"), is_organization(name)
        ),
        addresses=sort_addresses(_addresses(find(data, "taxpayerAddressList"))),
    )


def _addresses(listed):
    """Yield the addresses of a ``taxpayerAddressList``, which may be None."""
    items = () if listed is None else children(listed, "taxpayerAddressItem")
    for item in items[:MOST_ADDRESSES]:
        place = find(item, "taxpayerAddress")
        if place is not None:
            parts = {name: text(place, tag) for name, tag in _ADDRESS.items()}
            yield make_address({"kind": text(item, "taxpayerAddressType"), **parts})


def _header(headers, name):
    return clean(unquote_plus(headers.get(name, ""))).strip()


def _either(headers, name, root, element):
    value = amount(_header(headers, name))
    return amount(text(root, element)) if value is None else value


def _link(value):
    return value if value.startswith(("https://", "http://")) else ""
