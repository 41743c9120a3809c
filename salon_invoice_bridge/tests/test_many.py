"""Many documents at once: retried, looked at, fetched, e-mailed, each with a result."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import salon_invoice_batch
from ..models.salon_invoice_batch_line import SalonInvoiceBatchLine
from ..worker.lane import Lane
from .common import SalonCase
from .other_company import OtherCompanyCase

REFUSED = {"status": 422, "body": '{"message": "No", "errors": []}'}


class ManyCase(SalonCase):
    """A salon, and what its people press for many."""

    def setUp(self):
        super().setUp()
        self.batches = self.env["salon.invoice.batch"]
        self.documents = self.env["salon.invoice.document"]
        self.job = self.env.ref("salon_invoice_bridge.cron_batch")
        self.tax = self.tax_27.copy({"amount": 0.0, "name": "0% kód nélkül"})
        self.tax.salon_vat_code = False
        self.uncoded = self._make_product("Manikűr", 6500, self.tax)

    def stopped(self, number, **values):
        """Return the documents of sales that stop for the tax without a code."""
        documents = self.documents
        for _sale in range(number):
            documents |= self.sell([(self.uncoded, 1)], **values).salon_document_id
        self.run_lane()
        self.assertEqual(set(documents.mapped("state")), {"attention"})
        for document in documents:
            self.assertEqual(document.problem_record, self.tax)
        return documents

    def unproven(self):
        """Return a document of which the service may have what was sent."""
        document = self.sell([(self.haircut, 1)]).salon_document_id
        self.fault("status_before", method="POST", path="/documents$", **REFUSED)
        self.run_lane()
        self.assertEqual(document.state, "attention")
        document.problem_reason = "unproven"
        return document

    def issued_ones(self, number, **values):
        """Return documents that are issued, with nothing left to be done for them."""
        documents = self.documents
        for _sale in range(number):
            documents |= self.sell([(self.haircut, 1)], **values).salon_document_id
        self.work()
        self.assertEqual(set(documents.mapped("state")), {"issued"})
        return documents

    def press(self, act, records, user=None):
        """Press an action of a list, as its menu does; return the batch."""
        kind = "sales" if records._name == "pos.order" else "documents"
        action = self.env.ref(
            f"salon_invoice_bridge.salon_invoice_batch_of_{kind}_{act}"
        )
        asked = (
            action.with_user(user or self.manager)
            .with_context(
                active_model=records._name,
                active_ids=records.ids,
                active_id=records.ids[0],
                allowed_company_ids=self.company.ids,
            )
            .run()
        )
        return self.batches.browse(asked["res_id"])

    def run_job(self):
        """Run the job as a cron worker would, once."""
        with self.enter_registry_test_mode():
            self.job.method_direct_trigger()
        self.env.invalidate_all()

    def made(self, documents):
        """Return how often the service has made each of these documents."""
        keys = [document["external_key"] for document in self.issued()]
        return [keys.count(document.external_key) for document in documents]

    def said(self, batch):
        """Return ``{document: (state, result)}`` of a batch."""
        return {line.document_id: (line.state, line.result) for line in batch.line_ids}


@tagged("post_install", "-at_install")
class TestMended(ManyCase):
    """A tax was mended, and forty sales wait for it."""

    def retry_all(self, record, user=None):
        asked = record.with_user(user or self.manager).action_salon_retry_stopped()
        return self.batches.browse(asked["res_id"])

    def test_forty_sales_of_one_tax_are_retried_by_one_press(self):
        documents = self.stopped(40)
        tax = self.tax.with_user(self.manager)
        self.assertEqual(tax.salon_stopped_count, 40)
        self.tax.salon_vat_code = "AAM"
        # One of them has another problem, too, and says so.
        broken = documents[17]
        broken.order_id.amount_paid = broken.order_id.amount_paid + 1
        broken.order_id.payment_ids.amount += 1
        batch = self.retry_all(self.tax)
        self.assertEqual((batch.line_count, batch.state), (40, "running"))
        self.assertEqual(batch.about, self.tax.display_name)
        self.work()
        self.env.invalidate_all()
        others = documents - broken
        self.assertEqual(self.made(others), [1] * 39)
        self.assertEqual(self.made(broken), [0])
        self.assertEqual((batch.state, batch.progress), ("done", 100))
        self.assertEqual((batch.done_count, batch.impossible_count), (39, 1))
        said = self.said(batch)
        self.assertEqual(said[broken], ("impossible", broken.problem))
        for document in others:
            self.assertEqual(said[document], ("done", document.number))
        self.assertEqual(tax.salon_stopped_count, 0)

    def test_a_second_press_finds_nothing_to_do(self):
        documents = self.stopped(3)
        self.tax.salon_vat_code = "AAM"
        chosen = documents.with_user(self.manager)
        first = self.press("retry", chosen)
        second = self.press("retry", chosen)
        self.assertEqual(set(first.line_ids.mapped("state")), {"doing"})
        self.assertEqual(set(second.line_ids.mapped("state")), {"impossible"})
        self.assertIn("on its way", second.line_ids[0].result)
        self.work()
        self.assertEqual(self.made(documents), [1, 1, 1])
        self.assertEqual(set(first.line_ids.mapped("state")), {"done"})
        with self.assertRaises(UserError):
            self.retry_all(self.tax)

    def test_a_sale_meanwhile_goes_first(self):
        documents = self.stopped(3)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE salon_invoice_document SET create_date = create_date - %s "
            "WHERE id = ANY(%s)",
            (timedelta(minutes=5), documents.ids),
        )
        self.env.invalidate_all()
        self.tax.salon_vat_code = "AAM"
        self.retry_all(self.tax)
        sale = self.sell([(self.book, 1)]).salon_document_id
        self.work()
        keys = [document["external_key"] for document in self.issued()]
        rows = [*sale, *documents]
        self.assertEqual([keys.index(row.external_key) for row in rows], [0, 1, 2, 3])

    def test_product_customer_and_company_have_theirs(self):
        self.haircut.product_tmpl_id.salon_role = "deposit"
        documents = self.stopped(2)
        template = self.uncoded.product_tmpl_id
        for record in (self.uncoded, self.customer, self.company):
            documents.problem_record = f"{record._name},{record.id}"
            seen = record.with_user(self.accountant)
            self.assertEqual(seen.salon_stopped_count, 2, record)
        documents.problem_record = f"product.product,{self.uncoded.id}"
        self.assertEqual(template.with_user(self.manager).salon_stopped_count, 2)
        self.assertFalse(template.with_user(self.receptionist).salon_stopped_count)

    def test_a_new_key_retries_what_the_account_had_stopped(self):
        document, other = self.stopped(2)
        document.write({"problem_record": False, "problem_reason": "rejected"})
        account = self.account.with_user(self.manager)
        self.assertEqual(account._salon_stopped(), document)
        document.problem_reason = "different"
        self.assertFalse(account._salon_stopped())
        other.problem_record = f"res.company,{self.company.id}"
        self.assertEqual(account._salon_stopped(), other)

    def test_a_payment_method_has_what_the_service_refused_of_its_sales(self):
        document, _other = self.stopped(2)
        method = self.cash.with_user(self.manager)
        self.assertFalse(method._salon_stopped())
        document.write({"problem_record": False, "problem_reason": "rejected"})
        self.assertEqual(method._salon_stopped(), document)
        self.assertFalse(self.card.with_user(self.manager)._salon_stopped())

    def test_a_document_has_those_that_stop_for_the_same_reason(self):
        documents = self.stopped(3)
        first = documents[0].with_user(self.manager)
        self.assertEqual(first._alike(), documents)
        self.assertEqual(first.alike_count, 3)
        for place, document in enumerate(documents):
            document.write(
                {
                    "problem_record": False,
                    "problem_reason": "rejected",
                    "problem": f"It refuses it. [No (422 {place})]",
                }
            )
        documents[1].problem = "It refuses something else. [No (422 1)]"
        self.env.invalidate_all()
        self.assertEqual(first._alike(), documents[0] | documents[2])
        batch = self.batches.browse(first.action_retry_alike()["res_id"])
        self.assertEqual(batch.line_ids.document_id, documents[0] | documents[2])
        self.assertEqual(documents[1].state, "attention")

    def test_a_receptionist_has_her_own_button_and_no_screen(self):
        self.stopped(1)
        with self.assertRaises(AccessError):
            self.tax.with_user(self.receptionist).action_salon_retry_stopped()


@tagged("post_install", "-at_install")
class TestRetried(ManyCase):
    """A retry of a selection."""

    def test_each_refusal_is_a_sentence_and_the_others_go_on(self):
        issued = self.issued_ones(1)
        stopped = self.stopped(2)
        self.tax.salon_vat_code = "AAM"
        batch = self.press("retry", (issued | stopped).with_user(self.manager))
        said = self.said(batch)
        self.assertEqual(said[issued], ("impossible", "It does not need attention."))
        self.work()
        self.assertEqual(set(stopped.mapped("state")), {"issued"})
        self.assertEqual((batch.done_count, batch.impossible_count), (2, 1))

    def test_what_may_be_at_the_service_is_looked_up_and_not_sent(self):
        unproven = self.unproven()
        documents = unproven | self.stopped(1)
        self.tax.salon_vat_code = "AAM"
        batch = self.press("retry", documents.with_user(self.manager))
        self.assertEqual(unproven.state, "checking")
        self.work()
        self.assertEqual(
            (unproven.state, unproven.problem_reason), ("attention", "absent")
        )
        self.assertEqual(self.made(documents), [0, 1])
        self.assertEqual(self.said(batch)[unproven], ("impossible", unproven.problem))

    def test_the_list_of_a_manager_opens_the_results(self):
        documents = self.stopped(2).with_user(self.manager)
        asked = documents.action_retry_chosen()
        self.assertEqual(asked["res_model"], "salon.invoice.batch")
        with_one = self.stopped(1).with_user(self.manager).action_retry_chosen()
        self.assertEqual(with_one["tag"], "display_notification")

    def test_sales_retry_their_documents(self):
        documents = self.stopped(2)
        orders = documents.order_id
        self.env.flush_all()
        self.tax.salon_vat_code = "AAM"
        batch = self.press("retry", orders.with_user(self.accountant), self.accountant)
        self.assertEqual(batch.line_ids.document_id, documents)
        self.work()
        self.assertEqual(self.made(documents), [1, 1])

    def test_a_sale_without_a_document_says_so(self):
        self.company.salon_account_id = False
        order = self.sell([(self.haircut, 1)])
        self.assertFalse(order.salon_document_ids)
        batch = self.press("retry", order.with_user(self.manager))
        self.assertEqual(batch.line_ids.result, "This sale has no document.")
        self.assertEqual((batch.state, batch.impossible_count), ("done", 1))

    def test_who_is_killed_in_the_middle_leaves_nothing_half_done(self):
        documents = self.stopped(5)
        self.tax.salon_vat_code = "AAM"
        begin, begun = SalonInvoiceBatchLine._begin, []

        def die(line):
            begun.append(line)
            if len(begun) == 3:
                raise MemoryError
            return begin(line)

        with patch.object(salon_invoice_batch, "AT_ONCE", 4):
            batch = self.press("retry", documents.with_user(self.manager))
            self.assertEqual(set(batch.line_ids.mapped("state")), {"todo"})
            with (
                patch.object(SalonInvoiceBatchLine, "_begin", die),
                mute_logger("odoo.addons.salon_invoice_bridge.models"),
                mute_logger(salon_invoice_batch.__name__),
            ):
                self.run_job()
            self.assertEqual(set(batch.line_ids.mapped("state")), {"todo"})
            self.assertEqual(set(documents.mapped("state")), {"attention"})
            self.run_job()
            self.assertEqual(batch.line_ids.mapped("state"), [*["doing"] * 4, "todo"])
            self.run_job()
        self.work()
        self.assertEqual(self.made(documents), [1] * 5)
        self.assertEqual(set(batch.line_ids.mapped("state")), {"done"})

    def test_a_killed_lane_takes_up_the_answer_and_the_row_is_settled(self):
        documents = self.stopped(2)
        self.tax.salon_vat_code = "AAM"
        batch = self.press("retry", documents.with_user(self.manager))
        self.fault("drop_after", path="/documents$")
        self.work()
        self.assertEqual(self.made(documents), [1, 1])
        self.assertEqual(set(batch.line_ids.mapped("state")), {"done"})

    def test_no_more_are_under_way_than_new_sales_can_wait_for(self):
        documents = self.stopped(6)
        self.tax.salon_vat_code = "AAM"
        with (
            patch.object(salon_invoice_batch, "AT_ONCE", 2),
            patch.object(salon_invoice_batch, "UNDER_WAY", 3),
        ):
            batch = self.press("retry", documents.with_user(self.manager))
            for expected in (2, 3, 3):
                self.run_job()
                states = batch.line_ids.mapped("state")
                self.assertEqual(states.count("doing"), expected)
            self.assertTrue(
                self.env["ir.cron.trigger"].search_count(
                    [("cron_id", "=", self.job.id)]
                )
            )
            self.work()
            self.run_job()
            # Three are settled, two more are begun.
            states = batch.line_ids.mapped("state")
            self.assertEqual((states.count("doing"), states.count("todo")), (2, 1))

    def test_what_a_person_settles_meanwhile_is_noted(self):
        document = self.stopped(1)
        self.tax.salon_vat_code = "AAM"
        batch = self.press("retry", document.with_user(self.manager))
        document.with_user(self.manager)._settle(number="KÉZI-1")
        self.assertEqual(self.said(batch)[document], ("done", "KÉZI-1"))

    def test_who_has_lost_the_right_meanwhile_does_nothing_more(self):
        documents = self.stopped(3)
        self.tax.salon_vat_code = "AAM"
        with patch.object(salon_invoice_batch, "AT_ONCE", 2):
            batch = self.press("retry", documents.with_user(self.manager))
            self.manager.group_ids = self.env.ref("base.group_user")
            self.run_job()
            self.run_job()
        self.assertEqual(set(batch.line_ids.mapped("state")), {"impossible"})
        self.assertEqual(set(documents.mapped("state")), {"attention"})


@tagged("post_install", "-at_install")
class TestAsked(ManyCase):
    """Look, PDF and e-mail: tasks of the lane."""

    def test_many_are_looked_at(self):
        documents = self.issued_ones(2)
        calls = len(self.calls())
        batch = self.press("look", documents.with_user(self.manager))
        self.assertEqual(len(self.calls()), calls, "a press calls nothing")
        self.work()
        self.assertTrue(all(documents.mapped("last_synced_at")))
        self.assertEqual(set(batch.line_ids.mapped("state")), {"done"})

    def test_what_stops_is_looked_up_where_it_may_be(self):
        never, sent = self.stopped(1), self.unproven()
        batch = self.press("look", (never | sent).with_user(self.manager))
        said = self.said(batch)
        self.assertEqual(said[never][0], "impossible")
        self.work()
        said = self.said(batch)
        self.assertEqual(said[sent], ("done", sent.problem))
        self.assertEqual(self.made(sent), [0])

    def test_pdfs_are_fetched_once(self):
        documents = self.issued_ones(2)
        here, missing = documents
        here._attach_pdf(b"%PDF-1.4")
        missing.pdf_id.unlink()
        before = len([c for c in self.calls() if "download" in c["path"]])
        chosen = documents.with_user(self.manager)
        batch, again = self.press("pdf", chosen), self.press("pdf", chosen)
        self.assertEqual(self.said(batch)[here][0], "done")
        self.work()
        self.assertTrue(missing.pdf_id)
        for one in (batch, again):
            self.assertEqual(set(one.line_ids.mapped("state")), {"done"})
        after = len([c for c in self.calls() if "download" in c["path"]])
        self.assertEqual(after - before, 1)

    def test_a_failed_task_says_why_on_its_row_and_writes_to_nobody(self):
        document = self.issued_ones(1)
        document.pdf_id.unlink()
        batch = self.press("pdf", document.with_user(self.manager))
        self.fault("status_before", status=404, path="/download", times=None)
        self.work()
        self.assertEqual(batch.line_ids.state, "impossible")
        self.assertTrue(batch.line_ids.result)
        notified = document.message_ids.notified_partner_ids
        self.assertNotIn(self.manager.partner_id, notified)

    def emails(self):
        return [call for call in self.calls() if call["path"].endswith("/send")]

    def test_e_mails_are_shown_first_and_sent_once(self):
        with_one = self.issued_ones(2, customer=self.customer)
        without = self.issued_ones(1)
        before = len(self.emails())
        batch = self.press("email", (with_one | without).with_user(self.manager))
        self.assertEqual(batch.state, "draft")
        self.assertIn("2", batch.summary)
        said = self.said(batch)
        self.assertEqual(
            said[without], ("impossible", "The buyer has no e-mail address.")
        )
        self.assertEqual(
            set(batch.line_ids.mapped("emails")), {self.customer.email, False}
        )
        self.run_job()
        self.work()
        self.assertEqual(len(self.emails()), before, "nothing before it is confirmed")
        # What was shown is what is used.
        self.customer.email = "mas@example.com"
        pressed = batch.with_user(self.manager)
        pressed.action_confirm()
        pressed.action_confirm()
        self.work()
        pressed.action_confirm()
        self.work()
        self.assertEqual(len(self.emails()) - before, 2)
        self.assertEqual((batch.state, batch.done_count), ("done", 2))
        tasks = batch.line_ids.task_id
        self.assertEqual(tasks.user_id, self.manager)
        self.assertEqual(
            [task.arguments for task in tasks], [{"emails": ["zsofia@example.com"]}] * 2
        )

    def test_nobody_confirms_what_another_one_has_chosen(self):
        documents = self.issued_ones(1, customer=self.customer)
        batch = self.press("email", documents.with_user(self.manager))
        with self.assertRaises(UserError):
            batch.with_user(self.accountant).action_confirm()
        with self.assertRaises(AccessError):
            batch.with_user(self.receptionist).action_confirm()
        self.assertFalse(batch.confirmed)

    def test_what_is_being_sent_is_not_sent_twice(self):
        document = self.issued_ones(1, customer=self.customer)
        document._request_task("email", {"emails": [self.customer.email]})
        batch = self.press("email", document.with_user(self.manager))
        before = len(self.emails())
        batch.with_user(self.manager).action_confirm()
        self.assertEqual(
            self.said(batch)[document], ("impossible", "This is being done already.")
        )
        self.work()
        self.assertEqual(len(self.emails()) - before, 1)

    def test_a_receptionist_finds_no_actions_for_many(self):
        documents = self.issued_ones(1)
        with self.assertRaises(AccessError):
            self.press("look", documents, self.receptionist)
        with self.assertRaises(AccessError):
            self.batches.with_user(self.receptionist).search([])

    def test_old_results_are_deleted_and_documents_stay(self):
        documents = self.issued_ones(1)
        batch = self.press("look", documents.with_user(self.manager))
        self.work()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE salon_invoice_batch SET create_date = create_date - %s",
            (timedelta(days=31),),
        )
        self.env.invalidate_all()
        self.batches._gc_batches()
        self.assertFalse(batch.exists())
        self.assertEqual(documents.state, "issued")

    def test_a_sale_of_its_own_reads_nothing_more(self):
        """What was not asked for with others looks for no row of a batch."""
        asked = []
        execute = type(self.env.cr).execute

        def record(cursor, *arguments, **options):
            execute(cursor, *arguments, **options)
            asked.append(cursor.query.decode())

        self.sell([(self.haircut, 1)], customer=self.customer)
        with patch.object(type(self.env.cr), "execute", record):
            self.run_lane()
        self.assertFalse(
            [text for text in asked if 'FROM "salon_invoice_batch' in text]
        )

    def test_screens_that_show_it_hear_of_it(self):
        documents = self.issued_ones(1)
        batch = self.press("look", documents.with_user(self.manager))
        sent, bus = [], type(self.env["bus.bus"])
        with patch.object(bus, "_sendone", lambda _bus, *message: sent.append(message)):
            with patch.object(Lane, "nap"):
                self.run_lane()
        batches = [message["batches"] for *_, message in sent if "batches" in message]
        self.assertIn(batch.ids, batches)


@tagged("post_install", "-at_install")
class TestManyOfAnotherCompany(OtherCompanyCase):
    def test_ids_of_another_company_are_refused_as_a_whole(self):
        order = self.sell([(self.haircut, 1)])
        theirs = self.strange_sale([{}])
        theirs._salon_on_paid()
        self.run_lanes()
        env = self.as_stranger("manager")
        for records in (
            order.salon_document_id | theirs.salon_document_id,
            order | theirs,
        ):
            for act in ("retry", "look", "pdf", "email"):
                with self.subTest(records=records, act=act):
                    with self.assertRaises(AccessError):
                        env["salon.invoice.batch"]._press(act, records.with_env(env))
        self.assertFalse(self.env["salon.invoice.batch"].search([]))

    def test_results_are_the_company_s_own(self):
        order = self.sell([(self.haircut, 1)])
        self.run_lanes()
        document = order.salon_document_id.with_user(self.manager)
        batch = self.env["salon.invoice.batch"].with_user(self.manager)
        batch = batch.browse(batch._press("look", document)["res_id"])
        env = self.as_stranger("manager")
        with self.assertRaises(AccessError):
            batch.with_env(env).read(["act"])
        with self.assertRaises(AccessError):
            batch.with_env(env).line_ids.read(["message"])
        with self.assertRaises(AccessError):
            batch.with_env(env).action_confirm()
