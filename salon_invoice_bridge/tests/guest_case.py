"""A guest with a browser and a slip, who has no log-in."""

from types import SimpleNamespace

from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common import SalonCase


@tagged("post_install", "-at_install")
class GuestCase(SalonCase, HttpCase):
    allow_inherited_tests_method = True

    #: What a guest's browser remembers to have read; None: nothing yet.
    read_before = "en_US"

    def setUp(self):
        super().setUp()
        # A database may have been made in Hungarian alone.
        self.env["res.lang"]._activate_lang("en_US")

    def url_open(self, *arguments, **keywords):
        if self.read_before:
            self.opener.cookies.set("frontend_lang", self.read_before)
        self.env.flush_all()
        keywords["headers"] = {
            "Accept-Language": "en-US",
            **(keywords.get("headers") or {}),
        }
        return super().url_open(*arguments, **keywords)

    def browse(self, login=None):
        """Open a browser, where ``login`` is logged in if given; return its session."""
        # Both a till's session and a browser's are called so.
        till, self.session = self.session, None
        browser = self.authenticate(login, login)
        self.session = till
        return browser

    def csrf(self):
        """Return the token of the form that a guest has open."""
        guest = SimpleNamespace(session=self.browse(), env=self.env)
        return Request.csrf_token(guest)

    def page(self, order, path="", **headers):
        """Open the page of a sale, or what is below it; return the answer."""
        return self.url_open(
            f"/salon/invoice/{order.access_token}{path}", headers=headers
        )

    def assert_says(self, answer, words):
        self.assertEqual(answer.status_code, 200)
        self.assertIn(words, answer.text)
        self.assertNotIn("Get my invoice", answer.text)

    def state(self, order):
        """Return what a guest could have changed."""
        self.env.invalidate_all()
        return (
            order.read(["partner_id", "account_move", "to_invoice", "write_date"]),
            order.salon_document_ids.read(["state", "kind"]),
            order.partner_id.read(["name", "email", "street", "city", "zip", "vat"]),
            self.env["res.partner"].search_count([]),
            self.env["account.move"].search_count([("move_type", "!=", "entry")]),
        )
