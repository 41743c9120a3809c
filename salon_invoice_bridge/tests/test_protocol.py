"""Exactly once by three statements: what each holds, and that both ways agree."""

import threading
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..worker import express, protocol
from ..worker.express import Express
from ..worker.lane import Lane
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

    def compare_ways(self, **values):
        """Compare all that comes of one sale the short way and the ordinary one."""
        self.send(plain=False, **values)
        self.work()  # the buyer is known from now
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
            for name in ("invoice_values", "request_body", "remote_snapshot", "result"):
                if name in row:  # keys, numbers: compared by the sales' own tests
                    row[name] = bool(row[name])
            row.pop("sale_snapshot", None)
        return rows

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
                pdf=None,
                lead_time=1,
            )
        )
        self.env.invalidate_all()
        self.assertEqual(document.state, "sending")
        self.assertFalse(document.task_ids)

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
