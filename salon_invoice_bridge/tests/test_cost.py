"""What a sale costs: each saving has its count here, and what it must not cost."""

from datetime import datetime, timedelta
from decimal import Decimal
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..billing.hungary import clock_at
from ..billing.invoice import PaymentState
from ..models import salon_invoice_account as accounts
from ..models import salon_invoice_task
from ..models.salon_invoice_task import MAX_TRIES, PAYMENTS_UNTOUCHED_SECONDS
from ..providers.billingo import Billingo
from ..worker.service import Service
from .common import SalonCase

DOCUMENT_LOG = "odoo.addons.salon_invoice_bridge.models.salon_invoice_document"
EXPRESS_LOG = "odoo.addons.salon_invoice_bridge.worker.express"


class Killed(BaseException):
    """The end of a worker, which nothing catches."""


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

    def take_turn(self):
        """Take one turn without Odoo's job around it; return True if it was killed."""
        with self.enter_registry_test_mode():
            try:  # assertRaises() would take back what was committed
                with self.registry.cursor() as cursor:
                    self.account.with_env(self.env(cr=cursor))._run_lane()
            except Killed:
                return True
        return False

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
            night = clock_at(task.next_attempt)
            self.assertTrue(1 <= night.hour < 5, night)
            self.assertLess(task.next_attempt - document._now(), timedelta(hours=29))
        self.make_due(*tasks)
        self.sandbox.world.clock_offset += 5
        self.run_lane()
        self.assertEqual(set(tasks.mapped("state")), {"done"})
        self.assertTrue(document.pdf_id and document.public_url)

    def test_a_night_is_found_on_every_day_of_the_year(self):
        """Also on 29 March and 25 October, on which the clock is changed."""
        clock = self.startPatcher(
            patch.object(type(self.env["salon.invoice.document"]), "_now")
        )
        hash_of_account = self.startPatcher(patch.object(accounts, "zlib")).crc32
        # The first second, one that comes twice or never in such a night, the last.
        for own in (0, 90 * 60, accounts.NIGHT_SECONDS - 1):
            hash_of_account.return_value = own
            for hours in range(365 * 24):
                now = datetime(2026, 1, 1) + timedelta(hours=hours)
                if now.hour not in (0, 2, 22, 23):
                    continue
                clock.return_value = now
                night = self.account._next_night()
                hour = clock_at(night).hour
                self.assertTrue(1 <= hour < 5, (now, night))
                pause = night - now
                self.assertTrue(timedelta(hours=1) < pause <= timedelta(hours=26))

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

    def test_a_pdf_that_kills_each_worker_is_given_up(self):
        document = self.sold()
        link, pdf = self.task(document, "link"), self.task(document, "pdf")
        self.make_due(link, pdf)
        self.sandbox.world.clock_offset += 5

        def killed(_provider, _document):
            raise Killed

        with patch.object(Billingo, "download", killed):
            # Once after the link, then as the first of each turn.
            for tries in range(MAX_TRIES + 1):
                self.assertTrue(self.take_turn())
                self.assertEqual((pdf.state, pdf.tries), ("todo", tries))
            self.assertFalse(self.take_turn())
        self.assertEqual((link.state, pdf.state), ("done", "failed"))
        self.assertIn("stopped each time", pdf.message)

    def test_payments_that_kill_each_worker_are_given_up(self):
        document = self.sold(customer=self.customer)
        payments = document._plan_task("payments")
        payments.write({"state": "doing", "tries": MAX_TRIES - 1})

        def killed(*_arguments, **_options):
            raise Killed

        with patch.object(Billingo, "register_payments", killed):
            self.assertTrue(self.take_turn())
            self.assertEqual((payments.state, payments.tries), ("doing", MAX_TRIES))
            self.assertFalse(self.take_turn())
        self.assertEqual(payments.state, "failed")

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
        documents = self.due_reports(3)
        self.refuse_report(documents[1])
        self.run_lane()
        states = [document.nav_state for document in documents]
        self.assertEqual(states, ["accepted", "rejected", "accepted"])
        self.assertTrue(documents[1].activity_ids)

    def test_a_report_that_was_asked_about_often_outlives_a_silent_service(self):
        (document,) = self.due_reports(1)
        report = self.task(document, "nav")
        report.tries = MAX_TRIES + 2
        self.fault("status_before", path="documents", status=503)
        self.run_lane()
        self.assertEqual((report.state, report.tries), ("todo", MAX_TRIES + 3))
        self.assertGreater(report.next_attempt, document._now())

    def due_reports(self, number):
        """Return the documents of so many sales whose reports are due."""
        documents = [self.sold() for _number in range(number)]
        self.sandbox.world.clock_offset += 5
        self.make_due(*(self.task(document, "nav") for document in documents))
        self.sandbox.world.calls.clear()
        return documents

    def refuse_report(self, document):
        papers = self.sandbox.world.emulator("billingo").state["documents"].values()
        for paper in papers:
            if paper["document"]["invoice_number"] == document.number:
                paper["nav_status"] = "aborted"

    def test_a_report_whose_trouble_cannot_be_read_keeps_no_other(self):
        documents = self.due_reports(3)
        self.refuse_report(documents[0])
        self.fault("status_before", path="online-szamla$", status=200, body="[1")
        self.run_lane()
        states = [document.nav_state for document in documents[1:]]
        self.assertEqual(states, ["accepted", "accepted"])
        first = self.task(documents[0], "nav")
        self.assertEqual((first.state, first.tries), ("todo", 1))
        self.make_due(first)
        self.run_lane()
        self.assertEqual(documents[0].nav_state, "rejected")

    def test_a_list_without_its_own_report_tells_of_the_others(self):
        documents = self.due_reports(3)
        ask = Billingo.nav_statuses

        def without_first(provider, asked_for):
            found = ask(provider, asked_for)
            return {k: v for k, v in found.items() if k != documents[0].remote_id}

        with patch.object(Billingo, "nav_statuses", without_first):
            self.run_lane()
        own = f"GET {documents[0].remote_id}"
        self.assertEqual(self.asked(), ["GET documents", own])
        self.assertEqual([d.nav_state for d in documents], ["accepted"] * 3)

    def test_so_many_reports_are_asked_about_at_once(self):
        documents = self.due_reports(3)
        numbers, ask = [], Billingo.nav_statuses

        def counted(provider, asked_for):
            numbers.append(len(asked_for))
            return ask(provider, asked_for)

        with (
            patch.object(salon_invoice_task, "REPORTS", 2),
            patch.object(Billingo, "nav_statuses", counted),
        ):
            self.run_lane()
        self.assertEqual(numbers, [2])
        self.assertEqual([d.nav_state for d in documents], ["accepted"] * 3)

    def test_reports_are_asked_about_alone_if_their_list_cannot_be_read(self):
        documents = self.due_reports(3)
        self.fault(
            "status_before",
            method="GET",
            path="/documents$",
            status=200,
            body="[1",
            times=None,
        )
        self.run_lane()
        self.assertEqual([d.nav_state for d in documents], ["accepted"] * 3)
        self.assertEqual(self.asked().count("GET documents"), 2)
        self.assertFalse(self.account.backoff_until)

    def test_a_service_in_trouble_is_not_asked_once_more(self):
        documents = self.due_reports(2)
        self.fault("status_before", method="GET", status=503, times=None)
        self.run_lane()
        self.assertEqual(self.asked()[:1], ["GET documents"])
        self.assertNotIn(f"GET {documents[0].remote_id}", self.asked())
        self.assertTrue(self.account.backoff_until)
        self.assertFalse(
            any(document.nav_state == "accepted" for document in documents)
        )

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

    def test_only_who_cannot_be_the_second_tells_payments_without_reading(self):
        """Whoever tries again would pay what was paid already."""
        document = self.sell(
            [(self.mens_cut, 1)], customer=self.customer, payments=self.split(4990)
        ).salon_document_id
        self.run_lane()
        task, fresh = self.task(document, "payments"), []

        def told(_task, _service, _operation, tenders, **options):
            fresh.append(options["fresh"])
            return PaymentState(paid=Decimal(4990), outstanding=Decimal(0))

        now, untouched = document.issued_at, PAYMENTS_UNTOUCHED_SECONDS
        for tries, seconds in (
            *((1, 0), (1, untouched - 1), (1, 1 - untouched)),
            *((1, untouched), (1, -untouched), (2, 0)),
        ):
            task.tries = tries
            document.issued_at = now - timedelta(seconds=seconds)
            with (
                patch.object(type(document), "_now", lambda _document: now),
                patch.object(type(task), "_call", told),
            ):
                task._run_payments(None)
        self.assertEqual(fresh, [True] * 3 + [False] * 3)

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
