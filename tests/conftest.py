"""What all tests outside Odoo share."""

from hypothesis import settings

# A machine that is busy with something else is no failure.
settings.register_profile("salon", deadline=None)
settings.load_profile("salon")
