"""A paid sale becomes one invoice, with the till's forints and never at its cost."""

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SalonCase


@tagged("post_install", "-at_install")
class TestSale(SalonCase):
    def test_a_paid_sale_is_invoiced_with_the_tills_forints(self):
        order = self.sell([(self.haircut, 1), (self.book, 2)])
        self.assertEqual(order.salon_document_id.state, "waiting")
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual(document.state, "issued")
        self.assertTrue(document.number)
        (issued,) = self.issued()
        self.assertEqual(issued["number"], document.number)
        self.assertEqual(float(issued["gross"]), order.amount_total)
        self.assertEqual(issued["external_key"], document.external_key)

    def test_the_receptionist_sees_number_and_state_on_the_sale(self):
        order = self.sell([(self.haircut, 1)])
        self.run_lane()
        seen = order.with_user(self.receptionist).read(
            ["salon_invoice_number", "salon_invoice_state"]
        )[0]
        self.assertEqual(seen["salon_invoice_number"], order.salon_document_id.number)
        self.assertEqual(seen["salon_invoice_state"], "issued")

    def test_the_receptionist_can_tell_the_service_which_document_it_is(self):
        order = self.sell([(self.haircut, 1)])
        self.run_lane()
        told = order.with_user(self.receptionist).salon_remote_id
        self.assertEqual(told, order.salon_document_id.remote_id)
        self.assertTrue(told)

    def test_the_till_reads_back_its_wishes_and_what_it_read_without_the_addon(self):
        seller = self.env(user=self.receptionist)
        data = self.order_data([(self.haircut, 1)])
        (told,) = seller["pos.order"].sync_from_ui([data])["pos.order"]
        every = set(seller["pos.order"].fields_get(attributes=()))
        wishes = {"salon_wish", "salon_buyer_id", "salon_paper_number"}
        odoos = {name for name in every if not name.startswith("salon_")}
        self.assertEqual(set(told), odoos | wishes)

    def test_a_sale_that_is_not_invoiced_does_not_look_like_an_invoice(self):
        self.company.salon_automatic = False
        order = self.sell([(self.haircut, 1)])
        self.assertEqual(order.salon_document_id.name, order.pos_reference)
        order.with_user(self.receptionist).action_salon_generate()
        self.assertEqual(order.salon_document_id.name, f"Invoice {order.pos_reference}")

    def test_the_payment_makes_no_call_to_the_service(self):
        self.sell([(self.haircut, 1)], customer=self.business)
        self.assertFalse(self.calls())

    def test_the_payment_wakes_the_lane_in_its_own_transaction(self):
        cron = self.account.cron_id
        before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self.sell([(self.haircut, 1)])
        after = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self.assertEqual(after, before + 1)

    @mute_logger("odoo.addons.salon_invoice_bridge.models.pos_order")
    def test_a_failing_hook_leaves_the_sale_paid_and_in_front_of_a_human(self):
        PosOrder = type(self.env["pos.order"])
        with patch.object(PosOrder, "_salon_snapshot", side_effect=KeyError("broken")):
            order = self.sell([(self.haircut, 1)])
        self.assertEqual(order.state, "paid")
        document = order.salon_document_id
        self.assertEqual(document.state, "attention")
        self.assertIn("broken", document.problem)
        self.assertEqual(len(document.activity_ids), 1)
        document.with_user(self.receptionist).action_retry()
        self.run_lane()
        self.assertEqual(document.state, "issued")

    def test_a_till_that_sends_twice_gets_one_invoice(self):
        data = self.order_data([(self.haircut, 1)])
        first = self.sync({**data})
        second = self.sync({**data})
        self.assertEqual(first, second)
        self.run_lane()
        self.assertEqual(len(self.issued()), 1)

    def test_the_hook_may_run_twice(self):
        order = self.sell([(self.haircut, 1)])
        order.action_pos_order_paid()
        self.run_lane()
        order.action_pos_order_paid()
        self.run_lane()
        self.assertEqual(len(order.salon_document_ids), 1)
        self.assertEqual(len(self.issued()), 1)

    def test_a_draft_order_is_not_invoiced(self):
        data = self.order_data([(self.haircut, 1)], state="draft", payment_ids=[])
        order = self.sync(data)
        self.assertFalse(order.salon_document_ids)

    def test_a_free_sale_is_skipped_with_its_reason(self):
        order = self.sell([(self.haircut, 1, {"discount": 100})], [(self.cash, 0)])
        self.assertEqual(order.salon_document_id.state, "skipped")
        self.assertEqual(order.salon_document_id.skip_reason, "zero")

    def test_the_external_key_is_26_characters_and_stays_the_same(self):
        order = self.sell([(self.haircut, 1)])
        document = order.salon_document_id
        self.assertRegex(document.external_key, r"^[A-Z2-7]{26}$")
        self.assertEqual(
            document._make_external_key(order, document.kind, document.generation),
            document.external_key,
        )

    def test_the_customers_tip_is_a_line_without_vat(self):
        order = self.sell(
            [(self.haircut, 1), (self.tip, 1, {"price_unit": 1000})],
            is_tipped=True,
            tip_amount=1000,
        )
        self.run_lane()
        lines = order.salon_document_id._invoice().lines
        self.assertEqual([line.vat for line in lines], ["27", "ATK"])
        self.assertEqual(lines[1].gross, 1000)

    def test_several_tenders_are_registered_as_payments(self):
        order = self.sell([(self.haircut, 1)], [(self.cash, 3000), (self.card, 5900)])
        self.run_lane()
        document = order.salon_document_id
        invoice = document._invoice()
        self.assertEqual(invoice.payment_kind.value, "card")
        step = document.task_ids.filtered(lambda step: step.kind == "payments")
        self.assertEqual(step.state, "done")

    def test_a_customer_with_an_address_is_mailed_once(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.run_lane()
        self.run_lane()
        mails = self.sandbox.world.ledger()["mails"]
        self.assertEqual(len(mails), 1)
        step = order.salon_document_id.task_ids.filtered(lambda s: s.kind == "email")
        self.assertEqual(step.state, "done")

    def test_the_pdf_is_kept_with_the_document(self):
        order = self.sell([(self.haircut, 1)])
        self.run_lane()
        document = order.salon_document_id
        step = document.task_ids.filtered(lambda step: step.kind == "pdf")
        self.assertEqual(step.state, "todo", "the service is still making it")
        self.sandbox.world.clock_offset += 60
        step.next_attempt = document._now()
        self.run_lane()
        self.assertEqual(step.state, "done", step.message)
        self.assertTrue(document.pdf_id.raw.startswith(b"%PDF"))
