import logging
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools.misc import format_date

from ..billing import errors

_logger = logging.getLogger(__name__)

#: Worst first: that is how the panel shows them.
LEVELS = ("bad", "warning", "info", "ok")
#: Days after which a key is due for a new one.
KEY_DAYS = 365
#: Days before the end of a subscription that it is worth a word.
SUBSCRIPTION_DAYS = 14


class Check(NamedTuple):
    """One row of the panel: a sentence, and the button that leads to the fix."""

    code: str
    level: str  # of LEVELS: "bad" only where sales are not (lawfully) invoiced
    title: str
    text: str
    fix: str = ""  # method of the account that returns an action, "" if none is needed
    label: str = ""  # of the button


class SalonInvoiceReadiness(models.Model):
    """Whether invoicing is ready, at a glance: what the account's card shows.

    Checked when the card is opened, without asking the service, and every day with
    asking it; what turned red since then is told once.
    """

    _inherit = "salon.invoice.account"

    checks = fields.Json(compute="_compute_checks", compute_sudo=True)
    readiness = fields.Selection(
        [
            ("ready", "Ready"),
            ("check", "Ready, with remarks"),
            ("not_ready", "Not ready"),
        ],
        compute="_compute_checks",
        compute_sudo=True,
    )
    red_checks = fields.Json(readonly=True, copy=False)

    @api.depends_context("uid", "lang")
    @api.depends("state", "block", "bank_account", "info", "pause_reason", "delay")
    def _compute_checks(self):
        for account in self:
            checks = account._checks()
            levels = {check.level for check in checks}
            account.checks = [
                check._asdict()
                for level in LEVELS
                for check in checks
                if check.level == level
            ]
            account.readiness = (
                "not_ready"
                if "bad" in levels
                else "check"
                if "warning" in levels
                else "ready"
            )

    def _checks(self):
        """Return every :class:`Check` of this account, in the user's language."""
        self.ensure_one()
        checks = [self._ready_connection()]
        if self.state in ("connected", "paused"):
            checks += [
                *self._checks_of_service(),
                *self._checks_of_salon(),
                *self._checks_of_running(),
            ]
        return [check for check in checks if check]

    def action_fix(self, code):
        """Return the action that leads to the fix of the check ``code``."""
        self.ensure_one()
        self.check_access("read")
        for check in self.sudo()._checks():
            if check.code == code and check.fix:
                return getattr(self, check.fix)()
        return False

    def _local_day(self, name):
        """Return a Datetime field as a day, as the reader writes days.

        In Hungarian that ends in a dot: strip it where the sentence ends, too.
        """
        moment = self[name]
        if not moment:
            return "?"
        return format_date(
            self.env, fields.Datetime.context_timestamp(self, moment).date()
        )

    # === THE SERVICE === #

    def _checks_of_service(self):
        return [
            self._ready_owner(),
            self._ready_key(),
            self._ready_subscription(),
            self._ready_nav(),
            self._ready_block(),
            self._ready_blocks_of_shops(),
            self._ready_bank_account(),
            self._ready_guard(),
            self._ready_test_account(),
        ]

    def _ready_connection(self):
        labels = dict(self._fields["state"]._description_selection(self.env))
        title = self.env._("Connection")
        if self.state == "connected" and self._is_out():
            # Not red: people have been told of it already.
            return Check("connection", "warning", title, self._delay())
        if self.state == "connected":
            text = self.env._(
                "Connected since %(date)s.",
                date=self._local_day("connected_at").rstrip("."),
            )
            return Check("connection", "ok", title, text)
        if self.state == "paused":
            text = self.pause_reason or labels["paused"]
            return Check(
                "connection",
                "bad",
                title,
                text,
                "action_resume_fix",
                self.env._("Verify again"),
            )
        if self.state == "retired":
            text = self.env._(
                "Retired: it issues nothing new, and cancels or corrects what it has "
                "issued."
            )
            return Check("connection", "info", title, text)
        text = self.env._("Not connected: sales are not invoiced here.")
        return Check(
            "connection", "bad", title, text, "action_change_key", self.env._("Connect")
        )

    def _ready_owner(self):
        title = self.env._("Owner")
        ours, theirs = self.company_id.vat or "", self.tax_number or ""
        if not theirs:
            text = self.env._("The service does not say whose account this is.")
            return Check("owner", "info", title, text)
        if not ours:
            text = self.env._(
                "The account belongs to %(theirs)s; the company has no tax number.",
                theirs=theirs,
            )
            fix = ("action_open_company", self.env._("Complete the company"))
            return Check("owner", "warning", title, text, *fix)
        if not self._same_taxpayer(ours, theirs):
            text = self.env._(
                "The account belongs to %(theirs)s, but the company is %(ours)s: its "
                "invoices would be somebody else's.",
                theirs=theirs,
                ours=ours,
            )
            fix = ("action_open_company", self.env._("Check the company"))
            return Check("owner", "bad", title, text, *fix)
        text = self.env._(
            "The account belongs to %(theirs)s, the company to %(ours)s: the same "
            "taxpayer.",
            theirs=theirs,
            ours=ours,
        )
        return Check("owner", "ok", title, text)

    @api.model
    def _same_taxpayer(self, one, other):
        """Tell whether two tax numbers are one taxpayer's: the first 8 digits."""
        numbers = [
            "".join(filter(str.isdecimal, number))[:8] for number in (one, other)
        ]
        return numbers[0] == numbers[1] and len(numbers[0]) == 8

    def _ready_key(self):
        if not self.key_set_at:
            return None
        days = (fields.Datetime.now() - self.key_set_at).days
        title = self.env._("API key")
        if days > KEY_DAYS:
            text = self.env._(
                "The key is %(days)s days old. A new one is safer.", days=days
            )
            fix = ("action_change_key", self.env._("Replace the key"))
            return Check("key", "warning", title, text, *fix)
        text = self.env._(
            "Set on %(date)s, checked on %(checked)s.",
            date=self._local_day("key_set_at"),
            checked=self._local_day("verified_at").rstrip("."),
        )
        return Check(
            "key",
            "ok",
            title,
            text,
            "action_refresh_fix",
            self.env._("Test the connection"),
        )

    def _ready_subscription(self):
        until = fields.Date.to_date((self.info or {}).get("subscription_until"))
        if not until:
            return None
        title = self.env._("Subscription")
        days = (until - fields.Date.context_today(self)).days
        day = format_date(self.env, until).rstrip(".")
        text = self.env._("Runs until %(date)s.", date=day)
        if days < 0:
            text = self.env._("Ran out on %(date)s.", date=day)
        level = "bad" if days < 0 else "warning" if days < SUBSCRIPTION_DAYS else "ok"
        return Check("subscription", level, title, text)

    def _ready_nav(self):
        connected = (self.info or {}).get("nav_connected")
        title = self.env._("NAV Online Invoice")
        if connected is None:
            text = self.env._(
                "The service reports invoices to NAV by itself; see there that it is "
                "set up."
            )
            return Check("nav", "info", title, text)
        if not connected:
            text = self.env._(
                "The service is not connected to NAV: set up the technical user there, "
                "because every invoice must be reported."
            )
            fix = ("action_refresh_fix", self.env._("Test the connection"))
            return Check("nav", "bad", title, text, *fix)
        text = self.env._("The service reports every invoice to NAV by itself.")
        return Check("nav", "ok", title, text)

    def _ready_bank_account(self):
        title = self.env._("Bank account")
        fix = ("action_change_settings", self.env._("Choose a bank account"))
        if not self.bank_account:
            text = self.env._("None is selected: none is printed on invoices.")
            return Check("bank_account", "info", title, text)
        if not self._has_bank_account(self.bank_account):
            text = self.env._(
                "%(bank)s is no longer at the service. Choose another one, or none.",
                bank=self.bank_account_id.name or self.bank_account,
            )
            return Check("bank_account", "bad", title, text, *fix)
        expected = self.company_id.salon_currency_id.name
        currency = self.bank_account_id.currency
        if currency and currency != expected:
            text = self.env._(
                "%(bank)s is in %(currency)s, but invoices are in %(expected)s.",
                bank=self.bank_account_id.display_name,
                currency=currency,
                expected=expected,
            )
            return Check("bank_account", "warning", title, text, *fix)
        text = self.bank_account_id.display_name or " ".join(
            filter(None, (self.bank_name, self.bank_account))
        )
        return Check("bank_account", "ok", title, text)

    def _ready_guard(self):
        if self.provider != "szamlazz":
            return None
        title = self.env._("Order number guard")
        if self.order_number_guard:
            text = self.env._(
                "Számlázz.hu itself refuses a second invoice of the same sale."
            )
            return Check("guard", "ok", title, text)
        text = self.env._(
            "Switch on Beállítások > Fiók > Számlázás > Rendelésszám ismétlődésének "
            "tiltása at Számlázz.hu: then it refuses a second invoice of the same sale "
            "even if an answer is lost on the way."
        )
        fix = ("action_confirm_guard", self.env._("I have switched it on"))
        return Check("guard", "warning", title, text, *fix)

    def _ready_test_account(self):
        if not (self.sudo().base_url or self._sandbox()):
            return None
        text = self.env._("This is a test account: its invoices are not real.")
        return Check("test", "warning", self.env._("Test account"), text)

    # === DAILY === #

    @api.model
    def _cron_readiness(self):
        """Ask each service, and tell a human once what turned red."""
        accounts = self.search([("state", "in", ("connected", "paused"))])
        if accounts:  # else nothing is connected: a neutralized copy stays quiet
            self._revive_jobs()
        accounts._one_by_one("_check_readiness")

    def _check_readiness(self):
        if self.state == "connected":
            try:
                self._verify()
            except errors.AccountProblem as error:
                self._pause(error)
            except errors.ProviderError as error:
                # Unreachable for once: the documents that wait will tell.
                _logger.info("%s could not be asked: %s", self.name, error)
        self._tell_what_turned_red()

    def _tell_what_turned_red(self):
        """Have one activity that says what has become red, none when nothing is."""
        self.ensure_one()
        red = [check for check in self._checks() if check.level == "bad"]
        new = {check.code for check in red} - set(self.red_checks or [])
        self.red_checks = [check.code for check in red]
        if not red or new:
            self.activity_unlink(["salon_invoice_bridge.activity_readiness"])
        if new:
            self._tell(
                self,
                "",
                " ".join(f"{check.title}: {check.text}" for check in red),
                "salon_invoice_bridge.activity_readiness",
            )
