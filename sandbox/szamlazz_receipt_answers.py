"""How Számlázz.hu answers about receipts: elements of their own, in no order."""

from decimal import Decimal

from . import pdf
from .szamlazz_answers import add, base64_text, boolean, root_of, xml


def told(document, account, layout="", *, with_pdf):
    """Answer with a receipt (``xmlnyugtavalasz``).

    :param str layout: ``pdfSablon``; what is none of the four is A4, like none at all
    """
    root = root_of("xmlnyugtavalasz")
    add(root, "sikeres", "true")
    if with_pdf:
        content = base64_text(render_pdf(document, account, layout))
        add(root, "nyugtaPdf", content)
    receipt = add(root, "nyugta")
    _head(add(receipt, "alap"), document, account)
    lines = add(receipt, "tetelek")
    for row in document["lines"]:
        _line(add(lines, "tetel"), row)
    if document["payments"]:
        paid = add(receipt, "kifizetesek")
        for row in document["payments"]:
            entry = add(paid, "kifizetes")
            add(entry, "fizetoeszkoz", row["title"])
            add(entry, "osszeg", row["amount"])
            if row["note"]:
                add(entry, "leiras", row["note"])
    _sums(add(receipt, "osszegek"), document)
    return xml(root)


def sent_by_mail():
    """Answer that a receipt was e-mailed (``xmlnyugtasendvalasz``)."""
    root = root_of("xmlnyugtasendvalasz")
    add(root, "sikeres", "true")
    return xml(root)


def render_pdf(document, account, layout):
    """Return a page that looks a little like the receipt."""
    return pdf.make(
        [
            f"Layout {layout if layout in ('N', 'J', 'L') else 'A'}",
            f"{document['type']} {document['number']}",
            account["organization"],
            *(
                f"{row['quantity']} {row['unit']} {row['name']}: {row['gross']}"
                for row in document["lines"]
            ),
            f"Total: {document['gross']} {document['currency']}",
        ]
    )


def _head(head, document, account):
    add(head, "id", str(document["id"]))
    if document["key"]:
        add(head, "hivasAzonosito", document["key"])
    add(head, "nyugtaszam", document["number"])
    add(head, "tipus", document["type"])
    add(head, "stornozott", boolean(document["reversed"]))
    if document["refers_to"]:
        add(head, "stornozottNyugtaszam", document["refers_to"])
    add(head, "kelt", document["issued_on"])
    add(head, "fizmod", document["payment_method"])
    add(head, "penznem", document["currency"])
    if document["rate"]:
        add(head, "devizabank", "MNB")
        add(head, "devizaarf", document["rate"])
    if document["comment"]:
        add(head, "megjegyzes", document["comment"])
    add(head, "teszt", boolean(account["test"]))
    if document["order_number"]:
        add(head, "rendelesSzam", document["order_number"])


def _line(element, row):
    add(element, "megnevezes", row["name"])
    if row["sku"]:
        add(element, "azonosito", row["sku"])
    add(element, "nettoEgysegar", row["unit_price"])
    add(element, "mennyiseg", row["quantity"])
    add(element, "mennyisegiEgyseg", row["unit"])
    _rate_and_amounts(element, row["letters"], row["rate"], [row])


def _rate_and_amounts(element, letters, percent, rows):
    if letters:
        add(element, "afatipus", letters)
    add(element, "afakulcs", percent)
    for tag, name in (("netto", "net"), ("afa", "vat"), ("brutto", "gross")):
        add(element, tag, str(sum(Decimal(row[name]) for row in rows)))


def _sums(sums, document):
    by_rate = {}
    for row in document["lines"]:
        by_rate.setdefault((row["letters"], row["rate"]), []).append(row)
    for (letters, percent), rows in by_rate.items():
        _rate_and_amounts(add(sums, "afakulcsossz"), letters, percent, rows)
    total = add(sums, "totalossz")
    for tag, name in (("netto", "net"), ("afa", "vat"), ("brutto", "gross")):
        add(total, tag, document[name])
