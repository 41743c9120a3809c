"""./dev probe billingo|szamlazz: ask a test account of yours what nobody has published.

What the services document has gaps that decide how a lost answer is handled. This makes
documents at a TEST account, looks at what comes back, prints a report in Markdown on
stdout, and takes back what can be taken back: drafts are deleted, proformas archived or
deleted, invoices cancelled. Nothing is e-mailed.

  SALON_PROBE_KEY           the account's API key (Billingo) or Agent key (Számlázz.hu)
  SALON_PROBE_READONLY_KEY  a second key that may only read (Billingo; one more answer)
"""

import argparse
import os
import subprocess

from . import venv
from .console import Problem, Steps
from .paths import ROOT

SERVICES = ("billingo", "szamlazz")
KEY = "SALON_PROBE_KEY"
READONLY_KEY = "SALON_PROBE_READONLY_KEY"


def parser():
    """Return the parser of the command line."""
    command = argparse.ArgumentParser(
        prog="./dev probe",
        description=__doc__.partition(": ")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("service", choices=SERVICES)
    command.add_argument(
        "--base-url",
        default="",
        metavar="URL",
        help="another address of the interface, for instance the sandbox's",
    )
    command.add_argument(
        "--yes-this-account-is-mine-to-test",
        dest="mine",
        action="store_true",
        help="go on although the account holds real invoices",
    )
    command.add_argument(
        "--only",
        metavar="WORD",
        default="",
        help="only the questions that contain this word",
    )
    return command


def main(argv):
    """Ask, in the private environment, and return the exit code."""
    parser().parse_args(argv)
    if not os.environ.get(KEY):
        raise Problem(f"{KEY} is empty; set it to the key of your test account.")
    with Steps(1).step("Python packages"):
        python = venv.python(venv.ensure())
    return subprocess.run(
        [python, "-m", "devtools.probes", *argv],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    ).returncode
