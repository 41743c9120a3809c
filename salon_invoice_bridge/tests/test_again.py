"""Asking for the invoice of a sale that was skipped or dropped before."""

from odoo.tests import tagged

from .after_case import RefundCase
from .common import SalonCase

REFUSAL = {"status": 422, "body": '{"message": "No", "errors": []}'}
REFUSED = """<?xml version="1.0" encoding="UTF-8"?>
<xmlszamlavalasz xmlns="http://www.szamlazz.hu/xmlszamlavalasz">
<sikeres>false</sikeres><hibakod>57</hibakod><hibauzenet>Nem</hibauzenet>
</xmlszamlavalasz>"""


@tagged("post_install", "-at_install")
class TestAgain(SalonCase):
    def setUp(self):
        super().setUp()
        self.order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.document = self.order.salon_document_id

    def drop(self):
        """Say that no invoice is made of the sale, as a manager does."""
        self.document.with_user(self.manager)._settle()
        self.assertEqual(self.document.state, "skipped")

    def generate(self):
        self.order.with_user(self.receptionist).action_salon_generate()

    def lose_the_answer(self):
        """Let the service act and go silent, until a person has to decide."""
        self.fault("drop_after", method="POST", path="/documents$")
        self.fault("refuse_before", method="GET", path="/documents", times=None)
        self.run_lane()
        self.assertEqual(self.document.state, "checking")
        self.document._need_attention("Gone", "program")
        self.sandbox.world.faults.clear()
        self.account.rest_until = False

    def test_a_dropped_document_that_may_be_there_is_looked_for_first(self):
        self.lose_the_answer()
        self.drop()
        self.generate()
        self.assertEqual(self.document.state, "checking")
        self.run_lane()
        self.assertEqual(self.document.state, "issued")
        self.assertEqual(len(self.issued()), 1)

    def test_a_dropped_document_is_built_anew_when_it_is_asked_for_again(self):
        self.fault("status_before", method="POST", path="/documents$", **REFUSAL)
        self.run_lane()
        self.assertEqual(self.document.state, "attention")
        self.drop()
        self.customer.name = "Őrségi Zsófia Mária"
        self.generate()
        self.assertEqual(self.document.state, "waiting")
        self.run_lane()
        self.assertEqual(self.document.state, "issued")
        self.assertEqual(self.document.buyer_name, "Őrségi Zsófia Mária")

    def test_it_is_made_where_the_till_sells_by_now(self):
        self.fault("status_before", method="POST", path="/documents$", **REFUSAL)
        self.run_lane()
        self.drop()
        former, other = self.account, self._connect("szamlazz")
        self.generate()
        self.run_lane(other)
        self.assertEqual(self.document.account_id, other)
        self.assertEqual(self.document.state, "issued")
        self.assertEqual(former.state, "retired")

    def test_it_is_of_the_kind_that_the_till_makes_by_now(self):
        self.drop()
        key = self.document.external_key
        self.company.salon_kind = "draft"
        self.generate()
        self.run_lane()
        self.assertEqual((self.document.kind, self.document.state), ("draft", "issued"))
        self.assertNotEqual(self.document.external_key, key)


@tagged("post_install", "-at_install")
class TestRefundAgain(RefundCase):
    provider = "szamlazz"

    def test_a_dropped_correction_can_be_asked_for_again(self):
        self.work()
        refund = self.refund(self.sale, {self.book_line: 1})
        self.fault("status_before", path="xmlagentxmlfile", status=200, body=REFUSED)
        self.run_lane()
        document = refund.salon_document_id
        self.assertEqual((document.kind, document.state), ("correction", "attention"))
        document.with_user(self.manager)._settle()
        refund.with_user(self.receptionist).action_salon_generate()
        self.assertEqual((document.kind, document.state), ("refund", "waiting"))
        self.work()
        self.assertEqual((document.kind, document.state), ("correction", "issued"))
        self.assertEqual(self.standing(), self.kept())
