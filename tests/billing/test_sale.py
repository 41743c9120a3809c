"""The sale that is read from the snapshot which the till's order has stored."""

import json
from dataclasses import FrozenInstanceError
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.sale import (
    Customer,
    Payment,
    Role,
    Sale,
    SaleLine,
    total_gross,
)
from tests.examples import examples

#: What ``pos.order._salon_snapshot`` stores.
SNAPSHOT = {
    "reference": "260-1-000042",
    "order": "Szalon/0042",
    "shop": "Szalon",
    "cashier": "Anna",
    "note": "Köszönjük!",
    "day": "2026-11-20",
    "currency": "HUF",
    "total": "8010.00",
    "rounding": "2.50",
    "rounded_in": "0",
    "lines": [
        {
            "line": 7,
            "refunds": False,
            "role": "sale",
            "name": "Női hajvágás",
            "product": 17,
            "for_sale": True,
            "sku": "HAJ-1",
            "unit": "",
            "quantity": "1",
            "gross": "8900.00",
            "discount": "0",
            "taxes": [27],
            "untaxed_by": False,
            "combo": False,
        },
        {
            "line": 8,
            "refunds": 3,
            "role": "discount",
            "name": "Kedvezmény",
            "product": 18,
            "for_sale": False,
            "sku": "",
            "unit": "óra",
            "quantity": "0.5",
            "gross": "-890.00",
            "discount": "33.33",
            "taxes": [],
            "untaxed_by": 5,
            "combo": True,
        },
    ],
    "tenders": [
        {
            "method": 1,
            "name": "Készpénz",
            "amount": "8010.00",
            "cash": True,
            "later": False,
        }
    ],
    "buyer": {
        "partner": 42,
        "person": False,
        "person_name": "Kiss Béla",
        "name": "Kiss Béla",
        "is_company": False,
        "emails": ["bela@example.com"],
        "phone": "",
        "country": "HU",
        "postcode": "6720",
        "city": "Szeged",
        "street": "Kárász utca 1.",
        "tax_number": "",
        "group_tax_number": "",
    },
}


def test_every_fact_is_read():
    assert Sale.from_snapshot(SNAPSHOT) == Sale(
        reference="260-1-000042",
        order="Szalon/0042",
        shop="Szalon",
        cashier="Anna",
        note="Köszönjük!",
        day=date(2026, 11, 20),
        currency="HUF",
        total=Decimal(8010),
        rounding=Decimal("2.5"),
        rounded_in=Decimal(0),
        lines=(
            SaleLine(
                id=7,
                role=Role.SALE,
                name="Női hajvágás",
                product=17,
                for_sale=True,
                sku="HAJ-1",
                quantity=Decimal(1),
                gross=Decimal(8900),
                taxes=(27,),
            ),
            SaleLine(
                id=8,
                role=Role.DISCOUNT,
                name="Kedvezmény",
                product=18,
                for_sale=False,
                unit="óra",
                quantity=Decimal("0.5"),
                gross=Decimal(-890),
                discount=Decimal("33.33"),
                untaxed_by=5,
                combo=True,
                refunds=3,
            ),
        ),
        payments=(Payment(method=1, name="Készpénz", amount=Decimal(8010)),),
        customer=Customer(
            partner=42,
            person_name="Kiss Béla",
            name="Kiss Béla",
            emails=("bela@example.com",),
            country="HU",
            postcode="6720",
            city="Szeged",
            street="Kárász utca 1.",
        ),
    )


def test_a_walk_in_is_no_customer():
    assert Sale.from_snapshot({**SNAPSHOT, "buyer": None}).customer is None


def test_what_is_not_said_of_a_line_is_that_of_an_ordinary_sale():
    entry = dict(SNAPSHOT["lines"][0])
    for name in ("role", "for_sale", "untaxed_by", "refunds"):
        del entry[name]
    line = SaleLine.from_entry(entry)
    assert line == SaleLine.from_entry(SNAPSHOT["lines"][0])
    assert (line.untaxed_by, line.refunds, line.vat) == (None, None, "")


def test_without_a_total_it_is_that_of_the_lines():
    sale_snapshot = {name: value for name, value in SNAPSHOT.items() if name != "total"}
    assert Sale.from_snapshot(sale_snapshot).total == 8010


def test_a_line_of_a_refund_has_the_code_that_it_was_invoiced_with():
    assert SaleLine.from_entry({**SNAPSHOT["lines"][0], "vat": "5"}).vat == "5"


def test_what_is_owed_is_known():
    entry = {**SNAPSHOT["tenders"][0], "later": True}
    assert Payment.from_entry(entry).later


def test_who_came_for_a_company_is_known():
    customer = Customer.from_snapshot(
        {**SNAPSHOT["buyer"], "person": 43, "is_company": True}
    )
    assert (customer.partner, customer.person) == (42, 43)


@pytest.mark.parametrize("name", ["reference", "day", "currency", "lines", "tenders"])
def test_a_snapshot_that_says_nothing_is_no_sale(name):
    sale_snapshot = {key: value for key, value in SNAPSHOT.items() if key != name}
    with pytest.raises(KeyError):
        Sale.from_snapshot(sale_snapshot)


def test_a_role_that_nobody_knows_is_no_sale():
    entry = {**SNAPSHOT["lines"][0], "role": "gift"}
    with pytest.raises(ValueError, match="gift"):
        Sale.from_snapshot({**SNAPSHOT, "lines": [entry]})


def test_a_sale_is_frozen():
    sale = Sale.from_snapshot(SNAPSHOT)
    with pytest.raises(FrozenInstanceError):
        sale.total = Decimal(0)
    assert hash(sale) == hash(Sale.from_snapshot(SNAPSHOT))


amounts = st.decimals(allow_nan=False, allow_infinity=False, places=2)


@examples(100)
@given(st.lists(st.tuples(amounts, st.sampled_from(Role)), max_size=6))
def test_amounts_arrive_to_the_last_digit(lines):
    """They travel as text through JSON, and are no floating point number on the way."""
    entries = [
        {**SNAPSHOT["lines"][0], "gross": str(gross), "role": role.value}
        for gross, role in lines
    ]
    sale_snapshot = json.loads(json.dumps({**SNAPSHOT, "lines": entries}))
    sale = Sale.from_snapshot(sale_snapshot)
    assert [(line.gross, line.role) for line in sale.lines] == lines
    for role in Role:
        expected = sum((gross for gross, own in lines if own is role), Decimal(0))
        assert total_gross(sale.lines, role) == expected
    assert total_gross(sale.lines, *Role) == total_gross(sale.lines)
