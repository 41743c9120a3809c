"""What a former account left behind: it goes on elsewhere, or where it was."""

from lxml import etree

from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from .after_case import AfterCase
from .test_disconnect import SwitchCase


class ReconnectCase(SwitchCase, AfterCase):
    def assert_nothing_needs_a_person(self):
        documents = self.env["salon.invoice.document"].search(
            [("company_id", "=", self.company.id), ("state", "=", "attention")]
        )
        self.assertFalse(documents, documents.mapped("problem"))

    def replace_key(self, account, key="a-new-key-for-the-same-account", **values):
        """Open the wizard from the card of ``account`` and verify another key."""
        self.options_of(account.provider)["key"] = key
        wizard = self.start(account.provider, account)
        wizard.write({"api_key": key, **values})
        wizard.action_verify()
        self.assertEqual((wizard.step, wizard.account_id), ("settings", account))
        return wizard


@tagged("post_install", "-at_install")
class TestKeptSales(ReconnectCase):
    """Disconnected with "keep", and swept since."""

    def setUp(self):
        super().setUp()
        self.billingo = self.connect()
        self.order = self.sell([(self.haircut, 2)])
        (line,) = self.order.lines
        self.returned = self.refund(self.order, {line: 1})
        self.whole = self.sell([(self.mens_cut, 1)])
        self.disconnect(self.billingo)
        self.run_cron("cron_sweep")
        self.documents = (self.order | self.returned | self.whole).salon_document_ids
        self.assertEqual(set(self.documents.mapped("state")), {"attention"})

    def work_all(self, account):
        self.account = account
        self.work()
        self.run_lane(self.billingo)
        self.work()

    def assert_kept_is_invoiced(self):
        self.assert_nothing_needs_a_person()
        self.assertEqual(self.order.salon_invoice_state, "issued")
        self.assertEqual(self.standing(), 8900 + 4990)
        activities = self.documents.activity_ids
        self.assertFalse(activities, activities.mapped("summary"))

    def test_the_next_service_invoices_them_and_their_refunds(self):
        szamlazz = self.connect("szamlazz")
        self.assertEqual(self.documents.account_id, szamlazz)
        self.assertEqual(set(self.documents.mapped("state")), {"waiting"})
        self.work_all(szamlazz)
        self.assert_kept_is_invoiced()

    def test_the_same_account_goes_on_with_them(self):
        self.assertEqual(self.connect(), self.billingo)
        self.assertEqual(set(self.documents.mapped("state")), {"waiting"})
        self.options["pdf_seconds"] = 0
        self.work_all(self.billingo)
        effective = self.order.salon_document_id._effective_document()
        self.assertEqual(effective.state, "issued")
        self.assert_nothing_needs_a_person()
        self.assertEqual(self.standing(), 8900 + 4990)

    def test_what_a_person_has_settled_meanwhile_stays_settled(self):
        document = self.whole.salon_document_id
        document.with_user(self.manager)._settle("KEZI-1")
        szamlazz = self.connect("szamlazz")
        self.work_all(szamlazz)
        self.assertEqual(
            (document.number, document.account_id), ("KEZI-1", self.billingo)
        )

    def test_what_needs_a_person_for_another_reason_goes_on_needing_one(self):
        document = self.whole.salon_document_id
        document.problem_reason = "content"
        szamlazz = self.connect("szamlazz")
        self.assertEqual((document.state, document.account_id), ("attention", szamlazz))


@tagged("post_install", "-at_install")
class TestReconnect(ReconnectCase):
    def test_a_storno_that_waited_goes_on_at_the_same_account(self):
        account = self.connect()
        order = self.sale()
        self.run_lane(account)
        storno = order.salon_document_id.with_user(self.manager)._request_storno("Hiba")
        self.disconnect(account)
        self.assertEqual(storno.state, "attention")
        self.connect()
        self.assertEqual((storno.state, storno.activity_ids.ids), ("waiting", []))
        self.run_lane(account)
        self.assertEqual(order.salon_invoice_state, "cancelled")

    def test_what_may_have_been_sent_stays_with_a_person(self):
        account = self.connect()
        document = self.sale().salon_document_id
        self.fault("status_before", method="POST", path="/documents$", status=502)
        self.run_lane(account)
        self.disconnect(account)
        self.connect()
        self.assertEqual((document.state, document.account_id), ("attention", account))

    def test_a_paused_account_goes_on_at_once_with_its_new_key(self):
        account = self.connect()
        order = self.sale()
        self.options["revoked"] = True
        self.run_lane(account)
        self.assertEqual((account.state, account._is_backing_off()), ("paused", True))
        self.options["revoked"] = False
        self.save(self.replace_key(account))
        self.assertFalse(account.activity_ids)
        self.run_lane(account)
        self.assertEqual(order.salon_invoice_state, "issued")

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


@tagged("post_install", "-at_install")
class TestCorrectionsOnly(ReconnectCase):
    """A key for what a former account has issued; new sales stay where they are."""

    def setUp(self):
        super().setUp()
        self.billingo = self.connect()
        self.order = self.sale()
        self.run_lane(self.billingo)
        self.invoice = self.order.salon_document_id

    def cancel(self):
        return self.invoice.with_user(self.manager)._request_storno("Hibás vevő")

    def assert_only_corrects(self, former, active):
        self.assertEqual(self.company.salon_account_id, active)
        self.assertEqual((former.state, active.state), ("retired", "connected"))
        self.assertEqual(self.sale().salon_document_id.account_id, active)

    def test_a_retired_account_gets_a_new_key_and_cancels(self):
        szamlazz = self.connect("szamlazz", salon_due_days=15)
        self.options["revoked"] = True
        storno = self.cancel()
        self.run_lane(self.billingo)
        self.assertEqual((storno.state, self.billingo.state), ("waiting", "retired"))
        self.assertTrue(self.billingo.pause_reason)
        self.options["revoked"] = False
        wizard = self.replace_key(self.billingo, salon_due_days=3)
        self.assertTrue(wizard.corrections_only)
        self.assertFalse(wizard.former_text)
        self.assertEqual(self.save(wizard), self.billingo)
        self.assert_only_corrects(self.billingo, szamlazz)
        self.assertEqual(self.company.salon_due_days, 15)
        self.assertFalse(self.billingo.pause_reason or self.billingo.activity_ids)
        self.run_lane(self.billingo)
        self.assertEqual((storno.state, self.invoice.state), ("issued", "cancelled"))

    def test_a_disconnected_account_gets_a_key_and_cancels(self):
        waiting = self.cancel()
        self.disconnect(self.billingo)
        szamlazz = self.connect("szamlazz")
        self.assertEqual(waiting.state, "attention")
        self.save(self.replace_key(self.billingo))
        self.assert_only_corrects(self.billingo, szamlazz)
        self.assertEqual(waiting.state, "waiting")
        self.run_lane(self.billingo)
        self.assertEqual(self.invoice.state, "cancelled")

    def test_a_vanished_block_does_not_keep_an_account_from_cancelling(self):
        szamlazz = self.connect("szamlazz")
        self.options["blocks"] = [
            {"id": 99, "name": "Másik", "prefix": "M", "type": "invoice"}
        ]
        wizard = self.replace_key(self.billingo)
        wizard.block_choice_id = False
        wizard.action_save()
        self.assert_only_corrects(self.billingo, szamlazz)
        self.assertEqual(self.billingo.block, "11")

    def test_who_takes_the_tick_away_sells_through_it_again(self):
        szamlazz = self.connect("szamlazz")
        wizard = self.replace_key(self.billingo)
        with Form(wizard) as form:
            self.assertTrue(form.corrections_only)
            form.corrections_only = False
            self.assertIn(szamlazz.name, form.former_text)
        self.save(wizard)
        self.assertEqual(self.company.salon_account_id, self.billingo)
        self.assertEqual(szamlazz.state, "retired")
        self.assertEqual(self.billingo.state, "connected")

    def test_switching_back_is_not_mistaken_for_it(self):
        """Whoever connects another service and pastes a known key means that."""
        self.connect("szamlazz")
        wizard = self.verify()
        self.assertEqual(wizard.account_id, self.billingo)
        self.assertTrue(wizard.may_only_correct)
        self.assertFalse(wizard.corrections_only)
        self.save(wizard)
        self.assertEqual(self.company.salon_account_id, self.billingo)

    def test_it_is_no_choice_where_nothing_else_is_connected(self):
        self.disconnect(self.billingo)
        wizard = self.replace_key(self.billingo)
        self.assertFalse(wizard.may_only_correct or wizard.corrections_only)
        self.save(wizard)
        self.assertEqual(self.company.salon_account_id, self.billingo)
        self.assertEqual(self.billingo.state, "connected")

    def test_another_accounts_key_is_not_kept_for_corrections(self):
        """The card of the former account was open, but the key is of a new one."""
        self.connect("szamlazz")
        self.options["tax_code"] = "12345676-2-13"
        self.billingo.fingerprint = "somebody else's"
        wizard = self.start(account=self.billingo)
        wizard.api_key = "demo-billingo-key"
        wizard.action_verify()
        self.assertFalse(wizard.account_id or wizard.may_only_correct)
        account = self.save(wizard)
        self.assertNotEqual(account, self.billingo)
        self.assertEqual(self.company.salon_account_id, account)


@tagged("post_install", "-at_install")
class TestTitle(ReconnectCase):
    def test_the_wizard_says_whether_it_connects_or_changes_settings(self):
        wizard = self.verify()
        self.assertEqual(
            (wizard._action_reopen()["name"], wizard.is_connected),
            ("Connect an invoicing service", False),
        )
        account = self.save(wizard)
        action = account.with_user(self.admin).action_change_settings()
        self.assertEqual(action["name"], "Invoicing settings")
        self.assertTrue(wizard.browse(action["res_id"]).is_connected)
        self.assertEqual(self.shown("action_save", is_connected=True), ["Save"])
        self.assertEqual(
            self.shown("action_save", is_connected=False), ["Save and connect"]
        )

    def shown(self, name, **values):
        """Return the labels of the buttons ``name`` that the second step shows."""
        view = self.env.ref("salon_invoice_bridge.salon_invoice_connect_view_form")
        values = {"step": "settings", "only_corrects": False, **values}
        return [
            button.get("string")
            for button in etree.fromstring(view.arch).xpath(f"//button[@name='{name}']")
            if not safe_eval(button.get("invisible"), values)
        ]
