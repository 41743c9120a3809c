"""Other days, hours and zones for the tests: ``./dev test --clocks``.

libfaketime, from the Debian archive, moves the wall clock of a program and of all that
it starts. What measures durations (the monotonic clock) and the times of files stay
real.
"""

import os
import shutil
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from . import debian, postgres, templates
from .builds import build
from .console import Problem
from .databases import Databases
from .paths import STATE, cache
from .processes import is_process

BUDAPEST = "Europe/Budapest"

#: Debian 12's: it needs no newer C library than any machine has that we run on.
PACKAGES = {"bookworm": ["libfaketime"]}

#: Mends Python's sleep under it.
SLEEP = Path(__file__).with_name("launch") / "clock"

#: Where the kernel shows shared memory; libfaketime leaves some when it is killed.
SHARED = Path("/dev/shm")


@dataclass(frozen=True)
class Clock:
    """A wall clock that is not the machine's.

    :param zone: what ``TZ`` is set to
    :param moment: function of the real time; returns the time that is run towards
    :param passes: the tests start a little before the moment, so that it comes while
        they run; else they start at it
    :param odoo: the addon's tests inside Odoo have this clock too, unless clocks or
        paths are named
    """

    name: str
    zone: str
    moment: Callable
    passes: bool = False
    odoo: bool = False

    def variables(self, before):
        """Return the variables of a program that starts now.

        :param int before: seconds from the start to a moment that passes
        :raises Problem: when libfaketime cannot be had
        """
        now = datetime.now(timezone.utc)
        start = self.moment(now) - timedelta(seconds=before if self.passes else 0)
        # A run under a clock of its own may start one as well: they add up.
        ahead = (start - now).total_seconds() + float(os.environ.get("FAKETIME") or 0)
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME": f"{ahead:+.0f}",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "TZ": self.zone,
        }


def applied(variables, clock):
    """Return a program's variables with a clock's, which may be none."""
    if not clock:
        return variables
    paths = filter(None, (str(SLEEP), variables.get("PYTHONPATH")))
    return {**variables, **clock, "PYTHONPATH": os.pathsep.join(paths)}


def later(days):
    """Return the moment that is so many days after the real time."""
    return lambda now: now + timedelta(days=days)


def leap_day(_now):
    """Return noon of a 29 February."""
    return datetime(2028, 2, 29, 12, tzinfo=ZoneInfo(BUDAPEST))


def change_of_time(month):
    """Return the next change of summer time: 01:00 UTC of a month's last Sunday."""

    def moment(now):
        for year in (now.year, now.year + 1):
            last = datetime(year, month, 31, 1, tzinfo=timezone.utc)
            change = last - timedelta(days=last.isoweekday() % 7)
            if change > now:
                return change

    return moment


def midnight(zone):
    """Return the next midnight of a zone."""

    def moment(now):
        tomorrow = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(), ZoneInfo(zone))

    return moment


CLOCKS = {
    clock.name: clock
    for clock in (
        Clock("+1-day", "America/New_York", later(1)),
        Clock("+40-days", "UTC", later(40), odoo=True),
        Clock("leap-day", BUDAPEST, leap_day),
        Clock("summer-time", BUDAPEST, change_of_time(3), passes=True),
        Clock("winter-time", BUDAPEST, change_of_time(10), passes=True),
        Clock("midnight-budapest", BUDAPEST, midnight(BUDAPEST), True, odoo=True),
        Clock("midnight-utc", "UTC", midnight("UTC"), True, odoo=True),
    )
}


def named(names):
    """Return the clocks of a list of names with commas between.

    :raises Problem: for a name that is none
    """
    for name in names.split(","):
        if name not in CLOCKS:
            raise Problem(f"there is no clock {name!r}: it is one of {list(CLOCKS)}.")
    return [CLOCKS[name] for name in names.split(",")]


def library():
    """Return libfaketime's file, unpacked in the cache.

    :raises Problem: when it cannot be had
    """
    folder = cache() / "libfaketime-debian"
    if not (folder / ".complete").exists() and not debian.available():
        raise Problem(
            "--clocks needs libfaketime of the Debian archive, and this is not a "
            "Debian machine with apt to fetch it."
        )
    build(folder, lambda target: debian.unpack(PACKAGES, target), healthy=_library)
    return _library(folder)


def _library(folder):
    """Return the variant for programs with threads, None where it is not."""
    return next(folder.glob("usr/lib/*/faketime/libfaketimeMT.so.1"), None)


def forget():
    """Remove the shared memory that libfaketime left for programs that are gone."""
    for pattern in ("faketime_shm_*", "sem.faketime_sem_*"):
        for file in SHARED.glob(pattern):
            pid = file.name.rpartition("_")[2]
            if pid.isdigit() and not is_process(int(pid)):
                with suppress(OSError):  # Another user's.
                    file.unlink()


@contextmanager
def serving(databases, clock, before):
    """Yield ``(databases, template, variables)`` of a PostgreSQL under a clock.

    It is a cluster of its own, since ``now()`` is asked in SQL. What it has was made by
    the real clock, as a salon's database is older than the day it sells on.

    :param databases: those of the real clock
    """
    state = STATE / "clocks" / str(os.getpid())
    programs = postgres.programs(databases.environment)
    shutil.rmtree(state, ignore_errors=True)
    try:
        template = templates.tested(databases)
        cluster = postgres.Cluster(programs, state)
        with cluster.in_use():
            _moved(cluster, databases).take(databases, template)
        variables = clock.variables(before)
        cluster = postgres.Cluster(programs, state, variables)
        with cluster.in_use():
            yield _moved(cluster, databases), template, variables
    finally:
        shutil.rmtree(state, ignore_errors=True)


def _moved(cluster, databases):
    return Databases(
        cluster.server, databases.odoo, databases.environment, cluster.folder.parent
    )
