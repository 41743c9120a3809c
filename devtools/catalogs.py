"""The addon's catalogues of terms: written inside Odoo, which knows its terms.

``salon_invoice_bridge.pot`` holds every term, ``hu.po`` each one in Hungarian, other
languages what stands on documents. A second run writes the same bytes: there are no
dates, and the order is that of the English terms.
"""

import io

import polib

from odoo.tools.translate import trans_export

from .paths import ADDON

FOLDER = ADDON / "i18n"
TEMPLATE = FOLDER / f"{ADDON.name}.pot"

#: The language that every term must have.
FULL = "hu"


def update(env):
    """Write the template anew, and merge it into the translations.

    :param env: an Odoo environment on a database with the addon as it is now
    :return: the terms that Hungarian lacks, in their order
    """
    FOLDER.mkdir(exist_ok=True)
    template = export(env)
    template.save(TEMPLATE)
    paths = {FOLDER / f"{FULL}.po", *FOLDER.glob("*.po")}
    for path in sorted(paths):
        merge(template, path).save(path)
    hungarian = polib.pofile(str(FOLDER / f"{FULL}.po"))
    return [entry.msgid for entry in hungarian if not entry.translated()]


def export(env):
    """Return the catalogue of the addon's English terms."""
    buffer = io.BytesIO()
    trans_export(None, [ADDON.name], buffer, "po", env)
    return catalogue(polib.pofile(buffer.getvalue().decode()))


def merge(template, path):
    """Return a translation with the template's terms, its own ones kept.

    Terms that are gone are dropped. Only the full language lists what it lacks.
    """
    known = {}
    if path.exists():
        known = {entry.msgid: entry.msgstr for entry in polib.pofile(str(path))}
    merged = catalogue(template, Language=path.stem)
    for entry in list(merged):
        entry.msgstr = known.get(entry.msgid, "")
        if path.stem != FULL and not entry.msgstr:
            merged.remove(entry)
    return merged


def catalogue(entries, **metadata):
    """Return a catalogue of copies of ``entries``, with a header that has no dates."""
    made = polib.POFile()
    made.header = "Translation of the Odoo addon salon_invoice_bridge."
    made.metadata = {
        "Project-Id-Version": "Odoo Server 19.0",
        "Report-Msgid-Bugs-To": "",
        "Last-Translator": "",
        "Language-Team": "",
        **metadata,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "",
    }
    made.extend(
        polib.POEntry(
            msgid=entry.msgid,
            msgstr=entry.msgstr,
            comment=entry.comment,
            occurrences=entry.occurrences,
        )
        for entry in entries
    )
    return made
