"""Look-ups that many documents must not slow down: PostgreSQL's own plans."""

import re
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from .common import SalonCase

#: Enough for the planner to prefer an index to reading all.
ROWS = 5_000
TABLE = "salon_invoice_document"


class IndexCase(SalonCase):
    """A salon with :data:`ROWS` documents."""

    def setUp(self):
        super().setUp()
        order = self.sell([(self.haircut, 1)])
        document = order.salon_document_id
        document._transition("skipped", skip_reason="manual")
        self.env.flush_all()
        own = {
            "id": SQL("nextval('salon_invoice_document_id_seq')"),
            "external_key": SQL("'KEY-' || n"),
            "generation": SQL("1000 + n"),
            "state": SQL("'issued'"),
            "skip_reason": SQL("NULL"),
            "number": SQL("'SZ / 2026-' || lpad(n::text, 6, '0')"),
            "issued_at": SQL("now() - n * interval '1 minute'"),
            "pos_reference": SQL("'2611-' || lpad(n::text, 6, '0')"),
        }
        columns = [
            name
            for name, field in document._fields.items()
            if field.store and field.column_type
        ]
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
        self.env.invalidate_all()
        self.documents = self.env["salon.invoice.document"]

    def plan(self, query):
        """Return PostgreSQL's plan of a query, as text."""
        self.env.cr.execute(SQL("EXPLAIN (COSTS OFF) %s", query))
        return "\n".join(row for (row,) in self.env.cr.fetchall())

    def plans_of(self, act, of=rf'FROM "?{TABLE}\b'):
        """Return the plans of all that ``act`` asks of the documents' table.

        :param str of: a pattern of what is in these statements
        """
        asked, execute = [], type(self.env.cr).execute

        def record(cursor, *args, **kwargs):
            result = execute(cursor, *args, **kwargs)
            asked.append(cursor.query.decode())
            return result

        with patch.object(type(self.env.cr), "execute", record):
            act()
        plans = [
            self.plan(SQL(text.replace("%", "%%")))
            for text in asked
            if text.lstrip().startswith("SELECT") and re.search(of, text)
        ]
        self.assertTrue(plans)
        return "\n".join(plans)

    def plans_of_check(self, name):
        """Return the plans of a check of readiness, see :meth:`plans_of`."""
        check = getattr(self.env["salon.invoice.readiness"], name)
        return self.plans_of(lambda: check(self.account))

    def assert_uses(self, index, plan):
        self.assertIn(f"{TABLE}_{index}", plan.replace("__", "_"))
        self.assertNotIn(f"Seq Scan on {TABLE}", plan)


@tagged("post_install", "-at_install")
class TestIndexes(IndexCase):
    def test_the_last_invoice_is_found_by_an_index(self):
        self.assert_uses("of_account", self.plans_of_check("_check_last_success"))

    def test_what_waits_is_found_by_an_index(self):
        self.assert_uses("open", self.plans_of_check("_check_waiting"))

    def test_what_needs_attention_is_counted_by_an_index(self):
        self.assert_uses("open", self.plans_of_check("_check_attention"))

    def test_what_is_on_customers_accounts_is_found_by_an_index(self):
        plans = self.plans_of_check("_check_customer_account")
        self.assert_uses("on_account", plans)

    def test_a_settled_document_finds_who_waits_for_it_by_an_index(self):
        document = self.documents.search([], limit=1)
        self.assertNotIn(f"Seq Scan on {TABLE}", self.plans_of(document._on_settled))

    def test_a_part_of_a_number_is_found_by_trigrams(self):
        if not self.registry.has_trigram:
            self.skipTest("this PostgreSQL has no pg_trgm")
        # What was written just now stands in a list beside the index, which costs.
        index = f"{TABLE}__number_index"
        self.env.cr.execute("SELECT gin_clean_pending_list(%s)", [index])
        query = self.documents.sudo()._search([("number", "ilike", "004999")])
        self.assert_uses("number_index", self.plan(query.select()))
        self.assertEqual(len(self.documents.search([("number", "ilike", "4999")])), 1)
        self.assertNotIn("search", [check["code"] for check in self.account.checks])

    def test_a_prefix_that_numbers_have_is_found_by_an_index(self):
        readiness = self.env["salon.invoice.readiness"]
        self.assertFalse(readiness._has_numbered(self.account, "XY"))
        plans = self.plans_of(lambda: readiness._has_numbered(self.account, "XY"))
        self.assert_uses("number_beginning", plans)

    def test_a_number_is_found_by_an_index(self):
        query = self.documents.sudo()._search([("number", "=", "SZ / 2026-000007")])
        self.assertNotIn(f"Seq Scan on {TABLE}", self.plan(query.select()))

    def test_deleting_any_attachment_does_not_read_all_documents(self):
        """What PostgreSQL asks for the foreign key, as it is declared."""
        plan = self.plan(
            SQL(
                "UPDATE ONLY salon_invoice_document SET pdf_id = NULL "
                "WHERE pdf_id = %s",
                self.env["ir.attachment"].search([], limit=1).id,
            )
        )
        self.assert_uses("pdf_id_index", plan)


@tagged("post_install", "-at_install")
class TestIndexesWithoutTrigrams(IndexCase):
    """As where PostgreSQL has no ``pg_trgm``, whether it has it here or not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.classPatch(cls.registry, "has_trigram", False)
        documents = cls.env["salon.invoice.document"]
        for name, field in documents._fields.items():
            if field.index == "trigram":
                index = SQL.identifier(f"{TABLE}__{name}_index")
                cls.env.cr.execute(SQL("DROP INDEX IF EXISTS %s", index))
        # While there are no rows: PostgreSQL does not use an index for a transaction
        # that has changed some before it was made.
        index = documents._receipt_beginning
        name = SQL.identifier(index.full_name(documents))
        made = index.get_definition(cls.registry).removeprefix("INDEX ")
        cls.env.cr.execute(SQL("DROP INDEX IF EXISTS %s", name))
        cls.env.cr.execute(
            SQL("CREATE INDEX %s ON %s %s", name, SQL.identifier(TABLE), SQL(made))
        )

    def test_without_trigrams_a_number_is_found_by_its_beginning(self):
        for text in ("SZ / 2026-00499", "sz / 2026-00499"):
            domain = [("number", "ilike", text)]
            self.assertEqual(len(self.documents.search(domain)), 10)
            plan = self.plan(self.documents.sudo()._search(domain).select())
            self.assert_uses("number_beginning", plan)
        found = self.documents.name_search("SZ / 2026-004999")
        self.assertEqual([name for _id, name in found], ["SZ / 2026-004999"])
        for text in ("004999", "SZ _ 2026", "SZ % 2026"):
            self.assertFalse(self.documents.search([("number", "ilike", text)]))
        self.account.invalidate_recordset(["checks"])
        checks = {check["code"]: check["level"] for check in self.account.checks}
        self.assertEqual(checks["search"], "info")

    def test_without_trigrams_a_receipt_is_found_by_its_beginning(self):
        domain = ["|", ("number", "ilike", "2611-00499")]
        domain.append(("pos_reference", "ilike", "2611-00499"))
        self.assertEqual(len(self.documents.search(domain)), 10)
        plan = self.plan(self.documents.sudo()._search(domain).select())
        self.assert_uses("receipt_beginning", plan)
        self.assert_uses("number_beginning", plan)
