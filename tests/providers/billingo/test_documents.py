"""Billingo's own ways with documents, where the contract cases do not look."""

import dataclasses
import json
from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest

from salon_invoice_bridge.billing.errors import (
    AccountProblem,
    NotProcessed,
    OutcomeUnknown,
    Reason,
    Rejected,
)
from salon_invoice_bridge.billing.invoice import (
    Cancellation,
    Kind,
    NavState,
    PaymentKind,
    Tender,
)
from salon_invoice_bridge.billing.vat import EXEMPT
from salon_invoice_bridge.providers.billingo import api, parse, strategy
from salon_invoice_bridge.providers.billingo.tables import vat, vat_code
from sandbox import billingo_desk

from .cases import DAY, GUEST, invoice


@pytest.fixture
def sold(billingo):
    """Return a function that issues: ``sold(**changes) -> (invoice, document)``."""
    partner_id = billingo.sync_buyer(GUEST)

    def sell(**changes):
        wanted = invoice(partner_id=partner_id, **changes)
        return wanted, billingo.issue(billingo.render(wanted))

    return sell


def ledger(sandbox, kind=None):
    """Return the emulator's documents that are there."""
    return [
        entry
        for entry in sandbox.world.ledger(service="billingo")["documents"]
        if not entry["deleted"] and kind in (None, entry["kind"])
    ]


def test_a_document_in_another_currency_tells_its_exchange_rate(billingo, sold):
    rate = Decimal("411.5")
    _wanted, document = sold(currency="EUR", exchange_rate=rate)
    assert document.exchange_rate == billingo.get(document).exchange_rate == rate
    _wanted, in_forints = sold(external_key="FORINTS")
    assert in_forints.exchange_rate is None


# === FINDING === #


def test_a_key_with_a_slash_is_found(billingo, sold):
    wanted, document = sold(external_key="Shop/0012 ?#%")
    assert billingo.find(wanted) == document


def test_a_document_that_the_key_does_not_show_yet_is_found_by_its_order(
    billingo, sold, account
):
    account["vendor_seconds"] = 60
    wanted, document = sold()
    assert billingo.find(wanted) == document


@pytest.mark.parametrize(
    "changes",
    [
        {"order_number": "Szalon/0002"},
        {"kind": Kind.PROFORMA},
        {"currency": "EUR", "exchange_rate": Decimal(400)},
        {"lines": (invoice().lines[0],)},
    ],
)
def test_the_second_look_adopts_nothing_that_differs(billingo, sold, changes):
    sold()
    wanted = dataclasses.replace(sold()[0], external_key="OTHER", **changes)
    assert billingo.find(wanted) is None


def test_the_second_look_adopts_nothing_that_is_cancelled(billingo, sold):
    wanted, document = sold()
    billingo.cancel(Cancellation(original=document, external_key="S"))
    again = dataclasses.replace(wanted, external_key="GENERATION2")
    assert billingo.find(again) is None


# === DRAFT FIRST, THEN FINALIZE === #


def test_a_draft_is_finalized_under_its_own_id_and_once(billingo, sold, sandbox):
    wanted, draft = sold(kind=Kind.DRAFT)
    final = billingo.render(dataclasses.replace(wanted, kind=Kind.INVOICE))
    issued = billingo.finalize(draft, final)
    assert (issued.id, issued.kind) == (draft.id, Kind.INVOICE)
    assert billingo.finalize(draft, final) == issued
    assert len(ledger(sandbox)) == 1


def test_a_finalizing_whose_answer_was_lost_is_not_repeated(billingo, sold, sandbox):
    wanted, draft = sold(kind=Kind.DRAFT)
    final = billingo.render(dataclasses.replace(wanted, kind=Kind.INVOICE))
    sandbox.world.faults.add({"kind": "drop_after", "method": "PUT"})
    with pytest.raises(OutcomeUnknown):
        billingo.finalize(draft, final)
    assert billingo.finalize(draft, final).kind is Kind.INVOICE
    assert [entry["kind"] for entry in ledger(sandbox)] == ["invoice"]


def test_a_plan_without_drafts_pauses_the_account(sold, account):
    account["drafts"] = False
    with pytest.raises(AccountProblem) as caught:
        sold(kind=Kind.DRAFT)
    assert caught.value.reason is Reason.SUBSCRIPTION


def test_a_discarded_draft_is_gone_and_discarding_again_is_no_error(
    billingo, sold, sandbox
):
    _wanted, draft = sold(kind=Kind.DRAFT)
    billingo.discard(draft)
    billingo.discard(draft)
    assert not ledger(sandbox)


def test_an_invoice_is_never_discarded(billingo, sold, sandbox):
    _wanted, document = sold()
    with pytest.raises(Rejected) as caught:
        billingo.discard(dataclasses.replace(document, kind=Kind.DRAFT))
    assert caught.value.reason is Reason.CLOSED
    assert len(ledger(sandbox)) == 1


# === PROFORMA === #


def test_the_invoice_of_a_proforma_is_made_once(billingo, sold, sandbox):
    wanted, proforma = sold(kind=Kind.PROFORMA)
    final = dataclasses.replace(
        wanted, kind=Kind.INVOICE, external_key="F", proforma_number=proforma.number
    )
    request = billingo.render(final)
    sandbox.world.faults.add({"kind": "drop_after", "path": "create-from-proforma"})
    with pytest.raises(OutcomeUnknown):
        billingo.convert_proforma(proforma, request)
    found = billingo.find(final)
    assert found.gross == final.gross
    assert billingo.convert_proforma(proforma, request) == found
    assert len(ledger(sandbox, "invoice")) == 1


def test_a_proforma_that_became_an_invoice_is_not_discarded(billingo, sold):
    wanted, proforma = sold(kind=Kind.PROFORMA)
    request = billingo.render(
        dataclasses.replace(wanted, kind=Kind.INVOICE, external_key="F")
    )
    invoice = billingo.convert_proforma(proforma, request)
    with pytest.raises(Rejected) as caught:
        billingo.discard(proforma)
    assert caught.value.reason is Reason.CLOSED
    billingo.cancel(Cancellation(original=invoice, external_key="S"))
    billingo.discard(proforma)


def test_the_invoice_of_a_proforma_has_the_new_dates_and_form(billingo, sold):
    wanted, proforma = sold(kind=Kind.PROFORMA)
    final = dataclasses.replace(
        wanted,
        kind=Kind.INVOICE,
        fulfillment_date=date(2026, 11, 21),
        due_date=date(2026, 11, 22),
        electronic=True,
        comment="Előlegből",
    )
    issued = billingo.convert_proforma(proforma, billingo.render(final))
    assert issued.fulfillment_date == date(2026, 11, 21)
    assert issued.due_date == date(2026, 11, 22)
    assert (issued.electronic, issued.comment) == (True, "Előlegből")


def test_a_cancelled_invoice_of_a_proforma_is_not_taken_for_the_new_one(
    billingo, sold, sandbox
):
    wanted, proforma = sold(kind=Kind.PROFORMA)
    request = billingo.render(dataclasses.replace(wanted, kind=Kind.INVOICE))
    first = billingo.convert_proforma(proforma, request)
    billingo.cancel(Cancellation(original=first, external_key="S"))
    assert billingo.convert_proforma(proforma, request).id != first.id


# === STORNO === #


def test_a_storno_carries_its_reason_and_goes_to_its_recipients(
    billingo, sold, sandbox
):
    _wanted, document = sold()
    wish = Cancellation(
        original=document,
        external_key="S",
        reason="Elállás",
        emails=("a@example.com", "b@example.com"),
    )
    assert billingo.cancel(wish).comment == "Elállás"
    (mail,) = sandbox.world.ledger()["mails"]
    assert mail["to"] == ["a@example.com", "b@example.com"]


def test_a_storno_made_by_hand_at_billingo_is_adopted(billingo, sold, sandbox):
    _wanted, document = sold()
    by_hand = billingo.cancel(Cancellation(original=document, external_key="H"))
    wish = Cancellation(original=document, external_key="S")
    assert billingo.cancel(wish) == by_hand
    assert len(ledger(sandbox, "cancellation")) == 1


def test_a_storno_that_the_original_does_not_name_goes_to_a_human(
    billingo, sold, sandbox
):
    _wanted, document = sold()
    wish = Cancellation(original=document, external_key="S")
    billingo.cancel(wish)
    state = sandbox.world.emulator("billingo").state
    state["documents"][document.id]["document"]["related_documents"] = []
    for ask in (billingo.cancel, billingo.find_cancellation):
        with pytest.raises(Rejected) as caught:
            ask(wish)
        assert caught.value.reason is Reason.NOT_FOUND
    assert len(ledger(sandbox, "cancellation")) == 1


def test_a_draft_is_not_cancelled(billingo, sold):
    _wanted, draft = sold(kind=Kind.DRAFT)
    with pytest.raises(Rejected) as caught:
        billingo.cancel(Cancellation(original=draft, external_key="S"))
    assert caught.value.reason is Reason.CLOSED


# === AFTER ISSUE === #


def test_split_payments_keep_their_methods(billingo, sold, sandbox):
    _wanted, document = sold()
    tenders = (
        Tender(kind=PaymentKind.CASH, amount=Decimal(490), date=DAY),
        Tender(kind=PaymentKind.SZEP_CARD, amount=Decimal(10000), date=DAY),
    )
    billingo.register_payments(document, tenders)
    paper = sandbox.world.emulator("billingo").state["documents"][document.id]
    assert [(row["payment_method"], row["price"]) for row in paper["payments"]] == [
        ("cash", 490),
        ("szep_card", 10000),
    ]


@pytest.mark.parametrize(("paid", "owed"), [(0, 10490), (4000, 6490), (10490, 0)])
@pytest.mark.parametrize("days", [0, 30])
def test_what_is_owed_is_known_whatever_the_status_says(
    billingo, sold, sandbox, paid, owed, days
):
    _wanted, document = sold(payment_kind=PaymentKind.BANK_TRANSFER, paid=False)
    if paid:
        tender = Tender(kind=PaymentKind.CASH, amount=Decimal(paid), date=DAY)
        billingo.register_payments(document, (tender,))
    sandbox.world.clock_offset += days * 24 * 3600
    assert billingo.get(document).outstanding == owed


def test_payments_that_cannot_be_read_are_no_verdict_on_the_document(
    billingo, sold, sandbox
):
    _wanted, document = sold(payment_kind=PaymentKind.BANK_TRANSFER, paid=False)
    sandbox.world.clock_offset += 30 * 24 * 3600
    body = '{"error": {"message": "Non-existent resource is requested."}}'
    fault = {"kind": "status_before", "path": "payments$", "status": 404, "body": body}
    sandbox.world.faults.add(fault)
    with pytest.raises(NotProcessed):
        billingo.get(document)


def test_without_addresses_the_mail_goes_to_the_partners(billingo, sold, sandbox):
    _wanted, document = sold()
    assert billingo.send(document, ()) == ("anna@example.com",)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("aborted", NavState.REJECTED),
        ("invalid_vat_data", NavState.REJECTED),
        ("something new", NavState.REJECTED),
        ("nav_warn", NavState.WARNING),
        ("dont_send_oss", NavState.NOT_REPORTED),
    ],
)
def test_a_bad_report_to_nav_is_seen(account, sold, billingo, status, state):
    account["nav_status"] = status if status != "something new" else "technical_error"
    _wanted, document = sold()
    assert billingo.nav_status(document).state is state


def test_a_failed_report_comes_with_navs_words(account, sold, billingo):
    account["nav_status"] = "aborted"
    _wanted, document = sold()
    assert "The report failed" in billingo.nav_status(document).detail


def test_a_draft_needs_no_report(sold, billingo):
    _wanted, draft = sold(kind=Kind.DRAFT)
    assert billingo.nav_status(draft).state is NavState.NOT_REPORTED


# === SEVERAL REPORTS AT ONCE === #


def asked(sandbox, before):
    """Return the calls since ``before``, as method and path without the address."""
    return [
        f"{call['method']} {call['path'].rpartition('/v3')[2].partition('?')[0]}"
        for call in sandbox.world.ledger()["calls"][before:]
    ]


def test_reports_of_several_days_are_one_list(billingo, sold, sandbox):
    documents = [sold()[1]]
    for day in (1, 2):
        sandbox.world.clock_offset += 24 * 3600
        documents.append(sold(external_key=f"DAY-{day}")[1])
    assert len({document.issue_date for document in documents}) == 3
    sandbox.world.clock_offset += 60
    before = len(sandbox.world.ledger()["calls"])
    for wanted in (documents, documents[::-1], documents[1:]):
        statuses = billingo.nav_statuses(wanted)
        assert statuses.keys() == {document.id for document in wanted}
        assert {status.state for status in statuses.values()} == {NavState.ACCEPTED}
    assert asked(sandbox, before) == ["GET /documents"] * 3


def test_a_list_is_looked_through_for_some_pages_and_no_further_than_needed(
    billingo, sold, sandbox, monkeypatch
):
    monkeypatch.setattr(api, "PAGE", 2)
    monkeypatch.setattr(strategy, "NAV_PAGES", 3)
    documents = [sold(external_key=f"PAGE-{number}")[1] for number in range(8)]
    sandbox.world.clock_offset += 60
    (listed,) = [
        [document.id for document in billingo.list_documents(day, day)]
        for day in {document.issue_date for document in documents}
    ]
    by_id = {document.id: document for document in documents}
    for found, pages in ((1, 1), (2, 1), (3, 2), (6, 3)):
        before = len(sandbox.world.ledger()["calls"])
        wanted = [by_id[id_] for id_ in listed[:found]]
        assert len(billingo.nav_statuses(wanted)) == found
        assert len(asked(sandbox, before)) == pages
    before = len(sandbox.world.ledger()["calls"])
    assert billingo.nav_statuses(documents).keys() == set(listed[:6])
    assert len(asked(sandbox, before)) == 3


def test_what_was_made_since_is_not_read(billingo, sold, sandbox, monkeypatch):
    monkeypatch.setattr(api, "PAGE", 2)
    documents = [sold(external_key=f"SINCE-{number}")[1] for number in range(12)]
    sandbox.world.clock_offset += 60
    for wanted in (documents[:2], documents[4:6]):
        before = len(sandbox.world.ledger()["calls"])
        assert billingo.nav_statuses(wanted).keys() == {each.id for each in wanted}
        assert asked(sandbox, before) == ["GET /documents"]


def test_a_number_without_a_running_one_does_not_narrow_the_list(billingo, sold):
    _wanted, document = sold()
    odd = dataclasses.replace(document, number="SZ-2026/A")
    assert billingo.nav_statuses([odd]).keys() == {document.id}


@pytest.mark.parametrize("status", ["aborted", "nav_warn", "something new"])
def test_a_report_with_words_of_its_own_is_left_out(
    account, sold, billingo, sandbox, status
):
    _wanted, good = sold()
    account["nav_status"] = status if status != "something new" else "technical_error"
    _wanted, bad = sold(external_key="BAD")
    sandbox.world.clock_offset += 60
    before = len(sandbox.world.ledger()["calls"])
    assert billingo.nav_statuses([bad, good]).keys() == {good.id}
    assert asked(sandbox, before) == ["GET /documents"]


def test_without_its_day_a_report_is_asked_about_alone(billingo, sold, sandbox):
    _wanted, document = sold()
    before = len(sandbox.world.ledger()["calls"])
    nameless = dataclasses.replace(document, issue_date=None)
    assert billingo.nav_statuses([document, nameless]) == {}
    assert not asked(sandbox, before)


def test_a_long_day_is_listed_whole(billingo, sold):
    numbers = {sold()[1].number for _ in range(101)}
    assert {d.number for d in billingo.list_documents(DAY, DAY)} == numbers


# === A LIST THAT LIES === #


@pytest.fixture
def lying(monkeypatch):
    """Let the list of documents say something else: ``lying(change)`` of its page."""

    def let(change):
        true = billingo_desk.page

        def page(request, things):
            response = true(request, things)
            data = json.loads(response.get_data())
            change(data, int(request.args["page"]))
            response.set_data(json.dumps(data))
            return response

        monkeypatch.setattr(billingo_desk, "page", page)

    return let


def _lose_last(data, page):
    del data["data"][-1:]


def _end_early(data, page):
    data["last_page"] = page


def _hide_length(data, page):
    del data["total"]


def _hide_end(data, page):
    del data["last_page"]


def _repeat_in_place(data, page):
    data["data"][-1] = data["data"][0]


def _empty(data, page):
    data["data"] = []


@pytest.mark.parametrize(
    "lie",
    [_lose_last, _end_early, _hide_length, _hide_end, _repeat_in_place, _empty],
)
def test_part_of_a_list_is_never_taken_for_all_of_it(
    billingo, sold, monkeypatch, lying, lie
):
    monkeypatch.setattr(api, "PAGE", 2)
    for number in range(5):
        sold(external_key=f"LIE-{number}")
    lying(lie)
    for listed in (billingo.list_documents, billingo.list_issued):
        with pytest.raises(NotProcessed):
            list(listed(DAY, DAY))


def test_what_is_listed_anew_while_it_is_read_asks_for_another_reading(
    billingo, sold, monkeypatch
):
    monkeypatch.setattr(api, "PAGE", 2)
    for number in range(4):
        sold(external_key=f"OLD-{number}")
    listed = billingo.list_documents(DAY, DAY)
    assert next(listed)
    sold(external_key="NEW")
    with pytest.raises(NotProcessed) as caught:
        list(listed)
    assert caught.value.reason is Reason.NOT_READY
    assert len(list(billingo.list_documents(DAY, DAY))) == 5


def test_a_rate_that_we_have_no_word_for_is_not_told(billingo, sold, lying):
    sold()

    def change(data, page):
        data["data"][0]["items"][0]["vat"] = "ÁKK"

    lying(change)
    (listed,) = billingo.list_documents(DAY, DAY)
    assert listed.rates == ()


@pytest.mark.parametrize("items", [7, True, "abc", {"a": 1}, [7]])
def test_items_that_are_no_items_tell_no_rates(billingo, sold, lying, items):
    sold()
    answers = []
    lying(lambda data, page: answers.append(deepcopy(data["data"][0])))
    (listed,) = billingo.list_documents(DAY, DAY)
    (answer,) = answers
    assert parse.document(answer).rates == listed.rates != ()
    assert parse.document({**answer, "items": items}).rates == ()


def test_rates_that_are_not_the_total_are_not_told(billingo, sold, lying):
    sold()

    def change(data, page):
        data["data"][0]["items"][0]["gross_amount"] += 1
        data["data"][0]["items"][0]["net_amount"] += 1

    lying(change)
    (listed,) = billingo.list_documents(DAY, DAY)
    assert listed.rates == ()


@pytest.mark.parametrize(
    "word, entitlement, code",
    [
        *(("27%", "", "27"), ("5,5%", "", "5.5"), ("0%", "", "0")),
        *(("0%", "ATK", "ATK"), ("AAM", "AAM", "AAM"), ("AAM", "", "AAM")),
        *(("0%", "AAM", "AAM"), ("0%", "WITHOUT_ENTITLEMENT", "0")),
        *(("FAD", "", "DOMESTIC_REVERSE"), ("K.AFA", "ARTWORK", "ARTWORK")),
        *(("K.AFA", "", None), ("0%", "NAM_2", "NAM"), ("EUK", "", None)),
        *(("99%", "", None), ("", "", None), ("27%", "AAM", "27")),
    ],
)
def test_the_words_for_vat_are_read_back(word, entitlement, code):
    assert vat_code(word, entitlement) == code


@pytest.mark.parametrize("code", ["27", "18", "5", "0", "25.5", *EXEMPT])
def test_every_word_that_is_sent_is_read_back(code):
    try:
        word, entitlement = vat(code)
    except Rejected:
        return
    assert vat_code(word, entitlement or "") == code
