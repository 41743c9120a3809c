"""What comes back of a sale in euros has the exchange rate of its sale."""

from unittest.mock import patch

from odoo.tests import tagged

from ..providers import szamlazz
from .after_case import AfterCase
from .euros import Euros


class EuroRefundCase(Euros, AfterCase):
    def setUp(self):
        super().setUp()
        self.pricelist = self.open_euro_shop()
        self.sale = self.sell(
            [
                (self.haircut, 2, {"price_unit": 22.40}),
                (self.book, 3, {"price_unit": 9.99}),
            ],
            pricelist_id=self.pricelist.id,
        )
        self.cut_line, self.book_line = self.sale.lines
        self.work()
        self.invoice = self.sale.salon_document_id

    def refund(self, order, back=None, **values):
        return super().refund(order, back, pricelist_id=self.pricelist.id, **values)

    def use_rate(self, rate):
        """Let the euro be worth ``rate`` forints at the service from now on."""
        state = self.sandbox.world.emulator(self.provider).state
        for account in state["accounts"].values():
            account["rates"]["EUR"] = rate

    def assert_standing(self, amount):
        self.assertEqual({paper["currency"] for paper in self.papers()}, {"EUR"})
        self.assertAlmostEqual(self.standing(), amount, 2)


class EuroRefundTests:
    """The promises, for each service."""

    def test_the_sale_is_invoiced_in_euros(self):
        self.assertEqual(self.invoice.state, "issued", self.invoice.problem)
        self.assert_standing(74.77)

    def test_a_whole_refund_in_euros_is_a_storno(self):
        refund = self.refund(self.sale)
        self.work()
        self.assertEqual(self.rows(refund), [("storno", "issued")])
        self.assertAlmostEqual(refund.salon_document_id.amount_gross, -74.77, 2)
        self.assert_standing(0)

    def test_a_partial_refund_in_euros_leaves_what_the_customer_kept(self):
        refund = self.refund(self.sale, {self.book_line: 1})
        self.work()
        self.assertEqual(
            self.rows(refund),
            [("correction", "issued")]
            if self.corrects
            else [("storno", "issued"), ("remainder", "issued")],
        )
        self.assert_standing(64.78)

    def test_several_refunds_in_euros_end_with_nothing_on_the_invoice(self):
        for back in ({self.book_line: 2}, {self.cut_line: 1, self.book_line: 1}):
            self.refund(self.sale, back)
            self.work()
        self.assert_standing(22.40)
        self.refund(self.sale, {self.cut_line: 1})
        self.work()
        self.assert_standing(0)


@tagged("post_install", "-at_install")
class TestEuroRefundBillingo(EuroRefundTests, EuroRefundCase):
    provider = "billingo"

    def test_a_remainder_in_euros_has_the_rate_of_its_original(self):
        self.use_rate(411.5)
        refund = self.refund(self.sale, {self.book_line: 1})
        self.work()
        remainder = refund.salon_document_ids.filtered(
            lambda row: row.kind == "remainder"
        )
        papers = self.sandbox.world.emulator("billingo").state["documents"]
        paper = papers[remainder.remote_id]["document"]
        self.assertEqual(paper["conversion_rate"], 402.15)
        self.assertEqual(remainder.exchange_rate, 402.15)

    def test_a_reviewed_draft_in_euros_keeps_its_rate(self):
        self.company.salon_kind = "draft"
        sale = self.sell(
            [(self.haircut, 1, {"price_unit": 22.40})], pricelist_id=self.pricelist.id
        )
        self.work()
        self.use_rate(411.5)
        sale.salon_document_id.with_user(self.manager).action_finalize()
        self.work()
        invoice = sale.salon_document_id
        self.assertEqual((invoice.kind, invoice.state), ("invoice", "issued"))
        self.assertEqual(invoice.exchange_rate, 402.15)


@tagged("post_install", "-at_install")
class TestEuroRefundBillingoV2(EuroRefundTests, EuroRefundCase):
    provider = "billingo_v2"


@tagged("post_install", "-at_install")
class TestEuroRefundSzamlazz(EuroRefundTests, EuroRefundCase):
    provider = "szamlazz"

    def setUp(self):
        super().setUp()
        # As long as nobody has looked at it: the answer to a create has no rate.
        self.invoice.exchange_rate = 0

    def rate(self, document):
        """Return the rate that the service has put on a document."""
        papers = self.sandbox.world.emulator("szamlazz").state["documents"]
        (rate,) = (p["rate"] for p in papers if p["number"] == document.number)
        return rate

    def test_a_correction_in_euros_has_the_rate_of_its_original(self):
        self.use_rate("411.5")
        for back in (1, 2):
            refund = self.refund(self.sale, {self.book_line: back})
            self.work()
            correction = refund.salon_document_id
            self.assertEqual(self.rate(correction), "402.15")
            self.assertEqual(correction.exchange_rate, 402.15)
            self.assertEqual(self.invoice.exchange_rate, 402.15)

    def test_a_correction_waits_while_its_original_cannot_be_read(self):
        self.use_rate("411.5")
        self.fault("status_before", path="szamla_agent_xml", status=503, times=2)
        refund = self.refund(self.sale, {self.book_line: 1})
        self.run_lane()
        self.assertEqual(refund.salon_document_id.state, "waiting")
        self.work()
        self.assertEqual(self.rate(refund.salon_document_id), "402.15")

    def test_without_the_rate_of_the_original_a_human_makes_the_correction(self):
        read = szamlazz.answers.amount

        def amount(value):
            return None if value == "402.15" else read(value)

        with patch.object(szamlazz.answers, "amount", amount):
            refund = self.refund(self.sale, {self.book_line: 1})
            self.work()
        document = refund.salon_document_id
        self.assertEqual(document.state, "attention")
        self.assertIn(self.invoice.number, document.problem)
        self.assert_standing(74.77)

    def test_the_daily_look_learns_the_rate(self):
        self.invoice._request_task("look")
        self.work()
        self.assertEqual(self.invoice.exchange_rate, 402.15)
