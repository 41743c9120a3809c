"""``./dev lint``: the linters of .pre-commit-config.yaml, from the package registries.

The hooks themselves live at hosts that may be out of reach; their linters do not. Each
reads the same settings file and has the same version as its hook.
"""

import argparse
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from . import node, venv
from .paths import ADDON, ROOT

REQUIREMENTS = Path(__file__).with_name("requirements-lint.txt")
MARKUP = ("*.json", f"{ADDON.name}/**/*.{{js,scss,xml}}")


@dataclass(frozen=True)
class Check:
    """One linter: its name, what runs it, and what mends what it found."""

    name: str
    command: list
    fix: list | None = None  # instead of ``command`` with --fix
    blocking: bool = True
    environment: dict | None = None


def python_checks():
    """Return the checks that need nothing but Python."""
    bin_ = venv.python(venv.ensure(REQUIREMENTS)).parent
    ruff, pylint, spell = (str(bin_ / name) for name in ("ruff", "pylint", "codespell"))
    readme = [str(bin_ / "python"), "-m", "devtools.readme"]
    return [
        Check("readme", [*readme, "--check"], readme),
        Check("ruff check", [ruff, "check"], [ruff, "check", "--fix"]),
        Check("ruff format", [ruff, "format", "--check"], [ruff, "format"]),
        Check("import-linter", [str(bin_ / "lint-imports"), "--no-cache"]),
        Check("pylint-odoo", [pylint, "--rcfile=.pylintrc-mandatory", ADDON.name]),
        Check("pylint-odoo, advice", [pylint, ADDON.name], blocking=False),
        Check("codespell", [spell], [spell, "--write-changes"]),
    ]


def markup_checks():
    """Return the checks that need Node.js.

    :raises node.Missing: where there is none
    """
    bin_, environment = node.tools()
    prettier = [str(bin_ / "prettier"), "--no-error-on-unmatched-pattern", *MARKUP]
    eslint = [str(bin_ / "eslint"), "."]
    return [
        Check(
            "prettier",
            [*prettier, "--check"],
            [*prettier, "--write"],
            environment=environment,
        ),
        Check("eslint", eslint, [*eslint, "--fix"], environment=environment),
    ]


def run(check, fix=False):
    """Run ``check``; print a line, and what it found; return whether that may pass."""
    start = time.monotonic()
    done = subprocess.run(
        check.fix if fix and check.fix else check.command,
        cwd=ROOT,
        env=check.environment or os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    passed = done.returncode == 0
    word = "ok" if passed else "FAILED" if check.blocking else "advice"
    print(f"{word:<8}{check.name:<20}{time.monotonic() - start:6.1f} s", flush=True)
    if not passed:
        print(done.stdout, flush=True)
    return passed or not check.blocking


def main(argv=None):
    """Run every linter; return 0 when nothing that blocks was found, else 1."""
    parser = argparse.ArgumentParser(
        prog="./dev lint",
        description="Run the linters of .pre-commit-config.yaml.",
    )
    parser.add_argument("--fix", action="store_true", help="mend what can be mended")
    options = parser.parse_args(argv)
    checks = python_checks()
    try:
        checks += markup_checks()
    except node.Missing as missing:
        print(f"skipped prettier and eslint: {missing}")
    # A list, not a generator: everything is run, also after the first that failed.
    return 0 if all([run(check, options.fix) for check in checks]) else 1
