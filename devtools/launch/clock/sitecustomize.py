"""Lets Python sleep under libfaketime.

Debian 12's libfaketime takes the moment that ``time.sleep`` wakes up at, which the
monotonic clock counts, for one of the wall clock that it moves: the kernel then refuses
to sleep (EINVAL). ``select`` is told how long, not until when. Alone in its folder,
because Python looks for modules there first.
"""

import select
import time


def sleep(seconds):
    """Do nothing for so many seconds."""
    select.select((), (), (), seconds)


time.sleep = sleep
