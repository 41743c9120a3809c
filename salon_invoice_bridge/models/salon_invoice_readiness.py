from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL, config, format_amount, format_date, format_datetime
from odoo.tools.translate import LazyGettext, LazyTranslate

from ..billing import vat
from ..billing.choice import Outcome, Rule, Situation, choose
from ..billing.daily import GRACE_UNTIL
from ..billing.exemption import AAM, Room, limit, room
from ..billing.hungary import bounds_of
from ..billing.invoice import LANE_STATES, SELLING_STATES
from ..billing.owed import RED_DAYS, Age, age
from ..billing.settlement import OWED
from ..providers import registry

# Lazy: translated when shown, in the reader's language.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

#: Worst first: that is the order of the panel.
LEVELS = ("bad", "warning", "info", "ok")
#: Days after which a key is due for a new one.
KEY_DAYS = 365
#: Days before the end of a subscription that it is worth a word.
SUBSCRIPTION_DAYS = 14
#: A document that waits longer than this deserves a look.
LATE = timedelta(minutes=15)
#: One that waits longer than this is late by any standard.
TOO_LATE = timedelta(days=1)
#: How old what has no invoice is -> the level: the law wants it within 8 days.
AGES = {Age.FRESH: "info", Age.AMBER: "warning", Age.RED: "bad"}
#: The page for the accountant, in Hungarian: docs/konyvelonek.md.
ACCOUNTANT_PAGE = "/salon_invoice_bridge/static/description/konyvelonek.html"
#: Background jobs that have not run for this long do not run.
SILENT = timedelta(hours=1)


class Button(NamedTuple):
    """The button of a row: what it is called, and the method behind it."""

    label: LazyGettext
    method: str  # of salon.invoice.readiness; takes the account, returns an action


class Finding(NamedTuple):
    """What a check has found."""

    level: str  # of LEVELS: "bad" only where sales are not (lawfully) invoiced
    text: str
    button: Button | None = None


class Row(NamedTuple):
    """One row of the panel, in the language of who reads it."""

    code: str
    title: str
    level: str
    text: str
    button: Button | None = None


class Check(NamedTuple):
    """One row of the table: a question about an account, and who answers it."""

    code: str
    title: LazyGettext
    method: str  # of salon.invoice.readiness; takes the account, returns a Finding
    selling: bool = True  # False: asked of an account that sells nothing, too


CONNECT = Button(_lt("Connect"), "_open_connection")
REPLACE_KEY = Button(_lt("Replace the key"), "_open_connection")
RESUME = Button(_lt("Verify again"), "_resume")
TEST_CONNECTION = Button(_lt("Test the connection"), "_refresh")
CONFIRM_GUARD = Button(_lt("I have switched it on"), "_confirm_guard")
CHANGE_SETTINGS = Button(_lt("Change"), "_open_settings")
CHOOSE_BLOCK = Button(_lt("Choose a block"), "_open_settings")
CHOOSE_BANK_ACCOUNT = Button(_lt("Choose a bank account"), "_open_settings")
CHOOSE_SHOP_BLOCK = Button(_lt("Choose a block"), "_open_shop_settings")
SET_WALK_IN = Button(_lt("Set it"), "_open_settings")
COMPLETE_COMPANY = Button(_lt("Complete the company"), "_open_company")
CHECK_COMPANY = Button(_lt("Check the company"), "_open_company")
SET_CODES = Button(_lt("Set the codes"), "_open_taxes")
SHOW_INVOICE_ONLY_TAXES = Button(_lt("Show them"), "_open_invoice_only_taxes")
SET_PAYMENT_KINDS = Button(_lt("Set what is printed"), "_open_payment_methods")
DECIDE_EXEMPTION = Button(_lt("Say which is right"), "_open_salon_settings")
EXEMPT_PRODUCTS = Button(_lt("Show what would change"), "_open_exempt_products")
CHARGE_VAT = Button(_lt("Charge VAT from a day on"), "_open_charging")
SHOW_STATUS = Button(_lt("Show it"), "_open_status")
DECIDE_VOUCHERS = Button(_lt("Say what they are"), "_open_salon_settings")
SWITCH_OFF_SELF_SERVICE = Button(_lt("Switch it off"), "_switch_off_self_service")
LOOK_AT_ACCOUNTING = Button(_lt("Look at it"), "_open_account_settings")
CHOOSE_RECEIPT_BLOCK = Button(_lt("Choose a block of receipts"), "_open_settings")
CONNECT_SHOPS = Button(_lt("Connect"), "_open_salon_settings")
CHANGE_POLICY = Button(_lt("Change"), "_open_salon_settings")
ANSWER = Button(_lt("Answer"), "_open_questions")
LOOK_AT_ANSWERS = Button(_lt("Look"), "_open_questions")
SHOW_DAILY_TOTALS = Button(_lt("Daily totals"), "_open_daily_totals")
OPEN_PAGE = Button(_lt("Open the page"), "_open_accountant_page")
LOOK_AT_JOBS = Button(_lt("Look"), "_open_crons")
SHOW_WAITING = Button(_lt("Show them"), "_open_waiting")
SHOW_ATTENTION = Button(_lt("Show them"), "_open_attention")
SHOW_OWED = Button(_lt("Show them"), "_open_owed")
SHOW_CUSTOMER_ACCOUNT = Button(_lt("Show them"), "_open_customer_account")

#: Every check, in the order of the panel.  A block and a number prefix
#: are the same question to two kinds of services: each finds None at the other kind.
CHECKS = (
    Check("connection", _lt("Connection"), "_check_connection", selling=False),
    Check("owner", _lt("Owner"), "_check_owner"),
    Check("key", _lt("API key"), "_check_key"),
    Check("subscription", _lt("Subscription"), "_check_subscription"),
    Check("nav", _lt("NAV Online Invoice"), "_check_nav"),
    Check("receipts", _lt("Receipts and NAV"), "_check_receipts"),
    Check("block", _lt("Document block"), "_check_block"),
    Check("block", _lt("Number prefix"), "_check_prefix"),
    Check("shop_blocks", _lt("Blocks of the shops"), "_check_shop_blocks"),
    Check("receipt_block", _lt("Series of receipts"), "_check_receipt_block"),
    Check("bank_account", _lt("Bank account"), "_check_bank_account"),
    Check("guard", _lt("Order number guard"), "_check_guard"),
    Check("test", _lt("Test account"), "_check_test_account"),
    Check("policy", _lt("Invoice mode"), "_check_policy"),
    Check("tills", _lt("Shops that give nothing"), "_check_tills"),
    Check("on_request", _lt("Only on request"), "_check_on_request"),
    Check("branches", _lt("Branches"), "_check_branches"),
    Check("defaults", _lt("Defaults"), "_check_defaults"),
    Check("company", _lt("Company data"), "_check_company_data"),
    Check("walk_in", _lt("Walk-in customers"), "_check_walk_in"),
    Check("walk_in_invoices", _lt("Invoices of walk-ins"), "_check_walk_in_invoices"),
    Check("taxes", _lt("VAT codes"), "_check_taxes"),
    Check("receipt_taxes", _lt("VAT codes on receipts"), "_check_receipt_taxes"),
    Check("exemption", _lt("Exempt from VAT (AAM)"), "_check_exemption"),
    Check("exempt_products", _lt("Exempt products"), "_check_exempt_products"),
    Check("exempt_limit", _lt("Limit of the exemption"), "_check_exempt_limit"),
    Check("status", _lt("VAT status"), "_check_status"),
    Check("vouchers", _lt("Vouchers"), "_check_vouchers"),
    Check("payment_methods", _lt("Payment methods"), "_check_payment_methods"),
    Check("currency", _lt("Currency"), "_check_currency"),
    Check("self_service", _lt("Odoo's own invoicing"), "_check_self_service"),
    Check("l10n_hu_edi", _lt("Reports to NAV"), "_check_l10n_hu_edi"),
    Check("cron", _lt("Background jobs"), "_check_cron"),
    Check("time_limit", _lt("Time limit"), "_check_time_limit"),
    Check("search", _lt("Search by number"), "_check_search"),
    Check("last", _lt("Last invoice"), "_check_last_success"),
    Check("waiting", _lt("Waiting"), "_check_waiting"),
    Check("attention", _lt("Needs attention"), "_check_attention"),
    Check("customer_account", _lt("On customers' accounts"), "_check_customer_account"),
    Check("owed", _lt("Unpaid invoices"), "_check_owed"),
    Check("questions", _lt("Questions to the salon"), "_check_questions"),
    Check("accountant", _lt("For the accountant"), "_check_accountant"),
)


class SalonInvoiceReadiness(models.AbstractModel):
    """Whether an account is ready to invoice, at a glance: its card's panel.

    :data:`CHECKS` is the table of all checks; start reading there. Each is answered by
    a method of this model, which reads and never calls the service: it returns a
    :class:`Finding`, or None where the check does not apply. A button of the panel
    calls ``salon.invoice.account.action_fix``, which ends in :meth:`_fix`.

    The checks run as superuser, so that whoever may see the account sees all of them;
    a button acts with the rights of the user who presses it.
    """

    _name = "salon.invoice.readiness"
    _description = "Readiness of an Invoicing Service Account"

    # === THE PANEL === #

    @api.model
    def _rows(self, account):
        """Return the rows of the panel, in the language of the environment.

        :return: a list of ``(code, level, title, text, button)``
        """
        account.ensure_one()
        selling = account.state in SELLING_STATES
        rows = []
        for check in CHECKS:
            if check.selling and not selling:
                continue
            if finding := getattr(self, check.method)(account):
                rows.append(Row(check.code, self.env._(check.title), *finding))
        return rows

    @api.model
    def _panel(self, account):
        """Return what the panel shows, worst first, and the account's readiness.

        :return: the JSON of the field ``checks``, and the value of ``readiness``
        """
        rows = self._rows(account)
        levels = {row.level for row in rows}
        panel = [
            {
                "code": row.code,
                "level": row.level,
                "title": row.title,
                "text": row.text,
                "fix": row.button.method if row.button else "",
                "label": self.env._(row.button.label) if row.button else "",
            }
            for level in LEVELS
            for row in rows
            if row.level == level
        ]
        if "bad" in levels:
            return panel, "not_ready"
        return panel, "check" if "warning" in levels else "ready"

    @api.model
    def _fix(self, account, code):
        """Do or open what the button of the check ``code`` leads to.

        :return: an action, or False where the panel only has to be read again
        """
        for row in self.sudo()._rows(account.sudo()):
            if row.code == code and row.button:
                return getattr(self, row.button.method)(account)
        return False

    # === CHECKS: THE SERVICE === #

    def _check_connection(self, account):
        if account.state == "connected" and account._has_outage():
            # Not red: people have been alerted already.
            return Finding("warning", account._format_delay())
        if account.state == "connected":
            text = self.env._(
                "Connected since %(date)s.",
                date=self._format_moment(account.connected_at).rstrip("."),
            )
            return Finding("ok", text)
        if account.state == "paused":
            labels = dict(account._fields["state"]._description_selection(self.env))
            text = account.pause_reason or labels["paused"]
            return Finding("bad", text, RESUME)
        if account.state == "retired":
            text = self.env._(
                "Retired: it issues nothing new, and cancels or corrects what it has "
                "issued."
            )
            return Finding("info", text)
        text = self.env._("Not connected: sales are not invoiced here.")
        return Finding("bad", text, CONNECT)

    def _check_owner(self, account):
        ours, theirs = account.company_id.vat or "", account.tax_number or ""
        if not theirs:
            text = self.env._("The service does not say whose account this is.")
            return Finding("info", text)
        if not ours:
            text = self.env._(
                "The account belongs to %(theirs)s; the company has no tax number.",
                theirs=theirs,
            )
            return Finding("warning", text, COMPLETE_COMPANY)
        if not account._same_taxpayer(ours, theirs):
            text = self.env._(
                "The account belongs to %(theirs)s, but the company is %(ours)s: its "
                "invoices would be somebody else's.",
                theirs=theirs,
                ours=ours,
            )
            return Finding("bad", text, CHECK_COMPANY)
        text = self.env._(
            "The account belongs to %(theirs)s, the company to %(ours)s: the same "
            "taxpayer.",
            theirs=theirs,
            ours=ours,
        )
        return Finding("ok", text)

    def _check_key(self, account):
        if not account.key_set_at:
            return None
        days = (fields.Datetime.now() - account.key_set_at).days
        if days > KEY_DAYS:
            text = self.env._(
                "The key is %(days)s days old. A new one is safer.", days=days
            )
            return Finding("warning", text, REPLACE_KEY)
        text = self.env._(
            "Set on %(date)s, checked on %(checked)s.",
            date=self._format_moment(account.key_set_at),
            checked=self._format_moment(account.verified_at).rstrip("."),
        )
        return Finding("ok", text, TEST_CONNECTION)

    def _check_subscription(self, account):
        until = fields.Date.to_date((account.info or {}).get("subscription_until"))
        if not until:
            return None
        days = (until - fields.Date.context_today(self)).days
        day = self._format_day(until)
        if days < 0:
            return Finding("bad", self.env._("Ran out on %(date)s.", date=day))
        text = self.env._("Runs until %(date)s.", date=day)
        return Finding("warning" if days < SUBSCRIPTION_DAYS else "ok", text)

    def _check_nav(self, account):
        connected = (account.info or {}).get("nav_connected")
        if connected is None:
            text = self.env._(
                "The service reports invoices to NAV itself; see there that it is "
                "set up."
            )
            return Finding("info", text)
        if not connected:
            text = self.env._(
                "The service is not connected to NAV: set up the technical user there, "
                "because every invoice must be reported."
            )
            return Finding("bad", text, TEST_CONNECTION)
        text = self.env._("The service reports every invoice to NAV itself.")
        return Finding("ok", text)

    def _check_receipts(self, account):
        """Ask whether receipts are reported to NAV, where the account gives some.

        Totals of each day, by the service, since 2026-09-01 (nav-gov-hu/eRECEIPT
        discussion 96: very sure), without a penalty until 2026-12-31 (three developers:
        fairly sure). That Számlázz.hu reports by itself once NAV's technical user has
        the right is a developer's word; of Billingo it is one project's comment. No
        interface tells it, so a person does.
        """
        if not self._gives_receipts(account):
            return None
        today = self.env["salon.invoice.document"]._today()
        if account.receipts_reported == "yes":
            text = self.env._(
                "The service reports receipts to NAV by itself, as you have seen."
            )
            return Finding("ok", text, SHOW_DAILY_TOTALS)
        text = self.env._(
            "NAV wants the totals of each day's receipts within three days. The "
            "service reports them if its connection to NAV has the right to report "
            "receipts. There is no penalty until %(date)s. See at NAV that they "
            "arrive, and say it here.",
            date=self._format_day(GRACE_UNTIL),
        )
        return Finding("bad" if today > GRACE_UNTIL else "warning", text, ANSWER)

    def _check_block(self, account):
        """Check the document block, where the service has a list of them."""
        if not account.block_listed:
            return None
        if not account.block:
            if account._capabilities().block_required:
                text = self.env._(
                    "None is selected, and no invoice can be made without one."
                )
                return Finding("bad", text, CHOOSE_BLOCK)
            text = self.env._("None is selected: the service's default is used.")
            return Finding("ok", text)
        if not account._has_block(account.block):
            text = self.env._(
                "%(block)s has been deleted at the service: no invoice can be made "
                "until another one is chosen.",
                block=account.block_id.name or account.block,
            )
            return Finding("bad", text, CHOOSE_BLOCK)
        return Finding("ok", account.block_id.display_name)

    def _check_prefix(self, account):
        """Check the number prefix, where the service has no list of blocks."""
        if account.block_listed:
            return None
        if not account.block:
            text = self.env._("The default number prefix of the account is used.")
            return Finding("ok", text)
        if not account._has_block(account.block):
            text = self.env._(
                "%(prefix)s cannot be a number prefix: no invoice can be made.",
                prefix=account.block,
            )
            return Finding("bad", text, CHANGE_SETTINGS)
        text = self.env._("Numbers start with %(prefix)s.", prefix=account.block)
        if self._has_numbered(account, account.block):
            return Finding("ok", text)
        text += " " + self.env._(
            "No invoice has used it yet: it must be registered at the service, or "
            "invoicing stops at the first one."
        )
        return Finding("info", text, CHANGE_SETTINGS)

    def _has_numbered(self, account, prefix):
        """Return True if a document of ``account`` has a number with ``prefix``.

        As Számlázz.hu writes them: ``SZ-2026-1``, of an e-invoice ``E-SZ-2026-1``. By
        the beginning, because the index of numbers knows nothing else. A number of
        another shape leaves a remark on the panel, no more.
        """
        return bool(
            self.env["salon.invoice.document"].search_count(
                [
                    ("account_id", "=", account.id),
                    "|",
                    ("number", "=like", f"{prefix}-%"),
                    ("number", "=like", f"E-{prefix}-%"),
                ],
                limit=1,
            )
        )

    def _check_shop_blocks(self, account):
        shops = self._shops_without_block(account)
        if not shops:
            return None
        text = self.env._(
            "Their own block is not at the service any more: %(shops)s. No invoice of "
            "theirs can be made until another one is chosen.",
            shops=", ".join(shops.mapped("name")),
        )
        return Finding("bad", text, CHOOSE_SHOP_BLOCK)

    def _check_receipt_block(self, account):
        """Check the series of receipts of the account and its tills."""
        chosen = {
            shop: shop._salon_till_settings().receipt_block
            for shop in self._open_shops(account)
        }
        gone = self._open_shops(account).filtered(
            lambda shop: (chosen[shop] and not account._has_receipt_block(chosen[shop]))
        )
        if gone:
            text = self.env._(
                "The block of receipts of these shops is not at the service any more: "
                "%(shops)s. No receipt of theirs can be made until another one is "
                "chosen.",
                shops=", ".join(gone.mapped("name")),
            )
            own = any(gone.mapped("salon_receipt_block"))
            return Finding("bad", text, CHANGE_POLICY if own else CHOOSE_RECEIPT_BLOCK)
        wanting = [
            shop.name
            for shop in self._open_shops(account)
            if not chosen[shop] and self._wants_receipts(shop)
        ]
        if not wanting:
            return None
        if account.has_receipts:
            text = self.env._(
                "No block of receipts is chosen, so every sale gets an invoice in: "
                "%(shops)s.",
                shops=", ".join(wanting),
            )
            return Finding("warning", text, CHOOSE_RECEIPT_BLOCK)
        text = self.env._(
            "%(service)s has no receipts, so every sale gets an invoice in: %(shops)s.",
            service=registry.get(account.provider).name,
            shops=", ".join(wanting),
        )
        return Finding("warning", text, CHANGE_POLICY)

    def _wants_receipts(self, shop):
        """Return True if the shop is to give receipts by itself."""
        settings = shop._salon_till_settings()
        by_rule = settings.rule in (Rule.CUSTOMER, Rule.REQUEST)
        return by_rule and not settings.cash_register

    def _shops_without_block(self, account):
        """Return the open tills whose own block does not exist any more."""
        return account._shops().filtered(
            lambda shop: shop.active
            and shop.salon_block
            and not account._has_block(shop.salon_block)
        )

    def _check_bank_account(self, account):
        if not account.bank_account:
            text = self.env._("None is selected: none is printed on invoices.")
            return Finding("info", text)
        bank = account.bank_account_id
        if not account._has_bank_account(account.bank_account):
            text = self.env._(
                "%(bank)s is no longer at the service. Choose another one, or none.",
                bank=bank.name or account.bank_account,
            )
            return Finding("bad", text, CHOOSE_BANK_ACCOUNT)
        expected = account.company_id.salon_currency_id.name
        if bank.currency and bank.currency != expected:
            text = self.env._(
                "%(bank)s is in %(currency)s, but invoices are in %(expected)s.",
                bank=bank.display_name,
                currency=bank.currency,
                expected=expected,
            )
            return Finding("warning", text, CHOOSE_BANK_ACCOUNT)
        typed = " ".join(filter(None, (account.bank_name, account.bank_account)))
        return Finding("ok", bank.display_name or typed)

    def _check_guard(self, account):
        if account.provider != "szamlazz":
            return None
        if account.order_number_guard:
            text = self.env._(
                "Számlázz.hu itself refuses a second invoice of the same sale."
            )
            return Finding("ok", text)
        text = self.env._(
            "Switch on Beállítások > Fiók > Számlázás > Rendelésszám ismétlődésének "
            "tiltása at Számlázz.hu: then it refuses a second invoice of the same sale "
            "even if an answer is lost on the way."
        )
        return Finding("warning", text, CONFIRM_GUARD)

    def _check_test_account(self, account):
        if not (account.sudo().base_url or account._sandbox()):
            return None
        text = self.env._("This is a test account: its invoices are not real.")
        return Finding("warning", text)

    # === CHECKS: THE SALON === #

    def _check_policy(self, account):
        company = account.company_id
        if not company.salon_invoice_capable:
            text = self.env._("The company is set up as not allowed to issue invoices.")
            return Finding("bad", text, CHANGE_SETTINGS)
        kind = self._label_of(company, "salon_kind")
        if company.salon_kind == "draft":
            kind = self.env._("Draft, which somebody finalizes at the service or here")
        if company.salon_automatic:
            sales = self._label_of(company, "salon_which")
            text = self.env._("Automatic. %(sales)s.", sales=sales)
            if company.salon_kind != "invoice":
                text += " " + self.env._("What is made of it: %(kind)s.", kind=kind)
        else:
            text = self.env._(
                "By hand: somebody presses Generate invoice. %(kind)s.", kind=kind
            )
        own = self._open_shops(account).filtered(
            lambda shop: shop.salon_mode or shop.salon_which or shop.salon_kind
        )
        if own:
            names = ", ".join(own.mapped("name"))
            text += " " + self.env._("Otherwise in: %(shops)s.", shops=names)
        kind_warning = account._warn_of_kind(account.provider, company.salon_kind or "")
        if kind_warning:
            return Finding("warning", f"{text} {kind_warning}", CHANGE_SETTINGS)
        return Finding("ok", text, CHANGE_SETTINGS)

    def _given_to_walk_in(self, shop):
        """Return the ``choice.Choice`` of what a walk-in gets in a shop, by itself."""
        settings = shop._salon_till_settings()
        return choose(
            Situation(
                gross=Decimal(1),
                rule=settings.rule,
                currency=shop.currency_id.name,
                cash_register=settings.cash_register,
                receipts=settings.has_receipts,
                series=bool(settings.receipt_block),
            )
        )

    def _gives_receipts(self, account):
        """Return True if a shop gives receipts by itself, or the account has any."""
        return any(
            self._given_to_walk_in(shop).outcome is Outcome.RECEIPT
            for shop in self._open_shops(account)
        ) or bool(
            self.env["salon.invoice.document"].search_count(
                [("account_id", "=", account.id), ("is_receipt", "=", True)], limit=1
            )
        )

    def _check_tills(self, account):
        """Name the shops whose sales get nothing of the service by themselves.

        Every sale needs an invoice or a receipt (VAT Act 159, 166; sure): one of the
        service, of a cash register, or one that somebody writes by hand.
        """
        unconnected = account.company_id._salon_shops().filtered(
            lambda shop: shop.active and not shop._salon_till_settings().account
        )
        manual = self._open_shops(account).filtered(
            lambda shop: shop._salon_till_settings().rule is Rule.MANUAL
        )
        texts = []
        if unconnected:
            text = self.env._(
                "No invoicing service is connected in: %(shops)s.",
                shops=", ".join(unconnected.mapped("name")),
            )
            texts.append(text)
        if manual:
            text = self.env._(
                "Nothing is made by itself in: %(shops)s. Each sale waits there until "
                "somebody presses Generate invoice or Generate receipt; the law wants "
                "one of them for every sale.",
                shops=", ".join(manual.mapped("name")),
            )
            texts.append(text)
        if not texts:
            return None
        return Finding(
            "warning", " ".join(texts), CONNECT_SHOPS if unconnected else CHANGE_POLICY
        )

    def _check_on_request(self, account):
        """Name the shops that give an invoice on request only.

        That is lawful where a cash register gives the receipts (VAT Act 166; sure).
        Whether one is there is a question: former versions gave nothing else to such
        shops, and an upgrade has marked them.
        """
        shops = self._open_shops(account).filtered(
            lambda shop: (
                self._given_to_walk_in(shop).outcome is Outcome.NEITHER
                and shop._salon_till_settings().rule is not Rule.MANUAL
            )
        )
        if not shops:
            return None
        names = ", ".join(shops.mapped("name"))
        open_questions = self.env["salon.invoice.question"]._open(account)
        if any(
            question.code == "cash_register" and record in shops
            for question, record in open_questions
        ):
            text = self.env._(
                "Sales get nothing of the service unless an invoice is asked for, "
                "because a cash register gives the receipts, in: %(shops)s. Say "
                "whether there is one: without it these sales have no receipt at all.",
                shops=names,
            )
            return Finding("warning", text, ANSWER)
        text = self.env._(
            "The cash register gives the receipts, and the service the invoices that "
            "are asked for, in: %(shops)s.",
            shops=names,
        )
        return Finding("info", text, LOOK_AT_ANSWERS)

    def _check_branches(self, account):
        company = account.company_id
        branches = self.env["res.company"].search(
            [("id", "child_of", company.id), ("id", "!=", company.id)]
        )
        shops = branches._salon_shops().filtered(
            lambda shop: shop.active and not shop._salon_till_settings().account
        )
        if not shops:
            return None
        text = self.env._(
            "Sales are not invoiced in: %(shops)s. They belong to branches, and a "
            "branch has an account of its own: switch to the branch and connect its "
            "invoicing service there.",
            shops=", ".join(f"{shop.name} ({shop.company_id.name})" for shop in shops),
        )
        return Finding("warning", text)

    def _check_defaults(self, account):
        company = account.company_id
        text = self.env._(
            "VAT %(vat)s for products without a tax, %(payment)s for payment methods "
            "without a kind.",
            vat=self._label_of(company, "salon_default_vat"),
            payment=self._label_of(company, "salon_default_payment_kind"),
        )
        return Finding("ok", text, CHANGE_SETTINGS)

    def _check_company_data(self, account):
        missing = [
            label
            for name, label in (
                ("vat", self.env._("tax number")),
                ("zip", self.env._("postcode")),
                ("city", self.env._("town")),
                ("street", self.env._("street")),
            )
            if not account.company_id[name]
        ]
        if not missing:
            return Finding("ok", self.env._("Complete."))
        text = self.env._(
            "Missing: %(what)s. Invoices are issued in this company's name.",
            what=", ".join(missing),
        )
        return Finding("warning", text, COMPLETE_COMPANY)

    def _check_walk_in(self, account):
        if not account._capabilities().persistent_partners:
            return None
        company = account.company_id
        parts = (
            company.salon_walk_in_postcode,
            company.salon_walk_in_city,
            company.salon_walk_in_street,
        )
        if all(parts):
            return Finding("ok", " ".join(parts))
        text = self.env._(
            "The service wants an address for every buyer: set the one for customers "
            "who leave none."
        )
        return Finding("bad", text, SET_WALK_IN)

    def _check_walk_in_invoices(self, account):
        """Remark that invoices of walk-ins do not say who has bought.

        An invoice names its buyer with an address (VAT Act 169 e); from memory, not
        read for this: fairly sure). A receipt names nobody.
        """
        shops = self._open_shops(account).filtered(
            lambda shop: (
                self._given_to_walk_in(shop).outcome is Outcome.INVOICE
                and shop._salon_till_settings().capable
            )
        )
        if not shops:
            return None
        answer = account.company_id.salon_walk_in_answer
        text = self.env._(
            "Whoever leaves no name gets an invoice made out to %(name)s, without an "
            "address of their own, in: %(shops)s.",
            name=account.company_id.salon_walk_in_name or "",
            shops=", ".join(shops.mapped("name")),
        )
        if answer:
            said = self._label_of(account.company_id, "salon_walk_in_answer")
            return Finding("info", f"{text} {said}.", LOOK_AT_ANSWERS)
        text += " " + self.env._(
            "Ask your accountant whether that is enough. A receipt needs no buyer."
        )
        return Finding("warning", text, ANSWER)

    def _till_taxes(self, account):
        """Return the taxes of the till's products."""
        # A branch sells its parents' products, at their taxes.
        companies = account.company_id.parent_ids
        groups = self.env["product.template"]._read_group(
            [
                ("available_in_pos", "=", True),
                ("company_id", "in", (False, *companies.ids)),
            ],
            ["taxes_id"],
        )
        taxes = self.env["account.tax"].union(*(tax for (tax,) in groups))
        return taxes.filtered(lambda tax: tax.company_id in companies)

    def _unmapped_taxes(self, account):
        """Return the taxes of the till's products that the service has no word for."""
        knows = registry.get(account.provider).knows_vat
        return self._till_taxes(account).filtered(
            lambda tax: not (tax._salon_vat() and knows(tax._salon_vat()))
        )

    def _check_taxes(self, account):
        taxes = self._unmapped_taxes(account)
        if not taxes:
            text = self.env._("Every tax on the till's products has its code.")
            return Finding("ok", text)
        coded = taxes.filtered(lambda tax: tax._salon_vat())
        texts = []
        if taxes - coded:
            text = self.env._(
                "No code for invoices on: %(taxes)s. A sale with one of them stops and "
                "waits for you.",
                taxes=", ".join((taxes - coded).mapped("name")),
            )
            texts.append(text)
        if coded:
            text = self.env._(
                "%(service)s has no word for the code of: %(taxes)s. A sale with one "
                "of them stops and waits for you.",
                service=registry.get(account.provider).name,
                taxes=", ".join(f"{tax.name} ({tax.salon_vat})" for tax in coded),
            )
            texts.append(text)
        return Finding("bad", " ".join(texts), SET_CODES)

    def _check_receipt_taxes(self, account):
        """Check that receipts can say the VAT of what the till sells."""
        if not self._gives_receipts(account):
            return None
        service = registry.get(account.provider)
        if not (taxes := self._invoice_only_taxes(account)):
            return None
        text = self.env._(
            "Receipts of %(service)s have no word for the code of: %(taxes)s. A "
            "receipt of what has one of them stops and waits for you: ask for an "
            "invoice there.",
            service=service.name,
            taxes=", ".join(f"{tax.name} ({tax._salon_vat()})" for tax in taxes),
        )
        return Finding("warning", text, SHOW_INVOICE_ONLY_TAXES)

    def _invoice_only_taxes(self, account):
        """Return the taxes of the till's products that no receipt can say."""
        service = registry.get(account.provider)
        return (self._till_taxes(account) - self._unmapped_taxes(account)).filtered(
            lambda tax: not service.knows_receipt_vat(tax._salon_vat())
        )

    def _check_exemption(self, account):
        """Check that an exempt company (AAM) sells with taxes that charge no VAT."""
        company = account.company_id
        charging = self._charging_taxes(account)
        if company.salon_default_vat != AAM or not charging:
            return None
        taxes = ", ".join(charging.mapped("name"))
        day = self._format_day(company.salon_vat_answered_on)
        if not company.salon_vat_answer:
            text = self.env._(
                "The default VAT is AAM, but products of the till have taxes that "
                "charge VAT: %(taxes)s. Their sales are not invoiced until you say "
                "which is right.",
                taxes=taxes,
            )
            return Finding("bad", text, DECIDE_EXEMPTION)
        if company.salon_vat_answer == "exempt":
            text = self.env._(
                "By your decision of %(date)s invoices say AAM, though products of the "
                "till still have: %(taxes)s. Take these taxes off the products, so "
                "that receipts and reports say the same.",
                taxes=taxes,
                date=day,
            )
            return Finding("warning", text, DECIDE_EXEMPTION)
        text = self.env._(
            "By your decision of %(date)s invoices charge VAT by: %(taxes)s.",
            taxes=taxes,
            date=day,
        )
        return Finding("info", text, DECIDE_EXEMPTION)

    def _charging_taxes(self, account):
        """Return the taxes of the till's products that charge VAT."""
        return self._till_taxes(account).filtered(
            lambda tax: tax._salon_vat() and vat.rate(tax._salon_vat())
        )

    def _check_exempt_products(self, account):
        """Offer to take the VAT off the products of an exempt company."""
        company = account.company_id
        said = company.salon_vat_answer == "taxes"
        if company.salon_default_vat != AAM or said:
            return None
        if not (taxes := self._charging_taxes(account)):
            return None
        text = self.env._(
            "Products of the till are sold with: %(taxes)s. One press sets them to the "
            "exempt tax: what would change is shown first, and can be undone.",
            taxes=", ".join(taxes.mapped("name")),
        )
        return Finding("warning", text, EXEMPT_PRODUCTS)

    def _check_exempt_limit(self, account):
        """Tell how far the till is from the yearly limit of the exemption."""
        company = account.company_id
        if company.salon_default_vat != AAM:
            return None
        today = self.env["salon.invoice.document"]._today()
        turnover = self._turnover(company, today.year)
        text = self.env._(
            "Sold by the tills in %(year)s: %(turnover)s. The exemption ends above "
            "%(limit)s. What is sold elsewhere counts, too.",
            year=today.year,
            turnover=format_amount(self.env, turnover, company.currency_id),
            limit=format_amount(
                self.env, float(limit(today.year)), company.currency_id
            ),
        )
        left = room(Decimal(str(turnover)), today.year)
        if left is Room.ENOUGH:
            return Finding("ok", text)
        text += " " + self.env._(
            "Ask your accountant from which day on VAT is to be charged, and say it "
            "here."
        )
        return Finding("bad" if left is Room.CROSSED else "warning", text, CHARGE_VAT)

    def _turnover(self, company, year):
        """Return what the tills of a company have sold in a year, in its currency.

        Roughly: tips and multi-purpose vouchers are in it, which do not count.
        """
        bounds = bounds_of(date(year, 1, 1), date(year, 12, 31))
        self.env["pos.order"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT COALESCE(
                           sum(amount_total / COALESCE(NULLIF(currency_rate, 0), 1)), 0
                       )
                  FROM pos_order
                 WHERE company_id = %s AND state IN ('paid', 'done')
                   AND date_order >= %s AND date_order < %s
                """,
                company.id,
                *bounds,
            )
        )
        return self.env.cr.fetchone()[0]

    def _check_status(self, account):
        """Tell what is planned, and which tills do not know of it yet."""
        change = self.env["salon.invoice.exemption"].search(
            [
                ("company_id", "=", account.company_id.id),
                ("state", "in", ("planned", "done")),
            ],
            limit=1,
        )
        if not change:
            return None
        stale = self._open_shops(account).filtered(
            lambda shop: change.done_at
            and shop.current_session_id.start_at
            and shop.current_session_id.start_at < change.done_at
        )
        text = self.env._(
            "From %(day)s: %(status)s (decided by %(user)s).",
            day=self._format_day(change.day),
            status=dict(change._fields["direction"]._description_selection(self.env))[
                change.direction
            ],
            user=change.done_by_id.name or "",
        )
        if not stale:
            return Finding("info" if change.state == "planned" else "ok", text)
        text += " " + self.env._(
            "Opened before that, and to be reloaded: %(shops)s.",
            shops=", ".join(stale.mapped("name")),
        )
        return Finding("warning", text, SHOW_STATUS)

    def _check_vouchers(self, account):
        """Ask once which kind of vouchers the till sells."""
        company = account.company_id
        products = self.env["product.product"].search(
            [
                ("salon_role", "=", "voucher"),
                ("available_in_pos", "=", True),
                ("company_id", "in", (False, *company.parent_ids.ids)),
            ]
        )
        products |= self.env["pos.order.line"]._salon_prepaid_products(company)
        if not products:
            return None
        unsaid = products.filtered(lambda product: not product.salon_voucher_kind)
        if unsaid and not company.salon_voucher_sale:
            text = self.env._(
                "The till sells vouchers: %(products)s. Can one be used only for what "
                "carries one VAT rate? Then it is single-purpose, and VAT is due when "
                "it is sold. Ask your accountant, and say it on each product, or for "
                "all of them in the settings: until then sales with vouchers are not "
                "invoiced.",
                products=", ".join(unsaid.mapped("display_name")),
            )
            return Finding("bad", text, DECIDE_VOUCHERS)
        if not unsaid:
            text = self.env._(
                "Each product says its kind: %(products)s.",
                products=self._describe_vouchers(products),
            )
            return Finding("ok", text, DECIDE_VOUCHERS)
        text = self.env._(
            "%(answer)s (said on %(date)s).",
            answer=self._label_of(company, "salon_voucher_sale"),
            date=self._format_day(company.salon_voucher_answered_on),
        )
        return Finding("ok", text, DECIDE_VOUCHERS)

    def _describe_vouchers(self, products):
        """Return each voucher with its kind, and the date on which it was said."""
        return ", ".join(
            self.env._(
                "%(product)s (%(kind)s; said on %(date)s)",
                product=product.display_name,
                kind=self._label_of(product, "salon_voucher_kind"),
                date=self._format_day(product.salon_voucher_said_on),
            )
            for product in products
        )

    def _check_payment_methods(self, account):
        methods = self._open_shops(account).payment_method_ids
        unmapped = methods.filtered(
            lambda method: not method.salon_payment_kind and method.type != "pay_later"
        )
        if unmapped:
            text = self.env._(
                "“On the Invoice” is not set on: %(methods)s.",
                methods=", ".join(unmapped.mapped("name")),
            )
            # Invoices are made all the same: with the company's default.
            return Finding("warning", text, SET_PAYMENT_KINDS)
        others = methods.filtered(lambda method: method.salon_payment_kind == "other")
        printed = self._other_printed_as(account)
        if others and printed != "other":
            kinds = methods._fields["salon_payment_kind"]
            text = self.env._(
                "%(service)s has no word for Other: %(methods)s is printed as "
                "%(kind)s.",
                service=registry.get(account.provider).name,
                methods=", ".join(others.mapped("name")),
                kind=dict(kinds._description_selection(self.env))[printed],
            )
            return Finding("warning", text, SET_PAYMENT_KINDS)
        text = self.env._("Every payment method says what is printed on the invoice.")
        return Finding("ok", text, SET_PAYMENT_KINDS)

    def _other_printed_as(self, account):
        """Return the kind of payment that a document prints for Other."""
        if printed := account._capabilities().other_payment:
            return printed.value
        default = account.company_id.salon_default_payment_kind
        return default if default != "other" else "cash"

    def _check_currency(self, account):
        expected = account.company_id.salon_currency_id
        strange = self._open_shops(account).filtered(
            lambda shop: shop.currency_id != expected
        )
        if strange:
            text = self.env._(
                "Invoices are expected in %(expected)s, but this shop sells otherwise: "
                "%(shops)s.",
                expected=expected.name,
                shops=", ".join(
                    f"{shop.name} ({shop.currency_id.name})" for shop in strange
                ),
            )
            return Finding("warning", text, CHANGE_SETTINGS)
        text = self.env._("Every shop sells in %(expected)s.", expected=expected.name)
        return Finding("ok", text)

    def _check_self_service(self, account):
        if account.company_id.point_of_sale_use_ticket_qr_code:
            text = self.env._(
                "Receipts invite the customer to make an invoice in Odoo. Switch "
                "Self-service invoicing off: for one sale, one invoice."
            )
            return Finding("bad", text, SWITCH_OFF_SELF_SERVICE)
        text = self.env._("Receipts do not invite anybody to make a second invoice.")
        return Finding("ok", text)

    def _check_l10n_hu_edi(self, account):
        company = account.company_id
        if not company._fields.get("l10n_hu_edi_server_mode"):
            return None
        if not company.l10n_hu_edi_server_mode:
            return None
        text = self.env._(
            "Odoo itself reports invoices to NAV for this company (Hungarian EDI). "
            "That is for invoices made in Odoo; those of the till are reported by the "
            "service. See that nobody invoices a till's sale in Odoo as well."
        )
        return Finding("warning", text, LOOK_AT_ACCOUNTING)

    # === CHECKS: WHAT IS GOING ON === #

    def _check_cron(self, account):
        sweep = self.env.ref(
            "salon_invoice_bridge.cron_sweep", raise_if_not_found=False
        )
        if not sweep:
            text = self.env._(
                "The job that finds forgotten sales has been deleted. Update the "
                "module Salon Invoice Bridge in Apps: that brings it back."
            )
            return Finding("bad", text)
        silent = fields.Datetime.now() - SILENT
        ran = sweep.lastcall and sweep.lastcall > silent
        if sweep.active and ran:
            return Finding("ok", self.env._("They run."))
        # Another server may run them: only a long silence proves that none does.
        if not config["max_cron_threads"]:
            text = self.env._(
                "They do not run, and this server has no cron workers "
                "(max_cron_threads): invoices are not sent."
            )
            return Finding("bad", text)
        connected_long_ago = account.connected_at and account.connected_at < silent
        if not sweep.active or connected_long_ago:
            text = self.env._("They have not run for an hour: invoices are not sent.")
            return Finding("bad", text, LOOK_AT_JOBS)
        return Finding("ok", self.env._("They start within minutes."))

    def _check_time_limit(self, account):
        limit = config["limit_time_real_cron"]
        if limit < 0:
            limit = config["limit_time_real"]
        needed = int(account._parameter("timeout")) * 3 // 2
        if not limit or limit >= needed:
            return None
        text = self.env._(
            "A background job may run %(limit)s seconds, but one answer of the service "
            "may take most of that. Set limit_time_real_cron to %(needed)s or more.",
            limit=limit,
            needed=needed,
        )
        return Finding("bad", text)

    def _check_search(self, _account):
        if self.env.registry.has_trigram:
            return None
        text = self.env._(
            "PostgreSQL's extension pg_trgm is missing in this database: invoice "
            "numbers are found exactly and by their beginning. An administrator of the "
            "database can add it; then update the module Salon Invoice Bridge in Apps."
        )
        return Finding("info", text)

    def _check_last_success(self, account):
        last = self.env["salon.invoice.document"].search(
            [("account_id", "=", account.id), ("issued_at", "!=", False)],
            order="issued_at desc",
            limit=1,
        )
        if not last:
            return Finding("info", self.env._("None has been issued yet."))
        when = format_datetime(self.env, last.issued_at, dt_format="short")
        text = self.env._(
            "%(number)s, %(amount)s, on %(when)s.",
            number=last.number or last.name,
            amount=format_amount(self.env, last.amount_gross, last.currency_id),
            when=when.rstrip("."),
        )
        return Finding("ok", text)

    def _check_waiting(self, account):
        documents = self.env["salon.invoice.document"]
        waiting = [("account_id", "=", account.id), ("state", "in", LANE_STATES)]
        oldest = documents.search_fetch(
            waiting, ["create_date"], order="create_date", limit=1
        )
        if not oldest:
            return Finding("ok", self.env._("No document waits."))
        age = fields.Datetime.now() - oldest.create_date
        text = self.env._(
            "Documents waiting: %(count)s, the oldest for %(minutes)s minutes.",
            count=documents.search_count(waiting),
            minutes=int(age.total_seconds() // 60),
        )
        level = "bad" if age > TOO_LATE else "warning" if age > LATE else "ok"
        return Finding(level, text, SHOW_WAITING)

    def _check_attention(self, account):
        count = self.env["salon.invoice.document"].search_count(
            [("account_id", "=", account.id), ("state", "=", "attention")]
        )
        if not count:
            return Finding("ok", self.env._("None."))
        text = self.env._("Documents that wait for a person: %(count)s.", count=count)
        return Finding("bad", text, SHOW_ATTENTION)

    def _check_customer_account(self, account):
        """Remind of sales on customers' accounts: only a person asks for these."""
        sales = self._sales_on_account(account)
        if not sales:
            return None
        oldest = min(sale._salon_day() for sale in sales)
        today = self.env["salon.invoice.document"]._today()
        days = (today - oldest).days
        text = self.env._(
            "Sales without an invoice: %(count)s, the oldest for %(days)s days. The "
            "law wants an invoice within %(limit)s days, paid or not: choose Generate "
            "Invoice on each.",
            count=len(sales),
            days=days,
            limit=RED_DAYS,
        )
        if account.company_id.salon_customer_account == "in_time":
            text += " " + self.env._("On the last day it is done automatically.")
        return Finding(AGES[age(oldest, today)], text, SHOW_CUSTOMER_ACCOUNT)

    def _check_owed(self, account):
        """Remind of invoices whose due date has passed: no concern of the law's."""
        owed = self.env["salon.invoice.document"].search(
            [("account_id", "=", account.id), ("payment_state", "in", OWED)]
        )
        late = owed.filtered(lambda document: document.owed_days > 0)
        if not late:
            return None
        text = self.env._(
            "Invoices past their due date: %(count)s, the oldest for %(days)s days. "
            "What is paid in Odoo is registered at the service automatically.",
            count=len(late),
            days=max(late.mapped("owed_days")),
        )
        fresh = all(document.owed_age == Age.FRESH for document in late)
        return Finding("info" if fresh else "warning", text, SHOW_OWED)

    # === CHECKS: WHAT THE SALON HAS SAID === #

    def _check_questions(self, account):
        """Remind of what the salon is asked once, before it goes live."""
        questions = self.env["salon.invoice.question"]
        open_questions = questions._open(account)
        if open_questions:
            titles = dict.fromkeys(
                self.env._(question.title) for question, _record in open_questions
            )
            text = self.env._(
                "Not answered yet: %(titles)s. Until then what is always lawful is "
                "done. Those of your accountant come with a text to send.",
                titles=", ".join(titles),
            )
            return Finding("warning", text, ANSWER)
        last = questions.search(
            [("company_id", "=", account.company_id.id), ("answer", "!=", False)],
            order="answered_on desc, id desc",
            limit=1,
        )
        text = self.env._(
            "All answered, the last one on %(date)s.",
            date=self._format_day(last.answered_on),
        )
        return Finding("ok", text, LOOK_AT_ANSWERS)

    def _check_accountant(self, _account):
        """Lead to the page that the salon gives to its accountant."""
        text = self.env._(
            "What is issued when, walk-ins, tips, vouchers, exemption, and what no "
            "professional has confirmed: a page in Hungarian to send on."
        )
        return Finding("info", text, OPEN_PAGE)

    def _sales_on_account(self, account):
        """Return the sales on customers' accounts that have no invoice.

        A sale that came back as a whole needs none.
        """
        documents = self.env["salon.invoice.document"].search(
            [
                ("account_id", "=", account.id),
                ("state", "=", "skipped"),
                ("skip_reason", "=", "customer_account"),
                ("order_id.account_move", "=", False),
            ]
        )
        return documents.order_id.filtered(lambda sale: sale._salon_is_kept())

    # === BUTTONS === #

    def _open_connection(self, account):
        """Open the wizard to connect with a (new) key."""
        return account.action_change_key()

    def _open_settings(self, account):
        """Open the wizard at the settings, with the stored key."""
        return account.action_change_settings()

    def _resume(self, account):
        """Verify the key of a paused account and let the documents go."""
        account.action_resume()
        return False

    def _refresh(self, account):
        """Ask the service whether the key works, and for its lists again."""
        return account.action_refresh()

    def _confirm_guard(self, account):
        """Note that the order number guard has been switched on at the service."""
        account.order_number_guard = True
        return False

    def _open_shop_settings(self, account):
        """Open the settings of the first shop that must choose another block."""
        shop = self.sudo()._shops_without_block(account.sudo())[:1]
        context = {"module": "point_of_sale", "default_pos_config_id": shop.id}
        return {**self._open_salon_settings(account), "context": context}

    def _open_company(self, account):
        """Open the company."""
        return self._action_records(self.env._("Company"), account.company_id)

    def _open_taxes(self, account):
        """Show the taxes that have no VAT code."""
        taxes = self.sudo()._unmapped_taxes(account.sudo())
        return self._action_records(self.env._("Taxes without a code"), taxes)

    def _open_exempt_products(self, account):
        """Show what would change if the products became exempt."""
        return self._open_change(account, "exempt")

    def _open_charging(self, account):
        """Show what would change if VAT were charged."""
        return self._open_change(account, "charged")

    def _open_change(self, account, direction):
        """Open a change of status that has not been decided, as the user may.

        :param str direction: of ``salon.invoice.exemption``
        """
        changes, company = self.env["salon.invoice.exemption"], account.company_id
        wanted = [("company_id", "=", company.id), ("direction", "=", direction)]
        change = changes.search([*wanted, ("state", "=", "draft")], limit=1)
        if change:
            change.action_show()
        else:
            change = changes.create({"company_id": company.id, "direction": direction})
        return self._action_records(self.env._("VAT Status (AAM)"), change)

    def _open_status(self, _account):
        """Show the changes of status."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "salon_invoice_bridge.salon_invoice_exemption_action"
        )

    def _open_invoice_only_taxes(self, account):
        """Show the taxes that no receipt can say."""
        taxes = self.sudo()._invoice_only_taxes(account.sudo())
        return self._action_records(self.env._("Not on receipts"), taxes)

    def _open_payment_methods(self, account):
        """Show the payment methods of the shops that sell through this account."""
        methods = account.sudo()._shops().payment_method_ids
        return self._action_records(self.env._("Payment methods"), methods)

    def _switch_off_self_service(self, account):
        """Switch off Odoo's self-service invoicing.

        :raises AccessError: if the user may not change the company
        """
        account.company_id.check_access("write")
        account.company_id._salon_take_self_service(account.sudo())
        return False

    def _open_salon_settings(self, _account):
        """Open the settings of Point of Sale, where the salon's policy is."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "point_of_sale.action_pos_configuration"
        )

    def _open_account_settings(self, _account):
        """Open the settings of Odoo's own invoicing."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_account_config"
        )

    def _open_questions(self, account):
        """Show what the salon is asked, and what it has said."""
        self.env["salon.invoice.question"].sudo()._ask(account.sudo())
        return self._action_list(
            self.env._("Questions to the salon"),
            "salon.invoice.question",
            [("company_id", "=", account.company_id.id)],
        )

    def _open_daily_totals(self, account):
        """Show the daily totals of receipts."""
        return self.env["salon.invoice.daily"]._action_of(account)

    def _open_accountant_page(self, _account):
        """Open the page for the accountant."""
        return {"type": "ir.actions.act_url", "url": ACCOUNTANT_PAGE, "target": "new"}

    def _open_crons(self, _account):
        """Show the background jobs of this addon."""
        return self._action_list(
            self.env._("Background jobs"),
            "ir.cron",
            [("name", "like", "Salon Invoice Bridge")],
        )

    def _open_waiting(self, account):
        """Show the documents that wait."""
        return account._action_documents(waiting=1)

    def _open_attention(self, account):
        """Show the documents that need a person."""
        return account._action_documents(attention=1)

    def _open_customer_account(self, account):
        """Show the sales on customers' accounts that have no invoice."""
        return self._action_list(
            self.env._("On customers' accounts"),
            "pos.order",
            [("id", "in", self._sales_on_account(account).ids)],
        )

    def _open_owed(self, _account):
        """Show what is owed, with its age."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "salon_invoice_bridge.salon_invoice_document_action_owed"
        )

    def _action_records(self, name, records):
        """Open ``records``: the only one, or the list of them."""
        if len(records) == 1:
            action = self._action_list(name, records._name, [], views="form")
            return {**action, "res_id": records.id}
        return self._action_list(name, records._name, [("id", "in", records.ids)])

    def _action_list(self, name, model, domain, views="list,form", **context):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": views,
            "views": [(False, view) for view in views.split(",")],
            "domain": domain,
            "context": context,
        }

    # === RULES === #

    def _open_shops(self, account):
        """Return the open tills that sell through ``account``."""
        return account._shops().filtered("active")

    def _label_of(self, company, name):
        """Return the label of a selection field's value, or ""."""
        labels = dict(company._fields[name]._description_selection(self.env))
        return labels.get(company[name], "")

    def _format_moment(self, moment):
        """Return a Datetime as a day, as the reader writes days; "?" if unset.

        In Hungarian that ends in a dot: strip it where the sentence ends, too.
        """
        if not moment:
            return "?"
        return format_date(
            self.env, fields.Datetime.context_timestamp(self, moment).date()
        )

    def _format_day(self, day):
        """Return a Date as the reader writes it, without the dot that may end it."""
        return format_date(self.env, day).rstrip(".") if day else "?"
