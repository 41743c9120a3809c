"""Several documents in one turn of the lane: what happens to one stays with it."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.salon_invoice_document import SalonInvoiceDocument
from ..worker import lane
from ..worker.express import Express
from .common import SalonCase


class TurnTests:
    """Three sales that wait together."""

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

    def once_the_first_is_issued(self, happening):
        """Let something happen after the lane has chosen these documents."""

        def and_then(document):
            if document == self.first:
                happening()
                self.env.flush_all()
                self.env.invalidate_all()

        on_issued, record = SalonInvoiceDocument._on_issued, Express._record_plain

        def issued(document, *arguments):
            on_issued(document, *arguments)
            and_then(document)

        def recorded(express, due, document, *arguments):
            done = record(express, due, document, *arguments)
            and_then(document)
            return done

        self.enterContext(patch.object(SalonInvoiceDocument, "_on_issued", issued))
        self.enterContext(patch.object(Express, "_record_plain", recorded))

    def new(self):
        """Return the totals that the service has issued in this test, in order."""
        return [float(d["gross"]) for d in self.issued()[self.before :]]

    def test_sales_that_wait_together_are_issued_once_each_in_their_order(self):
        self.run_lane()
        self.assertEqual(self.new(), [8900, 4990, 3500])
        self.assertEqual(self.all.mapped("state"), ["issued"] * 3)

    @mute_logger("odoo.addons.salon_invoice_bridge.worker.lane")
    def test_a_document_that_cannot_be_built_stops_only_itself(self):
        self.second.sale_snapshot = {"broken": True}
        self.run_lane()
        self.assertEqual(self.second.state, "attention")
        self.assertEqual(self.new(), [8900, 3500])

    @mute_logger("odoo.addons.salon_invoice_bridge.worker.lane")
    def test_an_error_of_the_database_stops_only_the_document_that_met_it(self):
        make, build = SalonInvoiceDocument._make_invoice, Express._build

        def break_second(document):
            if document == self.second:
                self.env.cr.execute("SELECT 1 / 0", log_exceptions=False)

        def made(document, policy):
            break_second(document)
            return make(document, policy)

        def built(express, due, document):
            break_second(document)
            return build(express, due, document)

        with (
            patch.object(SalonInvoiceDocument, "_make_invoice", made),
            patch.object(Express, "_build", built),
        ):
            self.run_lane()
        self.assertEqual(self.all.mapped("state"), ["issued", "attention", "issued"])
        self.assertEqual(self.new(), [8900, 3500])

    def test_a_document_that_is_dropped_during_the_turn_is_not_sent(self):
        self.once_the_first_is_issued(lambda: self.second._settle(note="nem kell"))
        self.run_lane()
        self.assertEqual(self.second.state, "skipped")
        self.assertEqual(self.new(), [8900, 3500])

    def test_a_document_that_is_changed_during_the_turn_is_sent_as_it_is_then(self):
        def change():
            sale_snapshot = self.second.sale_snapshot
            sale_snapshot["lines"][0]["name"] = "Hajvágás és szárítás"
            self.second.sale_snapshot = sale_snapshot

        self.once_the_first_is_issued(change)
        self.run_lane()
        self.assertEqual(self.new(), [8900, 4990, 3500])
        self.assertIn("szárítás", self.requests[self.second.id])

    def test_nothing_more_is_sent_once_the_account_is_disconnected(self):
        def disconnect():
            self.account.sudo().state = "disconnected"

        self.once_the_first_is_issued(disconnect)
        self.run_lane()
        self.assertEqual(self.all.mapped("state"), ["issued", "waiting", "waiting"])
        self.assertEqual(self.new(), [8900])

    def test_a_refusal_has_the_others_built_with_the_buyer_told_again(self):
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

    def ask_for_pdfs(self):
        """Let somebody need the PDFs of all documents now; return these tasks."""
        pdfs = self.all.task_ids.filtered(lambda step: step.kind == "pdf")
        pdfs.next_attempt = fields.Datetime.now()
        return pdfs

    def test_a_turn_of_steps_is_short_so_that_documents_of_other_lanes_go(self):
        self.take_one_turn()
        pdfs = self.ask_for_pdfs()
        self.fault("delay", seconds=0.3, times=None)
        with patch.object(lane, "TASKS_TURN_SECONDS", 0.1):
            self.assertTrue(self.take_one_turn(), "it goes on at once")
        self.assertEqual(len(pdfs.filtered("tries")), 1)

    def sell_with_a_mail(self):
        """Sell once more; return the task that mails its invoice."""
        sale = self.sell([(self.haircut, 1)], customer=self.customer)
        self.all |= sale.salon_document_id
        return lambda: sale.salon_document_id.task_ids.filtered(
            lambda task: task.kind == "email"
        )

    def test_steps_follow_in_the_turn_of_their_documents(self):
        mail = self.sell_with_a_mail()
        self.assertFalse(self.take_one_turn(), "nothing is left to do")
        self.assertEqual(self.all.mapped("state"), ["issued"] * 4)
        self.assertEqual(mail().state, "done")

    def test_steps_are_left_to_a_turn_after_those_of_other_lanes(self):
        mail = self.sell_with_a_mail()
        with patch.object(lane.Lane, "_others_wait", lambda _lane, **_options: True):
            self.assertTrue(self.take_one_turn(), "it goes on at once")
        self.assertEqual(self.all.mapped("state"), ["issued"] * 4)
        self.assertEqual(mail().state, "todo")
        self.run_lane()
        self.assertEqual(mail().state, "done")

    def test_a_lane_with_nothing_but_steps_gives_way_after_each(self):
        self.take_one_turn()
        pdfs = self.ask_for_pdfs()
        with patch.object(lane.Lane, "_others_wait", lambda _lane, **_options: True):
            for tried in (1, 2):
                self.assertTrue(self.take_one_turn(), "it goes on at once")
                self.assertEqual(len(pdfs.filtered("tries")), tried)

    def test_a_backlog_gives_way_to_who_waits_elsewhere(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE salon_invoice_document SET create_date = create_date - "
            "interval '3 minutes' WHERE id IN %s",
            [tuple(self.all.ids)],
        )
        self.env.invalidate_all()
        asked = []

        def others_wait(_lane, waited_for=False):
            asked.append(waited_for)
            return True

        with patch.object(lane.Lane, "_others_wait", others_wait):
            self.assertTrue(self.take_one_turn(), "it goes on at once")
        self.assertEqual(self.all.mapped("state"), ["issued", "waiting", "waiting"])
        self.assertEqual(asked, [True])

    def test_who_waits_here_gives_way_to_nobody(self):
        with patch.object(lane.Lane, "_others_wait", lambda _lane, **_options: True):
            self.take_one_turn()
        self.assertEqual(self.all.mapped("state"), ["issued"] * 3)

    def test_another_lane_waits_whose_document_is_due(self):
        def others_wait(**options):
            self.env.flush_all()
            return lane.Lane(self.account)._others_wait(**options)

        self.assertFalse(others_wait(), "these are its own")
        other = self.account.copy({"api_key": "other", "base_url": ""})
        self.third.account_id = other
        self.assertFalse(others_wait(), "no lane would send it")
        other.state = "connected"
        self.assertFalse(others_wait(), "it has no lane")
        other._ensure_lane()
        self.assertTrue(others_wait())
        other.cron_id.active = False
        self.assertFalse(others_wait(), "its lane is switched off")
        other.cron_id.active = True
        self.assertTrue(others_wait(waited_for=True))
        later = self.third._now() + timedelta(hours=1)
        for trouble in ({"pause_reason": "No"}, {"backoff_until": later}):
            other.write(trouble)
            self.assertFalse(others_wait(), "it may not call")
            other.write(dict.fromkeys(trouble, False))
        self.second.write({"account_id": other.id, "state": "sending"})
        self.assertFalse(others_wait(), "its lane runs")
        self.second.state = "issued"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE salon_invoice_document SET create_date = create_date - "
            "interval '3 minutes' WHERE id = %s",
            [self.third.id],
        )
        self.assertTrue(others_wait())
        self.assertFalse(others_wait(waited_for=True), "nobody is there any more")
        self.third.next_attempt = self.third._now() + timedelta(hours=1)
        self.assertFalse(others_wait())


@tagged("post_install", "-at_install")
class TestTurn(TurnTests, SalonCase):
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestTurnTheOrdinaryWay(TurnTests, SalonCase):
    """The same without the short way of plain sales."""

    allow_inherited_tests_method = True

    def setUp(self):
        self.patch(Express, "_prepare", lambda *arguments: None)
        super().setUp()
