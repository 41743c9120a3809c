"""What Számla Agent answers about receipts: ``xmlnyugtavalasz``, read with no trust.

Its elements are not those of an invoice's answer (``stornozott`` here, ``sztornozott``
there), and it tells the caller's key (``hivasAzonosito``), which an invoice's does not.
Seen on a test account (szamlazz-rs, 2026-09-11): the storno has the order number of its
original, is called ``stornozott`` itself, and its amounts are negative.
"""

import base64
import binascii
from dataclasses import dataclass
from decimal import Decimal

from ...billing.errors import NotProcessed, Reason
from ...billing.invoice import IssuedDocument, Kind, Tender
from . import answers as xml

#: ``alap/tipus`` of a receipt.
KINDS = {"NY": Kind.RECEIPT, "SN": Kind.STORNO}
_FORINTS = ("", "Ft", "HUF")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True)
class Receipt:
    """A receipt or a storno of one, as the service tells it.

    :param str key: of the call that made it, "" if it was made by hand
    """

    key: str
    document: IssuedDocument
    pdf: bytes = b""


def read(reply):
    """Return the :class:`Receipt` in a successful :class:`~.answers.Reply`.

    :raises NotProcessed: if it says no success, or number, kind, total, currency or
        whether it is reversed cannot be read
    """
    root = reply.root
    if root is None or xml.local_name(root) != "xmlnyugtavalasz" or not reply.succeeded:
        raise _unreadable()
    reported = xml.find(root, "nyugta")
    head = xml.find(reported, "alap")
    kind = KINDS.get(xml.text(head, "tipus"))
    reversed_ = _FLAGS.get(xml.text(head, "stornozott").lower())
    number = xml.document_number(xml.text(head, "nyugtaszam"))
    gross = xml.amount(xml.text(reported, "osszegek", "totalossz", "brutto"))
    if None in (kind, reversed_, gross) or not number:
        raise _unreadable()
    currency = xml.text(head, "penznem")
    forints = currency in _FORINTS
    is_storno = kind is Kind.STORNO
    document = IssuedDocument(
        id=number,
        number=number,
        kind=kind,
        gross=gross,
        net=xml.amount(xml.text(reported, "osszegek", "totalossz", "netto")),
        currency="HUF" if forints else currency,
        exchange_rate=None
        if forints
        else xml.amount(xml.text(head, "devizaarf")) or None,
        outstanding=Decimal(0),
        cancelled=reversed_ and not is_storno,
        issue_date=xml.day(xml.text(head, "kelt")),
        order_number=xml.text(head, "rendelesSzam"),
        comment=xml.text(head, "megjegyzes"),
        original_number=xml.document_number(xml.text(head, "stornozottNyugtaszam"))
        if is_storno
        else "",
        sandbox=_FLAGS.get(xml.text(head, "teszt").lower()),
        of_receipt=is_storno,
        rates=xml.rates(xml.find(reported, "osszegek"), gross),
        payment_kind=xml.payment_kind(xml.text(head, "fizmod")),
        payments=_payments(reported, head),
        external_key=xml.text(head, "hivasAzonosito"),
    )
    return Receipt(document.external_key, document, pdf(reply))


def _payments(reported, head):
    """Return the tenders of a receipt, all of its day, None where none are told."""
    listed = xml.find(reported, "kifizetesek")
    issued_on = xml.day(xml.text(head, "kelt"))
    if listed is None or issued_on is None:
        return None
    found = []
    for entry in xml.children(listed, "kifizetes"):
        value = xml.amount(xml.text(entry, "osszeg"))
        kind = xml.payment_kind(xml.text(entry, "fizetoeszkoz"))
        if None in (value, kind):
            return None
        found.append(Tender(kind=kind, amount=value, date=issued_on))
    return tuple(found)


def pdf(reply):
    """Return the PDF that came along, b"" if none did."""
    encoded = "" if reply.root is None else xml.text(reply.root, "nyugtaPdf")
    try:
        content = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
    return content if content.startswith(b"%PDF") else b""


def is_sent(reply):
    """True if the answer says that the e-mail was sent."""
    root = reply.root
    return (
        root is not None
        and xml.local_name(root) == "xmlnyugtasendvalasz"
        and reply.succeeded
    )


def _unreadable():
    return NotProcessed("The receipt cannot be read", reason=Reason.UNREADABLE)
