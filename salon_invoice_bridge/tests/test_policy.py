"""The policy: what each till does with its sales; its company is asked last."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import SalonCase
from .euros import Euros


@tagged("post_install", "-at_install")
class TestPolicy(Euros, SalonCase):
    def reason(self, order):
        return order.salon_document_id.skip_reason

    def test_every_sale_is_invoiced_by_default(self):
        """Seed 000, step 5: "ON: every fully-PAID sale auto-invoiced"."""
        self.assertFalse(self.reason(self.sell([(self.haircut, 1)])))

    def test_a_company_that_invoices_by_hand_waits_for_a_person(self):
        """Seed 000, step 5: "OFF: manual from Sales list"."""
        self.company.salon_automatic = False
        self.assertEqual(self.reason(self.sell([(self.haircut, 1)])), "manual")

    def test_a_till_may_invoice_by_hand_while_its_company_does_not(self):
        self.config.salon_mode = "manual"
        self.assertEqual(self.reason(self.sell([(self.haircut, 1)])), "manual")

    def test_a_till_may_invoice_automatically_while_its_company_does_not(self):
        self.company.salon_automatic = False
        self.config.salon_mode = "automatic"
        order = self.sell([(self.haircut, 1)])
        self.assertEqual(order.salon_invoice_state, "waiting")

    def test_beside_a_cash_register_only_customers_get_invoices(self):
        self.config.salon_cash_register = True
        self.company.salon_which = "customer"
        walk_in = self.sell([(self.haircut, 1)])
        known = self.sell([(self.haircut, 1)], customer=self.customer)
        self.assertEqual(self.reason(walk_in), "cash_register")
        self.assertEqual(known.salon_invoice_state, "waiting")

    def test_who_orders_without_a_cashier_asks_for_nothing_but_an_invoice(self):
        """No guest of the self-service says what the cash register has given."""
        self.config.salon_cash_register = True
        orders = self.env["pos.order"].sudo()
        for wish, expected in (("none", False), ("receipt", False), ("invoice", True)):
            data = self.order_data([(self.haircut, 1)], salon_wish=wish)
            answer = orders.sync_from_ui([data])
            order = orders.browse(answer["pos.order"][0]["id"])
            self.assertEqual(order.salon_wish == wish, expected)
            self.assertEqual(order.salon_document_id.state, "waiting", wish)

    def test_beside_a_cash_register_a_person_asks_for_invoices(self):
        self.config.salon_cash_register = True
        self.config.salon_which = "request"
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.assertEqual(self.reason(order), "cash_register")
        order.with_user(self.receptionist).action_salon_generate()
        self.assertEqual(order.salon_invoice_state, "waiting")

    def assert_always_invoiced(self, lines, customer=None, **values):
        """Assert that these lines are invoiced wherever sales are chosen."""
        self.config.salon_cash_register = True
        for which in ("customer", "request"):
            with self.subTest(which):
                self.company.salon_which = which
                order = self.sell(lines, None, customer, **values)
                self.assertEqual(order.salon_invoice_state, "waiting")

    def test_a_business_buyer_is_invoiced_whatever_the_salon_chooses(self):
        person = self.env["res.partner"].create(
            {"name": "Kiss Béla", "parent_id": self.business.id}
        )
        trader = self.env["res.partner"].create(
            {"name": "Nagy Éva e.v.", "vat": "12345676-1-41"}
        )
        for buyer in (self.business, person, trader):
            self.assert_always_invoiced([(self.haircut, 1)], buyer)

    def test_the_tax_id_of_a_person_makes_no_business_buyer(self):
        self.config.salon_cash_register = True
        self.company.salon_which = "request"
        self.customer.vat = "8123456789"
        order = self.sell([(self.haircut, 1)], None, self.customer)
        self.assertEqual(self.reason(order), "cash_register")

    def test_from_900_000_forints_a_sale_is_invoiced_before_cash_is_rounded(self):
        self.assert_always_invoiced([(self.haircut, 1, {"price_unit": 900_000})])
        for price in (899_999, 899_998):
            order = self.sell([(self.haircut, 1, {"price_unit": price})])
            self.assertEqual(self.reason(order), "cash_register")

    def test_discounts_count_and_rounded_cash_and_tips_do_not(self):
        tip = self._make_product("Borravaló", 0, None, salon_role="tip")
        less = self._make_product("Kedvezmény", 0, self.tax_27)
        self.company.salon_tip = "none"
        big = (self.haircut, 1, {"price_unit": 1_000_000, "discount": 10})
        self.assert_always_invoiced([big])
        for line in ((less, 1, {"price_unit": -1}), (tip, 1, {"price_unit": 5000})):
            small = (self.haircut, 1, {"price_unit": 900_000 - (line[0] == tip)})
            order = self.sell([small, line])
            self.assertEqual(self.reason(order), "cash_register")

    def test_a_refund_of_what_had_to_be_invoiced_is_made_by_itself(self):
        self.company.salon_which = "request"
        order = self.sell([(self.haircut, 1)], customer=self.business)
        self.work()
        self.assertEqual(order.salon_document_id.state, "issued")
        self.refund(order)
        self.work()
        self.assertEqual(order.salon_document_id.state, "cancelled")

    def test_a_voucher_that_pays_does_not_make_a_sale_smaller(self):
        card = self._make_product("Ajándékkártya", 5000, None, salon_role="voucher")
        self.assert_always_invoiced(
            [
                (self.haircut, 1, {"price_unit": 900_000}),
                (card, 1, {"price_unit": -5000}),
            ]
        )

    def test_euros_are_counted_in_forints_at_the_rate_of_the_sale(self):
        """2,250 EUR at 400 Ft are 900,000 Ft."""
        pricelist = self.open_euro_shop()
        self.session.config_id.salon_cash_register = True
        euros = {"pricelist_id": pricelist.id}
        line = (self.haircut, 1, {"price_unit": 2250})
        self.assert_always_invoiced([line], **euros)
        order = self.sell([(self.haircut, 1, {"price_unit": 2249.99})], **euros)
        self.assertEqual(self.reason(order), "cash_register")

    def test_no_second_receipt_is_given_by_hand(self):
        """Who has written a receipt by hand has given the sale its receipt."""
        self.company.salon_which = "request"
        order = self.sell([(self.haircut, 1)], state="draft", payments=[])
        order._salon_write_protected({"salon_paper_number": "A-123"})
        self.assertEqual(order._salon_decide().reason, "paper")

    def test_a_company_that_may_not_invoice_gets_none_even_by_hand(self):
        """Seed 001: "Invoice capable: Whether your setup is allowed to issue"."""
        self.company.salon_invoice_capable = False
        order = self.sell([(self.haircut, 1)])
        order.action_salon_generate()
        self.assertEqual(self.reason(order), "incapable")

    def test_a_till_may_make_another_kind_of_document(self):
        self.config.salon_kind = "proforma"
        order = self.sell([(self.haircut, 1)])
        self.assertEqual(order.salon_document_id.kind, "proforma")

    def test_a_till_may_use_a_block_of_its_own(self):
        key = self.sandbox.world.emulator("billingo").account_by_key(
            "demo-billingo-key"
        )
        key["blocks"].append(
            {"id": 13, "name": "Kettes", "prefix": "K2", "type": "invoice"}
        )
        self.account._verify()
        self.config.salon_block = "13"
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual(document.state, "issued", document.problem)
        self.assertTrue(document.number.startswith("K2"))

    def test_a_till_cannot_use_a_block_that_the_account_does_not_have(self):
        """Seed 001: "only lets you save document blocks ... that actually exist"."""
        with self.assertRaises(ValidationError):
            self.config.salon_block = "999"

    def test_a_till_may_sell_through_another_account(self):
        other = self._connect("szamlazz")
        self.company.salon_account_id = self.account
        self.config.salon_account_id = other
        order = self.sell([(self.haircut, 1)])
        self.assertEqual(order.salon_document_id.account_id, other)

    def test_a_till_cannot_make_drafts_at_a_service_that_has_none(self):
        """Seed 003: Számlázz.hu has no draft toggle."""
        self._connect("szamlazz")
        with self.assertRaises(ValidationError):
            self.config.salon_kind = "draft"

    def test_the_sweep_leaves_shops_without_an_account_alone(self):
        self.company.salon_account_id = False
        self.config.copy({"salon_account_id": self.account.id})
        order = self.sell([(self.haircut, 1)])
        self.account.connected_at = order.create_date
        self.assertFalse(self.account._forgotten_sales())
        self.config.salon_account_id = self.account
        self.assertFalse(self.account._forgotten_sales())
