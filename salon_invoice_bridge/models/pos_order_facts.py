from decimal import Decimal

import pytz

from odoo import models

#: The law counts days in Hungary, wherever the server stands.
BUDAPEST = pytz.timezone("Europe/Budapest")


class PosOrder(models.Model):
    """What a sale says about itself, frozen for its document.

    Nothing here asks the network or decides anything: amounts as Odoo's tax engine has
    them, ids of taxes and payment methods, and the customer's data as they are now.
    """

    _inherit = "pos.order"

    def _salon_facts(self):
        """Return the facts of the sale as JSON: amounts are strings in its currency.

        ``lines[].gross`` add up to the sale's total before cash rounding.
        """
        self.ensure_one()
        return {
            "reference": self.pos_reference or self.name,
            "order": self.name,
            "shop": self.config_id.name,
            "cashier": self.user_id.name or "",
            "note": self.general_customer_note or "",
            "day": self._salon_day().isoformat(),
            "currency": self.currency_id.name,
            "lines": self._salon_fact_lines(),
            "tenders": self._salon_fact_tenders(),
            "buyer": self._salon_fact_buyer(),
        }

    def _salon_day(self):
        """Return the day of the sale in Hungary."""
        return pytz.utc.localize(self.date_order).astimezone(BUDAPEST).date()

    def _salon_amount(self, amount):
        """Return a float of the order's currency as an exact string."""
        return f"{amount:.{self.currency_id.decimal_places}f}"

    def _salon_fact_lines(self):
        """One entry a line, with the gross that Odoo's tax engine gives it.

        These are the base lines that the order's own total is made of, so that their
        sum is that total (before cash rounding), to the last digit.
        """
        AccountTax = self.env["account.tax"]
        base_lines = self.lines._prepare_tax_base_line_values()
        AccountTax._add_tax_details_in_base_lines(base_lines, self.company_id)
        AccountTax._round_base_lines_tax_details(base_lines, self.company_id)
        sign = -1 if self.amount_total < 0 else 1  # Odoo turns refunds around
        tip_product = self.config_id.tip_product_id
        entries = []
        for line, base_line in zip(self.lines, base_lines, strict=True):
            details = base_line["tax_details"]
            gross = sign * (
                details["total_excluded_currency"]
                + details["delta_total_excluded_currency"]
                + sum(tax["tax_amount_currency"] for tax in details["taxes_data"])
            )
            entries.append(
                {
                    "line": line.id,
                    "refunds": line.refunded_orderline_id.id or False,
                    "name": line.full_product_name or line.product_id.display_name,
                    "product": line.product_id.id,
                    "sku": line.product_id.default_code or "",
                    "unit": line.product_uom_id.name or "",
                    "quantity": str(Decimal(str(line.qty)).normalize()),
                    "gross": self._salon_amount(gross),
                    "discount": str(Decimal(str(line.discount)).normalize()),
                    "taxes": line.tax_ids_after_fiscal_position.ids,
                    "tip": bool(tip_product) and line.product_id == tip_product,
                    "combo": bool(line.combo_line_ids),
                }
            )
        return entries

    def _salon_fact_tenders(self):
        """One entry a payment method, change deducted from what it was given on."""
        totals = {}
        for payment in self.payment_ids:
            method = payment.payment_method_id
            totals[method] = totals.get(method, 0.0) + payment.amount
        return [
            {
                "method": method.id,
                "name": method.name,
                "amount": self._salon_amount(amount),
            }
            for method, amount in totals.items()
            if not self.currency_id.is_zero(amount)
        ]

    def _salon_fact_buyer(self):
        """The customer's data as they are now, None for a walk-in."""
        if not self.partner_id:
            return None
        company = self.partner_id.commercial_partner_id
        address = self.partner_id.browse(
            self.partner_id.address_get(["invoice"])["invoice"]
        )
        if not (address.street or address.city):
            address = company
        emails = self.partner_id.email_normalized or company.email_normalized
        return {
            "partner": company.id if company.is_company else self.partner_id.id,
            "name": (company if company.is_company else self.partner_id).name,
            "is_company": company.is_company,
            "emails": [emails] if emails else [],
            "phone": self.partner_id.phone or company.phone or "",
            "country": address.country_id.code or "",
            "postcode": address.zip or "",
            "city": address.city or "",
            "street": " ".join(filter(None, (address.street, address.street2))),
            "tax_number": company.vat or "",
            "group_tax_number": company._fields.get("l10n_hu_group_vat")
            and company.l10n_hu_group_vat
            or "",
        }
