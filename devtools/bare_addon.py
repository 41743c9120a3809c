"""The addon where there is no Odoo: its plain packages under their own name."""

import sys
from types import ModuleType

from .paths import ADDON


def install():
    """Let ``salon_invoice_bridge.billing`` and ``.providers`` be imported by name.

    The addon's own ``__init__`` imports its models, which need Odoo; a bare package
    with the addon's path stands in for it.
    """
    package = ModuleType(ADDON.name)
    package.__path__ = [str(ADDON)]
    sys.modules.setdefault(ADDON.name, package)
