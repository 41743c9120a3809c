"""What came back in the till becomes the right document, once, at every service."""

from odoo.tests import tagged

from ..billing.invoice import Cancellation
from .after_case import STORNO, RefundCase


class RefundTests:
    """The promises, for each service."""

    def test_a_whole_refund_is_a_storno_and_both_keep_their_numbers(self):
        self.work()
        invoice = self.sale.salon_document_id
        number = invoice.number
        refund = self.refund(self.sale)
        self.work()
        storno = refund.salon_document_id
        self.assertEqual((storno.kind, storno.state), ("storno", "issued"))
        self.assertEqual((invoice.state, invoice.number), ("cancelled", number))
        self.assertEqual(storno.origin_id, invoice)
        self.assertEqual(invoice.follow_up_ids, storno)
        self.assertTrue(storno.number)
        self.assertNotEqual(storno.number, number)
        self.assertEqual(storno.amount_gross, -self.sale.amount_total)
        self.assertEqual(self.standing(), 0)

    def test_a_partial_refund_leaves_what_the_customer_kept(self):
        self.work()
        refund = self.refund(self.sale, {self.book_line: 1, self.mens_line: 1})
        self.work()
        invoice = self.sale.salon_document_id
        if self.corrects:
            self.assertEqual(self.rows(refund), [("correction", "issued")])
            self.assertEqual(invoice.state, "issued")
            self.assertEqual(refund.salon_document_id.amount_gross, -8490)
        else:
            self.assertEqual(
                self.rows(refund), [("storno", "issued"), ("remainder", "issued")]
            )
            self.assertEqual(invoice.state, "cancelled")
            remainder = refund.salon_document_ids.filtered(
                lambda row: row.kind == "remainder"
            )
            self.assertEqual(remainder.origin_id, refund.salon_document_id)
            comment = remainder._invoice().comment
            self.assertIn(invoice.number, comment)
            self.assertIn(refund.pos_reference, comment)
            self.assertEqual(remainder.amount_gross, 24800)
        self.assertEqual(self.standing(), self.kept())

    def test_several_refunds_end_with_nothing_on_the_invoice(self):
        self.work()
        self.refund(self.sale, {self.book_line: 1})
        self.work()
        self.refund(self.sale, {self.book_line: 2, self.cut_line: 1})
        self.work()
        self.assertEqual(self.standing(), self.kept())
        last = self.refund(self.sale, {self.cut_line: 1, self.mens_line: 1})
        self.work()
        kind = "correction" if self.corrects else "storno"
        self.assertEqual(self.rows(last), [(kind, "issued")])
        self.assertEqual(self.standing(), 0)

    def test_two_refunds_at_once_take_their_turns(self):
        self.work()
        first = self.refund(self.sale, {self.book_line: 1})
        second = self.refund(self.sale, {self.cut_line: 2})
        later, earlier = second.salon_document_id, first.salon_document_id
        later.next_attempt = earlier.next_attempt.replace(year=2020)
        self.work()
        self.assertEqual(self.standing(), self.kept())
        self.assertNotIn("refund", dict(self.rows(first, second)))

    def test_a_refund_of_a_sale_that_still_waits_drops_both(self):
        refund = self.refund(self.sale)
        self.work()
        self.assertFalse(self.issued())
        self.assertEqual(self.rows(self.sale, refund)[0], ("invoice", "skipped"))
        self.assertEqual(
            set((self.sale | refund).salon_document_ids.mapped("skip_reason")),
            {"refunded"},
        )

    def test_a_partial_refund_of_a_sale_that_waits_comes_after_it(self):
        self.refund(self.sale, {self.book_line: 3})
        self.work()
        self.assertEqual(self.standing(), self.kept())

    def test_a_refund_waits_while_it_is_not_known_whether_the_sale_was_issued(self):
        self.fault("status_before", path=self.creates, status=502, html=True)
        self.run_lane()
        document = self.sale.salon_document_id
        self.assertIn(document.state, ("checking", "attention"))
        refund = self.refund(self.sale)
        refund.salon_document_id.next_attempt = document._now()
        self.run_lane()
        waiting = refund.salon_document_id
        self.assertEqual((waiting.kind, waiting.state), ("refund", "waiting"))
        self.assertIn(document.name, waiting.problem)

    def test_new_lines_beside_a_refund_get_an_invoice_of_their_own(self):
        self.work()
        refund = self.refund(self.sale, {self.mens_line: 1}, [(self.book, 2)])
        self.work()
        kinds = dict(self.rows(refund))
        self.assertEqual(kinds["invoice"], "issued")
        self.assertIn("correction" if self.corrects else "remainder", kinds)
        self.assertEqual(refund.salon_document_id.amount_gross, 7000)
        self.assertEqual(self.standing(), self.kept())

    def test_an_exchange_for_the_same_price_is_documented_too(self):
        self.work()
        cut = self.sell([(self.book, 1)])
        self.work()
        exchange = self.refund(cut, None, [(self.book, 1)], [(self.cash, 0)])
        self.work()
        kinds = dict(self.rows(exchange))
        self.assertEqual(kinds, {"storno": "issued", "invoice": "issued"})

    def test_what_is_given_for_free_beside_a_refund_gets_no_invoice(self):
        off = self._make_product("Kedvezmény", 0, self.tax_27)
        sale = self.sell([(self.book, 1), (off, 1, {"price_unit": -500})])
        self.work()
        for what, back in (("sold", sale.lines[0]), ("taken off", sale.lines[1])):
            with self.subTest(what):
                free = [(self.haircut, 1, {"discount": 100})]
                exchange = self.refund(sale, {back: 1}, free)
                self.assertIn(("invoice", "skipped"), self.rows(exchange))
                self.assertEqual(exchange.salon_document_id.skip_reason, "zero")

    def test_a_tip_comes_back_with_its_sale(self):
        sale = self.sell([(self.haircut, 1), (self.tip, 1, {"price_unit": 1000})])
        self.work()
        before = self.standing()
        self.refund(sale, {sale.lines[0]: 1})
        self.work()
        self.assertEqual(self.standing(), before - 8900)
        self.refund(sale, {sale.lines[1]: 1})
        self.work()
        self.assertEqual(self.standing(), before - 9900)

    # === EXACTLY ONCE === #

    def test_a_storno_whose_answer_was_lost_is_adopted(self):
        self.work()
        for kind in ("drop_after", "truncated", "status_after"):
            with self.subTest(kind):
                sale = self.sell([(self.haircut, 1)])
                self.work()
                self.fault(kind, path=self.cancels)
                refund = self.refund(sale)
                self.work()
                storno = refund.salon_document_id
                self.assertEqual((storno.kind, storno.state), ("storno", "issued"))
                self.assertEqual(sale.salon_document_id.state, "cancelled")
                sent = storno.attempt_ids.filtered(lambda a: a.operation == "cancel")
                self.assertEqual(len(sent), 1, "looked for, not sent again")
        self.assertEqual(len(self.papers(*STORNO)), 3)

    def test_a_storno_that_did_not_arrive_is_sent_again(self):
        self.work()
        for kind in ("refuse_before", "html", "status_before", "rate_limit"):
            with self.subTest(kind):
                sale = self.sell([(self.haircut, 1)])
                self.work()
                self.fault(kind, path=self.cancels)
                refund = self.refund(sale)
                self.work()
                self.assertEqual(refund.salon_document_id.state, "issued")
        self.assertEqual(len(self.papers(*STORNO)), 4)

    def test_what_was_kept_is_invoiced_once_whatever_answer_is_lost(self):
        self.work()
        for kind in ("drop_after", "truncated", "status_after"):
            with self.subTest(kind):
                sale = self.sell([(self.haircut, 2)])
                self.work()
                before = len(self.issued())
                self.fault(kind, path=self.creates)
                self.refund(sale, {sale.lines: 1})
                self.work()
                self.assertEqual(len(self.issued()) - before, 1 if self.corrects else 2)

    def test_a_storno_found_in_sending_is_looked_up_first(self):
        self.work()
        refund = self.refund(self.sale)
        self.work()
        storno = refund.salon_document_id
        number = storno.number
        # As if the worker had been killed before it could write down the answer.
        self.env["salon.invoice.attempt"].search(
            [("document_id", "=", storno.id)]
        ).unlink()
        storno.write({"state": "sending", "number": False})
        self.sale.salon_document_id.write({"state": "issued"})
        self.work()
        self.assertEqual(storno.number, number)
        self.assertEqual(self.sale.salon_document_id.state, "cancelled")
        self.assertEqual(len(self.papers(*STORNO)), 1)

    def test_a_cancelled_original_is_cancelled_no_second_time(self):
        self.work()
        invoice = self.sale.salon_document_id
        with self.account._open_provider() as provider:
            theirs = provider.cancel(
                Cancellation(original=invoice._issued(), external_key="THEIRS")
            )
        refund = self.refund(self.sale)
        self.work()
        self.assertEqual(refund.salon_document_id.number, theirs.number)
        self.assertEqual(self.standing(), 0)

    def test_the_hook_of_a_refund_may_run_twice(self):
        self.work()
        refund = self.refund(self.sale)
        refund.action_pos_order_paid()
        self.work()
        refund.action_pos_order_paid()
        self.work()
        self.assertEqual(self.rows(refund), [("storno", "issued")])

    def test_the_refunds_payment_makes_no_call(self):
        self.work()
        before = len(self.calls())
        self.refund(self.sale, {self.book_line: 1}, [(self.haircut, 1)])
        self.assertEqual(len(self.calls()), before)

    def test_the_buyer_gets_the_storno_as_they_got_the_invoice(self):
        self.work()
        mails = len(self.sandbox.world.ledger()["mails"])
        self.assertEqual(mails, 1)
        self.refund(self.sale)
        self.work()
        self.assertEqual(len(self.sandbox.world.ledger()["mails"]), 2)

    def test_the_refund_follows_its_sale_where_odoo_is_asked_to_invoice(self):
        self.work()
        refund = self.refund(self.sale, to_invoice=True)
        self.assertFalse(refund.account_move)
        self.work()
        self.assertEqual(self.rows(refund), [("storno", "issued")])


@tagged("post_install", "-at_install")
class TestRefundBillingo(RefundTests, RefundCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestRefundBillingoV2(RefundTests, RefundCase):
    provider = "billingo_v2"


@tagged("post_install", "-at_install")
class TestRefundSzamlazz(RefundTests, RefundCase):
    provider = "szamlazz"

    def test_what_was_free_and_comes_back_needs_no_correction(self):
        sale = self.sell([(self.haircut, 1), (self.book, 1, {"discount": 100})])
        self.work()
        refund = self.refund(sale, {sale.lines[1]: 1})
        self.work()
        document = refund.salon_document_id
        self.assertEqual(document.skip_reason, "nothing", document.problem)
