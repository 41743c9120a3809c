"""Hungarian as the salon's people say it: words that were changed do not come back."""

import re

import polib
import pytest

from devtools.paths import ADDON, ROOT

CATALOGUE = ADDON / "i18n" / "hu.po"
#: For the salon, and for its accountant.
GUIDES = [
    ROOT / "docs" / f"{name}.md" for name in ("utmutato", "konyvelonek", "adatvedelem")
]

#: What no text may say -> what it says instead. Words begin or are alone as written.
FORBIDDEN = {
    r"üzemkész": "Számlázás állapota: Rendben, Rendben, megjegyzéssel, Teendő van",
    r"(?<!API-)\bhívás": "API-napló",
    r"\bfelület": "API: jelenlegi (v3), régi (v2)",
    r"letöltés újra": "PDF újbóli lekérése",
    r"a vevő oldala": "Számla online",
    r"munkatársra": "kézi döntésre vár",
    r"beavatkozás": "Teendő",
    r"^számlázhat$": "A vállalat állíthat ki számlát",
    r"\bkivezet": "Korábbi fiók (csak sztornó és helyesbítés)",
    r"megtartott tétel": "Új számla a megmaradt tételekről",
    r"sorszám": "Bizonylatszám, Számlaszám where it can only be an invoice",
    # Számlázz.hu has a setting of this name; Odoo has a menu of that one.
    r"\brendelés(?!szám)": "eladás",
    r"költségvetési pozíció": "pénzügyi pozíció",
    r"kiállítás száma": "Hányadik kiállítás",
    r"kiállításig": "Átfutás (mp)",
    r"a cégé\b|cégének|cégadatok (ellen|kieg)": "vállalat",
    r"a cég (már|beállítás|adószám)": "vállalat",
}
#: What no label may be alone -> what it is instead.
FORBIDDEN_LABELS = {"Fiók": "Számlázó fiók", "Maradjon": "Mégsem", "Mégse": "Mégsem"}
#: English -> the Hungarian that was chosen for it.
CHOSEN = {
    "Account": "Számlázó fiók",
    "Calls": "API-napló",
    "Customer's Page": "Számla online",
    "Download Again": "PDF újbóli lekérése",
    "Generation": "Hányadik kiállítás",
    "Invoice Capable": "A vállalat állíthat ki számlát",
    "What was kept": "A megmaradt tételek",
    "Keep It": "Mégsem",
    "Needs attention": "Teendő",
    "Not ready": "Teendő van",
    "Number": "Bizonylatszám",
    "Readiness": "Számlázás állapota",
    "Ready": "Rendben",
    "Ready, with remarks": "Rendben, megjegyzéssel",
    "Retired": "Korábbi fiók (csak sztornó és helyesbítés)",
    "Seconds to Issue": "Átfutás (mp)",
    "Wait for a person": "Álljon meg, kézi döntésre vár",
}


@pytest.fixture(scope="module")
def hungarian():
    """Return ``{English: Hungarian}`` of the addon's catalogue."""
    return {entry.msgid: entry.msgstr for entry in polib.pofile(str(CATALOGUE))}


@pytest.mark.parametrize("word", FORBIDDEN)
def test_no_text_says_a_word_that_was_changed(hungarian, word):
    said = [text for text in hungarian.values() if re.search(word, text, re.IGNORECASE)]
    assert not said, f"say instead: {FORBIDDEN[word]}"


def test_no_label_is_a_word_that_was_changed(hungarian):
    assert not {text for text in hungarian.values() if text in FORBIDDEN_LABELS}


def test_labels_are_the_words_that_were_chosen(hungarian):
    assert {term: hungarian.get(term) for term in CHOSEN} == CHOSEN


def test_no_sentence_ends_with_a_name_that_may_end_in_a_full_stop(hungarian):
    """As in "Minta Kft..": whatever stands before the full stop is no bare name."""
    names = "account|active|bank|buyer|company|former|line|position|shop|user"
    bare = re.compile(rf"%\(({names})\)s\.")
    said = [text for pair in hungarian.items() for text in pair if bare.search(text)]
    assert not said


@pytest.mark.parametrize("guide", GUIDES, ids=lambda page: page.stem)
@pytest.mark.parametrize("word", FORBIDDEN)
def test_the_guides_speak_like_the_screens(word, guide):
    # Odoo's own menu keeps its name.
    guide = re.sub(r"›\s+Rendelések", "", guide.read_text("utf-8"))
    assert not re.search(word, guide, re.IGNORECASE)
