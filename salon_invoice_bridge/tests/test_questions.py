"""What the salon is asked once, and what it has said: when, and who."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..models.salon_invoice_question import QUESTIONS
from .other_company import OtherCompanyCase
from .test_connect import ConnectCase


class QuestionCase(ConnectCase):
    """A salon that has connected its service a moment ago."""

    def setUp(self):
        super().setUp()
        self.account = self.connect()
        self.questions = self.env["salon.invoice.question"].with_user(self.admin)

    def ask(self):
        """Press the button of readiness; return the questions as it shows them."""
        action = self.account.with_user(self.admin).action_fix("questions")
        return self.questions.search(action["domain"])

    def asked(self, code, record=None):
        """Return the question of a code, which must be asked."""
        rows = self.ask().filtered(lambda row: row.code == code)
        if record:
            rows = rows.filtered(lambda row: row.res_id == record.id)
        self.assertEqual(len(rows), 1, code)
        return rows

    def codes(self):
        return set(self.ask().mapped("code"))

    @property
    def menu(self):
        return self.env.ref("salon_invoice_bridge.menu_salon_invoice_questions")


@tagged("post_install", "-at_install")
class TestQuestions(QuestionCase):
    def test_what_a_sale_gets_and_the_cash_registers_are_asked_of_every_salon(self):
        self.assertLessEqual({"sales", "cash_register"}, self.codes())
        self.assertEqual(self.asked("cash_register").about, self.config.display_name)

    def test_a_default_is_no_answer_and_what_is_done_until_then_is_said(self):
        row = self.asked("sales")
        self.assertFalse(row.answer)
        self.assertFalse(row.answered_on)
        self.assertEqual(row.until, "An invoice for every sale")

    def test_an_answer_is_kept_where_it_is_acted_upon_with_its_day_and_who(self):
        row = self.asked("sales")
        with freeze_time("2026-12-03 23:30:00"):  # half past midnight in Hungary
            row.answer = "sales:request"
        self.assertEqual(self.company.salon_which, "request")
        self.assertEqual(str(row.answered_on), "2026-12-04")
        self.assertEqual(row.answered_by_id, self.admin)
        self.assertFalse(row.until)

    def test_a_default_that_is_confirmed_is_an_answer(self):
        row = self.asked("sales")
        row.answer = "sales:all"
        self.assertEqual(row.answered_by_id, self.admin)
        self.assertEqual(self.company.salon_which, "all")

    def test_a_tick_is_answered_by_yes_or_no_each_shop_for_itself(self):
        other = self.config.copy({"name": "Másik"})
        row = self.asked("cash_register", other)
        self.assertEqual(row.until, "No")
        row.answer = "cash_register:yes"
        self.assertTrue(other.salon_cash_register)
        self.assertFalse(self.config.salon_cash_register)
        self.assertFalse(self.asked("cash_register", self.config).answer)
        row.answer = "cash_register:no"
        self.assertFalse(other.salon_cash_register)

    def test_who_changes_the_setting_has_answered(self):
        self.company.with_user(self.admin).salon_which = "customer"
        row = self.asked("sales")
        self.assertEqual(row.answer, "sales:customer")
        self.assertEqual(row.answered_by_id, self.admin)
        self.config.with_user(self.manager).salon_cash_register = True
        row = self.asked("cash_register")
        self.assertEqual(row.answer, "cash_register:yes")
        self.assertEqual(row.answered_by_id, self.manager)

    def test_who_says_the_kind_of_a_voucher_on_its_product_has_answered(self):
        self.company.salon_voucher_sale = False
        card = self.env["product.template"].create(
            {"name": "Kártya", "salon_role": "voucher", "available_in_pos": True}
        )
        self.manager.group_ids |= self.env.ref("product.group_product_manager")
        row = self.asked("voucher_kind", card)
        self.assertFalse(row.answer)
        card.with_user(self.manager).salon_voucher_kind = "multi"
        self.assertEqual(row.answer, "voucher_kind:multi")
        self.assertEqual(row.answered_by_id, self.manager)

    def test_a_form_that_writes_what_stays_as_it_is_has_answered_nothing(self):
        self.company.write({"salon_which": "all", "salon_due_days": 10})
        settings = self.env["res.config.settings"].with_user(self.admin)
        settings.create({"salon_due_days": 12}).execute()
        self.assertFalse(self.asked("sales").answer)

    def test_what_was_said_before_stays_readable(self):
        row = self.asked("sales")
        row.answer = "sales:request"
        row.answer = "sales:all"
        self.assertEqual(len(row.message_ids), 2)
        said = " ".join(row.message_ids.mapped("body"))
        self.assertIn("A receipt, unless", said)
        self.assertIn("An invoice for every sale", said)
        self.assertEqual(said.count(self.admin.name), 2)

    def test_what_was_said_where_nobody_noted_it_is_an_answer_without_a_name(self):
        self.env.cr.execute(
            "UPDATE res_company SET salon_receipt_tip = 'kept_off', "
            "salon_receipt_tip_answered_on = '2026-10-05', salon_which = 'request' "
            "WHERE id = %s",
            [self.company.id],
        )
        self.env.invalidate_all()
        row = self.asked("receipt_tip")
        self.assertEqual(row.answer, "receipt_tip:kept_off")
        self.assertEqual(str(row.answered_on), "2026-10-05")
        self.assertFalse(row.answered_by_id)

    def test_an_answer_is_taken_back_where_the_setting_may_be_empty(self):
        self.company.salon_receipt_tip = "kept_off"
        self.company.salon_which = "request"
        row = self.asked("receipt_tip")
        self.assertEqual(row.answer, "receipt_tip:kept_off")
        row.answer = False
        self.assertFalse(self.company.salon_receipt_tip)
        self.assertEqual(row.until, "the sale gets an invoice")

    def test_an_answer_of_another_question_is_refused(self):
        row = self.asked("sales")
        with self.assertRaises(UserError):
            row.answer = "cash_register:yes"

    def test_nothing_else_is_written_here_and_nothing_is_made_or_deleted(self):
        row = self.asked("sales")
        for values in (
            {"answered_on": "2026-01-01"},
            {"answer": "sales:all", "answered_by_id": self.manager.id},
            {"company_id": self.company.id},
            {"res_id": 1},
        ):
            with self.assertRaises(AccessError):
                row.write(values)
        values = {"company_id": self.company.id, "code": "sales", "res_id": 0}
        with self.assertRaises(AccessError):
            self.questions.create(values)
        with self.assertRaises(AccessError):
            row.unlink()

    def test_who_may_not_change_the_setting_cannot_answer(self):
        row = self.asked("sales")
        for user in (self.manager, self.accountant, self.receptionist):
            with self.assertRaises(AccessError):
                row.with_user(user).answer = "sales:request"
        self.assertEqual(self.company.salon_which, "all")
        shop = self.asked("cash_register")
        shop.with_user(self.manager).answer = "cash_register:yes"
        self.assertEqual(shop.answered_by_id, self.manager)

    def test_an_accountant_reads_who_decided_what_and_when(self):
        row = self.asked("sales")
        row.answer = "sales:all"
        seen = row.with_user(self.accountant)
        self.assertEqual(seen.answered_by_id.name, self.admin.name)
        self.assertTrue(seen.answered_on)
        self.assertTrue(seen.text)

    def test_what_is_of_the_law_comes_with_a_text_for_the_accountant(self):
        row = self.asked("cash_register")
        for word in (self.company.name, self.config.name, "Billingo", "- Yes", "- No"):
            self.assertIn(word, row.for_accountant)
        self.assertFalse(self.asked("sales").for_accountant)

    def test_the_menu_asks_what_there_is_to_ask(self):
        self.assertFalse(self.questions.search([]))
        action = self.env.ref(
            "salon_invoice_bridge.menu_salon_invoice_questions"
        ).action
        opened = action.with_user(self.admin).run()
        self.assertEqual(opened["res_model"], "salon.invoice.question")
        codes = set(self.questions.search([]).mapped("code"))
        self.assertLessEqual({"sales", "cash_register"}, codes)

    def test_who_may_not_read_the_questions_opens_nothing(self):
        action = self.env.ref(
            "salon_invoice_bridge.menu_salon_invoice_questions"
        ).action
        with self.assertRaises(AccessError):
            action.with_user(self.receptionist).run()
        with self.assertRaises(AccessError):
            self.env["salon.invoice.question"].with_user(
                self.receptionist
            ).action_open()

    def test_a_shop_that_is_gone_is_asked_no_more(self):
        other = self.config.copy({"name": "Másik"})
        self.asked("cash_register", other)
        other.unlink()
        rows = self.ask().filtered(lambda row: row.code == "cash_register")
        self.assertEqual(rows.mapped("res_id"), self.config.ids)

    def test_a_closed_shop_is_not_asked(self):
        other = self.config.copy({"name": "Másik"})
        other.active = False
        rows = self.ask().filtered(lambda row: row.code == "cash_register")
        self.assertEqual(rows.mapped("res_id"), self.config.ids)

    def test_what_does_not_apply_is_not_asked(self):
        self.config.tip_product_id = False
        self.assertFalse(
            self.codes()
            & {"nav_receipts", "paper_reports", "receipt_tip", "tip", "exemption"}
        )
        self.assertNotIn("transfer", self.codes())

    def test_receipts_raise_the_questions_of_receipts(self):
        self.company.salon_which = "request"
        self.assertLessEqual(
            {"nav_receipts", "paper_reports", "receipt_tip"}, self.codes()
        )

    def test_a_receipt_that_holds_a_tip_raises_no_question_about_it(self):
        """Számlázz.hu's can have a line outside VAT (vendor's schema: sure)."""
        self.account = self.connect("szamlazz", receipt_prefix="NYGT")
        self.company.salon_which = "request"
        self.assertNotIn("receipt_tip", self.codes())
        self.assertIn("nav_receipts", self.codes())

    def test_a_transfer_is_asked_about_of_each_method(self):
        """Whether it counts as paid when it is taken is the salon's to say."""
        self.card.salon_payment_kind = "bank_transfer"
        row = self.asked("transfer")
        self.assertEqual(row.about, self.card.display_name)
        row.answer = "transfer:yes"
        self.assertTrue(self.card.salon_counts_as_paid)

    def test_readiness_counts_what_is_open_and_says_when_all_is_said(self):
        check = self.check("questions")
        self.assertEqual(check["level"], "warning")
        self.assertIn("What a sale gets", check["text"])
        for row in self.ask():
            row.answer = row.available[0]
        # An answer may raise another question.
        for row in self.ask().filtered(lambda row: not row.answer):
            row.answer = row.available[0]
        check = self.check("questions")
        self.assertEqual(check["level"], "ok", check["text"])

    def check(self, code):
        account = self.account.with_user(self.admin)
        account.invalidate_recordset(["checks"])
        return {check["code"]: check for check in account.checks}[code]

    def test_a_row_is_answered_in_its_form(self):
        row = self.asked("sales")
        with Form(row) as form:
            form.answer = "sales:customer"
        self.assertEqual(self.company.salon_which, "customer")

    def test_each_question_has_an_answer_that_can_be_kept(self):
        for question in self.questions._known():
            options = self.questions._options(question)
            self.assertGreater(len(options), 1, question.code)
        codes = [question.code for question in QUESTIONS]
        self.assertEqual(len(set(codes)), len(codes))


@tagged("post_install", "-at_install")
class TestQuestionsOfOthers(OtherCompanyCase):
    """A form of a question tells nothing of what another company has said."""

    def test_a_form_that_names_their_setting(self):
        self.haircut.product_tmpl_id.write(
            {"company_id": self.company.id, "salon_voucher_kind": "multi"}
        )
        self.company.salon_which = "request"
        questions = self.env["salon.invoice.question"].sudo()
        questions._ask(self.other_account)
        mine = questions.search([("company_id", "=", self.other.id)], limit=1)
        shown = ("about", "until", "for_accountant", "text", "display_name")
        for code, res_id in (
            ("voucher_kind", self.haircut.product_tmpl_id.id),
            ("cash_register", self.config.id),
            ("sales", self.company.id),
            ("nav_receipts", self.account.id),
        ):
            values = {"code": code, "res_id": res_id, "company_id": self.company.id}
            for names in (["code", "res_id"], ["code", "res_id", "company_id"]):
                for role in ("manager", "admin"):
                    row = mine.with_env(self.as_stranger(role))
                    try:
                        told = row.onchange(
                            {name: values[name] for name in names},
                            names if role == "manager" else [],
                            {name: {} for name in (*names, *shown)},
                        )
                    except AccessError:
                        continue
                    for secret in (
                        self.haircut.name,
                        self.config.name,
                        self.company.name,
                        self.account.name,
                        "unless an invoice is asked for",
                    ):
                        self.assertNotIn(secret, str(told), (code, role))
