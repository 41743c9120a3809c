"""A proforma becomes one invoice when it is paid, or is put away."""

import dataclasses

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..billing.invoice import Cancellation
from .after_case import AfterCase
from .test_draft import DiscardTests, DraftCase


class ProformaTests:
    def test_a_paid_proforma_becomes_the_invoice_that_names_it(self):
        self.assertEqual((self.draft.kind, self.draft.state), ("proforma", "issued"))
        self.assertTrue(self.draft.number)
        self.finalize(self.draft)
        invoice = self.sale.salon_document_id
        self.assertEqual((invoice.kind, invoice.state), ("invoice", "issued"))
        self.assertEqual(invoice.origin_id, self.draft)
        self.assertEqual(self.draft.state, "converted")
        self.assertNotEqual(invoice.number, self.draft.number)
        self.assertEqual(self.standing(), 15900)

    def test_a_lost_answer_makes_no_second_invoice(self):
        for kind in ("drop_after", "truncated", "status_after"):
            with self.subTest(kind):
                sale = self.sell([(self.book, 1)])
                self.work()
                before = len(self.papers())
                self.fault(kind, path=self.finalizes)
                self.finalize(sale.salon_document_id)
                self.assertEqual(len(self.papers()), before + 1)
                invoice = sale.salon_document_id
                self.assertEqual(
                    (invoice.kind, invoice.state),
                    ("invoice", "issued"),
                    invoice.problem,
                )

    def test_no_second_invoice_beside_one_that_the_service_made(self):
        with self.account._open_provider() as provider:
            self.make_invoice_there(provider)
        self.finalize(self.draft)
        self.assertEqual(len(self.papers()), 1)
        self.assertEqual(self.sale.salon_document_id.number, self.papers()[0]["number"])


class MadeThereCase(DraftCase):
    """The service's own screen has made the invoice of a proforma."""

    kind = "proforma"

    def make_invoice_there(self, provider):
        """Make the invoice of the proforma as the service's own screen would.

        :return: ``billing.invoice.IssuedDocument``
        """
        invoice = self.env["salon.invoice.document"].new(
            {
                "order_id": self.sale.id,
                "company_id": self.company.id,
                "account_id": self.account.id,
                "kind": "invoice",
                "origin_id": self.draft.id,
                "sale_snapshot": self.draft.sale_snapshot,
                "external_key": "MADE-THERE",
            }
        )
        content = invoice._make_invoice(invoice._policy())
        content = dataclasses.replace(
            content, partner_id=self.draft._invoice().partner_id
        )
        return provider.convert_proforma(self.draft._issued(), provider.render(content))


class MadeThereTests:
    """It stands, whatever has become of the proforma."""

    def setUp(self):
        super().setUp()
        with self.account._open_provider() as provider:
            self.theirs = self.make_invoice_there(provider)

    def assert_adopted(self):
        invoice = self.sale.salon_document_id
        self.assertEqual(invoice.number, self.theirs.number)
        self.assertEqual((invoice.kind, invoice.origin_id), ("invoice", self.draft))
        self.assertEqual(self.draft.state, "converted")

    def test_a_whole_refund_reverses_it(self):
        refund = self.refund(self.sale)
        self.work()
        self.assert_adopted()
        self.assertEqual(self.rows(refund), [("storno", "issued")])
        self.assertEqual(self.standing(), 0)

    def test_a_partial_refund_leaves_what_was_kept(self):
        refund = self.refund(self.sale, {self.sale.lines[1]: 1})
        self.work()
        self.assert_adopted()
        settled = {state for _kind, state in self.rows(refund)}
        self.assertEqual(settled, {"issued"})
        self.assertEqual(self.standing(), 12400)

    def test_one_that_was_cancelled_there_leaves_nothing_to_reverse(self):
        with self.account._open_provider() as provider:
            provider.cancel(Cancellation(original=self.theirs, external_key="THEIRS"))
        refund = self.refund(self.sale)
        self.work()
        self.assertEqual(refund.salon_document_id.skip_reason, "discarded")
        self.assertEqual(self.standing(), 0)

    def test_a_person_who_would_discard_the_proforma_is_told(self):
        self.draft.with_user(self.manager).action_discard()
        self.work()
        self.assert_adopted()
        step = self.step(self.draft, "discard")
        self.assertEqual(step.state, "failed")
        self.assertTrue(step.message)


@tagged("post_install", "-at_install")
class TestProformaBillingo(DiscardTests, ProformaTests, MadeThereCase):
    provider = "billingo"
    finalizes = "create-from-proforma"
    discards = "archive"


@tagged("post_install", "-at_install")
class TestProformaBillingoV2(ProformaTests, MadeThereCase):
    provider = "billingo_v2"
    finalizes = "/generate"


@tagged("post_install", "-at_install")
class TestProformaSzamlazz(DiscardTests, ProformaTests, MadeThereCase):
    provider = "szamlazz"
    finalizes = "xmlagentxmlfile$"
    discards = "dijbekero_torlese"


@tagged("post_install", "-at_install")
class TestMadeThereBillingo(MadeThereTests, MadeThereCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestMadeThereSzamlazz(MadeThereTests, MadeThereCase):
    provider = "szamlazz"

    def test_the_daily_look_finds_it(self):
        self.run_cron("cron_daily_check")
        self.work()
        self.assert_adopted()
        self.assertEqual(len(self.papers()), 1)


@tagged("post_install", "-at_install")
class TestNoInvoiceWithoutItsProforma(AfterCase):
    def test_an_invoice_is_no_proforma(self):
        sale = self.sell([(self.haircut, 1)])
        self.work()
        with self.assertRaises(UserError):
            sale.salon_document_id.with_user(self.manager).action_finalize()
