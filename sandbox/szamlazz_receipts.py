"""Számlázz.hu's receipts (nyugta): made, reversed, found, e-mailed.

Sources: docs.szamlazz.hu agent/generating_receipt and its neighbours, the schemas, and
what szamlazz-rs saw on a test account on 2026-09-11 (prefixes, 338, 153, what a storno
says).  With which code a second storno is refused nobody has published: here it is one
that nobody has explained either.
"""

import re
from decimal import Decimal

from .szamlazz_documents import rate, without_key
from .szamlazz_rules import CURRENCIES, Refusal, vat_rate

_KINDS = {"NY": "receipt", "SN": "storno"}
_AMOUNTS = ("net", "vat", "gross")
#: Seconds between two e-mails of an account (153).
MAIL_PAUSE = 15
#: Code of a storno that cannot be made: an invention.
UNEXPLAINED = 999


class Receipts:
    """The receipts of all accounts; each is a dict in ``emulator.state``."""

    def __init__(self, emulator, today):
        self.emulator = emulator
        self._today = today

    @property
    def all(self):
        """The receipts and their stornos, oldest first."""
        return self.emulator.state.setdefault("receipts", [])

    # === FOUR FUNCTIONS === #

    def create(self, account, sent, body):
        """Make the receipt that ``sent`` (a parsed request) describes."""
        header = sent["fejlec"]
        key = header.get("hivasAzonosito", "").strip()
        prefix = header["elotag"]
        self._check_prefix(account, prefix)
        self._check_key(account, key)
        currency = _currency(header)
        lines = [
            line(row, number, currency)
            for number, row in enumerate(sent["tetelek"]["tetel"], 1)
        ]
        document = {
            **{n: str(sum(Decimal(row[n]) for row in lines)) for n in _AMOUNTS},
            "account": account["id"],
            "type": "NY",
            "key": key,
            "order_number": header.get("rendelesSzam", "").strip(),
            "issued_on": self._today(),
            "payment_method": header["fizmod"],
            "currency": currency,
            "rate": rate(account, header.get("devizaarf", "0"), currency),
            "comment": header.get("megjegyzes", ""),
            "lines": lines,
            "payments": _payments(sent),
            "reversed": False,
            "refers_to": "",
            "mailed": {},
            "created_at": self.emulator.world.now(),
            "request": without_key(body),
        }
        _check_payments(document)
        self._guard(account, document)
        return self._add(account, document, prefix)

    def reverse(self, account, sent, body):
        """Make the storno of a receipt; a second one is refused."""
        header = sent["fejlec"]
        original = self._need(account, header["nyugtaszam"])
        if original["type"] == "SN":
            raise Refusal(UNEXPLAINED, "Sztornó nyugta nem sztornózható.")
        if original["reversed"]:
            raise Refusal(UNEXPLAINED, "A nyugta már sztornózva van.")
        key = header.get("hivasAzonosito", "").strip()
        self._check_key(account, key)
        document = {
            **original,
            **{name: _minus(original[name]) for name in _AMOUNTS},
            "type": "SN",
            "key": key,
            "issued_on": self._today(),
            "lines": [
                {**row, **{n: _minus(row[n]) for n in ("quantity", *_AMOUNTS)}}
                for row in original["lines"]
            ],
            "payments": [
                {**row, "amount": _minus(row["amount"])} for row in original["payments"]
            ],
            "reversed": True,
            "refers_to": original["number"],
            "mailed": {},
            "created_at": self.emulator.world.now(),
            "request": without_key(body),
        }
        original["reversed"] = True
        return self._add(account, document, original["number"].rsplit("-", 2)[0])

    def find(self, account, sent):
        """Return the receipt with a number, or the last one with an order number."""
        header = sent["fejlec"]
        number, order_number = header.get("nyugtaszam"), header.get("rendelesSzam")
        if order_number is not None and not account["receipts_by_order"]:
            raise Refusal(57, "XML beolvasási hiba. Invalid content: 'rendelesSzam'.")
        if not (number or order_number):
            raise Refusal(7, "Hiányzó adat: nyugtaszám vagy rendelésszám.")
        for document in reversed(self.of(account)):
            if number in (None, document["number"]) and (
                order_number in (None, document["order_number"])
            ):
                return document
        raise Refusal(339, "A nyugta nem található.")

    def send(self, account, sent):
        """E-mail a receipt: with the details of the request, or again with the last."""
        document = self._need(account, sent["fejlec"]["nyugtaszam"])
        if "emailKuldes" not in sent:
            return
        details = {**document["mailed"], **sent["emailKuldes"]}
        for name in ("emailTargy", "email"):
            if not details.get(name):
                raise Refusal(7, f"Hiányzó adat: {name.lower()} elem.", True)
        self._check_pause(account)
        document["mailed"] = details
        self.emulator.mail(
            account,
            document["number"],
            [details["email"]],
            details["emailTargy"],
            text=details.get("emailSzoveg", ""),
            reply_to=details.get("emailReplyto", ""),
        )

    # === RULES === #

    def of(self, account):
        """Return the receipts of an account, oldest first."""
        return [d for d in self.all if d["account"] == account["id"]]

    def _need(self, account, number):
        for document in self.of(account):
            if document["number"] == number:
                return document
        raise Refusal(339, "A nyugta nem található.")

    def _check_prefix(self, account, prefix):
        """A prefix need not be registered, but it must not be one of invoices."""
        if not re.fullmatch("[A-Z0-9]{1,5}", prefix):
            raise Refusal(
                337,
                "Az előtag csak nagybetűket és számokat tartalmazhat, és hossza "
                "legfeljebb 5 karakter lehet.",
            )
        if prefix in account["prefixes"]:
            raise Refusal(336, "Az előtag számlához tartozik.")

    def _check_key(self, account, key):
        if key and key in [document["key"] for document in self.of(account)]:
            raise Refusal(338, "A hívásazonosító már létezik.")

    def _check_pause(self, account):
        since = self.emulator.world.now() - MAIL_PAUSE
        for mail in self.emulator.state["mails"]:
            if mail["account"] == account["id"] and mail["at"] > since:
                raise Refusal(
                    153,
                    "Hoppá... e-mail küldés sikertelen. Kérjük, várj legalább 15 "
                    "másodpercet a következő küldés előtt!",
                )

    def _guard(self, account, document):
        if not account["receipt_order_number_guard"] or not document["order_number"]:
            return
        for earlier in self.of(account):
            if (
                earlier["order_number"] == document["order_number"]
                and not earlier["reversed"]
            ):
                raise Refusal(
                    152, f"Már létező rendelésszám: {document['order_number']}."
                )

    def _add(self, account, document, prefix):
        counters = self.emulator.state["counters"]
        name = f"{account['id']} nyugta {prefix}"
        counters[name] = counters.get(name, 0) + 1
        document["number"] = f"{prefix}-{document['issued_on'][:4]}-{counters[name]}"
        document["id"] = self.emulator.next_id()
        self.all.append(document)
        return document

    # === LEDGER === #

    def entry(self, document):
        """Return a receipt as the ledger shows it."""
        return {
            "service": self.emulator.service,
            "account": document["account"],
            "id": str(document["id"]),
            "number": document["number"],
            "kind": _KINDS[document["type"]],
            "external_key": document["key"],
            "order_number": document["order_number"],
            "buyer": "",
            "gross": document["gross"],
            "currency": document["currency"],
            "cancelled": document["reversed"] and document["type"] == "NY",
            "cancels": document["refers_to"],
            "paid": str(sum(Decimal(row["amount"]) for row in document["payments"])),
            "deleted": False,
            "receipt": True,
            "created_at": document["created_at"],
            "request": document["request"],
        }


def line(sent, row, currency):
    """Check one line and return it as a receipt keeps it, amounts as strings.

    Unlike those of an invoice, the amounts must add up exactly, and nothing is rounded.

    :raises Refusal: 52 VAT code, 262 net, 263 VAT, 261 gross, 363-365 decimals
    """
    names = ("mennyiseg", "nettoEgysegar", "netto", "afa", "brutto")
    quantity, price, net, tax, gross = (Decimal(sent[name]) for name in names)
    letters, percent = vat_rate(sent["afakulcs"])
    forints = currency == "HUF"
    loose = Decimal(2) if forints else Decimal("0.01")
    if gross % (1 if forints else Decimal("0.01")):
        raise Refusal(363, "A bruttó érték csak egész szám lehet.")
    if net % Decimal("0.01"):
        raise Refusal(364, "A nettó érték legfeljebb két tizedesjegyű lehet.")
    if tax % Decimal("0.01"):
        raise Refusal(365, "Az áfa értéke legfeljebb két tizedesjegyű lehet.")
    if net + tax != gross:
        raise Refusal(261, f"Hibás bruttó érték a(z) {row}. tételben.")
    if abs(quantity * price - net) > loose:
        raise Refusal(262, f"Hibás nettó érték a(z) {row}. tételben.")
    if abs(net * percent / 100 - tax) > (0 if letters else loose):
        raise Refusal(263, f"Hibás áfa érték a(z) {row}. tételben.")
    return {
        "name": sent["megnevezes"],
        "sku": sent.get("azonosito", ""),
        "quantity": str(quantity),
        "unit": sent["mennyisegiEgyseg"],
        "unit_price": str(price),
        "letters": letters,
        "rate": str(percent),
        "net": str(net),
        "vat": str(tax),
        "gross": str(gross),
    }


def _currency(header):
    currency = header["penznem"]
    if currency not in CURRENCIES:
        raise Refusal(57, f"XML beolvasási hiba. Ismeretlen pénznem: {currency}")
    if currency in ("HUF", "Ft"):
        return "HUF"
    if not header.get("devizabank"):
        raise Refusal(7, "Hiányzó adat: árfolyam.")
    return currency


def _payments(sent):
    rows = sent.get("kifizetesek", {}).get("kifizetes", [])
    return [
        {
            "title": row["fizetoeszkoz"],
            "amount": row["osszeg"],
            "note": row.get("leiras", ""),
        }
        for row in rows
    ]


def _check_payments(document):
    paid = sum(Decimal(row["amount"]) for row in document["payments"])
    if document["payments"] and paid != Decimal(document["gross"]):
        raise Refusal(340, "A kifizetések összege eltér a végösszegtől.")


def _minus(amount):
    return str(-Decimal(amount))
