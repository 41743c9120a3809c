from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.translate import LazyTranslate

from ..billing import vat

#: Percentages of the VAT Act (82), for taxes that are not computed as a percentage.
RATES = ("27", "18", "5")

# Lazy: translated when shown, in the reader's language.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

#: Letter code -> what it means, in the words of NAV's Online Számla 3.0.
MEANINGS = {
    "AAM": _lt("Subject exemption (alanyi adómentes)"),
    "TAM": _lt("Exempt by public interest or special nature (VAT Act 85-87)"),
    "KBAET": _lt("Intra-Community supply of goods (VAT Act 89)"),
    "KBAUK": _lt("Intra-Community supply of new means of transport"),
    "EAM": _lt("Export of goods (VAT Act 98-109)"),
    "NAM": _lt("Other exempt international transaction (VAT Act 110-118)"),
    "ATK": _lt("Outside the scope of VAT"),
    "EUFAD37": _lt("Performed in another member state, reverse charge (VAT Act 37)"),
    "EUFADE": _lt("Performed in another member state, other reverse charge"),
    "EUE": _lt("Performed in another member state, no reverse charge"),
    "HO": _lt("Performed outside the EU"),
    "DOMESTIC_REVERSE": _lt("Domestic reverse charge"),
    "TRAVEL_AGENCY": _lt("Margin scheme, travel agency"),
    "SECOND_HAND": _lt("Margin scheme, second-hand goods"),
    "ARTWORK": _lt("Margin scheme, works of art"),
    "ANTIQUES": _lt("Margin scheme, antiques"),
}


class AccountTax(models.Model):
    """The tax: its VAT code on an invoice, in NAV's words."""

    _name = "account.tax"
    _inherit = ["account.tax", "salon.invoice.mended"]

    salon_vat_code = fields.Selection(
        selection="_salon_vat_codes",
        string="VAT Code on Invoices",
        help="Needed for 0% taxes, because the law wants to know why no VAT is "
        "charged. Percentages are taken from the tax itself.",
    )
    salon_vat = fields.Char(
        string="VAT Code That Is Printed",
        compute="_compute_salon_vat",
        help="The VAT code that sales with this tax get on their invoices. Empty: "
        "they stop for a person.",
    )

    @api.model
    def _salon_vat_codes(self):
        codes = [(rate, f"{rate}%") for rate in RATES]
        return codes + [
            (code, f"{code}: {self.env._(MEANINGS[code])}") for code in vat.EXEMPT
        ]

    @api.depends(lambda self: self._salon_vat_fields())
    def _compute_salon_vat(self):
        for tax in self:
            code = tax._salon_vat()
            tax.salon_vat = f"{code}%" if code and code not in vat.EXEMPT else code

    @api.model
    def _salon_vat_fields(self):
        names = ["salon_vat_code", "amount", "amount_type"]
        if "l10n_hu_tax_type" in self._fields:
            names.append("l10n_hu_tax_type")
        return names

    @api.constrains("salon_vat_code", "amount", "amount_type")
    def _check_salon_vat_code(self):
        for tax in self.filtered("salon_vat_code"):
            if not tax._salon_fits(tax.salon_vat_code):
                raise ValidationError(
                    self.env._(
                        "%(tax)s charges %(amount)s%%, so its VAT code on invoices "
                        "cannot be %(code)s.",
                        tax=tax.name,
                        amount=f"{tax.amount:g}",
                        code=tax.salon_vat_code,
                    )
                )

    def _salon_vat(self):
        """Return the tax's code of ``billing.vat``, "" if it has none.

        The addon's own field comes first, then ``l10n_hu_edi``'s type, then the rate
        of a tax that charges something.  A bare 0% is never guessed.
        """
        self.ensure_one()
        if self.salon_vat_code:
            return self.salon_vat_code
        nav_type = "l10n_hu_tax_type" in self._fields and self.l10n_hu_tax_type
        if nav_type in vat.EXEMPT:
            return nav_type if self._salon_fits(nav_type) else ""
        if self.amount_type == "percent" and self.amount > 0:
            return f"{self.amount:g}"
        return ""

    def _salon_fits(self, code):
        """Tell whether ``code`` charges what this tax does."""
        self.ensure_one()
        return self.amount_type != "percent" or float(vat.rate(code)) == self.amount
