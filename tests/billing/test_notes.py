"""What a document says in words, in its own language."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.invoice import PaymentKind
from salon_invoice_bridge.billing.notes import (
    choose_language,
    comment,
    fill,
    money,
    one_line,
)
from salon_invoice_bridge.billing.settlement import Settlement
from tests.examples import examples

from .salon import (
    CARD,
    discount,
    haircut,
    make_policy,
    make_sale,
    pay,
    redeemed,
    tip,
    voucher,
)


def comment_of(*lines, kept_off=(), rounding=0, **more):
    """Return the comment of a sale of ``lines``; policy and sale by keyword."""
    policy = make_policy(
        **{name: more.pop(name) for name in ("comment", "language") if name in more}
    )
    settlement = Settlement((), PaymentKind.CASH, Decimal(0), Decimal(rounding))
    return comment(make_sale(*lines, **more), kept_off, settlement, policy)


# === LANGUAGE === #


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("de", "de"),  # the customer's, where the service has it
        ("bg", "hu"),  # the company's, where the service has not
        (False, "hu"),  # nobody has chosen
        (None, "hu"),
    ],
)
def test_the_language_of_a_document(wanted, language):
    assert choose_language(wanted, "hu", {"hu", "en", "de"}) == language


# === AMOUNTS === #


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        ("8900", "HUF", "hu", "8 900 Ft"),
        ("8900.00", "HUF", "en", "8 900 Ft"),
        ("1234567", "HUF", "hu", "1 234 567 Ft"),
        ("3741.50", "HUF", "en", "3 741.50 Ft"),
        ("3741.5", "HUF", "hu", "3 741,50 Ft"),
        ("3741.55", "HUF", "de", "3 741,55 Ft"),
        ("0.005", "EUR", "hu", "0,005 EUR"),
        ("22.4", "EUR", "en", "22.40 EUR"),
        ("-1", "HUF", "hu", "-1 Ft"),
        ("1E+3", "HUF", "hu", "1 000 Ft"),
        ("0", "EUR", "fr", "0 EUR"),
    ],
)
def test_an_amount_is_written_as_the_language_writes_it(
    amount, currency, language, text
):
    assert money(Decimal(amount), currency, language) == text


@examples(100)
@given(
    st.decimals("-99999999", "99999999", places=3),
    st.sampled_from(["hu", "en", "de"]),
)
def test_no_digit_of_an_amount_is_lost(amount, language):
    text = money(amount, "EUR", language).removesuffix(" EUR")
    assert Decimal(text.replace(" ", "").replace(",", ".")) == amount


# === THE COMPANY'S COMMENT === #


def test_the_comment_has_the_salons_words_and_always_the_receipts_number():
    text = comment_of(
        haircut(),
        comment="{cashier} szolgált ki. {note}",
        cashier="Anna",
        note="Boldog születésnapot!",
    )
    assert text.splitlines() == [
        "Anna szolgált ki. Boldog születésnapot!",
        "Receipt: 260-1-000042",
    ]


def test_a_note_to_the_customer_is_on_the_invoice_anyway():
    text = comment_of(haircut(), note=" Köszönjük! ")
    assert text.splitlines() == ["Receipt: 260-1-000042", "Köszönjük!"]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{reference} {order} {shop}", "260-1-000042 Szalon/0042 Szalon"),
        ("{customer}{}", ""),  # whatever else is in braces says nothing
        (" {note} ", ""),
        ("100% gyapjú", "100% gyapjú"),
    ],
)
def test_placeholders_are_the_sales_own(template, text):
    sale = make_sale(haircut(), order="Szalon/0042", shop="Szalon")
    assert fill(template, sale) == text


def test_what_a_placeholder_brings_is_not_filled_again():
    assert fill("{note}", make_sale(haircut(), note="{order}", order="1")) == "{order}"


# === PAYMENTS === #


def test_one_payment_is_told_by_the_document_itself():
    assert comment_of(haircut()) == "Receipt: 260-1-000042"


def test_of_several_payments_all_stand_in_the_comment():
    text = comment_of(
        haircut(), payments=[pay(3000), pay(5900, CARD, name="Bankkártya")]
    )
    assert "Paid: Készpénz 3 000 Ft, Bankkártya 5 900 Ft" in text.splitlines()


def test_cash_that_was_rounded_is_told_with_the_rounding():
    text = comment_of(haircut(4491), payments=[pay(4490)], rounding=-1)
    assert "Paid: Készpénz 4 490 Ft (rounding: -1 Ft)" in text.splitlines()


def test_a_voucher_that_paid_is_told_beside_the_money():
    text = comment_of(
        haircut(), redeemed(5000), payments=[pay(3900)], kept_off=[redeemed(5000)]
    )
    assert "Paid: Készpénz 3 900 Ft, Ajándékkártya 5 000 Ft" in text.splitlines()


# === WHAT IS ON NO INVOICE === #


def test_what_is_kept_off_is_named_with_its_amount():
    text = comment_of(haircut(), kept_off=[tip(), voucher()])
    expected = "Not part of this invoice: Ajándékkártya 5 000 Ft, Borravaló 1 000 Ft"
    assert expected in text.splitlines()


def test_what_was_paid_with_is_part_of_the_invoice():
    text = comment_of(haircut(), kept_off=[redeemed(5000)])
    assert "Not part" not in text


def test_amounts_are_in_the_documents_language():
    text = comment_of(haircut(), kept_off=[tip("0.5")], language="en", currency="EUR")
    assert "Borravaló 0.50 EUR" in text


def test_a_name_is_one_line_of_the_comment():
    assert one_line("  Két\n\tsor ") == "Két sor"
    text = comment_of(haircut(), kept_off=[tip(name="Két\nsor")])
    assert "Két sor 1 000 Ft" in text


def test_a_percent_sign_in_a_name_is_printed():
    text = comment_of(haircut(), payments=[pay(8900, name="100%"), pay(0, name="%s")])
    assert "Paid: 100% 8 900 Ft, %s 0 Ft" in text
    assert "%d" in comment_of(haircut(), kept_off=[discount(1), tip(name="%d")])
