"""The packages of package.json, installed in the cache where there is a Node.js."""

import hashlib
import os
import shutil
import subprocess

from .builds import build
from .console import Problem, detail
from .paths import ROOT, cache

#: eslint's own requirement
OLDEST = (18, 18)


class Missing(Exception):
    """This machine has no Node.js that would do. The text says so in a few words."""


def tools():
    """Return the folder of the packages' commands, and the environment they need.

    :raises Missing: where npm is not installed or Node.js is too old
    :raises Problem: when the packages cannot be installed
    """
    if not (shutil.which("node") and shutil.which("npm")):
        raise Missing("no Node.js here")
    version = subprocess.check_output(["node", "--version"], text=True).strip()
    if tuple(map(int, version[1:].split(".")[:2])) < OLDEST:
        raise Missing(f"Node.js {version} is older than {'.'.join(map(str, OLDEST))}")
    package = (ROOT / "package.json").read_bytes()
    folder = cache() / f"node-{hashlib.sha256(package).hexdigest()[:12]}"
    build(folder, _install, gigabytes=0.2)
    modules = folder / "node_modules"
    # The checkout's settings files find the packages by NODE_PATH; prettier makes its
    # own cache in CACHE_DIR, or else a node_modules folder in the checkout.
    places = {"NODE_PATH": str(modules), "CACHE_DIR": str(folder / "cache")}
    return modules / ".bin", {**os.environ, **places}


def _install(folder):
    detail("installing the packages of package.json")
    shutil.copy(ROOT / "package.json", folder)
    options = "--ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error"
    command = ["npm", "install", *options.split(), f"--cache={cache() / 'npm'}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.splitlines() or ["no message"])[0]
        raise Problem(f"npm install failed: {reason}. Is there a network?")
