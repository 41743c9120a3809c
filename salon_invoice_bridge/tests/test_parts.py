"""Sums of many documents: VAT by rate, and by what was paid."""

from decimal import Decimal

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..billing.figures import in_forints
from ..models.salon_invoice_part import PLACES
from .content_case import ContentCase
from .test_indexes import IndexCase

VAT, TENDER = "salon.invoice.vat", "salon.invoice.tender"


class PartsCase(ContentCase):
    def sums(self, model, by, *measures, domain=()):
        """Return ``{value: (sum, ...)}`` of the documents of this company."""
        own = [("company_id", "=", self.company.id), *domain]
        names = [f"{name}:sum" for name in measures]
        groups = self.env[model]._read_group(own, [by], names)
        return {value: tuple(sums) for value, *sums in groups}


@tagged("post_install", "-at_install")
class TestParts(PartsCase):
    def setUp(self):
        super().setUp()
        split = [(self.cash, 2000), (self.card, 6490)]
        self.order = self.sell([(self.mens_cut, 1), (self.book, 1)], payments=split)
        self.sell([(self.haircut, 1)])
        self.work()
        self.document = self.order.salon_document_id
        self.assertEqual(self.document.state, "issued", self.document.problem)

    def test_vat_is_summed_by_rate(self):
        sums = self.sums(VAT, "vat", "amount_net", "amount_tax", "amount_gross")
        expected = {}
        for document in self.env["salon.invoice.document"].search(
            [("company_id", "=", self.company.id)]
        ):
            for row in document._figures().rates:
                label = f"{row.vat}%" if row.vat.isdigit() else row.vat
                so_far = expected.get(label, (0, 0, 0))
                more = (float(row.net), float(row.tax), float(row.gross))
                expected[label] = tuple(map(sum, zip(so_far, more, strict=True)))
        self.assertGreater(len(expected), 1)
        self.assertEqual(sums, expected)

    def test_tenders_are_summed(self):
        sums = self.sums(TENDER, "tender", "amount", "forint_amount")
        self.assertEqual(sums["cash"][0], 2000 + self.haircut.list_price)
        self.assertEqual(sums["card"], (6490, 6490))

    def test_an_invoice_and_its_storno_make_nothing(self):
        before = (
            self.sums(VAT, "vat", "amount_gross"),
            self.sums(TENDER, "tender", "amount"),
        )
        second = self.sell([(self.mens_cut, 1), (self.book, 2)])
        self.work()
        second.salon_document_id._request_storno("A mistake")
        self.work()
        self.assertEqual(second.salon_document_id.state, "cancelled")
        after = (
            self.sums(VAT, "vat", "amount_gross"),
            self.sums(TENDER, "tender", "amount"),
        )
        self.assertEqual(after, before)

    def test_what_is_owed_is_a_row(self):
        figures = dict(self.document.figures, tenders={"card": "6000"}, owed="2490")
        self.document.figures = figures
        own = [("document_id", "=", self.document.id)]
        sums = self.sums(TENDER, "tender", "amount", domain=own)
        self.assertEqual(sums, {"card": (6000,), "owed": (2490,)})

    def test_drafts_are_no_vat(self):
        before = self.sums(VAT, "vat", "amount_gross")
        self.document.write({"state": "converted"})
        left = self.sums(VAT, "vat", "amount_gross")
        self.assertNotEqual(left, before)

    def test_a_row_leads_to_its_document(self):
        row = self.env[VAT].search([("document_id", "=", self.document.id)], limit=1)
        self.assertEqual(row.id // PLACES, self.document.id)
        action = row.with_user(self.manager).action_open_document()
        self.assertEqual(
            (action["res_model"], action["res_id"]),
            (self.document._name, self.document.id),
        )

    def test_who_reads_sums(self):
        reader = new_test_user(
            self.env,
            login="reader",
            groups="account.group_account_readonly",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        for model in (VAT, TENDER):
            for user in (reader, self.manager, self.accountant):
                rows = self.env[model].with_user(user)
                self.assertTrue(rows.search([]), (model, user.login))
                for by in ("shop_id", "account_id", "vat_date:month", "currency_id"):
                    measures = ["amount:sum" if model == TENDER else "amount_tax:sum"]
                    groups = rows.formatted_read_group([], [by], measures)
                    self.assertTrue(groups[0][by], by)
                names = [name for name in rows._fields if name != "display_name"]
                self.assertTrue(
                    rows.web_search_read([], {name: {} for name in names})["records"]
                )
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.receptionist).search([])

    def test_another_companys_sums_are_not_read(self):
        other = self.env["res.company"].create({"name": "Másik Kft."})
        stranger = new_test_user(
            self.env,
            login="stranger",
            groups="account.group_account_invoice",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in (VAT, TENDER):
            row = self.env[model].search(
                [("document_id", "=", self.document.id)], limit=1
            )
            theirs = row.with_context(allowed_company_ids=other.ids)
            theirs = theirs.with_user(stranger)
            self.assertFalse(theirs.search([]))
            with self.assertRaises(AccessError):
                theirs.action_open_document()
            with self.assertRaises(AccessError):
                theirs.read(["number"])


@tagged("post_install", "-at_install")
class TestPartsInForints(PartsCase):
    def test_currencies_are_added_up_in_forints_only(self):
        forints = self.sell([(self.haircut, 1)])
        self.work()
        document = self.sell_in_euros(33.33).salon_document_id
        self.work()
        self.assertEqual(document.currency_id.name, "EUR")
        self.assertTrue(document.exchange_rate)
        rate = Decimal(str(document.exchange_rate))
        figures = in_forints(document._figures(), rate)
        own = [("document_id", "in", (document | forints.salon_document_id).ids)]
        (vat,) = self.env[VAT].search(
            [("document_id", "=", document.id), ("vat", "=", "27%")]
        )
        self.assertEqual(
            (vat.forint_amount_net, vat.forint_amount_tax, vat.forint_amount_gross),
            tuple(map(float, (figures.net, figures.tax, figures.gross))),
        )
        tenders = self.env[TENDER].search([("document_id", "=", document.id)])
        self.assertEqual(
            {row.tender: row.forint_amount for row in tenders},
            {kind.value: float(much) for kind, much in figures.tenders.items()},
        )
        both = self.env[VAT].formatted_read_group(
            own, [], ["amount_gross:sum_currency", "forint_amount_gross:sum"]
        )[0]
        gross = float(figures.gross) + forints.amount_total
        self.assertEqual(both["amount_gross:sum_currency"], gross)
        self.assertEqual(both["forint_amount_gross:sum"], gross)


@tagged("post_install", "-at_install")
class TestPartsPlans(IndexCase):
    """Sums of a month do not read the documents of all others."""

    def setUp(self):
        super().setUp()
        self.env.cr.execute(
            "UPDATE salon_invoice_document SET issue_date = issued_at::date - "
            "(id %% 900)::int, vat_date = issued_at::date - (id %% 900)::int, "
            "figures = %s WHERE issued_at IS NOT NULL",
            [
                '{"currency": "HUF", "rates": [{"vat": "27", "net": "787", '
                '"tax": "213", "gross": "1000"}], "tenders": {"cash": "1000"}, '
                '"owed": "0", "items": 1}'
            ],
        )
        self.env.cr.execute("ANALYZE salon_invoice_document")
        self.env.invalidate_all()

    def test_a_month_is_found_by_an_index(self):
        for model, by, measure in (
            (VAT, "vat", "amount_tax:sum"),
            (TENDER, "tender", "amount:sum"),
        ):
            for name, index in (
                ("vat_date", "_of_month"),
                ("issue_date", "_issued_on_day"),
            ):
                day = self.documents._today()
                domain = [
                    ("company_id", "in", self.company.ids),
                    (name, ">=", day.replace(day=1)),
                    (name, "<=", day),
                ]
                rows = self.env[model].with_user(self.manager)
                plan = self.plan_of(rows._read_group, domain, [by], [measure])
                self.assertIn(index, plan)
                self.assertNotIn("Seq Scan on salon_invoice_document", plan)

    def test_a_row_is_found_by_its_document(self):
        row = self.env[VAT].search([], limit=1)
        self.env.invalidate_all()
        plan = self.plan_of(self.env[VAT].browse(row.id).read, ["number"])
        self.assertNotIn("Seq Scan on salon_invoice_document", plan)
        self.assertIn("Index Cond: (id = ", plan)

    def plan_of(self, ask, *arguments):
        return self.plans_of(lambda: ask(*arguments), "jsonb_")
