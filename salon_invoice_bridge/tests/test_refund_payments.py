"""What was kept is invoiced as paid by what is left of the money, and by its means."""

from collections import Counter

from odoo.tests import tagged

from .after_case import OnAccountCase
from .days import SOLD_ON


class RefundPaymentTests:
    """The promises, for the services where a partial refund makes a new invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gel = cls._make_product("Hajzselé", 1000, cls.tax_27)

    def sell_for(self, **paid):
        """Sell ten gels; return the sale, which has its invoice.

        :param paid: forints by the name of a method of this class
        """
        sale = self.sell([(self.gel, 10)], self.by(paid))
        sale.with_user(self.manager).action_salon_generate()
        self.work()
        self.assertEqual(sale.salon_document_id.state, "issued")
        return sale

    def give_back(self, sale, **given):
        """Take gels back for forints given back; return the invoice of the others."""
        refund = self.take_back(sale, **given)
        self.work()
        return self.remainder(refund)

    def take_back(self, sale, **given):
        count = sum(given.values()) // 1000
        given = {name: -amount for name, amount in given.items()}
        return self.refund(sale, {sale.lines: count}, payments=self.by(given))

    def by(self, amounts):
        return [(getattr(self, name), amount) for name, amount in amounts.items()]

    def remainder(self, refund):
        documents = refund.salon_document_ids
        remainder = documents.filtered(lambda row: row.kind == "remainder")
        self.assertEqual(remainder.state, "issued", remainder.problem)
        return remainder

    def pay(self, document, amount):
        """Register a transfer as the manager does."""
        document.with_user(self.manager).action_register_payment(
            amount, "bank_transfer", SOLD_ON
        )
        self.work()

    def assert_paid(self, document, owed=0, **paid):
        """Assert what the service says, and we, that was paid, and by what."""
        total = sum(paid.values())
        self.assertEqual(document.amount_gross, total + owed)
        self.assertEqual(float(self.at_service(document)["paid"]), total)
        self.assertEqual(document.amount_outstanding, owed)
        registered = Counter()
        for tender in document._tenders():
            registered[tender.kind.value] += tender.amount
        self.assertEqual(dict(registered), paid)
        self.assertEqual(self.paid_there(document), self.words(paid))

    def assert_named(self, document, kind):
        """Assert by what the service says on the document that it was paid."""
        self.assertEqual(self.named_there(document), self.method(kind))

    # === WHAT IS OWED === #

    def test_what_was_owed_and_paid_since_is_not_owed_again(self):
        sale = self.sell_for(on_account=10000)
        self.pay(sale.salon_document_id, 10000)
        remainder = self.give_back(sale, on_account=3000)
        self.assert_paid(remainder, bank_transfer=7000)
        self.assertEqual(remainder.payment_state, "paid")

    def test_what_is_taken_off_the_account_is_not_owed_and_not_given_back(self):
        sale = self.sell_for(cash=4000, on_account=6000)
        remainder = self.give_back(sale, on_account=3000)
        self.assert_paid(remainder, owed=3000, cash=4000)

    def test_money_that_is_given_back_leaves_what_is_owed(self):
        sale = self.sell_for(cash=4000, on_account=6000)
        remainder = self.give_back(sale, card=3000)
        self.assert_paid(remainder, owed=6000, cash=1000)
        self.assert_named(remainder, "bank_transfer")

    def test_part_of_it_was_paid_since(self):
        sale = self.sell_for(on_account=10000)
        self.pay(sale.salon_document_id, 4000)
        remainder = self.give_back(sale, on_account=7000)
        self.assert_paid(remainder, bank_transfer=3000)

    def test_what_was_paid_at_the_service_is_not_owed(self):
        sale = self.sell_for(on_account=10000)
        paid = self.sell_for(cash=10000).salon_document_id._tenders()
        with self.account._open_provider() as provider:
            provider.register_payments(sale.salon_document_id._issued(), paid)
        self.run_cron("cron_daily_check")
        self.work()
        remainder = self.give_back(sale, on_account=3000)
        self.assertEqual(float(self.at_service(remainder)["paid"]), 7000)
        self.assertEqual(remainder.payment_state, "paid")

    def test_payments_that_were_undone_are_owed(self):
        sale = self.sell_for(card=10000)
        sale.salon_document_id.with_user(self.manager).action_undo_payments()
        self.work()
        self.assert_paid(self.give_back(sale, on_account=3000), owed=7000)

    def test_payments_that_the_service_was_not_told_yet_are_known_all_the_same(self):
        sale = self.sell([(self.gel, 10)], self.by({"cash": 4000, "on_account": 6000}))
        sale.with_user(self.manager).action_salon_generate()
        refund = self.take_back(sale, on_account=3000)
        self.work()
        self.assert_paid(self.remainder(refund), owed=3000, cash=4000)

    # === BY WHAT === #

    def test_the_document_names_what_is_left(self):
        sale = self.sell_for(card=7000, cash=3000)
        remainder = self.give_back(sale, card=7000)
        self.assert_paid(remainder, cash=3000)
        self.assert_named(remainder, "cash")

    def test_what_came_back_for_other_goods_is_the_largest_tenders(self):
        sale = self.sell_for(card=7000, cash=3000)
        refund = self.refund(sale, {sale.lines: 2}, [(self.gel, 2)], [(self.cash, 0)])
        self.work()
        self.assert_paid(self.remainder(refund), card=5000, cash=3000)

    # === ONE AFTER THE OTHER === #

    def test_several_refunds_in_a_row_leave_what_each_of_them_left(self):
        sale = self.sell_for(cash=4000, on_account=6000)
        first = self.give_back(sale, on_account=3000)
        self.assert_paid(first, owed=3000, cash=4000)
        self.pay(first, 3000)
        self.assert_paid(first, cash=4000, bank_transfer=3000)
        second = self.give_back(sale, cash=2000)
        self.assert_paid(second, cash=2000, bank_transfer=3000)
        third = self.give_back(sale, cash=2000, on_account=1000)
        self.assert_paid(third, bank_transfer=2000)


@tagged("post_install", "-at_install")
class TestRefundPaymentsBillingo(RefundPaymentTests, OnAccountCase):
    provider = "billingo"

    def paper(self, document):
        papers = self.sandbox.world.emulator("billingo").state["documents"]
        return papers[document.remote_id]

    def paid_there(self, document):
        """Return the rows of the payment history, summed up by method."""
        paid = Counter()
        for row in self.paper(document)["payments"]:
            paid[row["payment_method"]] += row["price"]
        return dict(paid)

    def words(self, paid):
        return {self.method(kind): amount for kind, amount in paid.items()}

    def named_there(self, document):
        return self.paper(document)["document"]["payment_method"]

    def method(self, kind):
        return {"cash": "cash", "card": "bankcard", "bank_transfer": "elore_utalas"}[
            kind
        ]


@tagged("post_install", "-at_install")
class TestRefundPaymentsBillingoV2(RefundPaymentTests, OnAccountCase):
    provider = "billingo_v2"

    def attributes(self, document):
        papers = self.sandbox.world.emulator("billingo_v2").state["documents"]
        return papers[document.remote_id]["attributes"]

    def paid_there(self, document):
        """Return the sum of the payments: there is no list of them."""
        return float(self.attributes(document)["total_paid"])

    def words(self, paid):
        return sum(paid.values())

    def named_there(self, document):
        return self.attributes(document)["payment_method"]["id"]

    def method(self, kind):
        return {"cash": 1, "card": 5, "bank_transfer": 2}[kind]
