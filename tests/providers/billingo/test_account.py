"""What connecting to Billingo tells, and how buyers are kept there."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from salon_invoice_bridge.billing.errors import (
    AccountProblem,
    NotProcessed,
    Reason,
    Rejected,
)
from salon_invoice_bridge.billing.invoice import TaxKind, TaxpayerAddress

from .cases import COMPANY, DAY, GUEST


def test_connecting_tells_the_company_its_plan_blocks_and_bank_accounts(billingo):
    info = billingo.verify()
    assert info.fingerprint == "billingo:12345676-1-42"
    assert info.tax_number == "12345676-1-42"
    assert info.subscription_until.isoformat() == "2099-12-31"
    assert "subscription_basic" in info.features
    assert [(block.id, block.prefix) for block in info.blocks] == [("11", "SZ")]
    assert [(bank.id, bank.currency) for bank in info.bank_accounts] == [
        ("21", "HUF"),
        ("22", "EUR"),
    ]
    assert info.nav_connected is True


def test_what_the_service_does_not_tell_is_not_guessed(billingo):
    info = billingo.verify()
    assert (info.name, info.can_write, info.sandbox) == ("", None, None)


@pytest.mark.parametrize("required", [True, False])
def test_connecting_changes_nothing_at_the_service(
    billingo, sandbox, account, required
):
    """By the published schema even an empty partner is a partner."""
    account["partner_required"] = required
    billingo.verify()
    calls = sandbox.world.ledger()["calls"]
    assert {call["method"] for call in calls} == {"GET"}
    assert not sandbox.world.emulator("billingo").state["partners"]


def test_a_plan_without_api_is_found_out_when_connecting(billingo, account):
    account["subscribed"] = False
    with pytest.raises(AccountProblem) as caught:
        billingo.verify()
    assert caught.value.reason is Reason.SUBSCRIPTION


def test_more_blocks_than_fit_on_a_page_are_all_offered(billingo, account):
    account["blocks"] = [
        {"id": number, "name": f"B{number}", "prefix": "", "type": "invoice"}
        for number in range(1, 251)
    ]
    assert len(billingo.verify().blocks) == 250


# === BUYERS === #


def partners(sandbox):
    """Return the partners that the emulator holds."""
    return list(sandbox.world.emulator("billingo").state["partners"].values())


def test_a_buyer_is_created_once_and_reused(billingo, sandbox):
    first = billingo.sync_buyer(GUEST)
    assert billingo.sync_buyer(GUEST, first) == first
    assert len(partners(sandbox)) == 1
    puts = [c for c in sandbox.world.ledger()["calls"] if c["method"] == "PUT"]
    assert not puts, "nothing had changed"


def test_an_empty_field_is_the_same_however_the_service_says_it(billingo, sandbox):
    buyer = replace(GUEST, emails=())
    partner_id = billingo.sync_buyer(buyer)
    assert billingo._partner(partner_id)["group_member_tax_number"] is None
    (partner,) = partners(sandbox)
    del partner["emails"]
    assert billingo.sync_buyer(buyer, partner_id) == partner_id
    assert billingo.find_buyer(buyer) == partner_id
    puts = [c for c in sandbox.world.ledger()["calls"] if c["method"] == "PUT"]
    assert not puts, "nothing had changed"


def test_what_the_bookkeeper_added_survives_an_update(billingo, sandbox):
    partner_id = billingo.sync_buyer(GUEST)
    (partner,) = partners(sandbox)
    partner.update(iban="HU42117730161111101800000000", internal_comment="VIP")
    billingo.sync_buyer(replace(GUEST, phone="+36 1 555 0101"), partner_id)
    (partner,) = partners(sandbox)
    assert partner["phone"] == "+36 1 555 0101"
    assert partner["iban"] == "HU42117730161111101800000000"
    assert partner["internal_comment"] == "VIP"


def test_a_deleted_partner_is_made_anew(billingo, sandbox):
    partner_id = billingo.sync_buyer(GUEST)
    sandbox.world.emulator("billingo").state["partners"].clear()
    assert billingo.sync_buyer(GUEST, partner_id) != partner_id
    assert len(partners(sandbox)) == 1


def test_a_partner_of_another_account_is_not_touched(billingo, sandbox):
    partner_id = billingo.sync_buyer(GUEST)
    (partner,) = partners(sandbox)
    partner["account"] = "billingo-1"
    assert billingo.sync_buyer(replace(GUEST, name="Más"), partner_id) != partner_id
    assert partner["name"] == GUEST.name


def test_the_last_partner_who_is_exactly_the_buyer_is_found(billingo, sandbox):
    assert billingo.find_buyer(GUEST) == ""
    billingo.sync_buyer(GUEST)
    last = billingo.sync_buyer(GUEST)
    billingo.sync_buyer(replace(GUEST, phone="+36 1 555 0101"))
    billingo.sync_buyer(replace(GUEST, name=f"{GUEST.name} Junior"))
    assert billingo.find_buyer(GUEST) == last
    assert billingo.find_buyer(replace(GUEST, street="Másik utca 2.")) == ""


def test_a_read_only_key_is_named_when_a_buyer_is_synced(billingo, account):
    account["read_only"] = True
    with pytest.raises(AccountProblem) as caught:
        billingo.sync_buyer(GUEST)
    assert caught.value.reason is Reason.READ_ONLY


@pytest.mark.parametrize("field", ["postcode", "city", "street"])
def test_an_incomplete_address_is_rejected_before_it_is_sent(billingo, sandbox, field):
    with pytest.raises(Rejected) as caught:
        billingo.sync_buyer(replace(GUEST, **{field: " "}))
    assert len(caught.value.fields) == 1
    assert not partners(sandbox)


@pytest.mark.parametrize(
    ("changes", "tax_type", "tax_code", "member"),
    [
        ({}, "NO_TAX_NUMBER", "", ""),
        (
            {"tax_kind": TaxKind.HUNGARIAN, "tax_number": "12345676242"},
            "HAS_TAX_NUMBER",
            "12345676-2-42",
            "",
        ),
        (
            {
                "tax_kind": TaxKind.HUNGARIAN,
                "tax_number": "12345676-4-42",
                "group_tax_number": "11111111-5-42",
            },
            "HAS_TAX_NUMBER",
            "11111111-5-42",
            "12345676-4-42",
        ),
        (
            {"tax_kind": TaxKind.EU, "eu_tax_number": "ATU12345675", "country": "AT"},
            "FOREIGN",
            "ATU12345675",
            "",
        ),
        (
            {"tax_kind": TaxKind.FOREIGN, "tax_number": "98-765", "country": "US"},
            "FOREIGN",
            "98-765",
            "",
        ),
    ],
)
def test_tax_numbers_go_where_the_service_keeps_them(
    billingo, sandbox, changes, tax_type, tax_code, member
):
    billingo.sync_buyer(replace(GUEST, **changes))
    (partner,) = partners(sandbox)
    assert (partner["tax_type"], partner["taxcode"]) == (tax_type, tax_code)
    assert partner["group_member_tax_number"] == member


def test_a_mistyped_tax_number_is_rejected_before_it_is_sent(billingo, sandbox):
    with pytest.raises(Rejected):
        billingo.sync_buyer(replace(COMPANY, tax_number="12345678-1-42"))
    assert not partners(sandbox)


# === RATES AND TAXPAYERS === #


def test_the_rate_of_a_currency_is_exact(billingo):
    assert billingo.exchange_rate("EUR", DAY) == Decimal("402.15")
    assert billingo.exchange_rate("HUF", DAY) == 1


def test_without_a_rate_there_is_no_guess(billingo, account):
    account["rates"] = {}
    with pytest.raises(NotProcessed) as caught:
        billingo.exchange_rate("EUR", DAY)
    assert caught.value.reason is Reason.NOT_READY


def test_a_rate_of_zero_is_no_rate(billingo, account):
    account["rates"] = {"EUR": 0}
    with pytest.raises(NotProcessed):
        billingo.exchange_rate("EUR", DAY)


def test_a_taxpayer_is_named_with_its_address(billingo):
    taxpayer = billingo.check_taxpayer("12345676-2-42")
    assert taxpayer.valid is True
    assert taxpayer.name == "PÉLDA VEVŐ KFT."
    assert taxpayer.tax_number == "12345676-2-42"
    assert taxpayer.addresses == (
        TaxpayerAddress(
            kind="HQ",
            country="HU",
            postcode="1051",
            city="Budapest",
            street="Példa utca 1.",
        ),
    )


def test_nothing_is_said_of_what_billingo_does_not_tell(billingo):
    member = billingo.check_taxpayer("22334457-4-43")
    assert (member.name, member.group_number) == ("CSOPORTTAG ZRT.", "")
    assert member.organization is True  # by its name
    trader = billingo.check_taxpayer("55667780-1-33")
    assert (trader.name, trader.organization) == ("PRÓBA PIROSKA", None)


@pytest.mark.parametrize(
    ("number", "detail"),
    [("99999999-2-42", "non_exist_tax_number"), ("66778891-2-42", "validation_ok")],
)
def test_a_taxpayer_may_have_no_data(billingo, number, detail):
    taxpayer = billingo.check_taxpayer(number)
    assert (taxpayer.name, taxpayer.addresses) == ("", ())
    assert (taxpayer.valid, taxpayer.detail) == (detail == "validation_ok", detail)
    assert taxpayer.headquarters == TaxpayerAddress()


@pytest.mark.parametrize(
    ("told", "believed"),
    [("12345676-2-42", True), ("12345676242", True), ("11112222-2-41", False)],
)
def test_an_answer_about_another_number_is_none(billingo, sandbox, told, believed):
    body = json.dumps({"tax_number": told, "result": "validation_ok"})
    sandbox.world.faults.add({"kind": "garbage", "body": body})
    if believed:
        assert billingo.check_taxpayer("12345676-2-42").valid is True
    else:
        with pytest.raises(NotProcessed):
            billingo.check_taxpayer("12345676-2-42")


@pytest.mark.parametrize(
    ("option", "detail"),
    [
        ("nav_connected", "no_online_szamla_settings"),
        ("nav_reachable", "external_nav_service_unreachable"),
    ],
)
def test_a_nav_that_cannot_be_asked_says_nothing(billingo, account, option, detail):
    account[option] = False
    taxpayer = billingo.check_taxpayer("12345676-2-42")
    assert (taxpayer.valid, taxpayer.detail) == (None, detail)
