"""The month's file: asked for by one press, made in the background, and its content."""

import io
import zipfile
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from unittest.mock import patch

import psycopg2
from openpyxl import load_workbook

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.misc import format_amount, format_date

from ..export.labels import LABELS as NEEDED
from ..models import salon_invoice_month as month_module
from ..models.salon_invoice_month_words import LABELS
from .after_case import AfterCase
from .test_reconcile import ReconcileMixin

CRON = "cron_month"


@tagged("post_install", "-at_install")
class MonthCase(AfterCase):
    """A salon that has sold, and an accountant who wants the month."""

    def setUp(self):
        super().setUp()
        # All is sold at one moment: a midnight between two sales changes no month.
        self.moment = fields.Datetime.to_string(fields.Datetime.now())
        self.start = self.env["salon.invoice.document"]._today().replace(day=1)
        self.accountant.lang = "en_US"  # as these tests read it
        # What is created in a test is as old as its transaction.
        self.config.salon_live_since = fields.Datetime.now() - timedelta(hours=1)

    def sell(self, lines, payments=None, customer=None, **values):
        values = {"date_order": self.moment, **values}
        return super().sell(lines, payments, customer, **values)

    def prepare(self, user=None):
        """Ask for this month's file, as an accountant does; return its record."""
        forms = self.env["salon.invoice.month.prepare"].with_user(
            user or self.accountant
        )
        form = forms.create({"month": self.start.isoformat()})
        action = form.action_prepare()
        return self.env[action["res_model"]].browse(action["res_id"])

    def finish(self, month):
        """Let the background go on until the file is ready, or cannot be."""
        for _turn in range(10):
            self.run_cron(CRON)
            if month.state not in month_module.UNDER_WAY:
                return month
            self.wait_for(month)
        self.fail(f"{month.state}: {month.failure}")

    def wait_for(self, month):
        """Let all come that a month waits for."""
        for _turn in range(10):
            self.work()
            self.run_cron("cron_reconcile")
            if not (month.patience_until and month._is_waiting()):
                return
        self.fail(f"It still waits: {month._reconciliations().mapped('state')}")

    def ready(self):
        """Return this month's file, when it is ready."""
        month = self.finish(self.prepare())
        self.assertEqual(month.state, "ready", month.failure)
        return month

    def archives(self, month):
        """Return the parts of a file, each a ZipFile."""
        return [
            zipfile.ZipFile(io.BytesIO(part.attachment_id.raw))
            for part in month.part_ids
        ]

    def pdfs(self, month):
        """Return the names of the PDFs in all parts."""
        return [
            name
            for archive in self.archives(month)
            for name in archive.namelist()
            if name.endswith(".pdf")
        ]

    def workbook(self, month):
        """Return the file's XLSX."""
        first = self.archives(month)[0]
        (name,) = [name for name in first.namelist() if name.endswith(".xlsx")]
        return load_workbook(io.BytesIO(first.read(name)))

    def first_page(self, month):
        """Return the texts of the XLSX's first page."""
        sheet = self.workbook(month).worksheets[0]
        return [
            str(cell.value)
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        ]

    def gaps(self, month):
        return [finding.gap for finding in month.finding_ids if not finding.is_remark]

    def forget(self, order):
        """Leave a sale without any document, as if its hook had failed."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE pos_order SET salon_document_id = NULL WHERE id = %s", [order.id]
        )
        self.env.cr.execute(
            "DELETE FROM salon_invoice_document WHERE order_id = %s", [order.id]
        )
        self.env.invalidate_all(flush=False)


class TestMonthOffer(MonthCase):
    """A sale without a document, and one just like it that somebody made by hand."""

    by_hand = ReconcileMixin.by_hand

    def setUp(self):
        super().setUp()
        like = self.sell([(self.haircut, 1)])
        self.work()
        self.order = self.sell([(self.haircut, 1)])
        self.forget(self.order)
        self.made = self.by_hand(like)
        month = self.ready()
        missing = month.finding_ids.filtered(lambda row: row.gap == "missing")
        self.missing = missing.with_user(self.accountant)

    def asked(self):
        """Press Generate, and return the difference that the dialog is about."""
        action = self.missing.action_generate()
        self.assertEqual(action.get("target"), "new", action)
        self.assertFalse(self.order.salon_document_ids)
        self.assertTrue(action["views"][0][0], "a view of its own")
        one = self.env[action["res_model"]].browse(action["res_id"])
        return one.with_user(self.accountant)

    def test_generate_asks_first_and_names_what_the_service_has(self):
        one = self.asked()
        self.assertEqual((one.order_id, one.can_adopt), (self.order, True))
        day = format_date(one.env, self.made.fulfillment_date)
        gross = format_amount(one.env, 8900, self.order.currency_id)
        for part in (self.made.number, day, gross):
            self.assertIn(part, one.offer_text)
        self.assertIn("Take It", one.offer_text)
        self.work()
        self.assertEqual(len(self.papers()), 2)

    def test_what_is_there_is_taken_from_the_dialog(self):
        self.asked().with_user(self.manager).action_adopt()
        self.work()
        self.assertEqual(self.order.salon_invoice_number, self.made.number)
        self.assertEqual(len(self.papers()), 2)

    def test_whoever_is_sure_has_another_one_made(self):
        self.asked().action_ask_anyway()
        self.work()
        self.assertEqual(self.order.salon_document_id.state, "issued")
        self.assertEqual(len(self.papers()), 3)

    def test_once_it_has_gone_from_there_nobody_is_asked(self):
        self.asked().sudo().write({"state": "mended"})
        self.missing.action_generate()
        self.assertEqual(self.order.salon_document_id.state, "waiting")


class TestMonth(MonthCase):
    def test_every_word_of_the_file_is_translated_here(self):
        self.assertEqual(
            {key: text._source for key, text in LABELS.items()},
            NEEDED,
        )

    def test_one_press_makes_a_file_with_every_pdf(self):
        for _sale in range(3):
            self.sell([(self.haircut, 1)])
        self.sell([(self.book, 2)], [(self.card, 7000)])
        self.work()
        month = self.ready()
        self.assertEqual(self.gaps(month), [])
        self.assertTrue(month.is_complete)
        self.assertEqual((month.sale_count, month.document_count), (4, 4))
        self.assertEqual(len(self.pdfs(month)), 4)
        documents = self.env["salon.invoice.document"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertTrue(all(documents.mapped("pdf_id")))
        self.assertTrue(month.is_compared)
        self.assertIn("Complete: till and documents agree.", self.first_page(month))

    def test_the_sums_are_the_tills_and_the_services(self):
        self.sell([(self.haircut, 2), (self.book, 1)], [(self.card, 21300)])
        sale = self.sell([(self.haircut, 1), (self.book, 1)])
        self.work()
        self.refund(sale, {sale.lines[1]: 1})
        self.work()
        month = self.ready()
        self.assertEqual(self.gaps(month), [])
        (sums,) = month.sums
        self.assertEqual(float(sums["sold"]), 21300 + 8900)
        self.assertEqual(float(sums["documented"]), self.standing())
        self.assertEqual(float(sums["rest"]), 0)

    def test_what_is_missing_stands_on_the_first_page(self):
        forgotten = self.sell([(self.haircut, 1)])
        self.forget(forgotten)
        stopped = self.sell([(self.mens_cut, 1)])
        stopped.salon_document_id._need_attention("Look here", "content")
        self.sell([(self.book, 1)])
        self.work()
        month = self.ready()
        self.assertEqual(self.gaps(month), ["missing", "attention"])
        self.assertFalse(month.is_complete)
        missing, attention = month.finding_ids[:2]
        self.assertEqual(missing.order_id, forgotten)
        self.assertEqual((missing.expected, missing.found), (8900, 0))
        self.assertEqual(attention.document_id, stopped.salon_document_id)
        self.assertEqual(attention.problem, "Look here")
        page = self.first_page(month)
        for order in (forgotten, stopped):
            self.assertIn(order.pos_reference, page)

    def test_both_are_mended_from_there_and_the_next_file_is_complete(self):
        forgotten = self.sell([(self.haircut, 1)])
        self.forget(forgotten)
        stopped = self.sell([(self.mens_cut, 1)])
        stopped.salon_document_id._need_attention("Look here", "content")
        month = self.ready()
        missing, attention = month.finding_ids.with_user(self.accountant)
        missing.action_generate()
        attention.action_retry()
        self.work()
        month.finding_ids.invalidate_recordset()
        self.assertEqual(month.finding_ids.mapped("is_mended"), [True, True])
        self.assertIn(forgotten.salon_invoice_number, missing.now)
        month.with_user(self.accountant).action_prepare_again()
        self.finish(month)
        self.assertEqual(self.gaps(month), [])
        self.assertTrue(month.is_complete)
        self.assertEqual(len(self.pdfs(month)), 2)
        self.assertEqual(month.edition, 2)

    def returned_whole(self, **values):
        """Sell, and take all of it back, before anything was asked for."""
        sale = self.sell([(self.haircut, 1)])
        self.forget(sale)
        back = self.refund(sale, **values)
        return sale, back

    def test_what_came_back_whole_before_any_document_is_named_once(self):
        """Also where the return has its reason, as its hook has seen it."""
        for forget in (self.forget, lambda _order: self.work()):
            sale, back = self.returned_whole()
            forget(back)
            month = self.ready()
            finding = month.finding_ids.grouped("order_id")[sale]
            self.assertEqual((finding.gap, finding.is_remark), ("returned", True))
            self.assertFalse(finding.is_amount)
            self.assertFalse(finding.remedy)
            action = finding.with_user(self.accountant).action_open()
            self.assertEqual(action["res_id"], sale.id)
            self.assertTrue(month.is_complete)
            page = self.first_page(month)
            self.assertEqual(page.count(sale.pos_reference), 1)
            self.assertIn("All of it came back before any document was made", page)
        self.assertEqual(len(month.finding_ids), 2)

    def test_what_came_back_of_a_sale_of_the_month_before_is_of_one_family(self):
        """Neither month misses anything, once its file is made again."""
        sale, back = self.returned_whole()
        self.forget(back)
        self.env.cr.execute(
            "UPDATE pos_order SET date_order = %s WHERE id = %s",
            [self.start - timedelta(days=9), sale.id],
        )
        self.env.invalidate_all()
        month = self.ready()
        self.assertEqual(month.finding_ids.mapped("gap"), ["returned"])
        self.assertEqual(month.finding_ids.order_id, back)
        (sums,) = month.sums
        self.assertEqual(float(sums["rest"]), 0)

    def test_what_got_a_receipt_on_paper_since_is_not_generated(self):
        """The page is as old as the file; the sale is asked what it has now."""
        order = self.sell([(self.haircut, 1)])
        self.forget(order)
        month = self.ready()
        (missing,) = month.finding_ids
        order._salon_write_protected({"salon_paper_number": "AB 000017"})
        missing.with_user(self.accountant).action_generate()
        self.work()
        document = order.salon_document_id
        self.assertEqual((document.state, document.skip_reason), ("skipped", "paper"))

    def test_what_was_sold_before_the_service_was_connected_says_so(self):
        """It may be invoiced elsewhere: a person is to know before they press."""
        early, late = (self.sell([(self.haircut, 1)]) for _sale in range(2))
        self.forget(early)
        self.forget(late)
        self.config.salon_live_since = early.create_date
        self.env.cr.execute(
            "UPDATE pos_order SET create_date = create_date - interval '1 hour' "
            "WHERE id = %s",
            [early.id],
        )
        self.env.invalidate_all()
        month = self.ready()
        by_sale = {row.order_id: row.is_early for row in month.finding_ids}
        self.assertEqual(by_sale, {early: True, late: False})

    def test_a_file_of_no_sale_says_so(self):
        month = self.ready()
        self.assertEqual(len(month.part_ids), 1)
        self.assertEqual(self.pdfs(month), [])

    def test_pdfs_that_do_not_come_are_waited_for_and_then_named(self):
        order = self.sell([(self.haircut, 1)])
        self.run_lane()
        self.fault("status_before", path="/download$", status=503, times=None)
        month = self.prepare()
        self.run_cron(CRON)
        self.assertEqual((month.state, month.pdf_wanted), ("fetching", 1))
        self.run_cron(CRON)
        self.assertEqual(month.state, "fetching")
        self.assertEqual(month.pdf_fetched, 0)
        month.patience_until = fields.Datetime.now() - timedelta(seconds=1)
        self.run_cron(CRON)
        self.assertEqual(month.state, "ready")
        self.assertEqual(self.gaps(month), ["pdf"])
        self.assertEqual(month.finding_ids.number, order.salon_invoice_number)
        self.assertFalse(month.is_compared)

    def test_a_person_need_not_wait_for_pdfs(self):
        self.sell([(self.haircut, 1)])
        self.run_lane()
        month = self.prepare()
        self.run_cron(CRON)
        self.assertEqual(month.state, "fetching")
        month.with_user(self.accountant).action_write_now()
        self.run_cron(CRON)
        self.assertEqual((month.state, self.gaps(month)), ("ready", ["pdf"]))

    def test_a_pdf_that_is_none_is_named_and_not_put_in(self):
        orders = self.sell([(self.haircut, 1)]) | self.sell([(self.book, 1)])
        self.work()
        self.ready()
        liar = orders[0].salon_document_id
        liar.pdf_id.raw = b"<html>Sign in</html>"
        month = self.finish(self.prepare())
        self.assertEqual((month.state, self.gaps(month)), ("ready", ["pdf"]))
        self.assertEqual(month.finding_ids.document_id, liar)
        self.assertEqual(len(self.pdfs(month)), 1)
        month.finding_ids.with_user(self.accountant).action_pdf()
        self.work()
        self.assertTrue(month.finding_ids.is_mended)

    def test_a_pdf_of_something_else_is_not_put_in(self):
        order = self.sell([(self.haircut, 1)])
        self.work()
        self.ready()
        other = order.salon_document_id.pdf_id.copy(
            {"res_model": "res.partner", "res_id": self.customer.id}
        )
        order.salon_document_id.pdf_id = other
        month = self.finish(self.prepare())
        self.assertEqual(self.gaps(month), ["pdf"])

    def test_parts_have_so_many_documents_and_all_can_be_extracted_together(self):
        for _sale in range(5):
            self.sell([(self.haircut, 1)])
        self.work()
        with patch.object(month_module.billing_month, "PART", 2):
            month = self.ready()
        self.assertEqual(month.part_ids.mapped("document_count"), [2, 2, 1])
        names = [name for zip in self.archives(month) for name in zip.namelist()]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(len(self.pdfs(month)), 5)

    def test_large_pdfs_make_smaller_parts(self):
        for _sale in range(2):
            self.sell([(self.haircut, 1)])
        self.work()
        self.ready()
        with patch.object(month_module, "PART_BYTES", 1):
            month = self.finish(self.prepare())
        self.assertEqual(month.part_ids.mapped("document_count"), [1, 1])

    def test_what_is_killed_goes_on_where_it_was(self):
        for _sale in range(3):
            self.sell([(self.haircut, 1)])
        self.work()
        steps, killed = [], type("Killed", (BaseException,), {})
        write_part = month_module.write_part

        def dying(file, part, *rest):
            steps.append(part.number)
            if steps == [1, 2]:
                raise killed
            return write_part(file, part, *rest)

        month = self.prepare()
        self.run_cron(CRON)
        self.wait_for(month)
        with (
            patch.object(month_module.billing_month, "PART", 1),
            patch.object(month_module, "write_part", dying),
        ):
            with suppress(killed):  # assertRaises would undo what was committed
                self.run_cron(CRON)
            self.env.invalidate_all(flush=False)
            self.assertEqual((month.state, len(month.part_ids)), ("writing", 1))
            self.run_cron(CRON)
        self.assertEqual(month.state, "ready")
        self.assertEqual(steps, [1, 2, 2, 3])
        self.assertEqual(len(self.pdfs(month)), 3)

    def test_what_kills_its_worker_each_time_is_given_up(self):
        month = self.prepare()
        month.tries = month_module.MOST_TRIES
        self.run_cron(CRON)
        self.assertEqual(month.state, "failed")
        self.assertIn("stopped each time", month.failure)
        month.with_user(self.accountant).action_prepare_again()
        self.finish(month)
        self.assertEqual(month.state, "ready")

    def test_an_error_of_the_program_is_said_and_can_be_tried_again(self):
        month = self.prepare()
        self.run_cron(CRON)
        self.wait_for(month)
        broken = patch.object(type(month), "_freeze", side_effect=ZeroDivisionError)
        with broken, self.assertLogs(month_module.__name__, "ERROR"):
            self.run_cron(CRON)
        self.assertEqual(month.state, "failed")
        self.assertIn("server log", month.failure)

    def test_whoever_changes_it_meanwhile_does_not_make_it_fail(self):
        month = self.prepare()
        self.run_cron(CRON)
        self.wait_for(month)
        met = psycopg2.errors.SerializationFailure
        with patch.object(type(month), "_freeze", side_effect=met):
            for _time in range(month_module.MOST_TRIES + 1):
                self.run_cron(CRON)
        self.assertEqual((month.state, month.failure), ("fetching", False))
        self.finish(month)
        self.assertEqual(month.state, "ready")

    def test_whoever_asks_for_the_same_pdf_meanwhile_does_not_make_it_fail(self):
        month = self.prepare()
        met = psycopg2.errors.UniqueViolation
        with patch.object(type(month), "_request_pdfs", side_effect=met):
            self.run_cron(CRON)
        self.assertEqual((month.state, month.failure), ("fetching", False))
        self.finish(month)
        self.assertEqual(month.state, "ready")

    def test_who_presses_twice_gets_the_same_record(self):
        first, second = self.prepare(), self.prepare()
        self.assertEqual(first, second)
        self.assertEqual(first.edition, 1)
        with self.assertRaises(UserError):
            first.with_user(self.accountant).action_prepare_again()

    def test_it_is_deleted_after_30_days_and_can_be_made_again(self):
        self.sell([(self.haircut, 1)])
        self.work()
        month = self.ready()
        attachments = month.part_ids.attachment_id
        month.asked_at -= timedelta(days=31)
        month.ready_at -= timedelta(days=29)
        self.run_cron("cron_month_daily")
        self.assertEqual(month.state, "ready")
        month.ready_at -= timedelta(days=2)
        self.run_cron("cron_month_daily")
        self.assertEqual(month.state, "removed")
        self.assertFalse(attachments.exists() or month.part_ids or month.content)
        month.with_user(self.accountant).action_prepare_again()
        self.finish(month)
        self.assertEqual((month.state, len(self.pdfs(month))), ("ready", 1))

    def test_the_file_is_in_the_language_of_who_asked(self):
        self.env["res.lang"]._activate_lang("hu_HU")
        self.accountant.lang = "hu_HU"
        self.sell([(self.haircut, 1)])
        self.work()
        month = self.ready().with_context(lang="hu_HU")
        self.assertIn(str(self.start.year), month.display_name)
        self.assertTrue(month.display_name.startswith(f"{self.start.year}. "))

    def only_at_the_service(self):
        """Sell twice; return the second sale, whose document only the service has."""
        self.sell([(self.haircut, 1)])
        other = self.sell([(self.book, 1)])
        self.work()
        number = other.salon_document_id.number
        self.forget(other)
        return other, number

    def check_is_named(self, other, number):
        """Check that the month's file names the sale, and what the service has."""
        month = self.ready()
        self.assertTrue(month.is_compared)
        self.assertEqual(self.gaps(month), ["missing", "missing_here"])
        self.assertEqual(month.finding_ids[0].order_id, other)
        self.assertEqual(month.finding_ids[1].number, number)
        self.assertIn(number, self.first_page(month))

    def test_what_only_the_service_has_is_named(self):
        self.check_is_named(*self.only_at_the_service())

    def test_what_only_the_service_has_of_before_it_was_connected_is_named(self):
        other, number = self.only_at_the_service()
        self.config.salon_live_since = fields.Datetime.now() + timedelta(hours=1)
        self.check_is_named(other, number)

    def test_what_was_made_by_hand_and_fits_a_sale_is_named(self):
        """Who presses "Generate" is to know that the service has one just like it."""
        like = self.sell([(self.haircut, 1)])
        self.work()
        meant = replace(
            like.salon_document_id._invoice(),
            external_key="HAND1",
            order_number="",
            comment="",
        )
        with self.account._open_provider() as provider:
            provider.issue(provider.render(meant))
        other = self.sell([(self.haircut, 1)])
        self.forget(other)
        month = self.ready()
        self.assertEqual(self.gaps(month), ["missing", "missing_here"])
        self.assertEqual(month.finding_ids.order_id, other)
        self.assertIn("just like it", month.finding_ids[1].detail)

    def test_last_month_is_what_is_offered(self):
        documents = type(self.env["salon.invoice.document"])
        with patch.object(documents, "_today", lambda self: date(2027, 1, 31)):
            form = self.env["salon.invoice.month.prepare"].new()
            self.assertEqual(form.month, "2026-12-01")
