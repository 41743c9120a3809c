"""Each wall of the design bites: a planted breach turns import-linter red.

The contracts stand in ``.importlinter``. Each test plants one import in a copy of the
project and expects the contract of that wall, and only that one, to break.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from devtools import lint, venv

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("salon_invoice_bridge", "sandbox", "devtools")

PROVIDERS = "Strategies are plain Python: no Odoo, no database"
EXPORT = "What is written for accountants is plain Python: no Odoo, no network"
HTTP = "Only the strategies talk HTTP"
BILLING = "Decisions are plain Python: no Odoo, no network, no database"
LAYERS = "Each room knows only the rooms below it"
SANDBOX = "The emulators know neither Odoo nor the addon"
DEVTOOLS = "./dev runs before anything is installed"


@pytest.fixture
def project(tmp_path):
    """Return a copy of the project's Python code, with every layer present."""
    for package in PACKAGES:
        for source in (ROOT / package).rglob("*.py"):
            copy = tmp_path / source.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)
    for layer in ("models", "wizards", "worker"):
        (tmp_path / "salon_invoice_bridge" / layer).mkdir(exist_ok=True)
        (tmp_path / "salon_invoice_bridge" / layer / "__init__.py").touch()
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def lint_imports():
    """Return the command of import-linter that ``./dev lint`` runs."""
    return venv.python(venv.ensure(lint.REQUIREMENTS)).with_name("lint-imports")


@pytest.fixture
def broken_contracts(project, lint_imports):
    """Return a function that names the contracts which ``project`` breaks."""
    return lambda: _broken_contracts(project, lint_imports)


def _broken_contracts(project, lint_imports):
    result = subprocess.run(
        [lint_imports, "--no-cache"],
        cwd=project,
        env={"COLUMNS": "200", "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert "Contracts: " in result.stdout, result.stdout
    names = (BILLING, PROVIDERS, EXPORT, HTTP, LAYERS, SANDBOX, DEVTOOLS)
    kept = {name for name in names if f"{name} KEPT" in " ".join(result.stdout.split())}
    broken = set(names) - kept
    assert bool(broken) == bool(result.returncode), result.stdout
    return broken


def test_the_project_keeps_every_contract(broken_contracts):
    assert broken_contracts() == set()


@pytest.mark.parametrize(
    "where, line, contract",
    [
        ("salon_invoice_bridge/billing", "from odoo import models", BILLING),
        ("salon_invoice_bridge/billing", "import psycopg2", BILLING),
        ("salon_invoice_bridge/billing", "import lxml", BILLING),
        ("salon_invoice_bridge/providers", "from odoo import models", PROVIDERS),
        ("salon_invoice_bridge/providers", "import odoo.addons.base", PROVIDERS),
        ("salon_invoice_bridge/providers", "import psycopg2", PROVIDERS),
        ("salon_invoice_bridge/providers", "import werkzeug.urls", PROVIDERS),
        ("salon_invoice_bridge/export", "from odoo import models", EXPORT),
        ("salon_invoice_bridge/export", "import openpyxl", EXPORT),
        ("salon_invoice_bridge/models", "import requests", HTTP),
        ("salon_invoice_bridge/models", "from requests import Session", HTTP),
        ("salon_invoice_bridge/wizards", "import urllib3", HTTP),
        ("salon_invoice_bridge/wizards", "import httpx", HTTP),
        ("salon_invoice_bridge/models", "from .. import wizards", LAYERS),
        ("salon_invoice_bridge/models", "from .. import controllers", LAYERS),
        ("salon_invoice_bridge/worker", "from .. import models", LAYERS),
        ("salon_invoice_bridge/worker", "import requests", HTTP),
        ("sandbox", "import odoo", SANDBOX),
        ("sandbox", "from salon_invoice_bridge.providers import vat", SANDBOX),
        ("devtools", "import requests", DEVTOOLS),
        ("devtools", "import salon_invoice_bridge", DEVTOOLS),
    ],
)
def test_a_breach_of_a_wall_is_found(project, broken_contracts, where, line, contract):
    (project / where / "breach.py").write_text(f"{line}\n")
    assert broken_contracts() == {contract}


@pytest.mark.parametrize(
    "room, other, contract",
    [
        ("providers", "models", PROVIDERS),
        ("providers", "worker", PROVIDERS),
        ("export", "models", EXPORT),
        ("export", "providers", EXPORT),
        ("providers", "export", PROVIDERS),
        ("billing", "export", BILLING),
        ("billing", "providers", BILLING),
        ("billing", "worker", BILLING),
    ],
)
def test_a_plain_room_that_imports_a_higher_one_breaks_both_walls(
    project, broken_contracts, room, other, contract
):
    breach = project / f"salon_invoice_bridge/{room}/breach.py"
    breach.write_text(f"from .. import {other}\n")
    assert broken_contracts() == {contract, LAYERS}


def test_an_import_inside_a_function_is_a_breach_too(project, broken_contracts):
    breach = project / "salon_invoice_bridge/models/breach.py"
    breach.write_text("def send():\n    import requests\n    return requests\n")
    assert broken_contracts() == {HTTP}
