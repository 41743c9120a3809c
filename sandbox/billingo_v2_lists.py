"""Billingo v2: what an account has, read-only."""

from decimal import Decimal

from .billingo_v2_tables import PAYMENT_METHODS, VAT
from .billingo_v2_wire import Refusal, answer, success


class Lists:
    """Operations that only read the account's settings."""

    def __init__(self, emulator):
        self.emulator = emulator

    def blocks(self, account, _request):
        """GET /invoices/blocks."""
        return success(
            "invoice_blocks",
            [
                {
                    "id": block["id"],
                    "attributes": {
                        "name": block["name"],
                        "prefix": block["prefix"],
                        "uid": block["id"],
                    },
                }
                for block in account["blocks"]
            ],
        )

    def bank_accounts(self, account, _request):
        """GET /bank_accounts."""
        return success("bank_accounts", [_object(a) for a in account["bank_accounts"]])

    def products(self, account, _request):
        """GET /products."""
        return success("products", [_object(p) for p in account["products"]])

    def vat(self, account, _request):
        """GET /vat: ids and values are texts."""
        return success(
            "vat",
            [
                {
                    "id": str(id_),
                    "attributes": {
                        "id": str(id_),
                        "value": value,
                        "description": description,
                    },
                }
                for id_, (value, description) in rates(account).items()
            ],
        )

    def payment_methods(self, _account, _request):
        """GET /payment_methods/{language}: the names are Hungarian in all."""
        return success(
            "payment_methods",
            [
                {"id": id_, "attributes": {"name": name, "advance_paid": str(paid)}}
                for id_, (name, paid) in PAYMENT_METHODS.items()
            ],
        )

    def currency(self, account, request):
        """GET /currency?from&to&value: at today's rate."""
        source, target = request.args.get("from"), request.args.get("to")
        known = {"HUF": "1", **account["rates"]}
        if source not in known or target not in known:
            raise Refusal(400, "Unknown currency")
        value = Decimal(request.args.get("value", "1"))
        value = value * Decimal(known[source]) / Decimal(known[target])
        return success("currency", {"value": round(value, 6)})

    def is_sandbox(self, account, _request):
        """GET /user/is-sandbox."""
        return answer({"success": True, "data": {"is_sandbox": account["sandbox"]}})

    def tax_code(self, account, _request):
        """GET /user/tax-code."""
        return answer({"success": True, "data": {"tax_code": account["tax_code"]}})


def rates(account):
    """Return the account's VAT rates: id -> (value, description)."""
    own = {int(id_): tuple(rate) for id_, rate in account["vat"].items()}
    return {**VAT, **own}


def _object(thing):
    attributes = {name: thing[name] for name in thing if name != "id"}
    return {"id": thing["id"], "attributes": {**attributes, "uid": thing["id"]}}
