"""A company at the till: NAV is asked about it before its invoice is made."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SalonCase


class TaxpayerCase(SalonCase):
    def there(self, **options):
        """Change the company's account at the service."""
        accounts = self.sandbox.world.emulator(self.provider).state["accounts"]
        next(iter(accounts.values())).update(options)

    def ask(self, vat, user=None, **values):
        """Ask about a company with ``vat``; return it and the notification."""
        company = self.env["res.partner"].create(
            {"name": "Minta Kft.", "is_company": True, "vat": vat, **values}
        )
        told = company.with_user(user or self.receptionist).action_salon_ask_nav()
        return company, told["params"]


@tagged("post_install", "-at_install")
class TestTaxpayerBillingo(TaxpayerCase):
    def test_the_receptionist_is_told_the_name_that_nav_has(self):
        company, told = self.ask("12345676-2-42")
        self.assertTrue(company.with_user(self.receptionist).salon_can_ask_nav)
        self.assertEqual(told["type"], "success")
        self.assertIn("PÉLDA VEVŐ KFT.", told["message"])

    def test_a_number_that_nav_does_not_know_is_said_so(self):
        _company, told = self.ask("99999999-2-42")
        self.assertEqual(told["type"], "danger")
        self.assertIn("99999999-2-42", told["message"])

    def test_a_customer_who_is_being_typed_is_not_saved(self):
        partners = self.env["res.partner"].with_user(self.receptionist)
        before = partners.search_count([])
        told = partners.salon_ask_nav({"vat": "99999999-2-42"})
        self.assertEqual(told["notification"]["type"], "danger")
        self.assertEqual(told["values"], {})
        self.assertEqual(partners.search_count([]), before)

    def test_name_and_country_are_filled_in_where_they_lack(self):
        partners = self.env["res.partner"].with_user(self.receptionist)
        told = partners.salon_ask_nav({"vat": "12345676-2-42"})
        self.assertEqual(told["notification"]["type"], "success")
        self.assertEqual(told["values"]["name"], "PÉLDA VEVŐ KFT.")
        hungary = self.env.ref("base.hu")
        self.assertEqual(told["values"]["country_id"]["id"], hungary.id)
        typed = {"vat": "12345676-2-42", "name": "Példa", "country_id": hungary.id}
        told = partners.salon_ask_nav(typed)
        self.assertFalse({"name", "country_id"} & set(told["values"]))

    def test_nothing_is_read_of_what_a_form_does_not_ask(self):
        secret = self.env["res.partner"].create(
            {"name": "TITKOS", "street": "TITKOS", "vat": "87654321-2-42"}
        )
        partners = self.env["res.partner"].with_user(self.receptionist)
        strange = {
            "id": secret.id,
            "parent_id": secret.id,
            "child_ids": [(4, secret.id)],
            "bank_ids": [(0, 0, {"acc_number": "1"})],
        }
        for country in (False, 10**9, [(6, 0, [1])], {"id": 1}, "x"):
            values = {"vat": "12345676-2-42", "country_id": country, **strange}
            told = partners.salon_ask_nav(values)
            self.assertNotIn("TITKOS", str(told))
            self.assertEqual(told["notification"]["type"], "success")
        for vat in ([(4, secret.id)], {"id": secret.id}, "x" * 10**5, "a/../b", "\0"):
            told = partners.salon_ask_nav({"vat": vat, **strange})
            self.assertEqual(told["notification"]["type"], "danger")
            self.assertNotIn("TITKOS", str(told))
        self.assertEqual(secret.name, "TITKOS")
        self.assertFalse(secret.parent_id | secret.child_ids)

    def test_who_neither_sells_nor_invoices_cannot_ask_while_typing(self):
        user = self._make_user("employee", "base.group_user")
        with self.assertRaises(UserError):
            self.env["res.partner"].with_user(user).salon_ask_nav({"vat": "1"})
        self.assertFalse(self.calls())

    def test_silence_of_nav_is_no_verdict(self):
        self.there(nav_connected=False)
        _company, told = self.ask("12345676-2-42")
        self.assertEqual(told["type"], "warning")

    def test_who_neither_sells_nor_invoices_cannot_ask(self):
        user = self._make_user("employee", "base.group_user")
        with self.assertRaises(UserError):
            self.ask("12345676-2-42", user)
        self.assertFalse(self.calls())

    def test_a_revoked_key_is_said_so(self):
        self.there(key="another-key-than-the-one-that-is-stored")
        _company, told = self.ask("12345676-2-42")
        self.assertEqual(told["type"], "danger")
        self.assertIn("does not accept the API key", told["message"])


@tagged("post_install", "-at_install")
class TestTaxpayerSzamlazz(TaxpayerCase):
    provider = "szamlazz"

    def test_the_number_for_other_countries_is_known_too(self):
        _company, told = self.ask("HU12345676", self.accountant)
        self.assertEqual(told["type"], "success", told)
        self.assertIn("MINTA KORLÁTOLT", told["message"])

    def test_what_a_person_has_typed_is_kept(self):
        company, _told = self.ask("12345676-1-42", city="Sopron")
        self.assertEqual((company.city, company.zip), ("Sopron", False))

    def test_whoever_may_change_customers_gets_the_address(self):
        editor = self._make_user("editor", "base.group_partner_manager")
        editor.group_ids |= self.env.ref("point_of_sale.group_pos_user")
        company, _told = self.ask("12345676-1-42", editor)
        self.assertEqual(
            (company.zip, company.city, company.street),
            ("1111", "Budapest", "Példa utca 1."),
        )

    def test_an_address_is_filled_in_while_typing(self):
        partners = self.env["res.partner"].with_user(self.receptionist)
        values = partners.salon_ask_nav({"vat": "HU12345676"})["values"]
        self.assertEqual((values["zip"], values["city"]), ("1111", "Budapest"))
        values = partners.salon_ask_nav({"vat": "HU12345676", "city": "Sopron"})
        self.assertFalse({"zip", "city", "street"} & set(values["values"]))


@tagged("post_install", "-at_install")
class TestTaxpayerElsewhere(TaxpayerCase):
    provider = "billingo_v2"

    def test_a_service_that_cannot_ask_nav_shows_no_button(self):
        company = self.business.with_user(self.receptionist)
        self.assertFalse(company.salon_can_ask_nav)
        with self.assertRaises(UserError):
            company.action_salon_ask_nav()
