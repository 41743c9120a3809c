"""What a reconciliation costs: as many statements for 30 sales as for 3."""

from odoo.tests import tagged

from .after_case import AfterCase
from .test_month_cost import Heard
from .test_reconcile import ReconcileMixin


@tagged("post_install", "-at_install")
class TestReconcileCost(ReconcileMixin, AfterCase):
    provider = "billingo"

    def answered(self, row=None):
        """Return a reconciliation that the service has answered, to be compared."""
        row = row or self.request()
        row._start()
        for _turn in range(5):
            if row.state == "asking":
                self.work()
        self.assertEqual(row.state, "todo", row.trouble)
        self.env.flush_all()
        self.env.invalidate_all()
        return row

    def statements(self, row):
        """Return how many statements reading, comparing and storing take."""
        with Heard() as heard:
            row._compare()
            self.env.flush_all()
        self.assertEqual(row.state, "done", row.trouble)
        return len(heard.statements)

    def sell_many(self, number):
        lines = [(self.haircut, 1), (self.book, 1)]
        for _sale in range(number):
            self.sell(lines, [(self.card, 12400)], salon_wish="invoice")
        self.work()

    def test_a_day_takes_as_many_statements_however_much_was_sold(self):
        self.sell_many(3)
        row = self.answered()
        self.statements(row)  # what is read once is in the caches
        few = self.statements(self.answered(row))
        self.sell_many(27)
        many = self.statements(self.answered(row))
        # Each sale, and each document.
        self.assertEqual((row.outcome, row.agrees_count), ("agrees", 2 * 30))
        self.assertLessEqual(many, few + 3)
        self.assertLess(many, 60)

    def test_what_differs_is_kept_in_as_many_statements_however_much_it_is(self):
        self.sell_many(1)
        for _sale in range(2):
            self.forgotten()
        row = self.answered()
        few = self.statements(row)
        for _sale in range(18):
            self.forgotten()
        many = self.statements(self.answered(row))
        self.assertEqual(len(self.open_ones(row)), 20)
        self.assertLessEqual(many, few + 3)
