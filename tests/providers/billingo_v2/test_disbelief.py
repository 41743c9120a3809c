"""Answers of Billingo v2 that look right and are about something else."""

import json

import pytest

from providers.errors import AccountProblem, NotProcessed, OutcomeUnknown, Reason
from providers.http import Answer
from providers.invoice import Kind

from .case import BUYER, INVOICE, wish
from .test_garbage import DOCUMENT, PAYMENT, strategy


def success(data, **more):
    body = {"success": True, "data": data, **more}
    return Answer(200, {}, json.dumps(body).encode())


def record(id_=1, total=1000, **attributes):
    return {"id": id_, "attributes": {"total": total, "currency": "HUF", **attributes}}


VAT = success(
    [
        {"id": str(id_), "attributes": {"value": value}}
        for id_, value in ((1, "0.27"), (2, "0.05"), (3, "0.18"), (4, "0"))
    ]
)
FAILURE = Answer(500, {}, b'{"success": false, "error": ""}')


def test_another_document_than_the_one_asked_for_is_not_believed():
    with pytest.raises(NotProcessed) as problem:
        strategy([success(record(2))]).get(DOCUMENT)
    assert problem.value.reason is Reason.UNREADABLE


def test_another_client_than_the_one_updated_is_not_believed():
    answers = [success(record(1)), success(record(2))]  # asked for, then updated
    with pytest.raises(OutcomeUnknown):
        strategy(answers).sync_buyer(BUYER, "1")


def test_a_creation_that_answers_with_another_sales_comment_is_looked_up():
    provider = strategy([VAT, success(record(7, comment="Szalon/0041 [OTHER]"))])
    with pytest.raises(OutcomeUnknown):
        provider.issue(provider.render(INVOICE))


def test_a_creation_that_leaves_the_comment_out_is_believed():
    provider = strategy([VAT, success(record(7, invoice_no="2026-000007")), FAILURE])
    assert provider.issue(provider.render(INVOICE)).number == "2026-000007"


@pytest.mark.parametrize(
    "storno", [record(2, 1000), record(1, -1000)], ids=["positive total", "same id"]
)
def test_what_is_not_a_storno_is_not_taken_for_one(storno):
    provider = strategy([success(record(1, 1000, status=1)), success(storno)])
    with pytest.raises(OutcomeUnknown):
        provider.cancel(wish(DOCUMENT))


def test_a_storno_is_known_by_its_flag_alone():
    storno = record(1, -1000, is_cancel_invoice=1)
    assert strategy([success(storno)]).get(DOCUMENT).kind is Kind.STORNO


def test_a_generated_invoice_that_nobody_names_is_an_unknown_outcome():
    search = [success([])] * 2
    provider = strategy([*search, success({}), *search])
    with pytest.raises(OutcomeUnknown):
        provider.convert_proforma(DOCUMENT, b"")


def test_a_document_that_does_not_say_what_is_paid_is_not_paid_again():
    provider = strategy([success(record(1))])
    with pytest.raises(NotProcessed):
        provider.register_payments(DOCUMENT, PAYMENT)


def test_an_unknown_vat_list_lets_no_invoice_through():
    provider = strategy([success([])])
    with pytest.raises(AccountProblem):
        provider.issue(provider.render(INVOICE))
