from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..billing import errors
from ..billing.codec import to_json
from ..providers import base

#: What a verification is of: whoever writes one of these has to verify again.
VERIFIED = frozenset(
    {"company_id", "account_id", "provider", "api_key", "public_key", "base_url"}
)


class SalonInvoiceConnect(models.TransientModel):
    """From a key to a connected account, in two steps: key, settings.

    * Nothing but this wizard's own row is written before the service has answered to
      the key, and its answer is asked for again when all is saved.
    * The key never goes back to the browser; it is kept beside the wizard until it is
      saved, when it becomes the account's, or refused, when it is deleted.
    * A client writes neither what was verified nor the step: see :data:`VERIFIED`.
    """

    _name = "salon.invoice.connect"
    _inherit = "salon.invoice.guard"
    _description = "Connect an Invoicing Service"

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

    # === KEY === #

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

    # === WHAT THE SERVICE SAYS === #

    verified_info = fields.Json(groups=fields.NO_ACCESS)
    info = fields.Json(compute="_compute_step", compute_sudo=True)
    choice_ids = fields.One2many("salon.invoice.connect.choice", "wizard_id")
    owner_tax_number = fields.Char(string="Account of", compute="_compute_info")
    nav_connected = fields.Selection(
        [("yes", "Connected"), ("no", "Not connected"), ("unknown", "Not told")],
        string="NAV Online Invoice",
        compute="_compute_info",
    )
    verified_text = fields.Char(compute="_compute_info")
    is_test = fields.Boolean(compute="_compute_info")
    # === COMPUTED === #

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
            wizard.is_connected = wizard.account_id.state in ("connected", "paused")

    @api.depends("info", "account_id")
    def _compute_info(self):
        flags = {True: "yes", False: "no", None: "unknown"}
        for wizard in self:
            info = wizard.info or {}
            wizard.owner_tax_number = info.get("tax_number")
            wizard.verified_text = wizard._describe(info)
            wizard.nav_connected = flags[info.get("nav_connected")]
            wizard.is_test = bool(info.get("sandbox") or wizard.base_url)

    def _describe(self, info):
        """Return what the service said of itself, in a sentence or two."""
        told = self.env["salon.invoice.account"]._describe(info)
        parts = [told] if told else []
        if self.account_id:
            parts.append(self.env._("This account is known: its history continues."))
        return " ".join(parts)

    # === WHO MAY === #

    def write(self, vals):
        if VERIFIED & vals.keys():
            self.sudo().verified_info = False
        return super().write(vals)

    def unlink(self):
        typed = self.sudo().credential_id
        result = super().unlink()
        typed.filtered(lambda key: not key.account_id).unlink()
        return result

    @api.constrains("company_id", "account_id", "config_ids")
    def _check_companies(self):
        """Refuse to connect what is not of the wizard's company, or not the user's.

        :raises AccessError: in the user's words
        """
        for wizard in self.sudo():
            company = wizard.company_id
            related = wizard.account_id.company_id | wizard.config_ids.company_id
            if not (related <= company <= self.env.user.company_ids):
                raise AccessError(
                    self.env._("An account is connected by its own company only.")
                )

    def _check_user(self):
        """Let nobody go on with what somebody else has typed.

        :raises AccessError: in the user's words
        """
        self.ensure_one()
        self.check_access("write")
        if self.create_uid != self.env.user:
            raise AccessError(
                self.env._("Somebody else has opened this. Open it anew, please.")
            )
        self._check_companies()

    # === OPENING === #

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

    # === STEPS === #

    def action_verify(self):
        """Ask the service whose key this is; go on, or say what is wrong and stay."""
        self._check_user()
        self._verify()
        return self._action_reopen()

    def action_back(self):
        """Go back to the key."""
        self._check_user()
        self._say(False)
        return self._action_reopen()

    def _credentials(self):
        """Return ``providers.base.Credentials``: as typed here, else as stored."""
        typed = self.sudo().credential_id
        used = typed if typed.api_key else self._stored()
        return base.Credentials(
            api_key=used.api_key or "", public_key=used.public_key or ""
        )

    def _stored(self):
        """Return the known account's keys, if they may be used for what is asked here.

        A key goes only to where it has always gone: whoever names another address
        must know the key.
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
            self._say(self.env._("Paste the API key first."))
            return
        try:
            with accounts._open_strategy(
                self.provider, self._credentials(), self.base_url
            ) as provider:
                info = accounts._ask(provider)
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

    def _say(self, problem, remedy="", said=""):
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
        """Say what is wrong; a key that is refused is not kept."""
        explanation = self.env["salon.invoice.error"]._explain(
            error, self.provider, foreign=bool(self.base_url)
        )
        self._say(explanation.cause, explanation.remedy, explanation.said)
        if isinstance(error, errors.AccountProblem):
            self.sudo().credential_id.unlink()
