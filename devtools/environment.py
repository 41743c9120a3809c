"""Everything that runs need, made ready step by step: Odoo, packages, databases."""

from contextlib import contextmanager

from . import odoo, postgres, venv
from .console import Steps
from .databases import Databases
from .paths import STATE

#: How many steps :func:`ready` announces.
STEPS = 4


@contextmanager
def ready(steps=None, early=None):
    """Yield the :class:`Databases` of this checkout, templates built.

    PostgreSQL runs as long as the block does.

    :param steps: where to announce the four steps, when more of them follow
    :param early: function that is called with the folder of the Python packages as soon
        as they are there
    :raises Problem: when something cannot be had
    """
    steps = steps or Steps(STEPS)
    with steps.step("Python packages"):
        environment = venv.ensure()
    if early:
        early(environment)
    with steps.step("Odoo 19"):
        found = odoo.ensure()
    with steps.enter("PostgreSQL", postgres.serving(environment, STATE)) as server:
        databases = Databases(server, found, environment, STATE)
        with steps.step("Template database"):
            databases.drop_leftovers()
            databases.template()
        yield databases
