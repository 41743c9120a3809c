"""Odoo 19: where it comes from and what it needs to run."""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import debian
from .builds import build
from .console import Problem
from .paths import ROOT, cache

SERIES = "19.0"

#: What Odoo's package links to in static files, beside the package itself. Font
#: Awesome must be 4.7 and Inconsolata the single file that the point of sale names:
#: both as Debian 12 has them.
PACKAGES = {
    "sid": [
        "odoo-19",
        "fonts-glyphicons-halflings",
        "fonts-montserrat",
        "fonts-ocr-b",
        "fonts-roboto-unhinted",
        "libjs-jquery",
        "libjs-jquery-form",
        "libjs-underscore",
    ],
    "bookworm": ["fonts-font-awesome", "fonts-inconsolata"],
}


@dataclass(frozen=True)
class Odoo:
    """An Odoo 19 on this machine."""

    path: Path  # goes on Python's path: holds the package ``odoo``
    addons: tuple  # folders of addons beside the one inside the package
    version: str
    origin: str  # for people: where it comes from

    @property
    def key(self):
        """Return what tells this Odoo's code from another's, for what is built of it.

        The package's own numbers, and the commit where the code is a git checkout.
        """
        release = (self.path / "odoo" / "release.py").read_text()
        commit = ""
        if (self.path / ".git").exists():
            command = ["git", "-C", str(self.path), "rev-parse", "HEAD"]
            commit = subprocess.run(command, capture_output=True, text=True).stdout
        return f"{self.path}\n{release}\n{commit}"

    @property
    def addons_path(self):
        """Return the value of Odoo's ``addons_path``, this checkout included."""
        return ",".join(str(path) for path in (*self.addons, ROOT))


def ensure():
    """Return an Odoo 19: ``ODOO_PATH``, else an importable one, else Debian's.

    :raises Problem: when ``ODOO_PATH`` is not Odoo 19, or nothing can be had
    """
    named = os.environ.get("ODOO_PATH")
    if named:
        return from_path(Path(named).expanduser().absolute(), "ODOO_PATH")
    return importable() or packaged()


def from_path(path, origin):
    """Return the Odoo of a source checkout.

    :raises Problem: one line, when there is no Odoo 19 there
    """
    release = path / "odoo" / "release.py"
    if not release.is_file():
        raise Problem(
            f"{origin}={path} is no Odoo source checkout (no odoo/release.py there): "
            f"set it to a checkout of the branch {SERIES}, or unset it."
        )
    version = read_series(release.read_text())
    if version != SERIES:
        raise Problem(
            f"{origin}={path} is Odoo {version}, this addon needs {SERIES}: set it to "
            f"a checkout of the branch {SERIES}, or unset it."
        )
    addons = path / "addons"
    return Odoo(path, (addons,) if addons.is_dir() else (), version, str(path))


def read_series(text):
    """Return the series that the text of an ``odoo/release.py`` names, as "19.0".

    Read, not imported: any Python can then say which Odoo it is looking at.
    """
    found = re.search(r"^version_info\s*=\s*\(\s*(\d+)\s*,\s*(\d+)", text, re.M)
    return f"{found[1]}.{found[2]}" if found else "of an unknown version"


def importable():
    """Return the Odoo 19 that this Python can import, or None."""
    try:
        spec = importlib.util.find_spec("odoo")
    except (ImportError, ValueError):
        return None
    for package in (spec and spec.submodule_search_locations) or ():
        release = Path(package) / "release.py"
        if release.is_file() and read_series(release.read_text()) == SERIES:
            return from_path(Path(package).parent, "odoo")
    return None


def packaged():
    """Return Odoo 19 of the Debian archive, unpacked in the cache."""
    folder = cache() / f"odoo-{SERIES}-debian"
    if not (folder / ".complete").exists() and not debian.available():
        raise Problem(
            "no Odoo 19 here, and this is not a Debian machine with apt to fetch it: "
            f"set ODOO_PATH to a source checkout of Odoo's branch {SERIES}."
        )
    path = folder / "usr/lib/python3/dist-packages"
    build(
        folder,
        _unpack,
        healthy=lambda _folder: (path / "odoo" / "release.py").exists(),
        gigabytes=2,
    )
    version = (folder / "VERSION").read_text().strip()
    return Odoo(path, (), version, f"Debian package {version}")


def _unpack(folder):
    try:
        versions = debian.unpack(PACKAGES, folder)
    except Problem as problem:
        raise Problem(
            f"cannot fetch Odoo 19 from the machine's Debian mirror ({problem}). "
            "Check the network, or set ODOO_PATH to a checkout of Odoo's branch "
            f"{SERIES}."
        ) from problem
    missing = dangling(folder / "usr/lib/python3/dist-packages/odoo")
    if missing:
        raise Problem(
            f"Odoo's package is incomplete: {missing[0]} and {len(missing) - 1} more "
            f"link to nothing. Set ODOO_PATH to a checkout of Odoo's branch {SERIES}."
        )
    shutil.rmtree(folder / "usr/share/doc", ignore_errors=True)
    (folder / "VERSION").write_text(versions["odoo-19"])


def dangling(folder):
    """Return the symbolic links below a folder that lead nowhere, relative to it."""
    return sorted(
        os.path.relpath(os.path.join(parent, name), folder)
        for parent, folders, files in os.walk(folder)
        for name in (*folders, *files)
        if not os.path.exists(os.path.join(parent, name))
    )
