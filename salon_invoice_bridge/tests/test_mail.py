"""What the salon wants said: e-mails in its words, and Odoo's own where none can."""

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .after_case import AfterCase
from .receipt_case import ReceiptCase

#: What a salon says, as it is typed in the settings.
WORDS = {
    "salon_mail_subject": "{company}: {document}, {reference}",
    "salon_mail_text": "Köszönjük!\n{shop}",
    "salon_mail_reply_to": "recepcio@example.com",
}


class MailCase(AfterCase):
    def mails(self):
        """Return the e-mails of the service's ledger, oldest first."""
        return self.sandbox.world.ledger()["mails"]

    def issue(self, **values):
        """Sell a haircut to a customer with an address; return its document."""
        order = self.sell([(self.haircut, 1)], **values)
        self.work()
        document = order.salon_document_id
        self.assertEqual(document.state, "issued", document.problem)
        return document

    def queued(self, before):
        """Return the only e-mail that Odoo has queued since ``before``."""
        mail = self.env["mail.mail"].search([]) - before
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.state, "outgoing")
        return mail


@tagged("post_install", "-at_install")
class TestMailWords(MailCase):
    provider = "szamlazz"

    def test_the_service_says_what_the_salon_has_typed(self):
        self.company.write({**WORDS, "salon_language": "en"})
        document = self.issue()
        (mail,) = self.mails()
        reference = document.order_id.pos_reference
        self.assertEqual(mail["subject"], f"{self.company.name}: invoice, {reference}")
        self.assertEqual(mail["text"], f"Köszönjük!\n{self.config.name}")
        self.assertEqual(mail["reply_to"], "recepcio@example.com")

    def test_answers_go_to_the_company_unless_it_says_where(self):
        self.company.email = "Szalon <Info@Szalon.example.com>"
        self.issue()
        self.assertEqual(self.mails()[0]["reply_to"], "info@szalon.example.com")
        self.company.email = "nincs"
        self.issue()
        self.assertEqual(self.mails()[1]["reply_to"], "")

    def test_a_document_is_mailed_in_its_own_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.company.salon_mail_subject = "Your visit at {company}"
        german = self.company.with_context(lang="de_DE")
        german.salon_mail_subject = "Ihr Besuch bei {company}"
        self.company.salon_language = "de"
        self.issue()
        subject = f"Ihr Besuch bei {self.company.name}"
        self.assertEqual(self.mails()[0]["subject"], subject)

    def test_what_is_frozen_is_sent_whatever_is_typed_since(self):
        self.company.write(WORDS)
        order = self.sell([(self.haircut, 1)])
        self.fault("status_before", status=503)
        self.run_lane()
        self.company.salon_mail_subject = "Más"
        frozen = order.salon_document_id.request_body
        self.work()
        self.assertIn("emailTargy", frozen)
        self.assertNotIn("Más", self.mails()[0]["subject"])

    def test_a_storno_answers_to_where_its_invoice_did(self):
        self.company.write(WORDS)
        document = self.issue()
        document.with_user(self.manager)._request_storno("Elírás")
        self.work()
        self.assertEqual(document.state, "cancelled")
        mail = self.mails()[-1]
        self.assertEqual(len(self.mails()), 2)
        self.assertEqual(mail["reply_to"], "recepcio@example.com")
        self.assertNotIn(self.company.name, mail["subject"])

    def test_a_walk_in_is_mailed_nothing_and_nothing_is_frozen(self):
        self.company.write(WORDS)
        order = self.sync(self.order_data([(self.haircut, 1)]))
        self.work()
        self.assertNotIn("mail", order.salon_document_id.invoice_values)

    def test_what_cannot_be_said_is_refused_when_it_is_saved(self):
        for values in (
            {"salon_mail_subject": "{number}"},
            {"salon_mail_text": "{note}"},
            {"salon_mail_subject": "x" * 201},
            {"salon_mail_text": "x" * 4001},
            {"salon_mail_reply_to": "nincs"},
            {"salon_mail_reply_to": "a@example.com, b@example.com"},
            {"salon_mail_reply_to": "a@example.com\nBcc: b@example.com"},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self.company.write(values)


@tagged("post_install", "-at_install")
class TestMailWordsElsewhere(MailCase):
    provider = "billingo"

    def test_a_service_that_takes_no_words_gets_none(self):
        self.company.write(WORDS)
        document = self.issue()
        self.assertNotIn("mail", document.invoice_values)
        self.assertNotIn("recepcio@example.com", self.bodies[document.id])
        self.assertEqual(self.mails()[0]["reply_to"], "")


@tagged("post_install", "-at_install")
class TestReceiptMailWords(MailCase, ReceiptCase):
    provider = "szamlazz"

    def test_a_receipt_is_mailed_in_the_same_words_and_called_a_receipt(self):
        self.company.write({**WORDS, "salon_language": "en"})
        self.given()
        (mail,) = self.mails()
        self.assertIn(": receipt, ", mail["subject"])
        self.assertEqual(mail["reply_to"], "recepcio@example.com")


@tagged("post_install", "-at_install")
class TestOwnMail(MailCase):
    """Számlázz.hu cannot send an issued invoice again: Odoo does, with its PDF."""

    provider = "szamlazz"

    def setUp(self):
        super().setUp()
        self.invoice = self.issue()
        self.before = self.env["mail.mail"].search([])

    def send(self, *emails, user=None):
        user = user or self.receptionist
        self.invoice.with_user(user).action_send_again(list(emails))

    def test_it_goes_out_from_odoo_with_the_services_pdf(self):
        self.company.salon_mail_reply_to = "recepcio@example.com"
        calls = len(self.calls())
        self.send("masik@example.com", "harmadik@example.com")
        self.assertFalse(self.env["mail.mail"].search([]) - self.before, "by the lane")
        self.work()
        mail = self.queued(self.before)
        self.assertEqual(mail.email_to, "masik@example.com, harmadik@example.com")
        self.assertFalse(mail.recipient_ids)
        self.assertEqual(mail.attachment_ids, self.invoice.pdf_id)
        self.assertIn(self.invoice.number, mail.subject)
        self.assertIn("recepcio@example.com", mail.reply_to)
        self.assertEqual(len(self.calls()), calls, "the PDF was here")
        task = self.step(self.invoice, "own_email")
        self.assertEqual(
            (task.state, task.message),
            ("done", "masik@example.com, harmadik@example.com"),
        )
        self.assertEqual(len(self.mails()), 1, "only that of the issue")

    def test_a_pdf_that_is_not_here_is_fetched_first(self):
        self.invoice.pdf_id.unlink()
        self.fault("status_before", status=503)
        self.send("masik@example.com")
        self.run_lane()
        self.assertFalse(self.env["mail.mail"].search([]) - self.before)
        self.work()
        mail = self.queued(self.before)
        self.assertTrue(mail.attachment_ids.raw.startswith(b"%PDF"))
        self.assertEqual(self.invoice.pdf_id, mail.attachment_ids)

    def test_the_pdf_outlives_the_mail(self):
        self.send("masik@example.com")
        self.work()
        pdf = self.invoice.pdf_id
        self.queued(self.before).unlink()
        self.assertTrue(pdf.exists().raw.startswith(b"%PDF"))

    def test_it_is_written_in_the_documents_language(self):
        self.env["res.lang"]._activate_lang("hu_HU")
        template = self.env.ref("salon_invoice_bridge.mail_template_document")
        template.with_context(lang="hu_HU").subject = "Számla {{ object.number }}"
        self.send("masik@example.com")
        self.work()
        mail = self.queued(self.before)
        self.assertEqual(mail.subject, f"Számla {self.invoice.number}")

    def test_who_was_sent_the_invoice_is_sent_its_storno(self):
        self.send("masik@example.com")
        self.work()
        self.invoice.with_user(self.manager)._request_storno("Elírás")
        self.work()
        self.assertIn("masik@example.com", self.mails()[-1]["to"])

    def test_the_same_limits_as_of_the_service(self):
        with self.assertRaises(UserError):
            self.send("nincs")
        with self.assertRaises(UserError):
            self.send(*(f"a{number}@example.com" for number in range(6)))
        self.send("masik@example.com")
        with self.assertRaises(UserError):
            self.send("masik@example.com")

    def test_a_template_that_cannot_be_filled_is_said(self):
        template = self.env.ref("salon_invoice_bridge.mail_template_document")
        # Odoo refuses to save it, but a field that it names may be gone later.
        self.env.cr.execute(
            "UPDATE mail_template SET subject = %s WHERE id = %s",
            ['{"en_US": "{{ object.nothing_of_the_kind }}"}', template.id],
        )
        self.env.invalidate_all()
        self.send("masik@example.com")
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            self.work()
        task = self.step(self.invoice, "own_email")
        self.assertEqual(task.state, "failed")
        mails = self.env["mail.mail"].search([]) - self.before
        self.assertNotIn("masik@example.com", mails.mapped("email_to"))

    def test_a_deleted_template_is_said(self):
        self.env.ref("salon_invoice_bridge.mail_template_document").unlink()
        self.send("masik@example.com")
        self.work()
        task = self.step(self.invoice, "own_email")
        self.assertEqual(task.state, "failed")
        self.assertIn("template", task.message)
