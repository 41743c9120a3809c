"""Számlázz.hu: the account and its documents, over real sockets."""

from dataclasses import replace
from datetime import date

import pytest

from salon_invoice_bridge.billing.compare import differences
from salon_invoice_bridge.billing.errors import (
    AccountProblem,
    NotProcessed,
    OutcomeUnknown,
    Reason,
    Rejected,
)
from salon_invoice_bridge.billing.invoice import Advance, Kind
from tests.providers.szamlazz.cases import (
    COMPANY,
    KINDS,
    NOBODY,
    cancellation,
    documents,
    invoice,
    issue,
)

# === ACCOUNT === #


def test_a_good_key_is_verified_and_nothing_is_made(agent, server):
    assert agent.verify().fingerprint == ""
    assert documents(server) == []


@pytest.mark.parametrize(
    ("options", "reason"),
    [({"revoked": True}, Reason.KEY), ({"subscribed": False}, Reason.SUBSCRIPTION)],
)
def test_an_account_that_is_closed_is_an_account_problem(
    agent, change, options, reason
):
    change(**options)
    for call in (agent.verify, lambda: issue(agent)):
        with pytest.raises(AccountProblem) as caught:
            call()
        assert caught.value.reason is reason


def test_a_taxpayer_is_known_or_not(agent):
    assert agent.check_taxpayer("12345676-1-42").valid is True
    assert agent.check_taxpayer("87654321").valid is False
    with pytest.raises(Rejected):
        agent.check_taxpayer("1234")


def test_a_full_tax_number_and_its_vat_group_are_read(agent):
    company = agent.check_taxpayer("11112222")
    assert company.tax_number == "11112222-2-41"
    assert (company.organization, company.group_number) == (True, "")
    member = agent.check_taxpayer("22334457")
    assert member.tax_number == "22334457-4-43"
    assert member.group_number == "33445568"
    assert agent.check_taxpayer(member.group_number).tax_number == "33445568-5-44"
    assert agent.check_taxpayer("55667780").organization is False


def test_a_valid_taxpayer_may_have_no_data(agent):
    taxpayer = agent.check_taxpayer("66778891")
    assert (taxpayer.valid, taxpayer.name, taxpayer.addresses) == (True, "", ())
    assert (taxpayer.tax_number, taxpayer.organization) == ("", None)


def test_a_failure_of_nav_is_no_verdict(agent, change):
    change(nav_reachable=False)
    with pytest.raises(NotProcessed):
        agent.check_taxpayer("12345676-1-42")


def test_the_session_cookie_is_kept_and_sent_back(agent):
    agent.verify()
    issue(agent)
    assert list(agent.http.session.cookies.keys()) == ["JSESSIONID"]


# === DOCUMENTS === #


@pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.PROFORMA])
def test_what_is_issued_is_found_equal_by_its_external_key(agent, server, kind):
    meant = invoice(kind=kind, order_number="")
    issued = agent.issue(agent.render(meant))
    found = agent.find(meant)
    assert (issued.number, issued.kind, issued.gross) == (found.number, kind, 2000)
    assert differences(meant, found) == differences(meant, issued) == ()
    assert len(documents(server)) == 1


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_request_is_issued_and_found_as_it_was_meant(agent, name):
    meant = KINDS[name]
    if meant.corrected_number:
        assert issue(agent, external_key="O" * 26).number == meant.corrected_number
    if meant.proforma_number:
        proforma = issue(agent, external_key="O" * 26, kind=Kind.PROFORMA)
        assert proforma.number == meant.proforma_number
    if meant.advances:
        advance = issue(agent, external_key="O" * 26, advance=True)
        meant = replace(meant, advances=(Advance(number=advance.number),))
    issued, found = agent.issue(agent.render(meant)), agent.find(meant)
    assert differences(meant, issued) == differences(meant, found) == ()
    # The answer to a create does not tell these, or a look-up does not.
    ignored = {
        "issue_date": None,
        "public_url": "",
        "outstanding": None,
        "sandbox": None,
    }
    assert replace(issued, **ignored) == replace(found, **ignored)


def test_an_unknown_document_is_none_to_find_and_not_found_to_get(agent):
    assert agent.find(invoice()) is None
    with pytest.raises(Rejected) as caught:
        agent.get(NOBODY)
    assert caught.value.reason is Reason.NOT_FOUND


def test_a_document_made_by_hand_is_found_by_its_order_number(agent):
    issue(agent, external_key="H" * 26)
    found = agent.find(invoice())
    assert found.number == "SZ-2026-1"
    assert differences(invoice(), found) == ()


def test_another_kind_with_the_order_number_is_not_mistaken_for_ours(agent):
    issue(agent, external_key="P" * 26, kind=Kind.PROFORMA)
    assert agent.find(invoice()) is None


def test_a_reversed_earlier_generation_is_not_mistaken_for_the_next(agent):
    first = issue(agent, external_key="1" * 26)
    agent.cancel(cancellation(first))
    assert agent.find(invoice(external_key="2" * 26)) is None


def test_an_invoice_is_found_though_its_correction_came_later(agent):
    first = issue(agent, external_key="H" * 26)
    issue(agent, kind=Kind.CORRECTION, corrected_number=first.number)
    assert agent.find(invoice(external_key="X" * 26)).number == first.number


def test_an_earlier_correction_of_the_sale_is_not_mistaken_for_the_next(agent):
    first = issue(agent, external_key="H" * 26)
    wish = {"kind": Kind.CORRECTION, "corrected_number": first.number}
    issue(agent, external_key="C" * 26, **wish)
    assert agent.find(invoice(external_key="D" * 26, **wish)) is None


def test_an_unpaid_invoice_owes_everything_and_a_paid_one_nothing(agent):
    assert issue(agent, paid=False).outstanding == 2000
    assert issue(agent).outstanding == 0


def test_a_proforma_becomes_its_invoice_once(agent, server):
    proforma = issue(agent, kind=Kind.PROFORMA, external_key="P" * 26)
    request = agent.render(invoice(proforma_number=proforma.number))
    issued = agent.convert_proforma(proforma, request)
    assert issued.kind is Kind.INVOICE
    with pytest.raises(Rejected):
        agent.convert_proforma(proforma, request)
    assert [entry["kind"] for entry in documents(server)] == ["proforma", "invoice"]


def test_a_proforma_is_not_converted_by_a_request_for_another(agent, server):
    proforma = issue(agent, kind=Kind.PROFORMA, external_key="P" * 26)
    with pytest.raises(Rejected):
        agent.convert_proforma(proforma, agent.render(invoice()))
    assert len(documents(server)) == 1


def test_a_proforma_is_discarded_and_one_that_is_gone_is_no_error(agent):
    proforma = issue(agent, kind=Kind.PROFORMA)
    agent.discard(proforma)
    agent.discard(proforma)
    with pytest.raises(Rejected):
        agent.get(proforma)


def test_a_proforma_that_became_an_invoice_is_not_discarded(agent):
    """The service has used it up, and answers as for one that was deleted."""
    proforma = issue(agent, kind=Kind.PROFORMA, external_key="P" * 26)
    assert agent.made_of(proforma) is None
    theirs = issue(agent, external_key="T" * 26)
    assert agent.made_of(proforma).number == theirs.number
    with pytest.raises(Rejected) as caught:
        agent.discard(proforma)
    assert caught.value.reason is Reason.CLOSED
    agent.cancel(cancellation(theirs))
    assert agent.made_of(proforma) is None
    agent.discard(proforma)


def test_an_invoice_cannot_be_discarded(agent):
    with pytest.raises(Rejected) as caught:
        agent.discard(issue(agent))
    assert caught.value.reason is Reason.CLOSED


@pytest.mark.parametrize("kind", [Kind.DRAFT, Kind.INVOICE, Kind.PROFORMA])
def test_a_preview_is_a_pdf_and_nothing_is_issued_or_mailed(agent, server, kind):
    pdf = agent.preview(invoice(kind=kind, buyer=COMPANY, send_email=True))
    assert pdf.startswith(b"%PDF")
    ledger = server.world.ledger()
    assert ledger["documents"] == ledger["mails"] == []


def test_the_buyer_is_mailed_when_told_at_both_addresses(agent, server):
    issue(agent, buyer=COMPANY, send_email=True)
    issue(agent, buyer=COMPANY)
    (mail,) = server.world.ledger()["mails"]
    assert mail["to"] == ["iroda@example.com", "konyveles@example.com"]


@pytest.mark.parametrize(
    ("options", "changes", "error", "reason"),
    [
        ({}, {"block": "XX"}, AccountProblem, Reason.SETUP),
        ({"e_invoices": False}, {"electronic": True}, AccountProblem, Reason.SETUP),
        (
            {"signing_broken": True},
            {"electronic": True},
            OutcomeUnknown,
            Reason.SERVER_ERROR,
        ),
        ({}, {"proforma_number": "D-SZ-1"}, Rejected, Reason.NOT_FOUND),
    ],
)
def test_what_the_account_lacks_is_said(agent, change, options, changes, error, reason):
    change(**options)
    with pytest.raises(error) as caught:
        issue(agent, **changes)
    assert caught.value.reason is reason


def test_drafts_and_what_the_service_cannot_do_are_unsupported(agent):
    request = agent.render(invoice())
    for call in (
        lambda: agent.finalize(NOBODY, request),
        lambda: agent.send(NOBODY, ["a@example.com"]),
        lambda: agent.nav_status(NOBODY),
        lambda: agent.list_documents(date(2026, 1, 1), date(2026, 1, 2)),
        lambda: agent.exchange_rate("EUR", date(2026, 1, 1)),
    ):
        with pytest.raises(Rejected) as caught:
            call()
        assert caught.value.reason is Reason.UNSUPPORTED


# === NUMBERS === #


def test_a_number_of_something_else_proves_nothing(agent, server):
    """A delivery note has the number: it is there, and is no document of ours."""
    issued = issue(agent)
    server.world.emulator("szamlazz").state["documents"][-1]["type"] = "SL"
    with pytest.raises(NotProcessed) as caught:
        agent.by_number(issued.number)
    assert caught.value.reason is Reason.UNREADABLE


def test_a_number_that_cannot_be_looked_up_proves_nothing(agent, server):
    issued = issue(agent)
    server.world.faults.add({"kind": "status_before", "status": 503, "html": True})
    with pytest.raises(NotProcessed):
        agent.by_number(issued.number)
    assert agent.by_number(issued.number).number == issued.number


def test_what_is_gone_is_not_examined(agent):
    issued = issue(agent)
    with pytest.raises(Rejected) as caught:
        agent.examine(replace(issued, number="SZ-2026-99"))
    assert caught.value.reason is Reason.NOT_FOUND
