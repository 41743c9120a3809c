"""The owner's day: each figure is what its list holds, and nobody else's."""

import json
import re
from datetime import date, datetime, timedelta

from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools.json import json_default

from ..billing.overview import CHART_DAYS, Place
from ..models.salon_invoice_overview import PERIODS
from .common import SalonCase, make_company
from .days import SOLD_ON
from .test_indexes import IndexCase

MODEL = "salon.invoice.overview"
TODAY = date.fromisoformat(SOLD_ON)
#: Statements of the first screen, whatever the number of sales, once models are known.
STATEMENTS = 20


class OverviewCase(SalonCase):
    """A salon whose today is :data:`TODAY`."""

    def setUp(self):
        super().setUp()
        documents = type(self.env["salon.invoice.document"])
        self.patch(documents, "_today", lambda _self: TODAY)
        self.patch(documents, "_now", lambda _self: datetime(2026, 11, 20, 17))

    def sell_at(self, moment, lines=None, **values):
        """Sell at a moment (UTC) and return the order."""
        order = self.sell(lines or [(self.haircut, 1)], **values)
        order.date_order = moment
        return order

    def place(self, order, state, **values):
        """Put the document of a sale in a state, as it ends up by itself."""
        document = order.salon_document_id
        document.write({"state": state, **values})
        if state == "issued":
            document.write(
                {
                    "number": f"SZ-{document.id}",
                    "amount_gross": order.amount_total,
                    "issued_at": order.date_order,
                    **values,
                }
            )
        self.env.flush_all()
        return document

    def overview(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        overview = self.env[MODEL].with_context(lang="en_US").browse(self.company.id)
        return overview.with_user(user or self.manager)

    def forget_document(self, order):
        """Leave a sale as its payment's hook left it that has failed."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE pos_order SET salon_document_id = NULL WHERE id = %s", [order.id]
        )
        self.env.invalidate_all()

    def figures(self, user=None):
        return self.overview(user).figures

    def statements(self):
        """Return how many statements the figures cost."""
        overview = self.overview()
        before = self.env.cr.sql_log_count
        self.assertTrue(overview.figures)
        return self.env.cr.sql_log_count - before

    def opened(self, figure, period=None, reason=None, user=None):
        """Return the records of the list that a figure leads to."""
        overview = self.overview(user).with_context(
            salon_figure=figure, salon_period=period, salon_reason=reason
        )
        # As the browser gets it, and sends it back.
        action = json.loads(json.dumps(overview.action_open(), default=json_default))
        self.assertTrue(action["name"])
        return self.env[action["res_model"]].search(action["domain"])


@tagged("post_install", "-at_install")
class TestOverview(OverviewCase):
    def test_each_sale_is_in_one_place_and_each_figure_is_its_list(self):
        states = ("issued", "issued", "waiting", "attention")
        sold = [self.sell_at(f"{SOLD_ON} 09:00:00") for _state in states]
        for order, state in zip(sold, states, strict=True):
            self.place(order, state)
        skipped = self.sell_at(f"{SOLD_ON} 10:00:00")
        self.place(skipped, "skipped", skip_reason="manual")
        earlier = self.sell_at("2026-11-03 10:00:00")
        self.place(earlier, "issued")
        back = self.refund(sold[0])
        back.date_order = f"{SOLD_ON} 12:00:00"
        figures = self.figures()
        counts = {name: one["count"] for name, one in figures["today"].items()}
        expected = {
            "sales": 5,
            "issued": 2,
            "under_way": 1,
            "attention": 1,
            "skipped": 1,
            "unfinished": 0,
            "missing": 0,
            "refunds": 1,
        }
        self.assertEqual({name: counts[name] for name in expected}, expected)
        self.assertEqual(figures["month"]["sales"]["count"], 6)
        for period in ("today", "month"):
            places = sum(figures[period][place.value]["count"] for place in Place)
            self.assertEqual(places, figures[period]["sales"]["count"])
            for name in expected:
                with self.subTest(figure=name, period=period):
                    self.assertEqual(
                        len(self.opened(name, period)), figures[period][name]["count"]
                    )
        self.assertEqual(self.opened("skipped", "today"), skipped)
        self.assertEqual(figures["reasons"]["manual"]["count"], 1)
        self.assertEqual(self.opened("skipped", "month", "manual"), skipped)
        self.assertFalse(self.opened("skipped", "month", "zero"))

    def test_a_sum_is_in_whole_forints(self):
        self.place(self.sell_at(f"{SOLD_ON} 09:00:00"), "issued")
        self.place(self.sell_at(f"{SOLD_ON} 09:00:00"), "issued")
        total = self.figures()["today"]["sales"]["sum"]
        self.assertEqual(re.sub(r"\D", "", total), "17800")
        self.assertTrue(total.endswith("Ft"))

    def test_a_day_begins_at_midnight_in_hungary(self):
        """The clock of Hungary is an hour ahead in November."""
        late = self.sell_at("2026-11-19 22:59:59")
        first = self.sell_at("2026-11-19 23:00:00")
        last = self.sell_at("2026-11-20 22:59:59")
        tomorrow = self.sell_at("2026-11-20 23:00:00")
        for order in late | first | last | tomorrow:
            self.place(order, "issued")
        self.assertEqual(self.figures()["today"]["sales"]["count"], 2)
        self.assertEqual(self.opened("sales", "today"), last | first)

    def test_the_month_begins_in_hungary_too(self):
        before = self.sell_at("2026-10-31 22:59:59")
        first = self.sell_at("2026-10-31 23:00:00")
        for order in before | first:
            self.place(order, "issued")
        self.assertEqual(self.figures()["month"]["sales"]["count"], 1)
        self.assertEqual(self.opened("sales", "month"), first)

    def test_the_chart_has_the_sales_of_thirty_days(self):
        for day in ("2026-11-20", "2026-11-20", "2026-10-22", "2026-10-21"):
            self.place(self.sell_at(f"{day} 09:00:00"), "issued")
        ((chart),) = json.loads(self.overview().chart)
        values = [one["value"] for one in chart["values"]]
        self.assertEqual(len(values), CHART_DAYS)
        self.assertEqual((values[0], values[-1]), (8900, 17800))
        self.assertEqual(sum(values), 26700)

    def test_currencies_are_not_mixed(self):
        self.place(self.sell_at(f"{SOLD_ON} 09:00:00"), "issued")
        euros = self.sell_at(f"{SOLD_ON} 09:00:00")
        self.place(euros, "issued")
        self.env.ref("base.EUR").active = True
        journal = self.config.journal_id.copy(
            {"currency_id": self.env.ref("base.EUR").id}
        )
        shop = self.config.copy({"name": "Euro"})
        shop.journal_id = journal
        euros.config_id = shop
        self.assertEqual(shop.currency_id.name, "EUR")
        total = self.figures()["today"]["sales"]["sum"]
        self.assertIn("Ft", total)
        self.assertIn("€", total)
        self.assertNotIn("17800", re.sub(r"\D", "", total))

    def test_a_sale_without_a_document_is_shown(self):
        order = self.sell_at(f"{SOLD_ON} 09:00:00")
        self.forget_document(order)
        figures = self.figures()
        self.assertEqual(figures["today"]["missing"]["count"], 1)
        self.assertEqual(figures["alerts"]["missing"]["count"], 1)
        self.assertEqual(figures["level"], "warning")
        self.assertEqual(self.opened("missing", "month"), order)

    def test_what_odoo_has_invoiced_itself_is_not_missing(self):
        order = self.sell_at(f"{SOLD_ON} 09:00:00")
        self.forget_document(order)
        journal = self.config.invoice_journal_id or self.config.journal_id
        order.account_move = self.env["account.move"].create(
            {"move_type": "out_invoice", "journal_id": journal.id}
        )
        figures = self.figures()
        self.assertEqual(figures["today"]["missing"]["count"], 0)
        self.assertEqual(figures["today"]["skipped"]["count"], 1)
        self.assertEqual(self.opened("skipped", "month", "odoo"), order)
        self.assertEqual(self.opened("skipped", "today"), order)
        self.assertFalse(self.opened("missing", "today"))

    def test_what_is_open_is_shown_however_old_it_is(self):
        old = self.sell_at("2026-09-01 09:00:00")
        document = self.place(old, "attention", sold_at="2026-09-01 09:00:00")
        figures = self.figures()
        self.assertEqual(figures["alerts"]["attention"]["count"], 1)
        self.assertEqual(figures["level"], "bad")
        until = self.overview()._format_day(date(2026, 9, 9))
        self.assertIn(until, figures["alerts"]["attention"]["law"])
        self.assertEqual(self.opened("attention_now"), document)

    def test_who_waits_long_is_more_urgent(self):
        document = self.place(self.sell_at(f"{SOLD_ON} 16:50:00"), "waiting")
        for minutes, level in ((1, "info"), (16, "warning"), (60 * 25, "bad")):
            since = document._now() - timedelta(minutes=minutes)
            self.env.cr.execute(
                "UPDATE salon_invoice_document SET create_date = %s WHERE id = %s",
                [since, document.id],
            )
            self.assertEqual(self.figures()["alerts"]["waiting"]["level"], level)
        self.assertEqual(self.opened("waiting_now"), document)

    def test_the_clock_of_the_law_runs_for_what_is_on_account(self):
        order = self.sell_at("2026-11-14 09:00:00")
        self.place(order, "skipped", skip_reason="customer_account")
        alert = self.figures()["alerts"]["on_account"]
        self.assertEqual((alert["count"], alert["level"]), (1, "warning"))
        until = self.overview()._format_day(date(2026, 11, 22))
        self.assertIn(until, alert["law"])
        action = self.overview().action_open_on_account()
        self.assertEqual(self.env["pos.order"].search(action["domain"]), order)

    def test_what_came_back_as_a_whole_needs_no_invoice(self):
        order = self.sell_at("2026-11-14 09:00:00")
        self.place(order, "skipped", skip_reason="customer_account")
        self.refund(order)
        self.assertNotIn("on_account", self.figures()["alerts"])

    def test_what_nav_says_is_counted_and_listed(self):
        answers = ("accepted", "warning", "pending", "rejected", False)
        documents = [
            self.place(self.sell_at(f"{SOLD_ON} 09:00:00"), "issued", nav_state=answer)
            for answer in answers
        ]
        figures = self.figures()
        counts = {"accepted": 2, "pending": 1, "refused": 1, "unknown": 1}
        for name, count in counts.items():
            self.assertEqual(figures["today"][name]["count"], count)
            self.assertEqual(len(self.opened(name, "today")), count)
        self.assertEqual(figures["alerts"]["refused"]["count"], 1)
        self.assertEqual(self.opened("refused_now"), documents[3])
        documents[3].state = "cancelled"
        self.assertNotIn("refused", self.figures()["alerts"])
        self.assertFalse(self.opened("refused_now"))

    def test_days_that_do_not_agree_are_shown_until_all_is_mended(self):
        day = date(2026, 11, 20)
        compared = self.env["salon.invoice.reconciliation"].create(
            {"account_id": self.account.id, "since": day, "until": day}
        )
        self.assertNotIn("different", self.figures()["alerts"])
        differs = self.env["salon.invoice.difference"].create(
            {"reconciliation_id": compared.id, "key": "sale:1", "outcome": "differs"}
        )
        alert = self.figures()["alerts"]["different"]
        self.assertEqual((alert["count"], alert["level"]), (1, "warning"))
        self.assertEqual(self.opened("different_now"), compared)
        differs.state = "mended"
        self.assertNotIn("different", self.figures()["alerts"])
        self.assertFalse(self.opened("different_now"))

    def test_what_was_refused_last_month_is_still_shown(self):
        order = self.sell_at("2026-10-31 09:00:00")
        document = self.place(order, "issued", nav_state="rejected")
        self.assertEqual(self.figures()["alerts"]["refused"]["count"], 1)
        self.assertEqual(self.figures()["month"]["refused"]["count"], 0)
        self.assertEqual(self.opened("refused_now"), document)

    def test_an_account_says_how_it_is(self):
        (service,) = self.figures()["services"]
        self.assertEqual(service["name"], self.account.name)
        self.assertTrue(service["answered"])
        self.account.sudo().write({"state": "paused", "pause_reason": "Wrong key"})
        figures = self.figures()
        self.assertEqual(figures["services"][0]["level"], "bad")
        self.assertEqual(figures["services"][0]["text"], "Wrong key")
        self.assertEqual(figures["level"], "bad")

    def test_an_account_that_rests_says_until_when(self):
        until = datetime(2026, 11, 20, 17, 5)
        self.account.write({"backoff_until": until, "failure": "No answer"})
        (service,) = self.figures()["services"]
        self.assertEqual(service["level"], "warning")
        self.assertIn("No answer", service["text"])

    def test_an_account_says_what_its_checks_found(self):
        self.account.red_checks = ["taxes"]
        (service,) = self.figures()["services"]
        self.assertEqual((service["level"], service["text"]), ("bad", "VAT codes"))

    def test_without_a_service_it_says_what_will_be_here(self):
        other = make_company(self.env, "Új Szalon Kft.")
        self.manager.company_ids += other
        overview = self.env[MODEL].with_user(self.manager).browse(other.id)
        self.assertFalse(overview.with_company(other).figures["used"])

    def test_every_figure_has_its_button_for_each_period(self):
        arch = etree.fromstring(
            self.env[MODEL].with_user(self.manager).get_view(view_type="kanban")["arch"]
        )
        figures = self.figures()
        rows = arch.xpath("//table[@name='figures']//tr[@name]")
        self.assertEqual({row.get("name") for row in rows}, set(figures["month"]))
        for row in rows:
            contexts = [button.get("context") for button in row.findall("td/a")]
            expected = [
                {"salon_figure": row.get("name"), "salon_period": period}
                for period in PERIODS
            ]
            self.assertEqual(contexts, list(map(str, expected)))

    def test_every_reason_has_its_button(self):
        arch = etree.fromstring(
            self.env[MODEL].with_user(self.manager).get_view(view_type="kanban")["arch"]
        )
        field = self.env["salon.invoice.document"]._fields["skip_reason"]
        for reason, _label in field.selection:
            found = arch.xpath(f"//a[@t-if='figures.reasons.{reason}']")
            self.assertEqual(len(found), 1, reason)
            self.assertIn(repr(reason), found[0].get("context"))

    def test_more_sales_cost_no_more_statements(self):
        states = ("issued", "waiting", "attention", "skipped")
        for state in states:
            self.place(self.sell_at(f"{SOLD_ON} 09:00:00"), state)
        self.statements()  # what is cached for good
        few = self.statements()
        for state in states * 2:
            self.place(self.sell_at(f"{SOLD_ON} 09:00:00"), state)
        self.assertEqual(self.statements(), few)
        self.assertLessEqual(few, STATEMENTS)


@tagged("post_install", "-at_install")
class TestFirstDays(OverviewCase):
    """On the first days of a month, the one before is what is asked for."""

    def setUp(self):
        super().setUp()
        self.today(date(2026, 12, 1))

    def today(self, day):
        documents = type(self.env["salon.invoice.document"])
        self.patch(documents, "_today", lambda _self: day)
        moment = datetime(day.year, day.month, day.day, 9)
        self.patch(documents, "_now", lambda _self: moment)

    def file(self, **values):
        """Return last month's file in a state."""
        start = date(2026, 11, 1)
        return self.env["salon.invoice.month"].create(
            {"company_id": self.company.id, "start": start, **values}
        )

    def open_file(self, user=None):
        return self.overview(user).action_open_file()

    def test_each_figure_of_last_month_is_its_list(self):
        days = ("2026-10-31 22:59:59", "2026-10-31 23:00:00", "2026-11-30 22:59:59")
        _old, first, last = sold = [self.sell_at(day) for day in days]
        for order in sold:
            self.place(order, "issued", nav_state="accepted")
        waiting = self.sell_at("2026-11-20 09:00:00")
        self.place(waiting, "waiting")
        new = self.sell_at("2026-11-30 23:00:00")
        self.place(new, "issued", nav_state="pending")
        back = self.refund(first)
        back.date_order = "2026-11-29 12:00:00"
        figures = self.figures()
        counts = {name: one["count"] for name, one in figures["last_month"].items()}
        expected = {"sales": 3, "issued": 2, "under_way": 1, "refunds": 1}
        expected |= {"attention": 0, "missing": 0, "accepted": 2, "pending": 0}
        self.assertEqual({name: counts[name] for name in expected}, expected)
        for name, count in expected.items():
            with self.subTest(figure=name):
                self.assertEqual(len(self.opened(name, "last_month")), count)
        self.assertEqual(self.opened("issued", "last_month"), first | last)
        self.assertEqual(self.opened("sales", "month"), new)
        self.assertEqual(figures["month"]["pending"]["count"], 1)
        total = figures["last_month"]["issued"]["sum"]
        self.assertEqual(re.sub(r"\D", "", total), "17800")

    def test_what_was_issued_before_last_month_is_not_in_it(self):
        """The days of the chart begin before a short month."""
        self.today(date(2026, 3, 1))
        for day in ("2026-01-31 12:00:00", "2026-02-01 12:00:00"):
            self.place(self.sell_at(day), "issued", nav_state="accepted")
        self.assertEqual(self.figures()["last_month"]["accepted"]["count"], 1)

    def test_a_row_is_shown_for_what_only_last_month_has(self):
        self.assertFalse(self.figures()["some"]["refused"])
        order = self.sell_at("2026-11-02 10:00:00")
        self.place(order, "issued", nav_state="rejected")
        figures = self.figures()
        self.assertEqual(figures["month"]["refused"]["count"], 0)
        self.assertTrue(figures["some"]["refused"])
        self.assertEqual(figures["alerts"]["refused"]["count"], 1)

    def test_a_sale_of_last_month_without_a_document_still_warns(self):
        order = self.sell_at("2026-11-02 10:00:00")
        self.forget_document(order)
        self.assertEqual(self.figures()["alerts"]["missing"]["count"], 1)
        self.assertEqual(self.opened("missing_now"), order)

    def test_from_the_middle_of_a_month_on_it_is_alone(self):
        self.today(date(2026, 12, 15))
        self.assertIn("last_month", self.figures())
        self.today(date(2026, 12, 16))
        figures = self.figures()
        self.assertNotIn("last_month", figures)
        self.assertFalse(figures["file"])

    def test_a_card_that_was_left_open_leads_to_the_month_that_it_shows(self):
        old = self.sell_at("2026-11-20 09:00:00")
        new = self.sell_at("2026-12-10 09:00:00")
        for order in (old, new):
            self.place(order, "issued", nav_state="rejected")
        self.today(date(2026, 12, 16))
        self.assertEqual(self.opened("sales", "last_month"), old)
        self.assertEqual(self.opened("refused", "last_month"), old.salon_document_id)

    def test_the_file_of_last_month_says_how_far_it_is(self):
        def shown():
            one = self.figures()["file"]
            return one["month"], one["text"], one["level"]

        months = self.overview().env["salon.invoice.month"]
        name = months._format_month(date(2026, 11, 1))
        self.assertEqual(shown(), (name, "Not prepared yet", "info"))
        month = self.file(state="fetching")
        for values, text, level in (
            ({"state": "fetching"}, "Fetching PDFs", "info"),
            ({"state": "writing"}, "Writing", "info"),
            ({"state": "ready"}, "Not Complete", "warning"),
            ({"state": "ready", "is_complete": True}, "File Ready", "ok"),
            ({"state": "failed"}, "Failed", "bad"),
            ({"state": "removed"}, "Removed", "info"),
        ):
            month.write(values)
            self.assertEqual(shown(), (name, text, level))

    def test_the_file_opens_or_is_asked_for(self):
        action = self.open_file()
        self.assertEqual(action["res_model"], "salon.invoice.month.prepare")
        self.assertEqual(action["target"], "new")
        form = self.env[action["res_model"]].with_user(self.manager)
        form = form.with_context(**action["context"])
        self.assertEqual(form.create({}).company_id, self.company)
        self.assertEqual(form.create({}).month, "2026-11-01")
        month = self.file(state="ready")
        for user in self.manager | self.accountant:
            action = self.open_file(user)
            found = (action["res_model"], action["res_id"], action["views"])
            expected = ("salon.invoice.month", month.id, [(False, "form")])
            self.assertEqual(found, expected)

    def test_who_only_reads_sees_the_months_instead_of_the_form(self):
        reader = self._make_user("reader", "account.group_account_readonly")
        action = self.open_file(reader)
        self.assertEqual(action["res_model"], "salon.invoice.month")
        self.assertFalse(action.get("res_id"))
        month = self.file(state="ready")
        self.assertEqual(self.open_file(reader)["res_id"], month.id)

    def test_another_company_s_file_is_not_shown(self):
        other = make_company(self.env, "Másik Szalon Kft.")
        values = {"company_id": other.id, "start": date(2026, 11, 1), "state": "ready"}
        self.env["salon.invoice.month"].create(values)
        self.assertEqual(self.figures()["file"]["text"], "Not prepared yet")
        theirs = self.env[MODEL].with_user(self.manager).browse(other.id)
        with self.assertRaises(AccessError):
            theirs.action_open_file()

    def test_last_month_costs_one_statement_more(self):
        # A day that the chart still shows when last month is not any more.
        self.place(self.sell_at("2026-11-30 10:00:00"), "issued")
        self.file(state="ready")
        self.statements()  # what is cached for good
        both = self.statements()
        self.today(date(2026, 12, 16))
        self.statements()
        self.assertLessEqual(both, self.statements() + 1)
        self.assertLessEqual(both, STATEMENTS)


@tagged("post_install", "-at_install")
class TestOverviewRights(OverviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = cls._make_user("reader", "account.group_account_readonly")
        cls.admin = cls._make_user("admin", "base.group_system")

    def test_who_decides_sees_it(self):
        for user in self.manager | self.accountant | self.reader | self.admin:
            overview = self.env[MODEL].with_user(user)
            found = overview.web_search_read([], {"figures": {}, "chart": {}})
            self.assertEqual(found["length"], 1, user.login)
            self.assertIn("level", found["records"][0]["figures"])
            for operation in ("write", "create", "unlink"):
                self.assertFalse(overview.has_access(operation), user.login)

    def test_a_receptionist_begins_with_the_documents(self):
        with self.assertRaises(AccessError):
            self.env[MODEL].with_user(self.receptionist).search([]).read(["figures"])
        menus = self.env["ir.ui.menu"].with_user(self.receptionist)
        overview = self.env.ref("salon_invoice_bridge.menu_salon_invoice_overview")
        documents = self.env.ref("salon_invoice_bridge.menu_salon_invoice_documents")
        visible = menus._visible_menu_ids()
        self.assertNotIn(overview.id, visible)
        self.assertIn(documents.id, visible)
        self.assertIn(overview.id, menus.with_user(self.manager)._visible_menu_ids())

    def test_nobody_sees_another_company(self):
        other = make_company(self.env, "Másik Szalon Kft.")
        theirs = self.env[MODEL].with_user(self.manager).browse(other.id)
        for act in (
            lambda: theirs.read(["figures"]),
            theirs.action_open,
            theirs.action_open_on_account,
        ):
            with self.assertRaises(AccessError):
                act()

    def test_nobody_has_counted_what_may_not_be_read(self):
        """A form that is only asked about has no record whose rule could say no."""
        other = make_company(self.env, "Másik Szalon Kft.")
        asked = {"company_id": {}, "figures": {}}
        for user, company in (
            (self.receptionist, self.company),
            (self.manager, other),
        ):
            overview = self.env[MODEL].with_user(user)
            with self.assertRaises(AccessError):
                overview.onchange({"company_id": company.id}, [], asked)

    def test_each_company_has_its_own_figures(self):
        other = make_company(self.env, "Másik Szalon Kft.")
        self.place(self.sell_at(f"{SOLD_ON} 09:00:00"), "issued")
        self.manager.company_ids += other
        both = (
            self.env[MODEL]
            .with_user(self.manager)
            .with_context(allowed_company_ids=(self.company | other).ids)
        )
        counts = {
            one.company_id: one.figures["today"]["sales"]["count"]
            for one in both.search([("company_id", "in", (self.company | other).ids)])
        }
        self.assertEqual(counts, {self.company: 1, other: 0})

    def test_a_caller_cannot_name_what_is_listed(self):
        overview = self.env[MODEL].with_user(self.manager).browse(self.company.id)
        action = overview.with_context(
            salon_figure="_table", salon_period="ever", salon_reason="x"
        ).action_open()
        own = [("company_id", "=", self.company.id)]
        self.assertEqual(Domain(action["domain"]), Domain(own))


@tagged("post_install", "-at_install")
class TestOverviewIndexes(IndexCase):
    def overview(self):
        return self.env[MODEL].browse(self.company.id)

    def test_what_is_open_is_read_by_an_index(self):
        self.assert_uses("open", self.plans_of(self.overview()._opened))

    def test_what_nav_said_is_read_by_an_index(self):
        # Of few of many documents: none is so new.
        today = self.documents._today() + timedelta(days=100)
        reported = self.overview()._reported
        plans = self.plans_of(lambda: reported(self.account, today))
        self.assertRegex(plans, "of_account|by_time")
