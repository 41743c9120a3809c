"""What is read and stored of many documents: no more than somebody needs."""

import threading

from odoo.tests import tagged

from .common import SalonCase

#: Columns that say what a document says, and may be long.
CONTENT = (
    "sale_snapshot",
    "invoice_values",
    "request_body",
    "remote_snapshot",
    "payments",
    "exchanges",
    "result",
)


class Reading:
    """The statements of a block that read a column of :data:`CONTENT`."""

    def __enter__(self):
        self.statements = []
        threading.current_thread().query_hooks = [self.heard]
        return self

    def heard(self, _cursor, query, _params, _start, _delay):
        text = str(query)
        if any(f'"{name}"' in text for name in CONTENT):
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
