"""A document's life as a machine: a service that loses answers, people, a bad clock.

Hypothesis sells, takes back, changes the buyer, lets calls fail in every way, kills the
worker before and after a call, lets people retry, look, drop and settle, and sets the
clock back; after each step the promises are checked. ``Lane`` here is the shortest lane
that follows ``billing.lifecycle``, ``billing.refund`` and ``billing.rebill``: what
these decide is all that keeps the promises.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from salon_invoice_bridge.billing import lifecycle, rebill, refund
from salon_invoice_bridge.billing.errors import (
    AccountProblem,
    AlreadyExists,
    NotProcessed,
    OutcomeUnknown,
    ProviderError,
    Reason,
    Rejected,
)
from salon_invoice_bridge.billing.invoice import (
    EXISTING_STATES,
    MAIN_KINDS,
    OPEN_STATES,
    DocumentKind,
    IssuedDocument,
    Kind,
    Line,
    State,
)
from salon_invoice_bridge.billing.lifecycle import Limits, Progress
from salon_invoice_bridge.billing.problem import Code, Problem
from salon_invoice_bridge.billing.rebill import Plan
from salon_invoice_bridge.billing.returns import difference
from tests.examples import examples

SALE = 1  # the id of the sale's order; its refunds are 2, 3, ...
START = datetime(2026, 11, 20, 12)
LIMITS = Limits(timeout=30, absence_margin=120)
#: Nothing is put off for longer, in seconds: see ``salon.invoice.account``.
LONGEST = 8 * 3600
KINDS = {
    DocumentKind.INVOICE: Kind.INVOICE,
    DocumentKind.REMAINDER: Kind.INVOICE,
    DocumentKind.CORRECTION: Kind.CORRECTION,
    DocumentKind.STORNO: Kind.STORNO,
}

#: What may become of a call that creates a document, and of one that looks it up.
SENDS = {
    "done": None,
    "different": None,
    "lost": OutcomeUnknown("", reason=Reason.TIMEOUT),
    "made, unreadable": OutcomeUnknown(""),
    "late": OutcomeUnknown("", reason=Reason.CONNECTION_LOST),
    "never": OutcomeUnknown("", reason=Reason.SERVER_ERROR),
    "refused": Rejected(""),
    "key": AccountProblem(""),
    "setup": AccountProblem("", reason=Reason.SETUP),
    "read only": AccountProblem("", reason=Reason.READ_ONLY),
    "down": NotProcessed(""),
    "limit": NotProcessed("", reason=Reason.RATE_LIMIT, scope="issue", retry_after=90),
    "puzzle": NotProcessed("", reason=Reason.UNREADABLE),
    "exists": AlreadyExists(""),
}
#: Those after which the service has the document, at once or in a moment.
ACTING = frozenset({"done", "different", "lost", "made, unreadable", "late"})
#: Those after which it is known that it has not.
DEFINITE = frozenset(
    {"refused", "key", "setup", "read only", "down", "limit", "puzzle"}
)
#: Those after which it is not known.
UNKNOWN = frozenset({"lost", "made, unreadable", "late", "never"})
LOOKS = {
    "answer": None,
    "down": NotProcessed(""),
    "unknown": OutcomeUnknown("", reason=Reason.TIMEOUT),
    "puzzle": NotProcessed("", reason=Reason.UNREADABLE),
    "key": AccountProblem(""),
    "refused": Rejected(""),
    "broken": ZeroDivisionError(),
}
CRASHES = ["", "", "", "before the call", "after the call", "after the evidence"]


class Killed(Exception):
    """The worker is gone."""


@dataclass
class Paper:
    """A document at the service."""

    number: int
    key: str
    kind: Kind
    lines: tuple
    original: int | None = None  # the number of what it cancels or corrects
    cancelled: bool = False
    buyer: int = 0


@dataclass
class Row:
    """A row of ``salon.invoice.document``."""

    id: int
    order: int
    progress: Progress
    key: str
    origin: int | None = None
    sale_snapshot: tuple = ()  # entries
    kept: tuple = ()  # lines that a correction leaves, or entries of a remainder
    content: tuple | None = None
    paper: int | None = None
    skip_reason: str = ""
    answer: object = None  # the evidence of the last call, as it was committed
    by_hand: bool = False
    buyer: int = 0
    next_buyer: int = 0  # of what follows it, once it is cancelled
    # What the test knows, and the row does not.
    unknown: bool = False  # bytes were sent, and it is not known what became of them
    uncertain_sends: int = 0  # of this request, since a person looked at it
    told: object = None  # what a person is told

    @property
    def kind(self):
        return self.progress.kind

    @property
    def state(self):
        return self.progress.state


@dataclass
class Service:
    """A service that does not notice when it is asked for the same twice."""

    papers: list = field(default_factory=list)
    late: list = field(default_factory=list)  # (real seconds, row, lines)

    def act(self, row, lines, original):
        """Make the document; the storno of a cancelled original is the one it has."""
        if row.kind is DocumentKind.STORNO:
            known = [
                paper
                for paper in self.papers
                if paper.kind is Kind.STORNO and paper.original == original.number
            ]
            if known:
                return known[0]
            original.cancelled = True
            lines = tuple(
                replace(line, quantity=-line.quantity, gross=-line.gross)
                for line in original.lines
            )
        made = Paper(
            number=len(self.papers) + 1,
            key=row.key,
            kind=KINDS[row.kind],
            lines=lines,
            original=original and original.number,
            buyer=row.buyer,
        )
        self.papers.append(made)
        return made

    def find(self, row, original):
        for paper in self.papers:
            if row.kind is DocumentKind.STORNO:
                if paper.kind is Kind.STORNO and paper.original == original.number:
                    return paper
            elif paper.key == row.key:
                return paper
        return None

    def paper(self, number):
        return self.papers[number - 1] if number else None


def waits_for(name):
    """Return the problem that a document waits for another one."""
    return Problem(Code.WAITS_FOR, document=name)


class Life(RuleBasedStateMachine):
    """A sale, its refunds, and their documents."""

    def __init__(self):
        super().__init__()
        self.seconds = 0.0  # real ones
        self.clock_error = timedelta()
        self.service = Service()
        self.rows = []
        self.sold = []
        self.returned = {}
        self.entry_ids = 100
        self.buyers = 0  # how many have been named

    @initialize(
        pieces=st.lists(st.integers(1, 3), min_size=1, max_size=3),
        corrects=st.booleans(),
        proves=st.booleans(),
        reused=st.booleans(),
    )
    def sell(self, pieces, corrects, proves, reused):
        self.corrects, self.proves = corrects, proves
        self.sold = [
            entry(number, quantity, 1000 * number * quantity)
            for number, quantity in enumerate(pieces, 1)
        ]
        row = self.ask(SALE, DocumentKind.INVOICE, tuple(self.sold))
        row.progress = replace(row.progress, partner_reused=reused)

    def ask(self, order, kind, sale_snapshot=(), **values):
        row = Row(
            id=len(self.rows) + 1,
            order=order,
            key=f"{order}/{kind.value}/{len(self.rows)}",
            sale_snapshot=sale_snapshot,
            progress=Progress(
                state=State.WAITING,
                kind=kind,
                created_at=self.now,
                sold_at=self.now,
                next_attempt=self.now,
            ),
            **values,
        )
        if row.origin:
            origin = self.rows[row.origin - 1]
            row.progress = replace(row.progress, origin_kind=origin.kind)
        self.rows.append(row)
        return row

    @property
    def main(self):
        """Return the sale's own document: the last one."""
        return [row for row in self.rows if row.kind in MAIN_KINDS][-1]

    @property
    def now(self):
        return START + timedelta(seconds=self.seconds) + self.clock_error

    def rows_in(self, *states):
        return [row for row in self.rows if row.state in states]

    # === THE TILL === #

    @precondition(lambda self: self.rows and any(self.left().values()))
    @rule(data=st.data())
    def take_back(self, data):
        """A customer brings something back, and pays nothing for the rest."""
        order = max([SALE, *self.returned]) + 1
        taken = []
        for one in self.sold:
            count = data.draw(st.integers(0, self.left()[one["line"]]))
            if count:
                self.entry_ids += 1
                price = Decimal(one["gross"]) / Decimal(one["quantity"])
                taken.append(entry(self.entry_ids, -count, -count * price, one["line"]))
        assume(taken)
        self.returned[order] = tuple(taken)
        self.ask(order, DocumentKind.REFUND, tuple(taken))

    @precondition(lambda self: self.rows and sum(self.left().values()) > 1)
    @rule(data=st.data(), send=st.sampled_from(["down", "never", "refused"]))
    def take_back_twice(self, data, send):
        """The second one comes while the first is not settled."""
        self.take_back(data)
        self.run_lane(send=send)
        if any(self.left().values()):
            self.take_back(data)
        self.run_lane()

    @precondition(lambda self: self.rows and sum(self.left().values()) > 1)
    @rule(data=st.data(), presses=st.just(1) | st.just(2))
    def take_back_and_think_again(self, data, presses):
        """What it needs is refused, dropped with what was kept, and asked for again."""
        self.take_back(data)
        self.run_lane(send="refused")
        if self.rows_in(State.ATTENTION):
            self.change_their_mind(data, "never", presses)

    @precondition(lambda self: self.rows)
    @rule(run=st.booleans(), send=st.sampled_from([*sorted(UNKNOWN), "down", "done"]))
    def change_the_buyer(self, run, send):
        """Somebody gives company data, perhaps twice, while anything may be open."""
        documents = self.family().documents
        plan = rebill.decide(
            rebill.Situation(
                came_back=bool(self.returned),
                main=documents[self.main.id - 1],
                documents=documents,
                planned=bool(self.main.next_buyer),
            )
        )
        assume(isinstance(plan, Plan))
        self.buyers += 1
        main = self.main
        if plan is Plan.REWRITE and main.state is State.SKIPPED:
            self.apply(main, lifecycle.ask_again(main.progress, self.now))
            main.skip_reason, main.buyer = "", self.buyers
        elif plan is Plan.REWRITE:
            self.apply(main, lifecycle.rewrite(main.progress, self.now))
            main.buyer = self.buyers
        elif plan is Plan.AGAIN:
            self.ask_for_buyer(self.buyers)
        else:
            main.next_buyer = self.buyers
            if plan is Plan.REPLACE:
                self.ask(SALE, DocumentKind.STORNO, origin=main.id)
        if run:
            self.run_lane(send=send)

    def ask_for_buyer(self, buyer):
        self.ask(SALE, DocumentKind.INVOICE, tuple(self.sold), buyer=buyer)

    def left(self):
        """Return how many pieces of each line the customer has."""
        left = Counter({one["line"]: int(one["quantity"]) for one in self.sold})
        for one in [one for entries in self.returned.values() for one in entries]:
            left[one["refunds"]] += int(one["quantity"])
        return left

    # === TIME === #

    @rule(seconds=st.sampled_from([0.5, 5, 40, 200, 2000]))
    def wait(self, seconds):
        self.pass_time(seconds)

    @rule()
    def wait_for_the_next(self):
        """Until a row is due: what was put off for too long is brought forward."""
        due = self.rows_in(State.WAITING, State.CHECKING)
        if not due:
            return
        self.sweep()
        first = min(row.progress.next_attempt for row in due)
        self.pass_time(max((first - self.now).total_seconds(), 0))

    @rule(seconds=st.sampled_from([30, 3600, 86400, 40_000_000]))
    def set_the_clock_back(self, seconds):
        self.clock_error -= timedelta(seconds=seconds)

    @precondition(lambda self: self.clock_error)
    @rule()
    def set_the_clock_right(self):
        """Only while no call is under way: no row could know how long ago it was."""
        self.pass_time(LIMITS.timeout)
        self.clock_error = timedelta()

    def pass_time(self, seconds):
        self.seconds += seconds
        arrived = [late for late in self.service.late if late[0] <= self.seconds]
        for late in arrived:
            self.service.late.remove(late)
            _seconds, row, lines, original = late
            self.service.act(row, lines, original)

    def sweep(self):
        limit = self.now + timedelta(seconds=LONGEST)
        for row in self.rows_in(State.WAITING, State.CHECKING):
            if row.progress.next_attempt > limit:
                row.progress = replace(row.progress, next_attempt=self.now)

    # === THE LANE === #

    @precondition(lambda self: self.is_due())
    @rule()
    def all_is_well(self):
        self.run_lane()

    @precondition(lambda self: self.is_due())
    @rule(
        send=st.sampled_from(sorted(UNKNOWN)),
        crash=st.sampled_from(CRASHES),
        look=st.sampled_from(["answer", "broken"]),
    )
    def lose_an_answer(self, send, crash, look):
        self.run_lane(send=send, crash=crash, look=look)

    @precondition(lambda self: self.is_due())
    @rule(
        send=st.sampled_from(sorted(SENDS)),
        look=st.sampled_from(sorted(LOOKS)),
        crash=st.sampled_from(CRASHES),
        jitter=st.sampled_from([1.0, 1.3]),
    )
    def have_trouble(self, send, look, crash, jitter):
        self.run_lane(send, look, crash, jitter)

    @precondition(lambda self: self.is_due())
    @rule(times=st.integers(2, 25), send=st.sampled_from(["never", "key", "setup"]))
    def be_silent(self, times, send):
        """Look-ups are answered, and what is sent is not, for a long time."""
        for _time in range(times):
            self.run_lane(send=send)
            self.wait_for_the_next()

    @precondition(lambda self: self.is_due())
    @rule(data=st.data())
    def have_a_bad_minute(self, data):
        """The answer is late, the look-up breaks the program, a person hurries."""
        self.run_lane(send="late")
        self.run_lane(look="broken")
        if self.rows_in(State.ATTENTION):
            self.be_in_a_hurry(data, "lost")

    @precondition(lambda self: self.rows_in(State.ATTENTION))
    @rule(data=st.data(), send=st.sampled_from(sorted(UNKNOWN)))
    def be_in_a_hurry(self, data, send):
        """A person asks, retries, and does not wait; the answer is lost."""
        if data.draw(st.booleans()):
            self.check_at_the_service(data)
            self.run_lane()
        if self.rows_in(State.ATTENTION):
            self.retry(data)
        self.run_lane(send=send)

    def is_due(self):
        return self.rows_in(State.SENDING) or any(
            lifecycle.is_due(row.progress, self.now) for row in self.rows
        )

    def run_lane(self, send="done", look="answer", crash="", jitter=1.0):
        """Take up lost rows, then advance the one that is due first."""
        for row in self.rows_in(State.SENDING):
            self.recover(row)
        due = [row for row in self.rows if lifecycle.is_due(row.progress, self.now)]
        if not due:
            return
        row = min(due, key=lambda row: (row.progress.next_attempt, row.id))
        self.outcomes = send, look, crash
        try:
            self.advance(row)
        except ProviderError as error:
            self.apply(
                row,
                lifecycle.after_error(row.progress, error, self.now, LIMITS, jitter),
            )
        except Killed:
            pass
        except ZeroDivisionError:
            self.apply(row, lifecycle.after_crash(row.progress, self.now))

    def recover(self, row):
        answer, row.answer = row.answer, None
        if isinstance(answer, ProviderError):
            change = lifecycle.after_error(row.progress, answer, self.now, LIMITS)
            self.apply(row, change)
        elif answer:
            self.take_answer(row, answer)
        else:
            self.apply(row, lifecycle.after_unknown_outcome(row.progress, self.now))

    def advance(self, row):
        if row.state is State.CHECKING:
            self.look_up(row)
        elif self.is_ready(row):
            self.send(row)

    def send(self, row):
        send, _look, crash = self.outcomes
        if lifecycle.must_build(row.progress, None, None):
            self.build(row)
        if lifecycle.must_look_up_first(row.progress, self.now):
            if found := self.find(row):
                self.apply(row, lifecycle.look_up_now(row.progress, self.now))
                self.take_found(row, found)
                return
        self.apply(row, lifecycle.claim(row.progress, self.now))
        row.answer, row.unknown = None, True
        if crash == "before the call":
            row.uncertain_sends += 1
            raise Killed
        answer = self.call(row, send)
        if crash == "after the call":
            row.uncertain_sends += 1
            raise Killed
        if send in DEFINITE:
            row.unknown = False
        else:
            row.uncertain_sends += 1
        row.answer = answer
        if crash:
            raise Killed
        row.answer = None
        if isinstance(answer, ProviderError):
            raise answer
        self.take_answer(row, answer)

    def call(self, row, send):
        """Let the service do what it does; return its answer, or its error."""
        original, error = self.original(row), SENDS[send]
        if send == "exists":
            if not self.service.find(row, original):
                return self.service.act(row, row.content, original)
            return error
        if send == "late":
            until = self.seconds + LIMITS.timeout
            self.service.late.append((until, row, row.content, original))
        elif send in ACTING:
            lines = row.content
            if send == "different" and row.kind is not DocumentKind.STORNO:
                lines = tuple(replace(line, gross=line.gross + 1) for line in lines)
            made = self.service.act(row, lines, original)
            if send == "made, unreadable":
                return OutcomeUnknown("", document=issued(made))
            return error or made
        return error

    def original(self, row):
        """Return the paper that a storno or a correction is about."""
        return self.service.paper(row.origin and self.rows[row.origin - 1].paper)

    def build(self, row):
        assert not row.unknown, "built anew although it may have arrived"
        if row.kind is DocumentKind.CORRECTION:
            before = [
                line
                for other in self.rows
                if other.id == row.origin
                or (other.origin == row.origin and other.state is State.ISSUED)
                for line in other.content
            ]
            row.content = difference(tuple(before), row.kept, "HUF")
        elif row.kind is DocumentKind.REMAINDER:
            row.content = lines_of(row.sale_snapshot)
        else:
            row.content = lines_of(row.sale_snapshot) or ()
        row.uncertain_sends = 0
        row.progress = replace(row.progress, has_request=True)

    def find(self, row):
        _send, look, _crash = self.outcomes
        if LOOKS[look]:
            raise LOOKS[look]
        return self.service.find(row, self.original(row))

    def look_up(self, row):
        if found := self.find(row):
            self.take_found(row, found)
            return
        proves = self.proves or row.kind is DocumentKind.STORNO
        change = lifecycle.after_absence(row.progress, self.now, LIMITS, proves)
        self.apply(row, change)
        if row.state is State.WAITING:
            row.unknown = False

    def take_answer(self, row, made):
        self.take_found(row, made, answered=True)

    def take_found(self, row, made, answered=False):
        if row.kind is not DocumentKind.STORNO and made.lines != row.content:
            self.apply(
                row,
                lifecycle.after_difference(
                    row.progress, issued(made), (), answered=answered
                ),
            )
            return
        row.paper = made.number
        self.apply(row, lifecycle.issue(row.progress))

    def apply(self, row, change):
        if change.problem:
            row.told = change.problem
        if change.made:
            row.paper = int(change.made.id)
            change = replace(
                change, progress=replace(change.progress, has_remote_id=True)
            )
        row.progress = change.progress
        if not row.progress.has_request:
            row.content = None
        if row.state not in OPEN_STATES:
            self.settled(row)

    def settled(self, row):
        """Let the family go on: see ``_on_settled``."""
        origin = row.origin and self.rows[row.origin - 1]
        if row.kind is DocumentKind.STORNO and row.state is State.ISSUED:
            state = State.CANCELLED
            if origin.state in (State.ISSUED, State.ATTENTION):
                origin.progress = lifecycle.enter(origin.progress, state)
                if origin.next_buyer:
                    self.ask_for_buyer(origin.next_buyer)
                origin.next_buyer = 0
        if row.kind is DocumentKind.STORNO and row.state is State.SKIPPED:
            origin.next_buyer = 0
            for other in self.rows_in(State.WAITING, State.ATTENTION):
                if other.kind is DocumentKind.REMAINDER and other.origin == row.id:
                    self.skip(other, "dropped")
        for other in self.rows_in(State.WAITING):
            other.progress = replace(other.progress, next_attempt=self.now)

    # === WHAT A ROW BECOMES === #

    def family(self, row=None):
        documents = tuple(
            refund.Document(
                id=one.id,
                order=one.order,
                kind=one.kind,
                state=one.state,
                skip_reason=one.skip_reason,
                origin=one.origin,
                has_remote_copy=bool(one.paper) and not one.by_hand,
                has_content=one.content is not None,
                may_have_arrived=lifecycle.may_have_arrived(one.progress),
                lines=one.content or (),
            )
            for one in self.rows
        )
        return refund.Family(
            documents=documents,
            main=documents[self.main.id - 1],
            sold=tuple(self.sold),
            returned=self.returned,
            refund=row and row.order,
            document=row and row.id,
        )

    def is_ready(self, row):
        if row.kind is DocumentKind.REFUND:
            return self.decide(row)
        if row.kind in MAIN_KINDS:
            family = self.family()
            if self.returned and refund.is_all_back(family):
                self.drop_sale()
                return False
            self.reconsider(refund.UNASKED_REASONS)
        if row.kind is DocumentKind.REMAINDER:
            storno = self.rows[row.origin - 1]
            if storno.state is State.SKIPPED:
                return self.skip(row, "dropped")
            if storno.state is not State.ISSUED:
                change = lifecycle.put_off(
                    row.progress, waits_for("the storno"), self.now
                )
                return self.apply(row, change)
            family = replace(self.family(row), refund=row.order)
            left = tuple(refund.kept(family, refund.settled_refunds(family)))
            if not left and not row.progress.has_request:
                return self.skip(row, "refunded")
            if not row.progress.has_request:
                row.sale_snapshot = left
        return True

    def reconsider(self, reasons):
        """Have refunds decided again that needed nothing, for one of ``reasons``."""
        for row in self.rows_in(State.SKIPPED):
            if row.kind is DocumentKind.REFUND and row.skip_reason in reasons:
                self.apply(row, lifecycle.reconsider(row.progress, self.now))
                row.skip_reason = ""

    def decide(self, row):
        decision = refund.decide(
            self.family(row), corrects=self.corrects, lines_of=lines_of
        )
        if isinstance(decision, refund.Skip):
            return self.skip(row, decision.reason)
        if isinstance(decision, refund.DropSale):
            return self.drop_sale()
        if isinstance(decision, refund.Wait):
            name = str(decision.document.id)
            change = lifecycle.put_off(row.progress, waits_for(name), self.now)
            return self.apply(row, change)
        self.become(row, decision)
        return True

    def become(self, row, decision):
        kind = DocumentKind.STORNO
        if isinstance(decision, refund.Correction):
            kind, row.kept = DocumentKind.CORRECTION, decision.lines
        row.origin = decision.original.id
        origin = self.rows[row.origin - 1]
        row.key = f"{row.order}/{kind.value}/{len(self.rows)}/{self.seconds}"
        row.progress = replace(row.progress, kind=kind, origin_kind=origin.kind)
        if isinstance(decision, refund.StornoAndRemainder):
            self.ask_for_the_rest(row, decision.kept)

    def ask_for_the_rest(self, storno, kept):
        """A storno has one remainder, whatever is dropped and asked for again."""
        for row in self.rows:
            if row.kind is DocumentKind.REMAINDER and row.origin == storno.id:
                self.apply(row, lifecycle.ask_again(row.progress, self.now))
                row.sale_snapshot, row.skip_reason = kept, ""
                return
        self.ask(storno.order, DocumentKind.REMAINDER, kept, origin=storno.id)

    def skip(self, row, reason):
        self.apply(row, lifecycle.skip(row.progress))
        row.skip_reason = reason
        return False

    def drop_sale(self):
        for row in [self.main, *self.rows_in(State.WAITING)]:
            if row.kind in (*MAIN_KINDS, DocumentKind.REFUND):
                if row.state is not State.SKIPPED:
                    self.skip(row, refund.Reason.REFUNDED)
        return False

    # === PEOPLE === #

    @precondition(lambda self: self.rows_in(State.ATTENTION))
    @rule(data=st.data())
    def retry(self, data):
        """Where nobody else can say it, the person has looked before."""
        row = data.draw(st.sampled_from(self.rows_in(State.ATTENTION)))
        if row.progress.problem_reason == lifecycle.UNPROVEN:
            assume(not self.is_there(row))
        if row.progress.problem_reason in lifecycle.ASKING_FOR_A_LOOK:
            row.unknown = False
        self.apply(row, lifecycle.retry(row.progress, self.now))
        row.uncertain_sends = 0

    def is_there(self, row):
        """Return True if the service has it, or is about to make it."""
        return bool(self.service.find(row, self.original(row))) or any(
            late[1] is row for late in self.service.late
        )

    @precondition(lambda self: self.rows_in(State.ATTENTION))
    @rule(data=st.data())
    def check_at_the_service(self, data):
        row = data.draw(st.sampled_from(self.rows_in(State.ATTENTION)))
        assume(row.progress.sent_at)
        self.apply(row, lifecycle.ask_service(row.progress, self.now))

    @precondition(lambda self: self.rows_in(State.ATTENTION, State.WAITING))
    @rule(data=st.data(), made=st.booleans())
    def settle(self, data, made):
        """Say that the document was made by hand, or that none is needed."""
        rows = self.rows_in(State.ATTENTION, State.WAITING)
        row = data.draw(st.sampled_from(rows))
        assume(lifecycle.may_settle(row.progress))
        if made:
            self.apply(row, lifecycle.settle(row.progress))
            row.by_hand = True
        else:
            self.skip(row, refund.Reason.DROPPED)

    @precondition(lambda self: self.rows_in(State.ATTENTION))
    @rule(
        data=st.data(),
        send=st.sampled_from(sorted(UNKNOWN)),
        presses=st.just(1) | st.just(2),
    )
    def change_their_mind(self, data, send, presses):
        """Say that no document is needed, and ask for it after all.

        With a second press before the lane has noticed the first one: what was dropped
        together is asked for together.
        """
        self.settle(data, made=False)
        for _press in range(presses):
            if self.rows_in(State.SKIPPED):
                self.ask_again(data)
        self.run_lane(send=send)

    @precondition(lambda self: self.rows_in(State.SKIPPED))
    @rule(data=st.data())
    def ask_again(self, data):
        row = data.draw(st.sampled_from(self.rows_in(State.SKIPPED)))
        # The storno of a changed buyer is asked for by changing it again.
        assume(row.kind is not DocumentKind.STORNO or row.order != SALE)
        origin = row.origin and self.rows[row.origin - 1]
        overtaken = row.kind is DocumentKind.STORNO and origin.state is not State.ISSUED
        # Only one storno of an original is not skipped: the database says so.
        assume(
            row.kind is not DocumentKind.STORNO
            or overtaken
            or not self.family().follow_up(
                self.family().documents[row.origin - 1], DocumentKind.STORNO
            )
        )
        if overtaken:
            row.unknown = False  # the original is cancelled, and cannot be twice
        again = lifecycle.ask_again(row.progress, self.now, overtaken)
        self.apply(row, again)
        row.skip_reason, row.uncertain_sends = "", 0
        if row.kind is DocumentKind.REMAINDER:
            self.reconsider({refund.Reason.ALREADY_CANCELLED})
        elif row.kind in MAIN_KINDS:
            self.reconsider(refund.UNASKED_REASONS)
        if row.state is State.WAITING and row.kind in refund.TAKING_BACK_KINDS:
            row.sale_snapshot, row.origin = self.returned[row.order], None
            row.progress = replace(
                row.progress, kind=DocumentKind.REFUND, origin_kind=None
            )

    # === THE PROMISES === #

    @invariant()
    def nothing_is_issued_twice(self):
        keys = Counter(paper.key for paper in self.service.papers)
        assert max(keys.values(), default=0) < 2, keys

    @invariant()
    def one_buyer_has_the_sale(self):
        """No second invoice of a sale is at the service beside the first."""
        sold = {row.key for row in self.rows if row.kind in MAIN_KINDS}
        valid = [
            paper
            for paper in self.service.papers
            if paper.key in sold and not paper.cancelled
        ]
        # Who says that a storno was made by hand is believed.
        assert len(valid) < 2 or any(row.by_hand for row in self.rows), valid

    @invariant()
    def five_sends_are_the_most(self):
        assert all(row.uncertain_sends <= LIMITS.max_sends for row in self.rows)

    @invariant()
    def there_is_no_fifth_place(self):
        for row in self.rows:
            progress = row.progress
            if row.state in (State.WAITING, State.CHECKING):
                assert progress.next_attempt
            elif row.state is State.ATTENTION:
                assert progress.problem_reason and row.told
            elif row.state is State.SKIPPED:
                assert row.skip_reason
            else:
                assert row.state is State.SENDING or row.state in EXISTING_STATES

    @invariant()
    def what_may_have_arrived_keeps_its_request(self):
        for row in self.rows:
            if row.unknown and row.state in OPEN_STATES:
                assert row.progress.has_request
                assert lifecycle.may_have_arrived(row.progress)

    def teardown(self):
        """The service works, people do what they are told: all is settled."""
        for _turn in range(200):
            for row in self.rows_in(State.ATTENTION):
                self.do_what_is_told(row)
            if not self.rows_in(State.WAITING, State.CHECKING, State.SENDING):
                break
            self.sweep()
            for row in self.rows_in(State.SENDING):
                self.recover(row)
            due = self.rows_in(State.WAITING, State.CHECKING)
            if due:
                first = min(row.progress.next_attempt for row in due)
                self.pass_time(max((first - self.now).total_seconds(), 0))
                self.run_lane()
        open_ = self.rows_in(*OPEN_STATES)
        assert all(self.is_beyond_us(row) for row in open_), "\n".join(
            map(str, self.rows)
        )
        self.assert_same_forints()

    def do_what_is_told(self, row):
        if self.is_beyond_us(row):
            return
        if row.progress.problem_reason == lifecycle.UNPROVEN:
            self.pass_time(LIMITS.timeout)
            if self.is_there(row):
                self.apply(row, lifecycle.settle(row.progress))
                row.by_hand = True
                return
            row.unknown = False
        if row.progress.problem_reason == lifecycle.ABSENT:
            row.unknown = False
        self.apply(row, lifecycle.retry(row.progress, self.now))
        row.uncertain_sends = 0

    def is_beyond_us(self, row):
        """Return True where a person must do something at the service itself."""
        made_by_hand = any(one.by_hand for one in self.rows)
        return row.state is not State.SENDING and (made_by_hand or self.has_different())

    def has_different(self):
        return any(
            row.progress.problem_reason == lifecycle.DIFFERENT
            or (row.content is not None and self.differs(row))
            for row in self.rows
        )

    def differs(self, row):
        paper = self.service.find(row, self.original(row))
        return bool(
            paper and row.kind is not DocumentKind.STORNO and paper.lines != row.content
        )

    def assert_same_forints(self):
        """The service has what the till kept, line by line."""
        if (
            self.rows_in(*OPEN_STATES)
            or any(row.by_hand or row.skip_reason == "dropped" for row in self.rows)
            or not self.rows
        ):
            return
        there, kept = Counter(), Counter()
        for paper in self.service.papers:
            for line in paper.lines:
                there[line.ref] += line.gross
        for one in [*self.sold, *sum(self.returned.values(), ())]:
            kept[str(one["refunds"] or one["line"])] += Decimal(one["gross"])
        assert +there == +kept
        self.assert_last_buyer()

    def assert_last_buyer(self):
        """What is valid of the sale at the service is the last buyer's."""
        sold = {row.key for row in self.rows if row.kind in MAIN_KINDS}
        for paper in self.service.papers:
            if paper.key in sold and not paper.cancelled:
                assert paper.buyer == self.buyers


def entry(line, quantity, gross, refunds=None):
    return {
        "line": line,
        "refunds": refunds,
        "name": f"Line {line}",
        "quantity": str(quantity),
        "gross": str(gross),
    }


def lines_of(entries):
    return tuple(
        Line(
            name=one["name"],
            quantity=Decimal(one["quantity"]),
            gross=Decimal(one["gross"]),
            vat="27",
            ref=str(one["line"]),
        )
        for one in entries
    )


def issued(paper):
    return IssuedDocument(
        id=str(paper.number),
        number=str(paper.number),
        kind=paper.kind,
        gross=sum((line.gross for line in paper.lines), Decimal(0)),
        currency="HUF",
    )


TestLife = Life.TestCase
TestLife.settings = examples(200, stateful_step_count=20, report_multiple_bugs=False)
