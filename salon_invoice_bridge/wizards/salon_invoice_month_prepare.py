from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

#: How many months back a file may be asked for.
MONTHS = 24
#: In place of a kind of file: none is wanted.
NONE = "none"


class SalonInvoiceMonthPrepare(models.TransientModel):
    """Which month's file is to be prepared; last month's, if nobody says otherwise.

    What a service makes for the accounting program is chosen once, and kept at the
    account.
    """

    _name = "salon.invoice.month.prepare"
    _inherit = "salon.invoice.guard"
    _description = "Prepare a Month's File"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    month = fields.Selection(
        "_month_selection", required=True, default=lambda self: self._last_month()
    )
    has_exports = fields.Boolean(compute="_compute_has_exports", compute_sudo=True)
    export_kind = fields.Selection(
        "_export_selection",
        string="For the Accounting Program",
        compute="_compute_export",
        compute_sudo=True,
        store=True,
        readonly=False,
        help="The service's own file, which is put in beside the PDFs.",
    )
    export_option = fields.Char(
        string="Its Own Setting",
        compute="_compute_export",
        compute_sudo=True,
        store=True,
        readonly=False,
        help="Such as the number of a journal, if the accounting program wants one.",
    )
    option_kinds = fields.Json(compute="_compute_has_exports", compute_sudo=True)

    # === WHAT THERE IS TO CHOOSE FROM === #

    @api.model
    def _last_month(self):
        """Return the first day of last month, in Hungary, in ISO form."""
        today = self.env["salon.invoice.document"]._today()
        return (today + relativedelta(months=-1, day=1)).isoformat()

    @api.model
    def _month_selection(self):
        last = date.fromisoformat(self._last_month())
        months = self.env["salon.invoice.month"]
        # This one, too: what is missing in it can be mended before it is over.
        days = [last + relativedelta(months=1 - back) for back in range(MONTHS)]
        return [(day.isoformat(), months._format_month(day)) for day in days]

    @api.model
    def _export_selection(self):
        # sudo: what the own company's service can make is no secret.
        account = self.env.company.sudo().salon_account_id
        kinds = account._capabilities().export_kinds if account else ()
        return [
            (NONE, self.env._("No such file")),
            *((kind.code, kind.name) for kind in kinds),
        ]

    @api.depends("company_id")
    def _compute_has_exports(self):
        for form in self:
            kinds = form._export_kinds()
            form.has_exports = bool(kinds)
            form.option_kinds = [kind.code for kind in kinds if kind.options]

    @api.depends("company_id")
    def _compute_export(self):
        for form in self:
            account = form.company_id.salon_account_id
            codes = {kind.code for kind in form._export_kinds()}
            known = account.export_kind
            form.export_kind = known if known in codes else NONE
            form.export_option = account.export_option

    def _export_kinds(self):
        """Return the ``billing.bookkeeping.ExportKind`` s of the company's service."""
        account = self.company_id.sudo().salon_account_id
        return account._capabilities().export_kinds if account else ()

    # === PEOPLE'S BUTTONS === #

    def action_prepare(self):
        """Have the file prepared, and show how far it is.

        :raises UserError: if the user only reads
        """
        self.ensure_one()
        # Anybody may name any form: what follows is done as superuser.
        self.check_access("write")
        months = self.env["salon.invoice.month"]
        months._check_may_prepare()
        if self.has_exports:
            kind = self.export_kind if self.export_kind != NONE else False
            # sudo: whoever asks for the file says what is in it, and nothing else.
            self.company_id.sudo().salon_account_id.write(
                {"export_kind": kind, "export_option": self.export_option}
            )
        month = months._request(self.company_id, date.fromisoformat(self.month))
        return {
            **month._get_records_action(),
            "views": [(False, "form")],
            "target": "current",
        }
