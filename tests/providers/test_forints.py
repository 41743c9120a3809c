"""The same forints at every service: what is sent adds up to what was sold.

Random sales are rendered by each strategy and added up by the arithmetic of the
emulated service, which is the vendor's as far as it is published.
"""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import etree

from salon_invoice_bridge.billing.allocation import spread
from salon_invoice_bridge.billing.figures import of_invoice
from salon_invoice_bridge.billing.invoice import Buyer, Invoice, Kind, Line, PaymentKind
from salon_invoice_bridge.providers import registry, wire
from salon_invoice_bridge.providers.base import Credentials
from sandbox import billingo_amounts, billingo_v2_amounts, szamlazz_rules
from tests.clock import DAY
from tests.examples import examples

BUYER = Buyer(name="Magánszemély", postcode="1061", city="Budapest", street="Fő u. 1.")
RATES_V2 = {1: ("0.27", ""), 2: ("0.05", ""), 3: ("0.18", ""), 4: ("0", "")}


def billingo(request, currency):
    """Return the total that Billingo makes of a request."""
    data = wire.loads(request)
    return Decimal(str(billingo_amounts.total(billingo_amounts.items(data), "none")))


def billingo_v2(request, currency):
    """Return the total that Billingo makes of a request to its API v2."""
    account = {"net_decimals": None, "products": []}
    _items, total = billingo_v2_amounts.total(account, wire.loads(request), RATES_V2)
    return total


def szamlazz(request, currency):
    """Return the total of a request; Számlázz.hu checks each line and adds up."""
    root = etree.fromstring(request)
    rows = root.findall("{*}tetelek/{*}tetel")
    lines = [
        szamlazz_rules.line(
            {etree.QName(cell).localname: cell.text or "" for cell in row}, n, currency
        )
        for n, row in enumerate(rows, 1)
    ]
    return sum(Decimal(line["gross"]) for line in lines)


SERVICES = {"billingo": billingo, "billingo_v2": billingo_v2, "szamlazz": szamlazz}
sold = st.tuples(
    st.decimals("0", "99999", places=2),  # what the till's line costs
    st.one_of(
        st.integers(1, 12).map(Decimal), st.decimals("0.001", "99", places=3)
    ),  # how many
    st.sampled_from(["27", "18", "5", "AAM", "TAM", "ATK"]),
)


def make_invoice(sales, currency):
    """Return the invoice of a till's lines, with gross amounts in its unit."""
    grosses = spread([gross for gross, _quantity, _vat in sales], currency)
    return Invoice(
        external_key="ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        order_number="260-1-000042",
        kind=Kind.INVOICE,
        buyer=BUYER,
        lines=tuple(
            Line(name=f"Tétel {n}", quantity=quantity, gross=gross, vat=code)
            for n, ((_cost, quantity, code), gross) in enumerate(
                zip(sales, grosses, strict=True)
            )
        ),
        payment_kind=PaymentKind.CARD,
        currency=currency,
        exchange_rate=None if currency == "HUF" else Decimal("402.15"),
        fulfillment_date=DAY,
        due_date=DAY,
        partner_id="1001",
        block="11",
    )


@pytest.mark.parametrize("code", SERVICES)
@examples(200, derandomize=True)
@given(
    sales=st.lists(sold, min_size=1, max_size=12),
    currency=st.sampled_from(["HUF", "HUF", "EUR", "USD"]),
)
def test_the_service_adds_up_to_what_was_sold(code, sales, currency):
    assume(all(quantity for _gross, quantity, _vat in sales))
    invoice = make_invoice(sales, currency)
    strategy = registry.get(code)(Credentials(api_key="k" * 42, public_key="p"))
    request = strategy.render(invoice)
    assert SERVICES[code](request, currency) == invoice.gross
    assert strategy.render(invoice) == request


def billingo_rates(request, currency):
    """Return ``{(vat, entitlement): [net, VAT, gross]}`` as Billingo adds it up."""
    sums = {}
    for item in billingo_amounts.items(wire.loads(request)):
        row = sums.setdefault((item["vat"], item.get("entitlement", "")), [0, 0, 0])
        for index, name in enumerate(("net_amount", "vat_amount", "gross_amount")):
            row[index] += Decimal(str(item[name]))
    return sums


def szamlazz_rates(request, currency):
    """Return ``{(afakulcs, ""): [net, VAT, gross]}`` of the lines of a request."""
    sums = {}
    for line in etree.fromstring(request).iterfind("{*}tetelek/{*}tetel"):
        row = sums.setdefault((line.findtext("{*}afakulcs"), ""), [0, 0, 0])
        for index, name in enumerate(("nettoErtek", "afaErtek", "bruttoErtek")):
            row[index] += Decimal(line.findtext("{*}" + name))
    return sums


RATES = {"billingo": billingo_rates, "szamlazz": szamlazz_rates}


def word(code, strategy, vat):
    """Return the words of a service for a VAT code, as a pair."""
    found = strategy.vat_word(vat)
    return (found, "") if isinstance(found, str) else (found[0], found[1] or "")


@pytest.mark.parametrize("code", RATES)
@examples(200, derandomize=True)
@given(
    sales=st.lists(sold, min_size=1, max_size=12),
    currency=st.sampled_from(["HUF", "HUF", "EUR", "USD"]),
    back=st.booleans(),
)
def test_net_and_vat_of_each_rate_are_what_the_service_makes_of_it(
    code, sales, currency, back
):
    """Also of what is taken back: a storno turns the same figures round."""
    assume(all(quantity for _gross, quantity, _vat in sales))
    invoice = make_invoice(sales, currency)
    if back and code == "szamlazz":
        lines = (replace(line, gross=-line.gross) for line in invoice.lines)
        invoice = replace(invoice, lines=tuple(lines))
    strategy = registry.get(code)(Credentials(api_key="k" * 42, public_key="p"))
    figures = of_invoice(invoice, strategy.amounts(invoice))
    theirs = RATES[code](strategy.render(invoice), currency)
    assert theirs == {
        word(code, strategy, row.vat): [row.net, row.tax, row.gross]
        for row in figures.rates
    }
    assert figures.gross == invoice.gross == sum(row[2] for row in theirs.values())


def told(request):
    """Return how many of what a request tells, ``{name: quantity}``."""
    if request.startswith(b"<"):
        rows = etree.fromstring(request).iterfind("{*}tetelek/{*}tetel")
        items = [
            (row.findtext("{*}megnevezes"), Decimal(row.findtext("{*}mennyiseg")))
            for row in rows
        ]
    else:
        items = [
            (
                item.get("name") or item["description"],
                Decimal(str(item.get("quantity") or item["qty"])),
            )
            for item in wire.loads(request)["items"]
        ]
    quantities = {}
    for name, quantity in items:
        quantities[name] = quantities.get(name, Decimal(0)) + quantity
    return quantities


@pytest.mark.parametrize("code", SERVICES)
@examples(100, derandomize=True)
@given(
    sales=st.lists(sold, min_size=1, max_size=12),
    currency=st.sampled_from(["HUF", "EUR"]),
)
def test_the_service_is_told_how_many_were_sold(code, sales, currency):
    assume(all(quantity for _gross, quantity, _vat in sales))
    invoice = make_invoice(sales, currency)
    strategy = registry.get(code)(Credentials(api_key="k" * 42, public_key="p"))
    assert told(strategy.render(invoice)) == {
        line.name: line.quantity for line in invoice.lines
    }


@examples(100, derandomize=True)
@given(
    sales=st.lists(sold, min_size=1, max_size=12),
    currency=st.sampled_from(["HUF", "EUR"]),
)
def test_a_correction_takes_back_what_was_told(sales, currency):
    """Only Számlázz.hu has them: less than nothing, to the forint and by the piece."""
    assume(all(quantity for _gross, quantity, _vat in sales))
    bought = make_invoice(sales, currency)
    invoice = replace(
        bought,
        kind=Kind.CORRECTION,
        corrected_number="SZ-2026-1",
        lines=tuple(
            replace(line, quantity=-line.quantity, gross=-line.gross)
            for line in bought.lines
        ),
    )
    strategy = registry.get("szamlazz")(Credentials(api_key="k" * 42))
    request = strategy.render(invoice)
    assert szamlazz(request, currency) == invoice.gross == -bought.gross
    assert told(request) == {line.name: line.quantity for line in invoice.lines}


@pytest.mark.parametrize("code", SERVICES)
def test_1500_forints_at_27_percent_stay_1500(code):
    """Odoo: 1,181.10 + 318.90; Számlázz.hu: 1,181 + 319; the gross is what binds."""
    invoice = make_invoice([(Decimal(1500), Decimal(3), "27")], "HUF")
    strategy = registry.get(code)(Credentials(api_key="k" * 42, public_key="p"))
    assert SERVICES[code](strategy.render(invoice), "HUF") == 1500
