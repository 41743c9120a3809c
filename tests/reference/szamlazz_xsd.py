"""Hold Számla Agent's traffic against the vendor's own schemas.

The schemas are the vendor's and stay outside the project.  Where ``SALON_REFERENCE``
does not lead to them, tests that are about them skip, saying so, and :func:`watched`
lets the others run unwatched.
"""

import os
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import pytest
from lxml import etree

REFERENCE = Path(
    os.environ.get("SALON_REFERENCE", Path(__file__).parents[3] / "shared/reference")
)
SAMPLES = REFERENCE / "szamlazz/samples"
#: The storno and the credit entry have no schema of their own for their answers.
_EDITIONS = {
    name: (f"{name}.xsd", f"{name}.download.xsd")
    for name in ("xmlszamla", "xmlnyugtacreate")
}


@lru_cache
def schemas(name):
    """Return all editions of the schema whose root element is ``name``."""
    folder = REFERENCE / "szamlazz/xsd"
    if not folder.is_dir():
        pytest.skip(f"no schemas of the vendor in SALON_REFERENCE ({REFERENCE})")
    files = _EDITIONS.get(name, (f"{name}.xsd",))
    return [etree.XMLSchema(etree.parse(folder / file)) for file in files]


def violations(body):
    """Return what the vendor's schemas hold against ``body`` (XML, bytes)."""
    root = etree.fromstring(body)
    found = []
    for schema in schemas(etree.QName(root).localname):
        if not schema.validate(root):
            found += [str(error) for error in schema.error_log]
    return found


@contextmanager
def watched(server):
    """Check every request and answer of the Számlázz.hu emulator while inside.

    :param server: of ``sandbox.server``
    """
    emulator = server.world.emulator("szamlazz")
    handle, found = emulator.handle, []

    def watching(request):
        for file in request.files.values():
            file.stream.seek(0)
            found.extend(violations(file.stream.read()))
        response = handle(request)
        body = response.get_data()
        # NAV's taxpayer answer has a schema of NAV's own, which is not here.
        if body.startswith(b"<?xml") and b"QueryTaxpayerResponse" not in body:
            found.extend(violations(body))
        return response

    if not REFERENCE.is_dir():
        yield
        return
    emulator.handle = watching
    try:
        yield
    finally:
        del emulator.handle
    assert not found
