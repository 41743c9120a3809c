"""Whatever is sold, and whatever the service answers."""

import dataclasses
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing import vat
from salon_invoice_bridge.billing.codec import to_json
from salon_invoice_bridge.billing.errors import OutcomeUnknown, ProviderError, Rejected
from salon_invoice_bridge.billing.invoice import (
    Cancellation,
    Invoice,
    IssuedDocument,
    Kind,
    Line,
    PaymentKind,
    Tender,
)
from salon_invoice_bridge.billing.money import quantize, unit
from salon_invoice_bridge.providers.billingo.tables import CURRENCIES
from salon_invoice_bridge.providers.http import Answer
from tests.examples import examples
from tests.reference import openapi

from .cases import DAY, GUEST, invoice, provider, receipt

# === ANY SALE === #

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40).filter(
    lambda text: text.strip()
)
VAT_CODES = st.sampled_from(["27", "18", "5", "0", "25.5", "AAM", "TAM", "ATK", "EUE"])


@st.composite
def lines(draw, currency):
    """Any line that the dataclass allows in ``currency``."""
    cents = draw(st.integers(-(10**9), 10**9))
    digits = draw(st.integers(0, 6))
    quantity = Decimal(draw(st.integers(-(10**7), 10**7).filter(bool))).scaleb(-digits)
    return Line(
        name=draw(TEXTS),
        quantity=quantity,
        gross=cents * unit(currency),
        vat=draw(VAT_CODES),
        unit=draw(st.sampled_from(["db", "óra", "", "alkalom"])),
        comment=draw(st.one_of(st.just(""), TEXTS)),
    )


@st.composite
def invoices(draw):
    """Any invoice that the dataclasses allow and that Billingo has words for."""
    currency = draw(st.sampled_from(["HUF", "EUR", "USD", "JPY"]))
    return Invoice(
        external_key=draw(TEXTS),
        order_number=draw(TEXTS),
        kind=draw(st.sampled_from([Kind.DRAFT, Kind.PROFORMA, Kind.INVOICE])),
        buyer=GUEST,
        lines=tuple(draw(st.lists(lines(currency), min_size=1, max_size=6))),
        payment_kind=draw(st.sampled_from(PaymentKind)),
        paid=draw(st.booleans()),
        currency=currency,
        exchange_rate=draw(st.decimals("0.0001", "9999", places=6)),
        fulfillment_date=DAY,
        due_date=DAY + timedelta(days=draw(st.integers(0, 90))),
        language=draw(st.sampled_from(["hu", "en_US", "de", "xx"])),
        electronic=draw(st.booleans()),
        block="11",
        comment=draw(st.one_of(st.just(""), TEXTS)),
        partner_id="1001",
    )


def total(request, currency):
    """Return what a request adds up to, by any arithmetic: every product is exact."""
    items = json.loads(request, parse_float=Decimal, parse_int=Decimal)["items"]
    return sum(item["unit_price"] * item["quantity"] for item in items)


@given(invoices())
def test_any_invoice_is_sent_with_the_forints_of_the_sale(sale):
    request = provider().render(sale)
    assert total(request, sale.currency) == sale.gross
    assert request == provider().render(sale)


@given(invoices())
def test_any_invoice_has_its_forints_at_each_rate_too(sale):
    items = provider().amounts(sale)
    assert len(items) == len(json.loads(provider().render(sale))["items"])
    for code in {line.vat for line in sale.lines}:
        sold = sum(line.gross for line in sale.lines if line.vat == code)
        assert sum(item.gross for item in items if item.vat == code) == sold
    assert sum(item.net + item.tax for item in items) == sale.gross


@given(invoices())
@examples(50)
def test_any_invoice_keeps_the_vendors_contract(sale):
    openapi.contract()
    request = provider().render(sale)
    assert openapi.request_errors("POST", "/documents", "", request) == []


@given(st.sampled_from([*vat.EXEMPT, *map(str, range(100)), "25.5", "0.1"]))
def test_any_vat_code_is_sent_by_a_word_of_the_service_or_rejected(code):
    line = Line(name="A", quantity=Decimal(1), gross=Decimal(1), vat=code)
    try:
        request = provider().render(invoice(lines=(line,)))
    except Rejected as error:
        assert code in error.message
    else:
        assert openapi.request_errors("POST", "/documents", "", request) == []


@given(st.sampled_from(sorted(CURRENCIES)), st.integers(0, 10**10))
def test_any_currency_is_sent_in_its_own_unit(currency, amount):
    gross = quantize(Decimal(amount) / 100, currency)
    line = Line(name="A", quantity=Decimal(1), gross=gross, vat="27")
    sale = invoice(lines=(line,), currency=currency, exchange_rate=Decimal(2))
    assert total(provider().render(sale), currency) == gross


# === ANY ANSWER === #

DOCUMENT = {
    "id": 1,
    "invoice_number": "SZ / 2026-000001",
    "type": "invoice",
    "cancelled": False,
    "gross_total": 10490,
    "currency": "HUF",
    "payment_status": "paid",
    "document_partner": {"id": 1001, "name": "Kiss Anna"},
    "settings": {"order_number": "Szalon/0001"},
    "summary": {"net_amount": 8366},
    "related_documents": [{"id": 2, "invoice_number": "SZ / 2026-000002"}],
    "invoice_date": "2026-11-20",
    "correction_type": "invoice",
}
FORMS = [
    DOCUMENT,
    {**DOCUMENT, "type": "cancellation"},
    {**DOCUMENT, "type": "receipt"},
    {"data": [DOCUMENT], "last_page": 1, "current_page": 1},
    {"tax_code": "12345676-1-42", "subscription": {"features": ["a"]}},
    {"conversation_rate": 402.15},
    {"emails": ["a@example.com"]},
    {"public_url": "https://example.com/x"},
    {"result": "validation_ok", "addresses": [{"type": "HQ"}]},
    {"status": "done", "messages": [{"human_readable_message": "x"}]},
    [{"date": "2026-11-20", "price": 10490, "payment_method": "cash"}],
    {"error": {"message": "No", "trace_id": "1"}},
    {"message": "Validation Failed", "errors": [{"field": "a", "message": "b"}]},
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["9" * 400, -1, 0, 10**30, 1e308, "\ud800", "2026-13-45"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mutated(draw):
    """A documented answer in which one value is anything."""
    form = json.loads(json.dumps(draw(st.sampled_from(FORMS))))
    place = form
    while place:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(st.sampled_from(keys))
        inner = place[key]
        if not isinstance(inner, (dict, list)) or draw(st.booleans()):
            place[key] = draw(JSON)
            break
        place = inner
    return json.dumps(form).encode()


NASTY = [
    b"",
    b"null",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"gross_total": 1e999999999, "type": "invoice", "currency": "HUF", "id": 1}',
    b'{"id": ' + b"9" * 5000 + b"}",
    b'{"type": "invoice", "id": NaN}',
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf{}",
    b"%PDF-1.4",
    b"<html>502</html>",
    b'<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>',
    b'{"data": [' + b'{"type": "invoice"},' * 1000 + b"{}]}",
]
BODIES = st.one_of(
    st.sampled_from(NASTY),
    st.binary(max_size=60),
    mutated(),
    mutated().flatmap(lambda body: st.integers(0, len(body)).map(lambda n: body[:n])),
    JSON.map(lambda value: json.dumps(value).encode()),
)
HEADERS = st.sampled_from(
    [{}, {"retry-after": "7"}, {"retry-after": "x"}, {"retry-after": "9" * 99}]
)
ANSWERS = st.builds(
    Answer,
    st.one_of(
        st.sampled_from([200, 201, 202, 204, 302, 400, 404, 422, 429, 500]),
        st.integers(100, 999),
    ),
    HEADERS,
    BODIES,
)

PAPER = IssuedDocument(
    id="1", number="SZ / 1", kind=Kind.INVOICE, gross=Decimal(10490), currency="HUF"
)
DATED = dataclasses.replace(PAPER, issue_date=DAY)
WISH = Cancellation(original=PAPER, external_key="S", reason="x")
TENDER = Tender(kind=PaymentKind.CASH, amount=Decimal(1), date=DAY)
REQUEST = provider().render(invoice())
READS = {
    "verify": lambda p: p.verify(),
    "exchange_rate": lambda p: p.exchange_rate("EUR", DAY),
    "check_taxpayer": lambda p: p.check_taxpayer("12345676-2-42"),
    "find": lambda p: p.find(invoice()),
    "find_buyer": lambda p: p.find_buyer(GUEST),
    "get": lambda p: p.get(PAPER),
    "find_cancellation": lambda p: p.find_cancellation(WISH),
    "made_of": lambda p: p.made_of(PAPER),
    "download": lambda p: p.download(PAPER),
    "public_url": lambda p: p.public_url(PAPER),
    "nav_status": lambda p: p.nav_status(PAPER),
    "nav_statuses": lambda p: p.nav_statuses([DATED]),
    "list_documents": lambda p: list(p.list_documents(DAY, DAY)),
    "list_receipts": lambda p: list(p.list_receipts(DAY, DAY)),
    "list_issued": lambda p: list(p.list_issued(DAY, DAY)),
    "examine": lambda p: p.examine(PAPER),
    "find_receipt": lambda p: p.find(receipt()),
}
ACTS = {
    "sync_buyer": lambda p: p.sync_buyer(GUEST),
    "sync_known_buyer": lambda p: p.sync_buyer(GUEST, "1001"),
    "issue": lambda p: p.issue(REQUEST),
    "issue_receipt": lambda p: p.issue(provider().render(receipt())),
    "finalize": lambda p: p.finalize(PAPER, REQUEST),
    "convert_proforma": lambda p: p.convert_proforma(PAPER, REQUEST),
    "discard": lambda p: p.discard(PAPER),
    "cancel": lambda p: p.cancel(WISH),
    "register_payments": lambda p: p.register_payments(PAPER, (TENDER,)),
    "undo_payments": lambda p: p.undo_payments(PAPER),
    "send": lambda p: p.send(PAPER, ("a@example.com",)),
}


def outcome(operation, answers):
    """Return what an operation ends in when these are the answers, in turn."""
    strategy = provider()
    left = list(answers)
    strategy.http.send = lambda *args, **kwargs: left.pop(0) if left else answers[-1]
    try:
        return operation(strategy)
    except ProviderError as error:
        return error


@pytest.mark.parametrize("name", READS)
@examples(40)
@given(st.lists(ANSWERS, min_size=1, max_size=3))
def test_no_answer_to_a_question_leads_out_of_the_vocabulary(name, answers):
    result = outcome(READS[name], answers)
    assert not isinstance(result, OutcomeUnknown), "a question changes nothing"
    _is_storable(result)


@pytest.mark.parametrize("name", ACTS)
@examples(40)
@given(st.lists(ANSWERS, min_size=1, max_size=3))
def test_no_answer_to_an_act_leads_out_of_the_vocabulary(name, answers):
    _is_storable(outcome(ACTS[name], answers))


@given(ANSWERS)
def test_a_create_is_only_done_if_the_answer_is_a_document(answer):
    result = outcome(ACTS["issue"], [answer])
    if isinstance(result, IssuedDocument):
        assert 200 <= answer.status < 300
        assert 0 < len(result.id) < 19, "an id fits where ids are stored"
        assert abs(result.gross) < 10**15, "an amount fits where amounts are stored"


def _is_storable(result):
    """Whatever comes out can be written to a database as JSON text."""
    if isinstance(result, ProviderError):
        values = [result.message, result.code, result.fields, result.retry_after]
        json.dumps(values).encode()
    elif dataclasses.is_dataclass(result):
        json.dumps(to_json(result)).encode()
