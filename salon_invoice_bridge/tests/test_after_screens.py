"""Each operation of seed 004 is a button, for those who may press it."""

from lxml import etree

from odoo.tests import tagged

from .after_case import AfterCase


@tagged("post_install", "-at_install")
class TestAfterScreens(AfterCase):
    def buttons(self, user, view="salon_invoice_document_view_form"):
        """Return the names of the buttons that ``user`` gets; actions by xml id."""
        view = self.env.ref(f"salon_invoice_bridge.{view}")
        arch = (
            self.env["salon.invoice.document"]
            .with_user(user)
            .get_view(view.id, view.type)["arch"]
        )
        names = {node.get("name") for node in etree.fromstring(arch).iter("button")}
        actions = self.env["ir.model.data"].search(
            [
                ("module", "=", "salon_invoice_bridge"),
                ("model", "=", "ir.actions.act_window"),
            ]
        )
        known = {str(action.res_id): action.name for action in actions}
        return {known.get(name, name) for name in names}

    def test_a_manager_and_an_accountant_reach_all_of_seed_004(self):
        for user in (self.manager, self.accountant):
            buttons = self.buttons(user)
            self.assertLessEqual(
                {
                    "salon_invoice_storno_action",  # cancel
                    "salon_invoice_payment_action",  # pay
                    "action_undo_payments",  # undo pay
                    "action_finalize",  # generate
                    "salon_invoice_send_action",  # send
                    "action_open_service",  # code
                    "action_download_again",  # download
                    "action_discard",
                    "action_reissue",
                },
                buttons,
            )

    def test_a_receptionist_sends_downloads_and_looks_but_cancels_nothing(self):
        buttons = self.buttons(self.receptionist)
        self.assertLessEqual(
            {"salon_invoice_send_action", "action_download_again", "action_look"},
            buttons,
        )
        self.assertFalse(
            {
                "salon_invoice_storno_action",
                "salon_invoice_payment_action",
                "action_undo_payments",
                "action_finalize",
                "action_discard",
                "action_reissue",
            }
            & buttons
        )

    def test_many_drafts_are_issued_or_discarded_from_their_list(self):
        buttons = self.buttons(
            self.manager, "salon_invoice_document_view_list_unfinished"
        )
        self.assertLessEqual({"action_finalize", "action_discard"}, buttons)

    def test_the_wizards_open_for_those_who_may_use_them(self):
        sale = self.sell([(self.haircut, 1)])
        self.work()
        document = sale.salon_document_id
        for user in (self.manager, self.accountant):
            for name in ("storno", "payment", "send"):
                action = self.env["ir.actions.act_window"]._for_xml_id(
                    f"salon_invoice_bridge.salon_invoice_{name}_action"
                )
                wizard = self.env[action["res_model"]].with_user(user)
                context = {"default_document_id": document.id}
                values = wizard.with_context(**context).default_get(["document_id"])
                self.assertEqual(values["document_id"], document.id)
        self.assertFalse(
            self.env["salon.invoice.storno"]
            .with_user(self.receptionist)
            .has_access("create")
        )

    def test_a_refund_that_waits_says_for_what(self):
        sale = self.sell([(self.haircut, 1), (self.book, 1)])
        self.fault("status_before", path=self.creates, status=502, html=True)
        self.run_lane()
        refund = self.refund(sale, {sale.lines[0]: 1})
        refund.salon_document_id.next_attempt = refund.salon_document_id._now()
        self.run_lane()
        seen = refund.salon_document_id.with_user(self.receptionist)
        self.assertEqual(seen.state, "waiting")
        self.assertIn(sale.salon_document_id.name, seen.problem)
