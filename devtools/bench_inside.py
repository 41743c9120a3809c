"""What ./dev bench runs inside Odoo's shell, with an environment of the superuser."""

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from datetime import datetime, timezone
from pathlib import Path

from odoo.api import SUPERUSER_ID, Environment
from odoo.service.model import execute_cr

from .meter import Meter
from .till import Till

#: Loops that a lane is compared with: one only posts, one commits as a lane must.
LOOPS = Path(__file__).with_name("launch")

#: Columns that a copied row must have of its own.
OWN = (
    *("id", "uuid", "access_token", "name", "pos_reference", "date_order"),
    "salon_document_id",
)


def _account(env):
    return env.ref("base.main_company").salon_account_id.with_company(1)


def _some_order(env):
    """Return a paid order whose document can be copied, sold if there is none."""
    order = env["pos.order"].search([], limit=1, order="id")
    if order:
        return order
    receptionist = env["res.users"].search([("login", "=", "receptionist")])
    return env["pos.order"].browse(_sell(env(user=receptionist)).id)


def _sell(env):
    config = env["pos.config"].search([], limit=1)
    config.open_ui()
    session = config.current_session_id
    if session.state != "opened":
        session.set_opening_control(0, "")
    product = env["product.product"].search([("name", "=", "Manikűr")], limit=1)
    cash = config.payment_method_ids.filtered("is_cash_count")
    price = product.lst_price
    now = datetime.now(timezone.utc).replace(tzinfo=None).strftime("%Y-%m-%d %H:%M:%S")
    line = {
        "product_id": product.id,
        "full_product_name": product.display_name,
        "qty": 1,
        "price_unit": price,
        "tax_ids": [(6, 0, product.taxes_id.ids)],
        "price_subtotal": price / 1.27,
        "price_subtotal_incl": price,
        "uuid": str(uuid.uuid4()),
    }
    payment = {
        "payment_method_id": cash.id,
        "amount": price,
        "name": now,
        "uuid": str(uuid.uuid4()),
    }
    answer = env["pos.order"].sync_from_ui(
        [
            {
                "uuid": str(uuid.uuid4()),
                "access_token": str(uuid.uuid4()),
                "name": "/",
                "state": "paid",
                "session_id": session.id,
                "user_id": env.uid,
                "partner_id": False,
                "date_order": now,
                "fiscal_position_id": False,
                "to_invoice": False,
                "last_order_preparation_change": "{}",
                "amount_total": price,
                "amount_tax": price - price / 1.27,
                "amount_paid": price,
                "amount_return": 0,
                "lines": [(0, 0, line)],
                "payment_ids": [(0, 0, payment)],
            }
        ]
    )
    env.cr.commit()
    return env["pos.order"].browse(answer["pos.order"][0]["id"])


def _copy_orders(env, order, number):
    """Return the ids of copies of an order's row (its lines are not needed).

    Sold now: a sale of some minutes ago is looked up before it is sent.
    """
    env.cr.execute(
        "SELECT string_agg(quote_ident(column_name::text), ', ') "
        "FROM information_schema.columns "
        "WHERE table_name = 'pos_order' AND column_name NOT IN %s",
        [OWN],
    )
    (columns,) = env.cr.fetchone()
    env.cr.execute(
        f"INSERT INTO pos_order ({columns}, uuid, access_token, name, pos_reference, "
        f"date_order) SELECT {columns}, gen_random_uuid(), gen_random_uuid(), "
        "name || '-' || g, pos_reference || '-' || g, now() AT TIME ZONE 'UTC' "
        "FROM pos_order, generate_series(1, %s) g WHERE id = %s RETURNING id",
        [number, order.id],
    )
    return [row[0] for row in env.cr.fetchall()]


def _enqueue(env, account, number):
    """Let so many documents wait at an account."""
    order = _some_order(env)
    sale_snapshot = order.salon_document_id.sale_snapshot or order._salon_snapshot()
    ids = _copy_orders(env, order, number)
    env.invalidate_all()
    return env["salon.invoice.document"].create(
        [
            {
                "order_id": copy.id,
                "account_id": account.id,
                "state": "waiting",
                "sale_snapshot": sale_snapshot,
                "next_attempt": datetime.now(timezone.utc).replace(tzinfo=None),
            }
            for copy in env["pos.order"].browse(ids)
        ]
    )


def _work_off(env, documents):
    """Run the lane until the documents are issued; return how many a second."""
    lane = documents.account_id.cron_id
    while True:
        lane.method_direct_trigger()
        env.cr.commit()
        env.invalidate_all()
        states = set(documents.mapped("state"))
        if states == {"issued"}:
            break
        if not states <= {"issued", "waiting"}:
            raise RuntimeError(f"{states}: {documents.mapped('problem')}")
    last, first = max(documents.mapped("issued_at")), min(documents.mapped("sent_at"))
    return len(documents) / (last - first).total_seconds()


def race(env, rounds, number):
    """Let the lane and two loops post the same bytes in turn; return their rates.

    :return: triples (lane, bare loop, raw loop) of documents a second
    """
    account = _account(env)
    _lift_limit(env, account.provider)
    _work_off(env, _enqueue(env, account, 5))  # warm up, and the buyer is known
    results = []
    for _round in range(rounds):
        documents = _enqueue(env, account, number)
        # The steps afterwards are not the race.
        env["salon.invoice.task"].search([]).write({"next_attempt": False})
        env.cr.commit()
        ours = _work_off(env, documents)
        with account._open_provider() as provider:
            bodies = [
                provider.render(document._invoice()).decode() for document in documents
            ]
        bare = _loop("bare_loop.py", account, bodies)
        raw = _loop("raw_loop.py", account, bodies, env.cr.dbname)
        results.append((ours, bare, raw))
    return results


def _lift_limit(env, service):
    """Let the lane count its calls, and never wait for the service's limit."""
    env["ir.config_parameter"].set_param(
        f"salon_invoice_bridge.calls_per_minute.{service}", "1000000"
    )
    env.cr.commit()


def _loop(program, account, bodies, *arguments):
    """Post bytes to the service, one after the other; return how many a second."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(bodies, file)
        file.flush()
        url = f"{account.base_url}/documents"
        key = account._credential().api_key
        command = [sys.executable, LOOPS / program, url, key, file.name, *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


def open_accounts(env, number):
    """Have ``number`` connected accounts with lanes; they share the sandbox's key."""
    first = _account(env)
    for _more in range(number - 1):
        account = first.copy(
            {"api_key": first._credential().api_key, "base_url": first.base_url}
        )
        account._verify()
        account.block = first.block
        account.write(
            {
                "state": "connected",
                "connected_at": datetime.now(timezone.utc).replace(tzinfo=None),
            }
        )
        account._ensure_lane()
    _some_order(env)
    env.cr.commit()
    return env["salon.invoice.account"].search([]).ids


def enqueue(env, accounts, number, with_mail=False):
    """Let ``number`` documents wait at each of the first so many accounts.

    :param bool with_mail: True for a customer who gets each of them by e-mail
    """
    chosen = env["salon.invoice.account"].search([], order="id", limit=accounts)
    for account in chosen:
        documents = _enqueue(env, account, number)
        if with_mail:
            sale_snapshot = documents[0].sale_snapshot
            documents.sale_snapshot = {**sale_snapshot, "buyer": _buyer(env)}
    for account in chosen:
        account._wake()
    env.cr.commit()
    return len(chosen)


def _buyer(env):
    """Return the scene's customer with an e-mail address, as a sale is frozen."""
    scene = json.loads(env["ir.config_parameter"].get_param("devtools.scene"))
    order = _some_order(env)
    order.partner_id = scene["customers"]["person"]
    return order._salon_snapshot_buyer()


def let_wait(env, number):
    """Let ``number`` documents wait, as if they were sold from eight to four hours ago.

    Their lane is not woken.
    """
    documents = _enqueue(env, _account(env), number)
    env.flush_all()
    env.cr.execute(
        """
        UPDATE salon_invoice_document document
           SET create_date = sold.time, next_attempt = sold.time, sold_at = sold.time
          FROM (
              SELECT id, now() AT TIME ZONE 'UTC' - interval '8 hours'
                     + row_number() OVER (ORDER BY id) * interval '4 hours' / %s AS time
                FROM salon_invoice_document WHERE id IN %s
          ) sold
         WHERE sold.id = document.id
        """,
        [number, tuple(documents.ids)],
    )
    env.cr.commit()
    return number


def fill(env, number):
    """Fill the table with issued documents, by SQL, and let one order be left."""
    order = _some_order(env)
    env.cr.execute(
        """
        INSERT INTO salon_invoice_document
               (order_id, company_id, account_id, kind, generation, external_key, state,
                number, currency_id, amount_gross, sale_snapshot, invoice_values,
                request_body, send_count, failure_count, empty_lookups, issued_at,
                sent_at, create_date, write_date, create_uid, write_uid)
        SELECT d.order_id, d.company_id, d.account_id, d.kind, g + 1,
               substr(md5(g::text) || md5('x' || g), 1, 26), 'issued',
               'F-' || g, d.currency_id, d.amount_gross, d.sale_snapshot,
               d.sale_snapshot, 'x', 1, 0, 0, now(), now(), now(), now(), 1, 1
          FROM salon_invoice_document d, generate_series(1, %s) g
         WHERE d.order_id = %s AND d.generation = 1
        """,
        [number, order.id],
    )
    env.cr.commit()
    env.cr.execute("ANALYZE salon_invoice_document")
    env.cr.commit()
    _enqueue(env, _account(env), 20)
    env.cr.commit()
    return number


def compare(env, other, rounds):
    """Measure enqueue and claim in this database and in ``other``, in turn.

    :return: lists of pairs of seconds, (here, there), and the plans there
    """
    with type(env.registry)(other).cursor() as cr:
        both = [env, type(env)(cr, env.uid, {})]
        result = {"enqueue": [], "claim": []}
        for number in range(-5, rounds):
            for what, measure in (("enqueue", _time_enqueue), ("claim", _time_claim)):
                order = both if number % 2 else both[::-1]
                seconds = {id(each): measure(each) for each in order}
                if number >= 0:
                    result[what].append([seconds[id(each)] for each in both])
        result["plans"] = _plans(both[1])
    return result


def _time_enqueue(env):
    """Return the seconds of asking for a sale's document; nothing stays."""
    (order_id,) = _copy_orders(env, _some_order(env), 1)
    order = env["pos.order"].browse(order_id)
    env.invalidate_all()
    start = time.perf_counter()
    order._salon_request_document(automatic=False)
    env.flush_all()
    seconds = time.perf_counter() - start
    env.cr.rollback()
    return seconds


def _time_claim(env):
    """Return the seconds of finding the next document and claiming it."""
    account = _account(env)
    env.invalidate_all()
    start = time.perf_counter()
    documents = env["salon.invoice.document"]
    due = [
        ("account_id", "=", account.id),
        ("state", "in", ("waiting", "checking")),
        ("next_attempt", "<=", documents._now()),
    ]
    documents.search(due, order="next_attempt, id", limit=1)._claim()
    env.flush_all()
    seconds = time.perf_counter() - start
    env.cr.rollback()
    return seconds


def _plans(env):
    """Return PostgreSQL's plans of the look-ups by which rows are found."""
    account = _account(env)
    queries = {
        "claim": (
            "SELECT id FROM salon_invoice_document WHERE account_id = %s AND state IN "
            "('waiting', 'checking') AND next_attempt <= now() "
            "ORDER BY next_attempt, id LIMIT 1",
            [account.id],
        ),
        "enqueue": (
            "SELECT id FROM salon_invoice_document WHERE order_id = %s",
            [env["pos.order"].search([], order="id desc", limit=1).id],
        ),
    }
    plans = {}
    for what, (query, values) in queries.items():
        env.cr.execute(f"EXPLAIN (COSTS OFF) {query}", values)
        plans[what] = [row[0] for row in env.cr.fetchall()]
    return plans


# === WHAT A SALE COSTS, COUNTED === #

#: Service -> the path of its interface in the sandbox, and what opens its account.
_ACCESS = {
    "billingo": ("/billingo/v3", {"api_key": "demo-billingo-key"}),
    "szamlazz": (
        "/szamla",
        {"api_key": "demoszamlazzagentkey0000000000000000000000"},
    ),
    "billingo_v2": (
        "/billingo/v2",
        {
            "api_key": "demo-billingo-v2-private-key-0123456789",
            "public_key": "demo-billingo-v2-public-key",
        },
    ),
}
#: Tasks that are left for later: NAV's answer for some minutes, the rest for the night.
_LATER = ("nav", "pdf", "link")
#: Sales of a kind that are not counted: caches, and the buyer becomes known.
_WARM_UP = 3
#: Sales before both tills are warm: caches, connections, plans, Python's own.
WARM_UP = 40


class Local:
    """What :class:`devtools.till.Till` needs of a session, in this process."""

    def __init__(self, env):
        self.env = env
        self.info = {"uid": env.uid}

    def call(self, model, method, *arguments):
        records = self.env[model]
        function = getattr(type(records), method)
        if not hasattr(function, "_api_model") and arguments:
            records, arguments = records.browse(arguments[0]), arguments[1:]
        return getattr(records, method)(*arguments)


class Requests(Local):
    """As :class:`Local`, each call in a transaction of its own, as Odoo serves one."""

    def __init__(self, registry, login):
        self.registry = registry
        with registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            user = env["res.users"].search([("login", "=", login)])
            scene = env["ir.config_parameter"].get_param("devtools.scene")
            super().__init__(env(user=user))
        self.scene = json.loads(scene)

    def call(self, model, method, *arguments):
        with self.registry.cursor() as cr:
            return execute_cr(cr, self.info["uid"], model, method, arguments, {})


def compare_tills(env, other, rounds):
    """Sell in turn with the addon and in ``other``, which lacks it.

    :return: pairs (with the addon, without) of counts by the kind of sale
    """
    requests = [
        Requests(registry, "receptionist")
        for registry in (env.registry, type(env.registry)(other))
    ]
    tills = [Till(each, each.scene) for each in requests]
    kinds = {
        "walk-in": {},
        "customer with e-mail": {
            "customer": requests[0].scene["customers"]["person"],
            "payments": {"cash": 3000, "card": 20_000},
        },
    }
    result = {}
    for kind, values in kinds.items():
        pairs = result[kind] = []
        for number in range(-WARM_UP, rounds):
            turns = [0, 1] if number % 2 else [1, 0]
            counts = {turn: _count_sale(tills[turn], values) for turn in turns}
            if number >= 0:
                pairs.append([counts[0], counts[1]])
    return result


def _count_sale(till, values):
    """Sell; return the counts of the till's request, a savepoint counted as one."""
    order = till.order([("Manikűr",), ("Hajfestés",)], **values)
    with till.session.registry.cursor() as cr:
        meter = Meter(Environment(cr, SUPERUSER_ID, {}))
    with meter:
        till.sync([order])
    released = sum(said.startswith("RELEASE") for said in meter.statements)
    return {**meter.counts(), "sql": meter.sql - released}


def count_sales(env, sandbox, rounds, documents):
    """Count what sales cost at each service.

    :param str sandbox: its address
    :return: ``{service: {"sales": {what: [counts]}, "night": [counts], ...}}``
    """
    scene = json.loads(env["ir.config_parameter"].get_param("devtools.scene"))
    result = {}
    for service in _ACCESS:
        if service != "billingo_v2":  # which has none
            _lift_limit(env, service)
        # A token of Billingo v2 lives for half a minute: no service gets another time.
        passed = _control(sandbox, "POST", "clock", advance=0)["offset"]
        _control(sandbox, "POST", "clock", advance=-passed)
        account = _open_account(env, service, sandbox)
        _control(sandbox, "PATCH", f"accounts/billingo/{_first_key()}", pdf_seconds=0)
        result[service] = _Counting(env, account, scene, sandbox).run(rounds, documents)
    return result


def _first_key():
    return _ACCESS["billingo"][1]["api_key"]


def _control(sandbox, method, path, **body):
    """Call the control API of the sandbox."""
    request = urllib.request.Request(
        f"{sandbox}/_sandbox/{path}", json.dumps(body).encode(), method=method
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def _open_account(env, service, sandbox):
    """Return the salon's account at ``service``, connected now if it was not."""
    company = env.ref("base.main_company")
    env = env(context={**env.context, "allowed_company_ids": company.ids})
    account = company.salon_account_id
    if account.provider != service:
        path, access = _ACCESS[service]
        account = env["salon.invoice.account"].create(
            {"provider": service, "base_url": sandbox + path, **access}
        )
        blocks = account._verify().blocks
        account.block = blocks[0].id if blocks else False
        account._connect()
        env.cr.commit()
    return account.with_company(company)


class _Counting:
    """Sells at one service, and counts what the lane does for it."""

    def __init__(self, env, account, scene, sandbox):
        self.env, self.account, self.sandbox = env, account, sandbox
        receptionist = env["res.users"].search([("login", "=", "receptionist")])
        self.till = Till(Local(env(user=receptionist)), scene)
        self.person = scene["customers"]["person"]

    def run(self, rounds, documents):
        split = {"cash": 4500, "card": 2000}
        kinds = {
            "walk-in, cash": {},
            "customer with e-mail, card": {
                "customer": self.person,
                "payments": {"card": 6500},
            },
            "customer with e-mail, two tenders": {
                "customer": self.person,
                "payments": split,
            },
        }
        sales, reports, alone, night = {}, [], [], []
        for what, values in kinds.items():
            for _number in range(_WARM_UP):
                self._sell(**values)
            self._left(("nav",), 1)
            alone.append(self._alone(values))
            sales[what] = []
            for _number in range(rounds):
                meter = self._sell(**values)
                sales[what].append(meter.counts())
                sales[what][-1]["statements"] = meter.statements
            reports.append(self._left(("nav",), rounds))
            for counts in sales[what]:
                for name in meter.counts():
                    counts[name] += reports[-1][name]
            night.append(self._left(("pdf", "link"), rounds + _WARM_UP + 1))
        self._keep_statements(sales)
        return {
            "sales": sales,
            "reports": reports,
            "alone": alone,
            "night": night,
            "lane": self._count_lane(documents),
        }

    def _alone(self, values):
        """Return the counts of the report of a sale that is the only one."""
        self._sell(**values)
        return self._left(("nav",), 1)

    def _keep_statements(self, sales):
        """Drop the statements, after writing the last sale's to the file that is asked.

        For whoever wants to see what there is left to save.
        """
        folder = os.environ.get("SALON_STATEMENTS")
        for what, samples in sales.items():
            statements = [sample.pop("statements") for sample in samples][-1]
            if folder:
                name = f"{self.account.provider}-{what}.sql".replace(" ", "-")
                Path(folder, name).write_text("\n".join(statements))

    def _sell(self, payments=None, **values):
        """Sell once; return the meter of what the lane does for it then."""
        order = self.till.sell([("Manikűr",)], payments, **values)
        self.env.cr.commit()
        meter = Meter(self.env)
        while True:
            self._turn(meter)
            document = self.env["pos.order"].browse(order).salon_document_id
            if document.state not in ("issued", "waiting"):
                raise RuntimeError(f"{document.state}: {document.problem}")
            todo = document.task_ids.filtered(
                lambda task: task.state == "todo" and task.kind not in _LATER
            )
            if document.state == "issued" and not todo:
                return meter
            self._let_time_pass(todo)

    def _left(self, kinds, number):
        """Return the counts, for each of ``number`` sales, of tasks left for later."""
        meter = Meter(self.env)
        left = [("state", "=", "todo"), ("kind", "in", kinds)]
        for _turn in range(200):
            todo = self.env["salon.invoice.task"].search(left)
            if not todo:
                break
            self._let_time_pass(todo)
            self._turn(meter)
            if self.account.provider == "billingo_v2" and todo.exists().filtered(
                lambda task: task.kind == "pdf" and task.state == "todo"
            ):
                # It gives ten in a minute. Asking at once again would be counted.
                time.sleep(60 - time.time() % 60)
        return {name: count / number for name, count in meter.counts().items()}

    def _let_time_pass(self, tasks):
        """Let the time of these tasks come."""
        if self.account.provider != "billingo_v2":  # its tokens live for half a minute
            _control(self.sandbox, "POST", "clock", advance=3)
        tasks.next_attempt = self.env["salon.invoice.document"]._now()
        self.env["salon.invoice.bucket"].search([]).unlink()
        self.env.cr.commit()

    def _turn(self, meter):
        self.env.invalidate_all()
        gc.collect()
        with meter:
            self.account._run_lane()
            self.env.cr.commit()
        self.env.invalidate_all()

    def _count_lane(self, number):
        """Return the counts of one document of a lane that has ``number`` to do."""
        samples = []
        for size in (5, number):
            meter, rows = Meter(self.env), _enqueue(self.env, self.account, size)
            self.env.cr.commit()
            while "waiting" in rows.mapped("state"):
                self.env["salon.invoice.bucket"].search([]).unlink()
                self._turn(meter)
            if set(rows.mapped("state")) != {"issued"}:
                raise RuntimeError(f"{rows.mapped('state')}: {rows.mapped('problem')}")
            samples.append(
                {name: count / size for name, count in meter.counts().items()}
            )
            self.env["salon.invoice.task"].search([]).unlink()
            self.env.cr.commit()
        folder = os.environ.get("SALON_STATEMENTS")
        if folder:
            name = f"{self.account.provider}-lane.sql"
            Path(folder, name).write_text("\n".join(meter.statements))
        return samples[1:]
