"""Customers at the service: each is made there once, whatever becomes of the answer."""

from odoo.tests import tagged

from ..worker.service import Service
from .common import SalonCase


class TwinTests:
    def test_two_who_are_alike_are_two_at_the_service(self):
        """One of them may move; the other's invoices must not move with them."""
        twin = self.customer.copy({"name": self.customer.name})
        first, second = self.sell_to(self.customer), self.sell_to(twin)
        self.assertNotEqual(first, second)
        twin.city = "Győr"
        self.assertEqual(self.sell_to(twin), second)
        self.assertEqual(self.sell_to(self.customer), first)
        self.assertEqual(self.city_of(first), self.customer.city)
        self.assertEqual(self.city_of(second), "Győr")

    def test_two_who_share_one_are_parted_before_it_is_changed(self):
        """Rows of before: both customers have the id of the one partner there."""
        twin = self.customer.copy({"name": self.customer.name})
        first = self.sell_to(self.customer)
        self.sell_to(twin)
        rows = self.env["salon.invoice.partner"].search([("partner_id", "=", twin.id)])
        rows.remote_id = first
        twin.city = "Győr"
        self.assertNotEqual(self.sell_to(twin), first)
        self.assertEqual(self.city_of(first), self.customer.city)

    def sell_to(self, customer):
        """Sell, have it issued, and return the buyer's id on the document."""
        document = self.sell([(self.haircut, 1)], customer=customer).salon_document_id
        self.work()
        self.assertEqual(document.state, "issued", document.problem)
        return document.invoice_values["partner_id"]


@tagged("post_install", "-at_install")
class TestPartner(TwinTests, SalonCase):
    """Seed 002: "Billingo Partner reuse is automatic, no duplicate worry"."""

    allow_inherited_tests_method = True

    def partners(self):
        """Return the partners that the service holds."""
        return list(self.sandbox.world.emulator("billingo").state["partners"].values())

    def city_of(self, partner_id):
        (partner,) = [p for p in self.partners() if str(p["id"]) == partner_id]
        return partner["address"]["city"]

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
        commit = Service.commit

        def watch(service, *arguments):
            commits.append((len(self.partners()), partners.search_count(mine)))
            return commit(service, *arguments)

        self.patch(Service, "commit", watch)
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
        self.assertNotEqual(document.invoice_values["partner_id"], str(partner["id"]))


@tagged("post_install", "-at_install")
class TestPartnerOfAnotherAccount(SalonCase):
    """A test account and the live one of a company have one tax number."""

    def switch_key(self):
        """Open another account of the same company, and sell through it."""
        emulator = self.sandbox.world.emulator("billingo")
        other = emulator.create_account({"key": "the-live-account-of-the-salon"})
        self.account.api_key = other["key"]
        self.account._verify()
        return other

    def test_a_partner_of_the_former_account_is_made_at_this_one(self):
        """Its id is answered with 403, as if the key might only read."""
        first = self.sell([(self.haircut, 1)], customer=self.customer)
        self.work()
        other = self.switch_key()
        before = len(self.calls("POST /documents"))
        for _sale in range(2):
            order = self.sell([(self.haircut, 1)], customer=self.customer)
            self.work()
            document = order.salon_document_id
            self.assertEqual(document.state, "issued", document.problem)
        # The first of them was refused once, as if the key might only read.
        self.assertEqual(len(self.calls("POST /documents")) - before, 3)
        self.assertEqual(self.account.state, "connected")
        former = first.salon_document_id.invoice_values["partner_id"]
        self.assertNotEqual(document.invoice_values["partner_id"], former)
        partners = self.sandbox.world.emulator("billingo").state["partners"].values()
        here = [partner for partner in partners if partner["account"] == other["id"]]
        self.assertEqual(len(here), 1)

    def test_a_key_that_may_only_read_still_stops_the_account(self):
        self.sell([(self.haircut, 1)], customer=self.customer)
        self.work()
        emulator = self.sandbox.world.emulator("billingo")
        emulator.account_by_key("demo-billingo-key")["read_only"] = True
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.run_lane()
        self.assertEqual(self.account.state, "paused")
        self.assertEqual(order.salon_document_id.state, "waiting")
        self.assertEqual(len(self.issued()), 1)


@tagged("post_install", "-at_install")
class TestPartnerBillingoV2(TwinTests, SalonCase):
    provider = "billingo_v2"
    allow_inherited_tests_method = True

    def city_of(self, partner_id):
        clients = self.sandbox.world.emulator("billingo_v2").state["clients"]
        return clients[partner_id]["attributes"]["billing_address"]["city"]
