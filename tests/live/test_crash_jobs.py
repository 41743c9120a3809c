"""What goes on in the background ends well, wherever the power is cut.

Many documents at once, the file of a month, and the purge: each is work in portions,
and what one has committed is neither done again nor left out.
"""

import io
import zipfile
from contextlib import ExitStack, suppress
from http.client import HTTPException

import pytest

from devtools import arena, templates
from devtools.rpc import Session
from devtools.selling import wait

from .test_concurrency import untaxed
from .test_crash import Stand, assert_one_each
from .test_month_file import last_month, sell

pytestmark = pytest.mark.crash

#: More than two portions of each: see ``addons/salon_trap``.
MANY, SOME = 12, 5


class Jobs(Stand):
    """A salon at Billingo whose jobs are killed."""

    def person(self, login):
        return Session(self.server.url, self.database, login, login)

    def query(self, query):
        return self.databases.server.query(query, self.database)

    def number(self, query):
        """Return the only number that a query finds."""
        ((found,),) = self.query(query)
        return int(found)

    def press(self, *call, login="manager"):
        """Press a button; what it has begun may end the server before it answers."""
        with suppress(OSError, HTTPException):
            return self.person(login).call(*call)

    def die_at(self, boundary, begin):
        """Begin something, and start the server again once it has died of it."""
        self.trap.write_text(boundary)
        begin()
        self.wait(lambda: self.nudge() or not self.server.child.is_alive())
        assert not self.trap.exists(), "the boundary was never reached"

    def start_again(self):
        self.server.kill()
        self.server.start()

    def wait_for_jobs(self, condition):
        """Wait until ``condition()``, with the jobs looking for work all the time."""
        self.wait(lambda: self.nudge() or condition())

    def settle_all(self):
        """Wait until the lanes have nothing left to do, and return the audit."""
        audit = arena.settle(self.databases, self.database, self.control)
        tasks = (
            "SELECT count(*) FROM salon_invoice_task WHERE state IN ('todo','doing')"
        )
        self.wait(lambda: self.hurry() or not self.number(tasks))
        return audit


@pytest.fixture(scope="module")
def jobs(databases, tmp_path_factory):
    folder = tmp_path_factory.mktemp("jobs")
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setenv("SALON_TRAP", str(folder / "trap"))
        yield Jobs(databases, templates.connected, "billingo", folder, stack)


# === MANY AT ONCE === #


@pytest.mark.parametrize(
    "boundary",
    [
        "after a portion of a batch, before its commit",
        "between two portions of a batch",
        # The lane dies while it works on a row of the batch.
        "after the answer to issue, before its commit",
    ],
)
def test_a_batch_in_whose_middle_the_server_is_killed_is_finished(jobs, boundary):
    admin = jobs.person("admin")
    tax = untaxed(admin, jobs.scene, "Manikűr")
    till = arena.till(jobs.server, jobs.scene)
    orders = [till.sell([("Manikűr",)]) for _sale in range(MANY)]
    stopped = wait(jobs.person("manager"), orders)
    assert {sale.state for sale in stopped} == {"attention"}
    admin.call("account.tax", "write", [tax], {"salon_vat_code": "AAM"})
    jobs.die_at(
        boundary,
        lambda: jobs.press("account.tax", "action_salon_retry_stopped", [tax]),
    )
    jobs.start_again()
    rows = (
        "SELECT state, count(*) FROM salon_invoice_batch_line WHERE batch_id = "
        "(SELECT max(id) FROM salon_invoice_batch) GROUP BY state"
    )
    jobs.wait_for_jobs(lambda: jobs.query(rows) == [["done", str(MANY)]])
    assert_one_each(jobs.settle_all())


# === THE FILE OF A MONTH === #


@pytest.mark.parametrize(
    "boundary",
    [
        "after a part of a month was written, before its commit",
        "between two parts of a month",
    ],
)
def test_a_month_killed_between_two_parts_has_each_part_once(jobs, boundary):
    day = last_month()
    till = arena.till(jobs.server, jobs.scene)
    for _sale in range(SOME):
        sell(till, "Hajfestés", day)
    assert_one_each(jobs.settle_all())

    def prepare():
        values = {"month": f"{day.replace(day=1)}"}
        (form,) = jobs.person("accountant").call(
            "salon.invoice.month.prepare", "create", [values]
        )
        name = ("salon.invoice.month.prepare", "action_prepare", [form])
        jobs.press(*name, login="accountant")

    jobs.die_at(boundary, prepare)
    written = jobs.number("SELECT count(*) FROM salon_invoice_month_part")
    assert written == int(boundary.startswith("between"))
    jobs.start_again()
    ready = "SELECT count(*) FROM salon_invoice_month WHERE state = 'ready'"
    jobs.wait_for_jobs(lambda: jobs.number(ready))
    assert_whole(jobs.person("accountant"), day)


def assert_whole(accountant, day):
    """Check that a month has each part once, and each document's PDF in one of them."""
    (month,) = accountant.call(
        "salon.invoice.month", "search_read", [["start", "=", f"{day.replace(day=1)}"]]
    )
    parts = accountant.call(
        "salon.invoice.month.part",
        "search_read",
        [["month_id", "=", month["id"]]],
        ["number", "document_count"],
        order="number",
    )
    numbers = [part["number"] for part in parts]
    assert len(numbers) > 2
    assert numbers == list(range(1, month["part_count"] + 1))
    assert sum(part["document_count"] for part in parts) == month["document_count"]
    pdfs = []
    for part in parts:
        found = accountant.call(
            "salon.invoice.month.part", "action_download", [part["id"]]
        )
        with zipfile.ZipFile(io.BytesIO(accountant.get(found["url"]))) as archive:
            assert archive.testzip() is None
            pdfs += [name for name in archive.namelist() if name.endswith(".pdf")]
    assert len(pdfs) == len(set(pdfs)) == month["document_count"]
    documents = [
        ["state", "=", "issued"],
        ["fulfillment_date", ">=", month["start"]],
        ["fulfillment_date", "<=", month["end"]],
    ]
    known = accountant.call("salon.invoice.document", "search_count", documents)
    assert month["document_count"] == known


# === THE PURGE === #

#: What stays of documents, whatever is removed of them.
STAYS = """
    SELECT id, number, amount_gross, state FROM salon_invoice_document ORDER BY id
"""
NAMELESS = """
    SELECT count(*) FROM salon_invoice_document WHERE anonymised_on IS NOT NULL
"""


@pytest.mark.parametrize(
    "boundary",
    [
        "after a portion of the purge, before its commit",
        "between two portions of the purge",
    ],
)
def test_a_purge_in_whose_middle_the_server_is_killed_goes_on(jobs, boundary):
    till, customer = arena.till(jobs.server, jobs.scene), jobs.scene["customers"]
    for _sale in range(SOME):
        till.sell([("Hajfestés",)], customer=customer["person"])
    assert_one_each(jobs.settle_all())
    jobs.query(
        "UPDATE salon_invoice_document SET write_date = write_date - old, "
        "create_date = create_date - old, issued_at = issued_at - old "
        "FROM (SELECT interval '30 years' AS old) years WHERE anonymised_on IS NULL"
    )
    stays, before = jobs.query(STAYS), jobs.number(NAMELESS)

    def begin():
        jobs.query(
            "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE id = "
            "(SELECT res_id FROM ir_model_data WHERE name = 'cron_retention')"
        )

    jobs.die_at(boundary, begin)
    committed = 2 if boundary.startswith("between") else 0
    assert jobs.number(NAMELESS) - before == committed
    jobs.start_again()
    jobs.wait_for_jobs(lambda: jobs.number(NAMELESS) == len(stays))
    assert jobs.query(STAYS) == stays
    named = (
        "SELECT count(*) FROM salon_invoice_document WHERE buyer_name IS NOT NULL "
        "OR request_body IS NOT NULL OR pdf_id IS NOT NULL"
    )
    assert not jobs.number(named)
