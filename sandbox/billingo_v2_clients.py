"""Billingo v2: clients, de-duplicated unless forced."""

from .billingo_v2_tables import CLIENT
from .billingo_v2_wire import Refusal, answer, data, hold, page, success

_ADDRESS = (
    "street_name street_type house_nr block entrance floor door city postcode district "
    "country"
).split()


class Clients:
    """Operations on the clients of an account."""

    def __init__(self, emulator):
        self.emulator = emulator

    def _own(self, account):
        return [
            client
            for client in self.emulator.state["clients"].values()
            if client["account"] == account["id"]
        ]

    def _find(self, account, id_):
        client = self.emulator.state["clients"].get(str(int(id_)))
        if client is None or client["account"] != account["id"]:
            raise Refusal(404, "Client not found")
        return client

    def list(self, account, request):
        """GET /clients."""
        found = page(request, self._own(account))
        return success("clients", [_show(client) for client in found])

    def get(self, account, _request, id_):
        """GET /clients/{id}."""
        return success("clients", _show(self._find(account, id_)))

    def create(self, account, request):
        """POST /clients: returns the same one that there is, unless forced."""
        values = data(request)
        hold(CLIENT, values)
        attributes = _attributes(values)
        if not values.get("force"):
            for client in self._own(account):
                if _identity(client["attributes"]) == _identity(attributes):
                    return success("clients", _show(client))
        id_ = self.emulator.next_id()
        client = {"id": id_, "account": account["id"], "attributes": attributes}
        self.emulator.state["clients"][str(id_)] = client
        return success("clients", _show(client))

    def update(self, account, request, id_):
        """PUT /clients/{id}: replaces what is kept."""
        client = self._find(account, id_)
        values = data(request)
        hold(CLIENT, values)
        client["attributes"] = _attributes(values)
        return success("clients", _show(client))

    def delete(self, account, _request, id_):
        """DELETE /clients/{id}."""
        client = self._find(account, id_)
        del self.emulator.state["clients"][str(client["id"])]
        return answer({"success": True})


def _attributes(values):
    texts = ("name", "email", "taxcode", "phone", "tax_type", "fokonyv_szam", "type")
    address = values["billing_address"]
    return {
        **{name: values.get(name, "") for name in texts},
        "billing_address": {name: address.get(name, "") for name in _ADDRESS},
        "bank": {"iban": "", "swift": "", "account_no": "", **values.get("bank", {})},
        "defaults": values.get("defaults", {}),
    }


def _identity(attributes):
    return attributes["name"], attributes["taxcode"], attributes["billing_address"]


def _show(client):
    return {"id": client["id"], "attributes": client["attributes"]}
