"""What all tests outside Odoo share."""

from hypothesis import settings

from devtools import bare_addon

# A machine that is busy with something else is no failure.
settings.register_profile("salon", deadline=None)
settings.load_profile("salon")

bare_addon.install()
