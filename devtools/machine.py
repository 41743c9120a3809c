"""On what was measured: the machine, its load, the programs. No names of hosts."""

import os
import platform
import subprocess
from pathlib import Path

from .paths import ROOT

#: Above this load something else runs, and a clock measures that as well.
QUIET = 0.5


def describe(databases):
    """Return what figures depend on, as texts by their names."""
    version = databases.server.query("SHOW server_version")[0][0]
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "CPU": cpu(),
        "memory": memory(),
        "Odoo": databases.odoo.version,
        "PostgreSQL": version.split()[0],
        "Python": platform.python_version(),
    }


def cpu(path="/proc/cpuinfo"):
    """Return the processor's model as the system tells it, else its architecture."""
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2] for line in lines if line.startswith("model name")]
    return " ".join(models[0].split()) if models else platform.machine()


def memory():
    """Return how much memory there is, such as ``16 GB``."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{total / 2**30:.0f} GB"


def load():
    """Return the load of the last minute."""
    return round(os.getloadavg()[0], 2)


def commit():
    """Return the commit that is checked out, ``+`` if files differ from it."""
    git = ["git", "-C", str(ROOT)]
    try:
        name = subprocess.run(
            [*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True
        ).stdout.strip()
        changed = subprocess.run(
            [*git, "status", "--porcelain", "--untracked-files=no"],
            capture_output=True,
            text=True,
        ).stdout.strip()
    except OSError:
        return ""
    return name + ("+" if changed else "")
