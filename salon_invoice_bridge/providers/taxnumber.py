"""Tax numbers as they are written on documents."""

import re

from stdnum.hu import anum

from .errors import Rejected


def hungarian(number):
    """Return a Hungarian tax number in its form 12345678-1-42.

    The check digit is verified, the VAT code (9th digit) and the county's number are of
    the law's list (Act CL of 2017, 1. melléklet; NAV's data report takes no other).

    :param str number: with or without its hyphens
    :raises Rejected: if it is none
    """
    digits = re.sub(r"[\s-]", "", number)
    form = re.fullmatch(r"([0-9]{8})([1-5])([0-9]{2})", digits)
    if form and anum.is_valid(form[1]):
        return "-".join(form.groups())
    raise Rejected(
        f"{number!r} is not a Hungarian tax number (12345678-1-42)",
        code="tax_number",
        fields={"tax_number": number},
    )
