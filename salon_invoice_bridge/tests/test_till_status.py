"""What a till asks about the invoices of its sales, and when it hears of them."""

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SalonCase, make_company


@tagged("post_install", "-at_install")
class TestTillStatus(SalonCase):
    def status(self, orders, user=None):
        """Return the answer of a till's question about ``orders``."""
        till = self.env["pos.order"].with_user(user or self.receptionist)
        return till.browse(orders.ids).salon_till_status()

    def test_a_sale_is_pending_and_then_has_its_number(self):
        order = self.sell([(self.haircut, 1)])
        pending = self.status(order)[order.id]
        self.assertEqual((pending["state"], pending["number"]), ("pending", ""))
        self.work()
        issued = self.status(order)[order.id]
        self.assertEqual(issued["state"], "issued")
        self.assertEqual(issued["number"], order.salon_document_id.number)
        self.assertTrue(issued["url"])
        self.assertFalse(issued["can_retry"])

    def test_a_sale_without_an_invoice_says_why(self):
        self.company.salon_automatic = False
        order = self.sell([(self.haircut, 1)])
        skipped = self.status(order)[order.id]
        self.assertEqual(skipped["state"], "skipped")
        self.assertIn("made by hand here", skipped["text"])

    def test_each_state_says_why_it_is_so_and_of_which_kind_the_document_is(self):
        order = self.sell([(self.haircut, 1)])
        pending = self.status(order)[order.id]
        self.assertEqual((pending["kind"], pending["reason"]), ("invoice", ""))
        order.salon_document_id._need_attention("The postcode is missing.", "content")
        reason = self.status(order)[order.id]["reason"]
        self.assertEqual(reason, "The postcode is missing.")
        order.salon_document_id.action_retry()
        self.work()
        refund = self.refund(order)
        self.work()
        status = self.status(refund)[refund.id]
        self.assertEqual((status["state"], status["kind"]), ("issued", "storno"))
        self.assertEqual(status["number"], refund.salon_document_id.number)
        self.assertEqual(self.status(order)[order.id]["state"], "cancelled")

    def test_a_reason_of_the_salons_policy_is_said_alone(self):
        self.company.salon_automatic = False
        order = self.sell([(self.haircut, 1)])
        reason = self.status(order)[order.id]["reason"]
        self.assertEqual(reason, "Invoices are made by hand here")

    def test_the_slip_offers_what_the_customers_page_offers(self):
        self.company.salon_automatic = False
        sales = self.sell([(self.haircut, 1)])
        self.assertFalse(self.config.salon_till_requests)
        self.assertFalse(self.status(sales)[sales.id]["can_request"])
        self.company.salon_guest_may_request = True
        self.assertTrue(self.config.salon_till_requests)
        self.assertTrue(self.status(sales)[sales.id]["can_request"])
        named = self.sell([(self.haircut, 1)], customer=self.customer)
        self.assertFalse(self.status(named)[named.id]["can_request"])
        self.config.salon_guest_requests = "no"
        self.assertFalse(self.config.salon_till_requests)
        self.assertFalse(self.status(sales)[sales.id]["can_request"])

    def test_a_list_reads_nothing_more_where_guests_may_ask_for_nothing(self):
        order = self.sell([(self.haircut, 1)])
        with patch.object(type(order), "_salon_slip", autospec=True) as slip:
            self.assertFalse(self.status(order)[order.id]["can_request"])
        slip.assert_not_called()

    def test_where_nothing_is_connected_the_sale_is_odoos(self):
        self.company.salon_account_id = False
        order = self.sell([(self.haircut, 1)])
        self.assertEqual(self.status(order)[order.id]["state"], "odoo")

    def test_a_receptionist_retries_from_the_till(self):
        order = self.sell([(self.haircut, 1)])
        order.salon_document_id._need_attention("The postcode is missing.", "content")
        status = self.status(order)[order.id]
        self.assertEqual((status["state"], status["can_retry"]), ("attention", True))
        self.assertIn("The postcode is missing.", status["text"])
        answer = order.with_user(self.receptionist).salon_till_retry()
        self.assertEqual(answer[order.id]["state"], "pending")
        self.work()
        self.assertEqual(self.status(order)[order.id]["state"], "issued")

    def test_sales_of_another_company_and_of_nobody_are_left_out(self):
        order = self.sell([(self.haircut, 1)])
        other = make_company(self.env, "Másik Szalon Kft.")
        stranger = self._make_user("stranger", "point_of_sale.group_pos_user")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.env = self.env(context={"allowed_company_ids": other.ids})
        self.assertEqual(self.status(order, stranger), {})
        with self.assertRaises(AccessError):
            order.with_env(self.env).with_user(stranger).salon_till_retry()
        self.env = order.env
        gone = order.browse(order.id + 1_000_000)
        self.assertEqual(list(self.status(order | gone)), order.ids)

    # === THE MESSAGE === #

    def messages(self, function):
        """Return ``(till, ids)`` of the messages that ``function`` sends to tills."""
        sent = []

        def notify(config, name, message):
            if name == "SALON_INVOICE":
                self.assertEqual(list(message), ["ids"])
                sent.append((config, message["ids"]))

        with patch.object(type(self.env["pos.config"]), "_notify", notify):
            function()
        return sent

    def test_a_till_hears_of_its_sale_once_and_only_its_id(self):
        order = self.sell([(self.haircut, 1)])
        self.assertEqual(self.messages(self.work), [(self.config, order.ids)])

    def test_a_payment_sends_no_message(self):
        self.assertEqual(self.messages(lambda: self.sell([(self.haircut, 1)])), [])

    def test_trusted_tills_hear_of_it_too(self):
        second = self.config.copy({"name": "Második kassza"})
        self.config.trusted_config_ids = second
        order = self.sell([(self.haircut, 1)])
        self.assertEqual(
            self.messages(self.work), [(self.config, order.ids), (second, order.ids)]
        )

    # === WHO IS BILLED === #

    def test_a_private_customer_has_the_sale_made_out_to_a_company(self):
        data = self.order_data(
            [(self.haircut, 1)],
            customer=self.customer,
            salon_buyer_id=self.business.id,
        )
        order = self.sync(data)
        self.work()
        self.assertEqual(order.partner_id, self.customer)
        self.assertEqual(order.salon_document_id.state, "issued")
        self.assertEqual(order.salon_document_id.buyer_name, self.business.name)

    def test_a_named_buyer_is_no_walk_in_and_a_business_is_always_invoiced(self):
        self.config.salon_cash_register = True
        self.company.salon_which = "request"
        data = self.order_data([(self.haircut, 1)], salon_buyer_id=self.business.id)
        self.assertEqual(self.sync(data).salon_document_id.state, "waiting")

    def test_another_companys_partner_is_not_billed(self):
        other = make_company(self.env, "Másik Szalon Kft.")
        theirs = self.business.sudo().copy({"company_id": other.id})
        data = self.order_data([(self.haircut, 1)], salon_buyer_id=theirs.id)
        order = self.sync(data)
        self.assertEqual(order.state, "paid")
        self.assertFalse(order.salon_buyer_id)
        with self.assertRaises(AccessError):
            self.env["pos.order"].with_user(self.receptionist).create(
                {**data, "salon_buyer_id": theirs.id}
            )

    def test_a_partner_that_has_become_another_companys_stops_the_document(self):
        partner = self.business.sudo().copy()
        data = self.order_data([(self.haircut, 1)], salon_buyer_id=partner.id)
        draft = self.sync({**data, "state": "draft", "payment_ids": []})
        other = make_company(self.env, "Másik Szalon Kft.")
        partner.company_id = other
        draft.add_payment(
            {
                "pos_order_id": draft.id,
                "amount": draft.amount_total,
                "payment_method_id": self.cash.id,
            }
        )
        draft.sudo().action_pos_order_paid()
        self.assertEqual(draft.salon_document_id.state, "attention")

    def test_a_buyer_that_was_deleted_meanwhile_stops_no_sale(self):
        gone = self.business.copy()
        data = self.order_data([(self.haircut, 1)], salon_buyer_id=gone.id)
        gone.unlink()
        order = self.sync(data)
        self.assertEqual(order.state, "paid")
        self.assertFalse(order.salon_buyer_id)

    @mute_logger("odoo.sql_db")
    def test_what_a_till_sends_in_place_of_a_buyer_or_a_wish_stops_no_sale(self):
        for nonsense in ("x", True, [1, 2], {"a": 1}, 1.5, -1):
            with self.subTest(nonsense=nonsense):
                order = self.sell(
                    [(self.haircut, 1)], salon_buyer_id=nonsense, salon_wish=nonsense
                )
                self.assertEqual(order.state, "paid")
                self.assertFalse(order.salon_buyer_id or order.salon_wish)

    def test_a_customer_who_orders_without_a_cashier_names_no_buyer(self):
        """As Odoo's self-ordering, which saves what anybody sends as superuser."""
        data = self.order_data([(self.haircut, 1)], salon_buyer_id=self.business.id)
        till = self.env["pos.order"].with_user(self.receptionist).sudo()
        till.with_company(self.company).sync_from_ui([data])
        order = till.search([("uuid", "=", data["uuid"])])
        self.assertEqual(order.state, "paid")
        self.assertFalse(order.salon_buyer_id)

    def test_nor_changes_whom_a_cashier_has_named(self):
        data = self.order_data([(self.haircut, 1)], salon_buyer_id=self.business.id)
        order = self.sync({**data, "state": "draft", "payment_ids": []})
        data.update(salon_buyer_id=self.customer.id, lines=[])
        till = self.env["pos.order"].with_user(self.receptionist).sudo()
        till.with_company(self.company).sync_from_ui([data])
        self.assertEqual((order.state, order.salon_buyer_id), ("paid", self.business))

    # === WHAT THE PAYMENT SCREEN SHOWS === #

    def test_the_till_knows_which_sales_get_their_document_unasked(self):
        self.assertEqual(self.config.salon_till_policy, "all")
        self.company.salon_which = "customer"
        self.assertEqual(self.config.salon_till_policy, "customer")
        self.config.salon_which = "request"
        self.assertEqual(self.config.salon_till_policy, "request")
        self.config.salon_mode = "manual"
        self.assertEqual(self.config.salon_till_policy, "manual")
        self.company.salon_invoice_capable = False
        self.assertEqual(self.config.salon_till_policy, "none")

    def test_the_till_knows_the_kind_of_its_documents(self):
        self.assertEqual(self.config.salon_till_kind, "invoice")
        self.config.salon_kind = "proforma"
        self.assertEqual(self.config.salon_till_kind, "proforma")
