"""VAT codes in the words of the Hungarian tax authority.

A code is either a percentage as a string ("27", "5", "25.5") or one of the letter codes
of NAV's Online Számla 3.0 data report, which Odoo's ``l10n_hu_edi`` uses too.  Each
strategy has a table from these to its own words.
"""

from decimal import Decimal, InvalidOperation

#: Letter code -> what it means.  All of them carry no VAT on the document.
EXEMPT = {
    "AAM": "Subject exemption (alanyi adómentes)",
    "TAM": "Exempt by public interest or special nature (VAT Act 85-87)",
    "KBAET": "Intra-Community supply of goods (VAT Act 89)",
    "KBAUK": "Intra-Community supply of new means of transport",
    "EAM": "Export of goods (VAT Act 98-109)",
    "NAM": "Other exempt international transaction (VAT Act 110-118)",
    "ATK": "Outside the scope of VAT",
    "EUFAD37": "Performed in another member state, reverse charge (VAT Act 37)",
    "EUFADE": "Performed in another member state, other reverse charge",
    "EUE": "Performed in another member state, no reverse charge",
    "HO": "Performed outside the EU",
    "DOMESTIC_REVERSE": "Domestic reverse charge",
    "TRAVEL_AGENCY": "Margin scheme, travel agency",
    "SECOND_HAND": "Margin scheme, second-hand goods",
    "ARTWORK": "Margin scheme, works of art",
    "ANTIQUES": "Margin scheme, antiques",
}


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
