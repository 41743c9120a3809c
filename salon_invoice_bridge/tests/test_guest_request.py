"""A customer asks for company data on the page: once, in time, and only asks."""

import re
import uuid
from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo import fields, sql_db
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tests import Form
from odoo.tools import mute_logger

from ..billing.errors import NotProcessed
from ..billing.guest_page import REQUEST_DAYS
from ..billing.invoice import Taxpayer, TaxpayerAddress
from ..models.salon_invoice_request import KEPT_DAYS, PER_COMPANY, PER_SALE, REQUESTS
from .test_guest_page import UNKNOWN, PageCase

NUMBER = "13572464-2-07"
OTHERS = ("12345676-2-42", "10773381-2-44", "10625790-2-44", "10537914-4-44")
COMPANY = Taxpayer(
    valid=True,
    name="NAGY CÉG KFT.",
    organization=True,
    addresses=(TaxpayerAddress(postcode="9400", city="Sopron", street="Fő tér 3."),),
)
SOLE_TRADER = Taxpayer(
    valid=True,
    name="KISS PIROSKA",
    organization=False,
    addresses=(TaxpayerAddress(postcode="7621", city="Pécs", street="Otthon u. 1."),),
)
TYPED = {
    "tax_number": NUMBER,
    "buyer_name": "Gépelt Kft.",
    "postcode": "1011",
    "city": "Budapest",
    "street": "Fő utca 1.",
    "email": "Szamla@Ceg.example",
}
ASK = "I need an invoice with company data"


class RequestCase(PageCase):
    def setUp(self):
        super().setUp()
        self.company.salon_guest_may_request = True
        self.asked = []
        self.answer = COMPANY
        self.requests = self.env["salon.invoice.request"]
        lookups = type(self.env["salon.invoice.lookup"])
        self.patch(lookups, "_ask", lambda model, *args: self.look_up(model, *args))

    def look_up(self, lookups, account, number, limits=None):
        """Answer for the service, and count as the real one does."""
        self.assertEqual(account, self.account)
        self.asked.append(number)
        lookups.sudo().create({"company_id": account.company_id.id})
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def post(self, order, step, data=None, **keywords):
        """Post the form of a sale's request; return the answer."""
        data = {
            **(TYPED if data is None else data),
            "step": step,
            "csrf_token": self.csrf(),
        }
        token = getattr(order, "access_token", order)
        answer = self.url_open(f"/salon/invoice/{token}/request", data=data, **keywords)
        self.env.invalidate_all()
        return answer

    def request_of(self, order):
        return self.requests.search([("order_id", "=", order.id)])

    def asked_for(self, **values):
        """Return the request of a customer who has sent it."""
        order = self.sell([(self.haircut, 1)], **values)
        self.assertFalse(self.requests.sudo()._submit(order, dict(TYPED)))
        return self.request_of(order)


class TestAsking(RequestCase):
    def test_a_guest_asks_in_two_steps_and_is_told_so(self):
        order = self.issued_sale()
        self.assertIn(ASK, self.page(order).text)
        form = self.page(order, "/request")
        self.assertIn('name="tax_number"', form.text)
        self.assertNotIn('name="email"', form.text)
        answer = self.post(order, "ask", {"tax_number": " 13572464 2 07"})
        self.assertIn("NAGY CÉG KFT.", answer.text)
        self.assertIn("Fő tér 3.", answer.text)
        self.assertNotIn('name="street"', answer.text)
        self.assertEqual(self.request_of(order).state, "draft")
        self.assertEqual(self.asked, [NUMBER])
        answer = self.post(order, "send")
        self.assert_says(answer, "The salon has your request")
        self.assertTrue(answer.url.endswith(order.access_token))
        request = self.request_of(order)
        self.assertEqual(request.state, "new")
        self.assertTrue(request.verified)
        # What the authority says, not what the browser sent.
        self.assertEqual(request.buyer_name, "NAGY CÉG KFT.")
        self.assertEqual(request.street, "Fő tér 3.")
        self.assertEqual(request.email, "szamla@ceg.example")
        self.assertNotIn(ASK, self.page(order).text)

    def test_it_only_asks(self):
        order = self.issued_sale()
        before = self.state(order)
        called = len(self.calls())
        self.post(order, "ask")
        self.post(order, "send")
        self.work()
        self.assertEqual(self.state(order), before)
        self.assertEqual(len(self.calls()), called)
        self.assertEqual(len(self.issued()), 1)

    def test_nothing_of_it_stands_on_the_page(self):
        order = self.issued_sale()
        self.post(order, "ask")
        self.post(order, "send")
        text = self.page(order).text
        for secret in ("NAGY", "13572464", "Sopron", "ceg.example"):
            self.assertNotIn(secret, text)

    def test_the_address_of_a_sole_trader_is_typed_not_told(self):
        self.answer = SOLE_TRADER
        order = self.issued_sale()
        answer = self.post(order, "ask", {"tax_number": NUMBER})
        self.assertIn("KISS PIROSKA", answer.text)
        self.assertNotIn("Otthon", answer.text)
        self.assertIn('name="street"', answer.text)
        self.post(order, "send")
        request = self.request_of(order)
        self.assertEqual(request.buyer_name, "KISS PIROSKA")
        self.assertEqual(request.street, "Fő utca 1.")
        self.assertNotIn("Otthon", str(request.taxpayer))

    def test_nor_of_whom_nobody_says_what_it_is(self):
        self.answer = Taxpayer(
            valid=True, name="VALAKI", addresses=SOLE_TRADER.addresses
        )
        order = self.issued_sale()
        answer = self.post(order, "ask", {"tax_number": NUMBER})
        self.assertNotIn("Otthon", answer.text)

    def test_what_nobody_can_be_asked_about_is_typed_and_unverified(self):
        for failure in (
            NotProcessed("down"),
            UserError("too many"),
            Taxpayer(valid=None),
            Taxpayer(valid=True),
        ):
            with self.subTest(failure=failure):
                self.answer = failure
                order = self.sell([(self.haircut, 1)])
                answer = self.post(order, "ask", {"tax_number": NUMBER})
                self.assertIn("Nobody could be asked", answer.text)
                self.assertIn('name="buyer_name"', answer.text)
                self.post(order, "send")
                request = self.request_of(order)
                self.assertEqual(request.state, "new")
                self.assertFalse(request.verified)
                self.assertEqual(request.buyer_name, "Gépelt Kft.")

    def test_a_number_that_is_none_is_asked_of_nobody(self):
        order = self.sell([(self.haircut, 1)])
        for number in ("", "1", "13572465-2-07", "x" * 5000, "\0", "🧾", "' OR 1=1"):
            answer = self.post(order, "ask", {"tax_number": number})
            self.assertIn("no valid tax number", answer.text)
        self.assertFalse(self.asked)
        self.assertFalse(self.request_of(order))

    def test_a_number_that_nobody_has_is_said_and_cannot_be_sent(self):
        self.answer = Taxpayer(valid=False)
        order = self.sell([(self.haircut, 1)])
        answer = self.post(order, "ask", {"tax_number": NUMBER})
        self.assertIn("does not know this tax number", answer.text)
        answer = self.post(order, "send")
        self.assertIn("no valid tax number", answer.text)
        self.assertEqual(self.request_of(order).state, "draft")

    def test_a_company_of_another_country_is_typed(self):
        order = self.sell([(self.haircut, 1)])
        typed = {**TYPED, "tax_number": "DE 136695976"}
        answer = self.post(order, "ask", typed)
        self.assertIn('name="buyer_name"', answer.text)
        self.post(order, "send", typed)
        request = self.request_of(order)
        self.assertEqual(request.tax_number, "DE136695976")
        country = self.env["res.country"].browse(request._buyer_values()["country_id"])
        self.assertEqual(country.code, "DE")
        self.assertFalse(self.asked)

    def test_what_lacks_is_said_and_the_rest_kept(self):
        self.answer = NotProcessed("down")
        order = self.sell([(self.haircut, 1)])
        self.post(order, "ask")
        for lacking in ("buyer_name", "city", "email"):
            answer = self.post(order, "send", {**TYPED, lacking: "  "})
            self.assertIn("fill in what is marked", answer.text)
            marked = re.search(r'aria-invalid="true"', answer.text)
            self.assertTrue(marked)
            self.assertIn("Fő utca 1.", answer.text)
        for email in ("x", "a@b", "a@b.hu,c@d.hu", "a@b.hu\nBcc: c@d.hu"):
            answer = self.post(order, "send", {**TYPED, "email": email})
            self.assertIn("fill in what is marked", answer.text)
        self.assertEqual(self.request_of(order).state, "draft")

    def test_what_is_typed_is_a_line_of_a_length_and_is_escaped(self):
        self.answer = NotProcessed("down")
        order = self.sell([(self.haircut, 1)])
        evil = "<script>alert(1)</script>" + "x" * 5000
        answer = self.post(order, "send", {**TYPED, "buyer_name": evil, "email": ""})
        self.assertNotIn("<script>alert", answer.text)
        self.post(order, "send", {**TYPED, "buyer_name": evil})
        self.assertEqual(len(self.request_of(order).buyer_name), 200)

    def test_other_fields_cannot_be_sent(self):
        order = self.sell([(self.haircut, 1)])
        self.post(
            order,
            "send",
            {
                **TYPED,
                "state": "accepted",
                "verified": "1",
                "taxpayer": '{"valid": true}',
                "partner_id": str(self.customer.id),
                "order_id": "1",
                "company_id": "1",
                "lookup_count": "-99",
            },
        )
        request = self.request_of(order)
        self.assertEqual(request.state, "new")
        self.assertFalse(request.verified)
        self.assertFalse(request.partner_id)
        self.assertEqual(request.company_id, self.company)


class TestWhoMayAsk(RequestCase):
    def check_closed(self, order):
        """Assert that nobody can ask about a sale, by whatever way."""
        self.assertNotIn(ASK, self.page(order).text)
        before = len(self.requests.search([]))
        self.assertFalse(self.page(order, "/request").url.endswith("/request"))
        for step in ("ask", "send"):
            answer = self.post(order, step)
            self.assertEqual(answer.status_code, 200)
            self.assertFalse(answer.url.endswith("/request"))
        self.assertEqual(len(self.requests.search([])), before)
        self.assertFalse(self.asked)

    def test_a_shop_allows_it_first(self):
        order = self.issued_sale()
        self.company.salon_guest_may_request = False
        self.check_closed(order)
        self.config.salon_guest_requests = "yes"
        self.assertIn(ASK, self.page(order).text)
        self.company.salon_guest_may_request = True
        self.config.salon_guest_requests = "no"
        self.check_closed(order)

    def test_it_is_off_until_somebody_allows_it(self):
        company = self.env["res.company"].create({"name": "Új Kft."})
        self.assertFalse(company.salon_guest_may_request)

    def test_an_invoice_that_names_a_buyer_is_not_asked_about(self):
        for customer in (self.customer, self.business):
            self.check_closed(self.issued_sale(customer))

    def test_nor_one_that_is_made_out_to_another_buyer(self):
        order = self.sell([(self.haircut, 1)], salon_buyer_id=self.business.id)
        self.assertEqual(order.salon_buyer_id, self.business)
        self.check_closed(order)

    def test_nor_one_that_is_just_being_made_out_to_a_company(self):
        order = self.sell([(self.haircut, 1)])
        self.work()
        till = order.with_user(self.manager)
        till._salon_change_buyer(self.business.with_env(till.env))
        self.assertNotIn(ASK, self.page(order).text)
        self.post(order, "send")
        self.assertFalse(self.request_of(order))

    def test_it_is_open_for_eight_days(self):
        order = self.issued_sale()
        self.later(days=REQUEST_DAYS)
        self.assertIn(ASK, self.page(order).text)
        self.later(days=1)
        self.check_closed(order)

    def test_a_form_that_was_opened_in_time_is_late_later(self):
        order = self.issued_sale()
        self.post(order, "ask")
        self.later(days=REQUEST_DAYS + 1)
        self.post(order, "send")
        self.assertEqual(self.request_of(order).state, "draft")

    def test_what_was_given_back_is_not_asked_about(self):
        order = self.issued_sale()
        back = self.refund(order)
        self.check_closed(order)
        self.check_closed(back)

    def test_nor_what_is_cancelled(self):
        order = self.issued_sale()
        order.salon_document_id.with_user(self.manager)._request_storno("Elírás")
        self.work()
        self.check_closed(order)

    def test_a_sale_without_an_invoice_can_be_asked_about_if_it_can_have_one(self):
        self.config.salon_cash_register = True
        self.company.salon_which = "customer"
        order = self.sell([(self.haircut, 1)])
        self.assertEqual(order.salon_skip_reason, "cash_register")
        self.assertIn(ASK, self.page(order).text)
        order.salon_document_id.skip_reason = "zero"
        self.check_closed(order)

    def test_unknown_tokens_take_no_form(self):
        for token in (str(uuid.uuid4()), "%00", "nonsense"):
            for step in ("ask", "send", "x"):
                answer = self.post(token, step)
                self.assert_says(answer, UNKNOWN)
        self.assertFalse(self.requests.search([]))
        self.assertFalse(self.asked)

    def test_a_form_of_another_site_is_refused(self):
        order = self.issued_sale()
        data = {**TYPED, "step": "send"}
        with mute_logger("odoo.http"):
            answer = self.url_open(
                f"/salon/invoice/{order.access_token}/request", data=data
            )
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self.request_of(order))

    def test_a_form_about_one_sale_changes_no_other(self):
        ours, theirs = self.issued_sale(), self.issued_sale()
        self.post(ours, "send", {**TYPED, "order_id": theirs.id, "token": "x"})
        self.assertTrue(self.request_of(ours))
        self.assertFalse(self.request_of(theirs))


class TestSelfOrdering(RequestCase):
    """Self-ordering hands whatever a browser sends to ``sync_from_ui`` as superuser."""

    def send(self, **values):
        data = self.order_data([(self.haircut, 1)], **values)
        orders = self.env["pos.order"].sudo().with_company(self.company)
        answer = orders.sync_from_ui([data])
        return orders.browse(answer["pos.order"][0]["id"])

    def test_it_writes_no_request(self):
        order = self.issued_sale()
        self.requests.sudo()._submit(order, dict(TYPED))
        request = self.request_of(order)
        sale = self.send(
            salon_request_ids=[
                (1, request.id, {"state": "declined", "reason": "x"}),
                (4, request.id),
                (0, 0, {"company_id": self.company.id, "state": "accepted"}),
            ]
        )
        self.env.invalidate_all()
        self.assertEqual((request.state, request.order_id), ("new", order))
        self.assertFalse(self.request_of(sale))

    def test_it_writes_no_document(self):
        order = self.issued_sale()
        document = order.salon_document_id
        number = document.number
        sale = self.send(
            salon_document_ids=[
                (1, document.id, {"number": "HAMIS-1"}),
                (4, document.id),
            ]
        )
        self.env.invalidate_all()
        self.assertEqual((document.number, document.order_id), (number, order))
        self.assertNotIn(document, sale.salon_document_ids)


class TestFloods(RequestCase):
    def test_it_is_asked_once(self):
        order = self.issued_sale()
        self.post(order, "send")
        first = self.request_of(order).read()
        answer = self.post(order, "send", {**TYPED, "buyer_name": "Másik Kft."})
        self.assert_says(answer, "The salon has your request")
        self.assertEqual(self.request_of(order).read(), first)
        self.assertEqual(len(self.request_of(order).activity_ids), 1)

    def test_two_at_once_are_one(self):
        order = self.issued_sale()
        requests = self.requests.sudo()
        requests._of(order)
        with patch.object(type(requests), "search", lambda model, domain: model):
            with mute_logger("odoo.sql_db"), self.assertRaises(ConcurrencyError):
                requests._of(order)
        with mute_logger("odoo.sql_db"):
            with self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
                requests.create({"order_id": order.id, "company_id": self.company.id})

    def test_a_form_that_is_sent_while_the_service_is_asked_waits_for_nothing(self):
        order = self.issued_sale()
        requests = self.requests.sudo()
        with sql_db.db_connect(self.env.cr.dbname).cursor() as other:
            self.assertTrue(requests.with_env(self.env(cr=other))._take_turn(order))
            answer = self.post(order, "ask")
            self.assertIn("Nobody could be asked", answer.text)
            self.assert_says(self.post(order, "send"), ASK)
            self.assertFalse(self.asked or self.request_of(order))
            other.rollback()
        self.assertIn("NAGY CÉG", self.post(order, "ask").text)

    def test_a_sale_has_three_look_ups(self):
        order = self.issued_sale()
        for number in OTHERS:
            self.answer = Taxpayer(valid=False)
            answer = self.post(order, "ask", {"tax_number": number})
        self.assertEqual(len(self.asked), PER_SALE)
        self.assertIn("Nobody could be asked", answer.text)
        # What failed counts, too; what is known already is not asked again.
        other = self.issued_sale()
        self.answer = NotProcessed("down")
        for _time in range(PER_SALE + 2):
            self.post(other, "ask")
        self.assertEqual(len(self.asked), 2 * PER_SALE)
        third = self.issued_sale()
        self.answer = COMPANY
        for _time in range(PER_SALE + 2):
            self.assertIn("NAGY CÉG", self.post(third, "ask").text)
        self.assertEqual(len(self.asked), 2 * PER_SALE + 1)

    def test_a_companys_guests_have_thirty_look_ups_an_hour(self):
        guest = self.env.ref("base.public_user")
        lookups = self.env["salon.invoice.lookup"]
        lookups.sudo().create([{"company_id": self.company.id}] * PER_COMPANY)
        order = self.issued_sale()
        self.post(order, "ask")
        self.assertEqual(len(self.asked), 1)  # what people ask does not count
        lookups.with_user(guest).sudo().create(
            [{"company_id": self.company.id}] * (PER_COMPANY - 1)
        )
        order = self.issued_sale()
        self.assertIn("Nobody could be asked", self.post(order, "ask").text)
        self.assertEqual(len(self.asked), 1)
        self.env.cr.execute(
            "UPDATE salon_invoice_lookup SET create_date = create_date - %s",
            [timedelta(hours=1, minutes=1)],
        )
        self.assertIn("NAGY CÉG", self.post(order, "ask").text)

    def test_a_company_gets_thirty_requests_an_hour(self):
        orders = self.sync(
            *(self.order_data([(self.haircut, 1)]) for _sale in range(REQUESTS))
        )
        self.requests.create(
            [
                {
                    "order_id": order.id,
                    "company_id": self.company.id,
                    "state": "new",
                    "requested_at": fields.Datetime.now(),
                }
                for order in orders
            ]
        )
        order = self.issued_sale()
        answer = self.post(order, "send")
        self.assertIn("Too many ask just now", answer.text)
        self.assertEqual(self.request_of(order).state, "draft")
        earlier = fields.Datetime.now() - timedelta(hours=2)
        self.requests.search([("state", "=", "new")]).requested_at = earlier
        self.post(order, "send")
        self.assertEqual(self.request_of(order).state, "new")

    def test_who_is_logged_in_counts_as_a_guest(self):
        user = self._make_user("browsing", "base.group_user")
        user.password = user.login
        order = self.issued_sale()
        self.browse(user.login)
        self.requests.with_user(user).sudo()._ask_for_guest(order, dict(TYPED))
        rows = self.env["salon.invoice.lookup"].search([])
        self.assertEqual(rows.create_uid, self.env.ref("base.public_user"))

    def test_what_is_typed_and_left_is_forgotten(self):
        draft = self.requests._of(self.issued_sale())
        declined, new = self.asked_for(), self.asked_for()
        declined.state = "declined"
        self.env.flush_all()
        for days, kept in ((KEPT_DAYS - 1, 3), (2, 1)):
            self.env.cr.execute(
                "UPDATE salon_invoice_request SET create_date = create_date - %s",
                [timedelta(days=days)],
            )
            self.env.invalidate_all()
            self.requests._gc_requests()
            self.assertEqual(len((draft | declined | new).exists()), kept)
        self.assertTrue(new.exists())


class TestDeciding(RequestCase):
    def setUp(self):
        super().setUp()
        self.request = self.asked_for()

    def test_the_recipients_are_told_and_the_others_when_it_is_done(self):
        self.account.recipient_ids = self.receptionist | self.manager
        self.account._responsible().lang = "en_US"
        request = self.asked_for()
        self.assertEqual(request.activity_ids.user_id, self.receptionist | self.manager)
        self.assertIn("company data", request.activity_ids[0].summary)
        self.assertIn("Gépelt Kft.", request.activity_ids[0].note)
        request.with_user(self.manager)._decline("Elfogyott")
        self.assertFalse(request.activity_ids)

    def accept(self, request, user):
        """Press *Accept*; return the form that opens."""
        action = request.with_user(user).action_accept()
        self.assertEqual(action["res_model"], "salon.invoice.buyer")
        forms = self.env["salon.invoice.buyer"].with_user(user)
        return Form(forms.with_context(**action["context"]))

    def test_accepting_finds_the_company_and_changes_nothing_of_it(self):
        before = self.business.read()
        form = self.accept(self.request, self.receptionist)
        self.assertEqual(form.order_id, self.request.order_id)
        self.assertEqual(form.partner_id, self.business)
        self.env.invalidate_all()
        self.assertEqual(self.business.read(), before)
        # Nobody has confirmed that form yet.
        self.assertEqual(self.request.state, "new")
        self.assertEqual(self.request.partner_id, self.business)
        self.assertFalse(self.request.order_id.salon_buyer_id)

    def test_accepting_creates_a_company_that_nobody_has(self):
        self.business.active = False
        partners = self.env["res.partner"].search_count([])
        form = self.accept(self.request, self.receptionist)
        self.assertEqual(self.env["res.partner"].search_count([]), partners + 1)
        company = form.partner_id
        self.assertEqual(company.name, "Gépelt Kft.")
        self.assertEqual(company.vat, NUMBER)
        self.assertEqual(company.email, "szamla@ceg.example")

    def test_the_longest_name_that_the_service_tells_can_be_accepted(self):
        place = TaxpayerAddress(postcode="9400", city="S" * 255, street="F" * 255)
        self.answer = Taxpayer(
            valid=True, name="Á" * 512, organization=True, addresses=(place,)
        )
        order = self.sell([(self.haircut, 1)])
        data = {**TYPED, "tax_number": OTHERS[1]}
        self.post(order, "ask", data)
        self.post(order, "send", data)
        request = self.request_of(order)
        self.assertTrue(request.verified)
        request.with_user(self.receptionist).action_accept()
        self.assertEqual(request.partner_id.name, "Á" * 255)

    def test_a_company_of_another_country_is_accepted(self):
        typed = {**TYPED, "tax_number": "DE136695976", "buyer_name": "Beispiel GmbH"}
        order = self.sell([(self.haircut, 1)])
        self.assertFalse(self.requests.sudo()._submit(order, typed))
        form = self.accept(self.request_of(order), self.receptionist)
        self.assertEqual(form.partner_id.country_id.code, "DE")
        self.assertEqual(form.partner_id.vat, "DE136695976")

    def test_one_press_leads_to_a_storno_and_an_invoice_to_the_company(self):
        order = self.request.order_id
        self.work()
        walk_in = order.salon_document_id
        self.assertEqual(walk_in.state, "issued")
        form = self.accept(self.request, self.manager)
        form.save().action_change()
        self.assertEqual(self.request.state, "accepted")
        self.assertEqual(self.request.decided_by_id, self.manager)
        self.assertFalse(self.request.activity_ids)
        self.assert_says(self.page(order), "The salon has accepted your request")
        self.work()
        self.env.invalidate_all()
        self.assertEqual(walk_in.state, "cancelled")
        document = order.salon_document_id
        self.assertEqual(document.state, "issued")
        self.assertEqual(document.buyer_name, self.business.name)
        answer = self.page(order)
        self.assert_says(answer, "Your invoice has been issued")
        self.assertIn(document.number, answer.text)
        with self.assertRaises(UserError):
            self.request.with_user(self.manager).action_accept()

    def test_a_sale_that_somebody_has_made_out_to_a_company_needs_no_answer(self):
        order = self.request.order_id.with_user(self.manager)
        order._salon_change_buyer(self.business.with_user(self.manager))
        self.assertEqual(self.request.state, "accepted")
        self.assertFalse(self.request.activity_ids)

    def test_declining_tells_the_customer_why(self):
        request = self.request.with_user(self.receptionist)
        action = request.action_decline()
        form = Form(
            self.env[action["res_model"]]
            .with_user(self.receptionist)
            .with_context(**action["context"])
        )
        form.reason = "Ehhez <b>személyesen</b> kell bejönni."
        form.save().action_decline()
        self.assertEqual(self.request.state, "declined")
        answer = self.page(self.request.order_id)
        self.assert_says(answer, "could not accept your request")
        self.assertIn("személyesen", answer.text)
        self.assertNotIn("<b>", answer.text)
        self.assertNotIn(ASK, answer.text)
        with self.assertRaises(UserError):
            request.action_accept()
        with self.assertRaises(UserError):
            request._decline("Újra")

    def test_who_neither_sells_nor_invoices_decides_nothing(self):
        nobody = self._make_user("nobody", "base.group_user")
        request = self.request.with_user(nobody)
        for call in (request.action_accept, request.action_decline):
            with self.assertRaises(UserError):
                call()
        with self.assertRaises(UserError):
            request._decline("x")

    def test_nobody_writes_a_request(self):
        for user in (self.receptionist, self.manager, self.accountant):
            request = self.request.with_user(user)
            self.assertEqual(
                request.read(["buyer_name"])[0]["buyer_name"], "Gépelt Kft."
            )
            with self.assertRaises(AccessError):
                request.write({"state": "accepted"})
            with self.assertRaises(AccessError):
                request.unlink()
            with self.assertRaises(AccessError):
                request.create({"order_id": 1, "company_id": self.company.id})
        public = self.request.with_user(self.env.ref("base.public_user"))
        with self.assertRaises(AccessError):
            public.read(["buyer_name"])

    def test_people_open_list_and_form(self):
        for user in (self.receptionist, self.accountant):
            for view in ("list", "form", "search"):
                self.requests.with_user(user).get_views([(False, view)])
        form = Form(self.request.with_user(self.accountant))
        self.assertEqual(form.state, "new")
