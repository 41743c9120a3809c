"""Receipts are offered where the account has them, with a series of their own."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .test_connect import ConnectCase
from .test_shop_settings import ShopSettingsCase


@tagged("post_install", "-at_install")
class TestReceiptsOfAnAccount(ConnectCase):
    def test_the_only_block_of_receipts_is_chosen_already(self):
        wizard = self.verify()
        self.assertTrue(wizard.has_receipts)
        self.assertFalse(wizard.receipts_text)
        account = self.save(wizard)
        self.assertEqual(account.receipt_block, "12")
        self.assertEqual(account.receipt_block_id.name, "Nyugtatömb")

    def test_an_account_without_a_block_of_receipts_says_so(self):
        blocks = [row for row in self.options["blocks"] if row["type"] != "receipt"]
        self.options["blocks"] = blocks
        wizard = self.verify()
        self.assertFalse(wizard.has_receipts)
        self.assertIn("no block of receipts", wizard.receipts_text)
        account = self.save(wizard)
        self.assertFalse(account.receipt_block)
        with self.assertRaises(ValidationError):
            account.receipt_block = "12"

    def test_an_interface_without_receipts_says_so(self):
        """Billingo's API v2 has no receipts (vendor's documentation: sure)."""
        wizard = self.verify("billingo_v2")
        self.assertFalse(wizard.has_receipts)
        self.assertIn("no receipts", wizard.receipts_text)
        account = self.save(wizard)
        self.assertFalse(account.has_receipts)
        with self.assertRaisesRegex(ValidationError, "no receipts"):
            account.receipt_block = "12"

    def test_a_prefix_of_receipts_is_typed_where_there_is_no_list(self):
        wizard = self.verify("szamlazz")
        self.assertTrue(wizard.has_receipts)
        account = self.save(wizard, receipt_prefix=" NYGT ")
        self.assertEqual(account.receipt_block, "NYGT")
        with self.assertRaisesRegex(ValidationError, "number prefix of receipts"):
            account.receipt_block = "nyugta"

    def test_what_was_chosen_is_there_when_the_wizard_is_opened_again(self):
        account = self.connect("szamlazz", receipt_prefix="NYGT")
        self.assertEqual(self.verify("szamlazz").receipt_prefix, "NYGT")
        self.connect("szamlazz", receipt_prefix=False)
        self.assertFalse(account.receipt_block)


@tagged("post_install", "-at_install")
class TestReceiptsOfAShop(ShopSettingsCase):
    def test_a_shop_has_a_series_of_its_own(self):
        account = self.connect("szamlazz", receipt_prefix="NYGT")
        self.save_settings(self.other, pos_salon_receipt_block="NY2")
        self.assertEqual(self.other._salon_till_settings().receipt_block, "NY2")
        self.assertEqual(self.config._salon_till_settings().receipt_block, "NYGT")
        self.assertEqual(self.other._salon_receipt_block(account), "NY2")
        with self.assertRaises(ValidationError):
            self.other.salon_receipt_block = "ny"

    def test_a_listed_block_of_receipts_is_chosen_and_unset(self):
        account = self.connect()
        block = account._choice("receipt_block", "12")
        self.save_settings(self.other, pos_salon_receipt_block_id=block.id)
        self.assertEqual(self.other.salon_receipt_block, "12")
        self.save_settings(self.other, pos_salon_receipt_block_id=False)
        self.assertFalse(self.other.salon_receipt_block)

    def test_a_shop_that_moves_drops_the_series_of_the_former_account(self):
        self.connect("szamlazz")
        self.other.salon_receipt_block = "NY2"
        v2 = self.connect("billingo_v2", config_ids=self.config.ids)
        self.other.salon_account_id = v2
        self.assertFalse(self.other.salon_receipt_block)

    def test_a_disconnected_account_leaves_no_series_at_its_shop(self):
        account = self.connect("szamlazz", config_ids=self.other.ids)
        self.other.salon_receipt_block = "NY2"
        self.disconnect(account)
        self.assertFalse(self.other.salon_receipt_block)
