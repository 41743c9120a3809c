"""Exempt salons (AAM): their products at one press, and a change of status on a day."""

from datetime import date
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import SalonCase, make_company
from .days import ANOTHER, LONG_AGO, SOLD_ON, after

LOG = "odoo.addons.salon_invoice_bridge.models.salon_invoice_exemption"


class ExemptionCase(SalonCase):
    def setUp(self):
        super().setUp()
        # Products of Odoo's own demonstration are nobody's, and are sold here, too.
        self.env["product.template"].search(
            [("available_in_pos", "=", True), ("company_id", "=", False)]
        ).filtered(
            lambda product: product
            not in (self.haircut | self.mens_cut | self.book | self.tip).product_tmpl_id
        ).available_in_pos = False
        self.today = date.fromisoformat(SOLD_ON)
        for model in ("salon.invoice.document", "salon.invoice.exemption"):
            self.patch(self.registry[model], "_today", lambda _records: self.today)
        # The one of the Hungarian chart of accounts.
        self.aam = self.env["account.tax"].search(
            [
                ("name", "=", "0% AAM"),
                ("type_tax_use", "=", "sale"),
                ("company_id", "=", self.company.id),
            ]
        )
        self.aam.ensure_one()
        self.admin = self._make_user("admin", "point_of_sale.group_pos_manager")
        for group in (
            *("base.group_system", "account.group_account_manager"),
            "product.group_product_manager",
        ):
            self.admin.group_ids |= self.env.ref(group)
        self.changes = self.env["salon.invoice.exemption"].with_user(self.admin)

    def change(self, direction="exempt", **values):
        return self.changes.create(
            {"company_id": self.company.id, "direction": direction, **values}
        )

    def taxes(self, *products):
        """Return the taxes that the company sells products with."""
        own = [
            product.taxes_id.filtered(lambda tax: tax.company_id == self.company)
            for product in products
        ]
        return [tax.mapped("name") for tax in own]

    def vats(self, order):
        """Return the VAT codes of the sale's document, which must be issued."""
        self.work()
        document = order.salon_document_id
        self.assertEqual(document.state, "issued", document.problem)
        return [line.vat for line in document._invoice().lines]


@tagged("post_install", "-at_install")
class TestExemptProducts(ExemptionCase):
    def test_what_is_not_shown_yet_cannot_be_applied(self):
        arch = etree.fromstring(self.changes.get_view(view_type="form")["arch"])

        def offered(**values):
            return [
                button.get("string")
                for button in arch.iter("button")
                if button.get("name") in ("action_apply", "action_show")
                and not safe_eval(button.get("invisible"), {**values, "state": "draft"})
            ]

        self.assertEqual(offered(id=False), ["Show What Changes"])
        self.assertEqual(offered(id=1), ["Apply", "Show Again"])

    def test_what_would_change_is_shown_and_nothing_has(self):
        before = self.taxes(self.haircut, self.book, self.tip)
        change = self.change()
        self.assertEqual(change.state, "draft")
        self.assertEqual(change.tax_id, self.aam)
        shown = {
            line.product_id.name: (line.before_ids.name, line.after_ids.name)
            for line in change.line_ids
        }
        self.assertEqual(
            shown,
            {
                "Női hajvágás": (self.tax_27.name, self.aam.name),
                "Férfi hajvágás": (self.tax_27.name, self.aam.name),
                "Szakkönyv": (self.tax_5.name, self.aam.name),
            },
        )
        self.assertEqual(self.taxes(self.haircut, self.book, self.tip), before)
        self.assertFalse(self.aam.salon_vat_code)

    def test_one_press_sets_them_and_the_company_is_exempt(self):
        """VAT Act 187: an exempt company charges no VAT (sure)."""
        self.change().action_apply()
        self.assertEqual(
            self.taxes(self.haircut, self.mens_cut, self.book, self.tip),
            [[self.aam.name]] * 3 + [[]],
        )
        self.assertEqual(self.aam._salon_vat(), "AAM")
        self.assertEqual(self.company.salon_default_vat, "AAM")
        order = self.sell([(self.haircut, 1), (self.book, 1)])
        self.assertEqual(self.vats(order), ["AAM", "AAM"])

    def test_one_press_undoes_it(self):
        before = self.taxes(self.haircut, self.mens_cut, self.book)
        change = self.change()
        change.action_apply()
        change.action_undo()
        self.assertEqual(self.taxes(self.haircut, self.mens_cut, self.book), before)
        self.assertEqual(self.company.salon_default_vat, "27")
        self.assertFalse(self.company.salon_vat_changes)
        self.assertEqual(self.vats(self.sell([(self.haircut, 1)])), ["27"])

    def test_what_somebody_has_changed_since_is_left_and_named(self):
        change = self.change()
        change.action_apply()
        self.book.taxes_id = self.tax_18
        change.action_undo()
        self.assertEqual(
            self.taxes(self.haircut, self.book), [[self.tax_27.name], ["18% bruttó"]]
        )
        self.assertIn("Szakkönyv", change.message_ids[0].body)

    def test_a_price_without_vat_falls_with_it_and_that_is_shown(self):
        net = self._make_tax("27% nettó", 27, price_include_override="tax_excluded")
        self.haircut.write({"taxes_id": net.ids, "list_price": 10_000})
        lines = {line.product_id.name: line for line in self.change().line_ids}
        line = lines["Női hajvágás"]
        self.assertEqual((line.price_before, line.price_after), (12_700, 10_000))
        line = lines["Férfi hajvágás"]
        self.assertEqual((line.price_before, line.price_after), (4990, 4990))

    def test_taxes_of_another_company_stay_on_a_shared_product(self):
        other = make_company(self.env, "Másik Kft.")
        theirs = self.env["account.tax"].search(
            [("company_id", "=", other.id), ("type_tax_use", "=", "sale")], limit=1
        )
        self.haircut.sudo().taxes_id += theirs
        before = self.haircut.sudo().taxes_id  # Odoo adds the defaults of companies
        change = self.change()
        change.action_apply()
        self.assertIn(theirs, self.haircut.sudo().taxes_id)
        change.action_undo()
        self.assertEqual(self.haircut.sudo().taxes_id, before)

    def test_where_there_is_no_exempt_tax_one_is_made(self):
        for tax in self.env["account.tax"].search(
            [("company_id", "=", self.company.id), ("amount", "=", 0)]
        ):
            tax.write({"active": False, "name": f"{tax.name} ({tax.id})"})
        change = self.change()
        self.assertFalse(change.tax_id)
        change.action_apply()
        self.assertEqual(change.tax_id.salon_vat, "AAM")
        self.assertEqual(self.haircut.taxes_id, change.tax_id)

    def test_what_is_exempt_for_another_reason_stays_so(self):
        self.tax_0.salon_vat_code = "TAM"
        self.book.taxes_id = self.tax_0
        self.assertNotIn("Szakkönyv", self.change().line_ids.product_id.mapped("name"))

    def test_an_exempt_company_whose_products_charge_is_offered_the_press(self):
        self.company.salon_default_vat = "AAM"
        check = self.check("exempt_products")
        self.assertEqual(check["level"], "warning")
        account = self.account.with_user(self.admin)
        action = account.action_fix("exempt_products")
        change = self.changes.browse(action["res_id"])
        self.assertEqual(account.action_fix("exempt_products")["res_id"], change.id)
        change.action_apply()
        self.assertFalse(self.check("exempt_products"))
        self.assertFalse(self.company.salon_vat_changes)  # it was exempt before
        change.action_undo()
        self.assertEqual(self.company.salon_default_vat, "AAM")

    def check(self, code):
        self.account.invalidate_recordset(["checks"])
        return {row["code"]: row for row in self.account.checks}.get(code)


@tagged("post_install", "-at_install")
class TestWhoDecides(ExemptionCase):
    def test_who_only_sells_or_keeps_books_decides_nothing(self):
        change = self.change()
        for user in (self.receptionist, self.manager, self.accountant):
            with self.assertRaises(AccessError):
                change.with_user(user).action_apply()
        self.assertEqual(change.state, "draft")

    def test_who_may_not_change_taxes_changes_nothing(self):
        # One that does not say AAM yet, as the chart's own does with l10n_hu_edi.
        change = self.change(tax_id=self.tax_0.id)
        other = self._make_user("other", "base.group_system")
        self.assertFalse(self.tax_0.with_user(other).has_access("write"))
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            change.with_user(other).action_apply()
        self.env.invalidate_all()
        self.assertEqual(change.state, "draft")
        self.assertEqual(self.taxes(self.haircut), [[self.tax_27.name]])

    def test_nobody_writes_that_it_was_decided(self):
        forged = {"state": "done", "done_by_id": self.manager.id}
        change = self.change(**forged)
        change.write(forged)
        self.assertEqual((change.state, change.done_by_id.id), ("draft", False))
        change.action_apply()
        self.assertEqual(change.done_by_id, self.admin)

    def test_no_default_of_a_caller_says_that_it_was_decided(self):
        self.changes = self.changes.with_context(
            default_state="done",
            default_done_by_id=self.manager.id,
            default_done_at="2026-01-01 00:00:00",
        )
        change = self.change()
        told = (change.state, change.done_by_id.id, change.done_at)
        self.assertEqual(told, ("draft", False, False))

    def test_nothing_is_moved_into_what_was_decided(self):
        planned = self.change(day=after(30))
        planned.action_apply()
        shown = self.change(day=after(60))
        with self.assertRaises(UserError):
            shown.line_ids[:1].exemption_id = planned

    def test_what_was_decided_is_not_changed_or_deleted(self):
        change = self.change()
        change.action_apply()
        with self.assertRaises(UserError):
            change.day = after(30)
        with self.assertRaises(UserError):
            change.line_ids[:1].after_ids = self.tax_5
        with self.assertRaises(UserError):
            change.line_ids[:1].unlink()
        with self.assertRaises(UserError):
            change.unlink()
        with self.assertRaises(UserError):
            change.action_apply()

    def test_changes_are_undone_the_last_first(self):
        first = self.change(day=after(0))
        first.action_apply()
        second = self.change("charged", day=after(1))
        second.action_apply()
        with self.assertRaises(UserError):
            first.action_undo()
        second.action_undo()
        first.action_undo()
        self.assertEqual(self.company.salon_default_vat, "27")

    def test_it_names_nothing_of_another_company(self):
        other = make_company(self.env, "Másik Kft.")
        theirs = self.env["account.tax"].search(
            [("company_id", "=", other.id), ("type_tax_use", "=", "sale")], limit=1
        )
        change = self.change().sudo()
        with self.assertRaises(ValidationError):
            change.tax_id = theirs
        with self.assertRaises(ValidationError):
            change.line_ids[:1].after_ids = theirs


@tagged("post_install", "-at_install")
class TestStatusOnADay(ExemptionCase):
    """A company that was exempt, and has crossed the limit."""

    def setUp(self):
        super().setUp()
        self.change(day=ANOTHER).action_apply()

    def sell_on(self, day):
        """Sell a haircut at noon of a day."""
        return self.sell([(self.haircut, 1)], date_order=f"{day} 11:00:00")

    def decide(self, direction="charged", day=SOLD_ON):
        change = self.change(direction, day=day)
        change.action_apply()
        return change

    def run_on(self, day):
        """Run the job on a day in Hungary."""
        self.today = date.fromisoformat(day)
        job = self.env.ref("salon_invoice_bridge.cron_exemption")
        with self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.env.invalidate_all()

    def test_the_products_get_back_what_they_had(self):
        change = self.change("charged", day=SOLD_ON)
        shown = {line.product_id.name: line for line in change.line_ids}
        self.assertEqual(shown["Szakkönyv"].after_ids, self.tax_5)
        self.assertEqual(shown["Női hajvágás"].after_ids, self.tax_27)
        change.action_apply()
        self.assertEqual(self.taxes(self.book), [[self.tax_5.name]])

    def test_what_is_planned_happens_on_its_day(self):
        job = self.env.ref("salon_invoice_bridge.cron_exemption")
        change = self.decide(day=after(2))
        # Midnight in Hungary, in winter.
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", job.id)])
        self.assertIn(f"{after(1)} 23:00:00", [str(one.call_at) for one in triggers])
        self.run_on(after(1))
        self.assertEqual(change.state, "planned")
        self.assertEqual(self.company.salon_default_vat, "AAM")
        self.run_on(after(2))
        self.assertEqual(change.state, "done")
        self.assertEqual(self.company.salon_default_vat, "27")
        self.assertEqual(self.taxes(self.haircut), [[self.tax_27.name]])

    def test_a_sale_has_the_vat_of_its_day_whenever_it_is_issued(self):
        """VAT Act 191: what was supplied before stays exempt (fairly sure)."""
        before = self.sell_on(after(-1))
        self.decide()
        later = self.sell_on(SOLD_ON)
        self.assertEqual(self.vats(before), ["AAM"])
        self.assertEqual(self.vats(later), ["27"])

    def test_no_document_waits_for_the_job_of_the_night(self):
        self.decide(day=after(2))
        self.today = date.fromisoformat(after(2))
        self.haircut.taxes_id = False  # it has the company's default
        self.assertEqual(self.vats(self.sell_on(after(1))), ["AAM"])
        self.assertEqual(self.vats(self.sell_on(after(2))), ["27"])

    def test_a_till_that_was_not_reloaded_stops_the_document_not_the_till(self):
        """A company that is not exempt must not say AAM (VAT Act 187; sure)."""
        change = self.decide()
        right, self.haircut.taxes_id = self.haircut.taxes_id, self.aam
        order = self.sell_on(SOLD_ON)  # as the open till still has it
        self.haircut.taxes_id = right
        self.assertEqual(order.state, "paid")
        self.work()
        document = order.salon_document_id
        self.assertEqual(document.state, "attention")
        self.assertEqual(document.problem_cause, "not_exempt")
        self.assertIn("Női hajvágás", document.problem)
        change.exempt_as = "27"
        self.assertEqual(self.vats(order), ["27"])
        self.assertEqual(document.amount_gross, 8900)

    def test_what_was_planned_is_undone_before_its_day(self):
        self.decide(day=after(2)).action_undo()
        self.run_on(after(3))
        self.assertEqual(self.company.salon_default_vat, "AAM")
        self.assertEqual(self.vats(self.sell_on(after(3))), ["AAM"])

    def test_what_is_lost_and_won_again_may_be_planned_together(self):
        self.decide(day=after(1))
        again = self.decide("exempt", after(3))
        for day, status in ((1, "27"), (2, "27"), (3, "AAM")):
            self.run_on(after(day))
            self.assertEqual(self.company.salon_default_vat, status)
        again.action_undo()
        self.assertEqual(self.company.salon_default_vat, "27")

    def test_to_undo_what_was_only_planned_changes_no_status(self):
        self.decide(day=after(1))
        self.decide("exempt", after(3)).action_undo()
        self.assertEqual(self.company.salon_default_vat, "AAM")
        self.run_on(after(3))
        self.assertEqual(self.company.salon_default_vat, "27")

    def test_who_sets_the_status_by_hand_drops_what_was_planned(self):
        change = self.decide(day=after(2))
        self.company.salon_default_vat = "27"
        self.assertEqual(change.state, "undone")
        self.assertFalse(self.company.salon_vat_changes)

    def test_one_that_fails_is_told_and_the_others_are_done(self):
        change, other = self.decide(day=after(1)), self.decide("exempt", after(2))
        self.account.recipient_ids = self.manager
        real = type(change)._apply

        def fail(one):
            if one == change:
                raise KeyError("broken")
            real(one)

        with patch.object(type(change), "_apply", fail), mute_logger(LOG):
            self.run_on(after(2))
        self.assertEqual((change.state, other.state), ("planned", "done"))
        self.assertIn("broken", self.account.activity_ids.mapped("note")[0])

    def checks(self):
        self.account.invalidate_recordset(["checks"])
        return {row["code"]: row for row in self.account.checks}

    def test_the_limit_of_the_year_is_told_and_turns_red_when_it_is_crossed(self):
        """VAT Act 188: 20 million forints in 2026 (fairly sure)."""
        order = self.sell_on(SOLD_ON)
        for total, level in (
            (8_900, "ok"),
            (16_000_000, "warning"),
            (20_000_001, "bad"),
        ):
            self.env.cr.execute(
                "UPDATE pos_order SET amount_total = %s WHERE id = %s",
                (total, order.id),
            )
            self.env.invalidate_all()
            self.assertEqual(self.checks()["exempt_limit"]["level"], level, total)
        self.today = date(2027, 1, 2)
        self.assertEqual(self.checks()["exempt_limit"]["level"], "ok")

    def test_readiness_names_the_tills_that_do_not_know_of_it(self):
        self.session.start_at = LONG_AGO
        self.decide()
        check = self.checks()["status"]
        self.assertEqual(check["level"], "warning")
        self.assertIn(self.config.name, check["text"])
