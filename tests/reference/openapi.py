"""Hold Billingo's traffic against the vendor's own contracts.

The vendor says that the live interface is the union of its OpenAPI contracts 3.0.14 and
3.0.15, so that is what is built here: paths, properties and enum values of both, the
newer one where they differ.  What neither declares is refused.  The contracts are the
vendor's and stay outside the project; where ``SALON_REFERENCE`` does not lead to them,
:func:`contract` skips the test that asks.
"""

import json
import os
import re
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl

import jsonschema
import pytest
import yaml

REFERENCE = Path(
    os.environ.get("SALON_REFERENCE", Path(__file__).parents[3] / "shared/reference")
)
_PREFIX = "/billingo/v3"
#: Answers that integrations rely on although no contract declares them.
_KNOWN = {
    ("/documents/vendor/{vendor_id}", 404),
    ("/documents/{id}", 403),
    ("/partners/{id}", 403),
}


@lru_cache
def contract():
    """Return the union of both contracts as one OpenAPI document."""
    folder = REFERENCE / "billingo"
    if not folder.is_dir():
        pytest.skip(f"no contracts of the vendor in SALON_REFERENCE ({REFERENCE})")
    newer = json.loads((folder / "openapi_v3.0.15.json").read_text("utf-8"))
    older = yaml.safe_load((folder / "openapi_v3.0.14.yaml").read_text("utf-8"))
    united = _union(newer, older)
    united["components"] = _strict(united["components"])
    return united


def _union(newer, older):
    if isinstance(newer, dict) and ("$ref" in newer or "oneOf" in newer):
        return newer
    if isinstance(newer, dict) and isinstance(older, dict):
        return {
            key: _union(newer[key], older[key])
            if key in newer and key in older
            else newer.get(key, older.get(key))
            for key in {**newer, **older}
        }
    if _is_words(newer) and _is_words(older):
        return [*newer, *(word for word in older if word not in newer)]
    return newer


def _is_words(value):
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _strict(schema):
    """Close every object, and turn OpenAPI's ``nullable`` into JSON Schema."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: _strict(value) for key, value in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        strict.setdefault("additionalProperties", False)
    if strict.pop("nullable", False) is True:
        strict = {"anyOf": [{"type": "null"}, strict]}
    return strict


def _errors(schema, value):
    root = {"allOf": [_strict(schema)], "components": contract()["components"]}
    validator = jsonschema.Draft202012Validator(
        root, format_checker=jsonschema.FormatChecker(["date"])
    )
    return [
        f"{'.'.join(map(str, error.path))}: {error.message[:300]}"
        for error in validator.iter_errors(value)
    ]


def operation(method, path):
    """Return ``(template, operation)`` for a path below the version, or Nones."""
    for template, item in sorted(contract()["paths"].items()):
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method.lower() in item:
            exact = "{" not in template.rpartition("/")[2]
            if exact or path not in contract()["paths"]:
                return template, item[method.lower()]
    return None, None


def request_errors(method, path, query, body):
    """Return what the contracts hold against a request."""
    template, declared = operation(method, path)
    if declared is None:
        return [f"{method} {path} is not declared"]
    found = []
    parameters = {row["name"]: row for row in declared.get("parameters", [])}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in parameters:
            found.append(f"{template}: undeclared parameter {name}")
            continue
        schema = parameters[name]["schema"]
        whole = schema.get("type") == "integer" or isinstance(
            schema.get("enum", [""])[0], int
        )
        found += _errors(schema, int(value) if whole else value)
    for name, row in parameters.items():
        if row["in"] == "query" and row.get("required") and f"{name}=" not in query:
            found.append(f"{template}: {name} is missing")
    schema = _content(declared.get("requestBody"))
    if body and schema is None:
        found.append(f"{template}: takes no body")
    if schema is not None and (body or declared["requestBody"].get("required")):
        found += _errors(schema, json.loads(body))
    return [f"{method} {template} {error}" for error in found]


def answer_errors(method, path, status, content_type, body):
    """Return what the contracts hold against an answer."""
    template, declared = operation(method, path)
    if declared is None or (template, status) in _KNOWN:
        return []
    row = declared["responses"].get(str(status))
    if row is None:
        return [f"{method} {template} answers undeclared {status}"]
    if "$ref" in row:
        row = contract()["components"]["responses"][row["$ref"].rpartition("/")[2]]
    schema = _content(row)
    if schema is None or content_type != "application/json":
        return []
    found = _errors(schema, json.loads(body))
    return [f"{method} {template} {status} {error}" for error in found]


def _content(row):
    for content_type, media in ((row or {}).get("content") or {}).items():
        if content_type == "application/json":
            return media.get("schema")
    return None


@contextmanager
def watched(server):
    """Check every request and answer of the Billingo v3 emulator while inside.

    Answers are checked as the emulator made them, before a fault spoils them.

    :param server: of ``sandbox.server``
    """
    emulator = server.world.emulator("billingo")
    handle, found = emulator.handle, []

    def watching(request):
        path = request.environ["RAW_URI"].partition("?")[0].removeprefix(_PREFIX)
        response = handle(request)
        if request.path.startswith(_PREFIX):
            query = request.query_string.decode()
            found.extend(
                request_errors(request.method, path, query, request.get_data())
            )
            found.extend(
                answer_errors(
                    request.method,
                    path,
                    response.status_code,
                    response.mimetype,
                    response.get_data(),
                )
            )
        return response

    emulator.handle = watching
    try:
        yield
    finally:
        del emulator.handle
    assert not found, "\n".join(found)
