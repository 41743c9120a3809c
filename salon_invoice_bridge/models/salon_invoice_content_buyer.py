import re
from functools import partial

from stdnum.eu import vat as eu_vat

from odoo import fields, models

from ..billing import errors
from ..billing.codec import to_json
from ..billing.invoice import Buyer, TaxKind
from ..billing.tax_number import format_hungarian
from ..providers import registry
from .content_problem import ContentProblem

#: What a walk-in is called where the salon has not named it otherwise.
WALK_IN = "Magánszemély"
#: What NAV takes as a postal code (PostalCodeType of its data report).
_POSTCODE = re.compile(r"[A-Z0-9][A-Z0-9 -]{1,8}[A-Z0-9]")
#: The tax id of a person (adóazonosító jel): theirs alone, and on no invoice.
_PERSONAL = re.compile(r"(HU)?8[0-9]{9}")


class SalonInvoiceContentBuyer(models.Model):
    """The buyer: a customer, a company or a walk-in, checked before anything is sent.

    What the tax authority or the service would refuse later is told now, with a way to
    the field.
    """

    _inherit = "salon.invoice.document"

    buyer_choice = fields.Selection(
        [("company", "With the company's data"), ("private", "As a private person")],
        readonly=True,
        copy=False,
        help="What a person decided for a company that needed a decision.",
    )
    partner_reused = fields.Boolean(
        readonly=True,
        copy=False,
        help="The buyer was known at the service, and was not told to it again.",
    )

    def _resolve_buyer(self, customer):
        """Return the ``billing.invoice.Buyer``.

        :param dict customer: ``buyer`` of the facts, None for a walk-in
        :raises ContentProblem: a person must complete the data, or decide
        """
        if not customer:
            return self._walk_in()
        if self._is_business(customer) and self.buyer_choice != "private":
            return self._business(customer)
        if customer["is_company"] and not customer["person"]:
            return self._walk_in()
        return self._private(customer)

    def _is_business(self, customer):
        number = _tax_number(customer)
        personal = _country(customer) == "HU" and _PERSONAL.fullmatch(number)
        return bool(customer["is_company"] or (number and not personal))

    # === PRIVATE PERSONS === #

    def _walk_in(self):
        """Return the buyer of a sale without a customer: the salon typed it once."""
        company = self.company_id
        address = self._default_address()
        if self._needs_address() and not all(address.values()):
            raise ContentProblem(
                self.env._(
                    "The service wants an address for every buyer, and the one for "
                    "walk-in customers is not complete. Type it in the settings, "
                    "then retry."
                ),
                company,
            )
        name = (company.salon_walk_in_name or "").strip() or WALK_IN
        return Buyer(name=name, **address)

    def _private(self, customer):
        """Return a private person; without any address, the salon's default one."""
        name = customer["person_name"].strip() or customer["name"].strip()
        if not name:
            raise self._incomplete(customer, self.env._("a name"))
        address = _address(customer)
        if self._needs_address():
            if not any(address.values()):
                address = self._walk_in_address()
            self._check_address(customer, address)
        return Buyer(
            name=name,
            country=customer["country"] or "HU",
            emails=tuple(customer["emails"]),
            phone=customer["phone"],
            **address,
        )

    def _needs_address(self):
        """Tell whether the service keeps partners, and so wants addresses."""
        return registry.get(self.account_id.provider).capabilities.persistent_partners

    def _default_address(self):
        company = self.company_id
        return {
            "postcode": (company.salon_walk_in_postcode or "").strip(),
            "city": (company.salon_walk_in_city or "").strip(),
            "street": (company.salon_walk_in_street or "").strip(),
        }

    def _walk_in_address(self):
        walk_in = self._walk_in()
        return {name: getattr(walk_in, name) for name in ("postcode", "city", "street")}

    # === COMPANIES === #

    def _business(self, customer):
        """Return a company, or a sole trader, with a tax number that is one."""
        if not self.company_id.salon_accepts_business and not self.buyer_choice:
            raise ContentProblem(
                self.env._(
                    "%(buyer)s is a company, and this salon does not accept business "
                    "clients. Issue the invoice with the company's data, or as for a "
                    "private person.",
                    buyer=customer["name"],
                ),
                self._partner(customer),
                cause="business",
            )
        if not customer["name"].strip():
            raise self._incomplete(customer, self.env._("a name"))
        address = _address(customer)
        self._check_address(customer, address)
        if not _POSTCODE.fullmatch(address["postcode"]):
            raise self._incomplete(customer, self.env._("a valid postcode"))
        return Buyer(
            name=customer["name"].strip(),
            country=_country(customer),
            emails=tuple(customer["emails"]),
            phone=customer["phone"],
            **address,
            **self._tax_numbers(customer),
        )

    def _tax_numbers(self, customer):
        """Return tax kind and numbers of a business, checked, as keywords of Buyer."""
        number, country = _tax_number(customer), _country(customer)
        if country == "HU":
            return self._hungarian_numbers(customer, number)
        if country.lower() in eu_vat.MEMBER_STATES:
            if not number:  # below the threshold of its country, or an association
                return {"tax_kind": TaxKind.EU}
            prefix = "EL" if country == "GR" else country
            if not number.startswith(prefix):
                number = prefix + number
            if not eu_vat.is_valid(number):
                raise self._wrong_number(customer, f"{prefix}...")
            return {"tax_kind": TaxKind.EU, "eu_tax_number": eu_vat.compact(number)}
        return {"tax_kind": TaxKind.FOREIGN, "tax_number": number}

    def _hungarian_numbers(self, customer, number):
        if not number:
            if self.buyer_choice == "company":  # an association may have none
                return {"tax_kind": TaxKind.PRIVATE}
            raise ContentProblem(
                self.env._(
                    "%(buyer)s is a company without a tax number. Type it at the "
                    "customer, then retry; if it has none, issue the invoice with "
                    "the data that is there.",
                    buyer=customer["name"],
                ),
                self._partner(customer),
                cause="business",
            )
        group = customer["group_tax_number"].strip()
        try:
            return {
                "tax_kind": TaxKind.HUNGARIAN,
                "tax_number": format_hungarian(number.removeprefix("HU")),
                "eu_tax_number": f"HU{number[2:10]}" if number[:2] == "HU" else "",
                "group_tax_number": format_hungarian(group) if group else "",
            }
        except errors.Rejected as error:
            raise self._wrong_number(customer, "12345678-1-42") from error

    # === WHAT IS MISSING === #

    def _check_address(self, customer, address):
        labels = {
            "postcode": self.env._("a postcode"),
            "city": self.env._("a city"),
            "street": self.env._("a street"),
        }
        missing = [labels[name] for name, value in address.items() if not value]
        if missing:
            raise self._incomplete(customer, ", ".join(missing))

    def _incomplete(self, customer, what):
        return ContentProblem(
            self.env._(
                "The customer %(buyer)s needs %(what)s for an invoice. Complete the "
                "customer, then retry.",
                buyer=customer["name"],
                what=what,
            ),
            self._partner(customer),
        )

    def _wrong_number(self, customer, form):
        return ContentProblem(
            self.env._(
                "%(number)s is not the tax number of a company, which has the form "
                "%(form)s. Correct it at %(buyer)s, then retry.",
                number=customer["tax_number"],
                form=form,
                buyer=customer["name"],
            ),
            self._partner(customer),
        )

    def _partner(self, customer):
        return self.env["res.partner"].browse(customer["partner"])

    # === AT THE SERVICE === #

    def _billed_partner(self):
        """Return the ``res.partner`` that the buyer was made of, none for a walk-in."""
        customer = self.facts["buyer"]
        partners = self.env["res.partner"]
        if not customer:
            return partners
        if self.buyer_choice == "private" and customer["is_company"]:
            return partners.browse(customer["person"] or [])
        return partners.browse(customer["partner"])

    def _resolve_partner(self, provider, buyer, exchanges):
        """Return the buyer's id at the service, which is told only what is new."""
        partner = self._billed_partner()
        mapping = self.env["salon.invoice.partner"]
        known = mapping._known(self.account_id, partner)
        digest = mapping._digest(to_json(buyer))
        self.partner_reused = known.synced == digest
        if self.partner_reused:
            return known.remote_id
        call = partial(self.account_id._call, self)
        if partner and not partner.exists():
            # Merged into another one, or deleted: who was billed is billed.
            root = self._root()
            meant = root._invoice().partner_id if root != self else ""
            return call(
                "sync_buyer", exchanges, lambda: provider.sync_buyer(buyer, meant)
            )
        there = known._unless_taken(known.remote_id)
        if not known:
            known = mapping._begin(self.account_id, partner)
        elif not known.remote_id:
            # The answer to the first call was lost.
            found = call("find_buyer", exchanges, lambda: provider.find_buyer(buyer))
            there = known._unless_taken(found)
        remote_id = call(
            "sync_buyer", exchanges, lambda: provider.sync_buyer(buyer, there)
        )
        if remote_id and not known._unless_taken(remote_id):
            # The service took the buyer for another customer who is alike.
            remote_id = call(
                "sync_buyer",
                exchanges,
                lambda: provider.sync_buyer(buyer, force_new=True),
            )
        known.write({"remote_id": remote_id, "synced": digest})
        return remote_id


def _address(customer):
    return {name: customer[name].strip() for name in ("postcode", "city", "street")}


def _tax_number(customer):
    """Return the tax number without its blanks; "/" is Odoo's word for none."""
    number = re.sub(r"[\s.]", "", customer["tax_number"]).upper()
    return "" if number == "/" else number


def _country(customer):
    """Return the country: typed, or told by the VAT number, or else Hungary."""
    if customer["country"]:
        return customer["country"]
    number = _tax_number(customer)
    prefix = "GR" if number[:2] == "EL" else number[:2]
    return prefix if prefix.lower() in eu_vat.MEMBER_STATES else "HU"
