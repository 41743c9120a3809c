"""Random months: the file's sums are the till's and the service's ledger's."""

import random

from odoo.tests import tagged

from .common import TIMES
from .test_month_file import MonthCase


class RandomMonths:
    """Sales, tips, discounts and refunds as they come."""

    def sale(self, chance):
        products = chance.sample([self.haircut, self.mens_cut, self.book], 2)
        lines = [(one, chance.randint(1, 3)) for one in products]
        if chance.random() < 0.3:
            lines.append((self.tip, 1, {"price_unit": 100 * chance.randint(1, 20)}))
        data = self.order_data(lines)
        total = data["amount_total"]
        payments = [(self.card, total)]
        if chance.random() < 0.4:
            cash = float(chance.randint(1, int(total) - 1))
            payments = [(self.cash, cash), (self.card, total - cash)]
        return self.sell(lines, payments)

    def back(self, chance, sale):
        """Take some of a sale back."""
        lines = [
            line for line in sale.lines if line.product_id != self.tip
        ] or sale.lines[:1]
        line = chance.choice(list(lines))
        return self.refund(sale, {line: chance.randint(1, int(line.qty))})

    def test_the_sums_of_a_month_are_the_tills_and_the_ledgers(self):
        for seed in range(2 * TIMES):
            with self.subTest(seed):
                self.one_month(random.Random(seed))

    def one_month(self, chance):
        sales = [self.sale(chance) for _sale in range(chance.randint(3, 5))]
        self.work()
        for sale in sales:
            if chance.random() < 0.5:
                self.back(chance, sale)
                self.work()
        forgotten = self.sale(chance)
        self.forget(forgotten)
        month = self.finish(self.prepare())
        self.assertEqual(month.state, "ready", month.failure)
        found = {gap for gap in self.gaps(month) if gap != "nav_open"}
        self.assertEqual(
            found,
            {"missing"},
            [
                (row.gap, row.expected, row.found, row.detail)
                for row in month.finding_ids
            ],
        )
        orders = self.env["pos.order"].search([("company_id", "=", self.company.id)])
        (sums,) = month.sums
        self.assertEqual(float(sums["sold"]), sum(orders.mapped("amount_total")))
        self.assertEqual(float(sums["documented"]), self.standing())
        self.assertEqual(float(sums["rest"]), 0)
        sheet = self.workbook(month).worksheets
        numbers = [
            cell.value
            for row in sheet[0].iter_rows()
            for cell in row
            if isinstance(cell.value, (int, float))
        ]
        self.assertIn(self.standing(), numbers)
        forgotten.action_salon_generate()
        self.work()


@tagged("post_install", "-at_install")
class TestRandomMonthBillingo(RandomMonths, MonthCase):
    pass


@tagged("post_install", "-at_install")
class TestRandomMonthSzamlazz(RandomMonths, MonthCase):
    provider = "szamlazz"

    def setUp(self):
        super().setUp()
        state = self.sandbox.world.emulator("szamlazz").state
        next(iter(state["accounts"].values()))["test"] = False
