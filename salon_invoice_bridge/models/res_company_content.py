import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..billing import vat
from .pos_payment_method import PAYMENT_KINDS

#: What the comment on invoices may name, in braces.
PLACEHOLDERS = ("reference", "order", "cashier", "shop", "note")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")


class ResCompany(models.Model):
    """The salon's policy about what stands on its invoices."""

    _inherit = "res.company"

    salon_accepts_business = fields.Boolean(
        string="Accepts Business Clients",
        default=True,
        help="Off: a sale to a company waits for a person, who issues it with the "
        "company's data or as for a private person.",
    )
    salon_default_payment_kind = fields.Selection(
        PAYMENT_KINDS,
        string="Default Payment Method",
        required=True,
        default="cash",
        help="What an invoice says of a payment method that has no kind of its own, "
        "and of Other where the service has no word for it.",
    )
    salon_tip = fields.Selection(
        [
            ("outside", "Own line at 0%, outside the scope of VAT"),
            ("service", "Service charge, at the VAT rates of what was sold"),
            ("none", "Not on the invoice"),
        ],
        string="Tips",
        required=True,
        default="outside",
        help="A voluntary tip is outside the scope of VAT, a service charge is not. "
        "Ask your accountant.",
    )
    # No default: which of them it is, is a question of law that a person answers.
    salon_voucher_sale = fields.Selection(
        [
            ("skip", "Multi-purpose: not on the invoice, a payment when redeemed"),
            ("sale", "Single-purpose: sold with its VAT, nothing when redeemed"),
            ("stop", "Wait for a person"),
        ],
        string="Sold Vouchers and Gift Cards",
        help="Selling a multi-purpose voucher is no supply: VAT is due when it is "
        "redeemed (VAT Act 18/A-18/C), and redeeming is a payment. One that can only "
        "be used for what carries one VAT rate is single-purpose. Until it is said "
        "here, sales with vouchers wait.",
    )
    salon_voucher_answered_on = fields.Date(
        string="Said On", compute="_compute_salon_voucher_answered_on", store=True
    )
    salon_vat_answer = fields.Selection(
        [
            ("exempt", "The company is exempt: invoices say AAM"),
            ("taxes", "The taxes are right: invoices say them"),
        ],
        string="AAM, or the Taxes on Products",
        copy=False,
        help="A company that is exempt from VAT (AAM) charges none. Where products "
        "have taxes that charge VAT all the same, their sales wait until it is said "
        "which is right.",
    )
    salon_vat_answered_on = fields.Date(
        string="Decided On",
        compute="_compute_salon_vat_answered_on",
        store=True,
        copy=False,
    )
    salon_comment = fields.Text(
        string="Comment on Invoices",
        translate=True,
        help="{reference}, {order}, {cashier}, {shop} and {note} are replaced by the "
        "sale's own. The receipt number is always on the invoice.",
    )

    @api.depends("salon_voucher_sale")
    def _compute_salon_voucher_answered_on(self):
        for company in self:
            company.salon_voucher_answered_on = (
                company.salon_voucher_sale and fields.Date.context_today(company)
            )

    @api.depends("salon_vat_answer")
    def _compute_salon_vat_answered_on(self):
        for company in self:
            company.salon_vat_answered_on = (
                company.salon_vat_answer and fields.Date.context_today(company)
            )

    def write(self, vals):
        if "salon_default_vat" in vals:
            # The answer was given about the other one.
            changed = self.filtered(
                lambda company: company.salon_default_vat != vals["salon_default_vat"]
            )
            if changed:
                vals = {"salon_vat_answer": False, **vals}
        result = super().write(vals)
        if (
            vals.get("salon_vat_answer")
            or vals.get("salon_default_vat", "AAM") != "AAM"
        ):
            self._salon_retry_undecided("exempt")
        if vals.get("salon_voucher_sale") in ("skip", "sale"):
            self._salon_retry_undecided("voucher")
        return result

    def _salon_retry_undecided(self, cause):
        """Let the documents go that have waited for an answer.

        :param str cause: of a :class:`.content_problem.ContentProblem`
        """
        waiting = (
            self.env["salon.invoice.document"]
            .sudo()
            .search(
                [
                    ("company_id", "in", self.ids),
                    ("state", "=", "attention"),
                    ("problem_cause", "=", cause),
                ]
            )
        )
        waiting._retry()

    def _salon_charged_vat(self, code):
        """Return the code of ``billing.vat`` that an invoice says for a tax's one.

        :return: "" where nobody has said whether this exempt company charges VAT
        """
        self.ensure_one()
        if not code or self.salon_default_vat != "AAM" or not vat.rate(code):
            return code
        return {"exempt": "AAM", "taxes": code}.get(self.salon_vat_answer, "")

    @api.constrains("salon_comment")
    def _check_salon_comment(self):
        for company in self:
            unknown = [
                name
                for name in _PLACEHOLDER.findall(company.salon_comment or "")
                if name not in PLACEHOLDERS
            ]
            if unknown:
                raise ValidationError(
                    self.env._(
                        "The comment on invoices does not know {%(name)s}. It knows: "
                        "%(known)s.",
                        name=unknown[0],
                        known=", ".join(f"{{{name}}}" for name in PLACEHOLDERS),
                    )
                )

    def _salon_fill_comment(self, values):
        """Return the company's comment with its placeholders filled.

        :param dict values: text for each of :data:`PLACEHOLDERS`
        """
        self.ensure_one()
        return _PLACEHOLDER.sub(
            lambda found: values.get(found[1]) or "", self.salon_comment or ""
        ).strip()
