"""The buyer: walk-ins, customers and companies, checked before anything is sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.buyer import (
    BuyerChoice,
    billed_partner,
    is_business,
    make_bearer,
    make_buyer,
)
from salon_invoice_bridge.billing.invoice import TaxKind
from salon_invoice_bridge.billing.problem import (
    COMPANY,
    Code,
    Missing,
    Place,
    Problem,
    Where,
)
from tests.examples import examples

from .salon import make_customer, make_policy

PARTNER = Place(Where.PARTNER, 42)
HUNGARIAN = "13572464-2-07"


def buyer_of(policy=None, choice=None, **customer):
    return make_buyer(make_customer(**customer), policy or make_policy(), choice)


def problem_of(policy=None, choice=None, **customer):
    with pytest.raises(Problem) as caught:
        buyer_of(policy, choice, **customer)
    return caught.value


def walk_in(**policy):
    return make_buyer(None, make_policy(**policy))


def incomplete(*missing, buyer="Kiss Béla"):
    return Problem(Code.BUYER_INCOMPLETE, PARTNER, buyer=buyer, what=missing)


# === RECEIPTS === #


def test_nothing_can_be_missing_of_who_gets_a_receipt():
    """No receipt names a buyer: neither service has a place for one (docs: sure)."""
    policy = make_policy(needs_address=True, walk_in_street="", walk_in_name="")
    customer = make_customer(name=" ", postcode="", city="", emails=("a@example.com",))
    bearer = make_bearer(customer, policy)
    assert (bearer.name, bearer.emails) == ("Magánszemély", ("a@example.com",))
    assert make_bearer(None, policy).name == "Magánszemély"
    assert make_bearer(make_customer(name="Kiss Béla"), policy).name == "Kiss Béla"


# === PRIVATE PERSONS === #


def test_a_walk_in_is_a_private_person_with_the_address_that_was_typed():
    buyer = walk_in()
    assert (buyer.name, buyer.postcode, buyer.city, buyer.street) == (
        "Magánszemély",
        "1061",
        "Budapest",
        "Andrássy út 1.",
    )
    assert buyer.tax_kind is TaxKind.PRIVATE


@pytest.mark.parametrize("field", ["postcode", "city", "street"])
def test_no_address_is_invented_for_a_walk_in(field):
    with pytest.raises(Problem) as caught:
        walk_in(**{f"walk_in_{field}": " "})
    assert caught.value == Problem(Code.WALK_IN_ADDRESS, COMPANY)


def test_a_walk_in_needs_no_address_where_the_service_keeps_no_partners():
    buyer = walk_in(walk_in_street="", needs_address=False)
    assert (buyer.city, buyer.street) == ("Budapest", "")


@pytest.mark.parametrize("name", ["", "  "])
def test_a_walk_in_always_has_a_name(name):
    assert walk_in(walk_in_name=name).name == "Magánszemély"


def test_a_customer_without_any_address_gets_the_default_one():
    buyer = buyer_of(postcode="", city="", street="", name="Név Csak")
    assert (buyer.name, buyer.city) == ("Név Csak", "Budapest")


def test_half_an_address_is_told_with_the_field_that_is_missing():
    assert problem_of(postcode="") == incomplete(Missing.POSTCODE)
    assert problem_of(city=" ", street="") == incomplete(Missing.CITY, Missing.STREET)


def test_a_customers_empty_address_stays_empty_where_it_may():
    policy = make_policy(needs_address=False)
    buyer = buyer_of(policy, postcode="", city="", street="")
    assert (buyer.postcode, buyer.city, buyer.street) == ("", "", "")


def test_a_name_of_spaces_is_no_name():
    assert problem_of(name="   ") == incomplete(Missing.NAME, buyer="   ")


@pytest.mark.parametrize("name", ["Őrült Űrhajós & Társa", "Zsófi 💇 <b>", "Á" * 200])
def test_names_with_accents_ampersands_emoji_and_200_characters_arrive(name):
    assert buyer_of(name=name).name == name


def test_email_and_phone_are_the_customers():
    buyer = buyer_of(emails=("bela@example.com",), phone="+36 1 555 0101")
    assert (buyer.emails, buyer.phone) == (("bela@example.com",), "+36 1 555 0101")


def test_a_slash_is_no_tax_number():
    """Odoo's own way to say that somebody is not subject to tax."""
    buyer = buyer_of(tax_number="/")
    assert (buyer.tax_kind, buyer.name) == (TaxKind.PRIVATE, "Kiss Béla")


@pytest.mark.parametrize("country", ["HU", ""])
def test_a_personal_tax_id_makes_nobody_a_business(country):
    buyer = buyer_of(tax_number="8123456789", country=country)
    assert buyer.tax_kind is TaxKind.PRIVATE
    assert "8123456789" not in str(buyer)


# === COMPANIES === #


def numbers(tax_number, country="HU", **customer):
    """Return tax kind and numbers of a company."""
    buyer = buyer_of(
        is_company=True, tax_number=tax_number, country=country, **customer
    )
    return (
        buyer.tax_kind.value,
        buyer.tax_number,
        buyer.eu_tax_number,
        buyer.group_tax_number,
    )


@pytest.mark.parametrize(
    ("typed", "tax_number", "eu_tax_number"),
    [
        (HUNGARIAN, HUNGARIAN, ""),
        ("13572464207", HUNGARIAN, ""),
        (" 13572464 2 07 ", HUNGARIAN, ""),
        ("HU13572464207", HUNGARIAN, "HU13572464"),
    ],
)
def test_a_hungarian_number_is_written_as_the_law_has_it(
    typed, tax_number, eu_tax_number
):
    assert numbers(typed) == ("hungarian", tax_number, eu_tax_number, "")


@pytest.mark.parametrize(
    "number",
    [
        "HU13572464",  # eight digits are no tax number for an invoice
        "13572465-2-07",  # a wrong check digit
        "8123456789",  # a person's tax id is not the number of a company
        "garbage",
    ],
)
def test_a_wrong_number_is_told_before_anything_is_sent(number):
    problem = problem_of(is_company=True, tax_number=number)
    assert problem == Problem(
        Code.TAX_NUMBER,
        PARTNER,
        buyer="Kiss Béla",
        number=number,
        form="12345678-1-42",
    )


@pytest.mark.parametrize(
    ("typed", "country", "eu_tax_number"),
    [
        ("DE136695976", "DE", "DE136695976"),
        ("136695976", "DE", "DE136695976"),
        ("EL094259216", "GR", "EL094259216"),
        ("094259216", "GR", "EL094259216"),
    ],
)
def test_a_company_of_the_union(typed, country, eu_tax_number):
    assert numbers(typed, country, postcode="10115") == ("eu", "", eu_tax_number, "")


@pytest.mark.parametrize("typed", ["", "/"])
def test_a_company_of_the_union_without_number_is_not_outside_it(typed):
    assert numbers(typed, "DE", postcode="10115") == ("eu", "", "", "")


@pytest.mark.parametrize(
    ("number", "country"), [("DE136695976", "DE"), ("EL094259216", "GR")]
)
def test_the_number_tells_the_country_that_nobody_typed(number, country):
    buyer = buyer_of(is_company=True, tax_number=number, country="")
    assert (buyer.tax_kind, buyer.country) == (TaxKind.EU, country)


def test_a_slash_is_on_no_invoice_of_a_company():
    assert numbers("/", "US", postcode="10001") == ("foreign", "", "", "")
    problem = problem_of(is_company=True, tax_number="/")
    assert problem == Problem(Code.BUSINESS_WITHOUT_NUMBER, PARTNER, buyer="Kiss Béla")


@pytest.mark.parametrize(
    ("number", "country", "form"),
    [("DE136695977", "DE", "DE..."), ("094259217", "GR", "EL...")],
)
def test_a_wrong_number_of_the_union_is_told(number, country, form):
    problem = problem_of(is_company=True, tax_number=number, country=country)
    assert problem == Problem(
        Code.TAX_NUMBER, PARTNER, buyer="Kiss Béla", number=number, form=form
    )


def test_a_company_from_outside_the_union():
    number = "CHE-123.456.788 TVA"
    assert numbers(number, "CH", postcode="8001")[:2] == (
        "foreign",
        "CHE-123456788TVA",
    )


def test_a_vat_group_is_told_beside_its_member():
    assert numbers(HUNGARIAN, group_tax_number="12345676-5-42") == (
        "hungarian",
        HUNGARIAN,
        "",
        "12345676-5-42",
    )


def test_a_sole_trader_has_a_tax_number_and_no_company():
    buyer = buyer_of(tax_number=HUNGARIAN, name="Nagy Anna e.v.")
    assert (buyer.tax_kind, buyer.name) == (TaxKind.HUNGARIAN, "Nagy Anna e.v.")


def test_who_comes_for_a_company_is_billed_as_the_company():
    buyer = buyer_of(
        is_company=True,
        tax_number=HUNGARIAN,
        person=43,
        person_name="Beszerző Béla",
        name="Cég Kft.",
    )
    assert buyer.name == "Cég Kft."


def test_a_company_needs_its_address():
    problem = problem_of(is_company=True, tax_number=HUNGARIAN, street="")
    assert problem == incomplete(Missing.STREET)


def test_a_company_needs_its_address_at_every_service():
    policy = make_policy(needs_address=False)
    problem = problem_of(policy, is_company=True, tax_number=HUNGARIAN, street="")
    assert problem == incomplete(Missing.STREET)


def test_a_company_needs_a_name():
    problem = problem_of(is_company=True, tax_number=HUNGARIAN, name=" ")
    assert problem == incomplete(Missing.NAME, buyer=" ")


@pytest.mark.parametrize("postcode", ["x", "6720!", "1234567890123", "űű"])
def test_a_company_needs_a_postcode_that_nav_takes(postcode):
    problem = problem_of(is_company=True, tax_number=HUNGARIAN, postcode=postcode)
    assert problem == incomplete(Missing.VALID_POSTCODE)


# === DECISIONS === #

REFUSING = {"accepts_business": False}
TRADER = {"is_company": True, "tax_number": HUNGARIAN, "name": "Teszt Bt."}


def test_a_company_waits_where_business_clients_are_not_accepted():
    problem = problem_of(make_policy(**REFUSING), **TRADER)
    assert problem == Problem(Code.BUSINESS_NOT_ACCEPTED, PARTNER, buyer="Teszt Bt.")


def test_it_may_be_issued_with_the_companys_data():
    buyer = buyer_of(make_policy(**REFUSING), BuyerChoice.COMPANY, **TRADER)
    assert buyer.tax_number == HUNGARIAN


def test_it_may_be_issued_as_for_a_private_person():
    buyer = buyer_of(make_policy(**REFUSING), BuyerChoice.PRIVATE, **TRADER)
    assert (buyer.name, buyer.tax_number) == ("Magánszemély", "")


def test_the_person_who_came_for_the_company_is_the_private_one():
    buyer = buyer_of(
        make_policy(**REFUSING),
        BuyerChoice.PRIVATE,
        **TRADER,
        person=43,
        person_name="Kis Ida",
    )
    assert (buyer.name, buyer.tax_number) == ("Kis Ida", "")


def test_a_sole_trader_may_be_billed_as_the_person():
    customer = {**TRADER, "is_company": False}
    buyer = buyer_of(make_policy(**REFUSING), BuyerChoice.PRIVATE, **customer)
    assert (buyer.name, buyer.tax_number) == ("Teszt Bt.", "")


def test_an_association_without_tax_number_is_no_dead_end():
    customer = {"is_company": True, "name": "Egyesület"}
    assert problem_of(**customer).code is Code.BUSINESS_WITHOUT_NUMBER
    buyer = buyer_of(None, BuyerChoice.COMPANY, **customer)
    assert (buyer.name, buyer.tax_kind) == ("Egyesület", TaxKind.PRIVATE)


def test_a_decision_may_be_the_text_that_is_stored():
    assert buyer_of(make_policy(**REFUSING), "company", **TRADER).tax_number


@pytest.mark.parametrize(
    ("customer", "choice", "partner"),
    [
        ({}, None, 42),
        ({"is_company": True}, None, 42),
        ({"is_company": True}, BuyerChoice.COMPANY, 42),
        ({"is_company": True}, BuyerChoice.PRIVATE, None),
        ({"is_company": True, "person": 43}, BuyerChoice.PRIVATE, 43),
        ({"tax_number": HUNGARIAN}, BuyerChoice.PRIVATE, 42),
    ],
)
def test_the_partner_who_is_billed(customer, choice, partner):
    assert billed_partner(make_customer(**customer), choice) == partner


def test_nobody_is_billed_for_a_walk_in():
    assert billed_partner(None) is None


@pytest.mark.parametrize(
    ("customer", "business"),
    [
        ({}, False),
        ({"is_company": True}, True),
        ({"tax_number": HUNGARIAN}, True),
        ({"tax_number": "/"}, False),
        ({"tax_number": "8123456789"}, False),
        ({"tax_number": "HU8123456789"}, False),
        ({"tax_number": "8123456789", "country": "DE"}, True),
        ({"tax_number": "8123456789", "is_company": True}, True),
    ],
)
def test_who_is_a_business(customer, business):
    assert is_business(make_customer(**customer)) is business


# === ANYBODY === #

texts = st.sampled_from(["", " ", "Kiss Béla", "6720", "H-6720", "13572464-2-07"])


@examples(150)
@given(
    st.fixed_dictionaries(
        {name: texts for name in ("name", "person_name", "postcode", "city", "street")}
    ),
    st.sampled_from(["", "/", HUNGARIAN, "HU13572464207", "DE136695976", "x", "81"]),
    st.sampled_from(["", "HU", "DE", "GR", "US"]),
    st.booleans(),
    st.sampled_from([None, 43]),
    st.sampled_from([None, *BuyerChoice]),
    st.booleans(),
)
def test_anybody_is_a_buyer_or_a_problem_with_a_place(
    typed, number, country, is_company, person, choice, needs_address
):
    """Nothing that a person may have typed is a crash, or a company without number."""
    customer = make_customer(
        **typed,
        tax_number=number,
        country=country,
        is_company=is_company,
        person=person,
    )
    policy = make_policy(needs_address=needs_address)
    try:
        buyer = make_buyer(customer, policy, choice)
    except Problem as problem:
        assert problem.where in (PARTNER, COMPANY)
        return
    assert buyer.name == buyer.name.strip()
    if needs_address:
        assert buyer.postcode and buyer.city and buyer.street
    if choice == BuyerChoice.PRIVATE:
        assert not (buyer.tax_number or buyer.eu_tax_number)
    if buyer.tax_kind is TaxKind.HUNGARIAN:
        assert len(buyer.tax_number) == len(HUNGARIAN)
