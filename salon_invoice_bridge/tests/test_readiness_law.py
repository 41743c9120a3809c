"""Readiness about what the law wants of each sale."""

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools.misc import file_open

from .receipt_case import ReceiptCase
from .test_connect import ConnectCase


class LawCase(ConnectCase):
    """A salon that has connected its service a moment ago."""

    def setUp(self):
        super().setUp()
        self.account = self.connect()

    def checks(self):
        """Return the rows of the panel by their codes, as the administrator sees it."""
        account = self.account.with_user(self.admin)
        account.invalidate_recordset(["checks"])
        return {check["code"]: check for check in account.checks}

    def check(self, code):
        return self.checks()[code]

    def level(self, code):
        return self.check(code)["level"]

    def fix(self, code):
        return self.account.with_user(self.admin).action_fix(code)


@tagged("post_install", "-at_install")
class TestReadinessLaw(LawCase):
    # === RECEIPTS AND NAV === #

    def test_who_gives_no_receipts_hears_nothing_of_their_report(self):
        self.assertNotIn("receipts", self.checks())

    def test_receipts_must_be_reported_and_there_is_no_penalty_until_the_end_of_2026(
        self,
    ):
        """Daily reports since 2026-09-01 (nav-gov-hu/eRECEIPT 96: very sure); no
        penalty until 2026-12-31 (three developers' pages: fairly sure)."""
        self.company.salon_which = "request"
        for now, level in (
            ("2026-12-01 12:00:00", "warning"),
            ("2026-12-31 22:30:00", "warning"),
            ("2026-12-31 23:30:00", "bad"),  # half past midnight in Hungary
        ):
            with freeze_time(now):
                check = self.check("receipts")
            self.assertEqual(check["level"], level, now)
            self.assertIn("2026", check["text"])
            self.assertEqual(check["fix"], "_open_questions")

    def test_who_has_seen_receipts_arrive_at_nav_is_not_reminded(self):
        self.company.salon_which = "request"
        self.account.receipts_reported = "no"
        with freeze_time("2027-01-02 12:00:00"):
            self.assertEqual(self.level("receipts"), "bad")
            self.account.receipts_reported = "yes"
            check = self.check("receipts")
        self.assertEqual(check["level"], "ok")
        self.assertEqual(self.fix("receipts")["res_model"], "salon.invoice.daily")

    def test_another_account_is_asked_about_its_own_report(self):
        self.account.receipts_reported = "yes"
        self.company.salon_which = "request"
        self.account = self.connect("szamlazz", receipt_prefix="NYGT")
        self.assertEqual(self.level("receipts"), "warning")

    # === SERIES === #

    def test_receipts_without_a_series_become_invoices_and_are_remarked(self):
        self.assertNotIn("receipt_block", self.checks())
        self.company.salon_which = "customer"
        self.account.receipt_block = False
        check = self.check("receipt_block")
        self.assertEqual(check["level"], "warning")
        self.assertIn(self.config.name, check["text"])
        self.assertNotIn("receipts", self.checks())

    def test_a_service_without_receipts_is_named(self):
        """Billingo's API v2 (vendor's documentation: sure)."""
        self.account = self.connect("billingo_v2")
        self.company.salon_which = "request"
        check = self.check("receipt_block")
        self.assertIn("Billingo (API v2) has no receipts", check["text"])
        self.assertEqual(self.fix("receipt_block")["res_model"], "res.config.settings")

    def test_a_series_that_vanished_at_the_service_turns_red(self):
        self.company.salon_which = "request"
        blocks = self.options["blocks"]
        self.options["blocks"] = [row for row in blocks if row["type"] != "receipt"]
        self.account._verify()
        check = self.check("receipt_block")
        self.assertEqual(check["level"], "bad")
        self.assertIn(self.config.name, check["text"])

    # === WHAT EACH SHOP GIVES === #

    def test_a_shop_where_somebody_presses_is_named_with_what_the_law_wants(self):
        """An invoice or a receipt of every sale (VAT Act 159, 166: sure)."""
        self.assertNotIn("tills", self.checks())
        self.config.salon_mode = "manual"
        check = self.check("tills")
        self.assertEqual(check["level"], "warning")
        self.assertIn(self.config.name, check["text"])

    def test_a_shop_without_a_service_is_named(self):
        other = self.config.copy({"name": "Második szalon"})
        self.account = self.connect("szamlazz", config_ids=self.config.ids)
        self.company.salon_account_id = False
        check = self.check("tills")
        self.assertIn(other.name, check["text"])
        self.assertNotIn(f"{self.config.name}.", check["text"])

    def test_only_on_request_is_lawful_beside_a_cash_register(self):
        """Its receipt is the sale's (VAT Act 166: sure); whether there is one is asked:
        an upgrade has marked the shops that gave on request only."""
        self.assertNotIn("on_request", self.checks())
        self.config.salon_which = "request"
        self.env.cr.execute("UPDATE pos_config SET salon_cash_register = true")
        self.env.invalidate_all()
        check = self.check("on_request")
        self.assertEqual(check["level"], "warning")
        self.assertIn("Say whether there is one", check["text"])
        self.fix("on_request")
        rows = (
            self.env["salon.invoice.question"]
            .with_user(self.admin)
            .search(
                [("company_id", "=", self.company.id), ("code", "=", "cash_register")]
            )
        )
        rows.answer = "cash_register:yes"
        self.assertEqual(self.level("on_request"), "info")
        rows.answer = "cash_register:no"
        self.assertNotIn("on_request", self.checks())

    # === WALK-INS === #

    def test_an_invoice_names_its_buyer_with_an_address_which_a_walk_in_has_not(self):
        """VAT Act 169 e) (from memory, not read: fairly sure)."""
        check = self.check("walk_in_invoices")
        self.assertEqual(check["level"], "warning")
        self.assertIn("Magánszemély", check["text"])
        self.company.salon_walk_in_answer = "accepted"
        check = self.check("walk_in_invoices")
        self.assertEqual(check["level"], "info")
        self.assertIn("The accountant accepts", check["text"])

    def test_a_walk_in_who_gets_a_receipt_needs_no_address(self):
        """A receipt names no buyer (VAT Act 173; from memory, not read: sure)."""
        self.company.salon_which = "customer"
        self.assertNotIn("walk_in_invoices", self.checks())
        self.account.receipt_block = False
        self.assertIn("walk_in_invoices", self.checks())

    # === VAT CODES === #

    def test_a_code_that_invoices_say_and_receipts_do_not_is_remarked(self):
        """Billingo's ReceiptVat has six values (its contract 3.0.15: sure)."""
        self.company.salon_which = "request"
        self.haircut.taxes_id = self.tax_0
        self.tax_0.salon_vat_code = "ATK"
        check = self.check("receipt_taxes")
        self.assertEqual(check["level"], "warning")
        self.assertIn("ATK", check["text"])
        self.assertEqual(self.fix("receipt_taxes")["res_id"], self.tax_0.id)
        self.tax_0.salon_vat_code = "AAM"
        self.assertNotIn("receipt_taxes", self.checks())

    # === THE ACCOUNTANT === #

    def test_the_accountants_page_is_linked(self):
        action = self.fix("accountant")
        self.assertEqual(action["type"], "ir.actions.act_url")
        with file_open(action["url"].removeprefix("/")) as page:
            self.assertIn("könyvelő", page.read())


@tagged("post_install", "-at_install")
class TestReceiptsGiven(ReceiptCase):
    def test_one_receipt_raises_the_question_of_its_report(self):
        """A cashier's wish is enough, whatever sales get by themselves."""
        self.company.salon_which = "all"
        readiness = self.env["salon.invoice.readiness"]
        self.assertIsNone(readiness._check_receipts(self.account))
        self.given(salon_wish="receipt")
        self.assertTrue(readiness._check_receipts(self.account))
