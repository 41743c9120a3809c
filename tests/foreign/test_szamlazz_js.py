"""szamlazz.js, a client that nobody here wrote, works with the emulator.

It knows no credit entries: "paid" on the invoice is how it pays.
"""

from decimal import Decimal

import pytest

from salon_invoice_bridge.billing.compare import differences
from sandbox import server as sandbox
from tests import clock
from tests.providers.szamlazz.cases import KEY, cancellation, invoice, issue, provider
from tests.reference.szamlazz_xsd import watched

BUYER = {
    "name": "Kovács Anna",
    "zip": "1111",
    "city": "Budapest",
    "address": "Példa utca 1.",
}
BOOKS = {
    "label": "Könyv",
    "quantity": 3,
    "unit": "db",
    "vat": 27,
    "grossUnitPrice": 500,
}


@pytest.fixture
def server():
    running = sandbox.start(clock=clock.now)
    with watched(running):
        yield running
    running.stop()


@pytest.fixture
def agent(server):
    made = provider(server.url)
    yield made
    made.close()


@pytest.fixture
def foreign(server, szamlazz_js):
    return lambda *steps: szamlazz_js(server.url, KEY, *steps)


def sale(**more):
    """Return a step that issues an invoice over 1500 Ft."""
    return ["issue", {"buyer": BUYER, "items": [BOOKS], **more}]


def test_it_issues_an_invoice_and_reads_its_number_and_totals(foreign):
    (issued,) = foreign(sale())
    assert issued["invoiceId"] == "SZ-2026-1"
    assert (issued["netTotal"], issued["grossTotal"]) == ("1181", "1500")


@pytest.mark.parametrize("version", [1, 2])
def test_it_gets_the_pdf_in_both_forms_of_answer(foreign, version):
    client = {"requestInvoiceDownload": True, "responseVersion": version}
    (issued,) = foreign(sale(client=client))
    assert issued["pdf"] == "%PDF-"


def test_it_queries_what_it_paid(foreign):
    _issued, found = foreign(
        sale(invoice={"orderNumber": "POS-7", "paid": True}),
        ["query", {"orderNumber": "POS-7"}],
    )
    (head,) = found["alap"]
    assert (head["szamlaszam"], head["tipus"]) == (["SZ-2026-1"], ["SZ"])
    (paid,) = found["kifizetesek"][0]["kifizetes"]
    assert paid["osszeg"] == ["1500"]
    assert found["osszegek"][0]["totalossz"][0]["brutto"] == ["1500"]


def test_it_reverses_an_invoice(foreign):
    issued, storno, found = foreign(
        sale(),
        [
            "reverse",
            {
                "invoiceId": "SZ-2026-1",
                "eInvoice": False,
                "requestInvoiceDownload": False,
            },
        ],
        ["query", {"invoiceId": "SZ-2026-1"}],
    )
    assert storno["invoiceId"] != issued["invoiceId"]
    assert storno["grossTotal"] == "-1500"
    assert found["alap"][0]["sztornozott"] == ["true"]


def test_it_understands_the_errors(server, foreign):
    unknown, wrong_prefix = foreign(
        ["query", {"invoiceId": "SZ-2026-99"}],
        sale(invoice={"invoiceIdPrefix": "NINCS"}),
    )
    assert unknown["code"] == "7"
    assert wrong_prefix["code"] == "202"
    assert "előtag" in wrong_prefix["error"]


def test_our_strategy_reads_what_it_issued(foreign, agent):
    foreign(sale(invoice={"orderNumber": "POS-8", "comment": "Köszönjük!"}))
    found = agent.find(invoice(order_number="POS-8"))
    assert (found.number, found.gross) == ("SZ-2026-1", Decimal(1500))
    assert (found.buyer_name, found.comment) == ("Kovács Anna", "Köszönjük!")
    assert differences(invoice(order_number="POS-8"), found) == (
        ("gross", Decimal(2000), Decimal(1500)),
    )


def test_it_reads_what_our_strategy_issued_and_reversed(foreign, agent):
    original = issue(agent)
    agent.cancel(cancellation(original, reason="Elírás"))
    first, storno = foreign(
        ["query", {"invoiceId": original.number}],
        ["query", {"orderNumber": original.order_number}],
    )
    assert first["alap"][0]["sztornozott"] == ["true"]
    assert storno["alap"][0]["tipus"] == ["SS"]
    assert storno["alap"][0]["hivszamlaszam"] == [original.number]
    names = [line["nev"][0] for line in storno["tetelek"][0]["tetel"]]
    assert names == ["Női hajvágás", "Borravaló"]
