"""What a service says is text: never HTML in a chatter, an activity or a log."""

import logging
from contextlib import suppress
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..billing.taxpayer import core_number
from .common import SalonCase
from .test_secrets import _Lines

#: Loads a picture of a stranger, who learns when and where it is read.
PICTURE = '<img src="https://stranger.example/x.png"/>'


@tagged("post_install", "-at_install")
class TestServiceWords(SalonCase):
    def refuse(self, status, **options):
        body = '{"error": {"message": "No %s"}}' % PICTURE.replace('"', r"\"")
        self.fault("garbage", method="POST", status=status, body=body, **options)

    def assert_text(self, records):
        bodies = [*records.message_ids.mapped("body")]
        notes = [*records.activity_ids.mapped("note")]
        self.assertTrue(notes)
        told = "\n".join(map(str, (*bodies, *notes)))
        self.assertIn("stranger.example", told)
        self.assertNotIn("<img", told)
        self.assertNotIn("<a ", told)

    def test_a_refusal_is_text(self):
        order = self.sell([(self.haircut, 1)])
        self.refuse(422)
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual(document.state, "attention")
        self.assert_text(document)

    def test_the_reason_of_a_pause_is_text(self):
        self.sell([(self.haircut, 1)])
        self.refuse(401)
        self.run_lane()
        self.assertEqual(self.account.state, "paused")
        self.assert_text(self.account)

    def test_a_rejection_of_nav_is_text(self):
        document = self.sell([(self.haircut, 1)]).salon_document_id
        document._alert("NAV", f"NAV says {PICTURE}")
        self.assert_text(document)

    def test_what_turned_red_is_text(self):
        self.sell([(self.haircut, 1)])
        self.refuse(401)
        self.run_lane()
        self.account.red_checks = []
        self.account.activity_ids.unlink()
        self.account._notify_red_checks()
        self.assert_text(self.account)

    def test_evidence_that_cannot_be_stored_shows_no_request_in_the_log(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.env.flush_all()
        self.env.cr.execute(
            "ALTER TABLE salon_invoice_attempt ADD CHECK (false) NOT VALID"
        )
        # Where Odoo's own logger is silenced for tests, it is heard here.
        logger, handler = logging.getLogger("odoo"), _Lines()
        logger.addHandler(handler)
        self.addCleanup(logger.removeHandler, handler)
        self.addCleanup(logger.setLevel, logger.level)
        logger.setLevel(logging.INFO)
        self.run_lane()
        log = "\n".join(handler.lines)
        self.assertIn("The evidence cannot be stored", log)
        for word in ("Női hajvágás", self.customer.street, "unit_price"):
            self.assertNotIn(word, log)
        self.assertNotIn(order.salon_invoice_state, ("issued", "skipped"))


@tagged("post_install", "-at_install")
class TestAddresses(SalonCase):
    """Where a receptionist may have a document sent."""

    def setUp(self):
        super().setUp()
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.work()
        self.document = order.salon_document_id.with_user(self.receptionist)

    def wished(self):
        steps = self.document.sudo().task_ids.filtered("user_id")
        return [step.arguments["emails"] for step in steps]

    def test_three_hundred_addresses_are_refused_in_words(self):
        many = [f"guest{number}@example.com" for number in range(300)]
        with self.assertRaisesRegex(UserError, "5 addresses at most, these are 300"):
            self.document.action_send_again(many)
        self.assertFalse(self.wished())

    def test_what_is_no_address_is_refused(self):
        for garbage in (
            "béla",
            "a@b",
            "a@example.com, b@example.com",
            "Anna <a@example.com>\nBcc: c@example.com",
            "a@example.com\r\nX: y",
            "@example.com",
            "",
            7,
            None,
            ["a@example.com"],
        ):
            with self.subTest(garbage=garbage), self.assertRaises(UserError):
                self.document.action_send_again([garbage])
        for garbage in ("a@example.com", {"a@example.com": 1}, [], None, 5):
            with self.subTest(garbage=garbage), self.assertRaises(UserError):
                self.document.action_send_again(garbage)
        self.assertFalse(self.wished())

    def test_addresses_are_normalized_and_each_is_used_once(self):
        self.document.action_send_again(["Anna@Example.com", "anna@example.com"])
        self.assertEqual(self.wished(), [["anna@example.com"]])

    def test_the_wizard_sends_to_all_or_to_nobody(self):
        wizards = self.env["salon.invoice.send"].with_user(self.receptionist)
        wizard = wizards.create(
            {"document_id": self.document.id, "emails": "a@example.com, béla"}
        )
        with self.assertRaisesRegex(UserError, "béla"):
            wizard.action_send()
        wizard.emails = "Anna <a@example.com>; b@example.com"
        wizard.action_send()
        self.assertEqual(self.wished(), [["a@example.com", "b@example.com"]])


@tagged("post_install", "-at_install")
class TestLookups(SalonCase):
    """How often NAV is asked about tax numbers."""

    def ask(self, user=None):
        """Ask about a tax number that nobody has asked about."""
        number = next(self.numbers)
        company = self.env["res.partner"].create({"name": number, "vat": number})
        return company.with_user(user or self.receptionist).action_salon_ask_nav()

    def setUp(self):
        super().setUp()
        # Each has a check digit that is right.
        self.numbers = (f"1{n:03}0002-2-42" for n in range(1000))
        self.numbers = (n for n in self.numbers if core_number(n))

    def limit(self, **most):
        for name, number in most.items():
            limit = patch(
                f"odoo.addons.salon_invoice_bridge.models.salon_invoice_lookup.{name}",
                number,
            )
            limit.start()
            self.addCleanup(limit.stop)

    def test_a_user_asks_a_limited_number_of_times_an_hour(self):
        self.limit(PER_USER=2)
        self.ask()
        self.ask()
        before = len(self.calls())
        with self.assertRaisesRegex(UserError, "Too many"):
            self.ask()
        self.assertEqual(len(self.calls()), before)
        self.ask(self.manager)
        self.env.cr.execute(
            "UPDATE salon_invoice_lookup "
            "SET create_date = create_date - interval '61 minutes'"
        )
        self.ask()

    def test_who_asks_in_vain_is_counted_too(self):
        self.limit(PER_USER=2)
        self.fault("status_before", path="check-tax-number", status=502, times=None)
        for _try in range(2):
            # As a request does: what is raised is rolled back.
            with suppress(UserError), self.env.cr.savepoint():
                self.assertEqual(self.ask()["params"]["type"], "danger")
        before = len(self.calls())
        with self.assertRaisesRegex(UserError, "Too many"):
            self.ask()
        self.assertEqual(len(self.calls()), before)

    def test_another_company_is_no_way_around_the_limit(self):
        self.limit(PER_USER=2)
        lookups = self.env["salon.invoice.lookup"].with_user(self.receptionist)
        elsewhere = self.env["res.company"].create({"name": "Másik Kft."})
        lookups._count(self.company)
        lookups._count(elsewhere)
        with self.assertRaisesRegex(UserError, "Too many"):
            lookups._count(elsewhere)

    def test_a_company_asks_a_limited_number_of_times_an_hour(self):
        self.limit(PER_COMPANY=2)
        self.ask()
        self.ask(self.manager)
        with self.assertRaisesRegex(UserError, "Too many"):
            self.ask(self.accountant)

    def test_a_service_that_asked_for_a_pause_is_not_asked(self):
        self.account._back_off(600, 600)
        with self.assertRaisesRegex(UserError, "asked for a pause"):
            self.ask()
        self.assertFalse([c for c in self.calls() if "tax-number" in c["path"]])
