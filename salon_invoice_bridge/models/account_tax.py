from odoo import fields, models

from ..providers import vat


class AccountTax(models.Model):
    """The tax: its VAT code on an invoice, in NAV's words."""

    _inherit = "account.tax"

    salon_vat_code = fields.Selection(
        selection=lambda self: [(code, code) for code in vat.EXEMPT],
        string="VAT Code on Invoices",
        help="Needed for 0% taxes, because the law wants to know why no VAT is "
        "charged. Percentages are told by the tax itself.",
    )

    def _salon_vat(self):
        """Return the tax's code of ``providers.vat``, "" if it has none.

        The addon's own field comes first, then ``l10n_hu_edi``'s type, then the rate
        of a tax that charges something.  A bare 0% is never guessed.
        """
        self.ensure_one()
        if self.salon_vat_code:
            return self.salon_vat_code
        nav_type = "l10n_hu_tax_type" in self._fields and self.l10n_hu_tax_type
        if nav_type and nav_type in vat.EXEMPT:
            return nav_type
        if self.amount_type == "percent" and self.amount > 0:
            return f"{self.amount:g}"
        return ""
