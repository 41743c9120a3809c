import base64
from datetime import timedelta

from odoo import fields, models

from ..providers import errors

#: Tries of one step before it is left to a human.
MAX_TRIES = 8


class SalonInvoiceStep(models.Model):
    """Something done for a document after its number is safe.

    Each step has its own state and its own tries, and none can disturb the document.
    A step is claimed (*doing*, committed) before it calls.  One found in *doing* has
    lost its worker: an e-mail may have gone out and is not sent again, the others are
    repeated, because repeating them changes nothing.
    """

    _name = "salon.invoice.step"
    _description = "Step after Issuing an Invoice"
    _order = "id"
    _rec_name = "kind"

    document_id = fields.Many2one(
        "salon.invoice.document", required=True, index=True, ondelete="cascade"
    )
    account_id = fields.Many2one(related="document_id.account_id", store=True)
    company_id = fields.Many2one(related="document_id.company_id", store=True)
    kind = fields.Selection(
        [
            ("payments", "Payments"),
            ("email", "E-mail"),
            ("pdf", "PDF"),
            ("link", "Link for the customer"),
        ],
        required=True,
    )
    state = fields.Selection(
        [
            ("todo", "To do"),
            ("doing", "Doing"),
            ("done", "Done"),
            ("unknown", "Not known"),
            ("failed", "Failed"),
        ],
        required=True,
        default="todo",
    )
    tries = fields.Integer()
    next_attempt = fields.Datetime()
    message = fields.Char()

    _one_per_kind = models.Constraint("UNIQUE (document_id, kind)")
    _due = models.Index("(account_id, next_attempt) WHERE state IN ('todo', 'doing')")

    def _advance(self, provider, exchanges):
        """Do the step once; whatever happens is noted on it."""
        self.ensure_one()
        if self.state == "doing" and self.kind == "email":
            self._give_up("unknown", self.env._("It is not known whether it went out."))
            return
        self.write({"state": "doing", "tries": self.tries + 1})
        self.account_id._commit()
        try:
            self._run(provider, exchanges)
        except errors.OutcomeUnknown as error:
            if self.kind == "email":
                self._give_up("unknown", error.message)
            else:
                self._retry_later(error)
        except errors.NotProcessed as error:
            self._retry_later(error)
        except errors.AccountProblem as error:
            self._retry_later(error)
        except errors.ProviderError as error:
            self._give_up("failed", error.message)

    def _run(self, provider, exchanges):
        document = self.document_id
        issued = document._issued()
        done = {"state": "done", "message": False}

        def call(operation, *arguments):
            return self.account_id._call(
                document,
                operation,
                exchanges,
                lambda: getattr(provider, operation)(issued, *arguments),
            )

        if self.kind == "email":
            done["message"] = ", ".join(call("send", document._invoice().buyer.emails))
        elif self.kind == "payments":
            call("register_payments", document._invoice().tenders)
        elif self.kind == "link":
            document.public_url = call("public_url")
        else:
            document._attach_pdf(call("download"))
        self.write(done)

    def _retry_later(self, error):
        if self.tries >= MAX_TRIES:
            self._give_up("failed", error.message)
            return
        pause = error.retry_after or min(5 * 2**self.tries, 3600)
        self.write(
            {
                "state": "todo",
                "message": error.message,
                "next_attempt": self.document_id._now() + timedelta(seconds=pause),
            }
        )

    def _on_crash(self):
        """Something of ours broke: the document stands, only the step has failed."""
        self._give_up(
            "failed",
            self.env._("An error in the program. The server log has the details."),
        )

    def _give_up(self, state, message):
        self.write({"state": state, "message": message})


class SalonInvoiceDocument(models.Model):
    _inherit = "salon.invoice.document"

    step_ids = fields.One2many("salon.invoice.step", "document_id", readonly=True)
    pdf_id = fields.Many2one("ir.attachment", readonly=True, copy=False)

    def _plan_steps(self, capabilities):
        """Write down what is still to be done for a document that has been issued."""
        self.ensure_one()
        invoice = self._invoice()
        kinds = []
        if self.kind == "invoice" and len(invoice.tenders) > 1 and invoice.paid:
            kinds.append("payments")
        if invoice.send_email and not capabilities.mails_on_issue:
            if self.kind != "draft":
                kinds.append("email")
        if capabilities.public_url and not self.public_url and self.kind != "draft":
            kinds.append("link")
        if self.kind != "draft":
            kinds.append("pdf")
        known = self.step_ids.mapped("kind")
        self.env["salon.invoice.step"].create(
            [
                {"document_id": self.id, "kind": kind, "next_attempt": self._now()}
                for kind in kinds
                if kind not in known
            ]
        )

    def _attach_pdf(self, content):
        """Keep the PDF with the document.

        :param bytes content: of the PDF
        """
        self.pdf_id = self.env["ir.attachment"].create(
            {
                "name": f"{(self.number or self.external_key).replace('/', '-')}.pdf",
                "datas": base64.b64encode(content),
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
