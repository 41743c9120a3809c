"""Where things are. Nothing is written outside STATE and the cache folder."""

import hashlib
import os
from pathlib import Path

#: The checkout.
ROOT = Path(__file__).resolve().parent.parent

ADDON = ROOT / "salon_invoice_bridge"

#: The checkout's ignored folder: cluster, logs, Odoo's data, test results.
STATE = ROOT / ".dev"


def cache():
    """Return the user's cache folder for this project.

    ``SALON_CACHE`` names it; else it is ``salon-invoice-bridge`` under
    ``XDG_CACHE_HOME`` or ``~/.cache``. Shared by all checkouts of a user.
    """
    named = os.environ.get("SALON_CACHE")
    if named:
        return Path(named).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).expanduser().absolute() / "salon-invoice-bridge"


def checkout_id():
    """Return eight hex digits that tell this checkout's databases from others'."""
    return hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
