"""JSON on the wire: exact numbers out, and nothing surprising in."""

import json
from datetime import timezone
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime

#: Levels of lists and objects in JSON that is read; a service's own have five.
MAX_DEPTH = 40


def dumps(value) -> bytes:
    """Return ``value`` (dicts, lists, strings, ints, Decimals) as JSON in UTF-8.

    A Decimal becomes a JSON number, digit for digit: it never passes through float.
    Keys keep their order, so the same value always gives the same bytes.
    """
    return _text(value).encode("utf-8", "replace")


def _text(value):
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, dict):
        pairs = (f"{_text(key)}: {_text(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_text(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def number(value):
    """Return a Decimal in plain digits: a dot, no exponent, no needless zeros."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def loads(body):
    """Return the JSON in ``body`` (bytes); numbers with a fraction become Decimals.

    :raises ValueError: if it is not JSON, whatever it is instead
    """
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(text, parse_float=_decimal, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("JSON nested too deeply") from None
    _check_depth(value)
    return value


def _check_depth(value):
    """Refuse what a recursive reader or writer could not follow to its end."""
    level = [value]
    for _depth in range(MAX_DEPTH):
        inner = (
            item.values() if isinstance(item, dict) else item
            for item in level
            if isinstance(item, (dict, list))
        )
        level = [item for items in inner for item in items]
    if level:
        raise ValueError("JSON nested too deeply")


def _decimal(text):
    try:
        value = Decimal(text)
    except InvalidOperation:  # an exponent of more digits than Decimal can count
        raise ValueError("A number beyond all money") from None
    if abs(value.adjusted()) > 100:  # 1e999999999 would fill the memory when printed
        raise ValueError("A number beyond all money")
    return value


def _refuse(text):
    raise ValueError(f"{text} is not JSON")


def retry_after(headers, now):
    """Return the seconds that an answer's ``Retry-After`` asks for, else None.

    :param headers: with names in lower case
    :param float now: Unix time, for the form that names a date (RFC 9110, 10.2.3)
    """
    value = headers.get("retry-after", "").strip()
    if value.isdecimal() and value.isascii() and len(value) < 10:
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return max(0.0, moment.timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return None
