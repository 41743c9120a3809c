"""Billingo v3: what GET /documents filters by."""

import re

from .billingo_paper import buyer_name
from .billingo_wire import invalid

_EQUAL = {
    "block_id": lambda document: str(document["block_id"]),
    "partner_id": lambda document: str(document.get("document_partner", {}).get("id")),
    "payment_method": lambda document: document["payment_method"],
    "payment_status": lambda document: document["payment_status"],
    "type": lambda document: document["type"],
}
_FROM = {"start_date": "invoice_date", "fulfillment_start_date": "fulfillment_date"}
_TO = {"end_date": "invoice_date", "fulfillment_end_date": "fulfillment_date"}
_PAGING = {"page", "per_page"}
#: The contract wants both of a pair, as integers.
_PAIRS = (("start_year", "start_number"), ("end_year", "end_number"))
_NUMBERED = {name for pair in _PAIRS for name in pair}
_NUMBER = re.compile(r"(\d{4})-(\d+)$")


def select(documents, arguments):
    """Return those of ``documents`` that the query's ``arguments`` let through."""
    known = {*_EQUAL, *_FROM, *_TO, *_PAGING, *_NUMBERED, "query"}
    for name in arguments:
        if name not in known:
            raise invalid(name, f"The {name} filter is not emulated.")
    start, end = (_read_pair(pair, arguments) for pair in _PAIRS)
    return [d for d in documents if _passes(d, arguments) and _is_within(d, start, end)]


def _read_pair(names, arguments):
    """Return (year, number) of the query, or None."""
    given = [name for name in names if name in arguments]
    if not given:
        return None
    for name in names:
        if not arguments.get(name, "").isdecimal():
            raise invalid(name, f"The {name} field must be an integer.")
    return tuple(int(arguments[name]) for name in names)


def _is_within(document, start, end):
    if not (start or end):
        return True
    found = _NUMBER.search(document["invoice_number"])
    if not found:
        return False
    own = tuple(map(int, found.groups()))
    return (not start or start <= own) and (not end or own <= end)


def _passes(document, arguments):
    return (
        all(
            read(document) == arguments.get(n, read(document))
            for n, read in _EQUAL.items()
        )
        and all(document[f] >= arguments.get(n, "") for n, f in _FROM.items())
        and all(document[f] <= arguments.get(n, "9") for n, f in _TO.items())
        and _has_text(document, arguments.get("query", ""))
    )


def _has_text(document, query):
    """Which fields the real service searches is not known."""
    texts = (document["invoice_number"], buyer_name(document))
    return any(query.lower() in text.lower() for text in texts)
