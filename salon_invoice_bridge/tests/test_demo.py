"""The demonstration: a month of a salon that a newcomer can look at, and no more."""

import io
import socket
import zipfile
from collections import Counter
from datetime import date
from unittest.mock import patch

from odoo.modules import get_manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools import convert_file, mute_logger

from odoo.addons.base.models.res_company import ResCompany

from ..billing.invoice import EXISTING_STATES, LANE_STATES
from ..demo import books, month
from ..demo.salon_invoice_demo import COMPANY

#: The month ends after a new year, and begins before it.
TODAY = date(2027, 1, 10)


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        documents = cls.registry["salon.invoice.document"]
        cls.classPatch(documents, "_today", lambda self: TODAY)
        cls.others = cls.count_others()
        cls.mails = cls.env["mail.mail"].search_count([])
        cls.main = cls.env.ref("base.main_company").read(load=None)
        for name in get_manifest("salon_invoice_bridge")["demo"]:
            convert_file(
                cls.env, "salon_invoice_bridge", name, {}, "init", noupdate=True
            )
        cls.company = cls.env.ref(COMPANY)
        own = [("company_id", "=", cls.company.id)]
        cls.documents = cls.env["salon.invoice.document"].search(own, order="id")
        cls.orders = cls.env["pos.order"].search(own, order="date_order, id")
        cls.accounts = cls.env["salon.invoice.account"].search(own)

    @classmethod
    def count_others(cls):
        """Return how many records there are that are not of the demonstration."""
        own = cls.env.ref(COMPANY, raise_if_not_found=False) or cls.env["res.company"]
        counts = {
            name: cls.env[name].search_count([])
            - cls.env[name].search_count([("company_id", "in", own.ids)])
            for name in (
                *("pos.order", "pos.session", "pos.config", "pos.payment.method"),
                *("account.tax", "account.journal", "product.template", "res.partner"),
                *("salon.invoice.account", "salon.invoice.document"),
            )
        }
        counts["res.partner"] -= len(own.partner_id)
        return counts

    def test_no_chart_of_accounts_is_loaded_over_what_was_sold(self):
        # As where a running server is told to load demonstration data.
        ready = patch.object(ResCompany, "install_l10n_modules", lambda _rows: True)
        charts = type(self.env["account.chart.template"])
        self.company.name = "Its name is taken once only"
        with ready, patch.object(charts, "try_loading") as load:
            self.env["salon.invoice.demo"]._make_company()
            self.env.cr.precommit.run()
        load.assert_not_called()

    # === A FULL MONTH === #

    def test_each_kind_and_state_is_there(self):
        found = Counter((row.kind, row.state) for row in self.documents)

        self.assertGreater(found["invoice", "issued"], 80)
        self.assertGreater(found["receipt", "issued"], 80)
        self.assertEqual(found["invoice", "attention"], 1)
        self.assertEqual(found["draft", "issued"], 1)
        self.assertEqual(found["draft", "discarded"], 2)
        self.assertEqual(found["correction", "issued"], 1)
        for what in (("storno", "issued"), ("remainder", "issued")):
            self.assertGreaterEqual(found[what], 2, what)
        self.assertFalse([what for what in found if what[1] in LANE_STATES])

    def test_each_reason_to_skip_is_there(self):
        skipped = self.documents.filtered(lambda row: row.state == "skipped")
        reasons = {value for value, _ in skipped._fields["skip_reason"].selection}

        self.assertEqual(set(skipped.mapped("skip_reason")), reasons)

    def test_who_needs_a_person_says_what_is_missing(self):
        waits = self.documents.filtered(lambda row: row.state == "attention")

        self.assertIn(waits.buyer_name, waits.problem)
        self.assertTrue(waits.activity_ids)

    def test_documents_are_what_was_sold(self):
        checked = 0
        for family in self._families():
            documents = family.salon_document_ids
            issued = documents.filtered(
                lambda row: row.state in EXISTING_STATES and row.kind != "draft"
            )
            if not issued:
                continue
            kept_off = sum(
                family.lines.filtered(_is_kept_off).mapped("price_subtotal_incl")
            )
            sold = sum(family.mapped("amount_total"))
            self.assertEqual(sum(issued.mapped("amount_invoiced")), sold - kept_off)
            checked += len(issued)
        self.assertGreater(checked, 200)

    def _families(self):
        left = self.orders
        while left:
            family = left[0]._salon_family()
            yield family
            left -= family

    def test_figures_are_those_of_the_documents(self):
        issued = self.documents.filtered(
            lambda row: row.state in EXISTING_STATES and row.kind != "draft"
        )
        for row in issued:
            self.assertEqual(
                row.amount_net + row.amount_tax, row.amount_gross, row.name
            )
            self.assertEqual(row.shop_id, row.order_id.config_id)
            self.assertTrue(row.fulfillment_date <= row.issue_date, row.name)
            self.assertTrue(row.pdf_id, row.name)
        ways = {"cash", "card", "szep_card", "mixed", "owed"}
        self.assertLessEqual(ways, set(issued.mapped("tender")))
        self.assertTrue(any(issued.mapped("buyer_tax_number")))

    def test_what_a_sale_is_paid_by_is_its_total(self):
        for order in self.orders:
            paid = sum(order.payment_ids.mapped("amount"))
            self.assertEqual(paid, order.amount_total, order.name)
            lines = sum(order.lines.mapped("price_subtotal_incl"))
            self.assertEqual(lines, order.amount_total, order.name)

    def test_all_of_it_is_of_the_last_weeks_and_in_the_order_of_its_time(self):
        days = [order._salon_day() for order in self.orders]

        self.assertEqual((TODAY - days[0]).days, month.DAYS)
        self.assertEqual((TODAY - days[-1]).days, 1)
        self.assertEqual(
            len({order.session_id for order in self.orders}), 2 * month.DAYS
        )
        self.assertEqual(set(self.orders.session_id.mapped("state")), {"closed"})
        moments = [row.issued_at for row in self.documents if row.issued_at]
        self.assertEqual(moments, sorted(moments))
        self.assertTrue(all(row.create_date.date() < TODAY for row in self.documents))

    def test_numbers_are_without_gaps_and_begin_again_each_year(self):
        series = {}
        for row in self.documents.filtered("number"):
            prefix, year, number = row.number.split("-")
            series.setdefault((prefix, int(year)), []).append(int(number))

        self.assertEqual({year for _prefix, year in series}, {2026, 2027})
        self.assertEqual(len(series), 8)  # two shops, invoices and receipts
        for numbers in series.values():
            self.assertEqual(numbers, list(range(1, len(numbers) + 1)))

    def test_it_is_the_same_each_time_and_made_once(self):
        self.assertEqual(month.visits(), month.visits())
        self.env["salon.invoice.demo"]._load()

        own = [("company_id", "=", self.company.id)]
        self.assertEqual(self.env["pos.order"].search_count(own), len(self.orders))

    def test_no_tax_number_is_anybodys(self):
        partners = self.orders.partner_id.filtered("vat") | self.company.partner_id

        self.assertEqual({vat[-3:] for vat in partners.mapped("vat")}, {"-00"})

    # === ITS BOOKS === #

    def test_months_and_days_are_compared_with_what_services_have(self):
        rows = self.env["salon.invoice.reconciliation"].search(
            [("account_id", "in", self.accounts.ids)]
        )
        months, days = (
            rows.filtered("is_month"),
            rows.filtered(lambda r: not r.is_month),
        )

        self.assertEqual(len(months), 4)  # two months at two services
        self.assertEqual(len(days), 2 * books.DAYS)
        self.assertEqual(set(rows.mapped("state")), {"done"})
        self.assertFalse(sum(rows.mapped("unproven_count")))
        self.assertEqual(sum(months.mapped("not_ours_count")), 1)
        findings = {one for row in rows.difference_ids for one, *_ in row.findings}
        self.assertEqual(findings, {"attention", "unfinished"})
        self.assertGreater(sum(months.mapped("agrees_count")), 400)
        self.assertIn("agrees", days.mapped("outcome"))

    def test_each_months_file_is_written_and_agrees_with_the_till(self):
        pdfs, gaps = 0, set()
        for start in (date(2026, 12, 1), date(2027, 1, 1)):
            file = self.env["salon.invoice.month"]._request(self.company, start)
            self._run(self.env.ref("salon_invoice_bridge.cron_month"))
            self.assertEqual(file.state, "ready", file.failure)
            gaps |= {one.gap for one in file.finding_ids if not one.is_remark}
            missing = file.finding_ids.filtered(lambda one: one.gap == "missing")
            for sale in missing.order_id:  # all of them came back
                family = sale._salon_family()
                self.assertEqual(sum(family.mapped("amount_total")), 0, sale.name)
            for part in file.part_ids:
                with zipfile.ZipFile(io.BytesIO(part.attachment_id.raw)) as archive:
                    pdfs += sum(name.endswith(".pdf") for name in archive.namelist())

        self.assertEqual(pdfs, len(self.documents.filtered("pdf_id")))
        self.assertEqual(gaps, {"attention", "missing", "unfinished"})

    # === NOTHING ELSE === #

    def test_other_companies_are_left_alone(self):
        self.assertEqual(self.count_others(), self.others)
        self.assertEqual(self.env.ref("base.main_company").read(load=None), self.main)
        admin = self.env.ref("base.user_admin")
        self.assertIn(self.company, admin.company_ids)
        self.assertNotEqual(admin.company_id, self.company)

    def test_nothing_calls_and_nothing_waits_to(self):
        self.assertEqual(len(self.accounts), 2)
        self.assertEqual(set(self.accounts.mapped("state")), {"disconnected"})
        self.assertFalse(self.accounts._credential())
        self.assertFalse(self.accounts.sudo().cron_id)
        self.assertFalse(self.company.salon_account_id)
        self.assertFalse(self.documents.task_ids)
        self.assertFalse(self.orders.config_id.salon_account_id)
        self.assertEqual(self.env["mail.mail"].search_count([]), self.mails)
        before = [(row.id, row.state) for row in self.documents]

        self.assertEqual(self._calls_of_all_jobs(), [])

        self.assertEqual([(row.id, row.state) for row in self.documents], before)
        self.assertFalse(self.documents.attempt_ids)

    def test_a_document_with_a_key_would_be_noticed(self):
        account = self.accounts[0]
        account.write(
            {
                "api_key": "demo-key",
                "base_url": "http://127.0.0.1:9",
                "state": "connected",
            }
        )
        self.company.salon_account_id = account
        account._ensure_lane()
        sale = self.orders.filtered(lambda row: row.salon_skip_reason == "dropped")
        document = sale.salon_document_id
        document.account_id = account
        document._requeue("receipt")

        with mute_logger("odoo.addons.salon_invoice_bridge"):
            self.assertTrue(self._calls_of_all_jobs())

    def _calls_of_all_jobs(self):
        """Run the addon's jobs; return where they wanted to connect to."""
        called = []

        def refuse(_socket, address):
            called.append(address)
            raise ConnectionRefusedError(address)

        self.patch(socket.socket, "connect", refuse)
        jobs = self.env["ir.cron"].search(
            [("model_id.model", "=like", "salon.invoice.%")]
        )
        self.assertGreaterEqual(len(jobs), 4)
        for job in jobs:
            self._run(job)
        return called

    def _run(self, job):
        with self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.env.invalidate_all()


def _is_kept_off(line):
    """Return True if documents leave out a line: a card that is a payment, a tip."""
    if line.product_id.salon_voucher_kind == "multi":
        return True
    documents = line.order_id.salon_document_ids.account_id
    sale = line.order_id._salon_returned_order() or line.order_id
    receipt = sale.salon_document_id.is_receipt
    billingo = documents.provider == "billingo"
    return line.product_id.salon_role == "tip" and receipt and billingo
