"""What is owed: terms of payment methods, customers' accounts, what is paid later."""

from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ..billing.invoice import PaymentKind, Tender
from .after_case import OnAccountCase
from .days import SOLD_AT, SOLD_ON, after

ACCOUNT_LOG = "odoo.addons.salon_invoice_bridge.models.salon_invoice_account"
SESSION_LOG = "odoo.addons.salon_invoice_bridge.models.pos_session"


class OwedCase(OnAccountCase):
    """A till that sells by transfer, on the customer's account and on nobody's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expected = cls.env["account.account"].create(
            {
                "name": "Úton lévő utalások",
                "code": "389900",
                "account_type": "asset_current",
                "reconcile": True,
                "company_ids": cls.company.ids,
            }
        )
        bank = cls.card.journal_id
        cls.transfer, cls.together = cls.env["pos.payment.method"].create(
            [
                {
                    "name": "Átutalás",
                    "journal_id": bank.id,
                    "split_transactions": True,
                    "outstanding_account_id": cls.expected.id,
                },
                {"name": "Hitel"},
            ]
        )
        cls.session.state = "closed"
        cls.config.payment_method_ids += cls.transfer + cls.together
        cls.session = cls._open_session(cls.config)
        cls.customer.property_account_receivable_id = (
            cls.company.account_default_pos_receivable_account_id
        )

    def on(self, method, amount=8900, product=None, quantity=1, **values):
        """Sell for ``amount`` by a method that is still to be paid."""
        lines = [(product or self.haircut, quantity)]
        return self.sell(lines, [(method, amount)], self.customer, **values)

    def invoiced(self, order):
        """Have the sale invoiced as a person does; return the document."""
        order.with_user(self.manager).action_salon_generate()
        self.work()
        document = order.salon_document_id
        self.assertEqual(document.state, "issued", document.problem)
        return document

    def close(self):
        self.session.with_user(self.manager).action_pos_session_closing_control()
        self.assertEqual(self.session.state, "closed")

    def debt(self, order):
        return self.env["salon.invoice.debt"].search([("order_id", "=", order.id)])

    def receive(self, debt, amount, journal=None, day=SOLD_ON):
        """Book money that a customer has paid, and match it with what was owed."""
        line, journal = debt.move_line_id, journal or self.card.journal_id
        values = {"partner_id": line.partner_id.id}
        accounts = ((journal.default_account_id, amount), (line.account_id, -amount))
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "date": day,
                "line_ids": [
                    (0, 0, {**values, "account_id": account.id, "balance": balance})
                    for account, balance in accounts
                ],
            }
        )
        move.action_post()
        other = move.line_ids.filtered(lambda one: one.account_id == line.account_id)
        (line | other).reconcile()

    def sweep(self):
        self.run_cron("cron_sweep")
        self.work()

    def registered(self, document):
        """Return what the service was told was paid: kind, amount and day."""
        return [
            (tender.kind.value, int(tender.amount), tender.date.isoformat())
            for tender in document._tenders()
        ]


@tagged("post_install", "-at_install")
class TestTerms(OwedCase):
    def test_a_method_has_due_days_of_its_own_or_those_of_the_company(self):
        self.company.salon_due_days = 8
        self.assertFalse(self.transfer.salon_terms_answered_on)
        with freeze_time(SOLD_AT):
            self.transfer.write({"salon_has_due_days": True, "salon_due_days": 15})
        self.assertEqual(str(self.transfer.salon_terms_answered_on), SOLD_ON)
        for method, days in ((self.transfer, 15), (self.on_account, 8)):
            document = self.invoiced(self.on(method))
            invoice = document._invoice()
            self.assertEqual(
                invoice.due_date, invoice.fulfillment_date + timedelta(days=days)
            )
            self.assertFalse(invoice.paid)

    def test_due_at_once_is_not_the_same_as_nothing_said(self):
        self.transfer.write({"salon_has_due_days": True, "salon_due_days": 0})
        invoice = self.invoiced(self.on(self.transfer))._invoice()
        self.assertEqual(invoice.due_date, invoice.fulfillment_date)

    def test_whether_a_transfer_counts_as_paid_is_the_salons_choice(self):
        """No rule of the law's: the money is there when the salon believes it is."""
        self.assertFalse(self.transfer.salon_counts_as_paid)
        self.transfer.salon_counts_as_paid = True
        self.assertEqual(
            self.transfer.salon_terms_answered_on,
            fields.Date.context_today(self.transfer),
        )
        self.assertTrue(self.invoiced(self.on(self.transfer))._invoice().paid)

    def test_terms_are_changed_while_the_till_is_open(self):
        self.assertTrue(self.transfer.open_session_ids)
        self.transfer.write({"salon_has_due_days": True, "salon_due_days": 30})


@tagged("post_install", "-at_install")
class TestCustomersAccount(OwedCase):
    def setUp(self):
        super().setUp()
        self.account.recipient_ids = self.manager

    def test_what_is_put_on_account_is_invoiced_when_somebody_asks(self):
        self.assertFalse(self.company.salon_customer_account)
        document = self.on(self.on_account).salon_document_id
        self.assertEqual(document.skip_reason, "customer_account")

    def test_what_is_put_on_account_is_invoiced_at_once_where_the_salon_says_so(self):
        """VAT Act 163: within 8 days of the service, paid or not (fairly sure)."""
        with freeze_time(SOLD_AT):
            self.company.salon_customer_account = "at_once"
            answered_on = self.company.salon_customer_account_answered_on
        self.assertEqual(str(answered_on), SOLD_ON)
        order = self.on(self.on_account)
        self.work()
        document = order.salon_document_id
        self.assertEqual((document.kind, document.state), ("invoice", "issued"))
        self.assertEqual(document.payment_state, "outstanding")

    def test_it_is_never_a_receipt(self):
        """VAT Act 166: a receipt is of what is paid by then (sure)."""
        self.company.salon_customer_account = "at_once"
        self.company.salon_which = "request"
        self.assertEqual(self.on(self.on_account).salon_document_id.kind, "invoice")

    def test_on_the_8th_day_it_is_invoiced_unasked_where_the_salon_says_so(self):
        """VAT Act 163: within 8 days of the service (fairly sure)."""
        order = self.on(self.on_account)
        order.date_order = SOLD_AT
        document = order.salon_document_id
        for answer, day, state in (
            ("asked", 7, "skipped"),
            ("in_time", 6, "skipped"),
            ("in_time", 7, "waiting"),
        ):
            self.company.salon_customer_account = answer
            today = date.fromisoformat(after(day))
            with patch.object(type(document), "_today", lambda _row, day=today: day):
                self.run_cron("cron_sweep")
            self.assertEqual(document.state, state, (answer, day))

    def test_one_that_cannot_be_asked_for_does_not_hold_up_the_others(self):
        self.company.salon_customer_account = "in_time"
        broken, fine = (self.on(self.on_account) for _sale in range(2))
        (broken | fine).date_order = SOLD_AT
        decide = type(broken)._salon_decide
        refused = UserError("Nobody knows")

        def break_one(order, *args):
            if order == broken:
                raise refused
            return decide(order, *args)

        self.patch(type(broken), "_salon_decide", break_one)
        with mute_logger(ACCOUNT_LOG):
            self.run_cron("cron_sweep")
        states = (broken | fine).mapped("salon_invoice_state")
        self.assertEqual(states, ["skipped", "waiting"])
        told = " ".join(self.account.activity_ids.mapped("note"))
        self.assertIn(broken.name, told)
        self.assertNotIn(fine.name, told)

    def test_it_is_amber_from_the_5th_day_and_red_from_the_8th(self):
        order = self.on(self.on_account)
        order.date_order = SOLD_AT
        document = order.salon_document_id
        for days, age, level in (
            (4, "fresh", "info"),
            (5, "amber", "warning"),
            (7, "amber", "warning"),
            (8, "red", "bad"),
        ):
            with freeze_time(f"{after(days)} 12:00:00"):
                self.env.invalidate_all()
                self.assertEqual(document.owed_age, age)
                self.assertEqual(document.owed_days, days)
                checks = {row["code"]: row for row in self.account.checks}
            self.assertEqual(str(document.owed_since), SOLD_ON)
            self.assertEqual(checks["customer_account"]["level"], level)
            self.assertIn(f"{days} days", checks["customer_account"]["text"])

    def test_an_unpaid_invoice_ages_from_its_due_date(self):
        document = self.invoiced(self.on(self.on_account))
        due = document._invoice().due_date
        for days, age, level in ((0, "fresh", None), (1, "fresh", "info")) + (
            (5, "amber", "warning"),
            (30, "red", "warning"),
        ):
            today = due + timedelta(days=days)
            # Not the clock: freezegun replaces the types by which an invoice is read.
            with patch.object(type(document), "_today", lambda _row, day=today: day):
                self.env.invalidate_all()
                self.assertEqual(document.owed_age, age)
                checks = {row["code"]: row for row in self.account.checks}
            self.assertEqual(checks.get("owed", {}).get("level"), level, days)

    def test_the_list_has_what_is_owed_and_nothing_else(self):
        action = self.env.ref(
            "salon_invoice_bridge.salon_invoice_document_action_owed"
        )._get_action_dict()
        waiting = self.on(self.on_account).salon_document_id
        unpaid = self.invoiced(self.on(self.on_account))
        self.invoiced(self.sell([(self.haircut, 1)]))
        documents = self.env["salon.invoice.document"].with_user(self.accountant)
        found = documents.search(
            safe_eval(action["domain"]) + [("company_id", "=", self.company.id)]
        )
        self.assertEqual(found, waiting | unpaid)
        # Whoever reads it wants to know of whom.
        self.assertEqual(set(found.mapped("buyer_name")), {self.customer.name})
        found.action_generate()
        self.assertEqual(waiting.state, "waiting")
        self.assertEqual(unpaid.state, "issued")


@tagged("post_install", "-at_install")
class TestPaidLater(OwedCase):
    def setUp(self):
        super().setUp()
        self.account.recipient_ids = self.manager

    def test_what_is_paid_later_in_odoo_is_registered_at_the_service(self):
        document = self.invoiced(self.on(self.on_account))
        self.close()
        self.sweep()
        self.assertEqual(document.amount_outstanding, 8900)
        self.receive(self.debt(document.order_id), 5000, self.cash.journal_id)
        self.sweep()
        self.assertEqual(document.amount_outstanding, 3900)
        self.assertEqual(document.payment_state, "partial")
        self.receive(self.debt(document.order_id), 3900, day=after(3))
        self.sweep()
        self.assertEqual(document.payment_state, "paid")
        expected = [("cash", 5000, SOLD_ON), ("bank_transfer", 3900, after(3))]
        self.assertEqual(self.registered(document), expected)
        self.assertEqual(float(self.at_service(document)["paid"]), 8900)

    def test_it_is_registered_once_however_often_it_is_looked_at(self):
        document = self.invoiced(self.on(self.on_account))
        self.close()
        self.receive(self.debt(document.order_id), 5000)
        self.sweep()
        calls = len(self.calls())
        for _again in range(2):
            self.sweep()
        self.assertEqual(len(self.calls()), calls)
        self.assertEqual(document.amount_outstanding, 3900)

    def test_a_lost_answer_registers_it_once(self):
        document = self.invoiced(self.on(self.on_account))
        self.close()
        self.receive(self.debt(document.order_id), 5000)
        self.fault("drop_after", method="PUT", path="/payments$")
        self.sweep()
        self.work()
        self.assertEqual(document.amount_outstanding, 3900)
        self.assertEqual(float(self.at_service(document)["paid"]), 5000)

    def test_what_was_paid_before_it_was_invoiced_is_registered_afterwards(self):
        order = self.on(self.on_account)
        self.close()
        self.receive(self.debt(order), 8900)
        self.sweep()
        self.assertEqual(order.salon_document_id.state, "skipped")
        document = self.invoiced(order)
        self.sweep()
        self.assertEqual(document.payment_state, "paid")

    def test_what_a_person_has_registered_is_not_registered_again(self):
        document = self.invoiced(self.on(self.on_account))
        self.close()
        document.with_user(self.manager).action_register_payment(
            5000, "bank_transfer", SOLD_ON
        )
        self.work()
        self.receive(self.debt(document.order_id), 5000, day=after(1))
        self.sweep()
        self.assertEqual(document.amount_outstanding, 3900)
        self.assertEqual(len(document._tenders()), 1)

    def register_there(self, document, amount):
        """Register a payment at the service itself."""
        day = document._invoice().fulfillment_date
        paid = Tender(kind=PaymentKind.CASH, amount=Decimal(amount), date=day)
        with self.account._open_provider() as provider:
            provider.register_payments(document._issued(), (paid,))

    def test_what_was_registered_at_the_service_is_never_overwritten(self):
        """Whether we have noticed it yet or not: a person is told, once."""
        for look in (False, True):
            document = self.invoiced(self.on(self.on_account))
            self.close()
            self.register_there(document, 2000)
            if look:
                document.with_user(self.manager).action_look()
                self.work()
                self.assertEqual(document.amount_outstanding, 6900)
            self.receive(self.debt(document.order_id), 8900)
            for _again in range(3):
                self.sweep()
            self.assertEqual(self.step(document, "paid").state, "failed")
            self.assertEqual(float(self.at_service(document)["paid"]), 2000)
            alerts = self.env["mail.activity"].search(
                [
                    ("res_model", "=", document._name),
                    ("res_id", "=", document.id),
                    ("user_id", "=", self.manager.id),
                ]
            )
            self.assertEqual(
                set(alerts.mapped("summary")),
                {"Paid in Odoo, not registered at the service"},
            )
            self.assertLessEqual(len(alerts), 2)
            self.session = self._open_session(self.config)

    def test_once_a_person_has_undone_payments_nothing_is_registered_unasked(self):
        document = self.invoiced(self.on(self.on_account))
        self.close()
        self.receive(self.debt(document.order_id), 5000)
        self.sweep()
        document.with_user(self.manager).action_undo_payments()
        self.work()
        self.receive(self.debt(document.order_id), 3900)
        self.sweep()
        self.assertEqual(document.amount_outstanding, 8900)

    def test_what_is_written_off_is_not_paid(self):
        document = self.invoiced(self.on(self.on_account))
        self.close()
        general = self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", self.company.id)], limit=1
        )
        general.default_account_id = self.expected
        self.receive(self.debt(document.order_id), 8900, general)
        self.sweep()
        self.assertEqual(document.amount_outstanding, 8900)

    def test_what_came_back_on_account_is_not_paid_a_second_time(self):
        order = self.on(self.on_account, 17800, quantity=2)
        document = self.invoiced(order)
        back = self.refund(order, {order.lines: 1}, (), [(self.on_account, -8900)])
        self.work()
        self.close()
        remainder = back.salon_document_ids.filtered(
            lambda row: row.kind == "remainder"
        )
        self.assertEqual(document.state, "cancelled")
        self.assertEqual(remainder.amount_outstanding, 8900)
        self.receive(self.debt(order), 8900)
        self.sweep()
        self.assertEqual(remainder.payment_state, "paid")

    def test_a_transfer_is_paid_when_the_bank_has_it(self):
        document = self.invoiced(self.on(self.transfer))
        self.close()
        debt = self.debt(document.order_id)
        self.assertEqual(debt.move_line_id.account_id, self.expected)
        self.sweep()
        self.assertEqual(document.payment_state, "outstanding")
        self.receive(debt, 8900, day=after(2))
        self.sweep()
        self.assertEqual(self.registered(document), [("bank_transfer", 8900, after(2))])

    def test_a_transfer_that_counts_as_paid_is_not_waited_for(self):
        self.transfer.salon_counts_as_paid = True
        order = self.on(self.transfer)
        self.close()
        self.assertFalse(self.debt(order))

    def test_of_payments_in_one_entry_none_is_believed_before_all_have_come(self):
        first, second = self.on(self.together), self.on(self.together)
        documents = self.invoiced(first) | self.invoiced(second)
        self.close()
        debts = self.debt(first) | self.debt(second)
        self.assertEqual(len(debts.move_line_id), 1)
        self.receive(debts[:1], 8900)
        self.sweep()
        self.assertEqual(set(documents.mapped("payment_state")), {"outstanding"})
        self.receive(debts[:1], 8900)
        self.sweep()
        self.assertEqual(set(documents.mapped("payment_state")), {"paid"})

    def test_two_sales_to_one_customer_are_told_apart(self):
        first, second = self.on(self.on_account), self.on(self.on_account)
        first, second = self.invoiced(first), self.invoiced(second)
        self.close()
        self.receive(self.debt(second.order_id), 8900)
        self.sweep()
        self.assertEqual(first.payment_state, "outstanding")
        self.assertEqual(second.payment_state, "paid")

    def test_a_failure_of_ours_does_not_stop_the_closing(self):
        self.on(self.on_account)

        def fail(debts, session, data):
            self.env.cr.execute("SELECT 1 / 0")

        debts = type(self.env["salon.invoice.debt"])
        with (
            patch.object(debts, "_note", fail),
            mute_logger("odoo.sql_db", SESSION_LOG),
        ):
            self.close()
        self.assertFalse(self.env["salon.invoice.debt"].search([]))
