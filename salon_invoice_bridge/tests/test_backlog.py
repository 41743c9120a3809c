"""After an outage: whose customer waits goes first, the others in their order."""

from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ..billing import rate
from ..worker import protocol
from ..worker.lane import Lane
from .common import SalonCase

TABLE = "salon_invoice_document"
#: Enough for the planner to prefer an index to reading all.
ROWS = 5_000


@tagged("post_install", "-at_install")
class TestBacklog(SalonCase):
    document_name = "salon.invoice.document"

    def setUp(self):
        super().setUp()
        self.sell([(self.haircut, 1)])  # the service knows walk-in customers from now
        self.work()
        self.before = len(self.issued())

    def backlog(self, number, minutes=10):
        """Return documents that have waited for so long, the oldest first."""
        documents = self.env[self.document_name]
        for _sale in range(number):
            documents |= self.sell([(self.mens_cut, 1)]).salon_document_id
        self.age(documents, minutes)
        return documents

    def age(self, documents, minutes):
        """Make documents so much older, each by a second less than the one before."""
        self.env.flush_all()
        for place, document in enumerate(documents):
            age = timedelta(minutes=minutes, seconds=-place)
            self.env.cr.execute(
                "UPDATE salon_invoice_document SET create_date = create_date - %(age)s,"
                " next_attempt = next_attempt - %(age)s, sold_at = sold_at - %(age)s "
                "WHERE id = %(id)s",
                {"age": age, "id": document.id},
            )
        self.env.invalidate_all()

    def order(self):
        """Return the documents that were issued in this test, as they were."""
        keys = [d["external_key"] for d in self.issued()[self.before :]]
        rows = self.env[self.document_name].search([("external_key", "in", keys)])
        return sorted(rows.ids, key=lambda i: keys.index(rows.browse(i).external_key))

    # === WHOSE TURN IT IS === #

    def test_who_waits_goes_first_and_the_backlog_follows_in_its_order(self):
        backlog = self.backlog(3)
        fresh = [self.sell([(self.book, 1)]).salon_document_id for _sale in range(2)]
        self.run_lane()
        self.assertEqual(self.order(), [*(row.id for row in fresh), *backlog.ids])

    def test_a_sale_during_the_turn_comes_next(self):
        backlog = self.backlog(3)
        sold, send = [], Lane._send

        def sell_after_the_first(lane, due):
            send(lane, due)
            if not sold:
                self.env.invalidate_all()
                sold.append(self.sell([(self.book, 1)]).salon_document_id.id)

        with patch.object(Lane, "_send", sell_after_the_first):
            self.run_lane()
        self.assertEqual(self.order(), [backlog.ids[0], *sold, *backlog.ids[1:]])

    def test_after_two_minutes_a_sale_is_one_of_the_backlog(self):
        backlog = self.backlog(2)
        late = self.sell([(self.book, 1)]).salon_document_id
        self.age(late, 2)
        self.run_lane()
        self.assertEqual(self.order(), [*backlog.ids, late.id])

    def test_a_retry_does_not_make_a_sale_one_that_somebody_waits_for(self):
        backlog = self.backlog(3)
        backlog[0].next_attempt = backlog[0]._now()
        self.run_lane()
        self.assertEqual(self.order(), [*backlog.ids[1:], backlog.ids[0]])

    def test_a_refund_whose_sale_is_in_the_backlog_leaves_nothing_to_send(self):
        backlog = self.backlog(2)
        sale = backlog[1].order_id
        refund = self.refund(sale, {sale.lines: 1}).salon_document_id
        self.run_lane()
        self.assertEqual(self.order(), backlog.ids[:1])
        self.assertEqual(backlog[1].skip_reason, "refunded")
        self.assertEqual(refund.skip_reason, "refunded")

    # === WHAT IT COSTS === #

    def test_the_choice_is_two_look_ups_in_an_index_however_much_waits(self):
        document = self.backlog(1)
        columns = [
            name
            for name, field in document._fields.items()
            if field.store and field.column_type
        ]
        own = {
            "id": SQL("nextval('salon_invoice_document_id_seq')"),
            "external_key": SQL("'KEY-' || n"),
            "generation": SQL("1000 + n"),
            "next_attempt": SQL("next_attempt + n * interval '1 ms'"),
        }
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s, generate_series(1, %s) n "
                "WHERE %s = %s",
                SQL.identifier(TABLE),
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(
                    own.get(name) or SQL.identifier(TABLE, name) for name in columns
                ),
                SQL.identifier(TABLE),
                ROWS,
                SQL.identifier(TABLE, "id"),
                document.id,
            )
        )
        self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(TABLE)))
        execute, asked = type(self.env.cr).execute, []

        def record(cursor, *arguments, **options):
            execute(cursor, *arguments, **options)
            asked.append(cursor.query.decode())

        with patch.object(type(self.env.cr), "execute", record):
            due = protocol.next_due(
                self.env.cr,
                self.account.id,
                document._now(),
                working=("connected",),
                fresh=timedelta(minutes=5),
                longest_backoff=timedelta(hours=1),
            )
        self.assertEqual((due.id, due.is_waited_for), (document.id, False))
        (query,) = asked
        self.env.cr.execute(
            SQL("EXPLAIN (ANALYZE, COSTS OFF) %s", SQL(query.replace("%", "%%")))
        )
        plan = "\n".join(row for (row,) in self.env.cr.fetchall())
        self.assertNotIn(f"Seq Scan on {TABLE}", plan)
        self.assertNotIn("Rows Removed by Filter", plan)
        self.assertRegex(plan.replace("__", "_"), f"{TABLE}_(due|open)")
        self.assertEqual(plan.count("Sort Key"), 1, plan)  # of the two that were found
        self.assertNotRegex(plan, r"rows=[1-9]\d{2}", "nothing reads the backlog")

    # === AN OUTAGE === #

    def let_pause_pass(self):
        """Let the account's back-off pass, and with it those of its documents."""
        account = self.account
        left = account.backoff_until - self.env[self.document_name]._now()
        account.backoff_until -= left
        waiting = account.document_ids.filtered(lambda d: d.state == "waiting")
        for document in waiting:
            document.next_attempt -= left

    def paths(self, since):
        return [call["operation"] for call in self.calls()[since:]]

    def test_an_outage_is_over_when_a_read_says_so_and_moves_no_document(self):
        self.account._credential().base_url = "http://127.0.0.1:1"
        backlog = self.backlog(4)
        self.run_lane()
        moved = backlog.filtered("failure_count")
        self.assertEqual(moved, backlog[0])
        for _probe in range(3):
            self.let_pause_pass()
            self.run_lane()
        self.assertEqual(self.account.consecutive_failures, 4)
        self.assertEqual(backlog.filtered("failure_count"), moved)

    def test_a_sale_that_somebody_waits_for_ends_our_own_pause(self):
        self.fault("status_before", status=503, path="GET /organization", times=1)
        self.account._back_off(900, 900)
        backlog = self.backlog(1)
        self.run_lane()
        self.assertEqual(backlog.state, "waiting")
        self.assertFalse(self.issued()[self.before :])
        fresh = self.sell([(self.book, 1)]).salon_document_id
        self.run_lane()  # it is still down
        self.assertEqual(self.account.consecutive_failures, 2)
        self.assertFalse(fresh.failure_count)
        self.run_lane()
        self.assertEqual(self.order(), [fresh.id, backlog.id])
        self.assertFalse(self.account.backoff_until)
        self.assertFalse(self.account.consecutive_failures)

    def test_no_sale_ends_a_pause_that_the_service_asked_for(self):
        self.fault("rate_limit", retry_after=300, path="POST /documents$")
        self.sell([(self.book, 1)])
        self.run_lane()
        self.assertTrue(self.account.backoff_asked)
        calls = len(self.calls())
        self.sell([(self.book, 1)])
        self.run_lane()
        self.assertEqual(len(self.calls()), calls)

    def test_no_sale_ends_the_pause_of_a_key_that_was_refused(self):
        self.fault("status_before", status=401)
        self.sell([(self.book, 1)])
        self.run_lane()
        self.assertEqual(self.account.state, "paused")
        calls = len(self.calls())
        self.sell([(self.book, 1)])
        self.run_lane()
        self.assertEqual(len(self.calls()), calls)

    # === A LIMIT === #

    def level(self):
        return self.env["salon.invoice.bucket"]._level(self.account, "lane")

    def test_a_429_leaves_half_of_the_rate_to_others_for_a_minute(self):
        self.assertIsNone(self.level().slow_until)
        self.fault("rate_limit", path="POST /documents$")
        document = self.sell([(self.book, 1)]).salon_document_id
        self.run_lane()
        self.assertEqual(document.state, "waiting")
        level = self.level()
        self.assertEqual((level.slow_until - level.at).total_seconds(), 60)
        self.assertLessEqual(level.tokens, 0)
        self.let_pause_pass()
        calls = len(self.calls())
        self.run_lane()
        self.assertEqual(document.state, "issued")
        self.assertEqual(self.paths(calls)[0], "POST /documents", "no probe is spent")
        self.assertEqual(self.level().slow_until, level.slow_until)

    def test_the_limit_of_one_operation_slows_down_nothing_else(self):
        document = self.sell([(self.book, 1)]).salon_document_id
        self.run_lane()
        document._request_task("pdf")
        self.fault("status_before", status=202, path="/download")
        self.run_lane()
        self.assertIsNone(self.level().slow_until)

    def test_the_database_fills_a_bucket_as_it_is_decided(self):
        bucket, account = self.env["salon.invoice.bucket"], self.account
        flow, now = account._limit().flow("lane"), self.env[self.document_name]._now()
        for tokens, passed, slow in (
            (-5, 0.5, None),
            (-5, 1.5, 60),
            (-20, 6, 2),
            (-20, 6, -3),
            (3, 600, 20),
            (-9, -4, 30),
        ):
            with self.subTest(tokens=tokens, passed=passed, slow=slow):
                bucket.search([]).unlink()
                at = now - timedelta(seconds=passed)
                until = slow and at + timedelta(seconds=slow)
                bucket.create(
                    {
                        "account_id": account.id,
                        "purpose": "lane",
                        "tokens": tokens,
                        "refilled_at": at,
                        "slow_until": until,
                    }
                )
                self.env.flush_all()
                level = rate.Level(tokens, at, until)
                with patch.object(
                    type(self.env[self.document_name]), "_now", lambda _self: now
                ):
                    bucket._draw(account, "lane", 3)
                expected = rate.tokens_at(flow, level, now) - 3
                self.assertAlmostEqual(self.level().tokens, expected, 3)

    def test_an_administrator_may_tune_the_limit(self):
        parameters = self.env["ir.config_parameter"].sudo()
        self.assertEqual(self.account._limit(), rate.Limit(300))
        name = "salon_invoice_bridge.calls_per_minute.billingo"
        parameters.set_param(name, "600")
        self.assertEqual(self.account._limit(), rate.Limit(600))
        parameters.set_param(name, "0")
        self.assertIsNone(self.account._limit())

    def test_a_turn_that_ends_at_the_limit_goes_on_at_once(self):
        """Odoo notices what is planned up to a minute late."""
        self.backlog(3)
        flow, naps = self.account._limit().flow("lane"), []
        self.env["salon.invoice.bucket"]._draw(self.account, "lane", flow.size + 20)
        clock = [0.0]

        def nap(lane, seconds):
            naps.append(seconds)
            clock[0] += seconds
            self._pass_nap(lane.account, seconds)

        def send(lane, due, send=Lane._send):
            send(lane, due)
            drawn = flow.rate * 6  # six seconds' worth: the next would be too late
            self.env["salon.invoice.bucket"]._draw(self.account, "lane", drawn)

        with (
            patch.object(Lane, "nap", nap),
            patch.object(Lane, "_send", send),
            patch("odoo.addons.salon_invoice_bridge.worker.lane.time") as time,
        ):
            time.monotonic.side_effect = lambda: clock[0]
            with self.enter_registry_test_mode():
                self.account.cron_id.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(len(self.issued()) - self.before, 1)
        self.assertTrue(self._due_triggers(self.account.cron_id))


@tagged("post_install", "-at_install")
class TestLimitOfDocuments(SalonCase):
    """Számlázz.hu counts documents, and what is asked costs nothing."""

    provider = "szamlazz"

    def test_only_what_creates_a_document_is_drawn(self):
        flow = self.account._limit().flow("lane")
        document = self.sell([(self.haircut, 1)]).salon_document_id
        self.work()
        bucket = self.env["salon.invoice.bucket"]
        level = bucket._level(self.account, "lane")
        self.assertGreater(level.tokens, flow.size - 1.1)
        document._request_task("look")
        self.work()
        self.assertGreaterEqual(
            bucket._level(self.account, "lane").tokens, level.tokens
        )

    def test_a_task_does_not_wait_for_the_limit_of_documents(self):
        document = self.sell([(self.haircut, 1)]).salon_document_id
        self.work()
        self.env["salon.invoice.bucket"]._draw(self.account, "lane", 100)
        document._request_task("look")
        with patch.object(Lane, "nap") as nap:
            self.run_lane()
        look = document.task_ids.filtered(lambda task: task.kind == "look")
        self.assertEqual(look.state, "done")
        nap.assert_not_called()

    def test_people_may_ask_as_they_like(self):
        bucket = self.env["salon.invoice.bucket"]
        bucket._draw(self.account, "people", 10_000)
        self.assertEqual(bucket._seconds_until(self.account, "people", 1), 0)
