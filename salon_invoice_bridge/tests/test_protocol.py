"""Exactly once by three statements: what each holds, and that both ways agree."""

import json
import re
import threading
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..billing import columns
from ..billing.build import order_number
from ..worker import express, protocol, queue
from ..worker.express import Express
from ..worker.lane import DOCUMENT, DUE, TASK, Lane
from ..worker.service import Service
from .content_case import ContentCase

EXPRESS_LOG = "odoo.addons.salon_invoice_bridge.worker.express"

#: Columns that differ from one sale to the next, or are a time or an id.
OWN = {
    *("id", "document_id", "order_id", "external_key", "pos_reference", "number"),
    *("remote_id", "pdf_id", "sold_at", "sent_at", "issued_at", "lead_time"),
    *("started_at", "seconds", "exchanges", "last_synced_at"),
    *(
        "create_date",
        "write_date",
        "next_attempt",
        "call_at",
        "uuid",
        "name",
        "access_token",
    ),
    *("date_order", "sequence_number", "tracking_number", "ticket_code"),
    *("salon_document_id", "public_url", "res_id", "checksum", "store_fname"),
    *("file_size", "index_content"),
}


#: Columns that say what the document says: compared with words for what is its own.
CONTENT = {"sale_snapshot", "invoice_values", "remote_snapshot", "result", "figures"}


def days_of(rows):
    """Return the days on which a document was issued, and its sale sold."""
    return [(row["issue_date"], row["fulfillment_date"]) for row in rows["document"]]


class Counting:
    """The statements of a block, but for the savepoints that a test has for commits."""

    def __enter__(self):
        self.statements = []
        threading.current_thread().query_hooks = [self.heard]
        return self

    def heard(self, _cursor, query, _params, _start, _delay):
        text = str(query).strip().upper()
        if not text.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            self.statements.append(text)

    def __exit__(self, *error):
        del threading.current_thread().query_hooks


class ProtocolTests:
    """Sales the short way and the ordinary one, at each service."""

    allow_inherited_tests_method = True
    maxDiff = None

    def setUp(self):
        super().setUp()
        # The buyers are known, and whether this is a test account.
        self.sell([(self.book, 1)])
        self.sell([(self.book, 1)], customer=self.customer)
        self.work()

    # === BOTH WAYS === #

    def test_both_ways_come_to_the_same_rows(self):
        split = [(self.cash, 2000), (self.card, 2990)]
        second = self.second_till()
        for values in (
            {},
            {"payments": [(self.card, 4990)]},
            {"customer": self.customer},
            {"customer": self.customer, "payments": split},
            {"customer": self.business},
            # A company by *Company invoice*: of a walk-in, and of a private customer.
            {"salon_buyer_id": self.business.id},
            {"salon_buyer_id": self.business.id, "customer": self.customer},
            {"lines": [(self.mens_cut, 1), (self.tip, 1, {"price_unit": 500})]},
            {"lines": [(self.haircut, 102)], "customer": self.business},
            {"salon_wish": "invoice"},
            {
                "session_id": second.current_session_id.id,
                "payments": [(self.card, 4990)],
            },
        ):
            with self.subTest(**values):
                self.compare_ways(**values)

    def test_both_ways_round_alike(self):
        self.use_rounding()
        odd = [(self.mens_cut, 1, {"price_unit": 4992})]
        for values in ({}, {"customer": self.customer}):
            with self.subTest(**values):
                self.compare_ways(lines=odd, payments=[(self.cash, 4990)], **values)

    def test_both_ways_do_what_was_asked_for(self):
        self.company.salon_automatic = False
        self.compare_ways(salon_wish="invoice")

    def test_what_is_kept_off_takes_the_ordinary_way(self):
        """It is named on the row, which the short way does not write."""
        self.company.salon_tip = "none"
        order = self.sell([(self.mens_cut, 1), (self.tip, 1, {"price_unit": 500})])
        document = order.salon_document_id
        with patch.object(Express, "_record_plain") as short:
            self.work()
        short.assert_not_called()
        self.assertEqual(document.state, "issued", document.problem)
        self.assertEqual([float(line["amount"]) for line in document.kept_off], [500])

    def compare_ways(self, **values):
        """Compare all that comes of one sale the short way and the ordinary one."""
        self.send(plain=False, **values)
        self.work()  # the buyer is known from now
        short = self.send(plain=True, **values)
        ordinary = self.send(plain=False, **values)
        if days_of(short) != days_of(ordinary):
            # It was midnight in between, in Hungary, which it is only once.
            short = self.send(plain=True, **values)
            ordinary = self.send(plain=False, **values)
        for what, rows in ordinary.items():
            self.assertEqual(short[what], rows, what)

    def second_till(self):
        """Return a second till, and let the first one hear of its sales."""
        values = {"name": "Szalon 2", "payment_method_ids": self.card.ids}
        second = self.config.copy(values)
        second.trusted_config_ids = self.config
        self._open_session(second)
        return second

    def send(self, plain, lines=None, **values):
        """Sell and issue one way; return all the rows that come of it."""
        order = self.sell(lines or [(self.mens_cut, 1)], **values)
        self.env.cr.execute("SELECT max(id) FROM bus_bus")
        (last,) = self.env.cr.fetchone()
        lane, taken = self.account.cron_id, []
        self.env["ir.cron.trigger"].search([("cron_id", "=", lane.id)]).unlink()
        record = Express._record_plain

        def recorded(express_, *arguments):
            done = record(express_, *arguments)
            taken.append(done)
            return done

        prepare = Express._prepare if plain else (lambda *_arguments: None)
        with (
            patch.object(Express, "_prepare", prepare),
            patch.object(Express, "_record_plain", recorded),
            # Only the turn of the document: what follows is compared as it is planned.
            patch.object(Lane, "next", nothing),
        ):
            self.run_lane()
        self.assertEqual(taken, [True] if plain else [])
        document = order.salon_document_id
        self.assertEqual(document.state, "issued", document.problem)
        self.assertGreater(document.lead_time, 0)
        of = f"document_id = {document.id}"
        its = f"res_model = '{document._name}' AND res_id = {document.id}"
        rows = {
            "document": self.rows("salon_invoice_document", f"id = {document.id}"),
            "sale": self.rows("pos_order", f"id = {order.id}"),
            "attempts": self.rows("salon_invoice_attempt", of),
            "tasks": self.rows("salon_invoice_task", of),
            "messages": self.rows("mail_message", its.replace("res_model", "model")),
            "attachments": self.rows("ir_attachment", its),
            "followers": self.rows("mail_followers", its),
            "activities": self.rows("mail_activity", its),
            "account": self.rows("salon_invoice_account", f"id = {self.account.id}"),
            "buyers": self.rows(
                "salon_invoice_partner", f"account_id = {self.account.id}"
            ),
            "wakes": self.rows("ir_cron_trigger", f"cron_id = {lane.id}"),
            "bus": self.rows("bus_bus", f"id > {last or 0}"),
        }
        rows["request"] = self.in_words(self.bodies[document.id], document)
        for row in (*rows["document"], *rows["attempts"]):
            for name in row.keys() & CONTENT:
                if row[name] and "id" in row[name]:
                    row[name].update(id="ID", public_url=bool(document.public_url))
                row[name] = self.in_words(
                    json.dumps(row[name], sort_keys=True), document
                )
        for row in rows["bus"]:
            for own, word in ((document.id, "DOCUMENT"), (order.id, "ORDER")):
                row["message"] = row["message"].replace(f"[{own}]", f"[{word}]")
        times = {t.kind: t.next_attempt - document.issued_at for t in document.task_ids}
        rows["soon"] = {
            kind
            for kind, pause in times.items()
            if not pause.days and (pause < timedelta(minutes=7))
        }
        return rows

    def rows(self, table, where):
        """Return the rows of a table as dicts, without what is of one sale only."""
        self.env.flush_all()
        self.env.cr.execute(f"SELECT * FROM {table} WHERE {where} ORDER BY id")
        rows = [
            {name: value for name, value in row.items() if name not in OWN}
            for row in self.env.cr.dictfetchall()
        ]
        for row in rows:
            for line in (row.get("sale_snapshot") or {}).get("lines", ()):
                line["line"] = None
        return rows

    def in_words(self, text, document):
        """Return ``text`` with a word in place of what is of one sale only."""
        order = document.order_id
        for own, word in (
            (document.external_key, "KEY"),
            (order_number(order.pos_reference, document.external_key), "ORDER"),
            (order.name, "SALE"),
            (order.pos_reference, "RECEIPT"),
            (document.number, "NUMBER"),
        ):
            text = text.replace(own, word)
        return re.sub(r'"ref": "\d+"', '"ref": "LINE"', text)

    # === THE THREE STATEMENTS === #

    def due(self, **values):
        """Sell, and return the document and what the lane reads of it."""
        document = self.sell([(self.mens_cut, 1)], **values).salon_document_id
        with self.account._open_provider() as provider:
            self.express = Express(Service(self.account, provider), timedelta(hours=8))
            due = self.express.next_due()
            self.prepared = self.express._prepare(due, document)
        self.assertEqual(due.id, document.id)
        return document, due

    def claim(self, due):
        number = self.express._claim(due, self.prepared)
        self.env.invalidate_all()
        return number

    def test_a_row_is_claimed_once(self):
        document, due = self.due()
        self.assertTrue(due.is_plain)
        self.assertEqual(self.claim(due), 1)
        self.assertEqual((document.state, document.send_count), ("sending", 1))
        kept = document.status
        document._compute_status()
        self.assertEqual(kept, document.status)
        self.assertIsNone(self.claim(due))
        self.assertEqual(document.send_count, 1)

    def test_a_row_that_was_changed_is_not_claimed(self):
        document, due = self.due()
        with self.env.cr.savepoint():  # as another transaction
            document.reason = "changed"
            self.env.flush_all()
        self.assertIsNone(self.claim(due))
        self.assertEqual(document.state, "waiting")

    def test_nothing_is_claimed_for_an_account_that_may_not_call(self):
        document, due = self.due()
        for values in (
            {"state": "disconnected"},
            {"state": "connected", "backoff_until": document._now()},
        ):
            self.account.write(values)
            self.env.flush_all()
            self.assertIsNone(self.claim(due))

    def test_a_call_without_its_document_is_not_passed_over(self):
        """Nothing would be written down of it, and nobody would notice."""
        document, _due = self.due()
        values = {
            "operation": "issue",
            "outcome": "done",
            "started_at": document._now(),
        }
        with self.assertRaisesRegex(RuntimeError, "has no document"):
            protocol.witness(self.env.cr, 0, **values)
        protocol.witness(self.env.cr, document.id, **values)
        self.env.invalidate_all()
        attempt = document.attempt_ids
        self.assertEqual(
            (attempt.company_id, attempt.claim), (self.company, document.claim_count)
        )

    def test_what_is_not_of_this_claim_is_not_recorded(self):
        document, due = self.due()
        number = self.claim(due)
        document.claim_count = number + 1
        self.env.flush_all()
        self.assertIsNone(
            protocol.record(
                self.env.cr,
                due,
                number,
                [("pdf", document._now())],
                now=document._now(),
                user=1,
                remote_id="1",
                number="1",
                gross=1,
                outstanding=0,
                payments=[],
                payment_state="paid",
                public_url="",
                warning="",
                remote_snapshot={},
                issue_date=None,
                vat_date=None,
                pdf=None,
                lead_time=1,
                **columns.BLANK,
            )
        )
        self.env.invalidate_all()
        self.assertEqual(document.state, "sending")
        self.assertFalse(document.task_ids)

    # === WHAT PYTHON SAYS, TOO === #

    def test_the_states_that_are_due_are_those_of_the_lane(self):
        words = {
            frozenset(re.findall(r"'(\w+)'", states))
            for statement in (
                *(protocol._NEXT_DUE, queue._NEXT_TIMES, queue._OTHERS_WAIT),
            )
            for states in re.findall(r"state IN \(([^)]*)\)", statement)
        }
        self.assertEqual(words, {frozenset(DUE[DOCUMENT]), frozenset(DUE[TASK])})

    def test_who_is_backing_off_may_not_call(self):
        document, due = self.due()
        self.assertTrue(due.may_call)
        now = document._now().replace(microsecond=0)
        longest = self.account._longest_backoff()
        second = timedelta(seconds=1)
        self.express.longest_backoff = longest
        for pause, may_call in (
            (-second, True),
            (0 * second, True),
            (second, False),
            (longest, False),
            (longest + second, True),  # a clock was set back: nobody believes it
        ):
            self.account.backoff_until = now + pause
            with (
                self.subTest(pause=pause),
                patch.object(type(document), "_now", lambda _document: now),
            ):
                self.assertEqual(self.express.next_due().may_call, may_call)
                self.assertEqual(self.account._is_backing_off(), not may_call)

    # === WHAT LEAVES THE SHORT WAY === #

    def test_what_is_not_plain_is_not_sent_the_short_way(self):
        document, _due = self.due()
        for values in (
            {"sale_snapshot_stale": True},
            {"request_body": "x"},
            {"problem": "x"},
            {"problem_reason": "rejected"},
            {"lookup_only_reason": "absent"},
            {"sent_at": document._now()},
            {"remote_id": "1"},
            {"kind": "proforma"},
            {"state": "checking"},
            {"next_values": {"sale_snapshot": {}}},
        ):
            with self.subTest(**values), self.env.cr.savepoint() as savepoint:
                document.write(values)
                self.assertFalse(self.express.next_due().is_plain)
                savepoint.rollback()
                self.env.invalidate_all()
        for name in ("create_date", "sold_at"):
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self.env.cr.execute(
                    f"UPDATE salon_invoice_document SET {name} = {name} - "
                    "interval '6 minutes' WHERE id = %s",
                    [document.id],
                )
                self.assertFalse(self.express.next_due().is_plain)
                savepoint.rollback()
        other = self.env.ref("base.main_company")
        self.assertNotEqual(other, self.company)
        for record, change in (
            (document, SQL("origin_id = id")),
            (document, SQL("replaces_id = id")),
            (document, SQL("sale_snapshot = NULL")),
            (document, SQL("send_count = 1")),
            (document.order_id, SQL("company_id = %s", other.id)),
            (self.account, SQL("state = 'paused'")),
            (self.account, SQL("state = 'disconnected'")),
            (self.account, SQL("consecutive_failures = 1")),
            (self.account, SQL("pause_reason = 'x'")),
            (self.account, SQL("backoff_until = now() - interval '1 hour'")),
        ):
            with self.subTest(change.code), self.env.cr.savepoint() as savepoint:
                table = SQL.identifier(record._table)
                self.env.cr.execute(
                    SQL("UPDATE %s SET %s WHERE id = %s", table, change, record.id)
                )
                due = self.express.next_due()
                self.assertEqual((due.id, due.is_plain), (document.id, False))
                savepoint.rollback()
        self.assertTrue(self.express.next_due().is_plain)

    def test_a_sale_of_which_something_came_back_is_not_plain(self):
        order = self.sell([(self.mens_cut, 1), (self.book, 1)])
        self.refund(order, {order.lines[0]: 1})
        _document, due = self.due_first(order)
        self.assertFalse(due.is_plain)

    def due_first(self, order):
        with self.account._open_provider() as provider:
            due = Express(
                Service(self.account, provider), timedelta(hours=8)
            ).next_due()
        self.assertEqual(due.order_id, order.id)
        return order.salon_document_id, due

    def during_the_call(self, happens):
        """Return a patch: ``happens`` between the claim of a sale and its answer."""
        try_ = Service._try

        def tried(service, document, operation, *rest):
            made = try_(service, document, operation, *rest)
            if operation == "issue":
                happens(service.account.env.cr, document.id)
            return made

        return patch.object(Service, "_try", tried)

    @contextmanager
    def recorded(self):
        """Yield what the statement of a record returns, each time, as a list."""
        answers, record = [], protocol.record

        def noted(*arguments, **values):
            answers.append(record(*arguments, **values))
            return answers[-1]

        with patch.object(protocol, "record", noted):
            yield answers

    def test_what_comes_back_during_the_call_is_woken_by_its_record(self):
        order = self.sell([(self.mens_cut, 1)])
        refunds, before = [], len(self.issued())

        def comes_back(_cursor, _document):
            # It has met the sale on its way, and waits for a later look.
            refund = self.refund(order)
            row = refund.salon_document_id
            row.write(
                {
                    "problem": "It waits",
                    "next_attempt": row._now() + timedelta(hours=1),
                }
            )
            self.env.flush_all()
            self.env.invalidate_all()
            refunds.append(refund)

        with self.during_the_call(comes_back), self.recorded() as recorded:
            self.run_lane()
        self.assertEqual(recorded, [True])
        (refund,) = refunds
        self.assertEqual(order.salon_document_id.state, "cancelled")
        self.assertEqual(refund.salon_document_id.state, "issued")
        self.assertEqual(len(self.issued()), before + 2)

    def test_a_row_that_was_claimed_anew_during_the_call_is_taken_up_as_it_was_written(
        self,
    ):
        document = self.sell([(self.mens_cut, 1)]).salon_document_id
        before = len(self.issued())

        def claimed_anew(cursor, id_):
            cursor.execute(
                "UPDATE salon_invoice_document SET claim_count = claim_count + 1 "
                "WHERE id = %s",
                [id_],
            )

        with self.during_the_call(claimed_anew), self.recorded() as recorded:
            self.run_lane()
        self.assertEqual(recorded, [None])
        self.assertEqual(document.state, "issued", document.problem)
        self.assertEqual(document.claim_count, 2)
        self.assertEqual(len(self.issued()), before + 1)
        attachments = self.env["ir.attachment"].search(
            [("res_model", "=", document._name), ("res_id", "=", document.id)]
        )
        self.assertEqual(attachments, document.pdf_id, "no second PDF is left")

    @mute_logger(EXPRESS_LOG)
    def test_an_answer_that_cannot_be_recorded_is_taken_up_as_it_was_written(self):
        document = self.sell([(self.mens_cut, 1)]).salon_document_id
        before = len(self.issued())

        def broken(*arguments, **values):
            raise RuntimeError("broken")

        with patch.object(express.protocol, "record", broken):
            self.run_lane()
        self.assertEqual(document.state, "issued")
        self.assertEqual(len(self.issued()), before + 1)
        self.assertEqual(document.attempt_ids.mapped("operation")[-1:], ["issue"])

    def test_the_answer_is_written_down_before_anything_is_done_with_it(self):
        order = []
        witness, record, commit = protocol.witness, protocol.record, Service.commit

        def noting(name, function):
            def noted(*arguments, **values):
                order.append(name)
                return function(*arguments, **values)

            return noted

        self.sell([(self.mens_cut, 1)])
        with (
            patch.object(protocol, "claim", noting("claim", protocol.claim)),
            patch.object(Service, "_try", noting("call", Service._try)),
            patch.object(protocol, "witness", noting("witness", witness)),
            patch.object(protocol, "record", noting("record", record)),
            patch.object(Service, "commit", noting("commit", commit)),
        ):
            self.run_lane()
        self.assertEqual(
            order[:7],
            ["claim", "commit", "call", "witness", "commit", "record", "commit"],
        )

    def test_a_document_of_a_full_lane_costs_few_statements(self):
        counts = []
        for number in (2, 6):
            documents = self.env["salon.invoice.document"]
            for _sale in range(number):
                documents |= self.sell([(self.mens_cut, 1)]).salon_document_id
            with (
                patch.object(Lane, "next", nothing),
                Counting() as counting,
            ):
                self.run_lane()
            self.assertEqual(set(documents.mapped("state")), {"issued"})
            self.work()
            counts.append(len(counting.statements))
        each = (counts[1] - counts[0]) / 4
        # The row of a PDF that comes along included.
        self.assertLessEqual(each, 9, counting.statements)


def nothing(lane, model, **_options):
    """Have no task done in this turn."""
    return lane.env[model]


@tagged("post_install", "-at_install")
class TestProtocolBillingo(ProtocolTests, ContentCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestProtocolSzamlazz(ProtocolTests, ContentCase):
    provider = "szamlazz"


@tagged("post_install", "-at_install")
class TestProtocolBillingoV2(ProtocolTests, ContentCase):
    provider = "billingo_v2"
