"""How Számlázz.hu answers: headers, ``xmlszamlavalasz``, ``szamla``, NAV's taxpayer."""

import base64
from decimal import Decimal
from urllib.parse import quote_plus

from lxml import etree
from werkzeug.wrappers import Response

from . import pdf
from .szamlazz_documents import outstanding
from .szamlazz_rules import PAYMENTS

XML = "application/xml; charset=UTF-8"
_FORMS = {True: "3", False: "1"}


def issued(document, account, *, version, with_pdf=False, extra=None):
    """Answer that ``document`` exists (create, storno, credit entry, PDF query).

    :param int version: ``valaszVerzio``: 1 is text or the PDF itself, 2 is XML
    :param dict extra: more headers
    """
    left = outstanding(document)
    headers = {
        "szlahu_szamlaszam": quote_plus(document["number"]),
        "szlahu_id": str(document["id"]),
        "szlahu_nettovegosszeg": _comma(document["net"]),
        "szlahu_bruttovegosszeg": _comma(document["gross"]),
        "szlahu_kintlevoseg": _comma(left),
        **(extra or {}),
    }
    url = _portal(document, account)
    if url:
        headers["szlahu_vevoifiokurl"] = quote_plus(url)
    if not document["number"]:
        headers = {}
    if version == 1:
        body = f"xmlagentresponse=DONE;{document['number']}".encode()
        content = render_pdf(document, account) if with_pdf else body
        content_type = "application/pdf" if with_pdf else "text/plain; charset=UTF-8"
        return Response(content, headers=headers, content_type=content_type)
    root = root_of("xmlszamlavalasz")
    add(root, "sikeres", "true")
    if document["number"]:
        add(root, "szamlaszam", document["number"])
        add(root, "szamlanetto", document["net"])
        add(root, "szamlabrutto", document["gross"])
        add(root, "kintlevoseg", str(left))
    if url and document["number"]:
        add(root, "vevoifiokurl", etree.CDATA(url))
    if with_pdf:
        add(root, "pdf", base64_text(render_pdf(document, account)))
    return xml(root, headers)


def failed(refusal, *, version=2, name="xmlszamlavalasz", number=""):
    """Answer with an error; its text is form-encoded in a header of its own."""
    headers = {
        "szlahu_error": quote_plus(refusal.message),
        "szlahu_error_code": refusal.code,
    }
    if number:
        headers["szlahu_szamlaszam"] = quote_plus(number)
    if refusal.in_body_only:
        headers = {}
    if version == 1:
        text = f"[ERR] {refusal.message}"
        return Response(text, headers=headers, content_type="text/plain; charset=UTF-8")
    root = root_of(name)
    add(root, "sikeres", "false")
    add(root, "hibakod", refusal.code)
    add(root, "hibauzenet", etree.CDATA(refusal.message))
    if number:
        add(root, "szamlaszam", number)
    return xml(root, headers)


def deleted():
    """Answer that a proforma is gone."""
    root = root_of("xmlszamladbkdelvalasz")
    add(root, "sikeres", "true")
    return xml(root)


def down():
    """Answer during maintenance."""
    return Response("", 200, headers={"szlahu_down": "true"}, content_type="text/html")


def queried(document, account, with_pdf):
    """Answer with the data of ``document`` (``szamla``, in the order of szamla.xsd)."""
    root = root_of("szamla")
    seller = add(root, "szallito")
    add(seller, "id", "201")
    add(seller, "nev", account["organization"])
    _address(seller, "Magyarország", "1111", "Budapest", "Minta utca 1.")
    add(seller, "adoszam", account["tax_number"])
    _head(root, document, account)
    _buyer(root, document["buyer"])
    lines = add(root, "tetelek")
    for row, line in enumerate(document["lines"], 1):
        _line(lines, line, row)
    _sums(root, document)
    if document["payments"]:
        paid = add(root, "kifizetesek")
        for payment in document["payments"]:
            entry = add(paid, "kifizetes")
            add(entry, "datum", payment["date"])
            add(entry, "jogcim", payment["title"])
            add(entry, "osszeg", payment["amount"])
            add(entry, "megjegyzes", payment["note"])
    if with_pdf:
        add(root, "pdf", base64_text(render_pdf(document, account)))
    return xml(root)


def _head(root, document, account):
    head = add(root, "alap")
    add(head, "id", str(document["id"]))
    add(head, "szamlaszam", document["number"])
    add(head, "gazdEsemAzon", str(document["id"]))
    add(head, "tipus", document["type"])
    add(head, "eszamla", _FORMS[document["electronic"]])
    _add_some(head, "hivszamlaszam", document["refers_to"])
    _add_some(head, "hivdijbekszam", document["proforma"])
    add(head, "kelt", document["issued_on"])
    add(head, "telj", document["delivered_on"])
    add(head, "fizh", document["due_on"])
    method = document["payment_method"]
    add(head, "fizmod", method)
    add(head, "fizmodunified", method if method in PAYMENTS else "egyéb")
    add(head, "keszpenz", boolean(method == "készpénz"))
    _add_some(head, "rendelesszam", document["order_number"])
    add(head, "nyelv", document["language"])
    add(head, "devizanem", document["currency"])
    if document["currency"] != "HUF":
        add(head, "devizabank", "MNB")
        add(head, "devizaarf", document["rate"])
    _add_some(head, "megjegyzes", document["comment"])
    add(head, "penzforg", "false")
    add(head, "kata", "false")
    add(head, "katafokonyv", "false")
    _add_some(head, "email", document["buyer"].get("email"))
    add(head, "teszt", boolean(account["test"]))
    if document["reversed"]:
        add(head, "sztornozott", "true")


def _buyer(root, buyer):
    element = add(root, "vevo")
    add(element, "nev", buyer["nev"])
    place = (buyer.get(name, "") for name in ("orszag", "irsz", "telepules", "cim"))
    _address(element, *place)
    _add_some(element, "email", buyer.get("email"))
    add(element, "adoszam", buyer.get("adoszam", ""))
    _add_some(element, "adoszameu", buyer.get("adoszamEU"))
    add(element, "lokacio", "1")
    add(element, "privatePersonIndicator", boolean(buyer.get("adoalany") == "-1"))


def _line(lines, line, row):
    element = add(lines, "tetel")
    add(element, "nev", line["name"])
    _add_some(element, "azonosito", line["sku"])
    add(element, "mennyiseg", line["quantity"])
    add(element, "mennyisegiegyseg", line["unit"])
    add(element, "nettoegysegar", line["unit_price"])
    _add_some(element, "afatipus", line["letters"])
    add(element, "afakulcs", line["rate"])
    add(element, "netto", line["net"])
    add(element, "afa", line["vat"])
    add(element, "brutto", line["gross"])
    _add_some(element, "megjegyzes", line["comment"])
    add(element, "sztetordering", str(row))


def _sums(root, document):
    sums = add(root, "osszegek")
    names = {"netto": "net", "afa": "vat", "brutto": "gross"}
    by_rate = {}
    for line in document["lines"]:
        by_rate.setdefault((line["letters"], line["rate"]), []).append(line)
    for (letters, rate), lines in by_rate.items():
        element = add(sums, "afakulcsossz")
        _add_some(element, "afatipus", letters)
        add(element, "afakulcs", rate)
        for tag, name in names.items():
            add(element, tag, str(sum(Decimal(line[name]) for line in lines)))
    total = add(sums, "totalossz")
    for tag, name in names.items():
        add(total, tag, document[name])


#: Parts of an address in their mandatory order -> elements of NAV's.
_ADDRESS = {
    "country": "countryCode",
    "region": "region",
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
_API = "http://schemas.nav.gov.hu/OSA/3.0/api"
_COMMON = "http://schemas.nav.gov.hu/NTCA/1.0/common"
_BASE = "http://schemas.nav.gov.hu/OSA/3.0/base"


def taxpayer(number, known, silent=False):
    """Answer like NAV's ``QueryTaxpayerResponse`` 3.0, elements in its order.

    :param dict known: of :mod:`.taxpayers`; None: there is no such taxpayer
    :param bool silent: True if NAV itself fails
    """
    spaces = {None: _API, "ns2": _COMMON, "ns3": _BASE}
    root = etree.Element(f"{{{_API}}}QueryTaxpayerResponse", nsmap=spaces)
    result = etree.SubElement(root, f"{{{_COMMON}}}result")
    function = etree.SubElement(result, f"{{{_COMMON}}}funcCode")
    function.text = "ERROR" if silent else "OK"
    if silent:
        for name, text in (("errorCode", "MAINTENANCE_MODE"), ("message", "NAV?")):
            etree.SubElement(result, f"{{{_COMMON}}}{name}").text = text
        return xml(root)
    add(root, "taxpayerValidity", boolean(known is not None))
    if known and known.get("name"):
        _taxpayer_data(add(root, "taxpayerData"), number, known)
    return xml(root)


def _taxpayer_data(data, number, known):
    add(data, "taxpayerName", known["name"])
    _add_some(data, "taxpayerShortName", known.get("short_name"))
    detail = add(data, "taxNumberDetail")
    etree.SubElement(detail, f"{{{_BASE}}}taxpayerId").text = number
    for tag, name in (("vatCode", "vat_code"), ("countyCode", "county")):
        if known.get(name):
            etree.SubElement(detail, f"{{{_BASE}}}{tag}").text = known[name]
    add(data, "incorporation", known.get("incorporation", "ORGANIZATION"))
    _add_some(data, "vatGroupMembership", known.get("group"))
    if not known.get("addresses"):
        return
    listed = add(data, "taxpayerAddressList")
    for place in known["addresses"]:
        item = add(listed, "taxpayerAddressItem")
        add(item, "taxpayerAddressType", place["kind"])
        element = add(item, "taxpayerAddress")
        for name, tag in _ADDRESS.items():
            if place.get(name):
                etree.SubElement(element, f"{{{_BASE}}}{tag}").text = place[name]


def render_pdf(document, account):
    """Return a page that looks a little like the document."""
    lines = [
        f"{document['type']} {document['number'] or '(preview)'}",
        account["organization"],
        f"Buyer: {document['buyer']['nev']}",
        *(
            f"{line['quantity']} {line['unit']} {line['name']}: {line['gross']}"
            for line in document["lines"]
        ),
        f"Total: {document['gross']} {document['currency']}",
    ]
    return pdf.make(lines)


def _portal(document, account):
    """Return a link to the buyer's page, "" where the account has none."""
    if not account["portal"]:
        return ""
    return (
        f"{account['portal']}?page=vevoifiokpay&partguid=1&szfejguid={document['id']}"
    )


def _address(parent, country, postcode, city, street):
    element = add(parent, "cim")
    _add_some(element, "orszag", country)
    add(element, "irsz", postcode)
    add(element, "telepules", city)
    add(element, "cim", street)


def root_of(name):
    """Return the root element of an answer, in its own namespace."""
    namespace = f"http://www.szamlazz.hu/{name}"
    return etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace})


def add(parent, name, text=None):
    """Add an element to ``parent`` and return it."""
    element = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}")
    element.text = text
    return element


def _add_some(parent, name, text):
    if text:
        add(parent, name, text)


def xml(root, headers=None):
    """Return the response with this root element."""
    body = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return Response(body, headers=headers, content_type=XML)


def _comma(amount):
    """Totals in headers: whole ones as they are, others with a decimal comma."""
    value = Decimal(amount)
    if value == value.to_integral_value():
        return f"{value:.0f}"
    return f"{value:f}".replace(".", ",")


def boolean(value):
    """Return an ``xs:boolean``."""
    return "true" if value else "false"


def base64_text(content):
    """Return bytes as text in base64."""
    return base64.b64encode(content).decode()
