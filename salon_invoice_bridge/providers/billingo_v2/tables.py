"""The words of Billingo's API v2.

Source: the vendor's documentation of API v2 (octonull/Billingo-API-docs).
"""

from ...billing.errors import Rejected
from ...billing.invoice import PaymentKind, TaxKind

#: VAT code -> id at ``GET /vat``.  Only the ids that the documentation names: the same
#: number must mean the same rate on every account, and the strategy asks before it
#: sends.  Exempt codes are distinguished by their entitlement.
VAT_IDS = {"27": 1, "5": 2, "18": 3, "AAM": 4, "TAM": 4, "ATK": 4}

#: Id -> the rate that ``GET /vat`` must show for it, as a fraction.
VAT_VALUES = {1: "0.27", 2: "0.05", 3: "0.18", 4: "0"}

#: VAT code -> the NAV entitlement that goes with it.
ENTITLEMENTS = {"AAM": "AAM", "TAM": "TAM", "ATK": "ATK"}

#: Our payment kinds -> ``payment_method``.  ``OTHER`` has none: the company's
#: default kind takes its place.
PAYMENT_METHODS = {
    PaymentKind.CASH: 1,
    PaymentKind.BANK_TRANSFER: 2,
    PaymentKind.CARD: 5,
    PaymentKind.ONLINE_CARD: 5,
    PaymentKind.BARION: 5,
    PaymentKind.SZEP_CARD: 6,
    PaymentKind.PAYPAL: 7,
    PaymentKind.VOUCHER: 12,
}

#: ``round_to``: what the total is rounded to, 0 for not at all.
ROUND_TO = frozenset({0, 1, 5, 10})

TAX_TYPES = {
    TaxKind.PRIVATE: "NO_TAX_NUMBER",
    TaxKind.HUNGARIAN: "HAS_TAX_NUMBER",
    TaxKind.EU: "FOREIGN",
    TaxKind.FOREIGN: "FOREIGN",
}

#: ISO 3166 code -> the name that a client's address takes.
COUNTRIES = {
    "AD": "Andorra",
    "AE": "United Arab Emirates",
    "AL": "Albania",
    "AM": "Armenia",
    "AR": "Argentina",
    "AT": "Austria",
    "AU": "Australia",
    "AZ": "Azerbaijan",
    "BA": "Bosnia and Herzegovina",
    "BE": "Belgium",
    "BG": "Bulgaria",
    "BR": "Brazil",
    "BY": "Belarus",
    "CA": "Canada",
    "CH": "Switzerland",
    "CL": "Chile",
    "CN": "China",
    "CY": "Cyprus",
    "CZ": "Czech Republic",
    "DE": "Germany",
    "DK": "Denmark",
    "DZ": "Algeria",
    "EE": "Estonia",
    "EG": "Egypt",
    "ES": "Spain",
    "FI": "Finland",
    "FR": "France",
    "GB": "United Kingdom",
    "GE": "Georgia",
    "GR": "Greece",
    "HK": "Hong Kong",
    "HR": "Croatia",
    "HU": "Magyarország",
    "ID": "Indonesia",
    "IE": "Ireland",
    "IL": "Israel",
    "IN": "India",
    "IQ": "Iraq",
    "IR": "Iran",
    "IS": "Iceland",
    "IT": "Italy",
    "JO": "Jordan",
    "JP": "Japan",
    "KR": "South Korea",
    "KZ": "Kazakhstan",
    "LB": "Lebanon",
    "LI": "Liechtenstein",
    "LT": "Lithuania",
    "LU": "Luxembourg",
    "LV": "Latvia",
    "MA": "Morocco",
    "MC": "Monaco",
    "MD": "Moldova",
    "ME": "Montenegro",
    "MK": "North Macedonia",
    "MN": "Mongolia",
    "MT": "Malta",
    "MX": "Mexico",
    "NG": "Nigeria",
    "NL": "Netherlands",
    "NO": "Norway",
    "NZ": "New Zealand",
    "PH": "Philippines",
    "PK": "Pakistan",
    "PL": "Poland",
    "PT": "Portugal",
    "QA": "Qatar",
    "RO": "Romania",
    "RS": "Serbia",
    "RU": "Russia",
    "SA": "Saudi Arabia",
    "SE": "Sweden",
    "SG": "Singapore",
    "SI": "Slovenia",
    "SK": "Slovakia",
    "SM": "San Marino",
    "TH": "Thailand",
    "TN": "Tunisia",
    "TR": "Turkey",
    "TW": "Taiwan",
    "UA": "Ukraine",
    "US": "United States",
    "VN": "Vietnam",
    "XK": "Kosovo",
    "ZA": "South Africa",
}


def vat_word(code):
    """Return the id at ``GET /vat`` for a code of :mod:`.vat`.

    :raises Rejected: if the documentation names none
    """
    if code not in VAT_IDS:
        raise Rejected(
            f"The documentation of Billingo v2 names no VAT id for {code}; a "
            "connection by API v3 has one",
            code="vat",
        )
    return VAT_IDS[code]
