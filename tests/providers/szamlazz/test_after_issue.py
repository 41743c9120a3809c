"""Számlázz.hu: storno, payments, PDF and link, over real sockets."""

from dataclasses import replace

import pytest

from salon_invoice_bridge.billing.errors import (
    NotProcessed,
    OutcomeUnknown,
    Reason,
    Rejected,
)
from salon_invoice_bridge.billing.invoice import Kind
from tests.providers.szamlazz.cases import (
    KEY,
    NOBODY,
    cancellation,
    documents,
    issue,
    provider,
    tender,
)


def stornos_sent(server):
    """Return how often a storno was asked for."""
    calls = server.world.ledger()["calls"]
    return sum(call["operation"] == "action-szamla_agent_st" for call in calls)


# === STORNO === #


def test_a_storno_has_its_own_number_and_the_negative_total(agent, server):
    original = issue(agent, electronic=True)
    storno = agent.cancel(cancellation(original, reason="Elírás"))
    assert storno.number != original.number
    assert (storno.kind, storno.gross) == (Kind.STORNO, -2000)
    assert storno.original_number == original.number
    assert agent.get(original).cancelled
    found = agent.get(storno)
    assert (found.electronic, found.comment) == (True, "Elírás")
    assert found.fulfillment_date == original.fulfillment_date


def test_a_storno_asked_for_twice_is_the_first_one(agent, server):
    original = issue(agent)
    wish = cancellation(original)
    assert agent.cancel(wish).number == agent.cancel(wish).number
    assert stornos_sent(server) == 1
    assert [entry["kind"] for entry in documents(server)] == ["invoice", "storno"]


def test_a_storno_made_by_hand_without_any_key_is_returned(agent, server):
    original = issue(agent, order_number="")
    made = agent.cancel(replace(cancellation(original), external_key="H" * 26))
    wish = cancellation(original)
    with pytest.raises(Rejected) as caught:
        agent.find_cancellation(wish)
    assert caught.value.reason is Reason.NOT_FOUND
    assert agent.cancel(wish).number == made.number
    assert len(documents(server)) == 2


def test_a_storno_whose_answer_was_lost_is_found(agent, fault):
    original = issue(agent)
    wish = cancellation(original)
    assert agent.find_cancellation(wish) is None
    fault("drop_after", path="agent_st")
    with pytest.raises(OutcomeUnknown):
        agent.cancel(wish)
    assert agent.find_cancellation(wish).original_number == original.number


@pytest.mark.parametrize("kind", [Kind.PROFORMA, Kind.STORNO])
def test_what_is_no_invoice_cannot_be_reversed(agent, server, kind):
    original = issue(
        agent, kind=Kind.PROFORMA if kind is Kind.PROFORMA else Kind.INVOICE
    )
    if kind is Kind.STORNO:
        original = agent.cancel(cancellation(original))
    sent = stornos_sent(server)
    with pytest.raises(Rejected) as caught:
        agent.cancel(cancellation(original))
    assert caught.value.reason is Reason.CLOSED
    assert stornos_sent(server) == sent


def test_a_corrected_invoice_cannot_be_reversed(agent):
    original = issue(agent)
    issue(
        agent,
        external_key="C" * 26,
        kind=Kind.CORRECTION,
        corrected_number=original.number,
    )
    with pytest.raises(Rejected) as caught:
        agent.cancel(cancellation(original))
    assert caught.value.reason is Reason.CLOSED


# === AFTER ISSUE === #


def test_tenders_replace_what_was_paid(agent):
    document = issue(agent)
    for _twice in range(2):
        state = agent.register_payments(document, [tender(1500), tender(400)])
        assert (state.paid, state.outstanding) == (1900, 100)
    assert agent.get(document).outstanding == 100
    assert agent.undo_payments(document).outstanding == 2000


def test_seven_tenders_are_registered_as_five_without_losing_a_forint(agent):
    document = issue(agent, paid=False)
    amounts = (1000, 500, 200, 100, 100, 60, 40)
    state = agent.register_payments(document, [tender(amount) for amount in amounts])
    assert state.fully_paid


def test_a_reversed_invoice_takes_no_payments(agent):
    document = issue(agent)
    agent.cancel(cancellation(document))
    with pytest.raises(Rejected) as caught:
        agent.register_payments(document, [tender(1)])
    assert (caught.value.reason, caught.value.code) == (Reason.CLOSED, "463")


def test_a_pdf_is_downloaded_or_not_ready_yet(agent, fault):
    document = issue(agent)
    fault("slow_pdf")
    with pytest.raises(NotProcessed) as caught:
        agent.download(document)
    assert caught.value.reason is Reason.NOT_READY
    assert agent.download(document).startswith(b"%PDF")


def test_the_pdf_of_an_unknown_document_is_not_found(agent):
    with pytest.raises(Rejected) as caught:
        agent.download(NOBODY)
    assert caught.value.reason is Reason.NOT_FOUND


def test_the_buyers_link_is_there_where_the_account_has_a_portal(agent, change):
    assert agent.public_url(issue(agent)).startswith("https://")
    change(portal="")
    assert agent.public_url(issue(agent, order_number="2")) == ""


def test_the_evidence_of_a_call_has_no_key_in_it(server):
    seen = []
    made = provider(server.url, observer=seen.append)
    issue(made)
    made.close()
    assert seen and KEY not in repr(seen)
    assert "szlahu_szamlaszam: SZ-2026-1" in seen[0].answer
