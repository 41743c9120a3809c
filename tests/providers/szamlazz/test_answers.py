"""Answers of Számlázz.hu: the recorded ones are understood, the others do no harm."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from salon_invoice_bridge.billing.errors import (
    AccountProblem,
    AlreadyExists,
    NotProcessed,
    OutcomeUnknown,
    Reason,
    Rejected,
)
from salon_invoice_bridge.billing.invoice import Cancellation, Kind
from salon_invoice_bridge.providers.http import Answer
from salon_invoice_bridge.providers.szamlazz import answers
from tests.providers.szamlazz.cases import SUCCESS, answering, issue, provider
from tests.reference.szamlazz_xsd import SAMPLES


def sample(name):
    """Return a recorded answer, or skip where they are not at hand."""
    if not SAMPLES.is_dir():
        pytest.skip("no samples in SALON_REFERENCE")
    (file,) = (SAMPLES / "responses").glob(f"{name}*")
    return file.read_bytes()


# === RECORDED ANSWERS === #


@pytest.mark.parametrize(
    ("name", "number", "gross"),
    [
        ("create_success_v2.REAL", "E-C-2024-9", 1000),
        ("create_success_v2.docs", "XXX-2012-3", 38100),
        ("create_success_with_pdf", "2016-139", 6605),
        ("create_success_without_pdf", "2016-139", 6605),
        ("create_success_synthetic", "XXX-2012-3", 38100),
    ],
)
def test_a_recorded_success_is_an_issued_document(name, number, gross):
    issued = issue(answering(sample(name)))
    assert (issued.number, issued.gross) == (number, gross)
    assert issued.warning == ""


def test_a_recorded_storno_has_its_number_and_its_negative_total():
    reply = answers.read(Answer(200, {}, sample("storno_success.REAL")), 0)
    assert (reply.number, reply.gross) == ("VIDRA-2020-14", -5000)
    assert reply.public_url.startswith("https://www.szamlazz.hu/szamla/?page=")
    assert "&amp;" not in reply.public_url


def test_an_answer_with_a_bare_ampersand_is_still_read():
    reply = answers.read(Answer(200, {}, sample("credit_entry_success")), 0)
    assert (reply.number, reply.outstanding) == ("XXX-2012-3", 0)
    assert "&szfejguid=" in reply.public_url


@pytest.mark.parametrize(
    ("name", "error", "code"),
    [
        ("create_error3", AccountProblem, "3"),
        ("credit_entry_error3", AccountProblem, "3"),
        ("storno_error173", Rejected, "173"),
        ("proforma_delete_error335", Rejected, "335"),
    ],
)
def test_a_recorded_error_is_what_its_code_means(name, error, code):
    with pytest.raises(error) as caught:
        issue(answering(sample(name)))
    assert caught.value.code == code


def test_the_recorded_error_7_means_that_the_key_is_good():
    answering(sample("query_error7")).verify()


def test_the_recorded_error_3_means_that_the_key_is_bad():
    with pytest.raises(AccountProblem):
        answering(sample("create_error3")).verify()


def test_the_vendors_example_of_a_queried_proforma_is_read_though_it_is_not_valid():
    found = answers.document(answers.parse(sample("query_xml_szamla")))
    assert (found.number, found.kind) == ("D-LOLO-66", Kind.PROFORMA)
    assert (found.gross, found.net, found.outstanding) == (557, 464, 542)
    assert found.issue_date == date(2024, 10, 9)
    assert found.buyer_name == "Customer name"


@pytest.mark.parametrize(
    ("name", "core", "title", "street"),
    [
        (
            *("taxpayer_nav20", "13421739"),
            "KBOSS.HU KERESKEDELMI ÉS SZOLGÁLTATÓ KORLÁTOLT FELELŐSSÉGŰ TÁRSASÁG",
            "Záhony utca 7.",
        ),
        ("taxpayer_nav30", "12345678", "Minta Kft.", "Példa utca 1."),
    ],
)
def test_both_versions_of_a_recorded_taxpayer_are_read(name, core, title, street):
    taxpayer = answering(sample(name)).check_taxpayer(core)
    assert (taxpayer.valid, taxpayer.name) == (True, title)
    assert taxpayer.organization is True
    # Version 2.0 has no county here, the other one no valid check digit.
    assert taxpayer.tax_number == ""
    (place,) = taxpayer.addresses
    assert (place.kind, place.country, place.city) == ("HQ", "HU", "Budapest")
    assert place.street == street


def test_the_data_of_another_taxpayer_are_no_answer():
    with pytest.raises(NotProcessed):
        answering(sample("taxpayer_nav30")).check_taxpayer("13421739")


def test_the_recorded_text_of_a_schema_error_leaves_the_outcome_unknown():
    with pytest.raises(OutcomeUnknown):
        issue(answering(sample("text_xml_parse_error57")))


# === HEADERS === #


def test_headers_are_believed_before_the_body_and_decoded_like_a_form():
    issued = issue(
        answering(
            "not XML at all",
            szlahu_szamlaszam="SZ%2F2026-7",
            szlahu_bruttovegosszeg="100,01",
            szlahu_nettovegosszeg="78,75",
            szlahu_kintlevoseg="0",
            szlahu_vevoifiokurl="https%3A%2F%2Fwww.szamlazz.hu%2Fszamla%2F%3Fa%3D1",
        )
    )
    assert issued.number == "SZ/2026-7"
    assert (issued.gross, issued.net) == (Decimal("100.01"), Decimal("78.75"))
    assert issued.outstanding == 0
    assert issued.public_url == "https://www.szamlazz.hu/szamla/?a=1"


def test_an_error_in_a_header_is_read_with_its_spaces():
    with pytest.raises(Rejected) as caught:
        issue(
            answering(szlahu_error_code="57", szlahu_error="XML+beolvas%C3%A1si+hiba.")
        )
    assert str(caught.value) == "XML beolvasási hiba."


def test_maintenance_is_an_unknown_outcome_for_a_create_and_patience_for_a_query():
    down = answering("", szlahu_down="true")
    with pytest.raises(OutcomeUnknown) as caught:
        issue(down)
    assert caught.value.reason is Reason.MAINTENANCE
    with pytest.raises(NotProcessed) as caught:
        down.verify()
    assert caught.value.reason is Reason.MAINTENANCE


def test_an_invoice_whose_mail_failed_is_issued_with_a_warning():
    issued = issue(
        answering(
            szlahu_error_code="56",
            szlahu_error="E-mail+hiba",
            szlahu_szamlaszam="SZ-2026-9",
        )
    )
    assert issued.number == "SZ-2026-9"
    assert issued.gross == 2000
    assert issued.warning.startswith("E-mail hiba")


def test_a_failed_mail_without_a_number_leaves_the_outcome_unknown():
    with pytest.raises(OutcomeUnknown):
        issue(answering(szlahu_error_code="56", szlahu_error="E-mail+hiba"))


@pytest.mark.parametrize(
    ("codes", "error", "reason"),
    [
        ("13 52 53 57 73 173 259 260 261 262 263 264", Rejected, Reason.CONTENT),
        ("352 374 395 396 537 538 539 551 556", Rejected, Reason.CONTENT),
        ("336 337 340 363 364 365", Rejected, Reason.CONTENT),
        ("7", Rejected, Reason.CONTENT),
        ("14 221 463", Rejected, Reason.CLOSED),
        ("335 339", Rejected, Reason.NOT_FOUND),
        ("3 135 164 250", AccountProblem, Reason.KEY),
        ("136", AccountProblem, Reason.SUBSCRIPTION),
        ("49 54 202", AccountProblem, Reason.SETUP),
        ("71 152 338", AlreadyExists, Reason.DUPLICATE),
        ("1", OutcomeUnknown, Reason.MAINTENANCE),
        ("55", OutcomeUnknown, Reason.SERVER_ERROR),
        ("153", NotProcessed, Reason.RATE_LIMIT),
    ],
)
def test_each_explained_code_decides_what_happens_next(codes, error, reason):
    for code in codes.split():
        with pytest.raises(error) as caught:
            issue(answering(szlahu_error_code=code, szlahu_error="x"))
        assert (caught.value.reason, caught.value.code) == (reason, code)


@pytest.mark.parametrize("code", ["50", "205", "9999", "abc", "-1", "3.0"])
def test_a_code_that_nobody_explained_leaves_the_outcome_unknown(code):
    with pytest.raises(OutcomeUnknown) as caught:
        issue(answering(szlahu_error_code=code))
    assert caught.value.code == code


def test_a_key_that_the_service_repeats_is_not_in_the_error():
    echo = f"Ismeretlen kulcs: {provider().credentials.api_key}"
    with pytest.raises(AccountProblem) as caught:
        issue(answering(szlahu_error_code="3", szlahu_error=echo))
    assert provider().credentials.api_key not in str(caught.value)


# === ANSWERS ABOUT SOMETHING ELSE === #

QUERIED = (
    "<szamla><alap><szamlaszam>SZ-1</szamlaszam><tipus>SZ</tipus><eszamla>1</eszamla>"
    "<telj>2026-11-20</telj><devizanem>Ft</devizanem></alap><osszegek><totalossz>"
    "<brutto>2000.0</brutto></totalossz></osszegek></szamla>"
)


def reversing(**headers):
    """Ask for the storno of SZ-1 and let the service answer with ``headers``."""
    made = provider()
    replies = iter([Answer(200, {}, QUERIED.encode()), Answer(200, headers, b"")])
    made.http.send = lambda *_args, **_options: next(replies)
    original = answers.document(answers.parse(QUERIED.encode()))
    return made.cancel(Cancellation(original=original, external_key="S" * 26))


def test_forints_have_one_name():
    assert answers.document(answers.parse(QUERIED.encode())).currency == "HUF"


@pytest.mark.parametrize(
    ("word", "sandbox"), [("true", True), ("1", True), ("false", False), (None, None)]
)
def test_a_document_of_a_test_account_says_so(word, sandbox):
    said = f"<teszt>{word}</teszt></alap>" if word else "</alap>"
    root = answers.parse(QUERIED.replace("</alap>", said).encode())
    assert answers.document(root).sandbox is sandbox


@pytest.mark.parametrize(
    ("currency", "told", "rate"),
    [
        ("EUR", "402.15", Decimal("402.15")),
        ("EUR", "0", None),
        ("EUR", "", None),
        ("EUR", None, None),
        ("Ft", "1.0", None),
        ("HUF", "1.0", None),
    ],
)
def test_a_document_in_another_currency_tells_its_exchange_rate(currency, told, rate):
    said = "" if told is None else f"<devizaarf>{told}</devizaarf>"
    body = QUERIED.replace(">Ft</devizanem>", f">{currency}</devizanem>{said}")
    assert answers.document(answers.parse(body.encode())).exchange_rate == rate


def test_a_storno_without_a_total_has_the_originals_with_a_minus():
    storno = reversing(szlahu_szamlaszam="SZ-2")
    assert (storno.number, storno.gross) == ("SZ-2", -2000)
    assert storno.warning


def test_an_original_that_comes_back_as_its_own_storno_was_not_reversed():
    with pytest.raises(Rejected) as caught:
        reversing(szlahu_szamlaszam="SZ-1", szlahu_bruttovegosszeg="2000")
    assert caught.value.reason is Reason.CLOSED


def test_a_storno_with_a_positive_total_is_not_believed():
    with pytest.raises(OutcomeUnknown):
        reversing(szlahu_szamlaszam="SZ-2", szlahu_bruttovegosszeg="2000")


def test_payments_of_another_document_are_not_believed():
    document = answers.document(answers.parse(QUERIED.encode()))
    with pytest.raises(OutcomeUnknown):
        answering(SUCCESS).undo_payments(document)


def test_another_document_than_the_one_asked_for_is_not_believed():
    document = answers.document(answers.parse(QUERIED.encode()))
    other = replace(document, number="SZ-99")
    for read in (answering(QUERIED).get, answering(SUCCESS).download):
        with pytest.raises(NotProcessed) as caught:
            read(other)
        assert caught.value.reason is Reason.UNREADABLE


def test_a_pdf_without_its_documents_number_is_taken_as_it_is():
    document = answers.document(answers.parse(QUERIED.encode()))
    assert answering(b"%PDF-1.4 ...").download(document) == b"%PDF-1.4 ..."
