"""Everything that the addon has, tried by every role of another company.

What is tried is generated from the registry: each model, field and public method of the
addon is covered when it is born. A model without a record in :meth:`Trespass.theirs`, a
parameter that :data:`ARGUMENTS` does not know, or a model without a rule fails the test
until somebody has thought about it.
"""

import inspect
from contextlib import suppress
from unittest.mock import patch

import psycopg2

from odoo import models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.orm.model_classes import add_to_registry
from odoo.service.model import call_kw
from odoo.tools import SQL, mute_logger

from .common import ACCOUNTS
from .other_company import OtherCompanyCase

ADDON = "salon_invoice_bridge"
#: What only the salon's own people may read: it is in everything of theirs.
MARK = "TITKOS"
ROLES = ("receptionist", "manager", "accountant", "admin")
#: What stays as it is, to be able to see a call, or to stay a valid row.
UNMARKED = ("api_key", "base_url", "external_key", "public_key", "res_model")
#: By its name, what a parameter of a public method is given, beside :meth:`filled`.
ARGUMENTS = {
    "amount": 1.0,
    "code": "taxes",
    "day": "2026-11-02",
    "emails": ["stranger@example.com"],
    "kind": "cash",
    "number": "12345676-2-42",
    # The addon only repeats Odoo's; what sales may name is tried in test_companies.
    "orders": [],
}
#: What Odoo itself opens to the administrators of a database, whatever their company.
ODOO_SHOWS = {
    ("res.company", "admin"): "they make companies, and give themselves to them",
    ("ir.cron", "admin"): "jobs are the database's, not a company's",
    **{
        ("res.users", role): "colleagues see each other in all companies"
        for role in ROLES
    },
}
#: Own models without a rule about companies, and why.
WITHOUT_RULE = {
    "salon.invoice.answer": "nobody has access to it",
    "salon.invoice.credential": "nobody has access to it",
    "salon.invoice.debt": "nobody has access to it",
    "salon.invoice.lookup": "nobody has access to it",
}
#: What only ``sudo`` code needs, with a rule or without.
NOBODY_HAS = ("salon.invoice.bucket",)
#: What is no company's, and why.
NOBODYS = {
    "ir.module.module": "a database has addons, a company has none",
    "base.module.uninstall": "who removes addons removes them from all companies",
}
#: Fields of every model.
MAGIC = ("id", "create_uid", "create_date", "write_uid", "write_date")


class _Undo(Exception):
    """Ends a try: nothing of it stays."""


class Trespass(OtherCompanyCase):
    """What B's people try, and how it is noticed that they got through."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls._make_user("admin", "point_of_sale.group_pos_manager")
        cls.admin.group_ids |= cls.env.ref("base.group_system")

    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_rule"))
        self.breaches = []
        self.tries = 0
        self.a_company()
        self.b_company()
        self.mark()
        self.marks = (MARK, ACCOUNTS[self.provider]["api_key"])
        self.env.flush_all()
        self.newest = self.newest_rows()
        self.watched = self.rows_of_a()
        self.called = len(self.calls())

    # === TWO COMPANIES === #

    def a_company(self):
        """Make records of A of every model, most of them by its own people."""
        self.customer.company_id = self.company
        self.haircut.product_tmpl_id.company_id = self.company
        self.order = self.sell([(self.haircut, 1)])
        self.work()
        issued = self.order.salon_document_id
        self.assertEqual(issued.state, "issued")
        stopped = self.sell([(self.haircut, 2)]).salon_document_id
        stopped._need_attention(MARK, "content")
        self.company.salon_kind = "proforma"
        proforma = self.sell([(self.haircut, 3)]).salon_document_id
        self.work()
        self.assertEqual(proforma.state, "issued")
        self.company.salon_kind = "invoice"
        self.documents = issued | stopped | proforma
        self.forms = self.make_forms(self.admin, issued, self.account, MARK)
        self.a = self.theirs(self.order, self.documents, self.account, self.forms)

    def b_company(self):
        """Make B's own records of the same models."""
        order = self.strange_sale([{}])
        order._salon_on_paid()
        self.run_lane(self.other_account)
        document = order.salon_document_id
        self.assertEqual(document.state, "issued")
        owner = self.strangers["admin"]
        forms = self.make_forms(owner, document, self.other_account, "own")
        self.b = self.theirs(order, document, self.other_account, forms)

    def make_forms(self, user, document, account, text):
        """Return ``{model: record}`` of the forms that ``user`` has open."""
        company = account.company_id
        env = self.env(user=user, context={"allowed_company_ids": company.ids})
        values = {"document_id": document.id}
        connect = {"company_id": company.id, "account_id": account.id}
        request = self.request_of(document.order_id)
        forms = {
            "storno": {**values, "reason": text},
            "send": {**values, "emails": f"{text}@example.com"},
            "payment": {**values, "amount": 1},
            "settle": {**values, "note": text},
            "buyer": {"order_id": document.order_id.id, "plan": text},
            "paper.number": {"order_id": document.order_id.id, "number": text},
            "decline": {"request_id": request.id, "reason": text},
            "disconnect": {"account_id": account.id, "reason": text},
            "daily": {"account_id": account.id, "differences": text},
            "connect": {**connect, "problem": text},
            "preview": {"company_id": company.id, "order_id": document.order_id.id},
            "month.prepare": {"company_id": company.id, "export_option": text},
        }
        made = {
            f"salon.invoice.{name}": env[f"salon.invoice.{name}"].create(values)
            for name, values in forms.items()
        }
        wizard = made["salon.invoice.connect"]
        choice = {"wizard_id": wizard.id, "kind": "block", "remote_id": "1"}
        made["salon.invoice.connect.choice"] = env[
            "salon.invoice.connect.choice"
        ].create({**choice, "name": text})
        made["salon.invoice.daily.line"] = env["salon.invoice.daily.line"].create(
            {
                "wizard_id": made["salon.invoice.daily"].id,
                "day": "2026-11-02",
                "series": text,
            }
        )
        made["res.config.settings"] = env["res.config.settings"].create({})
        return {name: record.with_env(self.env) for name, record in made.items()}

    def request_of(self, order):
        """Return the request of a sale's customer, who waits for an answer."""
        requests = self.env["salon.invoice.request"]
        request = requests.search([("order_id", "=", order.id)]) or requests.create(
            {"order_id": order.id, "company_id": order.company_id.id, "state": "new"}
        )
        request.write({"buyer_name": "Kft.", "tax_number": "13572464-2-07"})
        return request

    def debt_of(self, order):
        """Return what the bookkeeping says of a payment of a sale."""
        company = order.company_id
        account = company.account_default_pos_receivable_account_id
        journal = self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", company.id)], limit=1
        )
        values = {"account_id": account.id}
        lines = [(0, 0, {**values, "balance": amount}) for amount in (1, -1)]
        move = self.env["account.move"].create(
            {"journal_id": journal.id, "company_id": company.id, "line_ids": lines}
        )
        return self.env["salon.invoice.debt"].create(
            {
                "payment_id": order.payment_ids[:1].id,
                "order_id": order.id,
                "company_id": company.id,
                "move_line_id": move.line_ids[:1].id,
            }
        )

    def change_of(self, company):
        """Return a change of a company's VAT status, and its first line."""
        product = self.haircut if company == self.company else self.other_cut
        line = {"product_id": product.product_tmpl_id.id}
        change = self.env["salon.invoice.exemption"].create(
            {"company_id": company.id, "line_ids": [(0, 0, line)]}
        )
        return change, change.line_ids[:1]

    def position_of(self, company):
        """Return a fiscal position of a company."""
        return self.env["account.fiscal.position"].create(
            {"name": "own", "company_id": company.id}
        )

    def batch_of(self, documents):
        """Return what was done to many documents at once, and its rows."""
        batches = self.env["salon.invoice.batch"]
        batch = batches.create(
            {
                "act": "email",
                "about": "own",
                "user_id": documents[0].account_id.create_uid.id,
                "company_id": documents[0].company_id.id,
                "line_ids": [
                    (0, 0, {"order_id": row.order_id.id, "document_id": row.id})
                    for row in documents
                ],
            }
        )
        return batch, batch.line_ids

    def question_of(self, account):
        """Return a question to an account's company."""
        questions = self.env["salon.invoice.question"].sudo()
        questions._ask(account)
        return questions.search([("company_id", "=", account.company_id.id)], limit=1)

    def month_of(self, account, document):
        """Return a month's file, its part, a finding and the service's own file."""
        company = account.company_id
        month = self.env["salon.invoice.month"].create(
            {"company_id": company.id, "start": "2026-11-01", "state": "ready"}
        )
        of_month = {"month_id": month.id}
        file = self.env["ir.attachment"].create(
            {
                "name": f"{company.name}.zip",
                "raw": MARK.encode() if company == self.company else b"own",
                "res_model": month._name,
                "res_id": month.id,
            }
        )
        part = {"number": 1, "file_name": "1.zip", "attachment_id": file.id}
        finding = {
            "gap": "attention",
            "document_id": document.id,
            "order_id": document.order_id.id,
        }
        export = {"account_id": account.id, "kind": "rlb", "name": "RLB"}
        return month, *(
            self.env[f"salon.invoice.month.{name}"].create({**of_month, **values})
            for name, values in (
                ("part", part),
                ("finding", finding),
                ("export", export),
            )
        )

    def books_of(self, account, document):
        """Return a reconciliation, and one of each model that belongs to it."""
        day = "2026-11-02"
        found = self.env["salon.invoice.reconciliation"].create(
            {
                "account_id": account.id,
                "since": day,
                "until": day,
                "state": "done",
                "outcome": "differs",
                "trouble": "It waits.",
                "doubts": ["gap"],
                "missing_numbers": [["2026-1", False]],
            }
        )
        of_it = {"reconciliation_id": found.id}
        currency = {"currency_id": account.company_id.currency_id.id}
        rows = {
            "answer": {"number": "2026-1", "answer": {}},
            "sum": {"by": "rate", "code": "27", "till": 8900, **currency},
            "difference": {
                "key": "sale",
                "outcome": "missing_there",
                "findings": [["no_document", None, None, ""]],
                "order_id": document.order_id.id,
                "document_id": document.id,
                "can_ask": True,
                "can_look": True,
                "can_adopt": True,
                "note": "A note",
                **currency,
            },
        }
        return found, *(
            self.env[f"salon.invoice.{name}"].create({**of_it, **values})
            for name, values in rows.items()
        )

    def theirs(self, order, documents, account, forms):
        """Return ``{model: records}`` of one company, of all models that count here."""
        steps = documents.task_ids
        records = [
            *(documents, steps, documents.attempt_ids, account, account.choice_ids),
            *(order, order.lines, order.payment_ids, order.config_id),
            *(order.session_id, order.payment_ids.payment_method_id),
            *(order.lines.tax_ids, order.lines.product_id.product_tmpl_id),
            *(account.company_id, account.cron_id, order.lines.product_id),
            order.partner_id or self.env["res.partner"].browse(),
            documents.pdf_id,
            order.create_uid,
            documents.activity_ids,
            self.request_of(order),
            self.debt_of(order),
            *self.change_of(account.company_id),
            *self.batch_of(documents),
            order.fiscal_position_id or self.position_of(account.company_id),
            self.question_of(account),
            *self.month_of(account, documents[:1]),
            *self.books_of(account, documents[:1]),
            self.env["salon.invoice.overview"].browse(account.company_id.id),
            self.env["salon.invoice.lookup"].create(
                {"company_id": account.company_id.id}
            ),
            *(
                self.env[model].search([("account_id", "=", account.id)])
                for model in (
                    "salon.invoice.bucket",
                    "salon.invoice.credential",
                    "salon.invoice.partner",
                    "salon.invoice.tender",
                    "salon.invoice.vat",
                )
            ),
        ]
        found = {one._name: one.with_env(self.env) for one in records}
        return {**found, **forms}

    def mark(self):
        """Write :data:`MARK` into every text that A has."""
        self.env.flush_all()
        self.config.name = self.haircut.name = self.customer.name = f"{MARK} név"
        self.customer.email = f"{MARK}@example.com"
        self.company.salon_walk_in_name = f"{MARK} vevő"
        self.env.flush_all()
        for model in self.kept_models():
            table = SQL.identifier(self.env[model]._table)
            ids = tuple(self.a.get(model, self.env[model]).ids)
            for name, field in self.env[model]._fields.items():
                if not (field.store and field.column_type and ids):
                    continue
                column = SQL.identifier(name)
                if field.type in ("char", "text") and name not in UNMARKED:
                    value = SQL("concat(%s, %s)", column, f" {MARK}")
                elif field.type == "json":
                    value = SQL(
                        "CASE WHEN jsonb_typeof(%s) = 'object' "
                        "THEN %s || jsonb_build_object('mark', %s) ELSE %s END",
                        *(column, column, MARK, column),
                    )
                else:
                    continue
                self.env.cr.execute(
                    SQL(
                        "UPDATE %s SET %s = %s WHERE id IN %s",
                        table,
                        column,
                        value,
                        ids,
                    )
                )
        self.env.invalidate_all()

    # === WHAT THERE IS === #

    def own_models(self):
        """Return the names of the models that the addon has made, with rows."""
        return [
            name
            for name, model in self.env.registry.items()
            if model._original_module == ADDON and not model._abstract
        ]

    def kept_models(self):
        """Return those of the own models that have a table of their own."""
        return [name for name in self.own_models() if self.env[name]._auto]

    def all_models(self):
        """Return the names of own models, and of those that it has changed."""
        return [
            name
            for name, model in self.env.registry.items()
            if not model._abstract
            and (self.own_fields(name) or list(self.own_methods(name)))
        ]

    def own_fields(self, model):
        return [
            field
            for field in self.env[model]._fields.values()
            if ADDON in field._modules and field.name not in MAGIC
        ]

    def own_methods(self, model):
        """Yield the public methods that the addon has defined on ``model``."""
        names = set()
        for cls in type(self.env[model]).mro():
            if cls.__module__.startswith(f"odoo.addons.{ADDON}."):
                names |= {
                    name
                    for name, value in vars(cls).items()
                    if inspect.isfunction(value) and not name.startswith("_")
                }
        for name in sorted(names):
            if not getattr(getattr(self.env[model], name), "_api_private", False):
                yield name

    # === A TRY === #

    def attempt(self, role, what, call):
        """Let one of B's people try something, and note what came of it.

        Refused is well; else nothing of A's may have changed, no service been called,
        and no :data:`MARK` be in the answer.

        :param call: called with their environment
        """
        self.tries += 1
        env = self.as_stranger(role)
        with suppress(_Undo), self.env.cr.savepoint():
            try:
                answer = call(env)
                env.flush_all()
            except psycopg2.Error as error:
                answer = str(error)
            except UserError as error:
                answer = str(error)
            except ValueError as error:
                # As Odoo answers who calls for two what is for one.
                if "Expected singleton" not in str(error):
                    self.breach(role, what, f"broke: {error!r}"[:300])
                answer = str(error)
            except Exception as error:
                self.breach(role, what, f"broke: {error!r}"[:300])
                answer = str(error)
            else:
                if changed := self.changed():
                    self.breach(role, what, f"changed {changed}")
            if any(mark in repr(answer) for mark in self.marks):
                self.breach(role, what, f"was told: {repr(answer)[:300]}")
            raise _Undo
        if len(self.calls()) != self.called:
            self.breach(role, what, "called the service")
            self.called = len(self.calls())

    def breach(self, role, what, how):
        self.breaches.append(f"{role}: {what}: {how}")

    def rows_of_a(self):
        """Return ``{(model, id): hash}`` of A's records and of what is new of A.

        What has no table of its own is read from records that are here, too. That is
        asked for after each try: it is one statement.
        """
        parts = [
            SQL(
                "SELECT %s, id, md5(t::text) FROM %s t WHERE id IN %s",
                *(model, SQL.identifier(self.env[model]._table), tuple(records.ids)),
            )
            for model, records in self.a.items()
            if records and self.env[model]._auto
        ]
        for model, newest in self.newest.items():
            parts.append(
                SQL(
                    "SELECT %s, id, md5(t::text) FROM %s t WHERE id > %s AND %s",
                    *(f"{model} (new)", SQL.identifier(self.env[model]._table)),
                    *(newest, self.is_of_a(model)),
                )
            )
        self.env.cr.execute(SQL(" UNION ALL ").join(parts))
        return {(model, one): row for model, one, row in self.env.cr.fetchall()}

    def is_of_a(self, model):
        """Return the condition that a row of ``model`` is A's."""
        of_a = SQL("company_id = %s", self.company.id)
        for name in ("company_id", "account_id", "document_id", "wizard_id"):
            field = self.env[model]._fields.get(name)
            if not (field and field.store and field.column_type):
                continue
            if name == "company_id":
                return of_a
            comodel = self.env[field.comodel_name]
            return SQL(
                "%s IN (SELECT id FROM %s WHERE %s)",
                *(SQL.identifier(name), SQL.identifier(comodel._table), of_a),
            )
        return None

    def changed(self):
        """Return the models of which records of A have changed, or are new."""
        rows = self.rows_of_a().items() ^ self.watched.items()
        return sorted({model for (model, _id), _row in rows})

    def newest_rows(self):
        """Return ``{model: id}``: the newest row of each model that is a company's."""
        return {
            model: self.env[model]
            .with_context(active_test=False)
            .search([], order="id desc", limit=1)
            .id
            or 0
            for model in {*self.own_models(), *self.a}
            if self.is_of_a(model) and self.env[model]._auto
        }

    def check(self):
        """Fail with every breach."""
        self.assertGreater(self.tries, 0)
        self.assertFalse(self.breaches, "\n" + "\n".join(self.breaches))

    # === 1. RECORDS === #

    def try_records(self, model):
        """Find, read, change and delete A's records of ``model``."""
        records = self.a.get(model)
        if model in NOBODYS:
            return
        if not records:
            self.breach("-", model, "there is no record of A to try: see theirs()")
            return
        ids = records.ids
        own = {field.name for field in self.own_fields(model)}

        def readable(env):
            names = env[model].fields_get(attributes=())
            return sorted(own & set(names)) or ["id"]

        these = [("id", "in", ids)]

        def find(env):
            found = env[model].with_context(active_test=False).search(these)
            return MARK if found else found.ids

        def groups(env):
            fields = env[model]._fields
            return [
                env[model].formatted_read_group(these, [name], ["__count"])
                for name in readable(env)
                if fields[name].store and fields[name].type in ("char", "many2one")
            ]

        def each(env, one):
            # One field may be refused where another one is told.
            record, told = env[model].browse(one), []
            for name in readable(env) if record.has_access("read") else ():
                with suppress(UserError):
                    told.append(record.read([name]))
            return told

        tries = {
            "search": find,
            "search by text": lambda env: env[model].name_search(MARK),
            "group": groups,
        }
        for record in records[:2]:  # one shows as much as ten
            tries.update(
                {
                    f"read {record.id}": lambda env, one=record.id: (
                        env[model].browse(one).read(readable(env))
                    ),
                    f"read each {record.id}": lambda env, one=record.id: each(env, one),
                    f"web_read {record.id}": lambda env, one=record.id: (
                        env[model]
                        .browse(one)
                        .web_read({name: {} for name in readable(env)})
                    ),
                    f"export {record.id}": lambda env, one=record.id: (
                        env[model].browse(one).export_data(readable(env))
                    ),
                    f"unlink {record.id}": lambda env, one=record.id: (
                        env[model].browse(one).unlink()
                    ),
                    f"copy {record.id}": lambda env, one=record.id: (
                        env[model].browse(one).copy().read(readable(env))
                    ),
                    f"write {record.id}": lambda env, one=record.id: (
                        env[model].browse(one).write(self.some_values(env[model], own))
                    ),
                }
            )
        for role in ROLES:
            if (model, role) not in ODOO_SHOWS:
                for what, call in tries.items():
                    self.attempt(role, f"{model} {what}", call)

    def some_values(self, model, own):
        """Return a value for a field of the addon that a person may write, if any."""
        for name in sorted(own):
            field = model._fields[name]
            if field.store and field.type in ("char", "text"):
                return {name: "x"}
        return {}

    # === 2. METHODS === #

    def try_methods(self, model, names=None):
        """Call every public method of the addon on A's records.

        :param names: of those methods that are called, of all if None
        """
        records = self.a.get(model, self.env[model])
        for name in self.own_methods(model):
            if names and name not in names:
                continue
            try:
                arguments = self.arguments(model, name)
            except KeyError as error:
                self.breach("-", f"{model}.{name}", f"ARGUMENTS has no {error}")
                continue
            calls = [[one] for one in records.ids[:3]]
            calls += [records.ids] if len(records) > 1 else []
            if getattr(getattr(self.env[model], name), "_api_model", False):
                calls = [None]
            for role in ROLES:
                if (model, role) in ODOO_SHOWS and model == "ir.cron":
                    continue
                for number, ids in enumerate(calls):
                    contexts = self.contexts(records)
                    for context in contexts[:1] if number else contexts:
                        args = arguments if ids is None else [ids, *arguments]
                        self.attempt(
                            role,
                            f"{model}({ids}).{name} {context}",
                            lambda env, name=name, args=args, context=context: call_kw(
                                env[model], name, args, {"context": context}
                            ),
                        )

    def arguments(self, model, name):
        """Return what a method is called with, by the names of its parameters."""
        parameters = list(
            inspect.signature(getattr(type(self.env[model]), name)).parameters.values()
        )[1:]
        arguments = []
        for parameter in parameters:
            if parameter.default is not parameter.empty or parameter.kind in (
                parameter.VAR_POSITIONAL,
                parameter.VAR_KEYWORD,
            ):
                continue
            if parameter.name == "vals_list":
                arguments.append([self.values_of_b(model)])
            else:
                given = {**ARGUMENTS, **self.filled(model)}
                arguments.append(given[parameter.name])
        return arguments

    def filled(self, model):
        """Return arguments by name: what B's record has in the addon's fields."""
        own = [field.name for field in self.own_fields(model)]
        values = self.values_of_b(model)
        values = {name: values[name] for name in own if name in values}
        return {
            "config_id": self.config.id,
            "field_names": list(values),
            "fields_spec": {name: {} for name in own},
            "names": own,
            "partner_id": self.customer.id,
            "vals": values,
            "values": values,
        }

    def contexts(self, records):
        """Return the contexts that a browser may send with a call."""
        return (
            {"allowed_company_ids": self.other.ids},
            {
                "allowed_company_ids": self.other.ids,
                "active_model": records._name,
                "active_id": records.ids[:1] and records.ids[0],
                "active_ids": records.ids,
                "default_document_id": self.documents[:1].id,
                "default_account_id": self.account.id,
                "default_company_id": self.company.id,
                "default_pos_config_id": self.config.id,
            },
            {"allowed_company_ids": [self.company.id, self.other.id]},
        )

    # === 3. WHAT A RECORD OF B MAY NAME === #

    def try_relations(self, model):
        """Have B's records name A's, wherever a field lets them."""
        for field in self.own_fields(model):
            theirs = field.relational and self.a.get(field.comodel_name)
            if not theirs:
                continue
            one = theirs.ids[0]
            values = (
                [one]
                if field.type == "many2one"
                else [[(4, one)], [(6, 0, [one])], [(1, one, {})]]
            )
            for role in ROLES:
                for value in values:
                    self.try_naming(model, role, field.name, value)

    def spec(self, model, names):
        """Return what a form asks for: of what a field names, the name."""
        return {
            one: {"fields": {"display_name": {}}}
            if self.env[model]._fields[one].relational
            else {}
            for one in names
        }

    def try_computed(self, model):
        """Ask for what is computed for a record that does not exist, and names A's.

        The addon's fields are asked for, the fields of Odoo are what names.
        """
        ours = self.own_fields(model)
        if self.env[model]._original_module == ADDON or not ours:
            return
        for field in self.env[model]._fields.values():
            theirs = self.a.get(field.comodel_name)
            if field in ours or field.type != "many2one" or not theirs:
                continue
            value = theirs.ids[0]
            what = f"{model}.{field.name} = {value} (computed)"

            def ask(env, name=field.name, value=value):
                names = env[model].fields_get([one.name for one in ours], attributes=())
                return env[model].onchange(
                    {name: value}, [name], self.spec(model, names)
                )

            for role in ROLES:
                if self.env[model].with_user(self.strangers[role]).has_access("create"):
                    self.attempt(role, what, ask)

    def try_naming(self, model, role, name, value):
        what = f"{model}.{name} = {value}"
        mine = self.b.get(model, self.env[model])[:1]

        def spec(names):
            return self.spec(model, names)

        def shown(record):
            record.env.flush_all()
            record.env.invalidate_all()
            names = [
                field.name
                for field in self.own_fields(model)
                if field.name in record.fields_get(attributes=())
            ]
            told = record.web_read(spec(names))
            record.env.invalidate_all()
            return told, record.read(names)

        def write(env):
            record = mine.with_env(env)
            record.write({name: value})
            return shown(record)

        def create(env):
            values = {**self.values_of_b(model), name: value}
            return shown(env[model].create(values))

        def web_save(env):
            values = {**self.values_of_b(model), name: value}
            return env[model].web_save(values, spec([name]))

        def ask(env, field_names):
            fields = [field.name for field in self.own_fields(model)]
            asked = spec(env[model].fields_get(fields, attributes=()))
            return env[model].onchange({name: value}, field_names, asked)

        def default(env):
            records = env[model].with_context(**{f"default_{name}": value})
            return records.onchange({}, [], spec([name])), records.default_get([name])

        if mine and self.env[model].with_user(self.strangers[role]).has_access("write"):
            self.attempt(role, f"{what} (write)", write)
        if self.env[model].with_user(self.strangers[role]).has_access("create"):
            if self.b.get(model):
                self.attempt(role, f"{what} (create)", create)
                self.attempt(role, f"{what} (web_save)", web_save)
            self.attempt(role, f"{what} (onchange)", lambda env: ask(env, [name]))
            self.attempt(role, f"{what} (new)", default)

    def values_of_b(self, model):
        """Return the values of B's record of ``model``, for another one like it."""
        record = self.b.get(model, self.env[model])[:1].with_user(SUPERUSER_ID)
        return {
            name: field.convert_to_write(record[name], record)
            for name, field in record._fields.items()
            if record
            and field.store
            and field.column_type
            and name not in MAGIC
            and not (field.compute and not field.inverse)
            and field.copy
        }

    # === 4. RULES === #

    def try_rules(self, model):
        """Look for the rule that keeps a model's records in their company."""
        rules = self.env["ir.rule"].search(
            [("model_id.model", "=", model), ("groups", "=", False)]
        )
        kept = any("company_ids" in (rule.domain_force or "") for rule in rules)
        if not kept and model not in WITHOUT_RULE:
            self.breach("-", model, "has no rule about companies, nor a reason")
        for role in ROLES if model in WITHOUT_RULE or model in NOBODY_HAS else ():
            records = self.env[model].with_user(self.strangers[role])
            for right in ("read", "write", "create", "unlink"):
                if records.has_access(right):
                    self.breach(role, model, f"may {right}, against the reason")
        transient = self.env[model]._transient
        if transient and not any("create_uid" in r.domain_force for r in rules):
            self.breach("-", model, "shows a form to others than who opened it")


class TestOtherCompany(Trespass):
    def test_nobody_finds_reads_or_changes_their_records(self):
        for model in self.all_models():
            self.try_records(model)
        self.check()

    def test_no_method_does_or_tells_anything(self):
        for model in self.all_models():
            self.try_methods(model)
        self.check()

    def test_no_field_shows_what_it_is_made_to_name(self):
        for model in self.all_models():
            self.try_relations(model)
        self.check()

    def test_nothing_is_computed_from_what_a_new_record_names(self):
        for model in self.all_models():
            self.try_computed(model)
        self.check()

    def test_every_own_model_has_a_rule(self):
        for model in self.own_models():
            self.try_rules(model)
            self.tries += 1
        self.check()


class TestPlanted(Trespass):
    """The checks find a breach: each is planted, and must be told."""

    def plant(self, model, **attributes):
        """Define methods on a model of the addon for the length of a test."""
        for cls in type(self.env[model]).mro():
            if cls.__module__.startswith(f"odoo.addons.{ADDON}."):
                for name, value in attributes.items():
                    self.enterContext(patch.object(cls, name, value, create=True))
                return

    def plant_model(self, name):
        """Add a model to the registry for the length of a test."""
        body = {
            "_module": ADDON,
            "_name": name,
            "_description": "Planted",
            "_auto": False,
            "__module__": __name__,
        }
        definition = type(models.Model)("Planted", (models.Model,), body)
        self.addCleanup(self.registry._setup_models__, self.env.cr, [])
        self.addCleanup(self.registry.__delitem__, name)
        add_to_registry(self.registry, definition)
        self.registry._setup_models__(self.env.cr, [name])

    def told(self, *words):
        """Assert that a breach was told in these words."""
        for breach in self.breaches:
            if all(word in breach for word in words):
                return
        self.fail(f"{words} not in {self.breaches}")

    def test_a_method_that_tells(self):
        def action_tell(self):
            return self.sudo().mapped("number")

        self.plant("salon.invoice.document", action_tell=action_tell)
        self.try_methods("salon.invoice.document", ["action_tell"])
        self.told("action_tell", "was told")

    def test_a_method_that_writes(self):
        def action_touch(self):
            self.sudo().write({"warning": "x"})

        self.plant("salon.invoice.document", action_touch=action_touch)
        self.try_methods("salon.invoice.document", ["action_touch"])
        self.told("action_touch", "changed ['salon.invoice.document'")

    def test_a_method_that_calls(self):
        def action_call(self):
            for account in self.sudo().account_id:
                with account._open_provider() as provider:
                    provider.verify()

        self.plant("salon.invoice.document", action_call=action_call)
        self.try_methods("salon.invoice.document", ["action_call"])
        self.told("action_call", "called the service")

    def test_a_method_with_a_new_parameter(self):
        self.plant("salon.invoice.document", action_new=lambda self, colour: colour)
        self.try_methods("salon.invoice.document", ["action_new"])
        self.told("action_new", "ARGUMENTS has no 'colour'")

    def test_a_form_that_is_not_guarded(self):
        self.plant("salon.invoice.storno", _guarded=lambda self, names: [])
        self.try_relations("salon.invoice.storno")
        self.told("salon.invoice.storno.document_id", "was told")

    def test_a_model_of_odoo_that_is_not_guarded(self):
        self.plant("pos.config", _guarded=lambda self, names: [])
        self.try_relations("pos.config")
        self.told("pos.config.salon_account_id", "was told")
        self.told("pos.config.salon_block_id", "was told")

    def test_a_right_to_what_is_nobodys(self):
        self.env["ir.model.access"].create(
            {
                "name": "planted",
                "model_id": self.env["ir.model"]._get_id("salon.invoice.lookup"),
                "perm_read": True,
            }
        )
        self.try_rules("salon.invoice.lookup")
        self.told("salon.invoice.lookup", "may read")

    def test_a_rule_that_is_gone(self):
        self.env.ref("salon_invoice_bridge.rule_document_company").active = False
        self.try_records("salon.invoice.document")
        self.try_rules("salon.invoice.document")
        self.told("salon.invoice.document read each", "was told")
        self.told("salon.invoice.document", "has no rule")

    def test_a_new_model(self):
        self.plant_model("salon.invoice.planted")
        self.assertIn("salon.invoice.planted", self.own_models())
        self.try_records("salon.invoice.planted")
        self.try_rules("salon.invoice.planted")
        self.told("salon.invoice.planted", "no record of A")
        self.told("salon.invoice.planted", "no rule")
