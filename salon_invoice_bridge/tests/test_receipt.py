"""Receipts (nyugta): issued, mailed, taken back, looked for, and made invoices of."""

from decimal import Decimal
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..billing.invoice import Cancellation, IssuedDocument
from ..worker.express import Express
from .receipt_case import SERIES, InsteadCase, ReceiptCase
from .test_change_buyer import OnceTests


class ReceiptTests:
    # === ISSUED === #

    def test_a_sale_without_a_wish_gets_a_receipt(self):
        order = self.given((self.haircut, 1), (self.book, 2))
        entry = self.at_service(order.salon_document_id)
        self.assertTrue(entry["receipt"])
        self.assertEqual(float(entry["gross"]), 15900)
        self.assertEqual(order.salon_invoice_number, entry["number"])
        self.assertEqual(order.salon_invoice_status, "issued")
        self.assertEqual(order.salon_document_id.amount_invoiced, 15900)

    def test_a_receipt_takes_the_ordinary_way(self):
        """The short way is that of plain invoices: it asks for their blocks."""
        with patch.object(Express, "_record_plain") as short:
            self.given()
        short.assert_not_called()

    def test_each_tender_is_on_it_and_rounded_cash_is_not(self):
        """The tenders of a receipt are its gross (Számlázz.hu error 340: seen)."""
        order = self.given(
            (self.haircut, 1), payments=[(self.card, 4000), (self.cash, 4900)]
        )
        meant = order.salon_document_id._invoice()
        self.assertEqual(sum(tender.amount for tender in meant.tenders), meant.gross)
        self.assertEqual(len(meant.tenders), 2)

    def test_nobody_registers_payments_of_a_receipt(self):
        order = self.given(payments=[(self.card, 4000), (self.cash, 4900)])
        document = order.salon_document_id
        self.assertFalse(self.step(document, "payments"))
        self.assertFalse(document.payment_state)
        self.assertFalse(document.amount_outstanding)
        with self.assertRaisesRegex(UserError, "can be paid"):
            document.with_user(self.manager).action_undo_payments()

    def test_a_walk_in_without_an_address_gets_a_receipt(self):
        """No receipt names a buyer, so nothing of one can be missing."""
        self.company.salon_walk_in_street = False
        order = self.sell_to_walk_in([(self.haircut, 1)])
        self.work()
        document = self.receipt_of(order)
        self.assertEqual(document.state, "issued", document.problem)

    def test_no_buyer_is_kept_at_the_service_for_a_receipt(self):
        self.given()
        self.assertFalse([call for call in self.calls() if "partner" in call["path"]])
        kept = self.env["salon.invoice.partner"]
        self.assertFalse(kept.search([("account_id", "=", self.account.id)]))

    def test_nav_is_not_asked_about_a_receipt(self):
        order = self.given()
        self.assertFalse(self.step(order.salon_document_id, "nav"))
        self.assertFalse(order.salon_document_id.nav_state)

    def test_the_customer_gets_it_by_e_mail_and_the_salon_its_pdf(self):
        document = self.given().salon_document_id
        self.assertEqual(self.step(document, "email").state, "done")
        self.assertEqual(document._mailed_to(), (self.customer.email,))
        self.assertTrue(document.pdf_id.raw.startswith(b"%PDF"))
        self.assertTrue(document.can_send)

    def test_a_till_numbers_its_receipts_by_its_own_series(self):
        document = self.given().salon_document_id
        self.assertEqual(document._invoice().block, SERIES[self.provider])

    # === TAKEN BACK === #

    def test_what_all_came_back_is_a_storno_of_the_receipt(self):
        order = self.given()
        back = self.refund(order)
        self.work()
        self.assertEqual(
            self.rows(order, back), [("receipt", "cancelled"), ("storno", "issued")]
        )
        storno = back.salon_document_id
        self.assertTrue(storno.is_receipt)
        self.assertTrue(self.at_service(storno)["receipt"])
        self.assertEqual(self.standing(), 0)

    def test_what_was_kept_of_a_receipt_is_a_receipt(self):
        order = self.given((self.haircut, 1), (self.book, 2))
        back = self.refund(order, {order.lines[1]: 1})
        self.work()
        self.assertEqual(
            self.rows(order, back),
            [("receipt", "cancelled"), ("storno", "issued"), ("remainder", "issued")],
        )
        kept = back.salon_document_ids.filtered(lambda row: row.kind == "remainder")
        self.assertTrue(kept.is_receipt)
        self.assertTrue(self.at_service(kept)["receipt"])
        self.assertFalse(kept.payment_state)
        self.assertEqual(self.standing(), 15900 - 3500)

    def test_refunds_one_after_the_other_leave_what_was_kept(self):
        order = self.given((self.haircut, 1), (self.book, 3))
        for _time in range(2):
            self.refund(order, {order.lines[1]: 1})
            self.work()
        self.assertEqual(self.standing(), 8900 + 3500)

    def test_a_manager_cancels_a_receipt_and_gives_another(self):
        document = self.given().salon_document_id
        document.with_user(self.manager)._request_storno("Elírás")
        self.work()
        self.assertEqual(document.state, "cancelled")
        document.with_user(self.manager).action_reissue()
        self.work()
        again = document.order_id.salon_document_id
        self.assertEqual((again.kind, again.state), ("receipt", "issued"))
        self.assertEqual(self.standing(), 8900)

    def test_a_storno_made_at_the_service_is_found(self):
        document = self.given().salon_document_id
        cancellation = Cancellation(original=document._issued(), external_key="X")
        with self.account._open_provider() as provider:
            provider.cancel(cancellation)
        document.with_user(self.manager).action_look()
        self.work()
        self.assertEqual(document.state, "cancelled")

    # === WHO GETS NONE === #

    def test_what_no_receipt_is_enough_for_gets_an_invoice(self):
        """Business buyer, 900,000 Ft, not paid (VAT Act 165-166: sure)."""
        self.assert_kind("invoice", [(self.haircut, 1)], customer=self.business)
        big = (self.haircut, 1, {"price_unit": 900_000})
        self.assert_kind("invoice", [big])
        small = (self.haircut, 1, {"price_unit": 899_999})
        self.assert_kind("receipt", [small])

    def assert_kind(self, kind, lines, **values):
        order = self.sell(lines, **values)
        self.assertEqual(order.salon_document_id.kind, kind)
        self.assertEqual(order.salon_document_id.state, "waiting")

    def test_the_cashiers_wish_decides_where_the_law_leaves_a_choice(self):
        haircut = [(self.haircut, 1)]
        self.assert_kind("invoice", haircut, salon_wish="invoice")
        self.company.salon_which = "all"
        self.assert_kind("invoice", haircut)
        self.assert_kind("receipt", haircut, salon_wish="receipt")
        self.assert_kind(
            "invoice", haircut, salon_wish="receipt", customer=self.business
        )
        self.assert_kind("invoice", haircut, salon_wish="nonsense")

    def test_customers_get_invoices_and_walk_ins_receipts(self):
        self.company.salon_which = "customer"
        self.assert_kind("invoice", [(self.haircut, 1)])
        walk_in = self.sell_to_walk_in([(self.haircut, 1)])
        self.assertEqual(walk_in.salon_document_id.kind, "receipt")

    def test_beside_a_cash_register_there_is_no_second_receipt(self):
        self.config.salon_cash_register = True
        self.assertFalse(self.config.salon_till_receipts)
        for values in ({}, {"salon_wish": "receipt"}, {"salon_wish": "none"}):
            with self.subTest(**values):
                order = self.sell([(self.haircut, 1)], **values)
                self.assertEqual(order.salon_skip_reason, "cash_register")
        self.assert_kind("invoice", [(self.haircut, 1)], salon_wish="invoice")

    def test_without_a_series_every_sale_gets_an_invoice(self):
        self.account.receipt_block = False
        self.assertFalse(self.config.salon_till_receipts)
        self.assert_kind("invoice", [(self.haircut, 1)], salon_wish="receipt")
        self.config.salon_receipt_block = SERIES[self.provider]
        self.assertTrue(self.config.salon_till_receipts)
        self.assert_kind("receipt", [(self.haircut, 1)])

    def test_by_hand_a_person_chooses(self):
        self.company.salon_automatic = False
        orders = [self.sell([(self.haircut, 1)]) for _time in range(2)]
        self.assertEqual(orders[0].salon_skip_reason, "manual")
        orders[0].with_user(self.receptionist).action_salon_generate()
        orders[1].with_user(self.receptionist).action_salon_generate_receipt()
        self.work()
        kinds = [order.salon_document_id.kind for order in orders]
        self.assertEqual(kinds, ["invoice", "receipt"])
        self.assertEqual(self.standing(), 2 * 8900)

    def test_a_customer_who_turns_out_to_be_a_company_gets_an_invoice(self):
        order = self.sell([(self.haircut, 1)])
        document = self.receipt_of(order)
        document._need_attention("Somebody looks at it.", "content")
        order.partner_id = self.business
        document.with_user(self.manager).action_retry()
        self.work()
        self.assertEqual((document.kind, document.state), ("invoice", "issued"))
        self.assertEqual(document.buyer_name, self.business.name)

    def test_a_receipt_that_moves_where_there_are_none_becomes_an_invoice(self):
        order = self.sell([(self.haircut, 1)])
        document = self.receipt_of(order)
        self.account.receipt_block = False
        kind = order._salon_kind_again(document.kind)
        document._move_to_account(self.account, kind)
        self.work()
        self.assertEqual((document.kind, document.state), ("invoice", "issued"))

    # === LOST ANSWERS === #

    def test_a_lost_answer_makes_no_second_receipt(self):
        self.fault("drop_after", method="POST", path=self.path_of_create)
        order = self.sell([(self.haircut, 1)])
        self.work()
        document = self.receipt_of(order)
        self.assertEqual(len(self.papers()), 1)
        self.check_lost(document)


class InsteadTests:
    def test_the_guest_wants_an_invoice_after_all(self):
        """Storno of the receipt, then the invoice: linked, in order, once."""
        self.work()
        receipt = self.sale.salon_document_id
        question = self.ask_till(user=self.receptionist)
        self.assertIn(receipt.number, question["question"])
        self.ask_till(user=self.receptionist, confirmed=question["plan"])
        self.assertEqual(
            self.rows(self.sale), [("receipt", "issued"), ("storno", "waiting")]
        )
        self.work()
        self.assertEqual(
            self.rows(self.sale),
            [("receipt", "cancelled"), ("storno", "issued"), ("invoice", "issued")],
        )
        self.assert_made_out_to(self.business)
        invoice = self.sale.salon_document_id
        self.assertEqual(invoice.replaces_id, receipt)
        self.assertFalse(invoice.is_receipt)
        self.assertFalse(self.at_service(invoice).get("receipt"))
        self.assertEqual(
            invoice._invoice().fulfillment_date, receipt._invoice().fulfillment_date
        )

    def test_a_second_press_makes_no_second_invoice(self):
        self.work()
        for _press in range(2):
            self.change(user=self.receptionist)
        self.work()
        self.assertEqual(len(self.papers()), 3)
        self.change(user=self.receptionist)
        self.work()
        self.assertEqual(len(self.papers()), 3)
        self.assert_made_out_to(self.business)

    def test_no_invoice_is_made_if_the_receipt_is_not_cancelled(self):
        self.work()
        self.fault("status_before", method="POST", status=422, body="{}", times=None)
        self.change()
        self.work()
        self.assertEqual(len(self.papers()), 1)
        self.assertNotIn("invoice", [kind for kind, _state in self.rows(self.sale)])

    def test_the_customer_who_is_named_already_may_want_an_invoice(self):
        self.work()
        self.change(self.customer)
        self.work()
        self.assert_made_out_to(self.customer)

    def test_what_was_not_sent_yet_becomes_an_invoice(self):
        self.change(user=self.receptionist)
        self.work()
        self.assertEqual(self.rows(self.sale), [("invoice", "issued")])
        self.assert_made_out_to(self.business)

    def test_after_the_storno_of_a_receipt_a_buyer_gets_an_invoice(self):
        self.work()
        self.sale.salon_document_id.with_user(self.manager)._request_storno("Elírás")
        self.work()
        self.change()
        self.work()
        self.assert_made_out_to(self.business)
        self.assertEqual(self.sale.salon_document_id.kind, "invoice")

    def test_a_refund_follows_the_invoice(self):
        self.work()
        self.change()
        self.work()
        self.refund(self.sale)
        self.work()
        self.assertEqual(self.standing(), 0)


class Billingo:
    path_of_create = "/documents/receipt$"

    def check_lost(self, document):
        """Whether it is there cannot be proven: a person decides."""
        self.assertEqual(document.state, "attention", document.problem)
        self.assertEqual(document.problem_reason, "unproven")
        form = Form(
            self.env["salon.invoice.settle"]
            .with_user(self.manager)
            .with_context(default_document_id=document.id)
        )
        self.assertTrue(form.can_list)
        wizard = form.save()
        with self.assertRaisesRegex(UserError, "which number"):
            wizard.action_settle()
        wizard.action_list()
        (entry,) = self.papers()
        self.assertIn(entry["number"], wizard.listed)
        gross = document.with_user(self.manager)._format_amount(Decimal(8900))
        self.assertIn(gross, wizard.listed)
        wizard.number = entry["number"]
        wizard.action_settle()
        self.assertEqual((document.state, document.number), ("issued", entry["number"]))


class Szamlazz:
    provider = "szamlazz"
    path_of_create = None

    def check_lost(self, document):
        """The service refuses the same receipt (338), and it is found."""
        self.assertEqual(document.state, "issued", document.problem)


@tagged("post_install", "-at_install")
class TestReceipt(Billingo, ReceiptTests, ReceiptCase):
    def test_a_copy_of_the_database_asks_for_no_list(self):
        document = self.receipt_of(self.given()).with_user(self.manager)
        self.assertTrue(document._list_receipts())
        called = len(self.calls())
        self.account.database_uuid = "another"
        with self.assertRaisesRegex(UserError, "connected in another database"):
            document._list_receipts()
        # As in one that was neutralized.
        self.account.database_uuid = False
        self.account._disconnect()
        with self.assertRaisesRegex(UserError, "has been disconnected"):
            document._list_receipts()
        self.assertEqual(len(self.calls()), called)

    def test_only_where_the_service_is_known_to_find_it_is_it_sent_again(self):
        """Open question to the service: see ``finds_receipts_by_key``."""
        self.fault("refuse_before", method="POST", path=self.path_of_create)
        document = self.receipt_of(self.sell([(self.haircut, 1)]))
        self.work()
        self.assertEqual(document.problem_reason, "unproven", document.problem)
        self.assertFalse(self.papers())
        document.with_user(self.manager).action_retry()
        self.work()
        self.assertEqual(document.state, "issued")
        self.assertEqual(len(self.papers()), 1)

    def test_a_tip_that_a_receipt_cannot_hold_makes_it_an_invoice(self):
        """Billingo's receipts have no code outside VAT (OpenAPI 3.0.16: sure)."""
        lines = [(self.haircut, 1), (self.tip, 1, {"price_unit": 1000})]
        self.assert_kind("invoice", lines)
        self.work()
        invoiced = self.standing()
        self.company.salon_receipt_tip = "kept_off"
        self.assertTrue(self.company.salon_receipt_tip_answered_on)
        order = self.given(*lines)
        self.assertEqual(self.standing() - invoiced, 8900)
        meant = order.salon_document_id._invoice()
        self.assertEqual(sum(tender.amount for tender in meant.tenders), 8900)
        (kept,) = order.salon_document_id.kept_off
        self.assertEqual(kept["role"], "tip")
        self.assertEqual(Decimal(kept["amount"]), 1000)
        document = order.salon_document_id
        self.assertIn(document._format_amount(Decimal(1000)), document.kept_off_text)

    def test_a_receipt_of_nothing_but_the_tip_that_it_leaves_off_is_none(self):
        """As where tips are on no document: the tip alone is kept off, and named."""
        self.company.salon_receipt_tip = "kept_off"
        tip = (self.tip, 1, {"price_unit": 1000})
        self.company.salon_voucher_sale = "skip"
        card = self._make_product("Ajándékkártya", 5000, None, salon_role="voucher")
        for lines, reason, kept in (
            ([tip], "tip", 1000),
            ([(card, 1), tip], "voucher", 6000),
        ):
            document = self.sell(lines).salon_document_id
            self.work()
            self.assertEqual(
                (document.state, document.skip_reason), ("skipped", reason)
            )
            off = sum(Decimal(one["amount"]) for one in document.kept_off)
            self.assertEqual(off, kept)
        self.assertFalse(self.papers())

    def test_the_list_is_of_the_salons_own_people(self):
        document = self.given().salon_document_id
        with self.assertRaisesRegex(UserError, "managers"):
            document.with_user(self.receptionist)._list_receipts()
        rows = document.with_user(self.accountant)._list_receipts()
        self.assertTrue(all(isinstance(row, IssuedDocument) for row in rows))
        self.assertEqual([row.number for row in rows], [document.number])


@tagged("post_install", "-at_install")
class TestReceiptSzamlazz(Szamlazz, ReceiptTests, ReceiptCase):
    def test_a_tip_is_on_the_receipt(self):
        lines = [(self.haircut, 1), (self.tip, 1, {"price_unit": 1000})]
        order = self.given(*lines)
        vats = [line.vat for line in order.salon_document_id._invoice().lines]
        self.assertEqual(vats, ["27", "ATK"])


@tagged("post_install", "-at_install")
class TestInstead(Billingo, InsteadTests, InsteadCase):
    pass


@tagged("post_install", "-at_install")
class TestInsteadSzamlazz(Szamlazz, InsteadTests, InsteadCase):
    pass


@tagged("post_install", "-at_install")
class TestInsteadOnce(Billingo, OnceTests, InsteadCase):
    pass


@tagged("post_install", "-at_install")
class TestInsteadOnceSzamlazz(Szamlazz, OnceTests, InsteadCase):
    pass


@tagged("post_install", "-at_install")
class TestFormerPolicy(ReceiptCase):
    """Tills of former versions, whose receipts came from a cash register."""

    def test_tills_that_did_not_invoice_all_have_a_cash_register(self):
        other = self.config.copy({"salon_which": "all"})
        self.env.flush_all()
        self.env["pos.config"]._salon_take_former_policy()
        self.assertTrue(self.config.salon_cash_register)
        self.assertFalse(other.salon_cash_register)

    def test_reasons_of_former_versions_are_named_as_now(self):
        document = self.sell([(self.haircut, 1)]).salon_document_id
        self.env.flush_all()
        for reason in ("walk_in", "on_request"):
            self.env.cr.execute(
                "UPDATE salon_invoice_document "
                "SET state = 'skipped', skip_reason = %s WHERE id = %s",
                [reason, document.id],
            )
            self.env["pos.config"]._salon_take_former_policy()
            self.assertEqual(document.skip_reason, "cash_register")
