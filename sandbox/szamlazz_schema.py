"""What each request of Számla Agent must look like, element by element.

A type is a line of elements in their mandatory order: ``name`` may be there once,
``name!`` must be, ``name*`` may repeat, ``name:type`` has a type other than text,
``one|other`` is one of two; a line that begins with ``&`` has no order (``xs:all``).
The vendor publishes two editions of ``xmlszamla`` and ``xmlnyugtacreate`` that
disagree; the sandbox takes only what both allow.  Of ``xmlnyugtaget`` it takes the
documentation's: without ``rendelesSzam`` no receipt could be found.
"""

import re
from datetime import date

from lxml import etree

_KEY = "felhasznalo jelszo szamlaagentkulcs"
_TYPES = {
    "xmlszamla": "beallitasok!:create_settings fejlec!:create_header elado!:seller "
    "vevo!:buyer fuvarlevel:waybill tetelek!:lines",
    "create_settings": f"{_KEY} eszamla!:boolean szamlaLetoltes!:boolean "
    "szamlaLetoltesPld:int valaszVerzio:int aggregator guardian:boolean "
    "cikkazoninvoice:boolean szamlaKulsoAzon",
    "create_header": "keltDatum:date teljesitesDatum!:date "
    "fizetesiHataridoDatum!:date fizmod! penznem! szamlaNyelve!:language megjegyzes "
    "arfolyamBank arfolyam:double rendelesSzam dijbekeroSzamlaszam "
    "elolegszamla:boolean vegszamla:boolean elolegSzamlaszam helyesbitoszamla:boolean "
    "helyesbitettSzamlaszam dijbekero:boolean szallitolevel:boolean logoExtra "
    "szamlaszamElotag fizetendoKorrekcio:double fizetve:boolean arresAfa:boolean "
    "eusAfa:boolean szamlaSablon elonezetpdf|simpleItems:boolean",
    "seller": "bank bankszamlaszam emailReplyto emailTargy emailSzoveg alairoNeve",
    "buyer": "nev! orszag irsz! telepules! cim! email sendEmail:boolean adoalany:int "
    "adoszam adoszamEU postazasiNev postazasiOrszag postazasiIrsz postazasiTelepules "
    "postazasiCim vevoFokonyv:buyer_ledger azonosito alairoNeve telefonszam megjegyzes",
    "buyer_ledger": "konyvelesDatum:date vevoAzonosito vevoFokonyviSzam "
    "folyamatosTelj:boolean elszDatumTol:date elszDatumIg:date",
    "waybill": "uticel futarSzolgalat vonalkod megjegyzes",
    "lines": "tetel!*:line",
    "line": "megnevezes! azonosito mennyiseg!:double mennyisegiEgyseg! "
    "nettoEgysegar!:double afakulcs! arresAfaAlap:double nettoErtek!:double "
    "afaErtek!:double bruttoErtek!:double megjegyzes tetelFokonyv:line_ledger",
    "line_ledger": "gazdasagiEsem gazdasagiEsemAfa arbevetelFokonyviSzam "
    "afaFokonyviSzam elszDatumTol:date elszDatumIg:date",
    "xmlszamlast": "beallitasok!:storno_settings fejlec!:storno_header "
    "elado:storno_seller vevo:storno_buyer",
    "storno_settings": f"{_KEY} eszamla!:boolean szamlaLetoltes!:boolean "
    "szamlaLetoltesPld:int aggregator guardian:boolean valaszVerzio:int "
    "szamlaKulsoAzon",
    "storno_header": "szamlaszam! keltDatum:date teljesitesDatum:date megjegyzes tipus "
    "szamlaSablon",
    "storno_seller": "emailReplyto emailTargy emailSzoveg",
    "storno_buyer": "email adoszam adoszamEU",
    "xmlszamlakifiz": "beallitasok!:payment_settings kifizetes*:payment",
    "payment_settings": f"{_KEY} szamlaszam! adoszam additiv!:boolean aggregator "
    "valaszVerzio:int",
    "payment": "datum!:date jogcim! osszeg!:double leiras",
    "xmlszamlapdf": f"{_KEY} szamlaszam rendelesSzam valaszVerzio!:int szamlaKulsoAzon",
    "xmlszamlaxml": f"{_KEY} szamlaszam rendelesSzam pdf:boolean szamlaKulsoAzon",
    "xmlszamladbkdel": "beallitasok!:key fejlec!:proforma_header",
    "key": _KEY,
    "proforma_header": "szamlaszam rendelesszam",
    "xmltaxpayer": "beallitasok!:key torzsszam!:core_number",
    "xmlnyugtacreate": "& beallitasok!:receipt_settings fejlec!:receipt_header "
    "tetelek!:receipt_lines kifizetesek:tenders",
    "receipt_settings": f"& {_KEY} pdfLetoltes!:boolean",
    "receipt_header": "& hivasAzonosito elotag! fizmod! penznem! devizaarf:double "
    "devizabank megjegyzes pdfSablon fokonyvVevo rendelesSzam",
    "receipt_lines": "tetel!*:receipt_line",
    "receipt_line": "& megnevezes! azonosito mennyiseg!:double mennyisegiEgyseg! "
    "nettoEgysegar!:double afakulcs! netto!:double afa!:double brutto!:double "
    "fokonyv:receipt_ledger megjegyzes",
    "receipt_ledger": "& arbevetel afa",
    "tenders": "kifizetes!*:tender",
    "tender": "& fizetoeszkoz! osszeg!:double leiras",
    "xmlnyugtast": "beallitasok!:receipt_storno_settings fejlec!:receipt_storno_header",
    "receipt_storno_settings": f"{_KEY} pdfLetoltes!:boolean",
    "receipt_storno_header": "nyugtaszam! pdfSablon hivasAzonosito",
    "xmlnyugtaget": "& beallitasok!:receipt_settings fejlec!:receipt_get_header",
    "receipt_get_header": "& nyugtaszam rendelesSzam hivasAzonosito pdfSablon",
    "xmlnyugtasend": "beallitasok!:key fejlec!:receipt_send_header "
    "emailKuldes:receipt_mail",
    "receipt_send_header": "nyugtaszam!",
    "receipt_mail": "email emailReplyto emailTargy emailSzoveg",
}
_MOST = {"payment": 5}  # by type
_LANGUAGES = "hu|en|de|it|ro|sk|hr|fr|es|cz|pl|bg|nl|ru|si"
_VALUES = {
    "boolean": "true|false|0|1",
    "int": "[+-]?[0-9]{1,9}",
    "double": r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?",
    "date": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "language": _LANGUAGES,
    "core_number": "[0-9]{8}",
}


class Invalid(Exception):
    """The request is not what the schema says, in the words of Xerces."""


def parse(body):
    """Return the request in ``body`` (bytes) as nested dicts, and its root's name.

    Texts are as they were sent; an element that may repeat is a list.

    :raises Invalid: if it is not well-formed or not valid
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Invalid(f"The document is not well-formed: {error}") from None
    name = etree.QName(root).localname
    namespace = f"http://www.szamlazz.hu/{name}"
    if not name.startswith("xml") or name not in _TYPES:
        raise Invalid(f"cvc-elt.1: Cannot find the declaration of element '{name}'.")
    if etree.QName(root).namespace != namespace:
        raise Invalid(
            f"cvc-elt.1: Cannot find the declaration of element '{root.tag}'."
        )
    return name, _read(root, name, namespace)


def _read(element, kind, namespace):
    if kind not in _TYPES:
        return _value(element, kind)
    if (element.text or "").strip() or any((c.tail or "").strip() for c in element):
        name = etree.QName(element).localname
        raise Invalid(
            f"cvc-complex-type.2.3: Element '{name}' cannot have character "
            "[children], because the type's content type is element-only."
        )
    children = [child for child in element if isinstance(child.tag, str)]
    if _TYPES[kind].startswith("&"):
        children.sort(key=_place(kind))
    found = {}
    for names, required, repeated, type_name in _elements(kind):
        tags = [f"{{{namespace}}}{name}" for name in names]
        count = 0
        most = _MOST.get(type_name, 10**6) if repeated else 1
        while children and children[0].tag in tags and count < most:
            child = children.pop(0)
            value = _read(child, type_name, namespace)
            name = etree.QName(child).localname
            if repeated:
                found.setdefault(name, []).append(value)
            else:
                found[name] = value
            count += 1
        if required and not count:
            raise Invalid(_unexpected(element, children, names[0], namespace))
    if children:
        raise Invalid(_unexpected(element, children, None, namespace))
    return found


def _place(kind):
    """Return the key that sorts children like the type: unknown ones to the end."""
    names = [names[0] for names, *_rest in _elements(kind)]

    def place(child):
        name = etree.QName(child).localname
        return names.index(name) if name in names else len(names)

    return place


def _elements(kind):
    for word in _TYPES[kind].removeprefix("&").split():
        declared, _, type_name = word.partition(":")
        names = declared.rstrip("!*").split("|")
        yield names, "!" in declared, "*" in declared, type_name or "string"


def _value(element, kind):
    name = etree.QName(element).localname
    if len(element):
        raise Invalid(
            f"cvc-type.3.1.2: Element '{name}' is a simple type, so it must have no "
            "element information item [children]."
        )
    text = element.text or ""
    if kind == "string":
        return text
    value = text.strip()
    if not re.fullmatch(_VALUES[kind], value) or (
        kind == "date" and not _is_day(value)
    ):
        raise Invalid(
            f"cvc-datatype-valid.1.2.1: '{text}' is not a valid value for '{kind}'. "
            f"cvc-type.3.1.3: The value '{text}' of element '{name}' is not valid."
        )
    return value in ("true", "1") if kind == "boolean" else value


def _is_day(value):
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _unexpected(element, children, expected, namespace):
    one_of = (
        f" One of '{{\"{namespace}\":{expected}}}' is expected." if expected else ""
    )
    if not children:
        name = etree.QName(element).localname
        return (
            f"cvc-complex-type.2.4.b: The content of element '{name}' is not complete."
            + one_of
        )
    tag = etree.QName(children[0])
    return (
        "cvc-complex-type.2.4.a: Invalid content was found starting with element "
        f"'{{\"{tag.namespace}\":{tag.localname}}}'."
        + (one_of or " No child element is expected at this point.")
    )
