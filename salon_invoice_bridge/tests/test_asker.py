"""Questions of no document: asked by the worker, behind all that a till waits for."""

from datetime import date, timedelta
from unittest.mock import patch

import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.salon_invoice_asker import Question
from ..models.salon_invoice_task import MAX_TRIES, SalonInvoiceTask
from .common import SalonCase

LANE = "odoo.addons.salon_invoice_bridge.worker.lane"


class Curious:
    """Stands for a record that asks for the list of each of some days."""

    def __init__(self, days, operation="list_issued"):
        self.days, self.operation = list(days), operation
        self.answers, self.put_off, self.failed = [], [], []

    def _next_question(self, _task):
        if not self.days:
            return None
        return Question(self.operation, (self.days[0], self.days[0]))

    def _on_answer(self, _task, answer):
        self.answers.append(answer)
        self.days.pop(0)
        return 0 if self.days else None

    def _on_put_off(self, task):
        self.put_off.append(task.message)

    def _on_failed(self, task):
        self.failed.append(task.message)


@tagged("post_install", "-at_install")
class TestAsker(SalonCase):
    """The account stands for the record that asks: any record's id would do."""

    def setUp(self):
        super().setUp()
        self.today = self.env["salon.invoice.document"]._today()
        # The sandbox has its own clock, which may be past midnight.
        self.day = self.today - timedelta(days=3)
        self.days = [self.day + timedelta(days=number) for number in range(7)]

    def ask(self, asker, kind="list"):
        """Have the worker ask what ``asker`` wants to know; return the task."""
        self.enterContext(patch.object(SalonInvoiceTask, "_asker", lambda _: asker))
        task = self.env["salon.invoice.task"].create(
            {
                "res_model": self.account._name,
                "res_id": self.account.id,
                "account_id": self.account.id,
                "kind": kind,
                "next_attempt": self.env["salon.invoice.document"]._now(),
            }
        )
        self.account._wake()
        return task

    def test_each_question_is_asked_once_and_answered(self):
        sold = self.sell([(self.haircut, 1)]).salon_document_id
        self.work()
        curious = Curious(self.days)
        task = self.ask(curious)
        self.assertEqual(task.company_id, self.company)
        self.work()
        self.assertEqual(task.state, "done")
        self.assertEqual(len(curious.answers), 7)
        listed = [document.number for answer in curious.answers for document in answer]
        self.assertEqual(listed, [sold.number])
        self.assertFalse(curious.failed or curious.put_off)

    def test_a_sale_and_its_mail_go_before_the_next_question(self):
        order = []
        curious = Curious(self.days[:3])
        answered = curious._on_answer

        def on_answer(task, answer):
            if not order:  # sold while the first list was read
                sale = self.sell([(self.haircut, 1)], customer=self.customer)
                self.documents = sale.salon_document_id
            of_sale = [("document_id", "in", self.documents.ids)]
            order.append(task.search(of_sale).mapped("state"))
            return answered(task, answer)

        curious._on_answer = on_answer
        self.ask(curious)
        self.run_lane()
        self.assertEqual(self.documents.state, "issued")
        self.assertEqual(len(order), 3)
        before, *_between, last = order
        self.assertEqual(before, [])
        self.assertIn("done", last)

    def test_a_429_in_the_middle_is_waited_for_and_nothing_is_asked_twice(self):
        curious = Curious(self.days[:3])
        answered = curious._on_answer

        def on_answer(task, answer):
            if not curious.answers:
                self.fault("rate_limit", path="/documents$")
            return answered(task, answer)

        curious._on_answer = on_answer
        task = self.ask(curious)
        self.run_lane()
        self.assertEqual(len(curious.answers), 1)
        self.assertEqual(task.state, "todo")
        self.assertTrue(self.account.backoff_until)
        self.assertTrue(curious.put_off[0])
        self.work()
        self.assertEqual((task.state, len(curious.answers)), ("done", 3))

    def test_a_revoked_key_is_said_to_the_record(self):
        curious = Curious(self.days[:1])
        self.fault("status_before", status=401, body="", times=None)
        task = self.ask(curious)
        self.run_lane()
        self.assertEqual(self.account.state, "paused")
        self.assertEqual(task.state, "todo")
        self.assertIn("key", curious.put_off[0])

    def test_who_never_gets_an_answer_is_told_that_it_was_given_up(self):
        curious = Curious(self.days[:1])
        self.fault("status_before", path="/documents$", status=502, times=None)
        task = self.ask(curious)
        self.work(turns=2 * MAX_TRIES)
        self.assertEqual(task.state, "failed")
        self.assertEqual(curious.failed, [task.message])

    def test_a_list_that_fails_stops_no_document(self):
        """The rest of the service may work: a long list is what breaks first."""
        for fault in (
            {"kind": "status_before", "status": 502},
            {"kind": "status_before", "status": 503},
            {"kind": "status_before", "status": 403},
        ):
            with self.subTest(**fault):
                self.fault(path="/documents$", **fault)
                task = self.ask(Curious(self.days[:1]))
                self.run_lane()
                self.assertTrue(task.message)
                self.assertEqual(self.account.state, "connected")
                self.assertFalse(self.account.backoff_until)
                self.assertFalse(self.account.consecutive_failures)
                task.unlink()

    def test_a_list_that_fails_does_not_end_a_trouble(self):
        self.account.consecutive_failures = 2
        self.fault("status_before", path="/documents$", status=502)
        self.ask(Curious(self.days[:1]))
        self.sell([(self.haircut, 1)]).salon_document_id.next_attempt += timedelta(1)
        self.run_lane()
        self.assertEqual(self.account.consecutive_failures, 2)

    @mute_logger(LANE)
    def test_a_record_that_cannot_take_the_answer_stops_only_itself(self):
        curious = Curious(self.days[:1])
        curious._on_answer = lambda _task, _answer: 1 // 0
        task = self.ask(curious)
        sale = self.sell([(self.haircut, 1)])
        self.run_lane()
        self.assertEqual(sale.salon_document_id.state, "issued")
        self.assertEqual(task.state, "failed")
        self.assertEqual(curious.failed, [task.message])

    @mute_logger(LANE)
    def test_a_record_asks_only_what_its_kind_allows(self):
        curious = Curious(self.days[:1], operation="cancel")
        task = self.ask(curious)
        before = len(self.calls())
        self.run_lane()
        self.assertEqual(len(self.calls()), before)
        self.assertEqual(task.state, "failed")

    def test_a_task_whose_record_is_gone_calls_nobody(self):
        task = self.ask(None)
        before = len(self.calls())
        self.run_lane()
        self.assertEqual((task.state, len(self.calls())), ("done", before))

    def test_no_model_that_does_not_ask_is_called(self):
        task = self.env["salon.invoice.task"].new(
            {
                "res_model": "res.users",
                "res_id": self.manager.id,
                "account_id": self.account.id,
            }
        )
        self.assertIsNone(task._asker())

    @mute_logger("odoo.sql_db")
    def test_a_task_is_a_documents_or_another_records(self):
        with self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint():
            self.env["salon.invoice.task"].create(
                {"account_id": self.account.id, "kind": "list"}
            )

    def test_a_list_is_read_on_one_of_its_days(self):
        """The dates go to the strategy as they are."""
        curious = Curious([date(2025, 2, 3)])
        self.ask(curious)
        self.run_lane()
        self.assertEqual(curious.answers, [()])
