import logging
from contextlib import contextmanager
from datetime import timedelta

from markupsafe import escape

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError

from ..providers import base, errors, registry

_logger = logging.getLogger(__name__)

#: The type of the activities by which people are told what is wrong.
WARNING = "mail.mail_activity_data_warning"
#: States of an account that shops sell through.
SELLING = ("connected", "paused")
#: States of an account that sells no more, but may have issued documents.
FORMER = ("retired", "disconnected")
#: Documents whose fate at the service is followed.
WATCHED = ("invoice", "remainder", "draft", "proforma")


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
    """

    _name = "salon.invoice.account"
    _description = "Invoicing Service Account"
    _inherit = ["salon.invoice.guard", "mail.thread", "mail.activity.mixin"]
    _order = "company_id, id"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
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

    # === SECRETS === #

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

    # === WHAT THE SERVICE SAYS === #

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
    pause_reason = fields.Char(readonly=True, copy=False)
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

    # === WHO IS TOLD === #

    recipient_ids = fields.Many2many(
        "res.users",
        string="Alerts Go To",
        domain=[("share", "=", False)],
        check_company=True,
        copy=False,
        help="Who is told, each by an activity and by e-mail or in Odoo as they have "
        "it in their own preferences. Empty: all managers of Point of Sale of the "
        "company, whether or not they are administrators. Who has left the company is "
        "not told; where nobody is left, an administrator is.",
    )

    # Nobody's to read or to write: with another account's lane, that one could be
    # woken, or stopped.
    cron_id = fields.Many2one(
        "ir.cron",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    document_ids = fields.One2many("salon.invoice.document", "account_id")

    @api.depends("provider", "tax_number", "company_id.name")
    def _compute_name(self):
        labels = dict(self._fields["provider"]._description_selection(self.env))
        for account in self:
            owner = account.tax_number or account.company_id.name or ""
            account.name = f"{labels.get(account.provider, '')} {owner}".strip()

    @api.model
    def first_step(self):
        """Say what is to be done before sales are invoiced: "" when nothing is.

        :return: "connect" for whoever may connect a service, "ask" for the others
        """
        selling = [
            ("company_id", "=", self.env.company.id),
            ("state", "in", SELLING),
        ]
        if self.sudo().search_count(selling, limit=1):
            return ""
        return "connect" if self.env.user.has_group("base.group_system") else "ask"

    def _compute_keys(self):
        self.api_key = False
        self.public_key = False

    @api.depends("credential_ids.base_url")
    def _compute_base_url(self):
        for account in self:
            account.base_url = account.credential_ids.base_url

    def _inverse_keys(self):
        """Keep new keys; a new address alone erases the old ones.

        Of two keys (API v2), one that is entered alone replaces its own only.
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

    def _credential(self):
        """Return the account's ``salon.invoice.credential``, or none, as ``sudo``."""
        return self.sudo().credential_ids

    @api.depends("credential_ids.api_key")
    def _compute_key_hint(self):
        for account in self:
            key = account.credential_ids.api_key or ""
            # Of a short key, four characters would be most of it.
            account.key_hint = (
                f"••••{key[-4:] if len(key) >= 12 else ''}" if key else ""
            )

    @api.depends("database_uuid")
    def _compute_in_other_database(self):
        here = self._database_here()
        for account in self:
            account.in_other_database = bool(
                account.database_uuid and account.database_uuid != here
            )

    @api.model
    def _database_here(self):
        """Return the uuid of this database, which a copy of it has anew."""
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid") or ""

    # What the documents refer to, see ``salon.invoice.document``.
    _id_company = models.Constraint("UNIQUE (id, company_id)")

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
        return super().write(vals)

    @tools.ormcache("self.id")
    def _owner_id(self):
        """Return the id of the account's company, which never changes.

        Remembered: a till that is paid does not read the account's row.
        """
        return self.sudo().company_id.id

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.sudo().document_ids:
            raise UserError(
                self.env._(
                    "An account that has issued documents stays: storno and "
                    "correction are made where the invoice was made. Disconnect it "
                    "instead."
                )
            )
        if any(account.state in SELLING for account in self):
            raise UserError(self.env._("Disconnect the account first."))

    # === THE SERVICE === #

    def _capabilities(self):
        """Return what the service can do, a ``providers.base.Capabilities``."""
        self.ensure_one()
        return registry.get(self.provider).capabilities

    @contextmanager
    def _open_provider(self, observer=None):
        """Yield the strategy of this account, opened with its key at its address.

        This is the only place where a stored key leaves the database.

        :param observer: called with each ``Exchange``, see ``providers.http``
        :raises providers.errors.AccountProblem: if there is no key
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
        long the evidence of calls is kept; ``watch_days``, ``watch_limit``: which
        documents, and how many of an account, the service is asked about each day.
        """
        defaults = {
            "timeout": 60.0,
            "absence_margin": 120.0,
            "attempt_days": 180.0,
            "watch_days": 10.0,
            "watch_limit": 300.0,
        }
        value = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param(f"salon_invoice_bridge.{name}")
        )
        return float(value or defaults[name])

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
        """Tell whether the service of this account has this kind of document."""
        return kind in [known.value for known in self._capabilities().kinds]

    @api.model
    def _warn_of_kind(self, code, kind):
        """Return what somebody should know who chooses ``kind``, "" if nothing.

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
        """Return the answer of an onchange to somebody who chooses ``kind``."""
        told = self._warn_of_kind(code, kind)
        if not told:
            return None
        return {"warning": {"title": self._label_of_kind(kind), "message": told}}

    @api.model
    def _label_of_kind(self, kind):
        field = self.env["res.company"]._fields["salon_kind"]
        return dict(field._description_selection(self.env)).get(kind, kind)

    # === STATE === #

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

    # === WHO IS TOLD === #

    def _recipients(self):
        """Return the users who are told that something needs care, at least one."""
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
        """Return the recipient in whose language all of them are told.

        One of the salon rather than one who administers the database.
        """
        return self._recipients().sorted(
            lambda user: (user.has_group("base.group_system"), user.id)
        )[:1]

    def _tell(self, record, summary, note, kind=WARNING):
        """Give each recipient an activity on ``record``; they are closed together.

        :param record: this account or one of its documents
        :param str note: plain text: a service may have written parts of it
        :param str kind: the external id of a ``mail.activity.type``
        """
        for user in self._recipients():
            record.activity_schedule(
                kind, summary=summary, note=escape(note), user_id=user.id
            )

    # === THE DAILY LOOK === #

    @api.model
    def _cron_daily_check(self):
        """Have each lane look at the documents of the last days.

        Bounded by the parameters ``watch_days`` and ``watch_limit`` (documents of one
        account in one day): those that were not looked at for longest come first.
        """
        accounts = self.search([("state", "in", ("connected", "retired"))])
        if accounts:  # else nothing is connected: a neutralized copy stays quiet
            self._revive_jobs()
        accounts._one_by_one("_plan_looks")

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
                ("kind", "in", WATCHED),
                ("snapshot", "!=", False),  # see _is_known_there
                ("issued_at", ">=", since),
            ],
            order="looked_at NULLS FIRST, id desc",
            limit=int(self._parameter("watch_limit")),
        )
