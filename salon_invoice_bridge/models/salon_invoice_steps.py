import base64
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize
from odoo.tools.mail import single_email_re

#: Addresses that a person may send one document to at once.
MOST_EMAILS = 5


class SalonInvoiceSteps(models.Model):
    """Which steps a document has: planned when it is issued, or wished by a person."""

    _inherit = "salon.invoice.document"

    step_ids = fields.One2many("salon.invoice.step", "document_id", readonly=True)
    # Indexed for whoever deletes an attachment, of whatever it is: PostgreSQL looks for
    # the document that has it.
    pdf_id = fields.Many2one(
        "ir.attachment", readonly=True, copy=False, index="btree_not_null"
    )
    can_send = fields.Boolean(
        compute="_compute_can_send",
        compute_sudo=True,
        help="The service e-mails documents that are issued already.",
    )

    @api.depends("account_id.provider")
    def _compute_can_send(self):
        for document in self:
            account = document.account_id
            document.can_send = bool(account) and account._capabilities().sends

    # === PLANNED === #

    def _step_kinds(self, capabilities, issued, meant):
        """Return what is to be done for this document, which has just been issued.

        :param billing.invoice.IssuedDocument issued: as the service made it
        :param billing.invoice.Invoice meant: the frozen content, None for a storno
        """
        if self.kind == "draft":
            return []
        kinds = []
        if self._has_payments_to_tell(issued, meant):
            kinds.append("payments")
        if self._is_to_be_mailed(meant) and not capabilities.mails_on_issue:
            kinds.append("email")
        if capabilities.public_url and not issued.public_url:
            kinds.append("link")
        kinds.append("pdf")
        return kinds

    def _has_payments_to_tell(self, issued, meant):
        """True if the service does not know yet what was paid, and by what.

        It takes a paid document for paid by the one tender that it names, or, by some
        tenders, for not paid at all.
        """
        if self.kind not in ("invoice", "remainder") or not meant.tenders:
            return False
        return bool(len(meant.tenders) > 1 or not meant.paid or issued.outstanding)

    def _is_to_be_mailed(self, meant):
        """True if the buyer gets this document: a storno, if they got the invoice."""
        if self.kind == "storno":
            return bool(self.origin_id._mailed_to())
        return meant.send_email and bool(meant.buyer.emails)

    def _mailed_to(self):
        """Return the addresses that this document was sent to, as a tuple."""
        emails = []
        if self.account_id._capabilities().mails_on_issue:
            invoice = self._invoice()
            if invoice and invoice.send_email:
                emails += invoice.buyer.emails
        sent = self.step_ids.filtered(
            lambda step: step.kind == "email" and step.state in ("done", "unknown")
        )
        for step in sent:
            wished = (step.arguments or {}).get("emails") or self._buyer_emails()
            emails += [email for email in wished if email not in emails]
        return tuple(emails)

    def _buyer_emails(self):
        """Return the addresses of the buyer on this document."""
        if self.kind == "storno":
            return self.origin_id._mailed_to()
        invoice = self._invoice()
        return invoice.buyer.emails if invoice else ()

    def _plan_step(self, kind, arguments=None, **values):
        """Write down that ``kind`` is to be done for this document."""
        return self._plan_steps([kind], arguments=arguments or False, **values)

    def _plan_steps(self, kinds, pdf_after=0, **values):
        """Write down that ``kinds`` are to be done for this document, in this order.

        :param float pdf_after: seconds that the service needs until there is a PDF
        """
        self.ensure_one()
        now = self._now()
        pauses = {"pdf": timedelta(seconds=pdf_after)}
        return self.env["salon.invoice.step"].create(
            [
                {
                    "document_id": self.id,
                    "kind": kind,
                    "next_attempt": now + pauses.get(kind, timedelta()),
                    **values,
                }
                for kind in kinds
            ]
        )

    def _on_step_failed(self, step):
        """A step has been given up.  A wish is shown to who wished it."""
        if step.user_id:
            labels = dict(step._fields["kind"]._description_selection(self.env))
            self.message_post(
                body=self.env._(
                    "%(wish)s could not be done: %(why)s",
                    wish=labels[step.kind],
                    why=step.message or "",
                ),
                partner_ids=step.user_id.partner_id.ids,
            )

    def _attach_pdf(self, content):
        """Keep the PDF with the document.

        :param bytes content: of the PDF
        """
        self.pdf_id.unlink()
        self.pdf_id = self.env["ir.attachment"].create(
            {
                "name": f"{(self.number or self.external_key).replace('/', '-')}.pdf",
                "datas": base64.b64encode(content),
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )

    # === WISHED === #

    def _wish(self, kind, arguments=None):
        """Write the wish of a person, and wake the lane that will fulfil it.

        :raises UserError: if the document is not at the service, or the same wish waits
        """
        self.ensure_one()
        document = self.sudo()
        if not document._is_known_there() or document.state == "discarded":
            raise UserError(
                self.env._("%s is not at the service (yet).", document.name)
            )
        if document.account_id.state in ("draft", "disconnected"):
            raise UserError(
                self.env._(
                    "%s has been disconnected. Connect it again first.",
                    document.account_id.name,
                )
            )
        if document.step_ids.filtered(
            lambda step: step.kind == kind and step.state in ("todo", "doing")
        ):
            raise UserError(self.env._("This is being done already."))
        step = document._plan_step(kind, arguments, user_id=self.env.user.id)
        document.account_id._wake()
        return step

    def _wish_noted(self):
        """Return the answer of a button whose wish the lane will fulfil."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._("It will be done in a moment."),
                "type": "info",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_download_again(self):
        """Fetch the PDF from the service again."""
        self._check_may_generate()
        self._wish("pdf")
        return self._wish_noted()

    def action_send_again(self, emails):
        """E-mail the document again.

        :param emails: addresses, for instance ["anna@example.com"]
        :raises UserError: if the service e-mails documents only as it issues them, or
            the addresses are too many, or none
        """
        self._check_may_generate()
        emails = self._check_emails(emails)
        if not self.can_send:
            raise UserError(
                self.env._(
                    "The service e-mails a document only when it issues it. Download "
                    "%s and send it yourself.",
                    self.name,
                )
            )
        self._wish("email", {"emails": emails})
        return self._wish_noted()

    def _check_emails(self, emails):
        """Return ``emails`` normalized, each once.

        :raises UserError: if they are not one to :data:`MOST_EMAILS` addresses
        """
        if not isinstance(emails, list | tuple) or not emails:
            raise UserError(self.env._("Say where it is to be sent."))
        if len(emails) > MOST_EMAILS:
            raise UserError(
                self.env._(
                    "A document is sent to %(most)s addresses at most, these are "
                    "%(count)s.",
                    most=MOST_EMAILS,
                    count=len(emails),
                )
            )
        normalized = {}
        for email in emails:
            # Odoo reads an address out of what has more lines: not out of a header.
            is_line = isinstance(email, str) and email.isprintable()
            found = is_line and email_normalize(email)
            if not found or not single_email_re.match(found):
                raise UserError(
                    self.env._("%s is no e-mail address.", str(email)[:100])
                )
            normalized[found] = True
        return list(normalized)
