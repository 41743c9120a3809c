from odoo import models
from odoo.exceptions import UserError

from ..billing import errors

#: The e-mail of documents that their service cannot send again.
TEMPLATE = "salon_invoice_bridge.mail_template_document"


class SalonInvoiceMail(models.AbstractModel):
    """Odoo's own e-mail with a document: the salon's template, the service's PDF.

    It is queued, and goes out by the salon's mail server. Called by the lane only, as
    superuser: who may send, and to how many addresses, is checked where it is asked
    for, see ``salon.invoice.document.action_send_again``.
    """

    _name = "salon.invoice.mail"
    _description = "E-mail of an Invoice"

    def _template(self):
        """Return the template.

        :raises UserError: if somebody has deleted it
        """
        template = self.env.ref(TEMPLATE, raise_if_not_found=False)
        if not template:
            raise UserError(
                self.env._(
                    "The template of the e-mail has been deleted. Upgrade the addon "
                    "Salon Invoice Bridge, and it is there again."
                )
            )
        return template

    def _queue(self, document, emails):
        """Queue an e-mail with the PDF of ``document``, in the document's language.

        :param emails: addresses, normalized
        :raises billing.errors.Rejected: the template cannot be filled
        """
        invoice = document._invoice() or document.origin_id._invoice()
        language = invoice.language if invoice else document.company_id.salon_language
        code = document.company_id._salon_active_language(language)
        values = {
            "email_to": ", ".join(emails),
            "recipient_ids": [],
            "attachment_ids": [(4, document.pdf_id.id)],
            # Else those of the catchall alias, which would not come to the salon.
            "reply_to": document.company_id._salon_reply_to()
            or document.company_id.email_formatted,
        }
        try:
            template = self._template().with_context(lang=code or self.env.lang)
            template.send_mail(document.id, email_values=values)
        except UserError as error:
            raise errors.Rejected(str(error)) from error
        # Odoo looks at its queue once an hour by itself.
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
