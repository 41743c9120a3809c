"""Hungarian first: every term has its Hungarian, and people really read it."""

import io
import re
from datetime import timedelta
from unittest.mock import patch

import polib
from lxml import etree

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger
from odoo.tools.misc import file_open
from odoo.tools.translate import trans_export

from ..billing import errors
from .common import SalonCase

ADDON = "salon_invoice_bridge"

#: Names, and what Hungarian writes as English does.
SAME = {
    "%(count)s × %(answer)s",
    "%(number)s, %(amount)s, on %(when)s.",
    "%(user)s: %(answer)s",
    "%(what)s: %(when)s",
    "12345678-1-42",
    "12345678-5-42",
    "18%",
    "27%",
    "58 mm",
    "80 mm",
    "AAM",
    "Barion",
    "Billingo",
    "Billingo (API v2)",
    "E-mail",
    "Forint",
    "MB",
    "NAV",
    "PDF",
    "Partner",
    "PayPal",
    "Számlázz.hu",
    "anna@example.com",
    # What Odoo's export takes for terms, but is code
    "account_id",
    "company_id",
    "id",
    "salon_document_id.account_id",
    "zip",
    "{{ object.company_id.name }}: {{ object.number or object.name }}",
}


def catalogue(name):
    """Return a catalogue of the addon's ``i18n`` folder."""
    with file_open(f"{ADDON}/i18n/{name}") as file:
        return polib.pofile(file.read())


def marks(text):
    """Return what a translation must keep: placeholders, tags and parameters."""
    return sorted(
        re.findall(r"%%|%\(\w+\)s|%s|\{\w*\}|</?[a-z]+|\w+\.url\.<service>", text)
    )


@tagged("post_install", "-at_install")
class TestCatalogue(TransactionCase):
    """Run ``./dev i18n`` when one of these fails, and fill in what it names."""

    def test_the_template_lists_every_term_of_the_addon_and_no_other(self):
        buffer = io.BytesIO()
        trans_export(None, [ADDON], buffer, "po", self.env)
        now = polib.pofile(buffer.getvalue().decode())
        listed = {entry.msgid for entry in catalogue(f"{ADDON}.pot")}
        self.assertEqual({entry.msgid for entry in now} - listed, set(), "missing")
        self.assertEqual(listed - {entry.msgid for entry in now}, set(), "gone")

    def test_every_term_is_translated_to_hungarian(self):
        translated = {e.msgid for e in catalogue("hu.po") if e.translated()}
        terms = {entry.msgid for entry in catalogue(f"{ADDON}.pot")}
        self.assertEqual(terms - translated, set())

    def test_hungarian_is_not_english_copied(self):
        same = {e.msgid for e in catalogue("hu.po") if e.msgid == e.msgstr}
        self.assertEqual(same - SAME, set())

    def test_translations_keep_placeholders_and_tags(self):
        for name in ("hu.po", "de.po"):
            for entry in catalogue(name):
                with self.subTest(name=name, term=entry.msgid):
                    self.assertEqual(marks(entry.msgstr), marks(entry.msgid))

    def test_translations_keep_what_stands_before_and_behind_a_sentence(self):
        """Sentences are joined behind each other: a full stop stays a full stop."""
        for entry in catalogue("hu.po"):
            with self.subTest(term=entry.msgid):
                self.assertEqual(entry.msgstr[:1] == " ", entry.msgid[:1] == " ")
                for mark in (".", "?"):
                    self.assertEqual(
                        entry.msgstr.rstrip().endswith(mark),
                        entry.msgid.rstrip().endswith(mark),
                    )


@tagged("post_install", "-at_install")
class TestHungarianPeople(SalonCase):
    """A salon whose people read Hungarian."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("hu_HU")
        cls.env.ref(f"base.module_{ADDON}")._update_translations(["hu_HU"])
        (cls.receptionist | cls.manager | cls.accountant).lang = "hu_HU"
        cls.account._responsible().lang = "hu_HU"

    def hungarian(self, model):
        """Return ``model`` as the Hungarian manager sees it."""
        return self.env[model].with_user(self.manager).with_context(lang="hu_HU")

    def sold(self):
        """Return the document of a new sale, not sent yet."""
        return self.sell([(self.haircut, 1)]).salon_document_id

    def test_fields_and_choices_are_in_hungarian(self):
        wanted = ["salon_invoice_number", "salon_invoice_state"]
        told = self.hungarian("pos.order").fields_get(wanted)
        self.assertEqual(told["salon_invoice_number"]["string"], "Bizonylatszám")
        states = dict(told["salon_invoice_state"]["selection"])
        self.assertEqual(states["attention"], "Teendő")

    def test_a_document_without_a_number_is_named_in_its_readers_language(self):
        document = self.sold()
        self.assertTrue(document.name.startswith("Invoice "))
        hungarian = self.hungarian("salon.invoice.document").browse(document.id)
        self.assertTrue(hungarian.name.startswith("Számla "))
        found = hungarian.name_search(document.order_id.pos_reference)
        self.assertEqual(found, [(document.id, hungarian.name)])

    def test_vat_codes_are_explained_in_hungarian(self):
        told = self.hungarian("account.tax").fields_get(["salon_vat_code"])
        codes = dict(told["salon_vat_code"]["selection"])
        self.assertEqual(codes["AAM"], "AAM: alanyi adómentes")
        self.assertEqual(codes["ATK"], "ATK: az áfa hatályán kívül")

    def test_every_button_of_every_form_is_in_hungarian(self):
        terms = {entry.msgid for entry in catalogue(f"{ADDON}.pot")}
        mine = self.env["ir.model.data"].search(
            [("module", "=", ADDON), ("model", "=", "ir.ui.view")]
        )
        seen = 0
        for view in self.env["ir.ui.view"].browse(mine.mapped("res_id")):
            tree = etree.fromstring(view.with_context(lang="hu_HU").arch)
            for button in tree.iter("button"):
                shown = button.get("string")
                if shown:
                    seen += 1
                    self.assertNotIn(shown, terms - SAME, view.name)
        self.assertGreater(seen, 20)

    def test_menus_and_activities_kinds_are_in_hungarian(self):
        menu = self.env.ref(f"{ADDON}.menu_salon_invoice_attention")
        self.assertEqual(menu.with_context(lang="hu_HU").name, "Teendők")
        kind = self.env.ref(f"{ADDON}.activity_readiness")
        self.assertEqual(
            kind.with_context(lang="hu_HU").name, "Teendő van a számlázással"
        )

    def test_a_button_refuses_in_hungarian(self):
        document = self.sold().with_user(self.manager).with_context(lang="hu_HU")
        refusal = "Csak kiállított számla vagy nyugta sztornózható"
        with self.assertRaisesRegex(UserError, refusal):
            document._request_storno("Hibás vevő")

    def test_a_refusal_names_the_state_of_a_document_in_hungarian(self):
        document = self.sold()
        self.run_lane()
        document = document.with_user(self.manager).with_context(lang="hu_HU")
        document._request_storno("Hibás vevő")
        with self.assertRaisesRegex(UserError, r"\(Várakozik\)"):
            document._request_storno("Hibás vevő")

    def test_a_paused_account_is_told_in_hungarian(self):
        self.sold()
        self.fault("status_before", status=401, times=None)
        self.run_lane()
        activity = self.account.activity_ids
        self.assertEqual(activity.summary, "A számlázás leállt")
        self.assertIn("A szolgáltató nem fogadja el az API-kulcsot", activity.note)
        self.assertIn("Készítsen új kulcsot a szolgáltatónál", activity.note)

    def sweep(self):
        cron = self.env.ref(f"{ADDON}.cron_sweep")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_what_is_left_at_a_disconnected_account_is_told_in_hungarian(self):
        document = self.sold()
        self.account.sudo().state = "disconnected"
        self.sweep()
        self.assertIn("már nincs csatlakoztatva", document.problem)
        (activity,) = document.activity_ids
        self.assertEqual(activity.summary, "Teendő a számlával")

    @mute_logger(f"odoo.addons.{ADDON}.models.pos_order")
    def test_sales_that_the_sweep_cannot_take_up_are_told_in_hungarian(self):
        orders = type(self.env["pos.order"])
        self.config.salon_live_since = fields.Datetime.now() - timedelta(hours=1)
        with patch.object(orders, "_salon_on_paid", lambda order: None):
            self.sell([(self.haircut, 1)])
        with patch.object(
            orders, "_salon_create_document", side_effect=ValueError("broken")
        ):
            self.sweep()
        self.assertEqual(self.account.activity_ids.summary, "Számla nélküli eladások")

    def test_what_is_different_at_the_service_is_told_in_hungarian(self):
        document = self.sold()
        self.fault("drop_after", method="POST", path="/documents$")
        self.run_lane()
        content = dict(document.invoice_values)
        content["lines"] = [{**content["lines"][0], "gross": "1"}]
        document.write(
            {
                "invoice_values": content,
                "state": "checking",
                "next_attempt": document._now(),
            }
        )
        self.run_lane()
        told = document.problem.replace("\xa0", " ")
        self.assertIn("Végösszeg: 8.900,00 Ft, nem pedig 1,00 Ft", told)

    def test_what_a_strategy_cannot_do_is_told_in_hungarian(self):
        error = errors.Rejected("no such call", reason=errors.Reason.UNSUPPORTED)
        explain = self.hungarian("salon.invoice.message")._explain
        told = explain(error, "billingo")
        self.assertEqual(told.cause, "Ez a szolgáltató erre nem képes.")

    def test_what_the_steps_wait_for_is_told_in_hungarian(self):
        document = self.sold()
        self.run_lane()
        document.task_ids.next_attempt = document._now()  # the PDF's first try is later
        self.run_lane()
        told = {step.kind: step.message for step in document.task_ids}
        self.assertEqual(told["pdf"], "A szolgáltató még dolgozik rajta.")
        self.assertEqual(told["nav"], "A NAV még nem válaszolt.")

    def test_readiness_is_told_in_hungarian(self):
        account = self.account.with_context(lang="hu_HU")
        rows = account.env["salon.invoice.readiness"]._rows(account)
        self.assertIn("NAV Online Számla", [row.title for row in rows])
        terms = {entry.msgid for entry in catalogue(f"{ADDON}.pot")} - SAME
        for row in rows:
            for text in (row.title, row.text):
                self.assertNotIn(text, terms)

    def test_an_english_user_of_the_same_salon_reads_english(self):
        document = self.sold().with_user(self.manager).with_context(lang="en_US")
        with self.assertRaisesRegex(UserError, "Only an issued invoice"):
            document._request_storno("Wrong buyer")

    def test_the_invoice_speaks_its_customers_language(self):
        for language, receipt in (
            ("hu", "Pénztári bizonylat: "),
            ("en", "Receipt: "),
            ("de", "Kassenbeleg: "),
        ):
            order = self.sell([(self.haircut, 1)])
            order.salon_language = language
            document = order.salon_document_id
            comment = document._make_invoice(document._policy()).comment
            self.assertIn(receipt + order.pos_reference, comment)
