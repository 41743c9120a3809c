"""Nothing is forgotten: whatever the payment hook missed is found and put right."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SalonCase

HOOK_LOG = "odoo.addons.salon_invoice_bridge.models.pos_order"


@tagged("post_install", "-at_install")
class TestSweep(SalonCase):
    def setUp(self):
        super().setUp()
        self.orders = type(self.env["pos.order"])
        self.config.salon_live_since = fields.Datetime.now() - timedelta(hours=1)

    def forget(self, *arguments, **values):
        """Sell without the hook having been called."""
        with patch.object(self.orders, "_salon_on_paid", lambda order: None):
            order = self.sell(*arguments, **values)
        self.assertFalse(order.salon_document_ids)
        return order

    def sweep(self):
        cron = self.env.ref("salon_invoice_bridge.cron_sweep")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def nothing_connected(self):
        self.company.salon_account_id = False
        self.env.flush_all()  # as at the end of that transaction

    def test_a_sale_that_the_hook_missed_is_found_and_invoiced(self):
        order = self.forget([(self.haircut, 1)])
        self.sweep()
        self.run_lane()
        self.assertEqual(order.salon_document_id.state, "issued")

    def test_a_missed_sale_that_needs_no_invoice_gets_its_reason(self):
        order = self.forget([(self.haircut, 1, {"discount": 100})], [(self.cash, 0)])
        self.sweep()
        self.assertEqual(order.salon_document_id.state, "skipped")
        self.assertEqual(order.salon_document_id.skip_reason, "zero")

    def test_a_missed_sale_keeps_the_wish_for_its_invoice(self):
        self.company.salon_automatic = False
        wished = self.forget([(self.haircut, 1)], customer=self.business)
        other = self.forget([(self.haircut, 1)])
        self.sweep()
        self.run_lane()
        self.assertEqual(wished.salon_document_id.state, "issued")
        self.assertEqual(other.salon_document_id.skip_reason, "manual")

    def test_the_sweep_changes_nothing_where_all_is_well(self):
        order = self.sell([(self.haircut, 1)])
        self.run_lane()
        self.sweep()
        self.run_lane()
        self.assertEqual(len(order.salon_document_ids), 1)
        self.assertEqual(len(self.issued()), 1)

    def test_what_was_sold_before_go_live_is_left_alone(self):
        order = self.forget([(self.haircut, 1)])
        self.config.salon_live_since = fields.Datetime.now() + timedelta(seconds=5)
        self.sweep()
        self.assertFalse(order.salon_document_ids)

    def test_a_shop_that_joins_later_is_not_invoiced_for_its_past(self):
        """A pilot shop first: meanwhile the others were invoiced elsewhere."""
        pilot = self.config.copy({"name": "Próba"})
        self.nothing_connected()
        pilot.salon_account_id = self.account
        pilot.salon_live_since = fields.Datetime.now() - timedelta(days=150)
        self.account.connected_at = pilot.salon_live_since
        order = self.sell([(self.haircut, 1)])
        self.assertFalse(order.salon_document_ids)
        self.account._connect()
        self.sweep()
        self.assertFalse(order.salon_document_ids)
        later = self.forget([(self.mens_cut, 1)])
        self.env.cr.execute(
            "UPDATE pos_order SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() + timedelta(seconds=1), later.id],
        )
        self.sweep()
        self.assertTrue(later.salon_document_ids)
        self.assertEqual(
            pilot.salon_live_since, self.account.connected_at, "the pilot goes on"
        )

    def test_a_shop_with_an_account_of_its_own_joins_at_that_moment(self):
        other = self.config.copy({"name": "Másik"})
        self.nothing_connected()
        other.salon_account_id = self.account
        self.account.connected_at = fields.Datetime.now() - timedelta(days=150)
        order = self.sell([(self.haircut, 1)])
        self.config.salon_account_id = self.account
        self.sweep()
        self.assertFalse(order.salon_document_ids)

    def test_a_sale_missed_before_a_switch_is_found_at_the_new_account(self):
        order = self.forget([(self.haircut, 1)])
        szamlazz = self._connect("szamlazz")
        self.assertEqual(self.account.state, "retired")
        self.sweep()
        self.assertEqual(order.salon_document_id.account_id, szamlazz)

    @mute_logger(HOOK_LOG)
    def test_a_sale_that_cannot_be_taken_up_is_shown_and_keeps_no_other(self):
        first = self.forget([(self.haircut, 1)])
        second = self.forget([(self.mens_cut, 1)])
        create = self.orders._salon_create_document

        def fail(order, **values):
            if order == first:
                raise ValueError("broken")
            return create(order, **values)

        with patch.object(self.orders, "_salon_create_document", fail):
            self.sweep()
            self.sweep()
        self.assertFalse(first.salon_document_ids)
        self.assertTrue(second.salon_document_ids)
        alerts = self.account.activity_ids.filtered(lambda a: first.name in a.note)
        self.assertEqual(len(alerts), 1)

    def test_closing_the_session_wakes_the_sweep(self):
        cron = self.env.ref("salon_invoice_bridge.cron_sweep")
        self.forget([(self.haircut, 1)])
        self.session.with_user(self.manager).action_pos_session_closing_control()
        self.assertEqual(self.session.state, "closed")
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))

    def test_a_session_closes_while_documents_wait_or_need_somebody(self):
        waiting = self.sell([(self.haircut, 1)])
        attention = self.sell([(self.mens_cut, 1)])
        attention.salon_document_id._need_attention("Wrong.", "content")
        self.session.with_user(self.manager).action_pos_session_closing_control()
        self.assertEqual(self.session.state, "closed")
        self.run_lane()
        self.assertEqual(waiting.salon_document_id.state, "issued")

    @mute_logger("odoo.addons.salon_invoice_bridge.models.pos_session")
    def test_a_broken_sweep_does_not_keep_a_session_open(self):
        crons = type(self.env["ir.cron"])
        self.sell([(self.haircut, 1)])
        with patch.object(crons, "_trigger", side_effect=ValueError("broken")):
            self.session.with_user(self.manager).action_pos_session_closing_control()
        self.assertEqual(self.session.state, "closed")

    @mute_logger("odoo.addons.salon_invoice_bridge.models.salon_invoice_account")
    def test_a_lane_that_was_switched_off_comes_back(self):
        order = self.sell([(self.haircut, 1)])
        self.account.cron_id.active = False
        self.sweep()
        self.assertTrue(self.account.cron_id.active)
        self.account.cron_id.unlink()
        self.sweep()
        self.run_lane()
        self.assertEqual(order.salon_document_id.state, "issued")

    def test_what_waits_at_a_disconnected_account_goes_to_a_human(self):
        order = self.sell([(self.haircut, 1)])
        self.account.sudo().state = "disconnected"
        self.sweep()
        self.assertEqual(order.salon_document_id.state, "attention")
        self.assertEqual(order.salon_document_id.problem_reason, "disconnected")

    def test_what_is_stranded_at_one_account_does_not_hide_another_ones(self):
        """However many documents wait at the first one."""
        orders = [self.sell([(self.haircut, 1)]) for _sale in range(3)]
        other = self.env["salon.invoice.account"].create({"provider": "szamlazz"})
        orders[2].salon_document_id.account_id = other
        self.account.state = "disconnected"
        batch = "odoo.addons.salon_invoice_bridge.models.salon_invoice_account.BATCH"
        with patch(batch, 1):
            self.sweep()
        states = [order.salon_document_id.state for order in orders]
        self.assertEqual(sorted(states[:2]), ["attention", "waiting"])
        self.assertEqual(states[2], "attention")
