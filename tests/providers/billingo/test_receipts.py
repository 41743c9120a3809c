"""Receipts (nyugta) at Billingo: what they can say, and what is not known of them.

The vendor's contract 3.0.15 says their form; that the amount of an item is its gross,
and that a receipt is reversed like an invoice, is what integrations do (WOO+).
"""

import dataclasses
import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.compare import differences, storno_differences
from salon_invoice_bridge.billing.errors import (
    AccountProblem,
    NotProcessed,
    OutcomeUnknown,
    Reason,
    Rejected,
)
from salon_invoice_bridge.billing.invoice import Block, Cancellation, Kind, Line
from salon_invoice_bridge.billing.money import unit
from salon_invoice_bridge.providers.billingo import Billingo, tables
from sandbox import billingo_paper
from tests.examples import examples
from tests.reference import openapi

from .cases import CUT, DAY, GUEST, RECEIPTS, TIP, invoice, provider, receipt

_FOLDER = Path(__file__).parent / "golden"


def rendered(*lines, **changes):
    """Return the request of a receipt as Python values."""
    return json.loads(provider().render(receipt(*lines, **changes)))


# === RENDERING === #


@pytest.mark.parametrize("name", RECEIPTS)
def test_the_request_is_the_one_that_was_read_and_approved(name):
    expected = (_FOLDER / f"{name}.golden").read_bytes().rstrip(b"\n")
    assert provider().render(RECEIPTS[name]) == expected


@pytest.mark.parametrize("name", RECEIPTS)
def test_the_request_keeps_the_vendors_contract(name):
    openapi.contract()
    body = provider().render(RECEIPTS[name])
    assert openapi.request_errors("POST", "/documents/receipt", "", body) == []


def test_a_receipt_names_nobody_and_is_of_paper():
    body = rendered(partner_id="1001", electronic=True, send_email=True)
    assert not {"partner_id", "name", "emails"} & body.keys()
    assert body["electronic"] is False


@pytest.mark.parametrize("code", ["27", "18", "5", "AAM", "TAM", "27.00"])
def test_the_rates_of_a_receipt_have_a_word(code):
    """ReceiptVat of 3.0.15: sure."""
    (item,) = rendered(dataclasses.replace(CUT, vat=code))["items"]
    assert item["vat"] == tables.receipt_vat(code)
    assert Billingo.knows_receipt_vat(code)


@pytest.mark.parametrize("code", ["0", "25.5", "EUE", "KBAET", "HO", "NAM"])
def test_other_rates_want_an_invoice(code):
    with pytest.raises(Rejected, match="invoice") as caught:
        rendered(dataclasses.replace(CUT, vat=code))
    assert (caught.value.reason, code in caught.value.message) == (Reason.CONTENT, True)
    assert not Billingo.knows_receipt_vat(code)


def test_a_tip_cannot_be_on_a_receipt():
    """ReceiptVat has nothing outside VAT (ATK): sure."""
    with pytest.raises(Rejected, match="tip") as caught:
        rendered(CUT, TIP)
    assert caught.value.reason is Reason.UNSUPPORTED
    assert not Billingo.capabilities.receipt_tip
    assert not Billingo.knows_receipt_vat("ATK")


@pytest.mark.parametrize(
    ("lines", "changes", "field"),
    [
        ((CUT,), {"block": ""}, "block_id"),
        ((CUT,), {"currency": "XXX"}, "currency"),
        ((CUT,), {"currency": "EUR"}, "conversion_rate"),
        ((CUT, dataclasses.replace(CUT, gross=Decimal(-9990))), {}, "items"),
        (
            (CUT, dataclasses.replace(CUT, vat="5", gross=Decimal(-1))),
            {},
            "items.vat",
        ),
    ],
    ids=str,
)
def test_what_the_service_would_refuse_is_rejected_before_it_is_sent(
    lines, changes, field
):
    with pytest.raises(Rejected) as caught:
        rendered(*lines, **changes)
    assert field in caught.value.fields


@pytest.mark.parametrize(
    ("quantity", "name"),
    [("1", "Ampulla"), ("1.0", "Ampulla"), ("3", "3 x Ampulla"), ("0.5", "0,5 x")],
)
def test_how_many_there_were_is_in_the_name(quantity, name):
    line = Line(
        name="Ampulla", quantity=Decimal(quantity), gross=Decimal(1000), vat="27"
    )
    (item,) = rendered(line)["items"]
    assert item["name"].startswith(name)
    assert item["unit_price"] == 1000


RATES = ["27", "18", "5", "AAM", "TAM"]


@examples(60)
@given(
    st.lists(st.tuples(st.integers(-9_000, 40_000), st.sampled_from(RATES)), min_size=1)
    | st.lists(st.tuples(st.integers(0, 40_000), st.sampled_from(RATES)), min_size=1),
    st.sampled_from(["HUF", "EUR"]),
)
def test_any_receipt_adds_up_rate_by_rate_and_keeps_the_contract(sold, currency):
    lines = [
        Line(name="A", quantity=Decimal(1), gross=amount * unit(currency), vat=code)
        for amount, code in sold
    ]
    meant = receipt(*lines, currency=currency, exchange_rate=Decimal(2))
    try:
        request = provider().render(meant)
    except Rejected:
        assume(False)
    items = json.loads(request, parse_float=Decimal, parse_int=Decimal)["items"]
    for code in RATES:
        word = tables.receipt_vat(code)
        assert sum(line.gross for line in lines if line.vat == code) == sum(
            item["unit_price"] for item in items if item["vat"] == word
        )
    assert all(item["unit_price"] > 0 for item in items)
    assert openapi.request_errors("POST", "/documents/receipt", "", request) == []
    assert request == provider().render(dataclasses.replace(meant))


# === ISSUING === #


@pytest.mark.parametrize("name", RECEIPTS)
def test_each_sort_of_receipt_is_issued_as_it_was_meant(billingo, name):
    meant = RECEIPTS[name]
    issued = billingo.issue(billingo.render(meant))
    assert (issued.kind, issued.gross) == (Kind.RECEIPT, meant.gross)
    assert issued.number.startswith("NY / 2026-")
    assert differences(meant, issued) == ()
    assert billingo.get(issued) == issued
    assert issued.outstanding == 0


def test_blocks_of_receipts_are_listed_apart(billingo):
    info = billingo.verify()
    assert [block.id for block in info.blocks] == ["11"]
    assert info.receipt_blocks == (Block(id="12", name="Nyugtatömb", prefix="NY"),)


def test_a_block_of_invoices_is_a_matter_of_the_settings(billingo):
    with pytest.raises(AccountProblem) as caught:
        billingo.issue(billingo.render(receipt(block="11")))
    assert caught.value.reason is Reason.SETUP


def test_an_answer_that_is_no_receipt_leaves_the_outcome_unknown(billingo, sandbox):
    partner = billingo.sync_buyer(GUEST)
    other = billingo.issue(billingo.render(invoice(partner_id=partner)))
    emulator = sandbox.world.emulator("billingo")
    body = json.dumps(emulator.papers.show(emulator.state["documents"][other.id]))
    sandbox.world.faults.add({"kind": "garbage", "body": body, "status": 201})
    with pytest.raises(OutcomeUnknown):
        billingo.issue(billingo.render(receipt()))


# === FINDING === #


def test_that_a_receipt_is_found_by_its_key_has_not_been_seen_yet(billingo):
    """Nobody has published it: the probe asks, see docs/proof.md."""
    assert billingo.capabilities.finds_receipts_by_key is False
    billingo.issue(billingo.render(receipt()))
    assert billingo.find(receipt()) is None


def test_what_the_key_does_find_is_taken_all_the_same(billingo, account):
    account["vendor_finds_receipts"] = True
    meant = receipt()
    assert billingo.find(meant) is None
    issued = billingo.issue(billingo.render(meant))
    assert billingo.find(meant) == issued
    billingo.cancel(Cancellation(original=issued, external_key="S"))
    found = billingo.find(meant)
    assert found is None or differences(meant, found)


def test_receipts_of_one_sum_are_not_told_apart_by_anything_else(billingo, sandbox):
    """They have neither buyer nor order number: only the key is asked for."""
    for key in ("A", "B"):
        billingo.issue(billingo.render(receipt(external_key=key)))
    assert billingo.find(receipt(external_key="C", partner_id="1001")) is None
    last = sandbox.world.ledger(service="billingo")["calls"][-1]
    assert last["operation"] == "GET /documents/vendor/C"


def test_a_lost_receipt_is_on_the_list_of_its_day(billingo, sandbox):
    """This is what a person gets to see who must say whether it exists."""
    partner = billingo.sync_buyer(GUEST)
    billingo.issue(billingo.render(invoice(partner_id=partner)))
    sandbox.world.faults.add({"kind": "drop_after", "path": "documents/receipt$"})
    with pytest.raises(OutcomeUnknown):
        billingo.issue(billingo.render(receipt()))
    (listed,) = billingo.list_receipts(DAY, DAY)
    assert (listed.kind, listed.gross, listed.cancelled) == (Kind.RECEIPT, 9990, False)
    billingo.cancel(Cancellation(original=listed, external_key="S"))
    (listed,) = billingo.list_receipts(DAY, DAY)
    assert listed.cancelled
    (other,) = billingo.list_documents(DAY, DAY)
    assert other.kind is Kind.INVOICE


# === STORNO === #


def test_a_storno_takes_back_a_receipt_once(billingo, sandbox):
    issued = billingo.issue(billingo.render(receipt()))
    wish = Cancellation(original=issued, external_key="S", reason="Elállás")
    assert billingo.find_cancellation(wish) is None
    storno = billingo.cancel(wish)
    assert (storno.kind, storno.is_receipt) == (Kind.STORNO, True)
    assert storno_differences(issued, storno) == ()
    assert (storno.original_number, storno.comment) == (issued.number, "Elállás")
    assert billingo.cancel(wish) == billingo.find_cancellation(wish) == storno
    assert billingo.get(issued).cancelled
    assert len(sandbox.world.ledger(service="billingo")["documents"]) == 2


def test_the_storno_of_a_receipt_is_one_by_whatever_name(billingo, monkeypatch):
    """What it is called is read from an enumeration: it may as well be an invoice's."""
    monkeypatch.setitem(billingo_paper.STORNOS, "receipt", "cancellation")
    issued = billingo.issue(billingo.render(receipt()))
    wish = Cancellation(original=issued, external_key="S")
    storno = billingo.cancel(wish)
    assert storno.is_receipt
    assert billingo.find_cancellation(wish) == storno


def test_a_storno_is_not_reversed(billingo):
    issued = billingo.issue(billingo.render(receipt()))
    storno = billingo.cancel(Cancellation(original=issued, external_key="S"))
    with pytest.raises(Rejected) as caught:
        billingo.cancel(Cancellation(original=storno, external_key="T"))
    assert caught.value.reason is Reason.CLOSED


# === AFTER ISSUE === #


def test_a_receipt_is_mailed_where_it_is_told_to(billingo, sandbox):
    issued = billingo.issue(billingo.render(receipt()))
    emails = ("anna@example.com", "bea@example.com")
    assert billingo.send(issued, emails) == emails
    (mail,) = sandbox.world.ledger()["mails"]
    assert mail["to"] == list(emails)
    with pytest.raises(Rejected):
        billingo.send(issued, ())


def test_a_receipt_has_a_pdf_and_a_link(billingo, sandbox):
    issued = billingo.issue(billingo.render(receipt()))
    with pytest.raises(NotProcessed):
        billingo.download(issued)
    sandbox.world.clock_offset += 10
    assert billingo.download(issued).startswith(b"%PDF")
    assert billingo.public_url(issued).startswith("http")


def test_a_slip_has_the_services_layout(billingo):
    """GET /documents/{id}/print/pos of the contract: sure; its look nobody has seen."""
    issued = billingo.issue(billingo.render(receipt()))
    for width in (58, 80):
        assert billingo.print_receipt(issued, width).startswith(b"%PDF")
    bill = dataclasses.replace(issued, kind=Kind.INVOICE)
    for document, width in ((issued, 57), (bill, 80)):
        with pytest.raises(Rejected) as caught:
            billingo.print_receipt(document, width)
        assert caught.value.reason is Reason.UNSUPPORTED


def test_what_a_receipt_does_not_have_is_unsupported(billingo):
    issued = billingo.issue(billingo.render(receipt()))
    for call in (
        lambda: billingo.nav_status(issued),
        lambda: billingo.register_payments(issued, receipt().tenders),
        lambda: billingo.undo_payments(issued),
    ):
        with pytest.raises(Rejected) as caught:
            call()
        assert caught.value.reason is Reason.UNSUPPORTED
    assert billingo.nav_statuses([issued]) == {}


def test_receipts_are_left_out_where_reports_are_asked_for(billingo, sandbox):
    partner = billingo.sync_buyer(GUEST)
    bill = billingo.issue(billingo.render(invoice(partner_id=partner)))
    issued = billingo.issue(billingo.render(receipt()))
    undated = dataclasses.replace(issued, issue_date=None)
    assert billingo.nav_statuses([bill, issued, undated]).keys() == {bill.id}
