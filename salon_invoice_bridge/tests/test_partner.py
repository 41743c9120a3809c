"""Customers at the service: each is made there once, whatever becomes of the answer."""

from odoo.tests import tagged

from .common import SalonCase


@tagged("post_install", "-at_install")
class TestPartner(SalonCase):
    """Seed 002: "Billingo Partner reuse is automatic, no duplicate worry"."""

    def partners(self):
        """Return the partners that the service holds."""
        return list(self.sandbox.world.emulator("billingo").state["partners"].values())

    def sell_to(self, customer):
        """Sell, have it issued, and return the buyer's id on the document."""
        document = self.sell([(self.haircut, 1)], customer=customer).salon_document_id
        self.work()
        self.assertEqual(document.state, "issued", document.problem)
        return document.content["partner_id"]

    def test_a_lost_answer_to_a_new_partner_makes_no_second_one(self):
        self.fault("drop_after", method="POST", path="/partners$")
        used = self.sell_to(self.customer)
        self.assertEqual([str(partner["id"]) for partner in self.partners()], [used])
        self.assertEqual(self.sell_to(self.customer), used)

    def test_a_worker_that_was_killed_meanwhile_makes_no_second_one(self):
        """What it noted before the call is all that is left of it."""
        used = self.sell_to(self.customer)
        self.env["salon.invoice.partner"].search(
            [("partner_id", "=", self.customer.id)]
        ).write({"remote_id": False, "synced": False})
        self.assertEqual(self.sell_to(self.customer), used)
        self.assertEqual(len(self.partners()), 1)

    def test_that_a_partner_is_being_made_is_noted_before_the_call(self):
        commits, partners = [], self.env["salon.invoice.partner"]
        mine = [("partner_id", "=", self.customer.id)]
        accounts = type(self.account)
        commit = accounts._commit

        def watch(account, *arguments):
            commits.append((len(self.partners()), partners.search_count(mine)))
            return commit(account, *arguments)

        self.patch(accounts, "_commit", watch)
        self.sell_to(self.customer)
        self.assertIn((0, 1), commits)

    def test_a_partner_that_never_arrived_is_made(self):
        self.fault("status_before", method="POST", path="/partners$", status=502)
        used = self.sell_to(self.customer)
        self.assertEqual([str(partner["id"]) for partner in self.partners()], [used])

    def test_after_a_lost_answer_nobody_gets_the_partner_of_another_customer(self):
        """One of them may move; the other's invoices must not move with them."""
        twin = self.customer.copy({"name": self.customer.name})
        first = self.sell_to(self.customer)
        self.fault("status_before", method="POST", path="/partners$", status=502)
        self.assertNotEqual(self.sell_to(twin), first)

    def test_a_customer_who_is_gone_there_and_refused_anew_can_be_mended(self):
        self.sell_to(self.customer)
        refusal = {"status": 422, "body": '{"message": "No", "errors": []}'}
        self.fault("status_before", method="POST", path="/documents$", **refusal)
        self.fault("status_before", method="GET", path="/partners/", status=404)
        self.fault("status_before", method="POST", path="/partners$", **refusal)
        document = self.sell([(self.book, 1)], customer=self.customer).salon_document_id
        self.run_lane()
        self.assertEqual(document.state, "attention")
        self.assertEqual(len(self.calls("POST /partners")), 2)
        self.sandbox.world.faults.clear()
        document.with_user(self.receptionist).action_retry()
        self.work()
        self.assertEqual(document.state, "issued", document.problem)

    def test_after_a_lost_answer_only_an_equal_partner_is_taken(self):
        self.fault("drop_after", method="POST", path="/partners$")
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.run_lane()
        (partner,) = self.partners()
        partner["phone"] = "+36 1 555 0199"
        self.work()
        document = order.salon_document_id
        self.assertEqual(document.state, "issued", document.problem)
        self.assertNotEqual(document.content["partner_id"], str(partner["id"]))
