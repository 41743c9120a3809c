"""What the till's list of orders finds at the server, as a receptionist."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SalonCase
from .other_company import OtherCompanyCase

#: As in static/src/app/screens/ticket_screen/ticket_screen.js.
PENDING = [["salon_document_ids.state", "in", ["waiting", "sending", "checking"]]]
ATTENTION = [["salon_document_ids.state", "=", "attention"]]
SKIPPED = [["salon_document_id.status", "=", "skipped"]]


class ListCase(SalonCase):
    def found(self, domain, config=None):
        """Return the sales of a page of the list that is filtered by ``domain``."""
        orders = self.env["pos.order"].with_user(self.receptionist)
        config = config or self.config
        answer = orders.search_paid_order_ids(config.id, domain, 30, 0)
        ids = [order_id for order_id, _date in answer["ordersInfo"]]
        self.assertEqual(answer["totalCount"], len(ids))
        return self.env["pos.order"].browse(sorted(ids))

    def by_number(self, text):
        """Return the sales that a search for an invoice's number finds."""
        return self.found([["salon_invoice_numbers", "ilike", f"%{text}%"]])


@tagged("post_install", "-at_install")
class TestList(ListCase):
    def test_each_filter_finds_its_sales(self):
        issued = self.sell([(self.haircut, 1)])
        self.work()
        stopped = self.sell([(self.haircut, 1)])
        stopped.salon_document_id._need_attention("No postcode.", "content")
        waiting = self.sell([(self.haircut, 1)])
        self.company.salon_automatic = False
        skipped = self.sell([(self.haircut, 1)])
        self.assertEqual(self.found([]), issued + stopped + waiting + skipped)
        self.assertEqual(self.found(PENDING), waiting)
        self.assertEqual(self.found(ATTENTION), stopped)
        self.assertEqual(self.found(SKIPPED), skipped)

    def test_a_sale_is_found_by_the_number_of_any_of_its_invoices(self):
        order, other = self.sell([(self.haircut, 1)]), self.sell([(self.haircut, 1)])
        self.work()
        number = order.salon_document_id.number
        self.assertEqual(self.by_number(number), order)
        order.salon_document_id.with_user(self.manager)._request_storno("Elírás")
        self.work()
        storno = order.salon_document_ids.filtered(lambda row: row.kind == "storno")
        self.assertEqual(self.by_number(number), order)
        self.assertEqual(self.by_number(storno.number), order)
        self.assertEqual(self.by_number(other.salon_document_id.number), other)
        self.assertFalse(self.by_number("no such number"))

    def test_a_whole_number_means_its_own_sale_alone(self):
        orders = [self.sell([(self.haircut, 1)]) for _sale in range(2)]
        self.work()
        for order, number in zip(orders, ("T-2026-1", "T-2026-12"), strict=True):
            order.salon_document_id.number = number
        self.assertEqual(self.by_number("T-2026-1"), orders[0])
        self.assertEqual(self.by_number("T-2026-"), orders[0] + orders[1])

    def test_odoos_own_invoice_is_found_by_its_number(self):
        if "l10n_hu_edi_server_mode" in self.company:
            self.company.l10n_hu_edi_server_mode = "demo"
        self.company.salon_automatic = False
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        order.with_user(self.manager).with_context(
            generate_pdf=False
        ).action_pos_order_invoice()
        self.assertEqual(self.by_number(order.account_move.name), order)
        self.assertEqual(self.by_number(order.account_move.name[:-1]), order)

    def test_without_trigrams_a_number_is_found_by_its_beginning(self):
        self.patch(self.registry, "has_trigram", False)
        order = self.sell([(self.haircut, 1)])
        self.work()
        number = order.salon_document_id.number
        self.assertEqual(self.by_number(number[:-1]), order)
        self.assertEqual(self.by_number(number.lower()), order)

    def test_ten_rows_cost_what_three_do(self):
        def cost(orders):
            self.env.flush_all()
            self.env.invalidate_all()
            orders = orders.with_user(self.receptionist)
            orders.mapped("name")
            before = self.env.cr.sql_log_count
            self.assertEqual(len(orders.salon_till_status()), len(orders))
            return self.env.cr.sql_log_count - before

        def sell(count):
            sales = [self.sell([(self.haircut, 1)]) for _sale in range(count)]
            return self.env["pos.order"].union(*sales)

        issued = sell(4)
        sales = [self.sell([(self.haircut, 1), (self.book, 2)]) for _sale in range(4)]
        self.work()
        returned = self.env["pos.order"].union(
            *(self.refund(sale, {sale.lines[1]: 1}) for sale in sales)
        )
        self.work()
        for status in returned.salon_till_status().values():
            self.assertTrue(status["kept"])
        stopped = sell(4)
        for order in stopped:
            order.salon_document_id._need_attention("No postcode.", "content")
        self.company.salon_automatic = False
        skipped = sell(4)
        kinds = (issued, returned, stopped, skipped)
        few = self.env["pos.order"].union(*(orders[0] for orders in kinds))
        many = self.env["pos.order"].union(*kinds)
        cost(few)  # what is read once for the database
        self.assertEqual(cost(many), cost(few))

    def test_a_trusted_till_lists_the_sales_too(self):
        second = self.config.copy(
            {"name": "Második kassza", "payment_method_ids": self.card.ids}
        )
        order = self.sell([(self.haircut, 1)])
        self.work()
        number = order.salon_document_id.number
        domain = [["salon_invoice_numbers", "ilike", f"%{number}%"]]
        self.assertFalse(self.found(domain, second))
        second.trusted_config_ids = self.config
        self.assertEqual(self.found(domain, second), order)

    def test_a_sale_of_an_earlier_session_is_found(self):
        order = self.sell([(self.haircut, 1)])
        self.work()
        session = self.session.with_user(self.manager)
        session.post_closing_cash_details(order.amount_total)
        session.update_closing_control_state_session("")
        session.close_session_from_ui()
        self.assertEqual(self.session.state, "closed")
        self.assertEqual(self.by_number(order.salon_document_id.number), order)
        status = order.with_user(self.receptionist).salon_till_status()
        self.assertEqual(status[order.id]["state"], "issued")


@tagged("post_install", "-at_install")
class TestListOfAnother(OtherCompanyCase):
    def test_nothing_of_another_company_is_found(self):
        order = self.sell([(self.haircut, 1)])
        self.work()
        number = order.salon_document_id.number
        orders = self.as_stranger("receptionist")["pos.order"]
        domain = [["salon_invoice_numbers", "ilike", f"%{number}%"]]
        with self.assertRaises(AccessError):
            orders.search_paid_order_ids(self.config.id, domain, 30, 0)
        own = orders.search_paid_order_ids(self.other_config.id, domain, 30, 0)
        self.assertFalse(own["ordersInfo"])
