"""Taxpayers that the tax authority of the sandbox knows, by their first eight digits.

Made up, one of each kind.  Texts are as NAV keeps them: capitals, and in parts.
"""


def address(kind, postcode, city, street, category, **parts):
    """Return an address as NAV has it; ``parts``: number, building, floor and so on."""
    return {
        "kind": kind,
        "country": "HU",
        "postcode": postcode,
        "city": city,
        "street": street,
        "category": category,
        **parts,
    }


#: A taxpayer without a ``name`` is valid, and nothing else is said of it.
TAXPAYERS = {
    "11112222": {
        "name": "PRÓBA SZÉPSÉG KERESKEDELMI KORLÁTOLT FELELŐSSÉGŰ TÁRSASÁG",
        "short_name": "PRÓBA SZÉPSÉG KFT.",
        "vat_code": "2",
        "county": "41",
        "incorporation": "ORGANIZATION",
        "addresses": [
            address("SITE", "9021", "GYŐR", "BAROSS GÁBOR", "ÚT", number="7"),
            address(
                *("HQ", "1065", "BUDAPEST", "BAJCSY-ZSILINSZKY", "ÚT"),
                **{"number": "12", "building": "B", "staircase": "2"},
                **{"floor": "3", "door": "14"},
            ),
            address("BRANCH", "6720", "SZEGED", "KÁRÁSZ", "UTCA", number="3/A"),
        ],
    },
    "22334457": {
        "name": "CSOPORTTAG SZOLGÁLTATÓ ZÁRTKÖRŰEN MŰKÖDŐ RÉSZVÉNYTÁRSASÁG",
        "short_name": "CSOPORTTAG ZRT.",
        "vat_code": "4",
        "county": "43",
        "incorporation": "ORGANIZATION",
        "group": "33445568",
        "addresses": [
            address("HQ", "1117", "BUDAPEST", "SZERÉMI", "ÚT", number="4"),
        ],
    },
    "33445568": {
        "name": "CSOPORTTAG ÉS TÁRSAI CSOPORTOS ADÓALANY",
        "vat_code": "5",
        "county": "44",
        "incorporation": "ORGANIZATION",
        "addresses": [
            address("HQ", "1117", "BUDAPEST", "SZERÉMI", "ÚT", number="4"),
        ],
    },
    "55667780": {
        "name": "PRÓBA PIROSKA",
        "vat_code": "1",
        "county": "33",
        "incorporation": "SELF_EMPLOYED",
        "addresses": [
            address("HQ", "2000", "SZENTENDRE", "DUNA", "KORZÓ", lot="1234/5"),
        ],
    },
    "66778891": {},
}
