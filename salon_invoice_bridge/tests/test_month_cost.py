"""What a month's file costs while a till sells: few statements, no lock on sales."""

import re
import threading
from contextlib import suppress

from odoo import fields
from odoo.tests import tagged

from .test_month_file import CRON, MonthCase

#: Tables that a till writes when a sale is paid.
TILLS = ("pos_order", "pos_order_line", "pos_payment", "pos_session", "pos_config")


class Heard:
    """The statements of a block."""

    def __enter__(self):
        self.statements, self.filled = [], []
        threading.current_thread().query_hooks = [self.heard]
        return self

    def heard(self, cursor, query, params, _start, _delay):
        text = query if isinstance(query, str) else query.as_string(cursor._obj)
        self.statements.append(str(text))
        self.filled.append(cursor.mogrify(query, params).decode())

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

    def fetching(self, sales):
        """Return a month whose PDFs are being fetched, and the tasks of these."""
        for _sale in range(sales):
            self.sell([(self.haircut, 1)])
        self.run_lane()
        month = self.prepare()
        self.run_cron(CRON)
        self.assertEqual((month.state, month.pdf_wanted), ("fetching", sales))
        tasks = self.env["salon.invoice.task"].search(
            [("document_id", "in", month.wanted), ("kind", "=", "pdf")]
        )
        self.assertEqual(set(tasks.mapped("state")), {"todo"})
        return month, tasks

    def wakes(self):
        """Return how often the job was told to go on at once."""
        now = fields.Datetime.now()
        return self.env["ir.cron.trigger"].search_count(
            [
                ("cron_id", "=", self.env.ref(f"salon_invoice_bridge.{CRON}").id),
                ("call_at", "<=", now),
            ]
        )

    def test_a_pdf_that_comes_asks_for_no_other_by_its_id(self):
        """Of 3,000 PDFs, each would name 3,000 documents to PostgreSQL."""
        month, tasks = self.fetching(6)
        wanted = {str(id_) for id_ in month.wanted}
        tasks.mapped("arguments")
        with Heard() as heard:
            tasks[0]._finish(False)
            self.env.flush_all()
        self.assertTrue(heard.filled)
        self.assertLessEqual(len(heard.filled), 3)
        for statement in heard.filled:
            named = wanted & set(re.findall(r"\d+", statement))
            self.assertLess(len(named), len(wanted), statement)

    def test_the_last_pdf_wakes_the_month_and_no_other_does(self):
        _month, tasks = self.fetching(3)
        before = self.wakes()
        for task in tasks[:-1]:
            task._finish(False)
        self.assertEqual(self.wakes(), before)
        tasks[-1]._give_up("failed", "No PDF.")
        self.assertEqual(self.wakes(), before + 1)

    def test_two_lanes_that_finish_at_once_both_wake_it(self):
        """Neither sees that the other is done: what wakes the month asks nobody."""
        month, tasks = self.fetching(2)
        tasks[1].account_id = False  # as one of another lane
        before = self.wakes()
        tasks[0]._finish(False)
        self.assertEqual(self.wakes(), before + 1)
        self.assertTrue(month._is_waiting())
        tasks[1]._finish(False)
        self.assertEqual(self.wakes(), before + 2)
        self.assertFalse(tasks.search(month._left()))

    def test_a_pdf_whose_worker_was_killed_leaves_the_month_waiting(self):
        """What it has told the month goes with its transaction."""
        month, tasks = self.fetching(1)
        before = self.wakes()
        with suppress(KeyboardInterrupt), self.env.cr.savepoint():
            tasks._finish(False)
            self.assertEqual(self.wakes(), before + 1)
            raise KeyboardInterrupt
        self.env.invalidate_all()
        self.assertEqual((tasks.state, self.wakes()), ("todo", before))
        self.assertTrue(month._is_waiting())
        self.work()
        self.assertGreater(self.wakes(), before)
