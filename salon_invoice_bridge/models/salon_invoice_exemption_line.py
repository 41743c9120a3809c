from odoo import Command, api, fields, models


class SalonInvoiceExemptionLine(models.Model):
    """A product in a change of the VAT status: its taxes before and after."""

    _name = "salon.invoice.exemption.line"
    _description = "Product in a Change of the VAT Status"
    _inherit = "salon.invoice.guard"
    _order = "id"
    _rec_name = "product_id"

    exemption_id = fields.Many2one(
        "salon.invoice.exemption", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="exemption_id.company_id", store=True)
    product_id = fields.Many2one("product.template", required=True, ondelete="cascade")
    before_ids = fields.Many2many(
        "account.tax",
        "salon_invoice_exemption_before",
        string="Taxes Now",
        readonly=True,
    )
    after_ids = fields.Many2many(
        "account.tax",
        "salon_invoice_exemption_after",
        string="Taxes Then",
        domain="[('type_tax_use', '=', 'sale'), ('company_id', 'parent_of', "
        "company_id)]",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    price_before = fields.Monetary(string="Price Now", compute="_compute_prices")
    price_after = fields.Monetary(string="Price Then", compute="_compute_prices")

    @api.depends("before_ids", "after_ids", "product_id.list_price")
    def _compute_prices(self):
        """Compute what the customer pays: a price without VAT falls with it."""
        for line in self:
            line.price_before = line._price(line.before_ids)
            line.price_after = line._price(line.after_ids)

    @api.constrains("product_id", "before_ids", "after_ids", "exemption_id")
    def _check_companies(self):
        """Apply the check of the whole change to each line.

        :raises ValidationError: see ``salon.invoice.exemption``
        """
        self.exemption_id._check_companies()

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.exemption_id._check_undecided()
        return lines

    def write(self, vals):
        self.exemption_id._check_undecided()
        result = super().write(vals)
        self.exemption_id._check_undecided()  # it may be another one now
        return result

    def unlink(self):
        self.exemption_id._check_undecided()
        return super().unlink()

    def _price(self, taxes):
        product = self.product_id
        computed = taxes.compute_all(
            product.list_price, self.currency_id, product=product.product_variant_id
        )
        return computed["total_included"] if taxes else product.list_price

    def _set_taxes(self, taxes):
        """Give the product these taxes in its company; others' stay."""
        own = self.exemption_id._own_taxes(self.product_id)
        self.product_id.taxes_id = [
            *(Command.unlink(tax.id) for tax in own - taxes),
            *(Command.link(tax.id) for tax in taxes - own),
        ]
