"""The buyer: a customer, a company or a walk-in, checked before anything is sent.

What the tax authority or the service would refuse later is a problem now, which names
the field that a person must fill in.
"""

import re
from enum import Enum

from stdnum.eu import vat as eu_vat

from .errors import Rejected
from .invoice import Buyer, TaxKind
from .problem import COMPANY, Code, Missing, Place, Problem, Where
from .tax_number import format_hungarian

#: The name of a walk-in where the salon has not chosen another one.
WALK_IN = "Magánszemély"
#: What NAV takes as a postal code (PostalCodeType of its data report).
_POSTCODE = re.compile(r"[A-Z0-9][A-Z0-9 -]{1,8}[A-Z0-9]")
#: The tax id of a person (adóazonosító jel): theirs alone, and on no invoice.
_PERSONAL = re.compile(r"(HU)?8[0-9]{9}")


class BuyerChoice(str, Enum):
    """What a person decided for a company that needed a decision."""

    COMPANY = "company"  # issue with the company's data, as far as they are there
    PRIVATE = "private"  # issue as for a private person


def make_buyer(customer, policy, choice=None):
    """Return the ``invoice.Buyer`` of a document.

    :param customer: ``sale.Customer``, None for a walk-in
    :param BuyerChoice choice: None if not decided
    :raises Problem: a person must complete the data, or decide
    """
    if not customer:
        return _walk_in(policy)
    if is_business(customer) and choice != BuyerChoice.PRIVATE:
        return _business(customer, policy, choice)
    if customer.is_company and not customer.person:
        return _walk_in(policy)
    return _private(customer, policy)


def make_bearer(customer, policy):
    """Return the ``invoice.Buyer`` of a receipt, which names nobody.

    Nothing of it is sent but the e-mail addresses that the receipt goes to, so nothing
    can be missing.
    """
    if not customer:
        return Buyer(name=policy.walk_in_name.strip() or WALK_IN)
    name = customer.person_name.strip() or customer.name.strip()
    return Buyer(name=name or WALK_IN, emails=customer.emails)


def make_company(customer, choice=None):
    """Return the ``invoice.Buyer`` of a company, or a sole trader, checked.

    Whether the salon accepts such buyers is not asked here.

    :raises Problem: a person must complete the data, or decide
    """
    name, address = customer.name.strip(), _address(customer)
    if not name:
        raise _incomplete(customer, Missing.NAME)
    _check_address(customer, address)
    if not _POSTCODE.fullmatch(address["postcode"]):
        raise _incomplete(customer, Missing.VALID_POSTCODE)
    return Buyer(
        name=name,
        country=_country(customer),
        emails=customer.emails,
        phone=customer.phone,
        **address,
        **_tax_numbers(customer, choice),
    )


def make_person(customer):
    """Return the ``invoice.Buyer`` of a person who asks for an invoice to an address.

    :raises Problem: the name, or a part of the address, is missing
    """
    if not customer.name.strip():
        raise _incomplete(customer, Missing.NAME)
    address = _address(customer)
    _check_address(customer, address)
    return Buyer(
        name=customer.name.strip(),
        country=customer.country or "HU",
        emails=customer.emails,
        **address,
    )


def is_business(customer):
    """Return True for a company, and for a sole trader with a tax number."""
    number = _tax_number(customer)
    personal = _country(customer) == "HU" and _PERSONAL.fullmatch(number)
    return bool(customer.is_company or (number and not personal))


def billed_partner(customer, choice=None):
    """Return the id of the partner that the buyer is made of, None for a walk-in."""
    if not customer:
        return None
    if choice == BuyerChoice.PRIVATE and customer.is_company:
        return customer.person
    return customer.partner


# === PRIVATE PERSONS === #


def _walk_in(policy):
    """Return the buyer of a sale without a customer, as the salon typed it once."""
    address = {
        "postcode": policy.walk_in_postcode.strip(),
        "city": policy.walk_in_city.strip(),
        "street": policy.walk_in_street.strip(),
    }
    if policy.needs_address and not all(address.values()):
        raise Problem(Code.WALK_IN_ADDRESS, COMPANY)
    return Buyer(name=policy.walk_in_name.strip() or WALK_IN, **address)


def _private(customer, policy):
    """Return a private person; without any address, the salon's default one."""
    name = customer.person_name.strip() or customer.name.strip()
    if not name:
        raise _incomplete(customer, Missing.NAME)
    address = _address(customer)
    if policy.needs_address:
        if not any(address.values()):
            walk_in = _walk_in(policy)
            address = {name: getattr(walk_in, name) for name in address}
        _check_address(customer, address)
    return Buyer(
        name=name,
        country=customer.country or "HU",
        emails=customer.emails,
        phone=customer.phone,
        **address,
    )


# === COMPANIES === #


def _business(customer, policy, choice):
    """Return a company, or a sole trader, with a valid tax number."""
    if not policy.accepts_business and not choice:
        raise Problem(
            Code.BUSINESS_NOT_ACCEPTED, _partner(customer), buyer=customer.name
        )
    return make_company(customer, choice)


def _tax_numbers(customer, choice):
    """Return tax kind and numbers of a business, checked, as keywords of Buyer."""
    number, country = _tax_number(customer), _country(customer)
    if country == "HU":
        return _hungarian_numbers(customer, number, choice)
    if country.lower() in eu_vat.MEMBER_STATES:
        if not number:  # below the threshold of its country, or an association
            return {"tax_kind": TaxKind.EU}
        prefix = "EL" if country == "GR" else country
        if not number.startswith(prefix):
            number = prefix + number
        if not eu_vat.is_valid(number):
            raise _wrong_number(customer, f"{prefix}...")
        return {"tax_kind": TaxKind.EU, "eu_tax_number": eu_vat.compact(number)}
    return {"tax_kind": TaxKind.FOREIGN, "tax_number": number}


def _hungarian_numbers(customer, number, choice):
    if not number:
        if choice == BuyerChoice.COMPANY:  # an association may have none
            return {"tax_kind": TaxKind.PRIVATE}
        raise Problem(
            Code.BUSINESS_WITHOUT_NUMBER, _partner(customer), buyer=customer.name
        )
    group = customer.group_tax_number.strip()
    try:
        return {
            "tax_kind": TaxKind.HUNGARIAN,
            "tax_number": format_hungarian(number.removeprefix("HU")),
            "eu_tax_number": f"HU{number[2:10]}" if number[:2] == "HU" else "",
            "group_tax_number": format_hungarian(group) if group else "",
        }
    except Rejected as error:
        raise _wrong_number(customer, "12345678-1-42") from error


# === THE CUSTOMER'S DATA === #


def _address(customer):
    return {
        name: getattr(customer, name).strip() for name in ("postcode", "city", "street")
    }


def _tax_number(customer):
    """Return the tax number without its blanks; "/" is Odoo's word for none."""
    number = re.sub(r"[\s.]", "", customer.tax_number).upper()
    return "" if number == "/" else number


def _country(customer):
    """Return the country: typed, or that of the VAT number, or else Hungary."""
    if customer.country:
        return customer.country
    number = _tax_number(customer)
    prefix = "GR" if number[:2] == "EL" else number[:2]
    return prefix if prefix.lower() in eu_vat.MEMBER_STATES else "HU"


# === PROBLEMS === #


def _check_address(customer, address):
    missing = [Missing(name) for name, value in address.items() if not value]
    if missing:
        raise _incomplete(customer, *missing)


def _incomplete(customer, *missing):
    return Problem(
        Code.BUYER_INCOMPLETE,
        _partner(customer),
        buyer=customer.name,
        what=missing,
    )


def _wrong_number(customer, form):
    return Problem(
        Code.TAX_NUMBER,
        _partner(customer),
        buyer=customer.name,
        number=customer.tax_number,
        form=form,
    )


def _partner(customer):
    return Place(Where.PARTNER, customer.partner)
