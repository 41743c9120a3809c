"""What a sale would get is shown before it is issued, and nothing else happens."""

import base64

from lxml import html

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import SalonCase
from .days import SOLD_AT
from .other_company import OtherCompanyCase
from .receipt_case import ReceiptCase
from .test_connect import ConnectCase

#: Tables that the previews of others are in, which no preview of ours counts.
OWN = ("salon_invoice_preview",)


class PreviewCase(SalonCase):
    """A shop in which nothing is issued by itself."""

    allow_inherited_tests_method = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.salon_automatic = False

    def preview(self, order, user=None, **values):
        """Return what the manager sees of a sale, as text without tags."""
        previews = self.env["salon.invoice.preview"].with_user(user or self.manager)
        previews = previews.with_context(
            default_order_id=order.id,
            default_company_id=order.company_id.id,
            allowed_company_ids=order.company_id.ids,
        )
        form = Form(previews)
        for name, value in values.items():
            form[name] = value
        return self.text(form.content)

    def text(self, content):
        """Return the words of HTML, one blank between them."""
        return " ".join(" ".join(html.fromstring(content).itertext()).split())

    def everything(self):
        """Return a fingerprint of each table that a preview might change."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' "
            "AND (table_name LIKE 'salon_invoice%%' OR table_name LIKE 'pos_order%%' "
            "OR table_name IN ('res_company', 'res_partner', 'pos_config', "
            "'ir_attachment', 'ir_cron_trigger', 'mail_message', 'pos_payment'))"
        )
        found = {}
        for (table,) in self.env.cr.fetchall():
            if table not in OWN:
                self.env.cr.execute(
                    "SELECT md5(string_agg(row::text, '|' ORDER BY row::text)) "
                    f'FROM "{table}" AS row'
                )
                found[table] = self.env.cr.fetchone()[0]
        return found


class PreviewTests:
    """What each service's salon sees."""

    def test_it_says_line_by_line_what_is_issued_then(self):
        order = self.sell(
            [(self.haircut, 1), (self.book, 2)],
            customer=self.business,
            to_invoice=False,
        )
        seen = self.preview(order)
        self.assertIn("Nothing by itself: Invoices are made by hand here.", seen)
        self.assertIn(self.business.name, seen)
        self.assertIn("13572464-2-07", seen)
        self.assertIn("Női hajvágás 1 db 27% 8 900 Ft", seen)
        self.assertIn("Szakkönyv 2 db 5% 7 000 Ft", seen)
        self.assertIn("27% 7 008 Ft 1 892 Ft 8 900 Ft", seen)
        self.assertIn("5% 6 667 Ft 333 Ft 7 000 Ft", seen)
        self.assertIn("Total 13 675 Ft 2 225 Ft 15 900 Ft", seen)
        self.assertIn("Cash 15 900 Ft", seen)
        self.assertIn("The till and the document say the same: 15 900 Ft", seen)
        order.with_user(self.manager).action_salon_generate()
        self.work()
        document = order.salon_document_id
        self.assertEqual((document.state, document.amount_gross), ("issued", 15900))
        after = self.preview(order)
        self.assertIn(document._invoice().order_number, after)
        self.assertIn(f"{document.name} has been issued.", after)
        self.assertIn("Total 13 675 Ft 2 225 Ft 15 900 Ft", after)

    def test_it_changes_nothing_and_asks_nothing(self):
        order = self.sell([(self.haircut, 1), (self.tip, 1, {"price_unit": 500})])
        waiting = self.sell([(self.book, 1)])
        waiting.with_user(self.manager).action_salon_generate()
        refund = self.refund(order)
        before, calls = self.everything(), len(self.calls())
        for sale in order | waiting | refund:
            self.preview(sale)
        self.assertEqual(self.everything(), before)
        self.assertEqual(len(self.calls()), calls)
        self.assertEqual(order.salon_document_id.state, "skipped")

    def test_what_is_kept_off_explains_the_difference(self):
        self.company.salon_tip = "none"
        order = self.sell([(self.haircut, 1), (self.tip, 1, {"price_unit": 500})])
        seen = self.preview(order)
        self.assertIn("Total at the till 9 400 Ft", seen)
        self.assertIn("Not on the document: Borravaló 500 Ft", seen)
        self.assertIn("Gross of the document 8 900 Ft", seen)
        self.assertNotIn("Not explained", seen)

    def test_a_question_of_vat_stops_it_and_is_said(self):
        self.company.salon_default_vat = "AAM"
        order = self.sell([(self.haircut, 1)])
        seen = self.preview(order)
        self.assertIn("It would stop, and wait for a person", seen)
        self.assertIn("27%", seen)
        self.assertIn("At the till Gross Női hajvágás 8 900 Ft", seen)
        self.company.salon_vat_answer = "exempt"
        self.assertIn("AAM 8 900 Ft 0 Ft 8 900 Ft", self.preview(order))

    def test_why_it_would_get_nothing(self):
        self.company.salon_automatic = True
        self.company.salon_invoice_capable = False
        order = self.sell([(self.haircut, 1)])
        seen = self.preview(order)
        self.assertIn("No document This company may not issue invoices", seen)

    def test_what_waits_and_what_stopped(self):
        order = self.sell([(self.haircut, 1)])
        order.with_user(self.manager).action_salon_generate()
        self.assertIn("It waits for its turn.", self.preview(order))
        order.salon_document_id._need_attention("Baj", "content")
        self.assertIn("This is what will be issued.", self.preview(order))
        self.company.salon_default_vat = "AAM"
        self.assertIn("It would stop", self.preview(order))

    def test_what_comes_back_is_decided_later(self):
        order = self.sell([(self.haircut, 1)])
        refund = self.refund(order)
        self.assertIn("It takes something back", self.preview(refund))

    def test_only_who_may_read_it_sees_it(self):
        order = self.sell([(self.haircut, 1)])
        for user in (self.manager, self.accountant):
            self.assertIn("8 900 Ft", self.preview(order, user=user))
        with self.assertRaises(AccessError):
            self.preview(order, user=self.receptionist)
        previews = self.env["salon.invoice.preview"].with_user(self.receptionist)
        with self.assertRaises(AccessError):
            previews._content(order)


@tagged("post_install", "-at_install")
class TestPreviewBillingo(PreviewTests, PreviewCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestPreviewBillingoV2(PreviewTests, PreviewCase):
    provider = "billingo_v2"


@tagged("post_install", "-at_install")
class TestPreviewSzamlazz(PreviewTests, PreviewCase):
    provider = "szamlazz"


@tagged("post_install", "-at_install")
class TestPreviewReceipt(ReceiptCase, PreviewCase):
    provider = "szamlazz"

    def test_a_receipt_names_nobody(self):
        self.company.salon_automatic = True
        order = self.sell([(self.haircut, 1)])
        order.salon_document_ids._transition("skipped", skip_reason="dropped")
        seen = self.preview(order)
        self.assertIn("Receipt", seen)
        self.assertIn("A receipt names nobody", seen)
        self.assertIn("That is what sales get here.", seen)


@tagged("post_install", "-at_install")
class TestPreviewBeforeGoLive(ConnectCase, PreviewCase):
    provider = "szamlazz"

    def test_without_a_service_it_is_shown_as_one_would_issue_it(self):
        order = self.sell([(self.haircut, 1)], date_order=SOLD_AT)
        seen = self.preview(order, provider="szamlazz")
        self.assertIn("Számlázz.hu", seen)
        self.assertIn("8 900 Ft", seen)
        self.assertIn("Billingo", self.preview(order, provider="billingo"))

    def test_the_wizard_shows_what_its_settings_make_of_a_sale(self):
        order = self.sell([(self.haircut, 1)], date_order=SOLD_AT)
        wizard = self.verify()
        before = self.everything()
        form = Form(wizard)
        form.preview_order_id = order
        form.salon_automatic = True
        form.salon_kind = "proforma"
        seen = self.text(form.preview)
        self.assertIn("Proforma", seen)
        self.assertIn("That is what sales get here.", seen)
        form.salon_default_vat = "AAM"
        self.assertIn("It would stop", self.text(form.preview))
        self.assertEqual(self.everything(), before)


@tagged("post_install", "-at_install")
class TestPreviewOfStrangers(OtherCompanyCase, PreviewCase):
    def test_the_sale_of_another_company_is_refused(self):
        order = self.sell([(self.haircut, 1)])
        stranger = self.strangers["manager"]
        previews = self.env["salon.invoice.preview"].with_user(stranger)
        previews = previews.with_context(allowed_company_ids=self.other.ids)
        with self.assertRaises(AccessError):
            Form(previews.with_context(default_order_id=order.id))
        with self.assertRaises(AccessError):
            previews.create({"order_id": order.id, "company_id": self.other.id})
        with self.assertRaises(AccessError):
            previews.onchange({"order_id": order.id}, ["order_id"], {"content": {}})
        with self.assertRaises(AccessError):
            previews._content(order)


@tagged("post_install", "-at_install")
class TestPreviewOfService(PreviewCase):
    """Számlázz.hu makes a PDF of what would be issued: a call, of the worker."""

    provider = "szamlazz"

    def form(self, order):
        """Return the manager's form of a sale, saved."""
        previews = self.env["salon.invoice.preview"].with_user(self.manager)
        return previews.create({"order_id": order.id, "company_id": self.company.id})

    def test_the_worker_fetches_what_the_service_would_print(self):
        order = self.sell([(self.haircut, 1)])
        form = self.form(order)
        self.assertTrue(form.has_pdf)
        calls = len(self.calls())
        form.action_pdf()
        self.assertEqual(len(self.calls()), calls, "a button makes no call")
        self.assertTrue(form.pdf_status)
        self.work()
        self.assertEqual(len(self.calls()), calls + 1)
        self.assertFalse(form.pdf_status)
        pdf = base64.b64decode(form.with_context(bin_size=False).pdf)
        self.assertTrue(pdf.startswith(b"%PDF"))
        self.assertIn(f"/{form.id}/pdf/", form.action_pdf()["url"])
        self.assertFalse(self.issued(), "nothing is issued")
        self.assertEqual(order.salon_document_id.state, "skipped")

    def test_another_sale_has_another_pdf(self):
        form = self.form(self.sell([(self.haircut, 1)]))
        form.action_pdf()
        self.work()
        form.order_id = self.sell([(self.book, 1)])
        self.assertFalse(form.pdf)

    def test_why_it_was_not_made(self):
        form = self.form(self.sell([(self.haircut, 1)]))
        self.fault("status_before", status=503)
        form.action_pdf()
        self.run_lane()
        self.assertTrue(form.pdf_status)
        self.assertFalse(form.pdf)

    def test_what_has_no_preview_there_is_not_asked_for(self):
        order = self.sell([(self.haircut, 1)])
        order.with_user(self.manager).action_salon_generate()
        self.work()
        issued = self.form(order)
        self.assertFalse(issued.has_pdf)
        with self.assertRaises(UserError):
            issued.action_pdf()
        stopped = self.form(self.sell([(self.haircut, 1)]))
        self.company.salon_default_vat = "AAM"
        with self.assertRaisesRegex(UserError, "27%"):
            stopped.action_pdf()


@tagged("post_install", "-at_install")
class TestPreviewOfNoService(PreviewCase):
    provider = "billingo"

    def test_billingo_makes_none(self):
        order = self.sell([(self.haircut, 1)])
        previews = self.env["salon.invoice.preview"].with_user(self.manager)
        form = previews.create({"order_id": order.id, "company_id": self.company.id})
        self.assertFalse(form.has_pdf)
        with self.assertRaises(UserError):
            form.action_pdf()
