from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..billing import errors
from ..billing.codec import from_json
from ..billing.invoice import AccountInfo
from ..models.res_company import KINDS, SALES
from ..models.salon_invoice_account import FORMER, SELLING
from ..providers import registry

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


class SalonInvoiceConnectSettings(models.TransientModel):
    """The second step: what is chosen of what the service has, and the policy."""

    _inherit = "salon.invoice.connect"

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

    # === CHOICES AT THE SERVICE === #

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

    # === POLICY === #

    salon_automatic = fields.Boolean(string="Invoice Automatically")
    salon_which = fields.Selection(SALES, string="Sales to Invoice", required=True)
    salon_kind = fields.Selection(KINDS, string="Kind of Document", required=True)
    salon_electronic = fields.Boolean(string="Electronic Invoice")
    salon_currency_id = fields.Many2one(
        "res.currency", string="Currency", required=True
    )
    currency_name = fields.Char(related="salon_currency_id.name")
    salon_language = fields.Selection(
        [("hu", "Hungarian"), ("en", "English"), ("de", "German")],
        string="Language",
        required=True,
    )
    salon_due_days = fields.Integer(string="Due Days")
    salon_default_vat = fields.Selection(
        [("27", "27%"), ("AAM", "0% (AAM, subject exemption)")],
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

    @api.depends("company_id", "account_id.state")
    def _compute_may_only_correct(self):
        for wizard in self:
            known = wizard.account_id
            active = known.search(
                [("company_id", "=", wizard.company_id.id), ("state", "in", SELLING)]
            )
            wizard.may_only_correct = bool(active and known.state in FORMER)
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
            wizard.bank_account_listed = capabilities.bank_account_listed
            wizard.buyer_address_required = capabilities.persistent_partners
            kinds = [kind.value for kind in capabilities.kinds]
            wizard.available_kinds = ",".join(
                kind for kind, _label in KINDS if kind in kinds
            )

    @api.onchange("salon_kind")
    def _onchange_salon_kind(self):
        """Say at once what cannot be done with documents of this kind."""
        return self.account_id._onchange_warning(self.provider, self.salon_kind)

    @api.onchange("salon_currency_id")
    def _onchange_salon_currency_id(self):
        """A bank account of another currency is none for these invoices."""
        currency = self.bank_choice_id.currency
        if currency and currency != self.salon_currency_id.name:
            self.bank_choice_id = False

    def _known_choices(self, known, info):
        """Return what can be chosen, and what is so already."""
        self.choice_ids.unlink()
        choices = self.env["salon.invoice.connect.choice"].create(
            [
                {**values, "wizard_id": self.id}
                for values in self.env["salon.invoice.choice"]._from_info(info)
            ]
        )
        blocks = choices.filtered(lambda c: c.kind == "block")
        banks = choices.filtered(lambda c: c.kind == "bank_account")
        chosen = blocks.filtered(lambda c: c.remote_id == known.block)
        bank = banks.filtered(lambda c: c.remote_id == known.bank_account)
        kinds = self.available_kinds.split(",")
        shops = self.config_ids or known._own_shops()
        used = {shop._salon_policy().kind for shop in shops}
        kind = used.pop() if len(used) == 1 else self.salon_kind
        return {
            "block_choice_id": (chosen or (blocks if len(blocks) == 1 else chosen)).id,
            "bank_choice_id": bank.id,
            "block_prefix": known.block if not self.block_listed else False,
            "bank_name": known.bank_name,
            "bank_number": False if self.bank_account_listed else known.bank_account,
            "order_number_guard": known.order_number_guard,
            "config_ids": shops.ids,
            "salon_kind": kind if kind in kinds else "invoice",
        }

    @api.constrains("salon_due_days")
    def _check_salon_due_days(self):
        if any(not 0 <= wizard.salon_due_days <= 90 for wizard in self):
            raise ValidationError(self.env._("Due days are between 0 and 90."))

    # === SAVE === #

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
            raise UserError(account._sentence(error, asked=True)) from error
        return account._action_open()

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
            typed._move_to(account, self.base_url)
        # The lists first: only what is on them can be chosen.
        account._remember(from_json(AccountInfo, self.info))
        return account

    def _choices(self):
        """Return what was chosen of what the service has, as the account's values."""
        return {
            "block": self.block_choice_id.remote_id
            if self.block_listed
            else (self.block_prefix or "").strip() or False,
            "bank_account": self.bank_choice_id.remote_id
            if self.bank_account_listed
            else (self.bank_number or "").strip() or False,
            "bank_name": self.bank_name,
            "order_number_guard": self.order_number_guard,
        }

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
