from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..billing import errors
from ..billing.codec import from_json, to_json
from ..billing.invoice import (
    FORMER_STATES,
    SELLING_STATES,
    AccountInfo,
    Kind,
    PaymentKind,
)
from ..models.res_company import KINDS, SALES
from ..providers import base, registry
from .salon_invoice_preview import Setup

#: What a verification is of: whoever writes one of these has to verify again.
VERIFIED = frozenset(
    {"company_id", "account_id", "provider", "api_key", "public_key", "base_url"}
)
#: The company's settings that are chosen on the way, by the names of its fields.
POLICY = (
    "salon_automatic",
    "salon_which",
    "salon_kind",
    "salon_electronic",
    "salon_currency_id",
    "salon_language",
    "salon_due_days",
    "salon_default_vat",
    "salon_default_payment_kind",
    "salon_invoice_capable",
    "salon_accepts_business",
    "salon_walk_in_postcode",
    "salon_walk_in_city",
    "salon_walk_in_street",
)


class SalonInvoiceConnect(models.TransientModel):
    """From a key to a connected account, in two steps: key, settings.

    * Only the wizard's own row is written before the service has accepted the key,
      which is verified once more on saving.
    * The key never goes back to the browser; it is stored beside the wizard until it is
      saved (moved to the account) or refused (deleted).
    * A client cannot write the verified data or the step: see :data:`VERIFIED`.
    """

    _name = "salon.invoice.connect"
    _inherit = "salon.invoice.guard"
    _description = "Connect an Invoicing Service"

    # === FIELDS: KEY === #

    step = fields.Selection(
        [("key", "API Key"), ("settings", "Settings")],
        compute="_compute_step",
        compute_sudo=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    account_id = fields.Many2one(
        "salon.invoice.account",
        string="Known Account",
        help="The account that this key opens, if the company knows it already.",
        ondelete="cascade",
    )
    provider = fields.Selection(
        selection=lambda self: self.env["salon.invoice.account"]
        ._fields["provider"]
        ._description_selection(self.env),
        string="Invoicing Service",
        required=True,
        default="billingo",
    )
    api_key = fields.Char(
        string="API Key", compute="_compute_keys", inverse="_inverse_keys"
    )
    public_key = fields.Char(compute="_compute_keys", inverse="_inverse_keys")
    credential_id = fields.Many2one(
        "salon.invoice.credential", groups=fields.NO_ACCESS, ondelete="set null"
    )
    has_key = fields.Boolean(compute="_compute_has_key", compute_sudo=True)
    has_stored_key = fields.Boolean(compute="_compute_has_key", compute_sudo=True)
    base_url = fields.Char(
        string="Service Address",
        compute="_compute_base_url",
        store=True,
        readonly=False,
        help="Empty for the live service. Another address is for tests against a "
        "local emulator; the parameter salon_invoice_bridge.url.<service> proposes it.",
    )
    problem = fields.Char(readonly=True)
    # What one service has refused says nothing about another one.
    problem_provider = fields.Char(readonly=True)
    remedy = fields.Char(readonly=True)
    said = fields.Char(string="The Service's Own Words", readonly=True)
    is_connected = fields.Boolean(compute="_compute_is_connected", compute_sudo=True)

    # === FIELDS: WHAT THE SERVICE SAYS === #

    verified_info = fields.Json(groups=fields.NO_ACCESS)
    info = fields.Json(compute="_compute_step", compute_sudo=True)
    choice_ids = fields.One2many("salon.invoice.connect.choice", "wizard_id")
    owner_tax_number = fields.Char(string="Account of", compute="_compute_info")
    nav_connected = fields.Selection(
        [("yes", "Connected"), ("no", "Not connected"), ("unknown", "Not known")],
        string="NAV Online Invoice",
        compute="_compute_info",
    )
    verified_text = fields.Char(compute="_compute_info")
    is_test = fields.Boolean(compute="_compute_info")

    # === FIELDS: WHAT IS CHOSEN OF IT === #

    block_required = fields.Boolean(compute="_compute_capabilities")
    block_listed = fields.Boolean(compute="_compute_capabilities")
    bank_account_listed = fields.Boolean(compute="_compute_capabilities")
    available_kinds = fields.Char(compute="_compute_capabilities")
    block_choice_id = fields.Many2one(
        "salon.invoice.connect.choice",
        string="Document Block",
        domain="[('wizard_id', '=', id), ('kind', '=', 'block')]",
    )
    block_prefix = fields.Char(string="Number Prefix")
    has_receipts = fields.Boolean(compute="_compute_receipts")
    receipt_block_listed = fields.Boolean(compute="_compute_capabilities")
    receipts_text = fields.Char(compute="_compute_receipts")
    receipt_block_choice_id = fields.Many2one(
        "salon.invoice.connect.choice",
        string="Block of Receipts",
        domain="[('wizard_id', '=', id), ('kind', '=', 'receipt_block')]",
    )
    receipt_prefix = fields.Char(string="Prefix of Receipts")
    bank_choice_id = fields.Many2one(
        "salon.invoice.connect.choice",
        string="Bank Account",
        domain="[('wizard_id', '=', id), ('kind', '=', 'bank_account'), "
        "('currency', 'in', (False, '', currency_name))]",
    )
    bank_name = fields.Char()
    bank_number = fields.Char(string="Bank Account Number")
    order_number_guard = fields.Boolean()
    config_ids = fields.Many2many(
        "pos.config",
        string="Only These Shops",
        domain="[('company_id', '=', company_id)]",
        help="Leave empty to sell through this account in every shop.",
    )
    shop_count = fields.Integer(compute="_compute_shop_count")

    # === FIELDS: OTHER ACCOUNTS === #

    former_id = fields.Many2one(
        "salon.invoice.account",
        string="Former Account",
        compute="_compute_former_id",
        help="The account that new sales go to until now.",
    )
    former_text = fields.Char(compute="_compute_former_id")
    may_only_correct = fields.Boolean(compute="_compute_may_only_correct")
    corrections_only = fields.Boolean(
        string="Only for cancelling and correcting what it has issued"
    )
    only_corrects = fields.Boolean(compute="_compute_only_corrects")
    corrections_text = fields.Char(compute="_compute_may_only_correct")
    is_other_owner = fields.Boolean(compute="_compute_is_other_owner")
    confirm_owner = fields.Boolean(string="This is the right account all the same")

    # === FIELDS: POLICY === #

    salon_automatic = fields.Boolean(string="Invoice Automatically")
    salon_which = fields.Selection(SALES, string="What Sales Get", required=True)
    salon_kind = fields.Selection(KINDS, string="Kind of Document", required=True)
    salon_electronic = fields.Boolean(string="Electronic Invoice")
    salon_currency_id = fields.Many2one(
        "res.currency", string="Currency", required=True
    )
    currency_name = fields.Char(related="salon_currency_id.name")
    salon_language = fields.Selection(
        selection=lambda self: self._company_selection("salon_language"),
        string="Language",
        required=True,
    )
    salon_due_days = fields.Integer(string="Due Days")
    salon_default_vat = fields.Selection(
        selection=lambda self: self._company_selection("salon_default_vat"),
        string="Default VAT",
        required=True,
    )
    salon_default_payment_kind = fields.Selection(
        [
            ("cash", "Cash"),
            ("card", "Card"),
            ("bank_transfer", "Bank transfer"),
            ("other", "Other"),
        ],
        string="Default Payment Method",
        required=True,
    )
    tax_number = fields.Char(
        string="Your Company's Tax Number", help="Of the company; optional."
    )
    has_tax_number = fields.Boolean(compute="_compute_has_tax_number")
    salon_invoice_capable = fields.Boolean(string="Invoice Capable")
    salon_accepts_business = fields.Boolean(string="Accepts Business Clients")
    buyer_address_required = fields.Boolean(compute="_compute_capabilities")
    salon_walk_in_postcode = fields.Char(string="Walk-in Postcode")
    salon_walk_in_city = fields.Char(string="Walk-in City")
    salon_walk_in_street = fields.Char(string="Walk-in Street")

    # === FIELDS: PREVIEW === #

    preview_order_id = fields.Many2one(
        "pos.order",
        string="Preview of a Sale",
        domain="[('company_id', '=', company_id), ('state', 'in', ('paid', 'done'))]",
        ondelete="set null",
        help="What this sale would get with these settings. Nothing is issued.",
    )
    preview = fields.Html(
        compute="_compute_preview", compute_sudo=False, sanitize=False
    )

    # === CONSTRAINTS === #

    @api.constrains("company_id", "account_id", "config_ids")
    def _check_companies(self):
        """Refuse records that are not the wizard's company's, or not the user's.

        :raises AccessError: in the user's words
        """
        for wizard in self.sudo():
            company = wizard.company_id
            related = wizard.account_id.company_id | wizard.config_ids.company_id
            if not (related <= company <= self.env.user.company_ids):
                raise AccessError(
                    self.env._("An account is connected by its own company only.")
                )

    @api.constrains("salon_due_days")
    def _check_salon_due_days(self):
        if any(not 0 <= wizard.salon_due_days <= 90 for wizard in self):
            raise ValidationError(self.env._("Due days are between 0 and 90."))

    # === COMPUTES === #

    def _company_selection(self, name):
        """Return the selection of a field of ``res.company``."""
        return self.env["res.company"]._fields[name]._description_selection(self.env)

    @api.depends("verified_info")
    def _compute_step(self):
        for wizard in self:
            wizard.info = wizard.verified_info
            wizard.step = "settings" if wizard.verified_info else "key"

    def _compute_keys(self):
        self.api_key = False
        self.public_key = False

    def _inverse_keys(self):
        for wizard in self:
            typed = wizard.sudo().credential_id
            key = "".join((wizard.api_key or "").split()) or typed.api_key
            public = "".join((wizard.public_key or "").split()) or typed.public_key
            if key or public:
                if not typed:
                    typed = wizard.sudo().credential_id = typed.create({})
                typed._keep(key, public)
        self.invalidate_recordset(["api_key", "public_key"], flush=False)

    @api.depends("provider")
    def _compute_base_url(self):
        parameter = self.env["ir.config_parameter"].sudo().get_param
        for wizard in self:
            account = wizard.account_id
            wizard.base_url = (
                account.base_url
                if account.provider == wizard.provider
                else parameter(f"salon_invoice_bridge.url.{wizard.provider}")
            )

    @api.depends("credential_id.api_key", "account_id", "provider", "base_url")
    def _compute_has_key(self):
        for wizard in self:
            wizard.has_key = bool(wizard.credential_id.api_key)
            wizard.has_stored_key = bool(wizard._stored().api_key)

    @api.depends("account_id.state")
    def _compute_is_connected(self):
        for wizard in self:
            wizard.is_connected = wizard.account_id.state in SELLING_STATES

    @api.depends("info", "account_id")
    def _compute_info(self):
        flags = {True: "yes", False: "no", None: "unknown"}
        for wizard in self:
            info = wizard.info or {}
            wizard.owner_tax_number = info.get("tax_number")
            wizard.verified_text = wizard._format_info(info)
            wizard.nav_connected = flags[info.get("nav_connected")]
            wizard.is_test = bool(info.get("sandbox") or wizard.base_url)

    def _format_info(self, info):
        """Return the account's data at the service, in a sentence or two."""
        text = self.env["salon.invoice.account"]._format_info(info)
        parts = [text] if text else []
        if self.account_id:
            parts.append(self.env._("This account is known: its history continues."))
        return " ".join(parts)

    @api.depends("company_id", "account_id.state")
    def _compute_may_only_correct(self):
        for wizard in self:
            known = wizard.account_id
            active = known.search(
                [
                    ("company_id", "=", wizard.company_id.id),
                    ("state", "in", SELLING_STATES),
                ]
            )
            wizard.may_only_correct = bool(active and known.state in FORMER_STATES)
            wizard.corrections_text = (
                self.env._(
                    "Sales go to %(active)s now, and %(former)s still has invoices "
                    "that may have to be cancelled or corrected. Leave the tick, and "
                    "%(former)s gets its key for that only. Take it away to sell "
                    "through %(former)s again.",
                    active=", ".join(active.mapped("name")),
                    former=known.name,
                )
                if wizard.may_only_correct
                else False
            )

    @api.depends("may_only_correct", "corrections_only")
    def _compute_only_corrects(self):
        for wizard in self:
            wizard.only_corrects = wizard.may_only_correct and wizard.corrections_only

    @api.depends("company_id", "account_id", "config_ids", "only_corrects")
    def _compute_former_id(self):
        for wizard in self:
            active = wizard.company_id.salon_account_id
            stays = (
                active == wizard.account_id or wizard.config_ids or wizard.only_corrects
            )
            wizard.former_id = False if stays else active
            wizard.former_text = (
                self.env._(
                    "Sales go to %(account)s now. When you save, it is retired: it "
                    "gets no new sales. Its invoices and its key stay, for cancelling "
                    "and correcting what it has issued.",
                    account=wizard.former_id.name,
                )
                if wizard.former_id
                else False
            )

    @api.depends("owner_tax_number", "tax_number")
    def _compute_is_other_owner(self):
        same = self.env["salon.invoice.account"]._same_taxpayer
        for wizard in self:
            ours, theirs = wizard.tax_number, wizard.owner_tax_number
            wizard.is_other_owner = bool(ours and theirs and not same(ours, theirs))

    @api.depends("company_id")
    def _compute_shop_count(self):
        for wizard in self:
            wizard.shop_count = self.env["pos.config"].search_count(
                [("company_id", "=", wizard.company_id.id)]
            )

    @api.depends("company_id")
    def _compute_has_tax_number(self):
        for wizard in self:
            wizard.has_tax_number = bool(wizard.company_id.vat)

    @api.depends("provider")
    def _compute_capabilities(self):
        for wizard in self:
            capabilities = registry.get(wizard.provider).capabilities
            wizard.block_required = capabilities.block_required
            wizard.block_listed = not capabilities.block_pattern
            wizard.receipt_block_listed = not capabilities.receipt_block_pattern
            wizard.bank_account_listed = capabilities.bank_account_listed
            wizard.buyer_address_required = capabilities.persistent_partners
            kinds = [kind.value for kind in capabilities.kinds]
            wizard.available_kinds = ",".join(
                kind for kind, _label in KINDS if kind in kinds
            )

    @api.depends("provider", "info", "choice_ids.kind")
    def _compute_receipts(self):
        for wizard in self:
            capabilities = registry.get(wizard.provider).capabilities
            has_kind = Kind.RECEIPT in capabilities.kinds
            blocks = "receipt_block" in wizard.choice_ids.mapped("kind")
            typed = bool(capabilities.receipt_block_pattern)
            wizard.has_receipts = has_kind and (typed or blocks)
            wizard.receipts_text = wizard._explain_no_receipts(has_kind)

    def _explain_no_receipts(self, has_kind):
        """Return why no receipts can be chosen, "" if they can.

        :param bool has_kind: the service has receipts, though this account may not
        """
        if self.has_receipts:
            return ""
        if not has_kind:
            return self.env._(
                "This interface has no receipts (nyugta): every sale gets an invoice."
            )
        return self.env._(
            "The account has no block of receipts (nyugta). If sales are to get "
            "receipts, make one at the service first, then verify the key again."
        )

    @api.depends(
        "preview_order_id",
        "company_id",
        "provider",
        "info",
        "receipt_block_choice_id",
        "receipt_prefix",
        "bank_choice_id",
        "bank_number",
        *POLICY,
    )
    def _compute_preview(self):
        previews = self.env["salon.invoice.preview"]
        for wizard in self:
            order = wizard.preview_order_id
            wizard.preview = (
                previews._content(order, wizard._preview_setup())
                if order and order.company_id == wizard.company_id
                else False
            )

    @api.onchange("salon_kind")
    def _onchange_salon_kind(self):
        """Warn of what the service cannot do with documents of this kind."""
        return self.account_id._onchange_warning(self.provider, self.salon_kind)

    @api.onchange("salon_currency_id")
    def _onchange_salon_currency_id(self):
        """Unset a bank account of another currency."""
        currency = self.bank_choice_id.currency
        if currency and currency != self.salon_currency_id.name:
            self.bank_choice_id = False

    # === CREATION === #

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        company = self.env["res.company"].browse(
            values.get("company_id") or self.env.company.id
        )
        for name in POLICY:
            value = company[name]
            values[name] = value.id if isinstance(value, models.Model) else value
        if values["salon_default_payment_kind"] not in dict(
            self._fields["salon_default_payment_kind"].selection
        ):
            values["salon_default_payment_kind"] = "other"
        values["tax_number"] = company.vat
        if not values["salon_walk_in_city"]:
            # A customer who leaves no address bought here.
            values.update(
                salon_walk_in_postcode=company.zip,
                salon_walk_in_city=company.city,
                salon_walk_in_street=company.street,
            )
        return values

    def write(self, vals):
        if VERIFIED & vals.keys():
            self.sudo().verified_info = False
        return super().write(vals)

    def unlink(self):
        typed = self.sudo().credential_id
        result = super().unlink()
        typed.filtered(lambda key: not key.account_id).unlink()
        return result

    @api.model
    def _action_start(self, company, account=None):
        """Open the wizard at its first step.

        :param company: to connect
        :param account: whose key is to be replaced, or that is to be connected again
        """
        values = {"company_id": company.id}
        if account:
            values.update(account_id=account.id, provider=account.provider)
        wizard = self.with_company(company)._new(values)
        # Who opens it for a former account wants to mend what that has issued.
        wizard.corrections_only = wizard.may_only_correct
        return wizard._action_reopen()

    @api.model
    def _action_settings(self, account):
        """Open the wizard at what can be chosen, with the key that ``account`` has."""
        wizard = self.with_company(account.company_id)._new(
            {
                "company_id": account.company_id.id,
                "account_id": account.id,
                "provider": account.provider,
            }
        )
        wizard._verify()
        return wizard._action_reopen()

    def _new(self, values):
        return self.with_context(default_company_id=values["company_id"]).create(values)

    def _action_reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoicing settings")
            if self.is_connected and self.step == "settings"
            else self.env._("Connect an invoicing service"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    # === PEOPLE'S BUTTONS === #

    def action_verify(self):
        """Verify the key; go on, or stay and show what is wrong."""
        self._check_user()
        self._verify()
        return self._action_reopen()

    def action_back(self):
        """Go back to the key."""
        self._check_user()
        self._show_problem(False)
        return self._action_reopen()

    def action_save(self):
        """Connect the account and keep the settings; then show its card.

        :raises UserError: in the user's words, and nothing has been saved
        """
        self._check_user()
        if self.step != "settings":
            raise UserError(self.env._("Verify the key first."))
        if self.is_other_owner and not self.confirm_owner:
            raise UserError(
                self.env._(
                    "The account belongs to %(theirs)s, not to %(ours)s. Its invoices "
                    "would be somebody else's. Use the key of the right account, or "
                    "confirm that this is the right one.",
                    theirs=self.owner_tax_number,
                    ours=self.tax_number,
                )
            )
        if self.block_required and not (self.block_choice_id or self.only_corrects):
            raise UserError(
                self.env._("Choose the document block: no invoice without one.")
            )
        account = self._save_account()
        try:
            if self.only_corrects:
                account._connect_for_corrections()
            else:
                account.write(self._choices())
                account._connect(self.config_ids, self._save_company())
        except errors.ProviderError as error:
            raise UserError(account._explain(error, asked=True)) from error
        return account._action_open()

    # === RULES: VERIFY === #

    def _check_user(self):
        """Refuse users other than the one who opened the wizard.

        :raises AccessError: in the user's words
        """
        self.ensure_one()
        self.check_access("write")
        if self.create_uid != self.env.user:
            raise AccessError(
                self.env._("Somebody else has opened this. Please open it again.")
            )
        self._check_companies()

    def _credentials(self):
        """Return ``providers.base.Credentials``: as typed here, else as stored."""
        typed = self.sudo().credential_id
        used = typed if typed.api_key else self._stored()
        return base.Credentials(
            api_key=used.api_key or "", public_key=used.public_key or ""
        )

    def _stored(self):
        """Return the known account's stored keys, or none for another address.

        A stored key is sent only to the address it was stored for: whoever enters
        another address must enter the key.
        """
        account = self.account_id.sudo()
        stored = account._credential()
        same = account.provider == self.provider and (stored.base_url or "") == (
            self.base_url or ""
        )
        return stored if same else stored.browse()

    def _verify(self):
        accounts = self.env["salon.invoice.account"]
        if not self._credentials().api_key:
            self._show_problem(self.env._("Paste the API key first."))
            return
        try:
            with accounts._open_strategy(
                self.provider, self._credentials(), self.base_url
            ) as provider:
                info = accounts._read_info(provider)
                known = accounts._history(self.company_id, provider, info)
        except errors.ProviderError as error:
            self._refuse(error)
            return
        self.write(
            {
                "account_id": known.id,
                "problem": False,
                "remedy": False,
                "said": False,
                **self._known_choices(known, info),
            }
        )
        self.sudo().verified_info = to_json(info)

    def _known_choices(self, known, info):
        """Return the values of the second step: the lists, and the current choices."""
        self.choice_ids.unlink()
        choices = self.env["salon.invoice.connect.choice"].create(
            [
                {**values, "wizard_id": self.id}
                for values in self.env["salon.invoice.choice"]._from_info(info)
            ]
        )
        blocks = choices.filtered(lambda c: c.kind == "block")
        receipts = choices.filtered(lambda c: c.kind == "receipt_block")
        banks = choices.filtered(lambda c: c.kind == "bank_account")
        chosen = blocks.filtered(lambda c: c.remote_id == known.block)
        receipt = receipts.filtered(lambda c: c.remote_id == known.receipt_block)
        bank = banks.filtered(lambda c: c.remote_id == known.bank_account)
        kinds = self.available_kinds.split(",")
        shops = self.config_ids or known._own_shops()
        used = {shop._salon_till_settings().kind for shop in shops}
        kind = used.pop() if len(used) == 1 else self.salon_kind
        return {
            "block_choice_id": (chosen or (blocks if len(blocks) == 1 else chosen)).id,
            "receipt_block_choice_id": (
                receipt or (receipts if len(receipts) == 1 else receipt)
            ).id,
            "receipt_prefix": False
            if self.receipt_block_listed
            else known.receipt_block,
            "bank_choice_id": bank.id,
            "block_prefix": known.block if not self.block_listed else False,
            "bank_name": known.bank_name,
            "bank_number": False if self.bank_account_listed else known.bank_account,
            "order_number_guard": known.order_number_guard,
            "config_ids": shops.ids,
            "salon_kind": kind if kind in kinds else "invoice",
        }

    def _show_problem(self, problem, remedy="", said=""):
        self.sudo().verified_info = False
        self.write(
            {
                "problem": problem,
                "problem_provider": self.provider,
                "remedy": remedy,
                "said": said,
            }
        )

    def _refuse(self, error):
        """Show what is wrong; a refused key is deleted."""
        explanation = self.env["salon.invoice.message"]._explain(
            error, self.provider, foreign=bool(self.base_url)
        )
        self._show_problem(explanation.cause, explanation.remedy, explanation.said)
        if isinstance(error, errors.AccountProblem):
            self.sudo().credential_id.unlink()

    # === RULES: SAVE === #

    def _save_account(self):
        """Give the key to the known account, or to a new one; return that.

        Before the service is called: until then nobody else can have the rows locked.
        """
        accounts = self.env["salon.invoice.account"].sudo()
        account = self.account_id.sudo() or accounts.create(
            {"company_id": self.company_id.id, "provider": self.provider}
        )
        typed = self.sudo().credential_id
        if typed.api_key:
            self.sudo().credential_id = False
            typed._move_to_account(account, self.base_url)
        # The lists first: only what is on them can be chosen.
        account._store_info(from_json(AccountInfo, self.info))
        return account

    def _choices(self):
        """Return the chosen blocks and bank account as values of the account."""
        return {
            "receipt_block": self._chosen_receipt_block(),
            "block": self.block_choice_id.remote_id
            if self.block_listed
            else (self.block_prefix or "").strip() or False,
            "bank_account": self.bank_choice_id.remote_id
            if self.bank_account_listed
            else (self.bank_number or "").strip() or False,
            "bank_name": self.bank_name,
            "order_number_guard": self.order_number_guard,
        }

    def _preview_setup(self):
        """Return the ``Setup`` of what is chosen here and not saved yet.

        What a shop has set of its own stays so.
        """
        order = self.preview_order_id.sudo()
        shop, company = order.config_id, self.company_id
        account = self.env["salon.invoice.preview"]._new_account(
            company, provider=self.provider, info=self.info, **self._choices()
        )
        own_mode = shop.salon_mode
        settings = order._salon_till_settings()._replace(
            account=account,
            kind=shop.salon_kind or self.salon_kind,
            which=shop.salon_which or self.salon_which,
            automatic=own_mode == "automatic" if own_mode else self.salon_automatic,
            capable=self.salon_invoice_capable,
        )
        changes = {
            "electronic": self.salon_electronic and account._has_e_invoices(),
            "due_days": self.salon_due_days,
            "default_payment_kind": PaymentKind(self.salon_default_payment_kind),
            "accepts_business": self.salon_accepts_business,
            "walk_in_postcode": self.salon_walk_in_postcode or "",
            "walk_in_city": self.salon_walk_in_city or "",
            "walk_in_street": self.salon_walk_in_street or "",
        }
        if self.salon_default_vat != company.salon_default_vat:
            # As when it is saved: the answer was about the former status.
            changes.update(
                default_vat=self.salon_default_vat, vat_answer=None, vat_changes=()
            )
        return Setup(settings, self.salon_language, tuple(changes.items()))

    def _chosen_receipt_block(self):
        """Return the block or prefix of receipts, False where there are none."""
        if not self.has_receipts:
            return False
        if self.receipt_block_listed:
            return self.receipt_block_choice_id.remote_id
        return (self.receipt_prefix or "").strip() or False

    def _save_company(self):
        """Write the company's settings.

        :return dict: what is to be written with the account, of the company or of the
            shops: which kinds of document there are depends on it
        """
        company = self.company_id
        values = {}
        for name in POLICY:
            value = self[name]
            values[name] = value.id if isinstance(value, models.Model) else value
        if self.tax_number and not company.vat:
            values["vat"] = self.tax_number
        kind = values.pop("salon_kind")
        company.write(values)
        same = self.config_ids and kind == company.salon_kind
        return {"salon_kind": False if same else kind}
