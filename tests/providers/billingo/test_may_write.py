"""Whether a key may write is learnt when connecting, not at the first invoice."""

import pytest

from .cases import provider


@pytest.fixture
def strategy(sandbox, account):
    """The strategy without the contract's watch: this call breaks it on purpose."""
    opened = provider(sandbox.url, account["key"])
    yield opened
    opened.close()


def test_a_key_that_may_write_is_told_from_one_that_may_only_read(strategy, account):
    assert strategy.may_write() is True
    account["read_only"] = True
    assert strategy.may_write() is False


def test_asking_leaves_nothing_at_the_service(strategy, sandbox, account):
    strategy.may_write()
    assert not sandbox.world.emulator("billingo").state["partners"]


@pytest.mark.parametrize("kind", ["html", "drop_after", "rate_limit", "status_before"])
def test_a_service_that_does_not_answer_says_nothing_about_the_key(
    strategy, sandbox, kind
):
    sandbox.world.faults.add({"kind": kind, "method": "POST"})
    assert strategy.may_write() is None


def test_a_plan_that_is_used_up_says_nothing_about_the_key(strategy, account):
    account["quota"] = 0
    assert strategy.may_write() is None
