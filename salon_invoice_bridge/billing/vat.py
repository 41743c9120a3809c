"""VAT codes in the words of the Hungarian tax authority.

A code is either a percentage as a string ("27", "5", "25.5") or one of the letter codes
of NAV's Online Számla 3.0 data report, which Odoo's ``l10n_hu_edi`` uses too.  Each
strategy has a table from these to its own words.
"""

from decimal import Decimal, InvalidOperation

#: Letter codes. All of them carry no VAT on the document.
EXEMPT = (
    "AAM",
    "TAM",
    "KBAET",
    "KBAUK",
    "EAM",
    "NAM",
    "ATK",
    "EUFAD37",
    "EUFADE",
    "EUE",
    "HO",
    "DOMESTIC_REVERSE",
    "TRAVEL_AGENCY",
    "SECOND_HAND",
    "ARTWORK",
    "ANTIQUES",
)


def rate(code):
    """Return the percentage that ``code`` puts on a document, as a Decimal.

    :raises ValueError: if ``code`` is neither a percentage nor a letter code
    """
    if code in EXEMPT:
        return Decimal(0)
    try:
        percent = Decimal(code)
    except InvalidOperation:
        percent = None
    if percent is None or not percent.is_finite() or not 0 <= percent < 100:
        raise ValueError(f"Unknown VAT code {code!r}")
    return percent
