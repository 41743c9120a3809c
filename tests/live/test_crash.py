"""Exactly once, wherever the power is cut: real processes, killed with SIGKILL."""

import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from devtools import arena, postgres, templates
from devtools.servers import OdooServer, Sandbox, answers

pytestmark = pytest.mark.crash

ADDONS = Path(__file__).parent / "addons"

#: Seconds: a call is given up after TIMEOUT, absence is believed MARGIN later.
TIMEOUT, MARGIN = 4, 3

BOUNDARIES = [
    "before the claim",
    "before calling issue",  # claimed and committed
    "after the answer to issue, before its commit",
    "after the answer was committed",
    "after the document was updated, before the commit",
    "before calling download",  # between the steps
    "after the answer to download, before its commit",
]
#: Where Billingo's e-mail is a call of its own.
MAIL_BOUNDARIES = [
    "before calling send",
    "after the answer to send, before its commit",
]


class Stand:
    """A salon at one service, and a server that can be killed and started again.

    :param template: the salon's, see ``Databases.create``
    :param folder: for logs and the trap
    """

    def __init__(self, databases, template, service, folder, stack):
        self.databases, self.service = databases, service
        self.database = stack.enter_context(databases.temporary(template))
        self.sandbox = stack.enter_context(
            Sandbox(databases.environment, databases.state, log=folder / "sandbox.log")
        )
        self.control = arena.Control(self.sandbox)
        self.scene = templates.move(databases, self.database, self.sandbox)
        arena.tune(
            databases,
            self.database,
            self.sandbox,
            service,
            timeout=TIMEOUT,
            absence_margin=MARGIN,
        )
        self.trap = folder / "trap"
        self.server = OdooServer(
            databases,
            self.database,
            log=folder / "odoo.log",
            addons_path=f"{databases.odoo.addons_path},{ADDONS}",
            server_wide_modules="base,web,salon_trap",
        )
        stack.callback(lambda: self.server.child and self.server.stop())
        self.server.start()
        # PostgreSQL copies a database with its sequences' reserve, which it does not
        # log again: a crash before the next checkpoint would give numbers out twice.
        databases.server.query("CHECKPOINT")

    def sell(self, **values):
        self.control.clear_faults()
        return arena.till(self.server, self.scene).sell([("Manikűr",)], **values)

    def kill_at(self, boundary):
        """Sell, and wait until the server has died at ``boundary``."""
        self.trap.write_text(boundary)
        order = self.sell(customer=self.scene["customers"]["person"])
        self.wait(lambda: self.hurry() or not self.server.child.is_alive())
        assert not self.trap.exists(), "the boundary was never reached"
        return order

    def nudge(self):
        arena.wake(self.databases, self.database)

    def row(self, order):
        """Return the audit's row of a sale."""
        found = arena.rows(self.databases, self.database)
        return next(row for row in found if row.order == order)

    def wait(self, condition, patience=240):
        end = time.monotonic() + patience
        while not condition():
            assert time.monotonic() < end, "this should have happened by now"
            time.sleep(0.5)

    def restart_and_settle(self):
        """Start the server again and return the audit when all has settled."""
        self.server.kill()
        self.server.start()
        return arena.settle(self.databases, self.database, self.control)

    def hurry(self):
        """Let the time of put-off steps come, those of the night included."""
        query = (
            "UPDATE salon_invoice_task SET next_attempt = now() AT TIME ZONE 'UTC' "
            "WHERE id IN (SELECT id FROM salon_invoice_task WHERE state = 'todo' AND "
            "next_attempt > now() AT TIME ZONE 'UTC' FOR UPDATE SKIP LOCKED)"
        )
        self.databases.server.query(query, self.database)
        # The lane has left itself a trigger for the time that they had.
        trigger = (
            "INSERT INTO ir_cron_trigger (cron_id, call_at) "
            "SELECT cron_id, now() AT TIME ZONE 'UTC' FROM salon_invoice_account "
            "WHERE cron_id IS NOT NULL"
        )
        self.databases.server.query(trigger, self.database)
        self.nudge()

    def wait_for_tasks(self, order, condition):
        """Hurry the steps until their states are as they should."""

        def settled():
            self.hurry()
            return condition(self.steps(order))

        self.wait(settled)

    def steps(self, order):
        """Return {kind: state} of the steps after a sale's document."""
        query = (
            "SELECT s.kind, s.state FROM salon_invoice_task s "
            "JOIN salon_invoice_document d ON d.id = s.document_id "
            f"WHERE d.order_id = {order}"
        )
        return dict(self.databases.server.query(query, self.database))


SERVICES = ["billingo", "szamlazz"]


@pytest.fixture(scope="module", params=SERVICES)
def stand(request, databases, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setenv("SALON_TRAP", str(folder / "trap"))
        yield Stand(databases, templates.connected, request.param, folder, stack)


def assert_one_each(audit):
    assert audit.is_settled, audit
    assert audit.is_exactly_once, audit
    assert audit.issued == audit.sold, audit


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_server_killed_at_a_boundary_leaves_one_invoice(stand, boundary):
    if stand.service == "szamlazz" and "download" in boundary:
        pytest.skip("the PDF comes with the answer: there is no call to kill")
    order = stand.kill_at(boundary)
    assert_one_each(stand.restart_and_settle())
    stand.wait_for_tasks(order, lambda steps: set(steps.values()) <= {"done"})


@pytest.mark.parametrize("boundary", MAIL_BOUNDARIES)
def test_a_server_killed_around_the_email_never_sends_it_twice(stand, boundary):
    if stand.service != "billingo":
        pytest.skip("Számlázz.hu e-mails when it issues: there is no call to kill")
    before = len(stand.control.ledger()["mails"])
    order = stand.kill_at(boundary)
    assert_one_each(stand.restart_and_settle())
    stand.wait_for_tasks(order, lambda steps: steps["email"] == "unknown")
    mails = len(stand.control.ledger()["mails"]) - before
    assert mails == int(boundary.startswith("after"))


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_server_killed_during_the_call_leaves_one_invoice(stand, when):
    """``before``: the service acts when the caller has long been dead."""
    stand.control.clear_faults()
    stand.control.fault(
        "delay", when=when, seconds=TIMEOUT - 1, **arena.CREATE[stand.service]
    )
    arena.till(stand.server, stand.scene).sell([("Manikűr",)])
    # The bytes have arrived.
    stand.wait(lambda: stand.control.faults()["used_up"])
    assert_one_each(stand.restart_and_settle())


def test_a_restarted_server_sends_the_same_bytes_again(stand):
    """What was sold is what is billed, whatever has been changed in between."""
    stand.control.clear_faults()
    create = arena.CREATE[stand.service]
    stand.control.fault("status_before", status=503, html=True, **create)
    order = arena.till(stand.server, stand.scene).sell([("Manikűr",)])
    query = f"""
        SELECT md5(split_part(exchanges, E'\n\n--> ', 1))
          FROM salon_invoice_attempt attempt
          JOIN salon_invoice_document document ON document.id = attempt.document_id
         WHERE order_id = {order} AND operation = 'issue' ORDER BY attempt.id
    """

    def requests():
        return [row[0] for row in stand.databases.server.query(query, stand.database)]

    stand.wait(lambda: stand.row(order).state == "checking")
    (first,) = requests()
    change = """
UPDATE product_template SET name = jsonb_build_object('en_US', 'X', 'hu_HU', 'X')
 WHERE name->>'en_US' = 'Manikűr' OR name->>'hu_HU' = 'Manikűr';
UPDATE account_tax SET amount = 5 WHERE amount = 27;
UPDATE res_company SET salon_due_days = 3;
"""
    stand.databases.server.query(change, stand.database)
    try:
        assert_one_each(stand.restart_and_settle())
        assert requests() == [first, first]
    finally:
        stand.databases.server.query(
            "UPDATE account_tax SET amount = 27 WHERE amount = 5; "
            "UPDATE product_template SET name = jsonb_build_object("
            "'en_US', 'Manikűr', 'hu_HU', 'Manikűr') WHERE name->>'en_US' = 'X'",
            stand.database,
        )


def sell_under_load(stand, disaster):
    """Sell six times at a slow service, and let ``disaster`` happen amid it."""
    stand.control.clear_faults()
    stand.control.fault("delay", seconds=0.3, times=None)
    till = arena.till(stand.server, stand.scene)
    for number in range(6):
        till.sell([("Manikűr",)])
        if number == 3:
            disaster()
    stand.control.clear_faults()
    stand.wait(lambda: answers(f"{stand.server.url}/web/login"))
    return arena.settle(stand.databases, stand.database, stand.control)


def test_lost_connections_to_postgresql_leave_one_invoice_each(stand):
    query = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{stand.database}'"
    )
    assert_one_each(sell_under_load(stand, lambda: stand.databases.server.query(query)))


@pytest.fixture
def cluster(databases, tmp_path):
    """Return a running PostgreSQL that nobody else works on."""
    own = postgres.Cluster(postgres.programs(databases.environment), tmp_path)
    with own.in_use():
        yield own


@pytest.mark.parametrize("service", SERVICES)
def test_postgresql_crashed_under_load_leaves_one_invoice_each(
    databases, cluster, tmp_path, service, monkeypatch
):
    monkeypatch.setenv("SALON_TRAP", str(tmp_path / "trap"))
    template = templates.connected(databases)
    own = replace(databases, server=cluster.server, state=tmp_path)
    own.take(databases, template)

    def crash():
        port = cluster.port
        cluster.stop("immediate")
        cluster.start()
        assert cluster.port == port
        # Odoo does not survive that: its cron threads end for good, and with worker
        # processes all of it ends. Whoever supervises it starts it again.
        stand.server.kill()
        stand.server.start()

    with ExitStack() as stack:
        stand = Stand(own, lambda _own: template, service, tmp_path, stack)
        assert_one_each(sell_under_load(stand, crash))
