"""A row and what decisions know of it are two sides of one thing."""

from dataclasses import fields, replace
from datetime import timedelta

from odoo.tests import tagged

from ..billing.invoice import DocumentKind, State
from ..billing.lifecycle import Change, Progress
from ..models.salon_invoice_document import PROGRESS
from .common import SalonCase

#: What no decision changes.
GIVEN = {"kind", "origin_kind", "created_at", "sold_at", "has_remote_id"}


@tagged("post_install", "-at_install")
class TestProgress(SalonCase):
    def setUp(self):
        super().setUp()
        self.document = self.sell([(self.haircut, 1)]).salon_document_id

    def test_a_new_row_is_read_as_it_is(self):
        document = self.document
        self.assertEqual(
            document._progress(),
            Progress(
                state=State.WAITING,
                kind=DocumentKind.INVOICE,
                created_at=document.create_date,
                sold_at=document.order_id.date_order,
                next_attempt=document.next_attempt,
            ),
        )

    def test_every_value_that_a_decision_changes_is_written(self):
        names = {field.name for field in fields(Progress)}
        self.assertEqual(names, {*PROGRESS, *GIVEN, "state", "has_request"})

    def test_a_progress_that_is_written_is_read_again(self):
        now = self.document._now()
        changes = {
            "next_attempt": (now + timedelta(hours=1), None),
            "sent_at": (now, None),
            "send_count": (3, 0),
            "claim_count": (4, 0),
            "failure_count": (5, 0),
            "empty_lookups": (2, 0),
            "lookup_only_reason": ("rejected", ""),
            "problem_reason": ("program", ""),
            "partner_reused": (True, False),
        }
        self.assertEqual(set(changes), set(PROGRESS))
        for name, values in changes.items():
            for value in values:
                with self.subTest(name=name, value=value):
                    meant = replace(self.document._progress(), **{name: value})
                    self.document._apply(Change(progress=meant, moves=False))
                    self.env.flush_all()
                    self.env.invalidate_all()
                    self.assertEqual(self.document._progress(), meant)

    def test_an_unchanged_progress_changes_nothing(self):
        self.assertFalse(self.document._progress_values(self.document._progress()))

    def test_a_request_that_is_forgotten_takes_its_content_with_it(self):
        self.fault("status_before", path="/documents$", status=502, body="")
        self.run_lane()
        known = self.document._progress()
        self.assertTrue(known.has_request)
        unbuilt = replace(known, has_request=False)
        self.document._apply(Change(progress=unbuilt, moves=False))
        self.assertFalse(self.document.request_body or self.document.invoice_values)
        self.assertEqual(self.document._progress(), unbuilt)

    def test_an_issued_document_has_an_id_and_no_request_any_more(self):
        self.run_lane()
        progress = self.document._progress()
        self.assertTrue(progress.has_remote_id)
        self.assertFalse(progress.has_request)
        self.assertTrue(self.document.invoice_values)

    def test_what_a_document_continues_is_known(self):
        self.run_lane()
        storno = self.document.with_user(self.manager)._request_storno("Téves")
        progress = storno.sudo()._progress()
        self.assertEqual(progress.kind, DocumentKind.STORNO)
        self.assertEqual(progress.origin_kind, DocumentKind.INVOICE)
