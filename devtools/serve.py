"""./dev serve [--port N]: Odoo with the addon, on the database that demo left.

Changes of the addon's files are installed at the start. Ctrl-C ends it.
"""

import argparse

from . import environment, ports
from .console import Steps
from .salon import Salon


def main(argv):
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="./dev serve", description=__doc__)
    parser.add_argument("--port", type=int, help="port of Odoo (default: 8069 or next)")
    options = parser.parse_args(argv)
    if options.port:
        ports.require(options.port)
    steps = Steps(environment.STEPS + 3)
    with environment.ready(steps) as databases:
        salon = Salon(databases)
        with salon.alone():
            with steps.step("Demo database"):
                noted = salon.require()
                salon.update()
            sandbox = salon.sandbox(noted["sandbox"])
            server = salon.odoo(options.port)
            with steps.enter("Sandbox", sandbox), steps.enter("Odoo", server):
                salon.serve(server, sandbox)
