"""Line amounts at Számlázz.hu: the gross binds, and the service's checks pass."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from salon_invoice_bridge.billing.errors import Rejected
from salon_invoice_bridge.billing.invoice import Line
from salon_invoice_bridge.billing.money import unit
from salon_invoice_bridge.providers.szamlazz.amounts import amounts
from sandbox import szamlazz_rules as rules
from tests.examples import examples
from tests.providers.szamlazz.cases import invoice, provider
from tests.reference.szamlazz_xsd import violations

RATES = ("27", "18", "5", "25.5", "AAM", "ATK", "0")


def line(gross, quantity="1", vat="27", name="Vágás"):
    """Return a line from strings."""
    return Line(name=name, quantity=Decimal(quantity), gross=Decimal(gross), vat=vat)


def test_the_vendors_example_of_three_books_for_1500_forints():
    money = amounts(line(1500, 3), "HUF")
    assert (money.net, money.vat, money.gross) == (1181, 319, 1500)
    assert abs(money.unit_price - Decimal("393.66")) <= Decimal("0.01")


def test_what_comes_back_has_a_negative_quantity_and_a_positive_price():
    money = amounts(line(-1500, -3), "HUF")
    assert (money.quantity, money.net, money.vat) == (-3, -1181, -319)
    assert money.unit_price > 0


def test_a_discount_has_a_positive_quantity_and_a_negative_price():
    money = amounts(line(-500), "HUF")
    assert (money.quantity, money.unit_price) == (1, -394)


def test_two_decimals_are_used_until_they_miss_the_net():
    assert amounts(line(1000, 3), "HUF").unit_price == Decimal("262.33")
    assert amounts(line("10.00", 3, "ATK"), "EUR").unit_price == Decimal("3.333")


@pytest.mark.parametrize("quantity", ["0.1234567", "1e12", "1e-30", "1e30"])
def test_a_quantity_that_no_document_takes_is_one_piece_named_with_the_quantity(
    quantity,
):
    money = amounts(line(990, quantity), "HUF")
    assert (money.quantity, money.gross) == (1, 990)
    assert money.unit_price == money.net
    assert money.label.endswith(" x Vágás")


def test_a_returned_odd_quantity_is_minus_one_piece():
    money = amounts(line(-990, "-0.1234567"), "HUF")
    assert (money.quantity, money.net + money.vat) == (-1, -990)
    assert money.label == "-0.1234567 x Vágás"
    money = amounts(line(-990, "-0.1234567"), "HUF", "hu")
    assert money.label == "-0,1234567 x Vágás"


def test_an_absurd_amount_is_rejected_and_not_a_crash():
    with pytest.raises(Rejected):
        amounts(line("1e20"), "HUF")


QUANTITIES = st.decimals(
    min_value="-1000", max_value="1000", places=3, allow_nan=False
).filter(bool) | st.sampled_from([Decimal("0.3333333333"), Decimal("1E+3")])
TEXTS = st.text(min_size=1, max_size=30).filter(str.strip)


@st.composite
def invoices(draw):
    """Return any invoice of one to four lines in forints or euros."""
    currency = draw(st.sampled_from(["HUF", "EUR"]))
    grosses = st.integers(-2_000_000, 2_000_000).map(lambda n: n * unit(currency))
    lines = st.builds(
        Line,
        name=TEXTS,
        quantity=QUANTITIES,
        gross=grosses,
        vat=st.sampled_from(RATES),
        unit=TEXTS,
        comment=st.text(max_size=10),
    )
    return invoice(
        currency=currency,
        lines=tuple(draw(st.lists(lines, min_size=1, max_size=4))),
        tenders=(),
        order_number=draw(st.text(max_size=10)),
    )


@examples(60)
@given(invoices())
def test_any_invoice_is_a_request_that_is_valid_in_both_editions(sold):
    assert violations(provider().render(sold)) == []


@examples(60)
@given(invoices())
def test_any_invoice_is_a_request_that_adds_up_to_the_invoices_gross(sold):
    request = provider().render(sold)
    lines = list(etree.fromstring(request).iter("{*}tetel"))
    step = unit(sold.currency)
    total = Decimal(0)
    for row, (found, meant) in enumerate(zip(lines, sold.lines, strict=True)):
        sent = {etree.QName(element).localname: element.text for element in found}
        quantity, price, net, vat, gross = (
            Decimal(sent[name])
            for name in (
                *("mennyiseg", "nettoEgysegar", "nettoErtek"),
                *("afaErtek", "bruttoErtek"),
            )
        )
        assert net + vat == gross == meant.gross
        assert abs(quantity * price - net) < step / 2
        assert net % step == vat % step == 0
        rules.line(sent, row, sold.currency)
        total += gross
    assert total == sold.gross
    assert provider().render(replace(sold)) == request
