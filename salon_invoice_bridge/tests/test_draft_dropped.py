"""A draft whose invoice was dropped is still a draft: issued later, or put away."""

import dataclasses

from odoo.tests import tagged

from ..billing.invoice import Kind
from .test_draft import BillingoDraft


@tagged("post_install", "-at_install")
class TestDroppedInvoice(BillingoDraft):
    """The invoice of a draft was refused, and a person said that none is needed."""

    def drop(self):
        """Have the draft's invoice refused and dropped; return its row."""
        paper = self.at_billingo()
        before, paper["comment"] = paper["comment"], "A könyv ajándék"
        self.finalize(self.draft)
        invoice = self.sale.salon_document_id
        self.assertEqual((invoice.kind, invoice.state), ("invoice", "attention"))
        invoice.with_user(self.manager)._settle()
        paper["comment"] = before
        return invoice

    def test_it_can_be_issued_after_all(self):
        invoice = self.drop()
        self.finalize(self.draft)
        self.assertEqual(invoice.state, "issued", invoice.problem)
        self.assertEqual(self.draft.state, "converted")
        self.assertEqual(self.sale.salon_document_ids, invoice | self.draft)
        self.assertEqual(self.standing(), 15900)

    def test_one_that_was_made_at_the_service_meanwhile_is_adopted(self):
        invoice = self.drop()
        content = dataclasses.replace(self.draft._invoice(), kind=Kind.INVOICE)
        with self.account._open_provider() as provider:
            theirs = provider.finalize(self.draft._issued(), provider.render(content))
        self.draft.with_user(self.manager)._request_task("look")
        self.work()
        self.assertEqual((invoice.state, invoice.number), ("issued", theirs.number))
        self.assertEqual(self.standing(), 15900)

    def test_its_draft_is_discarded_when_everything_comes_back(self):
        self.drop()
        refund = self.refund(self.sale)
        self.work()
        self.assertEqual(self.draft.state, "discarded")
        self.assertEqual(refund.salon_document_id.skip_reason, "discarded")

    def test_its_refund_is_not_made_in_odoo(self):
        self.drop()
        refund = self.refund(self.sale, to_invoice=True)
        self.assertFalse(refund.account_move)

    def test_its_draft_is_made_anew_when_a_part_comes_back(self):
        self.drop()
        self.refund(self.sale, {self.sale.lines[1]: 1})
        self.work()
        again = self.sale.salon_document_id
        self.assertEqual((again.kind, again.amount_gross), ("draft", 12400))
        self.finalize(again)
        self.assertEqual(self.standing(), 12400)

    def refund_unheeded(self, *back):
        """Take things back as if it had been decided that this needs no document."""
        refund = self.refund(self.sale, *back).salon_document_id
        refund._transition("skipped", skip_reason="not_invoiced")
        return refund

    def test_a_part_that_had_come_back_before_is_heeded(self):
        self.drop()
        self.refund_unheeded({self.sale.lines[1]: 1})
        self.finalize(self.draft)
        self.assertEqual(self.standing(), 12400)

    def test_what_had_come_back_whole_before_is_not_invoiced(self):
        invoice = self.drop()
        refund = self.refund_unheeded()
        self.finalize(self.draft)
        self.assertEqual(invoice.skip_reason, "refunded")
        self.assertEqual(refund.skip_reason, "discarded")
        self.assertEqual(self.draft.state, "discarded")
        self.assertFalse(self.papers())

    def test_what_comes_back_whole_before_it_is_sent_is_not_invoiced(self):
        self.draft.with_user(self.manager).action_finalize()
        self.refund(self.sale)
        self.work()
        self.assertEqual(self.draft.state, "discarded")
        self.assertFalse(self.papers())
