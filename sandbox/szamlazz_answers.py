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
    root = _root("xmlszamlavalasz")
    _add(root, "sikeres", "true")
    if document["number"]:
        _add(root, "szamlaszam", document["number"])
        _add(root, "szamlanetto", document["net"])
        _add(root, "szamlabrutto", document["gross"])
        _add(root, "kintlevoseg", str(left))
    if url and document["number"]:
        _add(root, "vevoifiokurl", etree.CDATA(url))
    if with_pdf:
        _add(root, "pdf", _base64(render_pdf(document, account)))
    return _xml(root, headers)


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
    root = _root(name)
    _add(root, "sikeres", "false")
    _add(root, "hibakod", refusal.code)
    _add(root, "hibauzenet", etree.CDATA(refusal.message))
    if number:
        _add(root, "szamlaszam", number)
    return _xml(root, headers)


def deleted():
    """Answer that a proforma is gone."""
    root = _root("xmlszamladbkdelvalasz")
    _add(root, "sikeres", "true")
    return _xml(root)


def down():
    """Answer during maintenance."""
    return Response("", 200, headers={"szlahu_down": "true"}, content_type="text/html")


def queried(document, account, with_pdf):
    """Answer with the data of ``document`` (``szamla``, in the order of szamla.xsd)."""
    root = _root("szamla")
    seller = _add(root, "szallito")
    _add(seller, "id", "201")
    _add(seller, "nev", account["organization"])
    _address(seller, "Magyarország", "1111", "Budapest", "Minta utca 1.")
    _add(seller, "adoszam", account["tax_number"])
    _head(root, document, account)
    _buyer(root, document["buyer"])
    lines = _add(root, "tetelek")
    for row, line in enumerate(document["lines"], 1):
        _line(lines, line, row)
    _sums(root, document)
    if document["payments"]:
        paid = _add(root, "kifizetesek")
        for payment in document["payments"]:
            entry = _add(paid, "kifizetes")
            _add(entry, "datum", payment["date"])
            _add(entry, "jogcim", payment["title"])
            _add(entry, "osszeg", payment["amount"])
            _add(entry, "megjegyzes", payment["note"])
    if with_pdf:
        _add(root, "pdf", _base64(render_pdf(document, account)))
    return _xml(root)


def _head(root, document, account):
    head = _add(root, "alap")
    _add(head, "id", str(document["id"]))
    _add(head, "szamlaszam", document["number"])
    _add(head, "gazdEsemAzon", str(document["id"]))
    _add(head, "tipus", document["type"])
    _add(head, "eszamla", _FORMS[document["electronic"]])
    _add_some(head, "hivszamlaszam", document["refers_to"])
    _add_some(head, "hivdijbekszam", document["proforma"])
    _add(head, "kelt", document["issued_on"])
    _add(head, "telj", document["delivered_on"])
    _add(head, "fizh", document["due_on"])
    method = document["payment_method"]
    _add(head, "fizmod", method)
    _add(head, "fizmodunified", method if method in PAYMENTS else "egyéb")
    _add(head, "keszpenz", _boolean(method == "készpénz"))
    _add_some(head, "rendelesszam", document["order_number"])
    _add(head, "nyelv", document["language"])
    _add(head, "devizanem", document["currency"])
    if document["currency"] != "HUF":
        _add(head, "devizabank", "MNB")
        _add(head, "devizaarf", document["rate"])
    _add_some(head, "megjegyzes", document["comment"])
    _add(head, "penzforg", "false")
    _add(head, "kata", "false")
    _add(head, "katafokonyv", "false")
    _add_some(head, "email", document["buyer"].get("email"))
    _add(head, "teszt", _boolean(account["test"]))
    if document["reversed"]:
        _add(head, "sztornozott", "true")


def _buyer(root, buyer):
    element = _add(root, "vevo")
    _add(element, "nev", buyer["nev"])
    place = (buyer.get(name, "") for name in ("orszag", "irsz", "telepules", "cim"))
    _address(element, *place)
    _add_some(element, "email", buyer.get("email"))
    _add(element, "adoszam", buyer.get("adoszam", ""))
    _add_some(element, "adoszameu", buyer.get("adoszamEU"))
    _add(element, "lokacio", "1")
    _add(element, "privatePersonIndicator", _boolean(buyer.get("adoalany") == "-1"))


def _line(lines, line, row):
    element = _add(lines, "tetel")
    _add(element, "nev", line["name"])
    _add_some(element, "azonosito", line["sku"])
    _add(element, "mennyiseg", line["quantity"])
    _add(element, "mennyisegiegyseg", line["unit"])
    _add(element, "nettoegysegar", line["unit_price"])
    _add_some(element, "afatipus", line["letters"])
    _add(element, "afakulcs", line["rate"])
    _add(element, "netto", line["net"])
    _add(element, "afa", line["vat"])
    _add(element, "brutto", line["gross"])
    _add_some(element, "megjegyzes", line["comment"])
    _add(element, "sztetordering", str(row))


def _sums(root, document):
    sums = _add(root, "osszegek")
    names = {"netto": "net", "afa": "vat", "brutto": "gross"}
    by_rate = {}
    for line in document["lines"]:
        by_rate.setdefault((line["letters"], line["rate"]), []).append(line)
    for (letters, rate), lines in by_rate.items():
        element = _add(sums, "afakulcsossz")
        _add_some(element, "afatipus", letters)
        _add(element, "afakulcs", rate)
        for tag, name in names.items():
            _add(element, tag, str(sum(Decimal(line[name]) for line in lines)))
    total = _add(sums, "totalossz")
    for tag, name in names.items():
        _add(total, tag, document[name])


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
        return _xml(root)
    _add(root, "taxpayerValidity", _boolean(known is not None))
    if known and known.get("name"):
        _taxpayer_data(_add(root, "taxpayerData"), number, known)
    return _xml(root)


def _taxpayer_data(data, number, known):
    _add(data, "taxpayerName", known["name"])
    _add_some(data, "taxpayerShortName", known.get("short_name"))
    detail = _add(data, "taxNumberDetail")
    etree.SubElement(detail, f"{{{_BASE}}}taxpayerId").text = number
    for tag, name in (("vatCode", "vat_code"), ("countyCode", "county")):
        if known.get(name):
            etree.SubElement(detail, f"{{{_BASE}}}{tag}").text = known[name]
    _add(data, "incorporation", known.get("incorporation", "ORGANIZATION"))
    _add_some(data, "vatGroupMembership", known.get("group"))
    if not known.get("addresses"):
        return
    listed = _add(data, "taxpayerAddressList")
    for place in known["addresses"]:
        item = _add(listed, "taxpayerAddressItem")
        _add(item, "taxpayerAddressType", place["kind"])
        element = _add(item, "taxpayerAddress")
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
    element = _add(parent, "cim")
    _add_some(element, "orszag", country)
    _add(element, "irsz", postcode)
    _add(element, "telepules", city)
    _add(element, "cim", street)


def _root(name):
    namespace = f"http://www.szamlazz.hu/{name}"
    return etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace})


def _add(parent, name, text=None):
    element = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}")
    element.text = text
    return element


def _add_some(parent, name, text):
    if text:
        _add(parent, name, text)


def _xml(root, headers=None):
    body = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return Response(body, headers=headers, content_type=XML)


def _comma(amount):
    """Totals in headers: whole ones as they are, others with a decimal comma."""
    value = Decimal(amount)
    if value == value.to_integral_value():
        return f"{value:.0f}"
    return f"{value:f}".replace(".", ",")


def _boolean(value):
    return "true" if value else "false"


def _base64(content):
    return base64.b64encode(content).decode()
