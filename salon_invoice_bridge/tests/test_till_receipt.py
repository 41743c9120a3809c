"""What a till knows of receipts: what can be chosen, and what its slip prints."""

import base64
from decimal import Decimal

from odoo.exceptions import AccessError
from odoo.tests import tagged

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
