"""Answers of Billingo v2 that look right and are about something else."""

import dataclasses
import json

import pytest

from salon_invoice_bridge.billing.errors import (
    AccountProblem,
    NotProcessed,
    OutcomeUnknown,
    Reason,
)
from salon_invoice_bridge.billing.invoice import Kind
from salon_invoice_bridge.providers.http import Answer

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
    made = record(7, invoice_no="2026-000007")
    read = record(7, prefixed_invoice_no="SZ / 2026-000007")
    provider = strategy([VAT, success(made), success(read)])
    assert provider.issue(provider.render(INVOICE)).number == "SZ / 2026-000007"


def test_a_creation_that_cannot_be_read_is_known_by_its_id_and_not_by_its_number():
    """The printed number has the prefix of its block, which the creation leaves out."""
    provider = strategy([VAT, success(record(7, invoice_no="2026-000007")), FAILURE])
    with pytest.raises(OutcomeUnknown) as problem:
        provider.issue(provider.render(INVOICE))
    made = problem.value.document
    assert (made.id, made.number, made.gross) == ("7", "", 1000)


def test_a_storno_that_cannot_be_read_is_known_by_its_id():
    original = record(1, 1000, status=1, invoice_no="2026-000001")
    storno = record(2, -1000, invoice_no="2026-000002")
    provider = strategy([success(original), success(storno), FAILURE])
    with pytest.raises(OutcomeUnknown) as problem:
        provider.cancel(wish(DOCUMENT))
    made = problem.value.document
    assert (made.id, made.kind, made.number) == ("2", Kind.STORNO, "")


def test_a_document_without_a_number_is_a_draft():
    assert strategy([success(record(1))]).get(DOCUMENT).kind is Kind.DRAFT


def found(*records, **changes):
    """Return what is found when a list of the service has ``records``."""
    provider = strategy([success(list(records)), success([]), success([])])
    return provider.find(dataclasses.replace(INVOICE, **changes))


PROFORMA = record(
    5,
    14480,
    prefixed_invoice_no="D-SZ / 2026-000001",
    comment=f"{INVOICE.order_number} [PROFORMA]",
)
MADE_OF_IT = record(
    6,
    14480,
    prefixed_invoice_no="SZ / 2026-000001",
    comment=f"{INVOICE.order_number} [PROFORMA]",
)


@pytest.mark.parametrize("number", ["2026-000001", "D-SZ / 2026-000001", ""])
def test_a_proforma_is_told_from_its_invoice_by_its_id(number):
    of_it = {"proforma_number": number, "proforma_id": "5"}
    assert found(PROFORMA, **of_it) is None
    assert found(PROFORMA, MADE_OF_IT, **of_it).id == "6"
    assert found(MADE_OF_IT, PROFORMA, **of_it).id == "6"


def test_the_invoice_that_was_made_of_a_proforma_is_not_taken_for_it():
    sought = {"kind": Kind.PROFORMA, "external_key": "PROFORMA"}
    assert found(MADE_OF_IT, PROFORMA, **sought).id == "5"


@pytest.mark.parametrize("prefix", ["SZ / ", "SZ 2 / ", "2-", "", "SZ-"])
def test_a_storno_is_recognized_whatever_the_prefix_of_its_block(prefix):
    number = {"prefixed_invoice_no": f"{prefix}2026-000001", "invoice_no": "1"}
    original = record(1, 1000, status=4, client_uid=9, date="2026-11-20", **number)
    storno = record(
        2,
        -1000,
        client_uid=9,
        connected_invoice_no="2026-000001",
        is_cancel_invoice=1,
        prefixed_invoice_no=f"{prefix}2026-000002",
    )
    provider = strategy([success(original), success([storno])])
    assert provider.find_cancellation(wish(DOCUMENT)).id == "2"


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
