from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL
from odoo.tools.sql import column_exists

from ..billing.choice import Rule
from ..billing.invoice import SELLING_STATES, AccountState
from ..billing.policy import Tip
from .res_company import KINDS, SALES

_SELLING = [state.value for state in AccountState if state in SELLING_STATES]


class TillSettings(NamedTuple):
    """What applies to the sales of one till.

    All of it is the till's own or its company's. A branch (a company with a parent) has
    nothing of its parent's here: neither account nor settings, although it sells its
    parent's products at its parent's taxes, see ``pos.order._salon_names_foreign``.
    """

    account: models.Model  # salon.invoice.account, empty where nothing is connected
    own_block: str  # the till's own document block or prefix, "" as the account
    own_receipt_block: str  # the same of receipts
    kind: str  # of what is invoiced: invoice, proforma or draft
    capable: bool  # False: this salon may not issue invoices at all
    automatic: bool  # False: only when a person asks
    which: str  # what a sale gets unasked: a value of SALES
    cash_register: bool  # the till has one, which gives the receipts
    account_at_once: bool  # what is put on customers' accounts is invoiced unasked
    cashier_may_change_buyer: bool  # of what is issued; of what is not, always

    @property
    def rule(self):
        """What a sale gets unasked, a ``billing.choice.Rule``."""
        return Rule(self.which) if self.automatic else Rule.MANUAL

    @property
    def has_receipts(self):
        """True if the service has receipts; read when it is asked for, as the block."""
        return bool(self.account) and self.account.has_receipts

    @property
    def receipt_block(self):
        """The block or prefix of receipts, "" where none has been chosen."""
        return self.own_receipt_block or self.account.receipt_block or ""

    @property
    def block(self):
        """The document block or prefix, "" where the service chooses.

        Read when it is asked for: a till that is paid does not need the account's.
        """
        return self.own_block or self.account.block or ""

    @property
    def policy(self):
        """What sales get unasked, for the till: a ``Rule``'s value, or *none*."""
        if not self.capable:
            return "none"
        return self.rule.value


class PosConfig(models.Model):
    """The till: what it does otherwise than its company.

    An empty field means "as the company", an empty block "as the account".  All of it
    goes to the till's browser, as every field of ``pos.config`` does: nothing here is a
    secret.
    """

    _name = "pos.config"
    _inherit = ["pos.config", "salon.invoice.guard"]
    # What a shop does, and at which account, is what its company does.
    _revealing = frozenset({"company_id"})

    salon_account_id = fields.Many2one(
        "salon.invoice.account",
        string="Invoicing Account of this Shop",
        check_company=True,
        domain=f"[('company_id', '=', company_id), ('state', 'in', {_SELLING})]",
        help="Leave empty to sell through the company's account.",
    )
    salon_block = fields.Char(
        string="Block of this Shop",
        help="The document block, or the number prefix at Számlázz.hu, of this shop.",
    )
    salon_block_id = fields.Many2one(
        "salon.invoice.choice",
        string="Document Block of this Shop",
        compute="_compute_salon_block_id",
        inverse="_inverse_salon_block_id",
        compute_sudo=True,
        domain="[('account_id', '=', salon_effective_account_id), "
        "('kind', '=', 'block'), ('gone', '=', False)]",
    )
    salon_receipt_block = fields.Char(
        string="Receipt Block of this Shop",
        help="The block of receipts, or their number prefix at Számlázz.hu, of this "
        "shop.",
    )
    salon_receipt_block_id = fields.Many2one(
        "salon.invoice.choice",
        string="Block of Receipts of this Shop",
        compute="_compute_salon_block_id",
        inverse="_inverse_salon_receipt_block_id",
        compute_sudo=True,
        domain="[('account_id', '=', salon_effective_account_id), "
        "('kind', '=', 'receipt_block'), ('gone', '=', False)]",
    )
    salon_cash_register = fields.Boolean(
        string="Cash Register Beside this Shop",
        help="An online cash register gives the receipts here. The service gives none, "
        "because a sale must not have two, only the invoices that are asked for or "
        "that the law wants.",
    )
    salon_effective_account_id = fields.Many2one(
        "salon.invoice.account",
        string="Invoiced At",
        compute="_compute_salon_block_id",
        compute_sudo=True,
    )
    # The till's own question: whose invoice does its button ask for?
    salon_connected = fields.Boolean(
        string="Invoiced at a Service",
        compute="_compute_salon_block_id",
        compute_sudo=True,
    )
    # What the payment screen shows: which document, which sales get it unasked, and
    # whether a receipt can be chosen.
    salon_till_kind = fields.Selection(
        KINDS, compute="_compute_salon_till_policy", compute_sudo=True
    )
    salon_till_policy = fields.Selection(
        [*SALES, ("manual", "By hand"), ("none", "None")],
        compute="_compute_salon_till_policy",
        compute_sudo=True,
    )
    salon_till_receipts = fields.Boolean(
        compute="_compute_salon_till_policy", compute_sudo=True
    )
    # Ids of the product templates by which deposits are sold: with one, the till offers
    # to take a deposit off a sale.
    salon_till_deposits = fields.Json(
        compute="_compute_salon_till_deposits", compute_sudo=True
    )
    # What a tip means for a receipt: "held", or a billing.choice.TipAnswer.
    salon_till_tip = fields.Char(
        compute="_compute_salon_till_policy", compute_sudo=True
    )
    salon_till_account_at_once = fields.Boolean(
        compute="_compute_salon_till_policy", compute_sudo=True
    )
    # Whose layout a customer gets: a billing.receipt_slip.Layout.
    salon_till_layout = fields.Char(
        compute="_compute_salon_till_policy", compute_sudo=True
    )
    salon_paper_width = fields.Selection(
        [("80", "80 mm"), ("58", "58 mm")],
        string="Width of the Paper",
        required=True,
        default="80",
        help="Of the slips here, for receipts in the service's own layout.",
    )
    # What the slip offers: whether the customer may ask for company data on the page.
    salon_till_requests = fields.Boolean(
        compute="_compute_salon_till_policy", compute_sudo=True
    )
    salon_block_listed = fields.Boolean(
        compute="_compute_salon_block_id", compute_sudo=True
    )
    # Since when the shop has had an account, one or another: what it sold before that
    # may have been invoiced elsewhere, and is a person's affair.
    salon_live_since = fields.Datetime(
        string="Invoiced Since", compute="_compute_salon_live_since", store=True
    )
    salon_mode = fields.Selection(
        [("automatic", "Automatic"), ("manual", "By hand")],
        string="Invoicing in this Shop",
        help="Leave empty to do as the company does.",
    )
    salon_which = fields.Selection(
        SALES,
        string="What Sales Get in this Shop",
    )
    salon_kind = fields.Selection(
        KINDS,
        string="Kind of Document in this Shop",
    )
    salon_guest_requests = fields.Selection(
        [("yes", "Allowed"), ("no", "Not allowed")],
        string="Requests of Company Data in this Shop",
        help="Leave empty to do as the company does.",
    )

    salon_cashiers_change_buyer = fields.Selection(
        [("yes", "Yes"), ("no", "No")],
        string="Cashiers May Change the Buyer in this Shop",
        help="Leave empty to do as the company does.",
    )

    @api.depends(
        "salon_account_id",
        "salon_block",
        "salon_receipt_block",
        "company_id.salon_account_id",
    )
    def _compute_salon_block_id(self):
        for config in self:
            account = config._salon_till_settings().account
            config.salon_effective_account_id = account
            config.salon_connected = bool(account)
            config.salon_block_id = account._choice("block", config.salon_block)
            config.salon_receipt_block_id = account._choice(
                "receipt_block", config.salon_receipt_block
            )
            config.salon_block_listed = not account or account.block_listed

    @api.depends(
        "salon_account_id.receipt_block",
        "salon_cash_register",
        "salon_guest_requests",
        "salon_kind",
        "salon_mode",
        "salon_receipt_block",
        "salon_which",
        "company_id.salon_account_id.receipt_block",
        "company_id.salon_automatic",
        "company_id.salon_customer_account",
        "company_id.salon_guest_may_request",
        "company_id.salon_invoice_capable",
        "company_id.salon_kind",
        "company_id.salon_receipt_layout",
        "company_id.salon_receipt_tip",
        "company_id.salon_tip",
        "company_id.salon_which",
    )
    def _compute_salon_till_policy(self):
        for config in self:
            settings = config._salon_till_settings()
            config.salon_till_kind = settings.kind
            config.salon_till_policy = settings.policy
            config.salon_till_receipts = bool(
                not settings.cash_register
                and settings.has_receipts
                and settings.receipt_block
            )
            config.salon_till_tip = config._salon_till_tip(settings)
            config.salon_till_account_at_once = settings.account_at_once
            layout = config.company_id._salon_receipt_layout()
            config.salon_till_layout = layout.value
            config.salon_till_requests = config._salon_guest_may_request()

    @api.depends("company_id")
    def _compute_salon_till_deposits(self):
        products = self.env["product.template"].with_context(active_test=False)
        for config in self:
            companies = (False, *config.company_id.parent_ids.ids)
            sold = [("salon_role", "=", "deposit"), ("company_id", "in", companies)]
            config.salon_till_deposits = products.search(sold).ids

    def _salon_till_tip(self, settings):
        """Return what a tip means for a receipt: a value of ``salon_till_tip``.

        :param TillSettings settings: of this till
        """
        company = self.company_id  # none in the form of a new shop
        outside = company.salon_tip == Tip.OUTSIDE
        if not (outside and settings.has_receipts):
            return "held"
        if settings.account._capabilities().receipt_tip:
            return "held"
        return company._salon_receipt_tip().value

    @api.depends("salon_account_id", "company_id.salon_account_id")
    def _compute_salon_live_since(self):
        for config in self:
            if not config._salon_till_settings().account:
                config.salon_live_since = False
            elif not config.salon_live_since:
                config.salon_live_since = fields.Datetime.now()

    def _inverse_salon_block_id(self):
        # The settings write it beside the block itself, empty where a prefix is typed.
        # Not by salon_block_listed: Odoo does not compute that while it writes this.
        for config in self:
            if config._salon_till_settings().account.block_listed:
                config.salon_block = config.salon_block_id.remote_id

    def _inverse_salon_receipt_block_id(self):
        # As the other one.
        for config in self:
            account = config._salon_till_settings().account
            if account.has_receipts and account.receipt_block_listed:
                config.salon_receipt_block = config.salon_receipt_block_id.remote_id

    def _salon_till_settings(self):
        """Return the :class:`TillSettings`: the till's own, else its company's."""
        self.ensure_one()
        config, company = self.sudo(), self.company_id.sudo()
        account = config.salon_account_id or company.salon_account_id
        mode, cashiers = config.salon_mode, config.salon_cashiers_change_buyer
        return TillSettings(
            account=account,
            own_block=config.salon_block or "",
            own_receipt_block=config.salon_receipt_block or "",
            kind=config.salon_kind or company.salon_kind,
            capable=company.salon_invoice_capable,
            automatic=mode == "automatic" if mode else company.salon_automatic,
            which=config.salon_which or company.salon_which,
            cash_register=config.salon_cash_register,
            account_at_once=company.salon_customer_account == "at_once",
            cashier_may_change_buyer=cashiers == "yes"
            if cashiers
            else company.salon_cashier_may_change_buyer,
        )

    def _salon_guest_may_request(self):
        """Return True if customers may ask for company data on this till's page."""
        config = self.sudo()
        if config.salon_guest_requests:
            return config.salon_guest_requests == "yes"
        return config.company_id.salon_guest_may_request

    def _salon_block(self, account):
        """Return the block of this till at ``account``: its own belongs to one."""
        policy = self._salon_till_settings()
        return policy.block if policy.account == account else account.block or ""

    def _salon_receipt_block(self, account):
        """Return the block of this till's receipts at ``account``."""
        policy = self._salon_till_settings()
        if policy.account == account:
            return policy.receipt_block
        return account.receipt_block or ""

    def _salon_tokens(self):
        """Return the tokens of the tills that hear of this one's sales."""
        tills = self.sudo() | self.sudo().trusted_config_ids
        for till in tills:
            till._ensure_access_token()
        return tills.mapped("access_token")

    # === UPGRADE === #

    def _auto_init(self):
        """Take over what former versions had in place of ``salon_cash_register``."""
        cr = self.env.cr
        is_former = column_exists(cr, self._table, "salon_which")
        is_new = not column_exists(cr, self._table, "salon_cash_register")
        result = super()._auto_init()
        if is_former and is_new:
            self._salon_take_former_policy()
        return result

    @api.model
    def _salon_take_former_policy(self):
        """Mark the tills whose receipts came from a cash register until now.

        "Only with a customer" and "only on request" had no other lawful meaning: the
        other sales got no document. Now they would get a receipt of the service, the
        second one.
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE pos_config till
                   SET salon_cash_register = true
                  FROM res_company company
                 WHERE company.id = till.company_id
                   AND COALESCE(till.salon_which, company.salon_which)
                       IN ('customer', 'request')
                """
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE salon_invoice_document SET skip_reason = 'cash_register'
                 WHERE skip_reason IN ('walk_in', 'on_request')
                """
            )
        )
        self.env.invalidate_all()

    # === ANOTHER ACCOUNT === #

    def write(self, vals):
        if any(name.startswith("salon_") for name in vals):
            self._salon_check_may_manage()
        if "salon_account_id" in vals:
            account = self.env["salon.invoice.account"].browse(vals["salon_account_id"])
            for config in self:
                config._salon_move(account or config.company_id.sudo().salon_account_id)
        with self.env["salon.invoice.question"]._noting(self, vals):
            return super().write(vals)

    def _salon_check_may_manage(self):
        """Odoo lets every seller write on the till, for what happens while selling.

        :raises AccessError: if the user only sells
        """
        manager = "point_of_sale.group_pos_manager"
        if not (self.env.su or self.env.user.has_group(manager)):
            raise AccessError(
                self.env._("Only managers of Point of Sale may change how it invoices.")
            )

    def _salon_move(self, account):
        """Drop what these tills chose at another account than ``account``.

        A block belongs to the account that lists it, and a prefix that was typed to the
        one that it was typed for.  Until another account takes over, all stays.
        """
        moved = self.filtered(
            lambda config: account and config._salon_till_settings().account != account
        )
        for config in moved.sudo():
            gone = []
            if not account._choice("block", config.salon_block):
                gone.append("salon_block")
            if not account._choice("receipt_block", config.salon_receipt_block):
                gone.append("salon_receipt_block")
            if not account._knows_kind(config.salon_kind):
                gone.append("salon_kind")
            gone = [name for name in gone if config[name]]
            if gone:
                config.write(dict.fromkeys(gone, False))
                account._message_log(
                    body=self.env._(
                        "%(shop)s does as its company now: what it had chosen itself "
                        "does not exist here (%(what)s).",
                        shop=config.name,
                        what=", ".join(
                            config._fields[name]._description_string(self.env)
                            for name in gone
                        ),
                    )
                )

    # === CHECKS === #

    @api.constrains("salon_account_id")
    def _check_salon_account(self):
        """A shop is given an account that works.

        What becomes of the account later is no matter of the shop's, which must stay
        writable.

        :raises AccessError: if the user may not even see the account
        """
        self.salon_account_id.check_access("read")
        for config in self:
            account = config.sudo().salon_account_id
            if account and account.state not in SELLING_STATES:
                raise ValidationError(
                    self.env._(
                        "%(shop)s cannot sell through %(account)s, which is not "
                        "connected. Choose another account, or none.",
                        shop=config.name,
                        account=account.name,
                    )
                )

    @api.constrains("salon_account_id", "salon_kind", "active")
    def _check_salon_kind(self):
        for config in self.filtered("active"):
            policy = config._salon_till_settings()
            if policy.account and not policy.account._knows_kind(policy.kind):
                raise ValidationError(
                    self.env._(
                        "%(shop)s sells through %(account)s, which does not know this "
                        "kind of document: %(kind)s. Choose another one, or another "
                        "one for this shop.",
                        shop=config.name,
                        account=policy.account.name,
                        kind=policy.account._label_of_kind(policy.kind),
                    )
                )

    @api.constrains("salon_account_id", "salon_block", "salon_receipt_block")
    def _check_salon_block(self):
        for config in self.filtered("salon_block"):
            if account := config._salon_till_settings().account:
                account._check_block(config.salon_block)
        for config in self.filtered("salon_receipt_block"):
            if account := config._salon_till_settings().account:
                account._check_receipt_block(config.salon_receipt_block)
