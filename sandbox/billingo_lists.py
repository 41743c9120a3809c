"""Billingo v3: organization, blocks, bank accounts, partners, rates, tax numbers."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from .billingo_tables import CURRENCIES, PARTNER, PUBLISHED_PARTNER
from .billingo_wire import Refusal, answer, body, invalid
from .taxpayers import address

BUDAPEST = ZoneInfo("Europe/Budapest")


class Lists:
    """Operations on what an account has besides documents."""

    def __init__(self, emulator):
        self.emulator = emulator

    def organization(self, account, _request):
        """GET /organization: no name and no address, by design of the service."""
        return answer(
            {
                "tax_code": account["tax_code"],
                "subscription": {
                    "expiration_date": account["expires"],
                    "features": account["features"],
                },
                "has_nav_connection": account["nav_connected"],
            }
        )

    def time(self, _account, _request):
        """GET /utils/time"""
        now = datetime.fromtimestamp(self.emulator.world.now(), BUDAPEST)
        return answer(
            {
                "epoch": int(now.timestamp()),
                "formatted": now.strftime("%Y-%m-%d %H:%M:%S"),
                "w3c": now.isoformat(timespec="seconds"),
                "timezone": "Europe/Budapest",
            }
        )

    def check_tax_number(self, account, _request, number):
        """GET /utils/check-tax-number/{tax_number}: 99999999 does not exist."""
        result, known = self._check_tax_number(account, number), {}
        if result == "validation_ok":
            known = account["taxpayers"].get(number[:8], _ANYBODY)
        places = known.get("addresses")
        return answer(
            {
                "tax_number": number,
                "result": result,
                "taxpayer_name": known.get("name"),
                "taxpayer_short_name": known.get("short_name"),
                "addresses": [_taxpayer_address(p) for p in places] if places else None,
            }
        )

    def _check_tax_number(self, account, number):
        """Return the word of ``CheckTaxNumberMessage``."""
        if not account["nav_connected"]:
            return "no_online_szamla_settings"
        if not re.fullmatch(r"\d{8}-[1-5]-\d\d", number) or not _check_digit(number):
            return "invalid_tax_number"
        if not account["nav_reachable"]:
            return "external_nav_service_unreachable"
        if number.startswith("99999999"):
            return "non_exist_tax_number"
        return "validation_ok"

    def currencies(self, account, request):
        """GET /currencies?from=EUR&to=HUF[&date=]"""
        source, target = request.args.get("from"), request.args.get("to")
        for name, value in (("from", source), ("to", target)):
            if value not in CURRENCIES:
                raise invalid(name, f"The selected {name} is invalid.")
        rate = account["rates"].get(source)
        if target != "HUF" or rate is None:
            raise invalid("to", "There is no exchange rate.")
        return answer(
            {
                "from_currency": source,
                "to_currency": target,
                "conversation_rate": rate,
                "date": request.args.get("date") or self.today(),
            }
        )

    def today(self):
        """Return the date in Budapest, ISO."""
        now = datetime.fromtimestamp(self.emulator.world.now(), BUDAPEST)
        return now.date().isoformat()

    def blocks(self, account, request):
        """GET /document-blocks"""
        wanted = request.args.get("type")
        blocks = [
            {"custom_field1": "", "custom_field2": "", **block}
            for block in account["blocks"]
            if wanted in (None, block["type"])
        ]
        return page(request, blocks)

    def bank_accounts(self, account, request):
        """GET /bank-accounts"""
        accounts = [{"need_qr": False, **bank} for bank in account["bank_accounts"]]
        return page(request, accounts)

    # === PARTNERS === #

    def partners(self, account, request):
        """GET /partners?query="""
        query = request.args.get("query", "").lower()
        found = [
            _public(partner)
            for partner in self.emulator.state["partners"].values()
            if partner["account"] == account["id"]
            and query in partner.get("name", "").lower()
        ]
        return page(request, found)

    def create_partner(self, account, request):
        """POST /partners: never looks whether there is one already."""
        strict = account["partner_required"]
        data = body(request, PARTNER if strict else PUBLISHED_PARTNER)
        partner_id = self.emulator.next_id()
        partner = {**data, "id": partner_id, "account": account["id"]}
        self.emulator.state["partners"][str(partner_id)] = partner
        return answer(_public(partner), 201)

    def partner(self, account, _request, partner_id):
        """GET /partners/{id}"""
        return answer(_public(self.find_partner(account, partner_id)))

    def replace_partner(self, account, request, partner_id):
        """PUT /partners/{id}: a full replacement."""
        partner = self.find_partner(account, partner_id)
        data = body(request, PARTNER)
        kept = {name: partner[name] for name in ("id", "account")}
        partner.clear()
        partner.update(data, **kept)
        return answer(_public(partner))

    def delete_partner(self, account, _request, partner_id):
        """DELETE /partners/{id}"""
        self.find_partner(account, partner_id)
        del self.emulator.state["partners"][str(partner_id)]
        return answer(None, 204)

    def find_partner(self, account, partner_id):
        """Return a partner of ``account``; 404, or 403 if it is another account's."""
        partner = self.emulator.state["partners"].get(str(int(partner_id)))
        return own(account, partner)


def own(account, thing):
    """Return ``thing`` if it is there and belongs to ``account``; else refuse."""
    if thing is None:
        raise Refusal(404, "Non-existent resource is requested.")
    if thing["account"] != account["id"]:
        raise Refusal(403, "Authenticated user doesn't have access to the resource.")
    return thing


def page(request, things):
    """Return one page of ``things`` in the service's envelope."""
    number = _whole(request, "page", 1, 1, 10**9)
    size = _whole(request, "per_page", 25, 1, 100)
    last = max(1, -(-len(things) // size))

    def link(target):
        return f"{request.base_url}?page={target}" if 1 <= target <= last else None

    data = {
        "data": things[(number - 1) * size : number * size],
        "total": len(things),
        "per_page": size,
        "current_page": number,
        "last_page": last,
        "prev_page_url": link(number - 1),
        "next_page_url": link(number + 1),
    }
    return answer({name: value for name, value in data.items() if value is not None})


def _whole(request, name, default, least, most):
    text = request.args.get(name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise invalid(name, f"The {name} must be between {least} and {most}.")
    return int(text)


def _public(partner):
    shown = {name: value for name, value in partner.items() if name != "account"}
    # The one text of a partner that the contract lets be null: an empty one is.
    shown["group_member_tax_number"] = shown.get("group_member_tax_number") or None
    return shown


#: Who has any number that the account does not know.
_ANYBODY = {
    "name": "PÉLDA VEVŐ KFT.",
    "addresses": [address("HQ", "1051", "BUDAPEST", "PÉLDA", "UTCA", number="1")],
}


def _check_digit(number):
    """Say whether the eighth digit of a tax number is right."""
    weighed = zip(number[:7], (9, 7, 3, 1, 9, 7, 3), strict=True)
    total = sum(int(digit) * weight for digit, weight in weighed)
    return int(number[7]) == -total % 10


def _taxpayer_address(place):
    """Return an address of :mod:`.taxpayers` as a ``TaxpayerAddress``."""
    optional = ("number", "building", "staircase", "floor", "door")
    return {
        "type": place["kind"],
        "country_code": place["country"],
        "region": place.get("region"),
        "postal_code": place["postcode"],
        "city": place["city"],
        "street_name": place["street"],
        "public_place_category": place["category"],
        **{name: place.get(name) for name in optional},
        "lot_number": place.get("lot"),
    }
