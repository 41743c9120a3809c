"""Built ahead, several at once: what happens to one of them stays with it."""

from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..models import salon_invoice_lane
from ..models.salon_invoice_ahead import SalonInvoiceAhead
from .common import SalonCase


@tagged("post_install", "-at_install")
class TestAhead(SalonCase):
    def setUp(self):
        super().setUp()
        self.sell([(self.haircut, 1)])  # the service knows walk-in customers from now
        self.run_lane()
        self.before = len(self.issued())
        self.first, self.second, self.third = (
            self.sell([(product, 1)]).salon_document_id
            for product in (self.haircut, self.mens_cut, self.book)
        )
        self.all = self.first | self.second | self.third
        self.built = []

    def after_building(self, happening):
        """Let something happen between the building and the first claim."""
        build = SalonInvoiceAhead._build_ahead

        def build_ahead(documents, provider):
            built = build(documents, provider)
            self.built.append(sorted(built))
            if len(self.built) == 1:
                happening()
                self.env.flush_all()
                self.env.invalidate_all()
            return built

        self.enterContext(patch.object(SalonInvoiceAhead, "_build_ahead", build_ahead))

    def new(self):
        """Return the totals that the service has issued in this test, in order."""
        return [float(d["gross"]) for d in self.issued()[self.before :]]

    def test_sales_that_wait_together_are_issued_once_each_in_their_order(self):
        self.after_building(lambda: None)
        self.run_lane()
        self.assertEqual(self.built[0], self.all.ids)
        self.assertEqual(self.new(), [8900, 4990, 3500])
        self.assertEqual(self.all.mapped("state"), ["issued"] * 3)

    def test_what_is_built_ahead_is_what_would_be_built_at_the_claim(self):
        self.sell([(self.haircut, 2)], customer=self.customer)
        self.run_lane()
        fourth = self.sell([(self.book, 3)], customer=self.customer).salon_document_id
        with self.account._open_provider() as provider:
            ahead = fourth._foresee(provider)
            fourth._build(provider, [])
        self.assertTrue(ahead["request"])
        for name, value in ahead.items():
            self.assertEqual(fourth[name], value, name)

    def test_a_document_that_cannot_be_built_stops_only_itself(self):
        self.second.facts = {"broken": True}
        self.after_building(lambda: None)
        self.run_lane()
        self.assertEqual(self.built[0], (self.first | self.third).ids)
        self.assertEqual(self.second.state, "attention")
        self.assertEqual(self.new(), [8900, 3500])

    def test_an_error_of_the_database_stops_only_the_document_that_met_it(self):
        foresee = SalonInvoiceAhead._foresee

        def break_second(document, provider):
            if document == self.second:
                self.env.cr.execute("SELECT 1 / 0", log_exceptions=False)
            return foresee(document, provider)

        with patch.object(SalonInvoiceAhead, "_foresee", break_second):
            self.run_lane()
        self.assertEqual(self.all.mapped("state"), ["issued"] * 3)
        self.assertEqual(self.new(), [8900, 4990, 3500])

    def test_a_document_that_is_dropped_after_it_was_built_is_not_sent(self):
        self.after_building(lambda: self.second._settle(note="nem kell"))
        self.run_lane()
        self.assertIn(self.second.id, self.built[0])
        self.assertEqual(self.second.state, "skipped")
        self.assertEqual(self.new(), [8900, 3500])

    def test_a_document_that_was_changed_after_it_was_built_is_built_anew(self):
        def change():
            facts = self.second.facts
            facts["lines"][0]["name"] = "Hajvágás és szárítás"
            self.second.facts = facts
            self.env.flush_all()
            # One transaction has one time, but others would have another.
            self.env.cr.execute(
                "UPDATE salon_invoice_document SET write_date = write_date + "
                "interval '1 second' WHERE id = %s",
                [self.second.id],
            )

        self.after_building(change)
        self.run_lane()
        self.assertEqual(self.new(), [8900, 4990, 3500])
        self.assertIn("szárítás", self.second.request)

    def test_nothing_is_sent_once_the_account_is_disconnected(self):
        def disconnect():
            self.account.sudo().state = "disconnected"

        self.after_building(disconnect)
        self.run_lane()
        self.assertEqual(self.all.mapped("state"), ["waiting"] * 3)
        self.assertFalse(self.new())

    def test_a_refusal_has_the_others_built_anew(self):
        """The buyer may be gone at the service, who is on all of them."""
        self.fault(
            "status_before",
            method="POST",
            path="/documents$",
            status=422,
            body='{"message": "Validation Failed", "errors": []}',
        )
        told = self.env["salon.invoice.partner"].search(
            [("account_id", "=", self.account.id)]
        )
        self.assertEqual(len(told), 1)
        calls = len(self.calls())
        self.run_lane()
        self.assertEqual(self.all.mapped("state"), ["issued"] * 3)
        paths = [call["path"].rpartition("/v3")[2] for call in self.calls()[calls:]]
        buyer = f"/partners/{told.remote_id}"
        self.assertEqual(paths[:3], ["/documents", buyer, "/documents"])
        self.assertEqual(paths.count(buyer), 1)
        self.assertEqual(paths.count("/documents"), 4)

    def take_one_turn(self):
        """Run the lane once; say whether it has woken itself."""
        lane = self.account.cron_id
        self.env["ir.cron.trigger"].search([("cron_id", "=", lane.id)]).unlink()
        with self.enter_registry_test_mode():
            lane.method_direct_trigger()
        self.env.invalidate_all()
        now = fields.Datetime.now()
        return bool(
            self.env["ir.cron.trigger"].search(
                [("cron_id", "=", lane.id), ("call_at", "<=", now)]
            )
        )

    def test_a_turn_of_steps_is_short_so_that_documents_of_other_lanes_go(self):
        self.take_one_turn()
        self.fault("delay", seconds=0.3, times=None)
        with patch.object(salon_invoice_lane, "TURN_OF_STEPS", 0.1):
            self.assertTrue(self.take_one_turn(), "it goes on at once")
        taken = self.all.step_ids.filtered("tries")
        self.assertEqual(len(taken), 1)

    def test_steps_are_left_to_a_turn_after_those_of_other_lanes(self):
        self.assertTrue(self.take_one_turn(), "it goes on at once")
        self.assertEqual(self.all.mapped("state"), ["issued"] * 3)
        self.assertEqual(set(self.all.step_ids.mapped("state")), {"todo"})
        pdfs = self.all.step_ids.filtered(lambda step: step.kind == "pdf")
        pdfs.next_attempt = fields.Datetime.now()
        self.run_lane()
        self.assertEqual(pdfs.mapped("tries"), [1, 1, 1])
