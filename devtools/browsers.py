"""The browser of the machine: none is downloaded."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find():
    """Return the path of a Chromium, or None where there is none.

    ``SALON_CHROMIUM`` names one; else the first of the usual names on the PATH.
    """
    named = os.environ.get("SALON_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    return next(filter(None, map(shutil.which, NAMES)), None)
