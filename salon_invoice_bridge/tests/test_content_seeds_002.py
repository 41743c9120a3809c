"""Seed 002, "Billingo auto-invoice": each sentence about content is a promise here."""

from odoo.tests import tagged

from .content_case import ContentCase


@tagged("post_install", "-at_install")
class TestSeed002(ContentCase):
    provider = "billingo"

    # === WHEN GENERATED === #

    def test_a_paid_sale_is_posted_at_once(self):
        """Sale status becomes PAID (full price paid). Bookinda POSTs to Billingo
        immediately."""
        order = self.sell([(self.haircut, 1)])
        self.assertEqual(order.salon_document_id.state, "waiting")
        self.issue(order)

    def test_the_documents_id_is_on_the_sale(self):
        """Billingo-document-id saved on sale record."""
        order = self.sell([(self.haircut, 1)])
        self.issue(order)
        self.assertIn(
            order.salon_document_id.remote_id,
            self.sandbox.world.emulator("billingo").state["documents"],
        )

    def test_manual_mode_waits_for_the_button(self):
        """Manual-mode (OFF): Sales list -> "Generate invoice" button. Same flow, you
        decide when."""
        self.company.salon_automatic = False
        order = self.sell([(self.haircut, 1)])
        self.assertEqual(order.salon_document_id.skip_reason, "manual")
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

    # === CUSTOMER SYNC === #

    def test_the_first_time_a_partner_is_created(self):
        """First time: Bookinda creates Billingo Partner."""
        sent = self.sent(self.sell_by("card", self.customer))
        partners = self.sandbox.world.emulator("billingo").state["partners"]
        self.assertEqual(list(partners), [str(sent["partner_id"])])

    def test_the_customer_has_the_partners_id(self):
        """Customer record gets Billingo-Partner-id."""
        sent = self.sent(self.sell_by("card", self.customer))
        self.assertEqual(
            self.customer.salon_partner_ids.remote_id, str(sent["partner_id"])
        )

    def test_the_next_invoice_reuses_the_partner(self):
        """Next invoice reuses existing Partner. Billingo Partner reuse is automatic,
        no duplicate worry."""
        first = self.sent(self.sell_by("card", self.customer))
        second = self.sent(self.sell_by("card", self.customer))
        self.assertEqual(first["partner_id"], second["partner_id"])

    def partner(self):
        (partner,) = self.sandbox.world.emulator("billingo").state["partners"].values()
        return partner.get("partner", partner)

    def test_name_email_and_phone_are_synced(self):
        """What syncs: Customer name, email, phone."""
        self.customer.phone = "+36 1 555 0101"
        self.issue(self.sell_by("card", self.customer))
        partner = self.partner()
        self.assertEqual(partner["name"], "Őrségi Zsófia")
        self.assertEqual(partner["emails"], ["zsofia@example.com"])
        self.assertEqual(partner["phone"], "+36 1 555 0101")

    def test_the_billing_address_is_synced(self):
        """Billing address (or default)."""
        self.issue(self.sell_by("card", self.customer))
        self.assertEqual(
            self.partner()["address"],
            {
                "country_code": "HU",
                "post_code": "8060",
                "city": "Mór",
                "address": "Kodály utca 12.",
            },
        )

    def test_without_an_address_the_default_is_synced(self):
        """Billing address (or default)."""
        self.customer.write({"zip": False, "city": False, "street": False})
        self.issue(self.sell_by("card", self.customer))
        self.assertEqual(self.partner()["address"]["address"], "Andrássy út 1.")

    def test_company_data_and_taxcode_are_synced(self):
        """Company data (name + tax ID). KSZÁM (taxcode). Customer company data syncs if
        filled."""
        self.issue(self.sell_by("card", self.business))
        self.assertEqual(self.partner()["name"], "Árvíztűrő & Tükörfúró Kft.")
        self.assertEqual(self.partner()["taxcode"], "13572464-2-07")

    def test_a_walk_in_is_the_generic_private_person(self):
        """Without customer record: Billingo "Private person" generic Partner."""
        self.issue(self.sell_by("cash"))
        self.assertEqual(self.partner()["name"], "Magánszemély")
        self.assertEqual(self.partner()["tax_type"], "NO_TAX_NUMBER")

    # === EMAIL SEND === #

    def test_the_service_mails_the_invoice(self):
        """After invoice generation, if customer has email: Billingo auto-sends invoice
        PDF."""
        self.issue(self.sell_by("card", self.customer))
        self.run_lane()
        (mail,) = self.mails()
        self.assertIn("zsofia@example.com", str(mail))

    def test_nobody_is_mailed_without_an_address(self):
        """If customer email exists, Billingo sends email."""
        self.customer.email = False
        self.issue(self.sell_by("card", self.customer))
        self.run_lane()
        self.assertFalse(self.mails())

    def test_the_invoice_stands_when_its_email_fails(self):
        """Best-effort (invoice OK even if email failed)."""
        self.fault("status_before", status=422, body="{}", path="/send$", times=None)
        order = self.sell_by("card", self.customer)
        self.issue(order)
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual(document.state, "issued")
        mail = document.task_ids.filtered(lambda step: step.kind == "email")
        self.assertEqual(mail.state, "failed")

    # === CONFIGURABLE FIELDS === #

    def test_the_type_is_invoice_proforma_or_draft(self):
        """Invoice type: Invoice / Proforma / Draft. Invoice type default Invoice,
        proforma rare."""
        self.assertEqual(self.company.salon_kind, "invoice")
        for kind in ("invoice", "proforma", "draft"):
            with self.subTest(kind):
                self.company.salon_kind = kind
                order = self.sell([(self.haircut, 1)])
                self.run_lane()
                document = order.salon_document_id
                self.assertEqual(document.state, "issued", document.problem)
                self.assertIn(f'"type": "{kind}"', self.requests[document.id])

    def test_currency_and_language_are_the_companys(self):
        """Currency and language: tenant-level."""
        self.company.salon_language = "de"
        sent = self.sent(self.sell([(self.haircut, 1)]))
        self.assertEqual((sent["currency"], sent["language"]), ("HUF", "de"))

    def test_a_tip_is_a_separate_line_at_0_percent(self):
        """Tip: separate line item with 0% VAT."""
        order = self.sell([(self.haircut, 1), (self.tip, 1, {"price_unit": 900})])
        haircut, tip = self.sent(order)["items"]
        self.assertEqual((tip["vat"], tip["entitlement"]), ("0%", "ATK"))
        self.assertEqual((haircut["vat"], tip["unit_price"]), ("27%", 900))

    # === SCENARIOS === #

    def test_scenario_1_invoice_and_email(self):
        """Customer pays, sale PAID. 1-2 sec later, invoice in Billingo + email to
        customer."""
        order = self.sell_by("card", self.customer)
        self.assert_lane_is_woken()  # how fast it is then, the live tests measure
        self.issue(order)
        self.run_lane()
        self.assertEqual(len(self.mails()), 1)

    def test_scenario_2_half_a_payment_is_not_invoiced(self):
        """Customer paid 50%. Auto-invoice DOESN'T go. Manual after full price.
        Auto-invoice only on fully-PAID."""
        data = self.order_data([(self.haircut, 1)], [(self.card, 4450)], state="draft")
        order = self.sync(data)
        self.assertFalse(order.salon_document_ids)
        self.run_lane()
        self.assertFalse(self.issued())

    def test_scenario_3_a_customer_with_company_data(self):
        """Customer profile has "Company + Tax ID." Bookinda syncs both to Billingo
        Partner. Invoice with company data."""
        order = self.sell_by("card", self.business)
        self.assertEqual(self.issue(order)["buyer"], "Árvíztűrő & Tükörfúró Kft.")
        self.assertEqual(self.partner()["tax_type"], "HAS_TAX_NUMBER")

    def test_scenario_4_a_walk_in(self):
        """New walk-in customer. POS "Private person" -> Billingo generic Partner.
        Invoice as private person."""
        order = self.sell([(self.haircut, 1)])
        self.assertEqual(self.issue(order)["buyer"], "Magánszemély")
