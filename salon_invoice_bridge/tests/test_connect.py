"""Connecting: from a key to a connected account, and what stops it on the way.

Sentences in quotes are those of seeds 000 and 001, whose promises these are.
"""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import ACCOUNTS, SalonCase


class ConnectCase(SalonCase):
    """A salon without a service, and its administrator with a key."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls._make_user("admin", "point_of_sale.group_pos_manager")
        cls.admin.group_ids |= cls.env.ref("base.group_system")

    @classmethod
    def _connect(cls, provider="", company=None):
        return cls.env["salon.invoice.account"]

    @property
    def options(self):
        """The options of the sandbox's account at the class's service."""
        return self.options_of(self.provider)

    def options_of(self, provider):
        state = self.sandbox.world.emulator(provider).state
        return next(iter(state["accounts"].values()))

    def start(self, provider="", account=None):
        """Open the wizard as the administrator does from the settings."""
        wizards = self.env["salon.invoice.connect"].with_user(self.admin)
        action = wizards._action_start(self.company, account)
        wizard = wizards.browse(action["res_id"])
        provider = provider or self.provider
        wizard.write(
            {
                "provider": provider,
                "base_url": self.sandbox.url + ACCOUNTS[provider]["path"],
            }
        )
        return wizard

    def verify(self, provider="", **keys):
        """Paste the key (the right one if none is given) and press Verify."""
        wizard = self.start(provider)
        access = dict(ACCOUNTS[provider or self.provider])
        access.pop("path")
        wizard.write({**access, **keys})
        wizard.action_verify()
        return wizard

    def save(self, wizard, **values):
        """Choose the first block, change what is given, and press Save."""
        blocks = wizard.choice_ids.filtered(lambda choice: choice.kind == "block")
        if wizard.block_listed and not wizard.block_choice_id:
            wizard.block_choice_id = blocks[:1]
        wizard.write(values)
        action = wizard.action_save()
        return self.env["salon.invoice.account"].browse(action["res_id"])

    def connect(self, provider="", **values):
        return self.save(self.verify(provider), **values)

    def assert_nothing_saved(self):
        self.assertFalse(self.company.salon_account_id)
        self.assertFalse(
            self.env["salon.invoice.account"].search(
                [("company_id", "=", self.company.id)]
            )
        )


@tagged("post_install", "-at_install")
class TestConnectBillingo(ConnectCase):
    def test_a_key_is_pasted_verified_and_saved_and_the_service_is_active(self):
        """Seed 000: "Paste API-key", "Connection test", "Save → ACTIVE"."""
        wizard = self.verify()
        self.assertEqual((wizard.step, wizard.problem), ("settings", False))
        self.assertFalse(wizard.former_text)
        account = self.save(wizard)
        self.assertEqual(account.state, "connected")
        self.assertEqual(self.company.salon_account_id, account)
        self.assertTrue(account.connected_at)

    def test_a_first_connection_warns_of_no_former_service(self):
        self.assertIs(self.verify().former_text, False)

    def test_the_test_call_verifies_key_organization_blocks_and_bank_accounts(self):
        """Seed 000: "Test call verifies: API-key, organization data, ..."."""
        wizard = self.verify()
        self.assertEqual(wizard.owner_tax_number, "12345676-1-42")
        self.assertEqual(
            sorted(wizard.choice_ids.mapped("display_name")),
            [
                "Minta Bank (11111111-22222222-33333333, HUF)",
                "Minta Bank EUR (11111111-22222222-44444444, EUR)",
                "Nyugtatömb (NY)",
                "Szalon (SZ)",
            ],
        )
        self.assertEqual(wizard.nav_connected, "yes")

    def test_nothing_is_saved_before_a_successful_test_call(self):
        """Seed 000: "Don't save before successful test call"."""
        wizard = self.start()
        wizard.api_key = "demo-billingo-key"
        with self.assertRaises(UserError):
            wizard.action_save()
        self.assert_nothing_saved()

    def test_a_wrong_key_is_said_so_and_not_kept(self):
        """Seed 001: "If the API key is invalid ... does not let you continue"."""
        wizard = self.verify(api_key="no-such-key-at-all")
        self.assertEqual(wizard.step, "key")
        self.assertIn("does not accept the API key", wizard.problem)
        self.assertIn("Make a new key", wizard.remedy)
        self.assertFalse(wizard.has_key or wizard.sudo().credential_id)
        self.assert_nothing_saved()

    def test_a_plan_without_api_access_is_said_so(self):
        """Seed 001: "... or your Billingo subscription does not include API access"."""
        self.options["subscribed"] = False
        wizard = self.verify()
        self.assertEqual(wizard.step, "key")
        self.assertIn("subscription", wizard.problem)
        self.assertIn("API access", wizard.remedy)
        self.assert_nothing_saved()

    def test_a_key_that_may_only_read_is_said_so(self):
        """Only writing shows it: at the first sale, which waits for another key."""
        self.options.update(read_only=True, partner_required=False)
        account = self.connect()
        account.recipient_ids = self.manager
        account._responsible().lang = "en_US"
        account._verify()
        self.assertEqual({call["method"] for call in self.calls()}, {"GET"})
        order = self.sell([(self.haircut, 1)])
        self.run_lane(account)
        self.assertEqual(account.state, "paused")
        self.assertIn("may only read", account.pause_reason)
        self.assertEqual(len(account.activity_ids), 1)
        connection = [c for c in account.checks if c["code"] == "connection"]
        self.assertEqual(connection[0]["level"], "bad")
        self.assertEqual(order.salon_invoice_state, "waiting")
        self.options["read_only"] = False
        account.with_user(self.admin).action_resume()
        self.run_lane(account)
        self.assertEqual(order.salon_invoice_state, "issued")

    def test_a_service_that_cannot_be_reached_keeps_the_pasted_key(self):
        """The key is shown only once: nobody should have to make a new one."""
        wizard = self.start()
        wizard.write({"base_url": "http://127.0.0.1:1", "api_key": "demo-billingo-key"})
        wizard.action_verify()
        self.assertIn("cannot be reached", wizard.problem)
        self.assertTrue(wizard.has_key)
        wizard.base_url = self.sandbox.url + "/billingo/v3"
        wizard.action_verify()
        self.assertEqual(wizard.step, "settings")

    def test_the_networks_own_words_are_not_shown_to_people(self):
        wizard = self.start()
        wizard.write({"base_url": "http://127.0.0.1:1", "api_key": "demo-billingo-key"})
        wizard.action_verify()
        self.assertFalse(wizard.said)

    def test_an_empty_key_is_asked_for(self):
        wizard = self.start()
        wizard.action_verify()
        self.assertIn("Paste the API key", wizard.problem)

    def test_a_document_block_is_mandatory(self):
        """Seed 000: "Document block selection mandatory, no invoice without it"."""
        wizard = self.verify()
        wizard.block_choice_id = False
        with self.assertRaisesRegex(UserError, "document block"):
            wizard.action_save()
        self.assert_nothing_saved()

    def test_blocks_are_chosen_from_those_that_exist(self):
        """Seed 000: "Choose from blocks created in Billingo"; receipts' are none."""
        blocks = self.verify().choice_ids.filtered(lambda c: c.kind == "block")
        self.assertEqual(blocks.mapped("name"), ["Szalon"])

    def test_a_block_that_vanished_before_saving_is_refused(self):
        """Seed 001: "only lets you save document blocks ... that actually exist"."""
        wizard = self.verify()
        self.options["blocks"] = [
            {"id": 99, "name": "Másik", "prefix": "M", "type": "invoice"}
        ]
        with self.assertRaises(UserError):
            self.save(wizard)

    def test_the_bank_account_is_optional(self):
        """Seed 000: "Step 4: Bank account (optional)"."""
        self.assertFalse(self.connect().bank_account)

    def test_the_bank_account_is_printed_on_the_invoice(self):
        """Seed 000: "Appears on invoice: bank name + account number + IBAN"."""
        wizard = self.verify()
        bank = wizard.choice_ids.filtered(
            lambda c: c.kind == "bank_account" and c.currency == "HUF"
        )
        account = self.save(wizard, bank_choice_id=bank.id)
        self.assertEqual(account.bank_account, "21")
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.run_lane(account)
        self.assertEqual(order.salon_invoice_state, "issued")
        request = self.bodies[order.salon_document_id.id]
        self.assertIn('"bank_account_id": 21', request)

    def test_a_bank_account_of_another_currency_is_let_go(self):
        wizard = self.verify()
        euro = wizard.choice_ids.filtered(lambda c: c.currency == "EUR")
        self.env.ref("base.EUR").active = True
        with Form(wizard) as form:
            form.block_choice_id = wizard.choice_ids.filtered(
                lambda c: c.kind == "block"
            )
            form.salon_currency_id = self.env.ref("base.EUR")
            form.bank_choice_id = euro
            form.salon_currency_id = self.env.ref("base.HUF")
            self.assertFalse(form.bank_choice_id)

    def test_the_defaults_are_those_of_a_hungarian_salon(self):
        """Seed 000: auto-invoice "Recommended: ON", HUF, HU, 8 days, VAT 27%."""
        wizard = self.verify()
        self.assertTrue(wizard.salon_automatic)
        self.assertTrue(wizard.salon_electronic)
        self.assertEqual(wizard.salon_currency_id.name, "HUF")
        self.assertEqual(wizard.salon_language, "hu")
        self.assertEqual(wizard.salon_due_days, 8)
        self.assertEqual(wizard.salon_default_vat, "27")
        self.assertEqual(wizard.salon_kind, "invoice")

    def test_every_setting_is_kept(self):
        """Seed 001's table of settings, and seed 000's additional configuration."""
        self.env.ref("base.EUR").active = True
        chosen = {
            "salon_automatic": False,
            "salon_electronic": False,
            "salon_language": "de",
            "salon_due_days": 30,
            "salon_default_vat": "AAM",
            "salon_default_payment_kind": "card",
            "salon_kind": "draft",
            "salon_invoice_capable": True,
            "salon_accepts_business": False,
            "salon_which": "customer",
        }
        self.connect(salon_currency_id=self.env.ref("base.EUR").id, **chosen)
        for name, value in chosen.items():
            self.assertEqual(self.company[name], value, name)
        self.assertEqual(self.company.salon_currency_id.name, "EUR")

    def test_due_days_are_0_to_90(self):
        """Seed 000: "Due days: 0-90 days"."""
        for days, fine in ((0, True), (90, True), (91, False), (-1, False)):
            wizard = self.verify()
            if fine:
                self.save(wizard, salon_due_days=days)
                self.assertEqual(self.company.salon_due_days, days)
            else:
                with self.assertRaises(UserError):
                    self.save(wizard, salon_due_days=days)

    def test_default_vat_is_27_or_0_percent(self):
        """Seed 001: "Default VAT rate: Currently 27% or 0%"."""
        field = self.env["salon.invoice.connect"]._fields["salon_default_vat"]
        selection = field._description_selection(self.env)
        labels = [label for _value, label in selection]
        self.assertEqual([label[:2] for label in labels], ["27", "0%"])

    def test_the_default_payment_method_is_one_of_four(self):
        """Seed 001: "Cash, card, bank transfer or other"."""
        wizards = self.env["salon.invoice.connect"]
        field = wizards._fields["salon_default_payment_kind"]
        self.assertEqual(
            [value for value, _label in field.selection],
            ["cash", "card", "bank_transfer", "other"],
        )

    def test_the_tax_number_is_optional_and_completes_the_company(self):
        """Seed 001: "Tax number: Optional tax number"."""
        self.company.vat = False
        wizard = self.verify()
        self.assertFalse(wizard.tax_number)
        self.save(wizard)
        self.assertFalse(self.company.vat)
        self.connect(tax_number="12345676-2-42")
        self.assertEqual(self.company.vat, "12345676-2-42")

    def test_somebody_elses_account_has_to_be_confirmed(self):
        self.options["tax_code"] = "13572464-2-07"
        wizard = self.verify()
        self.assertTrue(wizard.is_other_owner)
        with self.assertRaisesRegex(UserError, "13572464-2-07"):
            self.save(wizard)
        self.assert_nothing_saved()
        self.assertTrue(self.save(wizard, confirm_owner=True))

    def test_an_account_that_nav_does_not_know_is_said_so(self):
        self.options["nav_connected"] = False
        self.assertEqual(self.verify().nav_connected, "no")

    def test_an_existing_users_invoices_go_to_the_existing_account(self):
        """Seed 000, scenario 2: "Invoices go to existing account"."""
        account = self.connect()
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.run_lane(account)
        self.assertEqual(self.issued()[0]["number"], order.salon_invoice_number)

    def test_a_revoked_key_is_found_by_the_connection_test_and_replaced(self):
        """Seed 000, scenario 3: "token revoked. New API-key"."""
        account = self.connect()
        self.options["key"] = "a-new-key-for-the-same-account"
        with self.assertRaisesRegex(UserError, "does not accept the API key"):
            account.with_user(self.admin).action_refresh()
        wizard = self.start(account=account)
        wizard.api_key = "a-new-key-for-the-same-account"
        wizard.action_verify()
        self.assertEqual(self.save(wizard), account)
        self.assertEqual(account._credential().api_key, self.options["key"])

    def test_the_connection_test_says_whose_account_it_is_and_what_is_in_it(self):
        """Seed 000: "Connection test → Successful"."""
        account = self.connect()
        told = account.with_user(self.admin).action_refresh()["params"]
        self.assertEqual(told["title"], "The connection works")
        for what in (account.tax_number, "Document blocks: 1.", "Bank accounts: "):
            self.assertIn(what, told["message"])

    def test_a_connection_test_that_works_lets_go_what_waits(self):
        account = self.connect()
        later = account.env["salon.invoice.document"]._now() + timedelta(minutes=5)
        account.write({"backoff_until": later, "backoff_asked": True})
        account.with_user(self.admin).action_refresh()
        self.assertEqual(account.backoff_until, later, "the service has asked for it")
        account.backoff_asked = False
        account.with_user(self.admin).action_refresh()
        self.assertFalse(account.backoff_until)

    def test_the_menu_opens_the_wizard_too(self):
        action = self.env.ref("salon_invoice_bridge.salon_invoice_connect_action")
        opened = action.with_user(self.admin).run()
        wizard = self.env["salon.invoice.connect"].browse(opened["res_id"])
        self.assertEqual(wizard.step, "key")
        with self.assertRaises(AccessError):
            action.with_user(self.manager).run()

    def test_only_administrators_connect(self):
        for user in (self.receptionist, self.manager, self.accountant):
            with self.assertRaises(AccessError):
                self.env["salon.invoice.connect"].with_user(user).create({})

    def test_the_key_of_an_account_never_goes_to_another_address(self):
        account = self.connect()
        wizard = self.start(account=account)
        wizard.base_url = "http://127.0.0.1:1"
        wizard.action_verify()
        self.assertIn("Paste the API key", wizard.problem)


@tagged("post_install", "-at_install")
class TestConnectBillingoV2(ConnectCase):
    provider = "billingo_v2"

    def test_both_keys_connect(self):
        self.assertEqual(self.connect().state, "connected")

    def test_a_wrong_public_key_is_said_so(self):
        wizard = self.verify(public_key="nobody")
        self.assertIn("does not know this public key", wizard.problem)
        self.assert_nothing_saved()

    def test_a_wrong_private_key_is_said_so(self):
        wizard = self.verify(api_key="wrong-private-key-0123456789-0123456789")
        self.assertIn("private key does not belong", wizard.problem)
        self.assert_nothing_saved()

    def test_a_plan_without_api_access_is_said_so(self):
        self.options["subscribed"] = False
        self.assertIn("subscription", self.verify().problem)


@tagged("post_install", "-at_install")
class TestConnectSzamlazz(ConnectCase):
    provider = "szamlazz"

    def test_the_agent_key_connects_and_no_block_is_asked_for(self):
        account = self.connect()
        self.assertEqual((account.state, account.block), ("connected", False))

    def test_a_wrong_key_is_said_so(self):
        wizard = self.verify(api_key="x" * 42)
        self.assertIn("does not know this Agent key", wizard.problem)
        self.assert_nothing_saved()

    def test_a_locked_account_is_said_so(self):
        self.options["subscribed"] = False
        self.assertIn("subscription has run out", self.verify().problem)

    def test_prefix_and_bank_are_typed_and_printed(self):
        account = self.connect(
            block_prefix="SZ", bank_name="Minta Bank", bank_number="1-2-3"
        )
        self.sell([(self.haircut, 1)])
        self.run_lane(account)
        request = self.bodies[account.document_ids.id]
        self.assertIn("<szamlaszamElotag>SZ</szamlaszamElotag>", request)
        self.assertIn("<bank>Minta Bank</bank>", request)
        self.assertIn("<bankszamlaszam>1-2-3</bankszamlaszam>", request)

    def test_the_order_number_guard_is_advised_and_noted(self):
        account = self.connect()
        self.assertFalse(account.order_number_guard)
        account.with_user(self.admin).action_fix("guard")
        self.assertTrue(account.order_number_guard)

    def test_there_are_no_drafts_to_choose(self):
        """Seed 003: "no separate proforma / draft toggle"."""
        self.assertEqual(self.verify().available_kinds, "invoice,proforma")
