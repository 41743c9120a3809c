"""How many examples hypothesis tries: enough for an ordinary run, thousands when asked.

``SALON_EXAMPLES`` says how many times as many; ``./dev test --all`` and ``./dev chaos``
set it.
"""

import os

from hypothesis import settings

#: Of a property that says nothing else.
ORDINARY = 100

TIMES = float(os.environ.get("SALON_EXAMPLES") or 1)


def examples(number, **options):
    """Return hypothesis's settings with so many examples in an ordinary run."""
    count = max(int(number * TIMES), 1)
    return settings(max_examples=count, deadline=None, **options)
