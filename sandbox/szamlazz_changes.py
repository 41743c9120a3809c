"""Számlázz.hu's documents after issue: reversed, paid, deleted.

What nobody has published is played in the way that hurts a careless client most.  That
the form of a storno must be its original's is such a guess (as error 57).
"""

from decimal import Decimal

from .szamlazz_documents import without_key
from .szamlazz_rules import Refusal, rounded


def reverse(papers, account, sent, body):
    """Make the storno of an invoice, or return what the service returns instead."""
    header, settings = sent["fejlec"], sent["beallitasok"]
    original = papers.need(account, header["szamlaszam"])
    if original["type"] in ("D", "SL"):
        return original
    if original["type"] == "SS":
        raise Refusal(14, "Sztornó számla nem sztornózható.")
    if original["type"] == "HS":
        raise Refusal(13, "A helyesbítő számla nem sztornózható.")
    if original["corrected"]:
        raise Refusal(221, "Helyesbített számla nem sztornózható.")
    if original["reversed"]:
        return next(
            document
            for document in papers.all
            if document["account"] == account["id"]
            and document["type"] == "SS"
            and document["refers_to"] == original["number"]
        )
    if header.get("keltDatum", papers.today()) != papers.today():
        raise Refusal(352, "A számla kelte csak a mai nap lehet.")
    if settings["eszamla"] != original["electronic"]:
        raise Refusal(57, "A sztornó formája eltér az eredeti számláétól.")
    return _storno(papers, account, original, sent, body)


def _storno(papers, account, original, sent, body):
    header = sent["fejlec"]
    document = dict(
        original,
        type="SS",
        delivered_on=header.get("teljesitesDatum", original["delivered_on"]),
        issued_on=papers.today(),
        comment=header.get("megjegyzes", ""),
        external_key=sent["beallitasok"].get("szamlaKulsoAzon", "").strip(),
        refers_to=original["number"],
        lines=[_negative(entry) for entry in original["lines"]],
        payments=[],
        created_at=papers.emulator.world.now(),
        request=without_key(body),
    )
    for name in ("net", "vat", "gross"):
        document[name] = str(-Decimal(original[name]))
    papers.number(account, document, original["number"].rsplit("-", 2)[0])
    original["reversed"] = True
    original["payments"] = []
    papers.all.append(document)
    return document


def pay(papers, account, sent):
    """Set or add the credit entries of a document."""
    settings = sent["beallitasok"]
    document = papers.need(account, settings["szamlaszam"])
    if document["reversed"] or document["type"] == "SS":
        raise Refusal(
            463, "Sztornózott vagy sztornó számlára nem rögzíthető jóváírás.", True
        )
    entries = [
        {
            "date": entry["datum"],
            "title": entry["jogcim"],
            "amount": str(rounded(Decimal(entry["osszeg"]), document["currency"])),
            "note": entry.get("leiras", ""),
        }
        for entry in sent.get("kifizetes", [])
    ]
    kept = document["payments"] if settings["additiv"] else []
    document["payments"] = kept + entries
    return document


def delete_proforma(papers, account, sent):
    """Delete the proforma with a number, or all with an order number."""
    header = sent["fejlec"]
    key = (
        ("number", header["szamlaszam"])
        if header.get("szamlaszam")
        else ("order_number", header.get("rendelesszam") or None)
    )
    found = [
        document
        for document in papers.all
        if document["account"] == account["id"]
        and document["type"] == "D"
        and not document["gone"]
        and document[key[0]] == key[1]
    ]
    if not found:
        raise Refusal(
            335,
            "nincs ilyen díjbekérő a rendszerben, már törlésre került vagy nem is "
            "létezett",
        )
    for document in found:
        document["gone"] = True


def _negative(entry):
    """A storno line: the quantity and the values change their sign."""
    names = ("quantity", "net", "vat", "gross")
    return {**entry, **{name: str(-Decimal(entry[name])) for name in names}}
