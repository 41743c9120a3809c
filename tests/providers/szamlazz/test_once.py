"""Számlázz.hu: lost answers and repeated requests never make a second invoice by us."""

from datetime import date

import pytest

from salon_invoice_bridge.billing.compare import differences
from salon_invoice_bridge.billing.errors import (
    AlreadyExists,
    NotProcessed,
    OutcomeUnknown,
    Reason,
)
from tests.clock import NOON
from tests.providers.szamlazz.cases import COMPANY, documents, invoice, issue, provider

REFUSED = (
    "<xmlszamlavalasz><sikeres>false</sikeres><hibakod>57</hibakod>"
    "<hibauzenet>XML</hibauzenet></xmlszamlavalasz>"
)


def test_a_repeated_request_is_the_same_invoice_while_the_guard_is_on(
    agent, change, server
):
    change(order_number_guard=True)
    request = agent.render(invoice())
    server.world.set_clock(NOON)
    first = agent.issue(request)
    server.world.set_clock(NOON + 3600)
    assert agent.issue(request).number == first.number
    assert len(documents(server)) == 1


def test_repeated_after_midnight_it_already_exists_and_is_looked_up(
    agent, change, server
):
    """Its issue date would be another one: the service takes it for another invoice."""
    change(order_number_guard=True)
    meant = invoice()
    server.world.set_clock(NOON)
    first = agent.issue(agent.render(meant))
    server.world.set_clock(NOON + 24 * 3600)
    with pytest.raises(AlreadyExists) as caught:
        agent.issue(agent.render(meant))
    assert caught.value.code == "152"
    found = agent.find(meant)
    assert (found.number, differences(meant, found)) == (first.number, ())
    assert len(documents(server)) == 1


def test_another_invoice_with_the_order_number_already_exists(agent, change):
    change(order_number_guard=True)
    issue(agent)
    with pytest.raises(AlreadyExists):
        issue(agent, external_key="B" * 26, due_date=date(2026, 12, 24))


def test_without_the_guard_a_repeated_request_is_a_second_invoice(agent, server):
    issue(agent)
    issue(agent)
    assert len(documents(server)) == 2


@pytest.mark.parametrize(
    "spec",
    [
        {"kind": "drop_after"},
        {"kind": "truncated"},
        {"kind": "status_after", "status": 500},
        {"kind": "garbage", "body": "\x00<html>"},
    ],
    ids=lambda spec: spec["kind"],
)
def test_a_lost_answer_is_an_unknown_outcome_and_the_invoice_is_found(
    agent, server, spec
):
    server.world.faults.add(spec)
    meant = invoice()
    with pytest.raises(OutcomeUnknown):
        agent.issue(agent.render(meant))
    assert differences(meant, agent.find(meant)) == ()
    assert len(documents(server)) == 1


@pytest.mark.parametrize(
    "spec",
    [{"kind": "refuse_before"}, {"kind": "html"}, {"kind": "down"}],
    ids=lambda spec: spec["kind"],
)
def test_what_may_have_been_processed_is_an_unknown_outcome(agent, server, spec):
    server.world.faults.add(spec)
    with pytest.raises(OutcomeUnknown):
        issue(agent)
    assert agent.find(invoice()) is None


def test_a_refused_connection_is_certainly_not_processed():
    with pytest.raises(NotProcessed) as caught:
        issue(provider())
    assert caught.value.reason is Reason.UNREACHABLE


def test_a_create_is_never_sent_twice_by_the_strategy(agent, server, fault):
    fault("drop_after")
    with pytest.raises(OutcomeUnknown):
        issue(agent)
    assert len(server.world.ledger()["calls"]) == 1


def test_a_lost_answer_to_a_question_is_not_processed(agent, fault):
    fault("drop_after")
    with pytest.raises(NotProcessed):
        agent.find(invoice())


def test_a_look_up_that_is_refused_is_no_verdict_on_the_document(agent, fault):
    fault("garbage", body=REFUSED, content_type="text/xml")
    with pytest.raises(NotProcessed) as caught:
        agent.find(invoice())
    assert (caught.value.reason, caught.value.code) == (Reason.UNREADABLE, "57")


def test_a_mail_that_fails_leaves_an_issued_invoice_with_a_warning(
    agent, server, fault
):
    fault("mail_failed")
    issued = issue(agent, buyer=COMPANY, send_email=True)
    assert issued.number == documents(server)[0]["number"]
    assert "e-mail" in issued.warning
