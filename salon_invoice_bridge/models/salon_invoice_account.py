import logging
import math
import random
import re
import zlib
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta

from markupsafe import escape

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools.misc import format_date, format_datetime

from ..billing import errors, rate, retention
from ..billing.choice import Wish
from ..billing.codec import from_json, to_json
from ..billing.errors import Reason
from ..billing.hungary import day_of, moment_of
from ..billing.invoice import (
    DUE_STATES,
    FORMER_STATES,
    IDLE_STATES,
    KEYLESS_STATES,
    LANE_STATES,
    LASTING_KINDS,
    OPEN_STATES,
    RUNNING_STATES,
    SELLING_STATES,
    WATCHED_KINDS,
    WORKING_STATES,
    BankAccount,
    Kind,
)
from ..billing.many import OF_THE_ACCOUNT
from ..billing.owed import LAST_DAY
from ..providers import base, registry
from ..worker.lane import Lane

_logger = logging.getLogger(__name__)

#: The activity type of alerts.
WARNING = "mail.mail_activity_data_warning"
#: The activity type of alerts that are closed when the service works again.
STOPPED = "salon_invoice_bridge.activity_stopped"
#: Error reasons that concern every call to the service, not only the failed one.
SERVICE_WIDE = frozenset(
    {
        Reason.UNREACHABLE,
        Reason.RATE_LIMIT,
        Reason.MAINTENANCE,
        Reason.TIMEOUT,
        Reason.CONNECTION_LOST,
        Reason.SERVER_ERROR,
    }
)
#: Seconds of the first back-off after a service could not be reached, and the longest.
FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 2, 15 * 60
#: The longest one after a 429. It need not be the minute that the service counts over:
#: calls become free again one by one, and the lane makes half as many from then on.
LONGEST_LIMIT_SECONDS = 10
#: Seconds of the first back-off of a paused account, and of the longest.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5 * 60, 6 * 3600
#: The longest ``Retry-After`` that is honoured, in seconds.
LONGEST_RETRY_AFTER_SECONDS = 3600
#: Seconds of failures in a row after which an alert is sent. The sweep, which sends it,
#: runs every ten minutes: so it comes within half an hour, even if one sweep is late.
OUTAGE_SECONDS = 10 * 60
#: Back-offs are made up to this much longer, so that servers do not retry in step.
JITTER = 0.3
#: The longest possible back-off: a later ``backoff_until`` was written before the clock
#: of the server was set back, and is ignored.
LONGEST_BACKOFF = timedelta(seconds=LONGEST_PAUSE_SECONDS * (1 + JITTER))
#: The name of this addon, and its periodic jobs beside the lanes.
ADDON = "salon_invoice_bridge"
JOBS = (
    *("cron_sweep", "cron_daily_check", "cron_readiness", "cron_exemption"),
    *("cron_reconcile", "cron_batch", "cron_month", "cron_month_daily"),
    *("cron_figures", "cron_retention"),
)
#: When the night's work begins in Hungary, and the seconds over which the accounts of
#: all databases spread it.
NIGHT_BEGINS, NIGHT_SECONDS = time(1), 4 * 3600
#: Records that the sweep searches at once.
BATCH = 200


class SalonInvoiceAccount(models.Model):
    """A connection to one account at one invoicing service.

    * A key is written and never read: nothing but :meth:`_open_provider` reads it, and
      people, administrators included, see its last four characters.
    * An account is *connected* only after the service has answered to its key.
    * Each connected account has an ``ir.cron`` record of its own, its lane: Odoo holds
      that record's lock while the lane runs, so calls to one account are serial over
      all workers and servers of the database.
    * An account is never deleted once it has documents: they must stay attached to
      where they were issued.
    * ``block`` and ``bank_account`` hold the service's own id, or what was typed where
      a service has no list; ``block_id`` and ``bank_account_id`` are for people.
    * A service that cannot be reached, or asks for a pause, is not called until
      ``backoff_until``; its documents keep their places. An account whose key, plan or
      setup the service refuses is *paused*, with one alert, and tried again from time
      to time: the key first, then one document, then the others.
    * The sweep proves that nothing is forgotten: no paid sale, no document, no lane.

    Start reading at :meth:`_connect` (a key becomes a connected account),
    :meth:`_handle_service_error` (what an error of a call does to the account) and
    :meth:`_cron_sweep`. What the account does when its ``ir.cron`` record runs is
    :meth:`_run_lane`; what its panel shows is ``salon.invoice.readiness``.
    """

    _name = "salon.invoice.account"
    _description = "Invoicing Service Account"
    _inherit = [
        "salon.invoice.guard",
        "salon.invoice.mended",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "company_id, id"
    _check_company_auto = True

    # === FIELDS === #

    name = fields.Char(compute="_compute_name", store=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    provider = fields.Selection(
        selection=[
            ("billingo", "Billingo"),
            ("billingo_v2", "Billingo (API v2)"),
            ("szamlazz", "Számlázz.hu"),
        ],
        string="Invoicing Service",
        required=True,
        readonly=True,
        default="billingo",
    )
    # draft ---verified---> connected <---verified--- paused
    #   another account takes over ---> retired
    #   a person disconnects ---> disconnected (the key is erased)
    state = fields.Selection(
        [
            ("draft", "Not connected"),
            ("connected", "Connected"),
            ("paused", "Paused"),
            ("retired", "Retired"),
            ("disconnected", "Disconnected"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    document_ids = fields.One2many("salon.invoice.document", "account_id")
    # NO_ACCESS: whoever could write it could trigger or stop another account's lane.
    cron_id = fields.Many2one(
        "ir.cron",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )

    # === FIELDS: SECRETS === #

    credential_ids = fields.One2many(
        "salon.invoice.credential", "account_id", groups=fields.NO_ACCESS
    )
    #: Written, never read: what they are set to is kept in ``credential_ids``.
    api_key = fields.Char(
        string="API Key",
        compute="_compute_keys",
        inverse="_inverse_keys",
        groups=fields.NO_ACCESS,
        copy=False,
        exportable=False,
    )
    public_key = fields.Char(
        compute="_compute_keys",
        inverse="_inverse_keys",
        groups=fields.NO_ACCESS,
        copy=False,
        exportable=False,
    )
    key_hint = fields.Char(
        string="API Key Ends In",
        compute="_compute_key_hint",
        compute_sudo=True,
        groups="base.group_system",
    )
    key_set_at = fields.Datetime(string="Key Since", readonly=True, copy=False)
    base_url = fields.Char(
        string="Service Address",
        compute="_compute_base_url",
        inverse="_inverse_keys",
        compute_sudo=True,
        groups="base.group_system",
        copy=False,
        help="Empty for the live service. Another address is for tests against a "
        "local emulator. Who changes it must enter the key again.",
    )

    # === FIELDS: WHAT THE SERVICE SAYS === #

    fingerprint = fields.Char(
        readonly=True,
        copy=False,
        help="Tells whether two keys open the same account at the service.",
    )
    tax_number = fields.Char(readonly=True, copy=False)
    info = fields.Json(
        readonly=True,
        copy=False,
        help="What the service said when it was last asked: blocks, bank accounts, "
        "subscription.",
    )
    connected_at = fields.Datetime(
        readonly=True, copy=False, help="Sales from then on are invoiced here."
    )
    verified_at = fields.Datetime(readonly=True, copy=False)
    database_uuid = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="The database that this account was connected in. In a copy of it nothing "
        "is sent.",
    )
    in_other_database = fields.Boolean(
        compute="_compute_in_other_database", compute_sudo=True
    )

    # === FIELDS: WHAT WAS CHOSEN OF IT === #

    choice_ids = fields.One2many("salon.invoice.choice", "account_id", readonly=True)
    block_listed = fields.Boolean(compute="_compute_listed")
    bank_account_listed = fields.Boolean(compute="_compute_listed")
    block = fields.Char(
        string="Number Prefix",
        copy=False,
        help="The block (számlatömb) that numbers the documents: an id at Billingo, "
        "the number prefix (előtag) at Számlázz.hu, where empty is the default one.",
    )
    block_id = fields.Many2one(
        "salon.invoice.choice",
        string="Document Block",
        compute="_compute_chosen",
        inverse="_inverse_block_id",
        domain="[('account_id', '=', id), ('kind', '=', 'block'), "
        "('gone', '=', False)]",
    )
    has_receipts = fields.Boolean(
        compute="_compute_listed", help="The service has receipts (nyugta)."
    )
    receipt_block_listed = fields.Boolean(compute="_compute_listed")
    receipt_block = fields.Char(
        string="Prefix of Receipts",
        copy=False,
        help="The block that numbers receipts (nyugta): an id at Billingo, their "
        "number prefix at Számlázz.hu. Without one there are no receipts.",
    )
    receipt_block_id = fields.Many2one(
        "salon.invoice.choice",
        string="Block of Receipts",
        compute="_compute_chosen",
        inverse="_inverse_receipt_block_id",
        domain="[('account_id', '=', id), ('kind', '=', 'receipt_block'), "
        "('gone', '=', False)]",
    )
    receipts_reported = fields.Selection(
        [
            ("yes", "Yes: they have been seen to arrive at NAV"),
            ("no", "Not yet"),
        ],
        string="Receipts Are Reported",
        copy=False,
        help="Whether the service reports receipts to NAV. Its interface cannot be "
        "asked.",
    )
    bank_account = fields.Char(
        string="Bank Account Number",
        copy=False,
        help="The bank account that is printed on the documents: an id at Billingo, "
        "the number itself at Számlázz.hu.",
    )
    bank_account_id = fields.Many2one(
        "salon.invoice.choice",
        string="Bank Account",
        compute="_compute_chosen",
        inverse="_inverse_bank_account_id",
        domain="[('account_id', '=', id), ('kind', '=', 'bank_account'), "
        "('gone', '=', False)]",
    )
    bank_name = fields.Char(help="Where the service has no list of bank accounts.")
    order_number_guard = fields.Boolean(
        string="Order Number Guard Is On",
        help="Számlázz.hu: Beállítások > Fiók > Számlázás > Rendelésszám "
        "ismétlődésének tiltása. With it the service itself refuses a second invoice "
        "of the same sale. Its interface cannot be asked, so tick this when you have "
        "set it.",
    )

    # === FIELDS: PAUSES AND ALERTS === #

    backoff_until = fields.Datetime(
        readonly=True, copy=False, help="The service is not called before this time."
    )
    backoff_asked = fields.Boolean(
        readonly=True, copy=False, help="The service itself has asked for this pause."
    )
    pause_reason = fields.Char(readonly=True, copy=False)
    consecutive_failures = fields.Integer(
        readonly=True, copy=False, help="Troubles in a row; each rest is longer."
    )
    failing_since = fields.Datetime(
        readonly=True, copy=False, help="Since when no call has done what it should."
    )
    failure = fields.Char(string="What the Service Said", readonly=True, copy=False)
    outage_since = fields.Datetime(
        string="No Answer Since",
        readonly=True,
        copy=False,
        help="Set while people know of an outage and not yet of its end.",
    )
    delay = fields.Text(
        string="Why Sales Wait", compute="_compute_delay", compute_sudo=True
    )
    recipient_ids = fields.Many2many(
        "res.users",
        string="Alerts Go To",
        domain=[("share", "=", False)],
        check_company=True,
        copy=False,
        help="Who is notified, each by an activity and by e-mail or in Odoo as they "
        "have it in their own preferences. Empty: all managers of Point of Sale of the "
        "company, whether or not they are administrators. Who has left the company is "
        "not notified; where nobody is left, an administrator is.",
    )

    # === FIELDS: READINESS === #

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

    export_kind = fields.Char(
        string="For the Accounting Program",
        readonly=True,
        copy=False,
        help="The service's own file that is put into the month's file: chosen once.",
    )
    export_option = fields.Char(
        string="Setting of the Accounting Program", readonly=True, copy=False
    )

    # === CONSTRAINTS === #

    # What the documents refer to, see ``salon.invoice.document``.
    _id_company = models.Constraint("UNIQUE (id, company_id)")

    @api.constrains("block", "receipt_block", "bank_account")
    def _check_choices(self):
        """Only what is there at the service can be saved.

        What vanishes there later is for readiness to say: a row that was right when it
        was saved must stay writable.
        """
        for account in self:
            account._check_block(account.block)
            account._check_receipt_block(account.receipt_block)
            if account.bank_account and not account._has_bank_account(
                account.bank_account
            ):
                raise ValidationError(
                    self.env._("The chosen bank account does not exist at the service.")
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        documents = self.env["salon.invoice.document"].sudo()
        if documents.search_count([("account_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "An account that has issued documents stays: storno and "
                    "correction are made where the invoice was made. Disconnect it "
                    "instead."
                )
            )
        if any(account.state in SELLING_STATES for account in self):
            raise UserError(self.env._("Disconnect the account first."))

    # === COMPUTES === #

    @api.depends("provider", "tax_number", "company_id.name")
    def _compute_name(self):
        labels = dict(self._fields["provider"]._description_selection(self.env))
        for account in self:
            owner = account.tax_number or account.company_id.name or ""
            account.name = f"{labels.get(account.provider, '')} {owner}".strip()

    def _compute_keys(self):
        self.api_key = False
        self.public_key = False

    def _inverse_keys(self):
        """Store new keys; a new address alone erases the old ones.

        Of two keys (API v2), each can be replaced alone.
        """
        for account in self.sudo():
            kept, address = account._credential(), account.base_url or ""
            key, public = account.api_key, account.public_key
            same = address == (kept.base_url or "")
            if key or public or not same:
                if same:
                    key, public = key or kept.api_key, public or kept.public_key
                kept = kept or kept.create({"account_id": account.id})
                kept._keep(key, public, address)
                account.key_set_at = fields.Datetime.now() if key else False
        self.invalidate_recordset(["api_key", "public_key"], flush=False)

    @api.depends("credential_ids.api_key")
    def _compute_key_hint(self):
        for account in self:
            key = account.credential_ids.api_key or ""
            # Of a short key, four characters would be most of it.
            account.key_hint = (
                f"••••{key[-4:] if len(key) >= 12 else ''}" if key else ""
            )

    @api.depends("credential_ids.base_url")
    def _compute_base_url(self):
        for account in self:
            account.base_url = account.credential_ids.base_url

    @api.depends("database_uuid")
    def _compute_in_other_database(self):
        here = self._database_here()
        for account in self:
            account.in_other_database = bool(
                account.database_uuid and account.database_uuid != here
            )

    @api.depends("provider")
    def _compute_listed(self):
        for account in self:
            capabilities = account._capabilities()
            account.block_listed = not capabilities.block_pattern
            account.has_receipts = Kind.RECEIPT in capabilities.kinds
            account.receipt_block_listed = not capabilities.receipt_block_pattern
            account.bank_account_listed = capabilities.bank_account_listed

    @api.depends("block", "receipt_block", "bank_account", "choice_ids.remote_id")
    def _compute_chosen(self):
        for account in self:
            account.block_id = account._choice("block", account.block)
            account.receipt_block_id = account._choice(
                "receipt_block", account.receipt_block
            )
            account.bank_account_id = account._choice(
                "bank_account", account.bank_account
            )

    def _inverse_block_id(self):
        for account in self:
            account.block = account.block_id.remote_id

    def _inverse_receipt_block_id(self):
        for account in self:
            account.receipt_block = account.receipt_block_id.remote_id

    def _inverse_bank_account_id(self):
        for account in self:
            account.bank_account = account.bank_account_id.remote_id

    @api.depends("state", "pause_reason", "outage_since", "failing_since", "failure")
    @api.depends_context("lang")
    def _compute_delay(self):
        for account in self:
            account.delay = account._format_delay()

    @api.depends_context("uid", "lang")
    @api.depends("state", "block", "bank_account", "info", "pause_reason", "delay")
    def _compute_checks(self):
        readiness = self.env["salon.invoice.readiness"]
        for account in self:
            account.checks, account.readiness = readiness._panel(account)

    # === CREATION === #

    def write(self, vals):
        if "company_id" in vals and any(
            account.company_id.id != vals["company_id"] for account in self
        ):
            raise UserError(
                self.env._(
                    "An account stays with its company: its documents, its choices and "
                    "its customers are that company's."
                )
            )
        if "provider" in vals:
            # A key is of one service, and is never sent to another one.
            moved = self.filtered(lambda account: account.provider != vals["provider"])
            moved._credential()._erase()
        if "recipient_ids" in vals or "cron_id" in vals:
            self.env.registry.clear_cache()  # see _language and _lane_id
        with self.env["salon.invoice.question"]._noting(self, vals):
            return super().write(vals)

    # === THE KEY AND THE SERVICE === #

    def _credential(self):
        """Return the account's ``salon.invoice.credential``, or none, as ``sudo``."""
        return self.sudo().credential_ids

    def _capabilities(self):
        """Return what the service can do, a ``providers.base.Capabilities``."""
        self.ensure_one()
        return registry.get(self.provider).capabilities

    @contextmanager
    def _open_provider(self, observer=None):
        """Yield the strategy of this account, opened with its key at its address.

        This is the only place where a stored key leaves the database.

        :param observer: called with each ``Exchange``, see ``providers.http``
        :raises billing.errors.AccountProblem: if there is no key
        """
        self.ensure_one()
        secret = self._credential()
        if not secret.api_key:
            raise errors.AccountProblem(
                self.env._("The account has no key: it has been disconnected.")
            )
        credentials = base.Credentials(
            api_key=secret.api_key, public_key=secret.public_key or ""
        )
        with self._open_strategy(
            self.provider, credentials, secret.base_url, observer
        ) as provider:
            yield provider

    @api.model
    @contextmanager
    def _open_strategy(self, code, credentials, base_url="", observer=None):
        """Yield the strategy ``code``, opened with ``credentials``.

        :param credentials: ``providers.base.Credentials``
        :param str base_url: empty for the live service
        :raises ValidationError: for an address that a key must not be sent to
        """
        self.env["salon.invoice.credential"]._check_address(base_url)
        provider = registry.get(code)(
            credentials,
            base_url=base_url or "",
            timeout=self._parameter("timeout"),
            observer=observer,
        )
        try:
            yield provider
        finally:
            provider.close()

    @api.model
    def _parameter(self, name):
        """Return a number that an administrator may tune.

        ``timeout``: seconds for one call; ``absence_margin``: seconds that must have
        passed after a time-out before "not found" is believed; ``attempt_days``: how
        long after a document is final the bodies of its calls are kept;
        ``watch_days``, ``watch_limit``: which
        documents, and how many of an account, the service is asked about each day.
        """
        defaults = {
            "timeout": 60.0,
            "absence_margin": 120.0,
            "attempt_days": float(retention.EVIDENCE_DAYS),
            "watch_days": 10.0,
            "watch_limit": 300.0,
        }
        tuned = self._tuned(name)
        return defaults[name] if tuned is None else tuned

    @api.model
    def _tuned(self, name):
        """Return what an administrator has tuned a number to, None if they have not.

        What is no number, or a negative one, is ignored: everything would stand still.
        """
        value = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param(f"salon_invoice_bridge.{name}")
        )
        if not value:
            return None
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not 0 <= number < math.inf:
            _logger.warning("salon_invoice_bridge.%s is no number: %r", name, value)
            return None
        return number

    def _limit(self):
        """Return the ``billing.rate.Limit`` of the service, None if it has none.

        An administrator may tune ``calls_per_minute.<service>``, 0 for no limit: what a
        salon has agreed with its service is not published.
        """
        capabilities = self._capabilities()
        tuned = self._tuned(f"calls_per_minute.{self.provider}")
        calls = capabilities.calls_per_minute if tuned is None else tuned
        if not calls:
            return None
        minutes = capabilities.limit_minutes
        return rate.Limit(calls * minutes, 60 * minutes, capabilities.limits_documents)

    @api.model
    def _database_here(self):
        """Return the uuid of this database; Odoo gives a copy a new one."""
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid") or ""

    def _verify(self):
        """Verify the key at the service, and store the account's data.

        :return: ``billing.invoice.AccountInfo``
        :raises billing.errors.ProviderError: the key does not open the account
        """
        self.ensure_one()
        with self._open_provider() as provider:
            info = self._read_info(provider)
        self._store_info(info)
        return info

    @api.model
    def _read_info(self, provider):
        """Return the ``AccountInfo`` of an open strategy; only reads.

        If the service does not say whether the key may write, the first document finds
        out: it waits while the account is paused.

        :raises billing.errors.ProviderError: also for a key of which the service
            says that it may only read
        """
        info = provider.verify()
        if info.can_write is False:
            raise errors.AccountProblem(
                "The key may not write", reason=errors.Reason.READ_ONLY
            )
        return info

    def _store_info(self, info):
        """Store the account's data at the service, and its lists of choices."""
        self.ensure_one()
        if info.sandbox is None:
            info = replace(info, sandbox=self._sandbox())
        self.sudo().write(
            {
                "info": to_json(info),
                "fingerprint": info.fingerprint,
                "tax_number": info.tax_number,
                "verified_at": fields.Datetime.now(),
            }
        )
        self.env["salon.invoice.choice"].sudo()._refresh(self.sudo(), info)

    def _sandbox(self):
        """Return True for a test account, None if the service has not said so yet."""
        return (self.info or {}).get("sandbox")

    def _note_sandbox(self, document):
        """Store whether the account is a test account, if ``document`` says so.

        :param billing.invoice.IssuedDocument document: as the service returned it
        """
        self.ensure_one()
        if document.sandbox not in (None, self._sandbox()):
            self.sudo().info = {**(self.info or {}), "sandbox": document.sandbox}

    # === STATE: CONNECTING === #

    def _connect(self, shops=None, policy=None):
        """Make this the account that the company, or ``shops``, sell through.

        The company's former account retires, unless a shop keeps selling through it;
        its unsent documents are moved here.

        :param shops: ``pos.config`` to connect, in place of those of its own that there
            are; none for the whole company
        :param dict policy: values of these shops, or of the company, that are written
            with the account: which kinds of document there are depends on it
        :raises billing.errors.ProviderError: the key does not open the account
        :raises UserError: a block that must be chosen has not been
        """
        self.ensure_one()
        account = self.sudo()
        account._verify()
        account._check_choices()
        if account._capabilities().block_required and not account.block:
            raise UserError(self.env._("Choose the document block first."))
        if account.state not in SELLING_STATES or not account.connected_at:
            account.connected_at = fields.Datetime.now()
        account._open_as("connected")
        values = {**(policy or {}), "salon_account_id": account.id}
        if shops:
            (account._own_shops() - shops).salon_account_id = False
            shops.sudo().write(values)
        else:
            account.company_id.write(values)
        account.company_id._salon_take_self_service(account)
        account._retire_unused()
        account._move_waiting_here()
        account._wake()

    def _connect_for_corrections(self):
        """Reconnect a former account for storno and correction only; it sells nothing.

        :raises billing.errors.ProviderError: the key does not open the account
        """
        self.ensure_one()
        account = self.sudo()
        account._verify()
        account._open_as("retired")
        account._move_waiting_here()
        account._wake()

    def _open_as(self, state):
        """Set the state and start the lane, after the key has been verified.

        :param str state: ``connected`` or ``retired``
        """
        self._ensure_lane()
        self._reset_failures()
        self.write({"state": state, "database_uuid": self._database_here()})

    def _ensure_lane(self):
        """Give the account its ``ir.cron`` record."""
        for account in self.sudo():
            if account.cron_id:
                account.cron_id.active = True
                continue
            account.cron_id = (
                self.env["ir.cron"]
                .sudo()
                .create(
                    {
                        "name": f"Salon Invoice Bridge: lane of {account.name}",
                        "model_id": self.env["ir.model"]._get_id(self._name),
                        "state": "code",
                        "code": f"model.browse({account.id})._run_lane()",
                        "interval_number": 10,
                        "interval_type": "minutes",
                        "user_id": self.env.ref("base.user_root").id,
                        "priority": 1,
                    }
                )
            )

    def _retire_unused(self):
        """Retire the company's other accounts that no shop sells through.

        A closed shop may open again, and counts.
        """
        shops = self.company_id._salon_shops()
        used = self.company_id.salon_account_id | shops.salon_account_id
        self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "in", SELLING_STATES),
                ("id", "not in", (used | self).ids),
            ]
        ).write({"state": "retired"})

    def _move_waiting_here(self):
        """Move unsent documents of inactive accounts to the accounts of their tills.

        Documents that only waited for a connection are resumed. Documents that may have
        been sent stay: only their account can look them up.
        """
        waiting = self.env["salon.invoice.document"].search(
            [
                ("account_id.company_id", "=", self.company_id.id),
                ("state", "in", IDLE_STATES),
                "|",
                ("account_id.state", "in", FORMER_STATES),
                ("account_id", "=", self.id),
            ]
        )
        former = waiting.filtered(lambda row: row.account_id.state in FORMER_STATES)
        for document in former.filtered(lambda row: row._may_move()):
            policy = document.order_id._salon_till_settings()
            if policy.account:
                kind = document.order_id._salon_kind_again(document.kind)
                document._move_to_account(policy.account, kind)
        # After the sales: a refund is made at the account of its sale.
        for refund in former.filtered(lambda row: row._is_undecided_refund()):
            account = refund.order_id._salon_account()
            if account and account != refund.account_id:
                refund._move_to_account(account, refund.kind)
        waiting.filtered(lambda row: row.account_id.state in WORKING_STATES)._resume()

    @api.model
    def _history(self, company, provider, info):
        """Return the account of ``company`` that ``provider`` opens too, or none.

        :param provider: an open strategy
        :param billing.invoice.AccountInfo info: what it said when it was verified
        """
        known = self.sudo().search(
            [("company_id", "=", company.id), ("provider", "=", provider.code)],
            order="id desc",
        )
        if info.fingerprint:
            return known.filtered(lambda a: a.fingerprint == info.fingerprint)[:1]
        # No fingerprint: the key is of the account whose documents it can read.
        for account in known:
            last = account._last_issued()
            if not last:
                return account
            try:
                provider.get(last._issued())
            except errors.Rejected:
                continue
            return account
        return known.browse()

    def _last_issued(self):
        """Return the newest document at the service, if possible one that is permanent.

        A proforma or draft may have been deleted there.
        """
        documents = self.env["salon.invoice.document"]
        issued = Domain("account_id", "=", self.id) & Domain(
            "remote_snapshot", "!=", False
        )
        for domain in (issued & Domain("kind", "in", LASTING_KINDS), issued):
            if last := documents.search(domain, order="issued_at desc", limit=1):
                return last
        return documents

    # === STATE: DISCONNECTING === #

    def _disconnect(self, drop_reason=None):
        """Erase the key and stop selling through this account; its history stays.

        Documents that may have been sent are shown to a human, because the service can
        no longer be asked.

        :param str drop_reason: why waiting documents are dropped; None keeps them for
            the next connection
        :raises UserError: while an invoice is just being sent
        """
        self.ensure_one()
        account = self.sudo()
        lane = account.cron_id
        if lane and not lane.try_lock_for_update():
            raise UserError(
                self.env._(
                    "An invoice is just being sent. Try again in a minute, so that "
                    "nothing is left halfway."
                )
            )
        lane.active = False
        for sale in account._forgotten_sales():
            sale._salon_on_paid()
        account._decide_on_waiting(drop_reason)
        shops = account.company_id._salon_shops().filtered(
            lambda shop: shop.salon_account_id == account
        )
        own = ("salon_account_id", "salon_block", "salon_receipt_block")
        shops.write(dict.fromkeys(own, False))
        if account.company_id.salon_account_id == account:
            account.company_id.salon_account_id = False
        account.company_id._salon_give_self_service_back(account)
        account.write(
            {
                "state": "disconnected",
                "key_set_at": False,
                "pause_reason": False,
                "failing_since": False,
                "outage_since": False,
            }
        )
        account._credential()._erase()
        account.activity_unlink([WARNING, STOPPED])

    def _open_documents(self):
        """Return the open documents, in two parts.

        :return: those that another account may issue as well, and those that may have
            been sent or that follow a document of this account
        """
        documents = self.env["salon.invoice.document"].search(
            [
                ("account_id", "in", self.ids),
                ("state", "in", OPEN_STATES),
            ]
        )
        unsent = documents.filtered(lambda document: document._may_move())
        return unsent, documents - unsent

    def _decide_on_waiting(self, drop_reason):
        unsent, maybe_sent = self._open_documents()
        if drop_reason is not None:
            unsent._transition("skipped", skip_reason="dropped")
            unsent.activity_unlink(["mail.mail_activity_data_warning"])
            for document in unsent:
                document.message_post(
                    body=self.env._("Dropped: %(reason)s", reason=drop_reason)
                )
        maybe_sent.filtered(lambda d: d.state != "attention")._need_attention(
            self.env._(
                "The account that was to finish this has been disconnected. Reconnect "
                "it, or look at the service and record what was made there."
            ),
            "disconnected",
        )

    # === STATE: A COPY OF THE DATABASE === #

    def _pause_in_copy(self):
        """Pause the account if this is a copy of the database it was connected in.

        Both databases would issue, under external keys that the service cannot match.

        :return: True if this is a copy
        """
        account = self.sudo()
        if not account.database_uuid:
            account.database_uuid = account._database_here()
        if not account.in_other_database:
            return False
        reason = account.env._(
            "%s was connected in another database, of which this one seems to be a "
            "copy. Nothing is sent from here until an administrator says on the "
            "account's form which one is the real one.",
            account.name,
        )
        if account.pause_reason != reason:
            account.pause_reason = reason
            if account.state == "connected":
                account.state = "paused"
            account._alert(account.env._("Is this the real database?"), reason, STOPPED)
        return True

    def _refuse_in_copy(self):
        """Refuse to call the service from a copy of the database.

        :raises UserError: no administrator has claimed this database as the real one
        """
        for account in self.sudo():
            if account._pause_in_copy():
                raise UserError(account.pause_reason)

    # === STATE: BACK-OFF AND PAUSE === #

    def _is_backing_off(self):
        """Return True during a back-off: the service must not be called now."""
        now = self.env["salon.invoice.document"]._now()
        return bool(
            self.backoff_until and now < self.backoff_until <= now + LONGEST_BACKOFF
        )

    @api.model
    def _longest_backoff(self):
        """Return the longest back-off, a timedelta; a later end is not believed."""
        return LONGEST_BACKOFF

    def _back_off(self, first, longest, error=None):
        """Start a back-off: exponential, with jitter, at least ``Retry-After``.

        :param int first: seconds of the first one in a row
        :param int longest: seconds of the longest one, before the jitter
        :param billing.errors.ProviderError error: the failure, None if it is unknown
        """
        factor = random.uniform(1.0, 1.0 + JITTER)
        seconds = (
            min(first * 2.0 ** min(self.consecutive_failures, 20), longest) * factor
        )
        asked = (error.retry_after if error else None) or 0
        seconds = max(seconds, min(asked * factor, LONGEST_RETRY_AFTER_SECONDS))
        now = self.env["salon.invoice.document"]._now()
        self._note_failure(
            error,
            backoff_until=now + timedelta(seconds=seconds),
            backoff_asked=bool(asked or (error and error.reason is Reason.RATE_LIMIT)),
        )

    def _note_failure(self, error=None, **values):
        """Count a failed call, and store its cause."""
        values["consecutive_failures"] = self.consecutive_failures + 1
        if not self.failing_since:
            values["failing_since"] = self.env["salon.invoice.document"]._now()
        if error:
            explain = self.env["salon.invoice.message"]._explain
            values["failure"] = explain(error, self.provider).cause
        self.sudo().write(values)

    def _handle_service_error(self, error):
        """Back off or pause the account if ``error`` concerns all its calls.

        :param billing.errors.ProviderError error: raised by a call
        """
        self.ensure_one()
        if isinstance(error, errors.AccountProblem):
            # Other reasons may concern one operation only (a plan without e-mail or
            # PDF): its caller decides.
            if error.reason is Reason.KEY:
                self._pause(error)
        elif (
            isinstance(error, errors.NotProcessed)
            and error.reason in SERVICE_WIDE
            and not error.scope
        ):
            limited = error.reason is Reason.RATE_LIMIT
            longest = LONGEST_LIMIT_SECONDS if limited else LONGEST_BACKOFF_SECONDS
            self._back_off(FIRST_BACKOFF_SECONDS, longest, error)
        elif isinstance(error, errors.OutcomeUnknown) and error.reason in SERVICE_WIDE:
            # No back-off: the document is looked up at once.
            self._note_failure(error)

    def _pause(self, error):
        """Pause the account, with one alert; the lane probes it after each back-off.

        A retired account stays retired: it has no new documents to stop.

        :param billing.errors.AccountProblem error: why
        """
        self.ensure_one()
        if self.pause_reason and self._is_backing_off():
            return  # handled: one call may report its error twice
        sentence = self._explain(error)
        known = self.pause_reason == sentence
        self._back_off(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, error)
        self.sudo().pause_reason = sentence
        if self.state == "connected":
            self.sudo().state = "paused"
        if not known:
            self._alert(self.env._("Invoicing has stopped"), sentence, STOPPED)

    def _probe(self, provider, early=False):
        """Verify the key of an account in trouble; return True if it may send again.

        :param provider: the open strategy
        :param bool early: True before a back-off has passed: if nothing has changed, it
            stays as it is, or each sale of an outage would make it longer
        """
        self.ensure_one()
        try:
            provider.verify()
        except errors.AccountProblem as error:
            self._pause(error)
        except errors.ProviderError as error:
            if not early or error.retry_after or error.reason is Reason.RATE_LIMIT:
                self._back_off(FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS, error)
        except Exception:
            # A bug of the strategy: back off, so that the lane survives it.
            _logger.exception("%s could not be asked", self)
            self._back_off(FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS)
        else:
            return True
        return False

    def _reset_failures(self):
        """Reset failures, back-off and pause after a successful call."""
        self.ensure_one()
        if not (self.consecutive_failures or self.pause_reason or self.backoff_until):
            return
        values = {
            "consecutive_failures": 0,
            "failing_since": False,
            "failure": False,
            "backoff_until": False,
            "backoff_asked": False,
            "pause_reason": False,
        }
        if self.state == "paused":
            values["state"] = "connected"
        self.sudo().write(values)
        self.activity_unlink([STOPPED])
        if self.outage_since:
            self.env.ref("salon_invoice_bridge.cron_sweep").sudo()._trigger()

    # === PEOPLE'S BUTTONS === #

    @api.model
    def first_step(self):
        """Return the step that must be done before sales are invoiced, "" if none.

        :return: "connect" for whoever may connect a service, "ask" for the others
        """
        selling = [
            ("company_id", "=", self.env.company.id),
            ("state", "in", SELLING_STATES),
        ]
        if self.sudo().search_count(selling, limit=1):
            return ""
        return "connect" if self.env.user.has_group("base.group_system") else "ask"

    def action_fix(self, code):
        """Do or open what the button of the readiness check ``code`` leads to.

        :return: an action, or False where the panel only has to be read again
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["salon.invoice.readiness"]._fix(self, code)

    def action_refresh(self):
        """Verify the key at the service, and refresh its lists.

        It has answered: what waits for it goes on, unless it has asked for a pause.

        :raises UserError: in the user's words, if it cannot be asked
        """
        self.ensure_one()
        self.check_access("write")
        try:
            info = self._verify()
        except errors.ProviderError as error:
            raise UserError(self._explain(error, asked=True)) from error
        if self.backoff_until and not self.backoff_asked:
            self.sudo().backoff_until = False
            self._wake()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("The connection works"),
                "message": self._format_info(to_json(info)),
                "type": "success",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_resume(self):
        """Verify the key now, and resume the waiting documents.

        :raises UserError: in the user's words, if the service still refuses
        """
        for account in self:
            account.check_access("write")
            account._refuse_in_copy()
            try:
                account._verify()
            except errors.ProviderError as error:
                raise UserError(account._explain(error, asked=True)) from error
            account._reset_failures()
            account._wake()

    def action_claim_database(self):
        """Claim this database as the real one: the account works here from now on.

        Documents that were asked for before keep their keys, so that what the service
        has of them is found; new ones get keys of this database.

        :raises UserError: for anybody but administrators
        """
        self.ensure_one()
        if not self.env.user.has_group("base.group_system"):
            raise UserError(self.env._("Only administrators may do this."))
        self.check_access("write")
        account = self.sudo()
        account.database_uuid = account._database_here()
        account._reset_failures()
        account._message_log(
            body=account.env._(
                "%s has said that this is the real database.", self.env.user.name
            )
        )
        account._wake()

    def action_change_key(self):
        """Open the wizard to connect with a (new) key."""
        self.ensure_one()
        return self.env["salon.invoice.connect"]._action_start(self.company_id, self)

    def action_change_settings(self):
        """Open the wizard at what can be chosen, with the key that there is."""
        self.ensure_one()
        return self.env["salon.invoice.connect"]._action_settings(self)

    def action_disconnect(self):
        """Open the confirmation of a disconnection."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Disconnect"),
            "res_model": "salon.invoice.disconnect",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_account_id": self.id},
        }

    def action_open_documents(self):
        """Show every document of this account."""
        return self._action_documents()

    def _salon_stopped_domain(self):
        """Return what tells the documents that wait for this account, or its company.

        Those whose problem is not in a record: the key, the plan, the settings at the
        service, or what it refuses.
        """
        of_the_company = f"{self.company_id._name},{self.company_id.id}"
        refused = Domain("problem_record", "=", False)
        refused &= Domain("problem_reason", "in", sorted(OF_THE_ACCOUNT))
        return Domain("account_id", "=", self.id) & (
            refused | Domain("problem_record", "=", of_the_company)
        )

    def _action_documents(self, **filters):
        """Open the documents of this account, filtered by the names of ``filters``."""
        self.ensure_one()
        views = ("list", "form", "pivot", "graph")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoices"),
            "res_model": "salon.invoice.document",
            "view_mode": ",".join(views),
            "views": [(False, view) for view in views],
            "domain": [("account_id", "=", self.id)],
            "context": {f"search_default_{name}": on for name, on in filters.items()},
        }

    def _action_open(self):
        """Open this account's card."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoicing"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # === RULES: SHOPS === #

    def _shops(self):
        """Return the tills that sell through this account, including closed ones."""
        self.ensure_one()
        return self.company_id._salon_shops().filtered(
            lambda shop: shop._salon_till_settings().account == self
        )

    def _own_shops(self):
        """Return the open tills that sell here although their company does not.

        Empty for the account of the company itself.
        """
        shops = self.env["pos.config"].search([("salon_account_id", "in", self.ids)])
        return shops.browse() if self == self.company_id.salon_account_id else shops

    def _forgotten_sales(self, limit=None, after=0):
        """Return the sales paid since their shop's go-live that have no document.

        :param int after: only sales with a greater id
        """
        self.ensure_one()
        live = self._shops().filtered("salon_live_since").grouped("salon_live_since")
        since_live = Domain.OR(
            Domain("config_id", "in", shops.ids) & Domain("create_date", ">=", since)
            for since, shops in live.items()
        )
        if self == self.company_id.salon_account_id and self.connected_at:
            # Sold in a till of another company: ``pos.order._salon_till_settings``.
            since_live |= Domain(
                [
                    ("config_id.company_id", "!=", self.company_id.id),
                    ("create_date", ">=", self.connected_at),
                ]
            )
        forgotten = Domain(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "in", ("paid", "done")),
                ("salon_document_id", "=", False),
                ("id", ">", after),
            ]
        )
        return self.env["pos.order"].search(
            forgotten & since_live, order="id", limit=limit
        )

    # === RULES: OWNER, BLOCK, BANK ACCOUNT AND KIND === #

    @api.model
    def _same_taxpayer(self, one, other):
        """Return True if two tax numbers are one taxpayer's: the first 8 digits."""
        numbers = [
            "".join(filter(str.isdecimal, number))[:8] for number in (one, other)
        ]
        return numbers[0] == numbers[1] and len(numbers[0]) == 8

    def _choice(self, kind, remote_id):
        return self.choice_ids.filtered(
            lambda c: remote_id and c.kind == kind and c.remote_id == remote_id
        )

    def _has_block(self, block):
        """Return True if ``block`` can number documents at this account.

        Of a number prefix only the form is checked: no service says which it knows.
        """
        self.ensure_one()
        if not self.block_listed:
            return bool(re.fullmatch(self._capabilities().block_pattern, block))
        choice = self._choice("block", block)
        return bool(choice and not choice.gone)

    def _check_block(self, block):
        """Refuse a block that cannot number documents at this account.

        :raises ValidationError: in the user's words
        """
        if not block or self._has_block(block):
            return
        if not self.block_listed:
            raise ValidationError(
                self.env._(
                    "%(prefix)s cannot be a number prefix: it has up to five capital "
                    "letters and digits, and is registered at the service first.",
                    prefix=block,
                )
            )
        raise ValidationError(
            self.env._(
                "The document block %(block)s does not exist at the service.",
                block=self._choice("block", block).display_name or block,
            )
        )

    def _has_receipt_block(self, block):
        """Return True if ``block`` can number receipts; see :meth:`_has_block`."""
        self.ensure_one()
        if not self.has_receipts:
            return False
        if not self.receipt_block_listed:
            pattern = self._capabilities().receipt_block_pattern
            return bool(re.fullmatch(pattern, block))
        choice = self._choice("receipt_block", block)
        return bool(choice and not choice.gone)

    def _check_receipt_block(self, block):
        """Refuse a block that cannot number receipts at this account.

        :raises ValidationError: in the user's words
        """
        if not block or self._has_receipt_block(block):
            return
        if not self.has_receipts:
            raise ValidationError(
                self.env._("%s has no receipts, so no block of receipts.", self.name)
            )
        if not self.receipt_block_listed:
            raise ValidationError(
                self.env._(
                    "%(prefix)s cannot be the number prefix of receipts: it has up to "
                    "five capital letters and digits, and is registered at the service "
                    "first.",
                    prefix=block,
                )
            )
        raise ValidationError(
            self.env._(
                "The block of receipts %(block)s does not exist at the service.",
                block=self._choice("receipt_block", block).display_name or block,
            )
        )

    def _has_bank_account(self, bank_account):
        """Return True if ``bank_account`` can be printed on documents."""
        self.ensure_one()
        choice = self._choice("bank_account", bank_account)
        return not self.bank_account_listed or bool(choice and not choice.gone)

    def _check_kind(self, kind):
        """Refuse a kind of document that the service of this account does not have.

        :raises ValidationError: in the user's words
        """
        for account in self:
            if not account._knows_kind(kind):
                raise ValidationError(
                    self.env._(
                        "%(account)s does not know this kind of document: %(kind)s. "
                        "Choose another one.",
                        account=account.name,
                        kind=account._label_of_kind(kind),
                    )
                )

    def _knows_kind(self, kind):
        """Return True if the service of this account has this kind of document."""
        return kind in [known.value for known in self._capabilities().kinds]

    @api.model
    def _warn_of_kind(self, code, kind):
        """Return the warning for whoever chooses ``kind``, or "".

        :param str code: of the service
        """
        strategy = registry.get(code) if code and kind == "draft" else None
        if not strategy or strategy.capabilities.ends_drafts:
            return ""
        return self.env._(
            "%s does not promise that a draft can be made an invoice or deleted from "
            "Odoo. Finish each draft at the service itself.",
            strategy.name,
        )

    @api.model
    def _onchange_warning(self, code, kind):
        """Return the warning of :meth:`_warn_of_kind` as the result of an onchange."""
        warning = self._warn_of_kind(code, kind)
        if not warning:
            return None
        return {"warning": {"title": self._label_of_kind(kind), "message": warning}}

    @api.model
    def _label_of_kind(self, kind):
        field = self.env["res.company"]._fields["salon_kind"]
        return dict(field._description_selection(self.env)).get(kind, kind)

    # === WORDS AND ALERTS === #

    def _recipients(self):
        """Return the users who get the alerts, at least one."""
        managers = self.env.ref("point_of_sale.group_pos_manager").all_user_ids
        for users in (self.sudo().recipient_ids, managers):
            able = users.filtered(
                lambda user: user.active
                and not user.share
                and self.company_id in user.company_ids
            )
            if able:
                return able
        return self.env.ref("base.user_admin")

    def _responsible(self):
        """Return the recipient in whose language alerts are written.

        A user of the salon is preferred to an administrator of the database.
        """
        return self._recipients().sorted(
            lambda user: (user.has_group("base.group_system"), user.id)
        )[:1]

    @tools.ormcache("self.id")
    def _language(self):
        """Return the language of :meth:`_responsible`, for the lane.

        Odoo empties this cache when a user or a group changes, :meth:`write` when the
        recipients do, ``write()`` of ``res.partner`` when the user's language does.
        """
        return self._responsible().lang or "hu_HU"

    def _for_responsible(self):
        """Return this account in the language of its alerts."""
        self.ensure_one()
        return self.with_context(lang=self._responsible().lang)

    def _notify_recipients(self, record, summary, note, kind=WARNING):
        """Give each recipient an activity on ``record``; they are closed together.

        :param record: this account or one of its documents
        :param str note: plain text: a service may have written parts of it
        :param str kind: the external id of a ``mail.activity.type``
        """
        for user in self._recipients():
            record.activity_schedule(
                kind, summary=summary, note=escape(note), user_id=user.id
            )

    def _alert(self, summary, note, kind=WARNING):
        """Send an alert, unless one of the same summary is still open."""
        if summary not in self.activity_ids.mapped("summary"):
            self._notify_recipients(self, summary, note, kind)

    @api.model
    def _format_info(self, info):
        """Return the account's data at the service, in sentences for a person.

        :param dict info: the JSON of ``billing.invoice.AccountInfo``
        """
        parts = []
        if info.get("tax_number"):
            parts.append(self.env._("Account of %(owner)s.", owner=info["tax_number"]))
        if blocks := info.get("blocks"):
            parts.append(self.env._("Document blocks: %s.", len(blocks)))
        if accounts := info.get("bank_accounts"):
            parts.append(self.env._("Bank accounts: %s.", len(accounts)))
        until = fields.Date.to_date(info.get("subscription_until"))
        if until:
            until = format_date(self.env, until).rstrip(".")
            parts.append(self.env._("Subscription until %(date)s.", date=until))
        if info.get("nav_connected"):
            parts.append(self.env._("Reporting to NAV is set up."))
        return " ".join(parts)

    def _document_settings(self):
        """Return this account's part of the ``billing.policy.Policy``, as keywords."""
        capabilities = registry.get(self.provider).capabilities
        banks = (self.info or {}).get("bank_accounts", ())
        return {
            "bank_account": self.bank_account or "",
            "bank_name": self.bank_name or "",
            "bank_accounts": tuple(from_json(BankAccount, bank) for bank in banks),
            "needs_address": capabilities.persistent_partners,
            "has_other_payment": capabilities.other_payment is not None,
        }

    def _has_e_invoices(self):
        """Return False if the plan at the service has paper invoices only."""
        return (self.info or {}).get("e_invoices") is not False

    def _explain(self, error, asked=False):
        """Return ``error`` as a sentence: cause, remedy and who can help.

        :param bool asked: True if a person has started the call: then the answer of a
            service address that a person has chosen is not quoted
        """
        foreign = asked and bool(self.sudo().base_url)
        explain = self.env["salon.invoice.message"]._explain
        return explain(error, self.provider, foreign=foreign).sentence

    def _has_outage(self):
        """Return True during an outage for which an alert has been sent."""
        return bool(self.outage_since and self.failing_since)

    def _notify_outage(self):
        """Alert the recipients to an outage, once, and to its end."""
        now = self.env["salon.invoice.document"]._now()
        alerted, since = self.outage_since, self.failing_since
        if since and not alerted and not self.pause_reason:
            if since <= now - timedelta(seconds=OUTAGE_SECONDS):
                self.sudo().outage_since = since
                self._alert(
                    self.env._("The invoicing service does not answer"),
                    self._format_outage(),
                    STOPPED,
                )
        elif alerted and not since:
            self.sudo().outage_since = False
            self.activity_unlink([STOPPED])
            self.message_post(
                body=self.env._(
                    "The invoicing service answers again: the sales that waited since "
                    "%(since)s get their invoices.",
                    since=self._format_moment(alerted),
                ),
                partner_ids=self._recipients().partner_id.ids,
            )

    def _format_outage(self):
        # The cause first: a list shows only the beginning.
        return self.env._(
            "%(trouble)s %(account)s has issued nothing since %(since)s. The sales "
            "wait and get their invoices by themselves when it answers; it is asked "
            "again at least once an hour. The till sells on.",
            account=self.name,
            since=self._format_moment(self.failing_since),
            trouble=self.failure or "",
        ).strip()

    def _format_moment(self, moment):
        zone = self._responsible().tz or "Europe/Budapest"
        return format_datetime(self.env, moment, tz=zone, dt_format="short").rstrip(".")

    def _format_delay(self):
        """Return the pause or outage that documents wait for, or ""."""
        if self.state == "paused":
            return self.pause_reason or ""
        return self._format_outage() if self._has_outage() else ""

    # === THE LANE === #

    def _run_lane(self):
        """Process what is due. Called by the account's ``ir.cron`` record only."""
        self.ensure_one()
        Lane(
            self.with_company(self.company_id).with_context(lang=self._language())
        ).run()

    def _next_night(self):
        """Return when the next night's work of this account begins (UTC).

        Each account has its minute between one and five o'clock in Hungary, so that
        not all salons come to a service at once. The clock of Hungary decides, also in
        the nights in which it is changed.
        """
        self.ensure_one()
        own = zlib.crc32(f"{self._database_here()}/{self.id}".encode()) % NIGHT_SECONDS
        now = self.env["salon.invoice.document"]._now()
        today = day_of(now)
        for day in (today, today + timedelta(days=1)):
            clock = datetime.combine(day, NIGHT_BEGINS) + timedelta(seconds=own)
            night = moment_of(clock)
            if night > now + timedelta(hours=1):
                break
        return night

    def _wake(self):
        """Trigger the lane: it runs as soon as this transaction is committed."""
        for lane in self.sudo().cron_id:
            lane._trigger()

    def _wake_known(self):
        """Trigger the lane as :meth:`_wake` does, without reading account and job.

        For whoever can do it again by :meth:`_wake`: it fails if the job was deleted
        and this process has not heard of it. Odoo ignores the trigger of a job that is
        not active.
        """
        if lane := self._lane_id():
            self.env["ir.cron.trigger"].sudo().create(
                {"cron_id": lane, "call_at": fields.Datetime.now()}
            )
            self.env.cr.postcommit.add(self.env["ir.cron"]._notifydb)

    def _company(self):
        """Return the company, as superuser, without reading the account's row.

        An account stays with its company: :meth:`write` says so, and PostgreSQL of an
        account that has documents.
        """
        companies = self.env["res.company"].sudo()
        return companies.browse(self._company_id()) if self else companies

    @tools.ormcache("self.id")
    def _company_id(self):
        return self.sudo().company_id.id

    @tools.ormcache("self.id")
    def _lane_id(self):
        """Return the id of the account's ``ir.cron`` record, or False.

        :meth:`write` empties this cache when the account gets another one.
        """
        return self.sudo().cron_id.id

    # === PERIODIC JOBS === #

    def _run_for_each(self, name):
        """Call the method ``name`` of each account, each in a transaction of its own.

        An exception is rolled back, logged and shown on its account; the other accounts
        are not affected.
        """
        for account in self:
            account = account.with_company(account.company_id)._for_responsible()
            try:
                getattr(account, name)()
                self.env["ir.cron"]._commit_progress(1)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                _logger.info("%s of %s met another transaction; later", name, account)
            except Exception:
                self.env.cr.rollback()
                _logger.exception("%s of %s broke", name, account)
                account._notify_broken_job()

    def _notify_broken_job(self):
        """Alert the recipients that a periodic job of the account has failed."""
        try:
            self._alert(
                self.env._("A periodic check broke"),
                self.env._(
                    "A periodic check of this account broke, and is tried again. The "
                    "server log says why. Invoices are issued as before."
                ),
            )
            self.env["ir.cron"]._commit_progress()
        except Exception:
            self.env.cr.rollback()
            _logger.exception("The alert of a failed job of %s could not be sent", self)

    @api.model
    def _revive_jobs(self):
        """Switch the periodic jobs on again.

        Odoo switches off a job that has failed for a week, and people switch off jobs
        that they do not know. Every job of the addon, lanes included, calls this.
        """
        find = self.env["ir.model.data"]._xmlid_to_res_id
        ids = [find(f"{ADDON}.{name}", raise_if_not_found=False) for name in JOBS]
        jobs = self.env["ir.cron"].sudo()
        for job in jobs.search([("id", "in", ids), ("active", "=", False)]):
            _logger.warning("The job %s was switched off; it is on again", job.name)
            job.active = True

    # === PERIODIC JOBS: THE SWEEP === #

    @api.model
    def _cron_sweep(self):
        """Give every paid sale since go-live a document row, if it has none."""
        accounts = self.search([("state", "in", WORKING_STATES)])
        accounts._run_for_each("_revive_lane")
        accounts._run_for_each("_notify_outage")
        selling = accounts.filtered(lambda a: a.state != "retired")
        selling._run_for_each("_sweep")
        selling._run_for_each("_invoice_in_time")
        accounts._run_for_each("_register_paid_later")
        stranded = [
            ("state", "in", KEYLESS_STATES),
            ("document_ids.state", "in", LANE_STATES),
        ]
        self.search(stranded)._run_for_each("_leave_stranded_to_humans")

    def _sweep(self):
        """Request the documents of this account's forgotten sales, one by one.

        A sale is forgotten when its payment hook failed or was never called. If the
        request fails again, the recipients are alerted, and the others go on.
        """
        self.ensure_one()
        last, stubborn = 0, self.env["pos.order"]
        while sales := self._forgotten_sales(BATCH, after=last):
            last = sales[-1].id
            for sale in sales:
                if not self._request_forgotten(sale):
                    stubborn |= sale
        self._alert_of_stubborn(stubborn)

    def _alert_of_stubborn(self, stubborn):
        """Tell people of sales of which no invoice could be asked for."""
        if stubborn:
            self._alert(
                self.env._("Sales without an invoice"),
                self.env._(
                    "No invoice could be asked for: %(sales)s. The server log says "
                    "why. Open them and press Generate invoice.",
                    sales=", ".join(stubborn[:20].mapped("name")),
                ),
            )

    def _invoice_in_time(self):
        """Request the invoices of what is on customers' accounts before it is late.

        Where the salon wants that; elsewhere readiness reminds people of them.
        """
        if self.company_id.salon_customer_account != "in_time":
            return
        today = self.env["salon.invoice.document"]._today()
        sales = self.env["salon.invoice.readiness"]._sales_on_account(self)
        due = sales.filtered(lambda sale: (today - sale._salon_day()).days >= LAST_DAY)
        self._alert_of_stubborn(due.filtered(lambda sale: not self._request_owed(sale)))

    def _request_owed(self, sale):
        """Request the invoice of what is owed; return True unless that fails."""
        try:
            sale._salon_request_document(wish=Wish.INVOICE)
            self.env["ir.cron"]._commit_progress(1)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            _logger.info("Sale %s is being changed; later", sale.id)
        except Exception:
            self.env.cr.rollback()
            _logger.exception("Sale %s on account cannot be invoiced", sale.id)
            return False
        return True

    def _register_paid_later(self):
        """Have what was paid in Odoo since the invoice registered at the service."""
        for document in self.env["salon.invoice.debt"].sudo()._moved(self):
            document._register_paid_later()
            self.env["ir.cron"]._commit_progress(1)

    def _request_forgotten(self, sale):
        """Run the payment hook of a forgotten sale; return True if that worked."""
        try:
            sale._salon_on_paid()
            self.env["ir.cron"]._commit_progress(1)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # A till is writing this sale at this moment: the next sweep retries.
            self.env.cr.rollback()
            _logger.info("Sale %s is being changed; later", sale.id)
            return True
        return bool(sale.salon_document_id)

    def _revive_lane(self):
        """Create or activate a missing lane, see :meth:`_revive_jobs`."""
        account = self.sudo()
        if account._credential().api_key and not account.cron_id.active:
            _logger.warning("%s had no lane any more", account)
            account._ensure_lane()
            account._wake()
        account._bring_forward()

    def _bring_forward(self):
        """Retry documents whose next attempt lies too far ahead.

        It was computed before the clock of the server was set back.
        """
        now = self.env["salon.invoice.document"]._now()
        far = self.env["salon.invoice.document"].search(
            [
                ("account_id", "=", self.id),
                ("state", "in", DUE_STATES),
                ("next_attempt", ">", now + LONGEST_BACKOFF),
            ],
            limit=BATCH,
        )
        if far:
            far.next_attempt = now
            self._wake()

    def _leave_stranded_to_humans(self):
        """Show documents that wait at an account without a key to a human."""
        stranded = self.env["salon.invoice.document"].search(
            [("account_id", "=", self.id), ("state", "in", LANE_STATES)], limit=BATCH
        )
        for document in stranded:
            document._need_attention(
                self.env._(
                    "%(account)s is not connected any more. Connect it again and "
                    "retry, or look there and record what was made by hand.",
                    account=self.name,
                ),
                "disconnected",
            )
            self.env["ir.cron"]._commit_progress(1)

    # === PERIODIC JOBS: READINESS === #

    @api.model
    def _cron_readiness(self):
        """Verify each account, and alert the recipients to checks that turned red."""
        accounts = self.search([("state", "in", SELLING_STATES)])
        if accounts:  # none in a neutralized copy, whose jobs stay switched off
            self._revive_jobs()
        accounts._run_for_each("_check_readiness")

    def _check_readiness(self):
        if self.state == "connected":
            try:
                self._verify()
            except errors.AccountProblem as error:
                self._pause(error)
            except errors.ProviderError as error:
                # No alert: documents that wait for the service raise one.
                _logger.info("%s could not be asked: %s", self.name, error)
        self._notify_red_checks()

    def _notify_red_checks(self):
        """Schedule one activity that lists the red checks; close it if none is."""
        self.ensure_one()
        rows = self.env["salon.invoice.readiness"]._rows(self)
        red = [row for row in rows if row.level == "bad"]
        new = {check.code for check in red} - set(self.red_checks or [])
        self.red_checks = [check.code for check in red]
        if not red or new:
            self.activity_unlink(["salon_invoice_bridge.activity_readiness"])
        if new:
            self._notify_recipients(
                self,
                "",
                " ".join(f"{check.title}: {check.text}" for check in red),
                "salon_invoice_bridge.activity_readiness",
            )

    # === PERIODIC JOBS: A LOOK AT WHAT WAS ISSUED === #

    @api.model
    def _cron_daily_check(self):
        """Have each lane refresh the documents of the last days.

        Bounded by the parameters ``watch_days`` and ``watch_limit`` (documents of one
        account in one day): those that were not looked at for longest come first.
        """
        accounts = self.search([("state", "in", RUNNING_STATES)])
        if accounts:  # none in a neutralized copy, whose jobs stay switched off
            self._revive_jobs()
        accounts._run_for_each("_plan_looks")

    def _plan_looks(self):
        for document in self._documents_to_watch():
            document._plan_look()
        self._wake()

    def _documents_to_watch(self):
        since = fields.Datetime.now() - timedelta(days=self._parameter("watch_days"))
        return self.env["salon.invoice.document"].search(
            [
                ("account_id", "=", self.id),
                ("state", "=", "issued"),
                ("kind", "in", WATCHED_KINDS),
                ("remote_snapshot", "!=", False),  # see _has_remote_copy
                ("issued_at", ">=", since),
            ],
            order="last_synced_at NULLS FIRST, id desc",
            limit=int(self._parameter("watch_limit")),
        )
