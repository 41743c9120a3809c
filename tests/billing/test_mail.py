"""What a service's e-mail says in the salon's words."""

from dataclasses import replace

import pytest

from salon_invoice_bridge.billing.build import build
from salon_invoice_bridge.billing.codec import from_json, to_json
from salon_invoice_bridge.billing.invoice import Invoice, Kind, Mail
from salon_invoice_bridge.billing.mail import MailTemplate, unknown_name, write_mail
from salon_invoice_bridge.billing.sale import Customer
from tests.clock import DAY

from .salon import KEY, haircut, make_policy, make_sale

TEMPLATE = MailTemplate(
    subject="{document}, {company}",
    text="Bizonylat: {reference}\n\n{shop}",
    reply_to="recepcio@example.com",
    company="Minta Szalon Kft.",
    shop="Belváros",
    words={Kind.INVOICE: "számla", Kind.RECEIPT: "nyugta"},
)
ANNA = Customer(
    partner=5,
    name="Kis Anna",
    emails=("anna@example.com",),
    postcode="1061",
    city="Budapest",
    street="Király utca 1.",
)


def built(kind=Kind.INVOICE, customer=ANNA, **changes):
    """Return the document of a haircut at a till with :data:`TEMPLATE`."""
    policy = make_policy(**{"mail": TEMPLATE, **changes})
    sale = replace(make_sale(haircut()), customer=customer)
    return build(sale, policy, KEY, kind=kind, today=DAY)


def test_names_in_braces_are_those_of_the_sale():
    assert built().mail == Mail(
        subject="számla, Minta Szalon Kft.",
        text="Bizonylat: 260-1-000042\n\nBelváros",
        reply_to="recepcio@example.com",
    )


def test_a_receipt_is_called_one_and_has_its_words_without_an_address():
    assert built(Kind.RECEIPT, customer=None).mail.subject == (
        "nyugta, Minta Szalon Kft."
    )


@pytest.mark.parametrize(
    "silent",
    [
        {"mail": None},
        {"mail": MailTemplate(company="Minta Szalon Kft.")},
        {"send_email": False},
        {"customer": None},
        {"customer": replace(ANNA, emails=())},
    ],
)
def test_nothing_is_frozen_where_nothing_is_mailed_or_said(silent):
    made = built(**silent)
    assert made.mail is None
    assert "mail" not in to_json(made)


def test_the_words_come_back_as_they_were_frozen():
    made = built()
    assert from_json(Invoice, to_json(made)) == made


@pytest.mark.parametrize(
    ("subject", "line"),
    [
        ("Két\r\nsor", "Két sor"),
        ("  szóköz  ", "szóköz"),
        ("{ismeretlen}!", "!"),
        ("{company", "{company"),
    ],
)
def test_a_subject_is_one_line_without_unknown_names(subject, line):
    template = MailTemplate(subject=subject)
    assert write_mail(template, Kind.INVOICE, "1").subject == line


def test_what_a_name_in_braces_stands_for_is_not_read_again():
    template = MailTemplate(subject="{company}", company="{reference}")
    assert write_mail(template, Kind.INVOICE, "1").subject == "{reference}"


def test_the_number_is_no_name_for_it_is_given_afterwards():
    assert unknown_name("{company} {number}") == "number"
    assert unknown_name("{company} {shop} {reference} {document}") is None
