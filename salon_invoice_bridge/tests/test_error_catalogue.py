"""The error catalogue: every error has a cause, a remedy, and who can do it."""

from odoo.tests import TransactionCase, tagged

from ..billing import errors
from ..models import salon_invoice_message as texts
from ..providers.szamlazz import errors as szamlazz_errors


@tagged("post_install", "-at_install")
class TestErrorCatalogue(TransactionCase):
    def explain(self, error, provider="billingo"):
        return self.env["salon.invoice.message"]._explain(error, provider)

    def test_every_shared_reason_has_its_sentences(self):
        for reason in errors.Reason:
            told = self.explain(errors.AccountProblem("?", reason=reason, code="x"))
            self.assertTrue(told.cause and told.remedy and told.who, reason)

    def test_every_explained_code_of_szamlazz_is_one_that_the_strategy_knows(self):
        known = szamlazz_errors._CODES.keys() | {szamlazz_errors.MAIL_FAILED}
        self.assertLessEqual(texts.CODES["szamlazz"].keys(), known)

    def test_the_services_own_words_follow_for_its_support(self):
        error = errors.AccountProblem("Hibás kulcs", code="3")
        told = self.explain(error, "szamlazz")
        self.assertIn("does not know this Agent key", told.sentence)
        self.assertTrue(told.sentence.endswith("[Hibás kulcs (3)]"))

    def test_a_field_that_the_service_complains_about_names_what_to_mend(self):
        error = errors.Rejected(
            "Validation Failed", code="422", fields={"address.post_code": "required"}
        )
        self.assertIn("postcode", self.explain(error).cause)
        self.assertIn("address", self.explain(error).remedy)

    def test_a_wrong_clock_is_told_from_a_wrong_key(self):
        error = errors.AccountProblem("Cannot handle token prior to ...", code="401")
        self.assertIn("clock", self.explain(error, "billingo_v2").cause)

    def test_a_certificate_that_cannot_be_trusted_is_told_from_a_broken_line(self):
        error = errors.NotProcessed("SSLError(...)", code="tls")
        self.assertIn("secure connection", self.explain(error).cause)

    def test_our_own_refusals_are_told_in_their_own_words(self):
        told = self.explain(errors.Rejected("The tip has no VAT code."))
        self.assertEqual(told.sentence, "The tip has no VAT code.")

    def test_sentences_come_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("hu_HU")
        self.env["ir.module.module"].search(
            [("name", "=", "salon_invoice_bridge")]
        )._update_translations(["hu_HU"])
        told = self.env["salon.invoice.message"].with_context(lang="hu_HU")
        error = errors.AccountProblem("?", code="401")
        self.assertIn("kulcs", told._explain(error, "billingo").cause)
