"""Who may see and do what, tried as each of them.

The table of roles: the receptionist sells, sees, generates and retries; the salon
manager and the accountant also cancel, correct and finalize; only the administrator
connects and holds keys.
"""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import SalonCase, make_company

#: Models of the addon that keep what was invoiced.
KEPT = [
    "salon.invoice.document",
    "salon.invoice.task",
    "salon.invoice.attempt",
    "salon.invoice.partner",
    "salon.invoice.account",
    "salon.invoice.choice",
]


@tagged("post_install", "-at_install")
class TestRoles(SalonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls._make_user("stranger", "base.group_user")
        cls.admin = cls._make_user("admin", "point_of_sale.group_pos_manager")
        cls.admin.group_ids |= cls.env.ref("base.group_system")
        cls.people = cls.receptionist | cls.manager | cls.accountant | cls.admin

    def setUp(self):
        super().setUp()
        emulator = self.sandbox.world.emulator("billingo")
        next(iter(emulator.state["accounts"].values()))["pdf_seconds"] = 0
        self.order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.run_lane()
        self.document = self.order.salon_document_id
        self.document.task_ids.next_attempt = self.document._now()
        self.run_lane()

    def test_everybody_at_work_sees_number_state_and_pdf_of_a_sale(self):
        self.assertTrue(self.document.pdf_id)
        for user in self.people:
            self.env.invalidate_all()
            order = self.order.with_user(user)
            self.assertEqual(order.salon_invoice_number, self.document.number)
            self.assertEqual(order.salon_invoice_state, "issued")
            pdf = order.salon_document_id.pdf_id
            self.assertTrue(pdf.raw.startswith(b"%PDF"))

    def test_everybody_at_work_opens_a_sale_and_its_invoice(self):
        for user in self.people:
            self.env.invalidate_all()
            for record, view in (
                (self.order, "point_of_sale.view_pos_pos_form"),
                (
                    self.document,
                    "salon_invoice_bridge.salon_invoice_document_view_form",
                ),
            ):
                Form(record.with_user(user), view)

    def test_an_accountant_does_not_sell(self):
        with self.assertRaises(AccessError):
            self.order.with_user(self.accountant).write({"general_customer_note": "x"})
        for model in ("pos.order", "pos.payment", "pos.session"):
            records = self.env[model].with_user(self.accountant)
            self.assertFalse(records.has_access("create"), model)

    def test_a_colleague_without_a_role_sees_nothing(self):
        for model in KEPT:
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.stranger).search([]).read(["id"])
        with self.assertRaises(UserError):
            self.order.with_user(self.stranger).action_salon_generate()

    def test_everybody_at_work_generates_in_any_shop_of_the_company(self):
        self.company.salon_automatic = False
        for user in self.people:
            order = self.sell([(self.mens_cut, 1)])
            self.assertEqual(order.salon_invoice_state, "skipped")
            order.with_user(user).action_salon_generate()
            self.assertEqual(order.salon_invoice_state, "waiting", user.login)

    def test_everybody_at_work_retries(self):
        for user in self.people:
            order = self.sell([(self.mens_cut, 1)])
            order.salon_document_id._need_attention("Look", "content")
            order.salon_document_id.with_user(user).action_retry()
            self.assertEqual(order.salon_invoice_state, "waiting", user.login)

    def test_nobody_writes_or_deletes_what_was_invoiced(self):
        for user in self.people:
            for model in KEPT[:4]:
                records = self.env[model].with_user(user)
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(
                        records.has_access(operation), (user.login, model, operation)
                    )

    def test_only_administrators_connect_and_disconnect(self):
        for user in self.people - self.admin:
            for model in (
                "salon.invoice.account",
                "salon.invoice.connect",
                "salon.invoice.disconnect",
            ):
                self.assertFalse(
                    self.env[model].with_user(user).has_access("create"), user.login
                )
            account = self.account.with_user(user)
            for action in ("action_refresh", "action_resume"):
                with self.assertRaises(AccessError, msg=(user.login, action)):
                    getattr(account, action)()
            with self.assertRaises(AccessError):
                account.write({"block": "1"})
            with self.assertRaises(AccessError):
                account.action_fix("key")
            with self.assertRaises(AccessError):
                account.action_change_key()

    def test_the_settings_are_the_administrators(self):
        for user in self.people - self.admin:
            self.assertFalse(
                self.env["res.config.settings"].with_user(user).has_access("create")
            )

    def test_another_companys_people_see_nothing(self):
        other = make_company(self.env, "Másik Szalon Kft.")
        for user in self.people:
            user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
            user.env.invalidate_all()
            for model in KEPT:
                records = self.env(user=user, context={})[model]
                if records.has_access("read"):
                    self.assertFalse(records.search([]), (user.login, model))

    def test_another_companys_invoice_is_out_of_reach(self):
        """Neither mailed nor looked at, retried, cancelled or told in a wizard."""
        order = self.sell([(self.haircut, 1)], customer=self.customer)
        self.work()
        issued = order.salon_document_id
        before = (len(issued.task_ids), len(order.salon_document_ids))
        other = make_company(self.env, "Másik Szalon Kft.")
        acts = {
            "action_send_again": [["me@example.com"]],
            "_request_storno": ["Elírás"],
            "_settle": ["KEZI-1"],
            **dict.fromkeys(
                (
                    *("action_download_again", "action_look", "action_retry"),
                    *("action_check", "action_reissue", "action_undo_payments"),
                    *("action_open_service", "action_open_pdf"),
                ),
                [],
            ),
        }
        for user in self.receptionist | self.manager | self.accountant:
            user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
            user.env.invalidate_all()
            document = issued.with_env(self.env(user=user, context={}))
            for name, arguments in acts.items():
                with self.assertRaises(UserError, msg=(user.login, name)):
                    getattr(document, name)(*arguments)
            wizards = document.env["salon.invoice.storno"]
            if wizards.has_access("create"):
                with self.assertRaises(AccessError):
                    wizards.create({"document_id": issued.id, "reason": "x"})
        self.assertEqual((len(issued.task_ids), len(order.salon_document_ids)), before)

    def test_a_receptionist_cannot_change_a_tills_policy(self):
        config = self.config.with_user(self.receptionist)
        for name, value in (
            ("salon_mode", "manual"),
            ("salon_which", "request"),
            ("salon_kind", "draft"),
            ("salon_block", "13"),
            ("salon_account_id", self.account.id),
        ):
            with self.assertRaises(AccessError, msg=name):
                config.write({name: value})
        self.config.with_user(self.manager).write({"salon_mode": "manual"})
        self.assertEqual(self.config.salon_mode, "manual")

    def test_nobody_writes_the_document_of_a_sale(self):
        issued = self.sell([(self.haircut, 1)]).salon_document_id
        data = self.order_data([(self.mens_cut, 1)], state="draft", payment_ids=[])
        draft = self.sync({**data, "amount_paid": 0})
        draft.with_user(self.receptionist).write({"salon_document_id": issued.id})
        self.assertFalse(draft.salon_document_id)
        paid = self.order_data([(self.mens_cut, 1)])
        paid.update(uuid=draft.uuid, salon_document_id=issued.id)
        self.env["pos.order"].with_user(self.receptionist).sync_from_ui(
            [{**paid, "lines": []}]
        )
        order = draft
        self.assertNotEqual(order.salon_document_id, issued)
        self.assertEqual(order.salon_document_id.state, "waiting")

    def test_a_service_is_not_asked_by_who_only_looks(self):
        before = len(self.calls())
        for user in self.people:
            self.account.with_user(user).read(["checks", "readiness", "name"])
        self.assertEqual(len(self.calls()), before)
