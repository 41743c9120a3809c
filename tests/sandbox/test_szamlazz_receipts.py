"""The emulator's receipts are refused as the facts about the real ones say."""

import pytest
import requests
from lxml import etree

from sandbox import server as sandbox
from sandbox.szamlazz import SzamlazzEmulator
from tests import clock
from tests.reference.szamlazz_xsd import watched

KEY = SzamlazzEmulator.demo["key"]


@pytest.fixture(scope="module")
def running():
    server = sandbox.start(clock=clock.now)
    yield server
    server.stop()


@pytest.fixture
def server(running):
    running.world.reset()
    with watched(running):
        yield running


def call(server, function, content):
    """Make a call and return the answer's ``{element: text}`` and its error code."""
    name = f"xmlnyugta{'st' if function == 'storno' else function}"
    body = f'<{name} xmlns="http://www.szamlazz.hu/{name}">{content}</{name}>'
    body = body.replace(
        "<beallitasok>",
        f"<beallitasok><szamlaagentkulcs>{KEY}</szamlaagentkulcs>",
    )
    field = f"action-szamla_agent_nyugta_{function}"
    files = {field: ("r.xml", body.encode(), "text/xml")}
    answer = requests.post(f"{server.url}/szamla/", files=files, timeout=10)
    assert answer.status_code == 200
    found = {
        etree.QName(element).localname: element.text
        for element in etree.fromstring(answer.content).iter()
    }
    return found, found.get("hibakod") or ""


CREATE = (
    "<beallitasok><pdfLetoltes>true</pdfLetoltes></beallitasok><fejlec>"
    "<hivasAzonosito>K1</hivasAzonosito><elotag>NYGT</elotag><fizmod>készpénz</fizmod>"
    "<penznem>HUF</penznem><rendelesSzam>R1</rendelesSzam></fejlec><tetelek><tetel>"
    "<megnevezes>Vágás</megnevezes><mennyiseg>1</mennyiseg><mennyisegiEgyseg>db"
    "</mennyisegiEgyseg><nettoEgysegar>787.40</nettoEgysegar><afakulcs>27</afakulcs>"
    "<netto>787.40</netto><afa>212.60</afa><brutto>1000</brutto></tetel></tetelek>"
    "<kifizetesek><kifizetes><fizetoeszkoz>készpénz</fizetoeszkoz><osszeg>1000</osszeg>"
    "</kifizetes></kifizetesek>"
)


def create(server, *changes):
    """Make a receipt of 1000 Ft, the one that was accepted on a test account."""
    content = CREATE
    for old, new in changes:
        assert old in content
        content = content.replace(old, new)
    return call(server, "create", content)


def ask(server, function, header, more="", settings="<pdfLetoltes>true</pdfLetoltes>"):
    """Make a call about a receipt that is there."""
    return call(
        server,
        function,
        f"<beallitasok>{settings}</beallitasok><fejlec>{header}</fejlec>{more}",
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("1000</brutto>", "999.5</brutto>", "363"),
        ("787.40</netto>", "787.402</netto>", "364"),
        ("212.60</afa>", "212.598</afa>", "365"),
        ("212.60</afa>", "212.61</afa>", "261"),
        ("787.40</nettoEgysegar>", "780</nettoEgysegar>", "262"),
        (">27</afakulcs>", ">18</afakulcs>", "263"),
        (">27</afakulcs>", ">26.5</afakulcs>", "52"),
        ("<osszeg>1000", "<osszeg>995", "340"),
        (">NYGT<", ">NYUGTA<", "337"),
        (">NYGT<", ">nygt<", "337"),
        (">NYGT<", ">SZ<", "336"),
        (">HUF<", ">EUR<", "7"),
        (">HUF<", ">XXX<", "57"),
    ],
)
def test_a_receipt_is_checked_as_documented(server, old, new, expected):
    assert create(server, (old, new))[1] == expected
    assert not server.world.ledger()["documents"]


def test_a_receipt_is_made_once_for_its_call(server):
    told, code = create(server)
    assert (told["nyugtaszam"], told["tipus"], code) == ("NYGT-2026-1", "NY", "")
    assert told["hivasAzonosito"] == "K1"
    assert create(server)[1] == "338"
    assert create(server, (">K1<", ">K2<"))[0]["nyugtaszam"] == "NYGT-2026-2"


def test_receipts_count_among_the_documents_of_the_limit(server):
    """Whether the vendor counts them is not published: the strict way to read it."""
    server.world.emulator("szamlazz").change_account(KEY, {"rate_limit": 1})
    assert create(server)[1] == ""
    field = "action-szamla_agent_nyugta_storno"
    name = "xmlnyugtast"
    body = (
        f'<{name} xmlns="http://www.szamlazz.hu/{name}"><beallitasok>'
        f"<szamlaagentkulcs>{KEY}</szamlaagentkulcs><pdfLetoltes>false</pdfLetoltes>"
        "</beallitasok><fejlec><nyugtaszam>NYGT-2026-1</nyugtaszam></fejlec>"
        f"</{name}>"
    )
    files = {field: ("r.xml", body.encode(), "text/xml")}
    answer = requests.post(f"{server.url}/szamla/", files=files, timeout=10)
    assert answer.status_code == 429
    assert ask(server, "get", "<rendelesSzam>R1</rendelesSzam>")[0]["tipus"] == "NY"


def test_a_receipt_without_tenders_is_taken(server):
    start = CREATE.index("<kifizetesek>")
    assert call(server, "create", CREATE[:start])[1] == ""


def test_the_last_receipt_of_an_order_is_found_its_storno_too(server):
    create(server)
    by_order = "<rendelesSzam>R1</rendelesSzam>"
    assert ask(server, "get", by_order)[0]["tipus"] == "NY"
    storno, _code = ask(server, "storno", "<nyugtaszam>NYGT-2026-1</nyugtaszam>")
    assert (storno["tipus"], storno["stornozott"]) == ("SN", "true")
    assert storno["stornozottNyugtaszam"] == "NYGT-2026-1"
    assert ask(server, "get", by_order)[0]["nyugtaszam"] == "NYGT-2026-2"
    original = ask(server, "get", "<nyugtaszam>NYGT-2026-1</nyugtaszam>")[0]
    assert (original["tipus"], original["stornozott"]) == ("NY", "true")


def test_a_receipt_is_reversed_once_and_its_storno_never(server):
    create(server)
    header = "<nyugtaszam>NYGT-2026-{}</nyugtaszam>"
    assert ask(server, "storno", header.format(1))[1] == ""
    assert ask(server, "storno", header.format(1))[1] == "999"
    assert ask(server, "storno", header.format(2))[1] == "999"
    assert ask(server, "storno", header.format(3))[1] == "339"


@pytest.mark.parametrize("header", ["<nyugtaszam>X</nyugtaszam>", ""])
def test_what_is_not_there_is_not_found(server, header):
    create(server)
    assert ask(server, "get", header)[1] == ("339" if header else "7")


def test_a_mail_needs_a_subject_and_a_pause(server):
    create(server)
    header = "<nyugtaszam>NYGT-2026-1</nyugtaszam>"
    details = "<email>a@example.com</email>{}"

    def send(content):
        mail = f"<emailKuldes>{content}</emailKuldes>"
        return ask(server, "send", header, mail, settings="")[1]

    assert ask(server, "send", header, settings="")[1] == ""
    assert send(details.format("")) == "7"
    assert not server.world.ledger()["mails"]
    assert send(details.format("<emailTargy>Nyugta</emailTargy>")) == ""
    assert send("") == "153"
    server.world.clock_offset += 15
    assert send("") == ""
    assert [mail["subject"] for mail in server.world.ledger()["mails"]] == [
        "Nyugta"
    ] * 2


def test_receipts_are_in_the_ledger_and_on_the_page(server):
    create(server)
    ask(server, "storno", "<nyugtaszam>NYGT-2026-1</nyugtaszam>")
    first, second = server.world.ledger()["documents"]
    assert (first["kind"], first["cancelled"], first["receipt"]) == (
        *("receipt", True),
        True,
    )
    assert (second["kind"], second["cancels"]) == ("storno", "NYGT-2026-1")
    assert float(first["gross"]) + float(second["gross"]) == 0
    page = requests.get(server.url, timeout=10).text
    assert "NYGT-2026-1" in page and ">receipt<" in page
