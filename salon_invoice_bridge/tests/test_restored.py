"""A database that is a backup, or a copy, of another one issues nothing twice."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .after_case import AfterCase


class RestoredTests:
    """The backup was made while documents waited, and they were sent since."""

    def setUp(self):
        super().setUp()
        self.documents = self.env["salon.invoice.document"]
        for _sale in range(3):
            sale = self.sell([(self.mens_cut, 1)])
            self.documents |= sale.salon_document_id

    def age(self, documents):
        age = timedelta(minutes=10)
        for document in documents:
            self.env.cr.execute(
                "UPDATE salon_invoice_document SET create_date = %s WHERE id = %s",
                [document._now() - age, document.id],
            )
        documents.invalidate_recordset(["create_date"])

    def restore(self):
        """Let the rows be as they were before they were sent."""
        self.documents.task_ids.unlink()
        self.documents.attempt_ids.unlink()
        self.documents.write(
            {
                "state": "waiting",
                "invoice_values": False,
                "request_body": False,
                "send_count": 0,
                "sent_at": False,
                "remote_id": False,
                "number": False,
                "remote_snapshot": False,
                "next_attempt": self.documents._now(),
            }
        )
        self.age(self.documents)

    def test_what_was_sent_before_the_backup_was_restored_is_found(self):
        self.work()
        numbers = self.documents.mapped("number")
        self.restore()
        self.work()
        self.assertEqual(set(self.documents.mapped("state")), {"issued"})
        self.assertEqual(self.documents.mapped("number"), numbers)
        self.assertEqual(len(self.papers()), 3)

    def test_something_else_under_our_key_is_left_to_a_human(self):
        self.work()
        self.restore()
        first = self.documents[0]
        first.sale_snapshot = {
            **first.sale_snapshot,
            "total": "8900",
            "lines": [{**first.sale_snapshot["lines"][0], "gross": "8900"}],
            "tenders": [{**first.sale_snapshot["tenders"][0], "amount": "8900"}],
        }
        self.work()
        self.assertEqual(first.problem_reason, "different")
        self.assertTrue(first.remote_id)
        self.assertEqual(len(self.papers()), 3)

    def test_what_was_to_be_sent_again_is_looked_for_too(self):
        self.work()
        numbers = self.documents.mapped("number")
        self.restore()
        # The backup was made when the first send was known to be lost.
        sent_at = self.documents._now() - timedelta(hours=1)
        self.documents.write({"send_count": 1, "sent_at": sent_at})
        self.work()
        self.assertEqual(self.documents.mapped("number"), numbers)
        self.assertEqual(len(self.papers()), 3)

    def test_a_sale_that_is_taken_up_after_the_backup_is_looked_for_too(self):
        self.work()
        numbers = set(self.documents.mapped("number"))
        orders, now = self.documents.order_id, self.documents._now()
        orders.date_order = now - timedelta(minutes=10)
        self.env.flush_all()
        # The backup was made before the sweep found these sales.
        self.env.cr.execute(
            "DELETE FROM salon_invoice_document WHERE id IN %s",
            [tuple(self.documents.ids)],
        )
        self.env.invalidate_all()
        for order in orders:
            order._salon_on_paid()
        self.work()
        self.assertEqual(set(orders.salon_document_id.mapped("number")), numbers)
        self.assertEqual(len(self.papers()), 3)

    def test_what_has_waited_for_long_is_sent_when_the_service_has_nothing(self):
        self.age(self.documents)
        self.work()
        self.assertEqual(set(self.documents.mapped("state")), {"issued"})
        self.assertEqual(len(self.papers()), 3)
        operations = self.documents[0].attempt_ids.sorted("id").mapped("operation")
        self.assertLess(operations.index("find"), operations.index("issue"))

    def test_a_fresh_sale_is_not_looked_for(self):
        self.work()
        operations = self.documents.attempt_ids.mapped("operation")
        self.assertIn("issue", operations)
        self.assertNotIn("find", operations)


@tagged("post_install", "-at_install")
class TestRestoredBillingo(RestoredTests, AfterCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestRestoredBillingoV2(RestoredTests, AfterCase):
    provider = "billingo_v2"


@tagged("post_install", "-at_install")
class TestRestoredSzamlazz(RestoredTests, AfterCase):
    provider = "szamlazz"


@tagged("post_install", "-at_install")
class TestCopy(AfterCase):
    def setUp(self):
        super().setUp()
        self.parameters = self.env["ir.config_parameter"].sudo()
        self.document = self.sell([(self.mens_cut, 1)]).salon_document_id

    def make_copy(self):
        """Let the database be a copy: Odoo gives it another uuid."""
        self.parameters.set_param("database.uuid", "11111111-of-the-copy")
        self.env.invalidate_all()

    def test_a_copy_sends_nothing_until_somebody_says_that_it_is_the_real_one(self):
        self.make_copy()
        self.work(turns=3)
        self.assertFalse(self.calls())
        self.assertEqual(self.account.state, "paused")
        self.assertTrue(self.account.in_other_database)
        self.assertIn("another database", self.account.pause_reason)
        self.assertEqual(len(self.account.activity_ids), 1, "one alert, told once")
        self.assertEqual(self.document.state, "waiting")
        with self.assertRaises(UserError):
            self.account.action_resume()
        with self.assertRaises(UserError):
            self.account.with_user(self.manager).action_claim_database()

    def test_the_real_one_goes_on_and_keeps_the_keys_that_were_asked_for(self):
        key = self.document.external_key
        self.make_copy()
        self.work(turns=2)
        self.account.action_claim_database()
        self.assertEqual(self.account.state, "connected")
        self.assertFalse(self.account.activity_ids)
        self.work()
        self.assertEqual(
            (self.document.state, self.document.external_key), ("issued", key)
        )
        later = self.sell([(self.mens_cut, 1)]).salon_document_id
        self.work()
        self.assertEqual(later.state, "issued")
        self.assertEqual(
            later.external_key,
            later._make_external_key(later.order_id, "invoice", 1),
        )

    def test_an_account_from_before_belongs_to_the_database_that_it_is_in(self):
        self.account.database_uuid = False
        self.work()
        self.assertEqual(self.document.state, "issued")
        self.assertEqual(
            self.account.database_uuid, self.parameters.get_param("database.uuid")
        )
