"""What a former account left behind: it goes on elsewhere, or where it was."""

from odoo.tests import tagged

from .after_case import AfterCase
from .test_disconnect import SwitchCase


class ReconnectCase(SwitchCase, AfterCase):
    """A former account, and what is told from the papers at its service."""


@tagged("post_install", "-at_install")
class TestReconnect(ReconnectCase):
    def test_a_deleted_proforma_does_not_hide_a_known_account(self):
        account = self.connect("szamlazz")
        self.sale()
        self.run_lane(account)
        self.company.salon_kind = "proforma"
        proforma = self.sale().salon_document_id
        self.run_lane(account)
        self.assertEqual((proforma.kind, proforma.state), ("proforma", "issued"))
        proforma.with_user(self.manager).action_discard()
        self.run_lane(account)
        self.assertFalse(
            [e for e in self.issued() if e["kind"] == "proforma" and not e["deleted"]]
        )
        proforma.state = "issued"  # deleted by hand: nobody has looked there since
        self.assertEqual(self.verify("szamlazz").account_id, account)

    def test_a_proforma_tells_an_account_that_has_issued_nothing_else(self):
        account = self.connect("szamlazz", salon_kind="proforma")
        self.sale()
        self.run_lane(account)
        self.assertEqual(self.verify("szamlazz").account_id, account)
        other = self.sandbox.world.emulator("szamlazz").create_account({})
        wizard = self.verify("szamlazz", api_key=other["key"])
        self.assertEqual((wizard.step, wizard.account_id.id), ("settings", False))
