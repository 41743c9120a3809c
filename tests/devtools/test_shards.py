"""Processes that share a stage run each of its tests once, between them."""

import subprocess
import sys
from collections import Counter

import pytest

from devtools.paths import ROOT
from devtools.stages import EXHAUSTED, Job

SUITE = """
import time
from pathlib import Path
import unittest

NOTES = Path(__file__).with_name("notes")

def note(name):
    time.sleep(0.02)
    with open(NOTES, "a") as notes:
        notes.write(name + chr(10))

class TestFirst(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        note("set up first")

    def test_a(self):
        note("first a")

    def test_b(self):
        note("first b")

class TestSecond(unittest.TestCase):
    def test_a(self):
        note("second a")

def test_alone():
    note("alone")
    assert {passes}
"""
FILES = 6


@pytest.fixture
def run(tmp_path):
    """Return a function that runs a suite by two processes; it returns their codes."""
    suite, folder = tmp_path / "suite", tmp_path / "shards"
    folder.mkdir()

    def start(*options, passes=lambda _number: True):
        suite.mkdir(exist_ok=True)
        for number in range(FILES):
            text = SUITE.replace("{passes}", str(passes(number)))
            (suite / f"test_{number}.py").write_text(text)
        command = [sys.executable, "-m", "pytest", "-p", "no:odoo"]
        command += ["-p", "tests.shards", f"--shards={folder}", f"--rootdir={suite}"]
        command += [f"--override-ini=cache_dir={tmp_path / 'cache'}", *options, suite]
        processes = [
            subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
            for _process in range(2)
        ]
        outputs = [process.communicate()[0] for process in processes]
        return [process.returncode for process in processes], outputs

    start.suite, start.folder = suite, folder
    return start


def test_each_test_is_run_once_and_each_class_in_one_process(run):
    codes, _outputs = run()
    assert codes == [0, 0]
    ran = Counter((run.suite / "notes").read_text().splitlines())
    names = ("set up first", "first a", "first b", "second a", "alone")
    assert ran == dict.fromkeys(names, FILES)
    assert (run.folder / EXHAUSTED).exists()


def test_the_failures_of_both_are_known_to_the_next_run(run):
    codes, _outputs = run(passes=lambda number: False)
    assert 1 in codes
    for file in run.folder.iterdir():
        file.unlink()
    (run.suite / "notes").unlink()
    run("--lf", passes=lambda number: False)
    ran = Counter((run.suite / "notes").read_text().splitlines())
    assert ran == {"alone": FILES}


def test_a_selection_that_selects_nothing_says_so(run):
    assert run("-k", "nothing")[0] == [5, 5]


def test_nobody_starts_when_nothing_is_left(tmp_path):
    (tmp_path / EXHAUSTED).touch()
    job = Job("odoo", "odoo", tmp_path / "none", [], {}, shards=tmp_path)
    result = job.run(lambda _process: None)
    assert (result.passed, result.failed, result.code) == (0, 0, 0)
