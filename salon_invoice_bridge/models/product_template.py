from odoo import api, fields, models
from odoo.fields import Domain

#: Rates that a single-purpose voucher may buy at: one rate is what makes it one.
VOUCHER_VATS = ("27", "18", "5", "AAM", "TAM")
#: What decides how a voucher is invoiced.
DECIDING = frozenset({"salon_role", "salon_voucher_kind", "salon_voucher_vat"})


class ProductTemplate(models.Model):
    """The product: what it is to an invoice, where that is not a plain sale."""

    _name = "product.template"
    _inherit = ["product.template", "salon.invoice.mended"]

    salon_role = fields.Selection(
        [
            ("sale", "Goods or service"),
            ("tip", "Tip"),
            ("discount", "Discount, spread over what was sold"),
            ("voucher", "Voucher, gift card or pass"),
            ("deposit", "Deposit, taken off what it was paid for"),
        ],
        string="What It Is on Invoices",
        help="Leave empty to let it be seen from the till: its tip product, its "
        "discounts, gift cards and eWallets. What a voucher is to VAT, when it is sold "
        "and when it is used, its kind says.",
    )
    # Who said what, and when, is in the chatter.
    salon_voucher_kind = fields.Selection(
        [
            ("single", "Single-purpose: VAT is due when it is sold"),
            ("multi", "Multi-purpose: a payment when it is used"),
        ],
        string="Kind of Voucher",
        tracking=True,
        help="A voucher that can only buy what carries one VAT rate is single-purpose: "
        "it is invoiced when it is sold, and what it pays for later is not invoiced "
        "again (VAT Act 18/A-18/B). Any other one is multi-purpose. A pass is one of "
        "these, too. Ask your accountant. Empty: the answer in the settings of Point "
        "of Sale.",
    )
    salon_voucher_vat = fields.Selection(
        selection="_salon_voucher_vats",
        string="VAT Rate of What It Buys",
        tracking=True,
        help="Of a single-purpose voucher. Empty: that of the product's tax, or else "
        "the company's default.",
    )
    salon_voucher_said_on = fields.Date(
        string="Kind Said On",
        compute="_compute_salon_voucher_said_on",
        store=True,
        copy=False,
    )
    salon_is_voucher = fields.Boolean(
        compute="_compute_salon_is_voucher",
        compute_sudo=True,
        help="A voucher by its role, or because a gift card or an eWallet is sold by "
        "it.",
    )

    # === COMPUTES === #

    @api.model
    def _salon_voucher_vats(self):
        labels = dict(self.env["account.tax"]._salon_vat_codes())
        return [(code, labels[code]) for code in VOUCHER_VATS]

    @api.depends("salon_voucher_kind", "salon_voucher_vat")
    def _compute_salon_voucher_said_on(self):
        for product in self:
            product.salon_voucher_said_on = (
                product.salon_voucher_kind and fields.Date.context_today(product)
            )

    @api.depends("salon_role")
    def _compute_salon_is_voucher(self):
        lines = self.env["pos.order.line"]
        prepaid = lines._salon_prepaid_products(self.env.company).product_tmpl_id
        for product in self:
            product.salon_is_voucher = product.salon_role == "voucher" or (
                not product.salon_role and product._origin.id in prepaid.ids
            )

    # === CREATION === #

    def write(self, vals):
        """Have the documents go on that have waited for the kind of a voucher.

        Those of the companies that the user works in: a product may be for all.
        """
        with self.env["salon.invoice.question"]._noting(self, vals):
            result = super().write(vals)
        if not DECIDING.isdisjoint(vals):
            self.env.companies._salon_retry_undecided("voucher")
        return result

    # === RULES === #

    def _salon_stopped_domain(self):
        """Return what tells the documents that wait for a variant of this product."""
        variants = self.with_context(active_test=False).product_variant_ids
        named = [f"{variants._name},{variant}" for variant in variants.ids]
        return Domain("problem_record", "in", named)

    def _salon_voucher_code(self, company):
        """Return the VAT code of what this voucher buys, "" if nothing says it."""
        self.ensure_one()
        if self.salon_voucher_vat:
            return self.salon_voucher_vat
        taxes = self.taxes_id.filtered(lambda tax: tax.company_id in company.parent_ids)
        return taxes._salon_vat() if len(taxes) == 1 else ""
