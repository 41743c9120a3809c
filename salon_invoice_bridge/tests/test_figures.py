"""What documents come to is stored with them: net, VAT, tenders, days, shop."""

import re
from dataclasses import replace
from decimal import Decimal
from unittest.mock import patch

import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..billing import columns
from ..billing.invoice import PaymentKind
from ..models import salon_invoice_figures
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
                self.assertEqual(document.vat_date, document._today())
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


@tagged("post_install", "-at_install")
class TestRefresh(ContentCase):
    """What is filled in, or taken over, after a document was recorded."""

    def setUp(self):
        super().setUp()
        self.document = self.sold()
        self.documents = self.env["salon.invoice.document"]

    def sold(self):
        document = self.sell([(self.mens_cut, 1)]).salon_document_id
        self.work()
        self.assertEqual(document.state, "issued", document.problem)
        return document

    def age(self, *documents):
        """Make rows as an older version has left them."""
        names = (*columns.BLANK, "issue_date", "vat_date", "shop_id")
        for document in documents:
            document.write(dict.fromkeys(names, False))
        self.env.flush_all()

    def columns_of(self, document):
        names = (*columns.BLANK, "issue_date", "vat_date", "shop_id")
        return {name: document[name] for name in names}

    def fill(self):
        commit = patch.object(
            type(self.env["ir.cron"]), "_commit_progress", return_value=60.0
        )
        with commit:
            self.documents._cron_fill_figures()
        self.env.invalidate_all()

    def test_older_documents_are_filled_in_as_new_ones_are(self):
        self.document._request_storno("A mistake")
        self.work()
        storno = self.document.follow_up_ids
        waiting = self.sell([(self.mens_cut, 1)]).salon_document_id
        rows = (self.document, storno, waiting)
        before = [self.columns_of(row) for row in rows]
        self.assertTrue(before[1]["figures"])
        self.age(*rows)
        self.fill()
        self.assertEqual([self.columns_of(row) for row in rows], before)

    def test_older_documents_are_filled_in_without_a_key(self):
        before = self.columns_of(self.document)
        self.age(self.document)
        self.account._credential().api_key = False
        self.fill()
        self.assertEqual(self.columns_of(self.document), before)

    def test_older_documents_are_filled_in_in_batches(self):
        others = [self.sold() for _sale in range(2)]
        self.age(self.document, *others)
        with (
            patch.object(salon_invoice_figures, "BATCH", 2),
            patch.object(
                type(self.env["ir.cron"]), "_commit_progress", return_value=0.0
            ) as committed,
        ):
            self.documents._cron_fill_figures()
            self.assertEqual(committed.call_args.kwargs["remaining"], 2)
            filled = [bool(row.figures) for row in (self.document, *others)]
            self.assertEqual(filled, [True, True, False])
            self.documents._cron_fill_figures()
        self.assertTrue(others[1].figures)

    def test_what_could_not_be_worked_out_is_tried_again(self):
        before = self.columns_of(self.document)
        with (
            patch.object(columns, "work_out", side_effect=ValueError("broken")),
            mute_logger(FIGURES_LOG),
        ):
            lost = self.sold()
        self.assertFalse(lost.figures)
        self.fill()
        self.assertEqual(lost.figures, before["figures"])
        self.assertEqual(lost.amount_net, before["amount_net"])

    @mute_logger(FIGURES_LOG)
    def test_one_that_cannot_be_read_does_not_stop_the_others(self):
        other = self.sold()
        self.age(self.document, other)
        self.document.remote_snapshot = {"number": 1}
        self.fill()
        self.assertTrue(other.figures)
        self.assertEqual(self.document.shop_id, self.config)

    def test_who_meets_another_transaction_goes_on_soon(self):
        job = self.env.ref("salon_invoice_bridge.cron_figures")
        met = patch.object(
            type(self.documents),
            "_lock_without_shop",
            side_effect=psycopg2.errors.SerializationFailure,
        )
        triggers = self.env["ir.cron.trigger"]
        before = triggers.search_count([("cron_id", "=", job.id)])
        with met, self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.assertGreater(triggers.search_count([("cron_id", "=", job.id)]), before)

    def test_a_document_that_is_being_sent_is_left_alone(self):
        waiting = self.sell([(self.mens_cut, 1)]).salon_document_id
        waiting._claim()
        self.age(waiting)
        self.fill()
        self.assertFalse(waiting.shop_id)

    def test_a_look_takes_over_what_the_service_tells(self):
        figures = self.document._figures()
        row = figures.rates[0]
        told = replace(row, net=row.net + 1, tax=row.tax - 1)
        current = replace(self.document._issued(), rates=(told,))
        self.document._compare_with_service(current)
        self.assertEqual(self.document._figures().rates, (told,))
        self.assertEqual(self.document.amount_net, float(told.net))
        self.document._compare_with_service(replace(current, rates=()))
        self.assertEqual(self.document._figures().rates, (told,))

    def test_what_was_made_by_hand_has_a_date_and_no_figures(self):
        lost = self.sell([(self.mens_cut, 1)]).salon_document_id
        lost.with_user(self.manager)._settle("KEZI-1")
        self.assertEqual(lost.state, "issued")
        self.assertIsNone(lost._figures())
        self.assertEqual(lost.vat_date, lost._today())
        self.fill()
        self.assertIsNone(lost._figures())

    def test_what_a_document_replaced_says_is_gone_with_it(self):
        self.document._forget_remote_copy()
        self.assertFalse(self.document.figures)
        self.assertFalse(self.document.vat_date)

    def test_a_draft_is_in_no_sum(self):
        self.document.kind = "draft"
        values = self.document._issued_values(
            self.document._issued(), self.document._invoice()
        )
        self.assertTrue(values["figures"])
        self.assertIsNone(values["amount_net"])
        self.assertIsNone(values["amount_tax"])

    def shown(self, document):
        """Return what the form shows of a document, without blanks and separators."""
        html = document.with_user(self.accountant).content_html
        return re.sub(r"[.,\s\N{NO-BREAK SPACE}]", "", html)

    def test_the_form_shows_what_the_document_says(self):
        self.document.invalidate_recordset()
        html = self.shown(self.document)
        for text in ("Férfihajvágás", "27%", ">4990Ft<", ">3929Ft<", ">1061Ft<"):
            self.assertIn(text, html)
        self.document._request_storno("A mistake")
        self.work()
        html = self.shown(self.document.follow_up_ids)
        for text in ("Férfihajvágás", ">-4990Ft<", ">-3929Ft<", ">-1061Ft<"):
            self.assertIn(text, html)

    @mute_logger("odoo.addons.salon_invoice_bridge.models.salon_invoice_content")
    def test_the_form_opens_where_the_content_cannot_be_read(self):
        self.document.invoice_values = {"of": "another version"}
        self.assertFalse(self.document.content_html)

    def test_what_a_customer_wrote_is_no_markup(self):
        self.mens_cut.name = "<script>alert(1)</script>"
        document = self.sold()
        self.assertNotIn("<script>", document.content_html)
        self.assertIn("&lt;script&gt;", document.content_html)
