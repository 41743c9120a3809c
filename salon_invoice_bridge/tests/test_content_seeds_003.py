"""Seed 003, "Számlázz.hu auto-invoice": each sentence about content is a promise."""

from odoo.tests import tagged

from .content_case import ContentCase


@tagged("post_install", "-at_install")
class TestSeed003(ContentCase):
    provider = "szamlazz"

    # === WHEN GENERATED === #

    def test_a_paid_sale_is_posted_at_once_and_its_id_kept(self):
        """Sale status becomes PAID. Bookinda POSTs to Számlázz.hu immediately.
        Számlázz.hu-document-id saved on sale record."""
        order = self.sell([(self.haircut, 1)])
        paper = self.issue(order)
        self.assertEqual(order.salon_invoice_number, paper["number"])

    def test_manual_mode_waits_for_the_button(self):
        """Manual-mode (OFF): Sales list -> "Generate invoice" button. You decide
        when."""
        self.company.salon_automatic = False
        order = self.sell([(self.haircut, 1)])
        self.run_lane()
        self.assertFalse(self.issued())
        order.with_user(self.receptionist).action_salon_generate()
        self.issue(order)

    def test_a_sale_with_an_invoice_returns_it(self):
        """If sale has invoice, no duplicate. Returns existing."""
        order = self.sell([(self.haircut, 1)])
        self.issue(order)
        order.with_user(self.receptionist).action_salon_generate()
        self.run_lane()
        self.assertEqual(len(self.issued()), 1)

    # The payment method mapping is tested without Odoo: tests/billing/test_services.py.

    # === CUSTOMER DATA (INLINE) === #

    def test_no_partner_is_kept_at_the_service(self):
        """Számlázz.hu doesn't use persistent partner system (unlike Billingo). Customer
        data syncs inline, no persistent partner like Billingo."""
        sent = self.sent(self.sell_by("card", self.customer))
        self.assertFalse(self.customer.salon_partner_ids)
        self.assertNotIn("azonosito", sent)

    def test_customer_data_are_inline(self):
        """Per invoice, customer data syncs inline: Customer name. Email + phone.
        Billing address."""
        self.customer.phone = "+36 1 555 0101"
        sent = self.sent(self.sell_by("card", self.customer))
        self.assertEqual(sent["nev"], "Őrségi Zsófia")
        self.assertEqual(sent["email"], "zsofia@example.com")
        self.assertEqual(sent["telefonszam"], "+36 1 555 0101")
        self.assertEqual(
            (sent["irsz"], sent["telepules"], sent["cim"]),
            ("8060", "Mór", "Kodály utca 12."),
        )

    def test_company_data_are_inline(self):
        """Company data (name + tax ID, if any)."""
        sent = self.sent(self.sell_by("card", self.business))
        self.assertEqual(sent["nev"], "Árvíztűrő & Tükörfúró Kft.")
        self.assertEqual((sent["adoszam"], sent["adoalany"]), ("13572464-2-07", "1"))

    def test_a_walk_in_is_a_private_person_inline(self):
        """Without customer record: Számlázz.hu "Private person" inline."""
        sent = self.sent(self.sell_by("cash"))
        self.assertEqual((sent["nev"], sent["adoalany"]), ("Magánszemély", "-1"))

    def test_company_data_filled_later_appear_on_the_next_invoice(self):
        """On new invoice, customer profile's filled company data appears. Existing
        invoice can't be rewritten. Adding company data later requires new invoice."""
        person = self.customer
        first = self.sell_by("card", person)
        self.issue(first)
        before = self.requests[first.salon_document_id.id]
        person.write({"is_company": True, "vat": "13572464-2-07"})
        second = self.sent(self.sell_by("card", person))
        self.assertEqual(second["adoszam"], "13572464-2-07")
        first.with_user(self.receptionist).action_salon_generate()
        self.run_lane()
        self.assertEqual(self.requests[first.salon_document_id.id], before)
        self.assertEqual(len(self.issued()), 2)

    # === EMAIL SEND === #

    def test_send_email_is_set_by_the_address(self):
        """Bookinda sets based on email address: email exists = TRUE, no email = FALSE.
        TRUE: Számlázz.hu auto-sends email to customer."""
        self.assertEqual(
            self.sent(self.sell_by("card", self.customer))["sendEmail"], "true"
        )
        self.assertEqual(len(self.mails()), 1)

    def test_nobody_is_mailed_without_an_address(self):
        """FALSE: no auto-email (manually send in Számlázz.hu UI)."""
        self.customer.email = False
        sent = self.sent(self.sell_by("card", self.customer))
        self.assertEqual(sent["sendEmail"], "false")
        self.assertFalse(self.mails())

    def test_the_salon_may_send_by_hand(self):
        """Számlázz.hu supports two email send modes: auto (Bookinda + sendEmail flag)
        or manual (Számlázz.hu UI)."""
        self.company.salon_send_email = False
        sent = self.sent(self.sell_by("card", self.customer))
        self.assertEqual(sent["sendEmail"], "false")
        self.assertFalse(self.mails())

    # === CONFIGURABLE FIELDS === #

    def test_the_default_type_is_invoice(self):
        """Számlázz.hu default: Invoice."""
        self.assertNotIn("dijbekero", self.sent(self.sell_by("card")))

    def test_a_tip_is_a_separate_line_at_0_percent(self):
        """Separate line item with 0% VAT. (Only if you actively handle tip field.)"""
        order = self.sell([(self.haircut, 1), (self.tip, 1, {"price_unit": 900})])
        self.issue(order)
        haircut, tip = self.rows(order)
        self.assertEqual((haircut["afakulcs"], tip["afakulcs"]), ("27", "ATK"))
        self.assertEqual((tip["afaErtek"], tip["bruttoErtek"]), ("0", "900"))

    def test_currency_and_language_are_the_companys_by_default(self):
        """Generally tenant-level default."""
        self.company.salon_language = "en"
        sent = self.sent(self.sell([(self.haircut, 1)]))
        self.assertEqual((sent["penznem"], sent["szamlaNyelve"]), ("HUF", "en"))

    def test_the_language_is_changed_on_the_sale_before_sending(self):
        """Manually switch in Számlázz.hu UI before sending to customer."""
        order = self.sell([(self.haircut, 1)])
        order.with_user(self.receptionist).salon_language = "de"
        self.assertEqual(self.sent(order)["szamlaNyelve"], "de")

    # === SCENARIOS === #

    def test_scenario_1_invoice_and_email(self):
        """Customer pays, sale PAID. 1-2 sec later, invoice in Számlázz.hu + email to
        customer."""
        order = self.sell_by("card", self.customer)
        self.assert_lane_is_woken()  # how fast it is then, the live tests measure
        self.issue(order)
        self.assertEqual(len(self.mails()), 1)

    def test_scenario_2_half_a_payment_is_not_invoiced(self):
        """Customer paid 50%. Auto-invoice DOESN'T go. Manual after full price.
        Auto-invoice only on fully-PAID."""
        data = self.order_data([(self.haircut, 1)], [(self.card, 4450)], state="draft")
        order = self.sync(data)
        self.run_lane()
        self.assertFalse(order.salon_document_ids)
        self.assertFalse(self.issued())

    def test_scenario_3_a_customer_with_company_data(self):
        """Customer profile has "Company: ABC Ltd., Tax ID: 12345678-1-23." Bookinda
        syncs inline to Számlázz.hu. Invoice with company data."""
        paper = self.issue(self.sell_by("card", self.business))
        self.assertEqual(paper["buyer"], "Árvíztűrő & Tükörfúró Kft.")

    def test_scenario_4_a_walk_in(self):
        """New walk-in. POS "Private person" -> Számlázz.hu inline as private person."""
        self.assertEqual(self.issue(self.sell_by("cash"))["buyer"], "Magánszemély")


@tagged("post_install", "-at_install")
class TestSeed003InEuros(ContentCase):
    provider = "szamlazz"

    def test_scenario_5_the_tourist_pays_in_euros(self):
        """EUR-paying tourist. Invoice in EUR. Customer sees in own currency. Modify
        multi-currency invoice in Számlázz.hu UI, if e.g., specific customer needs EUR
        but default is HUF."""
        order = self.sell_in_euros(22.4)
        sent = self.sent(order)
        self.assertEqual(sent["penznem"], "EUR")
        self.assertEqual(float(self.issued()[0]["gross"]), 22.4)
