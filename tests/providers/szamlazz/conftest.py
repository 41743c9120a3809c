"""Számlázz.hu's strategy against the sandbox, in the eyes of the vendor's schemas."""

import pytest

from sandbox import server as sandbox
from tests import clock
from tests.providers.szamlazz.cases import KEY, provider
from tests.reference.szamlazz_xsd import watched


@pytest.fixture(scope="module")
def running():
    server = sandbox.start(clock=clock.now)
    yield server
    server.stop()


@pytest.fixture
def server(running):
    running.world.reset()
    return running


@pytest.fixture
def agent(server):
    """A strategy whose every exchange is held against the vendor's schemas."""
    made = provider(server.url)
    with watched(server):
        yield made
    made.close()


@pytest.fixture
def change(server):
    """Change options of the demo account."""
    emulator = server.world.emulator("szamlazz")
    return lambda **options: emulator.change_account(KEY, options)


@pytest.fixture
def fault(server):
    """Let something go wrong once: ``fault("drop_after")``."""
    return lambda kind, **spec: server.world.faults.add({"kind": kind, **spec})
