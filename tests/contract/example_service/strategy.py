"""The smallest strategy that keeps the contract of ``providers/base.py``.

The service speaks JSON, takes gross prices, knows our key by the name ``key`` and
refuses a second document with the same one.
"""

from decimal import Decimal

from salon_invoice_bridge.billing import errors
from salon_invoice_bridge.billing.errors import Reason
from salon_invoice_bridge.billing.invoice import (
    AccountInfo,
    IssuedDocument,
    Kind,
    PaymentKind,
    PaymentState,
)
from salon_invoice_bridge.providers import wire
from salon_invoice_bridge.providers.base import (
    Capabilities,
    InvoiceProvider,
    only_asked,
)
from salon_invoice_bridge.providers.registry import register

#: Ours -> the service's own word. What is not here, the service has no word for.
VAT = {code: f"{code} %" for code in ("27", "18", "5")}
VAT |= {"AAM": "exempt", "TAM": "exempt by nature", "ATK": "outside"}
PAYMENT = {kind: kind.value.replace("_", " ") for kind in PaymentKind}

#: What the service says -> what that means. Nothing was made in any of these.
REFUSALS = {
    "key": (errors.AccountProblem, Reason.KEY),
    "plan": (errors.AccountProblem, Reason.SUBSCRIPTION),
    "content": (errors.Rejected, Reason.CONTENT),
    "not_found": (errors.Rejected, Reason.NOT_FOUND),
    "closed": (errors.Rejected, Reason.CLOSED),
    "duplicate": (errors.AlreadyExists, Reason.DUPLICATE),
    "too_many": (errors.NotProcessed, Reason.RATE_LIMIT),
}


@register
class Example(InvoiceProvider):
    """One account at the example service."""

    code = "example"
    name = "Example"
    default_url = "https://api.example.com/v1"
    capabilities = Capabilities(
        kinds=frozenset({Kind.PROFORMA, Kind.INVOICE}),
        block_required=False,
        persistent_partners=False,
        list_documents=False,
        exchange_rate=False,
        repeatable_cancel=True,
    )

    # === ACCOUNT === #

    def verify(self):
        account = self._call("GET", "/account")
        return AccountInfo(fingerprint=f"{self.code}:{account['id']}")

    @staticmethod
    def vat_word(code):
        if code not in VAT:
            raise errors.Rejected(f"There is no word for VAT {code}")
        return VAT[code]

    # === DOCUMENTS === #

    def render(self, invoice):
        if invoice.kind not in self.capabilities.kinds:
            raise self._unsupported()
        lines = [
            {
                "name": line.name,
                "comment": line.comment,
                "quantity": line.quantity,
                "gross": line.gross,
                "vat": self.vat_word(line.vat),
            }
            for line in invoice.lines
        ]
        return wire.dumps(
            {
                "key": invoice.external_key,
                "order": invoice.order_number,
                "kind": invoice.kind.value,
                "currency": invoice.currency,
                "buyer": invoice.buyer.name,
                "tax_number": invoice.buyer.tax_number,
                "payment": PAYMENT[invoice.payment_kind],
                "paid": invoice.paid,
                "comment": invoice.comment,
                "lines": lines,
            }
        )

    def issue(self, request):
        return self._document("POST", "/documents", request)

    def find(self, invoice):
        with only_asked():
            found = self._call(
                "GET", "/documents", params={"key": invoice.external_key}
            )
        return _read(found["documents"][0]) if found["documents"] else None

    def get(self, document):
        return self._document("GET", f"/documents/{document.id}")

    def finalize(self, draft, request):
        raise self._unsupported()

    def convert_proforma(self, proforma, request):
        return self._document("POST", f"/documents/{proforma.id}/invoice", request)

    def discard(self, document):
        try:
            self._call("DELETE", f"/documents/{document.id}")
        except errors.Rejected as error:
            if error.reason is not Reason.NOT_FOUND:
                raise

    def cancel(self, cancellation):
        body = {"key": cancellation.external_key, "reason": cancellation.reason}
        path = f"/documents/{cancellation.original.id}/cancel"
        return self._document("POST", path, wire.dumps(body))

    def find_cancellation(self, cancellation):
        original = self.get(cancellation.original)
        if not original.cancelled:
            return None
        (storno,) = original.related_ids
        return self._document("GET", f"/documents/{storno}")

    # === AFTER ISSUE === #

    def register_payments(self, document, tenders, *, fresh=False):
        rows = [
            {"kind": PAYMENT[tender.kind], "amount": tender.amount}
            for tender in tenders
        ]
        path = f"/documents/{document.id}/payments"
        state = self._call("PUT", path, wire.dumps({"payments": rows}))
        paid = Decimal(state["paid"])
        return PaymentState(paid=paid, outstanding=document.gross - paid)

    def undo_payments(self, document):
        return self.register_payments(document, ())

    def send(self, document, emails):
        body = wire.dumps({"emails": list(emails)})
        return tuple(self._call("POST", f"/documents/{document.id}/send", body)["sent"])

    def download(self, document):
        return self._call("GET", f"/documents/{document.id}/pdf", pdf=True)

    # === THE WIRE === #

    def _document(self, method, path, body=None):
        return self._call(method, path, body, read=_read)

    def _call(self, method, path, body=None, *, params=None, read=dict, pdf=False):
        """Make one call; return ``read(answer)``, or the PDF.

        An answer that is not the service's own proves nothing: of a call that acts,
        the outcome is unknown then; a question may be asked again.
        """
        headers = {"Authorization": f"Bearer {self.credentials.api_key}"}
        answer = self.http.send(method, path, params=params, body=body, headers=headers)
        acts = method != "GET"
        try:
            if pdf and answer.body.startswith(b"%PDF-"):
                return answer.body
            data = wire.loads(answer.body)
            if answer.status == 200:
                return read(data)
            failure, reason = REFUSALS[data["error"]["code"]]
            message = self.http.redact(data["error"]["message"])
        except (ValueError, KeyError, TypeError, ArithmeticError) as error:
            failure = errors.OutcomeUnknown if acts else errors.NotProcessed
            message = f"The answer cannot be read (status {answer.status})"
            raise failure(message, reason=Reason.UNREADABLE) from error
        wait = wire.retry_after(answer.headers, self.clock())
        raise failure(message, reason=reason, code=answer.status, retry_after=wait)


def _read(data):
    """Return the IssuedDocument of the service's JSON."""
    return IssuedDocument(
        id=str(data["id"]),
        number=data["number"],
        kind=Kind(data["kind"]),
        gross=Decimal(data["gross"]),
        currency=data["currency"],
        cancelled=data["cancelled"],
        order_number=data["order"],
        original_number=data["cancels"],
        related_ids=tuple(map(str, data["related"])),
        public_url=data["url"],
    )
