"""Who paid with what, and the 5-forint rounding that is no part of the sale."""

from datetime import timedelta

from odoo.tests import tagged

from .content_case import ContentCase


def kinds(invoice):
    return {tender.kind.value: tender.amount for tender in invoice.tenders}


@tagged("post_install", "-at_install")
class TestTenders(ContentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        bank = cls.card.journal_id
        cls.transfer, cls.on_account, cls.szep = cls.env["pos.payment.method"].create(
            [
                {"name": "Átutalás", "journal_id": bank.id},
                {"name": "Vevői számla", "split_transactions": True},
                {"name": "OTP SZÉP kártya", "journal_id": bank.id},
            ]
        )
        cls.session.state = "closed"
        cls.config.payment_method_ids += cls.transfer + cls.on_account + cls.szep
        cls.session = cls._open_session(cls.config)

    def test_change_is_not_a_payment(self):
        order = self.sell(
            [(self.haircut, 1)],
            [(self.cash, 10000)],
            amount_return=-1100,
            amount_paid=8900,
        )
        self.assertEqual(kinds(self.built(order)), {"cash": 8900})

    def test_equal_payments_stay_in_the_order_in_which_they_were_paid(self):
        """One of them carries what is kept off: the same one whenever it is asked."""
        order = self.sell([(self.haircut, 1)], [(self.cash, 4450), (self.card, 4450)])
        self.env.flush_all()
        self.env.invalidate_all()
        tenders = order._salon_snapshot_tenders()
        methods = [entry["method"] for entry in tenders]
        self.assertEqual(methods, [self.cash.id, self.card.id])

    def test_a_due_date_that_passed_while_the_service_was_down_is_made_anew(self):
        order = self.sell([(self.haircut, 1)])
        self.fault("rate_limit", method="POST", path="/documents$")
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual((document.state, document.send_count), ("waiting", 0))
        later = document._invoice().due_date + timedelta(days=3)
        self.patch(self.registry[document._name], "_today", lambda _row: later)
        document.send_count = 1  # its bytes may have arrived: then they stay
        self.assertFalse(document._must_build())
        document.send_count = 0
        self.work()
        self.assertEqual(document.state, "issued", document.problem)
        self.assertEqual(document._invoice().due_date, later)
        self.assertIn(f'"due_date": "{later}"', self.bodies[document.id])

    def test_a_transfer_is_owed_unless_the_salon_counts_it_as_paid(self):
        sale = ([(self.haircut, 1)], [(self.transfer, 8900)])
        owed = self.built(self.sell(*sale))
        self.assertFalse(owed.paid)
        self.assertFalse(owed.tenders)
        self.assertEqual(owed.payment_kind.value, "bank_transfer")
        self.transfer.salon_counts_as_paid = True
        paid = self.built(self.sell(*sale))
        self.assertTrue(paid.paid)
        self.assertEqual(kinds(paid), {"bank_transfer": 8900})

    def test_all_but_a_transfer_count_as_paid_when_they_are_taken(self):
        methods = self.cash + self.card + self.szep
        self.assertTrue(all(methods.mapped("salon_counts_as_paid")))
        self.assertFalse(self.transfer.salon_counts_as_paid)

    def test_what_is_put_on_account_leaves_the_document_outstanding(self):
        order = self.sell([(self.haircut, 1)], [(self.on_account, 8900)], self.customer)
        self.assertEqual(order.salon_document_id.skip_reason, "customer_account")
        order.with_user(self.manager).action_salon_generate()
        invoice = self.built(order)
        self.assertFalse(invoice.paid)
        self.assertFalse(invoice.tenders)
        self.assertEqual(invoice.payment_kind.value, "bank_transfer")
        self.assertEqual(invoice.due_date, invoice.fulfillment_date + timedelta(8))

    def test_the_kind_is_guessed_from_journal_and_name(self):
        names = {
            "Barion": "barion",
            "PayPal": "paypal",
            "MKB SZÉP": "szep_card",
            "Szépségkártya terminál": "card",
            "Ajándékkártya": "voucher",
            "Online kártya": "online_card",
            "Átutalás": "bank_transfer",
            "Bankkártya": "card",
            "Ismeretlen": "card",
        }
        methods = self.env["pos.payment.method"].create(
            [{"name": name, "journal_id": self.card.journal_id.id} for name in names]
        )
        self.assertEqual(
            dict(zip(names, methods.mapped("salon_payment_kind"), strict=True)), names
        )
        self.assertEqual(self.cash.salon_payment_kind, "cash")
        self.assertEqual(self.on_account.salon_payment_kind, "bank_transfer")


@tagged("post_install", "-at_install")
class TestCashRounding(ContentCase):
    """4,990 less 10% is 4,491: 4,490 in cash, 4,491 by card and on the document."""

    def sell_4491(self, payments, **values):
        return self.sell([(self.mens_cut, 1, {"discount": 10})], payments, **values)

    def check(self, order, tenders):
        invoice = self.built(order)
        self.assertEqual([line.gross for line in invoice.lines], [4491])
        self.assertEqual(kinds(invoice), tenders)
        self.assertEqual(self.issue(order)["gross"], 4491)
        return invoice

    def test_cash_rounded_down_is_settlement_and_no_line(self):
        self.use_rounding()
        order = self.sell_4491([(self.cash, 4490)])
        invoice = self.check(order, {"cash": 4491})
        self.assertIn("4 490 Ft", invoice.comment)
        self.assertIn("-1 Ft", invoice.comment)

    def test_the_total_that_odoo_has_rounded_itself_is_not_the_documents(self):
        self.use_rounding(only_cash=False)
        order = self.sell_4491([(self.card, 4490)], amount_total=4490)
        self.check(order, {"card": 4491})

    def test_rounding_up_and_down(self):
        for method, paid in (("UP", 4495), ("DOWN", 4490)):
            with self.subTest(method):
                self.use_rounding(method)
                self.check(self.sell_4491([(self.cash, paid)]), {"cash": 4491})
