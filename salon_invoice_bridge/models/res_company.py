from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import email_normalize
from odoo.tools.mail import single_email_re

from ..billing import retention
from ..billing.choice import TipAnswer
from ..billing.codec import from_json
from ..billing.deposit import NoShow
from ..billing.exemption import VatChange
from ..billing.invoice import PaymentKind
from ..billing.mail import (
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    MailTemplate,
    unknown_name,
)
from ..billing.mail import PLACEHOLDERS as MAIL_PLACEHOLDERS
from ..billing.notes import PLACEHOLDER, PLACEHOLDERS
from ..billing.policy import Tip, VatAnswer, VoucherSale
from ..billing.receipt_slip import Layout
from .pos_payment_method import PAYMENT_KINDS, TERMS

KINDS = [("invoice", "Invoice"), ("proforma", "Proforma"), ("draft", "Draft")]
#: What sales get by themselves: ``billing.choice.Rule``, but for *manual*.
SALES = [
    ("all", "An invoice for every sale"),
    ("customer", "An invoice for customers, a receipt for walk-ins"),
    ("request", "A receipt, unless an invoice is asked for"),
]


class ResCompany(models.Model):
    """The salon: which account it sells through, and its policy.

    The policy says which sales are invoiced, by which kind of document, and what is on
    it; a till may differ, see ``pos.config``. Only people of a company change how it
    invoices, see :meth:`_salon_check_own`.
    """

    _name = "res.company"
    _inherit = ["res.company", "salon.invoice.guard", "salon.invoice.mended"]

    # === FIELDS: ACCOUNT AND MODE === #

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
        help="Each fully paid sale is invoiced automatically. Off: somebody presses "
        "Generate invoice.",
    )
    salon_which = fields.Selection(
        SALES,
        string="What Sales Get",
        required=True,
        default="all",
        help="A receipt of the service, or that of the cash register at the tills that "
        "have one. A business buyer, a sale of 900,000 Ft or more and what is not paid "
        "yet get an invoice all the same.",
    )
    salon_invoice_capable = fields.Boolean(
        string="Invoice Capable",
        default=True,
        help="Off: this company may not issue invoices, and none are asked for.",
    )
    salon_accepts_business = fields.Boolean(
        string="Accepts Business Clients",
        default=True,
        help="Off: a sale to a company waits for a person, who issues it with the "
        "company's data or as for a private person.",
    )
    salon_cashier_may_change_buyer = fields.Boolean(
        string="Cashiers May Change the Buyer",
        help="Who only sells may have an issued invoice cancelled and made out to "
        "another buyer. What was never sent, every cashier may change.",
    )
    salon_kind = fields.Selection(
        KINDS,
        string="Kind of Document",
        required=True,
        default="invoice",
    )
    # Off: a salon first decides who answers the requests.
    salon_guest_may_request = fields.Boolean(
        string="Customers May Ask for Company Data",
        help="Whoever holds the slip can ask on its page, once and within 8 days, for "
        "an invoice with a company's data, unless the invoice names a buyer. It is a "
        "request that somebody of the salon accepts or declines.",
    )
    salon_self_service_before = fields.Boolean(
        string="Self-Service Invoicing Was On",
        readonly=True,
        copy=False,
        help="Receipts invited to Odoo's own invoicing before a service was connected.",
    )

    # === FIELDS: WHAT IS ON THE INVOICE === #

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
    salon_send_email = fields.Boolean(
        string="E-mail Invoices",
        default=True,
        help="The service e-mails the invoice to customers who have an address.",
    )
    salon_mail_subject = fields.Char(
        string="Subject of E-mails",
        translate=True,
        help="Of the e-mails that the service sends with a document, where it takes "
        "one: Számlázz.hu does. {company}, {shop}, {reference} (the number of the "
        "till's receipt) and {document} (invoice, receipt, ...) are replaced. The "
        "document's number is not known when the words are sent. Empty: the service's "
        "own subject.",
    )
    salon_mail_text = fields.Text(
        string="Text of E-mails",
        translate=True,
        help="As the subject. Empty: the service's own text.",
    )
    salon_mail_reply_to = fields.Char(
        string="Answers Go To",
        help="The address to which customers answer an e-mail with a document. Empty: "
        "the e-mail address of the company.",
    )
    salon_default_vat = fields.Selection(
        [("27", "27%"), ("AAM", "0% (AAM, subject exemption)")],
        string="Default VAT",
        required=True,
        default="27",
        help="For products that have no tax.",
    )
    salon_vat_answer = fields.Selection(
        [
            ("exempt", "The company is exempt: invoices say AAM"),
            ("taxes", "The taxes are right: invoices say them"),
        ],
        string="AAM, or the Taxes on Products",
        copy=False,
        help="A company that is exempt from VAT (AAM) charges none. Where products "
        "have taxes that charge VAT all the same, their sales wait until it is said "
        "which is right.",
    )
    salon_vat_answered_on = fields.Date(
        string="Decided On",
        compute="_compute_salon_vat_answered_on",
        store=True,
        copy=False,
    )
    salon_vat_changes = fields.Json(
        readonly=True,
        copy=False,
        help="The days on which the status has changed, or will: billing.exemption. A "
        "sale has the VAT of its own day.",
    )
    salon_default_payment_kind = fields.Selection(
        PAYMENT_KINDS,
        string="Default Payment Method",
        required=True,
        default="cash",
        help="What an invoice says of a payment method that has no kind of its own, "
        "and of Other where the service has no word for it.",
    )
    salon_tip = fields.Selection(
        [
            ("outside", "Own line at 0%, outside the scope of VAT"),
            ("service", "Service charge, at the VAT rates of what was sold"),
            ("none", "Not on the invoice"),
        ],
        string="Tips",
        required=True,
        default="outside",
        help="A voluntary tip is outside the scope of VAT, a service charge is not. "
        "Ask your accountant.",
    )
    # No default: what it means until somebody says it is in _salon_receipt_tip.
    salon_receipt_tip = fields.Selection(
        [
            (TipAnswer.INVOICE.value, "The sale gets an invoice"),
            (TipAnswer.KEPT_OFF.value, "A receipt without the tip"),
        ],
        string="Tips that a Receipt Cannot Hold",
        help="Receipts of Billingo have no line outside the scope of VAT. Until it is "
        "said here, such a sale gets an invoice, which is always right.",
    )
    salon_receipt_tip_answered_on = fields.Date(
        string="Tips on Receipts Decided On",
        compute="_compute_salon_receipt_tip_answered_on",
        store=True,
    )
    # No default: what it means until somebody says it is in _salon_receipt_layout.
    salon_receipt_layout = fields.Selection(
        [
            (Layout.TILL.value, "The till's slip, with the data of the receipt"),
            (Layout.SERVICE.value, "The receipt in the service's own layout"),
        ],
        string="Receipts on Paper",
        help="What the customer gets. The slip has number, day, issuer and the gross "
        "of each VAT rate once the service has issued the receipt, and says until then "
        "that it is none. Ask your accountant.",
    )
    salon_receipt_layout_answered_on = fields.Date(
        string="Receipts on Paper Decided On",
        compute="_compute_salon_receipt_layout_answered_on",
        store=True,
    )

    # No default: until somebody says it, as *asked*.
    salon_customer_account = fields.Selection(
        [
            ("asked", "When somebody asks for it; it is reminded of"),
            ("in_time", "When somebody asks for it, on the 8th day at the latest"),
            ("at_once", "At once, as owed"),
        ],
        string="Invoice of What Is Put on a Customer's Account",
        help="The law wants the invoice within 8 days of the service, paid or not. "
        "What has none is shown with its age, from the 5th day on as a warning.",
    )
    salon_customer_account_answered_on = fields.Date(
        string="Customers' Accounts Decided On",
        compute="_compute_salon_customer_account_answered_on",
        store=True,
    )
    # No default: which of them it is, is a question of law that a person answers.
    salon_voucher_sale = fields.Selection(
        [
            ("skip", "Multi-purpose: not on the invoice, a payment when redeemed"),
            ("sale", "Single-purpose: sold with its VAT, nothing when redeemed"),
            ("stop", "Wait for a person"),
        ],
        string="Sold Vouchers and Gift Cards",
        help="Selling a multi-purpose voucher is no supply: VAT is due when it is "
        "redeemed (VAT Act 18/A-18/C), and redeeming is a payment. One that can only "
        "be used for what carries one VAT rate is single-purpose. This is the answer "
        "for products that do not say their kind; until one of the two is said, sales "
        "with vouchers wait.",
    )
    salon_voucher_answered_on = fields.Date(
        string="Said On", compute="_compute_salon_voucher_answered_on", store=True
    )
    # No default: until somebody says it the VAT that was paid stays paid.
    salon_no_show = fields.Selection(
        [
            (NoShow.FEE.value, "A fee for the time that was kept free: VAT stays due"),
            (
                NoShow.DAMAGES.value,
                "Damages, outside VAT: the advance invoice is cancelled",
            ),
        ],
        string="Deposits of Who Does Not Come",
        help="It depends on the terms that the customer has accepted: ask your "
        "accountant. Until it is said here the advance invoice stands as it is, which "
        "is always accepted.",
    )
    salon_no_show_answered_on = fields.Date(
        string="Deposits Decided On",
        compute="_compute_salon_no_show_answered_on",
        store=True,
    )

    # What follows is only said: no document depends on it.
    salon_paper_reports = fields.Selection(
        [("salon", "The salon itself"), ("accountant", "The accountant")],
        string="Handwritten Receipts Are Reported By",
        help="To NAV, by the day: no invoicing service knows of them.",
    )
    salon_walk_in_answer = fields.Selection(
        [
            ("accepted", "The accountant accepts them as they are"),
            ("asked", "Everybody is asked for a name and an address"),
        ],
        string="Invoices of Walk-ins",
        help="An invoice names its buyer with an address (VAT Act 169).",
    )
    salon_retention_years = fields.Integer(
        string="Years That Documents Are Kept",
        default=retention.LAW_YEARS,
        help="Counted from the end of the year after the one of issue; then the buyer, "
        "the content and the PDF are removed from the document. The law asks for 8 "
        "years. 0: they are kept for ever.",
    )
    salon_comment = fields.Text(
        string="Comment on Invoices",
        translate=True,
        help="{reference}, {order}, {cashier}, {shop} and {note} are replaced by the "
        "sale's own. The receipt number is always on the invoice.",
    )
    salon_walk_in_name = fields.Char(
        string="Walk-in Name",
        default="Magánszemély",
        help="The buyer on the invoice of a sale without a customer.",
    )
    salon_walk_in_postcode = fields.Char(string="Walk-in Postcode")
    salon_walk_in_city = fields.Char(string="Walk-in City")
    salon_walk_in_street = fields.Char(string="Walk-in Street")

    # === FIELDS: THE ACCOUNTANT === #

    # Off until both are given: nothing is mailed that nobody has asked for.
    salon_month_day = fields.Integer(
        string="Day of the Month",
        help="On this day, 1 to 28, last month's file is prepared by itself, and a "
        "summary of it is mailed. 0: never.",
    )
    salon_month_email = fields.Char(
        string="E-mail of the Accountant",
        help="Gets the summary, with a link behind log-in; no customer is named in it.",
    )

    # === CONSTRAINTS === #

    _salon_due_days_range = models.Constraint(
        "CHECK (salon_due_days BETWEEN 0 AND 90)",
        "Due days are between 0 and 90.",
    )

    _salon_month_day_range = models.Constraint(
        "CHECK (salon_month_day BETWEEN 0 AND 28)",
        "The day of the month is 1 to 28, or 0 for never.",
    )

    @api.constrains("salon_retention_years")
    def _check_salon_retention_years(self):
        for company in self:
            if not retention.is_lawful(company.salon_retention_years):
                raise ValidationError(
                    self.env._(
                        "Documents are kept for %(years)s years at least, because the "
                        "law asks for it, or for ever (0).",
                        years=retention.LAW_YEARS,
                    )
                )

    @api.constrains("salon_account_id")
    def _check_salon_account(self):
        """Keep a company, branches included, to an account of its own.

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

    @api.constrains("salon_comment")
    def _check_salon_comment(self):
        for company in self:
            unknown = [
                name
                for name in PLACEHOLDER.findall(company.salon_comment or "")
                if name not in PLACEHOLDERS
            ]
            if unknown:
                raise ValidationError(
                    self.env._(
                        "The comment on invoices does not know {%(name)s}. It knows: "
                        "%(known)s.",
                        name=unknown[0],
                        known=", ".join(f"{{{name}}}" for name in PLACEHOLDERS),
                    )
                )

    @api.constrains("salon_mail_subject", "salon_mail_text")
    def _check_salon_mail(self):
        longest = {
            "salon_mail_subject": LONGEST_SUBJECT,
            "salon_mail_text": LONGEST_TEXT,
        }
        for company in self:
            for name, most in longest.items():
                label = company._fields[name].get_description(self.env)["string"]
                company._salon_check_mail_words(label, company[name] or "", most)

    def _salon_check_mail_words(self, label, text, most):
        """Check a subject or a text of e-mails.

        :param str label: of the field
        :param int most: characters
        :raises ValidationError: it is too long, or names what is not known
        """
        if len(text) > most:
            raise ValidationError(
                self.env._(
                    "%(field)s: %(most)s characters at most.", field=label, most=most
                )
            )
        if unknown := unknown_name(text):
            raise ValidationError(
                self.env._(
                    "%(field)s does not know {%(name)s}. It knows: %(known)s.",
                    field=label,
                    name=unknown,
                    known=", ".join(f"{{{name}}}" for name in MAIL_PLACEHOLDERS),
                )
            )

    @api.constrains("salon_mail_reply_to")
    def _check_salon_mail_reply_to(self):
        for company in self:
            typed = company.salon_mail_reply_to
            if typed and not _address(typed):
                raise ValidationError(
                    self.env._("%s is no e-mail address.", typed[:100])
                )

    @api.constrains("salon_month_email")
    def _check_salon_month_email(self):
        for company in self:
            typed = company.salon_month_email
            several = typed.split(",") if typed else ()
            wrong = [one for one in several if not _address(one)]
            if wrong:
                raise ValidationError(
                    self.env._(
                        "%(typed)s is no e-mail address. Type the accountant's, such "
                        "as anna@example.com, and a comma between several.",
                        typed=wrong[0].strip()[:100],
                    )
                )

    # === COMPUTES === #

    @api.depends("currency_id")
    def _compute_salon_currency_id(self):
        for company in self:
            company.salon_currency_id = company.currency_id

    @api.depends("salon_voucher_sale")
    def _compute_salon_voucher_answered_on(self):
        for company in self:
            company.salon_voucher_answered_on = (
                company.salon_voucher_sale and fields.Date.context_today(company)
            )

    @api.depends("salon_no_show")
    def _compute_salon_no_show_answered_on(self):
        for company in self:
            company.salon_no_show_answered_on = (
                company.salon_no_show and fields.Date.context_today(company)
            )

    @api.depends("salon_receipt_tip")
    def _compute_salon_receipt_tip_answered_on(self):
        for company in self:
            company.salon_receipt_tip_answered_on = (
                company.salon_receipt_tip and fields.Date.context_today(company)
            )

    @api.depends("salon_receipt_layout")
    def _compute_salon_receipt_layout_answered_on(self):
        for company in self:
            company.salon_receipt_layout_answered_on = (
                company.salon_receipt_layout and fields.Date.context_today(company)
            )

    @api.depends("salon_customer_account")
    def _compute_salon_customer_account_answered_on(self):
        for company in self:
            company.salon_customer_account_answered_on = (
                company.salon_customer_account and fields.Date.context_today(company)
            )

    @api.depends("salon_vat_answer")
    def _compute_salon_vat_answered_on(self):
        for company in self:
            company.salon_vat_answered_on = (
                company.salon_vat_answer and fields.Date.context_today(company)
            )

    # === CREATION === #

    def write(self, vals):
        if any(name.startswith("salon_") for name in vals):
            self._salon_check_own()
        if "salon_default_vat" in vals:
            vals = self._salon_reset_vat_answer(vals)
        if "salon_account_id" in vals:
            account = self.env["salon.invoice.account"].browse(vals["salon_account_id"])
            shops = self._salon_shops().filtered(lambda shop: not shop.salon_account_id)
            shops._salon_move(account)
        with self.env["salon.invoice.question"]._noting(self, vals):
            result = super().write(vals)
        self._salon_retry_decided(vals)
        return result

    def _salon_check_own(self):
        """Refuse users of other companies: Odoo lets administrators write on all.

        :raises AccessError: if the user does not work in one of these
        """
        if not self.env.su and self - self.env.companies:
            raise AccessError(
                self.env._(
                    "How a company invoices is changed by the people of that company."
                )
            )

    def _salon_reset_vat_answer(self, vals):
        """Return ``vals`` without the answer that was given about another default VAT.

        :param dict vals: of a write that sets ``salon_default_vat``
        """
        changed = self.filtered(
            lambda company: company.salon_default_vat != vals["salon_default_vat"]
        )
        if not changed:
            return vals
        if "salon_vat_changes" not in vals:  # somebody says what it is now, and was
            self.env["salon.invoice.exemption"]._drop_planned(changed)
            vals = {"salon_vat_changes": False, **vals}
        return {"salon_vat_answer": False, **vals}

    def _salon_take_status(self, default_vat, answer=None):
        """Write the VAT status as a change of it says, and keep what it was before.

        :param str default_vat: a value of ``salon_default_vat``
        :param answer: a value of ``salon_vat_answer``, or None
        """
        for company in self:
            company.write(
                {
                    "salon_default_vat": default_vat,
                    "salon_vat_answer": answer or False,
                    "salon_vat_changes": company.salon_vat_changes,
                }
            )

    def _salon_keep_changes(self, changes):
        """Write the changes of status, by their day.

        :param changes: JSON of ``billing.exemption.VatChange`` s, each with the ``id``
            of its ``salon.invoice.exemption``
        """
        ordered = sorted(changes, key=lambda change: change["day"])
        self.write({"salon_vat_changes": ordered or False})

    def _salon_retry_decided(self, vals):
        """Retry the documents that have waited for what ``vals`` decides."""
        if (
            vals.get("salon_vat_answer")
            or vals.get("salon_default_vat", "AAM") != "AAM"
        ):
            self._salon_retry_undecided("exempt")
        if vals.get("salon_voucher_sale") in ("skip", "sale"):
            self._salon_retry_undecided("voucher")

    def _salon_retry_undecided(self, cause):
        """Retry the documents that have waited for a decision.

        :param str cause: of a problem, see ``salon.invoice.message``
        """
        waiting = (
            self.env["salon.invoice.document"]
            .sudo()
            .search(
                [
                    ("company_id", "in", self.ids),
                    ("state", "=", "attention"),
                    ("problem_cause", "=", cause),
                ]
            )
        )
        waiting._retry()

    # === PEOPLE'S BUTTONS === #

    def action_salon_invoicing(self):
        """Open the invoicing account of this company, or connect its first one."""
        self.ensure_one()
        if self.salon_account_id:
            return self.salon_account_id._action_open()
        return self.env["salon.invoice.connect"]._action_start(self)

    # === RULES === #

    def _salon_shops(self):
        """Return the tills of these companies, closed ones too."""
        shops = self.env["pos.config"].sudo().with_context(active_test=False)
        return shops.search([("company_id", "in", self.ids)])

    def _salon_take_self_service(self, account):
        """Switch off self-service invoicing, by which receipts lead to Odoo's invoice.

        :param account: that is connected; it is noted in its chatter
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
        """Restore self-service invoicing once no account is left.

        :param account: that is disconnected; it is noted in its chatter
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

    # === RULES: WHAT IS ON THE DOCUMENT === #

    def _salon_document_settings(self, language):
        """Return this company's part of the ``billing.policy.Policy``, as keywords.

        :param str language: of the document, ISO 639
        """
        self.ensure_one()
        methods = self._salon_usable("pos.payment.method", "salon_payment_kind", *TERMS)
        coding = self.env["account.tax"]._salon_vat_fields()
        taxes = self._salon_usable("account.tax", *coding)
        localized = self.with_context(lang=self._salon_active_language(language))
        return {
            "tip": Tip(self.salon_tip),
            "voucher_sale": _enum(VoucherSale, self.salon_voucher_sale),
            "default_vat": self.salon_default_vat,
            "vat_answer": _enum(VatAnswer, self.salon_vat_answer),
            "vat_changes": self._salon_changes_of_status(),
            "vat_codes": {tax.id: tax._salon_vat() for tax in taxes},
            "payment_kinds": {
                method.id: _enum(PaymentKind, method.salon_payment_kind)
                for method in methods
            },
            "default_payment_kind": PaymentKind(self.salon_default_payment_kind),
            "due_days": self.salon_due_days,
            "method_due_days": {
                method.id: method.salon_due_days
                for method in methods
                if method.salon_has_due_days
            },
            "accepts_business": self.salon_accepts_business,
            "walk_in_name": self.salon_walk_in_name or "",
            "walk_in_postcode": self.salon_walk_in_postcode or "",
            "walk_in_city": self.salon_walk_in_city or "",
            "walk_in_street": self.salon_walk_in_street or "",
            "comment": localized.salon_comment or "",
            "send_email": self.salon_send_email,
        }

    def _salon_mail_template(self, shop, language, words):
        """Return what the service's e-mails say, a ``billing.mail.MailTemplate``.

        :param shop: ``pos.config`` of the sale
        :param str language: of the document, ISO 639
        :param words: what each ``Kind`` of document is called in it
        """
        self.ensure_one()
        localized = self.with_context(lang=self._salon_active_language(language))
        return MailTemplate(
            subject=localized.salon_mail_subject or "",
            text=localized.salon_mail_text or "",
            reply_to=self._salon_reply_to(),
            company=self.name or "",
            shop=shop.name or "",
            words=words,
        )

    def _salon_reply_to(self):
        """Return the address that answers to e-mails go to, "" if there is none."""
        return _address(self.salon_mail_reply_to) or _address(self.email)

    def _salon_receipt_layout(self):
        """Return what a customer gets on paper of a receipt, a ``Layout``."""
        return Layout(self.salon_receipt_layout or Layout.TILL)

    def _salon_changes_of_status(self):
        """Return the ``billing.exemption.VatChange`` s of this company, a tuple."""
        return tuple(
            from_json(VatChange, {k: kept[k] for k in kept if k != "id"})
            for kept in self.salon_vat_changes or ()
        )

    def _salon_receipt_tip(self):
        """Return what a tip becomes that a receipt cannot hold, a ``TipAnswer``."""
        return TipAnswer(self.salon_receipt_tip or TipAnswer.INVOICE)

    def _salon_usable(self, model, *fields):
        """Return the records of ``model`` that this company may sell with.

        Its own, its parents' and those without a company, archived ones too: an old
        sale names them.
        """
        companies = [False, *self.parent_ids.ids]
        records = self.env[model].with_context(active_test=False)
        domain = [("company_id", "in", companies)]
        if not fields:
            return records.search(domain)
        return records.search_fetch(domain, fields)

    def _salon_active_language(self, language):
        """Return Odoo's code of an active language, None if it is not active.

        :param str language: ISO 639
        """
        for code, _name in self.env["res.lang"].get_installed():
            if code.startswith(language):
                return code
        return None


def _address(typed):
    """Return ``typed`` as one plain e-mail address, "" if it is none."""
    # email_normalize() accepts several lines, which would add headers.
    found = typed and typed.isprintable() and email_normalize(typed)
    return found if found and single_email_re.match(found) else ""


def _enum(kind, value):
    """Return ``value`` of a selection as a ``kind``, None where nothing is chosen."""
    return kind(value) if value else None
