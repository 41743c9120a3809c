"""What lists and forms show of a document before and after it is made."""

import json
from ast import literal_eval
from unittest.mock import MagicMock, patch

from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import SalonCase


@tagged("post_install", "-at_install")
class TestContexts(SalonCase):
    def test_a_user_of_one_company_has_all_that_a_button_hands_over(self):
        """A browser stops where a button names a field that its screen lacks."""
        several = self.env.ref("base.group_multi_company")
        self.assertNotIn(several, self.manager.all_group_ids)
        for xmlid in (
            "salon_invoice_bridge.salon_invoice_account_view_form",
            "salon_invoice_bridge.salon_invoice_document_view_form",
            "point_of_sale.view_pos_pos_form",
        ):
            view = self.env.ref(xmlid)
            rows = self.env[view.model].with_user(self.manager)
            arch = etree.fromstring(rows.get_view(view.id, "form")["arch"])
            shown = {"id"} | {field.get("name") for field in arch.iter("field")}
            for button in arch.iter("button"):
                context = button.get("context") or "{}"
                names = set(compile(context, "", "eval").co_names)
                self.assertLessEqual(names, shown, button.get("string"))


@tagged("post_install", "-at_install")
class TestShown(SalonCase):
    """What is known of a sale is shown, whatever becomes of its document."""

    def refused(self, **values):
        """Return the document of a sale that cannot be built."""
        self.haircut.taxes_id.salon_vat_code = False
        tax = self.haircut.taxes_id.copy({"amount": 0.0, "name": "0 without a code"})
        tax.salon_vat_code = False
        self.haircut.taxes_id = tax
        document = self.sell([(self.haircut, 1)], **values).salon_document_id
        self.run_lane()
        self.assertEqual(document.state, "attention")
        return document

    def test_what_needs_attention_shows_buyer_day_and_amount_of_the_sale(self):
        document = self.refused(customer=self.customer)
        self.assertFalse(document.invoice_values)
        self.assertEqual(document.buyer_name, self.customer.name)
        self.assertEqual(document.amount_gross, document.order_id.amount_total)
        self.assertEqual(document.sold_at, document.order_id.date_order)

    def test_the_buyer_on_the_invoice_counts_more_than_the_frozen_sale(self):
        self.customer.name = "Előbb Anna"
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        document = order.salon_document_id
        self.run_lane()
        self.assertEqual(document.buyer_name, document._invoice().buyer.name)

    def test_the_number_on_the_slip_is_shown_and_found(self):
        order = self.sell([(self.haircut, 1)])
        document = order.salon_document_id
        self.assertTrue(order.pos_reference)
        self.assertEqual(document.pos_reference, order.pos_reference)
        found = document.search([("pos_reference", "ilike", order.pos_reference)])
        self.assertEqual(found, document)

    def test_sums_count_what_is_invoiced(self):
        order = self.sell([(self.haircut, 1)])
        document = order.salon_document_id
        self.assertGreater(document.amount_gross, 0)
        self.assertEqual(document.amount_invoiced, 0, "it waits")
        self.run_lane()
        self.assertEqual(document.amount_invoiced, document.amount_gross)
        self.refund(order, {order.lines: 1})
        self.run_lane()
        documents = document.search([("account_id", "=", self.account.id)])
        self.assertEqual(set(documents.mapped("kind")), {"invoice", "storno"})
        self.assertEqual(sum(documents.mapped("amount_invoiced")), 0)

    def test_a_paused_account_is_why_a_sale_waits(self):
        order = self.sell([(self.haircut, 1)])
        self.fault("status_before", status=401, times=None)
        self.run_lane()
        self.assertEqual(self.account.state, "paused")
        seen = order.with_user(self.receptionist)
        self.assertEqual(seen.salon_waits_for, self.account.pause_reason)
        self.assertEqual(
            seen.salon_document_id.waits_for, self.account.sudo().pause_reason
        )

    def test_many_are_tried_again_and_what_needs_nothing_stays(self):
        first = self.refused()
        issued = self.sell([(self.book, 1)]).salon_document_id
        self.run_lane()
        self.assertEqual(issued.state, "issued")
        chosen = (first | issued).with_user(self.receptionist)
        told = chosen.action_retry_chosen()["params"]["message"]
        self.assertIn("1", told)
        self.assertEqual((first.state, issued.state), ("waiting", "issued"))

    def test_who_neither_sells_nor_invoices_tries_nothing_again(self):
        document = self.refused()
        user = self._make_user("employee", "base.group_user")
        with self.assertRaises(UserError):
            document.with_user(user).action_retry_chosen()
        self.assertEqual(document.state, "attention")

    def test_another_account_does_not_show_what_the_former_one_said(self):
        document = self.refused()
        said = document.problem
        other = self.account.copy({"provider": "szamlazz"})
        document._move_to_account(other, document.kind)
        self.assertIn(self.account.name, document.problem)
        self.assertTrue(document.problem.startswith(other.name))
        self.assertTrue(document.problem.endswith(said))

    def test_an_order_shows_one_state_wherever_it_is_invoiced(self):
        order = self.sell([(self.haircut, 1)])
        self.assertEqual(order.salon_invoice_status, "waiting")
        self.run_lane()
        self.assertEqual(order.salon_invoice_status, "issued")

    def test_what_has_no_invoice_at_the_service_is_the_same_read_and_searched(self):
        self.company.salon_account_id = False
        without = self.sell([(self.haircut, 1)])
        self.company.salon_account_id = self.account
        issued = self.sell([(self.haircut, 1)])
        self.work()
        self.company.salon_automatic = False
        skipped = self.sell([(self.haircut, 1)])
        self.assertFalse(without.salon_document_ids)
        self.assertEqual(skipped.salon_document_id.status, "skipped")
        orders = without + issued + skipped
        of_these = [("id", "in", orders.ids)]
        for is_so, expected in ((True, without + skipped), (False, issued)):
            found = orders.search([("salon_undocumented", "=", is_so), *of_these])
            self.assertEqual(found.sorted("id"), expected)
            self.assertEqual(
                orders.filtered(lambda order, so=is_so: order.salon_undocumented is so),
                expected,
            )

    def test_a_whole_number_means_its_sale_and_a_piece_all_that_have_it(self):
        orders = self.env["pos.order"].union(
            *(self.sell([(self.haircut, 1)]) for _sale in range(3))
        )
        self.work()
        first, second, third = orders.sorted("id")
        first.salon_document_id.number = "T-2026-1"
        second.salon_document_id.number = "T-2026-12"
        view = self.env.ref("salon_invoice_bridge.pos_order_view_search")
        arch = etree.fromstring(view.arch)
        (node,) = arch.xpath("//attribute[@name='filter_domain']")

        def found(text):
            return orders.search(safe_eval(node.text, {"self": text})).sorted("id")

        self.assertEqual(found("T-2026-1"), first)
        self.assertEqual(found("T-2026-"), first + second)
        self.assertEqual(found("t-2026-12"), second)
        self.assertEqual(found(third.pos_reference), third)
        self.assertEqual(found(third.name), third)
        self.assertFalse(found("T-2027-1"))
        exactly = [("salon_numbers", "=", "T-2026-12"), ("id", "in", orders.ids)]
        self.assertEqual(orders.search(exactly), second)
        others = [("salon_numbers", "!=", "T-2026-12"), ("id", "in", orders.ids)]
        self.assertEqual(orders.search(others).sorted("id"), first + third)
        others[0] = ("salon_invoice_numbers", "not ilike", "T-2026-12")
        self.assertEqual(orders.search(others).sorted("id"), first + third)


@tagged("post_install", "-at_install")
class TestUnfinishedShown(SalonCase):
    """Drafts and proformas are no invoices, whatever the service calls them."""

    kind = "proforma"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.salon_kind = cls.kind

    def test_it_is_not_shown_as_issued_and_counts_in_no_sum(self):
        order = self.sell([(self.haircut, 1)])
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual((document.kind, document.state), ("proforma", "issued"))
        self.assertEqual(document.status, "unfinished")
        self.assertEqual(order.salon_invoice_status, "unfinished")
        self.assertEqual(document.amount_invoiced, 0)

    def test_it_is_among_the_sales_that_are_paid_but_not_invoiced(self):
        order = self.sell([(self.haircut, 1)])
        self.run_lane()
        self.assertIn(order, self.not_invoiced())
        order.salon_document_id.with_user(self.manager).action_finalize()
        self.run_lane()
        self.assertEqual(order.salon_invoice_status, "issued")
        self.assertNotIn(order, self.not_invoiced())
        documents = order.salon_document_ids
        self.assertEqual(sum(documents.mapped("amount_invoiced")), order.amount_total)

    def not_invoiced(self):
        """Return the sales that the filter of the list of orders finds."""
        view = self.env.ref("salon_invoice_bridge.pos_order_view_search")
        (node,) = etree.fromstring(view.arch).xpath(
            "//filter[@name='salon_undocumented']"
        )
        return self.env["pos.order"].search(literal_eval(node.get("domain")))


@tagged("post_install", "-at_install")
class TestBus(SalonCase):
    """Open screens hear that documents have changed: ids, and only who may read."""

    def told(self):
        """Return the (channel, message) that documents have put on the bus; once."""
        self.env.cr.precommit.run()
        rows = self.env["bus.bus"].sudo().search([], order="id")
        told = [(json.loads(row.channel), json.loads(row.message)) for row in rows]
        rows.unlink()
        return [(c, m) for c, m in told if m["type"] == "salon_invoice_changed"]

    def companies(self, user):
        """Return the companies whose documents ``user``'s browser hears of."""
        wsrequest = MagicMock()
        wsrequest.session.uid = user.id
        with patch("odoo.addons.bus.models.ir_websocket.wsrequest", new=wsrequest):
            websocket = self.env(user=user, context={})["ir.websocket"]
            channels = websocket._build_bus_channel_list([])
        return [
            channel[0]
            for channel in channels
            if isinstance(channel, tuple) and channel[1] == "salon_invoice_changed"
        ]

    def test_a_change_of_state_is_told_to_the_company_by_ids_alone(self):
        order = self.sell([(self.haircut, 1)])
        self.told()
        self.run_lane()
        told = self.told()
        self.assertTrue(told)
        ids = {"documents": order.salon_document_ids.ids, "orders": order.ids}
        for channel, message in told:
            self.assertEqual(
                channel[1:], ["res.company", self.company.id, "salon_invoice_changed"]
            )
            self.assertEqual(message["payload"], ids)

    def test_who_may_read_documents_hears_of_those_of_their_companies(self):
        for user in (self.receptionist, self.manager, self.accountant):
            self.assertEqual(self.companies(user), [*user.company_ids])
            self.assertIn(self.company, user.company_ids)

    def test_nobody_else_hears_of_them(self):
        employee = self._make_user("employee", "base.group_user")
        self.assertFalse(self.companies(employee))
        stranger = self._make_user("stranger", "point_of_sale.group_pos_manager")
        other = self.env["res.company"].create({"name": "Másik Kft."})
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertEqual(self.companies(stranger), [other])
        public = self.env.ref("base.public_user")
        self.assertFalse(self.companies(public))


@tagged("post_install", "-at_install")
class TestFirstStep(SalonCase):
    def test_until_a_service_is_connected_somebody_is_told_what_to_do(self):
        accounts = self.env["salon.invoice.account"]
        admin = self._make_user("chief", "base.group_system")
        self.assertEqual(accounts.with_user(admin).first_step(), "")
        self.account.sudo().state = "disconnected"
        self.assertEqual(accounts.with_user(admin).first_step(), "connect")
        self.assertEqual(accounts.with_user(self.receptionist).first_step(), "ask")

    def test_whoever_installs_it_lands_there(self):
        todo = self.env.ref("salon_invoice_bridge.todo_first_step")
        # The overview says what is to be done until a service is connected.
        action = self.env.ref("salon_invoice_bridge.salon_invoice_overview_action")
        self.assertEqual(todo.action_id.id, action.id)
