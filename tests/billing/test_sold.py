"""What the till sold is read off live orders: each forint of them, once."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.figures import ZERO
from salon_invoice_bridge.billing.invoice import PaymentKind
from salon_invoice_bridge.billing.policy import Tip
from salon_invoice_bridge.billing.sold import Order, Printed, sales_of
from tests.examples import examples

from .salon import make_policy

CASH, CARD = PaymentKind.CASH, PaymentKind.CARD


def entry(line, gross, tax=27, role="sale", refunds=False, quantity=1):
    return {
        "line": line,
        "refunds": refunds,
        "role": role,
        "name": f"Line {line}",
        "product": 1,
        "for_sale": True,
        "sku": "",
        "unit": "",
        "quantity": str(quantity),
        "gross": str(gross),
        "discount": "0",
        "taxes": [tax],
        "untaxed_by": False,
        "combo": False,
    }


def snapshot(lines, tenders=None, rounding="0"):
    total = sum(Decimal(one["gross"]) for one in lines)
    tenders = [(1, total)] if tenders is None else tenders
    return {
        "reference": "260-1-000001",
        "note": "",
        "day": "2026-11-02",
        "currency": "HUF",
        "total": str(total),
        "rounding": rounding,
        "rounded_in": "0",
        "lines": lines,
        "tenders": [
            {"method": method, "name": "", "amount": str(amount), "cash": method == 1}
            for method, amount in tenders
        ],
    }


def policy(**changes):
    codes = {"vat_codes": {27: "27", 5: "5", 0: "ATK"}}
    return make_policy(**codes, payment_kinds={1: CASH, 2: CARD}, **changes)


def order(id_, lines, tenders=None, *, rounding="0", **values):
    return Order(
        id=id_,
        snapshot=snapshot(lines, tenders, rounding),
        policy=values.pop("policy", policy()),
        reported_kind=lambda kind: kind,
        **values,
    )


def is_whole(sale):
    """True if what was paid is what was sold, kept off and rounded."""
    due = sale.gross + sale.kept_off + sale.rounding
    tenders = sum(sale.tenders.values(), sale.owed)
    return due == sum(sale.paid.values(), sale.owed) and tenders == sale.gross


def test_a_sale_has_its_gross_of_each_rate_and_its_tenders():
    lines = [entry(1, 8900), entry(2, 3500, tax=5)]
    (sale,) = sales_of([order(7, lines, [(1, 900), (2, 11500)])])
    assert (sale.id, sale.family) == (7, 7)
    assert sale.rates == {"27": 8900, "5": 3500}
    assert sale.paid == sale.tenders == {CASH: 900, CARD: 11500}
    assert is_whole(sale)


def test_cash_is_rounded_and_nothing_else_is():
    rounded = order(1, [entry(1, 8902)], [(1, 8900)], rounding="2")
    (sale,) = sales_of([rounded])
    assert (sale.rounding, sale.tenders) == (-2, {CASH: 8902})
    assert is_whole(sale)
    (lost,) = sales_of([order(1, [entry(1, 8902)], [(1, 8802)], rounding="2")])
    assert lost.rounding == 0
    assert not is_whole(lost)


def test_a_tip_is_what_the_document_has_made_of_it():
    lines = [entry(1, 8900), entry(2, 1000, tax=0, role="tip")]
    (outside,) = sales_of([order(1, lines, policy=policy(tip=Tip.OUTSIDE))])
    assert outside.rates == {"27": 8900, "ATK": 1000}
    printed = (Printed("1", "27"),)
    values = {"printed": printed, "left_off": frozenset({"tip"})}
    (kept,) = sales_of([order(1, lines, policy=policy(tip=Tip.OUTSIDE), **values)])
    assert (kept.rates, kept.kept_off) == ({"27": 8900}, 1000)
    assert is_whole(outside)
    assert is_whole(kept)


def test_what_came_back_is_of_the_family_of_its_sale():
    sold = order(1, [entry(1, 8900), entry(2, 3500, tax=5)])
    back = order(2, [entry(3, -3500, tax=5, refunds=2, quantity=-1)], returns=1)
    sale, refund = sales_of([back, sold])
    assert (refund.id, refund.family) == (2, 1)
    assert refund.rates == {"5": -3500}
    assert refund.tenders == {CASH: -3500}
    assert is_whole(sale)
    assert is_whole(refund)


def test_an_exchange_is_two_sales():
    sold = order(1, [entry(1, 8900)])
    lines = [entry(3, -8900, refunds=1, quantity=-1), entry(4, 9900)]
    exchange = order(2, lines, [(1, 1000)], returns=1)
    _sale, new, back = sales_of([sold, exchange])
    assert (new.id, new.family, new.rates) == (2, 2, {"27": 9900})
    assert (back.id, back.family, back.rates) == (-2, 1, {"27": -8900})
    assert sum(new.paid.values()) + sum(back.paid.values()) == 1000
    assert is_whole(new)
    assert is_whole(back)


def test_a_dropped_refund_changes_no_document():
    sold = order(1, [entry(1, 8900)])
    lines = [entry(3, -8900, refunds=1, quantity=-1)]
    _sale, back = sales_of([sold, order(2, lines, returns=1, is_dropped=True)])
    assert (back.rates, back.kept_off) == ({}, -8900)
    assert is_whole(back)


def test_what_no_tax_has_a_code_for_is_of_no_known_rate():
    (sale,) = sales_of([order(1, [entry(1, 8900, tax=99)])])
    assert sale.rates == {"": 8900}
    assert is_whole(sale)


AMOUNTS = st.lists(
    st.tuples(st.integers(1, 30000), st.sampled_from([27, 5, 0])),
    min_size=1,
    max_size=5,
)


@examples(60)
@given(amounts=AMOUNTS, cash=st.integers(0, 30000), data=st.data())
def test_whatever_comes_back_the_family_is_what_is_kept(amounts, cash, data):
    lines = [entry(n, gross, tax) for n, (gross, tax) in enumerate(amounts, 1)]
    total = sum(gross for gross, _tax in amounts)
    cash = min(cash, total)
    orders = [order(1, lines, [(1, cash), (2, total - cash)])]
    back = data.draw(st.sets(st.sampled_from(range(1, len(lines) + 1))))
    for number, line in enumerate(sorted(back), 2):
        gross, tax = amounts[line - 1]
        taken = entry(100 + line, -gross, tax, refunds=line, quantity=-1)
        orders.append(order(number, [taken], returns=1))
    sales = sales_of(orders)
    assert all(map(is_whole, sales))
    kept = {}
    for number, (gross, tax) in enumerate(amounts, 1):
        if number not in back:
            code = {27: "27", 5: "5", 0: "ATK"}[tax]
            kept[code] = kept.get(code, ZERO) + gross
    sums = {}
    for sale in sales:
        assert sale.family == 1
        for code, gross in sale.rates.items():
            sums[code] = sums.get(code, ZERO) + gross
    assert {code: gross for code, gross in sums.items() if gross} == kept
