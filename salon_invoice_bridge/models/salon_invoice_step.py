from datetime import timedelta

from odoo import fields, models

from ..billing import errors
from .salon_invoice_account import LONGEST_WISH

#: Seconds that the steps of a kind wait for a limit that does not say how long.
FIRST_LIMIT = 60
#: Tries of one step before it is left to a human.
MAX_TRIES = 8
#: Steps that are not repeated when it is not known whether they were done.
ONCE = ("email",)


class SalonInvoiceStep(models.Model):
    """Something done for a document beside issuing it: planned by itself, or a wish.

    Each step has its own state and its own tries, and none can disturb the document.
    A step is claimed (*doing*, committed) before it calls.  One found in *doing* has
    lost its worker: an e-mail may have gone out and is not sent again, the others are
    repeated, because repeating them changes nothing.

    ``_run_<kind>`` does a step of that kind; another kind is one selection value and
    one method.
    """

    _name = "salon.invoice.step"
    _description = "Step of an Invoice"
    _order = "id"
    _rec_name = "kind"

    document_id = fields.Many2one(
        "salon.invoice.document", required=True, index=True, ondelete="cascade"
    )
    account_id = fields.Many2one(
        related="document_id.account_id", store=True, precompute=True
    )
    company_id = fields.Many2one(
        related="document_id.company_id", store=True, precompute=True
    )
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
    arguments = fields.Json(help="What a person has asked for, beside the kind.")
    user_id = fields.Many2one("res.users", string="Asked by", readonly=True)
    tries = fields.Integer()
    next_attempt = fields.Datetime()
    message = fields.Char()

    _one_open = models.UniqueIndex(
        "(document_id, kind) WHERE state IN ('todo', 'doing')",
        "This is being done already.",
    )
    _due = models.Index("(account_id, next_attempt) WHERE state IN ('todo', 'doing')")

    def _advance(self, provider, exchanges):
        """Do the step once; whatever happens is noted on it."""
        self.ensure_one()
        if self.state == "doing" and self.kind in ONCE:
            self._give_up("unknown", self.env._("It is not known whether it went out."))
            return
        self.write({"state": "doing", "tries": self.tries + 1})
        self.account_id._commit()
        try:
            message = getattr(self, f"_run_{self.kind}")(provider, exchanges)
            if self.state == "doing":
                self.write({"state": "done", "message": message or False})
        except errors.OutcomeUnknown as error:
            if self.kind in ONCE:
                self._give_up("unknown", self._tell(error))
            else:
                self._retry_later(error)
        except (errors.NotProcessed, errors.AccountProblem) as error:
            self._retry_later(error)
        except errors.ProviderError as error:
            self._give_up("failed", self._tell(error))

    def _call(self, provider, exchanges, operation, *arguments):
        """Call ``provider.operation(document, *arguments)``, with evidence."""
        document = self.document_id
        issued = document._issued()
        return self.account_id._call(
            document,
            operation,
            exchanges,
            lambda: getattr(provider, operation)(issued, *arguments),
        )

    # === KINDS === #

    def _run_email(self, provider, exchanges):
        emails = tuple((self.arguments or {}).get("emails", ()))
        emails = emails or self.document_id._buyer_emails()
        return ", ".join(self._call(provider, exchanges, "send", emails))

    def _run_link(self, provider, exchanges):
        self.document_id.public_url = self._call(provider, exchanges, "public_url")

    def _run_pdf(self, provider, exchanges):
        content = self._call(provider, exchanges, "download")
        self.document_id._attach_pdf(content)

    # === OUTCOMES === #

    def _tell(self, error):
        """Return what went wrong in a person's words; nothing is theirs to do yet."""
        explain = self.env["salon.invoice.message"]._explain
        told = explain(error, self.account_id.provider)
        return f"{told.cause} [{told.said}]" if told.said else told.cause

    def _retry_later(self, error):
        if error.scope:
            self._wait_for_limit(error)
            return
        if self.tries >= MAX_TRIES:
            self._give_up("failed", self._tell(error))
            return
        pause = error.retry_after or min(5 * 2**self.tries, LONGEST_WISH)
        self._again(min(pause, LONGEST_WISH), self._tell(error))

    def _wait_for_limit(self, error):
        """Put off all steps of this kind: their operation has a limit of its own.

        It costs no try: the service has not looked at what was asked.
        """
        pause = min(error.retry_after or FIRST_LIMIT, LONGEST_WISH)
        self.tries -= 1
        self._again(pause, self._tell(error))
        self.search(
            [
                ("account_id", "=", self.account_id.id),
                ("kind", "=", self.kind),
                ("state", "=", "todo"),
                ("next_attempt", "<", self.next_attempt),
            ]
        ).write({"next_attempt": self.next_attempt})

    def _again(self, pause, message):
        """Do the step again after ``pause`` seconds."""
        self.write(
            {
                "state": "todo",
                "message": message,
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
        self.document_id._on_step_failed(self)
