"""Refunds are counted when they are settled, whatever their ids and their order."""

import random
from collections import Counter
from datetime import timedelta

from odoo.tests import tagged

from ..billing.invoice import RETURN_KINDS
from .common import TIMES
from .test_refund_random import RandomCase, Reckoning


class OrderTests(Reckoning):
    """Refunds that are saved first and paid later, dropped, and asked for again."""

    def save_refund(self, sale, back):
        """Save an order that takes things back, and do not pay it yet."""
        lines = [
            (
                line.product_id,
                -quantity,
                {"price_unit": line.price_unit, "refunded_orderline_id": line.id},
            )
            for line, quantity in back.items()
        ]
        order = self.order_data(
            lines,
            customer=sale.partner_id,
            is_refund=True,
            state="draft",
            payment_ids=[],
            amount_paid=0,
        )
        return self.sync(order)

    def pay(self, order):
        order.add_payment(
            {
                "pos_order_id": order.id,
                "payment_method_id": self.cash.id,
                "amount": order.amount_total,
            }
        )
        order.action_pos_order_paid()

    def drop(self, order):
        """Say that the refund needs no document, as a manager may."""
        document = order._salon_taking_back().filtered(
            lambda row: row.state in ("waiting", "attention")
            and not row._may_have_arrived()
        )[:1]
        if document:
            document.with_user(self.manager)._settle(note="nem kell")

    def is_dropped(self, order):
        """Say whether the last word about a refund is that it needs none."""
        return set(order._salon_taking_back().mapped("skip_reason")) == {"dropped"}

    def ask_again(self, order):
        order.with_user(self.receptionist).action_salon_generate()

    def three_lines(self):
        sale = self.sell([(self.haircut, 1), (self.book, 1), (self.mens_cut, 1)])
        return sale, *sale.lines

    def test_a_refund_that_is_paid_after_a_later_one_is_counted_with_it(self):
        sale, cut, book, _mens = self.three_lines()
        self.work()
        first = self.save_refund(sale, {cut: 1})
        second = self.refund(sale, {book: 1})
        self.work()
        self.assertEqual(self.standing(), 8900 + 4990)
        self.pay(first)
        self.work()
        self.assert_settled(sale | first | second)

    def test_both_wait_for_their_turn_in_the_order_of_their_payment(self):
        sale, cut, book, _mens = self.three_lines()
        self.work()
        first = self.save_refund(sale, {cut: 1})
        second = self.refund(sale, {book: 1})
        self.pay(first)
        self.work()
        self.assert_settled(sale | first | second)

    def test_a_refund_that_needs_none_is_taken_off_when_it_is_asked_for(self):
        sale, cut, book, _mens = self.three_lines()
        self.work()
        first = self.refund(sale, {cut: 1})
        self.drop(first)
        second = self.refund(sale, {book: 1})
        self.work()
        self.assertEqual(self.standing(), 8900 + 4990)
        self.ask_again(first)
        self.work()
        self.assert_settled(sale | first | second)

    def test_what_needs_no_document_does_not_stop_the_next_refund(self):
        sale, cut, book, _mens = self.three_lines()
        self.work()
        wrong = self.refund(sale, {cut: 2})  # more than was sold
        self.work()
        self.drop(wrong)
        second = self.refund(sale, {book: 1})
        self.work()
        self.assert_settled(sale | second)
        self.assertEqual(self.standing(), 8900 + 4990)

    def test_a_discounted_line_comes_back_in_two_halves(self):
        sale = self.sell([(self.mens_cut, 2, {"discount": 15})])
        self.assertEqual(sale.amount_total, 8483)
        self.work()
        half = {
            "price_unit": 4990,
            "discount": 15,
            "refunded_orderline_id": sale.lines.id,
            "price_subtotal_incl": -4242,  # of 4241.5, where the till rounds to forints
        }
        for _half in range(2):
            self.sell([(self.mens_cut, -1, half)], is_refund=True)
            self.work()
        documents = sale._salon_family().salon_document_ids
        self.assertNotIn("attention", documents.mapped("state"))
        self.assertEqual(self.standing(), 0)

    def test_what_was_kept_is_asked_for_again_less_what_came_back_since(self):
        if self.corrects:
            return  # no document of what was kept
        sale, cut, book, _mens = self.three_lines()
        self.work()
        first = self.refund(sale, {cut: 1})
        self.fault(
            "status_before",
            path=self.creates,
            times=None,
            status=422,
            body='{"success": false, "error": "No", "message": "No", "errors": []}',
        )
        self.work()
        kept = first.salon_document_ids.filtered(lambda row: row.kind == "remainder")
        self.assertEqual(kept.state, "attention")
        kept.with_user(self.manager)._settle(note="nem kell")
        self.sandbox.world.faults.clear()
        second = self.refund(sale, {book: 1})
        self.work()
        self.assertEqual(second.salon_document_id.skip_reason, "already_cancelled")
        self.ask_again(first)
        self.work()
        self.assert_settled(sale | first | second)

    def test_what_came_back_while_nobody_wanted_the_rest_is_taken_off_it(self):
        """The rest may be at the service, so its frozen request cannot change."""
        if self.corrects:
            return  # no document of what was kept
        sale, cut, book, mens = self.three_lines()
        self.work()
        first = self.refund(sale, {cut: 1})
        self.fault(
            "status_before", path=self.creates, times=None, status=502, html=True
        )
        self.run_lane()
        kept = first.salon_document_ids.filtered(lambda row: row.kind == "remainder")
        if kept.state == "checking":
            kept._need_attention("As if something else was wrong.", "program")
        self.assertTrue(kept._may_have_arrived())
        self.sandbox.world.faults.clear()
        kept.with_user(self.manager)._settle(note="nem kell")
        second = self.refund(sale, {book: 1, mens: 1})
        self.work()
        self.assertEqual(second.salon_document_id.skip_reason, "already_cancelled")
        self.ask_again(first)
        for _look in range(2):
            now = kept._now()
            kept.write({"sent_at": now - timedelta(minutes=10), "next_attempt": now})
            self.work()
        if kept.problem_reason == "unproven":
            kept.with_user(self.manager).action_retry()
            self.work()
        self.assert_settled(sale | first | second)
        self.assertEqual(self.standing(), 0)

    def run_random(self, seed, ask_at_end):
        """Create, pay, drop and ask again in any order; return what must add up."""
        chance = random.Random(seed)
        products = chance.sample([self.haircut, self.book, self.mens_cut, self.gel], 3)
        sale = self.sell([(product, chance.randint(1, 3)) for product in products])
        pieces = [line for line in sale.lines for _piece in range(int(line.qty))]
        chance.shuffle(pieces)
        saved, paid = self.env["pos.order"], self.env["pos.order"]
        for _event in range(14):
            event = chance.choice("create create pay pay drop ask lane lane".split())
            if event == "create" and pieces:
                some = [pieces.pop() for _n in range(min(len(pieces), 2))]
                saved |= self.save_refund(sale, Counter(some))
            elif event == "pay" and saved:
                order = chance.choice(saved)
                self.pay(order)
                saved, paid = saved - order, paid | order
            elif event in ("drop", "ask") and paid:
                getattr(self, "drop" if event == "drop" else "ask_again")(
                    chance.choice(paid)
                )
            elif event == "lane":
                self.run_lane()
        self.work(turns=60)
        for order in paid if ask_at_end else ():
            if self.is_dropped(order):
                self.ask_again(order)
                if chance.random() < 0.5:
                    self.work(turns=60)
        self.work(turns=60)
        return sale | paid.filtered(lambda order: not self.is_dropped(order))

    def test_any_order_leaves_what_the_till_kept(self):
        for seed in range(4 * TIMES):
            with self.subTest(seed=seed):
                before = self.standing()
                orders = self.run_random(seed, ask_at_end=seed % 2)
                everything = orders | orders[0]._salon_family()
                self.assertFalse(
                    everything.salon_document_ids.filtered(
                        lambda row: row.kind in RETURN_KINDS
                        and row.state not in ("issued", "cancelled", "skipped")
                    )
                )
                self.assert_settled(orders, before)


@tagged("post_install", "-at_install")
class TestOrderBillingo(OrderTests, RandomCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestOrderBillingoV2(OrderTests, RandomCase):
    provider = "billingo_v2"


@tagged("post_install", "-at_install")
class TestOrderSzamlazz(OrderTests, RandomCase):
    provider = "szamlazz"
