"""Readiness: what the card says, and where its buttons lead."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .test_connect import ConnectCase


@tagged("post_install", "-at_install")
class TestReadiness(ConnectCase):
    def setUp(self):
        super().setUp()
        self.account = self.connect()
        self.account.recipient_ids = self.manager
        self.sweep = self.env.ref("salon_invoice_bridge.cron_sweep")
        self.sweep.lastcall = fields.Datetime.now()

    def check(self, code):
        """Return the row of the panel as the administrator sees it."""
        account = self.account.with_user(self.admin)
        account.invalidate_recordset(["checks"])
        return {check["code"]: check for check in account.checks}[code]

    def level(self, code):
        return self.check(code)["level"]

    def fix(self, code):
        return self.account.with_user(self.admin).action_fix(code)

    def test_after_connecting_nothing_is_red(self):
        levels = [check["level"] for check in self.account.checks]
        self.assertNotIn("bad", levels, self.account.checks)

    def test_the_panel_shows_what_was_chosen(self):
        """Seed 001: "connection status, selected document block, selected bank
        account, invoice mode, default VAT rate, default payment method and
        connection date"."""
        self.account.bank_account = "21"
        today = fields.Date.context_today(self.account)
        self.assertIn(str(today.year), self.check("connection")["text"])
        self.assertIn("Szalon", self.check("block")["text"])
        self.assertIn("Minta Bank", self.check("bank_account")["text"])
        text = self.check("policy")["text"]
        self.assertEqual(text, "Automatic. An invoice for every sale.")
        self.assertIn("27%", self.check("defaults")["text"])
        self.assertIn("Cash", self.check("defaults")["text"])

    def test_draft_review_is_a_mode_that_the_panel_names(self):
        """Seed 001: "draft-review mode"."""
        self.company.salon_kind = "draft"
        self.assertIn("Draft", self.check("policy")["text"])
        order = self.sell([(self.haircut, 1)])
        self.assertEqual(order.salon_document_id.kind, "draft")

    def test_a_prefix_has_been_used_if_a_number_begins_with_it(self):
        """Számlázz.hu puts the prefix first, after *E-* on an e-invoice."""
        readiness = self.env["salon.invoice.readiness"]
        document = self.sell([(self.haircut, 1)]).salon_document_id
        for number, has_used in (
            (False, False),
            ("SZ-2026-1", True),
            ("E-SZ-2026-1", True),
            ("SZA-2026-1", False),
            ("ASZ-2026-1", False),
            ("E-SZA-2026-1", False),
            ("D-SZ-2026-1", False),  # of a proforma: it has numbers of its own
            ("2026-SZ-1", False),
            ("SZ", False),
        ):
            document.number = number
            found = readiness._has_numbered(self.account, "SZ")
            self.assertIs(found, has_used, number)
        document.number = "SZ-2026-1"
        other = self.account.copy()
        self.assertFalse(readiness._has_numbered(other, "SZ"))

    def test_a_tax_without_a_code_turns_red_and_its_button_shows_the_tax(self):
        self.haircut.taxes_id = self.tax_0
        self.assertEqual(self.level("taxes"), "bad")
        self.assertEqual(self.fix("taxes")["res_id"], self.tax_0.id)
        self.tax_0.salon_vat_code = "AAM"
        self.assertEqual(self.level("taxes"), "ok")

    def test_an_exempt_company_with_27_percent_is_red_until_it_is_said(self):
        self.company.salon_default_vat = "AAM"
        check = self.check("exemption")
        self.assertEqual(check["level"], "bad")
        self.assertIn(self.tax_27.name, check["text"])
        self.assertEqual(self.fix("exemption")["res_model"], "res.config.settings")
        for answer, level in (("exempt", "warning"), ("taxes", "info")):
            with freeze_time("2026-03-05 12:00:00"):
                self.company.salon_vat_answer = answer
            check = self.check("exemption")
            self.assertEqual(check["level"], level)
            self.assertIn("2026", check["text"])

    def test_nothing_is_asked_where_no_tax_contradicts_the_exemption(self):
        codes = [check["code"] for check in self.account.checks]
        self.assertNotIn("exemption", codes)

    def test_a_till_that_sells_vouchers_is_asked_once_what_they_are(self):
        self.company.salon_voucher_sale = False
        self.assertNotIn("vouchers", [row["code"] for row in self.account.checks])
        self._make_product("Ajándékkártya", 5000, None, salon_role="voucher")
        check = self.check("vouchers")
        self.assertEqual(check["level"], "bad")
        self.assertIn("Ajándékkártya", check["text"])
        self.assertEqual(self.fix("vouchers")["res_model"], "res.config.settings")
        with freeze_time("2026-03-05 12:00:00"):
            self.company.salon_voucher_sale = "skip"
        check = self.check("vouchers")
        self.assertEqual(check["level"], "ok")
        self.assertIn("2026", check["text"])

    def open_customers_accounts(self):
        on_account = self.env["pos.payment.method"].create(
            {"name": "Vevői számla", "split_transactions": True}
        )
        self.session.state = "closed"
        self.config.payment_method_ids += on_account
        self.session = self._open_session(self.config)
        return on_account

    def test_what_came_back_to_a_customers_account_is_not_reminded_of(self):
        on_account = self.open_customers_accounts()
        order = self.sell([(self.haircut, 2)], [(on_account, 17800)], self.customer)
        for _half in range(2):
            self.assertEqual(self.level("customer_account"), "info")
            self.refund(order, {order.lines: 1}, (), [(on_account, -8900)])
            self.account.invalidate_recordset(["checks"])
        self.assertNotIn(
            "customer_account", [row["code"] for row in self.account.checks]
        )

    def test_sales_on_a_customers_account_are_reminded_of_with_their_age(self):
        on_account = self.open_customers_accounts()
        self.assertNotIn(
            "customer_account", [row["code"] for row in self.account.checks]
        )
        order = self.sell([(self.haircut, 1)], [(on_account, 8900)], self.customer)
        order.date_order = "2026-11-20 22:30:00"
        # Days are Hungary's: half past eleven at night, and half past midnight.
        for now, days, level in (
            ("2026-11-25 22:30:00", 5, "warning"),
            ("2026-11-27 22:30:00", 7, "warning"),
            ("2026-11-27 23:30:00", 8, "bad"),
            ("2026-12-02 12:00:00", 12, "bad"),
        ):
            with freeze_time(now):
                self.account.invalidate_recordset()
                check = self.check("customer_account")
            self.assertEqual(check["level"], level)
            self.assertIn(f"{days} days", check["text"])
        action = self.fix("customer_account")
        self.assertEqual(self.env["pos.order"].search(action["domain"]), order)
        order.with_user(self.manager).action_salon_generate()
        self.account.invalidate_recordset(["checks"])
        self.assertNotIn(
            "customer_account", [row["code"] for row in self.account.checks]
        )

    def test_what_stops_no_invoice_is_not_red(self):
        self.company.street = False
        self.assertEqual(self.level("company"), "warning")
        self.card.salon_payment_kind = False
        order = self.sell([(self.haircut, 1)], [(self.card, 8900)])
        self.run_lane()
        self.assertEqual(order.salon_document_id.state, "issued")

    def test_a_payment_method_without_a_kind_is_worth_a_look(self):
        self.card.salon_payment_kind = False
        self.assertEqual(self.level("payment_methods"), "warning")
        action = self.fix("payment_methods")
        self.assertIn(
            self.card, self.env["pos.payment.method"].search(action["domain"])
        )

    def test_a_shop_in_another_currency_is_remarked(self):
        self.company.salon_currency_id = self.env.ref("base.USD")
        self.assertEqual(self.level("currency"), "warning")

    def test_incomplete_company_data_turn_red(self):
        self.company.street = False
        self.assertIn("street", self.check("company")["text"])
        self.assertEqual(self.fix("company")["res_id"], self.company.id)

    def test_a_missing_address_for_walk_in_customers_turns_red(self):
        self.company.salon_walk_in_city = False
        self.assertEqual(self.level("walk_in"), "bad")

    def test_receipts_that_invite_to_odoos_own_invoice_turn_red_and_are_mended(self):
        self.company.point_of_sale_use_ticket_qr_code = True
        self.assertEqual(self.level("self_service"), "bad")
        self.fix("self_service")
        self.assertEqual(self.level("self_service"), "ok")

    def test_the_hungarian_edi_is_no_finding_unless_it_is_switched_on(self):
        if "l10n_hu_edi_server_mode" not in self.company._fields:
            self.skipTest("l10n_hu_edi is not installed")
        codes = [check["code"] for check in self.account.checks]
        self.assertNotIn("l10n_hu_edi", codes)
        self.company.l10n_hu_edi_server_mode = "demo"
        self.assertEqual(self.level("l10n_hu_edi"), "warning")

    def test_a_block_that_vanished_at_the_service_is_detected_and_explained(self):
        self.options["blocks"] = [
            {"id": 99, "name": "Másik", "prefix": "M", "type": "invoice"}
        ]
        self.account.with_user(self.admin).action_refresh()
        check = self.check("block")
        self.assertEqual(check["level"], "bad")
        self.assertIn("Szalon", check["text"])
        wizard = self.env["salon.invoice.connect"].browse(self.fix("block")["res_id"])
        self.assertEqual(wizard.step, "settings")
        self.save(wizard.with_user(self.admin))
        self.assertEqual(self.check("block")["level"], "ok")

    def test_a_bank_account_that_vanished_at_the_service_is_detected(self):
        self.account.bank_account = "21"
        self.options["bank_accounts"] = []
        self.account.with_user(self.admin).action_refresh()
        self.assertEqual(self.level("bank_account"), "bad")

    def test_an_account_that_nav_does_not_know_turns_red(self):
        self.options["nav_connected"] = False
        self.account._verify()
        self.assertEqual(self.level("nav"), "bad")

    def test_a_subscription_that_ends_is_announced(self):
        today = fields.Date.context_today(self.account)
        for days, level in ((100, "ok"), (5, "warning"), (-1, "bad")):
            self.options["expires"] = str(today + timedelta(days=days))
            self.account._verify()
            self.assertEqual(self.level("subscription"), level)

    def test_somebody_elses_account_turns_red(self):
        self.company.vat = "13572464-2-07"
        self.assertEqual(self.level("owner"), "bad")

    def test_an_old_key_is_remarked(self):
        self.account.key_set_at = fields.Datetime.now() - timedelta(days=400)
        self.assertEqual(self.level("key"), "warning")

    def test_documents_that_wait_long_are_remarked_and_shown(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.assertEqual(self.level("waiting"), "ok")
        for ages, level in (({"hours": 1}, "warning"), ({"days": 2}, "bad")):
            created = fields.Datetime.now() - timedelta(**ages)
            self.env.cr.execute(
                "UPDATE salon_invoice_document SET create_date = %s WHERE id = %s",
                [created, order.salon_document_id.id],
            )
            self.env.invalidate_all()
            self.assertEqual(self.level("waiting"), level)
        self.assertEqual(self.fix("waiting")["res_model"], "salon.invoice.document")

    def test_documents_that_need_a_person_turn_red(self):
        order = self.sell([(self.haircut, 1)])
        order.salon_document_id._need_attention("Look", "content")
        self.assertEqual(self.level("attention"), "bad")

    def test_the_last_invoice_is_named(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.run_lane(self.account)
        self.assertIn(order.salon_invoice_number, self.check("last")["text"])

    def test_background_jobs_that_do_not_run_turn_red(self):
        self.assertEqual(self.level("cron"), "ok")
        self.account.connected_at = fields.Datetime.now() - timedelta(hours=3)
        self.sweep.lastcall = fields.Datetime.now() - timedelta(hours=2)
        self.assertEqual(self.level("cron"), "bad")

    def test_a_deleted_sweep_turns_red_and_says_how_it_comes_back(self):
        self.sweep.unlink()
        check = self.check("cron")
        self.assertEqual(check["level"], "bad")
        self.assertIn("Update the module", check["text"])
        self.assertEqual(self.company.salon_account_id.readiness, "not_ready")

    def test_a_time_limit_too_short_for_one_answer_turns_red(self):
        codes = [check["code"] for check in self.account.checks]
        self.assertNotIn("time_limit", codes)
        parameter = self.env["ir.config_parameter"]
        parameter.set_param("salon_invoice_bridge.timeout", "600")
        self.assertEqual(self.level("time_limit"), "bad")

    def test_a_company_that_may_not_invoice_is_red(self):
        self.company.salon_invoice_capable = False
        self.assertEqual(self.level("policy"), "bad")

    def test_the_panel_names_the_word_that_other_is_printed_as(self):
        """Seed 003: cash at Számlázz.hu; by API v2 it is the salon's default."""
        self.card.salon_payment_kind = "other"
        self.company.salon_default_payment_kind = "bank_transfer"
        self.assertEqual(self.level("payment_methods"), "ok")
        for provider, word in (("szamlazz", "Cash"), ("billingo_v2", "Bank transfer")):
            self.account = self.connect(provider)
            check = self.check("payment_methods")
            self.assertEqual(check["level"], "warning")
            self.assertIn(f"Bankkártya is printed as {word}.", check["text"])

    def test_a_vat_code_without_a_word_at_this_service_turns_red(self):
        """NAM is two entitlements at Billingo; Számlázz.hu prints it as it is."""
        self.haircut.taxes_id = self.tax_0
        self.tax_0.salon_vat_code = "NAM"
        self.assertEqual(self.level("taxes"), "bad")
        self.assertIn("Billingo has no word", self.check("taxes")["text"])
        self.assertEqual(self.fix("taxes")["res_id"], self.tax_0.id)
        self.account = self.connect("szamlazz")
        self.assertEqual(self.level("taxes"), "ok")

    def test_a_shops_vanished_block_turns_red(self):
        blocks = self.options["blocks"]
        blocks.append({"id": 13, "name": "Kettes", "prefix": "K2", "type": "invoice"})
        self.account._verify()
        self.config.salon_block = "13"
        codes = [check["code"] for check in self.account.checks]
        self.assertNotIn("shop_blocks", codes)
        blocks.pop()
        self.account._verify()
        self.assertEqual(self.level("block"), "ok")
        check = self.check("shop_blocks")
        self.assertEqual(check["level"], "bad")
        self.assertIn(self.config.name, check["text"])
        context = self.fix("shop_blocks")["context"]
        self.assertEqual(context["default_pos_config_id"], self.config.id)

    def test_a_prefix_is_only_believed_once_an_invoice_has_used_it(self):
        self.account = self.connect("szamlazz", block_prefix="SZ")
        self.assertEqual(self.level("block"), "info")
        self.assertIn("must be registered", self.check("block")["text"])
        self.sell([(self.haircut, 1)])
        self.run_lane(self.account)
        self.assertEqual(self.level("block"), "ok")

    def test_documents_of_a_test_account_say_so_on_the_panel(self):
        """Számlázz.hu: neither accounting documents nor reported, deleted one day."""
        self.account = account = self.connect("szamlazz")
        self.sell([(self.haircut, 1)])
        self.work()
        account._verify()  # which says nothing of this
        self.assertTrue(self.is_test())

    def test_a_live_account_is_no_test_account(self):
        self.account = self.connect("szamlazz")
        self.options_of("szamlazz")["test"] = False
        order = self.sell([(self.haircut, 1)])
        self.work()
        self.assertTrue(order.salon_document_id.last_synced_at)
        self.assertFalse(self.is_test())

    def test_an_account_that_goes_live_is_a_test_account_for_a_day_at_most(self):
        self.account = self.connect("szamlazz")
        self.sell([(self.haircut, 1)])
        self.work()
        self.options_of("szamlazz")["test"] = False
        self.daily("cron_daily_check")
        self.work()
        self.assertFalse(self.is_test())

    def is_test(self):
        """Tell whether the panel says so, not counting the emulator's address."""
        self.account._credential().base_url = False
        return "test" in [check["code"] for check in self.account.checks]

    def test_opening_the_card_asks_nothing_of_the_service(self):
        before = len(self.calls())
        self.account.with_user(self.manager).read(["checks", "readiness"])
        self.assertEqual(len(self.calls()), before)

    def test_managers_and_accountants_see_the_panel_too(self):
        for user in (self.manager, self.accountant):
            self.assertTrue(self.account.with_user(user).checks)

    # === DAILY === #

    def daily(self, name="cron_readiness"):
        with self.enter_registry_test_mode():
            self.env.ref(f"salon_invoice_bridge.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def alerts(self):
        kind = self.env.ref("salon_invoice_bridge.activity_readiness")
        return self.account.activity_ids.filtered(
            lambda activity: activity.activity_type_id == kind
        )

    def test_what_turned_red_over_night_is_told_once(self):
        self.options["nav_connected"] = False
        self.daily()
        self.assertEqual(len(self.alerts()), 1)
        self.assertIn("NAV", self.alerts().note)
        self.daily()
        self.assertEqual(len(self.alerts()), 1)

    def test_what_is_well_again_is_not_asked_for_any_more(self):
        self.options["nav_connected"] = False
        self.daily()
        self.options["nav_connected"] = True
        self.daily()
        self.assertFalse(self.alerts())

    def test_a_key_revoked_over_night_pauses_the_account(self):
        self.options["revoked"] = True
        self.daily()
        self.assertEqual(self.account.state, "paused")

    def test_a_service_that_is_down_at_night_alarms_nobody(self):
        self.fault("html", times=None)
        self.daily()
        self.assertEqual(self.account.state, "connected")
        self.assertFalse(self.alerts())


@tagged("post_install", "-at_install")
class TestBranches(ConnectCase):
    """A branch uses its parent's taxes and products, and has an account of its own."""

    def setUp(self):
        super().setUp()
        self.account = self.connect()
        self.branch = self.env["res.company"].create(
            {"name": "Fióküzlet", "parent_id": self.company.id}
        )
        self.env.user.company_ids |= self.branch
        self.env = self.env(
            context={
                **self.env.context,
                "allowed_company_ids": (self.branch | self.company).ids,
            }
        )

    @property
    def readiness(self):
        return self.env["salon.invoice.readiness"]

    def test_a_parents_tax_without_a_code_is_red_at_its_branch(self):
        account = self.env["salon.invoice.account"].create(
            {"provider": "billingo", "company_id": self.branch.id}
        )
        self.assertEqual(self.readiness._check_taxes(account).level, "ok")
        self.haircut.taxes_id = self.tax_0
        self.assertEqual(self.readiness._check_taxes(account).level, "bad")
        self.assertEqual(self.readiness._unmapped_taxes(account), self.tax_0)
        self.haircut.company_id = self.company
        self.assertEqual(self.readiness._unmapped_taxes(account), self.tax_0)

    def test_a_branchs_shop_without_an_account_is_remarked(self):
        account = self.account.with_env(self.env)
        self.assertIsNone(self.readiness._check_branches(account))
        shops = self.env["pos.config"].with_company(self.branch)
        shop = shops.create({"name": "Fiókszalon", "payment_method_ids": False})
        self.assertEqual(shop.company_id, self.branch)
        check = self.readiness._check_branches(account)
        self.assertEqual(check.level, "warning")
        self.assertIn("Fiókszalon", check.text)
        self.assertIn("branches", [check["code"] for check in account.checks])
        shop.active = False
        self.assertIsNone(self.readiness._check_branches(account))
        shop.active = True
        self.branch.salon_account_id = self.env["salon.invoice.account"].create(
            {"provider": "billingo", "company_id": self.branch.id}
        )
        self.assertIsNone(self.readiness._check_branches(account))
