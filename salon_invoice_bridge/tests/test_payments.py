"""Payments are registered and undone, documents mailed and fetched again (seed 004)."""

import dataclasses
from decimal import Decimal

from odoo.exceptions import UserError
from odoo.tests import tagged

from .after_case import AfterCase
from .days import SOLD_ON


class PaymentTests:
    def setUp(self):
        super().setUp()
        self.invoice = self.sell([(self.haircut, 1), (self.book, 2)]).salon_document_id
        self.work()

    def pay(self, amount, kind="bank_transfer"):
        """Register a payment as the manager does in the wizard."""
        wizard = (
            self.env["salon.invoice.payment"]
            .with_user(self.manager)
            .create({"document_id": self.invoice.id, "amount": amount, "kind": kind})
        )
        wizard.action_register()
        self.work()

    def undo(self):
        self.invoice.with_user(self.manager).action_undo_payments()
        self.work()

    def paid(self):
        """Return what is paid by the service's ledger."""
        return float(self.at_service(self.invoice)["paid"])

    def test_a_paid_sale_is_fully_paid(self):
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertEqual(self.invoice.amount_outstanding, 0)

    def test_undone_payments_leave_all_outstanding(self):
        self.undo()
        self.assertEqual(self.invoice.payment_state, "outstanding")
        self.assertEqual(self.invoice.amount_outstanding, 15900)
        self.assertEqual(self.paid(), 0)

    def test_part_of_it_may_be_paid_and_then_the_rest(self):
        self.undo()
        self.pay(5000)
        self.assertEqual(self.invoice.payment_state, "partial")
        self.assertEqual(self.invoice.amount_outstanding, 10900)
        self.assertEqual(self.paid(), 5000)
        self.pay(10900, "cash")
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertEqual(self.paid(), 15900)

    def test_a_second_payment_that_is_interrupted_keeps_the_first(self):
        for fault in ("refuse_before", "drop_after", "status_after"):
            with self.subTest(fault):
                self.undo()
                self.pay(5000)
                self.fault(fault, path="pay|szamla_agent_kifiz")
                self.pay(10900, "cash")
                step = self.step(self.invoice, "pay")
                self.assertEqual(step.state, "done", step.message)
                self.assertEqual(self.paid(), 15900)
                self.assertEqual(len(self.invoice._tenders()), 2)

    def test_no_more_can_be_paid_than_is_outstanding(self):
        for amount in (1, 0, -5):
            with self.assertRaises(UserError):
                self.pay(amount)

    def test_a_lost_answer_registers_a_payment_once(self):
        for kind in ("drop_after", "truncated", "status_after"):
            with self.subTest(kind):
                self.undo()
                self.fault(kind, path=self.pays)
                self.pay(5000)
                self.assertEqual(self.paid(), 5000)
                self.assertEqual(self.invoice.amount_outstanding, 10900)

    def register_there(self, amount):
        """Register a payment at the service itself."""
        tender = self.invoice._invoice().tenders[0]
        tender = dataclasses.replace(tender, amount=Decimal(amount))
        with self.account._open_provider() as provider:
            provider.register_payments(self.invoice._issued(), (tender,))

    def test_a_payment_made_at_the_service_is_not_overwritten(self):
        self.undo()
        self.register_there(15900)
        self.pay(5000)
        self.assertEqual(self.paid(), 15900)
        self.assertEqual(self.step(self.invoice, "pay").state, "failed")
        self.assertEqual(self.invoice.payment_state, "paid")

    def test_a_part_payment_made_at_the_service_is_not_overwritten(self):
        self.undo()
        self.register_there(4000)
        self.pay(5000)
        self.assertEqual(self.paid(), 4000)
        self.assertEqual(self.step(self.invoice, "pay").state, "failed")
        self.assertEqual(self.invoice.payment_state, "partial")
        self.assertEqual(self.invoice.amount_outstanding, 11900)

    def test_nor_is_one_of_the_same_amount(self):
        """It is another payment unless an answer to this one may have been lost."""
        self.undo()
        self.register_there(5000)
        self.pay(5000)
        self.assertEqual(self.step(self.invoice, "pay").state, "failed")
        self.assertEqual(self.paid(), 5000)
        self.assertFalse(self.invoice._tenders())
        self.assertEqual(self.invoice.amount_outstanding, 10900)

    def test_a_second_press_overwrites_nothing_either(self):
        """The first one has noticed it; what is left is registered where that is."""
        self.undo()
        self.register_there(4000)
        self.pay(5000)
        with self.assertRaises(UserError):
            self.pay(11900)
        self.assertEqual(self.paid(), 4000)
        self.assertEqual(self.invoice.amount_outstanding, 11900)

    def test_what_is_noticed_after_the_press_is_not_overwritten(self):
        self.undo()
        self.register_there(4000)
        invoice = self.invoice.with_user(self.manager)
        invoice.action_look()
        invoice.action_register_payment(5000, "cash", SOLD_ON)
        self.work()  # it looks first
        self.assertEqual(self.step(self.invoice, "look").state, "done")
        self.assertEqual(self.step(self.invoice, "pay").state, "failed")
        self.assertEqual(self.paid(), 4000)
        self.assertEqual(self.invoice.amount_outstanding, 11900)

    def test_a_lost_answer_that_was_noticed_is_no_other_payment(self):
        self.undo()
        for _try in range(2):
            self.fault("drop_after", path=self.pays)
        invoice = self.invoice.with_user(self.manager)
        invoice.action_register_payment(5000, "cash", SOLD_ON)
        self.run_lane()
        self.assertEqual(self.step(self.invoice, "pay").state, "todo")
        self.assertEqual(self.paid(), 5000)
        invoice.action_look()
        self.work()
        self.assertEqual(self.step(self.invoice, "pay").state, "done")
        self.assertEqual(len(self.invoice._tenders()), 1)
        self.assertEqual((self.paid(), self.invoice.amount_outstanding), (5000, 10900))

    def test_after_all_was_undone_payments_are_registered_again(self):
        self.undo()
        self.register_there(4000)
        self.pay(5000)
        self.undo()
        self.pay(15900)
        self.assertEqual(self.step(self.invoice, "pay").state, "done")
        self.assertEqual(self.paid(), 15900)

    def test_a_receptionist_registers_and_undoes_nothing(self):
        document = self.invoice.with_user(self.receptionist)
        with self.assertRaises(UserError):
            document.action_register_payment(1, "cash", SOLD_ON)
        with self.assertRaises(UserError):
            document.action_undo_payments()

    def test_the_same_wish_twice_is_one_wish(self):
        self.invoice.with_user(self.manager).action_undo_payments()
        with self.assertRaises(UserError):
            self.invoice.with_user(self.manager).action_undo_payments()

    def test_a_button_makes_no_call(self):
        before = len(self.calls())
        self.invoice.with_user(self.manager).action_undo_payments()
        self.invoice.with_user(self.receptionist).action_download_again()
        self.assertEqual(len(self.calls()), before)

    # === MAIL, PDF, LINK === #

    def send(self, emails):
        """E-mail the invoice as the receptionist does in the wizard."""
        wizard = (
            self.env["salon.invoice.send"]
            .with_user(self.receptionist)
            .create({"document_id": self.invoice.id, "emails": emails})
        )
        wizard.action_send()
        self.work()

    def test_it_is_mailed_again_to_another_address(self):
        self.assertEqual(self.invoice.can_send, self.mails != "on issue")
        before = self.env["mail.mail"].search([])
        self.send("masik@example.com")
        if not self.invoice.can_send:  # then Odoo does it: see test_mail
            mail = self.env["mail.mail"].search([]) - before
            self.assertEqual(mail.email_to, "masik@example.com")
            return
        step = self.step(self.invoice, "email")
        if self.mails == "anywhere":
            self.assertEqual(step.state, "done", step.message)
            mail = self.sandbox.world.ledger()["mails"][-1]
            self.assertEqual(mail["to"], ["masik@example.com"])
        else:
            self.assertEqual(step.state, "failed")
            self.assertTrue(step.message)
            self.assertEqual(len(self.sandbox.world.ledger()["mails"]), 1)

    def test_what_is_no_address_is_refused(self):
        wizard = self.env["salon.invoice.send"].create(
            {"document_id": self.invoice.id, "emails": "nincs"}
        )
        with self.assertRaises(UserError):
            wizard.action_send()

    def test_the_pdf_is_fetched_again(self):
        first = self.invoice.pdf_id
        self.assertTrue(first.raw.startswith(b"%PDF"))
        self.invoice.with_user(self.receptionist).action_download_again()
        self.work()
        self.assertTrue(self.invoice.pdf_id.raw.startswith(b"%PDF"))
        self.assertEqual(self.step(self.invoice, "pdf").state, "done")
        self.assertFalse(first.exists())

    def test_the_customer_has_a_link(self):
        self.assertTrue(self.invoice.public_url.startswith("http"))
        action = self.invoice.with_user(self.receptionist).action_open_service()
        self.assertEqual(action["url"], self.invoice.public_url)


@tagged("post_install", "-at_install")
class TestPaymentsBillingo(PaymentTests, AfterCase):
    provider = "billingo"
    pays = "^PUT .*payments$"
    mails = "anywhere"


@tagged("post_install", "-at_install")
class TestPaymentsBillingoV2(PaymentTests, AfterCase):
    provider = "billingo_v2"
    pays = "^POST .*pay$"
    mails = "to the client"  # the address that it has there


@tagged("post_install", "-at_install")
class TestPaymentsSzamlazz(PaymentTests, AfterCase):
    provider = "szamlazz"
    pays = "kifiz"
    mails = "on issue"
