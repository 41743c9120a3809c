"""Receipts (nyugta) at Számlázz.hu: issued once, found, reversed, e-mailed.

Facts are those of docs.szamlazz.hu and of what szamlazz-rs saw on a test account on
2026-09-11; each test that rests on more than the schema says so.
"""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from salon_invoice_bridge.billing.compare import differences, storno_differences
from salon_invoice_bridge.billing.errors import (
    AlreadyExists,
    NotProcessed,
    OutcomeUnknown,
    ProviderError,
    Reason,
    Rejected,
)
from salon_invoice_bridge.billing.invoice import IssuedDocument, Kind, Line
from salon_invoice_bridge.billing.money import unit
from salon_invoice_bridge.providers.http import Answer
from sandbox import szamlazz_receipts as rules
from tests.examples import examples
from tests.providers.szamlazz.cases import (
    CUT,
    NOBODY,
    RECEIPTS,
    answering,
    cancellation,
    documents,
    invoice,
    issue,
    provider,
    receipt,
    tender,
)
from tests.reference.szamlazz_xsd import violations

# === RENDERING === #


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"order_number": " "}, "rendelesSzam"),
        ({"block": ""}, "elotag"),
        ({"block": "NYUGTA"}, "elotag"),
        ({"block": "nygt"}, "elotag"),
        ({"block": "NY-1"}, "elotag"),
        ({"lines": (replace(CUT, vat="6.5", gross=Decimal(2000)),)}, "vat"),
        ({"currency": "XXX"}, "currency"),
    ],
    ids=str,
)
def test_what_the_service_would_refuse_is_rejected_before_it_is_sent(changes, field):
    with pytest.raises(Rejected) as caught:
        provider().render(receipt(**changes))
    assert field in caught.value.fields


def test_a_receipt_names_no_buyer():
    request = provider().render(receipt()).decode()
    assert "Magánszemély" not in request
    assert "vevo" not in request.lower()


QUANTITIES = st.decimals("0.001", "99", places=3) | st.integers(1, 9).map(Decimal)


@st.composite
def receipts(draw):
    """Return any receipt of one to four lines."""
    currency = draw(st.sampled_from(["HUF", "EUR"]))
    step = unit(currency)
    lines = tuple(
        Line(
            name="Tétel",
            quantity=draw(QUANTITIES),
            gross=draw(st.integers(-20_000, 900_000)) * step,
            vat=draw(st.sampled_from(["27", "18", "5", "AAM", "TAM", "ATK"])),
        )
        for _line in range(draw(st.integers(1, 4)))
    )
    gross = sum(line.gross for line in lines)
    first = draw(st.integers(0, 100)) * gross // 100 // step * step
    return receipt(
        lines=lines,
        tenders=(tender(first), tender(gross - first)),
        currency=currency,
        exchange_rate=None if currency == "HUF" else Decimal("402.15"),
    )


@examples(60)
@given(receipts())
def test_any_receipt_is_valid_in_both_editions_and_passes_the_services_sums(sold):
    """Docs, "item amounts" of receipts: 261, 340, 363-365, no tolerance; seen."""
    request = provider().render(sold)
    assert violations(request) == []
    root = etree.fromstring(request)
    rows = [
        {etree.QName(cell).localname: cell.text for cell in row}
        for row in root.iter("{*}tetel")
    ]
    lines = [rules.line(row, n, sold.currency) for n, row in enumerate(rows, 1)]
    gross = sum(Decimal(line["gross"]) for line in lines)
    paid = sum(Decimal(cell.text) for cell in root.iter("{*}osszeg"))
    assert gross == paid == sold.gross
    assert provider().render(replace(sold)) == request


# === ISSUING === #


@pytest.mark.parametrize("name", RECEIPTS)
def test_each_sort_of_receipt_is_issued_and_found_as_it_was_meant(agent, name):
    meant = RECEIPTS[name]
    issued = agent.issue(agent.render(meant))
    assert (issued.kind, issued.gross) == (Kind.RECEIPT, meant.gross)
    assert issued.number.startswith("NYGT-2026-")
    assert agent.find(meant) == agent.get(issued) == issued
    assert differences(meant, issued) == ()


def test_a_series_of_receipts_springs_into_being_and_is_no_invoices(agent, server):
    """Documented (336) and seen on a test account: no registration is needed."""
    first, other = agent.issue(agent.render(receipt())), issue(agent)
    second = agent.issue(agent.render(receipt(external_key="B" * 26)))
    assert [first.number, second.number] == ["NYGT-2026-1", "NYGT-2026-2"]
    assert other.number == "SZ-2026-1"
    kinds = [entry["kind"] for entry in documents(server)]
    assert sorted(kinds) == ["invoice", "receipt", "receipt"]


def test_a_prefix_of_invoices_is_refused(agent, server):
    with pytest.raises(Rejected) as caught:
        agent.issue(agent.render(receipt(block="SZ")))
    assert caught.value.code == "336"
    assert documents(server) == []


def test_the_pdf_comes_with_what_is_issued_and_can_be_fetched(agent):
    issued = agent.issue(agent.render(receipt()))
    assert agent.received_pdf(issued).startswith(b"%PDF")
    assert agent.received_pdf(replace(issued, number="NYGT-2026-9")) == b""
    assert agent.download(issued).startswith(b"%PDF")


def test_a_slip_has_the_services_layout_of_80_mm(agent):
    """``pdfSablon`` N: documented, its look was seen by nobody here."""
    issued = agent.issue(agent.render(receipt()))
    assert b"Layout N" in agent.print_receipt(issued, 80)
    assert b"Layout A" in agent.download(issued)
    storno = agent.cancel(cancellation(issued))
    assert b"Layout N" in agent.print_receipt(storno, 80)
    for document, width in ((issued, 58), (NOBODY, 80)):
        with pytest.raises(Rejected) as caught:
            agent.print_receipt(document, width)
        assert caught.value.reason is Reason.UNSUPPORTED


def test_a_pdf_that_did_not_come_is_asked_for_again(agent, fault):
    fault("slow_pdf")
    issued = agent.issue(agent.render(receipt()))
    assert agent.received_pdf(issued) == b""
    fault("slow_pdf")
    with pytest.raises(NotProcessed) as caught:
        agent.download(issued)
    assert caught.value.reason is Reason.NOT_READY


# === EXACTLY ONCE === #


def test_the_same_request_again_already_exists_and_is_found(agent, server):
    """338: documented, and seen on a test account."""
    meant = receipt()
    issued = agent.issue(agent.render(meant))
    with pytest.raises(AlreadyExists) as caught:
        agent.issue(agent.render(meant))
    assert caught.value.code == "338"
    assert agent.find(meant) == issued
    assert len(documents(server)) == 1


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
def test_a_lost_answer_is_an_unknown_outcome_and_the_receipt_is_found(
    agent, server, spec
):
    server.world.faults.add(spec)
    meant = receipt()
    with pytest.raises(OutcomeUnknown):
        agent.issue(agent.render(meant))
    assert differences(meant, agent.find(meant)) == ()
    with pytest.raises(AlreadyExists):
        agent.issue(agent.render(meant))
    assert len(documents(server)) == 1


@pytest.mark.parametrize(
    "spec",
    [{"kind": "refuse_before"}, {"kind": "html"}, {"kind": "down"}],
    ids=lambda spec: spec["kind"],
)
def test_what_was_lost_before_it_was_made_is_not_found(agent, server, spec):
    server.world.faults.add(spec)
    with pytest.raises(OutcomeUnknown):
        agent.issue(agent.render(receipt()))
    assert agent.find(receipt()) is None
    assert documents(server) == []


def test_a_repeated_order_number_already_exists_where_the_account_forbids_it(
    agent, change
):
    """Receipts have a setting of their own (docs; its knowledge base contradicts)."""
    change(receipt_order_number_guard=True)
    issued = agent.issue(agent.render(receipt()))
    other = receipt(external_key="B" * 26)
    with pytest.raises(AlreadyExists) as caught:
        agent.issue(agent.render(other))
    assert caught.value.code == "152"
    assert agent.find(other) is None
    agent.cancel(cancellation(issued))
    assert agent.issue(agent.render(other)).number == "NYGT-2026-3"


# === FINDING === #


def test_a_receipt_of_the_same_sale_is_not_mistaken_for_ours(agent):
    """What was kept of a sale has its order number; only the key tells them apart."""
    first = agent.issue(agent.render(receipt()))
    agent.cancel(cancellation(first))
    kept = receipt(external_key="K" * 26, lines=(CUT,), tenders=(tender(1500),))
    assert agent.find(kept) is None
    made = agent.issue(agent.render(kept))
    assert agent.find(kept) == made
    assert agent.find(receipt()) is None


def test_a_reversed_receipt_is_found_behind_its_storno_and_is_not_taken(agent):
    meant = receipt()
    agent.cancel(cancellation(agent.issue(agent.render(meant))))
    found = agent.find(meant)
    assert (found.kind, found.cancelled) == (Kind.RECEIPT, True)
    assert differences(meant, found) == (("cancelled", False, True),)


def test_a_standing_receipt_without_a_key_is_found_for_the_caller_to_compare(agent):
    """One made on the service's own screen: an inference, as with invoices."""
    by_hand = agent.issue(agent.render(receipt(external_key="")))
    assert agent.find(receipt()) == by_hand
    agent.cancel(cancellation(by_hand))
    assert agent.find(receipt()) is None


def test_a_service_without_a_look_up_by_order_number_is_no_proof_of_absence(
    agent, change
):
    """The schema served beside the documentation has no ``rendelesSzam`` there."""
    change(receipts_by_order=False)
    with pytest.raises(NotProcessed) as caught:
        agent.find(receipt())
    assert (caught.value.reason, caught.value.code) == (Reason.UNREADABLE, "57")


def test_an_unknown_receipt_is_none_to_find_and_not_found_to_get(agent):
    assert agent.find(receipt()) is None
    with pytest.raises(Rejected) as caught:
        agent.get(replace(NOBODY, kind=Kind.RECEIPT))
    assert caught.value.reason is Reason.NOT_FOUND


# === STORNO === #


def test_a_storno_takes_back_a_receipt_once(agent, server):
    """What a storno says of itself was seen on a test account."""
    issued = agent.issue(agent.render(receipt()))
    wish = cancellation(issued)
    assert agent.find_cancellation(wish) is None
    storno = agent.cancel(wish)
    assert (storno.kind, storno.is_receipt) == (Kind.STORNO, True)
    assert storno_differences(issued, storno) == ()
    assert storno.original_number == issued.number
    assert storno.cancelled is False
    assert agent.received_pdf(storno).startswith(b"%PDF")
    assert agent.cancel(wish) == agent.find_cancellation(wish) == storno
    assert agent.get(storno) == storno
    assert agent.download(storno).startswith(b"%PDF")
    assert [entry["kind"] for entry in documents(server)] == ["receipt", "storno"]


def test_a_storno_whose_answer_was_lost_is_found(agent, server, fault):
    issued = agent.issue(agent.render(receipt()))
    fault("drop_after", path="nyugta_storno")
    with pytest.raises(OutcomeUnknown):
        agent.cancel(cancellation(issued))
    found = agent.find_cancellation(cancellation(issued))
    assert agent.cancel(cancellation(issued)) == found
    assert len(documents(server)) == 2


def test_a_storno_that_came_in_between_is_an_unknown_outcome_and_found(agent):
    """A second one is refused (docs), with a code that is not published."""
    issued = agent.issue(agent.render(receipt()))
    by_hand = agent.cancel(cancellation(issued))
    stale = replace(agent.receipts._need(issued), document=issued)
    agent.receipts._need = lambda *_args, **_options: stale
    with pytest.raises(OutcomeUnknown) as caught:
        agent.cancel(replace(cancellation(issued), external_key="T" * 26))
    assert caught.value.code == "999"
    del agent.receipts._need
    assert agent.find_cancellation(cancellation(issued)) == by_hand


def test_a_storno_behind_another_receipt_of_the_sale_goes_to_a_human(agent):
    """By order number the service tells the last receipt only (its PHP docs)."""
    issued = agent.issue(agent.render(receipt()))
    agent.cancel(cancellation(issued))
    agent.issue(agent.render(receipt(external_key="K" * 26)))
    for ask in (agent.cancel, agent.find_cancellation):
        with pytest.raises(Rejected) as caught:
            ask(cancellation(issued))
        assert caught.value.reason is Reason.NOT_FOUND


def test_a_storno_is_not_reversed(agent):
    issued = agent.issue(agent.render(receipt()))
    storno = agent.cancel(cancellation(issued))
    with pytest.raises(Rejected) as caught:
        agent.cancel(cancellation(storno))
    assert caught.value.reason is Reason.CLOSED


# === E-MAIL AND WHAT THERE IS NOT === #


def test_a_receipt_is_mailed_to_one_address_and_not_again_at_once(agent, server):
    """153, "wait 15 seconds": seen on a test account."""
    issued = agent.issue(agent.render(receipt(send_email=True)))
    assert server.world.ledger()["mails"] == []
    emails = ("anna@example.com", "bea@example.com")
    assert agent.send(issued, emails) == ("anna@example.com",)
    (mail,) = server.world.ledger()["mails"]
    assert (mail["to"], mail["subject"]) == (
        ["anna@example.com"],
        "Nyugta: NYGT-2026-1",
    )
    with pytest.raises(NotProcessed) as caught:
        agent.send(issued, emails)
    assert (caught.value.reason, caught.value.code) == (Reason.RATE_LIMIT, "153")
    assert (caught.value.retry_after, caught.value.scope) == (15, "send")
    server.world.clock_offset += 16
    assert agent.send(issued, emails[1:]) == ("bea@example.com",)


def test_a_storno_is_mailed_like_a_receipt(agent):
    storno = agent.cancel(cancellation(agent.issue(agent.render(receipt()))))
    assert agent.send(storno, ("anna@example.com",))


def test_a_mail_needs_an_address_and_a_receipt(agent):
    issued = agent.issue(agent.render(receipt()))
    for document, emails, reason in (
        (issued, (), Reason.CONTENT),
        (replace(issued, number="NYGT-2026-9"), ("a@example.com",), Reason.NOT_FOUND),
        (NOBODY, ("a@example.com",), Reason.UNSUPPORTED),
    ):
        with pytest.raises(Rejected) as caught:
            agent.send(document, emails)
        assert caught.value.reason is reason


@pytest.mark.parametrize("body", ["", "<html/>", "xmlagentresponse=DONE;X"])
def test_a_mail_without_an_answer_may_have_gone(body):
    with pytest.raises(OutcomeUnknown):
        answering(body).send(replace(NOBODY, kind=Kind.RECEIPT), ("a@example.com",))


def test_what_a_receipt_does_not_have_is_unsupported(agent):
    issued = agent.issue(agent.render(receipt()))
    for call in (
        lambda: agent.preview(receipt()),
        lambda: agent.register_payments(issued, (tender(2000),)),
        lambda: agent.undo_payments(issued),
        lambda: agent.nav_status(issued),
        lambda: agent.list_receipts(None, None),
    ):
        with pytest.raises(Rejected) as caught:
            call()
        assert caught.value.reason is Reason.UNSUPPORTED
    with pytest.raises(Rejected) as caught:
        agent.discard(issued)
    assert caught.value.reason is Reason.CLOSED


# === DISBELIEF === #

TOLD = (
    "<xmlnyugtavalasz><sikeres>true</sikeres><nyugta><alap><id>1</id>"
    "<hivasAzonosito>{key}</hivasAzonosito><nyugtaszam>NYGT-1</nyugtaszam>"
    "<tipus>NY</tipus><stornozott>false</stornozott><kelt>2026-11-20</kelt>"
    "<fizmod>készpénz</fizmod><penznem>Ft</penznem><teszt>true</teszt>"
    "<rendelesSzam>POS-0001</rendelesSzam></alap><osszegek><totalossz>"
    "<netto>1681</netto><afa>319</afa><brutto>2000.0</brutto></totalossz></osszegek>"
    "</nyugta></xmlnyugtavalasz>"
).format(key="A" * 26)
STORNO = TOLD.replace(">NY<", ">SN<").replace(">2000.0<", ">-2000<")
SPOILT = {
    "another caller's": ("A" * 26, "B" * 26),
    "a storno": (">NY<", ">SN<"),
    "an unknown type": (">NY<", ">XX<"),
    "no success": (">true</sikeres>", "></sikeres>"),
    "no number": (">NYGT-1<", "> <"),
    "no total": (">2000.0<", ">x<"),
    "not said whether it is reversed": (">false</stornozott>", "></stornozott>"),
    "another answer": ("xmlnyugtavalasz", "xmlszamlavalasz"),
}


def test_the_answer_is_read_with_forints_by_their_other_name():
    made = answering(TOLD).issue(provider().render(receipt()))
    assert (made.number, made.gross, made.currency) == ("NYGT-1", 2000, "HUF")
    assert (made.net, made.outstanding, made.sandbox) == (1681, 0, True)


def test_a_receipt_may_be_told_without_its_key_when_it_is_issued():
    told = TOLD.replace("A" * 26, "")
    assert answering(told).issue(provider().render(receipt())).number == "NYGT-1"


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT.keys())
def test_an_answer_that_is_not_of_our_receipt_leaves_the_outcome_unknown(spoilt):
    with pytest.raises(OutcomeUnknown):
        answering(TOLD.replace(*spoilt)).issue(provider().render(receipt()))


@pytest.mark.parametrize("length", range(0, len(TOLD), 23))
def test_a_body_that_ends_too_early_is_never_a_receipt(length):
    with pytest.raises(OutcomeUnknown):
        answering(TOLD[:length]).issue(provider().render(receipt()))


def test_a_missing_element_is_no_missing_receipt():
    """Code 7 means both; the vendor's example of the first is an e-mail's subject."""
    missing = answering(szlahu_error_code="7", szlahu_error="emailtargy")
    document = replace(NOBODY, kind=Kind.RECEIPT)
    for call, reason in (
        (lambda: missing.issue(missing.render(receipt())), Reason.CONTENT),
        (lambda: missing.send(document, ("a@example.com",)), Reason.CONTENT),
        (lambda: missing.get(document), Reason.NOT_FOUND),
        (lambda: missing.cancel(cancellation(document)), Reason.NOT_FOUND),
    ):
        with pytest.raises(Rejected) as caught:
            call()
        assert caught.value.reason is reason


def test_another_receipt_than_the_one_asked_for_is_not_believed():
    document = IssuedDocument(
        id="NYGT-9",
        number="NYGT-9",
        kind=Kind.RECEIPT,
        gross=Decimal(2000),
        currency="HUF",
    )
    for ask in (
        lambda: answering(TOLD).get(document),
        lambda: answering(TOLD).download(document),
        lambda: answering(TOLD).find(receipt(order_number="POS-0002")),
        lambda: answering(STORNO).find(receipt()),  # it names no receipt
    ):
        with pytest.raises(NotProcessed) as caught:
            ask()
        assert caught.value.reason is Reason.UNREADABLE


@pytest.mark.parametrize(
    "spoilt",
    [
        (">NYGT-2<", ">NYGT-1<"),
        (">-2000<", ">2000<"),
        (">-2000<", ">-1999<"),
        (">SN<", ">NY<"),
        ("</stornozott>", "</stornozott><stornozottNyugtaszam>NYGT-7"),
    ],
    ids=str,
)
def test_an_answer_that_is_not_the_storno_is_not_believed(spoilt):
    named = "</stornozott><stornozottNyugtaszam>NYGT-1</stornozottNyugtaszam>"
    storno = STORNO.replace(">NYGT-1<", ">NYGT-2<")
    good = storno.replace("</stornozott>", named, 1)
    old, new = spoilt
    if new.endswith("NYGT-7"):
        old, new = "stornozottNyugtaszam>NYGT-1", "stornozottNyugtaszam>NYGT-7"
    assert old in good
    assert _reverse(good).number == "NYGT-2"
    with pytest.raises(OutcomeUnknown):
        _reverse(good.replace(old, new))


def _reverse(body):
    """Let the service answer a storno like this; the original stands."""
    made = provider()
    replies = iter([Answer(200, {}, TOLD.encode()), Answer(200, {}, body.encode())])
    made.http.send = lambda *_args, **_options: next(replies)
    original = answering(TOLD).issue(provider().render(receipt()))
    return made.cancel(cancellation(original))


PIECES = st.sampled_from(
    [
        *("<xmlnyugtavalasz>", "</xmlnyugtavalasz>", "<sikeres>true</sikeres>", "&"),
        *("<nyugta>", "</nyugta>", "<alap>", "</alap>", "<tipus>NY</tipus>", "\0"),
        *("<nyugtaszam>X-1</nyugtaszam>", "<stornozott>false</stornozott>", "é"),
        *("<osszegek><totalossz><brutto>", "1e9999", "2000", "<hibakod>338</hibakod>"),
        *("</brutto></totalossz></osszegek>", "<nyugtaPdf>JVBERi0=</nyugtaPdf>"),
    ]
)
BODIES = st.binary(max_size=200) | st.lists(PIECES, max_size=20).map(
    lambda pieces: "".join(pieces).encode()
)


@examples(200)
@given(BODIES, st.sampled_from([200, 200, 302, 404, 429, 500]))
def test_whatever_is_answered_ends_in_the_vocabulary(body, status):
    made, document = answering(body, status), replace(NOBODY, kind=Kind.RECEIPT)
    for act in (
        lambda: made.issue(made.render(receipt())),
        lambda: made.cancel(cancellation(document)),
        lambda: made.send(document, ("a@example.com",)),
    ):
        try:
            act()
        except ProviderError:
            pass
    for read in (
        lambda: made.find(receipt()),
        lambda: made.get(document),
        lambda: made.find_cancellation(cancellation(document)),
        lambda: made.download(document),
    ):
        try:
            read()
        except OutcomeUnknown:
            pytest.fail("a question cannot have an unknown outcome")
        except ProviderError:
            pass


def test_an_invoice_is_none_of_the_receipts(agent):
    """The calls are apart: neither finds what the other has made."""
    issue(agent)
    assert agent.find(receipt()) is None
    agent.issue(agent.render(receipt(order_number="POS-0002")))
    assert agent.find(invoice(order_number="POS-0002", external_key="X" * 26)) is None
