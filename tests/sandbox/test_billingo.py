"""What the emulator of Billingo v3 refuses, and what it lets a careless client do."""

import copy
import json

import pytest
import requests

from sandbox.server import start
from tests import clock
from tests.reference import openapi

KEY = {"X-API-KEY": "demo-billingo-key"}
PARTNER = {
    "name": "Kiss Anna",
    "address": {
        "country_code": "HU",
        "post_code": "1011",
        "city": "Budapest",
        "address": "Fő utca 1.",
    },
    "emails": ["anna@example.com"],
}
ITEM = {
    "name": "Hajvágás",
    "unit_price": 1270,
    "unit_price_type": "gross",
    "quantity": 1,
    "unit": "db",
    "vat": "27%",
}
DOCUMENT = {
    "vendor_id": "K1",
    "block_id": 11,
    "type": "invoice",
    "fulfillment_date": clock.DAY.isoformat(),
    "due_date": clock.after(8).isoformat(),
    "payment_method": "wire_transfer",
    "language": "hu",
    "currency": "HUF",
    "items": [ITEM],
    "settings": {"order_number": "R1"},
}


@pytest.fixture(scope="module")
def server():
    """The sandbox on a free port."""
    running = start(clock=clock.now)
    yield running
    running.stop()


@pytest.fixture
def api(server):
    """Return ``call(method, path, json) -> Response`` on an empty demo account."""
    server.world.reset()

    def call(method, path, data=None, **options):
        url = f"{server.url}/billingo/v3{path}"
        return requests.request(
            method, url, headers=KEY, json=data, timeout=5, **options
        )

    return call


@pytest.fixture
def options(server, api):
    """The demo account's options, to be changed."""
    return server.world.emulator("billingo").account_by_key(KEY["X-API-KEY"])


@pytest.fixture
def draft(api):
    """Return a request for an invoice to a partner that exists."""
    partner = api("POST", "/partners", PARTNER).json()
    return {**copy.deepcopy(DOCUMENT), "partner_id": partner["id"]}


def fields(answer):
    """Return the fields that a 422 complains of."""
    assert answer.status_code == 422, answer.text
    assert answer.json()["message"] == "Validation Failed"
    return [row["field"] for row in answer.json()["errors"]]


# === WHO MAY CALL === #


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"revoked": True}, 401),
        ({"subscribed": False}, 402),
        ({"read_only": True}, 403),
        ({"quota": 0}, 400),
        ({"rate_limit": 0}, 429),
    ],
)
def test_an_account_that_may_not_write_is_refused(api, draft, options, change, status):
    options.update(change)
    answer = api("POST", "/documents", draft)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_an_empty_partner_is_refused_or_is_one_as_published(api, options):
    assert fields(api("POST", "/partners", {})) == ["name", "address"]
    options.update(partner_required=False)
    made = api("POST", "/partners", {})
    assert made.status_code == 201
    listed = api("GET", "/partners").json()["data"]
    assert [partner["id"] for partner in listed] == [made.json()["id"]]


def test_a_read_only_or_used_up_account_may_still_read(api, options):
    options.update(read_only=True, quota=0)
    assert api("GET", "/organization").status_code == 200


# === WHAT IS SENT === #


@pytest.mark.parametrize(
    "name",
    [
        *("partner_id", "block_id", "type", "fulfillment_date", "due_date"),
        *("payment_method", "language", "currency", "items"),
    ],
)
def test_what_the_contract_requires_is_required(api, draft, name):
    del draft[name]
    assert fields(api("POST", "/documents", draft)) == [name]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"gift": True}, "gift"),
        ({"partner_id": "1"}, "partner_id"),
        ({"partner_id": 999}, "partner_id"),
        ({"block_id": 999}, "block_id"),
        ({"block_id": 12}, "block_id"),
        ({"bank_account_id": 999}, "bank_account_id"),
        ({"bank_account_id": 22}, "bank_account_id"),
        ({"type": "receipt"}, "type"),
        ({"due_date": "2026-02-30"}, "due_date"),
        ({"due_date": "20.11.2026"}, "due_date"),
        ({"payment_method": "artutalas"}, "payment_method"),
        ({"language": "pl"}, "language"),
        ({"currency": "EUR"}, "conversion_rate"),
        ({"electronic": 1}, "electronic"),
        ({"comment": None}, "comment"),
        ({"items": []}, "items"),
        ({"items": [{**ITEM, "vat": "27"}]}, "items.0.vat"),
        ({"items": [{**ITEM, "vat": "25.5%"}]}, "items.0.vat"),
        ({"items": [{**ITEM, "quantity": "1"}]}, "items.0.quantity"),
        ({"items": [{**ITEM, "entitlement": "NAM"}]}, "items.0.entitlement"),
        ({"settings": {"round": "two"}}, "settings.round"),
        ({"settings": {"send_email": True}}, "settings.send_email"),
    ],
)
def test_what_the_contract_does_not_declare_is_refused(api, draft, change, field):
    assert fields(api("POST", "/documents", {**draft, **change})) == [field]


@pytest.mark.parametrize("name", ["post_code", "city", "address", "country_code"])
def test_even_a_walk_in_needs_a_full_address(api, name):
    partner = copy.deepcopy(PARTNER)
    del partner["address"][name]
    assert fields(api("POST", "/partners", partner)) == [f"address.{name}"]


def test_what_is_not_json_is_a_400(server):
    for headers in (KEY, {**KEY, "Content-Type": "application/json"}):
        answer = requests.post(
            f"{server.url}/billingo/v3/partners", data=b"{", headers=headers, timeout=5
        )
        assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b"[]",
        b"null",
        b"NaN",
        b'{"quantity": NaN}',
        b"\xff\xfe",
        b"9" * 5000,
    ],
)
def test_no_body_brings_the_emulator_down(server, api, body):
    headers = {**KEY, "Content-Type": "application/json"}
    answer = requests.post(
        f"{server.url}/billingo/v3/documents", data=body, headers=headers, timeout=5
    )
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("number", ["1e999999999", "-1e400", "9" * 30, "0.1e-99999"])
def test_no_number_brings_the_emulator_down(server, api, draft, number):
    draft["items"][0]["quantity"] = "HERE"
    headers = {**KEY, "Content-Type": "application/json"}
    answer = requests.post(
        f"{server.url}/billingo/v3/documents",
        data=json.dumps(draft).replace('"HERE"', number),
        headers=headers,
        timeout=5,
    )
    assert fields(answer) == ["items.0.quantity"]


def test_an_unknown_path_or_method_is_a_404(api):
    assert api("GET", "/nothing").status_code == 404
    assert api("PATCH", "/organization").status_code == 404


# === WHAT A CARELESS CLIENT CAN DO === #


def test_the_same_vendor_id_twice_makes_two_invoices(api, draft):
    numbers = {api("POST", "/documents", draft).json()["invoice_number"] for _ in "12"}
    assert len(numbers) == 2


def test_a_second_cancel_makes_a_second_storno(api, draft):
    invoice = api("POST", "/documents", draft).json()
    path = f"/documents/{invoice['id']}/cancel"
    assert len({api("POST", path).json()["id"] for _ in "12"}) == 2


def test_a_second_conversion_makes_a_second_invoice(api, draft):
    proforma = api("POST", "/documents", {**draft, "type": "proforma"}).json()
    path = f"/documents/{proforma['id']}/create-from-proforma"
    assert len({api("POST", path).json()["invoice_number"] for _ in "12"}) == 2


# === THE LIFE OF A DOCUMENT === #


def test_an_invoice_adds_up_gross_first(api, draft):
    draft["items"] = [
        {**ITEM, "unit_price": 9990},
        {**ITEM, "unit_price": 500, "vat": "0%", "entitlement": "ATK"},
    ]
    document = api("POST", "/documents", draft).json()
    assert document["gross_total"] == 10490
    assert document["summary"]["net_amount"] == 8366
    assert document["summary"]["vat_amount"] == 2124


def test_a_net_price_is_taxed_on_top(api, draft):
    draft["items"] = [{**ITEM, "unit_price": 1000, "unit_price_type": "net"}]
    assert api("POST", "/documents", draft).json()["gross_total"] == 1270


@pytest.mark.parametrize(
    ("method", "paid", "status"),
    [
        ("wire_transfer", False, "outstanding"),
        ("wire_transfer", True, "paid"),
        ("cash", False, "paid"),
        ("szep_card", False, "outstanding"),
    ],
)
def test_some_methods_are_paid_at_once_and_others_when_said(
    api, draft, method, paid, status
):
    draft.update(payment_method=method, paid=paid)
    assert api("POST", "/documents", draft).json()["payment_status"] == status


def test_what_is_unpaid_after_its_due_date_is_expired(api, draft, server):
    document = api("POST", "/documents", draft).json()
    path = f"/documents/{document['id']}"
    server.world.clock_offset += 8 * 24 * 3600
    assert api("GET", path).json()["payment_status"] == "outstanding"
    server.world.clock_offset += 24 * 3600
    assert api("GET", path).json()["payment_status"] == "expired"
    part = {"date": clock.after(8).isoformat(), "price": 270, "payment_method": "cash"}
    for price, status in ((270, "partially_paid"), (1270, "paid")):
        api("PUT", f"{path}/payments", [{**part, "price": price}])
        assert api("GET", path).json()["payment_status"] == status


def test_a_draft_is_deleted_or_finalized_with_its_whole_body(api, draft):
    first, second = (
        api("POST", "/documents", {**draft, "type": "draft"}).json() for _ in "12"
    )
    assert first["invoice_number"] == ""
    assert api("DELETE", f"/documents/{first['id']}").status_code == 204
    assert api("GET", f"/documents/{first['id']}").status_code == 404
    path = f"/documents/{second['id']}"
    assert api("PUT", path).status_code in (400, 422)
    final = api("PUT", path, draft).json()
    assert (final["id"], final["type"]) == (second["id"], "invoice")
    assert final["invoice_number"]
    assert api("PUT", path, draft).status_code == 422
    assert api("DELETE", path).status_code == 403


def test_a_storno_and_its_invoice_name_each_other(api, draft):
    invoice = api("POST", "/documents", draft).json()
    storno = api("POST", f"/documents/{invoice['id']}/cancel").json()
    invoice = api("GET", f"/documents/{invoice['id']}").json()
    assert (invoice["cancelled"], invoice["correction_type"]) == (True, "canceled")
    assert invoice["related_documents"][0]["id"] == storno["id"]
    assert storno["related_documents"][0]["id"] == invoice["id"]
    assert storno["gross_total"] == -invoice["gross_total"]


def test_the_vendor_id_is_never_answered_but_finds_its_document(api, draft):
    document = api("POST", "/documents", draft).json()
    assert "vendor_id" not in document
    assert api("GET", "/documents/vendor/K1").json()["id"] == document["id"]
    assert api("GET", "/documents/vendor/K2").status_code == 404


def test_the_pdf_takes_a_moment(api, draft, server):
    document = api("POST", "/documents", draft).json()
    path = f"/documents/{document['id']}/download"
    assert api("GET", path).status_code == 202
    server.world.clock_offset += 2
    answer = api("GET", path)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.4")
    server.world.faults.add({"kind": "slow_pdf", "path": "/download$"})
    assert api("GET", path).status_code == 202
    assert api("GET", path).status_code == 200


def test_the_public_link_and_the_page_lead_to_the_pdf(api, draft, server):
    document = api("POST", "/documents", draft).json()
    url = api("GET", f"/documents/{document['id']}/public-url").json()["public_url"]
    assert requests.get(url, timeout=5).content.startswith(b"%PDF-1.4")
    assert requests.get(url[:-1], timeout=5).status_code == 404
    page = requests.get(server.url, timeout=5).text
    assert url.removeprefix(server.url) in page


def test_a_list_is_paged_and_filtered_newest_first(api, draft):
    ids = [api("POST", "/documents", draft).json()["id"] for _ in range(3)]
    first = api("GET", "/documents?per_page=2").json()
    assert [row["id"] for row in first["data"]] == ids[:0:-1]
    assert (first["total"], first["last_page"]) == (3, 2)
    second = api("GET", "/documents?per_page=2&page=2").json()
    assert [row["id"] for row in second["data"]] == ids[:1]
    assert api("GET", "/documents?start_date=2999-01-01").json()["total"] == 0
    assert api("GET", "/documents?per_page=101").status_code == 422


def test_a_list_is_narrowed_by_years_and_running_numbers(api, draft):
    invoices = [
        api("POST", "/documents", {**draft, "type": "invoice"}).json() for _ in range(3)
    ]
    year, second = invoices[1]["invoice_number"][-11:].split("-")
    start = f"start_year={year}&start_number={int(second)}"
    end = f"end_year={year}&end_number={int(second)}"

    def listed(query):
        return [row["id"] for row in api("GET", f"/documents?{query}").json()["data"]]

    ids = [invoice["id"] for invoice in invoices]
    assert listed(start) == ids[:0:-1]
    assert listed(end) == ids[1::-1]
    assert listed(f"{start}&{end}") == [ids[1]]
    assert not listed(f"start_year={int(year) + 1}&start_number=1")
    for half in (f"start_year={year}", "end_number=1", "start_year=x&start_number=1"):
        assert api("GET", f"/documents?{half}").status_code == 422


def test_the_emulators_words_are_the_vendors(api):
    """Compare the emulator's own tables with the contracts."""
    from sandbox import billingo_tables as tables

    schemas = openapi.contract()["components"]["schemas"]
    for name, words in {
        "Vat": tables.VAT,
        "Entitlement": tables.ENTITLEMENTS,
        "PaymentMethod": tables.PAYMENT_METHODS,
        "DocumentType": tables.DOCUMENT_TYPES,
        "DocumentLanguage": tables.LANGUAGES,
        "Currency": tables.CURRENCIES,
    }.items():
        assert set(words) == set(schemas[name]["enum"]), name
    assert set(tables.COUNTRIES) <= set(schemas["Country"]["enum"])


def test_no_minute_sees_more_calls_than_the_limit(api, options, server):
    options.update(rate_limit=3)
    statuses = []
    for advance in (0, 0, 30, 0, 29, 1):
        server.world.clock_offset += advance
        statuses.append(api("GET", "/organization").status_code)
    assert statuses == [200, 200, 200, 429, 429, 200]


def test_what_is_refused_does_not_count(api, options, server):
    options.update(rate_limit=1)
    assert api("GET", "/organization").status_code == 200
    for _second in range(45):  # of a minute, of which some go by besides
        status = api("GET", "/organization").status_code
        server.world.clock_offset += 1
    assert status == 429
    server.world.clock_offset += 15
    assert api("GET", "/organization").status_code == 200
