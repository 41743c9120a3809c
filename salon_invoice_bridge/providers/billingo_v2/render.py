"""The requests of Billingo's API v2: pure, byte-stable, without credentials.

:func:`invoice_request` and :func:`client_request` say what the strategy needs;
:func:`item`, :func:`product_item` and :func:`document_request` offer everything that
the interface documents, also what no sale in the till needs (net prices, stored
products, rounding).
"""

import re

from ...billing.errors import Reason, Rejected
from ...billing.invoice import PaymentKind, TaxKind
from ...billing.tax_number import format_hungarian
from .. import pricing, wire
from ..billingo import tables as billingo_tables
from .parse import TYPES
from .tables import (
    COUNTRIES,
    ENTITLEMENTS,
    PAYMENT_METHODS,
    ROUND_TO,
    TAX_TYPES,
    vat_word,
)

#: What a client may hold besides what we know of it: kept when it is replaced.
CLIENT_EXTRAS = ("bank", "fokonyv_szam", "type", "defaults")
#: "Fő utca 12/A" -> name, type, house number: what the service compares clients by.
_STREET = re.compile(
    r"(?P<name>.+?)\s+"
    r"(?P<type>utca|u\.|út|útja|tér|tere|körút|krt\.|köz|sétány|sor|fasor|rakpart|park"
    r"|lépcső|liget|dűlő|lakótelep|lakópark|telep|sugárút)\s+"
    r"(?P<number>\d.*)",
    re.IGNORECASE,
)


def item(
    description,
    vat_id,
    qty,
    unit,
    *,
    net_unit_price=None,
    gross_unit_price=None,
    item_comment="",
    entitlement="",
):
    """Return an item priced by net **or** by gross (Decimals, document currency).

    With a gross price the service works out the net unit price from the VAT id.

    :param int vat_id: of ``GET /vat``
    :raises Rejected: unless exactly one of the two prices is given
    """
    if (net_unit_price is None) == (gross_unit_price is None):
        raise Rejected(f"Item {description!r} needs a net or a gross price, not both")
    values = {"description": description, "vat_id": vat_id, "qty": qty}
    if net_unit_price is not None:
        values["net_unit_price"] = net_unit_price
    else:
        values["gross_unit_price"] = gross_unit_price
    values["unit"] = unit
    if item_comment:
        values["item_comment"] = item_comment
    if entitlement:
        values["entitlement"] = entitlement
    return values


def product_item(product_uid, qty):
    """Return an item whose name, price and VAT the service takes from its product."""
    return {"product_uid": _number(product_uid, "product"), "qty": qty}


def document_request(
    items,
    *,
    type_,
    client_uid,
    fulfillment_date,
    due_date,
    payment_method,
    currency="HUF",
    language="hu",
    electronic=False,
    comment="",
    exchange_rate=None,
    block_uid="",
    round_to=0,
    bank_account_uid="",
) -> bytes:
    """Return the body of ``POST /invoices``.

    :param items: of :func:`item` and :func:`product_item`
    :param int type_: 0 draft, 1 proforma, 3 invoice
    :param int payment_method: see the tables
    :param exchange_rate: Decimal, HUF for one unit; the service fetches the daily rate
        if it is None
    :param str block_uid: "" for the account's default block
    :param int round_to: 0 (not at all), 1, 5 or 10: what the total is rounded to
    :raises Rejected: if the interface has no such value
    """
    if type_ not in TYPES.values():
        raise Rejected(f"Billingo v2 issues no document of type {type_}")
    if round_to not in ROUND_TO:
        raise Rejected(f"Billingo v2 cannot round to {round_to}")
    values = {
        "fulfillment_date": fulfillment_date.isoformat(),
        "due_date": due_date.isoformat(),
        "payment_method": payment_method,
        "comment": comment,
        "template_lang_code": billingo_tables.language(language),
        "electronic_invoice": int(electronic),
        "currency": currency,
    }
    if exchange_rate is not None:
        values["exchange_rate"] = exchange_rate
    values["client_uid"] = _number(client_uid, "client")
    values["block_uid"] = _number(block_uid, "block") if block_uid else 0
    values["type"] = type_
    values["round_to"] = round_to
    if bank_account_uid:
        values["bank_account_uid"] = _number(bank_account_uid, "bank account")
    values["items"] = list(items)
    return wire.dumps(values)


def invoice_request(invoice, other_payment_method) -> bytes:
    """Return the request that issues ``invoice``.

    :raises Rejected: if the interface has no word for something that it says
    """
    if invoice.kind not in TYPES:
        raise Rejected(
            f"Billingo v2 has no {invoice.kind.value}", reason=Reason.UNSUPPORTED
        )
    foreign = invoice.currency != "HUF"
    return document_request(
        [entry for line in invoice.lines for entry in _line_items(line, invoice)],
        type_=TYPES[invoice.kind],
        client_uid=invoice.partner_id,
        fulfillment_date=invoice.fulfillment_date,
        due_date=invoice.due_date,
        payment_method=payment_method(invoice.payment_kind, other_payment_method),
        currency=invoice.currency,
        language=invoice.language,
        electronic=invoice.electronic,
        comment=comment(invoice),
        exchange_rate=invoice.exchange_rate if foreign else None,
        block_uid=invoice.block,
        bank_account_uid=invoice.bank_account.id if invoice.bank_account else "",
    )


def _line_items(line, invoice):
    return [
        item(
            name,
            vat_word(line.vat),
            quantity,
            line.unit.strip() or "db",
            gross_unit_price=price,
            item_comment="" if index else line.comment,
            entitlement=ENTITLEMENTS.get(line.vat, ""),
        )
        for index, (name, quantity, price) in enumerate(pricing.parts(line, invoice))
    ]


def payment_method(kind, other):
    """Return the id of a :class:`PaymentKind`; ``other`` is the id for OTHER."""
    return other if kind is PaymentKind.OTHER else PAYMENT_METHODS[kind]


def marker(invoice):
    """Return what marks a document as ours: the interface has no field for a key."""
    return f"[{invoice.external_key}]"


def signature(invoice):
    """Return the last line of the comment: the sale's number and the marker."""
    return f"{invoice.order_number} {marker(invoice)}".strip()


def comment(invoice):
    """Return the comment that is printed: the salon's own, then the signature."""
    lines = [invoice.comment.strip()]
    if invoice.buyer.group_tax_number:
        lines.append(f"Csoportazonosító szám: {invoice.buyer.group_tax_number}")
    lines.append(signature(invoice))
    return "\n".join(line for line in lines if line)


def client_request(buyer, *, force=False, known=None) -> bytes:
    """Return the body of ``POST /clients`` and ``PUT /clients/{id}``.

    Without ``force`` the service returns the client that has the same name, tax number
    and address, if there is one, as it is.  A PUT replaces all that is kept, so what
    the salon's bookkeeper added at Billingo is carried over.

    :param dict known: the attributes of the client as the service answered them
    :raises Rejected: if the address is not complete, its country has no name in the
        table, or a Hungarian tax number is invalid
    """
    parts = {name: getattr(buyer, name) for name in ("postcode", "city", "street")}
    missing = {name: "required" for name in parts if not parts[name].strip()}
    if missing:
        raise Rejected("The buyer's address is not complete", fields=missing)
    if buyer.country not in COUNTRIES:
        raise Rejected(f"No name is known for the country {buyer.country!r}")
    street = _STREET.fullmatch(buyer.street.strip())
    address = {
        "street_name": street["name"] if street else buyer.street.strip(),
        "street_type": street["type"] if street else "",
        "house_nr": street["number"] if street else "",
        "block": "",
        "entrance": "",
        "floor": "",
        "door": "",
        "city": buyer.city.strip(),
        "postcode": buyer.postcode.strip(),
        "district": "",
        "country": COUNTRIES[buyer.country],
    }
    known = known or {}
    extras = {name: known[name] for name in CLIENT_EXTRAS if known.get(name)}
    return wire.dumps(
        {
            "name": buyer.name.strip(),
            "email": buyer.emails[0] if buyer.emails else "",
            "taxcode": _tax_code(buyer),
            "force": force,
            "billing_address": address,
            "phone": buyer.phone,
            "tax_type": TAX_TYPES[buyer.tax_kind],
            **extras,
        }
    )


def _tax_code(buyer):
    if buyer.tax_kind is TaxKind.PRIVATE:
        return ""
    if buyer.tax_kind is TaxKind.HUNGARIAN:
        return format_hungarian(buyer.tax_number)
    return buyer.eu_tax_number or buyer.tax_number


def _number(value, what):
    """Return an id as the integer that the interface wants."""
    text = str(value)
    if not (text.isascii() and text.isdecimal() and len(text) <= 20):
        raise Rejected(f"{text!r} is not the id of a {what} at Billingo")
    return int(text)
