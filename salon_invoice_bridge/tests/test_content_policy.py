"""What documents are built of: the sale and the policy that Odoo hands over.

What ``billing`` makes of them is tested without Odoo, in ``tests/billing``.
"""

import dataclasses
from contextlib import contextmanager
from decimal import Decimal
from unittest.mock import patch

from odoo.tests import tagged

from ..billing.invoice import BankAccount, PaymentKind
from ..billing.policy import Tip, VatAnswer, VoucherSale
from ..billing.sale import PAID_BESIDE_ROLES, Customer, Role, total_gross
from ..worker.service import Service
from .content_case import ContentCase

#: Field of the company, a value of it, and what the policy says then.
SETTINGS = [
    ("salon_tip", "outside", "tip", Tip.OUTSIDE),
    ("salon_tip", "service", "tip", Tip.SERVICE),
    ("salon_tip", "none", "tip", Tip.NONE),
    ("salon_voucher_sale", "sale", "voucher_sale", VoucherSale.SALE),
    ("salon_voucher_sale", "stop", "voucher_sale", VoucherSale.STOP),
    ("salon_voucher_sale", "skip", "voucher_sale", VoucherSale.SKIP),
    ("salon_voucher_sale", False, "voucher_sale", None),
    ("salon_default_vat", "27", "default_vat", "27"),
    ("salon_default_vat", "AAM", "default_vat", "AAM"),
    ("salon_vat_answer", "exempt", "vat_answer", VatAnswer.EXEMPT),
    ("salon_vat_answer", "taxes", "vat_answer", VatAnswer.TAXES),
    ("salon_vat_answer", False, "vat_answer", None),
    ("salon_default_payment_kind", "card", "default_payment_kind", PaymentKind.CARD),
    ("salon_due_days", 15, "due_days", 15),
    ("salon_due_days", 0, "due_days", 0),
    ("salon_accepts_business", False, "accepts_business", False),
    ("salon_accepts_business", True, "accepts_business", True),
    ("salon_walk_in_name", "Vendég", "walk_in_name", "Vendég"),
    ("salon_walk_in_name", False, "walk_in_name", ""),
    ("salon_walk_in_postcode", "9400", "walk_in_postcode", "9400"),
    ("salon_walk_in_postcode", False, "walk_in_postcode", ""),
    ("salon_walk_in_city", "Sopron", "walk_in_city", "Sopron"),
    ("salon_walk_in_city", False, "walk_in_city", ""),
    ("salon_walk_in_street", "Fő tér 3.", "walk_in_street", "Fő tér 3."),
    ("salon_walk_in_street", False, "walk_in_street", ""),
    ("salon_comment", "Köszönjük!", "comment", "Köszönjük!"),
    ("salon_comment", False, "comment", ""),
    ("salon_electronic", False, "electronic", False),
    ("salon_electronic", True, "electronic", True),
    ("salon_send_email", False, "send_email", False),
    ("salon_send_email", True, "send_email", True),
]


@tagged("post_install", "-at_install")
class TestPolicy(ContentCase):
    def setUp(self):
        super().setUp()
        self.document = self.sell([(self.haircut, 1)]).salon_document_id

    @contextmanager
    def policies_read(self, then=lambda document: None):
        """Yield the policies that are read inside, in order.

        :param then: is called after each, with its document
        """
        model, policies = self.registry[self.document._name], []
        read = model._policy

        def noted(document):
            policies.append(read(document))
            then(document)
            return policies[-1]

        with patch.object(model, "_policy", noted):
            yield policies

    def test_the_settings_of_the_company_are_handed_over(self):
        for field, value, name, expected in SETTINGS:
            with self.subTest(field=field, value=value):
                self.company[field] = value
                self.assertEqual(getattr(self.document._policy(), name), expected)

    def test_each_tax_has_its_code(self):
        """That of the company, archived ones too: an old sale may have one."""
        self.tax_18.active = False
        exempt = self._make_tax("AAM", 0, salon_vat_code="AAM")
        codes = self.document._policy().vat_codes
        taxes = (self.tax_27, self.tax_18, self.tax_5, self.tax_0, exempt)
        self.assertEqual([codes[tax.id] for tax in taxes], ["27", "18", "5", "", "AAM"])

    def test_each_payment_method_has_its_kind(self):
        self.card.salon_payment_kind = False
        archived = self.env["pos.payment.method"].create(
            {"name": "SZÉP", "journal_id": self.card.journal_id.id, "active": False}
        )
        kinds = self.document._policy().payment_kinds
        self.assertEqual(kinds[self.cash.id], PaymentKind.CASH)
        self.assertIsNone(kinds[self.card.id])
        self.assertEqual(kinds[archived.id], PaymentKind.SZEP_CARD)

    def test_what_is_another_companys_is_not_handed_over(self):
        other = self.env["res.company"].create({"name": "Más Kft."})
        methods = self.env["pos.payment.method"].sudo()
        method = methods.create({"name": "Másé", "company_id": other.id})
        policy = self.document._policy()
        self.assertNotIn(method.id, policy.payment_kinds)
        taxes = self.env["account.tax"].browse(policy.vat_codes)
        self.assertEqual(taxes.company_id, self.company)

    def test_the_account_is_handed_over(self):
        self.account.write(
            {
                "bank_account": "21",
                "bank_name": "Minta Bank",
                "info": {
                    **self.account.info,
                    "bank_accounts": [{"id": "21", "currency": "HUF"}],
                    "e_invoices": False,
                },
            }
        )
        policy = self.document._policy()
        self.assertEqual((policy.bank_account, policy.bank_name), ("21", "Minta Bank"))
        self.assertEqual(policy.bank_accounts, (BankAccount(id="21", currency="HUF"),))
        self.assertFalse(policy.electronic)
        self.account.write({"bank_account": False, "bank_name": False, "info": False})
        policy = self.document._policy()
        self.assertEqual(
            (policy.bank_account, policy.bank_name, policy.bank_accounts), ("", "", ())
        )
        self.assertTrue(policy.electronic)

    def test_the_block_is_the_tills_own(self):
        def named(shop, account):
            return f"{shop.name} at {account.name}"

        with patch.object(self.registry["pos.config"], "_salon_block", named):
            self.assertEqual(
                self.document._policy().block,
                f"{self.config.name} at {self.account.name}",
            )

    def test_what_a_service_needs_is_handed_over(self):
        """Billingo keeps partners; its old interface has no word for Other."""
        needs = {}
        for code in ("billingo", "billingo_v2", "szamlazz"):
            account = self.account.new({"provider": code})
            settings = account._document_settings()
            needs[code] = settings["needs_address"], settings["has_other_payment"]
        self.assertEqual(
            needs,
            {
                "billingo": (True, True),
                "billingo_v2": (True, False),
                "szamlazz": (False, True),
            },
        )

    def test_the_texts_are_the_documents_language(self):
        """German need not be active in Odoo for a document to be German."""
        self.document.order_id.salon_language = "en"
        english = self.document._policy()
        self.document.order_id.salon_language = "de"
        german = self.document._policy()
        self.assertEqual((english.language, german.language), ("en", "de"))
        self.assertEqual(english.texts.receipt, "Receipt: %s")
        self.assertEqual(german.texts.receipt, "Kassenbeleg: %s")
        for field in dataclasses.fields(english.texts):
            texts = [getattr(one.texts, field.name) for one in (english, german)]
            self.assertNotEqual(*texts, field.name)

    def test_the_comment_is_the_documents_language(self):
        for code, comment in (("hu_HU", "Köszönjük!"), ("de_DE", "Danke!")):
            self.env["res.lang"]._activate_lang(code)
            self.company.with_context(lang=code).salon_comment = comment
        for language, comment in (("de", "Danke!"), ("hu", "Köszönjük!")):
            self.document.order_id.salon_language = language
            self.assertEqual(self.document._policy().comment, comment)

    def test_documents_that_wait_together_read_the_settings_once(self):
        """Those of one till in one language: one of the four is in another."""
        others = [self.sell([(self.book, 1)]).salon_document_id for _n in range(3)]
        others[0].order_id.salon_language = "de"
        with self.policies_read() as policies:
            self.run_lane()
        self.assertEqual({one.state for one in others}, {"issued"})
        self.assertEqual([one.language for one in policies], ["hu", "de"])

    def test_settings_that_are_older_than_the_row_are_read_again(self):
        """A sale, and a person who retries, write the row: that is by the settings of
        then, or by newer ones."""
        with Service.open(self.account) as service:
            policy = service.policy(self.document)
            self.company.salon_due_days = 15
            self.assertIs(service.policy(self.document), policy)
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE salon_invoice_document SET write_date = now() + interval '1 s' "
                "WHERE id = %s",
                [self.document.id],
            )
            self.document.invalidate_recordset()
            self.assertEqual(service.policy(self.document).due_days, 15)

    def test_before_a_person_is_asked_the_settings_are_read_again(self):
        """Somebody has said meanwhile what vouchers are: nobody would retry it."""
        self.company.salon_voucher_sale = False
        voucher = self.sell([(self.haircut, 1), (self.gift_card, 1)]).salon_document_id
        self.assertEqual(voucher.state, "waiting", voucher.skip_reason)

        def answer(document):  # in the lane's own transaction
            document.company_id.salon_voucher_sale = "skip"

        with self.policies_read(answer) as policies:
            self.run_lane()
        self.assertEqual(len(policies), 2)
        self.assertEqual(voucher.state, "issued", voucher.problem)

    def test_another_addon_may_change_the_document(self):
        model = self.registry[self.document._name]

        def changed(_document, invoice):
            return dataclasses.replace(invoice, comment="Megjegyzés")

        with patch.object(model, "_prepare_invoice", changed):
            self.run_lane()
        self.assertEqual(self.document.state, "issued", self.document.problem)
        self.assertEqual(self.document._invoice().comment, "Megjegyzés")
        self.assertIn("Megjegyzés", self.requests[self.document.id])


@tagged("post_install", "-at_install")
class TestSale(ContentCase):
    def test_the_sale_is_handed_over(self):
        """8,900 less 15%, a tip, a gift card that is sold, and 890 off."""
        self.haircut.default_code = "HAJ-1"
        order = self.sell(
            [
                (self.haircut, 1, {"discount": 15}),
                (self.tip, 1, {"price_unit": 500}),
                (self.gift_card, 1),
                self.discount(890, self.tax_27),
                self.discount(1000, None, self.gift_card),
            ],
            [(self.card, 6000), (self.cash, 5175)],
            self.customer,
            general_customer_note="Köszönjük!",
            is_tipped=True,
            tip_amount=500,
        )
        sale = order.salon_document_id._sale()
        self.assertEqual(
            [(line.role, line.gross) for line in sale.lines],
            [
                (Role.SALE, 7565),
                (Role.TIP, 500),
                (Role.VOUCHER, 5000),
                (Role.DISCOUNT, -890),
                (Role.REDEEMED, -1000),
            ],
        )
        self.assertEqual(sale.total, Decimal(str(order.amount_total)))
        self.assertEqual(total_gross(sale.lines), sale.total)
        self.assertEqual(total_gross(sale.lines, *PAID_BESIDE_ROLES), 5500)
        haircut, tip = sale.lines[:2]
        self.assertEqual(
            (haircut.id, haircut.product, haircut.name, haircut.sku, haircut.discount),
            (
                order.lines[0].id,
                self.haircut.id,
                "[HAJ-1] Női hajvágás",
                "HAJ-1",
                15,
            ),
        )
        self.assertEqual(
            (haircut.taxes, haircut.untaxed_by, haircut.refunds, haircut.vat),
            ((self.tax_27.id,), None, None, ""),
        )
        self.assertEqual((tip.taxes, tip.for_sale), ((), True))
        self.assertEqual(
            [(one.method, one.name, one.amount, one.later) for one in sale.payments],
            [
                (self.card.id, self.card.name, 6000, False),
                (self.cash.id, self.cash.name, 5175, False),
            ],
        )
        self.assertEqual(
            (sale.reference, sale.order, sale.shop, sale.cashier, sale.note),
            (
                order.pos_reference,
                order.name,
                self.config.name,
                self.receptionist.name,
                "Köszönjük!",
            ),
        )
        self.assertEqual(
            sale.customer,
            Customer(
                partner=self.customer.id,
                person_name="Őrségi Zsófia",
                name="Őrségi Zsófia",
                emails=("zsofia@example.com",),
                country="HU",
                postcode="8060",
                city="Mór",
                street="Kodály utca 12.",
            ),
        )

    def test_a_company_is_handed_over(self):
        order = self.sell([(self.haircut, 1)], customer=self.business)
        customer = order.salon_document_id._sale().customer
        self.assertEqual(
            (customer.partner, customer.is_company, customer.tax_number),
            (self.business.id, True, "13572464-2-07"),
        )

    def test_a_till_in_euros_is_handed_over(self):
        sale = self.sell_in_euros(22.4).salon_document_id._sale()
        self.assertEqual((sale.currency, sale.total), ("EUR", Decimal("22.40")))
