"""The service's own file for an accounting program, in the month's file."""

from odoo.tests import Form, tagged

from ..billing.bookkeeping import ExportState, ExportStatus
from ..models.salon_invoice_month_export import PAUSE
from .test_month_file import CRON, MonthCase


@tagged("post_install", "-at_install")
class TestMonthExport(MonthCase):
    def choose(self, kind="rlb"):
        """Prepare this month with a file for an accounting program."""
        form = Form(self.env["salon.invoice.month.prepare"].with_user(self.accountant))
        form.month = self.start.isoformat()
        form.export_kind = kind
        action = form.save().action_prepare()
        return self.env[action["res_model"]].browse(action["res_id"])

    def test_it_is_chosen_once_and_in_each_file(self):
        self.sell([(self.haircut, 1)])
        self.work()
        month = self.finish(self.choose())
        self.assertEqual(month.export_ids.state, "ready", month.export_ids.detail)
        names = self.archives(month)[0].namelist()
        self.assertTrue([name for name in names if "RLB" in name], names)
        form = Form(self.env["salon.invoice.month.prepare"].with_user(self.accountant))
        self.assertEqual(form.export_kind, "rlb")
        month.with_user(self.accountant).action_prepare_again()
        self.finish(month)
        self.assertEqual(month.export_ids.state, "ready")
        self.assertEqual(len(month.export_ids), 1)

    def test_none_is_asked_for_that_nobody_has_chosen(self):
        self.sell([(self.haircut, 1)])
        self.work()
        self.assertFalse(self.ready().export_ids)

    def test_what_cannot_be_had_is_said_and_the_file_is_made(self):
        self.sell([(self.haircut, 1)])
        self.work()
        self.fault("status_before", path="/document-export$", status=422, times=None)
        month = self.finish(self.choose())
        self.assertEqual((month.state, month.export_ids.state), ("ready", "failed"))
        self.assertTrue(month.export_ids.detail)

    def test_a_service_that_is_silent_is_waited_for_and_no_longer(self):
        self.fault("status_before", path="document-export", status=503, times=None)
        month = self.choose()
        self.run_cron(CRON)
        self.run_lane()
        self.run_cron(CRON)
        self.assertEqual(month.state, "fetching")
        month.with_user(self.accountant).action_write_now()
        self.run_cron(CRON)
        self.assertEqual(month.state, "ready")
        # Nor is the service asked for it any more.
        self.assertEqual(month.export_ids.state, "failed")
        self.assertIn("in time", month.export_ids.detail)
        self.sandbox.world.faults.clear()
        before = len(self.exports_asked())
        self.work()
        self.assertEqual(len(self.exports_asked()), before)

    def exports_asked(self):
        return [call for call in self.calls() if "document-export" in call["path"]]

    def test_a_file_that_is_never_made_is_asked_for_no_longer_than_it_is_waited_for(
        self,
    ):
        month = self.choose()
        self.run_cron(CRON)
        export = month.export_ids
        task = export._task("export")
        pending = ExportStatus(state=ExportState.PENDING, detail="Soon.")
        self.assertEqual(export._on_answer(task, pending), PAUSE)
        month.with_user(self.accountant).action_write_now()
        self.assertIsNone(export._on_answer(task, pending))
        self.assertEqual((export.state, export.detail), ("failed", "Soon."))


@tagged("post_install", "-at_install")
class TestMonthSzamlazz(MonthCase):
    provider = "szamlazz"

    def test_a_service_without_such_files_offers_none(self):
        form = Form(self.env["salon.invoice.month.prepare"].with_user(self.accountant))
        self.assertFalse(form.has_exports)
        form.month = self.start.isoformat()
        action = form.save().action_prepare()
        month = self.finish(self.env[action["res_model"]].browse(action["res_id"]))
        self.assertEqual((month.state, bool(month.export_ids)), ("ready", False))

    def test_its_month_is_complete_too(self):
        account = next(
            iter(self.sandbox.world.emulator("szamlazz").state["accounts"].values())
        )
        account["test"] = False
        sale = self.sell([(self.haircut, 2), (self.book, 1)])
        self.work()
        self.refund(sale, {sale.lines[1]: 1})
        self.work()
        month = self.ready()
        self.assertEqual(self.gaps(month), [])
        (sums,) = month.sums
        self.assertEqual(float(sums["documented"]), self.standing())
