"""Switching, disconnecting, reconnecting: history stays, no sale is lost or doubled."""

from datetime import timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_connect import ConnectCase
from .test_human import REFUSAL


class SwitchCase(ConnectCase):
    def sale(self, **values):
        return self.sell([(self.haircut, 1)], customer=self.customer, **values)

    def finalization(self, account):
        """Return the waiting invoice of a draft that ``account`` has issued."""
        self.company.salon_kind = "draft"
        order = self.sale()
        self.run_lane(account)
        draft = order.salon_document_id
        self.assertEqual((draft.kind, draft.state), ("draft", "issued"))
        draft.with_user(self.manager).action_finalize()
        return order.salon_document_id

    def disconnect(self, account, **values):
        """Press Disconnect and confirm, as the administrator."""
        wizard = (
            self.env["salon.invoice.disconnect"]
            .with_user(self.admin)
            .create({"account_id": account.id, **values})
        )
        wizard.action_disconnect()
        return wizard


@tagged("post_install", "-at_install")
class TestSwitch(SwitchCase):
    def test_the_active_service_is_named_before_another_one_is_connected(self):
        """Seed 001: "If another invoice provider is already active, ... a warning"."""
        billingo = self.connect()
        wizard = self.verify("szamlazz")
        self.assertEqual(wizard.former_id, billingo)
        self.assertIn(billingo.name, wizard.former_text)
        self.assertIn("retired", wizard.former_text)

    def test_a_new_service_retires_the_former_one_and_keeps_its_key(self):
        """Seed 001: "deactivates the other active invoice provider"."""
        billingo = self.connect()
        szamlazz = self.connect("szamlazz")
        self.assertEqual(self.company.salon_account_id, szamlazz)
        self.assertEqual((billingo.state, szamlazz.state), ("retired", "connected"))
        self.assertTrue(billingo._credential().api_key)

    def test_an_abandoned_switch_changes_nothing(self):
        billingo = self.connect()
        self.verify("szamlazz")
        self.assertEqual(self.company.salon_account_id, billingo)
        self.assertEqual(billingo.state, "connected")

    def test_new_sales_go_to_the_new_service_and_old_invoices_stay_where_they_are(self):
        billingo = self.connect()
        old = self.sale()
        self.run_lane(billingo)
        szamlazz = self.connect("szamlazz")
        new = self.sale()
        self.run_lane(szamlazz)
        self.assertEqual(old.salon_document_id.account_id, billingo)
        self.assertEqual(new.salon_document_id.account_id, szamlazz)
        self.assertEqual(new.salon_invoice_state, "issued")

    def test_what_waits_unsent_goes_to_the_new_service(self):
        self.connect()
        order = self.sale()
        szamlazz = self.connect("szamlazz")
        self.run_lane(szamlazz)
        self.assertEqual(order.salon_document_id.account_id, szamlazz)
        self.assertEqual(order.salon_invoice_state, "issued")

    def test_what_may_have_been_sent_stays_with_the_service_that_can_tell(self):
        billingo = self.connect()
        order = self.sale()
        self.fault("status_before", method="POST", path="/documents$", status=502)
        self.run_lane(billingo)
        self.connect("szamlazz")
        self.assertEqual(order.salon_document_id.account_id, billingo)

    def test_what_may_have_been_sent_stays_after_a_retry_too(self):
        billingo = self.connect()
        document = self.sale().salon_document_id
        self.fault("drop_after", method="POST", path="/documents$")
        self.fault("status_before", method="GET", path="/documents", status=503)
        self.run_lane(billingo)
        self.assertEqual(document.state, "checking")
        self.disconnect(billingo)
        document.with_user(self.receptionist).action_retry()
        document._need_attention("Nobody can ask any more.", "disconnected")
        unsent, unsure = billingo._open_documents()
        self.assertEqual((len(unsent), unsure), (0, document))
        self.connect("szamlazz")
        self.assertEqual(document.account_id, billingo)
        self.assertTrue(document.invoice_values)

    def test_what_the_service_certainly_did_not_get_goes_to_the_new_one(self):
        billingo = self.connect()
        document = self.sale().salon_document_id
        self.fault("status_before", method="POST", path="/documents$", status=429)
        self.run_lane(billingo)
        self.assertEqual((document.state, document.send_count), ("waiting", 0))
        szamlazz = self.connect("szamlazz")
        self.run_lane(szamlazz)
        self.assertEqual((document.state, document.account_id), ("issued", szamlazz))

    def test_what_the_service_refused_goes_to_the_new_one(self):
        billingo = self.connect()
        document = self.sale().salon_document_id
        self.fault("status_before", method="POST", path="/documents$", **REFUSAL)
        self.run_lane(billingo)
        self.assertEqual(document.state, "attention")
        szamlazz = self.connect("szamlazz")
        self.assertEqual(document.account_id, szamlazz)
        document.with_user(self.receptionist).action_retry()
        self.run_lane(szamlazz)
        self.assertEqual(document.state, "issued")

    def test_a_service_for_one_shop_leaves_the_others_where_they_are(self):
        billingo = self.connect()
        other = self.config.copy({"name": "Másik"})
        szamlazz = self.connect("szamlazz", config_ids=other.ids)
        self.assertEqual(self.company.salon_account_id, billingo)
        self.assertEqual(billingo.state, "connected")
        self.assertEqual(other._salon_till_settings().account, szamlazz)
        self.assertEqual(self.config._salon_till_settings().account, billingo)

    def test_connecting_one_shop_leaves_the_others_documents_where_they_are(self):
        billingo = self.connect()
        other = self.config.copy({"name": "Másik"})
        document = self.sale().salon_document_id
        self.disconnect(billingo)
        self.connect("szamlazz", config_ids=other.ids)
        self.assertEqual((document.state, document.account_id), ("waiting", billingo))
        szamlazz = self.connect("szamlazz", config_ids=self.config.ids)
        self.run_lane(szamlazz)
        self.assertEqual((document.state, document.account_id), ("issued", szamlazz))

    def test_a_finalization_stays_at_the_account_of_its_draft(self):
        billingo = self.connect()
        invoice = self.finalization(billingo)
        self.company.salon_kind = "invoice"
        self.connect("szamlazz")
        self.assertEqual((invoice.state, invoice.account_id), ("waiting", billingo))
        self.run_lane(billingo)
        self.assertEqual(invoice.state, "issued")

    def test_waiting_drafts_become_what_the_new_service_has(self):
        self.connect()
        self.company.salon_kind = "draft"
        document = self.sale().salon_document_id
        self.company.salon_kind = "invoice"
        szamlazz = self.connect("szamlazz")
        self.assertEqual((document.kind, document.account_id), ("invoice", szamlazz))
        key = document._make_external_key(document.order_id, "invoice", 1)
        self.assertEqual(document.external_key, key)
        self.run_lane(szamlazz)
        self.assertEqual(document.state, "issued")


@tagged("post_install", "-at_install")
class TestDisconnect(SwitchCase):
    def test_disconnecting_erases_the_key_and_keeps_the_invoices(self):
        """Seed 001: "removes the ... saved secret ... Existing invoices are not
        deleted"; seed 000: "Bookinda-Billingo connection ends"."""
        account = self.connect()
        self.options["pdf_seconds"] = 0
        order = self.sale()
        self.run_lane(account)
        order.salon_document_id.task_ids.next_attempt = fields.Datetime.now()
        self.run_lane(account)
        number = order.salon_invoice_number
        self.disconnect(account)
        self.assertEqual(account.state, "disconnected")
        self.assertFalse(account._credential().api_key)
        self.assertFalse(self.company.salon_account_id)
        self.assertEqual(order.salon_invoice_number, number)
        self.assertEqual(len(self.issued()), 1)
        self.assertTrue(order.salon_document_id.pdf_id)

    def test_after_disconnecting_a_sale_asks_for_nothing(self):
        self.disconnect(self.connect())
        self.assertFalse(self.sale().salon_document_ids)

    def test_what_waits_is_shown_before_it_is_decided_on(self):
        account = self.connect()
        order = self.sale()
        wizard = self.env["salon.invoice.disconnect"].create({"account_id": account.id})
        self.assertEqual(wizard.document_ids, order.salon_document_id)

    def test_what_waits_is_kept_for_the_next_connection(self):
        account = self.connect()
        order = self.sale()
        self.disconnect(account)
        self.assertEqual(order.salon_invoice_state, "waiting")
        szamlazz = self.connect("szamlazz")
        self.run_lane(szamlazz)
        self.assertEqual(order.salon_invoice_state, "issued")

    def test_what_waits_is_dropped_with_a_reason(self):
        account = self.connect()
        order = self.sale()
        with self.assertRaisesRegex(UserError, "why"):
            self.disconnect(account, decision="drop")
        self.disconnect(account, decision="drop", reason="Papíron számláztuk")
        document = order.salon_document_id
        self.assertEqual((document.state, document.skip_reason), ("skipped", "dropped"))
        self.assertIn("Papíron számláztuk", document.message_ids[0].body)

    def test_a_finalization_is_not_dropped_but_goes_to_a_human(self):
        """Its draft waits at that account: only there it can become an invoice."""
        account = self.connect()
        invoice = self.finalization(account)
        waiting = self.sale().salon_document_id
        self.disconnect(account, decision="drop", reason="Papíron számláztuk")
        self.assertEqual((waiting.state, invoice.state), ("skipped", "attention"))

    def test_what_may_have_been_sent_goes_to_a_human(self):
        account = self.connect()
        order = self.sale()
        self.fault("status_before", method="POST", path="/documents$", status=502)
        self.run_lane(account)
        self.assertEqual(order.salon_invoice_state, "checking")
        self.disconnect(account)
        document = order.salon_document_id
        self.assertEqual(document.state, "attention")
        self.assertIn("Reconnect", document.problem)

    def test_a_paid_sale_that_was_forgotten_is_not_lost_by_disconnecting(self):
        account = self.connect()
        self.company.salon_account_id = False
        order = self.sale()
        self.assertFalse(order.salon_document_ids)
        self.company.salon_account_id = account
        self.config.salon_live_since = order.create_date
        self.disconnect(account)
        self.assertEqual(order.salon_invoice_state, "waiting")

    def test_sales_made_while_disconnected_are_not_invoiced_on_reconnecting(self):
        """Somebody may have invoiced them at the service meanwhile."""
        account = self.connect()
        self.disconnect(account)
        order = self.sale()
        self.connect()
        self.assertNotIn(order, account._forgotten_sales())

    def test_sales_made_without_any_service_stay_a_persons_affair(self):
        """Also where the account that comes back had been switched away from."""
        billingo = self.connect()
        billingo.connected_at = fields.Datetime.now() - timedelta(days=60)
        self.disconnect(self.connect("szamlazz"))
        order = self.sale()
        self.assertEqual(self.connect(), billingo)
        self.assertNotIn(order, billingo._forgotten_sales())
        yesterday = fields.Datetime.now() - timedelta(days=1)
        self.assertGreater(billingo.connected_at, yesterday)

    def test_an_exchange_at_a_till_without_an_account_is_not_lost(self):
        """What it sells says why it has no invoice, and may be invoiced later."""
        billingo = self.connect()
        order = self.sale()
        self.run_lane(billingo)
        self.disconnect(billingo)
        exchange = self.refund(order, new=[(self.book, 1)])
        sold = exchange.salon_document_id
        self.assertEqual((sold.kind, sold.state), ("invoice", "skipped"))
        self.assertEqual(sold.skip_reason, "no_account")
        szamlazz = self.connect("szamlazz")
        exchange.with_user(self.receptionist).action_salon_generate()
        self.assertEqual((sold.state, sold.account_id), ("waiting", szamlazz))
        self.run_lane(szamlazz)
        self.assertEqual(sold.state, "issued")

    @mute_logger("odoo.addons.salon_invoice_bridge.models.pos_order")
    def test_an_unreadable_refund_at_a_till_without_an_account_is_shown(self):
        billingo = self.connect()
        order = self.sale()
        self.run_lane(billingo)
        self.disconnect(billingo)
        broken = patch.object(
            type(order), "_salon_snapshot", side_effect=ValueError("broken")
        )
        with broken:
            refund = self.refund(order)
        document = refund.salon_document_id
        self.assertEqual((document.state, document.account_id), ("attention", billingo))

    def test_an_open_document_has_an_account(self):
        self.connect()
        document = self.sale().salon_document_id
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            document.account_id = False
            document.flush_recordset()

    def test_reconnecting_with_a_new_key_continues_the_history(self):
        """Seed 000: "Reconnect anytime with new API-key"."""
        account = self.connect()
        self.sale()
        self.run_lane(account)
        partner = self.env["salon.invoice.partner"].search(
            [("account_id", "=", account.id), ("partner_id", "=", self.customer.id)]
        )
        self.disconnect(account)
        self.options["key"] = "a-new-key-for-the-same-account"
        wizard = self.verify(api_key="a-new-key-for-the-same-account")
        self.assertEqual(wizard.account_id, account)
        self.assertEqual(self.save(wizard), account)
        self.assertEqual(account.state, "connected")
        second = self.sale()
        self.run_lane(account)
        self.assertEqual(second.salon_invoice_state, "issued")
        self.assertEqual(partner.exists().account_id, account)
        made = [c for c in self.calls("POST /partners") if c["status"] == 201]
        self.assertEqual(len(made), 1)

    def test_another_companys_account_is_another_history(self):
        first = self.connect()
        self.disconnect(first)
        self.options["tax_code"] = "13572464-2-07"
        second = self.save(self.verify(), confirm_owner=True)
        self.assertNotEqual(second, first)

    def test_at_szamlazz_a_known_invoice_tells_the_account(self):
        account = self.connect("szamlazz")
        self.sale()
        self.run_lane(account)
        self.disconnect(account)
        self.assertEqual(self.verify("szamlazz").account_id, account)

    def test_at_szamlazz_an_account_without_the_invoice_is_another_one(self):
        account = self.connect("szamlazz")
        self.sale()
        self.run_lane(account)
        self.disconnect(account)
        other = self.sandbox.world.emulator("szamlazz").create_account({})
        wizard = self.verify("szamlazz", api_key=other["key"])
        self.assertEqual(wizard.step, "settings")
        self.assertFalse(wizard.account_id)
