"""The settings of one shop: what they offer, and that a save keeps what they show."""

from lxml import etree

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .test_connect_shops import ShopsCase


class ShopSettingsCase(ShopsCase):
    def save_settings(self, shop, **values):
        """Save the page of ``shop`` as the web client does: every field of the view."""
        shown = {
            f"pos_{name}": shop[name].id if "_id" in name else shop[name]
            for name in (
                *("salon_account_id", "salon_block", "salon_block_id"),
                *("salon_mode", "salon_which", "salon_kind"),
            )
        }
        settings = self.env["res.config.settings"].with_user(self.admin)
        settings.create({"pos_config_id": shop.id, **shown, **values}).execute()

    def offered(self, name, **values):
        """Return what a field of the page offers, where ``values`` are chosen."""
        arch = self.env["res.config.settings"].get_view(
            self.env.ref("base.res_config_settings_view_form").id
        )["arch"]
        (node,) = etree.fromstring(arch).xpath(f"//field[@name='{name}']")
        model = self.env["res.config.settings"]._fields[name].comodel_name
        domain = safe_eval(node.get("domain", "[]"), values)
        return self.env[model].search(domain)


@tagged("post_install", "-at_install")
class TestBlockOfAShop(ShopSettingsCase):
    def test_a_number_prefix_is_saved_and_stays(self):
        self.connect("szamlazz")
        self.save_settings(self.other, pos_salon_block="K2")
        self.assertEqual(self.other.salon_block, "K2")
        self.save_settings(self.other, pos_salon_mode="manual")
        self.assertEqual(self.other.salon_block, "K2")
        self.save_settings(self.other, pos_salon_block=False)
        self.assertFalse(self.other.salon_block)

    def test_a_number_prefix_is_not_erased_by_the_empty_block_beside_it(self):
        """Both are one setting, and whoever writes all fields writes both."""
        self.connect("szamlazz")
        self.other.write({"salon_block": "K2", "salon_block_id": False})
        self.assertEqual(self.other.salon_block, "K2")

    def test_a_document_block_is_saved_and_stays(self):
        account = self.connect()
        first, second = (account._choice("block", number) for number in ("11", "13"))
        self.save_settings(self.other, pos_salon_block_id=second.id)
        self.assertEqual(self.other.salon_block, "13")
        self.save_settings(self.other, pos_salon_mode="manual")
        self.assertEqual(self.other.salon_block, "13")
        self.save_settings(self.other, pos_salon_block_id=first.id)
        self.assertEqual(self.other.salon_block, "11")
        self.save_settings(self.other, pos_salon_block_id=False)
        self.assertFalse(self.other.salon_block)

    def test_a_shop_moves_to_an_account_and_its_prefix_in_one_save(self):
        self.connect()
        self.other.salon_block = "13"
        szamlazz = self.connect("szamlazz", config_ids=self.config.ids)
        self.save_settings(
            self.other,
            pos_salon_account_id=szamlazz.id,
            pos_salon_block="K2",
            pos_salon_block_id=False,
        )
        self.assertEqual(self.other._salon_till_settings().block, "K2")

    def test_a_block_stays_while_nothing_is_connected(self):
        account = self.connect()
        self.other.salon_block = "13"
        self.disconnect(account)
        self.save_settings(self.other, pos_salon_mode="manual")
        self.assertEqual(self.other.salon_block, "13")

    def test_the_blocks_of_the_chosen_account_are_offered(self):
        billingo = self.connect()
        v2 = self.connect("billingo_v2", config_ids=self.config.ids)
        self.options["blocks"].pop()
        billingo._verify()
        self.assertTrue(billingo._choice("block", "13").gone)
        self.assertIn("bank_account", billingo.choice_ids.mapped("kind"))
        for account, block in ((billingo, "11"), (v2, v2.block)):
            with self.subTest(account.provider):
                blocks = self.offered(
                    "pos_salon_block_id", salon_effective_account_id=account.id
                )
                self.assertEqual(blocks, account._choice("block", block))

    def test_the_page_follows_the_account_that_is_chosen_on_it(self):
        billingo = self.connect()
        szamlazz = self.connect("szamlazz", config_ids=self.config.ids)
        settings = self.env["res.config.settings"].new({"pos_config_id": self.other.id})
        for chosen, account in ((False, billingo), (szamlazz, szamlazz)):
            settings.pos_salon_account_id = chosen
            self.assertEqual(settings.salon_effective_account_id._origin, account)
            self.assertEqual(settings.salon_block_listed, account == billingo)


@tagged("post_install", "-at_install")
class TestAccountOfAShop(ShopSettingsCase):
    def setUp(self):
        super().setUp()
        self.billingo = self.connect()
        self.szamlazz = self.connect("szamlazz", config_ids=self.other.ids)

    def test_a_shop_is_offered_accounts_that_it_can_sell_through(self):
        chosen = {"company_id": self.company.id}
        for state, account in (
            ("paused", self.billingo | self.szamlazz),
            ("retired", self.szamlazz),
            ("disconnected", self.szamlazz),
            ("draft", self.szamlazz),
        ):
            with self.subTest(state):
                self.billingo.state = state
                offered = self.offered("pos_salon_account_id", **chosen)
                self.assertEqual(offered, account)

    def test_a_shop_cannot_sell_through_an_account_that_does_not_work(self):
        for state in ("draft", "retired", "disconnected"):
            self.billingo.state = state
            with self.subTest(state), self.assertRaisesRegex(ValidationError, "Szalon"):
                self.config.salon_account_id = self.billingo

    def test_a_shop_of_a_paused_account_can_be_changed(self):
        self.szamlazz.state = "paused"
        self.save_settings(self.other, pos_salon_mode="manual")
        self.config.salon_account_id = self.szamlazz
        self.assertEqual(self.other.salon_mode, "manual")

    def test_a_closed_shop_does_not_come_back_with_a_disconnected_account(self):
        self.other.write({"salon_block": "K2", "active": False})
        self.disconnect(self.szamlazz)
        self.other.active = True
        self.assertFalse(self.other.salon_account_id or self.other.salon_block)
        self.assertEqual(self.other._salon_till_settings().account, self.billingo)

    def test_the_account_of_a_closed_shop_is_not_retired(self):
        self.other.active = False
        self.connect("billingo_v2")
        self.assertEqual(self.billingo.state, "retired")
        self.assertEqual(self.szamlazz.state, "connected")
