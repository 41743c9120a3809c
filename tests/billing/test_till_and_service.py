"""What stands at the service is what the till has kept, by sale, day and VAT rate.

Hypothesis sells services, cards and deposits, uses them, takes things back, and has
guests change their minds; a till of plain values keeps its own books, and the shortest
service that there is makes what ``billing`` decides. After each step the two agree.
Lost answers and crashes are the subject of ``test_machine`` and ``test_paper``.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
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

from salon_invoice_bridge.billing import refund
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
)
from salon_invoice_bridge.billing.deposit import Limits, is_involved, still_named
from salon_invoice_bridge.billing.invoice import DocumentKind, State
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
#: Refusals after which a person looks at a document.
TO_A_PERSON = frozenset(
    {
        Code.DEPOSIT_TOO_LARGE,
        Code.DEPOSIT_SETTLED,
        Code.PREPAID_USED,
        Code.VOUCHER_OTHER_RATE,
    }
)
#: Parts of a price are multiples of this: a difference of one forint is rounding.
STEP = 100
#: Why a sale has no document although the till has kept something.
WAITING = frozenset({Reason.MANUAL})


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
    choice: object = None
    invoice: object = None  # as it was built
    rows: list = field(default_factory=list)  # refund.Document
    papers: dict = field(default_factory=dict)  # by the row's id
    sold: list = field(default_factory=list)  # entries of the main row
    main: object = None
    person: bool = False  # somebody has to look

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
    used: Decimal = Decimal(0)

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
        self.policy = make_policy(voucher_sale=None)

    @initialize(
        corrects=st.booleans(),
        rule_=st.sampled_from(Rule),
        tip=st.sampled_from([Tip.OUTSIDE, Tip.NONE]),
        answer=st.sampled_from(TipAnswer),
    )
    def open_salon(self, corrects, rule_, tip, answer):
        self.corrects, self.rule, self.answer = corrects, rule_, answer
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
        return self.entry(role, gross, voucher=kind, voucher_vat=rate, **more)

    services = st.lists(
        st.tuples(st.sampled_from(list(CODES)), st.integers(1, 20)),
        min_size=1,
        max_size=3,
    )
    buyers = st.sampled_from(BuyerKind)
    wishes = st.sampled_from([None, None, *Wish])

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
    )
    def sell(self, services, tip, buyer, wish):
        entries = self.serve(services)
        if tip:
            entries.append(self.entry(Role.TIP, tip))
        self.pay(entries, buyer, wish)

    @rule(
        kind=st.sampled_from(["single", "multi", "deposit"]),
        tax=st.sampled_from([VAT_27, VAT_5]),
        thousands=st.integers(1, 20),
        beside=st.one_of(st.just([]), services),
        buyer=buyers,
        wish=wishes,
    )
    def sell_a_card(self, kind, tax, thousands, beside, buyer, wish):
        role = Role.DEPOSIT if kind == "deposit" else Role.VOUCHER
        sold = self.card_entry(role, 1000 * thousands, kind, tax)
        order = self.pay([*self.serve(beside), sold], buyer, wish)
        self.cards.append(Card(order, {**sold, "kind": kind, "tax": tax}))

    def usable(self):
        return [
            card
            for card in self.cards
            if card.left > 0
            and not card.order.person
            # What a deposit paid for must be on a document before it is used.
            and (card.entry["kind"] != "deposit" or card.order.main)
        ]

    @precondition(lambda self: self.usable())
    @rule(data=st.data(), services=services, buyer=buyers, wish=wishes)
    def use_a_card(self, data, services, buyer, wish):
        card = data.draw(st.sampled_from(self.usable()))
        kind, tax = card.entry["kind"], card.entry["tax"]
        entries = self.serve(services)
        room = sum(
            Decimal(one["gross"])
            for one in entries
            if kind != "single" or one["taxes"] == [tax]
        )
        most = min(card.left, room)
        assume(most > 0)
        amount = STEP * data.draw(st.integers(1, int(most) // STEP))
        role = Role.DEPOSIT_USED if kind == "deposit" else Role.REDEEMED
        used = self.card_entry(
            role, -amount, kind, tax, settles=card.entry["line"], card=len(self.cards)
        )
        card.used += amount
        order = self.pay([*entries, used], buyer, wish)
        order.card = card

    def pay(self, entries, buyer, wish):
        """Save the sale, and issue what it gets."""
        order = Order(self.next_id(), after(self.days), entries, buyer)
        self.orders.append(order)
        self.document(order, wish)
        return order

    @precondition(lambda self: self.refundable())
    @rule(data=st.data())
    def take_back(self, data):
        order = data.draw(st.sampled_from(self.refundable()))
        open_entries = [one for one in order.entries if order.kept(one)]
        whole = order.choice.reason is Reason.VOUCHER_USED
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
        assume(taken)
        number = self.next_id()
        order.returned[number] = tuple(taken)
        for one in taken:
            if one["role"] in (Role.REDEEMED, Role.DEPOSIT_USED):
                order.card.used -= Decimal(one["gross"])
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
    @rule(data=st.data())
    def change_of_mind(self, data):
        """The guest wants an invoice after all; or what waits is asked for."""
        order = data.draw(st.sampled_from(self.changeable()))
        if order.main:
            # Storno receipt and invoice, linked, in order.
            standing = refund.effective(self.family(order))
            if not standing:
                return
            order.papers[standing.id].cancelled = True
            self.replace_row(order, standing, state=State.CANCELLED)
        self.document(order, Wish.INVOICE)

    def changeable(self):
        return [
            order
            for order in self.orders
            if not order.person
            and (
                order.choice.reason is Reason.MANUAL
                or order.choice.outcome is Outcome.RECEIPT
            )
            and any(map(order.kept, order.entries))
        ]

    # === WHAT IS DECIDED === #

    def prepaid(self, lines):
        """Return what is known of the cards that ``lines`` use, by their documents."""
        known = {}
        for line in lines:
            if line.settles:
                card = next(
                    one for one in self.cards if one.entry["line"] == line.settles
                )
                known[line.settles] = self.look_at(card, line)
        return known

    def look_at(self, card, line):
        order = card.order
        values = {
            "amount": order.kept(card.entry),
            "used": card.used + line.gross,  # this one is in the till's books already
        }
        if not order.main:
            skipped = order.choice.reason is Reason.VOUCHER
            return Prepaid(line=line.settles, kept_off=skipped, **values)
        effective = refund.effective(self.family(order))
        paper = order.papers[effective.id] if effective else Paper("", order.day, ())
        standing = [row for one in self.standing(order) for row in one.lines]
        # A voucher of which all was paid back has no line left, and is not used.
        return documented(
            line.settles,
            standing,
            number=paper.number,
            id=paper.number,
            advance=paper.advance,
            finals=len(self.finals(order)),
            **values,
        )

    def finals(self, order):
        """Return the final invoices that stand and name an advance of ``order``."""
        numbers = {paper.number for paper in order.papers.values()}
        return [
            paper.number
            for other in self.orders
            for paper in self.standing(other)
            if numbers & {advance.number for advance in paper.advances}
        ]

    def document(self, order, wish):
        """Issue the document of a sale, of what is kept of it by now."""
        entries = refund.less_returned(order.entries, order.back, "HUF")
        lines = tuple(map(SaleLine.from_entry, entries))
        tips = [line for line in lines if line.role is Role.TIP]
        order.choice = choose(
            Situation(
                gross=supplied_gross(lines, self.policy),
                rule=self.rule,
                wish=wish,
                buyer=order.buyer,
                receipts=True,
                series=True,
                foreign_tip=bool(tips) and self.policy.tip is not Tip.NONE,
                tip_answer=self.answer,
                deposit=is_involved(lines),
                empty=empty_reason(lines, self.policy, "HUF", self.prepaid(lines)),
            )
        )
        order.sold, order.main = entries, None
        if order.choice.outcome is Outcome.NEITHER:
            return
        policy = self.policy
        if order.choice.keeps_tip_off:
            policy = replace(policy, tip=Tip.NONE)
        number, prepaid = self.next_id(), self.prepaid(lines)
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
        assert billed
        tenders = sum(one.amount for one in order.invoice.tenders)
        assert tenders == order.invoice.gross
        row = refund.Document(
            id=number,
            order=order.id,
            kind=DocumentKind.INVOICE,
            state=State.ISSUED,
            lines=order.invoice.lines,
            counted=frozenset(order.returned),
        )
        order.main = row
        order.rows.append(row)
        order.papers[number] = Paper(
            str(number),
            order.day,
            order.invoice.lines,
            receipt=order.choice.outcome is Outcome.RECEIPT,
            advance=order.invoice.advance,
            advances=order.invoice.advances,
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
        """Decide what a refund becomes, and do it at the service."""
        row = refund.Document(
            id=self.next_id(),
            order=number,
            kind=DocumentKind.REFUND,
            state=State.WAITING,
        )
        order.rows.append(row)
        corrects = self.corrects and order.choice.outcome is Outcome.INVOICE
        try:
            decision = refund.decide(
                self.family(order, number, row.id),
                corrects=corrects,
                lines_of=lambda left: self.kept_lines(order, left),
            )
        except Problem as problem:
            assert problem.code in TO_A_PERSON
            order.person = True
            return
        getattr(self, f"do_{type(decision).__name__.lower()}")(order, row, decision)

    def kept_lines(self, order, left):
        return kept_lines(order.invoice, left, "HUF", order.policy)

    def do_skip(self, order, row, decision):
        self.replace_row(
            order, row, state=State.SKIPPED, skip_reason=decision.reason.value
        )

    def do_storno(self, order, row, decision):
        original = decision.original
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
        paper = order.papers[original.id]
        order.papers[row.id] = replace(
            paper, number=str(row.id), lines=lines, advances=(), advance=False
        )

    # === WHAT IS HELD AGAINST EACH OTHER === #

    def standing(self, order):
        return [paper for paper in order.papers.values() if not paper.cancelled]

    @invariant()
    def what_stands_is_what_the_till_has_kept(self):
        """By sale, by its day and by VAT rate."""
        for order in self.orders:
            if order.person or order.choice.reason in WAITING:
                continue
            stands = Counter()
            for paper in self.standing(order):
                for line in paper.lines:
                    stands[paper.day, line.vat] += line.gross
            kept = Counter()
            for entry in order.entries:
                if code := self.code(order, entry):
                    kept[order.day, code] += order.kept(entry)
            assert _nonzero(stands) == _nonzero(kept)

    def code(self, order, entry):
        """Return the VAT code at which the till's books have a line, or None."""
        if entry["role"] == Role.TIP:
            off = self.policy.tip is Tip.NONE or order.choice.keeps_tip_off
            return None if off else "ATK"
        if entry.get("voucher") == "multi":
            return None
        if entry.get("voucher") == "single":
            return entry["voucher_vat"]
        return CODES[entry["taxes"][0]]

    @invariant()
    def a_sale_has_one_document_that_stands(self):
        """Beside its corrections."""
        for order in self.orders:
            corrections = {
                row.id for row in order.rows if row.kind is DocumentKind.CORRECTION
            }
            standing = [
                number
                for number, paper in order.papers.items()
                if not paper.cancelled and number not in corrections
            ]
            assert len(standing) <= 1

    @invariant()
    def no_receipt_stands_for_what_needs_an_invoice(self):
        for order in self.orders:
            for paper in self.standing(order):
                if paper.receipt:
                    assert order.buyer is not BuyerKind.BUSINESS
                    assert not any(line.advance for line in paper.lines)

    @invariant()
    def an_advance_has_one_final_invoice(self):
        for order in self.orders:
            assert len(self.finals(order)) <= Limits().finals

    @invariant()
    def what_was_used_was_paid_for(self):
        assert all(card.left >= 0 for card in self.cards)


def _nonzero(amounts):
    return {key: amount for key, amount in amounts.items() if amount}


Salon.TestCase.settings = examples(50, stateful_step_count=15)
TestSalon = Salon.TestCase
