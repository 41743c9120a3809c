"""Currencies by their codes, as documents and services name them."""

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestCurrency(TransactionCase):
    def setUp(self):
        super().setUp()
        self.currencies = self.env["res.currency"]

    def test_an_archived_one_is_found_too(self):
        archived = self.currencies.create(
            {"name": "QAA", "symbol": "Q", "active": False}
        )
        self.assertEqual(self.currencies._salon_by_code("QAA"), archived)

    def test_one_that_is_not_there_is_none_until_it_is_created(self):
        self.assertFalse(self.currencies._salon_by_code("QAB"))
        created = self.currencies.create({"name": "QAB", "symbol": "Q"})
        self.assertEqual(self.currencies._salon_by_code("QAB"), created)

    def test_a_renamed_and_a_deleted_one_are_not_found_any_more(self):
        renamed = self.currencies.create({"name": "QAC", "symbol": "Q"})
        self.assertEqual(self.currencies._salon_by_code("QAC"), renamed)
        renamed.name = "QAD"
        self.assertFalse(self.currencies._salon_by_code("QAC"))
        self.assertEqual(self.currencies._salon_by_code("QAD"), renamed)
        renamed.unlink()
        self.assertFalse(self.currencies._salon_by_code("QAD"))

    def test_it_is_looked_up_once(self):
        self.currencies._salon_by_code("HUF")
        with self.assertQueryCount(0):
            self.currencies._salon_by_code("HUF")
