"""Refunds and people: what was mended, made by hand or asked for later still fits."""

from odoo.tests import tagged

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
        invoice._standing()._request_storno("Céges vevő")
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
