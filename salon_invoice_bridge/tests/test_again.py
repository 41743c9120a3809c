"""Asking for the invoice of a sale that was skipped or dropped before."""

from lxml import etree

from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .after_case import RefundCase
from .common import SalonCase
from .test_draft import BillingoDraft

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
        self.account.backoff_until = False

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


@tagged("post_install", "-at_install")
class TestDiscardedAgain(BillingoDraft):
    """A draft was put away, for whatever reason, and the sale is paid all the same."""

    def discard(self, draft=None):
        (draft or self.draft).with_user(self.manager).action_discard()
        self.work()
        self.assertEqual((draft or self.draft).state, "discarded")

    def generate(self, sale=None):
        """Ask for the document of a sale; return what the receptionist is told."""
        asked = (sale or self.sale).with_user(self.receptionist).action_salon_generate()
        self.work()
        return asked["params"]["message"]

    def assert_made_anew(self, amount=15900, kind="draft", sale=None):
        again = (sale or self.sale).salon_document_id
        self.assertEqual((again.kind, again.state), (kind, "issued"), again.problem)
        self.assertEqual(again.amount_gross, amount)
        return again

    def test_a_discarded_draft_is_made_anew_of_the_data_as_they_are_now(self):
        self.discard()
        self.sale.partner_id = self.business
        self.assertIn("queued", self.generate())
        again = self.assert_made_anew()
        self.assertEqual(again.buyer_name, self.business.name)
        self.assertNotEqual(again.external_key, self.draft.external_key)
        self.assertEqual(again.generation, self.draft.generation + 1)
        self.assertEqual(len(self.papers("draft")), 1)
        self.generate()
        self.assertEqual(self.sale.salon_document_id, again, "asked twice, made once")

    def test_it_is_of_the_kind_that_the_till_makes_by_now(self):
        self.discard()
        self.company.salon_kind = "invoice"
        self.generate()
        self.assert_made_anew(kind="invoice")
        self.assertEqual(self.standing(), 15900)

    def test_nothing_that_was_discarded_comes_back_by_itself(self):
        self.discard()
        self.sale.action_pos_order_paid()
        self.config.salon_live_since = self.sale.create_date
        self.run_cron("cron_sweep")
        self.work()
        self.assertEqual(self.sale.salon_document_ids, self.draft)

    def test_a_discarded_sale_is_found_among_those_that_are_not_invoiced(self):
        self.discard()
        view = self.env.ref("salon_invoice_bridge.pos_order_view_search")
        (domain,) = etree.fromstring(view.arch).xpath(
            "//filter[@name='salon_undocumented']/@domain"
        )
        self.assertIn(self.sale, self.sale.search(safe_eval(domain)))

    def test_a_sale_that_came_back_whole_is_not_made_anew(self):
        self.refund(self.sale)
        self.work()
        self.assertEqual(self.draft.state, "discarded")
        self.assertIn("Everything came back", self.generate())
        self.generate()
        self.assertEqual(self.sale.salon_document_id.skip_reason, "refunded")
        self.assertFalse(self.papers("draft", "invoice"))

    def test_what_came_back_is_not_made_anew(self):
        self.discard()
        refund = self.refund(self.sale, {self.sale.lines[1]: 1})
        self.work()
        self.assertEqual(refund.salon_document_id.skip_reason, "discarded")
        self.generate()
        again = self.assert_made_anew(12400)
        self.refund(self.sale, {self.sale.lines[1]: 1})
        self.work()
        self.assert_made_anew(8900)
        self.assertEqual(again.state, "discarded")

    def test_it_is_made_anew_once_where_its_refund_would_do_so_too(self):
        self.fault("rate_limit", path=self.discards, retry_after=300)
        refund = self.refund(self.sale, {self.sale.lines[1]: 1})
        self.run_lane()
        self.draft._on_remote_deleted()  # as a look at the service would find
        self.generate()
        self.assert_made_anew(12400)
        self.assertEqual(len(self.sale.salon_document_ids), 2)
        self.assertEqual(self.step(self.draft, "discard").state, "done")
        self.assertEqual(refund.salon_document_id.skip_reason, "replaced")

    def test_what_odoo_invoices_meanwhile_is_not_made_anew(self):
        if "l10n_hu_edi_server_mode" in self.company:
            self.company.l10n_hu_edi_server_mode = "demo"
        self.discard()
        self.sale.with_user(self.manager).action_pos_order_invoice()
        self.assertIn("Odoo itself", self.generate())
        self.assertFalse(self.papers("draft", "invoice"))

    def test_what_could_not_be_made_anew_still_leaves_out_what_came_back(self):
        self.discard()
        self.refund(self.sale, {self.sale.lines[1]: 1})
        self.work()
        self.company.salon_invoice_capable = False
        self.generate()
        self.assertEqual(self.sale.salon_document_id.skip_reason, "incapable")
        self.company.salon_invoice_capable = True
        self.generate()
        self.assert_made_anew(12400)

    def test_a_draft_whose_invoice_was_dropped_and_that_was_discarded(self):
        self.draft.with_user(self.manager).action_finalize()
        self.sale.salon_document_id.with_user(self.manager)._settle()
        self.discard()
        self.generate()
        self.assertEqual(self.assert_made_anew().generation, 2)

    def test_the_new_lines_of_an_exchange_are_made_anew(self):
        exchange = self.refund(self.sale, None, [(self.mens_cut, 1)])
        self.work()
        self.discard(exchange.salon_document_id)
        self.generate(exchange)
        again = self.assert_made_anew(4990, sale=exchange)
        self.finalize(again)
        self.generate(exchange)
        self.assertEqual(self.standing(), 4990)
