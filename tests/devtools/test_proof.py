"""docs/proof.md names what exists: tests that are there, questions that are asked."""

import re

import pytest

from devtools.paths import ADDON, ROOT
from devtools.probes.billingo import BillingoInterview
from devtools.probes.szamlazz import SzamlazzInterview

PROOF = (ROOT / "docs" / "proof.md").read_text(encoding="utf-8")
TESTS = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in (ROOT / "tests", ADDON / "tests")
    for path in folder.rglob("test_*.py")
)
SECTIONS = {"Billingo, API v3": BillingoInterview, "Számlázz.hu": SzamlazzInterview}


def questions(interview):
    """Return the questions of an interview, in small letters."""
    methods = [getattr(interview, name) for name in vars(interview)]
    return [m.question.lower() for m in methods if hasattr(m, "question")]


def words(section):
    """Return the words of the column "asked by" of a section's table."""
    text = PROOF.partition(f"## {section}")[2].partition("\n## ")[0]
    cells = [row.split(" | ")[3] for row in text.splitlines() if " | – | " in row]
    found = [cell.strip().lower() for cell in cells]
    return [w for cell in found if cell != "–" for w in cell.split(", ")]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(test_\w+)`", PROOF))))
def test_every_test_that_is_named_as_a_proof_exists(name):
    assert f"def {name}(" in TESTS


@pytest.mark.parametrize("section", SECTIONS)
def test_every_word_of_the_table_finds_its_question(section):
    asked = questions(SECTIONS[section])
    missing = [w for w in words(section) if not any(w in text for text in asked)]
    assert words(section)
    assert not missing


@pytest.mark.parametrize("section", SECTIONS)
def test_every_question_of_the_probe_is_in_the_table(section):
    known = words(section)
    asked = questions(SECTIONS[section])
    assert [text for text in asked if not any(w in text for w in known)] == []
