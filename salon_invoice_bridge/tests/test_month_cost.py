"""What a month's file costs while a till sells: few statements, no lock on sales."""

import re
import threading

from odoo.tests import tagged

from .test_month_file import CRON, MonthCase

#: Tables that a till writes when a sale is paid.
TILLS = ("pos_order", "pos_order_line", "pos_payment", "pos_session", "pos_config")


class Heard:
    """The statements of a block."""

    def __enter__(self):
        self.statements = []
        threading.current_thread().query_hooks = [self.heard]
        return self

    def heard(self, cursor, query, params, _start, _delay):
        text = query if isinstance(query, str) else query.as_string(cursor._obj)
        self.statements.append(str(text))

    def __exit__(self, *error):
        del threading.current_thread().query_hooks


@tagged("post_install", "-at_install")
class TestMonthCost(MonthCase):
    def statements(self):
        """Return how many statements reading the month's rows takes."""
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["salon.invoice.month.rows"]
        end = self.env["salon.invoice.document"]._today()
        with Heard() as heard:
            rows._rows(self.company, self.start, end)
        return len(heard.statements)

    def test_a_batch_takes_as_many_statements_however_many_sales_are_in_it(self):
        """3,000 sales are six batches: some hundred statements, not thousands."""
        self.sell([(self.haircut, 1)])
        self.work()
        self.statements()  # what is read once is in the caches
        few = self.statements()
        for _sale in range(6):
            self.sell([(self.haircut, 1), (self.book, 1)], [(self.card, 12400)])
        self.work()
        many = self.statements()
        self.assertLessEqual(many, few + 3)
        self.assertLess(many, 60)

    def test_no_row_that_a_till_writes_is_written_or_locked(self):
        for _sale in range(2):
            self.sell([(self.haircut, 1)])
        forgotten = self.sell([(self.haircut, 1)])
        self.forget(forgotten)
        self.work()
        month = self.prepare()
        with Heard() as heard:
            self.run_cron(CRON)
            month.patience_until = month.asked_at
            self.run_cron(CRON)
        self.assertEqual(month.state, "ready")
        names = "|".join(TILLS)
        writes = re.compile(
            rf'(UPDATE|INTO|DELETE FROM|LOCK TABLE)\s+"?({names})"?\b', re.IGNORECASE
        )
        locks = re.compile(
            rf'FROM\s+"?({names})"?\b.*FOR (NO KEY )?UPDATE', re.IGNORECASE | re.DOTALL
        )
        for statement in heard.statements:
            self.assertFalse(writes.search(statement), statement)
            self.assertFalse(locks.search(statement), statement)
