"""One issuer per sale: Odoo or the service, whoever comes first, from every door.

Odoo's own reporting to NAV is not set up, as in a salon: what Odoo would invoice is
refused there, and so would be the payment.  Only where Odoo invoices on purpose is it
in "demo" mode.
"""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .after_case import RefundCase
from .common import SalonCase

#: How the guard says it; Odoo's own refusals are other words.
OURS = "made at the invoicing service"


class OdooInvoices:
    """Odoo's own invoices can be made in the salon, where a test asks for it."""

    def invoice_in_odoo(self, order):
        """Have the manager invoice a sale on its form."""
        self.let_odoo_report()
        order.with_user(self.manager).action_pos_order_invoice()

    def let_odoo_report(self):
        """Let Odoo report its own invoices to the tax authority, in play."""
        if "l10n_hu_edi_server_mode" in self.company:
            self.company.l10n_hu_edi_server_mode = "demo"


@tagged("post_install", "-at_install")
class TestOneIssuer(OdooInvoices, SalonCase):
    """Doors to Odoo's own invoice after the payment, before and after our document."""

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

    def test_an_order_invoiced_on_its_form_first_is_not_invoiced_by_us(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.invoice_in_odoo(order)
        self.assert_only_odoo(order)

    def test_a_ticket_invoiced_on_the_portal_first_is_not_invoiced_by_us(self):
        order = self.sell([(self.haircut, 1)])
        # What the ticket page does (point_of_sale/controllers/main.py).
        self.let_odoo_report()
        order.sudo().partner_id = self.customer
        order.sudo().action_pos_order_invoice()
        self.assert_only_odoo(order)

    def test_orders_invoiced_in_bulk_first_are_not_invoiced_by_us(self):
        orders = self.sell([(self.haircut, 1)], customer=self.customer)
        orders |= self.sell([(self.mens_cut, 1)], customer=self.customer)
        self.let_odoo_report()
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
                with self.assertRaisesRegex(UserError, OURS), self.env.cr.savepoint():
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
        self.invoice_in_odoo(order)
        self.assertEqual(order.salon_document_id.skip_reason, "odoo")

    def test_a_document_whose_fate_is_unknown_does_not_give_way(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.fault("status_before", method="POST", path="/documents$", status=502)
        self.run_lane()
        self.assertEqual(order.salon_document_id.state, "checking")
        with self.assertRaisesRegex(UserError, OURS):
            order.with_user(self.manager).action_pos_order_invoice()

    def test_a_document_that_was_refused_gives_way_to_odoo(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        refusal = {"status": 422, "body": '{"message": "No", "errors": []}'}
        self.fault("status_before", method="POST", path="/documents$", **refusal)
        self.run_lane()
        self.assertEqual(order.salon_document_id.state, "attention")
        self.invoice_in_odoo(order)
        self.assertEqual(order.salon_document_id.skip_reason, "odoo")

    def test_what_was_settled_by_hand_does_not_give_way(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        order.salon_document_id.with_user(self.manager)._settle("KEZI-1")
        with self.assertRaisesRegex(UserError, OURS):
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
        self.invoice_in_odoo(order)
        self.assertTrue(order.account_move)
        with self.assertRaisesRegex(UserError, "is the valid document"):
            order.salon_document_id.with_user(self.manager).action_reissue()
        self.assertEqual(len(self.issued()), 2, "the invoice and its storno")

    def test_what_odoo_invoiced_after_a_storno_comes_back_in_odoo(self):
        order = self.cancelled()
        self.invoice_in_odoo(order)
        back = self.refund(order, to_invoice=True)
        self.work()
        self.assertEqual(back.account_move.move_type, "out_refund")
        self.assertEqual(len(self.issued()), 2, "the invoice and its storno")

    def test_a_storno_on_its_way_does_not_give_way(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.work()
        order.salon_document_id.with_user(self.manager)._request_storno("Elírás")
        with self.assertRaisesRegex(UserError, OURS):
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

    def test_what_a_refund_has_left_is_not_invoiced_in_odoo(self):
        self.refund(self.sale, {self.book_line: 1})
        self.work()
        self.assertEqual(self.sale.salon_document_id.state, "cancelled")
        with self.assertRaisesRegex(UserError, OURS):
            self.invoice_in_odoo(self.sale)

    def test_what_a_refund_has_left_and_still_waits_is_not_invoiced_in_odoo(self):
        self.fault("refuse_before", path=self.creates, times=None)
        refund = self.refund(self.sale, {self.book_line: 1})
        self.run_lane()
        self.assertIn(dict(self.rows(refund))["remainder"], ("waiting", "checking"))
        self.assertEqual(self.sale.salon_document_id.state, "cancelled")
        with self.assertRaisesRegex(UserError, OURS):
            self.invoice_in_odoo(self.sale)

    def test_a_sale_that_came_back_whole_may_be_invoiced_in_odoo(self):
        self.refund(self.sale)
        self.work()
        self.invoice_in_odoo(self.sale)
        self.assertTrue(self.sale.account_move)

    def test_an_exchange_of_what_odoo_invoiced_is_not_invoiced_by_us(self):
        before = len(self.issued())
        sale = self.sell([(self.haircut, 1)])
        self.invoice_in_odoo(sale)
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


@tagged("post_install", "-at_install")
class TestInvoiceAtTheTill(OdooInvoices, SalonCase):
    """*Invoice* in a sale that is paid: in a connected till a wish, from every door."""

    def by_hand(self):
        self.company.salon_automatic = False

    def assert_ours(self, order, buyer=None):
        """Check that the sale is paid, and invoiced at the service alone."""
        self.assertEqual(order.state, "paid")
        self.assertFalse(order.account_move)
        self.assertFalse(order.to_invoice)
        self.run_lane()
        self.assertEqual(order.salon_document_id.state, "issued")
        buyer = buyer or self.business
        self.assertEqual(order.salon_document_id.buyer_name, buyer.name)
        self.assertEqual(len(self.issued()), 1)

    # === THE DOORS === #

    def test_a_company_at_a_till_that_chooses_invoice_by_itself(self):
        data = self.order_data([(self.haircut, 1)], customer=self.business)
        self.assertTrue(data["to_invoice"], "as Odoo's own till does")
        self.assert_ours(self.sync(data))

    def test_a_person_for_whom_somebody_presses_invoice(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer, to_invoice=True)
        self.assert_ours(order, self.customer)

    def test_an_order_that_was_saved_before_it_is_paid(self):
        data = self.order_data([(self.haircut, 1)], customer=self.business)
        later = {**data, "lines": [], "access_token": data["access_token"]}
        draft = self.sync({**data, "state": "draft", "payment_ids": []})
        self.assertTrue(draft.to_invoice, "the till still shows what was pressed")
        self.assertFalse(draft.salon_wish)
        self.assert_ours(self.sync(later))

    def pay(self, order):
        """Pay an order in the payment wizard of the backend."""
        context = {"active_id": order.id, "active_ids": order.ids}
        self.env["pos.make.payment"].with_user(self.manager).with_context(
            **context
        ).create({"payment_method_id": self.cash.id}).check()

    def test_an_order_that_is_paid_in_the_payment_wizard(self):
        data = self.order_data([(self.haircut, 1)], customer=self.business)
        draft = self.sync({**data, "state": "draft", "payment_ids": []})
        self.pay(draft)
        self.assert_ours(draft)

    def saved(self):
        """Return an order whose payment has been written, but not yet looked at."""
        data = self.order_data([(self.haircut, 1)], customer=self.business)
        return self.sync({**data, "state": "draft"})

    def test_an_order_that_is_paid_online_or_at_a_kiosk(self):
        """As pos_online_payment and pos_self_order end a payment."""
        order = self.saved()
        order.sudo()._process_saved_order(False)
        self.assert_ours(order)

    def test_an_order_that_a_terminal_of_self_ordering_says_is_paid(self):
        """As pos_self_order_adyen, _stripe and others do it."""
        order = self.saved()
        order.sudo().action_pos_order_paid()
        self.assert_ours(order)

    def test_a_shop_with_an_account_of_its_own(self):
        self.company.salon_account_id = False
        self.config.salon_account_id = self.account
        self.assert_ours(self.sell([(self.haircut, 1)], customer=self.business))

    def test_the_paused_account_of_a_till_is_its_issuer_still(self):
        self.account.state = "paused"
        order = self.sell([(self.haircut, 1)], customer=self.business)
        self.assertFalse(order.account_move)
        self.assertEqual(order.salon_document_id.state, "waiting")

    # === THE WISH === #

    def test_where_invoices_are_made_by_hand_only_the_wish_asks(self):
        self.by_hand()
        wished = self.sell([(self.haircut, 1)], customer=self.customer, to_invoice=True)
        other = self.sell([(self.haircut, 1)], customer=self.business, to_invoice=False)
        self.assertEqual(other.salon_document_id.skip_reason, "manual")
        self.assert_ours(wished, self.customer)

    def test_where_invoices_are_on_request_the_wish_is_one(self):
        self.company.salon_which = "request"
        self.config.salon_cash_register = True
        order = self.sell([(self.haircut, 1)], customer=self.customer, to_invoice=True)
        self.assert_ours(order, self.customer)

    def test_where_only_customers_get_invoices_the_wish_is_enough(self):
        self.company.salon_which = "customer"
        self.config.salon_cash_register = True
        order = self.sell([(self.haircut, 1)], to_invoice=True)
        self.assertEqual(order.salon_document_id.state, "waiting")

    def test_the_wish_on_a_customers_account_asks_too(self):
        later = self.env["pos.payment.method"].create(
            {"name": "Vevőszámla", "split_transactions": True}
        )
        self.session.sudo().close_session_from_ui()
        self.config.payment_method_ids |= later
        self.session = self._open_session(self.config)
        sales = [
            self.sell(
                [(self.haircut, 1)], [(later, 8900)], self.customer, to_invoice=wish
            )
            for wish in (False, True)
        ]
        self.assertEqual(sales[0].salon_document_id.skip_reason, "customer_account")
        self.assertEqual(sales[1].salon_document_id.state, "waiting")

    def test_a_company_that_may_not_invoice_does_not_for_a_wish(self):
        self.company.salon_invoice_capable = False
        order = self.sell([(self.haircut, 1)], customer=self.customer, to_invoice=True)
        self.assertFalse(order.account_move)
        self.assertEqual(order.salon_document_id.skip_reason, "incapable")

    def test_a_till_says_the_wish_before_the_payment_and_not_afterwards(self):
        self.by_hand()
        wished = self.sync(self.order_data([(self.haircut, 1)], salon_wish="invoice"))
        self.assertEqual(wished.salon_document_id.state, "waiting")
        silent = self.sync(self.order_data([(self.haircut, 1)]))
        silent.with_user(self.manager).write(
            {"salon_wish": "invoice", "salon_buyer_id": self.business.id}
        )
        self.assertFalse(silent.salon_wish)
        self.assertFalse(silent.salon_buyer_id)
        self.assertEqual(silent.salon_document_id.skip_reason, "manual")

    def test_a_till_reads_back_the_wishes_and_nothing_else_of_ours(self):
        names = self.env["pos.order"]._load_pos_data_fields(self.config)
        self.assertIn("to_invoice", names)
        self.assertEqual(
            {name for name in names if name.startswith("salon_")},
            {"salon_wish", "salon_buyer_id", "salon_paper_number"},
        )

    def test_a_wish_that_cannot_be_taken_over_leaves_the_sale_as_odoo_has_it(self):
        def fail(order):
            order.env.cr.execute("SELECT 1 / 0")

        self.let_odoo_report()
        hook = "odoo.addons.salon_invoice_bridge.models.pos_order"
        with (
            patch.object(
                type(self.env["pos.order"]), "_salon_is_made_at_service", fail
            ),
            mute_logger("odoo.sql_db", hook),
        ):
            order = self.sell([(self.haircut, 1)], customer=self.business)
        self.assertTrue(order.account_move)
        self.assertEqual(order.salon_document_id.skip_reason, "odoo")

    # === WHAT STAYS ODOO'S === #

    def test_a_till_knows_whether_it_is_connected(self):
        def told():
            config = self.config.with_user(self.receptionist)
            return config._load_pos_data_read(config, config)[0]["salon_connected"]

        self.assertTrue(told())
        self.company.salon_account_id = False
        self.env.invalidate_all()
        self.assertFalse(told())
        self.config.salon_account_id = self.account
        self.env.invalidate_all()
        self.assertTrue(told())

    def test_a_till_that_is_not_connected_is_as_odoo_made_it(self):
        self.company.salon_account_id = False
        self.let_odoo_report()
        order = self.sell([(self.haircut, 1)], customer=self.business)
        self.assertTrue(order.account_move)
        self.assertTrue(order.to_invoice)
        self.assertFalse(order.salon_wish)
        self.assertFalse(order.salon_document_ids)

    def test_the_refund_of_what_odoo_invoiced_is_its_credit_note(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.invoice_in_odoo(order)
        back = self.refund(order, to_invoice=True)
        self.assertTrue(back.to_invoice)
        self.assertEqual(back.account_move.move_type, "out_refund")

    def test_the_refund_of_what_nobody_invoiced_is_not_odoos(self):
        self.by_hand()
        order = self.sell([(self.haircut, 1)], customer=self.business, to_invoice=False)
        back = self.refund(order, to_invoice=True)
        self.assertEqual(back.state, "paid")
        self.assertFalse(back.account_move)
        self.assertFalse(back.to_invoice)
