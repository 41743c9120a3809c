"""A paid sale is made out to another buyer: rewritten, or cancelled and made again."""

import re
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..billing import errors
from ..billing.invoice import Cancellation
from ..worker.operations import Operation
from .after_case import STORNO, AfterCase, OnAccountCase
from .common import make_company
from .euros import Euros
from .test_one_issuer import OdooInvoices

MODELS = "odoo.addons.salon_invoice_bridge.models."
LANE_LOG = "odoo.addons.salon_invoice_bridge.worker.lane"


class BuyerCase(OdooInvoices, AfterCase):
    """A sale to a private person, who wants it made out to a company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.business.copy(
            {"name": "Másik Bt.", "vat": "12345676-2-42", "email": "m@example.com"}
        )

    def setUp(self):
        super().setUp()
        self.sale = self.sell([(self.haircut, 1), (self.book, 2)])
        self.invoice = self.sale.salon_document_id

    def change(self, partner=None, sale=None, user=None, **options):
        """Make the sale out to ``partner`` as the manager may."""
        order = (sale or self.sale).with_user(user or self.manager)
        order._salon_change_buyer(
            (partner or self.business).with_env(order.env), **options
        )

    def ask_till(self, partner=None, confirmed=False, user=None, sale=None):
        order = (sale or self.sale).with_user(user or self.manager)
        partner = partner or self.business
        return order.salon_till_change_buyer(partner.id, confirmed)

    def refuses(self, words, **options):
        """Check that a change is refused in ``words``, and changes nothing."""
        before = self.rows(self.sale)
        with self.assertRaisesRegex(UserError, words):
            self.change(**options)
        self.assertEqual(self.rows(self.sale), before)
        self.assertFalse(self.sale.salon_buyer_id)

    def valid(self, sale=None):
        """Return the sale's own document, which must be the one that is valid."""
        document = (sale or self.sale).salon_document_id
        self.assertEqual(document.state, "issued", document.problem)
        return document

    def assert_made_out_to(self, partner, gross=15900):
        document = self.valid()
        self.assertEqual(document.buyer_name, partner.name)
        self.assertEqual(document._invoice().buyer.name, partner.name)
        self.assertEqual(self.sale._salon_billed_partner(), partner)
        self.assertEqual(self.standing(), gross)


class UnsentTests:
    def test_a_waiting_invoice_is_made_out_to_the_company(self):
        self.change(user=self.receptionist)
        self.assertEqual(self.sale.salon_buyer_id, self.business)
        self.assertEqual(self.sale.partner_id, self.customer)
        self.work()
        self.assertEqual(self.rows(self.sale), [("invoice", "issued")])
        self.assert_made_out_to(self.business)
        self.assertTrue(self.invoice._invoice().buyer.tax_number)

    def test_who_asked_is_in_the_chatter(self):
        self.change(user=self.receptionist)
        told = str(self.invoice.message_ids.mapped("body"))
        self.assertIn(self.receptionist.name, told)
        self.assertIn("13572464-2-07", told)

    def test_an_invoice_that_was_not_wanted_is_asked_for(self):
        self.work()
        self.company.salon_automatic = False
        self.sale = self.sell([(self.book, 2)])
        self.assertEqual(self.sale.salon_invoice_state, "skipped")
        self.change(user=self.receptionist)
        self.work()
        self.assert_made_out_to(self.business, 15900 + 7000)

    def test_a_sale_that_nobody_asked_for_gets_its_first_document(self):
        account = self.company.salon_account_id
        self.company.salon_account_id = False
        self.sale = self.sell([(self.book, 2)])
        self.assertFalse(self.sale.salon_document_id)
        self.refuses("not connected to an invoicing service")
        self.company.salon_account_id = account
        self.change()
        self.work()
        self.assertEqual(self.valid().buyer_name, self.business.name)

    def test_what_is_no_sale_of_goods_gets_none_for_a_company_either(self):
        self.tip.salon_role = "tip"
        self.company.salon_tip = "none"
        self.sale = self.sell([(self.tip, 1, {"price_unit": 500})])
        self.refuses("This sale gets no invoice")
        self.assertEqual(self.sale.salon_invoice_state, "skipped")

    def test_what_needs_attention_is_mended_by_another_buyer(self):
        self.second.street = False
        self.sale = self.sell([(self.book, 2)], customer=self.second)
        self.work()
        document = self.sale.salon_document_id
        self.assertEqual(document.state, "attention")
        self.change(user=self.receptionist)
        self.assertFalse(document.activity_ids)
        self.work()
        self.assertEqual(self.valid().buyer_name, self.business.name)

    def test_what_a_person_decided_for_another_company_is_not_kept(self):
        self.company.salon_accepts_business = False
        self.sale = self.sell([(self.book, 2)], customer=self.business)
        self.work()
        document = self.sale.salon_document_id
        self.assertEqual(document.problem_cause, "business")
        self.company.salon_accepts_business = True
        document.buyer_choice = "private"
        self.change(self.second)
        self.assertFalse(document.buyer_choice)
        self.work()
        self.assertEqual(self.valid().buyer_name, self.second.name)

    def test_what_was_refused_is_built_again(self):
        self.invoice._claim()
        self.invoice._on_error(errors.Rejected("No"))
        self.assertEqual(self.invoice.problem_reason, "rejected")
        self.change()
        self.work()
        self.assert_made_out_to(self.business)

    def test_what_may_have_been_sent_waits(self):
        self.invoice._claim()
        self.refuses("may have been sent")
        self.invoice._on_error(errors.OutcomeUnknown("", reason=errors.Reason.TIMEOUT))
        self.assertEqual(self.invoice.state, "checking")
        self.refuses("may have been sent")
        self.invoice._need_attention("?", "unproven")
        self.refuses("may have been sent")
        self.invoice.with_user(self.manager).action_retry()
        self.work()
        self.assertEqual(self.valid().buyer_name, self.customer.name)
        self.change()
        self.work()
        self.assert_made_out_to(self.business)

    def test_what_may_have_arrived_before_it_was_dropped_is_looked_for_first(self):
        self.invoice._claim()
        self.invoice._on_error(errors.OutcomeUnknown("", reason=errors.Reason.TIMEOUT))
        self.invoice._need_attention("?", "unproven")
        self.invoice.with_user(self.manager)._settle()
        self.refuses("Press Generate Invoice first")

    def test_a_buyer_who_is_not_complete_is_refused_before_anything_is_done(self):
        self.business.street = False
        self.refuses("needs a street")
        self.work()
        self.refuses("needs a street")
        self.assertEqual(self.rows(self.sale), [("invoice", "issued")])

    def test_a_wrong_tax_number_is_refused(self):
        self.business.with_context(no_vat_validation=True).vat = "12345678-1-42"
        self.refuses("not the tax number of a company")


class OnceTests:
    """In order and once, also of a receipt that an invoice follows."""

    def setUp(self):
        super().setUp()
        self.work()

    def test_a_lost_answer_makes_neither_a_second_storno_nor_invoice(self):
        for what in (self.cancels, self.creates):
            for kind in ("drop_after", "truncated", "status_after", "garbage"):
                with self.subTest(what=what, kind=kind):
                    self.sale = self.sell([(self.book, 1)])
                    self.work()
                    before = len(self.papers())
                    self.fault(kind, path=what)
                    self.change()
                    self.work()
                    self.assertEqual(self.valid().buyer_name, self.business.name)
                    self.assertEqual(len(self.papers()), before + 2)

    @mute_logger(LANE_LOG, MODELS + "salon_invoice_document")
    def test_a_crash_between_storno_and_invoice_loses_neither(self):
        """The service has the storno; what follows it was never committed."""
        model = type(self.env["salon.invoice.document"])
        create, crashes = model._create_for_next_buyer, []

        def crash_once(document):
            create(document)
            if document.next_buyer_id or (document.replaces_id or crashes):
                return
            if document == self.invoice:
                crashes.append(document)
                raise ZeroDivisionError

        self.change()
        with patch.object(model, "_create_for_next_buyer", crash_once):
            self.run_lane()
        self.assertTrue(crashes)
        self.assertEqual(len(self.papers(*STORNO)), 1)
        self.work()
        self.assert_made_out_to(self.business)
        self.assertEqual(len(self.papers()), 3)

    @mute_logger(LANE_LOG, MODELS + "salon_invoice_document")
    def test_a_storno_whose_worker_was_killed_is_followed_once(self):
        for answer_written in (False, True):
            with self.subTest(answer_written=answer_written):
                self.sale = self.sell([(self.book, 1)])
                self.work()
                before = len(self.papers())
                self.change()
                storno = self.sale.salon_document_id.follow_up_ids
                self.kill_after_the_call(storno, answer_written)
                self.work()
                self.assertEqual(self.valid().buyer_name, self.business.name)
                self.assertEqual(len(self.papers()), before + 2)

    def kill_after_the_call(self, document, answer_written):
        """Have the service act, as if the worker had died before it was recorded."""
        with patch.object(Operation, "_adopt", side_effect=ZeroDivisionError):
            self.run_lane()
        self.assertEqual(document.problem_reason, "program")
        self.assertFalse(document.number)
        document.write({"state": "sending", "problem_reason": False})
        if not answer_written:
            document.attempt_ids.unlink()

    def test_no_invoice_goes_out_as_long_as_the_storno_does_not(self):
        self.change()
        storno = self.invoice.follow_up_ids
        storno._claim()
        storno._on_error(errors.Rejected("No"))
        self.assertEqual(storno.state, "attention")
        self.work()
        self.assertEqual(self.valid(), self.invoice)
        self.assertEqual(len(self.papers()), 1)
        self.assertEqual(self.sale.salon_invoice_status, "attention")
        storno.with_user(self.manager).action_retry()
        self.work()
        self.assert_made_out_to(self.business)
        self.assertEqual(len(self.papers()), 3)

    def test_no_invoice_goes_out_if_a_person_drops_the_storno(self):
        self.change(self.second)
        storno = self.invoice.follow_up_ids
        storno.with_user(self.manager)._settle()
        self.work()
        self.assertEqual(self.valid(), self.invoice)
        self.assert_made_out_to(self.customer)
        self.assertFalse(self.invoice.next_buyer_id or self.invoice.next_values)
        told = str(self.invoice.message_ids.mapped("body"))
        self.assertIn(f"{self.second.name} gets no invoice", told)
        self.change()
        self.work()
        self.assert_made_out_to(self.business)

    def test_a_storno_that_a_person_made_at_the_service_is_followed_too(self):
        self.change()
        storno = self.invoice.follow_up_ids
        storno.with_user(self.manager)._settle("KEZI-SZTORNO-1")
        self.work()
        self.assertEqual(self.invoice.state, "cancelled")
        self.assertEqual(self.valid().buyer_name, self.business.name)

    def test_it_goes_on_after_an_outage(self):
        self.fault("status_before", status=503, times=None)
        self.change()
        self.run_lane()
        self.assertEqual(self.valid(), self.invoice)
        self.sandbox.world.faults.clear()
        self.account.backoff_until = False
        self.work()
        self.assert_made_out_to(self.business)

    def test_everything_came_back_in_the_same_moment(self):
        refund = self.refund_meanwhile()
        self.work()
        self.assertEqual(self.standing(), 0)
        self.assertNotIn(
            "waiting", [state for _k, state in self.rows(self.sale, refund)]
        )

    def test_a_part_came_back_in_the_same_moment(self):
        self.refund_meanwhile({self.sale.lines[1]: 1})
        self.work()
        self.assertEqual(self.standing(), 12400)
        last = self.sale.salon_document_id._effective_document()
        self.assertEqual(last._invoice().buyer.name, self.business.name)

    def refund_meanwhile(self, back=None):
        """Change the buyer in a transaction that does not see a refund yet."""
        refund = self.refund(self.sale, back)
        orders = type(self.env["pos.order"])
        documents = type(self.env["salon.invoice.document"])
        with (
            patch.object(orders, "_salon_return_orders", lambda order: order.browse()),
            patch.object(documents, "_unsettled_before", lambda row: row.browse()),
        ):
            self.change()
        return refund


class ReplaceTests(OnceTests):
    def test_an_invoice_is_cancelled_and_made_out_to_the_company(self):
        self.change()
        self.assertEqual(
            self.rows(self.sale), [("invoice", "issued"), ("storno", "waiting")]
        )
        self.work()
        self.assertEqual(
            self.rows(self.sale),
            [("invoice", "cancelled"), ("storno", "issued"), ("invoice", "issued")],
        )
        self.assert_made_out_to(self.business)
        other = self.sale.salon_document_id
        self.assertEqual((other.generation, other.replaces_id), (2, self.invoice))
        before, after = self.invoice._invoice(), other._invoice()
        self.assertEqual(after.fulfillment_date, before.fulfillment_date)
        self.assertEqual(after.lines, before.lines)
        self.assertEqual(after.tenders, before.tenders)
        self.assertEqual(
            self.at_service(other)["kind"], self.at_service(self.invoice)["kind"]
        )
        self.assertEqual(len(self.papers()), 3)

    def test_the_storno_says_why_in_the_language_of_the_invoice(self):
        self.change(self.second)
        storno = self.invoice.follow_up_ids
        self.assertEqual(
            storno.reason, self.env["salon.invoice.rebill"]._reason(self.invoice)
        )
        self.work()
        told = str(self.invoice.message_ids.mapped("body"))
        self.assertIn(self.manager.name, told)
        self.assertIn(self.second.name, told)
        self.assertIn(storno.number, told)

    def test_prices_and_settings_that_changed_meanwhile_change_nothing(self):
        self.haircut.name = "Más néven"
        self.book.salon_role = "tip"
        self.company.salon_comment = "Új szöveg"
        self.change()
        self.work()
        lines = self.valid()._invoice().lines
        self.assertEqual(lines, self.invoice._invoice().lines)
        self.assert_made_out_to(self.business)

    def test_an_older_sale_keeps_its_day(self):
        earlier = self.invoice._invoice().fulfillment_date - timedelta(days=40)
        self.sale = self.sell(
            [(self.book, 1)], date_order=f"{earlier.isoformat()} 10:00:00"
        )
        self.work()
        self.assertEqual(self.valid()._invoice().fulfillment_date, earlier)
        self.change()
        self.work()
        self.assertEqual(self.valid()._invoice().fulfillment_date, earlier)
        self.assertEqual(self.sale.salon_document_id.generation, 2)

    def test_pressed_twice_it_is_done_once(self):
        for _press in range(2):
            self.change()
        self.assertEqual(len(self.invoice.follow_up_ids), 1)
        self.work()
        self.change()
        self.work()
        self.assertEqual(len(self.papers()), 3)
        self.assert_made_out_to(self.business)

    def test_whom_it_is_made_out_to_may_change_while_the_storno_waits(self):
        self.change()
        self.change(self.second)
        self.work()
        self.assertEqual(len(self.papers()), 3)
        self.assert_made_out_to(self.second)

    def test_it_may_be_changed_twice(self):
        for partner in (self.business, self.second, self.customer):
            self.change(partner)
            self.work()
            self.assert_made_out_to(partner)
        self.assertFalse(self.sale.salon_buyer_id)
        self.assertEqual(self.sale.salon_document_id.generation, 4)
        self.assertEqual(len(self.papers(*STORNO)), 3)

    def test_data_that_were_mended_at_the_same_customer_are_a_change(self):
        with self.assertNoLogs(LANE_LOG, "ERROR"):
            self.change(self.customer)
            self.assertFalse(self.invoice.follow_up_ids, "nothing has changed")
            self.customer.phone = "+36 1 234 5678"
            self.change(self.customer)
            self.assertFalse(self.invoice.follow_up_ids, "a phone number is not on it")
            self.customer.street = "Új utca 1."
            self.change(self.customer)
            self.work()
        self.assertEqual(self.valid()._invoice().buyer.street, "Új utca 1.")
        self.assertEqual(self.standing(), 15900)

    def test_a_new_invoice_that_needs_attention_is_mended(self):
        self.change()
        self.business.write({"name": "Átnevezett Kft."})
        self.work()
        self.assertNotEqual(self.valid().buyer_name, self.business.name)
        self.assertEqual(self.standing(), 15900)

    def test_a_customer_who_is_deleted_meanwhile_is_billed_all_the_same(self):
        partner = self.second.copy({"name": "Rövid Életű Kft."})
        self.change(partner)
        partner.unlink()
        self.work()
        self.assertEqual(self.valid().buyer_name, "Rövid Életű Kft.")
        self.assertEqual(self.standing(), 15900)

    def test_it_is_still_billed_if_that_invoice_is_refused_first(self):
        partner = self.second.copy({"name": "Rövid Életű Kft."})
        self.change(partner)
        partner.unlink()
        self.fault("status_before", path=self.creates, status=422, body="{}")
        self.work()
        self.sandbox.world.faults.clear()
        document = self.sale.salon_document_id
        if document.state != "attention":
            self.skipTest("this service says otherwise that it refuses")
        document.with_user(self.manager).action_retry()
        self.work()
        self.assertEqual(self.valid().buyer_name, "Rövid Életű Kft.")

    def test_what_names_another_person_is_not_mailed_to_the_customer(self):
        self.customer.email = "anna@example.com"
        person = self.business.copy(
            {"name": "Másik Béla", "is_company": False, "vat": False, "email": False}
        )
        self.change(person)
        self.work()
        self.assertFalse(self.valid()._invoice().buyer.emails)
        self.business.email = False
        self.change()
        self.work()
        self.assertEqual(self.valid()._invoice().buyer.emails, ("anna@example.com",))

    # === REFUNDS, STORNOS === #

    def test_refunds_after_it_are_made_to_the_new_buyer(self):
        self.change()
        self.work()
        first = self.refund(self.sale, {self.sale.lines[1]: 1})
        self.work()
        self.assertEqual(self.standing(), 12400)
        taken = first._salon_taking_back()
        self.assertEqual(taken.state, "issued", taken.problem)
        self.assertEqual(taken.origin_id.generation, 2)
        last = self.sale.salon_document_id._effective_document()
        if self.corrects:
            last = taken
        self.assertEqual(last._invoice().buyer.name, self.business.name)
        with self.assertRaisesRegex(UserError, "come back"):
            self.change(self.second)
        self.refund(self.sale, {self.sale.lines[0]: 1, self.sale.lines[1]: 1})
        self.work()
        self.assertEqual(self.standing(), 0)

    def test_everything_comes_back_after_it(self):
        self.change()
        self.work()
        self.refund(self.sale)
        self.work()
        self.assertEqual(self.standing(), 0)
        self.assertEqual(self.sale.salon_document_id.state, "cancelled")

    def test_everything_comes_back_while_the_storno_waits(self):
        self.change()
        refund = self.refund(self.sale)
        self.work()
        self.assertEqual(self.standing(), 0)
        self.assertNotIn(
            "waiting", [state for _k, state in self.rows(self.sale, refund)]
        )

    def test_a_part_comes_back_while_the_storno_waits(self):
        self.change()
        refund = self.refund(self.sale, {self.sale.lines[1]: 1})
        self.work()
        self.assertEqual(self.standing(), 12400)
        taken = refund._salon_taking_back()
        self.assertEqual(taken.state, "issued", taken.problem)
        self.assertEqual(taken.origin_id.buyer_name, self.business.name)

    def test_a_sale_of_which_something_came_back_keeps_its_buyer(self):
        self.refund(self.sale, {self.sale.lines[1]: 1})
        self.refuses("come back already")
        self.work()
        self.refuses("come back already")

    def test_a_refund_has_no_buyer_of_its_own(self):
        self.sale = self.refund(self.sale)
        self.refuses("takes something back")

    def test_the_new_invoice_is_cancelled_by_hand_and_issued_again(self):
        self.change()
        self.work()
        document = self.sale.salon_document_id
        document.with_user(self.manager)._request_storno("x")
        self.refuses_to(self.second, "is being cancelled")
        self.work()
        self.assertEqual(self.standing(), 0)
        document.with_user(self.manager).action_reissue()
        self.work()
        self.assert_made_out_to(self.business)

    def refuses_to(self, partner, words):
        with self.assertRaisesRegex(UserError, words):
            self.change(partner)

    def test_what_was_cancelled_by_hand_is_made_again_for_another_buyer(self):
        self.invoice.with_user(self.manager)._request_storno("x")
        self.work()
        self.assertIn("has been cancelled", self.ask_till()["question"])
        self.change()
        self.work()
        self.assert_made_out_to(self.business)
        self.assertEqual(self.sale.salon_document_id.generation, 2)

    def test_an_invoice_that_somebody_cancels_at_the_service_is_followed(self):
        self.change()
        with self.account._open_provider() as provider:
            theirs = provider.cancel(
                Cancellation(original=self.invoice._issued(), external_key="THEIRS")
            )
        self.work()
        self.assertEqual(self.invoice.follow_up_ids.number, theirs.number)
        self.assert_made_out_to(self.business)

    # === REFUSED === #

    def test_an_invoice_of_odoos_is_changed_in_odoo(self):
        self.company.salon_account_id = False
        self.sale = self.sell([(self.book, 1)])
        self.company.salon_account_id = self.account
        self.invoice_in_odoo(self.sale)
        self.assertTrue(self.sale.account_move)
        self.refuses("Odoo itself has invoiced")

    def test_an_invoice_that_was_recorded_by_hand_is_changed_by_hand(self):
        self.sale = self.sell([(self.book, 1)])
        self.sale.salon_document_id.with_user(self.manager)._settle("KEZI-1")
        self.refuses("made at the service by hand")

    def test_a_disconnected_account_has_to_be_connected_first(self):
        self.account.state = "disconnected"
        self.refuses("not connected to an invoicing service")

    def test_an_invoice_at_a_former_account_is_cancelled_there_and_made_here(self):
        former = self.account
        other = "szamlazz" if self.provider != "szamlazz" else "billingo"
        self.account = self._connect(other)
        self.assertEqual(former.state, "retired")
        self.change()
        storno = self.invoice.follow_up_ids
        self.assertEqual(storno.account_id, former)
        self.run_lane(former)
        new = self.sale.salon_document_id
        self.assertEqual((new.state, new.account_id), ("waiting", self.account))
        self.work()
        self.assertEqual(self.valid().buyer_name, self.business.name)
        former.state = "disconnected"
        self.sale = self.sale.browse(self.sale.id)

    def test_an_invoice_at_a_former_account_without_a_key_waits_for_the_key(self):
        other = "szamlazz" if self.provider != "szamlazz" else "billingo"
        former, self.account = self.account, self._connect(other)
        former.state = "disconnected"
        self.refuses(f"{re.escape(former.name)}, which has .* has been disconnected")

    def test_a_sale_that_is_not_paid_has_its_buyer_in_the_till(self):
        order = self.order_data([(self.book, 1)], state="draft", payment_ids=[])
        self.sale = self.sync({**order, "amount_paid": 0})
        self.assertEqual(self.sale.state, "draft")
        self.refuses("not paid yet")

    # === THE ACCOUNTANT === #

    def test_a_sale_of_an_earlier_month_has_a_warning(self):
        self.assertNotIn("VAT return", self.ask_till()["question"])
        day = self.sale._salon_day()
        later = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        model = type(self.env["salon.invoice.document"])
        with patch.object(model, "_today", lambda document: later):
            question = self.ask_till()["question"]
        self.assertIn("VAT return", question)
        self.assertIn("ask the accountant", question)

    def test_the_question_names_invoice_buyer_and_day(self):
        answer = self.ask_till()
        self.assertEqual(answer["plan"], "replace")
        for words in (self.invoice.number, self.business.name, "storno", "NAV"):
            self.assertIn(words, answer["question"])


class ProformaTests:
    def setUp(self):
        super().setUp()
        self.work()
        self.company.salon_kind = "proforma"
        self.sale = self.sell([(self.haircut, 1)])
        self.work()
        self.proforma = self.sale.salon_document_id
        self.assertEqual(
            (self.proforma.kind, self.proforma.state), ("proforma", "issued")
        )

    def test_a_proforma_is_discarded_and_made_again(self):
        self.assertEqual(self.ask_till()["plan"], "renew")
        self.change()
        self.change(self.second)
        self.work()
        self.assertEqual(self.proforma.state, "discarded")
        again = self.sale.salon_document_id
        self.assertEqual(
            (again.kind, again.state), ("proforma", "issued"), again.problem
        )
        self.assertEqual(again.buyer_name, self.second.name)
        again.with_user(self.manager).action_finalize()
        self.refuses_on_its_way()
        self.work()
        self.assertEqual(self.valid().kind, "invoice")
        self.assertEqual(self.valid().buyer_name, self.second.name)
        self.change(self.business)
        self.work()
        self.assertEqual(self.valid().buyer_name, self.business.name)

    def refuses_on_its_way(self):
        with self.assertRaisesRegex(UserError, "may have been sent"):
            self.change(self.business)

    def test_a_proforma_that_cannot_be_discarded_keeps_its_buyer(self):
        self.change()
        self.step(self.proforma, "discard")._give_up("failed", "Not now")
        self.env.flush_all()
        self.assertFalse(self.proforma.next_values)
        self.assertEqual(self.sale._salon_billed_partner(), self.customer)
        self.change()
        self.assertTrue(self.proforma.next_values)

    def test_a_part_that_comes_back_meanwhile_is_taken_off(self):
        self.change()
        self.refund(self.sale)
        self.work()
        self.assertFalse(self.papers("proforma"))
        self.assertNotIn("waiting", [state for _kind, state in self.rows(self.sale)])


@tagged("post_install", "-at_install")
class TestBuyerUnsentBillingo(UnsentTests, BuyerCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestBuyerUnsentBillingoV2(UnsentTests, BuyerCase):
    provider = "billingo_v2"


@tagged("post_install", "-at_install")
class TestBuyerUnsentSzamlazz(UnsentTests, BuyerCase):
    provider = "szamlazz"


@tagged("post_install", "-at_install")
class TestBuyerReplacedBillingo(ReplaceTests, BuyerCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestBuyerReplacedBillingoV2(ReplaceTests, BuyerCase):
    provider = "billingo_v2"


@tagged("post_install", "-at_install")
class TestBuyerReplacedSzamlazz(ReplaceTests, BuyerCase):
    provider = "szamlazz"


@tagged("post_install", "-at_install")
class TestBuyerProformaBillingo(ProformaTests, BuyerCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestBuyerProformaSzamlazz(ProformaTests, BuyerCase):
    provider = "szamlazz"


@tagged("post_install", "-at_install")
class TestBuyerRights(BuyerCase):
    """Who may, whom, and in which company."""

    def setUp(self):
        super().setUp()
        self.work()

    def test_who_only_sells_does_not_replace_an_invoice(self):
        self.refuses("a manager of Point of Sale", user=self.receptionist)
        answer = self.ask_till(user=self.receptionist)
        self.assertIn("a manager of Point of Sale", answer["error"])
        answer = self.ask_till(user=self.receptionist, confirmed="replace")
        self.assertIn("a manager of Point of Sale", answer["error"])
        self.assertEqual(self.rows(self.sale), [("invoice", "issued")])

    def test_the_company_may_let_its_cashiers(self):
        self.company.salon_cashier_may_change_buyer = True
        self.change(user=self.receptionist)
        self.work()
        self.assert_made_out_to(self.business)
        told = str(self.invoice.message_ids.mapped("body"))
        self.assertIn(self.receptionist.name, told)

    def test_a_shop_may_do_otherwise_than_its_company(self):
        self.company.salon_cashier_may_change_buyer = True
        self.config.salon_cashiers_change_buyer = "no"
        self.refuses("a manager of Point of Sale", user=self.receptionist)
        self.company.salon_cashier_may_change_buyer = False
        self.config.salon_cashiers_change_buyer = "yes"
        self.change(user=self.receptionist)
        self.assertEqual(self.invoice.next_buyer_id, self.business)

    def test_a_sale_takes_no_rights_along_from_another_till(self):
        other = self.config.copy({"name": "Második kassza"})
        other.salon_cashiers_change_buyer = "yes"
        session = self._open_session(other)
        self.sale.with_user(self.receptionist).session_id = session
        self.assertEqual(self.sale.config_id, other)
        self.refuses("a manager of Point of Sale", user=self.receptionist)
        self.config.salon_cashiers_change_buyer = "yes"
        self.change(user=self.receptionist)
        self.assertEqual(self.invoice.next_buyer_id, self.business)

    def test_who_sells_does_not_allow_it_to_themselves(self):
        config = self.config.with_user(self.receptionist)
        with self.assertRaises(AccessError):
            config.salon_cashiers_change_buyer = "yes"

    def test_an_accountant_and_an_administrator_may(self):
        admin = self._make_user("admin", "base.group_system")
        admin.group_ids |= self.env.ref("point_of_sale.group_pos_user")
        for user, partner in ((self.accountant, self.business), (admin, self.second)):
            self.change(partner, user=user)
            self.work()
            self.assert_made_out_to(partner)

    def test_who_neither_sells_nor_invoices_may_not(self):
        nobody = self._make_user("nobody", "base.group_user")
        with self.assertRaises(UserError):
            self.change(user=nobody)
        with self.assertRaises(UserError):
            self.ask_till(user=nobody)

    def test_a_customer_of_another_company_is_not_billed(self):
        other = make_company(self.env, "Másik Szalon Kft.")
        self.second.company_id = other
        with self.assertRaises(AccessError):
            self.change(self.second)
        # Who works in both may read it, and it is the other company's all the same.
        self.manager.company_ids |= other
        self.manager = self.manager.with_context(allowed_company_ids=[])
        order = self.sale.with_user(self.manager).with_context(
            allowed_company_ids=(self.company | other).ids
        )
        with self.assertRaisesRegex(UserError, "another company"):
            order._salon_change_buyer(self.second.with_env(order.env))
        self.second.company_id = False
        child = self.second.create(
            {"name": "Pista", "parent_id": self.second.id, "company_id": False}
        )
        self.second.with_context(active_test=False).company_id = self.company
        self.change(child)
        self.assertEqual(self.invoice.next_buyer_id, child)

    def test_a_sale_of_another_company_is_not_changed(self):
        other = make_company(self.env, "Másik Szalon Kft.")
        stranger = self._make_user("stranger", "point_of_sale.group_pos_manager")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        order = self.sale.with_user(stranger).with_context(
            allowed_company_ids=other.ids
        )
        for confirmed in (False, "replace"):
            with self.assertRaises(AccessError):
                order.salon_till_change_buyer(self.business.id, confirmed)
        with self.assertRaises(AccessError):
            order._salon_change_buyer(self.business.with_env(order.env))
        self.assertEqual(self.rows(self.sale), [("invoice", "issued")])

    def test_a_customer_who_is_gone_is_not_billed(self):
        partner = self.second.copy()
        gone = partner.id
        partner.unlink()
        answer = self.ask_till(self.second.browse(gone))
        self.assertIn("does not exist any more", answer["error"])

    def test_what_is_no_id_is_nobody(self):
        order = self.sale.with_user(self.manager)
        for nonsense in ("x", True, [1, 2], {"a": 1}, 1.5, None, False, -1):
            with self.subTest(nonsense=nonsense):
                answer = order.salon_till_change_buyer(nonsense)
                self.assertIn("does not exist any more", answer["error"])

    def test_no_till_writes_the_buyer_of_a_paid_sale(self):
        order = self.sale.with_user(self.manager)
        order.write({"salon_buyer_id": self.business.id})
        self.assertFalse(self.sale.salon_buyer_id)


@tagged("post_install", "-at_install")
class TestBuyerTill(BuyerCase):
    """What the till asks, what the cashier confirms, and what the till shows then."""

    def test_the_till_asks_then_does_and_shows_what_becomes_of_it(self):
        answer = self.ask_till(user=self.receptionist)
        self.assertEqual(answer["plan"], "rewrite")
        self.assertIn(self.business.name, answer["question"])
        self.assertFalse(self.sale.salon_buyer_id, "it has only asked")
        done = self.ask_till(user=self.receptionist, confirmed=answer["plan"])
        self.assertEqual(done["status"]["state"], "pending")
        self.work()
        self.assert_made_out_to(self.business)

    def test_what_is_replaced_is_pending_until_the_new_one_is_there(self):
        self.work()
        done = self.ask_till(confirmed="replace")["status"]
        self.assertEqual((done["state"], done["number"]), ("pending", ""))
        self.assertIn(self.business.name, done["text"])
        self.assertFalse(done["url"])
        self.work()
        status = self.sale.salon_till_status()[self.sale.id]
        self.assertEqual(status["state"], "issued")
        self.assertEqual(status["number"], self.sale.salon_document_id.number)

    def test_an_invoice_that_was_issued_meanwhile_is_asked_about_again(self):
        """Nobody has a storno made who has not read of it."""
        plan = self.ask_till()["plan"]
        self.work()
        answer = self.ask_till(confirmed=plan)
        self.assertEqual(answer["plan"], "replace")
        self.assertEqual(self.rows(self.sale), [("invoice", "issued")])
        self.assertIn("storno", answer["question"])
        self.assertIn("status", self.ask_till(confirmed=answer["plan"]))

    def test_who_says_yes_to_nothing_is_asked(self):
        self.work()
        for confirmed in (True, "yes", 1, ["replace"], {"plan": "replace"}):
            self.assertEqual(self.ask_till(confirmed=confirmed)["plan"], "replace")
        self.assertEqual(self.rows(self.sale), [("invoice", "issued")])

    def test_an_answer_that_was_lost_is_given_again(self):
        self.work()
        for _press in range(2):
            answer = self.ask_till(confirmed="replace")
            self.assertEqual(answer["status"]["state"], "pending")
        self.work()
        answer = self.ask_till(confirmed="replace")
        self.assertEqual(answer["status"]["state"], "issued")
        self.assertIn("already", self.ask_till()["error"])
        self.assertEqual(len(self.papers()), 3)

    def test_a_storno_that_needs_a_person_is_shown_at_the_till(self):
        self.work()
        self.ask_till(confirmed="replace")
        storno = self.invoice.follow_up_ids
        storno._need_attention("The service has refused it.", "rejected")
        status = self.sale.salon_till_status()[self.sale.id]
        self.assertEqual(status["state"], "attention")
        self.assertIn("has refused it", status["text"])


@tagged("post_install", "-at_install")
class TestBuyerWizard(BuyerCase):
    """The form in the back office."""

    def form(self, user=None, **context):
        wizard = self.env["salon.invoice.buyer"].with_user(user or self.manager)
        return Form(wizard.with_context(default_order_id=self.sale.id, **context))

    def test_it_says_what_happens_and_does_it(self):
        self.work()
        form = self.form()
        self.assertEqual(form.buyer_name, self.customer.name)
        self.assertFalse(form.question or form.problem)
        form.partner_id = self.business
        self.assertIn(self.invoice.number, form.question)
        self.assertEqual(form.plan, "replace")
        action = form.save().action_change()
        self.assertEqual(
            action["params"]["next"]["type"], "ir.actions.act_window_close"
        )
        self.work()
        self.assert_made_out_to(self.business)

    def test_it_may_be_opened_for_somebody(self):
        form = self.form(default_partner_id=self.business.id)
        self.assertEqual(form.plan, "rewrite")
        form.save().action_change()
        self.work()
        self.assert_made_out_to(self.business)

    def test_it_says_why_not(self):
        self.work()
        form = self.form(self.receptionist, default_partner_id=self.business.id)
        self.assertIn("a manager of Point of Sale", form.problem)
        self.assertFalse(form.question or form.plan)
        with self.assertRaisesRegex(UserError, "a manager of Point of Sale"):
            form.save().action_change()

    def test_what_was_not_read_is_not_done(self):
        form = self.form(default_partner_id=self.business.id)
        wizard = form.save()
        self.work()
        with self.assertRaisesRegex(UserError, "gone on meanwhile"):
            wizard.action_change()
        self.assertEqual(self.rows(self.sale), [("invoice", "issued")])

    def test_an_association_has_no_tax_number(self):
        self.work()
        self.business.vat = False
        form = self.form(default_partner_id=self.business.id)
        self.assertTrue(form.undecided)
        self.assertIn("without a tax number", form.problem)
        form.without_number = True
        self.assertFalse(form.problem)
        form.save().action_change()
        self.work()
        self.assertFalse(self.valid()._invoice().buyer.tax_number)
        self.assert_made_out_to(self.business)

    def test_an_empty_form_changes_nothing(self):
        wizard = self.form().save()
        with self.assertRaisesRegex(UserError, "Choose whom"):
            wizard.action_change()

    def test_a_warning_is_shown_apart(self):
        self.work()
        later = self.sale._salon_day() + timedelta(days=40)
        model = type(self.env["salon.invoice.document"])
        with patch.object(model, "_today", lambda document: later):
            form = self.form(default_partner_id=self.business.id)
        self.assertIn("VAT return", form.warning)
        self.assertTrue(form.question)


class BuyerPaymentTests:
    def test_what_was_paid_meanwhile_is_paid_of_the_new_invoice(self):
        self.sale = self.sell([(self.haircut, 1)], [(self.on_account, 8900)])
        self.sale._salon_request_document()
        self.work()
        first = self.sale.salon_document_id
        first.with_user(self.manager).action_register_payment(
            8900, "bank_transfer", first._today().isoformat()
        )
        self.work()
        self.assertEqual(first.payment_state, "paid")
        self.change()
        self.work()
        other = self.valid()
        self.assertEqual(other.generation, 2)
        self.assertEqual((other.payment_state, other.amount_outstanding), ("paid", 0))
        self.assertEqual(other._invoice().tenders, first._tenders())

    def test_what_is_owed_is_owed_of_the_new_invoice(self):
        self.sale = self.sell([(self.haircut, 1)], [(self.on_account, 8900)])
        self.sale._salon_request_document()
        self.work()
        self.change()
        self.work()
        other = self.valid()
        self.assertEqual(other.payment_state, "outstanding")
        self.assertEqual(other.amount_outstanding, 8900)


@tagged("post_install", "-at_install")
class TestBuyerPaymentBillingo(BuyerPaymentTests, BuyerCase, OnAccountCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestBuyerPaymentSzamlazz(BuyerPaymentTests, BuyerCase, OnAccountCase):
    provider = "szamlazz"


class BuyerEuroTests:
    def test_the_new_invoice_has_the_rate_of_the_first(self):
        self.sale = self.sell_in_euros(30)
        self.work()
        first = self.valid()
        self.change()
        self.work()
        other = self.valid()
        self.assertEqual((other.generation, other.currency_id.name), (2, "EUR"))
        self.assertEqual(other.amount_gross, 30)
        self.assertEqual(other.exchange_rate, first.exchange_rate)
        # Billingo's API v2 fills the rate in, and does not say which it took.
        self.assertEqual(bool(other.exchange_rate), self.provider != "billingo_v2")


@tagged("post_install", "-at_install")
class TestBuyerEurosBillingo(BuyerEuroTests, Euros, BuyerCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestBuyerEurosBillingoV2(BuyerEuroTests, Euros, BuyerCase):
    provider = "billingo_v2"


@tagged("post_install", "-at_install")
class TestBuyerEurosSzamlazz(BuyerEuroTests, Euros, BuyerCase):
    provider = "szamlazz"
