"""The commands of ./dev."""

import importlib

from .builds import explain
from .console import Problem, say
from .paths import ROOT
from .processes import Terminated, unwind_on_signals

#: command: what it does. Each is ``main(argv)`` of the module of that name.
COMMANDS = {
    "demo": "a salon that sells: Odoo, the sandbox, invoices; --exit, --json",
    "test": "all tests, or those that pytest arguments select; --fast, --clocks",
    "chaos": "sell while everything breaks; --orders, --seed, --workers",
    "bench": "measure what it costs, beside others, with aims; --json, --write",
    "hops": "through how many files the three stories run; --commit, --path",
    "lint": "the linters; --fix mends what can be mended",
    "i18n": "the addon's terms for translators; says what Hungarian lacks",
    "serve": "Odoo with the addon, on the database that demo left",
    "shell": "a Python prompt inside Odoo, on the same database",
    "probe": "ask a test account what the services do not document",
    "clean": "remove all that ./dev made: .dev/ and the cache",
}

_HELP = """\
usage: ./dev COMMAND [arguments]

{commands}

./dev COMMAND --help tells more. Nothing needs to be installed first: what is missing
is fetched and built once, in .dev/ here and in the user's cache folder.

Environment variables:
  ODOO_PATH        a source checkout of Odoo 19, instead of Debian's package
  PGHOST, PGPORT,  an existing PostgreSQL, instead of a private one
  PGUSER, PGPASSWORD
  SALON_CACHE      the cache folder (default: ~/.cache/salon-invoice-bridge)
  SALON_CHROMIUM   the browser of the tests (default: chromium on the PATH)
  SALON_REFERENCE  the vendors' files for the tests (default: ../shared/reference)
  SALON_EXAMPLES   how many times as many random examples tests try (default: 1)
  SALON_PROBE_KEY  the key of the test account that probe asks
"""

#: The command's module where it bears another name.
_MODULES = {"test": "testing", "i18n": "translations"}


def usage():
    """Return the help text: one screen."""
    rows = (f"  {name:<8} {summary}" for name, summary in COMMANDS.items())
    return _HELP.format(commands="\n".join(rows))


def main(argv):
    """Run a command and return its exit code; problems are one line on stderr."""
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(usage(), end="")
        return 0
    name, *rest = argv
    if name not in COMMANDS:
        say(usage())
        say(f"dev: there is no command {name!r}.")
        return 2
    unwind_on_signals()
    try:
        command = importlib.import_module(f".{_MODULES.get(name, name)}", __package__)
        return command.main(rest) or 0
    except Problem as problem:
        say(f"dev: {problem}")
        return 1
    except OSError as error:
        say(f"dev: {explain(error, ROOT)}")
        return 1
    except KeyboardInterrupt:
        say("dev: interrupted.")
        return 130
    except Terminated as end:
        return end.code
