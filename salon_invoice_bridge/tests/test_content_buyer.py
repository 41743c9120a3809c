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
    def test_a_walk_in_is_a_private_person_with_the_address_that_was_typed(self):
        buyer = self.built(self.sell([(self.haircut, 1)])).buyer
        self.assertEqual(
            (buyer.name, buyer.postcode, buyer.tax_kind.value),
            ("Magánszemély", "1061", "private"),
        )

    def test_no_address_is_invented_for_a_walk_in(self):
        self.company.salon_walk_in_street = False
        problem = self.stopped(self.sell([(self.haircut, 1)]))
        self.assertEqual(problem.record, self.company)

    def test_the_walk_in_partner_is_made_once(self):
        self.sell([(self.haircut, 1)])
        self.run_lane()
        self.sell([(self.book, 1)])
        self.run_lane()
        self.assertEqual(len(self.issued()), 2)
        self.assertEqual(len(self.partners()), 1)

    def test_a_customer_without_any_address_gets_the_default_one(self):
        order = self.sell_to(zip=False, city=False, street=False, name="Név Csak")
        buyer = self.built(order).buyer
        self.assertEqual((buyer.name, buyer.city), ("Név Csak", "Budapest"))

    def test_half_an_address_is_told_with_the_field_that_is_missing(self):
        problem = self.stopped(self.sell_to(zip=False))
        self.assertIn("postcode", problem.message)
        self.assertEqual(problem.record.name, "Kiss Béla")

    def test_a_name_of_spaces_is_no_name(self):
        order = self.sell_to()
        order.partner_id.name = "   "
        order.salon_document_id.facts = order._salon_facts()
        self.assertIn("a name", self.stopped(order).message)

    def test_names_with_accents_ampersands_emoji_and_200_characters_arrive(self):
        for name in ("Őrült Űrhajós & Társa", "Zsófi 💇 <b>", "Á" * 200):
            with self.subTest(name):
                self.sandbox.world.reset()
                self.env["salon.invoice.partner"].search([]).unlink()
                order = self.sell_to(name=name)
                paper = self.issue(order)
                self.assertEqual(paper["buyer"], name)

    def test_a_slash_is_no_tax_number(self):
        """Odoo's own way to say that somebody is not subject to tax."""
        buyer = self.built(self.sell_to(vat="/")).buyer
        self.assertEqual((buyer.tax_kind.value, buyer.name), ("private", "Kiss Béla"))

    def test_a_personal_tax_id_makes_nobody_a_business(self):
        for country in ("base.hu", None):
            with self.subTest(country):
                country_id = country and self.env.ref(country).id
                order = self.sell_to(vat="8123456789", country_id=country_id)
                buyer = self.built(order).buyer
                self.assertEqual(buyer.tax_kind.value, "private")
                self.assertNotIn("8123456789", str(buyer))

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
    def sell_to_company(self, vat, country="base.hu", **values):
        return self.sell_to(
            is_company=True, vat=vat, country_id=self.env.ref(country).id, **values
        )

    def numbers(self, order):
        buyer = self.built(order).buyer
        return (
            buyer.tax_kind.value,
            buyer.tax_number,
            buyer.eu_tax_number,
            buyer.group_tax_number,
        )

    def test_a_hungarian_company_with_its_tax_number(self):
        order = self.sell_to_company("13572464-2-07")
        self.assertEqual(self.numbers(order), ("hungarian", "13572464-2-07", "", ""))

    def test_a_number_without_hyphens_is_written_as_the_law_has_it(self):
        order = self.sell_to_company("13572464207")
        self.assertEqual(self.numbers(order)[1], "13572464-2-07")

    def test_eight_digits_are_no_tax_number_for_an_invoice(self):
        order = self.sell_to_company("HU13572464")
        self.assertIn("12345678-1-42", self.stopped(order).message)

    def test_a_wrong_check_digit_is_told_before_anything_is_sent(self):
        order = self.sell_to_company("13572464-2-07")
        order.partner_id.vat = "13572465-2-07"
        order.salon_document_id.facts = order._salon_facts()
        problem = self.stopped(order)
        self.assertIn("13572465-2-07", problem.message)
        self.assertEqual(problem.record, order.partner_id)

    def test_a_company_of_the_union(self):
        order = self.sell_to_company("DE136695976", "base.de", zip="10115")
        self.assertEqual(self.numbers(order), ("eu", "", "DE136695976", ""))

    def test_a_company_of_the_union_without_number_is_not_outside_it(self):
        for vat in (False, "/"):
            with self.subTest(vat):
                order = self.sell_to_company(vat, "base.de", zip="10115")
                self.assertEqual(self.numbers(order), ("eu", "", "", ""))
                self.assertEqual(self.issue(order)["buyer"], "Kiss Béla")

    def test_the_number_tells_the_country_that_nobody_typed(self):
        order = self.sell_to_company("DE136695976", zip="10115")
        order.partner_id.country_id = False
        order.salon_document_id.facts = order._salon_facts()
        self.assertEqual(self.numbers(order)[0], "eu")
        self.assertEqual(self.built(order).buyer.country, "DE")

    def test_a_slash_is_on_no_invoice_of_a_company(self):
        order = self.sell_to_company("/", "base.us", zip="10001")
        self.assertEqual(self.numbers(order), ("foreign", "", "", ""))
        order = self.sell_to_company("/")
        self.assertEqual(self.stopped(order).cause, "business")

    def test_a_personal_tax_id_is_not_the_number_of_a_company(self):
        problem = self.stopped(self.sell_to_company("8123456789"))
        self.assertIn("12345678-1-42", problem.message)

    def test_a_wrong_number_of_the_union_is_told(self):
        order = self.sell_to_company("DE136695976", "base.de", zip="10115")
        facts = order.salon_document_id.facts
        buyer = {**facts["buyer"], "tax_number": "DE136695977"}
        order.salon_document_id.facts = {**facts, "buyer": buyer}
        self.assertIn("DE136695977", self.stopped(order).message)

    def test_a_company_from_outside_the_union(self):
        order = self.sell_to_company("CHE-123.456.788 TVA", "base.ch", zip="8001")
        self.assertEqual(self.numbers(order)[0], "foreign")

    def test_a_sole_trader_has_a_tax_number_and_no_company(self):
        order = self.sell_to(vat="13572464-2-07", name="Nagy Anna e.v.")
        self.assertEqual(self.numbers(order)[0], "hungarian")

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

    def test_a_company_needs_its_address(self):
        problem = self.stopped(self.sell_to_company("13572464-2-07", street=False))
        self.assertIn("a street", problem.message)


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
