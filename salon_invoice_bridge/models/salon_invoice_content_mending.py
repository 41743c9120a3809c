from odoo import api, fields, models
from odoo.exceptions import UserError

from ..billing import errors
from .content_problem import ContentProblem
from .salon_invoice_ahead import PLAIN


class SalonInvoiceContentMending(models.Model):
    """What a person can do about a document that cannot be built."""

    _inherit = "salon.invoice.document"

    problem_record = fields.Reference(
        selection="_problem_models",
        string="To Be Mended Here",
        readonly=True,
        copy=False,
    )
    problem_cause = fields.Char(readonly=True, copy=False)
    facts_stale = fields.Boolean(
        readonly=True,
        copy=False,
        help="A person has had to look at it since the facts of the sale were taken.",
    )
    skip_reason = fields.Selection(
        selection_add=[
            ("voucher", "Only vouchers were sold, which is no supply yet"),
            ("tip", "Only a tip, which is left off invoices here"),
        ]
    )

    @api.model
    def _problem_models(self):
        names = [
            "account.fiscal.position",
            "account.tax",
            "pos.order",
            "product.product",
            "res.company",
            "res.partner",
        ]
        return [
            (model.model, model.name)
            for model in self.env["ir.model"].sudo().search([("model", "in", names)])
        ]

    def _transition(self, state, **values):
        if state == "attention":
            blank = {"problem_record": False, "problem_cause": False}
            values = {**blank, "facts_stale": True, **values}
        return super()._transition(state, **values)

    def _refresh_facts(self):
        """Take the facts of the sale, anew if a person may have mended them.

        Facts stay frozen until a document has been refused; what was mended since
        (the customer's data, a product's role) would otherwise never get on it.
        """
        if not self.facts or (self.facts_stale and not self.origin_id):
            counted = (self.facts or {}).get("refunds", ())
            facts = self._facts_now(self.order_id.browse(counted))
            self.write({"facts": facts, "facts_stale": False})

    def _is_ready(self, provider, exchanges):
        """Drop what is nothing to bill by what a person has said since."""
        if self._is_emptied():
            return self._need_none(self.order_id._salon_empty_reason())
        return super()._is_ready(provider, exchanges)

    def _is_emptied(self):
        """Tell whether nothing is left to bill of what has never been sent."""
        return bool(
            self.facts_stale
            and self.kind in PLAIN
            and not self.origin_id
            and not self.request
            and self.order_id._salon_empty_reason()
        )

    def _on_error(self, error):
        if self._is_partner_gone(error):
            self._forget_partner()
            return None
        if isinstance(error, ContentProblem):
            # Ours, and in the person's words already: no catalogue knows better.
            self._need_attention(error.message, error.reason.value)
            record = error.record
            self.write(
                {
                    "problem_record": f"{record._name},{record.id}"
                    if record
                    else False,
                    "problem_cause": error.cause or False,
                }
            )
            return None
        return super()._on_error(error)

    # === A BUYER THAT IS GONE AT THE SERVICE === #

    def _is_partner_gone(self, error):
        """Tell whether a refusal may come from a buyer who is not there (any more).

        Deleted, or known at another account of the same company: ids of that one are
        refused in the words for a key that may only read.
        """
        return (
            self.state == "sending"
            and self.partner_reused
            # What is finalized or converted has its buyer at the service already.
            and not self._is_conversion()
            and (
                isinstance(error, errors.Rejected)
                or error.reason is errors.Reason.READ_ONLY
            )
        )

    def _forget_partner(self):
        """Tell the service the buyer again, and try once more.

        Services have many words for a partner that is gone, so each refusal of a buyer
        who was not told again is taken for that, once.
        """
        known = self.env["salon.invoice.partner"]._known(
            self.account_id, self._billed_partner()
        )
        known.synced = False
        self._transition(
            "waiting",
            **self._unsent_values(),
            partner_reused=False,
            next_attempt=self._now(),
        )

    # === A COMPANY THAT NEEDS A DECISION === #

    def action_issue_for_company(self):
        """Issue with the company's data, as far as they are there."""
        self._decide_buyer("company")

    def action_issue_for_private(self):
        """Issue as for a private person, without the company's data."""
        self._decide_buyer("private")

    def _decide_buyer(self, choice):
        """Write the decision and the wish to try again.

        :raises UserError: there is nothing to decide
        """
        self._check_may_generate()
        self.check_access("read")
        for document in self.sudo():
            if document.state != "attention" or document.problem_cause != "business":
                raise UserError(
                    self.env._("%s does not wait for this decision.", document.name)
                )
            document.buyer_choice = choice
        self.action_retry()
