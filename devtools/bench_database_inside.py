"""What ``./dev bench database`` runs inside Odoo's shell, as the superuser."""

import json
import threading
import time
from datetime import timedelta

from lxml import etree

from odoo.exceptions import UserError
from odoo.fields import Datetime, Domain
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from odoo.addons.salon_invoice_bridge.worker import protocol, queue
from odoo.addons.salon_invoice_bridge.worker.express import FRESH, WORKING
from odoo.addons.salon_invoice_bridge.worker.lane import TASK, Lane

from .bench_inside import _Counting, _open_account

DOCUMENT = "salon_invoice_document"
MODEL = "salon.invoice.document"
#: Companies beside the salon's own, and the hundredth of the sales that each begins at.
COMPANIES = {"Szalon B": 40, "Szalon C": 70, "Szalon D": 90, "Szalon E": 99}
#: Months of sales, and days of evidence that is kept of them.
MONTHS, EVIDENCE_DAYS = 60, 180
#: Documents that wait, and that need a person, at the end.
WAITING, ATTENTION = 60, 40
#: Tables that are filled.
FILLED = (
    "pos_order",
    "pos_order_line",
    "pos_payment",
    DOCUMENT,
    "salon_invoice_task",
    "salon_invoice_attempt",
)
#: Times that a screen is opened; the first one is not counted.
ROUNDS = 6
#: Lines of an order, at most.
LINES = 4


# === REAL SALES === #


def sell(env, sandbox):
    """Sell at the emulator until nothing is left to do; return the columns' sizes."""
    scene = json.loads(env["ir.config_parameter"].get_param("devtools.scene"))
    counting = _Counting(env, _open_account(env, "billingo", sandbox), scene, sandbox)
    split = {"cash": 4500, "card": 2000}
    for _number in range(3):
        counting._sell()
        counting._sell(customer=counting.person, payments={"card": 6500})
        counting._sell(customer=counting.person, payments=split)
    sold = env["pos.order"].search([], order="id desc", limit=1)
    for order in (sold, sold.browse(sold.id - 1)):
        _take_back(counting, order)
    counting._left(("nav",), 1)
    counting._left(("pdf", "link", "nav"), 1)
    columns = {
        **_columns(env, DOCUMENT, "state = 'issued' AND kind = 'invoice'"),
        **_columns(env, "salon_invoice_attempt", "true"),
        **_columns(env, "salon_invoice_task", "true"),
    }
    return {"updates": _updates(env), "columns": columns}


def _updates(env):
    """Return how many updates of a row there were, and which of them were HOT."""
    env.cr.commit()
    time.sleep(2)  # PostgreSQL notes them once a second
    env.cr.execute("SELECT 1")
    env.cr.commit()
    env.cr.execute(
        "SELECT relname, n_tup_ins, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables "
        "WHERE relname IN %s ORDER BY 1",
        [(DOCUMENT, "salon_invoice_task", "salon_invoice_bucket", "pos_order")],
    )
    updates = {}
    for table, inserted, updated, hot in env.cr.fetchall():
        updates[f"{table}: updates a row"] = updated / max(inserted, 1)
        updates[f"{table}: of them HOT"] = hot / max(inserted, 1)
    return updates


def _take_back(counting, order):
    """Refund an order at the till, and let its invoice be cancelled."""
    till, env = counting.till, counting.env
    refund = till.order([("Manikűr", -1)], {"cash": -order.amount_total})
    refund["lines"][0][2]["refunded_orderline_id"] = order.lines[:1].id
    refund["partner_id"] = order.partner_id.id
    till.sync([refund])
    env.cr.commit()
    for _turn in range(5):
        counting._left(("email", "payments"), 1)
        counting._turn(_Silent())
    state = order.salon_document_id.state
    if state != "cancelled":
        raise RuntimeError(f"{state}: {order.salon_document_ids.mapped('problem')}")


class _Silent:
    """A meter that counts nothing."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


def _columns(env, table, where):
    """Return the average bytes of the larger columns of rows, and of all of them."""
    columns = [name for name in _names(env, table)]
    sizes = SQL(", ").join(
        SQL("COALESCE(avg(COALESCE(pg_column_size(%s), 0)), 0)", SQL.identifier(name))
        for name in columns
    )
    env.cr.execute(
        SQL("SELECT %s FROM %s WHERE %s", sizes, SQL.identifier(table), SQL(where))
    )
    found = dict(zip(columns, map(float, env.cr.fetchone()), strict=True))
    large = {f"{table}.{name}": size for name, size in found.items() if size >= 40}
    return {**large, table: sum(found.values())}


def _names(env, table):
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_name = %s AND table_schema = 'public' ORDER BY ordinal_position",
        [table],
    )
    return [name for (name,) in env.cr.fetchall()]


# === A MILLION OF THEM === #


def fill(env, sales):
    """Copy the real sales to so many, over months and companies, by SQL."""
    accounts = _open_companies(env)
    cr = env.cr
    cr.execute("SET session_replication_role = replica")  # no foreign keys are checked
    indexes = _drop_indexes(cr)
    _plan_sales(env, sales, accounts)
    _copy_orders(env)
    _copy_lines(env)
    _copy(
        env,
        "pos_payment",
        "copy.pos_order_id = sale.order_template",
        id=SQL("nextval('pos_payment_id_seq')"),
        pos_order_id=SQL("sale.order_id"),
        uuid=SQL("gen_random_uuid()"),
        company_id=SQL("sale.company_id"),
        payment_date=SQL("sale.sold_at"),
    )
    _copy_documents(env, sales)
    _copy_evidence(env)
    _set_apart(env, sales)
    for table in FILLED:
        cr.execute(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
    for index in indexes:
        cr.execute(index)
    cr.execute("DROP TABLE bench_sale")
    cr.execute("SET session_replication_role = DEFAULT")
    cr.commit()
    return sales


def _open_companies(env):
    """Have five companies with an account each; return (company, account, share)."""
    main = env.ref("base.main_company")
    first = main.salon_account_id
    accounts = [(main.id, first.id, 0)]
    for name, share in COMPANIES.items():
        company = env["res.company"].create(
            {
                "name": name,
                "country_id": main.country_id.id,
                "currency_id": main.currency_id.id,
            }
        )
        allowed = env(context={**env.context, "allowed_company_ids": company.ids})
        account = allowed["salon.invoice.account"].create(
            {
                "provider": first.provider,
                "api_key": first._credential().api_key,
                "base_url": first.base_url,
            }
        )
        account._verify()
        account.block = first.block
        account.write({"state": "connected", "connected_at": first.connected_at})
        company.salon_account_id = account
        accounts.append((company.id, account.id, share))
        _open_shop(env, company)
    everybody = env["res.users"].search([("login", "in", ("manager", "accountant"))])
    everybody.write({"company_ids": [(4, company) for company, *_rest in accounts]})
    env.cr.commit()
    return accounts


def _open_shop(env, company):
    """Copy the first shop and its session for a company: rows to be named by sales."""
    for table, own in (
        ("pos_config", {}),
        ("pos_session", {"config_id": SQL("(SELECT max(id) FROM pos_config)")}),
    ):
        own = {
            "id": SQL("nextval(%s)", f"{table}_id_seq"),
            "company_id": SQL("%s", company.id),
            "uuid": SQL("gen_random_uuid()"),
            "access_token": SQL("substr(md5(random()::text), 1, 16)"),
            **own,
        }
        names = _names(env, table)
        env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s copy WHERE id = "
                "(SELECT min(id) FROM %s)",
                SQL.identifier(table),
                SQL(", ").join(map(SQL.identifier, names)),
                SQL(", ").join(
                    own.get(name) or SQL.identifier("copy", name) for name in names
                ),
                SQL.identifier(table),
                SQL.identifier(table),
            )
        )


def _drop_indexes(cr):
    """Drop the indexes that are no constraint's; return what makes them anew."""
    cr.execute(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
          FROM pg_index
         WHERE indrelid::regclass::text IN %s AND NOT EXISTS (
               SELECT FROM pg_constraint WHERE conindid = indexrelid)
        """,
        [FILLED],
    )
    found = cr.fetchall()
    for name, _definition in found:
        cr.execute(f'DROP INDEX "{name}"' if '"' not in name else f"DROP INDEX {name}")
    return [definition for _name, definition in found]


def _plan_sales(env, sales, accounts):
    """Say in a table what each sale is copied from, whose it is, and when it was.

    Of 200 sales two come back, each followed by its refund, and one was put on the
    customer's account long ago.
    """
    cr = env.cr
    cr.execute(
        "SELECT max(id) FROM pos_order UNION ALL SELECT max(id) FROM pos_order_line "
        f"UNION ALL SELECT max(id) FROM {DOCUMENT}"
    )
    order, line, document = (number for (number,) in cr.fetchall())
    cr.execute(
        f"""
        SELECT array_agg(order_id ORDER BY id) FILTER (
                   WHERE kind = 'invoice' AND state = 'issued'),
               array_agg(order_id ORDER BY id) FILTER (
                   WHERE kind = 'invoice' AND state = 'cancelled'),
               array_agg(order_id ORDER BY id) FILTER (WHERE kind = 'storno')
          FROM {DOCUMENT}
        """
    )
    issued, cancelled, stornos = cr.fetchone()
    whose = SQL(
        "CASE %s END",
        SQL(" ").join(
            SQL("WHEN n / 2 %% 100 * 7919 %% 100 >= %s THEN %s", share, number)
            for number, (_company, _account, share) in reversed([*enumerate(accounts)])
        ),
    )
    cr.execute(
        SQL(
            """
            CREATE TABLE bench_sale AS
            SELECT n, %(order)s + n AS order_id, %(document)s + n AS document_id,
                   %(line)s + n * %(lines)s AS line_id,
                   (%(companies)s::int[])[whose + 1] AS company_id,
                   (%(accounts)s::int[])[whose + 1] AS account_id,
                   date_trunc('second', now() AT TIME ZONE 'UTC')
                     - (%(sales)s - n) * (interval '1 month' * %(months)s / %(sales)s)
                     AS sold_at,
                   CASE n %% 200 WHEN 0 THEN 'cancelled' WHEN 100 THEN 'cancelled'
                     WHEN 1 THEN 'storno' WHEN 101 THEN 'storno'
                     WHEN 50 THEN 'skipped' ELSE 'issued' END AS what,
                   CASE n %% 200
                     WHEN 0 THEN (%(cancelled)s::int[])[1]
                     WHEN 100 THEN (%(cancelled)s::int[])[1]
                     WHEN 1 THEN (%(stornos)s::int[])[1]
                     WHEN 101 THEN (%(stornos)s::int[])[1]
                     ELSE (%(issued)s::int[])[1 + n %% %(kinds)s]
                   END AS order_template
              FROM (SELECT n, %(whose)s AS whose FROM generate_series(2, %(sales)s) n) s
            """,
            order=order,
            document=document,
            line=line + LINES,
            lines=LINES,
            companies=[company for company, _account, _share in accounts],
            accounts=[account for _company, account, _share in accounts],
            sales=sales,
            months=MONTHS,
            cancelled=cancelled,
            stornos=stornos,
            issued=issued,
            kinds=len(issued),
            whose=whose,
        )
    )
    cr.execute("ANALYZE bench_sale")


def _copy(env, table, condition, source=None, **own):
    """Insert a copy of the rows of ``table`` that go with each planned sale.

    :param str condition: joins ``copy``, a row of it, with ``sale``
    :param str source: in place of the table
    :param own: SQL of the columns that are not copied
    """
    names = _names(env, table)
    own = {name: value for name, value in own.items() if name in names}
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM bench_sale sale JOIN %s copy ON %s "
            "ORDER BY sale.n",
            SQL.identifier(table),
            SQL(", ").join(map(SQL.identifier, names)),
            SQL(", ").join(
                own.get(name) or SQL.identifier("copy", name) for name in names
            ),
            SQL(source or f'"{table}"'),
            SQL(condition),
        )
    )


def _copy_orders(env):
    shop = "(SELECT min(id) FROM pos_config shop WHERE company_id = sale.company_id)"
    session = f"(SELECT min(id) FROM pos_session WHERE config_id = {shop})"
    _copy(
        env,
        "pos_order",
        "copy.id = sale.order_template",
        id=SQL("sale.order_id"),
        uuid=SQL("gen_random_uuid()"),
        access_token=SQL("gen_random_uuid()"),
        name=SQL("'Szalon/' || sale.n"),
        pos_reference=SQL("'2' || lpad(sale.n::text, 8, '0') || '-01-0001'"),
        date_order=SQL("sale.sold_at"),
        create_date=SQL("sale.sold_at"),
        write_date=SQL("sale.sold_at"),
        company_id=SQL("sale.company_id"),
        session_id=SQL(session),
        config_id=SQL(shop),
        salon_document_id=SQL("sale.document_id"),
    )


def _copy_lines(env):
    """Copy the lines; those of a refund take back those of the sale before it."""
    number = "row_number() OVER (PARTITION BY order_id ORDER BY id) - 1 AS place"
    _copy(
        env,
        "pos_order_line",
        f"copy.order_id = sale.order_template AND copy.place < {LINES}",
        f"(SELECT *, {number} FROM pos_order_line)",
        id=SQL("sale.line_id + copy.place"),
        order_id=SQL("sale.order_id"),
        uuid=SQL("gen_random_uuid()"),
        company_id=SQL("sale.company_id"),
        create_date=SQL("sale.sold_at"),
        refunded_orderline_id=SQL(
            "CASE WHEN sale.what = 'storno' THEN sale.line_id - %s + copy.place END",
            LINES,
        ),
    )


def _copy_documents(env, sales):
    kind = "CASE sale.what WHEN 'storno' THEN 'storno' ELSE 'invoice' END"
    made = "sale.what != 'skipped'"

    def if_made(sql):
        return SQL(f"CASE WHEN {made} THEN {sql} END")

    _copy(
        env,
        DOCUMENT,
        f"copy.order_id = sale.order_template AND copy.kind = {kind}",
        id=SQL("sale.document_id"),
        order_id=SQL("sale.order_id"),
        pos_reference=SQL("'2' || lpad(sale.n::text, 8, '0') || '-01-0001'"),
        sold_at=SQL("sale.sold_at"),
        create_date=SQL("sale.sold_at"),
        write_date=SQL("sale.sold_at"),
        sent_at=if_made("sale.sold_at + interval '1 second'"),
        issued_at=if_made("sale.sold_at + interval '2 seconds'"),
        company_id=SQL("sale.company_id"),
        account_id=SQL("sale.account_id"),
        origin_id=SQL("CASE sale.what WHEN 'storno' THEN sale.document_id - 1 END"),
        external_key=SQL("substr(md5(sale.n::text) || md5('x' || sale.n), 1, 26)"),
        number=if_made(
            "'SZ-' || extract(year FROM sale.sold_at) || '-' "
            "|| lpad(sale.n::text, 7, '0')"
        ),
        remote_id=if_made("sale.n::text"),
        buyer_name=SQL(
            "CASE WHEN copy.buyer_email != '' THEN 'Kovács ' || (sale.n %% 50000) "
            "ELSE copy.buyer_name END"
        ),
        state=SQL("CASE WHEN sale.what = 'skipped' THEN 'skipped' ELSE copy.state END"),
        status=SQL(
            "CASE WHEN sale.what = 'skipped' THEN 'skipped' ELSE copy.status END"
        ),
        skip_reason=SQL(
            "CASE WHEN sale.what = 'skipped' THEN "
            "CASE WHEN sale.n > %s THEN 'customer_account' ELSE 'manual' END END",
            sales - sales // 50,
        ),
        pdf_id=SQL("NULL"),
    )


def _copy_evidence(env):
    """Copy the tasks, and of the last sales what was called for them."""
    kind = "CASE sale.what WHEN 'storno' THEN 'storno' ELSE 'invoice' END"
    of = (
        f"sale.what != 'skipped' AND copy.document_id = ("
        f"SELECT id FROM {DOCUMENT} of WHERE of.order_id = sale.order_template "
        f"AND of.kind = {kind} LIMIT 1)"
    )
    env.cr.execute(f"CREATE INDEX bench_template ON {DOCUMENT} (order_id)")
    env.cr.execute(f"ANALYZE {DOCUMENT}")
    ids = {
        "document_id": SQL("sale.document_id"),
        "company_id": SQL("sale.company_id"),
        "create_date": SQL("sale.sold_at"),
        "write_date": SQL("sale.sold_at"),
    }
    _copy(
        env,
        "salon_invoice_task",
        of,
        id=SQL("nextval('salon_invoice_task_id_seq')"),
        account_id=SQL("sale.account_id"),
        **ids,
    )
    _copy(
        env,
        "salon_invoice_attempt",
        f"{of} AND sale.sold_at > now() - interval '{EVIDENCE_DAYS} days'",
        id=SQL("nextval('salon_invoice_attempt_id_seq')"),
        started_at=SQL("sale.sold_at"),
        **ids,
    )
    env.cr.execute("DROP INDEX bench_template")


def _set_apart(env, sales):
    """Leave the last documents open: they wait, or need a person."""
    env.cr.execute(
        f"""
        UPDATE {DOCUMENT} document
           SET state = CASE WHEN sale.n > %(sales)s - %(attention)s THEN 'attention'
                 ELSE 'waiting' END,
               status = CASE WHEN sale.n > %(sales)s - %(attention)s THEN 'attention'
                 ELSE 'waiting' END,
               problem = CASE WHEN sale.n > %(sales)s - %(attention)s
                 THEN 'The service refused it.' END,
               number = NULL, remote_id = NULL, issued_at = NULL,
               remote_snapshot = NULL, amount_invoiced = 0, skip_reason = NULL,
               payment_state = NULL,
               next_attempt = now() AT TIME ZONE 'UTC' + interval '1 hour'
          FROM bench_sale sale
         WHERE document.id = sale.document_id AND sale.what IN ('issued', 'skipped')
           AND sale.n > %(sales)s - %(waiting)s - %(attention)s
        """,
        {"sales": sales, "waiting": WAITING, "attention": ATTENTION},
    )


# === ITS SIZE === #


def weigh(env):
    """Return the bytes that a sale has in each table of the addon and its indexes.

    Of the calls' evidence: of a sale whose evidence is still kept.
    """
    cr = env.cr
    cr.execute(f"SELECT count(*) FROM {DOCUMENT}")
    (documents,) = cr.fetchone()
    cr.execute("SELECT count(DISTINCT document_id) FROM salon_invoice_attempt")
    (kept,) = cr.fetchone()
    sizes = {}
    for table in (DOCUMENT, "salon_invoice_task", "salon_invoice_attempt"):
        number = kept if table.endswith("attempt") else documents
        cr.execute(
            """
            SELECT pg_relation_size(oid), pg_table_size(oid) - pg_relation_size(oid),
                   pg_indexes_size(oid), pg_total_relation_size(oid)
              FROM pg_class WHERE relname = %s
            """,
            [table],
        )
        names = ("rows", "rows out of line", "indexes", "all")
        for name, size in zip(names, cr.fetchone(), strict=True):
            sizes[f"{table}, {name}"] = size / number
        cr.execute(
            """
            SELECT indexrelid::regclass::text, pg_relation_size(indexrelid)
              FROM pg_index WHERE indrelid::regclass::text = %s ORDER BY 2 DESC
            """,
            [table],
        )
        for name, size in cr.fetchall():
            sizes[f"index {name}"] = size / number
    return sizes


# === SCREENS AND JOBS === #


class _Clock:
    """The statements of a block, each with its seconds."""

    def __enter__(self):
        self.heard = []
        threading.current_thread().query_hooks = [self._hear]
        return self

    def __exit__(self, *error):
        del threading.current_thread().query_hooks

    def _hear(self, cr, query, params, _start, delay):
        self.heard.append((delay, query, params))

    @property
    def milliseconds(self):
        return 1000 * sum(delay for delay, _query, _params in self.heard)


def open_all(env):
    """Open each screen and run each job, warm; return what its SQL took."""
    company = env.ref("base.main_company")
    companies = env["res.company"].search([("salon_account_id", "!=", False)])
    small = companies.sorted("id")[-1]
    results = []
    for what, allowed in (("all companies", companies), ("a small one", small)):
        for login in ("manager", "accountant"):
            user = env["res.users"].search([("login", "=", login)])
            own = env(
                user=user,
                context={
                    "lang": "en_US",
                    "tz": "Europe/Budapest",
                    "allowed_company_ids": allowed.ids,
                },
                su=False,
            )
            for name, act in _screens(own).items():
                results.append(_measure(own, f"{login}, {what}: {name}", act))
    for name, act in _jobs(env, company.salon_account_id).items():
        results.append(_measure(env, f"job: {name}", act))
    return results


def _measure(env, what, act):
    """Return how long the SQL of ``act`` takes when it is warm; nothing stays."""
    env = env(cr=env.cr)
    times, heard = [], []
    for _round in range(ROUNDS):
        env.flush_all()
        env.invalidate_all()
        with _Clock() as clock:
            try:
                act()
                env.flush_all()
            finally:
                env.cr.rollback()
        times.append(clock.milliseconds)
        heard = clock.heard
    slowest = max(heard, default=None, key=lambda statement: statement[0])
    return {
        "what": what,
        "milliseconds": times[1:],
        "statements": len(heard),
        "plan": _plan(env.cr, *slowest) if slowest else [],
    }


def _plan(cr, delay, query, params):
    """Return the plan of a statement as it is run once more."""
    text = cr._obj.mogrify(str(query), params).decode() if params else str(query)
    lines = [f"{1000 * delay:.1f} ms: {' '.join(text.split())[:300]}"]
    if text.lstrip().upper().startswith(("SELECT", "WITH")):
        cr.execute(
            "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + text.replace("%", "%%")
            if not params
            else "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + str(query),
            params,
        )
        lines += [row[0][:160] for row in cr.fetchall()]
        cr.rollback()
    return lines


def _screens(env):
    """Return ``{what: function}`` of what a user opens."""
    screens = {}
    for xmlid in (
        "salon_invoice_document_action",
        "salon_invoice_document_action_legal",
        "salon_invoice_document_action_attention",
        "salon_invoice_document_action_unfinished",
        "salon_invoice_request_action",
        "pos_order_action_accountant",
    ):
        opened = _Opened(env, xmlid)
        screens[f"{opened.name}, list"] = opened.list
        for kind in ("pivot", "graph"):
            if kind in opened.modes:
                screens[f"{opened.name}, {kind}, this month"] = opened.group(kind)
    documents, orders = env[MODEL], env["pos.order"]
    last = documents.search([("state", "=", "issued")], limit=1)
    opened = _Opened(env, "salon_invoice_document_action")
    sales = _Opened(env, "pos_order_action_accountant")
    number, receipt = last.number, last.pos_reference
    for name in ("legal", "attention", "waiting", "issued", "unfinished", "skipped"):
        screens[f"filter {name}"] = lambda name=name: opened.list(filters=(name,))
    screens["filter this month"] = lambda: opened.list(domain=opened.this_month())
    screens["a document"] = lambda: opened.form(last)
    for name in ("undocumented", "attention", "waiting"):
        chosen = f"salon_{name}"
        screens[f"sales, filter {name}"] = lambda chosen=chosen: sales.list(
            filters=(chosen,)
        )
    screens["a sale"] = lambda: sales.form(last.order_id)
    for what, text in {
        "a number": number,
        "a part of a number": number[-6:],
        "a number that is not there": "SZ-1999-99",
        "a receipt": receipt,
    }.items():
        domain = opened.search_domain("number", text)
        screens[f"search by {what}"] = lambda domain=domain: opened.list(domain=domain)
    screens["sales, search by number"] = lambda: sales.list(
        domain=sales.search_domain("name", number)
    )
    screens["sales, search by a receipt"] = lambda: sales.list(
        domain=sales.search_domain("name", receipt)
    )
    screens["sales, Odoo's own search by number"] = lambda: sales.list(
        domain=["|", ("name", "ilike", number), ("pos_reference", "ilike", number)]
    )
    screens["search by name"] = lambda: documents.name_search(number)
    screens["sales, at a till"] = lambda: orders.search(
        [], limit=80, order="id desc"
    ).salon_till_status()
    account = env["salon.invoice.account"].search([], limit=1)
    panel = _Opened(env, "salon_invoice_account_action")
    screens["the account, with its panel"] = lambda: panel.form(account)
    first = env["salon.invoice.overview"]
    shown = {"company_id": {"fields": {"display_name": {}}}, "figures": {}, "chart": {}}
    screens["the overview"] = lambda: first.web_search_read([], shown)
    return screens


class _Opened:
    """An action as the web client opens it.

    :param str xmlid: of the action, in the addon
    """

    def __init__(self, env, xmlid):
        action = env["ir.actions.act_window"]._for_xml_id(
            f"salon_invoice_bridge.{xmlid}"
        )
        self.env, self.model = env, env[action["res_model"]]
        self.name = (
            action["name"] if "legal" not in xmlid else f"{action['name']} (legal)"
        )
        self.modes = action["view_mode"].split(",")
        known = {"uid": env.uid, "true": True, "false": False}  # JavaScript's words
        self.domain = safe_eval(action["domain"] or "[]", known)
        context = safe_eval(action["context"] or "{}", known)
        views = [(False, "search"), *((view, kind) for view, kind in action["views"])]
        found = self.model.get_views(views)["views"]
        self.archs = {kind: etree.fromstring(v["arch"]) for kind, v in found.items()}
        self.defaults = [
            name.removeprefix("search_default_")
            for name, value in context.items()
            if name.startswith("search_default_") and value
        ]

    def list(self, filters=None, domain=()):
        """Open the list with its default filters, or with others."""
        names = self.defaults if filters is None and not domain else filters or ()
        domain = Domain.AND([self.domain, *map(self._filter, names), list(domain)])
        arch = self.archs["list"]
        return self.model.web_search_read(
            list(domain),
            self._specify(self.model, arch),
            limit=80,
            order=arch.get("default_order") or "",
            count_limit=10001,
        )

    def form(self, record):
        return record.web_read(self._specify(self.model, self.archs["form"]))

    def group(self, kind):
        """Return a function that opens a pivot or a graph of this month."""
        fields = self.archs[kind].findall("field")
        rows, measures = [], ["__count"]
        for field in fields:
            name = field.get("name")
            if field.get("type") == "measure":
                measures.append(f"{name}:sum")
            else:
                interval = field.get("interval")
                rows.append(f"{name}:{interval}" if interval else name)

        def act():
            domain = Domain.AND(
                [self.domain, *map(self._filter, self.defaults), self.this_month()]
            )
            sets = [rows[:number] for number in range(len(rows) + 1)]
            return self.model.formatted_read_grouping_sets(
                list(domain), sets, aggregates=measures
            )

        return act

    def this_month(self):
        """Return the domain of the filter by date, as it opens."""
        now = self.env["salon.invoice.document"]._now().replace(microsecond=0)
        first = now.replace(day=1, hour=0, minute=0, second=0) - timedelta(hours=1)
        after = (first + timedelta(days=32)).replace(day=1)
        return [("issued_at", ">=", str(first)), ("issued_at", "<", str(after))]

    def search_domain(self, name, text):
        """Return what is searched for if ``text`` is entered in a field."""
        for field in self.archs["search"].iter("field"):
            if field.get("name") == name:
                found = field.get("filter_domain") or f"[('{name}', 'ilike', self)]"
                return safe_eval(found, {"self": text})
        raise LookupError(name)

    def _filter(self, name):
        for found in self.archs["search"].iter("filter"):
            if found.get("name") == name:
                return safe_eval(found.get("domain") or "[]", {"uid": self.env.uid})
        return []

    def _specify(self, model, arch):
        """Return what the web client reads of the fields of a view."""
        wanted = {}
        for node in arch.xpath(".//field[not(ancestor::field)]"):
            name = node.get("name")
            field = model._fields[name]
            wanted[name] = {}
            if field.type == "many2one":
                wanted[name] = {"fields": {"display_name": {}}}
            embedded = node.find("list")
            if field.type in ("one2many", "many2many"):
                inner = {"display_name": {}}
                if embedded is not None:
                    alone = etree.fromstring(etree.tostring(embedded))
                    inner = self._specify(self.env[field.comodel_name], alone)
                wanted[name] = {"fields": inner, "limit": 40}
        return wanted


def _jobs(env, account):
    """Return ``{what: function}`` of what the background jobs ask."""
    account = account.with_company(account.company_id)
    lane, documents = Lane(account), env[MODEL]
    now, longest = documents._now(), account._longest_backoff()
    issued = documents.search(
        [("state", "=", "issued"), ("kind", "=", "invoice")], limit=80
    )
    storno = documents.search([("kind", "=", "storno")], limit=1)
    return {
        "lane, what is due": lambda: protocol.next_due(
            env.cr,
            account.id,
            now,
            working=WORKING,
            fresh=FRESH,
            longest_backoff=longest,
        ),
        "lane, when the next is due": lambda: queue.next_times(env.cr, account.id),
        "lane, tasks": lambda: lane.next(TASK),
        "lane, whether others wait": lane._others_wait,
        "lane, who lost a worker": lambda: documents.search(
            [("account_id", "=", account.id), ("state", "=", "sending")], order="id"
        ),
        "lane, reports to NAV": lambda: issued[0].task_ids[:1]._due_reports(),
        "a document is settled": lambda: issued[0]._on_settled(),
        "a storno is settled": lambda: storno._on_settled(),
        "sweep, the lane": account._bring_forward,
        "sweep, forgotten sales": account._forgotten_sales,
        "sweep, stranded documents": lambda: env["salon.invoice.account"].search(
            [
                ("state", "in", ("draft", "disconnected")),
                ("document_ids.state", "in", ("waiting", "sending", "checking")),
            ]
        ),
        "night, what to look at": account._documents_to_watch,
        "readiness": lambda: env["salon.invoice.readiness"]._panel(account),
        "retention of evidence": lambda: list(
            env["salon.invoice.retention"]._purge(Datetime.now())
        ),
        "connecting, the newest document": account._last_issued,
        "connecting, what waits": account._move_waiting_here,
        "disconnecting, what is open": account._open_documents,
        "deleting an account, whether it is used": lambda: _refused(account),
        "a number is entered by hand": lambda: documents._check_number_is_free(
            "SZ-2000-1"
        ),
        "removing the addon": lambda: documents.search(
            [("state", "in", ("sending", "checking"))]
        ),
        "a customer's page": lambda: env["pos.order"].search(
            [("access_token", "=", issued[0].order_id.access_token)], limit=2
        ),
        "closing a session": lambda: [
            order._salon_waits_for() for order in issued.order_id
        ],
    }


def _refused(account):
    """Ask whether an account may be deleted, which it may not."""
    try:
        account._unlink_except_used()
    except UserError:
        return
    raise RuntimeError("an account with documents may be deleted")
