"""Answers that are not Számlázz.hu's: proxies, attacks, half an answer, noise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.errors import (
    NotProcessed,
    OutcomeUnknown,
    ProviderError,
)
from salon_invoice_bridge.providers.szamlazz.issued import from_request
from tests.examples import examples
from tests.providers.szamlazz.cases import SUCCESS, XML, answering, invoice, issue


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


@pytest.mark.parametrize("status", [201, 302, 403, 500])
def test_a_success_under_another_status_is_not_believed(status):
    with pytest.raises(OutcomeUnknown):
        issue(answering(SUCCESS, status))


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


@examples(200)
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
    document = from_request(made.render(invoice()))
    return lambda: made.download(document)
