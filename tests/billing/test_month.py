"""The month's file proves itself: what is missing or does not agree is named."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.invoice import DocumentKind, NavState, State
from salon_invoice_bridge.billing.month import (
    REMARKS,
    Amount,
    Basis,
    Bridge,
    DayTotal,
    Finding,
    Gap,
    Item,
    Named,
    TenderTotal,
    Till,
    add_up,
)

from .months import (
    DAY,
    END,
    START,
    document,
    month,
    months,
    sale,
    storno,
    till_of,
)


def gaps(content):
    """Return the findings' gaps, in their order."""
    return [finding.gap for finding in content.findings]


def only(content):
    """Return the one finding that there is."""
    (finding,) = content.findings
    return finding


def steps(content):
    """Return ``{(item, detail): amount}`` of the one bridge."""
    (bridge,) = content.bridges
    return {(step.item, step.detail): step.amount for step in bridge.steps}


# === A MONTH THAT IS AS IT SHOULD BE === #


@given(months())
def test_a_month_in_which_all_agrees_has_no_findings(rows):
    content = month(*rows)
    assert content.findings == ()
    assert content.is_complete
    assert all(not bridge.rest for bridge in content.bridges)


@given(months())
def test_all_sums_are_those_of_the_documents(rows):
    content = month(*rows)
    for bridge in content.bridges:
        listed = [row for row in content.documents if row.currency == bridge.currency]
        gross = add_up(row.gross for row in listed)

        def here(rows, currency=bridge.currency):
            return [row for row in rows if row.currency == currency]

        assert bridge.documented == gross
        assert add_up(row.gross for row in here(content.rates)) == gross
        assert add_up(row.net + row.tax for row in here(content.rates)) == gross
        assert add_up(row.documented for row in here(content.days)) == gross
        assert sum(row.documents for row in here(content.days)) == len(listed)
        sold = add_up(row.gross for row in here(rows[1]))
        assert bridge.sold == add_up(row.sold for row in here(content.days)) == sold
        paid = add_up(row.till for row in here(content.tenders))
        assert paid == add_up(
            tender.amount for row in here(rows[1]) for tender in row.tenders
        )


@given(months(), st.randoms())
def test_the_order_of_the_rows_makes_no_difference(rows, chance):
    documents, sales = map(list, rows)
    chance.shuffle(documents)
    # The sales of a family are told in the order of the till.
    assert month(documents, sales) == month(*rows)


@given(months(), st.data())
def test_a_document_that_is_lost_is_found_missing(rows, data):
    documents, sales = rows
    refs = {row.ref for row in sales}
    lost = [row for row in documents if row.sale in refs]
    assume(lost)
    gone = data.draw(st.sampled_from(lost))
    content = month([row for row in documents if row is not gone], sales)
    assert {*gaps(content)} <= {Gap.MISSING, Gap.DIFFERS, Gap.RATES}
    assert content.findings
    assert not content.is_complete
    assert all(not bridge.rest for bridge in content.bridges), "each gap is a step"


@given(months(), st.data())
def test_a_sale_that_is_not_among_the_rows_is_seen_in_the_tills_sums(rows, data):
    documents, sales = rows
    assume(sales)
    gone = data.draw(st.sampled_from(sales))
    content = month(documents, [s for s in sales if s is not gone], till_of(sales))
    assert Gap.TILL in gaps(content)
    finding = content.findings[0]
    assert (finding.day, finding.difference) == (gone.day, gone.gross)


@given(months(), st.data(), st.integers(1, 10**6))
def test_a_document_over_another_sum_is_named_with_both(rows, data, more):
    documents, sales = rows
    refs = {row.ref for row in sales}
    papers = [row for row in documents if row.sale in refs]
    assume(papers)
    wrong = data.draw(st.sampled_from(papers))
    other = replace(wrong, gross=wrong.gross + more)
    content = month([other if row is wrong else row for row in documents], sales)
    assert Gap.DIFFERS in gaps(content)
    found = next(f for f in content.findings if f.gap is Gap.DIFFERS)
    assert found.difference == -more
    assert all(not bridge.rest for bridge in content.bridges)


@given(months(), st.data())
def test_whatever_is_withheld_the_bridge_shows_what_is_not_explained(rows, data):
    """Nothing can be hidden: what is in no step is in the rest, or is a finding."""
    documents, sales = rows
    few = [row for row in sales if data.draw(st.booleans())]
    some = [row for row in documents if data.draw(st.booleans())]
    content = month(some, few, till_of(sales))
    if content.is_complete:
        assert few == list(sales)
    for bridge in content.bridges:
        own = add_up(s.gross for s in sales if s.currency == bridge.currency)
        mine = add_up(s.gross for s in few if s.currency == bridge.currency)
        assert bridge.rest == own - mine


# === THE TILL === #


def test_a_till_that_says_nothing_proves_nothing():
    content = month([document()], [sale()], Till())
    assert gaps(content) == [Gap.TILL]


def test_a_payment_method_that_does_not_agree_is_named():
    own = replace(
        till_of([sale()]),
        tenders=(
            TenderTotal(name="Bankkártya", amount=Decimal(8000)),
            TenderTotal(name="Készpénz", amount=Decimal(900)),
        ),
    )
    content = month([document()], [sale()], own)
    assert [(f.gap, f.detail, f.difference) for f in content.findings] == [
        (Gap.TENDERS, "Bankkártya", -900),
        (Gap.TENDERS, "Készpénz", 900),
    ]


def test_payments_that_the_till_does_not_sum_up_are_held_against_nothing():
    own = replace(till_of([sale()]), tenders=None)
    assert month([document()], [sale()], own).is_complete


def test_two_days_whose_sums_are_exchanged_are_both_named():
    sales = [sale("1"), sale("2", {"27": 100}, day=END)]
    days = (
        DayTotal(day=DAY, count=1, gross=Decimal(100)),
        DayTotal(day=END, count=1, gross=Decimal(8900)),
    )
    papers = [document("1"), document("2", {"27": 100}, fulfillment_date=END)]
    content = month(papers, sales, Till(days=days))
    assert [(f.gap, f.day) for f in content.findings] == [
        (Gap.TILL, DAY),
        (Gap.TILL, END),
    ]


# === WHAT A SALE HAS IN THE PLACE OF ITS DOCUMENT === #


@pytest.mark.parametrize(
    ("row", "gap"),
    [
        ({"state": State.WAITING}, Gap.WAITING),
        ({"state": State.SENDING}, Gap.WAITING),
        ({"state": State.CHECKING}, Gap.WAITING),
        ({"state": State.ATTENTION}, Gap.ATTENTION),
        ({"kind": DocumentKind.DRAFT}, Gap.UNFINISHED),
        ({"kind": DocumentKind.PROFORMA}, Gap.UNFINISHED),
        ({"sandbox": True}, Gap.TEST),
        ({"state": State.SKIPPED}, Gap.MISSING),
        ({"state": State.DISCARDED, "kind": DocumentKind.DRAFT}, Gap.MISSING),
    ],
)
def test_a_sale_without_a_document_is_named_with_what_it_has_instead(row, gap):
    content = month([document(**row)], [sale()])
    finding = only(content)
    assert (finding.gap, finding.sale, finding.expected) == (gap, "1", 8900)
    assert finding.found == 0
    assert content.documents == ()
    assert not content.is_complete
    assert steps(content) == {(Item.GAP, gap.value): -8900}


def test_two_sales_without_a_document_are_both_named():
    sales = [sale("1"), sale("2"), sale("3")]
    content = month([document("2")], sales)
    assert [(f.gap, f.sale_name) for f in content.findings] == [
        (Gap.MISSING, "Szalon/1"),
        (Gap.MISSING, "Szalon/3"),
    ]
    again = month([document("1"), document("2"), document("3")], sales)
    assert again.is_complete, "the second file is complete"


def test_a_sale_of_nothing_needs_no_document():
    assert month([], [sale(rates={"27": 0})]).is_complete


@pytest.mark.parametrize(
    "back",
    [
        sale("2", {"27": -8900}, family="3"),
        sale("2", {"27": -8899}, family="1"),
        sale("2", {"27": -8901}, family="1"),
        sale("2", {"27": -8900}, family="1", currency="EUR"),
    ],
)
def test_a_sale_and_its_return_without_documents_do_not_hide_each_other(back):
    assert gaps(month([], [sale(), back])) == [Gap.MISSING, Gap.MISSING]


# === WHAT CAME BACK WHOLE BEFORE ANY DOCUMENT WAS MADE === #


def back_whole(**more):
    """Return what came back of :func:`sale`: all of it."""
    return sale("2", {"27": -8900}, **{"family": "1", **more})


def test_what_came_back_whole_before_any_document_is_named_once_as_that():
    content = month([], [sale(), back_whole()])
    finding = only(content)
    assert (finding.gap, finding.sale) == (Gap.RETURNED, "1")
    assert finding.difference is None, "nothing is missing"
    assert content.is_complete, "worth a look"
    assert steps(content) == {}
    assert content.left_off == ()


def test_what_came_back_in_parts_is_whole_with_the_last_of_them():
    parts = [sale(ref, {"27": -4450}, family="1") for ref in "23"]
    assert gaps(month([], [sale(), parts[0]])) == [Gap.MISSING, Gap.MISSING]
    assert gaps(month([], [sale(), *parts])) == [Gap.RETURNED]


def test_what_came_back_has_its_own_reason_beside_what_the_sale_is_named_by():
    """As the addon decides of it where its hook has seen the return alone."""
    content = month([], [sale(), back_whole(reason="Nincs bizonylata")])
    assert (only(content).gap, only(content).sale) == (Gap.RETURNED, "1")
    assert steps(content) == {
        (Item.UNDOCUMENTED, "Nincs bizonylata"): 8900,
        (Item.RETURNED, ""): -8900,
    }
    assert all(not bridge.rest for bridge in content.bridges)


def test_what_was_sold_in_exchange_has_its_document_and_the_sale_came_back():
    exchange = sale("2", {"27": -5900}, family="1")
    content = month([document("2", {"27": 3000})], [sale(), exchange])
    assert (only(content).gap, only(content).sale) == (Gap.RETURNED, "1")
    assert all(not bridge.rest for bridge in content.bridges)


@pytest.mark.parametrize(
    "row",
    [
        {"state": State.ATTENTION},
        {"state": State.WAITING},
        {"kind": DocumentKind.DRAFT},
        {"sandbox": True},
    ],
)
@pytest.mark.parametrize("of", ["1", "2"])
def test_what_may_still_be_documented_did_not_come_back_before(row, of):
    found = gaps(month([document("9", sale=of, **row)], [sale(), back_whole()]))
    assert Gap.RETURNED not in found
    assert len(found) == 2


def test_what_came_back_and_has_its_document_elsewhere_leaves_the_sale_due():
    """Odoo's credit note; the same for what a person has dropped."""
    elsewhere = back_whole(reason="Az Odoo számlázta", counts_off=False)
    content = month([], [sale(), elsewhere])
    assert (only(content).gap, only(content).sale) == (Gap.MISSING, "1")
    assert not content.is_complete


def test_what_came_back_of_several_sales_hides_none_of_them():
    back = sale("3", {"27": -8900}, family="1", counts_off=False)
    content = month([], [sale(), sale("2", {"27": 4450}), back])
    assert Gap.RETURNED not in gaps(content)
    assert not content.is_complete


def test_a_document_that_says_less_is_not_made_up_for_by_what_came_back():
    paper = document(rates={"27": 8000})
    found = month([paper], [sale(), sale("2", {"27": -900}, family="1")]).findings
    assert [one.gap for one in found] == [Gap.MISSING, Gap.DIFFERS]


def test_what_has_its_reason_did_not_come_back_before_any_document():
    """The receipt of the cash register is one: what came back of it lacks its own."""
    content = month([], [sale(reason="Pénztárgép nyugtája"), back_whole()])
    assert (only(content).gap, only(content).sale) == (Gap.MISSING, "2")


def test_a_sale_that_came_back_in_another_month_is_named_in_each_of_them():
    """Its documents would be of two months; neither lacks any."""
    sold, back = sale(), back_whole(day=END + timedelta(days=1))
    content = month([], [sold], others=[back])
    assert (only(content).gap, only(content).sale) == (Gap.RETURNED, "1")
    assert steps(content) == {(Item.RETURNED, ""): -8900}
    (bridge,) = content.bridges
    assert (bridge.sales, bridge.sold, bridge.rest) == (1, 8900, 0)
    early = replace(sold, day=START - timedelta(days=1))
    content = month([], [replace(back, day=DAY)], others=[early])
    assert (only(content).gap, only(content).sale) == (Gap.RETURNED, "2")
    assert steps(content) == {(Item.RETURNED, ""): 8900}


def test_what_was_documented_in_another_month_did_not_come_back_before():
    early = sale(day=START - timedelta(days=1))
    paper = document(fulfillment_date=early.day, issue_date=early.day)
    content = month([paper], [back_whole()], others=[early])
    assert gaps(content) == [Gap.MISSING]
    assert content.documents == ()


def test_a_reason_is_no_finding_and_is_listed_with_its_amount():
    content = month([], [sale(reason="Pénztárgép nyugtája")])
    assert content.is_complete
    (entry,) = content.left_off
    assert (entry.reason, entry.amount, entry.whole) == (
        "Pénztárgép nyugtája",
        8900,
        True,
    )
    assert steps(content) == {(Item.UNDOCUMENTED, "Pénztárgép nyugtája"): -8900}


def test_a_reason_makes_up_for_no_document_that_its_sale_should_have():
    """What came back has a reason, but the storno that answers for it has gone."""
    back = sale("2", {"27": -8900}, family="1", reason="Visszatérítve")
    finding = only(month([document()], [sale(), back]))
    assert (finding.gap, finding.difference) == (Gap.DIFFERS, -8900)
    answered = storno(document(), "3", sale="1")
    assert month([document(), answered], [sale(), back]).is_complete


def test_what_a_document_keeps_off_is_listed_with_its_amount():
    sold = sale(gross=Decimal(9900), kept_off=(Named(name="Borravaló", amount=1000),))
    content = month([document()], [sold])
    assert content.is_complete
    assert steps(content) == {(Item.KEPT_OFF, "Borravaló"): -1000}
    assert [entry.whole for entry in content.left_off] == [False]


def test_a_storno_that_nothing_followed_leaves_its_sale_without_a_document():
    paper = document(state=State.CANCELLED)
    finding = only(month([paper, storno(paper, "2")], [sale()]))
    assert (finding.gap, finding.difference) == (Gap.DIFFERS, 8900)


def test_a_new_invoice_that_is_on_its_way_is_why_a_sale_does_not_agree():
    paper = document(state=State.CANCELLED)
    again = document("3", sale="1", number="", state=State.WAITING)
    content = month([paper, storno(paper, "2"), again], [sale()])
    finding = only(content)
    assert (finding.gap, finding.ref, finding.difference) == (Gap.WAITING, "3", 8900)
    assert steps(content) == {(Item.GAP, "waiting"): -8900}


def test_what_is_open_is_named_although_the_sums_agree():
    open_storno = storno(document(), "2", state=State.ATTENTION, number="")
    finding = only(month([document(), open_storno], [sale()]))
    assert (finding.gap, finding.ref, finding.difference) == (
        Gap.ATTENTION,
        "2",
        None,
    )


def test_a_proforma_beside_its_invoice_is_no_finding():
    proforma = document("2", sale="1", kind=DocumentKind.PROFORMA)
    assert month([document(), proforma], [sale()]).is_complete


def test_a_rate_that_is_not_what_was_sold_is_named_although_the_sum_agrees():
    sold = sale(rates={"27": 8900, "ATK": 1000})
    paper = document(rates={"27": 9000, "ATK": 900})
    findings = month([paper], [sold]).findings
    assert [(f.gap, f.detail, f.difference) for f in findings] == [
        (Gap.RATES, "27", -100),
        (Gap.RATES, "ATK", 100),
    ]
    assert month([paper], [replace(sold, rates=None)]).is_complete


def test_a_document_in_another_currency_is_none_of_the_sales():
    content = month([document(currency="EUR")], [sale()])
    assert gaps(content) == [Gap.MISSING]
    assert [(b.currency, b.rest) for b in content.bridges] == [("HUF", 0), ("EUR", 0)]


# === THE DOCUMENTS THEMSELVES === #


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        ({"number": ""}, Gap.INCOMPLETE),
        ({"issue_date": None}, Gap.INCOMPLETE),
        ({"amounts": ()}, Gap.INCOMPLETE),
        ({"has_pdf": False}, Gap.PDF),
        ({"nav": NavState.REJECTED}, Gap.NAV_REFUSED),
        ({"nav": NavState.PENDING}, Gap.NAV_OPEN),
        ({"nav": NavState.UNKNOWN}, Gap.NAV_OPEN),
    ],
)
def test_what_a_document_lacks_is_named(change, gap):
    content = month([document(**change)], [sale()])
    finding = only(content)
    assert (finding.gap, finding.ref) == (gap, "1")
    assert content.is_complete == (gap in REMARKS)


@pytest.mark.parametrize("nav", [NavState.WARNING, NavState.NOT_REPORTED, None])
def test_what_nav_took_or_is_not_told_is_no_finding(nav):
    assert month([document(nav=nav)], [sale()]).findings == ()


def test_a_number_that_two_documents_have_is_named_once():
    papers = [document("1"), document("2", number="SZ / 2026-1")]
    finding = only(month(papers, [sale("1"), sale("2")]))
    assert (finding.gap, finding.ref) == (Gap.TWICE, "2")
    other = [papers[0], replace(papers[1], account="Számlázz.hu")]
    assert month(other, [sale("1"), sale("2")]).is_complete


@pytest.mark.parametrize(
    ("amounts", "detail", "difference"),
    [
        ([("27", 7000, 1900, 8900)], None, None),
        ([("27", 7000, 1890, 8900)], "27", -10),
        ([("27", 7000, 1900, 8900), ("ATK", 500, 0, 500)], "", 500),
    ],
)
def test_net_and_vat_and_gross_are_added_up(amounts, detail, difference):
    rows = tuple(
        Amount(vat=vat, net=Decimal(net), tax=Decimal(tax), gross=Decimal(gross))
        for vat, net, tax, gross in amounts
    )
    sold = sale(rates=None)
    findings = month([document(amounts=rows)], [replace(sold, rates=None)]).findings
    assert [(f.detail, f.difference) for f in findings] == (
        [] if detail is None else [(detail, difference)]
    )


def test_a_document_without_its_rates_is_in_the_sums_all_the_same():
    content = month([document(amounts=())], [sale()])
    (total,) = content.rates
    assert (total.vat, total.gross) == ("", 8900)


def test_what_the_reconciliation_found_is_on_the_first_page():
    found = Finding(gap=Gap.MISSING_THERE, number="SZ / 2026-9", detail="billingo")
    content = month([document()], [sale()], differences=[found])
    assert content.findings == (found,)
    assert not content.is_complete


# === WHICH MONTH === #


def test_a_sale_of_the_last_minutes_is_in_its_own_month():
    """VAT is due in the month of fulfilment (VAT Act 55-56; sure)."""
    late = document(fulfillment_date=END, issue_date=END + timedelta(days=1))
    assert month([late], [sale(day=END)]).documents == (late,)
    by_issue = month([late], [sale(day=END)], basis=Basis.ISSUE)
    assert by_issue.documents == ()
    assert steps(by_issue) == {(Item.ELSEWHERE, ""): -8900}
    assert by_issue.is_complete


def test_a_storno_is_in_the_month_in_which_it_was_issued():
    """What was reported is reduced in the month of the change (VAT Act 153/B)."""
    old = document(
        fulfillment_date=date(2026, 10, 9),
        issue_date=date(2026, 10, 9),
        state=State.CANCELLED,
    )
    taken = storno(old, "2", fulfillment_date=old.fulfillment_date)
    content = month([old, taken], [])
    assert content.documents == (taken,)
    assert steps(content) == {(Item.BEFORE, ""): -8900}
    assert content.is_complete


def test_another_buyers_invoice_is_in_the_month_of_the_storno_before_it():
    old = document(fulfillment_date=date(2026, 10, 9), issue_date=date(2026, 10, 9))
    again = replace(old, ref="3", number="SZ / 2026-3", follows=old.number)
    content = month([replace(again, issue_date=DAY)], [])
    assert [row.ref for row in content.documents] == ["3"]


def test_a_document_of_no_day_is_where_its_sale_is():
    paper = document(issue_date=None, fulfillment_date=None)
    assert month([paper], [sale()]).documents == (paper,)
    assert month([paper], []).documents == ()


@pytest.mark.parametrize("day", [START, END])
def test_the_first_and_the_last_day_are_in_it(day):
    paper = document(fulfillment_date=day)
    assert month([paper], [sale(day=day)]).documents == (paper,)


@pytest.mark.parametrize("day", [START - timedelta(1), END + timedelta(1)])
def test_the_days_beside_it_are_not(day):
    assert month([document(fulfillment_date=day)], []).documents == ()


# === SERIES === #


def series_of(*numbers, more=()):
    """Return the series of documents with these numbers."""
    papers = [document(str(n), number=number) for n, number in enumerate(numbers)]
    sales = [sale(str(n)) for n in range(len(numbers))]
    return month([*papers, *more], sales).series


def test_a_series_says_which_numbers_are_not_here():
    (series,) = series_of("SZ-2026-0012", "SZ-2026-0009", "SZ-2026-0015")
    assert (series.prefix, series.first, series.last, series.count) == (
        *("SZ-2026-", "SZ-2026-0009", "SZ-2026-0015"),
        3,
    )
    assert (series.gaps, series.missing) == (((10, 11), (13, 14)), 4)


def test_a_number_of_another_months_document_leaves_no_gap():
    older = document("x", number="SZ-2", fulfillment_date=date(2026, 10, 31), sale="y")
    (series,) = series_of("SZ-1", "SZ-3", more=[older])
    assert (series.gaps, series.count) == ((), 2)


def test_each_prefix_and_account_is_a_series_of_its_own():
    other = document("x", number="SZ-9", sale="0", account="Számlázz.hu")
    found = series_of("SZ-1", "NY-5", "2027/1", "", "abc", more=[other])
    assert [(s.account, s.prefix, s.gaps) for s in found] == [
        ("", "2027/", ()),
        ("", "NY-", ()),
        ("", "SZ-", ()),
        ("Számlázz.hu", "SZ-", ()),
    ]


@given(st.sets(st.integers(0, 10**15 - 1), min_size=1, max_size=20))
def test_numbers_and_gaps_are_all_from_the_first_to_the_last(numbers):
    (series,) = series_of(*(f"SZ-{number}" for number in numbers))
    assert series.count + series.missing == max(numbers) - min(numbers) + 1
    assert not any(a <= n <= b for n in numbers for a, b in series.gaps)


# === PARTS AND NAMES === #


def test_documents_are_in_the_order_of_their_numbers_invoices_first():
    papers = [
        document("1", number="NY-9", receipt=True, kind=DocumentKind.RECEIPT),
        document("2", number="SZ-10"),
        document("3", number="SZ-9"),
    ]
    content = month(papers, [sale("1"), sale("2"), sale("3")])
    assert [row.number for row in content.documents] == ["SZ-9", "SZ-10", "NY-9"]


@given(months(), st.integers(1, 7))
def test_the_parts_have_each_document_once_and_none_too_many(rows, size):
    content = month(*rows)
    parts = content.parts(size)
    assert tuple(row for part in parts for row in part.documents) == content.documents
    assert all(len(part.documents) <= size for part in parts)
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    assert {part.of for part in parts} == {len(parts)}


def test_a_part_has_at_most_five_hundred_documents():
    papers = [document(str(n)) for n in range(1001)]
    parts = month(papers, [sale(str(n)) for n in range(1001)]).parts()
    assert [len(part.documents) for part in parts] == [500, 500, 1]


def test_a_month_of_nothing_has_one_part_of_nothing():
    (part,) = month([], []).parts()
    assert (part.number, part.of, part.documents) == (1, 1, ())


@given(st.lists(st.text(max_size=100), max_size=8))
def test_no_two_pdfs_have_one_name_on_any_system(numbers):
    papers = [document(str(n), number=number) for n, number in enumerate(numbers)]
    content = month(papers, [sale(str(n)) for n in range(len(numbers))])
    names = [content.file_name(row) for row in content.documents]
    assert len({name.lower() for name in names}) == len(numbers)
    assert all(name.isascii() and name.endswith(".pdf") for name in names)
    assert not any({*name} & {*'\\/:*?"<>|\0'} for name in names)


def test_numbers_that_become_one_name_are_counted():
    papers = [
        document("1", number="SZ/1"),
        document("2", number="sz\\1"),
        document("3", number="SZ-1-2"),
    ]
    content = month(papers, [sale("1"), sale("2"), sale("3")])
    names = {row.ref: content.file_name(row) for row in content.documents}
    assert len({name.lower() for name in names.values()}) == 3


def test_what_has_no_pdf_has_no_name():
    paper = document(has_pdf=False)
    assert month([paper], [sale()]).file_name(paper) == ""


def test_a_bridge_adds_its_steps():
    bridge = Bridge(
        currency="HUF",
        sales=1,
        sold=Decimal(10),
        steps=(),
        documents=1,
        documented=Decimal(7),
    )
    assert (bridge.expected, bridge.rest) == (10, 3)
