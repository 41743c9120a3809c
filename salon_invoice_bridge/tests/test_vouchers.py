"""Vouchers from their sale to their last use: what is invoiced, kept off, put off.

The rules and how sure each is are in ``billing/voucher.py``; here they are tried from
the till to the service. Odoo's loyalty addon, which says which card a line pays with,
is really installed in ``tests/live/test_loyalty.py``; here a test says it.
"""

import random
from collections import Counter
from contextlib import contextmanager
from decimal import Decimal
from types import SimpleNamespace
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import Form, tagged

from ..billing.invoice import PaymentKind
from ..worker.express import Express
from .after_case import AfterCase
from .common import TIMES, make_company
from .content_case import ContentCase
from .receipt_case import ReceiptCase
from .test_refund_random import Reckoning


class VoucherCase(Reckoning, ContentCase, AfterCase):
    """A salon whose gift card has no tax, and says that it buys what carries 27%."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.salon_voucher_sale = False
        cls.template = cls.gift_card.product_tmpl_id
        cls.template.salon_voucher_kind = "single"
        cls.template.salon_voucher_vat = "27"
        #: Voucher -> the code at which it is invoiced when it is sold, if it is.
        cls.codes = {cls.gift_card: "27"}

    def till_by_rate(self, orders):
        """Return what the till kept that is invoiced, by VAT code."""
        kept = Counter()
        for line in orders.lines:
            code = f"{line.tax_ids.amount:g}" if line.tax_ids else "ATK"
            code = self.codes.get(line.product_id, code)
            if code:
                kept[code] += Decimal(str(line.price_subtotal_incl))
        return kept

    @contextmanager
    def paid_with(self, sold):
        """Have cards that are used be those that the line ``sold`` has sold."""

        def find(line):
            used = line.product_id in self.codes and line.price_subtotal_incl < 0
            return sold if used else line.browse()

        lines = type(self.env["pos.order.line"])
        with patch.object(lines, "_salon_find_sold", find):
            yield

    def sell_card(self, *beside, price=5000, card=None):
        """Sell a gift card (the one), and return its line."""
        card = card or self.gift_card
        order = self.sell([*beside, (card, 1, {"price_unit": price})])
        return order.lines.filtered(lambda line: line.product_id == card)

    def use(self, sold, amount, *lines):
        """Sell ``lines`` (a haircut), of which the card has paid ``amount``."""
        paid = self.discount(amount, None, sold.product_id or self.gift_card)
        with self.paid_with(sold):
            return self.sell([*(lines or [(self.haircut, 1)]), paid])

    def billed(self, order):
        """Return the content of the sale's issued document."""
        document = order.salon_document_id
        self.assertEqual(document.state, "issued", document.problem)
        return document._invoice()

    def assert_whole(self, order):
        """Assert: lines = document + kept off, always."""
        document = order.salon_document_id
        kept_off = sum(Decimal(one["amount"]) for one in document.kept_off or ())
        billed = document._invoice()
        gross = billed.gross if billed else 0
        self.assertEqual(gross + kept_off, Decimal(str(order.amount_total)))


class SingleTests:
    """What is the same at every service."""

    def test_a_single_purpose_voucher_is_invoiced_when_it_is_sold(self):
        """VAT Act 18/A (sure): at the rate of what it buys, its product's own."""
        sold = self.sell_card()
        self.work()
        (line,) = self.billed(sold.order_id).lines
        self.assertEqual((line.vat, line.gross), ("27", 5000))

    def test_its_use_is_no_supply_and_names_the_invoice_of_its_sale(self):
        """VAT Act 18/A (sure): of 8,900 the 3,900 are billed that are paid now."""
        sold = self.sell_card()
        self.work()
        number = sold.order_id.salon_document_id.number
        order = self.use(sold, 5000)
        self.work()
        cut, used = self.billed(order).lines
        self.assertEqual((cut.vat, cut.gross), ("27", 8900))
        self.assertEqual((used.vat, used.gross, used.settles), ("27", -5000, number))
        self.assertIn(number, used.comment)
        self.assertEqual(self.standing(), 8900)
        self.assert_settled(sold.order_id | order)
        self.assert_whole(order)

    def test_what_a_single_purpose_voucher_pays_for_alone_needs_no_document(self):
        """VAT Act 18/A (sure): it was invoiced when the voucher was sold."""
        sold = self.sell_card(price=8900)
        self.work()
        order = self.use(sold, 8900)
        self.work()
        document = order.salon_document_id
        self.assertEqual(
            (document.state, document.skip_reason), ("skipped", "voucher_used")
        )
        self.assertFalse(document.kept_off)
        self.assertEqual(self.standing(), 8900)

    def test_a_voucher_that_is_used_bit_by_bit_is_invoiced_once(self):
        """VAT of 10,000 at the sale, of the rest of each visit when it is paid."""
        sold = self.sell_card(price=10_000)
        self.work()
        first = self.use(sold, 6000)
        second = self.use(sold, 4000, (self.mens_cut, 1))
        self.work()
        self.assertEqual(self.billed(first).gross, 2900)
        self.assertEqual(self.billed(second).gross, 990)
        self.assert_settled(sold.order_id | first | second)

    def test_a_single_purpose_voucher_of_another_rate_stops_for_a_person(self):
        """It cannot be single-purpose if it buys at two rates (fairly sure)."""
        sold = self.sell_card()
        self.work()
        order = self.use(sold, 3500, (self.book, 1))
        self.work()
        document = order.salon_document_id
        self.assertEqual(document.state, "attention")
        self.assertIn("single-purpose voucher at the VAT rate 27", document.problem)
        self.assertEqual(order.state, "paid")

    def test_a_pass_is_invoiced_when_it_is_sold_and_not_when_it_is_used(self):
        """Ten visits of one rate (an inference; the accountant says which kind)."""
        ten = self._make_product("10 alkalmas bérlet", 80_000, self.tax_27)
        ten.write({"salon_role": "voucher", "salon_voucher_kind": "single"})
        sold = self.sell([(ten, 1)])
        visit = self.sell([(self.haircut, 1), self.discount(8900, self.tax_27, ten)])
        self.work()
        self.assertEqual(self.grosses(self.billed(sold)), {"27": 80_000})
        self.assertEqual(visit.salon_document_id.skip_reason, "voucher_used")

    # === WHAT COMES BACK === #

    def test_an_unused_voucher_that_is_given_back_is_a_storno_of_its_sale(self):
        sold = self.sell_card()
        self.work()
        back = self.refund(sold.order_id)
        self.work()
        self.assertEqual(back.salon_document_id.kind, "storno")
        self.assertEqual(self.standing(), 0)
        self.assert_settled(sold.order_id | back)

    def test_what_was_used_of_a_voucher_is_not_given_back_without_a_person(self):
        """Its sale's invoice stands for what was used of it."""
        sold = self.sell_card()
        used = self.use(sold, 3000)
        self.work()
        back = self.refund(sold.order_id)
        self.work()
        document = back.salon_document_id
        self.assertEqual(document.state, "attention")
        self.assertIn("Part of Ajándékkártya has been used", document.problem)
        self.assertEqual(self.standing(), 5000 + 5900)
        self.assertEqual(self.billed(used).gross, 5900)

    def test_the_unused_rest_of_a_voucher_may_be_given_back(self):
        """What was used of it stays invoiced by its sale."""
        sold = self.sell_card(price=10_000)
        used = self.use(sold, 6000)
        self.work()
        back = self.refund(sold.order_id, {sold: 0.4})
        self.work()
        self.assertEqual(self.standing(), 6000 + 2900)
        self.assert_settled(sold.order_id | used | back)

    def test_a_use_that_comes_back_whole_leaves_the_voucher_as_it_was_sold(self):
        """Then it may be given back, too: nothing of it is used."""
        sold = self.sell_card()
        order = self.use(sold, 3000)
        self.work()
        self.assertEqual(sold._salon_used(), 3000)
        back = self.refund(order)
        self.work()
        self.assertEqual(sold._salon_used(), 0)
        self.assertEqual(self.standing(), 5000)
        card_back = self.refund(sold.order_id)
        self.work()
        self.assertEqual(self.standing(), 0)
        self.assert_settled(sold.order_id | order | back | card_back)

    def test_what_a_voucher_has_not_paid_for_comes_back_alone(self):
        """What is kept still names the invoice of the voucher."""
        sold = self.sell_card()
        self.work()
        order = self.use(sold, 5000, (self.haircut, 1), (self.book, 1))
        self.work()
        back = self.refund(order, {order.lines[1]: 1})
        self.work()
        self.assert_settled(sold.order_id | order | back)
        self.assertEqual(self.standing(), 5000 + 3900)
        kept = order.salon_document_id._effective_document()._invoice().lines
        number = sold.order_id.salon_document_id.number
        self.assertEqual([line.settles for line in kept if line.gross < 0], [number])

    def test_a_service_that_comes_back_without_its_voucher_is_a_persons(self):
        """The money that the customer got was paid for the card."""
        sold = self.sell_card()
        order = self.use(sold, 5000)
        self.work()
        back = self.refund(order, {order.lines[0]: 1})
        self.work()
        document = back.salon_document_id
        self.assertEqual(document.state, "attention")
        self.assertIn("Give it back together", document.problem)

    def test_goods_beside_a_used_voucher_come_back_alone(self):
        sold = self.sell_card((self.book, 1))
        used = self.use(sold, 5000)
        self.work()
        book = sold.order_id.lines - sold
        back = self.refund(sold.order_id, {book: 1})
        self.work()
        self.assert_settled(sold.order_id | used | back)
        self.assertEqual(self.standing(), 5000 + 3900)

    # === WHAT IT WAS SOLD AS === #

    def test_what_was_sold_as_single_purpose_is_used_so_whatever_its_product_says(self):
        """VAT is not charged twice when a product is set up anew."""
        sold = self.sell_card()
        self.work()
        self.template.salon_voucher_kind = "multi"
        order = self.use(sold, 5000)
        self.work()
        self.assertEqual(self.billed(order).gross, 3900)
        self.assert_settled(sold.order_id | order)

    def test_what_was_sold_as_money_stays_money_when_its_invoice_is_cancelled(self):
        """What was beside the card came back: no VAT has been charged of the card."""
        self.template.salon_voucher_kind = "multi"
        sold = self.sell_card((self.book, 1))
        self.work()
        book = sold.order_id.lines - sold
        self.refund(sold.order_id, {book: 1})
        self.work()
        self.assertEqual(self.standing(), 0)
        self.template.salon_voucher_kind = "single"
        order = self.use(sold, 5000)
        self.work()
        self.assertEqual(self.billed(order).gross, 8900)
        self.assertEqual(self.standing(), 8900)

    def test_a_use_waits_for_the_document_of_the_voucher_and_goes_on_with_it(self):
        """Made first, it would name no invoice, and VAT might be charged twice."""
        self.template.salon_voucher_kind = False
        sold = self.sell_card()
        self.run_lane()
        self.assertEqual(sold.order_id.salon_document_id.state, "attention")
        order = self.use(sold, 5000)
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual(document.state, "waiting", document.problem)
        self.assertIn(sold.order_id.salon_document_id.name, document.waits_for)
        self.template.salon_voucher_kind = "single"
        self.run_lane()  # both, without waiting for a quarter of an hour
        number = sold.order_id.salon_document_id.number
        self.assertTrue(number)
        self.assertEqual(self.billed(order).lines[1].settles, number)

    def test_a_use_up_of_a_voucher_waits_before_it_is_skipped(self):
        """Were its sale no supply, what it pays for would be billed."""
        self.template.salon_voucher_kind = False
        sold = self.sell_card(price=8900)
        self.run_lane()
        self.template.salon_voucher_kind = "single"
        sold.order_id.salon_document_id._need_attention("Look", "content")
        order = self.use(sold, 8900)
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual(document.state, "waiting", document.skip_reason)
        sold.order_id.salon_document_id.action_retry()
        self.run_lane()
        self.assertEqual(sold.order_id.salon_document_id.state, "issued")
        self.assertEqual(document.skip_reason, "voucher_used", document.problem)

    def test_cards_of_both_kinds_are_invoiced_once_whatever_is_done_with_them(self):
        """Random sequences: at the service is what the till has kept, by VAT rate."""
        money = self._make_product("Pénzutalvány", 0, None, salon_role="voucher")
        money.salon_voucher_kind = "multi"
        self.codes = {self.gift_card: "27", money: None}
        for seed in range(2 * TIMES):
            with self.subTest(seed=seed):
                before = self.standing()
                orders = self.run_cards(random.Random(seed), money)
                self.work()
                self.assert_settled(orders, before)
                for order in orders:
                    if order.salon_skip_reason != "refunded" and order.amount_total > 0:
                        self.assert_whole(order)

    def run_cards(self, chance, money):
        """Sell, use and take back cards; return all sales."""
        orders, left, uses = self.env["pos.order"], {}, []
        for _step in range(8):
            if chance.random() < 0.3:
                self.work()
            usable = [line for line, amount in left.items() if amount]
            what = chance.choice(["sell", "use", "use", "back"])
            if what == "use" and usable:
                sold = chance.choice(usable)
                amount = min(left[sold], chance.choice([1000, 3000, 8900]))
                uses.append((self.use(sold, amount), sold, amount))
                left[sold] -= amount
                orders |= uses[-1][0]
            elif what == "back" and uses:
                order, sold, amount = uses.pop(chance.randrange(len(uses)))
                left[sold] += amount
                orders |= self.refund(order)
            else:
                price = chance.choice([5000, 8900, 20_000])
                card = chance.choice([self.gift_card, money])
                beside = [(self.book, 1)] if chance.random() < 0.5 else []
                sold = self.sell_card(*beside, price=price, card=card)
                left[sold] = price
                orders |= sold.order_id
        return orders

    def test_a_voucher_of_before_the_connection_is_what_its_product_says(self):
        order = self.use(self.env["pos.order.line"], 5000)
        self.work()
        _cut, used = self.billed(order).lines
        self.assertEqual((used.vat, used.gross, used.settles), ("27", -5000, ""))


@tagged("post_install", "-at_install")
class TestSingleAtBillingo(SingleTests, VoucherCase):
    def test_an_exempt_salons_voucher_says_so(self):
        """No VAT either way (an inference); the forints count when it is sold."""
        self.company.salon_default_vat = "AAM"
        self.template.salon_voucher_vat = "AAM"
        sold = self.sell_card()
        self.work()
        self.assertEqual(self.grosses(self.billed(sold.order_id)), {"AAM": 5000})

    def test_part_of_a_voucher_that_is_given_back_leaves_an_invoice_of_the_rest(self):
        """Two cards on one line, and one comes back: storno and remainder."""
        order = self.sell([(self.gift_card, 2)])
        self.work()
        back = self.refund(order, {order.lines: 1})
        self.work()
        self.assertEqual(self.standing(), 5000)
        self.assert_settled(order | back)


@tagged("post_install", "-at_install")
class TestSingleAtSzamlazz(SingleTests, VoucherCase):
    provider = "szamlazz"


@tagged("post_install", "-at_install")
class TestMultiPurpose(VoucherCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template.salon_voucher_kind = "multi"

    def test_selling_a_multi_purpose_voucher_is_no_supply_and_is_named(self):
        """VAT Act 18/B (sure). Its row says what was kept off, with its amount."""
        sold = self.sell_card()
        self.work()
        document = sold.order_id.salon_document_id
        self.assertEqual(document.skip_reason, "voucher")
        self.assertIn("Ajándékkártya: 5", document.kept_off_text)
        self.assertFalse(self.issued())
        self.assert_whole(sold.order_id)

    def test_a_multi_purpose_voucher_beside_a_service_is_kept_off(self):
        sold = self.sell_card((self.haircut, 1))
        self.work()
        self.assertEqual(self.grosses(self.billed(sold.order_id)), {"27": 8900})
        self.assert_whole(sold.order_id)

    def test_all_that_a_multi_purpose_voucher_pays_for_is_billed(self):
        """Like money (sure): a tender, and no line of the invoice."""
        sold = self.sell_card()
        order = self.use(sold, 5000)
        self.work()
        invoice = self.billed(order)
        self.assertEqual(self.grosses(invoice), {"27": 8900})
        self.assertEqual(
            {tender.kind: tender.amount for tender in invoice.tenders},
            {PaymentKind.VOUCHER: 5000, PaymentKind.CASH: 3900},
        )
        self.assertEqual(self.standing(), 8900)
        self.assert_whole(order)

    def test_a_service_paid_by_it_alone_is_billed(self):
        order = self.use(self.sell_card(price=8900), 8900)
        self.work()
        self.assertEqual(self.grosses(self.billed(order)), {"27": 8900})

    def test_what_was_sold_as_money_is_money_whatever_its_product_says_since(self):
        """No VAT was charged at its sale, so it is charged at its use."""
        sold = self.sell_card(price=8900)
        self.template.salon_voucher_kind = "single"
        order = self.use(sold, 8900)
        self.work()
        self.assertEqual(self.standing(), 8900)
        self.assertEqual(self.billed(order).tenders[0].kind, PaymentKind.VOUCHER)

    def test_an_unused_one_that_is_given_back_needs_no_document(self):
        sold = self.sell_card()
        back = self.refund(sold.order_id)
        self.work()
        self.assertEqual(back.salon_document_id.skip_reason, "not_invoiced")
        self.assertFalse(self.issued())

    def test_one_that_is_given_back_beside_a_service_leaves_its_invoice_as_it_is(self):
        sold = self.sell_card((self.haircut, 1))
        self.work()
        back = self.refund(sold.order_id, {sold: 1})
        self.work()
        self.assertEqual(back.salon_document_id.skip_reason, "nothing")
        self.assertEqual(self.standing(), 8900)

    def test_a_service_that_it_paid_for_comes_back_with_the_voucher(self):
        sold = self.sell_card()
        order = self.use(sold, 5000)
        self.work()
        self.refund(order)
        self.work()
        self.assertEqual(self.standing(), 0)


@tagged("post_install", "-at_install")
class TestWhatIsSaid(VoucherCase):
    def test_a_product_that_says_its_kind_needs_no_answer_of_the_company(self):
        sold = self.sell_card()
        self.work()
        self.assertEqual(self.billed(sold.order_id).gross, 5000)

    def test_what_waits_for_the_kind_goes_on_once_a_product_says_it(self):
        self.template.salon_voucher_kind = False
        sold = self.sell_card((self.haircut, 1))
        self.run_lane()
        document = sold.order_id.salon_document_id
        self.assertEqual(document.state, "attention")
        self.template.salon_voucher_kind = "multi"
        self.run_lane()
        self.assertEqual(self.grosses(self.billed(sold.order_id)), {"27": 8900})

    def test_another_companys_people_let_nothing_of_ours_go_on(self):
        """A product without a company is everybody's; our documents are not."""
        self.template.salon_voucher_kind = False
        sold = self.sell_card()
        self.run_lane()
        document = sold.order_id.salon_document_id
        other = make_company(self.env, "Másik Szalon Kft.")
        theirs = self.template.with_context(allowed_company_ids=other.ids)
        theirs.salon_voucher_kind = "single"
        self.assertEqual(document.state, "attention")

    def test_it_is_kept_when_the_kind_was_said_and_by_whom(self):
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.template.message_ids.unlink()
        with freeze_time("2026-03-05 12:00:00"):
            self.template.salon_voucher_kind = "multi"
            self.env.flush_all()
        self.assertEqual(str(self.template.salon_voucher_said_on), "2026-03-05")
        self.env.cr.precommit.run()
        tracked = self.template.message_ids.tracking_value_ids
        self.assertEqual(tracked.field_id.mapped("name"), ["salon_voucher_kind"])

    def test_the_form_asks_for_the_kind_of_what_is_a_voucher(self):
        view = "point_of_sale.product_template_form_view"
        with Form(self.template, view) as form:
            form.salon_voucher_kind = "single"
            form.salon_voucher_vat = "5"
            form.salon_role = "sale"
            with self.assertRaises(AssertionError):
                form.salon_voucher_kind = "multi"
        self.assertFalse(self.template.salon_is_voucher)

    def test_readiness_asks_for_vouchers_of_no_kind_only(self):
        check = self.check_vouchers()
        self.assertEqual(check["level"], "ok")
        self.assertIn("Ajándékkártya", check["text"])
        other = self._make_product("Bérlet", 50_000, None, salon_role="voucher")
        check = self.check_vouchers()
        self.assertEqual(check["level"], "bad")
        self.assertIn("Bérlet", check["text"])
        self.assertNotIn("Ajándékkártya", check["text"])
        other.salon_voucher_kind = "multi"
        self.assertEqual(self.check_vouchers()["level"], "ok")

    def check_vouchers(self):
        self.account.invalidate_recordset()
        (check,) = (one for one in self.account.checks if one["code"] == "vouchers")
        return check


class OneCard:
    """A ``loyalty.card``, as far as it is asked: the only one that a sale has sold."""

    id, ids = 1, [1]
    program_id = SimpleNamespace(id=1)

    def __init__(self, order, worth):
        sale = {"order_model": "pos.order", "order_id": order.id, "issued": worth}
        self.history_ids = [SimpleNamespace(**sale)]

    def __len__(self):
        return 1

    def search(self, domain, order):
        return self

    def filtered(self, condition):
        return self if condition(self) else None


@tagged("post_install", "-at_install")
class TestForged(VoucherCase):
    """A till may send anything, and name any id."""

    def test_a_till_does_not_say_what_a_line_was_paid_for_by(self):
        sold = self.sell_card()
        other = self.sell_card(price=9000)
        forged = self.discount(5000, None, self.gift_card)
        forged[2]["salon_settles_id"] = sold.id
        order = self.sell([(self.haircut, 1), forged])
        self.assertFalse(order.lines.salon_settles_id)
        line = order.lines[0].with_user(self.receptionist)
        line.write(
            {"salon_settles_id": other.id, "salon_settled_by_ids": [(4, sold.id)]}
        )
        self.assertFalse((order.lines | sold | other).salon_settles_id)

    def test_what_another_company_has_sold_pays_for_nothing(self):
        sold = self.sell_card()
        self.work()
        order = self.use(sold, 5000)
        self.assertTrue(order._salon_prepaid(order.salon_document_id._sale().lines))
        other = make_company(self.env, "Másik Szalon Kft.")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE pos_order SET company_id = %s WHERE id = %s",
            (other.id, sold.order_id.id),
        )
        self.env.invalidate_all()
        lines = order.salon_document_id._sale().lines
        self.assertFalse(order._salon_prepaid(lines))

    def test_a_till_that_sells_a_thousand_million_cards_keeps_no_sale_waiting(self):
        sold = self.sell_card(price=5)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE pos_order_line SET qty = 1000, price_subtotal_incl = 5000 "
            "WHERE id = %s",
            [sold.id],
        )
        self.env.invalidate_all()
        currency, asked = type(sold.currency_id), []

        def compare(record, one, other):
            asked.append(one)
            return (one > other) - (one < other)

        with patch.object(currency, "compare_amounts", compare):
            line = sold._salon_line_of_card(OneCard(sold.order_id, 5))
        self.assertEqual(line, sold)
        self.assertEqual(len(asked), 1)

    def test_later_uses_do_not_count_for_an_earlier_one(self):
        """Were they counted, two sales would wait for each other."""
        sold = self.sell_card(price=10_000)
        first, second = self.use(sold, 6000), self.use(sold, 3000)
        before = [None, *(order.salon_document_id.id for order in (first, second))]
        used = [sold._salon_as_prepaid(one).used for one in before]
        self.assertEqual(used, [9000, 0, 6000])

    def takes_the_short_way(self, order):
        """Issue the sale's document; return True if it took the short way."""
        record = Express._record_plain
        with patch.object(
            Express, "_record_plain", autospec=True, side_effect=record
        ) as short:
            self.work()
        self.assertEqual(order.salon_document_id.state, "issued")
        return short.called

    def test_the_short_way_leaves_vouchers_to_the_ordinary_one(self):
        """A use may wait for the sale, and the short way wakes nobody."""
        self.sell([(self.haircut, 1)])
        self.work()  # the buyer is known from now on
        self.assertTrue(self.takes_the_short_way(self.sell([(self.haircut, 1)])))
        sold = self.sell_card()
        self.assertFalse(self.takes_the_short_way(sold.order_id))
        self.assertFalse(self.takes_the_short_way(self.use(sold, 5000)))


class ReceiptTests:
    """Cards where sales get receipts."""

    def test_a_card_that_was_sold_by_a_receipt_names_that_when_it_is_used(self):
        """A receipt may say that a voucher is sold (fairly sure), as an invoice may."""
        sold = self.sell_card()
        self.work()
        receipt = self.receipt_of(sold.order_id)
        self.assertEqual(receipt.state, "issued", receipt.problem)
        order = self.use(sold, 5000)
        self.work()
        self.assertEqual(self.receipt_of(order).state, "issued")
        self.assertEqual(self.billed(order).lines[1].settles, receipt.number)
        self.assertEqual(self.standing(), 8900)
        self.assert_settled(sold.order_id | order)

    def test_a_card_that_is_money_is_a_tender_of_a_receipt(self):
        self.template.salon_voucher_kind = "multi"
        self.codes = {self.gift_card: None}
        order = self.use(self.sell_card(), 5000)
        self.work()
        self.assertEqual(self.receipt_of(order).state, "issued")
        self.assertEqual(self.billed(order).gross, 8900)
        self.assert_whole(order)


@tagged("post_install", "-at_install")
class TestReceiptsAtBillingo(ReceiptTests, VoucherCase, ReceiptCase):
    def setUp(self):
        super().setUp()
        self.company.salon_receipt_tip = "kept_off"

    def use_up_with_tip(self, sold):
        """Use a card up for a haircut beside a tip that no receipt here can hold."""
        tip = (self.tip, 1, {"price_unit": 1000})
        return self.use(sold, 8900, (self.haircut, 1), tip)

    def assert_used_up(self, order):
        document = order.salon_document_id
        self.assertEqual(document.skip_reason, "voucher_used", document.problem)
        self.assert_whole(order)
        self.assertEqual(self.standing(), 8900)

    def test_what_a_voucher_pays_for_beside_a_tip_that_is_left_off_needs_none(self):
        """A receipt of 0 Ft would say nothing: the tip is kept off, and named."""
        sold = self.sell_card(price=8900)
        self.work()
        order = self.use_up_with_tip(sold)
        self.work()
        self.assert_used_up(order)

    def test_so_it_is_where_the_receipt_has_waited_for_that_of_the_voucher(self):
        self.template.salon_voucher_kind = False
        sold = self.sell_card(price=8900)
        self.run_lane()
        order = self.use_up_with_tip(sold)
        self.run_lane()
        self.assertEqual(order.salon_document_id.state, "waiting")
        self.template.salon_voucher_kind = "single"
        self.work()
        self.assert_used_up(order)


@tagged("post_install", "-at_install")
class TestReceiptsAtSzamlazz(ReceiptTests, VoucherCase, ReceiptCase):
    provider = "szamlazz"
