"""Who is told what goes wrong: the people of the salon, all of them, once."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SalonCase


@tagged("post_install", "-at_install")
class TestRecipients(SalonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls._make_user("owner", "point_of_sale.group_pos_manager")
        cls.integrator = cls._make_user("integrator", "point_of_sale.group_pos_manager")
        cls.integrator.group_ids += cls.env.ref("base.group_system")

    def told(self, record):
        return record.activity_ids.user_id

    def pause(self):
        self.sell([(self.haircut, 1)])
        self.fault("status_before", status=401, times=None)
        self.run_lane()
        self.assertEqual(self.account.state, "paused")

    def stop_a_document(self):
        document = self.sell([(self.haircut, 1)]).salon_document_id
        document._need_attention("<a href='https://example.com'>Pay</a>", "content")
        return document

    def test_all_managers_of_the_company_are_told_and_not_the_first_one_alone(self):
        self.pause()
        managers = self.owner | self.manager | self.integrator
        self.assertEqual(self.told(self.account), managers)
        self.assertEqual(self.told(self.stop_a_document()), managers)

    def test_a_document_alert_readiness_and_the_sweep_tell_the_same_people(self):
        self.account.recipient_ids = self.owner | self.accountant
        document = self.sell([(self.haircut, 1)]).salon_document_id
        document._alert("Cancelled there", "Look at it.")
        self.account._alert("Sales without an invoice", "Open them.")
        self.account.red_checks = []
        self.account.company_id.vat = "HU99999999"
        self.account._notify_red_checks()
        for record in (document, self.account):
            self.assertEqual(self.told(record), self.owner | self.accountant)
        self.assertEqual(len(self.account.activity_ids), 4)

    def test_the_setting_decides_and_those_who_left_are_not_told(self):
        self.account.recipient_ids = self.owner
        self.pause()
        self.assertEqual(self.told(self.account), self.owner)
        self.owner.active = False
        self.assertEqual(
            self.told(self.stop_a_document()), self.manager | self.integrator
        )

    def test_who_has_left_the_company_is_not_told(self):
        """Chosen, or by default; where nobody is left, an administrator is."""
        company = self.env["res.company"].create({"name": "Másik Kft."})
        everyone = self.owner | self.manager | self.integrator
        self.account.recipient_ids = self.owner
        self.owner.write({"company_ids": company.ids, "company_id": company.id})
        self.assertEqual(
            self.told(self.stop_a_document()), self.manager | self.integrator
        )
        everyone.write({"company_ids": company.ids, "company_id": company.id})
        told = self.told(self.stop_a_document())
        self.assertTrue(told)
        self.assertFalse(told & everyone)

    def test_who_is_archived_leaves_the_matter_to_the_others(self):
        """Odoo deletes the activities of somebody who is archived."""
        document = self.stop_a_document()
        self.owner.action_archive()
        self.assertEqual(self.told(document), self.manager | self.integrator)

    def test_who_cannot_open_what_they_are_told_about_stops_nothing(self):
        stranger = self._make_user("guest", "base.group_user")
        self.account.recipient_ids = self.owner | stranger
        self.pause()
        self.assertEqual(self.told(self.account), self.owner | stranger)

    def test_the_lane_speaks_the_language_of_who_is_told(self):
        for code in ("hu_HU", "de_DE"):
            self.env["res.lang"]._activate_lang(code)
        self.account.recipient_ids = self.owner
        self.owner.lang = "hu_HU"
        self.assertEqual(self.account._language(), "hu_HU")
        self.owner.lang = "de_DE"
        self.assertEqual(self.account._language(), "de_DE")
        self.owner.partner_id.lang = "hu_HU"
        self.assertEqual(self.account._language(), "hu_HU")
        self.manager.lang = "de_DE"
        self.account.recipient_ids = self.manager
        self.assertEqual(self.account._language(), "de_DE")
        self.account.recipient_ids |= self.owner
        self.manager.active = False
        self.assertEqual(self.account._language(), "hu_HU")
        self.owner.partner_id.lang = False
        self.assertEqual(self.account._language(), "hu_HU")

    def test_when_the_document_is_settled_nobody_is_asked_any_more(self):
        for number in ("SZ / 2026-000001", False):
            document = self.stop_a_document()
            document._alert("Cancelled there", "Look at it.")
            document.with_user(self.accountant)._settle(number)
            self.assertFalse(document.activity_ids)

    def test_nobody_of_another_company_can_be_told(self):
        stranger = self._make_user("stranger", "point_of_sale.group_pos_manager")
        company = self.env["res.company"].create({"name": "Másik Kft."})
        stranger.write({"company_ids": company.ids, "company_id": company.id})
        with self.assertRaises(UserError):
            self.account.recipient_ids = stranger
        self.assertNotIn(stranger, self.account._recipients())

    def test_who_is_done_with_it_is_done_for_all(self):
        document = self.stop_a_document()
        other = self.stop_a_document()
        mine = document.activity_ids.filtered(lambda a: a.user_id == self.manager)
        mine.with_user(self.manager).action_feedback("Done.")
        self.assertFalse(document.activity_ids)
        self.assertEqual(len(other.activity_ids), 3)

    def test_who_drops_it_drops_it_for_all_and_another_matter_stays(self):
        document = self.stop_a_document()
        document._alert("Cancelled there", "Look at it.")
        mine = document.activity_ids.filtered(
            lambda a: a.user_id == self.manager and a.summary == "Cancelled there"
        )
        mine.with_user(self.manager).unlink()
        left = set(document.activity_ids.mapped("summary"))
        self.assertEqual(left, {"Invoice needs attention"})
        self.assertEqual(len(document.activity_ids), 3)

    def test_when_the_trouble_ends_nobody_is_asked_any_more(self):
        self.pause()
        self.sandbox.world.faults.clear()
        self.account.action_resume()
        self.assertFalse(self.account.activity_ids)

    def test_each_is_told_by_their_own_notification_settings(self):
        self.owner.write({"email": "owner@example.com", "notification_type": "email"})
        self.manager.notification_type = "inbox"
        self.account.recipient_ids = self.owner | self.manager
        document = self.stop_a_document()
        told = self.env["mail.notification"].search(
            [
                ("mail_message_id.model", "=", document._name),
                ("mail_message_id.res_id", "=", document.id),
            ]
        )
        ways = {row.res_partner_id: row.notification_type for row in told}
        self.assertEqual(ways[self.owner.partner_id], "email")
        self.assertEqual(ways[self.manager.partner_id], "inbox")

    def test_the_words_of_a_service_are_no_html(self):
        note = self.stop_a_document().activity_ids[0].note
        self.assertIn("&lt;a href", note)

    def test_they_are_told_in_the_language_of_the_salon(self):
        self.env["res.lang"]._activate_lang("hu_HU")
        self.integrator.lang = "en_US"
        (self.owner | self.manager).lang = "hu_HU"
        self.assertEqual(self.account._responsible().lang, "hu_HU")
