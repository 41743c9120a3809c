"""What is read and stored of many documents: no more than somebody needs."""

import threading
from datetime import timedelta

from odoo.tests import tagged

from .common import SalonCase

#: Columns that say what a document says, and may be long.
CONTENT = (
    "sale_snapshot",
    "invoice_values",
    "request_body",
    "remote_snapshot",
    "payments",
    "figures",
    "exchanges",
    "result",
)


class Reading:
    """The statements of a block that read one of some columns."""

    def __init__(self, columns=CONTENT):
        self.columns = columns

    def __enter__(self):
        self.statements = []
        threading.current_thread().query_hooks = [self.heard]
        return self

    def heard(self, _cursor, query, _params, _start, _delay):
        text = str(query)
        if any(f'"{name}"' in text for name in self.columns):
            self.statements.append(text)

    def __exit__(self, *error):
        del threading.current_thread().query_hooks


@tagged("post_install", "-at_install")
class TestReading(SalonCase):
    def setUp(self):
        super().setUp()
        self.orders = self.env["pos.order"]
        for _sale in range(3):
            self.orders |= self.sell([(self.haircut, 1)])
        self.work()
        self.orders |= self.sell([(self.haircut, 1)])
        self.documents = self.orders.salon_document_ids
        self.env.flush_all()
        self.env.invalidate_all()

    def fields_of(self, model, kind, view=None):
        """Return what the web client reads of the fields of a view."""
        view = self.env.ref(f"salon_invoice_bridge.{view}").id if view else False
        views = self.env[model].get_views([(view, kind)])["models"]
        return {name: {} for name in views[model]["fields"]}

    def assert_reads_no_content(self, read):
        with Reading() as reading:
            self.assertTrue(read())
        self.assertEqual(reading.statements, [])

    def test_what_counts_as_content_is_read_at_once(self):
        documents = self.documents.browse(self.documents.ids)
        with Reading() as reading:
            for document in documents:
                self.assertTrue(document.sale_snapshot)
                document.mapped("remote_snapshot")
                document.mapped("payments")
        self.assertEqual(len(reading.statements), 1, reading.statements)

    def test_the_orders_list_reads_no_content(self):
        orders = self.env["pos.order"].with_user(self.manager)
        names = [name for name in orders._fields if name.startswith("salon_invoice_")]
        names += ["salon_document_id", "salon_waits_for", "salon_skip_reason"]
        specification = {name: {} for name in names}
        self.assert_reads_no_content(
            lambda: orders.web_search_read([], specification, limit=80)["records"]
        )

    def test_the_documents_list_reads_no_content(self):
        documents = self.env["salon.invoice.document"].with_user(self.manager)
        for view in ("list", "list_attention", "kanban"):
            kind = view.partition("_")[0]
            specification = self.fields_of(
                documents._name, kind, f"salon_invoice_document_view_{view}"
            )
            self.env.invalidate_all()
            self.assert_reads_no_content(
                lambda given=specification: documents.web_search_read(
                    [], given, limit=80
                )["records"]
            )

    def test_a_list_of_calls_reads_no_content(self):
        calls = self.documents.with_user(self.manager).attempt_ids
        self.assert_reads_no_content(lambda: calls.mapped("outcome"))

    def test_tills_read_no_content(self):
        orders = self.orders.with_user(self.receptionist)
        self.assert_reads_no_content(orders.salon_till_status)


#: Every index of the addon's own tables, and who needs it.
INDEXES = {
    "salon_invoice_document": {
        "_pkey": "references",
        "_one_per_kind": "one document a sale; a sale's documents",
        "_external_key_unique": "one key; the search by it",
        "_id_company": "the foreign key of originals",
        "_of_company": "a company's list",
        "_of_account": "whether an account is used; readiness; the daily look",
        "_receipts": "daily totals; readiness: whether there are receipts",
        "_due": "the lane: what is due, and when",
        "_open": "the lane: who lost its worker; lists; readiness",
        "_by_time": "lists and sums of a month",
        "_by_sale": "the overview: the sales of some days",
        "_issued_on_day": "VAT and tenders, by their other date: that of issue",
        "_of_month": "VAT and tenders of a month",
        "_without_shop": "what an older version has left to fill in",
        "_without_figures": "figures that are tried once more",
        "_no_invoice": "lists: skipped, unfinished; sales that are not invoiced",
        "_nameable": "retention: drafts that came to nothing",
        "_on_account": "readiness: sales on customers' accounts",
        "_owed": "the sweep: what was paid in Odoo since; the list of what is owed",
        "_one_storno": "one storno of a document",
        "_one_remainder": "one remainder of a storno",
        "_number_beginning": "a number, or its beginning",
        "_receipt_beginning": "a receipt's number, without trigrams",
        "__number_index": "a part of a number",
        "__pos_reference_index": "a part of a receipt's number",
        "__origin_id_index": "follow-ups",
        "__replaces_id_index": "the foreign key",
        "__next_buyer_id_index": "the foreign key: a contact that is deleted",
        "__pdf_id_index": "the foreign key: an attachment that is deleted",
        "__batch_line_id_index": "the foreign key: results that are deleted",
    },
    "salon_invoice_batch": {"_pkey": "the list; references"},
    "salon_invoice_batch_line": {
        "_pkey": "references",
        "_one_each": "a document is among many once; a batch's rows",
        "_open": "the job: what is left",
        "__order_id_index": "the foreign key: a sale that is deleted",
        "__document_id_index": "the foreign key",
        "__task_id_index": "a task's rows",
    },
    "salon_invoice_attempt": {
        "_pkey": "the oldest ones, which are dropped",
        "__document_id_index": "a document's calls",
        "_with_bodies": "retention: the oldest bodies that are still there",
    },
    "salon_invoice_task": {
        "_pkey": "references",
        "__document_id_index": "a document's tasks",
        "_one_open": "one open task of a kind",
        "_one_question": "one question of a kind; a record's",
        "_addressed": "retention: addresses that are still there",
        "_due": "the lane: what is due, and when",
    },
    "salon_invoice_partner": {
        "_pkey": "references",
        "_one_per_customer": "one row a customer; the customer's",
        "_one_walk_in": "one row of the walk-in buyer",
        "_by_remote_id": "whose an id at the service is; an account's rows",
        "__partner_id_index": "the foreign key: a contact that is deleted",
    },
    "salon_invoice_month": {
        "_pkey": "its parts; its findings",
        "_one_each": "one file a month; a company's",
        "_under_way": "the job: what is being prepared",
    },
    "salon_invoice_month_part": {
        "_pkey": "references",
        "_one_each": "a part is written once; the parts of a month",
        "__attachment_id_index": "the foreign key: an attachment that is deleted",
    },
    "salon_invoice_month_finding": {
        "_pkey": "references",
        "__month_id_index": "the findings of a month",
        "__document_id_index": "the foreign key of documents",
        "__order_id_index": "the foreign key of sales",
    },
    "salon_invoice_month_export": {
        "_pkey": "references",
        "__month_id_index": "the files of a month",
        "__account_id_index": "the foreign key of accounts",
        "__attachment_id_index": "the foreign key: an attachment that is deleted",
    },
    "salon_invoice_question": {
        "_pkey": "its chatter",
        "_once": "a question is asked once; a company's",
    },
    "salon_invoice_request": {
        "_pkey": "references",
        "_one_each": "one request a sale; a sale's",
        "_recent": "the limit of requests",
        "__state_index": "the list of new ones",
    },
    "salon_invoice_account": {"_pkey": "", "_id_company": "documents' foreign key"},
    "salon_invoice_bucket": {"_pkey": "references", "_one_each": "one for a purpose"},
    "salon_invoice_choice": {"_pkey": "references", "_one_each": "an account's list"},
    "salon_invoice_credential": {"_pkey": "", "_one_for_an_account": "its key"},
    "salon_invoice_lookup": {"_pkey": "references", "_by_number": "a known answer"},
    "salon_invoice_debt": {
        "_pkey": "",
        "_one_each": "a payment is noted once; the foreign key of payments",
        "__order_id_index": "what is still to come of a sale",
        "__move_line_id_index": "the foreign key: an entry that is deleted",
    },
    "salon_invoice_reconciliation": {
        "_pkey": "its chatter",
        "_one_each": "days of an account are compared once; an account's",
        "_todo": "the job: what is to be compared",
    },
    "salon_invoice_difference": {
        "_pkey": "references",
        "_one_each": "what is known already; a reconciliation's",
        "_of_account": "the same in another reconciliation",
        "__order_id_index": "the foreign key: an order that is deleted",
        "__document_id_index": "a document's differences",
    },
    "salon_invoice_sum": {
        "_pkey": "",
        "__reconciliation_id_index": "a reconciliation's",
    },
    "salon_invoice_answer": {
        "_pkey": "",
        "_one_list": "a day is listed once; what is known already",
        "_one_look_up": "a number is looked up once; what is known already",
    },
    "salon_invoice_exemption": {"_pkey": "its chatter; its products"},
    "salon_invoice_exemption_line": {
        "_pkey": "references",
        "__exemption_id_index": "the products of a change",
    },
}
#: Indexes that a database has only with PostgreSQL's trigrams, or without.
WITH_TRIGRAMS = {"__number_index", "__pos_reference_index"}
WITHOUT_TRIGRAMS = {"_receipt_beginning"}


@tagged("post_install", "-at_install")
class TestStored(SalonCase):
    def test_every_index_has_its_use(self):
        missing = WITHOUT_TRIGRAMS if self.registry.has_trigram else WITH_TRIGRAMS
        for table, uses in INDEXES.items():
            self.env.cr.execute(
                "SELECT indexrelid::regclass::text FROM pg_index "
                "WHERE indrelid = %s::regclass",
                [table],
            )
            found = {name.strip('"') for (name,) in self.env.cr.fetchall()}
            self.assertEqual(
                found, {f"{table}{name}" for name in uses if name not in missing}
            )

    def test_what_is_not_listed_here_has_no_table(self):
        tables = {
            model._table
            for name, model in self.registry.items()
            if name.startswith("salon.invoice.")
            and model._auto
            and not model._abstract
            and not model._transient
        }
        self.assertEqual(tables, set(INDEXES))

    def test_rows_are_kept_short_and_pages_have_room(self):
        self.env.cr.execute(
            "SELECT reloptions FROM pg_class WHERE relname = 'salon_invoice_document'"
        )
        (options,) = self.env.cr.fetchone()
        self.assertEqual(set(options), {"toast_tuple_target=512", "fillfactor=85"})

    def test_a_document_that_waits_for_another_sale_is_not_woken(self):
        first, second = (
            self.sell([(self.haircut, 1)]).salon_document_id for _sale in range(2)
        )
        later = first._now() + timedelta(hours=1)
        second.write({"next_attempt": later, "problem": "It waits."})
        self.run_lane()
        self.assertEqual((first.state, second.state), ("issued", "waiting"))
        with Reading(("problem",)) as reading:
            first._wake_waiting()
        self.assertEqual(second.next_attempt, later)
        (asked,) = [text for text in reading.statements if '"next_attempt"' in text]
        self.assertIn('"order_id" IN', asked)

    def test_the_request_of_an_issued_document_is_stored_once(self):
        document = self.sell([(self.haircut, 1)]).salon_document_id
        self.work()
        self.assertEqual(document.state, "issued", document.problem)
        request = self.bodies[document.id]
        self.assertFalse(document.request_body)
        whole = self.texts("salon_invoice_document", f"id = {document.id}")
        whole += self.texts("salon_invoice_attempt", f"document_id = {document.id}")
        self.assertEqual(sum(text.count(request) for text in whole), 1)
        with self.account._open_provider() as provider:
            self.assertEqual(provider.render(document._invoice()).decode(), request)

    def test_the_request_is_kept_while_its_outcome_is_not_known(self):
        document = self.sell([(self.haircut, 1)]).salon_document_id
        self.fault("status_before", path="/documents$", status=502, body="")
        self.run_lane()
        self.assertEqual(document.state, "checking")
        self.assertEqual(document.request_body, self.bodies[document.id])

    def test_an_answer_is_kept_apart_where_a_lost_worker_needs_it(self):
        document = self.sell(
            [(self.haircut, 1)], [(self.cash, 900), (self.card, 8000)]
        ).salon_document_id
        self.work()
        calls = document.attempt_ids
        self.assertIn("register_payments", calls.mapped("operation"))
        kept = calls.filtered("result")
        self.assertEqual(kept.mapped("operation"), ["issue"])

    def texts(self, table, where):
        """Return the texts of the columns of rows."""
        self.env.flush_all()
        self.env.cr.execute(f"SELECT * FROM {table} WHERE {where}")
        return [str(value) for row in self.env.cr.fetchall() for value in row]
