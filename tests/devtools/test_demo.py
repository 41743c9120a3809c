"""What ./dev demo shows is what happened."""

import json

import pytest

from devtools import demo, salon
from devtools.selling import Sale, name_of, read_documents, row
from sandbox.taxpayers import TAXPAYERS
from sandbox.world import World

SALES = [
    Sale("1-1", "Őrségi Zsófia", 23000.0, "HUF", "SZ / 1", "issued", 0.41),
    Sale("1-2", "(walk-in)", 10231.5, "HUF", "", "waiting", None),
]


def test_the_table_has_a_row_for_each_sale():
    head, first, second = demo.table(SALES).splitlines()
    assert head.split() == [
        *("sale", "customer", "total", "document", "number", "state", "seconds")
    ]
    assert "Őrségi Zsófia" in first and first.endswith("0.4")
    assert second.split() == [
        *("1-2", "(walk-in)", "10", "231.50", "HUF", "invoice", "waiting")
    ]


def test_the_columns_stand_below_each_other():
    head, *rows = demo.table(SALES).splitlines()
    assert {row.index("HUF") > head.index("total") for row in rows} == {True}
    assert rows[0].index("issued") == rows[1].index("waiting") == head.index("state")


def test_json_is_alone_on_stdout(capsys):
    demo.show(SALES, as_json=True)
    shown = capsys.readouterr()
    rows = json.loads(shown.out)
    assert [row["number"] for row in rows] == ["SZ / 1", ""]
    assert list(rows[0]) == [
        *("sale", "customer", "total", "currency", "number", "state", "seconds"),
        "document",
    ]
    assert "Őrségi" in shown.out
    assert shown.err == ""


@pytest.mark.parametrize(("sales", "code"), [(SALES, 1), (SALES[:1], 0), ([], 1)])
def test_the_exit_code_is_0_only_if_every_sale_has_its_invoice(sales, code):
    assert demo.verdict(sales) == code


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ({}, "invoice"),
        ({"kind": "receipt", "is_receipt": True}, "receipt"),
        ({"kind": "storno", "is_receipt": True}, "storno of a receipt"),
        ({"kind": "storno", "invoice_values": False}, "storno"),
        ({"kind": "invoice", "invoice_values": {"advance": True}}, "advance invoice"),
        ({"kind": "invoice", "invoice_values": {"advances": [{}]}}, "final invoice"),
        ({"kind": "invoice", "invoice_values": {"advances": []}}, "invoice"),
    ],
)
def test_each_document_is_called_what_it_is(document, name):
    assert name_of(document) == name


@pytest.mark.parametrize("service", salon.ACCOUNTS)
def test_the_demo_knows_the_account_that_the_sandbox_has_from_the_start(service):
    address, key = salon.ACCOUNTS[service]
    emulator = World().emulator(service)
    assert f"{address}/".startswith(emulator.prefixes)
    assert emulator.demo["key"] == key


def test_a_storno_has_its_own_amount():
    order = {"pos_reference": "1-1", "partner_id": False, "amount_total": 100.0}
    order["currency_id"] = [1, "HUF"]
    storno = {"kind": "storno", "amount_gross": -100.0, "state": "waiting"}
    assert row(order, storno).total == -100.0
    assert row(order, {}).total == 100.0


def test_an_invoice_after_a_receipt_has_the_company_that_asked_for_it():
    order = {"pos_reference": "1-1", "partner_id": False, "amount_total": 100.0}
    order["currency_id"] = [1, "HUF"]
    buyer = {"name": "Árvíztűrő Kft.", "tax_number": "13572464-2-07"}
    invoice = {"kind": "invoice", "invoice_values": {"buyer": buyer}}
    assert row(order, invoice).customer == "Árvíztűrő Kft."
    walk_in = {"kind": "receipt", "invoice_values": {"buyer": {"name": "Vevő"}}}
    assert row(order, walk_in).customer == "(walk-in)"


def test_an_order_is_settled_when_all_its_documents_are():
    class Session:
        def call(self, *_arguments, **_keywords):
            return [
                {"order_id": [5, ""], "id": 1, "state": "cancelled"},
                {"order_id": [5, ""], "id": 2, "state": "waiting"},
                {"order_id": [6, ""], "id": 3, "state": "issued"},
                {"order_id": [6, ""], "id": 4, "state": "cancelled"},
            ]

    first = read_documents(Session(), [5, 6])
    assert {order: document["id"] for order, document in first.items()} == {5: 2, 6: 3}


def test_the_till_is_opened_as_the_receptionist():
    scene = {"login": "receptionist", "config": 3}
    lines = "\n".join(salon.till_lines("http://127.0.0.1:8069", scene))
    assert "/web/login?login=receptionist&redirect=/pos/ui/3\n" in lines
    assert salon.TAX_NUMBER in lines


def test_both_services_know_the_company_that_is_named():
    number = salon.TAX_NUMBER
    core, code, county = number.split("-")
    known = TAXPAYERS[core]
    assert (known["vat_code"], known["county"]) == (code, county)
