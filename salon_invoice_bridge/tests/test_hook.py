"""The till never waits: what the addon adds to a payment is small and never grows."""

from unittest.mock import patch

from odoo.tests import tagged

from .common import SalonCase


@tagged("post_install", "-at_install")
class TestHook(SalonCase):
    #: Queries that a sale costs more than without the addon: the savepoint (2), the
    #: lines that it makes Odoo write early, the account, the document, the sale's link
    #: to it, and the trigger of the lane.
    MORE_QUERIES = 7

    def queries(self, *arguments, **keywords):
        """Return how many queries one ``sync_from_ui`` makes."""
        data = self.order_data(*arguments, **keywords)
        self.env.cr.flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.sync(data)
        self.env.cr.flush()
        return self.env.cr.sql_log_count - before

    def more_queries(self, *arguments, **keywords):
        """Return how many queries of a sale are the addon's."""
        orders = type(self.env["pos.order"])
        self.queries(*arguments, **keywords)  # what is looked up once a day
        with_addon = self.queries(*arguments, **keywords)
        with patch.object(orders, "_salon_on_paid", lambda order: None):
            without = self.queries(*arguments, **keywords)
        return with_addon - without

    def test_a_sale_costs_seven_queries_more(self):
        self.assertLessEqual(self.more_queries([(self.haircut, 1)]), self.MORE_QUERIES)

    def test_a_long_sale_to_a_customer_costs_one_more_the_customers_address(self):
        lines = [(self.haircut, 1), (self.book, 2), (self.mens_cut, 1)] * 10
        payments = [(self.cash, 100_000), (self.card, 108_900)]
        self.assertLessEqual(
            self.more_queries(lines, payments, self.business), self.MORE_QUERIES + 1
        )
