"""The emulator of Számla Agent answers as the facts about the real one say."""

from urllib.parse import unquote_plus

import pytest
import requests
from lxml import etree

from sandbox import server as sandbox
from sandbox.szamlazz import SzamlazzEmulator
from tests import clock
from tests.sandbox.test_szamlazz_schema import request

KEY = SzamlazzEmulator.demo["key"]
CREATE = "action-xmlagentxmlfile"


@pytest.fixture(scope="module")
def running():
    server = sandbox.start(clock=clock.now)
    yield server
    server.stop()


@pytest.fixture
def server(running):
    running.world.reset()
    return running


def post(server, body, field=CREATE, key=KEY, **options):
    """Upload a request as its file."""
    body = body.replace(
        b"<szamlaagentkulcs>k<", b"<szamlaagentkulcs>%s<" % key.encode()
    )
    files = {field: ("request.xml", body, "text/xml")}
    return requests.post(f"{server.url}/szamla/", files=files, timeout=10, **options)


def changed(old, new, **parts):
    """Return a create with one text replaced."""
    body = request(**parts)
    assert old.encode() in body
    return body.replace(old.encode(), new.encode())


def code(response):
    """Return the error code, "" for a success."""
    assert response.status_code == 200
    return response.headers.get("szlahu_error_code", "")


def test_errors_are_http_200_with_lower_case_headers_and_plus_for_spaces(server):
    response = post(server, request(), key="wrong")
    assert code(response) == "3"
    names = [name for name in response.headers if name.startswith("szlahu")]
    assert sorted(names) == ["szlahu_error", "szlahu_error_code"]
    raw = response.headers["szlahu_error"]
    assert " " not in raw and "Bejelentkezési hiba - a" in unquote_plus(raw)


@pytest.mark.parametrize("key", [KEY.upper(), KEY[:-1], ""])
def test_a_key_must_be_exactly_the_key(server, key):
    assert code(post(server, request(), key=key)) == "3"


def test_an_xml_that_is_no_file_is_error_53(server):
    url = f"{server.url}/szamla/"
    assert code(requests.post(url, data={CREATE: "<xml/>"}, timeout=10)) == "53"


def test_a_schema_error_is_57_in_the_words_of_xerces(server):
    body = changed("<fizmod>", "<fizmode>").replace(b"</fizmod>", b"</fizmode>")
    response = post(server, body)
    assert code(response) == "57"
    assert "cvc-complex-type.2.4.a" in unquote_plus(response.headers["szlahu_error"])


def test_a_request_in_the_field_of_another_function_is_refused(server):
    assert code(post(server, request(), field="action-szamla_agent_st")) == "57"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<nettoErtek>100", "<nettoErtek>102", ""),  # 2 Ft off passes
        ("<nettoEgysegar>100", "<nettoEgysegar>105", "262"),
        ("<afaErtek>27", "<afaErtek>32", "263"),
        ("<bruttoErtek>127", "<bruttoErtek>128", "264"),
        ("<afakulcs>27", "<afakulcs>26.5", "52"),
        ("<afakulcs>27", "<afakulcs>aam", "52"),
        ("<afakulcs>27", "<afakulcs>AAM", "263"),
        ("<penznem>HUF", "<penznem>XXX", "57"),
        ("<penznem>HUF", "<penznem>EUR", "7"),
        ("<nettoEgysegar>100", "<nettoEgysegar>100,0", "57"),
    ],
)
def test_the_arithmetic_and_the_words_of_a_line_are_checked(server, old, new, expected):
    body = changed(old, new)
    if "102" in new:
        body = body.replace(b"<bruttoErtek>127", b"<bruttoErtek>129")
    assert code(post(server, body)) == expected


def test_a_prefix_must_be_registered(server):
    prefix = "<szamlaszamElotag>%s</szamlaszamElotag>"
    assert code(post(server, request(header=prefix % "XX"))) == "202"
    assert code(post(server, request(header=prefix % "SZ"))) == ""


def test_totals_in_headers_have_a_decimal_comma(server):
    body = changed(
        "<penznem>HUF", "<penznem>EUR", header="<arfolyamBank>MNB</arfolyamBank>"
    )
    body = body.replace(b">100<", b">10.55<").replace(b">127<", b">13.40<")
    response = post(server, body.replace(b"<afaErtek>27", b"<afaErtek>2.85"))
    assert response.headers["szlahu_bruttovegosszeg"] == "13,40"


def test_version_1_answers_in_plain_text(server):
    response = post(server, request())
    assert response.text == "xmlagentresponse=DONE;SZ-2026-1"
    assert post(server, request(), key="x").text.startswith("[ERR] ")


def test_version_2_answers_in_xml_with_the_pdf_inside(server):
    body = changed("<szamlaLetoltes>false", "<szamlaLetoltes>true")
    body = body.replace(
        b"</beallitasok>", b"<valaszVerzio>2</valaszVerzio></beallitasok>"
    )
    root = etree.fromstring(post(server, body).content)
    assert root.findtext("{*}sikeres") == "true"
    assert root.findtext("{*}pdf").startswith("JVBERi0")


def test_a_buyer_with_an_address_is_mailed_unless_told_not_to(server):
    email = "<cim/><email>a@example.com</email>%s"
    post(server, changed("<cim/>", email % ""))
    post(server, changed("<cim/>", email % "<sendEmail>false</sendEmail>"))
    assert len(server.world.ledger()["mails"]) == 1


def test_a_mail_says_what_the_request_says(server):
    words = (
        "<emailReplyto>b@example.com</emailReplyto><emailTargy>Tárgy</emailTargy>"
        "<emailSzoveg>Szöveg</emailSzoveg>"
    )
    mailed = changed("<cim/>", "<cim/><email>a@example.com</email>", seller=words)
    post(server, mailed)
    (mail,) = server.world.ledger()["mails"]
    assert (mail["subject"], mail["text"]) == ("Tárgy", "Szöveg")
    assert mail["reply_to"] == "b@example.com"


def test_an_external_key_does_not_prevent_a_second_document(server):
    key = "<szamlaKulsoAzon>KEY</szamlaKulsoAzon>"
    for _twice in range(2):
        post(server, request(settings=key))
    documents = server.world.ledger(external_key="KEY")["documents"]
    assert [entry["number"] for entry in documents] == ["SZ-2026-1", "SZ-2026-2"]


def test_a_cookie_of_another_account_is_a_wrong_login(server):
    other = server.world.emulator("szamlazz").create_account({})
    jar = post(server, request()).cookies
    assert code(post(server, request(), cookies=jar)) == ""
    assert code(post(server, request(), key=other["key"], cookies=jar)) == "3"


def test_a_document_of_another_account_is_unknown(server):
    other = server.world.emulator("szamlazz").create_account({})
    post(server, request())
    query = (
        b'<xmlszamlaxml xmlns="http://www.szamlazz.hu/xmlszamlaxml">'
        b"<szamlaagentkulcs>k</szamlaagentkulcs><szamlaszam>SZ-2026-1</szamlaszam>"
        b"</xmlszamlaxml>"
    )
    field = "action-szamla_agent_xml"
    assert b"<szamla " in post(server, query, field).content
    response = post(server, query, field, key=other["key"])
    assert code(response) == ""  # in the body only
    assert b"<hibakod>7</hibakod>" in response.content


def test_the_ledger_keeps_the_request_without_the_key(server):
    post(server, request())
    (entry,) = server.world.ledger()["documents"]
    assert "<nettoEgysegar>100" in entry["request"]
    assert KEY not in entry["request"]


def test_the_page_shows_a_document_and_escapes_its_buyer(server):
    post(server, changed("<nev>V", "<nev>&lt;script&gt;"))
    page = requests.get(server.url, timeout=10).text
    assert "SZ-2026-1" in page and "&lt;script&gt;" in page and "<script>" not in page


def test_documents_survive_a_restart(tmp_path):
    state = str(tmp_path / "state.json")
    first = sandbox.start(state_file=state, clock=clock.now)
    post(first, request())
    first.stop()
    second = sandbox.start(state_file=state, clock=clock.now)
    try:
        assert post(second, request()).text.endswith("SZ-2026-2")
    finally:
        second.stop()


def test_ten_minutes_see_no_more_documents_than_the_limit(server):
    (account,) = server.world.emulator("szamlazz").state["accounts"].values()
    account["rate_limit"] = 2
    made = [post(server, request(), key=KEY).status_code for _document in range(3)]
    assert made == [200, 200, 429]
    server.world.clock_offset += 599
    assert post(server, request()).status_code == 429
    server.world.clock_offset += 1
    assert post(server, request()).status_code == 200
