"""Billingo API v3: who may call, and which operation answers.

Behaviour that nobody has published is played in the way that hurts a careless client
most: a second POST makes a second document, a second cancel a second storno.
"""

import re
from operator import attrgetter
from urllib.parse import unquote

from . import taxpayers
from .billingo_desk import Desk
from .billingo_documents import Documents
from .billingo_exports import Exports
from .billingo_lists import Lists
from .billingo_wire import Refusal, answer
from .emulator import Emulator

_FEATURES = ["subscription_basic", "api_limit_standard"]
#: Method, path, and the operation that answers.
_ROUTES = (
    ("GET", "/organization", "lists.organization"),
    ("GET", "/utils/time", "lists.time"),
    ("GET", "/utils/check-tax-number/{word}", "lists.check_tax_number"),
    ("GET", "/currencies", "lists.currencies"),
    ("GET", "/document-blocks", "lists.blocks"),
    ("GET", "/bank-accounts", "lists.bank_accounts"),
    ("GET", "/partners", "lists.partners"),
    ("POST", "/partners", "lists.create_partner"),
    ("GET", "/partners/{id}", "lists.partner"),
    ("PUT", "/partners/{id}", "lists.replace_partner"),
    ("DELETE", "/partners/{id}", "lists.delete_partner"),
    ("POST", "/documents", "papers.create"),
    ("POST", "/documents/receipt", "papers.create_receipt"),
    ("PUT", "/documents/{id}", "papers.finalize"),
    ("DELETE", "/documents/{id}", "papers.delete"),
    ("PUT", "/documents/{id}/archive", "papers.archive"),
    ("POST", "/documents/{id}/cancel", "papers.cancel"),
    ("POST", "/documents/{id}/create-from-proforma", "papers.from_proforma"),
    ("GET", "/documents", "desk.list"),
    ("GET", "/documents/{id}", "desk.get"),
    ("GET", "/documents/vendor/{word}", "desk.by_vendor"),
    ("GET", "/documents/{id}/payments", "desk.payments"),
    ("PUT", "/documents/{id}/payments", "desk.replace_payments"),
    ("DELETE", "/documents/{id}/payments", "desk.delete_payments"),
    ("POST", "/documents/{id}/send", "desk.send"),
    ("GET", "/documents/{id}/download", "desk.download"),
    ("GET", "/documents/{id}/print/pos", "desk.print_pos"),
    ("GET", "/documents/{id}/public-url", "desk.public_url"),
    ("GET", "/documents/{id}/online-szamla", "desk.online_szamla"),
    ("POST", "/document-export", "exports.create"),
    ("GET", "/document-export/{word}/poll", "exports.poll"),
    ("GET", "/document-export/{word}/download", "exports.download"),
)


def _pattern(path):
    return re.compile(path.replace("{id}", r"(\d{1,18})").replace("{word}", "([^/]+)"))


_PATTERNS = tuple((method, _pattern(path), name) for method, path, name in _ROUTES)


class BillingoEmulator(Emulator):
    """Billingo API v3 at ``/billingo/v3``."""

    service = "billingo"
    prefixes = ("/billingo/v3/", "/billingo/document-access/")
    demo = {"key": "demo-billingo-key"}
    limit = (300, 60)  # calls, seconds
    options = {
        "revoked": False,  # 401
        "subscribed": True,  # False: 402 on every call
        "read_only": False,  # 403 on every write
        "partner_required": True,  # False: as published, an empty partner is one
        "quota": None,  # writes that are left; 0: 400
        "rate_limit": None,  # calls in a minute; then 429. See ``limit``
        "rate_headers": False,  # the documented headers, which are not always there
        "tax_code": "12345676-1-42",
        "organization": "Minta Szalon Kft.",
        "features": _FEATURES,
        "expires": "2099-12-31",
        "drafts": True,  # False: the plan has no drafts and proformas (402)
        "e_invoices": True,  # False: the plan has paper only (402)
        "nav_connected": True,
        "nav_reachable": True,  # False: NAV fails on what is asked about taxpayers
        "taxpayers": taxpayers.TAXPAYERS,  # any other number is PÉLDA VEVŐ KFT.'s
        "nav_status": "",  # what the next documents get instead of "done"
        "blocks": [
            {"id": 11, "name": "Szalon", "prefix": "SZ", "type": "invoice"},
            {"id": 12, "name": "Nyugtatömb", "prefix": "NY", "type": "receipt"},
        ],
        "bank_accounts": [
            {
                "id": 21,
                "name": "Minta Bank",
                "account_number": "11111111-22222222-33333333",
                "account_number_iban": "HU42117730161111101800000000",
                "swift": "MINTHUHB",
                "currency": "HUF",
            },
            {
                "id": 22,
                "name": "Minta Bank EUR",
                "account_number": "11111111-22222222-44444444",
                "account_number_iban": "HU42117730161111101800000001",
                "swift": "MINTHUHB",
                "currency": "EUR",
            },
        ],
        "pdf_seconds": 1.0,  # until the PDF is there; 202 before
        "vendor_seconds": 0.0,  # until the vendor look-up sees a document
        "vendor_finds_receipts": False,  # True: it sees receipts, too
        "export_seconds": 4.0,  # until a file for an accounting program is there
        "export_result": "success",  # or "warning" or "fail", of the next files
        "export_message": "",
        "rates": {"EUR": 402.15, "USD": 371.2, "GBP": 468.9},
    }

    def __init__(self, world):
        super().__init__(world)
        self.lists = Lists(self)
        self.papers = Documents(self)
        self.desk = Desk(self)
        self.exports = Exports(self)

    def reset(self):
        """Forget everything but the demo account."""
        super().reset()
        self.state.update(documents={}, partners={}, numbers={}, exports={})

    def identify(self, request):
        """The account of the key, and the method with the path below the prefix."""
        account = self.account_by_key(request.headers.get("X-API-KEY", ""))
        path = request.path.removeprefix("/billingo/v3")
        return account, f"{request.method} {path}"

    def error(self, status, message):
        """Return ``{"error": {"message": ...}}``; a trace id with a 500."""
        error = {"message": message}
        if status >= 500:
            error["trace_id"] = "664b218f93954a3480cb0ddb8f919c3f"
        return answer({"error": error}, status)

    def documents(self):
        """Yield the ledger's entries."""
        return (self.desk.entry(paper) for paper in self.state["documents"].values())

    def handle(self, request):
        """Answer one call."""
        if request.path.startswith("/billingo/document-access/"):
            return self.desk.public_page(request.path.rpartition("/")[2])
        account, _operation = self.identify(request)
        try:
            self._admit(account, request)
            response = self._route(account, request)
        except Refusal as refusal:
            response = self._refused(refusal)
        if account and account["rate_headers"]:
            response.headers["X-RateLimit-Limit"] = "300"
            response.headers["X-RateLimit-Remaining"] = "299"
        return response

    def _admit(self, account, request):
        if account is None or account["revoked"]:
            raise Refusal(
                401,
                "Authorization information (Header: X-API-KEY) is missing or invalid.",
            )
        if not account["subscribed"]:
            raise Refusal(402, "You do not have subscription for this operation")
        if not self.is_within_limit(account):
            raise Refusal(429, "Too many requests")
        if request.method == "GET":
            return
        if account["read_only"]:
            raise Refusal(403, "You do not have permission to perform this operation.")
        if account["quota"] is not None:
            if account["quota"] <= 0:
                raise Refusal(400, "Daily API quota exceeded.")
            account["quota"] -= 1

    def _route(self, account, request):
        # As it was sent: a quoted slash belongs to a word.
        path = request.environ["RAW_URI"].partition("?")[0]
        for method, pattern, name in _PATTERNS:
            match = pattern.fullmatch(path.removeprefix("/billingo/v3"))
            if match and method == request.method:
                operation = attrgetter(name)(self)
                return operation(account, request, *map(unquote, match.groups()))
        raise Refusal(404, "Non-existent resource is requested.")

    def _refused(self, refusal):
        if refusal.status != 422:
            return self.error(refusal.status, refusal.message)
        errors = [{"field": f, "message": m} for f, m in refusal.errors]
        return answer({"message": "Validation Failed", "errors": errors}, 422)
