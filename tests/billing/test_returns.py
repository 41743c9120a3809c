"""What a customer keeps, whatever comes back in whatever order."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.allocation import spread
from salon_invoice_bridge.billing.invoice import Line
from salon_invoice_bridge.billing.money import quantize, unit
from salon_invoice_bridge.billing.returns import (
    counted,
    difference,
    kept_entries,
    merged,
    part_of,
    shift,
)

RATES = ("27", "18", "5", "AAM")


def entry(number, quantity, gross, refunds=False):
    return {
        "line": number,
        "refunds": refunds,
        "name": f"Line {number}",
        "quantity": str(quantity),
        "gross": str(gross),
    }


def lines_of(entries):
    """Return the document's lines of entries, as the addon makes them."""
    grosses = spread([Decimal(one["gross"]) for one in entries], "HUF")
    return tuple(
        Line(
            name=one["name"],
            quantity=Decimal(one["quantity"]),
            gross=gross,
            vat=RATES[one["line"] % 4],
            ref=str(one["line"]),
        )
        for one, gross in zip(entries, grosses, strict=True)
    )


@st.composite
def histories(draw):
    """Return a sale and the refunds of it: entries, in cents of a forint."""
    sold, pieces = [], []
    for number in range(draw(st.integers(1, 5))):
        quantity = draw(st.integers(1, 4))
        price = Decimal(draw(st.integers(100, 2_000_000))) / 100
        sold.append(entry(number, quantity, price * quantity))
        pieces += [(number, price)] * quantity
    pieces = draw(st.permutations(pieces))
    pieces = pieces[: draw(st.integers(0, len(pieces)))]
    refunds = []
    while pieces:
        count = draw(st.integers(1, len(pieces)))
        refunds.append([entry(100 + n, -1, -price, n) for n, price in pieces[:count]])
        pieces = pieces[count:]
    return sold, refunds


@given(histories())
def test_invoice_and_corrections_are_what_the_till_kept(history):
    sold, refunds = history
    standing, returned = lines_of(sold), []
    for refund in refunds:
        returned += refund
        kept = kept_entries(sold, returned, "HUF")
        after = lines_of(kept)
        standing += difference(standing, after, "HUF")
        till = sum(Decimal(one["gross"]) for one in (*sold, *returned))
        total = sum(line.gross for line in standing)
        # Rounding leaves less than a forint while something is kept.
        assert abs(total - till) < 1
        if not kept:
            assert total == 0
        for rate in RATES:
            ours = sum(line.gross for line in standing if line.vat == rate)
            theirs = sum(line.gross for line in after if line.vat == rate)
            assert abs(ours - theirs) <= len(sold)


@given(histories())
def test_whole_forints_are_kept_to_the_forint_at_each_rate(history):
    sold, refunds = history
    for one in [*sold, *(back for refund in refunds for back in refund)]:
        pieces = Decimal(one["quantity"])
        one["gross"] = str(pieces * round(Decimal(one["gross"]) / pieces))
    standing, returned = lines_of(sold), []
    for refund in refunds:
        returned += refund
        standing += difference(
            standing, lines_of(kept_entries(sold, returned, "HUF")), "HUF"
        )
    for rate in RATES:
        till = sum(
            Decimal(one["gross"]) for one in sold if RATES[one["line"] % 4] == rate
        )
        till += sum(
            Decimal(one["gross"])
            for one in returned
            if RATES[one["refunds"] % 4] == rate
        )
        assert sum(line.gross for line in standing if line.vat == rate) == till


@given(histories())
def test_a_correction_only_touches_what_came_back(history):
    sold, refunds = history
    returned = [back for refund in refunds for back in refund]
    touched = {str(back["refunds"]) for back in returned}
    after = lines_of(kept_entries(sold, returned, "HUF"))
    lines = difference(lines_of(sold), after, "HUF")
    assert {line.ref for line in lines} == touched
    assert all(line.quantity < 0 for line in lines)


@given(histories(), st.data())
def test_refunds_settled_in_any_order_leave_what_the_till_kept(history, data):
    """Ids, payment, "not needed" and asking again: each refund is counted once."""
    sold, refunds = history
    ids = data.draw(st.permutations(range(len(refunds))))
    refunds = dict(zip(ids, refunds, strict=True))
    documents = {number: [] for number in refunds}  # in any order, as orders are saved
    dropped = st.frozensets(st.sampled_from(ids)) if ids else st.just(frozenset())
    standing = lines_of(sold)

    def turn(own):
        taken = counted(documents, own)
        assert own in taken
        returned = [back for number in taken for back in refunds[number]]
        documents[own] = [(True, False)]
        return difference(
            standing, lines_of(kept_entries(sold, returned, "HUF")), "HUF"
        )

    unneeded = data.draw(dropped)
    paid = data.draw(st.permutations(ids))
    for number in paid:
        documents[number] = [(False, False)]
        if number in unneeded:
            documents[number] = [(True, True)]
        else:
            standing += turn(number)
    for number in data.draw(st.permutations(sorted(unneeded))):
        documents[number] = [(False, False)]
        standing += turn(number)
    everything = [back for one in refunds.values() for back in one]
    after = lines_of(kept_entries(sold, everything, "HUF"))
    for rate in RATES:
        ours = sum(line.gross for line in standing if line.vat == rate)
        theirs = sum(line.gross for line in after if line.vat == rate)
        assert abs(ours - theirs) <= len(sold)
    assert sum(line.gross for line in standing) == sum(line.gross for line in after)


def test_only_what_is_settled_and_was_not_said_to_need_none_counts():
    done, open_, dropped = (True, False), (False, False), (True, True)
    documents = {1: [open_], 2: [done], 3: [dropped], 4: [], 5: [dropped, done]}
    assert counted(documents, 2) == {2, 5}
    assert counted(documents, 1) == {1, 2, 5}
    assert counted(documents, 3) == {2, 3, 5}


def test_all_that_came_back_is_gone():
    sold = [entry(1, 3, "13486.50")]
    back = [entry(n, -1, "-4495.50", 1) for n in range(5, 8)]
    assert kept_entries(sold, back, "HUF") == []


def test_a_price_that_was_reduced_keeps_its_quantity():
    sold = [entry(1, 2, "8000")]
    back = [entry(5, -2, "-1000", 1)]
    (kept,) = kept_entries(sold, back, "HUF")
    assert (kept["quantity"], kept["gross"]) == ("2", "7000")
    (line,) = difference(lines_of(sold), lines_of([kept]), "HUF")
    assert (line.quantity, line.gross) == (-2, -1000)


@given(
    st.integers(1, 6),
    st.integers(1, 2_000_000).map(lambda cents: Decimal(cents) / 100),
    st.sampled_from(["HUF", "EUR"]),
    st.data(),
)
def test_a_line_comes_back_in_parts_that_the_till_has_rounded(
    quantity, price, currency, data
):
    """Each part is rounded for itself, so together they may be more than was sold."""
    sold = [entry(1, quantity, quantize(quantity * price, currency))]
    back, left = [], quantity
    while left:
        part = data.draw(st.integers(1, left))
        left -= part
        gross = quantize(part * price, currency)
        back.append(entry(10 + left, -part, -gross, 1))
        kept = kept_entries(sold, back, currency)
        assert bool(kept) is bool(left)
        for one in kept:
            assert one["quantity"] == str(left)
            off = abs(Decimal(one["gross"]) - left * price)
            assert off <= unit(currency) * (len(back) + 1) / 2
            assert Decimal(one["gross"]) >= 0


def test_two_halves_of_a_discounted_line_may_be_a_forint_more_than_it():
    sold = [entry(1, 2, "8483")]
    half = [entry(number, -1, "-4242", 1) for number in (5, 6)]
    assert kept_entries(sold, half[:1], "HUF")[0]["gross"] == "4241"
    assert kept_entries(sold, half, "HUF") == []


@pytest.mark.parametrize("gross", ["-4244", "-8000"])
def test_what_rounding_does_not_explain_is_more_than_was_sold(gross):
    half = [entry(5, -1, "-4242", 1), entry(6, -1, gross, 1)]
    with pytest.raises(ValueError, match="Line 1"):
        kept_entries([entry(1, 2, "8483")], half, "HUF")


@pytest.mark.parametrize("back", [(-3, "-12000"), (-1, "-9000")])
def test_more_cannot_come_back_than_was_sold(back):
    quantity, gross = back
    with pytest.raises(ValueError, match="Line 1"):
        kept_entries([entry(1, 2, "8000")], [entry(5, quantity, gross, 1)], "HUF")


def test_lines_of_an_original_and_its_correction_are_one():
    (line,) = lines_of([entry(1, 2, "8000")])
    (back,) = difference((line,), lines_of([entry(1, 1, "4000")]), "HUF")
    (left,) = merged((line, back))
    assert (left.quantity, left.gross) == (1, 4000)
    assert merged((line, *difference((line,), (), "HUF"))) == ()


amounts = st.lists(st.integers(0, 10**6).map(Decimal), min_size=1, max_size=5)


@given(amounts, st.integers(-(10**6), 10**6).map(Decimal))
def test_what_was_paid_moves_by_what_is_missing(paid, missing):
    shifted = shift(paid, missing)
    assert sum(shifted) == max(sum(paid) + missing, 0)
    assert all(amount >= 0 for amount in shifted)


def test_change_given_on_one_tender_is_made_good_by_what_came_back():
    assert shift([Decimal(-3910)], Decimal(8900)) == [4990]


def test_a_part_of_a_sale_was_paid_by_its_part():
    sale_snapshot = {
        "total": "15900",
        "lines": [entry(1, 1, "8900"), entry(2, 2, "7000")],
        "tenders": [{"amount": "10000"}, {"amount": "5900"}],
    }
    part = part_of(sale_snapshot, [entry(1, 1, "8900")])
    assert part["total"] == "8900"
    assert [tender["amount"] for tender in part["tenders"]] == ["3000", "5900"]
