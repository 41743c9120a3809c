"""The books of a month: all that agrees agrees, and every single change is found."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.books import (
    LIMITS,
    Asked,
    Doubt,
    Finding,
    Outcome,
    Proof,
    Repair,
)
from salon_invoice_bridge.billing.figures import Figures, add_up
from salon_invoice_bridge.billing.invoice import Kind, PaymentKind, RateSum, State
from salon_invoice_bridge.billing.reconcile import numbers_to_look_up, reconcile
from salon_invoice_bridge.billing.series import MOST
from tests.examples import examples

from .month import (
    CARD,
    CASH,
    SINCE,
    UNTIL,
    Builder,
    by_hand,
    figures_of,
    months,
    rates_of,
    row_of,
)

DAY = SINCE + timedelta(days=9)
CUT = [(9990, "27"), (1000, "ATK")]


def compare(month, **asked):
    return reconcile(SINCE, UNTIL, month.sales, month.documents, month.asked(**asked))


def one_sale(**options):
    """Return a month of one haircut."""
    builder = Builder(marks_receipts=options.pop("marks_receipts", True))
    builder.sale(DAY, options.pop("lines", CUT), **options)
    return builder.finish()


def findings(result):
    return {finding for row in result.rows for finding in row.findings}


def outcomes(rows):
    return Counter(row.outcome for row in rows)


# === ALL THAT AGREES === #


def test_a_sale_its_document_and_the_services_agree():
    result = compare(one_sale())
    assert result.agrees
    assert outcomes(result.rows) == {Outcome.AGREES: 2}
    assert (result.proof, result.doubts) == (Proof.LIST, frozenset())
    total = result.sums["HUF"].total
    assert (total.till, total.documents, total.there) == (10990, 10990, 10990)
    assert (total.missing, total.elsewhen, total.not_ours) == (0, 0, 0)


def test_nothing_sold_and_nothing_there_agrees():
    result = reconcile(SINCE, UNTIL, [], [], Asked(listed=(), counted=True))
    assert result.agrees
    assert result.rows == ()
    assert result.sums == {}


@examples(300)
@given(months())
def test_a_month_that_is_right_agrees(month):
    result = compare(month)
    assert result.agrees, (findings(result), result.doubts)
    assert not result.differences


@examples(300)
@given(months())
def test_the_sums_are_the_tills_and_the_ledgers(month):
    """At each VAT rate and each tender: till = documents + what has its reason."""
    result = compare(month)
    sums = result.sums.get("HUF")
    if sums is None:
        assert not [one for one in month.rows if SINCE <= one.issue_date <= UNTIL]
        return
    sold = [one for one in month.sales if SINCE <= one.day <= UNTIL]
    issued = [one for one in month.documents if SINCE <= one.day <= UNTIL]
    totals = add_up(one.figures for one in issued).get("HUF")
    ours = {one.remote_id for one in issued}
    theirs = [row for row in month.listed if row.id in ours]
    strange = [row for row in month.listed if row.id not in ours]
    assert sums.total.till == sum(one.gross for one in sold)
    assert sums.total.documents == (totals.gross if totals else 0)
    assert sums.total.there == sum(row.gross for row in theirs)
    assert sums.total.not_ours == sum(row.gross for row in strange)
    for _key, bridge in (*sums.rates.items(), *sums.tenders.items()):
        assert bridge.missing == 0
        assert bridge.till == bridge.unwanted + bridge.documents + bridge.elsewhen
    for code, bridge in sums.rates.items():
        assert bridge.till == sum(one.rates.get(code, 0) for one in sold)
        assert bridge.documents == bridge.there
    tenders = sum(bridge.till for bridge in sums.tenders.values())
    assert tenders == sums.total.till
    strangers = [row for row in result.documents if row.outcome is Outcome.NOT_OURS]
    assert len(strangers) == len(strange)


@examples(100)
@given(months(inside=True))
def test_in_a_month_of_its_own_nothing_is_elsewhen(month):
    sums = compare(month).sums.get("HUF")
    if sums:
        assert all(bridge.elsewhen == 0 for bridge in sums.rates.values())
        assert sums.total.till == sums.total.unwanted + sums.total.there


# === EVERY SINGLE CHANGE IS FOUND === #


def plus_one(figures):
    """Return figures of one forint more, at the first rate and tender."""
    first = figures.rates[0]
    more = replace(first, net=first.net + 1, gross=first.gross + 1)
    tenders, owed = dict(figures.tenders), figures.owed
    if tenders:
        kind = next(iter(tenders))
        tenders[kind] += 1
    else:
        owed += 1
    return replace(
        figures, rates=(more, *figures.rates[1:]), tenders=tenders, owed=owed
    )


def one_tax_more(figures):
    first = figures.rates[0]
    moved = replace(first, net=first.net - 1, tax=first.tax + 1)
    return replace(figures, rates=(moved, *figures.rates[1:]))


def other_rate(figures):
    first = figures.rates[0]
    code = "25.5"
    return replace(figures, rates=(replace(first, vat=code), *figures.rates[1:]))


def other_tender(figures):
    kind = next(iter(figures.tenders), None)
    tenders = dict(figures.tenders)
    tenders[PaymentKind.PAYPAL] = tenders.pop(kind, figures.owed)
    owed = figures.owed if kind else Decimal(0)
    return replace(figures, tenders=tenders, owed=owed)


DOCUMENT_CHANGES = {
    "figures: a forint": lambda one: replace(one, figures=plus_one(one.figures)),
    "figures: VAT": lambda one: replace(one, figures=one_tax_more(one.figures)),
    "figures: rate": lambda one: replace(one, figures=other_rate(one.figures)),
    "currency": lambda one: replace(one, figures=replace(one.figures, currency="EUR")),
    "number": lambda one: replace(one, number=one.number + "9"),
    "day": lambda one: replace(one, day=one.day + timedelta(days=1)),
    "kind": lambda one: replace(one, kind=Kind.CORRECTION),
    "order number": lambda one: replace(one, order_number="260-1-999999-ZZZZZZ"),
    "payment kind": lambda one: replace(one, payment_kind=PaymentKind.BARION),
    "state": lambda one: replace(one, state=State.ATTENTION),
    "payments": lambda one: replace(one, payments={CASH: Decimal(1)}),
}


def is_told(what, document, row):
    """True if the service tells what was changed."""
    if what == "payments":
        return row.payments is not None
    if what == "order number":
        return bool(row.order_number)
    return True


@pytest.mark.parametrize("what", DOCUMENT_CHANGES)
@examples(60)
@given(month=months(1), data=st.data())
def test_a_document_that_is_changed_here_is_found(what, month, data):
    inside = [one for one in month.documents if SINCE <= one.day <= UNTIL]
    assume(inside)
    one = data.draw(st.sampled_from(inside))
    row = next(row for row in month.rows if row.id == one.remote_id)
    changed = DOCUMENT_CHANGES[what](one)
    assume(changed != one and is_told(what, one, row))
    month.documents[month.documents.index(one)] = changed
    result = compare(month)
    assert not result.agrees
    assert result.differences


@examples(100)
@given(month=months(1), data=st.data())
def test_a_document_that_is_lost_here_is_found(month, data):
    inside = [one for one in month.documents if SINCE <= one.day <= UNTIL]
    assume(inside)
    lost = data.draw(st.sampled_from(inside))
    (sale,) = [one for one in month.sales if one.id == lost.sale]
    # A receipt without a mark is nobody's here where its sale is of another day: the
    # books of that day say that the sale has none.
    told = month.marks_receipts or not lost.is_receipt
    assume(told or SINCE <= sale.day <= UNTIL)
    month.documents.remove(lost)
    result = compare(month)
    assert not result.agrees
    assert result.differences


ROW_CHANGES = {
    "gross": lambda row: replace(row, gross=row.gross + 1),
    "gross turned": lambda row: replace(row, gross=-row.gross),
    "currency": lambda row: replace(row, currency="EUR"),
    "day": lambda row: replace(row, issue_date=row.issue_date + timedelta(days=1)),
    "undated": lambda row: replace(row, issue_date=None),
    "cancelled": lambda row: replace(row, cancelled=not row.cancelled),
    "kind": lambda row: replace(row, kind=Kind.CORRECTION),
    "number": lambda row: replace(row, number=row.number + "9"),
    "order number": lambda row: replace(row, order_number="12"),
    "payment kind": lambda row: replace(row, payment_kind=PaymentKind.PAYPAL),
    "owed": lambda row: replace(row, outstanding=Decimal(7)),
    "payments": lambda row: replace(row, payments=()),
    "rate": lambda row: replace(
        row, rates=(replace(row.rates[0], vat="25.5"), *row.rates[1:])
    ),
    "VAT": lambda row: replace(
        row,
        rates=(
            replace(row.rates[0], net=row.rates[0].net - 1, tax=row.rates[0].tax + 1),
            *row.rates[1:],
        ),
    ),
    "id": lambda row: replace(row, id="77", number="77"),
}


def rows_of_ours(month):
    ours = {one.remote_id for one in month.documents}
    return [row for row in month.rows if row.id in ours and row in month.listed]


@pytest.mark.parametrize("what", ROW_CHANGES)
@examples(60, suppress_health_check=[HealthCheck.filter_too_much])
@given(month=months(1), data=st.data())
def test_a_document_that_is_changed_at_the_service_is_found(what, month, data):
    ours = rows_of_ours(month)
    if what == "payments":  # few services tell them
        ours = [row for row in ours if row.payments]
    assume(ours)
    row = data.draw(st.sampled_from(ours))
    if what == "gross turned":
        assume(row.gross)
    changed = ROW_CHANGES[what](row)
    assume(changed != row)
    listed = tuple(changed if one is row else one for one in month.listed)
    result = compare(month, listed=listed)
    assert not result.agrees
    if what != "undated":
        assert result.differences


@examples(150)
@given(month=months(1), data=st.data())
def test_a_document_that_the_service_does_not_list_is_found(month, data):
    ours = rows_of_ours(month)
    assume(ours)
    gone = data.draw(st.sampled_from(ours))
    listed = tuple(one for one in month.listed if one is not gone)
    result = compare(month, listed=listed)
    (row,) = [row for row in result.documents if row.outcome is Outcome.MISSING_THERE]
    assert row.findings == {Finding.NOT_LISTED}
    assert row.repairs == (Repair.LOOK,)
    looked_up = {(gone.number, gone.is_receipt): None}
    (row,) = compare(month, listed=listed, looked_up=looked_up).differences
    assert row.findings == {Finding.GONE}
    looked_up = {(gone.number, gone.is_receipt): gone}
    result = compare(month, listed=listed, looked_up=looked_up)
    assert result.is_settled and not result.agrees
    assert result.doubts == {Doubt.LEFT_OUT}


SALE_CHANGES = {
    "rates": lambda sale: replace(
        sale, rates={**sale.rates, "5": sale.rates.get("5", Decimal(0)) + 1}
    ),
    "rate": lambda sale: replace(
        sale,
        rates={"25.5": sum(sale.rates.values(), Decimal(0))},
    ),
    "paid": lambda sale: replace(
        sale, paid={**sale.paid, CASH: sale.paid.get(CASH, Decimal(0)) + 1}
    ),
    "owed": lambda sale: replace(sale, owed=sale.owed + 1),
    "kept off": lambda sale: replace(sale, kept_off=sale.kept_off + 1),
    "rounding": lambda sale: replace(sale, rounding=sale.rounding + 1),
    "currency": lambda sale: replace(sale, currency="EUR"),
    "unwanted": lambda sale: replace(sale, unwanted="" if sale.unwanted else "why"),
}


@pytest.mark.parametrize("what", SALE_CHANGES)
@examples(60)
@given(month=months(1), data=st.data())
def test_a_sale_that_is_changed_is_found(what, month, data):
    inside = [one for one in month.sales if SINCE <= one.day <= UNTIL]
    assume(inside)
    sale = data.draw(st.sampled_from(inside))
    root = next(one for one in month.sales if one.id == sale.family)
    documented = [one for one in month.documents if one.family == sale.family]
    if what in ("rates", "rate", "currency", "tenders"):
        assume(not root.unwanted and documented)
    if what == "unwanted":
        assume(sale is root)
        gross = sum(one.gross for one in month.sales if one.family == root.id)
        assume(gross)
    month.sales[month.sales.index(sale)] = SALE_CHANGES[what](sale)
    result = compare(month)
    assert not result.agrees
    assert any(row.family == sale.family for row in result.differences)


@examples(100)
@given(month=months(1), data=st.data())
def test_a_sale_without_its_document_and_a_document_without_its_sale(month, data):
    wanted = [
        one
        for one in month.sales
        if one.id == one.family and not one.unwanted and SINCE <= one.day <= UNTIL
    ]
    assume(wanted)
    sale = data.draw(st.sampled_from(wanted))
    family = [one for one in month.sales if one.family == sale.id]
    assume(sum(one.gross for one in family))
    issued = [one.day for one in month.documents if one.family == sale.id]
    assume(any(SINCE <= day <= UNTIL for day in issued))
    alone = replace(sale, id=999, family=999, day=DAY, reference="")
    result = reconcile(
        SINCE, UNTIL, [*month.sales, alone], month.documents, month.asked()
    )
    (row,) = [row for row in result.differences if row.family == 999]
    assert (row.outcome, row.findings) == (Outcome.MISSING_THERE, {Finding.NO_DOCUMENT})
    assert Repair.ASK in row.repairs
    others = [one for one in month.sales if one.family != sale.id]
    result = reconcile(SINCE, UNTIL, others, month.documents, month.asked())
    (row,) = [row for row in result.differences if row.family == sale.id]
    assert (row.outcome, row.findings) == (Outcome.DIFFERS, {Finding.NO_SALE})


@examples(60)
@given(month=months(1), data=st.data())
def test_a_tender_that_is_changed_is_found(month, data):
    """Of a sale of which nothing came back: a storno names no tender of its own."""
    families = Counter(one.family for one in month.sales)
    sold = [
        one
        for one in month.sales
        if families[one.family] == 1
        and not one.unwanted
        and one.tenders
        and SINCE <= one.day <= UNTIL
    ]
    assume(sold)
    sale = data.draw(st.sampled_from(sold))
    kind = next(iter(sale.tenders))
    tenders = dict(sale.tenders)
    tenders[PaymentKind.SZEP_CARD] = tenders.pop(kind)
    month.sales[month.sales.index(sale)] = replace(sale, tenders=tenders)
    result = compare(month)
    (row,) = result.differences
    assert (row.outcome, row.findings) == (Outcome.DIFFERS, {Finding.TENDERS})


# === NOT OURS === #


def test_what_was_made_by_hand_is_counted_and_no_difference():
    builder = Builder()
    builder.sale(DAY, CUT)
    builder.hand(DAY, 40_000, order_number="2026/WEB-12", comment="Lakásfelújítás")
    result = compare(builder.finish())
    assert result.agrees
    assert outcomes(result.documents) == {Outcome.AGREES: 1, Outcome.NOT_OURS: 1}
    (row,) = [row for row in result.documents if row.outcome is Outcome.NOT_OURS]
    assert (row.repairs, row.findings, row.needs_person) == ((), set(), False)
    assert result.sums["HUF"].total.not_ours == 40_000


@pytest.mark.parametrize(
    "marks",
    [
        {"order_number": "260-1-000077-ABCDE2"},
        {"external_key": "ABCDEFGHIJKLMNOPQRSTUVWX23"},
        {"comment": "Nyugta: 260-1-000001, köszönjük"},
    ],
)
def test_a_mark_of_ours_on_a_document_that_is_not_known_here_is_missing_here(marks):
    builder = Builder()
    builder.sale(DAY, CUT)
    builder.hand(DAY, 777, **marks)
    result = compare(builder.finish())
    (row,) = result.differences
    assert (row.outcome, row.findings) == (Outcome.MISSING_HERE, {Finding.UNKNOWN})
    assert row.repairs == (Repair.BY_HAND,)


def test_drafts_and_proformas_are_no_documents():
    month = one_sale()
    draft = by_hand("50", "", DAY, 9, kind=Kind.DRAFT)
    proforma = by_hand("51", "D-2026-1", DAY, 9, kind=Kind.PROFORMA)
    assert compare(month, listed=(draft, *month.listed, proforma)).agrees


def test_a_storno_made_by_hand_of_a_document_of_ours_is_missing_here():
    month = one_sale()
    (row,) = month.rows
    storno = replace(
        row,
        id="2000",
        number="SZ-2026-2",
        kind=Kind.STORNO,
        gross=-row.gross,
        rates=(),
        original_number=row.number,
        order_number="",
    )
    result = compare(month, listed=(replace(row, cancelled=True), storno))
    assert {Finding.CANCELLED, Finding.TAKEN_BACK} == findings(result)
    assert outcomes(result.documents) == {Outcome.DIFFERS: 1, Outcome.MISSING_HERE: 1}
    assert all(Repair.LOOK in one.repairs for one in result.differences)
    # Once that is known here, the sale has no document any more.
    (document,) = month.documents
    month.documents[0] = replace(document, state=State.CANCELLED)
    result = compare(month, listed=(replace(row, cancelled=True), storno))
    (sale,) = result.sales
    assert sale.findings == {Finding.NO_DOCUMENT}
    assert Repair.ASK in sale.repairs


def test_a_storno_whose_answer_was_lost_is_that_of_its_refund():
    month = one_sale(refund="all")
    original, storno = month.documents
    month.documents[1] = replace(
        storno, state=State.ATTENTION, number="", remote_id="", day=None
    )
    month.documents[0] = replace(original, state=State.ISSUED)
    listed = tuple(replace(row, order_number="") for row in month.rows)
    result = compare(month, listed=listed)
    (row,) = [row for row in result.documents if row.outcome is Outcome.MISSING_HERE]
    assert (row.findings, row.document) == ({Finding.UNANSWERED}, storno.id)
    assert Repair.ADOPT not in row.repairs


def test_a_storno_that_repeats_the_marks_of_its_original_is_no_second_invoice():
    """Billingo's API v2 copies the comment, and leaves out the prefix of a number."""
    month = one_sale()
    (row,) = month.rows
    storno = replace(
        row,
        id="2000",
        number="SZ-2026-2",
        kind=Kind.STORNO,
        gross=-row.gross,
        rates=(),
        original_number="2026-1",
        external_key=month.documents[0].external_key,
    )
    result = compare(month, listed=(*month.listed, storno))
    (found,) = result.differences
    assert (found.outcome, found.findings) == (
        Outcome.MISSING_HERE,
        {Finding.TAKEN_BACK},
    )


# === ON THE WAY === #


def opened(month, state):
    """Let the only document of a month be open, and at the service nowhere."""
    (document,) = month.documents
    month.documents[0] = replace(
        document, state=state, number="", remote_id="", day=None
    )
    return month


@pytest.mark.parametrize(
    "state, finding, needs_person",
    [
        (State.WAITING, Finding.ON_ITS_WAY, False),
        (State.SENDING, Finding.ON_ITS_WAY, False),
        (State.CHECKING, Finding.ON_ITS_WAY, False),
        (State.ATTENTION, Finding.ATTENTION, True),
        (State.SKIPPED, Finding.NO_DOCUMENT, True),
        (State.DISCARDED, Finding.NO_DOCUMENT, True),
    ],
)
def test_what_is_not_issued_yet_does_not_agree(state, finding, needs_person):
    result = compare(opened(one_sale(), state), listed=())
    (row,) = result.rows
    assert (row.outcome, row.findings) == (Outcome.MISSING_THERE, {finding})
    assert row.needs_person is needs_person
    assert not result.agrees
    total = result.sums["HUF"].total
    assert (total.till, total.missing, total.documents) == (10990, 10990, 0)


def test_a_draft_is_no_invoice_yet():
    month = one_sale()
    month.documents[0] = replace(month.documents[0], kind=Kind.DRAFT, number="")
    (row,) = compare(month, listed=()).rows
    assert row.findings == {Finding.UNFINISHED}


def test_a_document_that_is_not_wanted_has_its_reason():
    result = compare(one_sale(unwanted="not_requested"))
    (row,) = result.rows
    assert (row.outcome, row.unwanted) == (Outcome.AGREES, "not_requested")
    assert result.sums["HUF"].total.unwanted == 10990


def returned_whole(**changes):
    """Return a month of a sale that came back whole, without any document."""
    month = one_sale(refund="all")
    month.documents.clear()
    month.rows.clear()
    month.sales[1] = replace(month.sales[1], **changes)
    return month


def test_what_came_back_whole_before_any_document_is_no_difference_and_is_named():
    result = compare(returned_whole())
    (row,) = result.sales
    assert (row.outcome, row.findings) == (Outcome.AGREES, {Finding.RETURNED})
    assert (row.unwanted, row.repairs, row.needs_person) == ("refunded", (), False)
    assert result.agrees
    total = result.sums["HUF"].total
    assert (total.till, total.unwanted, total.elsewhen, total.missing) == (0, 0, 0, 0)


def test_what_came_back_in_another_month_has_its_reason_in_each_of_them():
    result = compare(returned_whole(day=UNTIL + timedelta(days=3)))
    (row,) = result.sales
    assert row.findings == {Finding.RETURNED}
    total = result.sums["HUF"].total
    assert (total.till, total.unwanted, total.elsewhen) == (10990, 10990, 0)


def test_a_sale_and_what_came_back_of_another_one_do_not_hide_each_other():
    month = returned_whole(family=77)
    found = {row.family: row.findings for row in compare(month).sales}
    assert found == {1: {Finding.NO_DOCUMENT}, 77: {Finding.NO_DOCUMENT}}
    month = returned_whole(rates={"27": Decimal(-9989), "ATK": Decimal(-1001)})
    (row,) = compare(month).sales
    assert Finding.NO_DOCUMENT in row.findings


def test_what_came_back_and_is_documented_elsewhere_is_not_called_whole():
    (row,) = compare(returned_whole(unwanted="odoo")).sales
    assert (row.findings, row.unwanted) == (set(), "")
    (row,) = compare(returned_whole(unwanted="no_original")).sales
    assert (row.findings, row.unwanted) == ({Finding.RETURNED}, "refunded")


def test_what_was_taken_back_by_a_storno_did_not_come_back_before():
    (row,) = compare(one_sale(refund="all")).sales
    assert (row.outcome, row.findings, row.unwanted) == (Outcome.AGREES, set(), "")


@pytest.mark.parametrize("state", [State.WAITING, State.ATTENTION])
def test_a_document_that_is_still_open_is_said_of_what_came_back(state):
    month = one_sale(refund="all")
    month.documents[:] = [
        replace(month.documents[0], state=state, number="", remote_id="", day=None)
    ]
    month.rows.clear()
    (row,) = compare(month).sales
    assert Finding.RETURNED not in row.findings
    assert row.outcome is Outcome.MISSING_THERE


# === ADOPTING === #


def lost(state=State.ATTENTION, **options):
    """Return a month whose document was made, and its answer lost."""
    month = one_sale(**options)
    return opened(month, state)


def adoptable(result):
    return [row.candidate for row in result.sales if Repair.ADOPT in row.repairs]


def test_a_document_whose_answer_was_lost_may_be_adopted():
    month = lost()
    (row,) = month.rows
    result = compare(month)
    assert adoptable(result) == [row.id]
    (there,) = result.documents
    assert (there.outcome, there.findings) == (
        Outcome.MISSING_HERE,
        {Finding.UNANSWERED},
    )
    assert there.repairs[0] is Repair.ADOPT
    assert (there.family, there.document) == (1, 1)


@pytest.mark.parametrize("state", [State.WAITING, State.SENDING, State.CHECKING])
def test_nothing_is_adopted_while_the_lane_may_send(state):
    assert adoptable(compare(lost(state))) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"gross": Decimal(10991), "rates": ()},
        {"currency": "EUR"},
        {"issue_date": DAY + timedelta(days=1), "fulfillment_date": None},
        {"fulfillment_date": DAY + timedelta(days=1)},
        {"cancelled": True},
        {"kind": Kind.CORRECTION},
        {"number": ""},
        {
            "rates": (
                RateSum(
                    vat="5",
                    net=Decimal(10467),
                    tax=Decimal(523),
                    gross=Decimal(10990),
                ),
            )
        },
    ],
)
def test_what_is_not_the_same_is_not_adopted(changes):
    month = lost()
    month.rows[0] = replace(month.rows[0], **changes)
    result = compare(month)
    assert adoptable(result) == []
    assert not result.agrees


def test_a_document_after_midnight_is_adopted_for_the_day_of_its_sale():
    month = lost(late=1)
    (row,) = month.rows
    assert (row.issue_date, row.fulfillment_date) == (DAY + timedelta(days=1), DAY)
    assert adoptable(compare(month)) == [row.id]


def test_nothing_is_adopted_beside_a_proforma():
    month = lost()
    proforma = replace(
        month.documents[0], id=2, kind=Kind.PROFORMA, state=State.ISSUED, number="D-1"
    )
    month.documents[0] = proforma
    month.rows[0] = replace(month.rows[0], order_number="", comment="")
    result = compare(month)
    assert adoptable(result) == []
    assert findings(result) == {Finding.UNFINISHED}


def test_a_hand_made_document_may_be_adopted_for_a_sale_that_has_none():
    month = lost(State.SKIPPED)
    month.rows[0] = replace(month.rows[0], order_number="", comment="")
    result = compare(month)
    assert adoptable(result) == [month.rows[0].id]
    (there,) = result.documents
    assert there.outcome is Outcome.NOT_OURS


def two_alike(marks):
    """Return two sales of the same sum and day, neither answered, and one document."""
    builder = Builder()
    builder.sale(DAY, CUT)
    builder.sale(DAY, CUT)
    month = builder.finish()
    month.documents[:] = [
        replace(one, state=State.ATTENTION, number="", remote_id="", day=None)
        for one in month.documents
    ]
    month.rows[:] = [
        row if marks else replace(row, order_number="") for row in month.rows[:1]
    ]
    return month


def test_two_sales_alike_are_told_apart_by_a_mark_or_not_at_all():
    assert adoptable(compare(two_alike(marks=False))) == []
    result = compare(two_alike(marks=True))
    (row,) = [row for row in result.sales if Repair.ADOPT in row.repairs]
    assert row.family == 1


def test_two_documents_alike_are_not_adopted_for_one_sale():
    month = lost()
    month.rows.append(replace(month.rows[0], id="2000", number="SZ-2026-2"))
    assert adoptable(compare(month)) == []


def test_a_receipt_that_shows_no_mark_is_ours_if_a_sale_lacks_just_that():
    month = lost(receipt=True, marks_receipts=False)
    result = compare(month)
    assert adoptable(result) == [month.rows[0].id]
    (there,) = result.documents
    assert (there.outcome, there.findings) == (Outcome.MISSING_HERE, {Finding.UNMARKED})
    assert there.repairs == (Repair.ADOPT, Repair.BY_HAND)


def test_a_receipt_that_shows_no_mark_and_that_no_sale_lacks_is_not_ours():
    builder = Builder(marks_receipts=False)
    builder.sale(DAY, CUT, receipt=True)
    builder.hand(DAY, 10990, receipt=True)
    result = compare(builder.finish())
    assert result.agrees
    (row,) = [row for row in result.documents if row.outcome is Outcome.NOT_OURS]
    assert row.findings == {Finding.UNMARKED}


@examples(150)
@given(month=months(1), data=st.data())
def test_what_is_adopted_is_always_the_same_gross_currency_and_day(month, data):
    """Whatever was lost: one sale, one document, and no other sale."""
    for index, one in enumerate(month.documents):
        if data.draw(st.booleans()) and one.kind is not Kind.STORNO:
            state = data.draw(st.sampled_from([State.ATTENTION, State.SKIPPED]))
            month.documents[index] = replace(
                one, state=state, number="", remote_id="", day=None
            )
    result = compare(month)
    candidates = [row for row in result.sales if row.candidate]
    assert len({row.candidate for row in candidates}) == len(candidates)
    for row in candidates:
        listed = next(one for one in month.listed if one.id == row.candidate)
        family = [one for one in month.sales if one.family == row.family]
        root = next(one for one in family if one.id == row.family)
        assert listed.gross == sum(one.gross for one in family)
        assert listed.currency == root.currency
        assert root.day == listed.fulfillment_date
        assert not any(
            one.exists and one.kind is not Kind.STORNO and one.remote_id == listed.id
            for one in month.documents
        )


# === TWICE === #


def test_a_second_document_of_one_sale_is_a_difference():
    month = one_sale()
    twin = replace(month.rows[0], id="2000", number="SZ-2026-2")
    result = compare(month, listed=(*month.listed, twin))
    (row,) = result.differences
    assert (row.outcome, row.findings) == (Outcome.DIFFERS, {Finding.TWICE})
    assert (row.document, row.listed.id) == (1, "2000")


# === A LIST THAT LIES === #


@examples(150)
@given(month=months(1), data=st.data())
def test_a_list_that_lies_never_agrees(month, data):
    listed = list(month.listed)
    assume(listed)
    row = data.draw(st.sampled_from(listed))
    early, late = SINCE - timedelta(days=1), UNTIL + timedelta(days=1)
    lies, doubt = data.draw(
        st.sampled_from(
            [
                ([*listed, row], Doubt.REPEATED),
                ([*listed, replace(row, gross=row.gross + 5)], Doubt.CONTRADICTS),
                ([*listed, replace(row, id="4242")], Doubt.NUMBER_TWICE),
                ([*listed, by_hand("4243", "X-1", early)], Doubt.OUT_OF_RANGE),
                ([*listed, by_hand("4244", "X-2", late)], Doubt.OUT_OF_RANGE),
                ([*listed, by_hand("4245", "X-3", None)], Doubt.UNDATED),
            ]
        )
    )
    result = compare(month, listed=tuple(lies))
    assert doubt in result.doubts
    assert not result.agrees
    counted = [one for one in result.documents if one.listed]
    assert len({one.listed.id for one in counted}) == len(counted)


@examples(100)
@given(month=months(3, inside=True), data=st.data())
def test_a_list_with_a_hole_never_agrees(month, data):
    """Whoever's document it is: the numbers on both sides of it are there."""
    for is_receipt in (False, True):
        own = [row for row in month.listed if row.is_receipt == is_receipt]
        if len(own) > 2:
            break
    else:
        assume(False)
    gone = data.draw(st.sampled_from(own[1:-1]))
    ours = gone.id in {one.remote_id for one in month.documents}
    listed = tuple(row for row in month.listed if row is not gone)
    result = compare(month, listed=listed)
    assert not result.agrees
    if not ours:
        assert result.missing_numbers == ((gone.number, is_receipt),)
        assert result.doubts == {Doubt.GAP}


def test_a_hole_where_somebody_elses_document_was_makes_a_doubt():
    builder = Builder()
    builder.sale(DAY, CUT)
    builder.hand(DAY + timedelta(days=1))
    builder.sale(DAY + timedelta(days=2), CUT)
    month = builder.finish()
    listed = tuple(row for row in month.listed if row.number != "SZ-2026-2")
    result = compare(month, listed=listed)
    assert result.is_settled and not result.agrees
    assert result.doubts == {Doubt.GAP}
    assert result.missing_numbers == (("SZ-2026-2", False),)
    looked_up = {("SZ-2026-2", False): month.look_up("SZ-2026-2", False)}
    result = compare(month, listed=listed, looked_up=looked_up)
    assert result.doubts == {Doubt.LEFT_OUT}


def test_another_block_does_not_fill_a_hole():
    """Two blocks without a prefix: 1 and 3 of one, 2 of the other."""
    listed = tuple(
        by_hand(str(number), f"2026-{number}", DAY, block=block)
        for number, block in ((1, "11"), (2, "12"), (3, "11"))
    )
    result = reconcile(SINCE, UNTIL, [], [], Asked(listed=listed, counted=True))
    assert result.missing_numbers == (("2026-2", False),)
    assert not result.agrees


def test_a_list_that_nobody_has_counted_is_no_proof():
    result = compare(one_sale(), counted=False)
    assert result.is_settled and not result.agrees
    assert result.proof is Proof.LIST_UNCOUNTED


@pytest.mark.parametrize("listed", [None, ()])
def test_a_document_that_was_not_listed_never_agrees(listed):
    result = compare(one_sale(), listed=listed)
    assert not result.agrees
    (row,) = result.documents
    expected = Outcome.UNPROVEN if listed is None else Outcome.MISSING_THERE
    assert row.outcome is expected
    assert result.proof is (Proof.NOTHING if listed is None else Proof.LIST)


def test_blocks_that_number_alike_are_told_apart():
    """Two blocks without a prefix: the number alone says nothing."""
    builder = Builder()
    builder.sale(DAY, CUT)
    month = builder.finish()
    other = by_hand("1", month.rows[0].number, DAY, 70, block="12")
    own = replace(month.rows[0], block="11", number=month.rows[0].number)
    assert compare(month, listed=(other, own)).agrees
    month.documents[0] = replace(month.documents[0], remote_id="")
    assert compare(month, listed=(other, own)).agrees


# === RATES AND VAT === #


def untaxed(rates):
    """Return rates as a service tells them that has one word for all without VAT."""
    named = [row for row in rates if row.vat == "27"]
    total = sum(row.gross for row in rates if row.vat != "27")
    nameless = RateSum(vat="0", net=total, tax=Decimal(0), gross=total)
    return (*named, nameless)


def test_a_service_may_call_all_that_carries_no_vat_zero():
    month = one_sale(lines=[(9990, "27"), (1000, "ATK"), (500, "TAM")])
    row = replace(month.rows[0], rates=untaxed(month.rows[0].rates))
    assert compare(month, listed=(row,)).agrees
    less = month.rows[0].rates[0]
    wrong = (
        replace(less, net=less.net + 1, gross=less.gross + 1),
        RateSum(vat="0", net=Decimal(1499), tax=Decimal(0), gross=Decimal(1499)),
    )
    result = compare(month, listed=(replace(row, rates=wrong),))
    assert findings(result) == {Finding.RATE}
    (found,) = result.differences
    assert {one.rate for one in found.differences} == {"0", "27", "ATK", "TAM"}


def test_vat_that_is_ours_to_guess_may_be_off_by_its_roundings():
    month = one_sale(lines=[(9990, "27")])
    figures = replace(month.documents[0].figures, exact=False, items=1)
    month.documents[0] = replace(month.documents[0], figures=figures)
    first = month.rows[0].rates[0]

    def told(by):
        row = replace(first, net=first.net - by, tax=first.tax + by)
        return compare(month, listed=(replace(month.rows[0], rates=(row,)),))

    assert told(1).agrees
    assert findings(told(2)) == {Finding.TAX}


def test_half_a_unit_of_the_currency_is_no_other_gross():
    month = one_sale()
    row = replace(month.rows[0], gross=Decimal("10990.40"), rates=())
    assert compare(month, listed=(row,)).agrees
    row = replace(month.rows[0], gross=Decimal("10990.50"), rates=())
    assert findings(compare(month, listed=(row,))) == {Finding.GROSS}


def test_a_document_resolved_by_hand_takes_its_figures_from_the_service():
    month = one_sale()
    month.documents[0] = replace(
        month.documents[0], figures=None, payment_kind=None, owed=None
    )
    assert compare(month).agrees
    row = replace(month.rows[0], rates=())
    result = compare(month, listed=(row,))
    assert findings(result) == {Finding.NO_FIGURES}
    assert outcomes(result.rows) == {Outcome.UNPROVEN: 2}


# === WITHOUT A LIST === #


def ask_by_number(month):
    """Look up what is to be looked up, until nothing is left."""
    looked_up = {}
    for _round in range(200):
        wanted = numbers_to_look_up(SINCE, UNTIL, month.documents, looked_up)
        if not wanted:
            return looked_up
        for number, is_receipt in wanted:
            looked_up[number, is_receipt] = month.look_up(number, is_receipt)
    raise AssertionError("There is no end of questions")


@examples(150)
@given(months())
def test_numbers_prove_what_a_list_would(month):
    looked_up = ask_by_number(month)
    result = compare(month, listed=None, looked_up=looked_up)
    issued = [one for one in month.documents if SINCE <= one.day <= UNTIL]
    assert not result.differences
    assert result.doubts <= LIMITS
    assert result.proof is (Proof.NUMBERS if issued else Proof.NOTHING)
    assert result.agrees is bool(issued)
    if issued:
        inside = [
            one for one in month.listed if any(_near(one, each) for each in issued)
        ]
        assert {row.id for row in inside} <= {
            row.listed.id for row in result.documents if row.listed
        }


def _near(row, document):
    return row.number == document.number


@examples(100)
@given(month=months(1), data=st.data())
def test_a_document_of_ours_between_ours_is_found_by_its_number(month, data):
    """It was made, its answer was lost, and nothing here knows it.

    But for a receipt without a mark of ours whose sale is of other days: nothing tells
    it from one that was made by hand.
    """
    issued = [one for one in month.documents if SINCE <= one.day <= UNTIL]
    assume(len(issued) > 1)
    forgotten = data.draw(st.sampled_from(issued))
    left = [one for one in issued if one.is_receipt == forgotten.is_receipt]
    assume(len(left) > 1)
    (sold,) = {one.day for one in month.sales if one.id == forgotten.sale}
    marked = month.marks_receipts or not forgotten.is_receipt
    assume(marked or SINCE <= sold <= UNTIL)
    month.documents.remove(forgotten)
    looked_up = ask_by_number(month)
    result = compare(month, listed=None, looked_up=looked_up)
    assert not result.agrees
    assert result.differences
    assert (forgotten.number, forgotten.is_receipt) in looked_up


def test_what_was_not_looked_up_is_not_proven():
    builder = Builder()
    for _ in range(3):
        builder.sale(DAY, CUT)
    month = builder.finish()
    looked_up = ask_by_number(month)
    assert looked_up.keys() == {(f"SZ-2026-{n}", False) for n in (1, 2, 3, 4)}
    whole = compare(month, listed=None, looked_up=looked_up)
    assert whole.agrees
    assert (whole.proof, whole.doubts) == (Proof.NUMBERS, {Doubt.OTHER_SERIES})
    for number in (1, 2, 3):
        part = {key: row for key, row in looked_up.items() if key[0][-1] != str(number)}
        result = compare(month, listed=None, looked_up=part)
        assert result.proof is Proof.NOTHING
        assert not result.agrees
    part = {key: row for key, row in looked_up.items() if key[0][-1] != "4"}
    result = compare(month, listed=None, looked_up=part)
    assert (result.proof, result.agrees) == (Proof.LOOKED_UP, False)
    assert Doubt.OPEN_END in result.doubts


def test_a_number_that_nobody_has_is_a_gap():
    builder = Builder()
    for _ in range(3):
        builder.sale(DAY, CUT)
    month = builder.finish()
    month.documents.pop(1)
    month.sales.pop(1)
    month.rows.pop(1)
    result = compare(month, listed=None, looked_up=ask_by_number(month))
    assert result.missing_numbers == (("SZ-2026-2", False),)
    assert Doubt.GAP in result.doubts
    assert (result.proof, result.agrees) == (Proof.LOOKED_UP, False)


def test_what_is_gone_at_the_service_is_found_by_its_number():
    month = one_sale()
    month.rows.clear()
    result = compare(month, listed=None, looked_up=ask_by_number(month))
    (row,) = result.differences
    assert (row.outcome, row.findings) == (Outcome.MISSING_THERE, {Finding.GONE})


# === OTHER MONTHS === #


def test_a_refund_of_another_month_is_of_that_month():
    """Sold in November, taken back in December: both months agree."""
    builder = Builder()
    builder.sale(UNTIL, CUT, refund="all", back_after=2)
    month = builder.finish()
    november = compare(month)
    assert november.agrees
    assert november.sums["HUF"].total.there == 10990
    assert november.sums["HUF"].total.elsewhen == 0
    since, until = UNTIL + timedelta(days=1), UNTIL + timedelta(days=31)
    listed = tuple(row for row in month.rows if row.issue_date > UNTIL)
    december = reconcile(
        since, until, month.sales, month.documents, month.asked(listed=listed)
    )
    assert december.agrees
    assert december.sums["HUF"].total.till == -10990


def test_a_document_after_midnight_is_elsewhen():
    builder = Builder()
    builder.sale(UNTIL, CUT, late=1)
    month = builder.finish()
    result = compare(month)
    assert result.agrees
    total = result.sums["HUF"].total
    assert (total.till, total.documents, total.elsewhen) == (10990, 0, 10990)


# === TENDERS === #


def test_each_tender_has_its_sums():
    builder = Builder()
    builder.sale(DAY, CUT, [(CASH, 4000), (CARD, 6990)], tip=500, rounding=2)
    builder.sale(DAY, [(5000, "27")], owed=5000)
    result = compare(builder.finish())
    assert result.agrees
    tenders = result.sums["HUF"].tenders
    assert {kind: bridge.till for kind, bridge in tenders.items() if bridge.till} == {
        CASH: 4000,
        CARD: 6990,
        None: 5000,
    }
    assert tenders[None].documents == tenders[None].there == 5000


def test_a_family_may_be_paid_back_by_another_tender():
    """Bought by card, given back in cash: the storno turns the card round."""
    builder = Builder()
    builder.sale(DAY, CUT, refund="all")
    assert compare(builder.finish()).agrees


def test_figures_and_rows_are_made_of_the_same_lines():
    """The helpers of these tests add up like the strategies do."""
    figures = figures_of(CUT, [(CARD, 10990)])
    assert isinstance(figures, Figures)
    assert figures.by_code == rates_of(CUT)
    month = one_sale()
    assert row_of(month.documents[0]) == month.rows[0]


def test_a_list_of_a_thousand_blocks_does_not_name_a_million_numbers():
    month = one_sale()
    (like,) = month.listed
    strange = tuple(
        replace(
            like,
            id=f"{block}-{end}",
            number=f"B{block}-{end}",
            block=str(block),
            order_number="",
            external_key="",
            comment="",
        )
        for block in range(20)
        for end in (1, 900000)
    )
    result = compare(month, listed=(*month.listed, *strange))
    assert len(result.missing_numbers) == MOST
    assert result.doubts == {Doubt.GAP}
