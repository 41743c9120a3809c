"""Deposits: the advance invoice, the final one, what is paid back, no-shows."""

from dataclasses import replace
from decimal import Decimal

import pytest

from salon_invoice_bridge.billing.amendment import kept_lines
from salon_invoice_bridge.billing.choice import Reason
from salon_invoice_bridge.billing.codec import from_json, to_json
from salon_invoice_bridge.billing.deposit import (
    Closing,
    Limits,
    NoShow,
    forfeit,
    is_involved,
    still_named,
)
from salon_invoice_bridge.billing.invoice import (
    Advance,
    DocumentKind,
    Invoice,
    Kind,
    State,
)
from salon_invoice_bridge.billing.lines import empty_reason
from salon_invoice_bridge.billing.prepaid import Prepaid
from salon_invoice_bridge.billing.problem import ORDER, Code, Problem
from salon_invoice_bridge.billing.refund import (
    Correction,
    Document,
    Family,
    Storno,
    StornoAndRemainder,
    decide,
)
from salon_invoice_bridge.billing.returns import difference
from salon_invoice_bridge.billing.sale import Role

from .salon import (
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
    tip,
)

#: A deposit of 10,000 that was sold, with its advance invoice.
SOLD = Prepaid(
    line=70,
    amount=Decimal(10_000),
    vat="27",
    number="E-2026-3",
    id="903",
    advance=True,
)
ANY = Limits(advances=None, finals=None)


def deposit(gross=10_000, tax=VAT_27):
    """Return a deposit that is sold."""
    return line("Foglaló", gross, tax, role=Role.DEPOSIT)


def used(amount=10_000, settles=70, tax=VAT_27):
    """Return a deposit that is taken off."""
    return line("Foglaló", -amount, tax, role=Role.DEPOSIT_USED, settles=settles)


def final(*lines, prepaid=(SOLD,), **more):
    """Return the invoice of a sale that uses deposits."""
    known = {sold.line: sold for sold in prepaid}
    return make_invoice(make_sale(*lines), prepaid=known, **more)


def problem_of(*lines, **more):
    with pytest.raises(Problem) as caught:
        final(*lines, **more)
    return caught.value


# === SOLD === #


def test_a_deposit_is_sold_by_an_advance_invoice():
    """VAT Act 59, 159 (2): money received beforehand is taxed and invoiced (sure)."""
    invoice = make_invoice(make_sale(deposit()))
    assert invoice.advance and not invoice.advances
    (only,) = invoice.lines
    assert (only.gross, only.vat, only.advance, only.settles) == (
        10_000,
        "27",
        True,
        "",
    )


def test_a_deposit_beside_a_service_is_a_line_of_an_ordinary_invoice():
    """An advance invoice has nothing but advances (schemas of both services: sure)."""
    invoice = make_invoice(make_sale(haircut(), deposit()))
    assert not invoice.advance
    assert [row.advance for row in invoice.lines] == [False, True]


@pytest.mark.parametrize("kind", [Kind.DRAFT, Kind.PROFORMA])
def test_what_is_no_invoice_yet_says_what_its_invoice_will_be(kind):
    assert make_invoice(make_sale(deposit()), kind=kind).advance


def test_a_deposit_at_a_discount_is_an_advance_of_what_was_paid():
    invoice = make_invoice(make_sale(deposit(), discount(1000)))
    assert (invoice.advance, invoice.gross) == (True, 9000)


def test_a_deposit_needs_an_invoice_and_no_receipt():
    assert is_involved([haircut(), deposit()])
    assert is_involved([haircut(), used()])
    assert not is_involved([haircut(), tip()])


# === USED === #


def test_a_final_invoice_has_the_whole_price_and_names_the_advance():
    """A negative line at the deposit's rate, with its number (sure)."""
    invoice = final(haircut(25_000), used())
    assert [(row.gross, row.vat) for row in invoice.lines] == [
        (25_000, "27"),
        (-10_000, "27"),
    ]
    assert invoice.advances == (Advance(number="E-2026-3", id="903"),)
    assert not invoice.advance
    taken = invoice.lines[1]
    assert (taken.settles, taken.advance, taken.quantity) == ("E-2026-3", True, 1)
    assert taken.comment == "Invoiced before: E-2026-3"
    assert [row.amount for row in invoice.tenders] == [15_000]


def test_a_final_invoice_is_issued_even_if_nothing_is_left_to_pay():
    """The service has been rendered (fairly sure)."""
    lines = make_sale(haircut(10_000), used()).lines
    assert empty_reason(lines, make_policy(), "HUF") is None
    invoice = final(haircut(10_000), used())
    assert (invoice.gross, invoice.tenders, invoice.paid) == (0, (), True)


def test_a_deposit_is_taken_off_at_its_own_rate():
    """Its VAT is given back, and that of what was bought is charged (fairly sure)."""
    invoice = final(book(12_000), used(tax=VAT_5))
    assert grosses(invoice.lines) == {"5": 12_000, "27": -10_000}
    assert invoice.gross == 2000


def test_a_deposit_may_pay_for_a_tip():
    invoice = final(haircut(9000), tip(1000), used())
    assert grosses(invoice.lines) == {"27": -1000, "ATK": 1000}


def test_a_deposit_larger_than_the_price_stops_for_a_person():
    problem = problem_of(haircut(8900), used())
    assert problem == Problem(Code.DEPOSIT_TOO_LARGE, ORDER, line="Foglaló")


def test_a_final_invoice_waits_for_its_advance_invoice():
    problem = problem_of(
        haircut(25_000), used(), prepaid=[replace(SOLD, open_document="E-1")]
    )
    assert problem == Problem(Code.WAITS_FOR, document="E-1")


@pytest.mark.parametrize("prepaid", [[], [replace(SOLD, vat="", number="")]])
def test_a_deposit_without_an_invoice_stops_for_a_person(prepaid):
    """What it paid for has not been taxed: the person knows where it was."""
    problem = problem_of(haircut(25_000), used(), prepaid=prepaid)
    assert problem == Problem(Code.DEPOSIT_NOT_INVOICED, ORDER, line="Foglaló")


def test_no_more_is_taken_off_than_is_left():
    half = replace(SOLD, used=Decimal(6000))
    assert final(haircut(25_000), used(4000), prepaid=[half]).gross == 21_000
    problem = problem_of(haircut(25_000), used(2000), used(2001), prepaid=[half])
    assert problem == Problem(
        Code.PREPAID_TOO_LARGE,
        ORDER,
        line="Foglaló",
        left=Decimal(4000),
        currency="HUF",
    )


# === WHAT A SERVICE TAKES === #


def test_where_one_final_invoice_names_an_advance_the_second_names_it_in_words():
    """Szamlazz.hu, error 73 (sure): the rest of a deposit is taken off all the same."""
    rest = replace(SOLD, used=Decimal(6000), finals=1)
    invoice = final(haircut(25_000), used(4000), prepaid=[rest])
    assert invoice.advances == ()
    assert invoice.lines[1].settles == "E-2026-3"
    assert final(haircut(25_000), used(4000), prepaid=[rest], limits=ANY).advances


def test_where_one_advance_is_named_it_is_the_largest():
    """Szamlazz.hu has one ``elolegSzamlaszam`` (schema: sure), Billingo any number."""
    other = replace(SOLD, line=71, number="E-2026-4", id="904")
    lines = haircut(25_000), used(4000), used(9000, settles=71)
    invoice = final(*lines, prepaid=[SOLD, other])
    assert invoice.advances == (Advance(number="E-2026-4", id="904"),)
    assert [row.settles for row in invoice.lines[1:]] == ["E-2026-3", "E-2026-4"]
    both = final(*lines, prepaid=[SOLD, other], limits=ANY)
    assert {one.id for one in both.advances} == {"903", "904"}


def test_a_deposit_on_an_ordinary_invoice_is_named_in_words_only():
    mixed = replace(SOLD, advance=False)
    invoice = final(haircut(25_000), used(), prepaid=[mixed])
    assert (invoice.advances, invoice.lines[1].settles) == ((), "E-2026-3")


def test_an_invoice_is_not_an_advance_and_a_final_one_at_once():
    invoice = make_invoice(make_sale(deposit()))
    with pytest.raises(ValueError):
        replace(invoice, advances=(Advance(number="E-1"),))


def test_what_was_frozen_is_what_is_sent():
    invoice = final(haircut(25_000), used())
    assert from_json(Invoice, to_json(invoice)) == invoice


# === PAID BACK === #


def family_of(invoice, sold, *back, **more):
    """Return the family of a sale of which ``back`` has come back."""
    main = Document(
        id=1,
        order=1,
        kind=DocumentKind.INVOICE,
        state=State.ISSUED,
        name="E-2026-3",
        lines=invoice.lines,
    )
    refund = Document(id=2, order=2, kind=DocumentKind.REFUND, state=State.WAITING)
    return Family(
        documents=(main, refund),
        main=main,
        sold=tuple(map(entry, sold.lines)),
        returned={2: tuple(back)},
        refund=2,
        document=2,
        **more,
    )


def entry(one):
    """Return a line of a sale as its snapshot has it."""
    return {
        "line": one.id,
        "name": one.name,
        "role": one.role,
        "product": one.product,
        "sku": "",
        "unit": "",
        "quantity": str(one.quantity),
        "gross": str(one.gross),
        "discount": "0",
        "taxes": list(one.taxes),
        "combo": False,
        "settles": one.settles,
    }


def back(number, gross, quantity=-1):
    """Return an entry that takes back something of line ``number``."""
    return {
        "line": 90 + number,
        "refunds": number,
        "quantity": str(quantity),
        "gross": str(gross),
        "name": "x",
    }


def decide_on(invoice, family, corrects=False):
    return decide(
        family,
        corrects=corrects,
        lines_of=lambda left: kept_lines(invoice, left, "HUF", make_policy()),
    )


def test_a_deposit_that_nobody_used_is_paid_back_by_a_storno():
    sale = make_sale(deposit())
    invoice = make_invoice(sale)
    family = family_of(invoice, sale, back(1, -10_000))
    assert decide_on(invoice, family) == Storno(family.main)


def test_part_of_a_deposit_paid_back_leaves_an_advance_invoice_of_the_rest():
    sale = make_sale(deposit())
    invoice = make_invoice(sale)
    family = family_of(invoice, sale, back(1, -4000))
    decision = decide_on(invoice, family)
    assert isinstance(decision, StornoAndRemainder)
    (kept,) = kept_lines(invoice, decision.kept, "HUF", make_policy())
    assert (kept.gross, kept.advance) == (6000, True)


@pytest.mark.parametrize("corrects", [False, True])
def test_what_was_used_of_a_deposit_is_not_paid_back(corrects):
    sale = make_sale(deposit())
    invoice = make_invoice(sale)
    family = family_of(invoice, sale, back(1, -4001), used={1: Decimal(6000)})
    with pytest.raises(Problem) as caught:
        decide_on(invoice, family, corrects)
    assert caught.value == Problem(Code.PREPAID_USED, line="Foglaló")


def test_the_rest_of_a_used_deposit_is_paid_back_by_a_correction():
    """A storno would take away the advance invoice that a final one names."""
    sale = make_sale(deposit())
    invoice = make_invoice(sale)
    family = family_of(
        invoice, sale, back(1, -4000), used={1: Decimal(6000)}, finals=("V-1",)
    )
    decision = decide_on(invoice, family, corrects=True)
    assert isinstance(decision, Correction)
    (row,) = difference(invoice.lines, decision.lines, "HUF")
    assert (row.gross, row.advance) == (-4000, True)
    with pytest.raises(Problem) as caught:
        decide_on(invoice, family)
    assert caught.value == Problem(Code.DEPOSIT_SETTLED, document="V-1")


def test_a_final_invoice_that_comes_back_whole_is_cancelled():
    """And what it took off can be used again, or paid back."""
    sale = make_sale(haircut(25_000), used())
    invoice = final(haircut(25_000), used())
    family = family_of(invoice, sale, back(1, -25_000), back(2, 10_000))
    assert decide_on(invoice, family) == Storno(family.main)


def test_a_service_given_back_without_its_deposit_stops_for_a_person():
    sale = make_sale(haircut(25_000), used())
    invoice = final(haircut(25_000), used())
    with pytest.raises(Problem) as caught:
        decide_on(invoice, family_of(invoice, sale, back(1, -25_000)))
    assert caught.value.code is Code.DEPOSIT_TOO_LARGE


def test_the_remainder_of_a_final_invoice_names_the_advance_as_long_as_it_uses_it():
    """NAV: a deposit's line stays one in whatever follows (#367, #889; sure)."""
    sale = make_sale(haircut(25_000), book(3500), used())
    invoice = final(haircut(25_000), book(3500), used())
    decision = decide_on(invoice, family_of(invoice, sale, back(2, -3500)))
    kept = kept_lines(invoice, decision.kept, "HUF", make_policy())
    assert grosses(kept) == {"27": 15_000}
    assert still_named(invoice.advances, kept) == invoice.advances
    without = family_of(invoice, sale, back(2, -3500), back(3, 10_000))
    decision = decide_on(invoice, without)
    kept = kept_lines(invoice, decision.kept, "HUF", make_policy())
    assert still_named(invoice.advances, kept) == ()


def test_a_correction_takes_a_deposit_back_as_an_advance_line():
    sale = make_sale(haircut(25_000), used())
    invoice = final(haircut(25_000), used())
    decision = decide_on(
        invoice, family_of(invoice, sale, back(2, 10_000)), corrects=True
    )
    (row,) = difference(invoice.lines, decision.lines, "HUF")
    assert (row.gross, row.advance, row.settles) == (10_000, True, "E-2026-3")


# === WHO DOES NOT COME === #


@pytest.mark.parametrize(
    ("answer", "values", "corrects", "closing"),
    [
        (None, {}, False, Closing.NOTHING),
        (NoShow.FEE, {}, False, Closing.NOTHING),
        (NoShow.DAMAGES, {}, False, Closing.STORNO),
        (
            NoShow.DAMAGES,
            {"used": Decimal(4000), "finals": 1},
            True,
            Closing.CORRECTION,
        ),
        (NoShow.DAMAGES, {"used": Decimal(4000), "finals": 1}, False, Closing.PERSON),
        (NoShow.DAMAGES, {"vat": ""}, False, Closing.NOTHING),
    ],
)
def test_a_forfeited_deposit_is_what_the_salon_says(answer, values, corrects, closing):
    """A fee is taxed (CJEU C-250/14), damages are not (C-277/05): fairly sure. Until
    somebody says it the VAT that was paid stays paid."""
    assert forfeit(replace(SOLD, **values), answer, corrects) is closing


def test_a_deposit_of_which_nothing_is_left_cannot_be_forfeited():
    with pytest.raises(ValueError):
        forfeit(replace(SOLD, used=SOLD.amount), NoShow.FEE, True)


def test_a_deposit_alone_is_never_empty():
    assert empty_reason((deposit(),), make_policy(), "HUF") is None
    assert empty_reason((deposit(0),), make_policy(), "HUF") is Reason.ZERO
