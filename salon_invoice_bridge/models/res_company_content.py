import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

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
    salon_voucher_sale = fields.Selection(
        [
            ("skip", "Not on the invoice"),
            ("stop", "Wait for a person"),
        ],
        string="Sold Vouchers and Gift Cards",
        required=True,
        default="skip",
        help="Selling a multi-purpose voucher is no supply: VAT is due when it is "
        "redeemed (VAT Act 18/A-18/C), and redeeming is a payment.",
    )
    salon_comment = fields.Text(
        string="Comment on Invoices",
        translate=True,
        help="{reference}, {order}, {cashier}, {shop} and {note} are replaced by the "
        "sale's own. The receipt number is always on the invoice.",
    )

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
