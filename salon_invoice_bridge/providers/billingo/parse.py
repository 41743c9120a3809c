"""Reading what Billingo answers: untrusted, and not always what the contract says.

Errors have four documented bodies (``error.message``; ``message`` with ``errors``; a
flat ``message``; ``error`` with a ``trace_id``) and, from proxies, no JSON at all.
"""

import re
from datetime import date
from decimal import Decimal

from ...billing.bookkeeping import ExportFile, ExportStatus
from ...billing.errors import (
    AccountProblem,
    AlreadyExists,
    NotProcessed,
    OutcomeUnknown,
    Reason,
    Rejected,
)
from ...billing.invoice import (
    REFERRING_KINDS,
    BankAccount,
    Block,
    IssuedDocument,
    PaymentKind,
    Taxpayer,
    Tender,
)
from ...billing.taxpayer import (
    MOST_ADDRESSES,
    NAME,
    is_organization,
    make_address,
    short,
    sort_addresses,
)
from ...billing.text import clean
from .. import reported, wire
from .tables import EXPORT_STATES, KINDS, RECEIPT_STORNO, REPORTED_KINDS, vat_code

#: Beyond any invoice; what is larger is not an amount but an attack on our memory.
_LARGEST = Decimal(10) ** 15
#: A used-up quota answers 400 like a malformed request does, in words not published.
_QUOTA = re.compile(
    r"quota|kvóta|\bkeret|\bnapi\b|\bdaily\b|limit (exceeded|reached)", re.IGNORECASE
)
#: Blocks and bank accounts that are gone: the account's settings, not the sale's.
_SETUP = re.compile(
    r"document block|bank ?account|számlatömb|bankszámla", re.IGNORECASE
)
_SETUP_FIELDS = {"block_id", "bank_account_id", "document_block_id"}
_ACCOUNT = {401: Reason.KEY, 402: Reason.SUBSCRIPTION, 403: Reason.READ_ONLY}


class Unreadable(ValueError):
    """The answer is not what the service documents."""


# === ERRORS === #


def refuse(answer, safe, now):
    """Raise what an answer that is no success means.

    :param bool safe: True if the call changes nothing
    :param float now: Unix time
    """
    status = answer.status
    data = _json_object(answer.body)
    message, fields, trace = _messages(data)
    # A 404 without the service's words may be anybody's, and proves no absence.
    wordless = status == 404 and not message
    message = message or f"HTTP {status}"
    code = f"{status} {trace}".strip()
    if status == 429:
        raise NotProcessed(
            message,
            reason=Reason.RATE_LIMIT,
            code=code,
            retry_after=wire.retry_after(answer.headers, now),
        )
    unclear = data is None or wordless or status == 408
    if unclear or not 400 <= status < 500:
        wait = wire.retry_after(answer.headers, now)
        raise _unclear(message, status, code, safe, wait)
    if status in _ACCOUNT:
        raise AccountProblem(message, reason=_ACCOUNT[status], code=code)
    if status == 409:
        raise AlreadyExists(message, code=code, fields=fields)
    if _SETUP_FIELDS & fields.keys() or _SETUP.search(message):
        raise AccountProblem(message, reason=Reason.SETUP, code=code, fields=fields)
    if status == 404:
        raise Rejected(message, reason=Reason.NOT_FOUND, code=code)
    if status == 400 and _QUOTA.search(message):
        raise AccountProblem(message, reason=Reason.QUOTA, code=code)
    raise Rejected(message, code=code, fields=fields)


def _unclear(message, status, code, safe, wait):
    """Return the error of an answer that does not say whether the service acted."""
    reason = Reason.SERVER_ERROR if status >= 500 else Reason.UNREADABLE
    if not safe:
        return OutcomeUnknown(message, reason=reason, code=code, retry_after=wait)
    if status == 503:
        reason = Reason.MAINTENANCE
    return NotProcessed(message, reason=reason, code=code, retry_after=wait)


def _messages(data):
    """Return message, ``{field: message}`` and trace id of an error's body."""
    data = data or {}
    error = data.get("error") if isinstance(data.get("error"), dict) else data
    if isinstance(data.get("error"), str):
        error = {"message": data["error"]}
    fields = {}
    for row in data.get("errors") if isinstance(data.get("errors"), list) else ():
        if isinstance(row, dict):
            fields[_short(row.get("field"))] = _short(row.get("message"))
    message = " ".join(filter(None, [_short(error.get("message")), *fields.values()]))
    return message[:1000], fields, _short(error.get("trace_id"))


def _short(value):
    return clean(str(value)[:300]) if isinstance(value, (str, int)) else ""


def _json_object(body):
    """Return the JSON object in ``body``, {} if it is empty, None if it is neither."""
    if not body.strip():
        return {}
    try:
        data = wire.loads(body)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


# === VALUES === #


def json(answer, kind=dict):
    """Return the JSON of a success.

    :raises Unreadable: if it is not a ``kind``
    """
    try:
        data = wire.loads(answer.body)
    except ValueError as error:
        raise Unreadable("The answer is not JSON") from error
    if not isinstance(data, kind):
        raise Unreadable(f"The answer is not a {kind.__name__}")
    return data


def amount(value):
    """Return a JSON number as a Decimal."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise Unreadable("An amount is not a number")
    value = Decimal(value)
    if abs(value) >= _LARGEST:
        raise Unreadable("An amount beyond all money")
    return value


def identity(value):
    """Return an id of the service as text."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**18:
        raise Unreadable("An id is not a number")
    return str(value)


def optional(read, value):
    """Return ``read(value)``, None where there is nothing that can be read."""
    try:
        return read(value)
    except Unreadable:
        return None


def text(data, name):
    """Return a text of an object, "" where it is absent or null."""
    value = data.get(name)
    return clean(value) if isinstance(value, str) else ""


def texts(data, name):
    """Return the texts of an array inside an object, as a tuple."""
    value = data.get(name)
    found = value if _is_list(value) else ()
    return tuple(clean(item) for item in found if isinstance(item, str))


def flag(data, name):
    """Return a boolean of an object, None where it says none."""
    value = data.get(name)
    return value if isinstance(value, bool) else None


def day(value):
    """Return a date, or None if it is missing."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def holds(data, wanted):
    """True if an object has all these values; null, "" and [] are all nothing."""
    return all((data.get(name) or None) == (wanted[name] or None) for name in wanted)


def inner(data, name):
    """Return an object inside an object, {} where it is absent."""
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def rows(data, name):
    """Return the objects of an array inside an object."""
    value = data.get(name)
    return [row for row in value if isinstance(row, dict)] if _is_list(value) else []


def _is_list(value):
    return isinstance(value, list)


# === OBJECTS === #


def document(data):
    """Return a Document as an IssuedDocument, None if it is of no kind of ours.

    Id, type, gross and currency decide; whatever else cannot be read is absent.  A
    related document without a readable id is "" among ``related_ids``: it may be any.

    :raises Unreadable: if it lacks its id, type, gross or currency
    """
    if text(data, "type") not in KINDS:
        if text(data, "type"):
            return None
        raise Unreadable("A document without its type")
    kind = KINDS[data["type"]]
    gross, currency = amount(data.get("gross_total")), text(data, "currency")
    if not currency:
        raise Unreadable("A document without its currency")
    related = rows(data, "related_documents")
    buyer = inner(data, "document_partner") or inner(data, "partner")
    net = inner(data, "summary").get("net_amount")
    rate = optional(amount, data.get("conversion_rate"))
    amends = kind in REFERRING_KINDS
    return IssuedDocument(
        id=identity(data.get("id")),
        number=text(data, "invoice_number"),
        kind=kind,
        gross=gross,
        currency=currency,
        exchange_rate=(rate or None) if currency != "HUF" else None,
        net=optional(amount, net),
        outstanding=_outstanding(text(data, "payment_status"), gross),
        cancelled=flag(data, "cancelled") is True
        or text(data, "correction_type") == "canceled",
        issue_date=day(data.get("invoice_date")),
        fulfillment_date=day(data.get("fulfillment_date")),
        due_date=day(data.get("due_date")),
        electronic=flag(data, "electronic"),
        order_number=text(inner(data, "settings"), "order_number"),
        buyer_name=text(buyer, "name"),
        partner_id=optional(identity, buyer.get("id")) or "",
        comment=text(data, "comment"),
        original_number=text(related[0], "invoice_number")
        if amends and related
        else "",
        related_ids=tuple(optional(identity, row.get("id")) or "" for row in related),
        of_receipt=data["type"] == RECEIPT_STORNO,
        rates=_rates(data, gross),
        payment_kind=_kind(text(data, "payment_method")),
        block=optional(identity, data.get("block_id")) or "",
    )


def _rates(data, gross):
    """Return what the items of a document come to at each VAT rate.

    Not its ``summary``: that has one name for all that is 0%.
    """
    items = rows(data, "items")
    amounts = ("net_amount", "vat_amount", "gross_amount")
    # Not half of them, and not what is no list at all.
    if items != (data.get("items") or []):
        return ()
    return reported.rates(
        (
            (
                vat_code(text(item, "vat"), text(item, "entitlement")),
                *(optional(amount, item.get(name)) for name in amounts),
            )
            for item in items
        ),
        gross,
    )


def _kind(word):
    return REPORTED_KINDS.get(word, PaymentKind.OTHER) if word else None


def _outstanding(status, gross):
    """What is owed; the service says it in numbers only for all and for nothing."""
    return {"paid": Decimal(0), "outstanding": gross}.get(status)


def our_document(answer):
    """Return the document that a call is about."""
    found = document(json(answer))
    if found is None:
        raise Unreadable("This is another kind of document")
    return found


def block(data):
    """Return a DocumentBlock."""
    return Block(
        id=identity(data.get("id")),
        name=text(data, "name"),
        prefix=text(data, "prefix"),
    )


def bank_account(data):
    """Return a BankAccount."""
    return BankAccount(
        id=identity(data.get("id")),
        name=text(data, "name"),
        number=text(data, "account_number"),
        iban=text(data, "account_number_iban"),
        swift=text(data, "swift"),
        currency=text(data, "currency"),
    )


def created(answer):
    """Return the id of what was created."""
    return identity(json(answer).get("id"))


def payments(answer):
    """Return a payment history, as a tuple of ``Tender``."""
    return tuple(map(_payment, json(answer, list)))


def _payment(row):
    if not isinstance(row, dict):
        raise Unreadable("A payment is not an object")
    paid_on = day(row.get("date"))
    if paid_on is None:
        raise Unreadable("A payment without its date")
    kind = _kind(text(row, "payment_method")) or PaymentKind.OTHER
    return Tender(kind=kind, amount=amount(row.get("price")), date=paid_on)


def paid(answer):
    """Return the sum of a payment history."""
    total = Decimal(0)
    for row in json(answer, list):
        if not isinstance(row, dict):
            raise Unreadable("A payment is not an object")
        total += amount(row.get("price"))
    return total


def emails(answer):
    """Return the addresses that a document was sent to."""
    return texts(json(answer), "emails")


def export_id(answer):
    """Return the id of a file that was asked for: a text of the service."""
    found = text(json(answer), "id")
    if not re.fullmatch(r"[!-~]{1,200}", found):
        raise Unreadable("A file without its id")
    return found


def export_status(answer, export_id):
    """Return where the file of this id is.

    :raises Unreadable: if the answer is about another one, or knows no such state
    """
    data = json(answer)
    reported, state = text(data, "id"), text(data, "state")
    if reported not in ("", export_id):
        raise Unreadable("The answer is about another file")
    if state not in EXPORT_STATES:
        raise Unreadable("A file in no known state")
    return ExportStatus(state=EXPORT_STATES[state], detail=text(data, "message")[:1000])


#: What a file begins with -> how its name ends, but for texts.
_BEGINNINGS = {
    b"PK\x03\x04": "zip",
    b"%PDF-": "pdf",
    b"\xd0\xcf\x11\xe0": "xls",
    b"<?xml": "xml",
    b"\xef\xbb\xbf<?xml": "xml",
}
#: A kind of content that says how a name ends, where the beginning does not.
_ENDINGS = {"csv": "csv", "spreadsheet": "xlsx", "plain": "txt", "xml": "xml"}


def export_file(answer):
    """Return the file that an answer is.

    :raises Unreadable: if it is empty, or a page or a message instead of a file
    """
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    start = answer.body[:200].lstrip().lower()
    page = kind == "text/html" or start.startswith((b"<!doctype html", b"<html"))
    if not answer.body.strip() or page or kind == "application/json":
        raise Unreadable("The answer is no file")
    return ExportFile(content=answer.body, ending=_ending(answer.body, kind))


def _ending(body, kind):
    """Return how the name of a file ends, "dat" where nothing tells."""
    reported = next((end for word, end in _ENDINGS.items() if word in kind), "dat")
    begun = (end for head, end in _BEGINNINGS.items() if body.startswith(head))
    ending = next(begun, reported)
    # A workbook is a ZIP, which names its contents first.
    packed = ending == "zip" and (
        reported == "xlsx" or b"[Content_Types]" in body[:2000]
    )
    return "xlsx" if packed else ending


def public_url(answer):
    """Return the link if it is a web address, else ""."""
    url = text(json(answer), "public_url")
    if not re.fullmatch(r"https?://[!-~]{1,2000}", url):
        raise Unreadable("The public link is not a web address")
    return url


def nav_messages(answer):
    """Return what NAV said about the report, in one line."""
    messages = rows(json(answer), "messages")
    return "; ".join(
        f"{text(row, 'validation_error_code')} {text(row, 'human_readable_message')}"
        for row in messages
    ).strip()[:1000]


#: CheckTaxNumberMessage -> valid; all others mean that NAV could not be asked.
_TAX_RESULTS = {
    "validation_ok": True,
    "postal_code_of_this_tax_number_is_invalid.": True,
    "invalid_tax_number": False,
    "non_exist_tax_number": False,
}


#: Parts of an address -> properties of ``TaxpayerAddress``.
_ADDRESS = {
    "kind": "type",
    "country": "country_code",
    "postcode": "postal_code",
    "city": "city",
    "street": "street_name",
    "category": "public_place_category",
    "number": "number",
    "building": "building",
    "staircase": "staircase",
    "floor": "floor",
    "door": "door",
    "lot": "lot_number",
}


def taxpayer(answer, number):
    """Return what NAV says about a tax number.

    It says neither what kind of taxpayer it is nor which VAT group it belongs to.

    :param str number: the one that was asked about, 12345678-1-42
    :raises Unreadable: if the answer is about another one
    """
    data = json(answer)
    reported = re.sub(r"\D", "", text(data, "tax_number"))
    if reported not in ("", number.replace("-", "")):
        raise Unreadable("The answer is about another tax number")
    result = text(data, "result")
    valid = _TAX_RESULTS.get(result)
    name = text(data, "taxpayer_short_name") or text(data, "taxpayer_name")
    return Taxpayer(
        valid=valid,
        name=short(name, NAME),
        tax_number=number if valid else "",
        organization=is_organization(name),
        addresses=sort_addresses(
            make_address({part: text(row, its) for part, its in _ADDRESS.items()})
            for row in rows(data, "addresses")[:MOST_ADDRESSES]
        ),
        detail=result,
    )
