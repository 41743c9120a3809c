"""Who may see, fetch and prepare a month's file."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import make_company
from .test_month_file import MonthCase

MODELS = (
    "salon.invoice.month",
    "salon.invoice.month.part",
    "salon.invoice.month.finding",
    "salon.invoice.month.export",
)
FORM = "salon_invoice_bridge.salon_invoice_month_view_form"


@tagged("post_install", "-at_install")
class TestMonthRoles(MonthCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = cls._make_user("reader", "account.group_account_readonly")
        cls.stranger = cls._make_user("stranger", "base.group_user")

    def setUp(self):
        super().setUp()
        self.order = self.sell([(self.haircut, 1)])
        self.work()
        forgotten = self.sell([(self.haircut, 1)])
        self.forget(forgotten)
        self.month = self.ready()
        self.file = self.month.part_ids.attachment_id

    def as_user(self, records, user):
        self.env.flush_all()
        self.env.invalidate_all()
        return records.with_env(self.env(user=user, context={}))

    def test_who_reads_opens_and_fetches_it(self):
        for user in self.reader | self.accountant | self.manager:
            month = self.as_user(self.month, user)
            Form(month, FORM)
            self.assertEqual(month.finding_ids.mapped("gap"), ["missing"])
            self.assertEqual(month.state, "ready")
            self.assertTrue(self.as_user(self.file, user).raw.startswith(b"PK"))
            url = month.action_download()["url"]
            self.assertIn(f"/web/content/{self.file.id}", url)

    def test_who_reads_sees_the_sales_and_documents_that_it_is_of(self):
        document = self.order.salon_document_id
        for record, view in (
            (document, "salon_invoice_bridge.salon_invoice_document_view_form"),
            (self.order, "point_of_sale.view_pos_pos_form"),
        ):
            Form(self.as_user(record, self.reader), view)
        pdf = self.as_user(document, self.reader).pdf_id
        self.assertTrue(pdf.raw.startswith(b"%PDF"))

    def test_who_reads_presses_nothing(self):
        finding = self.as_user(self.month.finding_ids, self.reader)
        month = finding.month_id
        for press in (
            month.action_prepare_again,
            month.action_write_now,
            finding.action_generate,
            finding.action_retry,
            finding.action_look,
            finding.action_pdf,
        ):
            with self.assertRaises(UserError):
                press()
        with self.assertRaises(AccessError):
            self.prepare(self.reader)
        for name in ("write", "create", "unlink"):
            for model in (*MODELS, "salon.invoice.document", "pos.order"):
                records = self.env[model].with_user(self.reader)
                self.assertFalse(records.has_access(name), (model, name))

    def test_who_sells_and_who_has_no_role_see_nothing_of_it(self):
        for user in self.receptionist | self.stranger:
            for model in MODELS:
                with self.assertRaises(AccessError):
                    self.as_user(self.env[model], user).search([]).read(["id"])
            with self.assertRaises(AccessError):
                self.as_user(self.file, user).read(["raw"])
            with self.assertRaises(AccessError):
                self.prepare(user)

    def test_what_it_is_written_of_is_read_by_nobody(self):
        for user in self.reader | self.accountant | self.manager:
            month = self.as_user(self.month, user)
            self.assertNotIn("content", month.fields_get())
            with self.assertRaises(AccessError):
                month.read(["content"])
            hidden = self.env["ir.attachment"].search(
                [("res_model", "=", month._name), ("res_field", "=", "content")]
            )
            self.assertTrue(hidden)
            with self.assertRaises(AccessError):
                self.as_user(hidden, user).read(["raw"])

    def test_another_companys_people_get_nothing(self):
        other = make_company(self.env, "Másik Szalon Kft.")
        for user in self.reader | self.accountant | self.manager:
            user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
            for model in MODELS:
                self.assertFalse(self.as_user(self.env[model], user).search([]))
            with self.assertRaises(AccessError):
                self.as_user(self.file, user).read(["raw"])
            with self.assertRaises(UserError):
                self.as_user(self.month.part_ids, user).action_download()
            with self.assertRaises(UserError):
                self.as_user(self.month, user).action_prepare_again()
            with self.assertRaises(UserError):
                self.as_user(self.month.finding_ids, user).action_generate()

    def test_a_month_of_a_company_has_nothing_of_another(self):
        other = make_company(self.env, "Másik Szalon Kft.")
        month = self.env["salon.invoice.month"]._request(other, self.start)
        self.finish(month)
        self.assertEqual((month.state, month.sale_count), ("ready", 0))
        self.assertEqual((month.document_count, month.finding_count), (0, 0))

    def test_it_is_public_to_nobody(self):
        self.assertFalse(self.file.public)
        self.assertFalse(self.file.access_token)
