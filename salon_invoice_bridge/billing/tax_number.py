"""Tax numbers as they are written on documents."""

import re

from stdnum.hu import anum

from .errors import Rejected


def format_hungarian(number):
    """Return a Hungarian tax number in its form 12345678-1-42.

    The ninth digit (the VAT code) is 1 to 5, as in the pattern that Billingo publishes
    for its tax number check; the check digit is the one that python-stdnum computes.

    :param str number: with or without its hyphens
    :raises Rejected: if it is not a valid tax number
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
