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

        ``lines[].gross`` add up to ``total``, the till's own, give or take the cash
        rounding that is in it: at most ``rounded_in``.  What was paid may differ from
        it by ``rounding``.

        :raises ContentProblem: if the order names what is another company's
        """
        self.ensure_one()
        self._salon_check_companies()
        rounding, rounded_in = self._salon_cash_rounding()
        return {
            "reference": self.pos_reference or self.name,
            "order": self.name,
            "shop": self.config_id.name,
            "cashier": self._salon_cashier(),
            "note": self.general_customer_note or "",
            "day": self._salon_day().isoformat(),
            "currency": self.currency_id.name,
            "total": self._salon_amount(self.amount_total),
            "rounding": rounding,
            "rounded_in": rounded_in,
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

    def _salon_cashier(self):
        """Return the name of who sold: the employee where the till knows them."""
        employee = "employee_id" in self._fields and self.employee_id
        return (employee or self.user_id).name or ""

    def _salon_cash_rounding(self):
        """Return the most that cash rounding may change: what is paid, and the total.

        Odoo rounds the total itself unless only cash is rounded.
        """
        config = self.config_id
        method = config.cash_rounding and config.rounding_method
        if not method:
            return "0", "0"
        most = method.rounding
        if method.rounding_method == "HALF-UP":
            most /= 2
        most = self._salon_amount(most)
        return most, "0" if config.only_round_cash_method else most

    def _salon_fact_lines(self):
        """One entry a line; their gross is the order's total (before cash rounding)."""
        roles = self.lines._salon_roles()
        unit = self.env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_unit")
        entries = []
        for line, gross in zip(self.lines, self._salon_line_grosses(), strict=True):
            product, uom = line.product_id, line.product_uom_id
            entries.append(
                {
                    "line": line.id,
                    "refunds": line.refunded_orderline_id.id or False,
                    "role": roles[line],
                    "name": line.full_product_name or product.display_name,
                    "product": product.id,
                    "for_sale": product.sale_ok or product.salon_role == "sale",
                    "sku": product.default_code or "",
                    "unit": uom.name if uom and uom.id != unit else "",
                    "quantity": _plain(line.qty),
                    "gross": self._salon_amount(gross),
                    "discount": _plain(line.discount),
                    "taxes": line.tax_ids_after_fiscal_position.ids,
                    "untaxed_by": bool(line.tax_ids)
                    and not line.tax_ids_after_fiscal_position
                    and self.fiscal_position_id.id,
                    "combo": bool(line.combo_line_ids),
                }
            )
        return entries

    def _salon_line_grosses(self):
        """Return the gross of each line, in the order's currency.

        What the till told is taken where it adds up to the total, which is nearly
        always; else what Odoo's tax engine makes of the lines, to the last digit.
        """
        told = self.lines.mapped("price_subtotal_incl")
        if self.currency_id.is_zero(sum(told) - self.amount_total):
            return told
        AccountTax = self.env["account.tax"]
        base_lines = self.lines._prepare_tax_base_line_values()
        AccountTax._add_tax_details_in_base_lines(base_lines, self.company_id)
        AccountTax._round_base_lines_tax_details(base_lines, self.company_id)
        sign = -1 if self.amount_total < 0 else 1  # Odoo turns refunds around
        return [
            sign
            * (
                base_line["tax_details"]["total_excluded_currency"]
                + base_line["tax_details"]["delta_total_excluded_currency"]
                + sum(
                    tax["tax_amount_currency"]
                    for tax in base_line["tax_details"]["taxes_data"]
                )
            )
            for base_line in base_lines
        ]

    def _salon_fact_tenders(self):
        """One entry a payment method, change deducted from what it was given on.

        ``cash`` may have been rounded; ``later`` is owed, on the customer's account or
        by a transfer that is still to come.
        """
        totals = {}
        for payment in self.payment_ids:
            method = payment.payment_method_id
            totals[method] = totals.get(method, 0.0) + payment.amount
        return [
            {
                "method": method.id,
                "name": method.name,
                "amount": self._salon_amount(amount),
                "cash": method.is_cash_count,
                "later": not (method.journal_id and method.salon_counts_as_paid),
            }
            for method, amount in totals.items()
            if not self.currency_id.is_zero(amount)
        ]

    def _salon_fact_buyer(self):
        """The customer's data as they are now, None for a walk-in.

        ``partner`` is who is billed: the company of a person who came for one, and
        then ``person`` is that person.
        """
        customer = self.partner_id
        if not customer:
            return None
        company = customer.commercial_partner_id
        billed = company if company.is_company else customer
        address = customer.browse(customer.address_get(["invoice"])["invoice"])
        foreign = address.company_id - self.company_id.parent_ids
        if foreign or not (address.street or address.city or address.zip):
            address = billed
        email = (
            address.type == "invoice" and address.email_normalized
        ) or customer.email_normalized
        email = email or company.email_normalized
        return {
            "partner": billed.id,
            "person": customer.id if billed != customer and customer.name else False,
            "person_name": customer.name or "",
            "name": billed.name or "",
            "is_company": company.is_company,
            "emails": [email] if email else [],
            "phone": customer.phone or company.phone or "",
            "country": address.country_id.code or "",
            "postcode": address.zip or "",
            "city": address.city or "",
            "street": " ".join(filter(None, (address.street, address.street2))),
            "tax_number": billed.vat or "",
            "group_tax_number": "l10n_hu_group_vat" in billed._fields
            and billed.l10n_hu_group_vat
            or "",
        }


def _plain(number):
    """Return a float as an exact string, without an exponent."""
    return f"{Decimal(str(number)).normalize():f}"
