"""Vouchers by the law: what a document says when they are sold, used, given back."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.choice import Reason
from salon_invoice_bridge.billing.invoice import PaymentKind
from salon_invoice_bridge.billing.lines import (
    KeptOff,
    empty_reason,
    left_off,
    make_lines,
    name_kept_off,
    sort_lines,
    supplied_gross,
)
from salon_invoice_bridge.billing.money import quantize
from salon_invoice_bridge.billing.policy import Tip, VoucherSale
from salon_invoice_bridge.billing.prepaid import Prepaid
from salon_invoice_bridge.billing.problem import (
    COMPANY,
    ORDER,
    Code,
    Place,
    Problem,
    Where,
)
from salon_invoice_bridge.billing.sale import Role, VoucherKind, total_gross
from salon_invoice_bridge.billing.voucher import (
    EFFECTS,
    EVENTS,
    LISTED_EFFECTS,
    Effect,
    Event,
    is_billed,
    kind_of,
)
from tests.examples import examples

from .salon import (
    CASH,
    VAT_5,
    VAT_27,
    book,
    discount,
    grosses,
    haircut,
    line,
    make_invoice,
    make_policy,
    make_sale,
    pay,
    redeemed,
    tip,
    voucher,
)

PRODUCT = Place(Where.PRODUCT, 17)
#: A gift card that was sold as single-purpose, on an invoice.
SOLD = Prepaid(line=70, amount=Decimal(10_000), vat="27", number="2026-000017")


def single(one, vat="27", settles=None):
    """Return a voucher of a product that says: single-purpose."""
    return replace(
        one, voucher=VoucherKind.SINGLE, voucher_vat=vat, settles=settles, taxes=()
    )


def multi(one):
    """Return a voucher of a product that says: multi-purpose."""
    return replace(one, voucher=VoucherKind.MULTI)


def invoice_of(*lines, prepaid=None, payments=None, **policy):
    """Return the invoice of a sale of ``lines``."""
    sale = make_sale(*lines, payments=payments)
    policy = make_policy(voucher_sale=None, **policy)
    return make_invoice(sale, policy, prepaid=prepaid or {})


def empty_of(*lines, prepaid=None, **policy):
    """Return why the document of ``lines`` would be empty."""
    policy = make_policy(**{"voucher_sale": None, **policy})
    return empty_reason(make_sale(*lines).lines, policy, "HUF", prepaid or {})


# === THE TABLE === #


def test_the_table_has_both_kinds_and_all_that_can_happen():
    assert EFFECTS.keys() == {(kind, event) for kind in VoucherKind for event in Event}


def test_vat_of_a_voucher_is_charged_once_in_its_life():
    """Either when it is sold or on all that it pays for (VAT Act 18/B; sure)."""
    for kind in VoucherKind:
        at_sale = EFFECTS[kind, Event.SOLD] is Effect.LINE
        at_use = EFFECTS[kind, Event.USED] is Effect.TENDER
        assert at_sale != at_use


def test_an_expired_voucher_needs_no_document():
    """Fairly sure: no supply follows from what nobody comes for."""
    assert {EFFECTS[kind, Event.EXPIRED] for kind in VoucherKind} == {Effect.NOTHING}


@pytest.mark.parametrize("kind", VoucherKind)
@pytest.mark.parametrize("one", [voucher(), redeemed(5000)])
def test_the_lines_follow_the_table(kind, one):
    billed = is_billed(replace(one, voucher=kind), make_policy())
    assert billed == (EFFECTS[kind, EVENTS[one.role]] in LISTED_EFFECTS)


# === SINGLE-PURPOSE === #


def test_a_single_purpose_voucher_is_invoiced_when_it_is_sold():
    """VAT Act 18/A (sure): at the rate that its product says."""
    (only,) = invoice_of(single(voucher())).lines
    assert (only.gross, only.vat, only.advance) == (5000, "27", False)


def test_a_single_purpose_voucher_may_have_its_rate_from_its_tax():
    one = replace(voucher(), voucher=VoucherKind.SINGLE, taxes=(VAT_5,))
    assert grosses(invoice_of(one).lines) == {"5": 5000}


def test_using_a_single_purpose_voucher_names_the_invoice_of_its_sale():
    """No supply of its own (sure): a negative line at the rate of its sale."""
    one = single(redeemed(5000), settles=70)
    invoice = invoice_of(haircut(), one, prepaid={70: SOLD})
    assert [(row.gross, row.vat) for row in invoice.lines] == [
        (8900, "27"),
        (-5000, "27"),
    ]
    used = invoice.lines[1]
    assert used.settles == "2026-000017"
    assert used.comment == "Invoiced before: 2026-000017"
    assert used.quantity == 1


def test_only_the_rest_is_paid_beside_a_single_purpose_voucher():
    one = single(redeemed(5000), settles=70)
    invoice = invoice_of(haircut(), one, prepaid={70: SOLD})
    assert invoice.gross == 3900
    assert [(row.kind, row.amount) for row in invoice.tenders] == [
        (PaymentKind.CASH, 3900)
    ]


def test_a_voucher_keeps_the_rate_at_which_it_was_sold():
    """Whatever its product says since: 5% at the sale, 27% now."""
    sold = replace(SOLD, vat="5")
    one = single(redeemed(3000), settles=70)
    assert grosses(invoice_of(book(), one, prepaid={70: sold}).lines) == {"5": 500}


def test_a_card_of_before_the_connection_is_what_its_product_says():
    (_cut, used) = invoice_of(haircut(), single(redeemed(5000))).lines
    assert (used.gross, used.vat, used.settles, used.comment) == (-5000, "27", "", "")


def test_a_voucher_used_up_by_what_it_buys_needs_no_document():
    """VAT Act 18/A (sure): what is handed over for it is no supply."""
    one = single(redeemed(8900))
    assert empty_of(haircut(), one) is Reason.VOUCHER_USED


def test_a_tip_beside_a_used_voucher_is_a_document():
    assert empty_of(haircut(), tip(), single(redeemed(8900))) is None
    assert (
        empty_of(haircut(), tip(), single(redeemed(8900)), tip=Tip.NONE)
        is Reason.VOUCHER_USED
    )


def test_a_single_purpose_voucher_of_another_rate_stops_for_a_person():
    """It cannot be single-purpose if it buys at two rates (fairly sure)."""
    one = single(redeemed(3500))
    with pytest.raises(Problem) as caught:
        invoice_of(book(), haircut(), single(redeemed(9000)))
    assert caught.value == Problem(
        Code.VOUCHER_OTHER_RATE, PRODUCT, line="Ajándékkártya", vat="27"
    )
    assert empty_of(book(), one) is None  # a document, which shows it


def test_a_voucher_without_what_it_paid_for_is_not_taken_for_one_of_another_rate():
    """The service came back alone: the product is right, the card is missing."""
    one = single(redeemed(5000))
    for kept in ((one,), (book(3500), one)):
        with pytest.raises(Problem) as caught:
            make_lines(make_sale(*kept).lines, "HUF", make_policy())
        assert caught.value == Problem(
            Code.DEPOSIT_TOO_LARGE, ORDER, line="Ajándékkártya"
        )


def test_a_discount_comes_first_and_the_voucher_pays_for_the_rest():
    lines = invoice_of(haircut(), discount(900), single(redeemed(5000))).lines
    assert [row.gross for row in lines] == [8000, -5000]


def test_a_discount_on_a_voucher_that_is_sold_lowers_its_price():
    lines = invoice_of(single(voucher(5000)), discount(500)).lines
    assert [row.gross for row in lines] == [4500]


def test_an_exempt_salons_voucher_says_aam():
    """No VAT either way (an inference)."""
    lines = invoice_of(single(voucher(), vat="AAM"), default_vat="AAM").lines
    assert grosses(lines) == {"AAM": 5000}


def test_an_exempt_company_with_a_voucher_that_charges_is_asked():
    with pytest.raises(Problem) as caught:
        invoice_of(single(voucher()), default_vat="AAM")
    assert caught.value.code is Code.EXEMPT_CHARGES


# === MULTI-PURPOSE === #


def test_selling_a_multi_purpose_voucher_is_no_supply():
    """VAT Act 18/B (sure): kept off beside a service, no document alone."""
    invoice = invoice_of(haircut(), multi(voucher()))
    assert grosses(invoice.lines) == {"27": 8900}
    assert empty_of(multi(voucher())) is Reason.VOUCHER


def test_all_that_a_multi_purpose_voucher_pays_for_is_billed():
    """Like money (sure): 8,900 of VAT base, 5,000 of them by voucher."""
    one = multi(redeemed(5000))
    invoice = invoice_of(haircut(), one)
    assert grosses(invoice.lines) == {"27": 8900}
    assert {row.kind: row.amount for row in invoice.tenders} == {
        PaymentKind.VOUCHER: 5000,
        PaymentKind.CASH: 3900,
    }


def test_a_service_paid_by_a_multi_purpose_voucher_alone_is_a_document():
    assert empty_of(haircut(), multi(redeemed(8900))) is None


# === WHICH KIND === #


def test_what_was_sold_as_one_kind_is_used_as_that_kind():
    """VAT is neither charged twice nor forgotten when a product is set up anew."""
    policy, used = make_policy(), multi(redeemed(5000))
    assert kind_of(used, policy, SOLD) is VoucherKind.SINGLE
    kept_off = Prepaid(line=70, amount=Decimal(5000), kept_off=True)
    assert kind_of(single(used), policy, kept_off) is VoucherKind.MULTI


def test_a_card_sold_as_money_is_money_when_all_is_paid_with_it():
    """Its product says single-purpose since: no VAT has been paid, so it is billed."""
    one = single(redeemed(8900), settles=70)
    kept_off = Prepaid(line=70, amount=Decimal(10_000), kept_off=True)
    assert empty_of(haircut(), one, prepaid={70: kept_off}) is None
    assert empty_of(haircut(), one, prepaid={70: SOLD}) is Reason.VOUCHER_USED


def test_a_use_waits_until_it_is_decided_what_the_card_was_sold_as():
    """Made first, it could charge VAT twice, or never (our rule; from VAT Act 18/B)."""
    undecided = Prepaid(line=70, amount=Decimal(10_000), open_document="Invoice 7-1")
    for used in (single(redeemed(5000), settles=70), multi(redeemed(5000))):
        one = replace(used, settles=70)
        with pytest.raises(Problem) as caught:
            invoice_of(haircut(), one, prepaid={70: undecided})
        assert caught.value == Problem(Code.WAITS_FOR, document="Invoice 7-1")


def test_a_use_does_not_wait_for_what_a_draft_of_the_sale_has_decided():
    """It will be finalized in days; its lines say what the card was sold as."""
    draft = replace(SOLD, number="", open_document="Draft 7-1")
    one = single(redeemed(5000), settles=70)
    (_cut, used) = invoice_of(haircut(), one, prepaid={70: draft}).lines
    assert (used.gross, used.vat, used.settles) == (-5000, "27", "")


def test_what_a_card_of_an_undecided_sale_pays_for_is_not_skipped():
    """It waits: the sale of the card may come to be money, which bills the service."""
    undecided = Prepaid(line=70, amount=Decimal(10_000), open_document="Invoice 7-1")
    one = single(redeemed(8900), settles=70)
    assert empty_of(haircut(), one) is Reason.VOUCHER_USED
    assert empty_of(haircut(), one, prepaid={70: undecided}) is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (VoucherSale.SALE, VoucherKind.SINGLE),
        (VoucherSale.SKIP, VoucherKind.MULTI),
        (VoucherSale.STOP, None),
        (None, None),
    ],
)
def test_a_product_that_does_not_say_is_what_the_company_answered(answer, kind):
    policy = make_policy(voucher_sale=answer)
    assert kind_of(voucher(), policy) is kind
    assert kind_of(single(voucher()), policy) is VoucherKind.SINGLE


@pytest.mark.parametrize("one", [voucher(), redeemed(5000)])
def test_a_voucher_of_no_kind_waits_for_the_answer(one):
    with pytest.raises(Problem) as caught:
        invoice_of(haircut(), one)
    assert caught.value == Problem(
        Code.VOUCHER_UNANSWERED, COMPANY, line="Ajándékkártya"
    )
    assert empty_of(one) is None or one.role is Role.REDEEMED


def test_a_document_of_an_unanswered_voucher_is_not_skipped():
    assert empty_of(voucher()) is None


# === WHAT IS KEPT OFF === #


def test_what_is_kept_off_is_named_with_its_amount():
    lines = (haircut(), replace(multi(voucher()), id=2), replace(tip(), id=3))
    _billed, kept_off = sort_lines(lines, make_policy(tip=Tip.NONE))
    assert name_kept_off(kept_off) == (
        KeptOff(line=2, role=Role.VOUCHER, name="Ajándékkártya", amount=Decimal(5000)),
        KeptOff(line=3, role=Role.TIP, name="Borravaló", amount=Decimal(1000)),
    )


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        ((multi(voucher()),), {1: 5000}),
        ((multi(voucher()), multi(redeemed(5000))), {1: 5000, 2: -5000}),
        ((tip(),), {1: 1000}),
        ((haircut(), single(redeemed(8900)), tip()), {3: 1000}),
        ((haircut(0),), {}),
    ],
)
def test_a_sale_without_a_document_names_what_it_keeps_off_too(lines, kept):
    """Lines = document + kept off, also where there is no document."""
    policy, sale = make_policy(tip=Tip.NONE), make_sale(*lines)
    assert empty_reason(sale.lines, policy, "HUF")
    off = left_off(sale.lines, policy)
    assert {one.line: one.amount for one in name_kept_off(off)} == kept
    assert total_gross(sale.lines) == sum(kept.values())


def test_a_card_sold_as_money_is_kept_off_whatever_its_product_says_since():
    sold = Prepaid(line=70, amount=Decimal(5000), kept_off=True)
    one = single(redeemed(5000), settles=70)
    sale = make_sale(multi(voucher()), one)
    off = left_off(sale.lines, make_policy(), {70: sold})
    assert [line.id for line in off] == [1, 2]


def test_what_is_supplied_is_counted_before_what_was_paid_earlier():
    """The limit of 900,000 Ft is of the price, not of what is left to be paid."""
    policy = make_policy()
    lines = (haircut(950_000), single(redeemed(100_000)), multi(voucher()), tip())
    assert supplied_gross(lines, policy) == 951_000
    assert supplied_gross(lines, make_policy(tip=Tip.NONE)) == 950_000


prices = st.integers(1, 5_000_000).map(lambda cents: Decimal(cents) / 100)
parts = st.lists(
    st.tuples(
        st.sampled_from(["cut", "book", "single", "multi", "unsaid", "tip"]), prices
    ),
    min_size=1,
    max_size=6,
)
MAKERS = {
    "cut": haircut,
    "book": book,
    "single": lambda price: single(voucher(price)),
    "multi": lambda price: multi(voucher(price)),
    "unsaid": voucher,
    "tip": tip,
}


@examples(200)
@given(
    parts,
    st.integers(0, 100),
    st.integers(0, 100),
    st.sampled_from([Tip.OUTSIDE, Tip.NONE]),
    st.sampled_from([VoucherSale.SALE, VoucherSale.SKIP]),
    st.sampled_from(["HUF", "EUR"]),
)
def test_the_document_and_what_is_kept_off_are_the_whole_sale(
    sold, by_single, by_multi, mode, answer, currency
):
    """Lines = document + kept off, always: whatever is sold, used and left off."""
    lines = [MAKERS[kind](price) for kind, price in sold]
    cuts = total_gross([one for one in lines if one.taxes == (VAT_27,)])
    lines.append(single(redeemed(round(cuts * by_single / 200, 2))))
    lines.append(multi(redeemed(round(cuts * by_multi / 200, 2))))
    sale = make_sale(*lines)
    policy = make_policy(tip=mode, voucher_sale=answer)
    billed, kept_off = sort_lines(sale.lines, policy)
    made = make_lines(billed, currency, policy)
    on_it = sum((row.gross for row in made), Decimal(0))
    off_it = sum((one.amount for one in name_kept_off(kept_off)), Decimal(0))
    assert on_it == quantize(total_gross(sale.lines) - off_it, currency)
    below = [row for row in made if row.gross < 0]
    assert all(sale.lines[int(row.ref) - 1].role is Role.REDEEMED for row in below)


def test_a_pass_is_a_voucher_of_one_of_the_kinds():
    """Ten visits (an inference): one rate, invoiced at its sale, nothing at a visit."""
    ten = single(line("10 alkalmas bérlet", 80_000, None, role=Role.VOUCHER))
    assert grosses(invoice_of(ten).lines) == {"27": 80_000}
    visit = single(redeemed(8900, "10 alkalmas bérlet"))
    assert empty_of(haircut(), visit) is Reason.VOUCHER_USED


def test_money_given_for_a_kept_off_voucher_is_no_payment_of_the_document():
    sale = make_sale(haircut(), multi(voucher()), payments=[pay(13_900, CASH)])
    invoice = make_invoice(sale, make_policy(voucher_sale=None))
    assert [row.amount for row in invoice.tenders] == [8900]
