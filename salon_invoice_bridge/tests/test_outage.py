"""An outage is told while it lasts; a limit of one operation is no outage."""

from datetime import timedelta

from odoo.tests import tagged

from ..billing import errors
from .common import SalonCase


@tagged("post_install", "-at_install")
class TestOutage(SalonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls._make_user("owner", "point_of_sale.group_pos_manager")
        cls.owner.write({"lang": "en_US", "tz": "Europe/Budapest"})

    def setUp(self):
        super().setUp()
        self.order = self.sell([(self.haircut, 1)])

    def go_down(self, **options):
        self.fault("status_before", **{"status": 503, "times": None, **options})
        self.run_lane()
        self.assertTrue(self.account.failing_since)

    def pass_time(self, minutes):
        for name in ("failing_since", "backoff_until"):
            if self.account[name]:
                self.account[name] -= timedelta(minutes=minutes)
        document = self.order.salon_document_id
        if document.next_attempt:
            document.next_attempt -= timedelta(minutes=minutes)

    def sweep(self):
        with self.enter_registry_test_mode():
            self.env.ref("salon_invoice_bridge.cron_sweep").method_direct_trigger()
        self.env.invalidate_all()

    def told(self):
        return self.account.activity_ids.user_id

    def test_an_outage_is_told_once_within_half_an_hour(self):
        self.go_down()
        self.sweep()
        self.assertFalse(self.told(), "a moment without an answer is no outage")
        self.pass_time(20)
        self.run_lane()
        self.sweep()
        self.assertEqual(self.told(), self.owner | self.manager)
        self.assertEqual(len(self.account.activity_ids), 2)
        activity = self.account.activity_ids[0]
        self.assertEqual(activity.summary, "The invoicing service does not answer")
        self.assertIn("since", activity.note)
        self.pass_time(60)
        self.run_lane()
        self.sweep()
        self.assertEqual(len(self.account.activity_ids), 2)

    def test_its_end_is_told_too(self):
        self.owner.write({"email": "owner@example.com", "notification_type": "email"})
        self.go_down()
        self.pass_time(20)
        self.sweep()
        self.sandbox.world.faults.clear()
        self.run_lane()
        self.assertEqual(self.order.salon_document_id.state, "issued")
        self.assertFalse(self.told())
        before = self.account.message_ids
        self.sweep()
        (message,) = self.account.message_ids - before
        self.assertIn("answers again", message.body)
        told = message.notification_ids.res_partner_id
        self.assertEqual(told, (self.owner | self.manager).partner_id)
        self.sweep()
        self.assertEqual(len(self.account.message_ids - before), 1)

    def test_what_only_waits_for_another_document_does_not_end_an_outage(self):
        self.run_lane()
        self.order = sale = self.sell([(self.haircut, 2)])
        self.go_down()
        since = self.account.failing_since
        refund = self.refund(sale, {sale.lines: 1})
        self.account.backoff_until = False
        sale.salon_document_id.next_attempt += timedelta(hours=1)
        self.run_lane()
        self.assertIn("waits for", refund.salon_document_id.problem)
        self.assertEqual(self.account.failing_since, since)
        self.assertTrue(self.account.consecutive_failures)

    def test_a_clock_that_was_set_back_stops_nothing(self):
        document = self.order.salon_document_id
        later = document._now() + timedelta(days=30)
        self.account.write({"backoff_until": later, "consecutive_failures": 1})
        self.run_lane()
        self.assertEqual(document.state, "issued")
        waiting = self.sell([(self.haircut, 1)]).salon_document_id
        waiting.next_attempt = later
        self.sweep()
        self.run_lane()
        self.assertEqual(waiting.state, "issued")

    def test_the_list_of_orders_and_the_account_say_it(self):
        self.assertFalse(self.order.salon_waits_for)
        self.go_down()
        self.pass_time(20)
        self.sweep()
        self.order.invalidate_recordset()
        delay = self.order.with_user(self.receptionist).salon_waits_for
        self.assertIn("issued nothing since", delay)
        view = self.env["pos.order"].get_view(view_type="list")
        self.assertIn("salon_waits_for", view["arch"])
        view = self.env["salon.invoice.account"].get_view(view_type="form")
        self.assertIn('name="delay"', view["arch"])
        self.assertEqual(self.account.with_user(self.manager).delay, delay)
        seen = {check["code"]: check for check in self.account.checks}
        self.assertEqual(seen["connection"]["level"], "warning")
        self.assertEqual(seen["connection"]["text"], delay)

    def test_a_sale_that_waits_for_a_paused_account_says_why(self):
        self.account.write({"state": "paused", "pause_reason": "The key is wrong."})
        self.assertEqual(self.order.salon_waits_for, "The key is wrong.")

    def test_a_service_that_asks_for_a_day_is_asked_again_after_an_hour(self):
        self.fault("rate_limit", retry_after=86400, times=None)
        self.run_lane()
        pause = self.account.backoff_until - self.order.salon_document_id._now()
        self.assertGreater(pause, timedelta(minutes=59))
        self.assertLessEqual(pause, timedelta(hours=1))
        self.pass_time(20)
        self.sweep()
        self.assertEqual(self.told(), self.owner | self.manager)
        self.assertIn("asks for a pause", self.account.activity_ids[0].note)

    def test_a_step_is_not_put_off_for_longer_than_an_hour_either(self):
        self.run_lane()
        step = self.order.salon_document_id.task_ids[:1]
        step._retry_later(errors.NotProcessed("Later", retry_after=86400))
        pause = step.next_attempt - self.order.salon_document_id._now()
        self.assertLessEqual(pause, timedelta(hours=1))

    def test_the_end_of_a_short_trouble_closes_no_other_alert(self):
        self.account._alert("Sales without an invoice", "Open them.")
        self.go_down()
        self.sandbox.world.faults.clear()
        self.pass_time(20)
        self.run_lane()
        self.assertFalse(
            self.account.consecutive_failures or self.account.failing_since
        )
        self.assertEqual(
            set(self.account.activity_ids.mapped("summary")),
            {"Sales without an invoice"},
        )


@tagged("post_install", "-at_install")
class TestLimitOfOneOperation(SalonCase):
    provider = "billingo_v2"

    def test_ten_pdfs_a_minute_put_off_pdfs_and_nothing_else(self):
        documents = self.env["salon.invoice.document"]
        for _sale in range(3):
            documents |= self.sell([(self.haircut, 1)]).salon_document_id
        self.run_lane()
        self.assertEqual(set(documents.mapped("state")), {"issued"})
        self.fault("rate_limit", path="/download$", times=None)
        pdfs = documents.task_ids.filtered(lambda step: step.kind == "pdf")
        pdfs.write({"state": "todo", "tries": 7, "next_attempt": documents._now()})
        self.sandbox.world.calls.clear()
        self.run_lane()
        self.assertFalse(self.account.backoff_until, "the account goes on")
        self.assertFalse(self.account.consecutive_failures)
        downloads = [c for c in self.calls() if c["path"].endswith("/download")]
        self.assertEqual(len(downloads), 1, "the others need not ask")
        later = documents._now() + timedelta(seconds=55)
        self.assertEqual(set(pdfs.mapped("state")), {"todo"})
        self.assertGreater(min(pdfs.mapped("next_attempt")), later)
        new = self.sell([(self.mens_cut, 1)]).salon_document_id
        self.run_lane()
        self.assertEqual(new.state, "issued")
        self.sandbox.world.faults.clear()
        pdfs.next_attempt = documents._now()
        self.sandbox.world.clock_offset += 5
        self.run_lane()
        self.assertEqual(set(pdfs.mapped("state")), {"done"})
