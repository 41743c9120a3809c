"""Odoo's own flow calls each of our hooks: a hook that Odoo renames is silent else.

What they do is tested where it belongs; ``docs/till.md`` lists them.
"""

import base64
from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SalonCase


@tagged("post_install", "-at_install")
class TestTillPoints(SalonCase):
    @contextmanager
    def calling(self, model, *names):
        """Fail unless each of these methods of a model is called in the block."""
        registered = self.env.registry[model]
        called = []

        def spy(name):
            original = getattr(registered, name)

            def method(*arguments, **keywords):
                called.append(name)
                return original(*arguments, **keywords)

            return patch.object(registered, name, method)

        patches = [spy(name) for name in names]
        for patched in patches:
            patched.start()
        try:
            yield
        finally:
            for patched in patches:
                patched.stop()
        self.assertEqual(sorted(set(called)), sorted(names))

    def test_a_till_loads_the_fields_of_an_order(self):
        session = self.session.with_user(self.receptionist)
        with self.calling("pos.order", "_load_pos_data_fields"):
            relations = session.load_data_params()["pos.order"]["relations"]
        ours = {name for name in relations if name.startswith("salon")}
        wishes = {"salon_wish", "salon_buyer_id", "salon_paper_number"}
        self.assertEqual(ours, wishes)

    def test_a_till_loads_the_fields_of_a_line(self):
        session = self.session.with_user(self.receptionist)
        with self.calling("pos.order.line", "_load_pos_data_fields"):
            fields = session.load_data_params()["pos.order.line"]["fields"]
        ours = {name for name in fields if name.startswith("salon")}
        self.assertEqual(ours, {"salon_deposit_line"})

    def test_a_till_loads_no_field_that_its_user_may_not_read(self):
        guarded = self.env["pos.order"]._fields["ticket_code"]
        self.patch(guarded, "groups", "point_of_sale.group_pos_manager")
        for user, may_read in ((self.receptionist, False), (self.manager, True)):
            orders = self.env["pos.order"].with_user(user)
            names = orders._salon_readable()
            self.assertEqual(sorted(names), sorted(orders.fields_get()))
            self.assertEqual("ticket_code" in names, may_read)

    def test_a_till_sends_a_paid_order(self):
        names = ("_process_order", "_process_saved_order", "action_pos_order_paid")
        with self.calling("pos.order", *names):
            order = self.sell([(self.haircut, 1)], to_invoice=True)
        self.assertEqual(order.salon_wish, "invoice")
        self.assertFalse(order.account_move)
        self.assertEqual(order.salon_document_id.state, "waiting")

    def test_somebody_has_odoo_invoice_a_sale(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.work()
        with (
            self.calling("pos.order", "_generate_pos_order_invoice"),
            self.assertRaises(UserError),
        ):
            order.with_user(self.manager).action_pos_order_invoice()

    def test_a_receipt_is_emailed(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.work()
        mails = self.env["mail.mail"].search([])
        with self.calling("pos.order", "_get_mail_attachments"):
            order.with_user(self.receptionist).action_send_receipt(
                "vendeg@example.com", base64.b64encode(b"slip"), False
            )
        sent = self.env["mail.mail"].search([]) - mails
        types = sent.attachment_ids.mapped("mimetype")
        self.assertIn("application/pdf", types)

    def test_a_payment_method_is_described_while_a_till_is_open(self):
        with self.calling("pos.payment.method", "_is_write_forbidden"):
            self.cash.salon_payment_kind = "voucher"
        with self.assertRaises(UserError):
            self.cash.name = "Kassza"

    def test_a_session_is_closed(self):
        session = self.session.with_user(self.manager)
        with self.calling("pos.session", "get_closing_control_data"):
            found = session.get_closing_control_data()
        self.assertEqual(
            found["salon_invoices"], {"pending": 0, "attention": 0, "unwanted": 0}
        )
        with self.calling("pos.session", "_validate_session"):
            session.close_session_from_ui()
