"""Whatever comes back in place of a true answer, only the vocabulary leaves a strategy.

True answers are recorded from the sandbox, one of them is mutated (bytes, types, depth,
numbers, encodings, status, headers), and the operation runs anew.  A few hundred
examples; ``SALON_FUZZ_EXAMPLES`` says how many, and ``./dev chaos`` runs thousands.
"""

import json
import os
import random
from dataclasses import is_dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from salon_invoice_bridge.billing.bookkeeping import ExportQuery
from salon_invoice_bridge.billing.codec import to_json
from salon_invoice_bridge.billing.errors import (
    NotProcessed,
    OutcomeUnknown,
    ProviderError,
)
from salon_invoice_bridge.billing.invoice import Kind
from salon_invoice_bridge.providers.http import Answer
from sandbox.server import start
from tests import clock
from tests.contract.harness import RECEIPTS, SERVICES
from tests.contract.salon import COMPANY, GUEST, Salon

EXAMPLES = int(os.environ.get("SALON_FUZZ_EXAMPLES") or 400)
#: Calls after which an operation that goes on and on is stopped.
ENOUGH = 40
READING = frozenset(
    "verify exchange_rate check_taxpayer find_buyer find get made_of find_cancellation "
    "list_documents list_receipts list_issued examine by_number download public_url "
    "nav_status nav_statuses preview request_export export_status "
    "download_export".split()
)
#: What takes the place of a value in JSON, as it stands there.
TOKENS = [
    *("null", "true", "false", "0", "-1", "1", "[]", "{}", '""', '"x"', "[null]"),
    *("1e99999999999999999999", "-1e-99999999999999999999", "1e400", "0.1", "1E+2"),
    *("9" * 30, "9" * 5000, "-0", "NaN", "Infinity", "1e5", '"1e9999"', '"NaN"'),
    *(r'"\u0000"', r'"\ud800"', r'"a\udfffb\u0000"', '"2026-02-30"', '"0000-00-00"'),
    *('"<b>&amp;"', '"javascript:alert(1)"', '"٣"', '"²"', '"' + "é" * 5000 + '"'),
    *("[" * depth + "]" * depth for depth in (40, 400, 900, 5000, 100_000)),
    *('{"a":' * depth + "1" + "}" * depth for depth in (40, 300, 480, 900)),
    '{"id": {"id": [1]}, "attributes": [], "data": {}}',
]
#: What takes the place of a text in XML or in a header.
TEXTS = [
    *("", " ", "x", "0", "-1", "NaN", "Infinity", "1e99", "1E+99", "1,5", "1.2.3"),
    *("9" * 30, "9" * 5000, "true", "false", "2026-02-30", "0000-00-00", "٣", "²"),
    *("%00", "%ff%fe", "%ED%A0%80", "7", "56", "152", "153", "&#0;", "&x;", "<a/>"),
    *("Mon, 99 Foo 99999 99:99:99 +9999", "Mon, 01 Jan 0001 00:00:00 +2359"),
    *("Fri, 31 Dec 9999 23:59:59 -2359", "1" * 9, "1" * 40, "http://", "é\x00é"),
]
STATUSES = [100, 199, 200, 201, 202, 204, 301, 400, 401, 402, 403, 404, 405, 408, 409]
STATUSES += [415, 418, 422, 429, 451, 499, 500, 501, 502, 503, 504, 520, 599, 999]


# === THE TRUE ANSWERS === #


@pytest.fixture(scope="module")
def sandbox():
    """The emulators in this process, on a free port."""
    server = start(clock=clock.now)
    yield server
    server.stop()


@pytest.fixture(scope="module", params=(*SERVICES, *RECEIPTS), ids=str)
def recorded(request, sandbox):
    """``(salon, {name: (operation, answers)})`` of one service."""
    account = sandbox.world.emulator(request.param.code).create_account({})
    salon = Salon(request.param, sandbox, account)
    yield salon, dict(record(salon))
    salon.provider.close()


def record(salon):
    """Yield ``name, (operation, answers)`` for each operation that makes a call."""
    for name, operation in operations(salon):
        provider, answers = salon.connect(), []
        exchange = provider.http._exchange

        def keep(*arguments, exchange=exchange, answers=answers):
            answers.append(exchange(*arguments))
            return answers[-1]

        provider.http._exchange = keep
        try:
            operation(provider)
        except ProviderError:
            pass  # refused or not supported: that is an answer, too
        provider.close()
        if answers:
            yield name, (operation, answers)


def operations(salon):
    """Yield ``name, operation`` in an order in which each finds what it needs."""
    if salon.of_receipts:
        yield from receipts(salon)
        return
    today, tender = salon.today, (salon.tender(10990),)
    invoice, paper = salon.issue()
    moved = replace(COMPANY, street="Új utca 2.")
    wish = salon.storno_of(paper)
    yield "verify", lambda p: p.verify()
    yield "exchange_rate", lambda p: p.exchange_rate("EUR", today)
    yield "check_taxpayer", lambda p: p.check_taxpayer("12345676-2-42")
    partner = salon.provider.sync_buyer(COMPANY)
    yield "sync_buyer", lambda p: p.sync_buyer(GUEST)
    yield "sync_buyer known", lambda p: p.sync_buyer(moved, partner)
    yield "find_buyer", lambda p: p.find_buyer(GUEST)
    fresh = salon.invoice()
    yield "issue", lambda p: p.issue(p.render(fresh))
    yield "find", lambda p: p.find(invoice)
    yield "get", lambda p: p.get(paper)
    yield "list_documents", lambda p: list(p.list_documents(today, today))
    yield "list_issued", lambda p: list(p.list_issued(today, today))
    yield "examine", lambda p: p.examine(paper)
    yield "by_number", lambda p: p.by_number(paper.number)
    yield "register_payments", lambda p: p.register_payments(paper, tender)
    yield "undo_payments", lambda p: p.undo_payments(paper)
    yield "send", lambda p: p.send(paper, ("anna@example.com",))
    yield "public_url", lambda p: p.public_url(paper)
    yield "nav_status", lambda p: p.nav_status(paper)
    yield "nav_statuses", lambda p: p.nav_statuses([paper])
    yield "preview", lambda p: p.preview(fresh)
    salon.advance(30)
    yield "download", lambda p: p.download(paper)
    yield from exports(salon)
    yield from unfinished(salon)
    yield "cancel", lambda p: p.cancel(wish)
    yield "find_cancellation", lambda p: p.find_cancellation(wish)


def exports(salon):
    """Yield the operations on files for accounting programs."""
    kinds = salon.provider.capabilities.export_kinds
    if not kinds:
        return
    query = ExportQuery(kind=kinds[0].code, since=salon.today, until=salon.today)
    yield "request_export", lambda p: p.request_export(query)
    file = salon.provider.request_export(query)
    yield "export_status", lambda p: p.export_status(file)
    salon.advance(60)
    yield "download_export", lambda p: p.download_export(file).ending


def receipts(salon):
    """Yield the operations on receipts."""
    today = salon.today
    receipt, paper = salon.issue()
    wish = salon.storno_of(paper)
    fresh = salon.invoice()
    yield "issue", lambda p: p.issue(p.render(fresh))
    yield "find", lambda p: p.find(receipt)
    yield "get", lambda p: p.get(paper)
    yield "list_receipts", lambda p: list(p.list_receipts(today, today))
    yield "list_issued", lambda p: list(p.list_issued(today, today))
    yield "examine", lambda p: p.examine(paper)
    yield "by_number", lambda p: p.by_number(paper.number, receipt=True)
    yield "send", lambda p: p.send(paper, ("anna@example.com",))
    salon.advance(30)
    yield "download", lambda p: p.download(paper)
    yield "cancel", lambda p: p.cancel(wish)
    yield "find_cancellation", lambda p: p.find_cancellation(wish)


def unfinished(salon):
    """Yield the operations on drafts and proformas."""
    kinds = salon.provider.capabilities.kinds
    if Kind.DRAFT in kinds:
        meant, draft = salon.issue(kind=Kind.DRAFT)
        final = replace(meant, kind=Kind.INVOICE)
        yield "finalize", lambda p: p.finalize(draft, p.render(final))
    meant, proforma = salon.issue(kind=Kind.PROFORMA, paid=False)
    final = replace(meant, kind=Kind.INVOICE, proforma_number=proforma.number)
    yield "made_of", lambda p: p.made_of(proforma)
    yield "convert_proforma", lambda p: p.convert_proforma(proforma, p.render(final))
    _meant, unwanted = salon.issue(kind=Kind.PROFORMA, paid=False)
    yield "discard", lambda p: p.discard(unwanted)


# === THE MUTATIONS === #


def mutate(answer, chance):
    """Return ``answer`` with something wrong in it."""
    kinds = [_bytes, _bytes, _encoding, _status, _header]
    if answer.body.lstrip()[:1] in (b"{", b"["):
        kinds += [_json] * 6
    if answer.body.lstrip()[:1] == b"<":
        kinds += [_xml] * 6
    for _time in range(chance.choice([1, 1, 1, 2, 3])):
        answer = chance.choice(kinds)(answer, chance)
    return answer


def _bytes(answer, chance):
    body = bytearray(answer.body)
    start_ = chance.randrange(len(body) + 1)
    end = min(len(body), start_ + chance.choice([0, 1, 1, 4, 100, len(body)]))
    junk = [b"", b"\x00", b"\xff", b"<", b"{", b'"', chance.randbytes(5), body[::-1]]
    body[start_:end] = chance.choice(junk)
    return replace(answer, body=bytes(body))


def _encoding(answer, chance):
    text = answer.body.decode("utf-8", "replace")
    name = chance.choice(["utf-16", "utf-8-sig", "latin-1", "utf-7", "utf-32", "cp037"])
    return replace(answer, body=text.encode(name, "replace"))


def _status(answer, chance):
    return replace(answer, status=chance.choice(STATUSES))


def _header(answer, chance):
    names = [*answer.headers, "retry-after", "szlahu_down", "szlahu_error_code"]
    names += ["szlahu_error", "szlahu_szamlaszam", "szlahu_bruttovegosszeg"]
    value = chance.choice(TEXTS)
    return replace(answer, headers={**answer.headers, chance.choice(names): value})


def _json(answer, chance):
    """Put a token in the place of a random value, or drop it, or wrap it in a list."""
    try:
        data = json.loads(answer.body)
    except (ValueError, RecursionError):
        return _bytes(answer, chance)
    places = []

    def walk(value, depth=0):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in list(items):
            places.append((value, key))
            if isinstance(item, (dict, list)) and depth < 50:
                walk(item, depth + 1)

    if isinstance(data, (dict, list)):
        walk(data)
    token = chance.choice(TOKENS)
    if not places or chance.random() < 0.05:
        return replace(answer, body=token.encode("utf-8", "surrogatepass"))
    holder, key = chance.choice(places)
    action = chance.random()
    if action < 0.1:
        del holder[key]
    elif action < 0.2:
        holder[key] = [holder[key]] * chance.choice([0, 1, 2])
    else:
        holder[key] = "@TOKEN@"
    body = json.dumps(data, ensure_ascii=chance.random() < 0.5)
    body = body.replace('"@TOKEN@"', token)
    return replace(answer, body=body.encode("utf-8", "surrogatepass"))


def _xml(answer, chance):
    """Put a text in the place of a random element's, or drop or nest elements."""
    try:
        root = etree.fromstring(answer.body)
    except (etree.XMLSyntaxError, ValueError):
        return _bytes(answer, chance)
    element = chance.choice(list(root.iter("*")))
    action = chance.random()
    if action < 0.1 and element.getparent() is not None:
        element.getparent().remove(element)
    elif action < 0.2:
        element.append(etree.fromstring("<a>" * 200 + "</a>" * 200))
    else:
        element.text = "@TOKEN@"
    body = etree.tostring(root, encoding="utf-8").decode()
    body = body.replace("@TOKEN@", chance.choice(TEXTS))
    return replace(answer, body=body.encode("utf-8", "surrogatepass"))


def replay(provider, answers, at, chance):
    """Have ``provider`` hear ``answers``, the one ``at`` a place mutated."""
    heard = 0

    def exchange(*_arguments):
        nonlocal heard
        place = min(heard, len(answers) - 1)
        heard += 1
        if heard > ENOUGH:
            raise NotProcessed("Enough")
        answer = answers[place]
        return mutate(answer, chance) if place == at else answer

    provider.http._exchange = exchange


# === THE CASES === #


def strings(value):
    """Yield each text in what ``codec.to_json`` returned."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (key, *strings(item))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from strings(item)


def check_storable(*values):
    """PostgreSQL takes neither NUL nor what is no UTF-8."""
    for text in strings(values):
        assert "\x00" not in text
        text.encode()


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.integers(0, 2**40))
def test_a_mutated_answer_ends_in_the_vocabulary(recorded, seed):
    salon, operations_ = recorded
    chance = random.Random(seed)
    name = chance.choice(sorted(operations_))
    operation, answers = operations_[name]
    evidence = []
    provider = salon.connect()
    provider.http.observer = evidence.append
    replay(provider, answers, chance.randrange(len(answers)), chance)
    try:
        result = operation(provider)
    except ProviderError as error:
        assert not (name in READING and isinstance(error, OutcomeUnknown))
        assert error.retry_after is None or error.retry_after >= 0
        check_storable(error.message, error.code, error.fields)
    else:
        check_storable(to_json(result) if is_dataclass(result) else result)
        if isinstance(result, list):
            check_storable([to_json(item) for item in result])
    finally:
        provider.close()
    assert evidence


def answering(harness, sandbox, *answers):
    """Return a strategy that hears ``answers``, the last one again and again."""
    account = sandbox.world.emulator(harness.code).create_account({})
    provider = Salon(harness, sandbox, account).provider
    left = list(answers)
    provider.http._exchange = lambda *_a: left.pop(0) if len(left) > 1 else left[0]
    return provider


def ok(body):
    return Answer(status=200, headers={}, body=body)


@pytest.mark.parametrize("harness", SERVICES[:2], ids=str)
@pytest.mark.parametrize(
    "number", ["1e99999999999999999999", "-1e-9999999999999999999"]
)
def test_a_number_beyond_decimal_is_an_unreadable_answer(harness, sandbox, number):
    provider = answering(harness, sandbox, ok(b'{"tax_code": %s}' % number.encode()))
    with pytest.raises(NotProcessed):
        provider.verify()


@pytest.mark.parametrize("harness", SERVICES[:2], ids=str)
def test_a_buyer_kept_in_nested_boxes_is_an_unreadable_answer(harness, sandbox):
    for depth in (60, 300, 480, 900):
        deep = b'{"a":' * depth + b"1" + b"}" * depth
        known = b'{"id": 5, "success": true, "emails": %s, "address": %s, "data": ' % (
            deep,
            deep,
        )
        known += b'{"id": 5, "attributes": {"billing_address": %s}}}' % deep
        with pytest.raises(ProviderError):
            answering(harness, sandbox, ok(known)).sync_buyer(GUEST, "5")


def test_a_refusal_with_nul_and_half_a_character_stays_a_refusal(sandbox):
    body = rb'{"message": "No\u0000 \ud800", "trace_id": "\u0000", "errors": '
    body += rb'[{"field": "\udc00", "message": "\u0000"}]}'
    refused = Answer(status=422, headers={}, body=body)
    provider = answering(SERVICES[0], sandbox, refused)
    with pytest.raises(ProviderError) as caught:
        provider.issue(b"{}")
    assert type(caught.value).__name__ == "Rejected"
    check_storable(caught.value.message, caught.value.code, caught.value.fields)
