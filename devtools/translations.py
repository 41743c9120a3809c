"""./dev i18n: write the addon's terms to i18n/, and say what Hungarian lacks.

The terms come from Odoo itself, on a fresh database. Translations are kept, those of
terms that are gone are dropped. Fill in each empty msgstr of hu.po and run it again.
"""

import json

from . import environment
from .console import say
from .paths import ADDON, STATE
from .salon import run_in_odoo

#: Runs inside Odoo's shell.
_SCRIPT = """
import json
from pathlib import Path
from devtools import catalogs
Path({note!r}).write_text(json.dumps(catalogs.update(env)))
"""


def main(argv):
    """Update the catalogues; return 1 when Hungarian lacks a term, 0 when none."""
    if "-h" in argv or "--help" in argv:
        print(__doc__)
        return 0
    note = STATE / "i18n.json"
    with environment.ready() as databases, databases.temporary() as database:
        run_in_odoo(databases, database, _SCRIPT.format(note=str(note)), "i18n")
    missing = json.loads(note.read_text())
    note.unlink()
    for term in missing:
        say(f"  {term}")
    say(f"{ADDON.name}/i18n/hu.po lacks {len(missing)} terms.")
    return 1 if missing else 0
