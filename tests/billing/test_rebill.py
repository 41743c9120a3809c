"""Whether, and how, a paid sale is made out to another buyer: the table, every row."""

from dataclasses import replace
from datetime import date

import pytest

from salon_invoice_bridge.billing.invoice import (
    OPEN_STATES,
    SENT_STATES,
    Buyer,
    DocumentKind,
    State,
    TaxKind,
)
from salon_invoice_bridge.billing.rebill import (
    GONE_STATES,
    Plan,
    Refusal,
    Situation,
    decide,
    is_in_closed_month,
    is_same_buyer,
)
from salon_invoice_bridge.billing.refund import Document

#: States in which it does not matter any more whether something may have arrived.
MADE_AND_GONE = GONE_STATES | {State.ISSUED, State.CONVERTED}

COMPANY = Buyer(
    name="Árvíztűrő Kft.",
    postcode="9400",
    city="Sopron",
    street="Fő tér 3.",
    tax_kind=TaxKind.HUNGARIAN,
    tax_number="13572464-2-07",
    emails=("a@example.com",),
    phone="1",
)


def document(state, kind=DocumentKind.INVOICE, **values):
    return Document(**{"id": 7, "order": 1, "kind": kind, "state": state, **values})


def situation(state, *followers, **values):
    """Return the situation of a sale whose document is in ``state``.

    :param followers: (kind, state) of what was made of it
    """
    names = ("kind", "origin", "may_have_arrived", "has_remote_copy", "being_discarded")
    own = {name: values.pop(name) for name in names if name in values}
    main = document(state, **own)
    made = [
        document(after, kind, id=8 + number, origin=main.id)
        for number, (kind, after) in enumerate(followers)
    ]
    return Situation(main=main, documents=(main, *made), **values)


def test_a_sale_without_a_document_gets_one():
    assert decide(Situation()) is Plan.REWRITE
    assert decide(situation(State.SKIPPED)) is Plan.REWRITE


@pytest.mark.parametrize("state", [State.WAITING, State.ATTENTION])
@pytest.mark.parametrize("kind", [DocumentKind.INVOICE, DocumentKind.DRAFT])
def test_what_was_never_sent_is_written_anew_by_every_cashier(state, kind):
    now = situation(state, kind=kind, may_reissue=False)
    assert decide(now) is Plan.REWRITE


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_what_may_have_been_sent_is_waited_for(state):
    assert decide(situation(state, may_have_arrived=True)) is Refusal.ON_ITS_WAY


@pytest.mark.parametrize("state", sorted(SENT_STATES))
def test_what_is_being_sent_is_waited_for(state):
    assert decide(situation(state)) is Refusal.ON_ITS_WAY


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_the_invoice_of_a_draft_is_waited_for(state):
    assert decide(situation(state, origin=3)) is Refusal.ON_ITS_WAY


def test_what_was_dropped_although_it_may_be_there_is_looked_for_first():
    now = situation(State.SKIPPED, may_have_arrived=True)
    assert decide(now) is Refusal.DROPPED


def test_an_invoice_is_replaced():
    assert decide(situation(State.ISSUED)) is Plan.REPLACE


def test_an_advance_invoice_that_a_final_one_names_keeps_its_buyer():
    """Its storno would take away what the final one refers to (Szamlazz.hu, 73)."""
    now = situation(State.ISSUED, settled=True)
    assert decide(now) is Refusal.SETTLED
    assert decide(situation(State.CANCELLED, settled=True)) is Plan.AGAIN


@pytest.mark.parametrize("kind", [DocumentKind.DRAFT, DocumentKind.PROFORMA])
def test_a_draft_is_renewed(kind):
    assert decide(situation(State.ISSUED, kind=kind)) is Plan.RENEW
    now = situation(State.ISSUED, kind=kind, being_discarded=True)
    assert decide(now) is Refusal.BEING_DISCARDED
    invoice = (DocumentKind.INVOICE, State.WAITING)
    assert decide(situation(State.ISSUED, invoice, kind=kind)) is Refusal.ON_ITS_WAY
    dropped = (DocumentKind.INVOICE, State.SKIPPED)
    assert decide(situation(State.ISSUED, dropped, kind=kind)) is Plan.RENEW
    assert decide(situation(State.CONVERTED, kind=kind)) is Refusal.ON_ITS_WAY


@pytest.mark.parametrize("state", sorted(GONE_STATES))
def test_what_is_gone_is_made_again(state):
    assert decide(situation(state)) is Plan.AGAIN
    assert decide(situation(state, reachable=False)) is Plan.AGAIN


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_an_invoice_is_not_cancelled_twice(state):
    storno = (DocumentKind.STORNO, state)
    assert decide(situation(State.ISSUED, storno)) is Refusal.BEING_CANCELLED
    now = situation(State.ISSUED, storno, planned=True)
    assert decide(now) is Plan.REDIRECT


def test_a_dropped_storno_stops_nobody():
    storno = (DocumentKind.STORNO, State.SKIPPED)
    assert decide(situation(State.ISSUED, storno)) is Plan.REPLACE


def test_a_corrected_invoice_keeps_its_buyer():
    correction = (DocumentKind.CORRECTION, State.ISSUED)
    assert decide(situation(State.ISSUED, correction)) is Refusal.CORRECTED


def test_what_was_made_by_hand_is_changed_by_hand():
    now = situation(State.ISSUED, has_remote_copy=False)
    assert decide(now) is Refusal.BY_HAND


@pytest.mark.parametrize(
    "state", [State.WAITING, State.ATTENTION, State.ISSUED, State.CHECKING]
)
def test_nothing_is_done_at_an_account_that_is_disconnected(state):
    assert decide(situation(state, reachable=False)) is Refusal.DISCONNECTED


@pytest.mark.parametrize(
    "values, refusal",
    [
        ({"paid": False}, Refusal.NOT_PAID),
        ({"by_odoo": True}, Refusal.ODOO),
        ({"takes_back": True}, Refusal.TAKES_BACK),
        ({"came_back": True}, Refusal.CAME_BACK),
        ({"connected": False}, Refusal.NO_ACCOUNT),
    ],
)
def test_the_sale_itself_may_refuse_whatever_its_document_is(values, refusal):
    assert decide(Situation(**values)) is refusal
    for state in State:
        assert decide(situation(state, **values)) is refusal


@pytest.mark.parametrize(
    "now",
    [
        situation(State.ISSUED),
        situation(State.ISSUED, kind=DocumentKind.DRAFT),
        situation(State.ISSUED, planned=True),
        situation(State.CANCELLED),
        situation(State.DISCARDED),
    ],
)
def test_what_a_service_has_is_replaced_by_who_may(now):
    assert isinstance(decide(now), Plan)
    assert decide(replace(now, may_reissue=False)) is Refusal.NOT_ALLOWED


def test_nothing_is_done_for_the_same_buyer():
    assert decide(situation(State.ISSUED, same=True)) is Refusal.SAME
    assert decide(situation(State.ISSUED, same=True, planned=True)) is Refusal.SAME
    assert decide(situation(State.WAITING, same=True)) is Refusal.SAME


@pytest.mark.parametrize("state", [State.SKIPPED, State.ATTENTION])
def test_the_same_buyer_is_enough_where_a_wish_or_a_person_is_missing(state):
    assert decide(situation(state, same=True)) is Plan.REWRITE


@pytest.mark.parametrize("state", sorted(GONE_STATES))
def test_the_same_buyer_may_have_a_new_one_of_what_is_gone(state):
    assert decide(situation(state, same=True)) is Plan.AGAIN


def test_every_situation_is_decided():
    """Whatever the document is, somebody is told what happens, or why not."""
    for state in State:
        for kind in DocumentKind:
            for arrived in (False, True):
                decision = decide(situation(state, kind=kind, may_have_arrived=arrived))
                assert isinstance(decision, Plan | Refusal)
                if arrived and state not in MADE_AND_GONE:
                    assert isinstance(decision, Refusal)
                if decision in (Plan.REPLACE, Plan.INVOICE):
                    assert state is State.ISSUED
                    receipt = kind is DocumentKind.RECEIPT
                    assert (decision is Plan.INVOICE) is receipt


def test_whoever_sells_gives_an_invoice_in_place_of_a_receipt():
    """An invoice is due to whoever asks for one (VAT Act 165-166: sure)."""
    asked = situation(State.ISSUED, kind=DocumentKind.RECEIPT, may_reissue=False)
    assert decide(asked) is Plan.INVOICE
    assert decide(situation(State.ISSUED, may_reissue=False)) is Refusal.NOT_ALLOWED


def test_what_is_being_cancelled_is_not_cancelled_again_for_an_invoice():
    storno = (DocumentKind.STORNO, State.WAITING)
    waiting = situation(State.ISSUED, storno, kind=DocumentKind.RECEIPT)
    assert decide(waiting) is Refusal.BEING_CANCELLED


@pytest.mark.parametrize(
    "day, today, closed",
    [
        (date(2026, 11, 1), date(2026, 11, 30), False),
        (date(2026, 10, 31), date(2026, 11, 1), True),
        (date(2025, 12, 31), date(2026, 1, 1), True),
        (date(2026, 12, 1), date(2026, 11, 30), False),
    ],
)
def test_the_month_of_the_sale_may_be_closed(day, today, closed):
    assert is_in_closed_month(day, today) is closed


def test_a_document_says_the_same_wherever_it_is_sent():
    assert is_same_buyer(COMPANY, replace(COMPANY, emails=(), phone=""))
    for name in ("name", "street", "tax_number", "group_tax_number"):
        assert not is_same_buyer(COMPANY, replace(COMPANY, **{name: "Más"}))
