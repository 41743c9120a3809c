"""Who paid with what, and the 5-forint rounding that is no part of the sale."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.invoice import PaymentKind
from salon_invoice_bridge.billing.lines import make_lines, sort_lines
from salon_invoice_bridge.billing.policy import Tip
from salon_invoice_bridge.billing.problem import ORDER, Code, Problem
from salon_invoice_bridge.billing.settlement import (
    main_kind,
    owed_on,
    payment_state,
    settle,
    sum_payments,
    take_from_largest,
)
from tests.examples import examples

from .salon import (
    CARD,
    CASH,
    ON_ACCOUNT,
    SZEP,
    TRANSFER,
    WITHOUT_KIND,
    haircut,
    line,
    make_policy,
    make_sale,
    pay,
    redeemed,
    tip,
    voucher,
)


def settlement_of(*lines, payments=None, policy=None, **more):
    """Return the settlement of a sale of ``lines``."""
    policy = policy or make_policy()
    sale = make_sale(*lines, payments=payments, **more)
    billed, kept_off = sort_lines(sale.lines, policy)
    gross = sum(one.gross for one in make_lines(billed, sale.currency, policy))
    return settle(sale, kept_off, gross, policy)


def kinds(settlement):
    return {tender.kind.value: tender.amount for tender in settlement.tenders}


def test_the_largest_tender_names_the_document():
    settlement = settlement_of(haircut(), payments=[pay(3000), pay(5900, CARD)])
    assert settlement.main is PaymentKind.CARD
    assert kinds(settlement) == {"cash": 3000, "card": 5900}
    assert settlement.paid


def test_payments_by_methods_of_one_kind_are_one_tender():
    settlement = settlement_of(
        haircut(), payments=[pay(3000), pay(5900, WITHOUT_KIND, "Utalvány")]
    )
    assert kinds(settlement) == {"cash": 8900}


def test_change_for_a_card_comes_off_the_card():
    """A card of 10,000 and 1,100 back in cash: 8,900 by card."""
    settlement = settlement_of(haircut(), payments=[pay(10000, CARD), pay(-1100)])
    assert kinds(settlement) == {"card": 8900}


def test_a_payment_of_the_day_is_dated_so():
    sale = make_sale(haircut())
    (tender,) = settle(sale, (), Decimal(8900), make_policy()).tenders
    assert tender.date == sale.day


# === WHAT IS OWED === #


def test_a_transfer_is_owed_unless_the_salon_counts_it_as_paid():
    owed = settlement_of(haircut(), payments=[pay(8900, TRANSFER, later=True)])
    assert not owed.paid
    assert not owed.tenders
    assert owed.main is PaymentKind.BANK_TRANSFER
    paid = settlement_of(haircut(), payments=[pay(8900, TRANSFER)])
    assert paid.paid
    assert kinds(paid) == {"bank_transfer": 8900}


def test_what_is_put_on_account_leaves_the_document_outstanding():
    settlement = settlement_of(haircut(), payments=[pay(8900, ON_ACCOUNT, later=True)])
    assert settlement.owed == 8900
    assert not settlement.tenders
    assert settlement.main is PaymentKind.BANK_TRANSFER


def test_a_part_on_account_is_owed_and_the_rest_is_paid():
    settlement = settlement_of(
        haircut(), payments=[pay(6000, ON_ACCOUNT, later=True), pay(2900, CARD)]
    )
    assert not settlement.paid
    assert kinds(settlement) == {"card": 2900}
    assert settlement.main is PaymentKind.BANK_TRANSFER


# === KINDS === #


def test_a_method_without_a_kind_is_the_companys_default():
    policy = make_policy(default_payment_kind=PaymentKind.OTHER)
    settlement = settlement_of(
        haircut(), payments=[pay(8900, WITHOUT_KIND)], policy=policy
    )
    assert settlement.main is PaymentKind.OTHER


def test_a_method_that_is_gone_is_the_companys_default():
    assert settlement_of(haircut(), payments=[pay(8900, 999)]).main is PaymentKind.CASH


@pytest.mark.parametrize("has_word", [True, False])
def test_other_is_the_companys_default_where_the_service_has_no_word_for_it(has_word):
    policy = make_policy(
        payment_kinds={CARD: PaymentKind.OTHER},
        default_payment_kind=PaymentKind.CARD,
        has_other_payment=has_word,
    )
    settlement = settlement_of(haircut(), payments=[pay(8900, CARD)], policy=policy)
    expected = PaymentKind.OTHER if has_word else PaymentKind.CARD
    assert settlement.main is expected


def test_a_sale_of_nothing_names_the_companys_default():
    policy = make_policy(default_payment_kind=PaymentKind.SZEP_CARD)
    assert main_kind({}, Decimal(0), policy) is PaymentKind.SZEP_CARD
    settlement = settlement_of(haircut(0), payments=[pay(0, CARD)], policy=policy)
    assert settlement.main is PaymentKind.SZEP_CARD


def test_what_is_paid_and_what_is_owed_are_added_up_by_kind():
    payments = [pay(1000), pay(200, SZEP), pay(30), pay(4, ON_ACCOUNT, later=True)]
    paid, owed = sum_payments(payments, make_policy(), redeemed=Decimal(5))
    assert paid == {
        PaymentKind.CASH: 1030,
        PaymentKind.SZEP_CARD: 200,
        PaymentKind.VOUCHER: 5,
    }
    assert owed == 4


# === WHAT IS ON NO INVOICE === #


def test_a_tip_that_is_kept_off_is_no_payment_of_the_document():
    settlement = settlement_of(
        haircut(12400), tip(1000), policy=make_policy(tip=Tip.NONE)
    )
    assert kinds(settlement) == {"cash": 12400}
    assert not settlement.rounding


def test_a_voucher_sold_beside_a_service_is_no_payment_of_the_document():
    assert kinds(settlement_of(haircut(), voucher())) == {"cash": 8900}


def test_redeeming_a_voucher_is_a_payment():
    """8,900 with a card of 5,000: 5,000 voucher, 3,900 cash."""
    settlement = settlement_of(haircut(), redeemed(5000))
    assert kinds(settlement) == {"voucher": 5000, "cash": 3900}


def test_a_service_paid_with_a_voucher_alone_is_paid():
    settlement = settlement_of(haircut(), redeemed(8900), payments=[pay(0)])
    assert settlement.paid
    assert settlement.main is PaymentKind.VOUCHER
    assert kinds(settlement) == {"voucher": 8900}


def test_a_voucher_is_worth_what_it_says():
    """8,900 and a tip of 1,000 kept off, of which a card of 9,000 pays: the money
    was the tip."""
    settlement = settlement_of(
        haircut(), tip(1000), redeemed(9000), policy=make_policy(tip=Tip.NONE)
    )
    assert kinds(settlement) == {"voucher": 8900}


# === THE ROUNDING OF CASH === #


def settle_4491(*payments, rounding="2.50", **more):
    """4,990 less 10% is 4,491: 4,490 in cash, 4,491 by card and on the document."""
    return settlement_of(
        haircut(4491, discount=10),
        payments=payments,
        rounding=Decimal(rounding),
        **more,
    )


def test_cash_rounded_down_is_settlement_and_no_line():
    settlement = settle_4491(pay(4490))
    assert kinds(settlement) == {"cash": 4491}
    assert settlement.rounding == -1
    assert settlement.paid


def test_a_card_pays_to_the_forint_where_only_cash_is_rounded():
    settlement = settle_4491(pay(4491, CARD))
    assert kinds(settlement) == {"card": 4491}
    assert not settlement.rounding


def test_the_total_that_odoo_has_rounded_itself_is_not_the_documents():
    settlement = settle_4491(pay(4490, CARD), total=4490, rounded_in=Decimal("2.50"))
    assert kinds(settlement) == {"card": 4491}


@pytest.mark.parametrize("paid", [4495, 4490])
def test_rounding_up_and_down(paid):
    assert kinds(settle_4491(pay(paid), rounding="5")) == {"cash": 4491}


def test_of_cash_and_card_the_cash_carries_the_rounding():
    settlement = settle_4491(pay(2000, CARD), pay(2490))
    assert kinds(settlement) == {"card": 2000, "cash": 2491}


def test_no_more_than_the_rounding_is_taken_for_it():
    with pytest.raises(Problem) as caught:
        settle_4491(pay(4480))
    assert caught.value == Problem(
        Code.PAID_DIFFERS, ORDER, gross=4491, taken=4480, currency="HUF"
    )


def test_a_payment_that_is_not_the_sale_stops_with_both_figures():
    with pytest.raises(Problem) as caught:
        settlement_of(haircut(), payments=[pay(8000)])
    assert caught.value == Problem(
        Code.PAID_DIFFERS, ORDER, gross=8900, taken=8000, currency="HUF"
    )


@pytest.mark.parametrize(
    ("currency", "most"), [("HUF", "0.50"), ("EUR", "0.005"), ("JPY", "0.5")]
)
def test_half_a_unit_is_the_rounding_of_the_document(currency, most):
    sale = make_sale(haircut(100), currency=currency)
    taken = pay(100 + Decimal(most))
    assert settle(replace(sale, payments=(taken,)), (), Decimal(100), make_policy())
    taken = pay(taken.amount + Decimal("0.001"))
    with pytest.raises(Problem):
        settle(replace(sale, payments=(taken,)), (), Decimal(100), make_policy())


def test_a_refund_is_given_back_by_its_means():
    settlement = settlement_of(
        haircut(-4491, quantity=-1),
        payments=[pay(-2000, CARD), pay(-2490)],
        rounding=Decimal("2.50"),
    )
    assert kinds(settlement) == {"card": -2000, "cash": -2491}
    assert settlement.rounding == 1


# === ANY SPLIT === #

amount = st.integers(0, 50_000)


@examples(150)
@given(amount, amount, amount, amount, st.integers(-250, 250), amount)
def test_random_tenders_add_up_to_the_document_and_none_is_negative(
    in_cash, by_card, by_voucher, change, rounded, kept_off
):
    """Any split over cash, card and voucher, cash rounded by at most 2.50, some of
    it change, some of it for a tip that stands on no invoice."""
    gross = in_cash + by_card + by_voucher - change
    if gross <= 0:
        return
    taken = in_cash - change + Decimal(rounded) / 100 + kept_off
    sale = make_sale(
        haircut(gross),
        payments=[pay(taken, CASH), pay(by_card, CARD)],
        rounding=Decimal("2.50"),
    )
    aside = (redeemed(by_voucher), tip(kept_off))
    settlement = settle(sale, aside, Decimal(gross), make_policy())
    amounts = [tender.amount for tender in settlement.tenders]
    assert sum(amounts) == gross
    assert all(one > 0 for one in amounts)
    assert settlement.paid


@examples(150)
@given(
    st.lists(st.tuples(st.sampled_from([CASH, CARD, SZEP, ON_ACCOUNT]), amount)),
    st.booleans(),
    st.sampled_from(["HUF", "EUR"]),
)
def test_tenders_and_what_is_owed_are_the_document(payments, back, currency):
    """Also where it is given back, and what is on the customer's account."""
    sign, step = (-1 if back else 1), Decimal("0.01") if currency == "EUR" else 1
    payments = [
        pay(sign * step * paid, method, later=method == ON_ACCOUNT)
        for method, paid in payments
    ]
    gross = sum((one.amount for one in payments), Decimal(0))
    sale = make_sale(
        line("Tétel", gross, quantity=sign), payments=payments, currency=currency
    )
    settlement = settle(sale, (), gross, make_policy())
    paid = sum((tender.amount for tender in settlement.tenders), Decimal(0))
    assert paid + settlement.owed == gross
    assert all(tender.amount * sign > 0 for tender in settlement.tenders)


@given(
    st.dictionaries(st.sampled_from(PaymentKind), st.integers(-500, 500)),
    st.integers(-500, 500),
    st.sampled_from([None, *PaymentKind]),
)
def test_taking_from_the_largest_loses_nothing(amounts, excess, first):
    """As long as there is enough; and nothing gets, or stays, below zero."""
    before = sum(amounts.values())
    take_from_largest(amounts, excess, first)
    assert all(one >= 0 for one in amounts.values())
    if amounts:
        assert sum(amounts.values()) == max(before - excess, 0)


# === WHAT IS OWED ON A DOCUMENT === #


@pytest.mark.parametrize(
    ("told", "paid", "owed"),
    [
        (None, True, 0),
        (None, False, 8900),
        (0, False, 0),
        (8900, True, 8900),
        (900, True, 900),
    ],
)
def test_the_service_knows_best_what_is_owed(told, paid, owed):
    class Issued:
        outstanding, gross = told, Decimal(8900)

    class Meant:
        pass

    Meant.paid = paid
    assert owed_on(Issued, Meant) == owed


@pytest.mark.parametrize(
    ("owed", "state"),
    [
        (0, "paid"),
        (0.0, "paid"),
        (Decimal(0), "paid"),
        (1, "partial"),
        (8899, "partial"),
        (8900, "outstanding"),
        (9000, "outstanding"),
    ],
)
def test_how_a_document_is_paid_in_a_word(owed, state):
    assert payment_state(owed, 8900) == state
