"""How Billingo v2 keeps the buyers: one client for each, and what was added to it."""

from dataclasses import replace

import pytest

from salon_invoice_bridge.billing.errors import Rejected
from salon_invoice_bridge.billing.invoice import Buyer, TaxKind

from .case import BUYER


def test_a_buyer_is_kept_once_however_often_it_is_synced(provider):
    first = provider.sync_buyer(BUYER)
    assert provider.sync_buyer(BUYER) == first
    assert provider.sync_buyer(BUYER, first) == first


def test_a_buyer_who_moved_is_updated(provider):
    partner = provider.sync_buyer(BUYER)
    moved = Buyer(name=BUYER.name, postcode="9400", city="Sopron", street="Új út 3")
    assert provider.sync_buyer(moved, partner) == partner
    address = provider.api.client(partner)[1]["billing_address"]
    assert address["city"] == "Sopron"
    assert address["street_name"] == "Új"
    assert address["street_type"] == "út"
    assert address["house_nr"] == "3"


def test_what_the_bookkeeper_added_survives_an_update(sandbox, provider):
    partner = provider.sync_buyer(BUYER)
    added = {
        "bank": {
            "iban": "HU42117730161111101800000000",
            "swift": "MINTHUHB",
            "account_no": "11111111-22222222-33333333",
        },
        "fokonyv_szam": "311",
        "type": "1",
        "defaults": {"payment_method": "2", "invoice_due_days": "8"},
    }
    clients = sandbox.world.emulator("billingo_v2").state["clients"]
    clients[partner]["attributes"].update(added)
    moved = replace(BUYER, phone="+36 1 555 0101")
    assert provider.sync_buyer(moved, partner) == partner
    kept = provider.api.client(partner)[1]
    assert kept["phone"] == "+36 1 555 0101"
    assert {name: kept[name] for name in added} == added


def test_a_namesake_can_be_made_on_purpose(provider):
    first = provider.sync_buyer(BUYER)
    assert provider.sync_buyer(BUYER, force_new=True) != first


def test_a_buyer_deleted_at_billingo_is_made_anew(provider):
    partner = provider.sync_buyer(BUYER)
    provider.api._call("DELETE", f"/clients/{partner}")
    again = provider.sync_buyer(BUYER, partner)
    assert again != partner
    assert provider.api.client(again)[1]["name"] == BUYER.name


def test_namesakes_with_other_addresses_of_e_mail_are_kept_apart(provider):
    first = provider.sync_buyer(BUYER)
    fields = {**BUYER.__dict__, "emails": ("other@example.com",)}
    second = provider.sync_buyer(Buyer(**fields))
    assert first != second
    assert provider.api.client(first)[1]["email"] == "ors@example.com"
    assert provider.api.client(second)[1]["email"] == "other@example.com"


def test_a_company_carries_its_tax_number_in_the_legal_form(provider):
    fields = {**BUYER.__dict__, "tax_kind": TaxKind.HUNGARIAN}
    company = Buyer(**{**fields, "tax_number": "12345676142"})
    attributes = provider.api.client(provider.sync_buyer(company))[1]
    assert attributes["taxcode"] == "12345676-1-42"
    assert attributes["tax_type"] == "HAS_TAX_NUMBER"
    with pytest.raises(Rejected, match="12345677"):
        provider.sync_buyer(Buyer(**{**fields, "tax_number": "12345677-1-42"}))


def test_a_buyer_without_full_address_is_refused_before_anything_is_sent(
    sandbox, provider
):
    with pytest.raises(Rejected) as refusal:
        provider.sync_buyer(Buyer(name="Vendég"))
    assert set(refusal.value.fields) == {"postcode", "city", "street"}
    assert not sandbox.calls()
