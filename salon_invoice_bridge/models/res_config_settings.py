from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):  # pylint: disable=no-wizard-in-models
    """The salon's policy, on the Point of Sale page of Settings.

    Company and shop are chosen by their ids, and what is related to them is read as
    superuser: so who chooses one must be allowed to read it.
    """

    _name = "res.config.settings"
    _inherit = ["salon.invoice.guard", "res.config.settings"]

    # === FIELDS: THE COMPANY === #

    salon_account_id = fields.Many2one(related="company_id.salon_account_id")
    salon_automatic = fields.Boolean(
        related="company_id.salon_automatic", readonly=False
    )
    salon_which = fields.Selection(related="company_id.salon_which", readonly=False)
    salon_currency_id = fields.Many2one(
        related="company_id.salon_currency_id", readonly=False
    )
    salon_invoice_capable = fields.Boolean(
        related="company_id.salon_invoice_capable", readonly=False
    )
    salon_readiness = fields.Selection(related="company_id.salon_account_id.readiness")
    salon_kind = fields.Selection(related="company_id.salon_kind", readonly=False)
    salon_electronic = fields.Boolean(
        related="company_id.salon_electronic", readonly=False
    )
    salon_language = fields.Selection(
        related="company_id.salon_language", readonly=False
    )
    salon_due_days = fields.Integer(related="company_id.salon_due_days", readonly=False)
    salon_default_vat = fields.Selection(
        related="company_id.salon_default_vat", readonly=False
    )
    salon_send_email = fields.Boolean(
        related="company_id.salon_send_email", readonly=False
    )
    salon_mail_subject = fields.Char(
        related="company_id.salon_mail_subject", readonly=False
    )
    salon_mail_text = fields.Text(related="company_id.salon_mail_text", readonly=False)
    salon_mail_reply_to = fields.Char(
        related="company_id.salon_mail_reply_to", readonly=False
    )
    salon_walk_in_name = fields.Char(
        related="company_id.salon_walk_in_name", readonly=False
    )
    salon_walk_in_postcode = fields.Char(
        related="company_id.salon_walk_in_postcode", readonly=False
    )
    salon_walk_in_city = fields.Char(
        related="company_id.salon_walk_in_city", readonly=False
    )
    salon_walk_in_street = fields.Char(
        related="company_id.salon_walk_in_street", readonly=False
    )
    salon_accepts_business = fields.Boolean(
        related="company_id.salon_accepts_business", readonly=False
    )
    salon_cashier_may_change_buyer = fields.Boolean(
        related="company_id.salon_cashier_may_change_buyer", readonly=False
    )
    salon_default_payment_kind = fields.Selection(
        related="company_id.salon_default_payment_kind", readonly=False
    )
    salon_tip = fields.Selection(related="company_id.salon_tip", readonly=False)
    salon_receipt_tip = fields.Selection(
        related="company_id.salon_receipt_tip", readonly=False
    )
    salon_receipt_tip_answered_on = fields.Date(
        related="company_id.salon_receipt_tip_answered_on"
    )
    salon_receipt_layout = fields.Selection(
        related="company_id.salon_receipt_layout", readonly=False
    )
    salon_receipt_layout_answered_on = fields.Date(
        related="company_id.salon_receipt_layout_answered_on"
    )
    salon_customer_account = fields.Selection(
        related="company_id.salon_customer_account", readonly=False
    )
    salon_customer_account_answered_on = fields.Date(
        related="company_id.salon_customer_account_answered_on"
    )
    salon_voucher_sale = fields.Selection(
        related="company_id.salon_voucher_sale", readonly=False
    )
    salon_vat_answer = fields.Selection(
        related="company_id.salon_vat_answer", readonly=False
    )
    salon_vat_answered_on = fields.Date(related="company_id.salon_vat_answered_on")
    salon_voucher_answered_on = fields.Date(
        related="company_id.salon_voucher_answered_on"
    )
    salon_no_show = fields.Selection(related="company_id.salon_no_show", readonly=False)
    salon_no_show_answered_on = fields.Date(
        related="company_id.salon_no_show_answered_on"
    )
    salon_comment = fields.Text(related="company_id.salon_comment", readonly=False)
    salon_retention_years = fields.Integer(
        related="company_id.salon_retention_years", readonly=False
    )
    salon_guest_may_request = fields.Boolean(
        related="company_id.salon_guest_may_request", readonly=False
    )

    salon_month_day = fields.Integer(
        related="company_id.salon_month_day", readonly=False
    )
    salon_month_email = fields.Char(
        related="company_id.salon_month_email", readonly=False
    )

    # === FIELDS: THE SHOP === #

    # Of the selected shop: these names have their twins on pos.config, which is how
    # Point of Sale's own settings reach it.
    pos_salon_account_id = fields.Many2one(
        related="pos_config_id.salon_account_id", readonly=False
    )
    pos_salon_block = fields.Char(related="pos_config_id.salon_block", readonly=False)
    pos_salon_block_id = fields.Many2one(
        related="pos_config_id.salon_block_id", readonly=False
    )
    pos_salon_receipt_block = fields.Char(
        related="pos_config_id.salon_receipt_block", readonly=False
    )
    pos_salon_paper_width = fields.Selection(
        related="pos_config_id.salon_paper_width", readonly=False
    )
    pos_salon_receipt_block_id = fields.Many2one(
        related="pos_config_id.salon_receipt_block_id", readonly=False
    )
    pos_salon_cash_register = fields.Boolean(
        related="pos_config_id.salon_cash_register", readonly=False
    )
    # By the account that is chosen here, which the shop has only after the save.
    salon_effective_account_id = fields.Many2one(
        "salon.invoice.account",
        compute="_compute_salon_effective_account_id",
        compute_sudo=True,
    )
    salon_block_listed = fields.Boolean(
        compute="_compute_salon_effective_account_id", compute_sudo=True
    )
    salon_has_receipts = fields.Boolean(
        compute="_compute_salon_effective_account_id", compute_sudo=True
    )
    salon_receipt_block_listed = fields.Boolean(
        compute="_compute_salon_effective_account_id", compute_sudo=True
    )
    pos_salon_mode = fields.Selection(
        related="pos_config_id.salon_mode", readonly=False
    )
    pos_salon_which = fields.Selection(
        related="pos_config_id.salon_which", readonly=False
    )
    pos_salon_kind = fields.Selection(
        related="pos_config_id.salon_kind", readonly=False
    )
    pos_salon_guest_requests = fields.Selection(
        related="pos_config_id.salon_guest_requests", readonly=False
    )
    pos_salon_cashiers_change_buyer = fields.Selection(
        related="pos_config_id.salon_cashiers_change_buyer", readonly=False
    )

    # === COMPUTES === #

    @api.depends("pos_config_id", "pos_salon_account_id")
    def _compute_salon_effective_account_id(self):
        for settings in self:
            company = settings.pos_config_id.company_id
            account = settings.pos_salon_account_id or company.salon_account_id
            settings.salon_effective_account_id = account
            settings.salon_block_listed = not account or account.block_listed
            settings.salon_has_receipts = account.has_receipts
            settings.salon_receipt_block_listed = account.receipt_block_listed

    @api.onchange("pos_salon_account_id")
    def _onchange_pos_salon_account_id(self):
        """Unset the blocks, which belong to the former account."""
        if self.pos_salon_account_id != self.pos_config_id.salon_account_id:
            self.pos_salon_block = False
            self.pos_salon_block_id = False
            self.pos_salon_receipt_block = False
            self.pos_salon_receipt_block_id = False

    @api.onchange("salon_kind")
    def _onchange_salon_kind(self):
        """Warn of what the service cannot do with documents of this kind."""
        account = self.company_id.salon_account_id
        return account._onchange_warning(account.provider, self.salon_kind)

    @api.onchange("pos_salon_kind")
    def _onchange_pos_salon_kind(self):
        """Warn of what the service cannot do with documents of this kind."""
        account = self.salon_effective_account_id
        return account._onchange_warning(account.provider, self.pos_salon_kind)

    # === PEOPLE'S BUTTONS === #

    def action_salon_invoicing(self):
        """Open the company's invoicing account, or connect its first one."""
        return self.company_id.action_salon_invoicing()

    def action_salon_connect(self):
        """Connect another service for the company."""
        return self.env["salon.invoice.connect"]._action_start(self.company_id)

    def action_salon_mail_template(self):
        """Open the e-mail that Odoo sends where the service cannot send again."""
        template = self.env["salon.invoice.mail"]._template()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("E-mail with a Document"),
            "res_model": "mail.template",
            "res_id": template.id,
            "view_mode": "form",
        }

    # === RULES === #

    @api.model
    def _guarded(self, names):
        named = {"company_id", "pos_config_id"}.intersection(names)
        return [*super()._guarded(names), *named]
