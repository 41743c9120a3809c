"""What a till knows of receipts: what can be chosen, and what its slip prints."""

import base64
import io
from decimal import Decimal

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools.pdf import PdfReader

from ..billing.problem import Code
from .common import make_company
from .receipt_case import SERIES, ReceiptCase
from .test_receipt import Billingo, Szamlazz


class TillReceiptTests:
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")

    def status(self, order, **options):
        """Return what a till is told that asks in its own language, as all do."""
        till = order.with_user(self.receptionist).with_context(lang="en_US")
        return till.salon_till_status(**options)[order.id]

    # === THE CHOICE === #

    def test_the_till_is_told_what_can_be_chosen(self):
        self.assertTrue(self.config.salon_till_receipts)
        self.assertEqual(self.config.salon_till_policy, "request")
        self.account.receipt_block = False
        self.assertFalse(self.config.salon_till_receipts)
        self.account.receipt_block = SERIES[self.provider]
        self.config.salon_cash_register = True
        self.assertFalse(self.config.salon_till_receipts)

    def test_the_till_is_told_what_a_tip_means(self):
        holds = self.account._capabilities().receipt_tip
        self.assertEqual(self.config.salon_till_tip, "held" if holds else "invoice")
        self.company.salon_receipt_tip = "kept_off"
        self.assertEqual(self.config.salon_till_tip, "held" if holds else "kept_off")
        self.company.salon_tip = "service"
        self.assertEqual(self.config.salon_till_tip, "held")

    def test_the_till_is_told_what_counts_as_paid(self):
        """What is not paid gets an invoice (VAT Act 166: sure)."""
        methods = self.env["pos.payment.method"]
        names = methods._load_pos_data_fields(self.config)
        self.assertIn("salon_counts_as_paid", names)

    # === THE SLIP === #

    def test_a_slip_says_what_the_receipt_says(self):
        """Day, number, issuer, gross of each rate (VAT Act 173: fairly sure)."""
        order = self.given((self.haircut, 1), (self.book, 2))
        status = self.status(order, with_slip=True)
        document = order.salon_document_id.with_context(lang="en_US")
        self.assertTrue(status["receipt"])
        self.assertEqual(status["number"], document.number)
        slip = status["slip"]
        plain = [[rate, self.amount(gross)] for rate, gross in slip["rates"]]
        self.assertEqual(plain, [["27%", 8900], ["5%", 7000]])
        self.assertEqual(self.amount(slip["total"]), 15900)
        self.assertEqual(float(self.at_service(document)["gross"]), 15900)
        self.assertEqual(slip["day"], document._issued_on())
        self.assertIn(self.company.name, slip["issuer"])
        self.assertIn("12345676-2-42", slip["issuer"])
        self.assertTrue([line for line in slip["issuer"] if "Andrássy út 1." in line])
        self.assertFalse(slip["kept_off"])

    def amount(self, text):
        """Return the number that is printed, with as many decimals as Odoo prints."""
        return Decimal("".join(sign for sign in text if sign in "-.0123456789"))

    def test_a_storno_turns_it_around(self):
        order = self.given((self.haircut, 1))
        back = self.refund(order)
        self.work()
        status = self.status(back, with_slip=True)
        self.assertEqual((status["kind"], status["receipt"]), ("storno", True))
        ((rate, gross),) = status["slip"]["rates"]
        self.assertEqual((rate, self.amount(gross)), ("27%", -8900))

    def test_nothing_is_printed_that_is_not_issued(self):
        order = self.sell([(self.haircut, 1)])
        status = self.status(order, with_slip=True)
        self.assertEqual((status["slip"], status["number"]), ({}, ""))
        self.assertTrue(status["receipt"])

    def test_an_invoice_has_no_such_slip(self):
        order = self.sell([(self.haircut, 1)], salon_wish="invoice")
        self.work()
        status = self.status(order, with_slip=True)
        self.assertEqual((status["state"], status["slip"]), ("issued", {}))
        self.assertFalse(status["receipt"])

    def test_a_list_asks_for_no_slips(self):
        order = self.given()
        self.assertNotIn("slip", self.status(order))

    # === WHAT WAS KEPT === #

    def half_back(self):
        """Return a sale with a receipt, and the refund of a part of it."""
        order = self.given((self.haircut, 1), (self.book, 2))
        return order, self.refund(order, {order.lines[1]: 1})

    def kept_of(self, refund):
        return refund.salon_document_ids.filtered(lambda row: row.kind == "remainder")

    def hold_kept(self, refund):
        """Have the storno issued, while what was kept cannot be sent."""
        documents = type(self.env["salon.invoice.document"])
        due = documents._is_remainder_due
        self.patch(
            documents,
            "_is_remainder_due",
            lambda document: document._put_off(Code.WAITS_FOR, "the service"),
        )
        self.work(turns=3)
        self.patch(documents, "_is_remainder_due", due)
        self.assertEqual(refund.salon_document_id.state, "issued")

    def test_a_refund_names_the_receipt_of_what_was_kept(self):
        """A receipt of its own, with all that one says (VAT Act 173: fairly sure)."""
        _order, back = self.half_back()
        self.work()
        kept = self.kept_of(back).with_context(lang="en_US")
        status = self.status(back, with_slip=True)
        self.assertEqual((status["state"], status["kind"]), ("issued", "storno"))
        self.assertEqual(status["number"], back.salon_document_id.number)
        named = {"number": kept.number, "receipt": True}
        self.assertEqual(status["kept"], named)
        slip = status["slip"]["kept"]
        self.assertEqual({name: slip[name] for name in named}, named)
        plain = [[rate, self.amount(gross)] for rate, gross in slip["rates"]]
        self.assertEqual(plain, [["27%", 8900], ["5%", 3500]])
        self.assertEqual(self.amount(slip["total"]), 12400)
        self.assertEqual(slip["day"], kept._issued_on())
        self.assertIn("12345676-2-42", slip["issuer"])
        ((_rate, gross), _other) = status["slip"]["rates"]
        self.assertEqual(self.amount(gross), -8900)

    def test_a_refund_is_pending_until_what_was_kept_has_its_receipt(self):
        _order, back = self.half_back()
        self.hold_kept(back)
        status = self.status(back, with_slip=True)
        self.assertEqual((status["state"], status["receipt"]), ("pending", True))
        self.assertEqual(status["number"], "")
        self.assertIn("the service", status["reason"])
        self.assertEqual((status["kept"], status["slip"].get("kept")), ({}, None))
        self.assertEqual(back.with_context(lang="en_US")._salon_waits_for(), "pending")
        self.work()
        status = self.status(back)
        self.assertEqual(status["state"], "issued")
        self.assertEqual(status["kept"]["number"], self.kept_of(back).number)

    def test_a_till_hears_that_what_was_kept_has_its_receipt(self):
        _order, back = self.half_back()
        self.hold_kept(back)
        heard = []

        def notify(till, name, message):
            if name == "SALON_INVOICE":
                orders = till.env["pos.order"].browse(message["ids"])
                heard.extend(self.kept_of(orders).mapped("state"))

        self.patch(type(self.env["pos.config"]), "_notify", notify)
        self.work()
        self.assertEqual(heard[-1:], ["issued"])

    def test_a_refund_needs_attention_as_what_was_kept_does(self):
        _order, back = self.half_back()
        self.hold_kept(back)
        self.kept_of(back)._need_attention("The block is gone.", "content")
        status = self.status(back, with_slip=True)
        self.assertEqual((status["state"], status["kind"]), ("attention", "remainder"))
        self.assertEqual(status["reason"], "The block is gone.")
        self.assertTrue(status["can_retry"])
        self.assertEqual((status["kept"], status["slip"].get("kept")), ({}, None))

    def test_what_has_come_back_since_is_kept_no_more(self):
        order, first = self.half_back()
        self.work()
        second = self.refund(order, {order.lines[1]: 1})
        self.work()
        self.assertEqual(self.kept_of(first).state, "cancelled")
        status = self.status(first, with_slip=True)
        self.assertEqual((status["state"], status["kept"]), ("issued", {}))
        self.assertNotIn("kept", status["slip"])
        number = self.kept_of(second).number
        self.assertEqual(self.status(second)["kept"]["number"], number)
        sold = self.status(order, with_slip=True)["slip"]["kept"]
        self.assertEqual(sold["number"], number)

    def test_where_all_came_back_nothing_was_kept(self):
        order = self.given((self.haircut, 1))
        back = self.refund(order)
        self.work()
        for one in (order, back):
            status = self.status(one, with_slip=True)
            self.assertEqual(status["kept"], {})
            self.assertNotIn("kept", status["slip"])

    def test_the_slip_of_the_sale_names_what_was_kept_of_it(self):
        order, back = self.half_back()
        self.work()
        status = self.status(order, with_slip=True)
        self.assertEqual((status["state"], status["kept"]), ("cancelled", {}))
        kept = status["slip"]["kept"]
        self.assertEqual(kept["number"], self.kept_of(back).number)
        self.assertEqual(self.amount(kept["total"]), 12400)

    def test_what_was_kept_of_an_invoice_is_named_without_a_slip(self):
        order = self.sell([(self.haircut, 1), (self.book, 2)], salon_wish="invoice")
        self.work()
        back = self.refund(order, {order.lines[1]: 1})
        self.work()
        kept = self.kept_of(back)
        named = {"number": kept.number, "receipt": False} if kept else {}
        status = self.status(back, with_slip=True)
        self.assertEqual((status["kept"], status["slip"]), (named, {}))

    # === THE SERVICE'S LAYOUT === #

    def test_what_is_handed_over_is_asked_once_with_its_date(self):
        self.assertEqual(self.config.salon_till_layout, "till")
        self.assertFalse(self.company.salon_receipt_layout_answered_on)
        self.company.salon_receipt_layout = "service"
        self.assertEqual(self.config.salon_till_layout, "service")
        self.assertTrue(self.company.salon_receipt_layout_answered_on)

    def test_the_services_layout_is_printed_for_the_paper_there_is(self):
        order = self.given()
        till = order.with_user(self.receptionist)
        for width in ("80", "58"):
            self.config.salon_paper_width = width
            pdf = base64.b64decode(till.salon_till_print()["pdf"])
            self.assertTrue(pdf.startswith(b"%PDF"))

    def test_what_was_kept_is_printed_with_the_storno(self):
        _order, back = self.half_back()
        self.work()
        answer = back.with_user(self.receptionist).salon_till_print()
        pages = PdfReader(io.BytesIO(base64.b64decode(answer["pdf"]))).pages
        self.assertEqual(len(pages), 2)
        for page, document in zip(
            pages, (back.salon_document_id, self.kept_of(back)), strict=True
        ):
            self.assertIn(document.number, page.extract_text())

    def test_what_cannot_be_printed_together_is_said(self):
        _order, back = self.half_back()
        self.work()
        documents = type(self.env["salon.invoice.document"])
        self.patch(documents, "_print_receipt", lambda document, width: b"no PDF")
        answer = back.with_user(self.receptionist).salon_till_print()
        self.assertIn("cannot be printed together", answer["error"])

    def test_what_is_not_at_the_service_is_not_printed(self):
        order = self.sell([(self.haircut, 1)])
        answer = order.with_user(self.receptionist).salon_till_print()
        self.assertIn("not at the service", answer["error"])
        self.assertFalse(self.calls())

    def test_a_sale_without_a_document_has_nothing_to_print(self):
        self.company.salon_account_id = False
        order = self.sell([(self.haircut, 1)])
        self.assertFalse(order.salon_document_id)
        answer = order.with_user(self.receptionist).salon_till_print()
        self.assertIn("no receipt at the service", answer["error"])
        self.assertIn(order.pos_reference, answer["error"])

    def test_a_copy_of_the_database_prints_nothing(self):
        """Not even what only reads is asked from there, as everywhere else."""
        order = self.given()
        self.account.database_uuid = "another"
        called = len(self.calls())
        answer = order.with_user(self.receptionist).salon_till_print()
        self.assertIn("connected in another database", answer["error"])
        self.assertEqual(len(self.calls()), called)

    def test_what_cannot_be_asked_for_without_a_key_is_not_said_to_be_missing(self):
        """As in a copy that was neutralized: the receipt is at the service."""
        order = self.given()
        self.account._disconnect()
        answer = order.with_user(self.receptionist).salon_till_print()
        self.assertIn("has been disconnected", answer["error"])

    def test_a_till_prints_nothing_while_the_service_asks_for_a_pause(self):
        order = self.given()
        self.account._back_off(600, 600)
        called = len(self.calls())
        answer = order.with_user(self.receptionist).salon_till_print()
        self.assertIn("asked for a pause", answer["error"])
        self.assertEqual(len(self.calls()), called)

    def test_nobody_prints_another_companys_receipt(self):
        order = self.given()
        other = make_company(self.env, "Másik Szalon Kft.")
        stranger = self._make_user("stranger", "point_of_sale.group_pos_user")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        env = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        with self.assertRaises(AccessError):
            order.with_env(env).salon_till_print()


@tagged("post_install", "-at_install")
class TestTillReceipt(Billingo, TillReceiptTests, ReceiptCase):
    def test_nobody_prints_until_the_service_locks_the_account(self):
        """300 calls a minute of one key (the vendor's contract: sure)."""
        order = self.given()
        bucket = self.env["salon.invoice.bucket"].sudo()
        bucket._draw(self.account, "people", 10_000)
        called = len(self.calls())
        answer = order.with_user(self.receptionist).salon_till_print()
        self.assertIn("Try again in a minute", answer["error"])
        self.assertEqual(len(self.calls()), called)

    def test_a_tip_that_is_not_on_the_receipt_is_named(self):
        self.company.salon_receipt_tip = "kept_off"
        order = self.given((self.haircut, 1), (self.tip, 1, {"price_unit": 1000}))
        slip = self.status(order, with_slip=True)["slip"]
        self.assertEqual(self.amount(slip["total"]), 8900)
        self.assertIn("1,000", slip["kept_off"])


@tagged("post_install", "-at_install")
class TestTillReceiptSzamlazz(Szamlazz, TillReceiptTests, ReceiptCase):
    pass
