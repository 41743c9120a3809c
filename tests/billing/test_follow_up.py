"""What follows from a document that was issued: which tasks, and when."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing import follow_up
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
from salon_invoice_bridge.providers.base import Capabilities
from tests.clock import DAY

NOW = datetime(2026, 11, 20, 12, 3, 20)
NIGHT = datetime(2026, 11, 21, 2, 17, 5)

#: A service that mails by itself, and shows and reports nothing.
PLAIN = Capabilities(
    kinds=frozenset(Kind), block_required=True, mails_on_issue=True, public_url=False
)


def tender(amount, kind=PaymentKind.CASH):
    return Tender(kind=kind, amount=Decimal(amount), date=DAY)


def meant(*tenders, **changes):
    """Return what was to be issued: 8,900 Ft, paid in cash if no tender is given."""
    line = Line(name="Női hajvágás", quantity=Decimal(1), gross=Decimal(8900), vat="27")
    values = {
        "external_key": "K",
        "order_number": "Szalon/0001",
        "kind": Kind.INVOICE,
        "buyer": Buyer(name="Kiss Anna", emails=("anna@example.com",)),
        "lines": (line,),
        "tenders": tenders or (tender(8900),),
        "payment_kind": PaymentKind.CASH,
        "fulfillment_date": DAY,
        "due_date": DAY,
    }
    return Invoice(**{**values, **changes})


def issued(**changes):
    """Return what the service made of it."""
    values = {
        "id": "1",
        "number": "SZ-1",
        "kind": Kind.INVOICE,
        "gross": Decimal(8900),
        "currency": "HUF",
    }
    return IssuedDocument(**{**values, **changes})


def tasks(
    kind=DocumentKind.INVOICE, made=None, wanted=None, tells_sandbox=False, **service
):
    """Return the kinds of tasks of a document that is to be mailed."""
    return follow_up.task_kinds(
        kind,
        replace(PLAIN, **service),
        made or issued(),
        wanted or meant(),
        mails=True,
        tells_sandbox=tells_sandbox,
    )


# === WHICH === #


@pytest.mark.parametrize(
    ("service", "kinds"),
    [
        ({}, ["pdf"]),
        ({"mails_on_issue": False}, ["email", "pdf"]),
        ({"public_url": True}, ["link", "pdf"]),
        ({"nav_status": True}, ["pdf", "nav"]),
    ],
)
def test_what_a_service_does_not_do_by_itself_follows(service, kinds):
    assert tasks(**service) == kinds


def test_they_follow_in_the_order_in_which_people_wait_for_them():
    kinds = tasks(
        wanted=meant(tender(8000), tender(900, PaymentKind.CARD)),
        tells_sandbox=True,
        mails_on_issue=False,
        public_url=True,
        nav_status=True,
    )
    assert kinds == ["payments", "email", "link", "pdf", "nav", "look"]


def test_a_link_that_came_with_the_answer_is_not_asked_for():
    there = issued(public_url="https://example.com/1")
    assert tasks(made=there, public_url=True) == ["pdf"]


def test_who_is_not_to_be_mailed_is_not_mailed():
    capabilities = replace(PLAIN, mails_on_issue=False)
    kinds = follow_up.task_kinds(
        DocumentKind.INVOICE,
        capabilities,
        issued(),
        meant(),
        mails=False,
        tells_sandbox=False,
    )
    assert kinds == ["pdf"]


@pytest.mark.parametrize(
    ("kind", "kinds"),
    [
        (DocumentKind.DRAFT, ["look"]),
        (DocumentKind.PROFORMA, ["email", "pdf", "look"]),
        (DocumentKind.STORNO, ["email", "pdf", "nav", "look"]),
        (DocumentKind.REMAINDER, ["payments", "email", "pdf", "nav", "look"]),
    ],
)
def test_each_kind_of_document_has_its_own(kind, kinds):
    two = meant(tender(8000), tender(900, PaymentKind.CARD))
    found = tasks(
        kind, wanted=two, tells_sandbox=True, mails_on_issue=False, nav_status=True
    )
    assert found == kinds


@pytest.mark.parametrize(
    ("wanted", "outstanding", "needed"),
    [
        (meant(), None, False),
        (meant(), Decimal(0), False),
        # By some methods the service takes it for unpaid.
        (meant(), Decimal(8900), True),
        (meant(tender(8000), tender(900, PaymentKind.CARD)), None, True),
        # Part of it is on the customer's account.
        (meant(tender(8000), paid=False), None, True),
        (meant(paid=False, tenders=()), Decimal(8900), False),
    ],
)
def test_payments_are_registered_where_the_service_does_not_know_them(
    wanted, outstanding, needed
):
    made = issued(outstanding=outstanding)
    invoice = DocumentKind.INVOICE
    assert follow_up.must_register_payments(invoice, made, wanted) is needed
    assert not follow_up.must_register_payments(DocumentKind.PROFORMA, made, wanted)


def test_a_storno_has_no_payments():
    assert not follow_up.must_register_payments(DocumentKind.STORNO, issued(), None)


@pytest.mark.parametrize(
    ("sends", "emails", "mails"),
    [
        (True, ("anna@example.com",), True),
        (True, (), False),
        (False, ("anna@example.com",), False),
    ],
)
def test_a_buyer_is_mailed_who_has_an_address(sends, emails, mails):
    buyer = Buyer(name="Kiss Anna", emails=emails)
    assert follow_up.must_mail(meant(send_email=sends, buyer=buyer)) is mails


# === WHEN === #


def test_link_and_pdf_are_left_to_the_night():
    kinds = ["payments", "email", "link", "pdf", "nav", "look"]
    assert follow_up.planned(kinds, NOW, NIGHT) == [
        ("payments", NOW),
        ("email", NOW),
        ("link", NIGHT),
        ("pdf", NIGHT),
        ("nav", datetime(2026, 11, 20, 12, 5)),
        ("look", NOW),
    ]
    assert follow_up.planned([], NOW, NIGHT) == []


@pytest.mark.parametrize(
    ("sold", "asked"),
    [
        ("12:03:20", "12:05:00"),
        ("12:04:00", "12:05:00"),
        ("12:04:01", "12:10:00"),
        ("12:04:00.000001", "12:10:00"),
        ("12:09:00", "12:10:00"),
        ("23:58:00", "00:00:00"),
        ("23:59:30", "00:05:00"),
    ],
)
def test_reports_are_asked_about_at_full_five_minutes(sold, asked):
    now = datetime.fromisoformat(f"2026-11-20T{sold}")
    due = follow_up.report_time(now)
    assert f"{due:%H:%M:%S}" == asked
    assert timedelta() < due - now < timedelta(hours=1)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)))
def test_nav_has_a_minute_and_nobody_waits_for_more_than_six(now):
    pause = follow_up.report_time(now) - now
    assert timedelta(minutes=1) <= pause < timedelta(minutes=6)
    assert follow_up.report_time(now).minute % 5 == 0


# === RECEIPTS === #

RECEIPT = issued(kind=Kind.RECEIPT)
STORNO = issued(kind=Kind.STORNO, gross=Decimal(-8900))


def follows(made, **service):
    """Return the tasks of a storno row (nothing is owed on it) that is mailed."""
    return tasks(
        DocumentKind.STORNO,
        made,
        **{"mails_on_issue": False, "sends_receipts": True, **service},
    )


@pytest.mark.parametrize("made", [RECEIPT, replace(STORNO, of_receipt=True)])
def test_nav_is_not_asked_about_receipts(made):
    """No answer of either service tells NAV's verdict on a receipt (docs: sure)."""
    assert "nav" not in follows(made, nav_status=True)
    assert "nav" in follows(STORNO, nav_status=True)


@pytest.mark.parametrize("made", [RECEIPT, replace(STORNO, of_receipt=True)])
def test_a_receipt_is_mailed_by_a_call_of_its_own(made):
    """Számlázz.hu mails invoices as it issues them, receipts when told to (docs)."""
    assert "email" in follows(made, mails_on_issue=True)
    assert "email" not in follows(STORNO, mails_on_issue=True)
    assert "email" in follows(made) and "email" in follows(STORNO)


@pytest.mark.parametrize("made", [RECEIPT, replace(STORNO, of_receipt=True)])
def test_a_receipt_is_not_mailed_where_the_service_cannot(made):
    assert "email" not in follows(made, sends_receipts=False)


@pytest.mark.parametrize("links", [False, True])
def test_a_receipt_has_a_page_where_the_service_has_one_of_receipts(links):
    """Számlázz.hu has none for receipts (docs: no such field in its answer)."""
    service = {"public_url": True, "links_receipts": links}
    assert ("link" in follows(RECEIPT, **service)) is links
    assert "link" in follows(STORNO, **service)


def test_a_receipt_of_what_was_kept_is_paid_when_it_is_issued():
    """No service registers payments of a receipt (docs of both: sure)."""
    kinds = tasks(
        DocumentKind.REMAINDER,
        RECEIPT,
        meant(tender(8000), tender(900, PaymentKind.CARD), kind=Kind.RECEIPT),
    )
    assert "payments" not in kinds
