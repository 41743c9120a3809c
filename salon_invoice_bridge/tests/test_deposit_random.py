"""Deposits in any order: at the service is what the till has kept, by rate."""

import random

from odoo.tests import tagged

from .common import TIMES
from .deposit_case import DepositCase
from .test_refund_random import Reckoning

#: Steps of one story.
STEPS = 8


class RandomDepositTests(Reckoning):
    def tell(self, seed):
        """Sell deposits, use them, take things back; return all orders.

        Nothing is done that a person would have to look at: no more is taken off, or
        paid back, than is left, and a final invoice comes back whole.
        """
        chance = random.Random(seed)
        self.orders = self.env["pos.order"]
        self.deposits, self.finals, self.named = [], [], set()
        for _step in range(STEPS):
            chance.choice((self.pay, self.spend, self.spend, self.undo))(chance)
            if chance.random() < 0.6:
                self.work(turns=30)
        self.work(turns=60)
        return self.orders

    def pay(self, chance):
        """A guest pays a deposit, sometimes beside something else."""
        others = [(self.book, 1)] if chance.random() < 0.3 else []
        line = self.take(1000 * chance.randint(2, 12), others)
        self.deposits.append(line)
        self.orders |= line.order_id

    def spend(self, chance):
        """A guest uses a deposit, or a part of it."""
        # What a till is told: the field is not computed again within a transaction.
        left = [line for line in self.deposits if line._salon_left() > 0]
        if not left:
            return
        line = chance.choice(left)
        whole = int(line._salon_left())
        amount = whole if chance.random() < 0.6 else chance.randint(1, whole)
        order = self.use(line, amount=amount)
        self.named.add(line)
        self.finals.append(order)
        self.orders |= order

    def undo(self, chance):
        """A final sale comes back, or a deposit that nobody has used."""
        free = [line for line in self.deposits if line not in self.named]
        if self.finals and chance.random() < 0.6:
            order = self.finals.pop(chance.randrange(len(self.finals)))
            self.orders |= self.refund(order)
        elif free:
            line = chance.choice(free)
            self.deposits.remove(line)
            self.orders |= self.refund(line.order_id, {line: 1})

    def test_after_any_story_the_service_has_what_the_till_has_kept(self):
        for seed in range(3 * TIMES):
            with self.subTest(seed=seed):
                before = self.standing()
                self.assert_settled(self.tell(seed), before)


@tagged("post_install", "-at_install")
class TestRandomDepositsBillingo(RandomDepositTests, DepositCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestRandomDepositsSzamlazz(RandomDepositTests, DepositCase):
    provider = "szamlazz"
