"""Requests to Számlázz.hu: the same bytes for the same sale, valid in both editions."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from salon_invoice_bridge.billing.errors import AccountProblem, Reason, Rejected
from salon_invoice_bridge.billing.invoice import (
    Buyer,
    Cancellation,
    Kind,
    Line,
    Mail,
    PaymentKind,
    TaxKind,
)
from salon_invoice_bridge.providers.szamlazz import messages, receipt_messages
from salon_invoice_bridge.providers.szamlazz.issued import from_request, storno_of
from tests.providers.szamlazz.cases import (
    COMPANY,
    DAY,
    KINDS,
    RECEIPTS,
    WORDS,
    invoice,
    provider,
)
from tests.reference.szamlazz_xsd import violations

GOLDEN = Path(__file__).parent / "golden"


def texts(request, name):
    """Return the text of every element ``name`` in a request."""
    return [found.text or "" for found in etree.fromstring(request).iter("{*}" + name)]


def others():
    """Return the requests that are no creates, by the name of their golden file."""
    original = replace(
        storno_of(from_request(messages.create(invoice()))),
        number="SZ-2026-1",
        electronic=True,
        fulfillment_date=DAY,
    )
    cancellation = Cancellation(
        original=original,
        external_key="B" * 26,
        reason="Elírt összeg",
        emails=("iroda@example.com",),
    )
    paid = [
        (DAY, "készpénz", Decimal(1500), ""),
        (date(2026, 11, 21), "bankkártya", Decimal(500), "PayPal 300 + utalvány 200"),
    ]
    return {
        "preview": messages.create(invoice(), preview=True),
        "storno": messages.storno(original, cancellation),
        "payments": messages.payments("SZ-2026-1", paid),
        "no_payments": messages.payments("SZ-2026-1", []),
        "query_by_number": messages.query(document_number="SZ-2026-1"),
        "query_by_order": messages.query(order_number="POS-0001"),
        "query_by_key": messages.query(external_key="A" * 26),
        "pdf": messages.pdf("SZ-2026-1"),
        "delete_proforma": messages.delete_proforma("D-SZ-2026-1"),
        "taxpayer": messages.taxpayer("12345676"),
        "receipt_storno": receipt_messages.storno("NYGT-2026-1", "S" * 26),
        "receipt_by_number": receipt_messages.query(receipt_number="NYGT-2026-1"),
        "receipt_by_order": receipt_messages.query(order_number="POS-0001"),
        "receipt_pdf": receipt_messages.query(receipt_number="NYGT-2026-1", pdf=True),
        "receipt_slip": receipt_messages.query(
            receipt_number="NYGT-2026-1", pdf=True, layout=receipt_messages.SLIP
        ),
        "receipt_send": receipt_messages.send("NYGT-2026-1", "anna@example.com"),
        "receipt_send_in_words": receipt_messages.send(
            "NYGT-2026-1", "anna@example.com", WORDS
        ),
        "storno_answered": messages.storno(
            original, replace(cancellation, reply_to=WORDS.reply_to)
        ),
    }


@pytest.mark.parametrize("name", KINDS | RECEIPTS)
def test_each_kind_of_document_is_the_request_that_was_read_by_hand(name):
    expected = (GOLDEN / f"{name}.xml").read_bytes()
    assert provider().render((KINDS | RECEIPTS)[name]) == expected


@pytest.mark.parametrize("name", others())
def test_each_other_call_is_the_request_that_was_read_by_hand(name):
    assert others()[name] == (GOLDEN / f"{name}.xml").read_bytes()


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.xml")), ids=lambda f: f.stem)
def test_each_golden_request_is_valid_against_every_edition_of_its_schema(file):
    signed = messages.with_key(file.read_bytes(), "k" * 42)
    assert violations(signed) == []
    assert texts(signed, "szamlaagentkulcs") == ["k" * 42]


def test_no_rendered_request_contains_the_key():
    assert b"szamlaagentkulcs" not in provider().render(invoice())


def test_a_line_that_looks_like_markup_does_not_attract_the_key():
    line = Line(name="<beallitasok>", quantity=Decimal(1), gross=Decimal(100), vat="27")
    signed = messages.with_key(provider().render(invoice(lines=(line,))), "k" * 42)
    settings = etree.fromstring(signed)[0]
    assert etree.QName(settings[0]).localname == "szamlaagentkulcs"


@pytest.mark.parametrize("key", ["", " ", "két szó", "</szamlaagentkulcs>", "a\nb"])
def test_what_cannot_be_a_key_is_an_account_problem_and_never_sent(key):
    with pytest.raises(AccountProblem) as caught:
        messages.with_key(messages.query(document_number="X"), key)
    assert caught.value.reason is Reason.KEY
    assert not key.strip() or key not in str(caught.value)


@pytest.mark.parametrize("garbage", [b"", b"\xff", b"<xml/>", b"<xmlother xmlns='x'>"])
def test_bytes_that_are_no_request_are_refused_before_anything_is_sent(garbage):
    with pytest.raises(Rejected):
        provider().issue(garbage)


def test_a_buyer_is_mailed_only_when_told_and_only_if_there_is_an_address():
    def flag(**changes):
        return texts(provider().render(invoice(**changes)), "sendEmail")

    assert flag(buyer=COMPANY, send_email=True) == ["true"]
    assert flag(buyer=COMPANY) == ["false"]
    assert flag(send_email=True) == ["false"]


def test_our_words_are_sent_only_with_an_e_mail_and_each_only_if_it_is_said():
    def words(mail=WORDS, **changes):
        request = provider().render(invoice(mail=mail, **changes))
        names = ("emailReplyto", "emailTargy", "emailSzoveg")
        return [texts(request, name) for name in names]

    mailed = {"buyer": COMPANY, "send_email": True}
    assert words(**mailed) == [[WORDS.reply_to], [WORDS.subject], [WORDS.text]]
    assert words(Mail(reply_to="a@example.com"), **mailed) == [
        ["a@example.com"],
        [],
        [],
    ]
    assert words(buyer=COMPANY) == words(None, **mailed) == [[], [], []]
    preview = messages.create(invoice(mail=WORDS, **mailed), preview=True)
    assert not texts(preview, "emailTargy")


def test_a_storno_that_nobody_is_mailed_says_no_reply_to():
    cancellation = Cancellation(
        original=storno_of(from_request(messages.create(invoice()))),
        external_key="B" * 26,
        reply_to="a@example.com",
    )
    request = messages.storno(cancellation.original, cancellation)
    assert not texts(request, "emailReplyto")


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (PaymentKind.CASH, "készpénz"),
        (PaymentKind.CARD, "bankkártya"),
        (PaymentKind.ONLINE_CARD, "bankkártya"),
        (PaymentKind.BARION, "bankkártya"),
        (PaymentKind.BANK_TRANSFER, "átutalás"),
        (PaymentKind.PAYPAL, "PayPal"),
        (PaymentKind.SZEP_CARD, "SZÉP kártya"),
        (PaymentKind.VOUCHER, "utalvány"),
        (PaymentKind.OTHER, "készpénz"),
    ],
)
def test_each_payment_kind_has_its_hungarian_word(kind, word):
    request = provider().render(invoice(payment_kind=kind))
    assert texts(request, "fizmod") == [word]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (TaxKind.PRIVATE, "-1"),
        (TaxKind.HUNGARIAN, "1"),
        (TaxKind.EU, "6"),
        (TaxKind.FOREIGN, "7"),
    ],
)
def test_what_the_buyer_is_for_vat_is_said(kind, code):
    buyer = Buyer(name="Vevő", tax_kind=kind, tax_number="12345676-2-42")
    assert texts(provider().render(invoice(buyer=buyer)), "adoalany") == [code]


@pytest.mark.parametrize(
    ("kind", "own", "european"),
    [
        (TaxKind.PRIVATE, [], []),
        (TaxKind.HUNGARIAN, ["12345676-2-42"], ["HU12345676"]),
        (TaxKind.EU, [], ["HU12345676"]),
        (TaxKind.FOREIGN, ["12345676242"], []),
    ],
)
def test_each_tax_number_is_in_the_field_that_is_its_own(kind, own, european):
    buyer = Buyer(
        name="Vevő",
        tax_kind=kind,
        tax_number="12345676242",
        eu_tax_number="HU12345676",
    )
    request = provider().render(invoice(buyer=buyer))
    assert texts(request, "adoszam") == own
    assert texts(request, "adoszamEU") == european


@pytest.mark.parametrize("number", ["", "12345678-1-42", "12345676-9-42", "ATU1"])
def test_a_wrong_hungarian_tax_number_is_rejected_before_sending(number):
    buyer = Buyer(name="Vevő", tax_kind=TaxKind.HUNGARIAN, tax_number=number)
    with pytest.raises(Rejected):
        provider().render(invoice(buyer=buyer))


@pytest.mark.parametrize(
    ("vat", "word"),
    [("27", "27"), ("27.00", "27"), ("5", "5"), ("25.5", "25.5"), ("AAM", "AAM")]
    + [("ATK", "ATK"), ("DOMESTIC_REVERSE", "F.AFA"), ("EUFAD37", "EUFAD37")],
)
def test_vat_codes_come_from_the_table(vat, word):
    line = Line(name="X", quantity=Decimal(1), gross=Decimal(100), vat=vat)
    assert texts(provider().render(invoice(lines=(line,))), "afakulcs") == [word]


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": Kind.DRAFT},
        {"language": "xx"},
        {"currency": "XXX"},
        *(
            {"lines": (Line(name="X", quantity=Decimal(1), gross=Decimal(1), vat=vat),)}
            for vat in ("SECOND_HAND", "12.5")
        ),
    ],
    ids=str,
)
def test_what_the_service_has_no_word_for_is_rejected_before_sending(changes):
    with pytest.raises(Rejected):
        provider().render(invoice(**changes))


def test_a_foreign_invoice_without_a_rate_lets_the_service_take_the_national_banks():
    line = Line(name="Cut", quantity=Decimal(1), gross=Decimal("9.99"), vat="27")
    request = provider().render(invoice(currency="EUR", lines=(line,), tenders=()))
    assert texts(request, "arfolyamBank") == ["MNB"]
    assert texts(request, "arfolyam") == []


def test_the_vat_groups_number_is_in_the_comment_where_both_editions_allow_it():
    request = provider().render(invoice(buyer=COMPANY, comment="Köszönjük!"))
    (comment,) = texts(request, "megjegyzes")
    assert comment.splitlines() == [
        "Köszönjük!",
        "Vevő csoportazonosító száma: 12345676-5-42",
    ]


def test_characters_that_xml_cannot_hold_are_left_out():
    buyer = Buyer(name="Anna\x00\x1b\ud800 \U0001f487")
    assert texts(provider().render(invoice(buyer=buyer)), "nev") == ["Anna \U0001f487"]


def test_the_order_number_is_trimmed_like_the_service_trims_what_it_keeps():
    request = provider().render(invoice(order_number=" POS-1 "))
    assert texts(request, "rendelesSzam") == ["POS-1"]
