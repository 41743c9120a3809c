"""The buyer: walk-ins, customers and companies, told to the service once."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .content_case import ContentCase


class Customers:
    """Ways to sell to somebody with certain data."""

    def sell_to(self, **values):
        customer = self.env["res.partner"].create(
            {
                "name": "Kiss Béla",
                "zip": "6720",
                "city": "Szeged",
                "street": "Kárász utca 1.",
                "country_id": self.env.ref("base.hu").id,
                **values,
            }
        )
        return self.sell([(self.haircut, 1)], customer=customer)

    def partners(self):
        return self.sandbox.world.emulator("billingo").state["partners"]


@tagged("post_install", "-at_install")
class TestPrivatePersons(Customers, ContentCase):
    def test_the_walk_in_partner_is_made_once(self):
        self.sell([(self.haircut, 1)])
        self.run_lane()
        self.sell([(self.book, 1)])
        self.run_lane()
        self.assertEqual(len(self.issued()), 2)
        self.assertEqual(len(self.partners()), 1)

    def test_names_with_accents_ampersands_emoji_and_200_characters_arrive(self):
        for name in ("Őrült Űrhajós & Társa", "Zsófi 💇 <b>", "Á" * 200):
            with self.subTest(name):
                self.sandbox.world.reset()
                self.env["salon.invoice.partner"].search([]).unlink()
                order = self.sell_to(name=name)
                paper = self.issue(order)
                self.assertEqual(paper["buyer"], name)

    def test_what_a_person_completes_gets_on_the_invoice(self):
        order = self.sell_to(zip=False)
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual(document.problem_record, order.partner_id)
        order.partner_id.zip = "6720"
        document.with_user(self.receptionist).action_retry()
        self.run_lane()
        self.assertEqual(document.state, "issued", document.problem)
        self.assertEqual(document._invoice().buyer.postcode, "6720")


@tagged("post_install", "-at_install")
class TestCompanies(Customers, ContentCase):
    def test_who_comes_for_a_company_is_billed_as_the_company(self):
        contact = self.env["res.partner"].create(
            {
                "name": "Beszerző Béla",
                "parent_id": self.business.id,
                "email": "bela@example.com",
            }
        )
        buyer = self.built(self.sell([(self.haircut, 1)], customer=contact)).buyer
        self.assertEqual(buyer.name, self.business.name)
        self.assertEqual(buyer.emails, ("bela@example.com",))

    def test_the_invoice_address_of_a_company_is_printed(self):
        self.env["res.partner"].create(
            {
                "name": "Könyvelés",
                "type": "invoice",
                "parent_id": self.business.id,
                "zip": "1011",
                "city": "Budapest",
                "street": "Fő utca 2.",
                "country_id": self.env.ref("base.hu").id,
                "email": "konyveles@example.com",
            }
        )
        buyer = self.built(self.sell([(self.haircut, 1)], customer=self.business)).buyer
        self.assertEqual((buyer.name, buyer.city), (self.business.name, "Budapest"))
        self.assertEqual(buyer.emails, ("konyveles@example.com",))


@tagged("post_install", "-at_install")
class TestDecisions(Customers, ContentCase):
    def stop_a_company(self, **values):
        self.company.salon_accepts_business = False
        order = self.sell_to(
            **{
                "is_company": True,
                "vat": "13572464-2-07",
                "name": "Teszt Bt.",
                **values,
            }
        )
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual(document.state, "attention")
        self.assertEqual(document.problem_cause, "business")
        self.assertFalse(self.issued())
        return document

    def test_a_company_waits_where_business_clients_are_not_accepted(self):
        document = self.stop_a_company()
        document.with_user(self.receptionist).action_issue_for_company()
        self.run_lane()
        self.assertEqual(document.state, "issued", document.problem)
        self.assertEqual(document._invoice().buyer.tax_number, "13572464-2-07")

    def test_it_may_be_issued_as_for_a_private_person(self):
        document = self.stop_a_company()
        document.with_user(self.receptionist).action_issue_for_private()
        self.run_lane()
        self.assertEqual(document.state, "issued", document.problem)
        buyer = document._invoice().buyer
        self.assertEqual((buyer.name, buyer.tax_number), ("Magánszemély", ""))

    def test_the_person_who_came_for_the_company_is_the_private_one(self):
        company = self.env["res.partner"].create(
            {"name": "Cég Kft.", "is_company": True, "vat": "13572464-2-07"}
        )
        document = self.stop_a_company(
            is_company=False, vat=False, name="Kis Ida", parent_id=company.id
        )
        document.with_user(self.receptionist).action_issue_for_private()
        self.run_lane()
        self.assertEqual(document._invoice().buyer.name, "Kis Ida")

    def test_an_association_without_tax_number_is_no_dead_end(self):
        order = self.sell_to(is_company=True, name="Egyesület")
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual(document.problem_cause, "business")
        document.with_user(self.receptionist).action_issue_for_company()
        self.run_lane()
        self.assertEqual(document.state, "issued", document.problem)
        self.assertEqual(document._invoice().buyer.name, "Egyesület")

    def test_there_is_nothing_to_decide_about_an_issued_document(self):
        order = self.sell([(self.haircut, 1)])
        self.run_lane()
        with self.assertRaises(UserError):
            order.salon_document_id.action_issue_for_private()


@tagged("post_install", "-at_install")
class TestPartnersAtTheService(Customers, ContentCase):
    def sell_again(self, customer):
        order = self.sell([(self.haircut, 1)], customer=customer)
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual(document.state, "issued", document.problem)
        return document

    def test_the_first_sale_creates_the_next_one_reuses(self):
        first = self.sell_again(self.customer)
        second = self.sell_again(self.customer)
        self.assertEqual(first._invoice().partner_id, second._invoice().partner_id)
        self.assertEqual(len(self.partners()), 1)
        writes = [c for c in self.calls() if "/partners" in c["path"]]
        self.assertEqual([call["method"] for call in writes], ["POST"])

    def test_changed_data_update_the_partner(self):
        first = self.sell_again(self.customer)
        self.customer.street = "Új utca 5."
        second = self.sell_again(self.customer)
        self.assertEqual(first._invoice().partner_id, second._invoice().partner_id)
        (partner,) = self.partners().values()
        self.assertIn("Új utca 5.", str(partner))

    def test_a_partner_deleted_at_the_service_is_made_again(self):
        first = self.sell_again(self.customer)
        self.sandbox.world.emulator("billingo").state["partners"].clear()
        second = self.sell_again(self.customer)
        self.assertNotEqual(first._invoice().partner_id, second._invoice().partner_id)
        self.assertEqual(len(self.issued()), 2)

    def test_a_key_of_another_account_reuses_no_ids(self):
        self.sell_again(self.customer)
        mapping = self.customer.salon_partner_ids
        mapping.fingerprint = "billingo:99999999-9-99"
        self.sell_again(self.customer)
        self.assertNotEqual(self.customer.salon_partner_ids, mapping)
        self.assertEqual(len(self.customer.salon_partner_ids), 1)

    def test_namesakes_are_never_taken_for_one(self):
        twin = self.customer.copy({"name": self.customer.name})
        self.sell_again(self.customer)
        self.sell_again(twin)
        self.assertEqual(len(self.partners()), 2)

    def test_the_mapping_keeps_a_hash_and_no_personal_data(self):
        self.sell_again(self.customer)
        self.assertRegex(self.customer.salon_partner_ids.synced, "^[0-9a-f]{64}$")

    def test_a_refusal_for_another_reason_is_tried_once_more_and_no_oftener(self):
        self.sell_again(self.customer)
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.fault(
            "status_before", status=422, body="{}", path="documents$", times=None
        )
        self.run_lane()
        self.assertEqual(order.salon_document_id.state, "attention")
        posts = [
            c
            for c in self.calls()
            if c["method"] == "POST" and c["path"].endswith("/documents")
        ]
        self.assertEqual(len(posts), 3)
