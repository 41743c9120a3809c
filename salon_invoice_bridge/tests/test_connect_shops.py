"""Shops of one company at different accounts: what one does leaves the others be."""

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .test_disconnect import SwitchCase


class ShopsCase(SwitchCase):
    """Two shops, and a second block at Billingo for the second one."""

    def setUp(self):
        super().setUp()
        self.other = self.config.copy({"name": "Másik"})
        self.options["blocks"].append(
            {"id": 13, "name": "Kettes", "prefix": "K2", "type": "invoice"}
        )


@tagged("post_install", "-at_install")
class TestMovedShops(ShopsCase):
    def test_switching_drops_blocks_and_kinds_of_shops_that_do_not_exist_there(self):
        self.connect()
        self.other.write({"salon_block": "13", "salon_kind": "draft"})
        szamlazz = self.connect("szamlazz")
        policy = self.other._salon_till_settings()
        self.assertEqual(
            (policy.account, policy.block, policy.kind), (szamlazz, "", "invoice")
        )
        self.assertIn("Másik", szamlazz.message_ids[:1].body)

    def test_switching_back_drops_the_prefixes_of_its_shops(self):
        self.connect("szamlazz")
        self.other.write({"salon_block": "SZ", "salon_kind": "proforma"})
        billingo = self.connect()
        policy = self.other._salon_till_settings()
        self.assertEqual((policy.block, policy.kind), (billingo.block, "proforma"))

    def test_a_shop_with_an_account_of_its_own_keeps_its_block(self):
        billingo = self.connect()
        self.other.write({"salon_account_id": billingo.id, "salon_block": "13"})
        self.connect("szamlazz")
        self.assertEqual(self.other._salon_till_settings().block, "13")

    def test_a_shop_keeps_its_block_when_its_account_is_connected_again(self):
        account = self.connect()
        self.other.salon_block = "13"
        self.disconnect(account)
        self.assertEqual(self.connect(), account)
        self.assertEqual(self.other._salon_till_settings().block, "13")

    def test_a_shop_that_moves_to_another_account_leaves_its_block_behind(self):
        self.connect()
        self.other.salon_block = "13"
        szamlazz = self.connect("szamlazz", config_ids=self.config.ids)
        self.other.salon_account_id = szamlazz
        self.assertEqual(self.other._salon_till_settings().block, "")
        self.other.write({"salon_account_id": False, "salon_block": "13"})
        self.assertEqual(self.other._salon_till_settings().block, "13")

    def test_the_settings_offer_no_block_of_the_former_account(self):
        self.connect()
        self.other.salon_block = "13"
        szamlazz = self.connect("szamlazz", config_ids=self.config.ids)
        settings = self.env["res.config.settings"].new(
            {"pos_config_id": self.other.id, "pos_salon_account_id": szamlazz.id}
        )
        self.assertEqual(settings.pos_salon_block, "13")
        settings._onchange_pos_salon_account_id()
        self.assertFalse(settings.pos_salon_block or settings.pos_salon_block_id)

    def test_the_settings_keep_the_block_of_a_shop_that_is_only_looked_at(self):
        self.connect()
        self.other.salon_block = "13"
        settings = self.env["res.config.settings"].new({"pos_config_id": self.other.id})
        settings._onchange_pos_salon_account_id()
        self.assertEqual(settings.pos_salon_block, "13")

    def test_a_company_cannot_draft_while_a_shop_sells_where_there_are_none(self):
        self.connect()
        self.connect("szamlazz", config_ids=self.other.ids)
        with self.assertRaisesRegex(ValidationError, "Másik"):
            self.company.salon_kind = "draft"
        self.other.salon_kind = "invoice"
        self.company.salon_kind = "draft"
        self.assertEqual(self.other._salon_till_settings().kind, "invoice")


@tagged("post_install", "-at_install")
class TestSettingsOfAShop(ShopsCase):
    def setUp(self):
        super().setUp()
        self.billingo = self.connect()
        self.szamlazz = self.connect("szamlazz", config_ids=self.other.ids)

    def open(self, action):
        wizards = self.env["salon.invoice.connect"].with_user(self.admin)
        return wizards.browse(action["res_id"])

    def assert_company_stays(self):
        self.assertEqual(self.company.salon_account_id, self.billingo)
        self.assertEqual(self.billingo.state, "connected")
        self.assertEqual(self.config._salon_till_settings().account, self.billingo)

    def test_changing_the_settings_of_a_shops_account_leaves_the_company_where_it_is(
        self,
    ):
        wizard = self.open(self.szamlazz.with_user(self.admin).action_change_settings())
        self.assertEqual(wizard.config_ids, self.other)
        self.assertFalse(wizard.former_id)
        self.save(wizard, block_prefix="SZ")
        self.assert_company_stays()
        self.assertEqual(self.other._salon_till_settings().block, "SZ")

    def test_replacing_the_key_of_a_shops_account_leaves_the_company_where_it_is(self):
        wizard = self.open(self.szamlazz.with_user(self.admin).action_change_key())
        key = "a-new-agent-key-of-the-same-account"
        self.options_of("szamlazz")["key"] = key
        wizard.api_key = key
        wizard.action_verify()
        self.assertEqual(self.save(wizard), self.szamlazz)
        self.assert_company_stays()
        self.assertEqual(self.other._salon_till_settings().account, self.szamlazz)

    def test_a_shop_that_is_taken_off_the_list_sells_with_its_company_again(self):
        third = self.config.copy({"salon_account_id": self.szamlazz.id})
        wizard = self.open(self.szamlazz.with_user(self.admin).action_change_settings())
        self.assertEqual(wizard.config_ids, self.other | third)
        self.save(wizard, config_ids=third.ids)
        self.assert_company_stays()
        self.assertEqual(self.other._salon_till_settings().account, self.billingo)
        self.assertEqual(third._salon_till_settings().account, self.szamlazz)

    def test_the_companys_own_settings_are_for_every_shop(self):
        wizard = self.open(self.billingo.action_change_settings())
        self.assertFalse(wizard.config_ids)


@tagged("post_install", "-at_install")
class TestKindOfAShop(ShopsCase):
    def test_connecting_a_shop_leaves_the_companys_kind_of_document(self):
        self.connect(salon_kind="draft")
        wizard = self.verify("szamlazz")
        self.assertEqual(wizard.salon_kind, "invoice")
        self.save(wizard, config_ids=self.other.ids)
        self.assertEqual(self.company.salon_kind, "draft")
        self.assertEqual(self.config._salon_till_settings().kind, "draft")
        self.assertEqual(self.other._salon_till_settings().kind, "invoice")

    def test_a_shop_that_does_as_its_company_goes_on_doing_so(self):
        self.connect()
        self.connect("szamlazz", config_ids=self.other.ids)
        self.assertFalse(self.other.salon_kind)

    def test_the_wizard_shows_and_keeps_the_kind_of_the_shop(self):
        self.connect()
        wizard = self.verify("szamlazz")
        szamlazz = self.save(wizard, config_ids=self.other.ids, salon_kind="proforma")
        self.assertEqual(self.company.salon_kind, "invoice")
        action = szamlazz.with_user(self.admin).action_change_settings()
        wizard = wizard.browse(action["res_id"])
        self.assertEqual(wizard.salon_kind, "proforma")
        self.save(wizard)
        self.assertEqual(self.other._salon_till_settings().kind, "proforma")


@tagged("post_install", "-at_install")
class TestPrefix(SwitchCase):
    provider = "szamlazz"

    def test_a_prefix_that_no_account_can_have_is_refused_when_typed(self):
        """The vendor's: up to five capitals or digits, registered there before."""
        for prefix in ("szalon", "SZALON1", "SZ-1", "Ő"):
            with self.subTest(prefix), self.assertRaisesRegex(UserError, prefix):
                self.connect(block_prefix=prefix)
        account = self.connect(block_prefix="SZ")
        with self.assertRaisesRegex(UserError, "up to five capital"):
            self.config.salon_block = "szalon"
        self.config.salon_block = "K2"
        self.assertEqual(self.config._salon_block(account), "K2")
