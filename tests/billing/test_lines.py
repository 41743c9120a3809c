"""Discounts, combos, tips, vouchers and VAT codes: what the lines say."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.lines import (
    TIP_VAT,
    check_total,
    make_lines,
    sort_lines,
    vat_of,
)
from salon_invoice_bridge.billing.money import quantize, unit
from salon_invoice_bridge.billing.policy import Tip, VatAnswer, VoucherSale
from salon_invoice_bridge.billing.problem import (
    COMPANY,
    ORDER,
    Code,
    Place,
    Problem,
    Where,
)
from salon_invoice_bridge.billing.sale import Role, total_gross
from tests.examples import examples

from .salon import (
    AAM,
    VAT_0,
    VAT_5,
    VAT_18,
    VAT_27,
    book,
    discount,
    grosses,
    haircut,
    line,
    make_invoice,
    make_policy,
    make_sale,
    redeemed,
    tip,
    voucher,
)

PRODUCT = Place(Where.PRODUCT, 17)


def lines_of(*lines, currency="HUF", **policy):
    """Return the document's lines of a sale of ``lines``."""
    policy = make_policy(**policy)
    billed, _kept_off = sort_lines(make_sale(*lines).lines, policy)
    return make_lines(billed, currency, policy)


def problem_of(*lines, **policy):
    """Return the problem that keeps a sale of ``lines`` from being billed."""
    with pytest.raises(Problem) as caught:
        lines_of(*lines, **policy)
    return caught.value


# === DISCOUNTS === #


def test_a_line_discount_is_in_the_price_and_named_in_the_comment():
    """4,990 less 15% is 4,241.50: 4,242 on the document, half a forint recorded."""
    (only,) = lines_of(haircut("4241.50", discount=15))
    assert only.gross == 4242
    assert only.comment == "Discount: 15%"


@pytest.mark.parametrize(
    ("language", "text"), [("hu", "33,33%"), ("de", "33,33%"), ("en", "33.33%")]
)
def test_a_fraction_of_a_percent_is_written_as_the_language_writes_it(language, text):
    (only,) = lines_of(haircut(3327, discount="33.33"), language=language)
    assert text in only.comment


def test_an_order_wide_discount_is_split_over_the_vat_rates():
    """10% off 8,900 (27%) and 3,500 (5%): 8,010 and 3,150, no negative line."""
    lines = lines_of(haircut(), book(), discount(890, VAT_27), discount(350, VAT_5))
    assert grosses(lines) == {"27": 8010, "5": 3150}
    assert lines[0].comment == "Price less 890 Ft: Kedvezmény"


def test_a_discount_without_tax_is_spread_over_all_that_was_sold():
    """1,000 off 6,000 (27%) and 4,000 (5%): 600 and 400."""
    lines = lines_of(haircut(6000), book(4000), discount(1000))
    assert grosses(lines) == {"27": 5400, "5": 3600}


def test_a_discount_with_two_taxes_is_spread_over_all_that_was_sold():
    taken = replace(discount(1000), taxes=(VAT_27, VAT_5))
    lines = lines_of(haircut(6000), book(4000), taken)
    assert grosses(lines) == {"27": 5400, "5": 3600}


def test_a_discount_larger_than_its_rate_goes_on_with_the_others():
    """4,000 off 3,500 (5%): 3,500, and the 500 that are left off 8,900 (27%)."""
    lines = lines_of(book(), haircut(), discount(4000, VAT_5))
    assert grosses(lines) == {"5": 0, "27": 8400}


def test_a_free_service_stands_at_zero_beside_what_was_paid():
    lines = lines_of(haircut(), book(0, discount=100))
    assert [one.gross for one in lines] == [8900, 0]
    assert "100%" in lines[1].comment


def test_a_discount_larger_than_the_sale_stops_before_anything_is_sent():
    """4,000 off a book of 3,500; of the tip of 9,000 nothing is taken."""
    problem = problem_of(book(), tip(9000), discount(4000))
    assert problem == Problem(Code.DISCOUNT_TOO_LARGE, ORDER, line="Kedvezmény")


@pytest.mark.parametrize(
    ("goods", "tips", "gross"),
    [
        ("141.32", [], 0),  # three times 47.11 is 0.01 more than was sold
        ("1.28", [], 0),
        ("141.32", [1000], 1000),
        ("141.32", ["1000.50"], 1000),  # 1,000.49 with the hundredth
    ],
)
def test_discounts_that_the_till_rounds_up_do_not_take_off_more_than_was_sold(
    goods, tips, gross
):
    """A hundredth of a forint too much is the till's rounding, and nobody's work."""
    third = round(Decimal(goods) / 3, 2)
    lines = lines_of(
        haircut(Decimal(goods)),
        *(tip(Decimal(one)) for one in tips),
        *(discount(third) for _each in range(3)),
    )
    assert [one.gross for one in lines] == [0, gross][: len(lines)]


@pytest.mark.parametrize(("price", "off"), [(1000, 1500), (1000, 1001), (0, 1)])
def test_discounts_of_more_than_was_sold_turn_no_sale_around(price, off):
    """The total is below zero, yet what was sold was sold: a person has to look."""
    problem = problem_of(haircut(price), discount(off))
    assert problem == Problem(Code.DISCOUNT_TOO_LARGE, ORDER, line="Kedvezmény")


def test_a_discount_of_an_exempt_company_is_taken_off_what_is_exempt():
    lines = lines_of(
        haircut(),
        discount(900, VAT_27),
        default_vat="AAM",
        vat_answer=VatAnswer.EXEMPT,
    )
    assert grosses(lines) == {"AAM": 8000}


def test_the_line_discount_is_named_before_that_of_the_order():
    (only,) = lines_of(haircut(8010, discount=10), discount(10))
    assert only.comment == "Discount: 10%; Price less 10 Ft: Kedvezmény"


# === QUANTITIES === #


def test_a_fraction_of_a_piece_is_billed_to_the_forint():
    """0.35 x 8,900 = 3,115."""
    (only,) = lines_of(haircut(3115, quantity="0.35"))
    assert (only.quantity, only.gross) == (Decimal("0.35"), 3115)


def test_three_lines_of_a_third_lose_no_forint():
    """3 x 333.33 = 999.99: 1,000 on the document, one line carries the forint."""
    lines = lines_of(*(haircut("333.33") for _number in range(3)))
    assert sorted(one.gross for one in lines) == [333, 333, 334]


def test_cents_are_kept_in_a_currency_that_has_them():
    """2 x 22.405 = 44.81: each cent once."""
    lines = lines_of(haircut("22.405"), haircut("22.405"), currency="EUR")
    assert [one.gross for one in lines] == [Decimal("22.40"), Decimal("22.41")]


def test_a_combo_is_told_by_its_parts():
    menu = haircut(0, combo=True)
    billed, _kept_off = sort_lines((menu, haircut(3490), book()), make_policy())
    assert [one.name for one in billed] == ["Női hajvágás", "Szakkönyv"]


def test_a_combo_with_a_price_is_a_line():
    billed, _kept_off = sort_lines((haircut(100, combo=True),), make_policy())
    assert len(billed) == 1


def test_what_was_not_sold_is_no_line():
    assert sort_lines((haircut(0, quantity=0),), make_policy()) == ((), ())


def test_the_tills_total_that_its_lines_do_not_make_stops_with_both_figures():
    with pytest.raises(Problem) as caught:
        check_total(make_sale(haircut(), total=8990))
    assert caught.value == Problem(
        Code.TOTAL_DIFFERS, ORDER, total=8990, lines=8900, currency="HUF"
    )


def test_the_rounding_of_cash_may_be_in_the_tills_total():
    sale = make_sale(haircut(4491), total=4490, rounded_in=Decimal("2.50"))
    check_total(sale)
    with pytest.raises(Problem):
        check_total(replace(sale, rounded_in=Decimal("0.99")))


@pytest.mark.parametrize(
    ("language", "unit"), [("hu", "db"), ("de", "Stk."), ("en", "pc"), ("fr", "pc")]
)
def test_units_are_the_documents_language(language, unit):
    assert lines_of(haircut(), language=language)[0].unit == unit


def test_a_products_own_unit_is_printed_as_it_is():
    assert lines_of(haircut(unit="óra"), language="en")[0].unit == "óra"


@pytest.mark.parametrize(
    ("name", "sku", "printed"),
    [("Két\n sor", "", "Két sor"), ("  ", "HAJ-1", "HAJ-1"), ("", "", "-")],
)
def test_a_line_always_has_a_name(name, sku, printed):
    (only,) = lines_of(line(name, 100, sku=sku))
    assert only.name == printed


def test_a_line_is_found_again_by_its_id():
    assert [one.ref for one in lines_of(haircut(), book())] == ["1", "2"]


# === VAT === #


def test_a_zero_tax_without_a_code_stops_and_links_to_the_tax():
    tax = Place(Where.TAX, VAT_0)
    problem = problem_of(line("Oktatás", 5000, VAT_0))
    assert problem == Problem(Code.TAX_WITHOUT_CODE, tax, line="Oktatás", tax=tax)


def test_a_tax_that_is_gone_has_no_code():
    assert problem_of(haircut(tax=999)).code is Code.TAX_WITHOUT_CODE


def test_a_product_without_tax_gets_the_companys_default():
    assert lines_of(line("Termék", 1000, None))[0].vat == "27"


def test_a_salon_exempt_from_vat_never_sends_a_bare_zero():
    assert lines_of(line("Fodrászat", 1000, None), default_vat="AAM")[0].vat == "AAM"


@pytest.mark.parametrize(
    ("answer", "code"), [(VatAnswer.EXEMPT, "AAM"), (VatAnswer.TAXES, "27")]
)
def test_an_exempt_company_with_taxes_that_charge_says_what_was_answered(answer, code):
    lines = lines_of(haircut(), default_vat="AAM", vat_answer=answer)
    assert grosses(lines) == {code: 8900}


def test_an_exempt_company_with_taxes_that_charge_stops_until_it_is_said():
    problem = problem_of(haircut(), default_vat="AAM")
    assert problem == Problem(
        Code.EXEMPT_CHARGES,
        COMPANY,
        line="Női hajvágás",
        tax=Place(Where.TAX, VAT_27),
    )


def test_a_tax_that_charges_nothing_is_no_contradiction():
    policy = make_policy(default_vat="AAM", vat_codes={AAM: "TAM"})
    assert vat_of(line("Oktatás", 1000, AAM), policy) == "TAM"


def test_an_untaxed_line_that_is_nothing_sold_stops():
    reward = line("Jutalom", 100, None, for_sale=False)
    assert problem_of(reward) == Problem(Code.NOTHING_SOLD, PRODUCT, line="Jutalom")


def test_a_fiscal_position_that_removes_the_tax_stops():
    position = Place(Where.FISCAL_POSITION, 5)
    problem = problem_of(line("Női hajvágás", 8900, None, untaxed_by=5))
    assert problem == Problem(
        Code.UNTAXED_BY_POSITION, position, line="Női hajvágás", position=position
    )


def test_two_taxes_on_a_line_stop():
    problem = problem_of(haircut(taxes=(VAT_27, VAT_5)))
    assert problem == Problem(Code.SEVERAL_TAXES, PRODUCT, line="Női hajvágás")


def test_a_line_keeps_the_code_that_it_was_invoiced_with():
    assert lines_of(haircut(vat="18"), default_vat="AAM")[0].vat == "18"


# === TIPS === #


def test_a_tip_is_its_own_line_outside_the_scope_of_vat():
    """Tip: separate line item with 0% VAT."""
    assert grosses(lines_of(haircut(), book(), tip())) == {
        "27": 8900,
        "5": 3500,
        TIP_VAT: 1000,
    }


def test_a_tip_of_an_exempt_company_is_outside_the_scope_of_vat():
    lines = lines_of(tip(), default_vat="AAM", vat_answer=VatAnswer.EXEMPT)
    assert grosses(lines) == {"ATK": 1000}


def test_a_service_charge_has_the_rates_of_what_was_sold():
    """1,240 over 8,900 (27%) and 3,500 (5%): 890 and 350."""
    lines = lines_of(haircut(), book(), tip(1240), tip=Tip.SERVICE)
    assert grosses(lines) == {"27": 9790, "5": 3850}
    assert len(lines) == 4


def test_a_service_charge_beside_nothing_has_the_default_rate():
    assert grosses(lines_of(tip(500), tip=Tip.SERVICE)) == {"27": 500}


def test_a_service_charge_follows_the_prices_after_the_discount():
    """1,000 over 6,000 (27%) and 4,000 less 2,000 (5%): 750 and 250."""
    lines = lines_of(
        haircut(6000), book(4000), discount(2000, VAT_5), tip(1000), tip=Tip.SERVICE
    )
    assert grosses(lines) == {"27": 6750, "5": 2250}


def test_a_service_charge_that_was_invoiced_keeps_its_code():
    lines = lines_of(haircut(), tip(1000, vat="5"), tip=Tip.SERVICE)
    assert grosses(lines) == {"27": 8900, "5": 1000}


def test_a_tip_may_be_left_off_the_invoice():
    billed, kept_off = sort_lines((haircut(), tip()), make_policy(tip=Tip.NONE))
    assert [one.role for one in billed] == [Role.SALE]
    assert [one.gross for one in kept_off] == [1000]


def test_no_discount_is_taken_off_a_tip():
    lines = lines_of(haircut(), tip(), discount(900))
    assert grosses(lines) == {"27": 8000, "ATK": 1000}


def test_the_sign_of_a_tip_is_that_of_a_refund():
    lines = lines_of(
        haircut(-8900, quantity=-1), book(-3500, quantity=-1), tip(-1000, quantity=-1)
    )
    assert [one.gross for one in lines] == [-8900, -3500, -1000]


# === VOUCHERS === #


def test_a_voucher_sold_beside_a_service_is_left_off():
    billed, kept_off = sort_lines((haircut(), voucher()), make_policy())
    assert [one.name for one in billed] == ["Női hajvágás"]
    assert [one.name for one in kept_off] == ["Ajándékkártya"]


def test_redeeming_a_voucher_is_a_payment_and_no_negative_line():
    """8,900 with a card of 5,000: 8,900 of VAT base."""
    assert grosses(lines_of(haircut(), redeemed(5000))) == {"27": 8900}


@pytest.mark.parametrize("one", [voucher(), redeemed(5000)])
def test_until_somebody_says_what_vouchers_are_their_sales_wait(one):
    """Of a single-purpose one that is redeemed the VAT would be charged twice."""
    problem = problem_of(haircut(), one, voucher_sale=None)
    assert problem == Problem(Code.VOUCHER_UNANSWERED, COMPANY, line="Ajándékkártya")


def test_a_company_may_want_a_person_to_decide():
    problem = problem_of(voucher(), voucher_sale=VoucherSale.STOP)
    assert problem == Problem(Code.VOUCHER_STOPPED, PRODUCT, line="Ajándékkártya")


def test_what_is_paid_with_a_voucher_needs_no_decision_again():
    lines = lines_of(haircut(), redeemed(5000), voucher_sale=VoucherSale.STOP)
    assert grosses(lines) == {"27": 8900}


def test_what_came_back_within_a_sale_needs_a_person():
    returned = line("Más", -8900, VAT_5, quantity=-1, role=Role.RETURNED)
    problem = problem_of(haircut(), returned)
    assert problem == Problem(Code.CAME_BACK, ORDER, line="Más")


# === ANY SALE === #

prices = st.integers(1, 5_000_000).map(lambda cents: Decimal(cents) / 100)
sold = st.lists(
    st.tuples(prices, st.sampled_from([VAT_27, VAT_18, VAT_5, AAM, None])),
    min_size=1,
    max_size=6,
)


@examples(150)
@given(
    sold,
    st.lists(prices, max_size=2),
    st.lists(st.tuples(st.integers(0, 100), st.sampled_from([VAT_27, None]))),
    st.sampled_from(Tip),
    st.sampled_from(["HUF", "EUR"]),
    st.booleans(),
)
def test_the_lines_add_up_to_what_is_billed(
    goods, tips, discounts, mode, currency, back
):
    """Whatever is sold and taken off, to the document's unit; none is below zero."""
    whole = sum((price for price, _tax in goods), Decimal(0))
    lines = [line("Tétel", price, tax) for price, tax in goods]
    lines += [tip(price) for price in tips]
    taken = [round(whole * percent / 300, 2) for percent, _tax in discounts[:3]]
    for amount, (_percent, tax) in zip(taken, discounts, strict=False):
        lines.append(discount(amount, tax))
    if back:  # as a refund has it: everything is turned around
        lines = [
            replace(one, gross=-one.gross, quantity=-one.quantity) for one in lines
        ]
    policy = make_policy(tip=mode)
    billed, kept_off = sort_lines(make_sale(*lines).lines, policy)
    assume(total_gross(billed))
    if (sum(taken) - whole) * 2 >= unit(currency):
        # In euros a hundredth is the document's unit, and a document of -0.01 is none.
        with pytest.raises(Problem):
            make_lines(billed, currency, policy)
        return
    made = make_lines(billed, currency, policy)
    gross = sum((one.gross for one in made), Decimal(0))
    assert gross == quantize(total_gross(billed), currency)
    assert total_gross(billed) + total_gross(kept_off) == total_gross(tuple(lines))
    sign = -1 if back else 1
    assert all(one.gross * sign >= 0 for one in made)


def test_what_is_billed_and_what_is_kept_off_are_the_whole_sale():
    """Lines = document + kept off, always: 8,900 + 1,000 and 5,000 - 2,000."""
    sale = make_sale(haircut(), tip(), voucher(5000), redeemed(2000))
    invoice = make_invoice(sale)
    _billed, kept_off = sort_lines(sale.lines, make_policy())
    assert invoice.gross == 9900
    assert invoice.gross + total_gross(kept_off) == sale.total
