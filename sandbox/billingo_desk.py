"""Billingo v3: what is read of documents, and what happens to them after issue."""

from werkzeug.wrappers import Response

from . import pdf
from .billingo_documents import Papers
from .billingo_list import select
from .billingo_lists import page
from .billingo_paper import STORNOS, buyer_name, jsonable, lines
from .billingo_tables import PAYMENTS, SEND
from .billingo_wire import Refusal, answer, body, invalid

_LINK = "/billingo/document-access/"


def is_receipt(paper):
    """True for a receipt and for the storno of one."""
    return paper["document"]["type"] in ("receipt", STORNOS["receipt"])


class Desk(Papers):
    """Operations on documents that are made."""

    # === READING === #

    def get(self, account, _request, document_id):
        """GET /documents/{id}"""
        return answer(self.show(self.paper(account, document_id)))

    def list(self, account, request):
        """GET /documents, newest first."""
        papers = self.of(account)
        shown = [self.show(paper) for paper in papers if not paper["archived"]]
        return page(request, select(shown, request.args))

    def by_vendor(self, account, _request, vendor_id):
        """GET /documents/vendor/{vendor_id}: the newest of several."""
        seen = self.emulator.world.now() - account["vendor_seconds"]
        for paper in self.of(account):
            shown = account["vendor_finds_receipts"] or not is_receipt(paper)
            is_it = paper["vendor_id"] == vendor_id and paper["created_at"] <= seen
            if is_it and shown:
                return answer(self.show(paper))
        raise Refusal(404, "Non-existent resource is requested.")

    def online_szamla(self, account, _request, document_id):
        """GET /documents/{id}/online-szamla"""
        paper = self.paper(account, document_id)
        status = self.nav_status(paper)
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
        paper = self.paper(account, document_id)
        if paper["document"]["type"] == "draft":
            raise invalid("id", "A draft has no public link.")
        link = request.host_url.rstrip("/") + _LINK + self._token(paper)
        return answer({"public_url": link})

    def _token(self, paper):
        return f"sandbox{paper['document']['id']:020d}"

    def public_page(self, token):
        """What is behind a public link: the PDF."""
        for paper in self.all.values():
            if self._token(paper) == token:
                content = pdf.make(lines(paper))
                return Response(content, content_type="application/pdf")
        return Response("Not found", 404)

    def download(self, account, request, document_id):
        """GET /documents/{id}/download: 202 while the PDF is being made."""
        paper = self.paper(account, document_id)
        age = self.emulator.world.now() - paper["created_at"]
        slow = request.fault and request.fault["kind"] == "slow_pdf"
        if slow or age < account["pdf_seconds"]:
            return answer({"message": "The document is not ready yet."}, 202)
        return Response(pdf.make(lines(paper)), content_type="application/pdf")

    def print_pos(self, account, request, document_id):
        """GET /documents/{id}/print/pos?size=58|80: at once, no 202 is declared."""
        paper = self.paper(account, document_id)
        if request.args.get("size") not in ("58", "80"):
            raise invalid("size", "The selected size is invalid.")
        return Response(pdf.make(lines(paper)), content_type="application/pdf")

    # === AFTER ISSUE === #

    def payments(self, account, _request, document_id):
        """GET /documents/{id}/payments"""
        return answer(self.paper(account, document_id)["payments"])

    def replace_payments(self, account, request, document_id):
        """PUT /documents/{id}/payments: the array is the whole history."""
        paper = self.paper(account, document_id)
        if paper["document"]["type"] == "draft":
            raise invalid("id", "A draft has no payments.")
        rows = body(request, PAYMENTS)
        paper["payments"] = [
            {"voucher_number": None, "conversion_rate": None, **jsonable(row)}
            for row in rows
        ]
        return answer(paper["payments"])

    def delete_payments(self, account, _request, document_id):
        """DELETE /documents/{id}/payments"""
        self.paper(account, document_id)["payments"] = []
        return answer([])

    def send(self, account, request, document_id):
        """POST /documents/{id}/send: without addresses, to the partner's."""
        paper = self.paper(account, document_id)
        document = paper["document"]
        emails = body(request, SEND, optional=True).get("emails")
        emails = emails or document.get("document_partner", {}).get("emails")
        if not emails or any("@" not in email for email in emails):
            raise invalid("emails.0", "The emails.0 must be a valid email address.")
        self.mail(account, document, emails)
        return answer({"emails": emails})

    # === LEDGER === #

    def entry(self, paper):
        """Return the ledger's entry about ``paper``."""
        document = self.show(paper)
        kind = document["type"]
        cancels = kind in STORNOS.values()
        return {
            "service": self.emulator.service,
            "account": paper["account"],
            "id": str(document["id"]),
            "number": document["invoice_number"],
            "kind": kind,
            "external_key": paper["vendor_id"],
            "order_number": document["settings"]["order_number"],
            "buyer": buyer_name(document),
            "gross": document["gross_total"],
            "currency": document["currency"],
            "cancelled": document["cancelled"],
            "cancels": document["related_documents"][0]["invoice_number"]
            if cancels
            else "",
            "paid": sum(row["price"] for row in paper["payments"]),
            "deleted": paper["deleted"] or paper["archived"],
            "receipt": is_receipt(paper),
            "link": "" if kind == "draft" else _LINK + self._token(paper),
            "created_at": paper["created_at"],
            "request": paper["request"],
        }
