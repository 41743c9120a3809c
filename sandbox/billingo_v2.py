"""Billingo's legacy API v2: who may call, and which operation answers.

Where nobody has published what happens, the way is played that hurts a careless client
most: a second cancel makes a second storno, a second generate a second invoice.
"""

import re

from werkzeug.wrappers import Response

from .billingo_v2_clients import Clients
from .billingo_v2_documents import Documents
from .billingo_v2_lists import Lists
from .billingo_v2_wire import Refusal, answer, check_token, failure, subject
from .emulator import Emulator

_ROUTES = (
    ("GET", "/invoices", "documents.list"),
    ("GET", "/invoices/query", "documents.query"),
    ("GET", "/invoices/blocks", "lists.blocks"),
    ("POST", "/invoices", "documents.create"),
    ("GET", "/invoices/{id}", "documents.get"),
    ("GET", "/invoices/{id}/code", "documents.code"),
    ("GET", "/invoices/{id}/generate", "documents.generate"),
    ("GET", "/invoices/{id}/download", "documents.download"),
    ("GET", "/invoices/{id}/cancel", "documents.cancel"),
    ("GET", "/invoices/{id}/send", "documents.send"),
    ("POST", "/invoices/{id}/pay", "documents.pay"),
    ("DELETE", "/invoices/{id}/pay", "documents.undo_pay"),
    ("GET", "/clients", "clients.list"),
    ("POST", "/clients", "clients.create"),
    ("GET", "/clients/{id}", "clients.get"),
    ("PUT", "/clients/{id}", "clients.update"),
    ("DELETE", "/clients/{id}", "clients.delete"),
    ("GET", "/vat", "lists.vat"),
    ("GET", "/payment_methods/(?:hu|en|de)", "lists.payment_methods"),
    ("GET", "/bank_accounts", "lists.bank_accounts"),
    ("GET", "/products", "lists.products"),
    ("GET", "/currency", "lists.currency"),
    ("GET", "/user/is-sandbox", "lists.is_sandbox"),
    ("GET", "/user/tax-code", "lists.tax_code"),
)
_PATTERNS = tuple(
    (method, re.compile(path.replace("{id}", r"(\d{1,18})")), *name.split("."))
    for method, path, name in _ROUTES
)
#: GETs that write, which a read-only key may not.
_ACTING = re.compile(r"/invoices/\d+/(generate|cancel|send)")
_PREFIX = "/billingo/v2"


class BillingoV2Emulator(Emulator):
    """Billingo API v2 at ``/billingo/v2``, public links at ``/billingo/access``.

    An account's ``key`` is its public key.
    """

    service = "billingo_v2"
    prefixes = ("/billingo/v2/", "/billingo/access/")
    demo = {
        "key": "demo-billingo-v2-public-key",
        "private_key": "demo-billingo-v2-private-key-0123456789",
    }
    options = {
        "private_key": "sandbox-billingo-v2-private-key-0123456789",
        "revoked": False,  # "User not found!"
        "subscribed": True,  # False: "User needs to be premium"
        "read_only": False,  # 403 on all that writes
        "sandbox": True,
        "tax_code": "12345676-1-42",
        "blocks": [{"id": 31, "name": "Szalon", "prefix": "SZ"}],
        "bank_accounts": [
            {
                "id": 41,
                "bank_name": "Minta Bank",
                "account_no": "11111111-22222222-33333333",
                "account_no_iban": "HU42117730161111101800000000",
                "account_swift": "MINTHUHB",
                "currency": "HUF",
            }
        ],
        "products": [
            {
                "id": 51,
                "name": "Sampon",
                "price": "2000",  # net
                "unit": "db",
                "currency_code": "HUF",
                "vat_id": 1,
            }
        ],
        "vat": {},  # id -> [value, description], instead of the usual ones
        "net_decimals": None,  # round net unit prices worked out of gross ones
        "generate_tells_id": True,  # False: as in older documentation
        "generate_in_place": False,  # True: a draft becomes the invoice under its id
        "rates": {"EUR": "402.15", "USD": "371.2", "GBP": "468.9"},
    }

    def __init__(self, world):
        super().__init__(world)
        self.papers = Documents(self)
        self._parts = {
            "documents": self.papers,
            "clients": Clients(self),
            "lists": Lists(self),
        }

    def reset(self):
        """Forget everything but the demo account."""
        super().reset()
        self.state.update(documents={}, clients={}, numbers={}, downloads={})

    def identify(self, request):
        """The account of the public key, and the method with the path."""
        _token, public_key = subject(request)
        path = request.path.removeprefix(_PREFIX)
        return self.account_by_key(public_key), f"{request.method} {path}"

    def error(self, status, message):
        """Return a failure; a 500 says nothing, as the real one does."""
        return failure(Refusal(status, "" if status >= 500 else message))

    def documents(self):
        """Yield the ledger's entries."""
        return (self.papers.entry(paper) for paper in self.state["documents"].values())

    def handle(self, request):
        """Answer one call."""
        if request.path.startswith("/billingo/access/"):
            return self._public(request)
        try:
            account = self._admit(request)
            return self._route(account, request)
        except Refusal as refusal:
            return failure(refusal)

    def _public(self, request):
        code = request.path.removeprefix("/billingo/access/c:")
        for paper in self.state["documents"].values():
            if paper["code"] == code:
                pdf = self.papers.pdf(paper)
                return Response(pdf, content_type="application/pdf")
        return Response("Not found", 404, content_type="text/plain")

    def _admit(self, request):
        token, public_key = subject(request)
        account = self.account_by_key(public_key)
        if account is None or account["revoked"]:
            raise Refusal(401, "User not found!")
        check_token(token, account["private_key"], self.world.now())
        if not account["subscribed"]:
            raise Refusal(402, "User needs to be premium")
        path = request.path.removeprefix(_PREFIX)
        if account["read_only"] and (
            request.method != "GET" or _ACTING.fullmatch(path)
        ):
            raise Refusal(403, "You do not have permission for this operation")
        return account

    def _route(self, account, request):
        path = request.path.removeprefix(_PREFIX)
        for method, pattern, part, name in _PATTERNS:
            match = pattern.fullmatch(path)
            if match and method == request.method:
                operation = getattr(self._parts[part], name)
                return operation(account, request, *match.groups())
        return answer({"success": False, "error": "Not found"}, 404)
