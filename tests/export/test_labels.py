"""Each word that the month's file can say is among its labels, and is translated."""

import re

import pytest

from salon_invoice_bridge.billing.invoice import (
    EXISTING_STATES,
    LASTING_KINDS,
    NavState,
)
from salon_invoice_bridge.billing.month import Basis, Gap, Item
from salon_invoice_bridge.export.labels import LABELS, check

from . import hungarian


@pytest.mark.parametrize(
    ("prefix", "members"),
    [
        ("kind", LASTING_KINDS),
        ("state", EXISTING_STATES),
        ("nav", NavState),
        ("gap", Gap),
        ("item", Item),
        ("basis", Basis),
    ],
)
def test_each_member_of_a_vocabulary_has_its_word(prefix, members):
    assert {f"{prefix}.{member.value}" for member in members} <= LABELS.keys()


def test_a_translation_has_the_same_keys_and_places():
    def places(text):
        return sorted(re.findall(r"%\(\w+\)s", text))

    assert hungarian.LABELS.keys() == LABELS.keys()
    for key, text in LABELS.items():
        assert places(hungarian.LABELS[key]) == places(text), key


def test_what_is_one_text_in_english_is_one_in_hungarian():
    """Translations are kept by the English text."""
    texts = {}
    for key, text in LABELS.items():
        texts.setdefault(text, {hungarian.LABELS[key]}).add(hungarian.LABELS[key])
    assert {text: all_ for text, all_ in texts.items() if len(all_) > 1} == {}


def test_a_label_that_is_missing_is_named():
    with pytest.raises(KeyError, match="gap.pdf, title"):
        check({**LABELS, "title": "", "gap.pdf": None})


def test_two_sheets_have_two_names():
    for labels in (LABELS, hungarian.LABELS):
        names = [text[:31] for key, text in labels.items() if key.startswith("sheet.")]
        assert len({*names}) == len(names)
