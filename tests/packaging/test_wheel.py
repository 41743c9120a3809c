"""The wheel ``odoo-addon-salon_invoice_bridge`` holds the whole addon and nothing else.

A folder that setup.py forgot (views, translations, the till's JavaScript) would only be
noticed on the server of a salon that installs with pip.
"""

import ast
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDON = "salon_invoice_bridge"

# The module that is imported -> the distribution that brings it. What is not here comes
# with Odoo (psycopg2) or with another one of these (urllib3 with requests).
DISTRIBUTIONS = {
    "jwt": "PyJWT",
    "lxml": "lxml",
    "requests": "requests",
    "stdnum": "python-stdnum",
    "xlsxwriter": "XlsxWriter",
}
COMES_WITH_OTHERS = {"dateutil", "markupsafe", "odoo", "psycopg2", "pytz", "urllib3"}


def manifest():
    return ast.literal_eval((ROOT / ADDON / "__manifest__.py").read_text("utf-8"))


def sources(folder):
    """Return the addon's files below ``folder`` that a wheel must hold."""
    return {
        str(path.relative_to(folder))
        for path in (folder / ADDON).rglob("*")
        if path.is_file() and not {"tests", "__pycache__"} & set(path.parts)
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return a copy of what the wheel is built from: a build leaves its own litter."""
    folder = tmp_path_factory.mktemp("project")
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(ROOT / ADDON, folder / ADDON, ignore=ignore)
    for name in ("setup.py", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    # The next version will have these; neither may be forgotten then.
    script = folder / ADDON / "migrations/19.0.9.0.0/post-migration.py"
    script.parent.mkdir(parents=True)
    script.touch()
    test = folder / ADDON / "tests/test_planted.py"
    test.parent.mkdir(exist_ok=True)
    test.touch()
    return folder


@pytest.fixture(scope="module")
def wheel(project):
    """Build the wheel with setuptools alone, without a network; return it opened."""
    code = "from setuptools.build_meta import build_wheel; build_wheel('dist')"
    subprocess.run([sys.executable, "-c", code], cwd=project, check=True)
    (path,) = (project / "dist").glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def metadata(wheel):
    (name,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
    return Parser().parsestr(wheel.read(name).decode())


def test_every_file_of_the_addon_but_its_tests_is_in_the_wheel(project, wheel):
    packed = {
        name.removeprefix("odoo/addons/")
        for name in wheel.namelist()
        if ".dist-info/" not in name
    }
    assert packed == sources(project)
    assert f"{ADDON}/__manifest__.py" in packed
    assert f"{ADDON}/migrations/19.0.9.0.0/post-migration.py" in packed


def test_the_wheel_leaves_the_namespaces_of_odoo_alone(wheel):
    names = wheel.namelist()
    assert "odoo/__init__.py" not in names
    assert "odoo/addons/__init__.py" not in names


def test_the_strategies_import_under_odoo_addons_once_installed(wheel, tmp_path):
    wheel.extractall(tmp_path)
    # Not through the addon's own __init__, which needs Odoo: this test has none.
    code = (
        "import importlib.util, sys, types\n"
        f"spec = importlib.util.find_spec('odoo.addons.{ADDON}')\n"
        f"package = types.ModuleType('odoo.addons.{ADDON}')\n"
        "package.__path__ = list(spec.submodule_search_locations)\n"
        f"sys.modules['odoo.addons.{ADDON}'] = package\n"
        f"import odoo.addons.{ADDON}.providers as providers\n"
        "print(providers.__file__)\n"
    )
    found = subprocess.check_output(
        [sys.executable, "-c", code], cwd=tmp_path, text=True
    ).strip()
    assert Path(found) == tmp_path / "odoo/addons" / ADDON / "providers/__init__.py"


def test_the_wheel_says_the_name_version_and_licence_of_the_addon(wheel):
    said = metadata(wheel)
    assert said["Name"].replace("-", "_") == f"odoo_addon_{ADDON}"
    assert said["Version"] == manifest()["version"]
    assert said["Version"].startswith("19.0.")
    licence = said["License"] or said["License-Expression"]
    assert licence.startswith(manifest()["license"])


def test_the_wheel_asks_for_every_library_that_the_addon_imports(wheel):
    imported = set()
    for path in (ROOT / ADDON).rglob("*.py"):
        if "tests" in path.relative_to(ROOT / ADDON).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(node.module.split(".")[0])
    libraries = imported - sys.stdlib_module_names - COMES_WITH_OTHERS
    required = set(metadata(wheel).get_all("Requires-Dist"))
    assert {DISTRIBUTIONS[name] for name in libraries} <= required
    assert not any(name.lower().startswith("odoo") for name in required)
