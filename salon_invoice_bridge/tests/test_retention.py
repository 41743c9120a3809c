"""What is removed of what is known of people, when, and what never is."""

import dataclasses
import hashlib
from datetime import date, datetime, timedelta
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger
from odoo.tools.safe_eval import safe_eval

from ..billing import retention
from ..billing.invoice import OPEN_STATES, State
from ..models import salon_invoice_retention as purging
from .after_case import AfterCase, RefundCase
from .other_company import OtherCompanyCase
from .personal_data import PERSONAL
from .test_again import BillingoDraft

#: When everything here happened.
THEN = datetime(2018, 6, 1, 10, 0)
#: When it may go: the bodies of calls, what came to nothing, documents of 8 years.
BODIES = THEN + timedelta(days=91)
LEFTOVERS = THEN + timedelta(days=31)
YEARS = datetime(2028, 1, 1, 12, 0)
MARK = "TITKOS"


class RetentionCase(AfterCase):
    """Sales of long ago, and the night in which they are forgotten."""

    def setUp(self):
        super().setUp()
        self.retention = self.env["salon.invoice.retention"]

    def long_ago(self, *orders, then=THEN):
        """Have everything of sales, of all if none are given, happened ``then``."""
        documents = self.env["salon.invoice.document"].search([])
        for order in orders[:1]:
            documents = order.browse(o.id for o in orders).salon_document_ids
        self.env.flush_all()
        for query in (
            "UPDATE salon_invoice_document SET create_date = %(then)s, "
            "write_date = %(then)s, "
            "issued_at = CASE WHEN issued_at IS NOT NULL THEN %(then)s END "
            "WHERE id IN %(ids)s",
            "UPDATE salon_invoice_task SET write_date = %(then)s "
            "WHERE document_id IN %(ids)s",
            "UPDATE salon_invoice_attempt SET started_at = %(then)s "
            "WHERE document_id IN %(ids)s",
        ):
            self.env.cr.execute(SQL(query, then=then, ids=tuple(documents.ids)))
        self.env.invalidate_all()

    def purge(self, now):
        """Remove what may go; return how many rows were changed."""
        self.env.flush_all()
        return sum(self.retention._purge(now))

    def change_row(self, document, **values):
        """Write columns past the ORM, so that nothing follows from it."""
        self.env.flush_all()
        for name, value in values.items():
            self.env.cr.execute(
                SQL(
                    "UPDATE salon_invoice_document SET %s = %s WHERE id = %s",
                    *(SQL.identifier(name), value, document.id),
                )
            )
        self.env.invalidate_all()

    def has_bodies(self, document):
        """Return True if all bodies of a document's calls are there, False if none."""
        (whole,) = {bool(call.exchanges) for call in document.attempt_ids}
        return whole

    def sold(self, **values):
        """Return the issued document of a sale, and nothing is left to be done."""
        document = self.sell([(self.haircut, 1)], **values).salon_document_id
        self.work()
        self.assertEqual(document.state, "issued", document.problem)
        return document


@tagged("post_install", "-at_install")
class TestBodies(RetentionCase):
    """What went over the wire goes when the document has been final for 90 days."""

    def test_code_id_number_and_hash_are_left(self):
        document = self.sold()
        call = document.attempt_ids.filtered(lambda one: one.operation == "issue")
        body, seconds = call.exchanges, call.seconds
        self.long_ago()
        self.purge(BODIES - timedelta(days=2))
        self.assertEqual(call.exchanges, body)
        self.assertFalse(document.retention_note)
        self.env.cr.execute(
            "SELECT md5(t::text) FROM salon_invoice_document t WHERE id = %s",
            [document.id],
        )
        before = self.env.cr.fetchall()
        self.purge(BODIES)
        self.assertFalse(call.exchanges or call.result or call.message)
        digest = hashlib.sha256(body.encode()).hexdigest()
        self.assertEqual(call.body_hash, digest)
        self.assertEqual((call.remote_id, call.number), self.known_of(document))
        self.assertEqual((call.outcome, call.seconds), ("done", seconds))
        self.assertFalse(self.has_bodies(document))
        self.assertIn("SHA-256", document.retention_note)
        self.env.cr.execute(
            "SELECT md5(t::text) FROM salon_invoice_document t WHERE id = %s",
            [document.id],
        )
        self.assertEqual(self.env.cr.fetchall(), before, "the document is as it was")

    def known_of(self, document):
        return document.remote_id, document.number

    def test_the_code_of_a_refusal_is_left_and_its_words_are_not(self):
        document = self.sold()
        self.env["salon.invoice.attempt"]._write_down(
            document,
            operation="send",
            started_at=THEN,
            outcome="Rejected",
            reason="content",
            code="42",
            message="The address zsofia@example.com is wrong",
            exchanges="POST /send\nzsofia@example.com",
        )
        self.long_ago()
        self.purge(BODIES)
        call = document.attempt_ids.filtered(lambda one: one.code == "42")
        self.assertEqual((call.outcome, call.reason), ("Rejected", "content"))
        self.assertFalse(call.message or call.exchanges)

    def test_they_count_from_what_happened_last(self):
        document = self.sold()
        self.long_ago()
        call = document.attempt_ids[:1]
        call.started_at = THEN + timedelta(days=50)
        self.purge(BODIES)
        self.assertTrue(self.has_bodies(document))
        self.purge(BODIES + timedelta(days=50))
        self.assertFalse(self.has_bodies(document))

    def test_an_administrator_may_tune_the_days(self):
        document = self.sold()
        self.long_ago()
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("salon_invoice_bridge.attempt_days", "180")
        self.purge(BODIES)
        self.assertTrue(self.has_bodies(document))
        self.purge(THEN + timedelta(days=181))
        self.assertFalse(self.has_bodies(document))

    def test_addresses_of_sent_mails_go_after_a_month(self):
        self.check_addresses("email")

    def test_addresses_of_mails_that_odoo_has_sent_go_as_well(self):
        self.check_addresses("own_email")

    def check_addresses(self, kind):
        document = self.sold()
        document._plan_task(kind, {"emails": ["valaki@example.com"]})
        self.work()
        step = self.step(document, kind)
        self.assertEqual(step.state, "done", step.message)
        self.long_ago()
        self.change_row(document, state="attention", status="attention")
        self.purge(YEARS)
        self.assertTrue(step.arguments and step.message)
        self.change_row(document, state="issued", status="issued")
        self.purge(LEFTOVERS - timedelta(days=2))
        self.assertEqual(step.arguments, {"emails": ["valaki@example.com"]})
        self.purge(LEFTOVERS)
        self.assertFalse(step.arguments or step.message)
        self.assertEqual(step.state, "done")

    def test_addresses_of_mails_go_with_the_document_at_the_latest(self):
        document = self.sold()
        tasks = self.env["salon.invoice.task"]
        for kind in ("email", "own_email"):
            tasks.create(
                {
                    "document_id": document.id,
                    "kind": kind,
                    "state": "failed",
                    "arguments": {"emails": ["valaki@example.com"]},
                }
            )
        self.retention._forget(document, LEFTOVERS)
        mails = document.task_ids.filtered(lambda task: "email" in task.kind)
        self.assertFalse(any(mails.mapped("arguments")))

    def test_addresses_of_odoos_own_mails_go_after_a_month_too(self):
        document = self.sold()
        document._plan_task("own_email", {"emails": ["valaki@example.com"]})
        step = self.step(document, "own_email")
        step.write({"state": "done", "message": "valaki@example.com"})
        self.long_ago()
        self.purge(LEFTOVERS)
        self.assertFalse(step.arguments or step.message)

    def test_what_a_service_told_for_a_reconciliation_goes_after_a_month(self):
        books = self.env["salon.invoice.reconciliation"]
        day = THEN.date()
        values = {"account_id": self.account.id, "since": day, "until": day}
        compared, asking = books.create(
            [
                {**values, "state": "done"},
                {**values, "until": day + timedelta(days=1), "state": "asking"},
            ]
        )
        told = {"day": day, "answer": [{"buyer_name": MARK}], "answered_at": THEN}
        answers = self.env["salon.invoice.answer"].create(
            [{**told, "reconciliation_id": row.id} for row in (compared, asking)]
        )
        difference = {
            "reconciliation_id": compared.id,
            "outcome": "missing_here",
            "remote": {"buyer_name": MARK},
            "closed_at": THEN,
        }
        closed, opened = self.env["salon.invoice.difference"].create(
            [
                {**difference, "key": "a", "state": "resolved"},
                {**difference, "key": "b", "state": "open"},
            ]
        )
        self.purge(LEFTOVERS - timedelta(days=2))
        self.assertEqual(len(answers.exists()), 2)
        self.assertTrue(closed.remote)
        self.purge(LEFTOVERS)
        self.assertEqual(answers.exists().reconciliation_id, asking)
        self.assertFalse(closed.remote)
        self.assertTrue(opened.remote)

    def test_the_job_goes_through_with_it(self):
        document = self.sold()
        self.long_ago(then=datetime(2001, 1, 1))
        self.run_cron("cron_retention")
        self.assertFalse(self.has_bodies(document))
        self.assertTrue(document.anonymised_on)


@tagged("post_install", "-at_install")
class TestNeverOfAnOpenDocument(RetentionCase):
    """Nothing is removed as long as somebody may still need it."""

    def setUp(self):
        super().setUp()
        self.document = self.sold()

    def assert_kept(self, kept, what):
        """Check in a savepoint whether all of the document is kept, after 8 years."""
        self.long_ago()
        with self.env.cr.savepoint() as savepoint:
            self.purge(YEARS)
            document = self.document
            self.assertEqual(self.has_bodies(document), kept, what)
            self.assertEqual(bool(document.buyer_name), kept, what)
            self.assertEqual(bool(document.invoice_values), kept, what)
            savepoint.rollback()
        self.env.invalidate_all()

    def test_of_no_state_in_which_it_is_open(self):
        for state in State:
            self.change_row(self.document, state=state.value, status=state.value)
            self.assert_kept(state in OPEN_STATES, state)

    def test_nor_while_what_came_back_is_open(self):
        refund = self.refund(self.document.order_id).salon_document_id
        for state in State:
            self.change_row(refund, state=state.value, status=state.value)
            self.assert_kept(state in OPEN_STATES, state)

    def test_nor_while_what_came_back_of_what_came_back_is_open(self):
        order = self.document.order_id
        exchanged = self.refund(order, new=[(self.haircut, 1)])
        self.work()
        last = self.refund(
            exchanged, {exchanged.lines.filtered(lambda line: line.qty > 0): 1}
        )
        documents = self.env["salon.invoice.document"].search(
            [("order_id", "in", (order | exchanged | last).ids)]
        )
        for document in documents:
            self.change_row(document, state="issued", status="issued")
        self.env["salon.invoice.task"].search([]).write({"state": "done"})
        self.assert_kept(False, "all are final")
        self.change_row(last.salon_document_id, state="checking", status="checking")
        self.assert_kept(True, "the last of three is open")

    def test_nor_while_its_storno_is_open(self):
        storno = self.document._add_storno("x")
        self.assertEqual(storno.state, "waiting")
        for state in State:
            self.change_row(storno, state=state.value, status=state.value)
            self.assert_kept(state in OPEN_STATES, state)

    def test_nor_of_what_came_back_while_the_sale_is_open(self):
        sale = self.document
        refund = self.refund(sale.order_id)
        self.work()
        self.document = refund.salon_document_id
        self.assertEqual(self.document.state, "issued")
        # A storno has no content of its own; what the checks look at.
        self.change_row(self.document, buyer_name="x", invoice_values='{"x": 1}')
        for origin in (sale.id, None):
            # By its lines, and by its document, where it has lost the lines' link.
            if origin:
                refund.lines.refunded_orderline_id = False
            else:
                refund.lines.refunded_orderline_id = sale.order_id.lines
            self.change_row(self.document, origin_id=origin)
            for state in State:
                self.change_row(sale, state=state.value, status=state.value)
                self.assert_kept(state in OPEN_STATES, (origin, state))

    def test_nor_while_a_sale_is_open_that_uses_it_or_that_it_uses(self):
        other = self.sell([(self.book, 1)])
        lines = (self.document.order_id.lines, other.lines)
        for used, uses in (lines, lines[::-1]):
            self.env.cr.execute(
                "UPDATE pos_order_line SET salon_settles_id = "
                "CASE id WHEN %s THEN %s END WHERE id IN %s",
                [uses.id, used.id, (uses | used)._ids],
            )
            for state in State:
                self.change_row(
                    other.salon_document_id, state=state.value, status=state.value
                )
                self.assert_kept(state in OPEN_STATES, state)

    def test_nor_while_what_amends_it_is_open_in_a_sale_of_its_own(self):
        other = self.sell([(self.book, 1)]).salon_document_id
        self.change_row(other, origin_id=self.document.id)
        for state in State:
            self.change_row(other, state=state.value, status=state.value)
            self.assert_kept(state in OPEN_STATES, state)

    def test_another_sale_does_not_hold_it(self):
        other = self.sell([(self.book, 1)]).salon_document_id
        self.assertEqual(other.state, "waiting")
        self.assert_kept(False, "they have nothing to do with each other")

    def test_nor_while_the_next_one_is_planned(self):
        self.change_row(self.document, next_values='{"sale_snapshot": {}}')
        self.assert_kept(True, "next values")
        self.change_row(self.document, next_values=None)
        self.assert_kept(False, "no next values")

    def test_nor_while_a_task_is(self):
        selection = self.env["salon.invoice.task"]._fields["state"].selection
        for state, _label in selection:
            self.document.task_ids.write({"state": "done"})
            self.document.task_ids[:1].state = state
            self.assert_kept(state in ("todo", "doing"), state)

    def test_nor_while_a_customer_waits_for_an_answer(self):
        order = self.document.order_id
        requests = self.env["salon.invoice.request"]
        request = requests.create(
            {"order_id": order.id, "company_id": order.company_id.id}
        )
        for state, _label in requests._fields["state"].selection:
            request.state = state
            self.assert_kept(state == "new", state)

    def test_nor_of_a_draft_that_stands_at_the_service(self):
        for kind in ("draft", "proforma"):
            for state in State:
                shown = "unfinished" if state is State.ISSUED else state.value
                self.change_row(
                    self.document, kind=kind, state=state.value, status=shown
                )
                stands = state in OPEN_STATES | {State.ISSUED}
                self.assert_kept(stands, (kind, state))

    def test_who_still_owes_is_not_forgotten(self):
        for state in ("outstanding", "partial", "paid", None):
            self.change_row(self.document, payment_state=state)
            self.long_ago()
            with self.env.cr.savepoint() as savepoint:
                self.purge(YEARS)
                owes = state in ("outstanding", "partial")
                self.assertEqual(bool(self.document.buyer_name), owes, state)
                savepoint.rollback()
            self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestLeftovers(BillingoDraft, RetentionCase):
    """Drafts that came to nothing are nameless after a month."""

    def setUp(self):
        super().setUp()
        self.draft.with_user(self.manager).action_discard()
        self.work()
        self.assertEqual(self.draft.state, "discarded")
        self.long_ago()

    def test_after_a_month_nobody_is_named(self):
        self.purge(LEFTOVERS - timedelta(days=2))
        self.assertTrue(self.draft.buyer_name)
        self.purge(LEFTOVERS)
        self.assertFalse(self.draft.buyer_name or self.draft.buyer_email)
        self.assertFalse(self.draft.invoice_values or self.draft.remote_snapshot)
        self.assertIsNone(self.draft.sale_snapshot["buyer"])
        self.assertFalse(self.has_bodies(self.draft))
        self.assertEqual(self.draft.amount_gross, 15900)
        self.assertIn("need not be kept", self.draft.retention_note)

    def test_it_stays_as_long_as_another_document_of_its_sale_is_open(self):
        self.sale.with_user(self.receptionist).action_salon_generate()
        again = self.sale.salon_document_id
        self.assertEqual(again.state, "waiting")
        self.long_ago()
        self.purge(YEARS)
        self.assertTrue(self.draft.buyer_name and self.draft.invoice_values)

    def test_its_sale_can_have_a_document_all_the_same(self):
        self.purge(LEFTOVERS)
        self.sale.with_user(self.receptionist).action_salon_generate()
        self.work()
        again = self.sale.salon_document_id
        self.assertEqual((again.state, again.amount_gross), ("issued", 15900))
        self.assertEqual(again.buyer_name, self.customer.name)

    def test_what_came_back_of_it_needs_no_document(self):
        self.purge(LEFTOVERS)
        refund = self.refund(self.sale)
        self.work()
        document = refund.salon_document_id
        self.assertEqual(document.state, "skipped")
        self.assertEqual(document.skip_reason, "discarded")


class RefundTests:
    """What is left after 90 days is all that comes after a sale needs."""

    def setUp(self):
        super().setUp()
        self.work()
        self.invoice = self.sale.salon_document_id
        self.long_ago()
        self.assertGreater(self.purge(BODIES), 0)
        self.assertFalse(self.has_bodies(self.invoice))

    def test_a_partial_refund_leaves_what_the_customer_kept(self):
        refund = self.refund(self.sale, {self.book_line: 1, self.mens_line: 1})
        self.work()
        kinds = dict(self.rows(refund))
        self.assertEqual(set(kinds.values()), {"issued"})
        self.assertIn("correction" if self.corrects else "remainder", kinds)
        self.assertEqual(self.standing(), self.kept())

    def test_a_second_refund_finds_the_first_one(self):
        self.refund(self.sale, {self.book_line: 1})
        self.work()
        self.long_ago()
        self.purge(BODIES)
        self.refund(self.sale, {self.book_line: 2, self.cut_line: 1})
        self.work()
        self.assertEqual(self.standing(), self.kept())
        self.assertGreater(self.standing(), 0)

    def test_a_whole_refund_is_a_storno(self):
        refund = self.refund(self.sale)
        self.work()
        self.assertEqual(self.rows(refund), [("storno", "issued")])
        self.assertEqual(self.standing(), 0)

    def test_a_person_can_cancel_it(self):
        wizard = self.env["salon.invoice.storno"].with_user(self.manager)
        wizard.create(
            {"document_id": self.invoice.id, "reason": "x"}
        ).action_cancel_invoice()
        self.work()
        self.assertEqual(self.invoice.state, "cancelled")
        self.assertEqual(self.standing(), 0)

    def test_it_can_be_made_out_to_somebody_else(self):
        order = self.sale.with_user(self.manager)
        order._salon_change_buyer(self.business.with_env(order.env))
        self.work()
        document = self.sale.salon_document_id
        self.assertEqual(document.state, "issued", document.problem)
        self.assertEqual(document.buyer_name, self.business.name)
        self.assertEqual(self.standing(), self.sale.amount_total)

    def test_the_service_can_be_asked_about_it(self):
        self.invoice._plan_task("look")
        self.work()
        self.assertEqual(self.step(self.invoice, "look").state, "done")
        self.assertEqual(self.invoice.state, "issued")


@tagged("post_install", "-at_install")
class TestRefundAtBillingo(RefundTests, RetentionCase, RefundCase):
    pass


@tagged("post_install", "-at_install")
class TestRefundAtSzamlazz(RefundTests, RetentionCase, RefundCase):
    provider = "szamlazz"


@tagged("post_install", "-at_install")
class TestYears(RetentionCase, OtherCompanyCase):
    """A document loses who it was for when its company need not keep it any more."""

    def theirs(self):
        """Return an issued document of the other company."""
        order = self.strange_sale([{}])
        order._salon_on_paid()
        self.run_lane(self.other_account)
        document = order.salon_document_id
        self.assertEqual(document.state, "issued")
        document.task_ids.write({"state": "done"})
        return document

    def test_on_the_first_day_on_which_the_law_is_kept_by_any_reading(self):
        document = self.sold()
        self.long_ago()
        # Midnight in Hungary is 23:00 UTC.
        self.purge(datetime(2027, 12, 31, 22, 59))
        self.assertEqual(document.buyer_name, self.customer.name)
        self.assertTrue(document.invoice_values)
        self.purge(datetime(2027, 12, 31, 23, 0))
        self.assertFalse(document.buyer_name)
        self.assertEqual(document.anonymised_on, date(2028, 1, 1))

    def test_what_needs_the_buyer_or_the_content_is_not_offered_any_more(self):
        document = self.sold()
        self.assertLessEqual({"action_look", "Change Buyer"}, self.offered(document))
        self.long_ago()
        self.purge(YEARS)
        # It is still there at the service, where its page is.
        self.assertLessEqual(self.offered(document), {"action_open_service"})

    def offered(self, document):
        """Return the buttons of a document's form, windows by what stands on them."""
        arch = etree.fromstring(document.get_view(view_type="form")["arch"])
        shown = set()
        for button in arch.xpath("//form/header//button | //form/sheet/group//button"):
            condition = button.get("invisible", "False")
            names = compile(condition, "", "eval").co_names
            values = {name: document[name] for name in names}
            if not safe_eval(condition, values):
                is_window = button.get("type") == "action"
                shown.add(button.get("string" if is_window else "name"))
        return shown

    def test_the_year_of_a_document_is_that_of_hungary(self):
        last, first = self.sold(), self.sold()
        for document, minute in ((last, 59), (first, 60)):
            then = datetime(2018, 12, 31, 22) + timedelta(minutes=minute)
            self.long_ago(document.order_id, then=then)
        self.purge(YEARS)
        self.assertFalse(last.invoice_values)
        self.assertTrue(first.invoice_values)

    def test_each_company_has_its_own_years(self):
        ours, theirs = self.sold(), self.theirs()
        self.company.salon_retention_years = 10
        self.long_ago()
        self.purge(YEARS)
        self.assertTrue(ours.invoice_values)
        self.assertFalse(theirs.invoice_values)
        self.purge(YEARS.replace(year=2029))
        self.assertTrue(ours.invoice_values)
        self.purge(YEARS.replace(year=2030))
        self.assertFalse(ours.invoice_values)

    def test_for_ever_is_for_ever(self):
        ours, theirs = self.sold(), self.theirs()
        self.company.salon_retention_years = retention.FOR_EVER
        self.long_ago()
        self.purge(YEARS.replace(year=2100))
        self.assertTrue(ours.invoice_values and ours.buyer_name)
        self.assertFalse(theirs.invoice_values)

    def test_nobody_can_set_fewer_years_than_the_law_asks_for(self):
        for years in (-1, 1, retention.LAW_YEARS - 1):
            with self.assertRaisesRegex(ValidationError, "8 years at least"):
                self.company.salon_retention_years = years
                self.env.flush_all()
        self.assertEqual(self.other.salon_retention_years, retention.LAW_YEARS)

    def test_what_amends_it_is_kept_as_long_as_it_and_it_as_long_as_that(self):
        document = self.sold()
        refund = self.refund(document.order_id)
        self.work()
        self.long_ago()
        self.long_ago(refund, then=THEN.replace(year=2020))
        self.purge(YEARS)
        self.assertTrue(document.invoice_values)
        self.purge(YEARS.replace(year=2030))
        self.assertFalse(document.invoice_values)
        self.assertFalse(refund.salon_document_id.remote_snapshot)

    def test_all_documents_of_a_sale_are_kept_as_long_as_its_last_one(self):
        document = self.sold()
        later = document._add_storno("x")
        self.work()
        self.assertEqual(later.state, "issued")
        self.change_row(later, origin_id=None)
        self.long_ago()
        self.change_row(later, issued_at=THEN.replace(year=2020))
        self.purge(YEARS)
        self.assertTrue(document.invoice_values)
        self.purge(YEARS.replace(year=2030))
        self.assertFalse(document.invoice_values)

    def test_number_day_and_sums_stay_and_the_row(self):
        document = self.sold(customer=self.business)
        figures = document._figures()
        self.assertEqual(figures.tax_number, document.buyer_tax_number)
        self.assertTrue(figures.tax_number)
        self.long_ago()
        names = ("number", "issued_at", "amount_gross", "state", "kind", "order_id")
        names += ("remote_id", "external_key", "currency_id", "amount_invoiced")
        names += ("amount_net", "amount_tax", "fulfillment_date", "tender", "shop_id")
        before = document.read(names)
        lines = document.sale_snapshot["lines"]
        self.purge(YEARS)
        self.assertEqual(document.read(names), before)
        self.assertEqual(document.sale_snapshot["lines"], lines)
        self.assertFalse(document.buyer_tax_number)
        nameless = dataclasses.replace(figures, tax_number="")
        self.assertEqual(document._figures(), nameless)
        self.assertFalse(document.has_pdf)

    def test_nothing_is_left_of_who_it_was_for(self):
        document = self.sold()
        order = document.order_id
        document.pdf_id = document._create_pdf(b"%PDF " + MARK.encode(), MARK)
        document._message_log(body=f"For {MARK}")
        document.activity_schedule(summary=MARK, user_id=self.manager.id)
        self.env["salon.invoice.request"].create(
            {
                "order_id": order.id,
                "company_id": order.company_id.id,
                "state": "accepted",
                "buyer_name": MARK,
            }
        )
        self.long_ago()
        self.mark(document)
        tables = ("salon_invoice_document", "salon_invoice_attempt")
        tables += ("salon_invoice_task", "salon_invoice_request", "mail_message")
        tables += ("mail_activity", "ir_attachment")
        self.assertTrue(all(self.marked(table) for table in tables))
        self.purge(YEARS)
        left = {table: self.marked(table) for table in tables}
        self.assertEqual(left, dict.fromkeys(tables, 0))

    def mark(self, document):
        """Write :data:`MARK` into everything personal of a document's rows."""
        self.env.flush_all()
        for records in (document, document.attempt_ids, document.task_ids):
            for name in PERSONAL[records._name]:
                column = SQL.identifier(name)
                value = SQL("%s", MARK)
                if records._fields[name].type == "json":
                    value = SQL("jsonb_build_object('emails', %s)", MARK)
                if name == "sale_snapshot":
                    value = SQL(
                        "%s || jsonb_build_object('buyer', %s, 'note', %s, 'new', %s)",
                        *(column, MARK, MARK, MARK),
                    )
                if name == "figures":
                    value = SQL(
                        "%s || jsonb_build_object('tax_number', %s)", column, MARK
                    )
                if name == "next_values":
                    continue  # it is being changed: nothing goes
                self.env.cr.execute(
                    SQL(
                        "UPDATE %s SET %s = %s WHERE id IN %s AND %s",
                        *(SQL.identifier(records._table), column, value),
                        tuple(records.ids),
                        SQL("kind = 'email'") if name == "arguments" else SQL("true"),
                    )
                )
        self.env.invalidate_all()

    def marked(self, table):
        """Return how many rows of a table say :data:`MARK`."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT count(*) FROM %s t WHERE t::text LIKE %s",
                *(SQL.identifier(table), f"%{MARK}%"),
            )
        )
        return self.env.cr.fetchone()[0]

    def test_a_refund_that_comes_too_late_waits_for_a_person(self):
        document = self.sold()
        self.long_ago()
        self.purge(YEARS)
        refund = self.refund(document.order_id)
        before = len(self.issued())
        self.work()
        self.assertEqual(refund.salon_document_id.state, "attention")
        self.assertEqual(len(self.issued()), before)


@tagged("post_install", "-at_install")
class TestInTheMiddle(RetentionCase):
    """A job that is killed goes on where it was."""

    def test_what_is_done_is_not_done_again_and_the_rest_is(self):
        documents = self.env["salon.invoice.document"]
        for _sale in range(3):
            documents |= self.sold()
        self.long_ago()
        calls = len(documents.attempt_ids)
        with patch.multiple(purging, CALLS=1, DOCUMENTS=1):
            night = self.retention._purge(YEARS)
            self.assertEqual(next(night), 1)
            night.close()
            done = documents.attempt_ids.filtered("removed_at")
            self.assertEqual(len(done), 1)
            later = YEARS + timedelta(days=1)
            night = self.retention._purge(later)
            for _batch in range(calls - 1):
                self.assertEqual(next(night), 1)
            self.assertEqual(done.removed_at, YEARS)
            others = documents.attempt_ids - done
            self.assertEqual(set(others.mapped("removed_at")), {later})
            while not any(documents.mapped("anonymised_on")):
                next(night)
            night.close()
            self.assertEqual(len(documents.filtered("anonymised_on")), 1)
            self.purge(later)
        self.assertTrue(all(documents.mapped("anonymised_on")))
        self.assertEqual(self.purge(later), 0)

    @mute_logger(purging.__name__)
    def test_what_cannot_be_removed_stops_nothing_else(self):
        document = self.sold()
        self.long_ago(then=datetime(2001, 1, 1))
        broken = patch.object(
            type(self.retention), "_purge_leftovers", side_effect=self.break_off
        )
        with broken:
            self.run_cron("cron_retention")
        self.assertTrue(document.anonymised_on)

    @staticmethod
    def break_off(*_arguments):
        """Remove one batch, and break at the next one."""
        yield 1
        raise ZeroDivisionError

    def test_the_job_is_switched_on_again(self):
        job = self.env.ref("salon_invoice_bridge.cron_retention")
        job.active = False
        self.account._revive_jobs()
        self.assertTrue(job.active)

    def test_the_job_commits_after_each_batch_and_stops_when_its_time_is_over(self):
        for _sale in range(2):
            self.sold()
        self.long_ago(then=datetime(2001, 1, 1))
        told = []

        def commit(_jobs, processed=0, *, remaining=None):
            told.append((processed, remaining))
            return 0 if len(told) == 2 else 60

        with (
            patch.multiple(purging, CALLS=1),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", commit),
        ):
            self.retention._cron_purge()
            self.assertEqual(told, [(1, 1), (1, 1)])
            told.clear()
            told.append(None)
            self.retention._cron_purge()
            told.clear()
        calls = self.env["salon.invoice.attempt"]
        self.assertEqual(calls.search_count([("removed_at", "!=", False)]), 3)
