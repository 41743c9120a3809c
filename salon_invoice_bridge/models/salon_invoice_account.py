import logging
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..providers import base, errors, registry
from ..providers.codec import to_json

_logger = logging.getLogger(__name__)


class SalonInvoiceAccount(models.Model):
    """A connection to one account at one invoicing service.

    * The key is readable by administrators only; nothing but :meth:`_open_provider`
      reads it, and nothing ever shows it again but its last four characters.
    * An account is *connected* only after the service has answered to its key.
    * Each connected account has an ``ir.cron`` record of its own, its lane: Odoo holds
      that record's lock while the lane runs, so calls to one account are serial over
      all workers and servers of the database.
    * An account is never deleted once it has documents: they must stay attached to
      where they were issued.
    """

    _name = "salon.invoice.account"
    _description = "Invoicing Service Account"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "company_id, id"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
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
        default="billingo",
    )
    # draft ---verified---> connected <---verified--- paused
    #   another account is connected ---> retired
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
    api_key = fields.Char(
        string="API Key",
        groups="base.group_system",
        copy=False,
        help="Made in the service's own settings, where it is shown only once.",
    )
    public_key = fields.Char(
        groups="base.group_system",
        copy=False,
        help="Billingo's older interface has two keys; the others need only one.",
    )
    base_url = fields.Char(
        string="Service Address",
        groups="base.group_system",
        help="Leave empty for the live service. Another address is for tests against "
        "a local emulator.",
    )
    fingerprint = fields.Char(
        readonly=True,
        copy=False,
        help="Tells whether two keys open the same account at the service.",
    )
    tax_number = fields.Char(readonly=True, copy=False)
    block = fields.Char(
        string="Document Block",
        help="The block (számlatömb) that numbers the documents.",
    )
    bank_account = fields.Char(
        help="The bank account at the service that is printed on the documents."
    )
    info = fields.Json(
        readonly=True,
        copy=False,
        help="What the service said when it was last asked: blocks, bank accounts, "
        "subscription.",
    )
    connected_at = fields.Datetime(readonly=True, copy=False)
    verified_at = fields.Datetime(readonly=True, copy=False)
    pause_reason = fields.Char(readonly=True, copy=False)
    cron_id = fields.Many2one("ir.cron", readonly=True, copy=False, ondelete="set null")
    document_ids = fields.One2many("salon.invoice.document", "account_id")

    _one_connection = models.UniqueIndex(
        "(company_id) WHERE state IN ('connected', 'paused')",
        "A company sells through one invoicing account at a time.",
    )

    @api.depends("provider", "tax_number", "company_id.name")
    def _compute_name(self):
        labels = dict(self._fields["provider"]._description_selection(self.env))
        for account in self:
            owner = account.tax_number or account.company_id.name or ""
            account.name = f"{labels.get(account.provider, '')} {owner}".strip()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.document_ids:
            raise UserError(
                self.env._(
                    "An account that has issued documents stays: storno and "
                    "correction are made where the invoice was made. Disconnect it "
                    "instead."
                )
            )

    # === THE SERVICE === #

    @contextmanager
    def _open_provider(self, observer=None):
        """Yield the strategy of this account, opened with its key.

        This is the only place where a key leaves the database.

        :param observer: called with each ``Exchange``, see ``providers.http``
        :raises providers.errors.AccountProblem: if there is no key
        """
        self.ensure_one()
        secret = self.sudo()
        if not secret.api_key:
            raise errors.AccountProblem(
                self.env._("The account has no key: it has been disconnected.")
            )
        provider = registry.get(self.provider)(
            base.Credentials(
                api_key=secret.api_key, public_key=secret.public_key or ""
            ),
            base_url=secret.base_url or "",
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
        long the evidence of calls is kept.
        """
        defaults = {"timeout": 60.0, "absence_margin": 120.0, "attempt_days": 180.0}
        value = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param(f"salon_invoice_bridge.{name}")
        )
        return float(value or defaults[name])

    def _verify(self):
        """Ask the service whose key this is, and remember what it said.

        :return: ``providers.invoice.AccountInfo``
        :raises providers.errors.ProviderError: the key does not open the account
        """
        self.ensure_one()
        with self._open_provider() as provider:
            info = provider.verify()
        self.sudo().write(
            {
                "info": to_json(info),
                "fingerprint": info.fingerprint,
                "tax_number": info.tax_number,
                "verified_at": fields.Datetime.now(),
            }
        )
        return info

    def _connect(self):
        """Make this account the one that its company sells through.

        The company's former account retires: it keeps its key for storno and
        correction of what it issued.

        :raises UserError: a block that must be chosen has not been, or is not there
        """
        self.ensure_one()
        info = self._verify()
        self._check_choices(info)
        former = self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "in", ("connected", "paused")),
                ("id", "!=", self.id),
            ]
        )
        former.sudo().write({"state": "retired"})
        former.flush_recordset(["state"])
        self.company_id.sudo().salon_account_id = self
        self._ensure_lane()
        self.sudo().write(
            {
                "state": "connected",
                "pause_reason": False,
                "connected_at": self.connected_at or fields.Datetime.now(),
            }
        )

    def _check_choices(self, info):
        """Refuse a block or bank account that the service does not have."""
        capabilities = registry.get(self.provider).capabilities
        if capabilities.block_required and not self.block:
            raise UserError(self.env._("Choose the document block first."))
        if (
            self.block
            and not capabilities.block_is_prefix
            and self.block not in [block.id for block in info.blocks]
        ):
            raise UserError(
                self.env._(
                    "The document block %(block)s does not exist at the service.",
                    block=self.block,
                )
            )
        if (
            self.bank_account
            and capabilities.bank_account_listed
            and self.bank_account not in [bank.id for bank in info.bank_accounts]
        ):
            raise UserError(
                self.env._("The chosen bank account does not exist at the service.")
            )

    def _has_block(self, block):
        """Tell whether documents can be numbered by ``block`` at this account."""
        self.ensure_one()
        if registry.get(self.provider).capabilities.block_is_prefix:
            return True
        blocks = (self.info or {}).get("blocks", ())
        return block in [entry["id"] for entry in blocks]

    def _check_kind(self, kind):
        """Refuse a kind of document that the service of this account does not have.

        :raises ValidationError: in the user's words
        """
        for account in self:
            kinds = registry.get(account.provider).capabilities.kinds
            if kind not in [known.value for known in kinds]:
                labels = dict(
                    self.env["res.company"]
                    ._fields["salon_kind"]
                    ._description_selection(self.env)
                )
                raise ValidationError(
                    self.env._(
                        "%(account)s does not know this kind of document: %(kind)s. "
                        "Choose another one.",
                        account=account.name,
                        kind=labels.get(kind, kind),
                    )
                )

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

    def _wake(self):
        """Have the lane run as soon as this transaction is committed."""
        for account in self.sudo():
            if account.cron_id:
                account.cron_id._trigger()

    def _pause(self, error):
        """Stop sending until a human has mended the account: one alert for all.

        :param providers.errors.AccountProblem error: why
        """
        self.ensure_one()
        if self.state == "paused" and self.pause_reason == error.message:
            return
        self.write({"state": "paused", "pause_reason": error.message})
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._("Invoicing has stopped"),
            note=error.message,
            user_id=self._responsible().id,
        )

    def _responsible(self):
        """Return the user who is told that the account needs care."""
        managers = self.env.ref("point_of_sale.group_pos_manager").all_user_ids
        candidates = managers.filtered(
            lambda user: self.company_id in user.company_ids and not user.share
        )
        return candidates[:1] or self.env.ref("base.user_admin")

    def action_connect(self):
        """Verify the key and make this the account that the company sells through.

        :raises UserError: in the user's words, if the service refuses
        """
        for account in self:
            try:
                account._connect()
            except errors.ProviderError as error:
                raise UserError(error.message) from error

    def action_resume(self):
        """Verify the key again and let the waiting documents go."""
        self.action_connect()
        for account in self:
            account.activity_unlink(["mail.mail_activity_data_warning"])
            account._wake()
