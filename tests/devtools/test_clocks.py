"""Under another clock it is another time, and nothing else is different."""

import ast
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from devtools import clocks, debian
from devtools.clocks import CLOCKS
from devtools.console import Problem
from devtools.paths import ROOT

NOW = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)
BUDAPEST = ZoneInfo("Europe/Budapest")


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("+1-day", datetime(2026, 11, 21, 12, tzinfo=timezone.utc)),
        ("+40-days", datetime(2026, 12, 30, 12, tzinfo=timezone.utc)),
        ("leap-day", datetime(2028, 2, 29, 12, tzinfo=BUDAPEST)),
        ("summer-time", datetime(2027, 3, 28, 1, tzinfo=timezone.utc)),
        ("winter-time", datetime(2027, 10, 31, 1, tzinfo=timezone.utc)),
        ("midnight-budapest", datetime(2026, 11, 21, tzinfo=BUDAPEST)),
        ("midnight-utc", datetime(2026, 11, 21, tzinfo=timezone.utc)),
    ],
)
def test_a_clock_leads_to_its_moment(name, moment):
    assert CLOCKS[name].moment(NOW) == moment


@pytest.mark.parametrize("name", ["summer-time", "winter-time"])
def test_a_change_of_time_is_where_budapests_clocks_jump(name):
    moment = CLOCKS[name].moment(NOW)
    offsets = {
        (moment + timedelta(seconds=seconds)).astimezone(BUDAPEST).utcoffset()
        for seconds in (-1, 0)
    }
    assert len(offsets) == 2


def test_a_program_has_the_other_day_and_sleeps_as_long_as_ever():
    if not debian.available():
        pytest.skip("libfaketime comes from the Debian archive")
    script = (
        "import time, threading\n"
        "begun, started = time.time(), time.monotonic()\n"
        "time.sleep(0.2)\n"
        "threading.Event().wait(0.2)\n"
        "print(begun, started, time.monotonic() - started, time.strftime('%Z'))"
    )
    variables = clocks.applied(os.environ, CLOCKS["+40-days"].variables(before=0))
    begun, started = time.time(), time.monotonic()
    shown = subprocess.run(
        [sys.executable, "-c", script],
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    ahead = float(shown[0]) - begun
    assert abs(ahead - 40 * 24 * 3600) < 60
    assert 0 < float(shown[1]) - started < 60
    assert 0.4 <= float(shown[2]) < 10
    assert shown[3] == "UTC"
    clocks.forget()


def test_a_moment_that_passes_comes_after_the_start(monkeypatch):
    monkeypatch.setattr(clocks, "library", lambda: "/lib/x.so")
    monkeypatch.delenv("FAKETIME", raising=False)
    soon, late = (
        float(CLOCKS["midnight-utc"].variables(before)["FAKETIME"])
        for before in (60, 120)
    )
    assert soon - late in (59, 60, 61)
    variables = CLOCKS["midnight-budapest"].variables(60)
    assert variables["TZ"] == "Europe/Budapest"
    assert variables["FAKETIME_DONT_FAKE_MONOTONIC"] == variables["NO_FAKE_STAT"] == "1"


def test_a_clock_that_there_is_not_is_one_line():
    assert clocks.named("+1-day,leap-day") == [CLOCKS["+1-day"], CLOCKS["leap-day"]]
    with pytest.raises(Problem, match="no clock 'tomorrow'.*leap-day"):
        clocks.named("+1-day,tomorrow")


def test_what_programs_left_in_shared_memory_is_removed(monkeypatch, tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for pid in (ended.pid, os.getpid()):
        (tmp_path / f"faketime_shm_{pid}").touch()
        (tmp_path / f"sem.faketime_sem_{pid}").touch()
    monkeypatch.setattr(clocks, "SHARED", tmp_path)
    clocks.forget()
    left = {file.name for file in tmp_path.iterdir()}
    assert left == {f"faketime_shm_{os.getpid()}", f"sem.faketime_sem_{os.getpid()}"}


# === THE CLOCK OF THE TESTS === #

#: These ask what time it is: TLS and libfaketime have no other clock to ask, and the
#: interviews of ./dev probe date what they do themselves.
ASK = {"devtools/test_clocks.py", "devtools/test_probe.py", "providers/test_http.py"}

NOWS = {"now", "today", "utcnow"}


def asks(tree):
    """Yield the lines of a module that ask the machine's clock for the day."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        words = ast.unparse(node.func)
        owner, _, name = words.rpartition(".")
        if (
            words == "time.time"
            or (name in NOWS and owner.rpartition(".")[2] in ("date", "datetime"))
            # An emulator that is given no clock asks the machine's.
            or (
                words in ("start", "sandbox.start")
                and not any(keyword.arg == "clock" for keyword in node.keywords)
            )
        ):
            yield node.lineno


def test_tests_have_their_day_from_one_place():
    folder = ROOT / "tests"
    found = {}
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        if name not in ASK and not name.startswith("live/"):
            found[name] = list(asks(ast.parse(path.read_text())))
    assert len(found) > 40
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_a_test_that_asks_for_today_would_be_found():
    told = ast.parse(
        "date.today()\ndatetime.datetime.now(zone)\ntime.time()\nstart()\n"
        "clock.now()\nstart(clock=clock.now)\ntime.monotonic()\nworld.now()\n"
    )
    assert list(asks(told)) == [1, 2, 3, 4]
