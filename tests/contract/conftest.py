"""Every case of this folder is run once for each harness that can do what it asks."""

from contextlib import ExitStack

import pytest

from salon_invoice_bridge.billing.invoice import Kind
from salon_invoice_bridge.providers import registry
from sandbox.server import start
from tests import clock

from .example_service.emulator import ExampleEmulator
from .harness import HARNESSES
from .salon import Salon


def pytest_configure(config):
    """Declare the mark by which a case says what a service must be able to do."""
    config.addinivalue_line(
        "markers", "needs(what): run for strategies whose capabilities say so"
    )


def pytest_generate_tests(metafunc):
    """Give each case the harnesses that its ``needs`` marks leave."""
    if "harness" not in metafunc.fixturenames:
        return
    needs = [mark.args[0] for mark in metafunc.definition.iter_markers("needs")]
    harnesses = [h for h in HARNESSES if all(_can(h, need) for need in needs)]
    metafunc.parametrize("harness", harnesses, ids=str)


def _can(harness, need):
    capabilities = registry.get(harness.code).capabilities
    if need in harness.lacks:
        return False
    if need == "invoices":
        return True
    if need == "drafts":
        return Kind.DRAFT in capabilities.kinds
    of_receipts = harness.kind is Kind.RECEIPT
    if need == "mail_by_wish":
        sends = not capabilities.mails_on_issue
        return capabilities.sends_receipts if of_receipts else sends
    if need == "list_documents" and of_receipts:
        need = "list_receipts"
    return getattr(capabilities, need)


@pytest.fixture(scope="session")
def sandbox():
    """The emulators in this process, on a free port."""
    server = start(clock=clock.now)
    server.world.emulators.append(ExampleEmulator(server.world))
    yield server
    server.stop()


@pytest.fixture
def salon(sandbox, harness):
    """A salon with a fresh account, its traffic held against the vendor's contract."""
    sandbox.world.faults.clear()
    sandbox.world.set_clock(clock.now())
    account = sandbox.world.emulator(harness.code).create_account({})
    with ExitStack() as stack:
        if harness.watched:
            stack.enter_context(harness.watched(sandbox))
        salon = Salon(harness, sandbox, account)
        stack.callback(salon.provider.close)
        yield salon
