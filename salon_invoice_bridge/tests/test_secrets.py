"""Keys are written and never read again: by people, logs, evidence, tills, copies."""

import json
import logging
from pathlib import Path

from odoo.exceptions import AccessError
from odoo.modules.module import get_module_path
from odoo.tests import tagged

from .common import ACCOUNTS
from .test_connect import ConnectCase


class _Lines(logging.Handler):
    """Keeps every line that is logged."""

    def __init__(self):
        super().__init__(level=logging.DEBUG)
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


class SecretCase(ConnectCase):
    def secrets(self):
        access = dict(ACCOUNTS[self.provider])
        access.pop("path")
        return list(access.values())

    def assert_clean(self, text, where):
        for secret in self.secrets():
            self.assertNotIn(secret, text, where)


@tagged("post_install", "-at_install")
class TestSecrets(SecretCase):
    def test_an_administrator_sees_the_last_four_characters_only(self):
        account = self.connect().with_user(self.admin)
        self.assertEqual(account.key_hint, f"••••{self.secrets()[0][-4:]}")
        for field in ("api_key", "public_key"):
            with self.assertRaises(AccessError):
                account.read([field])
            with self.assertRaises(AccessError):
                account.search([(field, "like", "demo")])
        self.assertNotIn("api_key", account.fields_get())

    def test_others_do_not_even_see_these(self):
        account = self.connect()
        for user in (self.receptionist, self.manager, self.accountant):
            with self.assertRaises(AccessError):
                account.with_user(user).read(["key_hint"])

    def test_the_wizard_does_not_give_a_pasted_key_back(self):
        wizard = self.start()
        wizard.api_key = self.secrets()[0]
        wizard.invalidate_recordset()
        self.assertFalse(wizard.api_key)
        names = [name for name in wizard.fields_get() if name != "id"]
        self.assert_clean(str(wizard.read(names)), "wizard")
        with self.assertRaises(AccessError):
            wizard.read(["credential_id"])

    def test_the_wizards_row_forgets_the_key_once_it_is_saved(self):
        wizard = self.verify()
        self.save(wizard)
        self.env.cr.execute("SELECT * FROM salon_invoice_connect")
        self.assert_clean(str(self.env.cr.fetchall()), "salon_invoice_connect")

    def test_a_key_is_not_exported(self):
        account = self.connect().with_user(self.admin)
        with self.assertRaises(AccessError):
            account.export_data(["api_key"])
        fields = list(account.fields_get())
        self.assert_clean(str(account.export_data(fields)["datas"]), "export")

    def test_a_key_is_not_copied(self):
        self.assertFalse(self.connect().copy()._credential().api_key)

    def test_the_till_loads_no_key(self):
        account = self.connect()
        self.config.salon_account_id = account
        models = self.session._load_pos_data_models(self.config)
        data = self.session.with_user(self.receptionist).load_data(models)
        self.assert_clean(json.dumps(data, default=str), "the till's data")

    def test_a_neutralized_copy_has_no_key_and_nowhere_to_send(self):
        account = self.connect()
        self.verify("szamlazz")
        self.config.salon_account_id = account
        self.env.flush_all()
        path = Path(get_module_path("salon_invoice_bridge"), "data/neutralize.sql")
        self.env.cr.execute(path.read_text())
        self.env.invalidate_all()
        self.assertEqual(account.state, "disconnected")
        kept = account._credential()
        self.assertFalse(kept.api_key or kept.public_key)
        self.assertTrue(account.base_url.startswith("http://127.0.0.1"))
        self.assertFalse(self.company.salon_account_id | self.config.salon_account_id)
        self.assertFalse(self.env["salon.invoice.connect"].search([]))
        self.assertFalse(self.sell([(self.haircut, 1)]).salon_document_ids)


class LeakCase(SecretCase):
    """A full run with every error, after which the key is looked for everywhere."""

    #: Faults of the calls that create, one sale each; then of connecting.
    faults = (
        {"kind": "status_before", "status": 422},
        {"kind": "status_before", "status": 401},
        {"kind": "status_after", "status": 500},
        {"kind": "drop_after"},
        {"kind": "refuse_before"},
        {"kind": "truncated"},
        {"kind": "rate_limit"},
        {"kind": "html"},
    )

    def run_with_every_error(self):
        handler = _Lines()
        # Odoo's own logger is silenced for tests, and with DEBUG logs each statement.
        for name, level in ((None, logging.DEBUG), ("odoo", logging.INFO)):
            logger = logging.getLogger(name)
            self.addCleanup(logger.setLevel, logger.level)
            logger.setLevel(level)
        logging.getLogger().addHandler(handler)
        self.addCleanup(logging.getLogger().removeHandler, handler)
        secret = self.secrets()[0]
        echo = {"kind": "garbage", "status": 400, "body": f'{{"error": "{secret}"}}'}
        account = self.connect()
        for fault in (*self.faults, echo):
            order = self.sell([(self.haircut, 1)], customer=self.customer)
            self.fault(method="POST", times=1, **fault)
            self.run_lane(account)
            self.sandbox.world.faults.clear()
            account._reset_failures()
            if order.salon_invoice_state == "attention":
                order.salon_document_id.action_retry()
        self.fault(times=1, **echo)
        self.verify()
        account._credential().base_url = "http://127.0.0.1:1"
        self.run_lane(account)
        return handler.lines

    def assert_nowhere(self, lines):
        self.assertTrue(lines)
        self.assert_clean("\n".join(lines), "log")
        self.env.flush_all()
        self.assertTrue(self.env["salon.invoice.attempt"].search([]))
        for table in self.tables():
            self.env.cr.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
            rows = "\n".join(row for (row,) in self.env.cr.fetchall())
            self.assert_clean(rows, table)

    def tables(self):
        """The tables that could hold it, but for the one where it belongs."""
        self.env.cr.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE' "
            "AND (table_name LIKE 'salon_invoice%' OR table_name LIKE 'mail_%' "
            "OR table_name IN ('pos_order', 'pos_config', 'res_company', 'ir_cron', "
            "'ir_logging', 'res_partner')) "
            "AND table_name != 'salon_invoice_credential'"
        )
        return [name for (name,) in self.env.cr.fetchall()]


@tagged("post_install", "-at_install")
class TestLeaksBillingo(LeakCase):
    def test_after_every_error_the_key_is_nowhere(self):
        self.assert_nowhere(self.run_with_every_error())


@tagged("post_install", "-at_install")
class TestLeaksBillingoV2(LeakCase):
    provider = "billingo_v2"

    def test_after_every_error_the_keys_are_nowhere(self):
        self.assert_nowhere(self.run_with_every_error())


@tagged("post_install", "-at_install")
class TestLeaksSzamlazz(LeakCase):
    provider = "szamlazz"

    def test_after_every_error_the_key_is_nowhere(self):
        self.assert_nowhere(self.run_with_every_error())
