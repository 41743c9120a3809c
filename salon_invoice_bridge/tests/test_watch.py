"""What NAV and the service's own screen did is found, shown and never overwritten."""

import dataclasses
from decimal import Decimal

from odoo.tests import tagged

from ..billing.invoice import Cancellation, Kind
from .after_case import STORNO, AfterCase


class WatchTests:
    def setUp(self):
        super().setUp()
        # Else Számlázz.hu is asked at once whose document the first one is.
        self.account.info = {**self.account.info, "sandbox": True}
        self.sale = self.sell([(self.haircut, 1), (self.book, 2)])
        self.work()
        self.invoice = self.sale.salon_document_id

    def check(self):
        """Let a day pass: the daily check, and the lane that it wakes."""
        self.run_cron("cron_daily_check")
        self.work()

    def at_the_service(self, operation, *arguments):
        """Do something in the service's own screen."""
        with self.account._open_provider() as provider:
            return getattr(provider, operation)(*arguments)

    def test_a_storno_made_at_the_service_is_adopted_and_told(self):
        theirs = self.at_the_service(
            "cancel",
            Cancellation(original=self.invoice._issued(), external_key="THEIRS"),
        )
        self.check()
        self.assertEqual(self.invoice.state, "cancelled")
        storno = self.invoice.follow_up_ids
        self.assertEqual((storno.state, storno.number), ("issued", theirs.number))
        self.assertEqual(len(self.papers(*STORNO)), 1)
        self.assertTrue(self.invoice.activity_ids)

    def test_the_daily_check_acts_on_nothing(self):
        before = self.issued()
        self.check()
        self.check()
        after = self.issued()
        self.assertEqual(before, after)
        self.assertEqual(self.invoice.state, "issued")
        self.assertFalse(self.invoice.activity_ids)

    def test_a_payment_registered_at_the_service_is_shown(self):
        self.invoice.with_user(self.manager).action_undo_payments()
        self.work()
        tenders = self.invoice._invoice().tenders
        self.at_the_service("register_payments", self.invoice._issued(), tenders)
        self.assertEqual(self.invoice.payment_state, "outstanding")
        self.check()
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertEqual(float(self.at_service(self.invoice)["paid"]), 15900)

    def test_a_part_payment_registered_at_the_service_is_shown(self):
        self.invoice.with_user(self.manager).action_undo_payments()
        self.work()
        (tender,) = self.invoice._invoice().tenders
        part = dataclasses.replace(tender, amount=Decimal(4000))
        self.at_the_service("register_payments", self.invoice._issued(), (part,))
        self.check()
        self.assertEqual(self.invoice.payment_state, "partial")
        self.assertEqual(self.invoice.amount_outstanding, 11900)

    def test_payments_undone_at_the_service_are_shown_where_it_tells(self):
        self.at_the_service("undo_payments", self.invoice._issued())
        self.check()
        # Számlázz.hu lists payments, and says nothing where there are none.
        told = self.provider != "szamlazz"
        self.assertEqual(self.invoice.payment_state, "outstanding" if told else "paid")
        self.assertEqual(float(self.at_service(self.invoice)["paid"]), 0)

    def test_the_daily_check_is_bounded(self):
        for _sale in range(3):
            self.sell([(self.book, 1)])
        self.work()
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("salon_invoice_bridge.watch_limit", 2)
        before = self.invoice.search_count([("last_synced_at", "!=", False)])
        self.check()
        self.assertEqual(
            self.invoice.search_count([("last_synced_at", "!=", False)]), before + 2
        )
        self.check()
        self.assertEqual(
            self.invoice.search_count([("last_synced_at", "!=", False)]), before + 4
        )

    def test_what_was_recorded_by_hand_is_nothing_to_look_at(self):
        document = self.sell([(self.book, 1)]).salon_document_id
        document.with_user(self.manager)._settle("KEZI-1")
        self.check()
        self.assertFalse(document.task_ids)
        self.assertEqual(self.step(self.invoice, "look").state, "done")

    def test_old_documents_are_left_alone(self):
        self.invoice.issued_at = self.invoice.issued_at.replace(year=2020)
        self.check()
        self.assertFalse(self.invoice.last_synced_at)

    def test_a_look_a_day_leaves_one_row(self):
        self.check()
        self.check()
        looks = self.invoice.task_ids.filtered(lambda step: step.kind == "look")
        self.assertEqual(len(looks), 1)

    def test_the_daily_check_passes_over_a_look_that_is_under_way(self):
        other = self.sell([(self.book, 1)])
        self.check()
        self.invoice._plan_task("look")
        self.run_cron("cron_daily_check")
        looks = self.invoice.task_ids.filtered(lambda step: step.kind == "look")
        self.assertEqual(looks.mapped("state"), ["done", "todo"])
        self.assertEqual(self.step(other.salon_document_id, "look").state, "todo")

    def test_a_receptionist_may_ask_how_a_document_stands(self):
        self.invoice.with_user(self.receptionist).action_look()
        self.work()
        self.assertTrue(self.invoice.last_synced_at)

    def test_a_document_that_the_service_has_lost_is_an_alert(self):
        self.lose(self.invoice)
        self.check()
        self.assertEqual(self.invoice.state, "issued")
        self.assertTrue(self.invoice.warning)
        self.assertTrue(self.invoice.activity_ids)

    def lose(self, document):
        emulator = self.sandbox.world.emulator(self.provider)
        papers = emulator.state["documents"]
        if isinstance(papers, dict):
            papers.pop(document.remote_id)
        else:
            papers[:] = [p for p in papers if p["number"] != document.number]


@tagged("post_install", "-at_install")
class TestWatchBillingo(WatchTests, AfterCase):
    provider = "billingo"

    def test_the_report_to_nav_is_followed(self):
        self.assertEqual(self.invoice.nav_state, "accepted")

    @property
    def papers_there(self):
        return self.sandbox.world.emulator("billingo").state["documents"].values()

    def test_a_report_on_its_way_is_asked_about_again_within_bounds(self):
        step = self.step(self.invoice, "nav")
        for paper in self.papers_there:
            paper["nav_status"] = "processing"
        step.write({"state": "todo", "tries": 0})
        self.work(turns=30)
        self.assertEqual(step.state, "done")
        self.assertEqual(step.tries, 18)
        self.assertEqual(self.invoice.nav_state, "pending")

    def test_a_rejection_by_nav_is_an_alert(self):
        sale = self.sell([(self.book, 1)])
        self.sandbox.world.emulator("billingo").account_by_key("demo-billingo-key")[
            "nav_status"
        ] = "aborted"
        self.work()
        document = sale.salon_document_id
        self.assertEqual(document.state, "issued")
        self.assertEqual(document.nav_state, "rejected")
        self.assertTrue(document.activity_ids)
        self.assertIn("ABORTED", document.nav_detail.upper())

    def test_a_draft_finalized_at_the_service_becomes_the_invoice_here(self):
        self.company.salon_kind = "draft"
        sale = self.sell([(self.book, 1)])
        self.work()
        draft = sale.salon_document_id
        content = dataclasses.replace(draft._invoice(), kind=Kind.INVOICE, paid=True)
        with self.account._open_provider() as provider:
            theirs = provider.finalize(draft._issued(), provider.render(content))
        self.check()
        self.assertEqual(sale.salon_document_id.number, theirs.number)
        self.assertEqual(draft.state, "converted")

    def test_a_draft_deleted_at_the_service_is_discarded_here(self):
        self.company.salon_kind = "draft"
        sale = self.sell([(self.book, 1)])
        self.work()
        self.at_the_service("discard", sale.salon_document_id._issued())
        self.check()
        self.assertEqual(sale.salon_document_id.state, "discarded")


@tagged("post_install", "-at_install")
class TestWatchBillingoV2(WatchTests, AfterCase):
    provider = "billingo_v2"


@tagged("post_install", "-at_install")
class TestWatchSzamlazz(WatchTests, AfterCase):
    provider = "szamlazz"
