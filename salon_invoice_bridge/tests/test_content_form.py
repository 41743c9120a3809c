"""Dates, language, currency, form, bank account and comment of a document."""

from decimal import Decimal
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.salon_invoice_bridge.billing import errors
from odoo.addons.salon_invoice_bridge.providers import billingo

from .content_case import ContentCase
from .days import SOLD_ON, after


@tagged("post_install", "-at_install")
class TestForm(ContentCase):
    def test_the_day_is_the_day_in_hungary(self):
        """23:30 UTC is 00:30 on the next day in Budapest (winter)."""
        order = self.sell([(self.haircut, 1)], date_order=f"{after(-1)} 23:30:00")
        self.assertEqual(self.built(order).fulfillment_date.isoformat(), SOLD_ON)

    def test_the_customers_language_where_the_service_has_it(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.customer.lang = "de_DE"
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.assertEqual(order.salon_language, "de")
        self.assertEqual(self.built(order).language, "de")

    def test_the_companys_language_where_the_service_has_not(self):
        order = self.sell([(self.haircut, 1)])
        order.salon_language = "bg"  # Billingo prints no Bulgarian
        self.assertEqual(self.built(order).language, "hu")

    def test_the_language_of_an_issued_invoice_stays(self):
        order = self.sell([(self.haircut, 1)])
        self.issue(order)
        with self.assertRaises(UserError):
            order.salon_language = "en"

    def test_it_is_paper_where_the_plan_has_no_e_invoices(self):
        self.account.info = {**self.account.info, "e_invoices": False}
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.assertFalse(self.built(order).electronic)

    def test_the_chosen_bank_account_is_on_the_document(self):
        self.account.bank_account = "21"
        order = self.sell([(self.haircut, 1)])
        bank = self.built(order).bank_account
        self.assertEqual(
            (bank.name, bank.number, bank.iban),
            (
                "Minta Bank",
                "11111111-22222222-33333333",
                "HU42117730161111101800000000",
            ),
        )
        self.assertEqual(self.sent(order)["bank_account_id"], 21)

    def test_an_account_in_another_currency_is_not_on_the_document(self):
        """The salon chose its forint account; in euros, its euro account is printed."""
        self.account.bank_account = "21"
        sent = self.sent(self.sell_in_euros(22.4))
        self.assertEqual(sent["bank_account_id"], 22)

    def test_the_rate_of_the_day_is_on_the_document_and_on_its_row(self):
        order = self.sell_in_euros(22.4)
        sent = self.sent(order)
        self.assertEqual((sent["currency"], sent["conversion_rate"]), ("EUR", 402.15))
        self.assertEqual(order.salon_document_id.exchange_rate, 402.15)
        self.assertEqual(float(self.issued()[0]["gross"]), 22.4)

    def test_without_a_rate_there_is_no_document(self):
        order = self.sell_in_euros(22.4)
        with patch.object(
            billingo.Billingo,
            "exchange_rate",
            side_effect=errors.NotProcessed("No rate yet"),
        ):
            self.run_lane()
        self.assertFalse(self.issued())
        document = order.salon_document_id
        self.assertEqual(document.state, "waiting")
        document.next_attempt = document._now()
        self.account.backoff_until = False
        self.run_lane()
        self.assertEqual(document.state, "issued")

    def test_a_currency_that_the_service_does_not_know_goes_to_a_person(self):
        order = self.sell([(self.haircut, 1)])
        document = order.salon_document_id
        document.sale_snapshot = {**document.sale_snapshot, "currency": "XAU"}
        with patch.object(billingo.Billingo, "exchange_rate", return_value=Decimal(9)):
            self.run_lane()
        self.assertEqual(document.state, "attention")
        self.assertIn("XAU", document.problem)
        self.assertFalse(self.issued())

    def test_the_comment_has_the_salons_words_and_always_the_receipts_number(self):
        self.company.salon_comment = "{cashier} szolgált ki. {note}"
        order = self.sell(
            [(self.haircut, 1)], general_customer_note="Boldog születésnapot!"
        )
        comment = self.built(order).comment
        self.assertIn("receptionist szolgált ki. Boldog születésnapot!", comment)
        self.assertIn(order.pos_reference, comment)
        self.assertEqual(comment.count("Boldog"), 1)

    def test_a_placeholder_that_is_none_is_told_when_it_is_typed(self):
        with self.assertRaises(ValidationError):
            self.company.salon_comment = "{customer}"

    def test_what_is_frozen_is_sent_whatever_changes_meanwhile(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.customer.name = "Más Név"
        self.haircut.name = "Más szolgáltatás"
        invoice = self.built(order)
        self.assertEqual(invoice.buyer.name, "Őrségi Zsófia")
        self.assertEqual(invoice.lines[0].name, "Női hajvágás")


@tagged("post_install", "-at_install")
class TestAtSzamlazz(ContentCase):
    provider = "szamlazz"

    def test_a_part_on_account_is_outstanding_and_the_rest_registered(self):
        on_account = self.env["pos.payment.method"].create(
            {"name": "Vevői számla", "split_transactions": True}
        )
        self.session.state = "closed"
        self.config.payment_method_ids += on_account
        self.session = self._open_session(self.config)
        order = self.sell(
            [(self.haircut, 1)], [(on_account, 6000), (self.card, 2900)], self.customer
        )
        order.with_user(self.manager).action_salon_generate()
        self.assertEqual(self.sent(order)["fizetve"], "false")
        (paper,) = self.sandbox.world.emulator("szamlazz").state["documents"]
        self.assertEqual([float(p["amount"]) for p in paper["payments"]], [2900])


@tagged("post_install", "-at_install")
class TestAtBillingoV2(ContentCase):
    provider = "billingo_v2"

    def test_a_szep_card_sale_is_paid_at_the_service(self):
        """The interface issues a SZÉP card invoice as unpaid; it is paid by a step."""
        order = self.sell_by("szep_card")
        self.issue(order)
        self.run_lane()
        document = order.salon_document_id
        step = document.task_ids.filtered(lambda step: step.kind == "payments")
        self.assertEqual(step.state, "done", step.message)
