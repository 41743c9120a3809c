"""The till never waits: what the addon adds to a payment is small and never grows."""

import re
import threading
from collections import Counter
from contextlib import contextmanager
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.point_of_sale.models.pos_order import PosOrder as OdooPosOrder

from ..models.pos_order import PosOrder
from .common import SalonCase

#: What a statement begins with: what it does, and to which table.
_STATEMENT = re.compile(
    r"RELEASE SAVEPOINT|SAVEPOINT|INSERT INTO \w+|UPDATE \w+|SELECT \w+\.\w+"
)

#: Columns in which two sales differ, and who happened to flush.
OWN = {"id", "name", "uuid", "access_token", "pos_reference", "sequence_number"}
OWN |= {"tracking_number", "ticket_code", "order_id", "pos_order_id"}
OWN |= {"salon_document_id", "date_order", "payment_date", "write_uid"}


@tagged("post_install", "-at_install")
class TestHook(SalonCase):
    #: Queries that a sale costs more than without the addon: the savepoint (2), the
    #: document, and the trigger of the lane.  After the commit one NOTIFY more.
    MORE_QUERIES = 4

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

    def statements(self, *arguments, **keywords):
        """Return what the statements of one ``sync_from_ui`` do, to which table."""
        self.queries(*arguments, **keywords)
        heard = []
        thread = threading.current_thread()
        hooks = [lambda _cr, query, *_more: heard.append(str(query))]
        with patch.object(thread, "query_hooks", hooks, create=True):
            self.queries(*arguments, **keywords)
        found = [_STATEMENT.match(query.replace('"', "").strip()) for query in heard]
        return [statement[0] for statement in found if statement]

    def more_queries(self, *arguments, **keywords):
        """Return how many queries of a sale are the addon's."""
        self.queries(*arguments, **keywords)  # what is looked up once a day
        with_addon = self.queries(*arguments, **keywords)
        with self.no_hook():
            without = self.queries(*arguments, **keywords)
        return with_addon - without

    @contextmanager
    def no_hook(self):
        """Sell as without the addon."""

        def sync_from_ui(orders, sent):
            return super(PosOrder, orders).sync_from_ui(sent)

        with (
            patch.object(self.orders, "_salon_on_paid", lambda order: None),
            patch.object(self.orders, "sync_from_ui", sync_from_ui),
        ):
            yield

    def test_a_sale_costs_four_queries_more(self):
        self.assertEqual(self.more_queries([(self.haircut, 1)]), self.MORE_QUERIES)

    def test_a_sale_costs_no_query_of_what_it_writes_anyway(self):
        with_addon = self.statements([(self.haircut, 1)])
        with self.no_hook():
            without = self.statements([(self.haircut, 1)])
        more = Counter(with_addon) - Counter(without)
        self.assertEqual(
            more,
            {
                "SAVEPOINT": 1,
                "RELEASE SAVEPOINT": 1,
                "INSERT INTO salon_invoice_document": 1,
                "INSERT INTO ir_cron_trigger": 1,
            },
        )

    def test_only_the_till_itself_wakes_without_reading(self):
        order = self.sell([(self.haircut, 1)])
        known = type(self.env["salon.invoice.account"])
        forged = order.with_context(salon_document_failure=True)
        with patch.object(known, "_wake_known", side_effect=KeyError("forged")):
            forged._salon_wake(self.account)

    def test_a_long_sale_to_a_customer_costs_one_more_the_customers_address(self):
        lines = [(self.haircut, 1), (self.book, 2), (self.mens_cut, 1)] * 10
        payments = [(self.cash, 100_000), (self.card, 108_900)]
        more = self.more_queries(lines, payments, self.business, to_invoice=False)
        self.assertLessEqual(more, self.MORE_QUERIES + 1)

    def test_a_wish_for_the_invoice_costs_nothing(self):
        sale = [(self.haircut, 1)], None, self.customer
        more = self.more_queries(*sale, to_invoice=False)
        for _once_a_day in range(2):
            wished = self.queries(*sale, to_invoice=False, salon_wish="invoice")
        plain = self.queries(*sale, to_invoice=False)
        self.assertEqual(wished - plain, 0)
        self.assertLessEqual(more, self.MORE_QUERIES + 1)

    def test_a_till_that_asks_odoo_to_invoice_has_the_careful_way(self):
        sale = [(self.haircut, 1)], None, self.customer
        for _once_a_day in range(2):
            asked = self.queries(*sale, to_invoice=True)
        plain = self.queries(*sale, to_invoice=False)
        self.assertLessEqual(asked - plain, 8)

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
        triggers = type(self.env["ir.cron.trigger"])
        hook = "odoo.addons.salon_invoice_bridge.models.pos_order"
        with patch.object(triggers, "create", fail), mute_logger("odoo.sql_db", hook):
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
        def fail(triggers, vals_list):
            raise KeyError("broken")

        self.check_failure(fail)

    def test_a_failure_after_a_flush_leaves_the_sale_as_odoo_writes_it(self):
        def fail(triggers, vals_list):
            self.env.flush_all()
            raise KeyError("broken")

        self.check_failure(fail)

    def test_a_failure_of_postgresql_leaves_the_sale_as_odoo_writes_it(self):
        def fail(triggers, vals_list):
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

        def fail(triggers, vals_list):
            raise KeyError("broken")

        self.env.cr.flush()
        self.env.cr.precommit.add(lambda: told.append(True))
        self.sell_and_fail(self.order_data([(self.haircut, 1)]), fail)
        self.env.cr.flush()
        self.assertEqual(told, [True])

    # === WHAT PASSES === #

    def test_a_concurrency_error_passes_so_that_odoo_repeats_the_sale(self):
        def fail(triggers, vals_list):
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

    # === ODOO'S OWN INVOICE, WHICH MAY COMMIT === #

    def sell_and_let_odoo_invoice(self, data):
        """Sell; return whether the savepoint was held each time that Odoo invoiced."""
        held = []

        def invoice(order):
            held.append(order._salon_is_repeated())
            return {}

        with (
            patch.object(OdooPosOrder, "_generate_pos_order_invoice", invoice),
            patch.object(self.orders, "_salon_is_made_at_service", lambda order: False),
            patch.object(self.orders, "_salon_check_odoo_may_invoice", lambda order: 0),
        ):
            self.sync(data)
        return held

    def test_odoo_invoices_outside_the_savepoint(self):
        data = self.order_data([(self.haircut, 1)], None, self.customer)
        held = self.sell_and_let_odoo_invoice({**data, "to_invoice": True})
        self.assertEqual(held, [False])

    def test_so_it_does_where_something_else_asks_it_to(self):
        def ask(order):
            order.to_invoice = True

        data = self.order_data([(self.haircut, 1)], None, self.customer)
        with patch.object(self.orders, "_salon_take_over_to_invoice", ask):
            held = self.sell_and_let_odoo_invoice(data)
        self.assertEqual(held, [False])
        sold = self.env["pos.order"].search([("uuid", "=", data["uuid"])])
        self.assertEqual(len(sold), 1)
        self.assertEqual(len(sold.salon_document_ids), 1)
