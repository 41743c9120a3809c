"""Számlázz.hu's documents: how they are made and found."""

import re
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from .szamlazz_rules import Refusal, check_currency, line

_KINDS = {
    "SZ": "invoice",
    "ES": "invoice",
    "VS": "invoice",
    "D": "proforma",
    "SL": "delivery_note",
    "SS": "storno",
    "HS": "correction",
}
#: What says that something is supplied: an invoice, an advance, a final one.
_SUPPLIES = frozenset(code for code, kind in _KINDS.items() if kind == "invoice")


class Documents:
    """All documents of all accounts; each is a dict in ``emulator.state``."""

    def __init__(self, emulator):
        self.emulator = emulator

    @property
    def all(self):
        """The documents, oldest first."""
        return self.emulator.state["documents"]

    def today(self):
        """The day in Budapest, in ISO form."""
        now = datetime.fromtimestamp(
            self.emulator.world.now(), ZoneInfo("Europe/Budapest")
        )
        return now.date().isoformat()

    # === FINDING === #

    def find(self, account, number=None, order_number=None, external_key=None):
        """Return the newest document with one of the keys, None if there is none."""
        for document in reversed(self.all):
            if document["account"] != account["id"] or document["gone"]:
                continue
            if number is not None:
                if document["number"] == number:
                    return document
            elif order_number is not None:
                if document["order_number"] == order_number:
                    return document
            elif external_key and document["external_key"] == external_key.strip():
                return document
        return None

    def need(self, account, number):
        """Return the document with this number; error 7 if there is none."""
        document = self.find(account, number)
        if document is None:
            raise Refusal(
                7,
                "Hiányzó adat: számla agent xml lekérés hiba (ismeretlen számlaszám).",
            )
        return document

    # === CREATING === #

    def create(self, account, sent, body):
        """Make the document that ``sent`` (a parsed request) describes.

        Returns it, or the earlier one that this request repeats.  A preview is a
        document without a number, kept nowhere.
        """
        settings, header = sent["beallitasok"], sent["fejlec"]
        self._check_form(account, settings)
        check_currency(header)
        kind = _type(header)
        original = self._original(account, header) if kind == "HS" else None
        proforma = self._proforma(account, header)
        advance = self._advance(account, header) if kind == "VS" else None
        document = self._draft(account, sent, kind)
        document["request"] = without_key(body)
        if header.get("elonezetpdf"):
            return document
        repeated = self._guard(account, document)
        if repeated:
            return repeated
        if advance:
            self._check_unsettled(advance)
            document["settles"] = advance["number"]
        self.number(account, document, header.get("szamlaszamElotag"))
        document["external_key"] = settings.get("szamlaKulsoAzon", "").strip()
        if original:
            document["refers_to"] = original["number"]
            original["corrected"] = True
        if header.get("fizetve"):
            document["payments"] = [
                {
                    "date": document["issued_on"],
                    "title": document["payment_method"],
                    "amount": document["gross"],
                    "note": "",
                }
            ]
        if kind in _SUPPLIES:
            self._consume(account, document, proforma)
        self.all.append(document)
        return document

    def _check_form(self, account, settings):
        if settings["eszamla"] and not account["e_invoices"]:
            raise Refusal(54, "Az e-számla kibocsátás nincs engedélyezve.")
        if settings["eszamla"] and account["signing_broken"]:
            raise Refusal(55, "Az e-számla aláírása nem sikerült.")

    def _original(self, account, header):
        original = self.need(account, header.get("helyesbitettSzamlaszam", ""))
        if original["reversed"] or original["type"] not in _SUPPLIES:
            raise Refusal(14, f"{original['number']} nem helyesbíthető.")
        return original

    def _advance(self, account, header):
        """Return the advance invoice that a final one settles; 73 if there is none.

        By its number, or else by the order number that both have.
        """
        number = header.get("elolegSzamlaszam", "")
        order_number = header.get("rendelesSzam", "").strip()
        for document in reversed(self.all):
            if (
                document["account"] == account["id"]
                and document["type"] == "ES"
                and not document["reversed"]
                and (number or order_number)
                in (document["number"], document["order_number"])
            ):
                return document
        raise Refusal(73, "Az előlegszámla nem azonosítható.")

    def _check_unsettled(self, advance):
        """Refuse a second final invoice; that a reversed one leaves it is a guess."""
        for document in self.all:
            if (
                document["account"] == advance["account"]
                and document.get("settles") == advance["number"]
                and document["type"] == "VS"
                and not document["reversed"]
            ):
                raise Refusal(73, "Az előlegszámlához már tartozik végszámla.")

    def _proforma(self, account, header):
        number = header.get("dijbekeroSzamlaszam")
        if not number:
            return None
        proforma = self.find(account, number)
        if proforma is None or proforma["type"] != "D":
            raise Refusal(335, f"Nincs ilyen díjbekérő: {number}")
        return proforma

    def _draft(self, account, sent, kind):
        header, buyer = sent["fejlec"], sent["vevo"]
        currency = "HUF" if header["penznem"] == "Ft" else header["penznem"]
        lines = [
            line(tetel, row, currency)
            for row, tetel in enumerate(sent["tetelek"]["tetel"], 1)
        ]
        totals = {
            name: str(sum(Decimal(entry[name]) for entry in lines))
            for name in ("net", "vat", "gross")
        }
        return {
            **totals,
            "id": 0,
            "number": "",
            "account": account["id"],
            "type": kind,
            "electronic": sent["beallitasok"]["eszamla"],
            "issued_on": self.today(),
            "delivered_on": header["teljesitesDatum"],
            "due_on": header["fizetesiHataridoDatum"],
            "payment_method": header["fizmod"],
            "currency": currency,
            "rate": rate(account, header.get("arfolyam", "0"), currency),
            "language": header["szamlaNyelve"],
            "comment": header.get("megjegyzes", ""),
            "order_number": header.get("rendelesSzam", "").strip(),
            "external_key": "",
            "proforma": header.get("dijbekeroSzamlaszam", ""),
            "refers_to": "",
            "buyer": buyer,
            "lines": lines,
            "payments": [],
            "reversed": False,
            "corrected": False,
            "gone": False,
            "created_at": self.emulator.world.now(),
        }

    def _guard(self, account, document):
        """Return the document that this one repeats; refuse another one (152).

        All dates must be equal, that of issue too: the two days within which the
        service documents the replay end at midnight.
        """
        if not account["order_number_guard"] or document["type"] == "HS":
            return None
        order_number = document["order_number"]
        for earlier in reversed(self.all):
            if (
                not order_number
                or earlier["account"] != account["id"]
                or earlier["type"] != document["type"]
                or earlier["order_number"] != order_number
                or earlier["reversed"]
                or earlier["gone"]
            ):
                continue
            same = all(
                earlier[name] == document[name]
                for name in ("gross", "issued_on", "delivered_on", "due_on")
            ) and (earlier["buyer"]["nev"] == document["buyer"]["nev"])
            if same:
                return earlier
            raise Refusal(152, f"Már létező rendelésszám: {order_number}.")
        return None

    def number(self, account, document, prefix):
        """Number ``document``; error 202 if ``prefix`` is not registered."""
        if prefix is not None and prefix not in account["prefixes"]:
            raise Refusal(202, f"A megadott előtag nem létezik: {prefix}")
        prefix = prefix or account["prefixes"][0]
        if document["type"] in ("D", "SL"):
            prefix = f"{document['type']}-{prefix}"
        name = f"{account['id']} {prefix}"
        counters = self.emulator.state["counters"]
        counters[name] = counters.get(name, 0) + 1
        document["number"] = f"{prefix}-{document['issued_on'][:4]}-{counters[name]}"
        document["id"] = self.emulator.next_id()

    def _consume(self, account, document, proforma):
        """An invoice uses up its proforma, or those that share its order number."""
        for other in self.all:
            if other["account"] == account["id"] and other["type"] == "D":
                named = other is proforma
                shared = other["order_number"] == document["order_number"] != ""
                if (named or shared) and not other["gone"]:
                    other["gone"] = True
                    document["proforma"] = other["number"]

    # === LEDGER === #

    def entry(self, document):
        """Return a document as the ledger shows it."""
        kind = _KINDS[document["type"]]
        return {
            "service": self.emulator.service,
            "account": document["account"],
            "id": str(document["id"]),
            "number": document["number"],
            "kind": kind,
            "external_key": document["external_key"],
            "order_number": document["order_number"],
            "buyer": document["buyer"]["nev"],
            "gross": document["gross"],
            "currency": document["currency"],
            "cancelled": document["reversed"],
            "cancels": document["refers_to"] if kind == "storno" else "",
            "paid": str(
                sum(Decimal(entry["amount"]) for entry in document["payments"])
            ),
            "deleted": document["gone"],
            "created_at": document["created_at"],
            "request": document["request"],
        }


def rate(account, sent, currency):
    """Return the exchange rate of a document: that of the request, or the bank's."""
    if currency == "HUF":
        return ""
    return str(Decimal(sent) or account["rates"].get(currency, 1))


def outstanding(document):
    """Return what is owed on a document, a Decimal."""
    paid = sum(Decimal(entry["amount"]) for entry in document["payments"])
    return Decimal(document["gross"]) - paid


def _type(header):
    for name, kind in (
        ("dijbekero", "D"),
        ("szallitolevel", "SL"),
        ("helyesbitoszamla", "HS"),
        ("elolegszamla", "ES"),
        ("vegszamla", "VS"),
    ):
        if header.get(name):
            return kind
    return "SZ"


def without_key(body):
    """Return a request (bytes) as text, without the Agent key."""
    key = rb"<szamlaagentkulcs>[^<]*</szamlaagentkulcs>"
    return re.sub(key, b"", body).decode("utf-8", "replace")
