"""The books of a day and a month, compared with what a real service says."""

from datetime import timedelta

from odoo.tests import tagged

from .receipt_case import ReceiptCase


@tagged("post_install", "-at_install")
class TestReconcileBillingo(ReceiptCase):
    def setUp(self):
        super().setUp()
        # The sandbox has its own clock, which may be past midnight.
        reconciliation = type(self.env["salon.invoice.reconciliation"])
        self.patch(reconciliation, "_last_day", lambda row: row.until)
        today = self.env["salon.invoice.document"]._today()
        self.days = today - timedelta(days=1), today + timedelta(days=1)

    def test_a_day_agrees(self):
        self.sell([(self.haircut, 1), (self.book, 2)], salon_wish="invoice")
        self.given((self.mens_cut, 1))
        self.work()
        rows = self.env["salon.invoice.reconciliation"]
        row = rows._request(self.account, *self.days)
        self.work()
        self.run_cron("cron_reconcile")
        self.assertEqual(row.state, "done")
        self.assertEqual(row.difference_ids.mapped("text"), [])
        self.assertEqual((row.proof, row.outcome), ("list", "agrees"), row.summary)
