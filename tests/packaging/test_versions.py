"""`./dev lint` and the pre-commit hooks run the same linters at the same versions."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOOKS = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")


def pinned():
    """Return ``{distribution: version}`` of the linters' requirements."""
    text = (ROOT / "devtools/requirements-lint.txt").read_text("utf-8")
    return dict(re.findall(r"^([\w-]+)==(\S+)$", text, re.MULTILINE))


@pytest.mark.parametrize(
    "linter, repository",
    [
        ("codespell", "codespell-project/codespell"),
        ("pylint-odoo", "OCA/pylint-odoo"),
        ("ruff", "astral-sh/ruff-pre-commit"),
    ],
)
def test_a_hosted_hook_has_the_version_of_the_requirements(linter, repository):
    revision = re.search(rf"/{repository}\n +rev: v(\S+)", HOOKS)
    assert revision.group(1) == pinned()[linter]


@pytest.mark.parametrize("package", ["import-linter", "pypandoc_binary"])
def test_a_local_hook_has_the_version_of_the_requirements(package):
    version = re.search(rf'"{package}==([^"]+)"', HOOKS).group(1)
    assert version == pinned()[package]


def test_the_node_packages_have_the_versions_of_package_json():
    hooks = dict(re.findall(r'- "(@?[\w/-]+)@([\d.]+)"', HOOKS))
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    assert hooks == package["devDependencies"]
