"""The books of a day and a month, compared with what a real service says."""

from dataclasses import replace
from datetime import date, timedelta
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..billing.invoice import Cancellation
from ..models.pos_order import PosOrder
from ..providers.registry import get
from .after_case import AfterCase
from .other_company import OtherCompanyCase
from .receipt_case import ReceiptCase

JOB = "odoo.addons.salon_invoice_bridge.models.salon_invoice_reconciliation"
REFUSED = {"status": 422, "body": '{"message": "No", "errors": []}'}
DIFFERENCES = "odoo.addons.salon_invoice_bridge.models.salon_invoice_difference"


class ReconcileMixin:
    """Sells, and has it compared."""

    def setUp(self):
        super().setUp()
        # The sandbox has its own clock, which may be past midnight.
        reconciliation = type(self.env["salon.invoice.reconciliation"])
        self.patch(reconciliation, "_last_day", lambda row: row.until)
        self.patch(reconciliation, "_plan", lambda _rows, _account: None)
        # What is created in a test is as old as its transaction.
        self.config.salon_live_since = fields.Datetime.now() - timedelta(hours=1)
        today = self.env["salon.invoice.document"]._today()
        self.days = today - timedelta(days=1), today + timedelta(days=1)

    def request(self):
        rows = self.env["salon.invoice.reconciliation"]
        return rows._request(self.account, *self.days)

    def compare(self, row=None):
        """Have these days compared; return the reconciliation."""
        if row is None:
            row = self.request()
        else:
            row._start()
        return self.finish(row)

    def finish(self, row):
        """Run worker and job until all is compared."""
        for _turn in range(8):
            if row.state == "asking":
                self.work()
            if row.state == "todo":
                self.run_cron("cron_reconcile")
            if row.state == "done":
                break
        self.assertEqual(row.state, "done", row.trouble)
        return row

    def open_ones(self, row):
        return row.difference_ids.filtered(lambda one: one.state == "open")

    def invoiced(self, *lines, **values):
        """Sell, and return the sale when its invoice is issued."""
        lines = list(lines) or [(self.haircut, 1)]
        order = self.sell(lines, salon_wish="invoice", **values)
        self.work()
        self.assertEqual(order.salon_document_id.state, "issued")
        return order

    def forgotten(self, *lines):
        """Sell without anything being asked for: the hook has failed."""
        with patch.object(PosOrder, "_salon_on_paid", lambda _order: None):
            order = self.sell(list(lines) or [(self.haircut, 1)], salon_wish="invoice")
        self.assertFalse(order.salon_document_ids)
        return order

    def at_the_service(self, operation, *arguments):
        """Do something in the service's own screen."""
        with self.account._open_provider() as provider:
            return getattr(provider, operation)(*arguments)

    def by_hand(self, like, **changes):
        """Make a document at the service as somebody does there by hand."""
        meant = replace(
            like.salon_document_id._invoice(),
            external_key=f"HAND{len(self.issued())}",
            order_number="",
            comment="",
            **changes,
        )
        with self.account._open_provider() as provider:
            return provider.issue(provider.render(meant))


class ReconcileTests(ReconcileMixin):
    """Of every service."""

    outcome, proof = "agrees", "list"

    def assert_agrees(self, row):
        self.assertEqual(row.difference_ids.mapped("text"), [], row.summary)
        self.assertEqual((row.proof, row.outcome), (self.proof, self.outcome))
        self.assertFalse(row.activity_ids)

    def test_some_sales_and_what_came_back_agree(self):
        first = self.invoiced((self.haircut, 1), (self.book, 2))
        self.invoiced((self.mens_cut, 1), payments=[(self.card, 4990)])
        self.refund(first, {first.lines[1]: 1})
        self.work()
        row = self.compare()
        self.assert_agrees(row)
        rates = row.sum_ids.filtered(lambda one: one.by == "rate")
        sums = {one.code: (one.till, one.documents) for one in rates}
        self.assertEqual(sums["27"], (8900 + 4990, 8900 + 4990))
        self.assertEqual(sums["5"], (3500, 3500))
        till = sum(rates.mapped("till"))
        self.assertEqual(till, self.standing())
        self.assertEqual(sum(rates.mapped("there")), till)

    def test_a_sale_without_a_document_is_asked_for_and_mended(self):
        self.invoiced()
        order = self.forgotten((self.book, 1))
        row = self.compare()
        (one,) = self.open_ones(row)
        self.assertEqual((one.order_id, one.outcome), (order, "missing_there"))
        self.assertEqual(row.outcome, "differs")
        self.assertEqual(one.text, "There is no document of this sale.")
        self.assertEqual(len(row.activity_ids.user_id), len(row.activity_ids))
        self.assertTrue(row.activity_ids)
        one.with_user(self.manager).action_ask()
        self.work()
        self.assertEqual(order.salon_document_id.state, "issued")
        self.finish(row)
        self.assertEqual(one.state, "mended")
        self.assert_agrees_now(row)

    def test_what_came_back_whole_before_any_document_is_named_and_agrees(self):
        self.invoiced((self.book, 1))
        sale = self.forgotten()
        with patch.object(PosOrder, "_salon_on_paid", lambda _order: None):
            self.refund(sale)
        row = self.compare()
        self.assert_agrees(row)
        self.assertEqual(row.returned, sale.ids)
        (sentence,) = [line for line in row.summary.split("\n") if "came back" in line]
        self.assertIn(sale.pos_reference, sentence)

    def assert_agrees_now(self, row):
        self.assertFalse(self.open_ones(row))
        self.assertEqual(row.outcome, self.outcome, row.summary)
        self.assertFalse(row.activity_ids)

    def test_a_month_is_named_as_the_reader_writes_it(self):
        for lang in ("en_US", "hu_HU"):  # the database of the tests may have one alone
            self.env["res.lang"]._activate_lang(lang)
        rows = self.env["salon.invoice.reconciliation"]
        row = rows._request(self.account, date(2026, 11, 1), date(2026, 11, 30))
        for lang, name in (("en_US", "November 2026"), ("hu_HU", "2026. november")):
            self.assertEqual(row.with_context(lang=lang).display_name, name)

    def test_who_looks_at_it_sees_the_end_of_it_without_reloading(self):
        row, sent = self.request(), []
        bus = type(self.env["bus.bus"])
        with patch.object(bus, "_sendone", lambda _bus, *message: sent.append(message)):
            self.finish(row)
        told = [message for *_to, message in sent if message.get("reconciliations")]
        self.assertEqual([one["reconciliations"] for one in told], [row.ids])

    def test_many_differences_are_one_activity(self):
        self.invoiced()
        for product in (self.haircut, self.book, self.mens_cut):
            self.forgotten((product, 1))
        row = self.compare()
        self.assertEqual(len(self.open_ones(row)), 3)
        recipients = self.account._recipients()
        self.assertEqual(len(row.activity_ids), len(recipients))
        self.compare(row)
        self.assertEqual(len(row.activity_ids), len(recipients))

    def test_what_was_resolved_by_hand_stays_resolved(self):
        self.invoiced()
        self.forgotten()
        row = self.compare()
        one = self.open_ones(row).with_user(self.accountant)
        with self.assertRaises(UserError):
            one.action_resolve()
        one.note = "The accountant knows."
        one.action_resolve()
        self.assertEqual((one.state, one.closed_by_id), ("resolved", self.accountant))
        self.assertEqual(row.outcome, "resolved")
        self.assertFalse(row.activity_ids)
        self.compare(row)
        self.assertEqual(one.state, "resolved")
        self.assertFalse(row.activity_ids)

    def test_a_document_that_is_gone_at_the_service_is_found(self):
        first, second = self.invoiced(), self.invoiced((self.book, 1))
        self.lose(second.salon_document_id)
        row = self.compare()
        (one,) = self.open_ones(row)
        self.assertEqual(one.document_id, second.salon_document_id)
        self.assertNotEqual(one.document_id, first.salon_document_id)
        self.assertEqual(one.outcome, "missing_there")
        self.assertEqual(one.text, "The service does not have it (any more).")

    def lose(self, document):
        emulator = self.sandbox.world.emulator(self.provider)
        papers = emulator.state["documents"]
        if isinstance(papers, dict):
            papers.pop(document.remote_id)
        else:
            papers[:] = [p for p in papers if p["number"] != document.number]

    def test_a_storno_made_at_the_service_is_found_and_mended_by_a_look(self):
        self.invoiced((self.book, 1))
        order = self.invoiced()
        document = order.salon_document_id
        cancellation = Cancellation(original=document._issued(), external_key="X")
        self.at_the_service("cancel", cancellation)
        row = self.compare()
        found = self.open_ones(row)
        self.assertTrue(found)
        look = found.filtered(lambda one: one.document_id == document and one.can_look)
        look[:1].with_user(self.accountant).action_look()
        self.work()
        self.assertEqual(document.state, "cancelled")
        self.compare(row)
        # The sale has no invoice any more: nobody has taken it back at the till.
        (left,) = self.open_ones(row)
        self.assertEqual((left.order_id, left.outcome), (order, "differs"))

    def test_sales_of_another_company_are_not_read(self):
        self.invoiced()
        other = self.forgotten((self.book, 1))
        self.env.flush_all()
        stranger = self.env["res.company"].create({"name": "Másik"})
        self.env.cr.execute(
            "UPDATE pos_order SET company_id = %s WHERE id = %s",
            (stranger.id, other.id),
        )
        self.env.invalidate_all()
        self.assertFalse(self.open_ones(self.compare()))

    def test_after_a_disconnection_nothing_is_asked_and_nothing_agrees(self):
        self.invoiced()
        self.account.sudo().state = "disconnected"
        row = self.request()
        self.run_cron("cron_reconcile")
        self.assertEqual((row.state, row.outcome), ("done", "unproven"))
        self.assertIn("not connected", row.summary)

    def test_a_comparison_that_meets_another_transaction_is_tried_soon(self):
        self.invoiced()
        row = self.request()
        if row.state == "asking":
            self.work()
        met = patch.object(
            type(self.env["salon.invoice.books"]),
            "_collect",
            side_effect=psycopg2.errors.SerializationFailure,
        )
        woken = patch.object(type(row), "_wake_job", autospec=True)
        with met, woken as wake:
            self.run_cron("cron_reconcile")
        self.assertEqual(row.state, "todo")
        pauses = [sum(call.args[1:]) for call in wake.call_args_list]
        self.assertTrue(any(pauses), pauses)

    @mute_logger(JOB)
    def test_a_comparison_that_breaks_is_shown_and_agrees_with_nothing(self):
        self.invoiced()
        row = self.request()
        books = type(self.env["salon.invoice.books"])
        if row.state == "asking":
            self.work()
        with patch.object(books, "_collect", side_effect=ZeroDivisionError):
            self.run_cron("cron_reconcile")
        self.assertEqual((row.state, row.outcome), ("done", "unproven"))
        self.assertTrue(row.trouble)

    def test_statements_do_not_grow_with_the_sales(self):
        collect = self.env["salon.invoice.books"]._collect
        asked = []
        for count in (2, 8):
            for _sale in range(count):
                self.sell([(self.haircut, 1), (self.book, 1)], salon_wish="invoice")
            self.work()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertTrue(collect(self.account, *self.days).sales)
            asked.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(asked[1], asked[0] + 2)


@tagged("post_install", "-at_install")
class TestReconcileBillingo(ReconcileTests, ReceiptCase):
    provider = "billingo"

    def test_receipts_and_their_stornos_agree(self):
        first = self.given((self.haircut, 1), (self.book, 2))
        self.given((self.mens_cut, 1))
        self.refund(first)
        self.work()
        self.assert_agrees(self.compare())

    def test_a_sale_is_taken_for_what_was_made_by_hand(self):
        like = self.invoiced()
        order = self.forgotten()
        made = self.by_hand(like)
        row = self.compare()
        (one,) = self.open_ones(row).filtered("can_adopt")
        self.assertEqual((one.order_id, one.remote_id), (order, made.id))
        for user in (self.accountant, self.receptionist):
            with self.assertRaises(UserError):
                one.with_user(user).action_adopt()
        one.with_user(self.manager).action_adopt()
        document = order.salon_document_id
        self.assertEqual((document.state, document.number), ("issued", made.number))
        self.assertEqual(document.amount_gross, 8900)
        self.assertEqual(document.settled_by_id, self.manager)
        self.work()
        self.assertEqual(len(self.papers()), 2)
        self.finish(row)
        self.assertEqual(one.state, "mended")
        self.assert_agrees_now(row)

    def test_asking_for_another_one_is_asked_about_first(self):
        """The service has one just like it: pressing would make a second one."""
        one, made = self.adoptable()
        action = one.with_user(self.accountant).action_ask()
        self.assertIsInstance(action, dict, "nothing is asked for yet")
        self.assertEqual((action["res_id"], action["target"]), (one.id, "new"))
        self.assertFalse(one.order_id.salon_document_ids)
        self.assertIn(made.number, one.offer_text)
        with self.assertRaises(UserError):
            one.with_user(self.receptionist).action_ask_anyway()
        one.with_user(self.accountant).action_ask_anyway()
        self.work()
        self.assertEqual(one.order_id.salon_document_id.state, "issued")

    def test_generate_on_the_sale_makes_no_second_one_either(self):
        one, _made = self.adoptable()
        order = one.order_id
        for user in (self.receptionist, self.manager):
            shown = order.with_user(user).with_context(lang="en_US")
            action = shown.action_salon_generate()
            self.assertIn("a manager decides", action["params"]["message"])
        self.assertFalse(order.salon_document_ids)
        one.with_user(self.manager).action_adopt()
        self.assertEqual(order.salon_document_id.state, "issued")

    def test_of_several_those_alone_are_asked_for_that_the_service_does_not_have(self):
        one, _made = self.adoptable()
        other = self.forgotten((self.book, 1))
        self.compare(one.reconciliation_id)
        both = self.open_ones(one.reconciliation_id).filtered("can_ask")
        self.assertEqual(both.order_id, one.order_id | other)
        action = both.with_user(self.manager).action_ask()
        self.assertEqual(action["res_id"], one.id)
        self.assertTrue(other.salon_document_ids)
        self.assertFalse(one.order_id.salon_document_ids)

    def test_nothing_of_another_sum_is_taken(self):
        like = self.invoiced((self.book, 1))
        self.forgotten()
        self.by_hand(like)
        row = self.compare()
        (one,) = self.open_ones(row)
        self.assertFalse(one.can_adopt)
        self.assertEqual(row.not_ours_count, 1)
        with self.assertRaises(UserError):
            one.with_user(self.manager).action_adopt()

    def adoptable(self):
        """Return a difference that may be adopted, and what was made by hand."""
        like = self.invoiced()
        self.forgotten()
        made = self.by_hand(like)
        (one,) = self.open_ones(self.compare()).filtered("can_adopt")
        return one, made

    def forgotten_by_the_rule(self, **values):
        """Sell to a walk-in who asked for nothing, without the hook of the payment."""
        with patch.object(PosOrder, "_salon_on_paid", lambda _order: None):
            order = self.sell_to_walk_in([(self.haircut, 1)], **values)
        self.assertFalse(order.salon_document_ids)
        return order

    def assert_nothing_is_made(self, order, reason):
        """Ask for the sale's document from its difference, as a manager."""
        (one,) = self.open_ones(self.compare())
        one.with_user(self.manager).action_ask()
        self.work()
        document = order.salon_document_id
        self.assertEqual((document.state, document.skip_reason), ("skipped", reason))
        self.assertEqual(self.papers(), [])
        self.finish(one.reconciliation_id)
        self.assertEqual(one.state, "mended")

    def test_beside_a_paper_receipt_none_is_asked_for(self):
        order = self.forgotten_by_the_rule(salon_paper_number="AB 000017")
        self.assert_nothing_is_made(order, "paper")
        self.assertEqual(order.salon_paper_number, "AB 000017")

    def test_beside_the_receipt_of_a_cash_register_none_is_asked_for(self):
        self.config.salon_cash_register = True
        self.assert_nothing_is_made(self.forgotten_by_the_rule(), "cash_register")

    def test_where_sales_wait_for_a_person_an_invoice_is_asked_for(self):
        order = self.forgotten_by_the_rule()
        self.config.salon_mode = "manual"
        (one,) = self.open_ones(self.compare())
        one.with_user(self.manager).action_ask()
        self.work()
        document = order.salon_document_id
        self.assertEqual((document.kind, document.state), ("invoice", "issued"))

    def test_what_may_be_at_the_service_is_looked_up_and_not_sent(self):
        """Whoever asks from here has not looked for it there."""
        document = self.sell([(self.haircut, 1)], salon_wish="invoice")
        document = document.salon_document_id
        self.fault("status_before", method="POST", path="/documents$", **REFUSED)
        self.run_lane()
        self.assertEqual(document.state, "attention")
        document.problem_reason = "unproven"
        (one,) = self.open_ones(self.compare())
        self.assertTrue(one.can_ask)
        one.with_user(self.manager).action_ask()
        self.assertEqual(document.state, "checking")
        self.work()
        self.assertEqual(document.state, "attention")
        self.assertEqual(self.papers(), [])

    def test_what_was_resolved_is_not_explained_in_anothers_name(self):
        self.forgotten()
        one = self.open_ones(self.compare())
        one.with_user(self.accountant).note = "It was a mistake."
        one.with_user(self.accountant).action_resolve()
        with self.assertRaises(AccessError):
            one.with_user(self.manager).note = "It was stolen."
        self.assertEqual(one.note, "It was a mistake.")

    def test_of_thousands_of_differences_as_many_are_kept_as_people_read(self):
        self.invoiced()
        for product in (self.haircut, self.book, self.mens_cut):
            self.forgotten((product, 1))
        with patch(f"{DIFFERENCES}.MOST", 2):
            row = self.compare()
            self.assertEqual(len(row.difference_ids), 2)
            self.assertEqual((row.missing_there_count, row.outcome), (3, "differs"))
            self.assertIn("first 2 of them", row.summary)
            one = row.difference_ids[0]
            one.with_user(self.manager).action_ask()
            self.work()
            self.finish(row)
        self.assertEqual(one.state, "mended")
        self.assertEqual(len(self.open_ones(row)), 2)

    def test_what_another_sale_has_meanwhile_is_not_taken(self):
        one, made = self.adoptable()
        other = self.invoiced((self.book, 1)).salon_document_id
        other.number = made.number
        with self.assertRaises(UserError):
            one.with_user(self.manager).action_adopt()
        self.assertFalse(one.order_id.salon_document_ids)

    def test_what_a_sale_has_at_a_former_account_is_not_taken(self):
        """Both accounts may be of one at the service."""
        one, made = self.adoptable()
        former = self.env["salon.invoice.account"].create(
            {"company_id": self.company.id, "provider": "billingo", "state": "retired"}
        )
        other = self.invoiced((self.book, 1)).salon_document_id
        other.write({"number": made.number, "remote_id": made.id})
        other.account_id = former
        with self.assertRaises(UserError) as refused:
            one.with_user(self.manager).action_adopt()
        self.assertIn(made.number, str(refused.exception))
        self.assertFalse(one.order_id.salon_document_ids)

    def test_nothing_is_taken_beside_a_second_sale_just_like_it(self):
        one, _made = self.adoptable()
        self.forgotten()
        with self.assertRaisesRegex(UserError, "something has changed"):
            one.with_user(self.manager).action_adopt()

    def test_nothing_is_taken_for_a_sale_that_the_lane_is_at(self):
        one, _made = self.adoptable()
        one.order_id._salon_on_paid()
        self.assertEqual(one.order_id.salon_document_id.state, "waiting")
        with self.assertRaisesRegex(UserError, "something has changed"):
            one.with_user(self.manager).action_adopt()
        self.assertEqual(one.order_id.salon_document_id.state, "waiting")

    def test_it_is_taken_once(self):
        one, _made = self.adoptable()
        one.with_user(self.manager).action_adopt()
        with self.assertRaises(UserError):
            one.with_user(self.manager).action_adopt()

    def test_a_revoked_key_is_said_and_nothing_agrees(self):
        self.invoiced()
        row = self.request()
        self.fault("status_before", status=401, body="", times=None)
        self.run_lane()
        self.assertEqual(self.account.state, "paused")
        self.assertEqual(row.state, "asking")
        self.assertIn(row.trouble, row.summary)
        self.assertIn("key", row.trouble)

    def test_a_429_in_the_middle_loses_nothing(self):
        self.invoiced()
        row = self.request()
        self.fault("rate_limit", path="/documents$", times=1)
        self.run_lane()
        self.assertEqual(row.state, "asking")
        self.assertTrue(row.trouble)
        self.finish(row)
        self.assertFalse(row.trouble)
        self.assert_agrees(row)

    def test_a_list_that_never_becomes_whole_proves_nothing(self):
        self.invoiced()
        row = self.request()
        self.fault("truncated", path="/documents$", times=None)
        self.work(turns=24)
        self.run_cron("cron_reconcile")
        self.assertEqual((row.state, row.proof), ("done", "nothing"))
        self.assertEqual(row.outcome, "unproven")
        self.assertTrue(row.trouble)

    def test_a_list_that_lacks_one_is_not_believed_and_not_reported(self):
        """It is looked up first: the service has it."""
        self.invoiced((self.book, 1))
        lacking = self.invoiced().salon_document_id
        whole = get("billingo").list_issued

        def lying(provider, *arguments, **options):
            for one in whole(provider, *arguments, **options):
                if one.number != lacking.number:
                    yield one

        self.patch(get("billingo"), "list_issued", lying)
        row = self.compare()
        self.assertFalse(self.open_ones(row))
        self.assertEqual(row.outcome, "unproven")
        self.assertIn("left_out", row.doubts)

    def test_what_the_till_says_is_a_finding_of_the_months_file(self):
        self.invoiced()
        order = self.forgotten()
        row = self.compare()
        (finding,) = row._findings()
        self.assertEqual(finding.sale, str(order.id))
        self.assertEqual(finding.gap.value, "missing_there")

    def test_old_answers_are_dropped_and_what_was_found_stays(self):
        self.invoiced()
        row = self.compare()
        answers = row.answer_ids
        self.assertTrue(answers)
        answers[0].answered_at = fields.Datetime.now() - timedelta(days=46)
        self.assertEqual(answers._gc_answers(), (1, False))
        self.assertEqual(row.answer_ids, answers[1:])
        self.assertEqual(row.outcome, "agrees")

    # === WHEN === #

    def test_a_document_that_waits_says_what_for(self):
        self.invoiced()
        document = self.invoiced().salon_document_id
        document._forget_remote_copy()
        document.write({"state": "attention", "problem": "It has no tax."})
        found = self.open_ones(self.compare())
        (one,) = found.filtered(lambda row: "waits for a person" in row.text)
        self.assertIn("It has no tax.", one.text)
        self.assertTrue(one.can_adopt)
        # What is there is taken; asked for again, there might be two.
        self.assertFalse(one.can_ask)

    def test_the_end_of_a_session_wakes_the_comparison(self):
        triggers = self.env["ir.cron.trigger"].search
        job = self.env.ref("salon_invoice_bridge.cron_reconcile")
        of_job = [("cron_id", "=", job.id)]
        triggers(of_job).unlink()
        self.session._salon_wake_sweep()
        self.assertEqual(len(triggers(of_job)), 1)
        self.assertFalse(self.env["salon.invoice.reconciliation"].search([]))

    def test_a_session_that_was_closed_is_compared(self):
        self.invoiced()
        self.session.stop_at = fields.Datetime.now()
        self.session.state = "closed"
        rows = self.env["salon.invoice.reconciliation"]
        now = rows._now() + timedelta(seconds=1)
        (days,) = rows._days_closed(self.account, now)
        self.assertEqual(days[0], days[1])
        rows._request(self.account, *days)
        self.assertEqual(rows._days_closed(self.account, now), [])

    def test_a_night_asks_for_yesterday_and_what_is_open_once(self):
        rows = self.env["salon.invoice.reconciliation"]
        self.account.connected_at = "2026-01-01 00:00:00"
        today = fields.Date.to_date("2026-11-20")
        begun = fields.Datetime.to_datetime("2026-11-19 23:00:00")
        yesterday = today - timedelta(days=1)
        october = tuple(map(fields.Date.to_date, ("2026-10-01", "2026-10-31")))
        due = rows._days_due(self.account, today, begun)
        self.assertEqual(due, [(yesterday, yesterday), october])
        for since, until in due:
            rows.create(
                {
                    "account_id": self.account.id,
                    "since": since,
                    "until": until,
                    "requested_at": begun + timedelta(hours=1),
                    "state": "done",
                    "outcome": "agrees",
                }
            )
        self.assertEqual(rows._days_due(self.account, today, begun), [])
        day = today - timedelta(days=9)
        open_day = rows.create(
            {
                "account_id": self.account.id,
                "since": day,
                "until": day,
                "requested_at": begun - timedelta(hours=9),
                "state": "done",
                "outcome": "unproven",
            }
        )
        self.assertEqual(rows._days_due(self.account, today, begun), [(day, day)])
        open_day.outcome = "agrees"
        self.assertEqual(rows._days_due(self.account, today, begun), [])

    def test_the_last_days_of_a_month_are_asked_for_again(self):
        rows = self.env["salon.invoice.reconciliation"]
        self.account.connected_at = "2026-01-01 00:00:00"
        today = fields.Date.to_date("2026-12-03")
        begun = fields.Datetime.to_datetime("2026-12-02 23:00:00")
        due = [
            tuple(map(str, days)) for days in rows._days_due(self.account, today, begun)
        ]
        days = ("2026-12-02", "2026-11-30", "2026-11-29", "2026-11-28")
        month = ("2026-11-01", "2026-11-30")
        self.assertEqual(due, [*((day, day) for day in days), month])


@tagged("post_install", "-at_install")
class TestReconcileBillingoV2(ReconcileTests, AfterCase):
    """Its list says neither how long it is nor what it has at each rate."""

    provider = "billingo_v2"
    outcome, proof = "settled", "list_uncounted"


@tagged("post_install", "-at_install")
class TestReconcileSzamlazz(ReconcileTests, ReceiptCase):
    """It has no list: its numbers are looked up."""

    provider = "szamlazz"
    proof = "numbers"

    def test_each_sentence_is_in_the_readers_language(self):
        """Whichever that of the user is who runs the job."""
        self.env["res.lang"]._activate_lang("hu_HU")
        self.invoiced()
        row = self.compare()
        hungarian = row.with_context(lang="hu_HU").summary.split("\n")
        english = row.with_context(lang="en_US").summary.split("\n")
        self.assertEqual(len(hungarian), len(english))
        self.assertFalse(set(hungarian) & set(english))

    def test_the_way_it_is_known_is_said(self):
        self.invoiced()
        row = self.compare()
        self.assertIn("Every number of our series was looked up", row.summary)
        self.assertIn("cannot be seen", row.summary)

    def test_receipts_and_their_stornos_agree(self):
        first = self.given((self.haircut, 1), (self.book, 2))
        self.given((self.mens_cut, 1))
        self.refund(first)
        self.work()
        self.assert_agrees(self.compare())

    def test_by_night_only_what_is_new_is_asked_for(self):
        self.invoiced()
        self.invoiced()
        rows = self.env["salon.invoice.reconciliation"]
        row = self.finish(rows._request(self.account, *self.days, by_night=True))
        before = len(self.calls())
        self.finish(rows._request(self.account, *self.days, by_night=True))
        again = len(self.calls()) - before
        self.assertEqual(again, 1, "whether a number follows the last one")
        self.assertEqual(row.outcome, "agrees")

    def test_so_many_calls_are_made_by_night_and_the_rest_is_left(self):
        for _sale in range(3):
            self.invoiced()
        with patch(f"{JOB}.NIGHT_CALLS", 2):
            rows = self.env["salon.invoice.reconciliation"]
            row = self.finish(rows._request(self.account, *self.days, by_night=True))
            self.assertEqual(len(row.answer_ids), 2)
            self.assertEqual(row.outcome, "unproven")
            self.assertFalse(self.open_ones(row))


@tagged("post_install", "-at_install")
class TestReconcileRights(ReconcileMixin, OtherCompanyCase):
    """Who may see and mend what."""

    def test_a_stranger_neither_sees_nor_mends(self):
        self.invoiced()
        self.forgotten()
        row = self.compare()
        (one,) = self.open_ones(row)
        for role in self.strangers:
            env = self.as_stranger(role)
            for name in ("action_ask", "action_look", "action_adopt", "action_resolve"):
                with self.assertRaises(UserError):
                    getattr(one.with_env(env), name)()
            with self.assertRaises(UserError):
                row.with_env(env).action_again()
            with self.assertRaises(AccessError):
                row.with_env(env).read(["outcome"])

    def test_an_order_of_another_company_is_never_asked_for_or_adopted(self):
        self.invoiced()
        self.forgotten()
        (one,) = self.open_ones(self.compare())
        theirs = self.strange_sale([{}])
        one.write({"order_id": theirs.id, "can_adopt": True, "remote_id": "1"})
        for name in ("action_ask", "action_adopt"):
            with self.assertRaises(UserError):
                getattr(one.with_user(self.manager), name)()
        self.assertFalse(theirs.salon_document_ids)

    def test_a_receptionist_sees_nothing_of_it_and_an_auditor_only_reads(self):
        self.invoiced()
        self.forgotten()
        row = self.compare()
        one = self.open_ones(row)
        with self.assertRaises(AccessError):
            row.with_user(self.receptionist).read(["outcome"])
        auditor = self._make_user("auditor", "account.group_account_readonly")
        self.assertTrue(row.with_user(auditor).read(["outcome", "summary"]))
        self.assertTrue(one.with_user(auditor).read(["text", "display_name"]))
        for name in ("action_ask", "action_resolve"):
            with self.assertRaises(UserError):
                getattr(one.with_user(auditor), name)()
        with self.assertRaises(AccessError):
            one.with_user(auditor).note = "x"
        with self.assertRaises(AccessError):
            one.with_user(self.manager).state = "resolved"
