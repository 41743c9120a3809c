"""What all tests outside Odoo share."""

from hypothesis import settings

from devtools import bare_addon
from tests.examples import ORDINARY, examples

# A machine that is busy with something else is no failure.
settings.register_profile("salon", examples(ORDINARY))
settings.load_profile("salon")

bare_addon.install()
