"""Days at an emulated service: till = documents = what it tells = its own ledger.

Where a service has a list it is listed, elsewhere its numbers are looked up; either way
all that agrees agrees, and what is not known here is found.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.books import (
    Asked,
    Document,
    Doubt,
    Finding,
    Outcome,
    Proof,
    Repair,
    Sale,
)
from salon_invoice_bridge.billing.errors import OutcomeUnknown
from salon_invoice_bridge.billing.figures import in_own_kinds, of_invoice, turned
from salon_invoice_bridge.billing.invoice import Kind, PaymentKind, State
from salon_invoice_bridge.billing.reconcile import numbers_to_look_up, reconcile
from tests.examples import examples

from .salon import COMB, CUT, THIRDS, Salon

DAY_SECONDS = 24 * 3600
KINDS = [PaymentKind.CARD, PaymentKind.CASH, PaymentKind.VOUCHER]
KEYS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@pytest.fixture
def books(salon):
    capabilities = salon.provider.capabilities
    listed = (
        capabilities.list_receipts if salon.of_receipts else capabilities.list_documents
    )
    if not (listed or capabilities.finds_by_number):
        pytest.skip("nothing tells what this service has")
    return Books(salon, bool(listed))


@dataclass
class Books:
    """What a till and its salon know of some days at one service."""

    salon: object
    has_list: bool
    sales: list = field(default_factory=list)
    documents: list = field(default_factory=list)
    hands: int = 0

    def __post_init__(self):
        self.since = self.salon.today

    @property
    def provider(self):
        return self.salon.provider

    def sell(self, *lines, kind=PaymentKind.CARD, lost=False):
        """Sell, and have it documented; with ``lost``, without an answer."""
        number = len(self.sales) + 1
        key = "".join(KEYS[(number * 7 + n) % 32] for n in range(26))
        reference = f"260-1-{number:06d}"
        meant = self.salon.invoice(
            lines=lines,
            payment_kind=kind,
            external_key=key,
            order_number=f"{reference}-{key[:6]}",
        )
        figures = in_own_kinds(
            of_invoice(
                meant,
                self.provider.amounts(meant),
                exact=self.provider.capabilities.sends_vat,
            ),
            self.provider.reported_kind,
        )
        self.sales.append(
            Sale(
                id=number,
                family=number,
                day=self.salon.today,
                rates=figures.by_code,
                paid=figures.tenders,
                tenders=figures.tenders,
                reference=reference,
            )
        )
        document = Document(
            id=number,
            sale=number,
            family=number,
            kind=meant.kind,
            state=State.ATTENTION,
            figures=figures,
            external_key=key,
            order_number=meant.order_number,
            payment_kind=self.provider.reported_kind(kind),
            owed=Decimal(0),
        )
        request = self.provider.render(meant)
        if lost:
            with self.salon.fault("drop_after", path=self.salon.harness.create):
                with pytest.raises(OutcomeUnknown):
                    self.provider.issue(request)
        else:
            document = self._issued(document, self.provider.issue(request))
        self.documents.append(document)
        return document

    def _issued(self, document, issued):
        return replace(
            document,
            state=State.ISSUED,
            number=issued.number,
            remote_id=issued.id or issued.number,
            day=issued.issue_date or self.salon.today,
        )

    def take_back(self, document):
        """Give all of a sale back, and have its document cancelled."""
        issued = self.provider.get(self._there(document))
        storno = self.provider.cancel(self.salon.storno_of(issued))
        sale = self.sales[document.sale - 1]
        number = len(self.sales) + 1
        self.sales.append(
            replace(
                sale,
                id=number,
                day=self.salon.today,
                rates={code: -amount for code, amount in sale.rates.items()},
                paid={kind: -amount for kind, amount in sale.paid.items()},
                tenders={kind: -amount for kind, amount in sale.tenders.items()},
            )
        )
        index = self.documents.index(document)
        self.documents[index] = replace(document, state=State.CANCELLED)
        self.documents.append(
            self._issued(
                Document(
                    id=100 + document.id,
                    sale=number,
                    family=document.family,
                    kind=Kind.STORNO,
                    state=State.ISSUED,
                    figures=turned(document.figures),
                    origin=document.id,
                    of_receipt=document.is_receipt,
                ),
                storno,
            )
        )

    def _there(self, document):
        asked = self.provider.capabilities.finds_by_number
        if asked:
            return self.provider.by_number(document.number, receipt=document.is_receipt)
        day = self.salon.today
        rows = self.provider.list_issued(self.since, day)
        return next(row for row in rows if row.id == document.remote_id)

    def by_hand(self, *lines):
        """Make a document as somebody does on the service's own pages."""
        self.hands += 1
        orders = self.salon.harness.orders
        meant = self.salon.invoice(
            lines=lines,
            external_key=f"HAND{self.hands}",
            order_number=f"WEB/{self.hands}" if orders else "",
        )
        return self.provider.issue(self.provider.render(meant))

    def next_day(self):
        self.salon.advance(DAY_SECONDS)

    def ask(self):
        """Ask the service what it has."""
        capabilities, until = self.provider.capabilities, self.salon.today
        marks = {
            "marks": capabilities.tells_own,
            "marks_receipts": capabilities.tells_own_receipts,
        }
        if self.has_list:
            rows = tuple(self.provider.list_issued(self.since, until))
            return Asked(listed=rows, counted=capabilities.counts_lists, **marks)
        looked_up = {}
        while True:
            wanted = numbers_to_look_up(self.since, until, self.documents, looked_up)
            for number, receipt in wanted:
                found = self.provider.by_number(number, receipt=receipt)
                looked_up[number, receipt] = found
            if not wanted:
                return Asked(looked_up=looked_up, **marks)

    def compare(self, asked=None):
        until, asked = self.salon.today, asked or self.ask()
        return reconcile(self.since, until, self.sales, self.documents, asked)

    def is_proven(self):
        """True if this service's side can be shown to be all of it."""
        return not self.has_list or self.provider.capabilities.counts_lists


def three_days(books):
    """Sell, take back and make documents by hand on three days; return the hand's."""
    books.sell(CUT, books.salon.extra)
    second = books.sell(THIRDS, kind=PaymentKind.CASH)
    books.next_day()
    hand = books.by_hand(COMB)
    books.sell(COMB, COMB, COMB, kind=PaymentKind.VOUCHER)
    books.take_back(second)
    books.next_day()
    books.sell(CUT)
    return hand


def test_some_days_agree_with_the_service_and_its_ledger(books):
    hand = three_days(books)
    result = books.compare()
    assert not result.differences
    assert result.is_settled
    assert result.agrees is books.is_proven()
    total = result.sums["HUF"].total
    assert total.till == total.documents == total.there
    assert total.not_ours == hand.gross
    assert total.there + total.not_ours == books.salon.total()
    for bridge in result.sums["HUF"].rates.values():
        if books.provider.capabilities.tells_rates and not bridge.not_ours:
            assert bridge.till == bridge.documents == bridge.there
    strangers = [row for row in result.documents if row.outcome is Outcome.NOT_OURS]
    assert [row.listed.number for row in strangers] == [hand.number]


def test_tenders_are_the_tills_and_the_services(books):
    books.sell(CUT, kind=PaymentKind.CARD)
    books.sell(THIRDS, kind=PaymentKind.CASH)
    result = books.compare()
    tenders = result.sums["HUF"].tenders
    told = {kind: bridge.there for kind, bridge in tenders.items() if bridge.there}
    assert told == {PaymentKind.CARD: 9990, PaymentKind.CASH: 10000}
    assert all(bridge.till == bridge.there for bridge in tenders.values())


def test_a_document_whose_answer_was_lost_is_found(books):
    books.sell(COMB)
    books.sell(CUT, books.salon.extra, lost=True)
    books.sell(COMB)
    result = books.compare()
    assert not result.agrees
    (sale,) = [row for row in result.sales if row.outcome is not Outcome.AGREES]
    assert sale.findings == {Finding.ATTENTION}
    (row,) = [row for row in result.documents if row.outcome is Outcome.MISSING_HERE]
    assert row.listed.gross == 10990
    assert Repair.ADOPT in sale.repairs
    assert sale.candidate == row.listed.id


def test_a_storno_made_at_the_service_is_found(books):
    document = books.sell(CUT)
    books.sell(COMB)
    issued = books.provider.get(books._there(document))
    books.provider.cancel(books.salon.storno_of(issued))
    result = books.compare()
    assert not result.agrees
    found = {finding for row in result.differences for finding in row.findings}
    assert found == {Finding.CANCELLED, Finding.TAKEN_BACK}


def test_a_document_of_another_account_is_not_there(books):
    document = books.sell(CUT)
    books.sell(COMB)
    other = replace(document, id=77, sale=77, family=77, number="XX-2026-77")
    books.documents.append(replace(other, remote_id="999999"))
    books.sales.append(replace(books.sales[0], id=77, family=77, reference=""))
    result = books.compare()
    (row,) = [row for row in result.differences if row.document == 77]
    assert row.outcome is Outcome.MISSING_THERE
    assert not result.agrees


def test_what_can_be_proven_has_its_word(books):
    books.sell(CUT)
    result = books.compare()
    if not books.has_list:
        assert result.proof is Proof.NUMBERS
        assert result.doubts == {Doubt.OTHER_SERIES}
    elif books.provider.capabilities.counts_lists:
        assert (result.proof, result.doubts) == (Proof.LIST, frozenset())
    else:
        assert result.proof is Proof.LIST_UNCOUNTED
    nothing = books.compare(Asked())
    assert nothing.proof is Proof.NOTHING
    assert not nothing.agrees


def test_days_that_are_over_are_asked_for_one_by_one(books):
    if not books.has_list:
        pytest.skip("it is asked by numbers")
    three_days(books)
    rows, day = [], books.since
    while day <= books.salon.today:
        rows += books.provider.list_issued(day, day)
        day += timedelta(days=1)
    whole = list(books.provider.list_issued(books.since, books.salon.today))
    assert sorted(row.id for row in rows) == sorted(row.id for row in whole)


# === ANY DAYS === #

LINES = st.lists(st.sampled_from([CUT, COMB, THIRDS]), min_size=1, max_size=3)
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("sell"), LINES, st.sampled_from(KINDS)),
        st.tuples(st.just("lose"), LINES, st.sampled_from(KINDS)),
        st.tuples(st.just("take back"), st.integers(0, 9)),
        st.tuples(st.just("by hand"), LINES),
        st.tuples(st.just("storno there"), st.integers(0, 9)),
        st.tuples(st.just("next day")),
    ),
    min_size=1,
    max_size=8,
)


def do(books, action, *arguments):
    """Do one thing at the till or at the service; return whether it leaves nothing."""
    standing = [
        one
        for one in books.documents
        if one.state is State.ISSUED and one.kind is not Kind.STORNO
    ]
    if action == "sell":
        books.sell(*arguments[0], kind=arguments[1])
    elif action == "lose":
        books.sell(*arguments[0], kind=arguments[1], lost=True)
        return False
    elif action == "by hand":
        books.by_hand(*arguments[0])
    elif action == "next day":
        books.next_day()
    elif standing:
        document = standing[arguments[0] % len(standing)]
        if action == "take back":
            books.take_back(document)
            return True
        issued = books.provider.get(books._there(document))
        if issued.cancelled:
            return True
        books.provider.cancel(books.salon.storno_of(issued))
        return False
    return True


@examples(20, suppress_health_check=list(HealthCheck))
@given(actions=ACTIONS)
def test_whatever_happens_agrees_or_is_found(sandbox, harness, actions):
    """Sold, lost, taken back here or there, made by hand: till = service = ledger."""
    sandbox.world.faults.clear()
    account = sandbox.world.emulator(harness.code).create_account({})
    salon = Salon(harness, sandbox, account)
    capabilities = salon.provider.capabilities
    books = Books(
        salon,
        capabilities.list_receipts
        if harness.kind is Kind.RECEIPT
        else capabilities.list_documents,
    )
    if not (books.has_list or capabilities.finds_by_number):
        return
    taken_there, whole = set(), True
    for action in actions:
        if action[0] in ("take back", "storno there") and taken_there:
            continue  # a document that is cancelled there is not taken back again
        if not do(books, *action):
            whole = False
            if action[0] == "storno there":
                taken_there.add(action[1])
    result = books.compare()
    salon.provider.close()
    seen = books.has_list or any(one.number for one in books.documents)
    if whole:
        assert not result.differences
        assert result.agrees is (books.is_proven() and seen)
    else:
        assert not result.agrees
        assert result.differences
    sums = result.sums.get("HUF")
    if books.has_list and sums:
        assert sums.total.there + sums.total.not_ours == salon.total()
