"""The look-up of a tax number: asked once, believed for a while, limited."""

from contextlib import suppress
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..billing.errors import NotProcessed, Rejected
from ..providers.billingo import Billingo
from .common import SalonCase

KNOWN, UNKNOWN = "11112222-2-41", "99999999-2-42"


@tagged("post_install", "-at_install")
class TestLookup(SalonCase):
    def setUp(self):
        super().setUp()
        self.lookups = self.env["salon.invoice.lookup"].with_user(self.receptionist)

    def there(self, **options):
        """Change the company's account at the service."""
        accounts = self.sandbox.world.emulator(self.provider).state["accounts"]
        next(iter(accounts.values())).update(options)

    def ask(self, number=KNOWN, limits=None, user=None):
        account = self.lookups._account_of(self.company)
        lookups = self.lookups.with_user(user or self.receptionist)
        return lookups._ask(account, number, limits)

    def asked(self):
        """Return how many times the service was asked."""
        return len([call for call in self.calls() if "tax-number" in call["path"]])

    def age(self, **delta):
        """Make the look-ups older."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE salon_invoice_lookup SET create_date = create_date - %(age)s, "
            "fresh_until = fresh_until - %(age)s",
            {"age": timedelta(**delta)},
        )
        self.env.invalidate_all()

    def test_a_number_is_asked_about_once_a_day_however_it_is_typed(self):
        first = self.ask()
        self.assertEqual(first.tax_number, KNOWN)
        self.assertEqual(len(first.addresses), 3)
        for number in (KNOWN, KNOWN.replace("-", ""), f" {KNOWN} "):
            self.assertEqual(self.ask(number, user=self.manager), first)
        self.assertEqual(self.asked(), 1)
        self.age(hours=23, minutes=59)
        self.ask()
        self.assertEqual(self.asked(), 1)
        self.age(minutes=2)
        self.assertEqual(self.ask(), first)
        self.assertEqual(self.asked(), 2)

    def test_an_unknown_number_is_asked_about_again_after_ten_minutes(self):
        self.assertIs(self.ask(UNKNOWN).valid, False)
        self.age(minutes=9)
        self.assertIs(self.ask(UNKNOWN).valid, False)
        self.assertEqual(self.asked(), 1)
        self.age(minutes=2)
        self.ask(UNKNOWN)
        self.assertEqual(self.asked(), 2)

    def test_silence_is_not_kept(self):
        self.there(nav_reachable=False)
        self.assertIsNone(self.ask().valid)
        self.there(nav_reachable=True)
        self.assertIs(self.ask().valid, True)
        self.assertEqual(self.asked(), 2)

    def test_what_is_no_tax_number_is_neither_asked_nor_counted(self):
        for number in ("", "11112223-2-41", "x" * 9999, "DE123456789", "٣" * 8):
            with self.assertRaises(Rejected):
                self.ask(number)
        self.assertFalse(self.asked())
        self.assertFalse(self.lookups.sudo().search([]))

    def test_a_believed_answer_needs_no_call_and_is_not_counted(self):
        self.ask(limits=(1, 1))
        self.account._back_off(600, 600)
        self.assertTrue(self.ask(limits=(1, 1)).valid)
        with self.assertRaisesRegex(UserError, "asked for a pause"):
            self.ask("12345676-2-42")

    def test_a_caller_may_set_other_limits(self):
        self.ask()
        with self.assertRaisesRegex(UserError, "Too many"):
            self.ask("12345676-2-42", limits=(None, 1))
        with self.assertRaisesRegex(UserError, "Too many"):
            self.ask("12345676-2-42", limits=(1, None))
        self.ask("12345676-2-42", limits=(1, None), user=self.manager)

    def test_an_answer_belongs_to_the_account_that_gave_it(self):
        self.ask()
        self.account._disconnect("Moved")
        self.assertFalse(self.lookups._account_of(self.company))
        self.account = self._connect()
        self.ask()
        self.assertEqual(self.asked(), 2)

    def test_an_answer_of_another_version_is_asked_for_again(self):
        first = self.ask()
        row = self.lookups.sudo().search([])
        for answer in ({"valid": True, "colour": "red"}, {}, [], "x", 1):
            row.answer = answer
            self.assertEqual(self.ask(), first)
            self.lookups.sudo().search([("id", ">", row.id)]).unlink()

    @mute_logger("odoo.addons.salon_invoice_bridge.providers.http")
    def test_a_call_that_fails_is_counted_and_not_kept(self):
        self.fault("status_before", path="check-tax-number", status=502, times=1)
        with suppress(NotProcessed):  # assertRaises would roll back
            self.ask()
        (row,) = self.lookups.sudo().search([])
        self.assertFalse(row.answer)
        self.assertTrue(self.ask().valid)

    def test_nobody_waits_a_minute_for_an_answer(self):
        waited = []

        def check(provider, number):
            waited.append(provider.http.timeout)
            raise NotProcessed("Later")

        self.patch(Billingo, "check_taxpayer", check)
        with self.assertRaises(NotProcessed):
            self.ask()
        self.assertLessEqual(waited[0], 15)

    def test_rows_go_when_they_neither_count_nor_are_believed(self):
        self.ask()
        self.ask(UNKNOWN)
        lookups = self.lookups.sudo()
        self.age(minutes=30)
        lookups._gc_lookups()
        self.assertEqual(len(lookups.search([])), 2, "both still count")
        self.age(minutes=31)
        lookups._gc_lookups()
        self.assertEqual(lookups.search([]).number, KNOWN)
        self.age(days=1)
        lookups._gc_lookups()
        self.assertFalse(lookups.search([]))
