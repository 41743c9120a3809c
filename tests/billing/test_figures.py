"""What a document comes to: rates, tenders, and what is owed, to the forint."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.codec import from_json, to_json
from salon_invoice_bridge.billing.figures import (
    Figures,
    add_up,
    as_reported,
    in_forints,
    in_own_kinds,
    merge,
    of_document,
    of_invoice,
    turned,
)
from salon_invoice_bridge.billing.invoice import (
    Buyer,
    Invoice,
    IssuedDocument,
    Kind,
    Line,
    PaymentKind,
    RateSum,
    TaxKind,
    Tender,
)
from salon_invoice_bridge.providers.pricing import item_sum
from tests.clock import DAY, after
from tests.examples import examples

CASH, CARD = PaymentKind.CASH, PaymentKind.CARD
GUEST = Buyer(name="Kiss Anna")
FIRM = Buyer(name="Minta Kft.", tax_kind=TaxKind.HUNGARIAN, tax_number="12345676-2-42")


def line(gross, vat="27", quantity=1):
    return Line(name="Vágás", quantity=Decimal(quantity), gross=Decimal(gross), vat=vat)


def invoice(*lines, **changes):
    """Return an invoice of a haircut, paid by card."""
    values = {
        "external_key": "A" * 26,
        "order_number": "260-1-000042-AAAAAA",
        "kind": Kind.INVOICE,
        "buyer": GUEST,
        "lines": lines or (line(9990), line(1000, "ATK")),
        "payment_kind": CARD,
        "fulfillment_date": DAY,
        "due_date": DAY,
        **changes,
    }
    return Invoice(**values)


def items(meant):
    """Return the items of a service that takes each line as one."""
    return tuple(item_sum(row.vat, row.gross, meant.currency) for row in meant.lines)


def figures(meant, **options):
    return of_invoice(meant, items(meant), **options)


def rows(found):
    return [(row.vat, row.net, row.tax, row.gross) for row in found.rates]


# === RATES === #


def test_net_vat_and_gross_stand_for_each_rate():
    found = figures(invoice(line(9990), line(1000, "ATK"), line(10)))
    assert rows(found) == [("27", 7874, 2126, 10000), ("ATK", 1000, 0, 1000)]
    assert (found.net, found.tax, found.gross) == (8874, 2126, 11000)


def test_vat_is_rounded_item_by_item_not_on_the_sum():
    """Ten combs of 10 Ft: 2 Ft of VAT each, not 21 Ft on 100."""
    found = figures(invoice(*[line(10)] * 10))
    assert rows(found) == [("27", 80, 20, 100)]
    assert found.items == 10


def test_items_of_another_sum_are_refused():
    meant = invoice()
    with pytest.raises(ValueError):
        of_invoice(meant, items(meant)[:1])


def test_a_rate_adds_up_or_is_none():
    with pytest.raises(ValueError):
        RateSum(vat="27", net=Decimal(1), tax=Decimal(1), gross=Decimal(3))


def test_rates_of_nothing_are_no_code_of_the_document():
    found = figures(invoice(line(500), line(700, "5"), line(-700, "5")))
    assert found.by_code == {"27": 500}


# === TENDERS === #


def tender(kind, amount):
    return Tender(kind=kind, amount=Decimal(amount), date=DAY)


def test_tenders_of_one_kind_are_one():
    tenders = (tender(CASH, 4000), tender(CARD, 2990), tender(CASH, 4000))
    found = figures(invoice(tenders=tenders))
    assert found.tenders == {CASH: 8000, CARD: 2990}
    assert found.owed == 0


def test_what_is_not_paid_is_owed():
    found = figures(invoice(tenders=(tender(CASH, 4000),), paid=False))
    assert (found.tenders, found.owed) == ({CASH: 4000}, 6990)


def test_a_correction_was_given_back_by_the_kind_that_it_names():
    meant = invoice(
        line(-9990, quantity=-1),
        kind=Kind.CORRECTION,
        corrected_number="SZ-1",
        payment_kind=CASH,
    )
    assert figures(meant).tenders == {CASH: -9990}
    owed = figures(replace(meant, paid=False))
    assert (owed.tenders, owed.owed) == ({}, -9990)


def test_tenders_that_are_not_the_gross_are_refused():
    with pytest.raises(ValueError):
        Figures(currency="HUF", rates=items(invoice()), tenders={CASH: Decimal(1)})


def test_kinds_that_a_service_has_one_word_for_are_one():
    tenders = (tender(CARD, 4990), tender(PaymentKind.ONLINE_CARD, 6000))
    found = in_own_kinds(figures(invoice(tenders=tenders)), lambda kind: CARD)
    assert found.tenders == {CARD: 10990}


# === THE REST OF THE FIELDS === #


def test_dates_tax_number_and_shop_are_those_of_the_document():
    found = figures(invoice(buyer=FIRM, due_date=after(8)), shop="Belváros")
    assert (found.fulfillment_date, found.due_date) == (DAY, after(8))
    assert (found.tax_number, found.shop) == ("12345676-2-42", "Belváros")


@pytest.mark.parametrize(
    "buyer, expected",
    [
        (GUEST, ""),
        (replace(GUEST, tax_number="12345676-2-42"), ""),
        (replace(FIRM, tax_kind=TaxKind.EU, eu_tax_number="DE1"), "DE1"),
        (replace(FIRM, tax_kind=TaxKind.FOREIGN, tax_number="US-1"), "US-1"),
    ],
)
def test_only_a_business_has_a_tax_number(buyer, expected):
    assert figures(invoice(buyer=buyer)).tax_number == expected


def test_a_receipt_names_no_buyer():
    meant = invoice(buyer=FIRM, kind=Kind.RECEIPT, tenders=(tender(CASH, 10990),))
    assert figures(meant).tax_number == ""


# === WHAT THE SERVICE TELLS === #


def issued(rates, **changes):
    values = {
        "id": "1",
        "number": "SZ-1",
        "kind": Kind.INVOICE,
        "gross": sum((row.gross for row in rates), Decimal(0)),
        "currency": "HUF",
        "rates": tuple(rates),
        "payment_kind": CARD,
        **changes,
    }
    return IssuedDocument(**values)


def rate(vat, net, tax):
    return RateSum(
        vat=vat, net=Decimal(net), tax=Decimal(tax), gross=Decimal(net) + Decimal(tax)
    )


def test_net_and_vat_are_the_services_where_it_tells_them():
    ours = figures(invoice(*[line(10)] * 10))
    told = as_reported(ours, issued([rate("27", 79, 21)]))
    assert rows(told) == [("27", 79, 21, 100)]
    assert (ours.exact, told.exact) == (False, True)


def test_another_gross_of_a_rate_is_never_taken_over():
    ours = figures(invoice(line(100), line(50, "5")))
    for rates in (
        [rate("27", 78, 21), rate("5", 49, 2)],
        [rate("27", 119, 31)],
        [rate("27", 79, 21), rate("5", 48, 2), rate("18", 1, 0)],
        [],
    ):
        assert as_reported(ours, issued(rates)) == ours


def test_figures_of_what_is_known_from_the_service_alone():
    document = issued([rate("27", 79, 21)], outstanding=Decimal(40), due_date=after(8))
    found = of_document(document, shop="Belváros")
    assert (found.tenders, found.owed) == ({CARD: 60}, 40)
    assert (found.exact, found.due_date, found.shop) == (True, after(8), "Belváros")
    paid = replace(document, payments=(tender(CASH, 100),))
    assert of_document(paid).tenders == {CASH: 100}
    assert of_document(issued([], gross=Decimal(100))) is None


def test_what_a_service_tells_is_kept_and_read_again():
    """Old rows lack it, and no row says what was not told."""
    told = issued([rate("27", 79, 21)], payments=(tender(CASH, 100),), block="11")
    assert from_json(IssuedDocument, to_json(told)) == told
    bare = to_json(issued([], gross=Decimal(100), payment_kind=None))
    assert not {"rates", "payment_kind", "payments", "block"} & bare.keys()
    nothing = replace(told, payments=())
    assert from_json(IssuedDocument, to_json(nothing)).payments == ()


# === PROPERTIES === #

CODES = ["27", "18", "5", "AAM", "ATK"]
amounts = st.lists(
    st.tuples(st.integers(-300_000, 300_000), st.sampled_from(CODES)),
    min_size=1,
    max_size=12,
)


@st.composite
def invoices(draw, currency="HUF"):
    """Any invoice with any tenders, paid or not."""
    step = Decimal(1) if currency == "HUF" else Decimal("0.01")
    lines = [line(gross * step, vat) for gross, vat in draw(amounts)]
    paid = draw(st.lists(st.tuples(st.sampled_from(PaymentKind), st.integers(1, 9999))))
    return invoice(
        *lines,
        currency=currency,
        tenders=tuple(tender(kind, amount * step) for kind, amount in paid),
        paid=draw(st.booleans()),
    )


@examples(200)
@given(invoices())
def test_rates_and_tenders_are_the_gross_of_the_document(meant):
    found = figures(meant)
    assert found.gross == meant.gross == found.net + found.tax
    assert sum(found.tenders.values()) + found.owed == meant.gross
    for row in found.rates:
        gross = sum(one.gross for one in meant.lines if one.vat == row.vat)
        assert (row.gross, row.net + row.tax) == (gross, gross)


@examples(200)
@given(invoices())
def test_a_document_and_its_storno_leave_nothing(meant):
    found = figures(meant)
    both = add_up([found, turned(found)])["HUF"]
    assert (both.net, both.tax, both.gross, both.owed) == (0, 0, 0, 0)
    assert both.tenders == {}
    assert all(row.net == row.tax == 0 for row in both.rates)
    assert turned(turned(found)) == found


@examples(200)
@given(invoices("EUR"), st.integers(100, 50_000))
def test_what_is_in_forints_adds_up_too(meant, cents):
    found = figures(meant)
    forints = in_forints(found, Decimal(cents) / 100)
    assert forints.currency == "HUF"
    assert all(
        value == value.to_integral_value()
        for row in forints.rates
        for value in (row.net, row.tax, row.gross)
    )
    assert in_forints(forints, Decimal(2)) is forints


@examples(100)
@given(st.lists(st.one_of(invoices(), invoices("EUR")), max_size=8))
def test_totals_are_the_sums_of_each_currency(several):
    found = add_up(map(figures, several))
    assert found.keys() == {one.currency for one in several}
    for currency, totals in found.items():
        own = [one for one in several if one.currency == currency]
        assert totals.count == len(own)
        assert totals.gross == sum(one.gross for one in own)
        assert sum(totals.tenders.values()) + totals.owed == totals.gross
        assert len({row.vat for row in totals.rates}) == len(totals.rates)
        assert merge(totals.rates) == totals.rates
