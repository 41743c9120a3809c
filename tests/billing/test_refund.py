"""What a refund becomes: the table, whose turn it is, and what has been taken off."""

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest

from salon_invoice_bridge.billing.invoice import (
    OPEN_STATES,
    DocumentKind,
    Line,
    State,
)
from salon_invoice_bridge.billing.problem import Code, Problem
from salon_invoice_bridge.billing.refund import (
    UNASKED_REASONS,
    Correction,
    Discard,
    Document,
    DropSale,
    Family,
    Reason,
    Skip,
    Storno,
    StornoAndRemainder,
    Wait,
    check_is_sale,
    decide,
    effective,
    first_unsettled,
    is_all_back,
    kept,
    paid_refunds,
    settled_refunds,
)

SALE, FIRST, SECOND = 1, 2, 3  # ids of orders
CUT, BOOK = 1, 2  # ids of the lines of the sale


def entry(line, quantity, gross, refunds=None):
    return {
        "line": line,
        "refunds": refunds,
        "name": "Női hajvágás" if CUT in (line, refunds) else "Szakkönyv",
        "quantity": str(quantity),
        "gross": str(gross),
    }


SOLD = (entry(CUT, 1, 8900), entry(BOOK, 2, 7000))
BACK = {
    CUT: entry(11, -1, -8900, CUT),
    BOOK: entry(12, -1, -3500, BOOK),
}
ALL = (BACK[CUT], entry(13, -2, -7000, BOOK))


def lines_of(entries):
    return tuple(
        Line(
            name=one["name"],
            quantity=Decimal(one["quantity"]),
            gross=Decimal(one["gross"]),
            vat="27" if one["line"] == CUT else "5",
            ref=str(one["line"]),
        )
        for one in entries
    )


def document(number, order=SALE, kind="invoice", state="issued", **values):
    """Return a document; of a sale it has the lines that were sold."""
    kind = DocumentKind(kind)
    lines = lines_of(SOLD) if kind is DocumentKind.INVOICE else ()
    known = {"name": f"{kind.value} {number}", "lines": lines}
    return Document(
        id=number, order=order, kind=kind, state=State(state), **{**known, **values}
    )


def family(*documents, returned=None, refund=FIRST, **values):
    """Return the family of the first document, in which ``refund`` has its turn.

    :param returned: ``{order: entries}``; that everything came back if none are given
    """
    own = next(
        (
            row
            for row in documents
            if row.order == refund and row.kind is DocumentKind.REFUND
        ),
        None,
    )
    if own is None:
        own = document(99, refund, "refund", "waiting")
        documents = (*documents, own)
    main = documents[0] if documents[0].order == SALE else None
    return Family(
        documents=documents,
        main=main,
        sold=SOLD,
        returned={FIRST: ALL} if returned is None else returned,
        refund=refund,
        document=own.id,
        **values,
    )


def decided(*documents, corrects=False, **values):
    return decide(family(*documents, **values), corrects=corrects, lines_of=lines_of)


PART = {FIRST: (BACK[BOOK],)}


# === THE TABLE === #


def test_a_refund_of_a_sale_from_before_needs_no_document():
    assert decided() == Skip(Reason.NO_ORIGINAL)


def test_what_came_back_of_a_refund_needs_no_document():
    """An order that only took something back has no document that was sold."""
    refund = document(1, kind="refund")
    assert decided(refund) == Skip(Reason.NO_ORIGINAL)


@pytest.mark.parametrize(
    ("main", "reason"),
    [
        ({"state": "skipped", "skip_reason": "manual"}, Reason.NOT_INVOICED),
        ({"state": "skipped", "skip_reason": "odoo"}, Reason.ODOO),
        ({"state": "discarded"}, Reason.DISCARDED),
        ({"counted": frozenset({FIRST})}, Reason.REPLACED),
        ({"state": "cancelled"}, Reason.ALREADY_CANCELLED),
    ],
)
@pytest.mark.parametrize("corrects", [False, True])
def test_what_is_not_on_an_invoice_needs_no_document(main, reason, corrects):
    assert decided(document(1, **main), corrects=corrects) == Skip(reason)


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
@pytest.mark.parametrize("arrived", [False, True])
@pytest.mark.parametrize("part", [False, True])
def test_a_sale_that_was_not_issued_yet(state, arrived, part):
    """All came back of what was never sent: neither is made. Else it waits."""
    main = document(1, state=state, may_have_arrived=arrived)
    decision = decided(main, returned=PART if part else None)
    unsent = state in ("waiting", "attention") and not arrived
    assert decision == (DropSale(main) if unsent and not part else Wait(main))


def test_everything_came_back_at_once():
    main = document(1)
    assert decided(main) == Storno(main)
    assert decided(main, corrects=True) == Storno(main)


def test_part_came_back():
    main = document(1)
    left = (SOLD[0], entry(BOOK, 1, 3500))
    decision = decided(main, returned=PART)
    assert decision == StornoAndRemainder(main, left)
    corrected = decided(main, returned=PART, corrects=True)
    assert corrected == Correction(main, lines_of(left))


def test_what_was_corrected_is_corrected_to_nothing_and_not_cancelled():
    main = document(1)
    settled = document(
        2,
        FIRST,
        "correction",
        origin=1,
        lines=lines_of([entry(BOOK, -1, -3500)]),
    )
    decision = decided(
        main,
        settled,
        returned={FIRST: (BACK[BOOK],), SECOND: (BACK[CUT], BACK[BOOK])},
        refund=SECOND,
        corrects=True,
    )
    assert decision == Correction(main, ())


def test_the_last_part_comes_back_of_what_was_kept():
    """The remainder is cancelled, which has the invoice's place."""
    main = document(1, state="cancelled")
    storno = document(2, FIRST, "storno", origin=1)
    left = (SOLD[0], entry(BOOK, 1, 3500))
    remainder = document(3, FIRST, "remainder", origin=2, lines=lines_of(left))
    everything = {FIRST: (BACK[BOOK],), SECOND: (BACK[CUT], BACK[BOOK])}
    decision = decided(main, storno, remainder, returned=everything, refund=SECOND)
    assert decision == Storno(remainder)


def test_what_is_not_on_the_invoice_any_more_needs_no_document():
    """It was counted already when what was kept was invoiced."""
    main = document(1, state="cancelled")
    storno = document(2, FIRST, "storno", origin=1)
    left = lines_of((SOLD[0], entry(BOOK, 1, 3500)))
    remainder = document(3, FIRST, "remainder", origin=2, lines=left)
    again = document(4, FIRST, "refund", "waiting")
    decision = decided(main, storno, remainder, again, returned=PART)
    assert decision == Skip(Reason.NOTHING)


@pytest.mark.parametrize("corrects", [False, True])
def test_what_came_back_for_nothing(corrects):
    """A free line: a service that corrects has nothing to correct."""
    free = entry(BOOK, 2, 0)
    main = document(1, lines=lines_of((SOLD[0], free)))
    values = {"returned": {FIRST: (entry(12, -1, 0, BOOK),)}, "corrects": corrects}
    decision = decide(
        replace(family(main, returned=values["returned"]), sold=(SOLD[0], free)),
        corrects=corrects,
        lines_of=lines_of,
    )
    if corrects:
        assert decision == Skip(Reason.NOTHING)
    else:
        assert isinstance(decision, StornoAndRemainder)


def test_rounding_alone_changes_nothing():
    main = document(1, lines=lines_of((entry(CUT, 1, 8901), entry(BOOK, 2, 6999))))
    assert decided(main, returned={FIRST: ()}) == Skip(Reason.NOTHING)


# === DRAFTS AND PROFORMAS === #


@pytest.mark.parametrize("kind", ["draft", "proforma"])
def test_a_draft_is_discarded_and_made_of_what_was_kept(kind):
    main = document(1, kind=kind)
    left = (SOLD[0], entry(BOOK, 1, 3500))
    decision = decided(main, returned=PART)
    assert decision == Discard(main, left, frozenset({FIRST}))
    assert decided(main) == Discard(main, (), frozenset({FIRST}))


def test_a_draft_is_discarded_once():
    main = document(1, kind="draft", being_discarded=True)
    assert decided(main) == Discard(main)


def test_a_discard_that_failed_is_asked_for_again():
    main = document(
        1, kind="draft", state="discarded", failed_discards=frozenset({FIRST})
    )
    assert isinstance(decided(main), Discard)


# === BY HAND === #


@pytest.mark.parametrize("values", [{"has_remote_copy": False}, {"has_content": False}])
@pytest.mark.parametrize("corrects", [False, True])
def test_what_was_made_by_hand_is_reversed_by_hand(values, corrects):
    with pytest.raises(Problem) as problem:
        decided(document(1, **values), corrects=corrects)
    assert problem.value.code is Code.MADE_BY_HAND
    assert problem.value.params == {"document": "invoice 1"}


def test_a_draft_that_was_made_by_hand_is_discarded_by_hand():
    with pytest.raises(Problem, match=Code.MADE_BY_HAND.value):
        decided(document(1, kind="draft", has_remote_copy=False))


@pytest.mark.parametrize("kind", ["refund", "correction"])
def test_a_refund_after_one_that_was_made_by_hand_asks_a_person(kind):
    """It is not known what that one left of the sale."""
    by_hand = document(2, FIRST, kind, has_remote_copy=False)
    with pytest.raises(Problem) as problem:
        decided(
            document(1),
            by_hand,
            returned={FIRST: (BACK[BOOK],), SECOND: (BACK[CUT],)},
            refund=SECOND,
        )
    assert problem.value.params == {"document": by_hand.name}


@pytest.mark.parametrize("corrects", [False, True])
def test_more_cannot_come_back_than_was_sold(corrects):
    with pytest.raises(Problem) as problem:
        decided(
            document(1),
            returned={FIRST: (entry(11, -2, -17800, CUT),)},
            corrects=corrects,
        )
    assert problem.value.code is Code.RETURNED_TOO_MUCH
    assert problem.value.params == {"line": "Női hajvágás"}


def test_money_given_back_without_a_sale_is_left_to_a_person():
    check_is_sale(SOLD)
    check_is_sale(())
    with pytest.raises(Problem, match=Code.RETURNED_WITHOUT_SALE.value):
        check_is_sale((entry(1, -1, -8900), entry(2, 1, 3500)))


# === WHOSE TURN IT IS === #


@pytest.mark.parametrize(
    ("kind", "state", "waits"),
    [
        *product(["storno", "correction", "remainder"], ["waiting"], [True]),
        *product(["storno", "remainder"], ["sending", "checking"], [True]),
        ("storno", "attention", True),
        *product(
            ["storno", "correction", "remainder"],
            ["issued", "skipped", "cancelled"],
            [False],
        ),
        ("refund", "waiting", True),  # asked for earlier
        ("refund", "attention", True),
        ("refund", "issued", False),
        ("invoice", "waiting", False),  # what it sold besides
    ],
)
def test_refunds_take_their_turns(kind, state, waits):
    other = document(2, SECOND, kind, state)
    rows = (document(1), other, document(3, FIRST, "refund", "waiting"))
    assert first_unsettled(rows, 3) == (other if waits else None)
    if waits:
        both = {FIRST: (BACK[CUT],), SECOND: (BACK[BOOK],)}
        assert decided(*rows, returned=both) == Wait(other)


def test_a_refund_that_was_asked_for_later_is_not_waited_for():
    later = document(4, SECOND, "refund", "waiting")
    rows = (document(1), document(3, FIRST, "refund", "waiting"), later)
    assert first_unsettled(rows, 3) is None


def test_the_invoice_that_a_draft_becomes_is_waited_for():
    """A refund would discard what is being finalized."""
    draft = document(1, kind="draft")
    invoice = document(2, state="sending", origin=1)
    assert decided(draft, invoice) == Wait(invoice)


def test_an_open_remainder_is_waited_for():
    rows = (
        document(1, state="cancelled"),
        document(2, SECOND, "storno", origin=1),
        document(3, SECOND, "remainder", "attention", origin=2),
    )
    both = {SECOND: (BACK[BOOK],), FIRST: (BACK[CUT],)}
    assert decided(*rows, returned=both) == Wait(rows[2])


def asked_for_again(*documents, earlier="issued"):
    """Return a sale, one refund of it, and another one that was a storno before.

    :param documents: that follow the storno
    :param str earlier: the state of the other refund, the storno of which was dropped
    """
    kind = "storno" if earlier == "issued" else "refund"
    standing = document(
        3,
        SECOND,
        "remainder",
        origin=2,
        lines=lines_of((SOLD[0], entry(BOOK, 1, 3500))),
    )
    return (
        document(1, state="cancelled" if earlier == "issued" else "issued"),
        document(2, SECOND, kind, earlier, origin=1 if earlier == "issued" else None),
        *([standing] if earlier == "issued" else ()),
        document(4, FIRST, "refund", "waiting"),
        *documents,
    )


def test_a_refund_does_not_wait_for_what_waits_for_it():
    """It was a storno; a person wanted neither, and then both."""
    follows = document(5, FIRST, "remainder", "waiting", origin=4, lines=())
    both = {SECOND: (BACK[BOOK],), FIRST: (BACK[CUT],)}
    rows = asked_for_again(follows)
    decision = decided(*rows, returned=both)
    assert decision == StornoAndRemainder(rows[2], (entry(BOOK, 1, 3500),))


def test_refunds_that_are_asked_for_again_do_not_wait_in_a_circle():
    """The earlier one, the later one, and what was kept after the later one."""
    follows = document(5, FIRST, "remainder", "waiting", origin=4, lines=())
    rows = asked_for_again(follows, earlier="waiting")
    assert first_unsettled(rows, 2) is None
    assert first_unsettled(rows, 4) == rows[1]


def test_what_was_kept_and_recorded_by_hand_is_not_invoiced_once_more():
    follows = document(5, FIRST, "remainder", has_remote_copy=False, origin=4)
    both = {SECOND: (BACK[BOOK],), FIRST: (BACK[CUT],)}
    with pytest.raises(Problem) as problem:
        decided(*asked_for_again(follows), returned=both)
    assert problem.value.params == {"document": follows.name}


# === WHAT COUNTS === #


def test_the_effective_document_is_the_last_that_was_kept():
    rows = [document(1, state="cancelled")]
    for number in range(2, 8, 2):
        rows += [
            document(number, FIRST, "storno", origin=number - 1),
            document(number + 1, FIRST, "remainder", "cancelled", origin=number),
        ]
    assert effective(family(*rows)) is None
    rows[-1] = replace(rows[-1], state=State.ISSUED)
    assert effective(family(*rows)) == rows[-1]


def test_a_skipped_storno_has_cancelled_nothing():
    main = document(1, state="cancelled")
    skipped = document(2, FIRST, "storno", "skipped", origin=1)
    storno = document(3, FIRST, "storno", origin=1)
    dropped = document(4, FIRST, "remainder", "skipped", origin=3)
    remainder = document(5, FIRST, "remainder", origin=3)
    assert effective(family(main, skipped, storno, dropped)) is None
    assert effective(family(main, skipped, storno, dropped, remainder)) == remainder


def test_only_what_is_settled_has_been_taken_off():
    rows = (
        document(1),
        document(2, SECOND, "refund", "waiting"),
        document(3, 4, "storno"),
        document(4, 5, "refund", "skipped", skip_reason="dropped"),
        document(5, 6, "refund", "skipped", skip_reason="not_invoiced"),
    )
    back = {order: () for order in (FIRST, SECOND, 4, 5, 6, 7)}
    tree = family(*rows, returned=back)
    assert settled_refunds(tree) == {FIRST, 4, 6}
    assert paid_refunds(tree) == {FIRST, SECOND, 4, 6, 7}


def test_what_the_sale_had_lost_already_is_not_taken_off_twice():
    """A draft was made anew of what was kept, and then it was invoiced."""
    left = (SOLD[0], entry(BOOK, 1, 3500))
    main = document(1, lines=lines_of(left), counted=frozenset({SECOND}))
    both = {FIRST: (BACK[CUT],), SECOND: (BACK[BOOK],)}
    tree = replace(family(main, returned=both), sold=left)
    assert kept(tree, {FIRST, SECOND}) == [left[1]]


def test_all_is_back_only_of_what_was_never_sent():
    unsent = document(1, state="waiting")
    assert is_all_back(family(unsent))
    assert not is_all_back(family(unsent, returned=PART))
    assert not is_all_back(family(replace(unsent, may_have_arrived=True)))
    needless = document(2, FIRST, "refund", "skipped", skip_reason="dropped")
    assert not is_all_back(family(unsent, needless, refund=SECOND))


def test_a_skip_reason_is_a_value_of_the_row():
    assert "not_invoiced" in UNASKED_REASONS
    assert Reason.ODOO == "odoo"


# === EVERY FAMILY === #


@pytest.mark.parametrize("corrects", [False, True])
def test_a_second_document_is_never_made_of_what_another_one_is_made_of(corrects):
    """Over all small families: what is being amended is amended by nothing else."""
    kinds = ["refund", "storno", "correction"]
    states = [State(one) for one in ("waiting", "checking", "issued", "skipped")]
    mains = [
        document(1, state=state, may_have_arrived=arrived)
        for state in set(State) - {State.CONVERTED}  # drafts and proformas only
        for arrived in (False, True)
    ]
    both = {FIRST: (BACK[BOOK],), SECOND: (BACK[CUT],)}
    for main, kind, state in product(mains, kinds, states):
        other = document(2, FIRST, kind, state, origin=1, skip_reason="nothing")
        decision = decided(main, other, returned=both, refund=SECOND, corrects=corrects)
        if isinstance(decision, (Storno, Correction, StornoAndRemainder)):
            assert decision.original is main
            assert main.state is State.ISSUED
            assert not other.is_open
