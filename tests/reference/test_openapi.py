"""The checker of Billingo's traffic refuses what both contracts refuse."""

import json

import pytest

from . import openapi

PARTNER = {"name": "A"}
PAYMENT = {"date": "2026-11-20", "price": 1, "payment_method": "cash"}


@pytest.fixture(autouse=True)
def contracts():
    """Skip where the vendor's contracts are not at hand."""
    return openapi.contract()


def sent(method, path, data, query=""):
    """Return what is held against a request."""
    return openapi.request_errors(method, path, query, json.dumps(data).encode())


def answered(method, path, status, data):
    """Return what is held against an answer."""
    body = json.dumps(data).encode()
    return openapi.answer_errors(method, path, status, "application/json", body)


def test_paths_and_words_of_both_contracts_are_known():
    assert sent("PUT", "/partners/1", PARTNER) == []  # 3.0.14 only
    assert sent("POST", "/partners/guess", PARTNER) == []  # 3.0.15 only
    revolut = {**PAYMENT, "payment_method": "revolut"}  # 3.0.15 only
    assert sent("PUT", "/documents/1/payments", [revolut]) == []


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("POST", "/nothing", {}),
        ("PATCH", "/documents/1", {}),
        ("POST", "/partners", {"name": 1}),
        ("POST", "/partners", {"colour": "red"}),
        ("POST", "/partners", {"address": {"city": "Budapest"}}),
        ("POST", "/documents", {}),
        ("PUT", "/documents/1/payments", {}),
        ("PUT", "/documents/1/payments", [{**PAYMENT, "payment_method": "gold"}]),
        ("PUT", "/documents/1/payments", [{**PAYMENT, "date": "2026-02-30"}]),
        ("PUT", "/documents/1/payments", [{**PAYMENT, "price": "1"}]),
        ("PUT", "/documents/1/archive", {"why": "not"}),
    ],
)
def test_a_request_that_no_contract_allows_is_found(method, path, data):
    assert sent(method, path, data)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/documents", "colour=red"),
        ("/documents", "per_page=101"),
        ("/documents", "start_date=tomorrow"),
        ("/currencies", "from=EUR"),
        ("/currencies", "from=EUR&to=XXX"),
    ],
)
def test_a_query_that_no_contract_allows_is_found(path, query):
    assert openapi.request_errors("GET", path, query, b"")


@pytest.mark.parametrize(
    ("path", "status", "data"),
    [
        ("/organization", 200, {"tax_code": 1}),
        ("/organization", 200, {"name": "A Kft."}),
        ("/organization", 418, {}),
        ("/documents/1", 200, {"vendor_id": "K"}),
        ("/documents/1", 200, {"items": [{"vat": "27"}]}),
        ("/documents/1", 404, {"message": "flat"}),
        ("/documents/1/payments", 200, {}),
    ],
)
def test_an_answer_that_no_contract_allows_is_found(path, status, data):
    assert answered("GET", path, status, data)


def test_what_the_contracts_allow_is_not_held_against_anybody():
    assert answered("GET", "/documents/1/payments", 200, [PAYMENT]) == []
    error = {"error": {"message": "Too many requests"}}
    assert answered("GET", "/documents", 429, error) == []
    assert answered("GET", "/documents/vendor/K", 404, {"anything": 1}) == []
