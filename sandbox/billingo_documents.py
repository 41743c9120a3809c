"""Billingo v3: documents from draft to storno.

A *paper* is what the emulator keeps of a document: the answer's ``document`` and what
the answer does not show (vendor id, request, payments, moments).
"""

import html
from decimal import Decimal

from werkzeug.wrappers import Response

from . import billingo_amounts, pdf
from .billingo_list import select
from .billingo_lists import own, page
from .billingo_tables import (
    CANCELLATION,
    DOCUMENT,
    FROM_PROFORMA,
    PAID_AT_ONCE,
    PAYMENTS,
    SEND,
)
from .billingo_wire import Refusal, answer, body, invalid, plain

_UNREPORTED = {"draft", "proforma"}


class Documents:
    """Operations on the documents of an account."""

    def __init__(self, emulator):
        self.emulator = emulator

    @property
    def _papers(self):
        return self.emulator.state["documents"]

    def _paper(self, account, document_id):
        paper = self._papers.get(str(int(document_id)))
        if paper and paper["deleted"]:
            paper = None
        return own(account, paper)

    def _own_papers(self, account):
        """The account's documents that are there, newest first."""
        return [
            paper
            for paper in reversed(self._papers.values())
            if paper["account"] == account["id"] and not paper["deleted"]
        ]

    def _show(self, paper):
        """Return the answer's document as it stands now."""
        document = dict(paper["document"])
        document["online_szamla_status"] = self._nav_status(paper)
        document["payment_status"] = _payment_status(paper)
        return document

    # === MAKING === #

    def create(self, account, request):
        """POST /documents: no idempotency whatever ``vendor_id`` says."""
        data = body(request, DOCUMENT)
        self._check_plan(account, data["type"], data.get("electronic", False))
        return answer(self._show(self._make(account, data)), 201)

    def _check_plan(self, account, kind, electronic):
        if kind in _UNREPORTED and not account["drafts"]:
            raise Refusal(402, "You do not have subscription for this operation")
        if electronic and not account["e_invoices"]:
            raise Refusal(402, "You do not have subscription for this operation")

    def _make(self, account, data, document_id=None):
        partner = self.emulator.lists.find_partner(account, data["partner_id"])
        block = _pick(account["blocks"], data["block_id"])
        if block is None or block["type"] != "invoice":
            raise Refusal(404, "Document block not found")
        if not data["items"]:
            raise invalid("items", "There must be a minimum of 1 items in the array.")
        bank = _pick(account["bank_accounts"], data.get("bank_account_id"))
        if "bank_account_id" in data and bank is None:
            raise invalid("bank_account_id", "The selected bank account id is invalid.")
        if bank and bank["currency"] != data["currency"]:
            raise invalid("bank_account_id", "The bank account's currency differs.")
        if data["currency"] != "HUF" and data.get("conversion_rate", 1) in (0, 1):
            raise invalid("conversion_rate", "The conversion rate is required.")
        paper = {
            "account": account["id"],
            "deleted": False,
            "vendor_id": data.get("vendor_id", ""),
            "request": _jsonable(data),
            "created_at": self.emulator.world.now(),
            "nav_status": account["nav_status"],
            "payments": [],
            "archived": False,
            "document": self._document(account, data, partner, block, bank),
        }
        paper["document"]["id"] = document_id or self.emulator.next_id()
        if _is_paid(data):
            paper["payments"] = [_whole_payment(paper["document"])]
        self._number(account, block, paper["document"])
        self._papers[str(paper["document"]["id"])] = paper
        return paper

    def _document(self, account, data, partner, block, bank):
        lines = billingo_amounts.items(data)
        settings = {
            "mediated_service": False,
            "without_financial_fulfillment": False,
            "online_payment": "",
            "should_send_email": False,
            "round": "none",
            "order_number": "",
            "place_id": None,
            "instant_payment": True,
            "selected_type": None,
            **data.get("settings", {}),
        }
        rate = plain(Decimal(data.get("conversion_rate", 1)))
        return {
            "id": 0,
            "invoice_number": "",
            "type": data["type"],
            "cancelled": False,
            "block_id": block["id"],
            "payment_status": "none",
            "payment_method": data["payment_method"],
            "gross_total": billingo_amounts.total(lines, settings["round"]),
            "currency": data["currency"],
            "conversion_rate": rate,
            "invoice_date": self.emulator.lists.today(),
            "fulfillment_date": data["fulfillment_date"],
            "due_date": data["due_date"],
            "paid_date": self.emulator.lists.today(),
            "organization": _organization(account, bank),
            "partner": _partner(partner),
            "document_partner": _partner(partner),
            "electronic": data.get("electronic", False),
            "comment": data.get("comment", ""),
            "tags": [],
            "notification_status": "none",
            "language": data["language"],
            "items": lines,
            "summary": billingo_amounts.summary(lines, rate),
            "settings": settings,
            "online_szamla_status": "not_checked",
            "related_documents": [],
            "correction_type": data["type"],
        }

    def _number(self, account, block, document):
        if document["type"] == "draft":
            return
        series = "D" if document["type"] == "proforma" else ""
        prefix, year = series + block["prefix"], document["invoice_date"][:4]
        key = f"{account['id']} {block['id']} {prefix} {year}"
        number = self.emulator.state["numbers"].get(key, 0) + 1
        self.emulator.state["numbers"][key] = number
        start = f"{prefix} / " if prefix else ""
        document["invoice_number"] = f"{start}{year}-{number:06d}"

    def finalize(self, account, request, document_id):
        """PUT /documents/{id}: a draft becomes what the full body says."""
        paper = self._paper(account, document_id)
        if paper["document"]["type"] != "draft":
            raise invalid("type", "Only a draft can be finalized.")
        data = body(request, DOCUMENT)
        if data["type"] == "draft":
            raise invalid("type", "The selected type is invalid.")
        data.setdefault("vendor_id", paper["vendor_id"])
        made = self._make(account, data, paper["document"]["id"])
        return answer(self._show(made))

    def delete(self, account, _request, document_id):
        """DELETE /documents/{id}: drafts only."""
        paper = self._paper(account, document_id)
        if paper["document"]["type"] != "draft":
            raise Refusal(403, "Only drafts can be deleted.")
        paper["deleted"] = True
        return answer(None, 204)

    def archive(self, account, _request, document_id):
        """PUT /documents/{id}/archive: retires a proforma."""
        paper = self._paper(account, document_id)
        if paper["document"]["type"] != "proforma":
            raise invalid("id", "Only a proforma can be archived.")
        paper["archived"] = True
        return answer(None, 204)

    def from_proforma(self, account, request, document_id):
        """POST /documents/{id}/create-from-proforma: again makes another invoice."""
        proforma = self._paper(account, document_id)
        if proforma["document"]["type"] != "proforma" or proforma["archived"]:
            raise invalid("id", "This document is not a proforma.")
        options = body(request, FROM_PROFORMA, optional=True)
        data = _decimals(proforma["request"])
        data.update(type="invoice", vendor_id="")
        for name in ("fulfillment_date", "due_date", "comment"):
            data[name] = options.get(name, data.get(name, ""))
        if options.get("document_format"):
            data["electronic"] = options["document_format"] == "electronic"
        self._check_plan(account, "invoice", data.get("electronic", False))
        invoice = self._make(account, data)
        _relate(proforma["document"], invoice["document"])
        return answer(self._show(invoice), 201)

    def cancel(self, account, request, document_id):
        """POST /documents/{id}/cancel: a second one makes a second storno."""
        options = body(request, CANCELLATION, optional=True)
        paper = self._paper(account, document_id)
        original = paper["document"]
        if original["type"] not in ("invoice", "advance"):
            raise invalid("id", "This document cannot be cancelled.")
        lines = billingo_amounts.negated(original["items"])
        document = {
            **original,
            "id": self.emulator.next_id(),
            "type": "cancellation",
            "correction_type": "cancellation",
            "cancelled": False,
            "invoice_date": self.emulator.lists.today(),
            "gross_total": -original["gross_total"],
            "items": lines,
            "summary": billingo_amounts.summary(lines, original["conversion_rate"]),
            "comment": options.get("cancellation_reason", ""),
            "related_documents": [],
        }
        self._number(account, _pick(account["blocks"], original["block_id"]), document)
        storno = {
            **paper,
            "vendor_id": "",
            "request": options,
            "created_at": self.emulator.world.now(),
            "payments": [],
            "document": document,
        }
        self._papers[str(document["id"])] = storno
        original.update(cancelled=True, correction_type="canceled")
        _relate(original, document)
        recipients = options.get("cancellation_recipients", "")
        if recipients:
            self._mail(account, document, recipients.split(","))
        return answer(self._show(storno))

    # === READING === #

    def get(self, account, _request, document_id):
        """GET /documents/{id}"""
        return answer(self._show(self._paper(account, document_id)))

    def list(self, account, request):
        """GET /documents, newest first."""
        papers = self._own_papers(account)
        shown = [self._show(paper) for paper in papers if not paper["archived"]]
        return page(request, select(shown, request.args))

    def by_vendor(self, account, _request, vendor_id):
        """GET /documents/vendor/{vendor_id}: the newest of several."""
        seen = self.emulator.world.now() - account["vendor_seconds"]
        for paper in self._own_papers(account):
            if paper["vendor_id"] == vendor_id and paper["created_at"] <= seen:
                return answer(self._show(paper))
        raise Refusal(404, "Non-existent resource is requested.")

    def _nav_status(self, paper):
        if paper["document"]["type"] in _UNREPORTED:
            return "not_checked"
        if paper["nav_status"]:
            return paper["nav_status"]
        account = self.emulator.state["accounts"][paper["account"]]
        if not account["nav_connected"]:
            return "no_online_szamla_settings"
        age = self.emulator.world.now() - paper["created_at"]
        return "done" if age > 2 else "processing"

    def online_szamla(self, account, _request, document_id):
        """GET /documents/{id}/online-szamla"""
        paper = self._paper(account, document_id)
        status = self._nav_status(paper)
        if status in ("not_checked", "no_online_szamla_settings"):
            raise Refusal(404, "NavOnlineSzamla is not found")
        messages = []
        if status not in ("done", "processing"):
            messages.append(
                {
                    "validation_result_code": "ERROR",
                    "validation_error_code": status.upper(),
                    "human_readable_message": f"The report failed: {status}",
                }
            )
        number = paper["document"]["id"]
        return answer(
            {"transaction_id": f"SB{number}", "status": status, "messages": messages}
        )

    def public_url(self, account, request, document_id):
        """GET /documents/{id}/public-url"""
        paper = self._paper(account, document_id)
        if paper["document"]["type"] == "draft":
            raise invalid("id", "A draft has no public link.")
        root = f"{request.host_url}billingo/document-access/"
        return answer({"public_url": f"{root}{self._token(paper)}"})

    def _token(self, paper):
        return f"sandbox{paper['document']['id']:020d}"

    def public_page(self, token):
        """The page behind a public link."""
        for paper in self._papers.values():
            if self._token(paper) == token:
                lines = "<br>".join(html.escape(line) for line in _lines(paper))
                return Response(f"<!doctype html><p>{lines}", content_type="text/html")
        return Response("Not found", 404)

    def download(self, account, request, document_id):
        """GET /documents/{id}/download: 202 while the PDF is being made."""
        paper = self._paper(account, document_id)
        age = self.emulator.world.now() - paper["created_at"]
        if request.fault or age < account["pdf_seconds"]:
            return answer({"message": "The document is not ready yet."}, 202)
        return Response(pdf.make(_lines(paper)), content_type="application/pdf")

    print_pos = download

    # === AFTER ISSUE === #

    def payments(self, account, _request, document_id):
        """GET /documents/{id}/payments"""
        return answer(self._paper(account, document_id)["payments"])

    def replace_payments(self, account, request, document_id):
        """PUT /documents/{id}/payments: the array is the whole history."""
        paper = self._paper(account, document_id)
        if paper["document"]["type"] == "draft":
            raise invalid("id", "A draft has no payments.")
        rows = body(request, PAYMENTS)
        paper["payments"] = [
            {"voucher_number": None, "conversion_rate": None, **_jsonable(row)}
            for row in rows
        ]
        return answer(paper["payments"])

    def delete_payments(self, account, _request, document_id):
        """DELETE /documents/{id}/payments"""
        self._paper(account, document_id)["payments"] = []
        return answer([])

    def send(self, account, request, document_id):
        """POST /documents/{id}/send: without addresses, to the partner's."""
        paper = self._paper(account, document_id)
        document = paper["document"]
        emails = body(request, SEND, optional=True).get("emails")
        emails = emails or document["document_partner"]["emails"]
        if not emails or any("@" not in email for email in emails):
            raise invalid("emails.0", "The emails.0 must be a valid email address.")
        self._mail(account, document, emails)
        return answer({"emails": emails})

    def _mail(self, account, document, emails):
        subject = f"{account['organization']}: {document['invoice_number']}"
        self.emulator.mail(account, document["id"], emails, subject)

    # === LEDGER === #

    def entry(self, paper):
        """Return the ledger's entry about ``paper``."""
        document = self._show(paper)
        cancels = document["type"] == "cancellation"
        return {
            "service": self.emulator.service,
            "account": paper["account"],
            "id": str(document["id"]),
            "number": document["invoice_number"],
            "kind": document["type"],
            "external_key": paper["vendor_id"],
            "order_number": document["settings"]["order_number"],
            "buyer": document["document_partner"]["name"],
            "gross": document["gross_total"],
            "currency": document["currency"],
            "cancelled": document["cancelled"],
            "cancels": document["related_documents"][0]["invoice_number"]
            if cancels
            else "",
            "paid": sum(row["price"] for row in paper["payments"]),
            "deleted": paper["deleted"] or paper["archived"],
            "created_at": paper["created_at"],
            "request": paper["request"],
        }


def _pick(things, wanted):
    for thing in things:
        if thing["id"] == wanted:
            return thing
    return None


def _is_paid(data):
    if data["type"] in _UNREPORTED:
        return False
    return data.get("paid", False) or data["payment_method"] in PAID_AT_ONCE


def _whole_payment(document):
    return {
        "date": document["invoice_date"],
        "price": document["gross_total"],
        "payment_method": document["payment_method"],
        "voucher_number": None,
        "conversion_rate": None,
    }


def _payment_status(paper):
    document = paper["document"]
    if document["type"] in ("draft", "cancellation"):
        return "none"
    paid = sum(Decimal(str(row["price"])) for row in paper["payments"])
    gross = Decimal(str(document["gross_total"]))
    if paper["payments"] and abs(paid) >= abs(gross):
        return "paid"
    return "partially_paid" if paid else "outstanding"


def _relate(one, other):
    for source, target in ((one, other), (other, one)):
        reference = {"id": target["id"], "invoice_number": target["invoice_number"]}
        source["related_documents"].append(reference)


def _organization(account, bank):
    answer = {
        "name": account["organization"],
        "tax_number": account["tax_code"],
        "address": {
            "country_code": "HU",
            "post_code": "1051",
            "city": "Budapest",
            "address": "Minta utca 1.",
        },
        "small_taxpayer": False,
        "ev_number": "",
        "eu_tax_number": "",
        "cash_settled": False,
    }
    if bank:
        names = ("id", "name", "account_number", "account_number_iban", "swift")
        answer["bank_account"] = {name: bank[name] for name in names}
    return answer


def _partner(partner):
    texts = ("name", "taxcode", "iban", "swift", "account_number", "phone", "tax_type")
    return {
        "id": partner["id"],
        "address": dict(partner["address"]),
        "emails": list(partner.get("emails", ())),
        **{name: partner.get(name, "") for name in texts},
    }


def _jsonable(data):
    """Return ``data`` with plain numbers, to be kept."""
    if isinstance(data, dict):
        return {name: _jsonable(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_jsonable(value) for value in data]
    return plain(data) if isinstance(data, Decimal) else data


def _decimals(data):
    """Return kept data with Decimals again, as a request has them."""
    if isinstance(data, dict):
        return {name: _decimals(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_decimals(value) for value in data]
    return Decimal(str(data)) if isinstance(data, float) else data


def _lines(paper):
    document = paper["document"]
    return [
        document["organization"]["name"],
        f"{document['type']}  {document['invoice_number']}",
        f"{document['document_partner']['name']}",
        f"{document['invoice_date']}  {document['fulfillment_date']}",
        *(
            f"{line['quantity']} {line['unit']}  {line['name']}  {line['gross_amount']}"
            for line in document["items"]
        ),
        f"{document['gross_total']} {document['currency']}",
        document["comment"],
        "SANDBOX: not an invoice.",
    ]
