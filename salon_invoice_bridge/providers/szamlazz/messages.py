"""The XML that Számla Agent takes: pure, strictly ordered, without credentials.

Every request is valid against both published editions of its schema: the one printed in
the documentation and the one served beside it.  They disagree on ``csoportazonosito``
(so a VAT group's number goes into the comment) and on the order of ``elonezetpdf`` and
``simpleItems`` (so the latter is never sent).
"""

import re

from lxml import etree

from ...billing.errors import AccountProblem, Rejected
from ...billing.invoice import BankAccount, Kind, Mail, TaxKind
from ...billing.tax_number import format_hungarian
from ..wire import number
from . import tables
from .amounts import amounts

#: Form field of the multipart upload, which selects the function, by root element.
FUNCTIONS = {
    "xmlszamla": "action-xmlagentxmlfile",
    "xmlszamlast": "action-szamla_agent_st",
    "xmlszamlakifiz": "action-szamla_agent_kifiz",
    "xmlszamlapdf": "action-szamla_agent_pdf",
    "xmlszamlaxml": "action-szamla_agent_xml",
    "xmlszamladbkdel": "action-szamla_agent_dijbekero_torlese",
    "xmltaxpayer": "action-szamla_agent_taxpayer",
    "xmlnyugtacreate": "action-szamla_agent_nyugta_create",
    "xmlnyugtast": "action-szamla_agent_nyugta_storno",
    "xmlnyugtaget": "action-szamla_agent_nyugta_get",
    "xmlnyugtasend": "action-szamla_agent_nyugta_send",
}

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KEY_PLACE = re.compile(rb"<beallitasok>|<xmlszamla(?:xml|pdf) [^>]*>|<beallitasok/>")
_ROOT = re.compile(rb"<(xml\w+) xmlns=")
_KEY_FORM = re.compile(r"[0-9A-Za-z_-]{1,200}")


def root_name(request):
    """Return the name of the root element of ``request`` (bytes).

    :raises Rejected: if these bytes are no request of this module
    """
    found = _ROOT.search(request)
    name = found.group(1).decode() if found else ""
    if name not in FUNCTIONS:
        raise Rejected("These bytes are not a request to Számla Agent")
    return name


def with_key(request, key):
    """Return ``request`` (bytes) with the Agent key in its place.

    :raises AccountProblem: if this cannot be a key
    :raises Rejected: if these bytes are no request of this module
    """
    if not _KEY_FORM.fullmatch(key):
        raise AccountProblem("An Agent key is made of letters and digits only")
    place = _KEY_PLACE.search(request)
    if not place:
        raise Rejected("These bytes are not a request to Számla Agent")
    found = place.group()
    opening = found.replace(b"/>", b">")
    closing = b"</beallitasok>" if found.endswith(b"/>") else b""
    element = b"<szamlaagentkulcs>%s</szamlaagentkulcs>" % key.encode()
    return b"".join(
        (request[: place.start()], opening, element, closing, request[place.end() :])
    )


def create(invoice, *, preview=False):
    """Return the request (``xmlszamla``) that issues or previews ``invoice``.

    The issue date is left to the service: it allows today only, in Budapest.

    :raises Rejected: if the service has no word for something in ``invoice``
    """
    mails = invoice.send_email and not preview
    return make(
        "xmlszamla",
        ("beallitasok", _create_settings(invoice, preview)),
        ("fejlec", _create_header(invoice, preview)),
        ("elado", _seller(invoice, mails)),
        ("vevo", _buyer(invoice, mails)),
        ("tetelek", [("tetel", _line(line, invoice)) for line in invoice.lines]),
    )


def storno(original, cancellation):
    """Return the request (``xmlszamlast``) that reverses ``original``.

    The form and the delivery date are the original's, as NAV requires; the issue date
    is left to the service (error 352).
    """
    emails = ",".join(cancellation.emails)
    mail = Mail(reply_to=cancellation.reply_to)
    return make(
        "xmlszamlast",
        (
            "beallitasok",
            [
                ("eszamla", _flag(original.electronic)),
                ("szamlaLetoltes", "false"),
                ("valaszVerzio", "2"),
                ("szamlaKulsoAzon", cancellation.external_key),
            ],
        ),
        (
            "fejlec",
            [
                ("szamlaszam", original.number),
                ("teljesitesDatum", _date(original.fulfillment_date)),
                ("megjegyzes", cancellation.reason or None),
                ("tipus", "SS"),
            ],
        ),
        ("elado", mail_words(mail) if emails and cancellation.reply_to else None),
        ("vevo", [("email", emails)] if emails else None),
    )


def payments(document_number, entries):
    """Return the request (``xmlszamlakifiz``) that makes ``entries`` all there is.

    :param entries: at most five of ``(date, title, amount, description)``
    """
    settings = [
        ("szamlaszam", document_number),
        ("additiv", "false"),
        ("valaszVerzio", "2"),
    ]
    paid = [
        (
            "kifizetes",
            [
                ("datum", _date(day)),
                ("jogcim", title),
                ("osszeg", number(amount)),
                ("leiras", description or None),
            ],
        )
        for day, title, amount, description in entries
    ]
    return make("xmlszamlakifiz", ("beallitasok", settings), *paid)


def query(*, document_number=None, order_number=None, external_key=None):
    """Return the request (``xmlszamlaxml``) that looks for a document by one key."""
    return make(
        "xmlszamlaxml",
        ("szamlaszam", document_number),
        ("rendelesSzam", order_number),
        ("pdf", "false"),
        ("szamlaKulsoAzon", external_key),
    )


def pdf(document_number):
    """Return the request (``xmlszamlapdf``) for a document's PDF."""
    return make("xmlszamlapdf", ("szamlaszam", document_number), ("valaszVerzio", "2"))


def delete_proforma(document_number):
    """Return the request (``xmlszamladbkdel``) that deletes a proforma."""
    return make(
        "xmlszamladbkdel",
        ("beallitasok", []),
        ("fejlec", [("szamlaszam", document_number)]),
    )


def taxpayer(core_number):
    """Return the request (``xmltaxpayer``) about the first 8 digits of a tax number."""
    return make("xmltaxpayer", ("beallitasok", []), ("torzsszam", core_number))


def _create_settings(invoice, preview):
    return [
        ("eszamla", _flag(invoice.electronic)),
        ("szamlaLetoltes", "true"),
        ("valaszVerzio", "2"),
        ("szamlaKulsoAzon", None if preview else invoice.external_key),
    ]


def _create_header(invoice, preview):
    corrects = invoice.kind is Kind.CORRECTION
    foreign = invoice.currency != "HUF"
    rate = invoice.exchange_rate
    return [
        ("teljesitesDatum", _date(invoice.fulfillment_date)),
        ("fizetesiHataridoDatum", _date(invoice.due_date)),
        ("fizmod", tables.PAYMENTS[invoice.payment_kind]),
        ("penznem", tables.currency_word(invoice.currency)),
        ("szamlaNyelve", tables.language_word(invoice.language)),
        ("megjegyzes", _comment(invoice) or None),
        # Without a rate the service takes the National Bank's of the day.
        ("arfolyamBank", "MNB" if foreign else None),
        ("arfolyam", number(rate) if foreign and rate else None),
        # The service trims what it keeps, and finds nothing by what is not trimmed.
        ("rendelesSzam", invoice.order_number.strip() or None),
        ("dijbekeroSzamlaszam", invoice.proforma_number or None),
        *_deposits(invoice),
        ("helyesbitoszamla", "true" if corrects else None),
        ("helyesbitettSzamlaszam", invoice.corrected_number if corrects else None),
        ("dijbekero", "true" if invoice.kind is Kind.PROFORMA else None),
        ("szamlaszamElotag", invoice.block or None),
        ("fizetve", None if invoice.kind is Kind.PROFORMA else _flag(invoice.paid)),
        ("elonezetpdf", "true" if preview else None),
    ]


def _deposits(invoice):
    """Return what makes an advance invoice, or the final one of another.

    A proforma is neither yet. The advance is named by its number: it has another order
    number, by which the service would look for it.
    """
    if invoice.kind is not Kind.INVOICE:
        return []
    if invoice.advance:
        return [("elolegszamla", "true")]
    return [
        pair
        for advance in invoice.advances
        for pair in (("vegszamla", "true"), ("elolegSzamlaszam", advance.number))
    ]


def _comment(invoice):
    parts = [invoice.comment]
    group = invoice.buyer.group_tax_number
    if group:
        hungarian = invoice.language == "hu"
        label = "Vevő csoportazonosító száma" if hungarian else "Buyer's VAT group"
        parts.append(f"{label}: {format_hungarian(group)}")
    return "\n".join(part for part in parts if part)


def _seller(invoice, mails):
    bank = invoice.bank_account or BankAccount()
    return [
        ("bank", bank.name or None),
        ("bankszamlaszam", bank.number or bank.iban or None),
        *(mail_words(invoice.mail) if mails else ()),
    ]


def mail_words(mail):
    """Return the elements of an e-mail in our words, in the order of every schema.

    No schema limits their length, and what is left out is the service's own.

    :param Mail mail: or None
    """
    if mail is None:
        return []
    return [
        ("emailReplyto", mail.reply_to or None),
        ("emailTargy", mail.subject or None),
        ("emailSzoveg", mail.text or None),
    ]


def _buyer(invoice, mail):
    # ``azonosito`` is never sent: an id used twice rewrites another buyer's data.
    buyer = invoice.buyer
    own, european = _tax_numbers(buyer)
    return [
        ("nev", buyer.name),
        ("orszag", tables.COUNTRIES.get(buyer.country, buyer.country) or None),
        ("irsz", buyer.postcode),
        ("telepules", buyer.city),
        ("cim", buyer.street),
        ("email", ",".join(buyer.emails) or None),
        # Explicit: where it is missing, the service mails whoever has an address.
        ("sendEmail", _flag(mail and buyer.emails)),
        ("adoalany", tables.TAX_SUBJECTS[buyer.tax_kind]),
        ("adoszam", own or None),
        ("adoszamEU", european or None),
        ("telefonszam", buyer.phone or None),
    ]


def _tax_numbers(buyer):
    """Return ``adoszam`` and ``adoszamEU``; a private person has neither."""
    if buyer.tax_kind is TaxKind.HUNGARIAN:
        return format_hungarian(buyer.tax_number), buyer.eu_tax_number
    if buyer.tax_kind is TaxKind.EU:
        return "", buyer.eu_tax_number or buyer.tax_number
    if buyer.tax_kind is TaxKind.FOREIGN:
        return buyer.tax_number, ""
    return "", ""


def _line(line, invoice):
    money = amounts(line, invoice.currency, invoice.language)
    return [
        ("megnevezes", money.label),
        ("azonosito", line.sku or None),
        ("mennyiseg", number(money.quantity)),
        ("mennyisegiEgyseg", line.unit),
        ("nettoEgysegar", number(money.unit_price)),
        ("afakulcs", tables.vat_word(line.vat)),
        ("nettoErtek", number(money.net)),
        ("afaErtek", number(money.vat)),
        ("bruttoErtek", number(money.gross)),
        ("megjegyzes", line.comment or None),
    ]


def _date(day):
    return day.isoformat() if day else None


def _flag(value):
    return "true" if value else "false"


def make(name, *content):
    """Return the request whose root is ``name``.

    :param content: pairs of a name and a text, a list of such pairs, or None: nothing
    """
    namespace = f"http://www.szamlazz.hu/{name}"
    root = etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace})
    _fill(root, namespace, content)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def _fill(parent, namespace, content):
    """Add ``(name, text or list of such pairs or None)``; None adds nothing."""
    for name, value in content:
        if value is None:
            continue
        child = etree.SubElement(parent, f"{{{namespace}}}{name}")
        if isinstance(value, list):
            _fill(child, namespace, value)
        else:
            child.text = _FORBIDDEN.sub("", value)
