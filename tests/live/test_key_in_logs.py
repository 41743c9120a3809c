"""A key that is saved at a bad moment is in no log, neither Odoo's nor PostgreSQL's."""

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from devtools import arena, salon
from devtools.rpc import Session
from tests.live.test_screens_connect import change_account


@pytest.fixture
def new_key(sandbox):
    """Return the key that the salon's account at the service has from now on."""
    key = f"new-{secrets.token_hex(16)}"
    change_account(sandbox, "billingo", key=key)
    return key


def logs(databases, server):
    """Return what Odoo and PostgreSQL have logged."""
    ((folder,),) = databases.server.query("SHOW data_directory")
    written = server.log.read_text()
    postgres = Path(folder) / "postgres.log"
    return written, postgres.read_text() if postgres.exists() else ""


def until(condition, seconds=60):
    """Wait until ``condition()`` holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_key_saved_while_the_account_is_written_is_in_no_log(
    databases, database, odoo_server, sandbox, scene, new_key
):
    control = arena.Control(sandbox)
    # No lane: what it writes is written below, in the very moment that hurts.
    server = odoo_server(database, cron=0)
    admin = Session(server.url, database, "admin", "admin")
    (account,) = admin.call("salon.invoice.account", "search", [])
    wizard = admin.call(
        "salon.invoice.connect", "create", {"account_id": account, "api_key": new_key}
    )
    admin.call("salon.invoice.connect", "action_verify", [wizard])
    control.fault("delay", seconds=30, times=1)
    with ThreadPoolExecutor(1) as pool:
        saved = pool.submit(
            admin.call, "salon.invoice.connect", "action_save", [wizard]
        )
        # The service is being asked, in the middle of the transaction.
        until(lambda: control.faults()["used_up"])
        databases.server.query(
            "UPDATE salon_invoice_account SET consecutive_failures = 1", database
        )
        control.clear_faults()
        saved.result(timeout=60)
    of_odoo, of_postgres = logs(databases, server)
    assert "could not serialize access" in of_odoo
    assert new_key not in of_odoo
    assert new_key not in of_postgres
    assert salon.KEY not in of_odoo + of_postgres
    # It was saved all the same: Odoo tries again what met another transaction.
    ((kept,),) = databases.server.query(
        f"SELECT api_key FROM salon_invoice_credential WHERE account_id = {account}",
        database,
    )
    assert kept == new_key
