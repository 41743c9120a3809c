"""The service's limit of calls is kept, and what is sold comes before all else."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..billing import errors
from ..models.salon_invoice_account import (
    JITTER,
    LONGEST_BACKOFF_SECONDS,
    LONGEST_LIMIT_SECONDS,
)
from ..providers.billingo import Billingo
from ..worker.lane import Lane
from ..worker.service import Service
from .common import SalonCase

#: Calls in a minute: a fifth of the real limit.
LIMIT = 60
CREATE, DOWNLOAD = "POST /documents", "/download"


@tagged("post_install", "-at_install")
class TestBucket(SalonCase):
    def setUp(self):
        super().setUp()
        self.passed = 0.0
        capabilities = replace(Billingo.capabilities, calls_per_minute=LIMIT)
        self.patch(Billingo, "capabilities", capabilities)
        (options,) = self.sandbox.world.emulator("billingo").state["accounts"].values()
        options["rate_limit"] = LIMIT
        self.patch(type(self.env["salon.invoice.document"]), "_now", self.now)
        self.patch(Lane, "nap", lambda _lane, seconds: self.pass_time(seconds))
        self.bucket = self.env["salon.invoice.bucket"]

    def now(self, _documents=None):
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        return now + timedelta(seconds=self.passed)

    def pass_time(self, seconds):
        """Let time pass here and at the service."""
        self.passed += seconds
        self.sandbox.world.clock_offset = self.passed

    def operations(self):
        return [call["operation"] for call in self.calls()]

    def work_off(self, documents, patience=200):
        for _turn in range(patience):
            self.run_lane()
            states = set(documents.task_ids.mapped("state"))
            if set(documents.mapped("state")) == {"issued"} and states == {"done"}:
                return
            # The night is a busy time here, too.
            left = documents.task_ids.filtered(lambda task: not task.tries)
            left.next_attempt = self.now()
            self.pass_time(5)
        self.fail("It is not done")

    def test_a_backlog_of_sixty_sees_no_429_and_sales_come_first(self):
        documents = self.env["salon.invoice.document"]
        for _sale in range(60):
            documents |= self.sell([(self.mens_cut, 1)]).salon_document_id
        self.work_off(documents)
        calls = self.calls()
        self.assertFalse([call for call in calls if call["status"] == 429])
        self.assertEqual(len(self.issued()), 60)
        operations = self.operations()
        last = max(i for i, name in enumerate(operations) if name == CREATE)
        first = min(i for i, name in enumerate(operations) if DOWNLOAD in name)
        self.assertLess(last, first, "what is sold does not wait for a PDF")

    def test_a_sale_in_a_busy_time_does_not_wait_for_steps(self):
        documents = self.env["salon.invoice.document"]
        for _sale in range(8):
            documents |= self.sell([(self.mens_cut, 1)]).salon_document_id
        self.run_lane()
        self.assertIn("todo", documents.task_ids.mapped("state"))
        new = self.sell([(self.haircut, 1)]).salon_document_id
        began = self.passed
        self.run_lane()
        self.assertEqual(new.state, "issued")
        self.assertLess(self.passed - began, 30)
        self.work_off(documents | new)
        self.assertFalse([call for call in self.calls() if call["status"] == 429])

    def test_the_first_download_does_not_come_too_early(self):
        document = self.sell([(self.haircut, 1)]).salon_document_id
        self.run_lane()
        document._request_task("pdf")
        pdf = document.task_ids.filtered(lambda task: task.kind == "pdf")
        for _turn in range(30):
            self.pass_time(1)
            self.run_lane()
        self.assertEqual(pdf.state, "done")
        downloads = [c for c in self.calls() if DOWNLOAD in c["operation"]]
        self.assertEqual([call["status"] for call in downloads], [200])

    def test_what_was_drawn_is_kept_in_the_database_and_flows_back(self):
        bucket, account = self.bucket, self.account
        bucket._draw(account, "lane", LIMIT * 0.2)
        self.env.invalidate_all()
        self.assertGreater(bucket._seconds_until(account, "lane", 0.5), 9)
        self.pass_time(14)
        self.assertEqual(bucket._seconds_until(account, "lane", 0.5), 0)
        row = bucket.search([("account_id", "=", account.id)])
        self.assertEqual(row.purpose, "lane")
        self.pass_time(-7200)
        self.assertEqual(bucket._seconds_until(account, "lane", 1), 0)

    def test_in_no_minute_more_is_drawn_than_the_limit(self):
        bucket, account, drawn = self.bucket, self.account, 0
        end = self.now() + timedelta(minutes=1)
        while self.now() < end:
            for purpose in ("lane", "people"):
                while not bucket._seconds_until(account, purpose, 1 / 6):
                    bucket._draw(account, purpose, 1)
                    drawn += 1
            self.pass_time(0.5)
        self.assertLessEqual(drawn, LIMIT)
        self.assertGreater(drawn, LIMIT * 0.8)

    def test_a_call_costs_its_token_whatever_it_was_answered(self):
        """Also the answer that is another document than was asked for."""
        self.sell([(self.haircut, 1)])
        self.run_lane()  # the buyer is known from now
        documents, issue = type(self.env["salon.invoice.document"]), Billingo.issue

        def of_another(provider, request):
            return replace(issue(provider, request), gross=Decimal(1))

        for answer, state in ((issue, "issued"), (of_another, "attention")):
            self.bucket.search([]).unlink()  # it is full
            document = self.sell([(self.haircut, 1)]).salon_document_id
            now = self.now()  # the document is due by then
            with (
                patch.object(documents, "_now", lambda _documents, now=now: now),
                patch.object(Billingo, "issue", answer),
                # Only the turn of the document.
                patch.object(Lane, "next", lambda lane, model, **_due: lane.env[model]),
            ):
                self.run_lane()
            self.assertEqual(document.state, state)
            bucket = self.bucket.search([("account_id", "=", self.account.id)])
            self.assertEqual(bucket.tokens, LIMIT * 0.05 - 1)

    def test_asking_whether_the_service_is_back_costs_what_it_calls(self):
        """Nothing where only documents are counted."""
        documents, now = type(self.env["salon.invoice.document"]), self.now()
        for documents_only in (False, True):
            capabilities = replace(
                Billingo.capabilities, limits_documents=documents_only
            )
            before = len(self.calls())
            with (
                self.subTest(documents_only=documents_only),
                patch.object(documents, "_now", lambda _documents: now),
                patch.object(Billingo, "capabilities", capabilities),
                Service.open(self.account) as service,
            ):
                self.bucket.search([]).unlink()
                self.bucket._draw(self.account, "lane", 1)
                self.assertTrue(service.probe())
                self.assertGreater(len(self.calls()), before)
                drawn = 0 if documents_only else len(self.calls()) - before
                self.bucket.invalidate_model()
                (bucket,) = self.bucket.search([("account_id", "=", self.account.id)])
                self.assertEqual(bucket.tokens, LIMIT * 0.05 - 1 - drawn)

    def test_calls_too_many_do_not_stop_it_for_long(self):
        """An outage does: nobody knows when it ends."""
        for reason, shortest, longest in (
            (errors.Reason.RATE_LIMIT, 0, LONGEST_LIMIT_SECONDS),
            (errors.Reason.UNREACHABLE, 60, LONGEST_BACKOFF_SECONDS),
        ):
            self.account.consecutive_failures = 12
            now = self.now()
            error = errors.NotProcessed("No", reason=reason)
            documents = type(self.env["salon.invoice.document"])
            with patch.object(documents, "_now", lambda _self, now=now: now):
                self.account._handle_service_error(error)
            pause = (self.account.backoff_until - now).total_seconds()
            self.assertGreater(pause, shortest)
            self.assertLessEqual(pause, longest * (1 + JITTER))

    def test_people_have_a_part_of_their_own(self):
        bucket, account = self.bucket, self.account
        bucket._draw(account, "lane", LIMIT)
        partners = self.env["res.partner"].create(
            [{"name": vat, "vat": vat} for vat in ("12345676-2-42", "11112222-2-41")]
        )
        one, other = partners.with_user(self.receptionist)
        one.action_salon_ask_nav()
        bucket._draw(account, "people", LIMIT)
        with self.assertRaisesRegex(UserError, "Try again in a minute"):
            other.action_salon_ask_nav()
        self.pass_time(60 * 60)
        other.action_salon_ask_nav()

    def test_a_service_without_a_limit_has_no_bucket(self):
        capabilities = replace(Billingo.capabilities, calls_per_minute=None)
        self.patch(Billingo, "capabilities", capabilities)
        self.sell([(self.haircut, 1)])
        self.run_lane()
        self.assertFalse(self.bucket.search([("account_id", "=", self.account.id)]))
