"""One issuer per sale: Odoo or the service, whoever comes first, from every door."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .after_case import RefundCase
from .common import SalonCase


class OdooInvoices:
    """Odoo's own invoices can be made in the salon, too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Odoo reports its own invoices to the tax authority: here only in play.
        if "l10n_hu_edi_server_mode" in cls.company:
            cls.company.l10n_hu_edi_server_mode = "demo"


@tagged("post_install", "-at_install")
class TestOneIssuer(OdooInvoices, SalonCase):
    """Four doors to Odoo's own invoice, before and after our document: eight cases."""

    # === ODOO FIRST === #

    def assert_only_odoo(self, order):
        self.assertTrue(order.account_move)
        self.run_lane()
        self.assertFalse(self.issued())
        self.assertEqual(order.salon_document_id.state, "skipped")
        self.assertEqual(order.salon_document_id.skip_reason, "odoo")
        order.with_user(self.receptionist).action_salon_generate()
        self.run_lane()
        self.assertFalse(self.issued(), "asking again must not make a second one")

    def test_a_sale_that_the_till_invoices_in_odoo_is_not_invoiced_by_us(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer, to_invoice=True)
        self.assert_only_odoo(order)

    def test_an_order_invoiced_on_its_form_first_is_not_invoiced_by_us(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        order.with_user(self.manager).action_pos_order_invoice()
        self.assert_only_odoo(order)

    def test_a_ticket_invoiced_on_the_portal_first_is_not_invoiced_by_us(self):
        order = self.sell([(self.haircut, 1)])
        # What the ticket page does (point_of_sale/controllers/main.py).
        order.sudo().partner_id = self.customer
        order.sudo().action_pos_order_invoice()
        self.assert_only_odoo(order)

    def test_orders_invoiced_in_bulk_first_are_not_invoiced_by_us(self):
        orders = self.sell([(self.haircut, 1)], customer=self.customer)
        orders |= self.sell([(self.mens_cut, 1)], customer=self.customer)
        self.bulk(orders)
        for order in orders:
            self.assert_only_odoo(order)

    # === WE FIRST === #

    def assert_only_ours(self, order, door):
        for state in ("sending", "issued"):
            with self.subTest(state=state):
                if state == "issued":
                    self.run_lane()
                    self.assertEqual(order.salon_document_id.state, "issued")
                else:
                    order.salon_document_id.write(
                        {"state": "sending", "sent_at": order.salon_document_id._now()}
                    )
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    door(order)
                order.invalidate_recordset()
                self.assertFalse(order.account_move)
                if state == "sending":
                    order.salon_document_id.state = "waiting"
        self.assertEqual(len(self.issued()), 1)

    def test_a_sale_that_we_have_taken_is_not_invoiced_when_the_till_asks_later(self):
        """``to_invoice`` comes with the order: a till that sends it again is late."""
        data = self.order_data([(self.haircut, 1)], customer=self.customer)
        order = self.sync({**data})
        self.run_lane()
        self.sync({**data, "to_invoice": True})
        self.assertFalse(order.account_move)
        self.assertEqual(len(self.issued()), 1)

    def test_an_order_that_we_have_taken_is_not_invoiced_on_its_form(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.assert_only_ours(
            order, lambda o: o.with_user(self.manager).action_pos_order_invoice()
        )

    def test_a_ticket_that_we_have_taken_is_not_invoiced_on_the_portal(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.assert_only_ours(order, lambda o: o.sudo().action_pos_order_invoice())

    def test_orders_that_we_have_taken_are_not_invoiced_in_bulk(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.assert_only_ours(order, self.bulk)

    def bulk(self, orders):
        self.env["pos.make.invoice"].with_user(self.manager).with_context(
            active_ids=orders.ids
        ).create({"consolidated_billing": True}).action_create_invoices()

    # === AND WHAT IS BETWEEN === #

    def test_a_document_that_waits_gives_way_to_odoo(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.assertEqual(order.salon_document_id.state, "waiting")
        order.with_user(self.manager).action_pos_order_invoice()
        self.assertEqual(order.salon_document_id.skip_reason, "odoo")

    def test_a_document_whose_fate_is_unknown_does_not_give_way(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.fault("status_before", method="POST", path="/documents$", status=502)
        self.run_lane()
        self.assertEqual(order.salon_document_id.state, "checking")
        with self.assertRaises(UserError):
            order.with_user(self.manager).action_pos_order_invoice()

    def test_a_document_that_was_refused_gives_way_to_odoo(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        refusal = {"status": 422, "body": '{"message": "No", "errors": []}'}
        self.fault("status_before", method="POST", path="/documents$", **refusal)
        self.run_lane()
        self.assertEqual(order.salon_document_id.state, "attention")
        order.with_user(self.manager).action_pos_order_invoice()
        self.assertEqual(order.salon_document_id.skip_reason, "odoo")

    def test_what_was_settled_by_hand_does_not_give_way(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        order.salon_document_id.with_user(self.manager)._settle("KEZI-1")
        with self.assertRaises(UserError):
            order.with_user(self.manager).action_pos_order_invoice()

    def cancelled(self):
        """Return a sale whose invoice was cancelled at the service."""
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.work()
        order.salon_document_id.with_user(self.manager)._request_storno("Elírás")
        self.work()
        self.assertEqual(order.salon_document_id.state, "cancelled")
        return order

    def test_a_sale_whose_invoice_was_cancelled_may_be_invoiced_in_odoo(self):
        order = self.cancelled()
        order.with_user(self.manager).action_pos_order_invoice()
        self.assertTrue(order.account_move)
        with self.assertRaisesRegex(UserError, "stands for this sale"):
            order.salon_document_id.with_user(self.manager).action_reissue()
        self.assertEqual(len(self.issued()), 2, "the invoice and its storno")

    def test_what_odoo_invoiced_after_a_storno_comes_back_in_odoo(self):
        order = self.cancelled()
        order.with_user(self.manager).action_pos_order_invoice()
        back = self.refund(order, to_invoice=True)
        self.work()
        self.assertEqual(back.account_move.move_type, "out_refund")
        self.assertEqual(len(self.issued()), 2, "the invoice and its storno")

    def test_a_storno_on_its_way_does_not_give_way(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.work()
        order.salon_document_id.with_user(self.manager)._request_storno("Elírás")
        with self.assertRaises(UserError):
            order.with_user(self.manager).action_pos_order_invoice()

    def test_odoo_and_we_touch_the_same_row(self):
        """So that of two transactions at once only one can be committed."""
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        field = order._fields["salon_document_id"]
        self.assertTrue(field.store and field.column_type)


@tagged("post_install", "-at_install")
class TestOneIssuerOfReturns(OdooInvoices, RefundCase):
    """Billingo: a partial refund leaves a storno and an invoice of what was kept."""

    def setUp(self):
        super().setUp()
        self.work()

    def invoice_in_odoo(self):
        self.sale.with_user(self.manager).action_pos_order_invoice()

    def test_what_a_refund_has_left_is_not_invoiced_in_odoo(self):
        self.refund(self.sale, {self.book_line: 1})
        self.work()
        self.assertEqual(self.sale.salon_document_id.state, "cancelled")
        with self.assertRaisesRegex(UserError, "made at the invoicing service"):
            self.invoice_in_odoo()

    def test_what_a_refund_has_left_and_still_waits_is_not_invoiced_in_odoo(self):
        self.fault("refuse_before", path=self.creates, times=None)
        refund = self.refund(self.sale, {self.book_line: 1})
        self.run_lane()
        self.assertIn(dict(self.rows(refund))["remainder"], ("waiting", "checking"))
        self.assertEqual(self.sale.salon_document_id.state, "cancelled")
        with self.assertRaisesRegex(UserError, "made at the invoicing service"):
            self.invoice_in_odoo()

    def test_a_sale_that_came_back_whole_may_be_invoiced_in_odoo(self):
        self.refund(self.sale)
        self.work()
        self.invoice_in_odoo()
        self.assertTrue(self.sale.account_move)

    def test_an_exchange_that_odoo_invoiced_is_not_invoiced_by_us(self):
        before = len(self.issued())
        sale = self.sell([(self.haircut, 1)], to_invoice=True)
        exchange = self.refund(sale, None, [(self.book, 1)], to_invoice=True)
        self.assertTrue(sale.account_move and exchange.account_move)
        exchange.with_user(self.receptionist).action_salon_generate()
        self.work()
        self.assertEqual(len(self.issued()), before)
        self.assertEqual(exchange.salon_document_id.skip_reason, "odoo")

    def test_an_exchange_of_what_we_invoiced_is_invoiced_by_us(self):
        exchange = self.refund(self.sale, None, [(self.book, 1)], to_invoice=True)
        self.work()
        self.assertFalse(exchange.account_move)
        self.assertEqual(exchange.salon_document_id.kind, "invoice")
        self.assertEqual(self.standing(), self.kept())
