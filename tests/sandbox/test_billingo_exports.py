"""What the emulator of Billingo v3 refuses of files for accounting programs."""

from contextlib import nullcontext

import pytest
import requests

from sandbox.server import start
from tests import clock
from tests.reference import openapi

KEY = {"X-API-KEY": "demo-billingo-key"}
EXPORT = {
    "query_type": "invoice_date",
    "start_date": "2026-11-01",
    "end_date": "2026-11-30",
    "export_type": "simple_csv",
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


@pytest.mark.parametrize("name", EXPORT)
def test_what_the_contract_requires_is_required(api, name):
    left = {field: value for field, value in EXPORT.items() if field != name}
    answer = api("POST", "/document-export", left)
    assert answer.status_code == 422
    assert [row["field"] for row in answer.json()["errors"]] == [name]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"query_type": "creation_date"}, "query_type"),
        ({"export_type": "sap"}, "export_type"),
        ({"start_date": "2026-11-31"}, "start_date"),
        ({"start_date": "2026-12-01"}, "end_date"),
        ({"end_date": "30.11.2026"}, "end_date"),
        ({"document_block_id": "11"}, "document_block_id"),
        ({"document_block_id": 99}, "document_block_id"),
        ({"payment_method": "gold"}, "payment_method"),
        ({"sort_by": "name"}, "sort_by"),
        ({"other_options": "none"}, "other_options"),
        ({"filter_extra": {"rlb": "1"}}, "filter_extra.rlb"),
        ({"filter_extra": {"rlb_note": 1}}, "filter_extra.rlb_note"),
        ({"filter_extra": {"rlb_kata": "1"}}, "filter_extra.rlb_kata"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_the_contract_does_not_declare_is_refused(api, changes, field):
    answer = api("POST", "/document-export", {**EXPORT, **changes})
    assert answer.status_code == 422
    assert [row["field"] for row in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"document_block_id": 12},
        {"payment_method": "cash", "sort_by": "invoice_raw_number"},
        {"number_start_year": 2026, "number_start_sequence": 1},
        {"filter_extra": {"ledger_number": {"vevo": "311"}, "use_gross_values": True}},
    ],
)
def test_what_it_takes_is_what_the_contract_takes(server, api, changes):
    there = openapi.REFERENCE.is_dir()
    with openapi.watched(server) if there else nullcontext():
        assert api("POST", "/document-export", {**EXPORT, **changes}).status_code == 201


def test_a_file_is_pending_then_processing_then_there(server, api):
    export_id = api("POST", "/document-export", EXPORT).json()["id"]
    states = []
    for _time in range(3):
        states.append(api("GET", f"/document-export/{export_id}/poll").json()["state"])
        early = api("GET", f"/document-export/{export_id}/download").status_code
        assert early == (200 if states[-1] == "success" else 404)
        server.world.clock_offset += 3
    assert states == ["pending", "processing", "success"]
