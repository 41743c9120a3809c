"""Refunds at another till or account, after changes, and left to a human."""

from odoo.tests import tagged

from .after_case import OnAccountCase, RefundCase
from .common import ACCOUNTS


@tagged("post_install", "-at_install")
class TestRefundElsewhere(RefundCase):
    """Refunds at another till, in another session, another currency, after changes."""

    def test_a_refund_at_another_till_follows_its_sale(self):
        self.work()
        other = self.env["pos.config"].create(
            {"name": "Másik", "payment_method_ids": self.card.ids}
        )
        self.session = self._open_session(other)
        paid = [(self.card, -3500)]
        refund = self.refund(self.sale, {self.book_line: 1}, payments=paid)
        self.work()
        self.assertNotEqual(refund.config_id, self.sale.config_id)
        self.assertEqual(self.standing(), self.kept())

    def test_a_refund_follows_its_sale_to_the_account_that_issued_it(self):
        self.work()
        former = self.account
        now = self._connect("szamlazz")
        refund = self.refund(self.sale, {self.book_line: 1}, [(self.mens_cut, 1)])
        for _turn in range(4):
            self.run_lane(former)
            self.run_lane(now)
        accounts = {row.kind: row.account_id for row in refund.salon_document_ids}
        self.assertEqual(accounts["storno"], former)
        self.assertEqual(accounts["remainder"], former)
        self.assertEqual(accounts["invoice"], now)
        self.assertEqual(self.standing(), self.kept())

    def test_a_refund_at_a_disconnected_account_asks_a_human(self):
        self.work()
        self.account.state = "disconnected"
        refund = self.refund(self.sale)
        document = refund.salon_document_id
        self.assertEqual(document.state, "attention")
        self.assertEqual(document.problem_reason, "disconnected")

    def test_what_was_kept_has_the_vat_that_it_was_invoiced_with(self):
        self.tax_0.salon_vat_code = "AAM"
        course = self._make_product("Tanfolyam", 20000, self.tax_0)
        sale = self.sell([(course, 1), (self.book, 1)])
        self.work()
        self.tax_0.salon_vat_code = "TAM"
        course.name = "Átnevezve"
        refund = self.refund(sale, {sale.lines[1]: 1})
        self.work()
        remainder = refund.salon_document_ids.filtered(
            lambda row: row.kind == "remainder"
        )
        (line,) = remainder._invoice().lines
        self.assertEqual((line.vat, line.gross), ("AAM", 20000))
        self.assertIn("Tanfolyam", line.name)

    def test_what_was_kept_is_numbered_by_the_block_that_there_is_now(self):
        """The block and the bank account of the sale are gone when it is invoiced."""
        self.account.bank_account = "21"
        self.work()
        documents = type(self.env["salon.invoice.document"])
        due = documents._is_remainder_due

        def replace_block(document):
            there = self.sandbox.world.emulator("billingo").account_by_key(
                ACCOUNTS["billingo"]["api_key"]
            )
            # Not before: the emulator numbers a storno by its original's block.
            there["blocks"] = [
                {"id": 31, "name": "Új", "prefix": "UJ", "type": "invoice"}
            ]
            there["bank_accounts"] = [{**there["bank_accounts"][0], "id": 32}]
            self.account._verify()
            self.account.write({"block": "31", "bank_account": "32"})
            return due(document)

        self.patch(documents, "_is_remainder_due", replace_block)
        refund = self.refund(self.sale, {self.book_line: 1})
        self.work()
        self.assertEqual(
            self.rows(refund), [("storno", "issued"), ("remainder", "issued")]
        )
        self.assertTrue(refund.salon_document_ids[0].number.startswith("UJ"))
        self.assertEqual(self.account.state, "connected")
        self.assertEqual(self.standing(), self.kept())

    def test_a_refund_of_a_sale_that_was_refused_drops_both(self):
        document = self.sale.salon_document_id
        document._need_attention("no", "rejected")
        refund = self.refund(self.sale)
        self.work()
        self.assertEqual(document.state, "skipped")
        self.assertFalse(document.activity_ids)
        self.assertEqual(refund.salon_document_id.skip_reason, "refunded")
        self.assertFalse(self.issued())

    def test_more_cannot_come_back_than_was_sold(self):
        self.work()
        refund = self.refund(self.sale, {self.mens_line: 2})
        self.work()
        document = refund.salon_document_id
        self.assertEqual(document.state, "attention")
        self.assertIn(self.mens_cut.name, document.problem)

    def test_refunds_of_what_an_exchange_sold_take_their_turns(self):
        """The exchange is a sale with refunds, and itself a refund of another sale."""
        self.work()
        sold = [(self.book, 2)]
        exchange = self.refund(self.sale, {self.mens_line: 1}, sold)
        self.work()
        line = exchange.lines.filtered(lambda line: line.qty > 0)
        first = self.refund(exchange, {line: 1})
        second = self.refund(exchange, {line: 1})
        later, earlier = second.salon_document_id, first.salon_document_id
        later.next_attempt = earlier.next_attempt.replace(year=2020)
        self.work()
        documents = (exchange | first | second).salon_document_ids
        self.assertLessEqual(
            set(documents.mapped("state")), {"issued", "cancelled", "skipped"}
        )
        self.assertEqual(self.standing(), self.kept() - 7000)

    def test_a_refund_without_its_sale_goes_to_a_human(self):
        self.work()
        before = len(self.issued())
        order = self.sell([(self.haircut, -1)], is_refund=True)
        self.work()
        document = order.salon_document_id
        self.assertEqual(document.state, "attention")
        self.assertEqual(len(self.issued()), before)

    def test_a_human_may_settle_a_refund_and_the_next_one_goes_on(self):
        self.work()
        first = self.refund(self.sale, {self.mens_line: 2})
        self.work()
        second = self.refund(self.sale, {self.book_line: 1})
        self.work()
        self.assertEqual(second.salon_document_id.state, "waiting")
        first.salon_document_id.with_user(self.manager)._settle(note="tévedés")
        self.run_lane()
        self.assertNotEqual(second.salon_document_id.state, "waiting")

    def test_a_discount_comes_back_with_its_line(self):
        sale = self.sell(
            [(self.haircut, 2, {"discount": 15}), (self.mens_cut, 1, {"discount": 15})]
        )
        self.work()
        before = self.standing()
        refund = self.refund(sale, {sale.lines[0]: 1})
        self.work()
        self.assertLess(abs(self.standing() - before - refund.amount_total), 1)
        self.refund(sale, {sale.lines[0]: 1, sale.lines[1]: 1})
        self.work()
        self.assertEqual(self.standing(), before - round(sale.amount_total))

    def test_the_storno_waits_until_the_key_is_mended(self):
        self.work()
        refund = self.refund(self.sale)
        self.fault("status_before", status=401, times=None)
        self.run_lane()
        self.assertEqual(self.account.state, "paused")
        self.sandbox.world.faults.clear()
        self.account.action_resume()
        self.work()
        self.assertEqual(self.rows(refund), [("storno", "issued")])

    def test_what_was_kept_is_not_invoiced_before_the_storno_is_made(self):
        self.work()
        self.fault(
            "status_before",
            path=self.cancels,
            status=422,
            body='{"message": "Validation Failed", "errors": []}',
        )
        refund = self.refund(self.sale, {self.book_line: 1})
        self.work()
        self.assertEqual(
            self.rows(refund), [("storno", "attention"), ("remainder", "waiting")]
        )
        self.assertEqual(len(self.papers()), 1)
        refund.salon_document_id.with_user(self.manager).action_retry()
        self.work()
        self.assertEqual(
            self.rows(refund), [("storno", "issued"), ("remainder", "issued")]
        )
        self.assertEqual(self.standing(), self.kept())

    def test_a_storno_is_dropped_and_asked_for_again_before_the_lane_has_noticed(self):
        """It and the invoice of what was kept would wait for each other for ever."""
        self.work()
        self.fault("status_before", path=self.cancels, status=422, body="{}")
        refund = self.refund(self.sale, {self.book_line: 1})
        self.work()
        refund.salon_document_id.with_user(self.manager)._settle(note="mégsem")
        refund.with_user(self.receptionist).action_salon_generate()
        self.work()
        refund.with_user(self.receptionist).action_salon_generate()  # a second time
        self.work()
        self.assertEqual(
            self.rows(refund), [("storno", "issued"), ("remainder", "issued")]
        )
        self.assertEqual(self.standing(), self.kept())

    def test_two_presses_on_a_dropped_refund_ask_for_its_storno_only(self):
        """It and the invoice of what was kept would wait for each other for ever."""
        self.work()
        self.fault("status_before", path=self.cancels, status=422, body="{}")
        refund = self.refund(self.sale, {self.book_line: 1})
        self.work()
        refund.salon_document_id.with_user(self.manager)._settle(note="mégsem")
        for _press in range(2):
            refund.with_user(self.receptionist).action_salon_generate()
        self.work()
        self.assertEqual(
            self.rows(refund), [("storno", "issued"), ("remainder", "issued")]
        )
        self.assertEqual(self.standing(), self.kept())

    def test_what_was_kept_and_recorded_by_hand_is_not_invoiced_once_more(self):
        """Who asks for the refund again is told of it, instead of a program error."""
        self.work()
        self.fault("status_before", path=self.cancels, status=422, body="{}")
        refund = self.refund(self.sale, {self.book_line: 1})
        self.work()
        storno, remainder = refund.salon_document_ids.sorted("id")
        remainder.with_user(self.manager)._settle("KEZI-1")
        storno.with_user(self.manager)._settle()
        before = len(self.issued())
        refund.with_user(self.receptionist).action_salon_generate()
        self.work()
        self.assertEqual(storno.state, "attention")
        self.assertIn("KEZI-1", storno.problem)
        self.assertEqual(len(self.issued()), before)

    def test_what_was_kept_is_not_invoiced_if_the_storno_is_dropped(self):
        self.work()
        self.fault("status_before", path=self.cancels, status=422, body="{}")
        refund = self.refund(self.sale, {self.book_line: 1})
        self.work()
        refund.salon_document_id.with_user(self.manager)._settle(note="mégsem")
        self.work()
        self.assertEqual(
            self.rows(refund), [("storno", "skipped"), ("remainder", "skipped")]
        )
        self.assertEqual(self.sale.salon_document_id.state, "issued")


@tagged("post_install", "-at_install")
class TestRefundOnAccount(OnAccountCase):
    """What is taken off a customer's account is nobody's money."""

    provider = "szamlazz"

    def sell_by(self, method):
        """Sell a haircut and a book; return the sale, which has its invoice."""
        sale = self.sell([(self.haircut, 1), (self.book, 1)], [(method, 12400)])
        sale.with_user(self.manager).action_salon_generate()
        self.work()
        return sale

    def correct(self, sale, method):
        """Take the book back; return the correction at the service."""
        refund = self.refund(sale, {sale.lines[1]: 1}, payments=[(method, -3500)])
        self.work()
        correction = refund.salon_document_id
        self.assertEqual((correction.kind, correction.state), ("correction", "issued"))
        return self.at_service(correction)

    def test_a_correction_taken_off_the_account_is_not_paid(self):
        paper = self.correct(self.sell_by(self.on_account), self.on_account)
        self.assertEqual((paper["gross"], paper["paid"]), ("-3500", "0"))

    def test_a_correction_that_was_given_back_in_cash_is_paid(self):
        paper = self.correct(self.sell_by(self.on_account), self.cash)
        self.assertEqual((paper["gross"], paper["paid"]), ("-3500", "-3500"))

    def test_what_was_paid_and_is_put_on_the_account_is_still_owed_to_the_customer(
        self,
    ):
        paper = self.correct(self.sell_by(self.cash), self.on_account)
        self.assertEqual((paper["gross"], paper["paid"]), ("-3500", "0"))


@tagged("post_install", "-at_install")
class TestCorrectionPrefix(RefundCase):
    provider = "szamlazz"

    def test_a_correction_has_the_prefix_that_there_is_now(self):
        self.account.block = "SZ"
        self.work()
        there = self.sandbox.world.emulator("szamlazz").account_by_key(
            ACCOUNTS["szamlazz"]["api_key"]
        )
        there["prefixes"] = ["UJ"]
        self.account.block = "UJ"
        refund = self.refund(self.sale, {self.book_line: 1})
        self.work()
        self.assertEqual(self.rows(refund), [("correction", "issued")])
        self.assertTrue(refund.salon_document_id.number.startswith("UJ-"))
        self.assertEqual(self.account.state, "connected")
        self.assertEqual(self.standing(), self.kept())
