"""Refunds and people: what was mended, made by hand or asked for later still fits."""

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from .after_case import RefundCase


@tagged("post_install", "-at_install")
class TestRefundMended(RefundCase):
    """What a person mends and retries is still only a part of its sale."""

    def retry(self, document):
        document.with_user(self.manager).action_retry()
        self.work()
        self.assertEqual(document.state, "issued", document.problem)

    def test_a_reissue_that_needed_a_person_still_leaves_out_what_came_back(self):
        self.work()
        self.refund(self.sale, {self.book_line: 1})
        self.work()
        invoice = self.sale.salon_document_id
        invoice._effective_document()._request_storno("Céges vevő")
        self.work()
        number = self.business.vat
        self.business.vat = False
        self.sale.partner_id = self.business
        invoice.with_user(self.manager).action_reissue()
        self.work()
        again = self.sale.salon_document_id
        self.assertEqual((again.generation, again.problem_cause), (2, "business"))
        self.business.vat = number
        self.retry(again)
        self.assertEqual(again.buyer_name, self.business.name)
        self.assertEqual(self.standing(), self.kept())
        self.refund(self.sale, {self.book_line: 1})
        self.work()
        self.assertEqual(self.standing(), self.kept())

    def test_new_lines_of_an_exchange_can_be_mended_and_retried(self):
        self.work()
        course = self._make_product("Tanfolyam", 20000, self.tax_0)
        exchange = self.refund(self.sale, {self.book_line: 1}, [(course, 1)])
        self.work()
        new = exchange.salon_document_ids.filtered(lambda row: row.kind == "invoice")
        self.assertEqual(new.state, "attention")
        self.tax_0.salon_vat_code = "AAM"
        self.retry(new)
        self.assertEqual(new.amount_gross, 20000)
        self.assertEqual(self.standing(), self.kept())


@tagged("post_install", "-at_install")
class TestRefundBuyer(RefundCase):
    """What was kept is billed to who was billed, whatever became of them in Odoo."""

    def kept_of(self, sale, line):
        refund = self.refund(sale, {line: 1})
        self.work()
        return refund.salon_document_ids.filtered(lambda row: row.kind == "remainder")

    def test_a_customer_who_was_merged_into_another_one_keeps_the_rest(self):
        self.work()
        sold_to = self.sale.salon_document_id.invoice_values["partner_id"]
        other = self.customer.copy({"name": "Őrségi Zsófia (új)"})
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (self.customer | other).ids, other
        )
        self.assertFalse(self.customer.exists())
        remainder = self.kept_of(self.sale, self.book_line)
        self.assertEqual(remainder.state, "issued", remainder.problem)
        self.assertEqual(remainder.invoice_values["partner_id"], sold_to)
        self.assertEqual(self.standing(), self.kept())

    def test_a_decision_about_the_buyer_holds_for_what_was_kept_too(self):
        self.work()
        self.company.salon_accepts_business = False
        sale = self.sell([(self.haircut, 1), (self.book, 2)], customer=self.business)
        self.work()
        invoice = sale.salon_document_id
        invoice.with_user(self.receptionist).action_issue_for_private()
        self.work()
        line = sale.lines.filtered(lambda line: line.product_id == self.book)
        remainder = self.kept_of(sale, line)
        self.assertEqual(remainder.state, "issued", remainder.problem)
        self.assertEqual(remainder.buyer_name, invoice.buyer_name)
        self.assertEqual(
            remainder.invoice_values["partner_id"], invoice.invoice_values["partner_id"]
        )


class HandMadeTests:
    """What was made by hand at the service is nothing that can be reckoned with."""

    def assert_asks_a_human(self, refund, before):
        document = refund.salon_document_id
        self.assertEqual(document.state, "attention", self.rows(refund))
        self.assertIn("KEZI-1", document.problem)
        self.assertEqual(len(self.issued()), before)

    def test_a_refund_after_one_that_was_made_by_hand_asks_a_human(self):
        self.work()
        before = len(self.issued())
        self.account.state = "disconnected"
        first = self.refund(self.sale, {self.book_line: 1}).salon_document_id
        first.with_user(self.accountant)._settle("KEZI-1")
        self.account.state = "connected"
        second = self.refund(self.sale, {self.mens_line: 1})
        self.work()
        self.assert_asks_a_human(second, before)

    def test_a_refund_after_a_refused_one_that_was_made_by_hand_asks_a_human(self):
        self.work()
        before = len(self.issued())
        first = self.refund(self.sale, {self.book_line: 1})
        self.fault("refuse_before", path=f"{self.cancels}|{self.creates}", times=None)
        self.run_lane()
        self.sandbox.world.faults.clear()
        for document in first.salon_document_ids.sorted("id"):
            document._need_attention("Refused.", "rejected")
            number = "KEZI-1" if document.kind != "storno" else "KEZI-0"
            document.with_user(self.accountant)._settle(number)
        self.account.backoff_until = False
        second = self.refund(self.sale, {self.mens_line: 1})
        self.work()
        self.assert_asks_a_human(second, before)


@tagged("post_install", "-at_install")
class TestHandMadeBillingo(HandMadeTests, RefundCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestHandMadeSzamlazz(HandMadeTests, RefundCase):
    provider = "szamlazz"


@tagged("post_install", "-at_install")
class TestRefundAskedForLater(RefundCase):
    """Whoever asks late, or again, gets documents of everything that happened."""

    def test_a_sale_invoiced_after_part_of_it_came_back_is_corrected(self):
        self.config.salon_mode = "manual"
        sale = self.sell([(self.book, 3)])
        refund = self.refund(sale, {sale.lines: 1})
        self.work()
        self.assertEqual(refund.salon_document_id.skip_reason, "not_invoiced")
        self.config.salon_mode = "automatic"
        before = self.standing()
        sale.with_user(self.receptionist).action_salon_generate()
        self.work()
        self.assertEqual(
            self.rows(refund), [("storno", "issued"), ("remainder", "issued")]
        )
        self.assertEqual(self.standing() - before, 7000)

    def test_a_sale_that_the_sweep_found_after_part_came_back_is_corrected(self):
        with patch.object(type(self.sale), "_salon_on_paid", lambda order: None):
            sale = self.sell([(self.book, 3)])
        self.work()
        before = self.standing()
        refund = self.refund(sale, {sale.lines: 1})
        self.work()
        self.assertEqual(refund.salon_document_id.skip_reason, "no_original")
        self.config.salon_live_since = sale.create_date
        self.run_cron("cron_sweep")
        self.work()
        self.assertEqual(self.standing() - before, 7000)

    def test_what_came_back_counts_off_a_dropped_invoice_that_was_made_after_all(self):
        """Its answer was lost, a person did not want it, and then asked for it."""
        self.work()
        before = self.standing()
        self.fault("drop_after", path=self.creates)
        self.fault("status_before", method="GET", status=503, times=None)
        sale = self.sell([(self.book, 3)])
        self.run_lane()
        document = sale.salon_document_id
        self.assertEqual(document.state, "checking")
        document._transition("attention", problem_reason="unproven")
        self.sandbox.world.faults.clear()
        document.with_user(self.manager)._settle(note="mégsem")
        refund = self.refund(sale, {sale.lines: 1})
        self.work()
        self.assertEqual(refund.salon_document_id.skip_reason, "not_invoiced")
        sale.with_user(self.receptionist).action_salon_generate()
        self.work()
        self.assertEqual(document.state, "cancelled")
        self.assertEqual(
            self.rows(refund), [("storno", "issued"), ("remainder", "issued")]
        )
        self.assertEqual(self.standing() - before, 7000)

    def test_a_sale_of_which_everything_came_back_is_not_invoiced_later(self):
        self.config.salon_mode = "manual"
        sale = self.sell([(self.book, 3)])
        refund = self.refund(sale)
        self.work()
        before = len(self.issued())
        sale.with_user(self.receptionist).action_salon_generate()
        self.work()
        self.assertEqual(sale.salon_document_id.skip_reason, "refunded")
        self.assertEqual(refund.salon_document_id.state, "skipped")
        self.assertEqual(len(self.issued()), before)

    def drop_unreadable(self, lines):
        """Return a refund that nobody can read, and that a person has dropped."""
        orders = type(self.sale)
        with patch.object(orders, "_salon_snapshot", side_effect=ValueError("broken")):
            refund = self.refund(self.sale, lines)
        refund.salon_document_ids.with_user(self.manager)._settle()
        self.assertEqual(self.rows(refund), [("refund", "skipped")])

        def snapshot(order, checked=False):
            if order == refund:
                raise ValueError("broken")
            return take_snapshot(order, checked)

        take_snapshot = orders._salon_snapshot
        broken = patch.object(orders, "_salon_snapshot", snapshot)
        broken.start()
        self.addCleanup(broken.stop)

    @mute_logger("odoo.addons.salon_invoice_bridge.models.pos_order")
    def test_a_dropped_refund_that_cannot_be_read_stops_no_other_refund(self):
        self.work()
        self.drop_unreadable({self.mens_line: 1})
        refund = self.refund(self.sale, {self.book_line: 1})
        self.work()
        self.assertEqual(
            self.rows(refund), [("storno", "issued"), ("remainder", "issued")]
        )

    @mute_logger("odoo.addons.salon_invoice_bridge.models.pos_order")
    def test_a_dropped_refund_that_cannot_be_read_does_not_stop_its_sale(self):
        self.drop_unreadable({self.mens_line: 1})
        self.work()
        self.assertEqual(self.sale.salon_document_id.state, "issued")

    @mute_logger("odoo.addons.salon_invoice_bridge.models.pos_order")
    def test_an_exchange_whose_hook_failed_gets_both_documents_after_a_retry(self):
        self.work()
        with patch.object(
            type(self.sale), "_salon_snapshot", side_effect=ValueError("broken")
        ):
            exchange = self.refund(self.sale, {self.mens_line: 1}, [(self.book, 2)])
        documents = exchange.salon_document_ids
        self.assertEqual(set(documents.mapped("state")), {"attention"})
        documents.with_user(self.receptionist).action_retry()
        self.work()
        self.assertEqual(
            set(self.rows(exchange)),
            {("storno", "issued"), ("remainder", "issued"), ("invoice", "issued")},
        )
        self.assertEqual(self.standing(), self.kept())

    @mute_logger("odoo.addons.salon_invoice_bridge.models.pos_order")
    def test_the_goods_of_an_exchange_are_not_lost_with_its_refund(self):
        self.work()
        with patch.object(
            type(self.sale), "_salon_snapshot", side_effect=ValueError("broken")
        ):
            exchange = self.refund(self.sale, {self.mens_line: 1}, [(self.book, 2)])
        refund = exchange.salon_document_ids.filtered(lambda row: row.kind == "refund")
        refund.with_user(self.manager)._settle(note="papíron")
        self.work()
        self.assertIn(("invoice", "attention"), self.rows(exchange))
