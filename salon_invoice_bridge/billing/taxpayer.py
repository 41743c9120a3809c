"""What the tax authority knows of a taxpayer, as people read it and invoices have it.

NAV keeps most of it in capitals and in parts (``DetailedAddressType`` of its interface:
street, its category, number, building, staircase, floor, door, lot).  Addresses get
their usual letters; names keep NAV's, as nobody can tell an acronym by its capitals.
"""

import re

from stdnum.hu import anum

from .errors import Rejected
from .invoice import TaxpayerAddress
from .tax_number import format_hungarian

#: Longest texts that NAV's interface declares (``SimpleText512``, ``255`` and ``50``).
NAME, LINE, PART = 512, 255, 50
#: As many addresses are read; a chain of shops has more than a person chooses from.
MOST_ADDRESSES = 50
_ROMAN = re.compile(
    r"(?=.)M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})\.?", re.IGNORECASE
)
#: Forms of organizations: no name of a person has them.
_ORGANIZATION = re.compile(
    r"\b(kft|bt|kkt|zrt|nyrt|rt|kht)\b|társaság|szövetkezet|egyesület|alapítvány"
    r"|önkormányzat|társasház",
    re.IGNORECASE,
)


def check_number(number):
    """Return a tax number as 12345678-1-42, or its eight digits if that is all.

    :param str number: 12345678, 12345678-1-42, 12345678142 or HU12345678
    :raises Rejected: if it is no Hungarian tax number, as ``format_hungarian``
    """
    digits = re.sub(r"[\s.-]", "", number).upper().removeprefix("HU")
    if re.fullmatch(r"[0-9]{8}", digits) and anum.is_valid(digits):
        return digits
    return format_hungarian(digits)


def core_number(number):
    """Return the eight digits that tell taxpayers apart, "" if ``number`` has none.

    :param str number: as :func:`check_number`
    """
    try:
        return check_number(number)[:8]
    except Rejected:
        return ""


def compose_number(core, vat_code, county):
    """Return the full tax number 12345678-1-42, "" where NAV does not say all of it."""
    number = f"{core}-{vat_code}-{county}"
    form = re.fullmatch(r"([0-9]{8})-[1-5]-[0-9]{2}", number)
    return number if form and anum.is_valid(form[1]) else ""


def is_organization(name):
    """Return True for a name with the form of an organization, None if it has none.

    Where a service does not say what a taxpayer is: a sole trader's name has no form.
    """
    return True if _ORGANIZATION.search(name) else None


def short(text, length=LINE):
    """Return a text of NAV's in one line that is not longer than NAV declares."""
    return " ".join(text.split())[:length].strip()


def make_address(parts):
    """Return the ``TaxpayerAddress`` of an address in parts.

    :param dict parts: ``kind, country, postcode, city, street, category, number,
        building, staircase, floor, door, lot``, as NAV has them; those that lack are ""
    """
    part = {name: short(text, PART) for name, text in parts.items()}
    street, city = short(parts["street"]), short(parts["city"])
    country = part["country"].upper()
    where = (
        _usual_letters(street),
        part["category"].lower() if part["category"].isupper() else part["category"],
        _ordinal(part["number"]),
        _named(part["building"], "ép."),
        _named(_ordinal(part["staircase"]), "lph."),
        _floor(part["floor"]),
        _named(_ordinal(part["door"]), "ajtó"),
        part["lot"] and f"hrsz. {part['lot']}",
    )
    return TaxpayerAddress(
        kind=part["kind"].upper(),
        country=country if re.fullmatch("[A-Z]{2}", country) else "",
        postcode=part["postcode"][:10],
        city=_usual_letters(city),
        street=" ".join(filter(None, where))[:LINE],
    )


def sort_addresses(addresses):
    """Return the addresses as a tuple, the headquarters first, none of them twice."""
    ranked = sorted(addresses, key=lambda address: address.kind != "HQ")
    return tuple(dict.fromkeys(ranked))


def _usual_letters(text):
    """Return a text in capitals with those of a proper noun; others as they are."""
    if not text.isupper():
        return text
    words = re.split(r"([\s-])", text)
    return "".join(map(_word, words))


def _word(word):
    if _ROMAN.fullmatch(word) or len(word) == 1:
        return word
    return "és" if word == "ÉS" else word[:1] + word[1:].lower()


def _ordinal(number):
    return f"{number}." if number[-1:].isdigit() else number


def _named(value, what):
    return value and f"{value} {what}"


def _floor(floor):
    """Return a floor by its number, as NAV has it where it has none (FSZT, MFSZT)."""
    if floor.rstrip(".").isdigit() or _ROMAN.fullmatch(floor):
        return f"{floor.rstrip('.')}. em."
    return floor.lower() if floor.isupper() else floor
