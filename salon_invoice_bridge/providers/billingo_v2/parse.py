"""Reading what Billingo's API v2 answers: untrusted, and only thinly documented.

Success is ``{"success": true, "data": ...}``, where an object is ``{"id",
"attributes"}``; failure is ``{"success": false, "error": "text"}``, sometimes with
``errors`` as a list of texts or as an object keyed by JSON path.  Which HTTP statuses
go with them is not documented, so the known texts are looked at first.

Sources: the vendor's documentation of API v2 (octonull/Billingo-API-docs); the forms of
``errors`` and the empty 500s from issues #7, #9 and #10 of voov/Billingo-API-Connector.
"""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import islice

from ...billing.errors import (
    AccountProblem,
    NotProcessed,
    OutcomeUnknown,
    Reason,
    Rejected,
)
from ...billing.invoice import BankAccount, Block, IssuedDocument, Kind, PaymentKind
from ...billing.text import clean
from .. import reported, wire
from .tables import PAYMENT_METHODS

#: What a document's ``type`` is called in the requests (and, where given, the answers).
TYPES = {Kind.DRAFT: 0, Kind.PROFORMA: 1, Kind.INVOICE: 3}
_KINDS = {str(number): kind for kind, number in TYPES.items()}
#: What ends the comment of a document of ours: see ``render.signature``.
_MARKER = re.compile(r"\[([A-Z0-9]{26})\]$")
_PAYMENT_KINDS = {
    str(number): kind for number, kind in reported.kinds(PAYMENT_METHODS).items()
}
STATUS_PAID, STATUS_UNPAID, STATUS_CANCELLED = 1, 2, 4

#: Part of an error's text -> what it means, whatever the HTTP status beside it.
_ACCOUNT_TEXTS = (
    ("user not found", Reason.KEY),  # unknown public key
    ("cannot handle token", Reason.KEY),  # this server's clock is wrong
    ("expired token", Reason.KEY),  # likewise
    ("signature verification failed", Reason.KEY),  # wrong private key
    ("premium", Reason.SUBSCRIPTION),  # "User needs to be premium"
)
_ACCOUNT_STATUSES = {
    401: Reason.KEY,
    402: Reason.SUBSCRIPTION,
    403: Reason.READ_ONLY,
}


class Unreadable(ValueError):
    """The answer is not what the service documents."""


def payload(answer, *, safe, now):
    """Return the JSON object of a successful answer, or raise what the failure means.

    :param bool safe: True if the call changes nothing at the service
    :param float now: Unix time, for a ``Retry-After`` that names a moment
    """
    if answer.status == 429:
        raise NotProcessed(
            "Too many requests",
            reason=Reason.RATE_LIMIT,
            code=429,
            retry_after=wire.retry_after(answer.headers, now),
        )
    try:
        body = wire.loads(answer.body)
    except ValueError:
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("success"), bool):
        raise _unreadable(answer.status, safe)
    if body["success"] and 200 <= answer.status < 300:
        return body
    raise _refusal(answer.status, body, safe)


def unreadable(error, *, safe):
    """Return what an answer whose content made no sense means for the caller."""
    if safe:
        return NotProcessed(str(error), reason=Reason.UNREADABLE)
    return OutcomeUnknown(str(error), reason=Reason.UNREADABLE)


def _unreadable(status, safe):
    """Return what the answer of something else, for instance a proxy, means."""
    message = f"HTTP {status} without an answer of Billingo"
    if status in _ACCOUNT_STATUSES:
        return AccountProblem(message, reason=_ACCOUNT_STATUSES[status], code=status)
    reason = Reason.SERVER_ERROR if status >= 500 else Reason.UNREADABLE
    problem = NotProcessed if safe else OutcomeUnknown
    return problem(message, reason=reason, code=status)


def _refusal(status, body, safe):
    message, fields = _complaint(body)
    said = f"{message} {' '.join(fields.values())}".lower()
    for part, reason in _ACCOUNT_TEXTS:
        if part in said:
            return AccountProblem(message, reason=reason, code=status, fields=fields)
    if status in _ACCOUNT_STATUSES:
        reason = _ACCOUNT_STATUSES[status]
        return AccountProblem(message, reason=reason, code=status, fields=fields)
    if status >= 500 or status == 408 or 300 <= status < 400:
        problem = NotProcessed if safe else OutcomeUnknown
        reason = Reason.TIMEOUT if status == 408 else Reason.SERVER_ERROR
        return problem(message, reason=reason, code=status, fields=fields)
    reason = {404: Reason.NOT_FOUND, 409: Reason.CLOSED}.get(status, Reason.CONTENT)
    return Rejected(message, reason=reason, code=status, fields=fields)


def _complaint(body):
    """Return ``(message, {field: message})`` of a failure, whatever its form."""
    errors = body.get("errors")
    if isinstance(errors, dict):
        found = errors.items()
    elif isinstance(errors, list):
        found = enumerate(errors)
    else:
        found = ()
    fields = {
        _clean(str(key))[:100]: _clean(str(item))[:300]
        for key, item in islice(found, 50)
    }
    message = _clean(str(body.get("error") or ""))
    if not message:
        message = "; ".join(fields.values()) or "Billingo failed without a reason"
    return message[:500], fields


# === VALUES === #


def record(value):
    """Return ``(id, attributes)`` of an object of the service."""
    if not isinstance(value, dict):
        raise Unreadable("An object was expected")
    attributes = value.get("attributes", {})
    if not isinstance(attributes, dict):
        raise Unreadable("The attributes are not an object")
    return identifier(value.get("id")), attributes


def records(value):
    """Return a list of :func:`record` values."""
    if not isinstance(value, list):
        raise Unreadable("A list was expected")
    return [record(item) for item in value]


def identifier(value):
    """Return an id as a string of digits."""
    text_ = str(value) if isinstance(value, (int, str)) else ""
    if not (text_.isascii() and text_.isdecimal() and len(text_) <= 20):
        raise Unreadable("An id was expected")
    return text_


def text(attributes, name):
    """Return an attribute as a string, "" if it is missing or null."""
    value = attributes.get(name)
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        raise Unreadable(f"{name} is not a text")
    return _clean(str(value))


def mapping(attributes, name):
    """Return an attribute as a dict, empty if it is missing or null."""
    value = attributes.get(name)
    if value in (None, [], ""):  # PHP writes an empty object as an empty list
        return {}
    if not isinstance(value, dict):
        raise Unreadable(f"{name} is not an object")
    return value


def money(attributes, name):
    """Return an amount (number, or string such as "4445.000") as an exact Decimal."""
    value = attributes.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise Unreadable(f"{name} is not an amount")
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise Unreadable(f"{name} is not an amount") from None
    if not amount.is_finite() or abs(amount.adjusted()) > 20:
        raise Unreadable(f"{name} is not an amount of money")
    return Decimal(wire.number(amount))


def integer(attributes, name):
    """Return a flag or status of one digit, None if it is missing."""
    value = attributes.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, str)) and str(value) in set("0123456789"):
        return int(value)
    raise Unreadable(f"{name} is not a known number")


def day(attributes, name):
    """Return a date (the first ten characters of "2015-12-12..."), None if missing."""
    value = text(attributes, name)
    if not value:
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        raise Unreadable(f"{name} is not a date") from None


def document(identity, attributes, kind):
    """Return the :class:`IssuedDocument` that a record of ``/invoices`` describes.

    Answers do not say whether a document is an invoice, a proforma or a draft, so the
    caller says what it expects; a storno and a draft are recognized, the latter
    because only a draft has no number.

    :param kind: the :class:`Kind` to assume
    """
    gross = money(attributes, "total")
    outstanding = None
    if attributes.get("total_paid") is not None:
        outstanding = gross - money(attributes, "total_paid")
    original = text(attributes, "connected_invoice_no")
    if integer(attributes, "is_cancel_invoice") or (original and gross < 0):
        kind = Kind.STORNO
    else:
        kind = _KINDS.get(text(attributes, "type"), kind)
    number = text(attributes, "prefixed_invoice_no") or text(attributes, "invoice_no")
    if kind is Kind.DRAFT and number:
        kind = Kind.INVOICE
    elif not number and kind is not Kind.STORNO:
        kind = Kind.DRAFT
    electronic = integer(attributes, "electronic_invoice")
    comment = text(attributes, "comment")
    marker = _MARKER.search(comment)
    return IssuedDocument(
        id=identity,
        number=number,
        kind=kind,
        gross=gross,
        currency=text(attributes, "currency") or "HUF",
        outstanding=outstanding,
        cancelled=integer(attributes, "status") == STATUS_CANCELLED,
        issue_date=day(attributes, "date"),
        fulfillment_date=day(attributes, "fulfillment_date"),
        due_date=day(attributes, "due_date"),
        electronic=None if electronic is None else bool(electronic),
        buyer_name=text(mapping(attributes, "client"), "name"),
        partner_id=text(attributes, "client_uid"),
        comment=comment,
        original_number=original,
        payment_kind=_payment_kind(attributes),
        external_key=marker[1] if marker else "",
        block=text(attributes, "block_uid"),
    )


def _payment_kind(attributes):
    """Return the kind of payment that a document names, None if it tells none."""
    method = text(mapping(attributes, "payment_method"), "id")
    return _PAYMENT_KINDS.get(method, PaymentKind.OTHER) if method else None


def documents(batch, kind):
    """Return the documents of a list of records."""
    return [document(*item, kind) for item in batch]


def blocks(batch):
    """Return the document blocks of a list of records."""
    return tuple(
        Block(
            id=identity,
            name=text(attributes, "name"),
            prefix=text(attributes, "prefix"),
        )
        for identity, attributes in batch
    )


def bank_accounts(batch):
    """Return the bank accounts of a list of records."""
    return tuple(
        BankAccount(
            id=identity,
            name=text(attributes, "bank_name"),
            number=text(attributes, "account_no"),
            iban=text(attributes, "account_no_iban"),
            swift=text(attributes, "account_swift"),
            currency=text(attributes, "currency"),
        )
        for identity, attributes in batch
    )


def vat_values(batch):
    """Return ``{id: rate}`` of a list of records; a rate is text such as "0.27"."""
    return {
        identity: wire.number(money(attributes, "value"))
        for identity, attributes in batch
    }


def _clean(value):
    """Return a text that every database and log can hold."""
    return clean(value).strip()
