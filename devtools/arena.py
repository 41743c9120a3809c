"""Where invoicing is put on trial: a salon, a sandbox that misbehaves, real servers.

Chaos, benchmarks and the live tests of exactly-once stand on it. What they count is
counted at the sandbox, not in Odoo.
"""

import json
import time
import urllib.request
from dataclasses import dataclass, field

from . import salon
from .rpc import Session
from .till import Till

#: Service: its path in the sandbox, and the key of the account that is there.
SERVICES = {
    "billingo": (salon.ADDRESS, salon.KEY),
    "szamlazz": ("/szamla", "demoszamlazzagentkey0000000000000000000000"),
}
#: A call that creates a document, as the sandbox's faults name it.
CREATE = {
    "billingo": {"method": "POST", "path": "/documents$"},
    "szamlazz": {"path": "action-xmlagentxmlfile"},
}
#: States in which a document still moves by itself.
MOVING = ("waiting", "sending", "checking")

#: A discounted sale may end in fillér; its invoice is in whole forints.
HALF_A_FORINT = 0.5

#: Runs in Odoo's shell after the scene: tunes, and moves the salon to its service.
_TUNE = """
import json
for name, value in json.loads({parameters!r}).items():
    env["ir.config_parameter"].set_param("salon_invoice_bridge." + name, value)
service, address, key = json.loads({service!r})
company = env.ref("base.main_company")
if service != company.salon_account_id.provider:
    env = env(context=dict(env.context, allowed_company_ids=company.ids))
    account = env["salon.invoice.account"].create(
        {{"provider": service, "api_key": key, "base_url": address}}
    )
    account._connect()
env.cr.commit()
"""


def prepare(databases, database, sandbox, service="billingo", **parameters):
    """Build the demo's salon at a service, and return its scene.

    :param parameters: of the addon, such as ``timeout`` and ``absence_margin``
    """
    scene = salon.set_scene(databases, database, sandbox)
    tune(databases, database, sandbox, service, **parameters)
    return scene


def tune(databases, database, sandbox, service, **parameters):
    """Move the demo's salon to a service, and set parameters of the addon."""
    path, key = SERVICES[service]
    script = _TUNE.format(
        parameters=json.dumps(parameters),
        service=json.dumps([service, sandbox.url + path, key]),
    )
    salon.run_in_odoo(databases, database, script, "tune")


#: Runs in Odoo's shell after the scene: a second shop, at Számlázz.hu.
_SECOND_SHOP = """
import json
company = env.ref("base.main_company")
env = env(context=dict(env.context, allowed_company_ids=company.ids))
first = env["pos.config"].browse({config})
cash = first.payment_method_ids.filtered("is_cash_count")
journal = cash.journal_id.copy({{"name": "Pénztár 2", "code": "PENZ2"}})
cash = cash.copy({{"name": "Készpénz", "journal_id": journal.id, "config_ids": False}})
card = first.payment_method_ids.filtered(lambda method: not method.is_cash_count)
shop = env["pos.config"].create(
    {{
        "name": "Szalon 2",
        "payment_method_ids": (cash | card).ids,
        "iface_tipproduct": True,
        "tip_product_id": first.tip_product_id.id,
    }}
)
account = env["salon.invoice.account"].create(
    {{"provider": "szamlazz", "api_key": {key!r}, "base_url": {address!r}}}
)
account._connect(shops=shop)
env["ir.config_parameter"].set_param("arena", json.dumps([shop.id, cash.id]))
env.cr.commit()
"""


def prepare_two_shops(databases, database, sandbox, **parameters):
    """Build the demo's salon at Billingo with a second shop at Számlázz.hu.

    :return: the scenes of both shops
    """
    scene = prepare(databases, database, sandbox, **parameters)
    path, key = SERVICES["szamlazz"]
    script = _SECOND_SHOP.format(
        config=scene["config"], key=key, address=sandbox.url + path
    )
    salon.run_in_odoo(databases, database, script, "second-shop")
    ((noted,),) = databases.server.query(
        "SELECT value FROM ir_config_parameter WHERE key = 'arena'", database
    )
    shop, cash = json.loads(noted)
    methods = {**scene["methods"], "cash": cash}
    return [scene, {**scene, "config": shop, "methods": methods}]


def wake(databases, database):
    """Have the cron workers look for work now, which they do once a minute."""
    databases.server.query(f"SELECT pg_notify('cron_trigger', '{database}')")


def till(server, scene):
    """Return a receptionist's :class:`devtools.till.Till` at a running server."""
    session = Session(server.url, server.database, "receptionist", "receptionist")
    return Till(session, scene)


class Control:
    """The sandbox's control API."""

    def __init__(self, sandbox):
        self.url = f"{sandbox.url}/_sandbox"

    def ledger(self):
        """Return documents, mails and calls, as the service knows them."""
        return self._ask("GET", "ledger")

    def fault(self, kind, **options):
        """Let a fault wait; see ``python -m sandbox --help``."""
        return self._ask("POST", "faults", {"kind": kind, **options})

    def faults(self):
        """Return the faults that wait and those that are used up."""
        return self._ask("GET", "faults")

    def clear_faults(self):
        """Take all faults back."""
        return self._ask("DELETE", "faults")

    def create_account(self, **spec):
        """Open an account at a service and return it, key included."""
        return self._ask("POST", "accounts", spec)

    def change_account(self, service, key, **changes):
        """Change options of an account at a service and return it."""
        return self._ask("PATCH", f"accounts/{service}/{key}", changes)

    def _ask(self, method, path, body=None):
        request = urllib.request.Request(
            f"{self.url}/{path}",
            json.dumps(body).encode() if body is not None else None,
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


@dataclass
class Row:
    """A paid sale as Odoo knows it."""

    order: int
    total: float
    state: str  # of its document, or ""
    reason: str  # why it is with a human, or was skipped
    number: str
    external_key: str
    problem: str = ""


@dataclass
class Audit:
    """What became of the sales, Odoo's rows against the service's ledger."""

    sold: int = 0
    issued: int = 0
    duplicates: list = field(default_factory=list)  # keys with several documents
    missing: list = field(default_factory=list)  # sales that are in no place
    moving: list = field(default_factory=list)  # sales whose document still waits
    different: list = field(default_factory=list)  # other number or forints than ours
    strangers: list = field(default_factory=list)  # documents of no sale
    attention: dict = field(default_factory=dict)  # reason: sales with a human
    skipped: dict = field(default_factory=dict)  # reason: sales without a document

    @property
    def is_settled(self):
        """Say whether no document moves any more."""
        return not self.moving

    @property
    def is_exactly_once(self):
        """Say whether each sale has one document, or a reason, or a human."""
        return not (self.duplicates or self.missing or self.different or self.strangers)


def rows(databases, database):
    """Return a :class:`Row` for every paid sale."""
    query = """
        SELECT json_build_array(o.id, o.amount_total, coalesce(d.state, ''),
               coalesce(d.problem_reason, d.skip_reason, ''), coalesce(d.number, ''),
               coalesce(d.external_key, ''), coalesce(d.problem, ''))
          FROM pos_order o
          LEFT JOIN salon_invoice_document d ON d.order_id = o.id
         WHERE o.state IN ('paid', 'done')
      ORDER BY o.id, d.id
    """
    found = databases.server.query(query, database)
    return [Row(*json.loads(line[0])) for line in found]


def audit(databases, database, control):
    """Compare all sales with the ledger of the sandbox; return the :class:`Audit`."""
    documents = {}
    for document in control.ledger()["documents"]:
        documents.setdefault(document["external_key"], []).append(document)
    result = Audit()
    for row in rows(databases, database):
        result.sold += 1
        there = documents.pop(row.external_key, []) if row.external_key else []
        if len(there) > 1:
            result.duplicates.append(row.external_key)
        if row.state in MOVING:
            result.moving.append(row.order)
        elif row.state == "attention":
            result.attention.setdefault(row.reason, []).append(row.order)
        elif row.state == "skipped":
            result.skipped.setdefault(row.reason, []).append(row.order)
        elif row.state == "issued" and there:
            result.issued += 1
            off = abs(float(there[0]["gross"]) - row.total)
            if row.number != there[0]["number"] or off > HALF_A_FORINT:
                result.different.append((row.order, row.number, row.total, there[0]))
        else:
            result.missing.append((row.order, row.state))
    result.strangers = [key for key in documents if key]
    return result


def settle(databases, database, control, patience=120, pause=0.5):
    """Wake the lanes until no document moves, and return the :class:`Audit`.

    :param float patience: seconds after which it is returned as it is
    """
    end = time.monotonic() + patience
    while True:
        states = databases.server.query(
            "SELECT DISTINCT state FROM salon_invoice_document", database
        )
        if not {row[0] for row in states}.intersection(MOVING):
            break
        if time.monotonic() > end:
            break
        wake(databases, database)
        time.sleep(pause)
    return audit(databases, database, control)
