"""The operations of the worker, with a document and a service that only note calls."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from salon_invoice_bridge.billing import errors
from salon_invoice_bridge.billing.invoice import (
    Buyer,
    DocumentKind,
    Invoice,
    IssuedDocument,
    Kind,
    Line,
    PaymentKind,
    Tender,
)
from salon_invoice_bridge.billing.problem import Code, Problem
from salon_invoice_bridge.worker import operations

GROSS = Decimal(4990)
CONVERSIONS = {
    DocumentKind.DRAFT: operations.Finalize,
    DocumentKind.PROFORMA: operations.ConvertProforma,
}


def invoice(**values):
    line = Line(name="Haircut", quantity=Decimal(1), gross=GROSS, vat="27")
    day = date(2026, 3, 2)
    return Invoice(
        **{
            "external_key": "KEY",
            "order_number": "Order/0001-KEY",
            "kind": Kind.INVOICE,
            "buyer": Buyer(name="Kovács Anna"),
            "lines": (line,),
            "tenders": (),
            "payment_kind": PaymentKind.CASH,
            "paid": True,
            "currency": "HUF",
            "fulfillment_date": day,
            "due_date": day,
            **values,
        }
    )


def issued(id_="17", kind=Kind.INVOICE, gross=GROSS, **values):
    return IssuedDocument(
        id=id_, number=f"2026-{id_}", kind=kind, gross=gross, currency="HUF", **values
    )


class Document:
    """A row: its fields, and in ``log`` what was done to it."""

    def __init__(self, log, kind="invoice", origin=None, **values):
        self.log = log
        self.kind = kind
        self.origin_id = origin
        self.request_body = "{}"
        self.reason = "Refund"
        self.external_key = "KEY"
        self.remote_snapshot = None
        self.ready = True
        self.is_receipt = False
        self.overdue = False
        self.looks_first = False
        self.refuses = ()  # policies by which it cannot be built
        self.__dict__.update(values)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *arguments: self.log.append(name)

    def __bool__(self):
        return True

    def _is_conversion(self):
        unfinished = self.origin_id and self.origin_id.kind in CONVERSIONS
        return self.kind == "invoice" and bool(unfinished)

    def _must_build(self):
        return not self.request_body or self.overdue

    def _must_look_up_first(self):
        return self.looks_first

    def _has_remote_copy(self):
        return bool(self.remote_snapshot)

    def _issued(self):
        return self.remote_snapshot

    def _invoice(self):
        return invoice()

    def _make_invoice(self, policy):
        if policy in self.refuses:
            raise Problem(Code.WALK_IN_ADDRESS)
        return invoice()

    def _is_sale_ready(self):
        return self.ready

    def _mailed_to(self):
        return ("anna@example.com",)

    def _made_by_hand_problem(self):
        return Problem(Code.MADE_BY_HAND, document="N-1")

    def _forget_remote_copy(self):
        self.log.append("_forget_remote_copy")
        self.remote_snapshot = None

    def write(self, values):
        self.__dict__.update(values)
        self.log.append("write")


class Service:
    """A service that answers what it is told to, and notes each call and commit."""

    def __init__(self, log, **answers):
        self.log = log
        self.answers = answers
        self.account = None
        self.provider = SimpleNamespace(
            render=lambda invoice: b"{}", received_pdf=lambda document: b""
        )
        self.capabilities = SimpleNamespace(
            persistent_partners=False,
            exchange_rate=True,
            finds_by_key=False,
            finds_receipts_by_key=False,
            mails_on_issue=False,
        )

    def policy(self, document, fresh=False):
        self.log.append("policy, fresh" if fresh else "policy")
        return "fresh" if fresh else "read"

    def call(self, document, operation, *arguments, **options):
        self.log.append(operation)
        answer = self.answers.get(operation)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def commit(self, done=0):
        self.log.append("commit")


@pytest.fixture
def log():
    return []


def gone():
    return errors.Rejected("gone", reason=errors.Reason.NOT_FOUND)


# === WHICH OPERATION === #


@pytest.mark.parametrize("kind", DocumentKind)
def test_each_kind_of_document_has_its_operation(log, kind):
    operation = operations.of(Document(log, kind.value), Service(log))
    assert type(operation) is operations.OPERATIONS[kind]


@pytest.mark.parametrize("kind", CONVERSIONS)
def test_what_a_draft_or_proforma_becomes_is_a_conversion(log, kind):
    origin = Document(log, kind.value)
    operation = operations.of(Document(log, origin=origin), Service(log))
    assert type(operation) is CONVERSIONS[kind]


# === SENDING === #


def test_a_send_is_claimed_and_committed_before_its_call(log):
    operations.of(Document(log), Service(log, issue=issued())).send()
    assert log == ["_claim", "commit", "issue", "_on_issued"]


@pytest.mark.parametrize("values", [{"request_body": ""}, {"overdue": True}])
def test_a_request_is_built_once_and_again_when_it_is_overdue(log, values):
    operations.of(Document(log, **values), Service(log, issue=issued())).send()
    assert log[:4] == ["policy", "_refresh_sale_snapshot", "_freeze", "_claim"]


def test_before_a_person_is_asked_the_settings_are_read_again(log):
    document = Document(log, request_body="", refuses=("read",))
    operations.of(document, Service(log)).prepare()
    assert log == ["policy", "_refresh_sale_snapshot", "policy, fresh", "_freeze"]


def test_what_no_settings_help_is_left_to_a_person(log):
    document = Document(log, request_body="", refuses=("read", "fresh"))
    with pytest.raises(Problem):
        operations.of(document, Service(log)).prepare()
    assert "_freeze" not in log


def test_what_may_be_at_the_service_is_looked_up_before_it_is_sent(log):
    document = Document(log, looks_first=True)
    operations.of(document, Service(log, find=issued())).send()
    assert log == ["find", "_look_up_now", "_on_issued"]


def test_what_is_not_at_the_service_is_sent_after_the_look_up(log):
    document = Document(log, looks_first=True)
    operations.of(document, Service(log, issue=issued())).send()
    assert log == ["find", "_claim", "commit", "issue", "_on_issued"]


def test_another_document_than_was_meant_is_left_to_a_person(log):
    other = issued(gross=GROSS + 1)
    operations.of(Document(log), Service(log, issue=other)).send()
    assert log[-2:] == ["issue", "_on_different"]


def test_an_answer_about_the_original_is_not_believed(log):
    origin = Document(log, "proforma", remote_id="17", remote_snapshot=issued())
    document = Document(log, origin=origin)
    service = Service(log, convert_proforma=issued("17"))
    with pytest.raises(errors.OutcomeUnknown):
        operations.of(document, service).send()
    assert "_on_issued" not in log


# === LOOKING UP === #


def test_what_is_found_and_equal_is_adopted(log):
    operations.of(Document(log), Service(log, find=issued())).look_up()
    assert log == ["find", "_on_issued"]


def test_what_is_found_and_different_is_left_to_a_person(log):
    other = issued(gross=GROSS - 1)
    operations.of(Document(log), Service(log, find=other)).look_up()
    assert log == ["find", "_on_different"]


def test_what_the_service_has_made_before_is_read_by_its_id(log):
    document = Document(log, remote_snapshot=issued())
    operations.of(document, Service(log, get=issued())).look_up()
    assert log == ["get", "_on_issued"]


def test_what_somebody_has_deleted_there_is_looked_up_by_its_key(log):
    document = Document(log, remote_snapshot=issued())
    operations.of(document, Service(log, get=gone())).look_up()
    assert log == ["get", "_forget_remote_copy", "find", "_on_absent"]


@pytest.mark.parametrize(
    "kind, finds_by_key, proven",
    [
        ("invoice", False, False),
        ("invoice", True, True),
        ("correction", False, False),
        ("storno", False, True),
    ],
)
def test_absence_is_proven_by_the_key_or_by_the_original(
    log, kind, finds_by_key, proven
):
    service = Service(log)
    service.capabilities.finds_by_key = finds_by_key
    assert operations.of(Document(log, kind), service).proves_absence is proven


@pytest.mark.parametrize("finds", [False, True])
@pytest.mark.parametrize("kind", ["receipt", "remainder"])
def test_absence_of_a_receipt_is_proven_only_where_that_is_known(log, kind, finds):
    """Whether Billingo finds a receipt by our key is not known (open)."""
    service = Service(log)
    service.capabilities.finds_by_key = True
    service.capabilities.finds_receipts_by_key = finds
    document = Document(log, kind, is_receipt=True)
    assert operations.of(document, service).proves_absence is finds


def test_the_buyer_of_a_receipt_is_not_kept_at_the_service(log):
    document = Document(log, "receipt", is_receipt=True, request_body="")
    paid = Tender(kind=PaymentKind.CASH, amount=GROSS, date=date(2026, 3, 2))
    receipt = invoice(kind=Kind.RECEIPT, tenders=(paid,))
    document._make_invoice = lambda policy: receipt
    document._invoice = lambda: receipt
    service = Service(log, issue=issued(kind=Kind.RECEIPT))
    service.capabilities.persistent_partners = True
    operations.of(document, service).send()
    assert "sync_buyer" not in log and "issue" in log


# === DRAFTS AND PROFORMAS === #


def converting(log, kind, **values):
    values = {
        "state": "issued",
        "remote_id": "17",
        "remote_snapshot": issued(),
        **values,
    }
    origin = Document(log, kind, _changes=lambda current: (), **values)
    return Document(
        log,
        origin=origin,
        order_id=SimpleNamespace(_salon_return_orders=lambda: values.get("returns")),
        _drop_refunded=lambda: False,
    )


def test_a_draft_is_finalized_and_its_row_converted(log):
    document = converting(log, "draft")
    operations.of(document, Service(log, finalize=issued())).send()
    assert log == ["_claim", "commit", "finalize", "_transition", "_on_issued"]


@pytest.mark.parametrize("kind", CONVERSIONS)
def test_an_invoice_that_was_made_there_is_only_looked_up(log, kind):
    document = converting(log, kind)
    assert operations.of(document, Service(log, get=issued())).ready() is False
    assert log[-1] == "_only_look_up"
    assert "_claim" not in log


@pytest.mark.parametrize("kind", CONVERSIONS)
def test_what_an_earlier_send_has_frozen_is_not_frozen_again(log, kind):
    document = converting(log, kind)
    operations.of(document, Service(log, get=issued())).ready()
    operations.of(document, Service(log, get=gone(), find=issued())).ready()
    assert "_freeze" not in log
    document.request_body = ""
    operations.of(document, Service(log, get=issued())).ready()
    assert "_freeze" in log


@pytest.mark.parametrize("kind", CONVERSIONS)
def test_an_original_that_was_deleted_there_is_left_to_a_person(log, kind):
    document = converting(log, kind)
    with pytest.raises(errors.Rejected):
        operations.of(document, Service(log, get=gone())).ready()


def test_a_proforma_that_was_used_up_is_not_dropped_with_its_refunds(log):
    document = converting(log, "proforma", returns=("refund",))
    document._drop_refunded = lambda: True
    current = issued(kind=Kind.PROFORMA)
    service = Service(log, get=current, made_of=issued("18"))
    assert operations.of(document, service).ready() is True
    service = Service(log, get=current)
    assert operations.of(document, service).ready() is False


# === STORNOS === #


def cancelling(log, **values):
    values = {"remote_snapshot": issued(), "remote_id": "17", **values}
    origin = Document(log, "invoice", **values)
    return Document(log, "storno", origin=origin, request_body="")


def test_a_storno_freezes_what_it_cancels_and_is_sent(log):
    document = cancelling(log)
    storno = issued("18", Kind.STORNO, -GROSS)
    operations.of(document, Service(log, cancel=storno)).send()
    assert log == ["write", "_claim", "commit", "cancel", "_on_issued"]
    assert document.amount_gross == -float(GROSS)


def test_an_original_that_was_made_by_hand_is_not_cancelled(log):
    document = cancelling(log, remote_snapshot=None)
    with pytest.raises(Problem, match=Code.MADE_BY_HAND.value):
        operations.of(document, Service(log)).send()
    assert not log


def test_a_storno_of_another_amount_is_left_to_a_person(log):
    other = issued("18", Kind.STORNO, -GROSS + 1)
    operations.of(cancelling(log), Service(log, find_cancellation=other)).look_up()
    assert log[-2:] == ["find_cancellation", "_on_different"]


# === EXCHANGE RATES === #


def test_a_correction_takes_the_rate_of_its_invoice(log):
    origin = Document(log, exchange_rate=390.5, remote_snapshot=issued())
    operation = operations.of(Document(log, "correction", origin), Service(log))
    assert operation._exchange_rate(invoice(currency="EUR")) == Decimal("390.5")
    assert not log


def test_a_correction_without_any_rate_is_left_to_a_person(log):
    origin = Document(log, exchange_rate=0.0, remote_snapshot=issued())
    service = Service(log, get=issued())
    with pytest.raises(errors.Rejected):
        operations.of(Document(log, "correction", origin), service)._exchange_rate(None)
