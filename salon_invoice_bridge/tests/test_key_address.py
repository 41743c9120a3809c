"""A stored key goes only where it has always gone; nobody reads back what is there."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..models.salon_invoice_credential import _is_safe
from ..providers import registry
from .test_connect import ConnectCase
from .test_secrets import SecretCase

WORDS = "the inside of the firewall"


class _InternalPage(BaseHTTPRequestHandler):
    """Answers as an API does that refuses, with words that nobody should see."""

    def do_GET(self):
        self.server.headers.append(str(self.headers))
        body = f'{{"error": {{"message": "{WORDS}"}}}}'.encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *arguments):
        """Keep quiet."""


class ElsewhereCase(SecretCase):
    """A salon that is connected, and a server that should not hear of its key."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = HTTPServer(("127.0.0.1", 0), _InternalPage)
        cls.elsewhere.headers, cls.elsewhere.status = [], 400
        thread = Thread(target=cls.elsewhere.serve_forever, daemon=True)
        thread.start()
        cls.addClassCleanup(thread.join)
        cls.addClassCleanup(cls.elsewhere.server_close)
        cls.addClassCleanup(cls.elsewhere.shutdown)
        cls.address = f"http://127.0.0.1:{cls.elsewhere.server_port}"

    def setUp(self):
        super().setUp()
        del self.elsewhere.headers[:]

    def assert_key_stayed(self):
        self.assert_clean("".join(self.elsewhere.headers), "sent elsewhere")

    def refresh(self, account):
        with self.assertRaises(UserError) as caught:
            account.with_user(self.admin).action_refresh()
        return str(caught.exception)


@tagged("post_install", "-at_install")
class TestKeyAddress(ElsewhereCase):
    def test_writing_another_address_erases_the_key(self):
        account = self.connect()
        account.with_user(self.admin).write({"base_url": self.address})
        self.assertFalse(account.key_hint or account.key_set_at)
        self.refresh(account)
        self.run_lane(account)
        self.assertFalse(self.elsewhere.headers)

    def test_web_client_and_import_erase_it_too(self):
        for door in (self._web_save, self._import):
            with self.subTest(door=door.__name__):
                account = self.connect()
                door(account.with_user(self.admin))
                account.invalidate_recordset()
                self.assertEqual(account.base_url, self.address)
                self.assertFalse(account._credential().api_key)

    def _web_save(self, account):
        account.web_save({"base_url": self.address}, {"base_url": {}})

    def _import(self, account):
        result = account.load([".id", "base_url"], [[str(account.id), self.address]])
        self.assertEqual(result["ids"], account.ids, result["messages"])

    def test_a_copy_to_another_address_has_no_key(self):
        account = self.connect().with_user(self.admin)
        self.assertFalse(account.copy({"base_url": self.address}).key_hint)

    def test_another_service_gets_no_key(self):
        account = self.connect()
        account.with_user(self.admin).write({"provider": "szamlazz"})
        self.assertFalse(account._credential().api_key)

    def test_the_same_address_keeps_the_key(self):
        account = self.connect()
        account.with_user(self.admin).write({"base_url": account.base_url})
        self.assertTrue(account._credential().api_key)

    def test_a_key_that_is_written_with_an_address_is_for_that(self):
        account = self.connect()
        account.write({"base_url": self.address, "api_key": "typed-anew"})
        kept = account._credential()
        self.assertEqual((kept.api_key, kept.base_url), ("typed-anew", self.address))
        self.assertFalse(account.api_key)

    def test_the_wizard_saves_only_what_was_verified(self):
        account = self.connect()
        action = account.with_user(self.admin).action_change_settings()
        wizard = self.env["salon.invoice.connect"].browse(action["res_id"])
        wizard = wizard.with_user(self.admin)
        self.assertEqual(wizard.step, "settings")
        wizard.base_url = self.address
        self.assertEqual(wizard.step, "key")
        with self.assertRaises(UserError):
            wizard.action_save()
        wizard.action_verify()
        self.assertEqual(wizard.step, "key")
        self.assertFalse(self.elsewhere.headers)
        self.assertNotEqual(account.base_url, self.address)

    def test_what_was_verified_is_not_a_clients_to_say(self):
        wizard = self.start()
        wizard.api_key = self.secrets()[0]
        wizard.write({"step": "settings", "info": {"tax_number": "12345676-2-42"}})
        wizard.invalidate_recordset()
        self.assertEqual((wizard.step, wizard.info), ("key", False))
        with self.assertRaises(AccessError):
            wizard.write({"verified_info": {"tax_number": "12345676-2-42"}})
        with self.assertRaisesRegex(UserError, "Verify the key first"):
            wizard.action_save()
        self.assert_nothing_saved()

    def test_every_part_of_a_verification_undoes_it(self):
        other = self.env["salon.invoice.account"].create({"provider": "billingo"})
        for values in (
            {"provider": "szamlazz"},
            {"base_url": self.address},
            {"api_key": "another-key-than-the-one-verified"},
            {"account_id": other.id},
        ):
            with self.subTest(values=values):
                wizard = self.verify()
                wizard.write(values)
                self.assertEqual(wizard.step, "key")

    def test_a_pasted_key_does_not_come_back_with_the_answer_of_the_save(self):
        wizard = self.start()
        told = wizard.web_save({"api_key": self.secrets()[0]}, {"api_key": {}})
        self.assertFalse(told[0]["api_key"])
        self.assertTrue(wizard.has_key)

    def test_a_discarded_wizard_leaves_no_key(self):
        wizard = self.start()
        wizard.api_key = self.secrets()[0]
        typed = wizard.sudo().credential_id
        self.assertTrue(typed.api_key)
        wizard.sudo().unlink()
        self.assertFalse(typed.exists())

    def test_nobody_goes_on_with_what_somebody_else_has_typed(self):
        wizard = self.start()
        wizard.api_key = self.secrets()[0]
        other = self.admin.copy({"login": "salon_other_admin"})
        for step in ("action_verify", "action_save", "action_back"):
            with self.assertRaises(AccessError):
                getattr(wizard.with_user(other), step)()

    def test_keys_go_over_https_or_stay_on_this_machine(self):
        for address, safe in (
            ("https://api.billingo.hu/v3", True),
            ("https://10.0.0.1:8443/x", True),
            ("http://127.0.0.1:8080/billingo/v3", True),
            ("http://127.8.0.1", True),
            ("http://localhost:1", True),
            ("http://[::1]:9/x", True),
            ("http://api.billingo.hu/v3", False),
            ("http://10.0.0.1", False),
            ("http://127.0.0.1.example.com", False),
            ("http://127.0.0.1@example.com", False),
            ("http://127.0.0.1\\@example.com", False),
            ("http://example.com#@127.0.0.1", False),
            ("https://", False),
            ("https://[::1", False),
            ("https://x:99999999", False),
            ("file:///etc/passwd", False),
            ("127.0.0.1:9", False),
        ):
            with self.subTest(address=address):
                self.assertEqual(_is_safe(address), safe)

    def test_an_address_without_encryption_is_refused_at_every_door(self):
        address = "http://billingo.example.com/v3"
        account = self.connect()
        with self.assertRaisesRegex(ValidationError, "https"):
            account.with_user(self.admin).write({"base_url": address})
        wizard = self.start()
        wizard.write({"base_url": address, "api_key": "x" * 30})
        with self.assertRaisesRegex(ValidationError, "https"):
            wizard.action_verify()


@tagged("post_install", "-at_install")
class TestReadBack(ElsewhereCase):
    """What an address answers is nobody's to read who may choose the address."""

    def test_the_wizard_tells_the_kind_of_an_answer_and_no_word_of_it(self):
        for status in (400, 401, 403, 404, 422, 500):
            for provider in ("billingo", "billingo_v2", "szamlazz"):
                with self.subTest(status=status, provider=provider):
                    self.elsewhere.status = status
                    wizard = self.start(provider)
                    wizard.write({"api_key": "k" * 42, "public_key": "p"})
                    wizard.base_url = self.address
                    wizard.action_verify()
                    self.assertTrue(wizard.problem)
                    told = f"{wizard.problem} {wizard.remedy} {wizard.said}"
                    self.assertNotIn(WORDS, told)
        self.assertTrue(self.elsewhere.headers)

    def test_the_connection_test_neither(self):
        account = self.connect()
        account.write({"base_url": self.address, "api_key": "typed-anew"})
        for status in (400, 403, 422):
            self.elsewhere.status = status
            self.assertNotIn(WORDS, self.refresh(account))

    def test_at_its_own_address_the_service_has_its_say(self):
        wizard = self.start()
        own = patch.object(registry.get("billingo"), "default_url", self.address)
        self.elsewhere.status = 422
        wizard.write({"base_url": False, "api_key": "k" * 42})
        with own:
            wizard.action_verify()
        self.assertIn(WORDS, wizard.said)


@tagged("post_install", "-at_install")
class TestOtherCompany(ConnectCase):
    """An administrator of another company of the same database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Másik Kft."})
        cls.stranger = cls.admin.copy(
            {
                "login": "salon_stranger",
                "company_id": cls.other.id,
                "company_ids": [(6, 0, cls.other.ids)],
            }
        )

    def setUp(self):
        super().setUp()
        self.account = self.connect()
        self.wizards = (
            self.env["salon.invoice.connect"]
            .with_user(self.stranger)
            .with_context(allowed_company_ids=self.other.ids)
        )
        self.before = len(self.calls())

    def test_names_neither_our_account_nor_our_company(self):
        for values in (
            {"account_id": self.account.id},
            {"account_id": self.account.id, "company_id": self.company.id},
            {"company_id": self.company.id},
            {"config_ids": [(6, 0, self.config.ids)]},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.wizards.create(values)
        wizard = self.wizards.create({})
        for values in (
            {"account_id": self.account.id},
            {"company_id": self.company.id},
            {"config_ids": [(6, 0, self.config.ids)]},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                wizard.write(values)
        self.assertEqual(len(self.calls()), self.before)

    def test_a_wizard_of_before_is_checked_at_each_step(self):
        """Whoever has lost a company in the meantime has lost its wizards, too."""
        wizard = self.start(account=self.account)
        self.admin.write(
            {"company_id": self.other.id, "company_ids": [(6, 0, self.other.ids)]}
        )
        for step in ("action_verify", "action_save", "action_back"):
            with self.subTest(step=step), self.assertRaises(AccessError):
                getattr(wizard, step)()
        self.assertEqual(len(self.calls()), self.before)
