"""./dev explains itself, and says in one line what is wrong."""

import importlib
import os
import re
import subprocess
import sys

import pytest

from devtools import cli
from devtools.console import Problem
from devtools.paths import ROOT


def dev(*arguments, **variables):
    """Run ./dev as a user does."""
    return subprocess.run(
        [sys.executable, ROOT / "dev", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **variables},
    )


def test_the_help_fits_a_screen():
    for arguments in ([], ["--help"], ["help"]):
        shown = dev(*arguments)
        assert shown.returncode == 0
        lines = shown.stdout.splitlines()
        assert len(lines) <= 40
        assert max(map(len, lines)) <= 88
        assert all(command in shown.stdout for command in cli.COMMANDS)


def test_an_unknown_command_shows_the_help_and_fails():
    shown = dev("sell")
    assert shown.returncode == 2
    assert "usage: ./dev" in shown.stderr
    assert "there is no command 'sell'" in shown.stderr


@pytest.mark.parametrize("command", sorted(cli.COMMANDS))
def test_every_command_explains_itself(command):
    shown = dev(command, "--help")
    assert shown.returncode == 0
    assert len(shown.stdout) > 20


def test_a_problem_is_one_line_without_a_traceback(tmp_path):
    shown = dev("serve", ODOO_PATH=str(tmp_path))
    assert shown.returncode == 1
    last = shown.stderr.splitlines()[-1]
    assert last.startswith(f"dev: ODOO_PATH={tmp_path} is no Odoo source checkout")
    assert "Traceback" not in shown.stderr


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (Problem("the mirror is gone."), 1, "dev: the mirror is gone."),
        (KeyboardInterrupt(), 130, "dev: interrupted."),
        (OSError(28, "No space left"), 1, "dev: no disk space left"),
    ],
)
def test_whatever_ends_a_command_is_one_line(monkeypatch, capsys, error, code, words):
    def fail(argv):
        raise error

    module = importlib.import_module("devtools.clean")
    monkeypatch.setattr(module, "main", fail)
    monkeypatch.setattr(cli, "unwind_on_signals", lambda: None)
    assert cli.main(["clean"]) == code
    assert capsys.readouterr().err.startswith(words)


def test_a_python_that_is_too_old_is_told_so():
    head, _, _rest = (ROOT / "dev").read_text().partition("sys.path.insert")
    old = head.replace("sys.version_info <", "(3, 6) <")
    shown = subprocess.run([sys.executable, "-c", old], capture_output=True, text=True)
    assert shown.returncode == 1
    assert shown.stderr.startswith("dev: Python 3.10 or newer is needed")
    # A Python that knows no f-strings must get as far as telling.
    assert not re.search(r"\bf[\"']", (ROOT / "dev").read_text())
