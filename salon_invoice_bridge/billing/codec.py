"""Frozen dataclasses to JSON-ready values and back, without loss.

Decimals travel as strings, dates in ISO form, enums by value, tuples as lists, so that
what was frozen on a row is what is sent, however often it is stored and read.
"""

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum


def to_json(value):
    """Return ``value`` (a dataclass of this package) as dicts, lists and strings.

    What is empty unless it is given, and was not given, is left out: most of what a
    document could say it does not.
    """
    if dataclasses.is_dataclass(value):
        return {
            field.name: to_json(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if not _is_left_out(field, getattr(value, field.name))
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {to_json(key): to_json(item) for key, item in value.items()}
    return value


def _is_left_out(field, value):
    """Return True for an empty value that is the field's default.

    A default that says something is written: another version may have another one.
    """
    empty = value is False or value in (None, "", ())
    return empty and value == field.default


def from_json(kind, data):
    """Return the ``kind`` (a dataclass) that ``to_json`` made ``data`` from.

    Fields missing in ``data`` take their defaults, so that rows frozen by an older
    version stay readable; unknown ones are an error.

    :raises TypeError, ValueError: if ``data`` is not such a value
    """
    hints = _hints(kind)
    if unknown := data.keys() - hints.keys():
        raise TypeError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    return kind(**{name: _decode(hints[name], data[name]) for name in data})


@functools.cache
def _hints(kind):
    """Return the types of the fields of a dataclass, which Python works out anew."""
    return typing.get_type_hints(kind)


def _decode(hint, data):
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if data is None:
            return None
        (hint,) = (arg for arg in args if arg is not type(None))
        return _decode(hint, data)
    if origin is tuple:
        return tuple(_decode(args[0], item) for item in data)
    if origin is Mapping:
        key, kind = args
        return {_decode(key, name): _decode(kind, data[name]) for name in data}
    if dataclasses.is_dataclass(hint):
        return from_json(hint, data)
    if hint is Decimal:
        return _decimal(data)
    if hint is date:
        return date.fromisoformat(data)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(data)
    return data


def _decimal(text):
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a number") from None
