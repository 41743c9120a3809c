"""People and a document that needs them: they see it once, and what they do is safe."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import SalonCase

REFUSAL = {"status": 422, "body": '{"message": "Validation Failed", "errors": []}'}


@tagged("post_install", "-at_install")
class TestHuman(SalonCase):
    def setUp(self):
        super().setUp()
        self.order = self.sell([(self.haircut, 1)])
        self.document = self.order.salon_document_id

    def refuse(self, times=1):
        self.fault(
            "status_before", method="POST", path="/documents$", times=times, **REFUSAL
        )
        self.run_lane()
        self.assertEqual(self.document.state, "attention")

    def lose_answer(self):
        """Leave the document at the service without us knowing."""
        self.fault("drop_after", method="POST", path="/documents$")
        self.fault("status_before", method="GET", status=503, times=None)
        self.run_lane()
        self.assertEqual(self.document.state, "checking")
        self.sandbox.world.faults.clear()
        self.account.backoff_until = False
        self.document._need_attention("As if something else was wrong.", "program")

    def creates(self):
        return [
            call
            for call in self.calls()
            if call["method"] == "POST" and call["path"].endswith("/documents")
        ]

    def test_the_same_problem_again_is_one_message(self):
        self.refuse(times=None)
        messages = len(self.document.message_ids)
        self.document.with_user(self.receptionist).action_retry()
        self.run_lane()
        self.assertEqual(self.document.state, "attention")
        self.assertEqual(len(self.document.message_ids), messages)
        self.assertEqual(len(self.document.activity_ids), 1)

    def test_the_sale_says_what_is_wrong_and_is_retried_from_there(self):
        self.refuse()
        order = self.order.with_user(self.receptionist)
        self.assertEqual(order.salon_problem, self.document.problem)
        self.assertIn("Who can do it: ", order.salon_problem)
        order.action_salon_retry()
        self.assertFalse(order.salon_problem)
        self.run_lane()
        self.assertEqual(order.salon_invoice_state, "issued")

    def test_a_button_only_writes_the_wish(self):
        self.refuse()
        self.sandbox.world.calls.clear()
        self.document.action_check()
        self.document._need_attention("Again.", "rejected")
        self.document.action_retry()
        self.assertFalse(self.calls())

    def test_a_retry_after_a_lost_answer_asks_before_it_sends(self):
        self.lose_answer()
        self.document.with_user(self.receptionist).action_retry()
        self.run_lane()
        self.assertEqual(self.document.state, "issued")
        self.assertEqual(len(self.creates()), 1)

    def test_check_at_the_service_adopts_what_is_there(self):
        self.lose_answer()
        self.document.with_user(self.receptionist).action_check()
        self.run_lane()
        self.assertEqual(self.document.state, "issued")
        self.assertEqual(self.document.number, self.issued()[0]["number"])

    def test_check_at_the_service_never_sends(self):
        self.refuse()
        self.document.with_user(self.receptionist).action_check()
        self.run_lane()
        self.assertEqual(self.document.state, "attention")
        self.assertIn("does not have", self.document.problem)
        self.assertEqual(len(self.creates()), 1)
        self.document.action_retry()
        self.run_lane()
        self.assertEqual(self.document.state, "issued")

    def test_a_question_that_comes_too_soon_is_answered_when_it_can_be(self):
        """The lost call may still be under way: a retry now could make a second one."""
        self.fault("status_before", method="POST", path="/documents$", status=502)
        self.run_lane()
        self.document._need_attention("As if something else was wrong.", "program")
        self.document.with_user(self.receptionist).action_check()
        self.run_lane()
        self.assertEqual(self.document.state, "checking")
        self.assertGreater(self.document.next_attempt, self.document._now())
        self.document.write(
            {
                "sent_at": self.document._now() - timedelta(minutes=10),
                "next_attempt": self.document._now(),
            }
        )
        self.run_lane()
        self.assertIn("does not have", self.document.problem)
        self.assertEqual(len(self.creates()), 1)

    def test_what_was_never_sent_cannot_be_looked_for(self):
        self.document._need_attention("No code.", "content")
        with self.assertRaises(UserError):
            self.document.action_check()

    def test_what_was_made_by_hand_is_recorded_with_its_number(self):
        self.refuse()
        form = Form(
            self.env["salon.invoice.settle"]
            .with_user(self.manager)
            .with_context(default_document_id=self.document.id)
        )
        form.number = "KEZI-2026-1"
        form.save().action_settle()
        self.assertEqual(self.document.state, "issued")
        self.assertEqual(self.document.settled_by_id, self.manager)
        self.assertEqual(self.order.salon_invoice_number, "KEZI-2026-1")
        self.assertFalse(self.document.activity_ids)
        self.run_lane()
        self.assertFalse(self.issued())

    def test_one_number_is_recorded_once(self):
        self.refuse()
        self.document.with_user(self.accountant)._settle("KEZI-2026-1")
        other = self.sell([(self.mens_cut, 1)]).salon_document_id
        with self.assertRaises(UserError):
            other.with_user(self.accountant)._settle(" KEZI-2026-1 ")

    def test_a_sale_may_be_left_without_an_invoice_before_it_is_sent(self):
        self.document.with_user(self.manager)._settle()
        self.run_lane()
        self.assertEqual(self.document.skip_reason, "dropped")
        self.assertFalse(self.issued())

    def test_a_document_that_may_be_there_is_not_dropped_while_it_moves(self):
        self.fault("status_before", method="POST", path="/documents$", status=502)
        self.run_lane()
        self.assertEqual(self.document.state, "checking")
        with self.assertRaises(UserError):
            self.document.with_user(self.manager)._settle()

    def test_the_receptionist_settles_nothing(self):
        self.refuse()
        with self.assertRaises(UserError):
            self.document.with_user(self.receptionist)._settle("1")
        with self.assertRaises(UserError):
            self.document.with_user(self.receptionist).action_settle()
        self.assertEqual(self.document.state, "attention")
