"""The dialog that ends a session counts the invoices that are not there yet."""

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SalonCase
from .other_company import OtherCompanyCase


@tagged("post_install", "-at_install")
class TestClosing(SalonCase):
    def counts(self, user=None):
        """Return what the till's dialog is given of ours."""
        self.env.flush_all()
        self.env.invalidate_all()
        session = self.session.with_user(user or self.receptionist)
        data = session.get_closing_control_data()
        self.assertIn("orders_details", data, "Odoo's own")
        return data.get("salon_invoices")

    def assert_counts(self, pending=0, attention=0, unwanted=0):
        self.assertEqual(
            self.counts(),
            {"pending": pending, "attention": attention, "unwanted": unwanted},
        )

    def test_what_is_issued_is_not_counted(self):
        self.sell([(self.haircut, 1)])
        self.assert_counts(pending=1)
        self.work()
        self.assert_counts()

    def test_what_needs_attention_is_counted_apart(self):
        self.sell([(self.haircut, 1)])
        stopped = self.sell([(self.haircut, 2)])
        stopped.salon_document_id._need_attention("No postcode.", "content")
        self.assert_counts(pending=1, attention=1)

    def test_what_the_shop_does_not_invoice_is_counted(self):
        self.company.salon_automatic = False
        self.sell([(self.haircut, 1)])
        self.company.salon_automatic = True
        self.config.salon_cash_register = True
        self.company.salon_which = "customer"
        self.sell([(self.haircut, 1)])
        self.company.salon_which = "request"
        self.sell([(self.haircut, 1)])
        self.company.salon_invoice_capable = False
        self.sell([(self.haircut, 1)])
        self.assert_counts(unwanted=4)

    def test_what_needs_no_invoice_is_not_counted(self):
        self.sell([(self.haircut, 1, {"discount": 100})], [(self.cash, 0)])
        self.assert_counts()

    def test_a_refund_is_on_its_way_too(self):
        order = self.sell([(self.haircut, 1)])
        self.work()
        self.refund(order)
        self.assert_counts(pending=1)
        self.work()
        self.assert_counts()

    def test_a_sale_that_the_hook_has_missed_is_on_its_way(self):
        self.config.salon_live_since = fields.Datetime.subtract(
            fields.Datetime.now(), hours=1
        )
        self.patch(self.registry["pos.order"], "_salon_on_paid", lambda orders: None)
        order = self.sell([(self.haircut, 1)])
        self.assertFalse(order.salon_document_id)
        self.assert_counts(pending=1)

    def test_a_sale_of_before_the_connection_is_nobodys(self):
        self.patch(self.registry["pos.order"], "_salon_on_paid", lambda orders: None)
        self.sell([(self.haircut, 1)])
        self.config.salon_live_since = fields.Datetime.add(
            fields.Datetime.now(), hours=1
        )
        self.assert_counts()

    def test_a_draft_is_no_sale(self):
        data = self.order_data([(self.haircut, 1)])
        self.sync({**data, "state": "draft", "payment_ids": []})
        self.assert_counts()

    def test_another_session_is_not_counted(self):
        second = self.config.copy(
            {"name": "Második kassza", "payment_method_ids": self.card.ids}
        )
        session, self.session = self.session, self._open_session(second)
        self.sell([(self.haircut, 1)], [(self.card, 8900)])
        self.assert_counts(pending=1)
        self.session = session
        self.assert_counts()

    def test_where_nothing_is_connected_the_dialog_is_odoos(self):
        self.company.salon_account_id = False
        self.sell([(self.haircut, 1)])
        self.assertIsNone(self.counts())

    def test_a_failure_of_ours_is_logged_and_the_dialog_opens(self):
        self.sell([(self.haircut, 1)])

        def fail(order):
            order.env.cr.execute("SELECT nothing FROM nowhere")

        self.patch(self.registry["pos.order"], "_salon_waits_for", fail)
        with (
            self.assertLogs("odoo.addons.salon_invoice_bridge", "ERROR"),
            mute_logger("odoo.sql_db"),
        ):
            self.assertIsNone(self.counts())
        # The transaction goes on.
        self.assertTrue(self.session.with_user(self.receptionist).name)

    def test_it_costs_the_same_for_two_sales_and_for_ten(self):
        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            session = self.session.with_user(self.receptionist)
            session._get_closed_orders()  # as Odoo reads them, one by one
            before = self.env.cr.sql_log_count
            session._salon_count_open_invoices()
            return self.env.cr.sql_log_count - before

        for _sale in range(2):
            self.sell([(self.haircut, 1)])
        self.company.salon_automatic = False
        self.sell([(self.haircut, 1)])
        few = cost()
        for _sale in range(8):
            self.sell([(self.haircut, 1)])
        self.assertEqual(cost(), few)

    def test_the_session_can_be_closed_whatever_is_open(self):
        self.sell([(self.haircut, 1)])
        self.counts()
        session = self.session.with_user(self.manager)
        session.post_closing_cash_details(
            sum(self.session.order_ids.mapped("amount_total"))
        )
        session.update_closing_control_state_session("")
        session.close_session_from_ui()
        self.assertEqual(self.session.state, "closed")


@tagged("post_install", "-at_install")
class TestClosingOfAnother(OtherCompanyCase):
    def test_nobody_counts_another_companys_invoices(self):
        self.sell([(self.haircut, 1)])
        theirs = self.as_stranger("manager")["pos.session"].browse(self.session.id)
        with self.assertRaises(AccessError):
            theirs.get_closing_control_data()
