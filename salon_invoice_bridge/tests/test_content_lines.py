"""Discounts, combos, tips, vouchers and VAT codes: what the lines say."""

from decimal import Decimal

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .content_case import ContentCase


@tagged("post_install", "-at_install")
class TestDiscounts(ContentCase):
    def test_a_free_service_stands_at_zero_beside_what_was_paid(self):
        order = self.sell([(self.haircut, 1), (self.book, 1, {"discount": 100})])
        invoice = self.built(order)
        self.assertEqual([line.gross for line in invoice.lines], [8900, 0])
        self.assertIn("100%", invoice.lines[1].comment)
        self.issue(order)

    def test_a_discount_of_everything_is_no_invoice(self):
        order = self.sell([(self.haircut, 1), self.discount(8900)])
        self.assertEqual(order.salon_document_id.skip_reason, "zero")

    def test_lines_that_cancel_out_are_no_invoice_and_nobodys_work(self):
        order = self.sell([(self.haircut, 1), (self.haircut, -1)])
        document = order.salon_document_id
        self.assertEqual((document.state, document.skip_reason), ("skipped", "zero"))

    def test_what_cancels_out_at_other_taxes_only_needs_a_person(self):
        other = self._make_product("Más", 8900, self.tax_5)
        order = self.sell([(self.haircut, 1), (other, -1)])
        self.assertIn("came back", self.stopped(order).message)

    def test_less_than_half_a_forint_is_no_invoice(self):
        """Services count whole forints: 40% of 1 Ft would be an invoice of 0 Ft."""
        order = self.sell([(self.haircut, 1, {"price_unit": 1, "discount": 60})])
        self.assertEqual(order.salon_document_id.skip_reason, "zero")

    def test_a_pricelist_or_manual_price_is_what_was_paid(self):
        order = self.sell([(self.haircut, 1, {"price_unit": 7777})])
        self.assertEqual(self.built(order).gross, 7777)


@tagged("post_install", "-at_install")
class TestQuantities(ContentCase):
    def test_a_fraction_of_a_piece_is_billed_to_the_forint(self):
        """0.35 x 8,900 = 3,115."""
        order = self.sell([(self.haircut, 0.35)])
        (line,) = self.built(order).lines
        self.assertEqual((line.quantity, line.gross), (Decimal("0.35"), 3115))
        self.assertEqual(Decimal(str(self.issue(order)["gross"])), 3115)

    def test_prices_without_tax_are_billed_with_it(self):
        """1,000 + 27% = 1,270."""
        tax = self._make_tax("27% nettó", 27, price_include_override="tax_excluded")
        order = self.sell([(self._make_product("Nettós", 1000, tax), 1)])
        self.assertEqual(self.built(order).gross, 1270)

    def test_a_combo_is_told_by_its_parts(self):
        data = self.order_data(
            [(self.haircut, 1, {"price_unit": 0}), (self.shampoo, 1), (self.book, 1)]
        )
        order = self.sync({**data, "state": "draft", "payment_ids": []})
        parent, *parts = order.lines
        for part in parts:
            part.combo_parent_id = parent
        told = [(line["name"], line["combo"]) for line in order._salon_snapshot_lines()]
        expected = [("Női hajvágás", True), ("Sampon", False), ("Szakkönyv", False)]
        self.assertEqual(told, expected)


@tagged("post_install", "-at_install")
class TestVat(ContentCase):
    def test_a_zero_tax_without_a_code_stops_and_links_to_the_tax(self):
        order = self.sell([(self._make_product("Oktatás", 5000, self.tax_0), 1)])
        problem = self.stopped(order)
        self.assertEqual(problem.record, self.tax_0)
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual(document.state, "attention")
        self.assertEqual(document.problem_record, self.tax_0)
        self.assertFalse(self.issued())
        self.tax_0.salon_vat_code = "TAM"
        document.with_user(self.receptionist).action_retry()
        self.run_lane()
        self.assertEqual(document.state, "issued", document.problem)
        self.assertEqual(document._invoice().lines[0].vat, "TAM")

    def test_no_code_can_be_set_that_charges_something_else(self):
        for code in ("AAM", "18"):
            with self.assertRaises(ValidationError):
                self.tax_27.salon_vat_code = code
        with self.assertRaises(ValidationError):
            self.tax_0.salon_vat_code = "27"

    def test_the_tax_tells_what_will_stand_on_the_invoice(self):
        self.assertEqual(self.tax_27.salon_vat, "27%")
        self.assertFalse(self.tax_0.salon_vat)
        self.tax_0.salon_vat_code = "AAM"
        self.assertEqual(self.tax_0.salon_vat, "AAM")

    def sell_exempt(self):
        """Sell at 27% in a company that is exempt; return the document, stopped."""
        self.company.salon_default_vat = "AAM"
        order = self.sell([(self.haircut, 1), self.discount(900, self.tax_27)])
        self.assertEqual(order.state, "paid")
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual(document.state, "attention")
        self.assertEqual(document.problem_record, self.company)
        self.assertIn("exempt from VAT (AAM)", document.problem)
        self.assertIn("27%", document.problem)
        self.assertFalse(self.issued())
        return document

    def test_an_exempt_company_with_taxes_that_charge_stops_until_it_is_said(self):
        """Each answer is kept with its day, and lets go what has waited for it."""
        for answer, code in (("exempt", "AAM"), ("taxes", "27")):
            with self.subTest(answer):
                self.company.salon_default_vat = "27"
                document = self.sell_exempt()
                with freeze_time("2026-03-05 12:00:00"):
                    self.company.salon_vat_answer = answer
                self.assertEqual(
                    fields.Date.to_string(self.company.salon_vat_answered_on),
                    "2026-03-05",
                )
                self.run_lane()
                self.assertEqual(document.state, "issued", document.problem)
                self.assertEqual(self.grosses(document._invoice()), {code: 8000})
                self.sandbox.world.reset()

    def test_another_default_is_an_answer_too(self):
        document = self.sell_exempt()
        self.company.salon_default_vat = "27"
        self.run_lane()
        self.assertEqual(document.state, "issued", document.problem)
        self.assertEqual(self.grosses(document._invoice()), {"27": 8000})

    def test_an_answer_about_aam_is_forgotten_with_the_question(self):
        self.company.salon_default_vat = "AAM"
        self.company.salon_vat_answer = "taxes"
        self.company.salon_default_vat = "AAM"
        self.assertEqual(self.company.salon_vat_answer, "taxes")
        self.company.salon_default_vat = "27"
        self.assertFalse(self.company.salon_vat_answer)
        self.assertFalse(self.company.salon_vat_answered_on)

    def test_an_untaxed_line_that_is_nothing_sold_stops(self):
        reward = self._make_product("Jutalom", 100, None, sale_ok=False)
        order = self.sell([(reward, 1)])
        self.assertEqual(self.stopped(order).record, reward)
        reward.salon_role = "sale"
        order.salon_document_id.sale_snapshot = order._salon_snapshot()
        self.assertEqual(self.built(order).lines[0].vat, "27")

    def test_a_fiscal_position_that_removes_the_tax_stops(self):
        position = self.env["account.fiscal.position"].create(
            {"name": "Adómentes", "company_id": self.company.id}
        )
        order = self.sell([(self.haircut, 1)], fiscal_position_id=position.id)
        self.assertEqual(self.stopped(order).record, position)


@tagged("post_install", "-at_install")
class TestTips(ContentCase):
    def test_a_tip_alone_that_is_left_off_is_no_invoice(self):
        self.company.salon_tip = "none"
        order = self.sell([(self.tip, 1, {"price_unit": 500})])
        self.assertEqual(order.salon_document_id.skip_reason, "tip")


@tagged("post_install", "-at_install")
class TestVouchers(ContentCase):
    def test_selling_a_voucher_is_no_supply(self):
        order = self.sell([(self.gift_card, 1)])
        self.assertEqual(order.salon_document_id.state, "skipped")
        self.assertEqual(order.salon_document_id.skip_reason, "voucher")

    def test_a_single_purpose_voucher_is_sold_with_its_vat_and_then_nothing(self):
        """5,000 at 27% when it is sold; of 8,900 later 3,900 are left to be billed."""
        self.company.salon_voucher_sale = "sale"
        self.gift_card.taxes_id = self.tax_27
        sold = self.built(self.sell([(self.gift_card, 1)]))
        self.assertEqual(self.grosses(sold), {"27": 5000})
        redeemed = self.discount(5000, self.tax_27, self.gift_card)
        used = self.sell([(self.haircut, 1), redeemed])
        self.assertEqual(self.grosses(self.built(used)), {"27": 3900})
        redeemed = self.discount(8900, self.tax_27, self.gift_card)
        paid_up = self.sell([(self.haircut, 1), redeemed])
        self.assertEqual(paid_up.salon_document_id.skip_reason, "voucher_used")

    def stop_unanswered(self, *lines):
        """Sell where nobody has said what vouchers are; return the document."""
        self.company.salon_voucher_sale = False
        order = self.sell(lines)
        self.assertEqual(order.state, "paid")
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual(document.state, "attention", document.skip_reason)
        self.assertEqual(document.problem_record, self.company)
        self.assertIn("Ajándékkártya is a voucher", document.problem)
        self.assertTrue(document.activity_ids)
        self.assertFalse(self.issued())
        return document

    def test_until_somebody_says_what_vouchers_are_their_sales_wait(self):
        """The till sells on, and each answer lets go what has waited for it."""
        self.gift_card.taxes_id = self.tax_27
        for answer, code in (("skip", {"27": 8900}), ("sale", {"27": 13900})):
            with self.subTest(answer):
                document = self.stop_unanswered((self.haircut, 1), (self.gift_card, 1))
                self.company.salon_voucher_sale = answer
                self.assertFalse(document.activity_ids)
                self.run_lane()
                self.assertEqual(document.state, "issued", document.problem)
                self.assertEqual(self.grosses(document._invoice()), code)
                self.sandbox.world.reset()

    def test_what_is_paid_with_a_voucher_waits_for_the_answer_too(self):
        """Of a single-purpose one the VAT would be charged twice."""
        redeemed = self.discount(5000, self.tax_27, self.gift_card)
        document = self.stop_unanswered((self.haircut, 1), redeemed)
        self.company.salon_voucher_sale = "sale"
        self.run_lane()
        self.assertEqual(self.grosses(document._invoice()), {"27": 3900})

    def test_a_voucher_alone_is_no_invoice_once_it_is_said_to_be_multi_purpose(self):
        document = self.stop_unanswered((self.gift_card, 1))
        self.company.salon_voucher_sale = "skip"
        self.run_lane()
        self.assertEqual(document.state, "skipped", document.problem)
        self.assertEqual(document.skip_reason, "voucher")
        self.assertFalse(self.issued())
