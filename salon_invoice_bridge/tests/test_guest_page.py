"""The page behind the slip's QR code: what it shows, to whom, and what it does not."""

import re
import uuid
from datetime import timedelta
from unittest.mock import patch

from odoo import sql_db
from odoo.tools import SQL, mute_logger

from ..billing.hungary import day_of
from .common import make_company
from .guest_case import GuestCase

UNKNOWN = "Your invoice is not here yet"
#: Tokens that somebody might try, as they stand in an address.
MALFORMED = (
    "nonsense",
    "%00",
    "%25",
    "1",
    "false",
    "null",
    "%27%20OR%201%3D1--",
    "%27%3B%20DROP%20TABLE%20pos_order%3B--",
    "%F0%9F%A7%BE",
    "%FF%FE",
    "a" * 4000,
    "00000000-0000-0000-0000-00000000000%00",
    "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "..%5C..",
    "a/b/c",
    "..%2F..%2Fweb",
)


class PageCase(GuestCase):
    def at(self, token, path=""):
        """Open the page of a token."""
        return self.url_open(f"/salon/invoice/{token}{path}")

    def issued_sale(self, customer=None, pdf=True, **values):
        """Return a sale whose document is issued, its PDF there if ``pdf``."""
        order = self.sell([(self.haircut, 1)], customer=customer, **values)
        self.work()
        document = order.salon_document_id
        self.assertEqual(document.state, "issued")
        if pdf and not document.pdf_id:
            document._attach_pdf(b"%PDF-1.4 of the test")
        if not pdf:
            document.pdf_id.unlink()
        return order

    def later(self, **span):
        """Let time pass for the page."""
        documents = type(self.env["salon.invoice.document"])
        now = self.env["salon.invoice.document"]._now() + timedelta(**span)
        self.patch(documents, "_now", lambda model: now)
        self.patch(documents, "_today", lambda model: day_of(now))


class TestGuestPage(PageCase):
    # === WHAT IT SAYS === #

    def test_an_issued_invoice_is_told_with_number_day_sum_and_shop(self):
        order = self.issued_sale()
        answer = self.page(order)
        self.assert_says(answer, "Your invoice has been issued")
        document = order.salon_document_id
        for words in (
            document.number,
            document.with_context(lang="en_US")._issued_on(),
            self.company.name,
            order.config_id.name,
            order.pos_reference,
        ):
            self.assertIn(words, answer.text)
        text = re.sub(r"\s", " ", answer.text)
        self.assertIn("8,900", text)
        self.assertIn("Ft", text)

    def test_what_waits_is_told_so_and_looked_at_again_a_few_times(self):
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        answer = self.page(order)
        self.assert_says(answer, "Your invoice is being made")
        looks, address = 0, ""
        while found := re.search(r'content="(\d+);url=(\?looks=\d+)"', answer.text):
            looks, address = looks + 1, found[2]
            self.assertLess(looks, 20)
            answer = self.page(order, address)
            self.assertEqual(answer.status_code, 200)
        self.assertGreater(looks, 3)
        for odd in ("-1", "99999", "x", "", "%00", "1e9", "²"):
            answer = self.page(order, f"?looks={odd}")
            self.assert_says(answer, "Your invoice is being made")
            self.assertNotIn("http-equiv", answer.text)

    def test_what_is_issued_is_not_looked_at_again(self):
        self.assertNotIn("http-equiv", self.page(self.issued_sale()).text)

    def test_a_skipped_sale_says_whom_to_ask(self):
        self.company.salon_automatic = False
        order = self.sell([(self.haircut, 1)])
        self.assert_says(self.page(order), "No invoice has been made")

    def test_a_cancelled_invoice_is_told_so(self):
        order = self.issued_sale()
        order.salon_document_id.with_user(self.manager)._request_storno("Elírás")
        self.work()
        self.assert_says(self.page(order), "Your invoice has been cancelled")

    def test_a_proforma_is_no_invoice_yet(self):
        self.config.salon_kind = "proforma"
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.work()
        self.assertEqual(order.salon_document_id.state, "issued")
        answer = self.page(order)
        self.assert_says(answer, "Your invoice is being made")
        self.assertNotIn(order.salon_document_id.number, answer.text)

    def test_what_is_given_back_shows_the_document_of_that(self):
        order = self.issued_sale()
        back = self.refund(order)
        self.assert_says(self.page(back), "what you gave back is being made")
        self.work()
        answer = self.page(back)
        self.assert_says(answer, "what you gave back has been issued")
        self.assertIn(back.salon_document_id.number, answer.text)

    def test_after_a_partial_refund_the_invoice_of_the_rest_is_shown(self):
        order = self.sell([(self.haircut, 1), (self.book, 1)])
        self.work()
        line = order.lines.filtered(lambda line: line.product_id == self.book)
        self.refund(order, {line: 1})
        self.work()
        self.env.invalidate_all()
        shown = order.salon_document_id._effective_document()
        self.assertEqual(shown.state, "issued")
        answer = self.page(order)
        self.assert_says(answer, "Your invoice has been issued")
        self.assertIn(shown.number, answer.text)

    def test_it_is_read_in_the_browsers_language(self):
        order = self.sell([(self.haircut, 1)])
        self.read_before = None
        self.env["res.lang"]._activate_lang("hu_HU")
        for accepted, language in (("hu-HU,hu;q=0.9", "hu-HU"), ("en-US", "en-US")):
            self.opener.cookies.clear()
            headers = {"Accept-Language": accepted}
            answer = self.url_open(
                f"/salon/invoice/{order.access_token}",
                headers=headers,
                allow_redirects=False,
            )
            self.assertEqual(answer.status_code, 200)
            self.assertIn(f'lang="{language}"', answer.text)

    def test_another_language_can_be_chosen_and_is_remembered(self):
        order = self.sell([(self.haircut, 1)])
        self.env["res.lang"]._activate_lang("hu_HU")
        self.assertIn("?lang=hu_HU", self.page(order).text)
        answer = self.page(order, "?lang=hu_HU")
        self.assertIn('lang="hu-HU"', answer.text)
        self.assertEqual(answer.cookies["frontend_lang"], "hu_HU")
        for odd in ("xx_XX", "%00", "../..", ""):
            self.assertIn('lang="en-US"', self.page(order, f"?lang={odd}").text)

    # === THE PDF === #

    def test_the_pdf_of_a_walk_in_is_there(self):
        order = self.issued_sale()
        self.assertIn("Open the PDF", self.page(order).text)
        answer = self.page(order, "/pdf")
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.content, order.salon_document_id.pdf_id.raw)
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_the_pdf_of_a_company_is_there(self):
        order = self.issued_sale(self.business)
        answer = self.page(order, "/pdf")
        self.assertTrue(answer.content.startswith(b"%PDF"))

    def check_no_pdf(self, order, words):
        self.assertNotIn("Open the PDF", self.page(order).text)
        answer = self.page(order, "/pdf")
        self.assert_says(answer, words)
        self.assertTrue(answer.url.endswith(order.access_token))

    def test_a_private_person_has_it_by_mail(self):
        order = self.issued_sale(self.customer)
        self.check_no_pdf(order, "names a private person")

    def test_a_sole_trader_is_a_private_person(self):
        self.customer.write({"vat": "55667780-1-33", "is_company": True})
        order = self.issued_sale(self.customer)
        self.check_no_pdf(order, "names a private person")

    def test_the_person_of_a_company_is_not_shown_either(self):
        order = self.issued_sale(self.business)
        order.salon_document_id.buyer_choice = "private"
        self.check_no_pdf(order, "names a private person")

    def test_who_is_on_the_invoice_counts_not_who_is_on_the_sale_now(self):
        order = self.issued_sale(self.customer)
        order.partner_id = False
        self.check_no_pdf(order, "names a private person")

    def test_the_storno_of_a_persons_invoice_is_as_private(self):
        order = self.issued_sale(self.customer)
        back = self.refund(order, customer=None)
        self.work()
        self.assertEqual(back.salon_document_id.state, "issued")
        back.salon_document_id._attach_pdf(b"%PDF-1.4 storno")
        self.check_no_pdf(back, "names a private person")

    def test_it_is_there_for_thirty_days(self):
        order = self.issued_sale()
        self.later(days=29, hours=23)
        self.assertTrue(self.page(order, "/pdf").content.startswith(b"%PDF"))
        self.later(hours=2)
        self.check_no_pdf(order, "was here for 30 days")

    def test_a_file_that_is_not_there_yet_is_waited_for(self):
        order = self.issued_sale(pdf=False)
        self.check_no_pdf(order, "The PDF is not here yet")
        self.assertIn("http-equiv", self.page(order).text)

    def sold_by_day(self, customer=None):
        """Return a sale whose document is issued, and its PDF left to the night."""
        order = self.sell([(self.haircut, 1)], customer=customer)
        self.run_lane()
        self.assertEqual(order.salon_document_id.state, "issued")
        self.assertFalse(order.salon_document_id.pdf_id)
        return order

    def pause(self, order):
        """Return how long it is until the PDF of a sale is asked for."""
        document = order.salon_document_id
        document.invalidate_recordset()
        task = document.task_ids.filtered(lambda task: task.kind == "pdf")
        self.assertEqual(task.state, "todo")
        return task.next_attempt - document._now()

    def follow(self, answer):
        """Load what a page leads to when it looks again; return that page."""
        found = re.search(r'content="\d+;url=([^"]+)"', answer.text)
        return self.url_open(found[1].replace("&amp;", "&"))

    def test_the_page_that_waits_for_its_pdf_has_it_fetched_once(self):
        for customer in (None, self.business):
            order = self.sold_by_day(customer)
            answer = self.page(order)
            self.assert_says(answer, "The PDF is not here yet")
            self.assertGreater(self.pause(order), timedelta(minutes=30), "read only")
            lane = self.account.cron_id
            self._due_triggers(lane).unlink()
            answer = self.follow(answer)
            self.assert_says(answer, "The PDF is not here yet")
            self.assertLess(self.pause(order), timedelta(seconds=12))
            self.assertTrue(self._due_triggers(lane), "the lane is woken")
            self._due_triggers(lane).unlink()
            while "http-equiv" in answer.text:
                answer = self.follow(answer)
            self.assertFalse(self._due_triggers(lane), "once")
            self.assertIn("Look again", answer.text, "a button that works")
            self.work()
            answer = self.page(order, "/pdf?looks=1")
            self.assert_says(answer, "Open the PDF")
            self.assertTrue(self.page(order, "/pdf").content.startswith(b"%PDF"))

    def test_a_pdf_that_was_tried_waits_as_the_service_has_said(self):
        order = self.sold_by_day()
        document = order.salon_document_id
        task = document.task_ids.filtered(lambda task: task.kind == "pdf")
        for values in ({"tries": 1}, {"tries": 0, "message": "Limit"}):
            task.write({**values, "next_attempt": document._now() + timedelta(hours=1)})
            self.page(order, "/pdf")
            self.assertGreater(self.pause(order), timedelta(minutes=55))

    def test_the_pdf_that_is_not_shown_is_not_fetched(self):
        order = self.sold_by_day(self.customer)
        for path in ("", "/pdf", "/pdf?looks=1"):
            self.page(order, path)
        self.assertGreater(self.pause(order), timedelta(minutes=30))

    def test_the_address_of_the_pdf_answers_unknown_tokens_alike(self):
        order = self.sold_by_day()
        for path in ("/pdf", "/pdf?looks=2", "/pdf?looks=x", "/pdf?looks=99"):
            told = set()
            for token in (
                order.access_token,
                str(uuid.uuid4()),
                *self.hidden().values(),
            ):
                answer = self.url_open(
                    f"/salon/invoice/{token}{path}", allow_redirects=False
                )
                self.assertEqual(answer.status_code, 303)
                told.add(answer.headers["Location"].replace(token, "TOKEN"))
            self.assertEqual(len(told), 1, told)

    def test_a_cancelled_invoice_has_none(self):
        order = self.issued_sale()
        order.salon_document_id.with_user(self.manager)._request_storno("Elírás")
        self.work()
        self.check_no_pdf(order, "has been cancelled")

    def test_no_other_attachment_can_be_had(self):
        order = self.issued_sale()
        other = self.env["ir.attachment"].create(
            {
                "name": "titok.pdf",
                "raw": b"%PDF-1.4 TITKOS",
                "res_model": "pos.order",
                "res_id": order.id,
            }
        )
        for query in (f"?id={other.id}", f"?document={other.id}", f"/{other.id}"):
            answer = self.page(order, f"/pdf{query}")
            self.assertNotIn(b"TITKOS", answer.content)

    # === WHAT IT DOES NOT TELL === #

    def test_nothing_personal_is_told(self):
        for customer in (self.customer, self.business):
            order = self.sell([(self.haircut, 1)], customer=customer)
            pages = [self.page(order).text]
            self.work()
            pages.append(self.page(order).text)
            document = order.salon_document_id
            secrets = [customer.name, customer.email, customer.street, customer.city]
            secrets += [customer.vat, document.public_url, self.receptionist.name]
            for text in pages:
                for secret in filter(None, secrets):
                    self.assertNotIn(secret, text)
                    self.assertNotIn(secret.split()[0] + " ", text)

    def test_nobody_keeps_lists_or_passes_on_the_address(self):
        order = self.issued_sale()
        self.company.salon_guest_may_request = True
        for token in (order.access_token, str(uuid.uuid4())):
            for path in ("", "/pdf", "/request"):
                answer = self.url_open(
                    f"/salon/invoice/{token}{path}", allow_redirects=False
                )
                headers = answer.headers
                self.assertEqual(headers["Cache-Control"], "no-store")
                self.assertEqual(headers["Referrer-Policy"], "no-referrer")
                self.assertIn("noindex", headers["X-Robots-Tag"])
        answer = self.page(order)
        self.assertIn('name="robots" content="noindex, nofollow"', answer.text)
        self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
        # Not one address of somebody else, nor a script that could read this one.
        self.assertNotIn("<script", answer.text)
        self.assertFalse(re.findall(r'(?:src|href)="(?:https?:)?//', answer.text))

    # === WHAT IS NOT SHOWN === #

    def unknown(self, token):
        """Assert that a token shows nothing; return the page."""
        answer = self.at(token)
        self.assert_says(answer, UNKNOWN)
        return answer

    def hidden(self):
        """Return tokens of sales that are not to be shown, by the reason."""
        draft = self.sell([(self.haircut, 1)])
        gone = self.sell([(self.haircut, 1)])
        first, second = (self.sell([(self.haircut, 1)]) for _sale in range(2))
        weak = self.sell([(self.haircut, 1)])
        second.access_token = first.access_token
        weak.access_token = "1234"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE pos_order SET state = CASE id WHEN %s THEN 'draft' ELSE 'cancel' "
            "END WHERE id IN %s",
            [draft.id, (draft.id, gone.id)],
        )
        self.env.invalidate_all()
        return {
            "draft": draft.access_token,
            "cancelled": gone.access_token,
            "of two sales": first.access_token,
            "weak": weak.access_token,
        }

    def test_every_unknown_token_gives_the_same_page(self):
        self.issued_sale()
        tokens = {
            "of no sale": str(uuid.uuid4()),
            **{token[:40]: token for token in MALFORMED},
            **self.hidden(),
        }
        first = self.unknown(str(uuid.uuid4()))
        told = {"Date", "Set-Cookie", "Server"}
        for what, token in tokens.items():
            with self.subTest(token=what):
                answer = self.unknown(token)
                self.assertEqual(answer.content, first.content)
                for name in set(answer.headers) - told:
                    self.assertEqual(answer.headers[name], first.headers[name])

    def test_a_token_that_opens_nothing_has_no_pdf_and_no_form(self):
        for what, token in {**self.hidden(), "none": str(uuid.uuid4())}.items():
            for path in ("/pdf", "/request"):
                with self.subTest(token=what, path=path):
                    answer = self.at(token, path)
                    self.assert_says(answer, UNKNOWN)

    def statements(self, token):
        """Return the statements that the page of a token costs, without their values.

        Of what Odoo remembers, all is remembered; of records, nothing.
        """
        self.at(token)
        self.env.invalidate_all()
        done = []
        execute = sql_db.Cursor.execute

        def spy(cursor, query, *arguments, **keywords):
            text = query.code if isinstance(query, SQL) else query
            if isinstance(text, str) and "SAVEPOINT" not in text:
                done.append(text)
            return execute(cursor, query, *arguments, **keywords)

        with patch.object(sql_db.Cursor, "execute", spy):
            self.assertEqual(self.at(token).status_code, 200)
        return done

    def test_unknown_and_known_tokens_cost_the_same_statements(self):
        hidden = self.hidden()
        order = self.issued_sale()
        known = self.statements(order.access_token)
        tokens = {"none": str(uuid.uuid4()), "malformed": "x%00", **hidden}
        for what, token in tokens.items():
            with self.subTest(token=what):
                self.assertEqual(self.statements(token), known)
        self.assertLess(len(known), 40)

    def test_the_page_of_a_sale_without_a_document_in_the_database_is_no_error(self):
        self.env.cr.execute("UPDATE pos_order SET salon_document_id = NULL")
        self.env.invalidate_all()
        self.unknown(str(uuid.uuid4()))

    def test_a_sale_is_found_by_an_index(self):
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(
            "EXPLAIN SELECT id FROM pos_order WHERE access_token = %s",
            [str(uuid.uuid4())],
        )
        plan = "\n".join(row for (row,) in self.env.cr.fetchall())
        self.assertIn("access_token", plan.split("Index Cond", 1)[0])

    def test_what_arrives_later_is_shown_then(self):
        sent = self.order_data([(self.haircut, 1)])
        self.unknown(sent["access_token"])
        order = self.sync(sent)
        self.assertEqual(order.access_token, sent["access_token"])
        self.assert_says(self.page(order), "Your invoice is being made")

    def test_an_address_that_is_no_page_is_not_found(self):
        with mute_logger("odoo.http"):
            for path in ("/salon/invoice", "/salon/invoice/"):
                self.assertEqual(self.url_open(path).status_code, 404)

    def test_a_form_is_not_taken_by_the_page(self):
        order = self.issued_sale()
        before = self.state(order)
        data = {"partner_id": self.business.id, "csrf_token": self.csrf()}
        for path in ("", "/pdf"):
            answer = self.url_open(
                f"/salon/invoice/{order.access_token}{path}", data=data
            )
            self.assertEqual(answer.status_code, 405)
        self.assertEqual(self.state(order), before)

    # === TWO COMPANIES === #

    def test_a_token_shows_its_own_companys_sale_only(self):
        ours = self.issued_sale()
        other = make_company(self.env, "Másik Szalon Kft.")
        self.env.cr.execute(
            "UPDATE pos_order SET company_id = %s WHERE id = %s", [other.id, ours.id]
        )
        self.env.invalidate_all()
        theirs = ours
        ours = self.sell([(self.haircut, 1)])
        # The till of another company is not named.
        answer = self.page(theirs)
        self.assertIn("Másik Szalon", answer.text)
        self.assertNotIn(self.company.name, answer.text)
        self.assertNotIn("<dt>Shop</dt>", answer.text)
        self.assertNotIn("Másik Szalon", self.page(ours).text)

    def test_a_sale_that_copies_a_token_shows_neither(self):
        ours, theirs = self.issued_sale(), self.issued_sale()
        theirs.access_token = ours.access_token
        self.unknown(ours.access_token)

    def test_reading_writes_nothing(self):
        order = self.issued_sale()
        before = self.state(order)
        with patch.object(type(self.env["salon.invoice.request"]), "create") as create:
            self.page(order)
            self.page(order, "/pdf")
            create.assert_not_called()
        self.assertEqual(self.state(order), before)
