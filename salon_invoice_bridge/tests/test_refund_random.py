"""Original, corrections, stornos and remainders are what the till kept, by VAT rate."""

import random
from collections import Counter
from decimal import Decimal

from odoo.tests import tagged

from .after_case import AfterCase
from .common import TIMES

#: Faults that any call may meet, acted or not, told or not.
FAULTS = ("drop_after", "truncated", "status_after", "html", "refuse_before")


class Reckoning:
    """What the till kept, and what stands at the service for it."""

    def till_by_rate(self, orders):
        """Return what the till kept of orders, by VAT rate, from Odoo's own amounts."""
        kept = Counter()
        for line in orders.lines:
            rate = line.tax_ids_after_fiscal_position.amount
            kept[f"{rate:g}" if line.tax_ids else "ATK"] += Decimal(
                str(line.price_subtotal_incl)
            )
        return kept

    def documents_by_rate(self, orders):
        """Return what has been invoiced on balance, by VAT code."""
        total = Counter()
        for document in orders.salon_document_ids:
            if document.state not in ("issued", "cancelled"):
                continue
            sign = -1 if document.kind == "storno" else 1
            content = document if sign > 0 else document.origin_id
            for line in content._invoice().lines:
                total[line.vat] += sign * line.gross
        return total

    def assert_settled(self, orders, before=0.0):
        settled = ("issued", "cancelled", "skipped")
        for document in orders.salon_document_ids:
            self.assertIn(
                document.state, settled, f"{document.kind}: {document.problem}"
            )
        till = self.till_by_rate(orders)
        ours = self.documents_by_rate(orders)
        for rate in {*till, *ours}:
            self.assertEqual(ours[rate], till[rate], rate)
        self.assertEqual(self.standing() - before, float(sum(till.values())))


class RandomTests(Reckoning):
    def run_sequence(self, seed, faults):
        chance = random.Random(seed)
        products = [self.haircut, self.book, self.mens_cut, self.gel]
        sale = self.sell(
            [
                (product, chance.randint(1, 4))
                for product in chance.sample(products, chance.randint(2, 4))
            ]
            + [(self.tip, 1, {"price_unit": 1000})]
        )
        left = {line: line.qty for line in sale.lines}
        orders = sale
        while any(left.values()):
            if chance.random() < 0.7:
                self.work()
            if faults:
                self.fault(chance.choice(FAULTS), path=f"{self.cancels}|{self.creates}")
            back = {
                line: min(quantity, chance.randint(0, 3))
                for line, quantity in left.items()
            }
            back = {line: quantity for line, quantity in back.items() if quantity}
            if not back:
                continue
            new = [(self.book, 1)] if chance.random() < 0.3 else []
            orders |= self.refund(sale, back, new)
            left = {line: left[line] - back.get(line, 0) for line in left}
            if chance.random() < 0.15:
                break
        self.work(turns=60)
        self.look_in_the_services_place(orders)
        return orders

    def look_in_the_services_place(self, orders):
        """Retry what a service cannot be asked about, as a person who has looked."""
        for _turn in range(6):
            documents = self.env["salon.invoice.document"].search(
                [
                    ("order_id", "in", orders.ids),
                    ("problem_reason", "=", "unproven"),
                ]
            )
            if not documents:
                return
            keys = {entry["external_key"] for entry in self.issued()}
            for document in documents:
                self.assertNotIn(document.external_key, keys)
                document.with_user(self.manager).action_retry()
            self.work(turns=60)

    def test_random_refunds_leave_what_the_till_kept(self):
        for seed in range(3 * TIMES):
            with self.subTest(seed=seed):
                before = self.standing()
                orders = self.run_sequence(seed, faults=False)
                self.assert_settled(orders, before)

    def test_random_refunds_with_faults_leave_what_the_till_kept(self):
        for seed in range(10, 10 + 3 * TIMES):
            with self.subTest(seed=seed):
                before = self.standing()
                orders = self.run_sequence(seed, faults=True)
                self.assert_settled(orders, before)


class RandomCase(AfterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gel = cls._make_product("Hajzselé", 2333, cls.tax_18)


@tagged("post_install", "-at_install")
class TestRandomBillingo(RandomTests, RandomCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestRandomBillingoV2(RandomTests, RandomCase):
    provider = "billingo_v2"


@tagged("post_install", "-at_install")
class TestRandomSzamlazz(RandomTests, RandomCase):
    provider = "szamlazz"
