import json
from collections import defaultdict
from decimal import Decimal

from lxml import etree

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date, format_datetime, formatLang
from odoo.tools.translate import LazyTranslate

from ..billing import overview as daybook
from ..billing.hungary import BUDAPEST, day_of, start_of
from ..billing.invoice import (
    EXISTING_STATES,
    LANE_STATES,
    LASTING_KINDS,
    OPEN_STATES,
    WORKING_STATES,
    AccountState,
    NavState,
)
from ..billing.money import quantize, unit
from ..billing.overview import DISCARDED, ODOO, STATUSES, Place, Sold
from ..billing.owed import Age, age
from .salon_invoice_readiness import CHECKS, LATE, TOO_LATE

# Lazy: translated when shown, in the reader's language.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

ADDON = "salon_invoice_bridge"
#: States of a sale that counts.
SOLD = ("paid", "done")
#: What an owner reads of NAV's answers: ``{figure: values of nav_state}``.
REPORTS = {
    "accepted": [NavState.ACCEPTED.value, NavState.WARNING.value],
    "pending": [NavState.PENDING.value],
    "refused": [NavState.REJECTED.value],
    "unknown": [NavState.UNKNOWN.value, False],
}
#: How old what has no invoice is -> the level.
AGES = {Age.FRESH: "info", Age.AMBER: "warning", Age.RED: "bad"}
#: Reconciliations with differences that nobody has mended.
DIFFERENT = Domain("open_count", ">", 0)
#: The titles of the lists that the figures lead to.
TITLES = {
    "sales": _lt("All sales"),
    Place.ISSUED.value: _lt("Sales with a document"),
    Place.UNDER_WAY.value: _lt("Sales whose document is on its way"),
    Place.ATTENTION.value: _lt("Sales that need attention"),
    Place.UNFINISHED.value: _lt("Drafts and proformas"),
    Place.SKIPPED.value: _lt("Sales of which no document is wanted"),
    Place.MISSING.value: _lt("Sales without a document"),
    "refunds": _lt("Refunds"),
    "accepted": _lt("Accepted by NAV"),
    "pending": _lt("On their way to NAV"),
    "refused": _lt("Refused by NAV"),
    "unknown": _lt("NAV's answer is not known"),
    "attention_now": _lt("Needs Attention"),
    "waiting_now": _lt("On their way"),
    "refused_now": _lt("Refused by NAV"),
    "missing_now": _lt("Sales without a document"),
    "different_now": _lt("Reconciliation"),
    "documents": _lt("Invoices"),
}
#: The periods, as a title says them.
PERIODS = {
    "today": _lt("today"),
    "month": _lt("this month"),
    "last_month": _lt("last month"),
}
#: Of these figures the card says the sum, too.
WITH_SUM = ("sales", "issued", "refunds")
#: The cell of a figure in the column of a period: the button of its list.
CELL = """
<td class="text-end" t-if="figures.{period}">
    <a
        type="object"
        name="action_open"
        context="{{'salon_figure': '{figure}', 'salon_period': '{period}'}}"
        t-if="figures.{period}.{figure}.count"
    >
        <span class="fw-bold" t-out="figures.{period}.{figure}.count"/>
    </a>
    <span t-else="" class="text-muted">0</span>
</td>
"""
#: What is added to a cell of :data:`WITH_SUM`.
CELL_SUM = """
<div class="small text-muted text-break" t-out="figures.{period}.{figure}.sum"/>
"""
#: The states of a month's file -> the level; *ready* is not one before it is complete.
FILE_LEVELS = {"failed": "bad", "ready": "ok"}
HEADLINES = {
    "bad": _lt("There is something to do"),
    "warning": _lt("Worth a look"),
    "info": _lt("All is in order"),
    "ok": _lt("All is in order"),
}


class SalonInvoiceOverview(models.Model):
    """The owner's day: what became of a company's sales, one record for each company.

    A record is a company that the user works in. Its figures are read when it is
    shown, by a few grouped statements, each over an index: sales and what became of
    them by ``pos_order.date_order`` and the documents' ``_by_sale``, what is open by
    ``_open``, what NAV said by ``_by_time``. Nothing is stored, and no service is
    called.

    The figures are counted as superuser, of the company of the record alone; the lists
    that they lead to are read with the rights of the user.
    """

    _name = "salon.invoice.overview"
    _description = "Overview of a Company's Invoices"
    _inherit = ["salon.invoice.guard"]
    _auto = False
    _rec_name = "company_id"
    _order = "company_id"

    company_id = fields.Many2one("res.company", readonly=True)
    figures = fields.Json(compute="_compute_figures", compute_sudo=True)
    chart = fields.Text(
        string="Sales of the last 30 days",
        compute="_compute_figures",
        compute_sudo=True,
    )

    def init(self):
        """Show each company as a row."""
        self.env.cr.execute(
            SQL(
                "CREATE OR REPLACE VIEW %s AS "
                "SELECT id, id AS company_id FROM res_company",
                SQL.identifier(self._table),
            )
        )

    @api.model
    def onchange(self, values, field_names, fields_spec):
        """Refuse to count for a record that is only asked about, without the right.

        Odoo asks for none there, and the figures are counted as superuser.
        """
        self.check_access("read")
        return super().onchange(values, field_names, fields_spec)

    # === COMPUTES === #

    @api.depends_context("lang", "tz", "uid")
    def _compute_figures(self):
        today = self.env["salon.invoice.document"]._today()
        accounts = self._accounts()
        sold = self._sold(today)
        reported, answered = self._reported(accounts, today)
        opened = self._opened()
        on_account = self._on_account()
        different = self._different()
        files = self._files(today)
        for overview in self:
            company = overview.company_id
            own = accounts.filtered(lambda one, of=company: one.company_id == of)
            alerts = {
                **overview._alerts_of_open(opened[company], today),
                "on_account": overview._alert_of_account(on_account[company], today),
                "refused": overview._alert_of_refused(reported[company]),
                "missing": overview._alert_of_missing(sold[company], today),
                "different": overview._alert_of_different(different[company]),
            }
            services = [
                self._service(one, answered.get(one))
                for one in own
                if one.state in WORKING_STATES
            ]
            overview.figures = {
                "used": bool(own),
                **overview._headline(alerts, services),
                "alerts": {name: alert for name, alert in alerts.items() if alert},
                "services": services,
                "file": self._file(files.get(company), today),
                **overview._tabulate(sold[company], reported[company], today),
            }
            overview.chart = overview._draw(sold[company], today)

    def _headline(self, alerts, services):
        """Return the worst of everything, and the sentence that says it."""
        level = daybook.worst(
            [one["level"] for one in (*alerts.values(), *services) if one]
        )
        return {"level": level, "headline": self.env._(HEADLINES[level])}

    def _tabulate(self, sold, reported, today):
        """Return the figures of both periods, and the reasons of what is not wanted."""
        columns = {
            name: {
                **self._count_sales([one for one in sold if one.day in period]),
                **self._count_reports([one for one in reported if one[0] in period]),
            }
            for name, period in daybook.periods(today).items()
        }
        documents = self.env["salon.invoice.document"]
        reasons = dict(
            documents._fields["skip_reason"]._description_selection(self.env)
        )
        month = daybook.periods(today)["month"]
        skipped = defaultdict(int)
        for one in sold:
            if one.day in month and not one.back and one.place is Place.SKIPPED:
                skipped[one.reason] += one.count
        return {
            **columns,
            # Rows that are shown only where there is something in them.
            "some": {
                name: any(column[name]["count"] for column in columns.values())
                for name in columns["month"]
            },
            "reasons": {
                reason: {"label": reasons[reason], "count": skipped[reason]}
                for reason in reasons
                if skipped[reason]
            },
        }

    def _count_sales(self, sold):
        """Return ``{figure: {"count", "sum"}}`` of the sales of a period."""
        sales = [one for one in sold if not one.back]
        figures = {"sales": sales, "refunds": [one for one in sold if one.back]}
        for place in Place:
            figures[place.value] = [one for one in sales if one.place is place]
        return {name: self._figure(rows) for name, rows in figures.items()}

    def _figure(self, sold):
        total = daybook.add_up(sold)
        return {
            "count": total.count,
            "sum": " + ".join(
                self._format_amount(amount, currency)
                for currency, amount in sorted(total.amounts.items())
                if amount
            ),
        }

    def _count_reports(self, reported):
        counts = dict.fromkeys(REPORTS, 0)
        for _day, figure, count in reported:
            counts[figure] += count
        return {name: {"count": count, "sum": ""} for name, count in counts.items()}

    def _draw(self, sold, today):
        """Return what the widget of Odoo's dashboards shows: a bar for each day."""
        currency = self.company_id.currency_id
        days = daybook.by_day(sold, daybook.chart(today), currency.name)
        values = [
            {
                "label": format_date(self.env, day, date_format="MMM d."),
                "value": float(amount),
                "type": "future" if day == today else "past",
            }
            for day, amount in days
        ]
        key = self.env._("Sales (%s)", currency.symbol or currency.name)
        return json.dumps([{"key": key, "values": values}])

    # === ALERTS === #

    def _alerts_of_open(self, opened, today):
        """Return what needs a person and what is on its way, each with its clock."""
        alerts = {}
        for name, states in (
            ("attention", STATUSES[Place.ATTENTION]),
            ("waiting", STATUSES[Place.UNDER_WAY]),
        ):
            rows = [row for row in opened if row["state"] in states]
            if not rows:
                alerts[name] = None
                continue
            since = min(row["since"] for row in rows)
            sold = [row["sold"] for row in rows if row["sold"]]
            level = "bad" if name == "attention" else self._level_of_wait(since)
            alerts[name] = {
                "count": sum(row["count"] for row in rows),
                **self._clock(day_of(min(sold)) if sold else None, today, level),
                "since": self._format_moment(since),
            }
        return alerts

    def _level_of_wait(self, since):
        waited = self.env["salon.invoice.document"]._now() - since
        return "bad" if waited > TOO_LATE else "warning" if waited > LATE else "info"

    def _alert_of_account(self, found, today):
        """Return the sales on customers' accounts that have no invoice."""
        if not found:
            return None
        count, oldest = found
        return {"count": count, **self._clock(day_of(oldest), today, "info")}

    def _clock(self, oldest, today, level):
        """Return until when the law wants an invoice of a sale of the day ``oldest``.

        :param str level: at least
        """
        if not oldest:
            return {"level": level, "law": ""}
        text = self.env._(
            "The oldest sale is of %(day)s: the law wants its invoice by %(until)s",
            day=self._format_day(oldest),
            until=self._format_day(daybook.due_by_law(oldest)),
        )
        return {"level": daybook.worst([level, AGES[age(oldest, today)]]), "law": text}

    def _alert_of_refused(self, reported):
        count = sum(number for _day, figure, number in reported if figure == "refused")
        return {"count": count, "level": "bad"} if count else None

    def _alert_of_different(self, count):
        return {"count": count, "level": "warning"} if count else None

    def _alert_of_missing(self, sold, today):
        """Return the sales of these months of which no document was asked for."""
        months = daybook.months(today)
        count = sum(
            one.count
            for one in sold
            if one.place is Place.MISSING and not one.back and one.day in months
        )
        return {"count": count, "level": "warning"} if count else None

    # === LAST MONTH'S FILE === #

    def _file(self, month, today):
        """Return how far last month's file is, while last month is shown.

        :param month: its ``salon.invoice.month``, or None
        """
        months = self.env["salon.invoice.month"]
        if "last_month" not in daybook.periods(today):
            return None
        name = months._format_month(daybook.months(today).since)
        if not month:
            text, level = self.env._("Not prepared yet"), "info"
        elif month.state == "ready" and not month.is_complete:
            text, level = self.env._("Not Complete"), "warning"
        else:
            states = dict(months._fields["state"]._description_selection(self.env))
            text, level = states[month.state], FILE_LEVELS.get(month.state, "info")
        return {"month": name, "text": text, "level": level}

    # === SERVICES === #

    def _service(self, account, issued_at):
        """Return the row of an account: how it is, and when it last answered.

        :param issued_at: when its last document of these months was issued, or None
        """
        labels = dict(account._fields["state"]._description_selection(self.env))
        answered = max(filter(None, (issued_at, account.verified_at)), default=None)
        level, text = self._health(account)
        return {
            "id": account.id,
            "name": account.name,
            "state": labels[account.state],
            "level": level,
            "text": text,
            "answered": self._format_moment(answered) if answered else "",
        }

    def _health(self, account):
        """Return the level of an account, and what is wrong with it, if anything."""
        if account.state == "paused":
            return "bad", account.pause_reason or ""
        if account._has_outage():
            return "warning", account._format_delay()
        now = self.env["salon.invoice.document"]._now()
        if account.backoff_until and account.backoff_until > now:
            text = self.env._(
                "Not called before %(moment)s: %(trouble)s",
                moment=self._format_moment(account.backoff_until),
                trouble=account.failure or "",
            )
            return "warning", text.rstrip(": ")
        # As the checks were when they were last run: they are too many for a screen
        # that is opened many times a day.
        if account.state != "retired" and account.red_checks:
            red = set(account.red_checks)
            titles = (self.env._(one.title) for one in CHECKS if one.code in red)
            return "bad", ", ".join(dict.fromkeys(titles))
        return "ok", ""

    # === WHAT IS READ === #

    def _sold(self, today):
        """Return ``{company: [Sold]}`` of this month and of the chart's days.

        A document has the time of its sale, so that PostgreSQL finds those of some days
        among all without reading each by its id.
        """
        period = daybook.recent(today)
        since, until = start_of(period.since), start_of(period.until)
        self._flush()
        self.env.cr.execute(
            SQL(
                """
                SELECT sale.company_id, sale.config_id,
                       (sale.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date,
                       COALESCE(sale.is_refund, false), document.status,
                       document.skip_reason,
                       sale.salon_document_id IS NULL AND sale.account_move IS NOT NULL,
                       count(*), sum(sale.amount_total)
                  FROM pos_order sale
                  LEFT JOIN (
                       SELECT id, status, skip_reason FROM salon_invoice_document
                        WHERE sold_at >= %(since)s AND sold_at < %(until)s
                       ) document ON document.id = sale.salon_document_id
                 WHERE sale.company_id IN %(companies)s AND sale.state IN %(sold)s
                   AND sale.date_order >= %(since)s AND sale.date_order < %(until)s
                 GROUP BY 1, 2, 3, 4, 5, 6, 7
                """,
                zone=BUDAPEST.zone,
                since=since,
                until=until,
                companies=tuple(self.company_id.ids) or (0,),
                sold=SOLD,
            )
        )
        rows = self.env.cr.fetchall()
        shops = self.env["pos.config"].browse({row[1] for row in rows if row[1]})
        currencies = {shop.id: shop.currency_id.name for shop in shops}
        sold = defaultdict(list)
        for company, shop, day, back, status, why, in_odoo, count, amount in rows:
            company = self.env["res.company"].browse(company)
            place = Place.SKIPPED if in_odoo else daybook.place(status)
            reason = ODOO if in_odoo else why or DISCARDED
            sold[company].append(
                Sold(
                    day=day,
                    back=back,
                    place=place,
                    reason=reason if place is Place.SKIPPED else "",
                    currency=currencies.get(shop) or company.currency_id.name,
                    count=count,
                    amount=Decimal(str(amount or 0)),
                )
            )
        return sold

    def _reported(self, accounts, today):
        """Return what NAV has said of the invoices of these days.

        :return: ``{company: [(day, figure, count)]}``, where a day stands for all of
            its period, and when each account has issued its last document since
        """
        period = daybook.recent(today)
        shown = (period, *daybook.periods(today).values())
        # Of two that begin on the same day, all of one is the other's.
        days = sorted({one.since for one in shown})
        self._flush()
        self.env.cr.execute(
            SQL(
                """
                SELECT account_id, nav_state, state, COALESCE(is_receipt, false),
                       width_bucket(issued_at, %(beginnings)s),
                       count(*), max(issued_at)
                  FROM salon_invoice_document
                 WHERE account_id IN %(accounts)s AND issued_at >= %(since)s
                   AND issued_at < %(until)s AND state IN %(states)s
                   AND kind IN %(kinds)s
                 GROUP BY 1, 2, 3, 4, 5
                """,
                beginnings=[start_of(day) for day in days],
                since=start_of(period.since),
                until=start_of(period.until),
                accounts=tuple(accounts.ids) or (0,),
                states=_values(EXISTING_STATES),
                kinds=_values(LASTING_KINDS),
            )
        )
        figures = {value: name for name, many in REPORTS.items() for value in many}
        reported, answered = defaultdict(list), {}
        for (
            account,
            said,
            state,
            is_receipt,
            bucket,
            count,
            last,
        ) in self.env.cr.fetchall():
            account = self.env["salon.invoice.account"].browse(account)
            answered[account] = max(last, answered.get(account, last))
            figure = figures.get(said or False)
            # What was refused and taken back is not to be mended any more.
            settled = figure == "refused" and state != "issued"
            if figure and not is_receipt and not settled:
                # Buckets are counted from 1 on.
                reported[account.company_id].append((days[bucket - 1], figure, count))
        return reported, answered

    def _flush(self):
        """Write what is counted by SQL."""
        self.env["pos.order"].flush_model(
            [
                *("company_id", "config_id", "date_order", "is_refund", "state"),
                *("account_move", "amount_total", "salon_document_id"),
            ]
        )
        self.env["pos.order.line"].flush_model(["qty", "refunded_orderline_id"])
        self.env["salon.invoice.document"].flush_model(
            [
                *("account_id", "state", "status", "kind", "skip_reason", "sold_at"),
                *("issued_at", "nav_state", "is_receipt"),
            ]
        )

    def _opened(self):
        """Return ``{company: [row]}`` of the documents that are not decided."""
        documents = self.env["salon.invoice.document"]
        rows = documents._read_group(
            self._domain_of_open(OPEN_STATES),
            ["company_id", "state", "is_receipt", "kind"],
            ["__count", "create_date:min", "sold_at:min"],
        )
        opened = defaultdict(list)
        for company, state, is_receipt, kind, count, since, sold_at in rows:
            # The clock of the law runs for invoices of sales.
            counts = not is_receipt and kind == "invoice"
            opened[company].append(
                {
                    "state": state,
                    "count": count,
                    "since": since,
                    "sold": sold_at if counts else None,
                }
            )
        return opened

    def _different(self):
        """Return ``{company: days and months whose differences are open}``."""
        counts = defaultdict(int)
        counts.update(
            self.env["salon.invoice.reconciliation"]._read_group(
                Domain("company_id", "in", self.company_id.ids) & DIFFERENT,
                ["company_id"],
                ["__count"],
            )
        )
        return counts

    def _files(self, today):
        """Return ``{company: salon.invoice.month}`` of last month while it is shown."""
        months = self.env["salon.invoice.month"]
        period = daybook.periods(today).get("last_month")
        if period:
            domain = [
                ("company_id", "in", self.company_id.ids),
                ("start", "=", period.since),
            ]
            months = months.search_fetch(domain, ["company_id", "state", "is_complete"])
        return {month.company_id: month for month in months}

    def _on_account(self):
        """Return ``{company: (count, oldest)}`` of what is on customers' accounts.

        As readiness counts: without an invoice of any kind, and not all taken back.
        """
        self._flush()
        self.env.cr.execute(
            SQL(
                """
                SELECT document.company_id, count(*), min(sale.date_order)
                  FROM salon_invoice_document document
                  JOIN pos_order sale ON sale.id = document.order_id
                 WHERE document.skip_reason = 'customer_account'
                   AND document.state = 'skipped'
                   AND document.company_id IN %s
                   AND sale.account_move IS NULL
                   AND EXISTS (
                       SELECT FROM pos_order_line line
                        WHERE line.order_id = sale.id AND line.qty + COALESCE((
                              SELECT sum(back.qty)
                                FROM pos_order_line back
                                JOIN pos_order refund ON refund.id = back.order_id
                               WHERE back.refunded_orderline_id = line.id
                                 AND refund.company_id = sale.company_id
                                 AND refund.state IN %s), 0) > 0)
                 GROUP BY document.company_id
                """,
                tuple(self.company_id.ids) or (0,),
                SOLD,
            )
        )
        found = defaultdict(tuple)
        for company, count, oldest in self.env.cr.fetchall():
            found[self.env["res.company"].browse(company)] = (count, oldest)
        return found

    def _accounts(self):
        """Return the accounts that sell, and former ones that were in use."""
        domain = [
            ("company_id", "in", self.company_id.ids),
            ("state", "!=", AccountState.DRAFT.value),
        ]
        return self.env["salon.invoice.account"].search_fetch(domain, order="id")

    # === DOMAINS === #

    def _domain_of_sales(self, since, until):
        """Return the domain of the sales of some days, each a Date of Hungary."""
        return Domain(
            [
                ("company_id", "in", self.company_id.ids),
                ("state", "in", SOLD),
                ("date_order", ">=", start_of(since)),
                ("date_order", "<", start_of(until)),
            ]
        )

    def _domain_of_reports(self, accounts, since, until):
        """Return the domain of what was issued on some days and lasts."""
        return Domain(
            [
                ("account_id", "in", accounts.ids),
                ("issued_at", ">=", start_of(since)),
                ("issued_at", "<", start_of(until)),
                ("state", "in", _values(EXISTING_STATES)),
                ("kind", "in", _values(LASTING_KINDS)),
            ]
        )

    def _domain_of_open(self, states):
        return Domain(
            [
                ("company_id", "in", self.company_id.ids),
                ("state", "in", _values(states)),
            ]
        )

    def _domain_of_place(self, figure, reason):
        """Return what tells the sales of a figure from others."""
        if figure == "refunds":
            return Domain("is_refund", "=", True)
        domain = Domain("is_refund", "=", False)
        without = Domain("salon_document_id", "=", False)
        if figure == Place.MISSING:
            return domain & without & Domain("account_move", "=", False)
        if figure == Place.SKIPPED:
            return domain & self._domain_of_reason(reason)
        if figure in STATUSES:
            return domain & Domain("salon_document_id.status", "in", STATUSES[figure])
        return domain

    def _domain_of_reason(self, reason):
        skipped = Domain("salon_document_id.status", "in", STATUSES[Place.SKIPPED])
        in_odoo = Domain("salon_document_id", "=", False)
        in_odoo &= Domain("account_move", "!=", False)
        if not reason:
            return skipped | in_odoo
        why = Domain("salon_document_id.skip_reason", "=", reason)
        if reason == DISCARDED:
            why |= Domain("salon_document_id.skip_reason", "=", False)
        return skipped & why | (in_odoo if reason == ODOO else Domain.FALSE)

    # === BUTTONS === #

    def action_open(self):
        """Open the list that a figure leads to, as the context says.

        ``salon_figure`` is a key of ``TITLES``, ``salon_period`` one of ``PERIODS``,
        ``salon_reason`` a reason; without a figure, all documents of the company.
        """
        self.ensure_one()
        self.check_access("read")
        context = self.env.context
        figure = context.get("salon_figure")
        figure = figure if figure in TITLES else "documents"
        period = context.get("salon_period")
        today = self.env["salon.invoice.document"]._today()
        # A card that has been open since the 15th shows last month, too.
        days = {"last_month": daybook.last_month(today), **daybook.periods(today)}
        if figure in REPORTS and period in days:
            action = self._action_reports(REPORTS[figure], days[period])
        elif figure == "refused_now":
            action = self._action_refused()
        elif figure == "different_now":
            own = Domain("company_id", "=", self.company_id.id)
            action = self._action_list(
                "", "salon.invoice.reconciliation", own & DIFFERENT
            )
        elif figure in ("attention_now", "waiting_now", "documents"):
            action = self._action_documents(figure)
        elif figure == "missing_now":
            months = daybook.months(today)
            action = self._action_sales(Place.MISSING, months, None)
        else:
            chosen = days.get(period) or days["month"]
            action = self._action_sales(figure, chosen, context.get("salon_reason"))
        return {**action, "name": self._title(figure, period)}

    def action_open_on_account(self):
        """Open the sales on customers' accounts that have no invoice."""
        self.ensure_one()
        self.check_access("read")
        readiness = self.env["salon.invoice.readiness"]
        sales = self.env["pos.order"]
        for account in self.sudo()._accounts():
            sales |= readiness._sales_on_account(account.sudo(False))
        return self._action_list(
            self.env._("On customers' accounts"), "pos.order", [("id", "in", sales.ids)]
        )

    def action_open_file(self):
        """Open last month's file, or the form that has it prepared.

        Who only reads sees the months, where it is not there yet.
        """
        self.ensure_one()
        self.check_access("read")
        today = self.env["salon.invoice.document"]._today()
        start = daybook.last_month(today).since
        own = [("company_id", "=", self.company_id.id), ("start", "=", start)]
        month = self.env["salon.invoice.month"].search(own)
        if month:
            return {**month._get_records_action(), "views": [(False, "form")]}
        if self.env["salon.invoice.month.prepare"].has_access("create"):
            action = self._action("salon_invoice_month_prepare_action")
            # The form is about the company that is worked in: that of the card.
            return {**action, "context": {"allowed_company_ids": self.company_id.ids}}
        return self._action("salon_invoice_month_action")

    def _action(self, name):
        return self.env["ir.actions.act_window"]._for_xml_id(f"{ADDON}.{name}")

    def _title(self, figure, period):
        title = self.env._(TITLES[figure])
        if period not in PERIODS:
            return title
        return self.env._(
            "%(what)s: %(when)s", what=title, when=self.env._(PERIODS[period])
        )

    def _action_sales(self, figure, period, reason):
        domain = self._domain_of_sales(period.since, period.until)
        domain &= self._domain_of_place(figure, reason)
        return self._action_list("", "pos.order", domain)

    def _action_reports(self, states, period):
        accounts = self.sudo()._accounts()
        domain = self._domain_of_reports(accounts, period.since, period.until)
        domain &= Domain("nav_state", "in", states) & Domain("is_receipt", "=", False)
        return self._action_list("", "salon.invoice.document", domain)

    def _action_refused(self):
        period = daybook.recent(self.env["salon.invoice.document"]._today())
        action = self._action_reports(REPORTS["refused"], period)
        return {**action, "domain": [*action["domain"], ("state", "=", "issued")]}

    def _action_documents(self, figure):
        states = {
            "attention_now": OPEN_STATES - LANE_STATES,
            "waiting_now": LANE_STATES,
        }
        if figure not in states:
            company = [("company_id", "=", self.company_id.id)]
            return self._action_list("", "salon.invoice.document", company)
        domain = self._domain_of_open(states[figure])
        action = self._action_list("", "salon.invoice.document", domain)
        # What is wrong, beside each sale.
        own = self.env.ref(f"{ADDON}.salon_invoice_document_view_list_attention")
        return {**action, "views": [(own.id, "list"), *action["views"][1:]]}

    def _action_list(self, name, model, domain):
        views = ("list", "kanban", "form")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": ",".join(views),
            "views": [(False, view) for view in views],
            # Actions that are records say so by themselves: cards, on a phone.
            "mobile_view_mode": "kanban",
            "domain": list(Domain(domain)),
            "context": {"create": False},
        }

    # === THE VIEW === #

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Give each figure, and each reason of a sale without a document, its button.

        The rows of the table ``figures`` get a cell for each period, and the element
        ``reasons`` of the card is filled: of reasons that are not there, nothing is
        shown.
        """
        arch, view = super()._get_view(view_id, view_type, **options)
        documents = self.env["salon.invoice.document"]
        for row in arch.xpath("//table[@name='figures']//tr[@name]"):
            row.extend(_figure_cell(row.get("name"), period) for period in PERIODS)
        for node in arch.xpath("//*[@name='reasons']"):
            for reason, _label in documents._fields["skip_reason"].selection:
                node.append(_reason_button(reason))
        return arch, view

    # === RULES === #

    def _format_amount(self, amount, currency):
        """Return an amount in the smallest unit that documents have in a currency."""
        known = self.env["res.currency"]._salon_by_code(currency)
        whole = unit(currency) == 1
        return formatLang(
            self.env,
            float(quantize(amount, currency)),
            currency_obj=known,
            rounding_unit="units" if whole else "decimals",
        )

    def _format_day(self, day):
        """Return a Date as the reader writes it, without the dot that may end it."""
        return format_date(self.env, day).rstrip(".")

    def _format_moment(self, moment):
        return format_datetime(
            self.env, moment, tz=BUDAPEST.zone, dt_format="short"
        ).rstrip(".")


def _values(members):
    """Return the values of some members of an enumeration, in an order."""
    return tuple(sorted(member.value for member in members))


def _figure_cell(figure, period):
    """Return the cell of a figure in the column of a period."""
    names = {"figure": figure, "period": period}
    cell = etree.fromstring(CELL.format(**names))
    if figure in WITH_SUM:
        cell.find("a").append(etree.fromstring(CELL_SUM.format(**names)))
    return cell


def _reason_button(reason):
    """Return the button of the sales that were skipped for a reason."""
    figure = f"figures.reasons.{reason}"
    button = etree.Element(
        "a",
        {
            "type": "object",
            "name": "action_open",
            "class": "btn btn-sm btn-link p-0 me-3",
            "t-if": figure,
            "context": str(
                {
                    "salon_figure": Place.SKIPPED.value,
                    "salon_period": "month",
                    "salon_reason": reason,
                }
            ),
        },
    )
    etree.SubElement(button, "t", {"t-out": f"{figure}.label"}).tail = ": "
    etree.SubElement(button, "t", {"t-out": f"{figure}.count"})
    return button
