from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.misc import format_amount, format_date

from ..billing import daily, errors
from ..billing.daily import Category, Receipt
from ..billing.hungary import bounds_of, day_of
from ..billing.invoice import EXISTING_STATES, KEYLESS_STATES, MAIN_KINDS, Kind
from ..billing.problem import Problem

#: The most days that are shown at once: each call of the service's list costs some.
MOST_DAYS = 31
#: What is found late was issued earlier: how many days later it is looked for.
LATE_DAYS = 31
#: The fields of the amounts of each VAT rate.
_RATES = {category: f"gross_{category.value.lower()}" for category in Category}


class SalonInvoiceDaily(models.TransientModel):
    """Daily totals of receipts as NAV wants them, and what the service has of them.

    The services report receipts; nothing is reported from here. What was written by
    hand no service knows: these totals are what the salon reports by itself. What is
    counted how is decided in ``billing.daily``.
    """

    _name = "salon.invoice.daily"
    _inherit = "salon.invoice.guard"
    _description = "Daily Totals of Receipts"

    account_id = fields.Many2one(
        "salon.invoice.account",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.company.sudo().salon_account_id,
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    since = fields.Date(
        string="From",
        required=True,
        default=lambda self: self._today().replace(day=1),
    )
    until = fields.Date(required=True, default=lambda self: self._today())
    line_ids = fields.One2many("salon.invoice.daily.line", "wizard_id", readonly=True)
    can_compare = fields.Boolean(compute="_compute_can_compare", compute_sudo=True)
    differences = fields.Text(string="What Differs", readonly=True)
    is_compared = fields.Boolean(readonly=True)
    # The columns that have something, by their fields: all do not fit on a screen.
    columns = fields.Json(compute="_compute_columns")
    test_count = fields.Integer(
        string="Receipts of a Test Account",
        readonly=True,
        help="Not counted: for the tax authority they do not exist.",
    )

    @api.constrains("since", "until")
    def _check_days(self):
        for wizard in self:
            days = (wizard.until - wizard.since).days
            if not 0 <= days < MOST_DAYS:
                raise ValidationError(
                    self.env._(
                        "Choose 1 to %(most)s days, the first one first.",
                        most=MOST_DAYS,
                    )
                )

    @api.depends("account_id")
    def _compute_can_compare(self):
        for wizard in self:
            account = wizard.account_id
            wizard.can_compare = (
                bool(account)
                and account._capabilities().list_receipts
                and account.state not in KEYLESS_STATES
            )

    @api.depends("line_ids")
    def _compute_columns(self):
        names = ["handwritten", *_RATES.values()]
        for wizard in self:
            lines = wizard.line_ids
            wizard.columns = [name for name in names if any(lines.mapped(name))]

    @api.depends_context("lang")
    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = self.env._("Daily totals of receipts")

    @api.model
    def _today(self):
        return self.env["salon.invoice.document"]._today()

    # === PEOPLE'S BUTTONS === #

    @api.model
    def _action_of(self, account):
        """Open the totals of this month, of one account."""
        wizard = self.create({"account_id": account.id})
        wizard.action_show()
        return {
            "type": "ir.actions.act_window",
            "name": wizard.display_name,
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    @api.model
    def action_open(self):
        """Open the totals of this month, of the company's account.

        :raises UserError: if the company has none
        """
        account = self.env.company.sudo().salon_account_id
        if not account:
            raise UserError(self.env._("No invoicing service is connected."))
        return self._action_of(account.sudo(False))

    def action_show(self):
        """Count the receipts of these days."""
        self.ensure_one()
        self.account_id.check_access("read")
        self.env["salon.invoice.document"]._check_may_manage()
        receipts = self._receipts()
        lines = [
            values
            for total in daily.daily_totals(receipts)
            for values in self._lines_of(total)
        ]
        self.write(
            {
                "line_ids": [(5, 0, 0), *((0, 0, values) for values in lines)],
                "differences": False,
                "is_compared": False,
                "test_count": sum(receipt.sandbox for receipt in receipts),
            }
        )
        return True  # the form is read again

    def action_compare(self):
        """Ask the service for its list of these days, and show what differs.

        :raises UserError: in the user's words, if it cannot be asked
        """
        self.action_show()
        if not self.can_compare:
            raise UserError(
                self.env._("%s has no list of receipts.", self.account_id.name)
            )
        listed = self._listed()
        ours = daily.listable(self._receipts(), listed)
        self.write(
            {
                "differences": self._format_differences(daily.compare(ours, listed)),
                "is_compared": True,
            }
        )
        return True

    # === OURS === #

    def _receipts(self):
        """Return the ``billing.daily.Receipt`` s of these days, as we know them."""
        found = [self._receipt_of(document) for document in self._documents()]
        found += [self._handwritten(order) for order in self._orders_on_paper()]
        return [one for one in found if self.since <= one.day <= self.until]

    def _documents(self):
        """Return the receipts and their stornos that may be of these days."""
        first, last = bounds_of(self.since, self.until + timedelta(days=LATE_DAYS))
        return self.env["salon.invoice.document"].search(
            [
                ("account_id", "=", self.account_id.id),
                ("is_receipt", "=", True),
                ("state", "in", EXISTING_STATES),
                ("issued_at", ">=", first),
                ("issued_at", "<", last),
            ],
            order="id",
        )

    def _orders_on_paper(self):
        """Return the sales whose receipts were written by hand on these days."""
        first, last = bounds_of(self.since, self.until)
        orders = self.env["pos.order"].search(
            [
                ("company_id", "=", self.account_id.company_id.id),
                ("date_order", ">=", first),
                ("date_order", "<", last),
                ("salon_paper_number", "!=", False),
            ],
            order="id",
        )
        return orders.filtered(lambda order: order._salon_account() == self.account_id)

    def _receipt_of(self, document):
        issued, is_storno = document._issued(), document.kind == "storno"
        sold = document.origin_id if is_storno else document
        invoice = self._content(sold)
        gross = (
            daily.gross_by_code(invoice.lines, turned=is_storno)
            if invoice
            else {"": Decimal(str(document.amount_gross))}
        )
        return Receipt(
            number=document.number or "",
            series=self._series(invoice),
            day=(issued and issued.issue_date) or day_of(document.issued_at),
            gross=gross,
            currency=document.currency_id.name or "HUF",
            modifies=is_storno,
            sandbox=bool(issued and issued.sandbox),
            cancelled=None if is_storno else document.state == "cancelled",
        )

    def _handwritten(self, order):
        sold = order.salon_document_ids.filtered(lambda row: row.kind in MAIN_KINDS)
        invoice = self._content(sold[:1])
        gross = (
            daily.gross_by_code(invoice.lines)
            if invoice
            else {"": Decimal(str(order.amount_total))}
        )
        return Receipt(
            number=order.salon_paper_number,
            series="",
            day=day_of(order.date_order),
            gross=gross,
            currency=order.currency_id.name,
            handwritten=True,
        )

    def _content(self, document):
        """Return the ``billing.invoice.Invoice`` of a document, None if there is none.

        Of one that was never built it is what would have been sent.
        """
        if not document:
            return None
        if invoice := document._invoice():
            return invoice
        try:
            sold = document.sudo()
            return sold._make_invoice(sold._policy()) if sold.sale_snapshot else None
        except (Problem, ValueError, errors.ProviderError):
            return None

    def _series(self, invoice):
        """Return the prefix of the numbers, or the name of the block."""
        block = invoice.block if invoice else ""
        choice = self.account_id._choice("receipt_block", block)
        return choice.detail or choice.name or block

    def _lines_of(self, total):
        """Yield the values of the rows of one ``billing.daily.DailyTotal``."""
        common = {
            "day": total.day,
            "report_by": daily.last_day(total.day),
            "series": total.series,
            "currency_id": self.env["res.currency"]._salon_by_code(total.currency).id,
            "handwritten": total.handwritten,
            "first_number": total.first_number,
        }
        for kind, sums, count in (
            ("sale", total.sales, total.sale_count),
            ("change", total.changes, total.change_count),
        ):
            if count:
                amounts = {
                    name: float(sums.get(category, 0))
                    for category, name in _RATES.items()
                }
                gross = float(sum(sums.values(), Decimal(0)))
                yield {
                    **common,
                    **amounts,
                    "kind": kind,
                    "count": count,
                    "gross": gross,
                }

    # === THEIRS === #

    def _listed(self):
        """Return what the service lists of these days; only reads.

        :raises UserError: in the user's words, if it cannot be asked
        """
        account = self.account_id.sudo()
        account._refuse_in_copy()
        try:
            self.env["salon.invoice.bucket"].sudo()._draw(account, "people", 1)
            with account._open_provider() as provider:
                return [
                    self._receipt_there(issued)
                    for issued in provider.list_receipts(self.since, self.until)
                ]
        except errors.ProviderError as error:
            raise UserError(account._explain(error, asked=True)) from error

    def _receipt_there(self, issued):
        is_storno = issued.kind is Kind.STORNO
        return Receipt(
            number=issued.number,
            series="",
            day=issued.issue_date or self.since,
            gross={"": issued.gross},
            currency=issued.currency,
            modifies=is_storno,
            cancelled=None if is_storno else issued.cancelled,
        )

    def _format_differences(self, found):
        """Return what differs in words, "" if nothing does."""
        lines = [
            self.env._("%(receipt)s: the service does not list it.", receipt=word)
            for word in map(self._format_receipt, found.missing)
        ]
        lines += [
            self.env._(
                "%(receipt)s: the service has it, and Odoo does not.", receipt=word
            )
            for word in map(self._format_receipt, found.unexpected)
        ]
        lines += [
            self.env._(
                "%(ours)s: the service has %(theirs)s.",
                ours=self._format_receipt(ours),
                theirs=self._format_receipt(theirs),
            )
            for ours, theirs in found.different
        ]
        return "\n".join(lines)

    def _format_receipt(self, receipt):
        currency = self.env["res.currency"]._salon_by_code(receipt.currency)
        words = [
            receipt.number,
            format_date(self.env, receipt.day),
            format_amount(self.env, float(receipt.total), currency)
            if currency
            else f"{receipt.total} {receipt.currency}",
        ]
        if receipt.cancelled:
            words.append(self.env._("cancelled"))
        return ", ".join(words)
