"""./dev shell: a Python prompt inside Odoo, on the database that demo left.

What comes on stdin is run instead, when it is no terminal: ./dev shell < script.py
"""

import subprocess
import sys

from . import environment
from .paths import ROOT
from .salon import Salon


def main(argv):
    """Run Odoo's shell and return its exit code. Arguments go to Odoo."""
    if "-h" in argv or "--help" in argv:
        print(__doc__)
        return 0
    with environment.ready() as databases:
        salon = Salon(databases)
        salon.require()
        command = databases.odoo_command(
            salon.name, "--no-http", *argv, command="shell"
        )
        if not sys.stdin.isatty():
            command.append("--log-level=warn")
        variables = databases.odoo_environment()
        return subprocess.run(command, env=variables, cwd=ROOT).returncode
