"""A proforma becomes one invoice when it is paid, or is put away."""

import dataclasses

from odoo.exceptions import UserError
from odoo.tests import tagged

from .after_case import AfterCase
from .test_draft import DiscardTests, DraftCase


class ProformaTests:
    kind = "proforma"

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

    def make_invoice_there(self, provider):
        """Make the invoice of the proforma as the service's own screen would."""
        invoice = self.env["salon.invoice.document"].new(
            {
                "order_id": self.sale.id,
                "company_id": self.company.id,
                "account_id": self.account.id,
                "kind": "invoice",
                "origin_id": self.draft.id,
                "facts": self.draft.facts,
                "external_key": "MADE-THERE",
            }
        )
        content = invoice._resolve()
        content = dataclasses.replace(
            content, partner_id=self.draft._invoice().partner_id
        )
        provider.convert_proforma(self.draft._issued(), provider.render(content))


@tagged("post_install", "-at_install")
class TestProformaBillingo(DiscardTests, ProformaTests, DraftCase):
    provider = "billingo"
    kind = "proforma"
    finalizes = "create-from-proforma"
    discards = "archive"


@tagged("post_install", "-at_install")
class TestProformaBillingoV2(ProformaTests, DraftCase):
    provider = "billingo_v2"
    kind = "proforma"
    finalizes = "/generate"


@tagged("post_install", "-at_install")
class TestProformaSzamlazz(DiscardTests, ProformaTests, DraftCase):
    provider = "szamlazz"
    kind = "proforma"
    finalizes = "xmlagentxmlfile$"
    discards = "dijbekero_torlese"


@tagged("post_install", "-at_install")
class TestNoInvoiceWithoutItsProforma(AfterCase):
    def test_an_invoice_is_no_proforma(self):
        sale = self.sell([(self.haircut, 1)])
        self.work()
        with self.assertRaises(UserError):
            sale.salon_document_id.with_user(self.manager).action_finalize()
