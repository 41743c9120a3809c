"""Billingo v3: what a document looks like.

A *paper* is what the emulator keeps of a document: the answer's ``document`` and what
the answer does not show (vendor id, request, payments, moments).
"""

from decimal import Decimal

from . import billingo_amounts
from .billingo_tables import PAID_AT_ONCE, RECEIPT_VAT
from .billingo_wire import plain

#: Types that the tax authority hears nothing of.
UNREPORTED = {"draft", "proforma"}
#: Type -> that of its storno. A receipt's is read from the enumeration.
STORNOS = {
    "invoice": "cancellation",
    "advance": "cancellation",
    "receipt": "receipt_cancellation",
}


def document(account, data, partner, bank, today):
    """Return the answer's document for a request, without its id and number."""
    lines = billingo_amounts.items(data)
    settings = {
        "mediated_service": False,
        "without_financial_fulfillment": False,
        "online_payment": "",
        "should_send_email": False,
        "round": "none",
        "order_number": "",
        "place_id": None,
        "instant_payment": True,
        "selected_type": None,
        **data.get("settings", {}),
    }
    rate = plain(Decimal(data.get("conversion_rate", 1)))
    return {
        "id": 0,
        "invoice_number": "",
        "type": data["type"],
        "cancelled": False,
        "block_id": data["block_id"],
        "payment_status": "none",
        "payment_method": data["payment_method"],
        "gross_total": billingo_amounts.total(lines, settings["round"]),
        "currency": data["currency"],
        "conversion_rate": rate,
        "invoice_date": today,
        "fulfillment_date": data["fulfillment_date"],
        "due_date": data["due_date"],
        "paid_date": today,
        "organization": _organization(account, bank),
        **_buyer(partner),
        "electronic": data.get("electronic", False),
        "comment": data.get("comment", ""),
        "tags": [],
        "notification_status": "none",
        "language": data["language"],
        "items": lines,
        "summary": billingo_amounts.summary(lines, rate),
        "settings": settings,
        "online_szamla_status": "not_checked",
        "related_documents": [],
        "correction_type": data["type"],
    }


def receipt(account, data, today):
    """Return the answer's document for a request of a receipt: all of it is today's.

    It has no buyer, and what else an invoice says as the service's defaults have it.
    """
    return document(
        account,
        {
            **data,
            "items": [
                {
                    "name": item["name"],
                    "unit_price": item["unit_price"],
                    "unit_price_type": "gross",
                    "quantity": Decimal(1),
                    "unit": "db",
                    "vat": RECEIPT_VAT[item["vat"]],
                }
                for item in data["items"]
            ],
            "fulfillment_date": today,
            "due_date": today,
            "language": "hu",
        },
        None,
        None,
        today,
    )


def storno_of(original, reason, today):
    """Return the document that cancels ``original``, without its id and number."""
    lines = billingo_amounts.negated(original["items"])
    return {
        **original,
        "type": STORNOS[original["type"]],
        "correction_type": STORNOS[original["type"]],
        "cancelled": False,
        "invoice_date": today,
        "gross_total": -original["gross_total"],
        "items": lines,
        "summary": billingo_amounts.summary(lines, original["conversion_rate"]),
        "comment": reason,
        "related_documents": [],
    }


def pick(things, wanted):
    """Return the thing whose id is ``wanted``, or None."""
    for thing in things:
        if thing["id"] == wanted:
            return thing
    return None


def is_paid(data):
    """True if a new document counts as paid."""
    if data["type"] in UNREPORTED:
        return False
    return data.get("paid", False) or data["payment_method"] in PAID_AT_ONCE


def whole_payment(document):
    """Return the payment that settles ``document``."""
    return {
        "date": document["invoice_date"],
        "price": document["gross_total"],
        "payment_method": document["payment_method"],
        "voucher_number": None,
        "conversion_rate": None,
    }


def payment_status(paper, today):
    """Return PaymentStatus as the payments have it on a day (ISO).

    What ``expired`` covers is not published: here, all that is due and not paid at all.
    """
    document = paper["document"]
    if document["type"] in ("draft", *STORNOS.values()):
        return "none"
    paid = sum(Decimal(str(row["price"])) for row in paper["payments"])
    gross = Decimal(str(document["gross_total"]))
    if paper["payments"] and abs(paid) >= abs(gross):
        return "paid"
    if paid:
        return "partially_paid"
    return "expired" if document["due_date"] < today else "outstanding"


def relate(one, other):
    """Let two documents name each other."""
    for source, target in ((one, other), (other, one)):
        reference = {"id": target["id"], "invoice_number": target["invoice_number"]}
        source["related_documents"].append(reference)


def _organization(account, bank):
    answer = {
        "name": account["organization"],
        "tax_number": account["tax_code"],
        "address": {
            "country_code": "HU",
            "post_code": "1051",
            "city": "Budapest",
            "address": "Minta utca 1.",
        },
        "small_taxpayer": False,
        "ev_number": "",
        "eu_tax_number": "",
        "cash_settled": False,
    }
    if bank:
        names = ("id", "name", "account_number", "account_number_iban", "swift")
        answer["bank_account"] = {name: bank[name] for name in names}
    return answer


def _buyer(partner):
    if partner is None:
        return {}
    return {"partner": _partner(partner), "document_partner": _partner(partner)}


def buyer_name(document):
    """Return whose document it is, "" for a receipt."""
    return document.get("document_partner", {}).get("name", "")


def _partner(partner):
    texts = ("name", "taxcode", "iban", "swift", "account_number", "phone", "tax_type")
    return {
        "id": partner["id"],
        "address": dict(partner["address"]),
        "emails": list(partner.get("emails", ())),
        **{name: partner.get(name, "") for name in texts},
    }


def jsonable(data):
    """Return ``data`` with plain numbers, to be kept."""
    if isinstance(data, dict):
        return {name: jsonable(value) for name, value in data.items()}
    if isinstance(data, list):
        return [jsonable(value) for value in data]
    return plain(data) if isinstance(data, Decimal) else data


def decimals(data):
    """Return kept data with Decimals again, as a request has them."""
    if isinstance(data, dict):
        return {name: decimals(value) for name, value in data.items()}
    if isinstance(data, list):
        return [decimals(value) for value in data]
    return Decimal(str(data)) if isinstance(data, float) else data


def lines(paper):
    """Return what is printed."""
    document = paper["document"]
    return [
        document["organization"]["name"],
        f"{document['type']}  {document['invoice_number']}",
        buyer_name(document),
        f"{document['invoice_date']}  {document['fulfillment_date']}",
        *(
            f"{line['quantity']} {line['unit']}  {line['name']}  {line['gross_amount']}"
            for line in document["items"]
        ),
        f"{document['gross_total']} {document['currency']}",
        document["comment"],
        "SANDBOX: not an invoice.",
    ]
