"""A pytest plugin: several processes run the tests of one stage between them.

    python -m pytest -p tests.shards --shards=FOLDER ...

Each of them collects all tests. Before it runs a class of them (a file, where there are
no classes) it claims that class by a file in FOLDER, which only one process can make.
So none is run twice or left out, and all processes end at about the same time.
"""

import fcntl
import hashlib
from pathlib import Path

import pytest

from devtools.stages import EXHAUSTED

#: In the names of files whose tests take longest: they are claimed first.
LONG = ("random", "crash")


_RAN = pytest.StashKey()


def pytest_addoption(parser):
    """Declare the option."""
    parser.addoption("--shards", metavar="FOLDER", type=Path)


def pytest_runtestloop(session):
    """Run what this process claims; pytest's own loop runs all."""
    folder = session.config.getoption("shards")
    if folder is None or session.config.option.collectonly:
        return None
    if session.testsfailed and not session.config.option.continue_on_collection_errors:
        return None  # pytest's own loop says so.
    claimed = _claimed(session.items, folder)
    item = next(claimed, None)
    while item:
        # Known before its turn: what both need is set up only once.
        following = next(claimed, None)
        item.stash[_RAN] = True
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following
    return True


def _claimed(items, folder):
    """Yield the tests that are ours, as we come to them."""
    groups = {}
    for item in items:
        groups.setdefault(_group(item), []).append(item)
    for name in sorted(groups, key=_is_short):
        if _claim(folder / hashlib.sha256(name.encode()).hexdigest()):
            yield from groups[name]
    (folder / EXHAUSTED).touch()


def _group(item):
    """Return what names the tests that belong together: their class, or their file."""
    return (item.getparent(pytest.Class) or item.getparent(pytest.Module)).nodeid


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session):
    """Let ``--lf`` know what failed in the other processes as well."""
    folder = session.config.getoption("shards")
    if folder is None:
        return (yield)
    with open(folder / "finish.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until pytest has written what failed
        _merge_failures(session)
        return (yield)


def _merge_failures(session):
    """Add what failed in the other processes that have ended."""
    plugin = session.config.pluginmanager.get_plugin("lfplugin")
    if not plugin:
        return
    ours = {item.nodeid for item in session.items if _RAN in item.stash}
    kept = session.config.cache.get("cache/lastfailed", {})
    for test in {*plugin.lastfailed, *kept} - ours:
        if test in kept:
            plugin.lastfailed[test] = True
        else:
            del plugin.lastfailed[test]


def _is_short(name):
    return not any(word in name for word in LONG)


def _claim(path):
    """Say whether we are the first who come to it."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
