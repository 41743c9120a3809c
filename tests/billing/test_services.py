"""What each service is told of a sale, from the till's lines to the request."""

import json
from dataclasses import replace

import pytest
from lxml import etree

from salon_invoice_bridge.billing.invoice import BankAccount, PaymentKind
from salon_invoice_bridge.providers import registry
from salon_invoice_bridge.providers.base import Credentials

from .salon import (
    CARD,
    haircut,
    line,
    make_customer,
    make_invoice,
    make_policy,
    make_sale,
    pay,
    tip,
)


def request(code, sale, **policy):
    """Return the bytes that a service gets of ``sale``."""
    capabilities = registry.get(code).capabilities
    policy = make_policy(
        **{
            "block": {"billingo": "11", "billingo_v2": "31"}.get(code, ""),
            "needs_address": capabilities.persistent_partners,
            "has_other_payment": capabilities.other_payment is not None,
            **policy,
        }
    )
    strategy = registry.get(code)(Credentials(api_key="k" * 42, public_key="p"))
    return strategy.render(replace(make_invoice(sale, policy), partner_id="1001"))


def sent(code, sale, **policy):
    """Return what a service gets: a dict at Billingo, flat at Számlázz.hu.

    Flat: the texts by their element's name, of the header and the buyer.
    """
    text = request(code, sale, **policy)
    if code != "szamlazz":
        return json.loads(text)
    return {
        etree.QName(cell).localname: cell.text or ""
        for part in etree.fromstring(text)
        if etree.QName(part).localname != "tetelek"
        for cell in part
    }


def rows(sale, **policy):
    """Return the lines that Számlázz.hu gets, each as a dict."""
    root = etree.fromstring(request("szamlazz", sale, **policy))
    return [
        {etree.QName(cell).localname: cell.text or "" for cell in row}
        for row in root.iterfind("{*}tetelek/{*}tetel")
    ]


def paid_by(kind, **policy):
    """Return a haircut that was paid by a method of ``kind``, and its policy."""
    sale = make_sale(haircut(), payments=[pay(8900, CARD)])
    return sale, {"payment_kinds": {CARD: PaymentKind(kind)}, **policy}


# === BILLINGO (SEED 002) === #


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("cash", "cash"),
        ("card", "bankcard"),
        ("online_card", "online_bankcard"),
        ("barion", "barion"),
        ("bank_transfer", "elore_utalas"),
        ("other", "other"),
        ("paypal", "paypal"),
        ("szep_card", "szep_card"),
        ("voucher", "utalvany"),
    ],
)
def test_payment_methods_are_mapped(kind, word):
    """Cash: Cash. Card: Bankcard. Online card: Online bankcard. Barion: Barion.
    Bank transfer: Advance transfer. Other: Other."""
    sale, policy = paid_by(kind)
    told = sent("billingo", sale, **policy)
    assert (told["payment_method"], told["paid"]) == (word, True)


def test_three_for_a_price_that_no_third_gives_are_three_on_the_document():
    """2 x 999 + 1 x 1,000 = 2,998: NAV is told of three pieces, not of one."""
    items = sent("billingo", make_sale(haircut(2998, quantity=3)))["items"]
    assert [(item["quantity"], item["unit_price"]) for item in items] == [
        (2, 999),
        (1, 1000),
    ]


def test_a_tip_is_a_separate_line_at_0_percent():
    """Tip: separate line item with 0% VAT."""
    items = sent("billingo", make_sale(haircut(), tip(900)))["items"]
    told = [(item["vat"], item["unit_price"]) for item in items]
    assert told == [("27%", 8900), ("0%", 900)]
    assert items[1]["entitlement"] == "ATK"


def test_the_order_number_is_printed_and_nothing_is_rounded():
    settings = sent("billingo", make_sale(haircut()))["settings"]
    assert settings["order_number"] == "260-1-000042-ABCDEF"
    assert settings["round"] == "none"


# === BILLINGO, API V2 === #


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("cash", 1),
        ("card", 5),
        ("online_card", 5),
        ("barion", 5),
        ("bank_transfer", 2),
        ("paypal", 7),
        ("other", 1),
        ("szep_card", 6),
        ("voucher", 12),
    ],
)
def test_payment_methods_are_mapped_in_v2(kind, number):
    """Cash 1; card, online card and Barion 5; transfer 2; PayPal 7; Other: what
    the company has chosen."""
    sale, policy = paid_by(kind, default_payment_kind=PaymentKind.CASH)
    assert sent("billingo_v2", sale, **policy)["payment_method"] == number


def test_other_is_what_the_company_has_chosen():
    sale, policy = paid_by("other", default_payment_kind=PaymentKind.CARD)
    assert sent("billingo_v2", sale, **policy)["payment_method"] == 5


def test_the_bank_account_is_on_the_document():
    listed = BankAccount(id="41", name="Minta Bank", currency="HUF")
    told = sent(
        "billingo_v2",
        make_sale(haircut()),
        bank_account="41",
        bank_accounts=(listed,),
    )
    assert told["bank_account_uid"] == 41


# === SZÁMLÁZZ.HU (SEED 003) === #


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("cash", "készpénz"),
        ("card", "bankkártya"),
        ("online_card", "bankkártya"),
        ("barion", "bankkártya"),
        ("bank_transfer", "átutalás"),
        ("paypal", "PayPal"),
        ("other", "készpénz"),
        ("szep_card", "SZÉP kártya"),
        ("voucher", "utalvány"),
    ],
)
def test_payment_methods_are_mapped_at_szamlazz(kind, word):
    """Cash: Cash. Card, Online card, Barion: CreditCard. Bank transfer:
    BankTransfer. PayPal: PayPal. Other: Cash."""
    sale, policy = paid_by(kind)
    told = sent("szamlazz", sale, **policy)
    assert (told["fizmod"], told["fizetve"]) == (word, "true")


def test_a_tip_is_a_separate_line_at_szamlazz():
    """Separate line item with 0% VAT. (Only if you actively handle tip field.)"""
    first, second = rows(make_sale(haircut(), tip(900)))
    assert (first["afakulcs"], second["afakulcs"]) == ("27", "ATK")
    assert (second["afaErtek"], second["bruttoErtek"]) == ("0", "900")


def test_1500_forints_are_1181_and_319():
    """3 x 500 at 27%: net 1,181 and VAT 319, as the service's own example has it;
    Odoo makes 1,181.10 + 318.90 of it."""
    (row,) = rows(make_sale(line("Arcmaszk", 1500, quantity=3)))
    assert (row["nettoErtek"], row["afaErtek"], row["bruttoErtek"]) == (
        "1181",
        "319",
        "1500",
    )


def test_the_typed_bank_is_on_the_document():
    told = sent(
        "szamlazz",
        make_sale(haircut()),
        bank_account="11111111-22222222-33333333",
        bank_name="Minta Bank",
        bank_accounts=(),
    )
    assert (told["bank"], told["bankszamlaszam"]) == (
        "Minta Bank",
        "11111111-22222222-33333333",
    )


def test_a_customers_empty_address_stays_empty_where_it_may():
    customer = make_customer(postcode="", city="", street="")
    told = sent("szamlazz", make_sale(haircut(), customer=customer))
    assert (told["irsz"], told["cim"]) == ("", "")


def test_a_walk_in_is_a_private_person_inline():
    """Without customer record: Számlázz.hu "Private person" inline."""
    told = sent("szamlazz", make_sale(haircut()))
    assert (told["nev"], told["adoalany"]) == ("Magánszemély", "-1")


def test_send_email_is_set_by_the_address():
    """Bookinda sets based on email address: email exists = TRUE, no email = FALSE."""
    for emails, word in ((("zsofia@example.com",), "true"), ((), "false")):
        customer = make_customer(emails=emails)
        sale = make_sale(haircut(), customer=customer)
        assert sent("szamlazz", sale)["sendEmail"] == word
