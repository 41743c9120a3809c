"""What a sale gets by itself: over every combination, and the law rule by rule."""

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest

from salon_invoice_bridge.billing.choice import (
    EMPTY,
    INVOICE_ONLY,
    LAW,
    LIMIT,
    BuyerKind,
    Choice,
    Outcome,
    Reason,
    Rule,
    Situation,
    TipAnswer,
    Wish,
    choose,
    invoice_only,
    obstacle,
)

#: A till that gives receipts to whoever asks for no invoice, and a haircut.
RECEIPTS = Situation(gross=Decimal(8900), rule=Rule.REQUEST, receipts=True, series=True)

#: Every value that makes a difference.
AXES = {
    "gross": (Decimal(8900), LIMIT),
    "rule": tuple(Rule),
    "wish": (None, *Wish),
    "buyer": tuple(BuyerKind),
    "currency": ("HUF", "EUR"),
    "paid": (True, False),
    "on_account": (False, True),
    "account_at_once": (False, True),
    "cash_register": (False, True),
    "paper_number": ("", "AB 000017"),
    "receipts": (True, False),
    "series": (True, False),
    "foreign_tip": (False, True),
    "tip_answer": tuple(TipAnswer),
    "deposit": (False, True),
    "empty": (None, Reason.ZERO),
}


@pytest.fixture(scope="module")
def table():
    """Return ``[(situation, choice), ...]`` of every combination that can be."""
    rows = []
    for values in product(*AXES.values()):
        named = dict(zip(AXES, values, strict=True))
        idle = (
            (named["on_account"] and named["paid"]),
            (named["account_at_once"] and not named["on_account"]),
            (named["series"] and not named["receipts"]),
            (named["tip_answer"] is TipAnswer.KEPT_OFF and not named["foreign_tip"]),
            (named["empty"] and (named["deposit"] or named["gross"] == LIMIT)),
            # One thing that a receipt cannot hold at a time, of those that say so last.
            (named["currency"] == "EUR" and not named["series"]),
            (named["foreign_tip"] and not named["series"]),
            (named["foreign_tip"] and named["currency"] == "EUR"),
        )
        if not any(idle):
            situation = Situation(**named)
            rows.append((situation, choose(situation)))
    return rows


def given_(**changes):
    """Return what the sale of a till with receipts gets, but for ``changes``."""
    return choose(replace(RECEIPTS, **changes))


# === THE TABLE === #


def test_the_table_has_every_outcome_for_every_reason(table):
    """No combination is left out that could have shown another reason."""
    assert {choice.outcome for _situation, choice in table} == set(Outcome)
    seen = {choice.reason for _situation, choice in table}
    assert seen == set(Reason) - (EMPTY - {Reason.ZERO})


def test_never_a_receipt_for_a_business_from_900_000_or_unpaid(table):
    """VAT Act 165-166: a receipt is enough only for a private buyer, under 900,000 Ft,
    paid by the time of the service (field_2026 section 2: sure)."""
    for situation, choice in table:
        if choice.outcome is Outcome.RECEIPT:
            assert situation.buyer is not BuyerKind.BUSINESS
            assert situation.gross < LIMIT
            assert situation.paid and not situation.on_account


def test_never_a_second_receipt(table):
    """Beside a cash register, or a handwritten receipt (sure)."""
    for situation, choice in table:
        if choice.outcome is Outcome.RECEIPT:
            assert not situation.cash_register and not situation.paper_number


def test_a_receipt_is_one_that_the_service_can_make(table):
    for situation, choice in table:
        if choice.outcome is Outcome.RECEIPT:
            assert situation.receipts and situation.series
            assert situation.currency == "HUF" and not situation.deposit
            assert choice.keeps_tip_off == situation.foreign_tip
            assert not choice.keeps_tip_off or (
                situation.tip_answer is TipAnswer.KEPT_OFF
            )


def test_who_asks_for_an_invoice_gets_one_whatever_the_policy(table):
    """VAT Act 159, 165: whoever asks for an invoice gets it (sure)."""
    for situation, choice in table:
        if situation.wish is Wish.INVOICE and not situation.empty:
            assert choice.outcome is Outcome.INVOICE


def test_nothing_is_left_without_a_document_but_for_these_reasons(table):
    """Neither only where there is nothing, another receipt, or somebody is to ask."""
    for situation, choice in table:
        if choice.outcome is not Outcome.NEITHER:
            continue
        because = {
            Reason.ZERO: situation.empty,
            Reason.PAPER: situation.paper_number,
            Reason.CASH_REGISTER: situation.cash_register,
            Reason.MANUAL: situation.rule is Rule.MANUAL and not situation.wish,
            Reason.ACCOUNT: situation.on_account and not situation.account_at_once,
        }
        assert because[choice.reason]


def test_what_the_law_has_invoiced_is_no_ones_to_leave_out(table):
    """Neither the customer's wish nor the policy, unless all waits for a person."""
    for situation, choice in table:
        if invoice_only(situation) and choice.outcome is not Outcome.INVOICE:
            assert choice.reason in EMPTY | {Reason.MANUAL, Reason.ACCOUNT}


def test_a_salon_that_has_said_nothing_invoices_every_sale(table):
    """The default: an invoice is always allowed in place of a receipt (sure)."""
    assert Situation(gross=Decimal(1)).rule is Rule.ALL
    for situation, choice in table:
        untold = situation.rule is Rule.ALL and not situation.wish
        if untold and choice.outcome is not Outcome.INVOICE:
            assert choice.reason in {Reason.ZERO, Reason.PAPER, Reason.ACCOUNT}


def test_an_invoice_in_place_of_a_paper_receipt_strikes_it(table):
    for situation, choice in table:
        replaced = choice.outcome is Outcome.INVOICE and bool(situation.paper_number)
        assert choice.strikes_paper == replaced


def test_what_the_till_says_beforehand_is_what_becomes_of_the_wish(table):
    """A receipt that is wished for is made if, and only if, nothing is in its way."""
    for situation, choice in table:
        if situation.wish is Wish.RECEIPT and not situation.empty:
            made = choice.outcome is Outcome.RECEIPT
            assert made == (obstacle(situation) is None)
            if not made:
                assert choice.reason is obstacle(situation)


def test_a_choice_of_the_law_is_the_same_whatever_is_wished_but_an_invoice(table):
    results = {}
    for situation, choice in table:
        if situation.rule is not Rule.MANUAL and not situation.on_account:
            wishless = replace(situation, wish=None, rule=Rule.REQUEST)
            bound = invoice_only(situation)
            if bound and not situation.empty:
                results.setdefault(wishless, set()).add(choice.outcome)
    assert results
    assert all(found == {Outcome.INVOICE} for found in results.values())


# === THE LAW, RULE BY RULE === #


def test_a_walk_in_may_have_a_receipt():
    """A private buyer, paid, under the limit, who asks for nothing (sure)."""
    assert given_() == Choice(outcome=Outcome.RECEIPT, reason=Reason.RULE)


@pytest.mark.parametrize("wish", [None, Wish.RECEIPT, Wish.NONE])
@pytest.mark.parametrize("cash_register", [False, True])
@pytest.mark.parametrize(
    ("reason", "change"),
    [
        (Reason.BUSINESS, {"buyer": BuyerKind.BUSINESS}),
        (Reason.LIMIT, {"gross": Decimal(900_000)}),
        (Reason.UNPAID, {"paid": False}),
    ],
)
def test_a_sale_that_needs_an_invoice_gets_it(reason, change, cash_register, wish):
    """VAT Act 159, 165-166 (sure): no policy, wish or cash register is enough."""
    choice = given_(**change, cash_register=cash_register, wish=wish)
    assert choice == Choice(outcome=Outcome.INVOICE, reason=reason)
    assert choice.is_law


def test_899_999_forints_are_under_the_limit():
    assert given_(gross=Decimal("899999.99")).outcome is Outcome.RECEIPT


def test_a_till_with_a_cash_register_gives_no_receipt_of_the_service():
    """48/2013 NGM (sure): the register's receipt is the sale's."""
    choice = given_(cash_register=True)
    assert choice == Choice(outcome=Outcome.NEITHER, reason=Reason.CASH_REGISTER)


def test_without_a_cash_register_nobody_wishes_a_sale_away():
    assert given_(wish=Wish.NONE).outcome is Outcome.RECEIPT


def test_a_paper_receipt_is_the_sales_receipt():
    """Given while the service did not answer (sure)."""
    choice = given_(paper_number="AB 000017")
    assert choice == Choice(outcome=Outcome.NEITHER, reason=Reason.PAPER)


def test_an_invoice_asked_for_after_a_paper_receipt_has_it_struck():
    """As a storno receipt and an invoice would (fairly sure)."""
    choice = given_(paper_number="AB 000017", wish=Wish.INVOICE)
    assert (choice.outcome, choice.strikes_paper) == (Outcome.INVOICE, True)


# === THE POLICIES === #


@pytest.mark.parametrize(
    ("rule", "buyer", "outcome", "reason"),
    [
        (Rule.ALL, BuyerKind.NONE, Outcome.INVOICE, Reason.RULE),
        (Rule.ALL, BuyerKind.PRIVATE, Outcome.INVOICE, Reason.RULE),
        (Rule.CUSTOMER, BuyerKind.NONE, Outcome.RECEIPT, Reason.WALK_IN),
        (Rule.CUSTOMER, BuyerKind.PRIVATE, Outcome.INVOICE, Reason.CUSTOMER),
        (Rule.REQUEST, BuyerKind.NONE, Outcome.RECEIPT, Reason.RULE),
        (Rule.REQUEST, BuyerKind.PRIVATE, Outcome.RECEIPT, Reason.RULE),
        (Rule.MANUAL, BuyerKind.PRIVATE, Outcome.NEITHER, Reason.MANUAL),
    ],
)
def test_the_policy_says_what_a_sale_gets(rule, buyer, outcome, reason):
    assert given_(rule=rule, buyer=buyer) == Choice(outcome=outcome, reason=reason)


@pytest.mark.parametrize("wish", [Wish.INVOICE, Wish.RECEIPT])
def test_by_hand_a_person_says_it(wish):
    assert given_(rule=Rule.MANUAL, wish=wish).outcome.value == wish.value


def test_what_is_on_the_customers_account_waits_unless_the_salon_says_otherwise():
    """8 days by law (VAT Act 163; fairly sure), and reminded of with its age."""
    owed = {"paid": False, "on_account": True}
    assert given_(**owed).reason is Reason.ACCOUNT
    assert given_(**owed, account_at_once=True).reason is Reason.UNPAID


# === WHAT A RECEIPT CANNOT HOLD === #


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        (Reason.DEPOSIT, {"deposit": True}),
        (Reason.CURRENCY, {"currency": "EUR"}),
        (Reason.NO_RECEIPTS, {"receipts": False}),
        (Reason.NO_SERIES, {"series": False}),
        (Reason.TIP, {"foreign_tip": True}),
    ],
)
def test_what_a_receipt_cannot_hold_gets_an_invoice(reason, change):
    """An invoice is always allowed in its place (sure)."""
    choice = given_(**change)
    assert choice == Choice(outcome=Outcome.INVOICE, reason=reason)
    assert not choice.is_law


def test_a_tip_may_be_kept_off_a_receipt_as_the_salon_says():
    choice = given_(foreign_tip=True, tip_answer=TipAnswer.KEPT_OFF)
    assert (choice.outcome, choice.keeps_tip_off) == (Outcome.RECEIPT, True)


@pytest.mark.parametrize("empty", sorted(EMPTY))
def test_a_receipt_of_nothing_but_the_tip_that_it_leaves_off_is_none(empty):
    """As where tips are on no document; an invoice that is asked for has the tip."""
    off = {"foreign_tip": True, "tip_answer": TipAnswer.KEPT_OFF}
    choice = given_(**off, empty_without_tip=empty)
    assert choice == Choice(outcome=Outcome.NEITHER, reason=empty, keeps_tip_off=True)
    asked = given_(**off, empty_without_tip=empty, wish=Wish.INVOICE)
    assert asked.outcome is Outcome.INVOICE
    held = given_(foreign_tip=False, empty_without_tip=empty)
    assert held.outcome is Outcome.RECEIPT


@pytest.mark.parametrize("empty", sorted(EMPTY))
@pytest.mark.parametrize("wish", [None, *Wish])
def test_where_nothing_was_charged_there_is_nothing_to_document(empty, wish):
    choice = given_(empty=empty, wish=wish)
    assert choice == Choice(outcome=Outcome.NEITHER, reason=empty)


def test_the_reasons_of_the_law_are_those_for_an_invoice_and_for_another_receipt():
    assert INVOICE_ONLY < LAW and not LAW & EMPTY
