"""The emulator's own schema refuses whatever either edition of the vendor's does."""

import copy
from pathlib import Path

import pytest
from lxml import etree

from sandbox.szamlazz_schema import Invalid, parse
from tests import clock
from tests.reference.szamlazz_xsd import schemas

GOLDEN = Path(__file__).parents[1] / "providers/szamlazz/golden"
REQUESTS = sorted(GOLDEN.glob("*.xml"))


def allowed(body):
    """Return whether the emulator takes a request."""
    try:
        parse(body)
    except Invalid:
        return False
    return True


def mutations(body):
    """Yield the request once without, once with twice, once with a changed element."""
    root = etree.fromstring(body)
    for index, _element in enumerate(root.iter()):
        for change in (
            _removed,
            _doubled,
            _swapped,
            _renamed,
            _emptied,
            _comma,
            _wordy,
        ):
            mutant = copy.deepcopy(root)
            if change(list(mutant.iter())[index]):
                yield f"{change.__name__} {index}", etree.tostring(mutant)


def _removed(element):
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
    return parent is not None


def _doubled(element):
    if element.getparent() is None:
        return False
    element.addnext(copy.deepcopy(element))
    return True


def _swapped(element):
    following = element.getnext()
    if following is not None:
        following.addnext(element)
    return following is not None


def _renamed(element):
    element.tag += "X"
    return True


def _emptied(element):
    element.text = ""
    return True


def _comma(element):
    element.text = "1,5"
    return True


def _wordy(element):
    if len(element):
        return False
    etree.SubElement(element, element.tag)
    return True


@pytest.mark.parametrize("file", REQUESTS, ids=lambda file: file.stem)
def test_each_mutant_of_a_request_is_judged_as_by_both_editions(file):
    editions = schemas(etree.fromstring(file.read_bytes()).tag.rpartition("}")[2])
    assert allowed(file.read_bytes())
    judged, refused = 0, 0
    for name, mutant in mutations(file.read_bytes()):
        root = etree.fromstring(mutant)
        valid = all(schema.validate(root) for schema in editions)
        assert allowed(mutant) == valid, name
        judged += 1
        refused += not valid
    assert judged > 10 and refused > 3


def request(header="", line="", settings="", seller=""):
    """Return a create with more elements at the end of its parts."""
    return f"""<xmlszamla xmlns="http://www.szamlazz.hu/xmlszamla"><beallitasok>
<szamlaagentkulcs>k</szamlaagentkulcs><eszamla>false</eszamla>
<szamlaLetoltes>false</szamlaLetoltes>{settings}</beallitasok><fejlec>
<teljesitesDatum>{clock.DAY}</teljesitesDatum>
<fizetesiHataridoDatum>{clock.DAY}</fizetesiHataridoDatum><fizmod>készpénz</fizmod>
<penznem>HUF</penznem><szamlaNyelve>hu</szamlaNyelve>{header}</fejlec>
<elado>{seller}</elado><vevo><nev>V</nev><irsz/><telepules/><cim/></vevo><tetelek><tetel><megnevezes>X</megnevezes>
<mennyiseg>1</mennyiseg><mennyisegiEgyseg>db</mennyisegiEgyseg>
<nettoEgysegar>100</nettoEgysegar><afakulcs>27</afakulcs><nettoErtek>100</nettoErtek>
<afaErtek>27</afaErtek><bruttoErtek>127</bruttoErtek>{line}</tetel></tetelek>
</xmlszamla>""".encode()


def test_the_plain_request_of_these_tests_is_taken():
    assert allowed(request())


@pytest.mark.parametrize(
    "parts",
    [
        {"header": "<elonezetpdf>true</elonezetpdf><simpleItems>true</simpleItems>"},
        {"header": "<simpleItems>true</simpleItems><elonezetpdf>true</elonezetpdf>"},
        {"line": "<torloKod>1</torloKod>"},
        {"settings": "<kulcstartojelszo>x</kulcstartojelszo>"},
        {"header": "<rendelesSzam>1</rendelesSzam><megjegyzes>x</megjegyzes>"},
    ],
    ids=str,
)
def test_what_only_one_edition_or_none_knows_is_refused(parts):
    assert not allowed(request(**parts))


@pytest.mark.parametrize(
    "body",
    [b"", b"<xmlszamla", b"<html/>", b"<xmlszamla/>", b"\xff", b"<xmlnyugtaget/>"],
)
def test_what_is_no_request_is_invalid_and_not_a_crash(body):
    assert not allowed(body)
