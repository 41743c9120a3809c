"""A strategy and an account of its own at the emulator, for the tests that need one."""

import pytest

from sandbox.server import start
from tests import clock
from tests.reference import openapi

from .cases import provider


@pytest.fixture(scope="package")
def sandbox():
    """The emulators in this process, on a free port."""
    server = start(clock=clock.now)
    yield server
    server.stop()


@pytest.fixture
def account(sandbox):
    """A fresh account: the emulator's own dict, to be changed behind our back."""
    sandbox.world.reset()
    emulator = sandbox.world.emulator("billingo")
    key = emulator.create_account({})["key"]
    return emulator.account_by_key(key)


@pytest.fixture
def billingo(sandbox, account):
    """The strategy, its traffic held against the vendor's contracts where they are."""
    strategy = provider(sandbox.url, account["key"], clock=sandbox.world.now)
    if openapi.REFERENCE.is_dir():
        with openapi.watched(sandbox):
            yield strategy
    else:
        yield strategy
    strategy.close()
