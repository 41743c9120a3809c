from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

KINDS = [("invoice", "Invoice"), ("proforma", "Proforma"), ("draft", "Draft")]

#: Which sales ask for their document by themselves.
SALES = [
    ("all", "Every sale"),
    ("customer", "Only with a customer"),
    ("request", "Only on request"),
]


class ResCompany(models.Model):
    """The salon: which invoicing account it sells through, and its policy."""

    _name = "res.company"
    _inherit = ["res.company", "salon.invoice.guard"]

    salon_account_id = fields.Many2one(
        "salon.invoice.account",
        string="Invoicing Account",
        readonly=True,
        copy=False,
        check_company=True,
        help="The account that new sales are invoiced at.",
    )
    salon_automatic = fields.Boolean(
        string="Invoice Automatically",
        default=True,
        help="Each fully paid sale is invoiced by itself. Off: somebody presses "
        "Generate invoice.",
    )
    salon_which = fields.Selection(
        SALES,
        string="Sales to Invoice",
        required=True,
        default="all",
        help="A salon with a cash register may give a receipt to the rest.",
    )
    salon_invoice_capable = fields.Boolean(
        string="Invoice Capable",
        default=True,
        help="Off: this company may not issue invoices, and none are asked for.",
    )
    salon_kind = fields.Selection(
        KINDS,
        string="Kind of Document",
        required=True,
        default="invoice",
    )
    salon_currency_id = fields.Many2one(
        "res.currency",
        string="Invoice Currency",
        compute="_compute_salon_currency_id",
        store=True,
        readonly=False,
        help="The currency that shops are expected to sell in. An invoice is always in "
        "the currency of its sale.",
    )
    salon_electronic = fields.Boolean(
        string="Electronic Invoice",
        default=True,
        help="The form of the document. Reporting to NAV is done by the service in "
        "either form. A customer without e-mail gets a paper one.",
    )
    salon_language = fields.Selection(
        [("hu", "Hungarian"), ("en", "English"), ("de", "German")],
        string="Invoice Language",
        required=True,
        default="hu",
    )
    salon_due_days = fields.Integer(
        string="Due Days", default=8, help="For bank transfers, 0 to 90 days."
    )
    salon_default_vat = fields.Selection(
        [("27", "27%"), ("AAM", "0% (AAM, subject exemption)")],
        string="Default VAT",
        required=True,
        default="27",
        help="For products that have no tax.",
    )
    salon_send_email = fields.Boolean(
        string="E-mail Invoices",
        default=True,
        help="The service e-mails the invoice to customers who have an address.",
    )
    salon_walk_in_name = fields.Char(
        string="Walk-in Name",
        default="Magánszemély",
        help="The buyer on the invoice of a sale without a customer.",
    )
    salon_walk_in_postcode = fields.Char(string="Walk-in Postcode")
    salon_walk_in_city = fields.Char(string="Walk-in City")
    salon_walk_in_street = fields.Char(string="Walk-in Street")
    salon_self_service_before = fields.Boolean(
        string="Self-Service Invoicing Was On",
        readonly=True,
        copy=False,
        help="Receipts invited to Odoo's own invoicing before a service was connected.",
    )

    @api.depends("currency_id")
    def _compute_salon_currency_id(self):
        for company in self:
            company.salon_currency_id = company.currency_id

    def write(self, vals):
        if any(name.startswith("salon_") for name in vals):
            self._salon_check_own()
        if "salon_account_id" in vals:
            account = self.env["salon.invoice.account"].browse(vals["salon_account_id"])
            shops = self._salon_shops().filtered(lambda shop: not shop.salon_account_id)
            shops._salon_move(account)
        return super().write(vals)

    def _salon_check_own(self):
        """Odoo lets every administrator write on every company.

        :raises AccessError: if the user does not work in one of these
        """
        if not self.env.su and self - self.env.companies:
            raise AccessError(
                self.env._(
                    "How a company invoices is changed by the people of that company."
                )
            )

    def _salon_shops(self):
        """Return the tills of these companies, closed ones too."""
        shops = self.env["pos.config"].sudo().with_context(active_test=False)
        return shops.search([("company_id", "in", self.ids)])

    def _salon_take_self_service(self, account):
        """Let receipts not invite guests to make an invoice in Odoo, and say so.

        :param account: that is connected, where it is noted
        """
        company = self.sudo()
        if not company.point_of_sale_use_ticket_qr_code:
            return
        company.write(
            {
                "point_of_sale_use_ticket_qr_code": False,
                "salon_self_service_before": True,
            }
        )
        account._message_log(
            body=self.env._(
                "Self-service invoicing of Point of Sale has been switched off: "
                "receipts invited customers to make a second invoice in Odoo."
            )
        )

    def _salon_give_self_service_back(self, account):
        """Restore what receipts said before, once no account is left, and say so.

        :param account: that is disconnected, where it is noted
        """
        company = self.sudo()
        used = company.salon_account_id | company._salon_shops().salon_account_id
        if used or not company.salon_self_service_before:
            return
        company.write(
            {
                "point_of_sale_use_ticket_qr_code": True,
                "salon_self_service_before": False,
            }
        )
        account._message_log(
            body=self.env._(
                "Self-service invoicing of Point of Sale is on again, as before a "
                "service was connected."
            )
        )

    @api.constrains("salon_account_id")
    def _check_salon_account(self):
        """A company sells through an account of its own, a branch too.

        :raises AccessError: if the user may not even see the account
        :raises ValidationError: if it is another company's
        """
        self.salon_account_id.check_access("read")
        for company in self:
            if company.sudo().salon_account_id.company_id - company:
                raise ValidationError(
                    self.env._("A company is invoiced through its own account only.")
                )

    @api.constrains("salon_kind", "salon_account_id")
    def _check_salon_kind(self):
        for company in self:
            company.salon_account_id._check_kind(company.salon_kind)
        self._salon_shops()._check_salon_kind()

    def action_salon_invoicing(self):
        """Open the invoicing account of this company, or connect its first one."""
        self.ensure_one()
        if self.salon_account_id:
            return self.salon_account_id._action_open()
        return self.env["salon.invoice.connect"]._action_start(self)

    _salon_due_days_range = models.Constraint(
        "CHECK (salon_due_days BETWEEN 0 AND 90)",
        "Due days are between 0 and 90.",
    )
