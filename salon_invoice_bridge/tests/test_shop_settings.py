"""The settings of one shop: what they offer, and that a save keeps what they show."""

from odoo.tests import tagged

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
        self.assertEqual(self.other._salon_policy().block, "K2")

    def test_a_block_stays_while_nothing_is_connected(self):
        account = self.connect()
        self.other.salon_block = "13"
        self.disconnect(account)
        self.save_settings(self.other, pos_salon_mode="manual")
        self.assertEqual(self.other.salon_block, "13")
