from dataclasses import dataclass, field
from decimal import Decimal

from odoo import models
from odoo.tools.translate import LazyTranslate

from ..billing.allocation import share, spread
from ..billing.invoice import Line
from ..billing.text import decimals
from .content_problem import ContentProblem

# Lazy: translated when shown, in the reader's language.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)
DISCOUNT = _lt("Discount: %s%%")
PRICE_LESS = _lt("Price less %(amount)s: %(discount)s")

#: A tip is outside the scope of VAT, which is what "0%" means in law.
TIP_VAT = "ATK"
#: Odoo's own "Units" as each language writes it on an invoice.
UNITS = {"hu": "db", "de": "Stk."}
#: Roles of entries that stand for themselves on the document.
_STANDING = ("sale", "tip")


@dataclass
class Position:
    """A line in the making: what an entry of the facts has become so far."""

    entry: dict
    vat: str
    gross: Decimal  # towards the customer's debt, in the precision of the till
    notes: list = field(default_factory=list)

    @property
    def discountable(self):
        """Goods and services that still cost something."""
        return self.entry.get("role", "sale") == "sale" and self.gross > 0


class SalonInvoiceContentLines(models.Model):
    """The lines: what was sold, with discounts inside and tips as the policy says."""

    _inherit = "salon.invoice.document"

    def _check_total(self, facts):
        """Stop a sale whose lines do not make the till's total.

        :raises ContentProblem: with the two figures
        """
        made = sum((Decimal(entry["gross"]) for entry in facts["lines"]), Decimal(0))
        total = Decimal(facts.get("total", made))
        if abs(total - made) > Decimal(facts.get("rounded_in", "0")):
            raise ContentProblem(
                self.env._(
                    "The till's total is %(total)s, but its lines make %(lines)s. "
                    "Nothing was sent. Look at the sale, and invoice it at the "
                    "service by hand.",
                    total=self._money(total),
                    lines=self._money(made),
                ),
                self.order_id,
            )

    def _sort_entries(self, entries):
        """Return the entries that are billed, and those left aside by their role.

        :return: ``(billed, {role: [entry, ...]})``
        :raises ContentProblem: a person must say what to do with one
        """
        company = self.company_id
        billed, aside = [], {}
        for entry in entries:
            role = entry.get("role", "sale")
            if not Decimal(entry["quantity"]) or (
                entry["combo"] and not Decimal(entry["gross"])
            ):
                continue  # nothing was sold, or a combo whose parts tell its price
            if role in ("voucher", "redeemed") and not company.salon_voucher_sale:
                raise ContentProblem(
                    self.env._(
                        "%(line)s is a voucher, and nobody has said yet which kind. "
                        "Ask your accountant whether vouchers are single-purpose or "
                        "multi-purpose, and say it in the settings of Point of Sale: "
                        "what waits for it goes on by itself.",
                        line=entry["name"],
                    ),
                    company,
                    cause="voucher",
                )
            if role == "voucher" and company.salon_voucher_sale == "stop":
                raise ContentProblem(
                    self.env._(
                        "%(line)s is a voucher: selling it is no supply, and this "
                        "company has a person decide. Say in the settings what sold "
                        "vouchers are, and it goes on by itself, or choose Resolved "
                        "by Hand.",
                        line=entry["name"],
                    ),
                    self._entry_product(entry),
                    cause="voucher",
                )
            if role == "returned":
                raise ContentProblem(
                    self.env._(
                        "%(line)s came back within a sale. Take it back as a refund "
                        "of the sale that it was bought in, so that its invoice can "
                        "be corrected.",
                        line=entry["name"],
                    ),
                    self.order_id,
                )
            if role in ("voucher", "redeemed") or (
                role == "tip" and company.salon_tip == "none"
            ):
                aside.setdefault(role, []).append(entry)
            else:
                billed.append(entry)
        return billed, aside

    def _resolve_lines(self, entries, currency):
        """Return the lines that ``entries`` of a sale's facts make, as a tuple.

        The sum of their gross is that of the entries, rounded to the document's unit;
        discounts have gone into what they take off.  An entry may bring its ``vat``,
        where it has been invoiced with it before.

        :param entries: what is billed, with a role of ``sale``, ``tip`` or ``discount``
        :param str currency: ISO code
        :raises ContentProblem: a tax has no code, or a discount nothing to go into
        """
        whole = sum((Decimal(entry["gross"]) for entry in entries), Decimal(0))
        sign = -1 if whole < 0 else 1
        positions, discounts = [], []
        for entry in entries:
            gross = sign * Decimal(entry["gross"])
            if entry.get("role", "sale") in _STANDING:
                positions.append(Position(entry, "", gross))
            else:
                discounts.append((entry, -gross))
        for position in positions:
            position.vat = self._resolve_vat(position.entry)
        for entry, amount in discounts:
            self._take_off(positions, entry, amount)
        positions = self._part_tips(positions)
        grosses = spread([sign * position.gross for position in positions], currency)
        return tuple(
            self._make_line(position, gross)
            for position, gross in zip(positions, grosses, strict=True)
        )

    def _make_line(self, position, gross):
        entry = position.entry
        notes = list(position.notes)
        if Decimal(entry["discount"]):
            discount = decimals(entry["discount"], self._language())
            notes.insert(0, self._say(DISCOUNT, discount))
        return Line(
            name=" ".join(entry["name"].split()) or entry["sku"] or "-",
            quantity=Decimal(entry["quantity"]),
            unit=entry["unit"] or UNITS.get(self._language(), "pc"),
            gross=gross,
            vat=position.vat,
            sku=entry["sku"],
            ref=str(entry["line"]),
            comment="; ".join(notes),
        )

    # === DISCOUNTS === #

    def _take_off(self, positions, entry, amount):
        """Take a discount off the positions of its VAT code, then off all others.

        A discount line of the till stands for a lower price of the other lines; on a
        document it would be a supply of less than nothing.

        :raises ContentProblem: it is larger than all that was sold
        """
        code = self._discount_vat(entry)
        same = [position for position in positions if position.vat == code]
        for group in (same, positions):
            group = [position for position in group if position.discountable]
            room = sum((position.gross for position in group), Decimal(0))
            part = min(amount, room)
            if part > 0:
                weights = [position.gross for position in group]
                for position, taken in zip(group, share(part, weights), strict=True):
                    self._note_discount(position, entry, taken)
                amount -= part
        if amount > 0:
            raise ContentProblem(
                self.env._(
                    "%(line)s takes off more than was sold. Look at the sale, and "
                    "invoice it at the service by hand.",
                    line=entry["name"],
                ),
                self.order_id,
            )

    def _note_discount(self, position, entry, taken):
        if not taken:
            return
        position.gross -= taken
        position.notes.append(
            self._say(
                PRICE_LESS,
                amount=self._money(taken),
                discount=" ".join(entry["name"].split()),
            )
        )

    def _discount_vat(self, entry):
        """Return the VAT code that a discount was given at, "" if none is told."""
        if entry.get("vat") or not entry["taxes"]:
            return entry.get("vat", "")
        taxes = self.env["account.tax"].browse(entry["taxes"])
        code = taxes._salon_vat() if len(taxes) == 1 else ""
        return self.company_id._salon_charged_vat(code)

    # === TIPS === #

    def _part_tips(self, positions):
        """Return the positions with tips as the company's policy has them.

        A service charge is part of the price of what was sold, so it is parted over
        the VAT codes of the sale.
        """
        if self.company_id.salon_tip != "service":
            return positions
        sold = {}
        for position in positions:
            if position.discountable:
                sold[position.vat] = sold.get(position.vat, Decimal(0)) + position.gross
        parted = []
        for position in positions:
            if position.entry.get("role") != "tip" or position.entry.get("vat"):
                parted.append(position)
                continue
            codes = sold or {self.company_id.salon_default_vat: Decimal(1)}
            parts = share(position.gross, list(codes.values()))
            parted += [
                Position(position.entry, code, part, list(position.notes))
                for code, part in zip(codes, parts, strict=True)
                if part
            ]
        return parted

    # === VAT === #

    def _resolve_vat(self, entry):
        """Return the VAT code of an entry, a code of ``billing.vat``.

        :raises ContentProblem: it has none, or none that is certain
        """
        if entry.get("vat"):  # of an entry whose original has been issued with it
            return entry["vat"]
        if entry.get("role") == "tip":
            return TIP_VAT
        taxes = self.env["account.tax"].browse(entry["taxes"])
        if not taxes:
            return self._vat_without_tax(entry)
        if len(taxes) > 1:
            raise ContentProblem(
                self.env._(
                    "%(line)s has several taxes at once; an invoice line has one.",
                    line=entry["name"],
                ),
                self._entry_product(entry),
            )
        code = taxes._salon_vat()
        if not code:
            raise ContentProblem(
                self.env._(
                    "The tax %(tax)s on %(line)s has no VAT code for invoices. Set "
                    "it on the tax, then retry.",
                    tax=taxes.name,
                    line=entry["name"],
                ),
                taxes,
            )
        charged = self.company_id._salon_charged_vat(code)
        if not charged:
            raise ContentProblem(
                self.env._(
                    "This company is exempt from VAT (AAM), but %(line)s is sold with "
                    "the tax %(tax)s. Say in the settings of Point of Sale which of "
                    "them is right: what waits for it goes on by itself.",
                    line=entry["name"],
                    tax=taxes.name,
                ),
                self.company_id,
                cause="exempt",
            )
        return charged

    def _vat_without_tax(self, entry):
        """Return the code of what the till sells without a tax."""
        if entry.get("untaxed_by"):
            position = self.env["account.fiscal.position"].browse(entry["untaxed_by"])
            raise ContentProblem(
                self.env._(
                    "The fiscal position %(position)s leaves %(line)s without a tax, "
                    "so the invoice cannot say why no VAT is charged. Map it to a 0%% "
                    "tax that has a VAT code, then retry.",
                    position=position.name,
                    line=entry["name"],
                ),
                position,
            )
        if entry.get("for_sale", True):
            return self.company_id.salon_default_vat
        raise ContentProblem(
            self.env._(
                "%(line)s has no tax and is nothing that is sold. Say on the product "
                "what it is to invoices, or give it a tax, then retry.",
                line=entry["name"],
            ),
            self._entry_product(entry),
        )

    def _entry_product(self, entry):
        return self.env["product.product"].browse(entry["product"])
