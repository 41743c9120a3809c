"""Private virtual environments in the cache, one per Python and set of packages."""

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from . import debian
from .builds import build
from .console import Problem, detail
from .paths import cache

REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def ensure(requirements=REQUIREMENTS):
    """Return the folder of an environment with these requirements, built if need be.

    :param requirements: a file of exactly pinned packages that have wheels
    :raises Problem: when packages cannot be fetched
    """
    return build(
        folder(requirements),
        lambda target: _create(target, requirements),
        healthy=lambda target: _runs(python(target)),
        gigabytes=1,
    )


def folder(requirements):
    """Return where the environment for these requirements belongs.

    The name carries all that its content depends on: Python's version and place, and
    the requirements themselves.
    """
    digest = hashlib.sha256(requirements.read_bytes())
    digest.update(os.path.realpath(sys.executable).encode())
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return cache() / f"venv-{requirements.stem}-{version}-{digest.hexdigest()[:12]}"


def python(environment):
    """Return the Python of an environment."""
    return environment / "bin" / "python"


def _runs(interpreter):
    """Say whether an interpreter still starts: the Python below it may be gone."""
    try:
        return not subprocess.run([interpreter, "-c", ""]).returncode
    except OSError:
        return False


def _create(target, requirements):
    # Debian's bare python3 has no ensurepip: pip then comes from a Debian package.
    pip_inside = importlib.util.find_spec("ensurepip") is not None
    options = [] if pip_inside else ["--without-pip"]
    _run([sys.executable, "-m", "venv", *options, str(target)], "venv")
    environment = dict(os.environ)
    if not pip_inside:
        environment["PYTHONPATH"] = str(_pip_wheel(target))
    detail(f"installing the packages of {requirements.name}")
    _run(
        [
            *(str(python(target)), "-m", "pip", "install", "--quiet"),
            *("--disable-pip-version-check", "--no-input", "--no-warn-script-location"),
            *("--only-binary", ":all:", "--no-deps", "--requirement"),
            str(requirements),
        ],
        "pip",
        environment,
    )


def _pip_wheel(target):
    """Return a wheel of pip that runs as it is, from the Debian archive."""
    if not debian.available():
        raise Problem(
            "this Python has no pip (no module ensurepip): install python3-venv, or "
            "run ./dev with another Python 3.10 or newer."
        )
    root = target / "debian"
    root.mkdir()
    debian.unpack({"sid": ["python3-pip-whl"]}, root)
    return next(root.glob("usr/share/python-wheels/pip-*.whl"))


def _run(command, what, environment=None):
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        output = (done.stderr + done.stdout).strip().splitlines()
        errors = [line for line in output if line.startswith("ERROR:")]
        reason = (errors or output[-1:] or [f"exit code {done.returncode}"])[0]
        raise Problem(
            f"cannot install the Python packages ({what}: {reason}). Check the "
            "network, pip's configuration and the disk space, then run again."
        )
