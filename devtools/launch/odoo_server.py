"""Odoo's entry point as a file of its own.

With worker processes Odoo starts the file that it was started from once more, for the
bus; ``python -m odoo`` is no such file. Alone in its folder, because Python looks for
modules there first.
"""

from odoo.cli.command import main

main()
