"""The till never waits: what the addon adds to a payment is small and never grows."""

from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SalonCase

#: Columns in which two sales differ, and who happened to flush.
OWN = {"id", "name", "uuid", "access_token", "pos_reference", "sequence_number"}
OWN |= {"tracking_number", "ticket_code", "order_id", "pos_order_id"}
OWN |= {"salon_document_id", "date_order", "payment_date", "write_uid"}


@tagged("post_install", "-at_install")
class TestHook(SalonCase):
    #: Queries that a sale costs more than without the addon: the savepoint (2), two
    #: UPDATEs because it flushes (of the sale and of its lines), the document, the
    #: account and its lane (2), and the trigger of the lane.
    MORE_QUERIES = 8

    def setUp(self):
        super().setUp()
        self.orders = type(self.env["pos.order"])

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
        self.queries(*arguments, **keywords)  # what is looked up once a day
        with_addon = self.queries(*arguments, **keywords)
        with self.no_hook():
            without = self.queries(*arguments, **keywords)
        return with_addon - without

    def no_hook(self):
        """Sell as without the addon."""
        return patch.object(self.orders, "_salon_on_paid", lambda order: None)

    def test_a_sale_costs_eight_queries_more(self):
        self.assertEqual(self.more_queries([(self.haircut, 1)]), self.MORE_QUERIES)

    def test_a_long_sale_to_a_customer_costs_one_more_the_customers_address(self):
        lines = [(self.haircut, 1), (self.book, 2), (self.mens_cut, 1)] * 10
        payments = [(self.cash, 100_000), (self.card, 108_900)]
        more = self.more_queries(lines, payments, self.business, to_invoice=False)
        self.assertLessEqual(more, self.MORE_QUERIES + 1)

    def test_a_wish_for_the_invoice_costs_its_savepoint_and_a_second_flush(self):
        sale = [(self.haircut, 1)], None, self.customer
        more = self.more_queries(*sale, to_invoice=False)
        for _once_a_day in range(2):
            wished = self.queries(*sale, to_invoice=True)
        plain = self.queries(*sale, to_invoice=False)
        self.assertEqual(wished - plain, 4)
        self.assertLessEqual(more, self.MORE_QUERIES + 1)

    # === WHERE IT FAILS === #

    def rows(self, order):
        """Return what the database has of a sale, but for what is its own."""
        self.env.cr.flush()
        rows = []
        for table, column in (
            ("pos_order", "id"),
            ("pos_order_line", "order_id"),
            ("pos_payment", "pos_order_id"),
        ):
            self.env.cr.execute(
                f"SELECT * FROM {table} WHERE {column} = %s ORDER BY id", [order.id]
            )
            for row in self.env.cr.dictfetchall():
                rows.append({k: v for k, v in row.items() if k not in OWN})
        return rows

    def sell_and_fail(self, data, fail):
        """Sell while the lane cannot be woken; return the sale."""
        accounts = type(self.env["salon.invoice.account"])
        hook = "odoo.addons.salon_invoice_bridge.models.pos_order"
        with patch.object(accounts, "_wake", fail), mute_logger("odoo.sql_db", hook):
            return self.sync(data)

    def check_failure(self, fail):
        lines = [(self.haircut, 1), (self.haircut, 2)]
        payments = [(self.cash, 10_000), (self.card, 16_700)]
        with self.no_hook():
            plain = self.sync(self.order_data(lines, payments, self.business))
        data = self.order_data(lines, payments, self.business)
        failed = self.sell_and_fail(data, fail)
        self.assertEqual(self.rows(failed), self.rows(plain))
        self.assertEqual(failed.state, "paid")
        self.assertEqual(failed.salon_document_ids.state, "attention")
        self.assertEqual(failed.salon_document_id, failed.salon_document_ids)

    def test_a_failure_leaves_the_sale_as_odoo_writes_it(self):
        def fail(account):
            raise KeyError("broken")

        self.check_failure(fail)

    def test_a_failure_after_a_flush_leaves_the_sale_as_odoo_writes_it(self):
        def fail(account):
            self.env.flush_all()
            raise KeyError("broken")

        self.check_failure(fail)

    def test_a_failure_of_postgresql_leaves_the_sale_as_odoo_writes_it(self):
        def fail(account):
            self.env.flush_all()
            self.env.cr.execute("SELECT 1 / 0")

        self.check_failure(fail)

    def test_a_failure_to_tell_the_account_leaves_the_sale_paid(self):
        def fail(order):
            self.env.cr.execute("SELECT 1 / 0")

        hook = "odoo.addons.salon_invoice_bridge.models.pos_order"
        with (
            patch.object(self.orders, "_salon_account", fail),
            mute_logger("odoo.sql_db", hook),
        ):
            order = self.sell([(self.haircut, 1)])
        self.assertEqual(order.state, "paid")
        self.assertEqual(order.salon_document_id.state, "attention")

    def test_a_failure_leaves_the_notes_of_odoo_for_the_commit(self):
        told = []

        def fail(account):
            raise KeyError("broken")

        self.env.cr.flush()
        self.env.cr.precommit.add(lambda: told.append(True))
        self.sell_and_fail(self.order_data([(self.haircut, 1)]), fail)
        self.env.cr.flush()
        self.assertEqual(told, [True])

    # === WHAT PASSES === #

    def test_a_concurrency_error_passes_so_that_odoo_repeats_the_sale(self):
        def fail(account):
            raise SerializationFailure("could not serialize access")

        with self.assertRaises(SerializationFailure):
            self.sell_and_fail(self.order_data([(self.haircut, 1)]), fail)

    def test_a_concurrency_error_of_the_wish_passes_too(self):
        def fail(order):
            raise SerializationFailure("could not serialize access")

        data = self.order_data([(self.haircut, 1)], None, self.customer)
        with (
            patch.object(self.orders, "_salon_is_made_at_service", fail),
            self.assertRaises(SerializationFailure),
        ):
            self.sync({**data, "to_invoice": True})

    def test_a_failure_of_odoos_own_writes_is_odoos_error(self):
        def fail():
            raise KeyError("Odoo's own")

        order = self.sell([(self.haircut, 1)])
        self.env.cr.precommit.add(fail)
        with self.assertRaisesRegex(KeyError, "Odoo's own"):
            order._salon_on_paid()
        self.assertEqual(order.salon_document_ids.state, "waiting")
