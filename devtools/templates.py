"""Databases that tests start from: what they all need is made once, then cloned."""

from . import paths
from .salon import ADDRESS, KEY, run_in_odoo, scene_of, set_scene
from .servers import Sandbox

SCENE = paths.ROOT / "devtools" / "scene.py"
COMMON = paths.ADDON / "tests" / "common.py"

#: Runs in Odoo's shell: Odoo makes the web client's files when first asked for them.
_ASSETS = """
env["ir.qweb"]._pregenerate_assets_bundles()
env.cr.commit()
"""

#: Runs in Odoo's shell: the salon of the scene gets its service.
_CONNECT = """
from devtools import scene
scene.connect(env, {address!r}, {key!r})
env.cr.commit()
"""

#: Runs in Odoo's shell: the salon that the addon's tests sell in.
_COMPANY = """
from odoo.addons.salon_invoice_bridge.tests import common
common.keep_salon(env(context={}))
env.cr.commit()
"""


def unconnected(databases):
    """Return the template of the demo's salon before it has a service."""

    def make(name):
        with Sandbox(databases.environment, databases.state) as sandbox:
            set_scene(databases, name, sandbox, key="")
        run_in_odoo(databases, name, _ASSETS, "assets")

    return databases.derive(
        "salon", databases.template(), [SCENE.read_text(), _ASSETS], make
    )


def connected(databases):
    """Return the template of the demo's salon, connected to a sandbox that is gone.

    :func:`move` brings a clone's account to one that runs.
    """

    def make(name):
        with Sandbox(databases.environment, databases.state) as sandbox:
            script = _CONNECT.format(address=sandbox.url + ADDRESS, key=KEY)
            run_in_odoo(databases, name, script, "connect")

    return databases.derive("connected", unconnected(databases), [_CONNECT], make)


def move(databases, database, sandbox):
    """Point a salon's account at a running sandbox; return the salon's scene."""
    databases.server.query(
        f"UPDATE salon_invoice_credential SET base_url = '{sandbox.url}{ADDRESS}'",
        database,
    )
    return scene_of(databases, database)


def tested(databases):
    """Return the template that the addon's own tests run on.

    It has what each class of tests would make for itself otherwise: a company with its
    chart of accounts, the till, its products and its people.
    """
    return databases.derive(
        "tested",
        databases.template(),
        [COMMON.read_text(), _COMPANY],
        lambda name: run_in_odoo(databases, name, _COMPANY, "company"),
    )
