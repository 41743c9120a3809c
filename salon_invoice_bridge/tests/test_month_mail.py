"""The month's file by itself: on the day that a company has chosen, with an e-mail."""

from datetime import date
from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_month_file import CRON, MonthCase

ADDRESS = "konyvelo@example.com"


@tagged("post_install", "-at_install")
class TestMonthMail(MonthCase):
    def setUp(self):
        super().setUp()
        self.months = self.env["salon.invoice.month"]
        self.company.write({"salon_month_day": 5, "salon_month_email": ADDRESS})

    def on(self, day):
        """Let the day come on which companies may want their file."""
        documents = type(self.env["salon.invoice.document"])
        with patch.object(documents, "_today", lambda self: day):
            self.run_cron("cron_month_daily")

    def asked(self):
        return self.months.search([("company_id", "=", self.company.id)])

    def mails(self):
        return self.env["mail.mail"].search([("email_to", "=", ADDRESS)])

    def test_nothing_is_mailed_that_nobody_has_asked_for(self):
        for values in ({"salon_month_day": 0}, {"salon_month_email": False}):
            with self.subTest(values):
                self.company.write(
                    {"salon_month_day": 5, "salon_month_email": ADDRESS, **values}
                )
                self.on(date(2026, 12, 5))
                self.assertFalse(self.asked())

    def test_it_is_prepared_on_its_day_and_mailed_when_it_is_ready(self):
        self.on(date(2026, 12, 4))
        self.assertFalse(self.asked())
        self.on(date(2026, 12, 5))
        month = self.asked()
        self.assertEqual(month.start, date(2026, 11, 1))
        self.assertFalse(self.mails())
        self.finish(month)
        mail = self.mails()
        self.assertEqual(len(mail), 1)
        self.assertIn(f"/{month.id}", mail.body_html)
        self.assertIn("salon_invoice_month_action", mail.body_html)
        self.assertNotIn("access_token", mail.body_html)
        self.on(date(2026, 12, 6))
        self.assertEqual(month.edition, 1)
        self.assertEqual(len(self.mails()), 1)

    def test_a_day_that_the_server_missed_is_made_up_for_and_an_old_one_is_not(self):
        self.on(date(2026, 12, 9))
        self.assertFalse(self.asked())
        self.on(date(2026, 12, 8))
        self.assertTrue(self.asked())

    def test_what_was_prepared_by_hand_before_is_prepared_anew_and_mailed(self):
        month = self.months._request(self.company, date(2026, 11, 1))
        self.finish(month)
        self.assertFalse(self.mails())
        self.on(date(2026, 12, 5))
        self.finish(month)
        self.assertEqual((month.edition, len(self.mails())), (2, 1))
        month.action_prepare_again()
        self.finish(month)
        self.on(date(2026, 12, 6))
        self.assertEqual((month.edition, len(self.mails())), (3, 1))

    def test_the_mail_counts_and_names_nobody(self):
        order = self.sell([(self.haircut, 1)])
        self.forget(order)
        self.sell([(self.haircut, 2)])
        self.work()
        month = self.prepare()
        month.mail_to = ADDRESS
        self.finish(month)
        text = self.mails().body_html
        self.assertIn("Sale without a document", text)
        self.assertRegex(text, "26.700")
        for name in (self.customer.name, order.pos_reference, self.customer.email):
            self.assertNotIn(name, text)

    def test_it_is_hungarian_where_hungarian_is(self):
        self.env["res.lang"]._activate_lang("hu_HU")
        month = self.months._request(self.company, date(2026, 11, 1))
        month.write({"mail_to": ADDRESS, "user_id": self.env.ref("base.user_root").id})
        self.finish(month)
        self.assertIn("2026. november", self.mails().subject)

    def test_what_fails_is_mailed_too(self):
        month = self.months._request(self.company, date(2026, 11, 1))
        month.write({"mail_to": ADDRESS, "tries": 99, "user_id": self.accountant.id})
        self.run_cron(CRON)
        self.assertEqual(month.state, "failed")
        self.assertIn("could not be prepared", self.mails().body_html)

    def test_a_day_is_one_that_each_month_has(self):
        for day in (-1, 29):
            with (
                self.assertRaises(CheckViolation),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.company.salon_month_day = day
                self.env.flush_all()

    def test_only_addresses_are_saved_and_there_may_be_several(self):
        for typed in (
            ADDRESS,
            f"{ADDRESS}, iroda@example.com",
            f"Kiss Éva <{ADDRESS}>, iroda@example.com",
            False,
        ):
            with self.subTest(typed):
                self.company.salon_month_email = typed
        for typed in (
            "nincs",
            f"{ADDRESS}, nincs",
            f"{ADDRESS} iroda@example.com",
            f"{ADDRESS}; iroda@example.com",
            f"{ADDRESS}\nBcc: iroda@example.com",
            " ",
        ):
            with self.subTest(typed), self.assertRaises(ValidationError):
                self.company.salon_month_email = typed

    def test_who_types_no_address_is_told_which_and_what_to_type(self):
        with self.assertRaises(ValidationError) as refused:
            self.company.salon_month_email = f"{ADDRESS}, iroda@example"
        self.assertIn("iroda@example", str(refused.exception))
        self.assertNotIn(ADDRESS, str(refused.exception))
        self.assertIn("comma", str(refused.exception))
