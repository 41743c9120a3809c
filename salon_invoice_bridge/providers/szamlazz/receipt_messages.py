"""The XML of receipts (nyugta): pure, and without credentials.

Every request is valid against both published editions of its schema, but for the look-
up by order number: ``rendelesSzam`` of ``xmlnyugtaget`` is in the documentation's only.
There it was seen to work on a test account (szamlazz-rs, 2026-09-11).

Unlike an invoice's, these elements have no mandatory order but the storno's and the
e-mail's; they are written as the vendor's examples write them.
"""

from dataclasses import replace

from ...billing.errors import Rejected
from ...billing.invoice import Mail
from ..wire import number
from . import tables
from .amounts import amounts
from .messages import mail_words, make

#: Of a receipt, which has no language of its own.
_LANGUAGE = "hu"
#: ``pdfSablon`` of 80 mm; A, the default, is A4, J and L are tickets (docs).
SLIP = "N"
_SUBJECT = "Nyugta: {}"
_TEXT = "Mellékelten küldjük a(z) {} számú nyugtát. Köszönjük a vásárlást!"


def create(invoice):
    """Return the request (``xmlnyugtacreate``) that issues a receipt.

    ``hivasAzonosito`` is what the service refuses a second time (338, documented and
    seen on a test account); the order number is what the receipt is found by.

    :raises Rejected: if the service has no word for something in ``invoice``, or if it
        could not be found again
    """
    order_number = invoice.order_number.strip()
    if not order_number:
        raise Rejected(
            "A receipt is found by its order number", fields={"rendelesSzam": ""}
        )
    return make(
        "xmlnyugtacreate",
        ("beallitasok", [("pdfLetoltes", "true")]),
        ("fejlec", _header(invoice, order_number)),
        ("tetelek", [("tetel", _line(line, invoice)) for line in invoice.lines]),
        ("kifizetesek", _tenders(invoice.tenders) or None),
    )


def storno(receipt_number, external_key):
    """Return the request (``xmlnyugtast``) that reverses a receipt.

    That its ``hivasAzonosito`` names the storno was seen on a test account.
    """
    return make(
        "xmlnyugtast",
        ("beallitasok", [("pdfLetoltes", "true")]),
        (
            "fejlec",
            [("nyugtaszam", receipt_number), ("hivasAzonosito", external_key)],
        ),
    )


def query(*, receipt_number=None, order_number=None, pdf=False, layout=None):
    """Return the request (``xmlnyugtaget``) that looks for a receipt by one key.

    By order number the service returns the last one, receipt or storno (the vendor's
    PHP documentation). Nothing says that it can be asked for ``hivasAzonosito``.

    :param str layout: ``pdfSablon`` of the PDF, None for A4
    """
    return make(
        "xmlnyugtaget",
        ("beallitasok", [("pdfLetoltes", "true" if pdf else "false")]),
        (
            "fejlec",
            [
                ("nyugtaszam", receipt_number),
                ("rendelesSzam", order_number),
                ("pdfSablon", layout),
            ],
        ),
    )


def send(receipt_number, email, mail=None):
    """Return the request (``xmlnyugtasend``) that e-mails a receipt to one address.

    Without a subject the service refuses the first e-mail (7, the vendor's example);
    whether it takes several addresses is not published.

    :param Mail mail: what it says; what that leaves out is ours
    """
    mail = mail or Mail()
    words = replace(
        mail,
        subject=mail.subject or _SUBJECT.format(receipt_number),
        text=mail.text or _TEXT.format(receipt_number),
    )
    return make(
        "xmlnyugtasend",
        ("beallitasok", []),
        ("fejlec", [("nyugtaszam", receipt_number)]),
        ("emailKuldes", [("email", email), *mail_words(words)]),
    )


def _header(invoice, order_number):
    foreign = invoice.currency != "HUF"
    rate = invoice.exchange_rate
    return [
        ("hivasAzonosito", invoice.external_key.strip()),
        ("elotag", tables.receipt_prefix(invoice.block)),
        ("fizmod", tables.PAYMENTS[invoice.payment_kind]),
        ("penznem", tables.currency_word(invoice.currency)),
        # Without a rate the service takes the National Bank's of the day (seen).
        ("devizabank", "MNB" if foreign else None),
        ("devizaarf", number(rate) if foreign and rate else None),
        ("megjegyzes", invoice.comment or None),
        ("rendelesSzam", order_number),
    ]


def _line(line, invoice):
    """Return a line: the names of its amounts are not those of an invoice's.

    They must add up without any tolerance (261); net and VAT may have two decimals
    (364, 365), and have none, as on an invoice of the same sale (documented: "item
    amounts", receipts).
    """
    money = amounts(line, invoice.currency, _LANGUAGE)
    return [
        ("megnevezes", money.label),
        ("azonosito", line.sku or None),
        ("mennyiseg", number(money.quantity)),
        ("mennyisegiEgyseg", line.unit),
        ("nettoEgysegar", number(money.unit_price)),
        ("afakulcs", tables.vat_word(line.vat)),
        ("netto", number(money.net)),
        ("afa", number(money.vat)),
        ("brutto", number(money.gross)),
        ("megjegyzes", line.comment or None),
    ]


def _tenders(tenders):
    """Return the tenders one by one: their number is not limited (schema)."""
    return [
        (
            "kifizetes",
            [
                ("fizetoeszkoz", tables.PAYMENTS[tender.kind]),
                ("osszeg", number(tender.amount)),
            ],
        )
        for tender in tenders
        if tender.amount
    ]
