"""What the emulator of Billingo v3 refuses of receipts, and what it makes of them."""

import pytest
import requests

from sandbox.server import start
from tests import clock
from tests.reference import openapi

KEY = {"X-API-KEY": "demo-billingo-key"}
RECEIPT = {
    "vendor_id": "K1",
    "block_id": 12,
    "type": "receipt",
    "payment_method": "cash",
    "currency": "HUF",
    "items": [{"name": "Hajvágás", "unit_price": 1270, "vat": "27%"}],
}


@pytest.fixture(scope="module")
def running():
    server = start(clock=clock.now)
    yield server
    server.stop()


@pytest.fixture
def server(running):
    running.world.reset()
    return running


@pytest.fixture
def api(server):
    """Return ``call(method, path, json) -> Response`` on an empty demo account."""

    def call(method, path, data=None):
        url = f"{server.url}/billingo/v3{path}"
        return requests.request(method, url, headers=KEY, json=data, timeout=5)

    return call


@pytest.fixture
def options(server):
    """The demo account's options, to be changed."""
    return server.world.emulator("billingo").account_by_key(KEY["X-API-KEY"])


def make(api, **changes):
    """Send a receipt with ``changes``; returns the response."""
    return api("POST", "/documents/receipt", {**RECEIPT, **changes})


def item(**changes):
    """Return the items of a receipt with one that is changed."""
    return [{**RECEIPT["items"][0], **changes}]


@pytest.mark.parametrize(
    "name", ["block_id", "type", "payment_method", "currency", "items"]
)
def test_what_the_contract_requires_is_required(api, name):
    left = {field: value for field, value in RECEIPT.items() if field != name}
    answer = api("POST", "/documents/receipt", left)
    assert answer.status_code == 422
    assert [row["field"] for row in answer.json()["errors"]] == [name]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"settings": {}}, "settings"),
        ({"comment": "x"}, "comment"),
        ({"paid": True}, "paid"),
        ({"type": "draft"}, "type"),
        ({"type": "invoice"}, "type"),
        ({"block_id": 11}, "block_id"),
        ({"items": []}, "items"),
        ({"items": item(quantity=1)}, "items.0.quantity"),
        ({"items": item(vat="0%")}, "items.0.vat"),
        ({"items": item(vat="ATK")}, "items.0.vat"),
        ({"items": item(unit_price=0)}, "items.0.unit_price"),
        ({"items": item(unit_price=-1)}, "items.0.unit_price"),
        ({"currency": "EUR"}, "conversion_rate"),
    ],
    ids=str,
)
def test_what_a_receipt_cannot_say_is_refused(api, server, changes, field):
    answer = make(api, **changes)
    assert answer.status_code == 422
    assert [row["field"] for row in answer.json()["errors"]] == [field]
    assert not server.world.ledger()["documents"]


def test_a_receipt_is_paid_and_of_today_and_nobodys(api, server):
    openapi.contract()
    with openapi.watched(server):
        made = make(api, partner_id=1, name="Anna", emails=["a@example.com"])
        assert made.status_code == 201
        told = made.json()
        listed = api("GET", "/documents?type=receipt").json()["data"]
    assert (told["type"], told["gross_total"], told["payment_status"]) == (
        *("receipt", 1270),
        "paid",
    )
    assert told["invoice_date"] == told["due_date"] == clock.DAY.isoformat()
    assert "document_partner" not in told
    assert listed == [told]


def test_a_second_post_makes_a_second_receipt(api):
    numbers = [make(api).json()["invoice_number"] for _time in range(2)]
    assert numbers == ["NY / 2026-000001", "NY / 2026-000002"]


def test_whether_the_key_finds_receipts_is_a_matter_of_the_account(api, options):
    make(api)
    assert api("GET", "/documents/vendor/K1").status_code == 404
    options["vendor_finds_receipts"] = True
    assert api("GET", "/documents/vendor/K1").json()["type"] == "receipt"


def test_a_second_cancel_makes_a_second_storno(api, server):
    openapi.contract()
    with openapi.watched(server):
        id_ = make(api).json()["id"]
        stornos = [
            api("POST", f"/documents/{id_}/cancel", {}).json() for _time in range(2)
        ]
        original = api("GET", f"/documents/{id_}").json()
    assert [storno["type"] for storno in stornos] == ["receipt_cancellation"] * 2
    assert stornos[0]["gross_total"] == -1270
    assert original["cancelled"] is True
    assert [row["id"] for row in original["related_documents"]] == [
        storno["id"] for storno in stornos
    ]
    assert api("POST", f"/documents/{stornos[0]['id']}/cancel").status_code == 422


def test_receipts_are_in_the_ledger_and_on_the_page(api, server):
    id_ = make(api).json()["id"]
    api("POST", f"/documents/{id_}/cancel", {})
    first, second = server.world.ledger()["documents"]
    assert (first["kind"], first["receipt"], first["buyer"]) == ("receipt", True, "")
    assert (second["receipt"], second["cancels"]) == (True, first["number"])
    page = requests.get(server.url, timeout=5).text
    assert "NY / 2026-000001" in page and ">receipt<" in page


def test_a_mail_of_a_receipt_needs_an_address(api):
    id_ = make(api).json()["id"]
    assert api("POST", f"/documents/{id_}/send", {}).status_code == 422
    sent = api("POST", f"/documents/{id_}/send", {"emails": ["a@example.com"]})
    assert sent.json() == {"emails": ["a@example.com"]}


@pytest.mark.parametrize(
    ("query", "status"), [("?size=58", 200), ("?size=57", 422), ("", 422)]
)
def test_a_slip_is_58_or_80_millimetres_wide(api, query, status):
    id_ = make(api).json()["id"]
    assert api("GET", f"/documents/{id_}/print/pos{query}").status_code == status


def test_the_list_of_partners_documents_has_no_receipts(api):
    make(api)
    assert api("GET", "/documents?partner_id=1").json()["data"] == []
    assert api("GET", "/documents?query=anna").json()["data"] == []
