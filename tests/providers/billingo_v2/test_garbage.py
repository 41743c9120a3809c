"""Whatever Billingo v2 answers, a strategy ends in a value or in the vocabulary."""

import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.errors import (
    NotProcessed,
    OutcomeUnknown,
    ProviderError,
)
from salon_invoice_bridge.billing.invoice import (
    IssuedDocument,
    Kind,
    PaymentKind,
    Tender,
)
from salon_invoice_bridge.providers.base import Credentials
from salon_invoice_bridge.providers.billingo_v2 import BillingoV2
from salon_invoice_bridge.providers.http import Answer
from tests.examples import examples

from .case import BUYER, DAY, INVOICE, wish

DOCUMENT = IssuedDocument(
    id="1",
    number="2026-000001",
    kind=Kind.INVOICE,
    gross=Decimal(1000),
    currency="HUF",
    issue_date=DAY,
    comment="Szalon/0042 [A]",
)
PAYMENT = (Tender(kind=PaymentKind.CASH, amount=Decimal(1000), date=DAY),)
OPERATIONS = {
    "verify": lambda p: p.verify(),
    "sync_buyer": lambda p: p.sync_buyer(BUYER, "1"),
    "issue": lambda p: p.issue(p.render(INVOICE)),
    "find": lambda p: p.find(INVOICE),
    "get": lambda p: p.get(DOCUMENT),
    "finalize": lambda p: p.finalize(DOCUMENT, b"{}"),
    "convert_proforma": lambda p: p.convert_proforma(DOCUMENT, b"{}"),
    "made_of": lambda p: p.made_of(DOCUMENT),
    "discard": lambda p: p.discard(DOCUMENT),
    "cancel": lambda p: p.cancel(wish(DOCUMENT)),
    "find_cancellation": lambda p: p.find_cancellation(wish(DOCUMENT)),
    "list_documents": lambda p: list(p.list_documents(DAY, DAY)),
    "list_issued": lambda p: list(p.list_issued(DAY, DAY)),
    "examine": lambda p: p.examine(DOCUMENT),
    "register_payments": lambda p: p.register_payments(DOCUMENT, PAYMENT),
    "undo_payments": lambda p: p.undo_payments(DOCUMENT),
    "send": lambda p: p.send(DOCUMENT, ()),
    "download": lambda p: p.download(DOCUMENT),
    "public_url": lambda p: p.public_url(DOCUMENT),
    "exchange_rate": lambda p: p.exchange_rate("EUR", DAY),
    "check_taxpayer": lambda p: p.check_taxpayer("12345676-1-42"),
    "nav_status": lambda p: p.nav_status(DOCUMENT),
    "preview": lambda p: p.preview(INVOICE),
    "blocks": lambda p: p.api.blocks(),
    "currency": lambda p: p.api.currency("EUR", "HUF"),
    "payment_methods": lambda p: p.api.payment_methods(),
    "clients": lambda p: p.api.clients(),
}
READING = (
    "verify find get made_of find_cancellation list_documents list_issued examine "
    "download public_url blocks"
).split()

CORPUS = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b"true",
    b"\xff\xfe\x00",
    b"<html><body><h1>502 Bad Gateway</h1></body></html>",
    b"<!DOCTYPE x [<!ENTITY a 'a'>]><x>&a;</x>",
    b"[" * 100_000,
    b'{"success": true',
    b'{"success": "true", "data": []}',
    b'{"success": true, "data": null}',
    b'{"success": true, "data": [null]}',
    b'{"success": true, "data": [[]]}',
    b'{"success": true, "data": {"id": null, "attributes": {}}}',
    b'{"success": true, "data": {"id": 1, "attributes": []}}',
    b'{"success": true, "data": {"id": true, "attributes": {"total": 1}}}',
    b'{"success": true, "data": {"id": 1e999999999, "attributes": {}}}',
    b'{"success": true, "data": {"id": 1, "attributes": {"total": 1e99}}}',
    b'{"success": true, "data": {"id": 1, "attributes": {"total": "NaN"}}}',
    b'{"success": true, "data": {"id": 1, "attributes": {"total": "\\ud800"}}}',
    b'{"success": true, "data": {"id": 1, "attributes": {"total": 1, "date": "x"}}}',
    b'{"success": true, "data": {"id": 1, "attributes": {"total": 1, "client": 1}}}',
    b'{"success": true, "data": {"id": 1, "attributes": {"total": 1, "status": {}}}}',
    b'{"success": true, "data": {"code": ["x"]}, "id": {}}',
    b'{"success": true, "data": {"fully_paid": 1, "outstanding": {}}}',
    b'{"success": false}',
    b'{"success": false, "error": null}',
    b'{"success": false, "error": {"message": "x"}}',
    b'{"success": false, "errors": {"a": {"b": ["c"]}}}',
    b'{"success": false, "errors": [1, null, {}]}',
    b'{"success": false, "errors": 5}',
    b'{"success": NaN}',
    b"9" * 5000,
    b"\xef\xbb\xbf{}",
    b"%PDF-1.4 but with another status",
]
STATUSES = [100, 200, 201, 202, 204, 301, 400, 401, 402, 403, 404, 409, 422, 429, 500]

_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1", "4445.000", "2026-11-20", "HUF", 4, 3, "0.27"])
)
_names = st.sampled_from(
    "id success data error errors attributes total total_paid status uid type comment "
    "invoice_no prefixed_invoice_no connected_invoice_no is_cancel_invoice currency "
    "client client_uid email payment_method date value code fully_paid outstanding "
    "tax_code is_sandbox name prefix bank_name electronic_invoice".split()
)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(_names, inner, max_size=6),
    max_leaves=20,
)
_bodies = (
    st.binary(max_size=40)
    | _values.map(lambda value: json.dumps(value).encode())
    | st.builds(
        lambda flag, data: json.dumps(
            {"success": flag, "data": data, "error": data, "errors": data, "id": data}
        ).encode(),
        st.booleans(),
        _values,
    )
    | st.builds(
        lambda id_, attributes, many: json.dumps(
            {
                "success": True,
                "data": [{"id": id_, "attributes": attributes}] * 2
                if many
                else {"id": id_, "attributes": attributes},
            }
        ).encode(),
        st.integers(0, 3) | _scalars,
        st.dictionaries(_names, _values, max_size=8),
        st.booleans(),
    )
)


class Echo:
    """Stands where the network is: gives prepared answers, the last one for ever."""

    base_url = "https://www.billingo.hu/api"
    secrets = ()

    def __init__(self, answers):
        self.answers = list(answers)

    def send(self, *_args, **_options):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def deadline(self):
        """Return what nobody waits for."""
        return float("inf")

    def until(self, _ends):
        """Wait for nobody."""
        return contextlib.nullcontext()

    def redact(self, text):
        return text


def strategy(answers):
    provider = BillingoV2(Credentials(api_key="p" * 32, public_key="u"))
    provider.http = provider.api.http = Echo(answers)
    return provider


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_corpus_of_wrong_answers_ends_in_the_vocabulary(operation):
    for body in CORPUS:
        for status in STATUSES:
            provider = strategy([Answer(status, {}, body)])
            with contextlib.suppress(ProviderError):
                OPERATIONS[operation](provider)


@pytest.mark.parametrize("operation", OPERATIONS)
@examples(20)  # for each of 25 operations
@given(
    answers=st.lists(
        st.builds(Answer, st.sampled_from(STATUSES), st.just({}), _bodies),
        min_size=1,
        max_size=4,
    )
)
def test_any_answer_ends_in_the_vocabulary(operation, answers):
    with contextlib.suppress(ProviderError):
        OPERATIONS[operation](strategy(answers))


@pytest.mark.parametrize("operation", READING)
def test_reading_never_ends_in_an_unknown_outcome(operation):
    for body in CORPUS:
        for status in STATUSES:
            provider = strategy([Answer(status, {}, body)])
            try:
                OPERATIONS[operation](provider)
            except OutcomeUnknown as error:
                pytest.fail(f"{status} {body[:60]!r}: {error!r}")
            except ProviderError:
                pass


def test_an_amount_beyond_all_money_is_no_amount():
    body = b'{"success": true, "data": {"id": 1, "attributes": {"total": "1e99"}}}'
    with pytest.raises(NotProcessed):
        OPERATIONS["get"](strategy([Answer(200, {}, body)]))
