"""Who an invoice is made out to at a till: found, or created, never changed.

All of it as a receptionist who has no right to create or change customers.
"""

from contextlib import suppress

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SalonCase, make_company

NUMBER, CORE = "11112222-2-41", "11112222"
MEMBER, GROUP = "22334457-4-43", "33445568-5-44"
UNKNOWN = "99999999-2-42"
#: What a receptionist types of a company by hand.
TYPED = {
    "is_company": True,
    "name": "Kézzel Írt Kft.",
    "vat": NUMBER,
    "zip": "1065",
    "city": "Budapest",
    "street": "Fő utca 1.",
}


class BuyerCase(SalonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hungary = cls.env.ref("base.hu")
        cls.partners = cls.env["res.partner"].with_user(cls.receptionist)

    def there(self, **options):
        """Change the company's account at the service."""
        accounts = self.sandbox.world.emulator(self.provider).state["accounts"]
        next(iter(accounts.values())).update(options)

    def look(self, number=NUMBER, config=None):
        return self.partners.salon_till_lookup(number, (config or self.config).id)

    def use(self, config=None, **values):
        """Return the customer that the till is told to use."""
        told = self.partners.salon_till_buyer(values, (config or self.config).id)
        (row,) = told["res.partner"]
        return self.env["res.partner"].browse(row["id"])

    def company_with(self, vat=NUMBER, **values):
        return self.env["res.partner"].create(
            {
                "name": "Régi Név Kft.",
                "is_company": True,
                "vat": vat,
                "zip": "1065",
                "city": "Budapest",
                "street": "Bajcsy-Zsilinszky út 12.",
                "country_id": self.hungary.id,
                **values,
            }
        )

    def everything(self, partners):
        """Return all that is stored of these partners, to compare it."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT to_jsonb(p) FROM res_partner p WHERE id = ANY(%s) ORDER BY id",
            (partners.ids,),
        )
        return self.env.cr.fetchall()


@tagged("post_install", "-at_install")
class TestTillLookup(BuyerCase):
    def test_eleven_digits_fill_name_and_address(self):
        told = self.look("11112222241")
        self.assertEqual(
            (told["state"], told["number"], told["name"], told["text"]),
            ("known", NUMBER, "PRÓBA SZÉPSÉG KFT.", ""),
        )
        self.assertEqual(
            told["addresses"][0],
            {
                "kind": "HQ",
                "zip": "1065",
                "city": "Budapest",
                "street": "Bajcsy-Zsilinszky út 12. B ép. 2. lph. 3. em. 14. ajtó",
            },
        )
        self.assertEqual(
            [one["kind"] for one in told["addresses"][1:]], ["SITE", "BRANCH"]
        )
        self.assertEqual(told["partners"], [])

    def test_who_exists_is_shown_whatever_the_number_is_written_like(self):
        # Odoo takes the eight digits for other countries, which no invoice may have.
        for vat, number, complete in (
            (NUMBER, NUMBER, True),
            ("11112222241", NUMBER, True),
            (f"HU{CORE}", f"HU{CORE}", False),
            (f"HU {CORE}", f"HU{CORE}", False),
        ):
            company = self.company_with(vat)
            (found,) = self.look()["partners"]
            self.assertEqual(
                found,
                {
                    "id": company.id,
                    "name": "Régi Név Kft.",
                    "number": number,
                    "address": "1065 Budapest, Bajcsy-Zsilinszky út 12.",
                    "complete": complete,
                },
            )
            company.unlink()

    def test_of_several_the_commercial_entity_is_shown_and_a_branch_elsewhere(self):
        contact = {"name": "Kapcsolattartó", "is_company": False, "type": "contact"}
        head = self.company_with(child_ids=[(0, 0, contact)])
        self.assertEqual(head.child_ids.vat, NUMBER, "Odoo hands it down")
        self.company_with(name="Másodszor Kft.")  # the same address
        branch = self.company_with(
            name="Régi Név Kft. Győr", parent_id=head.id, city="Győr", type="other"
        )
        bill = self.env["res.partner"].create(
            {
                "name": "Könyvelés",
                "type": "invoice",
                "parent_id": branch.id,
                "zip": "6720",
                "city": "Szeged",
                "street": "Kárász utca 3.",
            }
        )
        found = self.look()["partners"]
        self.assertEqual([one["id"] for one in found], [head.id, branch.id])
        self.assertEqual(found[1]["address"], "6720 Szeged, Kárász utca 3.")
        self.assertNotIn(bill.id, [one["id"] for one in found])

    def test_customers_of_another_company_or_country_are_not_found(self):
        other = make_company(self.env, "Másik Szalon Kft.")
        self.company_with(company_id=other.id)
        austrian = self.company_with(
            "ATU12345675", country_id=self.env.ref("base.at").id
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET vat = %s WHERE id = %s", (CORE, austrian.id)
        )
        self.env.invalidate_all()
        self.company_with(active=False)
        self.assertEqual(self.look()["partners"], [])
        own = self.company_with(company_id=self.company.id)
        self.assertEqual([one["id"] for one in self.look()["partners"]], [own.id])

    def test_both_numbers_of_a_member_of_a_group_are_found_where_nav_tells(self):
        told = self.look(MEMBER)
        self.assertEqual((told["state"], told["group"]), ("known", ""))

    def test_a_number_that_nav_does_not_know_is_said_and_nothing_is_saved(self):
        before = self.env["res.partner"].search_count([])
        told = self.look(UNKNOWN)
        self.assertEqual((told["state"], told["name"]), ("unknown", ""))
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_whatever_keeps_nav_from_answering_is_said_and_customers_are_found(self):
        company = self.company_with()

        def silent(text):
            told = self.look()
            self.assertEqual((told["state"], told["number"]), ("silent", ""))
            self.assertIn(text, told["text"])
            self.assertEqual([one["id"] for one in told["partners"]], company.ids)

        self.there(nav_reachable=False)
        silent("NAV did not answer")
        self.there(nav_reachable=True)
        with mute_logger("odoo.addons.salon_invoice_bridge.providers.http"):
            self.fault("status_before", path="check-tax-number", status=502, times=1)
            silent("fault of its own")
        self.there(key="another-key-than-the-one-that-is-stored")
        silent("does not accept the API key")
        self.account._back_off(600, 600)
        silent("asked for a pause")
        self.account.backoff_until = False
        lookups = self.env["salon.invoice.lookup"].with_user(self.receptionist)
        with suppress(UserError):
            while True:
                lookups._count(self.company)
        silent("Too many")
        self.account.state = "paused"
        silent("cannot be asked about tax numbers")
        self.company.salon_account_id = False
        silent("cannot be asked about tax numbers")

    def test_what_is_no_number_is_said_so_without_a_call(self):
        for number in (
            "",
            "1",
            "11112223-2-41",
            "x" * 10**6,
            None,
            [1],
            {"a": 1},
            "\0",
        ):
            told = self.look(number)
            self.assertEqual((told["state"], told["partners"]), ("silent", []))
            self.assertIn("not a Hungarian tax number", told["text"])
        self.assertFalse(
            [call for call in self.calls() if "tax-number" in call["path"]]
        )

    def test_eight_digits_are_not_enough_for_billingo(self):
        self.assertIn("all eleven digits", self.look(CORE)["text"])

    def test_a_lying_service_does_no_harm(self):
        long = "<script>alert(1)</script>" + "Á" * 10**5
        self.there(
            taxpayers={CORE: {"name": long, "addresses": [], "short_name": None}}
        )
        told = self.look()
        self.assertEqual((told["state"], told["addresses"]), ("known", []))
        # As long as it can be used.
        self.assertEqual(self.use(**{**TYPED, "name": told["name"]}).name, long[:255])
        # It is text: what is too long is refused, HTML is kept as it was typed.
        with self.assertRaisesRegex(UserError, "too long"):
            self.use(**{**TYPED, "name": long})
        typed = {**TYPED, "name": "<b>Kft.</b>", "vat": "10625790-2-44"}
        buyer = self.use(**typed, sure=True)
        self.assertEqual(buyer.name, "<b>Kft.</b>")

    def test_valid_without_data_is_typed_by_hand_and_is_verified(self):
        told = self.look("66778891-2-42")
        self.assertEqual((told["state"], told["name"]), ("known", ""))
        buyer = self.use(**{**TYPED, "vat": "66778891-2-42"})
        self.assertFalse(buyer.salon_is_unverified)

    def test_only_who_sells_or_invoices_asks_and_only_at_a_till_of_theirs(self):
        employee = self._make_user("employee", "base.group_user")
        other = make_company(self.env, "Másik Szalon Kft.")
        self.env.user.company_ids += other
        strange = self.config.sudo().copy({"name": "Másé"})
        self.env.cr.execute(
            "UPDATE pos_config SET company_id = %s WHERE id = %s",
            (other.id, strange.id),
        )
        self.env.invalidate_all()
        for user, config in (
            (employee, self.config.id),
            *(
                (self.receptionist, config)
                for config in (
                    strange.id,
                    10**9,
                    0,
                    -1,
                    None,
                    True,
                    "1",
                    [1],
                    {"id": 1},
                )
            ),
        ):
            partners = self.partners.with_user(user)
            with self.assertRaises(UserError):
                partners.salon_till_lookup(NUMBER, config)
            with self.assertRaises(UserError):
                partners.salon_till_buyer(dict(TYPED), config)
        self.assertFalse(
            [call for call in self.calls() if "tax-number" in call["path"]]
        )


@tagged("post_install", "-at_install")
class TestTillLookupSzamlazz(BuyerCase):
    provider = "szamlazz"

    def test_eight_digits_are_completed(self):
        self.assertEqual(self.look(CORE)["number"], NUMBER)
        buyer = self.use(**{**TYPED, "vat": CORE})
        self.assertEqual((buyer.vat, buyer.salon_is_unverified), (NUMBER, False))

    def test_a_wrong_ending_is_mended_as_nav_has_it(self):
        self.look("11112222-1-02")
        self.assertEqual(self.use(**{**TYPED, "vat": "11112222-1-02"}).vat, NUMBER)

    def test_a_member_of_a_group_has_both_numbers(self):
        told = self.look(MEMBER)
        self.assertEqual((told["number"], told["group"]), (MEMBER, GROUP))
        if "l10n_hu_group_vat" not in self.env["res.partner"]._fields:
            with self.assertRaisesRegex(UserError, "VAT group"):
                self.use(**{**TYPED, "vat": MEMBER, "group_vat": GROUP})
            return
        buyer = self.use(**{**TYPED, "vat": MEMBER, "group_vat": "33445568544"})
        self.assertEqual((buyer.vat, buyer.l10n_hu_group_vat), (MEMBER, GROUP))
        self.assertFalse(buyer.salon_is_unverified)


@tagged("post_install", "-at_install")
class TestTillBuyer(BuyerCase):
    def test_a_company_is_created_for_who_may_not_create_customers(self):
        self.assertFalse(self.partners.has_access("create"))
        self.look()
        told = self.partners.salon_till_buyer(
            {**TYPED, "email": "Penzugy@Example.com"}, self.config.id
        )
        self.assertIn("account.fiscal.position", told)
        (row,) = told["res.partner"]
        self.assertEqual(
            set(row), set(self.partners._load_pos_data_fields(self.config))
        )
        buyer = self.env["res.partner"].browse(row["id"])
        self.assertRecordValues(
            buyer,
            [
                {
                    **TYPED,
                    "email": "penzugy@example.com",
                    "country_id": self.hungary.id,
                    "parent_id": False,
                    "company_id": False,
                    "salon_is_unverified": False,
                    "create_uid": self.receptionist.id,
                }
            ],
        )
        self.assertIn(buyer.lang, ("hu_HU", False))
        # The second time it is found.
        self.assertEqual(self.use(**TYPED), buyer)
        order = self.sell([(self.haircut, 1)], salon_buyer_id=buyer.id)
        self.work()
        self.assertEqual(order.salon_document_id.state, "issued")
        self.assertEqual(order.salon_document_id.buyer_name, "Kézzel Írt Kft.")

    def test_what_nobody_could_be_asked_about_is_marked_until_it_is_checked(self):
        self.there(nav_reachable=False)
        self.look()
        buyer = self.use(**TYPED)
        self.assertTrue(buyer.salon_is_unverified)
        self.there(nav_reachable=True)
        buyer.with_user(self.receptionist).action_salon_ask_nav()
        self.assertFalse(buyer.salon_is_unverified)

    def test_a_till_cannot_say_that_it_was_verified(self):
        values = {"unverified": "", "salon_unverified_number": "", "state": "known"}
        self.assertTrue(self.use(**TYPED, **values).salon_is_unverified)

    def test_an_unknown_number_is_used_only_when_somebody_is_sure(self):
        self.look(UNKNOWN)
        before = self.env["res.partner"].search_count([])
        with self.assertRaisesRegex(UserError, "NAV does not know the tax number"):
            self.use(**{**TYPED, "vat": UNKNOWN})
        self.assertEqual(self.env["res.partner"].search_count([]), before)
        buyer = self.use(**{**TYPED, "vat": UNKNOWN}, sure=True)
        self.assertTrue(buyer.salon_is_unverified)

    def test_nothing_of_an_existing_customer_is_changed(self):
        contact = {"name": "Kapcsolattartó", "type": "contact"}
        company = self.company_with(
            email="regi@example.com", child_ids=[(0, 0, contact)]
        )
        bare = self.company_with(MEMBER, zip=False, city=False, street=False)
        all_of_them = company | company.child_ids | bare
        before = self.everything(all_of_them)
        self.look()
        self.assertEqual(self.use(**TYPED, email="uj@example.com"), company)
        self.assertEqual(self.use(partner_id=company.id), company)
        branch = self.use(**TYPED, branch=True)
        self.assertNotEqual(branch, company)
        other = self.use(**{**TYPED, "vat": MEMBER}, branch=True)
        self.assertNotEqual(other, bare)
        self.assertEqual(self.everything(all_of_them), before)

    def test_a_branch_is_billed_at_its_address_in_the_name_of_the_company(self):
        company = self.company_with()
        branch = self.use(**TYPED, branch=True)
        self.assertEqual((branch.parent_id, branch.name), (company, company.name))
        self.assertEqual(self.use(**TYPED, branch=True), branch, "once")
        order = self.sell([(self.haircut, 1)], salon_buyer_id=branch.id)
        buyer = order._salon_snapshot_buyer()
        self.assertEqual((buyer["name"], buyer["street"]), (company.name, "Fő utca 1."))
        self.assertEqual(buyer["tax_number"], NUMBER)
        self.assertTrue(buyer["is_company"])
        found = [one["id"] for one in self.look()["partners"]]
        self.assertEqual(found, [company.id, branch.id])

    def test_only_what_is_named_is_written(self):
        group = self.env.ref("base.group_system")
        strange = {
            "parent_id": self.business.id,
            "company_id": self.company.id,
            "user_ids": [(0, 0, {"login": "x", "group_ids": [(4, group.id)]})],
            "child_ids": [(4, self.customer.id)],
            "bank_ids": [(0, 0, {"acc_number": "1"})],
            "credit_limit": 10**6,
            "property_account_receivable_id": 1,
            "id": self.customer.id,
            "type": "invoice",
            "lang": "xx",
            "comment": "x",
            "active": False,
        }
        context = {f"default_{name}": value for name, value in strange.items()}
        before = self.everything(self.customer | self.business)
        partners = self.partners.with_context(**context, tracking_disable=True)
        told = partners.salon_till_buyer({**TYPED, **strange}, self.config.id)
        buyer = self.env["res.partner"].browse(told["res.partner"][0]["id"])
        self.assertFalse(buyer.parent_id | buyer.child_ids | buyer.user_ids.partner_id)
        self.assertFalse(buyer.bank_ids)
        self.assertFalse(buyer.company_id)
        self.assertFalse(buyer.comment)
        self.assertEqual(buyer.type, "contact")
        self.assertEqual(self.everything(self.customer | self.business), before)

    def test_what_is_missing_or_wrong_is_said(self):
        for wrong, text in (
            ({"name": " "}, "needs a name"),
            ({"zip": ""}, "needs a postcode"),
            ({"zip": "", "street": ""}, "needs a postcode, a street"),
            ({"zip": "?"}, "needs a valid postcode"),
            ({"vat": ""}, "Type the tax number"),
            ({"vat": CORE}, "12345678-1-42"),
            ({"vat": "11112223-2-41"}, "12345678-1-42"),
            ({"group_vat": "11112223-2-41"}, "12345678-1-42"),
            ({"email": "no"}, "no e-mail address"),
            ({"email": "a@example.com\nBcc: b@example.com"}, "no e-mail address"),
            ({"name": "x" * 256}, "too long"),
            ({"street": "x" * 10**6}, "too long"),
            ({"vat": "1" * 31}, "too long"),
            ({"name": None}, "needs a name"),
            ({"name": ["x"]}, "needs a name"),
            ({"zip": 1065}, "needs a postcode"),
        ):
            with self.subTest(wrong=str(wrong)[:50]):
                with self.assertRaisesRegex(UserError, text):
                    self.use(**{**TYPED, **wrong})
        for values in (None, 1, "x", [], [1]):
            with self.assertRaises(UserError):
                self.partners.salon_till_buyer(values, self.config.id)

    def test_a_text_is_one_line_and_every_store_can_hold_it(self):
        buyer = self.use(
            **{**TYPED, "name": " A\0\n\tB \ud800 Kft.", "country_id": "HU"}
        )
        self.assertEqual(buyer.name, "A\ufffd B ? Kft.")
        self.assertEqual(buyer.country_id, self.hungary)

    def test_a_person_is_billed_by_name_and_address(self):
        values = {
            "name": "Szabó Éva",
            "zip": "8060",
            "city": "Mór",
            "street": "Fő u. 2.",
        }
        person = self.use(**values, email="eva@example.com")
        self.assertRecordValues(
            person, [{**values, "is_company": False, "vat": False, "parent_id": False}]
        )
        self.assertFalse(person.salon_is_unverified)
        self.assertEqual(
            self.use(**values), person, "the same name at the same address"
        )
        self.assertNotEqual(self.use(**{**values, "street": "Fő u. 3."}), person)
        self.assertNotEqual(self.use(**{**values, "name": "Szabó %"}), person)
        with self.assertRaisesRegex(UserError, "needs a city"):
            self.use(**{**values, "city": ""})

    def test_companies_of_other_countries(self):
        germany, swiss = self.env.ref("base.de"), self.env.ref("base.ch")
        typed = {**TYPED, "country_id": germany.id, "name": "Muster GmbH"}
        buyer = self.use(**{**typed, "vat": "136695976"})
        self.assertEqual((buyer.vat, buyer.country_id), ("DE136695976", germany))
        self.assertTrue(buyer.salon_is_unverified)
        self.assertEqual(self.use(**{**typed, "vat": "DE 136 695 976"}), buyer)
        with self.assertRaisesRegex(UserError, "DE..."):
            self.use(**{**typed, "vat": "DE136695975"})
        foreign = {**typed, "country_id": swiss.id, "vat": "CHE-107.787.577 IVA"}
        buyer = self.use(**foreign)
        self.assertEqual(buyer.country_id, swiss)
        self.assertTrue(buyer.salon_is_unverified)
        self.assertEqual(self.use(**foreign), buyer)
        self.assertFalse(
            [call for call in self.calls() if "tax-number" in call["path"]]
        )

    def test_a_customer_of_another_company_cannot_be_named(self):
        other = make_company(self.env, "Másik Szalon Kft.")
        theirs = self.company_with(company_id=other.id)
        before = self.everything(theirs)
        gone = self.env["res.partner"].browse(theirs.id + 10**6)
        archived = self.company_with(active=False)
        for wrong in (theirs.id, gone.id, archived.id, True, "1", [theirs.id], -1):
            with self.assertRaises(UserError):
                self.partners.salon_till_buyer({"partner_id": wrong}, self.config.id)
        with self.assertRaises(AccessError):
            theirs.with_user(self.receptionist).check_access("read")
        self.assertNotEqual(self.use(**TYPED), theirs)
        self.assertEqual(self.everything(theirs), before)
