"""One trouble stays with its row, its account, its call, and is told."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..providers.billingo import Billingo
from ..providers.szamlazz import Szamlazz
from .common import SalonCase

MODELS = "odoo.addons.salon_invoice_bridge.models."
SWEEP_LOG = MODELS + "salon_invoice_account"
LANE_LOG = "odoo.addons.salon_invoice_bridge.worker.lane"


@tagged("post_install", "-at_install")
class TestTroubleOfADocument(SalonCase):
    def setUp(self):
        super().setUp()
        self.document = self.sell([(self.haircut, 1)]).salon_document_id

    def fault_on_create(self, kind, **options):
        self.fault(kind, method="POST", path="/documents$", **options)

    def test_a_refusal_with_nul_and_half_a_character_stays_a_refusal(self):
        self.fault_on_create(
            "status_before",
            status=422,
            body=r'{"message": "No\u0000 \ud800", "trace_id": "\u0000\udfff"}',
        )
        self.run_lane()
        self.assertEqual(self.document.state, "attention")
        self.assertEqual(self.document.problem_reason, "rejected")
        refusal = self.document.attempt_ids.filtered(lambda a: a.operation == "issue")
        self.assertEqual(refusal.outcome, "Rejected")
        self.assertIn("422", refusal.exchanges)

    def as_if_killed(self):
        self.document.task_ids.unlink()
        self.document.write({"state": "sending", "number": False, "remote_id": False})

    @mute_logger(MODELS + "salon_invoice_document")
    def test_an_answer_written_by_another_version_is_asked_for_anew(self):
        other = self.sell([(self.mens_cut, 1)]).salon_document_id
        other.next_attempt += timedelta(hours=1)
        self.run_lane()
        self.as_if_killed()
        attempt = self.document.attempt_ids.filtered(lambda a: a.operation == "issue")
        for result, outcome in (({"unheard_of": 1}, "done"), (None, "Rejected")):
            with self.subTest(outcome=outcome):
                attempt.write({"result": result, "outcome": outcome, "reason": "newer"})
                self.as_if_killed()
                self.run_lane()
                self.assertEqual(self.document.state, "issued")
        other.next_attempt = other._now()
        self.run_lane()
        self.assertEqual(other.state, "issued")
        self.assertEqual(len(self.issued()), 2)

    def test_an_older_refusal_is_not_the_answer_when_the_clock_was_set_back(self):
        self.fault_on_create("status_before", status=422, body='{"message": "No"}')
        self.run_lane()
        refusal = self.document.attempt_ids.filtered(lambda a: a.operation == "issue")
        self.assertEqual(refusal.outcome, "Rejected")
        refusal.started_at = self.document._now() + timedelta(hours=1)
        self.document.action_retry()
        self.run_lane()
        self.assertEqual(self.document.state, "issued")
        # It was killed after the service had acted and before it was written down.
        (self.document.attempt_ids - refusal).filtered(
            lambda a: a.operation == "issue"
        ).unlink()
        self.as_if_killed()
        self.run_lane()
        self.assertEqual(self.document.state, "issued")
        self.assertEqual(self.document.number, self.issued()[0]["number"])
        self.assertEqual(len(self.issued()), 1)

    @mute_logger(LANE_LOG)
    def test_a_strategy_that_breaks_after_the_service_acted_leaves_its_evidence(self):
        issue = Billingo.issue

        def broken(provider, request):
            issue(provider, request)
            raise RecursionError("too deep")

        with patch.object(Billingo, "issue", broken):
            self.run_lane()
        self.assertEqual(self.document.state, "issued")
        self.assertEqual(len(self.issued()), 1)
        attempt = self.document.attempt_ids.filtered(lambda a: a.operation == "issue")
        self.assertEqual(attempt.outcome, "OutcomeUnknown")
        self.assertIn("POST", attempt.exchanges)
        self.assertIn("too deep", attempt.message)

    @mute_logger(LANE_LOG)
    def test_what_cannot_be_understood_for_ever_is_shown_to_a_human(self):
        later = self.sell([(self.mens_cut, 1)]).salon_document_id
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE salon_invoice_document SET create_date = %s WHERE id = %s",
            [self.document._now() - timedelta(minutes=10), self.document.id],
        )
        self.env.invalidate_all()
        for state, values in (
            ("waiting", {}),
            ("checking", {"send_count": 1, "sent_at": self.document._now()}),
        ):
            with self.subTest(state=state):
                self.document.write({"state": state, "next_attempt": False, **values})
                with patch.object(Billingo, "find", side_effect=RecursionError("deep")):
                    for _try in range(20):
                        if self.document.state == "attention":
                            break
                        self.document.next_attempt = self.document._now()
                        self.run_lane()
                self.assertEqual(self.document.state, "attention")
                self.assertTrue(self.document.problem)
                self.assertTrue(self.document.activity_ids)
        self.assertEqual(later.state, "issued")
        self.document.action_retry()
        self.work()
        self.assertEqual(self.document.state, "issued")
        self.assertEqual(len(self.issued()), 2)

    @mute_logger(SWEEP_LOG)
    def test_a_probe_that_breaks_does_not_end_the_lane(self):
        self.account.write({"state": "paused", "pause_reason": "No key."})
        with patch.object(Billingo, "verify", side_effect=RecursionError("deep")):
            self.run_lane()
        self.assertEqual(self.account.cron_id.failure_count, 0)
        self.assertTrue(self.account.backoff_until)
        self.account.backoff_until = False
        self.run_lane()
        self.assertEqual(self.document.state, "issued")


@tagged("post_install", "-at_install")
class TestTroubleOfAnAccount(SalonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Másik Kft."})
        cls.env.user.company_ids |= cls.other_company
        cls.broken = cls._connect("szamlazz", cls.other_company)
        # It comes first.
        cls.other_company.sequence = cls.company.sequence - 1
        cls.companies = cls.company | cls.other_company

    def run_job(self, name):
        with self.enter_registry_test_mode():
            self.env.ref(f"salon_invoice_bridge.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def break_one(self, method):
        """Let a method of the account ``broken`` fail."""
        accounts = type(self.account)
        real = getattr(accounts, method)

        def fail(account, *arguments, **options):
            if account == self.broken:
                raise RecursionError("broken")
            return real(account, *arguments, **options)

        self.patch(accounts, method, fail)

    def told(self):
        return self.broken.activity_ids.mapped("summary")

    @mute_logger(SWEEP_LOG)
    def test_one_account_that_cannot_be_swept_does_not_keep_the_others(self):
        self.config.salon_live_since = fields.Datetime.now() - timedelta(hours=1)
        orders = type(self.env["pos.order"])
        with patch.object(orders, "_salon_on_paid", lambda order: None):
            order = self.sell([(self.haircut, 1)])
        self.break_one("_forgotten_sales")
        self.run_job("cron_sweep")
        self.assertTrue(order.salon_document_ids)
        self.assertEqual(self.told(), ["A periodic check broke"])
        self.run_job("cron_sweep")
        self.assertEqual(len(self.told()), 1)

    @mute_logger(SWEEP_LOG)
    def test_one_account_whose_answer_breaks_does_not_keep_the_others_unchecked(self):
        (options,) = self.sandbox.world.emulator("billingo").state["accounts"].values()
        options["nav_connected"] = False
        with patch.object(Szamlazz, "verify", side_effect=RecursionError("deep")):
            self.run_job("cron_readiness")
        kind = self.env.ref("salon_invoice_bridge.activity_readiness")
        self.assertIn(kind, self.account.activity_ids.activity_type_id)
        self.assertEqual(self.told(), ["A periodic check broke"])

    @mute_logger(SWEEP_LOG)
    def test_one_account_does_not_keep_the_others_from_the_daily_look(self):
        document = self.sell([(self.haircut, 1)]).salon_document_id
        self.work()
        self.break_one("_documents_to_watch")
        self.run_job("cron_daily_check")
        self.assertIn("look", document.task_ids.mapped("kind"))
        self.assertEqual(self.told(), ["A periodic check broke"])

    @mute_logger(SWEEP_LOG)
    def test_one_lane_that_cannot_be_revived_does_not_keep_the_others(self):
        (self.broken | self.account).cron_id.active = False
        self.break_one("_ensure_lane")
        self.run_job("cron_sweep")
        self.assertTrue(self.account.cron_id.active)

    @mute_logger(SWEEP_LOG)
    def test_jobs_that_odoo_switched_off_are_switched_on_by_any_lane(self):
        names = ("cron_sweep", "cron_daily_check", "cron_readiness")
        jobs = self.env["ir.cron"].union(
            *(self.env.ref(f"salon_invoice_bridge.{name}") for name in names)
        )
        jobs.active = False
        self.run_lane()
        self.assertEqual(jobs.mapped("active"), [True] * 3)

    def test_a_job_of_a_database_without_accounts_switches_none_on(self):
        job = self.env.ref("salon_invoice_bridge.cron_sweep")
        job.active = False
        self.env["salon.invoice.account"].search([]).write({"state": "disconnected"})
        self.run_job("cron_daily_check")
        self.run_job("cron_readiness")
        self.assertFalse(job.active)
