"""What a sale costs: each saving has its count here, and what it must not cost."""

from datetime import timedelta
from unittest.mock import patch

import pytz

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.salon_invoice_account import BUDAPEST
from ..worker.service import Service
from .common import SalonCase

DOCUMENT_LOG = "odoo.addons.salon_invoice_bridge.models.salon_invoice_document"
EXPRESS_LOG = "odoo.addons.salon_invoice_bridge.worker.express"


class CostCase(SalonCase):
    """A salon whose service knows its walk-in buyer and a customer already."""

    def setUp(self):
        super().setUp()
        self.sell([(self.book, 1)])
        self.sell([(self.book, 1)], customer=self.customer)
        self.work()
        self.sandbox.world.calls.clear()

    def tasks(self, document):
        """Return ``{kind: state}`` of a document's tasks."""
        return {task.kind: task.state for task in document.task_ids}

    def task(self, document, kind):
        return document.task_ids.filtered(lambda task: task.kind == kind)

    def asked(self):
        """Return the calls that have reached the service, as method and last word."""
        return [
            f"{call['method']} {call['path'].partition('?')[0].rpartition('/')[2]}"
            for call in self.calls()
        ]

    def make_due(self, *tasks):
        for task in tasks:
            task.next_attempt = task.document_id._now()

    def split(self, price):
        """Return two tenders that make ``price``."""
        return [(self.cash, 2000), (self.card, price - 2000)]


@tagged("post_install", "-at_install")
class TestCostBillingo(CostCase):
    def sold(self, **values):
        document = self.sell([(self.mens_cut, 1)], **values).salon_document_id
        self.run_lane()
        self.assertEqual(document.state, "issued", document.problem)
        return document

    def test_a_walk_in_sale_is_one_call(self):
        self.sold()
        self.assertEqual(self.asked(), ["POST documents"])

    def test_a_customer_with_two_tenders_is_three_calls(self):
        self.sold(customer=self.customer, payments=self.split(4990))
        self.assertEqual(
            sorted(self.asked()), ["POST documents", "POST send", "PUT payments"]
        )

    def test_link_and_pdf_are_left_to_the_night(self):
        document = self.sold()
        tasks = self.task(document, "pdf") | self.task(document, "link")
        self.assertEqual(tasks.mapped("state"), ["todo", "todo"])
        for task in tasks:
            night = pytz.utc.localize(task.next_attempt).astimezone(BUDAPEST)
            self.assertTrue(1 <= night.hour < 5, night)
            self.assertLess(task.next_attempt - document._now(), timedelta(hours=29))
        self.make_due(*tasks)
        self.sandbox.world.clock_offset += 5
        self.run_lane()
        self.assertEqual(set(tasks.mapped("state")), {"done"})
        self.assertTrue(document.pdf_id and document.public_url)

    def test_a_night_is_found_on_every_day_of_the_year(self):
        documents = type(self.env["salon.invoice.document"])
        for month in range(1, 13):
            for day in (1, 25, 26, 28):
                now = self.session.start_at.replace(month=month, day=day, hour=2)
                with patch.object(documents, "_now", lambda _self, now=now: now):
                    night = self.account._next_night()
                pause = night - now
                self.assertTrue(timedelta(hours=1) < pause < timedelta(hours=27))

    def test_whoever_asks_for_a_pdf_does_not_wait_for_the_night(self):
        document = self.sold()
        document.with_user(self.receptionist).action_download_again()
        task = self.task(document, "pdf")
        self.assertEqual(len(task), 1, "it is the one that was left")
        self.assertEqual(task.user_id, self.receptionist)
        soon = document._now() + timedelta(seconds=11)
        self.assertLess(task.next_attempt, soon)
        self.make_due(task)
        with self.assertRaisesRegex(UserError, "already"):
            document._request_task("pdf")

    def test_the_buttons_work_before_the_night(self):
        sold = self.sold()
        document = sold.with_user(self.receptionist)
        for kind, button, has, there in (
            ("pdf", "action_open_pdf", "has_pdf", "pdf_id"),
            ("link", "action_open_service", "has_page", "public_url"),
        ):
            self.assertTrue(document[has])
            self.assertFalse(document[there])
            task = self.task(sold, kind)
            for _press in range(2):
                told = getattr(document, button)()
                self.assertEqual(told["tag"], "display_notification")
                soon = document._now() + timedelta(seconds=12)
                self.assertLess(task.next_attempt, soon)
        self.make_due(*sold.task_ids)
        self.sandbox.world.clock_offset += 5
        self.run_lane()
        self.assertEqual(document.action_open_service()["url"], document.public_url)
        self.assertIn("/web/content/", document.action_open_pdf()["url"])
        self.assertEqual(len(document.task_ids), 3)

    def test_what_is_not_at_the_service_has_nothing_to_open(self):
        document = self.sell([(self.mens_cut, 1)]).salon_document_id
        self.assertFalse(document.has_pdf or document.has_page)

    def test_a_pdf_that_was_given_up_is_asked_for_again(self):
        document = self.sold()
        self.task(document, "pdf").state = "failed"
        self.env.flush_all()
        document.with_user(self.receptionist).action_open_pdf()
        tasks = self.task(document, "pdf").sorted("id")
        self.assertEqual(tasks.mapped("state"), ["failed", "todo"])

    def test_the_reports_of_many_sales_are_asked_about_in_one_call(self):
        documents = [self.sold() for _number in range(4)]
        reports = [self.task(document, "nav") for document in documents]
        pause = reports[0].next_attempt - documents[0]._now()
        self.assertTrue(timedelta(seconds=55) < pause <= timedelta(minutes=6), pause)
        self.sandbox.world.clock_offset += 5
        self.make_due(*reports)
        self.sandbox.world.calls.clear()
        self.run_lane()
        self.assertEqual(self.asked(), ["GET documents"])
        self.assertEqual([d.nav_state for d in documents], ["accepted"] * 4)
        self.assertEqual([r.state for r in reports], ["done"] * 4)
        self.assertEqual([r.tries for r in reports], [1] * 4)

    def test_one_rejected_report_is_an_alert_of_its_own(self):
        documents = [self.sold() for _number in range(3)]
        reports = [self.task(document, "nav") for document in documents]
        papers = self.sandbox.world.emulator("billingo").state["documents"].values()
        for paper in papers:
            if paper["document"]["invoice_number"] == documents[1].number:
                paper["nav_status"] = "aborted"
        self.sandbox.world.clock_offset += 5
        self.make_due(*reports)
        self.run_lane()
        states = [document.nav_state for document in documents]
        self.assertEqual(states, ["accepted", "rejected", "accepted"])
        self.assertTrue(documents[1].activity_ids)

    def test_a_report_that_the_list_does_not_show_is_asked_about_alone(self):
        documents = [self.sold() for _number in range(2)]
        reports = [self.task(document, "nav") for document in documents]
        self.sandbox.world.clock_offset += 5
        self.make_due(*reports)
        self.fault("status_before", path="/documents$", status=404, body="{}")
        self.fault(
            "status_before",
            method="GET",
            path="/documents$",
            status=422,
            body='{"message": "Validation Failed", "errors": []}',
            times=None,
        )
        self.run_lane()
        self.make_due(*(report for report in reports if report.state == "todo"))
        self.run_lane()
        self.assertEqual([d.nav_state for d in documents], ["accepted"] * 2)

    def test_what_only_reads_is_one_commit(self):
        document = self.sold()
        link = self.task(document, "link")
        with (
            self.account._open_provider() as provider,
            patch.object(self.env.cr, "commit") as commit,
        ):
            link._process(Service(self.account, provider))
        self.assertEqual(commit.call_count, 0, "its lane commits it")
        self.assertEqual(link.state, "done")
        self.assertEqual(document.attempt_ids[:1].operation, "public_url")


@tagged("post_install", "-at_install")
class TestCostSzamlazz(CostCase):
    provider = "szamlazz"

    def sold(self, **values):
        document = self.sell([(self.mens_cut, 1)], **values).salon_document_id
        self.run_lane()
        self.assertEqual(document.state, "issued", document.problem)
        return document

    def test_a_sale_is_one_call_and_its_pdf_comes_with_the_answer(self):
        document = self.sold(customer=self.customer)
        self.assertEqual(len(self.asked()), 1)
        self.assertNotIn("pdf", self.tasks(document))
        self.assertTrue(document.pdf_id.raw.startswith(b"%PDF"))
        self.assertIn(document.number.replace("/", "-"), document.pdf_id.name)
        self.assertNotIn("JVBERi0", document.attempt_ids.exchanges)

    def test_two_tenders_are_two_calls(self):
        self.sold(payments=self.split(4990))
        self.assertEqual(len(self.asked()), 2)

    @mute_logger(DOCUMENT_LOG, EXPRESS_LOG)
    def test_a_pdf_that_cannot_be_kept_is_fetched_later(self):
        attachments = type(self.env["ir.attachment"])
        create = attachments.create

        def full(records, vals_list):
            if any(vals.get("mimetype") == "application/pdf" for vals in vals_list):
                records.env.cr.execute("SELECT 1 / 0", log_exceptions=False)
            return create(records, vals_list)

        with patch.object(attachments, "create", full):
            document = self.sold()
        self.assertFalse(document.pdf_id)
        self.assertEqual(self.tasks(document)["pdf"], "todo")
        self.assertEqual(len(self.asked()), 1, "it was issued once, and not looked for")

    def test_an_answer_without_its_pdf_is_no_trouble(self):
        with patch(
            "odoo.addons.salon_invoice_bridge.providers.szamlazz.answers.pdf",
            lambda reply: None,
        ):
            document = self.sold()
        self.assertEqual(self.tasks(document)["pdf"], "todo")


@tagged("post_install", "-at_install")
class TestCostBillingoV2(CostCase):
    provider = "billingo_v2"

    def test_two_tenders_are_told_without_reading_the_invoice_again(self):
        document = self.sell(
            [(self.mens_cut, 1)], customer=self.customer, payments=self.split(4990)
        ).salon_document_id
        self.run_lane()
        self.assertEqual(self.tasks(document)["payments"], "done")
        self.assertEqual(document.payment_state, "paid")
        calls = [call for call in self.asked() if "send" not in call]
        number = document.remote_id
        self.assertEqual(calls.count("POST pay"), 2)
        self.assertEqual(calls.count("DELETE pay"), 1)
        # After it was made, with the address that it is mailed to.
        self.assertEqual(calls.count(f"GET {number}"), 1)
        self.assertEqual(len(self.asked()), 7, self.asked())
