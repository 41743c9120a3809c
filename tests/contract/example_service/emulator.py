"""The example service, played: what it makes is in the sandbox's ledger."""

import json
from decimal import Decimal

from werkzeug.wrappers import Response

from sandbox.emulator import Emulator

STATUS = {"key": 401, "plan": 402, "not_found": 404, "too_many": 429}
PREFIX = "/example/v1/"


class Refusal(Exception):
    """The service says no: ``Refusal(code, message)``."""


class ExampleEmulator(Emulator):
    """Documents by their key, each of them once."""

    service = "example"
    prefixes = (PREFIX,)
    options = {"revoked": False, "subscribed": True}

    def reset(self):
        super().reset()
        self.state["documents"] = []

    def documents(self):
        return iter(self.state["documents"])

    def identify(self, request):
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        path = request.path.removeprefix(PREFIX)
        words = ["{id}" if word.isdigit() else word for word in path.split("/")]
        return self.account_by_key(key), f"{request.method} /{'/'.join(words)}"

    def error(self, status, message):
        codes = {number: code for code, number in STATUS.items()}
        return _answer({"error": {"code": codes.get(status, ""), "message": message}})(
            status
        )

    def handle(self, request):
        account, operation = self.identify(request)
        try:
            if not account or account["revoked"]:
                raise Refusal("key", "This key opens nothing")
            if not account["subscribed"]:
                raise Refusal("plan", "The plan has no API")
            _name, _, rest = request.path.removeprefix(PREFIX).partition("/")
            body = request.get_data()
            data = json.loads(body, parse_float=Decimal) if body else {}
            return self._act(account, operation, rest.partition("/")[0], request, data)
        except Refusal as refusal:
            code, message = refusal.args
            answer = _answer({"error": {"code": code, "message": message}})
            return answer(STATUS.get(code, 422))

    def _act(self, account, operation, number, request, data):
        if operation == "GET /account":
            return _answer({"id": account["id"]})()
        if operation == "GET /documents":
            key = request.args["key"]
            found = [d for d in self._mine(account) if d["external_key"] == key]
            return _answer({"documents": [_shown(paper) for paper in found]})()
        if operation == "POST /documents":
            return _answer(_shown(self._issue(account, data)))()
        act = {
            "GET /documents/{id}": lambda paper: paper,
            "POST /documents/{id}/invoice": lambda paper: self._settle(paper, data),
            "POST /documents/{id}/cancel": lambda paper: self._cancel(paper, data),
            "DELETE /documents/{id}": self._discard,
        }
        paper = self._paper(account, number)
        if operation in act:
            return _answer(_shown(act[operation](paper)))()
        if operation == "GET /documents/{id}/pdf":
            return Response(b"%PDF-1.4 example", content_type="application/pdf")
        if operation == "PUT /documents/{id}/payments":
            paid = sum(Decimal(row["amount"]) for row in data["payments"])
            return _answer({"paid": str(paid)})()
        if operation == "POST /documents/{id}/send":
            self.mail(account, paper["id"], data["emails"], paper["number"])
            return _answer({"sent": data["emails"]})()
        raise Refusal("content", f"There is no {operation}")

    def _mine(self, account):
        documents = self.state["documents"]
        return [d for d in documents if d["account"] == account["id"]]

    def _paper(self, account, number):
        for paper in self._mine(account):
            if str(paper["id"]) == number and not paper["deleted"]:
                return paper
        raise Refusal("not_found", "There is no such document")

    def _issue(self, account, data, **more):
        if any(d["external_key"] == data["key"] for d in self._mine(account)):
            raise Refusal("duplicate", f"There is a document of {data['key']}")
        number = self.next_id()
        paper = {
            "service": self.service,
            "account": account["id"],
            "id": number,
            "number": f"EX-{number}",
            "kind": data["kind"],
            "external_key": data["key"],
            "order_number": data["order"],
            "buyer": data["buyer"],
            "gross": str(sum(Decimal(line["gross"]) for line in data["lines"])),
            "currency": data["currency"],
            "cancelled": False,
            "cancels": "",
            "deleted": False,
            "related": [],
            "created_at": self.world.now(),
            "request": json.loads(json.dumps(data, default=str)),
            **more,
        }
        self.state["documents"].append(paper)
        return paper

    def _settle(self, proforma, data):
        account = self.state["accounts"][proforma["account"]]
        invoice = self._issue(account, data)
        proforma["related"].append(invoice["id"])
        return invoice

    def _cancel(self, paper, data):
        if paper["kind"] != "invoice":
            raise Refusal("closed", "Only an invoice can be cancelled")
        account = self.state["accounts"][paper["account"]]
        if paper["cancelled"]:
            return self._paper(account, str(paper["related"][0]))
        wish = {**paper["request"], "key": data["key"], "kind": "storno"}
        storno = self._issue(
            account, wish, gross=str(-Decimal(paper["gross"])), cancels=paper["number"]
        )
        paper.update(cancelled=True, related=[storno["id"]])
        return storno

    def _discard(self, paper):
        if paper["kind"] != "proforma" or paper["related"]:
            raise Refusal("closed", "This stays")
        paper["deleted"] = True
        return paper


def _shown(paper):
    """Return what the service tells of a document."""
    names = ("id", "number", "kind", "gross", "currency", "cancelled", "cancels")
    url = f"https://example.com/documents/{paper['id']}"
    return {
        **{name: paper[name] for name in names},
        "order": paper["order_number"],
        "related": paper["related"],
        "url": url,
    }


def _answer(data):
    """Return a function of the status that makes a JSON response."""
    body = json.dumps(data, ensure_ascii=False)
    return lambda status=200: Response(body, status, content_type="application/json")
