"""Odoo's "Need an invoice?" on the slip: off, and its address leads to our page."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SalonCase
from .guest_case import GuestCase

#: What a guest fills in on Odoo's page, and more that somebody might try.
FORM = {
    "name": "Valaki Más",
    "email": "valaki.mas@example.com",
    "street": "Idegen utca 1.",
    "city": "Pécs",
    "zipcode": "7621",
    "partner_vat": "13572464-2-07",
    "invoice_date": "2020-01-01",
}


class TestTicketPage(GuestCase):
    """Odoo's addresses of old slips lead to the customer's page, and do nothing."""

    def ticket(self, order, data=None, **keywords):
        """Open Odoo's address of a sale, or post its form there; return the answer."""
        address = "/pos/ticket/validate"
        if data is None:
            address += f"?access_token={order.access_token}"
        else:
            token = order.access_token
            data = {**data, "access_token": token, "csrf_token": self.csrf()}
        return self.url_open(address, data=data, **keywords)

    def test_the_address_of_an_old_slip_leads_to_the_page(self):
        order = self.sell([(self.haircut, 1)], customer=self.business)
        self.work()
        answer = self.ticket(order)
        self.assert_says(answer, "Your invoice has been issued")
        self.assertIn(order.salon_document_id.number, answer.text)
        self.assertTrue(answer.url.endswith(f"/salon/invoice/{order.access_token}"))

    def test_what_was_issued_before_it_was_disconnected_leads_there_still(self):
        order = self.sell([(self.haircut, 1)])
        self.work()
        self.account._disconnect()
        self.assert_says(self.ticket(order), "Your invoice has been issued")

    # === WHAT IT DOES NOT DO === #

    def check_post(self, order, words):
        before = self.state(order)
        self.assert_says(self.ticket(order, FORM), words)
        self.assertEqual(self.state(order), before)

    def test_a_posted_form_overwrites_no_customer(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.check_post(order, "Your invoice is being made")
        self.work()
        self.check_post(order, "Your invoice has been issued")

    def test_a_posted_form_makes_no_invoice_in_odoo(self):
        if "l10n_hu_edi_server_mode" in self.company:
            self.company.l10n_hu_edi_server_mode = "demo"  # it could
        self.company.salon_automatic = False
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.check_post(order, "No invoice has been made")

    def test_somebody_who_is_logged_in_is_only_told_too(self):
        self.company.salon_automatic = False
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        user = self._make_user("guest", "base.group_user")
        user.password = user.login
        before = self.state(order)
        self.browse(user.login)
        self.assert_says(self.ticket(order), "No invoice has been made")
        self.assertEqual(self.state(order), before)

    def test_no_token_is_no_page(self):
        for address in (
            "/pos/ticket/validate",
            "/pos/ticket/validate?access_token=",
            "/pos/ticket/validate?access_token=%00",
        ):
            with self.subTest(address=address):
                self.assertEqual(self.url_open(address).status_code, 404)

    def test_a_token_of_no_sale_leads_to_the_page_that_knows_nothing(self):
        for token in ("nonsense", "%25", "a%2Fb", "é", "a b"):
            with self.subTest(token=token):
                answer = self.url_open(f"/pos/ticket/validate?access_token={token}")
                self.assert_says(answer, "Your invoice is not here yet")

    # === FINDING THE SALE === #

    def find(self, order, **values):
        form = {
            "pos_reference": order.pos_reference,
            "date_order": order.date_order.date().isoformat(),
            "ticket_code": order.ticket_code,
            "csrf_token": self.csrf(),
            **values,
        }
        return self.url_open(
            "/pos/ticket", data=form, headers={"Accept-Language": "en-US"}
        )

    def test_what_stands_on_the_slip_finds_the_sale(self):
        order = self.sell([(self.haircut, 1)], ticket_code="ab1c2")
        self.work()
        page = self.url_open("/pos/ticket", headers={"Accept-Language": "en-US"})
        self.assertIn("see what has become of it", page.text)
        self.assertNotIn("Request Invoice", page.text)
        self.assert_says(self.find(order), "Your invoice has been issued")
        answer = self.find(order, ticket_code="xxxxx")
        self.assertIn("No purchase was found", answer.text)

    def test_the_address_with_the_sales_uuid_finds_it(self):
        order = self.sell([(self.haircut, 1)])
        answer = self.url_open(
            f"/pos/ticket?order_uuid={order.uuid}",
            headers={"Accept-Language": "en-US"},
        )
        self.assert_says(answer, "Your invoice is being made")

    def test_a_day_that_is_none_is_no_error_page(self):
        order = self.sell([(self.haircut, 1)], ticket_code="ab1c2")
        for day in ("2026-13-45", "2026", "tegnap", "9999-12-31", "0001-01-01"):
            with self.subTest(day=day):
                answer = self.find(order, date_order=day)
                self.assertEqual(answer.status_code, 200)
                self.assertIn("see what has become of it", answer.text)

    def test_an_address_that_nobody_printed_is_no_error_page(self):
        for query in ("order_uuid=nonsense", "order_uuid=%00", "order_uuid="):
            with self.subTest(query=query):
                answer = self.url_open(f"/pos/ticket?{query}")
                self.assertEqual(answer.status_code, 200)

    # === WHAT STAYS ODOO'S === #

    def test_a_sale_of_a_company_that_is_not_connected_keeps_odoos_page(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.account._disconnect(drop_reason="Vége")
        self.assertIn("Get my invoice", self.ticket(order).text)
        self.assertIn("Get my invoice", self.page(order).text)
        self.assertIn("Request Invoice", self.url_open("/pos/ticket").text)

    def test_the_form_is_odoos_while_one_till_is_not_connected(self):
        company = self.env["res.company"].create({"name": "Kávézó Kft."})
        config = self.config.copy({"name": "Kávézó"})
        self.env.cr.execute(
            "UPDATE pos_config SET company_id = %s, salon_account_id = NULL "
            "WHERE id = %s",
            [company.id, config.id],
        )
        self.env.invalidate_all()
        self.assertIn("Request Invoice", self.url_open("/pos/ticket").text)
        order = self.sell([(self.haircut, 1)])
        self.assert_says(self.ticket(order), "Your invoice is being made")
        answer = self.url_open("/pos/ticket/validate?access_token=nonsense")
        self.assertEqual(answer.status_code, 404)

    def test_what_odoo_has_invoiced_is_shown_by_odoo(self):
        self.read_before = "hu_HU"  # the database's own: no detour by /en
        if "l10n_hu_edi_server_mode" in self.company:
            self.company.l10n_hu_edi_server_mode = "demo"
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        order.with_user(self.manager).action_pos_order_invoice()
        self.env.flush_all()
        address = f"/pos/ticket/validate?access_token={order.access_token}"
        answer = self.url_open(address, allow_redirects=False)
        self.assertIn(
            f"/my/invoices/{order.account_move.id}", answer.headers["Location"]
        )


@tagged("post_install", "-at_install")
class TestSelfServiceSetting(SalonCase):
    """*Self-service invoicing* of Point of Sale follows the connection."""

    def told(self, account=None):
        """Return the notes on the account about it."""
        messages = (account or self.account).message_ids.mapped("body")
        return [body for body in messages if "Self-service" in body]

    def test_connecting_switches_it_off_and_says_so(self):
        self.account._disconnect()
        self.company.point_of_sale_use_ticket_qr_code = True
        account = self._connect()
        self.assertFalse(self.company.point_of_sale_use_ticket_qr_code)
        self.assertIn("switched off", self.told(account)[0])

    def test_disconnecting_the_last_account_restores_what_was_before(self):
        self.assertFalse(self.company.point_of_sale_use_ticket_qr_code)
        self.account._disconnect()
        self.assertTrue(self.company.point_of_sale_use_ticket_qr_code)
        self.assertIn("on again", self.told()[0])

    def test_whoever_may_not_change_the_company_cannot_switch_it_off(self):
        self.company.point_of_sale_use_ticket_qr_code = True
        account = self.account.with_user(self.manager)
        with self.assertRaises(AccessError):
            account.action_fix("self_service")
        self.assertTrue(self.company.point_of_sale_use_ticket_qr_code)

    def test_what_was_off_before_stays_off(self):
        self.account._disconnect()
        self.company.point_of_sale_use_ticket_qr_code = False
        account = self._connect()
        account._disconnect()
        self.assertFalse(self.company.point_of_sale_use_ticket_qr_code)
        self.assertFalse(self.told(account))

    def test_while_an_account_is_left_it_stays_off(self):
        self.config.salon_account_id = self.account
        other = self._connect("szamlazz", self.company)
        other._disconnect()
        self.assertFalse(self.company.point_of_sale_use_ticket_qr_code)
        self.account._disconnect()
        self.assertTrue(self.company.point_of_sale_use_ticket_qr_code)

    def test_switching_the_service_keeps_what_was_before(self):
        other = self._connect("szamlazz", self.company)
        self.assertFalse(self.told(other))
        other._disconnect()
        self.account._disconnect()
        self.assertTrue(self.company.point_of_sale_use_ticket_qr_code)
