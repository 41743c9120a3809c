"""*Invoice* on a paid sale in the till's list shows, or says why not."""

from odoo.tests import tagged

from .common import SalonCase, make_company


@tagged("post_install", "-at_install")
class TestInvoiceOfAPaidSale(SalonCase):
    def ask(self, order, user=None):
        """Press *Invoice* as the receptionist; check that nothing has changed."""
        before = self.rows(order)
        user = user or self.receptionist
        env = self.env(user=user, context={"allowed_company_ids": user.company_ids.ids})
        answers = env["pos.order"].browse(order.id).salon_till_open()
        self.assertEqual(self.rows(order), before)
        return answers.get(order.id)

    def rows(self, order):
        """Return what the database has of a sale and its documents."""
        self.env.flush_all()
        rows = []
        for table, column in (
            ("pos_order", "id"),
            ("salon_invoice_document", "order_id"),
        ):
            self.env.cr.execute(
                f"SELECT * FROM {table} WHERE {column} = %s ORDER BY id", [order.id]
            )
            rows += self.env.cr.dictfetchall()
        return rows

    def test_an_issued_sale_opens_the_page_at_the_service(self):
        order = self.sell([(self.haircut, 1)], customer=self.business)
        self.work()
        self.assertTrue(order.salon_document_id.public_url)
        status = self.ask(order)
        self.assertEqual(status["url"], order.salon_document_id.public_url)
        self.assertEqual(status["state"], "issued")

    def test_an_issued_sale_without_a_page_opens_its_pdf(self):
        order = self.sell([(self.haircut, 1)])
        self.work()
        document = order.salon_document_id
        document.public_url = False
        self.assertEqual(
            self.ask(order)["url"],
            f"/web/content/{document.pdf_id.id}/{document.pdf_id.name}",
        )
        document.pdf_id.with_user(self.receptionist).read(["raw"])

    def test_an_issued_sale_whose_document_has_not_come_says_its_number(self):
        order = self.sell([(self.haircut, 1)])
        self.work()
        order.salon_document_id.write({"public_url": False, "pdf_id": False})
        status = self.ask(order)
        self.assertFalse(status["url"])
        self.assertIn(order.salon_document_id.number, status["text"])

    def test_what_is_left_to_the_night_is_fetched_when_the_till_opens_it(self):
        order = self.sell([(self.haircut, 1)], customer=self.business)
        self.run_lane()
        document = order.salon_document_id
        link, pdf = (
            document.task_ids.filtered(lambda task, kind=kind: task.kind == kind)
            for kind in ("link", "pdf")
        )
        night = link.next_attempt
        self.assertFalse(order.salon_till_status()[order.id]["url"])
        self.assertEqual(link.next_attempt, night, "to look is not to open")
        status = self.ask(order)
        self.assertFalse(status["url"])
        self.assertIn(document.number, status["text"])
        self.assertIn("being fetched", status["text"])
        self.assertLessEqual(link.next_attempt, document._now())
        self.assertEqual(pdf.next_attempt, night, "the link is quicker")
        self.fault("status_before", path="public-url", status=503)
        self.run_lane()
        self.assertTrue(link.message)
        self.assertIn(link.message, self.ask(order)["text"])
        link.next_attempt = document._now()
        self.account._reset_failures()
        self.run_lane()
        self.assertEqual(self.ask(order)["url"], document.public_url)

    def test_where_there_is_no_link_the_till_has_the_pdf_fetched(self):
        order = self.sell([(self.haircut, 1)])
        self.run_lane()
        document = order.salon_document_id
        document.task_ids.filtered(lambda task: task.kind == "link").unlink()
        self.assertIn("being fetched", self.ask(order)["text"])
        self.work()
        self.assertIn("/web/content/", self.ask(order)["url"])

    def test_what_was_recorded_by_hand_is_not_fetched(self):
        order = self.sell([(self.haircut, 1)])
        order.salon_document_id.with_user(self.manager)._settle("KEZI-1")
        status = self.ask(order)
        self.assertIn("KEZI-1", status["text"])
        self.assertNotIn("being fetched", status["text"])

    def test_a_walk_ins_sale_that_waits_says_so(self):
        order = self.sell([(self.haircut, 1)])
        self.assertIn("is being made", self.ask(order)["text"])

    def test_a_sale_that_waits_for_a_paused_account_says_why(self):
        order = self.sell([(self.haircut, 1)])
        self.account.write({"state": "paused", "pause_reason": "The key is gone."})
        self.assertIn("The key is gone.", self.ask(order)["text"])

    def test_a_sale_that_needs_a_person_says_what_is_wrong(self):
        order = self.sell([(self.haircut, 1)])
        order.salon_document_id._need_attention("The postcode is missing.", "content")
        self.assertIn("The postcode is missing.", self.ask(order)["text"])

    def test_nothing_is_tried_again_where_only_a_storno_can_help(self):
        order = self.sell([(self.haircut, 1)])
        document = order.salon_document_id
        document._need_attention("It is different at the service.", "different")
        self.assertTrue(self.ask(order)["can_retry"])
        document.copy(
            {
                "kind": "storno",
                "origin_id": document.id,
                "external_key": "a storno",
                "state": "waiting",
            }
        )
        self.assertTrue(document._is_being_cancelled())
        self.assertFalse(self.ask(order)["can_retry"])

    def test_a_sale_without_an_invoice_says_why_and_where_it_can_be_asked_for(self):
        self.company.salon_automatic = False
        text = self.ask(self.sell([(self.haircut, 1)]))["text"]
        self.assertIn("made by hand here", text)
        self.assertIn("Generate invoice", text)

    def test_a_sale_that_gets_none_only_says_why(self):
        order = self.sell([(self.haircut, 1, {"discount": 100})], [(self.cash, 0)])
        text = self.ask(order)["text"]
        self.assertIn("Nothing was charged", text)
        self.assertNotIn("Generate invoice", text)

    def test_a_cancelled_sale_says_which_invoice_was_cancelled(self):
        order = self.sell([(self.haircut, 1)])
        self.work()
        order.salon_document_id.with_user(self.manager)._request_storno("Elírás")
        self.work()
        text = self.ask(order)["text"]
        self.assertIn(order.salon_document_id.number, text)
        self.assertIn("has been cancelled", text)

    def test_a_refund_opens_what_it_became(self):
        order = self.sell([(self.haircut, 1)])
        self.work()
        refund = self.refund(order)
        self.work()
        self.assertEqual(refund.salon_document_id.kind, "storno")
        self.assertTrue(self.ask(refund)["url"])

    def test_the_answer_is_in_the_language_of_who_sells(self):
        order = self.sell([(self.haircut, 1, {"discount": 100})], [(self.cash, 0)])
        self.env["res.lang"]._activate_lang("hu_HU")
        labels = self.env["salon.invoice.document"]._fields["skip_reason"]
        hungarian = dict(
            labels._description_selection(self.env(context={"lang": "hu_HU"}))
        )["zero"]
        text = (
            order.with_user(self.receptionist)
            .with_context(lang="hu_HU")
            .salon_till_status()[order.id]["text"]
        )
        self.assertIn(hungarian, text)

    # === ODOO'S === #

    def test_what_odoo_has_invoiced_is_odoos(self):
        if "l10n_hu_edi_server_mode" in self.company:
            self.company.l10n_hu_edi_server_mode = "demo"
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        order.with_user(self.manager).action_pos_order_invoice()
        self.assertEqual(self.ask(order)["state"], "odoo")

    def test_where_nothing_is_connected_the_sale_is_odoos(self):
        self.company.salon_account_id = False
        order = self.sell([(self.haircut, 1)])
        self.assertEqual(self.ask(order)["state"], "odoo")

    def test_what_was_issued_before_it_was_disconnected_is_shown_still(self):
        order = self.sell([(self.haircut, 1)])
        self.work()
        self.account._disconnect()
        self.assertTrue(self.ask(order)["url"])

    def test_nobody_asks_about_another_companys_sale(self):
        order = self.sell([(self.haircut, 1)])
        other = make_company(self.env, "Másik Szalon Kft.")
        stranger = self._make_user("stranger", "point_of_sale.group_pos_user")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertIsNone(self.ask(order, stranger))

    def test_who_does_not_sell_may_not_ask(self):
        order = self.sell([(self.haircut, 1)])
        clerk = self._make_user("clerk", "base.group_user")
        self.assertIsNone(self.ask(order, clerk))
