"""An account at the emulator, for the tests of Billingo v2."""

import pytest

from .case import Sandbox, strategy


@pytest.fixture(scope="module")
def running():
    """The emulators, once for all tests of a module."""
    sandbox = Sandbox()
    yield sandbox
    sandbox.server.stop()


@pytest.fixture
def sandbox(running):
    """The emulators with nothing but the demo account."""
    running.reset()
    return running


@pytest.fixture
def provider(sandbox):
    """The strategy on the demo account, with the clock of the service."""
    provider = strategy(sandbox.url, clock=sandbox.world.now)
    yield provider
    provider.close()
