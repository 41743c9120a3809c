"""The customer's page: what it tells, how long it has the PDF, who may ask."""

from datetime import date, datetime, timedelta, timezone

import pytest

from salon_invoice_bridge.billing.guest_page import (
    LOOKS,
    PDF_FOR,
    REQUEST_DAYS,
    BuyerSort,
    Pdf,
    Slip,
    Stage,
    decide_page,
    guest_tax_number,
    most_private,
    sort_of_buyer,
)
from salon_invoice_bridge.billing.invoice import OPEN_STATES, DocumentKind, State

SOLD_ON = date(2026, 11, 2)
ISSUED_AT = datetime(2026, 11, 2, 10, 0)


def make_slip(**values):
    issued = {
        "state": State.ISSUED,
        "kind": DocumentKind.INVOICE,
        "issued_at": ISSUED_AT,
        "has_pdf": True,
        "may_request": True,
    }
    return Slip(sold_on=SOLD_ON, **{**issued, **values})


def page_of(now=ISSUED_AT, today=SOLD_ON, looks=0, **values):
    return decide_page(make_slip(**values), now, today, looks)


# === WHAT HAS BECOME OF IT === #


@pytest.mark.parametrize("state", [None, *State])
def test_every_state_is_one_of_four_stages(state):
    stage = page_of(state=state).stage
    expected = {
        State.ISSUED: Stage.ISSUED,
        State.CANCELLED: Stage.CANCELLED,
        State.CONVERTED: Stage.PENDING,
        **dict.fromkeys(OPEN_STATES, Stage.PENDING),
    }
    assert stage is expected.get(state, Stage.MISSING)


@pytest.mark.parametrize("kind", [DocumentKind.DRAFT, DocumentKind.PROFORMA])
def test_what_is_no_invoice_yet_is_pending_and_has_no_pdf(kind):
    page = page_of(kind=kind)
    assert (page.stage, page.pdf) == (Stage.PENDING, Pdf.NONE)


def test_what_came_back_is_told_from_what_was_sold():
    assert not page_of().is_return
    assert page_of(kind=DocumentKind.STORNO).is_return
    # The invoice of what the customer kept.
    assert not page_of(kind=DocumentKind.REMAINDER).is_return


# === THE PDF === #


def test_the_pdf_is_there_for_thirty_days_to_the_second():
    moment = timedelta(seconds=1)
    assert page_of(ISSUED_AT + PDF_FOR - moment).pdf is Pdf.HERE
    assert page_of(ISSUED_AT + PDF_FOR).pdf is Pdf.OVER


def test_a_file_that_is_still_coming_is_waited_for_within_the_thirty_days():
    page = page_of(has_pdf=False)
    assert page.pdf is Pdf.SOON
    assert page.look_again
    assert page_of(ISSUED_AT + PDF_FOR, has_pdf=False).pdf is Pdf.OVER


def test_a_private_person_has_it_by_mail_always():
    for has_pdf in (True, False):
        assert page_of(buyer=BuyerSort.PERSON, has_pdf=has_pdf).pdf is Pdf.MAILED
    assert page_of(buyer=BuyerSort.COMPANY).pdf is Pdf.HERE


@pytest.mark.parametrize("state", [one for one in State if one != State.ISSUED])
def test_only_what_is_issued_has_a_pdf(state):
    assert page_of(state=state).pdf is Pdf.NONE


def test_what_was_issued_nobody_knows_when_shows_no_pdf():
    assert page_of(issued_at=None).pdf is Pdf.OVER


# === WHOSE DATA IT HAS === #


def make_buyer(is_company=True, tax_number="13572464-2-07", name="Minta"):
    return {"is_company": is_company, "tax_number": tax_number, "name": name}


def test_a_company_is_told_from_a_person():
    assert sort_of_buyer(None) is BuyerSort.WALK_IN
    assert sort_of_buyer(make_buyer()) is BuyerSort.COMPANY
    assert sort_of_buyer(make_buyer(is_company=False)) is BuyerSort.PERSON


@pytest.mark.parametrize("number", ["", "DE136695976", "HU13572464", "33445568-5-44"])
def test_a_company_may_have_any_number(number):
    assert sort_of_buyer(make_buyer(tax_number=number)) is BuyerSort.COMPANY


def test_a_sole_trader_is_a_person_even_if_odoo_has_a_company():
    trader = make_buyer(tax_number="55667780-1-33", name="Próba Piroska")
    assert sort_of_buyer(trader) is BuyerSort.PERSON
    assert sort_of_buyer({**trader, "tax_number": "HU55667780"}) is BuyerSort.PERSON
    company = {**trader, "name": "Próba Kft."}
    assert sort_of_buyer(company) is BuyerSort.COMPANY


def test_a_company_issued_as_for_a_person_is_a_person():
    assert sort_of_buyer(make_buyer(), as_private=True) is BuyerSort.PERSON
    assert sort_of_buyer(None, as_private=True) is BuyerSort.WALK_IN


def test_of_several_the_most_private_counts():
    assert most_private(list(BuyerSort)) is BuyerSort.PERSON
    two = [BuyerSort.WALK_IN, BuyerSort.COMPANY]
    assert most_private(two) is BuyerSort.COMPANY
    assert most_private([]) is BuyerSort.WALK_IN


# === COMPANY DATA AFTERWARDS === #


def test_it_can_be_asked_for_until_the_eighth_day():
    last = SOLD_ON + timedelta(days=REQUEST_DAYS)
    assert REQUEST_DAYS == 8
    assert page_of(today=last).can_request
    assert not page_of(today=last + timedelta(days=1)).can_request


@pytest.mark.parametrize("state", [None, State.SKIPPED, State.WAITING, State.ISSUED])
def test_it_can_be_asked_for_whether_or_not_there_is_an_invoice(state):
    assert page_of(state=state).can_request


@pytest.mark.parametrize(
    "values",
    [
        {"may_request": False},
        {"requested": True},
        {"returned": True},
        {"billable": False},
        {"buyer": BuyerSort.COMPANY},
        {"buyer": BuyerSort.PERSON},
        {"state": State.CANCELLED},
    ],
    ids=str,
)
def test_it_cannot_be_asked_for(values):
    assert not page_of(**values).can_request


# === LOOKING AGAIN === #


def test_the_page_looks_a_few_times_and_then_stays():
    seconds = []
    while wait := page_of(state=State.WAITING, looks=len(seconds)).look_again:
        seconds.append(wait)
    assert tuple(seconds) == LOOKS
    assert sum(seconds) < 120
    for looks in (len(LOOKS), 10**9, -1):
        assert not page_of(state=State.WAITING, looks=looks).look_again


@pytest.mark.parametrize("state", [None, State.SKIPPED, State.ISSUED, State.CANCELLED])
def test_what_is_over_is_not_looked_at_again(state):
    assert not page_of(state=state).look_again


def test_the_thirty_days_are_counted_in_utc():
    summer = datetime(2026, 7, 1, 22, 30, tzinfo=timezone.utc).replace(tzinfo=None)
    page = page_of(summer + PDF_FOR - timedelta(minutes=1), issued_at=summer)
    assert page.pdf is Pdf.HERE


# === TAX NUMBERS === #


@pytest.mark.parametrize(
    ("typed", "number", "country"),
    [
        ("13572464-2-07", "13572464-2-07", "HU"),
        (" 13572464 2 07 ", "13572464-2-07", "HU"),
        ("HU13572464207", "13572464-2-07", "HU"),
        ("DE136695976", "DE136695976", "DE"),
        ("de 136.695.976", "DE136695976", "DE"),
        ("EL094259216", "EL094259216", "GR"),
    ],
)
def test_a_tax_number_is_read_as_it_is_typed(typed, number, country):
    assert guest_tax_number(typed) == (number, country)


@pytest.mark.parametrize(
    "typed",
    ["", "13572465-2-07", "13572464", "13572464-9-07", "HU13572464", "DE1", "US1", "é"],
)
def test_what_is_no_tax_number_is_none(typed):
    assert guest_tax_number(typed) == ("", "")
