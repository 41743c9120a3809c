"""Billingo v2: documents from draft to storno.

A *paper* is what the emulator keeps of a document: the ``attributes`` that the
interface shows, and what it does not (kind, request, public code).
"""

import hashlib
import re
from datetime import datetime, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

from . import billingo_v2_amounts as amounts
from . import pdf
from .billingo_v2_lists import rates
from .billingo_v2_tables import (
    PAY,
    PAYMENT_METHODS,
    STATUS_CANCELLED,
    STATUS_PAID,
    STATUS_UNPAID,
    TYPE_DRAFT,
    TYPE_INVOICE,
    TYPE_PROFORMA,
)
from .billingo_v2_wire import Refusal, answer, data, hold, page, success

_BUDAPEST = ZoneInfo("Europe/Budapest")
_KINDS = {TYPE_DRAFT: "draft", TYPE_PROFORMA: "proforma", TYPE_INVOICE: "invoice"}
_CREATED = (
    "fulfillment_date due_date total comment currency date invoice_no client_uid "
    "block_uid uid"
).split()
#: Downloads for each IP address in a minute.
_DOWNLOADS = 10


class Documents:
    """Operations on the documents of an account."""

    def __init__(self, emulator):
        self.emulator = emulator

    @property
    def _papers(self):
        return self.emulator.state["documents"]

    def _paper(self, account, id_):
        paper = self._papers.get(str(int(id_)))
        if paper is None or paper["account"] != account["id"]:
            raise Refusal(404, "Invoice not found")
        return paper

    def _own(self, account):
        """The account's documents, newest first."""
        return [
            paper
            for paper in reversed(self._papers.values())
            if paper["account"] == account["id"]
        ]

    def _today(self):
        moment = datetime.fromtimestamp(self.emulator.world.now(), timezone.utc)
        return moment.astimezone(_BUDAPEST).date().isoformat()

    # === READING === #

    def list(self, account, request):
        """GET /invoices: every kind, newest first."""
        found = page(request, self._own(account))
        return success("invoices", [_show(paper) for paper in found])

    def query(self, account, request):
        """GET /invoices/query: invoices and stornos between two dates."""
        today = self._today()
        start = request.args.get("start_date", f"{today[:8]}01")
        end = request.args.get("end_date", today)
        method, block = request.args.get("payment_method"), request.args.get("block")
        found = [
            paper
            for paper in self._own(account)
            if paper["kind"] in ("invoice", "storno")
            and start <= paper["attributes"]["date"] <= end
            and method in (None, str(paper["attributes"]["payment_method"]["id"]))
            and block in (None, str(paper["attributes"]["block_uid"]))
            and _in_numbers(paper["attributes"]["invoice_no"], request.args)
        ]
        return success("invoices", [_show(p) for p in page(request, found)])

    def get(self, account, _request, id_):
        """GET /invoices/{id}."""
        return success("invoices", _show(self._paper(account, id_)))

    def code(self, account, _request, id_):
        """GET /invoices/{id}/code."""
        paper = self._paper(account, id_)
        return answer({"success": True, "data": {"code": paper["code"]}})

    def download(self, account, request, id_):
        """GET /invoices/{id}/download: ten in a minute."""
        paper = self._paper(account, id_)
        downloads = self.emulator.state["downloads"]
        minute = str(int(self.emulator.world.now() // 60))
        count = downloads.get(minute, 0) + 1
        downloads.clear()
        downloads[minute] = count
        if count > _DOWNLOADS:
            raise Refusal(429, "Too many requests")
        if request.fault and request.fault["kind"] == "slow_pdf":
            raise Refusal(202, "The PDF is not ready")
        response = answer({})
        response.data = self.pdf(paper)
        response.content_type = "application/pdf"
        return response

    def pdf(self, paper):
        """Return the PDF of a paper."""
        attributes = paper["attributes"]
        return pdf.make(
            [
                f"{paper['kind']}  {attributes['prefixed_invoice_no']}",
                attributes["client"]["name"],
                *(item["description"] for item in attributes["items"]),
                f"{attributes['total']} {attributes['currency']}",
                attributes["comment"],
                "SANDBOX: not an invoice.",
            ]
        )

    # === MAKING === #

    def create(self, account, request):
        """POST /invoices: each call makes a document."""
        values = data(request)
        amounts.check(values)
        client = self.emulator.state["clients"].get(str(values["client_uid"]))
        if client is None or client["account"] != account["id"]:
            raise Refusal(400, "Client not found")
        block = self._block(account, values["block_uid"])
        bank = values.get("bank_account_uid")
        if bank is not None and bank not in [b["id"] for b in account["bank_accounts"]]:
            raise Refusal(400, "Bank account not found")
        if "exchange_rate" not in values:
            if values["currency"] not in {"HUF", *account["rates"]}:
                raise Refusal(400, "No exchange rate for this currency")
        items, total = amounts.total(account, values, rates(account))
        kind = _KINDS[values["type"]]
        method = values["payment_method"]
        name, advance_paid = PAYMENT_METHODS[method]
        paper = self._add(
            account,
            kind,
            block,
            {
                "fulfillment_date": values["fulfillment_date"],
                "due_date": values["due_date"],
                "comment": values.get("comment", ""),
                "currency": values["currency"],
                "client_uid": values["client_uid"],
                "items": items,
                "client": client["attributes"],
                "payment_method": {
                    "id": method,
                    "lang_code": "hu",
                    "name": name,
                    "advance_paid": str(advance_paid),
                },
            },
            total,
        )
        paper["request"] = request.get_data(as_text=True)
        if kind == "invoice" and advance_paid:
            self._set_paid(paper, total)
        return success("invoices", _show_created(paper))

    def _block(self, account, id_):
        if id_ == 0:
            return (
                account["blocks"][0] if account["blocks"] else {"id": 0, "prefix": ""}
            )
        for block in account["blocks"]:
            if block["id"] == id_:
                return block
        raise Refusal(400, "Invoice block not found")

    def _add(self, account, kind, block, attributes, total):
        id_ = self.emulator.next_id()
        number = self._number(account, block, kind) if kind != "draft" else ""
        prefix = block["prefix"]
        if kind == "proforma":
            prefix = "-".join(filter(None, ("D", prefix)))
        paper = {
            "id": id_,
            "account": account["id"],
            "kind": kind,
            "code": hashlib.sha256(f"{account['id']}/{id_}".encode()).hexdigest()[:12],
            "created_at": self.emulator.world.now(),
            "request": "",
            "attributes": {
                **attributes,
                "date": self._today(),
                "invoice_no": number,
                "prefix": prefix,
                "prefixed_invoice_no": _prefixed(prefix, number),
                "total": f"{total:.3f}",
                "total_paid": "0.000",
                "block_uid": block["id"],
                "uid": id_,
                "status": STATUS_UNPAID,
            },
        }
        self._papers[str(id_)] = paper
        return paper

    def _number(self, account, block, kind):
        series = "proforma" if kind == "proforma" else "invoice"
        year = self._today()[:4]
        name = f"{account['id']}/{block['id']}/{series}/{year}"
        numbers = self.emulator.state["numbers"]
        numbers[name] = numbers.get(name, 0) + 1
        return f"{year}-{numbers[name]:06d}"

    def generate(self, account, _request, id_):
        """GET /invoices/{id}/generate: again and again, if asked to."""
        paper = self._paper(account, id_)
        if paper["kind"] not in ("proforma", "draft"):
            raise Refusal(400, "Only a proforma can be generated")
        attributes = paper["attributes"]
        block = self._block(account, attributes["block_uid"])
        total = Decimal(attributes["total"])
        if paper["kind"] == "draft" and account["generate_in_place"]:
            invoice = self._finalize(account, block, paper)
        else:
            invoice = self._add(account, "invoice", block, _copied(attributes), total)
            if paper["kind"] == "draft":
                del self._papers[str(paper["id"])]
        if attributes["payment_method"]["advance_paid"] == "1":
            self._set_paid(invoice, total)
        content = {"success": True}
        if account["generate_tells_id"]:
            content["id"] = invoice["id"]
        return answer(content)

    def _finalize(self, account, block, draft):
        number = self._number(account, block, "invoice")
        draft["kind"] = "invoice"
        draft["attributes"].update(
            date=self._today(),
            invoice_no=number,
            prefixed_invoice_no=_prefixed(draft["attributes"]["prefix"], number),
        )
        return draft

    def cancel(self, account, _request, id_):
        """GET /invoices/{id}/cancel: again and again, if asked to."""
        paper = self._paper(account, id_)
        if paper["kind"] != "invoice":
            raise Refusal(400, "Only an invoice can be cancelled")
        attributes = paper["attributes"]
        storno = self._add(
            account,
            "storno",
            self._block(account, attributes["block_uid"]),
            {
                **_copied(attributes),
                "due_date": self._today(),
                "connected_invoice_no": attributes["invoice_no"],
                "is_cancel_invoice": 1,
            },
            -Decimal(attributes["total"]),
        )
        storno["attributes"]["status"] = STATUS_PAID
        attributes["status"] = STATUS_CANCELLED
        return success("invoices", _show_created(storno))

    # === AFTER ISSUE === #

    def send(self, account, request, id_):
        """GET /invoices/{id}/send: to the client's own address."""
        paper = self._paper(account, id_)
        email = paper["attributes"]["client"]["email"]
        if not email:
            raise Refusal(400, "The client has no e-mail address")
        if request.fault and request.fault["kind"] == "mail_failed":
            raise Refusal(500)
        number = paper["attributes"]["prefixed_invoice_no"]
        self.emulator.mail(account, number, [email], f"Számla {number}")
        return answer({"success": True})

    def pay(self, account, request, id_):
        """POST /invoices/{id}/pay: adds a payment."""
        paper = self._paper(account, id_)
        values = data(request)
        hold(PAY, values)
        self._check_payable(paper)
        attributes = paper["attributes"]
        paid = Decimal(attributes["total_paid"]) + values["amount"]
        if paid > Decimal(attributes["total"]):
            raise Refusal(400, "The amount is more than what is outstanding")
        self._set_paid(paper, paid)
        return self._paid(paper)

    def undo_pay(self, account, _request, id_):
        """DELETE /invoices/{id}/pay: removes every payment."""
        paper = self._paper(account, id_)
        self._check_payable(paper)
        self._set_paid(paper, Decimal(0))
        return self._paid(paper)

    def _check_payable(self, paper):
        cancelled = paper["attributes"]["status"] == STATUS_CANCELLED
        if paper["kind"] == "storno" or cancelled:
            raise Refusal(400, "A cancelled invoice cannot be paid")

    def _set_paid(self, paper, amount):
        attributes = paper["attributes"]
        attributes["total_paid"] = f"{amount:.3f}"
        is_paid = amount >= Decimal(attributes["total"])
        attributes["status"] = STATUS_PAID if is_paid else STATUS_UNPAID

    def _paid(self, paper):
        attributes = paper["attributes"]
        outstanding = Decimal(attributes["total"]) - Decimal(attributes["total_paid"])
        content = {"fully_paid": outstanding <= 0, "outstanding": outstanding}
        return answer({"success": True, "data": content})

    # === LEDGER === #

    def entry(self, paper):
        """Return the ledger's entry about ``paper``; the key is in the comment."""
        attributes = paper["attributes"]
        last_line = attributes["comment"].rpartition("\n")[2]
        order, _, key = last_line.rpartition(" ")
        key = re.fullmatch(r"\[(.+)\]", key)
        return {
            "service": self.emulator.service,
            "account": paper["account"],
            "id": str(paper["id"]),
            "number": attributes["prefixed_invoice_no"],
            "kind": paper["kind"],
            "external_key": key[1] if key else "",
            "order_number": order if key else "",
            "buyer": attributes["client"]["name"],
            "gross": amounts.plain(attributes["total"]),
            "currency": attributes["currency"],
            "cancelled": attributes["status"] == STATUS_CANCELLED,
            "cancels": _prefixed(
                attributes["prefix"], attributes.get("connected_invoice_no", "")
            ),
            "paid": amounts.plain(attributes["total_paid"]),
            "deleted": False,
            "created_at": paper["created_at"],
            "request": paper["request"],
        }


def _show(paper):
    return {"id": paper["id"], "attributes": paper["attributes"]}


def _show_created(paper):
    """The answer to a creation: fewer attributes, and the total as a number."""
    attributes = {name: paper["attributes"][name] for name in _CREATED}
    attributes["total"] = Decimal(attributes["total"])
    return {"id": paper["id"], "attributes": attributes}


def _copied(attributes):
    names = "fulfillment_date due_date comment currency client_uid items client"
    return {name: attributes[name] for name in [*names.split(), "payment_method"]}


def _prefixed(prefix, number):
    """Return a number as it is printed: "SZ / 2026-000001"."""
    return f"{prefix} / {number}" if prefix and number else number


def _in_numbers(number, args):
    """True unless ``year_*`` and ``num_*`` leave a number like 2017-000010 out."""
    year, _, count = number.partition("-")
    here = (int(year), int(count))
    for end, sign in (("start", 1), ("end", -1)):
        if f"year_{end}" in args and f"num_{end}" in args:
            limit = (int(args[f"year_{end}"]), int(args[f"num_{end}"]))
            if (here > limit) - (here < limit) == -sign:
                return False
    return True
