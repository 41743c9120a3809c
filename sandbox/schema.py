"""A strict little checker of JSON: whatever a table does not declare is refused."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

#: Numbers with more digits than this, before or after the point, are none.
_DIGITS = 18


@dataclass(frozen=True)
class Rule:
    """What a value must be.

    :param str type: string, integer, number, boolean, date, object or array
    :param values: all that it may be, None for anything of its type
    :param dict fields: name -> Rule, of an object; None for any object
    :param Rule items: of an array
    """

    type: str
    required: bool = False
    nullable: bool = False
    values: frozenset | None = None
    fields: dict | None = None
    items: "Rule | None" = None
    longest: int | None = None


def string(**options):
    """A text."""
    return Rule("string", **options)


def integer(**options):
    """A whole number."""
    return Rule("integer", **options)


def number(**options):
    """Any number."""
    return Rule("number", **options)


def boolean(**options):
    """True or false."""
    return Rule("boolean", **options)


def day(**options):
    """A date in ISO form."""
    return Rule("date", **options)


def one_of(values, **options):
    """One of some texts."""
    return Rule("string", values=frozenset(values), **options)


def record(fields, **options):
    """An object with these fields and no others."""
    return Rule("object", fields=fields, **options)


def anything(**options):
    """An object that the emulator keeps as it is."""
    return Rule("object", **options)


def many(items, **options):
    """An array."""
    return Rule("array", items=items, **options)


def check(rule, value, path=""):
    """Return what is wrong with ``value`` as a list of ``(path, message)``."""
    if value is None:
        return [] if rule.nullable else [(path, f"The {_name(path)} must not be null.")]
    if not _is(rule.type, value):
        return [(path, f"The {_name(path)} must be a {rule.type}.")]
    if rule.values is not None and value not in rule.values:
        return [(path, f"The selected {_name(path)} is invalid.")]
    if rule.longest is not None and len(value) > rule.longest:
        return [(path, f"The {_name(path)} may not be greater than {rule.longest}.")]
    errors = []
    if rule.type == "object" and rule.fields is not None:
        errors += _check_fields(rule.fields, value, path)
    if rule.type == "array":
        for index, item in enumerate(value):
            errors += check(rule.items, item, _join(path, str(index)))
    return errors


def _check_fields(fields, value, path):
    errors = []
    for name, rule in fields.items():
        where = _join(path, name)
        if name in value:
            errors += check(rule, value[name], where)
            if rule.required and value[name] == "" and not (rule.values or ()):
                errors.append((where, f"The {_name(where)} field is required."))
        elif rule.required:
            errors.append((where, f"The {_name(where)} field is required."))
    for name in value:
        if name not in fields:
            where = _join(path, name)
            errors.append((where, f"The {_name(where)} field is not declared."))
    return errors


def _is(kind, value):
    if kind == "date":
        return isinstance(value, str) and _is_date(value)
    if kind in ("integer", "number"):
        types = int if kind == "integer" else (int, Decimal)
        return (
            isinstance(value, types)
            and not isinstance(value, bool)
            and -_DIGITS < Decimal(value).adjusted() < _DIGITS
        )
    types = {"string": str, "boolean": bool, "object": dict, "array": list}
    return isinstance(value, types[kind])


def _is_date(text):
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _join(path, name):
    return f"{path}.{name}" if path else name


def _name(path):
    return path.replace("_", " ") or "body"
