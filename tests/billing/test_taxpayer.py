"""What NAV has in capitals and in parts, as people read it."""

import pytest

from salon_invoice_bridge.billing.errors import Rejected
from salon_invoice_bridge.billing.invoice import TaxpayerAddress
from salon_invoice_bridge.billing.taxpayer import (
    check_number,
    compose_number,
    core_number,
    is_organization,
    make_address,
    short,
    sort_addresses,
)

PARTS = (
    "kind country postcode city street category number building staircase floor door "
    "lot"
).split()


def address(**parts):
    return make_address({**dict.fromkeys(PARTS, ""), "kind": "HQ", **parts})


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("12345676", "12345676"),
        ("12345676-2-42", "12345676"),
        ("12345676242", "12345676"),
        (" hu12345676 ", "12345676"),
        ("12345677-2-42", ""),  # check digit
        ("12345676-6-42", ""),  # no such VAT code
        ("1234567", ""),
        ("123456762", ""),
        ("DE12345676", ""),
        ("", ""),
        ("٣٣٣٣٣٣٣٣", ""),
    ],
)
def test_the_eight_digits_of_a_taxpayer(text, core):
    assert core_number(text) == core


def test_a_number_is_asked_about_in_its_usual_form():
    assert check_number("HU 12345676") == "12345676"
    assert check_number("12345676242") == "12345676-2-42"
    for wrong in ("", "x" * 10**5, "12345677", "a/../b", "\0", "12345676-9-42"):
        with pytest.raises(Rejected):
            check_number(wrong)


@pytest.mark.parametrize(
    ("parts", "number"),
    [
        (("12345676", "2", "42"), "12345676-2-42"),
        (("12345676", "2", ""), ""),
        (("12345676", "", "42"), ""),
        (("12345676", "6", "42"), ""),
        (("12345677", "2", "42"), ""),
        (("12345676", "2", "42<b>"), ""),
    ],
)
def test_a_number_is_composed_of_all_its_parts_or_not_at_all(parts, number):
    assert compose_number(*parts) == number


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("BUDAPEST", "Budapest"),
        ("BUDAPEST XI.", "Budapest XI."),
        ("Budapest", "Budapest"),
        ("BAJCSY-ZSILINSZKY", "Bajcsy-Zsilinszky"),
        ("II. RÁKÓCZI FERENC", "II. Rákóczi Ferenc"),
        ("CIVIL", "Civil"),
        ("ŐRSÉG ÉS HEGYHÁT", "Őrség és Hegyhát"),
        ("", ""),
    ],
)
def test_capitals_of_places_are_read_as_people_write_them(text, readable):
    assert address(city=text).city == readable
    assert address(street=text).street == readable


@pytest.mark.parametrize(
    ("parts", "street"),
    [
        ({"street": "KIRÁLY", "category": "UTCA", "number": "1"}, "Király utca 1."),
        ({"street": "KIRÁLY", "category": "UTCA", "number": "7."}, "Király utca 7."),
        ({"street": "KIRÁLY", "category": "UTCA", "number": "3/A"}, "Király utca 3/A"),
        ({"street": "Fő", "category": "tér", "number": "1", "floor": "FSZT"}, None),
        ({"street": "DUNA", "category": "SOR", "lot": "012/3"}, "Duna sor hrsz. 012/3"),
        ({"street": "KIRÁLY", "floor": "II", "door": "A"}, "Király II. em. A ajtó"),
        ({"street": "KIRÁLY", "building": "B", "staircase": "2"}, None),
    ],
)
def test_a_street_is_composed_of_its_parts(parts, street):
    expected = {
        "Fő": "Fő tér 1. fszt",
        "KIRÁLY": "Király B ép. 2. lph.",
    }
    assert address(**parts).street == (street or expected[parts["street"]])


def test_no_text_is_longer_than_nav_declares():
    long = address(country="HUN", postcode="1" * 99, city="A" * 999, street="B " * 999)
    assert (long.country, len(long.postcode), len(long.city)) == ("", 10, 255)
    assert len(long.street) <= 255
    assert len(short("x" * 9999, 512)) == 512
    assert short(" a\n\t b ") == "a b"


@pytest.mark.parametrize(
    ("name", "organization"),
    [
        ("MINTA KFT.", True),
        ("Minta Kft", True),
        ("MINTA KORLÁTOLT FELELŐSSÉGŰ TÁRSASÁG", True),
        ("Zöld Sziget Egyesület", True),
        ("KOVÁCS PIROSKA", None),
        ("Kovácsné Bta Éva", None),
        ("", None),
    ],
)
def test_an_organization_is_known_by_its_form(name, organization):
    assert is_organization(name) is organization


def test_the_headquarters_come_first_and_no_address_twice():
    places = [
        TaxpayerAddress(kind=kind, city=city)
        for kind, city in (("SITE", "a"), ("HQ", "b"), ("SITE", "a"), ("BRANCH", "c"))
    ]
    assert [place.city for place in sort_addresses(places)] == ["b", "a", "c"]
