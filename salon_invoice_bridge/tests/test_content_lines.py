"""Discounts, combos, tips, vouchers and VAT codes: what the lines say."""

import json
from decimal import Decimal

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .content_case import ContentCase


@tagged("post_install", "-at_install")
class TestDiscounts(ContentCase):
    def test_a_line_discount_is_in_the_price_and_named_in_the_comment(self):
        """4,990 less 15% is 4,241.50: 4,242 on the document, half a forint recorded."""
        order = self.sell([(self.mens_cut, 1, {"discount": 15})])
        (line,) = self.built(order).lines
        self.assertEqual(line.gross, 4242)
        self.assertIn("15%", line.comment)

    def test_a_fraction_of_a_percent_is_written_as_the_language_writes_it(self):
        order = self.sell([(self.mens_cut, 1, {"discount": 33.33})])
        self.assertIn("33,33%", self.built(order).lines[0].comment)
        order.salon_language = "en"
        self.assertIn("33.33%", self.built(order).lines[0].comment)

    def test_an_order_wide_discount_is_split_over_the_vat_rates(self):
        """10% off 8,900 (27%) and 3,500 (5%): 8,010 and 3,150, no negative line."""
        order = self.sell(
            [
                (self.haircut, 1),
                (self.book, 1),
                self.discount(890, self.tax_27),
                self.discount(350, self.tax_5),
            ]
        )
        invoice = self.built(order)
        self.assertEqual(self.grosses(invoice), {"27": 8010, "5": 3150})
        self.assertEqual(float(invoice.gross), order.amount_total)
        self.assertIn("Kedvezmény", invoice.lines[0].comment)

    def test_a_discount_without_tax_is_spread_over_all_that_was_sold(self):
        """1,000 off 6,000 (27%) and 4,000 (5%): 600 and 400."""
        first = self._make_product("A", 6000, self.tax_27)
        second = self._make_product("B", 4000, self.tax_5)
        order = self.sell([(first, 1), (second, 1), self.discount(1000)])
        self.assertEqual(self.grosses(self.built(order)), {"27": 5400, "5": 3600})

    def test_a_discount_larger_than_its_rate_goes_on_with_the_others(self):
        order = self.sell(
            [(self.book, 1), (self.haircut, 1), self.discount(4000, self.tax_5)]
        )
        invoice = self.built(order)
        self.assertEqual(self.grosses(invoice), {"5": 0, "27": 8400})

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

    def test_a_discount_larger_than_the_sale_stops_before_anything_is_sent(self):
        order = self.sell([(self.book, 1), (self.tip, 1, {"price_unit": 9000})])
        facts = dict(order.salon_document_id.facts)
        facts["lines"] = [
            *facts["lines"],
            {**facts["lines"][0], "gross": "-4000", "role": "discount"},
        ]
        facts["total"] = "8500"
        order.salon_document_id.facts = facts
        self.assertIn("more than was sold", self.stopped(order).message)

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

    def test_three_lines_of_a_third_lose_no_forint(self):
        """3 x 333.33 = 999.99: 1,000 on the document, one line carries the forint."""
        third = self._make_product("Harmad", 333.33, self.tax_27)
        order = self.sell([(third, 1), (third, 1), (third, 1)])
        invoice = self.built(order)
        self.assertEqual(invoice.gross, 1000)
        self.assertEqual(sorted(line.gross for line in invoice.lines), [333, 333, 334])

    def test_a_combo_is_told_by_its_parts(self):
        data = self.order_data(
            [(self.haircut, 1, {"price_unit": 0}), (self.shampoo, 1), (self.book, 1)]
        )
        order = self.sync({**data, "state": "draft", "payment_ids": []})
        parent, *parts = order.lines
        for part in parts:
            part.combo_parent_id = parent
        told = [(line["name"], line["combo"]) for line in order._salon_fact_lines()]
        expected = [("Női hajvágás", True), ("Sampon", False), ("Szakkönyv", False)]
        self.assertEqual(told, expected)

    def test_the_tills_total_that_its_lines_do_not_make_stops_with_both_figures(self):
        order = self.sell([(self.haircut, 1)])
        order.salon_document_id.facts = {
            **order.salon_document_id.facts,
            "total": "8990",
        }
        message = self.stopped(order).message
        self.assertIn("8 990 Ft", message)
        self.assertIn("8 900 Ft", message)

    def test_three_for_a_price_that_no_third_gives_are_three_on_the_document(self):
        """2 x 999 + 1 x 1,000 = 2,998: NAV is told of three pieces, not of one."""
        order = self.sell([(self.haircut, 3, {"price_unit": 2998 / 3})])
        self.issue(order)
        items = json.loads(order.salon_document_id.request)["items"]
        self.assertEqual(
            [(item["quantity"], item["unit_price"]) for item in items],
            [(2, 999), (1, 1000)],
        )

    def test_units_are_the_documents_language(self):
        order = self.sell([(self.haircut, 1)])
        self.assertEqual(self.built(order).lines[0].unit, "db")
        order.salon_language = "en"
        self.assertEqual(self.built(order).lines[0].unit, "pc")


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

    def test_a_product_without_tax_gets_the_companys_default(self):
        product = self._make_product("Termék", 1000, None)
        order = self.sell([(product, 1)])
        self.assertEqual(self.built(order).lines[0].vat, "27")

    def test_a_salon_exempt_from_vat_never_sends_a_bare_zero(self):
        self.company.salon_default_vat = "AAM"
        order = self.sell([(self._make_product("Fodrászat", 1000, None), 1)])
        self.assertEqual(self.built(order).lines[0].vat, "AAM")
        self.assertEqual(self.issue(order)["gross"], 1000)

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
        order.salon_document_id.facts = order._salon_facts()
        self.assertEqual(self.built(order).lines[0].vat, "27")

    def test_a_fiscal_position_that_removes_the_tax_stops(self):
        position = self.env["account.fiscal.position"].create(
            {"name": "Adómentes", "company_id": self.company.id}
        )
        order = self.sell([(self.haircut, 1)], fiscal_position_id=position.id)
        self.assertEqual(self.stopped(order).record, position)

    def test_two_taxes_on_a_line_stop(self):
        product = self._make_product("Dupla", 1000, self.tax_27 + self.tax_5)
        order = self.sell([(product, 1)])
        self.assertIn("several taxes", self.stopped(order).message)


@tagged("post_install", "-at_install")
class TestTips(ContentCase):
    def sell_with_tip(self, tip=1000):
        return self.sell(
            [
                (self.haircut, 1),
                (self.book, 1),
                (self.tip, 1, {"price_unit": tip}),
            ],
            is_tipped=True,
            tip_amount=tip,
        )

    def test_a_tip_is_its_own_line_outside_the_scope_of_vat(self):
        order = self.sell_with_tip()
        self.assertEqual(
            self.grosses(self.built(order)), {"27": 8900, "5": 3500, "ATK": 1000}
        )

    def test_a_service_charge_has_the_rates_of_what_was_sold(self):
        """1,240 over 8,900 (27%) and 3,500 (5%): 890 and 350."""
        self.company.salon_tip = "service"
        invoice = self.built(self.sell_with_tip(1240))
        self.assertEqual(self.grosses(invoice), {"27": 9790, "5": 3850})
        self.assertEqual(len(invoice.lines), 4)

    def test_a_tip_may_be_left_off_the_invoice(self):
        self.company.salon_tip = "none"
        order = self.sell_with_tip()
        invoice = self.built(order)
        self.assertEqual(invoice.gross, 12400)
        self.assertEqual(sum(tender.amount for tender in invoice.tenders), 12400)
        self.assertIn("Borravaló 1 000 Ft", invoice.comment)

    def test_a_tip_alone_that_is_left_off_is_no_invoice(self):
        self.company.salon_tip = "none"
        order = self.sell([(self.tip, 1, {"price_unit": 500})])
        self.assertEqual(order.salon_document_id.skip_reason, "tip")

    def test_no_discount_is_taken_off_a_tip(self):
        order = self.sell(
            [
                (self.haircut, 1),
                (self.tip, 1, {"price_unit": 1000}),
                self.discount(900),
            ]
        )
        self.assertEqual(self.grosses(self.built(order)), {"27": 8000, "ATK": 1000})


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
        self.assertEqual(paid_up.salon_document_id.skip_reason, "zero")

    def test_a_voucher_sold_beside_a_service_is_left_off(self):
        order = self.sell([(self.haircut, 1), (self.gift_card, 1)])
        invoice = self.built(order)
        self.assertEqual(invoice.gross, 8900)
        self.assertEqual(sum(tender.amount for tender in invoice.tenders), 8900)
        self.assertIn("Ajándékkártya 5 000 Ft", invoice.comment)

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

    def test_a_company_may_want_a_person_to_decide(self):
        self.company.salon_voucher_sale = "stop"
        order = self.sell([(self.gift_card, 1)])
        self.assertEqual(self.stopped(order).record, self.gift_card)

    def test_redeeming_a_voucher_is_a_payment_and_no_negative_line(self):
        """8,900 with a card of 5,000: 8,900 of VAT base, 5,000 voucher, 3,900 cash."""
        order = self.sell(
            [(self.haircut, 1), self.discount(5000, None, self.gift_card)]
        )
        invoice = self.built(order)
        self.assertEqual([line.gross for line in invoice.lines], [8900])
        self.assertEqual(
            {t.kind.value: t.amount for t in invoice.tenders},
            {"voucher": 5000, "cash": 3900},
        )
        self.assertEqual(self.issue(order)["gross"], 8900)

    def test_a_service_paid_with_a_voucher_alone_is_invoiced(self):
        card = self._make_product("Utalvány", 0, None)
        card.salon_role = "voucher"
        order = self.sell(
            [(self.haircut, 1), self.discount(8900, None, card)], [(self.cash, 0)]
        )
        invoice = self.built(order)
        self.assertEqual((invoice.gross, invoice.paid), (8900, True))
        self.assertEqual(invoice.payment_kind.value, "voucher")
