"""``./dev lint`` fails when it should, and only then."""

import shutil
import subprocess
import sys

import pytest

from devtools import lint, node, venv

PASSES = [sys.executable, "-c", ""]
FAILS = [sys.executable, "-c", "raise SystemExit('an unused import')"]


@pytest.fixture
def run_lint(monkeypatch):
    """Return a function that runs ``./dev lint`` with the given checks only."""

    def run(checks, *arguments, markup=lambda: []):
        monkeypatch.setattr(lint, "python_checks", lambda: checks)
        monkeypatch.setattr(lint, "markup_checks", markup)
        return lint.main(list(arguments))

    return run


def test_a_finding_that_blocks_is_shown_and_makes_lint_fail(run_lint, capfd):
    assert run_lint([lint.Check("ruff", FAILS)]) == 1
    out = capfd.readouterr().out
    assert out.startswith("FAILED  ruff")
    assert "an unused import" in out


def test_advice_is_shown_and_lets_lint_pass(run_lint, capfd):
    assert run_lint([lint.Check("pylint", FAILS, blocking=False)]) == 0
    out = capfd.readouterr().out
    assert out.startswith("advice  pylint")
    assert "an unused import" in out


def test_the_linters_after_one_that_failed_run_too(run_lint, capfd):
    checks = [lint.Check("first", FAILS), lint.Check("second", PASSES)]
    assert run_lint(checks) == 1
    assert "ok      second" in capfd.readouterr().out


def test_fix_mends_instead_of_checking(run_lint):
    checks = [lint.Check("ruff", FAILS, fix=PASSES)]
    assert run_lint(checks) == 1
    assert run_lint(checks, "--fix") == 0


def test_without_node_the_checks_of_markup_are_said_to_be_skipped(run_lint, capfd):
    def markup():
        raise node.Missing("no Node.js here")

    assert run_lint([lint.Check("ruff", PASSES)], markup=markup) == 0
    assert "skipped prettier and eslint: no Node.js here" in capfd.readouterr().out


def test_an_old_node_counts_as_none(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "check_output", lambda *a, **k: "v18.9.1\n")
    with pytest.raises(node.Missing, match="v18.9.1 is older than 18.18"):
        node.tools()


@pytest.mark.parametrize(
    "where, code, symbol",
    [
        (
            "models",
            "def save(self):\n    self.env.cr.commit()\n",
            "invalid-commit",
        ),
        (
            "models",
            'def find(self, name):\n    self.env.cr.execute("SELECT " + name)\n',
            "sql-injection",
        ),
        (
            "models",
            "def ask(self):\n    try:\n        self.send()\n"
            "    except Exception:\n        pass\n",
            "except-pass",
        ),
        (
            "providers",
            "import requests\n\n\ndef ask():\n    return requests.get('x')\n",
            "external-request-timeout",
        ),
        (
            "models",
            "from odoo import models\n\n\nclass Connect(models.TransientModel):\n"
            '    _name = "connect"\n    _description = "Connect"\n',
            "no-wizard-in-models",
        ),
    ],
)
def test_a_trap_of_odoo_does_not_pass(tmp_path, where, code, symbol):
    """The mandatory set of pylint-odoo is switched on, and reads the addon."""
    addon = tmp_path / lint.ADDON.name
    (addon / where).mkdir(parents=True)
    shutil.copy(lint.ADDON / "__manifest__.py", addon)
    (addon / "__init__.py").write_text(f"from . import {where}\n")
    (addon / where / "__init__.py").write_text("from . import trap\n")
    (addon / where / "trap.py").write_text(code)
    pylint = venv.python(venv.ensure(lint.REQUIREMENTS)).with_name("pylint")
    found = subprocess.run(
        [pylint, f"--rcfile={lint.ROOT / '.pylintrc-mandatory'}", addon.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert found.returncode != 0
    assert f"({symbol})" in found.stdout
