"""Clients from npm, installed once into the project's working folder."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import clock

HERE = Path(__file__).parent
WORK = Path(__file__).parents[2] / ".dev/foreign"


@pytest.fixture(scope="session")
def npm_packages():
    """Return the folder with the pinned packages; skip where npm has none."""
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        pytest.skip("node and npm are not installed")
    WORK.mkdir(parents=True, exist_ok=True)
    for file in HERE.glob("*.mjs"):
        shutil.copy(file, WORK)
    lock = (HERE / "package-lock.json").read_bytes()
    installed = WORK / "installed.lock"
    if not installed.exists() or installed.read_bytes() != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, WORK)
        command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        try:
            run = subprocess.run(
                command, cwd=WORK, capture_output=True, text=True, timeout=120
            )
        except subprocess.TimeoutExpired:
            pytest.skip("npm did not install szamlazz.js in two minutes")
        if run.returncode:
            pytest.skip(f"npm cannot install szamlazz.js: {run.stderr[-300:]}")
        installed.write_bytes(lock)
    return WORK


@pytest.fixture
def szamlazz_js(npm_packages):
    """Run steps with szamlazz.js: ``szamlazz_js(url, key, *steps)`` -> results."""

    def run(url, key, *steps):
        done = subprocess.run(
            ["node", "szamlazz_js.mjs", f"{url}/szamla/", key, str(clock.NOON * 1000)],
            cwd=npm_packages,
            # It counts its days in the machine's zone; the service, in Budapest's.
            env={**os.environ, "TZ": "Europe/Budapest"},
            input=json.dumps(steps),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return json.loads(done.stdout)

    return run
