"""A person cancels an invoice, and issues it again: each a deliberate act."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .after_case import STORNO, AfterCase


class StornoTests:
    def setUp(self):
        super().setUp()
        self.sale = self.sell([(self.haircut, 1), (self.book, 2)])
        self.work()
        self.invoice = self.sale.salon_document_id

    def cancel(self, document, reason="Hibás vevő", user=None):
        """Cancel as the manager does in the wizard; return the storno's row."""
        wizard = (
            self.env["salon.invoice.storno"]
            .with_user(user or self.manager)
            .create({"document_id": document.id, "reason": reason})
        )
        action = wizard.action_cancel_invoice()
        return self.env["salon.invoice.document"].browse(action["res_id"])

    def test_the_wizard_shows_what_is_cancelled(self):
        wizard = self.env["salon.invoice.storno"].with_user(self.manager)
        wizard = wizard.create({"document_id": self.invoice.id, "reason": "x"})
        self.assertEqual(wizard.number, self.invoice.number)
        self.assertEqual(wizard.amount_gross, 15900)
        self.assertEqual(wizard.buyer_name, self.customer.name)

    def test_a_manager_cancels_an_invoice_with_a_reason(self):
        storno = self.cancel(self.invoice)
        self.assertEqual(storno.state, "waiting")
        self.work()
        self.assertEqual(storno.state, "issued")
        self.assertEqual(self.invoice.state, "cancelled")
        self.assertEqual(self.invoice.reason, "Hibás vevő")
        self.assertEqual(self.standing(), 0)
        self.assertIn("Hibás vevő", str(self.invoice.message_ids.mapped("body")))
        self.assertIn(self.manager.name, str(self.invoice.message_ids.mapped("body")))

    def test_the_sale_still_shows_its_invoice_which_is_cancelled(self):
        self.cancel(self.invoice)
        self.work()
        self.assertEqual(self.sale.salon_document_id, self.invoice)
        self.assertEqual(self.sale.salon_invoice_state, "cancelled")

    def test_an_invoice_is_cancelled_once(self):
        self.cancel(self.invoice)
        with self.assertRaises(UserError):
            self.cancel(self.invoice)
        self.work()
        with self.assertRaises(UserError):
            self.cancel(self.invoice)
        self.assertEqual(len(self.papers(*STORNO)), 1)

    def test_a_receptionist_cancels_nothing(self):
        with self.assertRaises(UserError):
            self.invoice.with_user(self.receptionist)._request_storno("x")

    def test_an_accountant_may_cancel(self):
        storno = self.cancel(self.invoice, user=self.accountant)
        self.work()
        self.assertEqual(storno.state, "issued")

    def test_a_lost_answer_makes_no_second_storno(self):
        for kind in ("drop_after", "truncated", "status_after", "garbage"):
            with self.subTest(kind):
                sale = self.sell([(self.book, 1)])
                self.work()
                before = len(self.papers(*STORNO))
                self.fault(kind, path=self.cancels)
                storno = self.cancel(sale.salon_document_id)
                self.work()
                self.assertEqual(storno.state, "issued", storno.problem)
                self.assertEqual(len(self.papers(*STORNO)), before + 1)

    def test_a_refused_storno_goes_to_a_human_and_the_invoice_stands(self):
        self.account.api_key = "wrong" * 9
        storno = self.cancel(self.invoice)
        self.run_lane()
        self.assertEqual(self.invoice.state, "issued")
        self.assertEqual(storno.state, "waiting")

    def test_a_disconnected_account_has_to_be_connected_first(self):
        self.account.state = "disconnected"
        with self.assertRaises(UserError):
            self.cancel(self.invoice)

    def test_a_storno_is_made_where_the_invoice_was_issued(self):
        other = "szamlazz" if self.provider != "szamlazz" else "billingo"
        former = self.account
        self._connect(other)
        self.assertEqual(former.state, "retired")
        storno = self.cancel(self.invoice)
        self.assertEqual(storno.account_id, former)
        self.run_lane(former)
        self.assertEqual(storno.state, "issued")
        former_service = self.at_service(self.invoice)["service"]
        self.assertEqual(self.at_service(storno)["service"], former_service)

    def test_a_retired_account_whose_key_was_revoked_waits_for_a_new_one(self):
        former, key = self.account, self.account._credential().api_key
        self._connect("szamlazz" if self.provider != "szamlazz" else "billingo")
        former.api_key = "x" * len(key)
        storno = self.cancel(self.invoice)
        self.run_lane(former)
        self.assertEqual((storno.state, former.state), ("waiting", "retired"))
        self.assertTrue(former.pause_reason)
        self.assertEqual(len(former.activity_ids), 1)
        former.api_key = key
        former.action_resume()
        self.run_lane(former)
        self.assertEqual((storno.state, former.state), ("issued", "retired"))
        self.assertFalse(former.pause_reason or former.activity_ids)

    def test_a_refund_after_a_storno_needs_no_document(self):
        self.cancel(self.invoice)
        self.work()
        refund = self.refund(self.sale)
        self.work()
        self.assertEqual(refund.salon_document_id.skip_reason, "already_cancelled")
        self.assertEqual(self.standing(), 0)

    def test_a_failed_resend_does_not_hide_the_storno_from_the_buyer(self):
        self.fault("status_before", path="/send$", status=422, body="{}")
        self.invoice._request_task("email", {"emails": ["masik@example.com"]})
        self.work()
        self.assertEqual(self.step(self.invoice, "email").state, "failed")
        self.sandbox.world.faults.clear()  # where the service was not even called
        storno = self.cancel(self.invoice)
        self.work()
        mail = self.sandbox.world.ledger()["mails"][-1]
        self.assertIn(str(mail["document"]), (storno.number, storno.remote_id))
        self.assertEqual(mail["to"], [self.customer.email])

    # === RE-ISSUE === #

    def test_a_storno_never_issues_again_by_itself(self):
        self.cancel(self.invoice)
        self.work()
        self.run_cron("cron_sweep")
        self.work()
        self.assertEqual(len(self.papers()), 2)

    def test_a_manager_issues_again_for_data_as_they_are_now(self):
        self.cancel(self.invoice)
        self.work()
        self.sale.partner_id = self.business
        self.invoice.with_user(self.manager).action_reissue()
        self.work()
        again = self.sale.salon_document_id
        self.assertEqual((again.generation, again.state), (2, "issued"))
        self.assertNotEqual(again.external_key, self.invoice.external_key)
        self.assertEqual(again.buyer_name, self.business.name)
        self.assertEqual(self.standing(), 15900)

    def test_a_second_generation_may_be_cancelled_and_issued_again_too(self):
        for generation in (1, 2):
            document = self.sale.salon_document_id
            self.assertEqual(document.generation, generation)
            self.cancel(document)
            self.work()
            document.with_user(self.manager).action_reissue()
            self.work()
        self.assertEqual(self.standing(), 15900)

    def test_issuing_again_leaves_out_what_came_back(self):
        self.refund(self.sale, {self.sale.lines[1]: 1})
        self.work()
        if self.corrects:
            with self.assertRaises(UserError):
                self.cancel(self.invoice)
            return
        remainder = self.invoice._effective_document()
        self.cancel(remainder)
        self.work()
        self.invoice.with_user(self.manager).action_reissue()
        self.work()
        self.assertEqual(self.standing(), 12400)
        self.refund(self.sale, {self.sale.lines[0]: 1, self.sale.lines[1]: 1})
        self.work()
        self.assertEqual(self.standing(), 0)

    def test_nothing_is_issued_again_beside_an_invoice_that_stands(self):
        with self.assertRaises(UserError):
            self.invoice.with_user(self.manager).action_reissue()
        self.cancel(self.invoice)
        self.work()
        self.invoice.with_user(self.manager).action_reissue()
        with self.assertRaises(UserError):
            self.invoice.with_user(self.manager).action_reissue()

    def test_a_receptionist_issues_nothing_again(self):
        self.cancel(self.invoice)
        self.work()
        with self.assertRaises(UserError):
            self.invoice.with_user(self.receptionist).action_reissue()


@tagged("post_install", "-at_install")
class TestStornoBillingo(StornoTests, AfterCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestStornoBillingoV2(StornoTests, AfterCase):
    provider = "billingo_v2"


@tagged("post_install", "-at_install")
class TestStornoSzamlazz(StornoTests, AfterCase):
    provider = "szamlazz"
