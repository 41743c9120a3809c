"""What the emulator of Billingo v2 refuses, and what it lets a careless client do."""

import hashlib

import jwt
import pytest
import requests

from sandbox.server import start
from tests import clock

PUBLIC = "demo-billingo-v2-public-key"
PRIVATE = "demo-billingo-v2-private-key-0123456789"
CLIENT = {
    "name": "Kiss Anna",
    "billing_address": {
        "street_name": "Fő",
        "street_type": "utca",
        "house_nr": "1",
        "city": "Budapest",
        "postcode": "1011",
        "country": "Magyarország",
    },
}
INVOICE = {
    "fulfillment_date": clock.DAY.isoformat(),
    "due_date": clock.after(8).isoformat(),
    "payment_method": 2,
    "comment": "",
    "template_lang_code": "hu",
    "electronic_invoice": 0,
    "currency": "HUF",
    "block_uid": 0,
    "type": 3,
    "round_to": 0,
    "items": [
        {
            "description": "Hajvágás",
            "vat_id": 1,
            "qty": 1,
            "gross_unit_price": 1270,
            "unit": "db",
        }
    ],
}
OPTIONAL = {"comment", "round_to"}


@pytest.fixture(scope="module")
def server():
    server = start(clock=clock.now)
    yield server
    server.stop()


@pytest.fixture
def call(server):
    """Return a function that makes a signed call and returns ``(status, body)``."""
    server.world.reset()

    def make(method, path, body=None, token=None, scheme="Bearer", **params):
        answer = requests.request(
            method,
            f"{server.url}/billingo/v2{path}",
            json=body,
            params=params,
            headers={"Authorization": f"{scheme} {token or sign()}"},
            timeout=10,
        )
        return answer.status_code, answer.json()

    return make


@pytest.fixture
def invoice(call):
    """A valid request for an invoice."""
    _status, body = call("POST", "/clients", CLIENT)
    return {**INVOICE, "client_uid": body["data"]["id"]}


def sign(key=PRIVATE, algorithm="HS256", **changes):
    """Return a token by the vendor's rules, or with something changed."""
    issued = int(clock.now())
    claims = {"sub": PUBLIC, "iat": issued, "exp": issued + 30, "iss": "test"}
    claims.update(changes)
    if "jti" not in claims:
        name = f"{claims['sub']}{claims['iat']}".encode()
        claims["jti"] = hashlib.md5(name).hexdigest()
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm)


# === TOKENS === #


def test_a_signed_token_opens_the_account(call):
    assert call("GET", "/user/tax-code") == (
        200,
        {"success": True, "data": {"tax_code": "12345676-1-42"}},
    )


def test_the_vendors_old_typo_works_as_well(call):
    assert call("GET", "/user/tax-code", scheme="Beamer")[0] == 200


NOW = clock.now()
WRONG = {
    "unknown user": sign(sub="nobody"),
    "other private key": sign(key="another-private-key-of-the-same-length"),
    "other algorithm": sign(key="k" * 64, algorithm="HS512"),
    "longer than half a minute": sign(exp=int(NOW) + 3600),
    "from the future": sign(iat=int(NOW) + 3600, exp=int(NOW) + 3620),
    "expired": sign(iat=int(NOW) - 60, exp=int(NOW) - 30),
    "another name": sign(jti="0" * 32),
    "no issuer": sign(iss=""),
    "one claim more": sign(nbf=int(NOW)),
    "fractions of seconds": sign(iat=NOW),
    "no token": "x",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_token_against_the_rules_opens_nothing(call, name):
    status, body = call("GET", "/user/tax-code", token=WRONG[name])
    assert status == 401
    assert body["success"] is False
    assert body["error"]


def test_another_accounts_documents_are_not_there(server, call, invoice):
    _status, body = call("POST", "/invoices", invoice)
    other = server.world.emulator("billingo_v2").create_account({})
    token = sign(key=other["private_key"], sub=other["key"])
    id_ = body["data"]["id"]
    assert call("GET", f"/invoices/{id_}", token=token)[0] == 404
    assert call("POST", "/invoices", invoice, token=token)[0] == 400


# === REQUESTS === #


def test_the_documented_request_is_taken(call, invoice):
    status, body = call("POST", "/invoices", invoice)
    assert (status, body["success"], body["type"]) == (200, True, "invoices")
    assert body["data"]["attributes"]["total"] == 1270


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("external_id", "x"),
        ("type", 2),
        ("type", "3"),
        ("round_to", 2),
        ("payment_method", 3),
        ("electronic_invoice", True),
        ("fulfillment_date", "20.11.2026"),
        ("client_uid", "1001"),
        ("items[0].gross_unit_price", "1270"),
        ("items[0].net_unit_price", 1000),
        ("items[0].discount", 5),
        ("items[0].vat_id", 99),
        ("items[0].unit", ""),
        ("items[0].entitlement", "NOPE"),
        ("items", []),
        ("currency", None),
    ],
)
def test_what_is_not_declared_is_refused_at_its_place(call, invoice, path, value):
    target, name = invoice, path
    if path.startswith("items[0]."):
        invoice["items"] = [dict(INVOICE["items"][0])]
        target, name = invoice["items"][0], path.split(".")[1]
    target[name] = value
    status, body = call("POST", "/invoices", invoice)
    assert status == 400
    assert any(place.startswith(path.split(".")[0]) for place in body["errors"])


@pytest.mark.parametrize("name", sorted({*INVOICE, "client_uid"} - OPTIONAL))
def test_what_is_required_is_missed(call, invoice, name):
    del invoice[name]
    assert call("POST", "/invoices", invoice)[0] == 400


def test_a_client_needs_a_full_address(call):
    for name in ("street_name", "city", "postcode", "country"):
        address = {**CLIENT["billing_address"], name: ""}
        assert (
            call("POST", "/clients", {**CLIENT, "billing_address": address})[0] == 400
        )


def test_the_same_client_is_returned_unless_forced(call):
    first = call("POST", "/clients", CLIENT)[1]["data"]["id"]
    assert call("POST", "/clients", CLIENT)[1]["data"]["id"] == first
    forced = call("POST", "/clients", {**CLIENT, "force": True})[1]["data"]["id"]
    assert forced != first


# === CARELESS CLIENTS === #


def test_the_same_request_twice_makes_two_invoices(call, invoice):
    numbers = {
        call("POST", "/invoices", invoice)[1]["data"]["attributes"]["invoice_no"]
        for _again in range(2)
    }
    assert len(numbers) == 2


def test_a_second_cancel_makes_a_second_storno(call, invoice):
    id_ = call("POST", "/invoices", invoice)[1]["data"]["id"]
    ids = {call("GET", f"/invoices/{id_}/cancel")[1]["data"]["id"] for _ in range(2)}
    assert len(ids) == 2


def test_a_second_generate_makes_a_second_invoice(call, invoice):
    id_ = call("POST", "/invoices", {**invoice, "type": 1})[1]["data"]["id"]
    ids = {call("GET", f"/invoices/{id_}/generate")[1]["id"] for _again in range(2)}
    assert len(ids) == 2


# === LISTS === #


def test_a_query_leaves_drafts_and_proformas_out_and_a_list_does_not(call, invoice):
    for type_ in (0, 1, 3):
        call("POST", "/invoices", {**invoice, "type": type_})
    assert len(call("GET", "/invoices/query")[1]["data"]) == 1
    assert len(call("GET", "/invoices")[1]["data"]) == 3


def test_pages_are_numbers(call):
    assert call("GET", "/invoices", page="x")[0] == 400
    assert call("GET", "/invoices", page=0)[0] == 400


def test_what_is_not_there_is_a_404_in_the_services_form(call):
    assert call("GET", "/invoices/1") == (
        404,
        {"success": False, "error": "Invoice not found"},
    )
    assert call("GET", "/nowhere")[0] == 404


def test_an_account_survives_a_restart(tmp_path):
    state = str(tmp_path / "state.json")
    first = start(state_file=state, clock=clock.now)
    try:
        url = f"{first.url}/billingo/v2/clients"
        headers = {"Authorization": f"Bearer {sign()}"}
        requests.post(url, json=CLIENT, headers=headers, timeout=10)
    finally:
        first.stop()
    second = start(state_file=state, clock=clock.now)
    try:
        url = f"{second.url}/billingo/v2/clients"
        answer = requests.get(url, headers=headers, timeout=10).json()
    finally:
        second.stop()
    assert answer["data"][0]["attributes"]["name"] == "Kiss Anna"
