"""Drafts wait for a review, then become invoices or are discarded (seed 001)."""

import dataclasses

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.misc import format_date
from odoo.tools.safe_eval import safe_eval

from ..billing.invoice import Kind
from .after_case import AfterCase
from .days import ANOTHER


class DraftCase(AfterCase):
    kind = "draft"

    def setUp(self):
        super().setUp()
        self.company.salon_kind = self.kind
        self.sale = self.sell([(self.haircut, 1), (self.book, 2)])
        self.work()
        self.draft = self.sale.salon_document_id

    def finalize(self, documents):
        documents.with_user(self.manager).action_finalize()
        self.work()


class DraftTests:
    def test_a_sale_becomes_a_draft_that_nobody_is_mailed(self):
        self.assertEqual((self.draft.kind, self.draft.state), ("draft", "issued"))
        self.assertFalse(self.draft.number)
        self.assertFalse(self.sandbox.world.ledger()["mails"])
        self.assertFalse(self.papers())

    def test_drafts_are_listed_for_review(self):
        action = self.env.ref(
            "salon_invoice_bridge.salon_invoice_document_action_unfinished"
        )
        found = self.env["salon.invoice.document"].search(safe_eval(action.domain))
        self.assertIn(self.draft, found)
        self.assertLessEqual(set(found.mapped("kind")), {"draft", "proforma"})
        self.assertEqual(set(found.mapped("state")), {"issued"})

    def test_a_reviewed_draft_becomes_the_invoice(self):
        self.finalize(self.draft)
        invoice = self.sale.salon_document_id
        self.assertEqual((invoice.kind, invoice.state), ("invoice", "issued"))
        self.assertEqual(invoice.origin_id, self.draft)
        self.assertEqual(self.draft.state, "converted")
        self.assertTrue(invoice.number)
        self.assertEqual(self.standing(), 15900)
        self.assertFalse(self.papers("draft"))

    def test_one_that_was_recorded_by_hand_is_followed_by_hand(self):
        sale = self.sell([(self.book, 1)])
        draft = sale.salon_document_id.with_user(self.manager)
        draft._settle("KEZI-1")
        for action in (draft.action_finalize, draft.action_discard):
            with self.assertRaisesRegex(UserError, "KEZI-1 was made at the service"):
                action()
        refund = self.refund(sale).salon_document_id
        self.work()
        self.assertEqual(refund.state, "attention")
        self.assertIn("KEZI-1", refund.problem)
        self.assertEqual(draft.state, "issued")

    def test_many_drafts_are_finalized_at_once(self):
        others = self.sell([(self.book, 1)]) | self.sell([(self.mens_cut, 1)])
        self.work()
        self.finalize((self.sale | others).salon_document_id)
        documents = (self.sale | others).salon_document_id
        self.assertEqual(documents.mapped("state"), ["issued"] * 3)
        self.assertEqual(len(self.papers()), 3)

    def test_a_draft_is_finalized_once(self):
        self.draft.with_user(self.manager).action_finalize()
        with self.assertRaises(UserError):
            self.draft.with_user(self.manager).action_finalize()
        self.work()
        with self.assertRaises(UserError):
            self.draft.with_user(self.manager).action_finalize()

    def test_a_receptionist_finalizes_and_discards_nothing(self):
        with self.assertRaises(UserError):
            self.draft.with_user(self.receptionist).action_finalize()
        with self.assertRaises(UserError):
            self.draft.with_user(self.receptionist).action_discard()

    def test_a_lost_answer_makes_no_second_invoice(self):
        for kind in ("drop_after", "truncated", "status_after"):
            with self.subTest(kind):
                sale = self.sell([(self.book, 1)])
                self.work()
                before = len(self.papers())
                self.fault(kind, path=self.finalizes)
                self.finalize(sale.salon_document_id)
                self.assertEqual(len(self.papers()), before + 1)
                invoice = sale.salon_document_id
                self.assertEqual(
                    (invoice.kind, invoice.state),
                    ("invoice", "issued"),
                    invoice.problem,
                )

    def test_a_finalized_draft_can_be_cancelled(self):
        self.finalize(self.draft)
        self.sale.salon_document_id.with_user(self.manager)._request_storno("x")
        self.work()
        self.assertEqual(self.standing(), 0)

    def test_a_partial_refund_after_finalizing_leaves_what_was_kept(self):
        self.finalize(self.draft)
        self.refund(self.sale, {self.sale.lines[1]: 1})
        self.work()
        self.assertEqual(self.standing(), 12400)


class DiscardTests:
    def test_a_discarded_one_is_gone_at_the_service(self):
        self.draft.with_user(self.manager).action_discard()
        self.work()
        self.assertEqual(self.draft.state, "discarded")
        self.assertFalse(self.papers("draft", "proforma"))

    def test_a_whole_refund_discards_it(self):
        refund = self.refund(self.sale)
        self.work()
        self.assertEqual(self.draft.state, "discarded")
        self.assertEqual(refund.salon_document_id.skip_reason, "discarded")
        self.assertFalse(self.papers("draft", "proforma"))

    def test_a_partial_refund_makes_it_anew_of_what_was_kept(self):
        refund = self.refund(self.sale, {self.sale.lines[1]: 1})
        self.work()
        self.assertEqual(self.draft.state, "discarded")
        again = self.sale.salon_document_id
        self.assertEqual((again.kind, again.state), (self.kind, "issued"))
        self.assertEqual(again.amount_gross, 12400)
        self.assertEqual(refund.salon_document_id.skip_reason, "replaced")
        self.finalize(again)
        self.assertEqual(self.standing(), 12400)
        self.refund(self.sale, {self.sale.lines[1]: 1, self.sale.lines[0]: 1})
        self.work()
        self.assertEqual(self.standing(), 0)

    def test_a_draft_that_a_refund_discards_cannot_be_issued_meanwhile(self):
        self.fault("rate_limit", path=self.discards, retry_after=300)
        self.refund(self.sale, {self.sale.lines[1]: 1})
        self.run_lane()
        self.assertEqual(self.step(self.draft, "discard").state, "todo")
        with self.assertRaises(UserError):
            self.draft.with_user(self.manager).action_finalize()
        self.work()
        self.assertEqual(self.sale.salon_document_id.amount_gross, 12400)

    def test_an_invoice_that_the_service_made_meanwhile_is_not_doubled(self):
        self.fault("rate_limit", path=self.discards, retry_after=300)
        self.refund(self.sale, {self.sale.lines[1]: 1})
        self.run_lane()
        self.draft._on_remote_finalized()  # as a look at the service would find
        self.work()
        self.assertEqual(self.draft.state, "converted")
        kinds = self.sale.salon_document_ids.mapped("kind")
        self.assertCountEqual(kinds, [self.kind, "invoice"])
        self.assertEqual(self.standing(), 12400)

    def test_a_lost_answer_to_discarding_changes_nothing(self):
        self.fault("drop_after", path=self.discards)
        self.draft.with_user(self.manager).action_discard()
        self.work()
        self.assertEqual(self.draft.state, "discarded")


class BillingoDraft(DraftCase):
    provider = "billingo"
    finalizes = r"^PUT /documents/"
    discards = r"^DELETE /documents/"

    def at_billingo(self):
        """Return the draft as it lies at the service, to be edited there."""
        papers = self.sandbox.world.emulator("billingo").state["documents"]
        return papers[self.draft.remote_id]["document"]


@tagged("post_install", "-at_install")
class TestDraftBillingo(DiscardTests, DraftTests, BillingoDraft):
    def test_what_was_finalized_at_the_service_is_adopted(self):
        with self.account._open_provider() as provider:
            invoice = self.draft._make_invoice(self.draft._policy())
            invoice = dataclasses.replace(
                self.draft._invoice(), kind=Kind.INVOICE, paid=invoice.paid
            )
            theirs = provider.finalize(self.draft._issued(), provider.render(invoice))
        self.finalize(self.draft)
        self.assertEqual(self.sale.salon_document_id.number, theirs.number)
        self.assertEqual(len(self.papers()), 1)

    @property
    def told(self):
        """The draft as the person reads it whom the lane tells."""
        return self.draft.with_context(lang=self.account._responsible().lang)

    def assert_not_issued(self, told):
        """Assert that the draft stays one, and that a human is told why."""
        self.finalize(self.draft)
        invoice = self.sale.salon_document_id
        self.assertEqual(invoice.state, "attention")
        self.assertIn(told, invoice.problem)
        self.assertFalse(self.papers())

    def test_what_was_changed_at_the_service_is_shown_and_not_issued(self):
        self.at_billingo()["gross_total"] = 9999
        amounts = map(self.told._format_amount, (9999, 15900))
        self.assert_not_issued("Total: {} instead of {}".format(*amounts))

    def test_a_draft_whose_vat_was_changed_at_the_service_is_not_issued_from_here(self):
        """27 % made AAM: the sum that the customer paid is the same."""
        draft = self.at_billingo()
        for item in draft["items"]:
            item.update(vat="AAM", net_amount=item["gross_amount"], vat_amount=0)
        draft["summary"].update(net_amount=15900, vat_amount=0)
        self.assert_not_issued(f"Net: {self.told._format_amount(15900)} instead of")

    def test_a_draft_that_was_edited_at_the_service_is_not_issued_from_here(self):
        day = format_date(self.told.env, ANOTHER)
        edits = (
            ({"comment": "A könyv ajándék"}, "Comment: A könyv ajándék"),
            ({"fulfillment_date": ANOTHER}, f"Date of fulfilment: {day} instead"),
            ({"due_date": ANOTHER}, f"Due date: {day} instead"),
            ({"document_partner": {"id": 4321, "name": "Más Kft."}}, "Buyer: Más Kft."),
        )
        for edit, told in edits:
            with self.subTest(told):
                self.sale = self.sell([(self.book, 1)])
                self.work()
                self.draft = self.sale.salon_document_id
                self.at_billingo().update(edit)
                self.assert_not_issued(told)

    def test_a_draft_that_was_edited_at_the_service_is_shown_by_the_daily_look(self):
        draft = self.at_billingo()
        draft["summary"].update(net_amount=15900, vat_amount=0)
        self.draft._request_task("look")
        self.work()
        self.assertEqual(self.draft.state, "issued")
        net = self.told._format_amount(15900)
        self.assertIn(f"Net: {net} instead of", self.draft.warning)

    def test_a_buyer_who_was_renamed_changes_no_draft(self):
        """The draft names the partner by id; the service shows it as it is now."""
        self.at_billingo()["document_partner"]["name"] = "Őrségi-Kiss Zsófia"
        self.finalize(self.draft)
        invoice = self.sale.salon_document_id
        self.assertEqual(invoice.state, "issued", invoice.problem)

    def test_what_was_deleted_at_the_service_is_not_issued(self):
        with self.account._open_provider() as provider:
            provider.discard(self.draft._issued())
        self.finalize(self.draft)
        self.assertEqual(self.sale.salon_document_id.state, "attention")
        self.assertFalse(self.papers())


@tagged("post_install", "-at_install")
class TestDraftBillingoV2(DraftTests, DraftCase):
    provider = "billingo_v2"
    finalizes = r"/generate"

    def test_what_a_draft_can_become_is_said_where_it_is_chosen_and_on_it(self):
        self.assertIn("Finish each draft at the service itself", self.draft.warning)
        settings = self.env["res.config.settings"].new(
            {"company_id": self.company.id, "salon_kind": "draft"}
        )
        told = settings._onchange_salon_kind()["warning"]["message"]
        self.assertIn("Finish each draft", told)
        settings.salon_kind = "proforma"
        self.assertFalse(settings._onchange_salon_kind())

    def test_a_refused_finalization_is_not_sent_again(self):
        body = '{"success": false, "error": "Only a proforma can be generated"}'
        self.fault("status_before", path="generate", status=400, body=body)
        self.finalize(self.draft)
        invoice = self.draft.follow_up_ids
        self.assertEqual(invoice.state, "attention")
        sent = [c for c in self.calls() if c["path"].endswith("generate")]
        self.assertEqual(len(sent), 1)
        self.assertFalse(self.papers())

    def test_what_the_interface_cannot_discard_is_said(self):
        self.draft.with_user(self.manager).action_discard()
        self.work()
        self.assertEqual(self.draft.state, "issued")
        self.assertEqual(self.step(self.draft, "discard").state, "failed")

    def test_a_refund_of_a_draft_that_cannot_be_discarded_asks_a_human(self):
        refund = self.refund(self.sale)
        self.work()
        document = refund.salon_document_id
        self.assertEqual(document.state, "attention")
        self.assertIn(self.draft.name, document.problem)
        document.with_user(self.manager).action_retry()
        self.work()
        self.assertEqual(document.state, "attention")

    def test_a_refund_that_a_person_has_settled_is_not_asked_about_again(self):
        refund = self.refund(self.sale)
        document = refund.salon_document_id
        document.with_user(self.manager)._settle(note="papíron")
        self.draft._plan_task("discard", {"lines": [], "until": refund.id})
        self.work()
        self.assertEqual(self.step(self.draft, "discard").state, "failed")
        self.assertEqual(document.skip_reason, "dropped")

    def test_a_draft_that_became_an_invoice_there_is_reversed_by_a_refund(self):
        """The draft itself is gone then, as one that was deleted is."""
        with self.account._open_provider() as provider:
            theirs = provider.finalize(self.draft._issued(), b"")
        refund = self.refund(self.sale)
        self.work()
        self.assertEqual(self.sale.salon_document_id.number, theirs.number)
        self.assertEqual(self.rows(refund), [("storno", "issued")])
        self.assertEqual(self.standing(), 0)

    def generates(self):
        """Return how often the draft was sent to become an invoice."""
        return len(self.calls(f"GET /invoices/{self.draft.remote_id}/generate"))

    def test_a_draft_that_is_finalized_in_place_is_not_finalized_again(self):
        self.account_there(generate_in_place=True)
        self.fault("drop_after", path=self.finalizes)
        self.finalize(self.draft)
        invoice = self.sale.salon_document_id
        self.assertEqual(self.generates(), 1)
        self.assertEqual(len(self.papers()), 1)
        self.assertEqual(invoice.state, "issued", invoice.problem)
        self.assertTrue(invoice.number)

    def test_a_draft_that_still_is_one_is_no_proof_that_no_invoice_was_made(self):
        self.fault("refuse_before", path=self.finalizes)
        self.finalize(self.draft)
        self.assertEqual(self.generates(), 1)
        self.assertEqual(self.sale.salon_document_id.problem_reason, "unproven")

    def discard_by_hand(self):
        """Delete the draft in the service's own screen."""
        state = self.sandbox.world.emulator("billingo_v2").state
        state["documents"].pop(self.draft.remote_id)

    def test_a_draft_discarded_by_hand_for_a_refund_leaves_what_was_kept(self):
        refund = self.refund(self.sale, {self.sale.lines[1]: 1})
        self.work()
        document = refund.salon_document_id
        self.assertEqual(document.state, "attention")
        self.discard_by_hand()
        document.with_user(self.manager).action_retry()
        self.work()
        self.assert_made_anew(document)

    def test_a_draft_found_discarded_for_a_refund_leaves_what_was_kept(self):
        refund = self.refund(self.sale, {self.sale.lines[1]: 1})
        self.work()
        self.discard_by_hand()
        self.run_cron("cron_daily_check")
        self.work()
        self.assertEqual(self.draft.state, "discarded")
        document = refund.salon_document_id
        document.with_user(self.manager).action_retry()
        self.work()
        self.assert_made_anew(document)

    def assert_made_anew(self, refund):
        again = self.sale.salon_document_id
        self.assertEqual((self.draft.state, refund.state), ("discarded", "skipped"))
        self.assertEqual((again.kind, again.state), ("draft", "issued"))
        self.assertEqual(again.amount_gross, 12400)
