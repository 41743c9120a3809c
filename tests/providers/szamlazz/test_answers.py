"""Answers of Számlázz.hu: the recorded ones are understood, the others do no harm."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers import szamlazz_answers as answers
from providers.errors import (
    AccountProblem,
    NotProcessed,
    OutcomeUnknown,
    ProviderError,
    Reason,
    Rejected,
)
from providers.http import Answer
from providers.invoice import Kind
from tests.providers.szamlazz.cases import invoice, provider
from tests.reference.szamlazz_xsd import SAMPLES

XML = "<xmlszamlavalasz xmlns='http://www.szamlazz.hu/xmlszamlavalasz'>%s"
SUCCESS = XML % (
    "<sikeres>true</sikeres><szamlaszam>SZ-2026-12</szamlaszam><szamlanetto>1681"
    "</szamlanetto><szamlabrutto>2000</szamlabrutto></xmlszamlavalasz>"
)


def sample(name):
    """Return a recorded answer, or skip where they are not at hand."""
    if not SAMPLES.is_dir():
        pytest.skip("no samples in SALON_REFERENCE")
    (file,) = (SAMPLES / "responses").glob(f"{name}*")
    return file.read_bytes()


def answering(body=b"", status=200, **headers):
    """Return a strategy whose service answers just this."""
    made = provider()
    body = body.encode() if isinstance(body, str) else body
    made.http.send = lambda *_args, **_options: Answer(status, headers, body)
    return made


def issue(made):
    """Issue an invoice with the strategy ``made``."""
    return made.issue(made.render(invoice()))


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


@pytest.mark.parametrize("name", ["taxpayer_nav20", "taxpayer_nav30"])
def test_both_versions_of_a_recorded_taxpayer_are_read(name):
    taxpayer = answering(sample(name)).check_taxpayer("12345676-1-42")
    assert taxpayer.valid is True
    assert taxpayer.name.endswith("TÁRSASÁG")
    assert (taxpayer.country, taxpayer.city) == ("HU", "BUDAPEST")
    assert "UTCA" in taxpayer.street


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


# === ANSWERS THAT ARE NOT THE SERVICE'S === #


@pytest.mark.parametrize("length", range(0, len(SUCCESS), 7))
def test_a_body_that_ends_too_early_is_never_a_document(length):
    with pytest.raises(OutcomeUnknown):
        issue(answering(SUCCESS[:length]))


def test_half_a_document_number_is_not_another_documents_number():
    cut = SUCCESS[: SUCCESS.index("12</szamlaszam>") + 1]
    with pytest.raises(OutcomeUnknown):
        issue(answering(cut))


@pytest.mark.parametrize("status", [301, 400, 403, 404, 500, 502, 503, 504])
def test_a_page_of_a_proxy_leaves_the_outcome_unknown(status):
    with pytest.raises(OutcomeUnknown):
        issue(answering("<html><body>Bad Gateway</body></html>", status))


def test_too_many_requests_is_certainly_not_processed():
    with pytest.raises(NotProcessed) as caught:
        issue(answering("", 429, **{"retry-after": "30"}))
    assert caught.value.retry_after == 30


@pytest.mark.parametrize("page", ["<html/>", "", "OK", SUCCESS])
def test_a_page_that_is_no_answer_does_not_verify_a_key(page):
    with pytest.raises(NotProcessed):
        answering(page).verify()


def test_entities_are_not_expanded_and_a_doctype_is_not_read():
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "SZ-1"><!ENTITY b "&a;&a;&a;&a;">]>'
        + XML % "<sikeres>true</sikeres><szamlaszam>&b;</szamlaszam></xmlszamlavalasz>"
    )
    with pytest.raises(OutcomeUnknown):
        issue(answering(bomb))


def test_files_of_this_machine_cannot_be_read_through_an_answer():
    attack = (
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
        + XML % "<sikeres>true</sikeres><szamlaszam>&f;</szamlaszam></xmlszamlavalasz>"
    )
    with pytest.raises(OutcomeUnknown):
        issue(answering(attack))


def test_a_link_that_is_not_a_web_address_is_left_out():
    issued = issue(answering(SUCCESS, szlahu_vevoifiokurl="javascript%3Aalert%281%29"))
    assert issued.public_url == ""


PIECES = st.sampled_from(
    [
        *("<szamla>", "</szamla>", "<alap>", "</alap>", "<tipus>SZ</tipus>", "&", "\0"),
        *("<sikeres>", "true", "false", "</sikeres>", "<hibakod>", "7", "</hibakod>"),
        *("<xmlszamlavalasz>", "</xmlszamlavalasz>", "<szamlaszam>X-1</szamlaszam>"),
        *("<pdf>", "JVBERi0=", "</pdf>", "%PDF", "<!--", "<![CDATA[", "]]>", "é"),
        *("<szamlabrutto>1e9999</szamlabrutto>", "<?xml version='1.0'?>", "1.0E7"),
    ]
)
BODIES = st.binary(max_size=300) | st.lists(PIECES, max_size=20).map(
    lambda pieces: "".join(pieces).encode()
)
HEADERS = st.dictionaries(
    st.sampled_from(
        "szlahu_szamlaszam szlahu_error szlahu_error_code szlahu_down retry-after "
        "szlahu_bruttovegosszeg szlahu_kintlevoseg szlahu_vevoifiokurl".split()
    ),
    st.text(st.characters(max_codepoint=255), max_size=20)
    | st.sampled_from(["56", "7", "152", "NaN", "1,5", "%ff"]),
    max_size=4,
)


@settings(max_examples=1000, deadline=None)
@given(BODIES, HEADERS, st.sampled_from([200, 200, 200, 302, 404, 429, 500]))
def test_whatever_is_answered_ends_in_the_vocabulary(body, headers, status):
    made = answering(body, status, **headers)
    document = None
    try:
        document = issue(made)
    except ProviderError:
        pass
    if document:
        assert document.number
    for read in (made.verify, lambda: made.find(invoice()), _download(made)):
        try:
            read()
        except OutcomeUnknown:
            pytest.fail("a question cannot have an unknown outcome")
        except ProviderError:
            pass


def _download(made):
    from providers.szamlazz_issued import from_request

    document = from_request(made.render(invoice()))
    return lambda: made.download(document)
