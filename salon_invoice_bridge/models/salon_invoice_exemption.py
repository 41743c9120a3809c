import logging

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import format_date

from ..billing import vat
from ..billing.codec import to_json
from ..billing.exemption import AAM, VatChange, last_change, next_change
from ..billing.hungary import day_of, start_of

_logger = logging.getLogger(__name__)

#: What only the buttons write.
PROTECTED = {"done_at", "done_by_id", "state"}
#: What is shown, and stays once it was decided.
SHOWN = {"company_id", "day", "direction", "line_ids", "tax_id"}
#: What the products that are shown depend on.
SHOWING = {"company_id", "direction", "tax_id"}
#: Direction -> the default VAT of the company from then on.
AFTER = {"exempt": AAM, "charged": "27"}


class SalonInvoiceExemption(models.Model):
    """A change of the company's VAT status (AAM), and of its products' taxes, on a day.

    * It is shown first: what each product is sold with now and afterwards, and what it
      costs then. Nothing changes until it is applied, at once or on its day.
    * It can be undone: each product gets back what it had, unless somebody has changed
      it since.
    * Documents do not wait for it: they go by the status of the day of their sale,
      which the company keeps in ``salon_vat_changes``, see ``billing.exemption``.
    * The products are changed with the rights of who applies it. What waits for its day
      was checked against them when it was planned; the job then acts as superuser.

    Start reading at :meth:`action_apply`.
    """

    _name = "salon.invoice.exemption"
    _description = "Change of the VAT Status"
    _inherit = ["salon.invoice.guard", "mail.thread"]
    _order = "day desc, id desc"
    _rec_name = "day"

    # === FIELDS === #

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    direction = fields.Selection(
        [
            ("exempt", "Exempt from VAT (AAM)"),
            ("charged", "VAT is charged"),
        ],
        string="VAT Status",
        required=True,
        default="exempt",
        tracking=True,
    )
    day = fields.Date(
        string="From",
        required=True,
        default=lambda self: self._today(),
        tracking=True,
        help="Sales of this day are the first ones. If the limit of the exemption is "
        "crossed in the year, your accountant says which day that is.",
    )
    tax_id = fields.Many2one(
        "account.tax",
        string="Tax of the Products",
        compute="_compute_tax_id",
        store=True,
        readonly=False,
        domain="[('type_tax_use', '=', 'sale'), ('company_id', 'parent_of', "
        "company_id)]",
        help="Where none is chosen, an exempt tax is made.",
    )
    state = fields.Selection(
        [
            ("draft", "Shown"),
            ("planned", "Planned"),
            ("done", "Done"),
            ("undone", "Undone"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    line_ids = fields.One2many(
        "salon.invoice.exemption.line", "exemption_id", string="Products", copy=False
    )
    exempt_as = fields.Selection(
        [("27", "An invoice with 27%, taken out of the price")],
        string="What Is Still Sold as Exempt",
        tracking=True,
        help="A till that was not reloaded may go on selling at the exempt tax. Until "
        "it is said here what its sales are invoiced as, they wait for a person.",
    )
    done_at = fields.Datetime(readonly=True, copy=False)
    done_by_id = fields.Many2one(
        "res.users", string="Decided By", readonly=True, copy=False
    )

    # === CONSTRAINTS === #

    @api.constrains("company_id", "tax_id", "line_ids")
    def _check_companies(self):
        """Keep a change to what its company sells, and to the taxes that it may use.

        :raises ValidationError: without a word of the other company
        """
        for change in self.sudo():
            lines, shared = change.line_ids, change.company_id.parent_ids
            taxes = change.tax_id | lines.before_ids | lines.after_ids
            products = lines.product_id
            if (products.company_id | taxes.company_id) - shared:
                raise ValidationError(
                    self.env._("This names something of another company.")
                )

    # === COMPUTES === #

    @api.depends("direction", "company_id")
    def _compute_tax_id(self):
        for change in self:
            if change.direction == "exempt":
                change.tax_id = change._find_exempt_tax()
            else:
                change.tax_id = change.company_id.account_sale_tax_id

    # === CREATION === #

    @api.model_create_multi
    def create(self, vals_list):
        # Said, so that no default of a caller says it.
        fresh = {**dict.fromkeys(PROTECTED, False), "state": "draft"}
        changes = super().create([{**vals, **fresh} for vals in vals_list])
        for change in changes:
            if not change.line_ids:
                change._show()
        return changes

    def write(self, vals):
        vals = self._unprotected(vals)
        if not SHOWN.isdisjoint(vals):
            self._check_undecided()
        result = super().write(vals)
        if not SHOWING.isdisjoint(vals) and "line_ids" not in vals:
            for change in self:
                change._show()
        if "exempt_as" in vals:
            for change in self.filtered(lambda one: one.state in ("planned", "done")):
                change._keep_status()
                change.company_id._salon_retry_undecided("not_exempt")
        return result

    def _unprotected(self, vals):
        """Return ``vals`` without what only the buttons write."""
        return {name: vals[name] for name in vals if name not in PROTECTED}

    def _decide(self, **values):
        """Write what :meth:`write` drops: who has decided what."""
        return super().write(values)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        """Keep what was decided: it says who did it, and when.

        :raises UserError: more than what was only shown is to be deleted
        """
        if set(self.mapped("state")) - {"draft"}:
            raise UserError(
                self.env._("What was decided is kept. It can be undone instead.")
            )

    # === WHAT IS SHOWN === #

    def _show(self):
        """Write the products that would change, with their taxes before and after."""
        self.ensure_one()
        former = self._former_taxes() if self.direction == "charged" else {}
        self.line_ids.unlink()
        self.line_ids = [
            Command.create(
                {
                    "product_id": product.id,
                    "before_ids": [Command.set(self._own_taxes(product).ids)],
                    "after_ids": [
                        Command.set((former.get(product) or self.tax_id).ids)
                    ],
                }
            )
            for product in self._products()
        ]

    def _products(self):
        """Return the till's products that are sold at the other status's taxes."""
        products = self.env["product.template"].search(
            [
                ("available_in_pos", "=", True),
                ("company_id", "in", (False, *self.company_id.parent_ids.ids)),
            ]
        )
        return products.filtered(lambda product: self._contradicts(product))

    def _contradicts(self, product):
        """Return True if the taxes of a product are those of the other status.

        Without a tax it has the company's default; what is exempt for another reason
        stays so.
        """
        taxes = self._own_taxes(product)
        codes = [tax._salon_vat() for tax in taxes]
        if self.direction == "charged":
            return AAM in codes
        return taxes != self.tax_id and any(code not in vat.EXEMPT for code in codes)

    def _own_taxes(self, product):
        """Return the taxes of a product that the company sells it with."""
        shared = self.company_id.parent_ids
        return product.taxes_id.filtered(lambda tax: tax.company_id in shared)

    def _former_taxes(self):
        """Return ``{product: taxes}`` as they were before the last exemption."""
        last = self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("direction", "=", "exempt"),
                ("state", "=", "done"),
            ],
            limit=1,
        )
        return {line.product_id: line.before_ids for line in last.line_ids}

    def _find_exempt_tax(self):
        """Return the company's tax that says AAM, or looks like it, or none."""
        taxes = self.env["account.tax"].search(
            [
                ("type_tax_use", "=", "sale"),
                ("amount", "=", 0),
                ("amount_type", "=", "percent"),
                ("company_id", "in", self.company_id.parent_ids.ids),
            ]
        )
        coded = taxes.filtered(lambda tax: tax._salon_vat() == AAM)
        named = taxes.filtered(
            lambda tax: not tax._salon_vat() and AAM in (tax.name or "")
        )
        return (coded or named)[:1]

    # === PEOPLE'S BUTTONS === #

    def action_show(self):
        """Show again what would change, as the products are now."""
        self._check_state("draft")
        self._show()

    def action_apply(self):
        """Change the status and the products, or plan that for the day.

        :raises UserError: it was decided already
        :raises AccessError: the user may not change what is to be changed
        """
        for change in self:
            change._check_state("draft")
            change._check_rights()
            change._ensure_tax()
            change._decide(done_by_id=self.env.user.id, state="planned")
            change._keep_status()
            if change.day <= self._today():
                change._apply()
            else:
                change._wake()

    def action_undo(self):
        """Give back what was changed; what was planned does not happen.

        :raises UserError: it was not decided, or another change came after it
        """
        for change in self:
            change._check_state("planned", "done")
            change._check_is_last()
            change._check_rights()
            done = change.state == "done"
            kept = change._give_back() if done else None
            change._decide(state="undone")
            change._forget_status(done)
            if kept:
                change.message_post(
                    body=self.env._(
                        "Left as they are, because somebody has changed them since: "
                        "%(products)s.",
                        products=", ".join(kept.mapped("display_name")),
                    )
                )

    # === RULES === #

    @api.model
    def _today(self):
        """Return today's date in Hungary."""
        return day_of(fields.Datetime.now())

    def _check_undecided(self):
        """Keep what was decided as it was shown.

        :raises UserError: in the user's words
        """
        if set(self.mapped("state")) - {"draft"}:
            raise UserError(
                self.env._("This has been decided. Undo it, and make another one.")
            )

    def _check_state(self, *states):
        if self.state not in states:
            raise UserError(self.env._("This is not what the change is waiting for."))

    def _check_is_last(self):
        later = self.search_count(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "in", ("planned", "done")),
                "|",
                ("day", ">", self.day),
                "&",
                ("day", "=", self.day),
                ("id", ">", self.id),
            ],
            limit=1,
        )
        if later:
            raise UserError(self.env._("Undo the later change first."))

    def _check_rights(self):
        """Check that the user may change the company and all of the products."""
        self.company_id.check_access("write")
        self.company_id._salon_check_own()
        self.line_ids.product_id.check_access("write")

    def _ensure_tax(self):
        """Have a tax for the exempt products that says AAM."""
        if self.direction != "exempt":
            return
        if not self.tax_id:
            country = self.company_id.account_fiscal_country_id
            tax = self.env["account.tax"].create(
                {
                    "name": "0% AAM",
                    "amount": 0,
                    "amount_type": "percent",
                    "type_tax_use": "sale",
                    "company_id": self.company_id.id,
                    "country_id": country.id,
                }
            )
            self.line_ids.filtered(lambda line: not line.after_ids).after_ids = tax
            self._decide(tax_id=tax.id)
        if self.tax_id._salon_vat() != AAM:
            self.tax_id.salon_vat_code = AAM

    # === WHAT IS DONE === #

    def _apply(self):
        """Change products and company."""
        for line in self.line_ids:
            line._set_taxes(line.after_ids)
        self._decide(state="done", done_at=fields.Datetime.now())
        self.company_id._salon_take_status(AFTER[self.direction])

    def _give_back(self):
        """Give the products back what they had; return those that have changed."""
        changed = self.env["product.template"]
        for line in self.line_ids:
            if self._own_taxes(line.product_id) == line.after_ids:
                line._set_taxes(line.before_ids)
            else:
                changed |= line.product_id
        return changed

    def _keep_status(self):
        """Note on the company that its status changes on this day."""
        company, kept = self.company_id, self._kept_change()
        after = AFTER[self.direction]
        before = kept.get("before") or self._status_until_then()
        if before == after:
            return  # only the products change
        change = VatChange(
            day=self.day,
            before=before,
            after=after,
            answer=kept.get("answer") if kept else company.salon_vat_answer or None,
            exempt_as=self.exempt_as or "",
        )
        entry = {**to_json(change), "id": self.id}
        company._salon_keep_changes([*self._other_changes(), entry])

    def _status_until_then(self):
        """Return the company's default VAT on the day before, as far as is known."""
        changes = self.company_id._salon_changes_of_status()
        if change := last_change(changes, self.day):
            return change.after
        change = next_change(changes, self.day)
        return change.before if change else self.company_id.salon_default_vat

    def _forget_status(self, done):
        """Have the company be what it was before this change.

        :param bool done: False for what was only planned
        """
        company, kept = self.company_id, self._kept_change()
        if not kept:
            return  # it was that before, or somebody has said since what it is
        company._salon_keep_changes(self._other_changes())
        if done and company.salon_default_vat == kept["after"]:
            company._salon_take_status(kept["before"], kept.get("answer"))

    def _kept_change(self):
        """Return this change as the company keeps it, or {}."""
        changes = self.company_id.salon_vat_changes or ()
        return next((kept for kept in changes if kept["id"] == self.id), {})

    def _other_changes(self):
        changes = self.company_id.salon_vat_changes or ()
        return [change for change in changes if change["id"] != self.id]

    @api.model
    def _drop_planned(self, companies):
        """Drop what was planned: somebody has set these companies' status by hand."""
        self.sudo().search(
            [("company_id", "in", companies.ids), ("state", "=", "planned")]
        )._decide(state="undone")

    # === ON ITS DAY === #

    def _wake(self):
        """Have the job run when the day begins in Hungary."""
        job = self.env.ref("salon_invoice_bridge.cron_exemption").sudo()
        job._trigger(start_of(self.day))

    @api.model
    def _cron_apply(self):
        """Apply what was planned for today, or for a day on which no server ran."""
        due = self.search(
            [("state", "=", "planned"), ("day", "<=", self._today())], order="day, id"
        )
        for change in due:
            try:
                with self.env.cr.savepoint():
                    change._apply()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as error:
                change._tell_failure(error)
            self.env["ir.cron"]._commit_progress(1)

    def _tell_failure(self, error):
        """Show people why the products could not be changed."""
        _logger.error("%s could not be applied", self, exc_info=error)
        account = self.company_id.salon_account_id
        if account:
            account._alert(
                self.env._("The taxes of products could not be changed"),
                self.env._(
                    "The status changed on %(day)s, and documents say so, but the "
                    "products have their former taxes: %(why)s",
                    day=format_date(self.env, self.day),
                    why=str(error),
                ),
            )
