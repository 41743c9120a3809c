"""What stands at the service is what the till has kept, by sale, day and VAT rate.

Hypothesis sells services, cards and deposits, uses them, takes things back, and has
guests change their minds; a till of plain values keeps its own books, and the shortest
service that there is makes what ``billing`` decides. Some calls are refused, and some
answers lost: then receipts are written by hand, cards are used and things taken back
before it is known what the service has. Whatever is settled agrees after each step, and
at the end everything does. Crashes are the subject of ``test_machine`` and
``test_paper``.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from salon_invoice_bridge.billing import paper, rebill, refund
from salon_invoice_bridge.billing.amendment import kept_lines
from salon_invoice_bridge.billing.choice import (
    BuyerKind,
    Outcome,
    Reason,
    Rule,
    Situation,
    TipAnswer,
    Wish,
    choose,
    invoice_only,
)
from salon_invoice_bridge.billing.deposit import Limits, is_involved, still_named
from salon_invoice_bridge.billing.invoice import DocumentKind, State
from salon_invoice_bridge.billing.lifecycle import Progress
from salon_invoice_bridge.billing.lines import (
    empty_reason,
    name_kept_off,
    sort_lines,
    supplied_gross,
)
from salon_invoice_bridge.billing.policy import Tip
from salon_invoice_bridge.billing.prepaid import Prepaid, documented
from salon_invoice_bridge.billing.problem import Code, Problem
from salon_invoice_bridge.billing.returns import difference
from salon_invoice_bridge.billing.sale import Role, SaleLine, total_gross
from tests.clock import after
from tests.examples import examples

from .salon import (
    AAM,
    VAT_5,
    VAT_27,
    make_customer,
    make_invoice,
    make_policy,
    make_sale,
)

#: Taxes of what is sold, and their codes.
CODES = {VAT_27: "27", VAT_5: "5", AAM: "AAM"}
#: Refusals of a refund after which a person looks at it.
TO_A_PERSON = frozenset(
    {Code.DEPOSIT_TOO_LARGE, Code.DEPOSIT_SETTLED, Code.VOUCHER_OTHER_RATE}
)
#: Parts of a price are multiples of this: a difference of one forint is rounding.
STEP = 100
#: Why a sale has no document although the till has kept something: nobody has asked for
#: it yet, or another receipt than the service's stands for it.
ELSEWHERE = frozenset({Reason.MANUAL, Reason.CASH_REGISTER, Reason.PAPER})
#: What becomes of a call that makes a document.
TOLD, REFUSED, ACTED, LOST = "told", "refused", "acted", "lost"
#: Nothing was sent: it waits for the document of what it uses.
WAITS = "waits"
NOW = datetime(2026, 11, 20, 12)


@dataclass
class Paper:
    """A document at the service."""

    number: str
    day: date  # of fulfilment
    lines: tuple
    receipt: bool = False
    advance: bool = False
    advances: tuple = ()
    cancelled: bool = False


@dataclass
class Order:
    """A sale of the till, and what has become of it."""

    id: int
    day: date
    entries: list
    buyer: BuyerKind
    returned: dict = field(default_factory=dict)
    counted: frozenset = frozenset()  # refunds before its document was asked for
    wish: object = None
    choice: object = None
    pending: str = ""  # why it is open what the service has
    open_refunds: list = field(default_factory=list)  # (refund, row), undecided
    paper: str = ""  # the number of the handwritten receipt
    struck: list = field(default_factory=list)  # numbers of those that count no more
    invoice: object = None  # as it was built
    rows: list = field(default_factory=list)  # refund.Document
    papers: dict = field(default_factory=dict)  # by the row's id
    sold: list = field(default_factory=list)  # entries of the main row
    main: object = None
    person: bool = False  # somebody has to look

    @property
    def is_settled(self):
        return not self.pending and not self.open_refunds

    @property
    def back(self):
        return [one for entries in self.returned.values() for one in entries]

    def kept(self, entry):
        """Return what the till has kept of a line."""
        return Decimal(entry["gross"]) + sum(
            Decimal(one["gross"])
            for one in self.back
            if one["refunds"] == entry["line"]
        )


@dataclass
class Card:
    """A voucher or a deposit that was sold, in the till's books."""

    order: Order
    entry: dict
    uses: list = field(default_factory=list)  # (order, entry)

    @property
    def used(self):
        return self.used_before(None)

    def used_before(self, sale):
        """Return what sales before ``sale`` have taken off, less what came back."""
        return -sum(
            order.kept(entry)
            for order, entry in self.uses
            if sale is None or order.id < sale.id
        )

    @property
    def left(self):
        return self.order.kept(self.entry) - self.used


class Salon(RuleBasedStateMachine):
    """A till that keeps books, and a service that does what it is told."""

    def __init__(self):
        super().__init__()
        self.ids = 0
        self.orders, self.cards = [], []
        self.days = 0
        self.corrects, self.rule, self.answer = False, Rule.ALL, TipAnswer.INVOICE
        self.register = self.calm = False
        self.policy = make_policy(voucher_sale=None)

    @initialize(
        corrects=st.booleans(),
        calm=st.booleans(),
        register=st.sampled_from([False, False, False, True]),
        rule_=st.sampled_from(Rule),
        tip=st.sampled_from([Tip.OUTSIDE, Tip.NONE]),
        answer=st.sampled_from(TipAnswer),
    )
    def open_salon(self, corrects, calm, register, rule_, tip, answer):
        self.corrects, self.rule, self.answer = corrects, rule_, answer
        self.register, self.calm = register, calm  # all calls are answered
        self.policy = make_policy(voucher_sale=None, tip=tip)

    # === THE TILL === #

    def next_id(self):
        self.ids += 1
        return self.ids

    def entry(self, role, gross, tax=None, **more):
        return {
            "line": self.next_id(),
            "role": role.value,
            "name": role.value,
            "product": 17,
            "sku": "",
            "unit": "",
            "quantity": "1",
            "gross": str(gross),
            "discount": "0",
            "taxes": [] if tax is None else [tax],
            "combo": False,
            **more,
        }

    def card_entry(self, role, gross, kind, tax, **more):
        if kind == "deposit":
            return self.entry(role, gross, tax, **more)
        rate = CODES[tax] if kind == "single" else ""
        return self.entry(
            role, gross, voucher=kind, voucher_vat=rate, sold_at=tax, **more
        )

    services = st.lists(
        st.tuples(st.sampled_from(list(CODES)), st.integers(1, 20)),
        min_size=1,
        max_size=3,
    )
    buyers = st.sampled_from(BuyerKind)
    wishes = st.sampled_from([None, None, *Wish])
    answers = st.sampled_from([TOLD, TOLD, TOLD, REFUSED, ACTED, LOST])

    def serve(self, services):
        return [
            self.entry(Role.SALE, 1000 * thousands, tax) for tax, thousands in services
        ]

    @rule()
    def close_the_day(self):
        self.days += 1

    @rule(
        services=services,
        tip=st.sampled_from([0, 0, 500]),
        buyer=buyers,
        wish=wishes,
        answer=answers,
    )
    def sell(self, services, tip, buyer, wish, answer):
        entries = self.serve(services)
        if tip:
            entries.append(self.entry(Role.TIP, tip))
        self.pay(entries, buyer, wish, answer)

    @rule(
        kind=st.sampled_from(["deposit", "single", "multi", "deposit"]),
        tax=st.sampled_from([VAT_27, VAT_5]),
        thousands=st.integers(1, 20),
        beside=st.one_of(st.just([]), services),
        buyer=buyers,
        wish=wishes,
        answer=answers,
    )
    def sell_a_card(self, kind, tax, thousands, beside, buyer, wish, answer):
        role = Role.DEPOSIT if kind == "deposit" else Role.VOUCHER
        sold = self.card_entry(role, 1000 * thousands, kind, tax)
        order = self.pay([*self.serve(beside), sold], buyer, wish, answer)
        self.cards.append(Card(order, {**sold, "kind": kind, "tax": tax}))

    def usable(self):
        return [
            card
            for card in self.cards
            if card.left > 0
            and not card.order.person
            # What a deposit paid for must be on a document before it is used.
            and (
                card.entry["kind"] != "deposit"
                or card.order.main
                and not card.order.paper
            )
        ]

    @precondition(lambda self: self.usable())
    @rule(data=st.data(), services=services, buyer=buyers, wish=wishes, answer=answers)
    def use_a_card(self, data, services, buyer, wish, answer):
        card = data.draw(st.sampled_from(self.usable()))
        kind, tax = card.entry["kind"], card.entry["tax"]
        entries = self.serve([*services, (tax, 8)])
        room = sum(
            Decimal(one["gross"])
            for one in entries
            if kind != "single" or one["taxes"] == [tax]
        )
        most = min(card.left, room)
        parts = st.integers(1, int(most) // STEP)
        amount = most if data.draw(st.booleans()) else STEP * data.draw(parts)
        role = Role.DEPOSIT_USED if kind == "deposit" else Role.REDEEMED
        # Its product may have been set up anew since it was sold on a document.
        said = kind
        if card.order.is_settled and card.order.choice.reason not in ELSEWHERE:
            said = data.draw(st.sampled_from([kind, kind, "single", "multi"]))
        used = self.card_entry(
            role,
            -amount,
            kind if kind == "deposit" else said,
            tax,
            settles=card.entry["line"],
            sold_as=kind,
        )
        order = self.save([*entries, used], buyer)
        order.card = card
        card.uses.append((order, used))
        self.document(order, wish, answer)

    def pay(self, entries, buyer, wish, answer):
        """Save the sale, and ask for what it gets."""
        order = self.save(entries, buyer)
        self.document(order, wish, answer)
        return order

    def save(self, entries, buyer):
        order = Order(self.next_id(), after(self.days), entries, buyer)
        self.orders.append(order)
        return order

    @precondition(lambda self: self.refundable())
    @rule(data=st.data())
    def take_back(self, data):
        self.bring_back(data, data.draw(st.sampled_from(self.refundable())))

    @precondition(lambda self: self.partly_used())
    @rule(data=st.data())
    def take_back_the_rest_of_a_card(self, data):
        self.bring_back(data, data.draw(st.sampled_from(self.partly_used())).order)

    def partly_used(self):
        refundable = self.refundable()
        return [
            card
            for card in self.cards
            if card.used and card.left and card.order in refundable
        ]

    def bring_back(self, data, order):
        open_entries = [one for one in order.entries if order.kept(one)]
        whole = order.choice.reason is Reason.VOUCHER_USED or data.draw(st.booleans())
        taken = []
        for one in open_entries:
            kept, card = order.kept(one), self.card_of(one)
            if card:
                # The till does not pay back what was used.
                part = data.draw(st.integers(0, int(max(card.left, 0)) // STEP))
                back = Decimal(STEP * part)
            else:
                back = kept if whole or data.draw(st.booleans()) else Decimal(0)
            if back:
                quantity = "-1" if back == kept else "0"
                taken.append(
                    {
                        **one,
                        "line": self.next_id(),
                        "refunds": one["line"],
                        "quantity": quantity,
                        "gross": str(-back),
                    }
                )
        if not taken:
            return  # to assume that there is something would end the whole story
        number = self.next_id()
        order.returned[number] = tuple(taken)
        self.give_back(order, number)

    def refundable(self):
        return [
            order
            for order in self.orders
            if not order.person and any(map(order.kept, order.entries))
        ]

    def card_of(self, entry):
        return next(
            (card for card in self.cards if card.entry["line"] == entry["line"]), None
        )

    @precondition(lambda self: self.changeable())
    @rule(data=st.data(), answer=answers)
    def change_of_mind(self, data, answer):
        """The guest wants an invoice after all; or what waits is asked for."""
        order = data.draw(st.sampled_from(self.changeable()))
        standing = order.main and refund.effective(self.family(order))
        if standing and standing.state is State.ISSUED:
            # Storno receipt and invoice, linked, in order.
            self.cancel(order, standing)
        elif order.main and not order.paper:
            return  # everything came back
        self.document(order, Wish.INVOICE, answer)

    def changeable(self):
        return [
            order
            for order in self.orders
            if not order.person
            and order.is_settled
            and (
                order.choice.reason in ELSEWHERE
                or order.choice.outcome is Outcome.RECEIPT
            )
            and any(map(order.kept, order.entries))
        ]

    @precondition(lambda self: self.invoiced())
    @rule(data=st.data(), buyer=buyers, answer=answers)
    def change_of_buyer(self, data, buyer, answer):
        """The invoice should have been made out to somebody else."""
        order = data.draw(st.sampled_from(self.invoiced()))
        plan = rebill.decide(
            rebill.Situation(
                came_back=bool(order.returned),
                main=order.main,
                documents=tuple(order.rows),
                settled=bool(self.finals(order)),
            )
        )
        if plan is not rebill.Plan.REPLACE:
            return
        self.cancel(order, order.main)
        order.buyer = buyer
        self.document(order, Wish.INVOICE, answer)

    def invoiced(self):
        return [
            order
            for order in self.orders
            if not order.person
            and order.is_settled
            and order.choice.outcome is Outcome.INVOICE
        ]

    # === WHAT IS WRITTEN BY HAND === #

    @precondition(lambda self: self.writable())
    @rule(data=st.data())
    def write_by_hand(self, data):
        """The service was too slow: the number of a paper receipt is recorded."""
        order = data.draw(st.sampled_from(self.writable()))
        progress = self.progress(order)
        pressed = paper.Press(
            number=f"AB {order.id}",
            recorded=order.paper,
            progress=progress,
            invoice_only=invoice_only(self.situation(order)),
            asked=order.wish is Wish.INVOICE,
            may_cancel=True,
        )
        if paper.refuse(pressed):
            return
        order.paper = pressed.number
        step = paper.press(progress, NOW)
        if step.storno:
            self.cancel(order, order.main)
            self.leave_to_paper(order)
        elif step.change:
            assert step.change.progress.state is State.SKIPPED
            self.leave_to_paper(order)
        else:
            assert order.pending in (ACTED, LOST)

    def writable(self):
        """Return the sales of which a press could be more than a refusal."""
        return [
            order
            for order in self.orders
            if order.main
            and not order.person
            and not order.paper
            # A correction cannot be cancelled, nor what another sale has taken off.
            and not self.corrections(order)
            and (
                order.pending
                or order.main.state is State.ISSUED
                and self.is_unused(order)
                and not order.open_refunds
            )
        ]

    def is_unused(self, order):
        return not any(card.used for card in self.cards if card.order is order)

    def progress(self, order):
        row = order.main
        sent = row.may_have_arrived or row.state is State.ISSUED
        return Progress(
            state=row.state,
            created_at=NOW,
            sold_at=NOW,
            sent_at=NOW if sent else None,
            send_count=int(sent),
            has_request=sent,
        )

    def leave_to_paper(self, order):
        """Nothing of the service stands for the sale, and nothing is sent any more."""
        order.pending = ""
        choice = choose(self.situation(order))
        assert choice.outcome is Outcome.NEITHER
        assert choice.reason in (Reason.PAPER, Reason.VOUCHER_USED)
        order.choice = replace(choice, reason=Reason.PAPER)
        if order.main.state is not State.CANCELLED:
            self.replace_row(
                order,
                order.main,
                state=State.SKIPPED,
                skip_reason=Reason.PAPER.value,
                may_have_arrived=False,
            )

    # === WHAT BECOMES OF CALLS === #

    @precondition(lambda self: any(not order.is_settled for order in self.orders))
    @rule()
    def service_answers(self):
        """What is open is looked up, or sent again, the oldest first."""
        before = None
        while before != (before := self.open_work()):
            for order in self.orders:
                if not order.person:
                    self.go_on(order)

    def open_work(self):
        return [(order.pending, len(order.open_refunds)) for order in self.orders]

    def go_on(self, order):
        if order.pending in (REFUSED, WAITS):
            self.make(order, TOLD)
        elif order.pending == ACTED:
            self.be_issued(order)
            if order.paper:
                self.cancel(order, order.main)
                self.leave_to_paper(order)
        elif order.pending == LOST:
            if order.paper:
                self.leave_to_paper(order)
            else:
                self.send(order, TOLD)
        open_refunds, order.open_refunds = order.open_refunds, []
        for number, row in open_refunds:
            if not order.person:
                self.decide(order, number, row)

    def teardown(self):
        self.service_answers()
        assert all(order.is_settled or order.person for order in self.orders)
        self.what_stands_is_what_the_till_has_kept()
        self.a_sale_has_one_document_that_stands()

    # === WHAT IS DECIDED === #

    def prepaid(self, order, lines):
        """Return what is known of the cards that ``lines`` use, by their documents."""
        known = {}
        for line in lines:
            if line.settles:
                card = next(
                    one for one in self.cards if one.entry["line"] == line.settles
                )
                known[line.settles] = self.look_at(card, line, order)
        return known

    def look_at(self, card, line, sale):
        order = card.order
        values = {
            "line": line.settles,
            "amount": order.kept(card.entry),
            "used": card.used_before(sale),
        }
        if not order.is_settled:
            return Prepaid(open_document=f"S-{order.id}", **values)
        if not order.main:
            skipped = order.choice.reason is Reason.VOUCHER
            return Prepaid(kept_off=skipped, **values)
        effective = refund.effective(self.family(order))
        if not effective or effective.state is not State.ISSUED:
            # What its cancelled document has kept off was sold as money.
            cancelled = order.main.state is State.CANCELLED
            refs = {line.ref for line in order.invoice.lines} if cancelled else ()
            kept_off = cancelled and str(line.settles) not in refs
            return Prepaid(kept_off=kept_off, **values)
        stands = order.papers[effective.id]
        standing = [row for one in self.standing(order) for row in one.lines]
        # A voucher of which all was paid back has no line left, and is not used.
        line_id = values.pop("line")
        return documented(
            line_id,
            standing,
            number=stands.number,
            id=stands.number,
            advance=stands.advance,
            finals=len(self.finals(order)),
            **values,
        )

    def finals(self, order):
        """Return the final invoices that name an advance of ``order``.

        Those that stand, and those that may be there, or come.
        """
        numbers = {one.number for one in order.papers.values()}
        named = [
            (one.number, one.advances)
            for other in self.orders
            for one in self.standing(other)
        ]
        named += [
            (f"S-{other.id}", other.invoice.advances)
            for other in self.orders
            if other.pending == LOST
        ]
        return [
            name
            for name, advances in named
            if numbers & {advance.number for advance in advances}
        ]

    def situation(self, order):
        """Return what the choice depends on, by what is kept as it was asked for."""
        lines = tuple(map(SaleLine.from_entry, order.sold))
        tips = [line for line in lines if line.role is Role.TIP]
        return Situation(
            gross=supplied_gross(lines, self.policy),
            rule=self.rule,
            wish=order.wish,
            buyer=order.buyer,
            cash_register=self.register,
            paper_number=order.paper,
            receipts=True,
            series=True,
            foreign_tip=bool(tips) and self.policy.tip is not Tip.NONE,
            tip_answer=self.answer,
            deposit=is_involved(lines),
            empty=empty_reason(lines, self.policy, "HUF", self.prepaid(order, lines)),
        )

    def document(self, order, wish, answer):
        """Ask for the document of a sale, of what is kept of it by now."""
        order.wish = wish
        order.sold = refund.less_returned(order.entries, order.back, "HUF")
        order.counted = frozenset(order.returned)
        order.main = None
        self.make(order, answer)

    def make(self, order, answer):
        """Choose, build and send; or wait for what is used."""
        order.choice = choose(self.situation(order))
        if order.choice.outcome is Outcome.NEITHER:
            order.pending = ""
            if order.main:
                self.replace_row(
                    order,
                    order.main,
                    state=State.SKIPPED,
                    skip_reason=order.choice.reason.value,
                )
            return
        assert order.choice.strikes_paper == bool(order.paper)
        if order.paper:
            order.struck.append(order.paper)
            order.paper = ""
        if not order.main:
            self.add_row(order)
        try:
            self.build(order)
        except Problem as problem:
            self.stop(order, problem)
            return
        self.send(order, answer)

    def stop(self, order, problem):
        """Wait for the document of what is used, or show it to a person.

        To a person goes only what has lost its document since it was paid with, or has
        lost what it paid for.
        """
        sold = order.card.order
        if problem.code is Code.WAITS_FOR:
            assert not sold.is_settled
            order.pending = WAITS
            return
        order.pending, order.person = "", True
        if problem.code is Code.DEPOSIT_NOT_INVOICED:
            assert sold.is_settled and not self.standing(sold)
        else:
            assert order.returned and problem.code in TO_A_PERSON

    def add_row(self, order):
        order.main = refund.Document(
            id=self.next_id(),
            order=order.id,
            kind=DocumentKind.INVOICE,
            state=State.WAITING,
            counted=order.counted,
        )
        order.rows.append(order.main)

    def build(self, order):
        """Build what is sent: lines = document + kept off, always."""
        lines = tuple(map(SaleLine.from_entry, order.sold))
        policy = self.policy
        if order.choice.keeps_tip_off:
            policy = replace(policy, tip=Tip.NONE)
        prepaid = self.prepaid(order, lines)
        sale = replace(
            make_sale(
                *lines,
                day=order.day,
                customer=None if order.buyer is BuyerKind.NONE else make_customer(),
            ),
            lines=lines,
        )
        order.invoice = make_invoice(
            sale, policy, prepaid=prepaid, today=after(self.days)
        )
        order.policy = policy
        billed, kept_off = sort_lines(lines, policy, prepaid)
        aside = sum(one.amount for one in name_kept_off(kept_off))
        assert order.invoice.gross + aside == total_gross(lines)
        final = any(line.role is Role.DEPOSIT_USED for line in billed)
        assert billed and (order.invoice.gross or final)
        tenders = sum(one.amount for one in order.invoice.tenders)
        assert tenders == order.invoice.gross
        for line in order.invoice.lines:
            if line.gross < 0:
                numbers = {one.number for one in self.standing(order.card.order)}
                assert line.settles in (numbers or {""})

    def send(self, order, answer):
        """Send what was built; what becomes of it is in ``answer``."""
        row = order.main
        answer = TOLD if self.calm else answer
        order.pending = "" if answer == TOLD else answer
        if answer == REFUSED:
            return
        self.replace_row(
            order,
            row,
            state=State.CHECKING,
            may_have_arrived=True,
            lines=order.invoice.lines,
        )
        if answer == LOST:
            return
        assert row.id not in order.papers
        order.papers[row.id] = Paper(
            str(row.id),
            order.day,
            order.invoice.lines,
            receipt=order.choice.outcome is Outcome.RECEIPT,
            advance=order.invoice.advance,
            advances=order.invoice.advances,
        )
        if answer == TOLD:
            self.be_issued(order)

    def be_issued(self, order):
        order.pending = ""
        self.replace_row(order, order.main, state=State.ISSUED)

    def cancel(self, order, row):
        """Have the service's document cancelled by its storno."""
        assert not order.papers[row.id].cancelled
        order.papers[row.id].cancelled = True
        cancelled = self.replace_row(order, row, state=State.CANCELLED)
        order.rows.append(
            refund.Document(
                id=self.next_id(),
                order=order.id,
                kind=DocumentKind.STORNO,
                state=State.ISSUED,
                origin=cancelled.id,
            )
        )

    def replace_row(self, order, row, **values):
        changed = replace(row, **values)
        order.rows[order.rows.index(row)] = changed
        if order.main == row:
            order.main = changed
        return changed

    def family(self, order, number=None, document=None):
        main = order.main or refund.Document(
            id=0,
            order=order.id,
            kind=DocumentKind.INVOICE,
            state=State.SKIPPED,
            skip_reason=order.choice.reason.value,
        )
        return refund.Family(
            documents=tuple(order.rows),
            main=main,
            sold=tuple(order.sold),
            returned=order.returned,
            refund=number,
            document=document,
            used={
                card.entry["line"]: card.used
                for card in self.cards
                if card.order is order
            },
            finals=tuple(self.finals(order)),
        )

    def give_back(self, order, number):
        """Ask for what a refund becomes."""
        row = refund.Document(
            id=self.next_id(),
            order=number,
            kind=DocumentKind.REFUND,
            state=State.WAITING,
        )
        order.rows.append(row)
        self.decide(order, number, row)

    def decide(self, order, number, row):
        """Decide what a refund becomes, and do it at the service."""
        corrects = self.corrects and order.choice.outcome is Outcome.INVOICE
        try:
            decision = refund.decide(
                self.family(order, number, row.id),
                corrects=corrects,
                lines_of=lambda left: self.kept_lines(order, left),
            )
        except Problem as problem:
            assert problem.code in TO_A_PERSON
            if problem.code is Code.DEPOSIT_SETTLED:
                assert self.finals(order)
            order.person = True
            return
        getattr(self, f"do_{type(decision).__name__.lower()}")(order, row, decision)

    def do_wait(self, order, row, _decision):
        order.open_refunds.append((row.order, row))

    def do_dropsale(self, order, row, decision):
        """Everything came back before it was invoiced."""
        assert order.pending in (REFUSED, WAITS)
        order.pending = ""
        skipped = {
            "state": State.SKIPPED,
            "skip_reason": refund.Reason.REFUNDED.value,
        }
        self.replace_row(order, decision.main, **skipped)
        for _number, other in order.open_refunds:
            self.replace_row(order, other, **skipped)
        order.open_refunds = []
        self.replace_row(order, row, **skipped)

    def kept_lines(self, order, left):
        return kept_lines(order.invoice, left, "HUF", order.policy)

    def do_skip(self, order, row, decision):
        self.replace_row(
            order, row, state=State.SKIPPED, skip_reason=decision.reason.value
        )

    def do_storno(self, order, row, decision):
        original = decision.original
        assert not order.papers[original.id].cancelled
        order.papers[original.id].cancelled = True
        self.replace_row(order, original, state=State.CANCELLED)
        return self.replace_row(
            order,
            row,
            kind=DocumentKind.STORNO,
            state=State.ISSUED,
            origin=original.id,
        )

    def do_stornoandremainder(self, order, row, decision):
        before = order.papers[decision.original.id]
        storno = self.do_storno(order, row, decision)
        lines = self.kept_lines(order, decision.kept)
        number = self.next_id()
        order.rows.append(
            replace(
                storno,
                id=number,
                kind=DocumentKind.REMAINDER,
                origin=storno.id,
                lines=lines,
            )
        )
        order.papers[number] = replace(
            before,
            number=str(number),
            lines=lines,
            cancelled=False,
            advances=still_named(before.advances, lines),
        )

    def do_correction(self, order, row, decision):
        original = decision.original
        changed = (original, *self.family(order).corrections(original))
        lines = difference(
            [line for one in changed for line in one.lines], decision.lines, "HUF"
        )
        self.replace_row(
            order,
            row,
            kind=DocumentKind.CORRECTION,
            state=State.ISSUED,
            origin=original.id,
            lines=lines,
        )
        order.papers[row.id] = replace(
            order.papers[original.id],
            number=str(row.id),
            lines=lines,
            advances=(),
            advance=False,
        )

    # === WHAT IS HELD AGAINST EACH OTHER === #

    def standing(self, order):
        return [one for one in order.papers.values() if not one.cancelled]

    def corrections(self, order):
        return {row.id for row in order.rows if row.kind is DocumentKind.CORRECTION}

    @invariant()
    def what_stands_is_what_the_till_has_kept(self):
        """By sale, by its day and by VAT rate."""
        for order in self.orders:
            if order.person or not order.is_settled:
                continue
            stands = Counter()
            for one in self.standing(order):
                for line in one.lines:
                    stands[one.day, line.vat] += line.gross
            kept = Counter()
            for entry in order.entries:
                if code := self.code(order, entry):
                    kept[order.day, code] += order.kept(entry)
            if order.choice.reason in ELSEWHERE:
                assert not self.standing(order)
            else:
                assert _nonzero(stands) == _nonzero(kept)

    @invariant()
    def one_receipt_stands_for_a_sale(self):
        """The service's or the handwritten one, and each number was of one sale."""
        for order in self.orders:
            if order.is_settled and not order.person:
                assert order.paper or order.choice.reason is not Reason.PAPER
                assert not (order.paper and self.standing(order))
            assert order.paper not in order.struck

    def code(self, order, entry):
        """Return the VAT code at which the till's books have a line, or None."""
        if entry["role"] == Role.TIP:
            off = self.policy.tip is Tip.NONE or order.choice.keeps_tip_off
            return None if off else "ATK"
        kind = entry.get("sold_as", entry.get("voucher"))
        if kind == "multi":
            return None
        if kind == "single":
            return CODES[entry["sold_at"]]
        return CODES[entry["taxes"][0]]

    @invariant()
    def a_sale_has_one_document_that_stands(self):
        """Beside its corrections."""
        for order in self.orders:
            corrections = self.corrections(order)
            standing = [
                number
                for number, one in order.papers.items()
                if not one.cancelled and number not in corrections
            ]
            assert len(standing) <= 1

    @invariant()
    def no_receipt_stands_for_what_needs_an_invoice(self):
        for order in self.orders:
            for one in self.standing(order):
                if one.receipt:
                    assert order.buyer is not BuyerKind.BUSINESS
                    assert not any(line.advance for line in one.lines)

    @invariant()
    def an_advance_has_one_final_invoice(self):
        for order in self.orders:
            assert len(self.finals(order)) <= Limits().finals

    @invariant()
    def what_a_final_invoice_names_stands(self):
        """As long as nobody has to look at the deposit's sale."""
        for order in self.orders:
            for one in self.standing(order):
                sold = one.advances and order.card.order
                if sold and not sold.person:
                    numbers = {advance.number for advance in self.standing(sold)}
                    assert {named.number for named in one.advances} <= numbers

    @invariant()
    def what_was_used_was_paid_for(self):
        assert all(card.left >= 0 for card in self.cards)


def _nonzero(amounts):
    return {key: amount for key, amount in amounts.items() if amount}


Salon.TestCase.settings = examples(200, stateful_step_count=20)
TestSalon = Salon.TestCase
