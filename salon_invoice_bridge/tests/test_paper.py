"""A receipt that was written by hand while the service was silent: one receipt stands.

The press of its number at each state of the sale's document, before and after the
service has acted.
"""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..billing import errors
from ..worker import protocol
from ..worker.service import Service
from .after_case import STORNO, AfterCase, OnAccountCase
from .receipt_case import ReceiptCase
from .test_protocol import Counting
from .test_receipt import Billingo, Szamlazz

MODELS = "odoo.addons.salon_invoice_bridge.models."
LANE_LOG = "odoo.addons.salon_invoice_bridge.worker.lane"

#: How a send may fail: whether the service has acted, and the fault.
FAULTS = (
    (False, "refuse_before"),
    (False, "status_before"),
    (True, "drop_after"),
    (True, "status_after"),
    (True, "truncated"),
    (True, "garbage"),
)


class PaperCase(ReceiptCase):
    """A salon that writes receipts by hand while its service is silent."""

    #: Pattern of the calls that look a document up.
    looks = "^GET |nyugta_get|szamla_agent_xml|szamla_agent_pdf"

    def number(self, order):
        """Return the number of the paper receipt of a sale."""
        return f"AB {order.id:07}"

    def press(self, order, number=None, user=None):
        """Record the number, as the till does unless told otherwise."""
        number = self.number(order) if number is None else number
        order = order.with_user(user or self.receptionist)
        self.env["salon.invoice.paper"].with_env(order.env)._record(order, number)
        self.env.flush_all()

    def assert_one_stands(self, order, before=0):
        """Check that the sale has one receipt, by the service's ledger and by hand."""
        by_hand = order.amount_total if order.salon_paper_number else 0
        self.assertEqual(self.standing() - before + by_hand, order.amount_total)
        self.assertFalse(
            [row for row in self.rows(order) if row[1] in ("waiting", "checking")]
        )

    def assert_replaced(self, order, before=0):
        """Check that the paper receipt is the one that stands."""
        self.assertEqual(order.salon_paper_number, self.number(order))
        self.assertEqual(self.standing() - before, 0)
        self.assert_one_stands(order, before)
        document = order.salon_document_id
        self.assertIn(document.state, ("skipped", "cancelled"), document.problem)
        if document.state == "skipped":
            self.assertEqual(document.skip_reason, "paper")
        self.assertFalse(document.activity_ids)

    def fault_on_create(self, kind, **options):
        status = {"status": 503, "html": True} if kind.startswith("status") else {}
        self.fault(kind, path=self.creates, **status, **options)

    def kill(self, document, answer_written):
        """Have the service act, as if the worker had died before it was recorded."""
        self.run_lane()
        self.assertEqual(document.state, "issued", document.problem)
        document.task_ids.unlink()
        if not answer_written:
            document.attempt_ids.unlink()
        self.env.flush_all()
        if document.origin_id:
            self.env.cr.execute(
                "UPDATE salon_invoice_document SET state = 'issued', "
                "status = 'issued' WHERE id = %s AND state = 'cancelled'",
                [document.origin_id.id],
            )
        self.env.cr.execute(
            "UPDATE salon_invoice_document SET state = 'sending', status = 'sending', "
            "number = NULL, remote_id = NULL, remote_snapshot = NULL, "
            "public_url = NULL, issued_at = NULL, pdf_id = NULL WHERE id = %s",
            [document.id],
        )
        self.env.invalidate_all()


class PaperTests:
    # === NOT SENT YET === #

    def test_what_was_not_sent_is_skipped_with_that_reason(self):
        order = self.sell([(self.haircut, 1)])
        self.press(order)
        self.assertEqual(order.salon_skip_reason, "paper")
        self.work()
        self.assert_replaced(order)
        self.assertFalse(self.papers())
        told = str(order.salon_document_id.message_ids.mapped("body"))
        self.assertIn(self.receptionist.name, told)
        self.assertIn(self.number(order), told)

    def test_what_the_service_could_not_be_asked_for_is_skipped(self):
        url = self.account._credential().base_url
        self.account._credential().base_url = "http://127.0.0.1:1"
        order = self.sell([(self.haircut, 1)])
        self.run_lane()
        self.assertEqual(order.salon_document_id.state, "waiting")
        self.press(order)
        self.account._credential().base_url = url
        self.account.backoff_until = False
        self.work()
        self.assert_replaced(order)
        self.assertFalse(self.papers())

    def test_what_the_service_has_refused_is_skipped(self):
        self.company.salon_which = "all"
        order = self.sell([(self.haircut, 1)])
        document = order.salon_document_id
        document._claim()
        document._on_error(errors.Rejected("No"))
        self.assertEqual(document.state, "attention")
        self.press(order)
        self.work()
        self.assert_replaced(order)
        self.assertFalse(self.papers())

    # === SENT, WITH AN UNKNOWN OUTCOME === #

    def test_a_lost_answer_and_then_the_press(self):
        """Looked up; what is found is cancelled by itself, and what is absent skipped.

        Where the service cannot say it a person does, see :meth:`end_unproven`.
        """
        for acted, kind in FAULTS:
            with self.subTest(kind):
                before = self.standing()
                self.fault_on_create(kind)
                self.fault("status_before", path=self.looks, status=503, times=None)
                order = self.sell([(self.haircut, 1)])
                self.run_lane()
                self.assertEqual(order.salon_invoice_state, "checking")
                self.press(order)
                self.sandbox.world.faults.clear()
                self.work()
                self.end_unproven(order, acted)
                self.assert_replaced(order, before)

    def test_the_press_while_the_call_is_under_way(self):
        for acted, kind in ((True, None), *FAULTS):
            with self.subTest(kind):
                before = self.standing()
                if kind:
                    self.fault_on_create(kind)
                order = self.sell([(self.haircut, 1)])
                with self.pressing_during_the_call(order):
                    self.run_lane()
                self.assertEqual(order.salon_paper_number, self.number(order))
                self.work()
                self.end_unproven(order, acted)
                self.assert_replaced(order, before)

    def pressing_during_the_call(self, order):
        """Have a cashier press when the service has answered and nobody knows it."""
        call = Service._try

        def pressed(service, document, operation, *rest):
            result = call(service, document, operation, *rest)
            if operation == "issue":
                self.env.invalidate_all()
                self.assertEqual(order.salon_invoice_state, "sending")
                self.press(order)
            return result

        return patch.object(Service, "_try", pressed)

    @mute_logger(LANE_LOG, MODELS + "salon_invoice_document")
    def test_the_press_after_a_killed_worker(self):
        """After the service has acted: its answer was written down, or not."""
        for answer_written in (True, False):
            with self.subTest(answer_written=answer_written):
                before = self.standing()
                order = self.sell([(self.haircut, 1)])
                self.kill(order.salon_document_id, answer_written)
                self.press(order)
                self.assertEqual(order.salon_invoice_state, "sending")
                self.work()
                self.end_unproven(order, acted=True)
                self.assert_replaced(order, before)

    def test_the_press_after_a_worker_that_was_killed_before_the_call(self):
        order = self.sell([(self.haircut, 1)])
        document = order.salon_document_id
        self.fault_on_create("status_before")
        self.run_lane()
        document.attempt_ids.unlink()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE salon_invoice_document SET state = 'sending' WHERE id = %s",
            [document.id],
        )
        self.env.invalidate_all()
        self.press(order)
        self.work()
        self.end_unproven(order, acted=False)
        self.assert_replaced(order)
        self.assertFalse(self.papers())

    def test_nothing_is_sent_once_the_number_is_recorded(self):
        self.fault_on_create("status_before", times=None)
        order = self.sell([(self.haircut, 1)])
        self.run_lane()
        sends = len([call for call in self.calls() if call["method"] == "POST"])
        self.press(order)
        self.sandbox.world.faults.clear()
        self.work()
        document = order.salon_document_id
        if document.state == "attention":
            document.with_user(self.manager).action_retry()
            self.work()
        self.assertEqual(document.send_count, 1)
        self.assertFalse(self.papers())
        self.assertTrue(sends)

    # === ITS STORNO === #

    def found(self):
        """Return a sale whose lost document was found after the press."""
        order = self.sell([(self.haircut, 1)])
        with self.pressing_during_the_call(order):
            self.run_lane()
        return order

    def test_the_storno_is_linked_and_names_the_paper_receipt(self):
        order = self.found()
        self.work()
        document, storno = order.salon_document_ids.sorted("id")
        self.assertEqual((document.state, storno.state), ("cancelled", "issued"))
        self.assertEqual(storno.origin_id, document)
        self.assertIn(self.number(order), storno.reason)
        self.assertIn(self.number(order), document.reason)
        self.assertEqual(len(self.papers(*STORNO)), 1)
        self.assert_replaced(order)

    def test_nobody_is_mailed_what_is_cancelled_at_once(self):
        order = self.found()
        self.work()
        self.assertFalse(self.step(order.salon_document_ids, "email"))

    @mute_logger(LANE_LOG, MODELS + "salon_invoice_document")
    def test_a_storno_whose_worker_was_killed_is_made_once(self):
        for answer_written in (False, True):
            with self.subTest(answer_written=answer_written):
                before = self.standing()
                order = self.given()
                self.press(order, user=self.manager)
                (storno,) = order.salon_document_id.follow_up_ids
                self.kill(storno, answer_written)
                self.press(order, user=self.manager)
                self.work()
                self.assert_replaced(order, before)

    def test_a_lost_answer_to_the_storno_makes_no_second_one(self):
        for _acted, kind in FAULTS:
            with self.subTest(kind):
                before = self.standing()
                order = self.given()
                stornos = len(self.papers(*STORNO))
                status = {"status": 503, "html": True} if "status" in kind else {}
                self.fault(kind, path=f"{self.cancels}|nyugta_storno", **status)
                self.press(order, user=self.manager)
                self.work()
                self.assert_replaced(order, before)
                self.assertEqual(len(self.papers(*STORNO)), stornos + 1)

    @mute_logger(LANE_LOG, MODELS + "salon_invoice_document")
    def test_a_crash_before_the_storno_is_asked_for_loses_nothing(self):
        model = type(self.env["salon.invoice.document"])
        with patch.object(model, "_cancel_for_paper", side_effect=ZeroDivisionError):
            order = self.found()
        document = order.salon_document_id
        self.assertNotEqual(document.state, "issued")
        if document.state == "attention":
            document.with_user(self.manager).action_retry()
        self.work()
        self.end_unproven(order, acted=True)
        self.assert_replaced(order)

    # === AT ONCE, TWICE, BY WHOM === #

    def test_the_press_writes_the_row_that_a_lane_records_in(self):
        """So of a press and a record at the same moment one is repeated.

        Else neither would see the other (REPEATABLE READ), and both would stand.
        """
        order = self.sell([(self.haircut, 1)])
        order.salon_document_id._claim()
        self.env.flush_all()
        with Counting() as counting:
            self.press(order)
        self.assertTrue(
            [
                text
                for text in counting.statements
                if text.startswith('UPDATE "SALON_INVOICE_DOCUMENT"')
            ]
        )

    def test_a_second_press_changes_nothing(self):
        order = self.found()
        self.press(order)
        self.work()
        for _time in range(2):
            self.press(order)
            self.work()
        self.assert_replaced(order)
        self.assertEqual(len(self.papers()), 2)

    def test_what_is_issued_only_a_manager_replaces(self):
        order = self.given()
        number = order.salon_document_id.number
        with self.assertRaisesRegex(UserError, f"{number} has been issued meanwhile"):
            self.press(order)
        self.work()
        self.assertEqual([state for _kind, state in self.rows(order)], ["issued"])
        self.press(order, user=self.accountant)
        self.work()
        self.assert_replaced(order)

    def test_an_advance_that_a_final_invoice_names_is_not_replaced(self):
        """The final invoice refers to it, and its VAT is taken off there."""
        deposit = self._make_product("Foglaló", 5000, self.tax_27)
        deposit.salon_role = "deposit"
        sold = self.sell([(deposit, 1)])
        self.work()
        named = {"price_unit": -5000, "salon_deposit_line": sold.lines.id}
        self.sell([(self.haircut, 1), (deposit, 1, named)])
        self.work()
        self.assertEqual(self.standing(), 8900)
        number = sold.salon_document_id.number
        with self.assertRaisesRegex(UserError, f"{number} is the invoice of a deposit"):
            self.press(sold, user=self.manager)
        self.work()
        self.assertEqual(self.standing(), 8900)

    def test_it_is_recorded_where_nothing_is_connected_any_more(self):
        """What a receipt could hold, or a card has paid for, is not asked then."""
        tip = (self.tip, 1, {"price_unit": 500})
        card = self._make_product("Ajándékkártya", 0, self.tax_27, salon_role="voucher")
        card.salon_voucher_kind = "single"
        paid = (card, 1, {"price_unit": -1000})
        orders = [self.sell([(self.haircut, 1), more]) for more in (tip, paid)]
        self.company.salon_account_id = False
        for order in orders:
            self.press(order)
            self.assertEqual(order.salon_skip_reason, "paper")

    def test_one_number_is_of_one_sale(self):
        order, other = self.sell([(self.haircut, 1)]), self.sell([(self.book, 1)])
        self.press(order)
        with self.assertRaisesRegex(UserError, "already recorded for"):
            self.press(other, f" {self.number(order).replace(' ', '  ')} ")
        with self.assertRaisesRegex(UserError, f"{self.number(order)} is recorded"):
            self.press(order, "AB 1")
        self.assertEqual(other.salon_invoice_state, "waiting")

    def test_what_is_no_number_is_refused(self):
        order = self.sell([(self.haircut, 1)])
        for number in ("", "   ", "\x00", "A" * 41, False, 7, ["A"], "A" * 100_000):
            with self.subTest(number), self.assertRaisesRegex(UserError, "Type the"):
                self.press(order, number)
        self.assertEqual(order.salon_invoice_state, "waiting")

    def test_strangers_record_nothing(self):
        order = self.sell([(self.haircut, 1)])
        stranger = self._make_user("nobody", "base.group_user")
        with self.assertRaises(UserError):
            self.press(order, user=stranger)
        self.assertFalse(order.salon_paper_number)

    def test_a_till_writes_it_of_no_sale_that_is_paid(self):
        order = self.given()
        order.with_user(self.receptionist).write({"salon_paper_number": "AB 1"})
        self.assertFalse(order.salon_paper_number)

    def test_what_is_no_number_is_written_to_no_sale(self):
        """Nor before it is paid, whoever calls ``write``."""
        order = self.sell([(self.haircut, 1)], state="draft", payments=[])
        order = order.with_user(self.receptionist)
        for nonsense in ("x" * 5000, "A\x1b[1m", ["AB"], {"a": 1}, 7):
            order.write({"salon_paper_number": nonsense})
            self.assertFalse(order.salon_paper_number)
        order.write({"salon_paper_number": " AB\n12 "})
        self.assertEqual(order.salon_paper_number, "AB 12")

    # === WHERE ONLY AN INVOICE IS ENOUGH === #

    def test_a_business_buyer_gets_an_invoice_all_the_same(self):
        """A receipt is not enough for a taxable person (VAT Act 165-166: sure)."""
        order = self.sell([(self.haircut, 1)], customer=self.business)
        with self.assertRaisesRegex(UserError, "The buyer is a business"):
            self.press(order)
        self.work()
        self.assert_one_stands(order)

    def test_from_900_000_ft_there_is_an_invoice_all_the_same(self):
        """A receipt is not enough from 900,000 Ft, VAT included (VAT Act 165: sure)."""
        order = self.sell([(self.haircut, 1, {"price_unit": 900_000})])
        with self.assertRaisesRegex(UserError, "900,000"):
            self.press(order)

    def test_who_has_asked_for_an_invoice_gets_it(self):
        """Who asks for an invoice gets one (VAT Act 166: sure)."""
        order = self.sell([(self.haircut, 1)], salon_wish="invoice")
        with self.assertRaisesRegex(UserError, "asked for an invoice"):
            self.press(order)

    def test_what_comes_back_has_no_paper_receipt(self):
        order = self.given()
        back = self.refund(order)
        with self.assertRaisesRegex(UserError, "takes something back"):
            self.press(back)

    # === GIVEN WHILE THE TILL WAS OFFLINE === #

    def test_a_number_that_comes_with_the_payment_stops_the_document(self):
        order = self.sell([(self.haircut, 1)], salon_paper_number=" AB  77")
        self.assertEqual(order.salon_paper_number, "AB 77")
        document = order.salon_document_id
        self.assertEqual((document.state, document.skip_reason), ("skipped", "paper"))
        self.assertEqual(document.paper_number, "AB 77")
        # As the till does, which does not know that it came.
        self.press(order, " AB  77")
        self.work()
        self.assertFalse(self.papers())
        self.assertEqual((document.state, document.skip_reason), ("skipped", "paper"))

    def test_the_law_has_the_last_word_on_what_comes_with_the_payment(self):
        """See the business buyer above: the paper receipt is to be struck."""
        order = self.sell(
            [(self.haircut, 1)], customer=self.business, salon_paper_number="AB 77"
        )
        document = order.salon_document_id
        self.assertEqual((document.kind, document.state), ("invoice", "waiting"))
        self.assertFalse(order.salon_paper_number)
        told = str(document.message_ids.mapped("body"))
        self.assertIn("Strike the paper receipt AB 77", told)
        self.work()
        self.assert_one_stands(order)

    def undecided(self, **values):
        """Return a sale that came with a number, and whose payment hook has failed."""
        orders = type(self.env["pos.order"])
        with (
            mute_logger(MODELS + "pos_order"),
            patch.object(orders, "_salon_snapshot", side_effect=KeyError("broken")),
        ):
            order = self.sell([(self.haircut, 1)], salon_paper_number="AB 77", **values)
        document = order.salon_document_id
        self.assertEqual((document.state, document.paper_number), ("attention", False))
        self.assertEqual(order.salon_paper_number, "AB 77")
        return order

    def test_a_retry_after_a_failed_payment_hook_makes_nothing_beside_it(self):
        order = self.undecided()
        document = order.salon_document_id
        document.with_user(self.receptionist).action_retry()
        self.work()
        self.assertFalse(self.papers())
        self.assertEqual((document.state, document.skip_reason), ("skipped", "paper"))
        self.assertEqual(document.paper_number, "AB 77")
        self.assertTrue(document.sale_snapshot)
        self.assertFalse(document.activity_ids)
        self.assert_one_stands(order)

    def test_so_does_the_till_that_says_the_number_once_more(self):
        order = self.undecided()
        answer = order.with_user(self.receptionist).salon_till_paper("AB 77")
        self.assertNotIn("error", answer)
        self.work()
        self.assertFalse(self.papers())
        self.assertEqual(order.salon_skip_reason, "paper")
        self.assert_one_stands(order)

    def test_the_law_has_the_last_word_after_a_failed_payment_hook_too(self):
        """See the business buyer above: the paper receipt is to be struck."""
        for values in ({"customer": self.business}, {"salon_wish": "invoice"}):
            with self.subTest(**values):
                before = self.standing()
                order = self.undecided(**values)
                document = order.salon_document_id
                document.with_user(self.receptionist).action_retry()
                self.work()
                self.assertEqual((document.kind, document.state), ("invoice", "issued"))
                self.assertFalse(order.salon_paper_number)
                told = str(document.message_ids.mapped("body"))
                self.assertIn("Strike the paper receipt AB 77", told)
                self.assert_one_stands(order, before)

    def test_nonsense_with_the_payment_costs_no_sale(self):
        for number in ("A" * 41, "\x01", "  "):
            with self.subTest(number):
                order = self.sell([(self.haircut, 1)], salon_paper_number=number)
                self.assertFalse(order.salon_paper_number)
                self.assertEqual(order.salon_invoice_state, "waiting")

    # === AFTERWARDS === #

    def test_an_invoice_that_is_asked_for_later_takes_its_place(self):
        """The paper receipt is struck by hand, and the document says so."""
        order = self.sell([(self.haircut, 1)])
        self.press(order)
        order.with_user(self.receptionist).action_salon_generate()
        self.work()
        document = order.salon_document_id
        self.assertEqual((document.kind, document.state), ("invoice", "issued"))
        self.assertFalse(order.salon_paper_number or document.paper_number)
        told = str(document.message_ids.mapped("body"))
        self.assertIn(f"Strike the paper receipt {self.number(order)}", told)
        self.assert_one_stands(order)

    def test_a_receipt_that_is_asked_for_later_would_be_the_second(self):
        order = self.sell([(self.haircut, 1)])
        self.press(order)
        order.with_user(self.receptionist).action_salon_generate_receipt()
        self.work()
        self.assert_replaced(order)

    def test_what_is_issued_again_in_its_place_is_an_invoice(self):
        """A receipt of the service would be the second one (sure)."""
        order = self.given()
        self.press(order, user=self.manager)
        self.work()
        order.salon_document_id.with_user(self.manager).action_reissue()
        self.work()
        document = order.salon_document_id
        self.assertEqual((document.kind, document.state), ("invoice", "issued"))
        self.assertFalse(order.salon_paper_number)
        self.assert_one_stands(order)

    def test_after_its_storno_a_business_buyer_gets_an_invoice(self):
        order = self.found()
        self.work()
        order.with_user(self.manager)._salon_change_buyer(self.business)
        self.work()
        document = order.salon_document_id
        self.assertEqual((document.kind, document.state), ("invoice", "issued"))
        self.assertFalse(order.salon_paper_number)
        self.assert_one_stands(order)

    def test_all_of_it_came_back(self):
        order = self.found()
        self.refund(order)
        self.work()
        self.assertEqual(self.standing(), 0)

    # === IN ODOO AND AT THE TILL === #

    def test_a_person_records_it_in_odoo(self):
        order = self.sell([(self.haircut, 1)])
        form = Form(
            self.env["salon.invoice.paper.number"]
            .with_user(self.receptionist)
            .with_context(default_order_id=order.id)
        )
        form.number = self.number(order)
        form.save().action_record()
        self.assertEqual(order.salon_skip_reason, "paper")

    def test_the_till_is_told_what_has_become_of_it(self):
        order = self.sell([(self.haircut, 1)], customer=self.business)
        till = order.with_user(self.receptionist)
        self.assertIn("is a business", till.salon_till_paper("AB 1")["error"])
        other = self.sell([(self.book, 1)]).with_user(self.receptionist)
        status = other.salon_till_paper("AB 2")["status"]
        self.assertEqual((status["state"], status["paper"]), ("skipped", "AB 2"))
        self.assertIn("AB 2", status["reason"])
        self.assertFalse(status["can_paper"])

    def assert_offered(self, order, offered, user=None, by_till=None):
        """Check where the press is offered, and that it can succeed nowhere else."""
        user = user or self.receptionist
        self.env.flush_all()
        self.env.invalidate_all()
        seen = order.with_user(user)
        by_till = offered if by_till is None else by_till
        self.assertEqual(seen.salon_till_status()[order.id]["can_paper"], by_till)
        self.assertEqual(seen.salon_can_have_paper, offered)
        self.assertEqual(seen.salon_document_id.can_have_paper, offered)
        if offered:
            self.press(order, user=user)
        else:
            with self.assertRaises(UserError):
                self.press(order, user=user)
        self.assertEqual(order.salon_paper_number, offered and self.number(order))

    def test_it_is_offered_where_the_press_can_succeed(self):
        sold = self.sell([(self.haircut, 1)])
        offered = [
            self.sell([(self.haircut, 1)]),
            self.sell_to_walk_in([(self.haircut, 1)]),
            # The limit is that of what is supplied.
            self.sell([(self.haircut, 1, {"price_unit": 899_999}), (self.tip, 1)]),
        ]
        refused = [
            self.sell([(self.haircut, 1)], customer=self.business),
            self.sell([(self.haircut, 1)], salon_buyer_id=self.business.id),
            self.sell([(self.haircut, 1, {"price_unit": 900_000})]),
            self.sell([(self.haircut, 1)], salon_wish="invoice"),
            self.refund(sold, new=[(self.book, 2)]),
        ]
        for order in offered:
            self.assert_offered(order, True)
        for order in refused:
            self.assert_offered(order, False)

    def test_what_is_issued_is_offered_to_who_may_cancel(self):
        order = self.given()
        self.assert_offered(order, False)
        self.assert_offered(order, True, user=self.manager, by_till=False)
        self.work()
        self.assert_one_stands(order)
        invoice = self.sell([(self.haircut, 1)], customer=self.business)
        self.work()
        self.assert_offered(invoice, False, user=self.manager)


class BillingoPaper(Billingo):
    """What this service's look-up does not find may be there all the same."""

    def end_unproven(self, order, acted):
        """Have a person look, and say what the service has."""
        document = order.salon_document_id
        if document.state != "attention":
            return
        self.assertEqual(document.problem_reason, "unproven", document.problem)
        values = {"document_id": document.id}
        forms = self.env["salon.invoice.settle"].with_user(self.manager)
        if acted:
            number = self.papers()[-1]["number"]
            forms.create({**values, "number": number}).action_settle()
        else:
            forms.create({**values, "outcome": "none"}).action_settle()
        self.work()


class SzamlazzPaper(Szamlazz):
    def end_unproven(self, order, acted):
        """Check that the service has said it itself."""
        self.assertNotEqual(order.salon_invoice_state, "attention")


@tagged("post_install", "-at_install")
class TestPaper(BillingoPaper, PaperTests, PaperCase):
    def lost(self):
        """Return the document of a receipt whose answer was lost, with the press."""
        self.fault("drop_after", path=self.creates)
        order = self.sell([(self.haircut, 1)])
        self.work()
        document = order.salon_document_id
        self.assertEqual(document.problem_reason, "unproven", document.problem)
        self.press(order)
        self.work()
        self.assertEqual(document.problem_reason, "unproven", document.problem)
        return document

    def test_a_person_who_says_that_it_is_there_has_it_cancelled(self):
        document = self.lost()
        document.with_user(self.manager)._settle(self.papers()[0]["number"])
        self.assertEqual(document.state, "issued")
        self.work()
        self.assertEqual(document.state, "cancelled")
        self.assert_replaced(document.order_id)

    def test_a_number_that_the_service_does_not_list_is_not_believed(self):
        document = self.lost()
        with self.assertRaisesRegex(UserError, "Cancel NY-1 at the service"):
            document.with_user(self.manager)._settle("NY-1")
        self.assertEqual(document.state, "attention")

    def test_retry_looks_it_up_and_sends_nothing(self):
        document = self.lost()
        document.with_user(self.manager).action_retry()
        self.assertEqual(document.state, "checking")
        self.work()
        self.assertEqual(document.problem_reason, "unproven", document.problem)
        self.assertEqual(len(self.papers()), 1)


@tagged("post_install", "-at_install")
class TestPaperSzamlazz(SzamlazzPaper, PaperTests, PaperCase):
    pass


class InvoiceInstead:
    """Where every sale gets an invoice, its walk-ins may have a paper receipt, too."""

    creates = AfterCase.creates

    def setUp(self):
        super().setUp()
        self.company.salon_which = "all"

    def receipt_of(self, order):
        return order.salon_document_id

    def end_unproven(self, order, acted):
        self.assertNotEqual(order.salon_invoice_state, "attention")


@tagged("post_install", "-at_install")
class TestPaperOfInvoices(InvoiceInstead, BillingoPaper, PaperTests, PaperCase):
    def test_the_short_way_records_nothing_beside_a_paper_receipt(self):
        self.sell([(self.book, 1)])  # the buyer is known from now
        self.work()
        before = self.standing()
        order, recorded = self.sell([(self.haircut, 1)]), []
        record = protocol.record

        def noted(*arguments, **values):
            recorded.append(record(*arguments, **values))
            return recorded[-1]

        with (
            self.pressing_during_the_call(order),
            patch.object(protocol, "record", noted),
        ):
            self.run_lane()
        self.assertEqual(recorded, [None])
        self.work()
        self.assertEqual(order.salon_document_id.state, "cancelled")
        self.assert_replaced(order, before)


@tagged("post_install", "-at_install")
class TestPaperOfInvoicesSzamlazz(InvoiceInstead, SzamlazzPaper, PaperTests, PaperCase):
    pass


@tagged("post_install", "-at_install")
class TestPaperUnpaid(OnAccountCase):
    def test_what_is_not_paid_gets_an_invoice(self):
        """A receipt is for what is paid at once (VAT Act 166: sure)."""
        order = self.sell([(self.haircut, 1)], [(self.on_account, 8900)])
        paper = self.env["salon.invoice.paper"].with_user(self.receptionist)
        with self.assertRaisesRegex(UserError, "not paid yet gets an invoice"):
            paper._record(order.with_user(self.receptionist), "AB 1")

    def test_so_it_is_not_offered(self):
        self.company.salon_customer_account = "at_once"
        order = self.sell([(self.haircut, 1)], [(self.on_account, 8900)])
        for issued in (False, True):
            with self.subTest(issued=issued):
                seen = order.with_user(self.manager)
                document = seen.salon_document_id
                self.assertEqual(document.state, "issued" if issued else "waiting")
                self.assertFalse(document.can_have_paper or seen.salon_can_have_paper)
                self.assertFalse(seen.salon_till_status()[order.id]["can_paper"])
            self.work()
            self.env.invalidate_all()
