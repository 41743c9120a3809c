"""Columns of a document: which figures are its own, and what lists show of them."""

from datetime import date
from decimal import Decimal

import pytest

from salon_invoice_bridge.billing import columns
from salon_invoice_bridge.billing.codec import from_json, to_json
from salon_invoice_bridge.billing.figures import Figures, turned
from salon_invoice_bridge.billing.invoice import (
    IssuedDocument,
    Kind,
    PaymentKind,
    RateSum,
)

from .salon import line, make_invoice, make_sale

DAY = date(2026, 11, 5)


def rate(gross, tax, vat="27"):
    gross, tax = Decimal(gross), Decimal(tax)
    return RateSum(vat=vat, net=gross - tax, tax=tax, gross=gross)


def figures(*rates, owed=0, **tenders):
    return Figures(
        currency="HUF",
        rates=rates,
        tenders={PaymentKind(kind): Decimal(much) for kind, much in tenders.items()},
        owed=Decimal(owed),
        fulfillment_date=DAY,
        due_date=DAY,
        tax_number="12345678-1-42",
    )


def issued(gross, *rates):
    return IssuedDocument(
        id="1",
        number="A-1",
        kind=Kind.INVOICE,
        gross=Decimal(gross),
        currency="HUF",
        rates=rates,
        issue_date=DAY,
    )


def test_figures_are_kept_without_loss():
    one = figures(rate("1270", "270"), rate("105", "5", "5"), owed=375, cash=1000)
    assert from_json(Figures, to_json(one)) == one
    assert from_json(Figures, to_json(turned(one))) == turned(one)


def test_columns_say_what_the_figures_are():
    row = columns.of(figures(rate("1270", "270"), card=1270))
    assert row.keys() == columns.BLANK.keys()
    assert (row["amount_net"], row["amount_tax"]) == (1000.0, 270.0)
    assert (row["fulfillment_date"], row["due_date"]) == (DAY, DAY)
    assert (row["buyer_tax_number"], row["tender"]) == ("12345678-1-42", "card")


def test_columns_of_nothing_are_blank():
    assert columns.of(None) == columns.BLANK
    assert columns.of(None) is not columns.BLANK


@pytest.mark.parametrize(
    ("tenders", "said"),
    [
        ({"cash": 1270}, "cash"),
        ({"cash": 1000, "card": 270}, columns.MIXED),
        ({"owed": 1270}, columns.OWED),
        ({"cash": 1000, "owed": 270}, columns.MIXED),
    ],
)
def test_a_tender_is_one_word(tenders, said):
    assert columns.tender(figures(rate("1270", "270"), **tenders)) == said


def test_nothing_paid_for_nothing_has_no_tender():
    assert columns.tender(figures()) is None


def test_a_storno_is_its_original_turned_around():
    original = figures(rate("1270", "270"), cash=1270)
    assert columns.work_out(issued("-1270"), original=original) == turned(original)


def test_a_storno_of_unknown_figures_is_what_the_service_tells():
    told = rate("-1270", "-270")
    assert columns.work_out(issued("-1270", told)).rates == (told,)
    assert columns.work_out(issued("-1270")) is None


def test_what_the_service_tells_of_net_and_vat_counts():
    original = figures(rate("1270", "270"), cash=1270)
    told = rate("-1270", "-271")
    worked_out = columns.work_out(issued("-1270", told), original=original)
    assert worked_out.rates == (told,)
    assert worked_out.exact


def test_a_document_of_another_gross_is_what_the_service_says():
    original = figures(rate("1270", "270"), cash=1270)
    told = rate("-1271", "-270")
    assert columns.work_out(issued("-1271", told), original=original).rates == (told,)
    assert columns.work_out(issued("-1271"), original=original) is None


class Service:
    """A service that sends one item for each line, and VAT with it."""

    class capabilities:
        sends_vat = True

    @staticmethod
    def amounts(invoice):
        return (rate("1270", "270"),)


def test_what_was_sent_counts():
    meant = make_invoice(make_sale(line("Vágás", 1270)))
    worked_out = columns.work_out(issued("1270"), meant=meant, provider=Service)
    assert worked_out.rates == (rate("1270", "270"),)
    assert worked_out.exact
    other = make_invoice(make_sale(line("Vágás", 1000)))
    with pytest.raises(ValueError, match="Items of"):
        columns.work_out(issued("1000"), meant=other, provider=Service)


def test_what_amends_belongs_to_the_month_of_its_issue():
    issue, fulfilled = date(2026, 12, 1), DAY
    assert columns.vat_date(issue, fulfilled, False) == fulfilled
    assert columns.vat_date(issue, fulfilled, True) == issue
    assert columns.vat_date(issue, None, False) == issue
