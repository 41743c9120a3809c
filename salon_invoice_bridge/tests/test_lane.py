"""Exactly once: what the lane does when the service does not answer as hoped."""

from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import config, mute_logger

from .common import SalonCase

LANE_LOG = "odoo.addons.salon_invoice_bridge.worker.lane"


@tagged("post_install", "-at_install")
class TestLane(SalonCase):
    def setUp(self):
        super().setUp()
        self.order = self.sell([(self.haircut, 1)])
        self.document = self.order.salon_document_id

    def make_due(self, margin_over=False):
        """Let the document's time come without waiting for it."""
        values = {"next_attempt": self.document._now()}
        if margin_over:
            values["sent_at"] = self.document._now() - timedelta(minutes=10)
        self.document.write(values)

    def fault_on_create(self, kind, **options):
        self.fault(kind, method="POST", path="/documents$", **options)

    def test_a_lost_answer_is_looked_up_and_adopted(self):
        self.fault_on_create("drop_after")
        self.run_lane()
        self.assertEqual(self.document.state, "issued")
        self.assertEqual(len(self.issued()), 1)
        self.assertEqual(self.document.number, self.issued()[0]["number"])

    def test_a_server_error_after_the_service_acted_is_adopted(self):
        self.fault_on_create("status_after", status=500)
        self.run_lane()
        self.assertEqual(self.document.state, "issued")
        self.assertEqual(len(self.issued()), 1)

    def test_a_service_whose_answers_nobody_understands_is_left_to_a_human(self):
        """A 404 without the service's words proves nothing, however often it comes."""
        self.fault_on_create("status_before", status=502, html=True)
        self.fault("status_before", method="GET", status=404, body="", times=None)
        self.run_lane()
        self.assertEqual(self.document.state, "checking")
        self.document.failure_count = 14  # so often nobody has understood it
        for _look in range(3):
            self.make_due(margin_over=True)
            self.run_lane()
        self.assertEqual(self.document.problem_reason, "unproven")
        self.assertFalse(self.issued())
        self.sandbox.world.faults.clear()
        self.document.action_retry()
        self.run_lane()
        self.assertEqual(len(self.issued()), 1)

    def test_the_same_bytes_are_sent_again_once_absence_is_sure(self):
        self.fault_on_create("status_before", status=502, html=True)
        self.run_lane()
        request = self.document.request_body
        self.order.partner_id = self.customer
        self.haircut.name = "Átnevezve"
        for _look in range(2):
            self.make_due(margin_over=True)
            self.run_lane()
        self.assertEqual(self.document.state, "issued")
        self.assertEqual(self.requests[self.document.id], request)
        self.assertEqual(self.document.send_count, 2)
        self.assertEqual(len(self.issued()), 1)

    def test_a_refused_connection_waits_and_costs_no_send(self):
        self.account._credential().base_url = "http://127.0.0.1:1"
        self.run_lane()
        self.assertEqual(self.document.state, "waiting")
        self.assertEqual(self.document.send_count, 0)
        self.assertGreater(self.document.next_attempt, self.document._now())

    def test_too_many_requests_honours_the_services_pause(self):
        self.fault("rate_limit", method="POST", path="/documents$", retry_after=300)
        self.run_lane()
        self.assertEqual(self.document.state, "waiting")
        pause = self.document.next_attempt - self.document._now()
        self.assertGreater(pause, timedelta(seconds=290))

    def test_a_refused_document_goes_to_a_human_once(self):
        self.fault_on_create(
            "status_before",
            status=422,
            body='{"message": "Validation Failed", "errors": []}',
        )
        self.run_lane()
        self.assertEqual(self.document.state, "attention")
        self.assertEqual(len(self.document.activity_ids), 1)
        self.document.action_retry()
        self.run_lane()
        self.assertEqual(self.document.state, "issued")
        self.assertFalse(self.document.activity_ids)

    def test_a_revoked_key_pauses_the_account_and_not_the_documents(self):
        second = self.sell([(self.mens_cut, 1)]).salon_document_id
        self.fault("status_before", status=401, times=None)
        self.run_lane()
        self.assertEqual(self.account.state, "paused")
        self.assertEqual(set((self.document | second).mapped("state")), {"waiting"})
        self.assertEqual(len(self.account.activity_ids), 1)
        self.assertEqual(
            len([call for call in self.calls() if call["status"] == 401]), 1
        )
        self.sandbox.world.faults.clear()
        self.account.action_resume()
        self.run_lane()
        self.assertEqual(set((self.document | second).mapped("state")), {"issued"})

    def drop_the_block(self):
        """Delete all blocks at the service; return the id of a new one."""
        (options,) = self.sandbox.world.emulator("billingo").state["accounts"].values()
        options["blocks"] = [
            {"id": 99, "name": "Másik", "prefix": "M", "type": "invoice"}
        ]
        return "99"

    def resume(self):
        """Let the paused account try again, as time or a person does."""
        self.account.backoff_until = False
        self.document.next_attempt = self.document._now()
        self.run_lane()

    def test_a_document_refused_for_a_deleted_block_is_built_with_the_new_one(self):
        block = self.drop_the_block()
        self.run_lane()
        self.assertEqual(self.account.state, "paused")
        self.assertEqual(self.document.state, "waiting")
        self.assertFalse(self.document.request_body, "what was refused is not kept")
        self.account._verify()
        self.account.block = block
        self.resume()
        self.assertEqual(self.document.state, "issued")
        self.assertEqual(self.account.state, "connected")

    def test_one_bad_document_does_not_stop_the_next(self):
        second = self.sell([(self.mens_cut, 1)]).salon_document_id
        self.document.sale_snapshot = {"broken": True}
        self.run_lane()
        self.assertEqual(self.document.state, "attention")
        self.assertEqual(second.state, "issued")

    def nobody_can_be_told(self):
        """Let the activities of the first document fail."""
        documents = type(self.document)
        schedule = documents.activity_schedule

        def fail(records, *arguments, **values):
            if self.document in records:
                raise RuntimeError("broken")
            return schedule(records, *arguments, **values)

        self.patch(documents, "activity_schedule", fail)

    @mute_logger(LANE_LOG)
    def test_one_document_that_cannot_be_shown_does_not_stop_the_next(self):
        second = self.sell([(self.mens_cut, 1)]).salon_document_id
        self.document.sale_snapshot = {"broken": True}
        self.nobody_can_be_told()
        self.run_lane()
        self.assertEqual(second.state, "issued")
        self.assertEqual(self.document.state, "waiting")
        pause = self.document.next_attempt - self.document._now()
        self.assertGreater(pause, timedelta(minutes=14))

    @mute_logger("odoo.addons.salon_invoice_bridge.models.salon_invoice_document")
    def test_one_lost_document_that_cannot_be_shown_does_not_stop_the_next(self):
        self.fault_on_create("status_before", status=422, body="{}")
        self.run_lane()
        self.document.activity_ids.unlink()
        self.document.write({"state": "sending"})
        second = self.sell([(self.mens_cut, 1)]).salon_document_id
        self.nobody_can_be_told()
        self.run_lane()
        self.assertEqual(second.state, "issued")
        self.assertEqual(self.document.state, "checking")

    def test_a_lane_without_the_time_for_a_call_says_so_and_sleeps(self):
        self.addCleanup(
            config.__setitem__, "limit_time_real_cron", config["limit_time_real_cron"]
        )
        config["limit_time_real_cron"] = 60
        lane, triggers = self.account.cron_id, self.env["ir.cron.trigger"]
        woken = triggers.search_count([("cron_id", "=", lane.id)])
        with (
            self.assertLogs(LANE_LOG, "WARNING") as logs,
            self.enter_registry_test_mode(),
        ):
            lane.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(len(logs.output), 1)
        again = triggers.search_count([("cron_id", "=", lane.id)])
        self.assertLessEqual(again, woken, "it must not wake itself")
        self.assertEqual(self.document.state, "waiting")
        self.assertFalse(self.calls())

    def as_if_killed_after_the_call(self, answer_written):
        self.run_lane()
        self.assertEqual(self.document.state, "issued")
        if not answer_written:
            self.document.attempt_ids.unlink()
        self.document.task_ids.unlink()
        self.document.write({"state": "sending", "number": False, "remote_id": False})
        self.sandbox.world.calls.clear()

    def test_a_document_found_in_sending_is_looked_up_first(self):
        self.as_if_killed_after_the_call(answer_written=False)
        self.run_lane()
        self.assertEqual(self.document.state, "issued")
        self.assertEqual(self.document.number, self.issued()[0]["number"])
        self.assertEqual(len(self.issued()), 1)

    def test_an_answer_that_was_written_down_counts_without_asking_again(self):
        self.as_if_killed_after_the_call(answer_written=True)
        self.run_lane()
        self.assertEqual(self.document.state, "issued")
        self.assertEqual(self.document.number, self.issued()[0]["number"])
        paths = [(call["method"], call["path"]) for call in self.calls()]
        self.assertFalse(
            [call for call in paths if "vendor" in call[1]],
            "the service was searched for what was known",
        )
        self.assertEqual(len(self.issued()), 1)

    def test_five_sends_are_the_most(self):
        self.fault_on_create("status_before", status=502, html=True, times=None)
        for _turn in range(20):
            self.make_due(margin_over=True)
            self.run_lane()
        self.assertEqual(self.document.state, "attention")
        self.assertEqual(self.document.problem_reason, "too_many_sends")
        self.assertEqual(self.document.send_count, 5)
        creates = [
            call
            for call in self.calls()
            if call["method"] == "POST" and call["path"].endswith("/documents")
        ]
        self.assertEqual(len(creates), 5)

    def test_a_different_document_under_our_key_goes_to_a_human(self):
        self.fault_on_create("drop_after")
        self.run_lane()
        self.document.write({"state": "checking", "next_attempt": self.document._now()})
        content = dict(self.document.invoice_values)
        content["lines"] = [{**content["lines"][0], "gross": "1"}]
        self.document.invoice_values = content
        self.run_lane()
        self.assertEqual(self.document.state, "attention")
        self.assertEqual(self.document.problem_reason, "different")


@tagged("post_install", "-at_install")
class TestLaneBillingoV2(SalonCase):
    provider = "billingo_v2"

    def test_less_than_half_a_forint_is_recorded_and_not_refused(self):
        """Promise 4, also where the answer was lost and the document is looked up."""
        emulator = self.sandbox.world.emulator("billingo_v2")
        key = self.account._credential().public_key
        emulator.change_account(key, {"net_decimals": 2})
        for lost in (False, True):
            with self.subTest(lost=lost):
                if lost:
                    self.fault("drop_after", method="POST", path="/invoices$")
                document = self.sell([(self.haircut, 1)]).salon_document_id
                self.work()
                self.assertEqual(document.state, "issued", document.problem)
                self.assertRegex(document.warning, r"issued 8899\.995 Ft instead of 8")
        self.assertEqual(len(self.issued()), 2)
