"""What an evaluator tries first in the demo's salon works."""

import re
import urllib.request

from devtools import salon, selling
from devtools.rpc import Session


def test_the_manager_closes_the_till_after_the_sales(odoo_server, database, scene):
    server = odoo_server(database)

    def connect(login, password):
        return Session(server.url, database, login, password)

    sales = selling.sell(connect, scene)
    assert [sale.state for sale in sales] == ["issued"] * len(sales)
    others = selling.sell_kinds(connect, scene)
    assert [sale.document for sale in others][:6] == [
        *("receipt", "receipt", "storno of a receipt", "invoice"),
        *("invoice", "invoice"),
    ]
    assert all(sale.number for sale in others), others

    manager = connect("manager", "manager")
    (config,) = manager.call(
        "pos.config", "read", [scene["config"]], ["current_session_id"]
    )
    session = config["current_session_id"][0]
    # As the till's closing dialog does it, step by step.
    expected = manager.call("pos.session", "get_closing_control_data", [session])
    cash = expected["default_cash_details"]["amount"]
    assert cash > 0
    counted = manager.call(
        "pos.session", "post_closing_cash_details", [session], counted_cash=cash
    )
    assert counted["successful"], counted
    manager.call("pos.session", "update_closing_control_state_session", [session], "")
    closed = manager.call(
        "pos.session",
        "close_session_from_ui",
        [session],
        [[method["id"], 0] for method in expected["non_cash_payment_methods"]],
    )
    assert closed["successful"], closed
    (found,) = manager.call("pos.session", "read", [session], ["state", "move_id"])
    assert found["state"] == "closed"
    assert found["move_id"]


def test_the_receptionist_does_what_the_demo_says(odoo_server, database, scene):
    server = odoo_server(database)

    def connect(login, password):
        return Session(server.url, database, login, password)

    receptionist = connect("receptionist", "receptionist")
    till = selling.Till(receptionist, scene)
    customer = receptionist.call(
        "res.partner", "create", {"name": "Új Vendég", "email": "uj@example.com"}
    )
    order = till.sell([("Manikűr",)], customer=customer)
    (sale,) = selling.wait(connect("manager", "manager"), [order])
    assert (sale.state, sale.customer) == ("issued", "Új Vendég")

    incomplete = selling.sell_incomplete(connect, scene)
    assert incomplete.state == "attention"
    street = {"street": "Kárász utca 5."}
    receptionist.call("res.partner", "write", scene["customers"]["incomplete"], street)
    found = receptionist.call(
        "pos.order", "search", [["pos_reference", "=", incomplete.sale]]
    )
    status = receptionist.call("pos.order", "salon_till_status", found)
    assert "utca" in status[str(found[0])]["text"]
    receptionist.call("pos.order", "salon_till_retry", found)
    (mended,) = selling.wait(connect("manager", "manager"), found)
    assert mended.state == "issued"

    (till_line, *_more) = salon.till_lines(server.url, scene)
    with urllib.request.urlopen(till_line.split()[1]) as page:
        form = page.read().decode()
    assert re.search('name="redirect"[^>]* value="/pos/ui/%s"' % scene["config"], form)
    assert re.search('name="login"[^>]* value="receptionist"', form)

    known = receptionist.call(
        "res.partner", "salon_till_lookup", salon.TAX_NUMBER, scene["config"]
    )
    assert (known["state"], known["name"]) == ("known", "PRÓBA SZÉPSÉG KFT.")
