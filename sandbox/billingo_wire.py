"""JSON in, JSON out, and how Billingo says no."""

import json
from decimal import Decimal

from werkzeug.wrappers import Response

from . import schema


class Refusal(Exception):
    """An answer that is an error.

    :param errors: of a 422, as ``(field, message)``
    """

    def __init__(self, status, message="", errors=()):
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = list(errors)


def invalid(field, message):
    """Return the 422 about one field."""
    return Refusal(422, errors=[(field, message)])


def body(request, rule, *, optional=False):
    """Return the JSON body of ``request``, numbers as Decimals, held against ``rule``.

    :param bool optional: True if an empty body stands for an empty object
    """
    raw = request.get_data()
    if optional and not raw:
        return {}
    if request.mimetype != "application/json":
        raise Refusal(400, "The request's content type must be application/json.")
    try:
        data = json.loads(raw, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Refusal(400, "Malformed JSON.") from None
    errors = schema.check(rule, data)
    if errors:
        raise Refusal(422, errors=errors)
    return data


def answer(data, status=200):
    """Return ``data`` as a JSON response; None is an empty body."""
    if data is None:
        return Response(b"", status)
    body = json.dumps(data, ensure_ascii=False, default=plain)
    return Response(body, status, content_type="application/json")


def plain(value):
    """Return a Decimal as the int or float that JSON has for it."""
    if not isinstance(value, Decimal):
        raise TypeError(type(value).__name__)
    return int(value) if value == value.to_integral_value() else float(value)
