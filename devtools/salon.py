"""The demo's salon: its database, which stays, and the servers that it lives by."""

import fcntl
import json
import subprocess
import time
from contextlib import contextmanager

from . import paths, ports
from .console import Problem, detail, say
from .servers import OdooServer, Sandbox

ODOO_PORT = 8069
SANDBOX_PORT = 8169

#: The accounts that the sandbox has from the start: where each is, and its key.
ACCOUNTS = {
    "billingo": ("/billingo/v3", "demo-billingo-key"),
    "szamlazz": ("/szamla", "demoszamlazzagentkey0000000000000000000000"),
}
#: The one that the salon sells through unless another is chosen.
ADDRESS, KEY = ACCOUNTS["billingo"]

#: A company that both services' emulators know: ``sandbox/taxpayers.py``.
TAX_NUMBER = "11112222-2-41"

#: Runs inside Odoo's shell: builds the scene and notes what it returned.
_SCENE = """
import json
from devtools import scene
ids = scene.build(env, address={address!r}, key={key!r}, service={service!r})
env["ir.config_parameter"].set_param("devtools.scene", json.dumps(ids))
env.cr.commit()
"""


class Salon:
    """The demo database of a checkout, and what was noted when it was made.

    :param databases: see :class:`devtools.databases.Databases`
    """

    def __init__(self, databases):
        self.databases = databases
        self.name = databases.demo
        self.note = databases.state / "demo.json"

    @contextmanager
    def alone(self):
        """Keep other runs away from the demo database.

        :raises Problem: when one is at it already
        """
        with open(self.databases.state / "demo.lock", "a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Problem(
                    "./dev demo or ./dev serve of this checkout runs already: stop it "
                    "first."
                ) from None
            yield

    def create(self, sandbox, service="billingo"):
        """Make the database anew and set the scene, connected to a running sandbox.

        :param str service: which of :data:`ACCOUNTS` it sells through
        :return: what :func:`devtools.scene.build` returned
        :raises Problem: when the addon or the scene fails
        """
        self.note.unlink(missing_ok=True)
        template = self.databases.create(self.name)
        sandbox.check()
        address, key = ACCOUNTS[service]
        where = {"address": address, "key": key, "service": service}
        ids = set_scene(self.databases, self.name, sandbox, **where)
        self.note.write_text(
            json.dumps({"template": template, "sandbox": sandbox.port})
        )
        return ids

    def require(self):
        """Return what was noted when the database was made.

        :raises Problem: when there is none
        """
        if not self.note.exists() or self.name not in self.databases.names():
            raise Problem("there is no demo database yet: run ./dev demo first.")
        return json.loads(self.note.read_text())

    def update(self):
        """Install what changed in the addon since the database was made."""
        noted = self.require()
        template = self.databases.template()
        if noted["template"] == template:
            return
        detail(f"updating {paths.ADDON.name}")
        self.databases.install(self.name, "--update", paths.ADDON.name)
        self.note.write_text(json.dumps({**noted, "template": template}))

    def sandbox(self, port=None):
        """Return the sandbox, not started yet.

        :param port: where the database's account expects it; None: a free one
        :raises Problem: when another program listens there
        """
        chosen = ports.prefer(SANDBOX_PORT)
        if port:
            if not ports.is_free(port):
                raise Problem(
                    f"the demo's sandbox needs port {port}, which another program "
                    "took: stop that one, or run ./dev demo again."
                )
            chosen = port
        return Sandbox(self.databases.environment, self.databases.state, port=chosen)

    def odoo(self, port=None):
        """Return the salon's Odoo, not started yet, on a port or the next free one."""
        port = port or ports.prefer(ODOO_PORT)
        log = self.databases.state / "logs" / "odoo.log"
        return OdooServer(self.databases, self.name, port=port, log=log)

    def serve(self, server, sandbox):
        """Say where everything is, and stay until Ctrl-C.

        :raises Problem: when a server ends, or another program has its port
        """
        say(f"\nOdoo      {server.url}/odoo    log: {server.log}")
        say(f"Sandbox   {sandbox.url}/")
        for line in till_lines(server.url, scene_of(self.databases, self.name)):
            say(line)
        for login, password, who in logins():
            say(f"Login     {login} / {password}    {who}")
        say("Ctrl-C ends it.")
        while True:
            server.check()
            sandbox.check()
            time.sleep(0.5)


def set_scene(
    databases, database, sandbox, key=KEY, *, address=ADDRESS, service="billingo"
):
    """Build the demo's salon in a database, connected to a running sandbox.

    :param str key: opens the account; "" leaves the salon unconnected
    :param str address: path of the service in the sandbox
    :return: what :func:`devtools.scene.build` returned
    :raises Problem: when the addon or the scene fails
    """
    script = _SCENE.format(address=sandbox.url + address, key=key, service=service)
    run_in_odoo(databases, database, script, "scene")
    return scene_of(databases, database)


def scene_of(databases, database):
    """Return what :func:`devtools.scene.build` returned when it built a database."""
    ((noted,),) = databases.server.query(
        "SELECT value FROM ir_config_parameter WHERE key = 'devtools.scene'", database
    )
    return json.loads(noted)


def run_in_odoo(databases, database, script, what):
    """Run Python inside Odoo's shell on a database.

    :param str script: has ``env``; commits by itself
    :param str what: names the log
    :raises Problem: with the end of the log when it fails
    """
    command = databases.odoo_command(database, "--no-http", command="shell")
    log = databases.state / "logs" / f"{database}-{what}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w") as output:
        done = subprocess.run(
            command,
            input=script.encode(),
            env=databases.odoo_environment(),
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=paths.ROOT,
        )
    if done.returncode:
        last = log.read_text().strip().splitlines()[-1:]
        raise Problem(f"the {what} failed: {' '.join(last)} (log: {log})")


def till_lines(url, scene):
    """Return what to do at the till, in lines.

    :param str url: of the salon's Odoo
    :param dict scene: what :func:`devtools.scene.build` returned
    """
    login = scene["login"]
    return [
        f"Till      {url}/web/login?login={login}&redirect=/pos/ui/{scene['config']}",
        f"          password: {login}; sell, pay, and see the invoice's number come",
        f"          company invoice: the sandbox knows the tax number {TAX_NUMBER}",
        "          needs attention: in Orders > Paid, Csiga-Biga Bt. lacks its street;",
        "          add it at the customer, then Try again",
    ]


def logins():
    """Return (login, password, who) of the demo's users."""
    return [
        ("receptionist", "receptionist", "sells at the till"),
        ("manager", "manager", "manages the till and its invoices"),
        ("accountant", "accountant", "reads and corrects invoices"),
        ("admin", "admin", "connects the service, holds the key"),
    ]
