"""Each wall of the design bites: a planted breach turns import-linter red.

The contracts stand in ``.importlinter``. Each test plants one import in a copy of the
project and expects the contract of that wall, and only that one, to break.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("salon_invoice_bridge", "sandbox", "devtools")

PROVIDERS = "Strategies are plain Python: no Odoo, no database"
HTTP = "Only the strategies talk HTTP"
LAYERS = "Wizards stand on models, models on strategies, never the other way"
SANDBOX = "The emulators know neither Odoo nor the addon"
DEVTOOLS = "./dev runs before anything is installed"


@pytest.fixture
def project(tmp_path):
    """Return a copy of the project's Python code, with every layer present."""

    def other_than_python(folder, names):
        return [n for n in names if not n.endswith(".py") and Path(folder, n).is_file()]

    for package in PACKAGES:
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(
            ROOT / package,
            tmp_path / package,
            ignore=lambda f, n, ignore=ignore: ignore(f, n) | {*other_than_python(f, n)},
        )
    for layer in ("models", "wizards"):
        (tmp_path / "salon_invoice_bridge" / layer).mkdir(exist_ok=True)
        (tmp_path / "salon_invoice_bridge" / layer / "__init__.py").touch()
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def broken_contracts(project):
    """Run import-linter on ``project`` and return the names of the broken contracts."""
    code = "from importlinter.cli import lint_imports_command as run; run()"
    result = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"],
        cwd=project,
        env={"PYTHONPATH": str(project), "COLUMNS": "200", "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert "Contracts: " in result.stdout, result.stdout
    names = (PROVIDERS, HTTP, LAYERS, SANDBOX, DEVTOOLS)
    kept = {name for name in names if f"{name} KEPT" in " ".join(result.stdout.split())}
    broken = set(names) - kept
    assert bool(broken) == bool(result.returncode), result.stdout
    return broken


def test_the_project_keeps_every_contract(project):
    assert broken_contracts(project) == set()


@pytest.mark.parametrize(
    "where, line, contract",
    [
        ("salon_invoice_bridge/providers", "from odoo import models", PROVIDERS),
        ("salon_invoice_bridge/providers", "import odoo.addons.base", PROVIDERS),
        ("salon_invoice_bridge/providers", "import psycopg2", PROVIDERS),
        ("salon_invoice_bridge/providers", "import werkzeug.urls", PROVIDERS),
        ("salon_invoice_bridge/models", "import requests", HTTP),
        ("salon_invoice_bridge/models", "from requests import Session", HTTP),
        ("salon_invoice_bridge/wizards", "import urllib3", HTTP),
        ("salon_invoice_bridge/wizards", "import httpx", HTTP),
        ("salon_invoice_bridge/models", "from .. import wizards", LAYERS),
        ("sandbox", "import odoo", SANDBOX),
        ("sandbox", "from salon_invoice_bridge.providers import vat", SANDBOX),
        ("devtools", "import requests", DEVTOOLS),
        ("devtools", "import salon_invoice_bridge", DEVTOOLS),
    ],
)
def test_a_breach_of_a_wall_is_found(project, where, line, contract):
    (project / where / "breach.py").write_text(f"{line}\n")
    assert broken_contracts(project) == {contract}


def test_strategies_that_import_the_models_break_both_walls(project):
    breach = project / "salon_invoice_bridge/providers/breach.py"
    breach.write_text("from .. import models\n")
    assert broken_contracts(project) == {PROVIDERS, LAYERS}


def test_an_import_inside_a_function_is_a_breach_too(project):
    breach = project / "salon_invoice_bridge/models/breach.py"
    breach.write_text("def send():\n    import requests\n    return requests\n")
    assert broken_contracts(project) == {HTTP}
