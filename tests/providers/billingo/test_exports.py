"""Billingo's files for accounting programs: what is asked, and what is believed."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.bookkeeping import (
    ExportFile,
    ExportQuery,
    ExportState,
    ExportStatus,
)
from salon_invoice_bridge.billing.errors import (
    AccountProblem,
    NotProcessed,
    Reason,
    Rejected,
)
from salon_invoice_bridge.billing.month import Basis
from salon_invoice_bridge.providers.billingo import render
from salon_invoice_bridge.providers.billingo.tables import EXPORT_KINDS, EXPORT_STATES
from tests.reference import openapi

from .cases import provider
from .test_errors import answering, invalid

DAY = date(2026, 11, 1)
QUERY = ExportQuery(kind="rlb60", since=DAY, until=date(2026, 11, 30))


def asked(**changes):
    """Return the request of a file."""
    fields = {"kind": "rlb60", "since": QUERY.since, "until": QUERY.until, **changes}
    return json.loads(render.export(ExportQuery(**fields)))


def test_a_request_says_days_and_kind():
    assert asked() == {
        "query_type": "fulfillment_date",
        "start_date": "2026-11-01",
        "end_date": "2026-11-30",
        "export_type": "rlb60",
    }


def test_a_request_may_be_by_issue_of_one_block_and_with_a_note():
    assert asked(basis=Basis.ISSUE, block="11", options={"rlb_note": "7"}) == {
        "query_type": "invoice_date",
        "start_date": "2026-11-01",
        "end_date": "2026-11-30",
        "export_type": "rlb60",
        "document_block_id": 11,
        "filter_extra": {"rlb_note": "7"},
    }


def test_an_option_without_a_text_is_not_sent():
    assert "filter_extra" not in asked(options={"rlb_note": ""})


@given(
    st.sampled_from(EXPORT_KINDS),
    st.dates(),
    st.integers(0, 400),
    st.sampled_from(Basis),
    st.sampled_from(["", "11", "999999"]),
    st.text(min_size=1, max_size=40),
)
def test_every_request_is_one_that_the_contract_allows(
    kind, since, days, basis, block, text
):
    since = min(since, date.max - timedelta(days=400))
    query = ExportQuery(
        kind=kind.code,
        since=since,
        until=since + timedelta(days=days),
        basis=basis,
        block=block,
        options=dict.fromkeys(kind.options, text),
    )
    body = render.export(query)
    assert openapi.request_errors("POST", "/document-export", "", body) == []


def test_all_kinds_of_the_contract_are_offered_but_two():
    schemas = openapi.contract()["components"]["schemas"]
    declared = set(schemas["DocumentExportType"]["enum"])
    left = {"proforma_outstanding", "used_erase_code"}
    assert {kind.code for kind in EXPORT_KINDS} == declared - left
    extra = set(schemas["DocumentExportFilterExtra"]["properties"])
    assert {name for kind in EXPORT_KINDS for name in kind.options} <= extra
    assert set(schemas["DocumentExportStatusState"]["enum"]) == set(EXPORT_STATES)


def test_a_block_that_is_no_id_is_refused_before_anything_is_sent():
    with pytest.raises(Rejected):
        asked(block="SZ")


def test_a_block_that_is_gone_is_the_accounts_trouble():
    strategy = answering(422, invalid("document_block_id", "Invalid."))
    with pytest.raises(AccountProblem) as caught:
        strategy.request_export(QUERY)
    assert caught.value.reason is Reason.SETUP


# === WHAT IS BELIEVED === #


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"id": 5}', b'{"id": ""}', b'{"id": "a b"}', b'{"id": null}']
    + [json.dumps({"id": "x" * 201}).encode(), '{"id": "ő"}'.encode()],
)
def test_a_file_without_an_id_is_none(body):
    with pytest.raises(NotProcessed) as caught:
        answering(201, body).request_export(QUERY)
    assert caught.value.reason is Reason.UNREADABLE


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("pending", ExportState.PENDING),
        ("processing", ExportState.PENDING),
        ("success", ExportState.READY),
        ("warning", ExportState.READY),
        ("fail", ExportState.FAILED),
    ],
)
def test_each_state_is_told_with_the_services_words(state, expected):
    body = json.dumps({"id": "e1", "state": state, "message": "2 kimaradt"}).encode()
    status = answering(200, body).export_status("e1")
    assert status == ExportStatus(state=expected, detail="2 kimaradt")


@pytest.mark.parametrize(
    "data",
    [
        {"id": "e2", "state": "success"},  # another one
        {"id": "e1", "state": "done"},
        {"id": "e1", "state": None},
        {"id": "e1"},
        {},
    ],
)
def test_a_status_of_another_file_or_in_other_words_is_not_believed(data):
    with pytest.raises(NotProcessed) as caught:
        answering(200, json.dumps(data).encode()).export_status("e1")
    assert caught.value.reason is Reason.UNREADABLE


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/octet-stream"),
        (b" \r\n", "application/octet-stream"),
        (b"<html><body>502</body></html>", "text/html"),
        (b"\n <!DOCTYPE html><title>x", "application/octet-stream"),
        (b'{"message": "Later"}', "application/json"),
        (b"\xff\xfe", "text/html; charset=utf-8"),
    ],
)
def test_what_is_no_file_is_not_saved_as_one(body, kind):
    with pytest.raises(NotProcessed) as caught:
        answering(200, body, content_type=kind).download_export("e1")
    assert caught.value.reason is Reason.UNREADABLE


@pytest.mark.parametrize(
    ("body", "kind", "ending"),
    [
        (b"a;b", "application/csv", "csv"),
        (b"a;b", "text/csv; charset=UTF-8", "csv"),
        (b"a;b", "", "dat"),
        (b"a;b", "application/octet-stream", "dat"),
        (b"a b", "text/plain", "txt"),
        (b"<?xml version='1.0'?><a/>", "application/octet-stream", "xml"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", "", "xml"),
        (b"<a/>", "application/xml", "xml"),
        (b"PK\x03\x04abc", "application/zip", "zip"),
        (b"PK\x03\x04abc", "application/octet-stream", "zip"),
        (b"PK\x03\x04....[Content_Types].xml", "application/octet-stream", "xlsx"),
        (
            b"PK\x03\x04abc",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
        (b"\xd0\xcf\x11\xe0abc", "application/vnd.ms-excel", "xls"),
    ],
)
def test_a_files_ending_follows_from_what_it_is(body, kind, ending):
    file = answering(200, body, content_type=kind).download_export("e1")
    assert file == ExportFile(content=body, ending=ending)


@given(st.binary(max_size=300), st.text(max_size=60))
def test_whatever_comes_is_a_file_or_is_asked_for_again(body, kind):
    try:
        file = answering(200, body, content_type=kind).download_export("e1")
    except NotProcessed:
        return
    assert file.content == body
    assert file.ending.isalnum()


def test_an_id_leads_to_no_other_address():
    paths = []
    strategy = provider()
    strategy.http.send = lambda method, path, **more: paths.append(path) or 1 / 0
    with pytest.raises(ZeroDivisionError):
        strategy.export_status("../../documents/1?x#y")
    assert paths == ["/document-export/..%2F..%2Fdocuments%2F1%3Fx%23y/poll"]


# === AT THE EMULATOR === #


def test_a_file_that_failed_says_why(billingo, account, sandbox):
    account.update(export_result="fail", export_message="Nincs bizonylat")
    export_id = billingo.request_export(QUERY)
    sandbox.world.clock_offset += 60
    status = billingo.export_status(export_id)
    assert status == ExportStatus(state=ExportState.FAILED, detail="Nincs bizonylat")
    with pytest.raises(Rejected):
        billingo.download_export(export_id)


def test_a_file_with_a_warning_is_there_and_says_what_it_lacks(
    billingo, account, sandbox
):
    account.update(export_result="warning", export_message="1 kimaradt")
    export_id = billingo.request_export(QUERY)
    sandbox.world.clock_offset += 60
    assert billingo.export_status(export_id).detail == "1 kimaradt"
    assert billingo.download_export(export_id).content


def test_a_file_that_is_fetched_too_early_is_not_there(billingo):
    export_id = billingo.request_export(QUERY)
    with pytest.raises(Rejected) as caught:
        billingo.download_export(export_id)
    assert caught.value.reason is Reason.NOT_FOUND
