"""The receipt that a till sends by e-mail carries the service's PDF, if it is there."""

import base64
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SalonCase
from .other_company import OtherCompanyCase

TICKET = base64.b64encode(b"a picture of the slip").decode()


class ReceiptMailCase(SalonCase):
    """A till that sends its slips by e-mail."""

    def mail(self, order, user=None):
        """Send the receipt as the till does; return what is attached, by its type."""
        before = self.env["mail.mail"].search([])
        order.with_user(user or self.receptionist).action_send_receipt(
            "vendeg@example.com", TICKET, False
        )
        mail = self.env["mail.mail"].search([]) - before
        self.assertEqual(mail.email_to, "vendeg@example.com")
        attachments = mail.attachment_ids
        self.assertEqual(attachments[:1].mimetype, "image/jpeg", "Odoo's own")
        return attachments[1:]


@tagged("post_install", "-at_install")
class TestReceiptMail(ReceiptMailCase):
    def test_the_pdf_of_an_issued_invoice_is_attached(self):
        order = self.sell([(self.haircut, 1)], customer=self.business)
        self.work()
        pdf = order.salon_document_id.pdf_id
        attached = self.mail(order)
        self.assertEqual(attached.raw, pdf.raw)
        self.assertTrue(attached.raw.startswith(b"%PDF"))
        self.assertEqual(attached.name, pdf.name)

    def test_a_fetched_pdf_outlives_the_mail_and_the_mail_a_new_pdf(self):
        order = self.sell([(self.haircut, 1)])
        self.work()
        attached = self.mail(order)
        document = order.salon_document_id
        document._attach_pdf(b"%PDF another")
        self.assertTrue(attached.exists().raw.startswith(b"%PDF"))
        attached.unlink()
        self.assertEqual(document.pdf_id.raw, b"%PDF another")

    def test_what_is_not_there_yet_is_not_attached(self):
        order = self.sell([(self.haircut, 1)])
        self.assertFalse(self.mail(order))
        self.work()
        order.salon_document_id.pdf_id = False
        self.assertFalse(self.mail(order))

    def test_a_pdf_that_is_left_to_the_night_is_fetched_for_the_next_mail(self):
        order = self.sell([(self.haircut, 1)])
        self.run_lane()
        document = order.salon_document_id
        task = document.task_ids.filtered(lambda task: task.kind == "pdf")
        self.assertFalse(self.mail(order))
        self.assertLess(task.next_attempt - document._now(), timedelta(seconds=12))
        self.work()
        self.assertEqual(self.mail(order).raw, document.pdf_id.raw)

    def test_a_till_has_the_pdf_fetched_before_it_mails(self):
        order = self.sell([(self.haircut, 1)])
        self.run_lane()
        seen = order.with_user(self.receptionist)
        document = order.salon_document_id
        task = document.task_ids.filtered(lambda task: task.kind == "pdf")
        self.assertTrue(seen.salon_till_fetch_pdf())
        self.assertLess(task.next_attempt - document._now(), timedelta(seconds=12))
        self.assertTrue(seen.salon_till_fetch_pdf(), "it is still on its way")
        self.work()
        self.assertFalse(seen.salon_till_fetch_pdf())
        self.assertEqual(self.mail(order).raw, document.pdf_id.raw)

    def test_whoever_asks_again_wakes_the_lane_once_it_is_due(self):
        """Odoo notices up to a minute late what is planned for some seconds later."""
        order = self.sell([(self.haircut, 1)])
        self.run_lane()
        seen = order.with_user(self.receptionist)
        document = order.salon_document_id
        task = document.task_ids.filtered(lambda task: task.kind == "pdf")

        def wakes(act):
            of_lane = [("cron_id", "=", self.account.cron_id.id)]
            before = self.env["ir.cron.trigger"].search_count(of_lane)
            act()
            return self.env["ir.cron.trigger"].search_count(of_lane) - before

        self.assertEqual(wakes(seen.salon_till_fetch_pdf), 1)
        self.assertGreater(task.next_attempt, document._now(), "made after the invoice")
        self.assertEqual(wakes(seen.salon_till_fetch_pdf), 0)
        task.next_attempt = document._now()
        self.assertEqual(wakes(seen.salon_till_fetch_pdf), 1)
        self.assertEqual(wakes(document.with_user(self.manager).action_open_pdf), 1)
        self.account.backoff_until = document._now() + timedelta(seconds=60)
        self.assertEqual(wakes(seen.salon_till_fetch_pdf), 0)

    def test_the_pdfs_of_all_sales_that_are_named_are_fetched(self):
        orders = self.sell([(self.haircut, 1)]) | self.sell([(self.haircut, 1)])
        self.run_lane()
        self.assertTrue(orders.with_user(self.receptionist).salon_till_fetch_pdf())
        for document in orders.salon_document_id:
            task = document.task_ids.filtered(lambda task: task.kind == "pdf")
            pause = task.next_attempt - document._now()
            self.assertLess(pause, timedelta(seconds=12))

    def test_no_till_waits_for_a_pdf_that_does_not_come(self):
        order = self.sell([(self.haircut, 1)])
        seen = order.with_user(self.receptionist)
        self.assertFalse(seen.salon_till_fetch_pdf(), "not issued yet")
        self.work()
        order.salon_document_id.pdf_id = False
        self.assertFalse(seen.salon_till_fetch_pdf(), "nobody fetches it")

    def test_a_draft_and_a_proforma_are_no_invoice(self):
        for kind in ("draft", "proforma"):
            with self.subTest(kind):
                self.company.salon_kind = kind
                order = self.sell([(self.haircut, 1)])
                self.work()
                self.assertEqual(order.salon_document_id.status, "unfinished")
                order.salon_document_id._attach_pdf(b"%PDF no invoice")
                self.assertFalse(self.mail(order))

    def test_a_cancelled_invoice_is_not_sent(self):
        order = self.sell([(self.haircut, 1)])
        self.work()
        order.salon_document_id.with_user(self.manager)._request_storno("Elírás")
        self.work()
        self.assertEqual(order.salon_document_id.state, "cancelled")
        self.assertFalse(self.mail(order))

    def test_what_is_being_made_out_to_another_buyer_is_not_sent(self):
        order = self.sell([(self.haircut, 1)])
        self.work()
        order._salon_change_buyer(self.business)
        self.assertFalse(self.mail(order))
        self.work()
        self.assertEqual(order.salon_document_id.buyer_name, self.business.name)
        self.assertTrue(self.mail(order))

    def test_a_refund_carries_its_storno(self):
        order = self.sell([(self.haircut, 1)])
        self.work()
        refund = self.refund(order)
        self.work()
        self.assertEqual(refund.salon_document_id.kind, "storno")
        self.assertEqual(self.mail(refund).raw, refund.salon_document_id.pdf_id.raw)

    def test_where_odoo_has_invoiced_it_is_odoos(self):
        if "l10n_hu_edi_server_mode" in self.company:
            self.company.l10n_hu_edi_server_mode = "demo"
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        order.salon_document_id._attach_pdf(b"%PDF ours")
        order.with_user(self.manager).with_context(
            generate_pdf=False
        ).action_pos_order_invoice()
        self.assertTrue(order.account_move)
        attached = self.mail(order, self.manager)
        self.assertNotIn(b"%PDF ours", attached.mapped("raw"))

    def test_where_nothing_is_connected_the_mail_is_odoos(self):
        self.company.salon_account_id = False
        self.assertFalse(self.mail(self.sell([(self.haircut, 1)])))

    def test_whoever_may_not_read_the_document_does_not_send_it(self):
        # As pos_self_order sends it: for a guest, as the superuser.
        order = self.sell([(self.haircut, 1)])
        self.work()
        guest = self.env.ref("base.public_user")
        attachments = (
            order.with_user(guest)
            .sudo()
            ._get_mail_attachments(order.name, TICKET, False)
        )
        self.assertEqual(len(attachments), 1)


@tagged("post_install", "-at_install")
class TestReceiptMailOfAnother(OtherCompanyCase):
    def test_nobody_mails_another_companys_sale(self):
        order = self.sell([(self.haircut, 1)])
        self.work()
        before = self.env["mail.mail"].search_count([])
        theirs = self.as_stranger("manager")["pos.order"].browse(order.id)
        with self.assertRaises(AccessError):
            theirs.action_send_receipt("stranger@example.com", TICKET, False)
        self.assertEqual(self.env["mail.mail"].search_count([]), before)
