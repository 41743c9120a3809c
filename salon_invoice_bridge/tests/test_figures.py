"""What documents come to is stored with them: net, VAT, tenders, days, shop."""

from decimal import Decimal
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..billing import columns
from ..billing.invoice import PaymentKind
from ..worker.express import Express
from .content_case import ContentCase

FIGURES_LOG = "odoo.addons.salon_invoice_bridge.models.salon_invoice_figures"


class FiguresTests:
    """Figures of what was sold, at each service."""

    allow_inherited_tests_method = True

    def sold(self, lines, **values):
        """Return the document of a sale, issued."""
        document = self.sell(lines, **values).salon_document_id
        self.work()
        self.assertEqual(document.state, "issued", document.problem)
        return document

    def assert_adds_up(self, document):
        figures = document._figures()
        self.assertTrue(figures, document.name)
        gross = Decimal(str(document.amount_gross))
        self.assertEqual(figures.gross, gross)
        self.assertEqual(
            (figures.net, figures.tax),
            (Decimal(str(document.amount_net)), Decimal(str(document.amount_tax))),
        )
        self.assertEqual(sum(figures.tenders.values()) + figures.owed, gross)
        self.assertEqual(figures.shop, document.order_id.config_id.name)
        return figures

    def test_a_sale_has_its_figures(self):
        split = [(self.cash, 2000), (self.card, 7980)]
        for plain in (True, False):
            with self.subTest(plain=plain):
                prepare = Express._prepare if plain else (lambda *_arguments: None)
                with patch.object(Express, "_prepare", prepare):
                    document = self.sold([(self.mens_cut, 2)], payments=split)
                figures = self.assert_adds_up(document)
                self.assertEqual(
                    figures.tenders,
                    {PaymentKind.CASH: Decimal(2000), PaymentKind.CARD: Decimal(7980)},
                )
                self.assertEqual(document.tender, columns.MIXED)
                self.assertEqual(document.shop_id, self.config)
                self.assertEqual(document.fulfillment_date, document._today())
                self.assertEqual(document.issue_date, document._today())
                self.assertFalse(document.buyer_tax_number)

    def test_a_company_has_its_tax_number(self):
        document = self.sold([(self.haircut, 1)], customer=self.business)
        self.assertEqual(document.buyer_tax_number, document._figures().tax_number)
        self.assertTrue(document.buyer_tax_number)

    def test_a_storno_turns_the_figures_of_its_original_around(self):
        document = self.sold([(self.mens_cut, 1), (self.book, 1)])
        document._request_storno("A mistake")
        self.work()
        storno = document.follow_up_ids
        self.assertEqual(storno.state, "issued", storno.problem)
        figures = self.assert_adds_up(storno)
        self.assertEqual(figures.net, -document._figures().net)
        self.assertEqual(storno.amount_tax, -document.amount_tax)
        self.assertEqual(storno.tender, document.tender)

    def test_what_was_kept_has_its_figures(self):
        order = self.sell([(self.mens_cut, 1), (self.book, 1)])
        self.work()
        refund = self.refund(order, {order.lines[0]: 1})
        self.work()
        documents = (order | refund).salon_document_ids
        issued = documents.filtered(lambda row: row.state in ("issued", "cancelled"))
        self.assertGreater(len(issued), 1)
        for document in issued:
            self.assert_adds_up(document)
        left = sum(row._figures().gross for row in issued)
        self.assertEqual(left, Decimal(str(order.lines[1].price_subtotal_incl)))

    def test_no_figures_stop_no_document(self):
        for plain in (True, False):
            prepare = Express._prepare if plain else (lambda *_arguments: None)
            with (
                self.subTest(plain=plain),
                patch.object(Express, "_prepare", prepare),
                patch.object(columns, "work_out", side_effect=ValueError("broken")),
                mute_logger(FIGURES_LOG),
            ):
                document = self.sold([(self.mens_cut, 1)])
                self.assertTrue(document.number)
                self.assertEqual(document.send_count, 1)
                self.assertFalse(document.figures)
                self.assertFalse(document.tender)
                self.assertEqual(document.issue_date, document._today())


@tagged("post_install", "-at_install")
class TestFiguresBillingo(FiguresTests, ContentCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestFiguresSzamlazz(FiguresTests, ContentCase):
    provider = "szamlazz"


@tagged("post_install", "-at_install")
class TestFiguresBillingoV2(FiguresTests, ContentCase):
    provider = "billingo_v2"
